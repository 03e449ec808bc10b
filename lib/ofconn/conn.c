/* SPDX-License-Identifier: Apache-2.0 */
/* conn: bytes to messages and back, for one connection.
 *
 * All work happens in conn_run(), called by the stream's events and by a timer of delay 0 when work is left over.
 * What one turn of the loop may do for a connection is bounded, so that none stalls the others. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "base/str.h"
#include "ofconn/conn_priv.h"
#define LOG_THIS LOG_ofconn
#include "base/log.h"
#include "ipc/reconnect.h"
#include "ipc/stream.h"
#include "pipeline/bridge.h"
#include "pipeline/pipeline.h"

static void
conn_free(struct conn *conn)
{
	struct ofserver *server = conn->server;

	loop_timer_disarm(&conn->kick);
	pipeline_cancel(bridge_pipeline(server->bridge), conn);
	stream_destroy(conn->stream);
	reconnect_destroy(conn->probe);
	list_remove(&conn->node);
	server->stats.n_conns--;
	if (conn->kind == CONN_SNOOP)
		server->n_snoopers--;
	of_buf_uninit(&conn->out);
	of_buf_uninit(&conn->reply);
	of_buf_uninit(&conn->job.b);
	free(conn->job.request);
	free(conn->name);
	free(conn);
}

void
conn_fail(struct conn *conn, int error, const char *why)
{
	if (!conn_is_alive(conn))
		return;
	LOG_DBG("%s<->%s: disconnected: %s", conn->server->name, conn->name, why);
	pipeline_cancel(bridge_pipeline(conn->server->bridge), conn);
	stream_destroy(conn->stream);
	conn->stream = NULL;
	conn->error = error;
	conn->job.step = NULL;
	of_buf_clear(&conn->out);
	conn->out_ofs = 0;
	loop_timer_arm_ms(&conn->kick, 0);
}

void
conn_close_after_flush(struct conn *conn, int error)
{
	conn->closing = true;
	conn->error = error;
	loop_timer_arm_ms(&conn->kick, 0);
}

/* Sends what the socket takes. */
static void
flush(struct conn *conn)
{
	while (conn_is_alive(conn) && conn_backlog(conn) > 0) {
		ssize_t n = stream_send(
			conn->stream, conn->out.data + conn->out_ofs, conn_backlog(conn));

		if (n == -EAGAIN)
			break;
		if (n < 0) {
			conn_fail(conn, (int)n, strerror((int)-n));
			return;
		}
		conn->out_ofs += (size_t)n;
	}
	if (!conn_is_alive(conn))
		return;
	if (conn_backlog(conn) == 0) {
		conn->out_ofs = 0;
		if (conn->out.alloc > CONN_KEEP_BYTES)
			of_buf_uninit(&conn->out);
		of_buf_clear(&conn->out);
		conn->drop_logged = false;
		if (conn->closing) {
			conn_fail(conn, conn->error, "closed");
			return;
		}
	} else if (conn->out_ofs > conn_backlog(conn)) {
		size_t left = conn_backlog(conn);

		memmove(conn->out.data, conn->out.data + conn->out_ofs, left);
		conn->out.len = left;
		conn->out_ofs = 0;
	}
	stream_want_write(conn->stream, conn_backlog(conn) > 0);
}

/* Gives the snoopers a copy of what a controller's connection carries. */
static void
mirror(const struct conn *conn, const void *data, size_t len)
{
	struct ofserver *server = conn->server;
	struct of_buf b = OF_BUF_INIT;
	struct conn *c;

	if (conn->kind != CONN_CONTROLLER || server->n_snoopers == 0)
		return;
	LIST_FOREACH(c, node, &server->conns) {
		if (c->kind == CONN_SNOOP && conn_is_ready(c)) {
			of_buf_put(&b, data, len);
			conn_send_event(c, &b);
		}
	}
	of_buf_uninit(&b);
}

void
conn_send(struct conn *conn, struct of_buf *b)
{
	if (conn_is_alive(conn) && b->len > 0) {
		mirror(conn, b->data, b->len);
		of_buf_put(&conn->out, b->data, b->len);
		if (conn->busy == 0)
			loop_timer_arm_ms(&conn->kick, 0);
	}
	of_buf_clear(b);
}

void
conn_send_event(struct conn *conn, struct of_buf *b)
{
	if (conn_backlog(conn) + b->len <= OFSERVER_MAX_BACKLOG) {
		conn_send(conn, b);
		return;
	}
	conn->server->stats.events_dropped++;
	if (!conn->drop_logged) {
		conn->drop_logged = true;
		LOG_WARN_RL(
			"%s<->%s: events are left out: the peer does not read, %zu bytes wait for it",
			conn->server->name, conn->name, conn_backlog(conn));
	}
	of_buf_clear(b);
}

