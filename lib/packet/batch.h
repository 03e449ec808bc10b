/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_BATCH_H
#define PACKET_BATCH_H

/* batch: up to PACKET_BATCH_MAX packets that go the same way together.
 *
 * Model    an array with a count.  A stage walks it with BATCH_FOREACH; a stage that drops some compacts it.
 * Owner    the packets belong to whoever holds the batch; a function that takes a batch consumes it.
 * Threads  none. */

#include "packet/packet.h"

#define PACKET_BATCH_MAX 32

struct packet_batch {
	uint32_t n;
	struct rte_mbuf *pkts[PACKET_BATCH_MAX];
};

/* Walks the packets of 'BATCH' with 'PKT' and the index 'I'. */
#define BATCH_FOREACH(PKT, I, BATCH) \
	for (uint32_t I = 0; I < (BATCH)->n && ((PKT) = (BATCH)->pkts[I], true); I++)

static inline void
batch_init(struct packet_batch *b)
{
	b->n = 0;
}

static inline bool
batch_is_full(const struct packet_batch *b)
{
	return b->n == PACKET_BATCH_MAX;
}

/* The batch must not be full. */
static inline void
batch_add(struct packet_batch *b, struct rte_mbuf *m)
{
	b->pkts[b->n++] = m;
}

/* Frees all packets. */
static inline void
batch_free(struct packet_batch *b)
{
	rte_pktmbuf_free_bulk(b->pkts, b->n);
	b->n = 0;
}

#endif /* PACKET_BATCH_H */
