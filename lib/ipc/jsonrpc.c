/* SPDX-License-Identifier: Apache-2.0 */
/* jsonrpc: a JSON-RPC connection on a loop.
 *
 * All work happens in jsonrpc_run(), called by the stream's events and by a timer of delay 0 when work is
 * left over: what one turn of the loop may do for one connection is bounded in messages and in bytes. */

#include "ipc/jsonrpc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#define LOG_THIS LOG_jsonrpc
#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"
#include "ipc/json.h"
#include "ipc/stream.h"

#define JSONRPC_IN_BYTES 16384
#define JSONRPC_TURN_BYTES (512 * 1024) /* Received per turn of the loop. */
#define JSONRPC_KEEP_BYTES (1024 * 1024) /* Output buffers above it are given back when empty. */

struct jsonrpc {
	struct stream *stream; /* NULL once dead. */
	char *name;
	const struct jsonrpc_ops *ops;
	void *aux;
	struct loop_timer kick; /* Runs the connection without an event. */

	struct json_stream parser;
	char in[JSONRPC_IN_BYTES]; /* Received bytes not yet parsed: [in_off, in_len). */
	size_t in_off;
	size_t in_len;

	struct str out; /* Bytes to send; those before 'out_off' are sent. */
	size_t out_off;
	size_t max_backlog;

	bool connected;
	bool paused;
	bool dead; /* 'closed' was or will be called. */
	bool told; /* 'closed' was called. */
	int error; /* Given to 'closed'. */
	struct err why; /* Given to 'closed'. */
	unsigned int busy; /* Calls of jsonrpc_run() on the stack. */
	bool destroyed; /* Free when 'busy' is 0. */
};

/* The connection is over; 'closed' follows from the loop. */
static void PRINTF_FORMAT(3, 4) jsonrpc_fail(struct jsonrpc *rpc, int error, const char *fmt, ...)
{
	struct str why = STR_INIT;
	va_list args;

	if (rpc->dead)
		return;
	va_start(args, fmt);
	str_vprintf(&why, fmt, args);
	va_end(args);
	err_set(&rpc->why, "%s", str_cstr(&why));
	str_uninit(&why);
	rpc->dead = true;
	rpc->error = error;
	stream_destroy(rpc->stream);
	rpc->stream = NULL;
	str_clear(&rpc->out);
	rpc->out_off = 0;
	loop_timer_arm_ms(&rpc->kick, 0);
}

/* The best words for 'error', which a call on the stream has just returned. */
static const char *
error_words(const struct jsonrpc *rpc, int error)
{
	const char *text = stream_error_text(rpc->stream);

	return text[0] != '\0' ? text : strerror(-error);
}

/* Sends what the socket takes. */
static void
jsonrpc_flush(struct jsonrpc *rpc)
{
	while (!rpc->dead && jsonrpc_backlog_bytes(rpc) > 0) {
		ssize_t n = stream_send(
			rpc->stream, rpc->out.s + rpc->out_off, jsonrpc_backlog_bytes(rpc));

		if (n == -EAGAIN)
			break;
		if (n < 0) {
			jsonrpc_fail(rpc, (int)n, "send failed: %s", error_words(rpc, (int)n));
			return;
		}
		rpc->out_off += (size_t)n;
	}
	if (rpc->dead)
		return;
	if (jsonrpc_backlog_bytes(rpc) == 0) {
		rpc->out_off = 0;
		if (rpc->out.alloc > JSONRPC_KEEP_BYTES) {
			str_uninit(&rpc->out);
			str_init(&rpc->out);
		}
		str_clear(&rpc->out);
	}
	stream_want_write(rpc->stream, jsonrpc_backlog_bytes(rpc) > 0);
}

/* Turns received bytes into at most one message.  Returns: whether one was delivered. */
static bool
jsonrpc_deliver(struct jsonrpc *rpc)
{
	struct jsonrpc_msg *msg = NULL;
	struct err err = ERR_INIT;
	json_t *json;
	size_t used;
	int error;

	error = json_stream_feed(
		&rpc->parser, rpc->in + rpc->in_off, rpc->in_len - rpc->in_off, &used, &json, &err);
	rpc->in_off += used;
	if (error == 0 && json != NULL)
		error = jsonrpc_msg_from_json(json, &msg, &err);
	json_decref(json);
	if (error != 0) {
		LOG_WARN_RL("%s: dropped: %s", rpc->name, err.text);
		jsonrpc_fail(rpc, error, "%s", err.text);
		return false;
	}
	if (msg == NULL)
		return false;
	rpc->ops->message(rpc->aux, rpc, msg);
	return true;
}

/* Receives into the empty input buffer.  Returns: bytes received, 0 if there are none now. */
static size_t
jsonrpc_fill(struct jsonrpc *rpc)
{
	ssize_t n = stream_recv(rpc->stream, rpc->in, sizeof rpc->in);

	rpc->in_off = 0;
	rpc->in_len = 0;
	if (n > 0) {
		rpc->in_len = (size_t)n;
		if (rpc->ops->activity != NULL)
			rpc->ops->activity(rpc->aux, rpc);
		return (size_t)n;
	}
	if (n == -EAGAIN)
		return 0;
	if (n < 0)
		jsonrpc_fail(rpc, (int)n, "receive failed: %s", error_words(rpc, (int)n));
	else if (json_stream_is_partial(&rpc->parser))
		jsonrpc_fail(rpc, 0, "connection closed in the middle of a message");
	else
		jsonrpc_fail(rpc, 0, "connection closed by peer");
	return 0;
}

