/* SPDX-License-Identifier: Apache-2.0 */
/* output: where packets leave a translation: ports, patch ports into other bridges, the controller. */

#include <endian.h>
#include <string.h>

#include "openflow/packet.h"
#include "pipeline/translate_priv.h"

/* ---- Scopes ---- */

void
xlate_scope_begin(struct xlate *x, struct xlate_scope *scope)
{
	scope->saved = x->s;
	scope->start = x->verdict->program.len;
	scope->n_edits = x->n_edits;
	scope->clone_depth = x->clone_depth;
	x->clone_depth = 0;
}

void
xlate_scope_end(struct xlate *x, struct xlate_scope *scope)
{
	struct program_buf *b = &x->verdict->program;

	if (x->sent_len <= scope->start) {
		b->len = scope->start; /* Nothing was sent: the edits are nobody's. */
	} else if (x->n_edits != scope->n_edits && !b->overflow) {
		struct op_clone *clone;
		uint32_t body;

		b->len = x->sent_len;
		body = b->len - scope->start;
		(void)program_put(b, PROGRAM_OP_CLONE, sizeof *clone);
		if (!b->overflow) {
			clone = (struct op_clone *)(void *)(b->data + scope->start);
			memmove(clone + 1, clone, body);
			clone->h.type = PROGRAM_OP_CLONE;
			clone->h.len = (uint16_t)(sizeof *clone + body);
			x->sent_len = b->len;
		}
		if (++x->clone_depth > XLATE_MAX_CLONES) {
			xlate_note(x, "more than %d clones inside each other", XLATE_MAX_CLONES);
			xlate_fail(x, DROP_RECURSION);
		}
	}
	x->clone_depth = MAX(x->clone_depth, scope->clone_depth);
	x->s = scope->saved;
}

/* ---- Patch ports ---- */

static struct contrib *
credit_port(struct xlate *x, enum contrib_type type, const struct snap_port *port)
{
	struct contrib *c = xlate_contrib(x, type);

	c->u.port = port->cell;
	atomic_fetch_add_explicit(&c->u.port->refs, 1, memory_order_relaxed);
	return c;
}

/* Forgets what belongs to a bridge and does not go along with the packet. */
static void
reset_pipeline_state(struct flow *f)
{
	memset(&f->metadata, 0, sizeof *f - offsetof(struct flow, metadata));
	f->actset_output = OFP_PORT_UNSET;
}

static void
enter_peer(struct xlate *x, const struct snap_port *peer)
{
	const struct ofpact *set[XLATE_MAX_SET];
	const struct rule *rule = x->rule, *set_rule = x->set_rule;
	uint8_t table_id = x->table_id, set_table_id = x->set_table_id;
	bool in_action_set = x->in_action_set;
	unsigned int n_set = x->n_set, n_stack = x->n_stack, n_resubmits = x->n_resubmits;
	struct xlate_scope scope;

	if (x->depth >= XLATE_MAX_DEPTH) {
		xlate_note(x, "patch ports go too deep");
		xlate_fail(x, DROP_RECURSION);
		return;
	}
	memcpy(set, x->set, sizeof set);
	xlate_scope_begin(x, &scope);
	xlate_note_enter(x);
	reset_pipeline_state(&x->s.flow);
	xlate_enter(x, peer->bridge, peer, peer->ofp_port);
	x->n_set = 0;
	x->n_resubmits = 0;
	x->in_action_set = false;
	x->rule = NULL;
	x->depth++;
	xlate_receive(x);
	x->depth--;
	xlate_note_leave(x);
	xlate_scope_end(x, &scope);
	memcpy(x->set, set, sizeof set);
	x->n_set = n_set;
	x->n_stack = n_stack;
	x->n_resubmits = n_resubmits;
	x->set_rule = set_rule;
	x->set_table_id = set_table_id;
	x->in_action_set = in_action_set;
	x->rule = rule;
	x->table_id = table_id;
	if (!x->failed)
		x->exit = false; /* Ended there, not here. */
}

/* ---- Ports ---- */

