/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_EXEC_H
#define OVSDB_EXEC_H

/* exec: runs the operations of a "transact" request.
 *
 * Model    Operations are run in order in one transaction.  If all succeed it commits, else it is undone.  A
 *          "wait" that does not hold yet undoes it, too, and the caller tries again later.
 * Owner    The result is the caller's reference; all else is borrowed.
 * Threads  main.
 * See      tests/unit/ovsdb/exec_test.c, tests/fuzz/ovsdb_fuzz.c. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct ovsdb_db;

struct ovsdb_exec_env {
	bool is_read_only; /* Only select, wait, comment and assert are allowed. */
	int64_t elapsed_ms; /* Since the request arrived: for "wait". */
	bool (*owns_lock)(
		void *aux, const char *lock); /* For "assert"; NULL: nobody owns anything. */
	void *aux; /* For 'owns_lock'. */
};

/* Runs 'params', the database's name followed by operations, on 'db'.  Returns: the array of results; NULL
 * if a "wait" does not hold, with '*retry_ms' the time that it may still wait (INT64_MAX for ever). */
json_t *ovsdb_exec(struct ovsdb_db *db, const json_t *params, const struct ovsdb_exec_env *env,
	int64_t *retry_ms) MUST_CHECK;

#endif /* OVSDB_EXEC_H */
