/* SPDX-License-Identifier: Apache-2.0 */
/* Packet buffers: finds or makes the mempool for a lease.  A mempool outlives its last lease until every buffer has come
 * back from wherever it is (a tx ring, a miss that waits), because a buffer knows its mempool. */
#include "port/pool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#define LOG_THIS LOG_port
#include "base/alloc.h"
#include "base/err.h"
#include "base/list.h"
#include "base/log.h"
#include "packet/packet.h"
#include "port/pool_priv.h"

struct pool {
	struct list node; /* In 'pools'. */
	struct rte_mempool *mempool;
	int numa_node;
	uint32_t room;
	uint32_t n_mbufs;
	uint32_t n_leased; /* Sum over the leases; may exceed n_mbufs by small leases. */
	uint32_t n_leases;
};

struct port_pool {
	struct pool *pool;
	uint32_t n_mbufs;
};

static struct list pools = LIST_INITIALIZER(&pools); /* Of 'struct pool'.  Main. */

/* The pool of this kind with the most buffers that nobody leased; negative if it is overdrawn. */
static struct pool *
find_pool(int numa_node, uint32_t room, int64_t *n_free)
{
	struct pool *pool, *best = NULL;

	*n_free = INT64_MIN;
	LIST_FOREACH(pool, node, &pools) {
		int64_t n = (int64_t)pool->n_mbufs - pool->n_leased;

		if (pool->numa_node == numa_node && pool->room == room && n > *n_free) {
			*n_free = n;
			best = pool;
		}
	}
	return best;
}

/* What rte_pktmbuf_pool_create() does, but for one thing: without hugepages it would give each buffer pages of its own,
 * so that physical addresses within it are contiguous, and waste nearly half of the memory.  Without hugepages devices
 * use virtual addresses. */
