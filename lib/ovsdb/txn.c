/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions.
 *
 * Changes rows in place and remembers their old values; commits or puts them back.  The checks of a commit
 * are in commit.c, the typed setters in setter.c. */

#include "ovsdb/txn.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bitmap.h"
#include "base/fatal.h"
#include "ovsdb/db_priv.h"

struct ovsdb_txn *
ovsdb_txn_create_internal(struct ovsdb_db *db)
{
	struct ovsdb_txn *txn = xzalloc(sizeof *txn);

	BUG_ON(db->txn != NULL);
	txn->db = db;
	hmap_init(&txn->rows);
	list_init(&txn->order);
	db->txn = txn;
	return txn;
}

struct ovsdb_txn *
ovsdb_txn_create(struct ovsdb_db *db)
{
	return ovsdb_txn_create_internal(db);
}

void
ovsdb_txn_add_comment(struct ovsdb_txn *txn, const char *comment)
{
	if (txn->comment.len > 0)
		str_putc(&txn->comment, '\n');
	str_puts(&txn->comment, comment);
}

struct ovsdb_txn_row *
ovsdb_txn_touch(struct ovsdb_txn *txn, struct ovsdb_row *row)
{
	struct ovsdb_txn_row *txn_row = row->txn_row;

	if (txn_row != NULL)
		return txn_row;
	txn_row = xzalloc(sizeof *txn_row);
	txn_row->row = row;
	row->txn_row = txn_row;
	hmap_insert(&txn->rows, &txn_row->node, uuid_hash(&row->uuid, 0));
	list_push_back(&txn->order, &txn_row->order);
	return txn_row;
}

struct ovsdb_txn_row *
ovsdb_txn_find(
	const struct ovsdb_txn *txn, const struct ovsdb_table *table, const struct uuid *uuid)
{
	struct ovsdb_txn_row *txn_row;

	HMAP_FOREACH_HASH(txn_row, node, uuid_hash(uuid, 0), &txn->rows) {
		if (txn_row->row->table == table && uuid_equal(&txn_row->row->uuid, uuid))
			return txn_row;
	}
	return NULL;
}

bool
ovsdb_txn_uuid_is_taken(
	const struct ovsdb_txn *txn, const struct ovsdb_table *table, const struct uuid *uuid)
{
	return ovsdb_table_lookup(table, uuid) != NULL || ovsdb_txn_find(txn, table, uuid) != NULL;
}

/* Prepares 'row' for a new value of 'column'.  Returns: where the old value has to go, NULL if nobody
 * needs it. */
static struct ovsdb_datum *
prepare_old(struct ovsdb_txn *txn, struct ovsdb_row *row, const struct ovsdb_column *column)
{
	struct ovsdb_txn_row *txn_row = ovsdb_txn_touch(txn, row);
	size_t n = row->table->schema->n_columns;

	if (txn_row->is_inserted)
		return NULL;
	if (txn_row->changed == NULL) {
		txn_row->changed = bitmap_create(n);
		txn_row->old = xcalloc(n, sizeof *txn_row->old);
	}
	if (bitmap_is_set(txn_row->changed, column->index))
		return NULL;
	bitmap_set(txn_row->changed, column->index);
	return &txn_row->old[column->index];
}

struct ovsdb_datum *
ovsdb_txn_edit(struct ovsdb_txn *txn, struct ovsdb_row *row, const struct ovsdb_column *column)
{
	struct ovsdb_datum *old = prepare_old(txn, row, column);

	if (old != NULL)
		ovsdb_datum_clone(old, &row->fields[column->index], &column->type);
	return &row->fields[column->index];
}

void
ovsdb_txn_replace(struct ovsdb_txn *txn, struct ovsdb_row *row, const struct ovsdb_column *column,
	struct ovsdb_datum *datum)
{
	struct ovsdb_datum *field = &row->fields[column->index];
	struct ovsdb_datum *old;

	if (ovsdb_datum_equal(field, datum, &column->type)) {
		ovsdb_datum_uninit(datum, &column->type);
		return;
	}
	old = prepare_old(txn, row, column);
	if (old != NULL)
		*old = *field;
	else
		ovsdb_datum_uninit(field, &column->type);
	*field = *datum;
	ovsdb_datum_init_empty(datum);
}

struct ovsdb_row *
ovsdb_txn_insert_row(struct ovsdb_txn *txn, struct ovsdb_table *table, const struct uuid *uuid)
{
	struct ovsdb_row *row = ovsdb_row_create(table, uuid);

	hmap_insert(&table->rows, &row->uuid_node, uuid_hash(uuid, 0));
	ovsdb_txn_touch(txn, row)->is_inserted = true;
	return row;
}

