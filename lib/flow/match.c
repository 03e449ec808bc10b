/* SPDX-License-Identifier: Apache-2.0 */
/* Matches: setting fields, and the relations between two matches that rule tables need.  Everything but the
 * setters is a loop over the words of the lanes. */

#include "flow/match.h"

#include <arpa/inet.h>

#include "flow/hash.h"

#define N_WORDS (FLOW_N_LANES * FLOW_LANE_WORDS)

#define WORDS(F) ((const uint64_t *)(const void *)(F))
#define WORDS_RW(F) ((uint64_t *)(void *)(F))

void
match_zero_unmasked(struct match *m)
{
	uint64_t *v = WORDS_RW(&m->value);
	const uint64_t *k = WORDS(&m->mask);

	for (unsigned int i = 0; i < N_WORDS; i++)
		v[i] &= k[i];
}

void
match_init(struct match *m, const struct flow *flow, const struct flow *mask)
{
	m->value = *flow;
	m->mask = *mask;
	match_zero_unmasked(m);
}

bool
match_is_catchall(const struct match *m)
{
	return flow_lanes(&m->mask) == 0;
}

bool
match_matches(const struct match *m, const struct flow *flow)
{
	return flow_masked_equal(flow, &m->value, &m->mask, (1u << FLOW_N_LANES) - 1);
}

