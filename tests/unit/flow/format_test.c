/* SPDX-License-Identifier: Apache-2.0 */
/* flow/format: match text is what ovs-ofctl reads and prints, and survives a round trip. */

#include "flow/format.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"
#include "flow/extract.h"
#include "flow/ofp_port.h"
#include "sample_packets.h"

static const char *
port_name(void *aux, uint32_t port)
{
	(void)aux;
	return port == 3 ? "eth0" : port == 4 ? "a/b" : NULL;
}

static bool
port_number(void *aux, const char *name, uint32_t *port)
{
	(void)aux;
	*port = strcmp(name, "eth0") == 0 ? 3 : 4;
	return strcmp(name, "eth0") == 0 || strcmp(name, "a/b") == 0;
}

static const struct format_ports ports = { .name = port_name, .number = port_number };

/* Text to match to text. */
static void
expect(const char *in, const char *want, const struct format_ports *p)
{
	struct err err = ERR_INIT;
	struct str out = STR_INIT;
	struct match m, again;

	if (match_parse(in, p, &m, &err) != 0) {
		printf("\n'%s': %s\n", in, err.text);
		CU_FAIL("does not parse");
		return;
	}
	(void)match_format(&m, p, &out);
	if (strcmp(str_cstr(&out), want) != 0) {
		printf("\n'%s' gives '%s', not '%s'\n", in, str_cstr(&out), want);
		CU_FAIL("formats differently");
	}
	CU_ASSERT_EQUAL(match_parse(str_cstr(&out), p, &again, &err), 0);
	CU_ASSERT_TRUE(match_equal(&m, &again));
	str_uninit(&out);
}