struct ovsdb_row *
ovsdb_txn_insert(struct ovsdb_txn *txn, const char *table_name, const struct uuid *uuid)
{
	struct ovsdb_table *table = ovsdb_db_table(txn->db, table_name);
	struct uuid fresh;

	if (table == NULL) {
		txn->has_failed = true;
		ovsdb_err_set(&txn->error, OVSDB_TAG_SYNTAX, "no table %.60s", table_name);
		return NULL;
	}
	if (uuid == NULL) {
		uuid_generate(&fresh);
		uuid = &fresh;
	}
	if (ovsdb_txn_uuid_is_taken(txn, table, uuid)) {
		txn->has_failed = true;
		ovsdb_err_set(&txn->error, "duplicate uuid", "table %.60s", table_name);
		return NULL;
	}
	return ovsdb_txn_insert_row(txn, table, uuid);
}

static void
free_txn_row(struct ovsdb_txn *txn, struct ovsdb_txn_row *txn_row)
{
	const struct ovsdb_table_schema *schema = txn_row->row->table->schema;

	for (size_t i = 0; txn_row->changed != NULL && i < schema->n_columns; i++)
		ovsdb_datum_uninit(&txn_row->old[i], &schema->columns[i].type);
	hmap_remove(&txn->rows, &txn_row->node);
	list_remove(&txn_row->order);
	txn_row->row->txn_row = NULL;
	free(txn_row->changed);
	free(txn_row->old);
	free(txn_row->old_index_hash);
	free(txn_row);
}

void
ovsdb_txn_delete_row(struct ovsdb_txn *txn, struct ovsdb_row *row)
{
	struct ovsdb_txn_row *txn_row = ovsdb_txn_touch(txn, row);

	BUG_ON(txn_row->is_deleted);
	hmap_remove(&row->table->rows, &row->uuid_node);
	txn_row->is_deleted = true;
	txn_row->is_dead = txn_row->is_inserted;
	if (txn->is_load) { /* History: nobody refers to it before the load is complete. */
		free_txn_row(txn, txn_row);
		ovsdb_row_destroy(row);
	}
}

void
ovsdb_txn_delete(struct ovsdb_txn *txn, const struct ovsdb_row *row)
{
	ovsdb_txn_delete_row(txn, (struct ovsdb_row *)row);
}

const struct ovsdb_datum *
ovsdb_txn_row_old(const struct ovsdb_txn_row *txn_row, const struct ovsdb_column *column)
{
	if (txn_row->is_inserted)
		return NULL;
	if (txn_row->changed != NULL && bitmap_is_set(txn_row->changed, column->index))
		return &txn_row->old[column->index];
	return &txn_row->row->fields[column->index];
}

bool
ovsdb_txn_row_changed(const struct ovsdb_txn_row *txn_row, const struct ovsdb_column *column)
{
	return txn_row->is_inserted || txn_row->is_deleted
		|| (txn_row->changed != NULL && bitmap_is_set(txn_row->changed, column->index));
}

static void
txn_destroy(struct ovsdb_txn *txn)
{
	BUG_ON(!list_is_empty(&txn->order));
	hmap_uninit(&txn->rows);
	str_uninit(&txn->comment);
	txn->db->txn = NULL;
	free(txn);
}

/* Puts back what 'txn_row' was before the transaction, and frees it. */
static void
revert_row(struct ovsdb_txn *txn, struct ovsdb_txn_row *txn_row)
{
	struct ovsdb_row *row = txn_row->row;
	const struct ovsdb_table_schema *schema = row->table->schema;
	bool is_new = txn_row->is_inserted;

	for (size_t i = 0; txn_row->changed != NULL && i < schema->n_columns; i++) {
		if (!bitmap_is_set(txn_row->changed, i))
			continue;
		ovsdb_datum_uninit(&row->fields[i], &schema->columns[i].type);
		row->fields[i] = txn_row->old[i];
		ovsdb_datum_init_empty(&txn_row->old[i]);
	}
	if (txn_row->is_deleted && !is_new)
		hmap_insert(&row->table->rows, &row->uuid_node, uuid_hash(&row->uuid, 0));
	else if (!txn_row->is_deleted && is_new)
		hmap_remove(&row->table->rows, &row->uuid_node);
	free_txn_row(txn, txn_row);
	if (is_new)
		ovsdb_row_destroy(row);
}

