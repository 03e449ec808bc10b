/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a commit.
 *
 * Counts strong references by what changed, collects rows that nobody keeps, removes weak references to
 * rows that are gone, checks the limits of tables and the indexes.  Everything here can be undone until
 * ovsdb_commit_apply_refs(). */

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bitmap.h"
#include "base/uuid.h"
#include "ovsdb/db_priv.h"

/* Rows that may have lost their last reference. */
struct gc_queue {
	struct ovsdb_row **rows;
	size_t n, n_alloc;
};

struct commit {
	struct ovsdb_txn *txn;
	struct gc_queue gc;
	struct ovsdb_err *err;
};

static bool
is_kept(const struct ovsdb_row *row)
{
	const struct ovsdb_txn_row *txn_row = row->txn_row;

	return row->table->schema->is_root
		|| (int64_t)row->n_strong + (txn_row != NULL ? txn_row->strong_delta : 0) > 0;
}

static void
gc_push(struct commit *c, struct ovsdb_row *row)
{
	struct ovsdb_txn_row *txn_row = row->txn_row;

	if (txn_row->in_gc || txn_row->is_deleted || is_kept(row))
		return;
	txn_row->in_gc = true;
	if (c->gc.n == c->gc.n_alloc)
		c->gc.rows = vec_grow(c->gc.rows, &c->gc.n_alloc, sizeof *c->gc.rows);
	c->gc.rows[c->gc.n++] = row;
}

/* Records that 'row' refers once more ('delta' 1) or less (-1) to 'uuid' through 'column'. */
static int
count_ref(struct commit *c, struct ovsdb_row *row, const struct ovsdb_column *column,
	const struct ovsdb_base_type *base, const struct uuid *uuid, int delta)
{
	struct ovsdb_table *table = &c->txn->db->tables[base->ref_table->index];
	struct ovsdb_row *target = ovsdb_table_lookup(table, uuid);
	char from[UUID_LEN + 1], to[UUID_LEN + 1];

	/* Nobody keeps itself alive.  A row that is being deleted is not found by then. */
	if (row->table == table && uuid_equal(&row->uuid, uuid))
		return 0;
	if (target == NULL && delta < 0) {
		struct ovsdb_txn_row *txn_row = ovsdb_txn_find(c->txn, table, uuid);

		if (txn_row != NULL)
			txn_row->strong_delta--;
		return 0;
	}
	if (target == NULL) {
		uuid_format(&row->uuid, from);
		uuid_format(uuid, to);
		return ovsdb_err_set(c->err, OVSDB_TAG_REFERENCE,
			"Table %s column %s row %s references nonexistent row %s in table %s.",
			row->table->schema->name, column->name, from, to, table->schema->name);
	}
	ovsdb_txn_touch(c->txn, target)->strong_delta += delta;
	if (delta < 0)
		gc_push(c, target);
	return 0;
}

/* Counts the references in the keys or the values of one element. */
static int
count_element(struct commit *c, struct ovsdb_row *row, const struct ovsdb_column *column,
	const struct ovsdb_datum *datum, unsigned int i, int delta)
{
	const struct ovsdb_type *type = &column->type;
	int error = 0;

	if (ovsdb_base_type_is_ref(&type->key) && !type->key.is_weak)
		error = count_ref(c, row, column, &type->key, &datum->keys[i].uuid, delta);
	if (error == 0 && ovsdb_base_type_is_ref(&type->value) && !type->value.is_weak)
		error = count_ref(c, row, column, &type->value, &datum->values[i].uuid, delta);
	return error;
}

/* Counts what changed from 'old' to 'new' (either may be NULL); both are sorted. */
static int
count_change(struct commit *c, struct ovsdb_row *row, const struct ovsdb_column *column,
	const struct ovsdb_datum *old, const struct ovsdb_datum *new)
{
	const struct ovsdb_type *type = &column->type;
	unsigned int i = 0, j = 0, n_old = old != NULL ? old->n : 0,
		     n_new = new != NULL ? new->n : 0;
	int error = 0;

	while ((i < n_old || j < n_new) && error == 0) {
		int cmp = i >= n_old ? 1
			: j >= n_new
			? -1
			: ovsdb_atom_compare(&old->keys[i], &new->keys[j], type->key.type);

		if (cmp == 0 && ovsdb_type_is_map(type))
			cmp = ovsdb_atom_compare(
				&old->values[i], &new->values[j], type->value.type);
		if (cmp == 0) {
			i++;
			j++;
		} else if (cmp < 0) {
			error = count_element(c, row, column, old, i++, -1);
		} else {
			error = count_element(c, row, column, new, j++, 1);
		}
	}
	return error;
}

