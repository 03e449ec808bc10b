/* SPDX-License-Identifier: Apache-2.0 */
/* action/program: building, verifying and printing. */

#include "action/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"
#include "packet/edit.h"

static void
expect_print(const struct program_buf *b, const char *want)
{
	struct str out = STR_INIT;

	program_print(b->data, b->len, NULL, NULL, &out);
	if (strcmp(str_cstr(&out), want) != 0)
		printf("\n'%s', not '%s'\n", str_cstr(&out), want);
	CU_ASSERT_STRING_EQUAL(str_cstr(&out), want);
	str_uninit(&out);
}

static void
test_program_prints_what_was_put(void)
{
	struct program_buf b;
	struct err err = ERR_INIT;
	struct op_vlan *vlan;
	struct op_set_eth *eth;
	struct op_set_ipv4 *ip;
	struct op_set_ipv6 *ip6;
	struct op_set_ports *l4;
	struct op_mpls *mpls;
	struct op_punt *punt;
	uint32_t mark;

	program_buf_init(&b);
	expect_print(&b, "drop");
	vlan = program_put(&b, PROGRAM_OP_PUSH_VLAN, sizeof *vlan);
	vlan->tpid = htons(0x8100);
	vlan->tci = htons(0x3005);
	vlan = program_put(&b, PROGRAM_OP_SET_VLAN, sizeof *vlan);
	vlan->tpid = htons(0x88a8);
	vlan->tci = htons(7);
	program_put(&b, PROGRAM_OP_POP_VLAN, sizeof(struct op_header));
	eth = program_put(&b, PROGRAM_OP_SET_ETH, sizeof *eth);
	memset(eth->dst, 2, 6);
	memset(eth->dst_mask, 0xff, 6);
	ip = program_put(&b, PROGRAM_OP_SET_IPV4, sizeof *ip);
	ip->src = htonl(0x0a000001);
	ip->src_mask = htonl(0xffffff00);
	ip->ttl = 63;
	ip->ttl_mask = 0xff;
	ip6 = program_put(&b, PROGRAM_OP_SET_IPV6, sizeof *ip6);
	ip6->label = htonl(0x12345);
	ip6->label_mask = htonl(0xfffff);
	l4 = program_put(&b, PROGRAM_OP_SET_PORTS, sizeof *l4);
	l4->dst = htons(80);
	l4->dst_mask = 0xffff;
	mpls = program_put(&b, PROGRAM_OP_PUSH_MPLS, sizeof *mpls);
	mpls->lse = htonl(5 << 12 | 3 << 9 | 1 << 8 | 64);
	mpls->eth_type = htons(0x8847);
	mpls = program_put(&b, PROGRAM_OP_POP_MPLS, sizeof *mpls);
	mpls->eth_type = htons(0x800);
	((struct op_trunc *)program_put(&b, PROGRAM_OP_TRUNC, sizeof(struct op_trunc)))->max_len =
		64;
	((struct op_meter *)program_put(&b, PROGRAM_OP_METER, sizeof(struct op_meter)))->meter = 4;
	mark = program_open_clone(&b);
	program_put_output(&b, 9);
	program_close_clone(&b, mark);
	punt = program_put(&b, PROGRAM_OP_PUNT, sizeof *punt + 3);
	punt->reason = 1;
	punt->max_len = 128;
	punt->userdata_len = 3;
	memcpy(punt + 1, "\x01\x02\xff", 3);
	program_put_output(&b, 3);
	CU_ASSERT_FALSE(b.overflow);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, &err), 0);
	expect_print(&b,
		"push_vlan(vid=5,pcp=1),set(vlan(tpid=0x88a8,vid=7,pcp=0)),pop_vlan,set(eth(dst=02:02:02:02:02:02)),"
		"set(ipv4(src=10.0.0.1/255.255.255.0,ttl=63)),set(ipv6(label=0x12345)),set(ports(dst=80)),"
		"push_mpls(label=5,tc=3,ttl=64,bos=1,eth_type=0x8847),pop_mpls(eth_type=0x800),trunc(64),meter(4),clone(9),"
		"userspace(controller(reason=1,table=0,id=0,max_len=128,userdata=01.02.ff)),3");
	program_buf_clear(&b);
	program_put_drop(&b, 2);
	expect_print(&b, "drop");
	program_buf_uninit(&b);
}

static const char *
name_of(void *aux, uint32_t port)
{
	(void)aux;
	return port == 1 ? "vm1" : NULL;
}

static void
test_program_prints_port_names(void)
{
	struct program_buf b;
	struct str out = STR_INIT;

	program_buf_init(&b);
	program_put_output(&b, 1);
	program_put_output(&b, 2);
	program_print(b.data, b.len, name_of, NULL, &out);
	CU_ASSERT_STRING_EQUAL(str_cstr(&out), "vm1,2");
	str_uninit(&out);
	program_buf_uninit(&b);
}

