/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of openflow/ofpact: actions and instructions from bytes to text and back, wrong ones, and
 * the checks against a match. */

#include "openflow/ofpact.h"

#include "base/err.h"
#include "base/str.h"
#include "check.h"
#include "flow/format.h"
#include "hex.h"
#include "openflow/text.h"

struct literal {
	const char *hex, *text;
};

/* clang-format off */
static const struct literal actions10[] = {
	{ "00000008 00020000", "output:2" },
	{ "00000008 fffe0000", "LOCAL" },
	{ "00000008 fffd0080", "CONTROLLER:128" },
	{ "00010008 00050000", "mod_vlan_vid:5" },
	{ "00020008 03000000", "mod_vlan_pcp:3" },
	{ "00030008 00000000", "strip_vlan" },
	{ "00040010 00112233 44550000 00000000", "mod_dl_src:00:11:22:33:44:55" },
	{ "00050010 00112233 44560000 00000000", "mod_dl_dst:00:11:22:33:44:56" },
	{ "00060008 01020304", "mod_nw_src:1.2.3.4" },
	{ "00070008 01020305", "mod_nw_dst:1.2.3.5" },
	{ "00080008 10000000", "mod_nw_tos:16" },
	{ "00090008 00500000", "mod_tp_src:80" },
	{ "000a0008 00510000", "mod_tp_dst:81" },
	{ "000b0010 00010000 00000000 00000005", "enqueue:1:5" },
	{ "ffff0010 00002320 00010004 00000000", "resubmit:4" },
	{ "ffff0010 00002320 000e0004 05000000", "resubmit(4,5)" },
	{ "ffff0010 00002320 000efff8 03000000", "resubmit(,3)" },
	{ "ffff0010 00002320 00020000 00000005", "set_tunnel:0x5" },
	{ "ffff0018 00002320 00090000 00000000 01234567 89abcdef", "set_tunnel64:0x123456789abcdef" },
	{ "ffff0010 00002320 00040000 00000003", "set_queue:3" },
	{ "ffff0010 00002320 00050000 00000000", "pop_queue" },
	{ "ffff0018 00002320 0006000c 00000003 00000802 00010004", "move:NXM_OF_VLAN_TCI[0..11]->NXM_NX_REG0[3..14]" },
	{ "ffff0018 00002320 00070103 00010204 00000000 00000007", "load:0x7->NXM_NX_REG1[4..7]" },
	{ "ffff0018 00002320 00070001 00013801 00000000 00000002", "load:0x2->NXM_NX_IP_ECN[]" },
	{ "ffff0010 00002320 00080102 03000000", "note:01.02.03.00.00.00" },
	{ "ffff0010 00002320 00110000 00000000", "exit" },
	{ "ffff0010 00002320 00120000 00000000", "dec_ttl" },
	{ "ffff0018 00002320 00150002 00000000 00010002 00000000", "dec_ttl(1,2)" },
	{ "ffff0010 00002320 00140080 00070200", "controller(reason=invalid_ttl,max_len=128,id=7)" },
	{ "ffff0020 00002320 00160000 00000000 00000000 00000005 00000000 000000ff", "write_metadata:0x5/0xff" },
	{ "ffff0010 00002320 00178847 00000000", "push_mpls:0x8847" },
	{ "ffff0010 00002320 00180800 00000000", "pop_mpls:0x0800" },
	{ "ffff0010 00002320 00190300 00000000", "set_mpls_ttl(3)" },
	{ "ffff0010 00002320 001a0000 00000000", "dec_mpls_ttl" },
	{ "ffff0018 00002320 001b0000 00010004 00060000 00000000", "push:NXM_NX_REG0[0..5]" },
	{ "ffff0018 00002320 001c0000 00010204 00200000 00000000", "pop:NXM_NX_REG1[]" },
	{ "ffff0018 00002320 0020000f ffff0001 02040000 00000000", "output:NXM_NX_REG1[0..15]" },
};

