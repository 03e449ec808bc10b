/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of openflow/switch, port, table and group: messages about the switch and its parts, from
 * bytes and back. */

#include "openflow/switch.h"

#include "base/str.h"
#include "check.h"
#include "flow/ofp_port.h"
#include "hex.h"
#include "openflow/group.h"
#include "openflow/table.h"
#include "openflow/text.h"

static void
test_hello(void)
{
	static const struct {
		const char *hex;
		uint32_t versions;
	} cases[] = {
		{ "01 00 0008 00000001", 0x02 },
		{ "04 00 0008 00000001", 0x1e }, /* All up to it. */
		{ "04 00 0010 00000001 0001 0008 00000012", 0x12 },
		{ "04 00 0018 00000001 0063 0005 00000000 0001 0008 00000012", 0x12 },
		{ "04 00 000c 00000001 0001 0008", 0x1e }, /* Cut: no bitmap. */
		{ "04 00 000a 00000001 0102", 0x1e },
	};
	struct of_buf b = OF_BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		uint32_t versions = 0;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_hello_decode(&msg, &versions), OFERROR_OK);
		CU_ASSERT_EQUAL(versions, cases[i].versions);
	}
	of_hello_encode(0x12, 1, &b);
	CU_ASSERT(hex_equal(&b, cases[2].hex));
	of_buf_clear(&b);
	of_hello_encode(0x02, 1, &b);
	CU_ASSERT(hex_equal(&b, cases[0].hex));
	of_buf_uninit(&b);
}

static const struct of_phy_port eth1 = { .port_no = 1,
	.hw_addr = { 0, 1, 2, 3, 4, 5 },
	.name = "eth1",
	.state = OF_PORT_STATE_LIVE,
	.curr = OF_PORT_FEATURE_10GB_FD | OF_PORT_FEATURE_FIBER,
	.supported = OF_PORT_FEATURE_10GB_FD | OF_PORT_FEATURE_AUTONEG };

#define ETH1_10 \
	"0001 000102030405 65746831000000000000000000000000 00000000 00000000 00000140 00000000 00000240 00000000"
#define ETH1_13                                                                                   \
	"00000001 00000000 000102030405 0000 65746831000000000000000000000000 00000000 00000004 " \
	"00001040 00000000 00002040 00000000 00989680 00989680"

static void
test_features(void)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_features f, back;
	struct of_phy_port port;
	struct of_reader r;
	struct of_msg msg;

	of_features_init(&f);
	f.datapath_id = 0xabcdef;
	f.n_tables = 254;
	f.capabilities |= OF_CAPABILITY_GROUP_STATS | OF_CAPABILITY_STP;
	of_features_encode(&f, &eth1, 1, OF_VERSION_10, 2, &b);
	CU_ASSERT(hex_equal(&b,
		"01 06 0050 00000002 0000000000abcdef 00000000 fe 000000 000000cf 00000fff " ETH1_10));
	CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_features_decode(&msg, &back), OFERROR_OK);
	CU_ASSERT_EQUAL(back.n_ports, 1);
	CU_ASSERT_EQUAL(back.datapath_id, 0xabcdef);
	CU_ASSERT((back.capabilities & OF_CAPABILITY_STP) != 0);
	of_reader_init(&r, back.ports, back.ports_len);
	CU_ASSERT_EQUAL(of_phy_port_decode(&r, OF_VERSION_10, &port), OFERROR_OK);
	CU_ASSERT_STRING_EQUAL(port.name, "eth1");
	CU_ASSERT_EQUAL(port.curr, eth1.curr);
	of_buf_clear(&b);
	of_features_encode(&f, &eth1, 1, OF_VERSION_13, 2, &b);
	CU_ASSERT(hex_equal(
		&b, "04 06 0020 00000002 0000000000abcdef 00000000 fe 000000 0000004f 00000000"));
	of_buf_uninit(&b);
}

static void
test_features_hold_as_many_ports_as_fit(void)
{
	static struct of_phy_port ports[2000];
	struct of_buf b = OF_BUF_INIT;
	struct of_features f, back;
	struct of_msg msg;

	of_features_init(&f);
	of_features_encode(&f, ports, ARRAY_SIZE(ports), OF_VERSION_10, 2, &b);
	CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_features_decode(&msg, &back), OFERROR_OK);
	CU_ASSERT_EQUAL(back.n_ports, (65535 - 32) / 48);
	of_buf_uninit(&b);
}

