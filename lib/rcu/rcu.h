/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RCU_RCU_H
#define RCU_RCU_H

/* rcu: the only room that knows how memory is reclaimed.
 *
 * Model    Readers are threads that registered.  A reader borrows pointers freely until its next quiescent state:
 *          rcu_quiesce(), or going offline.  A writer unlinks an object and retires it; it is freed when every
 *          online reader has passed a quiescent state since.  Over rte_rcu_qsbr; needs no EAL.
 * Rules    I1 A retired object is not freed while a reader may hold it.
 *          I2 rcu_retire() never waits.
 *          I3 A thread that blocks goes offline first and borrows nothing meanwhile.
 * Life     rcu_init() -> threads register and unregister -> rcu_uninit(), which frees what is still retired.
 * Owner    a retired object belongs to this room.
 * Threads  register, quiesce, offline, online: the reader itself.  retire, reclaim: any; the callback runs in
 *          the thread that reclaims, so it must be content with that.
 * Cost     quiesce is a load and a store; retire takes a mutex. */

#include "base/compiler.h"

#define RCU_MAX_THREADS 256

void rcu_init(void); /* More than once is fine. */

/* No reader may be registered any more but the caller.  Frees all that is retired. */
void rcu_uninit(void);

/* Makes the calling thread a reader, online. */
void rcu_thread_register(const char *name);
void rcu_thread_unregister(void);

void rcu_quiesce(void);
void rcu_offline(void);
void rcu_online(void);

/* Calls 'free_fn' with 'p' after a grace period, from rcu_reclaim().  Owner: takes 'p'. */
void rcu_retire(void *p, void (*free_fn)(void *));

/* Frees what has passed its grace period.  Returns: how much. */
unsigned int rcu_reclaim(void);

/* Waits for a grace period.  A caller that is a reader is quiescent by calling.  Blocks: until every online reader has
 * passed a quiescent state. */
void rcu_synchronize(void);

/* Waits until all that was retired so far is freed. */
void rcu_barrier(void);

/* Objects retired and not freed yet. */
uint64_t rcu_n_retired(void);

#endif /* RCU_RCU_H */
