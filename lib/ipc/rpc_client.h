/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_RPC_CLIENT_H
#define IPC_RPC_CLIENT_H

/* rpc_client: blocking JSON-RPC for command line tools.
 *
 * Model    One connection without a loop.  A request waits for its answer; notifications that arrive
 *          meanwhile are kept for rpc_client_next().  Echo requests of the peer are answered whenever
 *          the client reads.
 * Owner    Messages and values that come out belong to the caller.
 * Threads  none; one thread uses a client.
 * Cost     Kept notifications are bounded by RPC_CLIENT_MAX_KEPT; above it calls fail with -ENOBUFS.
 * See      tests/unit/ipc/rpc_client_test.c. */

#include <jansson.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;
struct jsonrpc_msg;
struct rpc_client;

#define RPC_CLIENT_MAX_KEPT 10000

/* Deadlines are times of clock_ms(); this one is never reached. */
#define RPC_CLIENT_FOREVER INT64_MAX

/* Connects to 'name' (unix:, tcp:, ssl:; port 6640 if left out).  Returns: 0, -ETIMEDOUT, -errno. */
int rpc_client_open(const char *name, int64_t deadline_ms, struct rpc_client **clientp,
	struct err *err) MUST_CHECK;
void rpc_client_close(struct rpc_client *client);

/* Sends a request and waits for the answer to it.  A JSON-RPC error is an answer, too: then '*resultp'
 * is NULL and '*errorp' the error.  Owner: takes 'params'; '*resultp' and '*errorp' are the caller's.
 * Returns: 0 (result), -EREMOTEIO (error), -ETIMEDOUT, -ECONNRESET (the peer closed), -EPROTO, -errno.
 * 'err' is set in every failure. */
int rpc_client_call(struct rpc_client *client, const char *method, json_t *params,
	int64_t deadline_ms, json_t **resultp, json_t **errorp, struct err *err) MUST_CHECK;

/* Sends 'msg' and does not wait for an answer.  Owner: takes 'msg'. */
int rpc_client_send(struct rpc_client *client, struct jsonrpc_msg *msg, int64_t deadline_ms,
	struct err *err) MUST_CHECK;

/* The next message of the peer: kept ones first.  Returns: 0, -ETIMEDOUT, -ECONNRESET, -EPROTO,
 * -errno.  Owner: '*msgp' is the caller's. */
int rpc_client_next(struct rpc_client *client, int64_t deadline_ms, struct jsonrpc_msg **msgp,
	struct err *err) MUST_CHECK;

#endif /* IPC_RPC_CLIENT_H */
