/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OFCONN_OFSERVER_H
#define OFCONN_OFSERVER_H

/* ofserver: OpenFlow for one bridge: who may talk to it, and the connections.
 *
 * Model    Three kinds of connections.  Service connections come in on <rundir>/<bridge>.mgmt (ovs-ofctl and its like):
 *          no events until they ask.  Snoopers come in on <rundir>/<bridge>.snoop and get a copy of what the
 *          controllers are sent.  Controllers are targets that the configuration names: active ones ("tcp:",
 *          "ssl:", "unix:") are connected to and connected to again, passive ones ("ptcp:", "pssl:", "punix:")
 *          are listened for.
 *          The requests of one connection are carried out one after the other; one that must wait (a barrier, counters
 *          to be credited) holds up that connection only.
 * Rules    I1 Every request gets its reply or an error message, in the order of the requests.
 *          I2 Only a peer that breaks the framing or the hello is disconnected; whatever else is wrong is answered.
 *          I3 A peer that does not read is not read from, and loses its own events, counted; nobody waits for it.
 *          I4 A barrier is answered when what came before it is in force in the datapath.
 * Life     ofserver_create() -> ofserver_configure(), ofserver_set_controllers() -> ofserver_destroy(), before
 *          the bridge's.
 * Owner    strings and arrays passed in are copied.  The server listens to the bridge's events.
 * Threads  main, every function.
 * Cost     A connection's queue: about OFSERVER_MAX_BACKLOG bytes of events plus the reply to one request.
 * See      lib/ofconn/dispatch.c has the table of messages; tests/unit/ofconn/. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct bridge;
struct err;
struct loop;
struct ofserver;

/* Bytes waiting for a peer beyond which its events are left out. */
#define OFSERVER_MAX_BACKLOG (1024 * 1024)

/* NULL: the default. */
struct ofserver_config {
	const char *rundir; /* Where the sockets go. */
	const char *const *protocols; /* Bridge.protocols: "OpenFlow13"... */
	size_t n_protocols; /* 0: all versions that are complete. */
	const char *mfr_desc; /* What the description says; controllers choose drivers by these. */
	const char *hw_desc;
	const char *sw_desc;
	const char *serial_desc;
	const char *dp_desc;
};

/* A row of table Controller. */
struct ofserver_controller {
	const char *target; /* "tcp:IP:PORT", "ptcp:PORT"... */
	bool service; /* Controller.type "service": no events until asked for. */
	int64_t max_backoff_ms; /* 0: default. */
	int64_t probe_ms; /* Inactivity probe; 0: none, -1: default. */
};

/* What the columns of a row of table Controller say. */
struct ofserver_controller_status {
	bool is_connected;
	const char *role; /* "primary", "secondary", "other"; "other" while not connected. */
	const char *state; /* "VOID", "BACKOFF", "CONNECTING", "ACTIVE", "IDLE". */
	int last_error; /* 0 or -errno. */
	int64_t sec_since_connect; /* -1: never. */
	int64_t sec_since_disconnect; /* -1: never. */
	uint32_t n_connections; /* Of a passive target. */
};

struct ofserver_stats {
	uint32_t n_conns; /* All kinds. */
	uint64_t messages; /* Received. */
	uint64_t errors; /* Error messages sent. */
	uint64_t events_dropped; /* Because the peer did not read. */
};

/* Serves 'bridge'.  Names of protocols that are unknown or not complete are logged and left out.
 * Returns: 0, or -errno with 'err' when the management socket cannot be bound. */
int ofserver_create(struct loop *loop, struct bridge *bridge, const struct ofserver_config *config,
	struct ofserver **serverp, struct err *err) MUST_CHECK;

/* Applies a changed configuration; 'rundir' is not looked at.  Connections whose version is no longer allowed are closed. */
void ofserver_configure(struct ofserver *server, const struct ofserver_config *config);

/* Replaces the controllers.  Those that stay as they are keep their connections.
 * Returns: how many targets could not be used; each is logged, and its status tells. */
size_t ofserver_set_controllers(
	struct ofserver *server, const struct ofserver_controller *controllers, size_t n);

/* The state of the controller with that target.  Returns: false if there is none. */
bool ofserver_get_controller(const struct ofserver *server, const char *target,
	struct ofserver_controller_status *status);

void ofserver_get_stats(const struct ofserver *server, struct ofserver_stats *stats);

/* Closes every connection and socket.  Accepts NULL. */
void ofserver_destroy(struct ofserver *server);

#endif /* OFCONN_OFSERVER_H */
