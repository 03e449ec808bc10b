/* SPDX-License-Identifier: Apache-2.0 */
/* Translation of actions: programs and masks. */

#include "fixture.h"

static struct bridge *
setup(struct fixture *fx)
{
	struct bridge *b;

	fx_init(fx);
	b = fx_bridge(fx, "br0", BRIDGE_FAIL_SECURE);
	CU_ASSERT_EQUAL(fx_port(b, "p1", 11), 1);
	CU_ASSERT_EQUAL(fx_port(b, "p2", 12), 2);
	CU_ASSERT_EQUAL(fx_port(b, "p3", 13), 3);
	return b;
}

static void
test_translate_outputs(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	FX_EXPECT(&fx, 11, "ip", "drop(no_rule)");
	FX_EXPECT(&fx, 99, "ip", "drop(no_bridge)");
	fx_flow(b, "in_port=1,actions=output:2,output:3");
	FX_EXPECT(&fx, 11, "ip", "12,13");
	FX_EXPECT_MASK(&fx, "recirc_id=0,in_port=11");
	fx_flow(b, "in_port=1,actions=output:1");
	FX_EXPECT(&fx, 11, "ip", "drop(hairpin)");
	fx_flow(b, "in_port=1,actions=IN_PORT");
	FX_EXPECT(&fx, 11, "ip", "11");
	fx_flow(b, "in_port=1,actions=ALL");
	FX_EXPECT(&fx, 11, "ip", "12,13");
	fx_flow(b, "in_port=1,actions=FLOOD");
	FX_EXPECT(&fx, 11, "ip", "12,13");
	fx_flow(b, "in_port=1,actions=output:77");
	FX_EXPECT(&fx, 11, "ip", "drop(tx_no_port)");
	fx_flow(b, "in_port=1,actions=drop");
	FX_EXPECT(&fx, 11, "ip", "drop(rule_drop)");
	fx_uninit(&fx);
}

static void
test_translate_set_field_is_committed_before_output(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b,
		"in_port=1,actions=mod_dl_dst:00:00:00:00:00:07,output:2,mod_dl_dst:00:00:00:00:00:08,output:3");
	FX_EXPECT(&fx, 11, "ip",
		"set(eth(dst=00:00:00:00:00:07)),12,set(eth(dst=00:00:00:00:00:08)),13");
	/* The address is overwritten, so that it does not matter. */
	FX_EXPECT_MASK(&fx, "recirc_id=0,in_port=11");
	/* Edits behind the last output are nobody's. */
	fx_flow(b, "in_port=1,actions=output:2,mod_dl_dst:00:00:00:00:00:07");
	FX_EXPECT(&fx, 11, "ip", "12");
	/* What a rule matches exactly is known: nothing to change. */
	fx_flow(b,
		"in_port=1,priority=40000,dl_dst=00:00:00:00:00:09,actions=mod_dl_dst:00:00:00:00:00:09,output:2");
	FX_EXPECT(&fx, 11, "ip,dl_dst=00:00:00:00:00:09", "12");
	fx_flow(b, "in_port=2,tcp,actions=mod_nw_dst:10.0.0.1,mod_tp_dst:80,output:1");
	FX_EXPECT(&fx, 12, "tcp", "set(ipv4(dst=10.0.0.1)),set(ports(dst=80)),11");
	/* A later fragment has no port to set. */
	FX_EXPECT(&fx, 12, "tcp,ip_frag=later", "set(ipv4(dst=10.0.0.1)),11");
	fx_uninit(&fx);
}

/* "mod_tp_*" means the ports of whichever protocol the packet has. */
static void
test_translate_legacy_ports(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "in_port=1,actions=mod_tp_src:53,mod_tp_dst:80,output:2");
	FX_EXPECT(&fx, 11, "tcp", "set(ports(src=53,dst=80)),12");
	FX_EXPECT(&fx, 11, "udp", "set(ports(src=53,dst=80)),12");
	FX_EXPECT(&fx, 11, "udp6", "set(ports(src=53,dst=80)),12");
	FX_EXPECT(&fx, 11, "sctp", "set(ports(src=53,dst=80)),12");
	FX_EXPECT(&fx, 11, "icmp", "12");
	FX_EXPECT(&fx, 11, "arp", "12");
	/* Whether there is something to set depends on the protocol. */
	FX_EXPECT(&fx, 11, "udp,ip_frag=later", "12");
	FX_EXPECT_MASK(&fx, "recirc_id=0,udp,in_port=11,nw_frag=0x2/0x2");
	fx_uninit(&fx);
}

