/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_PIPELINE_PRIV_H
#define PIPELINE_PIPELINE_PRIV_H

/* pipeline_priv: the pipeline's insides: what main edits and what the handler sees.
 *
 * Model    Main's side: 'struct pipeline' has bridges, a bridge has ports and, in its 'struct tables', rules.
 *          The published side: 'struct snapshot' with its bridges and ports, immutable, replaced as a whole; 'struct
 *          tables' with the classifiers, shared and versioned; the MAC tables; and the version number.
 *          Cells hold counters; rules, megaflows and messages under way count references to them.
 *          Messages to main (punted packets, addresses to learn, rules whose readers are gone) go through one inbox.
 *          A "generation" counts changes that cached verdicts must catch up with: 'gen_wanted' is the newest, 'gen_asked'
 *          what the rejudge under way covers, 'gen_done' what is in force everywhere.
 * Rules    I1 A rule is unlinked from its classifier only when no reader is left at a version in which it was visible.
 * Threads  members: main, unless they say otherwise. */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/hmap.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/shash.h"
#include "classifier/classifier.h"
#include "openflow/ofpact.h"
#include "pipeline/bridge.h"
#include "pipeline/mac_table.h"
#include "pipeline/pipeline.h"
#include "rcu/mpsc.h"

struct str;

/* ---- Cells ---- */

/* Counters of a rule; lives as long as a rule, a megaflow or a pending event needs it.  Any thread adds. */
struct rule_cell {
	_Atomic uint32_t refs;
	_Atomic uint64_t n_packets, n_bytes;
	_Atomic int64_t used_ms; /* clock_ms() of the last packet; creation at first. */
};

/* Counters of a bridge's tables. */
struct table_cells {
	_Atomic uint32_t refs;
	struct {
		_Atomic uint64_t n_matched, n_missed;
	} t[BRIDGE_N_TABLES];
};

/* Counters of a patch port. */
struct port_cell {
	_Atomic uint32_t refs;
	_Atomic uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
};

struct rule_cell *rule_cell_create(int64_t now_ms);
struct rule_cell *rule_cell_ref(struct rule_cell *);
void rule_cell_unref(struct rule_cell *); /* Accepts NULL, like the next two. */
void table_cells_unref(struct table_cells *);
void port_cell_unref(struct port_cell *);

/* ---- Rules ---- */

/* Immutable once published, but for its place in lists. */
struct rule {
	struct classifier_rule cr; /* In its table's classifier. */
	struct list
		table_node; /* In table.rules; in a transaction's or batch's list when it goes. */
	struct list timeout_node; /* In tables.expirable, if it has a timeout. */
	struct classifier *cls; /* That it is in. */
	struct rule_cell *cell; /* A reference. */
	uint64_t cookie;
	int64_t created_ms, modified_ms;
	uint16_t idle_timeout_s, hard_timeout_s;
	uint16_t flags, importance;
	uint8_t table_id;
	bool is_miss; /* The table-miss rule: priority 0, matches all. */
	struct ofpacts actions;
};

struct table {
	_Atomic(struct classifier *)
		cls; /* NULL until there is a rule.  Main stores with release. */
	struct list rules; /* Visible in the version under construction, oldest first. */
	uint32_t n_rules; /* In 'rules'. */
};

/* A bridge's rules: outlives the bridge until no reader is left. */
struct tables {
	struct table t[BRIDGE_N_TABLES];
	struct list expirable; /* Rules with a timeout. */
	uint32_t n_rules;
};

/* ---- Ports and bridges, main's side ---- */

struct bridge_port {
	struct hmap_node node; /* In bridge.ports, by number. */
	char *name;
	char *peer; /* Patch port: the other end's name; else NULL. */
	uint32_t ofp_port;
	uint32_t dp_port; /* UINT32_MAX: none. */
	uint8_t mac[6];
	uint32_t mtu;
	bool admin_up, link_up, full_duplex;
	uint64_t link_speed_bps;
	uint32_t config; /* BRIDGE_PORT_* set by controllers. */
	struct bridge_vlan_config vlan; /* 'trunks' points to 'trunks' below, or is NULL. */
	unsigned long trunks[BRIDGE_VLAN_WORDS];
	struct port_cell *cell; /* A reference. */
	int64_t created_ms;
};

