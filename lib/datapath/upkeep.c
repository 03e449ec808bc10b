/* SPDX-License-Identifier: Apache-2.0 */
/* upkeep: the life of megaflows after and before misses.  Room: datapath.
 *
 * Installing, crediting, removing with a grace period, and the two walks over all megaflows: re-judging after a change
 * of rules, and the sweep that credits counters and ages.  Walks go in pieces, so that a miss never waits for a whole
 * one.  All of it is the handler's. */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/loop.h"
#include "datapath/dp_priv.h"
#include "datapath/upkeep_priv.h"
#include "rcu/rcu.h"

#define WALK_PIECE 512 /* Megaflows looked at per round. */
#define SWEEP_PERIOD_MS 500
#define DYING_BATCH 256

/* Unlinked megaflows that wait for a grace period together. */
struct dying_batch {
	struct mpsc_node node;
	struct datapath *dp;
	bool ends_rejudge; /* A fence: when it passes, so is the walk. */
	uint32_t n;
	uint32_t idx[DYING_BATCH];
};

/* Tells main that requests are done. */
struct done_work {
	struct loop_work work;
	struct datapath *dp;
	uint64_t seq;
};

static void
done_in_main(struct loop_work *work)
{
	struct done_work *done = CONTAINER_OF(work, struct done_work, work);

	done->dp->params.done(done->dp->params.aux, done->seq);
	free(done);
}

static void
tell_done(struct datapath *dp, uint64_t seq)
{
	struct done_work *done;

	if (dp->params.done == NULL)
		return;
	done = xzalloc(sizeof *done);
	done->work.cb = done_in_main;
	done->dp = dp;
	done->seq = seq;
	loop_post(dp->params.loop, &done->work);
}

/* Requests. */

static void
requests_add(struct dp_requests *r, uint64_t seq)
{
	r->asked = seq;
	if (r->next == 0)
		r->next = seq;
}

static void
requests_begin(struct dp_requests *r)
{
	r->first = r->next;
	r->next = 0;
}

/* The oldest that is not answered, or UINT64_MAX. */
static uint64_t
requests_oldest(const struct dp_requests *r)
{
	if (r->first != 0)
		return r->first;
	return r->next != 0 ? r->next : UINT64_MAX;
}

/* The running walk is over.  Main hears of a request when all before it, of either kind, are done as well. */
static void
requests_end(struct datapath *dp, struct dp_requests *r)
{
	uint64_t seq = MAX(dp->rejudges.asked, dp->sweeps.asked);

	r->first = 0;
	seq = MIN(seq, requests_oldest(&dp->rejudges) - 1);
	seq = MIN(seq, requests_oldest(&dp->sweeps) - 1);
	if (seq > dp->told) {
		dp->told = seq;
		tell_done(dp, seq);
	}
}

/* Counters. */

struct totals {
	uint64_t packets, bytes;
	uint32_t used_ms;
	uint16_t tcp_flags;
	bool used;
};

/* What all pmds counted for a megaflow in this life of its. */
static struct totals
sum_counters(const struct datapath *dp, uint32_t idx)
{
	struct totals t = { 0 };

	for (uint32_t i = 0; i < dp->n_handler_pmds; i++) {
		const struct mf_counter *c = &dp->handler_pmds[i]->counters[idx];
		uint64_t packets = cell_get(&c->packets);
		uint32_t used = atomic_load_explicit(&c->used_ms, memory_order_relaxed);

		if (packets == 0)
			continue;
		t.packets += packets;
		t.bytes += cell_get(&c->bytes);
		t.tcp_flags |= (uint16_t)atomic_load_explicit(&c->tcp_flags, memory_order_relaxed);
		if (!t.used || (int32_t)(used - t.used_ms) > 0)
			t.used_ms = used;
		t.used = true;
	}
	return t;
}

void
upkeep_credit(struct datapath *dp, uint32_t idx, uint64_t packets, uint64_t bytes,
	uint16_t tcp_flags, int64_t used_ms, const struct flow *key)
{
	struct mf_cold *cold = &dp->table.cold[idx];

	cell_add(&cold->packets, packets);
	cell_add(&cold->bytes, bytes);
	atomic_store_explicit(&cold->used_ms, used_ms, memory_order_relaxed);
	atomic_store_explicit(&cold->tcp_flags,
		(uint16_t)(atomic_load_explicit(&cold->tcp_flags, memory_order_relaxed)
			| tcp_flags),
		memory_order_relaxed);
	if (cold->contribs == NULL)
		return;
	if (key == NULL) {
		mf_get_key(&dp->table, idx, &dp->key, &dp->mask);
		key = &dp->key;
	}
	dp->params.miss_ops->credit(
		dp->params.miss_ctx, cold->contribs, key, packets, bytes, tcp_flags, used_ms);
}