static const struct literal actions13[] = {
	{ "00000010 00000002 00000000 00000000", "output:2" },
	{ "00000010 fffffff8 00000000 00000000", "IN_PORT" },
	{ "00000010 fffffffd ffff0000 00000000", "CONTROLLER:65535" },
	{ "000b0008 00000000", "copy_ttl_out" },
	{ "000c0008 00000000", "copy_ttl_in" },
	{ "000f0008 03000000", "set_mpls_ttl(3)" },
	{ "00100008 00000000", "dec_mpls_ttl" },
	{ "00110008 81000000", "push_vlan:0x8100" },
	{ "00120008 00000000", "pop_vlan" },
	{ "00130008 88470000", "push_mpls:0x8847" },
	{ "00140008 08000000", "pop_mpls:0x0800" },
	{ "00150008 00000003", "set_queue:3" },
	{ "00160008 00000005", "group:5" },
	{ "00170008 04000000", "mod_nw_ttl:4" },
	{ "00180008 00000000", "dec_ttl" },
	{ "00190010 80000606 00010203 04050000", "set_field:00:01:02:03:04:05->eth_dst" },
	{ "00190010 80000c02 10050000 00000000", "set_field:4101->vlan_vid" },
	{ "00190010 80001804 01020304 00000000", "set_field:1.2.3.4->ip_dst" },
	{ "00190018 80003410 fe800000 00000000 00000000 00000001", "set_field:fe80::1->ipv6_src" },
	{ "00190010 80001c02 00500000 00000000", "set_field:80->tcp_dst" },
	{ "00190010 00010004 00000005 00000000", "set_field:0x5->reg0" },
	{ "001a0008 88e70000", "push_pbb:0x88e7" },
	{ "001b0008 00000000", "pop_pbb" },
	{ "ffff0018 00002320 00070103 00010204 00000000 00000007", "load:0x7->NXM_NX_REG1[4..7]" },
	{ "ffff0010 00002320 000efff8 03000000", "resubmit(,3)" },
};

static const struct literal instructions13[] = {
	{ "0001 0008 03 000000", "goto_table:3" },
	{ "0002 0018 00000000 0000000000000005 00000000000000ff", "write_metadata:0x5/0xff" },
	{ "0003 0018 00000000 00000010 00000002 00000000 00000000", "write_actions(output:2)" },
	{ "0003 0008 00000000", "write_actions(drop)" },
	{ "0004 0018 00000000 00000010 00000002 00000000 00000000", "output:2" },
	{ "0005 0008 00000000", "clear_actions" },
	{ "0006 0008 00000009", "meter:9" },
	{ "0006 0008 00000009 0004 0018 00000000 00000010 00000002 00000000 00000000 0001 0008 04000000",
		"meter:9,output:2,goto_table:4" },
};
/* clang-format on */

/* Decodes, compares the text, encodes, compares the bytes. */
static void
check_literal(enum of_version version, bool instructions, const struct literal *l)
{
	struct ofpacts list = OFPACTS_INIT;
	struct of_buf b = OF_BUF_INIT;
	struct str s = STR_INIT;
	uint8_t bytes[HEX_MAX];
	size_t n = hex_read(l->hex, bytes);
	enum oferror error = instructions ? of_instructions_decode(version, bytes, n, &list)
					  : of_actions_decode(version, bytes, n, &list);

	CU_ASSERT_EQUAL(error, OFERROR_OK);
	of_actions_format(&list, NULL, &s);
	CU_ASSERT_STRING_EQUAL(str_cstr(&s), l->text);
	if (instructions)
		of_instructions_encode(version, &list, &b);
	else
		of_actions_encode(version, &list, &b);
	CU_ASSERT(hex_equal(&b, l->hex));
	ofpacts_uninit(&list);
	of_buf_uninit(&b);
	str_uninit(&s);
}

static void
test_ofpact_actions_of_10(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions10); i++)
		check_literal(OF_VERSION_10, false, &actions10[i]);
}

static void
test_ofpact_actions_of_13(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions13); i++)
		check_literal(OF_VERSION_13, false, &actions13[i]);
}

