/* SPDX-License-Identifier: Apache-2.0 */
/* Matches, keys and fields to text, in the words, order and number formats of ovs-ofctl. */

#include "flow/format.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/str.h"
#include "flow/format_priv.h"
#include "flow/ofp_port.h"

const struct format_protocol format_protocols[] = {
	{ "icmp", 0x0800, IPPROTO_ICMP, NULL },
	{ "tcp", 0x0800, IPPROTO_TCP, NULL },
	{ "udp", 0x0800, IPPROTO_UDP, NULL },
	{ "sctp", 0x0800, IPPROTO_SCTP, NULL },
	{ "icmp6", 0x86dd, IPPROTO_ICMPV6, "icmpv6" },
	{ "tcp6", 0x86dd, IPPROTO_TCP, NULL },
	{ "udp6", 0x86dd, IPPROTO_UDP, NULL },
	{ "sctp6", 0x86dd, IPPROTO_SCTP, NULL },
	{ "ip", 0x0800, -1, "ipv4" },
	{ "ipv6", 0x86dd, -1, "ip6" },
	{ "arp", 0x0806, -1, NULL },
	{ "rarp", 0x8035, -1, NULL },
	{ "mpls", 0x8847, -1, NULL },
	{ "mplsm", 0x8848, -1, NULL },
	{ NULL, 0, 0, NULL },
};

const struct format_frag format_frags[] = {
	{ "no", 0, FLOW_FRAG_ANY | FLOW_FRAG_LATER },
	{ "yes", FLOW_FRAG_ANY, FLOW_FRAG_ANY },
	{ "first", FLOW_FRAG_ANY, FLOW_FRAG_ANY | FLOW_FRAG_LATER },
	{ "later", FLOW_FRAG_ANY | FLOW_FRAG_LATER, FLOW_FRAG_ANY | FLOW_FRAG_LATER },
	{ "not_later", 0, FLOW_FRAG_LATER },
	{ NULL, 0, 0 },
};

const struct format_flag *
format_flags(enum field_format format)
{
	static const struct format_flag tcp[] = { { "fin", 0x001 }, { "syn", 0x002 },
		{ "rst", 0x004 }, { "psh", 0x008 }, { "ack", 0x010 }, { "urg", 0x020 },
		{ "ece", 0x040 }, { "cwr", 0x080 }, { "ns", 0x100 }, { "[200]", 0x200 },
		{ "[400]", 0x400 }, { "[800]", 0x800 }, { NULL, 0 } };
	static const struct format_flag ct[] = { { "new", FLOW_CT_NEW }, { "est", FLOW_CT_EST },
		{ "rel", FLOW_CT_REL }, { "rpl", FLOW_CT_RPL }, { "inv", FLOW_CT_INV },
		{ "trk", FLOW_CT_TRK }, { "snat", FLOW_CT_SNAT }, { "dnat", FLOW_CT_DNAT },
		{ NULL, 0 } };
	static const struct format_flag tun[] = { { "oam", 1 }, { NULL, 0 } };

	switch (format) {
	case FIELD_FMT_TCP_FLAGS: return tcp;
	case FIELD_FMT_CT_STATE: return ct;
	default: return tun;
	}
}

static void
put_flags(const struct field *f, uint64_t value, uint64_t mask, bool exact, struct str *out)
{
	const struct format_flag *flags = format_flags(f->format);
	bool first = true;

	/* One bit is all that tunnel flags have, and it is written with its sign. */
	if (exact && f->format != FIELD_FMT_TUN_FLAGS) {
		for (; flags->name != NULL; flags++) {
			if ((value & flags->bit) == 0)
				continue;
			str_printf(out, "%s%s", first ? "" : "|", flags->name);
			first = false;
		}
		if (first)
			str_putc(out, '0');
		return;
	}
	for (; flags->name != NULL; flags++) {
		if ((mask & flags->bit) != 0)
			str_printf(out, "%c%s", (value & flags->bit) != 0 ? '+' : '-', flags->name);
	}
}

