/* SPDX-License-Identifier: Apache-2.0 */
/* reply: handlers that only read: what the switch is, what its ports, tables and rules are and count.
 *
 * Rules are listed table by table, one per turn of the loop, after the datapath credited all counters.
 * XXX(ofconn): a single table with a million rules is still encoded in one turn. */

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ofconn/conn_priv.h"
#include "openflow/group.h"
#include "openflow/table.h"
#include "pipeline/bridge.h"
#include "pipeline/pipeline.h"

#define OFPFW10_ALL 0x3fffffu
#define QUEUE_ALL 0xffffffffu
#define MAX_FEATURE_PORTS 1300 /* As many as a features reply of 1.0 holds. */

static enum of_version
version_of(const struct conn *conn)
{
	return (enum of_version)conn->version;
}

/* ---- The switch ---- */

static uint32_t
speed_feature(uint64_t bps, bool full_duplex)
{
	switch (bps / 1000000) {
	case 0: return 0;
	case 10: return full_duplex ? OF_PORT_FEATURE_10MB_FD : OF_PORT_FEATURE_10MB_HD;
	case 100: return full_duplex ? OF_PORT_FEATURE_100MB_FD : OF_PORT_FEATURE_100MB_HD;
	case 1000: return full_duplex ? OF_PORT_FEATURE_1GB_FD : OF_PORT_FEATURE_1GB_HD;
	case 10000: return OF_PORT_FEATURE_10GB_FD;
	case 40000: return OF_PORT_FEATURE_40GB_FD;
	case 100000: return OF_PORT_FEATURE_100GB_FD;
	case 1000000: return OF_PORT_FEATURE_1TB_FD;
	default: return OF_PORT_FEATURE_OTHER;
	}
}

void
reply_phy_port(const struct bridge_port_info *info, struct of_phy_port *port)
{
	memset(port, 0, sizeof *port);
	port->port_no = info->ofp_port;
	memcpy(port->hw_addr, info->mac, sizeof port->hw_addr);
	(void)snprintf(port->name, sizeof port->name, "%s", info->name);
	/* Both sides use the numbers of the specification. */
	port->config = info->config | (info->admin_up ? 0 : OF_PORT_CONFIG_DOWN);
	port->state = info->state;
	port->curr = speed_feature(info->link_speed_bps, info->full_duplex);
	port->curr_speed = (uint32_t)MIN(info->link_speed_bps / 1000, (uint64_t)UINT32_MAX);
	port->max_speed = port->curr_speed;
}

enum oferror
reply_features(struct conn *conn, const struct of_msg *msg)
{
	struct bridge *bridge = conn->server->bridge;
	struct of_phy_port *ports = NULL;
	struct bridge_port_info info;
	struct of_features f;
	size_t n = 0;

	of_features_init(&f);
	f.datapath_id = bridge_datapath_id(bridge);
	f.n_buffers = 0;
	f.n_tables = BRIDGE_N_TABLES;
	f.capabilities = OF_CAPABILITY_FLOW_STATS | OF_CAPABILITY_TABLE_STATS
		| OF_CAPABILITY_PORT_STATS | OF_CAPABILITY_QUEUE_STATS | OF_CAPABILITY_ARP_MATCH_IP;
	if (conn->version < OF_VERSION_13) {
		size_t n_max = MIN(bridge_n_ports(bridge), (uint32_t)MAX_FEATURE_PORTS);

		ports = xcalloc(MAX(n_max, (size_t)1), sizeof *ports);
		for (uint32_t p = 0; n < n_max && bridge_next_port(bridge, p, &info);
			p = info.ofp_port + 1)
			reply_phy_port(&info, &ports[n++]);
	}
	of_features_encode(&f, ports, n, version_of(conn), msg->xid, &conn->reply);
	free(ports);
	return OFERROR_OK;
}

enum oferror
reply_desc(struct conn *conn, const struct of_msg *msg)
{
	of_desc_encode(&conn->server->desc, version_of(conn), msg->xid, &conn->reply);
	return OFERROR_OK;
}

/* ---- Rules ---- */

static struct bridge_flow_filter
filter_of(const struct of_flow_stats_request *req)
{
	return (struct bridge_flow_filter){
		.table_id = req->table_id,
		.match = &req->match,
		.cookie = req->cookie,
		.cookie_mask = req->cookie_mask,
		.out_port = req->out_port,
		.out_group = req->out_group,
	};
}

