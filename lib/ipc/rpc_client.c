/* SPDX-License-Identifier: Apache-2.0 */
/* rpc_client: JSON-RPC for a program that does one thing after the other.
 *
 * Built on a stream without a loop: stream_wait() is the only place where it sleeps. */

#include "ipc/rpc_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"
#include "ipc/json.h"
#include "ipc/jsonrpc.h"
#include "ipc/stream.h"

/* A client reads databases, not requests: it takes larger answers than a server takes requests. */
#define RPC_CLIENT_MAX_BYTES ((size_t)1 << 30)
#define RPC_CLIENT_MAX_VALUES ((size_t)256 << 20)

struct kept_msg {
	struct list node;
	struct jsonrpc_msg *msg;
};

struct rpc_client {
	struct stream *stream;
	struct json_stream parser;
	char in[65536];
	size_t in_off; /* Bytes of 'in' not yet parsed: [in_off, in_len). */
	size_t in_len;
	struct list kept; /* Of struct kept_msg: messages that no call has waited for. */
	size_t n_kept;
};

int
rpc_client_open(const char *name, int64_t deadline_ms, struct rpc_client **clientp, struct err *err)
{
	struct json_limits limits = { .max_bytes = RPC_CLIENT_MAX_BYTES,
		.max_values = RPC_CLIENT_MAX_VALUES,
		.max_depth = JSON_MAX_DEPTH };
	struct stream *stream;
	struct rpc_client *c;
	int error;

	*clientp = NULL;
	error = stream_open(name, STREAM_PORT_OVSDB, &stream, err);
	if (error != 0)
		return error;
	while ((error = stream_connect(stream)) == -EAGAIN) {
		error = stream_wait(stream, false, true, deadline_ms);
		if (error != 0)
			break;
	}
	if (error != 0) {
		const char *text = stream_error_text(stream);

		err_set(err, "%s: %s", name, text[0] != '\0' ? text : strerror(-error));
		stream_destroy(stream);
		return error;
	}
	c = xzalloc(sizeof *c);
	c->stream = stream;
	json_stream_init(&c->parser, &limits);
	list_init(&c->kept);
	*clientp = c;
	return 0;
}

/* Returns: the oldest message kept, or NULL.  Owner: the caller. */
static struct jsonrpc_msg *
take_kept(struct rpc_client *c)
{
	struct kept_msg *kept;
	struct jsonrpc_msg *msg;

	if (list_is_empty(&c->kept))
		return NULL;
	kept = CONTAINER_OF(list_pop_front(&c->kept), struct kept_msg, node);
	c->n_kept--;
	msg = kept->msg;
	free(kept);
	return msg;
}

void
rpc_client_close(struct rpc_client *client)
{
	struct jsonrpc_msg *msg;

	if (client == NULL)
		return;
	while ((msg = take_kept(client)) != NULL)
		jsonrpc_msg_destroy(msg);
	json_stream_uninit(&client->parser);
	stream_destroy(client->stream);
	free(client);
}

int
rpc_client_send(
	struct rpc_client *client, struct jsonrpc_msg *msg, int64_t deadline_ms, struct err *err)
{
	json_t *json = jsonrpc_msg_to_json(msg);
	char *text = json_format(json, 0);
	size_t len = strlen(text);
	size_t sent = 0;
	int error = 0;

	jsonrpc_msg_destroy(msg);
	json_decref(json);
	while (error == 0 && sent < len) {
		ssize_t n = stream_send(client->stream, text + sent, len - sent);

		if (n > 0)
			sent += (size_t)n;
		else if (n == -EAGAIN)
			error = stream_wait(client->stream, false, true, deadline_ms);
		else
			error = (int)n;
	}
	free(text);
	if (error != 0)
		err_set(err, "%s: send failed: %s", stream_name(client->stream), strerror(-error));
	return error;
}

/* Receives more bytes, waiting for them. */
static int
fill(struct rpc_client *c, int64_t deadline_ms, struct err *err)
{
	int error = 0;

	while (error == 0) {
		ssize_t n = stream_recv(c->stream, c->in, sizeof c->in);

		if (n > 0) {
			c->in_off = 0;
			c->in_len = (size_t)n;
			return 0;
		}
		if (n == 0)
			error = -ECONNRESET;
		else if (n == -EAGAIN)
			error = stream_wait(c->stream, true, false, deadline_ms);
		else
			error = (int)n;
	}
	if (error == -ECONNRESET)
		err_set(err, "%s: connection closed by peer", stream_name(c->stream));
	else
		err_set(err, "%s: %s", stream_name(c->stream), strerror(-error));
	return error;
}

