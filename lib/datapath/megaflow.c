/* SPDX-License-Identifier: Apache-2.0 */
/* megaflow: the shared table of cached verdicts.  Room: datapath.
 *
 * One writer, the handler.  The index is a two-choice bucket table without displacement: a reader looks at
 * exactly two buckets, and an entry never moves, so nothing that stays in the table can be missed. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/err.h"
#include "datapath/megaflow_priv.h"
#include "rcu/rcu.h"
#include "stats/cells.h"

#define INDEX_MIN_BUCKETS 1024

static void *
reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	(void)madvise(p, size, MADV_HUGEPAGE);
	return p;
}

static struct mf_index *
index_create(uint32_t n_buckets)
{
	struct mf_index *index = xmalloc(sizeof *index);
	size_t size = n_buckets * sizeof *index->buckets;

	index->mask = n_buckets - 1;
	index->buckets = aligned_alloc(SLUICE_CACHE_LINE, size);
	if (index->buckets == NULL) {
		free(index);
		return NULL;
	}
	memset(index->buckets, 0, size);
	return index;
}

static void
index_destroy(void *index_)
{
	struct mf_index *index = index_;

	if (index == NULL)
		return;
	free(index->buckets);
	free(index);
}

static inline uint32_t
second_bucket(uint32_t hash)
{
	return (hash >> 16 | hash << 16) * UINT32_C(0x9e3779b1);
}

/* Puts 'idx' into the emptier of its two buckets.  Returns: false if both are full. */
static bool
index_put(struct mf_index *index, uint32_t hash, uint32_t idx)
{
	struct mf_bucket *b[2] = { &index->buckets[hash & index->mask],
		&index->buckets[second_bucket(hash) & index->mask] };
	int slot[2] = { -1, -1 }, n_free[2] = { 0, 0 };
	int k;

	for (k = 0; k < 2; k++) {
		for (int i = 0; i < 8; i++) {
			if (atomic_load_explicit(&b[k]->entries[i], memory_order_relaxed) == 0) {
				slot[k] = i;
				n_free[k]++;
			}
		}
	}
	k = n_free[1] > n_free[0];
	if (slot[k] < 0)
		return false;
	/* Pairs with the acquire in find(). */
	atomic_store_explicit(
		&b[k]->entries[slot[k]], (uint64_t)hash << 32 | (idx + 1), memory_order_release);
	return true;
}

static void
index_remove(struct mf_index *index, uint32_t hash, uint32_t idx)
{
	uint64_t entry = (uint64_t)hash << 32 | (idx + 1);
	struct mf_bucket *b[2] = { &index->buckets[hash & index->mask],
		&index->buckets[second_bucket(hash) & index->mask] };

	for (int k = 0; k < 2; k++) {
		for (int i = 0; i < 8; i++) {
			if (atomic_load_explicit(&b[k]->entries[i], memory_order_relaxed)
				== entry) {
				atomic_store_explicit(&b[k]->entries[i], 0, memory_order_relaxed);
				return;
			}
		}
	}
}

/* Builds an index of 'n_buckets' or more with all live records in it. */
static struct mf_index *
index_rebuild(const struct mf_table *t, uint32_t n_buckets)
{
	struct mf_index *index;

again:
	index = index_create(n_buckets);
	if (index == NULL)
		return NULL;
	for (uint32_t i = 0; i < t->n_used; i++) {
		if (mf_is_alive(t, i) && !index_put(index, t->cold[i].hash, i)) {
			index_destroy(index);
			n_buckets *= 2;
			goto again;
		}
	}
	return index;
}

static void
order_publish(struct mf_table *t)
{
	struct mf_order *order = xmalloc(sizeof *order), *old;

	order->n = 0;
	for (uint32_t i = 0; i < MF_MAX_MASKS; i++) {
		if (t->masks[i].n_flows > 0)
			order->masks[order->n++] = (uint8_t)i;
	}
	for (uint32_t i = 1; i < order->n; i++) {
		uint8_t m = order->masks[i];
		uint32_t k = i;

		for (; k > 0 && t->masks[order->masks[k - 1]].hits < t->masks[m].hits; k--)
			order->masks[k] = order->masks[k - 1];
		order->masks[k] = m;
	}
	old = atomic_load_explicit(&t->order, memory_order_relaxed);
	/* Pairs with the acquire in mf_lookup(). */
	atomic_store_explicit(&t->order, order, memory_order_release);
	if (old != NULL)
		rcu_retire(old, free);
}

