/* SPDX-License-Identifier: Apache-2.0 */
/* rcu: grace periods by rte_rcu_qsbr, and the queue of what waits for one.  Retired objects stand in the order
 * of their tokens, so that reclaiming looks at the front only.  One thread reclaims at a time, without holding
 * the lock while callbacks run: that keeps the order, and lets rcu_barrier() count. */

#include "rcu/rcu.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include <rte_rcu_qsbr.h>

#include "base/alloc.h"
#include "base/count.h"
#include "base/fatal.h"
#define LOG_THIS LOG_rcu
#include "base/log.h"
#include "base/mutex.h"

struct retired {
	struct retired *next;
	void *p;
	void (*free_fn)(void *);
	uint64_t token; /* Of rte_rcu_qsbr_start(). */
};

static struct rte_rcu_qsbr *qsbr; /* Main, while there is one thread. */

static struct mutex lock = MUTEX_INITIALIZER;
static bool ids[RCU_MAX_THREADS] GUARDED_BY(lock);
static struct retired *first GUARDED_BY(lock), **last GUARDED_BY(lock) = &first;

static _Atomic uint64_t n_retired; /* Ever; written under 'lock'. */
static _Atomic uint64_t n_freed; /* Ever; written by the one who reclaims. */
static atomic_flag reclaiming = ATOMIC_FLAG_INIT;

static _Thread_local int thread_id = -1;
static _Thread_local bool thread_online;
static _Thread_local bool thread_reclaims; /* A callback is running. */

void
rcu_init(void)
{
	if (qsbr != NULL)
		return;
	qsbr = xalloc_aligned(RTE_CACHE_LINE_SIZE, rte_rcu_qsbr_get_memsize(RCU_MAX_THREADS));
	BUG_ON(rte_rcu_qsbr_init(qsbr, RCU_MAX_THREADS) != 0);
}

void
rcu_uninit(void)
{
	if (qsbr == NULL)
		return;
	if (thread_id >= 0)
		rcu_thread_unregister();
	/* Callbacks may retire more. */
	while (rcu_n_retired() > 0)
		rcu_barrier();
	free(qsbr);
	qsbr = NULL;
}

void
rcu_thread_register(const char *name)
{
	int id = 0;

	BUG_ON(thread_id >= 0 || qsbr == NULL);
	mutex_lock(&lock);
	while (id < RCU_MAX_THREADS && ids[id])
		id++;
	BUG_ON(id == RCU_MAX_THREADS);
	ids[id] = true;
	mutex_unlock(&lock);
	thread_id = id;
	BUG_ON(rte_rcu_qsbr_thread_register(qsbr, (unsigned int)id) != 0);
	rcu_online();
	LOG_DBG("thread %s is reader %d", name, id);
}

void
rcu_thread_unregister(void)
{
	BUG_ON(thread_id < 0);
	rcu_offline();
	BUG_ON(rte_rcu_qsbr_thread_unregister(qsbr, (unsigned int)thread_id) != 0);
	mutex_lock(&lock);
	ids[thread_id] = false;
	mutex_unlock(&lock);
	thread_id = -1;
}

void
rcu_quiesce(void)
{
	/* An offline thread that reports would count as online again. */
	if (thread_online)
		rte_rcu_qsbr_quiescent(qsbr, (unsigned int)thread_id);
}

void
rcu_offline(void)
{
	if (thread_online)
		rte_rcu_qsbr_thread_offline(qsbr, (unsigned int)thread_id);
	thread_online = false;
}

void
rcu_online(void)
{
	if (thread_online || thread_id < 0)
		return;
	rte_rcu_qsbr_thread_online(qsbr, (unsigned int)thread_id);
	thread_online = true;
}

void
rcu_retire(void *p, void (*free_fn)(void *))
{
	struct retired *r;

	if (p == NULL)
		return;
	r = xmalloc(sizeof *r);
	r->next = NULL;
	r->p = p;
	r->free_fn = free_fn;
	mutex_lock(&lock);
	/* Taken under the lock, so that the queue is in order of tokens. */
	r->token = rte_rcu_qsbr_start(qsbr);
	*last = r;
	last = &r->next;
	atomic_fetch_add_explicit(&n_retired, 1, memory_order_relaxed);
	mutex_unlock(&lock);
	count_event(COUNT_rcu_retired);
}

/* To be called when a grace period is over.  rte_rcu_qsbr_check() may know that from another thread's check, which it asks
 * in relaxed order: here everything that readers did before they reported comes before what the caller does next.  The
 * counters are plain integers that DPDK handles atomically, hence the cast. */
static void
acquire_readers(void)
{
	for (unsigned int i = 0; i < RCU_MAX_THREADS; i++)
		(void)atomic_load_explicit(
			(const _Atomic uint64_t *)&qsbr->qsbr_cnt[i].cnt, memory_order_acquire);
}

/* Takes the objects at the front whose grace period is over. */
static struct retired *
take_passed(void)
{
	struct retired *taken, **end;

	mutex_lock(&lock);
	taken = first;
	end = &first;
	while (*end != NULL && rte_rcu_qsbr_check(qsbr, (*end)->token, false) == 1)
		end = &(*end)->next;
	if (end == &first) {
		taken = NULL;
	} else {
		first = *end;
		*end = NULL;
		if (first == NULL)
			last = &first;
		acquire_readers();
	}
	mutex_unlock(&lock);
	return taken;
}

unsigned int
rcu_reclaim(void)
{
	struct retired *r, *next;
	unsigned int n = 0;

	/* The acquire pairs with the clear of the thread that reclaimed last. */
	if (atomic_flag_test_and_set_explicit(&reclaiming, memory_order_acquire))
		return 0;
	thread_reclaims = true;
	for (r = take_passed(); r != NULL; r = next) {
		next = r->next;
		r->free_fn(r->p);
		free(r);
		/* Pairs with the acquire in rcu_barrier(). */
		atomic_fetch_add_explicit(&n_freed, 1, memory_order_release);
		count_event(COUNT_rcu_reclaimed);
		n++;
	}
	thread_reclaims = false;
	atomic_flag_clear_explicit(&reclaiming, memory_order_release);
	return n;
}

void
rcu_synchronize(void)
{
	bool was_online = thread_online;
	uint64_t token;

	BUG_ON(thread_reclaims);
	rcu_offline();
	token = rte_rcu_qsbr_start(qsbr);
	while (rte_rcu_qsbr_check(qsbr, token, false) != 1)
		sched_yield();
	acquire_readers();
	if (was_online)
		rcu_online();
}

void
rcu_barrier(void)
{
	uint64_t target = atomic_load_explicit(&n_retired, memory_order_relaxed);

	/* Pairs with the release in rcu_reclaim(). */
	while (atomic_load_explicit(&n_freed, memory_order_acquire) < target) {
		rcu_synchronize();
		if (rcu_reclaim() == 0)
			sched_yield();
	}
}

uint64_t
rcu_n_retired(void)
{
	uint64_t freed = atomic_load_explicit(&n_freed, memory_order_acquire);

	/* In this order, so that the difference is never negative. */
	return atomic_load_explicit(&n_retired, memory_order_relaxed) - freed;
}
