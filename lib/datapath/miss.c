/* SPDX-License-Identifier: Apache-2.0 */
/* miss: a pmd's end of the rings to and from the handler.  Room: datapath.
 *
 * Order within a flow holds: while a packet of a flow is with the handler, later ones with the same key hash go
 * the same way (the pending table), and all come back in turn.  A port may have only DP_MISS_QUOTA of its
 * packets there, so that one port's storm does not starve another's misses. */

#include <rte_ring_elem.h>

#include "datapath/dp_priv.h"

void
pmd_miss(struct pmd *pmd, uint32_t in_port, uint32_t hash, struct rte_mbuf *mbuf)
{
	struct pmd_port *pp = pmd_port_lookup(pmd, in_port);
	struct dp_item item = {
		.mbuf = mbuf, .in_port = in_port, .hash = hash, .kind = DP_ITEM_MISS
	};
	uint32_t waiting;

	if (UNLIKELY(pp == NULL)) {
		pmd_drop(pmd, NULL, DROP_TX_NO_PORT, &mbuf, 1);
		return;
	}
	waiting = atomic_load_explicit(&pp->n_missed, memory_order_relaxed)
		- atomic_load_explicit(&pp->n_judged, memory_order_relaxed);
	if (UNLIKELY(waiting >= DP_MISS_QUOTA)) {
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
	cell_add32(&pp->n_missed, 1);
	pmd->pending[hash % DP_PENDING]++;
	cell_add32(&pmd->n_outstanding, 1);
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
}

static void
run_one(struct pmd *pmd, const struct dp_item *item)
{
	if (item->kind == DP_ITEM_INJECT) {
		cell_add(&pmd->cells.injected, 1);
	} else {
		struct pmd_port *pp = pmd_port_lookup(pmd, item->in_port);

		pmd->pending[item->hash % DP_PENDING]--;
		cell_add32(&pmd->n_outstanding, (uint32_t)-1);
		if (pp != NULL)
			cell_add32(&pp->n_judged, 1);
	}
	pmd_exec(pmd, item->program, item->in_port, (struct rte_mbuf *[]){ item->mbuf }, 1);
	program_unref(item->program);
}

uint32_t
pmd_run_judged(struct pmd *pmd)
{
	struct dp_item items[DP_BATCH];
	uint32_t n;

	n = rte_ring_sc_dequeue_burst_elem(pmd->down, items, sizeof items[0], DP_BATCH, NULL);
	for (uint32_t i = 0; i < n; i++)
		run_one(pmd, &items[i]);
	return n;
}
