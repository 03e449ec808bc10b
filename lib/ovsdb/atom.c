/* SPDX-License-Identifier: Apache-2.0 */
/* Single values.
 *
 * Every switch over atom types stands here; the files above treat atoms as opaque.  The two outside forms,
 * RFC 7047's JSON and the text of the configuration tools, are read and written here, too. */

#include "ovsdb/atom.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fatal.h"
#include "base/hash.h"
#include "ovsdb/error.h"

static const char *const type_names[N_OVSDB_ATOM_TYPES] = {
	[OVSDB_ATOM_VOID] = "void",
	[OVSDB_ATOM_INTEGER] = "integer",
	[OVSDB_ATOM_REAL] = "real",
	[OVSDB_ATOM_BOOLEAN] = "boolean",
	[OVSDB_ATOM_STRING] = "string",
	[OVSDB_ATOM_UUID] = "uuid",
};

const char *
ovsdb_atom_type_name(enum ovsdb_atom_type type)
{
	return type_names[type];
}

bool
ovsdb_atom_type_parse(const char *name, enum ovsdb_atom_type *type)
{
	for (int i = OVSDB_ATOM_INTEGER; i < N_OVSDB_ATOM_TYPES; i++) {
		if (strcmp(type_names[i], name) == 0) {
			*type = (enum ovsdb_atom_type)i;
			return true;
		}
	}
	return false;
}

struct ovsdb_string *
ovsdb_string_create(const char *s, size_t len)
{
	struct ovsdb_string *string = xmalloc(sizeof *string + len + 1);

	string->n_refs = 1;
	string->len = (uint32_t)len;
	memcpy(string->s, s, len);
	string->s[len] = '\0';
	return string;
}

void
ovsdb_atom_init_default(union ovsdb_atom *atom, enum ovsdb_atom_type type)
{
	memset(atom, 0, sizeof *atom);
	if (type == OVSDB_ATOM_STRING)
		atom->string = ovsdb_string_create("", 0);
}

void
ovsdb_atom_clone(union ovsdb_atom *dst, const union ovsdb_atom *src, enum ovsdb_atom_type type)
{
	*dst = *src;
	if (type == OVSDB_ATOM_STRING)
		dst->string->n_refs++;
}

void
ovsdb_atom_uninit(union ovsdb_atom *atom, enum ovsdb_atom_type type)
{
	if (type != OVSDB_ATOM_STRING)
		return;
	if (--atom->string->n_refs == 0)
		free(atom->string);
	atom->string = NULL;
}

int
ovsdb_atom_compare(const union ovsdb_atom *a, const union ovsdb_atom *b, enum ovsdb_atom_type type)
{
	switch (type) {
	case OVSDB_ATOM_INTEGER: return (a->integer > b->integer) - (a->integer < b->integer);
	case OVSDB_ATOM_REAL: return (a->real > b->real) - (a->real < b->real);
	case OVSDB_ATOM_BOOLEAN: return a->boolean - b->boolean;
	case OVSDB_ATOM_STRING:
		return a->string == b->string ? 0 : strcmp(a->string->s, b->string->s);
	case OVSDB_ATOM_UUID: return uuid_compare(&a->uuid, &b->uuid);
	case OVSDB_ATOM_VOID:
	case N_OVSDB_ATOM_TYPES: break;
	}
	return 0;
}

uint32_t
ovsdb_atom_hash(const union ovsdb_atom *atom, enum ovsdb_atom_type type, uint32_t seed)
{
	double real;

	switch (type) {
	case OVSDB_ATOM_INTEGER: return hash_u64((uint64_t)atom->integer, seed);
	case OVSDB_ATOM_REAL:
		real = atom->real + 0.0; /* Both zeros are equal. */
		return hash_bytes(&real, sizeof real, seed);
	case OVSDB_ATOM_BOOLEAN: return hash_u32(atom->boolean, seed);
	case OVSDB_ATOM_STRING: return hash_bytes(atom->string->s, atom->string->len, seed);
	case OVSDB_ATOM_UUID: return hash_bytes(&atom->uuid, sizeof atom->uuid, seed);
	case OVSDB_ATOM_VOID:
	case N_OVSDB_ATOM_TYPES: break;
	}
	return seed;
}

/* Reads ["uuid", "..."] or ["named-uuid", "..."]. */
static int
uuid_from_json(struct uuid *uuid, const json_t *json, const struct ovsdb_symtab *symtab,
	struct ovsdb_err *err)
{
	const char *kind = json_string_value(json_array_get(json, 0));
	const char *text = json_string_value(json_array_get(json, 1));

	if (json_array_size(json) != 2 || kind == NULL || text == NULL)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a UUID must be [\"uuid\", <string>]");
	if (strcmp(kind, "uuid") == 0) {
		if (uuid_parse(text, uuid))
			return 0;
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"%.80s\" is not a UUID", text);
	}
	if (strcmp(kind, "named-uuid") != 0)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a UUID must be [\"uuid\", <string>]");
	if (symtab == NULL || !symtab->resolve(symtab->aux, text, uuid))
		return ovsdb_err_set(
			err, OVSDB_TAG_SYNTAX, "the row name \"%.80s\" cannot be used here", text);
	return 0;
}

