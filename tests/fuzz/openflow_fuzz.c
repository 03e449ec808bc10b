/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of the OpenFlow codec: any bytes are decoded as a message; what was decoded must
 * encode, and what was encoded must decode to something that encodes to the same bytes. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_stats.h"
#include "openflow/group.h"
#include "openflow/packet.h"
#include "openflow/port.h"
#include "openflow/switch.h"
#include "openflow/table.h"
#include "openflow/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static void
decode_again(const struct of_buf *b, struct of_msg *msg)
{
	/* A message that has become too long for its length field is no message. */
	if (b->len <= UINT16_MAX)
		require(of_msg_decode(b->data, b->len, msg) == OFERROR_OK);
}

/* What is printed can be read, and prints the same. */
static void
check_actions_text(const struct ofpacts *list)
{
	struct str once = STR_INIT, twice = STR_INIT;
	struct ofpacts back = OFPACTS_INIT;
	struct err err = ERR_INIT;

	of_actions_format(list, NULL, &once);
	if (list->len < 30000 && of_actions_parse(str_cstr(&once), NULL, &back, &err) == 0) {
		of_actions_format(&back, NULL, &twice);
		require(strcmp(str_cstr(&once), str_cstr(&twice)) == 0);
	}
	ofpacts_uninit(&back);
	str_uninit(&once);
	str_uninit(&twice);
}

static void
check_flow_mod(const struct of_msg *msg, bool table_id_ext)
{
	enum of_version version = (enum of_version)msg->version;
	enum of_flow_format format =
		msg->type == OF_MSG_NX_FLOW_MOD ? OF_FLOW_FORMAT_NXM : OF_FLOW_FORMAT_STANDARD;
	struct of_buf once = OF_BUF_INIT, twice = OF_BUF_INIT;
	struct of_flow_mod fm, again;
	struct of_msg copy;

	if (of_flow_mod_decode(msg, table_id_ext, &fm) != OFERROR_OK)
		return;
	struct ofpacts_check check = { .match = &fm.match,
		.table_id = 1,
		.n_tables = 254,
		.max_ports = 0xff00,
		.consistent = true };

	(void)ofpacts_check(&fm.actions, &check);
	check_actions_text(&fm.actions);
	of_flow_mod_encode(&fm, version, format, table_id_ext, msg->xid, &once);
	if (once.len <= UINT16_MAX) {
		decode_again(&once, &copy);
		require(of_flow_mod_decode(&copy, table_id_ext, &again) == OFERROR_OK);
		require(match_equal(&fm.match, &again.match)
			|| !of_flow_mod_is_encodable(&fm, version, format));
		of_flow_mod_encode(&again, version, format, table_id_ext, msg->xid, &twice);
		require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
		of_flow_mod_uninit(&again);
	}
	of_flow_mod_uninit(&fm);
	of_buf_uninit(&once);
	of_buf_uninit(&twice);
}

static void
check_flow_stats(const struct of_msg *msg)
{
	struct of_msg request = *msg;
	struct of_buf b = OF_BUF_INIT;
	struct str s = STR_INIT;
	struct of_reader r;
	struct of_mp mp;

	request.type = msg->type == OF_MSG_NX_FLOW_STATS_REPLY ? OF_MSG_NX_FLOW_STATS_REQUEST
							       : OF_MSG_FLOW_STATS_REQUEST;
	of_flow_stats_reply_begin(&mp, &request, &b);
	of_reader_init(&r, msg->body, msg->body_len);
	while (r.left > 0) {
		struct of_flow_stats fs;

		if (of_flow_stats_next(msg, &r, &fs) != OFERROR_OK)
			break;
		of_flow_stats_format(&fs, true, NULL, &s);
		of_flow_stats_put(&mp, &fs);
		ofpacts_uninit(&fs.actions);
	}
	of_mp_end(&mp);
	for (size_t ofs = 0; ofs < b.len;) {
		size_t len = of_msg_stated_len(b.data + ofs, b.len - ofs);
		struct of_msg part;

		require(len >= OF_HEADER_LEN && len <= b.len - ofs);
		require(of_msg_decode(b.data + ofs, len, &part) == OFERROR_OK);
		of_reader_init(&r, part.body, part.body_len);
		while (r.left > 0) {
			struct of_flow_stats fs;

			require(of_flow_stats_next(&part, &r, &fs) == OFERROR_OK);
			ofpacts_uninit(&fs.actions);
		}
		ofs += len;
	}
	of_buf_uninit(&b);
	str_uninit(&s);
}

