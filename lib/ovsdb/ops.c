/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction as operations.
 *
 * Turns what a tool did to its replica into the operations that do the same on the server. */

#include <string.h>

#include "ovsdb/db_priv.h"

/* [["_uuid", "==", ["uuid", ...]]] */
static json_t *
where_row(const struct ovsdb_row *row)
{
	char uuid[UUID_LEN + 1];

	uuid_format(&row->uuid, uuid);
	return json_pack("[[ss[ss]]]", "_uuid", "==", "uuid", uuid);
}

static json_t *
op_create(const char *op, const struct ovsdb_row *row)
{
	return json_pack("{ssss}", "op", op, "table", row->table->schema->name);
}

static json_t *
insert_op(const struct ovsdb_row *row)
{
	const struct ovsdb_table_schema *schema = row->table->schema;
	json_t *op = op_create("insert", row), *values = json_object();
	char uuid[UUID_LEN + 1];

	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++) {
		const struct ovsdb_column *column = &schema->columns[i];

		if (!ovsdb_datum_is_default(&row->fields[i], &column->type))
			json_object_set_new(values, column->name,
				ovsdb_datum_to_json(&row->fields[i], &column->type));
	}
	uuid_format(&row->uuid, uuid);
	json_object_set_new(op, "uuid", json_string(uuid));
	json_object_set_new(op, "row", values);
	return op;
}

/* Adds [column, mutator, arg] unless 'arg' is empty.  Owner: frees the content of 'arg'. */
static void
add_mutation(json_t *mutations, const struct ovsdb_column *column, const char *mutator,
	struct ovsdb_datum *arg, const struct ovsdb_type *type)
{
	if (arg->n > 0)
		json_array_append_new(mutations,
			json_pack("[sso]", column->name, mutator, ovsdb_datum_to_json(arg, type)));
	ovsdb_datum_uninit(arg, type);
}

/* Adds the mutations that turn 'old' into 'new': first out with what goes or changes, by key, then in
 * with what comes. */
static void
add_set_change(json_t *mutations, const struct ovsdb_column *column, const struct ovsdb_datum *old,
	const struct ovsdb_datum *new)
{
	const struct ovsdb_type *type = &column->type;
	struct ovsdb_type keys = *type;
	struct ovsdb_datum gone = OVSDB_DATUM_INIT, come;

	ovsdb_base_type_init(&keys.value, OVSDB_ATOM_VOID);
	for (unsigned int i = 0; i < old->n; i++) {
		int pos = ovsdb_datum_find(new, &old->keys[i], type->key.type);

		if (pos < 0
			|| (ovsdb_type_is_map(type)
				&& ovsdb_atom_compare(
					   &old->values[i], &new->values[pos], type->value.type)
					!= 0))
			ovsdb_datum_add(&gone, &old->keys[i], NULL, &keys);
	}
	ovsdb_datum_clone(&come, new, type);
	ovsdb_datum_subtract(&come, type, old, type);
	add_mutation(mutations, column, "delete", &gone, &keys);
	add_mutation(mutations, column, "insert", &come, type);
}

/* Adds an update and a mutate for what changed in a row, as needed. */
static void
add_changes(json_t *ops, const struct ovsdb_txn_row *txn_row)
{
	const struct ovsdb_row *row = txn_row->row;
	const struct ovsdb_table_schema *schema = row->table->schema;
	json_t *values = json_object(), *mutations = json_array();

	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++) {
		const struct ovsdb_column *column = &schema->columns[i];
		const struct ovsdb_datum *old = ovsdb_txn_row_old(txn_row, column);
		const struct ovsdb_datum *new = &row->fields[i];

		if (!ovsdb_txn_row_changed(txn_row, column)
			|| ovsdb_datum_equal(old, new, &column->type))
			continue;
		/* A set that may not be empty could be so between two mutations. */
		if (column->type.n_max > 1 && column->type.n_min == 0)
			add_set_change(mutations, column, old, new);
		else
			json_object_set_new(
				values, column->name, ovsdb_datum_to_json(new, &column->type));
	}
	if (json_object_size(values) > 0) {
		json_t *op = op_create("update", row);

		json_object_set_new(op, "where", where_row(row));
		json_object_set(op, "row", values);
		json_array_append_new(ops, op);
	}
	if (json_array_size(mutations) > 0) {
		json_t *op = op_create("mutate", row);

		json_object_set_new(op, "where", where_row(row));
		json_object_set(op, "mutations", mutations);
		json_array_append_new(ops, op);
	}
	json_decref(values);
	json_decref(mutations);
}

json_t *
ovsdb_txn_to_ops(const struct ovsdb_txn *txn)
{
	const struct ovsdb_txn_row *txn_row;
	json_t *ops = json_array();

	LIST_FOREACH(txn_row, order, &txn->order) {
		if (txn_row->is_inserted && !txn_row->is_deleted)
			json_array_append_new(ops, insert_op(txn_row->row));
	}
	LIST_FOREACH(txn_row, order, &txn->order) {
		if (!txn_row->is_inserted && !txn_row->is_deleted)
			add_changes(ops, txn_row);
	}
	LIST_FOREACH(txn_row, order, &txn->order) {
		if (txn_row->is_deleted && !txn_row->is_dead) {
			json_t *op = op_create("delete", txn_row->row);

			json_object_set_new(op, "where", where_row(txn_row->row));
			json_array_append_new(ops, op);
		}
	}
	if (txn->comment.len > 0)
		json_array_append_new(ops,
			json_pack("{ssss}", "op", "comment", "comment", str_cstr(&txn->comment)));
	return ops;
}
