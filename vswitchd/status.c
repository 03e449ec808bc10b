/* SPDX-License-Identifier: Apache-2.0 */
/* status: from what runs to status columns.  Room: vswitchd. */

#include "status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#define LOG_THIS LOG_status
#include "base/log.h"
#include "datapath/datapath.h"
#include "eal.h"
#include "ofconn/ofserver.h"
#include "ovsdb/txn.h"
#include "version.h"
#include "wiring.h"

#define MAX_COUNTERS 256

/* Column Interface.statistics while it is gathered. */
struct counters {
	const char *keys[MAX_COUNTERS];
	int64_t values[MAX_COUNTERS];
	size_t n;
};

static void
count(struct counters *c, const char *key, uint64_t value)
{
	if (value == UINT64_MAX || c->n == MAX_COUNTERS)
		return;
	c->keys[c->n] = key;
	c->values[c->n++] = (int64_t)value;
}

static void
write_statistics(const struct live *live, struct ovsdb_txn *txn, const struct ovsdb_row *row,
	const struct live_iface *iface)
{
	uint64_t drops[N_DROP_REASONS], dropped = 0;
	const struct smap_node *node;
	struct counters c = { .n = 0 };
	struct port_stats st;

	memset(&st, 0, sizeof st);
	smap_init(&st.extra);
	port_get_stats(iface->port, &st);
	datapath_get_port_drops(live->env.datapath, iface->port->dp_port, drops);
	for (unsigned int i = 0; i < N_DROP_REASONS; i++)
		dropped += drops[i];
	count(&c, "rx_packets", st.rx_packets);
	count(&c, "tx_packets", st.tx_packets);
	count(&c, "rx_bytes", st.rx_bytes);
	count(&c, "tx_bytes", st.tx_bytes);
	count(&c, "rx_dropped", st.rx_dropped);
	count(&c, "tx_dropped", st.tx_dropped);
	count(&c, "rx_errors", st.rx_errors);
	count(&c, "tx_errors", st.tx_errors);
	count(&c, "rx_multicast_packets", st.rx_multicast);
	count(&c, "collisions", st.collisions);
	count(&c, "rx_length_errors", st.rx_length_errors);
	count(&c, "rx_over_err", st.rx_over_errors);
	count(&c, "rx_crc_err", st.rx_crc_errors);
	count(&c, "rx_frame_err", st.rx_frame_errors);
	count(&c, "rx_fifo_errors", st.rx_fifo_errors);
	count(&c, "rx_missed_errors", st.rx_missed_errors);
	count(&c, "sluice_dropped", dropped);
	SMAP_FOREACH(node, &st.extra)
		count(&c, node->key, strtoull(node->value, NULL, 10));
	ovsdb_txn_set_counters(txn, row, "statistics", c.keys, c.values, c.n);
	smap_uninit(&st.extra);
}

static void
set_mac(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *column,
	const struct ether_addr *mac)
{
	const uint8_t *o = mac->ether_addr_octet;
	char text[32];

	(void)snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", o[0], o[1], o[2], o[3],
		o[4], o[5]);
	ovsdb_txn_set_string(txn, row, column, text);
}

static void
clear_device(struct ovsdb_txn *txn, const struct ovsdb_row *row)
{
	static const char *const columns[] = { "admin_state", "link_state", "mac_in_use", "mtu",
		"ifindex", "link_speed", "duplex", "statistics", "link_resets" };

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		ovsdb_txn_clear(txn, row, columns[i]);
}

static void
set_optional(struct ovsdb_txn *txn, const struct ovsdb_row *row, const char *column, int64_t value)
{
	if (value > 0)
		ovsdb_txn_set_int(txn, row, column, value);
	else
		ovsdb_txn_clear(txn, row, column);
}

