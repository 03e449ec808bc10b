/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_DATUM_H
#define OVSDB_DATUM_H

/* datum: the value of one column in one row: a set or a map, in canonical order.
 *
 * Model    Parallel arrays of keys and values.  An optional value is a set of none or one, a scalar a set
 *          of one.  The type stands beside the datum, as with atoms.
 * Rules    D1 Keys are sorted by ovsdb_atom_compare() and differ from each other.
 *          D2 'values' is NULL in a set and in an empty map that never held anything.
 *          D3 The size limits of the type are checked by ovsdb_datum_check(), not by each edit.
 * Owner    A datum owns its arrays; ovsdb_datum_uninit() frees them.  Functions that take a datum over
 *          say so.
 * Threads  main, or one thread of a tool.
 * Cost     Lookup O(log n), insertion of one O(n) moves, union and difference O(n + m).
 * See      tests/unit/ovsdb/model_test.c, tests/fuzz/ovsdb_fuzz.c. */

#include "ovsdb/atom.h"
#include "ovsdb/types.h"

struct smap;

struct ovsdb_datum {
	unsigned int n; /* Elements. */
	unsigned int n_alloc; /* Room in the arrays. */
	union ovsdb_atom *keys; /* Sorted. */
	union ovsdb_atom *values; /* Of a map, parallel to 'keys'. */
};

#define OVSDB_DATUM_INIT         \
	{                        \
		0, 0, NULL, NULL \
	}

/* Makes 'datum' the value that a column of 'type' has when nothing is said. */
void ovsdb_datum_init_default(struct ovsdb_datum *datum, const struct ovsdb_type *type);

/* Makes 'datum' empty. */
void ovsdb_datum_init_empty(struct ovsdb_datum *datum);

/* Makes 'dst' a copy of 'src'. */
void ovsdb_datum_clone(
	struct ovsdb_datum *dst, const struct ovsdb_datum *src, const struct ovsdb_type *type);

/* Frees what 'datum' holds and makes it empty. */
void ovsdb_datum_uninit(struct ovsdb_datum *datum, const struct ovsdb_type *type);

/* True if 'datum' equals the default of 'type'. */
bool ovsdb_datum_is_default(const struct ovsdb_datum *datum, const struct ovsdb_type *type);

bool ovsdb_datum_equal(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type);

/* Orders two data: by size first, then by their elements. */
int ovsdb_datum_compare(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type);

uint32_t
ovsdb_datum_hash(const struct ovsdb_datum *datum, const struct ovsdb_type *type, uint32_t seed);

/* Position of 'key', or -1. */
int ovsdb_datum_find(const struct ovsdb_datum *datum, const union ovsdb_atom *key,
	enum ovsdb_atom_type key_type);

/* Value of the map 'datum' of strings to strings under 'key', or NULL. */
const char *ovsdb_datum_map_string(const struct ovsdb_datum *datum, const char *key);

/* Adds a key, and 'value' in a map, unless the key is there: then nothing changes.  The atoms are
 * copied.  Returns: true if it was added. */
bool ovsdb_datum_add(struct ovsdb_datum *datum, const union ovsdb_atom *key,
	const union ovsdb_atom *value, const struct ovsdb_type *type);

/* Removes the element at position 'i'. */
void ovsdb_datum_remove(struct ovsdb_datum *datum, unsigned int i, const struct ovsdb_type *type);

/* True if each element of 'a' is in 'b', pairs compared as pairs. */
bool ovsdb_datum_includes_all(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type);

/* True if no element of 'a' is in 'b'. */
bool ovsdb_datum_excludes_all(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type);

/* Adds to 'a' what is in 'b' under keys that 'a' lacks. */
void ovsdb_datum_union(
	struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type);

/* Removes from 'a' the elements of 'b'.  'b' is of 'b_type', which has the keys of 'type': where 'b' is
 * a set and 'a' a map, pairs go by their key. */
void ovsdb_datum_subtract(struct ovsdb_datum *a, const struct ovsdb_type *type,
	const struct ovsdb_datum *b, const struct ovsdb_type *b_type);

/* What turns 'from' into 'to': where the type has at most one element, 'to' itself; else the elements in
 * only one of them, and pairs whose value changed with their new value.  'diff' must not be
 * initialised. */
void ovsdb_datum_diff(struct ovsdb_datum *diff, const struct ovsdb_datum *from,
	const struct ovsdb_datum *to, const struct ovsdb_type *type);

/* Applies to 'datum' what ovsdb_datum_diff() found. */
void ovsdb_datum_apply_diff(
	struct ovsdb_datum *datum, const struct ovsdb_datum *diff, const struct ovsdb_type *type);

/* Checks size and elements against 'type'.  Returns: 0 or -EINVAL. */
int MUST_CHECK ovsdb_datum_check(
	const struct ovsdb_datum *datum, const struct ovsdb_type *type, struct ovsdb_err *err);

/* Reads RFC 7047's <value> and checks it.  'datum' must not be initialised.  Returns: 0, or -EINVAL with
 * an empty 'datum'. */
int MUST_CHECK ovsdb_datum_from_json(struct ovsdb_datum *datum, const struct ovsdb_type *type,
	const json_t *json, const struct ovsdb_symtab *symtab, struct ovsdb_err *err);

/* As ovsdb_datum_from_json() without the checks of limits and sizes: for differences, and for values
 * that were checked when they were stored. */
int MUST_CHECK ovsdb_datum_from_json_unchecked(struct ovsdb_datum *datum,
	const struct ovsdb_type *type, const json_t *json, const struct ovsdb_symtab *symtab,
	struct ovsdb_err *err);

/* The datum as RFC 7047 writes it.  Owner: the caller's reference. */
json_t *ovsdb_datum_to_json(const struct ovsdb_datum *datum, const struct ovsdb_type *type);

/* Reads the text form of the configuration tools: an atom, "a,b", "[a,b]", "{k=v,...}", "k=v,k=v", strings
 * in double quotes with JSON's escapes where they need it, enumeration words, UUIDs, '@name' with a
 * 'symtab'.  'datum' must not be initialised.  Returns: 0, or -EINVAL with an empty 'datum'. */
int MUST_CHECK ovsdb_datum_from_text(struct ovsdb_datum *datum, const struct ovsdb_type *type,
	const char *text, const struct ovsdb_symtab *symtab, struct ovsdb_err *err);

/* Reads one word at '*textp' into 'word', which is initialised, and moves '*textp' behind it: a string in
 * double quotes with JSON's escapes, else all up to white space or one of "=,:[]{}()<>!" (not empty).  For
 * arguments such as COLUMN:KEY=VALUE.  Returns: 0 or -EINVAL. */
int MUST_CHECK ovsdb_datum_text_token(const char **textp, struct str *word, struct ovsdb_err *err);

/* Appends the text form of 'datum'. */
void ovsdb_datum_to_text(
	const struct ovsdb_datum *datum, const struct ovsdb_type *type, struct str *out);

/* Puts the pairs of a map of strings to strings into 'smap', which is initialised. */
void ovsdb_datum_to_smap(const struct ovsdb_datum *datum, struct smap *smap);

/* Makes 'datum' a map of strings to strings. */
void ovsdb_datum_from_smap(struct ovsdb_datum *datum, const struct smap *smap);

#endif /* OVSDB_DATUM_H */
