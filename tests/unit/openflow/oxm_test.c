/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of openflow/oxm: TLVs and 1.0's match, right and wrong, and random matches there and back. */

#include "openflow/oxm.h"

#include <arpa/inet.h>

#include "base/err.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"
#include "flow/format.h"
#include "hex.h"

/* The text of a match, in a buffer that the next call uses again. */
static const char *
text_of(const struct match *m)
{
	static char text[1024];
	struct str s = STR_INIT;

	(void)match_format(m, NULL, &s);
	snprintf(text, sizeof text, "%s", str_cstr(&s));
	str_uninit(&s);
	return text;
}

static void
test_oxm_decode(void)
{
	static const struct {
		const char *hex, *text;
	} cases[] = {
		{ "", "" }, { "80000004 00000003", "in_port=3" },
		{ "80000004 fffffffe", "in_port=LOCAL" },
		{ "80000606 0102030405 06", "dl_dst=01:02:03:04:05:06" },
		{ "8000070c 010000000000 ff0000000000",
			"dl_dst=01:00:00:00:00:00/ff:00:00:00:00:00" },
		{ "80000c02 1005", "dl_vlan=5" },
		{ "80000c02 1005 80000e01 03", "dl_vlan=5,dl_vlan_pcp=3" },
		{ "80000c02 0000", "vlan_tci=0x0000" },
		{ "80000d04 1000 1000", "vlan_tci=0x1000/0x1000" },
		{ "80000a02 0800 80001401 06 80001c02 0050", "tcp,tp_dst=80" },
		{ "80000a02 0800 80001908 0a000000 ff000000", "ip,nw_dst=10.0.0.0/8" },
		{ "80000a02 86dd 80001401 11 80001e02 0035", "udp6,tp_src=53" },
		{ "80000a02 0806 80002a02 0001 80002c04 01020304", "arp,arp_spa=1.2.3.4,arp_op=1" },
		{ "80000a02 0800 80001001 05", "ip,nw_tos=20" },
		{ "80000408 0000000000000005", "metadata=0x5" },
		{ "00010004 00000007", "reg0=0x7" },
		{ "80000a02 8847 80004404 00000064", "mpls,mpls_label=100" },
		{ "00000a02 0800 00000c01 11", "" }, /* Checked below: NXM has other numbers. */
	};

	for (size_t i = 0; i + 1 < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		size_t n = hex_read(cases[i].hex, bytes);
		struct match m;

		CU_ASSERT_EQUAL(of_oxm_decode(bytes, n, true, &m), OFERROR_OK);
		if (i != 12) {
			CU_ASSERT_STRING_EQUAL(text_of(&m), cases[i].text);
		} else {
			struct match want;

			CU_ASSERT_EQUAL(match_parse(cases[i].text, NULL, &want, NULL), 0);
			CU_ASSERT(match_equal(&m, &want));
		}
	}
}

static void
test_oxm_errors(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
	} cases[] = {
		{ "8000", OFPBMC_BAD_LEN }, { "80000004 000000", OFPBMC_BAD_LEN },
		{ "80000002 0000", OFPBMC_BAD_LEN }, /* The length is not the field's. */
		{ "80000104 00000003", OFPBMC_BAD_LEN }, /* Mask bit and no mask. */
		{ "8000fe01 00", OFPBMC_BAD_FIELD }, { "12340001 00", OFPBMC_BAD_FIELD },
		{ "ffff5602 4f4e", OFPBMC_BAD_LEN },
		{ "80000004 00000003 80000004 00000003", OFPBMC_DUP_FIELD },
		{ "80000004 00000003 00000002 0003", OFPBMC_DUP_FIELD }, /* NXM's in_port. */
		{ "80001c02 0050", OFPBMC_BAD_PREREQ },
		{ "80000a02 0800 80001c02 0050", OFPBMC_BAD_PREREQ },
		{ "80001401 06 80000a02 0800", OFPBMC_BAD_PREREQ }, /* Wrong order. */
		{ "80000e01 03", OFPBMC_BAD_PREREQ }, /* A priority without a tag. */
		{ "80000a02 86dd 80001604 01020304", OFPBMC_BAD_PREREQ },
		{ "80000b04 0800 ff00", OFPBMC_BAD_MASK },
		{ "8000070c 010000000001 ff0000000000", OFPBMC_BAD_WILDCARDS },
		{ "80000c02 3005", OFPBMC_BAD_VALUE },
		{ "80000c02 0005", OFPBMC_BAD_VALUE }, /* An id and no tag. */
		{ "80000a02 0800 80001001 40", OFPBMC_BAD_VALUE }, /* Six bits. */
		{ "80000004 0000ff05", OFPBMC_BAD_VALUE }, /* Such ports there are not. */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		size_t n = hex_read(cases[i].hex, bytes);
		struct match m;
		enum oferror got = of_oxm_decode(bytes, n, true, &m);

		if (got != cases[i].error)
			printf("\n%s: %s\n", cases[i].hex, oferror_name(got));
		CU_ASSERT_EQUAL(got, cases[i].error);
	}
}

