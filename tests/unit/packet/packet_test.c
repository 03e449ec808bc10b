/* SPDX-License-Identifier: Apache-2.0 */
/* packet/packet, packet/checksum and packet/gso on chains of segments. */

#include "packet/packet.h"

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
#include "packet/gso.h"
#include "sample_packets.h"

static struct fake_pool *pool;

static struct rte_mbuf *
from_craft(const struct craft *c, uint32_t seg_len)
{
	struct rte_mbuf *m = fake_packet(pool, c->data, (uint32_t)c->len, seg_len);
	struct packet_layout *l = packet_layout(m);

	l->l3_ofs = (uint16_t)c->l3_ofs;
	l->l3_type = c->l3_version == 4 ? PACKET_L3_IPV4 : PACKET_L3_IPV6;
	l->l3_end = (uint32_t)c->len;
	l->l4_ofs = (uint16_t)c->l4_ofs;
	l->l4_proto = c->l4_proto;
	return m;
}

/* The sum as RFC 1071 has it: one word at a time. */
static uint16_t
naive_sum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

static void
test_checksum_matches_naive(void)
{
	uint8_t buf[600];

	for (unsigned int i = 0; i < 5000; i++) {
		size_t ofs = random_range(8), n = random_range(500);

		for (size_t k = 0; k < sizeof buf; k++)
			buf[k] = i % 3 == 0 ? 0xff : (uint8_t)random_u32();
		CU_ASSERT_EQUAL(ntohs(checksum_bytes(buf + ofs, n)), naive_sum(buf + ofs, n));
	}
}

static void
test_checksum_matches_across_segments(void)
{
	uint8_t buf[700];

	for (size_t k = 0; k < sizeof buf; k++)
		buf[k] = (uint8_t)random_u32();
	for (unsigned int i = 0; i < 500; i++) {
		struct rte_mbuf *m = fake_packet(pool, buf, sizeof buf, 1 + random_range(200));
		uint32_t ofs = random_range(300), n = random_range(400);

		CU_ASSERT_EQUAL(ntohs(checksum_finish(checksum_add_packet(0, m, ofs, n))),
			naive_sum(buf + ofs, n));
		packet_free(m);
	}
}

static void
test_checksum_update_equals_recompute(void)
{
	for (unsigned int i = 0; i < 20000; i++) {
		uint16_t w[10];
		be16 sum, old;
		be32 old32, new32;

		for (unsigned int k = 0; k < 10; k++)
			w[k] = i % 4 == 0 ? (uint16_t)(random_range(3) - 1)
					  : (uint16_t)random_u32();
		w[9] = 0x1234; /* Else all words could be zero, for which two forms of the sum are right. */
		sum = checksum_bytes(w, sizeof w);
		old = w[2];
		w[2] = (uint16_t)random_u32();
		sum = checksum_update16(sum, old, w[2]);
		memcpy(&old32, &w[4], 4);
		new32 = random_u32();
		memcpy(&w[4], &new32, 4);
		sum = checksum_update32(sum, old32, new32);
		CU_ASSERT_EQUAL(sum, checksum_bytes(w, sizeof w));
	}
}

static void
test_checksum_crc32c_vectors(void)
{
	uint8_t buf[256];

	CU_ASSERT_EQUAL(checksum_crc32c(0, "123456789", 9), 0xe3069283);
	CU_ASSERT_EQUAL(checksum_crc32c_portable(0, "123456789", 9), 0xe3069283);
	for (unsigned int i = 0; i < 500; i++) {
		size_t n = random_range(256), cut = n == 0 ? 0 : random_range((uint32_t)n);

		for (size_t k = 0; k < n; k++)
			buf[k] = (uint8_t)random_u32();
		CU_ASSERT_EQUAL(checksum_crc32c(0, buf, n), checksum_crc32c_portable(0, buf, n));
		CU_ASSERT_EQUAL(checksum_crc32c(checksum_crc32c(0, buf, cut), buf + cut, n - cut),
			checksum_crc32c(0, buf, n));
	}
}

