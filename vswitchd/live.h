/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_LIVE_H
#define VSWITCHD_LIVE_H

/* live: what runs: bridges, their OpenFlow servers, their ports.
 *
 * Model    A mirror of the wanted that was applied last: for each bridge of it a 'struct live_bridge', for each
 *          interface a 'struct live_iface', which either works or says why not.  live_apply() carries out a plan
 *          step by step; a step that fails marks its object and the others go on.
 * Owner    the live set owns ports, bridges' OpenFlow servers and texts.
 * Threads  main. */

#include "base/hmap.h"
#include "plan.h"
#include "port/port.h"

struct bridge;
struct command_server;
struct datapath;
struct live_iface;
struct loop;
struct ofserver;
struct pipeline;

#define LIVE_NO_OFPORT UINT32_MAX
#define LIVE_ALONE_MS \
	15000 /* Without a controller, before a bridge of fail_mode standalone switches on its own. */

struct live_env {
	struct loop *loop;
	struct pipeline *pipeline;
	struct datapath *datapath;
	const struct port_ops *const *drivers; /* NULL ended. */
	const char *rundir;
	/* A driver has something for main; see port_config.wake.  Any thread. */
	void (*wake)(void *aux);
	void *wake_aux;
};

struct live_bridge {
	struct hmap_node node; /* In live.bridges, by name. */
	char *name;
	struct uuid uuid;
	struct bridge *bridge;
	struct ofserver *ofserver;
	struct ether_addr mac;
	uint64_t datapath_id;
	int64_t contact_ms; /* When a controller was connected last, or none was asked for. */
	bool is_alone; /* That was LIVE_ALONE_MS ago. */
	struct hmap ifaces; /* struct live_iface, by name. */
	char *error; /* Why it could not be made; NULL if it was. */
};

struct live_iface {
	struct hmap_node node; /* In its bridge's 'ifaces'. */
	char *name;
	struct uuid uuid;
	struct live_bridge *br;
	struct port *port; /* NULL: patch, or failed. */
	bool is_patch;
	bool starting; /* 'port' was added in the plan at hand, and does not receive yet. */
	uint32_t ofport; /* LIVE_NO_OFPORT: failed. */
	uint32_t generation; /* Of the port's queues that the datapath has. */
	bool link_known;
	bool admin_up, link_up;
	char *error; /* NULL: works. */
	int64_t retry_ms; /* If it failed: not tried again before this time, unless its row changes. */
	int backoff_ms; /* The wait after its last failure. */
};

struct live {
	struct live_env env;
	struct hmap bridges;
	uint32_t n_txq; /* Transmit queues to ask of ports: one a pmd. */
	size_t n_failed; /* Interfaces that do not work. */
};

void live_init(struct live *, const struct live_env *);
void live_uninit(struct live *); /* Takes everything down. */
void live_apply(struct live *, const struct plan *);

/* Bridges whose controllers are gone for long take over, and give way when one is back.  Sockets that could not be opened
 * are tried again.  Returns: whether the status of a bridge has changed by that. */
bool live_check_controllers(struct live *, const struct wanted *);

/* Drivers' pending work, changed queues, links. */
void live_run(struct live *);

struct live_bridge *live_find_bridge(const struct live *, const char *name);
struct live_iface *live_find_iface(const struct live_bridge *, const char *name);

/* For plan_make(): whether the interface is to be tried again.  'aux' is the 'struct live *'. */
bool live_has_failed(void *live, const char *bridge, const char *iface);

/* The interface of a datapath port, or NULL. */
struct live_iface *live_find_dp_port(const struct live *, uint32_t dp_port);

#endif /* VSWITCHD_LIVE_H */
