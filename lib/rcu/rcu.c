/* SPDX-License-Identifier: Apache-2.0 */
/* rcu: grace periods by rte_rcu_qsbr, and the queue of what waits for one.  Room: rcu.
 *
 * Retired objects stand in order of their tokens, so that reclaiming looks at the front only. */

#include "rcu/rcu.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_rcu_qsbr.h>

#include "base/alloc.h"
#include "base/fatal.h"

struct retired {
	struct retired *next;
	void *p;
	void (*free_fn)(void *);
	uint64_t token;
};

static struct rte_rcu_qsbr *qsbr;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool ids[RCU_MAX_THREADS]; /* Under 'lock', as all below. */
static struct retired *first, **last = &first;
static uint64_t n_retired;

static _Thread_local int thread_id = -1;
static _Thread_local bool thread_online;

void
rcu_init(void)
{
	size_t size;

	if (qsbr != NULL)
		return;
	size = rte_rcu_qsbr_get_memsize(RCU_MAX_THREADS);
	qsbr = aligned_alloc(RTE_CACHE_LINE_SIZE, ROUND_UP(size, (size_t)RTE_CACHE_LINE_SIZE));
	BUG_ON(qsbr == NULL || rte_rcu_qsbr_init(qsbr, RCU_MAX_THREADS) != 0);
}

void
rcu_uninit(void)
{
	rcu_barrier();
	if (thread_id >= 0)
		rcu_thread_unregister();
	free(qsbr);
	qsbr = NULL;
}

void
rcu_thread_register(const char *name UNUSED)
{
	int id = 0;

	BUG_ON(thread_id >= 0);
	pthread_mutex_lock(&lock);
	while (id < RCU_MAX_THREADS && ids[id])
		id++;
	BUG_ON(id == RCU_MAX_THREADS);
	ids[id] = true;
	pthread_mutex_unlock(&lock);
	thread_id = id;
	(void)rte_rcu_qsbr_thread_register(qsbr, (unsigned int)id);
	rcu_online();
}

void
rcu_thread_unregister(void)
{
	rcu_offline();
	(void)rte_rcu_qsbr_thread_unregister(qsbr, (unsigned int)thread_id);
	pthread_mutex_lock(&lock);
	ids[thread_id] = false;
	pthread_mutex_unlock(&lock);
	thread_id = -1;
}

void
rcu_quiesce(void)
{
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
	if (!thread_online)
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
	pthread_mutex_lock(&lock);
	/* Taken under the lock, so that the queue is in order of tokens. */
	r->token = rte_rcu_qsbr_start(qsbr);
	*last = r;
	last = &r->next;
	n_retired++;
	pthread_mutex_unlock(&lock);
}

/* Takes the objects at the front whose grace period is over. */
static struct retired *
take_passed(void)
{
	struct retired *taken, **end;

	pthread_mutex_lock(&lock);
	taken = first;
	end = &first;
	while (*end != NULL && rte_rcu_qsbr_check(qsbr, (*end)->token, false) == 1) {
		end = &(*end)->next;
		n_retired--;
	}
	if (end == &first) {
		taken = NULL;
	} else {
		first = *end;
		*end = NULL;
		if (first == NULL)
			last = &first;
	}
	pthread_mutex_unlock(&lock);
	return taken;
}

unsigned int
rcu_reclaim(void)
{
	struct retired *r = take_passed(), *next;
	unsigned int n = 0;

	for (; r != NULL; r = next) {
		next = r->next;
		r->free_fn(r->p);
		free(r);
		n++;
	}
	return n;
}

void
rcu_synchronize(void)
{
	uint64_t token = rte_rcu_qsbr_start(qsbr);

	if (thread_id >= 0 && thread_online)
		rcu_quiesce();
	while (rte_rcu_qsbr_check(qsbr, token, false) != 1)
		sched_yield();
}

void
rcu_barrier(void)
{
	while (rcu_n_retired() > 0) {
		rcu_synchronize();
		(void)rcu_reclaim();
	}
}

uint64_t
rcu_n_retired(void)
{
	uint64_t n;

	pthread_mutex_lock(&lock);
	n = n_retired;
	pthread_mutex_unlock(&lock);
	return n;
}