/* The next message from the socket, echo requests included. */
static int
receive(struct rpc_client *c, int64_t deadline_ms, struct jsonrpc_msg **msgp, struct err *err)
{
	json_t *json = NULL;
	size_t used;
	int error;

	*msgp = NULL;
	while (json == NULL) {
		if (c->in_off == c->in_len) {
			error = fill(c, deadline_ms, err);
			if (error != 0)
				return error;
		}
		error = json_stream_feed(
			&c->parser, c->in + c->in_off, c->in_len - c->in_off, &used, &json, err);
		c->in_off += used;
		if (error != 0)
			return error;
	}
	error = jsonrpc_msg_from_json(json, msgp, err);
	json_decref(json);
	return error;
}

/* receive() without the echo requests, which it answers. */
static int
receive_no_echo(
	struct rpc_client *c, int64_t deadline_ms, struct jsonrpc_msg **msgp, struct err *err)
{
	for (;;) {
		struct jsonrpc_msg *msg;
		struct jsonrpc_msg *reply;
		int error = receive(c, deadline_ms, msgp, err);

		msg = *msgp;
		if (error != 0 || msg->type != JSONRPC_REQUEST || strcmp(msg->method, "echo") != 0)
			return error;
		*msgp = NULL;
		reply = jsonrpc_msg_create_reply(json_incref(msg->params), json_incref(msg->id));
		jsonrpc_msg_destroy(msg);
		error = rpc_client_send(c, reply, deadline_ms, err);
		if (error != 0)
			return error;
	}
}

static int
keep(struct rpc_client *c, struct jsonrpc_msg *msg, struct err *err)
{
	struct kept_msg *kept;

	if (c->n_kept >= RPC_CLIENT_MAX_KEPT) {
		jsonrpc_msg_destroy(msg);
		err_set(err, "%s: more than %d messages while waiting for an answer",
			stream_name(c->stream), RPC_CLIENT_MAX_KEPT);
		return -ENOBUFS;
	}
	kept = xmalloc(sizeof *kept);
	kept->msg = msg;
	list_push_back(&c->kept, &kept->node);
	c->n_kept++;
	return 0;
}

static bool
is_answer_to(const struct jsonrpc_msg *msg, const json_t *id)
{
	return (msg->type == JSONRPC_REPLY || msg->type == JSONRPC_ERROR)
		&& json_equal(msg->id, id) != 0;
}

/* Moves the parts of answer 'msg' to the caller of rpc_client_call(). */
static int
take_answer(struct jsonrpc_msg *msg, const char *method, json_t **resultp, json_t **errorp,
	struct err *err)
{
	char *text;

	if (msg->type == JSONRPC_REPLY) {
		*resultp = json_incref(msg->result);
		jsonrpc_msg_destroy(msg);
		return 0;
	}
	*errorp = json_incref(msg->error);
	jsonrpc_msg_destroy(msg);
	text = json_format(*errorp, 0);
	err_set(err, "%s: the peer answered with error %s", method, text);
	free(text);
	return -EREMOTEIO;
}

int
rpc_client_call(struct rpc_client *client, const char *method, json_t *params, int64_t deadline_ms,
	json_t **resultp, json_t **errorp, struct err *err)
{
	struct jsonrpc_msg *msg;
	json_t *id;
	int error;

	*resultp = NULL;
	*errorp = NULL;
	msg = jsonrpc_msg_create_request(method, params, &id);
	error = rpc_client_send(client, msg, deadline_ms, err);
	while (error == 0) {
		error = receive_no_echo(client, deadline_ms, &msg, err);
		if (error == 0 && is_answer_to(msg, id)) {
			error = take_answer(msg, method, resultp, errorp, err);
			break;
		}
		if (error == 0)
			error = keep(client, msg, err);
	}
	json_decref(id);
	return error;
}

int
rpc_client_next(
	struct rpc_client *client, int64_t deadline_ms, struct jsonrpc_msg **msgp, struct err *err)
{
	*msgp = take_kept(client);
	if (*msgp != NULL)
		return 0;
	return receive_no_echo(client, deadline_ms, msgp, err);
}