static void
test_translate_vlan(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "in_port=1,actions=push_vlan:0x8100,set_field:4101->vlan_vid,output:2");
	FX_EXPECT(&fx, 11, "ip", "push_vlan(vid=5,pcp=0),12");
	FX_EXPECT(&fx, 11, "ip,dl_vlan=9,dl_vlan_pcp=3", "push_vlan(vid=5,pcp=3),12");
	fx_flow(b, "in_port=1,actions=strip_vlan,output:2");
	FX_EXPECT(&fx, 11, "ip", "12");
	FX_EXPECT_MASK(&fx, "recirc_id=0,in_port=11,vlan_tci=0x0000/0x1000");
	FX_EXPECT(&fx, 11, "ip,dl_vlan=9", "pop_vlan,12");
	fx_flow(b, "in_port=1,actions=mod_vlan_vid:7,output:2,strip_vlan,output:3");
	FX_EXPECT(&fx, 11, "ip", "push_vlan(vid=7,pcp=0),12,pop_vlan,13");
	FX_EXPECT(&fx, 11, "ip,dl_vlan=9", "set(vlan(vid=7,pcp=0)),12,pop_vlan,13");
	/* Two levels: the inner tag becomes visible, and the mask says where it was. */
	fx_flow(b, "priority=40000,in_port=1,dl_vlan=9,actions=strip_vlan,goto_table:1");
	fx_flow(b, "table=1,dl_vlan=3,actions=output:3");
	struct flow key;

	fx_key("ip,dl_vlan=9", 11, &key);
	key.vlan2_tci = htons(FLOW_VLAN_PRESENT | 3);
	key.vlan2_tpid = htons(0x8100);
	CU_ASSERT_STRING_EQUAL(fx_send_key(&fx, &key), "pop_vlan,13");
	CU_ASSERT_EQUAL(fx.mask.vlan2_tci, htons(0x1fff));
	CU_ASSERT_EQUAL(fx.mask.vlan_tci, htons(0x1fff));
	key.vlan2_tci = 0;
	key.vlan2_tpid = 0;
	CU_ASSERT_STRING_EQUAL(fx_send_key(&fx, &key), "drop(no_rule)");
	CU_ASSERT_EQUAL(fx.mask.vlan2_tci, htons(0x1fff));
	fx_uninit(&fx);
}

static void
test_translate_mpls(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "in_port=1,ip,actions=push_mpls:0x8847,set_field:17->mpls_label,output:2");
	FX_EXPECT(&fx, 11, "ip,nw_ttl=33",
		"push_mpls(label=0,tc=0,ttl=33,bos=1,eth_type=0x8847),set(mpls(label=17,tc=0,ttl=33,bos=1)),12");
	fx_flow(b, "in_port=1,mpls,actions=pop_mpls:0x0800,output:2");
	FX_EXPECT(&fx, 11, "mpls,mpls_label=5,mpls_ttl=9", "pop_mpls(eth_type=0x800),12");
	/* What is behind the label was never parsed. */
	fx_flow(b, "in_port=1,mpls,actions=pop_mpls:0x0800,resubmit(,1)");
	fx_flow(b, "table=1,ip,nw_dst=10.0.0.0/8,actions=output:2");
	FX_EXPECT(&fx, 11, "mpls,mpls_label=5,mpls_ttl=9", "drop(unsupported)");
	fx_uninit(&fx);
}

static void
test_translate_ttl(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "in_port=1,actions=dec_ttl,output:2");
	FX_EXPECT(&fx, 11, "ip,nw_ttl=64", "set(ipv4(ttl=63)),12");
	FX_EXPECT_MASK(&fx, "recirc_id=0,ip,in_port=11,nw_ttl=64");
	FX_EXPECT(&fx, 11, "arp", "12");
	CU_ASSERT_PTR_NOT_NULL(strstr(fx_send(&fx, 11, "ip,nw_ttl=1"), "userspace"));
	CU_ASSERT_PTR_NULL(strstr(fx_send(&fx, 11, "ip,nw_ttl=1"), "12"));
	fx_uninit(&fx);
}