static void
put_mac(const uint8_t b[6], struct str *out)
{
	str_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

/* The length of the prefix that 'n' bytes of mask are, or -1 if they are none. */
static int
prefix_len(const uint8_t *mask, unsigned int n)
{
	unsigned int len = 0;

	while (len < n * 8 && (mask[len / 8] & 0x80 >> len % 8) != 0)
		len++;
	for (unsigned int i = len; i < n * 8; i++) {
		if ((mask[i / 8] & 0x80 >> i % 8) != 0)
			return -1;
	}
	return (int)len;
}

static void
put_addr(int family, const uint8_t *value, const uint8_t *mask, unsigned int n, struct str *out)
{
	char text[INET6_ADDRSTRLEN];
	int len = prefix_len(mask, n);

	str_puts(out, inet_ntop(family, value, text, sizeof text));
	if (len == (int)n * 8)
		return;
	if (len >= 0)
		str_printf(out, "/%d", len);
	else
		str_printf(out, "/%s", inet_ntop(family, mask, text, sizeof text));
}

/* A number in hexadecimal, as "%#x" has it: zero without "0x". */
static void
put_hex(const struct field *f, const union field_value *v, struct str *out)
{
	unsigned int i = 0;

	if (f->n_bytes <= 8) {
		uint64_t x = field_value_u64(f, v);

		str_printf(out, x == 0 ? "%" PRIx64 : "0x%" PRIx64, x);
		return;
	}
	while (i < f->n_bytes - 1u && v->b[i] == 0)
		i++;
	if (i == f->n_bytes - 1u && v->b[i] == 0) {
		str_putc(out, '0');
		return;
	}
	str_printf(out, "0x%x", v->b[i]);
	for (i++; i < f->n_bytes; i++)
		str_printf(out, "%02x", v->b[i]);
}

static void
put_frag(uint64_t value, uint64_t mask, struct str *out)
{
	for (const struct format_frag *x = format_frags; x->name != NULL; x++) {
		if (x->value == value && x->mask == mask) {
			str_puts(out, x->name);
			return;
		}
	}
	str_printf(out, "0x%" PRIx64 "/0x%" PRIx64, value, mask);
}

static void
put_port(uint32_t port, const struct format_ports *ports, struct str *out)
{
	const char *name = ofp_port_name(port);

	if (name == NULL && ports != NULL && ports->name != NULL)
		name = ports->name(ports->aux, port);
	if (name == NULL) {
		/* A number between the reserved ones and the largest has a 16-bit form. */
		str_printf(out, "%" PRIu32, port >= OFP_PORT_MAX ? ofp_port_to10(port) : port);
		return;
	}
	for (const char *p = name; *p != '\0'; p++) {
		if (!isalnum((unsigned char)*p) && strchr("_-.", *p) == NULL) {
			str_printf(out, "\"%s\"", name);
			return;
		}
	}
	str_printf(out, isdigit((unsigned char)name[0]) ? "\"%s\"" : "%s", name);
}

/* Numbers of a fixed width: EtherType, VLAN TCI, IPv6 flow label. */
static int
hex_width(const struct field *f)
{
	switch (field_id(f)) {
	case FIELD_ETH_TYPE:
	case FIELD_VLAN_TCI: return 4;
	case FIELD_IPV6_LABEL: return 5;
	default: return 0;
	}
}

void
field_format(const struct field *f, const union field_value *value, const union field_value *mask,
	const struct format_ports *ports, struct str *out)
{
	union field_value ones;
	uint64_t v = field_value_u64(f, value), m;
	bool exact;

	field_value_set_ones(f, &ones);
	if (mask == NULL)
		mask = &ones;
	exact = field_value_is_ones(f, mask);
	m = field_value_u64(f, mask);
	switch (f->format) {
	case FIELD_FMT_ETHERNET:
		put_mac(value->b, out);
		if (!exact) {
			str_putc(out, '/');
			put_mac(mask->b, out);
		}
		return;
	case FIELD_FMT_IPV4: put_addr(AF_INET, value->b, mask->b, 4, out); return;
	case FIELD_FMT_IPV6: put_addr(AF_INET6, value->b, mask->b, 16, out); return;
	case FIELD_FMT_FRAG: put_frag(v, m, out); return;
	case FIELD_FMT_TCP_FLAGS:
	case FIELD_FMT_CT_STATE:
	case FIELD_FMT_TUN_FLAGS: put_flags(f, v, m, exact, out); return;
	case FIELD_FMT_PORT: put_port((uint32_t)v, ports, out); return;
	case FIELD_FMT_PORT10: put_port(ofp_port_from10((uint16_t)v), ports, out); return;
	case FIELD_FMT_PACKET_TYPE:
		str_printf(out,
			(v & 0xffff) != 0 ? "(%" PRIu64 ",0x%" PRIx64 ")"
					  : "(%" PRIu64 ",%" PRIx64 ")",
			v >> 16, v & 0xffff);
		return;
	case FIELD_FMT_DECIMAL:
		if (exact) {
			str_printf(out, "%" PRIu64, v);
			return;
		}
		break;
	case FIELD_FMT_HEX: break;
	}
	if (hex_width(f) != 0) {
		str_printf(out, "0x%0*" PRIx64, hex_width(f), v);
		if (!exact)
			str_printf(out, "/0x%0*" PRIx64, hex_width(f), m);
		return;
	}
	put_hex(f, value, out);
	if (!exact) {
		str_putc(out, '/');
		put_hex(f, mask, out);
	}
}

/* A match being printed. */
struct writer {
	const struct match *m;
	const struct format_ports *ports;
	struct str *out;
	bool any;
};

static void
word(struct writer *w, const char *text)
{
	if (w->any)
		str_putc(w->out, ',');
	str_puts(w->out, text);
	w->any = true;
}

/* "name=value", if any bit of the field is matched. */
static void
put_field(struct writer *w, enum field_id id, const char *name)
{
	const struct field *f = field_get(id);
	union field_value value, mask;

	if (!match_get_field(w->m, f, &value, &mask))
		return;
	word(w, name != NULL ? name : f->name);
	str_putc(w->out, '=');
	field_format(f, &value, &mask, w->ports, w->out);
}

/* Several fields under their own names. */
static void
put_fields(struct writer *w, const enum field_id *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_field(w, ids[i], NULL);
}

static void
put_vlan(struct writer *w)
{
	uint16_t tci = ntohs(w->m->value.vlan_tci), mask = ntohs(w->m->mask.vlan_tci);
	uint16_t vid_mask = mask & FLOW_VLAN_VID, pcp_mask = mask & FLOW_VLAN_PCP;
	bool whole_vid = vid_mask == FLOW_VLAN_VID, whole_pcp = pcp_mask == FLOW_VLAN_PCP;
	char text[32];

	if (mask == 0)
		return;
	if ((tci & mask & FLOW_VLAN_PRESENT) == 0 || !(whole_vid || vid_mask == 0)
		|| !(whole_pcp || pcp_mask == 0) || !(whole_vid || whole_pcp)) {
		put_field(w, FIELD_VLAN_TCI, NULL);
		return;
	}
	if (whole_vid) {
		snprintf(text, sizeof text, "dl_vlan=%u", tci & FLOW_VLAN_VID);
		word(w, text);
	}
	if (whole_pcp) {
		snprintf(text, sizeof text, "dl_vlan_pcp=%u", tci >> FLOW_VLAN_PCP_SHIFT);
		word(w, text);
	}
}

/* True if the tunnel address that is matched is one of IPv4 (or "none"). */
static bool
is_mapped(const uint8_t value[16], const uint8_t mask[16])
{
	static const uint8_t ones[12] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255 };
	static const uint8_t v4[12] = { [10] = 255, [11] = 255 }, none[16];

	/* The address must have bits that are matched: "any IPv4 address" has no IPv4 form. */
	return memcmp(mask, ones, 12) == 0 && memcmp(mask + 12, none, 4) != 0
		&& (memcmp(value, v4, 12) == 0
				? memcmp(mask + 12, ones, 4) != 0
					|| memcmp(value + 12, none, 4) != 0
				: memcmp(value, none, 16) == 0 && memcmp(mask + 12, ones, 4) == 0);
}

