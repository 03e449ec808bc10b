/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of openflow/flow_mod, flow_stats and packet: whole messages from bytes and back, wrong
 * ones, and random rules there and back. */

#include "base/err.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"
#include "flow/ofp_port.h"
#include "hex.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_stats.h"
#include "openflow/packet.h"
#include "openflow/text.h"

/* TCP to port 80, as 1.0 says it. */
#define MATCH10 \
	"00380f7f 0000 000000000000 000000000000 0000 00 00 0800 00 06 0000 00000000 00000000 0000 0050"

static void
test_flow_mod_bytes(void)
{
	static const struct {
		const char *hex, *text;
		bool table_id_ext;
	} cases[] = {
		/* 1.0: header, match, cookie, command, timeouts, priority, buffer, port, flags,
		 * actions. */
		{ "01 0e 0050 00000001 "
		  "0038204f 0000 000000000000 000000000000 0000 00 00 0800 00 06 0000 00000000 00000000 0000 0050 "
		  "0000000000000012 0000 0005 0006 0007 ffffffff ffff 0003 0000 0008 0002 0000",
			"ADD priority=7,tcp,tp_dst=80 cookie:0x12 idle:5 hard:6 send_flow_rem "
			"check_overlap reset_counts actions=output:2",
			false },
		{ "01 0e 0048 00000001 "
		  "003fffff 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000 "
		  "0000000000000000 0303 0000 0000 8000 ffffffff 0004 0000",
			"DEL table:3 out_port:4 actions=drop", true },
		/* 1.3: cookie, mask, table, command, timeouts, priority, buffer, port, group,
		 * flags, match, instructions. */
		{ "04 0e 0060 00000001 0000000000000012 0000000000000000 03 00 0005 0006 0007 "
		  "ffffffff ffffffff ffffffff 0001 0000 "
		  "0001 0015 80000a02 0800 80001401 06 80001c02 0050 000000 "
		  "0004 0018 00000000 0000 0010 00000002 0000 000000000000",
			"ADD table:3 priority=7,tcp,tp_dst=80 cookie:0x12 idle:5 hard:6 "
			"send_flow_rem actions=output:2",
			false },
		{ "04 0e 0038 00000001 0000000000000005 000000000000000f ff 03 0000 0000 8000 "
		  "ffffffff ffffffff 00000009 0000 0000 0001 0004 00000000",
			"DEL cookie:0x5/0xf out_group:9 actions=drop", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum of_flow_format format = OF_FLOW_FORMAT_STANDARD;
		struct of_buf b = OF_BUF_INIT;
		struct str s = STR_INIT;
		uint8_t bytes[HEX_MAX];
		struct of_flow_mod fm;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL_FATAL(
			of_flow_mod_decode(&msg, cases[i].table_id_ext, &fm), OFERROR_OK);
		of_flow_mod_format(&fm, NULL, &s);
		CU_ASSERT_STRING_EQUAL(str_cstr(&s), cases[i].text);
		of_flow_mod_encode(&fm, (enum of_version)msg.version, format, cases[i].table_id_ext,
			msg.xid, &b);
		CU_ASSERT(hex_equal(&b, cases[i].hex));
		of_flow_mod_uninit(&fm);
		of_buf_uninit(&b);
		str_uninit(&s);
	}
}

static void
test_flow_mod_nicira_bytes(void)
{
	/* cookie, command with table 2, timeouts, priority, buffer, port, flags, match length,
	 * match, actions. */
	static const char hex[] =
		"01 04 0050 00000001 00002320 0000000d 0000000000000001 0201 0000 0000 0007 "
		"ffffffff ffff 0000 0012 000000000000 "
		"00000002 0003 00013c08 0000000000000009 000000000000 0000 0008 0004 0000";
	struct of_buf b = OF_BUF_INIT;
	uint8_t bytes[HEX_MAX];
	struct of_flow_mod fm;
	struct of_msg msg;

	CU_ASSERT_EQUAL_FATAL(hex_msg(hex, bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL_FATAL(of_flow_mod_decode(&msg, true, &fm), OFERROR_OK);
	CU_ASSERT_EQUAL(fm.command, OF_FLOW_MODIFY);
	CU_ASSERT_EQUAL(fm.table_id, 2);
	CU_ASSERT_EQUAL(fm.priority, 7);
	CU_ASSERT_EQUAL(fm.cookie, 9);
	CU_ASSERT_EQUAL(fm.cookie_mask, UINT64_MAX);
	CU_ASSERT_EQUAL(fm.new_cookie, 1);
	CU_ASSERT(fm.modify_cookie);
	CU_ASSERT_EQUAL(fm.match.value.in_port, 3);
	of_flow_mod_encode(&fm, OF_VERSION_10, OF_FLOW_FORMAT_NXM, true, 1, &b);
	CU_ASSERT(hex_equal(&b, hex));
	of_flow_mod_uninit(&fm);
	of_buf_uninit(&b);
}

static void
test_flow_mod_exact_match_of_10_has_the_highest_priority(void)
{
	uint8_t bytes[HEX_MAX];
	struct of_flow_mod fm;
	struct of_msg msg;

	CU_ASSERT_EQUAL(
		hex_msg("01 0e 0048 00000001 "
			"00000000 0001 000000000000 000000000000 0005 00 00 0800 00 06 0000 01020304 01020304 0001 0050 "
			"0000000000000012 0000 0005 0006 0007 ffffffff ffff 0000",
			bytes, &msg),
		OFERROR_OK);
	CU_ASSERT_EQUAL(of_flow_mod_decode(&msg, false, &fm), OFERROR_OK);
	CU_ASSERT_EQUAL(fm.priority, 65535);
	of_flow_mod_uninit(&fm);
}

#define FM13(COMMAND_AND_TABLE, FLAGS, REST)                   \
	"0000000000000012 0000000000000000 " COMMAND_AND_TABLE \
	" 0005 0006 0007 ffffffff ffffffff ffffffff " FLAGS " 0000 " REST
#define NO_MATCH "0001 0004 00000000 "

static void
test_flow_mod_errors(void)
{
	static const struct {
		const char *header, *body;
		enum oferror error;
	} cases[] = {
		{ "04 0e 0038 00000001 ", FM13("0305", "0000", NO_MATCH), OFPFMFC_BAD_COMMAND },
		{ "04 0e 0038 00000001 ", FM13("ff00", "0000", NO_MATCH), OFPFMFC_BAD_TABLE_ID },
		{ "04 0e 0038 00000001 ", FM13("0300", "0080", NO_MATCH), OFPFMFC_BAD_FLAGS },
		{ "04 0e 0038 00000001 ", FM13("0300", "0000", "0000 0004 00000000"),
			OFPBMC_BAD_TYPE },
		{ "04 0e 0038 00000001 ", FM13("0300", "0000", "0001 0010 00000000"),
			OFPBMC_BAD_LEN },
		{ "04 0e 0040 00000001 ", FM13("0300", "0000", NO_MATCH "0063 0008 00000000"),
			OFPBIC_UNKNOWN_INST },
		{ "04 0e 003c 00000001 ", FM13("0300", "0000", NO_MATCH "00630008"),
			OFPBIC_BAD_LEN },
		{ "04 0e 0050 00000001 ",
			FM13("0300", "0000",
				NO_MATCH "0004 0018 00000000 0063 0010 00000000 00000000 00000000"),
			OFPBAC_BAD_TYPE },
		{ "01 0e 0048 00000001 ",
			MATCH10 " 0000000000000000 0005 0000 0000 8000 ffffffff ffff 0000",
			OFPFMFC_BAD_COMMAND },
		{ "01 0e 0048 00000001 ",
			MATCH10 " 0000000000000000 0000 0000 0000 8000 ffffffff ffff 0004",
			OFPFMFC_TABLE_FULL }, /* Emergency rules. */
		{ "01 0e 0048 00000001 ",
			MATCH10 " 0000000000000000 0000 0000 0000 8000 ffffffff ffff 0008",
			OFPFMFC_BAD_FLAGS },
		{ "01 0e 0050 00000001 ",
			MATCH10
			" 0000000000000000 0000 0000 0000 8000 ffffffff ffff 0000 0000 0010 0002 0000",
			OFPBAC_BAD_LEN },
		{ "01 04 0030 00000001 00002320 0000000d ",
			"0000000000000000 0000 0000 0000 8000 ffffffff ffff 0000 0008 000000000000",
			OFPBMC_BAD_LEN },
		{ "01 04 0040 00000001 00002320 0000000d ",
			"0000000000000000 0000 0000 0000 8000 ffffffff ffff 0000 000c 000000000000 "
			"00013c08 0000000000000009 00000000",
			NXBRC_NXM_INVALID }, /* An add that asks for a cookie. */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[1024];
		uint8_t bytes[HEX_MAX];
		struct of_flow_mod fm;
		struct of_msg msg;
		enum oferror got;

		snprintf(text, sizeof text, "%s%s", cases[i].header, cases[i].body);
		CU_ASSERT_EQUAL_FATAL(hex_msg(text, bytes, &msg), OFERROR_OK);
		got = of_flow_mod_decode(&msg, false, &fm);
		if (got != cases[i].error)
			printf("\n%zu: %s\n", i, oferror_name(got));
		CU_ASSERT_EQUAL(got, cases[i].error);
	}
}

/* Every version and format, from a text. */
static void
test_flow_mod_random_roundtrip(void)
{
	static const char *const matches[] = { "", "in_port=1", "tcp,tp_dst=80",
		"ip,nw_dst=10.0.0.0/8", "dl_vlan=5,ip", "arp,arp_op=1", "ipv6,ipv6_src=fe80::/10",
		"reg3=5", "udp,tp_src=53", "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
		"icmp,icmp_type=8,icmp_code=0" };
	static const char *const actions[] = { "output:1", "LOCAL", "CONTROLLER:100", "strip_vlan",
		"mod_vlan_vid:7", "resubmit(,4)", "load:5->NXM_NX_REG0[3..9]", "set_tunnel:7",
		"dec_ttl", "set_queue:2", "NORMAL", "note:01.02.03.04.05.06", "exit",
		"mod_dl_src:02:00:00:00:00:01", "set_field:2->reg1",
		"move:NXM_NX_REG0[]->NXM_NX_REG1[]" };
	uint32_t seed = 7;
	unsigned int n = 0;

	printf("\nseed %u ", seed);
	random_seed(seed);
	for (unsigned int i = 0; i < 3000; i++) {
		struct str text = STR_INIT;
		struct err err = ERR_INIT;
		struct of_flow_mod fm;

		str_printf(&text,
			"table=%u,priority=%u,idle_timeout=%u,hard_timeout=%u,cookie=%u,%s",
			random_range(254), random_range(65536), random_range(65536),
			random_range(65536), random_u32(),
			matches[random_range(ARRAY_SIZE(matches))]);
		str_puts(&text, ",actions=");
		for (unsigned int k = random_range(4); k > 0; k--)
			str_printf(&text, "%s,", actions[random_range(ARRAY_SIZE(actions))]);
		CU_ASSERT_EQUAL_FATAL(
			of_flow_mod_parse(str_cstr(&text), OF_FLOW_ADD, NULL, &fm, &err), 0);
		for (unsigned int k = 0; k < 3; k++) {
			enum of_version version = k == 2 ? OF_VERSION_13 : OF_VERSION_10;
			enum of_flow_format format =
				k == 1 ? OF_FLOW_FORMAT_NXM : OF_FLOW_FORMAT_STANDARD;
			struct of_buf once = OF_BUF_INIT, twice = OF_BUF_INIT;
			struct of_flow_mod back;
			struct of_msg msg;

			if (!of_flow_mod_is_encodable(&fm, version, format))
				continue;
			of_flow_mod_encode(&fm, version, format, true, i, &once);
			CU_ASSERT_EQUAL_FATAL(of_msg_decode(once.data, once.len, &msg), OFERROR_OK);
			CU_ASSERT_EQUAL_FATAL(of_flow_mod_decode(&msg, true, &back), OFERROR_OK);
			CU_ASSERT(match_equal(&fm.match, &back.match));
			CU_ASSERT_EQUAL(back.priority, fm.priority);
			CU_ASSERT_EQUAL(back.table_id, fm.table_id);
			CU_ASSERT_EQUAL(back.new_cookie, fm.new_cookie);
			CU_ASSERT_EQUAL(back.idle_timeout, fm.idle_timeout);
			CU_ASSERT_EQUAL(back.hard_timeout, fm.hard_timeout);
			of_flow_mod_encode(&back, version, format, true, i, &twice);
			CU_ASSERT(once.len == twice.len
				&& memcmp(once.data, twice.data, once.len) == 0);
			of_flow_mod_uninit(&back);
			of_buf_uninit(&once);
			of_buf_uninit(&twice);
			n++;
		}
		of_flow_mod_uninit(&fm);
		str_uninit(&text);
	}
	CU_ASSERT(n > 6000);
}

static void
test_flow_stats_request_bytes(void)
{
	static const char *const cases[] = {
		"01 10 0038 0000000d 0001 0000 003ffffe 0003 000000000000 000000000000 0000 00 00 "
		"0000 00 00 0000 00000000 00000000 0000 0000 ff 00 ffff",
		"01 10 0038 0000000d ffff 0000 00002320 00000000 00000000 ffff 0012 ff 000000 "
		"00000002 0003 00013c08 0000000000000001 000000000000",
		"01 10 0038 0000000d ffff 0000 00002320 00000001 00000000 ffff 0012 ff 000000 "
		"00000002 0003 00013c08 0000000000000001 000000000000",
		"04 12 0040 0000000d 0001 0000 00000000 ff 000000 ffffffff ffffffff 00000000 "
		"0000000000000001 ffffffffffffffff 0001 000c 80000004 00000003 00000000",
		"04 12 0040 0000000d 0002 0000 00000000 ff 000000 ffffffff ffffffff 00000000 "
		"0000000000000001 ffffffffffffffff 0001 000c 80000004 00000003 00000000",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_flow_stats_request req;
		struct of_buf b = OF_BUF_INIT;
		uint8_t bytes[HEX_MAX];
		struct of_msg msg;
		bool nx;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i], bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_flow_stats_request_decode(&msg, &req), OFERROR_OK);
		CU_ASSERT_EQUAL(req.match.value.in_port, 3);
		CU_ASSERT_EQUAL(req.cookie_mask, i == 0 ? 0 : UINT64_MAX);
		CU_ASSERT_EQUAL(req.aggregate, i == 2 || i == 4);
		nx = i == 1 || i == 2;
		of_flow_stats_request_encode(&req, (enum of_version)msg.version,
			nx ? OF_FLOW_FORMAT_NXM : OF_FLOW_FORMAT_STANDARD, msg.xid, &b);
		CU_ASSERT(hex_equal(&b, cases[i]));
		of_buf_uninit(&b);
	}
}

static void
test_flow_stats_reply_bytes(void)
{
	static const struct {
		const char *hex, *text;
	} cases[] = {
		{ "01 11 0074 0000000d 0001 0000 "
		  "0068 03 00 0038204f 0000 000000000000 000000000000 0000 00 00 0800 00 06 0000 00000000 00000000 0000 0050 "
		  "0000000a 0754d4c0 0007 0005 0006 000000000000 0000000000000012 0000000000000009 000000000000000a "
		  "0004 0010 000102030405 000000000000",
			"cookie=0x12, duration=10.123s, table=3, n_packets=9, n_bytes=10, "
			"idle_timeout=5, hard_timeout=6, priority=7,tcp,tp_dst=80 "
			"actions=mod_dl_src:00:01:02:03:04:05" },
		{ "01 11 0070 0000000d ffff 0000 00002320 00000000 00000000 "
		  "0058 03 00 0000000a 0754d4c0 0007 0005 0006 0011 0005 0009 "
		  "0000000000000012 0000000000000009 000000000000000a "
		  "00000602 0800 00000c01 06 00001402 0050 00000000000000 "
		  "0004 0010 000102030405 000000000000",
			"cookie=0x12, duration=10.123s, table=3, n_packets=9, n_bytes=10, "
			"idle_timeout=5, hard_timeout=6, idle_age=4, hard_age=8, "
			"priority=7,tcp,tp_dst=80 actions=mod_dl_src:00:01:02:03:04:05" },
		{ "04 13 0078 0000000d 0001 0000 00000000 "
		  "0068 03 00 0000000a 0754d4c0 0007 0005 0006 0001 0000 0000 "
		  "0000000000000012 0000000000000009 000000000000000a "
		  "0001 0015 80000a02 0800 80001401 06 80001c02 0050 000000 "
		  "0004 0018 00000000 0000 0010 00000002 0000 000000000000 0001 0008 04 000000",
			"cookie=0x12, duration=10.123s, table=3, n_packets=9, n_bytes=10, "
			"idle_timeout=5, hard_timeout=6, send_flow_rem priority=7,tcp,tp_dst=80 "
			"actions=output:2,goto_table:4" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		struct str s = STR_INIT;
		uint8_t bytes[HEX_MAX];
		struct of_flow_stats fs;
		struct of_msg msg, request;
		struct of_reader r;
		struct of_mp mp;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		of_reader_init(&r, msg.body, msg.body_len);
		CU_ASSERT_EQUAL_FATAL(of_flow_stats_next(&msg, &r, &fs), OFERROR_OK);
		CU_ASSERT_EQUAL(r.left, 0);
		of_flow_stats_format(&fs, true, NULL, &s);
		CU_ASSERT_STRING_EQUAL(str_cstr(&s), cases[i].text);
		request = msg;
		request.type = i == 1 ? OF_MSG_NX_FLOW_STATS_REQUEST : OF_MSG_FLOW_STATS_REQUEST;
		of_flow_stats_reply_begin(&mp, &request, &b);
		of_flow_stats_put(&mp, &fs);
		of_mp_end(&mp);
		CU_ASSERT(hex_equal(&b, cases[i].hex));
		ofpacts_uninit(&fs.actions);
		of_buf_uninit(&b);
		str_uninit(&s);
	}
}

static void
test_flow_stats_wrong_entries(void)
{
	static const char *const cases[] = {
		"04 13 0012 0000000d 0001 0000 00000000 0068", /* Cut. */
		"04 13 0014 0000000d 0001 0000 00000000 0003 0300",
		"04 13 0018 0000000d 0001 0000 00000000 0008 0300 00000000",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		struct of_flow_stats fs;
		struct of_msg msg;
		struct of_reader r;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i], bytes, &msg), OFERROR_OK);
		of_reader_init(&r, msg.body, msg.body_len);
		CU_ASSERT_NOT_EQUAL(of_flow_stats_next(&msg, &r, &fs), OFERROR_OK);
	}
}

