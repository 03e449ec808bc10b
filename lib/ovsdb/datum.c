/* SPDX-License-Identifier: Apache-2.0 */
/* Values of columns.
 *
 * Sets and maps as sorted arrays, and the algebra that operations, differences and journals need on them.
 * The text form of the tools is in datum_text.c. */

#include "ovsdb/datum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/smap.h"
#include "ovsdb/error.h"

void
ovsdb_datum_init_empty(struct ovsdb_datum *datum)
{
	memset(datum, 0, sizeof *datum);
}

/* Makes room for 'n' elements. */
static void
reserve(struct ovsdb_datum *datum, unsigned int n, const struct ovsdb_type *type)
{
	if (n <= datum->n_alloc)
		return;
	if (n < datum->n_alloc + datum->n_alloc / 2)
		n = datum->n_alloc + datum->n_alloc / 2;
	datum->keys = xrealloc(datum->keys, n * sizeof *datum->keys);
	if (ovsdb_type_is_map(type))
		datum->values = xrealloc(datum->values, n * sizeof *datum->values);
	datum->n_alloc = n;
}

void
ovsdb_datum_init_default(struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
	ovsdb_datum_init_empty(datum);
	if (type->n_min == 0)
		return;
	reserve(datum, 1, type);
	ovsdb_atom_init_default(&datum->keys[0], type->key.type);
	if (ovsdb_type_is_map(type))
		ovsdb_atom_init_default(&datum->values[0], type->value.type);
	datum->n = 1;
}

void
ovsdb_datum_clone(
	struct ovsdb_datum *dst, const struct ovsdb_datum *src, const struct ovsdb_type *type)
{
	ovsdb_datum_init_empty(dst);
	if (src->n == 0)
		return;
	reserve(dst, src->n, type);
	for (unsigned int i = 0; i < src->n; i++) {
		ovsdb_atom_clone(&dst->keys[i], &src->keys[i], type->key.type);
		if (ovsdb_type_is_map(type))
			ovsdb_atom_clone(&dst->values[i], &src->values[i], type->value.type);
	}
	dst->n = src->n;
}

void
ovsdb_datum_uninit(struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
	for (unsigned int i = 0; i < datum->n; i++) {
		ovsdb_atom_uninit(&datum->keys[i], type->key.type);
		if (ovsdb_type_is_map(type))
			ovsdb_atom_uninit(&datum->values[i], type->value.type);
	}
	free(datum->keys);
	free(datum->values);
	ovsdb_datum_init_empty(datum);
}

bool
ovsdb_datum_is_default(const struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
	struct ovsdb_datum def;
	bool equal;

	if (datum->n != type->n_min)
		return false;
	if (datum->n == 0)
		return true;
	ovsdb_datum_init_default(&def, type);
	equal = ovsdb_datum_equal(datum, &def, type);
	ovsdb_datum_uninit(&def, type);
	return equal;
}

bool
ovsdb_datum_equal(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type)
{
	return ovsdb_datum_compare(a, b, type) == 0;
}

int
ovsdb_datum_compare(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type)
{
	int cmp;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (unsigned int i = 0; i < a->n; i++) {
		cmp = ovsdb_atom_compare(&a->keys[i], &b->keys[i], type->key.type);
		if (cmp == 0 && ovsdb_type_is_map(type))
			cmp = ovsdb_atom_compare(&a->values[i], &b->values[i], type->value.type);
		if (cmp != 0)
			return cmp;
	}
	return 0;
}

uint32_t
ovsdb_datum_hash(const struct ovsdb_datum *datum, const struct ovsdb_type *type, uint32_t seed)
{
	for (unsigned int i = 0; i < datum->n; i++) {
		seed = ovsdb_atom_hash(&datum->keys[i], type->key.type, seed);
		if (ovsdb_type_is_map(type))
			seed = ovsdb_atom_hash(&datum->values[i], type->value.type, seed);
	}
	return hash_u32(datum->n, seed);
}

/* Sets '*pos' to where 'key' is or belongs.  Returns: whether it is there. */
static bool
search(const struct ovsdb_datum *datum, const union ovsdb_atom *key, enum ovsdb_atom_type type,
	unsigned int *pos)
{
	unsigned int lo = 0, hi = datum->n;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;
		int cmp = ovsdb_atom_compare(key, &datum->keys[mid], type);

		if (cmp == 0) {
			*pos = mid;
			return true;
		}
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	*pos = lo;
	return false;
}

int
ovsdb_datum_find(
	const struct ovsdb_datum *datum, const union ovsdb_atom *key, enum ovsdb_atom_type key_type)
{
	unsigned int pos;

	return search(datum, key, key_type, &pos) ? (int)pos : -1;
}

