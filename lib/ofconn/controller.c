/* SPDX-License-Identifier: Apache-2.0 */
/* controller: the targets that the configuration names.  An active one has a reconnect that keeps one connection; a
 * passive one has a listener and any number of connections, each watched by a reconnect of its own. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#define LOG_THIS LOG_ofconn
#include "base/log.h"
#include "ipc/reconnect.h"
#include "ipc/stream.h"
#include "ofconn/conn_priv.h"

struct controller {
	struct list node; /* In ofserver.controllers. */
	struct ofserver *server;
	char *target;
	bool service;
	int64_t max_backoff_ms, probe_ms; /* As configured. */
	bool kept; /* While the set is replaced. */
	int error; /* Why the target cannot be used; 0 if it can. */

	struct reconnect *reconnect; /* Active targets. */
	struct conn *conn; /* Its connection, or NULL. */

	struct pstream *listener; /* Passive targets. */
	unsigned int n_conns;
	int last_error; /* Of the last connection that ended. */
	int64_t connected_ms, disconnected_ms; /* -1: never. */
};

static int64_t
probe_ms(const struct controller *ctl)
{
	return ctl->probe_ms < 0 ? RECONNECT_PROBE_MS : ctl->probe_ms;
}

/* A controller of type "service" is told of events only if it asks. */
static enum conn_kind
kind_of(const struct controller *ctl)
{
	return ctl->service ? CONN_SERVICE : CONN_CONTROLLER;
}

/* ---- Active ---- */

static void
active_connected(void *ctl_, struct stream *stream)
{
	struct controller *ctl = ctl_;

	ctl->conn = conn_create(ctl->server, stream, kind_of(ctl), ctl);
	if (ctl->conn == NULL)
		reconnect_failed(ctl->reconnect, -EIO);
	else
		LOG_INFO("%s<->%s: connected", ctl->server->name, ctl->target);
}

static void
active_probe(void *ctl_)
{
	struct controller *ctl = ctl_;

	if (ctl->conn != NULL)
		conn_probe(ctl->conn);
}

static void
active_lost(void *ctl_, const char *why)
{
	struct controller *ctl = ctl_;
	struct conn *conn = ctl->conn;

	ctl->conn = NULL;
	if (conn == NULL)
		return;
	conn->controller = NULL;
	conn_fail(conn, -ETIMEDOUT, why);
}

static const struct reconnect_ops active_ops = { active_connected, active_probe, active_lost };

/* ---- Passive ---- */

static void
passive_connected(void *conn UNUSED, struct stream *stream)
{
	/* Not called for accepted streams. */
	stream_destroy(stream);
}

static void
passive_probe(void *conn)
{
	conn_probe(conn);
}

static void
passive_lost(void *conn, const char *why)
{
	conn_fail(conn, -ETIMEDOUT, why);
}

static const struct reconnect_ops passive_ops = { passive_connected, passive_probe, passive_lost };

static void
passive_accept(void *ctl_, struct stream *stream)
{
	struct controller *ctl = ctl_;
	struct conn *conn = conn_create(ctl->server, stream, kind_of(ctl), ctl);

	if (conn == NULL)
		return;
	conn->probe = reconnect_create_accepted(ctl->server->loop, conn->name, &passive_ops, conn);
	reconnect_set_probe(conn->probe, probe_ms(ctl));
	ctl->n_conns++;
	ctl->connected_ms = clock_ms();
	LOG_INFO_RL("%s<->%s: connected", ctl->server->name, conn->name);
}

/* ---- Both ---- */

void
controller_conn_closed(struct controller *ctl, struct conn *conn, int error)
{
	if (ctl->reconnect != NULL) {
		if (ctl->conn != conn)
			return;
		ctl->conn = NULL;
		LOG_INFO_RL("%s<->%s: disconnected%s%s", ctl->server->name, ctl->target,
			error != 0 ? ": " : "", error != 0 ? strerror(-error) : "");
		reconnect_failed(ctl->reconnect, error);
		return;
	}
	ctl->n_conns--;
	ctl->last_error = error;
	ctl->disconnected_ms = clock_ms();
}

void
controller_activity(struct controller *ctl, struct conn *conn)
{
	if (ctl->conn == conn && ctl->reconnect != NULL)
		reconnect_activity(ctl->reconnect);
}

static void
controller_tune(struct controller *ctl)
{
	struct conn *conn;

	if (ctl->reconnect != NULL) {
		reconnect_set_backoff(ctl->reconnect, 0, ctl->max_backoff_ms);
		reconnect_set_probe(ctl->reconnect, probe_ms(ctl));
	}
	LIST_FOREACH(conn, node, &ctl->server->conns) {
		if (conn->controller == ctl && conn->probe != NULL)
			reconnect_set_probe(conn->probe, probe_ms(ctl));
	}
}

