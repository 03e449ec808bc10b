/* SPDX-License-Identifier: Apache-2.0 */
/* live: carries out plans on bridges and ports.  Room: vswitchd. */

#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#define LOG_THIS LOG_config
#include "base/log.h"
#include "datapath/datapath.h"
#include "ipc/stream.h"
#include "ofconn/ofserver.h"
#include "pipeline/pipeline.h"

#define RETRY_MIN_MS 2000
#define RETRY_MAX_MS 32000

void
live_init(struct live *live, const struct live_env *env)
{
	memset(live, 0, sizeof *live);
	live->env = *env;
	live->n_txq = 1;
	hmap_init(&live->bridges);
}

struct live_bridge *
live_find_bridge(const struct live *live, const char *name)
{
	struct live_bridge *br;

	HMAP_FOREACH_HASH(br, node, hash_string(name, 0), &live->bridges) {
		if (strcmp(br->name, name) == 0)
			return br;
	}
	return NULL;
}

struct live_iface *
live_find_iface(const struct live_bridge *br, const char *name)
{
	struct live_iface *iface;

	if (br == NULL)
		return NULL;
	HMAP_FOREACH_HASH(iface, node, hash_string(name, 0), &br->ifaces) {
		if (strcmp(iface->name, name) == 0)
			return iface;
	}
	return NULL;
}

bool
live_has_failed(void *live_, const char *bridge, const char *name)
{
	const struct live *live = live_;
	const struct live_iface *iface = live_find_iface(live_find_bridge(live, bridge), name);

	return iface == NULL || (iface->error != NULL && clock_ms() >= iface->retry_ms);
}

struct live_iface *
live_find_dp_port(const struct live *live, uint32_t dp_port)
{
	struct live_bridge *br;
	struct live_iface *iface;

	HMAP_FOREACH(br, node, &live->bridges) {
		HMAP_FOREACH(iface, node, &br->ifaces) {
			if (iface->port != NULL && iface->port->dp_port == dp_port)
				return iface;
		}
	}
	return NULL;
}

static void
set_error(struct live *live, struct live_iface *iface, const char *text)
{
	live->n_failed += (text != NULL) - (iface->error != NULL);
	if (text != NULL && (iface->error == NULL || strcmp(iface->error, text) != 0))
		LOG_WARN("interface %s of bridge %s: %s", iface->name, iface->br->name, text);
	free(iface->error);
	iface->error = text != NULL ? xstrdup(text) : NULL;
	if (text == NULL)
		iface->backoff_ms = 0;
	iface->retry_ms = 0;
}

/* A device that is not there may come at any moment.  What failed otherwise will hardly mend by itself, and each attempt
 * costs time and lines of the log: the waits grow. */
static void
set_device_error(struct live *live, struct live_iface *iface, int error, const char *text)
{
	set_error(live, iface, text);
	if (error == -ENODEV)
		return;
	iface->backoff_ms = MIN(MAX(iface->backoff_ms * 2, RETRY_MIN_MS), RETRY_MAX_MS);
	iface->retry_ms = clock_ms() + iface->backoff_ms;
}

static bool
is_local(const struct live_bridge *br, const char *iface)
{
	return strcmp(br->name, iface) == 0;
}

/* Bridges. */

/* A locally administered address made from the row's UUID: the same after every restart. */
static struct ether_addr
stable_mac(const struct uuid *uuid)
{
	struct ether_addr mac;

	memcpy(&mac, uuid, sizeof mac);
	mac.ether_addr_octet[0] = (uint8_t)((mac.ether_addr_octet[0] & 0xfc) | 0x02);
	return mac;
}

static uint64_t
mac_to_dpid(const struct ether_addr *mac)
{
	uint64_t dpid = 0;

	for (int i = 0; i < 6; i++)
		dpid = dpid << 8 | mac->ether_addr_octet[i];
	return dpid;
}

static void
settle_identity(struct live_bridge *br, const struct wanted_bridge *s)
{
	br->mac = s->hwaddr_set ? s->hwaddr : stable_mac(&s->uuid);
	br->datapath_id = s->dpid_set ? s->datapath_id : mac_to_dpid(&br->mac);
}

/* Controllers that are to say how the bridge forwards.  Those that connect to us, and services, only may. */
static bool
is_primary(const struct wanted_controller *c)
{
	return !c->service && !stream_name_is_passive(c->target);
}

