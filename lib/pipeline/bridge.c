/* SPDX-License-Identifier: Apache-2.0 */
/* bridge: life of bridges and of their ports, main's side. */

#include "pipeline/bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_THIS LOG_MODULE_pipeline
#include "base/alloc.h"
#include "base/bitmap.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fatal.h"
#include "base/hash.h"
#include "base/log.h"
#include "pipeline/pipeline_priv.h"
#include "rcu/rcu.h"

/* Config bits that a controller may set. */
#define PORT_CONFIG_BITS                                                                       \
	(BRIDGE_PORT_DOWN | BRIDGE_PORT_NO_STP | BRIDGE_PORT_NO_RECV | BRIDGE_PORT_NO_RECV_STP \
		| BRIDGE_PORT_NO_FLOOD | BRIDGE_PORT_NO_FWD | BRIDGE_PORT_NO_PACKET_IN)

/* ---- Bridges ---- */

/* A controller-less standalone bridge switches by a rule of its own. */
static bool
config_switches(const struct bridge_config *c)
{
	return c->fail_mode == BRIDGE_FAIL_STANDALONE && !c->has_controllers;
}

static void
config_copy(struct bridge *b, const struct bridge_config *c)
{
	b->config = *c;
	b->config.flood_vlans = NULL;
	if (b->config.mac_ageing_s == 0)
		b->config.mac_ageing_s = MAC_TABLE_DEFAULT_AGEING_S;
	if (b->config.mac_table_size == 0)
		b->config.mac_table_size = MAC_TABLE_DEFAULT_SIZE;
	if (c->flood_vlans != NULL) {
		memmove(b->flood_vlans, c->flood_vlans, sizeof b->flood_vlans);
		b->config.flood_vlans = b->flood_vlans;
	}
}

int
bridge_create(struct pipeline *p, const char *name, const struct bridge_config *config,
	struct bridge **bridgep, struct err *err)
{
	struct bridge *b;

	*bridgep = NULL;
	if (name[0] == '\0') {
		err_set(err, "bridge: the name is empty");
		return -EINVAL;
	}
	if (shash_find(&p->bridges, name) != NULL) {
		err_set(err, "%s: a bridge of that name exists", name);
		return -EEXIST;
	}
	b = xzalloc(sizeof *b);
	b->pipeline = p;
	b->name = xstrdup(name);
	b->id = p->next_bridge_id++;
	config_copy(b, config);
	hmap_init(&b->ports);
	shash_init(&b->port_names);
	b->next_ofp_port = 1;
	b->macs = mac_table_create(b->config.mac_table_size, b->config.mac_ageing_s);
	b->tables = tables_create();
	b->cells = xzalloc(sizeof *b->cells);
	atomic_init(&b->cells->refs, 1);
	list_init(&b->txn_log);
	list_init(&b->txn_events);
	shash_add(&p->bridges, name, b);
	if (config_switches(config))
		bridge_install_default(b);
	pipeline_publish_snapshot(p);
	*bridgep = b;
	return 0;
}

void
bridge_configure(struct bridge *b, const struct bridge_config *config)
{
	bool switched = config_switches(&b->config);

	config_copy(b, config);
	if (mac_table_configure(b->macs, b->config.mac_table_size, b->config.mac_ageing_s))
		pipeline_want_rejudge(b->pipeline);
	b->pipeline->snapshot_stale = true;
	if (config_switches(&b->config) != switched)
		bridge_flush_flows(b);
}

static void
free_macs(void *macs)
{
	mac_table_destroy(macs);
}

static void
port_destroy(struct bridge_port *port)
{
	free(port->name);
	free(port->peer);
	port_cell_unref(port->cell);
	free(port);
}

void
bridge_destroy(struct bridge *b)
{
	struct bridge_port *port, *next;
	struct pipeline *p;

	if (b == NULL)
		return;
	p = b->pipeline;
	BUG_ON(b->in_txn);
	b->events = NULL;
	shash_remove(&p->bridges, b->name);
	pipeline_publish_snapshot(p);
	tables_retire(p, b->tables);
	rcu_retire(b->macs, free_macs);
	HMAP_FOREACH_SAFE(port, next, node, &b->ports) {
		hmap_remove(&b->ports, &port->node);
		port_destroy(port);
	}
	hmap_uninit(&b->ports);
	shash_uninit(&b->port_names);
	table_cells_unref(b->cells);
	free(b->name);
	free(b);
}

