/* SPDX-License-Identifier: Apache-2.0 */
/* ofserver: the sockets of one bridge and what its connections share. */

#include "ofconn/ofserver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#define LOG_THIS LOG_ofconn
#include "base/log.h"
#include "ipc/stream.h"
#include "ofconn/conn_priv.h"
#include "pipeline/bridge.h"

/* What controllers expect of a switch that speaks as this one does. */
#define DEFAULT_MFR "Nicira, Inc."
#define DEFAULT_HW "Open vSwitch"
#define DEFAULT_SW "3.1.0"
#define DEFAULT_NONE "None"

uint32_t
ofserver_parse_protocols(const char *who, const char *const *names, size_t n)
{
	uint32_t versions = 0;

	for (size_t i = 0; i < n; i++) {
		enum of_version version;

		if (of_version_parse(names[i], &version) != 0)
			LOG_WARN("%s: protocol \"%s\" is not known", who, names[i]);
		else if ((OF_VERSIONS_COMPLETE & OF_VERSION_BIT(version)) == 0)
			LOG_INFO("%s: %s is not offered: this switch does not speak all of it", who,
				of_version_name(version));
		else
			versions |= OF_VERSION_BIT(version);
	}
	if (n > 0 && versions == 0)
		LOG_WARN(
			"%s: no protocol that this switch speaks is allowed: every OpenFlow connection will be refused",
			who);
	return n == 0 ? OF_VERSIONS_COMPLETE : versions;
}

static void
set_text(char *dst, size_t size, const char *text, const char *fallback)
{
	(void)snprintf(dst, size, "%s", text != NULL ? text : fallback);
}

static void
apply_config(struct ofserver *server, const struct ofserver_config *c)
{
	server->versions = ofserver_parse_protocols(server->name, c->protocols, c->n_protocols);
	set_text(server->desc.mfr, sizeof server->desc.mfr, c->mfr_desc, DEFAULT_MFR);
	set_text(server->desc.hw, sizeof server->desc.hw, c->hw_desc, DEFAULT_HW);
	set_text(server->desc.sw, sizeof server->desc.sw, c->sw_desc, DEFAULT_SW);
	set_text(server->desc.serial, sizeof server->desc.serial, c->serial_desc, DEFAULT_NONE);
	set_text(server->desc.dp, sizeof server->desc.dp, c->dp_desc, DEFAULT_NONE);
}

static void
accept_mgmt(void *server, struct stream *stream)
{
	(void)conn_create(server, stream, CONN_SERVICE, NULL);
}

static void
accept_snoop(void *server, struct stream *stream)
{
	(void)conn_create(server, stream, CONN_SNOOP, NULL);
}

static int
listen_on(struct ofserver *server, const char *rundir, const char *suffix,
	void (*accept_cb)(void *aux, struct stream *stream), struct pstream **pstreamp,
	struct err *err)
{
	char *name = xasprintf("punix:%s/%s.%s", rundir, server->name, suffix);
	int error = pstream_open(server->loop, name, 0, accept_cb, server, pstreamp, err);

	free(name);
	return error;
}

int
ofserver_create(struct loop *loop, struct bridge *bridge, const struct ofserver_config *config,
	struct ofserver **serverp, struct err *err)
{
	struct ofserver *server = xzalloc(sizeof *server);
	int error;

	*serverp = NULL;
	server->loop = loop;
	server->bridge = bridge;
	server->name = xstrdup(bridge_name(bridge));
	list_init(&server->conns);
	list_init(&server->controllers);
	apply_config(server, config);
	error = listen_on(server, config->rundir, "mgmt", accept_mgmt, &server->mgmt, err);
	if (error == 0)
		error = listen_on(
			server, config->rundir, "snoop", accept_snoop, &server->snoop, err);
	if (error != 0) {
		ofserver_destroy(server);
		return error;
	}
	bridge_set_events(bridge, &async_events, server);
	*serverp = server;
	return 0;
}

void
ofserver_configure(struct ofserver *server, const struct ofserver_config *config)
{
	struct conn *conn;

	apply_config(server, config);
	LIST_FOREACH(conn, node, &server->conns) {
		if (conn->version != 0 && (server->versions & OF_VERSION_BIT(conn->version)) == 0)
			conn_fail(conn, -EPROTO, "its version is no longer allowed");
	}
}

void
ofserver_get_stats(const struct ofserver *server, struct ofserver_stats *stats)
{
	*stats = server->stats;
}

void
ofserver_destroy(struct ofserver *server)
{
	struct conn *conn, *next;

	if (server == NULL)
		return;
	bridge_set_events(server->bridge, NULL, NULL);
	controllers_destroy(server);
	pstream_destroy(server->mgmt);
	pstream_destroy(server->snoop);
	LIST_FOREACH_SAFE(conn, next, node, &server->conns)
		conn_destroy(conn);
	free(server->name);
	free(server);
}
