/* SPDX-License-Identifier: Apache-2.0 */
/* Mutations.
 *
 * Reads and applies the "mutations" of a mutate operation, in place. */

#include "ovsdb/mutation.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ovsdb/db_priv.h"
#include "ovsdb/error.h"

static bool
parse_mutator(const char *name, enum ovsdb_mutator *mutator)
{
	static const char *const names[N_OVSDB_MUTATORS] = {
		[OVSDB_MUT_ADD] = "+=",
		[OVSDB_MUT_SUB] = "-=",
		[OVSDB_MUT_MUL] = "*=",
		[OVSDB_MUT_DIV] = "/=",
		[OVSDB_MUT_MOD] = "%=",
		[OVSDB_MUT_INSERT] = "insert",
		[OVSDB_MUT_DELETE] = "delete",
	};

	for (int i = 0; i < N_OVSDB_MUTATORS; i++) {
		if (strcmp(names[i], name) == 0) {
			*mutator = (enum ovsdb_mutator)i;
			return true;
		}
	}
	return false;
}

/* Whether 'json' is ["map", ...]. */
static bool
looks_like_map(const json_t *json)
{
	const char *kind = json_string_value(json_array_get(json, 0));

	return kind != NULL && strcmp(kind, "map") == 0;
}

/* Reads the argument of an arithmetic mutator. */
static int
parse_number(struct ovsdb_mutation *m, const json_t *json, struct ovsdb_err *err)
{
	enum ovsdb_atom_type type = m->type.key.type;

	if (ovsdb_type_is_map(&m->type)
		|| (type != OVSDB_ATOM_INTEGER
			&& (type != OVSDB_ATOM_REAL || m->mutator == OVSDB_MUT_MOD)))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
			"the mutator does not fit the type of column %s", m->column->name);
	ovsdb_base_type_init(&m->type.key, type); /* The limits hold for the outcome. */
	m->type.n_min = m->type.n_max = 1;
	return ovsdb_datum_from_json(&m->arg, &m->type, json, NULL, err);
}

static int
parse_mutation(struct ovsdb_mutation *m, const struct ovsdb_table_schema *table, const json_t *json,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	const char *column = json_string_value(json_array_get(json, 0));
	const char *mutator = json_string_value(json_array_get(json, 1));
	const json_t *value = json_array_get(json, 2);

	if (json_array_size(json) != 3 || column == NULL || mutator == NULL)
		return ovsdb_err_set(
			err, OVSDB_TAG_SYNTAX, "a mutation must be [<column>, <mutator>, <value>]");
	m->column = ovsdb_table_schema_column(table, column);
	if (m->column == NULL)
		return ovsdb_err_set(
			err, "unknown column", "No column %.60s in table %s.", column, table->name);
	if (!m->column->is_mutable)
		return ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
			"Cannot mutate immutable column %s in table %s.", column, table->name);
	if (!parse_mutator(mutator, &m->mutator))
		return ovsdb_err_set(err, "unknown mutator", "No mutator named %.60s.", mutator);
	m->type = m->column->type;
	if (m->mutator < OVSDB_MUT_INSERT)
		return parse_number(m, value, err);
	if (!ovsdb_type_is_map(&m->type) && m->type.n_min == 1 && m->type.n_max == 1)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
			"\"%s\" needs a set or a map, which column %s is not", mutator, column);
	m->type.n_min = 0;
	m->type.n_max = OVSDB_UNLIMITED;
	if (m->mutator == OVSDB_MUT_INSERT)
		return ovsdb_datum_from_json(&m->arg, &m->type, value, symtab, err);
	if (!looks_like_map(value)) /* Pairs may be deleted by their keys. */
		ovsdb_base_type_init(&m->type.value, OVSDB_ATOM_VOID);
	return ovsdb_datum_from_json_unchecked(&m->arg, &m->type, value, symtab, err);
}

