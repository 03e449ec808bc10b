/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline: publishing, rejudging, waiting.
 *
 * Main edits; here is what happens around the edits: they are published, the datapath is asked to catch up, and whoever
 * waits for that is told. */

#include "pipeline/pipeline.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fatal.h"
#include "pipeline/pipeline_priv.h"
#include "rcu/rcu.h"

#define TICK_MS 1000 /* Of ageing and timeouts. */

/* ---- Messages ---- */

static void
drain_inbox(struct pipeline *p)
{
	struct mpsc_node *node;

	while ((node = mpsc_pop(&p->inbox)) != NULL) {
		struct message *m = CONTAINER_OF(node, struct message, node);

		switch (m->kind) {
		case MESSAGE_PUNT:
			effect_run_punt(p, CONTAINER_OF(m, struct punt_message, message));
			break;
		case MESSAGE_LEARN:
			effect_run_learn(p, CONTAINER_OF(m, struct learn_message, message));
			break;
		case MESSAGE_READERS_GONE:
			rules_readers_gone(CONTAINER_OF(m, struct dead_batch, message));
			break;
		}
	}
}

static void
wake_cb(void *p_, uint32_t events UNUSED)
{
	struct pipeline *p = p_;
	uint64_t n;

	(void)!read(p->wake_fd, &n, sizeof n);
	/* What is posted from here on wakes again; pairs with the exchange in pipeline_post(). */
	atomic_store_explicit(&p->woken, false, memory_order_seq_cst);
	drain_inbox(p);
}

void
pipeline_post(struct pipeline *p, struct message *m)
{
	const uint64_t one = 1;

	(void)mpsc_push(&p->inbox, &m->node);
	/* Cannot fail: the counter of an eventfd does not overflow by one write per read. */
	if (!atomic_exchange_explicit(&p->woken, true, memory_order_seq_cst))
		(void)!write(p->wake_fd, &one, sizeof one);
}

/* ---- Publishing ---- */

void
pipeline_publish_snapshot(struct pipeline *p)
{
	struct snapshot *old = atomic_load_explicit(&p->snapshot, memory_order_relaxed);

	p->snapshot_stale = false;
	/* Pairs with the acquire in translation. */
	atomic_store_explicit(&p->snapshot, snapshot_create(p), memory_order_release);
	rcu_retire(old, snapshot_destroy);
	p->n_snapshots++;
	pipeline_want_rejudge(p);
}

void
pipeline_publish_rules(struct pipeline *p)
{
	if (!p->version_stale)
		return;
	p->version_stale = false;
	/* Pairs with the acquire in pipeline_version(). */
	atomic_store_explicit(&p->version,
		atomic_load_explicit(&p->version, memory_order_relaxed) + 1, memory_order_release);
	rules_flush_dying(p);
	pipeline_want_rejudge(p);
}

void
pipeline_want_rejudge(struct pipeline *p)
{
	p->gen_wanted++;
}

/* ---- Waiting ---- */

static void
waiters_run(struct list *waiters, uint64_t done)
{
	struct list ready;

	list_init(&ready);
	while (!list_is_empty(waiters)) {
		struct waiter *w = CONTAINER_OF(list_front(waiters), struct waiter, node);

		if (w->target > done)
			break;
		list_remove(&w->node);
		/* The callback may add waiters or cancel others. */
		w->cb(w->aux);
		free(w);
	}
}

static void
waiters_add(struct list *waiters, uint64_t target, void (*cb)(void *aux), void *aux)
{
	struct waiter *w = xmalloc(sizeof *w);

	w->target = target;
	w->cb = cb;
	w->aux = aux;
	list_push_back(waiters, &w->node);
}

static void
waiters_cancel(struct list *waiters, const void *aux)
{
	struct waiter *w, *next;

	LIST_FOREACH_SAFE(w, next, node, waiters) {
		if (w->aux == aux) {
			list_remove(&w->node);
			free(w);
		}
	}
}