static void
check_packets(const struct of_msg *msg)
{
	enum of_version version = (enum of_version)msg->version;
	struct of_buf b = OF_BUF_INIT;
	struct str s = STR_INIT;
	struct of_packet_out po;
	struct of_packet_in pin;
	struct of_msg copy;

	if (msg->type == OF_MSG_PACKET_OUT) {
		if (of_packet_out_decode(msg, &po) == OFERROR_OK) {
			check_actions_text(&po.actions);
			of_packet_out_encode(&po, version, msg->xid, &b);
			decode_again(&b, &copy);
			ofpacts_uninit(&po.actions);
		}
	} else if (of_packet_in_decode(msg, &pin) == OFERROR_OK) {
		of_packet_in_format(&pin, NULL, &s);
		of_packet_in_encode(&pin, version,
			msg->type == OF_MSG_NX_PACKET_IN ? OF_PACKET_IN_NXT : OF_PACKET_IN_STANDARD,
			msg->xid, &b);
		decode_again(&b, &copy);
	}
	of_buf_uninit(&b);
	str_uninit(&s);
}

static void
check_entries(const struct of_msg *msg)
{
	enum of_version version = (enum of_version)msg->version;
	struct str s = STR_INIT;
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	while (r.left > 0) {
		size_t before = r.left;
		enum oferror error;

		if (msg->type == OF_MSG_PORT_STATS_REPLY) {
			struct of_port_stats v;

			error = of_port_stats_next(&r, version, &v);
			of_port_stats_format(&v, NULL, &s);
		} else if (msg->type == OF_MSG_TABLE_STATS_REPLY) {
			struct of_table_stats v;

			error = of_table_stats_next(&r, version, &v);
			of_table_stats_format(&v, version, &s);
		} else if (msg->type == OF_MSG_QUEUE_STATS_REPLY) {
			struct of_queue_stats v;

			error = of_queue_stats_next(&r, version, &v);
			of_queue_stats_format(&v, NULL, &s);
		} else if (msg->type == OF_MSG_PORT_DESC_REPLY) {
			struct of_phy_port v;

			error = of_phy_port_decode(&r, version, &v);
			of_phy_port_format(&v, NULL, &s);
		} else {
			struct of_table_features v;

			error = of_table_features_next(&r, version, &v);
		}
		if (error != OFERROR_OK)
			break;
		require(r.left < before);
	}
	str_uninit(&s);
}