static bool
has_primary(const struct wanted_bridge *s)
{
	for (size_t i = 0; i < s->n_controllers; i++) {
		if (is_primary(&s->controllers[i]))
			return true;
	}
	return false;
}

static struct bridge_config
bridge_settings(const struct live_bridge *br, const struct wanted_bridge *s)
{
	struct bridge_config c = {
		.datapath_id = br->datapath_id,
		.fail_mode = s->fail_mode,
		.has_controllers = has_primary(s) && !br->is_alone,
		.mac_ageing_s = s->mac_ageing_s,
		.mac_table_size = s->mac_table_size,
		.flood_vlans = s->has_flood_vlans ? s->flood_vlans : NULL,
		.forward_bpdu = s->forward_bpdu,
	};

	memcpy(c.mac, &br->mac, sizeof c.mac);
	return c;
}

static struct ofserver_config
ofserver_settings(const struct live *live, const struct wanted_bridge *s)
{
	return (struct ofserver_config){
		.rundir = live->env.rundir,
		.protocols = (const char *const *)s->protocols,
		.n_protocols = s->n_protocols,
		.mfr_desc = smap_get(&s->other_config, "mfr-desc"),
		.hw_desc = smap_get(&s->other_config, "hw-desc"),
		.sw_desc = smap_get(&s->other_config, "sw-desc"),
		.serial_desc = smap_get_def(
			&s->other_config, "serial-desc", smap_get(&s->other_config, "dp-sn")),
		.dp_desc = smap_get(&s->other_config, "dp-desc"),
	};
}

/* Targets that cannot be used are logged there, and show in the rows' status. */
static void
set_controllers(struct live_bridge *br, const struct wanted_bridge *s)
{
	struct ofserver_controller *rows = xcalloc(s->n_controllers, sizeof *rows);

	for (size_t i = 0; i < s->n_controllers; i++) {
		const struct wanted_controller *c = &s->controllers[i];

		rows[i] = (struct ofserver_controller){
			.target = c->target,
			.service = c->service,
			.max_backoff_ms = c->max_backoff_ms,
			.probe_ms = c->probe_ms,
		};
	}
	(void)ofserver_set_controllers(br->ofserver, rows, s->n_controllers);
	free(rows);
}

static void
add_bridge(struct live *live, const struct wanted_bridge *s)
{
	struct live_bridge *br = xzalloc(sizeof *br);
	struct ofserver_config server;
	struct bridge_config config;
	struct err err = ERR_INIT;

	br->name = xstrdup(s->name);
	br->uuid = s->uuid;
	hmap_init(&br->ifaces);
	hmap_insert(&live->bridges, &br->node, hash_string(br->name, 0));
	settle_identity(br, s);
	br->contact_ms = clock_ms();
	/* Its sockets are named after it. */
	if (strchr(br->name, '/') != NULL) {
		br->error = xstrdup("the name of a bridge must be without '/'");
		LOG_WARN("bridge %s: %s", br->name, br->error);
		return;
	}
	config = bridge_settings(br, s);
	server = ofserver_settings(live, s);
	if (bridge_create(live->env.pipeline, br->name, &config, &br->bridge, &err) != 0
		|| ofserver_create(live->env.loop, br->bridge, &server, &br->ofserver, &err) != 0) {
		LOG_WARN("bridge %s: %s", br->name, err.text);
		br->error = xstrdup(err.text);
		return;
	}
	set_controllers(br, s);
	LOG_INFO("bridge %s: added, datapath id %016llx", br->name,
		(unsigned long long)br->datapath_id);
}

static void
set_bridge(struct live *live, const struct wanted_bridge *s)
{
	struct live_bridge *br = live_find_bridge(live, s->name);
	struct ofserver_config server = ofserver_settings(live, s);
	struct bridge_config config;

	if (br == NULL)
		return;
	br->uuid = s->uuid;
	if (br->bridge == NULL)
		return;
	settle_identity(br, s);
	config = bridge_settings(br, s);
	bridge_configure(br->bridge, &config);
	if (br->ofserver != NULL) {
		ofserver_configure(br->ofserver, &server);
		set_controllers(br, s);
	}
}

/* Whether one of the controllers that count is connected. */
static bool
has_contact(const struct live_bridge *br, const struct wanted_bridge *s)
{
	struct ofserver_controller_status st;

	for (size_t i = 0; i < s->n_controllers; i++) {
		if (is_primary(&s->controllers[i])
			&& ofserver_get_controller(br->ofserver, s->controllers[i].target, &st)
			&& st.is_connected)
			return true;
	}
	return false;
}

