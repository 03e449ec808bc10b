/* SPDX-License-Identifier: Apache-2.0 */
/* async: what the switch tells without being asked: packets, ports, rules that are gone.  Who is told depends on role,
 * mask and controller id; a service connection is told nothing until it set one of the two knobs for that.
 *
 * Packets are never buffered, so that a packet-in always has the whole packet, as the specification asks. */

#include <string.h>

#include "ofconn/conn_priv.h"
#include "pipeline/bridge.h"

void
async_init(struct conn *conn)
{
	of_async_init(&conn->async, (enum of_version)conn->version);
	conn->miss_send_len = conn->kind == CONN_CONTROLLER ? 128 : 0;
}

static bool
wants(const struct conn *conn, enum of_async_kind kind, unsigned int reason)
{
	const uint32_t *masks =
		conn->role == OF_ROLE_SECONDARY ? conn->async.secondary : conn->async.primary;

	if (!conn_is_ready(conn) || conn->kind == CONN_SNOOP || reason >= 32)
		return false;
	if (conn->kind == CONN_SERVICE && conn->miss_send_len == 0 && !conn->async_asked)
		return false;
	return (masks[kind] >> reason & 1) != 0;
}

/* The reason as the peer's version knows it: before 1.4 what an action did is one reason. */
static uint8_t
reason_for(const struct conn *conn, uint8_t reason)
{
	return conn->version < OF_VERSION_14 && reason > OF_PACKET_IN_INVALID_TTL
		? OF_PACKET_IN_ACTION
		: reason;
}

static void
tell_packet_in(void *server_, struct bridge *bridge UNUSED, const struct bridge_packet_in *pin)
{
	struct ofserver *server = server_;
	struct of_packet_in of = {
		.packet = pin->data,
		.packet_len = pin->len,
		.total_len = (uint16_t)MIN(pin->orig_len, (uint32_t)UINT16_MAX),
		.buffer_id = OF_NO_BUFFER,
		.table_id = pin->table_id,
		.cookie = pin->cookie,
		.metadata = pin->metadata,
	};
	struct of_buf b = OF_BUF_INIT;
	struct conn *conn;

	LIST_FOREACH(conn, node, &server->conns) {
		of.reason = reason_for(conn, pin->reason);
		if (!wants(conn, OF_ASYNC_PACKET_IN, of.reason)
			|| conn->controller_id != pin->controller_id)
			continue;
		of_packet_in_encode(
			&of, (enum of_version)conn->version, conn->packet_in_format, 0, &b);
		conn_send_event(conn, &b);
	}
	of_buf_uninit(&b);
}

static void
tell_flow_removed(
	void *server_, struct bridge *bridge UNUSED, const struct bridge_flow_removed *gone)
{
	struct ofserver *server = server_;
	struct of_flow_removed of = {
		.match = gone->match,
		.priority = gone->priority,
		.cookie = gone->cookie,
		.reason = gone->reason,
		.table_id = gone->table_id,
		.idle_timeout = gone->idle_timeout_s,
		.hard_timeout = gone->hard_timeout_s,
		.duration_sec = (uint32_t)(gone->duration_ms / 1000),
		.duration_nsec = (uint32_t)(gone->duration_ms % 1000) * 1000000,
		.packets = gone->n_packets,
		.bytes = gone->n_bytes,
	};
	struct of_buf b = OF_BUF_INIT;
	struct conn *conn;

	LIST_FOREACH(conn, node, &server->conns) {
		if (!wants(conn, OF_ASYNC_FLOW_REMOVED, gone->reason))
			continue;
		of_flow_removed_encode(
			&of, (enum of_version)conn->version, conn->flow_format, 0, &b);
		conn_send_event(conn, &b);
	}
	of_buf_uninit(&b);
}

static void
tell_port_status(void *server_, struct bridge *bridge UNUSED, enum port_status_reason reason,
	const struct bridge_port_info *info)
{
	struct ofserver *server = server_;
	struct of_port_status of = { .reason = (uint8_t)reason };
	struct of_buf b = OF_BUF_INIT;
	struct conn *conn;

	reply_phy_port(info, &of.port);
	LIST_FOREACH(conn, node, &server->conns) {
		if (!wants(conn, OF_ASYNC_PORT_STATUS, reason))
			continue;
		of_port_status_encode(&of, (enum of_version)conn->version, 0, &b);
		conn_send_event(conn, &b);
	}
	of_buf_uninit(&b);
}

const struct bridge_events async_events = {
	.packet_in = tell_packet_in,
	.flow_removed = tell_flow_removed,
	.port_status = tell_port_status,
};
