/* SPDX-License-Identifier: Apache-2.0 */
/* translate: tables and actions, and what the datapath calls.
 *
 * The walk: a packet enters at a port, is looked up in table 0, the rule's actions are carried out, which may go on to other tables
 * and, through patch ports, other bridges. */

#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flow/hash.h"
#include "openflow/packet.h"
#include "pipeline/translate_priv.h"

#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_IPV6 0x86dd
#define ETH_TYPE_MPLS 0x8847
#define ETH_TYPE_MPLS_MC 0x8848

void
xlate_fail(struct xlate *x, enum drop_reason reason)
{
	if (!x->failed) {
		x->failed = true;
		x->exit = true;
		x->reason = reason;
	}
}

/* ---- Bits used ---- */

static bool
is_mpls(const struct xlate *x)
{
	return x->s.flow.eth_type == htons(ETH_TYPE_MPLS)
		|| x->s.flow.eth_type == htons(ETH_TYPE_MPLS_MC);
}

/* Fails if 'bits' asks for headers that a pop uncovered: their values are not known, and a guess would be wrong. */
static void
check_inner(struct xlate *x, const struct flow *bits)
{
	bool asks;

	if (is_mpls(x)) {
		asks = x->s.n_labels == 0 && bits->mpls_lse[0] != 0;
	} else {
		struct flow inner, both;

		memset(&inner, 0, sizeof inner);
		memset(&both, 0, sizeof both);
		xlate_fill_inner(&inner, 0xff);
		flow_apply_mask(&both, bits, &inner, (1u << FLOW_N_LANES) - 1);
		asks = flow_lanes(&both) != 0;
	}
	if (asks) {
		xlate_note(x, "headers behind a popped MPLS label were never parsed");
		xlate_fail(x, DROP_UNSUPPORTED);
	}
}

/* Notes bits of the tag 'level' levels below the outer one, at the place of the key that they came from. */
static void
use_tag(struct xlate *x, unsigned int level, be16 tci, be16 tpid)
{
	struct flow *mask = &x->verdict->mask;
	unsigned int origin;

	if ((tci | tpid) == 0)
		return;
	if (level < x->s.n_tags) {
		const struct vlan_tag *t = &x->s.tags[x->s.n_tags - 1 - level];

		origin = t->level;
		tci &= (be16)~htons(t->written);
	} else {
		/* That there is none: the first place of the key behind its tags tells. */
		origin = x->s.n_key_tags + level - x->s.n_tags;
	}
	if (origin == 0) {
		mask->vlan_tci |= tci;
		mask->vlan_tpid |= tpid;
	} else if (origin == 1) {
		mask->vlan2_tci |= tci;
		mask->vlan2_tpid |= tpid;
	}
}

void
xlate_use(struct xlate *x, const struct flow *bits)
{
	struct flow *mask = &x->verdict->mask;
	be16 tci[2] = { mask->vlan_tci, mask->vlan2_tci };
	be16 tpid[2] = { mask->vlan_tpid, mask->vlan2_tpid };

	for (unsigned int i = 0; i < FLOW_N_KEY_LANES; i++) {
		const uint64_t *b = flow_lane(bits, i), *w = flow_lane(&x->s.written, i);
		uint64_t *m = flow_lane_rw(mask, i);

		for (unsigned int k = 0; k < FLOW_LANE_WORDS; k++)
			m[k] |= b[k] & ~w[k];
	}
	/* Tags have ways of their own. */
	mask->vlan_tci = tci[0];
	mask->vlan2_tci = tci[1];
	mask->vlan_tpid = tpid[0];
	mask->vlan2_tpid = tpid[1];
	use_tag(x, 0, bits->vlan_tci, bits->vlan_tpid);
	use_tag(x, 1, bits->vlan2_tci, bits->vlan2_tpid);
	if (x->s.inner_unknown)
		check_inner(x, bits);
}

void
xlate_use_bytes(struct xlate *x, size_t ofs, size_t len)
{
	struct flow bits;

	memset(&bits, 0, sizeof bits);
	memset((uint8_t *)&bits + ofs, 0xff, len);
	xlate_use(x, &bits);
}

void
xlate_use_tci(struct xlate *x, uint16_t bits)
{
	use_tag(x, 0, htons(bits), 0);
}

