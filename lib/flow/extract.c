/* SPDX-License-Identifier: Apache-2.0 */
/* Packet bytes to key.  One function per layer; each gets the cursor behind what is parsed so far and
 * returns without writing when its header is incomplete or unsound.  The common packet (Ethernet, IPv4, TCP or UDP)
 * writes lane 0 and nothing else. */

#include "flow/extract.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "flow/key.h"

#define ETH_LEN 14
#define VLAN_LEN 4
#define LLC_SNAP_LEN 8
#define ARP_LEN 28
#define IPV4_LEN 20
#define IPV6_LEN 40
#define ND_LEN 24

#define ETH_TYPE_MIN 0x600
#define ETH_TYPE_IP 0x0800
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_RARP 0x8035
#define ETH_TYPE_VLAN 0x8100
#define ETH_TYPE_QINQ 0x88a8
#define ETH_TYPE_QINQ_OLD 0x9100
#define ETH_TYPE_IPV6 0x86dd
#define ETH_TYPE_MPLS 0x8847
#define ETH_TYPE_MPLS_MCAST 0x8848
#define ETH_TYPE_PBB 0x88e7

#define LANE(N) (1u << (N))

struct cursor {
	const uint8_t *data;
	uint32_t ofs; /* Parsed so far. */
	uint32_t avail; /* Bytes of 'data' that may be read. */
	uint32_t len; /* Bytes of the packet, at least 'avail'. */
	uint8_t *lanes; /* Lanes that hold something. */
};

