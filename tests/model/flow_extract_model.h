/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_FLOW_EXTRACT_MODEL_H
#define MODEL_FLOW_EXTRACT_MODEL_H

/* flow_extract_model: the naive twin of flow/extract.c.
 *
 * It was written from the text of flow/extract.h and flow/key.h, byte by byte: every byte is fetched by a
 * function that says whether it is there, nothing is fast, nothing is shared with the real one. */

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "flow/extract.h"
#include "flow/key.h"

struct model_packet {
	const uint8_t *data;
	size_t len; /* All of it. */
	size_t end; /* Bytes that headers are looked for in. */
};

static bool
model_has(const struct model_packet *p, size_t ofs, size_t n)
{
	return ofs + n <= p->end;
}

static unsigned int
model_u8(const struct model_packet *p, size_t ofs)
{
	return p->data[ofs];
}

static unsigned int
model_u16(const struct model_packet *p, size_t ofs)
{
	return model_u8(p, ofs) * 256 + model_u8(p, ofs + 1);
}

static unsigned int
model_u32(const struct model_packet *p, size_t ofs)
{
	return model_u16(p, ofs) * 65536 + model_u16(p, ofs + 2);
}

static void
model_copy(const struct model_packet *p, size_t ofs, uint8_t *dst, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint8_t)model_u8(p, ofs + i);
}

static void
model_nd(const struct model_packet *p, size_t ofs, struct flow *key)
{
	int n_sll = 0, n_tll = 0, first = 0;
	uint8_t sll[6] = { 0 }, tll[6] = { 0 };

	if (!model_has(p, ofs, 24))
		return;
	for (size_t o = ofs + 24; model_has(p, o, 8);) {
		size_t size = model_u8(p, o + 1) * 8;

		if (size == 0 || !model_has(p, o, size))
			return;
		if (model_u8(p, o) == 1 && size == 8) {
			n_sll++;
			model_copy(p, o + 2, sll, 6);
			first = first == 0 ? 1 : first;
		}
		if (model_u8(p, o) == 2 && size == 8) {
			n_tll++;
			model_copy(p, o + 2, tll, 6);
			first = first == 0 ? 2 : first;
		}
		o += size;
	}
	if (n_sll > 1 || n_tll > 1)
		return;
	model_copy(p, ofs + 8, key->nd_target, 16);
	memcpy(key->arp_sha, sll, 6);
	memcpy(key->arp_tha, tll, 6);
	key->nd_reserved = htonl(model_u32(p, ofs + 4));
	key->nd_options = (uint8_t)first;
}

static void
model_l4(const struct model_packet *p, size_t ofs, unsigned int proto, bool ipv6, struct flow *key,
	struct packet_layout *l)
{
	l->l4_ofs = (uint16_t)ofs;
	if (proto == 6 && model_has(p, ofs, 20)) {
		key->l4_src = htons((uint16_t)model_u16(p, ofs));
		key->l4_dst = htons((uint16_t)model_u16(p, ofs + 2));
		key->tcp_flags = htons(model_u16(p, ofs + 12) % 4096);
		l->l4_proto = 6;
	}
	if ((proto == 17 && model_has(p, ofs, 8)) || (proto == 132 && model_has(p, ofs, 12))) {
		key->l4_src = htons((uint16_t)model_u16(p, ofs));
		key->l4_dst = htons((uint16_t)model_u16(p, ofs + 2));
		l->l4_proto = (uint8_t)proto;
	}
	if ((proto == 1 && !ipv6 && model_has(p, ofs, 8))
		|| (proto == 58 && ipv6 && model_has(p, ofs, 4))) {
		key->l4_src = htons((uint16_t)model_u8(p, ofs));
		key->l4_dst = htons((uint16_t)model_u8(p, ofs + 1));
		l->l4_proto = (uint8_t)proto;
		if (proto == 58 && (model_u8(p, ofs) == 135 || model_u8(p, ofs) == 136)
			&& model_u8(p, ofs + 1) == 0)
			model_nd(p, ofs, key);
	}
}

