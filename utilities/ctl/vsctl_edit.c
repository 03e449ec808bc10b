/* SPDX-License-Identifier: Apache-2.0 */
/* The database verbs that write: set, add, remove, clear, create, destroy. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "vsctl.h"

/* Whether the tool's view depends on the column. */
static bool
column_shapes_view(const char *name)
{
	static const char *const names[] = { "bridges", "ports", "interfaces", "name", "tag",
		"fake_bridge" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

int
vs_check_mutable(const struct ovsdb_row *row, const struct ovsdb_column *column, struct err *err)
{
	bool is_new = row->txn_row != NULL && row->txn_row->is_inserted;

	if (column->index < N_OVSDB_STD_COLS || (!column->is_mutable && !is_new)) {
		err_set(err, "cannot modify read-only column %s in table %s", column->name,
			row->table->schema->name);
		return -EROFS;
	}
	return 0;
}

/* Puts 'datum' into the row.  Owner: takes its content. */
static int
put(struct vsctl *vs, struct ovsdb_row *row, const struct ovsdb_column *column,
	struct ovsdb_datum *datum, struct err *err)
{
	struct ovsdb_err cause = { 0 };

	if (column_shapes_view(column->name))
		view_drop(vs);
	if (ovsdb_txn_set(vs->txn, row, column, datum, &cause) != 0)
		return vs_fail(err, &cause);
	return 0;
}

/* COLUMN:KEY=VALUE */
static int
set_key(struct vsctl *vs, struct ovsdb_row *row, const struct vs_expression *e, struct err *err)
{
	const struct ovsdb_type *type = &e->column->type;
	struct ovsdb_type value_type = { .key = type->value, .n_min = 1, .n_max = 1 };
	struct ovsdb_datum datum, value;
	struct ovsdb_err cause = { 0 };
	union ovsdb_atom key;
	int pos;

	ovsdb_base_type_init(&value_type.value, OVSDB_ATOM_VOID);
	if (!ovsdb_type_is_map(type)) {
		err_set(err, "cannot specify key to set for non-map column %s", e->column->name);
		return -EINVAL;
	}
	if (ovsdb_atom_from_text(&key, type->key.type, e->key, &vs->symtab, &cause) != 0)
		return vs_fail(err, &cause);
	if (ovsdb_datum_from_text(&value, &value_type, e->value, &vs->symtab, &cause) != 0) {
		ovsdb_atom_uninit(&key, type->key.type);
		return vs_fail(err, &cause);
	}
	ovsdb_datum_clone(&datum, ovsdb_row_field(row, e->column), type);
	pos = ovsdb_datum_find(&datum, &key, type->key.type);
	if (pos >= 0)
		ovsdb_datum_remove(&datum, (unsigned int)pos, type);
	ovsdb_datum_add(&datum, &key, &value.keys[0], type);
	ovsdb_atom_uninit(&key, type->key.type);
	ovsdb_datum_uninit(&value, &value_type);
	return put(vs, row, e->column, &datum, err);
}

int
vs_set_column(struct vsctl *vs, struct ovsdb_row *row, const char *text, struct err *err)
{
	struct ovsdb_err cause = { 0 };
	struct ovsdb_datum datum;
	struct vs_expression e;
	int error = vs_parse_expression(row->table->schema, text, false, &e, err);

	if (error != 0)
		return error;
	if (e.value == NULL) {
		err_set(err, "%s: argument does not end in \"=\" followed by a value.", text);
		error = -EINVAL;
	} else {
		error = vs_check_mutable(row, e.column, err);
	}
	if (error == 0 && e.key != NULL) {
		error = set_key(vs, row, &e, err);
	} else if (error == 0) {
		if (ovsdb_datum_from_text(&datum, &e.column->type, e.value, &vs->symtab, &cause)
			!= 0)
			error = vs_fail(err, &cause);
		else
			error = put(vs, row, e.column, &datum, err);
	}
	vs_expression_uninit(&e);
	return error;
}

/* Table and row of args[1] and args[2]. */
static int
find_target(struct ctl_call *call, struct ovsdb_row **rowp, struct err *err)
{
	struct ovsdb_table *table;
	int error = vs_find_table(call->vs, call->args[1], &table, err);

	*rowp = NULL;
	if (error != 0)
		return error;
	return vs_find_row(
		call->vs, table, call->args[2], ctl_option(call, "--if-exists") == NULL, rowp, err);
}

int
ctl_run_set(struct ctl_call *call, struct err *err)
{
	struct ovsdb_row *row;
	int error = find_target(call, &row, err);

	for (int i = 3; i < call->n_args && error == 0 && row != NULL; i++)
		error = vs_set_column(call->vs, row, call->args[i], err);
	return error;
}

/* Row and column of args[3]. */
static int
find_column(struct ctl_call *call, struct ovsdb_row **rowp, const struct ovsdb_column **columnp,
	struct err *err)
{
	int error = find_target(call, rowp, err);

	if (error != 0 || *rowp == NULL)
		return error;
	error = vs_find_column((*rowp)->table->schema, call->args[3], columnp, err);
	return error != 0 ? error : vs_check_mutable(*rowp, *columnp, err);
}

/* Says that a column would have 'n' elements. */
static int
wrong_size(const char *command, unsigned int n, const struct ovsdb_column *column,
	const struct ovsdb_row *row, const char *limit, unsigned int bound, struct err *err)
{
	err_set(err,
		"\"%s\" operation would put %u %s in column %s of table %s but the %s number is %u",
		command, n, ovsdb_type_is_map(&column->type) ? "pairs" : "values", column->name,
		row->table->schema->name, limit, bound);
	return -EINVAL;
}

int
ctl_run_add(struct ctl_call *call, struct err *err)
{
	const struct ovsdb_column *column;
	struct ovsdb_datum datum;
	struct ovsdb_type type;
	struct ovsdb_row *row;
	int error = find_column(call, &row, &column, err);

	if (error != 0 || row == NULL)
		return error;
	type = column->type;
	type.n_min = 1;
	type.n_max = OVSDB_UNLIMITED;
	ovsdb_datum_clone(&datum, ovsdb_row_field(row, column), &column->type);
	for (int i = 4; i < call->n_args && error == 0; i++) {
		struct ovsdb_err cause = { 0 };
		struct ovsdb_datum more;

		if (ovsdb_datum_from_text(&more, &type, call->args[i], &call->vs->symtab, &cause)
			!= 0) {
			error = vs_fail(err, &cause);
			break;
		}
		ovsdb_datum_union(&datum, &more, &type);
		ovsdb_datum_uninit(&more, &type);
	}
	if (error == 0 && datum.n > column->type.n_max)
		error = wrong_size("add", datum.n, column, row, "maximum", column->type.n_max, err);
	if (error == 0)
		return put(call->vs, row, column, &datum, err);
	ovsdb_datum_uninit(&datum, &type);
	return error;
}

int
ctl_run_remove(struct ctl_call *call, struct err *err)
{
	const struct ovsdb_column *column;
	struct ovsdb_datum datum;
	struct ovsdb_row *row;
	int error = find_column(call, &row, &column, err);

	if (error != 0 || row == NULL)
		return error;
	ovsdb_datum_clone(&datum, ovsdb_row_field(row, column), &column->type);
	for (int i = 4; i < call->n_args && error == 0; i++) {
		struct ovsdb_err cause = { 0 };
		struct ovsdb_type type = column->type;
		struct ovsdb_datum less;

		type.n_min = 0;
		type.n_max = OVSDB_UNLIMITED;
		/* Of a map: pairs, or keys. */
		error = ovsdb_datum_from_text(
			&less, &type, call->args[i], &call->vs->symtab, &cause);
		if (error != 0 && ovsdb_type_is_map(&type)) {
			ovsdb_base_type_init(&type.value, OVSDB_ATOM_VOID);
			error = ovsdb_datum_from_text(
				&less, &type, call->args[i], &call->vs->symtab, &cause);
		}
		if (error != 0) {
			error = vs_fail(err, &cause);
			break;
		}
		ovsdb_datum_subtract(&datum, &column->type, &less, &type);
		ovsdb_datum_uninit(&less, &type);
	}
	if (error == 0 && datum.n < column->type.n_min)
		error = wrong_size(
			"remove", datum.n, column, row, "minimum", column->type.n_min, err);
	if (error == 0)
		return put(call->vs, row, column, &datum, err);
	ovsdb_datum_uninit(&datum, &column->type);
	return error;
}

int
ctl_run_clear(struct ctl_call *call, struct err *err)
{
	struct ovsdb_row *row;
	int error = find_target(call, &row, err);

	for (int i = 3; i < call->n_args && error == 0 && row != NULL; i++) {
		const struct ovsdb_column *column;
		struct ovsdb_datum empty = OVSDB_DATUM_INIT;

		error = vs_find_column(row->table->schema, call->args[i], &column, err);
		if (error == 0)
			error = vs_check_mutable(row, column, err);
		if (error != 0)
			break;
		if (column->type.n_min > 0) {
			err_set(err,
				"\"clear\" operation cannot be applied to column %s of table %s, "
				"which is not allowed to be empty",
				column->name, row->table->schema->name);
			return -EINVAL;
		}
		error = put(call->vs, row, column, &empty, err);
	}
	return error;
}

int
ctl_run_create(struct ctl_call *call, struct err *err)
{
	const char *id = ctl_option(call, "--id");
	struct ovsdb_table *table;
	struct vs_symbol *symbol = NULL;
	struct ovsdb_row *row;
	char text[UUID_LEN + 1];
	bool is_new;
	int error = vs_find_table(call->vs, call->args[1], &table, err);

	if (error != 0)
		return error;
	if (id != NULL) {
		error = vs_symbol(call->vs, id, &symbol, &is_new, err);
		if (error == 0 && symbol->is_created) {
			err_set(err, "row id \"%s\" may only be specified on one --id option", id);
			error = -EINVAL;
		}
		if (error != 0)
			return error;
		symbol->is_created = true;
		symbol->is_root = table->schema->is_root;
	} else if (!table->schema->is_root) {
		fprintf(stderr,
			"%s: applying \"create\" command to table %s without --id option will have no effect\n",
			call->ctl->prog, table->schema->name);
	}
	row = ovsdb_txn_insert(
		call->vs->txn, table->schema->name, symbol != NULL ? &symbol->uuid : NULL);
	view_drop(call->vs);
	for (int i = 2; i < call->n_args && error == 0; i++)
		error = vs_set_column(call->vs, row, call->args[i], err);
	uuid_format(&row->uuid, text);
	str_printf(&call->out, "%s\n", text);
	call->json = json_string(text);
	return error;
}

int
ctl_run_destroy(struct ctl_call *call, struct err *err)
{
	bool all = ctl_option(call, "--all") != NULL;
	struct ovsdb_table *table;
	struct ovsdb_row *row, *next;
	int error = vs_find_table(call->vs, call->args[1], &table, err);

	if (error != 0)
		return error;
	if (all && call->n_args > 2) {
		err_set(err, "--all and records argument should not be specified together");
		return -EINVAL;
	}
	if (!all && call->n_args == 2)
		fprintf(stderr, "%s: either --all or records argument should be specified\n",
			call->ctl->prog);
	view_drop(call->vs);
	if (all) {
		OVSDB_TABLE_FOREACH_SAFE(row, next, table)
			ovsdb_txn_delete(call->vs->txn, row);
	}
	for (int i = 2; i < call->n_args; i++) {
		error = vs_find_row(call->vs, table, call->args[i],
			ctl_option(call, "--if-exists") == NULL, &row, err);
		if (error != 0)
			return error;
		if (row != NULL)
			ovsdb_txn_delete(call->vs->txn, row);
	}
	return 0;
}
