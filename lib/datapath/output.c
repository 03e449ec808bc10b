/* SPDX-License-Identifier: Apache-2.0 */
/* output: from programs to wires.  Room: datapath.
 *
 * Packets for a port gather in the pmd's own buffer for it and leave when it is full or at the end of the batch,
 * so that a port sees bursts whatever the mix of flows is. */

#include <rte_mbuf.h>
#include <rte_pause.h>

#include "datapath/dp_priv.h"
#include "packet/packet.h"

#define ETH_HEADER_LEN 14
#define VLAN_TAG_LEN 4

void
pmd_drop(struct pmd *pmd, struct pmd_port *pp, uint32_t reason, struct rte_mbuf **pkts, uint32_t n)
{
	if (n == 0)
		return;
	cell_add(&pmd->drops.n[reason], n);
	cell_add(&pmd->cells.dropped, n);
	if (pp != NULL)
		cell_add(&pp->drops.n[reason], n);
	rte_pktmbuf_free_bulk(pkts, n);
}

static void
tx_lock(struct port_txq *txq)
{
	/* Acquire pairs with the release in tx_unlock(). */
	while (atomic_flag_test_and_set_explicit(&txq->lock, memory_order_acquire))
		rte_pause();
}

static void
tx_unlock(struct port_txq *txq)
{
	atomic_flag_clear_explicit(&txq->lock, memory_order_release);
}

static inline bool
is_oversized(struct rte_mbuf *m, uint32_t mtu)
{
	if (LIKELY(m->pkt_len <= mtu + ETH_HEADER_LEN))
		return false;
	/* Tags come on top. */
	return m->pkt_len > mtu + ETH_HEADER_LEN + packet_layout(m)->n_vlans * VLAN_TAG_LEN;
}

/* Drops what is too long for the port.  Returns: how many are left, moved together. */
static uint32_t
drop_oversized(struct pmd *pmd, struct pmd_port *pp, struct rte_mbuf **pkts, uint32_t n)
{
	uint32_t mtu = pp->port->mtu, kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (LIKELY(!is_oversized(pkts[i], mtu)))
			pkts[kept++] = pkts[i];
		else
			pmd_drop(pmd, pp, DROP_MTU_EXCEEDED, &pkts[i], 1);
	}
	return kept;
}

static void
flush_port(struct pmd *pmd, struct pmd_port *pp)
{
	struct port_txq *txq = pp->txq;
	uint32_t n = pp->n, sent;
	bool shared, down;

	pp->n = 0;
	if (UNLIKELY(txq == NULL
		    || !atomic_load_explicit(&pp->port->can_send, memory_order_acquire))) {
		pmd_drop(pmd, pp, DROP_TX_PORT_DOWN, pp->out, n);
		return;
	}
	n = drop_oversized(pmd, pp, pp->out, n);
	/* Read once: main may change it meanwhile, and what was locked must be unlocked. */
	shared = atomic_load_explicit(&txq->shared, memory_order_relaxed);
	if (shared)
		tx_lock(txq);
	sent = txq->burst(txq, pp->out, (uint16_t)n);
	down = sent < n && txq->found_down;
	if (shared)
		tx_unlock(txq);
	cell_add(&pmd->cells.tx, sent);
	cell_add(&pmd->cells.tx_batches, 1);
	pmd_drop(pmd, pp, down ? DROP_TX_PORT_DOWN : DROP_TX_RING_FULL, &pp->out[sent], n - sent);
}

void
pmd_output(struct pmd *pmd, uint32_t in_port, uint32_t out_port, struct rte_mbuf **pkts, uint32_t n)
{
	struct pmd_port *pp = pmd_port_lookup(pmd, out_port);

	if (UNLIKELY(pp == NULL)) {
		pmd_drop(pmd, pmd_port_lookup(pmd, in_port), DROP_TX_NO_PORT, pkts, n);
		return;
	}
	if (!pp->listed) {
		pp->listed = true;
		pmd->dirty[pmd->n_dirty++] = pp;
	}
	while (n > 0) {
		uint32_t k = MIN(n, (uint32_t)DP_BATCH - pp->n);

		for (uint32_t i = 0; i < k; i++)
			pp->out[pp->n + i] = pkts[i];
		pp->n = (uint16_t)(pp->n + k);
		pkts += k;
		n -= k;
		if (pp->n == DP_BATCH)
			flush_port(pmd, pp);
	}
}

void
pmd_flush(struct pmd *pmd)
{
	for (uint32_t i = 0; i < pmd->n_dirty; i++) {
		struct pmd_port *pp = pmd->dirty[i];

		pp->listed = false;
		if (pp->n > 0)
			flush_port(pmd, pp);
	}
	pmd->n_dirty = 0;
}