static void
test_config(void)
{
	struct of_config config;
	struct of_buf b = OF_BUF_INIT;
	uint8_t bytes[HEX_MAX];
	struct of_msg msg;

	CU_ASSERT_EQUAL(hex_msg("01 09 000c 00000003 0001 0080", bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_config_decode(&msg, &config), OFERROR_OK);
	CU_ASSERT_EQUAL(config.frag, OF_FRAG_DROP);
	CU_ASSERT_EQUAL(config.miss_send_len, 128);
	of_config_encode(&config, OF_MSG_GET_CONFIG_REPLY, OF_VERSION_13, 3, &b);
	CU_ASSERT(hex_equal(&b, "04 08 000c 00000003 0001 0080"));
	of_buf_uninit(&b);
	CU_ASSERT_EQUAL(hex_msg("04 09 000c 00000003 0010 0080", bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_config_decode(&msg, &config), OFPSCFC_BAD_FLAGS);
}

static void
test_desc(void)
{
	struct of_desc desc = { .mfr = "M", .hw = "H", .sw = "S", .serial = "N", .dp = "D" }, back;
	struct of_buf b = OF_BUF_INIT;
	struct of_msg msg;

	memset(desc.dp, 'x', 256);
	of_desc_encode(&desc, OF_VERSION_13, 7, &b);
	CU_ASSERT_EQUAL(b.len, 16 + 1056);
	CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_desc_decode(&msg, &back), OFERROR_OK);
	CU_ASSERT_STRING_EQUAL(back.mfr, "M");
	CU_ASSERT_STRING_EQUAL(back.serial, "N");
	CU_ASSERT_EQUAL(strlen(back.dp), 255); /* The last byte is always zero. */
	of_buf_uninit(&b);
}

static void
test_role(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
		enum of_role role;
	} cases[] = {
		{ "01 04 0014 0000000a 00002320 0000000a 00000001", OFERROR_OK, OF_ROLE_PRIMARY },
		{ "01 04 0014 0000000a 00002320 0000000a 00000003", OFPRRFC_BAD_ROLE, 0 },
		{ "04 18 0018 0000000a 00000003 00000000 0000000000000005", OFERROR_OK,
			OF_ROLE_SECONDARY },
		{ "04 18 0018 0000000a 00000004 00000000 0000000000000005", OFPRRFC_BAD_ROLE, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		uint8_t bytes[HEX_MAX];
		struct of_role_msg role;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_role_decode(&msg, &role), cases[i].error);
		if (cases[i].error != OFERROR_OK)
			continue;
		CU_ASSERT_EQUAL(role.role, cases[i].role);
		CU_ASSERT_EQUAL(role.has_generation, msg.version == OF_VERSION_13);
		of_role_encode(
			&role, OF_MSG_ROLE_REQUEST, (enum of_version)msg.version, msg.xid, &b);
		CU_ASSERT(hex_equal(&b, cases[i].hex));
		of_buf_uninit(&b);
	}
}

