/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the datapath as text, in OVS's words for datapath flows: groups of fields in parentheses, one for
 * each header, and what a VLAN tag encloses in "encap(...)". */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/str.h"
#include "flow/format.h"

struct writer {
	struct flow key; /* Without bits that are not matched. */
	const struct flow *mask;
	struct str *out;
	bool any; /* Something was written at this level. */
	const char *group; /* Named but not opened yet, or NULL. */
	bool in_group;
};

static void
separate(struct writer *w)
{
	if (w->any)
		str_putc(w->out, ',');
	w->any = true;
}

static void
begin(struct writer *w, const char *group)
{
	w->group = group;
	w->in_group = false;
}

/* Closes a group if anything opened it. */
static void
end(struct writer *w)
{
	if (w->in_group)
		str_putc(w->out, ')');
	w->group = NULL;
	w->in_group = false;
}

/* Starts an item of the present group. */
static void
item(struct writer *w, const char *name)
{
	if (w->in_group) {
		str_putc(w->out, ',');
	} else {
		separate(w);
		str_printf(w->out, "%s(", w->group);
		w->in_group = true;
	}
	str_printf(w->out, "%s=", name);
}

/* An item out of the table of fields, if any bit of it is matched.  Masks of addresses are written out. */
static void
put(struct writer *w, enum field_id id, const char *name)
{
	const struct field *f = field_get(id);
	union field_value value, mask;

	field_read(f, w->mask, &mask);
	if (field_value_is_zero(f, &mask))
		return;
	field_read(f, &w->key, &value);
	item(w, name);
	field_format(f, &value, NULL, NULL, w->out);
	if (!field_value_is_ones(f, &mask)) {
		str_putc(w->out, '/');
		field_format(f, &mask, NULL, NULL, w->out);
	}
}

static void
put_frag(struct writer *w)
{
	if (w->mask->ip_frag == 0)
		return;
	item(w, "frag");
	str_puts(w->out,
		(w->key.ip_frag & FLOW_FRAG_LATER) != 0         ? "later"
			: (w->key.ip_frag & FLOW_FRAG_ANY) != 0 ? "first"
								: "no");
}

/* DSCP and ECN together. */
static void
put_tos(struct writer *w, const char *name)
{
	if (w->mask->ip_tos == 0)
		return;
	item(w, name);
	str_printf(w->out, w->key.ip_tos == 0 ? "%x" : "0x%x", w->key.ip_tos);
	if (w->mask->ip_tos != 0xff)
		str_printf(w->out, "/0x%x", w->mask->ip_tos);
}

static void
put_ports(struct writer *w, const char *group)
{
	begin(w, group);
	put(w, FIELD_TCP_SRC, "src");
	put(w, FIELD_TCP_DST, "dst");
	end(w);
}

static void
put_l4(struct writer *w, bool v6)
{
	switch (w->key.ip_proto) {
	case IPPROTO_TCP:
		put_ports(w, "tcp");
		if (w->mask->tcp_flags != 0) {
			const struct field *f = field_get(FIELD_TCP_FLAGS);
			union field_value value, mask;

			field_read(f, &w->key, &value);
			field_read(f, w->mask, &mask);
			separate(w);
			str_puts(w->out, "tcp_flags(");
			field_format(f, &value, &mask, NULL, w->out);
			str_putc(w->out, ')');
		}
		break;
	case IPPROTO_UDP: put_ports(w, "udp"); break;
	case IPPROTO_SCTP: put_ports(w, "sctp"); break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (v6 != (w->key.ip_proto == IPPROTO_ICMPV6))
			break;
		begin(w, v6 ? "icmpv6" : "icmp");
		put(w, FIELD_ICMPV4_TYPE, "type");
		put(w, FIELD_ICMPV4_CODE, "code");
		end(w);
		if (!v6)
			break;
		begin(w, "nd");
		put(w, FIELD_ND_TARGET, "target");
		put(w, FIELD_ND_SLL, "sll");
		put(w, FIELD_ND_TLL, "tll");
		end(w);
		break;
	default: break;
	}
}

static void
put_ip(struct writer *w, bool v6)
{
	begin(w, v6 ? "ipv6" : "ipv4");
	put(w, v6 ? FIELD_IPV6_SRC : FIELD_IPV4_SRC, "src");
	put(w, v6 ? FIELD_IPV6_DST : FIELD_IPV4_DST, "dst");
	if (v6)
		put(w, FIELD_IPV6_LABEL, "label");
	put(w, FIELD_IP_PROTO, "proto");
	put_tos(w, v6 ? "tclass" : "tos");
	put(w, FIELD_NW_TTL, v6 ? "hlimit" : "ttl");
	put_frag(w);
	end(w);
	if (v6 && w->mask->ipv6_exthdr != 0) {
		begin(w, "ipv6_exthdrs");
		put(w, FIELD_IPV6_EXTHDR, "hdrs");
		end(w);
	}
	if (w->mask->ip_proto == 0xff)
		put_l4(w, v6);
}

