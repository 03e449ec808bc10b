/* SPDX-License-Identifier: Apache-2.0 */
/* flow_mod: what OpenFlow's flow modifications and questions about flows mean.
 *
 * Everything is checked before anything is edited, so that a refused modification has changed nothing. */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fatal.h"
#include "pipeline/pipeline_priv.h"
#include "pipeline/rule_priv.h"
#include "rcu/rcu.h"

/* Flags of a flow_mod that stay with the rule. */
#define RULE_FLAGS (OF_FLOW_SEND_FLOW_REM | OF_FLOW_NO_PACKET_COUNTS | OF_FLOW_NO_BYTE_COUNTS)

#define EDITS_PER_BREATH 512

/* Rules picked out of tables. */
struct rule_set {
	struct rule **v;
	size_t n, n_alloc;
};

static void
rule_set_add(struct rule_set *set, struct rule *r)
{
	if (set->n == set->n_alloc)
		set->v = vec_grow(set->v, &set->n_alloc, sizeof set->v[0]);
	set->v[set->n++] = r;
}

static bool
filter_accepts(const struct bridge_flow_filter *f, const struct rule *r)
{
	struct match match;

	if ((r->cookie & f->cookie_mask) != (f->cookie & f->cookie_mask))
		return false;
	if (f->out_port != OFP_PORT_NONE && !ofpacts_output_to_port(&r->actions, f->out_port))
		return false;
	if (f->out_group != OF_GROUP_ANY && !ofpacts_output_to_group(&r->actions, f->out_group))
		return false;
	if (f->match == NULL)
		return true;
	classifier_rule_get_match(&r->cr, &match);
	return match_covers(f->match, &match);
}

static void
collect(const struct bridge *b, const struct bridge_flow_filter *f, struct rule_set *set)
{
	for (uint8_t i = 0; i < BRIDGE_N_TABLES; i++) {
		struct rule *r;

		if (f->table_id != BRIDGE_TABLE_ALL && f->table_id != i)
			continue;
		LIST_FOREACH(r, table_node, &b->tables->t[i].rules) {
			if (filter_accepts(f, r))
				rule_set_add(set, r);
		}
	}
}

/* The version that edits now make. */
static uint64_t
edit_version(const struct bridge *b)
{
	return atomic_load_explicit(&b->pipeline->version, memory_order_relaxed)
		+ b->pipeline->version_stale;
}

static struct rule *
find_strict(const struct bridge *b, uint8_t table_id, const struct match *match, uint16_t priority)
{
	const struct classifier *cls =
		atomic_load_explicit(&b->tables->t[table_id].cls, memory_order_relaxed);
	struct classifier_rule *cr;

	if (cls == NULL)
		return NULL;
	cr = classifier_find(cls, edit_version(b), match, priority);
	return cr != NULL ? CONTAINER_OF(cr, struct rule, cr) : NULL;
}

static void
collect_strict(const struct bridge *b, const struct bridge_flow_filter *f, uint16_t priority,
	struct rule_set *set)
{
	for (uint8_t i = 0; i < BRIDGE_N_TABLES; i++) {
		struct rule *r;

		if (f->table_id != BRIDGE_TABLE_ALL && f->table_id != i)
			continue;
		r = find_strict(b, i, f->match, priority);
		if (r != NULL && filter_accepts(f, r))
			rule_set_add(set, r);
	}
}

/* ---- Checks ---- */

static bool
no_group(void *aux UNUSED, uint32_t group UNUSED)
{
	return false;
}

/* Fields that OpenFlow lets be written but that no operation of the datapath writes. */
static bool
can_write(enum field_id field)
{
	switch (field) {
	case FIELD_CT_MARK:
	case FIELD_CT_LABEL:
	case FIELD_PBB_ISID:
	case FIELD_PBB_UCA:
	case FIELD_ND_RESERVED:
	case FIELD_ND_OPTIONS_TYPE: return false;
	default: return true;
	}
}