static void
test_translate_tables_and_sets(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b,
		"in_port=1,actions=write_actions(output:2,set_field:00:00:00:00:00:01->eth_dst),write_metadata:0x5/0xf,goto_table:1");
	fx_flow(b, "table=1,metadata=0x5,actions=output:3");
	FX_EXPECT(&fx, 11, "ip", "13,set(eth(dst=00:00:00:00:00:01)),12");
	fx_flow(b, "table=1,metadata=0x5,actions=clear_actions");
	FX_EXPECT(&fx, 11, "ip", "drop(rule_drop)");
	/* The last table has no rule: dropped, with its action set. */
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, "table=1"), OFERROR_OK);
	FX_EXPECT(&fx, 11, "ip", "drop(no_rule)");
	/* The set's order is its own. */
	fx_flow(b,
		"in_port=1,actions=write_actions(output:2,push_vlan:0x8100,set_field:4098->vlan_vid,dec_ttl)");
	FX_EXPECT(&fx, 11, "ip,nw_ttl=9", "push_vlan(vid=2,pcp=0),set(ipv4(ttl=8)),12");
	fx_uninit(&fx);
}

static void
test_translate_resubmit_and_registers(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b,
		"in_port=1,actions=load:3->NXM_NX_REG1[],move:NXM_NX_REG1[0..15]->NXM_NX_REG2[0..15],resubmit(,1),output:2");
	fx_flow(b, "table=1,reg2=3,actions=output:NXM_NX_REG1[]");
	FX_EXPECT(&fx, 11, "ip", "13,12");
	FX_EXPECT_MASK(&fx, "recirc_id=0,in_port=11");
	/* What a move reads counts, when something then depends on it. */
	fx_flow(b, "in_port=1,actions=move:NXM_OF_IP_DST[0..7]->NXM_NX_REG0[0..7],resubmit(,2)");
	fx_flow(b, "table=2,reg0=1,actions=output:2");
	FX_EXPECT(&fx, 11, "ip,nw_dst=10.0.0.1", "12");
	FX_EXPECT_MASK(&fx, "recirc_id=0,ip,in_port=11,nw_dst=0.0.0.1/0.0.0.255");
	FX_EXPECT(&fx, 11, "ip,nw_dst=10.0.0.2", "drop(no_rule)");
	/* The stack, and exit. */
	fx_flow(b,
		"in_port=1,actions=load:2->NXM_NX_REG0[],push:NXM_NX_REG0[],load:9->NXM_NX_REG0[],pop:NXM_NX_REG0[],output:NXM_NX_REG0[],exit,output:3");
	FX_EXPECT(&fx, 11, "ip", "12");
	/* The port of a resubmit counts for the lookup only. */
	fx_flow(b, "in_port=1,actions=resubmit(2,4)");
	fx_flow(b, "table=4,in_port=2,actions=output:2,IN_PORT");
	FX_EXPECT(&fx, 11, "ip", "12,11");
	/* Endless loops end. */
	fx_flow(b, "in_port=1,actions=output:2,resubmit(,0)");
	FX_EXPECT(&fx, 11, "ip", "drop(recursion)");
	fx_uninit(&fx);
}

static void
test_translate_controller(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	uint8_t mac[6] = { 0 };

	fx_flow(b, "priority=0,actions=CONTROLLER:128");
	FX_EXPECT(&fx, 11, "ip", "userspace(controller(reason=0,table=0,id=0,max_len=128))");
	CU_ASSERT_EQUAL(
		bridge_port_mod(b, 1, mac, BRIDGE_PORT_NO_PACKET_IN, BRIDGE_PORT_NO_PACKET_IN),
		OFERROR_OK);
	FX_EXPECT(&fx, 11, "ip", "drop(no_packet_in)");
	fx_flow(b, "priority=1,actions=CONTROLLER");
	FX_EXPECT(&fx, 11, "ip", "userspace(controller(reason=1,table=0,id=0,max_len=65535))");
	/* Sent as it is at that point. */
	fx_flow(b, "priority=1,actions=mod_dl_dst:00:00:00:00:00:07,CONTROLLER,output:2");
	FX_EXPECT(&fx, 11, "ip",
		"set(eth(dst=00:00:00:00:00:07)),"
		"userspace(controller(reason=1,table=0,id=0,max_len=65535)),12");
	fx_uninit(&fx);
}

