/* SPDX-License-Identifier: Apache-2.0 */
/* packet/edit: every edit on every kind of packet, checked against a checksum computed anew.  The packet room cannot
 * extract, so the layouts come from a small parser of the test's own. */

#include "packet/edit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"
#include "fake_mbuf.h"
#include "packet/checksum.h"
#include "sample_packets.h"

static struct fake_pool *pool;

/* A layout from what craft.h noted. */
static void
set_layout(struct rte_mbuf *m, const struct craft *c)
{
	struct packet_layout *l = packet_layout(m);
	size_t ofs = 12;

	packet_layout_clear(l);
	while (l->n_vlans < 2
		&& (c->data[ofs] == 0x81 || c->data[ofs] == 0x88 || c->data[ofs] == 0x91)
		&& (c->data[ofs + 1] == 0 || c->data[ofs + 1] == 0xa8)) {
		l->n_vlans++;
		ofs += 4;
	}
	if (c->data[ofs] == 0x88 && c->data[ofs + 1] == 0x47)
		l->l2_5_ofs = (uint16_t)(ofs + 2);
	if (c->data[ofs] == 0x08 && c->data[ofs + 1] == 0x06) {
		l->l3_ofs = (uint16_t)(ofs + 2);
		l->l3_type = PACKET_L3_ARP;
	}
	if (c->l3_ofs == SIZE_MAX)
		return;
	l->l3_ofs = (uint16_t)c->l3_ofs;
	l->l3_type = c->l3_version == 4 ? PACKET_L3_IPV4 : PACKET_L3_IPV6;
	l->l3_end = (uint32_t)c->len;
	if (c->l4_ofs != SIZE_MAX) {
		l->l4_ofs = (uint16_t)c->l4_ofs;
		l->l4_proto = c->l4_proto;
	}
}

static struct rte_mbuf *
packet(enum sample which, uint32_t seg_len)
{
	struct craft c;
	struct rte_mbuf *m;

	sample_make(&c, which);
	m = fake_packet(pool, c.data, (uint32_t)c.len, seg_len);
	set_layout(m, &c);
	if (which == SAMPLE_FRAG_FIRST || which == SAMPLE_FRAG6_FIRST)
		packet_layout(m)->flags = PACKET_L_FRAG;
	if (which == SAMPLE_FRAG_LATER || which == SAMPLE_FRAG6_LATER)
		packet_layout(m)->flags = PACKET_L_FRAG | PACKET_L_LATER;
	return m;
}

static void
fill_random(void *p, size_t n)
{
	uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)random_u32();
}

/* True if the packet's checksums are what they should be, whatever they were before. */
static bool
checksums_hold(const struct rte_mbuf *m)
{
	return checksum_verify_ipv4(m) != CHECKSUM_BAD && checksum_verify_l4(m) != CHECKSUM_BAD;
}

/* As checksums_hold(), for a first fragment: its checksum covers a datagram that is not all there, but as if it
 * were it was right in the sample. */
static bool
fragment_checksum_holds(struct rte_mbuf *m)
{
	struct packet_layout *l = packet_layout(m);
	uint8_t flags = l->flags;
	bool good;

	l->flags = 0;
	good = checksums_hold(m);
	l->flags = flags;
	return good;
}

static void
test_edit_samples_are_sound(void)
{
	for (unsigned int s = 0; s < N_SAMPLES; s++) {
		struct rte_mbuf *m = packet((enum sample)s, 0);

		/* The pseudo-header of a source-routed packet has another destination. */
		CU_ASSERT_TRUE(checksums_hold(m));
		packet_free(m);
	}
}

