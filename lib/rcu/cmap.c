/* SPDX-License-Identifier: Apache-2.0 */
/* cmap: hash map with one writer and lock-free readers.  Room: rcu. */

#include "rcu/cmap.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "rcu/rcu.h"

#define MIN_BUCKETS 8

static struct cmap_array *
array_create(struct cmap *m, uint32_t n_buckets, uint32_t link)
{
	struct cmap_array *a = xzalloc(sizeof *a + n_buckets * sizeof a->buckets[0]);

	a->mask = n_buckets - 1;
	a->link = link;
	a->map = m;
	return a;
}

static struct cmap_array *
current(const struct cmap *m)
{
	return atomic_load_explicit(&m->array, memory_order_relaxed);
}

void
cmap_init(struct cmap *m)
{
	m->n = 0;
	atomic_init(&m->growing, false);
	atomic_init(&m->array, array_create(m, MIN_BUCKETS, 0));
}

void
cmap_uninit(struct cmap *m)
{
	/* An array still retired names this map. */
	if (atomic_load_explicit(&m->growing, memory_order_acquire))
		rcu_barrier();
	free(current(m));
	atomic_store_explicit(&m->array, NULL, memory_order_relaxed);
}

static void
put(struct cmap_array *a, struct cmap_node *node)
{
	_Atomic(struct cmap_node *) *bucket = &a->buckets[node->hash & a->mask];

	atomic_store_explicit(&node->next[a->link],
		atomic_load_explicit(bucket, memory_order_relaxed), memory_order_relaxed);
	/* Pairs with the acquire in cmap_load(). */
	atomic_store_explicit(bucket, node, memory_order_release);
}

/* The grace period of the old array is over: nobody walks its links. */
static void
old_array_done(void *a_)
{
	struct cmap_array *a = a_;

	/* Pairs with the acquire in grow(). */
	atomic_store_explicit(&a->map->growing, false, memory_order_release);
	free(a);
}

static void
grow(struct cmap *m)
{
	struct cmap_array *old = current(m), *a;

	if (atomic_load_explicit(&m->growing, memory_order_acquire))
		return;
	a = array_create(m, (old->mask + 1) * 4, !old->link);
	for (uint32_t i = 0; i <= old->mask; i++) {
		struct cmap_node *node;

		node = atomic_load_explicit(&old->buckets[i], memory_order_relaxed);
		for (; node != NULL;
			node = atomic_load_explicit(&node->next[old->link], memory_order_relaxed))
			put(a, node);
	}
	atomic_store_explicit(&m->growing, true, memory_order_relaxed);
	atomic_store_explicit(&m->array, a, memory_order_release);
	rcu_retire(old, old_array_done);
}

void
cmap_insert(struct cmap *m, struct cmap_node *node, uint32_t hash)
{
	node->hash = hash;
	put(current(m), node);
	if (++m->n > 2 * ((size_t)current(m)->mask + 1))
		grow(m);
}

/* An old array may still lead a reader through 'node'; its links stay as they are until it is freed. */
void
cmap_remove(struct cmap *m, struct cmap_node *node)
{
	struct cmap_array *a = current(m);
	_Atomic(struct cmap_node *) *p = &a->buckets[node->hash & a->mask];
	struct cmap_node *at;

	while ((at = atomic_load_explicit(p, memory_order_relaxed)) != node)
		p = &at->next[a->link];
	atomic_store_explicit(p, atomic_load_explicit(&node->next[a->link], memory_order_relaxed),
		memory_order_release);
	m->n--;
}