static void
test_checksum_fill_makes_good(void)
{
	static const enum sample which[] = { SAMPLE_TCP, SAMPLE_UDP, SAMPLE_SCTP, SAMPLE_ICMP,
		SAMPLE_TCP6, SAMPLE_UDP6, SAMPLE_ICMP6, SAMPLE_NS };

	for (unsigned int i = 0; i < 400; i++) {
		struct craft c;
		struct rte_mbuf *m;

		sample_make(&c, which[i % ARRAY_SIZE(which)]);
		m = from_craft(&c, i % 2 == 0 ? 0 : 30 + i % 80);
		CU_ASSERT_EQUAL(checksum_verify_l4(m), CHECKSUM_GOOD);
		CU_ASSERT_EQUAL_FATAL(packet_pull_up(m, (uint32_t)c.l4_ofs + 5), 0);
		packet_data(m)[c.l4_ofs + 1] ^= (uint8_t)(1u << i % 8);
		packet_data(m)[c.l3_ofs + 1] ^= 4;
		CU_ASSERT_EQUAL(checksum_verify_l4(m), CHECKSUM_BAD);
		CU_ASSERT_EQUAL(checksum_fill_l4(m), 0);
		CU_ASSERT_EQUAL(checksum_verify_l4(m), CHECKSUM_GOOD);
		if (c.l3_version == 4) {
			CU_ASSERT_EQUAL(checksum_verify_ipv4(m), CHECKSUM_BAD);
			CU_ASSERT_EQUAL(checksum_fill_ipv4(m), 0);
			CU_ASSERT_EQUAL(checksum_verify_ipv4(m), CHECKSUM_GOOD);
		}
		packet_free(m);
	}
}

static void
test_checksum_complete_at_checks_bounds(void)
{
	struct craft c;
	struct rte_mbuf *m;

	sample_make(&c, SAMPLE_UDP);
	m = from_craft(&c, 50);
	CU_ASSERT_EQUAL(checksum_complete_at(m, packet_len(m), 0), -EINVAL);
	CU_ASSERT_EQUAL(checksum_complete_at(m, 10, UINT32_MAX), -EINVAL);
	CU_ASSERT_EQUAL(checksum_complete_at(m, 10, packet_len(m) - 11), -EINVAL);
	CU_ASSERT_EQUAL(checksum_complete_at(m, 10, packet_len(m) - 12), 0);
	packet_free(m);
}

static void
test_packet_pull_up_keeps_bytes(void)
{
	uint8_t buf[900], got[900];

	for (size_t k = 0; k < sizeof buf; k++)
		buf[k] = (uint8_t)random_u32();
	for (unsigned int i = 0; i < 500; i++) {
		struct rte_mbuf *m = fake_packet(pool, buf, sizeof buf, 1 + random_range(300));
		uint32_t len = random_range(sizeof buf + 1);

		CU_ASSERT_EQUAL(packet_pull_up(m, len), 0);
		CU_ASSERT_TRUE(packet_seg_len(m) >= len);
		CU_ASSERT_EQUAL(packet_len(m), sizeof buf);
		packet_read(m, 0, sizeof buf, got);
		CU_ASSERT_EQUAL(memcmp(buf, got, sizeof buf), 0);
		CU_ASSERT_EQUAL(rte_mbuf_check(m, 1, &(const char *){ NULL }), 0);
		CU_ASSERT_EQUAL(packet_pull_up(m, sizeof buf + 1), -EINVAL);
		packet_free(m);
	}
}

static void
test_packet_truncate_cuts(void)
{
	uint8_t buf[900], got[900];

	for (size_t k = 0; k < sizeof buf; k++)
		buf[k] = (uint8_t)k;
	for (unsigned int i = 0; i < 500; i++) {
		struct rte_mbuf *m = fake_packet(pool, buf, sizeof buf, 1 + random_range(300));
		uint32_t len = 1 + random_range(sizeof buf);

		packet_truncate(m, len);
		CU_ASSERT_EQUAL(packet_len(m), len);
		CU_ASSERT_EQUAL(rte_mbuf_check(m, 1, &(const char *){ NULL }), 0);
		packet_read(m, 0, len, got);
		CU_ASSERT_EQUAL(memcmp(buf, got, len), 0);
		packet_free(m);
	}
}

