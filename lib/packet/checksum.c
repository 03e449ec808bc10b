/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums: sums over bytes and over segments, SCTP's CRC, and both as packets have them in their headers. */

#include "packet/checksum.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

#define IPV4_CSUM_OFS 10

uint64_t
checksum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t w32;
	uint16_t w16 = 0;

	/* 32-bit words in a 64-bit sum: no carry is lost below 16 GiB. */
	for (; len >= 4; p += 4, len -= 4) {
		memcpy(&w32, p, 4);
		sum += w32;
	}
	if (len >= 2) {
		memcpy(&w16, p, 2);
		sum += w16;
		p += 2;
		len -= 2;
	}
	if (len > 0) {
		w16 = 0;
		memcpy(&w16, p, 1);
		sum += w16;
	}
	return sum;
}

uint64_t
checksum_add_pseudo4(uint64_t sum, const void *src, const void *dst, uint8_t proto, uint16_t l4_len)
{
	sum = checksum_add(sum, src, 4);
	sum = checksum_add(sum, dst, 4);
	return sum + htons(proto) + htons(l4_len);
}

uint64_t
checksum_add_pseudo6(uint64_t sum, const void *src, const void *dst, uint8_t proto, uint32_t l4_len)
{
	sum = checksum_add(sum, src, 16);
	sum = checksum_add(sum, dst, 16);
	return sum + htonl(proto) + htonl(l4_len);
}

uint32_t
checksum_crc32c_portable(uint32_t crc, const void *data, size_t len)
{
	/* The remainders of all 4-bit values for the reflected polynomial 0x82f63b78. */
	static const uint32_t nibble[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6,
		0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };
	const uint8_t *p = data;

	crc = ~crc;
	for (; len > 0; len--, p++) {
		crc ^= *p;
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return ~crc;
}

uint32_t
checksum_crc32c(uint32_t crc, const void *data, size_t len)
{
#ifdef __SSE4_2__
	const uint8_t *p = data;
	uint64_t c = ~crc, w;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		c = _mm_crc32_u64(c, w);
	}
	for (; len > 0; len--, p++)
		c = _mm_crc32_u8((uint32_t)c, *p);
	return ~(uint32_t)c;
#else
	return checksum_crc32c_portable(crc, data, len);
#endif
}

/* Calls 'add' for the pieces of 'len' bytes from 'ofs' on. */
static void
for_pieces(const struct rte_mbuf *m, uint32_t ofs, uint32_t len,
	void (*add)(void *state, const uint8_t *p, uint32_t n), void *state)
{
	for (; m != NULL && len > 0; m = m->next) {
		uint32_t n;

		if (ofs >= m->data_len) {
			ofs -= m->data_len;
			continue;
		}
		n = MIN(len, m->data_len - ofs);
		add(state, packet_data(m) + ofs, n);
		len -= n;
		ofs = 0;
	}
}

struct sum_state {
	uint64_t sum;
	bool odd; /* An odd number of bytes is behind us. */
};

static void
sum_piece(void *state, const uint8_t *p, uint32_t n)
{
	struct sum_state *s = state;
	uint64_t part = checksum_add(0, p, n);

	if (s->odd)
		part = __builtin_bswap16(checksum_fold(part));
	s->sum += part;
	s->odd ^= (n & 1) != 0;
}

uint64_t
checksum_add_packet(uint64_t sum, const struct rte_mbuf *m, uint32_t ofs, uint32_t len)
{
	struct sum_state s = { .sum = sum };

	for_pieces(m, ofs, len, sum_piece, &s);
	return s.sum;
}

static void
crc_piece(void *state, const uint8_t *p, uint32_t n)
{
	uint32_t *crc = state;

	*crc = checksum_crc32c(*crc, p, n);
}

/* Writes 'len' bytes at 'ofs', across segments. */
static void
write_bytes(struct rte_mbuf *m, uint32_t ofs, const void *data, uint32_t len)
{
	const uint8_t *s = data;

	for (; m != NULL && len > 0; m = m->next) {
		uint32_t n;

		if (ofs >= m->data_len) {
			ofs -= m->data_len;
			continue;
		}
		n = MIN(len, m->data_len - ofs);
		memcpy(packet_data(m) + ofs, s, n);
		s += n;
		len -= n;
		ofs = 0;
	}
}

