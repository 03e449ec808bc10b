/* SPDX-License-Identifier: Apache-2.0 */
/* alloc: the aborting heap requests.  They end the process without touching the log: there may be no memory
 * for a line. */

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void NO_RETURN
out_of_memory(void)
{
	static const char text[] = "sluice: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);

	(void)ignored;
	abort();
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = n > 0 && size > 0 ? calloc(n, size) : calloc(1, 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xzalloc(size_t size)
{
	return xcalloc(1, size);
}

void *
xrealloc(void *p, size_t size)
{
	p = realloc(p, size > 0 ? size : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xmemdup(const void *p, size_t size)
{
	void *copy = xmalloc(size);

	if (size > 0)
		memcpy(copy, p, size);
	return copy;
}

char *
xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = xmalloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
xstrdup(const char *s)
{
	return xmemdup(s, strlen(s) + 1);
}

char *
xasprintf(const char *fmt, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, fmt);
	n = vasprintf(&s, fmt, args);
	va_end(args);
	if (n < 0)
		out_of_memory();
	return s;
}

void *
xalloc_aligned(size_t align, size_t size)
{
	size_t rounded = ROUND_UP(size > 0 ? size : 1, align);
	void *p = aligned_alloc(align, rounded);

	if (p == NULL)
		out_of_memory();
	memset(p, 0, rounded);
	return p;
}

void *
vec_grow(void *p, size_t *n_alloc, size_t elem_size)
{
	size_t n = *n_alloc == 0 ? 4 : *n_alloc + *n_alloc / 2 + 1;
	size_t bytes;

	if (__builtin_mul_overflow(n, elem_size, &bytes))
		out_of_memory();
	p = xrealloc(p, bytes);
	*n_alloc = n;
	return p;
}