static void
test_async(void)
{
	static const char hex[] =
		"04 1c 0020 00000011 00000003 00000004 00000007 00000002 0000003f 00000001";
	struct of_buf b = OF_BUF_INIT;
	struct of_async async;
	uint8_t bytes[HEX_MAX];
	struct of_msg msg;

	CU_ASSERT_EQUAL(hex_msg(hex, bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_async_decode(&msg, &async), OFERROR_OK);
	CU_ASSERT_EQUAL(async.primary[OF_ASYNC_PACKET_IN], 3);
	CU_ASSERT_EQUAL(async.secondary[OF_ASYNC_PACKET_IN], 4);
	CU_ASSERT_EQUAL(async.secondary[OF_ASYNC_FLOW_REMOVED], 1);
	of_async_encode(&async, OF_MSG_SET_ASYNC, OF_VERSION_13, 0x11, &b);
	CU_ASSERT(hex_equal(&b, hex));
	of_buf_uninit(&b);
}

static void
test_nicira_numbers(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
		uint32_t number;
	} cases[] = {
		{ "01 04 0018 0000000f 00002320 0000000f 01 00000000000000", OFERROR_OK, 1 },
		{ "01 04 0014 0000000f 00002320 0000000c 00000002", OFERROR_OK,
			OF_FLOW_FORMAT_NXM },
		{ "01 04 0014 0000000f 00002320 0000000c 00000005", OFPBRC_EPERM, 0 },
		{ "01 04 0014 0000000f 00002320 00000010 00000001", OFERROR_OK, OF_PACKET_IN_NXT },
		{ "01 04 0014 0000000f 00002320 00000010 00000009", OFPBRC_EPERM, 0 },
		{ "01 04 0018 0000000f 00002320 00000014 000000000000 0007", OFERROR_OK, 7 },
		{ "01 04 0018 0000000f 00002320 00000014 000000000100 0007", NXBRC_MUST_BE_ZERO,
			0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		uint8_t bytes[HEX_MAX];
		uint32_t number = 99;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_nx_number_decode(&msg, &number), cases[i].error);
		if (cases[i].error != OFERROR_OK)
			continue;
		CU_ASSERT_EQUAL(number, cases[i].number);
		of_nx_number_encode(msg.type, OF_VERSION_10, msg.xid, number, &b);
		CU_ASSERT(hex_equal(&b, cases[i].hex));
		of_buf_uninit(&b);
	}
}

static void
test_port_status_and_desc(void)
{
	static const struct of_port_status status = { .reason = OF_PORT_REASON_DELETE };
	struct of_port_status with_port = status, back;
	struct of_buf b = OF_BUF_INIT;
	struct of_msg msg;
	struct of_mp mp;

	with_port.port = eth1;
	of_port_status_encode(&with_port, OF_VERSION_13, 9, &b);
	CU_ASSERT(hex_equal(&b, "04 0c 0050 00000009 01 00000000000000 " ETH1_13));
	CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_port_status_decode(&msg, &back), OFERROR_OK);
	CU_ASSERT_EQUAL(back.reason, OF_PORT_REASON_DELETE);
	CU_ASSERT_EQUAL(back.port.max_speed, 10000000);
	of_buf_clear(&b);
	of_mp_begin(&mp, OF_MSG_PORT_DESC_REPLY, OF_VERSION_10, 4, &b);
	of_port_desc_put(&mp, &eth1);
	of_mp_end(&mp);
	CU_ASSERT(hex_equal(&b, "01 11 003c 00000004 000d 0000 " ETH1_10));
	of_buf_uninit(&b);
}

/* A port of 1.4 and later has its features in a property. */
static void
test_port_of_every_version(void)
{
	for (unsigned int v = OF_VERSION_10; v <= OF_VERSION_15; v++) {
		struct of_buf b = OF_BUF_INIT;
		struct of_phy_port back;
		struct of_reader r;

		of_phy_port_encode(&eth1, (enum of_version)v, &b);
		of_reader_init(&r, b.data, b.len);
		CU_ASSERT_EQUAL(of_phy_port_decode(&r, (enum of_version)v, &back), OFERROR_OK);
		CU_ASSERT_EQUAL(r.left, 0);
		CU_ASSERT_EQUAL(back.port_no, 1);
		CU_ASSERT_EQUAL(back.curr, eth1.curr);
		CU_ASSERT_EQUAL(back.supported, eth1.supported);
		CU_ASSERT_EQUAL(back.curr_speed, 10000000);
		of_buf_uninit(&b);
	}
}

