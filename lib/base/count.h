/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_COUNT_H
#define BASE_COUNT_H

/* count: how often rare events happened; "coverage/show" prints this.
 *
 * Model    one explicit list of events, each with one shared counter.  For what is frequent, stats/cells.h
 *          has counters without sharing.
 * Threads  any; relaxed. */

#include <stdatomic.h>

#include "base/compiler.h"

/* X(name): what happened. */
#define COUNT_EVENTS(X)                                                           \
	X(log_suppressed) /* A rate-limited line was left out. */                 \
	X(log_failed) /* A line could not be written to the log file. */          \
	X(loop_wakeup) /* An iteration of the main loop. */                       \
	X(rcu_retired) /* Something was handed to deferred reclaim. */            \
	X(rcu_reclaimed) /* It was freed. */                                      \
	X(rcu_ring_full) /* A bounded ring between threads refused an element. */ \
	X(warn_on) /* A WARN_ON_ONCE fired. */

enum count_event {
#define X(NAME) COUNT_##NAME,
	COUNT_EVENTS(X)
#undef X
	N_COUNT_EVENTS
};

extern _Atomic uint64_t count_cells[N_COUNT_EVENTS];

static inline void
count_event(enum count_event event)
{
	atomic_fetch_add_explicit(&count_cells[event], 1, memory_order_relaxed);
}

static inline uint64_t
count_read(enum count_event event)
{
	return atomic_load_explicit(&count_cells[event], memory_order_relaxed);
}

/* Returns: the name as in the list. */
const char *count_name(enum count_event event);

#endif /* BASE_COUNT_H */
