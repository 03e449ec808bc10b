/* SPDX-License-Identifier: Apache-2.0 */
/* Bridges, ports and interfaces by name.
 *
 * A port with 'fake_bridge' and a tag is shown as a bridge of its own; the ports of the parent with the same tag are its ports. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "vsctl.h"

static struct vs_bridge *
add_bridge(struct vsctl *vs, struct ovsdb_row *row, const char *name, struct vs_bridge *parent,
	struct ovsdb_row *port_row)
{
	struct vs_bridge *br;

	if (shash_find(&vs->bridges, name) != NULL)
		return NULL;
	br = xzalloc(sizeof *br);
	br->name = xstrdup(name);
	br->row = row;
	br->port_row = port_row;
	br->parent = parent;
	br->vlan = port_row != NULL ? (int)ovsdb_row_int(port_row, "tag", 0) : 0;
	list_init(&br->ports);
	shash_add(&vs->bridges, name, br);
	return br;
}

static bool
is_vlan_bridge(const struct ovsdb_row *port)
{
	return ovsdb_row_bool(port, "fake_bridge", false) && ovsdb_row_count(port, "tag") > 0;
}

void
view_add_port(struct vsctl *vs, struct vs_bridge *br, struct ovsdb_row *row)
{
	const char *name = ovsdb_row_string(row, "name", "");
	struct vs_port *port;
	const struct shash_node *node;

	if (shash_find(&vs->ports, name) != NULL)
		return;
	if (ovsdb_row_count(row, "tag") > 0) {
		SHASH_FOREACH(node, &vs->bridges)
		{
			struct vs_bridge *other = node->data;

			if (other->parent == br && other->vlan == ovsdb_row_int(row, "tag", -1)) {
				br = other;
				break;
			}
		}
	}
	port = xzalloc(sizeof *port);
	port->row = row;
	port->bridge = br;
	list_init(&port->ifaces);
	list_push_back(&br->ports, &port->node);
	shash_add(&vs->ports, name, port);
	for (unsigned int i = 0; i < ovsdb_row_count(row, "interfaces"); i++) {
		const struct ovsdb_row *iface_row = ovsdb_row_ref_at(row, "interfaces", i);
		struct vs_iface *iface;

		if (iface_row == NULL
			|| shash_find(&vs->ifaces, ovsdb_row_string(iface_row, "name", "")) != NULL)
			continue;
		iface = xzalloc(sizeof *iface);
		iface->row = (struct ovsdb_row *)iface_row;
		iface->port = port;
		list_push_back(&port->ifaces, &iface->node);
		shash_add(&vs->ifaces, ovsdb_row_string(iface_row, "name", ""), iface);
	}
}

void
view_del_port(struct vsctl *vs, struct vs_port *port)
{
	struct vs_iface *iface, *next;

	LIST_FOREACH_SAFE(iface, next, node, &port->ifaces) {
		shash_remove(&vs->ifaces, ovsdb_row_string(iface->row, "name", ""));
		free(iface);
	}
	shash_remove(&vs->ports, ovsdb_row_string(port->row, "name", ""));
	list_remove(&port->node);
	free(port);
}

static void
add_vlan_bridges(struct vsctl *vs, struct vs_bridge *br)
{
	for (unsigned int i = 0; i < ovsdb_row_count(br->row, "ports"); i++) {
		const struct ovsdb_row *port = ovsdb_row_ref_at(br->row, "ports", i);

		if (port != NULL && is_vlan_bridge(port))
			add_bridge(vs, br->row, ovsdb_row_string(port, "name", ""), br,
				(struct ovsdb_row *)port);
	}
}

void
view_build(struct vsctl *vs)
{
	if (vs->is_valid || vs->root == NULL)
		return;
	vs->is_valid = true;
	for (unsigned int i = 0; i < ovsdb_row_count(vs->root, "bridges"); i++) {
		const struct ovsdb_row *row = ovsdb_row_ref_at(vs->root, "bridges", i);
		struct vs_bridge *br;

		if (row == NULL)
			continue;
		br = add_bridge(
			vs, (struct ovsdb_row *)row, ovsdb_row_string(row, "name", ""), NULL, NULL);
		if (br != NULL)
			add_vlan_bridges(vs, br);
	}
	for (unsigned int i = 0; i < ovsdb_row_count(vs->root, "bridges"); i++) {
		const struct ovsdb_row *row = ovsdb_row_ref_at(vs->root, "bridges", i);
		struct vs_bridge *br;

		br = row != NULL ? shash_find(&vs->bridges, ovsdb_row_string(row, "name", ""))
				 : NULL;
		for (unsigned int j = 0; br != NULL && j < ovsdb_row_count(row, "ports"); j++) {
			const struct ovsdb_row *port = ovsdb_row_ref_at(row, "ports", j);

			if (port != NULL)
				view_add_port(vs, br, (struct ovsdb_row *)port);
		}
	}
}

void
view_drop(struct vsctl *vs)
{
	struct shash_node *node;

	SHASH_FOREACH(node, &vs->ifaces)
	free(node->data);
	SHASH_FOREACH(node, &vs->ports)
	free(node->data);
	SHASH_FOREACH(node, &vs->bridges)
	{
		struct vs_bridge *br = node->data;

		free(br->name);
		free(br);
	}
	shash_clear(&vs->ifaces);
	shash_clear(&vs->ports);
	shash_clear(&vs->bridges);
	vs->is_valid = false;
}

int
view_bridge(struct vsctl *vs, const char *name, bool must_exist, struct vs_bridge **brp,
	struct err *err)
{
	view_build(vs);
	*brp = shash_find(&vs->bridges, name);
	if (*brp == NULL && must_exist) {
		err_set(err, "no bridge named %s", name);
		return -ENOENT;
	}
	return 0;
}

int
view_real_bridge(struct vsctl *vs, const char *name, bool must_exist, struct vs_bridge **brp,
	struct err *err)
{
	int error = view_bridge(vs, name, must_exist, brp, err);

	if (error == 0 && *brp != NULL && (*brp)->parent != NULL) {
		err_set(err, "%s is a fake bridge", name);
		return -EINVAL;
	}
	return error;
}

int
view_port(struct vsctl *vs, const char *name, bool must_exist, struct vs_port **portp,
	struct err *err)
{
	view_build(vs);
	*portp = shash_find(&vs->ports, name);
	/* The local port of a bridge is the bridge. */
	if (*portp != NULL && strcmp(name, (*portp)->bridge->name) == 0)
		*portp = NULL;
	if (*portp == NULL && must_exist) {
		err_set(err, "no port named %s", name);
		return -ENOENT;
	}
	return 0;
}

