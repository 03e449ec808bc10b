/* SPDX-License-Identifier: Apache-2.0 */
/* Bridges: port numbers, flow modifications, transactions, timeouts, events, waiting. */

#include "action/program.h"
#include "fixture.h"
#include "openflow/flow_mod.h"
#include "pipeline/trace.h"

/* ---- Events go to the fixture's log ---- */

static void
on_packet_in(void *fx_, struct bridge *b UNUSED, const struct bridge_packet_in *pin)
{
	struct fixture *fx = fx_;

	str_printf(&fx->log, "packet_in(reason=%u,port=%u,table=%u,cookie=%llx,len=%u) ",
		pin->reason, pin->in_port, pin->table_id, (unsigned long long)pin->cookie,
		pin->len);
}

static void
on_flow_removed(void *fx_, struct bridge *b UNUSED, const struct bridge_flow_removed *r)
{
	struct fixture *fx = fx_;

	str_printf(&fx->log, "removed(reason=%u,prio=%u,packets=%llu,ms=%llu) ", r->reason,
		r->priority, (unsigned long long)r->n_packets, (unsigned long long)r->duration_ms);
}

static void
on_port_status(void *fx_, struct bridge *b UNUSED, enum port_status_reason reason,
	const struct bridge_port_info *info)
{
	struct fixture *fx = fx_;

	str_printf(
		&fx->log, "port(%d,%u,%s) ", reason, info->ofp_port, info->link_up ? "up" : "down");
}

static const struct bridge_events events = {
	.packet_in = on_packet_in,
	.flow_removed = on_flow_removed,
	.port_status = on_port_status,
};

static void
expect_log(struct fixture *fx, int line, const char *wanted)
{
	fx_same(line, "log", str_cstr(&fx->log), wanted);
	str_clear(&fx->log);
}

#define EXPECT_LOG(FX, TEXT) expect_log(FX, __LINE__, TEXT)

static struct bridge *
setup(struct fixture *fx)
{
	struct bridge *b;

	fx_init(fx);
	b = fx_bridge(fx, "br0", BRIDGE_FAIL_SECURE);
	fx_port(b, "p1", 11);
	fx_port(b, "p2", 12);
	bridge_set_events(b, &events, fx);
	return b;
}

/* ---- Dumps ---- */

static void
put_flow(void *out_, const struct bridge_flow_stats *s)
{
	struct str *out = out_;

	str_printf(out, "%u/%u:", s->table_id, s->priority);
	of_actions_format(&s->actions, NULL, out);
	str_printf(out, "(%llu)", (unsigned long long)s->n_packets);
	if (s->cookie != 0)
		str_printf(out, "c%llx", (unsigned long long)s->cookie);
	str_putc(out, ' ');
}

static void
expect_flows(struct fixture *fx, struct bridge *b, int line, const char *wanted)
{
	struct bridge_flow_filter all = {
		.table_id = BRIDGE_TABLE_ALL,
		.out_port = OFP_PORT_NONE,
		.out_group = OF_GROUP_ANY,
	};

	str_clear(&fx->program);
	bridge_dump_flows(b, &all, put_flow, &fx->program);
	fx_same(line, "flows", str_cstr(&fx->program), wanted);
}

#define EXPECT_FLOWS(FX, B, TEXT) expect_flows(FX, B, __LINE__, TEXT)

/* ---- Ports ---- */

