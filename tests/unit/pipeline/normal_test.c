/* SPDX-License-Identifier: Apache-2.0 */
/* NORMAL: flooding, learning, VLAN modes. */

#include "fixture.h"

#define A "dl_src=02:00:00:00:00:0a"
#define TO_A "dl_dst=02:00:00:00:00:0a"
#define B "dl_src=02:00:00:00:00:0b"
#define TO_B "dl_dst=02:00:00:00:00:0b"
#define TO_ALL "dl_dst=ff:ff:ff:ff:ff:ff"

static struct bridge *
setup(struct fixture *fx)
{
	struct bridge *b;

	fx_init(fx);
	b = fx_bridge(fx, "br0", BRIDGE_FAIL_STANDALONE);
	CU_ASSERT_EQUAL(bridge_n_flows(b), 1);
	return b;
}

static void
test_normal_learns_where_addresses_are(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	unsigned int n;

	fx_port(b, "p1", 11);
	fx_port(b, "p2", 12);
	fx_port(b, "p3", 13);
	FX_EXPECT(&fx, 11, A "," TO_B, "12,13");
	FX_EXPECT_MASK(&fx,
		"recirc_id=0,in_port=11,vlan_tci=0x0000/0x1fff,dl_src=02:00:00:00:00:0a,dl_dst=02:"
		"00:00:00:00:0b");
	/* Learning is an effect of the credit, and asks for a rejudge. */
	n = fx.n_rejudges;
	fx_settle(&fx);
	CU_ASSERT(fx.n_rejudges > n);
	FX_EXPECT(&fx, 12, B "," TO_A, "11");
	fx_settle(&fx);
	FX_EXPECT(&fx, 11, A "," TO_B, "12");
	/* Known already: no more rejudging. */
	n = fx.n_rejudges;
	FX_EXPECT(&fx, 12, B "," TO_A, "11");
	fx_settle(&fx);
	CU_ASSERT_EQUAL(fx.n_rejudges, n);
	FX_EXPECT(&fx, 13, B "," TO_ALL, "11,12");
	fx_settle(&fx);
	FX_EXPECT(&fx, 11, A "," TO_B, "13"); /* It moved. */
	FX_EXPECT(&fx, 11, B "," TO_A, "drop(hairpin)");
	fx_settle(&fx);
	bridge_remove_port(b, 3);
	FX_EXPECT(&fx, 12, "dl_src=02:00:00:00:00:0c," TO_ALL, "11");
	bridge_mac_flush(b);
	FX_EXPECT(&fx, 12, "dl_src=02:00:00:00:00:0c," TO_A, "11");
	fx_uninit(&fx);
}

static void
test_normal_translation_has_no_effects(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	struct miss_verdict v;
	struct flow key;
	uint32_t port;

	fx_port(b, "p1", 11);
	fx_port(b, "p2", 12);
	pipeline_run(fx.p);
	fx_key(A "," TO_B, 11, &key);
	program_buf_init(&v.program);
	pipeline_miss_ops.translate(fx.p, &key, &v);
	fx_settle(&fx);
	CU_ASSERT(!mac_table_lookup(bridge_mac_table(b), 0, key.eth_src, &port));
	/* Nor has a credit of nothing. */
	pipeline_miss_ops.credit(fx.p, v.contribs, &key, 0, 0, 0, 0);
	fx_settle(&fx);
	CU_ASSERT(!mac_table_lookup(bridge_mac_table(b), 0, key.eth_src, &port));
	pipeline_miss_ops.credit(fx.p, v.contribs, &key, 1, 60, 0, clock_ms());
	fx_settle(&fx);
	CU_ASSERT(mac_table_lookup(bridge_mac_table(b), 0, key.eth_src, &port));
	CU_ASSERT_EQUAL(port, 1);
	pipeline_miss_ops.contribs_free(fx.p, v.contribs);
	program_buf_uninit(&v.program);
	fx_uninit(&fx);
}