void
ovsdb_txn_abort(struct ovsdb_txn *txn)
{
	struct ovsdb_txn_row *txn_row, *next;

	if (txn == NULL)
		return;
	ovsdb_commit_undo_indexes(txn);
	LIST_FOREACH_SAFE(txn_row, next, order, &txn->order)
		revert_row(txn, txn_row);
	txn_destroy(txn);
}

/* Forgets columns that have their old value again, and finds out which rows changed.  Returns: whether
 * any did. */
static bool
find_changes(struct ovsdb_txn *txn)
{
	struct ovsdb_txn_row *txn_row;
	bool any = false;

	LIST_FOREACH(txn_row, order, &txn->order) {
		struct ovsdb_row *row = txn_row->row;
		const struct ovsdb_table_schema *schema = row->table->schema;

		txn_row->is_changed =
			(txn_row->is_inserted || txn_row->is_deleted) && !txn_row->is_dead;
		for (size_t i = 0; txn_row->changed != NULL && i < schema->n_columns; i++) {
			const struct ovsdb_type *type = &schema->columns[i].type;

			if (!bitmap_is_set(txn_row->changed, i))
				continue;
			if (!ovsdb_datum_equal(&txn_row->old[i], &row->fields[i], type)) {
				txn_row->is_changed = true;
				continue;
			}
			ovsdb_datum_uninit(&txn_row->old[i], type);
			bitmap_clear(txn_row->changed, i);
		}
		any = any || txn_row->is_changed;
	}
	return any;
}

/* Gives each changed row a new version. */
static void
new_versions(struct ovsdb_txn *txn)
{
	struct ovsdb_txn_row *txn_row;

	LIST_FOREACH(txn_row, order, &txn->order) {
		struct ovsdb_row *row = txn_row->row;
		struct ovsdb_datum *field;

		if (!txn_row->is_changed || txn_row->is_inserted || txn_row->is_deleted)
			continue;
		field = ovsdb_txn_edit(txn, row, &row->table->schema->columns[OVSDB_COL_VERSION]);
		uuid_generate(&field->keys[0].uuid);
	}
}

/* The commit can no longer fail: makes it visible and frees what only rolling back needed. */
static void
finish(struct ovsdb_txn *txn)
{
	struct ovsdb_db *db = txn->db;
	struct ovsdb_db_watcher *watcher, *next_watcher;
	struct ovsdb_txn_row *txn_row, *next;

	db->seq++;
	uuid_generate(&db->txn_id);
	LIST_FOREACH(txn_row, order, &txn->order) {
		if (txn_row->is_changed)
			txn_row->row->changed_seq = db->seq;
	}
	if (!txn->is_replica)
		ovsdb_commit_apply_refs(txn);
	if (!txn->is_load) {
		LIST_FOREACH_SAFE(watcher, next_watcher, node, &db->watchers)
			watcher->committed(watcher, txn);
	}
	LIST_FOREACH_SAFE(txn_row, next, order, &txn->order) {
		struct ovsdb_row *row = txn_row->row;
		bool is_gone = txn_row->is_deleted;

		free_txn_row(txn, txn_row);
		if (is_gone)
			ovsdb_row_destroy(row);
	}
}

int
ovsdb_txn_commit(struct ovsdb_txn *txn, struct ovsdb_err *err)
{
	struct ovsdb_db *db = txn->db;
	bool by_self = !txn->by_client, is_load = txn->is_load;
	struct ovsdb_err local = { 0 };
	int error;

	if (txn->has_failed) {
		local = txn->error;
		error = -EINVAL;
		goto err_abort;
	}
	if (!find_changes(txn)) {
		ovsdb_txn_abort(txn);
		return 0;
	}
	error = ovsdb_commit_check(txn, &local);
	if (error != 0)
		goto err_abort;
	if (!find_changes(txn)) { /* What was inserted may have been collected at once. */
		ovsdb_txn_abort(txn);
		return 0;
	}
	new_versions(txn);
	error = ovsdb_file_commit(txn, &local);
	if (error != 0)
		goto err_abort;
	finish(txn);
	txn_destroy(txn);
	if (is_load)
		return 0;
	ovsdb_file_maybe_compact(db);
	if (db->observer != NULL)
		db->observer(db->observer_aux, by_self);
	return 0;

err_abort:
	ovsdb_txn_abort(txn);
	if (err != NULL)
		*err = local;
	return error;
}