static void
test_bridge_numbers_ports(void)
{
	struct bridge_port_config c = { .name = "x", .dp_port = UINT32_MAX };
	struct bridge_port_info info;
	struct err err = { "" };
	struct fixture fx;
	struct bridge *b = setup(&fx);
	uint32_t n;

	CU_ASSERT_EQUAL(fx_port(b, "p3", 13), 3);
	CU_ASSERT(bridge_add_port(b, &(struct bridge_port_config){ .name = "p3" }, &n, &err) < 0);
	bridge_remove_port(b, 2);
	CU_ASSERT_EQUAL(fx_port(b, "p4", 14), 4); /* Not 2, which may still be known to somebody. */
	c.ofport_request = 2;
	CU_ASSERT_EQUAL(fx_port_config(b, &c), 2);
	c.name = "y";
	CU_ASSERT_EQUAL(fx_port_config(b, &c), 5); /* 2 is taken. */
	c.name = "br0";
	c.ofport_request = OFP_PORT_LOCAL;
	CU_ASSERT_EQUAL(fx_port_config(b, &c), OFP_PORT_LOCAL);
	c.name = "br1";
	CU_ASSERT(bridge_add_port(b, &c, &n, &err) < 0);
	CU_ASSERT(strstr(err.text, "br1") != NULL);
	c.ofport_request = OFP_PORT_NORMAL;
	CU_ASSERT(bridge_add_port(b, &c, &n, &err) < 0);
	CU_ASSERT_EQUAL(bridge_n_ports(b), 6);
	n = 0;
	for (uint32_t p = 0; bridge_next_port(b, p, &info); p = info.ofp_port + 1)
		n = n * 10 + MIN(info.ofp_port, 9);
	CU_ASSERT_EQUAL(n, 123459);
	CU_ASSERT(bridge_find_port(b, "p4", &info));
	CU_ASSERT_EQUAL(info.dp_port, 14);
	CU_ASSERT(!bridge_find_port(b, "p2", &info));
	EXPECT_LOG(&fx,
		"port(0,3,up) port(1,2,up) port(0,4,up) port(0,2,down) port(0,5,down) "
		"port(0,4294967294,down) ");
	bridge_set_port_link(b, 1, true, false, 0, false);
	bridge_set_port_link(b, 1, true, false, 0, false);
	EXPECT_LOG(&fx, "port(2,1,down) ");
	fx_uninit(&fx);
}

/* A thousand ports one by one and back. */
static void
test_bridge_takes_many_ports(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	char name[16];

	for (uint32_t i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof name, "m%u", i);
		CU_ASSERT_EQUAL(fx_port(b, name, 100 + i), 3 + i);
	}
	fx_flow(b, "in_port=1002,actions=output:1");
	FX_EXPECT(&fx, 1099, "ip", "11");
	for (uint32_t i = 0; i < 1000; i++)
		bridge_remove_port(b, 3 + i);
	FX_EXPECT(&fx, 1099, "ip", "drop(no_bridge)");
	CU_ASSERT_EQUAL(bridge_n_ports(b), 2);
	fx_uninit(&fx);
}

/* ---- Flow modifications ---- */

static void
test_bridge_adds_and_replaces(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "priority=5,ip,cookie=0x1,actions=output:1");
	(void)fx_send(&fx, 12, "ip");
	EXPECT_FLOWS(&fx, b, "0/5:output:1(1)c1 ");
	/* The same match and priority: replaced, counters kept unless asked otherwise. */
	fx_flow(b, "priority=5,ip,cookie=0x2,actions=output:2");
	EXPECT_FLOWS(&fx, b, "0/5:output:2(1)c2 ");
	fx_flow(b, "priority=5,ip,reset_counts,actions=output:2");
	EXPECT_FLOWS(&fx, b, "0/5:output:2(0) ");
	fx_flow(b, "priority=6,ip,actions=drop");
	fx_flow(b, "table=253,priority=1,actions=drop");
	EXPECT_FLOWS(&fx, b, "0/6:drop(0) 0/5:output:2(0) 253/1:drop(0) ");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_ADD, "priority=5,tcp,check_overlap,actions=drop"),
		OFPFMFC_OVERLAP);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_ADD, "priority=5,arp,check_overlap,actions=drop"),
		OFERROR_OK);
	CU_ASSERT_EQUAL(
		fx_flow_mod(b, OF_FLOW_ADD, "table=254,actions=drop"), OFPFMFC_BAD_TABLE_ID);
	CU_ASSERT_EQUAL(bridge_n_flows(b), 4);
	EXPECT_LOG(&fx, "");
	fx_uninit(&fx);
}

static void
test_bridge_refuses_what_it_cannot_do(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_ADD, "actions=group:5"), OFPBAC_BAD_OUT_GROUP);
	CU_ASSERT_EQUAL(
		fx_flow_mod(b, OF_FLOW_ADD, "actions=meter:5,output:1"), OFPMMFC_INVALID_METER);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_ADD, "actions=enqueue:1:2"), OFPBAC_BAD_QUEUE);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_ADD, "actions=write_actions(set_queue:2)"),
		OFPBAC_BAD_QUEUE);
	CU_ASSERT_EQUAL(bridge_n_flows(b), 0);
	fx_uninit(&fx);
}