/* What the list may say but this switch cannot do yet. */
static enum oferror
check_supported(const struct ofpacts *list)
{
	const struct ofpact *a;

	OFPACT_FOREACH(a, list)
	{
		switch ((enum ofpact_type)a->type) {
		case OFPACT_ENQUEUE:
		case OFPACT_SET_QUEUE:
		case OFPACT_POP_QUEUE: return OFPBAC_BAD_QUEUE;
		case OFPACT_COPY_TTL_OUT:
		case OFPACT_COPY_TTL_IN:
		case OFPACT_PUSH_PBB:
		case OFPACT_POP_PBB: return OFPBAC_BAD_TYPE;
		case OFPACT_SET_FIELD:
			if (!can_write(OFPACT_GET(set_field, a)->field))
				return OFPBAC_BAD_SET_TYPE;
			break;
		case OFPACT_REG_MOVE:
			if (!can_write(OFPACT_GET(reg_move, a)->dst.field))
				return OFPBAC_BAD_SET_TYPE;
			break;
		case OFPACT_STACK_POP:
			if (!can_write(OFPACT_GET(stack, a)->subfield.field))
				return OFPBAC_BAD_SET_TYPE;
			break;
		case OFPACT_WRITE_ACTIONS: {
			struct ofpacts nested = ofpacts_view(OFPACT_GET(nest, a));
			enum oferror error = check_supported(&nested);

			if (error != OFERROR_OK)
				return error;
			break;
		}
		default: break;
		}
	}
	return OFERROR_OK;
}

enum oferror
bridge_check_ofpacts(const struct bridge *b UNUSED, const struct match *match, uint8_t table_id,
	const struct ofpacts *actions)
{
	struct ofpacts_check check = {
		.match = match,
		.table_id = table_id,
		.n_tables = BRIDGE_N_TABLES,
		.group_exists = no_group,
		.meter_exists = no_group,
	};
	enum oferror error = ofpacts_check(actions, &check);

	return error != OFERROR_OK ? error : check_supported(actions);
}

/* True if a packet could match both the rule to be added and another of the same priority. */
static bool
overlaps(const struct bridge *b, uint8_t table_id, const struct of_flow_mod *fm)
{
	struct match match;
	struct rule *r;

	LIST_FOREACH(r, table_node, &b->tables->t[table_id].rules) {
		if (r->cr.priority != fm->priority)
			continue;
		classifier_rule_get_match(&r->cr, &match);
		if (match_overlaps(&match, &fm->match))
			return true;
	}
	return false;
}

/* ---- Modifications ---- */

/* Puts 'new' in the place of 'old', which may be NULL. */
static void
replace(struct bridge *b, struct rule *old, struct rule *new)
{
	if (old != NULL)
		rule_hide(b, old);
	rule_insert(b, new);
}

static enum oferror
add(struct bridge *b, const struct of_flow_mod *fm)
{
	uint8_t table_id = fm->table_id == OF_TABLE_ALL ? 0 : fm->table_id;
	struct rule *old, *r;
	enum oferror error;

	if (table_id >= BRIDGE_N_TABLES)
		return OFPFMFC_BAD_TABLE_ID;
	error = bridge_check_ofpacts(b, &fm->match, table_id, &fm->actions);
	if (error != OFERROR_OK)
		return error;
	if ((fm->flags & OF_FLOW_CHECK_OVERLAP) != 0 && overlaps(b, table_id, fm))
		return OFPFMFC_OVERLAP;
	old = find_strict(b, table_id, &fm->match, fm->priority);
	if (old == NULL && b->tables->t[table_id].n_rules >= BRIDGE_MAX_RULES)
		return OFPFMFC_TABLE_FULL;

	r = rule_create(&fm->match, fm->priority, table_id);
	r->cookie = fm->new_cookie;
	r->idle_timeout_s = fm->idle_timeout;
	r->hard_timeout_s = fm->hard_timeout;
	r->flags = fm->flags & RULE_FLAGS;
	r->importance = fm->importance;
	ofpacts_clone(&r->actions, &fm->actions);
	if (old != NULL && (fm->flags & OF_FLOW_RESET_COUNTS) == 0) {
		r->cell = rule_cell_ref(old->cell);
		r->created_ms = old->created_ms;
	} else {
		r->cell = rule_cell_create(r->created_ms);
	}
	replace(b, old, r);
	return OFERROR_OK;
}

