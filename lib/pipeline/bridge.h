/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_BRIDGE_H
#define PIPELINE_BRIDGE_H

/* bridge: one OpenFlow switch: its ports, its tables, its MAC table.
 *
 * Model    A bridge has ports with OpenFlow numbers (flow/ofp_port.h).  A port is backed by a datapath port, or is a
 *          patch port, which leads into the port of the other bridge that it names and that names it, or is backed by nothing
 *          (packets sent there are dropped).  It has tables 0..253 of rules.
 *          Rules have versions: an edit makes rules visible from, or invisible from, the version under
 *          construction; publishing makes that version the current one at once.  A single bridge_flow_mod()
 *          publishes by itself; between bridge_txn_begin() and bridge_txn_commit() everything is published together
 *          or, with bridge_txn_abort(), never was.
 * Rules    I1 A packet is judged by the rules of one version, on all tables it passes.
 *          I2 Numbers that the bridge gives to ports start at 1, in order of addition, and one that was freed is given
 *          again only when all others were used.
 *          I3 A rule's counters count each packet that it handled once, also packets forwarded while it was being removed.
 * Life     bridge_create() -> ports, rules -> bridge_destroy().
 * Owner    the pipeline owns bridges, a bridge its ports and rules.  Strings and actions passed in are copied.
 * Threads  main, every function.
 * See      pipeline/effect.h, pipeline/mac_table.h, Documentation/topics/pipeline.rst. */

#include <stdbool.h>

#include "base/compiler.h"
#include "flow/match.h"
#include "flow/ofp_port.h"
#include "openflow/error.h"
#include "openflow/ofpact.h"
#include "pipeline/effect.h"

struct bridge;
struct err;
struct mac_table;
struct of_flow_mod;
struct pipeline;

#define BRIDGE_N_TABLES 254
#define BRIDGE_TABLE_ALL 0xff
#define BRIDGE_MAX_RULES 1000000 /* In one table. */
#define BRIDGE_N_VLANS 4096
#define BRIDGE_VLAN_WORDS (BRIDGE_N_VLANS / (8 * sizeof(unsigned long))) /* Of a bitmap of VLANs. */

enum bridge_fail_mode {
	BRIDGE_FAIL_STANDALONE, /* Without controllers: a learning switch. */
	BRIDGE_FAIL_SECURE /* Without rules: drops. */
};

struct bridge_config {
	uint64_t datapath_id;
	uint8_t mac[6]; /* Of the local port, by default. */
	enum bridge_fail_mode fail_mode;
	bool has_controllers;
	uint32_t mac_ageing_s; /* 0: 300. */
	uint32_t mac_table_size; /* 0: 8192. */
	const unsigned long
		*flood_vlans; /* Bitmap of VLANs that do not learn and always flood; NULL: none. */
	bool forward_bpdu; /* NORMAL forwards frames to reserved multicast addresses. */
};

/* Makes a bridge.  With fail mode standalone and no controllers it has the rule "priority=0 actions=NORMAL" in table 0.
 * Returns: 0, -EEXIST, -EINVAL with 'err'. */
int bridge_create(struct pipeline *, const char *name, const struct bridge_config *,
	struct bridge **bridgep, struct err *err) MUST_CHECK;

/* Applies a changed configuration.  When it becomes, or ceases to be, a standalone bridge without controllers, the tables are
 * flushed and the rule of bridge_create() comes or goes with them. */
void bridge_configure(struct bridge *, const struct bridge_config *);

/* Accepts NULL. */
void bridge_destroy(struct bridge *);

const char *bridge_name(const struct bridge *);
uint32_t bridge_id(const struct bridge *); /* Never used twice. */
uint64_t bridge_datapath_id(const struct bridge *);
struct pipeline *bridge_pipeline(const struct bridge *);
/* The configuration in force; 'flood_vlans' borrowed until it changes. */
const struct bridge_config *bridge_get_config(const struct bridge *);

/* NULL ends listening. */
void bridge_set_events(struct bridge *, const struct bridge_events *, void *aux);

/* ---- Ports ---- */

/* OFPPC_* of OpenFlow 1.3; NO_STP and NO_FLOOD exist in 1.0 only but are kept for all. */
#define BRIDGE_PORT_DOWN (1u << 0)
#define BRIDGE_PORT_NO_STP (1u << 1)
#define BRIDGE_PORT_NO_RECV (1u << 2)
#define BRIDGE_PORT_NO_RECV_STP (1u << 3)
#define BRIDGE_PORT_NO_FLOOD (1u << 4)
#define BRIDGE_PORT_NO_FWD (1u << 5)
#define BRIDGE_PORT_NO_PACKET_IN (1u << 6)

