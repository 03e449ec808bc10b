/* SPDX-License-Identifier: Apache-2.0 */
/* Work on whole packets: reading across segments, making headers contiguous, cutting, copying. */

#include "packet/packet.h"

#include <errno.h>
#include <netinet/in.h>

#include "packet/checksum.h"

void
packet_read(const struct rte_mbuf *m, uint32_t ofs, uint32_t len, void *dst)
{
	uint8_t *d = dst;

	for (; m != NULL && len > 0; m = m->next) {
		uint32_t n;

		if (ofs >= m->data_len) {
			ofs -= m->data_len;
			continue;
		}
		n = MIN(len, m->data_len - ofs);
		memcpy(d, packet_data(m) + ofs, n);
		d += n;
		len -= n;
		ofs = 0;
	}
}

int
packet_pull_up(struct rte_mbuf *m, uint32_t len)
{
	uint32_t need, room;
	struct rte_mbuf *seg;

	if (LIKELY(len <= m->data_len))
		return 0;
	if (len > m->pkt_len)
		return -EINVAL;
	need = len - m->data_len;
	room = rte_pktmbuf_tailroom(m);
	if (!packet_is_writable(m) || room + m->data_off < need)
		return -ENOBUFS;
	if (room < need) {
		uint16_t move = (uint16_t)(need - room);

		memmove(packet_data(m) - move, packet_data(m), m->data_len);
		m->data_off = (uint16_t)(m->data_off - move);
	}
	while (need > 0) {
		uint16_t n;

		seg = m->next;
		n = (uint16_t)MIN(need, seg->data_len);
		memcpy(packet_data(m) + m->data_len, packet_data(seg), n);
		m->data_len = (uint16_t)(m->data_len + n);
		seg->data_off = (uint16_t)(seg->data_off + n);
		seg->data_len = (uint16_t)(seg->data_len - n);
		need -= n;
		if (seg->data_len == 0) {
			m->next = seg->next;
			m->nb_segs--;
			rte_pktmbuf_free_seg(seg);
		}
	}
	return 0;
}

/* Makes the layout fit a packet of which 'len' bytes are left. */
static void
layout_cut(struct packet_layout *l, uint32_t len)
{
	if (l->l3_end > len)
		l->l3_end = len;
	if (l->l4_ofs != PACKET_OFS_NONE && l->l4_ofs >= len) {
		l->l4_ofs = PACKET_OFS_NONE;
		l->l4_proto = 0;
	}
	if (l->l3_ofs != PACKET_OFS_NONE && l->l3_ofs >= len) {
		l->l3_ofs = PACKET_OFS_NONE;
		l->l3_type = PACKET_L3_NONE;
		l->l3_end = 0;
	}
	if (l->l2_5_ofs != PACKET_OFS_NONE && l->l2_5_ofs >= len)
		l->l2_5_ofs = PACKET_OFS_NONE;
}

void
packet_truncate(struct rte_mbuf *m, uint32_t len)
{
	struct rte_mbuf *seg = m;
	uint32_t left = len;
	uint16_t n_segs = 1;

	if (len >= m->pkt_len)
		return;
	if (packet_csum_is_partial(m) && checksum_complete(m) != 0)
		m->ol_flags &= ~(RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG);
	m->pkt_len = len;
	for (; left > seg->data_len; seg = seg->next) {
		left -= seg->data_len;
		n_segs++;
	}
	seg->data_len = (uint16_t)left;
	if (seg->next != NULL)
		rte_pktmbuf_free(seg->next);
	seg->next = NULL;
	m->nb_segs = n_segs;

	layout_cut(packet_layout(m), len);
}

int
packet_append(struct rte_mbuf *m, const void *data, uint32_t len, struct rte_mempool *pool)
{
	const uint8_t *s = data;
	struct rte_mbuf *last = rte_pktmbuf_lastseg(m);

	while (len > 0) {
		uint16_t n = (uint16_t)MIN(len, rte_pktmbuf_tailroom(last));

		if (n == 0) {
			struct rte_mbuf *seg = rte_pktmbuf_alloc(pool);

			if (seg == NULL)
				return -ENOBUFS;
			/* Only the first segment of a packet needs room in front. */
			seg->data_off = 0;
			if (rte_pktmbuf_tailroom(seg) == 0) {
				rte_pktmbuf_free_seg(seg);
				return -ENOBUFS;
			}
			last->next = seg;
			last = seg;
			m->nb_segs++;
			continue;
		}
		memcpy(packet_data(last) + last->data_len, s, n);
		last->data_len = (uint16_t)(last->data_len + n);
		m->pkt_len += n;
		s += n;
		len -= n;
	}
	return 0;
}

struct rte_mbuf *
packet_copy(const struct rte_mbuf *m, uint32_t max_len)
{
	const uint64_t indirect = RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	bool partial = packet_csum_is_partial(m);
	uint32_t left = partial ? m->pkt_len : MIN(max_len, m->pkt_len);
	struct rte_mbuf *copy = rte_pktmbuf_alloc(m->pool);

	if (copy == NULL)
		return NULL;
	for (const struct rte_mbuf *seg = m; seg != NULL && left > 0; seg = seg->next) {
		uint32_t n = MIN(left, seg->data_len);

		if (packet_append(copy, packet_data(seg), n, m->pool) != 0) {
			rte_pktmbuf_free(copy);
			return NULL;
		}
		left -= n;
	}
	copy->ol_flags = (copy->ol_flags & indirect) | (m->ol_flags & ~indirect);
	copy->port = m->port;
	copy->packet_type = m->packet_type;
	copy->vlan_tci = m->vlan_tci;
	copy->vlan_tci_outer = m->vlan_tci_outer;
	copy->hash = m->hash;
	copy->tx_offload = m->tx_offload;
	/* The private area is behind the mbuf itself, so a const packet has one too. */
	memcpy(packet_priv(copy), m + 1, sizeof(struct packet_priv));
	if (partial)
		packet_truncate(copy, max_len);
	else
		layout_cut(packet_layout(copy), copy->pkt_len);
	return copy;
}

bool
packet_set_tx_lens(struct rte_mbuf *m)
{
	const struct packet_layout *l = packet_layout(m);
	uint64_t flags;
	uint8_t doff = 0;

	if (l->l3_ofs == PACKET_OFS_NONE || l->l4_ofs == PACKET_OFS_NONE || l->l4_proto == 0)
		return false;
	switch (l->l3_type) {
	case PACKET_L3_IPV4: flags = RTE_MBUF_F_TX_IPV4; break;
	case PACKET_L3_IPV6: flags = RTE_MBUF_F_TX_IPV6; break;
	default: return false;
	}
	switch (l->l4_proto) {
	case IPPROTO_TCP:
		packet_read(m, l->l4_ofs + 12u, 1, &doff);
		m->l4_len = (doff >> 4) * 4u;
		break;
	case IPPROTO_UDP: m->l4_len = 8; break;
	case IPPROTO_SCTP: m->l4_len = 12; break;
	default: return false;
	}
	m->l2_len = (uint64_t)l->l3_ofs & 0x7f;
	m->l3_len = (uint64_t)(l->l4_ofs - l->l3_ofs) & 0x1ff;
	if (m->l2_len != l->l3_ofs || m->l3_len != (uint64_t)(l->l4_ofs - l->l3_ofs))
		return false;
	if (packet_is_gso(m) && l->l3_type == PACKET_L3_IPV4)
		flags |= RTE_MBUF_F_TX_IP_CKSUM;
	m->ol_flags |= flags;
	return true;
}