static void
test_ofpact_instructions_of_13(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(instructions13); i++)
		check_literal(OF_VERSION_13, true, &instructions13[i]);
}

/* What the text says, read again, is the same list. */
static void
test_ofpact_text_roundtrip(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions10); i++) {
		struct ofpacts list = OFPACTS_INIT;
		struct err err = ERR_INIT;
		struct of_buf b = OF_BUF_INIT;

		CU_ASSERT_EQUAL(of_actions_parse(actions10[i].text, NULL, &list, &err), 0);
		of_actions_encode(OF_VERSION_10, &list, &b);
		CU_ASSERT(hex_equal(&b, actions10[i].hex));
		ofpacts_uninit(&list);
		of_buf_uninit(&b);
	}
	for (size_t i = 0; i < ARRAY_SIZE(instructions13); i++) {
		struct ofpacts list = OFPACTS_INIT;
		struct err err = ERR_INIT;
		struct of_buf b = OF_BUF_INIT;

		CU_ASSERT_EQUAL(of_actions_parse(instructions13[i].text, NULL, &list, &err), 0);
		of_instructions_encode(OF_VERSION_13, &list, &b);
		CU_ASSERT(hex_equal(&b, instructions13[i].hex));
		ofpacts_uninit(&list);
		of_buf_uninit(&b);
	}
}

