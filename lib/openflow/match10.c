/* SPDX-License-Identifier: Apache-2.0 */
/* OpenFlow 1.0's fixed match: twelve fields and a word that says which of them count.  The other
 * half of openflow/oxm.h. */

#include <arpa/inet.h>
#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/oxm.h"

/* OFPFW_* */
#define WILD_IN_PORT (1u << 0)
#define WILD_DL_VLAN (1u << 1)
#define WILD_DL_SRC (1u << 2)
#define WILD_DL_DST (1u << 3)
#define WILD_DL_TYPE (1u << 4)
#define WILD_NW_PROTO (1u << 5)
#define WILD_TP_SRC (1u << 6)
#define WILD_TP_DST (1u << 7)
#define WILD_NW_SRC_SHIFT 8
#define WILD_NW_DST_SHIFT 14
#define WILD_NW_BITS 0x3fu
#define WILD_DL_VLAN_PCP (1u << 20)
#define WILD_NW_TOS (1u << 21)
#define WILD_ALL ((1u << 22) - 1)

#define VLAN_NONE 0xffff

#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_RARP 0x8035
#define ETH_TYPE_IPV6 0x86dd

/* The fields in the order of the wire. */
struct match10 {
	uint32_t wildcards;
	uint16_t in_port;
	uint8_t dl_src[6];
	uint8_t dl_dst[6];
	uint16_t dl_vlan;
	uint8_t dl_vlan_pcp;
	uint16_t dl_type;
	uint8_t nw_tos;
	uint8_t nw_proto;
	uint32_t nw_src;
	uint32_t nw_dst;
	uint16_t tp_src;
	uint16_t tp_dst;
};

static void
read_match10(struct of_reader *r, struct match10 *m)
{
	m->wildcards = of_reader_u32(r) & WILD_ALL;
	m->in_port = of_reader_u16(r);
	of_reader_bytes(r, m->dl_src, sizeof m->dl_src);
	of_reader_bytes(r, m->dl_dst, sizeof m->dl_dst);
	m->dl_vlan = of_reader_u16(r);
	m->dl_vlan_pcp = of_reader_u8(r);
	of_reader_skip(r, 1);
	m->dl_type = of_reader_u16(r);
	m->nw_tos = of_reader_u8(r);
	m->nw_proto = of_reader_u8(r);
	of_reader_skip(r, 2);
	m->nw_src = of_reader_u32(r);
	m->nw_dst = of_reader_u32(r);
	m->tp_src = of_reader_u16(r);
	m->tp_dst = of_reader_u16(r);
}

static void
put_match10(const struct match10 *m, struct of_buf *b)
{
	of_buf_put_u32(b, m->wildcards);
	of_buf_put_u16(b, m->in_port);
	of_buf_put(b, m->dl_src, sizeof m->dl_src);
	of_buf_put(b, m->dl_dst, sizeof m->dl_dst);
	of_buf_put_u16(b, m->dl_vlan);
	of_buf_put_u8(b, m->dl_vlan_pcp);
	of_buf_put_u8(b, 0);
	of_buf_put_u16(b, m->dl_type);
	of_buf_put_u8(b, m->nw_tos);
	of_buf_put_u8(b, m->nw_proto);
	of_buf_put_u16(b, 0);
	of_buf_put_u32(b, m->nw_src);
	of_buf_put_u32(b, m->nw_dst);
	of_buf_put_u16(b, m->tp_src);
	of_buf_put_u16(b, m->tp_dst);
}

/* Sets field 'id' to the integer 'v'. */
static void
set_u64(struct match *match, enum field_id id, uint64_t v)
{
	const struct field *f = field_get(id);
	union field_value value;

	memset(&value, 0, sizeof value);
	field_value_set_u64(f, &value, v);
	match_set_field(match, f, &value, NULL);
}

/* Sets IPv4 address 'id' to 'addr' but for its 'wild' low bits. */
static void
set_addr(struct match *match, enum field_id id, uint32_t addr, uint32_t wild)
{
	const struct field *f = field_get(id);
	union field_value value, mask;

	if (wild >= 32)
		return;
	memset(&value, 0, sizeof value);
	memset(&mask, 0, sizeof mask);
	mask.be32 = htonl(UINT32_MAX << wild);
	value.be32 = htonl(addr) & mask.be32;
	match_set_field(match, f, &value, &mask);
}

static void
decode_vlan(const struct match10 *m, struct match *match)
{
	if ((m->wildcards & WILD_DL_VLAN) == 0) {
		if (m->dl_vlan == VLAN_NONE) {
			match_set_vlan_none(match);
			return;
		}
		set_u64(match, FIELD_DL_VLAN, m->dl_vlan & FLOW_VLAN_VID);
	}
	if ((m->wildcards & WILD_DL_VLAN_PCP) == 0)
		set_u64(match, FIELD_DL_VLAN_PCP, m->dl_vlan_pcp & 7u);
}