static void
ask_rejudge(struct pipeline *p)
{
	if (p->gen_wanted == p->gen_done || p->rejudge_busy)
		return;
	p->gen_asked = p->gen_wanted;
	if (p->ops == NULL) {
		p->gen_done = p->gen_asked;
		return;
	}
	p->rejudge_busy = true;
	p->n_rejudges++;
	p->rejudge_seq = p->ops->rejudge(p->ops_ctx);
}

static void
ask_sweep(struct pipeline *p)
{
	if (p->sweep_wanted == p->sweep_done || p->sweep_busy)
		return;
	p->sweep_asked = p->sweep_wanted;
	if (p->ops == NULL) {
		p->sweep_done = p->sweep_asked;
		return;
	}
	p->sweep_busy = true;
	p->sweep_seq = p->ops->sweep(p->ops_ctx);
}

/* Tells those who wait for what is done by now. */
static void
tell_waiters(struct pipeline *p)
{
	rules_send_removed(p);
	waiters_run(&p->barriers, p->gen_done);
	if (p->expiry_pending && p->sweep_done == p->sweep_wanted) {
		p->expiry_pending = false;
		rules_expire(p, clock_ms(), true);
	}
	waiters_run(&p->syncs, p->sweep_done);
}

void
pipeline_done(void *p_, uint64_t seq)
{
	struct pipeline *p = p_;

	if (p->rejudge_busy && seq >= p->rejudge_seq) {
		p->rejudge_busy = false;
		p->gen_done = p->gen_asked;
	}
	if (p->sweep_busy && seq >= p->sweep_seq) {
		p->sweep_busy = false;
		p->sweep_done = p->sweep_asked;
	}
	tell_waiters(p);
}

void
pipeline_run(struct pipeline *p)
{
	drain_inbox(p);
	if (p->snapshot_stale)
		pipeline_publish_snapshot(p);
	ask_rejudge(p);
	ask_sweep(p);
	tell_waiters(p);
}

static void
run_hook(void *p)
{
	pipeline_run(p);
}

void
pipeline_barrier(struct pipeline *p, void (*cb)(void *aux), void *aux)
{
	if (p->snapshot_stale)
		pipeline_publish_snapshot(p);
	ask_rejudge(p);
	if (p->gen_done == p->gen_wanted && list_is_empty(&p->barriers)) {
		rules_send_removed(p);
		cb(aux);
	} else {
		waiters_add(&p->barriers, p->gen_wanted, cb, aux);
	}
}

void
pipeline_sync_stats(struct pipeline *p, void (*cb)(void *aux), void *aux)
{
	waiters_add(&p->syncs, ++p->sweep_wanted, cb, aux);
	ask_sweep(p);
}

void
pipeline_cancel(struct pipeline *p, const void *aux)
{
	waiters_cancel(&p->barriers, aux);
	waiters_cancel(&p->syncs, aux);
}

/* ---- Time ---- */

static void
tick(void *p_)
{
	struct pipeline *p = p_;
	int64_t now = clock_ms();
	struct shash_node *node;
	bool changed = false;

	SHASH_FOREACH(node, &p->bridges)
	{
		struct bridge *b = node->data;

		changed |= mac_table_expire(b->macs, now);
	}
	if (changed)
		pipeline_want_rejudge(p);
	rules_expire(p, now, false);
	loop_timer_arm_ms(&p->timer, TICK_MS);
}

/* ---- Life ---- */

struct pipeline *
pipeline_create(struct loop *loop)
{
	struct pipeline *p = xzalloc(sizeof *p);
	int error;

	p->loop = loop;
	shash_init(&p->bridges);
	p->next_bridge_id = 1;
	list_init(&p->barriers);
	list_init(&p->syncs);
	list_init(&p->removed_events);
	list_init(&p->dying);
	mpsc_init(&p->inbox);
	p->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	BUG_ON(p->wake_fd < 0);
	error = loop_add_fd(loop, p->wake_fd, EPOLLIN, wake_cb, p, &p->wake_watch);
	BUG_ON(error != 0);
	atomic_init(&p->version, 1);
	atomic_init(&p->snapshot, snapshot_create(p));
	loop_timer_init(&p->timer, loop, tick, p);
	loop_timer_arm_ms(&p->timer, TICK_MS);
	loop_add_hook(loop, run_hook, p);
	return p;
}