static void
test_bridge_modifies_and_deletes(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "priority=1,cookie=0x11,ip,actions=output:1");
	fx_flow(b, "priority=2,cookie=0x12,tcp,actions=output:1");
	fx_flow(b, "priority=3,cookie=0x21,arp,actions=output:2,output:1");
	fx_flow(b, "table=1,priority=4,udp,actions=output:2");
	(void)fx_send(&fx, 12, "tcp");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_MODIFY, "ip,actions=drop"), OFERROR_OK);
	EXPECT_FLOWS(
		&fx, b, "0/3:output:2,output:1(0)c21 0/2:drop(1)c12 0/1:drop(0)c11 1/4:drop(0) ");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_MODIFY_STRICT, "priority=1,ip,actions=output:2"),
		OFERROR_OK);
	CU_ASSERT_EQUAL(
		fx_flow_mod(b, OF_FLOW_MODIFY, "cookie=0x2/0x2,actions=output:2"), OFERROR_OK);
	EXPECT_FLOWS(&fx, b,
		"0/3:output:2,output:1(0)c21 0/2:output:2(1)c12 0/1:output:2(0)c11 1/4:drop(0) ");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, "out_port=1"), OFERROR_OK);
	EXPECT_FLOWS(&fx, b, "0/2:output:2(1)c12 0/1:output:2(0)c11 1/4:drop(0) ");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE_STRICT, "priority=9,ip"), OFERROR_OK);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, "cookie=0x12/-1"), OFERROR_OK);
	EXPECT_FLOWS(&fx, b, "0/1:output:2(0)c11 1/4:drop(0) ");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE_STRICT, "priority=1,ip"), OFERROR_OK);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, "table=0"), OFERROR_OK);
	EXPECT_FLOWS(&fx, b, "1/4:drop(0) ");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, ""), OFERROR_OK);
	EXPECT_FLOWS(&fx, b, "");
	fx_settle(&fx);
	fx_uninit(&fx);
}

static void
test_bridge_standalone_has_a_rule_of_its_own(void)
{
	struct bridge_config config = { .fail_mode = BRIDGE_FAIL_STANDALONE };
	struct err err = { "" };
	struct fixture fx;
	struct bridge *b;

	fx_init(&fx);
	CU_ASSERT_EQUAL_FATAL(bridge_create(fx.p, "br0", &config, &b, &err), 0);
	CU_ASSERT(bridge_create(fx.p, "br0", &config, &b, &err) < 0);
	b = pipeline_find_bridge(fx.p, "br0");
	EXPECT_FLOWS(&fx, b, "0/0:NORMAL(0) ");
	config.has_controllers = true;
	bridge_configure(b, &config);
	EXPECT_FLOWS(&fx, b, "");
	fx_flow(b, "actions=drop");
	config.has_controllers = false;
	bridge_configure(b, &config);
	EXPECT_FLOWS(&fx, b, "0/0:NORMAL(0) ");
	config.mac_ageing_s = 20;
	bridge_configure(b, &config);
	EXPECT_FLOWS(&fx, b, "0/0:NORMAL(0) ");
	fx_uninit(&fx);
}

/* ---- Transactions ---- */

static void
test_bridge_txn_is_all_or_nothing(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "priority=1,ip,send_flow_rem,actions=output:1");
	fx_flow(b, "priority=1,arp,actions=output:1");
	bridge_txn_begin(b);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, "ip"), OFERROR_OK);
	fx_flow(b, "priority=2,udp,actions=output:1");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_MODIFY, "actions=output:2"), OFERROR_OK);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE_STRICT, "priority=2,udp"), OFERROR_OK);
	/* Nothing of it is to be seen. */
	FX_EXPECT(&fx, 12, "ip", "11");
	FX_EXPECT(&fx, 12, "udp", "11");
	bridge_txn_abort(b);
	FX_EXPECT(&fx, 12, "ip", "11");
	EXPECT_FLOWS(&fx, b, "0/1:output:1(3) 0/1:output:1(0) ");
	fx_settle(&fx);
	EXPECT_LOG(&fx, "");

	bridge_txn_begin(b);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, "ip"), OFERROR_OK);
	fx_flow(b, "priority=2,udp,actions=output:2");
	FX_EXPECT(&fx, 12, "tcp", "11");
	bridge_txn_commit(b);
	FX_EXPECT(&fx, 12, "tcp", "drop(no_rule)");
	FX_EXPECT(&fx, 11, "udp", "12");
	EXPECT_FLOWS(&fx, b, "0/2:output:2(1) 0/1:output:1(0) ");
	fx_settle(&fx);
	EXPECT_LOG(&fx, "removed(reason=2,prio=1,packets=4,ms=0) ");
	fx_uninit(&fx);
}