static void
decode_network(const struct match10 *m, struct match *match)
{
	bool arp = m->dl_type == ETH_TYPE_ARP || m->dl_type == ETH_TYPE_RARP;
	bool ip = m->dl_type == ETH_TYPE_IPV4 || m->dl_type == ETH_TYPE_IPV6;

	if (!arp && !ip)
		return;
	if (ip && (m->wildcards & WILD_NW_TOS) == 0)
		set_u64(match, FIELD_IP_DSCP, m->nw_tos >> 2);
	if ((m->wildcards & WILD_NW_PROTO) == 0)
		set_u64(match, arp ? FIELD_ARP_OP : FIELD_IP_PROTO, m->nw_proto);
	if (m->dl_type == ETH_TYPE_IPV6)
		return;
	set_addr(match, arp ? FIELD_ARP_SPA : FIELD_IPV4_SRC, m->nw_src,
		m->wildcards >> WILD_NW_SRC_SHIFT & WILD_NW_BITS);
	set_addr(match, arp ? FIELD_ARP_TPA : FIELD_IPV4_DST, m->nw_dst,
		m->wildcards >> WILD_NW_DST_SHIFT & WILD_NW_BITS);
}

/* The two transport fields of each protocol. */
static const struct transport {
	uint16_t eth_type; /* 0: IPv4 or IPv6. */
	uint8_t proto;
	enum field_id src, dst;
} transports[] = {
	{ 0, 6, FIELD_TCP_SRC, FIELD_TCP_DST },
	{ 0, 17, FIELD_UDP_SRC, FIELD_UDP_DST },
	{ 0, 132, FIELD_SCTP_SRC, FIELD_SCTP_DST },
	{ ETH_TYPE_IPV4, 1, FIELD_ICMPV4_TYPE, FIELD_ICMPV4_CODE },
	{ ETH_TYPE_IPV6, 58, FIELD_ICMPV6_TYPE, FIELD_ICMPV6_CODE },
};

static const struct transport *
find_transport(uint16_t eth_type, uint8_t proto)
{
	if (eth_type != ETH_TYPE_IPV4 && eth_type != ETH_TYPE_IPV6)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		const struct transport *t = &transports[i];

		if (t->proto == proto && (t->eth_type == 0 || t->eth_type == eth_type))
			return t;
	}
	return NULL;
}

static enum oferror
decode_transport(const struct match10 *m, struct match *match)
{
	const struct transport *t;
	uint64_t limit;

	if ((m->wildcards & WILD_NW_PROTO) != 0)
		return OFERROR_OK;
	t = find_transport(m->dl_type, m->nw_proto);
	if (t == NULL)
		return OFERROR_OK;
	limit = field_get(t->src)->n_bits == 8 ? 0xff : 0xffff;
	if ((m->wildcards & WILD_TP_SRC) == 0) {
		if (m->tp_src > limit)
			return OFPBMC_BAD_VALUE;
		set_u64(match, t->src, m->tp_src);
	}
	if ((m->wildcards & WILD_TP_DST) == 0) {
		if (m->tp_dst > limit)
			return OFPBMC_BAD_VALUE;
		set_u64(match, t->dst, m->tp_dst);
	}
	return OFERROR_OK;
}

enum oferror
of_match10_decode(struct of_reader *r, struct match *match)
{
	struct match10 m;

	match_init_catchall(match);
	read_match10(r, &m);
	if (r->failed)
		return OFPBRC_BAD_LEN;
	if ((m.wildcards & WILD_IN_PORT) == 0)
		match_set_in_port(match, ofp_port_from10(m.in_port));
	if ((m.wildcards & WILD_DL_SRC) == 0)
		match_set_eth_src(match, m.dl_src);
	if ((m.wildcards & WILD_DL_DST) == 0)
		match_set_eth_dst(match, m.dl_dst);
	decode_vlan(&m, match);
	if ((m.wildcards & WILD_DL_TYPE) != 0)
		return OFERROR_OK;
	match_set_eth_type(match, m.dl_type);
	decode_network(&m, match);
	return decode_transport(&m, match);
}

/* The integer value of field 'id', and true, if all of it is matched and it means something. */
static bool
get_exact(const struct match *match, enum field_id id, uint64_t *v)
{
	const struct field *f = field_get(id);
	union field_value value, mask;

	if (!match_has_field(match, f))
		return false;
	(void)match_get_field(match, f, &value, &mask);
	*v = field_value_u64(f, &value);
	return field_value_is_ones(f, &mask);
}