static void
test_edit_ipv4_keeps_checksums(void)
{
	static const enum sample which[] = { SAMPLE_TCP, SAMPLE_UDP, SAMPLE_UDP_NO_CSUM,
		SAMPLE_SCTP, SAMPLE_ICMP, SAMPLE_IP_OPTIONS, SAMPLE_IP_OTHER, SAMPLE_FRAG_FIRST,
		SAMPLE_FRAG_LATER, SAMPLE_VLAN_TCP, SAMPLE_SNAP_IP };

	for (unsigned int i = 0; i < 3000; i++) {
		struct rte_mbuf *m =
			packet(which[i % ARRAY_SIZE(which)], i % 3 == 0 ? 20 + i % 40 : 0);
		struct packet_ipv4_edit e;
		uint8_t before[20], after[20];

		packet_read(m, packet_layout(m)->l3_ofs, 20, before);
		fill_random(&e, sizeof e);
		if (i % 4 == 0)
			e.src_mask = e.dst_mask = UINT32_MAX;
		CU_ASSERT_EQUAL_FATAL(packet_set_ipv4(m, &e), 0);
		packet_read(m, packet_layout(m)->l3_ofs, 20, after);
		for (int k = 0; k < 4; k++) {
			uint8_t mask = ((uint8_t *)&e.src_mask)[k];

			CU_ASSERT_EQUAL(after[12 + k],
				(before[12 + k] & (uint8_t)~mask)
					| (((uint8_t *)&e.src)[k] & mask));
		}
		CU_ASSERT_EQUAL(
			after[8], (before[8] & (uint8_t)~e.ttl_mask) | (e.ttl & e.ttl_mask));
		CU_ASSERT_EQUAL(after[9], before[9]);
		CU_ASSERT_TRUE(fragment_checksum_holds(m));
		packet_free(m);
	}
}

static void
test_edit_ipv6_keeps_checksums(void)
{
	static const enum sample which[] = { SAMPLE_TCP6, SAMPLE_UDP6, SAMPLE_SCTP6, SAMPLE_ICMP6,
		SAMPLE_NS, SAMPLE_EXT_ALL, SAMPLE_EXT_NONEXT, SAMPLE_FRAG6_FIRST,
		SAMPLE_FRAG6_LATER };

	for (unsigned int i = 0; i < 3000; i++) {
		struct rte_mbuf *m =
			packet(which[i % ARRAY_SIZE(which)], i % 3 == 0 ? 20 + i % 90 : 0);
		struct packet_ipv6_edit e;
		uint8_t h[40];

		fill_random(&e, sizeof e);
		if (i % 2 == 0) {
			memset(e.dst_mask, 0xff, 16);
			e.label_mask = htonl(0xfffff);
			e.tclass_mask = 0xff;
		}
		CU_ASSERT_EQUAL_FATAL(packet_set_ipv6(m, &e), 0);
		packet_read(m, packet_layout(m)->l3_ofs, 40, h);
		CU_ASSERT_EQUAL(h[0] >> 4, 6);
		if (i % 2 == 0) {
			CU_ASSERT_EQUAL(memcmp(h + 24, e.dst, 16), 0);
			CU_ASSERT_EQUAL((h[0] << 4 | h[1] >> 4) & 0xff, e.tclass);
			CU_ASSERT_EQUAL(h[3], ntohl(e.label) & 0xff);
		}
		CU_ASSERT_TRUE(fragment_checksum_holds(m));
		packet_free(m);
	}
}

static void
test_edit_source_routed_destination_is_not_summed(void)
{
	struct rte_mbuf *m = packet(SAMPLE_EXT_ROUTED, 0);
	struct packet_ipv6_edit e;
	be16 before, after;

	memset(&e, 0, sizeof e);
	memset(e.dst, 0x77, 16);
	memset(e.dst_mask, 0xff, 16);
	packet_read(m, packet_layout(m)->l4_ofs + 16u, 2, &before);
	CU_ASSERT_EQUAL(packet_set_ipv6(m, &e), 0);
	packet_read(m, packet_layout(m)->l4_ofs + 16u, 2, &after);
	CU_ASSERT_EQUAL(before, after);
	packet_free(m);
}

static void
test_edit_ports_keep_checksums(void)
{
	static const enum sample which[] = { SAMPLE_TCP, SAMPLE_UDP, SAMPLE_UDP_NO_CSUM,
		SAMPLE_SCTP, SAMPLE_TCP6, SAMPLE_UDP6, SAMPLE_SCTP6, SAMPLE_FRAG_FIRST,
		SAMPLE_EXT_ALL };

	for (unsigned int i = 0; i < 3000; i++) {
		enum sample s = which[i % ARRAY_SIZE(which)];
		struct rte_mbuf *m = packet(s, i % 3 == 0 ? 20 + i % 90 : 0);
		struct packet_ports_edit e;
		be16 ports[2], csum;

		fill_random(&e, sizeof e);
		if (i % 2 == 0)
			e.src_mask = e.dst_mask = 0xffff;
		CU_ASSERT_EQUAL_FATAL(packet_set_ports(m, &e), 0);
		packet_read(m, packet_layout(m)->l4_ofs, 4, ports);
		if (i % 2 == 0)
			CU_ASSERT_TRUE(ports[0] == e.src && ports[1] == e.dst);
		CU_ASSERT_TRUE(fragment_checksum_holds(m));
		if (s == SAMPLE_UDP_NO_CSUM) {
			packet_read(m, packet_layout(m)->l4_ofs + 6u, 2, &csum);
			CU_ASSERT_EQUAL(csum, 0);
		}
		packet_free(m);
	}
}

