/* SPDX-License-Identifier: Apache-2.0 */
/* pmd: the poll thread.  Room: datapath.
 *
 * A round: run what the handler judged, poll every queue, look at the kernel ports that epoll says are readable,
 * flush, report quiescence.  When rounds stay empty the thread sleeps, longer each time up to the configured
 * limit; kernel ports wake it, since it sleeps in epoll.
 *
 * The system calls here break the rule that a pmd makes none: kernel ports cannot be had without, and they are
 * paid only when such ports exist (one epoll_wait for all of them every WATCH_CYCLES) or when there is nothing
 * to do. */

#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_thread.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "datapath/dp_priv.h"
#include "rcu/rcu.h"

#define IDLE_ROUNDS 256 /* Empty rounds before the first sleep. */
#define FIRST_SLEEP_US 10
#define WATCH_US 20 /* Kernel ports are looked at that often under load. */
#define WATCH_EVENTS 32
#define DRAIN_MS 200

/* Where the thread is between being idle and asleep. */
struct idle {
	uint32_t rounds;
	uint32_t sleep_us;
};

static uint32_t
poll_rxq(struct pmd *pmd, struct pmd_rxq *q)
{
	struct rte_mbuf *pkts[DP_BATCH];
	uint64_t start = rte_rdtsc();
	uint32_t n = q->rxq->burst(q->rxq, pkts, DP_BATCH);

	if (n == 0)
		return 0;
	pmd_process(pmd, q, pkts, n);
	pmd_flush(pmd);
	cell_add(&q->packets, n);
	cell_add(&q->cycles, rte_rdtsc() - start);
	return n;
}

static uint32_t
poll_watched(struct pmd *pmd)
{
	struct epoll_event events[WATCH_EVENTS];
	int n = epoll_wait(pmd->epoll_fd, events, WATCH_EVENTS, 0);
	uint32_t received = 0;

	for (int i = 0; i < n; i++)
		received += poll_rxq(pmd, events[i].data.ptr);
	return received;
}

/* Sleeps in the state that rcu calls offline.  What epoll reports meanwhile is not used: a port may go away
 * before the thread is online again; the next round asks anew. */
static void
pmd_sleep(struct pmd *pmd, uint32_t us, bool watching)
{
	struct timespec ts = { .tv_nsec = (long)us * 1000 };
	struct epoll_event event;
	int64_t start = clock_ns();

	rcu_offline();
	if (watching)
		(void)epoll_pwait2(pmd->epoll_fd, &event, 1, &ts, NULL);
	else
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	rcu_online();
	cell_add(&pmd->cells.sleep_ns, (uint64_t)(clock_ns() - start));
}

static void
idle_round(struct pmd *pmd, struct idle *idle, const struct pmd_polls *polls)
{
	uint32_t max = atomic_load_explicit(&pmd->sleep_max_us, memory_order_relaxed);

	if (++idle->rounds < IDLE_ROUNDS || max == 0 || pmd->n_outstanding != 0)
		return;
	idle->sleep_us = MIN(max, idle->sleep_us == 0 ? FIRST_SLEEP_US : idle->sleep_us * 2);
	pmd_sleep(pmd, idle->sleep_us, polls->n_watched > 0);
}

/* Takes a bigger cache when the handler offers one. */
static void
take_cache(struct pmd *pmd)
{
	struct cache_memory *offered;

	offered = atomic_load_explicit(&pmd->new_cache, memory_order_acquire);
	if (LIKELY(offered == NULL))
		return;
	atomic_store_explicit(
		&pmd->old_cache, cache_take(&pmd->cache, offered), memory_order_relaxed);
	/* Pairs with the acquire in the handler's grow_cache(): it may free the old one now. */
	atomic_store_explicit(&pmd->new_cache, NULL, memory_order_release);
}

static void
pmd_loop(struct pmd *pmd)
{
	uint64_t watch_cycles = rte_get_tsc_hz() / 1000000 * WATCH_US;
	uint64_t now = rte_rdtsc(), watched = 0, then;
	struct idle idle = { 0 };

	while (!atomic_load_explicit(&pmd->stop, memory_order_relaxed)) {
		const struct pmd_polls *polls;
		uint32_t n;

		/* Pairs with the release in sched.c. */
		polls = atomic_load_explicit(&pmd->polls, memory_order_acquire);
		pmd->now_ms = (uint32_t)clock_ms();
		n = pmd_run_judged(pmd);
		if (n > 0)
			pmd_flush(pmd);
		for (uint32_t i = 0; i < polls->n; i++)
			n += poll_rxq(pmd, polls->rxqs[i]);
		if (polls->n_watched > 0 && (n == 0 || now - watched > watch_cycles)) {
			watched = now;
			n += poll_watched(pmd);
		}
		take_cache(pmd);
		rcu_quiesce();
		cell_add(&pmd->cells.loops, 1);
		then = now;
		if (n == 0) {
			idle_round(pmd, &idle, polls);
			now = rte_rdtsc();
			cell_add(&pmd->cells.idle_cycles, now - then);
		} else {
			idle = (struct idle){ 0 };
			now = rte_rdtsc();
			cell_add(&pmd->cells.busy_cycles, now - then);
		}
	}
}

/* Before the thread ends: waits for the packets that are with the handler, so that none is lost.  What has not come
 * back after DRAIN_MS the handler books as dropped. */