static inline uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline be16
getbe16(const uint8_t *p)
{
	be16 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline be32
getbe32(const uint8_t *p)
{
	be32 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline bool
has(const struct cursor *c, uint32_t n)
{
	return c->avail - c->ofs >= n;
}

static inline bool
is_vlan(uint16_t type)
{
	return type == ETH_TYPE_VLAN || type == ETH_TYPE_QINQ || type == ETH_TYPE_QINQ_OLD;
}

/* The EtherType behind up to two tags. */
static inline uint16_t
parse_l2(struct cursor *c, struct flow *key, struct packet_layout *l)
{
	const uint8_t *d = c->data;
	uint16_t type;

	memcpy(key->eth_dst, d, 6);
	memcpy(key->eth_src, d + 6, 6);
	type = get16(d + 12);
	c->ofs = ETH_LEN;
	while (UNLIKELY(is_vlan(type)) && l->n_vlans < 2 && has(c, VLAN_LEN)) {
		be16 tci = (be16)((getbe16(d + c->ofs) & ~htons(FLOW_VLAN_PRESENT))
			| htons(FLOW_VLAN_PRESENT));

		if (l->n_vlans++ == 0) {
			key->vlan_tci = tci;
			key->vlan_tpid = htons(type);
		} else {
			key->vlan2_tci = tci;
			key->vlan2_tpid = htons(type);
			*c->lanes |= LANE(2);
		}
		type = get16(d + c->ofs + 2);
		c->ofs += VLAN_LEN;
	}
	if (LIKELY(type >= ETH_TYPE_MIN))
		return type;

	/* A length: 802.3.  A SNAP header with OUI 0 has the EtherType. */
	if (has(c, LLC_SNAP_LEN) && memcmp(d + c->ofs, "\xaa\xaa\x03\x00\x00\x00", 6) == 0) {
		type = get16(d + c->ofs + 6);
		c->ofs += LLC_SNAP_LEN;
		if (type >= ETH_TYPE_MIN)
			return type;
	}
	return FLOW_ETH_TYPE_NONE;
}

static void
parse_mpls(struct cursor *c, struct flow *key, struct packet_layout *l)
{
	for (unsigned int i = 0; i < FLOW_N_MPLS && has(c, 4); i++) {
		if (i == 0) {
			l->l2_5_ofs = (uint16_t)c->ofs;
			*c->lanes |= LANE(2);
		}
		key->mpls_lse[i] = getbe32(c->data + c->ofs);
		c->ofs += 4;
		if ((key->mpls_lse[i] & htonl(0x100)) != 0)
			break;
	}
}

static void
parse_pbb(struct cursor *c, struct flow *key)
{
	uint32_t itag;

	if (!has(c, 4))
		return;
	itag = ntohl(getbe32(c->data + c->ofs));
	key->pbb_isid = htonl((itag & 0xffffff) | ((itag >> 27 & 1) << 24));
	*c->lanes |= LANE(2);
}

static void
parse_arp(struct cursor *c, struct flow *key, struct packet_layout *l)
{
	const uint8_t *p = c->data + c->ofs;

	/* Ethernet and IPv4 addresses. */
	if (!has(c, ARP_LEN) || memcmp(p, "\x00\x01\x08\x00\x06\x04", 6) != 0)
		return;
	key->ip_proto = p[6] == 0 ? p[7] : 0;
	memcpy(key->arp_sha, p + 8, 6);
	key->ip_src = getbe32(p + 14);
	memcpy(key->arp_tha, p + 18, 6);
	key->ip_dst = getbe32(p + 24);
	*c->lanes |= LANE(1);
	l->l3_ofs = (uint16_t)c->ofs;
	l->l3_type = PACKET_L3_ARP;
}

/* Options of a neighbour message.  Any unsound one voids all that the message says. */
static void
parse_nd(struct cursor *c, struct flow *key)
{
	const uint8_t *p = c->data + c->ofs;
	const uint8_t *sll = NULL, *tll = NULL;
	uint32_t left = c->avail - c->ofs - ND_LEN;
	const uint8_t *opt = p + ND_LEN;
	uint8_t first = 0;

	while (left >= 8) {
		uint32_t opt_len = opt[1] * 8u;
		const uint8_t **lla = opt[0] == 1 ? &sll : opt[0] == 2 ? &tll : NULL;

		if (opt_len == 0 || opt_len > left)
			return;
		if (lla != NULL && opt_len == 8) {
			if (*lla != NULL)
				return;
			*lla = opt + 2;
			if (first == 0)
				first = opt[0];
		}
		opt += opt_len;
		left -= opt_len;
	}
	memcpy(key->nd_target, p + 8, 16);
	*c->lanes |= LANE(1);
	if (sll != NULL)
		memcpy(key->arp_sha, sll, 6);
	if (tll != NULL)
		memcpy(key->arp_tha, tll, 6);
	key->nd_reserved = getbe32(p + 4);
	key->nd_options = first;
	if (key->nd_reserved != 0 || first != 0)
		*c->lanes |= LANE(2);
}

static inline void
parse_l4(struct cursor *c, uint8_t proto, bool ipv6, struct flow *key, struct packet_layout *l)
{
	const uint8_t *p = c->data + c->ofs;
	uint32_t need;

	l->l4_ofs = (uint16_t)c->ofs;
	switch (proto) {
	case IPPROTO_TCP: need = 20; break;
	case IPPROTO_UDP: need = 8; break;
	case IPPROTO_SCTP: need = 12; break;
	case IPPROTO_ICMP: need = ipv6 ? UINT32_MAX : 8; break;
	case IPPROTO_ICMPV6: need = ipv6 ? 4 : UINT32_MAX; break;
	default: return;
	}
	if (!has(c, need))
		return;
	l->l4_proto = proto;
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		key->l4_src = htons(p[0]);
		key->l4_dst = htons(p[1]);
		if (proto == IPPROTO_ICMPV6 && (p[0] == 135 || p[0] == 136) && p[1] == 0
			&& has(c, ND_LEN))
			parse_nd(c, key);
		return;
	}
	key->l4_src = getbe16(p);
	key->l4_dst = getbe16(p + 2);
	if (proto == IPPROTO_TCP)
		key->tcp_flags = getbe16(p + 12) & htons(0xfff);
}

static inline void
parse_ipv4(struct cursor *c, struct flow *key, struct packet_layout *l)
{
	const uint8_t *p = c->data + c->ofs;
	uint32_t ihl, total;
	uint16_t frag;

	if (!has(c, IPV4_LEN) || p[0] >> 4 != 4)
		return;
	ihl = (p[0] & 15u) * 4;
	total = get16(p + 2);
	if (ihl < IPV4_LEN || total < ihl || total > c->len - c->ofs || !has(c, ihl))
		return;

	key->ip_src = getbe32(p + 12);
	key->ip_dst = getbe32(p + 16);
	key->ip_tos = p[1];
	key->ip_ttl = p[8];
	key->ip_proto = p[9];
	l->l3_ofs = (uint16_t)c->ofs;
	l->l3_type = PACKET_L3_IPV4;
	l->l3_end = c->ofs + total;
	c->avail = MIN(c->avail, l->l3_end);
	c->ofs += ihl;
	frag = get16(p + 6);
	if (UNLIKELY((frag & 0x3fff) != 0)) {
		key->ip_frag = FLOW_FRAG_ANY;
		l->flags |= PACKET_L_FRAG;
		if ((frag & 0x1fff) != 0) {
			key->ip_frag |= FLOW_FRAG_LATER;
			l->flags |= PACKET_L_LATER;
			return;
		}
	}
	parse_l4(c, key->ip_proto, false, key, l);
}

/* What has been seen of a chain of extension headers. */
struct exthdrs {
	uint16_t bits; /* FLOW_IEH_* */
	uint8_t rank; /* Highest place in the recommended order so far. */
	uint8_t n_dest;
};

/* Notes header 'type', which stands in the chain.  RFC 8200 section 4.1 recommends hop-by-hop, destination, routing,
 * fragment, authentication, ESP, destination: ranks 1 to 7. */
static void
exthdr_note(struct exthdrs *x, uint8_t type)
{
	uint16_t bit;
	uint8_t rank;

	switch (type) {
	case IPPROTO_HOPOPTS:
		bit = FLOW_IEH_HOP;
		rank = 1;
		break;
	case IPPROTO_ROUTING:
		bit = FLOW_IEH_ROUTER;
		rank = 3;
		break;
	case IPPROTO_FRAGMENT:
		bit = FLOW_IEH_FRAG;
		rank = 4;
		break;
	case IPPROTO_AH:
		bit = FLOW_IEH_AUTH;
		rank = 5;
		break;
	case IPPROTO_ESP:
		bit = FLOW_IEH_ESP;
		rank = 6;
		break;
	case IPPROTO_DSTOPTS:
		bit = FLOW_IEH_DEST;
		rank = x->rank < 2 ? 2 : 7;
		break;
	case IPPROTO_NONE: x->bits |= FLOW_IEH_NONEXT; return;
	default: return;
	}
	if (bit == FLOW_IEH_DEST ? ++x->n_dest > 2 : (x->bits & bit) != 0)
		x->bits |= FLOW_IEH_UNREP;
	else if (rank < x->rank)
		x->bits |= FLOW_IEH_UNSEQ;
	x->bits |= bit;
	x->rank = MAX(x->rank, rank);
}

static void
parse_ipv6(struct cursor *c, struct flow *key, struct packet_layout *l)
{
	const uint8_t *p = c->data + c->ofs;
	struct exthdrs x = { 0 };
	uint8_t next, this_type;
	uint32_t plen;

	if (!has(c, IPV6_LEN) || p[0] >> 4 != 6)
		return;
	plen = get16(p + 4);
	if (plen > c->len - c->ofs - IPV6_LEN)
		return;

	*c->lanes |= LANE(1);
	memcpy(key->ipv6_src, p + 8, 16);
	memcpy(key->ipv6_dst, p + 24, 16);
	key->ipv6_label = getbe32(p) & htonl(0xfffff);
	key->ip_tos = (uint8_t)(get16(p) >> 4);
	key->ip_ttl = p[7];
	l->l3_ofs = (uint16_t)c->ofs;
	l->l3_type = PACKET_L3_IPV6;
	l->l3_end = c->ofs + IPV6_LEN + plen;
	c->avail = MIN(c->avail, l->l3_end);
	c->ofs += IPV6_LEN;

	for (next = p[6];; next = this_type) {
		uint32_t hdr_len;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS
			&& next != IPPROTO_AH && next != IPPROTO_FRAGMENT)
			break;
		p = c->data + c->ofs;
		if (!has(c, 8))
			goto out;
		hdr_len = next == IPPROTO_FRAGMENT ? 8
			: next == IPPROTO_AH       ? (p[1] + 2u) * 4
						   : (p[1] + 1u) * 8;
		if (!has(c, hdr_len))
			goto out;
		exthdr_note(&x, next);
		this_type = p[0];
		c->ofs += hdr_len;
		if (next == IPPROTO_FRAGMENT && (get16(p + 2) & 0xfff9) != 0) {
			key->ip_frag |= FLOW_FRAG_ANY;
			l->flags |= PACKET_L_FRAG;
			if ((get16(p + 2) & 0xfff8) != 0) {
				key->ip_frag |= FLOW_FRAG_LATER;
				l->flags |= PACKET_L_LATER;
				next = this_type;
				goto out;
			}
		}
	}
	exthdr_note(&x, next);
	parse_l4(c, next, true, key, l);
out:
	key->ip_proto = next;
	key->ipv6_exthdr = x.bits;
	if (x.bits != 0)
		*c->lanes |= LANE(2);
}

