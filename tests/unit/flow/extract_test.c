/* SPDX-License-Identifier: Apache-2.0 */
/* flow/extract: what it finds in one packet of every kind, and agreement with the naive twin. */

#include "flow/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/flow_extract_model.h"
#include "base/random.h"
#include "check.h"
#include "fake_mbuf.h"
#include "sample_packets.h"

static struct flow key;
static struct packet_layout layout;

static void
extract(enum sample which)
{
	struct craft c;

	sample_make(&c, which);
	CU_ASSERT_FALSE(c.overflow);
	flow_extract(c.data, (uint32_t)c.len, 7, &key, &layout);
}

static void
test_extract_reads_tcp(void)
{
	extract(SAMPLE_TCP);
	CU_ASSERT_EQUAL(key.in_port, 7);
	CU_ASSERT_EQUAL(memcmp(key.eth_dst, SAMPLE_MAC_B, 6), 0);
	CU_ASSERT_EQUAL(memcmp(key.eth_src, SAMPLE_MAC_A, 6), 0);
	CU_ASSERT_EQUAL(key.eth_type, htons(0x800));
	CU_ASSERT_EQUAL(key.vlan_tci, 0);
	CU_ASSERT_EQUAL(key.ip_src, htonl(SAMPLE_IP4_A));
	CU_ASSERT_EQUAL(key.ip_dst, htonl(SAMPLE_IP4_B));
	CU_ASSERT_EQUAL(key.ip_proto, 6);
	CU_ASSERT_EQUAL(key.ip_ttl, 64);
	CU_ASSERT_EQUAL(key.ip_frag, 0);
	CU_ASSERT_EQUAL(key.l4_src, htons(1234));
	CU_ASSERT_EQUAL(key.l4_dst, htons(80));
	CU_ASSERT_EQUAL(key.tcp_flags, htons(0x112));
	CU_ASSERT_EQUAL(flow_lanes(&key), 1);
	CU_ASSERT_EQUAL(layout.l3_ofs, 14);
	CU_ASSERT_EQUAL(layout.l4_ofs, 34);
	CU_ASSERT_EQUAL(layout.l3_type, PACKET_L3_IPV4);
	CU_ASSERT_EQUAL(layout.l4_proto, IPPROTO_TCP);
	CU_ASSERT_EQUAL(layout.l3_end, 14 + 20 + 20 + 40);
	CU_ASSERT_EQUAL(layout.l2_5_ofs, PACKET_OFS_NONE);
}

static void
test_extract_reads_tags(void)
{
	extract(SAMPLE_VLAN_TCP);
	CU_ASSERT_EQUAL(
		key.vlan_tci, htons(0xb00a)); /* The DEI bit's place says that a tag is there. */
	CU_ASSERT_EQUAL(key.vlan_tpid, htons(0x8100));
	CU_ASSERT_EQUAL(key.eth_type, htons(0x800));
	CU_ASSERT_EQUAL(key.l4_dst, htons(80));
	CU_ASSERT_EQUAL(layout.n_vlans, 1);

	extract(SAMPLE_QINQ_UDP);
	CU_ASSERT_EQUAL(key.vlan_tci, htons(0x1000 | 100));
	CU_ASSERT_EQUAL(key.vlan_tpid, htons(0x88a8));
	CU_ASSERT_EQUAL(key.vlan2_tci, htons(0x7000 | 200));
	CU_ASSERT_EQUAL(key.vlan2_tpid, htons(0x8100));
	CU_ASSERT_EQUAL(key.l4_src, htons(1000));
	CU_ASSERT_EQUAL(layout.n_vlans, 2);

	extract(SAMPLE_TRIPLE_TAG);
	CU_ASSERT_EQUAL(key.vlan2_tpid, htons(0x9100));
	CU_ASSERT_EQUAL(key.eth_type, htons(0x8100));
	CU_ASSERT_EQUAL(key.ip_src, 0);
	CU_ASSERT_EQUAL(layout.l3_ofs, PACKET_OFS_NONE);
}

static void
test_extract_reads_8023(void)
{
	extract(SAMPLE_SNAP_IP);
	CU_ASSERT_EQUAL(key.eth_type, htons(0x800));
	CU_ASSERT_EQUAL(key.l4_dst, htons(8));
	CU_ASSERT_EQUAL(layout.l3_ofs, 22);
	extract(SAMPLE_LLC);
	CU_ASSERT_EQUAL(key.eth_type, htons(FLOW_ETH_TYPE_NONE));
}

