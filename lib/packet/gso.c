/* SPDX-License-Identifier: Apache-2.0 */
/* TCP segmentation in software, by copying: the ports that need it (kernel devices, vdevs without offloads)
 * copy anyway, and a copy needs no second pool and no shared buffers. */

#include "packet/gso.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "packet/checksum.h"

#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_CWR 0x80

#define HDR_MAX 512 /* More than extraction looks at, with a full TCP header. */

static const struct packet_layout *
layout_of(const struct rte_mbuf *m)
{
	return &((const struct packet_priv *)(const void *)(m + 1))->layout;
}

/* Length of all headers, 0 if they are not sound. */
static uint32_t
headers_len(const struct rte_mbuf *m)
{
	const struct packet_layout *l = layout_of(m);
	uint32_t len;
	uint8_t doff = 0;

	if (!packet_is_gso(m) || m->tso_segsz == 0 || l->l4_proto != IPPROTO_TCP
		|| (l->flags & PACKET_L_FRAG) != 0 || l->l3_end > m->pkt_len
		|| l->l3_end < l->l4_ofs + 20u)
		return 0;
	packet_read(m, l->l4_ofs + 12u, 1, &doff);
	len = l->l4_ofs + (doff >> 4) * 4u;
	return doff >> 4 < 5 || len > l->l3_end || len > HDR_MAX ? 0 : len;
}

uint32_t
packet_gso_count(const struct rte_mbuf *m)
{
	uint32_t hdr = headers_len(m), payload, n;

	if (hdr == 0)
		return 0;
	payload = layout_of(m)->l3_end - hdr;
	n = payload == 0 ? 1 : DIV_ROUND_UP(payload, (uint32_t)m->tso_segsz);
	return n <= PACKET_GSO_MAX_SEGS ? n : 0;
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t
get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

int
packet_gso_fill(const struct rte_mbuf *m, uint32_t i, uint32_t n, struct rte_mbuf *seg)
{
	const struct packet_layout *l = layout_of(m);
	uint32_t hdr = headers_len(m), ofs = hdr + i * m->tso_segsz,
		 chunk = MIN((uint32_t)m->tso_segsz, l->l3_end - ofs);
	uint32_t l4_len = hdr - l->l4_ofs + chunk;
	uint8_t *p, *ip, *tcp;
	uint64_t sum;
	be32 seq;
	be16 csum;

	if (rte_pktmbuf_tailroom(seg) < hdr + chunk)
		return -ENOBUFS;
	p = packet_data(seg);
	packet_read(m, 0, hdr, p);
	packet_read(m, ofs, chunk, p + hdr);
	seg->data_len = (uint16_t)(hdr + chunk);
	seg->pkt_len = hdr + chunk;
	seg->port = m->port;
	memcpy(packet_priv(seg), m + 1, sizeof(struct packet_priv));
	packet_layout(seg)->l3_end = hdr + chunk;

	ip = p + l->l3_ofs;
	tcp = p + l->l4_ofs;
	memcpy(&seq, tcp + 4, 4);
	seq = htonl(ntohl(seq) + i * m->tso_segsz);
	memcpy(tcp + 4, &seq, 4);
	if (i + 1 < n)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (i > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	memset(tcp + 16, 0, 2);
	if (l->l3_type == PACKET_L3_IPV4) {
		uint32_t ip_len = (uint32_t)(l->l4_ofs - l->l3_ofs);

		put16(ip + 2, ip_len + l4_len);
		put16(ip + 4, get16(ip + 4) + i);
		memset(ip + 10, 0, 2);
		csum = checksum_bytes(ip, ip_len);
		memcpy(ip + 10, &csum, 2);
		sum = checksum_add_pseudo4(0, ip + 12, ip + 16, IPPROTO_TCP, (uint16_t)l4_len);
	} else {
		put16(ip + 4, (uint32_t)(l->l4_ofs - l->l3_ofs) - 40 + l4_len);
		sum = checksum_add_pseudo6(0, ip + 8, ip + 24, IPPROTO_TCP, l4_len);
	}
	csum = checksum_finish(checksum_add(sum, tcp, l4_len));
	memcpy(tcp + 16, &csum, 2);
	return 0;
}

int
packet_gso(const struct rte_mbuf *m, struct rte_mempool *pool, struct rte_mbuf **segs, uint32_t max)
{
	uint32_t n = packet_gso_count(m);

	if (n == 0)
		return -EINVAL;
	if (n > max || rte_pktmbuf_alloc_bulk(pool, segs, n) != 0)
		return -ENOBUFS;
	for (uint32_t i = 0; i < n; i++) {
		int error = packet_gso_fill(m, i, n, segs[i]);

		if (error != 0) {
			rte_pktmbuf_free_bulk(segs, n);
			return error;
		}
	}
	return (int)n;
}
