/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_MEGAFLOW_PRIV_H
#define DATAPATH_MEGAFLOW_PRIV_H

/* megaflow: the table of cached verdicts, shared by all pmds.
 *
 * Model    A megaflow is a masked key and a program.  Records live in arrays by index: one hot cache line each
 *          (masked lane 0 and a tail word), and a cold record that only the handler and rare lookups read.  A
 *          hash index maps (mask, masked key) to record indices.  Masks stand in a table of MF_MAX_MASKS that
 *          fits the L1 cache.
 *          The number of masks is bounded by construction: past MF_QUANTISE masks, address prefixes are
 *          rounded up to whole bytes; when the table is full, a new megaflow is widened to the existing mask that
 *          covers it with the fewest bits, and the last slots are kept for the exact masks, one of which
 *          always covers.  More exact bits than needed are always correct.
 * Rules    I1 A record's lanes change only while its tail says dead, and a dead record is filled anew only after
 *             a grace period: a reader that sees it alive may compare it until its next quiescent state.
 *          I2 Whatever record matches a packet under its mask is an answer; overlaps agree.
 *          I3 At most MF_MAX_MASKS masks, whatever traffic or rules do.
 * Life     free -> mf_insert() -> live -> mf_unlink() -> dying -> (grace period) mf_free() -> free.
 * Threads  writer: handler.  Readers: pmds and main, as rcu readers.
 * Cost     a lookup hashes under each mask in turn and looks at two buckets; records cost 64 bytes hot, sizeof(struct
 *          mf_cold) cold, 8 to 16 in the index, and sizeof(struct mf_counter) a pmd. */

#include <stdatomic.h>

#include "base/compiler.h"
#include "datapath/hash_priv.h"
#include "flow/key.h"

#define MF_MAX_MASKS 64
#define MF_N_EXACT FLOW_N_KEY_LANES /* Slots kept for the exact masks: lane 0, lanes 0-1, ... */
#define MF_QUANTISE 16 /* From that many masks on, prefixes are rounded up. */
#define MF_NONE UINT32_MAX
#define MF_LANE0_WORDS 7 /* The last word of lane 0 is padding in a key and the tail in a record. */

/* Tail word: program id in the high half, mask in bits 8-15, alive in bit 0. */
#define MF_ALIVE UINT64_C(1)
#define MF_TAIL(PROGRAM, MASK) ((uint64_t)(PROGRAM) << 32 | (uint64_t)(MASK) << 8 | MF_ALIVE)

struct contribs;
struct err;

struct mf_hot {
	uint64_t lane0[MF_LANE0_WORDS]; /* Masked key. */
	_Atomic uint64_t tail; /* Handler stores with release, readers load with acquire. */
} CACHE_ALIGNED;

static_assert(sizeof(struct mf_hot) == SLUICE_CACHE_LINE, "one hot line");
static_assert(offsetof(struct flow, pad0) == MF_LANE0_WORDS * 8, "the tail stands in the padding");

/* What one pmd counted for a megaflow.  That pmd writes; the handler zeroes between two lives. */
struct mf_counter {
	_Atomic uint64_t packets;
	_Atomic uint64_t bytes;
	_Atomic uint32_t used_ms; /* Low half of clock_ms(). */
	_Atomic uint32_t tcp_flags;
};

/* The time that 'used', a counter's, stands for: within 24 days of 'now', before it or, when a pmd's clock was read after
 * the caller's, no later than it. */
static inline int64_t
mf_used_ms(uint32_t used, int64_t now)
{
	int32_t ago = (int32_t)((uint32_t)now - used);

	return now - MAX(ago, 0);
}

/* The handler's side of a megaflow. */
struct mf_cold {
	uint64_t *
		xlanes; /* Masked lanes 1.. that the mask has, in order; NULL if none.  Readers follow it. */
	struct contribs *contribs;
	_Atomic uint64_t packets, bytes; /* Credited so far. */
	uint64_t swept_packets, swept_bytes; /* Of the pmds' counters, what was credited. */
	_Atomic int64_t used_ms;
	uint64_t judged; /* Request number of the last judgement. */
	uint32_t hash; /* In the index. */
	uint32_t next; /* Of the free list. */
	uint32_t program; /* Id; a reference is held. */
	_Atomic uint16_t tcp_flags;
	uint8_t mask;
};

struct mf_mask {
	uint64_t words[FLOW_N_KEY_LANES * FLOW_LANE_WORDS];
	uint32_t lanes; /* Bitmap of lanes with a bit. */
	uint32_t n_flows; /* Live and dying.  Handler only. */
	uint32_t n_bits;
	uint64_t hits; /* Of late, for ordering.  Handler only. */
} CACHE_ALIGNED;

