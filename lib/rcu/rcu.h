/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RCU_RCU_H
#define RCU_RCU_H

/* rcu: the only room that knows how memory is reclaimed.
 *
 * Model    Readers are threads that registered.  A reader borrows pointers freely until its next quiescent
 *          state: rcu_quiesce(), or going offline.  A writer unlinks an object and retires it; it is freed
 *          when every online reader has passed a quiescent state since.  Over rte_rcu_qsbr; needs no EAL.
 * Rules    I1 A retired object is not freed while a reader may hold it.
 *          I2 rcu_retire() never waits.
 *          I3 A thread that blocks goes offline first and borrows nothing meanwhile.
 *          I4 Objects are freed in the order of their retirement, by one thread at a time.
 * Life     rcu_init() -> threads register and unregister -> rcu_uninit(), which frees what is still retired.
 * Owner    a retired object belongs to this room.
 * Threads  register, unregister: the reader itself.  quiesce, offline, online: the reader itself; without
 *          effect in a thread that did not register, so that code shared with tests and tools need not ask.
 *          retire, reclaim, synchronize, barrier: any.  The callback runs in whichever thread reclaims, so it
 *          must be content with that; it may retire, but neither synchronize nor use the barrier.
 * Memory   what a writer stored before rcu_retire() is seen by the callback; what a reader loaded before its
 *          quiescent state happened before the callback.
 * Cost     quiesce is a load and a store to the thread's own line; retire takes a mutex and a small request of
 *          memory, so it is not for the packet path.
 * See      tests/unit/rcu. */

#include "base/compiler.h"

#define RCU_MAX_THREADS 256

/* More than once is fine.  Role: main, before there are other threads. */
void rcu_init(void);

/* No reader may be registered any more but the caller, who is no reader afterwards.  Frees all that is
 * retired.  Role: main. */
void rcu_uninit(void);

/* Makes the calling thread a reader, online.  'name' is for the log.  More than RCU_MAX_THREADS is a bug. */
void rcu_thread_register(const char *name);
void rcu_thread_unregister(void);

void rcu_quiesce(void);
void rcu_offline(void);
void rcu_online(void);

/* Calls 'free_fn' with 'p' after a grace period, from rcu_reclaim().  NULL is accepted.  Owner: takes 'p'. */
void rcu_retire(void *p, void (*free_fn)(void *));

/* Frees what has passed its grace period, unless another thread is about it.  Returns: how much. */
unsigned int rcu_reclaim(void);

/* Waits for a grace period.  A caller that is a reader counts as offline meanwhile.  Blocks: until every
 * online reader has passed a quiescent state. */
void rcu_synchronize(void);

/* Waits until all that was retired before the call is freed.  Blocks: as rcu_synchronize(), and for the
 * callbacks. */
void rcu_barrier(void);

/* Objects retired whose callback did not end yet. */
uint64_t rcu_n_retired(void);

#endif /* RCU_RCU_H */