/* Counts the strong references that 'txn_row' gained and lost. */
static int
count_row(struct commit *c, struct ovsdb_txn_row *txn_row)
{
	struct ovsdb_row *row = txn_row->row;
	const struct ovsdb_table_schema *schema = row->table->schema;
	int error = 0;

	if (txn_row->is_dead)
		return 0;
	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns && error == 0; i++) {
		const struct ovsdb_column *column = &schema->columns[i];

		if (!ovsdb_type_has_refs(&column->type, false)
			|| !ovsdb_txn_row_changed(txn_row, column))
			continue;
		error = count_change(c, row, column, ovsdb_txn_row_old(txn_row, column),
			txn_row->is_deleted ? NULL : &row->fields[i]);
	}
	return error;
}

/* Deletes 'row', whose references were counted before. */
static void
collect(struct commit *c, struct ovsdb_row *row)
{
	const struct ovsdb_table_schema *schema = row->table->schema;

	ovsdb_txn_delete_row(c->txn, row);
	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++) {
		const struct ovsdb_column *column = &schema->columns[i];

		if (ovsdb_type_has_refs(&column->type, false))
			(void)count_change(c, row, column, &row->fields[i], NULL);
	}
}

static void
collect_garbage(struct commit *c)
{
	while (c->gc.n > 0) {
		struct ovsdb_row *row = c->gc.rows[--c->gc.n];

		row->txn_row->in_gc = false;
		if (!row->txn_row->is_deleted && !is_kept(row))
			collect(c, row);
	}
}

/* Whether the weak reference 'atom' of 'base' leads nowhere. */
static bool
is_dangling(
	const struct ovsdb_db *db, const struct ovsdb_base_type *base, const union ovsdb_atom *atom)
{
	return ovsdb_base_type_is_ref(base) && base->is_weak
		&& ovsdb_table_lookup(&db->tables[base->ref_table->index], &atom->uuid) == NULL;
}

static bool
element_dangles(const struct ovsdb_db *db, const struct ovsdb_type *type,
	const struct ovsdb_datum *field, unsigned int i)
{
	return is_dangling(db, &type->key, &field->keys[i])
		|| (ovsdb_type_is_map(type) && is_dangling(db, &type->value, &field->values[i]));
}

/* Removes from 'column' of 'row' what refers weakly to rows that are gone. */
static int
prune_column(struct commit *c, struct ovsdb_row *row, const struct ovsdb_column *column)
{
	struct ovsdb_db *db = c->txn->db;
	const struct ovsdb_type *type = &column->type;
	struct ovsdb_datum *field = &row->fields[column->index];
	char uuid[UUID_LEN + 1];
	bool removed = false;

	for (unsigned int i = field->n; i-- > 0;) {
		if (!element_dangles(db, type, field, i))
			continue;
		field = ovsdb_txn_edit(c->txn, row, column);
		if (ovsdb_type_has_refs(type, false))
			(void)count_element(c, row, column, field, i, -1);
		ovsdb_datum_remove(field, i, type);
		removed = true;
	}
	if (!removed || field->n >= type->n_min)
		return 0;
	uuid_format(&row->uuid, uuid);
	return ovsdb_err_set(c->err, OVSDB_TAG_CONSTRAINT,
		"Weak reference column %s in table %s row %s would become empty", column->name,
		row->table->schema->name, uuid);
}

/* prune_column() of each column of 'row' that has weak references, or of those that changed. */
static int
prune_row(struct commit *c, struct ovsdb_row *row, bool only_changed)
{
	const struct ovsdb_table_schema *schema = row->table->schema;
	int error = 0;

	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns && error == 0; i++) {
		const struct ovsdb_column *column = &schema->columns[i];

		if (!ovsdb_type_has_refs(&column->type, true))
			continue;
		if (only_changed && !ovsdb_txn_row_changed(row->txn_row, column))
			continue;
		error = prune_column(c, row, column);
	}
	return error;
}

static int
prune_weak_refs(struct commit *c)
{
	struct ovsdb_txn_row *txn_row;
	struct ovsdb_weak_ref *ref;
	int error = 0;

	LIST_FOREACH(txn_row, order, &c->txn->order) {
		if (!txn_row->is_deleted) {
			error = prune_row(c, txn_row->row, true);
			if (error != 0)
				return error;
			continue;
		}
		LIST_FOREACH(ref, in_node, &txn_row->row->weak_in) {
			if (ref->source->txn_row != NULL && ref->source->txn_row->is_deleted)
				continue;
			error = prune_row(c, ref->source, false);
			if (error != 0)
				return error;
		}
	}
	return 0;
}