static void
put_arp(struct writer *w)
{
	begin(w, "arp");
	put(w, FIELD_ARP_SPA, "sip");
	put(w, FIELD_ARP_TPA, "tip");
	put(w, FIELD_ARP_OP, "op");
	put(w, FIELD_ARP_SHA, "sha");
	put(w, FIELD_ARP_THA, "tha");
	end(w);
}

/* EtherType and all behind it. */
static void
put_payload(struct writer *w)
{
	uint16_t type = ntohs(w->key.eth_type);

	if (w->mask->eth_type == 0)
		return;
	separate(w);
	str_printf(w->out, "eth_type(0x%04x)", type);
	switch (type) {
	case 0x0800: put_ip(w, false); break;
	case 0x86dd: put_ip(w, true); break;
	case 0x0806:
	case 0x8035: put_arp(w); break;
	case 0x8847:
	case 0x8848:
		begin(w, "mpls");
		put(w, FIELD_MPLS_LABEL, "label");
		put(w, FIELD_MPLS_TC, "tc");
		put(w, FIELD_MPLS_TTL, "ttl");
		put(w, FIELD_MPLS_BOS, "bos");
		end(w);
		break;
	default: break;
	}
}

/* Writes one tag.  Returns: true if there is one, and what it encloses is to follow. */
static bool
put_tag(struct writer *w, be16 tci, be16 tci_mask, be16 tpid)
{
	uint16_t v = ntohs(tci), m = ntohs(tci_mask);

	if (m == 0)
		return false;
	if ((v & FLOW_VLAN_PRESENT) == 0) {
		separate(w);
		str_puts(w->out, (m & FLOW_VLAN_PRESENT) != 0 ? "vlan(none)" : "vlan(tci=0)");
		return false;
	}
	separate(w);
	str_printf(w->out, "eth_type(0x%04x)", tpid != 0 ? ntohs(tpid) : 0x8100);
	begin(w, "vlan");
	if ((m & FLOW_VLAN_VID) != 0) {
		item(w, "vid");
		str_printf(w->out, "%u", v & FLOW_VLAN_VID);
		if ((m & FLOW_VLAN_VID) != FLOW_VLAN_VID)
			str_printf(w->out, "/0x%x", m & FLOW_VLAN_VID);
	}
	if ((m & FLOW_VLAN_PCP) != 0) {
		item(w, "pcp");
		str_printf(w->out, "%u", v >> FLOW_VLAN_PCP_SHIFT);
		if ((m & FLOW_VLAN_PCP) != FLOW_VLAN_PCP)
			str_printf(w->out, "/0x%x", m >> FLOW_VLAN_PCP_SHIFT);
	}
	if (!w->in_group) {
		separate(w);
		str_puts(w->out, "vlan()");
	}
	end(w);
	separate(w);
	str_puts(w->out, "encap(");
	w->any = false;
	return true;
}

void
flow_format_datapath(const struct flow *key, const struct flow *mask,
	const char *(*port_name)(void *aux, uint32_t dp_port), void *aux, struct str *out)
{
	struct writer w = { .mask = mask, .out = out };
	const char *name = NULL;
	unsigned int n_encaps = 0;

	for (unsigned int i = 0; i < FLOW_N_LANES * FLOW_LANE_WORDS; i++)
		flow_lane_rw(&w.key, 0)[i] = flow_lane(key, 0)[i] & flow_lane(mask, 0)[i];
	separate(&w);
	str_printf(out, "recirc_id(%u)", key->recirc_id);
	if (mask->in_port != 0) {
		if (port_name != NULL)
			name = port_name(aux, key->in_port);
		separate(&w);
		if (name != NULL)
			str_printf(out, "in_port(%s)", name);
		else
			str_printf(out, "in_port(%u)", key->in_port);
	}
	begin(&w, "eth");
	put(&w, FIELD_ETH_SRC, "src");
	put(&w, FIELD_ETH_DST, "dst");
	end(&w);
	if (put_tag(&w, w.key.vlan_tci, mask->vlan_tci, key->vlan_tpid)) {
		n_encaps++;
		n_encaps += put_tag(&w, w.key.vlan2_tci, mask->vlan2_tci, key->vlan2_tpid);
	}
	put_payload(&w);
	str_put_n(out, ')', n_encaps);
}