static void
put_tunnel(struct writer *w)
{
	static const enum field_id rest[] = { FIELD_TUN_GBP_ID, FIELD_TUN_GBP_FLAGS, FIELD_TUN_TOS,
		FIELD_TUN_TTL, FIELD_TUN_FLAGS };
	const struct flow *v = &w->m->value, *k = &w->m->mask;
	bool src4 = is_mapped(v->tun_ipv6_src, k->tun_ipv6_src);
	bool dst4 = is_mapped(v->tun_ipv6_dst, k->tun_ipv6_dst);

	put_field(w, FIELD_TUN_ID, NULL);
	put_field(w, src4 ? FIELD_TUN_SRC : FIELD_TUN_IPV6_SRC, NULL);
	put_field(w, dst4 ? FIELD_TUN_DST : FIELD_TUN_IPV6_DST, NULL);
	put_fields(w, rest, ARRAY_SIZE(rest));
}

/* What the words in front have said already. */
struct said {
	bool type, proto;
};

static struct said
put_protocol(struct writer *w)
{
	const struct flow *v = &w->m->value, *k = &w->m->mask;
	struct said said = { false, false };

	if (k->eth_type != 0xffff)
		return said;
	for (const struct format_protocol *p = format_protocols; p->name != NULL; p++) {
		if (p->eth_type != ntohs(v->eth_type)
			|| (p->ip_proto >= 0
				&& (k->ip_proto != 0xff || p->ip_proto != v->ip_proto)))
			continue;
		word(w, p->name);
		said.type = true;
		said.proto = p->ip_proto >= 0;
		break;
	}
	return said;
}