static void
test_extract_reads_arp(void)
{
	extract(SAMPLE_ARP);
	CU_ASSERT_EQUAL(key.ip_proto, 1);
	CU_ASSERT_EQUAL(key.ip_src, htonl(SAMPLE_IP4_A));
	CU_ASSERT_EQUAL(key.ip_dst, htonl(SAMPLE_IP4_B));
	CU_ASSERT_EQUAL(memcmp(key.arp_sha, SAMPLE_MAC_A, 6), 0);
	CU_ASSERT_EQUAL(memcmp(key.arp_tha, SAMPLE_MAC_B, 6), 0);
	CU_ASSERT_EQUAL(layout.l3_type, PACKET_L3_ARP);
	extract(SAMPLE_RARP);
	CU_ASSERT_EQUAL(key.eth_type, htons(0x8035));
	CU_ASSERT_EQUAL(key.ip_proto, 3);
}

static void
test_extract_reads_mpls_and_pbb(void)
{
	extract(SAMPLE_MPLS1);
	CU_ASSERT_EQUAL(key.mpls_lse[0], htonl(16 << 12 | 5 << 9 | 1 << 8 | 64));
	CU_ASSERT_EQUAL(key.mpls_lse[1], 0);
	CU_ASSERT_EQUAL(layout.l2_5_ofs, 14);
	extract(SAMPLE_MPLS4);
	CU_ASSERT_EQUAL(key.mpls_lse[2], htonl(102 << 12 | 2 << 9 | 9));
	extract(SAMPLE_PBB);
	CU_ASSERT_EQUAL(key.pbb_isid, htonl(0x01123456));
}

static void
test_extract_reads_fragments(void)
{
	extract(SAMPLE_FRAG_FIRST);
	CU_ASSERT_EQUAL(key.ip_frag, FLOW_FRAG_ANY);
	CU_ASSERT_EQUAL(key.l4_src, htons(5));
	extract(SAMPLE_FRAG_LATER);
	CU_ASSERT_EQUAL(key.ip_frag, FLOW_FRAG_ANY | FLOW_FRAG_LATER);
	CU_ASSERT_EQUAL(key.ip_proto, IPPROTO_UDP);
	CU_ASSERT_EQUAL(key.l4_src, 0);
	CU_ASSERT_EQUAL(layout.l4_ofs, PACKET_OFS_NONE);
	extract(SAMPLE_FRAG6_FIRST);
	CU_ASSERT_EQUAL(key.ip_frag, FLOW_FRAG_ANY);
	CU_ASSERT_EQUAL(key.l4_src, htons(1));
	CU_ASSERT_EQUAL(key.ipv6_exthdr, FLOW_IEH_FRAG);
	extract(SAMPLE_FRAG6_LATER);
	CU_ASSERT_EQUAL(key.ip_frag, FLOW_FRAG_ANY | FLOW_FRAG_LATER);
	CU_ASSERT_EQUAL(key.ip_proto, IPPROTO_UDP);
	CU_ASSERT_EQUAL(key.l4_src, 0);
	extract(SAMPLE_FRAG6_ATOMIC);
	CU_ASSERT_EQUAL(key.ip_frag, 0);
	CU_ASSERT_EQUAL(key.l4_src, htons(1));
}

static void
test_extract_reads_ipv6(void)
{
	extract(SAMPLE_TCP6);
	CU_ASSERT_EQUAL(memcmp(key.ipv6_src, SAMPLE_IP6_A, 16), 0);
	CU_ASSERT_EQUAL(memcmp(key.ipv6_dst, SAMPLE_IP6_B, 16), 0);
	CU_ASSERT_EQUAL(key.ip_proto, IPPROTO_TCP);
	CU_ASSERT_EQUAL(key.l4_dst, htons(443));
	CU_ASSERT_EQUAL(key.ipv6_exthdr, 0);
	CU_ASSERT_EQUAL(flow_lanes(&key), 3);

	extract(SAMPLE_EXT_ALL);
	CU_ASSERT_EQUAL(key.ipv6_exthdr,
		FLOW_IEH_HOP | FLOW_IEH_DEST | FLOW_IEH_ROUTER | FLOW_IEH_FRAG | FLOW_IEH_AUTH);
	CU_ASSERT_EQUAL(key.ip_proto, IPPROTO_TCP);
	CU_ASSERT_EQUAL(key.l4_src, htons(1));
	extract(SAMPLE_EXT_UNSEQ);
	CU_ASSERT_EQUAL(key.ipv6_exthdr, FLOW_IEH_HOP | FLOW_IEH_ROUTER | FLOW_IEH_UNSEQ);
	extract(SAMPLE_EXT_UNREP);
	CU_ASSERT_EQUAL(key.ipv6_exthdr, FLOW_IEH_HOP | FLOW_IEH_UNREP);
	extract(SAMPLE_EXT_NONEXT);
	CU_ASSERT_EQUAL(key.ipv6_exthdr, FLOW_IEH_DEST | FLOW_IEH_NONEXT);
	CU_ASSERT_EQUAL(key.ip_proto, IPPROTO_NONE);
}

