/* SPDX-License-Identifier: Apache-2.0 */
/* Types of columns.
 *
 * Reads the <type> and <base-type> of a schema and judges single atoms by them.  What holds for a whole
 * column's value is datum.c's business. */

#include "ovsdb/types.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "ovsdb/datum.h"
#include "ovsdb/error.h"

void
ovsdb_base_type_init(struct ovsdb_base_type *base, enum ovsdb_atom_type type)
{
	*base = (struct ovsdb_base_type){
		.type = type,
		.min_integer = INT64_MIN,
		.max_integer = INT64_MAX,
		.min_real = -DBL_MAX,
		.max_real = DBL_MAX,
		.max_len = UINT_MAX,
	};
}

/* The type of a set of any size of 'base''s values, sharing what hangs on 'base'. */
static struct ovsdb_type
set_of(const struct ovsdb_base_type *base)
{
	struct ovsdb_type type = { .key = *base, .n_min = 0, .n_max = OVSDB_UNLIMITED };

	ovsdb_base_type_init(&type.value, OVSDB_ATOM_VOID);
	return type;
}

static void
base_type_uninit(struct ovsdb_base_type *base)
{
	if (base->choices != NULL) {
		struct ovsdb_type type = set_of(base);

		ovsdb_datum_uninit(base->choices, &type);
		free(base->choices);
		base->choices = NULL;
	}
	free(base->ref_table_name);
	base->ref_table_name = NULL;
}

void
ovsdb_type_uninit(struct ovsdb_type *type)
{
	base_type_uninit(&type->key);
	base_type_uninit(&type->value);
}

static int
parse_enum(struct ovsdb_base_type *base, const json_t *json, struct ovsdb_err *err)
{
	struct ovsdb_type type = set_of(base);
	int error;

	base->choices = xzalloc(sizeof *base->choices);
	error = ovsdb_datum_from_json_unchecked(base->choices, &type, json, NULL, err);
	if (error == 0 && base->choices->n == 0)
		error = ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "an enumeration needs a value");
	return error;
}

/* Reads the limit 'key'/'value' of an integer or real. */
static int
parse_number_limit(
	struct ovsdb_base_type *base, const char *key, const json_t *value, struct ovsdb_err *err)
{
	bool is_min = strncmp(key, "min", 3) == 0;

	if (base->type == OVSDB_ATOM_INTEGER && json_is_integer(value)
		&& strcmp(key + 3, "Integer") == 0) {
		*(is_min ? &base->min_integer : &base->max_integer) = json_integer_value(value);
		return 0;
	}
	if (base->type == OVSDB_ATOM_REAL && json_is_number(value)
		&& strcmp(key + 3, "Real") == 0) {
		*(is_min ? &base->min_real : &base->max_real) = json_number_value(value);
		return 0;
	}
	return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"%s\" does not fit the type", key);
}

static int
parse_base_member(
	struct ovsdb_base_type *base, const char *key, const json_t *value, struct ovsdb_err *err)
{
	if (strcmp(key, "type") == 0)
		return 0;
	if (strcmp(key, "enum") == 0)
		return parse_enum(base, value, err);
	if (strcmp(key, "minInteger") == 0 || strcmp(key, "maxInteger") == 0
		|| strcmp(key, "minReal") == 0 || strcmp(key, "maxReal") == 0)
		return parse_number_limit(base, key, value, err);
	if (strcmp(key, "minLength") == 0 || strcmp(key, "maxLength") == 0) {
		json_int_t len = json_integer_value(value);

		if (base->type != OVSDB_ATOM_STRING || !json_is_integer(value) || len < 0
			|| len > UINT_MAX)
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "bad \"%s\"", key);
		*(key[1] == 'i' ? &base->min_len : &base->max_len) = (unsigned int)len;
		return 0;
	}
	if (base->type == OVSDB_ATOM_UUID && json_is_string(value)) {
		const char *s = json_string_value(value);

		if (strcmp(key, "refTable") == 0) {
			base->ref_table_name = xstrdup(s);
			return 0;
		}
		if (strcmp(key, "refType") == 0
			&& (strcmp(s, "weak") == 0 || strcmp(s, "strong") == 0)) {
			base->is_weak = s[0] == 'w';
			return 0;
		}
	}
	return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "unexpected \"%.40s\" in a type", key);
}

static int
parse_base_type(struct ovsdb_base_type *base, const json_t *json, struct ovsdb_err *err)
{
	const char *name =
		json_string_value(json_is_object(json) ? json_object_get(json, "type") : json);
	enum ovsdb_atom_type type;
	const char *key;
	json_t *value;
	int error = 0;

	ovsdb_base_type_init(base, OVSDB_ATOM_VOID);
	if (name == NULL || !ovsdb_atom_type_parse(name, &type))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "unknown atomic type");
	ovsdb_base_type_init(base, type);
	if (!json_is_object(json))
		return 0;
	json_object_foreach((json_t *)json, key, value)
	{
		error = parse_base_member(base, key, value, err);
		if (error != 0)
			goto err_uninit;
	}
	if (base->min_integer > base->max_integer || base->min_real > base->max_real
		|| base->min_len > base->max_len) {
		error = ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a minimum exceeds its maximum");
		goto err_uninit;
	}
	if (base->choices != NULL && json_object_size(json) > 2) {
		error = ovsdb_err_set(
			err, OVSDB_TAG_SYNTAX, "an enumeration excludes other limits");
		goto err_uninit;
	}
	if (base->is_weak && base->ref_table_name == NULL) {
		error = ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"refType\" needs \"refTable\"");
		goto err_uninit;
	}
	return 0;