static void
put_l4(struct writer *w)
{
	static const enum field_id nd[] = { FIELD_ND_TARGET, FIELD_ND_SLL, FIELD_ND_TLL,
		FIELD_ND_RESERVED, FIELD_ND_OPTIONS_TYPE };
	const struct flow *v = &w->m->value, *k = &w->m->mask;
	uint16_t type = k->eth_type == 0xffff ? ntohs(v->eth_type) : 0;
	bool icmp4 = type == 0x0800 && k->ip_proto == 0xff && v->ip_proto == IPPROTO_ICMP;
	bool icmp6 = type == 0x86dd && k->ip_proto == 0xff && v->ip_proto == IPPROTO_ICMPV6;

	/* An ICMP type under a mask, or beyond 255, can only be written as the port that it is kept in. */
	if ((icmp4 || icmp6) && (k->l4_src == 0 || k->l4_src == 0xffff)
		&& (k->l4_dst == 0 || k->l4_dst == 0xffff) && ntohs(v->l4_src) <= 255
		&& ntohs(v->l4_dst) <= 255) {
		put_field(w, FIELD_ICMPV4_TYPE, NULL);
		put_field(w, FIELD_ICMPV4_CODE, NULL);
	} else {
		put_field(w, FIELD_TCP_SRC, "tp_src");
		put_field(w, FIELD_TCP_DST, "tp_dst");
	}
	if (icmp6)
		put_fields(w, nd, ARRAY_SIZE(nd));
	put_field(w, FIELD_TCP_FLAGS, NULL);
}