/* ---- Contributions ---- */

struct contrib *
xlate_contrib(struct xlate *x, enum contrib_type type)
{
	struct contrib *c;

	if (x->n_contribs == x->n_contribs_alloc)
		x->contribs = vec_grow(x->contribs, &x->n_contribs_alloc, sizeof *x->contribs);
	c = &x->contribs[x->n_contribs++];
	memset(c, 0, sizeof *c);
	c->type = (uint8_t)type;
	return c;
}

static void
credit_rule(struct xlate *x, const struct rule *rule)
{
	xlate_contrib(x, CONTRIB_RULE)->u.rule = rule_cell_ref(rule->cell);
}

static void
credit_table(struct xlate *x, uint8_t table_id, bool matched)
{
	struct contrib *c =
		xlate_contrib(x, matched ? CONTRIB_TABLE_MATCHED : CONTRIB_TABLE_MISSED);

	c->table_id = table_id;
	c->u.tables = x->s.bridge->cells;
	atomic_fetch_add_explicit(&c->u.tables->refs, 1, memory_order_relaxed);
}

/* ---- Tables ---- */

static const struct rule *
lookup(struct xlate *x, uint8_t table_id)
{
	/* Pairs with the release in rule.c. */
	const struct classifier *cls =
		atomic_load_explicit(&x->s.bridge->tables->t[table_id].cls, memory_order_acquire);
	struct classifier_rule *cr = NULL;

	if (cls != NULL) {
		struct flow used;

		memset(&used, 0, sizeof used);
		cr = classifier_lookup(cls, x->version, &x->s.flow, &used);
		xlate_use(x, &used);
	}
	credit_table(x, table_id, cr != NULL);
	return cr != NULL ? CONTAINER_OF(cr, struct rule, cr) : NULL;
}

/* Looks up in 'table_id' and in the tables that rules send the packet on to. */
void
xlate_table(struct xlate *x, uint8_t table_id)
{
	const struct rule *outer_rule = x->rule;
	uint8_t outer_table = x->table_id;
	int next = table_id;

	while (next >= 0 && !x->exit) {
		const struct rule *rule;

		if (++x->n_lookups > XLATE_MAX_LOOKUPS) {
			xlate_note(x, "more than %d lookups", XLATE_MAX_LOOKUPS);
			xlate_fail(x, DROP_RECURSION);
			break;
		}
		x->table_id = (uint8_t)next;
		rule = lookup(x, x->table_id);
		if (x->failed)
			break;
		xlate_note_rule(x, x->table_id, rule);
		if (rule == NULL) {
			x->reason = DROP_NO_RULE;
			/* Dropped: its action set is not carried out.  From inside a resubmit the packet comes back. */
			if (x->n_resubmits == 0)
				x->n_set = 0;
			break;
		}
		credit_rule(x, rule);
		x->rule = rule;
		x->reason = DROP_RULE_DROP;
		next = xlate_actions(x, &rule->actions);
	}
	x->rule = outer_rule;
	x->table_id = outer_table;
}

/* ---- Actions ---- */

static bool
is_ip(struct xlate *x)
{
	XLATE_USE(x, eth_type);
	return x->s.flow.eth_type == htons(ETH_TYPE_IPV4)
		|| x->s.flow.eth_type == htons(ETH_TYPE_IPV6);
}

static void
set_ttl(struct xlate *x, uint8_t ttl)
{
	static const struct flow only_ttl = { .ip_ttl = 0xff };

	if (x->s.inner_unknown)
		check_inner(x, &only_ttl);
	x->s.flow.ip_ttl = ttl;
	x->s.written.ip_ttl = 0xff;
}

static void
ttl_expired(struct xlate *x, const uint16_t *ids, unsigned int n_ids)
{
	xlate_note(x, "the TTL has run out");
	for (unsigned int i = 0; i < n_ids; i++)
		xlate_punt(x, OF_PACKET_IN_INVALID_TTL, UINT16_MAX, ids[i]);
	x->reason = DROP_TTL_EXPIRED;
	x->exit = true;
	x->n_set = 0;
}

static void
dec_ttl(struct xlate *x, const struct ofpact_dec_ttl *a)
{
	if (!is_ip(x))
		return;
	XLATE_USE(x, ip_ttl);
	if (x->s.flow.ip_ttl <= 1)
		ttl_expired(x, a->ids, a->n_ids);
	else
		set_ttl(x, (uint8_t)(x->s.flow.ip_ttl - 1));
}

