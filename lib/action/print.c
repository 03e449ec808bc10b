/* SPDX-License-Identifier: Apache-2.0 */
/* Action programs as text, in the words of OVS's datapath flows. */

#include <arpa/inet.h>
#include <string.h>

#include "action/program.h"
#include "base/str.h"
#include "flow/key.h"

/* Separates the items of a list. */
struct list_out {
	struct str *s;
	bool first;
};

static struct str *
item(struct list_out *o)
{
	if (!o->first)
		str_putc(o->s, ',');
	o->first = false;
	return o->s;
}

static bool
is_all(const void *p, size_t n, uint8_t byte)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) {
		if (b[i] != byte)
			return false;
	}
	return true;
}

typedef void (*put_fn)(struct str *s, const void *p);

static void
put_mac(struct str *s, const void *p)
{
	const uint8_t *b = p;

	str_printf(s, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

static void
put_ip4(struct str *s, const void *p)
{
	char text[INET_ADDRSTRLEN];

	str_puts(s, inet_ntop(AF_INET, p, text, sizeof text));
}

static void
put_ip6(struct str *s, const void *p)
{
	char text[INET6_ADDRSTRLEN];

	str_puts(s, inet_ntop(AF_INET6, p, text, sizeof text));
}

static void
put_hex8(struct str *s, const void *p)
{
	str_printf(s, "0x%x", *(const uint8_t *)p);
}

static void
put_dec8(struct str *s, const void *p)
{
	str_printf(s, "%u", *(const uint8_t *)p);
}

static void
put_dec16(struct str *s, const void *p)
{
	be16 v;

	memcpy(&v, p, sizeof v);
	str_printf(s, "%u", ntohs(v));
}

static void
put_hex32(struct str *s, const void *p)
{
	be32 v;

	memcpy(&v, p, sizeof v);
	str_printf(s, "0x%05x", ntohl(v));
}

/* "name=value" or "name=value/mask", if any bit of 'n' bytes is written. */
static void
masked(struct list_out *o, const char *name, const void *value, const void *mask, size_t n,
	put_fn put)
{
	if (is_all(mask, n, 0))
		return;
	str_printf(item(o), "%s=", name);
	put(o->s, value);
	if (!is_all(mask, n, 0xff)) {
		str_putc(o->s, '/');
		put(o->s, mask);
	}
}

static void
print_ipv6(const struct op_set_ipv6 *op, struct list_out *o)
{
	be32 full = op->label_mask == htonl(0xfffff) ? UINT32_MAX : op->label_mask;

	masked(o, "src", op->src, op->src_mask, 16, put_ip6);
	masked(o, "dst", op->dst, op->dst_mask, 16, put_ip6);
	masked(o, "label", &op->label, &full, 4, put_hex32);
	masked(o, "tclass", &op->tclass, &op->tclass_mask, 1, put_hex8);
	masked(o, "hlimit", &op->hlimit, &op->hlimit_mask, 1, put_dec8);
}

/* The inside of "set(...)". */
static void
print_set(const struct op_header *h, struct list_out *o)
{
	switch (h->type) {
	case PROGRAM_OP_SET_ETH: {
		const struct op_set_eth *op = (const void *)h;

		masked(o, "src", op->src, op->src_mask, 6, put_mac);
		masked(o, "dst", op->dst, op->dst_mask, 6, put_mac);
		break;
	}
	case PROGRAM_OP_SET_IPV4: {
		const struct op_set_ipv4 *op = (const void *)h;

		masked(o, "src", &op->src, &op->src_mask, 4, put_ip4);
		masked(o, "dst", &op->dst, &op->dst_mask, 4, put_ip4);
		masked(o, "tos", &op->tos, &op->tos_mask, 1, put_hex8);
		masked(o, "ttl", &op->ttl, &op->ttl_mask, 1, put_dec8);
		break;
	}
	case PROGRAM_OP_SET_IPV6: print_ipv6((const void *)h, o); break;
	case PROGRAM_OP_SET_PORTS: {
		const struct op_set_ports *op = (const void *)h;

		masked(o, "src", &op->src, &op->src_mask, 2, put_dec16);
		masked(o, "dst", &op->dst, &op->dst_mask, 2, put_dec16);
		break;
	}
	case PROGRAM_OP_SET_ICMP: {
		const struct op_set_icmp *op = (const void *)h;

		masked(o, "type", &op->type, &op->type_mask, 1, put_dec8);
		masked(o, "code", &op->code, &op->code_mask, 1, put_dec8);
		break;
	}
	case PROGRAM_OP_SET_ARP: {
		const struct op_set_arp *op = (const void *)h;

		masked(o, "sip", &op->spa, &op->spa_mask, 4, put_ip4);
		masked(o, "tip", &op->tpa, &op->tpa_mask, 4, put_ip4);
		masked(o, "op", &op->op, &op->op_mask, 2, put_dec16);
		masked(o, "sha", op->sha, op->sha_mask, 6, put_mac);
		masked(o, "tha", op->tha, op->tha_mask, 6, put_mac);
		break;
	}
	case PROGRAM_OP_SET_ND: {
		const struct op_set_nd *op = (const void *)h;

		masked(o, "target", op->target, op->target_mask, 16, put_ip6);
		masked(o, "sll", op->sll, op->sll_mask, 6, put_mac);
		masked(o, "tll", op->tll, op->tll_mask, 6, put_mac);
		break;
	}
	default: break;
	}
}

static const char *
set_name(uint16_t type)
{
	switch (type) {
	case PROGRAM_OP_SET_ETH: return "eth";
	case PROGRAM_OP_SET_IPV4: return "ipv4";
	case PROGRAM_OP_SET_IPV6: return "ipv6";
	case PROGRAM_OP_SET_PORTS: return "ports";
	case PROGRAM_OP_SET_ICMP: return "icmp";
	case PROGRAM_OP_SET_ARP: return "arp";
	case PROGRAM_OP_SET_ND: return "nd";
	default: return NULL;
	}
}

static void
print_vlan(const struct op_vlan *op, bool push, struct str *s)
{
	uint16_t tci = ntohs(op->tci), tpid = ntohs(op->tpid);

	str_puts(s, push ? "push_vlan(" : "set(vlan(");
	if (tpid != 0 && tpid != 0x8100)
		str_printf(s, "tpid=0x%04x,", tpid);
	str_printf(s, "vid=%u,pcp=%u)", tci & FLOW_VLAN_VID, tci >> FLOW_VLAN_PCP_SHIFT);
	if (!push)
		str_putc(s, ')');
}

static void
print_lse(const struct op_mpls *op, struct str *s)
{
	uint32_t lse = ntohl(op->lse);

	str_printf(s, "label=%u,tc=%u,ttl=%u,bos=%u", lse >> 12, lse >> 9 & 7, lse & 0xff,
		lse >> 8 & 1);
}

static void
print_punt(const struct op_punt *op, struct str *s)
{
	const uint8_t *data = (const uint8_t *)(op + 1);

	str_printf(s, "userspace(controller(reason=%u,table=%u,id=%u,max_len=%u", op->reason,
		op->table_id, op->controller_id, op->max_len);
	if (op->userdata_len != 0) {
		str_puts(s, ",userdata=");
		for (unsigned int i = 0; i < op->userdata_len; i++)
			str_printf(s, "%s%02x", i != 0 ? "." : "", data[i]);
	}
	str_puts(s, "))");
}

void
program_print(const void *data, size_t len, const char *(*port_name)(void *aux, uint32_t dp_port),
	void *aux, struct str *out)
{
	struct list_out o = { .s = out, .first = true };

	if (len == 0)
		str_puts(out, "drop");
	PROGRAM_FOREACH(h, data, len)
	{
		struct list_out inner = { .s = out, .first = true };
		const char *name = NULL;

		switch (h->type) {
		case PROGRAM_OP_DROP: str_puts(item(&o), "drop"); break;
		case PROGRAM_OP_OUTPUT:
			if (port_name != NULL)
				name = port_name(
					aux, ((const struct op_output *)(const void *)h)->dp_port);
			if (name != NULL)
				str_puts(item(&o), name);
			else
				str_printf(item(&o), "%u",
					((const struct op_output *)(const void *)h)->dp_port);
			break;
		case PROGRAM_OP_PUNT: print_punt((const void *)h, item(&o)); break;
		case PROGRAM_OP_TRUNC:
			str_printf(item(&o), "trunc(%u)",
				((const struct op_trunc *)(const void *)h)->max_len);
			break;
		case PROGRAM_OP_PUSH_VLAN: print_vlan((const void *)h, true, item(&o)); break;
		case PROGRAM_OP_SET_VLAN: print_vlan((const void *)h, false, item(&o)); break;
		case PROGRAM_OP_POP_VLAN: str_puts(item(&o), "pop_vlan"); break;
		case PROGRAM_OP_PUSH_MPLS:
			str_puts(item(&o), "push_mpls(");
			print_lse((const void *)h, out);
			str_printf(out, ",eth_type=0x%x)",
				ntohs(((const struct op_mpls *)(const void *)h)->eth_type));
			break;
		case PROGRAM_OP_POP_MPLS:
			str_printf(item(&o), "pop_mpls(eth_type=0x%x)",
				ntohs(((const struct op_mpls *)(const void *)h)->eth_type));
			break;
		case PROGRAM_OP_SET_MPLS:
			str_puts(item(&o), "set(mpls(");
			print_lse((const void *)h, out);
			str_puts(out, "))");
			break;
		case PROGRAM_OP_METER:
			str_printf(item(&o), "meter(%u)",
				((const struct op_meter *)(const void *)h)->meter);
			break;
		case PROGRAM_OP_CLONE:
			str_puts(item(&o), "clone(");
			program_print(h + 1, h->len - sizeof *h, port_name, aux, out);
			str_putc(out, ')');
			break;
		default:
			if (set_name(h->type) == NULL) {
				str_printf(item(&o), "op%u", h->type);
				break;
			}
			str_printf(item(&o), "set(%s(", set_name(h->type));
			print_set(h, &inner);
			str_puts(out, "))");
			break;
		}
	}
}