const char *
ovsdb_datum_map_string(const struct ovsdb_datum *datum, const char *key)
{
	unsigned int lo = 0, hi = datum->n;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;
		int cmp = strcmp(key, datum->keys[mid].string->s);

		if (cmp == 0)
			return datum->values[mid].string->s;
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* Puts copies of the atoms at position 'pos'. */
static void
insert_at(struct ovsdb_datum *datum, unsigned int pos, const union ovsdb_atom *key,
	const union ovsdb_atom *value, const struct ovsdb_type *type)
{
	reserve(datum, datum->n + 1, type);
	memmove(&datum->keys[pos + 1], &datum->keys[pos], (datum->n - pos) * sizeof *datum->keys);
	ovsdb_atom_clone(&datum->keys[pos], key, type->key.type);
	if (ovsdb_type_is_map(type)) {
		memmove(&datum->values[pos + 1], &datum->values[pos],
			(datum->n - pos) * sizeof *datum->values);
		ovsdb_atom_clone(&datum->values[pos], value, type->value.type);
	}
	datum->n++;
}

bool
ovsdb_datum_add(struct ovsdb_datum *datum, const union ovsdb_atom *key,
	const union ovsdb_atom *value, const struct ovsdb_type *type)
{
	unsigned int pos;

	if (search(datum, key, type->key.type, &pos))
		return false;
	insert_at(datum, pos, key, value, type);
	return true;
}

void
ovsdb_datum_remove(struct ovsdb_datum *datum, unsigned int i, const struct ovsdb_type *type)
{
	unsigned int n_after = datum->n - i - 1;

	ovsdb_atom_uninit(&datum->keys[i], type->key.type);
	memmove(&datum->keys[i], &datum->keys[i + 1], n_after * sizeof *datum->keys);
	if (ovsdb_type_is_map(type)) {
		ovsdb_atom_uninit(&datum->values[i], type->value.type);
		memmove(&datum->values[i], &datum->values[i + 1], n_after * sizeof *datum->values);
	}
	datum->n--;
}

/* Whether element 'i' of 'a' is in 'b', as a pair if they are maps. */
static bool
contains(const struct ovsdb_datum *b, const struct ovsdb_datum *a, unsigned int i,
	const struct ovsdb_type *type)
{
	int pos = ovsdb_datum_find(b, &a->keys[i], type->key.type);

	if (pos < 0)
		return false;
	return !ovsdb_type_is_map(type)
		|| ovsdb_atom_compare(&a->values[i], &b->values[pos], type->value.type) == 0;
}

bool
ovsdb_datum_includes_all(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type)
{
	if (a->n > b->n)
		return false;
	for (unsigned int i = 0; i < a->n; i++) {
		if (!contains(b, a, i, type))
			return false;
	}
	return true;
}

bool
ovsdb_datum_excludes_all(
	const struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type)
{
	for (unsigned int i = 0; i < a->n; i++) {
		if (contains(b, a, i, type))
			return false;
	}
	return true;
}

void
ovsdb_datum_union(struct ovsdb_datum *a, const struct ovsdb_datum *b, const struct ovsdb_type *type)
{
	struct ovsdb_datum out = OVSDB_DATUM_INIT;
	unsigned int i = 0, j = 0;

	if (b->n <= 4) { /* Few: a move each is cheaper than a new array. */
		for (; j < b->n; j++)
			ovsdb_datum_add(
				a, &b->keys[j], b->n > 0 && b->values ? &b->values[j] : NULL, type);
		return;
	}
	reserve(&out, a->n + b->n, type);
	while (i < a->n || j < b->n) {
		int cmp = i >= a->n ? 1
			: j >= b->n ? -1
				    : ovsdb_atom_compare(&a->keys[i], &b->keys[j], type->key.type);
		const struct ovsdb_datum *src = cmp <= 0 ? a : b;
		unsigned int k = cmp <= 0 ? i : j;

		ovsdb_atom_clone(&out.keys[out.n], &src->keys[k], type->key.type);
		if (ovsdb_type_is_map(type))
			ovsdb_atom_clone(&out.values[out.n], &src->values[k], type->value.type);
		out.n++;
		i += cmp <= 0;
		j += cmp >= 0;
	}
	ovsdb_datum_uninit(a, type);
	*a = out;
}

void
ovsdb_datum_subtract(struct ovsdb_datum *a, const struct ovsdb_type *type,
	const struct ovsdb_datum *b, const struct ovsdb_type *b_type)
{
	bool as_pairs = ovsdb_type_is_map(type) && ovsdb_type_is_map(b_type);
	unsigned int out = 0;

	for (unsigned int i = 0; i < a->n; i++) {
		bool drop = as_pairs ? contains(b, a, i, type)
				     : ovsdb_datum_find(b, &a->keys[i], type->key.type) >= 0;

		if (drop) {
			ovsdb_atom_uninit(&a->keys[i], type->key.type);
			if (ovsdb_type_is_map(type))
				ovsdb_atom_uninit(&a->values[i], type->value.type);
			continue;
		}
		a->keys[out] = a->keys[i];
		if (ovsdb_type_is_map(type))
			a->values[out] = a->values[i];
		out++;
	}
	a->n = out;
}

/* Appends element 'i' of 'src'. */
static void
append(struct ovsdb_datum *datum, const struct ovsdb_datum *src, unsigned int i,
	const struct ovsdb_type *type)
{
	insert_at(datum, datum->n, &src->keys[i], src->values ? &src->values[i] : NULL, type);
}

void
ovsdb_datum_diff(struct ovsdb_datum *diff, const struct ovsdb_datum *from,
	const struct ovsdb_datum *to, const struct ovsdb_type *type)
{
	unsigned int i = 0, j = 0;

	if (type->n_max == 1) {
		ovsdb_datum_clone(diff, to, type);
		return;
	}
	ovsdb_datum_init_empty(diff);
	while (i < from->n || j < to->n) {
		int cmp = i >= from->n ? 1
			: j >= to->n
			? -1
			: ovsdb_atom_compare(&from->keys[i], &to->keys[j], type->key.type);

		if (cmp < 0)
			append(diff, from, i, type);
		else if (cmp > 0)
			append(diff, to, j, type);
		else if (ovsdb_type_is_map(type)
			&& ovsdb_atom_compare(&from->values[i], &to->values[j], type->value.type)
				!= 0)
			append(diff, to, j, type);
		i += cmp <= 0;
		j += cmp >= 0;
	}
}

void
ovsdb_datum_apply_diff(
	struct ovsdb_datum *datum, const struct ovsdb_datum *diff, const struct ovsdb_type *type)
{
	if (type->n_max == 1) {
		ovsdb_datum_uninit(datum, type);
		ovsdb_datum_clone(datum, diff, type);
		return;
	}
	for (unsigned int i = 0; i < diff->n; i++) {
		unsigned int pos;

		if (!search(datum, &diff->keys[i], type->key.type, &pos)) {
			insert_at(datum, pos, &diff->keys[i],
				diff->values ? &diff->values[i] : NULL, type);
		} else if (!ovsdb_type_is_map(type)
			|| ovsdb_atom_compare(
				   &diff->values[i], &datum->values[pos], type->value.type)
				== 0) {
			ovsdb_datum_remove(datum, pos, type);
		} else {
			ovsdb_atom_uninit(&datum->values[pos], type->value.type);
			ovsdb_atom_clone(&datum->values[pos], &diff->values[i], type->value.type);
		}
	}
}

int
ovsdb_datum_check(
	const struct ovsdb_datum *datum, const struct ovsdb_type *type, struct ovsdb_err *err)
{
	int error;

	if (datum->n < type->n_min || datum->n > type->n_max)
		return ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
			"%u values where the type needs at %s %u", datum->n,
			datum->n < type->n_min ? "least" : "most",
			datum->n < type->n_min ? type->n_min : type->n_max);
	for (unsigned int i = 0; i < datum->n; i++) {
		error = ovsdb_base_type_check(&type->key, &datum->keys[i], err);
		if (error == 0 && ovsdb_type_is_map(type))
			error = ovsdb_base_type_check(&type->value, &datum->values[i], err);
		if (error != 0)
			return error;
	}
	return 0;
}