const char *
bridge_name(const struct bridge *b)
{
	return b->name;
}

uint32_t
bridge_id(const struct bridge *b)
{
	return b->id;
}

uint64_t
bridge_datapath_id(const struct bridge *b)
{
	return b->config.datapath_id;
}

struct pipeline *
bridge_pipeline(const struct bridge *b)
{
	return b->pipeline;
}

const struct bridge_config *
bridge_get_config(const struct bridge *b)
{
	return &b->config;
}

void
bridge_set_events(struct bridge *b, const struct bridge_events *events, void *aux)
{
	b->events = events;
	b->events_aux = aux;
}

void
bridge_barrier(struct bridge *b, void (*cb)(void *aux), void *aux)
{
	pipeline_barrier(b->pipeline, cb, aux);
}

/* ---- Ports ---- */

static struct bridge_port *
find_port(const struct bridge *b, uint32_t ofp_port)
{
	struct bridge_port *port;

	HMAP_FOREACH_HASH(port, node, hash_u32(ofp_port, 0), &b->ports) {
		if (port->ofp_port == ofp_port)
			return port;
	}
	return NULL;
}

static void
fill_info(const struct bridge_port *port, struct bridge_port_info *info)
{
	memset(info, 0, sizeof *info);
	info->ofp_port = port->ofp_port;
	info->name = port->name;
	info->dp_port = port->dp_port;
	info->peer = port->peer;
	memcpy(info->mac, port->mac, sizeof info->mac);
	info->mtu = port->mtu;
	info->config = port->config | (port->admin_up ? 0 : BRIDGE_PORT_DOWN);
	info->state = port->link_up ? BRIDGE_PORT_LIVE : BRIDGE_PORT_LINK_DOWN;
	info->admin_up = port->admin_up;
	info->link_up = port->link_up;
	info->link_speed_bps = port->link_speed_bps;
	info->full_duplex = port->full_duplex;
	info->duration_ms = clock_ms() - port->created_ms;
}

static void
tell_port_status(struct bridge *b, enum port_status_reason reason, const struct bridge_port *port)
{
	struct bridge_port_info info;

	if (b->events == NULL || b->events->port_status == NULL)
		return;
	fill_info(port, &info);
	b->events->port_status(b->events_aux, b, reason, &info);
}

/* The number for a new port, or 0 if there is none left. */
static uint32_t
choose_number(struct bridge *b, uint32_t request)
{
	if (request != 0 && find_port(b, request) == NULL)
		return request;
	for (uint32_t i = 1; i < OFP_PORT_MAX10; i++) {
		uint32_t n = b->next_ofp_port;

		b->next_ofp_port = n + 1 < OFP_PORT_MAX10 ? n + 1 : 1;
		if (find_port(b, n) == NULL)
			return n;
	}
	return 0;
}

static int
check_port_config(const struct bridge_port_config *c, struct err *err)
{
	if (c->name == NULL || c->name[0] == '\0') {
		err_set(err, "port: the name is empty");
		return -EINVAL;
	}
	if (c->vlan.tag >= BRIDGE_N_VLANS) {
		err_set(err, "%s: VLAN %u is not below %u", c->name, c->vlan.tag, BRIDGE_N_VLANS);
		return -EINVAL;
	}
	if (c->ofport_request >= OFP_PORT_MAX10 && c->ofport_request != OFP_PORT_LOCAL) {
		err_set(err, "%s: OpenFlow port %u cannot be asked for", c->name,
			c->ofport_request);
		return -EINVAL;
	}
	return 0;
}

/* Takes over 'c'.  Returns: true if what listeners see changed. */
static bool
apply_port_config(struct bridge_port *port, const struct bridge_port_config *c)
{
	bool changed = port->admin_up != c->admin_up || port->link_up != c->link_up
		|| port->link_speed_bps != c->link_speed_bps || port->full_duplex != c->full_duplex
		|| memcmp(port->mac, c->mac, sizeof port->mac) != 0;
	char *peer = c->peer != NULL ? xstrdup(c->peer) : NULL;

	free(port->peer);
	port->peer = peer;
	port->dp_port = c->dp_port;
	memcpy(port->mac, c->mac, sizeof port->mac);
	port->mtu = c->mtu;
	port->admin_up = c->admin_up;
	port->link_up = c->link_up;
	port->link_speed_bps = c->link_speed_bps;
	port->full_duplex = c->full_duplex;
	port->vlan = c->vlan;
	port->vlan.trunks = NULL;
	if (c->vlan.trunks != NULL) {
		memmove(port->trunks, c->vlan.trunks, sizeof port->trunks);
		port->vlan.trunks = port->trunks;
	}
	return changed;
}

