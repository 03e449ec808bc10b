/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenFlow verbs about the switch and its ports. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "ofctl.h"

/* Sends a request without a body and waits for the answer. */
static int
ask(struct of_conn *conn, enum of_msg_type type, struct of_msg *msg, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	int error;

	of_msg_encode_empty(type, conn->version, ++conn->xid, &b);
	error = of_conn_send(conn, &b, err);
	of_buf_uninit(&b);
	return error != 0 ? error : of_conn_reply(conn, conn->xid, msg, err);
}

static int
not_understood(struct err *err)
{
	err_set(err, "the switch's answer is not understood");
	return -EPROTO;
}

static int
compare_ports(const void *a_, const void *b_)
{
	const struct of_phy_port *a = a_, *b = b_;

	return a->port_no < b->port_no ? -1 : a->port_no > b->port_no;
}

/* Prints the connection's ports in order of number. */
static void
put_ports(struct ctl_call *call, struct of_conn *conn, uint32_t only)
{
	json_t *ports = json_array();

	qsort(conn->ports, conn->n_ports, sizeof *conn->ports, compare_ports);
	for (size_t i = 0; i < conn->n_ports; i++) {
		const struct of_phy_port *port = &conn->ports[i];
		char mac[18];

		if (only != OFP_PORT_NONE && only != port->port_no)
			continue;
		snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", port->hw_addr[0],
			port->hw_addr[1], port->hw_addr[2], port->hw_addr[3], port->hw_addr[4],
			port->hw_addr[5]);
		json_array_append_new(ports,
			json_pack("{sI ss ss sb sb}", "port_no", (json_int_t)port->port_no, "name",
				port->name, "hw_addr", mac, "is_down",
				(port->config & OF_PORT_CONFIG_DOWN) != 0, "link_down",
				(port->state & OF_PORT_STATE_LINK_DOWN) != 0));
		if (!call->ctl->json)
			of_phy_port_format(port, NULL, &call->out);
	}
	json_decref(call->json);
	call->json = ports;
}

