/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STATS_CELLS_H
#define STATS_CELLS_H

/* cells: counters with one writer.
 *
 * Model    A cell is an atomic integer that one thread writes by plain load and store, and any thread reads.  What
 *          several threads count is several cells, added up by the reader.
 * Threads  add, sub: the cell's one writer.  get: any.
 * Cost     no read-modify-write instruction, no fence. */

#include <stdatomic.h>

#include "base/compiler.h"

static inline uint64_t
cell_get(const _Atomic uint64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void
cell_add(_Atomic uint64_t *c, uint64_t n)
{
	atomic_store_explicit(
		c, atomic_load_explicit(c, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void
cell_sub(_Atomic uint64_t *c, uint64_t n)
{
	cell_add(c, -n);
}

static inline void
cell_add32(_Atomic uint32_t *c, uint32_t n)
{
	atomic_store_explicit(
		c, atomic_load_explicit(c, memory_order_relaxed) + n, memory_order_relaxed);
}

#endif /* STATS_CELLS_H */
