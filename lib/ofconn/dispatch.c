/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch: what to do with each message.  One table says who handles it and whether a secondary controller may
 * send it; here are the handlers that change something, those that only read are in reply.c. */

#include <string.h>

#define LOG_THIS LOG_ofconn
#include "base/log.h"
#include "ofconn/conn_priv.h"
#include "openflow/group.h"
#include "openflow/table.h"
#include "pipeline/bridge.h"

static enum of_version
version_of(const struct conn *conn)
{
	return (enum of_version)conn->version;
}

/* ---- The connection itself ---- */

static enum oferror
ignore(struct conn *conn UNUSED, const struct of_msg *msg UNUSED)
{
	return OFERROR_OK;
}

static enum oferror
run_error(struct conn *conn, const struct of_msg *msg)
{
	enum oferror error = OFERROR_OK;
	const uint8_t *data;
	size_t len;

	if (oferror_decode(msg, &error, &data, &len) != OFERROR_OK)
		error = OFERROR_OK;
	LOG_INFO_RL("%s<->%s: the peer sent an error: %s", conn->server->name, conn->name,
		error == OFERROR_OK ? "of unknown kind" : oferror_name(error));
	return OFERROR_OK;
}

static enum oferror
run_echo(struct conn *conn, const struct of_msg *msg)
{
	of_msg_encode_echo_reply(msg, &conn->reply);
	return OFERROR_OK;
}

static enum oferror
run_get_config(struct conn *conn, const struct of_msg *msg)
{
	struct of_config config = {
		.frag = OF_FRAG_NORMAL,
		.invalid_ttl_to_controller = conn->invalid_ttl_to_controller,
		.miss_send_len = conn->miss_send_len,
	};

	of_config_encode(
		&config, OF_MSG_GET_CONFIG_REPLY, version_of(conn), msg->xid, &conn->reply);
	return OFERROR_OK;
}

/* A secondary's miss_send_len concerns only itself; how fragments are handled is everybody's. */
static enum oferror
run_set_config(struct conn *conn, const struct of_msg *msg)
{
	struct of_config config;
	enum oferror error = of_config_decode(msg, &config);

	if (error != OFERROR_OK)
		return error;
	/* XXX(ofconn): a way of handling fragments other than "normal" needs the pipeline's help. */
	if (config.frag != OF_FRAG_NORMAL)
		return OFPSCFC_BAD_FLAGS;
	conn->miss_send_len = config.miss_send_len;
	conn->invalid_ttl_to_controller = config.invalid_ttl_to_controller;
	return OFERROR_OK;
}

static const char *const role_names[N_OF_ROLES] = { "no change", "equal", "primary", "secondary" };

static enum oferror
run_role(struct conn *conn, const struct of_msg *msg)
{
	struct ofserver *server = conn->server;
	struct of_role_msg role;
	enum oferror error = of_role_decode(msg, &role);
	struct conn *c;

	if (error != OFERROR_OK)
		return error;
	if (role.has_generation
		&& (role.role == OF_ROLE_PRIMARY || role.role == OF_ROLE_SECONDARY)) {
		/* Numbers wrap around, as the specification says. */
		if (server->has_generation && (int64_t)(role.generation - server->generation) < 0)
			return OFPRRFC_STALE;
		server->has_generation = true;
		server->generation = role.generation;
	}
	if (role.role == OF_ROLE_PRIMARY) {
		LIST_FOREACH(c, node, &server->conns) {
			if (c != conn && c->role == OF_ROLE_PRIMARY)
				c->role = OF_ROLE_SECONDARY;
		}
	}
	if (role.role != OF_ROLE_NOCHANGE && role.role != conn->role) {
		conn->role = role.role;
		LOG_INFO_RL("%s<->%s: role is now %s", server->name, conn->name,
			role_names[conn->role]);
	}
	role.role = conn->role;
	role.generation = server->has_generation ? server->generation : UINT64_MAX;
	of_role_encode(&role, OF_MSG_ROLE_REPLY, version_of(conn), msg->xid, &conn->reply);
	return OFERROR_OK;
}

static enum oferror
run_get_async(struct conn *conn, const struct of_msg *msg)
{
	of_async_encode(
		&conn->async, OF_MSG_GET_ASYNC_REPLY, version_of(conn), msg->xid, &conn->reply);
	return OFERROR_OK;
}

static enum oferror
run_set_async(struct conn *conn, const struct of_msg *msg)
{
	struct of_async async;
	enum oferror error = of_async_decode(msg, &async);

	if (error != OFERROR_OK)
		return error;
	conn->async = async;
	conn->async_asked = true;
	return OFERROR_OK;
}

static enum oferror
run_nx_number(struct conn *conn, const struct of_msg *msg)
{
	uint32_t n;
	enum oferror error = of_nx_number_decode(msg, &n);

	if (error != OFERROR_OK)
		return error;
	switch (msg->type) {
	case OF_MSG_NX_FLOW_MOD_TABLE_ID: conn->table_id_ext = n != 0; break;
	case OF_MSG_NX_SET_FLOW_FORMAT: conn->flow_format = (enum of_flow_format)n; break;
	case OF_MSG_NX_SET_PACKET_IN_FORMAT:
		conn->packet_in_format = (enum of_packet_in_format)n;
		break;
	case OF_MSG_NX_SET_CONTROLLER_ID: conn->controller_id = (uint16_t)n; break;
	default: return OFPBRC_BAD_SUBTYPE;
	}
	return OFERROR_OK;
}