static void
model_ipv4(struct model_packet *p, size_t ofs, struct flow *key, struct packet_layout *l)
{
	size_t hdr, total;
	unsigned int frag;

	if (!model_has(p, ofs, 20) || model_u8(p, ofs) / 16 != 4)
		return;
	hdr = model_u8(p, ofs) % 16 * 4;
	total = model_u16(p, ofs + 2);
	if (hdr < 20 || !model_has(p, ofs, hdr) || total < hdr || ofs + total > p->len)
		return;
	key->ip_tos = (uint8_t)model_u8(p, ofs + 1);
	key->ip_ttl = (uint8_t)model_u8(p, ofs + 8);
	key->ip_proto = (uint8_t)model_u8(p, ofs + 9);
	key->ip_src = htonl(model_u32(p, ofs + 12));
	key->ip_dst = htonl(model_u32(p, ofs + 16));
	l->l3_ofs = (uint16_t)ofs;
	l->l3_type = PACKET_L3_IPV4;
	l->l3_end = (uint32_t)(ofs + total);
	if (ofs + total < p->end)
		p->end = ofs + total;
	frag = model_u16(p, ofs + 6);
	if (frag % 8192 != 0) { /* An offset. */
		key->ip_frag = 3;
		l->flags = 3;
	} else {
		if ((frag / 8192) % 2 == 1) { /* More fragments. */
			key->ip_frag = 1;
			l->flags = 1;
		}
		model_l4(p, ofs + hdr, key->ip_proto, false, key, l);
	}
}

/* Position of a header in the recommended order; 0 for what is no extension header. */
static int
model_rank(unsigned int type, int highest)
{
	switch (type) {
	case 0: return 1;
	case 60: return highest >= 2 ? 7 : 2;
	case 43: return 3;
	case 44: return 4;
	case 51: return 5;
	case 50: return 6;
	default: return 0;
	}
}

static void
model_ipv6(struct model_packet *p, size_t ofs, struct flow *key, struct packet_layout *l)
{
	static const struct {
		unsigned int type;
		uint16_t bit;
		int max;
	} known[] = { { 0, 0x40, 1 }, { 60, 0x08, 2 }, { 43, 0x20, 1 }, { 44, 0x10, 1 },
		{ 51, 0x04, 1 }, { 50, 0x02, 1 } };
	int seen[256] = { 0 };
	unsigned int next;
	int highest = 0;

	if (!model_has(p, ofs, 40) || model_u8(p, ofs) / 16 != 6
		|| ofs + 40 + model_u16(p, ofs + 4) > p->len)
		return;
	model_copy(p, ofs + 8, key->ipv6_src, 16);
	model_copy(p, ofs + 24, key->ipv6_dst, 16);
	key->ipv6_label = htonl(model_u32(p, ofs) % (1 << 20));
	key->ip_tos = (uint8_t)(model_u32(p, ofs) / (1 << 20) % 256);
	key->ip_ttl = (uint8_t)model_u8(p, ofs + 7);
	l->l3_ofs = (uint16_t)ofs;
	l->l3_type = PACKET_L3_IPV6;
	l->l3_end = (uint32_t)(ofs + 40 + model_u16(p, ofs + 4));
	if (l->l3_end < p->end)
		p->end = l->l3_end;
	next = model_u8(p, ofs + 6);
	ofs += 40;
	for (;;) {
		bool walk = next == 0 || next == 60 || next == 43 || next == 44 || next == 51;
		int rank = model_rank(next, highest);
		size_t size = 8;
		unsigned int type = next;

		key->ip_proto = (uint8_t)next;
		if (walk) {
			if (!model_has(p, ofs, 8))
				return;
			if (next == 51)
				size = (model_u8(p, ofs + 1) + 2) * 4;
			else if (next != 44)
				size = (model_u8(p, ofs + 1) + 1) * 8;
			if (!model_has(p, ofs, size))
				return;
		}
		for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
			if (known[i].type != next)
				continue;
			if (seen[next] == known[i].max || (next == 60 && seen[next] > 2))
				key->ipv6_exthdr |= 0x80;
			else if (rank < highest)
				key->ipv6_exthdr |= 0x100;
			seen[next] += seen[next] < known[i].max;
			key->ipv6_exthdr |= known[i].bit;
		}
		if (next == 59)
			key->ipv6_exthdr |= 1;
		if (rank > highest)
			highest = rank;
		if (!walk)
			break;
		next = model_u8(p, ofs);
		if (type == 44) {
			unsigned int frag = model_u16(p, ofs + 2);

			if (frag / 8 != 0) {
				key->ip_frag = 3;
				l->flags = 3;
				key->ip_proto = (uint8_t)next;
				return;
			}
			if (frag % 2 != 0) {
				key->ip_frag |= 1;
				l->flags |= 1;
			}
		}
		ofs += size;
	}
	model_l4(p, ofs, next, true, key, l);
}