bool
match_equal(const struct match *a, const struct match *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

uint32_t
match_hash(const struct match *m, uint32_t seed)
{
	uint32_t lanes = flow_lanes(&m->mask);

	return flow_hash_exact(&m->value, lanes, flow_hash_exact(&m->mask, lanes, seed));
}

bool
match_overlaps(const struct match *a, const struct match *b)
{
	const uint64_t *av = WORDS(&a->value), *am = WORDS(&a->mask);
	const uint64_t *bv = WORDS(&b->value), *bm = WORDS(&b->mask);
	uint64_t diff = 0;

	for (unsigned int i = 0; i < N_WORDS; i++)
		diff |= (av[i] ^ bv[i]) & am[i] & bm[i];
	return diff == 0;
}

bool
match_covers(const struct match *a, const struct match *b)
{
	const uint64_t *av = WORDS(&a->value), *am = WORDS(&a->mask);
	const uint64_t *bv = WORDS(&b->value), *bm = WORDS(&b->mask);
	uint64_t diff = 0;

	for (unsigned int i = 0; i < N_WORDS; i++)
		diff |= (am[i] & ~bm[i]) | ((av[i] ^ bv[i]) & am[i]);
	return diff == 0;
}

/* Fields whose place holds more than their own bits, which go along with an exact match. */
static bool
fills_place(const struct field *f)
{
	return f->prereq == FIELD_PREREQ_ICMPV4 || f->prereq == FIELD_PREREQ_ICMPV6
		|| f->store == FIELD_STORE_PORT10;
}

static void
set_mapped(struct match *m, const struct field *f, const union field_value *value,
	const union field_value *mask)
{
	uint8_t *v = (uint8_t *)&m->value + f->ofs, *k = (uint8_t *)&m->mask + f->ofs;

	/* Address bits under the mask, and the prefix that says "IPv4" with any of them; 0.0.0.0 in full means that
	 * there is no tunnel. */
	memset(v, 0, 16);
	memset(k, 0, 16);
	for (unsigned int i = 0; i < 4; i++) {
		k[12 + i] = mask->b[i];
		v[12 + i] = value->b[i] & mask->b[i];
	}
	if (field_value_is_zero(f, mask))
		return;
	memset(k, 0xff, 12);
	if (!field_value_is_ones(f, mask) || !field_value_is_zero(f, value))
		v[10] = v[11] = 0xff;
}

void
match_set_field(struct match *m, const struct field *f, const union field_value *value,
	const union field_value *mask)
{
	union field_value all, v;
	bool exact;

	if (mask == NULL) {
		field_value_set_ones(f, &all);
		mask = &all;
	}
	if (f->store == FIELD_STORE_IPV4_MAPPED) {
		set_mapped(m, f, value, mask);
		return;
	}
	if (field_id(f) == FIELD_DL_VLAN && field_value_u64(f, value) == 0xffff) {
		match_set_vlan_none(m);
		return;
	}
	exact = field_value_is_ones(f, mask);
	memset(&v, 0, sizeof v);
	for (unsigned int i = 0; i < f->n_bytes; i++)
		v.b[i] = value->b[i] & mask->b[i];
	if (fills_place(f)) {
		memset((uint8_t *)&m->value + f->ofs, 0, f->size);
		memset((uint8_t *)&m->mask + f->ofs, 0, f->size);
		if (field_value_is_zero(f, mask))
			return;
	}
	field_write(f, &v, &m->value);
	if (exact)
		field_mask(f, &m->mask);
	else
		field_write(f, mask, &m->mask);
	switch (field_id(f)) {
	case FIELD_DL_VLAN:
	case FIELD_DL_VLAN_PCP:
	case FIELD_VLAN_PCP:
		if (exact) {
			m->value.vlan_tci |= htons(FLOW_VLAN_PRESENT);
			m->mask.vlan_tci |= htons(FLOW_VLAN_PRESENT);
		}
		break;
	default: break;
	}
}

bool
match_get_field(const struct match *m, const struct field *f, union field_value *value,
	union field_value *mask)
{
	if (f->store == FIELD_STORE_PORT10) {
		memset(mask, 0, sizeof *mask);
		if (m->mask.in_port != 0)
			field_value_set_ones(f, mask);
	} else {
		field_read(f, &m->mask, mask);
	}
	field_read(f, &m->value, value);
	return !field_value_is_zero(f, mask);
}

bool
match_has_field(const struct match *m, const struct field *f)
{
	union field_value value, mask;

	return match_get_field(m, f, &value, &mask)
		&& field_prerequisites_ok(f, &m->value, &m->mask);
}

bool
match_normalize(struct match *m)
{
	struct flow allowed;
	struct match old = *m;

	/* A check looks at all of a field's prerequisites, theirs included, so one pass finds everything. */
	memset(&allowed, 0, sizeof allowed);
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		if (field_prerequisites_ok(&field_table[i], &m->value, &m->mask))
			field_mask(&field_table[i], &allowed);
	}
	/* These belong to no field. */
	allowed.vlan_tpid = allowed.vlan2_tci = allowed.vlan2_tpid = 0xffff;
	allowed.mpls_lse[1] = allowed.mpls_lse[2] = UINT32_MAX;
	allowed.tunnel_metadata_present = UINT32_MAX;
	allowed.tun_flags = UINT16_MAX;
	for (unsigned int i = 0; i < N_WORDS; i++)
		WORDS_RW(&m->mask)[i] &= WORDS(&allowed)[i];
	match_zero_unmasked(m);
	return !match_equal(m, &old);
}

void
match_set_in_port(struct match *m, uint32_t ofp_port)
{
	m->value.in_port = ofp_port;
	m->mask.in_port = UINT32_MAX;
}

void
match_set_eth_type(struct match *m, uint16_t eth_type)
{
	m->value.eth_type = htons(eth_type);
	m->mask.eth_type = 0xffff;
}

static void
set_bytes(uint8_t *value, uint8_t *mask, const uint8_t *new, const uint8_t *new_mask, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mask[i] = new_mask != NULL ? new_mask[i] : 0xff;
		value[i] = new[i] & mask[i];
	}
}

void
match_set_eth_src(struct match *m, const uint8_t mac[6])
{
	set_bytes(m->value.eth_src, m->mask.eth_src, mac, NULL, 6);
}

void
match_set_eth_dst(struct match *m, const uint8_t mac[6])
{
	set_bytes(m->value.eth_dst, m->mask.eth_dst, mac, NULL, 6);
}