struct mf_bucket {
	_Atomic uint64_t entries[8]; /* hash << 32 | index + 1; 0 is empty. */
} CACHE_ALIGNED;

struct mf_index {
	uint32_t mask; /* Buckets - 1. */
	struct mf_bucket *buckets;
};

/* Which masks to try, in that order. */
struct mf_order {
	uint32_t n;
	uint8_t masks[MF_MAX_MASKS];
};

struct mf_table {
	struct mf_hot *hot; /* 'max' of each, reserved at start, touched as used. */
	struct mf_cold *cold;
	uint32_t max;
	_Atomic uint32_t n_used; /* High-water mark of indices. */
	uint32_t n_live;
	uint32_t free_head; /* List through cold.next. */
	_Atomic(struct mf_index *) index;
	_Atomic(struct mf_order *) order;
	struct mf_mask masks[MF_MAX_MASKS];
	uint32_t n_masks;
};

int mf_table_init(struct mf_table *, uint32_t max, struct err *) MUST_CHECK;
void mf_table_uninit(struct mf_table *);

/* Widens 'mask' if it must be, and finds or makes its slot.  Returns: the slot.  Role: handler. */
uint32_t mf_mask_get(struct mf_table *, struct flow *mask);

/* Enters the megaflow 'key' under mask slot 'mask' with 'program'.
 * Returns: its index, or MF_NONE when the table is full.  Role: handler.  Owner: takes 'contribs' on success. */
uint32_t mf_insert(struct mf_table *, const struct flow *key, uint32_t mask, uint32_t program,
	struct contribs *contribs);

/* Takes a megaflow out of use; its memory stays until mf_free().  Role: handler. */
void mf_unlink(struct mf_table *, uint32_t idx);

/* Gives an unlinked record back, a grace period after.  Role: handler. */
void mf_free(struct mf_table *, uint32_t idx);

/* Puts another program behind a live megaflow.  Role: handler. */
static inline void
mf_set_program(struct mf_table *t, uint32_t idx, uint32_t program)
{
	atomic_store_explicit(
		&t->hot[idx].tail, MF_TAIL(program, t->cold[idx].mask), memory_order_release);
}

/* What one searcher counts; its own cache lines.  Readers add up. */
struct mf_search {
	_Atomic uint64_t masks; /* Masks tried. */
	_Atomic uint64_t hits[MF_MAX_MASKS]; /* Searches that ended at that mask. */
} CACHE_ALIGNED;

/* Sorts the order of search by 'hits', what each mask got of late.  Role: handler. */
void mf_sort_masks(struct mf_table *, const uint64_t hits[MF_MAX_MASKS]);

/* The masked key and the mask of a record, as whole keys.  Role: handler, or an rcu reader on a live record. */
void mf_get_key(const struct mf_table *, uint32_t idx, struct flow *key, struct flow *mask);

static inline bool
mf_is_alive(const struct mf_table *t, uint32_t idx)
{
	return (atomic_load_explicit(&t->hot[idx].tail, memory_order_acquire) & MF_ALIVE) != 0;
}

/* Compares the lanes after lane 0. */
bool mf_match_xlanes(const struct mf_mask *, const uint64_t *xlanes, const struct flow *key);

/* Whether the record 'idx' is alive and covers 'key'.  The acquire pairs with the release in mf_insert().
 * Returns: the tail, or 0. */
static inline uint64_t
mf_match(const struct mf_table *t, uint32_t idx, const struct flow *key)
{
	const struct mf_hot *hot = &t->hot[idx];
	uint64_t tail = atomic_load_explicit(&hot->tail, memory_order_acquire);
	const struct mf_mask *m = &t->masks[(tail >> 8) & (MF_MAX_MASKS - 1)];
	const uint64_t *w = flow_lane(key, 0);
	uint64_t diff = 0;

	/* First, because the rest of a record that is not alive may be in the making. */
	if (UNLIKELY((tail & MF_ALIVE) == 0))
		return 0;
	for (unsigned int i = 0; i < MF_LANE0_WORDS; i++)
		diff |= (w[i] & m->words[i]) ^ hot->lane0[i];
	if (diff != 0)
		return 0;
	if (LIKELY((m->lanes & ~1u) == 0))
		return tail;
	return mf_match_xlanes(m, t->cold[idx].xlanes, key) ? tail : 0;
}

/* Searches all masks for 'key', counting into the caller's 'search'.
 * Returns: the index and '*tail', or MF_NONE.  Role: rcu reader. */
uint32_t mf_lookup(
	const struct mf_table *, const struct flow *key, uint64_t *tail, struct mf_search *search);

static inline uint32_t
mf_tail_program(uint64_t tail)
{
	return (uint32_t)(tail >> 32);
}

#endif /* DATAPATH_MEGAFLOW_PRIV_H */
