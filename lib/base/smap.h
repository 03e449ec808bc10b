/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SMAP_H
#define BASE_SMAP_H

/* smap: map from text to text, as in the configuration's "options" columns.
 *
 * Owner    the map copies keys and values; what it returns is borrowed until that key changes.
 * Threads  none of its own. */

#include "base/hmap.h"

struct smap {
	struct hmap map; /* Of 'struct smap_node'. */
};

struct smap_node {
	struct hmap_node node; /* In the map. */
	char *key;
	char *value;
};

#define SMAP_INITIALIZER(SMAP)                 \
	{                                      \
		HMAP_INITIALIZER(&(SMAP)->map) \
	}

void smap_init(struct smap *smap);
void smap_uninit(struct smap *smap);

/* Removes everything. */
void smap_clear(struct smap *smap);

/* Sets 'key' to 'value', replacing what was there. */
void smap_set(struct smap *smap, const char *key, const char *value);
void smap_setf(struct smap *smap, const char *key, const char *fmt, ...) PRINTF_FORMAT(3, 4);

/* Returns: the value, or NULL if 'key' is absent. */
const char *smap_get(const struct smap *smap, const char *key);

/* Returns: the value, or 'def' if 'key' is absent. */
const char *smap_get_def(const struct smap *smap, const char *key, const char *def);

/* Returns: whether the value is "true", in any case; with 'def' true: whether it is not "false"; 'def' if
 * 'key' is absent. */
bool smap_get_bool(const struct smap *smap, const char *key, bool def);

/* Returns: the value if all of it is a number in range (decimal, 0x or 0 in front), else 'def'. */
int smap_get_int(const struct smap *smap, const char *key, int def);
uint64_t smap_get_u64(const struct smap *smap, const char *key, uint64_t def);

/* Returns: whether 'key' was there. */
bool smap_remove(struct smap *smap, const char *key);

/* Initializes 'dst' as a copy of 'src'. */
void smap_clone(struct smap *dst, const struct smap *src);

bool smap_equal(const struct smap *a, const struct smap *b);
size_t smap_count(const struct smap *smap);
bool smap_is_empty(const struct smap *smap);

/* Returns: the smap_count() nodes in the order of strcmp() of their keys, and NULL behind them.
 * Owner: the caller frees the array, not the nodes. */
const struct smap_node **smap_sorted(const struct smap *smap) MUST_CHECK;

/* Walks all pairs in no order; 'NODE' is a (const) struct smap_node pointer. */
#define SMAP_FOREACH(NODE, SMAP) HMAP_FOREACH(NODE, node, &(SMAP)->map)

#endif /* BASE_SMAP_H */