static void
barrier_done(void *conn_)
{
	struct conn *conn = conn_;
	struct of_buf b = OF_BUF_INIT;

	of_msg_encode_empty(OF_MSG_BARRIER_REPLY, version_of(conn), conn->held_xid, &b);
	conn_send(conn, &b);
	of_buf_uninit(&b);
	conn_release(conn);
}

static enum oferror
run_barrier(struct conn *conn, const struct of_msg *msg)
{
	conn->held_xid = msg->xid;
	conn_hold(conn);
	bridge_barrier(conn->server->bridge, barrier_done, conn);
	return OFERROR_OK;
}

/* ---- Changes ---- */

static enum oferror
run_flow_mod(struct conn *conn, const struct of_msg *msg)
{
	struct of_flow_mod fm;
	enum oferror error = of_flow_mod_decode(msg, conn->table_id_ext, &fm);

	if (error != OFERROR_OK)
		return error;
	if (fm.command == OF_FLOW_ADD && fm.table_id == OF_TABLE_ALL && msg->type == OF_MSG_FLOW_MOD
		&& conn->version >= OF_VERSION_11)
		error = OFPFMFC_BAD_TABLE_ID;
	else if (fm.buffer_id != OF_NO_BUFFER
		&& (fm.command == OF_FLOW_ADD || fm.command == OF_FLOW_MODIFY
			|| fm.command == OF_FLOW_MODIFY_STRICT))
		error = OFPBRC_BUFFER_UNKNOWN; /* Nothing is ever buffered. */
	else
		error = bridge_flow_mod(conn->server->bridge, &fm);
	of_flow_mod_uninit(&fm);
	return error;
}

static enum oferror
run_packet_out(struct conn *conn, const struct of_msg *msg)
{
	struct of_packet_out po;
	enum oferror error = of_packet_out_decode(msg, &po);

	if (error != OFERROR_OK)
		return error;
	if (po.in_port == OFP_PORT_NONE)
		po.in_port = OFP_PORT_CONTROLLER;
	if (po.buffer_id != OF_NO_BUFFER)
		error = OFPBRC_BUFFER_UNKNOWN;
	else
		error = bridge_packet_out(conn->server->bridge, po.in_port, &po.actions, po.packet,
			(uint32_t)po.packet_len);
	ofpacts_uninit(&po.actions);
	return error;
}

static enum oferror
run_port_mod(struct conn *conn, const struct of_msg *msg)
{
	struct of_port_mod mod;
	enum oferror error = of_port_mod_decode(msg, &mod);

	if (error != OFERROR_OK)
		return error;
	return bridge_port_mod(
		conn->server->bridge, mod.port_no, mod.hw_addr, mod.config, mod.mask);
}

/* What 1.3 says about table-mod: the bits are there for older controllers and mean nothing. */
static enum oferror
run_table_mod(struct conn *conn UNUSED, const struct of_msg *msg)
{
	struct of_table_mod mod;
	enum oferror error = of_table_mod_decode(msg, &mod);

	if (error != OFERROR_OK)
		return error;
	if (mod.table_id >= BRIDGE_N_TABLES && mod.table_id != OF_TABLE_ALL)
		return OFPTMFC_BAD_TABLE;
	return (mod.config & ~3u) != 0 ? OFPTMFC_BAD_CONFIG : OFERROR_OK;
}

/* There are no groups: what needs one fails, what removes them is done. */
static enum oferror
run_group_mod(struct conn *conn UNUSED, const struct of_msg *msg)
{
	struct of_group_mod mod;
	enum oferror error = of_group_mod_decode(msg, &mod);

	if (error != OFERROR_OK)
		return error;
	switch (mod.command) {
	case 0: return OFPGMFC_OUT_OF_GROUPS;
	case 1: return OFPGMFC_UNKNOWN_GROUP;
	default: return OFERROR_OK;
	}
}

static enum oferror
run_meter_mod(struct conn *conn UNUSED, const struct of_msg *msg)
{
	struct of_meter_mod mod;
	enum oferror error = of_meter_mod_decode(msg, &mod);

	if (error != OFERROR_OK)
		return error;
	switch (mod.command) {
	case 0: return OFPMMFC_OUT_OF_METERS;
	case 1: return OFPMMFC_UNKNOWN_METER;
	default: return OFERROR_OK;
	}
}

/* ---- The table ---- */

struct handler {
	enum oferror (*run)(struct conn *, const struct of_msg *); /* NULL: OFPBRC_BAD_TYPE. */
	bool modifies; /* A secondary controller may not. */
};