static void
model_arp(const struct model_packet *p, size_t ofs, struct flow *key, struct packet_layout *l)
{
	if (!model_has(p, ofs, 28) || model_u16(p, ofs) != 1 || model_u16(p, ofs + 2) != 0x800
		|| model_u8(p, ofs + 4) != 6 || model_u8(p, ofs + 5) != 4)
		return;
	if (model_u16(p, ofs + 6) < 256)
		key->ip_proto = (uint8_t)model_u16(p, ofs + 6);
	model_copy(p, ofs + 8, key->arp_sha, 6);
	key->ip_src = htonl(model_u32(p, ofs + 14));
	model_copy(p, ofs + 18, key->arp_tha, 6);
	key->ip_dst = htonl(model_u32(p, ofs + 24));
	l->l3_ofs = (uint16_t)ofs;
	l->l3_type = PACKET_L3_ARP;
}

static inline void
model_extract(const uint8_t *data, size_t len, uint32_t dp_port, struct flow *key,
	struct packet_layout *l)
{
	struct model_packet p = { data, len, len < 256 ? len : 256 };
	size_t ofs = 14;
	unsigned int type;
	int n_tags = 0;

	memset(key, 0, sizeof *key);
	packet_layout_clear(l);
	key->in_port = dp_port;
	if (!model_has(&p, 0, 14))
		return;
	model_copy(&p, 0, key->eth_dst, 6);
	model_copy(&p, 6, key->eth_src, 6);
	type = model_u16(&p, 12);
	while ((type == 0x8100 || type == 0x88a8 || type == 0x9100) && n_tags < 2
		&& model_has(&p, ofs, 4)) {
		unsigned int tci = model_u16(&p, ofs);
		be16 kept = htons((uint16_t)(tci / 0x2000 * 0x2000 + 0x1000 + tci % 0x1000));

		if (n_tags == 0) {
			key->vlan_tci = kept;
			key->vlan_tpid = htons((uint16_t)type);
		} else {
			key->vlan2_tci = kept;
			key->vlan2_tpid = htons((uint16_t)type);
		}
		n_tags++;
		type = model_u16(&p, ofs + 2);
		ofs += 4;
	}
	l->n_vlans = (uint8_t)n_tags;
	if (type < 0x600) {
		bool snap = model_has(&p, ofs, 8) && model_u16(&p, ofs) == 0xaaaa
			&& model_u32(&p, ofs + 2) == 0x03000000;

		type = snap && model_u16(&p, ofs + 6) >= 0x600 ? model_u16(&p, ofs + 6) : 0x5ff;
		ofs += 8;
	}
	key->eth_type = htons((uint16_t)type);
	if (type == 0x800)
		model_ipv4(&p, ofs, key, l);
	if (type == 0x86dd)
		model_ipv6(&p, ofs, key, l);
	if (type == 0x806 || type == 0x8035)
		model_arp(&p, ofs, key, l);
	if (type == 0x8847 || type == 0x8848) {
		for (int i = 0; i < 3 && model_has(&p, ofs + (size_t)i * 4, 4); i++) {
			l->l2_5_ofs = (uint16_t)ofs;
			key->mpls_lse[i] = htonl(model_u32(&p, ofs + (size_t)i * 4));
			if (model_u8(&p, ofs + (size_t)i * 4 + 2) % 2 == 1)
				break;
		}
	}
	if (type == 0x88e7 && model_has(&p, ofs, 4))
		key->pbb_isid = htonl(
			model_u32(&p, ofs) % (1 << 24) + (model_u8(&p, ofs) / 8 % 2) * (1 << 24));
}

#endif /* MODEL_FLOW_EXTRACT_MODEL_H */
