/* SPDX-License-Identifier: Apache-2.0 */
/* handler: the thread that decides.  Room: datapath.
 *
 * It is the only writer of megaflows and programs.  A round: messages of main, misses of each pmd in turn, a piece of
 * each walk over the megaflows (re-judging after a change of rules; the sweep that credits counters and ages).
 * Walks go in pieces so that a miss never waits for a whole one. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "datapath/dp_priv.h"
#include "flow/extract.h"
#include "packet/packet.h"
#include "rcu/rcu.h"

#define WALK_PIECE 512 /* Megaflows looked at per round. */
#define MISS_BURST 64 /* Items taken from one pmd per round. */
#define SWEEP_PERIOD_MS 500
#define DYING_BATCH 256
#define SPIN_ROUNDS 64 /* Empty rounds before it sleeps. */
#define SLEEP_MAX_MS 100
#define DEFAULT_IDLE_MS 10000

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

static void
credit_delta(struct datapath *dp, uint32_t idx, uint64_t packets, uint64_t bytes,
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
	credit_delta(dp, idx, t.packets - cold->swept_packets, t.bytes - cold->swept_bytes,
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

static void
judge(struct datapath *dp, const struct flow *key)
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

static void
forget_verdict(struct datapath *dp)
{
	if (dp->verdict.contribs != NULL)
		dp->params.miss_ops->contribs_free(dp->params.miss_ctx, dp->verdict.contribs);
	dp->verdict.contribs = NULL;
}

/* Installs the verdict on 'key', which becomes the megaflow 'program' (one reference is taken).
 * Returns: the index, or MF_NONE with the contributions still the verdict's. */
static uint32_t
install(struct datapath *dp, const struct flow *key, struct program *program)
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

/* Judges a packet that came up, and credits it.  Returns: its program with a reference, or NULL. */
static struct program *
decide(struct datapath *dp, const struct flow *key, uint32_t len)
{
	struct program *program;
	uint64_t tail;
	uint32_t idx;

	idx = mf_lookup(&dp->table, key, &tail, &dp->handler_search);
	if (idx != MF_NONE) {
		program = program_lookup(&dp->programs, mf_tail_program(tail));
		program_ref(program);
		credit_delta(dp, idx, 1, len, key->tcp_flags, clock_ms(), key);
		return program;
	}
	judge(dp, key);
	program = program_intern(&dp->programs, dp->verdict.program.data, dp->verdict.program.len);
	if (program == NULL) {
		forget_verdict(dp);
		return NULL;
	}
	idx = install(dp, key, program);
	if (idx != MF_NONE) {
		credit_delta(dp, idx, 1, len, key->tcp_flags, clock_ms(), key);
	} else if (dp->verdict.contribs != NULL) {
		dp->params.miss_ops->credit(dp->params.miss_ctx, dp->verdict.contribs, key, 1, len,
			key->tcp_flags, clock_ms());
		forget_verdict(dp);
	}
	return program;
}

/* Sends an item down to a pmd.  What it cannot take is counted there as dropped. */
static void
send_down(struct pmd *pmd, struct dp_item *item)
{
	if (rte_ring_sp_enqueue_elem(pmd->down, item, sizeof *item) == 0)
		return;
	/* The ring has room for all that the pmd may have outstanding; only injected frames can be too many. */
	cell_add(&pmd->dp->handler_drops.n[DROP_PUNT_QUEUE_FULL], 1);
	cell_add(&pmd->dp->handler_injected, 1);
	cell_add(&pmd->dp->handler_dropped, 1);
	program_unref(item->program);
	rte_pktmbuf_free(item->mbuf);
}

/* The key of one packet, as the batch form would give it. */
static void
mbuf_key(struct rte_mbuf *m, uint32_t in_port, struct flow *key)
{
	uint8_t lanes = 0;

	memset(key, 0, sizeof *key);
	flow_extract_batch(&m, 1, in_port, key, &lanes);
}

static void
handle_miss(struct datapath *dp, struct pmd *pmd, struct dp_item *item)
{
	mbuf_key(item->mbuf, item->in_port, &dp->key);
	item->program = decide(dp, &dp->key, item->mbuf->pkt_len);
	if (item->program == NULL) {
		program_ref(dp->full_program);
		item->program = dp->full_program;
	}
	item->kind = DP_ITEM_RUN;
	send_down(pmd, item);
}

static void
handle_punt(struct datapath *dp, struct dp_item *item)
{
	const struct op_punt *op = (const void *)((uint8_t *)item->program->data + item->hash);
	uint32_t orig_len = item->mbuf->pkt_len, len = MIN(orig_len, op->max_len);
	uint8_t *frame = NULL;
	const void *data = packet_data(item->mbuf);

	mbuf_key(item->mbuf, item->in_port, &dp->key);
	if (len > packet_seg_len(item->mbuf)) {
		frame = xmalloc(len);
		packet_read(item->mbuf, 0, len, frame);
		data = frame;
	}
	dp->params.miss_ops->punt(dp->params.miss_ctx, op, &dp->key, data, len, orig_len);
	free(frame);
	program_unref(item->program);
	rte_pktmbuf_free(item->mbuf);
}

static uint32_t
handle_rings(struct datapath *dp)
{
	struct dp_item items[MISS_BURST];
	uint32_t total = 0;

	for (uint32_t i = 0; i < dp->n_handler_pmds; i++) {
		struct pmd *pmd = dp->handler_pmds[i];
		uint32_t n = rte_ring_sc_dequeue_burst_elem(
			pmd->up, items, sizeof items[0], MISS_BURST, NULL);

		for (uint32_t k = 0; k < n; k++) {
			if (items[k].kind == DP_ITEM_PUNT)
				handle_punt(dp, &items[k]);
			else
				handle_miss(dp, pmd, &items[k]);
		}
		total += n;
	}
	return total;
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
	judge(dp, &dp->key);
	memset(v->mask.pad0, 0, sizeof v->mask.pad0);
	for (unsigned int i = 0; i < FLOW_N_KEY_LANES * FLOW_LANE_WORDS; i++)
		missing |= new_mask[i] & ~old_mask[i];
	program = v->cacheable && missing == 0
		? program_intern(&dp->programs, v->program.data, v->program.len)
		: NULL;
	if (program == NULL) {
		forget_verdict(dp);
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
static bool
rejudge_piece(struct datapath *dp)
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
static bool
sweep_piece(struct datapath *dp)
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

static void
flush_all(struct datapath *dp)
{
	for (uint32_t i = 0; i < dp->table.n_used; i++) {
		if (mf_is_alive(&dp->table, i)) {
			credit(dp, i, clock_ms());
			remove_megaflow(dp, i);
		}
	}
	retire_dying(dp);
}

static void
add_pmd(struct datapath *dp, struct pmd *pmd)
{
	dp->handler_pmds[dp->n_handler_pmds++] = pmd;
}

/* The pmd's thread has ended: what it counted is credited, then its counters are not looked at again. */
static void
del_pmd(struct datapath *dp, struct pmd *pmd)
{
	struct dp_item item;
	uint32_t i = 0;

	/* What it sent up before it ended: punts are delivered, misses have nobody to run them. */
	while (rte_ring_sc_dequeue_elem(pmd->up, &item, sizeof item) == 0) {
		if (item.kind == DP_ITEM_PUNT) {
			handle_punt(dp, &item);
			continue;
		}
		cell_add(&dp->handler_drops.n[DROP_SHUTDOWN], 1);
		cell_add(&dp->handler_dropped, 1);
		rte_pktmbuf_free(item.mbuf);
	}
	while (rte_ring_sc_dequeue_elem(pmd->down, &item, sizeof item) == 0) {
		if (item.kind == DP_ITEM_INJECT)
			cell_add(&dp->handler_injected, 1);
		cell_add(&dp->handler_drops.n[DROP_SHUTDOWN], 1);
		cell_add(&dp->handler_dropped, 1);
		program_unref(item.program);
		rte_pktmbuf_free(item.mbuf);
	}
	for (uint32_t idx = 0; idx < dp->table.n_used; idx++) {
		struct mf_cold *cold = &dp->table.cold[idx];

		if (cell_get(&pmd->counters[idx].packets) == 0)
			continue;
		if (cold->contribs != NULL || mf_is_alive(&dp->table, idx))
			credit(dp, idx, clock_ms());
		cold->swept_packets -= cell_get(&pmd->counters[idx].packets);
		cold->swept_bytes -= cell_get(&pmd->counters[idx].bytes);
	}
	while (dp->handler_pmds[i] != pmd)
		i++;
	dp->handler_pmds[i] = dp->handler_pmds[--dp->n_handler_pmds];
}

static void
inject(struct datapath *dp, struct dp_msg *msg)
{
	struct dp_item item = {
		.mbuf = msg->mbuf, .in_port = msg->in_port, .kind = DP_ITEM_INJECT
	};

	item.program = program_intern(&dp->programs, msg->program, msg->program_len);
	if (item.program == NULL || dp->n_handler_pmds == 0) {
		cell_add(&dp->handler_drops
				  .n[item.program == NULL ? DROP_PROGRAMS_FULL : DROP_SHUTDOWN],
			1);
		cell_add(&dp->handler_injected, 1);
		cell_add(&dp->handler_dropped, 1);
		program_unref(item.program);
		rte_pktmbuf_free(msg->mbuf);
		return;
	}
	send_down(dp->handler_pmds[0], &item);
}

/* Returns: false when the thread is to end. */
static bool
handle_msg(struct datapath *dp, struct dp_msg *msg)
{
	bool go_on = true;

	switch (msg->kind) {
	case DP_MSG_FLUSH: flush_all(dp); FALLTHROUGH;
	case DP_MSG_REJUDGE: requests_add(&dp->rejudges, msg->seq); break;
	case DP_MSG_SWEEP: requests_add(&dp->sweeps, msg->seq); break;
	case DP_MSG_INJECT: inject(dp, msg); break;
	case DP_MSG_ADD_PMD: add_pmd(dp, msg->pmd); break;
	case DP_MSG_DEL_PMD: del_pmd(dp, msg->pmd); break;
	case DP_MSG_STOP: go_on = false; break;
	}
	if (msg->done != NULL)
		/* Pairs with the acquire in datapath.c's call_handler(). */
		atomic_store_explicit(msg->done, true, memory_order_release);
	free(msg);
	return go_on;
}

/* Frees what nobody can see any more, and ends the walks whose fence is among it.
 * Returns: whether there was any. */
static bool
finish_passed(struct datapath *dp)
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

static bool
has_input(const struct datapath *dp)
{
	if (atomic_load_explicit(&dp->inbox.pushed, memory_order_relaxed) != NULL)
		return true;
	for (uint32_t i = 0; i < dp->n_handler_pmds; i++) {
		if (rte_ring_empty(dp->handler_pmds[i]->up) == 0)
			return true;
	}
	return false;
}

static bool
round_once(struct datapath *dp, bool *go_on)
{
	struct mpsc_node *node;
	bool busy = false;

	while (*go_on && (node = mpsc_pop(&dp->inbox)) != NULL) {
		*go_on = handle_msg(dp, CONTAINER_OF(node, struct dp_msg, node));
		busy = true;
	}
	busy |= handle_rings(dp) > 0;
	busy |= rejudge_piece(dp);
	busy |= sweep_piece(dp);
	(void)rcu_reclaim();
	busy |= finish_passed(dp);
	atomic_store_explicit(&dp->shown_megaflows, dp->table.n_live, memory_order_relaxed);
	atomic_store_explicit(&dp->shown_masks, dp->table.n_masks, memory_order_relaxed);
	atomic_store_explicit(
		&dp->shown_programs, (uint32_t)hmap_count(&dp->programs.all), memory_order_relaxed);
	return busy;
}

/* The exchange and the one in handler_wake() are in one total order: either the waker sees that the handler sleeps, or
 * the handler sees what the waker gave it before it sleeps. */
static void
handler_sleep(struct datapath *dp, int timeout_ms)
{
	struct pollfd pfd = { .fd = dp->handler_event, .events = POLLIN };
	uint64_t n;

	(void)atomic_exchange_explicit(&dp->handler_asleep, true, memory_order_seq_cst);
	if (!has_input(dp)) {
		rcu_offline();
		(void)poll(&pfd, 1, timeout_ms);
		rcu_online();
	}
	(void)atomic_exchange_explicit(&dp->handler_asleep, false, memory_order_seq_cst);
	(void)!read(dp->handler_event, &n, sizeof n);
}

/* A pmd that wakes the handler makes a system call, at most once for each time that the handler fell asleep: a new flow is
 * judged at once, and an idle handler costs nothing. */
void
handler_wake(struct datapath *dp)
{
	uint64_t one = 1;

	if (atomic_exchange_explicit(&dp->handler_asleep, false, memory_order_seq_cst))
		(void)!write(dp->handler_event, &one, sizeof one);
}

/* How long it may sleep: till the next sweep, but not while a grace period is awaited. */
static int
sleep_ms(const struct datapath *dp)
{
	int64_t ms = dp->sweep_due_ms - clock_ms();

	if (dp->n_dying > 0 || dp->rejudge_runs || rcu_n_retired() > 0)
		return 1;
	return (int)MAX(0, MIN(ms, SLEEP_MAX_MS));
}

static void *
handler_main(void *dp_)
{
	struct datapath *dp = dp_;
	uint32_t empty = 0;
	bool go_on = true;

	role_enter(&role_handler);
	pthread_setname_np(pthread_self(), "handler");
	rcu_thread_register("handler");
	while (go_on) {
		if (round_once(dp, &go_on))
			empty = 0;
		else if (++empty > SPIN_ROUNDS)
			handler_sleep(dp, sleep_ms(dp));
		rcu_quiesce();
	}
	flush_all(dp);
	rcu_thread_unregister();
	return NULL;
}

int
handler_start(struct datapath *dp, struct err *err)
{
	int error;

	mpsc_init(&dp->inbox);
	mpsc_init(&dp->passed);
	program_buf_init(&dp->verdict.program);
	if (dp->params.idle_ms == 0)
		dp->params.idle_ms = DEFAULT_IDLE_MS;
	program_put_drop(&dp->verdict.program, DROP_PROGRAMS_FULL);
	dp->full_program =
		program_intern(&dp->programs, dp->verdict.program.data, dp->verdict.program.len);
	dp->handler_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dp->handler_event < 0) {
		err_set(err, "cannot make an event descriptor: %s", strerror(errno));
		program_buf_uninit(&dp->verdict.program);
		return -errno;
	}
	error = pthread_create(&dp->handler, NULL, handler_main, dp);
	if (error != 0) {
		err_set(err, "cannot start the handler thread: %s", strerror(error));
		close(dp->handler_event);
		program_buf_uninit(&dp->verdict.program);
		return -error;
	}
	dp->handler_runs = true;
	return 0;
}

/* No pmd is left, so a grace period is over as soon as this thread says so. */
void
handler_stop(struct datapath *dp)
{
	if (!dp->handler_runs)
		return;
	pthread_join(dp->handler, NULL);
	dp->handler_runs = false;
	close(dp->handler_event);
	rcu_barrier();
	(void)finish_passed(dp);
	program_buf_uninit(&dp->verdict.program);
}
