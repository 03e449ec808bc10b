/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration verbs that are not about ports: overview, reset, controllers, managers, TLS. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "ipc/stream.h"
#include "vsctl.h"

/* What the overview tells of each table. */
static const struct show_table {
	const char *table;
	const char *name; /* Column that names the row, NULL: its UUID. */
	const char *columns[4];
} show_tables[] = {
	{ "Open_vSwitch", NULL, { "manager_options", "bridges", "ovs_version", NULL } },
	{ "Bridge", "name", { "controller", "fail_mode", "datapath_type", "ports" } },
	{ "Port", "name", { "tag", "trunks", "interfaces", NULL } },
	{ "Interface", "name", { "type", "options", "error", NULL } },
	{ "Controller", "target", { "is_connected", NULL, NULL, NULL } },
	{ "Manager", "target", { "is_connected", NULL, NULL, NULL } },
};

static const struct show_table *
show_table_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < ARRAY_SIZE(show_tables); i++) {
		if (strcmp(show_tables[i].table, name) == 0)
			return &show_tables[i];
	}
	return NULL;
}

/* Appends a row and what it refers to; returns the same for programs. */
static json_t *
show_row(const struct ovsdb_row *row, unsigned int level, struct str *out)
{
	const struct show_table *show = show_table_find(row->table->schema->name);
	json_t *json = json_object();
	const struct ovsdb_type *type;
	const struct ovsdb_datum *datum;
	char uuid[UUID_LEN + 1];

	str_put_n(out, ' ', 4 * (size_t)level);
	if (show->name != NULL) {
		datum = ovsdb_row_get(row, show->name, &type);
		str_printf(out, "%s ", show->table);
		output_value(datum, type, OUTPUT_DATA_STRING, out);
		json_object_set_new(json, show->name, ovsdb_datum_to_json(datum, type));
	} else {
		uuid_format(&row->uuid, uuid);
		str_puts(out, uuid);
		json_object_set_new(json, "_uuid", json_string(uuid));
	}
	str_putc(out, '\n');
	for (size_t i = 0; i < ARRAY_SIZE(show->columns) && show->columns[i] != NULL; i++) {
		datum = ovsdb_row_get(row, show->columns[i], &type);
		if (datum == NULL)
			continue;
		if (show_table_find(type->key.ref_table_name) != NULL) {
			json_t *rows = json_array();

			for (unsigned int j = 0; j < datum->n; j++) {
				const struct ovsdb_row *other =
					ovsdb_row_ref_at(row, show->columns[i], j);

				if (other != NULL)
					json_array_append_new(
						rows, show_row(other, level + 1, out));
			}
			json_object_set_new(json, show->columns[i], rows);
		} else if (!ovsdb_datum_is_default(datum, type)) {
			str_put_n(out, ' ', 4 * (size_t)(level + 1));
			str_printf(out, "%s: ", show->columns[i]);
			output_value(datum, type, OUTPUT_DATA_STRING, out);
			str_putc(out, '\n');
			json_object_set_new(
				json, show->columns[i], ovsdb_datum_to_json(datum, type));
		}
	}
	return json;
}

int
ctl_run_show(struct ctl_call *call, struct err *err UNUSED)
{
	if (call->vs->root != NULL)
		call->json = show_row(call->vs->root, 0, &call->out);
	return 0;
}

int
ctl_run_init(struct ctl_call *call UNUSED, struct err *err UNUSED)
{
	return 0; /* The driver made the first row. */
}

int
ctl_run_comment(struct ctl_call *call, struct err *err UNUSED)
{
	struct str s = STR_INIT;

	for (int i = 1; i < call->n_args; i++)
		str_printf(&s, "%s%s", i > 1 ? " " : "", call->args[i]);
	ovsdb_txn_add_comment(call->vs->txn, str_cstr(&s));
	str_uninit(&s);
	return 0;
}

