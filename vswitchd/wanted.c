/* SPDX-License-Identifier: Apache-2.0 */
/* wanted: from rows to typed configuration.  Room: vswitchd. */

#include "wanted.h"

#include <errno.h>
#include <netinet/ether.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bitmap.h"
#include "base/shash.h"
#include "ovsdb/db.h"

#define MAX_OFPORT 65279

static void
note_unsupported(struct str *s, const char *what)
{
	str_printf(s, "%s%s", s->len > 0 ? ", " : "", what);
}

/* Columns of a row that are filled in though nothing looks at them. */
static void
check_columns(
	const struct ovsdb_row *row, const char *const *names, size_t n, struct str *unsupported)
{
	for (size_t i = 0; i < n; i++) {
		if (ovsdb_row_count(row, names[i]) > 0)
			note_unsupported(unsupported, names[i]);
	}
}

/* Reads an address that 'what' names.  Returns: whether there is one; one that makes no sense is told in 'unsupported'. */
static bool
read_mac(const char *what, const char *text, struct ether_addr *mac, struct str *unsupported)
{
	if (text == NULL || text[0] == '\0')
		return false;
	if (ether_aton_r(text, mac) != NULL)
		return true;
	str_printf(unsupported, "%s%s (\"%.40s\" is not a MAC address)",
		unsupported->len > 0 ? ", " : "", what, text);
	return false;
}

/* A set of VLANs as a bitmap.  Returns: whether the set has any. */
static bool
read_vlans(const struct ovsdb_row *row, const char *column, unsigned long *bitmap)
{
	unsigned int n = ovsdb_row_count(row, column);

	for (unsigned int i = 0; i < n; i++) {
		int64_t vlan = ovsdb_row_int_at(row, column, i, -1);

		if (vlan >= 0 && vlan < BRIDGE_N_VLANS)
			bitmap_set(bitmap, (size_t)vlan);
	}
	return n > 0;
}

static void
read_vlan_mode(const struct ovsdb_row *port, struct wanted_iface *iface)
{
	const char *mode = ovsdb_row_string(port, "vlan_mode", NULL);
	int64_t tag = ovsdb_row_int(port, "tag", -1);
	bool has_trunks = read_vlans(port, "trunks", iface->trunks);

	iface->tag = (uint16_t)(tag >= 0 ? tag : 0);
	iface->all_trunks = !has_trunks;
	if (mode == NULL) {
		/* As the schema's documentation of the field has it: a tag makes an access port. */
		iface->vlan_mode = tag >= 0 ? BRIDGE_VLAN_ACCESS : BRIDGE_VLAN_TRUNK;
		return;
	}
	if (strcmp(mode, "access") == 0) {
		iface->vlan_mode = BRIDGE_VLAN_ACCESS;
	} else if (strcmp(mode, "native-tagged") == 0) {
		iface->vlan_mode = BRIDGE_VLAN_NATIVE_TAGGED;
	} else if (strcmp(mode, "native-untagged") == 0) {
		iface->vlan_mode = BRIDGE_VLAN_NATIVE_UNTAGGED;
	} else {
		iface->vlan_mode = BRIDGE_VLAN_TRUNK;
		if (strcmp(mode, "trunk") != 0)
			iface->error = xasprintf("vlan_mode %s is not supported", mode);
	}
}

