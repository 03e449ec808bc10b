/* SPDX-License-Identifier: Apache-2.0 */
/* flow/field and flow/match: the table holds together, and reading gives back what was written. */

#include "flow/field.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "check.h"
#include "flow/hash.h"
#include "flow/match.h"
#include "flow/ofp_port.h"

static void
random_value(const struct field *f, union field_value *v)
{
	union field_value ones;

	field_value_set_ones(f, &ones);
	memset(v, 0, sizeof *v);
	for (unsigned int i = 0; i < f->n_bytes; i++)
		v->b[i] = (uint8_t)random_u32() & ones.b[i];
}

static void
test_field_table_is_complete(void)
{
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		const struct field *f = field_get((enum field_id)i);

		CU_ASSERT_PTR_NOT_NULL_FATAL(f->name);
		CU_ASSERT_TRUE(f->n_bits > 0 && f->n_bits <= f->n_bytes * 8 && f->n_bytes <= 16);
		CU_ASSERT_TRUE(f->ofs + f->size <= sizeof(struct flow));
		CU_ASSERT_PTR_EQUAL(field_by_name(f->name), f);
		if (f->alias != NULL)
			CU_ASSERT_PTR_EQUAL(field_by_name(f->alias), f);
		CU_ASSERT_EQUAL(field_id(f), i);
		for (unsigned int k = 0; k < FIELD_N_OXMS && f->oxms[k].since != 0; k++)
			CU_ASSERT_PTR_EQUAL(field_by_oxm(f->oxms[k].oxm_class, f->oxms[k].oxm_field,
						    f->oxms[k].experimenter),
				f);
	}
	CU_ASSERT_PTR_NULL(field_by_name("nonsense"));
	CU_ASSERT_PTR_NULL(field_by_oxm(FIELD_CLASS_BASIC, 127, 0));
	CU_ASSERT_PTR_NULL(field_by_oxm(FIELD_CLASS_EXPERIMENTER, 42, 1));
}

/* Code points of OpenFlow 1.5.1, table 12, by number. */
static void
test_field_oxm_numbers(void)
{
	static const char *const names[] = { "in_port_oxm", NULL, "metadata", "eth_dst", "eth_src",
		"eth_type", "vlan_vid", "vlan_pcp", "ip_dscp", "ip_ecn", "ip_proto", "ipv4_src",
		"ipv4_dst", "tcp_src", "tcp_dst", "udp_src", "udp_dst", "sctp_src", "sctp_dst",
		"icmpv4_type", "icmpv4_code", "arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha",
		"ipv6_src", "ipv6_dst", "ipv6_flabel", "icmpv6_type", "icmpv6_code",
		"ipv6_nd_target", "ipv6_nd_sll", "ipv6_nd_tll", "mpls_label", "mpls_tc", "mpls_bos",
		"pbb_isid", "tunnel_id", "ipv6_exthdr", NULL, "pbb_uca", "tcp_flags",
		"actset_output", "packet_type" };
	static const uint8_t bytes[] = { 4, 0, 8, 6, 6, 2, 2, 1, 1, 1, 1, 4, 4, 2, 2, 2, 2, 2, 2, 1,
		1, 2, 4, 4, 6, 6, 16, 16, 4, 1, 1, 16, 6, 6, 4, 1, 1, 3, 8, 2, 0, 1, 2, 4, 4 };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		const struct field *f = field_by_oxm(FIELD_CLASS_BASIC, (uint8_t)i, 0);

		if (names[i] == NULL) {
			CU_ASSERT_PTR_NULL(f);
			continue;
		}
		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		CU_ASSERT_PTR_EQUAL(f, field_by_name(names[i]));
		CU_ASSERT_EQUAL(f->n_bytes, bytes[i]);
	}
}

