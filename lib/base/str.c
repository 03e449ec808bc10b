/* SPDX-License-Identifier: Apache-2.0 */
/* str: appends to texts.  Memory grows by half, so that n appends cost O(n). */

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fatal.h"

void
str_init(struct str *str)
{
	*str = (struct str)STR_INIT;
}

void
str_uninit(struct str *str)
{
	if (str == NULL)
		return;
	free(str->s);
	str_init(str);
}

void
str_clear(struct str *str)
{
	str_truncate(str, 0);
}

void
str_truncate(struct str *str, size_t len)
{
	if (str->s == NULL || len >= str->len)
		return;
	str->len = len;
	str->s[len] = '\0';
}

void
str_reserve(struct str *str, size_t n)
{
	size_t need;

	BUG_ON(__builtin_add_overflow(str->len, n, &need) || need == SIZE_MAX);
	need++;
	if (str->s != NULL && need <= str->alloc)
		return;
	str->alloc = MAX(need, str->alloc + str->alloc / 2);
	str->alloc = MAX(str->alloc, 32);
	str->s = xrealloc(str->s, str->alloc);
	str->s[str->len] = '\0';
}

void
str_put(struct str *str, const void *data, size_t n)
{
	str_reserve(str, n);
	if (n > 0)
		memcpy(str->s + str->len, data, n);
	str->len += n;
	str->s[str->len] = '\0';
}

void
str_puts(struct str *str, const char *s)
{
	str_put(str, s, strlen(s));
}

void
str_putc(struct str *str, char c)
{
	str_put(str, &c, 1);
}

void
str_put_n(struct str *str, char c, size_t n)
{
	str_reserve(str, n);
	memset(str->s + str->len, c, n);
	str->len += n;
	str->s[str->len] = '\0';
}

void
str_vprintf(struct str *str, const char *fmt, va_list args)
{
	va_list again;
	size_t room;
	int n;

	str_reserve(str, 0);
	va_copy(again, args);
	room = str->alloc - str->len;
	n = vsnprintf(str->s + str->len, room, fmt, args);
	if (n >= 0 && (size_t)n >= room) {
		str_reserve(str, (size_t)n);
		n = vsnprintf(str->s + str->len, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	BUG_ON(n < 0);
	str->len += (size_t)n;
}

void
str_printf(struct str *str, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	str_vprintf(str, fmt, args);
	va_end(args);
}

const char *
str_cstr(const struct str *str)
{
	return str->s != NULL ? str->s : "";
}

char *
str_steal(struct str *str)
{
	char *s;

	str_reserve(str, 0);
	s = str->s;
	str_init(str);
	return s;
}

bool
str_chomp(struct str *str, char c)
{
	if (str->len == 0 || str->s[str->len - 1] != c)
		return false;
	str_truncate(str, str->len - 1);
	return true;
}
