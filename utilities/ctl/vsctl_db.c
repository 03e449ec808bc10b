/* SPDX-License-Identifier: Apache-2.0 */
/* The database verbs that read: list, find, get, wait-until. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "vsctl.h"

/* Compares 'datum' with the text of an expression. */
static int
compare(struct vsctl *vs, const struct ovsdb_datum *datum, const struct ovsdb_type *type,
	const struct vs_expression *e, bool *matches, struct err *err)
{
	struct ovsdb_err cause = { 0 };
	struct ovsdb_type any = *type;
	struct ovsdb_datum arg;
	const char *op = e->operator;
	bool within, around;
	int order;

	if (op[0] == '{') {
		any.n_min = 0;
		any.n_max = OVSDB_UNLIMITED;
	}
	if (ovsdb_datum_from_text(&arg, &any, e->value, &vs->symtab, &cause) != 0)
		return vs_fail(err, &cause);
	within = ovsdb_datum_includes_all(datum, &arg, type);
	around = ovsdb_datum_includes_all(&arg, datum, type);
	order = ovsdb_datum_compare(datum, &arg, type);
	if (strcmp(op, "=") == 0)
		*matches = order == 0;
	else if (strcmp(op, "!=") == 0)
		*matches = order != 0;
	else if (strcmp(op, "<") == 0)
		*matches = order < 0;
	else if (strcmp(op, ">") == 0)
		*matches = order > 0;
	else if (strcmp(op, "<=") == 0)
		*matches = order <= 0;
	else if (strcmp(op, ">=") == 0)
		*matches = order >= 0;
	else if (strcmp(op, "{=}") == 0)
		*matches = within && around;
	else if (strcmp(op, "{!=}") == 0)
		*matches = !within || !around;
	else if (strcmp(op, "{<}") == 0)
		*matches = within && !around;
	else if (strcmp(op, "{>}") == 0)
		*matches = around && !within;
	else if (strcmp(op, "{>=}") == 0)
		*matches = around;
	else if (strcmp(op, "{not-in}") == 0)
		*matches = ovsdb_datum_excludes_all(datum, &arg, type);
	else /* {<=} and {in} */
		*matches = within;
	ovsdb_datum_uninit(&arg, &any);
	return 0;
}

/* Compares the value under the expression's key. */
static int
compare_key(struct vsctl *vs, const struct ovsdb_datum *datum, const struct ovsdb_type *type,
	const struct vs_expression *e, bool *matches, struct err *err)
{
	struct ovsdb_type value_type = { .key = type->value, .n_min = 1, .n_max = 1 };
	struct ovsdb_datum value = OVSDB_DATUM_INIT;
	struct ovsdb_err cause = { 0 };
	union ovsdb_atom key;
	int pos, error;

	ovsdb_base_type_init(&value_type.value, OVSDB_ATOM_VOID);
	if (!ovsdb_type_is_map(type)) {
		err_set(err, "cannot specify key to check for non-map column %s", e->column->name);
		return -EINVAL;
	}
	if (ovsdb_atom_from_text(&key, type->key.type, e->key, &vs->symtab, &cause) != 0)
		return vs_fail(err, &cause);
	pos = ovsdb_datum_find(datum, &key, type->key.type);
	ovsdb_atom_uninit(&key, type->key.type);
	if (pos < 0 && e->operator[0] != '{') {
		*matches = false; /* Also for "!=". */
		return 0;
	}
	if (pos >= 0)
		ovsdb_datum_add(&value, &datum->values[pos], NULL, &value_type);
	error = compare(vs, &value, &value_type, e, matches, err);
	ovsdb_datum_uninit(&value, &value_type);
	return error;
}

int
vs_row_matches(struct vsctl *vs, const struct ovsdb_row *row, const char *text, bool *matches,
	struct err *err)
{
	struct vs_expression e;
	int error = vs_parse_expression(row->table->schema, text, true, &e, err);

	if (error != 0)
		return error;
	if (e.value == NULL) {
		err_set(err, "%s: missing value", text);
		error = -EINVAL;
	} else if (e.key != NULL) {
		error = compare_key(
			vs, ovsdb_row_field(row, e.column), &e.column->type, &e, matches, err);
	} else {
		error = compare(
			vs, ovsdb_row_field(row, e.column), &e.column->type, &e, matches, err);
	}
	vs_expression_uninit(&e);
	return error;
}