int
view_iface(struct vsctl *vs, const char *name, bool must_exist, struct vs_iface **ifacep,
	struct err *err)
{
	view_build(vs);
	*ifacep = shash_find(&vs->ifaces, name);
	if (*ifacep != NULL && strcmp(name, (*ifacep)->port->bridge->name) == 0)
		*ifacep = NULL;
	if (*ifacep == NULL && must_exist) {
		err_set(err, "no interface named %s", name);
		return -ENOENT;
	}
	return 0;
}

int
view_check_free(struct vsctl *vs, const char *name, const char *what, struct err *err)
{
	const struct vs_port *port;
	const struct vs_iface *iface;

	view_build(vs);
	if (shash_find(&vs->bridges, name) != NULL) {
		err_set(err, "%s because a bridge named %s already exists", what, name);
		return -EEXIST;
	}
	port = shash_find(&vs->ports, name);
	if (port != NULL) {
		err_set(err, "%s because a port named %s already exists on bridge %s", what, name,
			port->bridge->name);
		return -EEXIST;
	}
	iface = shash_find(&vs->ifaces, name);
	if (iface != NULL) {
		err_set(err, "%s because an interface named %s already exists on bridge %s", what,
			name, iface->port->bridge->name);
		return -EEXIST;
	}
	return 0;
}
