/* SPDX-License-Identifier: Apache-2.0 */
/* UDP segmentation for frames from the kernel.  It is here and not in packet/gso.h because nothing but a packet socket
 * ever gives us such a frame, and no port is asked to send one. */
#include "drivers/net/udp_split.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_mbuf.h>

#include "packet/checksum.h"
#include "packet/packet.h"

#define UDP_HEADER 8u
#define HEADERS_MAX 256u

static void
put16(uint8_t *p, uint32_t value)
{
	be16 wire = htons((uint16_t)value);

	memcpy(p, &wire, sizeof(wire));
}

/* Corrects the headers of segment number 'i', whose datagram has 'udp_len' bytes. */
static void
fix_headers(struct rte_mbuf *seg, const struct packet_layout *l, uint32_t i, uint32_t udp_len)
{
	uint8_t *ip = packet_data(seg) + l->l3_ofs, *udp = packet_data(seg) + l->l4_ofs;
	uint32_t ip_len = (uint32_t)(l->l4_ofs - l->l3_ofs);
	uint64_t sum;
	be16 csum, id;

	put16(udp + 4, udp_len);
	put16(udp + 6, 0);
	if (l->l3_type == PACKET_L3_IPV4) {
		put16(ip + 2, ip_len + udp_len);
		memcpy(&id, ip + 4, sizeof(id));
		put16(ip + 4, ntohs(id) + i);
		put16(ip + 10, 0);
		csum = checksum_bytes(ip, ip_len);
		memcpy(ip + 10, &csum, sizeof(csum));
		sum = checksum_add_pseudo4(0, ip + 12, ip + 16, IPPROTO_UDP, (uint16_t)udp_len);
	} else {
		put16(ip + 4, ip_len - 40 + udp_len);
		sum = checksum_add_pseudo6(0, ip + 8, ip + 24, IPPROTO_UDP, udp_len);
	}
	csum = checksum_finish(checksum_add(sum, udp, udp_len));
	if (csum == 0)
		csum = 0xffff; /* 0 means that there is none. */
	memcpy(udp + 6, &csum, sizeof(csum));
}

int
udp_split(const struct rte_mbuf *m, uint32_t size, struct rte_mempool *pool, struct rte_mbuf **segs,
	uint32_t max)
{
	const struct packet_layout *l =
		&((const struct packet_priv *)(const void *)(m + 1))->layout;
	uint32_t headers = l->l4_ofs + UDP_HEADER, n;

	if (l->l3_end <= headers || l->l3_end > m->pkt_len || headers > HEADERS_MAX || size == 0
		|| l->l4_ofs < l->l3_ofs + (l->l3_type == PACKET_L3_IPV4 ? 20u : 40u))
		return -EINVAL;
	n = DIV_ROUND_UP(l->l3_end - headers, size);
	if (n > max || rte_pktmbuf_alloc_bulk(pool, segs, n) != 0)
		return -ENOBUFS;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t ofs = headers + i * size, chunk = MIN(size, l->l3_end - ofs);
		uint8_t *data = (uint8_t *)rte_pktmbuf_append(
			segs[i], (uint16_t)MIN(headers + chunk, UINT16_MAX));

		if (data == NULL) {
			rte_pktmbuf_free_bulk(segs, n);
			return -ENOBUFS;
		}
		packet_read(m, 0, headers, data);
		packet_read(m, ofs, chunk, data + headers);
		fix_headers(segs[i], l, i, UDP_HEADER + chunk);
	}
	return (int)n;
}
