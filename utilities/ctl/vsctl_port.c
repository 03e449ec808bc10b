/* SPDX-License-Identifier: Apache-2.0 */
/* The port and interface verbs. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "vsctl.h"

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
ctl_run_list_ports(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	struct vs_port *port;
	const char **names;
	size_t n = 0;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);

	if (error != 0)
		return error;
	names = xcalloc(list_size(&br->ports) + 1, sizeof *names);
	LIST_FOREACH(port, node, &br->ports) {
		const char *name = ovsdb_row_string(port->row, "name", "");

		if (strcmp(name, br->name) != 0)
			names[n++] = name;
	}
	vs_put_names(call, names, n);
	free(names);
	return 0;
}

int
ctl_run_list_ifaces(struct ctl_call *call, struct err *err)
{
	struct vs_bridge *br;
	const struct shash_node *node;
	const char **names;
	size_t n = 0;
	int error = view_bridge(call->vs, call->args[1], true, &br, err);

	if (error != 0)
		return error;
	names = xcalloc(shash_count(&call->vs->ifaces) + 1, sizeof *names);
	SHASH_FOREACH(node, &call->vs->ifaces)
	{
		const struct vs_iface *iface = node->data;

		if (iface->port->bridge == br && strcmp(node->name, br->name) != 0)
			names[n++] = node->name;
	}
	vs_put_names(call, names, n);
	free(names);
	return 0;
}

/* The command as it was written, for messages. */
static char *
call_text(const struct ctl_call *call)
{
	struct str s = STR_INIT;
	const struct smap_node **nodes = smap_sorted(&call->options);

	for (size_t i = 0; nodes[i] != NULL; i++)
		str_printf(&s, "%s%s%s ", nodes[i]->key, nodes[i]->value[0] != '\0' ? "=" : "",
			nodes[i]->value);
	for (int i = 0; i < call->n_args; i++)
		str_printf(&s, "%s%s", i > 0 ? " " : "", call->args[i]);
	free(nodes);
	return str_steal(&s);
}

/* Whether the port that is there is the one that --may-exist asks for. */
static int
check_same_port(const struct ctl_call *call, const struct vs_port *port, const char **ifaces,
	size_t n_ifaces, struct err *err)
{
	const char **have = xcalloc(list_size(&port->ifaces) + 1, sizeof *have);
	const char **want = xmemdup(ifaces, n_ifaces * sizeof *ifaces);
	char *text = call_text(call);
	struct vs_iface *iface;
	struct str names = STR_INIT;
	bool same;
	size_t n = 0;

	LIST_FOREACH(iface, node, &port->ifaces)
		have[n++] = ovsdb_row_string(iface->row, "name", "");
	qsort(have, n, sizeof *have, compare_names);
	qsort(want, n_ifaces, sizeof *want, compare_names);
	same = n == n_ifaces;
	for (size_t i = 0; i < n; i++) {
		same = same && strcmp(have[i], want[i]) == 0;
		str_printf(&names, "%s%s", i > 0 ? ", " : "", have[i]);
	}
	if (strcmp(port->bridge->name, call->args[1]) != 0)
		err_set(err, "\"%s\" but %s is actually attached to bridge %s", text, call->args[2],
			port->bridge->name);
	else if (!same)
		err_set(err, "\"%s\" but %s actually has interface(s) %s", text, call->args[2],
			str_cstr(&names));
	same = same && strcmp(port->bridge->name, call->args[1]) == 0;
	str_uninit(&names);
	free(text);
	free(want);
	free(have);
	return same ? 0 : -EEXIST;
}

/* Inserts the rows of a port. */
static int
insert_port(struct ctl_call *call, struct vs_bridge *br, const char **ifaces, size_t n_ifaces,
	int first_setting, struct err *err)
{
	struct vsctl *vs = call->vs;
	struct ovsdb_row *port = ovsdb_txn_insert(vs->txn, "Port", NULL);
	const struct ovsdb_row **rows = xcalloc(n_ifaces, sizeof *rows);
	struct ovsdb_row *br_row = br->row; /* The settings may drop the view, and 'br'. */
	int64_t tag = br->vlan;
	int error = 0;

	ovsdb_txn_set_string(vs->txn, port, "name", call->args[2]);
	for (size_t i = 0; i < n_ifaces; i++) {
		struct ovsdb_row *iface = ovsdb_txn_insert(vs->txn, "Interface", NULL);

		ovsdb_txn_set_string(vs->txn, iface, "name", ifaces[i]);
		rows[i] = iface;
	}
	ovsdb_txn_set_refs(vs->txn, port, "interfaces", rows, n_ifaces);
	free(rows);
	if (ctl_option(call, "--fake-iface") != NULL)
		ovsdb_txn_set_bool(vs->txn, port, "bond_fake_iface", true);
	if (br->parent != NULL)
		ovsdb_txn_set_ints(vs->txn, port, "tag", &tag, 1);
	for (int i = first_setting; i < call->n_args && error == 0; i++)
		error = vs_set_column(vs, port, call->args[i], err);
	if (error != 0)
		return error;
	ovsdb_txn_add_ref(vs->txn, br_row, "ports", port);
	if (vs->is_valid)
		view_add_port(vs, br->parent != NULL ? br->parent : br, port);
	return 0;
}

