/* SPDX-License-Identifier: Apache-2.0 */
/* The text form of values.
 *
 * What operators type and read: the value format of the configuration tools.  Used by tools, and by error
 * texts of the server. */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ovsdb/datum.h"
#include "ovsdb/error.h"

/* More than any column of a switch holds; keeps "0-4000000000" from eating the memory. */
#define MAX_RANGE 65536

static void
skip_spaces(const char **textp)
{
	while (isspace((unsigned char)**textp))
		(*textp)++;
}

/* Reads the string in quotes at '*textp'. */
static int
read_quoted(const char **textp, struct str *word, struct ovsdb_err *err)
{
	const char *end = *textp + 1;
	json_t *json;

	while (*end != '\0' && *end != '"')
		end += *end == '\\' && end[1] != '\0' ? 2 : 1;
	if (*end == '\0')
		return ovsdb_err_set(
			err, OVSDB_TAG_SYNTAX, "%.100s: missing closing quote", *textp);
	end++;
	json = json_loadb(*textp, (size_t)(end - *textp), JSON_DECODE_ANY, NULL);
	if (json == NULL)
		return ovsdb_err_set(
			err, OVSDB_TAG_SYNTAX, "%.100s: invalid quoted string", *textp);
	str_put(word, json_string_value(json), json_string_length(json));
	json_decref(json);
	*textp = end;
	return 0;
}

int
ovsdb_datum_text_token(const char **textp, struct str *word, struct ovsdb_err *err)
{
	const char *p = *textp;

	if (*p == '"')
		return read_quoted(textp, word, err);
	while (*p != '\0' && !isspace((unsigned char)*p) && strchr("=,:[]{}()<>!", *p) == NULL)
		p++;
	/* Addresses and targets contain colons: only within a value, where the caller does not look for
	 * one, do they belong to the word; see value_token(). */
	if (p == *textp)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "%.100s: unexpected \"%.1s\"", p, p);
	str_put(word, *textp, (size_t)(p - *textp));
	*textp = p;
	return 0;
}

/* Reads one atom at '*textp': quoted, or all up to a character that delimits atoms. */
static int
value_token(const char **textp, struct str *word, bool *is_quoted, struct ovsdb_err *err)
{
	const char *p = *textp;

	*is_quoted = *p == '"';
	if (*is_quoted)
		return read_quoted(textp, word, err);
	while (*p != '\0' && !isspace((unsigned char)*p) && strchr(",=[]{}!<>()", *p) == NULL)
		p++;
	if (p == *textp)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
			*p == '\0' ? "a value is missing" : "%.100s: unexpected character", p);
	str_put(word, *textp, (size_t)(p - *textp));
	*textp = p;
	return 0;
}

/* Reads an atom of 'base' at '*textp'. */
static int
read_atom(const char **textp, const struct ovsdb_base_type *base, union ovsdb_atom *atom,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	struct str word = STR_INIT;
	bool is_quoted;
	int error;

	error = value_token(textp, &word, &is_quoted, err);
	if (error == 0)
		error = ovsdb_atom_from_text(atom, base->type, str_cstr(&word), symtab, err);
	if (error == 0) {
		error = ovsdb_base_type_check(base, atom, err);
		if (error != 0)
			ovsdb_atom_uninit(atom, base->type);
	}
	str_uninit(&word);
	return error;
}

/* Reads "FIRST-LAST" of a set of integers at '*textp' and adds the range.  Sets '*found'. */
static int
read_range(const char **textp, const struct ovsdb_type *type, struct ovsdb_datum *datum,
	bool *found, struct ovsdb_err *err)
{
	union ovsdb_atom atom;
	long long int first, last;
	char *end;
	int error;

	*found = false;
	if (type->key.type != OVSDB_ATOM_INTEGER || ovsdb_type_is_map(type)
		|| !isdigit((unsigned char)**textp))
		return 0;
	errno = 0;
	first = strtoll(*textp, &end, 10);
	if (*end != '-' || !isdigit((unsigned char)end[1]))
		return 0;
	last = strtoll(end + 1, &end, 10);
	if (errno != 0 || last < first || last - first >= MAX_RANGE)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "%.100s: bad range", *textp);
	for (atom.integer = first; atom.integer <= last; atom.integer++) {
		error = ovsdb_base_type_check(&type->key, &atom, err);
		if (error != 0)
			return error;
		ovsdb_datum_add(datum, &atom, NULL, type);
	}
	*textp = end;
	*found = true;
	return 0;
}