/* Credits what the pmds counted since the last time. */
static void
credit(struct datapath *dp, uint32_t idx, int64_t now)
{
	struct mf_cold *cold = &dp->table.cold[idx];
	struct totals t = sum_counters(dp, idx);

	if (t.packets == cold->swept_packets)
		return;
	upkeep_credit(dp, idx, t.packets - cold->swept_packets, t.bytes - cold->swept_bytes,
		t.tcp_flags, mf_used_ms(t.used_ms, now), NULL);
	cold->swept_packets = t.packets;
	cold->swept_bytes = t.bytes;
}

static void
zero_counters(struct datapath *dp, uint32_t idx)
{
	for (uint32_t i = 0; i < dp->n_handler_pmds; i++) {
		struct mf_counter *c = &dp->handler_pmds[i]->counters[idx];

		atomic_store_explicit(&c->packets, 0, memory_order_relaxed);
		atomic_store_explicit(&c->bytes, 0, memory_order_relaxed);
		atomic_store_explicit(&c->tcp_flags, 0, memory_order_relaxed);
	}
}

/* Removal, in two steps with a grace period between. */

static void
batch_passed(void *batch_)
{
	struct dying_batch *batch = batch_;

	mpsc_push(&batch->dp->passed, &batch->node);
}

static void
retire_dying(struct datapath *dp)
{
	if (dp->dying == NULL)
		return;
	rcu_retire(dp->dying, batch_passed);
	dp->dying = NULL;
}

static void
remove_megaflow(struct datapath *dp, uint32_t idx)
{
	mf_unlink(&dp->table, idx);
	if (dp->dying == NULL) {
		dp->dying = xzalloc(sizeof *dp->dying);
		dp->dying->dp = dp;
	}
	dp->dying->idx[dp->dying->n++] = idx;
	dp->n_dying++;
	if (dp->dying->n == DYING_BATCH)
		retire_dying(dp);
}

static void
free_megaflow(struct datapath *dp, uint32_t idx)
{
	struct mf_cold *cold = &dp->table.cold[idx];

	credit(dp, idx, clock_ms());
	if (cold->contribs != NULL)
		dp->params.miss_ops->contribs_free(dp->params.miss_ctx, cold->contribs);
	cold->contribs = NULL;
	program_unref(program_lookup(&dp->programs, cold->program));
	zero_counters(dp, idx);
	mf_free(&dp->table, idx);
	dp->n_dying--;
}

/* Judging. */

void
upkeep_judge(struct datapath *dp, const struct flow *key)
{
	struct miss_verdict *v = &dp->verdict;

	program_buf_clear(&v->program);
	memset(&v->mask, 0, sizeof v->mask);
	v->contribs = NULL;
	v->cacheable = true;
	dp->params.miss_ops->translate(dp->params.miss_ctx, key, v);
	if (v->program.overflow || v->program.len == 0) {
		program_buf_clear(&v->program);
		program_put_drop(&v->program, DROP_TRANSLATE_ERROR);
	}
}

void
upkeep_forget_verdict(struct datapath *dp)
{
	if (dp->verdict.contribs != NULL)
		dp->params.miss_ops->contribs_free(dp->params.miss_ctx, dp->verdict.contribs);
	dp->verdict.contribs = NULL;
}

/* Installs the verdict on 'key', which becomes the megaflow 'program' (one reference is taken).
 * Returns: the index, or MF_NONE with the contributions still the verdict's. */
uint32_t
upkeep_install(struct datapath *dp, const struct flow *key, struct program *program)
{
	struct miss_verdict *v = &dp->verdict;
	uint32_t slot, idx;

	if (!v->cacheable)
		return MF_NONE;
	slot = mf_mask_get(&dp->table, &v->mask);
	idx = mf_insert(&dp->table, key, slot, program->id, v->contribs);
	if (idx == MF_NONE)
		return MF_NONE;
	program_ref(program);
	dp->table.cold[idx].program = program->id;
	dp->table.cold[idx].judged = dp->rejudges.asked;
	atomic_store_explicit(&dp->table.cold[idx].used_ms, clock_ms(), memory_order_relaxed);
	v->contribs = NULL;
	return idx;
}

