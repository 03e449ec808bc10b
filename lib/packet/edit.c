/* SPDX-License-Identifier: Apache-2.0 */
/* Header edits.  Each one first makes sure of all the bytes that it is going to touch, so that an error leaves the
 * packet as it was, then writes fields and brings checksums along by difference. */

#include "packet/edit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "packet/checksum.h"

#define ETH_ADDRS_LEN 12
#define ETH_LEN 14
#define VLAN_LEN 4
#define MPLS_LEN 4
#define IPV4_LEN 20
#define IPV6_LEN 40
#define ARP_LEN 28
#define ND_LEN 24

#define ETH_TYPE_MIN 0x600
#define ETH_TYPE_IP 0x0800
#define ETH_TYPE_IPV6 0x86dd
#define ETH_TYPE_MPLS 0x8847
#define ETH_TYPE_MPLS_MCAST 0x8848
#define VLAN_DEI 0x1000

static be16
getbe16(const uint8_t *p)
{
	be16 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static void
putbe16(uint8_t *p, be16 v)
{
	memcpy(p, &v, sizeof v);
}

/* dst = value where 'mask' has ones. */
static void
merge(uint8_t *dst, const void *value, const void *mask, size_t n)
{
	const uint8_t *v = value, *k = mask;

	for (size_t i = 0; i < n; i++)
		dst[i] = (uint8_t)((dst[i] & ~k[i]) | (v[i] & k[i]));
}

/* What 'n' bytes (even, at an even offset of what is summed) going from 'old' to 'new' adds to a running sum. */
static uint64_t
diff_bytes(uint64_t sum, const uint8_t *old, const uint8_t *new, size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		sum += (uint64_t)(be16)~getbe16(old + i) + getbe16(new + i);
	return sum;
}

/* A full checksum after the words that it covers changed by 'diff'. */
static be16
csum_apply(be16 csum, uint64_t diff)
{
	return checksum_finish(diff + (be16)~csum);
}

/* Makes sure of 'len' bytes at 'ofs'.  Returns: 0 and '*p', or an error as in edit.h. */
static int
header_at(struct rte_mbuf *m, uint32_t ofs, uint32_t len, uint8_t **p)
{
	int error = packet_pull_up(m, ofs + len);

	*p = packet_data(m) + ofs;
	return error;
}

static void
shift(uint16_t *ofs, int by)
{
	if (*ofs != PACKET_OFS_NONE)
		*ofs = (uint16_t)(*ofs + by);
}

static void
layout_shift(struct packet_layout *l, int by)
{
	shift(&l->l2_5_ofs, by);
	shift(&l->l3_ofs, by);
	shift(&l->l4_ofs, by);
	if (l->l3_end != 0)
		l->l3_end = (uint32_t)((int)l->l3_end + by);
}

/* Opens 4 bytes behind the first 'at'.  Returns: 0 and the new start of the packet. */
static int
open_gap(struct rte_mbuf *m, uint32_t at, uint8_t **p)
{
	int error = header_at(m, 0, at, p);

	if (error != 0)
		return error;
	if (m->data_off < 4 || m->data_len > UINT16_MAX - 4)
		return -ENOBUFS;
	memmove(*p - 4, *p, at);
	m->data_off = (uint16_t)(m->data_off - 4);
	m->data_len = (uint16_t)(m->data_len + 4);
	m->pkt_len += 4;
	*p -= 4;
	layout_shift(packet_layout(m), 4);
	return 0;
}

/* Removes the 4 bytes at 'at', which are known to be contiguous with all in front. */
static uint8_t *
close_gap(struct rte_mbuf *m, uint32_t at)
{
	uint8_t *p = packet_data(m);

	memmove(p + 4, p, at);
	m->data_off = (uint16_t)(m->data_off + 4);
	m->data_len = (uint16_t)(m->data_len - 4);
	m->pkt_len -= 4;
	layout_shift(packet_layout(m), -4);
	return p + 4;
}

int
packet_set_eth(struct rte_mbuf *m, const struct packet_eth_edit *e)
{
	uint8_t *p;
	int error = header_at(m, 0, ETH_ADDRS_LEN, &p);

	if (UNLIKELY(error != 0))
		return error;
	merge(p, e->dst, e->dst_mask, 6);
	merge(p + 6, e->src, e->src_mask, 6);
	return 0;
}

int
packet_push_vlan(struct rte_mbuf *m, be16 tpid, be16 tci)
{
	uint8_t *p;
	int error;

	if (m->pkt_len < ETH_LEN)
		return -EINVAL;
	error = open_gap(m, ETH_ADDRS_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	putbe16(p + ETH_ADDRS_LEN, tpid);
	putbe16(p + ETH_ADDRS_LEN + 2, tci & ~htons(VLAN_DEI));
	packet_layout(m)->n_vlans++;
	return 0;
}

int
packet_pop_vlan(struct rte_mbuf *m)
{
	uint8_t *p;
	int error;

	if (packet_layout(m)->n_vlans == 0)
		return -EINVAL;
	error = header_at(m, 0, ETH_LEN + VLAN_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	(void)close_gap(m, ETH_ADDRS_LEN);
	packet_layout(m)->n_vlans--;
	return 0;
}

int
packet_set_vlan(struct rte_mbuf *m, be16 tpid, be16 tci)
{
	uint8_t *p;
	int error;

	if (packet_layout(m)->n_vlans == 0)
		return -EINVAL;
	error = header_at(m, ETH_ADDRS_LEN, VLAN_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	if (tpid != 0)
		putbe16(p, tpid);
	putbe16(p + 2, (be16)((getbe16(p + 2) & htons(VLAN_DEI)) | (tci & ~htons(VLAN_DEI))));
	return 0;
}

int
packet_push_mpls(struct rte_mbuf *m, be16 eth_type, be32 lse)
{
	struct packet_layout *l = packet_layout(m);
	uint32_t at = ETH_LEN + l->n_vlans * (uint32_t)VLAN_LEN;
	uint8_t *p;
	int error;

	error = header_at(m, 0, at, &p);
	if (UNLIKELY(error != 0))
		return error;
	/* An 802.3 length cannot be replaced by a type. */
	if (ntohs(getbe16(p + at - 2)) < ETH_TYPE_MIN)
		return -EINVAL;
	error = open_gap(m, at, &p);
	if (UNLIKELY(error != 0))
		return error;
	putbe16(p + at - 2, eth_type);
	memcpy(p + at, &lse, MPLS_LEN);
	l->l2_5_ofs = (uint16_t)at;
	return 0;
}

/* Fills in the layout of an IP packet at 'ofs' that came to light, if it is sound and has no extension headers;
 * else the layout says nothing of it. */
static void
layout_ip(struct rte_mbuf *m, uint32_t ofs, uint16_t eth_type)
{
	struct packet_layout *l = packet_layout(m);
	uint32_t left = m->pkt_len - MIN(ofs, m->pkt_len);
	uint32_t hdr_len = IPV6_LEN, total, need;
	uint16_t frag = 0;
	uint8_t h[IPV6_LEN], proto;

	if (left < IPV4_LEN || (eth_type == ETH_TYPE_IPV6 && left < IPV6_LEN))
		return;
	packet_read(m, ofs, eth_type == ETH_TYPE_IP ? IPV4_LEN : IPV6_LEN, h);
	if (eth_type == ETH_TYPE_IP) {
		hdr_len = (h[0] & 15u) * 4;
		total = ntohs(getbe16(h + 2));
		frag = ntohs(getbe16(h + 6)) & 0x3fff;
		proto = h[9];
	} else {
		total = IPV6_LEN + ntohs(getbe16(h + 4));
		proto = h[6];
	}
	if (h[0] >> 4 != (eth_type == ETH_TYPE_IP ? 4 : 6) || hdr_len < IPV4_LEN || total < hdr_len
		|| total > left)
		return;
	switch (proto) {
	case IPPROTO_TCP: need = 20; break;
	case IPPROTO_UDP: need = 8; break;
	case IPPROTO_SCTP: need = 12; break;
	case IPPROTO_ICMP: need = eth_type == ETH_TYPE_IP ? 8 : UINT32_MAX; break;
	case IPPROTO_ICMPV6: need = eth_type == ETH_TYPE_IPV6 ? 4 : UINT32_MAX; break;
	default:
		if (eth_type == ETH_TYPE_IPV6)
			return;
		need = UINT32_MAX;
		break;
	}
	l->l3_ofs = (uint16_t)ofs;
	l->l3_type = eth_type == ETH_TYPE_IP ? PACKET_L3_IPV4 : PACKET_L3_IPV6;
	l->l3_end = ofs + total;
	l->flags = (uint8_t)((frag != 0 ? PACKET_L_FRAG : 0)
		| ((frag & 0x1fff) != 0 ? PACKET_L_LATER : 0));
	if ((frag & 0x1fff) == 0) {
		l->l4_ofs = (uint16_t)(ofs + hdr_len);
		l->l4_proto = total - hdr_len >= need ? proto : 0;
	}
}

int
packet_pop_mpls(struct rte_mbuf *m, be16 eth_type)
{
	struct packet_layout *l = packet_layout(m);
	uint16_t type = ntohs(eth_type);
	uint32_t at = l->l2_5_ofs;
	uint8_t *p;
	int error;

	if (at == PACKET_OFS_NONE)
		return -EINVAL;
	error = header_at(m, 0, at + MPLS_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	p = close_gap(m, at);
	putbe16(p + at - 2, eth_type);
	if (type == ETH_TYPE_MPLS || type == ETH_TYPE_MPLS_MCAST) {
		l->l2_5_ofs = m->pkt_len >= at + MPLS_LEN ? (uint16_t)at : PACKET_OFS_NONE;
		return 0;
	}
	l->l2_5_ofs = PACKET_OFS_NONE;
	/* A network header that was known before labels were pushed is known again. */
	if (l->l3_ofs != at) {
		l->l3_ofs = l->l4_ofs = PACKET_OFS_NONE;
		l->l3_type = l->l4_proto = l->flags = 0;
		l->l3_end = 0;
		if (type == ETH_TYPE_IP || type == ETH_TYPE_IPV6)
			layout_ip(m, at, type);
	}
	return 0;
}

int
packet_set_mpls(struct rte_mbuf *m, be32 lse)
{
	uint8_t *p;
	int error;

	if (packet_layout(m)->l2_5_ofs == PACKET_OFS_NONE)
		return -EINVAL;
	error = header_at(m, packet_layout(m)->l2_5_ofs, MPLS_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	memcpy(p, &lse, MPLS_LEN);
	return 0;
}

/* Where the transport checksum that covers the IP addresses is, relative to the transport header; 0: there is
 * none that an edit is to follow. */
static uint32_t
pseudo_csum_ofs(const struct packet_layout *l)
{
	if ((l->flags & PACKET_L_LATER) != 0 || l->l4_ofs == PACKET_OFS_NONE)
		return 0;
	switch (l->l4_proto) {
	case IPPROTO_TCP: return 16;
	case IPPROTO_UDP: return 6;
	case IPPROTO_ICMPV6: return 2;
	default: return 0;
	}
}

/* Lets the transport checksum at 'p' follow a change of the pseudo-header. */
static void
pseudo_csum_apply(const struct rte_mbuf *m, uint8_t proto, bool ipv4, uint8_t *p, uint64_t diff)
{
	be16 csum = getbe16(p);

	if (packet_csum_is_partial(m) && proto != IPPROTO_ICMPV6) {
		putbe16(p, checksum_fold(diff + csum));
		return;
	}
	if (proto == IPPROTO_UDP && csum == 0 && ipv4)
		return;
	csum = csum_apply(csum, diff);
	putbe16(p, csum == 0 && proto == IPPROTO_UDP ? 0xffff : csum);
}

int
packet_set_ipv4(struct rte_mbuf *m, const struct packet_ipv4_edit *e)
{
	const struct packet_layout *l = packet_layout(m);
	uint32_t csum_ofs = pseudo_csum_ofs(l);
	uint8_t old[IPV4_LEN], *p;
	uint64_t addrs, rest;
	int error;

	if (l->l3_type != PACKET_L3_IPV4 || l->l3_ofs == PACKET_OFS_NONE)
		return -EINVAL;
	error = header_at(
		m, l->l3_ofs, csum_ofs != 0 ? l->l4_ofs - l->l3_ofs + csum_ofs + 2 : IPV4_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	memcpy(old, p, IPV4_LEN);
	merge(p + 12, &e->src, &e->src_mask, 4);
	merge(p + 16, &e->dst, &e->dst_mask, 4);
	merge(p + 1, &e->tos, &e->tos_mask, 1);
	merge(p + 8, &e->ttl, &e->ttl_mask, 1);

	addrs = diff_bytes(0, old + 12, p + 12, 8);
	rest = diff_bytes(0, old, p, 2);
	rest = diff_bytes(rest, old + 8, p + 8, 2);
	putbe16(p + 10, csum_apply(getbe16(p + 10), addrs + rest));
	if (csum_ofs != 0 && memcmp(old + 12, p + 12, 8) != 0)
		pseudo_csum_apply(
			m, l->l4_proto, true, p + (l->l4_ofs - l->l3_ofs) + csum_ofs, addrs);
	return 0;
}

/* True if a routing header says that the destination in the IPv6 header is not the final one, which is the one
 * that the checksum covers.  All headers up to the transport header are contiguous at 'p'. */
static bool
is_source_routed(const uint8_t *p, uint32_t len)
{
	uint8_t next = p[6];

	for (uint32_t ofs = IPV6_LEN; ofs + 8 <= len;) {
		switch (next) {
		case IPPROTO_ROUTING:
			if (p[ofs + 3] > 0)
				return true;
			FALLTHROUGH;
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
			next = p[ofs];
			ofs += (p[ofs + 1] + 1u) * 8;
			break;
		case IPPROTO_AH:
			next = p[ofs];
			ofs += (p[ofs + 1] + 2u) * 4;
			break;
		case IPPROTO_FRAGMENT:
			next = p[ofs];
			ofs += 8;
			break;
		default: return false;
		}
	}
	return false;
}

int
packet_set_ipv6(struct rte_mbuf *m, const struct packet_ipv6_edit *e)
{
	const struct packet_layout *l = packet_layout(m);
	uint32_t csum_ofs = pseudo_csum_ofs(l), l3_len;
	uint8_t old[IPV6_LEN], *p;
	uint64_t diff;
	be32 word, value, mask;
	int error;

	if (l->l3_type != PACKET_L3_IPV6 || l->l3_ofs == PACKET_OFS_NONE)
		return -EINVAL;
	l3_len = csum_ofs != 0 ? (uint32_t)l->l4_ofs - l->l3_ofs : IPV6_LEN;
	error = header_at(m, l->l3_ofs, csum_ofs != 0 ? l3_len + csum_ofs + 2 : IPV6_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	memcpy(old, p, IPV6_LEN);
	memcpy(&word, p, 4);
	mask = (e->label_mask & htonl(0xfffff)) | htonl((uint32_t)e->tclass_mask << 20);
	value = (e->label & htonl(0xfffff)) | htonl((uint32_t)e->tclass << 20);
	word = (word & ~mask) | (value & mask);
	memcpy(p, &word, 4);
	merge(p + 7, &e->hlimit, &e->hlimit_mask, 1);
	merge(p + 8, e->src, e->src_mask, 16);
	merge(p + 24, e->dst, e->dst_mask, 16);

	if (csum_ofs == 0 || memcmp(old + 8, p + 8, 32) == 0)
		return 0;
	diff = diff_bytes(0, old + 8, p + 8, 16);
	if (!is_source_routed(p, l3_len))
		diff = diff_bytes(diff, old + 24, p + 24, 16);
	pseudo_csum_apply(m, l->l4_proto, false, p + l3_len + csum_ofs, diff);
	return 0;
}

int
packet_set_ports(struct rte_mbuf *m, const struct packet_ports_edit *e)
{
	const struct packet_layout *l = packet_layout(m);
	uint8_t old[4], *p, *csum_p;
	uint32_t len;
	be16 csum;
	bool was_good;
	int error;

	switch (l->l4_proto) {
	case IPPROTO_TCP: len = 20; break;
	case IPPROTO_UDP: len = 8; break;
	case IPPROTO_SCTP: len = 12; break;
	default: return -EINVAL;
	}
	error = header_at(m, l->l4_ofs, len, &p);
	if (UNLIKELY(error != 0))
		return error;
	was_good = l->l4_proto == IPPROTO_SCTP && checksum_verify_l4(m) == CHECKSUM_GOOD;
	memcpy(old, p, 4);
	merge(p, &e->src, &e->src_mask, 2);
	merge(p + 2, &e->dst, &e->dst_mask, 2);
	if (memcmp(old, p, 4) == 0 || packet_csum_is_partial(m))
		return 0;
	if (l->l4_proto == IPPROTO_SCTP)
		return was_good ? checksum_fill_l4(m) : 0;

	csum_p = p + (l->l4_proto == IPPROTO_TCP ? 16 : 6);
	csum = getbe16(csum_p);
	if (l->l4_proto == IPPROTO_UDP && csum == 0 && l->l3_type == PACKET_L3_IPV4)
		return 0;
	csum = csum_apply(csum, diff_bytes(0, old, p, 4));
	putbe16(csum_p, csum == 0 && l->l4_proto == IPPROTO_UDP ? 0xffff : csum);
	return 0;
}

int
packet_set_icmp(struct rte_mbuf *m, const struct packet_icmp_edit *e)
{
	const struct packet_layout *l = packet_layout(m);
	uint8_t old[2], *p;
	int error;

	if (l->l4_proto != IPPROTO_ICMP && l->l4_proto != IPPROTO_ICMPV6)
		return -EINVAL;
	error = header_at(m, l->l4_ofs, 4, &p);
	if (UNLIKELY(error != 0))
		return error;
	memcpy(old, p, 2);
	merge(p, &e->type, &e->type_mask, 1);
	merge(p + 1, &e->code, &e->code_mask, 1);
	putbe16(p + 2, csum_apply(getbe16(p + 2), diff_bytes(0, old, p, 2)));
	return 0;
}

int
packet_set_arp(struct rte_mbuf *m, const struct packet_arp_edit *e)
{
	const struct packet_layout *l = packet_layout(m);
	uint8_t *p;
	int error;

	if (l->l3_type != PACKET_L3_ARP || l->l3_ofs == PACKET_OFS_NONE)
		return -EINVAL;
	error = header_at(m, l->l3_ofs, ARP_LEN, &p);
	if (UNLIKELY(error != 0))
		return error;
	merge(p + 6, &e->op, &e->op_mask, 2);
	merge(p + 8, e->sha, e->sha_mask, 6);
	merge(p + 14, &e->spa, &e->spa_mask, 4);
	merge(p + 18, e->tha, e->tha_mask, 6);
	merge(p + 24, &e->tpa, &e->tpa_mask, 4);
	return 0;
}

/* Writes the first option of 'type' (a link-layer address) of the neighbour message of 'len' bytes at 'p'.
 * Returns: 'diff' with the change. */
static uint64_t
set_nd_option(uint8_t *p, uint32_t len, uint8_t type, const uint8_t *lla, const uint8_t *mask,
	uint64_t diff)
{
	for (uint32_t ofs = ND_LEN; ofs + 8 <= len;) {
		uint32_t opt_len = p[ofs + 1] * 8u;

		if (opt_len == 0 || opt_len > len - ofs)
			break;
		if (p[ofs] == type && opt_len == 8) {
			uint8_t old[6];

			memcpy(old, p + ofs + 2, 6);
			merge(p + ofs + 2, lla, mask, 6);
			return diff_bytes(diff, old, p + ofs + 2, 6);
		}
		ofs += opt_len;
	}
	return diff;
}

int
packet_set_nd(struct rte_mbuf *m, const struct packet_nd_edit *e)
{
	const struct packet_layout *l = packet_layout(m);
	uint8_t old[16], *p;
	uint32_t len;
	uint64_t diff;
	int error;

	if (l->l4_proto != IPPROTO_ICMPV6 || l->l3_end < l->l4_ofs + (uint32_t)ND_LEN)
		return -EINVAL;
	len = l->l3_end - l->l4_ofs;
	error = header_at(m, l->l4_ofs, len, &p);
	if (UNLIKELY(error != 0))
		return error;
	if ((p[0] != 135 && p[0] != 136) || p[1] != 0)
		return -EINVAL;
	memcpy(old, p + 8, 16);
	merge(p + 8, e->target, e->target_mask, 16);
	diff = diff_bytes(0, old, p + 8, 16);
	diff = set_nd_option(p, len, 1, e->sll, e->sll_mask, diff);
	diff = set_nd_option(p, len, 2, e->tll, e->tll_mask, diff);
	putbe16(p + 2, csum_apply(getbe16(p + 2), diff));
	return 0;
}
