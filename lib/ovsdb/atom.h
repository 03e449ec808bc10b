/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_ATOM_H
#define OVSDB_ATOM_H

/* atom: one value of the database: integer, real, boolean, string or UUID.
 *
 * Model    The type of an atom stands beside it, not in it: a column's values are all of one type.
 *          Strings are shared and immutable.
 * Rules    A1 Atoms of one type are totally ordered by ovsdb_atom_compare().
 *          A2 A string is valid UTF-8 without NUL: nothing else comes out of the parsers.
 * Owner    An atom of type string holds one reference; ovsdb_atom_uninit() gives it back.
 * Threads  main, or one thread of a tool.  Reference counts are plain integers.
 * See      tests/unit/ovsdb/datum_test.c. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/str.h"
#include "base/uuid.h"

struct ovsdb_err;

enum ovsdb_atom_type {
	OVSDB_ATOM_VOID, /* No value: the value type of a set. */
	OVSDB_ATOM_INTEGER,
	OVSDB_ATOM_REAL,
	OVSDB_ATOM_BOOLEAN,
	OVSDB_ATOM_STRING,
	OVSDB_ATOM_UUID,
	N_OVSDB_ATOM_TYPES
};

/* A string that several rows and notifications share. */
struct ovsdb_string {
	uint32_t n_refs; /* Holders. */
	uint32_t len; /* Bytes before the NUL. */
	char s[]; /* The text, NUL ended. */
};

union ovsdb_atom {
	int64_t integer;
	double real;
	bool boolean;
	struct ovsdb_string *string;
	struct uuid uuid;
};

/* Names of rows that a transaction inserts, as ["named-uuid", NAME] refers to them: resolves 'name',
 * creating it on first use.  Returns: false if the name is unusable. */
struct ovsdb_symtab {
	bool (*resolve)(void *aux, const char *name, struct uuid *);
	void *aux; /* For 'resolve'. */
};

/* The name of 'type' in a schema: "integer" and so on. */
const char *ovsdb_atom_type_name(enum ovsdb_atom_type type);

/* Reads 'name' as a type.  Returns: false if there is none of that name. */
bool ovsdb_atom_type_parse(const char *name, enum ovsdb_atom_type *type);

/* Makes a string of the 'len' bytes at 's'.  Owner: one reference for the caller. */
struct ovsdb_string *ovsdb_string_create(const char *s, size_t len);

/* The zero value of 'type': 0, false, "", the nil UUID. */
void ovsdb_atom_init_default(union ovsdb_atom *atom, enum ovsdb_atom_type type);

/* Makes 'dst' a copy of 'src'. */
void
ovsdb_atom_clone(union ovsdb_atom *dst, const union ovsdb_atom *src, enum ovsdb_atom_type type);

/* Gives back what 'atom' holds. */
void ovsdb_atom_uninit(union ovsdb_atom *atom, enum ovsdb_atom_type type);

/* Orders two atoms: negative, zero or positive. */
int
ovsdb_atom_compare(const union ovsdb_atom *a, const union ovsdb_atom *b, enum ovsdb_atom_type type);

/* A hash of 'atom', continuing from 'seed'. */
uint32_t ovsdb_atom_hash(const union ovsdb_atom *atom, enum ovsdb_atom_type type, uint32_t seed);

/* Reads RFC 7047's <atom>; 'symtab' resolves names and may be NULL.  Returns: 0 or -EINVAL. */
int MUST_CHECK ovsdb_atom_from_json(union ovsdb_atom *atom, enum ovsdb_atom_type type,
	const json_t *json, const struct ovsdb_symtab *symtab, struct ovsdb_err *err);

/* The atom as RFC 7047 writes it.  Owner: the caller's reference. */
json_t *ovsdb_atom_to_json(const union ovsdb_atom *atom, enum ovsdb_atom_type type);

/* Reads one word of the tools' text form, already without its quotes; '@name' is a named row if there
 * is a 'symtab'.  Returns: 0 or -EINVAL. */
int MUST_CHECK ovsdb_atom_from_text(union ovsdb_atom *atom, enum ovsdb_atom_type type,
	const char *text, const struct ovsdb_symtab *symtab, struct ovsdb_err *err);

/* Appends the text form of 'atom': a string only gets quotes if it could be taken for something else. */
void ovsdb_atom_to_text(const union ovsdb_atom *atom, enum ovsdb_atom_type type, struct str *out);

#endif /* OVSDB_ATOM_H */