static void
test_packet_copy_is_private_and_equal(void)
{
	static uint8_t buf[5000], got[5000];

	for (size_t k = 0; k < sizeof buf; k++)
		buf[k] = (uint8_t)random_u32();
	for (unsigned int i = 0; i < 100; i++) {
		uint32_t len = 14 + random_range(sizeof buf - 14),
			 max = i % 2 == 0 ? UINT32_MAX : 1 + random_range(6000);
		struct rte_mbuf *m = fake_packet(pool, buf, len, 1 + random_range(800)), *copy;

		packet_priv(m)->in_port = 77;
		m->ol_flags = RTE_MBUF_F_RX_L4_CKSUM_GOOD;
		copy = packet_copy(m, max);
		CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
		packet_free(m);
		CU_ASSERT_EQUAL(packet_len(copy), MIN(len, max));
		CU_ASSERT_EQUAL(packet_priv(copy)->in_port, 77);
		CU_ASSERT_EQUAL(copy->ol_flags, RTE_MBUF_F_RX_L4_CKSUM_GOOD);
		CU_ASSERT_EQUAL(rte_mbuf_check(copy, 1, &(const char *){ NULL }), 0);
		packet_read(copy, 0, packet_len(copy), got);
		CU_ASSERT_EQUAL(memcmp(buf, got, packet_len(copy)), 0);
		packet_free(copy);
	}
}

static void
test_packet_copy_survives_empty_pool(void)
{
	struct rte_mbuf *m;
	static uint8_t buf[3000];

	m = fake_packet(pool, buf, sizeof buf, 500);
	pool->limit = pool->n_out;
	CU_ASSERT_PTR_NULL(packet_copy(m, UINT32_MAX));
	pool->limit = pool->n_out + 1;
	CU_ASSERT_PTR_NULL(packet_copy(m, UINT32_MAX));
	pool->limit = UINT32_MAX;
	packet_free(m);
}

static void
test_packet_copy_cut_completes_checksum(void)
{
	struct craft c;
	struct rte_mbuf *m, *copy;
	be16 want, got;

	sample_make(&c, SAMPLE_TCP);
	m = from_craft(&c, 0);
	packet_read(m, (uint32_t)c.l4_ofs + 16, 2, &want);
	got = checksum_fold(
		checksum_add_pseudo4(0, c.data + 26, c.data + 30, 6, (uint16_t)(c.len - c.l4_ofs)));
	memcpy(packet_data(m) + c.l4_ofs + 16, &got, 2);
	m->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM;
	copy = packet_copy(m, 60);
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	CU_ASSERT_EQUAL(packet_len(copy), 60);
	CU_ASSERT_EQUAL(copy->ol_flags, 0);
	packet_read(copy, (uint32_t)c.l4_ofs + 16, 2, &got);
	CU_ASSERT_EQUAL(got, want);
	packet_free(copy);
	packet_free(m);
}

static void
test_packet_tx_lens(void)
{
	struct craft c;
	struct rte_mbuf *m;

	sample_make(&c, SAMPLE_VLAN_TCP);
	m = from_craft(&c, 0);
	m->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM;
	CU_ASSERT_TRUE(packet_set_tx_lens(m));
	CU_ASSERT_EQUAL(m->l2_len, 18);
	CU_ASSERT_EQUAL(m->l3_len, 20);
	CU_ASSERT_EQUAL(m->l4_len, 20);
	CU_ASSERT_EQUAL(m->ol_flags, RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_IPV4);
	packet_layout_clear(packet_layout(m));
	CU_ASSERT_FALSE(packet_set_tx_lens(m));
	packet_free(m);
}