static void
drain(struct pmd *pmd)
{
	int64_t until = clock_ms() + DRAIN_MS;

	do {
		if (pmd_run_judged(pmd) > 0)
			pmd_flush(pmd);
		rcu_quiesce();
	} while ((atomic_load_explicit(&pmd->n_outstanding, memory_order_relaxed) > 0
			 || atomic_load_explicit(&pmd->n_wait, memory_order_relaxed) > 0)
		&& clock_ms() < until);
	pmd_give_up_waiting(pmd);
}

static void *
pmd_main(void *pmd_)
{
	struct pmd *pmd = pmd_;
	char name[16];
	cpu_set_t set;

	role_enter(&role_pmd);
	snprintf(name, sizeof name, "pmd%u", pmd->core);
	pthread_setname_np(pthread_self(), name);
	CPU_ZERO(&set);
	CPU_SET(pmd->core, &set);
	(void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
	/* Gives the thread an lcore number, and so a cache in every mempool.  Without one it works, slower. */
	(void)rte_thread_register();
	rcu_thread_register(name);
	pmd_loop(pmd);
	drain(pmd);
	rcu_thread_unregister();
	rte_thread_unregister();
	return NULL;
}

static void *
reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int
create_rings(struct pmd *pmd, struct err *err)
{
	static uint32_t n_made;
	char name[RTE_RING_NAMESIZE];

	n_made++;
	snprintf(name, sizeof name, "sluice_up%u", n_made);
	pmd->up = rte_ring_create_elem(name, sizeof(struct dp_item), DP_MISS_RING, pmd->numa_node,
		RING_F_SP_ENQ | RING_F_SC_DEQ);
	snprintf(name, sizeof name, "sluice_dn%u", n_made);
	/* Twice as large: what came up goes down again, and injected frames find room. */
	pmd->down = rte_ring_create_elem(name, sizeof(struct dp_item), DP_MISS_RING * 2,
		pmd->numa_node, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (pmd->up == NULL || pmd->down == NULL) {
		err_set(err, "pmd on core %u: no memory for its rings", pmd->core);
		return -ENOMEM;
	}
	return 0;
}

int
pmd_create(struct datapath *dp, uint16_t core, struct pmd **pmdp, struct err *err)
{
	struct pmd *pmd;
	struct cache_memory *memory;
	int error;

	*pmdp = NULL;
	pmd = aligned_alloc(SLUICE_CACHE_LINE, ROUND_UP(sizeof *pmd, SLUICE_CACHE_LINE));
	if (pmd == NULL)
		return -ENOMEM;
	memset(pmd, 0, sizeof *pmd);
	pmd->dp = dp;
	pmd->core = core;
	pmd->numa_node = numa_available() >= 0 ? MAX(numa_node_of_cpu(core), 0) : 0;
	pmd->sleep_max_us = dp->sleep_max_us;
	pmd->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pmd->ports = xcalloc(DATAPATH_MAX_PORTS, sizeof *pmd->ports);
	pmd->counters = reserve(dp->table.max * sizeof *pmd->counters);
	memory = cache_memory_create(CACHE_MIN_ENTRIES, pmd->numa_node);
	if (memory != NULL)
		(void)cache_take(&pmd->cache, memory);
	pmd->cache_entries = CACHE_MIN_ENTRIES;
	if (pmd->counters == NULL || memory == NULL || pmd->epoll_fd < 0) {
		err_set(err, "pmd on core %u: no memory for its cache", core);
		error = -ENOMEM;
		goto err_destroy;
	}
	error = create_rings(pmd, err);
	if (error != 0)
		goto err_destroy;
	atomic_init(&pmd->polls, xzalloc(sizeof(struct pmd_polls)));
	*pmdp = pmd;
	return 0;

err_destroy:
	pmd_destroy(pmd);
	return error;
}

int
pmd_start(struct pmd *pmd, struct err *err)
{
	int error = pthread_create(&pmd->thread, NULL, pmd_main, pmd);

	if (error != 0) {
		err_set(err, "pmd on core %u: cannot start a thread: %s", pmd->core,
			strerror(error));
		return -error;
	}
	pmd->runs = true;
	return 0;
}

void
pmd_join(struct pmd *pmd)
{
	if (!pmd->runs)
		return;
	atomic_store_explicit(&pmd->stop, true, memory_order_relaxed);
	pthread_join(pmd->thread, NULL);
	pmd->runs = false;
}

void
pmd_destroy(struct pmd *pmd)
{
	if (pmd == NULL)
		return;
	rte_ring_free(pmd->up);
	rte_ring_free(pmd->down);
	cache_memory_destroy(pmd->cache.memory);
	cache_memory_destroy(atomic_load_explicit(&pmd->new_cache, memory_order_relaxed));
	cache_memory_destroy(atomic_load_explicit(&pmd->old_cache, memory_order_relaxed));
	if (pmd->counters != NULL)
		munmap(pmd->counters, pmd->dp->table.max * sizeof *pmd->counters);
	for (uint32_t i = 0; i < DATAPATH_MAX_PORTS; i++)
		free(atomic_load_explicit(&pmd->ports[i], memory_order_relaxed));
	free(pmd->ports);
	free(atomic_load_explicit(&pmd->polls, memory_order_relaxed));
	if (pmd->epoll_fd >= 0)
		close(pmd->epoll_fd);
	free(pmd);
}