/* Judges a megaflow anew from its masked key.  It stays, with a new program if need be, when the bits looked at
 * are among those it has; else it goes, and its packets miss. */
static void
rejudge_megaflow(struct datapath *dp, uint32_t idx)
{
	struct mf_cold *cold = &dp->table.cold[idx];
	struct miss_verdict *v = &dp->verdict;
	const uint64_t *old_mask = dp->table.masks[cold->mask].words;
	const uint64_t *new_mask = flow_lane(&v->mask, 0);
	struct program *program;
	uint64_t missing = 0;

	/* What was counted so far belongs to those who decided so far. */
	credit(dp, idx, clock_ms());
	mf_get_key(&dp->table, idx, &dp->key, &dp->mask);
	upkeep_judge(dp, &dp->key);
	memset(v->mask.pad0, 0, sizeof v->mask.pad0);
	for (unsigned int i = 0; i < FLOW_N_KEY_LANES * FLOW_LANE_WORDS; i++)
		missing |= new_mask[i] & ~old_mask[i];
	program = v->cacheable && missing == 0
		? program_intern(&dp->programs, v->program.data, v->program.len)
		: NULL;
	if (program == NULL) {
		upkeep_forget_verdict(dp);
		remove_megaflow(dp, idx);
		return;
	}
	if (program->id != cold->program) {
		program_unref(program_lookup(&dp->programs, cold->program));
		cold->program = program->id;
		mf_set_program(&dp->table, idx, program->id);
	} else {
		program_unref(program);
	}
	if (cold->contribs != NULL)
		dp->params.miss_ops->contribs_free(dp->params.miss_ctx, cold->contribs);
	cold->contribs = v->contribs;
	v->contribs = NULL;
}

/* A piece of the walk over all megaflows.  A request that comes meanwhile waits for the next walk, which passes over
 * what this one judged after it: requests without pause do not keep earlier ones from ending.
 * Returns: whether there is more. */
bool
upkeep_rejudge(struct datapath *dp)
{
	struct dying_batch *fence;
	uint32_t end;

	if (!dp->rejudge_runs) {
		if (dp->rejudges.next == 0)
			return false;
		requests_begin(&dp->rejudges);
		dp->rejudge_at = 0;
		dp->rejudge_runs = true;
	}
	if (dp->rejudge_waits)
		return false;
	end = MIN(dp->rejudge_at + WALK_PIECE, dp->table.n_used);
	for (; dp->rejudge_at < end; dp->rejudge_at++) {
		struct mf_cold *cold = &dp->table.cold[dp->rejudge_at];

		if (!mf_is_alive(&dp->table, dp->rejudge_at) || cold->judged == dp->rejudges.asked)
			continue;
		cold->judged = dp->rejudges.asked;
		rejudge_megaflow(dp, dp->rejudge_at);
	}
	if (dp->rejudge_at < dp->table.n_used)
		return true;
	/* Packets that pmds are running by the old programs end with the grace period. */
	retire_dying(dp);
	fence = xzalloc(sizeof *fence);
	fence->dp = dp;
	fence->ends_rejudge = true;
	dp->rejudge_waits = true;
	rcu_retire(fence, batch_passed);
	return false;
}

static void
sweep_start(struct datapath *dp)
{
	dp->sweep_at = 0;
	dp->sweep_runs = true;
	requests_begin(&dp->sweeps);
}

static void
age_megaflow(struct datapath *dp, uint32_t idx, int64_t now)
{
	struct mf_cold *cold = &dp->table.cold[idx];

	credit(dp, idx, now);
	if (now - atomic_load_explicit(&cold->used_ms, memory_order_relaxed)
		> (int64_t)dp->params.idle_ms)
		remove_megaflow(dp, idx);
}

