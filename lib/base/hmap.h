/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HMAP_H
#define BASE_HMAP_H

/* hmap: hash map whose nodes live in the elements; the caller hashes and compares.
 *
 * Model    a power of two of buckets with chains.  Several elements may have the same hash and even the same
 *          key: the map does not look at keys.
 * Rules    I1 the chains hold on average at most one element: the buckets double when it would be more.
 *          I2 no order; an insertion may move everything, so a walk must not insert.
 * Owner    the map owns its buckets only.
 * Threads  none of its own; rcu/cmap.h is the one with concurrent readers.
 * Cost     a new map allocates nothing; one element lives in the struct itself. */

#include <stdbool.h>

#include "base/compiler.h"

struct hmap_node {
	size_t hash; /* As given to hmap_insert(). */
	struct hmap_node *next; /* In the chain. */
};

struct hmap {
	struct hmap_node **buckets; /* 'one', or an array of mask + 1. */
	struct hmap_node *one; /* The bucket of a small map. */
	size_t mask; /* Buckets - 1. */
	size_t n; /* Elements. */
};

#define HMAP_INITIALIZER(HMAP)                                \
	{                                                     \
		(struct hmap_node **)&(HMAP)->one, NULL, 0, 0 \
	}

void hmap_init(struct hmap *hmap);

/* Frees the buckets; the elements are the caller's.  NULL is accepted. */
void hmap_uninit(struct hmap *hmap);

/* Forgets all elements and keeps the buckets. */
void hmap_clear(struct hmap *hmap);

/* Exchanges two maps. */
void hmap_swap(struct hmap *a, struct hmap *b);

/* Makes room for 'n' elements at once.  Only a hint. */
void hmap_reserve(struct hmap *hmap, size_t n);

/* Doubles the buckets.  For hmap_insert(). */
void hmap_grow(struct hmap *hmap);

static inline void
hmap_insert(struct hmap *hmap, struct hmap_node *node, size_t hash)
{
	struct hmap_node **bucket;

	if (UNLIKELY(hmap->n > hmap->mask))
		hmap_grow(hmap);
	bucket = &hmap->buckets[hash & hmap->mask];
	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
	hmap->n++;
}

/* 'node' must be in 'hmap'. */
static inline void
hmap_remove(struct hmap *hmap, struct hmap_node *node)
{
	struct hmap_node **p = &hmap->buckets[node->hash & hmap->mask];

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
	hmap->n--;
}

static inline size_t
hmap_count(const struct hmap *hmap)
{
	return hmap->n;
}

static inline bool
hmap_is_empty(const struct hmap *hmap)
{
	return hmap->n == 0;
}

/* The first node at or after bucket 'i', or NULL.  For the macros. */
static inline struct hmap_node *
hmap_first_from(const struct hmap *hmap, size_t i)
{
	for (; i <= hmap->mask; i++) {
		if (hmap->buckets[i] != NULL)
			return hmap->buckets[i];
	}
	return NULL;
}

/* Returns: some node, or NULL if the map is empty. */
static inline struct hmap_node *
hmap_first(const struct hmap *hmap)
{
	return hmap_first_from(hmap, 0);
}

/* Returns: the node after 'node', or NULL. */
static inline struct hmap_node *
hmap_next(const struct hmap *hmap, const struct hmap_node *node)
{
	return node->next != NULL ? node->next
				  : hmap_first_from(hmap, (node->hash & hmap->mask) + 1);
}

/* The first of the nodes 'node' and after that has 'hash', or NULL.  For the macros. */
static inline struct hmap_node *
hmap_skip_to_hash(struct hmap_node *node, size_t hash)
{
	while (node != NULL && node->hash != hash)
		node = node->next;
	return node;
}

/* Returns: the first node with 'hash', or NULL. */
static inline struct hmap_node *
hmap_first_with_hash(const struct hmap *hmap, size_t hash)
{
	return hmap_skip_to_hash(hmap->buckets[hash & hmap->mask], hash);
}

#define HMAP_ENTRY(VAR, NODE, MEMBER) CONTAINER_OF(NODE, __typeof__(*(VAR)), MEMBER)

/* Walks all elements with pointer 'VAR', whose struct has the node 'MEMBER'.  'VAR' is a plain variable; it
 * is NULL when the walk went to the end.  The body must not insert, and not remove 'VAR'. */
#define HMAP_FOREACH(VAR, MEMBER, HMAP)                                                        \
	for (struct hmap_node *VAR##_it = hmap_first(HMAP);                                    \
		((VAR) = VAR##_it != NULL ? HMAP_ENTRY(VAR, VAR##_it, MEMBER) : NULL) != NULL; \
		VAR##_it = hmap_next(HMAP, VAR##_it))

/* The same; the body may remove and free 'VAR'.  'NEXT' is a variable of the type of 'VAR': the element
 * visited next, NULL at the last; the body must not remove that one. */
#define HMAP_FOREACH_SAFE(VAR, NEXT, MEMBER, HMAP)                                               \
	for (struct hmap_node *VAR##_it = hmap_first(HMAP), *VAR##_nx;                           \
		((VAR) = VAR##_it != NULL ? HMAP_ENTRY(VAR, VAR##_it, MEMBER) : NULL) != NULL    \
		&& (VAR##_nx = hmap_next(HMAP, VAR##_it),                                        \
		   (NEXT) = VAR##_nx != NULL ? HMAP_ENTRY(NEXT, VAR##_nx, MEMBER) : NULL, true); \
		VAR##_it = (NEXT) != NULL ? &(NEXT)->MEMBER : NULL)

/* Walks the elements with hash 'HASH' only; the body must not insert, and not remove 'VAR' and go on. */
#define HMAP_FOREACH_HASH(VAR, MEMBER, HASH, HMAP)                                             \
	for (struct hmap_node *VAR##_it = hmap_first_with_hash(HMAP, HASH);                    \
		((VAR) = VAR##_it != NULL ? HMAP_ENTRY(VAR, VAR##_it, MEMBER) : NULL) != NULL; \
		VAR##_it = hmap_skip_to_hash(VAR##_it->next, VAR##_it->hash))

#endif /* BASE_HMAP_H */