/* ---- Events and waiting ---- */

static void
count_up(void *n)
{
	++*(unsigned int *)n;
}

static void
test_bridge_flow_removed_has_final_counters(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "priority=7,ip,send_flow_rem,actions=output:1");
	(void)fx_send(&fx, 12, "ip");
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, ""), OFERROR_OK);
	pipeline_run(fx.p);
	EXPECT_LOG(&fx, ""); /* The datapath may still forward by it. */
	pipeline_miss_ops.credit(fx.p, fx.contribs, &fx.key, 10, 1000, 0, clock_ms());
	fx_settle(&fx);
	EXPECT_LOG(&fx, "removed(reason=2,prio=7,packets=11,ms=0) ");
	fx_uninit(&fx);
}

static void
test_bridge_barrier_waits_for_rejudge(void)
{
	unsigned int n = 0, n2 = 0;
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_settle(&fx);
	bridge_barrier(b, count_up, &n);
	CU_ASSERT_EQUAL(n, 1); /* Nothing to wait for. */
	fx_flow(b, "ip,actions=output:1");
	bridge_barrier(b, count_up, &n);
	CU_ASSERT_EQUAL(n, 1);
	CU_ASSERT(fx.seq != fx.seq_done);
	/* A change after the request is not covered by it. */
	fx_flow(b, "arp,actions=output:1");
	bridge_barrier(b, count_up, &n2);
	pipeline_done(fx.p, fx.seq_done = fx.seq);
	CU_ASSERT_EQUAL(n, 2);
	CU_ASSERT_EQUAL(n2, 0);
	fx_settle(&fx);
	CU_ASSERT_EQUAL(n2, 1);
	fx_flow(b, "udp,actions=output:1");
	bridge_barrier(b, count_up, &n);
	pipeline_cancel(fx.p, &n);
	fx_settle(&fx);
	CU_ASSERT_EQUAL(n, 2);
	pipeline_sync_stats(fx.p, count_up, &n);
	CU_ASSERT_EQUAL(n, 2);
	fx_settle(&fx);
	CU_ASSERT_EQUAL(n, 3);
	fx_uninit(&fx);
}

static void
test_bridge_folds_rejudges(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	char text[64];

	fx_settle(&fx);
	fx.n_rejudges = 0;
	for (unsigned int i = 0; i < 100; i++) {
		(void)snprintf(text, sizeof text, "ip,nw_dst=10.0.0.%u,actions=output:1", i);
		fx_flow(b, text);
		pipeline_run(fx.p);
	}
	CU_ASSERT_EQUAL(fx.n_rejudges, 1); /* It is still under way. */
	fx_settle(&fx);
	CU_ASSERT_EQUAL(fx.n_rejudges, 2);
	fx_uninit(&fx);
}

static void
test_bridge_times_rules_out(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "priority=1,ip,hard_timeout=5,send_flow_rem,actions=output:1");
	fx_flow(b, "priority=2,arp,idle_timeout=3,send_flow_rem,actions=output:1");
	fx_settle(&fx);
	for (int i = 0; i < 4; i++) {
		(void)fx_send(&fx, 12, "arp");
		clock_warp_ms(1000);
		fx_settle(&fx);
	}
	EXPECT_LOG(&fx, "");
	clock_warp_ms(1000);
	fx_settle(&fx);
	EXPECT_LOG(&fx, "removed(reason=1,prio=1,packets=0,ms=5000) ");
	/* Traffic that the datapath has not credited yet counts. */
	clock_warp_ms(1000);
	loop_run_once(fx.loop, 0);
	loop_run_once(fx.loop, 0);
	CU_ASSERT(fx.n_sweeps > 0);
	pipeline_miss_ops.credit(fx.p, fx.contribs, &fx.key, 5, 500, 0, clock_ms() - 500);
	fx_settle(&fx);
	EXPECT_LOG(&fx, "");
	for (int i = 0; i < 4; i++) {
		clock_warp_ms(1000);
		fx_settle(&fx);
	}
	EXPECT_LOG(&fx, "removed(reason=0,prio=2,packets=9,ms=9000) ");
	CU_ASSERT_EQUAL(bridge_n_flows(b), 0);
	fx_uninit(&fx);
}