/* OFPPS_* of OpenFlow 1.3. */
#define BRIDGE_PORT_LINK_DOWN (1u << 0)
#define BRIDGE_PORT_BLOCKED (1u << 1)
#define BRIDGE_PORT_LIVE (1u << 2)

enum bridge_vlan_mode {
	BRIDGE_VLAN_TRUNK,
	BRIDGE_VLAN_ACCESS,
	BRIDGE_VLAN_NATIVE_TAGGED,
	BRIDGE_VLAN_NATIVE_UNTAGGED
};

/* What an access or native-untagged port does with frames whose tag is VLAN 0 or, sent, whose VLAN is native and whose priority
 * is not zero. */
enum bridge_priority_tags {
	BRIDGE_PRIORITY_TAGS_NEVER,
	BRIDGE_PRIORITY_TAGS_IF_NONZERO,
	BRIDGE_PRIORITY_TAGS_ALWAYS
};

struct bridge_vlan_config {
	enum bridge_vlan_mode mode;
	uint16_t tag; /* Access or native VLAN; 0 without one. */
	const unsigned long *trunks; /* Bitmap of BRIDGE_N_VLANS bits; NULL: all. */
	enum bridge_priority_tags priority_tags;
	bool is_protected; /* NORMAL forwards nothing between two protected ports. */
};

/* Strings and bitmaps are borrowed for the call. */
struct bridge_port_config {
	const char *name;
	uint32_t dp_port; /* Datapath port; UINT32_MAX: none (yet). */
	const char *peer; /* Patch port: the name of the other end, or NULL. */
	uint32_t ofport_request; /* 0: none.  OFP_PORT_LOCAL makes it the local port. */
	uint8_t mac[6];
	uint32_t mtu; /* 0: unknown. */
	bool admin_up, link_up;
	uint64_t link_speed_bps; /* 0: unknown. */
	bool full_duplex;
	struct bridge_vlan_config vlan;
};

/* What is known of a port. */
struct bridge_port_info {
	uint32_t ofp_port;
	const char *name; /* Borrowed until the port changes. */
	uint32_t dp_port;
	const char *peer; /* Or NULL. */
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t config; /* BRIDGE_PORT_DOWN and so on. */
	uint32_t state; /* BRIDGE_PORT_LINK_DOWN and so on. */
	bool admin_up, link_up;
	uint64_t link_speed_bps;
	bool full_duplex;
	int64_t duration_ms; /* Since it was added. */
};

/* UINT64_MAX: not known. */
struct bridge_port_stats {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t rx_dropped, tx_dropped, rx_errors, tx_errors;
	uint64_t rx_frame_err, rx_over_err, rx_crc_err, collisions;
};

/* Adds a port.  Returns: 0 and its number; -EEXIST (name or requested local port in use), -EINVAL, -ENOSPC with 'err'.  A
 * requested number that is taken gives another one. */
int bridge_add_port(struct bridge *, const struct bridge_port_config *, uint32_t *ofp_portp,
	struct err *err) MUST_CHECK;

/* Applies a changed configuration to a port.  'name' and 'ofport_request' are not looked at.
 * Returns: 0, -ENOENT, -EINVAL with 'err'. */
int bridge_update_port(struct bridge *, uint32_t ofp_port, const struct bridge_port_config *,
	struct err *err) MUST_CHECK;

/* Changes what changes by itself, and tells listeners if it did. */
void bridge_set_port_link(struct bridge *, uint32_t ofp_port, bool admin_up, bool link_up,
	uint64_t link_speed_bps, bool full_duplex);

/* Removes a port and forgets what was learned there.  No port of that number: nothing happens. */
void bridge_remove_port(struct bridge *, uint32_t ofp_port);

/* OpenFlow's port modification: sets the bits of 'mask' in the port's config to those of 'config'.
 * Returns: OFERROR_OK, OFPPMFC_BAD_PORT, OFPPMFC_BAD_HW_ADDR, OFPPMFC_BAD_CONFIG. */
enum oferror bridge_port_mod(struct bridge *, uint32_t ofp_port, const uint8_t mac[6],
	uint32_t config, uint32_t mask) MUST_CHECK;

/* Returns: false if there is no such port. */
bool bridge_get_port(const struct bridge *, uint32_t ofp_port, struct bridge_port_info *);
bool bridge_find_port(const struct bridge *, const char *name, struct bridge_port_info *);

/* The port with the lowest number of at least 'from', for loops: "for (p = 0; bridge_next_port(b, p, &info); p = info.ofp_port
 * + 1)".  Returns: false after the last. */
