/* SPDX-License-Identifier: Apache-2.0 */
/* err: writes and prefixes error texts.  The buffer is fixed, so every path here deals with texts that do not
 * fit: they are cut and end in "...", because a cut text that looks whole would mislead its reader. */

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Formats into 'buf' of the size of err->text. */
static void PRINTF_FORMAT(2, 0) format(char *buf, const char *fmt, va_list args)
{
	const size_t size = sizeof((struct err *)0)->text;
	int n = vsnprintf(buf, size, fmt, args);

	if (n < 0)
		memcpy(buf, "unprintable error", sizeof "unprintable error");
	else if ((size_t)n >= size)
		memcpy(buf + size - 4, "...", 4);
}

/* Appends ": " and 'tail' to 'buf'. */
static void
append(char *buf, const char *tail)
{
	const size_t size = sizeof((struct err *)0)->text;
	size_t len = strlen(buf);
	int n = snprintf(buf + len, size - len, ": %s", tail);

	if (n >= 0 && (size_t)n >= size - len)
		memcpy(buf + size - 4, "...", 4);
}

void
err_set(struct err *err, const char *fmt, ...)
{
	struct err text;
	va_list args;

	if (err == NULL)
		return;
	va_start(args, fmt);
	format(text.text, fmt, args);
	va_end(args);
	*err = text;
}

void
err_prefix(struct err *err, const char *fmt, ...)
{
	struct err text;
	va_list args;

	if (err == NULL)
		return;
	va_start(args, fmt);
	format(text.text, fmt, args);
	va_end(args);
	append(text.text, err->text);
	*err = text;
}

void
err_clear(struct err *err)
{
	if (err != NULL)
		err->text[0] = '\0';
}

int
err_errno(struct err *err, int error, const char *fmt, ...)
{
	char cause[128];
	struct err text;
	va_list args;

	if (err == NULL)
		return error;
	va_start(args, fmt);
	format(text.text, fmt, args);
	va_end(args);
	append(text.text, strerror_r(-error, cause, sizeof cause));
	*err = text;
	return error;
}
