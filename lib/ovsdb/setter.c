/* SPDX-License-Identifier: Apache-2.0 */
/* The typed setters of a transaction.
 *
 * How the daemon writes its status columns: by name, with C types.  Each builds a datum and hands it to
 * ovsdb_txn_set(), which checks it as a client's value is checked. */

#include <errno.h>
#include <string.h>

#include "base/smap.h"
#include "ovsdb/db_priv.h"

/* Makes 'err' the transaction's error unless it has one. */
static int
fail(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *column,
	const struct ovsdb_err *err)
{
	if (!txn->has_failed) {
		txn->error = *err;
		err_prefix(&txn->error.text, "table %s column %.60s", row->table->schema->name,
			column);
		txn->has_failed = true;
	}
	return -EINVAL;
}

int
ovsdb_txn_set(struct ovsdb_txn *txn, const struct ovsdb_row *row, const struct ovsdb_column *column,
	struct ovsdb_datum *datum, struct ovsdb_err *err)
{
	struct ovsdb_row *target = (struct ovsdb_row *)row;
	bool is_new = row->txn_row != NULL && row->txn_row->is_inserted;
	struct ovsdb_err local = { 0 };
	int error;

	error = ovsdb_datum_check(datum, &column->type, &local);
	if (error == 0 && (column->index < N_OVSDB_STD_COLS || (!column->is_mutable && !is_new))
		&& !ovsdb_datum_equal(datum, ovsdb_row_field(row, column), &column->type))
		error = ovsdb_err_set(&local, OVSDB_TAG_CONSTRAINT, "the column cannot be changed");
	if (error != 0) {
		ovsdb_datum_uninit(datum, &column->type);
		fail(txn, row, column->name, &local);
		if (err != NULL)
			*err = local;
		return error;
	}
	ovsdb_txn_replace(txn, target, column, datum);
	return 0;
}

/* The column 'name' of 'row' if its keys are of 'key' and its values of 'value', else NULL with the
 * transaction's error set. */
static const struct ovsdb_column *
typed_column(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	enum ovsdb_atom_type key, enum ovsdb_atom_type value)
{
	const struct ovsdb_column *column = ovsdb_table_schema_column(row->table->schema, name);
	struct ovsdb_err err = { 0 };

	if (column != NULL && column->type.key.type == key && column->type.value.type == value)
		return column;
	if (column == NULL)
		ovsdb_err_set(&err, OVSDB_TAG_SYNTAX, "no such column");
	else
		ovsdb_err_set(&err, OVSDB_TAG_SYNTAX, "not of type %s", ovsdb_atom_type_name(key));
	fail(txn, row, name, &err);
	return NULL;
}

/* Sets a scalar or optional column to 'atom', of which a copy is made. */
static void
set_atom(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	enum ovsdb_atom_type type, const union ovsdb_atom *atom)
{
	const struct ovsdb_column *column = typed_column(txn, row, name, type, OVSDB_ATOM_VOID);
	struct ovsdb_datum datum = OVSDB_DATUM_INIT;

	if (column == NULL)
		return;
	ovsdb_datum_add(&datum, atom, NULL, &column->type);
	(void)ovsdb_txn_set(txn, row, column, &datum, NULL);
}

void
ovsdb_txn_set_string(
	struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, const char *value)
{
	union ovsdb_atom atom;

	if (value == NULL) {
		ovsdb_txn_clear(txn, row, name);
		return;
	}
	atom.string = ovsdb_string_create(value, strlen(value));
	set_atom(txn, row, name, OVSDB_ATOM_STRING, &atom);
	ovsdb_atom_uninit(&atom, OVSDB_ATOM_STRING);
}

void
ovsdb_txn_set_int(
	struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, int64_t value)
{
	union ovsdb_atom atom = { .integer = value };

	set_atom(txn, row, name, OVSDB_ATOM_INTEGER, &atom);
}

void
ovsdb_txn_set_bool(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, bool value)
{
	union ovsdb_atom atom = { .boolean = value };

	set_atom(txn, row, name, OVSDB_ATOM_BOOLEAN, &atom);
}

void
ovsdb_txn_set_real(
	struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name, double value)
{
	union ovsdb_atom atom = { .real = value };

	set_atom(txn, row, name, OVSDB_ATOM_REAL, &atom);
}

void
ovsdb_txn_set_smap(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct smap *value)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_STRING, OVSDB_ATOM_STRING);
	struct ovsdb_datum datum;

	if (column == NULL)
		return;
	ovsdb_datum_from_smap(&datum, value);
	(void)ovsdb_txn_set(txn, row, column, &datum, NULL);
}

void
ovsdb_txn_set_strings(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const char *const *values, size_t n)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_STRING, OVSDB_ATOM_VOID);
	struct ovsdb_datum datum = OVSDB_DATUM_INIT;

	if (column == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		union ovsdb_atom atom = { .string = ovsdb_string_create(
						  values[i], strlen(values[i])) };

		ovsdb_datum_add(&datum, &atom, NULL, &column->type);
		ovsdb_atom_uninit(&atom, OVSDB_ATOM_STRING);
	}
	(void)ovsdb_txn_set(txn, row, column, &datum, NULL);
}

