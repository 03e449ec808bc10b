/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_COUNTER_H
#define DRIVERS_NET_COUNTER_H

/* counter: what a queue counts, written by its one owner and summed by main.
 *
 * Threads  counter_add(): the thread that owns the queue (or its lock).  counter_read(): any.
 * Cost     a plain load, add and store. */

#include <stdatomic.h>
#include <stdint.h>

struct queue_counters {
	_Atomic uint64_t packets;
	_Atomic uint64_t bytes;
	_Atomic uint64_t dropped; /* No room: in the pool (rx), in the peer's queue (tx). */
	_Atomic uint64_t errors; /* The frame or the device is at fault. */
	_Atomic uint64_t length_errors; /* rx: longer than a buffer; part of 'errors'. */
};

static inline void
counter_add(_Atomic uint64_t *c, uint64_t n)
{
	atomic_store_explicit(
		c, atomic_load_explicit(c, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline uint64_t
counter_read(_Atomic uint64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

#endif /* DRIVERS_NET_COUNTER_H */