static void
test_field_oxm_for_version(void)
{
	const struct field *f = field_get(FIELD_TCP_FLAGS);

	CU_ASSERT_EQUAL(field_oxm_for(f, 6, false)->oxm_class, FIELD_CLASS_BASIC);
	CU_ASSERT_EQUAL(field_oxm_for(f, 4, false)->oxm_class, FIELD_CLASS_EXPERIMENTER);
	CU_ASSERT_EQUAL(field_oxm_for(f, 1, true)->oxm_class, FIELD_CLASS_NXM1);
	CU_ASSERT_EQUAL(field_oxm_for(f, 3, false)->oxm_class, FIELD_CLASS_NXM1);
	CU_ASSERT_EQUAL(
		field_oxm_for(field_get(FIELD_REG0), 4, false)->oxm_class, FIELD_CLASS_NXM1);
	CU_ASSERT_EQUAL(
		field_oxm_for(field_get(FIELD_METADATA), 1, true)->oxm_class, FIELD_CLASS_BASIC);
	CU_ASSERT_PTR_NULL(field_oxm_for(field_get(FIELD_DL_VLAN), 4, true));
}

static void
test_field_write_touches_only_its_bits(void)
{
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		const struct field *f = field_get((enum field_id)i);

		for (unsigned int k = 0; k < 200; k++) {
			struct flow flow, old, mask;
			union field_value v, got;

			for (size_t b = 0; b < sizeof flow; b++)
				((uint8_t *)&flow)[b] = (uint8_t)random_u32();
			old = flow;
			random_value(f, &v);
			if (f->store == FIELD_STORE_PORT10)
				v.b[0] &= 0x7f;
			field_write(f, &v, &flow);
			field_read(f, &flow, &got);
			CU_ASSERT_TRUE(field_value_equal(f, &v, &got));
			memset(&mask, 0, sizeof mask);
			field_mask(f, &mask);
			for (size_t b = 0; b < sizeof flow; b++) {
				uint8_t changed = ((uint8_t *)&flow)[b] ^ ((uint8_t *)&old)[b];

				CU_ASSERT_EQUAL(changed & (uint8_t) ~((uint8_t *)&mask)[b], 0);
			}
		}
	}
}

static void
test_field_masked_write_merges(void)
{
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		const struct field *f = field_get((enum field_id)i);
		struct flow flow;
		union field_value old, v, mask, got;

		memset(&flow, 0, sizeof flow);
		if (!f->maskable || f->store == FIELD_STORE_PORT10)
			continue;
		for (unsigned int k = 0; k < 50; k++) {
			random_value(f, &old);
			random_value(f, &v);
			random_value(f, &mask);
			field_write(f, &old, &flow);
			field_write_masked(f, &v, &mask, &flow);
			field_read(f, &flow, &got);
			for (unsigned int b = 0; b < f->n_bytes; b++)
				CU_ASSERT_EQUAL(got.b[b],
					(old.b[b] & (uint8_t)~mask.b[b]) | (v.b[b] & mask.b[b]));
		}
	}
}

static void
test_field_registers_overlap(void)
{
	struct flow flow;
	union field_value v;

	memset(&flow, 0, sizeof flow);
	field_value_set_u64(field_get(FIELD_XREG1), &v, UINT64_C(0x1122334455667788));
	field_write(field_get(FIELD_XREG1), &v, &flow);
	CU_ASSERT_EQUAL(flow.regs[2], 0x11223344);
	CU_ASSERT_EQUAL(flow.regs[3], 0x55667788);
	field_read(field_get(FIELD_XXREG0), &flow, &v);
	CU_ASSERT_EQUAL(field_value_u64(field_get(FIELD_XXREG0), &v), UINT64_C(0x1122334455667788));
}

static void
test_field_values_out_of_range_are_invalid(void)
{
	union field_value v;

	field_value_set_u64(field_get(FIELD_VLAN_PCP), &v, 8);
	CU_ASSERT_FALSE(field_value_is_valid(field_get(FIELD_VLAN_PCP), &v));
	field_value_set_u64(field_get(FIELD_ARP_OP), &v, 256);
	CU_ASSERT_FALSE(field_value_is_valid(field_get(FIELD_ARP_OP), &v));
	field_value_set_u64(field_get(FIELD_NW_TOS), &v, 0xfc);
	CU_ASSERT_TRUE(field_value_is_valid(field_get(FIELD_NW_TOS), &v));
	field_value_set_u64(field_get(FIELD_NW_TOS), &v, 1);
	CU_ASSERT_FALSE(field_value_is_valid(field_get(FIELD_NW_TOS), &v));
	field_value_set_u64(field_get(FIELD_IP_PROTO), &v, 0x0f);
	CU_ASSERT_FALSE(field_mask_is_valid(field_get(FIELD_IP_PROTO), &v));
	CU_ASSERT_TRUE(field_mask_is_valid(field_get(FIELD_IPV4_SRC), &v));
}