/* Receives and delivers within the bounds of one turn. */
static void
jsonrpc_receive(struct jsonrpc *rpc)
{
	size_t n_bytes = 0;
	int n = 0;

	while (!rpc->dead && !rpc->paused) {
		if (n >= JSONRPC_BATCH || n_bytes >= JSONRPC_TURN_BYTES) {
			loop_timer_arm_ms(&rpc->kick, 0);
			break;
		}
		if (rpc->in_off < rpc->in_len) {
			if (jsonrpc_deliver(rpc))
				n++;
		} else {
			size_t got = jsonrpc_fill(rpc);

			if (got == 0)
				break;
			n_bytes += got;
		}
	}
}

/* Returns: whether the stream is connected now. */
static bool
jsonrpc_check_connected(struct jsonrpc *rpc)
{
	int error;

	if (rpc->connected)
		return true;
	error = stream_connect(rpc->stream);
	if (error == -EAGAIN)
		return false;
	if (error != 0) {
		jsonrpc_fail(rpc, error, "connection failed: %s", error_words(rpc, error));
		return false;
	}
	rpc->connected = true;
	if (rpc->ops->connected != NULL)
		rpc->ops->connected(rpc->aux, rpc);
	return true;
}

static void
jsonrpc_run(void *aux)
{
	struct jsonrpc *rpc = aux;

	rpc->busy++;
	if (!rpc->dead && jsonrpc_check_connected(rpc)) {
		if (!rpc->dead)
			jsonrpc_flush(rpc);
		jsonrpc_receive(rpc);
		if (!rpc->dead)
			jsonrpc_flush(rpc);
	}
	if (rpc->dead && !rpc->told && !rpc->destroyed) {
		rpc->told = true;
		loop_timer_disarm(&rpc->kick);
		rpc->ops->closed(rpc->aux, rpc, rpc->error, rpc->why.text);
	}
	rpc->busy--;
	if (rpc->destroyed && rpc->busy == 0)
		jsonrpc_destroy(rpc);
}

int
jsonrpc_create(struct loop *loop, struct stream *stream, const struct jsonrpc_ops *ops, void *aux,
	struct jsonrpc **rpcp)
{
	struct jsonrpc *rpc = xzalloc(sizeof *rpc);
	int error;

	*rpcp = NULL;
	rpc->stream = stream;
	rpc->name = xstrdup(stream_name(stream));
	rpc->ops = ops;
	rpc->aux = aux;
	rpc->max_backlog = JSONRPC_MAX_BACKLOG_DEFAULT;
	json_stream_init(&rpc->parser, NULL);
	str_init(&rpc->out);
	loop_timer_init(&rpc->kick, loop, jsonrpc_run, rpc);
	error = stream_watch(stream, loop, jsonrpc_run, rpc);
	if (error != 0) {
		jsonrpc_destroy(rpc);
		return error;
	}
	*rpcp = rpc;
	return 0;
}

void
jsonrpc_destroy(struct jsonrpc *rpc)
{
	if (rpc == NULL)
		return;
	loop_timer_disarm(&rpc->kick);
	stream_destroy(rpc->stream);
	rpc->stream = NULL;
	rpc->dead = true;
	rpc->destroyed = true;
	if (rpc->busy > 0)
		return;
	json_stream_uninit(&rpc->parser);
	str_uninit(&rpc->out);
	free(rpc->name);
	free(rpc);
}

/* Forgets sent bytes when they are more than half of the buffer, so that moving costs O(1) per byte. */
static void
jsonrpc_compact(struct jsonrpc *rpc)
{
	size_t left = jsonrpc_backlog_bytes(rpc);

	if (rpc->out_off <= left)
		return;
	memmove(rpc->out.s, rpc->out.s + rpc->out_off, left + 1);
	rpc->out.len = left;
	rpc->out_off = 0;
}

void
jsonrpc_send(struct jsonrpc *rpc, struct jsonrpc_msg *msg)
{
	json_t *json;
	bool was_empty;

	if (rpc->dead) {
		jsonrpc_msg_destroy(msg);
		return;
	}
	was_empty = jsonrpc_backlog_bytes(rpc) == 0;
	jsonrpc_compact(rpc);
	json = jsonrpc_msg_to_json(msg);
	jsonrpc_msg_destroy(msg);
	json_format_to(json, 0, &rpc->out);
	json_decref(json);
	/* Within a turn the answers to a batch leave together. */
	if (was_empty && rpc->busy == 0)
		jsonrpc_flush(rpc);
	if (!rpc->dead && jsonrpc_backlog_bytes(rpc) > rpc->max_backlog) {
		LOG_WARN_RL("%s: dropped: %zu bytes wait to be sent", rpc->name,
			jsonrpc_backlog_bytes(rpc));
		jsonrpc_fail(rpc, -ENOBUFS, "the peer does not read: more than %zu bytes queued",
			rpc->max_backlog);
	}
}

size_t
jsonrpc_backlog_bytes(const struct jsonrpc *rpc)
{
	return rpc->out.len - rpc->out_off;
}

void
jsonrpc_set_max_backlog(struct jsonrpc *rpc, size_t max_bytes)
{
	rpc->max_backlog = max_bytes != 0 ? max_bytes : JSONRPC_MAX_BACKLOG_DEFAULT;
}

void
jsonrpc_set_limits(struct jsonrpc *rpc, const struct json_limits *limits)
{
	json_stream_set_limits(&rpc->parser, limits);
}

void
jsonrpc_pause(struct jsonrpc *rpc, bool pause)
{
	rpc->paused = pause;
	if (rpc->dead)
		return;
	stream_want_read(rpc->stream, !pause);
	if (!pause)
		loop_timer_arm_ms(&rpc->kick, 0);
}

const char *
jsonrpc_name(const struct jsonrpc *rpc)
{
	return rpc->name;
}

struct stream *
jsonrpc_stream(struct jsonrpc *rpc)
{
	return rpc->stream;
}