/* The right-hand sides are what Open vSwitch 3.1's ovs-ofctl printed for the left-hand ones. */
static void
test_format_prints_as_ofctl_does(void)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "ip", "ip" },
		{ "tcp,tp_dst=80", "tcp,tp_dst=80" },
		{ "udp,udp_src=5", "udp,tp_src=5" },
		{ "sctp sctp_dst=7", "sctp,tp_dst=7" },
		{ "icmp,icmp_type=8,icmp_code=0", "icmp,icmp_type=8,icmp_code=0" },
		{ "icmp6,icmp_type=135,nd_target=fe80::1,nd_sll=00:11:22:33:44:55",
			"icmp6,icmp_type=135,nd_target=fe80::1,nd_sll=00:11:22:33:44:55" },
		{ "icmp6,icmpv6_type=136,icmpv6_code=0,nd_tll=00:11:22:33:44:55",
			"icmp6,icmp_type=136,icmp_code=0,nd_tll=00:11:22:33:44:55" },
		{ "arp,arp_spa=1.2.3.4,arp_op=1,arp_sha=0:0:0:0:0:1",
			"arp,arp_spa=1.2.3.4,arp_op=1,arp_sha=00:00:00:00:00:01" },
		{ "rarp,arp_tpa=1.2.3.4/24", "rarp,arp_tpa=1.2.3.0/24" },
		{ "dl_vlan=5", "dl_vlan=5" },
		{ "dl_vlan=5,dl_vlan_pcp=3", "dl_vlan=5,dl_vlan_pcp=3" },
		{ "dl_vlan_pcp=3", "dl_vlan_pcp=3" },
		{ "vlan_pcp=3", "dl_vlan_pcp=3" },
		{ "vlan_tci=0x1005/0x1fff", "dl_vlan=5" },
		{ "vlan_vid=0x1000/0x1000", "vlan_tci=0x1000/0x1000" },
		{ "vlan_tci=0", "vlan_tci=0x0000" },
		{ "vlan_tci=0x1234/0x1f0f", "vlan_tci=0x1204/0x1f0f" },
		{ "vlan_tci=0x3005", "dl_vlan=5,dl_vlan_pcp=1" },
		{ "vlan_tci=0/0x1000", "vlan_tci=0x0000/0x1000" },
		{ "dl_vlan=0xffff", "vlan_tci=0x0000" },
		{ "vlan_vid=0x1005", "dl_vlan=5" },
		{ "vlan_vid=0x1004/0x100c", "vlan_tci=0x1004/0x100c" },
		{ "in_port=LOCAL", "in_port=LOCAL" },
		{ "in_port=65534", "in_port=LOCAL" },
		{ "in_port=3", "in_port=3" },
		{ "in_port=controller", "in_port=CONTROLLER" },
		{ "ip,nw_src=1.2.3.4/255.0.255.0", "ip,nw_src=1.0.3.0/255.0.255.0" },
		{ "ip,nw_tos=32", "ip,nw_tos=32" },
		{ "ip,ip_dscp=8,nw_ecn=2", "ip,nw_tos=32,nw_ecn=2" },
		{ "ip,nw_ttl=64", "ip,nw_ttl=64" },
		{ "ip,nw_frag=first", "ip,nw_frag=first" },
		{ "ip,ip_frag=no", "ip,nw_frag=no" },
		{ "ip,ip_frag=later", "ip,nw_frag=later" },
		{ "ip,ip_frag=not_later", "ip,nw_frag=not_later" },
		{ "ip,ip_frag=yes", "ip,nw_frag=yes" },
		{ "ipv6,ipv6_src=fe80::/10,ipv6_label=0x55",
			"ipv6,ipv6_src=fe80::/10,ipv6_label=0x00055" },
		{ "ipv6,ipv6_label=0/0xf0", "ipv6,ipv6_label=0x00000/0x000f0" },
		{ "mpls,mpls_label=5,mpls_tc=2,mpls_bos=1,mpls_ttl=4",
			"mpls,mpls_label=5,mpls_tc=2,mpls_ttl=4,mpls_bos=1" },
		{ "mplsm", "mplsm" },
		{ "dl_type=0x88cc", "dl_type=0x88cc" },
		{ "dl_type=0x8847", "mpls" },
		{ "dl_type=0x1234,dl_vlan=3", "dl_vlan=3,dl_type=0x1234" },
		{ "ip,nw_proto=6", "tcp" },
		{ "ip,nw_proto=50", "ip,nw_proto=50" },
		{ "ip,nw_proto=2", "ip,nw_proto=2" },
		{ "ipv6,nw_proto=58", "icmp6" },
		{ "tcp6,tcp_flags=+syn-ack", "tcp6,tcp_flags=+syn-ack" },
		{ "tcp,tcp_flags=0x12", "tcp,tcp_flags=syn|ack" },
		{ "tcp,tcp_flags=0x12/0x13", "tcp,tcp_flags=-fin+syn+ack" },
		{ "tcp,tcp_flags=0x200/0x300", "tcp,tcp_flags=-ns+[200]" },
		{ "tcp,tcp_flags=0x202", "tcp,tcp_flags=syn|[200]" },
		{ "dl_type=0x86dd,nw_proto=6,tcp_flags=0", "tcp6,tcp_flags=0" },
		{ "metadata=5", "metadata=0x5" },
		{ "metadata=0", "metadata=0" },
		{ "metadata=5/0xff", "metadata=0x5/0xff" },
		{ "reg0=5,reg1=7/0xf", "reg0=0x5,reg1=0x7/0xf" },
		{ "reg0=0/1", "reg0=0/0x1" },
		{ "xreg1=9", "reg2=0,reg3=0x9" },
		{ "xxreg1=0x1234", "reg4=0,reg5=0,reg6=0,reg7=0x1234" },
		{ "reg15=0x99", "reg15=0x99" },
		{ "tun_id=7", "tun_id=0x7" },
		{ "tunnel_id=7/0xff", "tun_id=0x7/0xff" },
		{ "tun_src=1.2.3.4", "tun_src=1.2.3.4" },
		{ "tun_dst=1.2.3.0/24", "tun_dst=1.2.3.0/24" },
		{ "tun_dst=0.0.0.0", "tun_dst=0.0.0.0" },
		{ "tun_ipv6_dst=2001::1", "tun_ipv6_dst=2001::1" },
		{ "tun_flags=+oam", "tun_flags=+oam" },
		{ "tun_gbp_id=5,tun_gbp_flags=3", "tun_gbp_id=5,tun_gbp_flags=0x3" },
		{ "ct_state=+trk+new-est", "ct_state=+new-est+trk" },
		{ "ct_state=0x21", "ct_state=new|trk" },
		{ "ct_state=0", "ct_state=0" },
		{ "ct_zone=5,ct_mark=0x6/0xf,ct_label=0x12/0xff",
			"ct_zone=5,ct_mark=0x6/0xf,ct_label=0x12/0xff" },
		{ "ct_label=0/1", "ct_label=0/0x1" },
		{ "pkt_mark=5", "pkt_mark=0x5" },
		{ "recirc_id=3", "recirc_id=0x3" },
		{ "dp_hash=3", "dp_hash=0x3" },
		{ "conj_id=5", "conj_id=5" },
		{ "actset_output=5", "actset_output=5" },
		{ "packet_type=(1,0x800)", "packet_type=(1,0x800)" },
		{ "dl_src=00:11:22:33:44:55/ff:ff:ff:00:00:00",
			"dl_src=00:11:22:00:00:00/ff:ff:ff:00:00:00" },
		{ "dl_dst=ff:ff:ff:ff:ff:ff,eth_src=0:1:2:3:4:5",
			"dl_src=00:01:02:03:04:05,dl_dst=ff:ff:ff:ff:ff:ff" },
		{ "eth_type=0x800,ip_proto=17,udp_dst=67/0xfff0", "udp,tp_dst=0x40/0xfff0" },
		{ "arp,nw_src=1.2.3.4,nw_proto=2", "arp,arp_spa=1.2.3.4,arp_op=2" },
		{ "udp6,tp_src=1,ipv6_dst=::1/::ff", "udp6,ipv6_dst=::1/::ff,tp_src=1" },
		{ "tcp,nw_src=10.0.0.1,tp_dst=80,in_port=1,dl_vlan=5,metadata=3,reg3=4,ct_state=+trk,dl_src=00:00:00:00:00:01,"
		  "nw_ttl=4,nw_tos=8,nw_ecn=1,ip_frag=yes,tun_id=3,tun_src=1.1.1.1,pkt_mark=4",
			"pkt_mark=0x4,ct_state=+trk,tcp,reg3=0x4,tun_id=0x3,tun_src=1.1.1.1,metadata=0x3,in_port=1,dl_vlan=5,"
			"dl_src=00:00:00:00:00:01,nw_src=10.0.0.1,nw_tos=8,nw_ecn=1,nw_ttl=4,nw_frag=yes,tp_dst=80" },
		{ "icmp6,icmp_type=135,icmp_code=0,nd_reserved=5,nd_options_type=1",
			"icmp6,icmp_type=135,icmp_code=0,nd_reserved=5,nd_options_type=1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect(cases[i][0], cases[i][1], NULL);
}