void
xlate_output_port(struct xlate *x, const struct snap_port *port)
{
	if ((port->config & (BRIDGE_PORT_NO_FWD | BRIDGE_PORT_DOWN)) != 0) {
		xlate_note(x, "port %u is configured not to forward", port->ofp_port);
		x->reason = DROP_PORT_NO_FWD;
	} else if (port->is_patch) {
		(void)credit_port(x, CONTRIB_PORT_TX, port);
		if (port->peer == NULL) {
			xlate_note(x, "patch port %u has no peer", port->ofp_port);
			x->reason = DROP_TX_NO_PORT;
			return;
		}
		(void)credit_port(x, CONTRIB_PORT_RX, port->peer);
		enter_peer(x, port->peer);
	} else if (port->dp_port == UINT32_MAX) {
		xlate_note(x, "port %u is backed by nothing", port->ofp_port);
		x->reason = DROP_TX_NO_PORT;
	} else {
		xlate_commit(x);
		program_put_output(&x->verdict->program, port->dp_port);
		x->sent_len = x->verdict->program.len;
	}
}

static void
output_number(struct xlate *x, uint32_t ofp_port)
{
	const struct snap_port *port = snap_bridge_find_port(x->s.bridge, ofp_port);

	if (port == NULL) {
		xlate_note(x, "no port %u", ofp_port);
		x->reason = DROP_TX_NO_PORT;
	} else {
		xlate_output_port(x, port);
	}
}

/* ALL and FLOOD: every port but the one that the packet came in by. */
static void
output_many(struct xlate *x, bool flood)
{
	const struct snap_bridge *sb = x->s.bridge;

	x->reason = DROP_NO_OUTPUT;
	for (uint32_t i = 0; i < sb->n_ports && !x->failed; i++) {
		const struct snap_port *port = &sb->ports[i];

		if (port->ofp_port == x->s.flow.in_port
			|| (flood && (port->config & BRIDGE_PORT_NO_FLOOD) != 0)
			|| (port->config & (BRIDGE_PORT_NO_FWD | BRIDGE_PORT_DOWN)) != 0)
			continue;
		xlate_output_port(x, port);
	}
}

void
xlate_output(struct xlate *x, uint32_t ofp_port)
{
	switch (ofp_port) {
	case OFP_PORT_IN_PORT: output_number(x, x->s.flow.in_port); break;
	case OFP_PORT_TABLE:
		/* For packet-outs; a rule that went back to the start would never end. */
		if (x->rule == NULL)
			xlate_table(x, 0);
		break;
	case OFP_PORT_NORMAL: xlate_normal(x); break;
	case OFP_PORT_FLOOD: output_many(x, true); break;
	case OFP_PORT_ALL: output_many(x, false); break;
	case OFP_PORT_CONTROLLER: xlate_punt(x, OF_PACKET_IN_ACTION, UINT16_MAX, 0); break;
	case OFP_PORT_NONE: break;
	default:
		if (ofp_port == x->s.flow.in_port) {
			/* OpenFlow wants that said by IN_PORT. */
			xlate_note(x, "skipping output to input port");
			x->reason = DROP_HAIRPIN;
		} else {
			output_number(x, ofp_port);
		}
		break;
	}
}

/* ---- Controller ---- */

void
xlate_punt(struct xlate *x, uint8_t reason, uint16_t max_len, uint16_t controller_id)
{
	bool is_miss = x->rule != NULL && x->rule->is_miss;
	uint64_t cookie = x->rule != NULL ? x->rule->cookie : UINT64_MAX;
	uint64_t metadata = be64toh(x->s.flow.metadata);
	struct op_punt *op;

	if (is_miss && x->s.in_port != NULL
		&& (x->s.in_port->config & BRIDGE_PORT_NO_PACKET_IN) != 0) {
		x->reason = DROP_NO_PACKET_IN;
		return;
	}
	if (reason == OF_PACKET_IN_ACTION) {
		if (x->in_action_set)
			reason = OF_PACKET_IN_ACTION_SET;
		else if (x->rule == NULL)
			reason = OF_PACKET_IN_PACKET_OUT;
		else if (is_miss)
			reason = OF_PACKET_IN_NO_MATCH;
	}
	xlate_commit(x);
	op = program_put(&x->verdict->program, PROGRAM_OP_PUNT, sizeof *op);
	op->reason = reason;
	op->table_id = x->table_id;
	op->max_len = max_len;
	op->controller_id = controller_id;
	op->bridge_id = x->s.bridge->id;
	op->ofp_in_port = x->s.flow.in_port;
	op->cookie_hi = (uint32_t)(cookie >> 32);
	op->cookie_lo = (uint32_t)cookie;
	op->metadata_hi = (uint32_t)(metadata >> 32);
	op->metadata_lo = (uint32_t)metadata;
	x->sent_len = x->verdict->program.len;
}