static struct rte_mempool *
create_on(int socket, uint32_t room, uint32_t n)
{
	static uint32_t serial;
	struct rte_pktmbuf_pool_private private;
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mempool;

	memset(&private, 0, sizeof(private));
	private.mbuf_data_room_size = (uint16_t)(room + RTE_PKTMBUF_HEADROOM);
	private.mbuf_priv_size = PACKET_PRIV_SIZE;
	snprintf(name, sizeof(name), "packets%" PRIu32, serial++);
	mempool = rte_mempool_create_empty(name, n,
		(unsigned int)(sizeof(struct rte_mbuf) + PACKET_PRIV_SIZE
			+ private.mbuf_data_room_size),
		POOL_CACHE, sizeof(private), socket,
		rte_eal_has_hugepages() ? 0 : RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	if (mempool == NULL)
		return NULL;
	rte_pktmbuf_pool_init(mempool, &private);
	if (rte_mempool_set_ops_byname(mempool, rte_mbuf_best_mempool_ops(), NULL) != 0
		|| rte_mempool_populate_default(mempool) < 0) {
		rte_mempool_free(mempool);
		return NULL;
	}
	rte_mempool_obj_iter(mempool, rte_pktmbuf_init, NULL);
	return mempool;
}

static struct rte_mempool *
create_mempool(int numa_node, uint32_t room, uint32_t n)
{
	struct rte_mempool *mempool = create_on(numa_node < 0 ? SOCKET_ID_ANY : numa_node, room, n);

	if (mempool == NULL && numa_node > 0) {
		mempool = create_on(SOCKET_ID_ANY, room, n);
		if (mempool != NULL) {
			LOG_WARN(
				"no packet memory on NUMA node %d: using another node's, which is slower",
				numa_node);
		}
	}
	return mempool;
}

/* Makes the largest mempool that memory allows.  Returns: NULL if not even the smallest fits. */
static struct pool *
create_pool(int numa_node, uint32_t room, uint32_t n_leased)
{
	uint32_t first = pool_first_size(room, n_leased);
	struct rte_mempool *mempool = NULL;
	struct pool *pool;
	uint32_t n;

	for (n = first; n != 0; n = pool_next_size(n, n_leased)) {
		mempool = create_mempool(numa_node, room, n);
		if (mempool != NULL)
			break;
	}
	if (mempool == NULL)
		return NULL;
	if (n < first) {
		LOG_WARN("packet memory is short: made a pool of %" PRIu32 " buffers of %" PRIu32
			 " bytes instead of %" PRIu32,
			n, room, first);
	} else {
		LOG_INFO("made a pool of %" PRIu32 " packet buffers of %" PRIu32 " bytes (%" PRIu64
			 " MiB)",
			n, room, pool_bytes(room, n) >> 20);
	}
	pool = xzalloc(sizeof(*pool));
	pool->mempool = mempool;
	pool->numa_node = numa_node;
	pool->room = room;
	pool->n_mbufs = n;
	list_push_back(&pools, &pool->node);
	return pool;
}

/* On a machine with one node, what is wanted there and what may be anywhere is the same. */
static int
normal_node(int numa_node)
{
	return numa_node < 0 || rte_socket_count() <= 1 ? -1 : numa_node;
}

int
port_pool_get(int numa_node, int mtu, uint32_t n_mbufs, struct port_pool **poolp, struct err *err)
{
	uint32_t room = pool_room(mtu);
	struct port_pool *lease;
	struct pool *pool;
	int64_t n_free;

	*poolp = NULL;
	numa_node = normal_node(numa_node);
	if (room > UINT16_MAX - RTE_PKTMBUF_HEADROOM) {
		err_set(err, "no packet buffers for an MTU of %d", mtu);
		return -EINVAL;
	}
	pool = find_pool(numa_node, room, &n_free);
	if (n_free < (int64_t)n_mbufs) {
		port_pool_cleanup();
		pool = create_pool(numa_node, room, n_mbufs);
	}
	if (pool == NULL && n_mbufs <= POOL_SMALL_LEASE) {
		pool = find_pool(numa_node, room, &n_free);
		if (pool != NULL)
			LOG_WARN_RL(
				"packet memory is short: more ports share %s than it has buffers for",
				pool->mempool->name);
	}
	if (pool == NULL) {
		err_set(err,
			"no memory for %" PRIu32 " packet buffers of %" PRIu32 " bytes (%" PRIu64
			" MiB): reserve hugepages (sysctl vm.nr_hugepages), raise other_config:dpdk-socket-mem, "
			"or without hugepages -m in other_config:dpdk-extra; or lower n_rxq and n_rxq_desc",
			n_mbufs, room, (pool_bytes(room, n_mbufs) >> 20) + 1);
		return -ENOMEM;
	}
	pool->n_leased += n_mbufs;
	pool->n_leases++;
	lease = xmalloc(sizeof(*lease));
	lease->pool = pool;
	lease->n_mbufs = n_mbufs;
	*poolp = lease;
	return 0;
}

void
port_pool_unref(struct port_pool *lease)
{
	if (lease == NULL)
		return;
	lease->pool->n_leased -= lease->n_mbufs;
	lease->pool->n_leases--;
	free(lease);
}

struct rte_mempool *
port_pool_mempool(const struct port_pool *lease)
{
	return lease->pool->mempool;
}

uint32_t
port_pool_room(const struct port_pool *lease)
{
	return lease->pool->room;
}

uint32_t
port_pool_cleanup(void)
{
	struct pool *pool, *next;
	uint32_t n = 0;

	LIST_FOREACH_SAFE(pool, next, node, &pools) {
		if (pool->n_leases == 0 && rte_mempool_full(pool->mempool)) {
			list_remove(&pool->node);
			rte_mempool_free(pool->mempool);
			free(pool);
		} else {
			n++;
		}
	}
	return n;
}

void
port_pool_list(void (*cb)(const struct port_pool_info *, void *aux), void *aux)
{
	const struct pool *pool;

	LIST_FOREACH(pool, node, &pools) {
		struct port_pool_info info = {
			.name = pool->mempool->name,
			.numa_node = pool->numa_node,
			.room_bytes = pool->room,
			.n_mbufs = pool->n_mbufs,
			.n_leased = pool->n_leased,
			.n_available = rte_mempool_avail_count(pool->mempool),
			.n_leases = pool->n_leases,
		};

		cb(&info, aux);
	}
}