int
bridge_add_port(
	struct bridge *b, const struct bridge_port_config *c, uint32_t *ofp_portp, struct err *err)
{
	struct bridge_port *port;
	uint32_t number;
	int error = check_port_config(c, err);

	if (error != 0)
		return error;
	if (shash_find(&b->port_names, c->name) != NULL) {
		err_set(err, "%s: bridge %s has a port of that name", c->name, b->name);
		return -EEXIST;
	}
	if (c->ofport_request == OFP_PORT_LOCAL && find_port(b, OFP_PORT_LOCAL) != NULL) {
		err_set(err, "%s: bridge %s has a local port", c->name, b->name);
		return -EEXIST;
	}
	number = choose_number(b, c->ofport_request);
	if (number == 0) {
		err_set(err, "%s: bridge %s has no OpenFlow port number left", c->name, b->name);
		return -ENOSPC;
	}
	port = xzalloc(sizeof *port);
	port->name = xstrdup(c->name);
	port->ofp_port = number;
	port->created_ms = clock_ms();
	port->cell = xzalloc(sizeof *port->cell);
	atomic_init(&port->cell->refs, 1);
	(void)apply_port_config(port, c);
	hmap_insert(&b->ports, &port->node, hash_u32(number, 0));
	shash_add(&b->port_names, port->name, port);
	b->pipeline->snapshot_stale = true;
	*ofp_portp = number;
	tell_port_status(b, PORT_STATUS_ADD, port);
	return 0;
}

int
bridge_update_port(
	struct bridge *b, uint32_t ofp_port, const struct bridge_port_config *c, struct err *err)
{
	struct bridge_port *port = find_port(b, ofp_port);
	int error;
	bool changed, moved;

	if (port == NULL) {
		err_set(err, "bridge %s: no port %u", b->name, ofp_port);
		return -ENOENT;
	}
	error = check_port_config(c, err);
	if (error != 0)
		return error;
	moved = port->vlan.mode != c->vlan.mode || port->vlan.tag != c->vlan.tag;
	changed = apply_port_config(port, c);
	if (moved)
		(void)mac_table_flush_port(b->macs, ofp_port); /* Learned in VLANs that it left. */
	b->pipeline->snapshot_stale = true;
	if (changed)
		tell_port_status(b, PORT_STATUS_MODIFY, port);
	return 0;
}

void
bridge_set_port_link(struct bridge *b, uint32_t ofp_port, bool admin_up, bool link_up,
	uint64_t link_speed_bps, bool full_duplex)
{
	struct bridge_port *port = find_port(b, ofp_port);

	if (port == NULL
		|| (port->admin_up == admin_up && port->link_up == link_up
			&& port->link_speed_bps == link_speed_bps
			&& port->full_duplex == full_duplex))
		return;
	port->admin_up = admin_up;
	port->link_up = link_up;
	port->link_speed_bps = link_speed_bps;
	port->full_duplex = full_duplex;
	tell_port_status(b, PORT_STATUS_MODIFY, port);
}

void
bridge_remove_port(struct bridge *b, uint32_t ofp_port)
{
	struct bridge_port *port = find_port(b, ofp_port);

	if (port == NULL)
		return;
	hmap_remove(&b->ports, &port->node);
	shash_remove(&b->port_names, port->name);
	(void)mac_table_flush_port(b->macs, ofp_port);
	/* At once: the datapath may give the port's number to another one. */
	pipeline_publish_snapshot(b->pipeline);
	tell_port_status(b, PORT_STATUS_DELETE, port);
	port_destroy(port);
}

enum oferror
bridge_port_mod(
	struct bridge *b, uint32_t ofp_port, const uint8_t mac[6], uint32_t config, uint32_t mask)
{
	struct bridge_port *port = find_port(b, ofp_port);
	uint32_t old;

