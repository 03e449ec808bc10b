/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_RX_POOL_H
#define DRIVERS_NET_RX_POOL_H

/* rx_pool: the mempool that a port's rx queues allocate from, exchangeable while they run.
 *
 * Rules    I1 A burst reads the mempool inside its gate (gate.h).
 *          I2 After rx_pool_exchange() main waits at the gate of each rx queue and only then gives the old lease back.
 * Threads  rx_pool_mempool(): any, inside a gate.  The rest: main.
 *          The store in exchange is what gate.h calls the change of the shared word. */

#include <stdatomic.h>
#include <stddef.h>

#include "base/compiler.h"
#include "port/pool.h"

struct rx_pool {
	struct port_pool *lease; /* Main. */
	_Atomic(struct rte_mempool *) mempool; /* Main writes, pmds read. */
};

static inline struct rte_mempool *
rx_pool_mempool(struct rx_pool *p)
{
	return atomic_load_explicit(&p->mempool, memory_order_seq_cst);
}

/* Returns: the old lease, NULL if there was none.  Owner: the caller. */
static inline struct port_pool *
rx_pool_exchange(struct rx_pool *p, struct port_pool *lease)
{
	struct port_pool *old = p->lease;

	p->lease = lease;
	atomic_store_explicit(
		&p->mempool, lease != NULL ? port_pool_mempool(lease) : NULL, memory_order_seq_cst);
	return old;
}

#endif /* DRIVERS_NET_RX_POOL_H */