void
conn_send_error(struct conn *conn, enum oferror error, const void *request, size_t len)
{
	const uint8_t *p = request;
	unsigned int version = conn->version;

	if (version == 0)
		version = len > 0 && p[0] >= OF_VERSION_10 && p[0] <= OF_VERSION_15 ? p[0]
										    : OF_VERSION_10;
	oferror_encode(error, (enum of_version)version, request, len, &conn->reply);
	conn->server->stats.errors++;
	LOG_DBG("%s<->%s: sending error %s", conn->server->name, conn->name, oferror_name(error));
	conn_send(conn, &conn->reply);
}

void
conn_probe(struct conn *conn)
{
	if (!conn_is_ready(conn))
		return;
	of_msg_encode_empty(OF_MSG_ECHO_REQUEST, (enum of_version)conn->version, 0, &conn->reply);
	conn_send(conn, &conn->reply);
}

void
conn_hold(struct conn *conn)
{
	conn->holds++;
}

void
conn_release(struct conn *conn)
{
	conn->holds--;
	if (conn->holds == 0 && conn->busy == 0)
		loop_timer_arm_ms(&conn->kick, 0);
}

/* ---- Hello ---- */

/* Tells the peer that there will be no connection, and why. */
static void
refuse_hello(struct conn *conn, unsigned int peer_version, uint32_t xid, const char *why)
{
	unsigned int version = of_versions_negotiate(
		conn->server->versions, (2u << MIN(peer_version, (unsigned int)OF_VERSION_15)) - 1);

	if (version == 0)
		version = OF_VERSION_10;
	LOG_WARN_RL("%s<->%s: %s", conn->server->name, conn->name, why);
	oferror_encode_hello((enum of_version)version, xid, why, &conn->reply);
	conn->server->stats.errors++;
	conn_send(conn, &conn->reply);
	conn_close_after_flush(conn, -EPROTO);
}

/* The first message. */
static void
run_hello(struct conn *conn, const void *data, size_t len)
{
	struct str why = STR_INIT;
	struct of_msg msg;
	uint32_t theirs = 0;
	enum oferror error = of_msg_decode(data, len, &msg);

	if (error != OFERROR_OK || msg.type != OF_MSG_HELLO) {
		refuse_hello(conn, msg.version, msg.xid,
			"the first message of a connection must be a hello");
		return;
	}
	error = of_hello_decode(&msg, &theirs);
	if (error == OFERROR_OK)
		conn->version = of_versions_negotiate(conn->server->versions, theirs);
	if (conn->version == 0) {
		str_puts(&why, "no version in common: this switch speaks ");
		of_versions_format(conn->server->versions, &why);
		str_puts(&why, ", the peer ");
		if (error != OFERROR_OK)
			str_puts(&why, "sent a malformed hello");
		else
			of_versions_format(theirs, &why);
		refuse_hello(conn, msg.version, msg.xid, str_cstr(&why));
		str_uninit(&why);
		return;
	}
	async_init(conn);
	LOG_DBG("%s<->%s: %s", conn->server->name, conn->name, of_version_name(conn->version));
}

/* ---- Receiving ---- */

static void
deliver(struct conn *conn, const uint8_t *data, size_t len)
{
	conn->server->stats.messages++;
	mirror(conn, data, len);
	if (conn->version == 0)
		run_hello(conn, data, len);
	else if (conn->kind != CONN_SNOOP)
		dispatch_run(conn, data, len);
}

/* Whether the next request may be begun. */
static bool
may_receive(const struct conn *conn)
{
	return conn_is_alive(conn) && !conn->closing && conn->holds == 0 && conn->job.step == NULL
		&& conn_backlog(conn) < CONN_READ_BACKLOG;
}

/* Carries out the whole messages that were received.  Returns: how many. */
static unsigned int
deliver_all(struct conn *conn, unsigned int max)
{
	unsigned int n = 0;
	size_t ofs = 0;

	while (n < max && may_receive(conn) && conn->in_len - ofs >= OF_HEADER_LEN) {
		size_t len = of_msg_stated_len(conn->in + ofs, conn->in_len - ofs);

		/* Whoever does not begin with a hello may mean anything by the length. */
		if (conn->version == 0 && conn->in[ofs + 1] != 0)
			len = 0;
		if (len < OF_HEADER_LEN) {
			if (conn->version == 0) {
				refuse_hello(conn, conn->in[ofs], 0, "this is not OpenFlow");
			} else {
				LOG_WARN_RL("%s<->%s: a message states a length of %zu, closing",
					conn->server->name, conn->name, len);
				conn_send_error(
					conn, OFPBRC_BAD_LEN, conn->in + ofs, conn->in_len - ofs);
				conn_close_after_flush(conn, -EPROTO);
			}
			break;
		}
		if (conn->in_len - ofs < len)
			break;
		deliver(conn, conn->in + ofs, len);
		ofs += len;
		n++;
	}
	conn->in_len -= ofs;
	memmove(conn->in, conn->in + ofs, conn->in_len);
	return n;
}

