/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_CONDITION_H
#define OVSDB_CONDITION_H

/* condition: which rows a "where" means.
 *
 * Model    Clauses COLUMN FUNCTION VALUE, and the constants true and false.  Operations want all of them to
 *          hold, monitors any.
 * Owner    A condition owns its clauses; columns are the schema's.
 * Threads  main. */

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "ovsdb/row.h"

struct ovsdb_err;

enum ovsdb_function {
	OVSDB_FN_FALSE, /* Constants, without a column. */
	OVSDB_FN_TRUE,
	OVSDB_FN_LT,
	OVSDB_FN_LE,
	OVSDB_FN_EQ,
	OVSDB_FN_NE,
	OVSDB_FN_GE,
	OVSDB_FN_GT,
	OVSDB_FN_INCLUDES,
	OVSDB_FN_EXCLUDES,
	N_OVSDB_FUNCTIONS
};

struct ovsdb_clause {
	const struct ovsdb_column *column; /* NULL for the constants. */
	enum ovsdb_function function;
	struct ovsdb_type
		type; /* Of 'arg': the column's, with other sizes; shares what hangs on it. */
	struct ovsdb_datum arg;
};

struct ovsdb_condition {
	struct ovsdb_clause *clauses;
	size_t n;
};

/* Reads a "where" on 'table'.  Returns: 0, or -EINVAL with nothing to free. */
int MUST_CHECK ovsdb_condition_from_json(struct ovsdb_condition *cond,
	const struct ovsdb_table_schema *table, const json_t *json,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err);
void ovsdb_condition_uninit(struct ovsdb_condition *cond);

/* Whether all clauses hold for the row whose fields are 'fields'. */
bool ovsdb_condition_all(const struct ovsdb_condition *cond, const struct ovsdb_datum *fields);

/* Whether any clause holds, or there is none.  'field' gives the value of a column. */
bool ovsdb_condition_any(const struct ovsdb_condition *cond,
	const struct ovsdb_datum *(*field)(const void *aux, const struct ovsdb_column *),
	const void *aux);

/* The UUID that a row must have for all clauses to hold, or NULL if they do not name one. */
const struct uuid *ovsdb_condition_uuid(const struct ovsdb_condition *cond);

#endif /* OVSDB_CONDITION_H */
