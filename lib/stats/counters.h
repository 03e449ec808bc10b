/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STATS_COUNTERS_H
#define STATS_COUNTERS_H

/* counters: a set of counters that each thread counts for itself and anybody adds up.
 *
 * Model    A set has 'n' counters.  A thread that counts attaches and gets a block of 'n' cells of its own; the
 *          value of a counter is the sum over the blocks and over what detached threads left.
 * Rules    I1 A value never falls, also when a thread detaches: its counts are folded in.
 *          I2 Two blocks share no cache line.
 * Owner    a block belongs to the set; attach lends it to the thread until detach.
 * Threads  counters_add(): the thread that attached.  attach, detach, read: any; they take a mutex.
 * Cost     counting is a load and a store on the thread's own line. */

#include "base/compiler.h"
#include "base/list.h"
#include "base/mutex.h"
#include "stats/cells.h"

struct counters_block {
	struct list node; /* In counters.blocks. */
	CACHE_ALIGNED _Atomic uint64_t cells[]; /* Written by one thread. */
};

struct counters {
	size_t n; /* Counters. */
	struct mutex mutex;
	struct list blocks; /* struct counters_block.  Under 'mutex'. */
	uint64_t *folded; /* Counts of detached threads.  Under 'mutex'. */
};

void counters_init(struct counters *counters, size_t n);

/* Every thread must have detached. */
void counters_uninit(struct counters *counters);

/* Returns: a block of zeros for the calling thread.  Owner: lent, until counters_detach(). */
struct counters_block *
counters_attach(struct counters *counters) __attribute__((returns_nonnull, warn_unused_result));

/* Ends the use of 'block'; what it counted stays counted.  NULL is accepted. */
void counters_detach(struct counters *counters, struct counters_block *block);

static inline void
counters_add(struct counters_block *block, size_t i, uint64_t n)
{
	cell_add(&block->cells[i], n);
}

/* Returns: the value of counter 'i'. */
uint64_t counters_read(struct counters *counters, size_t i);

/* Writes the values of all counters to 'values'. */
void counters_read_all(struct counters *counters, uint64_t *values);

#endif /* STATS_COUNTERS_H */