err_uninit:
	base_type_uninit(base);
	return error;
}

static int
parse_sizes(struct ovsdb_type *type, const json_t *json, struct ovsdb_err *err)
{
	const json_t *min = json_object_get(json, "min");
	const json_t *max = json_object_get(json, "max");

	if (min != NULL) {
		json_int_t n = json_integer_value(min);

		if (!json_is_integer(min) || n < 0 || n > 1)
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"min\" must be 0 or 1");
		type->n_min = (unsigned int)n;
	}
	if (max != NULL) {
		const char *s = json_string_value(max);
		json_int_t n = json_integer_value(max);

		if (s != NULL && strcmp(s, "unlimited") == 0)
			type->n_max = OVSDB_UNLIMITED;
		else if (json_is_integer(max) && n >= 1 && n < UINT_MAX)
			type->n_max = (unsigned int)n;
		else
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "\"max\" must be positive or \"unlimited\"");
	}
	return 0;
}

int
ovsdb_type_from_json(struct ovsdb_type *type, const json_t *json, struct ovsdb_err *err)
{
	const char *key;
	json_t *value;
	int error;

	ovsdb_base_type_init(&type->value, OVSDB_ATOM_VOID);
	type->n_min = type->n_max = 1;
	if (!json_is_object(json))
		return parse_base_type(&type->key, json, err);

	json_object_foreach((json_t *)json, key, value)
	{
		if (strcmp(key, "key") != 0 && strcmp(key, "value") != 0 && strcmp(key, "min") != 0
			&& strcmp(key, "max") != 0)
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "unexpected \"%.40s\" in a type", key);
	}
	error = parse_base_type(&type->key, json_object_get(json, "key"), err);
	if (error != 0)
		return error;
	value = json_object_get(json, "value");
	if (value != NULL) {
		error = parse_base_type(&type->value, value, err);
		if (error != 0)
			goto err_uninit;
	}
	error = parse_sizes(type, json, err);
	if (error != 0)
		goto err_uninit;
	return 0;

err_uninit:
	ovsdb_type_uninit(type);
	return error;
}

static bool
base_type_equal(const struct ovsdb_base_type *a, const struct ovsdb_base_type *b)
{
	struct ovsdb_type type = set_of(a);

	if (a->type != b->type || a->min_integer != b->min_integer
		|| a->max_integer != b->max_integer || a->min_len != b->min_len
		|| a->max_len != b->max_len || a->is_weak != b->is_weak || a->min_real < b->min_real
		|| a->min_real > b->min_real || a->max_real < b->max_real
		|| a->max_real > b->max_real)
		return false;
	if ((a->choices == NULL) != (b->choices == NULL)
		|| (a->ref_table_name == NULL) != (b->ref_table_name == NULL))
		return false;
	if (a->choices != NULL && !ovsdb_datum_equal(a->choices, b->choices, &type))
		return false;
	return a->ref_table_name == NULL || strcmp(a->ref_table_name, b->ref_table_name) == 0;
}

bool
ovsdb_type_equal(const struct ovsdb_type *a, const struct ovsdb_type *b)
{
	return a->n_min == b->n_min && a->n_max == b->n_max && base_type_equal(&a->key, &b->key)
		&& base_type_equal(&a->value, &b->value);
}

/* Characters, not bytes, of UTF-8 text. */
static unsigned int
count_chars(const char *s)
{
	unsigned int n = 0;

	for (; *s != '\0'; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* Says that 'atom' is none of the choices of 'base'. */
static int
fail_choice(const struct ovsdb_base_type *base, const union ovsdb_atom *atom, struct ovsdb_err *err)
{
	struct ovsdb_type type = set_of(base);
	struct str choices = STR_INIT, text = STR_INIT;
	int error;

	ovsdb_atom_to_text(atom, base->type, &text);
	ovsdb_datum_to_text(base->choices, &type, &choices);
	error = ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
		"%.100s is not one of the allowed values %s", str_cstr(&text), str_cstr(&choices));
	str_uninit(&choices);
	str_uninit(&text);
	return error;
}

int
ovsdb_base_type_check(
	const struct ovsdb_base_type *base, const union ovsdb_atom *atom, struct ovsdb_err *err)
{
	unsigned int len;

	if (base->choices != NULL) {
		if (ovsdb_datum_find(base->choices, atom, base->type) >= 0)
			return 0;
		return fail_choice(base, atom, err);
	}
	switch (base->type) {
	case OVSDB_ATOM_INTEGER:
		if (atom->integer >= base->min_integer && atom->integer <= base->max_integer)
			return 0;
		return ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
			"%" PRId64 " is not in the range %" PRId64 " to %" PRId64, atom->integer,
			base->min_integer, base->max_integer);
	case OVSDB_ATOM_REAL:
		if (atom->real >= base->min_real && atom->real <= base->max_real)
			return 0;
		return ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT, "%g is not in the range %g to %g",
			atom->real, base->min_real, base->max_real);
	case OVSDB_ATOM_STRING:
		if (base->min_len == 0 && base->max_len == UINT_MAX)
			return 0;
		len = count_chars(atom->string->s);
		if (len >= base->min_len && len <= base->max_len)
			return 0;
		return ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
			"\"%.80s\" has %u characters, not %u to %u", atom->string->s, len,
			base->min_len, base->max_len);
	case OVSDB_ATOM_VOID:
	case OVSDB_ATOM_BOOLEAN:
	case OVSDB_ATOM_UUID:
	case N_OVSDB_ATOM_TYPES: break;
	}
	return 0;
}