static void
test_port_stats_of_every_version(void)
{
	static const struct of_port_stats stats = { .port_no = OFP_PORT_LOCAL,
		.rx_packets = 5,
		.tx_packets = 6,
		.rx_bytes = 7,
		.tx_bytes = 8,
		.rx_dropped = 9,
		.tx_dropped = 10,
		.rx_errors = 11,
		.tx_errors = 12,
		.rx_frame_err = UINT64_MAX,
		.rx_over_err = 14,
		.rx_crc_err = 15,
		.collisions = 16,
		.duration_sec = 3,
		.duration_nsec = 4 };

	for (unsigned int v = OF_VERSION_10; v <= OF_VERSION_15; v++) {
		struct of_buf b = OF_BUF_INIT;
		struct of_port_stats back, want = stats;
		struct of_reader r;
		struct of_msg msg;
		struct of_mp mp;

		of_mp_begin(&mp, OF_MSG_PORT_STATS_REPLY, (enum of_version)v, 5, &b);
		of_port_stats_put(&mp, &stats);
		of_mp_end(&mp);
		CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
		of_reader_init(&r, msg.body, msg.body_len);
		CU_ASSERT_EQUAL(of_port_stats_next(&r, (enum of_version)v, &back), OFERROR_OK);
		CU_ASSERT_EQUAL(r.left, 0);
		if (v < OF_VERSION_13)
			want.duration_sec = want.duration_nsec = UINT32_MAX;
		/* Piece by piece, for there is padding. */
		CU_ASSERT_EQUAL(back.port_no, want.port_no);
		CU_ASSERT(memcmp(&back.rx_packets, &want.rx_packets,
				  sizeof want - offsetof(struct of_port_stats, rx_packets))
			== 0);
		of_buf_uninit(&b);
	}
}

static void
test_port_mod(void)
{
	static const char *const cases[] = {
		"01 0f 0020 00000011 0001 000102030405 00000001 00000001 00000000 00000000",
		"04 10 0028 00000011 00000001 00000000 000102030405 0000 00000001 00000001 00000000 00000000",
	};
	uint8_t bytes[HEX_MAX];
	struct of_port_mod mod;
	struct of_msg msg;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i], bytes, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(of_port_mod_decode(&msg, &mod), OFERROR_OK);
		CU_ASSERT_EQUAL(mod.port_no, 1);
		CU_ASSERT_EQUAL(mod.mask, OF_PORT_CONFIG_DOWN);
		of_port_mod_encode(&mod, (enum of_version)msg.version, msg.xid, &b);
		CU_ASSERT(hex_equal(&b, cases[i]));
		of_buf_uninit(&b);
	}
	CU_ASSERT_EQUAL(
		hex_msg("04 10 0028 00000011 00000001 00000000 000102030405 0000 00000001 00000010 00000000 00000000",
			bytes, &msg),
		OFERROR_OK);
	CU_ASSERT_EQUAL(of_port_mod_decode(&msg, &mod), OFPPMFC_BAD_CONFIG);
}

static void
test_table_stats(void)
{
	static const struct of_table_stats stats = { .table_id = 2,
		.name = "two",
		.wildcards = 3,
		.max_entries = 4,
		.active = 5,
		.lookups = 6,
		.matched = 7 };
	struct of_table_stats back;
	struct of_buf b = OF_BUF_INIT;
	struct of_reader r;
	struct of_msg msg;
	struct of_mp mp;

	of_mp_begin(&mp, OF_MSG_TABLE_STATS_REPLY, OF_VERSION_13, 6, &b);
	of_table_stats_put(&mp, &stats);
	of_mp_end(&mp);
	CU_ASSERT(hex_equal(&b,
		"04 13 0028 00000006 0003 0000 00000000 02 000000 00000005 0000000000000006 0000000000000007"));
	of_buf_clear(&b);
	of_mp_begin(&mp, OF_MSG_TABLE_STATS_REPLY, OF_VERSION_10, 6, &b);
	of_table_stats_put(&mp, &stats);
	of_mp_end(&mp);
	CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
	of_reader_init(&r, msg.body, msg.body_len);
	CU_ASSERT_EQUAL(of_table_stats_next(&r, OF_VERSION_10, &back), OFERROR_OK);
	CU_ASSERT(memcmp(&back, &stats, sizeof stats) == 0);
	of_buf_uninit(&b);
}

