/* SPDX-License-Identifier: Apache-2.0 */
/* The server's frame.
 *
 * Remotes, connections, the "_Server" database, and the retrying of transactions that wait.  The methods are
 * in request.c, the locks in lock.c. */

#include "ovsdb/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fatal.h"
#include "ipc/jsonrpc.h"
#include "ipc/session.h"
#include "ipc/stream.h"
#include "ovsdb/server_priv.h"
#include "ovsdb/txn.h"

#define LOG_THIS LOG_ovsdb
#include "base/log.h"

#define DEFAULT_BACKLOG_BYTES ((size_t)64 << 20)

/* Describes the databases that are served. */
static const char meta_schema_text[] =
	"{\"name\":\"_Server\",\"version\":\"1.2.0\",\"tables\":{\"Database\":{\"isRoot\":true,"
	"\"columns\":{"
	"\"name\":{\"type\":\"string\"},"
	"\"model\":{\"type\":{\"key\":{\"type\":\"string\",\"enum\":"
	"[\"set\",[\"standalone\",\"clustered\",\"relay\"]]}}},"
	"\"connected\":{\"type\":\"boolean\"},"
	"\"leader\":{\"type\":\"boolean\"},"
	"\"schema\":{\"type\":{\"key\":\"string\",\"min\":0,\"max\":1}},"
	"\"cid\":{\"type\":{\"key\":\"uuid\",\"min\":0,\"max\":1}},"
	"\"sid\":{\"type\":{\"key\":\"uuid\",\"min\":0,\"max\":1}},"
	"\"index\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":1}}"
	"}}}}";

void
ovsdb_client_notify(struct ovsdb_client *client, const char *method, json_t *params)
{
	if (client->is_closed)
		json_decref(params);
	else
		(void)session_send(client->session, jsonrpc_msg_create_notify(method, params));
}

/* Takes 'client' out of service; the hook frees it. */
static void
client_close(struct ovsdb_client *client)
{
	struct ovsdb_server *server = client->server;

	if (client->is_closed)
		return;
	client->is_closed = true;
	ovsdb_request_drop_all(client);
	list_remove(&client->node);
	list_push_back(&server->zombies, &client->node);
}

static void
client_destroy(struct ovsdb_client *client)
{
	list_remove(&client->node);
	session_destroy(client->session);
	shash_uninit(&client->monitors);
	shash_uninit(&client->waiters);
	free(client);
}

static void
client_disconnected(void *aux, struct session *session, int error, const char *why)
{
	struct ovsdb_client *client = aux;

	/* A peer that dies is its own business, one that is cut off must find out why. */
	if (error == -EPROTO || error == -EMSGSIZE || error == -ENOBUFS || error == -ETIMEDOUT)
		LOG_WARN_RL("%s: connection dropped: %s", session_name(session), why);
	else
		LOG_DBG("%s: connection closed: %s", session_name(session), why);
	client_close(client);
}

static void
client_message(void *aux, struct session *session UNUSED, struct jsonrpc_msg *msg)
{
	struct ovsdb_client *client = aux;

	if (client->is_closed)
		jsonrpc_msg_destroy(msg);
	else
		ovsdb_request_handle(client, msg);
}

static const struct session_ops client_ops = {
	.disconnected = client_disconnected,
	.message = client_message,
};

static void
accept_client(void *aux, struct stream *stream)
{
	struct ovsdb_remote *remote = aux;
	struct ovsdb_server *server = remote->server;
	struct ovsdb_client *client = xzalloc(sizeof *client);
	int error;

	client->server = server;
	client->remote = remote;
	shash_init(&client->monitors);
	shash_init(&client->waiters);
	list_init(&client->held);
	list_init(&client->node);
	error = session_create_accepted(
		server->loop, stream, &client_ops, client, &client->session);
	if (error != 0) {
		LOG_WARN_RL("%s: cannot serve a connection: %s", remote->target, strerror(-error));
		client_destroy(client);
		return;
	}
	session_set_max_backlog(client->session, server->backlog_limit);
	/* Local peers do not vanish without the kernel saying so. */
	if (strncmp(remote->target, "punix:", strlen("punix:")) == 0)
		session_set_probe(client->session, 0);
	list_push_back(&server->clients, &client->node);
}