static void
write_device(struct ovsdb_txn *txn, const struct ovsdb_row *row, const struct live_iface *iface,
	const char *unsupported)
{
	struct port_status st;

	memset(&st, 0, sizeof st);
	smap_init(&st.info);
	if (iface->port == NULL) {
		clear_device(txn, row);
		if (iface->is_patch && iface->error == NULL) {
			ovsdb_txn_set_string(txn, row, "admin_state", "up");
			ovsdb_txn_set_string(txn, row, "link_state", "up");
		}
	} else {
		port_get_status(iface->port, &st);
		ovsdb_txn_set_string(txn, row, "admin_state", st.admin_up ? "up" : "down");
		ovsdb_txn_set_string(
			txn, row, "link_state", st.link == PORT_LINK_UP ? "up" : "down");
		set_mac(txn, row, "mac_in_use", &st.mac);
		set_optional(txn, row, "mtu", st.mtu);
		ovsdb_txn_set_int(txn, row, "ifindex", st.ifindex);
		set_optional(txn, row, "link_speed", (int64_t)st.link_speed_bps);
		if (st.link_speed_bps > 0)
			ovsdb_txn_set_string(txn, row, "duplex", st.full_duplex ? "full" : "half");
		else
			ovsdb_txn_clear(txn, row, "duplex");
		ovsdb_txn_set_int(txn, row, "link_resets", (int64_t)st.link_resets);
	}
	if (iface->error == NULL)
		ovsdb_txn_set_string(txn, row, "error", st.error[0] != '\0' ? st.error : NULL);
	if (unsupported != NULL && unsupported[0] != '\0')
		smap_set(&st.info, "unsupported", unsupported);
	ovsdb_txn_set_smap(txn, row, "status", &st.info);
	smap_uninit(&st.info);
}

static void
write_ofport(struct ovsdb_txn *txn, const struct ovsdb_row *row, const struct live_iface *iface)
{
	int64_t ofport = iface->ofport;

	if (iface->ofport == LIVE_NO_OFPORT)
		ofport = -1;
	else if (iface->ofport == OFP_PORT_LOCAL)
		ofport = 65534;
	ovsdb_txn_set_int(txn, row, "ofport", ofport);
	if (iface->error != NULL)
		ovsdb_txn_set_string(txn, row, "error", iface->error);
}

static void
write_iface(const struct status_request *r, struct ovsdb_txn *txn, const struct live_iface *iface,
	struct wanted_iface *asked)
{
	const struct ovsdb_row *row = ovsdb_db_row(r->db, "Interface", &iface->uuid);

	if (row == NULL)
		return;
	if (r->with_config)
		write_ofport(txn, row, iface);
	write_device(txn, row, iface, asked != NULL ? str_cstr(&asked->unsupported) : NULL);
	if (r->with_statistics && iface->port != NULL)
		write_statistics(r->live, txn, row, iface);
}

static void
write_bridge(const struct status_request *r, struct ovsdb_txn *txn, const struct live_bridge *br)
{
	const struct ovsdb_row *row = ovsdb_db_row(r->db, "Bridge", &br->uuid);
	struct wanted_bridge *asked = wanted_find_bridge(r->wanted, br->name);
	const struct live_iface *iface;

	if (row != NULL && r->with_config) {
		const char *unsupported = asked != NULL ? str_cstr(&asked->unsupported) : "";
		char dpid[32];

		(void)snprintf(dpid, sizeof dpid, "%016" PRIx64, br->datapath_id);
		ovsdb_txn_set_string(txn, row, "datapath_id", dpid);
		ovsdb_txn_set_string(txn, row, "datapath_version", "sluice " SLUICE_VERSION);
		ovsdb_txn_set_pair(txn, row, "status", "unsupported",
			unsupported[0] != '\0' ? unsupported : NULL);
		ovsdb_txn_set_pair(txn, row, "status", "error", br->error);
	}
	HMAP_FOREACH(iface, node, &br->ifaces)
		write_iface(r, txn, iface, wanted_find_iface(asked, iface->name));
}

/* The schema has the older words for roles. */
static const char *
role_word(const char *role)
{
	if (strcmp(role, "primary") == 0)
		return "master";
	return strcmp(role, "secondary") == 0 ? "slave" : "other";
}