static void
test_field_prerequisites(void)
{
	struct match m;
	const struct field *tcp = field_get(FIELD_TCP_DST), *udp = field_get(FIELD_UDP_DST);
	const struct field *nd = field_get(FIELD_ND_SLL);

	match_init_catchall(&m);
	match_set_l4_dst(&m, 80);
	CU_ASSERT_FALSE(match_has_field(&m, tcp));
	match_set_eth_type(&m, 0x0800);
	CU_ASSERT_FALSE(match_has_field(&m, tcp));
	match_set_ip_proto(&m, IPPROTO_TCP);
	CU_ASSERT_TRUE(match_has_field(&m, tcp));
	CU_ASSERT_FALSE(match_has_field(&m, udp));
	CU_ASSERT_FALSE(match_has_field(&m, field_get(FIELD_ARP_OP)));
	m.mask.ip_proto = 0x7f;
	CU_ASSERT_FALSE(match_has_field(&m, tcp));

	match_init_catchall(&m);
	match_set_eth_type(&m, 0x86dd);
	match_set_ip_proto(&m, IPPROTO_ICMPV6);
	match_set_l4_src(&m, 135);
	CU_ASSERT_TRUE(field_prerequisites_ok(nd, &m.value, &m.mask));
	CU_ASSERT_FALSE(field_prerequisites_ok(field_get(FIELD_ND_TLL), &m.value, &m.mask));
	match_set_l4_src(&m, 136);
	CU_ASSERT_FALSE(field_prerequisites_ok(nd, &m.value, &m.mask));
}

/* What a field's prerequisites look at is what field_mask_prereqs() says: a packet that agrees in it agrees in having
 * the field. */
static void
test_field_prereq_mask_is_enough(void)
{
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		const struct field *f = field_get((enum field_id)i);

		for (unsigned int k = 0; k < 300; k++) {
			static const uint16_t types[] = { 0x800, 0x86dd, 0x806, 0x8847, 0x88e7,
				0x1234 };
			static const uint8_t protos[] = { 1, 6, 17, 58, 132, 200 };
			struct flow a, b, mask;

			for (size_t x = 0; x < sizeof a; x++) {
				((uint8_t *)&a)[x] = (uint8_t)random_u32();
				((uint8_t *)&b)[x] = (uint8_t)random_u32();
			}
			a.eth_type = htons(types[random_range(6)]);
			a.ip_proto = protos[random_range(6)];
			a.l4_src = htons((uint16_t)(134 + random_range(4)));
			memset(&mask, 0, sizeof mask);
			field_mask_prereqs(f, &mask);
			if (f->prereq == FIELD_PREREQ_CT)
				mask.ct_state = FLOW_CT_TRK | FLOW_CT_INV;
			for (unsigned int w = 0; w < sizeof a / 8; w++) {
				uint64_t mw = ((uint64_t *)&mask)[w];

				((uint64_t *)&b)[w] =
					(((uint64_t *)&b)[w] & ~mw) | (((uint64_t *)&a)[w] & mw);
			}
			CU_ASSERT_EQUAL(field_prereqs_hold(f, &a), field_prereqs_hold(f, &b));
		}
	}
}

static void
test_match_vlan_fields_bring_presence(void)
{
	struct match m;
	union field_value v;

	match_init_catchall(&m);
	field_value_set_u64(field_get(FIELD_DL_VLAN), &v, 5);
	match_set_field(&m, field_get(FIELD_DL_VLAN), &v, NULL);
	CU_ASSERT_EQUAL(m.value.vlan_tci, htons(0x1005));
	CU_ASSERT_EQUAL(m.mask.vlan_tci, htons(0x1fff));
	match_init_catchall(&m);
	field_value_set_u64(field_get(FIELD_DL_VLAN), &v, 0xffff);
	match_set_field(&m, field_get(FIELD_DL_VLAN), &v, NULL);
	CU_ASSERT_EQUAL(m.value.vlan_tci, 0);
	CU_ASSERT_EQUAL(m.mask.vlan_tci, 0xffff);
	match_init_catchall(&m);
	field_value_set_u64(field_get(FIELD_VLAN_PCP), &v, 3);
	match_set_field(&m, field_get(FIELD_VLAN_PCP), &v, NULL);
	CU_ASSERT_EQUAL(m.value.vlan_tci, htons(0x7000));
	CU_ASSERT_EQUAL(m.mask.vlan_tci, htons(0xf000));
	match_init_catchall(&m);
	field_value_set_u64(field_get(FIELD_VLAN_VID), &v, 0);
	match_set_field(&m, field_get(FIELD_VLAN_VID), &v, NULL);
	CU_ASSERT_EQUAL(m.mask.vlan_tci, htons(0x1fff));
	CU_ASSERT_EQUAL(m.value.vlan_tci, 0);
}

