/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_MUTATION_H
#define OVSDB_MUTATION_H

/* mutation: changes relative to what a column holds.
 *
 * Model    A list of COLUMN MUTATOR VALUE, applied in order: arithmetic on numbers, insertion into and
 *          deletion from sets and maps.
 * Owner    A mutation set owns its arguments; columns are the schema's.
 * Threads  main. */

#include <jansson.h>

#include "base/compiler.h"
#include "ovsdb/row.h"

struct ovsdb_err;
struct ovsdb_txn;

enum ovsdb_mutator {
	OVSDB_MUT_ADD,
	OVSDB_MUT_SUB,
	OVSDB_MUT_MUL,
	OVSDB_MUT_DIV,
	OVSDB_MUT_MOD,
	OVSDB_MUT_INSERT,
	OVSDB_MUT_DELETE,
	N_OVSDB_MUTATORS
};

struct ovsdb_mutation {
	const struct ovsdb_column *column;
	enum ovsdb_mutator mutator;
	struct ovsdb_type type; /* Of 'arg'; shares what hangs on the column's type. */
	struct ovsdb_datum arg;
};

struct ovsdb_mutation_set {
	struct ovsdb_mutation *mutations;
	size_t n;
};

/* Reads a "mutations" on 'table'.  Returns: 0, or -EINVAL with nothing to free. */
int MUST_CHECK ovsdb_mutation_set_from_json(struct ovsdb_mutation_set *set,
	const struct ovsdb_table_schema *table, const json_t *json,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err);
void ovsdb_mutation_set_uninit(struct ovsdb_mutation_set *set);

/* Applies all of 'set' to 'row'.  Returns: 0, or -EINVAL and the transaction must be aborted. */
int MUST_CHECK ovsdb_mutation_set_apply(const struct ovsdb_mutation_set *set, struct ovsdb_txn *txn,
	struct ovsdb_row *row, struct ovsdb_err *err);

#endif /* OVSDB_MUTATION_H */