static void
modify_one(struct bridge *b, const struct of_flow_mod *fm, struct rule *old)
{
	struct match match;
	struct rule *r;

	classifier_rule_get_match(&old->cr, &match);
	r = rule_create(&match, old->cr.priority, old->table_id);
	r->cookie = fm->modify_cookie ? fm->new_cookie : old->cookie;
	r->idle_timeout_s = old->idle_timeout_s;
	r->hard_timeout_s = old->hard_timeout_s;
	r->flags = old->flags;
	r->importance = old->importance;
	r->created_ms = old->created_ms;
	ofpacts_clone(&r->actions, &fm->actions);
	r->cell = (fm->flags & OF_FLOW_RESET_COUNTS) != 0 ? rule_cell_create(r->modified_ms)
							  : rule_cell_ref(old->cell);
	replace(b, old, r);
}

static enum oferror
modify(struct bridge *b, const struct of_flow_mod *fm, struct rule_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct match match;
		enum oferror error;

		classifier_rule_get_match(&set->v[i]->cr, &match);
		error = bridge_check_ofpacts(b, &match, set->v[i]->table_id, &fm->actions);
		if (error != OFERROR_OK)
			return error;
	}
	/* OpenFlow 1.0 has it add when there was nothing to modify; those are the messages that bring a cookie. */
	if (set->n == 0 && fm->modify_cookie && fm->cookie_mask == 0)
		return add(b, fm);
	if (set->n == 0)
		return bridge_check_ofpacts(b, &fm->match,
			fm->table_id == OF_TABLE_ALL ? 0 : fm->table_id, &fm->actions);
	for (size_t i = 0; i < set->n; i++)
		modify_one(b, fm, set->v[i]);
	return OFERROR_OK;
}

static enum oferror
carry_out(struct bridge *b, const struct of_flow_mod *fm)
{
	struct bridge_flow_filter filter = {
		.table_id = fm->table_id,
		.match = &fm->match,
		.cookie = fm->cookie,
		.cookie_mask = fm->cookie_mask,
		.out_port = OFP_PORT_NONE,
		.out_group = OF_GROUP_ANY,
	};
	bool is_delete = fm->command == OF_FLOW_DELETE || fm->command == OF_FLOW_DELETE_STRICT;
	struct rule_set set = { NULL, 0, 0 };
	enum oferror error = OFERROR_OK;

	if (fm->command == OF_FLOW_ADD)
		return add(b, fm);
	if (is_delete) {
		filter.out_port = fm->out_port;
		filter.out_group = fm->out_group;
	}
	if (fm->command == OF_FLOW_MODIFY_STRICT || fm->command == OF_FLOW_DELETE_STRICT)
		collect_strict(b, &filter, fm->priority, &set);
	else
		collect(b, &filter, &set);
	if (is_delete) {
		for (size_t i = 0; i < set.n; i++) {
			rule_queue_removed(b, set.v[i], OF_FLOW_REMOVED_DELETE);
			rule_hide(b, set.v[i]);
		}
	} else {
		error = modify(b, fm, &set);
	}
	free(set.v);
	return error;
}

/* Lets readers pass now and then: in a long run of modifications main itself would keep what was retired from being freed, and hash
 * maps from growing. */
static void
breathe(struct pipeline *p)
{
	if (++p->n_edits < EDITS_PER_BREATH)
		return;
	p->n_edits = 0;
	rcu_synchronize();
	(void)rcu_reclaim();
}

enum oferror
bridge_flow_mod(struct bridge *b, const struct of_flow_mod *fm)
{
	enum oferror error;

	if (fm->table_id != OF_TABLE_ALL && fm->table_id >= BRIDGE_N_TABLES)
		return OFPFMFC_BAD_TABLE_ID;
	if ((fm->flags & OF_FLOW_EMERG) != 0)
		return OFPFMFC_BAD_FLAGS;
	if (fm->command >= N_OF_FLOW_COMMANDS)
		return OFPFMFC_BAD_COMMAND;
	error = carry_out(b, fm);
	if (!b->in_txn)
		pipeline_publish_rules(b->pipeline);
	breathe(b->pipeline);
	return error;
}

