/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

/* alloc: heap requests of the control plane that abort instead of failing.
 *
 * Rules    I1 only for small requests whose size does not come from outside; those use malloc() and -ENOMEM.
 *          I2 a size of 0 yields a pointer that can be freed, never NULL.
 * Owner    the caller frees with free().
 * Threads  any; never a pmd on the packet path. */

#include "base/compiler.h"

#define ALLOC_ATTRS __attribute__((returns_nonnull, warn_unused_result))

void *xmalloc(size_t size) __attribute__((malloc)) ALLOC_ATTRS;
void *xzalloc(size_t size) __attribute__((malloc)) ALLOC_ATTRS;
void *xcalloc(size_t n, size_t size) __attribute__((malloc)) ALLOC_ATTRS;
void *xrealloc(void *p, size_t size) ALLOC_ATTRS;
char *xstrdup(const char *s) __attribute__((malloc)) ALLOC_ATTRS;

/* At most 'n' characters of 's', which need not be NUL ended within them. */
char *xstrndup(const char *s, size_t n) __attribute__((malloc)) ALLOC_ATTRS;
void *xmemdup(const void *p, size_t size) __attribute__((malloc)) ALLOC_ATTRS;
char *xasprintf(const char *fmt, ...) PRINTF_FORMAT(1, 2) ALLOC_ATTRS;

/* Memory aligned to 'align' (a power of two), zeroed; free() frees it. */
void *xalloc_aligned(size_t align, size_t size) __attribute__((malloc)) ALLOC_ATTRS;

/* Grows vector 'p' of '*n_alloc' elements to at least one more, geometrically, and updates '*n_alloc'.
 * Returns: the vector's new place.  Owner: 'p' is consumed. */
void *vec_grow(void *p, size_t *n_alloc, size_t elem_size) ALLOC_ATTRS;

#endif /* BASE_ALLOC_H */