/* Empties 'name' if the row has it. */
static void
clear(struct vsctl *vs, const struct ovsdb_row *row, const char *name)
{
	if (ovsdb_row_get(row, name, NULL) != NULL)
		ovsdb_txn_clear(vs->txn, row, name);
}

int
ctl_run_emer_reset(struct ctl_call *call, struct err *err UNUSED)
{
	static const char *const of_bridge[] = { "controller", "fail_mode", "mirrors", "netflow",
		"sflow", "ipfix", "flood_vlans" };
	struct vsctl *vs = call->vs;
	struct ovsdb_row *row;

	clear(vs, vs->root, "manager_options");
	clear(vs, vs->root, "ssl");
	OVSDB_TABLE_FOREACH(row, ovsdb_db_table(vs->db, "Bridge")) {
		struct smap keep = SMAP_INITIALIZER(&keep);
		const char *hwaddr = ovsdb_row_map_string(row, "other_config", "hwaddr", NULL);

		for (size_t i = 0; i < ARRAY_SIZE(of_bridge); i++)
			clear(vs, row, of_bridge[i]);
		if (hwaddr != NULL)
			smap_set(&keep, "hwaddr", hwaddr);
		ovsdb_txn_set_smap(vs->txn, row, "other_config", &keep);
		smap_uninit(&keep);
	}
	OVSDB_TABLE_FOREACH(row, ovsdb_db_table(vs->db, "Port"))
		clear(vs, row, "other_config");
	OVSDB_TABLE_FOREACH(row, ovsdb_db_table(vs->db, "Interface")) {
		ovsdb_txn_set_int(vs->txn, row, "ingress_policing_rate", 0);
		ovsdb_txn_set_int(vs->txn, row, "ingress_policing_burst", 0);
	}
	return 0;
}

/* Prints the sorted targets that 'column' of 'row' refers to. */
static void
put_targets(struct ctl_call *call, const struct ovsdb_row *row, const char *column)
{
	unsigned int n = ovsdb_row_count(row, column), n_names = 0;
	const char **names = xcalloc(n + 1, sizeof *names);

	for (unsigned int i = 0; i < n; i++) {
		const struct ovsdb_row *target = ovsdb_row_ref_at(row, column, i);

		if (target != NULL)
			names[n_names++] = ovsdb_row_string(target, "target", "");
	}
	vs_put_names(call, names, n_names);
	free(names);
}

/* Replaces what 'column' of 'row' refers to by rows of 'table' with the targets from args['first'] on. */
static int
set_targets(struct ctl_call *call, struct ovsdb_row *row, const char *column, const char *table,
	int first, struct err *err)
{
	const char *probe = ctl_option(call, "--inactivity-probe");
	struct ovsdb_txn *txn = call->vs->txn;

	clear(call->vs, row, column);
	for (int i = first; i < call->n_args; i++) {
		struct ovsdb_row *target = ovsdb_txn_insert(txn, table, NULL);

		if (!stream_name_is_active(call->args[i]) && !stream_name_is_passive(call->args[i]))
			fprintf(stderr, "%s: target type \"%.*s\" is possibly erroneous\n",
				call->ctl->prog, (int)strcspn(call->args[i], ":"), call->args[i]);
		ovsdb_txn_set_string(txn, target, "target", call->args[i]);
		if (probe != NULL) {
			char *end;
			int64_t ms = strtoll(probe, &end, 10);

			if (*end != '\0' || end == probe) {
				err_set(err, "--inactivity-probe=%s: not a number", probe);
				return -EINVAL;
			}
			ovsdb_txn_set_ints(txn, target, "inactivity_probe", &ms, 1);
		}
		ovsdb_txn_add_ref(txn, row, column, target);
	}
	return 0;
}

int
ctl_run_get_controller(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);

	if (error == 0)
		put_targets(call, br->row, "controller");
	return error;
}

int
ctl_run_set_controller(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_real_bridge(call->vs, call->args[1], true, &br, err);

	return error != 0 ? error : set_targets(call, br->row, "controller", "Controller", 2, err);
}