static void
test_table_features_roundtrip(void)
{
	struct of_table_features tf, back;
	struct of_buf b = OF_BUF_INIT;
	struct of_reader r;
	struct of_msg msg;
	struct of_mp mp;

	of_table_features_init(&tf);
	strcpy(tf.name, "first");
	tf.max_entries = 1000;
	tf.hit.next_tables[0] = 0xfe;
	tf.hit.next_tables[3] = 1;
	tf.miss = tf.hit;
	tf.miss.instructions = OF_INSTRUCTION_GOTO_TABLE;
	of_mp_begin(&mp, OF_MSG_TABLE_FEATURES_REPLY, OF_VERSION_13, 6, &b);
	of_table_features_put(&mp, &tf);
	of_mp_end(&mp);
	CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
	of_reader_init(&r, msg.body, msg.body_len);
	CU_ASSERT_EQUAL(of_table_features_next(&r, OF_VERSION_13, &back), OFERROR_OK);
	CU_ASSERT_EQUAL(r.left, 0);
	CU_ASSERT(memcmp(&tf, &back, sizeof tf) == 0);
	/* Cut in a property. */
	of_reader_init(&r, msg.body, msg.body_len - 4);
	CU_ASSERT_EQUAL(of_table_features_next(&r, OF_VERSION_13, &back), OFPBPC_BAD_LEN);
	of_buf_uninit(&b);
}

