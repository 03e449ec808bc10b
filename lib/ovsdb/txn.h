/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_TXN_H
#define OVSDB_TXN_H

/* txn: a change to a database that happens as a whole or not at all.
 *
 * Model    The functions below change the rows in place and remember what was there.  Commit brings
 *          references, garbage collection, weak references, row limits and indexes in order, writes the
 *          journal, tells the watchers.  Anything that fails puts everything back.
 * Rules    X1 One transaction per database at a time, begun and ended without going back to the loop.
 *          X2 A setter that changes nothing records nothing: writing a status twice costs no commit.
 *          X3 The first error of a setter sticks; commit reports it and rolls back.
 *          X4 Unlike a client's update, a setter may change an immutable column only in a row that this
 *             transaction inserted.
 * Life     ovsdb_txn_create(), changes, ovsdb_txn_commit() or ovsdb_txn_abort(), which free it.
 * Owner    The caller's, until then.
 * Threads  main, or one thread of a tool.
 * Cost     Proportional to what changed; references are counted, never searched.
 * See      tests/unit/ovsdb/model_test.c. */

#include "base/compiler.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/str.h"
#include "ovsdb/db.h"
#include "ovsdb/error.h"

struct err;
struct smap;

/* What a transaction did to one row. */
struct ovsdb_txn_row {
	struct hmap_node node; /* In the transaction's 'rows', by hash of the UUID. */
	struct list order; /* In the transaction's 'order'. */
	struct ovsdb_row *row; /* Alive until the transaction ends, also if deleted. */
	bool is_inserted; /* The row is new. */
	bool is_deleted; /* The row is gone. */
	bool is_changed; /* Some field differs, or one of the above. */
	bool is_dead; /* Both inserted and deleted here: nobody needs to know. */
	bool in_gc; /* Waits to be collected, while committing. */
	bool idx_removed, idx_added; /* Progress of the commit, for rolling back. */
	int64_t strong_delta; /* Change of the row's strong references, while committing. */
	unsigned long *changed; /* Bitmap of columns whose old value is in 'old'. */
	struct ovsdb_datum *old; /* By column; valid where 'changed' says so. */
	size_t *old_index_hash; /* By index, while 'idx_removed'. */
};

struct ovsdb_txn {
	struct ovsdb_db *db;
	struct hmap rows; /* struct ovsdb_txn_row */
	struct list order; /* The same, in order of first touch. */
	struct str comment; /* For the journal. */
	struct ovsdb_err error; /* Rule X3. */
	bool by_client; /* Begun for a client. */
	bool is_load; /* The changes come from the file: not journalled, nobody hears of them. */
	bool is_replica; /* The changes come from a server, which has checked them. */
	bool has_failed; /* 'error' is set. */
};

/* Begins a transaction of the process itself. */
struct ovsdb_txn *ovsdb_txn_create(struct ovsdb_db *db);

/* Adds a line to what the journal says about the transaction. */
void ovsdb_txn_add_comment(struct ovsdb_txn *txn, const char *comment);

/* Inserts a row of default values, under 'uuid' or, if that is NULL, a new one.  Returns: the row, or NULL
 * with rule X3's error if the table is missing or the UUID is taken. */
struct ovsdb_row *
ovsdb_txn_insert(struct ovsdb_txn *txn, const char *table, const struct uuid *uuid);

/* Deletes 'row'; the pointer is dead for the caller. */
void ovsdb_txn_delete(struct ovsdb_txn *txn, const struct ovsdb_row *row);

/* Replaces a field after checking it.  Owner: takes the content of 'datum', also on failure.
 * Returns: 0, or -EINVAL with 'err' and rule X3's error set. */
int ovsdb_txn_set(struct ovsdb_txn *txn, const struct ovsdb_row *row,
	const struct ovsdb_column *column, struct ovsdb_datum *datum, struct ovsdb_err *err);

/* The typed setters: 'name' is the column.  NULL empties an optional string. */
void ovsdb_txn_set_string(
	struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, const char *value);
void ovsdb_txn_set_int(
	struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, int64_t value);
void ovsdb_txn_set_bool(
	struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, bool value);
void ovsdb_txn_set_real(
	struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, double value);
void ovsdb_txn_set_smap(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct smap *value);
void ovsdb_txn_set_strings(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const char *const *values, size_t n);
void ovsdb_txn_set_ints(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const int64_t *values, size_t n);
/* A set of references. */
void ovsdb_txn_set_refs(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct ovsdb_row *const *values, size_t n);
/* A map of strings to integers: the statistics columns. */
void ovsdb_txn_set_counters(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const char *const *keys, const int64_t *values, size_t n);
/* Adds one reference to a set, or takes one out. */
void ovsdb_txn_add_ref(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct ovsdb_row *target);
void ovsdb_txn_del_ref(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct ovsdb_row *target);
/* Sets one pair of a map of strings to strings; NULL removes it. */
void ovsdb_txn_set_pair(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const char *key, const char *value);
/* Empties a set, map or optional value. */
void ovsdb_txn_clear(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name);

/* Ends the transaction with its changes made and on disk, or with everything as before.  Returns: 0,
 * -EINVAL for a violated rule of the database, or what the disk said.  Owner: frees 'txn'.
 * Blocks: on the disk, if a column that the file keeps was changed. */
int ovsdb_txn_commit(struct ovsdb_txn *txn, struct ovsdb_err *err);

/* Ends the transaction with everything as before.  Owner: frees 'txn'. */
void ovsdb_txn_abort(struct ovsdb_txn *txn);

/* The value that 'column' had before the transaction: what a watcher compares.  NULL if the row is new. */
const struct ovsdb_datum *
ovsdb_txn_row_old(const struct ovsdb_txn_row *txn_row, const struct ovsdb_column *column);

/* True if 'column' changed in this transaction. */
bool ovsdb_txn_row_changed(const struct ovsdb_txn_row *txn_row, const struct ovsdb_column *column);

/* What the transaction did so far, as operations of RFC 7047 that do the same on another server: for
 * tools that try a change on a replica first.  New rows are named, sets and maps are mutated rather than
 * replaced.  Owner: the caller's reference to the array. */
json_t *ovsdb_txn_to_ops(const struct ovsdb_txn *txn);

#endif /* OVSDB_TXN_H */