static void
put_flow(void *conn_, const struct bridge_flow_stats *s)
{
	struct conn *conn = conn_;
	struct of_flow_stats fs = {
		.match = s->match,
		.priority = s->priority,
		.table_id = s->table_id,
		.cookie = s->cookie,
		.idle_timeout = s->idle_timeout_s,
		.hard_timeout = s->hard_timeout_s,
		.duration_sec = (uint32_t)(s->duration_ms / 1000),
		.duration_nsec = (uint32_t)(s->duration_ms % 1000) * 1000000,
		.idle_age = (int)(s->idle_ms / 1000),
		.hard_age = (int)(s->hard_ms / 1000),
		.packets = s->n_packets,
		.bytes = s->n_bytes,
		.flags = s->flags,
		.importance = s->importance,
		.actions = s->actions,
	};

	of_flow_stats_put(&conn->job.mp, &fs);
}

/* Queues the parts that are complete and keeps the one at work. */
static void
send_parts(struct conn *conn)
{
	struct conn_job *job = &conn->job;
	struct of_buf rest = OF_BUF_INIT;
	size_t done = job->mp.start;

	if (done == 0)
		return;
	of_buf_put(&rest, job->b.data + done, job->b.len - done);
	job->b.len = done;
	conn_send(conn, &job->b);
	of_buf_put(&job->b, rest.data, rest.len);
	of_buf_uninit(&rest);
	job->mp.start = 0;
	job->mp.entries -= done;
}

static bool
step_flows(struct conn *conn)
{
	struct conn_job *job = &conn->job;
	struct bridge_flow_filter filter = filter_of(job->request);
	struct bridge_table_stats ts = { .n_active = 0 };

	if (job->request->table_id != OF_TABLE_ALL) {
		job->next_table = BRIDGE_N_TABLES;
		if (filter.table_id < BRIDGE_N_TABLES)
			bridge_dump_flows(conn->server->bridge, &filter, put_flow, conn);
	}
	/* Empty tables do not cost a turn. */
	while (job->next_table < BRIDGE_N_TABLES && ts.n_active == 0) {
		filter.table_id = (uint8_t)job->next_table++;
		bridge_get_table_stats(conn->server->bridge, filter.table_id, &ts);
		if (ts.n_active > 0)
			bridge_dump_flows(conn->server->bridge, &filter, put_flow, conn);
	}
	send_parts(conn);
	if (job->next_table < BRIDGE_N_TABLES)
		return true;
	of_mp_end(&job->mp);
	conn_send(conn, &job->b);
	of_buf_uninit(&job->b);
	return false;
}

/* The counters are up to date. */
static void
synced(void *conn_)
{
	struct conn *conn = conn_;
	struct conn_job *job = &conn->job;

	if (job->request->aggregate) {
		struct bridge_flow_filter filter = filter_of(job->request);
		struct bridge_aggregate_stats sum = { .n_flows = 0 };
		struct of_aggregate_stats as;

		if (filter.table_id < BRIDGE_N_TABLES || filter.table_id == OF_TABLE_ALL)
			bridge_get_aggregate(conn->server->bridge, &filter, &sum);
		as = (struct of_aggregate_stats){
			.packets = sum.n_packets, .bytes = sum.n_bytes, .flows = sum.n_flows
		};
		of_aggregate_stats_encode(&as, &job->msg, &job->b);
		conn_send(conn, &job->b);
	} else {
		job->next_table = 0;
		of_flow_stats_reply_begin(&job->mp, &job->msg, &job->b);
		job->step = step_flows;
	}
	conn_release(conn);
}

static enum oferror
request_flows(struct conn *conn, const struct of_msg *msg)
{
	struct conn_job *job = &conn->job;
	enum oferror error;

	if (job->request == NULL)
		job->request =
			xalloc_aligned(alignof(struct of_flow_stats_request), sizeof *job->request);
	error = of_flow_stats_request_decode(msg, job->request);
	if (error != OFERROR_OK)
		return error;
	if (job->request->table_id >= BRIDGE_N_TABLES && job->request->table_id != OF_TABLE_ALL)
		return OFPBRC_BAD_TABLE_ID;
	job->msg = *msg;
	job->msg.data = job->msg.body = NULL;
	job->msg.len = job->msg.body_len = 0;
	of_buf_clear(&job->b);
	conn_hold(conn);
	pipeline_sync_stats(bridge_pipeline(conn->server->bridge), synced, conn);
	return OFERROR_OK;
}

enum oferror
reply_flow_stats(struct conn *conn, const struct of_msg *msg)
{
	return request_flows(conn, msg);
}

enum oferror
reply_aggregate(struct conn *conn, const struct of_msg *msg)
{
	return request_flows(conn, msg);
}

/* ---- Tables: they have no names. ---- */