/* One element while it is sorted. */
struct pair {
	union ovsdb_atom key, value;
};

static int
compare_pairs(const void *a, const void *b, void *type)
{
	return ovsdb_atom_compare(&((const struct pair *)a)->key, &((const struct pair *)b)->key,
		((const struct ovsdb_type *)type)->key.type);
}

/* Establishes rule D1 after elements were appended in any order.  Returns: 0, or -EINVAL for a key that
 * is there twice. */
static int
sort(struct ovsdb_datum *datum, const struct ovsdb_type *type, struct ovsdb_err *err)
{
	bool is_sorted = true;
	struct pair *pairs;

	for (unsigned int i = 1; i < datum->n && is_sorted; i++)
		is_sorted = ovsdb_atom_compare(&datum->keys[i - 1], &datum->keys[i], type->key.type)
			< 0;
	if (is_sorted)
		return 0;

	pairs = xcalloc(datum->n, sizeof *pairs);
	for (unsigned int i = 0; i < datum->n; i++) {
		pairs[i].key = datum->keys[i];
		if (ovsdb_type_is_map(type))
			pairs[i].value = datum->values[i];
	}
	qsort_r(pairs, datum->n, sizeof *pairs, compare_pairs, (void *)type);
	for (unsigned int i = 0; i < datum->n; i++) {
		datum->keys[i] = pairs[i].key;
		if (ovsdb_type_is_map(type))
			datum->values[i] = pairs[i].value;
	}
	free(pairs);
	for (unsigned int i = 1; i < datum->n; i++) {
		if (ovsdb_atom_compare(&datum->keys[i - 1], &datum->keys[i], type->key.type) == 0)
			return ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
				"%s contains an element twice",
				ovsdb_type_is_map(type) ? "map" : "set");
	}
	return 0;
}