static void
test_ofpact_other_forms_on_the_wire(void)
{
	static const struct {
		enum of_version version;
		const char *hex, *text;
	} cases[] = {
		{ OF_VERSION_10, "ffff0018 00002320 000f001f 00010004 ffff0000 00000000",
			"output:NXM_NX_REG0[]" },
		{ OF_VERSION_10, "ffff0018 00002320 00210001 00040000 00050000 00000000",
			"set_field:0x5->reg0" },
		{ OF_VERSION_10, "ffff0010 00002320 001e0000 00000005", "set_mpls_label(5)" },
		{ OF_VERSION_10, "ffff0010 00002320 001f0300 00000000", "set_mpls_tc(3)" },
		{ OF_VERSION_13,
			"ffff0020 00002320 00210001 01080000 00050000 000f0000 00000000 00000000",
			"set_field:0x5/0xf->reg0" },
		{ OF_VERSION_11, "00010008 00050000", "set_vlan_vid:5" },
		/* Bits outside the mask mean nothing. */
		{ OF_VERSION_10,
			"ffff0020 00002320 00160000 00000000 00000000 00000015 00000000 0000000f",
			"write_metadata:0x5/0xf" },
		{ OF_VERSION_11, "00080008 03000000", "mod_nw_ecn:3" },
		{ OF_VERSION_15, "00190018 8000070c 01000000 0000ff00 00000000 00000000",
			"set_field:01:00:00:00:00:00/ff:00:00:00:00:00->eth_dst" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ofpacts list = OFPACTS_INIT;
		struct str s = STR_INIT;
		uint8_t bytes[HEX_MAX];
		size_t n = hex_read(cases[i].hex, bytes);

		CU_ASSERT_EQUAL(of_actions_decode(cases[i].version, bytes, n, &list), OFERROR_OK);
		of_actions_format(&list, NULL, &s);
		CU_ASSERT_STRING_EQUAL(str_cstr(&s), cases[i].text);
		ofpacts_uninit(&list);
		str_uninit(&s);
	}
}

static void
test_ofpact_wrong_actions(void)
{
	static const struct {
		enum of_version version;
		const char *hex;
		enum oferror error;
	} cases[] = {
		{ OF_VERSION_10, "0000", OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "00000007 000200", OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "00000004", OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "0000000c 00020000 00000000", OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "00000010 00020000", OFPBAC_BAD_LEN }, /* More than there is. */
		{ OF_VERSION_10, "00000010 00020000 00000000 00000000", OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "00630008 00000000", OFPBAC_BAD_TYPE },
		{ OF_VERSION_13, "00630008 00000000", OFPBAC_BAD_TYPE },
		{ OF_VERSION_13, "00010008 00050000", OFPBAC_BAD_TYPE }, /* 1.0's. */
		{ OF_VERSION_10, "00110008 81000000", OFPBAC_BAD_TYPE }, /* 1.3's. */
		{ OF_VERSION_10, "00010008 10000000", OFPBAC_BAD_ARGUMENT },
		{ OF_VERSION_10, "00020008 08000000", OFPBAC_BAD_ARGUMENT },
		{ OF_VERSION_10, "00080008 01000000", OFPBAC_BAD_ARGUMENT },
		{ OF_VERSION_13, "00110008 08000000", OFPBAC_BAD_ARGUMENT },
		{ OF_VERSION_13, "00130008 08000000", OFPBAC_BAD_ARGUMENT },
		{ OF_VERSION_10, "ffff0008 00002320", OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "ffff0010 00000001 00010000 00000000", OFPBAC_BAD_VENDOR },
		{ OF_VERSION_10, "ffff0010 00002320 03e70000 00000000", OFPBAC_BAD_VENDOR_TYPE },
		{ OF_VERSION_10, "ffff0018 00002320 00110000 00000000 00000000 00000000",
			OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "ffff0010 00002320 00140080 00070201", NXBRC_MUST_BE_ZERO },
		{ OF_VERSION_10, "ffff0010 00002320 00140080 00076300", NXBRC_BAD_REASON },
		{ OF_VERSION_10, "ffff0010 00002320 000e0004 05000001", OFPBAC_BAD_ARGUMENT },
		{ OF_VERSION_10, "ffff0010 00002320 00150000 00000000", OFPBAC_BAD_LEN },
		{ OF_VERSION_10, "ffff0010 00002320 00150009 00000000", OFPBAC_BAD_LEN },
		{ OF_VERSION_13, "00190008 80000a02", OFPBAC_BAD_SET_LEN },
		{ OF_VERSION_13, "00190010 80001401 ff000000 00000000", OFPBAC_BAD_SET_ARGUMENT },
		{ OF_VERSION_13, "00190010 8000fe01 ff000000 00000000", OFPBAC_BAD_SET_TYPE },
		{ OF_VERSION_13, "00190010 80000c01 05000000 00000000", OFPBAC_BAD_SET_LEN },
		{ OF_VERSION_13, "00190010 80000c02 00050000 00000000", OFPBAC_BAD_SET_ARGUMENT },
		{ OF_VERSION_13, "00190010 80000c02 10050000 00000001", OFPBAC_BAD_SET_ARGUMENT },
		{ OF_VERSION_13, "00190010 80000d04 1005ffff 00000000", OFPBAC_BAD_SET_MASK },
		{ OF_VERSION_13, "00190010 80001001 40000000 00000000", OFPBAC_BAD_SET_ARGUMENT },
		/* Load of more bits than the field has, of a value that does not fit, of a field
		 * that is read-only. */
		{ OF_VERSION_10, "ffff0018 00002320 00070720 00010204 00000000 00000007",
			OFPBAC_BAD_SET_LEN },
		{ OF_VERSION_10, "ffff0018 00002320 00070103 00010204 00000000 00000017",
			OFPBAC_BAD_ARGUMENT },
		{ OF_VERSION_10, "ffff0018 00002320 0007000f 00000602 00000000 00000800",
			OFPBAC_BAD_SET_ARGUMENT },
		{ OF_VERSION_10, "ffff0018 00002320 00060000 00000000 00010004 00010204",
			OFPBAC_BAD_SET_LEN },
		{ OF_VERSION_10, "ffff0018 00002320 00060010 00000000 00010004 00000602",
			OFPBAC_BAD_SET_ARGUMENT },
		{ OF_VERSION_13, "00000010 0000ff05 00000000 00000000", OFPBAC_BAD_OUT_PORT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ofpacts list = OFPACTS_INIT;
		uint8_t bytes[HEX_MAX];
		size_t n = hex_read(cases[i].hex, bytes);
		enum oferror got = of_actions_decode(cases[i].version, bytes, n, &list);

		if (got != cases[i].error)
			printf("\n%s: %s\n", cases[i].hex, oferror_name(got));
		CU_ASSERT_EQUAL(got, cases[i].error);
		CU_ASSERT_EQUAL(list.len, 0);
		ofpacts_uninit(&list);
	}
}

static void
test_ofpact_wrong_instructions(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
	} cases[] = {
		{ "0001 0004", OFPBIC_BAD_LEN },
		{ "0001 0010 03000000", OFPBIC_BAD_LEN },
		{ "0001 0010 03000000 0000000000000000", OFPBIC_BAD_LEN },
		{ "0001 000c 03000000 00000000", OFPBIC_BAD_LEN },
		{ "0002 0010 00000000 0000000000000005", OFPBIC_BAD_LEN },
		{ "0063 0008 00000000", OFPBIC_UNKNOWN_INST },
		{ "ffff 0008 00002320", OFPBIC_BAD_EXPERIMENTER },
		{ "0001 0008 03000000 0001 0008 04000000", OFPBIC_DUP_INST },
		{ "0001 0008 ff000000", OFPBIC_BAD_TABLE_ID },
		{ "0004 0010 00000000 00630008 00000000", OFPBAC_BAD_TYPE },
		/* A resubmit in an action set. */
		{ "0003 0018 00000000 ffff0010 00002320 000efff8 03000000", OFPBAC_BAD_TYPE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ofpacts list = OFPACTS_INIT;
		uint8_t bytes[HEX_MAX];
		size_t n = hex_read(cases[i].hex, bytes);

		CU_ASSERT_EQUAL(
			of_instructions_decode(OF_VERSION_13, bytes, n, &list), cases[i].error);
		CU_ASSERT_EQUAL(list.len, 0);
		ofpacts_uninit(&list);
	}
}

static bool
group_five_exists(void *aux, uint32_t group)
{
	(void)aux;
	return group == 5;
}

static void
test_ofpacts_check(void)
{
	static const struct {
		const char *match, *actions;
		enum oferror error;
	} cases[] = {
		{ "", "output:1,LOCAL,NORMAL,IN_PORT,CONTROLLER", OFERROR_OK },
		{ "", "output:500", OFPBAC_BAD_OUT_PORT },
		{ "", "output:NONE", OFPBAC_BAD_OUT_PORT },
		{ "", "enqueue:FLOOD:1", OFPBAC_BAD_OUT_PORT },
		{ "", "set_field:1.2.3.4->ip_dst", OFPBAC_MATCH_INCONSISTENT },
		{ "ip", "set_field:1.2.3.4->ip_dst", OFERROR_OK },
		{ "ip", "set_field:80->tcp_dst", OFPBAC_MATCH_INCONSISTENT },
		{ "tcp", "set_field:80->tcp_dst", OFERROR_OK },
		{ "udp", "mod_tp_dst:80", OFERROR_OK },
		{ "arp", "mod_tp_dst:80", OFPBAC_MATCH_INCONSISTENT },
		{ "", "set_field:5->vlan_vid", OFPBAC_MATCH_INCONSISTENT },
		{ "dl_vlan=3", "set_field:5->vlan_vid,pop_vlan", OFERROR_OK },
		{ "", "push_vlan:0x8100,set_field:5->vlan_vid", OFERROR_OK },
		{ "", "mod_vlan_vid:5,set_field:3->vlan_pcp", OFERROR_OK },
		{ "", "pop_vlan", OFPBAC_MATCH_INCONSISTENT },
		{ "dl_vlan=3", "pop_vlan,pop_vlan", OFPBAC_MATCH_INCONSISTENT },
		{ "", "dec_ttl", OFPBAC_MATCH_INCONSISTENT },
		{ "ipv6", "dec_ttl", OFERROR_OK },
		{ "ip", "push_mpls:0x8847,dec_ttl", OFPBAC_MATCH_INCONSISTENT },
		{ "ip", "push_mpls:0x8847,set_field:5->mpls_label", OFERROR_OK },
		{ "mpls", "pop_mpls:0x0800,dec_ttl", OFERROR_OK },
		{ "", "load:1->NXM_OF_IP_DST[]", OFPBAC_MATCH_INCONSISTENT },
		{ "", "move:NXM_OF_IP_DST[]->NXM_NX_REG0[]", OFPBAC_MATCH_INCONSISTENT },
		{ "ip", "move:NXM_OF_IP_DST[]->NXM_NX_REG0[]", OFERROR_OK },
		{ "", "write_actions(set_field:1.2.3.4->ip_dst)", OFPBAC_MATCH_INCONSISTENT },
		{ "", "goto_table:3", OFERROR_OK },
		{ "", "goto_table:2", OFPBIC_BAD_TABLE_ID },
		{ "", "goto_table:1", OFPBIC_BAD_TABLE_ID },
		{ "", "goto_table:10", OFPBIC_BAD_TABLE_ID },
		{ "", "group:5", OFERROR_OK },
		{ "", "group:6", OFPBAC_BAD_OUT_GROUP },
		{ "", "meter:0", OFPMMFC_INVALID_METER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ofpacts list = OFPACTS_INIT;
		struct err err = ERR_INIT;
		struct match match;
		struct ofpacts_check check = {
			.match = &match,
			.max_ports = 100,
			.table_id = 2,
			.n_tables = 10,
			.consistent = true,
			.group_exists = group_five_exists,
		};
		enum oferror got;

		CU_ASSERT_EQUAL(match_parse(cases[i].match, NULL, &match, &err), 0);
		CU_ASSERT_EQUAL(of_actions_parse(cases[i].actions, NULL, &list, &err), 0);
		got = ofpacts_check(&list, &check);
		if (got != cases[i].error)
			printf("\n%s %s: %s\n", cases[i].match, cases[i].actions,
				oferror_name(got));
		CU_ASSERT_EQUAL(got, cases[i].error);
		ofpacts_uninit(&list);
	}
}

static void
test_ofpacts_output_to(void)
{
	struct ofpacts list = OFPACTS_INIT;

	CU_ASSERT_EQUAL(
		of_actions_parse("output:1,group:7,write_actions(output:2)", NULL, &list, NULL), 0);
	CU_ASSERT(ofpacts_output_to_port(&list, 1));
	CU_ASSERT(ofpacts_output_to_port(&list, 2));
	CU_ASSERT(!ofpacts_output_to_port(&list, 3));
	CU_ASSERT(ofpacts_output_to_group(&list, 7));
	CU_ASSERT(!ofpacts_output_to_group(&list, 8));
	ofpacts_uninit(&list);
}

static void
test_ofpacts_legacy_port_is_that_of_the_packet(void)
{
	struct ofpacts list = OFPACTS_INIT;
	struct flow flow = { .ip_proto = 17 };

	CU_ASSERT_EQUAL(of_actions_parse("mod_tp_src:80", NULL, &list, NULL), 0);
	CU_ASSERT_EQUAL(ofpact_set_field_id(OFPACT_GET(set_field, ofpacts_begin(&list)), &flow),
		FIELD_UDP_SRC);
	flow.ip_proto = 6;
	CU_ASSERT_EQUAL(ofpact_set_field_id(OFPACT_GET(set_field, ofpacts_begin(&list)), &flow),
		FIELD_TCP_SRC);
	ofpacts_uninit(&list);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_ofpact_actions_of_10),
		CHECK_CASE(test_ofpact_actions_of_13),
		CHECK_CASE(test_ofpact_instructions_of_13),
		CHECK_CASE(test_ofpact_text_roundtrip),
		CHECK_CASE(test_ofpact_other_forms_on_the_wire),
		CHECK_CASE(test_ofpact_wrong_actions),
		CHECK_CASE(test_ofpact_wrong_instructions),
		CHECK_CASE(test_ofpacts_check),
		CHECK_CASE(test_ofpacts_output_to),
		CHECK_CASE(test_ofpacts_legacy_port_is_that_of_the_packet),
	};

	return check_run("openflow/ofpact", cases, ARRAY_SIZE(cases));
}