static void
test_extract_reads_nd(void)
{
	static const uint8_t none[6];

	extract(SAMPLE_NS);
	CU_ASSERT_EQUAL(key.l4_src, htons(135));
	CU_ASSERT_EQUAL(memcmp(key.nd_target, SAMPLE_IP6_B, 16), 0);
	CU_ASSERT_EQUAL(memcmp(key.arp_sha, SAMPLE_MAC_A, 6), 0);
	CU_ASSERT_EQUAL(memcmp(key.arp_tha, none, 6), 0);
	extract(SAMPLE_NA);
	CU_ASSERT_EQUAL(memcmp(key.arp_sha, none, 6), 0);
	CU_ASSERT_EQUAL(memcmp(key.arp_tha, SAMPLE_MAC_B, 6), 0);
}

static void
test_extract_refuses_contradictions(void)
{
	struct craft c;

	sample_make(&c, SAMPLE_TCP);
	c.data[14] = 0x44; /* IHL of 16 bytes */
	flow_extract(c.data, (uint32_t)c.len, 7, &key, &layout);
	CU_ASSERT_EQUAL(key.eth_type, htons(0x800));
	CU_ASSERT_EQUAL(key.ip_src, 0);
	sample_make(&c, SAMPLE_TCP);
	c.data[17]++; /* Longer than the frame */
	flow_extract(c.data, (uint32_t)c.len, 7, &key, &layout);
	CU_ASSERT_EQUAL(key.ip_src, 0);
	CU_ASSERT_EQUAL(layout.l3_ofs, PACKET_OFS_NONE);
	/* Padding is no header. */
	sample_make(&c, SAMPLE_TCP);
	c.data[16] = 0;
	c.data[17] = 20;
	flow_extract(c.data, (uint32_t)c.len, 7, &key, &layout);
	CU_ASSERT_EQUAL(key.ip_proto, 6);
	CU_ASSERT_EQUAL(key.l4_src, 0);
	CU_ASSERT_EQUAL(layout.l4_proto, 0);
}

/* Both on a heap block of just that size. */
static bool
twins_agree(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	struct flow mk;
	struct packet_layout ml;
	bool same;

	memcpy(copy, data, len);
	memset(&key, 0xa5, sizeof key);
	flow_extract(copy, (uint32_t)len, 9, &key, &layout);
	model_extract(copy, len, 9, &mk, &ml);
	same = memcmp(&key, &mk, sizeof key) == 0 && memcmp(&layout, &ml, sizeof layout) == 0;
	if (!same) {
		const uint8_t *a = (const uint8_t *)&key, *b = (const uint8_t *)&mk;

		for (size_t i = 0; i < sizeof key; i++) {
			if (a[i] != b[i])
				printf("key byte %zu: %02x, model %02x\n", i, a[i], b[i]);
		}
		for (size_t i = 0; i < len; i++)
			printf("%02x", copy[i]);
		printf("\n");
	}
	free(copy);
	return same;
}

static void
test_extract_agrees_at_every_length(void)
{
	struct craft c;

	for (unsigned int s = 0; s < N_SAMPLES; s++) {
		sample_make(&c, (enum sample)s);
		for (size_t len = 0; len <= c.len; len++)
			CU_ASSERT_TRUE(twins_agree(c.data, len));
	}
}

