/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RCU_MPSC_H
#define RCU_MPSC_H

/* mpsc: unbounded queue of intrusive nodes, many producers, one consumer.
 *
 * Model    Producers push onto a stack; the consumer takes the whole stack and turns it around.  What one
 *          producer pushes comes out in its order.
 * Owner    a node belongs to the queue from push to pop.
 * Threads  push: any.  pop: one.
 * Cost     push is one compare-and-swap; never fails; the user bounds what is queued. */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"

struct mpsc_node {
	struct mpsc_node *next;
};

struct mpsc_queue {
	_Atomic(struct mpsc_node *) pushed; /* Newest first. */
	struct mpsc_node *taken; /* Oldest first.  Consumer. */
};

static inline void
mpsc_init(struct mpsc_queue *q)
{
	atomic_init(&q->pushed, NULL);
	q->taken = NULL;
}

/* Returns: whether the queue was empty of pushed nodes, when a sleeping consumer may need a wake-up. */
static inline bool
mpsc_push(struct mpsc_queue *q, struct mpsc_node *node)
{
	node->next = atomic_load_explicit(&q->pushed, memory_order_relaxed);
	/* Release pairs with the acquire in mpsc_pop(). */
	while (!atomic_compare_exchange_weak_explicit(
		&q->pushed, &node->next, node, memory_order_release, memory_order_relaxed))
		continue;
	return node->next == NULL;
}

/* Returns: the oldest node, or NULL. */
static inline struct mpsc_node *
mpsc_pop(struct mpsc_queue *q)
{
	struct mpsc_node *node, *next;

	if (q->taken == NULL) {
		if (atomic_load_explicit(&q->pushed, memory_order_relaxed) == NULL)
			return NULL;
		node = atomic_exchange_explicit(&q->pushed, NULL, memory_order_acquire);
		for (; node != NULL; node = next) {
			next = node->next;
			node->next = q->taken;
			q->taken = node;
		}
	}
	node = q->taken;
	q->taken = node->next;
	return node;
}

#endif /* RCU_MPSC_H */