static void
test_flow_removed_bytes(void)
{
	static const struct {
		const char *hex;
		enum of_flow_format format;
	} cases[] = {
		{ "01 0b 0058 0000000c 003820ef 0000 000000000000 000000000000 0000 00 00 0800 00 00 0000 00000000 00000000 0000 0000 "
		  "0000000000000006 0005 01 00 00000005 005b8d80 0003 0000 0000000000000007 0000000000000008",
			OF_FLOW_FORMAT_STANDARD },
		{ "01 04 0040 0000000c 00002320 0000000e 0000000000000006 0005 01 03 00000005 005b8d80 "
		  "0003 0006 0000000000000007 0000000000000008 00000602 0800 0000",
			OF_FLOW_FORMAT_NXM },
		{ "04 0b 0040 0000000c 0000000000000006 0005 01 02 00000005 005b8d80 0003 0004 "
		  "0000000000000007 0000000000000008 0001 000a 80000a02 0800 000000000000",
			OF_FLOW_FORMAT_STANDARD },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		uint8_t bytes[HEX_MAX];
		struct of_flow_removed fr;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_flow_removed_decode(&msg, &fr), OFERROR_OK);
		CU_ASSERT_EQUAL(fr.reason, OF_FLOW_REMOVED_HARD_TIMEOUT);
		CU_ASSERT_EQUAL(fr.packets, 7);
		of_flow_removed_encode(
			&fr, (enum of_version)msg.version, cases[i].format, msg.xid, &b);
		CU_ASSERT(hex_equal(&b, cases[i].hex));
		of_buf_uninit(&b);
	}
}