/* All values that a 16-bit word can go to: the sum passes both forms of zero. */
static void
test_edit_udp_checksum_never_becomes_none(void)
{
	for (unsigned int v = 0; v < 65536; v += 1) {
		struct rte_mbuf *m = packet(SAMPLE_UDP, 0);
		struct packet_ports_edit e = { .src = (be16)v, .src_mask = 0xffff };
		be16 csum;

		CU_ASSERT_EQUAL_FATAL(packet_set_ports(m, &e), 0);
		packet_read(m, packet_layout(m)->l4_ofs + 6u, 2, &csum);
		if (csum == 0 || checksum_verify_l4(m) != CHECKSUM_GOOD)
			CU_FAIL("UDP checksum");
		packet_free(m);
	}
}

static void
test_edit_wrong_checksum_stays_wrong(void)
{
	static const enum sample which[] = { SAMPLE_TCP, SAMPLE_UDP, SAMPLE_SCTP };

	for (unsigned int i = 0; i < ARRAY_SIZE(which); i++) {
		struct rte_mbuf *m = packet(which[i], 0);
		struct packet_ports_edit e = { .src = 0x1111, .src_mask = 0xffff };

		packet_data(m)[packet_len(m) - 1] ^= 0x40;
		CU_ASSERT_EQUAL(packet_set_ports(m, &e), 0);
		CU_ASSERT_EQUAL(checksum_verify_l4(m), CHECKSUM_BAD);
		packet_free(m);
	}
}

/* A packet whose checksum waits is edited, then completed. */
static void
test_edit_partial_checksum_follows_addresses_only(void)
{
	static const enum sample which[] = { SAMPLE_TCP, SAMPLE_UDP, SAMPLE_TCP6, SAMPLE_UDP6,
		SAMPLE_SCTP };

	for (unsigned int i = 0; i < 2000; i++) {
		enum sample s = which[i % ARRAY_SIZE(which)];
		struct rte_mbuf *m = packet(s, i % 2 == 0 ? 0 : 20 + i % 70);
		const struct packet_layout *l = packet_layout(m);
		uint32_t ofs = l->l4_ofs + (l->l4_proto == IPPROTO_TCP ? 16u : 6u),
			 len = l->l3_end - l->l4_ofs;
		struct packet_ports_edit pe;
		struct packet_ipv4_edit e4;
		struct packet_ipv6_edit e6;
		uint8_t addrs[32];
		be16 sum;

		CU_ASSERT_EQUAL_FATAL(packet_pull_up(m, l->l4_ofs + 20u), 0);
		if (l->l3_type == PACKET_L3_IPV4) {
			packet_read(m, l->l3_ofs + 12u, 8, addrs);
			sum = checksum_fold(checksum_add_pseudo4(
				0, addrs, addrs + 4, l->l4_proto, (uint16_t)len));
		} else {
			packet_read(m, l->l3_ofs + 8u, 32, addrs);
			sum = checksum_fold(
				checksum_add_pseudo6(0, addrs, addrs + 16, l->l4_proto, len));
		}
		if (l->l4_proto != IPPROTO_SCTP)
			memcpy(packet_data(m) + ofs, &sum, 2);
		m->ol_flags |= l->l4_proto == IPPROTO_TCP ? RTE_MBUF_F_TX_TCP_CKSUM
			: l->l4_proto == IPPROTO_UDP      ? RTE_MBUF_F_TX_UDP_CKSUM
							  : RTE_MBUF_F_TX_SCTP_CKSUM;
		fill_random(&pe, sizeof pe);
		fill_random(&e4, sizeof e4);
		fill_random(&e6, sizeof e6);
		CU_ASSERT_EQUAL(packet_set_ports(m, &pe), 0);
		if (l->l3_type == PACKET_L3_IPV4)
			CU_ASSERT_EQUAL(packet_set_ipv4(m, &e4), 0);
		if (l->l3_type == PACKET_L3_IPV6)
			CU_ASSERT_EQUAL(packet_set_ipv6(m, &e6), 0);
		CU_ASSERT_EQUAL(checksum_verify_l4(m), CHECKSUM_NONE);
		CU_ASSERT_EQUAL(checksum_complete(m), 0);
		CU_ASSERT_FALSE(packet_csum_is_partial(m));
		CU_ASSERT_EQUAL(checksum_verify_l4(m), CHECKSUM_GOOD);
		packet_free(m);
	}
}