int
ctl_run_of_show(struct ctl_call *call, struct err *err)
{
	struct of_features f;
	struct of_config config;
	struct of_conn *conn;
	struct of_msg msg;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = ask(conn, OF_MSG_FEATURES_REQUEST, &msg, err);
	if (error == 0 && of_features_decode(&msg, &f) != OFERROR_OK)
		error = not_understood(err);
	if (error == 0) {
		uint32_t xid = msg.xid;
		char dpid[17];

		if (!call->ctl->json) {
			str_printf(&call->out, "OFPT_FEATURES_REPLY%s (xid=0x%" PRIx32 "): ",
				of_conn_version_note(conn), xid);
			of_features_format(&f, conn->version, &call->out);
			if (conn->version != OF_VERSION_10)
				str_printf(&call->out,
					"OFPST_PORT_DESC reply%s (xid=0x%" PRIx32 "):\n",
					of_conn_version_note(conn), xid + 1);
		}
		put_ports(call, conn, OFP_PORT_NONE);
		snprintf(dpid, sizeof dpid, "%016" PRIx64, f.datapath_id);
		call->json = json_pack("{ss si so}", "datapath_id", dpid, "n_tables", f.n_tables,
			"ports", call->json);
		error = ask(conn, OF_MSG_GET_CONFIG_REQUEST, &msg, err);
	}
	if (error == 0 && of_config_decode(&msg, &config) != OFERROR_OK)
		error = not_understood(err);
	if (error == 0 && !call->ctl->json) {
		str_printf(&call->out,
			"OFPT_GET_CONFIG_REPLY%s (xid=0x%" PRIx32 "): ", of_conn_version_note(conn),
			msg.xid);
		of_config_format(&config, &call->out);
		str_putc(&call->out, '\n');
	}
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_dump_desc(struct ctl_call *call, struct err *err)
{
	struct of_desc desc;
	struct of_conn *conn;
	struct of_msg msg;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = ask(conn, OF_MSG_DESC_REQUEST, &msg, err);
	if (error == 0 && of_desc_decode(&msg, &desc) != OFERROR_OK)
		error = not_understood(err);
	if (error == 0) {
		call->json = json_pack("{ss ss ss ss ss}", "mfr", desc.mfr, "hw", desc.hw, "sw",
			desc.sw, "serial", desc.serial, "dp", desc.dp);
		if (!call->ctl->json) {
			str_printf(&call->out, "OFPST_DESC reply%s (xid=0x%" PRIx32 "):\n",
				of_conn_version_note(conn), msg.xid);
			of_desc_format(&desc, &call->out);
		}
	}
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_dump_tables(struct ctl_call *call, struct err *err)
{
	struct of_conn *conn;
	struct of_msg msg;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);
	bool first = true;

	if (error != 0)
		return error;
	call->json = json_array();
	error = ask(conn, OF_MSG_TABLE_STATS_REQUEST, &msg, err);
	while (error == 0) {
		struct of_table_stats stats;
		struct of_reader r;

		if (first && !call->ctl->json)
			str_printf(&call->out, "OFPST_TABLE reply%s (xid=0x%" PRIx32 "):\n",
				of_conn_version_note(conn), msg.xid);
		of_reader_init(&r, msg.body, msg.body_len);
		while (r.left > 0 && of_table_stats_next(&r, conn->version, &stats) == OFERROR_OK) {
			if (!call->ctl->json) {
				str_puts(&call->out, first ? "" : "\n");
				of_table_stats_format(&stats, conn->version, &call->out);
			}
			first = false;
			json_array_append_new(call->json,
				json_pack("{si sI sI sI}", "table", stats.table_id, "active",
					(json_int_t)stats.active, "lookup",
					(json_int_t)stats.lookups, "matched",
					(json_int_t)stats.matched));
		}
		if ((msg.mp_flags & OF_MSG_MORE) == 0)
			break;
		error = of_conn_reply(conn, conn->xid, &msg, err);
	}
	of_conn_close(conn);
	return error;
}

/* Reads args[2], if there is one, as a port. */
static int
port_arg(struct ctl_call *call, const struct of_conn *conn, uint32_t *portp, struct err *err)
{
	*portp = OFP_PORT_NONE;
	if (call->n_args < 3)
		return 0;
	return of_text_port_parse(call->args[2], &conn->by_name, portp, err);
}

static json_t *
port_stats_to_json(const struct of_port_stats *s)
{
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "rx_packets", s->rx_packets },
		{ "rx_bytes", s->rx_bytes },
		{ "rx_dropped", s->rx_dropped },
		{ "rx_errors", s->rx_errors },
		{ "tx_packets", s->tx_packets },
		{ "tx_bytes", s->tx_bytes },
		{ "tx_dropped", s->tx_dropped },
		{ "tx_errors", s->tx_errors },
	};
	json_t *json = json_pack("{sI}", "port_no", (json_int_t)s->port_no);

	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		json_object_set_new(json, counters[i].name,
			counters[i].value == UINT64_MAX
				? json_null()
				: json_integer((json_int_t)counters[i].value));
	return json;
}

