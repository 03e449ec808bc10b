/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_DB_PRIV_H
#define OVSDB_DB_PRIV_H

/* db_priv: what the files of this room know about rows and transactions and nobody else does.
 *
 * Threads  main, or one thread of a tool. */

#include "ovsdb/txn.h"

/* A weak reference from one row to another, as often as it stands there. */
struct ovsdb_weak_ref {
	struct list in_node; /* In the target's 'weak_in'. */
	struct list out_node; /* In the source's 'weak_out'. */
	struct ovsdb_row *source;
	struct ovsdb_row *target;
};

/* Makes a row of default values; it is in no table yet. */
struct ovsdb_row *ovsdb_row_create(struct ovsdb_table *table, const struct uuid *uuid);

/* Frees a row that is in no table any more, and its weak references. */
void ovsdb_row_destroy(struct ovsdb_row *row);

/* Removes the weak references that lead away from 'row'. */
void ovsdb_row_drop_weak_out(struct ovsdb_row *row);

/* Begins a transaction for a client, the loader or a replica. */
struct ovsdb_txn *ovsdb_txn_create_internal(struct ovsdb_db *db);

/* What 'txn' does to 'row', made up if it did nothing so far. */
struct ovsdb_txn_row *ovsdb_txn_touch(struct ovsdb_txn *txn, struct ovsdb_row *row);

/* The field of 'column', to be edited in place: its old value is kept. */
struct ovsdb_datum *
ovsdb_txn_edit(struct ovsdb_txn *txn, struct ovsdb_row *row, const struct ovsdb_column *column);

/* Replaces a field without checking it.  Owner: takes the content of 'datum'. */
void ovsdb_txn_replace(struct ovsdb_txn *txn, struct ovsdb_row *row,
	const struct ovsdb_column *column, struct ovsdb_datum *datum);

/* Inserts a row of default values into 'table'; 'uuid' must be free. */
struct ovsdb_row *
ovsdb_txn_insert_row(struct ovsdb_txn *txn, struct ovsdb_table *table, const struct uuid *uuid);

/* Whether 'uuid' is that of a row of 'table', or was until this transaction deleted it. */
bool ovsdb_txn_uuid_is_taken(
	const struct ovsdb_txn *txn, const struct ovsdb_table *table, const struct uuid *uuid);

/* The row that this transaction touched under 'uuid', also if deleted, or NULL. */
struct ovsdb_txn_row *ovsdb_txn_find(
	const struct ovsdb_txn *txn, const struct ovsdb_table *table, const struct uuid *uuid);

/* Removes the row from its table. */
void ovsdb_txn_delete_row(struct ovsdb_txn *txn, struct ovsdb_row *row);

/* Brings references, limits and indexes in order (commit.c).  Returns: 0, or -EINVAL and the caller
 * aborts. */
int MUST_CHECK ovsdb_commit_check(struct ovsdb_txn *txn, struct ovsdb_err *err);

/* Puts the indexes back as they were before ovsdb_commit_check(). */
void ovsdb_commit_undo_indexes(struct ovsdb_txn *txn);

/* Makes reference counts and weak references follow what was committed. */
void ovsdb_commit_apply_refs(struct ovsdb_txn *txn);

/* Writes what 'txn' did to the journal, if there is one and it needs to know (file.c). */
int MUST_CHECK ovsdb_file_commit(struct ovsdb_txn *txn, struct ovsdb_err *err);

/* Compacts the file if it has grown enough; failure is logged. */
void ovsdb_file_maybe_compact(struct ovsdb_db *db);

#endif /* OVSDB_DB_PRIV_H */