static void
test_normal_vlan_modes(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_vlan_port(b, "a10", 1, BRIDGE_VLAN_ACCESS, 10);
	fx_vlan_port(b, "b10", 2, BRIDGE_VLAN_ACCESS, 10);
	fx_vlan_port(b, "c20", 3, BRIDGE_VLAN_ACCESS, 20);
	fx_vlan_port(b, "trunk", 4, BRIDGE_VLAN_TRUNK, 0);
	fx_vlan_port(b, "nt10", 5, BRIDGE_VLAN_NATIVE_TAGGED, 10);
	fx_vlan_port(b, "nu10", 6, BRIDGE_VLAN_NATIVE_UNTAGGED, 10);
	/* From an access port: as it is to those without a tag, then tagged. */
	FX_EXPECT(&fx, 1, A "," TO_ALL, "2,6,push_vlan(vid=10,pcp=0),4,5");
	FX_EXPECT(&fx, 3, A "," TO_ALL, "push_vlan(vid=20,pcp=0),4,5,6");
	/* From a trunk. */
	FX_EXPECT(&fx, 4, A "," TO_ALL ",dl_vlan=10", "5,pop_vlan,1,2,6");
	FX_EXPECT(&fx, 4, A "," TO_ALL ",dl_vlan=20", "5,6,pop_vlan,3");
	FX_EXPECT(&fx, 4, A "," TO_ALL, "5,6"); /* VLAN 0 is one of all that they trunk. */
	FX_EXPECT(&fx, 5, A "," TO_ALL, "1,2,6,push_vlan(vid=10,pcp=0),4");
	FX_EXPECT(&fx, 5, A "," TO_ALL ",dl_vlan=10", "4,pop_vlan,1,2,6");
	/* An access port takes no tags but priority tags. */
	FX_EXPECT(&fx, 1, A "," TO_ALL ",dl_vlan=10", "drop(vlan_mismatch)");
	FX_EXPECT(&fx, 1, A "," TO_ALL ",vlan_tci=0x7000",
		"clone(pop_vlan,2,6),set(vlan(vid=10,pcp=3)),4,5");
	/* The reserved VLAN is dead. */
	FX_EXPECT(&fx, 4, A "," TO_ALL ",dl_vlan=4095", "drop(vlan_mismatch)");
	/* Learned per VLAN. */
	fx_settle(&fx);
	FX_EXPECT(&fx, 2, B "," TO_A, "1");
	fx_uninit(&fx);
}

static void
test_normal_vlan_learning_is_per_vlan(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_vlan_port(b, "a10", 1, BRIDGE_VLAN_ACCESS, 10);
	fx_vlan_port(b, "b20", 2, BRIDGE_VLAN_ACCESS, 20);
	fx_vlan_port(b, "t1", 3, BRIDGE_VLAN_TRUNK, 0);
	fx_vlan_port(b, "t2", 4, BRIDGE_VLAN_TRUNK, 0);
	(void)fx_send(&fx, 1, A "," TO_ALL);
	fx_settle(&fx);
	FX_EXPECT(&fx, 3, B "," TO_A ",dl_vlan=10", "pop_vlan,1");
	FX_EXPECT(&fx, 3, B "," TO_A ",dl_vlan=20", "4,pop_vlan,2");
	fx_uninit(&fx);
}

static void
test_normal_reserved_multicast_stays(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	struct bridge_config config = *bridge_get_config(b);

	fx_port(b, "p1", 11);
	fx_port(b, "p2", 12);
	FX_EXPECT(&fx, 11, A ",dl_dst=01:80:c2:00:00:00", "drop(reserved_mac)");
	FX_EXPECT(&fx, 11, A ",dl_dst=01:80:c2:00:00:0e", "drop(reserved_mac)");
	FX_EXPECT(&fx, 11, A ",dl_dst=01:80:c2:00:00:10", "12");
	config.forward_bpdu = true;
	bridge_configure(b, &config);
	FX_EXPECT(&fx, 11, A ",dl_dst=01:80:c2:00:00:00", "12");
	fx_uninit(&fx);
}

static void
test_normal_trunks_protection_and_flood_vlans(void)
{
	unsigned long trunks[BRIDGE_VLAN_WORDS] = { 0 };
	struct bridge_port_config port = {
		.admin_up = true,
		.link_up = true,
		.vlan = { .mode = BRIDGE_VLAN_TRUNK, .trunks = trunks },
	};
	struct fixture fx;
	struct bridge *b = setup(&fx);
	struct bridge_config config = *bridge_get_config(b);

	trunks[0] = 1ul << 5;
	port.name = "t5";
	port.dp_port = 1;
	fx_port_config(b, &port);
	port.name = "prot1";
	port.dp_port = 2;
	port.vlan.trunks = NULL;
	port.vlan.is_protected = true;
	fx_port_config(b, &port);
	port.name = "prot2";
	port.dp_port = 3;
	fx_port_config(b, &port);
	FX_EXPECT(&fx, 1, A "," TO_ALL ",dl_vlan=5", "2,3");
	FX_EXPECT(&fx, 1, A "," TO_ALL ",dl_vlan=6", "drop(vlan_mismatch)");
	FX_EXPECT(&fx, 2, A "," TO_ALL ",dl_vlan=6", "drop(no_output)");
	FX_EXPECT(&fx, 2, A "," TO_ALL ",dl_vlan=5", "1");
	fx_settle(&fx);
	FX_EXPECT(&fx, 1, B "," TO_A ",dl_vlan=5", "2");
	/* A VLAN that always floods does not learn either. */
	config.flood_vlans = trunks;
	bridge_configure(b, &config);
	bridge_mac_flush(b);
	(void)fx_send(&fx, 2, A "," TO_ALL ",dl_vlan=5");
	fx_settle(&fx);
	FX_EXPECT(&fx, 1, B "," TO_A ",dl_vlan=5", "2,3");
	fx_uninit(&fx);
}