static void
put_network(struct writer *w, struct said said)
{
	static const enum field_id ipv6[] = { FIELD_IPV6_SRC, FIELD_IPV6_DST, FIELD_IPV6_LABEL,
		FIELD_IPV6_EXTHDR };
	static const enum field_id after[] = { FIELD_NW_TOS, FIELD_IP_ECN, FIELD_NW_TTL,
		FIELD_MPLS_LABEL, FIELD_MPLS_TC, FIELD_MPLS_TTL, FIELD_MPLS_BOS, FIELD_PBB_ISID,
		FIELD_PBB_UCA };
	uint16_t type = w->m->mask.eth_type == 0xffff ? ntohs(w->m->value.eth_type) : 0;
	bool arp = type == 0x0806 || type == 0x8035;

	put_fields(w, ipv6, ARRAY_SIZE(ipv6));
	put_field(w, FIELD_IPV4_SRC, arp ? "arp_spa" : "nw_src");
	put_field(w, FIELD_IPV4_DST, arp ? "arp_tpa" : "nw_dst");
	if (!said.proto)
		put_field(w, FIELD_IP_PROTO, arp ? "arp_op" : "nw_proto");
	if (arp) {
		put_field(w, FIELD_ARP_SHA, NULL);
		put_field(w, FIELD_ARP_THA, NULL);
	}
	put_fields(w, after, ARRAY_SIZE(after));
	put_field(w, FIELD_IP_FRAG, "nw_frag");
}

bool
match_format(const struct match *m, const struct format_ports *ports, struct str *out)
{
	static const enum field_id first[] = { FIELD_PKT_MARK, FIELD_RECIRC_ID, FIELD_DP_HASH,
		FIELD_CONJ_ID, FIELD_SKB_PRIORITY, FIELD_ACTSET_OUTPUT, FIELD_CT_STATE,
		FIELD_CT_ZONE, FIELD_CT_MARK, FIELD_CT_LABEL, FIELD_CT_NW_SRC, FIELD_CT_IPV6_SRC,
		FIELD_CT_NW_DST, FIELD_CT_IPV6_DST, FIELD_CT_NW_PROTO, FIELD_CT_TP_SRC,
		FIELD_CT_TP_DST };
	struct writer w = { .m = m, .ports = ports, .out = out };
	struct said said;

	put_fields(&w, first, ARRAY_SIZE(first));
	if (m->mask.packet_type == UINT32_MAX && m->value.packet_type == 0)
		word(&w, "eth");
	else
		put_field(&w, FIELD_PACKET_TYPE, NULL);
	said = put_protocol(&w);
	for (unsigned int i = 0; i < FLOW_N_REGS; i++)
		put_field(&w, (enum field_id)(FIELD_REG0 + i), NULL);
	put_tunnel(&w);
	put_field(&w, FIELD_METADATA, NULL);
	put_field(&w, FIELD_IN_PORT_OXM, "in_port");
	put_vlan(&w);
	put_field(&w, FIELD_ETH_SRC, "dl_src");
	put_field(&w, FIELD_ETH_DST, "dl_dst");
	if (!said.type)
		put_field(&w, FIELD_ETH_TYPE, "dl_type");
	put_network(&w, said);
	put_l4(&w);
	return w.any;
}

void
flow_format(const struct flow *flow, const struct format_ports *ports, struct str *out)
{
	struct match m;
	struct flow mask;

	memset(&mask, 0, sizeof mask);
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		const struct field *f = &field_table[i];
		union field_value v;
		bool always = i == FIELD_IN_PORT_OXM || i == FIELD_ETH_SRC || i == FIELD_ETH_DST
			|| i == FIELD_ETH_TYPE || i == FIELD_VLAN_TCI
			|| f->prereq != FIELD_PREREQ_NONE;

		field_read(f, flow, &v);
		if (always ? field_prereqs_hold(f, flow) : !field_value_is_zero(f, &v))
			field_mask(f, &mask);
	}
	/* What most packets do not have is not worth a word. */
	if (flow->ipv6_label == 0)
		mask.ipv6_label = 0;
	if (flow->ipv6_exthdr == 0)
		mask.ipv6_exthdr = 0;
	if (flow->nd_reserved == 0)
		mask.nd_reserved = 0;
	if (flow->nd_options == 0)
		mask.nd_options = 0;
	match_init(&m, flow, &mask);
	(void)match_format(&m, ports, out);
}
