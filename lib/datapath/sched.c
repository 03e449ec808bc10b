/* SPDX-License-Identifier: Apache-2.0 */
/* sched: which pmd polls which queue.  Room: datapath.
 *
 * A queue stays where it is while its pmd lives; one without a pmd goes to the least loaded pmd of its device's NUMA
 * node, or of any node if that has none.  Load is the cycles that queues cost lately.  A pmd never starts on a
 * queue before the one that had it has let go. */

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/alloc.h"
#define LOG_THIS LOG_sched
#include "base/log.h"
#include "datapath/dp_priv.h"
#include "rcu/rcu.h"

/* What a queue that was never measured is taken to cost. */
#define UNKNOWN_CYCLES 1000

static struct pmd *
find_pmd(const struct datapath *dp, uint16_t core)
{
	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		if (dp->pmds[i]->core == core)
			return dp->pmds[i];
	}
	return NULL;
}

#define RXQ_FOREACH(Q, DP)                                               \
	for (uint32_t port__ = 0; port__ < DATAPATH_MAX_PORTS; port__++) \
		for (struct pmd_rxq *Q = (DP)->rxqs[port__];             \
			Q != NULL && Q < (DP)->rxqs[port__] + (DP)->n_rxqs[port__]; Q++)

static uint64_t
cost(struct pmd_rxq *q)
{
	uint64_t cycles = cell_get(&q->cycles);

	q->load_cycles = q->load_cycles / 2 + (cycles - q->last_cycles);
	q->last_cycles = cycles;
	return q->load_cycles + UNKNOWN_CYCLES;
}

/* The least loaded pmd of 'node', or of any if 'node' is negative or has none. */
static struct pmd *
choose(const struct datapath *dp, const uint64_t *loads, int node)
{
	struct pmd *best = NULL, *best_local = NULL;

	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		struct pmd *pmd = dp->pmds[i];

		if (best == NULL || loads[pmd->core] < loads[best->core])
			best = pmd;
		if (pmd->numa_node == node
			&& (best_local == NULL || loads[pmd->core] < loads[best_local->core]))
			best_local = pmd;
	}
	if (best_local == NULL && node >= 0 && best != NULL)
		LOG_INFO_RL("no pmd runs on NUMA node %d; its queues are polled from node %d", node,
			best->numa_node);
	return best_local != NULL ? best_local : best;
}

static int
by_cost(const void *a_, const void *b_)
{
	const struct pmd_rxq *const *a = a_, *const *b = b_;

	return ((*a)->load_cycles < (*b)->load_cycles) - ((*a)->load_cycles > (*b)->load_cycles);
}

/* Gives every queue a core. */
static void
assign(struct datapath *dp)
{
	uint64_t *loads = xcalloc(UINT16_MAX + 1, sizeof *loads);
	struct pmd_rxq **homeless = NULL;
	size_t n = 0, alloc = 0;

	RXQ_FOREACH(q, dp)
	{
		uint64_t c = cost(q);

		if (q->placed && find_pmd(dp, q->core) != NULL) {
			loads[q->core] += c;
			continue;
		}
		q->placed = false;
		if (n == alloc)
			homeless = vec_grow(homeless, &alloc, sizeof(struct pmd_rxq *));
		homeless[n++] = q;
	}
	if (n > 1)
		qsort(homeless, n, sizeof(struct pmd_rxq *), by_cost);
	for (size_t i = 0; i < n; i++) {
		struct pmd_rxq *q = homeless[i];
		struct pmd *pmd = choose(dp, loads, q->rxq->port->numa_node);

		if (pmd == NULL)
			break;
		q->core = pmd->core;
		q->placed = true;
		loads[pmd->core] += q->load_cycles + UNKNOWN_CYCLES;
	}
	free(homeless);
	free(loads);
}

static bool
is_polled_by(const struct pmd *pmd, const struct pmd_rxq *q)
{
	const struct pmd_polls *polls = atomic_load_explicit(&pmd->polls, memory_order_relaxed);

	for (uint32_t i = 0; i < polls->n + polls->n_watched; i++) {
		if (polls->rxqs[i] == q)
			return true;
	}
	return false;
}

/* Publishes for 'pmd' the queues placed on it; those of 'except' are left out. */
static void
publish(struct datapath *dp, struct pmd *pmd, const struct port *except)
{
	struct pmd_polls *polls, *old;
	uint32_t n = 0, n_watched = 0;

	RXQ_FOREACH(q, dp)
	{
		if (q->placed && q->core == pmd->core && q->rxq->port != except) {
			n += q->rxq->fd < 0;
			n_watched += q->rxq->fd >= 0;
		}
	}
	polls = xzalloc(sizeof *polls + (n + n_watched) * sizeof polls->rxqs[0]);
	RXQ_FOREACH(q, dp)
	{
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = q };

		if (!q->placed || q->core != pmd->core || q->rxq->port == except)
			continue;
		if (q->rxq->fd < 0) {
			polls->rxqs[polls->n++] = q;
			continue;
		}
		polls->rxqs[n + polls->n_watched++] = q;
		if (!q->watched)
			q->watched =
				epoll_ctl(pmd->epoll_fd, EPOLL_CTL_ADD, q->rxq->fd, &event) == 0;
	}
	old = atomic_load_explicit(&pmd->polls, memory_order_relaxed);
	/* Pairs with the acquire in pmd_loop(). */
	atomic_store_explicit(&pmd->polls, polls, memory_order_release);
	rcu_retire(old, free);
}

void
sched_place(struct datapath *dp)
{
	assign(dp);
	for (uint32_t i = 0; i < dp->n_pmds; i++)
		publish(dp, dp->pmds[i], NULL);
}

void
sched_remove_port(struct datapath *dp, const struct port *port)
{
	struct pmd_rxq *qs = dp->rxqs[port->dp_port];

	for (uint32_t i = 0; i < dp->n_rxqs[port->dp_port]; i++) {
		struct pmd *pmd = qs[i].placed ? find_pmd(dp, qs[i].core) : NULL;

		if (pmd == NULL)
			continue;
		if (qs[i].watched)
			(void)epoll_ctl(pmd->epoll_fd, EPOLL_CTL_DEL, qs[i].rxq->fd, NULL);
		qs[i].watched = false;
		/* Once for all of the port's queues there. */
		if (is_polled_by(pmd, &qs[i]))
			publish(dp, pmd, port);
	}
}