/* Tries again to open the sockets of a bridge that could not.  Returns: whether they are open now. */
static bool
reopen_ofserver(struct live *live, struct live_bridge *br, const struct wanted_bridge *s)
{
	struct ofserver_config server = ofserver_settings(live, s);
	struct err err = ERR_INIT;

	if (ofserver_create(live->env.loop, br->bridge, &server, &br->ofserver, &err) != 0)
		return false;
	free(br->error);
	br->error = NULL;
	LOG_INFO("bridge %s: its OpenFlow sockets are open now", br->name);
	set_controllers(br, s);
	return true;
}

bool
live_check_controllers(struct live *live, const struct wanted *wanted)
{
	int64_t now = clock_ms();
	bool repaired = false;

	for (size_t i = 0; i < wanted->n_bridges; i++) {
		const struct wanted_bridge *s = wanted->bridges[i];
		struct live_bridge *br = live_find_bridge(live, s->name);
		struct bridge_config config;
		bool was_alone;

		if (br == NULL || br->bridge == NULL)
			continue;
		if (br->ofserver == NULL) {
			repaired |= reopen_ofserver(live, br, s);
			continue;
		}
		if (!has_primary(s) || has_contact(br, s))
			br->contact_ms = now;
		was_alone = br->is_alone;
		br->is_alone = now - br->contact_ms >= LIVE_ALONE_MS;
		if (br->is_alone == was_alone || s->fail_mode != BRIDGE_FAIL_STANDALONE)
			continue;
		if (br->is_alone)
			LOG_WARN("bridge %s: no controller for %d s: it switches on its own",
				br->name, LIVE_ALONE_MS / 1000);
		else
			LOG_INFO("bridge %s: left to its controller", br->name);
		config = bridge_settings(br, s);
		bridge_configure(br->bridge, &config);
	}
	return repaired;
}

static void
del_bridge(struct live *live, struct live_bridge *br)
{
	ofserver_destroy(br->ofserver);
	bridge_destroy(br->bridge);
	hmap_remove(&live->bridges, &br->node);
	hmap_uninit(&br->ifaces);
	LOG_INFO("bridge %s: removed", br->name);
	free(br->error);
	free(br->name);
	free(br);
}

/* Interfaces. */

static struct bridge_port_config
bridge_side(const struct live_iface *iface, const struct wanted_iface *s)
{
	struct bridge_port_config c = {
		.name = iface->name,
		.dp_port = iface->port != NULL ? iface->port->dp_port : PORT_NONE,
		.peer = iface->is_patch ? smap_get(&s->options, "peer") : NULL,
		.ofport_request = s->ofport_request != 0 ? s->ofport_request : s->ofport_before,
		.admin_up = true,
		.link_up = true,
		.vlan = {
			.mode = s->vlan_mode,
			.tag = s->tag,
			.trunks = s->all_trunks ? NULL : s->trunks,
			.priority_tags = s->priority_tags,
			.is_protected = s->is_protected,
		},
	};

	if (is_local(iface->br, iface->name))
		c.ofport_request = OFP_PORT_LOCAL;
	memcpy(c.mac, &iface->br->mac, sizeof c.mac);
	if (iface->port != NULL) {
		struct port_status st;

		memset(&st, 0, sizeof st);
		smap_init(&st.info);
		port_get_status(iface->port, &st);
		memcpy(c.mac, &st.mac, sizeof c.mac);
		c.mtu = (uint32_t)MAX(st.mtu, 0);
		c.admin_up = st.admin_up;
		c.link_up = st.link == PORT_LINK_UP;
		c.link_speed_bps = st.link_speed_bps;
		c.full_duplex = st.full_duplex;
		smap_uninit(&st.info);
	}
	return c;
}

static struct port_config
device_side(const struct live *live, const struct live_iface *iface, const struct wanted_iface *s)
{
	struct port_config c = {
		.name = iface->name,
		.type = s->type,
		.options = &s->options,
		.other_config = &s->other_config,
		.mtu_request = s->mtu_request,
		.mac_set = s->mac_set,
		.mac = s->mac,
		.n_txq = live->n_txq,
		.rundir = live->env.rundir,
		.wake = live->env.wake,
		.wake_aux = live->env.wake_aux,
	};

	if (is_local(iface->br, iface->name)) {
		c.mac_set = true;
		c.mac = iface->br->mac;
		/* The local port of a bridge is internal, whatever type its row has. */
		c.type = "internal";
	}
	return c;
}

