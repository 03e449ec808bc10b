/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge verbs. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "vsctl.h"

#define VLAN_KEY "fake-bridge-"

/* Inserts interface and port 'name' and puts the port onto 'br_row'. */
static struct ovsdb_row *
insert_local_port(struct vsctl *vs, struct ovsdb_row *br_row, const char *name)
{
	struct ovsdb_row *iface = ovsdb_txn_insert(vs->txn, "Interface", NULL);
	struct ovsdb_row *port = ovsdb_txn_insert(vs->txn, "Port", NULL);
	const struct ovsdb_row *new_iface = iface;

	ovsdb_txn_set_string(vs->txn, iface, "name", name);
	ovsdb_txn_set_string(vs->txn, iface, "type", "internal");
	ovsdb_txn_set_string(vs->txn, port, "name", name);
	/* Set, not added: a column that may not be empty begins with a reference to nothing. */
	ovsdb_txn_set_refs(vs->txn, port, "interfaces", &new_iface, 1);
	ovsdb_txn_add_ref(vs->txn, br_row, "ports", port);
	return port;
}

/* Whether the bridge that is there is the one that --may-exist asks for. */
static int
check_same_bridge(const struct vs_bridge *br, const char *parent, int vlan, struct err *err)
{
	const char *name = br->name;

	if (parent == NULL) {
		if (br->parent == NULL)
			return 0;
		err_set(err, "\"--may-exist add-br %s\" but %s is a VLAN bridge for VLAN %d", name,
			name, br->vlan);
	} else if (br->parent == NULL) {
		err_set(err, "\"--may-exist add-br %s %s %d\" but %s is not a VLAN bridge", name,
			parent, vlan, name);
	} else if (strcmp(br->parent->name, parent) != 0) {
		err_set(err, "\"--may-exist add-br %s %s %d\" but %s has the wrong parent %s", name,
			parent, vlan, name, br->parent->name);
	} else if (br->vlan != vlan) {
		err_set(err,
			"\"--may-exist add-br %s %s %d\" but %s is a VLAN bridge for the wrong VLAN %d",
			name, parent, vlan, name, br->vlan);
	} else {
		return 0;
	}
	return -EEXIST;
}

static int
add_vlan_bridge(
	struct vsctl *vs, const char *name, const char *parent_name, int vlan, struct err *err)
{
	struct vs_bridge *parent;
	struct ovsdb_row *port;
	struct shash_node *node;
	int64_t tag = vlan;

	if (view_bridge(vs, parent_name, false, &parent, err) != 0 || parent == NULL) {
		err_set(err, "parent bridge %s does not exist", parent_name);
		return -ENOENT;
	}
	if (parent->parent != NULL) {
		err_set(err, "cannot create bridge with fake bridge as parent");
		return -EINVAL;
	}
	SHASH_FOREACH(node, &vs->bridges)
	{
		const struct vs_bridge *other = node->data;

		if (other->parent == parent && other->vlan == vlan) {
			err_set(err, "bridge %s already has a child VLAN bridge %s on VLAN %d",
				parent_name, other->name, vlan);
			return -EEXIST;
		}
	}
	port = insert_local_port(vs, parent->row, name);
	ovsdb_txn_set_bool(vs->txn, port, "fake_bridge", true);
	ovsdb_txn_set_ints(vs->txn, port, "tag", &tag, 1);
	return 0;
}

int
ctl_run_add_br(struct ctl_call *call, struct err *err)
{
	const char *name = call->args[1], *parent = NULL;
	struct vsctl *vs = call->vs;
	struct ovsdb_row *row;
	struct vs_bridge *br;
	char what[300];
	int vlan = 0, error;

	if (name[0] == '\0') {
		err_set(err, "bridge name must not be empty string");
		return -EINVAL;
	}
	if (call->n_args == 4) {
		parent = call->args[2];
		vlan = (int)strtol(call->args[3], NULL, 10);
		if (vlan < 0 || vlan > 4095) {
			err_set(err, "%s: vlan must be between 0 and 4095", call->args[0]);
			return -EINVAL;
		}
	} else if (call->n_args != 2) {
		err_set(err, "'%s' command takes exactly 1 or 3 arguments", call->args[0]);
		return -EINVAL;
	}
	error = view_bridge(vs, name, false, &br, err);
	if (error != 0)
		return error;
	if (br != NULL && ctl_option(call, "--may-exist") != NULL)
		return check_same_bridge(br, parent, vlan, err);
	snprintf(what, sizeof what, "cannot create a bridge named %.200s", name);
	error = view_check_free(vs, name, what, err);
	if (error != 0)
		return error;
	if (parent != NULL) {
		error = add_vlan_bridge(vs, name, parent, vlan, err);
	} else {
		row = ovsdb_txn_insert(vs->txn, "Bridge", NULL);
		ovsdb_txn_set_string(vs->txn, row, "name", name);
		insert_local_port(vs, row, name);
		ovsdb_txn_add_ref(vs->txn, vs->root, "bridges", row);
	}
	view_drop(vs);
	return error;
}