/* Tries held transactions again, as often as they cause commits themselves, and frees dead clients. */
static void
server_run(void *aux)
{
	struct ovsdb_server *server = aux;
	struct ovsdb_client *client, *next;

	while (server->retry_pending) {
		server->retry_pending = false;
		LIST_FOREACH_SAFE(client, next, node, &server->clients)
			ovsdb_request_retry(client);
	}
	LIST_FOREACH_SAFE(client, next, node, &server->zombies)
		client_destroy(client);
}

/* Some held transaction has timed out: the hook, which runs after this, answers it. */
static void
retry_timer_fired(void *aux)
{
	struct ovsdb_server *server = aux;

	server->retry_pending = true;
}

void
ovsdb_server_wake_at(struct ovsdb_server *server, int64_t deadline_ms)
{
	if (!loop_timer_is_armed(&server->retry_timer) || deadline_ms < server->retry_timer.due_ms)
		loop_timer_arm_at(&server->retry_timer, deadline_ms);
}

static void
db_committed(struct ovsdb_db_watcher *watcher, const struct ovsdb_txn *txn UNUSED)
{
	struct ovsdb_served *served = CONTAINER_OF(watcher, struct ovsdb_served, watcher);

	served->server->retry_pending = true;
}

static void
serve(struct ovsdb_server *server, struct ovsdb_db *db, bool is_read_only)
{
	struct ovsdb_served *served = xzalloc(sizeof *served);

	served->server = server;
	served->db = db;
	served->is_read_only = is_read_only;
	served->watcher.committed = db_committed;
	list_push_back(&db->watchers, &served->watcher.node);
	list_push_back(&server->dbs, &served->node);
}

/* Adds a row that describes 'db' to "_Server". */
static void
describe(struct ovsdb_server *server, const struct ovsdb_db *db)
{
	struct ovsdb_txn *txn = ovsdb_txn_create(server->meta_db);
	const struct ovsdb_row *row = ovsdb_txn_insert(txn, "Database", NULL);
	char *schema = json_dumps(db->schema->json, JSON_COMPACT);

	ovsdb_txn_set_string(txn, row, "name", db->schema->name);
	ovsdb_txn_set_string(txn, row, "model", "standalone");
	ovsdb_txn_set_bool(txn, row, "connected", true);
	ovsdb_txn_set_bool(txn, row, "leader", true);
	ovsdb_txn_set_string(txn, row, "schema", schema);
	free(schema);
	WARN_ON_ONCE(ovsdb_txn_commit(txn, NULL) != 0);
}

struct ovsdb_server *
ovsdb_server_create(struct loop *loop)
{
	struct ovsdb_server *server = xzalloc(sizeof *server);

	server->loop = loop;
	list_init(&server->remotes);
	list_init(&server->dbs);
	list_init(&server->clients);
	list_init(&server->zombies);
	shash_init(&server->locks);
	uuid_generate(&server->id);
	server->backlog_limit = DEFAULT_BACKLOG_BYTES;
	loop_timer_init(&server->retry_timer, loop, retry_timer_fired, server);
	loop_add_hook(loop, server_run, server);
	BUG_ON(ovsdb_schema_from_text(meta_schema_text, &server->meta_schema, NULL) != 0);
	server->meta_db = ovsdb_db_create(server->meta_schema);
	serve(server, server->meta_db, true);
	describe(server, server->meta_db);
	return server;
}

static void
remote_destroy(struct ovsdb_remote *remote)
{
	struct ovsdb_client *client, *next;

	LIST_FOREACH_SAFE(client, next, node, &remote->server->clients) {
		if (client->remote == remote)
			client_close(client);
	}
	pstream_destroy(remote->pstream);
	list_remove(&remote->node);
	free(remote->target);
	free(remote);
}