/* Segments of a large packet have right checksums and make up its payload. */
static void
gso_case(bool v6, size_t payload, uint16_t segsz, uint32_t seg_len)
{
	static struct craft c;
	struct rte_mbuf *m, *segs[PACKET_GSO_MAX_SEGS];
	size_t hdr, ofs = 0;
	int n;

	craft_init(&c);
	if (v6)
		sample_ip6(&c);
	else
		sample_ip4(&c, 0);
	craft_tcp(&c, 1, 2, 0x0d9); /* CWR, ECE, ACK, PSH, FIN */
	c.data[c.l4_ofs + 12] = 0x80; /* 12 bytes of options */
	craft_payload(&c, "\1\1\1\1\1\1\1\1\1\1\1\1", 12);
	hdr = c.len;
	craft_payload(&c, NULL, payload);
	craft_finish(&c);
	craft_pad(&c, c.len + 3);
	m = from_craft(&c, seg_len);
	packet_layout(m)->l3_end -= 3;
	m->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM;
	m->tso_segsz = segsz;
	n = packet_gso(m, &pool->mp, segs, PACKET_GSO_MAX_SEGS);
	CU_ASSERT_EQUAL_FATAL(n, payload == 0 ? 1 : (int)((payload + segsz - 1) / segsz));
	for (int i = 0; i < n; i++) {
		const uint8_t *d = packet_data(segs[i]);
		uint32_t len = packet_len(segs[i]), seq;

		CU_ASSERT_FALSE(packet_is_gso(segs[i]) || packet_csum_is_partial(segs[i]));
		CU_ASSERT_EQUAL(checksum_verify_l4(segs[i]), CHECKSUM_GOOD);
		CU_ASSERT_NOT_EQUAL(checksum_verify_ipv4(segs[i]), CHECKSUM_BAD);
		CU_ASSERT_EQUAL(memcmp(d + hdr, c.data + hdr + ofs, len - hdr), 0);
		memcpy(&seq, d + c.l4_ofs + 4, 4);
		CU_ASSERT_EQUAL(ntohl(seq), 0x01020304 + ofs);
		CU_ASSERT_EQUAL(d[c.l4_ofs + 13] & 0x09, i == n - 1 ? 0x09 : 0);
		CU_ASSERT_EQUAL(d[c.l4_ofs + 13] & 0x80, i == 0 ? 0x80 : 0);
		CU_ASSERT_EQUAL(d[c.l4_ofs + 13] & 0x50, 0x50);
		if (!v6)
			CU_ASSERT_EQUAL(d[18] << 8 | d[19], 0x1234 + i);
		ofs += len - hdr;
		packet_free(segs[i]);
	}
	CU_ASSERT_EQUAL(ofs, payload);
	packet_free(m);
}

static void
test_gso_segments(void)
{
	for (unsigned int i = 0; i < 100; i++)
		gso_case(i % 2 == 1, random_range(8000), (uint16_t)(100 + random_range(1300)),
			i % 3 == 0 ? 333 : 1500);
	gso_case(false, 0, 1000, 1500);
	gso_case(true, 1000, 1000, 1500);
}

static void
test_gso_refuses_nonsense(void)
{
	struct craft c;
	struct rte_mbuf *m, *segs[4];

	sample_make(&c, SAMPLE_TCP);
	m = from_craft(&c, 0);
	m->ol_flags = RTE_MBUF_F_TX_TCP_SEG;
	m->tso_segsz = 0;
	CU_ASSERT_EQUAL(packet_gso(m, &pool->mp, segs, 4), -EINVAL);
	m->tso_segsz = 5;
	CU_ASSERT_EQUAL(packet_gso(m, &pool->mp, segs, 4), -ENOBUFS);
	pool->limit = pool->n_out + 1;
	m->tso_segsz = 20;
	CU_ASSERT_EQUAL(packet_gso(m, &pool->mp, segs, 4), -ENOBUFS);
	pool->limit = UINT32_MAX;
	packet_data(m)[c.l4_ofs + 12] = 0x40; /* Header of 16 bytes */
	CU_ASSERT_EQUAL(packet_gso_count(m), 0);
	packet_data(m)[c.l4_ofs + 12] =
		0xf0; /* Ends behind the packet? 60 bytes are all there is. */
	CU_ASSERT_EQUAL(packet_gso_count(m), 1);
	packet_layout(m)->l4_proto = IPPROTO_UDP;
	CU_ASSERT_EQUAL(packet_gso_count(m), 0);
	packet_free(m);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_checksum_matches_naive),
		CHECK_CASE(test_checksum_matches_across_segments),
		CHECK_CASE(test_checksum_update_equals_recompute),
		CHECK_CASE(test_checksum_crc32c_vectors),
		CHECK_CASE(test_checksum_fill_makes_good),
		CHECK_CASE(test_checksum_complete_at_checks_bounds),
		CHECK_CASE(test_packet_pull_up_keeps_bytes),
		CHECK_CASE(test_packet_truncate_cuts),
		CHECK_CASE(test_packet_copy_is_private_and_equal),
		CHECK_CASE(test_packet_copy_survives_empty_pool),
		CHECK_CASE(test_packet_copy_cut_completes_checksum),
		CHECK_CASE(test_packet_tx_lens),
		CHECK_CASE(test_gso_segments),
		CHECK_CASE(test_gso_refuses_nonsense),
	};
	int rc;

	random_seed(12);
	pool = fake_pool_create(2048);
	rc = check_run("packet/packet", cases, ARRAY_SIZE(cases));
	if (pool->n_out != 0) {
		printf("%u mbufs were not given back\n", pool->n_out);
		rc = 1;
	}
	free(pool);
	return rc;
}
