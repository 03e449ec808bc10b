/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_GATE_H
#define DRIVERS_NET_GATE_H

/* gate: lets one thread take something away from under a burst function without a lock on the packet path.
 *
 * Model    Each queue has a gate on a cache line that its pmd owns.  A burst enters, reads the shared word (a device
 *          id, a mempool pointer), uses what it names, and leaves.  Who wants to take that thing away first
 *          changes the word and then waits at the gate of each queue: after gate_wait() no burst uses the old value.
 * Rules    I1 A burst reads the shared word after gate_enter() and not again outside.
 *          I2 The word is changed by a sequentially consistent store before gate_wait().
 * Threads  enter, leave: the one that owns the queue (or its lock).  wait: any other.
 *          Memory order: 'enter' stores and then loads the word; the other side stores the word and then loads the
 *          gate.  Both sides must be sequentially consistent, otherwise each could miss the other's store.  The
 *          release in gate_leave() pairs with the load in gate_wait(): the burst's work is over.
 * Cost     one locked instruction per burst, on a line that stays in the pmd's cache. */

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"

struct gate {
	atomic_bool inside;
};

static inline void
gate_enter(struct gate *g)
{
	atomic_store_explicit(&g->inside, true, memory_order_seq_cst);
}

static inline void
gate_leave(struct gate *g)
{
	atomic_store_explicit(&g->inside, false, memory_order_release);
}

/* Waits until no burst that entered before is inside.  Blocks: for the rest of one burst. */
static inline void
gate_wait(struct gate *g)
{
	while (atomic_load_explicit(&g->inside, memory_order_seq_cst))
		sched_yield();
}

#endif /* DRIVERS_NET_GATE_H */
