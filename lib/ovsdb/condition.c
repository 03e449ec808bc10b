/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions.
 *
 * Reads and evaluates the clauses of operations and of conditional monitors. */

#include "ovsdb/condition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ovsdb/error.h"

static bool
parse_function(const char *name, enum ovsdb_function *function)
{
	static const char *const names[N_OVSDB_FUNCTIONS] = {
		[OVSDB_FN_LT] = "<",
		[OVSDB_FN_LE] = "<=",
		[OVSDB_FN_EQ] = "==",
		[OVSDB_FN_NE] = "!=",
		[OVSDB_FN_GE] = ">=",
		[OVSDB_FN_GT] = ">",
		[OVSDB_FN_INCLUDES] = "includes",
		[OVSDB_FN_EXCLUDES] = "excludes",
	};

	for (int i = OVSDB_FN_LT; i < N_OVSDB_FUNCTIONS; i++) {
		if (strcmp(names[i], name) == 0) {
			*function = (enum ovsdb_function)i;
			return true;
		}
	}
	return false;
}

static bool
is_relational(enum ovsdb_function function)
{
	return function == OVSDB_FN_LT || function == OVSDB_FN_LE || function == OVSDB_FN_GE
		|| function == OVSDB_FN_GT;
}

/* Whether '<' and its like make sense for 'type'. */
static bool
is_ordered(const struct ovsdb_type *type)
{
	return (type->key.type == OVSDB_ATOM_INTEGER || type->key.type == OVSDB_ATOM_REAL)
		&& !ovsdb_type_is_map(type) && type->n_max == 1;
}

static int
parse_clause(struct ovsdb_clause *clause, const struct ovsdb_table_schema *table,
	const json_t *json, const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	const char *column = json_string_value(json_array_get(json, 0));
	const char *function = json_string_value(json_array_get(json, 1));

	if (json_is_boolean(json)) {
		clause->function = json_is_true(json) ? OVSDB_FN_TRUE : OVSDB_FN_FALSE;
		return 0;
	}
	if (json_array_size(json) != 3 || column == NULL || function == NULL)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
			"a clause must be [<column>, <function>, <value>] or a boolean");
	clause->column = ovsdb_table_schema_column(table, column);
	if (clause->column == NULL)
		return ovsdb_err_set(
			err, "unknown column", "No column %.60s in table %s.", column, table->name);
	if (!parse_function(function, &clause->function))
		return ovsdb_err_set(err, "unknown function", "No function named %.60s.", function);
	clause->type = clause->column->type;
	if (is_relational(clause->function)) {
		if (!is_ordered(&clause->type))
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
				"\"%s\" needs a column with one integer or real, which %s is not",
				function, column);
		clause->type.n_min = 1;
	} else if (clause->function >= OVSDB_FN_INCLUDES) {
		clause->type.n_min = 0;
		clause->type.n_max = OVSDB_UNLIMITED;
	}
	return ovsdb_datum_from_json(
		&clause->arg, &clause->type, json_array_get(json, 2), symtab, err);
}

int
ovsdb_condition_from_json(struct ovsdb_condition *cond, const struct ovsdb_table_schema *table,
	const json_t *json, const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	size_t n = json_array_size(json);
	int error;

	memset(cond, 0, sizeof *cond);
	if (!json_is_array(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"where\" must be an array");
	cond->clauses = xcalloc(n + 1, sizeof *cond->clauses);
	for (; cond->n < n; cond->n++) {
		error = parse_clause(
			&cond->clauses[cond->n], table, json_array_get(json, cond->n), symtab, err);
		if (error != 0) {
			ovsdb_condition_uninit(cond);
			return error;
		}
	}
	return 0;
}

void
ovsdb_condition_uninit(struct ovsdb_condition *cond)
{
	for (size_t i = 0; i < cond->n; i++) {
		if (cond->clauses[i].column != NULL)
			ovsdb_datum_uninit(&cond->clauses[i].arg, &cond->clauses[i].type);
	}
	free(cond->clauses);
	memset(cond, 0, sizeof *cond);
}

static bool
clause_holds(const struct ovsdb_clause *clause, const struct ovsdb_datum *field)
{
	const struct ovsdb_type *type = &clause->type;
	int cmp = 0;

	if (is_relational(clause->function)) {
		if (field->n != 1)
			return false;
		cmp = ovsdb_atom_compare(&field->keys[0], &clause->arg.keys[0], type->key.type);
	}
	switch (clause->function) {
	case OVSDB_FN_LT: return cmp < 0;
	case OVSDB_FN_LE: return cmp <= 0;
	case OVSDB_FN_GE: return cmp >= 0;
	case OVSDB_FN_GT: return cmp > 0;
	case OVSDB_FN_EQ: return ovsdb_datum_equal(field, &clause->arg, type);
	case OVSDB_FN_NE: return !ovsdb_datum_equal(field, &clause->arg, type);
	case OVSDB_FN_INCLUDES: return ovsdb_datum_includes_all(&clause->arg, field, type);
	case OVSDB_FN_EXCLUDES: return ovsdb_datum_excludes_all(&clause->arg, field, type);
	case OVSDB_FN_TRUE: return true;
	case OVSDB_FN_FALSE:
	case N_OVSDB_FUNCTIONS: break;
	}
	return false;
}

bool
ovsdb_condition_all(const struct ovsdb_condition *cond, const struct ovsdb_datum *fields)
{
	for (size_t i = 0; i < cond->n; i++) {
		const struct ovsdb_clause *clause = &cond->clauses[i];

		if (!clause_holds(
			    clause, clause->column != NULL ? &fields[clause->column->index] : NULL))
			return false;
	}
	return true;
}

bool
ovsdb_condition_any(const struct ovsdb_condition *cond,
	const struct ovsdb_datum *(*field)(const void *aux, const struct ovsdb_column *),
	const void *aux)
{
	for (size_t i = 0; i < cond->n; i++) {
		const struct ovsdb_clause *clause = &cond->clauses[i];

		if (clause_holds(
			    clause, clause->column != NULL ? field(aux, clause->column) : NULL))
			return true;
	}
	return cond->n == 0;
}

const struct uuid *
ovsdb_condition_uuid(const struct ovsdb_condition *cond)
{
	for (size_t i = 0; i < cond->n; i++) {
		const struct ovsdb_clause *clause = &cond->clauses[i];

		if (clause->column != NULL && clause->column->index == OVSDB_COL_UUID
			&& (clause->function == OVSDB_FN_EQ
				|| clause->function == OVSDB_FN_INCLUDES)
			&& clause->arg.n == 1)
			return &clause->arg.keys[0].uuid;
	}
	return NULL;
}