void
match_set_eth_src_masked(struct match *m, const uint8_t mac[6], const uint8_t mask[6])
{
	set_bytes(m->value.eth_src, m->mask.eth_src, mac, mask, 6);
}

void
match_set_eth_dst_masked(struct match *m, const uint8_t mac[6], const uint8_t mask[6])
{
	set_bytes(m->value.eth_dst, m->mask.eth_dst, mac, mask, 6);
}

void
match_set_vlan_tci_masked(struct match *m, uint16_t tci, uint16_t mask)
{
	m->value.vlan_tci = htons(tci & mask);
	m->mask.vlan_tci = htons(mask);
}

void
match_set_vlan_vid(struct match *m, uint16_t vid)
{
	be16 bits = htons(FLOW_VLAN_PRESENT | FLOW_VLAN_VID);

	m->value.vlan_tci = (be16)((m->value.vlan_tci & ~bits)
		| htons((vid & FLOW_VLAN_VID) | FLOW_VLAN_PRESENT));
	m->mask.vlan_tci |= bits;
}

void
match_set_vlan_none(struct match *m)
{
	m->value.vlan_tci = 0;
	m->mask.vlan_tci = 0xffff;
}

void
match_set_vlan_any(struct match *m)
{
	m->value.vlan_tci |= htons(FLOW_VLAN_PRESENT);
	m->mask.vlan_tci |= htons(FLOW_VLAN_PRESENT);
}

void
match_set_ip_proto(struct match *m, uint8_t proto)
{
	m->value.ip_proto = proto;
	m->mask.ip_proto = 0xff;
}

void
match_set_ipv4_src(struct match *m, be32 addr, be32 mask)
{
	m->value.ip_src = addr & mask;
	m->mask.ip_src = mask;
}

void
match_set_ipv4_dst(struct match *m, be32 addr, be32 mask)
{
	m->value.ip_dst = addr & mask;
	m->mask.ip_dst = mask;
}

void
match_set_ipv6_src(struct match *m, const uint8_t addr[16], const uint8_t mask[16])
{
	set_bytes(m->value.ipv6_src, m->mask.ipv6_src, addr, mask, 16);
}

void
match_set_ipv6_dst(struct match *m, const uint8_t addr[16], const uint8_t mask[16])
{
	set_bytes(m->value.ipv6_dst, m->mask.ipv6_dst, addr, mask, 16);
}

void
match_set_l4_src(struct match *m, uint16_t port)
{
	match_set_l4_src_masked(m, port, UINT16_MAX);
}

void
match_set_l4_dst(struct match *m, uint16_t port)
{
	match_set_l4_dst_masked(m, port, UINT16_MAX);
}

void
match_set_l4_src_masked(struct match *m, uint16_t port, uint16_t mask)
{
	m->value.l4_src = htons(port & mask);
	m->mask.l4_src = htons(mask);
}

void
match_set_l4_dst_masked(struct match *m, uint16_t port, uint16_t mask)
{
	m->value.l4_dst = htons(port & mask);
	m->mask.l4_dst = htons(mask);
}

void
match_set_metadata(struct match *m, uint64_t value, uint64_t mask)
{
	const struct field *f = field_get(FIELD_METADATA);
	union field_value v, k;

	field_value_set_u64(f, &v, value);
	field_value_set_u64(f, &k, mask);
	match_set_field(m, f, &v, &k);
}

void
match_set_reg(struct match *m, unsigned int reg, uint32_t value, uint32_t mask)
{
	m->value.regs[reg] = value & mask;
	m->mask.regs[reg] = mask;
}

void
match_set_tunnel_id(struct match *m, uint64_t value, uint64_t mask)
{
	const struct field *f = field_get(FIELD_TUN_ID);
	union field_value v, k;

	field_value_set_u64(f, &v, value);
	field_value_set_u64(f, &k, mask);
	match_set_field(m, f, &v, &k);
}