static void
read_port(const struct ovsdb_row *port, struct wanted_iface *iface)
{
	static const char *const columns[] = { "qos", "bond_mode", "lacp", "bond_updelay",
		"bond_downdelay", "bond_fake_iface", "rstp_status", "cvlans" };
	const char *priority = ovsdb_row_map_string(port, "other_config", "priority-tags", "no");

	iface->port_uuid = port->uuid;
	iface->port_name = xstrdup(ovsdb_row_string(port, "name", ""));
	read_vlan_mode(port, iface);
	if (strcmp(priority, "always") == 0)
		iface->priority_tags = BRIDGE_PRIORITY_TAGS_ALWAYS;
	else if (strcmp(priority, "if-nonzero") == 0 || strcmp(priority, "true") == 0)
		iface->priority_tags = BRIDGE_PRIORITY_TAGS_IF_NONZERO;
	iface->is_protected = ovsdb_row_bool(port, "protected", false);
	iface->is_bond = ovsdb_row_count(port, "interfaces") > 1;
	if (iface->is_bond && iface->error == NULL)
		iface->error = xstrdup("bonds are not supported yet; give the port one interface");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		unsigned int n = ovsdb_row_count(port, columns[i]);

		/* Numbers and booleans always count one; their defaults ask for nothing. */
		if (n > 0 && ovsdb_row_int(port, columns[i], 1) != 0
			&& ovsdb_row_bool(port, columns[i], true)
			&& strcmp(columns[i], "rstp_status") != 0)
			note_unsupported(&iface->unsupported, columns[i]);
	}
}

static struct wanted_iface *
read_iface(const struct ovsdb_row *row, const struct ovsdb_row *port)
{
	static const char *const columns[] = { "cfm_mpid", "bfd", "lldp" };
	struct wanted_iface *iface = xzalloc(sizeof *iface);
	int64_t request = ovsdb_row_int(row, "ofport_request", 0);
	int64_t before = ovsdb_row_int(row, "ofport", 0);

	iface->uuid = row->uuid;
	iface->name = xstrdup(ovsdb_row_string(row, "name", ""));
	iface->type = xstrdup(ovsdb_row_string(row, "type", ""));
	smap_init(&iface->options);
	smap_init(&iface->other_config);
	ovsdb_row_smap(row, "options", &iface->options);
	ovsdb_row_smap(row, "other_config", &iface->other_config);
	iface->mtu_request = (int)ovsdb_row_int(row, "mtu_request", 0);
	iface->mac_set = read_mac(
		"mac", ovsdb_row_string(row, "mac", NULL), &iface->mac, &iface->unsupported);
	iface->ofport_request = request > 0 && request <= MAX_OFPORT ? (uint32_t)request : 0;
	iface->ofport_before = before > 0 && before <= MAX_OFPORT ? (uint32_t)before : 0;
	read_port(port, iface);
	check_columns(row, columns, ARRAY_SIZE(columns), &iface->unsupported);
	if (ovsdb_row_int(row, "ingress_policing_rate", 0) != 0
		|| ovsdb_row_int(row, "ingress_policing_kpkts_rate", 0) != 0)
		note_unsupported(&iface->unsupported, "ingress_policing_rate");
	return iface;
}

static int
iface_by_name(const void *a_, const void *b_)
{
	const struct wanted_iface *a = *(struct wanted_iface *const *)a_;
	const struct wanted_iface *b = *(struct wanted_iface *const *)b_;
	int order = strcmp(a->name, b->name);

	return order != 0 ? order : strcmp(a->port_name, b->port_name);
}

static void
read_ifaces(const struct ovsdb_row *row, struct wanted_bridge *br)
{
	size_t alloc = 0;

	for (unsigned int i = 0; i < ovsdb_row_count(row, "ports"); i++) {
		const struct ovsdb_row *port = ovsdb_row_ref_at(row, "ports", i);

		for (unsigned int k = 0; port != NULL && k < ovsdb_row_count(port, "interfaces");
			k++) {
			const struct ovsdb_row *iface = ovsdb_row_ref_at(port, "interfaces", k);

			if (iface == NULL)
				continue;
			if (br->n_ifaces == alloc)
				br->ifaces =
					vec_grow(br->ifaces, &alloc, sizeof(struct wanted_iface *));
			br->ifaces[br->n_ifaces++] = read_iface(iface, port);
		}
	}
	if (br->n_ifaces > 1)
		qsort(br->ifaces, br->n_ifaces, sizeof(struct wanted_iface *), iface_by_name);
}