/* Parses 'avail' bytes at 'data' of a packet of 'len'.  Lane 0 is written whole; the others must be zero.
 * Returns: the lanes that hold something. */
static inline uint8_t
extract(const uint8_t *data, uint32_t avail, uint32_t len, uint32_t dp_port, struct flow *key,
	struct packet_layout *l)
{
	uint8_t lanes = LANE(0);
	struct cursor c = {
		.data = data, .avail = MIN(avail, FLOW_EXTRACT_WINDOW), .len = len, .lanes = &lanes
	};
	uint16_t type;

	memset(key, 0, SLUICE_CACHE_LINE);
	key->in_port = dp_port;
	packet_layout_clear(l);
	if (UNLIKELY(!has(&c, ETH_LEN)))
		return lanes;
	type = parse_l2(&c, key, l);
	key->eth_type = htons(type);
	switch (type) {
	case ETH_TYPE_IP: parse_ipv4(&c, key, l); break;
	case ETH_TYPE_IPV6: parse_ipv6(&c, key, l); break;
	case ETH_TYPE_ARP:
	case ETH_TYPE_RARP: parse_arp(&c, key, l); break;
	case ETH_TYPE_MPLS:
	case ETH_TYPE_MPLS_MCAST: parse_mpls(&c, key, l); break;
	case ETH_TYPE_PBB: parse_pbb(&c, key); break;
	default: break;
	}
	return lanes;
}

