/* SPDX-License-Identifier: Apache-2.0 */
/* normal: the NORMAL output: a learning switch with VLANs.
 *
 * Learning itself is an effect: here the address only becomes a contribution, and credit (effect.c) tells the MAC table. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bitmap.h"
#include "pipeline/translate_priv.h"

#define VLAN_RESERVED 4095 /* 802.1Q's; ports put there are cut off. */
#define ETH_TYPE_VLAN 0x8100

/* A port to send to, and the tag that the packet is to have there. */
struct target {
	const struct snap_port *port;
	bool tagged;
	uint16_t vid;
	bool sent;
};

static bool
trunks_include(const struct snap_port *port, uint16_t vlan)
{
	return port->trunks == NULL || bitmap_is_set(port->trunks, vlan);
}

bool
normal_port_has_vlan(const struct snap_port *port, uint16_t vlan)
{
	switch (port->vlan_mode) {
	case BRIDGE_VLAN_ACCESS: return vlan == port->tag;
	case BRIDGE_VLAN_NATIVE_TAGGED:
	case BRIDGE_VLAN_NATIVE_UNTAGGED: return vlan == port->tag || trunks_include(port, vlan);
	case BRIDGE_VLAN_TRUNK: break;
	}
	return trunks_include(port, vlan);
}

/* The VLAN of a packet whose tag says 'vid' (0: none, or a priority tag).  Returns: false if the port does not take it. */
static bool
classify(const struct snap_port *port, uint16_t vid, uint16_t *vlan)
{
	*vlan = vid;
	if (port == NULL)
		return true;
	if (port->vlan_mode == BRIDGE_VLAN_ACCESS) {
		*vlan = port->tag;
		return vid == 0;
	}
	if (vid == 0 && port->vlan_mode != BRIDGE_VLAN_TRUNK) {
		*vlan = port->tag;
		return true;
	}
	return normal_port_has_vlan(port, vid);
}

/* 01:80:c2:00:00:00 to 0f: for the bridge itself (802.1D), as are 01:00:0c:cc:cc:cc and cd, 01:00:0c:cd:cd:cd (Cisco). */
static bool
is_reserved(const uint8_t mac[6])
{
	static const uint8_t ieee[5] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };
	static const uint8_t cisco[3][6] = {
		{ 0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc },
		{ 0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcd },
		{ 0x01, 0x00, 0x0c, 0xcd, 0xcd, 0xcd },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cisco); i++) {
		if (memcmp(mac, cisco[i], 6) == 0)
			return true;
	}
	return memcmp(mac, ieee, sizeof ieee) == 0 && mac[5] <= 0x0f;
}

static void
learn(struct xlate *x, uint16_t vlan)
{
	const struct snap_port *in_port = x->s.in_port;
	const uint8_t *src = x->s.flow.eth_src;
	struct contrib *c;

	if (in_port == NULL || (src[0] & 1) != 0)
		return;
	c = xlate_contrib(x, CONTRIB_LEARN);
	c->bridge_id = x->s.bridge->id;
	c->ofp_port = in_port->ofp_port;
	c->vlan = vlan;
	memcpy(c->mac, src, sizeof c->mac);
}

static bool
may_forward(const struct snap_port *from, const struct snap_port *to)
{
	return from == NULL || !from->is_protected || !to->is_protected;
}

/* Says what tag a packet of 'vlan' has when it leaves through 'port'. */
static void
target_set(struct xlate *x, struct target *t, const struct snap_port *port, uint16_t vlan)
{
	bool native = port->vlan_mode == BRIDGE_VLAN_ACCESS
		|| (port->vlan_mode == BRIDGE_VLAN_NATIVE_UNTAGGED && vlan == port->tag);

	t->port = port;
	t->sent = false;
	t->vid = native ? 0 : vlan;
	t->tagged = t->vid != 0;
	if (!t->tagged && port->priority_tags != BRIDGE_PRIORITY_TAGS_NEVER) {
		xlate_use_tci(x, FLOW_VLAN_PRESENT | FLOW_VLAN_PCP);
		t->tagged = port->priority_tags == BRIDGE_PRIORITY_TAGS_ALWAYS
			|| (x->s.flow.vlan_tci & htons(FLOW_VLAN_PCP)) != 0;
	}
}

/* True if the packet, as it is, has the tag that 't' wants. */
static bool
is_as_wanted(const struct xlate *x, const struct target *t)
{
	uint16_t tci = ntohs(x->s.flow.vlan_tci);

	if (!t->tagged)
		return tci == 0;
	return tci != 0 && (tci & FLOW_VLAN_VID) == t->vid;
}