static struct controller *
controller_create(struct ofserver *server, const struct ofserver_controller *c)
{
	struct controller *ctl = xzalloc(sizeof *ctl);
	struct err err = ERR_INIT;

	ctl->server = server;
	ctl->target = xstrdup(c->target);
	ctl->service = c->service;
	ctl->connected_ms = ctl->disconnected_ms = -1;
	list_push_back(&server->controllers, &ctl->node);
	if (stream_name_is_passive(c->target))
		ctl->error = pstream_open(server->loop, c->target, STREAM_PORT_OPENFLOW,
			passive_accept, ctl, &ctl->listener, &err);
	else
		ctl->error = reconnect_create(server->loop, c->target, STREAM_PORT_OPENFLOW,
			&active_ops, ctl, &ctl->reconnect, &err);
	if (ctl->error != 0)
		LOG_WARN("%s: controller %s: %s", server->name, c->target, err.text);
	return ctl;
}

static void
controller_destroy(struct controller *ctl)
{
	struct conn *conn, *next;

	LIST_FOREACH_SAFE(conn, next, node, &ctl->server->conns) {
		if (conn->controller == ctl) {
			conn->controller = NULL;
			conn_fail(conn, 0, "no longer a controller");
		}
	}
	reconnect_destroy(ctl->reconnect);
	pstream_destroy(ctl->listener);
	list_remove(&ctl->node);
	free(ctl->target);
	free(ctl);
}

void
controllers_destroy(struct ofserver *server)
{
	struct controller *ctl, *next;

	LIST_FOREACH_SAFE(ctl, next, node, &server->controllers)
		controller_destroy(ctl);
}

static struct controller *
find(const struct ofserver *server, const char *target)
{
	struct controller *ctl;

	LIST_FOREACH(ctl, node, &server->controllers) {
		if (strcmp(ctl->target, target) == 0)
			return ctl;
	}
	return NULL;
}

size_t
ofserver_set_controllers(
	struct ofserver *server, const struct ofserver_controller *controllers, size_t n)
{
	struct controller *ctl, *next;
	size_t n_failed = 0;

	LIST_FOREACH(ctl, node, &server->controllers)
		ctl->kept = false;
	for (size_t i = 0; i < n; i++) {
		ctl = find(server, controllers[i].target);
		if (ctl != NULL && ctl->service == controllers[i].service && ctl->error == 0)
			ctl->kept = true;
	}
	LIST_FOREACH_SAFE(ctl, next, node, &server->controllers) {
		if (!ctl->kept)
			controller_destroy(ctl);
	}
	for (size_t i = 0; i < n; i++) {
		ctl = find(server, controllers[i].target);
		if (ctl == NULL)
			ctl = controller_create(server, &controllers[i]);
		ctl->max_backoff_ms = controllers[i].max_backoff_ms;
		ctl->probe_ms = controllers[i].probe_ms;
		controller_tune(ctl);
		if (ctl->error != 0)
			n_failed++;
	}
	return n_failed;
}

/* The highest role among its connections. */
static const char *
role_of(const struct controller *ctl)
{
	const struct conn *conn;
	bool secondary = false;

	LIST_FOREACH(conn, node, &ctl->server->conns) {
		if (conn->controller != ctl || !conn_is_alive(conn))
			continue;
		if (conn->role == OF_ROLE_PRIMARY)
			return "primary";
		secondary |= conn->role == OF_ROLE_SECONDARY;
	}
	return secondary ? "secondary" : "other";
}

static int64_t
seconds_since(int64_t ms)
{
	return ms < 0 ? -1 : (clock_ms() - ms) / 1000;
}

bool
ofserver_get_controller(const struct ofserver *server, const char *target,
	struct ofserver_controller_status *status)
{
	const struct controller *ctl = find(server, target);
	struct reconnect_status rs;

	memset(status, 0, sizeof *status);
	if (ctl == NULL)
		return false;
	status->role = role_of(ctl);
	if (ctl->reconnect != NULL) {
		reconnect_get_status(ctl->reconnect, &rs);
		status->is_connected =
			rs.is_connected && ctl->conn != NULL && ctl->conn->version != 0;
		status->state = reconnect_state_name(rs.state);
		status->last_error = rs.last_error;
		status->sec_since_connect = rs.sec_since_connect;
		status->sec_since_disconnect = rs.sec_since_disconnect;
		status->n_connections = ctl->conn != NULL;
		return true;
	}
	status->is_connected = ctl->n_conns > 0;
	status->state = reconnect_state_name(ctl->error != 0 ? RECONNECT_VOID
			: ctl->n_conns > 0                   ? RECONNECT_ACTIVE
							     : RECONNECT_CONNECTING);
	status->last_error = ctl->error != 0 ? ctl->error : ctl->last_error;
	status->sec_since_connect = seconds_since(ctl->connected_ms);
	status->sec_since_disconnect = seconds_since(ctl->disconnected_ms);
	status->n_connections = ctl->n_conns;
	return true;
}