/* True if a whole message, or one that never will be, was received. */
static bool
has_message(const struct conn *conn)
{
	return conn->in_len >= OF_HEADER_LEN
		&& of_msg_stated_len(conn->in, conn->in_len) <= conn->in_len;
}

static void
heard(struct conn *conn)
{
	if (conn->probe != NULL)
		reconnect_activity(conn->probe);
	else if (conn->controller != NULL)
		controller_activity(conn->controller, conn);
}

/* Receives once.  Returns: bytes received, 0 if there are none now. */
static size_t
fill(struct conn *conn)
{
	ssize_t n = stream_recv(conn->stream, conn->in + conn->in_len, CONN_IN_SIZE - conn->in_len);

	if (n > 0) {
		conn->in_len += (size_t)n;
		heard(conn);
		return (size_t)n;
	}
	/* A peer that has no more to say may still read the answers. */
	if (n == 0)
		conn_close_after_flush(conn, 0);
	else if (n != -EAGAIN)
		conn_fail(conn, (int)n, strerror((int)-n));
	return 0;
}

static void
receive(struct conn *conn)
{
	unsigned int budget = CONN_TURN_MESSAGES;
	size_t n_bytes = 0;

	while (may_receive(conn)) {
		budget -= deliver_all(conn, budget);
		if (!may_receive(conn))
			break;
		if (budget == 0 || n_bytes >= CONN_TURN_BYTES) {
			loop_timer_arm_ms(&conn->kick, 0);
			break;
		}
		if (!has_message(conn)) {
			size_t n = fill(conn);

			if (n == 0)
				break;
			n_bytes += n;
		}
	}
}

/* ---- Running ---- */

static void
run_job(struct conn *conn)
{
	if (!conn_is_alive(conn) || conn->job.step == NULL
		|| conn_backlog(conn) >= CONN_READ_BACKLOG)
		return;
	if (!conn->job.step(conn))
		conn->job.step = NULL;
	flush(conn);
	/* Go on at once unless the peer must read first. */
	if (conn_is_alive(conn) && conn->job.step != NULL && conn_backlog(conn) < CONN_READ_BACKLOG)
		loop_timer_arm_ms(&conn->kick, 0);
}

static void
conn_run(void *aux)
{
	struct conn *conn = aux;

	conn->busy++;
	if (conn_is_alive(conn))
		flush(conn);
	run_job(conn);
	if (conn_is_alive(conn)) {
		receive(conn);
		flush(conn);
	}
	if (conn_is_alive(conn)) {
		stream_want_read(conn->stream, may_receive(conn));
		/* What became possible by sending. */
		if (conn->job.step == NULL ? may_receive(conn) && has_message(conn)
					   : conn_backlog(conn) == 0)
			loop_timer_arm_ms(&conn->kick, 0);
	}
	conn->busy--;
	if (!conn_is_alive(conn) && conn->busy == 0) {
		if (conn->controller != NULL)
			controller_conn_closed(conn->controller, conn, conn->error);
		conn_free(conn);
	}
}

struct conn *
conn_create(struct ofserver *server, struct stream *stream, enum conn_kind kind,
	struct controller *controller)
{
	struct conn *conn = xzalloc(sizeof *conn);

	conn->server = server;
	conn->kind = kind;
	conn->name = xstrdup(stream_name(stream));
	conn->stream = stream;
	conn->role = OF_ROLE_EQUAL;
	conn->controller = controller;
	list_push_back(&server->conns, &conn->node);
	server->stats.n_conns++;
	if (kind == CONN_SNOOP)
		server->n_snoopers++;
	loop_timer_init(&conn->kick, server->loop, conn_run, conn);
	if (stream_watch(stream, server->loop, conn_run, conn) != 0) {
		conn_free(conn);
		return NULL;
	}
	of_hello_encode(server->versions, random_u32(), &conn->reply);
	conn_send(conn, &conn->reply);
	return conn;
}

void
conn_destroy(struct conn *conn)
{
	if (conn != NULL)
		conn_free(conn);
}