static void
set_mpls_ttl(struct xlate *x, uint8_t ttl)
{
	struct flow *f = &x->s.flow;

	f->mpls_lse[0] = (f->mpls_lse[0] & htonl(~0xffu)) | htonl(ttl);
	x->s.written.mpls_lse[0] |= htonl(0xff);
}

static void
dec_mpls_ttl(struct xlate *x)
{
	uint8_t ttl;

	XLATE_USE(x, eth_type);
	if (!is_mpls(x))
		return;
	XLATE_USE(x, mpls_lse[0]);
	ttl = (uint8_t)ntohl(x->s.flow.mpls_lse[0]);
	if (ttl <= 1) {
		static const uint16_t id0 = 0;

		ttl_expired(x, &id0, 1);
	} else {
		set_mpls_ttl(x, (uint8_t)(ttl - 1));
	}
}

static void
set_vlan_vid(struct xlate *x, const struct ofpact_set_vlan_vid *a)
{
	xlate_use_tci(x, FLOW_VLAN_PRESENT);
	if (x->s.n_tags != 0)
		xlate_set_tci(x, a->vid, FLOW_VLAN_VID);
	else if (a->push_if_needed)
		xlate_push_vlan_tci(x, 0x8100, a->vid);
}

static void
set_vlan_pcp(struct xlate *x, const struct ofpact_set_vlan_pcp *a)
{
	uint16_t tci = (uint16_t)(a->pcp << FLOW_VLAN_PCP_SHIFT);

	xlate_use_tci(x, FLOW_VLAN_PRESENT);
	if (x->s.n_tags != 0)
		xlate_set_tci(x, tci, FLOW_VLAN_PCP);
	else if (a->push_if_needed)
		xlate_push_vlan_tci(x, 0x8100, tci);
}

static void
resubmit(struct xlate *x, const struct ofpact_resubmit *a)
{
	uint32_t in_port = x->s.flow.in_port;
	struct flow *f = &x->s.flow;
	const struct rule *rule;
	uint8_t outer_table = x->table_id;
	const struct rule *outer_rule = x->rule;
	int next;

	if (x->depth >= XLATE_MAX_DEPTH || ++x->n_lookups > XLATE_MAX_LOOKUPS) {
		xlate_note(x, "resubmits go too deep");
		xlate_fail(x, DROP_RECURSION);
		return;
	}
	if (a->table != OFPACT_RESUBMIT_SAME_TABLE)
		x->table_id = a->table;
	/* The port counts for this lookup only, not for what the rule then does. */
	if (a->port != OFP_PORT_IN_PORT)
		f->in_port = a->port;
	rule = lookup(x, x->table_id);
	f->in_port = in_port;
	xlate_note_enter(x);
	x->depth++;
	x->n_resubmits++;
	if (!x->failed) {
		xlate_note_rule(x, x->table_id, rule);
		if (rule == NULL) {
			x->reason = DROP_NO_RULE;
		} else {
			credit_rule(x, rule);
			x->rule = rule;
			next = xlate_actions(x, &rule->actions);
			if (next >= 0)
				xlate_table(x, (uint8_t)next);
		}
	}
	x->n_resubmits--;
	x->depth--;
	xlate_note_leave(x);
	x->rule = outer_rule;
	x->table_id = outer_table;
}

static void
write_metadata(struct xlate *x, const struct ofpact_metadata *a)
{
	uint64_t old = be64toh(x->s.flow.metadata);

	x->s.flow.metadata = htobe64((old & ~a->mask) | (a->metadata & a->mask));
}

/* ---- Action set ---- */

/* Which actions of a set take each other's place. */
static bool
same_slot(const struct ofpact *a, const struct ofpact *b)
{
	bool a_out = a->type == OFPACT_OUTPUT || a->type == OFPACT_CONTROLLER;
	bool b_out = b->type == OFPACT_OUTPUT || b->type == OFPACT_CONTROLLER;

	if (a->type == OFPACT_SET_FIELD && b->type == OFPACT_SET_FIELD)
		return OFPACT_GET(set_field, a)->field == OFPACT_GET(set_field, b)->field;
	if (a->type == OFPACT_REG_MOVE)
		return false; /* Any number of them. */
	return a->type == b->type || (a_out && b_out);
}

