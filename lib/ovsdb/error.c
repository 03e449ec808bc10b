/* SPDX-License-Identifier: Apache-2.0 */
/* Errors of database operations.
 *
 * The bottom of the room: a tag for programs and a text for people, and the JSON form that replies
 * carry. */

#include "ovsdb/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
ovsdb_err_set(struct ovsdb_err *err, const char *tag, const char *fmt, ...)
{
	char text[sizeof err->text.text];
	va_list args;

	if (err == NULL)
		return -EINVAL;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	err->tag = tag;
	err_set(&err->text, "%s", text);
	return -EINVAL;
}

/* Adds 'text' as member 'name'; a text that was cut within a character loses its tail. */
static void
set_text(json_t *obj, const char *name, const char *text)
{
	size_t len = strlen(text);
	json_t *s = json_stringn(text, len);

	while (s == NULL && len > 0)
		s = json_stringn(text, --len);
	json_object_set_new(obj, name, s);
}

json_t *
ovsdb_err_to_json(const struct ovsdb_err *err)
{
	json_t *obj = json_object();

	set_text(obj, "error", err->tag);
	if (err->text.text[0] != '\0')
		set_text(obj, "details", err->text.text);
	return obj;
}

void
ovsdb_err_copy(struct err *to, const struct ovsdb_err *from)
{
	if (from->text.text[0] != '\0')
		err_set(to, "%s: %s", from->tag, from->text.text);
	else
		err_set(to, "%s", from->tag != NULL ? from->tag : "unknown error");
}