static void
test_format_knows_port_names(void)
{
	expect("in_port=eth0", "in_port=eth0", &ports);
	expect("in_port=3", "in_port=eth0", &ports);
	expect("in_port=\"a/b\"", "in_port=\"a/b\"", &ports);
	expect("in_port=5", "in_port=5", &ports);
}

static void
test_format_refuses_nonsense(void)
{
	static const char *const bad[] = { "foo=1", "icmp,icmp_type=300", "dl_vlan=4096",
		"nw_src=1.2.3", "dl_src=1:2", "tcp,tp_src=70000", "ct_state=+foo",
		"ct_state=+trk-trk", "reg0=0x123456789", "nw_frag=x", "dl_vlan_pcp=9",
		"ip,nw_src=1.2.3.4/33", "in_port=eth0", "metadata", "ip,nw_src=", "ip=3",
		"dl_type=0x800/0xff00", "tp_src=-1", "tp_src=1/0x10000", "tcp_flags=syn|",
		"tcp_flags=|syn", "ct_state=", "xxreg0=0x1ffffffffffffffffffffffffffffffff",
		"packet_type=(1", "packet_type=1,2", "=5", "nw_tos=3", "reg0=5/",
		"dl_src=00:11:22:33:44:55:66", "nw_src=1.2.3.4/1.2", "ipv6_src=fe80::1/129",
		"arp_op=256" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err err = ERR_INIT;
		struct match m;

		CU_ASSERT_EQUAL(match_parse(bad[i], NULL, &m, &err), -EINVAL);
		CU_ASSERT_TRUE(err.text[0] != '\0');
	}
	struct match m;

	CU_ASSERT_EQUAL(match_parse_term(&m, "priority", "5", NULL, NULL), -ENOENT);
}