static int
check_peer(const struct live_iface *iface, const struct wanted_iface *s, struct err *err)
{
	const char *peer = smap_get(&s->options, "peer");

	if (peer == NULL) {
		err_set(err,
			"a patch port needs options:peer, the name of the patch port at the other end");
		return -EINVAL;
	}
	if (strcmp(peer, iface->name) == 0) {
		err_set(err,
			"options:peer names the patch port itself: name the one at the other end");
		return -EINVAL;
	}
	return 0;
}

/* Opens the device and gives it to the datapath.  A patch port has none. */
static int
open_device(
	struct live *live, struct live_iface *iface, const struct wanted_iface *s, struct err *err)
{
	struct port_config config = device_side(live, iface, s);
	int error;

	if (iface->is_patch)
		return check_peer(iface, s, err);
	error = port_open(live->env.drivers, &config, &iface->port, err);
	if (error != 0)
		return error;
	error = datapath_add_port(live->env.datapath, iface->port, err);
	if (error != 0) {
		port_close(iface->port);
		iface->port = NULL;
		return error;
	}
	iface->generation = atomic_load(&iface->port->generation);
	iface->starting = true;
	return 0;
}

static void
close_device(struct live *live, struct live_iface *iface)
{
	if (iface->port == NULL)
		return;
	datapath_del_port(live->env.datapath, iface->port);
	port_close(iface->port);
	iface->port = NULL;
	iface->starting = false;
}

/* Brings an interface up that has neither device nor number. */
static void
start_iface(struct live *live, struct live_iface *iface, const struct wanted_iface *s)
{
	struct bridge_port_config config;
	struct err err = ERR_INIT;
	int error;

	iface->is_patch = strcmp(s->type, "patch") == 0;
	iface->ofport = LIVE_NO_OFPORT;
	if (iface->br->bridge == NULL) {
		err_set(&err, "its bridge could not be made: %s", iface->br->error);
		set_error(live, iface, err.text);
		return;
	}
	if (s->error != NULL) {
		set_error(live, iface, s->error);
		return;
	}
	error = open_device(live, iface, s, &err);
	if (error != 0) {
		set_device_error(live, iface, error, err.text);
		return;
	}
	config = bridge_side(iface, s);
	if (bridge_add_port(iface->br->bridge, &config, &iface->ofport, &err) != 0) {
		close_device(live, iface);
		iface->ofport = LIVE_NO_OFPORT;
		set_error(live, iface, err.text);
		return;
	}
	set_error(live, iface, NULL);
	LOG_INFO("bridge %s: added interface %s on port %u", iface->br->name, iface->name,
		iface->ofport == OFP_PORT_LOCAL ? 65534 : iface->ofport);
}

static void
stop_iface(struct live *live, struct live_iface *iface)
{
	if (iface->ofport != LIVE_NO_OFPORT) {
		bridge_remove_port(iface->br->bridge, iface->ofport);
		LOG_INFO("bridge %s: removed interface %s", iface->br->name, iface->name);
	}
	/* The port leaves the published snapshot before its queues go, so that nobody sends there. */
	pipeline_run(live->env.pipeline);
	close_device(live, iface);
	iface->ofport = LIVE_NO_OFPORT;
}

static void
add_iface(struct live *live, const struct plan_step *step)
{
	struct live_bridge *br = live_find_bridge(live, step->bridge->name);
	struct live_iface *iface = xzalloc(sizeof *iface);

	iface->name = xstrdup(step->iface->name);
	iface->uuid = step->iface->uuid;
	iface->br = br;
	hmap_insert(&br->ifaces, &iface->node, hash_string(iface->name, 0));
	start_iface(live, iface, step->iface);
}

static void
del_iface(struct live *live, struct live_iface *iface)
{
	stop_iface(live, iface);
	live->n_failed -= iface->error != NULL;
	hmap_remove(&iface->br->ifaces, &iface->node);
	free(iface->error);
	free(iface->name);
	free(iface);
}

static void
update_bridge_side(struct live *live, struct live_iface *iface, const struct wanted_iface *s)
{
	struct bridge_port_config config = bridge_side(iface, s);
	struct err err = ERR_INIT;

	if (iface->ofport != LIVE_NO_OFPORT
		&& bridge_update_port(iface->br->bridge, iface->ofport, &config, &err) != 0)
		set_error(live, iface, err.text);
}