static void
test_oxm_loose_passes_over_unknown_fields(void)
{
	uint8_t bytes[HEX_MAX];
	size_t n = hex_read("8000fe02 0000 80000004 00000003", bytes);
	struct match m;

	CU_ASSERT_EQUAL(of_oxm_decode(bytes, n, false, &m), OFERROR_OK);
	CU_ASSERT_STRING_EQUAL(text_of(&m), "in_port=3");
	n = hex_read("8000fe02 00", bytes);
	CU_ASSERT_EQUAL(of_oxm_decode(bytes, n, false, &m), OFPBMC_BAD_LEN);
}

static void
test_oxm_match_struct(void)
{
	static const struct {
		const char *hex;
		enum oferror error;
	} cases[] = {
		{ "0001 0004 00000000", OFERROR_OK },
		{ "0001 000c 80000004 00000003 00000000", OFERROR_OK },
		{ "0000 0004 00000000", OFPBMC_BAD_TYPE }, { "0001 0003 00000000", OFPBMC_BAD_LEN },
		{ "0001 0014 80000004 00000003 00000000", OFPBMC_BAD_LEN },
		{ "0001 000c 80000004 00000003", OFPBMC_BAD_LEN }, /* No padding. */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		struct of_reader r;
		struct match m;

		of_reader_init(&r, bytes, hex_read(cases[i].hex, bytes));
		CU_ASSERT_EQUAL(of_match_decode(&r, OF_VERSION_13, true, &m), cases[i].error);
	}
}