static void
test_program_same_calls_same_bytes(void)
{
	struct program_buf a, b;

	memset(&a, 0xa5, sizeof a);
	memset(&b, 0x5a, sizeof b);
	program_buf_init(&a);
	program_buf_init(&b);
	for (int i = 0; i < 100; i++) {
		program_put(&a, (enum program_op)(i % N_PROGRAM_OPS), 5 + (size_t)i);
		program_put(&b, (enum program_op)(i % N_PROGRAM_OPS), 5 + (size_t)i);
	}
	CU_ASSERT_EQUAL(a.len, b.len);
	CU_ASSERT_EQUAL(memcmp(a.data, b.data, a.len), 0);
	CU_ASSERT_TRUE(a.len > sizeof a.stub);
	program_buf_uninit(&a);
	program_buf_uninit(&b);
	CU_ASSERT_EQUAL(a.len, 0);
}

static void
test_program_overflow_is_told(void)
{
	struct program_buf b;
	uint32_t mark;

	program_buf_init(&b);
	mark = program_open_clone(&b);
	for (int i = 0; i < 10000; i++)
		program_put_output(&b, 1);
	CU_ASSERT_TRUE(b.overflow);
	CU_ASSERT_TRUE(b.len <= PROGRAM_MAX_LEN);
	program_close_clone(&b, mark);
	program_buf_clear(&b);
	CU_ASSERT_FALSE(b.overflow);
	program_put_output(&b, 1);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), 0);
	program_buf_uninit(&b);
}

static void
test_program_verify_refuses(void)
{
	struct program_buf b;
	struct op_header *h;
	uint32_t mark;

	program_buf_init(&b);
	CU_ASSERT_EQUAL(program_verify(b.data, 0, NULL), -EINVAL); /* Says nothing. */
	program_put_output(&b, 1);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len - 4, NULL), -EINVAL);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len - 1, NULL), -EINVAL);
	h = (struct op_header *)(void *)b.data;
	h->len = 12;
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);
	h->len = 0;
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);
	h->len = 8;
	h->type = PROGRAM_OP_SET_TUNNEL;
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);
	h->type = 0xffff;
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);

	program_buf_clear(&b);
	program_put(&b, PROGRAM_OP_POP_VLAN, sizeof(struct op_header));
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);
	program_put_drop(&b, 0);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), 0);
	program_put_output(&b, 1);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);

	program_buf_clear(&b);
	mark = program_open_clone(&b);
	program_put(&b, PROGRAM_OP_POP_VLAN, sizeof(struct op_header));
	program_close_clone(&b, mark);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);

	/* Clones inside each other without end. */
	program_buf_clear(&b);
	for (int i = 0; i < 50; i++)
		(void)program_open_clone(&b);
	program_put_output(&b, 1);
	for (uint32_t i = 0; i < 50; i++)
		program_close_clone(&b, i * 4);
	CU_ASSERT_EQUAL(program_verify(b.data, b.len, NULL), -EINVAL);
	program_buf_uninit(&b);
}

/* Bytes of any kind are refused or can be walked and printed. */
static void
test_program_verify_survives_noise(void)
{
	unsigned int n_ok = 0;

	for (unsigned int i = 0; i < 200000; i++) {
		size_t len = random_range(48);
		uint32_t *data = malloc(len != 0 ? len : 1);
		struct str out = STR_INIT;

		for (size_t k = 0; k < len; k++)
			((uint8_t *)data)[k] = random_range(2) != 0 ? 0 : (uint8_t)random_range(26);
		if (program_verify(data, len, NULL) == 0) {
			program_print(data, len, NULL, NULL, &out);
			CU_ASSERT_TRUE(out.len > 0);
			n_ok++;
		}
		str_uninit(&out);
		free(data);
	}
	CU_ASSERT_TRUE(n_ok > 10);
}

/* The edits of the packet room take an operation's body as it is. */
static void
test_program_bodies_are_edits(void)
{
#define SAME_LAYOUT(OP, EDIT, FIRST, LAST)                                             \
	do {                                                                           \
		CU_ASSERT_EQUAL(offsetof(struct OP, FIRST), sizeof(struct op_header)); \
		CU_ASSERT_EQUAL(offsetof(struct OP, LAST) - sizeof(struct op_header),  \
			offsetof(struct EDIT, LAST));                                  \
	} while (0)
	SAME_LAYOUT(op_set_eth, packet_eth_edit, src, dst_mask);
	SAME_LAYOUT(op_set_ipv4, packet_ipv4_edit, src, ttl_mask);
	SAME_LAYOUT(op_set_ipv6, packet_ipv6_edit, src, hlimit_mask);
	SAME_LAYOUT(op_set_ports, packet_ports_edit, src, dst_mask);
	SAME_LAYOUT(op_set_icmp, packet_icmp_edit, type, code_mask);
	SAME_LAYOUT(op_set_arp, packet_arp_edit, spa, op_mask);
	SAME_LAYOUT(op_set_nd, packet_nd_edit, target, tll_mask);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_program_prints_what_was_put),
		CHECK_CASE(test_program_prints_port_names),
		CHECK_CASE(test_program_same_calls_same_bytes),
		CHECK_CASE(test_program_overflow_is_told),
		CHECK_CASE(test_program_verify_refuses),
		CHECK_CASE(test_program_verify_survives_noise),
		CHECK_CASE(test_program_bodies_are_edits),
	};

	random_seed(15);
	return check_run("action/program", cases, ARRAY_SIZE(cases));
}