static void
read_bridge_options(struct wanted_bridge *br)
{
	const char *dpid = smap_get(&br->other_config, "datapath-id");
	char *end;

	if (dpid != NULL && dpid[0] != '\0') {
		br->datapath_id = strtoull(dpid, &end, 16);
		br->dpid_set = *end == '\0' && br->datapath_id != 0;
		if (!br->dpid_set)
			note_unsupported(&br->unsupported,
				"other_config:datapath-id (not 16 hexadecimal digits other than 0)");
	}
	br->hwaddr_set = read_mac("other_config:hwaddr", smap_get(&br->other_config, "hwaddr"),
		&br->hwaddr, &br->unsupported);
	br->mac_ageing_s = (uint32_t)MAX(smap_get_int(&br->other_config, "mac-aging-time", 0), 0);
	br->mac_table_size = (uint32_t)MAX(smap_get_int(&br->other_config, "mac-table-size", 0), 0);
	br->forward_bpdu = smap_get_bool(&br->other_config, "forward-bpdu", false);
}

static void
read_controllers(const struct ovsdb_row *row, struct wanted_bridge *br)
{
	unsigned int n = ovsdb_row_count(row, "controller");

	br->controllers = xcalloc(n, sizeof *br->controllers);
	for (unsigned int i = 0; i < n; i++) {
		const struct ovsdb_row *from = ovsdb_row_ref_at(row, "controller", i);
		struct wanted_controller *c = &br->controllers[br->n_controllers];

		if (from == NULL)
			continue;
		c->uuid = from->uuid;
		c->target = xstrdup(ovsdb_row_string(from, "target", ""));
		c->service = strcmp(ovsdb_row_string(from, "type", "primary"), "service") == 0;
		c->max_backoff_ms = ovsdb_row_int(from, "max_backoff", 0);
		c->probe_ms = ovsdb_row_int(from, "inactivity_probe", -1);
		br->n_controllers++;
	}
}

static struct wanted_bridge *
read_bridge(const struct ovsdb_row *row)
{
	static const char *const columns[] = { "mirrors", "netflow", "sflow", "ipfix",
		"auto_attach" };
	static const char *const switches[] = { "stp_enable", "rstp_enable",
		"mcast_snooping_enable" };
	struct wanted_bridge *br = xzalloc(sizeof *br);
	const char *fail_mode = ovsdb_row_string(row, "fail_mode", "standalone");
	const char *type = ovsdb_row_string(row, "datapath_type", "");

	br->uuid = row->uuid;
	br->name = xstrdup(ovsdb_row_string(row, "name", ""));
	smap_init(&br->other_config);
	ovsdb_row_smap(row, "other_config", &br->other_config);
	br->fail_mode =
		strcmp(fail_mode, "secure") == 0 ? BRIDGE_FAIL_SECURE : BRIDGE_FAIL_STANDALONE;
	if (strcmp(type, "") != 0 && strcmp(type, "system") != 0 && strcmp(type, "netdev") != 0)
		str_printf(&br->unsupported, "datapath_type %.40s (there is one datapath)", type);
	read_controllers(row, br);
	br->has_flood_vlans = read_vlans(row, "flood_vlans", br->flood_vlans);
	br->n_protocols = ovsdb_row_count(row, "protocols");
	br->protocols = xcalloc(br->n_protocols, sizeof(char *));
	for (size_t i = 0; i < br->n_protocols; i++)
		br->protocols[i] = xstrdup(ovsdb_row_string_at(row, "protocols", (unsigned int)i));
	read_bridge_options(br);
	read_ifaces(row, br);
	check_columns(row, columns, ARRAY_SIZE(columns), &br->unsupported);
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		if (ovsdb_row_bool(row, switches[i], false))
			note_unsupported(&br->unsupported, switches[i]);
	}
	return br;
}

