/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_SERVER_PRIV_H
#define OVSDB_SERVER_PRIV_H

/* server_priv: what server.c (remotes, sessions), request.c (methods) and lock.c share.
 *
 * Threads  main. */

#include <jansson.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/shash.h"
#include "base/uuid.h"
#include "ovsdb/db.h"
#include "ovsdb/server.h"

struct jsonrpc_msg;
struct pstream;
struct session;

/* One address that the server listens on. */
struct ovsdb_remote {
	struct list node; /* In the server's 'remotes'. */
	struct ovsdb_server *server;
	char *target;
	struct pstream *pstream;
};

/* One database that is served. */
struct ovsdb_served {
	struct list node; /* In the server's 'dbs'. */
	struct ovsdb_server *server;
	struct ovsdb_db *db; /* Borrowed. */
	struct ovsdb_db_watcher watcher; /* Wakes up transactions that wait. */
	bool is_read_only;
};

struct ovsdb_server {
	struct loop *loop; /* Borrowed. */
	struct list remotes; /* struct ovsdb_remote */
	struct list dbs; /* struct ovsdb_served */
	struct list clients; /* struct ovsdb_client */
	struct list zombies; /* struct ovsdb_client, closed, to be freed by the hook. */
	struct shash locks; /* struct ovsdb_lock */
	struct ovsdb_schema *meta_schema; /* Of "_Server". */
	struct ovsdb_db *meta_db; /* "_Server" itself. */
	struct uuid id; /* What get_server_id tells. */
	struct loop_timer retry_timer; /* Fires when the first held transaction times out. */
	size_t backlog_limit; /* Bytes; rule V2. */
	bool retry_pending; /* A commit happened since held transactions were tried. */
};

/* A connection. */
struct ovsdb_client {
	struct list node; /* In the server's 'clients'. */
	struct ovsdb_server *server;
	struct ovsdb_remote *remote; /* Through which it came. */
	struct session *session;
	struct shash monitors; /* JSON text of the id -> struct ovsdb_monitor */
	struct shash waiters; /* Name of a lock -> struct ovsdb_waiter */
	struct list held; /* struct ovsdb_held, oldest first. */
	bool is_closed; /* Dead, waiting to be freed. */
};

/* A transaction that waits. */
struct ovsdb_held {
	struct list node; /* In the client's 'held'. */
	struct ovsdb_served *served;
	json_t *params; /* Of the request. */
	json_t *id; /* Of the request. */
	int64_t since_ms; /* When it arrived. */
	int64_t deadline_ms; /* When its wait gives up, or INT64_MAX. */
};

/* Handles a request or notification.  Owner: takes 'msg'. */
void ovsdb_request_handle(struct ovsdb_client *client, struct jsonrpc_msg *msg);

/* Tries the held transactions of 'client' again. */
void ovsdb_request_retry(struct ovsdb_client *client);

/* Ends what 'client' has going on: held transactions, monitors, locks. */
void ovsdb_request_drop_all(struct ovsdb_client *client);

/* Sends a notification.  Owner: takes 'params'. */
void ovsdb_client_notify(struct ovsdb_client *client, const char *method, json_t *params);

/* Has held transactions be tried no later than 'deadline_ms'. */
void ovsdb_server_wake_at(struct ovsdb_server *server, int64_t deadline_ms);

/* The database 'name', or NULL. */
struct ovsdb_served *ovsdb_server_find_db(struct ovsdb_server *server, const char *name);

/* Handles "lock" and "steal".  Returns: the result, or NULL if 'client' has asked for it before. */
json_t *ovsdb_lock_take(struct ovsdb_client *client, const char *name, bool steal);

/* Handles "unlock".  Returns: the result, or NULL if 'client' had not asked for it. */
json_t *ovsdb_lock_release(struct ovsdb_client *client, const char *name);

/* Gives back all that 'client' holds or waits for. */
void ovsdb_lock_release_all(struct ovsdb_client *client);

/* Whether the client 'aux' owns the lock 'name': for ovsdb_exec_env. */
bool ovsdb_lock_is_owner(void *aux, const char *name);

#endif /* OVSDB_SERVER_PRIV_H */
