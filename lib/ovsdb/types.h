/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_TYPES_H
#define OVSDB_TYPES_H

/* types: the type of a column and the limits on what it may hold.
 *
 * Model    A column holds a set of keys, or a map from keys to values, of 'n_min' to 'n_max' elements.  A
 *          scalar is a set of exactly one.  Key and value each have a base type: an atom type with limits.
 * Rules    T1 n_min is 0 or 1, n_max >= 1 and >= n_min; OVSDB_UNLIMITED stands for no limit.
 *          T2 A base type has an enumeration or a range, never both.
 * Owner    The schema owns its types; ovsdb_type_uninit() frees what hangs on one.
 * Threads  any, after the schema is complete. */

#include <limits.h>

#include "ovsdb/atom.h"

struct ovsdb_datum;
struct ovsdb_table_schema;

#define OVSDB_UNLIMITED UINT_MAX

struct ovsdb_base_type {
	enum ovsdb_atom_type type;
	struct ovsdb_datum
		*choices; /* The only values allowed, as a set; NULL for no enumeration. */
	int64_t min_integer, max_integer; /* Limits of an integer. */
	double min_real, max_real; /* Limits of a real. */
	unsigned int min_len, max_len; /* Limits of a string, in characters. */
	char *ref_table_name; /* Of a UUID that refers to a row, else NULL. */
	const struct ovsdb_table_schema
		*ref_table; /* The same, resolved; borrowed from the schema. */
	bool is_weak; /* A reference that does not keep its row alive. */
};

struct ovsdb_type {
	struct ovsdb_base_type key;
	struct ovsdb_base_type value; /* OVSDB_ATOM_VOID in a set. */
	unsigned int n_min; /* 0 or 1. */
	unsigned int n_max; /* Or OVSDB_UNLIMITED. */
};

/* Makes 'base' the unlimited base type of 'type'. */
void ovsdb_base_type_init(struct ovsdb_base_type *base, enum ovsdb_atom_type type);

/* Frees what hangs on 'type'. */
void ovsdb_type_uninit(struct ovsdb_type *type);

/* Reads the "type" of a column in a schema.  Returns: 0, or -EINVAL with nothing to free. */
int MUST_CHECK ovsdb_type_from_json(
	struct ovsdb_type *type, const json_t *json, struct ovsdb_err *err);

bool ovsdb_type_equal(const struct ovsdb_type *a, const struct ovsdb_type *b);

/* Checks 'atom' against the limits of 'base'.  Returns: 0 or -EINVAL. */
int MUST_CHECK ovsdb_base_type_check(
	const struct ovsdb_base_type *base, const union ovsdb_atom *atom, struct ovsdb_err *err);

static inline bool
ovsdb_type_is_map(const struct ovsdb_type *type)
{
	return type->value.type != OVSDB_ATOM_VOID;
}

static inline bool
ovsdb_type_is_scalar(const struct ovsdb_type *type)
{
	return !ovsdb_type_is_map(type) && type->n_min == 1 && type->n_max == 1;
}

static inline bool
ovsdb_type_is_optional(const struct ovsdb_type *type)
{
	return type->n_min == 0 && type->n_max == 1;
}

static inline bool
ovsdb_base_type_is_ref(const struct ovsdb_base_type *base)
{
	return base->type == OVSDB_ATOM_UUID && base->ref_table_name != NULL;
}

/* True if a value of 'type' may refer to rows, strongly if not 'is_weak'. */
static inline bool
ovsdb_type_has_refs(const struct ovsdb_type *type, bool is_weak)
{
	return (ovsdb_base_type_is_ref(&type->key) && type->key.is_weak == is_weak)
		|| (ovsdb_base_type_is_ref(&type->value) && type->value.is_weak == is_weak);
}

#endif /* OVSDB_TYPES_H */