static int
bridge_by_name(const void *a, const void *b)
{
	return strcmp((*(struct wanted_bridge *const *)a)->name,
		(*(struct wanted_bridge *const *)b)->name);
}

static void
add_manager(struct wanted *s, const char *target)
{
	for (size_t i = 0; i < s->n_managers; i++) {
		if (strcmp(s->managers[i], target) == 0)
			return;
	}
	s->managers = xrealloc(s->managers, (s->n_managers + 1) * sizeof(char *));
	s->managers[s->n_managers++] = xstrdup(target);
}

static void
iface_destroy(struct wanted_iface *iface)
{
	free(iface->name);
	free(iface->type);
	free(iface->port_name);
	free(iface->error);
	smap_uninit(&iface->options);
	smap_uninit(&iface->other_config);
	str_uninit(&iface->unsupported);
	free(iface);
}

/* A row of Port or Interface may be referred to several times.  The interface is in one port of one bridge, the first by
 * name; the others' bridges are told. */
static void
drop_shared_ifaces(struct wanted *s)
{
	struct shash owners = SHASH_INITIALIZER(&owners); /* Interface to struct wanted_bridge. */

	for (size_t i = 0; i < s->n_bridges; i++) {
		struct wanted_bridge *br = s->bridges[i];
		size_t n = 0;

		for (size_t k = 0; k < br->n_ifaces; k++) {
			struct wanted_iface *iface = br->ifaces[k];
			const struct wanted_bridge *owner = shash_find(&owners, iface->name);

			if (owner == NULL) {
				shash_add(&owners, iface->name, br);
				br->ifaces[n++] = iface;
				continue;
			}
			str_printf(&br->unsupported,
				"%sinterface %s in port %s (it is in another port of bridge %s)",
				br->unsupported.len > 0 ? ", " : "", iface->name, iface->port_name,
				owner->name);
			iface_destroy(iface);
		}
		br->n_ifaces = n;
	}
	shash_uninit(&owners);
}

struct wanted *
wanted_create(const struct ovsdb_db *db)
{
	const struct ovsdb_row *root = ovsdb_table_first(ovsdb_db_table(db, "Open_vSwitch"));
	struct wanted *s = xzalloc(sizeof *s);
	unsigned int n;

	smap_init(&s->other_config);
	if (root == NULL)
		return s;
	s->next_cfg = ovsdb_row_int(root, "next_cfg", 0);
	ovsdb_row_smap(root, "other_config", &s->other_config);
	for (unsigned int i = 0; i < ovsdb_row_count(root, "manager_options"); i++) {
		const struct ovsdb_row *manager = ovsdb_row_ref_at(root, "manager_options", i);

		if (manager != NULL)
			add_manager(s, ovsdb_row_string(manager, "target", ""));
	}
	n = ovsdb_row_count(root, "bridges");
	s->bridges = xcalloc(n, sizeof(struct wanted_bridge *));
	for (unsigned int i = 0; i < n; i++) {
		const struct ovsdb_row *row = ovsdb_row_ref_at(root, "bridges", i);

		if (row != NULL)
			s->bridges[s->n_bridges++] = read_bridge(row);
	}
	if (s->n_bridges > 1)
		qsort(s->bridges, s->n_bridges, sizeof(struct wanted_bridge *), bridge_by_name);
	drop_shared_ifaces(s);
	return s;
}

static void
bridge_free(struct wanted_bridge *br)
{
	for (size_t i = 0; i < br->n_ifaces; i++)
		iface_destroy(br->ifaces[i]);
	for (size_t i = 0; i < br->n_protocols; i++)
		free(br->protocols[i]);
	for (size_t i = 0; i < br->n_controllers; i++)
		free(br->controllers[i].target);
	free(br->controllers);
	free(br->ifaces);
	free(br->protocols);
	free(br->name);
	smap_uninit(&br->other_config);
	str_uninit(&br->unsupported);
	free(br);
}

