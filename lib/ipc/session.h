/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_SESSION_H
#define IPC_SESSION_H

/* session: a JSON-RPC connection that comes back by itself.
 *
 * Model    reconnect.h keeps the stream, jsonrpc.h speaks over it.  The session answers "echo" requests
 *          and consumes the replies to its own probes; everything else is its owner's.
 * Rules    E1 no message of an earlier connection is delivered after 'connected' of a later one, and
 *             what was queued for the earlier one is gone: the owner says again what still holds.
 * Life     session_create() -> connected -> message* -> disconnected -> connected...
 * Owner    'message' takes the message.  Strings of the status are borrowed until the next call.
 * Threads  The thread of the loop.
 * Cost     That of reconnect and jsonrpc.
 * See      tests/unit/ipc/session_test.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "ipc/reconnect.h"

struct err;
struct json_limits;
struct jsonrpc_msg;
struct loop;
struct stream;
struct session;

struct session_ops {
	void (*connected)(void *aux, struct session *session);
	/* 'why' is for people.  A session made with session_create_accepted() is dead now: the callee
	 * destroys it, now or later. */
	void (*disconnected)(void *aux, struct session *session, int error, const char *why);
	/* Owner: 'msg' belongs to the callee. */
	void (*message)(void *aux, struct session *session, struct jsonrpc_msg *msg);
};

/* Connects to 'remotes' (active names, comma separated; port 6640 if left out).  'ops' must outlive the
 * session.  Returns: 0, -EINVAL. */
int session_create(struct loop *loop, const char *remotes, const struct session_ops *ops, void *aux,
	struct session **sessionp, struct err *err) MUST_CHECK;

/* A session over an accepted stream: probes, but no second connection.  'connected' is not called.
 * Owner: takes 'stream', also on failure.  Returns: 0, -errno of registering with the loop. */
int session_create_accepted(struct loop *loop, struct stream *stream, const struct session_ops *ops,
	void *aux, struct session **sessionp) MUST_CHECK;

/* Safe within callbacks.  NULL is allowed. */
void session_destroy(struct session *session);

/* Sends 'msg', or drops it when not connected.  Owner: takes 'msg'.  Returns: 0, -ENOTCONN. */
int session_send(struct session *session, struct jsonrpc_msg *msg);

bool session_is_connected(const struct session *session);
size_t session_backlog_bytes(const struct session *session);

/* Name of the peer, or of the remote that is tried or waited for.  Borrowed until the next call. */
const char *session_name(const struct session *session);

/* As those of reconnect.h. */
void session_force_reconnect(struct session *session);
void session_set_backoff(struct session *session, int64_t min_ms, int64_t max_ms);
void session_set_probe(struct session *session, int64_t probe_ms);
void session_get_status(const struct session *session, struct reconnect_status *status);

/* As those of jsonrpc.h; they hold for later connections, too. */
void session_set_max_backlog(struct session *session, size_t max_bytes);
void session_set_limits(struct session *session, const struct json_limits *limits);
void session_pause(struct session *session, bool pause);

#endif /* IPC_SESSION_H */