static void
test_normal_static_address(void)
{
	static const uint8_t a[6] = { 2, 0, 0, 0, 0, 0xa }, multicast[6] = { 1 };
	struct err err = { "" };
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_port(b, "p1", 11);
	fx_port(b, "p2", 12);
	fx_port(b, "p3", 13);
	CU_ASSERT(bridge_mac_add_static(b, a, 0, 9, &err) < 0);
	CU_ASSERT(bridge_mac_add_static(b, multicast, 0, 2, &err) < 0);
	CU_ASSERT_EQUAL(bridge_mac_add_static(b, a, 0, 2, &err), 0);
	FX_EXPECT(&fx, 11, B "," TO_A, "12");
	(void)fx_send(&fx, 13, A "," TO_ALL);
	fx_settle(&fx);
	FX_EXPECT(&fx, 11, B "," TO_A, "12");
	CU_ASSERT_EQUAL(bridge_mac_remove(b, a, 0), 0);
	CU_ASSERT(bridge_mac_remove(b, a, 0) < 0);
	FX_EXPECT(&fx, 11, B "," TO_A, "12,13");
	fx_uninit(&fx);
}

static void
test_normal_ages_addresses(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	unsigned int n;

	fx_port(b, "p1", 11);
	fx_port(b, "p2", 12);
	fx_port(b, "p3", 13);
	(void)fx_send(&fx, 11, A "," TO_ALL);
	fx_settle(&fx);
	FX_EXPECT(&fx, 12, B "," TO_A, "11");
	fx_settle(&fx);
	n = fx.n_rejudges;
	for (int i = 0; i < 302; i++) {
		clock_warp_ms(1000);
		fx_settle(&fx);
	}
	CU_ASSERT(fx.n_rejudges > n);
	FX_EXPECT(&fx, 12, B "," TO_A, "11,13");
	fx_uninit(&fx);
}

static void
test_normal_goes_through_patch_ports(void)
{
	struct fixture fx;
	struct bridge *a = setup(&fx), *b = fx_bridge(&fx, "br1", BRIDGE_FAIL_STANDALONE);

	fx_vlan_port(a, "a10", 1, BRIDGE_VLAN_ACCESS, 10);
	fx_patch(a, "to-b", "to-a");
	fx_vlan_port(a, "b10", 2, BRIDGE_VLAN_ACCESS, 10);
	fx_patch(b, "to-a", "to-b");
	fx_vlan_port(b, "c10", 3, BRIDGE_VLAN_ACCESS, 10);
	fx_vlan_port(b, "t", 4, BRIDGE_VLAN_TRUNK, 0);
	FX_EXPECT(&fx, 1, A "," TO_ALL, "2,push_vlan(vid=10,pcp=0),4,pop_vlan,3");
	fx_settle(&fx);
	FX_EXPECT(&fx, 3, B "," TO_A, "1");
	fx_uninit(&fx);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_normal_learns_where_addresses_are),
		CHECK_CASE(test_normal_translation_has_no_effects),
		CHECK_CASE(test_normal_vlan_modes),
		CHECK_CASE(test_normal_vlan_learning_is_per_vlan),
		CHECK_CASE(test_normal_reserved_multicast_stays),
		CHECK_CASE(test_normal_trunks_protection_and_flood_vlans),
		CHECK_CASE(test_normal_static_address),
		CHECK_CASE(test_normal_ages_addresses),
		CHECK_CASE(test_normal_goes_through_patch_ports),
	};

	return fx_main("normal", cases, ARRAY_SIZE(cases));
}