static void
test_translate_port_config(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	uint8_t mac[6] = { 0 };

	fx_flow(b, "in_port=1,actions=FLOOD");
	CU_ASSERT_EQUAL(
		bridge_port_mod(b, 2, mac, BRIDGE_PORT_NO_FLOOD, BRIDGE_PORT_NO_FLOOD), OFERROR_OK);
	FX_EXPECT(&fx, 11, "ip", "13");
	CU_ASSERT_EQUAL(
		bridge_port_mod(b, 3, mac, BRIDGE_PORT_NO_FWD, BRIDGE_PORT_NO_FWD), OFERROR_OK);
	FX_EXPECT(&fx, 11, "ip", "drop(no_output)");
	fx_flow(b, "in_port=1,actions=output:3");
	FX_EXPECT(&fx, 11, "ip", "drop(port_no_fwd)");
	CU_ASSERT_EQUAL(
		bridge_port_mod(b, 1, mac, BRIDGE_PORT_NO_RECV, BRIDGE_PORT_NO_RECV), OFERROR_OK);
	FX_EXPECT(&fx, 11, "ip", "drop(port_no_recv)");
	CU_ASSERT_EQUAL(bridge_port_mod(b, 1, mac, BRIDGE_PORT_DOWN, BRIDGE_PORT_DOWN), OFERROR_OK);
	FX_EXPECT(&fx, 11, "ip", "drop(port_down)");
	mac[0] = 2;
	CU_ASSERT_EQUAL(bridge_port_mod(b, 1, mac, 0, 0), OFPPMFC_BAD_HW_ADDR);
	CU_ASSERT_EQUAL(bridge_port_mod(b, 9, mac, 0, 0), OFPPMFC_BAD_PORT);
	fx_uninit(&fx);
}

static void
test_translate_patch_ports(void)
{
	struct fixture fx;
	struct bridge *a = setup(&fx), *b = fx_bridge(&fx, "br1", BRIDGE_FAIL_SECURE);
	struct bridge_port_stats stats;

	CU_ASSERT_EQUAL(fx_patch(a, "to-b", "to-a"), 4);
	CU_ASSERT_EQUAL(fx_patch(b, "to-a", "to-b"), 1);
	CU_ASSERT_EQUAL(fx_port(b, "q2", 22), 2);
	fx_flow(a, "in_port=1,actions=load:1->NXM_NX_REG0[],output:4,output:2");
	/* The other bridge starts with registers of its own, and its edits are its own. */
	fx_flow(b, "in_port=1,reg0=0,actions=mod_dl_src:00:00:00:00:00:01,output:2");
	FX_EXPECT(&fx, 11, "ip", "clone(set(eth(src=00:00:00:00:00:01)),22),12");
	/* Nothing follows: no copy is needed. */
	fx_flow(a, "in_port=1,actions=output:2,output:4");
	FX_EXPECT(&fx, 11, "ip", "12,set(eth(src=00:00:00:00:00:01)),22");
	CU_ASSERT(bridge_get_port_stats(a, 4, &stats));
	CU_ASSERT_EQUAL(stats.tx_packets, 2);
	CU_ASSERT_EQUAL(stats.tx_bytes, 200);
	CU_ASSERT(bridge_get_port_stats(b, 1, &stats));
	CU_ASSERT_EQUAL(stats.rx_packets, 2);
	/* A loop of patch ports ends. */
	fx_flow(b, "in_port=1,actions=IN_PORT");
	fx_flow(a, "in_port=4,actions=IN_PORT");
	FX_EXPECT(&fx, 11, "ip", "drop(recursion)");
	/* A peer that goes away. */
	bridge_remove_port(b, 1);
	fx_flow(a, "in_port=1,actions=output:4");
	FX_EXPECT(&fx, 11, "ip", "drop(tx_no_port)");
	fx_uninit(&fx);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_translate_outputs),
		CHECK_CASE(test_translate_set_field_is_committed_before_output),
		CHECK_CASE(test_translate_legacy_ports),
		CHECK_CASE(test_translate_vlan),
		CHECK_CASE(test_translate_mpls),
		CHECK_CASE(test_translate_ttl),
		CHECK_CASE(test_translate_tables_and_sets),
		CHECK_CASE(test_translate_resubmit_and_registers),
		CHECK_CASE(test_translate_controller),
		CHECK_CASE(test_translate_port_config),
		CHECK_CASE(test_translate_patch_ports),
	};

	return fx_main("translate", cases, ARRAY_SIZE(cases));
}