struct bridge {
	struct pipeline *pipeline;
	char *name;
	uint32_t id;
	struct bridge_config config; /* 'flood_vlans' points to 'flood_vlans' below, or is NULL. */
	unsigned long flood_vlans[BRIDGE_VLAN_WORDS];
	const struct bridge_events *events; /* Or NULL. */
	void *events_aux;

	struct hmap ports;
	struct shash port_names; /* struct bridge_port. */
	uint32_t next_ofp_port; /* Where the search for a free number goes on. */
	struct mac_table *macs;

	struct tables *tables;
	struct table_cells *cells; /* A reference. */
	bool in_txn;
	struct list txn_log; /* struct undo, oldest first. */
	struct list txn_events; /* struct removed_event, for the commit. */
};

/* ---- What is published ---- */

struct snap_port {
	uint32_t ofp_port;
	uint32_t dp_port; /* UINT32_MAX: none. */
	const struct snap_bridge *bridge;
	const struct snap_port *peer; /* The other end of a patch port, or NULL. */
	bool is_patch;
	bool is_protected;
	uint32_t config;
	enum bridge_vlan_mode vlan_mode;
	enum bridge_priority_tags priority_tags;
	uint16_t tag;
	const unsigned long *trunks; /* In the snapshot; NULL: all. */
	struct port_cell *cell; /* A reference, for patch ports; else NULL. */
};

struct snap_bridge {
	uint32_t id;
	uint32_t n_ports;
	struct snap_port *ports; /* By ascending ofp_port. */
	struct tables *tables;
	struct table_cells *cells; /* A reference. */
	const struct mac_table *macs;
	const unsigned long *flood_vlans; /* In the snapshot; NULL: none. */
	bool forward_bpdu;
};

struct snapshot {
	uint32_t n_bridges;
	struct snap_bridge *bridges; /* By ascending id. */
	uint32_t n_dp_ports;
	const struct snap_port **dp_ports; /* By datapath port; NULL where there is none. */
	struct snap_port *ports; /* All bridges' ports. */
	uint32_t n_ports;
	unsigned long *bitmaps; /* What trunks and flood_vlans point into. */
};

/* ---- Pipeline ---- */

/* Limits of what the handler may have under way to main. */
#define INBOX_MAX_PUNTS 4096
#define INBOX_MAX_LEARNS 8192

enum message_kind {
	MESSAGE_PUNT, /* struct punt_message */
	MESSAGE_LEARN, /* struct learn_message */
	MESSAGE_READERS_GONE /* struct dead_batch */
};

struct message {
	struct mpsc_node node; /* In pipeline.inbox. */
	enum message_kind kind;
};

/* Callbacks that wait for a generation or a sweep. */
struct waiter {
	struct list node; /* In pipeline.barriers or pipeline.syncs. */
	uint64_t target; /* A generation; a sweep's number among ours. */
	void (*cb)(void *aux);
	void *aux;
};

struct pipeline {
	struct loop *loop;
	const struct pipeline_client_ops *ops; /* NULL: not attached. */
	void *ops_ctx;
	struct shash bridges; /* struct bridge, by name. */
	uint32_t next_bridge_id;

	/* Published.  Main stores with release; the handler loads with acquire. */
	_Atomic(struct snapshot *) snapshot;
	_Atomic uint64_t version; /* Of rules. */
	bool snapshot_stale; /* Ports or bridges changed since. */
	bool version_stale; /* Rules were edited for version + 1. */

	/* Rejudging: see Model. */
	uint64_t gen_wanted, gen_asked, gen_done;
	uint64_t rejudge_seq; /* Of the request under way. */
	bool rejudge_busy;
	uint64_t sweep_wanted, sweep_asked, sweep_done; /* The same, for sweeps. */
	uint64_t sweep_seq;
	bool sweep_busy;
	struct list barriers, syncs; /* struct waiter, by target. */
	struct list removed_events; /* struct removed_event, by generation. */
	bool expiry_pending; /* Idle timeouts are looked at when the sweep under way is done. */

	uint32_t n_edits; /* Flow modifications since the last wait for readers. */
	struct list dying; /* Rules hidden from the version under construction on, by table_node. */
	struct mpsc_queue inbox;
	int wake_fd; /* An eventfd: something is in the inbox. */
	struct loop_fd *wake_watch;
	_Atomic bool woken; /* Written to since main looked.  Any thread. */
	struct loop_timer timer;

