/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of openflow/msg, buf, version and error: headers, the table of messages, parts of multipart
 * replies, errors. */

#include "openflow/msg.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "check.h"
#include "hex.h"

static void
test_version_names_and_sets(void)
{
	struct str s = STR_INIT;
	struct err err = ERR_INIT;
	uint32_t versions = 0;

	CU_ASSERT_EQUAL(of_versions_parse("OpenFlow10,OpenFlow13", &versions, &err), 0);
	CU_ASSERT_EQUAL(versions, 0x12);
	of_versions_format(versions, &s);
	CU_ASSERT_STRING_EQUAL(str_cstr(&s), "OpenFlow10, OpenFlow13");
	CU_ASSERT_NOT_EQUAL(of_versions_parse("OpenFlow99", &versions, &err), 0);
	CU_ASSERT_STRING_EQUAL(err.text, "OpenFlow99: no such OpenFlow version");
	CU_ASSERT_NOT_EQUAL(of_versions_parse("", &versions, &err), 0);
	str_uninit(&s);
}

static void
test_version_negotiation_takes_the_highest_common_one(void)
{
	CU_ASSERT_EQUAL(of_versions_negotiate(0x12, 0x7e), OF_VERSION_13);
	CU_ASSERT_EQUAL(of_versions_negotiate(0x12, 0x02), OF_VERSION_10);
	CU_ASSERT_EQUAL(of_versions_negotiate(0x12, 0x20), 0);
}

/* Each message of each version is found again from its own header, with some body length that it
 * accepts. */
static void
test_msg_every_type_is_found_again(void)
{
	unsigned int n = 0;

	for (unsigned int t = 0; t < N_OF_MSGS; t++) {
		for (unsigned int v = OF_VERSION_10; v <= OF_VERSION_15; v++) {
			struct of_buf b = OF_BUF_INIT;
			struct of_msg msg;
			enum oferror error = OFPBRC_BAD_LEN;
			size_t start;

			if (!of_msg_exists((enum of_msg_type)t, (enum of_version)v))
				continue;
			start = of_msg_begin(&b, (enum of_msg_type)t, (enum of_version)v, 0x1234);
			while (error == OFPBRC_BAD_LEN && b.len < 2000) {
				of_msg_end(&b, start);
				error = of_msg_decode(b.data, b.len, &msg);
				if (error == OFPBRC_BAD_LEN)
					of_buf_put_zeros(&b, 1);
			}
			CU_ASSERT_EQUAL(error, OFERROR_OK);
			CU_ASSERT_EQUAL(msg.type, t);
			CU_ASSERT_EQUAL(msg.version, v);
			CU_ASSERT_EQUAL(msg.xid, 0x1234);
			of_buf_uninit(&b);
			n++;
		}
	}
	CU_ASSERT(n > 200);
}

static void
test_msg_wrong_headers(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
	} cases[] = {
		{ "01", OFPBRC_BAD_LEN }, { "01 05 0009 00000001", OFPBRC_BAD_LEN },
		{ "01 05 0009 00000001 00", OFPBRC_BAD_LEN }, /* No body in a features request. */
		{ "07 05 0008 00000001", OFPBRC_BAD_VERSION },
		{ "00 05 0008 00000001", OFPBRC_BAD_VERSION },
		{ "01 63 0008 00000001", OFPBRC_BAD_TYPE },
		{ "04 63 0008 00000001", OFPBRC_BAD_TYPE },
		{ "01 04 0008 00000001", OFPBRC_BAD_LEN }, /* A vendor is missing. */
		{ "01 04 0010 00000001 00000001 00000001", OFPBRC_BAD_VENDOR },
		{ "01 04 0010 00000001 00002320 00000fff", OFPBRC_BAD_SUBTYPE },
		{ "01 10 000c 00000001 0063 0000", OFPBRC_BAD_STAT },
		{ "04 12 0010 00000001 0063 0000 00000000", OFPBRC_BAD_STAT },
		{ "04 12 000c 00000001 0000 0000", OFPBRC_BAD_LEN }, /* 1.3 pads the header. */
		{ "04 12 0018 00000001 ffff 0000 00000000 00000001 00000000", OFPBRC_BAD_VENDOR },
		{ "01 0e 0010 00000001 0000000000000000", OFPBRC_BAD_LEN }, /* Short flow-mod. */
		{ "01 06 0021 00000001 0000000000000000 00000000 00000000 00000000 00000000 00",
			OFPBRC_BAD_LEN }, /* Part of a port. */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		struct of_msg msg;

		CU_ASSERT_EQUAL(hex_msg(cases[i].hex, bytes, &msg), cases[i].error);
	}
}

