/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SHASH_H
#define BASE_SHASH_H

/* shash: map from a name to a pointer.
 *
 * Owner    the map copies names; the data is the caller's, also at shash_uninit().
 * Threads  none of its own. */

#include "base/hmap.h"

struct shash {
	struct hmap map; /* Of 'struct shash_node'. */
};

struct shash_node {
	struct hmap_node node; /* In the map. */
	char *name; /* The map's copy. */
	void *data; /* The caller's; may be changed at will. */
};

#define SHASH_INITIALIZER(SHASH)                \
	{                                       \
		HMAP_INITIALIZER(&(SHASH)->map) \
	}

void shash_init(struct shash *shash);
void shash_uninit(struct shash *shash);

/* Removes everything. */
void shash_clear(struct shash *shash);

/* Returns: the data of 'name', or NULL if it is absent. */
void *shash_find(const struct shash *shash, const char *name);

/* Returns: the node of 'name', or NULL: tells an absent name from NULL data. */
struct shash_node *shash_find_node(const struct shash *shash, const char *name);

/* Adds 'name', which must be absent (BUG_ON otherwise).  Returns: its node, to be ignored at will. */
struct shash_node *shash_add(struct shash *shash, const char *name, void *data);

/* Adds 'name' or replaces its data.  Returns: the data replaced, or NULL. */
void *shash_replace(struct shash *shash, const char *name, void *data);

/* Returns: the data of 'name', which is no longer in the map, or NULL. */
void *shash_remove(struct shash *shash, const char *name);

/* Removes a node, for use in SHASH_FOREACH_SAFE.  Returns: its data. */
void *shash_remove_node(struct shash *shash, struct shash_node *node);

size_t shash_count(const struct shash *shash);
bool shash_is_empty(const struct shash *shash);

/* Returns: the shash_count() nodes in the order of strcmp() of their names, and NULL behind them.
 * Owner: the caller frees the array, not the nodes. */
const struct shash_node **shash_sorted(const struct shash *shash) MUST_CHECK;

/* Walks all names in no order; 'NODE' is a (const) struct shash_node pointer. */
#define SHASH_FOREACH(NODE, SHASH) HMAP_FOREACH(NODE, node, &(SHASH)->map)

/* The same; the body may remove 'NODE'.  'NEXT' is a variable of the same type. */
#define SHASH_FOREACH_SAFE(NODE, NEXT, SHASH) HMAP_FOREACH_SAFE(NODE, NEXT, node, &(SHASH)->map)

#endif /* BASE_SHASH_H */