static void
test_bridge_counts_lookups(void)
{
	struct bridge_flow_filter filter = {
		.table_id = BRIDGE_TABLE_ALL,
		.out_port = OFP_PORT_NONE,
		.out_group = OF_GROUP_ANY,
	};
	struct bridge_aggregate_stats sum;
	struct bridge_table_stats s;
	struct fixture fx;
	struct bridge *b = setup(&fx);

	fx_flow(b, "ip,actions=goto_table:1");
	fx_flow(b, "table=1,tcp,actions=output:1");
	(void)fx_send(&fx, 12, "tcp");
	(void)fx_send(&fx, 12, "udp");
	(void)fx_send(&fx, 12, "arp");
	bridge_get_table_stats(b, 0, &s);
	CU_ASSERT_EQUAL(s.n_active, 1);
	CU_ASSERT_EQUAL(s.n_lookup, 3);
	CU_ASSERT_EQUAL(s.n_matched, 2);
	bridge_get_table_stats(b, 1, &s);
	CU_ASSERT_EQUAL(s.n_lookup, 2);
	CU_ASSERT_EQUAL(s.n_matched, 1);
	bridge_get_aggregate(b, &filter, &sum);
	CU_ASSERT_EQUAL(sum.n_flows, 2);
	CU_ASSERT_EQUAL(sum.n_packets, 3);
	CU_ASSERT_EQUAL(sum.n_bytes, 300);
	fx_uninit(&fx);
}

/* ---- Packets from and to controllers ---- */

static enum oferror
packet_out(struct bridge *b, uint32_t in_port, const char *actions, uint32_t len)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06 };
	struct ofpacts list = OFPACTS_INIT;
	struct err err = { "" };
	enum oferror error;

	CU_ASSERT_EQUAL_FATAL(of_actions_parse(actions, NULL, &list, &err), 0);
	error = bridge_packet_out(b, in_port, &list, frame, len);
	ofpacts_uninit(&list);
	return error;
}

static void
test_bridge_packet_out(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);

	CU_ASSERT_EQUAL(packet_out(b, OFP_PORT_CONTROLLER, "output:2", 60), OFERROR_OK);
	CU_ASSERT_STRING_EQUAL(str_cstr(&fx.program), "12");
	CU_ASSERT_EQUAL(packet_out(b, 1, "ALL", 60), OFERROR_OK);
	CU_ASSERT_STRING_EQUAL(str_cstr(&fx.program), "12");
	CU_ASSERT_EQUAL(packet_out(b, 9, "ALL", 60), OFPBRC_BAD_PORT);
	CU_ASSERT_EQUAL(packet_out(b, 1, "ALL", 13), OFPBRC_BAD_PACKET);
	CU_ASSERT_EQUAL(packet_out(b, 1, "group:1", 60), OFPBAC_BAD_OUT_GROUP);
	CU_ASSERT_EQUAL(fx.n_injects, 2);
	fx_flow(b, "arp,in_port=1,actions=mod_dl_src:00:00:00:00:00:01,output:2");
	CU_ASSERT_EQUAL(packet_out(b, 1, "TABLE", 60), OFERROR_OK);
	CU_ASSERT_STRING_EQUAL(str_cstr(&fx.program), "set(eth(src=00:00:00:00:00:01)),12");
	EXPECT_FLOWS(&fx, b, "0/32768:mod_dl_src:00:00:00:00:00:01,output:2(1) ");
	CU_ASSERT_EQUAL(packet_out(b, OFP_PORT_NONE, "TABLE", 60), OFERROR_OK);
	CU_ASSERT_STRING_EQUAL(str_cstr(&fx.program), "drop(no_rule)");
	fx_uninit(&fx);
}