static void
test_edit_icmp_keeps_checksum(void)
{
	for (unsigned int i = 0; i < 600; i++) {
		struct rte_mbuf *m = packet(i % 2 == 0 ? SAMPLE_ICMP : SAMPLE_ICMP6, 0);
		struct packet_icmp_edit e;

		fill_random(&e, sizeof e);
		CU_ASSERT_EQUAL(packet_set_icmp(m, &e), 0);
		CU_ASSERT_TRUE(checksums_hold(m));
		packet_free(m);
	}
}

static void
test_edit_nd_keeps_checksum(void)
{
	for (unsigned int i = 0; i < 600; i++) {
		struct rte_mbuf *m =
			packet(i % 2 == 0 ? SAMPLE_NS : SAMPLE_NA, i % 3 == 0 ? 40 : 0);
		uint32_t l4 = packet_layout(m)->l4_ofs;
		struct packet_nd_edit e;
		uint8_t b[16];

		fill_random(&e, sizeof e);
		memset(e.target_mask, 0xff, 16);
		memset(e.sll_mask, 0xff, 6);
		memset(e.tll_mask, 0xff, 6);
		CU_ASSERT_EQUAL(packet_set_nd(m, &e), 0);
		CU_ASSERT_TRUE(checksums_hold(m));
		packet_read(m, l4 + 8, 16, b);
		CU_ASSERT_EQUAL(memcmp(b, e.target, 16), 0);
		packet_read(m, l4 + 26, 6, b);
		CU_ASSERT_EQUAL(memcmp(b, i % 2 == 0 ? e.sll : e.tll, 6), 0);
		packet_free(m);
	}
}

static void
test_edit_eth_and_arp_write_masked_bytes(void)
{
	struct rte_mbuf *m = packet(SAMPLE_ARP, 0);
	struct packet_eth_edit eth = { .src = { 0xff, 0xff },
		.src_mask = { 0x0f, 0 },
		.dst = { [5] = 9 },
		.dst_mask = { [5] = 0xff } };
	struct packet_arp_edit arp = { .tpa = htonl(0x01020304),
		.tpa_mask = UINT32_MAX,
		.op = htons(2),
		.op_mask = 0xffff,
		.sha = { 1, 2, 3, 4, 5, 6 },
		.sha_mask = { 255, 255, 255, 255, 255, 255 } };
	const uint8_t *d;

	CU_ASSERT_EQUAL(packet_set_eth(m, &eth), 0);
	CU_ASSERT_EQUAL(packet_set_arp(m, &arp), 0);
	d = packet_data(m);
	CU_ASSERT_EQUAL(memcmp(d, "\x02\0\0\0\0\x09\x0f\0\0\0\0\x0a", 12), 0);
	CU_ASSERT_EQUAL(
		memcmp(d + 14, "\0\1\x08\0\6\4\0\2\1\2\3\4\5\6\x0a\0\0\1\2\0\0\0\0\x0b\1\2\3\4",
			28),
		0);
	packet_free(m);
}