static void
write_controller(struct ovsdb_txn *txn, const struct ovsdb_row *row,
	const struct ofserver_controller_status *st)
{
	struct smap status;

	smap_init(&status);
	smap_set(&status, "state", st->state);
	if (st->sec_since_connect >= 0)
		smap_setf(&status, "sec_since_connect", "%" PRId64, st->sec_since_connect);
	if (st->sec_since_disconnect >= 0)
		smap_setf(&status, "sec_since_disconnect", "%" PRId64, st->sec_since_disconnect);
	if (st->last_error != 0)
		smap_set(&status, "last_error", strerror(-st->last_error));
	ovsdb_txn_set_bool(txn, row, "is_connected", st->is_connected);
	if (st->is_connected)
		ovsdb_txn_set_string(txn, row, "role", role_word(st->role));
	else
		ovsdb_txn_clear(txn, row, "role");
	ovsdb_txn_set_smap(txn, row, "status", &status);
	smap_uninit(&status);
}

static void
write_controllers(
	const struct status_request *r, struct ovsdb_txn *txn, const struct live_bridge *br)
{
	const struct wanted_bridge *asked = wanted_find_bridge(r->wanted, br->name);

	for (size_t i = 0; asked != NULL && br->ofserver != NULL && i < asked->n_controllers; i++) {
		const struct wanted_controller *c = &asked->controllers[i];
		const struct ovsdb_row *row = ovsdb_db_row(r->db, "Controller", &c->uuid);
		struct ofserver_controller_status st;

		if (row != NULL && ofserver_get_controller(br->ofserver, c->target, &st))
			write_controller(txn, row, &st);
	}
}

static void
write_root(const struct status_request *r, struct ovsdb_txn *txn)
{
	static const char *const datapath_types[] = { "netdev", "system" };
	const struct ovsdb_row *row = ovsdb_table_first(ovsdb_db_table(r->db, "Open_vSwitch"));
	const char *types[32];
	size_t n;

	if (row == NULL)
		return;
	n = wiring_iface_types(types, ARRAY_SIZE(types));
	ovsdb_txn_set_strings(txn, row, "iface_types", types, MIN(n, ARRAY_SIZE(types)));
	ovsdb_txn_set_strings(
		txn, row, "datapath_types", datapath_types, ARRAY_SIZE(datapath_types));
	ovsdb_txn_set_string(txn, row, "ovs_version", SLUICE_OVS_VERSION);
	ovsdb_txn_set_string(txn, row, "db_version", r->db->schema->version);
	ovsdb_txn_set_bool(txn, row, "dpdk_initialized", true);
	ovsdb_txn_set_string(txn, row, "dpdk_version", eal_version());
	ovsdb_txn_set_int(txn, row, "cur_cfg", r->wanted->next_cfg);
}

static ROLE_MAIN void
write_managers(const struct status_request *r, struct ovsdb_txn *txn)
{
	struct ovsdb_server_remote_info infos[64];
	size_t n = ovsdb_server_remotes(r->server, infos, ARRAY_SIZE(infos));
	struct ovsdb_row *row;

	OVSDB_TABLE_FOREACH(row, ovsdb_db_table(r->db, "Manager")) {
		const char *target = ovsdb_row_string(row, "target", "");
		bool connected = false, listens = false;

		for (size_t i = 0; i < MIN(n, ARRAY_SIZE(infos)); i++) {
			if (strcmp(infos[i].target, target) != 0)
				continue;
			listens = true;
			connected |= infos[i].n_sessions > 0;
		}
		ovsdb_txn_set_bool(txn, row, "is_connected", connected);
		ovsdb_txn_set_pair(txn, row, "status", "state", listens ? "ACTIVE" : "VOID");
		ovsdb_txn_set_pair(txn, row, "status", "last_error",
			listens ? NULL : "not listened on: the log says why");
	}
}

int
status_write(const struct status_request *r)
{
	struct ovsdb_txn *txn = ovsdb_txn_create(r->db);
	const struct live_bridge *br;
	struct ovsdb_err err;
	int error;

	HMAP_FOREACH(br, node, &r->live->bridges) {
		write_bridge(r, txn, br);
		write_controllers(r, txn, br);
	}
	write_managers(r, txn);
	if (r->with_config)
		write_root(r, txn);
	error = ovsdb_txn_commit(txn, &err);
	if (error != 0) {
		struct err text;

		ovsdb_err_copy(&text, &err);
		LOG_ERR_RL("status could not be written to the database: %s", text.text);
	}
	return error;
}