int
ctl_run_del_controller(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_real_bridge(call->vs, call->args[1], true, &br, err);

	if (error == 0)
		clear(call->vs, br->row, "controller");
	return error;
}

int
ctl_run_get_fail_mode(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);
	const char *mode;

	if (error != 0)
		return error;
	mode = ovsdb_row_string(br->row, "fail_mode", NULL);
	if (mode != NULL && mode[0] != '\0')
		vs_put_text(call, mode);
	return 0;
}

int
ctl_run_set_fail_mode(struct ctl_call *call, struct err *err)
{
	const char *mode = call->args[2];
	struct vs_bridge *br;
	int error = view_real_bridge(call->vs, call->args[1], true, &br, err);

	if (error != 0)
		return error;
	if (strcmp(mode, "standalone") != 0 && strcmp(mode, "secure") != 0) {
		err_set(err, "fail-mode must be \"standalone\" or \"secure\"");
		return -EINVAL;
	}
	ovsdb_txn_set_string(call->vs->txn, br->row, "fail_mode", mode);
	return 0;
}

int
ctl_run_del_fail_mode(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_real_bridge(call->vs, call->args[1], true, &br, err);

	if (error == 0)
		clear(call->vs, br->row, "fail_mode");
	return error;
}

int
ctl_run_get_manager(struct ctl_call *call, struct err *err UNUSED)
{
	put_targets(call, call->vs->root, "manager_options");
	return 0;
}

int
ctl_run_set_manager(struct ctl_call *call, struct err *err)
{
	return set_targets(call, call->vs->root, "manager_options", "Manager", 1, err);
}

int
ctl_run_del_manager(struct ctl_call *call, struct err *err UNUSED)
{
	clear(call->vs, call->vs->root, "manager_options");
	return 0;
}

int
ctl_run_get_ssl(struct ctl_call *call, struct err *err UNUSED)
{
	const struct ovsdb_row *ssl = ovsdb_row_ref(call->vs->root, "ssl");
	bool bootstrap;

	if (ssl == NULL)
		return 0;
	bootstrap = ovsdb_row_bool(ssl, "bootstrap_ca_cert", false);
	str_printf(&call->out, "Private key: %s\n", ovsdb_row_string(ssl, "private_key", ""));
	str_printf(&call->out, "Certificate: %s\n", ovsdb_row_string(ssl, "certificate", ""));
	str_printf(&call->out, "CA Certificate: %s\n", ovsdb_row_string(ssl, "ca_cert", ""));
	str_printf(&call->out, "Bootstrap: %s\n", bootstrap ? "true" : "false");
	call->json =
		json_pack("{ss ss ss sb}", "private_key", ovsdb_row_string(ssl, "private_key", ""),
			"certificate", ovsdb_row_string(ssl, "certificate", ""), "ca_cert",
			ovsdb_row_string(ssl, "ca_cert", ""), "bootstrap_ca_cert", (int)bootstrap);
	return 0;
}

int
ctl_run_set_ssl(struct ctl_call *call, struct err *err UNUSED)
{
	struct vsctl *vs = call->vs;
	struct ovsdb_row *ssl = ovsdb_txn_insert(vs->txn, "SSL", NULL);

	clear(vs, vs->root, "ssl");
	ovsdb_txn_set_string(vs->txn, ssl, "private_key", call->args[1]);
	ovsdb_txn_set_string(vs->txn, ssl, "certificate", call->args[2]);
	ovsdb_txn_set_string(vs->txn, ssl, "ca_cert", call->args[3]);
	ovsdb_txn_set_bool(
		vs->txn, ssl, "bootstrap_ca_cert", ctl_option(call, "--bootstrap") != NULL);
	ovsdb_txn_add_ref(vs->txn, vs->root, "ssl", ssl);
	return 0;
}

int
ctl_run_del_ssl(struct ctl_call *call, struct err *err UNUSED)
{
	clear(call->vs, call->vs->root, "ssl");
	return 0;
}