static void
set_write(struct xlate *x, const struct ofpact *a)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < x->n_set; i++) {
		if (!same_slot(x->set[i], a))
			x->set[n++] = x->set[i];
	}
	x->n_set = n;
	if (n == XLATE_MAX_SET) {
		xlate_note(x, "more than %d actions in the action set", XLATE_MAX_SET);
		xlate_fail(x, DROP_UNSUPPORTED);
		return;
	}
	x->set[x->n_set++] = a;
	if (a->type == OFPACT_OUTPUT)
		x->s.flow.actset_output = OFPACT_GET(output, a)->port;
	else if (a->type == OFPACT_CONTROLLER)
		x->s.flow.actset_output = OFP_PORT_CONTROLLER;
}

static void
write_actions(struct xlate *x, const struct ofpact_nest *nest)
{
	struct ofpacts list = ofpacts_view(nest);
	const struct ofpact *a;

	OFPACT_FOREACH(a, &list)
	set_write(x, a);
	x->set_rule = x->rule;
	x->set_table_id = x->table_id;
}

/* The place of an action in the order in which a set is carried out. */
static int
set_order(const struct ofpact *a)
{
	switch ((enum ofpact_type)a->type) {
	case OFPACT_COPY_TTL_IN: return 0;
	case OFPACT_STRIP_VLAN:
	case OFPACT_POP_MPLS:
	case OFPACT_POP_PBB: return 1;
	case OFPACT_PUSH_MPLS: return 2;
	case OFPACT_PUSH_PBB: return 3;
	case OFPACT_PUSH_VLAN: return 4;
	case OFPACT_COPY_TTL_OUT: return 5;
	case OFPACT_DEC_TTL:
	case OFPACT_DEC_MPLS_TTL: return 6;
	case OFPACT_SET_QUEUE: return 8;
	case OFPACT_GROUP: return 9;
	case OFPACT_OUTPUT:
	case OFPACT_CONTROLLER: return 10;
	default: return 7; /* Whatever sets a field. */
	}
}

static void action(struct xlate *x, const struct ofpact *a);

void
xlate_action_set(struct xlate *x)
{
	bool sent = false;

	if (x->n_set == 0 || x->failed)
		return;
	x->exit = false; /* Ends lists of actions, not the set. */
	x->in_action_set = true;
	x->rule = x->set_rule;
	x->table_id = x->set_table_id;
	xlate_note(x, "action set:");
	xlate_note_enter(x);
	for (int order = 0; order <= 10; order++) {
		for (unsigned int i = 0; i < x->n_set && !x->exit; i++) {
			if (set_order(x->set[i]) != order)
				continue;
			sent |= order == 10;
			action(x, x->set[i]);
		}
	}
	if (!sent)
		x->reason = DROP_RULE_DROP;
	xlate_note_leave(x);
	x->in_action_set = false;
}

/* ---- One action ---- */