void
flow_extract(const void *data, uint32_t len, uint32_t dp_port, struct flow *key,
	struct packet_layout *layout)
{
	struct packet_layout scratch;

	memset(key, 0, sizeof *key);
	(void)extract(data, len, len, dp_port, key, layout != NULL ? layout : &scratch);
}

void
flow_extract_batch(struct rte_mbuf *const *pkts, uint32_t n, uint32_t dp_port, struct flow *keys,
	uint8_t *lanes)
{
	const uint32_t ahead = 4;

	for (uint32_t i = 0; i < MIN(n, ahead); i++)
		packet_prefetch_data(pkts[i]);
	for (uint32_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		uint32_t len = packet_len(m), avail = packet_seg_len(m);
		const uint8_t *data = packet_data(m);
		uint8_t linear[FLOW_EXTRACT_WINDOW];

		if (i + ahead < n)
			packet_prefetch_data(pkts[i + ahead]);
		if (UNLIKELY(avail < len && avail < FLOW_EXTRACT_WINDOW)) {
			avail = MIN(len, FLOW_EXTRACT_WINDOW);
			packet_read(m, 0, avail, linear);
			data = linear;
		}
		for (uint32_t dirty = lanes[i] & ~1u; UNLIKELY(dirty != 0); dirty &= dirty - 1)
			memset(flow_lane_rw(&keys[i], (unsigned int)__builtin_ctz(dirty)), 0,
				SLUICE_CACHE_LINE);
		lanes[i] = extract(data, avail, len, dp_port, &keys[i], packet_layout(m));
	}
}
