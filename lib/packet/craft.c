/* SPDX-License-Identifier: Apache-2.0 */
/* Building frames header by header. */

#include "packet/craft.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "packet/checksum.h"

void
craft_init(struct craft *c)
{
	memset(c, 0, sizeof *c);
	c->type_ofs = c->llc_ofs = c->l3_ofs = c->l4_ofs = SIZE_MAX;
}

/* Appends 'n' zeroed bytes.  When the frame is full it gives room that is overwritten by the next. */
static uint8_t *
put(struct craft *c, size_t n)
{
	static _Thread_local uint8_t scratch[CRAFT_MAX];

	if (n > sizeof c->data - c->len) {
		c->overflow = true;
		return scratch;
	}
	memset(c->data + c->len, 0, n);
	c->len += n;
	return c->data + c->len - n;
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* Tells the header in front what follows. */
static void
fill_type(struct craft *c, uint16_t type, size_t size)
{
	if (c->type_size == size) {
		if (size == 2)
			put16(c->data + c->type_ofs, type);
		else
			c->data[c->type_ofs] = (uint8_t)type;
	}
	c->type_size = 0;
}

/* Remembers that the type at 'ofs' from the end is to be filled in, if 'type' is 0; else writes it. */
static void
set_type(struct craft *c, uint8_t *p, uint16_t type, size_t size)
{
	if (c->overflow)
		return;
	if (type == 0) {
		c->type_ofs = (size_t)(p - c->data);
		c->type_size = size;
	} else if (size == 2) {
		put16(p, type);
	} else {
		*p = (uint8_t)type;
	}
}

void
craft_eth(struct craft *c, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	uint8_t *p = put(c, 14);

	memcpy(p, dst, 6);
	memcpy(p + 6, src, 6);
	set_type(c, p + 12, type, 2);
}

void
craft_eth_8023(struct craft *c, const uint8_t dst[6], const uint8_t src[6])
{
	craft_eth(c, dst, src, 1);
	if (!c->overflow)
		c->llc_ofs = c->len - 2;
}

void
craft_llc(struct craft *c, uint8_t dsap, uint8_t ssap, uint8_t control)
{
	uint8_t *p = put(c, 3);

	p[0] = dsap;
	p[1] = ssap;
	p[2] = control;
}

void
craft_snap(struct craft *c, uint32_t oui, uint16_t type)
{
	uint8_t *p;

	craft_llc(c, 0xaa, 0xaa, 3);
	p = put(c, 5);
	p[0] = (uint8_t)(oui >> 16);
	put16(p + 1, oui);
	set_type(c, p + 3, type, 2);
}

void
craft_vlan(struct craft *c, uint16_t tpid, uint16_t tci, uint16_t type)
{
	uint8_t *p;

	fill_type(c, tpid, 2);
	p = put(c, 4);
	put16(p, tci);
	set_type(c, p + 2, type, 2);
}

void
craft_mpls(struct craft *c, uint32_t label, uint8_t tc, bool bos, uint8_t ttl)
{
	fill_type(c, 0x8847, 2);
	put32(put(c, 4), label << 12 | (uint32_t)(tc & 7) << 9 | (uint32_t)bos << 8 | ttl);
}

void
craft_arp(struct craft *c, uint16_t op, const uint8_t sha[6], uint32_t spa, const uint8_t tha[6],
	uint32_t tpa)
{
	uint8_t *p;

	fill_type(c, 0x0806, 2);
	p = put(c, 28);
	memcpy(p, "\x00\x01\x08\x00\x06\x04", 6);
	put16(p + 6, op);
	memcpy(p + 8, sha, 6);
	put32(p + 14, spa);
	memcpy(p + 18, tha, 6);
	put32(p + 24, tpa);
}

void
craft_ipv4_frag(
	struct craft *c, uint32_t src, uint32_t dst, uint8_t proto, uint16_t frag_ofs, bool more)
{
	uint8_t *p;

	fill_type(c, 0x0800, 2);
	c->l3_ofs = c->len;
	c->l3_version = 4;
	p = put(c, 20);
	p[0] = 0x45;
	put16(p + 4, 0x1234);
	put16(p + 6, (uint32_t)frag_ofs / 8 | (more ? 0x2000u : 0));
	p[8] = 64;
	put32(p + 12, src);
	put32(p + 16, dst);
	set_type(c, p + 9, proto, 1);
}

void
craft_ipv4(struct craft *c, uint32_t src, uint32_t dst, uint8_t proto)
{
	craft_ipv4_frag(c, src, dst, proto, 0, false);
}

void
craft_ipv4_options(struct craft *c, size_t n_words)
{
	uint8_t *p = put(c, n_words * 4);

	if (c->overflow)
		return;
	memset(p, 1, n_words * 4);
	c->data[c->l3_ofs] = (uint8_t)(c->data[c->l3_ofs] + n_words);
}

void
craft_ipv6(struct craft *c, const uint8_t src[16], const uint8_t dst[16], uint8_t next)
{
	uint8_t *p;

	fill_type(c, 0x86dd, 2);
	c->l3_ofs = c->len;
	c->l3_version = 6;
	p = put(c, 40);
	p[0] = 0x60;
	p[7] = 64;
	memcpy(p + 8, src, 16);
	memcpy(p + 24, dst, 16);
	set_type(c, p + 6, next, 1);
}

void
craft_ipv6_ext(struct craft *c, uint8_t type, size_t n_bytes)
{
	uint8_t *p;

	fill_type(c, type, 1);
	n_bytes = MAX(ROUND_UP(n_bytes, 8), 8);
	p = put(c, n_bytes);
	p[1] = (uint8_t)(type == IPPROTO_AH ? n_bytes / 4 - 2 : n_bytes / 8 - 1);
	/* One PadN option, which is sound in the headers that have options and harmless in the others. */
	if (type == IPPROTO_HOPOPTS || type == IPPROTO_DSTOPTS) {
		p[2] = 1;
		p[3] = (uint8_t)(n_bytes - 4);
	}
	set_type(c, p, 0, 1);
}

void
craft_ipv6_frag(struct craft *c, uint16_t frag_ofs, bool more, uint8_t next)
{
	uint8_t *p;

	fill_type(c, IPPROTO_FRAGMENT, 1);
	p = put(c, 8);
	put16(p + 2, (frag_ofs & 0xfff8u) | more);
	put32(p + 4, 0x12345678);
	set_type(c, p, next, 1);
}

static uint8_t *
put_l4(struct craft *c, uint8_t proto, size_t n)
{
	fill_type(c, proto, 1);
	c->l4_ofs = c->len;
	c->l4_proto = proto;
	return put(c, n);
}

void
craft_tcp(struct craft *c, uint16_t src, uint16_t dst, uint16_t flags)
{
	uint8_t *p = put_l4(c, IPPROTO_TCP, 20);

	put16(p, src);
	put16(p + 2, dst);
	put32(p + 4, 0x01020304);
	put16(p + 12, 0x5000u | (flags & 0xfffu));
	put16(p + 14, 0xffff);
}

void
craft_udp(struct craft *c, uint16_t src, uint16_t dst)
{
	uint8_t *p = put_l4(c, IPPROTO_UDP, 8);

	put16(p, src);
	put16(p + 2, dst);
}

void
craft_sctp(struct craft *c, uint16_t src, uint16_t dst)
{
	uint8_t *p = put_l4(c, IPPROTO_SCTP, 12);

	put16(p, src);
	put16(p + 2, dst);
	put32(p + 4, 0xcafe);
}

void
craft_icmp(struct craft *c, uint8_t type, uint8_t code)
{
	uint8_t *p = put_l4(c, IPPROTO_ICMP, 8);

	p[0] = type;
	p[1] = code;
}

void
craft_icmp6(struct craft *c, uint8_t type, uint8_t code)
{
	uint8_t *p = put_l4(c, IPPROTO_ICMPV6, 8);

	p[0] = type;
	p[1] = code;
}

void
craft_nd(struct craft *c, uint8_t type, const uint8_t target[16], uint8_t opt, const uint8_t lla[6])
{
	uint8_t *p;

	craft_icmp6(c, type, 0);
	memcpy(put(c, 16), target, 16);
	if (opt == 0)
		return;
	p = put(c, 8);
	p[0] = opt;
	p[1] = 1;
	memcpy(p + 2, lla, 6);
}

void
craft_payload(struct craft *c, const void *data, size_t len)
{
	uint8_t *p;

	if (len > sizeof c->data - c->len) {
		c->overflow = true;
		len = sizeof c->data - c->len;
	}
	p = put(c, len);
	if (data != NULL)
		memcpy(p, data, len);
	for (size_t i = 0; data == NULL && i < len; i++)
		p[i] = (uint8_t)i;
}

/* Fills in the transport checksum over 'len' bytes at 'l4'. */
static void
finish_l4(struct craft *c, uint8_t *l4, size_t len)
{
	const uint8_t *ip = c->data + c->l3_ofs;
	size_t ofs = c->l4_proto == IPPROTO_TCP ? 16 : c->l4_proto == IPPROTO_UDP ? 6 : 2;
	uint64_t sum = 0;
	be16 csum;

	if (c->l4_proto == IPPROTO_UDP)
		put16(l4 + 4, (uint32_t)len);
	if (c->no_csum)
		return;
	if (c->l4_proto == IPPROTO_SCTP) {
		uint32_t crc = checksum_crc32c(0, l4, len);

		for (int i = 0; i < 4; i++)
			l4[8 + i] = (uint8_t)(crc >> (8 * i));
		return;
	}
	if (c->l4_proto != IPPROTO_ICMP) {
		if (c->l3_version == 4)
			sum = checksum_add_pseudo4(0, ip + 12, ip + 16, c->l4_proto, (uint16_t)len);
		else
			sum = checksum_add_pseudo6(0, ip + 8, ip + 24, c->l4_proto, (uint32_t)len);
	}
	csum = checksum_finish(checksum_add(sum, l4, len));
	if (csum == 0 && c->l4_proto == IPPROTO_UDP)
		csum = 0xffff;
	memcpy(l4 + ofs, &csum, 2);
}

void
craft_finish(struct craft *c)
{
	be16 csum;

	if (c->type_size == 1)
		fill_type(c, IPPROTO_NONE, 1);
	c->type_size = 0;
	if (c->overflow)
		return;
	if (c->llc_ofs != SIZE_MAX)
		put16(c->data + c->llc_ofs, (uint32_t)(c->len - c->llc_ofs - 2));
	if (c->l3_version == 4) {
		uint8_t *ip = c->data + c->l3_ofs;

		put16(ip + 2, (uint32_t)(c->len - c->l3_ofs));
		csum = checksum_bytes(ip, (ip[0] & 15u) * 4);
		memcpy(ip + 10, &csum, 2);
	} else if (c->l3_version == 6) {
		put16(c->data + c->l3_ofs + 4, (uint32_t)(c->len - c->l3_ofs - 40));
	}
	if (c->l4_ofs != SIZE_MAX && c->l3_version != 0)
		finish_l4(c, c->data + c->l4_ofs, c->len - c->l4_ofs);
}

void
craft_pad(struct craft *c, size_t len)
{
	if (len > c->len)
		(void)put(c, len - c->len);
}
