/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RCU_RING_H
#define RCU_RING_H

/* ring: bounded queue of pointers, many producers, one consumer.
 *
 * Model    A power of two of slots, each with the sequence number of its next use.  A producer claims a
 *          position by compare-and-swap, fills the slot and releases it by its number.
 * Rules    I1 A full ring refuses; nobody waits.  I2 What one producer pushes comes out in its order.
 *          I3 A producer that is suspended between claim and release hides what is behind it until it runs.
 * Owner    what a pointer names belongs to the ring from push to pop.
 * Threads  push: any.  pop: one.
 * Cost     push is one compare-and-swap, pop has no read-modify-write. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/fatal.h"

struct ring_slot {
	_Atomic uint64_t sequence; /* Position that may fill it; plus one: that may be taken. */
	void *p;
};

struct ring {
	struct ring_slot *slots;
	uint64_t mask; /* Slots - 1. */
	_Atomic uint64_t tail CACHE_ALIGNED; /* Next to be claimed.  Producers. */
	_Atomic uint64_t head CACHE_ALIGNED; /* Next to be taken.  Consumer; others may look. */
};

/* 'size' is a power of two. */
static inline void
ring_init(struct ring *ring, uint64_t size)
{
	BUG_ON(size == 0 || (size & (size - 1)) != 0);
	ring->slots = xcalloc(size, sizeof *ring->slots);
	ring->mask = size - 1;
	for (uint64_t i = 0; i < size; i++)
		atomic_init(&ring->slots[i].sequence, i);
	atomic_init(&ring->tail, 0);
	atomic_init(&ring->head, 0);
}

/* What is still in it is the caller's affair. */
static inline void
ring_uninit(struct ring *ring)
{
	free(ring->slots);
	ring->slots = NULL;
}

/* Returns: whether there was room. */
static inline bool
ring_push(struct ring *ring, void *p)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	for (;;) {
		struct ring_slot *slot = &ring->slots[tail & ring->mask];
		/* Pairs with the release in ring_pop(). */
		uint64_t sequence = atomic_load_explicit(&slot->sequence, memory_order_acquire);

		if (sequence == tail) {
			if (!atomic_compare_exchange_weak_explicit(&ring->tail, &tail, tail + 1,
				    memory_order_relaxed, memory_order_relaxed))
				continue;
			slot->p = p;
			/* Pairs with the acquire in ring_pop(). */
			atomic_store_explicit(&slot->sequence, tail + 1, memory_order_release);
			return true;
		}
		if ((int64_t)(sequence - tail) < 0)
			return false;
		tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	}
}

/* Returns: the oldest pointer, or NULL if there is none that is complete. */
static inline void *
ring_pop(struct ring *ring)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	struct ring_slot *slot = &ring->slots[head & ring->mask];
	void *p;

	/* Pairs with the release in ring_push(). */
	if (atomic_load_explicit(&slot->sequence, memory_order_acquire) != head + 1)
		return NULL;
	p = slot->p;
	atomic_store_explicit(&ring->head, head + 1, memory_order_relaxed);
	/* Pairs with the acquire in ring_push(). */
	atomic_store_explicit(&slot->sequence, head + ring->mask + 1, memory_order_release);
	return p;
}

/* Returns: how many are in it, roughly while others push. */
static inline uint64_t
ring_count(const struct ring *ring)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	return tail >= head ? tail - head : 0;
}

#endif /* RCU_RING_H */
