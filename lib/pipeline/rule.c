/* SPDX-License-Identifier: Apache-2.0 */
/* rule: the life of rules: put in, hidden, unlinked, freed; timeouts and the events about them.
 *
 * What flow modifications make of this is in flow_mod.c. */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fatal.h"
#include "openflow/flow_mod.h"
#include "pipeline/pipeline_priv.h"
#include "pipeline/rule_priv.h"
#include "rcu/rcu.h"

/* ---- Rules ---- */

struct rule *
rule_create(const struct match *match, uint16_t priority, uint8_t table_id)
{
	struct rule *r = xzalloc(sizeof *r);

	classifier_rule_init(&r->cr, match, priority);
	list_init(&r->table_node);
	list_init(&r->timeout_node);
	r->table_id = table_id;
	r->is_miss = priority == 0 && match_is_catchall(match);
	r->created_ms = r->modified_ms = clock_ms();
	ofpacts_init(&r->actions);
	return r;
}

void
rule_destroy(struct rule *r)
{
	classifier_rule_uninit(&r->cr);
	rule_cell_unref(r->cell);
	ofpacts_uninit(&r->actions);
	free(r);
}

static void
rule_free(void *r)
{
	rule_destroy(r);
}

static uint64_t
next_version(const struct pipeline *p)
{
	return atomic_load_explicit(&p->version, memory_order_relaxed) + 1;
}

static struct classifier *
table_classifier(struct table *t)
{
	struct classifier *cls = atomic_load_explicit(&t->cls, memory_order_relaxed);

	if (cls == NULL) {
		cls = classifier_create();
		/* Pairs with the acquire in translation. */
		atomic_store_explicit(&t->cls, cls, memory_order_release);
	}
	return cls;
}

/* Into the lists that main goes by. */
static void
rule_enlist(struct tables *tables, struct rule *r)
{
	struct table *t = &tables->t[r->table_id];

	list_push_back(&t->rules, &r->table_node);
	if (r->idle_timeout_s != 0 || r->hard_timeout_s != 0)
		list_push_back(&tables->expirable, &r->timeout_node);
	t->n_rules++;
	tables->n_rules++;
}

static void
rule_delist(struct tables *tables, struct rule *r)
{
	list_remove(&r->table_node);
	list_remove(&r->timeout_node);
	tables->t[r->table_id].n_rules--;
	tables->n_rules--;
}

/* A step of a transaction, to be taken back. */
struct undo {
	struct list node; /* In bridge.txn_log. */
	struct rule *rule;
	bool is_insert; /* Else it was hidden. */
};

static void
txn_note(struct bridge *b, struct rule *r, bool is_insert)
{
	struct undo *u = xmalloc(sizeof *u);

	u->rule = r;
	u->is_insert = is_insert;
	list_push_back(&b->txn_log, &u->node);
}

void
rule_insert(struct bridge *b, struct rule *r)
{
	struct pipeline *p = b->pipeline;

	r->cls = table_classifier(&b->tables->t[r->table_id]);
	classifier_insert(r->cls, &r->cr, next_version(p));
	rule_enlist(b->tables, r);
	p->version_stale = true;
	if (b->in_txn)
		txn_note(b, r, true);
}

void
rule_hide(struct bridge *b, struct rule *r)
{
	struct pipeline *p = b->pipeline;

	classifier_hide(&r->cr, next_version(p));
	rule_delist(b->tables, r);
	p->version_stale = true;
	if (b->in_txn)
		txn_note(b, r, false);
	else
		list_push_back(&p->dying, &r->table_node);
}

/* ---- Transactions ---- */

void
bridge_txn_begin(struct bridge *b)
{
	BUG_ON(b->in_txn);
	pipeline_publish_rules(b->pipeline); /* What is pending is not ours to take back. */
	b->in_txn = true;
}

void
bridge_txn_commit(struct bridge *b)
{
	struct pipeline *p = b->pipeline;

	BUG_ON(!b->in_txn);
	b->in_txn = false;
	while (!list_is_empty(&b->txn_log)) {
		struct undo *u = CONTAINER_OF(list_pop_front(&b->txn_log), struct undo, node);

		if (!u->is_insert)
			list_push_back(&p->dying, &u->rule->table_node);
		free(u);
	}
	while (!list_is_empty(&b->txn_events)) {
		struct list *node = list_pop_front(&b->txn_events);

		CONTAINER_OF(node, struct removed_event, node)->gen = p->gen_wanted + 1;
		list_push_back(&p->removed_events, node);
	}
	pipeline_publish_rules(p);
}

void
bridge_txn_abort(struct bridge *b)
{
	BUG_ON(!b->in_txn);
	b->in_txn = false;
	while (!list_is_empty(&b->txn_log)) {
		struct undo *u = CONTAINER_OF(list_back(&b->txn_log), struct undo, node);
		struct rule *r = u->rule;

		list_remove(&u->node);
		if (u->is_insert) {
			/* Nobody saw it, but readers may stand in its subtable. */
			rule_delist(b->tables, r);
			classifier_remove(r->cls, &r->cr);
			rcu_retire(r, rule_free);
		} else {
			classifier_hide(&r->cr, CLASSIFIER_VERSION_NEVER);
			rule_enlist(b->tables, r);
		}
		free(u);
	}
	while (!list_is_empty(&b->txn_events)) {
		struct removed_event *e =
			CONTAINER_OF(list_pop_front(&b->txn_events), struct removed_event, node);

		rule_cell_unref(e->cell);
		free(e);
	}
	b->pipeline->version_stale = false;
}

/* ---- The end of rules ---- */

/* A grace period has passed since the rules were hidden. */
static void
readers_gone(void *batch_)
{
	struct dead_batch *batch = batch_;

	pipeline_post(batch->pipeline, &batch->message);
}

