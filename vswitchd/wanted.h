/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_WANTED_H
#define VSWITCHD_WANTED_H

/* wanted: what the database asks for, typed and detached from its rows.
 *
 * Model    One Open_vSwitch row, its bridges, their ports, their interfaces, with defaults filled in.  Bridges and
 *          interfaces are sorted by name.  What is asked for and not supported is listed with the object.
 * Rules    I1 Status columns are never read, but for Interface.ofport, the number that an interface had before
 *             a restart.
 *          I2 An interface is in one bridge, once, whatever the rows refer to.
 * Owner    wanted_create() gives all to the caller; wanted_destroy() frees it.
 * Threads  main. */

#include <net/ethernet.h>
#include <stdbool.h>

#include "base/smap.h"
#include "base/str.h"
#include "base/uuid.h"
#include "pipeline/bridge.h"

struct ovsdb_db;

struct wanted_iface {
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

/* A row of table Controller. */
struct wanted_controller {
	struct uuid uuid;
	char *target;
	bool service;
	int64_t max_backoff_ms; /* 0: default. */
	int64_t probe_ms; /* -1: default. */
};

struct wanted_bridge {
	char *name;
	struct uuid uuid;
	enum bridge_fail_mode fail_mode;
	struct wanted_controller *controllers;
	size_t n_controllers;
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
	struct wanted_iface **ifaces; /* By name. */
	size_t n_ifaces;
	struct str unsupported;
};

struct wanted {
	int64_t next_cfg;
	struct smap other_config;
	char **managers; /* Targets to listen on. */
	size_t n_managers;
	struct wanted_bridge **bridges; /* By name. */
	size_t n_bridges;
};

/* Reads the database.  An empty one gives an empty wanted. */
struct wanted *wanted_create(const struct ovsdb_db *);
void wanted_destroy(struct wanted *); /* Accepts NULL. */

struct wanted_bridge *wanted_find_bridge(const struct wanted *, const char *name);
struct wanted_iface *wanted_find_iface(const struct wanted_bridge *, const char *name);

/* Whether the bridge's own address stays.  A row that replaces another under the same name is the same bridge with another
 * address, and the same interface with another place for its status. */
bool wanted_bridge_same_identity(const struct wanted_bridge *, const struct wanted_bridge *);

/* Whether an interface must be opened anew for the change, or only told. */
bool wanted_iface_same_port(const struct wanted_iface *, const struct wanted_iface *);
bool wanted_iface_same_bridge_side(const struct wanted_iface *, const struct wanted_iface *);
bool wanted_bridge_same(const struct wanted_bridge *, const struct wanted_bridge *);

#endif /* VSWITCHD_WANTED_H */