int
ctl_run_of_dump_ports(struct ctl_call *call, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	struct str lines = STR_INIT;
	struct of_conn *conn;
	struct of_msg msg;
	uint32_t port;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = port_arg(call, conn, &port, err);
	if (error == 0) {
		of_port_stats_request_encode(port, conn->version, ++conn->xid, &b);
		error = of_conn_send(conn, &b, err);
	}
	of_buf_uninit(&b);
	call->json = json_array();
	while (error == 0) {
		struct of_port_stats stats;
		struct of_reader r;

		error = of_conn_reply(conn, conn->xid, &msg, err);
		if (error != 0)
			break;
		of_reader_init(&r, msg.body, msg.body_len);
		while (r.left > 0 && of_port_stats_next(&r, conn->version, &stats) == OFERROR_OK) {
			of_port_stats_format(&stats, of_conn_ports(conn), &lines);
			json_array_append_new(call->json, port_stats_to_json(&stats));
		}
		if ((msg.mp_flags & OF_MSG_MORE) == 0)
			break;
	}
	if (error == 0 && !call->ctl->json)
		str_printf(&call->out, "OFPST_PORT reply%s (xid=0x%" PRIx32 "): %zu ports\n%s",
			of_conn_version_note(conn), msg.xid, json_array_size(call->json),
			str_cstr(&lines));
	str_uninit(&lines);
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_dump_ports_desc(struct ctl_call *call, struct err *err)
{
	struct of_conn *conn;
	uint32_t port;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = port_arg(call, conn, &port, err);
	if (error == 0) {
		if (!call->ctl->json)
			str_printf(&call->out, "OFPST_PORT_DESC reply%s (xid=0x%" PRIx32 "):\n",
				of_conn_version_note(conn), conn->xid + 1);
		put_ports(call, conn, port);
	}
	of_conn_close(conn);
	return error;
}

static int
get_config(struct of_conn *conn, struct of_config *config, struct err *err)
{
	struct of_msg msg;
	int error = ask(conn, OF_MSG_GET_CONFIG_REQUEST, &msg, err);

	if (error == 0 && of_config_decode(&msg, config) != OFERROR_OK)
		error = not_understood(err);
	return error;
}

static const char *const frag_names[] = { "normal", "drop", "reassemble", "nx-match" };

int
ctl_run_of_get_frags(struct ctl_call *call, struct err *err)
{
	struct of_config config;
	struct of_conn *conn;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error == 0)
		error = get_config(conn, &config, err);
	if (error == 0) {
		if (!call->ctl->json)
			str_printf(&call->out, "%s\n", frag_names[config.frag & 3]);
		call->json = json_string(frag_names[config.frag & 3]);
	}
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_set_frags(struct ctl_call *call, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_config config;
	struct of_conn *conn;
	uint16_t frag = 0;
	int error;

	while (frag < ARRAY_SIZE(frag_names) && strcmp(frag_names[frag], call->args[2]) != 0)
		frag++;
	if (frag == ARRAY_SIZE(frag_names)) {
		err_set(err, "%s: unknown fragment handling mode", call->args[2]);
		return -EINVAL;
	}
	error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);
	if (error == 0)
		error = get_config(conn, &config, err);
	if (error == 0) {
		config.frag = frag;
		of_config_encode(&config, OF_MSG_SET_CONFIG, conn->version, ++conn->xid, &b);
		error = of_conn_sync(conn, &b, err);
		of_buf_uninit(&b);
	}
	if (error == 0)
		error = get_config(conn, &config, err);
	if (error == 0 && config.frag != frag) {
		err_set(err,
			"%s: setting fragment handling mode failed (this switch probably doesn't support mode \"%s\")",
			call->args[1], call->args[2]);
		error = -EOPNOTSUPP;
	}
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_probe(struct ctl_call *call, struct err *err)
{
	struct of_conn *conn;
	struct of_msg msg;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error == 0)
		error = ask(conn, OF_MSG_ECHO_REQUEST, &msg, err);
	if (error == 0 && msg.type != OF_MSG_ECHO_REPLY)
		error = not_understood(err);
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_ping(struct ctl_call *call, struct err *err)
{
	long size = call->n_args > 2 ? strtol(call->args[2], NULL, 10) : 64;
	struct of_conn *conn;
	int error;

	if (size < OF_HEADER_LEN || size > UINT16_MAX) {
		err_set(err, "payload must be between %d and %d bytes", OF_HEADER_LEN, UINT16_MAX);
		return -EINVAL;
	}
	error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);
	for (int i = 0; i < 10 && error == 0; i++) {
		struct of_buf b = OF_BUF_INIT;
		int64_t start = clock_ns();
		struct of_msg msg;
		size_t at = of_msg_begin(&b, OF_MSG_ECHO_REQUEST, conn->version, ++conn->xid);

		of_buf_put_zeros(&b, (size_t)size - OF_HEADER_LEN);
		of_msg_end(&b, at);
		error = of_conn_send(conn, &b, err);
		of_buf_uninit(&b);
		if (error == 0)
			error = of_conn_reply(conn, conn->xid, &msg, err);
		if (error == 0)
			str_printf(&call->out,
				"%zu bytes from %s: xid=%08" PRIx32 " time=%.1f ms\n", msg.len,
				call->args[1], msg.xid, (double)(clock_ns() - start) / 1e6);
	}
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_mod_port(struct ctl_call *call, struct err *err)
{
	static const struct {
		const char *word;
		uint32_t bit;
		bool on;
	} words[] = {
		{ "up", OF_PORT_CONFIG_DOWN, false },
		{ "down", OF_PORT_CONFIG_DOWN, true },
		{ "flood", OF_PORT_CONFIG_NO_FLOOD, false },
		{ "no-flood", OF_PORT_CONFIG_NO_FLOOD, true },
		{ "forward", OF_PORT_CONFIG_NO_FWD, false },
		{ "no-forward", OF_PORT_CONFIG_NO_FWD, true },
		{ "receive", OF_PORT_CONFIG_NO_RECV, false },
		{ "no-receive", OF_PORT_CONFIG_NO_RECV, true },
		{ "packet-in", OF_PORT_CONFIG_NO_PACKET_IN, false },
		{ "no-packet-in", OF_PORT_CONFIG_NO_PACKET_IN, true },
	};
	struct of_buf b = OF_BUF_INIT;
	struct of_port_mod mod = { 0 };
	struct of_conn *conn;
	size_t w = 0, i = 0;
	uint32_t port;
	int error;

	while (w < ARRAY_SIZE(words) && strcmp(words[w].word, call->args[3]) != 0)
		w++;
	if (w == ARRAY_SIZE(words)) {
		err_set(err, "unknown mod-port command '%s'", call->args[3]);
		return -EINVAL;
	}
	error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);
	if (error != 0)
		return error;
	error = port_arg(call, conn, &port, err);
	while (error == 0 && i < conn->n_ports && conn->ports[i].port_no != port)
		i++;
	if (error == 0 && i == conn->n_ports) {
		err_set(err, "%s: couldn't find port `%s'", call->args[1], call->args[2]);
		error = -ENOENT;
	}
	if (error == 0) {
		mod.port_no = port;
		memcpy(mod.hw_addr, conn->ports[i].hw_addr, sizeof mod.hw_addr);
		mod.mask = words[w].bit;
		mod.config = words[w].on ? words[w].bit : 0;
		of_port_mod_encode(&mod, conn->version, ++conn->xid, &b);
		error = of_conn_sync(conn, &b, err);
	}
	of_buf_uninit(&b);
	of_conn_close(conn);
	return error;
}