int
ovsdb_mutation_set_from_json(struct ovsdb_mutation_set *set, const struct ovsdb_table_schema *table,
	const json_t *json, const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	size_t n = json_array_size(json);
	int error;

	memset(set, 0, sizeof *set);
	if (!json_is_array(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"mutations\" must be an array");
	set->mutations = xcalloc(n + 1, sizeof *set->mutations);
	for (; set->n < n; set->n++) {
		error = parse_mutation(
			&set->mutations[set->n], table, json_array_get(json, set->n), symtab, err);
		if (error != 0) {
			ovsdb_mutation_set_uninit(set);
			return error;
		}
	}
	return 0;
}

void
ovsdb_mutation_set_uninit(struct ovsdb_mutation_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		ovsdb_datum_uninit(&set->mutations[i].arg, &set->mutations[i].type);
	free(set->mutations);
	memset(set, 0, sizeof *set);
}

static int
mutate_integer(int64_t *x, enum ovsdb_mutator mutator, int64_t y, struct ovsdb_err *err)
{
	bool overflows = false;

	switch (mutator) {
	case OVSDB_MUT_ADD: overflows = __builtin_add_overflow(*x, y, x); break;
	case OVSDB_MUT_SUB: overflows = __builtin_sub_overflow(*x, y, x); break;
	case OVSDB_MUT_MUL: overflows = __builtin_mul_overflow(*x, y, x); break;
	case OVSDB_MUT_DIV:
	case OVSDB_MUT_MOD:
		if (y == 0)
			return ovsdb_err_set(err, "domain error", "Division by zero.");
		if (y == -1) { /* INT64_MIN / -1 traps. */
			if (mutator == OVSDB_MUT_MOD)
				*x = 0;
			else
				overflows = __builtin_sub_overflow((int64_t)0, *x, x);
		} else if (mutator == OVSDB_MUT_DIV) {
			*x /= y;
		} else {
			*x %= y;
		}
		break;
	case OVSDB_MUT_INSERT:
	case OVSDB_MUT_DELETE:
	case N_OVSDB_MUTATORS: break;
	}
	if (overflows)
		return ovsdb_err_set(
			err, "range error", "Result of mutation is out of the range of integers.");
	return 0;
}

static int
mutate_real(double *x, enum ovsdb_mutator mutator, double y, struct ovsdb_err *err)
{
	switch (mutator) {
	case OVSDB_MUT_ADD: *x += y; break;
	case OVSDB_MUT_SUB: *x -= y; break;
	case OVSDB_MUT_MUL: *x *= y; break;
	case OVSDB_MUT_DIV:
		if (fpclassify(y) == FP_ZERO)
			return ovsdb_err_set(err, "domain error", "Division by zero.");
		*x /= y;
		break;
	case OVSDB_MUT_MOD:
	case OVSDB_MUT_INSERT:
	case OVSDB_MUT_DELETE:
	case N_OVSDB_MUTATORS: break;
	}
	if (!isfinite(*x))
		return ovsdb_err_set(
			err, "range error", "Result of mutation is out of the range of reals.");
	return 0;
}

/* Applies arithmetic to each element of 'field' and makes it a set again. */
static int
mutate_numbers(struct ovsdb_datum *field, const struct ovsdb_mutation *m, struct ovsdb_err *err)
{
	const struct ovsdb_type *type = &m->column->type;
	struct ovsdb_datum out = OVSDB_DATUM_INIT;
	int error = 0;

	for (unsigned int i = 0; i < field->n && error == 0; i++) {
		union ovsdb_atom atom = field->keys[i];

		if (type->key.type == OVSDB_ATOM_INTEGER)
			error = mutate_integer(
				&atom.integer, m->mutator, m->arg.keys[0].integer, err);
		else
			error = mutate_real(&atom.real, m->mutator, m->arg.keys[0].real, err);
		if (error == 0 && !ovsdb_datum_add(&out, &atom, NULL, type))
			error = ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
				"Result of \"mutate\" contains an element twice.");
	}
	ovsdb_datum_uninit(field, type);
	*field = out;
	return error;
}

static int
apply_one(const struct ovsdb_mutation *m, struct ovsdb_txn *txn, struct ovsdb_row *row,
	struct ovsdb_err *err)
{
	const struct ovsdb_type *type = &m->column->type;
	struct ovsdb_datum *field = ovsdb_txn_edit(txn, row, m->column);
	int error = 0;

	if (m->mutator == OVSDB_MUT_INSERT) {
		ovsdb_datum_union(field, &m->arg, type);
	} else if (m->mutator == OVSDB_MUT_DELETE) {
		ovsdb_datum_subtract(field, type, &m->arg, &m->type);
	} else {
		error = mutate_numbers(field, m, err);
		if (error == 0)
			error = ovsdb_datum_check(field, type, err);
		return error;
	}
	if (field->n < type->n_min || field->n > type->n_max)
		return ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
			"Attempted to store %u elements in column %s, which allows %u to %u.",
			field->n, m->column->name, type->n_min, type->n_max);
	return 0;
}

int
ovsdb_mutation_set_apply(const struct ovsdb_mutation_set *set, struct ovsdb_txn *txn,
	struct ovsdb_row *row, struct ovsdb_err *err)
{
	for (size_t i = 0; i < set->n; i++) {
		int error = apply_one(&set->mutations[i], txn, row, err);

		if (error != 0)
			return error;
	}
	return 0;
}