void
mf_sort_masks(struct mf_table *t, const uint64_t hits[MF_MAX_MASKS])
{
	const struct mf_order *order = atomic_load_explicit(&t->order, memory_order_relaxed);
	bool sorted = true;

	for (uint32_t i = 0; i < MF_MAX_MASKS; i++)
		t->masks[i].hits = t->masks[i].hits / 2 + hits[i];
	for (uint32_t i = 1; i < order->n; i++) {
		if (t->masks[order->masks[i - 1]].hits < t->masks[order->masks[i]].hits)
			sorted = false;
	}
	if (!sorted)
		order_publish(t);
}

int
mf_table_init(struct mf_table *t, uint32_t max, struct err *err)
{
	struct mf_index *index;

	memset(t, 0, sizeof *t);
	t->max = max;
	t->free_head = MF_NONE;
	t->hot = reserve(max * sizeof *t->hot);
	t->cold = reserve(max * sizeof *t->cold);
	index = index_create(INDEX_MIN_BUCKETS);
	if (t->hot == NULL || t->cold == NULL || index == NULL) {
		index_destroy(index);
		mf_table_uninit(t);
		err_set(err, "no memory for a table of %u megaflows", max);
		return -ENOMEM;
	}
	atomic_init(&t->index, index);
	order_publish(t);
	return 0;
}

void
mf_table_uninit(struct mf_table *t)
{
	for (uint32_t i = 0; t->cold != NULL && i < t->n_used; i++)
		free(t->cold[i].xlanes);
	if (t->hot != NULL)
		munmap(t->hot, t->max * sizeof *t->hot);
	if (t->cold != NULL)
		munmap(t->cold, t->max * sizeof *t->cold);
	index_destroy(atomic_load_explicit(&t->index, memory_order_relaxed));
	free(atomic_load_explicit(&t->order, memory_order_relaxed));
	memset(t, 0, sizeof *t);
}

/* Rounds a contiguous prefix up to whole bytes, leaves other masks alone. */
static void
quantise(uint8_t *mask, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (mask[i] != 0)
			mask[i] = 0xff;
	}
}

static uint32_t
count_bits(const uint64_t *words)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < FLOW_N_KEY_LANES * FLOW_LANE_WORDS; i++)
		n += (uint32_t)__builtin_popcountll(words[i]);
	return n;
}

static uint32_t
lane_bitmap(const uint64_t *words)
{
	uint32_t lanes = 1;

	for (unsigned int i = FLOW_LANE_WORDS; i < FLOW_N_KEY_LANES * FLOW_LANE_WORDS; i++)
		lanes |= (uint32_t)(words[i] != 0) << i / FLOW_LANE_WORDS;
	return lanes;
}

static uint32_t
mask_find(const struct mf_table *t, const uint64_t *words)
{
	for (uint32_t i = 0; i < MF_MAX_MASKS; i++) {
		if (t->masks[i].n_flows > 0
			&& memcmp(t->masks[i].words, words, sizeof t->masks[i].words) == 0)
			return i;
	}
	return MF_MAX_MASKS;
}

/* The covering mask in use with the fewest bits.  Returns: MF_MAX_MASKS if none covers. */
static uint32_t
mask_find_cover(const struct mf_table *t, const uint64_t *words)
{
	uint32_t best = MF_MAX_MASKS;

	for (uint32_t i = 0; i < MF_MAX_MASKS; i++) {
		const struct mf_mask *m = &t->masks[i];
		uint64_t missing = 0;

		if (m->n_flows == 0)
			continue;
		for (unsigned int k = 0; k < ARRAY_SIZE(m->words); k++)
			missing |= words[k] & ~m->words[k];
		if (missing == 0 && (best == MF_MAX_MASKS || m->n_bits < t->masks[best].n_bits))
			best = i;
	}
	return best;
}

/* Fills a free slot in [from, to).  The slot's last flow was freed after a grace period, so no reader compares
 * under it.  Returns: the slot or MF_MAX_MASKS. */
static uint32_t
mask_new(struct mf_table *t, const uint64_t *words, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		struct mf_mask *m = &t->masks[i];

		if (m->n_flows != 0)
			continue;
		memcpy(m->words, words, sizeof m->words);
		m->lanes = lane_bitmap(words);
		m->n_bits = count_bits(words);
		m->hits = 0;
		return i;
	}
	return MF_MAX_MASKS;
}

