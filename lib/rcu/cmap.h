/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RCU_CMAP_H
#define RCU_CMAP_H

/* cmap: hash map with one writer and lock-free readers.
 *
 * Model    Chains of intrusive nodes under an array of buckets.  Every node has two links: the array in use
 *          names which of the two its chains run through, so that the writer can build a bigger array through
 *          the other links while readers go on in the old one; it then publishes the array and waits a grace
 *          period before it builds again.
 * Rules    I1 A reader finds every element that is in the map throughout its search.
 *          I2 An element removed is freed or inserted again only after a grace period (rcu_retire()).
 *          I3 A writer's second growth waits for the readers of the first: links are not rewritten under a
 *          reader.
 * Owner    elements are the user's; the arrays are the map's.
 * Threads  insert, remove, init, uninit: one writer.  Search, iteration: rcu readers, and the writer.
 * Cost     grows when there are two elements a bucket; a growth that finds the last one's grace period unfinished is put
 *          off, chains get longer meanwhile. */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"

struct cmap_node {
	_Atomic(struct cmap_node *) next[2];
	uint32_t hash;
};

struct cmap_array {
	uint32_t mask; /* Buckets - 1. */
	uint32_t link; /* Which of a node's links the chains run through. */
	struct cmap *map;
	_Atomic(struct cmap_node *) buckets[];
};

struct cmap {
	_Atomic(struct cmap_array *) array;
	size_t n; /* Elements.  Writer. */
	/* An old array waits for its grace period.  Set by the writer, cleared by reclaim. */
	_Atomic bool growing;
};

void cmap_init(struct cmap *);

/* Frees the arrays, not the elements.  No reader may be left. */
void cmap_uninit(struct cmap *);

/* The node is either new, or was removed a grace period ago. */
void cmap_insert(struct cmap *, struct cmap_node *, uint32_t hash);

/* The node must be in the map. */
void cmap_remove(struct cmap *, struct cmap_node *);

/* Role: the writer. */
static inline size_t
cmap_count(const struct cmap *m)
{
	return m->n;
}

/* A search or a walk, bound to the array that was current when it began. */
struct cmap_cursor {
	const struct cmap_array *array;
	uint32_t bucket;
	struct cmap_node *node; /* Where it stands; NULL at the end. */
};

static inline struct cmap_node *
cmap_load(_Atomic(struct cmap_node *) const *p)
{
	/* Pairs with the releases in cmap_insert() and grow(). */
	return atomic_load_explicit(p, memory_order_acquire);
}

static inline struct cmap_node *
cmap_match(const struct cmap_array *a, struct cmap_node *node, uint32_t hash)
{
	while (node != NULL && node->hash != hash)
		node = cmap_load(&node->next[a->link]);
	return node;
}

static inline struct cmap_cursor
cmap_find(const struct cmap *m, uint32_t hash)
{
	struct cmap_cursor c = { .array = atomic_load_explicit(&m->array, memory_order_acquire) };

	c.node = cmap_match(c.array, cmap_load(&c.array->buckets[hash & c.array->mask]), hash);
	return c;
}

static inline void
cmap_find_next(struct cmap_cursor *c)
{
	c->node = cmap_match(c->array, cmap_load(&c->node->next[c->array->link]), c->node->hash);
}

static inline void
cmap_walk(struct cmap_cursor *c)
{
	while (c->node == NULL && c->bucket < c->array->mask)
		c->node = cmap_load(&c->array->buckets[++c->bucket]);
}

static inline struct cmap_cursor
cmap_first(const struct cmap *m)
{
	struct cmap_cursor c = { .array = atomic_load_explicit(&m->array, memory_order_acquire) };

	c.node = cmap_load(&c.array->buckets[0]);
	cmap_walk(&c);
	return c;
}

static inline void
cmap_next(struct cmap_cursor *c)
{
	c->node = cmap_load(&c->node->next[c->array->link]);
	cmap_walk(c);
}

/* The element of a cursor, or NULL. */
#define CMAP_ENTRY(CURSOR, VAR, MEMBER) \
	((CURSOR).node == NULL ? NULL : CONTAINER_OF((CURSOR).node, __typeof__(*(VAR)), MEMBER))

/* Over all elements.  The writer may remove the one visited. */
#define CMAP_FOREACH(VAR, MEMBER, CMAP)                          \
	for (struct cmap_cursor VAR##_cursor = cmap_first(CMAP); \
		((VAR) = CMAP_ENTRY(VAR##_cursor, VAR, MEMBER)) != NULL; cmap_next(&VAR##_cursor))

/* Over the elements with 'HASH'. */
#define CMAP_FOREACH_HASH(VAR, MEMBER, HASH, CMAP)                       \
	for (struct cmap_cursor VAR##_cursor = cmap_find(CMAP, HASH);    \
		((VAR) = CMAP_ENTRY(VAR##_cursor, VAR, MEMBER)) != NULL; \
		cmap_find_next(&VAR##_cursor))

#endif /* RCU_CMAP_H */