/* Reads --columns into '*columnsp'.  Owner: the caller frees it. */
static int
parse_columns(const struct ctl_call *call, const struct ovsdb_table_schema *schema,
	const struct ovsdb_column ***columnsp, size_t *np, struct err *err)
{
	const char *names = ctl_option(call, "--columns");
	char *copy, *save = NULL;
	int error = 0;

	*np = 0;
	*columnsp = NULL;
	if (names == NULL) {
		*columnsp = xcalloc(schema->n_columns, sizeof **columnsp);
		for (size_t i = 0; i < schema->n_columns; i++) {
			if (i != OVSDB_COL_VERSION)
				(*columnsp)[(*np)++] = &schema->columns[i];
		}
		return 0;
	}
	copy = xstrdup(names);
	*columnsp = xcalloc(strlen(names) + 1, sizeof **columnsp);
	for (char *word = strtok_r(copy, ", ", &save); word != NULL && error == 0;
		word = strtok_r(NULL, ", ", &save))
		error = vs_find_column(schema, word, &(*columnsp)[(*np)++], err);
	free(copy);
	if (error == 0 && *np == 0) {
		err_set(err, "must specify at least one column name");
		error = -EINVAL;
	}
	if (error != 0) {
		free(*columnsp);
		*columnsp = NULL;
	}
	return error;
}

static void
add_row(struct ctl_call *call, const struct ovsdb_row *row, const struct ovsdb_column **columns,
	size_t n)
{
	for (size_t i = 0; i < n; i++)
		output_table_add(call->table, ovsdb_row_field(row, columns[i]), &columns[i]->type,
			call->ctl->output.data);
}

/* list and find: the rows that 'choose' wants. */
static int
put_rows(struct ctl_call *call, struct ovsdb_table *table, bool is_find, struct err *err)
{
	const struct ovsdb_column **columns;
	const char **headings;
	struct ovsdb_row **rows, *row;
	size_t n_columns, n_rows;
	int error = parse_columns(call, table->schema, &columns, &n_columns, err);

	if (error != 0)
		return error;
	headings = xcalloc(n_columns, sizeof *headings);
	for (size_t i = 0; i < n_columns; i++)
		headings[i] = columns[i]->name;
	call->table = output_table_create(headings, n_columns);
	free(headings);
	rows = vs_rows(table, &n_rows);
	for (size_t i = 0; i < n_rows && (is_find || call->n_args == 2); i++) {
		bool wanted = true;

		for (int j = 2; j < call->n_args && wanted && error == 0; j++)
			error = vs_row_matches(call->vs, rows[i], call->args[j], &wanted, err);
		if (error == 0 && wanted)
			add_row(call, rows[i], columns, n_columns);
	}
	for (int i = 2; i < call->n_args && !is_find && error == 0; i++) {
		error = vs_find_row(call->vs, table, call->args[i],
			ctl_option(call, "--if-exists") == NULL, &row, err);
		if (error == 0 && row != NULL)
			add_row(call, row, columns, n_columns);
	}
	free(rows);
	free(columns);
	return error;
}

int
ctl_run_list(struct ctl_call *call, struct err *err)
{
	struct ovsdb_table *table;
	int error = vs_find_table(call->vs, call->args[1], &table, err);

	return error != 0 ? error : put_rows(call, table, false, err);
}

int
ctl_run_find(struct ctl_call *call, struct err *err)
{
	struct ovsdb_table *table;
	int error = vs_find_table(call->vs, call->args[1], &table, err);

	return error != 0 ? error : put_rows(call, table, true, err);
}

/* Appends what programs read of a value. */
static void
put_json(struct ctl_call *call, json_t *value)
{
	if (call->json == NULL)
		call->json = json_array();
	json_array_append_new(call->json, value);
}