static void
test_edit_vlan_push_pop_restores(void)
{
	for (unsigned int s = 0; s < N_SAMPLES; s++) {
		struct rte_mbuf *m = packet((enum sample)s, s % 2 == 0 ? 0 : 10);
		struct packet_layout before = *packet_layout(m);
		uint8_t a[512], b[512];
		uint32_t len = packet_len(m);

		packet_read(m, 0, len, a);
		CU_ASSERT_EQUAL(packet_push_vlan(m, htons(0x88a8), htons(0x7005)), 0);
		CU_ASSERT_EQUAL(packet_len(m), len + 4);
		packet_read(m, 0, len + 4, b);
		CU_ASSERT_EQUAL(memcmp(b + 12, "\x88\xa8\x60\x05", 4), 0);
		CU_ASSERT_EQUAL(memcmp(b + 16, a + 12, len - 12), 0);
		if (before.l3_ofs != PACKET_OFS_NONE)
			CU_ASSERT_EQUAL(packet_layout(m)->l3_ofs, before.l3_ofs + 4);
		CU_ASSERT_EQUAL(packet_set_vlan(m, 0, htons(0x1fff)), 0);
		packet_read(m, 12, 4, b);
		CU_ASSERT_EQUAL(memcmp(b, "\x88\xa8\x0f\xff", 4), 0);
		CU_ASSERT_EQUAL(packet_pop_vlan(m), 0);
		packet_read(m, 0, len, b);
		CU_ASSERT_EQUAL(packet_len(m), len);
		CU_ASSERT_EQUAL(memcmp(a, b, len), 0);
		CU_ASSERT_EQUAL(memcmp(&before, packet_layout(m), sizeof before), 0);
		packet_free(m);
	}
}