void
bridge_install_default(struct bridge *b)
{
	struct of_flow_mod fm;
	enum oferror error;

	of_flow_mod_init(&fm);
	fm.table_id = 0;
	fm.priority = 0;
	ofpacts_put_output(&fm.actions, OFP_PORT_NORMAL, 0);
	error = bridge_flow_mod(b, &fm);
	BUG_ON(error != OFERROR_OK);
	of_flow_mod_uninit(&fm);
}

void
bridge_flush_flows(struct bridge *b)
{
	BUG_ON(b->in_txn);
	for (unsigned int i = 0; i < BRIDGE_N_TABLES; i++) {
		struct rule *r, *next;

		LIST_FOREACH_SAFE(r, next, table_node, &b->tables->t[i].rules)
			rule_hide(b, r);
	}
	if (b->config.fail_mode == BRIDGE_FAIL_STANDALONE && !b->config.has_controllers)
		bridge_install_default(b);
	pipeline_publish_rules(b->pipeline);
}

/* ---- Questions ---- */

static int
compare_rules(const void *a_, const void *b_)
{
	const struct rule *a = *(struct rule *const *)a_, *b = *(struct rule *const *)b_;

	if (a->table_id != b->table_id)
		return a->table_id < b->table_id ? -1 : 1;
	if (a->cr.priority != b->cr.priority)
		return a->cr.priority > b->cr.priority ? -1 : 1;
	if (a->created_ms != b->created_ms)
		return a->created_ms < b->created_ms ? -1 : 1;
	return a->cr.add_version < b->cr.add_version ? -1 : a->cr.add_version > b->cr.add_version;
}

void
bridge_dump_flows(struct bridge *b, const struct bridge_flow_filter *filter,
	void (*cb)(void *aux, const struct bridge_flow_stats *), void *aux)
{
	struct rule_set set = { NULL, 0, 0 };
	int64_t now = clock_ms();

	collect(b, filter, &set);
	if (set.n > 1)
		qsort(set.v, set.n, sizeof set.v[0], compare_rules);
	for (size_t i = 0; i < set.n; i++) {
		const struct rule *r = set.v[i];
		int64_t used = atomic_load_explicit(&r->cell->used_ms, memory_order_relaxed);
		struct bridge_flow_stats s = {
			.cookie = r->cookie,
			.duration_ms = now - r->created_ms,
			.idle_ms = MAX(now - MAX(used, r->modified_ms), 0),
			.hard_ms = now - r->modified_ms,
			.priority = r->cr.priority,
			.idle_timeout_s = r->idle_timeout_s,
			.hard_timeout_s = r->hard_timeout_s,
			.flags = r->flags,
			.importance = r->importance,
			.table_id = r->table_id,
			.actions = { .data = r->actions.data, .len = r->actions.len },
		};

		classifier_rule_get_match(&r->cr, &s.match);
		rule_fill_counters(r->cell, &s.n_packets, &s.n_bytes);
		cb(aux, &s);
	}
	free(set.v);
}

void
bridge_get_aggregate(
	struct bridge *b, const struct bridge_flow_filter *filter, struct bridge_aggregate_stats *s)
{
	struct rule_set set = { NULL, 0, 0 };

	memset(s, 0, sizeof *s);
	collect(b, filter, &set);
	for (size_t i = 0; i < set.n; i++) {
		uint64_t n_packets, n_bytes;

		rule_fill_counters(set.v[i]->cell, &n_packets, &n_bytes);
		s->n_packets += n_packets;
		s->n_bytes += n_bytes;
		s->n_flows++;
	}
	free(set.v);
}

void
bridge_get_table_stats(const struct bridge *b, uint8_t table_id, struct bridge_table_stats *s)
{
	uint64_t matched, missed;

	memset(s, 0, sizeof *s);
	if (table_id >= BRIDGE_N_TABLES)
		return;
	matched = atomic_load_explicit(&b->cells->t[table_id].n_matched, memory_order_relaxed);
	missed = atomic_load_explicit(&b->cells->t[table_id].n_missed, memory_order_relaxed);
	s->n_active = b->tables->t[table_id].n_rules;
	s->n_lookup = matched + missed;
	s->n_matched = matched;
}

uint32_t
bridge_n_flows(const struct bridge *b)
{
	return b->tables->n_rules;
}
