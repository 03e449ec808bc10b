/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_SERVER_H
#define OVSDB_SERVER_H

/* server: databases served over JSON-RPC, as RFC 7047 describes, on the main loop.
 *
 * Model    A server has databases, remotes (what it listens on) and sessions (who is connected).  A
 *          database "_Server" describes the others.  Locks belong to the server, monitors to sessions.
 * Rules    V1 A request is answered in full before the next one of the session is looked at, except a
 *             transaction that waits: it is tried again after each commit.
 *          V2 A session whose unread replies exceed a limit is dropped; nobody else notices.
 *          V3 The update notification of a transaction precedes its reply.
 * Life     create, add databases and remotes; destroy closes everything but the databases.
 * Owner    The caller's.  Databases stay the caller's and must outlive the server.
 * Threads  main. */

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct err;
struct loop;
struct ovsdb_db;
struct ovsdb_server;

/* State of one remote, for status columns and listings. */
struct ovsdb_server_remote_info {
	const char *target; /* As it was added; borrowed until remotes change. */
	unsigned int n_sessions; /* Connections that came in through it. */
};

/* Role: main. */
struct ovsdb_server *ovsdb_server_create(struct loop *loop) ROLE_MAIN;

/* Closes all sessions and remotes.  Role: main. */
void ovsdb_server_destroy(struct ovsdb_server *server) ROLE_MAIN;

/* Serves 'db' under its schema's name.  Returns: 0 or -EEXIST.  Role: main. */
int MUST_CHECK ovsdb_server_add_db(
	struct ovsdb_server *server, struct ovsdb_db *db, struct err *err) ROLE_MAIN;

/* Listens on 'target', "punix:PATH" or what else ipc/stream offers.  Returns: 0, -EEXIST, or -errno.
 * Role: main. */
int MUST_CHECK ovsdb_server_add_remote(
	struct ovsdb_server *server, const char *target, struct err *err) ROLE_MAIN;

/* Stops listening on 'target' and closes the sessions that came through it.  Returns: 0 or -ENOENT.
 * Role: main. */
int ovsdb_server_remove_remote(struct ovsdb_server *server, const char *target) ROLE_MAIN;

/* Fills in up to 'size' remotes.  Returns: how many there are.  Role: main. */
size_t ovsdb_server_remotes(const struct ovsdb_server *server,
	struct ovsdb_server_remote_info *infos, size_t size) ROLE_MAIN;

/* Number of sessions.  Role: main. */
size_t ovsdb_server_count_sessions(const struct ovsdb_server *server) ROLE_MAIN;

/* Bytes of unread output after which a session is dropped.  Role: main. */
void ovsdb_server_set_backlog_limit(struct ovsdb_server *server, size_t bytes) ROLE_MAIN;

#endif /* OVSDB_SERVER_H */