/* Prints messages as they come, until the connection ends. */
static int
print_messages(struct of_conn *conn, struct err *err)
{
	struct of_msg msg;
	int error;

	for (;;) {
		struct str s = STR_INIT;
		struct of_packet_in pin;
		struct of_flow_mod fm;

		error = of_conn_receive(conn, &msg, err);
		if (error != 0)
			return error;
		if ((msg.type == OF_MSG_PACKET_IN || msg.type == OF_MSG_NX_PACKET_IN)
			&& of_packet_in_decode(&msg, &pin) == OFERROR_OK) {
			str_printf(&s, "PACKET_IN (xid=0x%" PRIx32 "): ", msg.xid);
			of_packet_in_format(&pin, of_conn_ports(conn), &s);
			str_puts(&s, "\n  ");
			for (size_t i = 0; i < pin.packet_len; i++)
				str_printf(&s, "%02x", pin.packet[i]);
		} else if ((msg.type == OF_MSG_FLOW_MOD || msg.type == OF_MSG_NX_FLOW_MOD)
			&& of_flow_mod_decode(&msg, true, &fm) == OFERROR_OK) {
			str_printf(&s, "FLOW_MOD (xid=0x%" PRIx32 "): ", msg.xid);
			of_flow_mod_format(&fm, of_conn_ports(conn), &s);
			of_flow_mod_uninit(&fm);
		} else {
			str_printf(&s, "%s (xid=0x%" PRIx32 "): %zu bytes", of_msg_name(msg.type),
				msg.xid, msg.len);
		}
		puts(str_cstr(&s));
		fflush(stdout);
		str_uninit(&s);
	}
}

int
ctl_run_of_monitor(struct ctl_call *call, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_config config;
	struct of_conn *conn;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error == 0 && call->n_args > 2) {
		error = get_config(conn, &config, err);
		if (error == 0) {
			config.miss_send_len = (uint16_t)strtol(call->args[2], NULL, 10);
			of_config_encode(
				&config, OF_MSG_SET_CONFIG, conn->version, ++conn->xid, &b);
			error = of_conn_send(conn, &b, err);
		}
	}
	if (error == 0)
		error = print_messages(conn, err);
	of_buf_uninit(&b);
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_snoop(struct ctl_call *call, struct err *err)
{
	err_set(err, "%s: the switch has no snooping socket", call->args[1]);
	return -EOPNOTSUPP;
}