/* Reads one element at '*textp' and adds it. */
static int
read_element(const char **textp, const struct ovsdb_type *type, struct ovsdb_datum *datum,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	union ovsdb_atom key, value;
	bool found;
	int error;

	error = read_range(textp, type, datum, &found, err);
	if (error != 0 || found)
		return error;
	error = read_atom(textp, &type->key, &key, symtab, err);
	if (error != 0)
		return error;
	if (ovsdb_type_is_map(type)) {
		skip_spaces(textp);
		if (**textp != '=') {
			error = ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
				"%.100s: \"=\" expected after a key", *textp);
			goto out;
		}
		(*textp)++;
		skip_spaces(textp);
		error = read_atom(textp, &type->value, &value, symtab, err);
		if (error != 0)
			goto out;
	}
	if (!ovsdb_datum_add(datum, &key, &value, type) && ovsdb_type_is_map(type))
		error = ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT, "map contains an element twice");
	if (ovsdb_type_is_map(type))
		ovsdb_atom_uninit(&value, type->value.type);
out:
	ovsdb_atom_uninit(&key, type->key.type);
	return error;
}

/* Reads the elements up to 'close', or to the end if that is NUL, and whatever must follow. */
static int
read_elements(const char *text, char close, const struct ovsdb_type *type,
	struct ovsdb_datum *datum, const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	int error;

	skip_spaces(&text);
	while (*text != '\0' && (*text != close || close == '\0')) {
		error = read_element(&text, type, datum, symtab, err);
		if (error != 0)
			return error;
		skip_spaces(&text);
		if (*text == ',') {
			text++;
			skip_spaces(&text);
		}
	}
	if (close != '\0') {
		if (*text != close)
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "missing \"%c\" at the end", close);
		text++;
		skip_spaces(&text);
		if (*text != '\0')
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "%.100s: trailing characters", text);
	}
	return 0;
}

int
ovsdb_datum_from_text(struct ovsdb_datum *datum, const struct ovsdb_type *type, const char *text,
	const struct ovsdb_symtab *symtab, struct ovsdb_err *err)
{
	char open = ovsdb_type_is_map(type) ? '{' : '[';
	char close = '\0';
	int error;

	ovsdb_datum_init_empty(datum);
	skip_spaces(&text);
	if (*text == open) {
		close = ovsdb_type_is_map(type) ? '}' : ']';
		text++;
	}
	error = read_elements(text, close, type, datum, symtab, err);
	if (error == 0)
		error = ovsdb_datum_check(datum, type, err);
	if (error != 0)
		ovsdb_datum_uninit(datum, type);
	return error;
}

void
ovsdb_datum_to_text(const struct ovsdb_datum *datum, const struct ovsdb_type *type, struct str *out)
{
	bool is_map = ovsdb_type_is_map(type);
	bool has_brackets = is_map || type->n_max > 1 || datum->n == 0;

	if (has_brackets)
		str_putc(out, is_map ? '{' : '[');
	for (unsigned int i = 0; i < datum->n; i++) {
		if (i > 0)
			str_puts(out, ", ");
		ovsdb_atom_to_text(&datum->keys[i], type->key.type, out);
		if (is_map) {
			str_putc(out, '=');
			ovsdb_atom_to_text(&datum->values[i], type->value.type, out);
		}
	}
	if (has_brackets)
		str_putc(out, is_map ? '}' : ']');
}