bool bridge_next_port(const struct bridge *, uint32_t from, struct bridge_port_info *);
uint32_t bridge_n_ports(const struct bridge *);

/* Returns: false if there is no such port. */
bool bridge_get_port_stats(const struct bridge *, uint32_t ofp_port, struct bridge_port_stats *);

/* ---- Rules ---- */

/* Carries out a flow modification.  Now and then this is a quiescent state for main: pointers borrowed under RCU end here.
 * Returns: OFERROR_OK or the error to send; then nothing has changed. */
enum oferror bridge_flow_mod(struct bridge *, const struct of_flow_mod *) MUST_CHECK;

/* Groups flow modifications: see Model.  Transactions do not nest, and each ends before main returns to its loop. */
void bridge_txn_begin(struct bridge *);
void bridge_txn_commit(struct bridge *);
void bridge_txn_abort(struct bridge *);

/* Removes every rule, without events, and puts back the rule of bridge_create() if there is one. */
void bridge_flush_flows(struct bridge *);

/* Which rules are meant by a request. */
struct bridge_flow_filter {
	uint8_t table_id; /* BRIDGE_TABLE_ALL: all. */
	const struct match *match; /* Rules that this covers; NULL: all. */
	uint64_t cookie, cookie_mask;
	uint32_t out_port; /* OFP_PORT_NONE: any. */
	uint32_t out_group; /* UINT32_MAX: any. */
};

struct bridge_flow_stats {
	struct match match;
	uint64_t cookie;
	uint64_t n_packets, n_bytes;
	int64_t duration_ms; /* Since it was added. */
	int64_t idle_ms; /* Since it was used, added or modified. */
	int64_t hard_ms; /* Since it was added or modified. */
	uint16_t priority;
	uint16_t idle_timeout_s, hard_timeout_s;
	uint16_t flags; /* OF_FLOW_* of the flow_mod. */
	uint16_t importance;
	uint8_t table_id;
	struct ofpacts actions; /* A view, borrowed for the call. */
};

/* Calls 'cb' for every rule that 'filter' means, by table; in a table from the highest priority.  Counters are those credited so far
 * (pipeline_sync_stats()).  'cb' must not change rules. */
void bridge_dump_flows(struct bridge *, const struct bridge_flow_filter *filter,
	void (*cb)(void *aux, const struct bridge_flow_stats *), void *aux);

struct bridge_aggregate_stats {
	uint64_t n_packets, n_bytes;
	uint32_t n_flows;
};

void bridge_get_aggregate(
	struct bridge *, const struct bridge_flow_filter *, struct bridge_aggregate_stats *);

struct bridge_table_stats {
	uint32_t n_active;
	uint64_t n_lookup, n_matched;
};

void bridge_get_table_stats(const struct bridge *, uint8_t table_id, struct bridge_table_stats *);

/* Rules in all tables. */
uint32_t bridge_n_flows(const struct bridge *);

/* Sends a frame through 'actions' as if it had come in on 'in_port' (OFP_PORT_CONTROLLER, OFP_PORT_LOCAL, a number).
 * Returns: OFERROR_OK, OFPBRC_BAD_PORT for 'in_port', or what is wrong with the actions. */
enum oferror bridge_packet_out(struct bridge *, uint32_t in_port, const struct ofpacts *actions,
	const void *frame, uint32_t len) MUST_CHECK;

/* Calls 'cb' when all changes to the bridge so far are in force (pipeline_barrier()). */
void bridge_barrier(struct bridge *, void (*cb)(void *aux), void *aux);

/* Checks an action list against what this switch can do, as bridge_flow_mod() does for a rule of 'match' in 'table_id'.
 * Returns: OFERROR_OK or the error to send. */
enum oferror bridge_check_ofpacts(const struct bridge *, const struct match *match,
	uint8_t table_id, const struct ofpacts *actions) MUST_CHECK;

/* The MAC table; borrowed for as long as the bridge lives. */
struct mac_table *bridge_mac_table(struct bridge *);

/* Adds a static address, or changes it.  Returns: 0, -ENOENT (port), -EINVAL (VLAN, address), -ENOSPC with 'err'. */
int bridge_mac_add_static(struct bridge *, const uint8_t mac[6], uint16_t vlan, uint32_t ofp_port,
	struct err *err) MUST_CHECK;

/* Forgets one address.  Returns: 0, -ENOENT. */
int bridge_mac_remove(struct bridge *, const uint8_t mac[6], uint16_t vlan) MUST_CHECK;

/* Forgets all that was learned; static addresses stay. */
void bridge_mac_flush(struct bridge *);

#endif /* PIPELINE_BRIDGE_H */
