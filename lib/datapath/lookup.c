/* SPDX-License-Identifier: Apache-2.0 */
/* lookup: one batch of one queue, from keys to programs.  Room: datapath.
 *
 * Every stage is a loop over the batch: drop runts, extract keys, find each packet's megaflow (the queue's last
 * ones, then the signature cache, then a search over the masks), count, and run each program once for all of its
 * packets. */

#include <rte_mbuf.h>

#include "datapath/dp_priv.h"
#include "flow/extract.h"
#include "packet/packet.h"

#define ETH_HEADER_LEN 14
#define HOT_PERIOD 1024 /* Tries after which asking the hot megaflows is judged. */

/* A batch sorted by program. */
struct groups {
	uint32_t n;
	const struct program *programs[DP_BATCH];
	uint32_t counts[DP_BATCH];
	uint8_t of[DP_BATCH]; /* Group of each packet. */
};

static inline uint32_t
n_outstanding(const struct pmd *pmd)
{
	return atomic_load_explicit(&pmd->n_outstanding, memory_order_relaxed);
}

static uint32_t
drop_runts(struct pmd *pmd, uint32_t dp_port, struct rte_mbuf **pkts, uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (LIKELY(pkts[i]->pkt_len >= ETH_HEADER_LEN))
			pkts[kept++] = pkts[i];
		else
			pmd_drop(pmd, pmd_port_lookup(pmd, dp_port), DROP_RX_RUNT, &pkts[i], 1);
	}
	return kept;
}

static inline void
count_hit(struct pmd *pmd, uint32_t idx, const struct flow *key, uint32_t len)
{
	struct mf_counter *c = &pmd->counters[idx];

	cell_add(&c->packets, 1);
	cell_add(&c->bytes, len);
	if (atomic_load_explicit(&c->used_ms, memory_order_relaxed) != pmd->now_ms)
		atomic_store_explicit(&c->used_ms, pmd->now_ms, memory_order_relaxed);
	if (key->tcp_flags != 0)
		atomic_store_explicit(&c->tcp_flags,
			atomic_load_explicit(&c->tcp_flags, memory_order_relaxed) | key->tcp_flags,
			memory_order_relaxed);
}

/* Whether the queue's recent megaflows are worth asking first: measured, not assumed. */
static inline bool
hot_pays(struct pmd_rxq *q)
{
	if (q->hot_tries >= HOT_PERIOD) {
		/* Under one hit in four it costs more than it saves; look again after a pause. */
		q->hot_tries = q->hot_hits * 4 < q->hot_tries ? 0x80000000u : 0;
		q->hot_hits = 0;
	}
	if (q->hot_tries >= 0x80000000u) {
		if (++q->hot_tries < 0x80000000u + 64 * HOT_PERIOD)
			return false;
		q->hot_tries = 0;
	}
	return true;
}

static inline uint64_t
try_hot(struct pmd *pmd, struct pmd_rxq *q, const struct flow *key, uint32_t *idx)
{
	const struct mf_table *t = &pmd->dp->table;

	q->hot_tries++;
	for (unsigned int i = 0; i < ARRAY_SIZE(q->hot); i++) {
		uint64_t tail = mf_match(t, q->hot[i], key);

		if (tail != 0) {
			*idx = q->hot[i];
			q->hot_hits++;
			return tail;
		}
	}
	return 0;
}

static inline void
remember_hot(struct pmd_rxq *q, uint32_t idx)
{
	if (q->hot[0] != idx) {
		q->hot[1] = q->hot[0];
		q->hot[0] = idx;
	}
}

