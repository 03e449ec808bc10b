/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BITMAP_H
#define BASE_BITMAP_H

/* bitmap: sets of small numbers in arrays of unsigned long.
 *
 * Model    'n' is always the number of bits; bits beyond it in the last word are kept 0.
 * Owner    the caller declares "unsigned long map[BITMAP_LONGS(n)]" or takes bitmap_create(), freed by free().
 * Threads  none of its own. */

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/compiler.h"

#define BITMAP_LONG_BITS (sizeof(unsigned long) * CHAR_BIT)
#define BITMAP_LONGS(N) DIV_ROUND_UP(N, BITMAP_LONG_BITS)

/* Returns: an empty set. */
static inline unsigned long *
bitmap_create(size_t n)
{
	return xcalloc(BITMAP_LONGS(n), sizeof(unsigned long));
}

static inline void
bitmap_zero(unsigned long *map, size_t n)
{
	memset(map, 0, BITMAP_LONGS(n) * sizeof *map);
}

static inline bool
bitmap_is_set(const unsigned long *map, size_t i)
{
	return (map[i / BITMAP_LONG_BITS] >> (i % BITMAP_LONG_BITS) & 1) != 0;
}

static inline void
bitmap_set(unsigned long *map, size_t i)
{
	map[i / BITMAP_LONG_BITS] |= 1UL << (i % BITMAP_LONG_BITS);
}

static inline void
bitmap_clear(unsigned long *map, size_t i)
{
	map[i / BITMAP_LONG_BITS] &= ~(1UL << (i % BITMAP_LONG_BITS));
}

static inline void
bitmap_assign(unsigned long *map, size_t i, bool value)
{
	if (value)
		bitmap_set(map, i);
	else
		bitmap_clear(map, i);
}

/* Sets the 'count' bits from 'first' on. */
static inline void
bitmap_set_range(unsigned long *map, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		bitmap_set(map, i);
}

/* Returns: the first number at or after 'from' that is in the set, 'n' if there is none. */
static inline size_t
bitmap_find_set(const unsigned long *map, size_t from, size_t n)
{
	while (from < n) {
		unsigned long word = map[from / BITMAP_LONG_BITS] >> (from % BITMAP_LONG_BITS);

		if (word != 0) {
			from += (size_t)__builtin_ctzl(word);
			return MIN(from, n);
		}
		from = (from / BITMAP_LONG_BITS + 1) * BITMAP_LONG_BITS;
	}
	return n;
}

/* Returns: the first number at or after 'from' that is not in the set, 'n' if there is none. */
static inline size_t
bitmap_find_clear(const unsigned long *map, size_t from, size_t n)
{
	while (from < n) {
		unsigned long word = ~map[from / BITMAP_LONG_BITS] >> (from % BITMAP_LONG_BITS);

		if (word != 0) {
			from += (size_t)__builtin_ctzl(word);
			return MIN(from, n);
		}
		from = (from / BITMAP_LONG_BITS + 1) * BITMAP_LONG_BITS;
	}
	return n;
}

/* Returns: how many numbers are in the set. */
static inline size_t
bitmap_count(const unsigned long *map, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < BITMAP_LONGS(n); i++)
		count += (size_t)__builtin_popcountl(map[i]);
	return count;
}

static inline bool
bitmap_is_empty(const unsigned long *map, size_t n)
{
	return bitmap_find_set(map, 0, n) == n;
}

static inline bool
bitmap_equal(const unsigned long *a, const unsigned long *b, size_t n)
{
	return memcmp(a, b, BITMAP_LONGS(n) * sizeof *a) == 0;
}

/* Walks the numbers in the set upwards with the size_t variable 'I'. */
#define BITMAP_FOREACH(I, MAP, N) \
	for ((I) = bitmap_find_set(MAP, 0, N); (I) < (N); (I) = bitmap_find_set(MAP, (I) + 1, N))

#endif /* BASE_BITMAP_H */