static void
action(struct xlate *x, const struct ofpact *a)
{
	xlate_note_action(x, a);
	switch ((enum ofpact_type)a->type) {
	case OFPACT_OUTPUT: xlate_output(x, OFPACT_GET(output, a)->port); break;
	case OFPACT_CONTROLLER: {
		const struct ofpact_controller *c = OFPACT_GET(controller, a);

		xlate_punt(x, c->reason, c->max_len, c->controller_id);
		break;
	}
	case OFPACT_OUTPUT_REG: {
		const struct ofpact_output_reg *o = OFPACT_GET(output_reg, a);
		uint64_t port = xlate_read_subfield(x, &o->src);

		if (port <= UINT16_MAX)
			xlate_output(x, ofp_port_from10((uint16_t)port));
		else if (port <= UINT32_MAX)
			xlate_output(x, (uint32_t)port);
		break;
	}
	case OFPACT_SET_FIELD: {
		const struct ofpact_set_field *s = OFPACT_GET(set_field, a);

		/* What tells the protocol is noted with the field's prerequisites. */
		xlate_set_field(
			x, field_get(ofpact_set_field_id(s, &x->s.flow)), &s->value, &s->mask);
		break;
	}
	case OFPACT_SET_VLAN_VID: set_vlan_vid(x, OFPACT_GET(set_vlan_vid, a)); break;
	case OFPACT_SET_VLAN_PCP: set_vlan_pcp(x, OFPACT_GET(set_vlan_pcp, a)); break;
	case OFPACT_STRIP_VLAN: xlate_pop_vlan(x); break;
	case OFPACT_PUSH_VLAN: xlate_push_vlan(x, OFPACT_GET(ethertype, a)->ethertype); break;
	case OFPACT_PUSH_MPLS: xlate_push_mpls(x, OFPACT_GET(ethertype, a)->ethertype); break;
	case OFPACT_POP_MPLS: xlate_pop_mpls(x, OFPACT_GET(ethertype, a)->ethertype); break;
	case OFPACT_SET_TTL:
		if (is_ip(x))
			set_ttl(x, OFPACT_GET(ttl, a)->ttl);
		break;
	case OFPACT_DEC_TTL: dec_ttl(x, OFPACT_GET(dec_ttl, a)); break;
	case OFPACT_SET_MPLS_TTL:
		XLATE_USE(x, eth_type);
		if (is_mpls(x))
			set_mpls_ttl(x, OFPACT_GET(ttl, a)->ttl);
		break;
	case OFPACT_DEC_MPLS_TTL: dec_mpls_ttl(x); break;
	case OFPACT_REG_MOVE:
		xlate_reg_move(x, &OFPACT_GET(reg_move, a)->src, &OFPACT_GET(reg_move, a)->dst);
		break;
	case OFPACT_STACK_PUSH: xlate_stack_push(x, &OFPACT_GET(stack, a)->subfield); break;
	case OFPACT_STACK_POP: xlate_stack_pop(x, &OFPACT_GET(stack, a)->subfield); break;
	case OFPACT_SET_TUNNEL:
		x->s.flow.tunnel_id = htobe64(OFPACT_GET(set_tunnel, a)->tunnel_id);
		x->s.written.tunnel_id = UINT64_MAX;
		break;
	case OFPACT_RESUBMIT: resubmit(x, OFPACT_GET(resubmit, a)); break;
	case OFPACT_NOTE: break;
	case OFPACT_EXIT: x->exit = true; break;
	case OFPACT_CLEAR_ACTIONS:
		x->n_set = 0;
		x->s.flow.actset_output = OFP_PORT_UNSET;
		break;
	case OFPACT_WRITE_ACTIONS: write_actions(x, OFPACT_GET(nest, a)); break;
	case OFPACT_WRITE_METADATA: write_metadata(x, OFPACT_GET(metadata, a)); break;
	case OFPACT_GOTO_TABLE: break; /* The caller's. */
	case OFPACT_ENQUEUE:
	case OFPACT_PUSH_PBB:
	case OFPACT_POP_PBB:
	case OFPACT_COPY_TTL_OUT:
	case OFPACT_COPY_TTL_IN:
	case OFPACT_SET_QUEUE:
	case OFPACT_POP_QUEUE:
	case OFPACT_GROUP:
	case OFPACT_METER:
	case N_OFPACTS:
		/* Refused when the rule was made. */
		xlate_fail(x, DROP_UNSUPPORTED);
		break;
	}
}

int
xlate_actions(struct xlate *x, const struct ofpacts *list)
{
	const struct ofpact *a;

	OFPACT_FOREACH(a, list)
	{
		if (x->exit)
			return -1;
		action(x, a);
		if (a->type == OFPACT_GOTO_TABLE)
			return OFPACT_GET(goto_table, a)->table;
	}
	return -1;
}

/* ---- Life of a run ---- */

static uint8_t
count_labels(const struct flow *key)
{
	uint8_t n = 0;

	while (n < FLOW_N_MPLS && key->mpls_lse[n] != 0)
		n++;
	return n;
}

