/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STR_H
#define BASE_STR_H

/* str: a text that grows.
 *
 * Rules    I1 's' is NULL (nothing allocated) or s[len] is NUL.  I2 'len' does not count that NUL, and the
 *          text may contain others.
 * Owner    the struct belongs to the caller; str_uninit() frees, str_steal() hands the text over.
 * Threads  any; one str belongs to one thread. */

#include <stdarg.h>
#include <stdbool.h>

#include "base/compiler.h"

struct str {
	char *s; /* The text, or NULL while it was never written. */
	size_t len; /* Characters in it. */
	size_t alloc; /* Bytes allocated. */
};

#define STR_INIT                                \
	{                                       \
		.s = NULL, .len = 0, .alloc = 0 \
	}

void str_init(struct str *str);
void str_uninit(struct str *str);

/* Makes the text empty and keeps the memory. */
void str_clear(struct str *str);

/* Cuts the text to 'len' characters if it is longer. */
void str_truncate(struct str *str, size_t len);

/* Makes room for 'n' more characters. */
void str_reserve(struct str *str, size_t n);

/* Append. */
void str_put(struct str *str, const void *data, size_t n);
void str_puts(struct str *str, const char *s);
void str_putc(struct str *str, char c);
void str_put_n(struct str *str, char c, size_t n);
void str_printf(struct str *str, const char *fmt, ...) PRINTF_FORMAT(2, 3);
void str_vprintf(struct str *str, const char *fmt, va_list args) PRINTF_FORMAT(2, 0);

/* Returns: the text, NUL ended, "" when it was never written; valid until the next change. */
const char *str_cstr(const struct str *str);

/* Returns: the text, never NULL.  'str' is empty afterwards.  Owner: the caller frees the text. */
char *str_steal(struct str *str) __attribute__((returns_nonnull, warn_unused_result));

/* Removes one final 'c'.  Returns: whether there was one. */
bool str_chomp(struct str *str, char c);

#endif /* BASE_STR_H */