static void
make_as_wanted(struct xlate *x, const struct target *t)
{
	if (!t->tagged)
		xlate_pop_vlan(x);
	else if (x->s.flow.vlan_tci != 0)
		xlate_set_tci(x, t->vid, FLOW_VLAN_VID);
	else
		xlate_push_vlan_tci(x, ETH_TYPE_VLAN, t->vid);
}

/* Sends to all targets, grouped by the tag that they want: first those that the packet suits as it is. */
static void
send_all(struct xlate *x, struct target *targets, uint32_t n)
{
	uint32_t n_left = n;

	for (uint32_t i = 0; i < n; i++) {
		if (is_as_wanted(x, &targets[i])) {
			xlate_output_port(x, targets[i].port);
			targets[i].sent = true;
			n_left--;
		}
	}
	for (uint32_t i = 0; i < n && n_left > 0 && !x->failed; i++) {
		struct xlate_scope scope;

		if (targets[i].sent)
			continue;
		xlate_scope_begin(x, &scope);
		make_as_wanted(x, &targets[i]);
		for (uint32_t k = i; k < n && !x->failed; k++) {
			if (!targets[k].sent && is_as_wanted(x, &targets[k])) {
				xlate_output_port(x, targets[k].port);
				targets[k].sent = true;
				n_left--;
			}
		}
		xlate_scope_end(x, &scope);
	}
}

static void
flood(struct xlate *x, uint16_t vlan)
{
	const struct snap_bridge *sb = x->s.bridge;
	struct target *targets = xcalloc(sb->n_ports + 1, sizeof *targets);
	uint32_t n = 0;

	x->reason = DROP_NO_OUTPUT;
	for (uint32_t i = 0; i < sb->n_ports; i++) {
		const struct snap_port *port = &sb->ports[i];

		if (port->ofp_port == x->s.flow.in_port || port == x->s.in_port
			|| (port->config
				   & (BRIDGE_PORT_NO_FLOOD | BRIDGE_PORT_NO_FWD | BRIDGE_PORT_DOWN))
				!= 0
			|| !normal_port_has_vlan(port, vlan) || !may_forward(x->s.in_port, port))
			continue;
		target_set(x, &targets[n++], port, vlan);
	}
	send_all(x, targets, n);
	free(targets);
}

/* Sends to the port where the destination was seen.  Returns: false if that is not known. */
static bool
unicast(struct xlate *x, uint16_t vlan)
{
	const struct snap_port *port;
	struct target t;
	uint32_t number;

	if ((x->s.flow.eth_dst[0] & 1) != 0
		|| !mac_table_lookup(x->s.bridge->macs, vlan, x->s.flow.eth_dst, &number))
		return false;
	port = snap_bridge_find_port(x->s.bridge, number);
	if (port == NULL || !normal_port_has_vlan(port, vlan))
		return false;
	if (port == x->s.in_port || number == x->s.flow.in_port) {
		xlate_note(x, "destination is behind the input port, dropping");
		x->reason = DROP_HAIRPIN;
	} else if (!may_forward(x->s.in_port, port)) {
		xlate_note(x, "destination is behind another protected port, dropping");
		x->reason = DROP_NO_OUTPUT;
	} else {
		xlate_note(x, "forwarding to learned port");
		target_set(x, &t, port, vlan);
		send_all(x, &t, 1);
	}
	return true;
}

void
xlate_normal(struct xlate *x)
{
	const struct snap_bridge *sb = x->s.bridge;
	uint16_t vid, vlan;

	XLATE_USE(x, eth_src);
	XLATE_USE(x, eth_dst);
	xlate_use_tci(x, FLOW_VLAN_PRESENT | FLOW_VLAN_VID);
	vid = ntohs(x->s.flow.vlan_tci) & FLOW_VLAN_VID;
	if (!classify(x->s.in_port, vid, &vlan) || vlan == VLAN_RESERVED) {
		xlate_note(x, "VLAN %u is not one of the input port, dropping", vid);
		x->reason = DROP_VLAN_MISMATCH;
		return;
	}
	if (is_reserved(x->s.flow.eth_dst) && !sb->forward_bpdu) {
		xlate_note(x, "destination is reserved for bridges, dropping");
		x->reason = DROP_RESERVED_MAC;
		return;
	}
	if (sb->flood_vlans != NULL && bitmap_is_set(sb->flood_vlans, vlan)) {
		xlate_note(x, "flooding, as always in VLAN %u", vlan);
		flood(x, vlan);
		return;
	}
	learn(x, vlan);
	if (!unicast(x, vlan)) {
		xlate_note(x,
			(x->s.flow.eth_dst[0] & 1) != 0
				? "multicast, flooding"
				: "no learned MAC for destination, flooding");
		flood(x, vlan);
	}
}