static void
test_oxm_encode_bytes(void)
{
	static const struct {
		const char *text;
		enum of_version version;
		const char *hex;
	} cases[] = {
		{ "tcp,in_port=1,nw_dst=10.0.0.0/8,tp_dst=80", OF_VERSION_13,
			"80000004 00000001 80000a02 0800 80001908 0a000000 ff000000 80001401 06 80001c02 0050" },
		{ "in_port=LOCAL,dl_vlan=5", OF_VERSION_10, "00000002 fffe 00000904 1005 1fff" },
		{ "in_port=LOCAL,dl_vlan=5", OF_VERSION_13, "80000004 fffffffe 80000c02 1005" },
		{ "ip,nw_tos=20", OF_VERSION_10, "00000602 0800 00000a01 14" },
		{ "ip,nw_tos=20", OF_VERSION_13, "80000a02 0800 80001001 05" },
		{ "tun_src=1.2.3.4", OF_VERSION_13, "00013e04 01020304" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct of_buf b = OF_BUF_INIT;
		struct match m;

		CU_ASSERT_EQUAL(match_parse(cases[i].text, NULL, &m, NULL), 0);
		of_oxm_put_match(cases[i].version, &m, &b);
		CU_ASSERT(hex_equal(&b, cases[i].hex));
		of_buf_uninit(&b);
	}
}

static void
test_match10_decode(void)
{
	static const struct {
		const char *hex, *text;
	} cases[] = {
		{ "003fffff 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000",
			"" },
		{ "003ffffe fffe 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000",
			"in_port=LOCAL" },
		/* TCP to 10.0.0.0/8 port 80. */
		{ "0036204f 0000 000000000000 000000000000 0000 00 00 0800 00 06 0000 00000000 0a000001 0000 0050",
			"tcp,nw_dst=10.0.0.0/8,tp_dst=80" },
		{ "003ffffd 0000 000000000000 000000000000 0005 00 00 0000 00 00 0000 00000000 00000000 0000 0000",
			"dl_vlan=5" },
		/* An address without an EtherType means nothing. */
		{ "003f00ff 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 01020304 01020304 0000 0000",
			"" },
		{ "003fffcf 0000 000000000000 000000000000 0000 00 00 0806 00 02 0000 00000000 00000000 0000 0000",
			"arp,arp_op=2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[HEX_MAX];
		struct of_reader r;
		struct match m;

		of_reader_init(&r, bytes, hex_read(cases[i].hex, bytes));
		CU_ASSERT_EQUAL(r.left, OF10_MATCH_LEN);
		CU_ASSERT_EQUAL(of_match10_decode(&r, &m), OFERROR_OK);
		CU_ASSERT_STRING_EQUAL(text_of(&m), cases[i].text);
	}
}

static void
test_match10_knows_its_limits(void)
{
	static const char *const enough[] = { "", "in_port=1", "tcp,tp_dst=80", "dl_vlan=3",
		"ip,nw_src=1.2.0.0/16", "arp,arp_tpa=1.2.3.4", "dl_vlan_pcp=2", "icmp,icmp_type=8",
		"dl_dst=01:02:03:04:05:06" };
	static const char *const beyond[] = { "reg0=1", "ipv6,ipv6_src=::1", "metadata=5",
		"tcp,tp_dst=0x50/0xfff0", "ip,nw_src=1.0.0.4/255.0.0.255",
		"dl_dst=01:00:00:00:00:00/01:00:00:00:00:00", "ip,nw_ttl=3", "tun_id=1" };
	struct match m;

	for (size_t i = 0; i < ARRAY_SIZE(enough); i++) {
		CU_ASSERT_EQUAL(match_parse(enough[i], NULL, &m, NULL), 0);
		CU_ASSERT(of_match10_is_enough(&m));
	}
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		CU_ASSERT_EQUAL(match_parse(beyond[i], NULL, &m, NULL), 0);
		CU_ASSERT(!of_match10_is_enough(&m));
	}
}

/* Adds a random value of 'id' to 'm', under a random mask where it may have one. */
static void
add_random(struct match *m, enum field_id id)
{
	const struct field *f = field_get(id);
	union field_value value = { .b = { 0 } }, mask = { .b = { 0 } };

	field_value_set_ones(f, &mask);
	for (size_t i = 0; i < f->n_bytes; i++) {
		if (f->maskable && random_range(3) == 0 && id != FIELD_VLAN_VID)
			mask.b[i] &= (uint8_t)random_u32();
		value.b[i] = (uint8_t)random_u32() & mask.b[i];
	}
	if (id == FIELD_VLAN_VID)
		value.be16 |= htons(FLOW_VLAN_PRESENT);
	if (id == FIELD_IN_PORT_OXM)
		value.be32 = htonl(random_range(0xff00));
	if (field_prerequisites_ok(f, &m->value, &m->mask))
		match_set_field(m, f, &value, &mask);
}

static void
random_match(struct match *m)
{
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x0806, 0x8847, 0x88e7, 0x1234 };
	static const uint8_t protos[] = { 6, 17, 132, 1, 58, 99 };

	match_init_catchall(m);
	if (random_range(4) != 0)
		match_set_eth_type(m, types[random_range(ARRAY_SIZE(types))]);
	if (random_range(3) != 0
		&& (m->value.eth_type == htons(0x0800) || m->value.eth_type == htons(0x86dd)))
		match_set_ip_proto(m, protos[random_range(ARRAY_SIZE(protos))]);
	for (unsigned int i = 0; i < 8; i++) {
		enum field_id id = (enum field_id)random_range(N_FIELDS);

		/* Not the ones set above, other names for them, and those that no message can
		 * carry. */
		if (field_get(id)->oxms[0].since == 0 || id == FIELD_ETH_TYPE
			|| id == FIELD_IP_PROTO || id == FIELD_PACKET_TYPE
			|| id == FIELD_ACTSET_OUTPUT
			|| (field_is_secondary(field_get(id)) && id != FIELD_IN_PORT_OXM)
			|| id == FIELD_ICMPV6_TYPE || id == FIELD_TUN_IPV6_SRC
			|| id == FIELD_TUN_IPV6_DST || id == FIELD_VLAN_TCI)
			continue;
		add_random(m, id);
	}
	/* What was set later may have taken away what was needed before. */
	(void)match_normalize(m);
}

/* I2: what is encoded decodes to the same, in OXM and NXM. */
static void
test_oxm_random_roundtrip(void)
{
	uint32_t seed = 20;
	unsigned int same = 0;

	printf("\nseed %u ", seed);
	random_seed(seed);
	for (unsigned int i = 0; i < 20000; i++) {
		struct match m, back;

		random_match(&m);
		for (unsigned int v = 0; v < 2; v++) {
			enum of_version version = v == 0 ? OF_VERSION_13 : OF_VERSION_10;
			struct of_buf b = OF_BUF_INIT;
			enum oferror error;

			of_oxm_put_match(version, &m, &b);
			error = of_oxm_decode(b.data, b.len, true, &back);
			if (error != OFERROR_OK || !match_equal(&m, &back)) {
				printf("\n%s: %s %s\n", v == 0 ? "OXM" : "NXM", text_of(&m),
					oferror_name(error));
				printf("back %s\n", text_of(&back));
				CU_FAIL("match changed on the way");
				i = 20000;
			} else {
				same++;
			}
			of_buf_uninit(&b);
		}
	}
	CU_ASSERT_EQUAL(same, 40000);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_oxm_decode),
		CHECK_CASE(test_oxm_errors),
		CHECK_CASE(test_oxm_loose_passes_over_unknown_fields),
		CHECK_CASE(test_oxm_match_struct),
		CHECK_CASE(test_oxm_encode_bytes),
		CHECK_CASE(test_match10_decode),
		CHECK_CASE(test_match10_knows_its_limits),
		CHECK_CASE(test_oxm_random_roundtrip),
	};

	return check_run("openflow/oxm", cases, ARRAY_SIZE(cases));
}