static const struct handler handlers[N_OF_MSGS] = {
	[OF_MSG_HELLO] = { ignore, false },
	[OF_MSG_ERROR] = { run_error, false },
	[OF_MSG_ECHO_REQUEST] = { run_echo, false },
	[OF_MSG_ECHO_REPLY] = { ignore, false },
	[OF_MSG_FEATURES_REQUEST] = { reply_features, false },
	[OF_MSG_GET_CONFIG_REQUEST] = { run_get_config, false },
	[OF_MSG_SET_CONFIG] = { run_set_config, false },
	[OF_MSG_PACKET_OUT] = { run_packet_out, true },
	[OF_MSG_FLOW_MOD] = { run_flow_mod, true },
	[OF_MSG_GROUP_MOD] = { run_group_mod, true },
	[OF_MSG_PORT_MOD] = { run_port_mod, true },
	[OF_MSG_TABLE_MOD] = { run_table_mod, true },
	[OF_MSG_METER_MOD] = { run_meter_mod, true },
	[OF_MSG_BARRIER_REQUEST] = { run_barrier, false },
	[OF_MSG_BARRIER_REPLY] = { ignore, false },
	[OF_MSG_QUEUE_GET_CONFIG_REQUEST] = { reply_queue_config, false },
	[OF_MSG_ROLE_REQUEST] = { run_role, false },
	[OF_MSG_GET_ASYNC_REQUEST] = { run_get_async, false },
	[OF_MSG_SET_ASYNC] = { run_set_async, false },
	[OF_MSG_NX_FLOW_MOD] = { run_flow_mod, true },
	[OF_MSG_NX_FLOW_MOD_TABLE_ID] = { run_nx_number, false },
	[OF_MSG_NX_FLOW_AGE] = { ignore, false }, /* Ages are always sent where there is room. */
	[OF_MSG_NX_SET_FLOW_FORMAT] = { run_nx_number, false },
	[OF_MSG_NX_SET_PACKET_IN_FORMAT] = { run_nx_number, false },
	[OF_MSG_NX_SET_CONTROLLER_ID] = { run_nx_number, false },
	[OF_MSG_DESC_REQUEST] = { reply_desc, false },
	[OF_MSG_FLOW_STATS_REQUEST] = { reply_flow_stats, false },
	[OF_MSG_AGGREGATE_STATS_REQUEST] = { reply_aggregate, false },
	[OF_MSG_TABLE_STATS_REQUEST] = { reply_table_stats, false },
	[OF_MSG_PORT_STATS_REQUEST] = { reply_port_stats, false },
	[OF_MSG_QUEUE_STATS_REQUEST] = { reply_queue_stats, false },
	[OF_MSG_GROUP_STATS_REQUEST] = { reply_group_stats, false },
	[OF_MSG_GROUP_DESC_REQUEST] = { reply_group_desc, false },
	[OF_MSG_GROUP_FEATURES_REQUEST] = { reply_group_features, false },
	[OF_MSG_METER_STATS_REQUEST] = { reply_meter_stats, false },
	[OF_MSG_METER_CONFIG_REQUEST] = { reply_meter_config, false },
	[OF_MSG_METER_FEATURES_REQUEST] = { reply_meter_features, false },
	[OF_MSG_TABLE_FEATURES_REQUEST] = { reply_table_features, false },
	[OF_MSG_PORT_DESC_REQUEST] = { reply_port_desc, false },
	[OF_MSG_NX_FLOW_STATS_REQUEST] = { reply_flow_stats, false },
	[OF_MSG_NX_AGGREGATE_STATS_REQUEST] = { reply_aggregate, false },
};

static enum oferror
run(struct conn *conn, const struct of_msg *msg)
{
	const struct handler *h = &handlers[msg->type];

	if (h->run == NULL)
		return OFPBRC_BAD_TYPE;
	/* No request that is handled here may come in parts, but table features, which may not be set. */
	if ((msg->mp_flags & OF_MSG_MORE) != 0)
		return OFPBRC_MULTIPART_BUFFER_OVERFLOW;
	if (h->modifies && conn->role == OF_ROLE_SECONDARY)
		return oferror_is_encodable(OFPBRC_IS_SECONDARY, version_of(conn))
			? OFPBRC_IS_SECONDARY
			: OFPBRC_EPERM;
	return h->run(conn, msg);
}

void
dispatch_run(struct conn *conn, const void *data, size_t len)
{
	struct of_msg msg;
	enum oferror error = of_msg_decode(data, len, &msg);
	/* An error about an error could go on for ever. */
	bool is_error = msg.wire_type == 1;

	if (error == OFERROR_OK && msg.version != conn->version && msg.type != OF_MSG_HELLO
		&& msg.type != OF_MSG_ECHO_REQUEST && msg.type != OF_MSG_ECHO_REPLY)
		error = OFPBRC_BAD_VERSION;
	LOG_DBG("%s<->%s: received %s, %zu bytes", conn->server->name, conn->name,
		error == OFERROR_OK ? of_msg_name(msg.type) : "a message that is refused", len);
	if (error == OFERROR_OK)
		error = run(conn, &msg);
	if (error == OFERROR_OK) {
		conn_send(conn, &conn->reply);
		return;
	}
	of_buf_clear(&conn->reply);
	if (!is_error)
		conn_send_error(conn, error, data, len);
}