void
pipeline_attach(struct pipeline *p, const struct pipeline_client_ops *ops, void *ctx)
{
	BUG_ON(p->ops != NULL);
	p->ops = ops;
	p->ops_ctx = ctx;
}

void
pipeline_detach(struct pipeline *p)
{
	p->ops = NULL;
	p->rejudge_busy = p->sweep_busy = false;
	pipeline_run(p);
}

void
pipeline_destroy(struct pipeline *p)
{
	struct bridge *b;

	if (p == NULL)
		return;
	BUG_ON(p->ops != NULL);
	while ((b = pipeline_next_bridge(p, NULL)) != NULL)
		bridge_destroy(b);
	pipeline_run(p);
	while (!list_is_empty(&p->removed_events)) {
		struct removed_event *e = CONTAINER_OF(
			list_pop_front(&p->removed_events), struct removed_event, node);

		rule_cell_unref(e->cell);
		free(e);
	}
	while (!list_is_empty(&p->barriers))
		free(CONTAINER_OF(list_pop_front(&p->barriers), struct waiter, node));
	while (!list_is_empty(&p->syncs))
		free(CONTAINER_OF(list_pop_front(&p->syncs), struct waiter, node));
	/* Rules come back through the inbox when their readers are gone, and are retired once more. */
	rcu_barrier();
	drain_inbox(p);
	rcu_barrier();
	loop_remove_hook(p->loop, run_hook, p);
	loop_timer_disarm(&p->timer);
	snapshot_destroy(atomic_load_explicit(&p->snapshot, memory_order_relaxed));
	loop_fd_remove(p->wake_watch);
	close(p->wake_fd);
	shash_uninit(&p->bridges);
	free(p);
}

/* ---- Questions ---- */

struct bridge *
pipeline_find_bridge(const struct pipeline *p, const char *name)
{
	return shash_find(&p->bridges, name);
}

struct bridge *
pipeline_bridge_by_id(const struct pipeline *p, uint32_t bridge_id)
{
	struct shash_node *node;

	SHASH_FOREACH(node, &p->bridges)
	{
		struct bridge *b = node->data;

		if (b->id == bridge_id)
			return b;
	}
	return NULL;
}

struct bridge *
pipeline_next_bridge(const struct pipeline *p, const struct bridge *after)
{
	struct bridge *best = NULL;
	struct shash_node *node;

	SHASH_FOREACH(node, &p->bridges)
	{
		struct bridge *b = node->data;

		if ((after == NULL || strcmp(b->name, after->name) > 0)
			&& (best == NULL || strcmp(b->name, best->name) < 0))
			best = b;
	}
	return best;
}

void
pipeline_get_stats(const struct pipeline *p, struct pipeline_stats *s)
{
	struct shash_node *node;

	memset(s, 0, sizeof *s);
	s->version = pipeline_version(p);
	s->snapshots = p->n_snapshots;
	s->rejudges = p->n_rejudges;
	s->translations = atomic_load_explicit(&p->n_translations, memory_order_relaxed);
	s->punts = atomic_load_explicit(&p->n_punts, memory_order_relaxed);
	s->punts_dropped = atomic_load_explicit(&p->n_punts_dropped, memory_order_relaxed);
	s->learns_dropped = atomic_load_explicit(&p->n_learns_dropped, memory_order_relaxed);
	SHASH_FOREACH(node, &p->bridges)
	{
		struct bridge *b = node->data;

		s->n_rules += b->tables->n_rules;
	}
}

bool
pipeline_find_dp_port(
	const struct pipeline *p, uint32_t dp_port, struct bridge **bridgep, uint32_t *ofp_portp)
{
	struct shash_node *node;

	SHASH_FOREACH(node, &p->bridges)
	{
		struct bridge *b = node->data;
		struct bridge_port *port;

		HMAP_FOREACH(port, node, &b->ports) {
			if (port->dp_port == dp_port && dp_port != UINT32_MAX) {
				*bridgep = b;
				*ofp_portp = port->ofp_port;
				return true;
			}
		}
	}
	return false;
}