int
ovsdb_atom_from_json(union ovsdb_atom *atom, enum ovsdb_atom_type type, const json_t *json,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	double real;

	switch (type) {
	case OVSDB_ATOM_INTEGER:
		if (json_is_integer(json)) {
			atom->integer = json_integer_value(json);
			return 0;
		}
		real = json_real_value(json);
		if (json_is_real(json) && fabs(real) < 0x1p53 && (double)(int64_t)real == real) {
			atom->integer = (int64_t)real;
			return 0;
		}
		break;
	case OVSDB_ATOM_REAL:
		if (json_is_number(json)) {
			atom->real = json_number_value(json);
			return 0;
		}
		break;
	case OVSDB_ATOM_BOOLEAN:
		if (json_is_boolean(json)) {
			atom->boolean = json_is_true(json);
			return 0;
		}
		break;
	case OVSDB_ATOM_STRING:
		if (json_is_string(json)) {
			atom->string = ovsdb_string_create(
				json_string_value(json), json_string_length(json));
			return 0;
		}
		break;
	case OVSDB_ATOM_UUID: return uuid_from_json(&atom->uuid, json, symtab, err);
	case OVSDB_ATOM_VOID:
	case N_OVSDB_ATOM_TYPES: break;
	}
	return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "expected %s", type_names[type]);
}

json_t *
ovsdb_atom_to_json(const union ovsdb_atom *atom, enum ovsdb_atom_type type)
{
	char buf[UUID_LEN + 1];

	switch (type) {
	case OVSDB_ATOM_INTEGER: return json_integer(atom->integer);
	case OVSDB_ATOM_REAL: return json_real(atom->real);
	case OVSDB_ATOM_BOOLEAN: return json_boolean(atom->boolean);
	case OVSDB_ATOM_STRING: return json_stringn_nocheck(atom->string->s, atom->string->len);
	case OVSDB_ATOM_UUID: uuid_format(&atom->uuid, buf); return json_pack("[ss]", "uuid", buf);
	case OVSDB_ATOM_VOID:
	case N_OVSDB_ATOM_TYPES: break;
	}
	BUG_ON(true);
	return NULL;
}

/* The words of the text form that stand for a boolean. */
static bool
bool_from_text(const char *text, bool *value)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	static const char *const no[] = { "false", "no", "off", "0" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*value = strcmp(text, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

/* Whether 'text' is UTF-8: jansson knows. */
static bool
is_utf8(const char *text)
{
	json_t *json = json_string(text);
	bool ok = json != NULL;

	json_decref(json);
	return ok;
}

int
ovsdb_atom_from_text(union ovsdb_atom *atom, enum ovsdb_atom_type type, const char *text,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	char *end;

	errno = 0;
	switch (type) {
	case OVSDB_ATOM_INTEGER:
		atom->integer = strtoll(text, &end, 10);
		if (end != text && *end == '\0' && errno == 0 && !isspace((unsigned char)*text))
			return 0;
		break;
	case OVSDB_ATOM_REAL:
		atom->real = strtod(text, &end);
		if (end != text && *end == '\0' && isfinite(atom->real)
			&& !isspace((unsigned char)*text))
			return 0;
		break;
	case OVSDB_ATOM_BOOLEAN:
		if (bool_from_text(text, &atom->boolean))
			return 0;
		break;
	case OVSDB_ATOM_STRING:
		if (is_utf8(text)) {
			atom->string = ovsdb_string_create(text, strlen(text));
			return 0;
		}
		break;
	case OVSDB_ATOM_UUID:
		if (text[0] == '@' && symtab != NULL
			&& symtab->resolve(symtab->aux, text, &atom->uuid))
			return 0;
		if (uuid_parse(text, &atom->uuid))
			return 0;
		break;
	case OVSDB_ATOM_VOID:
	case N_OVSDB_ATOM_TYPES: break;
	}
	return ovsdb_err_set(
		err, OVSDB_TAG_SYNTAX, "\"%.100s\" is not a valid %s", text, type_names[type]);
}

/* Whether a reader of the text form could take 's' for something else than that string. */
static bool
text_needs_quotes(const char *s)
{
	struct uuid uuid;

	if (!isalpha((unsigned char)*s) && *s != '_')
		return true;
	for (const char *p = s; *p != '\0'; p++) {
		if (!isalnum((unsigned char)*p) && strchr("_-.", *p) == NULL)
			return true;
	}
	return strcmp(s, "true") == 0 || strcmp(s, "false") == 0 || uuid_parse(s, &uuid);
}

static void
string_to_text(const struct ovsdb_string *string, struct str *out)
{
	json_t *json;
	char *text;

	if (!text_needs_quotes(string->s)) {
		str_put(out, string->s, string->len);
		return;
	}
	json = json_stringn_nocheck(string->s, string->len);
	text = json_dumps(json, JSON_ENCODE_ANY);
	str_puts(out, text);
	free(text);
	json_decref(json);
}

void
ovsdb_atom_to_text(const union ovsdb_atom *atom, enum ovsdb_atom_type type, struct str *out)
{
	char buf[64];

	switch (type) {
	case OVSDB_ATOM_INTEGER: str_printf(out, "%" PRId64, atom->integer); return;
	case OVSDB_ATOM_REAL:
		snprintf(buf, sizeof buf, "%.15g", atom->real);
		if (strtod(buf, NULL) != atom->real) /* The shorter form lost digits. */
			snprintf(buf, sizeof buf, "%.17g", atom->real);
		str_puts(out, buf);
		return;
	case OVSDB_ATOM_BOOLEAN: str_puts(out, atom->boolean ? "true" : "false"); return;
	case OVSDB_ATOM_STRING: string_to_text(atom->string, out); return;
	case OVSDB_ATOM_UUID:
		uuid_format(&atom->uuid, buf);
		str_puts(out, buf);
		return;
	case OVSDB_ATOM_VOID:
	case N_OVSDB_ATOM_TYPES: return;
	}
}
