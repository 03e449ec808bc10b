/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_SNAPSHOT_H
#define VSWITCHD_SNAPSHOT_H

/* snapshot: what the database asks for, typed and detached from its rows.
 *
 * Model    One Open_vSwitch row, its bridges, their ports, their interfaces, with defaults filled in.  Bridges and
 *          interfaces are sorted by name.  What is asked for and not supported is listed with the object.
 * Rules    I1 Status columns are never read, but for Interface.ofport, the number that an interface had before
 *             a restart.
 * Owner    snapshot_create() gives all to the caller; snapshot_destroy() frees it.
 * Threads  main. */

#include <net/ethernet.h>
#include <stdbool.h>

#include "base/smap.h"
#include "base/str.h"
#include "base/uuid.h"
#include "pipeline/bridge.h"

struct ovsdb_db;

struct snapshot_iface {
	char *name;
	char *type;
	struct uuid uuid;
	struct uuid port_uuid;
	struct smap options, other_config;
	int mtu_request; /* 0: none. */
	bool mac_set;
	struct ether_addr mac;
	uint32_t ofport_request; /* 0: none. */
	uint32_t ofport_before; /* Interface.ofport as the daemon wrote it last; 0: none. */

	/* Of its port. */
	char *port_name;
	bool is_bond; /* The port has several interfaces. */
	enum bridge_vlan_mode vlan_mode;
	uint16_t tag;
	bool all_trunks; /* 'trunks' is not looked at. */
	unsigned long trunks[BRIDGE_VLAN_WORDS];
	enum bridge_priority_tags priority_tags;
	bool is_protected;
	char *error; /* Why it cannot be, as far as the rows tell; NULL if it can. */
	struct str unsupported; /* Columns and keys set that have no effect, "a, b". */
};

struct snapshot_bridge {
	char *name;
	struct uuid uuid;
	enum bridge_fail_mode fail_mode;
	bool has_controllers;
	bool dpid_set;
	uint64_t datapath_id;
	bool hwaddr_set;
	struct ether_addr hwaddr;
	uint32_t mac_ageing_s, mac_table_size;
	bool forward_bpdu;
	bool has_flood_vlans;
	unsigned long flood_vlans[BRIDGE_VLAN_WORDS];
	char **protocols;
	size_t n_protocols;
	struct smap other_config;
	struct snapshot_iface **ifaces; /* By name. */
	size_t n_ifaces;
	struct str unsupported;
};

struct snapshot {
	int64_t next_cfg;
	struct smap other_config;
	char **managers; /* Targets to listen on. */
	size_t n_managers;
	struct snapshot_bridge **bridges; /* By name. */
	size_t n_bridges;
};

/* Reads the database.  An empty one gives an empty snapshot. */
struct snapshot *snapshot_create(const struct ovsdb_db *);
void snapshot_destroy(struct snapshot *); /* Accepts NULL. */

struct snapshot_bridge *snapshot_find_bridge(const struct snapshot *, const char *name);
struct snapshot_iface *snapshot_find_iface(const struct snapshot_bridge *, const char *name);

/* Whether an interface must be opened anew for the change, or only told. */
bool snapshot_iface_same_port(const struct snapshot_iface *, const struct snapshot_iface *);
bool snapshot_iface_same_bridge_side(const struct snapshot_iface *, const struct snapshot_iface *);
bool snapshot_bridge_same(const struct snapshot_bridge *, const struct snapshot_bridge *);

#endif /* VSWITCHD_SNAPSHOT_H */
