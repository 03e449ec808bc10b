/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_RECONNECT_H
#define IPC_RECONNECT_H

/* reconnect: keeps one stream to one of several remotes, whatever is spoken over it.
 *
 * Model    A list of active remotes is tried in turn.  Each failure doubles the wait before the next
 *          attempt, from 'min_backoff_ms' to 'max_backoff_ms'.  Once connected, silence of
 *          'probe_ms' makes it ask the owner for a probe (an echo request), and as much silence again
 *          makes it give up the connection.  session (JSON-RPC) and OpenFlow connections stand on it.
 * Rules    C1 'connected' and 'lost' alternate, 'connected' first.
 *          C2 the wait is never below the minimum nor above the maximum; a connection that lasted as
 *             long as the current wait sets it back to the minimum.
 * Life     VOID (no remotes) | BACKOFF -> CONNECTING -> ACTIVE <-> IDLE -> BACKOFF
 *          reconnect_create() begins with CONNECTING from the loop's next turn.
 * Owner    The stream belongs to the owner from 'connected' on; the owner destroys it in 'lost' or before
 *          reconnect_failed().
 * Threads  The thread of the loop.
 * Cost     One timer.
 * See      session.h, tests/unit/ipc/session_test.c. */

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;
struct loop;
struct stream;
struct reconnect;

enum reconnect_state {
	RECONNECT_VOID, /* Nothing to connect to, or closed for good. */
	RECONNECT_BACKOFF, /* Waiting before the next attempt. */
	RECONNECT_CONNECTING, /* An attempt runs. */
	RECONNECT_ACTIVE, /* Connected. */
	RECONNECT_IDLE, /* Connected, and the peer owes the answer to a probe. */
	N_RECONNECT_STATES
};

#define RECONNECT_MIN_BACKOFF_MS 1000
#define RECONNECT_MAX_BACKOFF_MS 8000
#define RECONNECT_PROBE_MS 5000

/* "VOID", "BACKOFF"...: the words of the status columns. */
const char *reconnect_state_name(enum reconnect_state state);

struct reconnect_ops {
	/* Connected.  Owner: 'stream' belongs to the callee. */
	void (*connected)(void *aux, struct stream *stream);

	/* Send something that the peer must answer. */
	void (*probe)(void *aux);

	/* The connection is given up (no answer to a probe, or reconnect_force()): destroy the stream.
	 * Not called for what the owner reported with reconnect_failed(). */
	void (*lost)(void *aux, const char *why);
};

struct reconnect_status {
	enum reconnect_state state;
	bool is_connected; /* ACTIVE or IDLE. */
	int last_error; /* 0 or the -errno that ended the last attempt or connection. */
	int64_t sec_since_connect; /* Since the last connection was made, -1 if there was none. */
	int64_t sec_since_disconnect; /* Since the last one was lost, -1 if none was. */
	uint64_t n_connects; /* Connections made. */
	uint64_t n_attempts; /* Attempts begun. */
	const char *remote; /* Current remote, borrowed until the next call, or "". */
};

/* Connects to 'remotes', active names separated by commas.  Returns: 0, -EINVAL (a name of no active
 * form; 'err' says which). */
int reconnect_create(struct loop *loop, const char *remotes, uint16_t default_port,
	const struct reconnect_ops *ops, void *aux, struct reconnect **rp,
	struct err *err) MUST_CHECK;

/* Watches one stream that was accepted: probes it, never connects again.  Begins ACTIVE; the stream
 * stays the caller's and 'connected' is not called. */
struct reconnect *reconnect_create_accepted(
	struct loop *loop, const char *name, const struct reconnect_ops *ops, void *aux);

/* Safe within callbacks.  Does not touch the stream that the owner holds. */
void reconnect_destroy(struct reconnect *r);

/* The owner tells that bytes came from the peer. */
void reconnect_activity(struct reconnect *r);

/* The owner tells that the connection broke with 'error' (0: closed by the peer).  'lost' is not
 * called. */
void reconnect_failed(struct reconnect *r, int error);

/* Gives up the connection, if any, and begins anew with the first remote at once. */
void reconnect_force(struct reconnect *r);

/* Waits for reconnecting; 0 stands for the default. */
void reconnect_set_backoff(struct reconnect *r, int64_t min_ms, int64_t max_ms);

/* Silence that makes a probe due; 0 turns probing off. */
void reconnect_set_probe(struct reconnect *r, int64_t probe_ms);

void reconnect_get_status(const struct reconnect *r, struct reconnect_status *status);

#endif /* IPC_RECONNECT_H */