/* The value of COLUMN:KEY. */
static int
get_key(struct ctl_call *call, const struct ovsdb_row *row, const char *id,
	const struct vs_expression *e, bool must_exist, struct err *err)
{
	const struct ovsdb_type *type = &e->column->type;
	const struct ovsdb_datum *datum = ovsdb_row_field(row, e->column);
	struct ovsdb_err cause = { 0 };
	union ovsdb_atom key;
	int pos;

	if (!ovsdb_type_is_map(type)) {
		err_set(err, "cannot specify key to get for non-map column %s", e->column->name);
		return -EINVAL;
	}
	if (ovsdb_atom_from_text(&key, type->key.type, e->key, &call->vs->symtab, &cause) != 0)
		return vs_fail(err, &cause);
	pos = ovsdb_datum_find(datum, &key, type->key.type);
	ovsdb_atom_uninit(&key, type->key.type);
	if (pos >= 0) {
		ovsdb_atom_to_text(&datum->values[pos], type->value.type, &call->out);
		put_json(call, ovsdb_atom_to_json(&datum->values[pos], type->value.type));
	} else if (must_exist) {
		err_set(err, "no key \"%s\" in %s record \"%s\" column %s", e->key,
			row->table->schema->name, id, e->column->name);
		return -ENOENT;
	}
	str_putc(&call->out, '\n');
	return 0;
}

/* Prints one column of 'row' as 'text' says. */
static int
get_column(struct ctl_call *call, const struct ovsdb_row *row, const char *text, bool must_exist,
	struct err *err)
{
	struct vs_expression e;
	int error = vs_parse_expression(row->table->schema, text, false, &e, err);

	if (error != 0)
		return error;
	if (e.value != NULL) {
		err_set(err, "%s: trailing garbage \"=%s\" in argument", text, e.value);
		error = -EINVAL;
	} else if (e.key != NULL) {
		error = get_key(call, row, call->args[2], &e, must_exist, err);
	} else {
		output_value(ovsdb_row_field(row, e.column), &e.column->type, OUTPUT_DATA_STRING,
			&call->out);
		str_putc(&call->out, '\n');
		put_json(
			call, ovsdb_datum_to_json(ovsdb_row_field(row, e.column), &e.column->type));
	}
	vs_expression_uninit(&e);
	return error;
}

int
ctl_run_get(struct ctl_call *call, struct err *err)
{
	bool must_exist = ctl_option(call, "--if-exists") == NULL;
	const char *id = ctl_option(call, "--id");
	struct ovsdb_table *table;
	struct vs_expression e;
	struct ovsdb_row *row;
	int error = vs_find_table(call->vs, call->args[1], &table, err);

	for (int i = 3; i < call->n_args && error == 0; i++) {
		error = vs_parse_expression(table->schema, call->args[i], false, &e, err);
		if (error == 0)
			vs_expression_uninit(&e);
	}
	if (error == 0)
		error = vs_find_row(call->vs, table, call->args[2], must_exist, &row, err);
	if (error != 0 || row == NULL)
		return error;
	if (id != NULL) {
		struct vs_symbol *symbol;
		bool is_new;

		error = vs_symbol(call->vs, id, &symbol, &is_new, err);
		if (error == 0 && !is_new) {
			err_set(err,
				"row id \"%s\" specified on \"get\" command was used before it was defined",
				id);
			error = -EINVAL;
		}
		if (error != 0)
			return error;
		symbol->uuid = row->uuid;
		symbol->is_created = symbol->is_used = true;
	}
	for (int i = 3; i < call->n_args && error == 0; i++)
		error = get_column(call, row, call->args[i], must_exist, err);
	return error;
}

int
ctl_run_wait_until(struct ctl_call *call, struct err *err)
{
	struct ovsdb_table *table;
	struct ovsdb_row *row;
	int error = vs_find_table(call->vs, call->args[1], &table, err);

	if (error == 0)
		error = vs_find_row(call->vs, table, call->args[2], false, &row, err);
	if (error != 0)
		return error;
	if (row == NULL) {
		call->vs->must_wait = true;
		return 0;
	}
	for (int i = 3; i < call->n_args; i++) {
		bool matches;

		error = vs_row_matches(call->vs, row, call->args[i], &matches, err);
		if (error != 0)
			return error;
		if (!matches)
			call->vs->must_wait = true;
	}
	return 0;
}
