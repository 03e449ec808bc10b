/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_DB_H
#define OVSDB_DB_H

/* db: one database: its schema, its tables, the file behind it, and who hears of changes.
 *
 * Model    A database lives in memory; a journal on disk holds every committed change.  Without a file it
 *          is volatile (the "_Server" database, replicas, tests).
 * Rules    B1 The sequence number grows by one with each commit that changed anything.
 *          B2 At most one transaction is in progress.
 *          B3 A commit is in the journal, and synced, before anybody hears of it.
 * Life     ovsdb_db_open() or ovsdb_db_create(); ovsdb_db_destroy() when no server serves it any more.
 * Owner    The caller's.
 * Threads  main, or one thread of a tool. */

#include <stdint.h>

#include "base/list.h"
#include "ovsdb/schema.h"
#include "ovsdb/table.h"

struct err;
struct ovsdb_journal;
struct ovsdb_txn;

/* Called after each commit that changed something; 'by_self' if the transaction was begun with
 * ovsdb_txn_create() by this process rather than by a client.  May read, and may begin transactions; the
 * client waits for its answer meanwhile, so work that takes long is only noted down here. */
typedef void ovsdb_db_observer(void *aux, bool by_self);

/* Someone who looks at each commit while old and new values are both there: monitors. */
struct ovsdb_db_watcher {
	struct list node; /* In the database's 'watchers'. */
	void (*committed)(struct ovsdb_db_watcher *, const struct ovsdb_txn *);
};

struct ovsdb_db {
	struct ovsdb_schema *schema; /* Shared. */
	struct ovsdb_table *tables; /* By index of the schema. */
	struct ovsdb_journal *journal; /* NULL if volatile. */
	struct ovsdb_txn *txn; /* In progress, or NULL. */
	uint64_t seq; /* Rule B1. */
	struct uuid txn_id; /* Names the last commit to clients. */
	struct list watchers; /* struct ovsdb_db_watcher */
	ovsdb_db_observer *observer; /* Or NULL. */
	void *observer_aux; /* For 'observer'. */
};

/* A volatile database.  Owner: takes a reference to 'schema' of its own. */
struct ovsdb_db *ovsdb_db_create(struct ovsdb_schema *schema);

/* Opens the file 'path', or creates it if it is missing, with 'schema_text' (JSON) as the schema that the
 * program knows.  A file with another version of the schema of that name is converted, and kept as it was
 * under a name of its own; damage or another database's name is refused and leaves the file alone; a last
 * record cut short by a crash is dropped.  Returns: 0, -EINVAL for content, -EBUSY if another process has
 * it open, else what the system said.  Blocks: on the disk. */
int MUST_CHECK ovsdb_db_open(
	const char *path, const char *schema_text, struct ovsdb_db **dbp, struct err *err);

void ovsdb_db_destroy(struct ovsdb_db *db);

/* The table 'name', or NULL. */
struct ovsdb_table *ovsdb_db_table(const struct ovsdb_db *db, const char *name);

/* The row 'uuid' of the table 'table', or NULL. */
struct ovsdb_row *
ovsdb_db_row(const struct ovsdb_db *db, const char *table, const struct uuid *uuid);

/* Rule B1's number. */
uint64_t ovsdb_db_seq(const struct ovsdb_db *db);

/* Makes 'observer' the one who hears of commits; NULL for nobody. */
void ovsdb_db_set_observer(struct ovsdb_db *db, ovsdb_db_observer *observer, void *aux);

/* Rewrites the file so that it holds the rows and not their history.  Returns: 0, also if volatile, or
 * -errno with the old file in use.  Blocks: on the disk. */
int MUST_CHECK ovsdb_db_compact(struct ovsdb_db *db, struct err *err);

#endif /* OVSDB_DB_H */