/* Appends the element 'json', which is an atom, or in a map a pair. */
static int
append_json(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	bool is_map = ovsdb_type_is_map(type);
	const json_t *key = is_map ? json_array_get(json, 0) : json;
	int error;

	if (is_map && json_array_size(json) != 2)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a pair must be an array of two");
	reserve(datum, datum->n + 1, type);
	error = ovsdb_atom_from_json(&datum->keys[datum->n], type->key.type, key, symtab, err);
	if (error != 0)
		return error;
	if (is_map) {
		error = ovsdb_atom_from_json(&datum->values[datum->n], type->value.type,
			json_array_get(json, 1), symtab, err);
		if (error != 0) {
			ovsdb_atom_uninit(&datum->keys[datum->n], type->key.type);
			return error;
		}
	}
	datum->n++;
	return 0;
}

/* Whether 'json' is ["'kind'", [...]]; sets '*itemsp' to the inner array. */
static bool
is_collection(const json_t *json, const char *kind, const json_t **itemsp)
{
	const char *s = json_string_value(json_array_get(json, 0));

	*itemsp = json_array_get(json, 1);
	return json_array_size(json) == 2 && s != NULL && strcmp(s, kind) == 0
		&& json_is_array(*itemsp);
}

int
ovsdb_datum_from_json_unchecked(struct ovsdb_datum *datum, const struct ovsdb_type *type,
	const json_t *json, const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	bool is_map = ovsdb_type_is_map(type);
	const json_t *items;
	int error = 0;

	ovsdb_datum_init_empty(datum);
	if (is_collection(json, is_map ? "map" : "set", &items)) {
		size_t n = json_array_size(items);

		for (size_t i = 0; i < n && error == 0; i++)
			error = append_json(datum, type, json_array_get(items, i), symtab, err);
		if (error == 0)
			error = sort(datum, type, err);
	} else if (is_map) {
		error = ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "expected [\"map\", <array>]");
	} else {
		error = append_json(datum, type, json, symtab, err);
	}
	if (error != 0)
		ovsdb_datum_uninit(datum, type);
	return error;
}

int
ovsdb_datum_from_json(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	int error = ovsdb_datum_from_json_unchecked(datum, type, json, symtab, err);

	if (error != 0)
		return error;
	error = ovsdb_datum_check(datum, type, err);
	if (error != 0)
		ovsdb_datum_uninit(datum, type);
	return error;
}

json_t *
ovsdb_datum_to_json(const struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
	bool is_map = ovsdb_type_is_map(type);
	json_t *items, *json;

	if (!is_map && datum->n == 1)
		return ovsdb_atom_to_json(&datum->keys[0], type->key.type);
	items = json_array();
	for (unsigned int i = 0; i < datum->n; i++) {
		json_t *item = ovsdb_atom_to_json(&datum->keys[i], type->key.type);

		if (is_map) {
			json_t *pair = json_array();

			json_array_append_new(pair, item);
			json_array_append_new(
				pair, ovsdb_atom_to_json(&datum->values[i], type->value.type));
			item = pair;
		}
		json_array_append_new(items, item);
	}
	json = json_array();
	json_array_append_new(json, json_string(is_map ? "map" : "set"));
	json_array_append_new(json, items);
	return json;
}

void
ovsdb_datum_to_smap(const struct ovsdb_datum *datum, struct smap *smap)
{
	for (unsigned int i = 0; i < datum->n; i++)
		smap_set(smap, datum->keys[i].string->s, datum->values[i].string->s);
}

void
ovsdb_datum_from_smap(struct ovsdb_datum *datum, const struct smap *smap)
{
	struct ovsdb_type type = { .n_max = OVSDB_UNLIMITED };
	const struct smap_node *node;

	ovsdb_base_type_init(&type.key, OVSDB_ATOM_STRING);
	ovsdb_base_type_init(&type.value, OVSDB_ATOM_STRING);
	ovsdb_datum_init_empty(datum);
	SMAP_FOREACH(node, smap) {
		union ovsdb_atom key, value;

		key.string = ovsdb_string_create(node->key, strlen(node->key));
		value.string = ovsdb_string_create(node->value, strlen(node->value));
		ovsdb_datum_add(datum, &key, &value, &type);
		ovsdb_atom_uninit(&key, OVSDB_ATOM_STRING);
		ovsdb_atom_uninit(&value, OVSDB_ATOM_STRING);
	}
}
