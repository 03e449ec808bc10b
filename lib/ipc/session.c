/* SPDX-License-Identifier: Apache-2.0 */
/* session: reconnect's stream and jsonrpc's messages put together.
 *
 * The state machine of reconnect owns time, jsonrpc owns bytes; this file only passes events between
 * them and answers echo requests. */

#include "ipc/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fatal.h"
#include "ipc/json.h"
#include "ipc/jsonrpc.h"
#include "ipc/stream.h"

#define SESSION_PROBE_ID "echo"

struct session {
	struct loop *loop;
	const struct session_ops *ops;
	void *aux;
	struct reconnect *reconnect;
	struct jsonrpc *rpc; /* NULL when not connected. */
	size_t max_backlog;
	struct json_limits limits;
	bool paused;
};

static void
drop_rpc(struct session *s)
{
	jsonrpc_destroy(s->rpc);
	s->rpc = NULL;
}

static void
rpc_message(void *aux, struct jsonrpc *rpc, struct jsonrpc_msg *msg)
{
	struct session *s = aux;

	if (msg->type == JSONRPC_REQUEST && strcmp(msg->method, "echo") == 0) {
		jsonrpc_send(rpc,
			jsonrpc_msg_create_reply(json_incref(msg->params), json_incref(msg->id)));
		jsonrpc_msg_destroy(msg);
		return;
	}
	if ((msg->type == JSONRPC_REPLY || msg->type == JSONRPC_ERROR) && json_is_string(msg->id)
		&& strcmp(json_string_value(msg->id), SESSION_PROBE_ID) == 0) {
		jsonrpc_msg_destroy(msg);
		return;
	}
	s->ops->message(s->aux, s, msg);
}

static void
rpc_closed(void *aux, struct jsonrpc *rpc UNUSED, int error, const char *why)
{
	struct session *s = aux;
	struct err copy = ERR_INIT;

	/* 'why' dies with the connection. */
	err_set(&copy, "%s", why);
	drop_rpc(s);
	reconnect_failed(s->reconnect, error);
	s->ops->disconnected(s->aux, s, error, copy.text);
}

static void
rpc_activity(void *aux, struct jsonrpc *rpc UNUSED)
{
	struct session *s = aux;

	reconnect_activity(s->reconnect);
}

static const struct jsonrpc_ops rpc_ops = {
	.message = rpc_message,
	.closed = rpc_closed,
	.activity = rpc_activity,
};

/* Runs JSON-RPC over 'stream', which it takes. */
static int
start_rpc(struct session *s, struct stream *stream)
{
	int error = jsonrpc_create(s->loop, stream, &rpc_ops, s, &s->rpc);

	if (error != 0)
		return error;
	jsonrpc_set_max_backlog(s->rpc, s->max_backlog);
	jsonrpc_set_limits(s->rpc, &s->limits);
	if (s->paused)
		jsonrpc_pause(s->rpc, true);
	return 0;
}

static void
reconnect_connected(void *aux, struct stream *stream)
{
	struct session *s = aux;
	int error = start_rpc(s, stream);

	if (error != 0)
		reconnect_failed(s->reconnect, error);
	else
		s->ops->connected(s->aux, s);
}

static void
reconnect_probe(void *aux)
{
	struct session *s = aux;
	struct jsonrpc_msg *msg = jsonrpc_msg_create_request("echo", json_array(), NULL);

	json_decref(msg->id);
	msg->id = json_string(SESSION_PROBE_ID);
	jsonrpc_send(s->rpc, msg);
}

static void
reconnect_lost(void *aux, const char *why)
{
	struct session *s = aux;
	struct reconnect_status status;

	reconnect_get_status(s->reconnect, &status);
	drop_rpc(s);
	s->ops->disconnected(s->aux, s, status.last_error, why);
}

static const struct reconnect_ops stream_keeper_ops = {
	.connected = reconnect_connected,
	.probe = reconnect_probe,
	.lost = reconnect_lost,
};

static struct session *
create(struct loop *loop, const struct session_ops *ops, void *aux)
{
	struct session *s = xzalloc(sizeof *s);

	s->loop = loop;
	s->ops = ops;
	s->aux = aux;
	return s;
}

int
session_create(struct loop *loop, const char *remotes, const struct session_ops *ops, void *aux,
	struct session **sessionp, struct err *err)
{
	struct session *s = create(loop, ops, aux);
	int error = reconnect_create(
		loop, remotes, STREAM_PORT_OVSDB, &stream_keeper_ops, s, &s->reconnect, err);

	*sessionp = NULL;
	if (error != 0) {
		session_destroy(s);
		return error;
	}
	*sessionp = s;
	return 0;
}

int
session_create_accepted(struct loop *loop, struct stream *stream, const struct session_ops *ops,
	void *aux, struct session **sessionp)
{
	struct session *s = create(loop, ops, aux);
	int error;

	*sessionp = NULL;
	s->reconnect = reconnect_create_accepted(loop, stream_name(stream), &stream_keeper_ops, s);
	error = start_rpc(s, stream);
	if (error != 0) {
		session_destroy(s);
		return error;
	}
	*sessionp = s;
	return 0;
}

void
session_destroy(struct session *session)
{
	if (session == NULL)
		return;
	reconnect_destroy(session->reconnect);
	jsonrpc_destroy(session->rpc);
	free(session);
}

int
session_send(struct session *session, struct jsonrpc_msg *msg)
{
	if (session->rpc == NULL) {
		jsonrpc_msg_destroy(msg);
		return -ENOTCONN;
	}
	jsonrpc_send(session->rpc, msg);
	return 0;
}

bool
session_is_connected(const struct session *session)
{
	return session->rpc != NULL;
}

size_t
session_backlog_bytes(const struct session *session)
{
	return session->rpc != NULL ? jsonrpc_backlog_bytes(session->rpc) : 0;
}

const char *
session_name(const struct session *session)
{
	struct reconnect_status status;

	if (session->rpc != NULL)
		return jsonrpc_name(session->rpc);
	reconnect_get_status(session->reconnect, &status);
	return status.remote;
}

void
session_force_reconnect(struct session *session)
{
	reconnect_force(session->reconnect);
}

void
session_set_backoff(struct session *session, int64_t min_ms, int64_t max_ms)
{
	reconnect_set_backoff(session->reconnect, min_ms, max_ms);
}

void
session_set_probe(struct session *session, int64_t probe_ms)
{
	reconnect_set_probe(session->reconnect, probe_ms);
}

void
session_get_status(const struct session *session, struct reconnect_status *status)
{
	reconnect_get_status(session->reconnect, status);
}

void
session_set_max_backlog(struct session *session, size_t max_bytes)
{
	session->max_backlog = max_bytes;
	if (session->rpc != NULL)
		jsonrpc_set_max_backlog(session->rpc, max_bytes);
}

void
session_set_limits(struct session *session, const struct json_limits *limits)
{
	static const struct json_limits defaults = { 0, 0, 0 };

	session->limits = limits != NULL ? *limits : defaults;
	if (session->rpc != NULL)
		jsonrpc_set_limits(session->rpc, limits);
}

void
session_pause(struct session *session, bool pause)
{
	session->paused = pause;
	if (session->rpc != NULL)
		jsonrpc_pause(session->rpc, pause);
}