static void
encode_vlan(const struct match *match, struct match10 *m)
{
	uint16_t value = ntohs(match->value.vlan_tci), mask = ntohs(match->mask.vlan_tci);

	if ((mask & FLOW_VLAN_PRESENT) == 0)
		return;
	if ((value & FLOW_VLAN_PRESENT) == 0) {
		m->dl_vlan = VLAN_NONE;
		m->wildcards &= ~WILD_DL_VLAN;
		return;
	}
	if ((mask & FLOW_VLAN_VID) == FLOW_VLAN_VID) {
		m->dl_vlan = value & FLOW_VLAN_VID;
		m->wildcards &= ~WILD_DL_VLAN;
	}
	if ((mask & FLOW_VLAN_PCP) == FLOW_VLAN_PCP) {
		m->dl_vlan_pcp = (uint8_t)(value >> FLOW_VLAN_PCP_SHIFT);
		m->wildcards &= ~WILD_DL_VLAN_PCP;
	}
}

/* The address and, returned, how many of its low bits are wild; 32 also where 1.0 cannot say the
 * mask. */
static uint32_t
get_addr(const struct match *match, enum field_id id, uint32_t *addr)
{
	const struct field *f = field_get(id);
	union field_value value, mask;
	uint32_t bits;
	uint32_t wild;

	if (!match_has_field(match, f))
		return 32;
	(void)match_get_field(match, f, &value, &mask);
	bits = ntohl(mask.be32);
	wild = bits == 0 ? 32 : (uint32_t)__builtin_ctz(bits);
	if (wild == 32 || bits != UINT32_MAX << wild)
		return 32;
	*addr = ntohl(value.be32);
	return wild;
}

static void
encode_network(const struct match *match, struct match10 *m)
{
	bool arp = m->dl_type == ETH_TYPE_ARP || m->dl_type == ETH_TYPE_RARP;
	uint32_t wild_src, wild_dst;
	uint64_t v;

	if (!arp && get_exact(match, FIELD_IP_DSCP, &v)) {
		m->nw_tos = (uint8_t)(v << 2);
		m->wildcards &= ~WILD_NW_TOS;
	}
	if (get_exact(match, arp ? FIELD_ARP_OP : FIELD_IP_PROTO, &v)) {
		m->nw_proto = (uint8_t)v;
		m->wildcards &= ~WILD_NW_PROTO;
	}
	wild_src = get_addr(match, arp ? FIELD_ARP_SPA : FIELD_IPV4_SRC, &m->nw_src);
	wild_dst = get_addr(match, arp ? FIELD_ARP_TPA : FIELD_IPV4_DST, &m->nw_dst);
	m->wildcards &= ~(WILD_NW_BITS << WILD_NW_SRC_SHIFT) & ~(WILD_NW_BITS << WILD_NW_DST_SHIFT);
	m->wildcards |= wild_src << WILD_NW_SRC_SHIFT | wild_dst << WILD_NW_DST_SHIFT;
}

static void
encode_transport(const struct match *match, struct match10 *m)
{
	const struct transport *t = find_transport(m->dl_type, m->nw_proto);
	uint64_t v;

	if (t == NULL || (m->wildcards & WILD_NW_PROTO) != 0)
		return;
	if (get_exact(match, t->src, &v)) {
		m->tp_src = (uint16_t)v;
		m->wildcards &= ~WILD_TP_SRC;
	}
	if (get_exact(match, t->dst, &v)) {
		m->tp_dst = (uint16_t)v;
		m->wildcards &= ~WILD_TP_DST;
	}
}

void
of_match10_encode(const struct match *match, struct of_buf *b)
{
	struct match10 m;
	uint64_t v;

	memset(&m, 0, sizeof m);
	m.wildcards = WILD_ALL;
	if (get_exact(match, FIELD_IN_PORT_OXM, &v)) {
		m.in_port = ofp_port_to10((uint32_t)v);
		m.wildcards &= ~WILD_IN_PORT;
	}
	if (get_exact(match, FIELD_ETH_SRC, &v)) {
		memcpy(m.dl_src, match->value.eth_src, sizeof m.dl_src);
		m.wildcards &= ~WILD_DL_SRC;
	}
	if (get_exact(match, FIELD_ETH_DST, &v)) {
		memcpy(m.dl_dst, match->value.eth_dst, sizeof m.dl_dst);
		m.wildcards &= ~WILD_DL_DST;
	}
	encode_vlan(match, &m);
	if (get_exact(match, FIELD_ETH_TYPE, &v)) {
		m.dl_type = (uint16_t)v;
		m.wildcards &= ~WILD_DL_TYPE;
		encode_network(match, &m);
		encode_transport(match, &m);
	}
	put_match10(&m, b);
}

bool
of_match10_is_enough(const struct match *match)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_reader r;
	struct match back;
	bool same;

	of_match10_encode(match, &b);
	of_reader_init(&r, b.data, b.len);
	same = of_match10_decode(&r, &back) == OFERROR_OK && match_equal(match, &back);
	of_buf_uninit(&b);
	return same;
}