	/* Any thread. */
	_Atomic uint32_t n_punts_queued, n_learns_queued;
	_Atomic uint64_t n_translations, n_punts, n_punts_dropped, n_learns_dropped;
	uint64_t n_snapshots, n_rejudges;
};

static inline uint64_t
pipeline_version(const struct pipeline *p)
{
	/* Pairs with the release in pipeline_publish_rules(). */
	return atomic_load_explicit(&p->version, memory_order_acquire);
}

/* Puts 'm' into the inbox.  Role: any. */
void pipeline_post(struct pipeline *, struct message *m);

/* Verdicts may have changed: asks for a rejudge at the next pipeline_run(). */
void pipeline_want_rejudge(struct pipeline *);

/* Publishes pending edits of rules, or of ports and bridges.  Role: main. */
void pipeline_publish_rules(struct pipeline *);
void pipeline_publish_snapshot(struct pipeline *);

const struct snap_bridge *snapshot_find_bridge(const struct snapshot *, uint32_t id);
const struct snap_port *snap_bridge_find_port(const struct snap_bridge *, uint32_t ofp_port);

/* Builds a snapshot of all bridges; frees one that no reader has. */
struct snapshot *snapshot_create(const struct pipeline *);
void snapshot_destroy(void *snapshot);

/* ---- Rules (rule.c) ---- */

struct tables *tables_create(void);

/* Has all rules go, quietly, and the tables with them, when no reader is left.  Role: main. */
void tables_retire(struct pipeline *, struct tables *);

/* Rules whose readers are gone are unlinked and retired. */
struct dead_batch {
	struct message message;
	struct pipeline *pipeline;
	struct list rules; /* By table_node. */
	struct tables *tables; /* To be freed with them, or NULL. */
};

/* Retires what is in pipeline.dying, after the version that hides it was published. */
void rules_flush_dying(struct pipeline *);
void rules_readers_gone(struct dead_batch *);

/* Puts in, or takes out, the rule that makes a standalone bridge switch. */
void bridge_install_default(struct bridge *);

/* An event that waits until the rule's counters are final. */
struct removed_event {
	struct list node; /* In pipeline.removed_events. */
	uint64_t gen;
	uint32_t bridge_id;
	struct rule_cell *cell; /* A reference. */
	struct bridge_flow_removed event;
};

/* Sends the events whose generation is done. */
void rules_send_removed(struct pipeline *);

/* Looks for timeouts.  'swept': the counters are fresh, idle rules may go. */
void rules_expire(struct pipeline *, int64_t now_ms, bool swept);

/* ---- Effects (effect.c) ---- */

struct punt_message {
	struct message message;
	uint32_t bridge_id;
	struct bridge_packet_in pin; /* 'data' and 'userdata' point into 'bytes'. */
	uint8_t bytes[];
};

struct learn_message {
	struct message message;
	uint32_t bridge_id;
	uint32_t ofp_port;
	uint16_t vlan;
	uint8_t mac[6];
	int64_t used_ms;
};

struct op_punt;

/* As struct miss_ops.punt.  Role: handler. */
void effect_punt(void *pipeline, const struct op_punt *, const struct flow *key, const void *data,
	uint32_t len, uint32_t orig_len);

void effect_run_punt(struct pipeline *, struct punt_message *);
void effect_run_learn(struct pipeline *, struct learn_message *);

/* Who is told of a megaflow's traffic. */
enum contrib_type {
	CONTRIB_RULE,
	CONTRIB_TABLE_MATCHED,
	CONTRIB_TABLE_MISSED,
	CONTRIB_PORT_RX, /* Patch ports. */
	CONTRIB_PORT_TX,
	CONTRIB_LEARN
};

struct contrib {
	uint8_t type; /* enum contrib_type */
	uint8_t table_id;
	uint16_t vlan; /* LEARN, as are the next three. */
	uint8_t mac[6];
	uint32_t bridge_id;
	uint32_t ofp_port;
	union {
		struct rule_cell *rule;
		struct table_cells *tables;
		struct port_cell *port;
	} u; /* A reference. */
};

struct contribs {
	uint32_t n;
	struct contrib c[];
};

void contribs_destroy(struct contribs *);
void contribs_credit(struct pipeline *, const struct contribs *, uint64_t n_packets,
	uint64_t n_bytes, int64_t used_ms);

#endif /* PIPELINE_PIPELINE_PRIV_H */