static void
test_aggregate_bytes(void)
{
	static const char reply[] =
		"04 13 0028 0000000e 0002 0000 00000000 0000000000000001 0000000000000002 00000003 00000000";
	struct of_aggregate_stats as = { 0, 0, 0 };
	struct of_buf b = OF_BUF_INIT;
	uint8_t bytes[HEX_MAX];
	struct of_msg msg;

	CU_ASSERT_EQUAL(hex_msg(reply, bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_aggregate_stats_decode(&msg, &as), OFERROR_OK);
	CU_ASSERT_EQUAL(as.flows, 3);
	msg.type = OF_MSG_AGGREGATE_STATS_REQUEST;
	of_aggregate_stats_encode(&as, &msg, &b);
	CU_ASSERT(hex_equal(&b, reply));
	of_buf_uninit(&b);
}

static void
test_packet_in_bytes(void)
{
	static const struct {
		const char *hex;
		enum of_packet_in_format format;
	} cases[] = {
		{ "01 0a 0016 0000000b ffffffff 003c 0001 01 00 01020304", OF_PACKET_IN_STANDARD },
		{ "01 04 0036 0000000b 00002320 00000011 ffffffff 003c 01 02 0000000000000003 0006 000000000000 "
		  "00000002 0001 0000 0000 01020304",
			OF_PACKET_IN_NXT },
		{ "04 0a 002e 0000000b ffffffff 003c 01 02 0000000000000003 0001 000c 80000004 00000001 00000000 "
		  "0000 01020304",
			OF_PACKET_IN_STANDARD },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		uint8_t bytes[HEX_MAX];
		struct of_packet_in pin;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_packet_in_decode(&msg, &pin), OFERROR_OK);
		CU_ASSERT_EQUAL(of_packet_in_port(&pin), 1);
		CU_ASSERT_EQUAL(pin.total_len, 60);
		CU_ASSERT_EQUAL(pin.packet_len, 4);
		of_packet_in_encode(
			&pin, (enum of_version)msg.version, cases[i].format, msg.xid, &b);
		CU_ASSERT(hex_equal(&b, cases[i].hex));
		of_buf_uninit(&b);
	}
}