/* Checks that nobody refers to what was deleted, and the number of rows. */
static int
check_rows(struct commit *c)
{
	struct ovsdb_txn_row *txn_row;
	char uuid[UUID_LEN + 1];

	LIST_FOREACH(txn_row, order, &c->txn->order) {
		struct ovsdb_row *row = txn_row->row;
		const struct ovsdb_table_schema *schema = row->table->schema;
		int64_t n_refs = (int64_t)row->n_strong + txn_row->strong_delta;

		if (txn_row->is_deleted && !txn_row->is_dead && n_refs > 0) {
			uuid_format(&row->uuid, uuid);
			return ovsdb_err_set(c->err, OVSDB_TAG_REFERENCE,
				"cannot delete %s row %s because of %lld remaining reference(s)",
				schema->name, uuid, (long long int)n_refs);
		}
		if (txn_row->is_inserted && !txn_row->is_deleted
			&& ovsdb_table_count(row->table) > schema->max_rows)
			return ovsdb_err_set(c->err, OVSDB_TAG_CONSTRAINT,
				"transaction causes \"%s\" table to contain %zu rows, greater than the "
				"schema-defined limit of %u row(s)",
				schema->name, ovsdb_table_count(row->table), schema->max_rows);
	}
	return 0;
}

static size_t
index_hash(const struct ovsdb_row *row, const struct ovsdb_index_schema *index)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < index->n_columns; i++)
		hash = ovsdb_datum_hash(
			ovsdb_row_field(row, index->columns[i]), &index->columns[i]->type, hash);
	return hash;
}

static bool
index_equal(const struct ovsdb_row *a, const struct ovsdb_row *b,
	const struct ovsdb_index_schema *index)
{
	for (size_t i = 0; i < index->n_columns; i++) {
		const struct ovsdb_column *column = index->columns[i];

		if (!ovsdb_datum_equal(
			    ovsdb_row_field(a, column), ovsdb_row_field(b, column), &column->type))
			return false;
	}
	return true;
}

static bool
touches_indexes(const struct ovsdb_txn_row *txn_row)
{
	const struct ovsdb_table_schema *schema = txn_row->row->table->schema;

	if (txn_row->is_inserted || txn_row->is_deleted)
		return schema->n_indexes > 0;
	for (size_t i = 0; i < schema->n_indexes; i++) {
		for (size_t j = 0; j < schema->indexes[i].n_columns; j++) {
			if (ovsdb_txn_row_changed(txn_row, schema->indexes[i].columns[j]))
				return true;
		}
	}
	return false;
}

static void
indexes_remove(struct ovsdb_txn_row *txn_row)
{
	struct ovsdb_row *row = txn_row->row;
	size_t n = row->table->schema->n_indexes;

	txn_row->old_index_hash = xcalloc(n, sizeof *txn_row->old_index_hash);
	for (size_t i = 0; i < n; i++) {
		txn_row->old_index_hash[i] = row->index_nodes[i].node.hash;
		hmap_remove(&row->table->indexes[i], &row->index_nodes[i].node);
	}
	txn_row->idx_removed = true;
}

/* Says which values of 'index' are there twice. */
static int
fail_duplicate(struct commit *c, const struct ovsdb_row *row, const struct ovsdb_row *other,
	const struct ovsdb_index_schema *index)
{
	struct str values = STR_INIT, names = STR_INIT;
	char a[UUID_LEN + 1], b[UUID_LEN + 1];
	int error;

	for (size_t i = 0; i < index->n_columns; i++) {
		str_printf(&names, "%s%s", i > 0 ? ", " : "", index->columns[i]->name);
		if (i > 0)
			str_puts(&values, ", ");
		ovsdb_datum_to_text(
			ovsdb_row_field(row, index->columns[i]), &index->columns[i]->type, &values);
	}
	uuid_format(&row->uuid, a);
	uuid_format(&other->uuid, b);
	error = ovsdb_err_set(c->err, OVSDB_TAG_CONSTRAINT,
		"Transaction causes multiple rows in \"%s\" table to have identical values (%.150s) "
		"for index on %s \"%.60s\".  The rows are %s and %s.",
		row->table->schema->name, str_cstr(&values),
		index->n_columns > 1 ? "columns" : "column", str_cstr(&names), a, b);
	str_uninit(&names);
	str_uninit(&values);
	return error;
}

/* Adds the row to the indexes of its table; on failure to none. */
static int
indexes_add(struct commit *c, struct ovsdb_txn_row *txn_row)
{
	struct ovsdb_row *row = txn_row->row;
	const struct ovsdb_table_schema *schema = row->table->schema;

	for (size_t i = 0; i < schema->n_indexes; i++) {
		const struct ovsdb_index_schema *index = &schema->indexes[i];
		size_t hash = index_hash(row, index);
		struct ovsdb_index_node *node;

		HMAP_FOREACH_HASH(node, node, hash, &row->table->indexes[i]) {
			if (!index_equal(node->row, row, index))
				continue;
			while (i-- > 0)
				hmap_remove(&row->table->indexes[i], &row->index_nodes[i].node);
			return fail_duplicate(c, row, node->row, index);
		}
		hmap_insert(&row->table->indexes[i], &row->index_nodes[i].node, hash);
	}
	txn_row->idx_added = true;
	return 0;
}