static void
test_msg_hello_of_any_version_is_a_hello(void)
{
	uint8_t bytes[HEX_MAX];
	struct of_msg msg;

	CU_ASSERT_EQUAL(hex_msg("20 00 0008 00000007", bytes, &msg), OFERROR_OK);
	CU_ASSERT_EQUAL(msg.type, OF_MSG_HELLO);
	CU_ASSERT_EQUAL(msg.version, 0x20);
}

static void
test_msg_echo_reply_has_the_data(void)
{
	struct of_buf b = OF_BUF_INIT;
	uint8_t bytes[HEX_MAX];
	struct of_msg msg;

	CU_ASSERT_EQUAL(hex_msg("04 02 000b 00000009 010203", bytes, &msg), OFERROR_OK);
	of_msg_encode_echo_reply(&msg, &b);
	CU_ASSERT(hex_equal(&b, "04 03 000b 00000009 010203"));
	of_buf_uninit(&b);
}

static void
test_msg_multipart_is_cut_between_entries(void)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_mp mp;
	size_t parts = 0, entries = 0, ofs = 0;

	of_mp_begin(&mp, OF_MSG_TABLE_STATS_REPLY, OF_VERSION_10, 5, &b);
	for (unsigned int i = 0; i < 3000; i++) {
		size_t entry = b.len;

		of_buf_put_u64(&b, i);
		of_buf_put_zeros(&b, 56);
		of_mp_entry(&mp, entry);
	}
	of_mp_end(&mp);
	while (ofs < b.len) {
		size_t len = of_msg_stated_len(b.data + ofs, b.len - ofs);
		struct of_msg msg;
		struct of_reader r;

		CU_ASSERT_FATAL(len >= OF_HEADER_LEN && len <= b.len - ofs);
		CU_ASSERT_EQUAL_FATAL(of_msg_decode(b.data + ofs, len, &msg), OFERROR_OK);
		CU_ASSERT_EQUAL(msg.xid, 5);
		ofs += len;
		CU_ASSERT_EQUAL(msg.mp_flags, ofs < b.len ? OF_MSG_MORE : 0);
		of_reader_init(&r, msg.body, msg.body_len);
		while (r.left > 0) {
			CU_ASSERT_EQUAL(of_reader_u64(&r), entries);
			of_reader_skip(&r, 56);
			entries++;
		}
		parts++;
	}
	CU_ASSERT_EQUAL(parts, 3);
	CU_ASSERT_EQUAL(entries, 3000);
	of_buf_uninit(&b);
}

static void
test_reader_fails_past_the_end(void)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct of_reader r;

	of_reader_init(&r, bytes, sizeof bytes);
	CU_ASSERT_EQUAL(of_reader_u16(&r), 0x0102);
	CU_ASSERT(!r.failed);
	CU_ASSERT_EQUAL(of_reader_u16(&r), 0);
	CU_ASSERT(r.failed);
	CU_ASSERT_EQUAL(of_reader_u64(&r), 0);
}

