/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of openflow/text: what people write, right and wrong, and what is printed of it. */

#include "openflow/text.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "check.h"
#include "flow/ofp_port.h"

static bool
number_of(void *aux, const char *name, uint32_t *ofp_port)
{
	(void)aux;
	*ofp_port = 7;
	return strcmp(name, "eth7") == 0;
}

static const char *
name_of(void *aux, uint32_t ofp_port)
{
	(void)aux;
	return ofp_port == 7 ? "eth7" : NULL;
}

static const struct format_ports ports = { .name = name_of, .number = number_of };

static void
test_text_flow_mod(void)
{
	static const struct {
		enum of_flow_mod_command command;
		const char *in, *out;
	} cases[] = {
		{ OF_FLOW_ADD, "actions=drop", "ADD actions=drop" },
		{ OF_FLOW_ADD, "in_port=1,actions=output:2", "ADD in_port=1 actions=output:2" },
		{ OF_FLOW_ADD, "in_port=eth7 actions=eth7,output:eth7",
			"ADD in_port=eth7 actions=output:eth7,output:eth7" },
		{ OF_FLOW_ADD,
			"table=3,priority=5,tcp,tp_dst=80,cookie=0x12,idle_timeout=5,hard_timeout=6,"
			"send_flow_rem,check_overlap,reset_counts,no_packet_counts,no_byte_counts,"
			"importance=4,actions=2,LOCAL",
			"ADD table:3 priority=5,tcp,tp_dst=80 cookie:0x12 idle:5 hard:6 send_flow_rem "
			"check_overlap reset_counts no_packet_counts no_byte_counts importance:4 "
			"actions=output:2,LOCAL" },
		/* A line that was printed can be read. */
		{ OF_FLOW_ADD,
			" cookie=0x0, duration=10.1s, table=0, n_packets=9, n_bytes=10, idle_age=4, "
			"priority=7,ip actions=NORMAL",
			"ADD priority=7,ip actions=NORMAL" },
		{ OF_FLOW_MODIFY, "cookie=1/3,ip,actions=drop",
			"MOD ip cookie:0x1/0x3 actions=drop" },
		{ OF_FLOW_MODIFY_STRICT, "cookie=5,priority=2,actions=flood",
			"MOD_STRICT priority=2 cookie:0x5 actions=FLOOD" },
		{ OF_FLOW_DELETE, "", "DEL actions=drop" },
		/* Three ways to say "no tag". */
		{ OF_FLOW_DELETE, "dl_vlan=0xffff", "DEL vlan_tci=0x0000 actions=drop" },
		{ OF_FLOW_DELETE, "vlan_tci=0x0000/0x1fff", "DEL vlan_tci=0x0000 actions=drop" },
		{ OF_FLOW_DELETE, "vlan_tci=0", "DEL vlan_tci=0x0000 actions=drop" },
		{ OF_FLOW_DELETE, "table=2,cookie=0x5/-1,out_port=3,out_group=4",
			"DEL table:2 cookie:0x5/0xffffffffffffffff out_port:3 out_group:4 actions=drop" },
		{ OF_FLOW_DELETE_STRICT, "priority=9,ip", "DEL_STRICT priority=9,ip actions=drop" },
		{ OF_FLOW_ADD, "actions=resubmit(,3),resubmit(4,5),resubmit(6),resubmit:7",
			"ADD actions=resubmit(,3),resubmit(4,5),resubmit:6,resubmit:eth7" },
		{ OF_FLOW_ADD,
			"actions=controller(max_len=128,reason=invalid_ttl,id=7),controller,"
			"controller:5,controller()",
			"ADD actions=controller(reason=invalid_ttl,max_len=128,id=7),CONTROLLER:65535,"
			"CONTROLLER:5,CONTROLLER:65535" },
		{ OF_FLOW_ADD, "ip actions=enqueue:1:2,enqueue(3,4),mod_nw_tos:8,dec_ttl(0)",
			"ADD ip actions=enqueue:1:2,enqueue:3:4,mod_nw_tos:8,dec_ttl" },
		{ OF_FLOW_ADD,
			"table=1,actions=meter:1,apply_actions(output:1),clear_actions,"
			"write_actions(output:2,group:3),write_metadata:0x5/0xff,goto_table:2",
			"ADD table:1 actions=meter:1,output:1,clear_actions,"
			"write_actions(output:2,group:3),write_metadata:0x5/0xff,goto_table:2" },
		{ OF_FLOW_ADD,
			"actions=set_field:0x5/0xf->reg3,load:0x3->reg2,load:1->reg1[5],set_field:3->metadata",
			"ADD actions=set_field:0x5/0xf->reg3,load:0x3->NXM_NX_REG2[],load:0x1->NXM_NX_REG1[5],set_field:0x3->metadata" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = ERR_INIT;
		struct str s = STR_INIT;
		struct of_flow_mod fm;
		int error = of_flow_mod_parse(cases[i].in, cases[i].command, &ports, &fm, &err);

		CU_ASSERT_EQUAL(error, 0);
		if (error != 0) {
			printf("\n%s: %s\n", cases[i].in, err.text);
			continue;
		}
		of_flow_mod_format(&fm, &ports, &s);
		CU_ASSERT_STRING_EQUAL(str_cstr(&s), cases[i].out);
		if (strcmp(str_cstr(&s), cases[i].out) != 0)
			printf("\n%s\n", str_cstr(&s));
		of_flow_mod_uninit(&fm);
		str_uninit(&s);
	}
}

static void
test_text_errors(void)
{
	static const struct {
		enum of_flow_mod_command command;
		const char *in, *why;
	} cases[] = {
		{ OF_FLOW_ADD, "in_port=1", "must specify an action" },
		{ OF_FLOW_ADD, "frob=1,actions=drop", "unknown keyword frob" },
		{ OF_FLOW_ADD, "actions=frob", "unknown action frob" },
		{ OF_FLOW_ADD, "actions=output:nowhere", "nowhere: no such port" },
		{ OF_FLOW_ADD, "actions=278326", "unknown action 278326" },
		{ OF_FLOW_ADD, "actions=output:278326", "278326: no port has such a number" },
		{ OF_FLOW_ADD, "table=256,actions=drop",
			"table: \"256\" is no number from 0 to 255" },
		{ OF_FLOW_ADD, "priority=x,actions=drop",
			"priority: \"x\" is no number from 0 to 65535" },
		{ OF_FLOW_ADD, "cookie=1/2,actions=drop",
			"cookie=1/2: a rule to be added has no mask" },
		{ OF_FLOW_DELETE, "cookie=1",
			"cookie=1: which rules is said with a mask, as in 1/-1" },
		{ OF_FLOW_DELETE, "priority=1", "unknown keyword priority" },
		{ OF_FLOW_DELETE, "actions=drop", "unknown keyword actions" },
		{ OF_FLOW_ADD, "out_port=1,actions=drop", "unknown keyword out_port" },
		{ OF_FLOW_ADD, "actions=mod_vlan_vid:4096",
			"mod_vlan_vid: \"4096\" is no number from 0 to 4095" },
		{ OF_FLOW_ADD, "actions=push_vlan:0x800",
			"push_vlan: 0x800 is no type of such a tag" },
		{ OF_FLOW_ADD, "actions=load:0x1ff->NXM_NX_REG0[0..7]",
			"load: \"0x1ff\" is no number from 0 to 255" },
		{ OF_FLOW_ADD, "actions=load:1->NXM_NX_REG0[30..32]",
			"NXM_NX_REG0[30..32]: bad bits, the field has 32" },
		{ OF_FLOW_ADD, "actions=load:1->NXM_NX_REGX[]", "NXM_NX_REGX[]: unknown field" },
		{ OF_FLOW_ADD, "actions=load:1", "load: \"1\" has no \"->\"" },
		{ OF_FLOW_ADD, "actions=set_field:1->nw_proto",
			"set_field: nw_proto is read-only" },
		{ OF_FLOW_ADD, "actions=move:NXM_NX_REG0[0..3]->NXM_NX_REG1[]",
			"move: 4 bits do not fit into 32" },
		{ OF_FLOW_ADD, "actions=goto_table:3,output:1",
			"actions must not come after goto_table" },
		{ OF_FLOW_ADD, "actions=clear_actions,clear_actions",
			"clear_actions is given twice" },
		{ OF_FLOW_ADD, "actions=output:1,meter:1", "meter must come first, and once" },
		{ OF_FLOW_ADD, "actions=write_actions(resubmit(,1))",
			"write_actions: only actions that can be in an action set" },
		{ OF_FLOW_ADD, "actions=write_actions(output:1",
			"write_actions: no closing parenthesis" },
		{ OF_FLOW_ADD, "table=3,actions=goto_table:2",
			"actions cannot be done with this match (OFPBIC_BAD_TABLE_ID)" },
		{ OF_FLOW_ADD, "actions=note:1", "note: \"1\" has no hexadecimal digits here" },
		{ OF_FLOW_ADD, "actions=resubmit(,)", "resubmit: a port or a table is needed" },
		{ OF_FLOW_ADD, "actions=enqueue:1", "enqueue: a port and a queue are needed" },
		{ OF_FLOW_ADD, "actions=strip_vlan:1", "strip_vlan takes no argument" },
		{ OF_FLOW_ADD, "send_flow_rem=1,actions=drop", "send_flow_rem takes no value" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = ERR_INIT;
		struct of_flow_mod fm;

		CU_ASSERT_NOT_EQUAL(
			of_flow_mod_parse(cases[i].in, cases[i].command, &ports, &fm, &err), 0);
		CU_ASSERT_STRING_EQUAL(err.text, cases[i].why);
		if (strcmp(err.text, cases[i].why) != 0)
			printf("\n%s: %s\n", cases[i].in, err.text);
	}
}

static void
test_text_stats_request(void)
{
	struct of_flow_stats_request req;
	struct err err = ERR_INIT;

	CU_ASSERT_EQUAL(of_flow_stats_request_parse("", false, &ports, &req, &err), 0);
	CU_ASSERT_EQUAL(req.table_id, OF_TABLE_ALL);
	CU_ASSERT_EQUAL(req.out_port, OFP_PORT_NONE);
	CU_ASSERT_EQUAL(
		of_flow_stats_request_parse("table=1,ip,cookie=2/3", true, &ports, &req, &err), 0);
	CU_ASSERT(req.aggregate);
	CU_ASSERT_EQUAL(req.table_id, 1);
	CU_ASSERT_EQUAL(req.cookie_mask, 3);
	CU_ASSERT_NOT_EQUAL(of_flow_stats_request_parse("frob", false, &ports, &req, &err), 0);
}

static void
test_text_packet_out(void)
{
	struct of_packet_out po;
	struct err err = ERR_INIT;
	uint8_t *packet;

	CU_ASSERT_EQUAL_FATAL(of_packet_out_parse("in_port=eth7 packet=0102ff actions=output:3",
				      &ports, &po, &packet, &err),
		0);
	CU_ASSERT_EQUAL(po.in_port, 7);
	CU_ASSERT_EQUAL(po.packet_len, 3);
	CU_ASSERT_EQUAL(po.packet[2], 0xff);
	CU_ASSERT(ofpacts_output_to_port(&po.actions, 3));
	ofpacts_uninit(&po.actions);
	free(packet);
	CU_ASSERT_NOT_EQUAL(
		of_packet_out_parse("packet=010,actions=1", &ports, &po, &packet, &err), 0);
	CU_ASSERT_STRING_EQUAL(err.text, "packet: not pairs of hexadecimal digits");
	CU_ASSERT_NOT_EQUAL(of_packet_out_parse("actions=1", &ports, &po, &packet, &err), 0);
	CU_ASSERT_STRING_EQUAL(err.text, "must specify packet data");
	CU_ASSERT_NOT_EQUAL(of_packet_out_parse("packet=01", &ports, &po, &packet, &err), 0);
	CU_ASSERT_NOT_EQUAL(
		of_packet_out_parse("packet=01,packet=02,actions=frob", &ports, &po, &packet, &err),
		0);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_text_flow_mod),
		CHECK_CASE(test_text_errors),
		CHECK_CASE(test_text_stats_request),
		CHECK_CASE(test_text_packet_out),
	};

	return check_run("openflow/text", cases, ARRAY_SIZE(cases));
}
