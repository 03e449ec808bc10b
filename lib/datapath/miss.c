/* SPDX-License-Identifier: Apache-2.0 */
/* miss: a pmd's end of the rings to and from the handler.  Room: datapath.
 *
 * Order within a flow holds: while a packet of a flow is with the handler, later ones with the same key hash wait
 * here (the pending table says so), and when it has come back and run, they are looked up in turn.  A port may
 * have only so many packets with the handler and waiting, so that one port's storm does not starve another's
 * misses. */

#include <rte_ring_elem.h>

#include "datapath/dp_priv.h"

void
pmd_miss(struct pmd *pmd, uint32_t in_port, uint32_t hash, struct rte_mbuf *mbuf)
{
	struct pmd_port *pp = pmd_port_lookup(pmd, in_port);
	struct dp_item item = {
		.mbuf = mbuf, .in_port = in_port, .hash = hash, .kind = DP_ITEM_MISS
	};

	if (UNLIKELY(pmd->port_misses[in_port] >= DP_MISS_QUOTA)) {
		cell_add(&pmd->cells.lost, 1);
		pmd_drop(pmd, pp, DROP_MISS_QUOTA, &mbuf, 1);
		return;
	}
	if (UNLIKELY(rte_ring_sp_enqueue_elem(pmd->up, &item, sizeof item) != 0)) {
		cell_add(&pmd->cells.lost, 1);
		pmd_drop(pmd, pp, DROP_MISS_RING_FULL, &mbuf, 1);
		return;
	}
	cell_add(&pmd->cells.misses, 1);
	pmd->port_misses[in_port]++;
	pmd->pending[hash % DP_PENDING] = true;
	cell_add32(&pmd->n_outstanding, 1);
	handler_wake(pmd->dp);
}

void
pmd_wait(struct pmd *pmd, uint32_t in_port, uint32_t hash, struct rte_mbuf *mbuf)
{
	struct pmd_port *pp = pmd_port_lookup(pmd, in_port);
	uint32_t n = atomic_load_explicit(&pmd->n_wait, memory_order_relaxed);

	if (UNLIKELY(n == DP_WAIT || pmd->port_waits[in_port] == DP_WAIT_QUOTA)) {
		cell_add(&pmd->cells.lost, 1);
		pmd_drop(pmd, pp, n == DP_WAIT ? DROP_MISS_RING_FULL : DROP_MISS_QUOTA, &mbuf, 1);
		return;
	}
	pmd->port_waits[in_port]++;
	pmd->wait[n] = (struct pmd_wait){ mbuf, in_port, hash };
	cell_add32(&pmd->n_wait, 1);
}

void
pmd_punt(struct pmd *pmd, const struct program *program, const struct op_punt *op, uint32_t in_port,
	struct rte_mbuf *copy)
{
	struct dp_item item = { .mbuf = copy,
		.program = (struct program *)(uintptr_t)program,
		.in_port = in_port,
		.hash = (uint32_t)((const uint8_t *)op - (const uint8_t *)program->data),
		.kind = DP_ITEM_PUNT };

	program_ref(item.program);
	if (UNLIKELY(rte_ring_sp_enqueue_elem(pmd->up, &item, sizeof item) != 0)) {
		program_unref(item.program);
		pmd_drop(pmd, pmd_port_lookup(pmd, in_port), DROP_PUNT_QUEUE_FULL, &copy, 1);
		return;
	}
	cell_add(&pmd->cells.punted, 1);
	handler_wake(pmd->dp);
}

static void
run_one(struct pmd *pmd, const struct dp_item *item)
{
	if (item->kind == DP_ITEM_INJECT) {
		cell_add(&pmd->cells.injected, 1);
	} else {
		pmd->pending[item->hash % DP_PENDING] = false;
		cell_add32(&pmd->n_outstanding, (uint32_t)-1);
		pmd->port_misses[item->in_port]--;
	}
	pmd_exec(pmd, item->program, item->in_port, (struct rte_mbuf *[]){ item->mbuf }, 1);
	program_unref(item->program);
}

/* Looks up the packets whose flow has nothing with the handler any more, in order.  One that misses again makes those
 * behind it wait again. */
static void
release(struct pmd *pmd)
{
	uint32_t n_old = atomic_load_explicit(&pmd->n_wait, memory_order_relaxed), n = 0;
	struct rte_mbuf *pkts[DP_BATCH];
	uint32_t in_port = 0;

	atomic_store_explicit(&pmd->n_wait, 0, memory_order_relaxed);
	for (uint32_t i = 0; i < n_old; i++) {
		struct pmd_wait w = pmd->wait[i];

		/* What is put back takes a place at or before the one just read. */
		if (n > 0 && (n == DP_BATCH || w.in_port != in_port)) {
			pmd_resume(pmd, in_port, pkts, n);
			n = 0;
		}
		pmd->port_waits[w.in_port]--;
		if (pmd->pending[w.hash % DP_PENDING]) {
			pmd_wait(pmd, w.in_port, w.hash, w.mbuf);
			continue;
		}
		in_port = w.in_port;
		pkts[n++] = w.mbuf;
	}
	if (n > 0)
		pmd_resume(pmd, in_port, pkts, n);
}

void
pmd_give_up_waiting(struct pmd *pmd)
{
	uint32_t n = atomic_load_explicit(&pmd->n_wait, memory_order_relaxed);

	for (uint32_t i = 0; i < n; i++) {
		struct pmd_wait *w = &pmd->wait[i];

		pmd->port_waits[w->in_port]--;
		pmd_drop(pmd, pmd_port_lookup(pmd, w->in_port), DROP_SHUTDOWN, &w->mbuf, 1);
	}
	atomic_store_explicit(&pmd->n_wait, 0, memory_order_relaxed);
}

uint32_t
pmd_run_judged(struct pmd *pmd)
{
	struct dp_item items[DP_BATCH];
	uint32_t n;

	n = rte_ring_sc_dequeue_burst_elem(pmd->down, items, sizeof items[0], DP_BATCH, NULL);
	for (uint32_t i = 0; i < n; i++)
		run_one(pmd, &items[i]);
	if (n > 0 && atomic_load_explicit(&pmd->n_wait, memory_order_relaxed) > 0)
		release(pmd);
	return n;
}