/* Twice the bytes when packets are searched for often although they are cached. */
static void
grow_cache(struct pmd *pmd)
{
	uint64_t searched = cell_get(&pmd->cells.megaflow_hits);
	uint64_t cached = cell_get(&pmd->cells.cache_hits);
	uint64_t new_searched = searched - pmd->cache_mark[0];
	uint64_t new_cached = cached - pmd->cache_mark[1];
	struct cache_memory *old;

	/* Acquire pairs with the release in take_cache(). */
	if (atomic_load_explicit(&pmd->new_cache, memory_order_acquire) != NULL)
		return;
	old = atomic_exchange_explicit(&pmd->old_cache, NULL, memory_order_relaxed);
	cache_memory_destroy(old);
	pmd->cache_mark[0] = searched;
	pmd->cache_mark[1] = cached;
	if (new_searched > 10000 && new_searched * 16 > new_cached
		&& pmd->cache_entries < CACHE_MAX_ENTRIES) {
		struct cache_memory *m;

		m = cache_memory_create(pmd->cache_entries * 2, pmd->numa_node);
		if (m == NULL)
			return;
		pmd->cache_entries *= 2;
		atomic_store_explicit(&pmd->new_cache, m, memory_order_release);
	}
}

/* What is done once per sweep besides the walk. */
static void
sweep_end(struct datapath *dp)
{
	uint64_t hits[MF_MAX_MASKS] = { 0 };

	for (uint32_t i = 0; i < dp->n_handler_pmds; i++) {
		struct pmd *pmd = dp->handler_pmds[i];

		grow_cache(pmd);
		for (uint32_t m = 0; m < MF_MAX_MASKS; m++) {
			uint64_t n = cell_get(&pmd->search.hits[m]);

			hits[m] += n - pmd->mask_mark[m];
			pmd->mask_mark[m] = n;
		}
	}
	mf_sort_masks(&dp->table, hits);
	retire_dying(dp);
	program_set_collect(&dp->programs);
	dp->sweep_runs = false;
	dp->sweep_due_ms = clock_ms() + SWEEP_PERIOD_MS;
	requests_end(dp, &dp->sweeps);
}

/* A piece of the sweep.  Returns: whether there was work worth staying awake for. */
bool
upkeep_sweep(struct datapath *dp)
{
	int64_t now = clock_ms();
	uint32_t end;

	if (!dp->sweep_runs) {
		if (dp->sweeps.next == 0 && now < dp->sweep_due_ms)
			return false;
		sweep_start(dp);
	}
	end = MIN(dp->sweep_at + WALK_PIECE, dp->table.n_used);
	for (; dp->sweep_at < end; dp->sweep_at++) {
		if (mf_is_alive(&dp->table, dp->sweep_at))
			age_megaflow(dp, dp->sweep_at, now);
	}
	if (dp->sweep_at < dp->table.n_used)
		return true;
	sweep_end(dp);
	return dp->table.n_live > 0;
}

void
upkeep_flush(struct datapath *dp)
{
	for (uint32_t i = 0; i < dp->table.n_used; i++) {
		if (mf_is_alive(&dp->table, i)) {
			credit(dp, i, clock_ms());
			remove_megaflow(dp, i);
		}
	}
	retire_dying(dp);
}

/* Frees what nobody can see any more, and ends the walks whose fence is among it.
 * Returns: whether there was any. */
bool
upkeep_finish(struct datapath *dp)
{
	struct mpsc_node *node;
	bool any = false;

	while ((node = mpsc_pop(&dp->passed)) != NULL) {
		struct dying_batch *batch = CONTAINER_OF(node, struct dying_batch, node);

		for (uint32_t i = 0; i < batch->n; i++)
			free_megaflow(dp, batch->idx[i]);
		if (batch->ends_rejudge) {
			dp->rejudge_runs = dp->rejudge_waits = false;
			requests_end(dp, &dp->rejudges);
		}
		free(batch);
		any = true;
	}
	return any;
}

/* What a pmd that has ended counted is credited; its counters are not looked at again. */
void
upkeep_forget_pmd(struct datapath *dp, const struct pmd *pmd)
{
	for (uint32_t idx = 0; idx < dp->table.n_used; idx++) {
		struct mf_cold *cold = &dp->table.cold[idx];

		if (cell_get(&pmd->counters[idx].packets) == 0)
			continue;
		if (cold->contribs != NULL || mf_is_alive(&dp->table, idx))
			credit(dp, idx, clock_ms());
		cold->swept_packets -= cell_get(&pmd->counters[idx].packets);
		cold->swept_bytes -= cell_get(&pmd->counters[idx].bytes);
	}
}

void
upkeep_ask_rejudge(struct datapath *dp, uint64_t seq)
{
	requests_add(&dp->rejudges, seq);
}

void
upkeep_ask_sweep(struct datapath *dp, uint64_t seq)
{
	requests_add(&dp->sweeps, seq);
}
