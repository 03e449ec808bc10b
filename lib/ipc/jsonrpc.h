/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_JSONRPC_H
#define IPC_JSONRPC_H

/* jsonrpc: JSON-RPC 1.0 messages over one stream on a loop.
 *
 * Model    A message is a request, a notification, a reply or an error.  A connection turns the bytes of
 *          a stream into messages for its owner's callbacks, and the owner's messages into bytes.
 * Rules    R1 what a peer sends can close its own connection and nothing else.
 *          R2 at most JSONRPC_BATCH messages of one connection are delivered per call from the loop.
 *          R3 the bytes queued for a peer stay under the limit: above it the connection is closed.
 *          R4 'closed' is called at most once, from the loop, never from within jsonrpc_send().
 * Life     jsonrpc_create() -> message* -> closed -> jsonrpc_destroy().  The owner may destroy at any
 *          time, also within a callback; 'closed' is not called then.
 * Owner    The connection owns its stream.  See each function for messages.
 * Threads  The thread of the loop.
 * Cost     A message is parsed once and printed once; the queue is one buffer.
 * See      tests/unit/ipc/jsonrpc_test.c. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;
struct json_limits;
struct loop;
struct stream;
struct jsonrpc;

#define JSONRPC_BATCH 50
#define JSONRPC_MAX_BACKLOG_DEFAULT ((size_t)256 << 20)

enum jsonrpc_type {
	JSONRPC_REQUEST, /* method, params, id */
	JSONRPC_NOTIFY, /* method, params */
	JSONRPC_REPLY, /* result, id */
	JSONRPC_ERROR, /* error, id */
	N_JSONRPC_TYPES
};

/* Members that the type does not use are NULL. */
struct jsonrpc_msg {
	enum jsonrpc_type type;
	char *method; /* Owned. */
	json_t *params; /* Owned; always an array. */
	json_t *result; /* Owned; may be JSON null. */
	json_t *error; /* Owned; never JSON null. */
	json_t *id; /* Owned; never JSON null. */
};

/* Constructors.  Owner: they take a reference to each json_t argument from the caller. */
/* A request with a fresh id that is unique in this process.  If 'idp' is not NULL, it is set to the id
 * with a reference of its own. */
struct jsonrpc_msg *jsonrpc_msg_create_request(const char *method, json_t *params, json_t **idp);
struct jsonrpc_msg *jsonrpc_msg_create_notify(const char *method, json_t *params);
struct jsonrpc_msg *jsonrpc_msg_create_reply(json_t *result, json_t *id);
struct jsonrpc_msg *jsonrpc_msg_create_error(json_t *error, json_t *id);
void jsonrpc_msg_destroy(struct jsonrpc_msg *msg);

/* Checks the shape of 'json'.  Owner: borrows 'json'.  Returns: 0, -EPROTO. */
int
jsonrpc_msg_from_json(const json_t *json, struct jsonrpc_msg **msgp, struct err *err) MUST_CHECK;

/* The message as JSON.  Owner: the result is the caller's, 'msg' stays the caller's. */
json_t *jsonrpc_msg_to_json(const struct jsonrpc_msg *msg);

const char *jsonrpc_type_name(enum jsonrpc_type type);

struct jsonrpc_ops {
	/* A message came.  Owner: 'msg' now belongs to the callee. */
	void (*message)(void *aux, struct jsonrpc *rpc, struct jsonrpc_msg *msg);

	/* The connection is dead: 'error' is 0 at the end of the stream, else -errno (-EPROTO for
	 * garbage, -ENOBUFS for a backlog above the limit); 'why' is for people.  The callee destroys
	 * 'rpc', now or later. */
	void (*closed)(void *aux, struct jsonrpc *rpc, int error, const char *why);

	/* The stream is connected.  May be NULL. */
	void (*connected)(void *aux, struct jsonrpc *rpc);

	/* Bytes came.  May be NULL; session's probes use it. */
	void (*activity)(void *aux, struct jsonrpc *rpc);
};

/* Runs JSON-RPC over 'stream', which may still be connecting.  Owner: takes 'stream', also on failure.
 * 'ops' must outlive the connection.  Returns: 0, -errno of registering with the loop. */
int jsonrpc_create(struct loop *loop, struct stream *stream, const struct jsonrpc_ops *ops,
	void *aux, struct jsonrpc **rpcp) MUST_CHECK;
void jsonrpc_destroy(struct jsonrpc *rpc);

/* Queues 'msg' and sends what the socket takes.  On a dead connection 'msg' is dropped.  Owner: takes
 * 'msg'. */
void jsonrpc_send(struct jsonrpc *rpc, struct jsonrpc_msg *msg);

/* Bytes queued and not yet taken by the socket. */
size_t jsonrpc_backlog_bytes(const struct jsonrpc *rpc);

/* Closes the connection when more than 'max_bytes' are queued.  0 stands for the default. */
void jsonrpc_set_max_backlog(struct jsonrpc *rpc, size_t max_bytes);

/* Limits for the messages of the peer. */
void jsonrpc_set_limits(struct jsonrpc *rpc, const struct json_limits *limits);

/* Stops (or resumes) reading and delivering: back pressure. */
void jsonrpc_pause(struct jsonrpc *rpc, bool pause);

/* Name of the peer. */
const char *jsonrpc_name(const struct jsonrpc *rpc);

/* The stream, borrowed; NULL once the connection is dead. */
struct stream *jsonrpc_stream(struct jsonrpc *rpc);

#endif /* IPC_JSONRPC_H */