static void
test_match_normalize_drops_orphans(void)
{
	struct match m, good;

	match_init_catchall(&good);
	match_set_eth_type(&good, 0x0800);
	match_set_ip_proto(&good, 6);
	match_set_l4_dst(&good, 80);
	match_set_ipv4_src(&good, htonl(0x0a000000), htonl(0xff000000));
	match_set_vlan_vid(&good, 7);
	match_set_reg(&good, 3, 1, 0xff);
	m = good;
	CU_ASSERT_FALSE(match_normalize(&m));
	CU_ASSERT_TRUE(match_equal(&m, &good));
	m.mask.eth_type = m.value.eth_type = 0;
	CU_ASSERT_TRUE(match_normalize(&m));
	CU_ASSERT_EQUAL(m.mask.l4_dst, 0);
	CU_ASSERT_EQUAL(m.value.ip_src, 0);
	CU_ASSERT_EQUAL(m.mask.regs[3], 0xff);
	CU_ASSERT_EQUAL(m.mask.vlan_tci, htons(0x1fff));
}

static void
random_match(struct match *m)
{
	static const enum field_id ids[] = { FIELD_IN_PORT_OXM, FIELD_ETH_DST, FIELD_IPV4_SRC,
		FIELD_IPV6_DST, FIELD_METADATA, FIELD_REG5, FIELD_TCP_SRC, FIELD_VLAN_TCI };

	match_init_catchall(m);
	for (unsigned int i = random_range(4); i > 0; i--) {
		const struct field *f = field_get(ids[random_range(ARRAY_SIZE(ids))]);
		union field_value v, k;

		memset(&v, 0, sizeof v);
		memset(&k, 0, sizeof k);
		v.b[f->n_bytes - 1] = (uint8_t)random_range(4);
		k.b[f->n_bytes - 1] = (uint8_t)random_range(4);
		match_set_field(m, f, &v, &k);
	}
}

/* The relations between matches, against their definitions on packets of two bits per field. */
static void
test_match_relations_agree_with_packets(void)
{
	for (unsigned int i = 0; i < 20000; i++) {
		struct match a, b, both;
		struct flow pkt;
		bool overlap, covers;

		random_match(&a);
		random_match(&b);
		overlap = match_overlaps(&a, &b);
		covers = match_covers(&a, &b);
		CU_ASSERT_EQUAL(overlap, match_overlaps(&b, &a));
		/* If they overlap, this packet matches both. */
		for (unsigned int w = 0; w < sizeof pkt / 8; w++)
			((uint64_t *)&pkt)[w] =
				((uint64_t *)&a.value)[w] | ((uint64_t *)&b.value)[w];
		CU_ASSERT_EQUAL(overlap, match_matches(&a, &pkt) && match_matches(&b, &pkt));
		if (covers)
			CU_ASSERT_TRUE(overlap);
		/* Packets of b with random other bits match a. */
		for (unsigned int k = 0; k < 5; k++) {
			for (unsigned int w = 0; w < sizeof pkt / 8; w++)
				((uint64_t *)&pkt)[w] = (random_u64() & ~((uint64_t *)&b.mask)[w])
					| ((uint64_t *)&b.value)[w];
			CU_ASSERT_TRUE(match_matches(&b, &pkt));
			if (covers)
				CU_ASSERT_TRUE(match_matches(&a, &pkt));
		}
		both = a;
		CU_ASSERT_TRUE(match_equal(&a, &both));
		CU_ASSERT_EQUAL(match_hash(&a, 1), match_hash(&both, 1));
		CU_ASSERT_TRUE(match_covers(&a, &both));
	}
}