static void
test_bridge_packet_in(void)
{
	static const uint8_t frame[60] = { 2 };
	struct op_punt op = {
		.reason = 1,
		.table_id = 3,
		.ofp_in_port = 2,
		.cookie_lo = 0xab,
		.max_len = 128,
	};
	struct pipeline_stats stats;
	struct fixture fx;
	struct bridge *b = setup(&fx);

	op.bridge_id = bridge_id(b);
	pipeline_miss_ops.punt(fx.p, &op, NULL, frame, sizeof frame, sizeof frame);
	EXPECT_LOG(&fx, ""); /* Main tells, not the handler. */
	fx_settle(&fx);
	EXPECT_LOG(&fx, "packet_in(reason=1,port=2,table=3,cookie=ab,len=60) ");
	/* The queue is bounded, and what does not fit is counted. */
	for (int i = 0; i < 5000; i++)
		pipeline_miss_ops.punt(fx.p, &op, NULL, frame, sizeof frame, sizeof frame);
	bridge_set_events(b, NULL, NULL);
	fx_settle(&fx);
	pipeline_get_stats(fx.p, &stats);
	CU_ASSERT_EQUAL(stats.punts, 1);
	CU_ASSERT_EQUAL(stats.punts_dropped, 5000);
	fx_uninit(&fx);
}

static void
test_bridge_trace_explains(void)
{
	struct fixture fx;
	struct bridge *b = setup(&fx);
	struct str out = STR_INIT;
	struct flow key;

	fx_flow(b, "table=0,priority=9,tcp,actions=mod_nw_dst:10.0.0.9,resubmit(,2)");
	fx_flow(b, "table=2,priority=3,in_port=1,actions=output:2");
	fx_key("tcp,nw_dst=10.0.0.1,tp_dst=80", 1, &key);
	trace_flow(b, &key, false, &out);
	CU_ASSERT_PTR_NOT_NULL(strstr(str_cstr(&out), "bridge(\"br0\")"));
	CU_ASSERT_PTR_NOT_NULL(strstr(str_cstr(&out), "0. tcp, priority 9"));
	CU_ASSERT_PTR_NOT_NULL(strstr(str_cstr(&out), "2. in_port=1, priority 3"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(str_cstr(&out), "Datapath actions: set(ipv4(dst=10.0.0.9)),12"));
	CU_ASSERT_PTR_NOT_NULL(strstr(str_cstr(&out), "Megaflow: recirc_id=0,tcp,in_port=1\n"));
	str_clear(&out);
	trace_flow(b, &key, true, &out);
	CU_ASSERT_PTR_NOT_NULL(strstr(str_cstr(&out), "\"datapath_actions\":\"set(ipv4"));
	CU_ASSERT_PTR_NOT_NULL(strstr(str_cstr(&out), "{\"bridge\":\"br0\""));
	/* Nothing was counted. */
	EXPECT_FLOWS(&fx, b, "0/9:mod_nw_dst:10.0.0.9,resubmit(,2)(0) 2/3:output:2(0) ");
	str_uninit(&out);
	fx_uninit(&fx);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_bridge_numbers_ports),
		CHECK_CASE(test_bridge_takes_many_ports),
		CHECK_CASE(test_bridge_adds_and_replaces),
		CHECK_CASE(test_bridge_refuses_what_it_cannot_do),
		CHECK_CASE(test_bridge_modifies_and_deletes),
		CHECK_CASE(test_bridge_standalone_has_a_rule_of_its_own),
		CHECK_CASE(test_bridge_txn_is_all_or_nothing),
		CHECK_CASE(test_bridge_flow_removed_has_final_counters),
		CHECK_CASE(test_bridge_barrier_waits_for_rejudge),
		CHECK_CASE(test_bridge_folds_rejudges),
		CHECK_CASE(test_bridge_times_rules_out),
		CHECK_CASE(test_bridge_counts_lookups),
		CHECK_CASE(test_bridge_packet_out),
		CHECK_CASE(test_bridge_packet_in),
		CHECK_CASE(test_bridge_trace_explains),
	};

	return fx_main("bridge", cases, ARRAY_SIZE(cases));
}