/* Deletes the rows of a port and of its interfaces. */
static void
delete_port_rows(struct vsctl *vs, struct vs_bridge *br, struct vs_port *port)
{
	struct vs_iface *iface;

	ovsdb_txn_del_ref(vs->txn, br->row, "ports", port->row);
	LIST_FOREACH(iface, node, &port->ifaces)
		ovsdb_txn_delete(vs->txn, iface->row);
	ovsdb_txn_delete(vs->txn, port->row);
}

/* Deletes what else refers to a bridge. */
static void
delete_sample_sets(struct vsctl *vs, const struct ovsdb_row *br_row)
{
	struct ovsdb_table *table = ovsdb_db_table(vs->db, "Flow_Sample_Collector_Set");
	struct ovsdb_row *row, *next;

	if (table == NULL)
		return;
	OVSDB_TABLE_FOREACH_SAFE(row, next, table) {
		if (ovsdb_row_ref(row, "bridge") == br_row)
			ovsdb_txn_delete(vs->txn, row);
	}
}

int
ctl_run_del_br(struct ctl_call *call, struct err *err)
{
	struct vsctl *vs = call->vs;
	struct vs_bridge *br;
	struct shash_node *node;
	int error;

	error = view_bridge(vs, call->args[1], ctl_option(call, "--if-exists") == NULL, &br, err);
	if (error != 0 || br == NULL)
		return error;
	SHASH_FOREACH(node, &vs->ports)
	{
		struct vs_port *port = node->data;

		if (port->bridge == br || port->bridge->parent == br)
			delete_port_rows(vs, br, port);
	}
	if (br->parent == NULL) {
		ovsdb_txn_del_ref(vs->txn, vs->root, "bridges", br->row);
		delete_sample_sets(vs, br->row);
		ovsdb_txn_delete(vs->txn, br->row);
	}
	view_drop(vs);
	return 0;
}

int
ctl_run_list_br(struct ctl_call *call, struct err *err UNUSED)
{
	bool real = ctl_option(call, "--real") != NULL, fake = ctl_option(call, "--fake") != NULL;
	const struct shash_node *node;
	const char **names;
	size_t n = 0;

	view_build(call->vs);
	names = xcalloc(shash_count(&call->vs->bridges) + 1, sizeof *names);
	SHASH_FOREACH(node, &call->vs->bridges)
	{
		const struct vs_bridge *br = node->data;

		if (br->parent != NULL ? !real || fake : !fake || real)
			names[n++] = br->name;
	}
	vs_put_names(call, names, n);
	free(names);
	return 0;
}

int
ctl_run_br_exists(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_bridge(call->vs, call->args[1], false, &br, err);

	if (error == 0 && br == NULL) {
		call->exit_status = 2;
		return -ECANCELED;
	}
	return error;
}

int
ctl_run_br_to_vlan(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);

	if (error != 0)
		return error;
	str_printf(&call->out, "%d\n", br->vlan);
	call->json = json_integer(br->vlan);
	return 0;
}

int
ctl_run_br_to_parent(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);

	if (error == 0)
		vs_put_text(call, br->parent != NULL ? br->parent->name : br->name);
	return error;
}

int
ctl_run_br_set_external_id(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);
	char *key;

	if (error != 0)
		return error;
	key = xasprintf("%s%s", br->parent != NULL ? VLAN_KEY : "", call->args[2]);
	ovsdb_txn_set_pair(call->vs->txn, br->parent != NULL ? br->port_row : br->row,
		"external_ids", key, call->n_args > 3 ? call->args[3] : NULL);
	free(key);
	return 0;
}

int
ctl_run_br_get_external_id(struct ctl_call *call, struct err *err)
{
	struct smap ids = SMAP_INITIALIZER(&ids), shown = SMAP_INITIALIZER(&shown);
	const struct smap_node **nodes, *node;
	struct vs_bridge *br;
	const char *value;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);

	if (error != 0)
		return error;
	ovsdb_row_smap(br->parent != NULL ? br->port_row : br->row, "external_ids", &ids);
	SMAP_FOREACH(node, &ids) {
		if (br->parent == NULL)
			smap_set(&shown, node->key, node->value);
		else if (strncmp(node->key, VLAN_KEY, strlen(VLAN_KEY)) == 0)
			smap_set(&shown, node->key + strlen(VLAN_KEY), node->value);
	}
	if (call->n_args > 2) {
		value = smap_get(&shown, call->args[2]);
		if (value != NULL)
			vs_put_text(call, value);
	} else {
		call->json = json_object();
		nodes = smap_sorted(&shown);
		for (size_t i = 0; nodes[i] != NULL; i++) {
			str_printf(&call->out, "%s=%s\n", nodes[i]->key, nodes[i]->value);
			json_object_set_new(
				call->json, nodes[i]->key, json_string(nodes[i]->value));
		}
		free(nodes);
	}
	smap_uninit(&ids);
	smap_uninit(&shown);
	return 0;
}