static void
test_error_bytes(void)
{
	static const struct {
		enum oferror error;
		enum of_version version;
		const char *hex;
	} cases[] = {
		{ OFPBMC_BAD_FIELD, OF_VERSION_13, "04 01 0014 00000007 0004 0006" },
		{ OFPFMFC_OVERLAP, OF_VERSION_10, "01 01 0014 00000007 0003 0001" },
		{ OFPFMFC_OVERLAP, OF_VERSION_13, "04 01 0014 00000007 0005 0003" },
		{ OFPBMC_BAD_PREREQ, OF_VERSION_10,
			"01 01 001c 00000007 b0c2 0000 00002320 0001 0104" },
		{ NXBRC_MUST_BE_ZERO, OF_VERSION_13, "04 01 0018 00000007 ffff 0004 00002320" },
		{ OFPBIC_DUP_INST, OF_VERSION_13, "04 01 0018 00000007 ffff 0a28 4f4e4600" },
		{ OFPBMC_BAD_TYPE, OF_VERSION_10, /* 1.0 does not have it. */
			"01 01 001c 00000007 b0c2 0000 00002320 0001 0209" },
	};
	static const char request[] = "04 05 0008 00000007";

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		uint8_t bytes[HEX_MAX];
		char want[256];
		size_t n = hex_read(request, bytes);

		oferror_encode(cases[i].error, cases[i].version, bytes, n, &b);
		snprintf(want, sizeof want, "%s %s", cases[i].hex, request);
		CU_ASSERT(hex_equal(&b, want));
		of_buf_uninit(&b);
	}
}

static void
test_error_roundtrip_of_all(void)
{
	unsigned int n = 0;

	for (unsigned int e = 1; e < N_OFERRORS; e++) {
		for (unsigned int v = OF_VERSION_10; v <= OF_VERSION_15; v++) {
			struct of_buf b = OF_BUF_INIT;
			struct of_msg msg;
			enum oferror got;
			const uint8_t *data;
			size_t len;

			if (!oferror_is_encodable((enum oferror)e, (enum of_version)v))
				continue;
			oferror_encode((enum oferror)e, (enum of_version)v, "12345678", 8, &b);
			CU_ASSERT_EQUAL(of_msg_decode(b.data, b.len, &msg), OFERROR_OK);
			CU_ASSERT_EQUAL(oferror_decode(&msg, &got, &data, &len), OFERROR_OK);
			CU_ASSERT_EQUAL(got, e);
			CU_ASSERT(len == 8 && memcmp(data, "12345678", 8) == 0);
			of_buf_uninit(&b);
			n++;
		}
	}
	CU_ASSERT(n > 600);
}

static void
test_error_data_is_cut_to_64_bytes(void)
{
	struct of_buf b = OF_BUF_INIT;
	uint8_t request[200] = { 4, 14, 0, 200, 0, 0, 0, 9 };

	oferror_encode(OFPBRC_BAD_TYPE, OF_VERSION_13, request, sizeof request, &b);
	CU_ASSERT_EQUAL(b.len, 12 + 64);
	CU_ASSERT_EQUAL(b.data[7], 9);
	of_buf_uninit(&b);
}

static void
test_error_names(void)
{
	CU_ASSERT_STRING_EQUAL(oferror_name(OFPBMC_BAD_FIELD), "OFPBMC_BAD_FIELD");
	CU_ASSERT_STRING_EQUAL(oferror_name(N_OFERRORS), "unknown");
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_version_names_and_sets),
		CHECK_CASE(test_version_negotiation_takes_the_highest_common_one),
		CHECK_CASE(test_msg_every_type_is_found_again),
		CHECK_CASE(test_msg_wrong_headers),
		CHECK_CASE(test_msg_hello_of_any_version_is_a_hello),
		CHECK_CASE(test_msg_echo_reply_has_the_data),
		CHECK_CASE(test_msg_multipart_is_cut_between_entries),
		CHECK_CASE(test_reader_fails_past_the_end),
		CHECK_CASE(test_error_bytes),
		CHECK_CASE(test_error_roundtrip_of_all),
		CHECK_CASE(test_error_data_is_cut_to_64_bytes),
		CHECK_CASE(test_error_names),
	};

	return check_run("openflow/msg", cases, ARRAY_SIZE(cases));
}