static void
test_hash_ignores_unmasked_bits(void)
{
	unsigned int n_same = 0;

	for (unsigned int i = 0; i < 5000; i++) {
		struct match m;
		struct flow a, b, masked;
		uint32_t lanes;

		random_match(&m);
		lanes = flow_lanes(&m.mask);
		for (unsigned int w = 0; w < sizeof a / 8; w++) {
			uint64_t mw = ((uint64_t *)&m.mask)[w];

			((uint64_t *)&a)[w] = (random_u64() & ~mw) | ((uint64_t *)&m.value)[w];
			((uint64_t *)&b)[w] = (random_u64() & ~mw) | ((uint64_t *)&m.value)[w];
		}
		CU_ASSERT_EQUAL(flow_hash_lanes(&a, &m.mask, lanes, 3),
			flow_hash_lanes(&b, &m.mask, lanes, 3));
		CU_ASSERT_TRUE(flow_masked_equal(&a, &m.value, &m.mask, lanes));
		memset(&masked, 0, sizeof masked);
		flow_apply_mask(&masked, &a, &m.mask, lanes);
		CU_ASSERT_EQUAL(memcmp(&masked, &m.value, sizeof masked), 0);
		n_same += flow_hash_exact(&a, 0x3f, 3) == flow_hash_exact(&b, 0x3f, 3);
	}
	CU_ASSERT_TRUE(n_same < 3);
}

/* One flipped bit anywhere changes the hash, and halves of its bits on average. */
static void
test_hash_sees_every_bit(void)
{
	struct flow a;
	unsigned int n_flips = 0;

	memset(&a, 0, sizeof a);
	for (unsigned int bit = 0; bit < 512; bit++) {
		uint32_t h = flow_hash_exact(&a, 1, 9), g;

		((uint8_t *)&a)[bit / 8] ^= (uint8_t)(1u << bit % 8);
		g = flow_hash_exact(&a, 1, 9);
		((uint8_t *)&a)[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT_NOT_EQUAL(h, g);
		n_flips += (unsigned int)__builtin_popcount(h ^ g);
	}
	CU_ASSERT_TRUE(n_flips > 512 * 14 && n_flips < 512 * 18);
}

static void
test_ofp_port_forms(void)
{
	uint32_t port;

	CU_ASSERT_TRUE(ofp_port_parse("LOCAL", &port));
	CU_ASSERT_EQUAL(port, OFP_PORT_LOCAL);
	CU_ASSERT_TRUE(ofp_port_parse("65534", &port));
	CU_ASSERT_EQUAL(port, OFP_PORT_LOCAL);
	CU_ASSERT_TRUE(ofp_port_parse("0xfffffffd", &port));
	CU_ASSERT_EQUAL(port, OFP_PORT_CONTROLLER);
	CU_ASSERT_FALSE(ofp_port_parse("-1", &port));
	CU_ASSERT_FALSE(ofp_port_parse("1x", &port));
	CU_ASSERT_FALSE(ofp_port_parse("4294967296", &port));
	CU_ASSERT_EQUAL(ofp_port_to10(OFP_PORT_FLOOD), 0xfffb);
	CU_ASSERT_EQUAL(ofp_port_from10(0xfffb), OFP_PORT_FLOOD);
	CU_ASSERT_EQUAL(ofp_port_to10(0x10000), 0xffff);
	CU_ASSERT_STRING_EQUAL(ofp_port_name(OFP_PORT_IN_PORT), "IN_PORT");
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_field_table_is_complete),
		CHECK_CASE(test_field_oxm_numbers),
		CHECK_CASE(test_field_oxm_for_version),
		CHECK_CASE(test_field_write_touches_only_its_bits),
		CHECK_CASE(test_field_masked_write_merges),
		CHECK_CASE(test_field_registers_overlap),
		CHECK_CASE(test_field_values_out_of_range_are_invalid),
		CHECK_CASE(test_field_prerequisites),
		CHECK_CASE(test_field_prereq_mask_is_enough),
		CHECK_CASE(test_match_vlan_fields_bring_presence),
		CHECK_CASE(test_match_normalize_drops_orphans),
		CHECK_CASE(test_match_relations_agree_with_packets),
		CHECK_CASE(test_hash_ignores_unmasked_bits),
		CHECK_CASE(test_hash_sees_every_bit),
		CHECK_CASE(test_ofp_port_forms),
	};

	random_seed(13);
	return check_run("flow/field", cases, ARRAY_SIZE(cases));
}