static void
flush_dying(struct pipeline *p, struct tables *tables)
{
	struct dead_batch *batch;

	if (list_is_empty(&p->dying) && tables == NULL)
		return;
	batch = xzalloc(sizeof *batch);
	batch->message.kind = MESSAGE_READERS_GONE;
	batch->pipeline = p;
	batch->tables = tables;
	list_init(&batch->rules);
	while (!list_is_empty(&p->dying))
		list_push_back(&batch->rules, list_pop_front(&p->dying));
	rcu_retire(batch, readers_gone);
}

void
rules_flush_dying(struct pipeline *p)
{
	flush_dying(p, NULL);
}

void
rules_readers_gone(struct dead_batch *batch)
{
	while (!list_is_empty(&batch->rules)) {
		struct rule *r =
			CONTAINER_OF(list_pop_front(&batch->rules), struct rule, table_node);

		classifier_remove(r->cls, &r->cr);
		rcu_retire(r, rule_free);
	}
	if (batch->tables != NULL) {
		for (unsigned int i = 0; i < BRIDGE_N_TABLES; i++)
			classifier_destroy(atomic_load_explicit(
				&batch->tables->t[i].cls, memory_order_relaxed));
		free(batch->tables);
	}
	free(batch);
}

struct tables *
tables_create(void)
{
	struct tables *tables = xzalloc(sizeof *tables);

	for (unsigned int i = 0; i < BRIDGE_N_TABLES; i++)
		list_init(&tables->t[i].rules);
	list_init(&tables->expirable);
	return tables;
}

void
tables_retire(struct pipeline *p, struct tables *tables)
{
	pipeline_publish_rules(p);
	for (unsigned int i = 0; i < BRIDGE_N_TABLES; i++) {
		while (!list_is_empty(&tables->t[i].rules)) {
			struct rule *r = CONTAINER_OF(
				list_front(&tables->t[i].rules), struct rule, table_node);

			rule_delist(tables, r);
			list_push_back(&p->dying, &r->table_node);
		}
	}
	flush_dying(p, tables);
}

/* ---- Events ---- */

void
rule_fill_counters(const struct rule_cell *cell, uint64_t *n_packets, uint64_t *n_bytes)
{
	*n_packets = atomic_load_explicit(&cell->n_packets, memory_order_relaxed);
	*n_bytes = atomic_load_explicit(&cell->n_bytes, memory_order_relaxed);
}

void
rule_queue_removed(struct bridge *b, const struct rule *r, enum of_flow_removed_reason reason)
{
	struct removed_event *e;

	if ((r->flags & OF_FLOW_SEND_FLOW_REM) == 0 || b->events == NULL)
		return;
	e = xzalloc(sizeof *e);
	/* The change that removes the rule is about to be published. */
	e->gen = b->pipeline->gen_wanted + 1;
	e->bridge_id = b->id;
	e->cell = rule_cell_ref(r->cell);
	classifier_rule_get_match(&r->cr, &e->event.match);
	e->event.cookie = r->cookie;
	e->event.duration_ms = (uint64_t)(clock_ms() - r->created_ms);
	e->event.priority = r->cr.priority;
	e->event.idle_timeout_s = r->idle_timeout_s;
	e->event.hard_timeout_s = r->hard_timeout_s;
	e->event.table_id = r->table_id;
	e->event.reason = (uint8_t)reason;
	list_push_back(b->in_txn ? &b->txn_events : &b->pipeline->removed_events, &e->node);
}

void
rules_send_removed(struct pipeline *p)
{
	while (!list_is_empty(&p->removed_events)) {
		struct removed_event *e =
			CONTAINER_OF(list_front(&p->removed_events), struct removed_event, node);
		struct bridge *b;

		if (e->gen > p->gen_done)
			break;
		list_remove(&e->node);
		b = pipeline_bridge_by_id(p, e->bridge_id);
		if (b != NULL && b->events != NULL && b->events->flow_removed != NULL) {
			rule_fill_counters(e->cell, &e->event.n_packets, &e->event.n_bytes);
			b->events->flow_removed(b->events_aux, b, &e->event);
		}
		rule_cell_unref(e->cell);
		free(e);
	}
}

/* ---- Timeouts ---- */

static bool
is_past(int64_t since_ms, uint16_t timeout_s, int64_t now_ms)
{
	return timeout_s != 0 && now_ms >= since_ms + (int64_t)timeout_s * 1000;
}

static int64_t
last_used(const struct rule *r)
{
	int64_t used = atomic_load_explicit(&r->cell->used_ms, memory_order_relaxed);

	return MAX(used, r->modified_ms);
}

void
rules_expire(struct pipeline *p, int64_t now_ms, bool swept)
{
	struct shash_node *node;
	bool want_sweep = false;

	SHASH_FOREACH(node, &p->bridges)
	{
		struct bridge *b = node->data;
		struct rule *r, *next;

		LIST_FOREACH_SAFE(r, next, timeout_node, &b->tables->expirable) {
			enum of_flow_removed_reason reason;

			if (is_past(r->modified_ms, r->hard_timeout_s, now_ms)) {
				reason = OF_FLOW_REMOVED_HARD_TIMEOUT;
			} else if (is_past(last_used(r), r->idle_timeout_s, now_ms)) {
				/* As far as we know: first hear what was not credited yet. */
				want_sweep = true;
				if (!swept)
					continue;
				reason = OF_FLOW_REMOVED_IDLE_TIMEOUT;
			} else {
				continue;
			}
			rule_queue_removed(b, r, reason);
			rule_hide(b, r);
		}
	}
	pipeline_publish_rules(p);
	if (want_sweep && !swept && !p->expiry_pending) {
		p->expiry_pending = true;
		p->sweep_wanted++;
	}
}