static void
test_table_mod(void)
{
	struct of_table_mod mod;
	uint8_t bytes[HEX_MAX];
	struct of_msg msg;

	CU_ASSERT_EQUAL(hex_msg("04 11 0010 00000001 ff 000000 00000003", bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_table_mod_decode(&msg, &mod), OFERROR_OK);
	CU_ASSERT_EQUAL(mod.table_id, 255);
	CU_ASSERT_EQUAL(hex_msg("04 11 0010 00000001 ff 000000 00000010", bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(of_table_mod_decode(&msg, &mod), OFPTMFC_BAD_CONFIG);
}

static void
test_group_and_meter_heads(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
	} cases[] = {
		{ "04 0f 0010 00000001 0000 00 00 00000005", OFERROR_OK },
		{ "04 0f 0010 00000001 0003 00 00 00000005", OFPGMFC_BAD_COMMAND },
		{ "04 0f 0010 00000001 0000 04 00 00000005", OFPGMFC_BAD_TYPE },
		{ "04 0f 0010 00000001 0000 00 00 fffffffc", OFPGMFC_INVALID_GROUP },
		{ "04 0f 0010 00000001 0002 00 00 fffffffc", OFERROR_OK },
		{ "04 1d 0010 00000001 0000 0001 00000005", OFERROR_OK },
		{ "04 1d 0010 00000001 0003 0001 00000005", OFPMMFC_BAD_COMMAND },
		{ "04 1d 0010 00000001 0000 0003 00000005", OFPMMFC_BAD_FLAGS },
		{ "04 1d 0010 00000001 0000 0001 00000000", OFPMMFC_INVALID_METER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		struct of_group_mod gm;
		struct of_meter_mod mm;
		struct of_msg msg;

		CU_ASSERT_EQUAL_FATAL(hex_msg(cases[i].hex, bytes, &msg), OFERROR_OK);
		if (msg.type == OF_MSG_GROUP_MOD) {
			CU_ASSERT_EQUAL(of_group_mod_decode(&msg, &gm), cases[i].error);
		} else {
			CU_ASSERT_EQUAL(of_meter_mod_decode(&msg, &mm), cases[i].error);
		}
	}
}

static void
test_group_and_meter_features(void)
{
	static const struct of_group_features gf = { .types = 0xf };
	static const struct of_meter_features mf = {
		.max_meter = 5, .band_types = 2, .capabilities = 0xf, .max_bands = 1
	};
	struct of_buf b = OF_BUF_INIT;

	of_group_features_encode(&gf, OF_VERSION_13, 0x13, &b);
	CU_ASSERT(hex_equal(&b,
		"04 13 0038 00000013 0008 0000 00000000 0000000f 00000000 00000000 00000000 00000000 00000000 "
		"00000000 00000000 00000000 00000000"));
	of_buf_clear(&b);
	of_meter_features_encode(&mf, OF_VERSION_13, 0x14, &b);
	CU_ASSERT(hex_equal(&b,
		"04 13 0020 00000014 000b 0000 00000000 00000005 00000002 0000000f 01 00 0000"));
	of_buf_uninit(&b);
}

static void
test_queue_stats(void)
{
	static const struct of_queue_stats stats = { .port = 1,
		.queue = 2,
		.tx_bytes = 3,
		.tx_packets = 4,
		.tx_errors = 5,
		.duration_sec = 6,
		.duration_nsec = 7 };
	struct of_queue_stats_request req;
	uint8_t bytes[HEX_MAX];
	struct of_msg msg;

	CU_ASSERT_EQUAL(hex_msg("01 10 0014 00000008 0005 0000 fffc 0000 ffffffff", bytes, &msg),
		OFERROR_OK);
	CU_ASSERT_EQUAL(of_queue_stats_request_decode(&msg, &req), OFERROR_OK);
	CU_ASSERT_EQUAL(req.port, OFP_PORT_NONE);
	for (unsigned int v = OF_VERSION_10; v <= OF_VERSION_15; v++) {
		struct of_queue_stats back, want = stats;
		struct of_buf b = OF_BUF_INIT;
		struct of_reader r;
		struct of_mp mp;

		of_mp_begin(&mp, OF_MSG_QUEUE_STATS_REPLY, (enum of_version)v, 8, &b);
		of_queue_stats_put(&mp, &stats);
		of_mp_end(&mp);
		CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
		of_reader_init(&r, msg.body, msg.body_len);
		CU_ASSERT_EQUAL(of_queue_stats_next(&r, (enum of_version)v, &back), OFERROR_OK);
		if (v < OF_VERSION_13)
			want.duration_sec = want.duration_nsec = UINT32_MAX;
		CU_ASSERT(memcmp(&back, &want, sizeof want) == 0);
		of_buf_uninit(&b);
	}
}

static void
test_format_as_the_field_prints(void)
{
	struct of_port_stats stats = { .port_no = 1,
		.rx_packets = 5,
		.rx_frame_err = UINT64_MAX,
		.duration_sec = UINT32_MAX };
	struct of_phy_port port = eth1;
	struct str s = STR_INIT;
	struct of_features f;

	port.curr_speed = port.max_speed = 10000000;
	of_phy_port_format(&port, NULL, &s);
	CU_ASSERT_STRING_EQUAL(str_cstr(&s),
		" 1(eth1): addr:00:01:02:03:04:05\n"
		"     config:     0\n"
		"     state:      LIVE\n"
		"     current:    10GB-FD FIBER\n"
		"     supported:  10GB-FD AUTO_NEG\n"
		"     speed: 10000 Mbps now, 10000 Mbps max\n");
	str_clear(&s);
	of_port_stats_format(&stats, NULL, &s);
	CU_ASSERT_STRING_EQUAL(str_cstr(&s),
		"  port  1: rx pkts=5, bytes=0, drop=0, errs=0, frame=?, over=0, crc=0\n"
		"           tx pkts=0, bytes=0, drop=0, errs=0, coll=0\n");
	str_clear(&s);
	of_features_init(&f);
	f.datapath_id = 0xabcdef;
	f.n_tables = 254;
	of_features_format(&f, OF_VERSION_10, &s);
	CU_ASSERT_STRING_EQUAL(str_cstr(&s),
		"dpid:0000000000abcdef\nn_tables:254, n_buffers:0\n"
		"capabilities: FLOW_STATS TABLE_STATS PORT_STATS QUEUE_STATS ARP_MATCH_IP\n"
		"actions: output enqueue set_vlan_vid set_vlan_pcp strip_vlan mod_dl_src mod_dl_dst "
		"mod_nw_src mod_nw_dst mod_nw_tos mod_tp_src mod_tp_dst\n");
	str_uninit(&s);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_hello),
		CHECK_CASE(test_features),
		CHECK_CASE(test_features_hold_as_many_ports_as_fit),
		CHECK_CASE(test_config),
		CHECK_CASE(test_desc),
		CHECK_CASE(test_role),
		CHECK_CASE(test_async),
		CHECK_CASE(test_nicira_numbers),
		CHECK_CASE(test_port_status_and_desc),
		CHECK_CASE(test_port_of_every_version),
		CHECK_CASE(test_port_stats_of_every_version),
		CHECK_CASE(test_port_mod),
		CHECK_CASE(test_table_stats),
		CHECK_CASE(test_table_features_roundtrip),
		CHECK_CASE(test_table_mod),
		CHECK_CASE(test_group_and_meter_heads),
		CHECK_CASE(test_group_and_meter_features),
		CHECK_CASE(test_queue_stats),
		CHECK_CASE(test_format_as_the_field_prints),
	};

	return check_run("openflow/switch", cases, ARRAY_SIZE(cases));
}