static void
check_small(const struct of_msg *msg)
{
	struct of_flow_stats_request req;
	struct of_flow_removed fr;
	struct of_port_status status;
	struct of_aggregate_stats as;
	struct of_features features;
	struct of_config config;
	struct of_role_msg role;
	struct of_async async;
	struct of_port_mod port_mod;
	struct of_table_mod table_mod;
	struct of_group_mod group_mod;
	struct of_meter_mod meter_mod;
	struct of_queue_stats_request queue;
	struct of_desc desc;
	const uint8_t *p;
	enum oferror error, what;
	uint32_t number;
	size_t len;

	switch (msg->type) {
	case OF_MSG_HELLO: error = of_hello_decode(msg, &number); break;
	case OF_MSG_ERROR: error = oferror_decode(msg, &what, &p, &len); break;
	case OF_MSG_FEATURES_REPLY: error = of_features_decode(msg, &features); break;
	case OF_MSG_SET_CONFIG:
	case OF_MSG_GET_CONFIG_REPLY: error = of_config_decode(msg, &config); break;
	case OF_MSG_DESC_REPLY: error = of_desc_decode(msg, &desc); break;
	case OF_MSG_FLOW_REMOVED:
	case OF_MSG_NX_FLOW_REMOVED: error = of_flow_removed_decode(msg, &fr); break;
	case OF_MSG_PORT_STATUS: error = of_port_status_decode(msg, &status); break;
	case OF_MSG_PORT_MOD: error = of_port_mod_decode(msg, &port_mod); break;
	case OF_MSG_TABLE_MOD: error = of_table_mod_decode(msg, &table_mod); break;
	case OF_MSG_GROUP_MOD: error = of_group_mod_decode(msg, &group_mod); break;
	case OF_MSG_METER_MOD: error = of_meter_mod_decode(msg, &meter_mod); break;
	case OF_MSG_ROLE_REQUEST:
	case OF_MSG_ROLE_REPLY: error = of_role_decode(msg, &role); break;
	case OF_MSG_SET_ASYNC:
	case OF_MSG_GET_ASYNC_REPLY: error = of_async_decode(msg, &async); break;
	case OF_MSG_FLOW_STATS_REQUEST:
	case OF_MSG_AGGREGATE_STATS_REQUEST:
	case OF_MSG_NX_FLOW_STATS_REQUEST:
	case OF_MSG_NX_AGGREGATE_STATS_REQUEST:
		error = of_flow_stats_request_decode(msg, &req);
		break;
	case OF_MSG_AGGREGATE_STATS_REPLY:
	case OF_MSG_NX_AGGREGATE_STATS_REPLY: error = of_aggregate_stats_decode(msg, &as); break;
	case OF_MSG_PORT_STATS_REQUEST: error = of_port_stats_request_decode(msg, &number); break;
	case OF_MSG_PORT_DESC_REQUEST: error = of_port_desc_request_decode(msg, &number); break;
	case OF_MSG_QUEUE_STATS_REQUEST: error = of_queue_stats_request_decode(msg, &queue); break;
	case OF_MSG_QUEUE_GET_CONFIG_REQUEST:
		error = of_queue_get_config_decode(msg, &number);
		break;
	case OF_MSG_GROUP_STATS_REQUEST: error = of_group_request_decode(msg, &number); break;
	case OF_MSG_METER_STATS_REQUEST:
	case OF_MSG_METER_CONFIG_REQUEST: error = of_meter_request_decode(msg, &number); break;
	case OF_MSG_NX_FLOW_MOD_TABLE_ID:
	case OF_MSG_NX_SET_FLOW_FORMAT:
	case OF_MSG_NX_SET_PACKET_IN_FORMAT:
	case OF_MSG_NX_SET_CONTROLLER_ID: error = of_nx_number_decode(msg, &number); break;
	default: return;
	}
	require(error < N_OFERRORS);
}

static void
check_message(const struct of_msg *msg)
{
	switch (msg->type) {
	case OF_MSG_FLOW_MOD:
	case OF_MSG_NX_FLOW_MOD:
		check_flow_mod(msg, false);
		check_flow_mod(msg, true);
		break;
	case OF_MSG_FLOW_STATS_REPLY:
	case OF_MSG_NX_FLOW_STATS_REPLY: check_flow_stats(msg); break;
	case OF_MSG_PACKET_IN:
	case OF_MSG_NX_PACKET_IN:
	case OF_MSG_PACKET_OUT: check_packets(msg); break;
	case OF_MSG_PORT_STATS_REPLY:
	case OF_MSG_TABLE_STATS_REPLY:
	case OF_MSG_QUEUE_STATS_REPLY:
	case OF_MSG_PORT_DESC_REPLY:
	case OF_MSG_TABLE_FEATURES_REQUEST:
	case OF_MSG_TABLE_FEATURES_REPLY: check_entries(msg); break;
	default: check_small(msg); break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_msg msg;
	enum oferror error;
	uint8_t *copy;

	if (size < OF_HEADER_LEN || size > UINT16_MAX)
		return 0;
	/* The length is put right, so that what lies behind it is reached; a copy of its own shows
	 * reads past the end. */
	copy = xmemdup(data, size);
	copy[2] = (uint8_t)(size >> 8);
	copy[3] = (uint8_t)size;
	error = of_msg_decode(copy, size, &msg);
	if (error == OFERROR_OK)
		check_message(&msg);
	else
		oferror_encode(error, OF_VERSION_13, copy, size, &b);
	of_buf_uninit(&b);
	free(copy);
	return 0;
}