void
ovsdb_server_destroy(struct ovsdb_server *server)
{
	struct ovsdb_remote *remote, *next_remote;
	struct ovsdb_client *client, *next_client;
	struct ovsdb_served *served, *next_served;

	if (server == NULL)
		return;
	LIST_FOREACH_SAFE(remote, next_remote, node, &server->remotes)
		remote_destroy(remote);
	LIST_FOREACH_SAFE(client, next_client, node, &server->zombies)
		client_destroy(client);
	LIST_FOREACH_SAFE(served, next_served, node, &server->dbs) {
		list_remove(&served->watcher.node);
		list_remove(&served->node);
		free(served);
	}
	loop_remove_hook(server->loop, server_run, server);
	loop_timer_disarm(&server->retry_timer);
	ovsdb_db_destroy(server->meta_db);
	ovsdb_schema_unref(server->meta_schema);
	shash_uninit(&server->locks);
	free(server);
}

struct ovsdb_served *
ovsdb_server_find_db(struct ovsdb_server *server, const char *name)
{
	struct ovsdb_served *served;

	LIST_FOREACH(served, node, &server->dbs) {
		if (strcmp(served->db->schema->name, name) == 0)
			return served;
	}
	return NULL;
}

int
ovsdb_server_add_db(struct ovsdb_server *server, struct ovsdb_db *db, struct err *err)
{
	if (ovsdb_server_find_db(server, db->schema->name) != NULL) {
		err_set(err, "%s: a database of this name is served already", db->schema->name);
		return -EEXIST;
	}
	serve(server, db, false);
	describe(server, db);
	return 0;
}

static struct ovsdb_remote *
find_remote(const struct ovsdb_server *server, const char *target)
{
	struct ovsdb_remote *remote;

	LIST_FOREACH(remote, node, &server->remotes) {
		if (strcmp(remote->target, target) == 0)
			return remote;
	}
	return NULL;
}

int
ovsdb_server_add_remote(struct ovsdb_server *server, const char *target, struct err *err)
{
	struct ovsdb_remote *remote;
	int error;

	if (find_remote(server, target) != NULL) {
		err_set(err, "%s: already listening", target);
		return -EEXIST;
	}
	remote = xzalloc(sizeof *remote);
	remote->server = server;
	error = pstream_open(server->loop, target, STREAM_PORT_OVSDB, accept_client, remote,
		&remote->pstream, err);
	if (error != 0) {
		free(remote);
		return error;
	}
	remote->target = xstrdup(target);
	list_push_back(&server->remotes, &remote->node);
	return 0;
}

int
ovsdb_server_remove_remote(struct ovsdb_server *server, const char *target)
{
	struct ovsdb_remote *remote = find_remote(server, target);

	if (remote == NULL)
		return -ENOENT;
	remote_destroy(remote);
	return 0;
}

size_t
ovsdb_server_remotes(
	const struct ovsdb_server *server, struct ovsdb_server_remote_info *infos, size_t size)
{
	struct ovsdb_client *client;
	struct ovsdb_remote *remote;
	size_t n = 0;

	LIST_FOREACH(remote, node, &server->remotes) {
		if (n < size) {
			infos[n].target = remote->target;
			infos[n].n_sessions = 0;
			LIST_FOREACH(client, node, &server->clients)
				infos[n].n_sessions += client->remote == remote;
		}
		n++;
	}
	return n;
}

size_t
ovsdb_server_count_sessions(const struct ovsdb_server *server)
{
	return list_size(&server->clients);
}

void
ovsdb_server_set_backlog_limit(struct ovsdb_server *server, size_t bytes)
{
	struct ovsdb_client *client;

	server->backlog_limit = bytes;
	LIST_FOREACH(client, node, &server->clients)
		session_set_max_backlog(client->session, bytes);
}