enum oferror
reply_table_stats(struct conn *conn, const struct of_msg *msg)
{
	struct of_mp mp;

	of_mp_begin(&mp, OF_MSG_TABLE_STATS_REPLY, version_of(conn), msg->xid, &conn->reply);
	for (uint32_t i = 0; i < BRIDGE_N_TABLES; i++) {
		struct bridge_table_stats s;
		struct of_table_stats ts = { .table_id = (uint8_t)i };

		bridge_get_table_stats(conn->server->bridge, (uint8_t)i, &s);
		ts.wildcards = OFPFW10_ALL;
		ts.max_entries = BRIDGE_MAX_RULES;
		ts.active = s.n_active;
		ts.lookups = s.n_lookup;
		ts.matched = s.n_matched;
		of_table_stats_put(&mp, &ts);
	}
	of_mp_end(&mp);
	return OFERROR_OK;
}

static void
remove_field(struct of_field_set *set, enum field_id id)
{
	set->bits[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

/* Takes away what the pipeline refuses. */
static void
limit_behaviour(struct of_table_behaviour *b, uint8_t table_id)
{
	static const enum ofpact_type refused[] = { OFPACT_GROUP, OFPACT_PUSH_PBB, OFPACT_POP_PBB };
	static const enum field_id read_only[] = { FIELD_CT_MARK, FIELD_CT_LABEL, FIELD_PBB_ISID,
		FIELD_PBB_UCA, FIELD_ND_RESERVED, FIELD_ND_OPTIONS_TYPE };

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		b->write_actions &= ~(UINT64_C(1) << refused[i]);
		b->apply_actions &= ~(UINT64_C(1) << refused[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(read_only); i++) {
		remove_field(&b->write_set_fields, read_only[i]);
		remove_field(&b->apply_set_fields, read_only[i]);
	}
	b->instructions &= ~(uint32_t)OF_INSTRUCTION_METER;
	memset(b->next_tables, 0, sizeof b->next_tables);
	for (uint32_t i = table_id + 1u; i < BRIDGE_N_TABLES; i++)
		b->next_tables[i / 64] |= UINT64_C(1) << (i % 64);
	if (table_id + 1u == BRIDGE_N_TABLES)
		b->instructions &= ~(uint32_t)OF_INSTRUCTION_GOTO_TABLE;
}

/* Tables cannot be changed: a request with a body is refused. */
enum oferror
reply_table_features(struct conn *conn, const struct of_msg *msg)
{
	struct of_table_features tf;
	struct of_mp mp;

	if (msg->body_len > 0)
		return OFPTFFC_EPERM;
	of_mp_begin(&mp, OF_MSG_TABLE_FEATURES_REPLY, version_of(conn), msg->xid, &conn->reply);
	for (uint32_t i = 0; i < BRIDGE_N_TABLES; i++) {
		of_table_features_init(&tf);
		tf.table_id = (uint8_t)i;
		tf.metadata_match = UINT64_MAX;
		tf.metadata_write = UINT64_MAX;
		tf.config = 0;
		tf.max_entries = BRIDGE_MAX_RULES;
		limit_behaviour(&tf.hit, (uint8_t)i);
		limit_behaviour(&tf.miss, (uint8_t)i);
		of_table_features_put(&mp, &tf);
	}
	of_mp_end(&mp);
	return OFERROR_OK;
}

/* ---- Ports ---- */

static void
put_port_stats(struct conn *conn, struct of_mp *mp, const struct bridge_port_info *info)
{
	struct bridge_port_stats s;
	struct of_port_stats ps;

	if (!bridge_get_port_stats(conn->server->bridge, info->ofp_port, &s))
		memset(&s, 0xff, sizeof s);
	ps = (struct of_port_stats){
		.port_no = info->ofp_port,
		.rx_packets = s.rx_packets,
		.tx_packets = s.tx_packets,
		.rx_bytes = s.rx_bytes,
		.tx_bytes = s.tx_bytes,
		.rx_dropped = s.rx_dropped,
		.tx_dropped = s.tx_dropped,
		.rx_errors = s.rx_errors,
		.tx_errors = s.tx_errors,
		.rx_frame_err = s.rx_frame_err,
		.rx_over_err = s.rx_over_err,
		.rx_crc_err = s.rx_crc_err,
		.collisions = s.collisions,
		.duration_sec = (uint32_t)(info->duration_ms / 1000),
		.duration_nsec = (uint32_t)(info->duration_ms % 1000) * 1000000,
	};
	of_port_stats_put(mp, &ps);
}

enum oferror
reply_port_stats(struct conn *conn, const struct of_msg *msg)
{
	struct bridge *bridge = conn->server->bridge;
	struct bridge_port_info info;
	struct of_mp mp;
	uint32_t port;
	enum oferror error = of_port_stats_request_decode(msg, &port);

	if (error != OFERROR_OK)
		return error;
	of_mp_begin(&mp, OF_MSG_PORT_STATS_REPLY, version_of(conn), msg->xid, &conn->reply);
	if (port == OFP_PORT_NONE) {
		for (uint32_t p = 0; bridge_next_port(bridge, p, &info); p = info.ofp_port + 1)
			put_port_stats(conn, &mp, &info);
	} else if (bridge_get_port(bridge, port, &info)) {
		put_port_stats(conn, &mp, &info);
	}
	of_mp_end(&mp);
	return OFERROR_OK;
}

enum oferror
reply_port_desc(struct conn *conn, const struct of_msg *msg)
{
	struct bridge *bridge = conn->server->bridge;
	struct bridge_port_info info;
	struct of_phy_port phy;
	struct of_mp mp;
	uint32_t port;
	enum oferror error = of_port_desc_request_decode(msg, &port);

	if (error != OFERROR_OK)
		return error;
	of_mp_begin(&mp, OF_MSG_PORT_DESC_REPLY, version_of(conn), msg->xid, &conn->reply);
	for (uint32_t p = 0; bridge_next_port(bridge, p, &info); p = info.ofp_port + 1) {
		if (port != OFP_PORT_NONE && port != info.ofp_port)
			continue;
		reply_phy_port(&info, &phy);
		of_port_desc_put(&mp, &phy);
	}
	of_mp_end(&mp);
	return OFERROR_OK;
}

/* ---- What there is none of: queues, groups, meters ---- */

static bool
port_exists(const struct conn *conn, uint32_t port)
{
	struct bridge_port_info info;

	return port == OFP_PORT_NONE || bridge_get_port(conn->server->bridge, port, &info);
}

static void
put_empty(struct conn *conn, enum of_msg_type type, const struct of_msg *request)
{
	struct of_mp mp;

	of_mp_begin(&mp, type, version_of(conn), request->xid, &conn->reply);
	of_mp_end(&mp);
}

enum oferror
reply_queue_stats(struct conn *conn, const struct of_msg *msg)
{
	struct of_queue_stats_request req;
	enum oferror error = of_queue_stats_request_decode(msg, &req);

	if (error != OFERROR_OK)
		return error;
	if (!port_exists(conn, req.port))
		return OFPQOFC_BAD_PORT;
	if (req.queue != QUEUE_ALL)
		return OFPQOFC_BAD_QUEUE;
	put_empty(conn, OF_MSG_QUEUE_STATS_REPLY, msg);
	return OFERROR_OK;
}

enum oferror
reply_queue_config(struct conn *conn, const struct of_msg *msg)
{
	uint32_t port;
	enum oferror error = of_queue_get_config_decode(msg, &port);

	if (error != OFERROR_OK)
		return error;
	if (!port_exists(conn, port))
		return OFPQOFC_BAD_PORT;
	of_queue_get_config_encode_none(port, version_of(conn), msg->xid, &conn->reply);
	return OFERROR_OK;
}

enum oferror
reply_group_stats(struct conn *conn, const struct of_msg *msg)
{
	put_empty(conn, OF_MSG_GROUP_STATS_REPLY, msg);
	return OFERROR_OK;
}

enum oferror
reply_group_desc(struct conn *conn, const struct of_msg *msg)
{
	put_empty(conn, OF_MSG_GROUP_DESC_REPLY, msg);
	return OFERROR_OK;
}

enum oferror
reply_group_features(struct conn *conn, const struct of_msg *msg)
{
	struct of_group_features gf = { .types = 0 };

	of_group_features_encode(&gf, version_of(conn), msg->xid, &conn->reply);
	return OFERROR_OK;
}

static enum oferror
reply_no_meters(struct conn *conn, const struct of_msg *msg, enum of_msg_type type)
{
	uint32_t meter;
	enum oferror error = of_meter_request_decode(msg, &meter);

	if (error != OFERROR_OK)
		return error;
	if (meter != OF_METER_ALL)
		return OFPMMFC_UNKNOWN_METER;
	put_empty(conn, type, msg);
	return OFERROR_OK;
}

enum oferror
reply_meter_stats(struct conn *conn, const struct of_msg *msg)
{
	return reply_no_meters(conn, msg, OF_MSG_METER_STATS_REPLY);
}

enum oferror
reply_meter_config(struct conn *conn, const struct of_msg *msg)
{
	return reply_no_meters(conn, msg, OF_MSG_METER_CONFIG_REPLY);
}

enum oferror
reply_meter_features(struct conn *conn, const struct of_msg *msg)
{
	struct of_meter_features mf = { .max_meter = 0 };

	of_meter_features_encode(&mf, version_of(conn), msg->xid, &conn->reply);
	return OFERROR_OK;
}
