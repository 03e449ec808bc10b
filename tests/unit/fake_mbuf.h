/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_FAKE_MBUF_H
#define UNIT_FAKE_MBUF_H

/* fake_mbuf: mbufs and pools out of malloc(), for tests without EAL.
 *
 * A fake pool is a 'struct rte_mempool' with operations of its own, registered at run time: every mbuf is one
 * malloc() of exactly its size, so that AddressSanitizer sees an access outside it.  The pool counts what
 * is out; 'limit' makes it run dry. */

#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "packet/packet.h"

struct fake_pool {
	struct rte_mempool mp;
	struct rte_pktmbuf_pool_private priv; /* Where librte_mbuf looks for it: behind the pool. */
	unsigned int n_out;
	unsigned int limit;
};

static inline int
fake_pool_enqueue(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	struct fake_pool *p = (struct fake_pool *)mp;

	for (unsigned int i = 0; i < n; i++)
		free(objs[i]);
	p->n_out -= n;
	return 0;
}

static inline int
fake_pool_dequeue(struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct fake_pool *p = (struct fake_pool *)mp;

	if (p->n_out + n > p->limit)
		return -ENOBUFS;
	for (unsigned int i = 0; i < n; i++) {
		size_t size =
			sizeof(struct rte_mbuf) + PACKET_PRIV_SIZE + p->priv.mbuf_data_room_size;
		struct rte_mbuf *m = aligned_alloc(64, (size + 63) / 64 * 64);

		memset(m, 0, sizeof *m + PACKET_PRIV_SIZE);
		memset((uint8_t *)(m + 1) + PACKET_PRIV_SIZE, 0xa5, p->priv.mbuf_data_room_size);
		m->priv_size = PACKET_PRIV_SIZE;
		m->buf_addr = (uint8_t *)(m + 1) + PACKET_PRIV_SIZE;
		m->buf_iova = (rte_iova_t)(uintptr_t)m->buf_addr;
		m->buf_len = p->priv.mbuf_data_room_size;
		m->pool = mp;
		m->nb_segs = 1;
		rte_mbuf_refcnt_set(m, 1);
		objs[i] = m;
	}
	p->n_out += n;
	return 0;
}

static inline int
fake_pool_alloc(struct rte_mempool *mp)
{
	(void)mp;
	return 0;
}

static inline void
fake_pool_free(struct rte_mempool *mp)
{
	(void)mp;
}

static inline unsigned int
fake_pool_count(const struct rte_mempool *mp)
{
	(void)mp;
	return 0;
}

/* 'data_room' includes the headroom and is a multiple of 64. */
static inline struct fake_pool *
fake_pool_create(uint16_t data_room)
{
	static const struct rte_mempool_ops ops = { .name = "fake",
		.alloc = fake_pool_alloc,
		.free = fake_pool_free,
		.enqueue = fake_pool_enqueue,
		.dequeue = fake_pool_dequeue,
		.get_count = fake_pool_count };
	static int ops_index = -1;
	struct fake_pool *p = aligned_alloc(64, (sizeof *p + 63) / 64 * 64);

	if (ops_index < 0)
		ops_index = rte_mempool_register_ops(&ops);
	memset(p, 0, sizeof *p);
	p->mp.ops_index = ops_index;
	p->mp.private_data_size = sizeof p->priv;
	p->priv.mbuf_data_room_size = data_room;
	p->priv.mbuf_priv_size = PACKET_PRIV_SIZE;
	p->limit = UINT32_MAX;
	return p;
}

/* A packet of 'len' bytes, cut into segments of 'seg_len' bytes (0: one segment, which must fit). */
static inline struct rte_mbuf *
fake_packet(struct fake_pool *p, const void *data, uint32_t len, uint32_t seg_len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(&p->mp), *last = m;
	const uint8_t *s = data;

	packet_layout_clear(packet_layout(m));
	m->pkt_len = len;
	for (;;) {
		uint32_t n = seg_len != 0 && seg_len < len ? seg_len : len;

		memcpy(packet_data(last), s, n);
		last->data_len = (uint16_t)n;
		s += n;
		len -= n;
		if (len == 0)
			return m;
		last->next = rte_pktmbuf_alloc(&p->mp);
		last = last->next;
		m->nb_segs++;
	}
}

#endif /* UNIT_FAKE_MBUF_H */