/* add-port and add-bond: 'ifaces' are the names of the interfaces. */
static int
add_port(struct ctl_call *call, const char **ifaces, size_t n_ifaces, int first_setting,
	struct err *err)
{
	const char *name = call->args[2];
	struct vs_bridge *br;
	struct vs_port *port;
	char what[300];
	int error;

	error = view_port(call->vs, name, false, &port, err);
	if (error != 0)
		return error;
	if (port != NULL && ctl_option(call, "--may-exist") != NULL)
		return check_same_port(call, port, ifaces, n_ifaces, err);
	snprintf(what, sizeof what, "cannot create a port named %.200s", name);
	error = view_check_free(call->vs, name, what, err);
	for (size_t i = 0; i < n_ifaces && error == 0; i++) {
		snprintf(what, sizeof what, "cannot create an interface named %.200s", ifaces[i]);
		error = view_check_free(call->vs, ifaces[i], what, err);
	}
	if (error == 0)
		error = view_bridge(call->vs, call->args[1], true, &br, err);
	if (error != 0)
		return error;
	return insert_port(call, br, ifaces, n_ifaces, first_setting, err);
}

int
ctl_run_add_port(struct ctl_call *call, struct err *err)
{
	return add_port(call, &call->args[2], 1, 3, err);
}

int
ctl_run_add_bond(struct ctl_call *call, struct err *err)
{
	int n = 0;

	while (3 + n < call->n_args && strchr(call->args[3 + n], '=') == NULL)
		n++;
	if (n < 2) {
		err_set(err, "add-bond requires at least 2 interfaces, but only %d were specified",
			n);
		return -EINVAL;
	}
	return add_port(call, &call->args[3], (size_t)n, 3 + n, err);
}

static void
delete_port(struct vsctl *vs, struct vs_port *port)
{
	struct ovsdb_row *row = port->row;
	struct ovsdb_row **ifaces = xcalloc(list_size(&port->ifaces) + 1, sizeof *ifaces);
	struct ovsdb_row *br_row = port->bridge->row;
	struct vs_iface *iface;
	size_t n = 0;

	LIST_FOREACH(iface, node, &port->ifaces)
		ifaces[n++] = iface->row;
	view_del_port(vs, port);
	ovsdb_txn_del_ref(vs->txn, br_row, "ports", row);
	for (size_t i = 0; i < n; i++)
		ovsdb_txn_delete(vs->txn, ifaces[i]);
	ovsdb_txn_delete(vs->txn, row);
	free(ifaces);
}

/* The port that del-port means, NULL if it need not exist and does not. */
static int
port_to_delete(struct ctl_call *call, const char *name, struct vs_port **portp, struct err *err)
{
	bool must_exist = ctl_option(call, "--if-exists") == NULL;
	bool with_iface = ctl_option(call, "--with-iface") != NULL;
	struct vs_iface *iface;
	struct vs_port *port;
	int error;

	*portp = NULL;
	view_build(call->vs);
	port = shash_find(&call->vs->ports, name);
	if (port != NULL && must_exist && strcmp(name, port->bridge->name) == 0) {
		err_set(err,
			"cannot delete port %s because it is the local port for bridge %s (deleting "
			"this port requires deleting the entire bridge)",
			name, name);
		return -EINVAL;
	}
	if (!with_iface)
		return view_port(call->vs, name, must_exist, portp, err);
	error = view_port(call->vs, name, false, portp, err);
	if (error != 0 || *portp != NULL)
		return error;
	error = view_iface(call->vs, name, false, &iface, err);
	if (error == 0 && iface != NULL) {
		*portp = iface->port;
	} else if (error == 0 && must_exist) {
		err_set(err, "no port or interface named %s", name);
		error = -ENOENT;
	}
	return error;
}

int
ctl_run_del_port(struct ctl_call *call, struct err *err)
{
	const char *name = call->args[call->n_args - 1];
	struct vs_bridge *br;
	struct vs_port *port;
	int error;

	if (call->n_args == 3) {
		error = view_bridge(
			call->vs, call->args[1], ctl_option(call, "--if-exists") == NULL, &br, err);
		if (error != 0 || br == NULL)
			return error;
	}
	error = port_to_delete(call, name, &port, err);
	if (error != 0 || port == NULL)
		return error;
	if (call->n_args == 3 && port->bridge != br) {
		if (port->bridge->parent == br)
			err_set(err,
				"bridge %s does not have a port %s (although its child bridge %s does)",
				br->name, name, port->bridge->name);
		else
			err_set(err, "bridge %s does not have a port %s", br->name, name);
		return -ENOENT;
	}
	delete_port(call->vs, port);
	return 0;
}

int
ctl_run_port_to_br(struct ctl_call *call, struct err *err)
{
	struct vs_port *port;
	int error = view_port(call->vs, call->args[1], true, &port, err);

	if (error == 0)
		vs_put_text(call, port->bridge->name);
	return error;
}

int
ctl_run_iface_to_br(struct ctl_call *call, struct err *err)
{
	struct vs_iface *iface;
	int error = view_iface(call->vs, call->args[1], true, &iface, err);

	if (error == 0)
		vs_put_text(call, iface->port->bridge->name);
	return error;
}
