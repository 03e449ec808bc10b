/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_ERROR_H
#define OVSDB_ERROR_H

/* error: why a database operation was refused, in the terms of RFC 7047.
 *
 * Model    A tag from the RFC's vocabulary ("constraint violation", "timed out", ...) that programs
 *          look at, and a text for people.
 * Rules    E1 A function that fails sets the error once, where the cause is known.
 *          E2 Tags are string literals: they are never freed and compare by strcmp().
 * Owner    The caller's; no memory hangs on it.
 * Threads  any. */

#include <jansson.h>

#include "base/compiler.h"
#include "base/err.h"

struct ovsdb_err {
	const char *tag; /* What programs see, NULL while nothing failed. */
	struct err text; /* What people see. */
};

/* Tags that more than one file gives. */
#define OVSDB_TAG_SYNTAX "syntax error"
#define OVSDB_TAG_CONSTRAINT "constraint violation"
#define OVSDB_TAG_REFERENCE "referential integrity violation"
#define OVSDB_TAG_IO "I/O error"

/* Records 'tag' and a text in 'err', which may be NULL.  Returns: -EINVAL, for the caller to return. */
int ovsdb_err_set(struct ovsdb_err *err, const char *tag, const char *fmt, ...) PRINTF_FORMAT(3, 4);

/* The error as the object that RFC 7047 puts into replies: members "error" and "details".
 * Owner: the caller's reference. */
json_t *ovsdb_err_to_json(const struct ovsdb_err *err);

/* Writes "tag: text" of 'from' to 'to', which may be NULL. */
void ovsdb_err_copy(struct err *to, const struct ovsdb_err *from);

#endif /* OVSDB_ERROR_H */