void
ovsdb_txn_set_ints(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const int64_t *values, size_t n)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_INTEGER, OVSDB_ATOM_VOID);
	struct ovsdb_datum datum = OVSDB_DATUM_INIT;

	if (column == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		union ovsdb_atom atom = { .integer = values[i] };

		ovsdb_datum_add(&datum, &atom, NULL, &column->type);
	}
	(void)ovsdb_txn_set(txn, row, column, &datum, NULL);
}

void
ovsdb_txn_set_refs(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct ovsdb_row *const *values, size_t n)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_UUID, OVSDB_ATOM_VOID);
	struct ovsdb_datum datum = OVSDB_DATUM_INIT;

	if (column == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		union ovsdb_atom atom = { .uuid = values[i]->uuid };

		ovsdb_datum_add(&datum, &atom, NULL, &column->type);
	}
	(void)ovsdb_txn_set(txn, row, column, &datum, NULL);
}

void
ovsdb_txn_set_counters(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const char *const *keys, const int64_t *values, size_t n)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_STRING, OVSDB_ATOM_INTEGER);
	struct ovsdb_datum datum = OVSDB_DATUM_INIT;

	if (column == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		union ovsdb_atom key = { .string = ovsdb_string_create(keys[i], strlen(keys[i])) };
		union ovsdb_atom value = { .integer = values[i] };

		ovsdb_datum_add(&datum, &key, &value, &column->type);
		ovsdb_atom_uninit(&key, OVSDB_ATOM_STRING);
	}
	(void)ovsdb_txn_set(txn, row, column, &datum, NULL);
}

void
ovsdb_txn_add_ref(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct ovsdb_row *target)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_UUID, OVSDB_ATOM_VOID);
	union ovsdb_atom atom = { .uuid = target->uuid };
	struct ovsdb_err err = { 0 };
	struct ovsdb_datum *field;

	if (column == NULL
		|| ovsdb_datum_find(ovsdb_row_field(row, column), &atom, OVSDB_ATOM_UUID) >= 0)
		return;
	field = ovsdb_txn_edit(txn, (struct ovsdb_row *)row, column);
	ovsdb_datum_add(field, &atom, NULL, &column->type);
	if (ovsdb_datum_check(field, &column->type, &err) != 0)
		fail(txn, row, name, &err);
}

void
ovsdb_txn_del_ref(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const struct ovsdb_row *target)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_UUID, OVSDB_ATOM_VOID);
	union ovsdb_atom atom = { .uuid = target->uuid };
	struct ovsdb_err err = { 0 };
	struct ovsdb_datum *field;
	int pos;

	if (column == NULL)
		return;
	pos = ovsdb_datum_find(ovsdb_row_field(row, column), &atom, OVSDB_ATOM_UUID);
	if (pos < 0)
		return;
	field = ovsdb_txn_edit(txn, (struct ovsdb_row *)row, column);
	ovsdb_datum_remove(field, (unsigned int)pos, &column->type);
	if (ovsdb_datum_check(field, &column->type, &err) != 0)
		fail(txn, row, name, &err);
}

void
ovsdb_txn_set_pair(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name,
	const char *key, const char *value)
{
	const struct ovsdb_column *column =
		typed_column(txn, row, name, OVSDB_ATOM_STRING, OVSDB_ATOM_STRING);
	union ovsdb_atom key_atom, value_atom;
	const char *current;
	struct ovsdb_datum *field;
	int pos;

	if (column == NULL)
		return;
	current = ovsdb_datum_map_string(ovsdb_row_field(row, column), key);
	if (value == current || (value != NULL && current != NULL && strcmp(value, current) == 0))
		return;
	key_atom.string = ovsdb_string_create(key, strlen(key));
	field = ovsdb_txn_edit(txn, (struct ovsdb_row *)row, column);
	pos = ovsdb_datum_find(field, &key_atom, OVSDB_ATOM_STRING);
	if (pos >= 0)
		ovsdb_datum_remove(field, (unsigned int)pos, &column->type);
	if (value != NULL) {
		value_atom.string = ovsdb_string_create(value, strlen(value));
		ovsdb_datum_add(field, &key_atom, &value_atom, &column->type);
		ovsdb_atom_uninit(&value_atom, OVSDB_ATOM_STRING);
	}
	ovsdb_atom_uninit(&key_atom, OVSDB_ATOM_STRING);
}

void
ovsdb_txn_clear(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *name)
{
	const struct ovsdb_column *column = ovsdb_table_schema_column(row->table->schema, name);
	struct ovsdb_datum datum = OVSDB_DATUM_INIT;
	struct ovsdb_err err = { 0 };

	if (column == NULL) {
		ovsdb_err_set(&err, OVSDB_TAG_SYNTAX, "no such column");
		fail(txn, row, name, &err);
		return;
	}
	(void)ovsdb_txn_set(txn, row, column, &datum, NULL);
}