static const struct packet_layout *
layout_of(const struct rte_mbuf *m)
{
	return &((const struct packet_priv *)(const void *)(m + 1))->layout;
}

/* Reads the IPv4 header with its options.  Returns: its length, 0 if there is none. */
static uint32_t
read_ipv4(const struct rte_mbuf *m, uint8_t hdr[60])
{
	const struct packet_layout *l = layout_of(m);
	uint32_t len;

	if (l->l3_type != PACKET_L3_IPV4 || l->l3_ofs + 20u > m->pkt_len)
		return 0;
	packet_read(m, l->l3_ofs, 1, hdr);
	len = (hdr[0] & 15u) * 4;
	if (len < 20 || l->l3_ofs + len > m->pkt_len)
		return 0;
	packet_read(m, l->l3_ofs, len, hdr);
	return len;
}

enum checksum_verdict
checksum_verify_ipv4(const struct rte_mbuf *m)
{
	uint8_t hdr[60];
	uint32_t len = read_ipv4(m, hdr);

	if (len == 0)
		return CHECKSUM_NONE;
	return checksum_bytes(hdr, len) == 0 ? CHECKSUM_GOOD : CHECKSUM_BAD;
}

int
checksum_fill_ipv4(struct rte_mbuf *m)
{
	uint8_t hdr[60];
	uint32_t len = read_ipv4(m, hdr);
	be16 csum;

	if (len == 0)
		return -EINVAL;
	memset(hdr + IPV4_CSUM_OFS, 0, 2);
	csum = checksum_bytes(hdr, len);
	write_bytes(m, layout_of(m)->l3_ofs + IPV4_CSUM_OFS, &csum, 2);
	return 0;
}

/* What there is to sum for the transport checksum. */
struct l4 {
	uint32_t ofs, len; /* Header and payload. */
	uint32_t csum_ofs; /* In the packet. */
	uint8_t proto;
};

static bool
l4_find(const struct rte_mbuf *m, struct l4 *x)
{
	const struct packet_layout *l = layout_of(m);
	be16 udp_len = 0;

	if (l->l4_proto == 0 || l->l4_ofs == PACKET_OFS_NONE || l->l3_end > m->pkt_len
		|| l->l3_end < l->l4_ofs)
		return false;
	*x = (struct l4){ .ofs = l->l4_ofs, .len = l->l3_end - l->l4_ofs, .proto = l->l4_proto };
	switch (l->l4_proto) {
	case IPPROTO_TCP: x->csum_ofs = 16; break;
	case IPPROTO_UDP: x->csum_ofs = 6; break;
	case IPPROTO_SCTP: x->csum_ofs = 8; break;
	default: x->csum_ofs = 2; break;
	}
	if (x->len < x->csum_ofs + (l->l4_proto == IPPROTO_SCTP ? 4 : 2))
		return false;
	if (l->l4_proto == IPPROTO_UDP && (l->flags & PACKET_L_FRAG) == 0) {
		packet_read(m, x->ofs + 4, 2, &udp_len);
		if (ntohs(udp_len) < 8 || ntohs(udp_len) > x->len)
			return false;
		x->len = ntohs(udp_len);
	}
	x->csum_ofs += x->ofs;
	return true;
}

/* The pseudo-header's sum; 0 for protocols without one. */
static uint64_t
l4_pseudo(const struct rte_mbuf *m, const struct l4 *x)
{
	const struct packet_layout *l = layout_of(m);
	uint8_t addrs[32] = { 0 };

	if (x->proto == IPPROTO_ICMP)
		return 0;
	if (l->l3_type == PACKET_L3_IPV4) {
		packet_read(m, l->l3_ofs + 12u, 8, addrs);
		return checksum_add_pseudo4(0, addrs, addrs + 4, x->proto, (uint16_t)x->len);
	}
	packet_read(m, l->l3_ofs + 8u, 32, addrs);
	return checksum_add_pseudo6(0, addrs, addrs + 16, x->proto, x->len);
}