/* Every field in a match with its prerequisites, with random values and masks. */
static void
test_format_round_trip_of_random_matches(void)
{
	static const char *const words[] = { "", "ip", "tcp", "udp", "sctp", "icmp", "ipv6", "tcp6",
		"udp6", "icmp6", "icmp6,icmp_type=135", "icmp6,icmp_type=136", "arp", "rarp",
		"mpls", "mplsm", "dl_type=0x88e7", "ip,nw_proto=99", "dl_vlan=9",
		"ct_state=+trk-inv,ip", "eth" };

	for (unsigned int i = 0; i < 40000; i++) {
		struct err err = ERR_INIT;
		struct str out = STR_INIT;
		struct match m, again;

		CU_ASSERT_EQUAL(match_parse(words[i % ARRAY_SIZE(words)], NULL, &m, &err), 0);
		for (unsigned int k = random_range(6); k > 0; k--) {
			const struct field *f = field_get((enum field_id)random_range(N_FIELDS));
			union field_value v, mask;

			if (!field_prerequisites_ok(f, &m.value, &m.mask)
				|| field_id(f) == FIELD_ETH_TYPE || field_id(f) == FIELD_PACKET_TYPE
				|| field_id(f) == FIELD_IP_PROTO)
				continue;
			field_value_set_ones(f, &mask);
			for (unsigned int b = 0; b < f->n_bytes; b++) {
				v.b[b] = (uint8_t)random_u32() & mask.b[b];
				if (f->maskable && random_range(2) == 0)
					mask.b[b] &= (uint8_t)random_u32();
			}
			/* Numbers between the two kinds of port have no 16-bit form. */
			if (f->format == FIELD_FMT_PORT)
				field_value_set_u64(f, &v, random_range(0xff00));
			match_set_field(&m, f, &v, &mask);
		}
		(void)match_format(&m, NULL, &out);
		if (match_parse(str_cstr(&out), NULL, &again, &err) != 0
			|| !match_equal(&m, &again)) {
			printf("\n'%s' (%s)\n", str_cstr(&out), err.text);
			CU_FAIL("round trip");
		}
		str_uninit(&out);
	}
}

static void
test_format_prints_keys(void)
{
	struct craft c;
	struct flow key;
	struct str out = STR_INIT;

	sample_make(&c, SAMPLE_ICMP);
	flow_extract(c.data, (uint32_t)c.len, 1, &key, NULL);
	flow_format(&key, NULL, &out);
	CU_ASSERT_STRING_EQUAL(str_cstr(&out),
		"icmp,in_port=1,vlan_tci=0x0000,dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:00:0b,nw_src=10.0.0.1,"
		"nw_dst=10.0.1.2,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,icmp_type=8,icmp_code=0");
	str_clear(&out);
	sample_make(&c, SAMPLE_ARP);
	flow_extract(c.data, (uint32_t)c.len, 1, &key, NULL);
	flow_format(&key, NULL, &out);
	CU_ASSERT_STRING_EQUAL(str_cstr(&out),
		"arp,in_port=1,vlan_tci=0x0000,dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:00:0b,arp_spa=10.0.0.1,"
		"arp_tpa=10.0.1.2,arp_op=1,arp_sha=02:00:00:00:00:0a,arp_tha=02:00:00:00:00:0b");
	str_uninit(&out);
}