/* The device's settings changed, or it failed before. */
static void
set_port(struct live *live, struct live_iface *iface, const struct wanted_iface *s)
{
	struct port_config config = device_side(live, iface, s);
	struct err err = ERR_INIT;
	int error;

	if (iface->ofport == LIVE_NO_OFPORT) {
		start_iface(live, iface, s);
		return;
	}
	if (iface->is_patch) {
		error = check_peer(iface, s, &err);
		if (error != 0) {
			stop_iface(live, iface);
			set_error(live, iface, err.text);
			return;
		}
	} else if (iface->port != NULL) {
		error = port_reconfigure(iface->port, &config, &err);
		if (error == -ERESTART) {
			/* The number stays: the bridge's port is without a device for a moment. */
			close_device(live, iface);
			update_bridge_side(live, iface, s);
			error = open_device(live, iface, s, &err);
		}
		if (error != 0 && iface->port == NULL) {
			stop_iface(live, iface);
			set_device_error(live, iface, error, err.text);
			return;
		}
		/* What could not be changed is told; the port works on as it was. */
		if (error != 0)
			set_device_error(live, iface, error, err.text);
		else
			set_error(live, iface, NULL);
	}
	update_bridge_side(live, iface, s);
}

/* New ports receive when the published snapshot has them all: before, their packets would be dropped or go astray. */
static void
start_receiving(struct live *live)
{
	struct live_bridge *br;
	struct live_iface *iface;

	HMAP_FOREACH(br, node, &live->bridges) {
		HMAP_FOREACH(iface, node, &br->ifaces) {
			if (!iface->starting)
				continue;
			datapath_start_port(live->env.datapath, iface->port);
			iface->starting = false;
		}
	}
}

void
live_apply(struct live *live, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_step *step = &plan->steps[i];
		struct live_bridge *br = live_find_bridge(live, step->bridge->name);
		struct live_iface *iface = NULL;

		if (step->iface != NULL)
			iface = live_find_iface(br, step->iface->name);
		/* The row that its status goes to may have been replaced by another of the same name. */
		if (iface != NULL && step->kind != PLAN_DEL_IFACE)
			iface->uuid = step->iface->uuid;
		switch (step->kind) {
		case PLAN_DEL_IFACE: del_iface(live, iface); break;
		case PLAN_DEL_BRIDGE: del_bridge(live, br); break;
		case PLAN_ADD_BRIDGE: add_bridge(live, step->bridge); break;
		case PLAN_SET_BRIDGE: set_bridge(live, step->bridge); break;
		case PLAN_ADD_IFACE: add_iface(live, step); break;
		case PLAN_SET_PORT: set_port(live, iface, step->iface); break;
		case PLAN_SET_IFACE: update_bridge_side(live, iface, step->iface); break;
		default: break;
		}
	}
	pipeline_run(live->env.pipeline);
	start_receiving(live);
}

static void
run_iface(struct live *live, struct live_iface *iface)
{
	struct port_status st;
	uint32_t generation;

	port_run(iface->port);
	generation = atomic_load(&iface->port->generation);
	if (generation != iface->generation) {
		iface->generation = generation;
		(void)datapath_change_port(live->env.datapath, iface->port, port_requeue, NULL);
	}
	memset(&st, 0, sizeof st);
	smap_init(&st.info);
	port_get_status(iface->port, &st);
	smap_uninit(&st.info);
	if (iface->link_known && iface->admin_up == st.admin_up
		&& iface->link_up == (st.link == PORT_LINK_UP))
		return;
	iface->link_known = true;
	iface->admin_up = st.admin_up;
	iface->link_up = st.link == PORT_LINK_UP;
	bridge_set_port_link(iface->br->bridge, iface->ofport, iface->admin_up, iface->link_up,
		st.link_speed_bps, st.full_duplex);
}

void
live_run(struct live *live)
{
	struct live_bridge *br;
	struct live_iface *iface;

	HMAP_FOREACH(br, node, &live->bridges) {
		HMAP_FOREACH(iface, node, &br->ifaces) {
			if (iface->port != NULL)
				run_iface(live, iface);
		}
	}
}

void
live_uninit(struct live *live)
{
	struct live_bridge *br, *next_br;
	struct live_iface *iface, *next;

	HMAP_FOREACH_SAFE(br, next_br, node, &live->bridges) {
		HMAP_FOREACH_SAFE(iface, next, node, &br->ifaces)
			del_iface(live, iface);
		del_bridge(live, br);
	}
	hmap_uninit(&live->bridges);
}