static int
update_indexes(struct commit *c)
{
	struct ovsdb_txn_row *txn_row;
	int error;

	LIST_FOREACH(txn_row, order, &c->txn->order) {
		if (touches_indexes(txn_row) && !txn_row->is_inserted)
			indexes_remove(txn_row);
	}
	LIST_FOREACH(txn_row, order, &c->txn->order) {
		if (!touches_indexes(txn_row) || txn_row->is_deleted)
			continue;
		error = indexes_add(c, txn_row);
		if (error != 0)
			return error;
	}
	return 0;
}

void
ovsdb_commit_undo_indexes(struct ovsdb_txn *txn)
{
	struct ovsdb_txn_row *txn_row;

	LIST_FOREACH(txn_row, order, &txn->order) {
		struct ovsdb_row *row = txn_row->row;

		for (size_t i = 0; txn_row->idx_added && i < row->table->schema->n_indexes; i++)
			hmap_remove(&row->table->indexes[i], &row->index_nodes[i].node);
		txn_row->idx_added = false;
	}
	LIST_FOREACH(txn_row, order, &txn->order) {
		struct ovsdb_row *row = txn_row->row;

		for (size_t i = 0; txn_row->idx_removed && i < row->table->schema->n_indexes; i++)
			hmap_insert(&row->table->indexes[i], &row->index_nodes[i].node,
				txn_row->old_index_hash[i]);
		txn_row->idx_removed = false;
	}
}

static int
check_refs(struct commit *c)
{
	struct ovsdb_txn_row *txn_row;
	int error;

	LIST_FOREACH(txn_row, order, &c->txn->order) {
		error = count_row(c, txn_row);
		if (error != 0)
			return error;
	}
	LIST_FOREACH(txn_row, order, &c->txn->order)
		gc_push(c, txn_row->row);
	do {
		collect_garbage(c);
		error = prune_weak_refs(c);
		if (error != 0)
			return error;
	} while (c->gc.n > 0);
	return check_rows(c);
}

int
ovsdb_commit_check(struct ovsdb_txn *txn, struct ovsdb_err *err)
{
	struct commit c = { .txn = txn, .err = err };
	int error = 0;

	if (!txn->is_replica)
		error = check_refs(&c);
	free(c.gc.rows);
	if (error == 0)
		error = update_indexes(&c);
	return error;
}

/* Records the weak reference from 'source' to 'uuid'. */
static void
add_weak(struct ovsdb_row *source, const struct ovsdb_base_type *base, const struct uuid *uuid)
{
	struct ovsdb_db *db = source->table->db;
	struct ovsdb_row *target = ovsdb_table_lookup(&db->tables[base->ref_table->index], uuid);
	struct ovsdb_weak_ref *ref;

	if (target == NULL)
		return;
	ref = xmalloc(sizeof *ref);
	ref->source = source;
	ref->target = target;
	list_push_back(&target->weak_in, &ref->in_node);
	list_push_back(&source->weak_out, &ref->out_node);
}

/* Makes the weak references of 'row' those that its fields hold. */
static void
rebuild_weak(struct ovsdb_row *row)
{
	const struct ovsdb_table_schema *schema = row->table->schema;

	ovsdb_row_drop_weak_out(row);
	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++) {
		const struct ovsdb_type *type = &schema->columns[i].type;
		const struct ovsdb_datum *field = &row->fields[i];

		if (!ovsdb_type_has_refs(type, true))
			continue;
		for (unsigned int j = 0; j < field->n; j++) {
			if (ovsdb_base_type_is_ref(&type->key) && type->key.is_weak)
				add_weak(row, &type->key, &field->keys[j].uuid);
			if (ovsdb_base_type_is_ref(&type->value) && type->value.is_weak)
				add_weak(row, &type->value, &field->values[j].uuid);
		}
	}
}

void
ovsdb_commit_apply_refs(struct ovsdb_txn *txn)
{
	struct ovsdb_txn_row *txn_row;

	LIST_FOREACH(txn_row, order, &txn->order) {
		txn_row->row->n_strong =
			(size_t)((int64_t)txn_row->row->n_strong + txn_row->strong_delta);
		if (txn_row->is_changed && !txn_row->is_deleted)
			rebuild_weak(txn_row->row);
	}
}