/* SCTP's checksum counts its own field as zero; it is stored least significant byte first. */
static void
sctp_crc(const struct rte_mbuf *m, const struct l4 *x, uint8_t out[4])
{
	static const uint8_t zero[4];
	uint32_t crc = 0;

	for_pieces(m, x->ofs, 8, crc_piece, &crc);
	crc_piece(&crc, zero, 4);
	for_pieces(m, x->ofs + 12, x->len - 12, crc_piece, &crc);
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(crc >> (8 * i));
}

enum checksum_verdict
checksum_verify_l4(const struct rte_mbuf *m)
{
	const struct packet_layout *l = layout_of(m);
	struct l4 x;
	be16 csum;

	if ((l->flags & PACKET_L_FRAG) != 0 || l->l4_proto == 0 || packet_csum_is_partial(m))
		return CHECKSUM_NONE;
	if (!l4_find(m, &x))
		return CHECKSUM_BAD;
	if (x.proto == IPPROTO_SCTP) {
		uint8_t want[4], have[4];

		sctp_crc(m, &x, want);
		packet_read(m, x.csum_ofs, 4, have);
		return memcmp(want, have, 4) == 0 ? CHECKSUM_GOOD : CHECKSUM_BAD;
	}
	packet_read(m, x.csum_ofs, 2, &csum);
	if (x.proto == IPPROTO_UDP && csum == 0)
		return l->l3_type == PACKET_L3_IPV4 ? CHECKSUM_NONE : CHECKSUM_BAD;
	return checksum_finish(checksum_add_packet(l4_pseudo(m, &x), m, x.ofs, x.len)) == 0
		? CHECKSUM_GOOD
		: CHECKSUM_BAD;
}

int
checksum_fill_l4(struct rte_mbuf *m)
{
	struct l4 x;
	be16 csum = 0;

	if ((layout_of(m)->flags & PACKET_L_FRAG) != 0 || !l4_find(m, &x))
		return -EINVAL;
	m->ol_flags &= ~(RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG);
	if (x.proto == IPPROTO_SCTP) {
		uint8_t crc[4];

		sctp_crc(m, &x, crc);
		write_bytes(m, x.csum_ofs, crc, 4);
		return 0;
	}
	write_bytes(m, x.csum_ofs, &csum, 2);
	csum = checksum_finish(checksum_add_packet(l4_pseudo(m, &x), m, x.ofs, x.len));
	if (csum == 0 && x.proto == IPPROTO_UDP)
		csum = 0xffff;
	write_bytes(m, x.csum_ofs, &csum, 2);
	return 0;
}

/* Sums 'len' bytes from 'start' on, a pseudo-header's sum in the checksum's place included. */
static void
complete(struct rte_mbuf *m, uint32_t start, uint32_t len, uint32_t csum_ofs)
{
	be16 csum = checksum_finish(checksum_add_packet(0, m, start, len));

	/* For UDP zero means "none"; for the others both forms of zero are as good. */
	if (csum == 0)
		csum = 0xffff;
	write_bytes(m, csum_ofs, &csum, 2);
}

int
checksum_complete(struct rte_mbuf *m)
{
	struct l4 x;

	if (!packet_csum_is_partial(m))
		return 0;
	m->ol_flags &= ~(RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG);
	if (!l4_find(m, &x))
		return -EINVAL;
	if (x.proto == IPPROTO_SCTP)
		return checksum_fill_l4(m);
	complete(m, x.ofs, x.len, x.csum_ofs);
	return 0;
}

int
checksum_complete_at(struct rte_mbuf *m, uint32_t start, uint32_t offset)
{
	if (start >= m->pkt_len || offset > m->pkt_len - start || m->pkt_len - start - offset < 2)
		return -EINVAL;
	complete(m, start, m->pkt_len - start, start + offset);
	return 0;
}