/* Finds the megaflow of 'key'.  Returns: its tail and '*idx', or 0. */
static inline uint64_t
classify(struct pmd *pmd, struct pmd_rxq *q, const struct flow *key, uint32_t hash, uint32_t *idx)
{
	const struct mf_table *t = &pmd->dp->table;
	uint64_t tail;

	if (cache_lookup(&pmd->cache, hash, idx)) {
		tail = mf_match(t, *idx, key);
		if (LIKELY(tail != 0)) {
			cell_add(&pmd->cells.cache_hits, 1);
			if (q != NULL)
				remember_hot(q, *idx);
			return tail;
		}
	}
	*idx = mf_lookup(t, key, &tail, &pmd->search);
	if (*idx == MF_NONE)
		return 0;
	cell_add(&pmd->cells.megaflow_hits, 1);
	cache_insert(&pmd->cache, hash, *idx);
	if (q != NULL)
		remember_hot(q, *idx);
	return tail;
}

static inline void
group_add(struct groups *g, uint32_t i, const struct program *program)
{
	uint32_t k;

	for (k = g->n; k-- > 0;) {
		if (g->programs[k] == program)
			break;
	}
	if (k == UINT32_MAX) {
		k = g->n++;
		g->programs[k] = program;
		g->counts[k] = 0;
	}
	g->counts[k]++;
	g->of[i] = (uint8_t)k;
}

static void
run_groups(struct pmd *pmd, uint32_t in_port, const struct groups *g, struct rte_mbuf **pkts,
	uint32_t n)
{
	struct rte_mbuf *sorted[DP_BATCH];
	uint32_t start[DP_BATCH], at = 0;

	if (g->n == 1) {
		pmd_exec(pmd, g->programs[0], in_port, pkts, n);
		return;
	}
	for (uint32_t k = 0; k < g->n; k++) {
		start[k] = at;
		at += g->counts[k];
	}
	for (uint32_t i = 0; i < n; i++)
		sorted[start[g->of[i]]++] = pkts[i];
	at = 0;
	for (uint32_t k = 0; k < g->n; k++) {
		pmd_exec(pmd, g->programs[k], in_port, &sorted[at], g->counts[k]);
		at += g->counts[k];
	}
}

/* The stages after reception.  'q' is NULL for packets that waited. */
static void
process(struct pmd *pmd, struct pmd_rxq *q, uint32_t in_port, struct rte_mbuf **pkts, uint32_t n)
{
	struct flow *keys = pmd->keys;
	bool hot = q != NULL && hot_pays(q);
	uint32_t kept = 0, hot_hits = 0;
	struct groups g;

	flow_extract_batch(pkts, n, in_port, keys, pmd->key_lanes);
	g.n = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct flow *key = &keys[i];
		uint32_t idx = MF_NONE;
		uint64_t tail = 0;

		if (hot && LIKELY(n_outstanding(pmd) == 0))
			tail = try_hot(pmd, q, key, &idx);
		if (tail != 0) {
			hot_hits++;
		} else {
			uint32_t hash = hash_key(key, 0);

			if (UNLIKELY(n_outstanding(pmd) != 0) && pmd->pending[hash % DP_PENDING]) {
				pmd_wait(pmd, in_port, hash, pkts[i]);
				continue;
			}
			tail = classify(pmd, q, key, hash, &idx);
			if (UNLIKELY(tail == 0)) {
				pmd_miss(pmd, in_port, hash, pkts[i]);
				continue;
			}
		}
		count_hit(pmd, idx, key, pkts[i]->pkt_len);
		group_add(&g, kept, program_lookup(&pmd->dp->programs, mf_tail_program(tail)));
		pkts[kept++] = pkts[i];
	}
	cell_add(&pmd->cells.hot_hits, hot_hits);
	if (kept > 0)
		run_groups(pmd, in_port, &g, pkts, kept);
}

void
pmd_process(struct pmd *pmd, struct pmd_rxq *q, struct rte_mbuf **pkts, uint32_t n)
{
	cell_add(&pmd->cells.rx, n);
	n = drop_runts(pmd, q->dp_port, pkts, n);
	process(pmd, q, q->dp_port, pkts, n);
}

void
pmd_resume(struct pmd *pmd, uint32_t in_port, struct rte_mbuf **pkts, uint32_t n)
{
	process(pmd, NULL, in_port, pkts, n);
}