	if (port == NULL)
		return OFPPMFC_BAD_PORT;
	if (memcmp(mac, port->mac, sizeof port->mac) != 0)
		return OFPPMFC_BAD_HW_ADDR;
	if ((mask & ~PORT_CONFIG_BITS) != 0)
		return OFPPMFC_BAD_CONFIG;
	old = port->config;
	port->config = (port->config & ~mask) | (config & mask);
	if (port->config != old) {
		b->pipeline->snapshot_stale = true;
		tell_port_status(b, PORT_STATUS_MODIFY, port);
	}
	return OFERROR_OK;
}

bool
bridge_get_port(const struct bridge *b, uint32_t ofp_port, struct bridge_port_info *info)
{
	const struct bridge_port *port = find_port(b, ofp_port);

	if (port != NULL)
		fill_info(port, info);
	return port != NULL;
}

bool
bridge_find_port(const struct bridge *b, const char *name, struct bridge_port_info *info)
{
	const struct bridge_port *port = shash_find(&b->port_names, name);

	if (port != NULL)
		fill_info(port, info);
	return port != NULL;
}

bool
bridge_next_port(const struct bridge *b, uint32_t from, struct bridge_port_info *info)
{
	const struct bridge_port *port, *best = find_port(b, from);

	if (best == NULL) {
		HMAP_FOREACH(port, node, &b->ports) {
			if (port->ofp_port >= from
				&& (best == NULL || port->ofp_port < best->ofp_port))
				best = port;
		}
	}
	if (best != NULL)
		fill_info(best, info);
	return best != NULL;
}

uint32_t
bridge_n_ports(const struct bridge *b)
{
	return (uint32_t)hmap_count(&b->ports);
}

bool
bridge_get_port_stats(const struct bridge *b, uint32_t ofp_port, struct bridge_port_stats *s)
{
	const struct bridge_port *port = find_port(b, ofp_port);
	const struct pipeline *p = b->pipeline;

	if (port == NULL)
		return false;
	memset(s, 0xff, sizeof *s);
	if (port->peer != NULL) {
		memset(s, 0, sizeof *s);
		s->rx_packets = atomic_load_explicit(&port->cell->rx_packets, memory_order_relaxed);
		s->rx_bytes = atomic_load_explicit(&port->cell->rx_bytes, memory_order_relaxed);
		s->tx_packets = atomic_load_explicit(&port->cell->tx_packets, memory_order_relaxed);
		s->tx_bytes = atomic_load_explicit(&port->cell->tx_bytes, memory_order_relaxed);
	} else if (port->dp_port != UINT32_MAX && p->ops != NULL && p->ops->port_stats != NULL) {
		if (p->ops->port_stats(p->ops_ctx, port->dp_port, s) != 0)
			memset(s, 0xff, sizeof *s);
	}
	return true;
}

/* ---- MAC table ---- */

struct mac_table *
bridge_mac_table(struct bridge *b)
{
	return b->macs;
}

int
bridge_mac_add_static(
	struct bridge *b, const uint8_t mac[6], uint16_t vlan, uint32_t ofp_port, struct err *err)
{
	int error;

	if (find_port(b, ofp_port) == NULL) {
		err_set(err, "bridge %s: no port %u", b->name, ofp_port);
		return -ENOENT;
	}
	if (vlan >= BRIDGE_N_VLANS || (mac[0] & 1) != 0) {
		err_set(err, "bridge %s: not a VLAN below %u and an address of one station",
			b->name, BRIDGE_N_VLANS);
		return -EINVAL;
	}
	error = mac_table_add_static(b->macs, vlan, mac, ofp_port, clock_ms());
	if (error != 0) {
		err_set(err, "bridge %s: the MAC table is full of static addresses", b->name);
		return error;
	}
	pipeline_want_rejudge(b->pipeline);
	return 0;
}

int
bridge_mac_remove(struct bridge *b, const uint8_t mac[6], uint16_t vlan)
{
	if (!mac_table_remove(b->macs, vlan, mac))
		return -ENOENT;
	pipeline_want_rejudge(b->pipeline);
	return 0;
}

void
bridge_mac_flush(struct bridge *b)
{
	if (mac_table_flush(b->macs))
		pipeline_want_rejudge(b->pipeline);
}
