/* SPDX-License-Identifier: Apache-2.0 */
/* shash: the name to pointer map, on hmap. */

#include "base/shash.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fatal.h"
#include "base/hash.h"

void
shash_init(struct shash *shash)
{
	hmap_init(&shash->map);
}

void
shash_clear(struct shash *shash)
{
	struct shash_node *node, *next;

	SHASH_FOREACH_SAFE(node, next, shash)
	shash_remove_node(shash, node);
}

void
shash_uninit(struct shash *shash)
{
	if (shash == NULL)
		return;
	shash_clear(shash);
	hmap_uninit(&shash->map);
}

void *
shash_find(const struct shash *shash, const char *name)
{
	const struct shash_node *node = shash_find_node(shash, name);

	return node != NULL ? node->data : NULL;
}

struct shash_node *
shash_find_node(const struct shash *shash, const char *name)
{
	struct shash_node *node;

	HMAP_FOREACH_HASH(node, node, hash_string(name, 0), &shash->map) {
		if (strcmp(node->name, name) == 0)
			return node;
	}
	return NULL;
}

struct shash_node *
shash_add(struct shash *shash, const char *name, void *data)
{
	struct shash_node *node = xmalloc(sizeof *node);

	BUG_ON(shash_find_node(shash, name) != NULL);
	node->name = xstrdup(name);
	node->data = data;
	hmap_insert(&shash->map, &node->node, hash_string(name, 0));
	return node;
}

void *
shash_replace(struct shash *shash, const char *name, void *data)
{
	struct shash_node *node = shash_find_node(shash, name);
	void *old;

	if (node == NULL) {
		shash_add(shash, name, data);
		return NULL;
	}
	old = node->data;
	node->data = data;
	return old;
}

void *
shash_remove(struct shash *shash, const char *name)
{
	struct shash_node *node = shash_find_node(shash, name);

	return node != NULL ? shash_remove_node(shash, node) : NULL;
}

void *
shash_remove_node(struct shash *shash, struct shash_node *node)
{
	void *data = node->data;

	hmap_remove(&shash->map, &node->node);
	free(node->name);
	free(node);
	return data;
}

size_t
shash_count(const struct shash *shash)
{
	return hmap_count(&shash->map);
}

bool
shash_is_empty(const struct shash *shash)
{
	return hmap_is_empty(&shash->map);
}

static int
compare_names(const void *a_, const void *b_)
{
	const struct shash_node *const *a = a_;
	const struct shash_node *const *b = b_;

	return strcmp((*a)->name, (*b)->name);
}

const struct shash_node **
shash_sorted(const struct shash *shash)
{
	const struct shash_node **nodes = xcalloc(shash_count(shash) + 1, sizeof *nodes);
	const struct shash_node *node;
	size_t n = 0;

	SHASH_FOREACH(node, shash)
	nodes[n++] = node;
	qsort(nodes, n, sizeof *nodes, compare_names);
	return nodes;
}
