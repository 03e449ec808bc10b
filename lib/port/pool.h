/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORT_POOL_H
#define PORT_POOL_H

/* pool: packet buffers, shared by ports that need the same kind.
 *
 * Model    A mempool holds buffers of one size on one NUMA node.  A port leases 'n_mbufs' of it: as many as can be
 *          stuck in its rings at worst.  A mempool cannot grow, so when the leases of one exceed it, another one
 *          of the same kind is made.  Every buffer has the private area of packet/packet.h.
 * Rules    I1 The leases of a mempool never exceed its size, except by small ones (POOL_SMALL_LEASE) when memory
 *             for another mempool is short; that is logged.
 *          I2 A mempool without leases is kept as long as one of its buffers is in use somewhere.
 * Life     port_pool_get() -> port_pool_unref().  A mempool without leases is reused by the next lease of its kind, and
 *          freed when memory is short and by port_pool_cleanup().
 * Owner    a lease belongs to who got it.
 * Threads  main; the mempool itself may be used by any pmd while the lease lasts.
 * Cost     a lookup is linear in the number of mempools (a handful).
 * See      tests/unit/port/pool_size_test.c. */

#include <stdint.h>

#include "base/compiler.h"

struct err;
struct port_pool;
struct rte_mempool;

/* Leases 'n_mbufs' buffers that each hold a frame of 'mtu' with two VLAN tags, on 'numa_node' (-1: any).
 * Returns: 0 and a lease in '*poolp', or -ENOMEM with an 'err' that says what to do. */
int port_pool_get(int numa_node, int mtu, uint32_t n_mbufs, struct port_pool **poolp,
	struct err *err) MUST_CHECK;

/* Gives a lease back.  Buffers may still be in flight.  Accepts NULL. */
void port_pool_unref(struct port_pool *);

/* The mempool of a lease: borrowed, valid as long as the lease. */
struct rte_mempool *port_pool_mempool(const struct port_pool *);

/* Bytes of frame that a buffer of this lease holds. */
uint32_t port_pool_room(const struct port_pool *);

/* Frees every mempool without leases that has all its buffers back.  Returns: how many mempools remain. */
uint32_t port_pool_cleanup(void);

/* What there is, for tables. */
struct port_pool_info {
	const char *name;
	int numa_node; /* -1: any. */
	uint32_t room_bytes;
	uint32_t n_mbufs;
	uint32_t n_leased;
	uint32_t n_available;
	uint32_t n_leases;
};

/* Calls 'cb' for every mempool. */
void port_pool_list(void (*cb)(const struct port_pool_info *, void *aux), void *aux);

#endif /* PORT_POOL_H */