static void
test_extract_agrees_on_mutations(void)
{
	uint32_t seed = (uint32_t)getpid();
	unsigned int n_bad = 0;

	printf("seed %u ", seed);
	random_seed(seed);
	for (unsigned int i = 0; i < 150000 && n_bad < 3; i++) {
		struct craft c;

		sample_make(&c, (enum sample)random_range(N_SAMPLES));
		for (uint32_t n = random_range(5); n > 0; n--) {
			uint32_t at = random_range((uint32_t)MIN(c.len, 120u));

			if (random_range(2) != 0)
				c.data[at] = (uint8_t)random_u32();
			else
				c.data[at] = (uint8_t)(c.data[at] ^ 1u << random_range(8));
		}
		if (random_range(4) == 0)
			c.len = random_range((uint32_t)c.len + 1);
		n_bad += !twins_agree(c.data, c.len);
	}
	for (unsigned int i = 0; i < 20000 && n_bad < 3; i++) {
		static const uint16_t types[] = { 0x800, 0x86dd, 0x806, 0x8100, 0x8847, 0x88e7,
			0x88a8, 4 };
		uint8_t frame[320];
		size_t len = random_range(sizeof frame + 1);

		for (size_t k = 0; k < len; k++)
			frame[k] = random_range(3) != 0 ? (uint8_t)random_u32()
							: (uint8_t)random_range(4);
		frame[12] = (uint8_t)(types[i % 8] >> 8);
		frame[13] = (uint8_t)types[i % 8];
		frame[14] = i % 8 == 0 ? 0x45 : i % 8 == 1 ? 0x60 : frame[14];
		n_bad += !twins_agree(frame, len);
	}
	CU_ASSERT_EQUAL(n_bad, 0);
}

/* The batch form with used keys gives what the single form does, for any segmentation. */
static void
test_extract_batch_equals_single(void)
{
	struct fake_pool *pool = fake_pool_create(2048);
	static struct flow keys[32];
	uint8_t lanes[32] = { 0 };

	memset(keys, 0, sizeof keys);
	random_seed(5);
	for (unsigned int round = 0; round < 200; round++) {
		struct rte_mbuf *pkts[32];
		uint32_t n = 1 + random_range(32);

		for (uint32_t i = 0; i < n; i++) {
			struct craft c;

			sample_make(&c, (enum sample)random_range(N_SAMPLES));
			pkts[i] = fake_packet(pool, c.data, (uint32_t)c.len,
				random_range(3) == 0 ? 1 + random_range(100) : 0);
		}
		flow_extract_batch(pkts, n, round, keys, lanes);
		for (uint32_t i = 0; i < n; i++) {
			uint8_t data[CRAFT_MAX];

			packet_read(pkts[i], 0, packet_len(pkts[i]), data);
			flow_extract(data, packet_len(pkts[i]), round, &key, &layout);
			CU_ASSERT_EQUAL(memcmp(&key, &keys[i], sizeof key), 0);
			CU_ASSERT_EQUAL(memcmp(&layout, packet_layout(pkts[i]), sizeof layout), 0);
			CU_ASSERT_EQUAL(flow_lanes(&key) & (uint32_t)~lanes[i], 0);
			packet_free(pkts[i]);
		}
	}
	CU_ASSERT_EQUAL(pool->n_out, 0);
	free(pool);
}

static void
test_extract_long_header_chain_is_bounded(void)
{
	struct craft c;

	craft_init(&c);
	sample_ip6(&c);
	for (int i = 0; i < 100; i++)
		craft_ipv6_ext(&c, IPPROTO_DSTOPTS, 8);
	craft_udp(&c, 1, 2);
	craft_finish(&c);
	flow_extract(c.data, (uint32_t)c.len, 7, &key, &layout);
	CU_ASSERT_EQUAL(key.ip_proto, IPPROTO_DSTOPTS);
	CU_ASSERT_EQUAL(key.l4_src, 0);
	CU_ASSERT_EQUAL(key.ipv6_exthdr & FLOW_IEH_UNREP, FLOW_IEH_UNREP);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_extract_reads_tcp),
		CHECK_CASE(test_extract_reads_tags),
		CHECK_CASE(test_extract_reads_8023),
		CHECK_CASE(test_extract_reads_arp),
		CHECK_CASE(test_extract_reads_mpls_and_pbb),
		CHECK_CASE(test_extract_reads_fragments),
		CHECK_CASE(test_extract_reads_ipv6),
		CHECK_CASE(test_extract_reads_nd),
		CHECK_CASE(test_extract_refuses_contradictions),
		CHECK_CASE(test_extract_agrees_at_every_length),
		CHECK_CASE(test_extract_agrees_on_mutations),
		CHECK_CASE(test_extract_batch_equals_single),
		CHECK_CASE(test_extract_long_header_chain_is_bounded),
	};

	return check_run("flow/extract", cases, ARRAY_SIZE(cases));
}