static void
test_edit_pop_without_tag_is_refused(void)
{
	struct rte_mbuf *m = packet(SAMPLE_TCP, 0);

	CU_ASSERT_EQUAL(packet_pop_vlan(m), -EINVAL);
	CU_ASSERT_EQUAL(packet_set_vlan(m, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(packet_pop_mpls(m, htons(0x800)), -EINVAL);
	CU_ASSERT_EQUAL(packet_set_mpls(m, 0), -EINVAL);
	packet_free(m);
}

static void
test_edit_mpls_push_pop_restores(void)
{
	static const enum sample which[] = { SAMPLE_TCP, SAMPLE_VLAN_TCP, SAMPLE_TCP6,
		SAMPLE_UNKNOWN, SAMPLE_QINQ_UDP };

	for (unsigned int i = 0; i < ARRAY_SIZE(which); i++) {
		struct rte_mbuf *m = packet(which[i], 0);
		struct packet_layout before = *packet_layout(m);
		uint32_t len = packet_len(m), type_ofs = 12u + before.n_vlans * 4u;
		be32 lse = htonl(0x12345142), got;
		uint8_t a[512], b[512];
		be16 type;

		packet_read(m, 0, len, a);
		memcpy(&type, a + type_ofs, 2);
		CU_ASSERT_EQUAL(packet_push_mpls(m, htons(0x8847), lse), 0);
		packet_read(m, 0, len + 4, b);
		CU_ASSERT_EQUAL(memcmp(b + type_ofs, "\x88\x47", 2), 0);
		memcpy(&got, b + type_ofs + 2, 4);
		CU_ASSERT_EQUAL(got, lse);
		CU_ASSERT_EQUAL(memcmp(b + type_ofs + 6, a + type_ofs + 2, len - type_ofs - 2), 0);
		CU_ASSERT_EQUAL(packet_set_mpls(m, htonl(0x11)), 0);
		CU_ASSERT_EQUAL(packet_pop_mpls(m, type), 0);
		packet_read(m, 0, len, b);
		CU_ASSERT_EQUAL(memcmp(a, b, len), 0);
		CU_ASSERT_EQUAL(memcmp(&before, packet_layout(m), sizeof before), 0);
		packet_free(m);
	}
}

/* What is below a popped label is known well enough to be edited. */
static void
test_edit_pop_mpls_finds_ip(void)
{
	static const enum sample which[] = { SAMPLE_TCP, SAMPLE_UDP6, SAMPLE_IP_OPTIONS,
		SAMPLE_ICMP, SAMPLE_ICMP6 };

	for (unsigned int i = 0; i < ARRAY_SIZE(which); i++) {
		struct rte_mbuf *m = packet(which[i], 0);
		struct packet_layout before = *packet_layout(m);

		CU_ASSERT_EQUAL(packet_push_mpls(m, htons(0x8847), htonl(0x100)), 0);
		packet_layout_clear(packet_layout(m));
		packet_layout(m)->l2_5_ofs = 14;
		CU_ASSERT_EQUAL(packet_pop_mpls(m,
					htons(before.l3_type == PACKET_L3_IPV4 ? 0x800 : 0x86dd)),
			0);
		CU_ASSERT_EQUAL(memcmp(&before, packet_layout(m), sizeof before), 0);
		packet_free(m);
	}
	/* Not what it is said to be. */
	struct rte_mbuf *m = packet(SAMPLE_TCP, 0);

	CU_ASSERT_EQUAL(packet_push_mpls(m, htons(0x8847), htonl(0x100)), 0);
	packet_layout_clear(packet_layout(m));
	packet_layout(m)->l2_5_ofs = 14;
	CU_ASSERT_EQUAL(packet_pop_mpls(m, htons(0x86dd)), 0);
	CU_ASSERT_EQUAL(packet_layout(m)->l3_ofs, PACKET_OFS_NONE);
	packet_free(m);
}

static void
test_edit_push_needs_headroom(void)
{
	struct rte_mbuf *m = packet(SAMPLE_TCP, 0);
	uint8_t a[512], b[512];

	memmove(m->buf_addr, packet_data(m), m->data_len);
	m->data_off = 3;
	memmove(packet_data(m), m->buf_addr, m->data_len);
	packet_read(m, 0, packet_len(m), a);
	CU_ASSERT_EQUAL(packet_push_vlan(m, htons(0x8100), 0), -ENOBUFS);
	CU_ASSERT_EQUAL(packet_push_mpls(m, htons(0x8847), 0), -ENOBUFS);
	packet_read(m, 0, packet_len(m), b);
	CU_ASSERT_EQUAL(memcmp(a, b, packet_len(m)), 0);
	packet_free(m);
}

static void
test_edit_refuses_what_is_not_there(void)
{
	static const struct packet_ipv4_edit e4;
	static const struct packet_ipv6_edit e6;
	static const struct packet_ports_edit ep;
	static const struct packet_icmp_edit ei;
	static const struct packet_arp_edit ea;
	static const struct packet_nd_edit en;
	struct rte_mbuf *m = packet(SAMPLE_UNKNOWN, 0);

	CU_ASSERT_EQUAL(packet_set_ipv4(m, &e4), -EINVAL);
	CU_ASSERT_EQUAL(packet_set_ipv6(m, &e6), -EINVAL);
	CU_ASSERT_EQUAL(packet_set_ports(m, &ep), -EINVAL);
	CU_ASSERT_EQUAL(packet_set_icmp(m, &ei), -EINVAL);
	CU_ASSERT_EQUAL(packet_set_arp(m, &ea), -EINVAL);
	CU_ASSERT_EQUAL(packet_set_nd(m, &en), -EINVAL);
	packet_free(m);
	m = packet(SAMPLE_FRAG_LATER, 0);
	CU_ASSERT_EQUAL(packet_set_ports(m, &ep), -EINVAL);
	packet_free(m);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_edit_samples_are_sound),
		CHECK_CASE(test_edit_ipv4_keeps_checksums),
		CHECK_CASE(test_edit_ipv6_keeps_checksums),
		CHECK_CASE(test_edit_source_routed_destination_is_not_summed),
		CHECK_CASE(test_edit_ports_keep_checksums),
		CHECK_CASE(test_edit_udp_checksum_never_becomes_none),
		CHECK_CASE(test_edit_wrong_checksum_stays_wrong),
		CHECK_CASE(test_edit_partial_checksum_follows_addresses_only),
		CHECK_CASE(test_edit_icmp_keeps_checksum),
		CHECK_CASE(test_edit_nd_keeps_checksum),
		CHECK_CASE(test_edit_eth_and_arp_write_masked_bytes),
		CHECK_CASE(test_edit_vlan_push_pop_restores),
		CHECK_CASE(test_edit_pop_without_tag_is_refused),
		CHECK_CASE(test_edit_mpls_push_pop_restores),
		CHECK_CASE(test_edit_pop_mpls_finds_ip),
		CHECK_CASE(test_edit_push_needs_headroom),
		CHECK_CASE(test_edit_refuses_what_is_not_there),
	};
	int rc;

	random_seed(11);
	pool = fake_pool_create(1024);
	rc = check_run("packet/edit", cases, ARRAY_SIZE(cases));
	if (pool->n_out != 0) {
		printf("%u mbufs were not given back\n", pool->n_out);
		rc = 1;
	}
	free(pool);
	return rc;
}