void
wanted_destroy(struct wanted *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_bridges; i++)
		bridge_free(s->bridges[i]);
	for (size_t i = 0; i < s->n_managers; i++)
		free(s->managers[i]);
	free(s->bridges);
	free(s->managers);
	smap_uninit(&s->other_config);
	free(s);
}

static int
bridge_name_is(const void *name, const void *br)
{
	return strcmp(name, (*(struct wanted_bridge *const *)br)->name);
}

struct wanted_bridge *
wanted_find_bridge(const struct wanted *s, const char *name)
{
	struct wanted_bridge **found;

	if (s == NULL || s->n_bridges == 0)
		return NULL;
	found = bsearch(
		name, s->bridges, s->n_bridges, sizeof(struct wanted_bridge *), bridge_name_is);
	return found != NULL ? *found : NULL;
}

static int
iface_name_is(const void *name, const void *iface)
{
	return strcmp(name, (*(struct wanted_iface *const *)iface)->name);
}

struct wanted_iface *
wanted_find_iface(const struct wanted_bridge *br, const char *name)
{
	struct wanted_iface **found;

	if (br == NULL || br->n_ifaces == 0)
		return NULL;
	found = bsearch(
		name, br->ifaces, br->n_ifaces, sizeof(struct wanted_iface *), iface_name_is);
	return found != NULL ? *found : NULL;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
wanted_iface_same_port(const struct wanted_iface *a, const struct wanted_iface *b)
{
	return same_text(a->type, b->type) && same_text(a->error, b->error)
		&& smap_equal(&a->options, &b->options)
		&& smap_equal(&a->other_config, &b->other_config)
		&& a->mtu_request == b->mtu_request && a->mac_set == b->mac_set
		&& (!a->mac_set || memcmp(&a->mac, &b->mac, sizeof a->mac) == 0);
}

bool
wanted_iface_same_bridge_side(const struct wanted_iface *a, const struct wanted_iface *b)
{
	return uuid_equal(&a->uuid, &b->uuid) && a->vlan_mode == b->vlan_mode && a->tag == b->tag
		&& a->all_trunks == b->all_trunks
		&& (a->all_trunks || memcmp(a->trunks, b->trunks, sizeof a->trunks) == 0)
		&& a->priority_tags == b->priority_tags && a->is_protected == b->is_protected
		&& same_text(a->port_name, b->port_name);
}

static bool
same_controllers(const struct wanted_bridge *a, const struct wanted_bridge *b)
{
	if (a->n_controllers != b->n_controllers)
		return false;
	for (size_t i = 0; i < a->n_controllers; i++) {
		const struct wanted_controller *x = &a->controllers[i], *y = &b->controllers[i];

		if (!same_text(x->target, y->target) || x->service != y->service
			|| x->max_backoff_ms != y->max_backoff_ms || x->probe_ms != y->probe_ms)
			return false;
	}
	return true;
}

bool
wanted_bridge_same_identity(const struct wanted_bridge *a, const struct wanted_bridge *b)
{
	return uuid_equal(&a->uuid, &b->uuid) && a->hwaddr_set == b->hwaddr_set
		&& (!a->hwaddr_set || memcmp(&a->hwaddr, &b->hwaddr, sizeof a->hwaddr) == 0);
}

bool
wanted_bridge_same(const struct wanted_bridge *a, const struct wanted_bridge *b)
{
	if (!wanted_bridge_same_identity(a, b) || a->n_protocols != b->n_protocols)
		return false;
	for (size_t i = 0; i < a->n_protocols; i++) {
		if (!same_text(a->protocols[i], b->protocols[i]))
			return false;
	}
	return a->fail_mode == b->fail_mode && same_controllers(a, b)
		&& a->has_flood_vlans == b->has_flood_vlans
		&& memcmp(a->flood_vlans, b->flood_vlans, sizeof a->flood_vlans) == 0
		&& smap_equal(&a->other_config, &b->other_config);
}