static void
test_packet_out_bytes(void)
{
	static const char *const cases[] = {
		"01 0d 001c 00000010 ffffffff fffd 0008 0000 0008 0003 0000 01020304",
		"04 0d 002c 00000010 ffffffff fffffffd 0010 000000000000 0000 0010 00000003 0000 000000000000 01020304",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		uint8_t bytes[HEX_MAX];
		struct of_packet_out po;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i], bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL_FATAL(of_packet_out_decode(&msg, &po), OFERROR_OK);
		CU_ASSERT_EQUAL(po.in_port, OFP_PORT_CONTROLLER);
		CU_ASSERT_EQUAL(po.packet_len, 4);
		of_packet_out_encode(&po, (enum of_version)msg.version, msg.xid, &b);
		CU_ASSERT(hex_equal(&b, cases[i]));
		ofpacts_uninit(&po.actions);
		of_buf_uninit(&b);
	}
}

static void
test_packet_out_errors(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
	} cases[] = {
		{ "01 0d 0010 00000010 ffffffff fffd 0008", OFPBRC_BAD_LEN },
		{ "01 0d 0010 00000010 ffffffff fffb 0000", OFPBRC_BAD_PORT }, /* FLOOD */
		{ "04 0d 0018 00000010 ffffffff 0000ff10 0000 000000000000", OFPBRC_BAD_PORT },
		{ "01 0d 0018 00000010 ffffffff fffd 0008 0063 0008 0003 0000", OFPBAC_BAD_TYPE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		struct of_packet_out po;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_packet_out_decode(&msg, &po), cases[i].error);
	}
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_flow_mod_bytes),
		CHECK_CASE(test_flow_mod_nicira_bytes),
		CHECK_CASE(test_flow_mod_exact_match_of_10_has_the_highest_priority),
		CHECK_CASE(test_flow_mod_errors),
		CHECK_CASE(test_flow_mod_random_roundtrip),
		CHECK_CASE(test_flow_stats_request_bytes),
		CHECK_CASE(test_flow_stats_reply_bytes),
		CHECK_CASE(test_flow_stats_wrong_entries),
		CHECK_CASE(test_flow_removed_bytes),
		CHECK_CASE(test_aggregate_bytes),
		CHECK_CASE(test_packet_in_bytes),
		CHECK_CASE(test_packet_out_bytes),
		CHECK_CASE(test_packet_out_errors),
	};

	return check_run("openflow/flow", cases, ARRAY_SIZE(cases));
}