/* The match on all that flow_format() prints of a key matches that packet. */
static void
test_format_of_key_matches_packet(void)
{
	for (unsigned int s = 0; s < N_SAMPLES; s++) {
		struct err err = ERR_INIT;
		struct str out = STR_INIT;
		struct craft c;
		struct flow key;
		struct match m;

		sample_make(&c, (enum sample)s);
		flow_extract(c.data, (uint32_t)c.len, 1, &key, NULL);
		flow_format(&key, NULL, &out);
		CU_ASSERT_EQUAL(match_parse(str_cstr(&out), NULL, &m, &err), 0);
		CU_ASSERT_TRUE(match_matches(&m, &key));
		CU_ASSERT_FALSE(match_is_catchall(&m));
		str_uninit(&out);
	}
}

static void
expect_datapath(enum sample which, const struct flow *mask, const char *want)
{
	struct craft c;
	struct flow key;
	struct str out = STR_INIT;

	sample_make(&c, which);
	flow_extract(c.data, (uint32_t)c.len, 1, &key, NULL);
	flow_format_datapath(&key, mask, NULL, NULL, &out);
	if (strcmp(str_cstr(&out), want) != 0)
		printf("\n'%s', not '%s'\n", str_cstr(&out), want);
	CU_ASSERT_STRING_EQUAL(str_cstr(&out), want);
	str_uninit(&out);
}

static void
test_format_prints_datapath_keys(void)
{
	struct flow mask;

	memset(&mask, 0, sizeof mask);
	mask.in_port = UINT32_MAX;
	mask.eth_type = 0xffff;
	mask.ip_frag = 3;
	mask.ip_dst = htonl(0xff000000);
	mask.vlan_tci = 0xffff;
	expect_datapath(SAMPLE_TCP, &mask,
		"recirc_id(0),in_port(1),vlan(none),eth_type(0x0800),ipv4(dst=10.0.0.0/255.0.0.0,frag=no)");
	mask.vlan2_tci = 0xffff;
	mask.ip_dst = 0;
	mask.ip_proto = 0xff;
	mask.l4_dst = 0xffff;
	expect_datapath(SAMPLE_QINQ_UDP, &mask,
		"recirc_id(0),in_port(1),eth_type(0x88a8),vlan(vid=100,pcp=0),encap(eth_type(0x8100),vlan(vid=200,pcp=3),"
		"encap(eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=80)))");
	memset(&mask, 0xff, sizeof mask);
	mask.vlan_tci = 0;
	expect_datapath(SAMPLE_NS, &mask,
		"recirc_id(0),in_port(1),eth(src=02:00:00:00:00:0a,dst=02:00:00:00:00:0b),eth_type(0x86dd),"
		"ipv6(src=fe80::a,dst=2001:db8::b,label=0x00000,proto=58,tclass=0,hlimit=64,frag=no),ipv6_exthdrs(hdrs=0),"
		"icmpv6(type=135,code=0),nd(target=2001:db8::b,sll=02:00:00:00:00:0a,tll=00:00:00:00:00:00)");
	memset(&mask, 0, sizeof mask);
	expect_datapath(SAMPLE_ARP, &mask, "recirc_id(0)");
}

static void
test_format_splits_terms(void)
{
	char text[] = "a=1, b  c(d,(e),f) , g=(1,2),h=\"x, y\",i";
	static const char *const want[][2] = { { "a", "1" }, { "b", "" }, { "c", "d,(e),f" },
		{ "g", "(1,2)" }, { "h", "\"x, y\"" }, { "i", "" } };
	char *cursor = text, *key, *value;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		CU_ASSERT_TRUE_FATAL(format_next_term(&cursor, &key, &value));
		CU_ASSERT_STRING_EQUAL(key, want[i][0]);
		CU_ASSERT_STRING_EQUAL(value, want[i][1]);
	}
	CU_ASSERT_FALSE(format_next_term(&cursor, &key, &value));
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_format_prints_as_ofctl_does),
		CHECK_CASE(test_format_knows_port_names),
		CHECK_CASE(test_format_refuses_nonsense),
		CHECK_CASE(test_format_round_trip_of_random_matches),
		CHECK_CASE(test_format_prints_keys),
		CHECK_CASE(test_format_of_key_matches_packet),
		CHECK_CASE(test_format_prints_datapath_keys),
		CHECK_CASE(test_format_splits_terms),
	};

	random_seed(14);
	return check_run("flow/format", cases, ARRAY_SIZE(cases));
}