void
xlate_init(struct xlate *x, struct pipeline *p, const struct snapshot *snapshot,
	const struct flow *key, struct miss_verdict *verdict)
{
	memset(x, 0, sizeof *x);
	x->pipeline = p;
	x->snapshot = snapshot;
	x->version = pipeline_version(p);
	x->verdict = verdict;
	x->s.flow = *key;
	x->s.base = *key;
	/* What the pipeline makes up itself depends on nothing. */
	memset(&x->s.written.metadata, 0xff, sizeof(struct flow) - offsetof(struct flow, metadata));
	x->s.written.in_port = UINT32_MAX;
	x->s.flow.actset_output = OFP_PORT_UNSET;
	x->s.n_labels = count_labels(key);
	xlate_init_tags(x, key);
	x->reason = DROP_NO_BRIDGE;
	memset(&verdict->mask, 0, sizeof verdict->mask);
	verdict->mask.in_port = UINT32_MAX;
	verdict->mask.recirc_id = UINT32_MAX;
	verdict->contribs = NULL;
	verdict->cacheable = true;
}

void
xlate_enter(struct xlate *x, const struct snap_bridge *bridge, const struct snap_port *in_port,
	uint32_t ofp_in_port)
{
	x->s.bridge = bridge;
	x->s.in_port = in_port;
	x->s.flow.in_port = ofp_in_port;
}

void
xlate_receive(struct xlate *x)
{
	const struct snap_port *port = x->s.in_port;

	if (port != NULL && (port->config & BRIDGE_PORT_DOWN) != 0) {
		x->reason = DROP_PORT_DOWN;
		return;
	}
	if (port != NULL && (port->config & BRIDGE_PORT_NO_RECV) != 0) {
		x->reason = DROP_PORT_NO_RECV;
		return;
	}
	xlate_table(x, 0);
	xlate_action_set(x);
}

/* A clone that nothing follows need not be one. */
static void
unwrap_last_clone(struct program_buf *b)
{
	for (;;) {
		uint32_t ofs = 0, last = 0;

		while (ofs < b->len) {
			last = ofs;
			ofs += ((const struct op_header *)(const void *)(b->data + ofs))->len;
		}
		if (b->len == 0
			|| ((const struct op_header *)(const void *)(b->data + last))->type
				!= PROGRAM_OP_CLONE)
			return;
		b->len -= (uint32_t)sizeof(struct op_clone);
		memmove(b->data + last, b->data + last + sizeof(struct op_clone), b->len - last);
	}
}

void
xlate_finish(struct xlate *x)
{
	struct program_buf *program = &x->verdict->program;

	if (program->overflow)
		xlate_fail(x, DROP_UNSUPPORTED);
	if (x->failed || x->sent_len == 0) {
		program_buf_clear(program);
		program_put_drop(program, x->reason);
	} else {
		program->len = x->sent_len; /* Edits that nobody sees. */
		unwrap_last_clone(program);
	}
	if (x->n_contribs != 0) {
		struct contribs *c = xmalloc(sizeof *c + x->n_contribs * sizeof c->c[0]);

		c->n = (uint32_t)x->n_contribs;
		memcpy(c->c, x->contribs, x->n_contribs * sizeof c->c[0]);
		x->verdict->contribs = c;
	}
	free(x->contribs);
	x->contribs = NULL;
}

/* ---- What the datapath calls ---- */

static void
translate(void *p_, const struct flow *key, struct miss_verdict *verdict)
{
	struct pipeline *p = p_;
	/* Pairs with the release in pipeline_publish_snapshot(). */
	const struct snapshot *s = atomic_load_explicit(&p->snapshot, memory_order_acquire);
	const struct snap_port *port =
		key->in_port < s->n_dp_ports ? s->dp_ports[key->in_port] : NULL;
	struct xlate x;

	atomic_fetch_add_explicit(&p->n_translations, 1, memory_order_relaxed);
	xlate_init(&x, p, s, key, verdict);
	if (port != NULL) {
		xlate_enter(&x, port->bridge, port, port->ofp_port);
		xlate_receive(&x);
	}
	xlate_finish(&x);
}

static void
credit(void *p, struct contribs *c, const struct flow *key UNUSED, uint64_t n_packets,
	uint64_t n_bytes, be16 tcp_flags UNUSED, int64_t used_ms)
{
	if (c != NULL)
		contribs_credit(p, c, n_packets, n_bytes, used_ms);
}

static void
free_contribs(void *p UNUSED, struct contribs *c)
{
	contribs_destroy(c);
}

const struct miss_ops pipeline_miss_ops = {
	.translate = translate,
	.credit = credit,
	.contribs_free = free_contribs,
	.punt = effect_punt,
};