uint32_t
mf_mask_get(struct mf_table *t, struct flow *mask)
{
	uint64_t words[FLOW_N_KEY_LANES * FLOW_LANE_WORDS];
	uint32_t slot, last = 0;

	memset(mask->pad0, 0, sizeof mask->pad0);
	memcpy(words, mask, sizeof words);
	slot = mask_find(t, words);
	if (slot < MF_MAX_MASKS)
		return slot;
	if (t->n_masks >= MF_QUANTISE) {
		quantise((uint8_t *)&mask->ip_src, sizeof mask->ip_src);
		quantise((uint8_t *)&mask->ip_dst, sizeof mask->ip_dst);
		quantise(mask->ipv6_src, sizeof mask->ipv6_src);
		quantise(mask->ipv6_dst, sizeof mask->ipv6_dst);
		quantise((uint8_t *)&mask->l4_src, sizeof mask->l4_src);
		quantise((uint8_t *)&mask->l4_dst, sizeof mask->l4_dst);
		memcpy(words, mask, sizeof words);
		slot = mask_find(t, words);
	}
	if (slot == MF_MAX_MASKS)
		slot = mask_new(t, words, 0, MF_MAX_MASKS - MF_N_EXACT);
	if (slot == MF_MAX_MASKS)
		slot = mask_find_cover(t, words);
	if (slot == MF_MAX_MASKS) {
		/* Exact in lane 0 up to the last lane that is needed: one slot for each of these. */
		for (unsigned int l = 1; l < FLOW_N_KEY_LANES; l++) {
			if ((lane_bitmap(words) & 1u << l) != 0)
				last = l;
		}
		memset(words, 0, sizeof words);
		memset(words, 0xff, (last + 1) * SLUICE_CACHE_LINE);
		words[MF_LANE0_WORDS] = 0;
		slot = MF_MAX_MASKS - MF_N_EXACT + last;
		if (t->masks[slot].n_flows == 0)
			(void)mask_new(t, words, slot, slot + 1);
	}
	return slot;
}

static uint32_t
hash_masked(const struct mf_mask *m, uint32_t slot, const struct flow *key)
{
	const uint64_t *w = flow_lane(key, 0);
	uint32_t a = slot + 1, b = ~slot;

	a = hash_word(a, w[0] & m->words[0]);
	b = hash_word(b, w[1] & m->words[1]);
	a = hash_word(a, w[2] & m->words[2]);
	b = hash_word(b, w[3] & m->words[3]);
	a = hash_word(a, w[4] & m->words[4]);
	b = hash_word(b, w[5] & m->words[5]);
	a = hash_word(a, w[6] & m->words[6]);
	for (uint32_t lanes = m->lanes & ~1u; lanes != 0; lanes &= lanes - 1) {
		unsigned int first = (unsigned int)__builtin_ctz(lanes) * FLOW_LANE_WORDS;

		for (unsigned int i = first; i < first + FLOW_LANE_WORDS; i += 2) {
			a = hash_word(a, w[i] & m->words[i]);
			b = hash_word(b, w[i + 1] & m->words[i + 1]);
		}
	}
	return hash_final(a, b);
}

bool
mf_match_xlanes(const struct mf_mask *m, const uint64_t *xlanes, const struct flow *key)
{
	const uint64_t *w = flow_lane(key, 0);
	uint64_t diff = 0;

	for (uint32_t lanes = m->lanes & ~1u; lanes != 0; lanes &= lanes - 1) {
		unsigned int first = (unsigned int)__builtin_ctz(lanes) * FLOW_LANE_WORDS;

		for (unsigned int i = 0; i < FLOW_LANE_WORDS; i++)
			diff |= (w[first + i] & m->words[first + i]) ^ xlanes[i];
		xlanes += FLOW_LANE_WORDS;
	}
	return diff == 0;
}

static inline uint32_t
find(const struct mf_table *t, const struct mf_bucket *bucket, uint32_t hash,
	const struct flow *key, uint32_t slot, uint64_t *tail)
{
	for (unsigned int i = 0; i < 8; i++) {
		uint64_t e = atomic_load_explicit(&bucket->entries[i], memory_order_acquire);
		uint32_t idx = (uint32_t)e - 1;

		if (e == 0 || (uint32_t)(e >> 32) != hash)
			continue;
		*tail = mf_match(t, idx, key);
		if (*tail != 0 && ((*tail >> 8) & 0xff) == slot)
			return idx;
	}
	return MF_NONE;
}

uint32_t
mf_lookup(
	const struct mf_table *t, const struct flow *key, uint64_t *tail, struct mf_search *search)
{
	/* The index is loaded after the order: a mask seen in the order has its flows in this or a newer index. */
	const struct mf_order *order = atomic_load_explicit(&t->order, memory_order_acquire);
	const struct mf_index *index = atomic_load_explicit(&t->index, memory_order_acquire);

	for (uint32_t i = 0; i < order->n; i++) {
		uint32_t slot = order->masks[i];
		uint32_t hash = hash_masked(&t->masks[slot], slot, key);
		uint32_t idx;

		idx = find(t, &index->buckets[hash & index->mask], hash, key, slot, tail);
		if (idx == MF_NONE)
			idx = find(t, &index->buckets[second_bucket(hash) & index->mask], hash, key,
				slot, tail);
		if (idx != MF_NONE) {
			cell_add(&search->masks, i + 1);
			cell_add(&search->hits[slot], 1);
			return idx;
		}
	}
	cell_add(&search->masks, order->n);
	return MF_NONE;
}

static uint64_t *
copy_xlanes(const struct mf_mask *m, const struct flow *key)
{
	uint32_t lanes = m->lanes & ~1u;
	uint64_t *x, *p;

	if (lanes == 0)
		return NULL;
	x = p = xmalloc((size_t)__builtin_popcount(lanes) * SLUICE_CACHE_LINE);
	for (; lanes != 0; lanes &= lanes - 1) {
		unsigned int first = (unsigned int)__builtin_ctz(lanes) * FLOW_LANE_WORDS;

		for (unsigned int i = first; i < first + FLOW_LANE_WORDS; i++)
			*p++ = flow_lane(key, 0)[i] & m->words[i];
	}
	return x;
}

/* Enters 'idx' into the index, growing it if need be.  Returns: false if there is no memory. */
static bool
index_enter(struct mf_table *t, uint32_t hash, uint32_t idx)
{
	struct mf_index *index = atomic_load_explicit(&t->index, memory_order_relaxed), *grown;

	if (t->n_live < (index->mask + 1) * 6 && index_put(index, hash, idx))
		return true;
	/* The record is alive already, so the rebuilt index has it. */
	grown = index_rebuild(t, (index->mask + 1) * 2);
	if (grown == NULL)
		return false;
	/* Pairs with the acquire in mf_lookup(). */
	atomic_store_explicit(&t->index, grown, memory_order_release);
	rcu_retire(index, index_destroy);
	return true;
}

uint32_t
mf_insert(struct mf_table *t, const struct flow *key, uint32_t slot, uint32_t program,
	struct contribs *contribs)
{
	struct mf_mask *m = &t->masks[slot];
	uint32_t idx = t->free_head;
	struct mf_cold *cold;

	if (idx != MF_NONE)
		t->free_head = t->cold[idx].next;
	else if (t->n_used < t->max)
		idx = t->n_used++;
	else
		return MF_NONE;

	cold = &t->cold[idx];
	memset(cold, 0, sizeof *cold);
	cold->xlanes = copy_xlanes(m, key);
	cold->hash = hash_masked(m, slot, key);
	cold->mask = (uint8_t)slot;
	for (unsigned int i = 0; i < MF_LANE0_WORDS; i++)
		t->hot[idx].lane0[i] = flow_lane(key, 0)[i] & m->words[i];
	mf_set_program(t, idx, program);
	if (!index_enter(t, cold->hash, idx)) {
		atomic_store_explicit(&t->hot[idx].tail, 0, memory_order_relaxed);
		free(cold->xlanes);
		cold->xlanes = NULL;
		cold->next = t->free_head;
		t->free_head = idx;
		return MF_NONE;
	}
	cold->contribs = contribs;
	t->n_live++;
	if (m->n_flows++ == 0) {
		t->n_masks++;
		order_publish(t);
	}
	return idx;
}

void
mf_unlink(struct mf_table *t, uint32_t idx)
{
	index_remove(atomic_load_explicit(&t->index, memory_order_relaxed), t->cold[idx].hash, idx);
	atomic_store_explicit(
		&t->hot[idx].tail, (uint64_t)t->cold[idx].mask << 8, memory_order_release);
	t->n_live--;
}

void
mf_free(struct mf_table *t, uint32_t idx)
{
	struct mf_cold *cold = &t->cold[idx];
	struct mf_mask *m = &t->masks[cold->mask];

	free(cold->xlanes);
	cold->xlanes = NULL;
	cold->next = t->free_head;
	t->free_head = idx;
	if (--m->n_flows == 0) {
		t->n_masks--;
		order_publish(t);
	}
}

void
mf_get_key(const struct mf_table *t, uint32_t idx, struct flow *key, struct flow *mask)
{
	const struct mf_cold *cold = &t->cold[idx];
	const struct mf_mask *m = &t->masks[cold->mask];
	const uint64_t *x = cold->xlanes;

	memset(key, 0, sizeof *key);
	memset(mask, 0, sizeof *mask);
	memcpy(mask, m->words, sizeof m->words);
	memcpy(key, t->hot[idx].lane0, sizeof t->hot[idx].lane0);
	for (uint32_t lanes = m->lanes & ~1u; lanes != 0; lanes &= lanes - 1) {
		memcpy(flow_lane_rw(key, (unsigned int)__builtin_ctz(lanes)), x, SLUICE_CACHE_LINE);
		x += FLOW_LANE_WORDS;
	}
}
