/* SPDX-License-Identifier: Apache-2.0 */
/* classifier: subtables by mask, searched in stages, and tries that rule subtables out.
 *
 * The heart is subtable_lookup(): each way out of it adds to the bits used just what made it go that way. */

#include "classifier/classifier.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fatal.h"
#include "base/hmap.h"
#include "classifier/trie_priv.h"
#include "flow/hash.h"
#include "rcu/rcu.h"

/* Bits of a prefix are used in such steps, so that cached verdicts have few different masks.  One more bit than needed
 * is always right. */
#define PREFIX_STEP 8

/* A match without the lanes that it does not use. */
struct compact_match {
	uint32_t lanes; /* As flow_lanes() of the mask. */
	uint32_t n_words;
	uint64_t words[]; /* The lanes' values, then the lanes' masks. */
};

/* Fields that have a trie. */
enum trie_field {
	TRIE_IP_SRC,
	TRIE_IP_DST,
	TRIE_IPV6_SRC,
	TRIE_IPV6_DST,
	TRIE_L4_SRC,
	TRIE_L4_DST,
	N_TRIE_FIELDS
};

static const struct {
	uint16_t ofs; /* In struct flow. */
	uint8_t n_bits;
} trie_fields[N_TRIE_FIELDS] = {
	[TRIE_IP_SRC] = { offsetof(struct flow, ip_src), 32 },
	[TRIE_IP_DST] = { offsetof(struct flow, ip_dst), 32 },
	[TRIE_IPV6_SRC] = { offsetof(struct flow, ipv6_src), 128 },
	[TRIE_IPV6_DST] = { offsetof(struct flow, ipv6_dst), 128 },
	[TRIE_L4_SRC] = { offsetof(struct flow, l4_src), 16 },
	[TRIE_L4_DST] = { offsetof(struct flow, l4_dst), 16 },
};

/* What a stage is about.  A member of struct flow that is not listed belongs to STAGE_META. */
enum stage_id {
	STAGE_META,
	STAGE_L2,
	STAGE_L3,
	STAGE_L4,
	N_STAGES
};

#define STAGE_MEMBER(STAGE, MEMBER)                                                       \
	{                                                                                 \
		STAGE, offsetof(struct flow, MEMBER), sizeof((struct flow *)NULL)->MEMBER \
	}

static const struct {
	uint8_t stage;
	uint16_t ofs, size;
} stage_members[] = {
	STAGE_MEMBER(STAGE_L2, eth_dst),
	STAGE_MEMBER(STAGE_L2, eth_src),
	STAGE_MEMBER(STAGE_L2, eth_type),
	STAGE_MEMBER(STAGE_L2, vlan_tci),
	STAGE_MEMBER(STAGE_L2, vlan_tpid),
	STAGE_MEMBER(STAGE_L2, vlan2_tci),
	STAGE_MEMBER(STAGE_L2, vlan2_tpid),
	STAGE_MEMBER(STAGE_L2, mpls_lse),
	STAGE_MEMBER(STAGE_L2, pbb_isid),
	STAGE_MEMBER(STAGE_L3, ip_proto),
	STAGE_MEMBER(STAGE_L3, ip_tos),
	STAGE_MEMBER(STAGE_L3, ip_src),
	STAGE_MEMBER(STAGE_L3, ip_dst),
	STAGE_MEMBER(STAGE_L3, ip_ttl),
	STAGE_MEMBER(STAGE_L3, ip_frag),
	STAGE_MEMBER(STAGE_L3, ipv6_src),
	STAGE_MEMBER(STAGE_L3, ipv6_dst),
	STAGE_MEMBER(STAGE_L3, ipv6_label),
	STAGE_MEMBER(STAGE_L3, ipv6_exthdr),
	STAGE_MEMBER(STAGE_L4, tcp_flags),
	STAGE_MEMBER(STAGE_L4, l4_src),
	STAGE_MEMBER(STAGE_L4, l4_dst),
	STAGE_MEMBER(STAGE_L4, nd_target),
	STAGE_MEMBER(STAGE_L4, arp_sha),
	STAGE_MEMBER(STAGE_L4, arp_tha),
	STAGE_MEMBER(STAGE_L4, nd_options),
	STAGE_MEMBER(STAGE_L4, nd_reserved),
};

/* That some rules of a subtable have a value with this hash in the bits up to a stage. */
struct stage_entry {
	struct cmap_node node; /* In the stage's index, by the hash. */
	uint32_t n_rules; /* Main. */
};

struct stage {
	struct flow mask; /* The bits of the subtable's mask that are this stage's.  Constant. */
	uint32_t lanes; /* Of 'mask'. */
	uint8_t id; /* enum stage_id */
	struct cmap index; /* struct stage_entry, by hash; not for the last stage. */
};

struct subtable {
	struct hmap_node node; /* In classifier.subtables.  Main. */
	struct flow mask; /* Constant. */
	uint32_t lanes; /* Of 'mask'. */
	uint32_t n_stages; /* At least 1. */
	struct stage *stages; /* Constant. */
	uint8_t prefix_len
		[N_TRIE_FIELDS]; /* Of the mask in that field; 0: none, or not a prefix. */
	uint8_t prefix_stage[N_TRIE_FIELDS]; /* Which element of 'stages' the field is in. */
	struct cmap rules; /* struct classifier_rule, by hash. */

	/* Main alone. */
	uint32_t n_rules;
	uint32_t n_removed; /* Since 'max_priority' was exact. */
	uint16_t max_priority; /* No rule has a higher one. */
};

/* What readers go through: immutable, by descending priority. */
struct subtable_vec {
	uint32_t n;
	struct {
		struct subtable *subtable;
		uint16_t max_priority;
	} v[];
};

struct classifier {
	_Atomic(struct subtable_vec *)
		vec; /* Main stores with release; readers load with acquire. */
	struct trie tries[N_TRIE_FIELDS];
	struct hmap subtables; /* By mask.  Main. */
	uint32_t n_rules; /* Main. */
};

/* ---- Rules ---- */

void
classifier_rule_init(struct classifier_rule *rule, const struct match *match, uint16_t priority)
{
	uint32_t lanes = flow_lanes(&match->mask);
	uint32_t n_words = (uint32_t)__builtin_popcount(lanes) * FLOW_LANE_WORDS;
	struct compact_match *cm = xmalloc(sizeof *cm + 2 * n_words * sizeof cm->words[0]);
	uint64_t *w = cm->words;

	cm->lanes = lanes;
	cm->n_words = n_words;
	for (; lanes != 0; lanes &= lanes - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(lanes);

		memcpy(w, flow_lane(&match->value, i), SLUICE_CACHE_LINE);
		memcpy(w + n_words, flow_lane(&match->mask, i), SLUICE_CACHE_LINE);
		w += FLOW_LANE_WORDS;
	}
	memset(rule, 0, sizeof *rule);
	rule->match = cm;
	rule->priority = priority;
	atomic_init(&rule->remove_version, CLASSIFIER_VERSION_NEVER);
}

void
classifier_rule_uninit(struct classifier_rule *rule)
{
	BUG_ON(rule->subtable != NULL);
	free(rule->match);
	rule->match = NULL;
}

void
classifier_rule_get_match(const struct classifier_rule *rule, struct match *match)
{
	const struct compact_match *cm = rule->match;
	const uint64_t *w = cm->words;

	match_init_catchall(match);
	for (uint32_t lanes = cm->lanes; lanes != 0; lanes &= lanes - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(lanes);

		memcpy(flow_lane_rw(&match->value, i), w, SLUICE_CACHE_LINE);
		memcpy(flow_lane_rw(&match->mask, i), w + cm->n_words, SLUICE_CACHE_LINE);
		w += FLOW_LANE_WORDS;
	}
}

bool
classifier_rule_matches(const struct classifier_rule *rule, const struct flow *flow)
{
	const struct compact_match *cm = rule->match;
	const uint64_t *w = cm->words;

	for (uint32_t lanes = cm->lanes; lanes != 0; lanes &= lanes - 1) {
		const uint64_t *k = flow_lane(flow, (unsigned int)__builtin_ctz(lanes));
		uint64_t diff = 0;

		for (unsigned int i = 0; i < FLOW_LANE_WORDS; i++)
			diff |= (k[i] & w[cm->n_words + i]) ^ w[i];
		if (diff != 0)
			return false;
		w += FLOW_LANE_WORDS;
	}
	return true;
}

/* ---- Subtables ---- */

static uint32_t
mask_hash(const struct flow *mask)
{
	return flow_hash_exact(mask, flow_lanes(mask), 0);
}

/* The number of leading one bits, if all others are zero; else 0. */
static unsigned int
prefix_length(const uint8_t *mask, unsigned int n_bits)
{
	unsigned int len = 0;

	while (len < n_bits && (mask[len / 8] >> (7 - len % 8) & 1) != 0)
		len++;
	for (unsigned int i = len; i < n_bits; i++) {
		if ((mask[i / 8] >> (7 - i % 8) & 1) != 0)
			return 0;
	}
	return len;
}

/* Which bits belong to 'id'. */
static void
stage_template(enum stage_id id, struct flow *t)
{
	memset(t, id == STAGE_META ? 0xff : 0, sizeof *t);
	for (size_t i = 0; i < ARRAY_SIZE(stage_members); i++) {
		uint8_t *p = (uint8_t *)t + stage_members[i].ofs;

		if (id == STAGE_META)
			memset(p, 0, stage_members[i].size);
		else if (stage_members[i].stage == id)
			memset(p, 0xff, stage_members[i].size);
	}
}

static void
subtable_init_stages(struct subtable *st)
{
	struct stage *stages = xcalloc(N_STAGES, sizeof *stages);
	uint32_t n = 0;

	for (enum stage_id id = STAGE_META; id < N_STAGES; id++) {
		struct stage *s = &stages[n];
		struct flow t;

		stage_template(id, &t);
		flow_apply_mask(&s->mask, &st->mask, &t, st->lanes);
		s->lanes = flow_lanes(&s->mask);
		s->id = (uint8_t)id;
		if (s->lanes != 0 || (id == N_STAGES - 1 && n == 0))
			n++;
	}
	for (uint32_t i = 0; i < n; i++)
		cmap_init(&stages[i].index);
	st->stages = stages;
	st->n_stages = n;
}

static void
subtable_init_prefixes(struct subtable *st)
{
	for (unsigned int f = 0; f < N_TRIE_FIELDS; f++) {
		const uint8_t *m = (const uint8_t *)&st->mask + trie_fields[f].ofs;
		enum stage_id id = f == TRIE_L4_SRC || f == TRIE_L4_DST ? STAGE_L4 : STAGE_L3;

		st->prefix_len[f] = (uint8_t)prefix_length(m, trie_fields[f].n_bits);
		for (uint32_t i = 0; i < st->n_stages; i++) {
			if (st->stages[i].id == id)
				st->prefix_stage[f] = (uint8_t)i;
		}
	}
}

static struct subtable *
subtable_find(const struct classifier *cls, const struct flow *mask)
{
	struct subtable *st;

	HMAP_FOREACH_HASH(st, node, mask_hash(mask), &cls->subtables) {
		if (memcmp(&st->mask, mask, sizeof *mask) == 0)
			return st;
	}
	return NULL;
}

static struct subtable *
subtable_create(struct classifier *cls, const struct flow *mask)
{
	struct subtable *st;

	BUG_ON(posix_memalign((void **)&st, SLUICE_CACHE_LINE, sizeof *st) != 0);
	memset(st, 0, sizeof *st);
	st->mask = *mask;
	st->lanes = flow_lanes(mask);
	subtable_init_stages(st);
	subtable_init_prefixes(st);
	cmap_init(&st->rules);
	hmap_insert(&cls->subtables, &st->node, mask_hash(mask));
	return st;
}

static void
subtable_free(void *st_)
{
	struct subtable *st = st_;

	for (uint32_t i = 0; i < st->n_stages; i++)
		cmap_uninit(&st->stages[i].index);
	cmap_uninit(&st->rules);
	free(st->stages);
	free(st);
}

static int
compare_subtables(const void *a_, const void *b_)
{
	const struct subtable *a = *(struct subtable *const *)a_,
			      *b = *(struct subtable *const *)b_;

	if (a->max_priority != b->max_priority)
		return a->max_priority < b->max_priority ? 1 : -1;
	return memcmp(&a->mask, &b->mask,
		sizeof a->mask); /* So that the order does not depend on history. */
}

/* Publishes the vector of subtables anew. */
static void
publish_vec(struct classifier *cls)
{
	size_t n = hmap_count(&cls->subtables);
	struct subtable **sorted = xcalloc(n + 1, sizeof *sorted);
	struct subtable_vec *vec, *old = atomic_load_explicit(&cls->vec, memory_order_relaxed);
	struct subtable *st;
	size_t i = 0;

	HMAP_FOREACH(st, node, &cls->subtables)
		sorted[i++] = st;
	qsort(sorted, n, sizeof sorted[0], compare_subtables);
	vec = xmalloc(sizeof *vec + n * sizeof vec->v[0]);
	vec->n = (uint32_t)n;
	for (i = 0; i < n; i++) {
		vec->v[i].subtable = sorted[i];
		vec->v[i].max_priority = sorted[i]->max_priority;
	}
	free(sorted);
	/* Pairs with the acquire in classifier_lookup(). */
	atomic_store_explicit(&cls->vec, vec, memory_order_release);
	if (old != NULL)
		rcu_retire(old, free);
}

/* ---- Edits ---- */

struct classifier *
classifier_create(void)
{
	struct classifier *cls = xzalloc(sizeof *cls);

	for (unsigned int f = 0; f < N_TRIE_FIELDS; f++)
		trie_init(&cls->tries[f]);
	hmap_init(&cls->subtables);
	atomic_init(&cls->vec, NULL);
	return cls;
}

void
classifier_destroy(struct classifier *cls)
{
	if (cls == NULL)
		return;
	BUG_ON(cls->n_rules != 0);
	for (unsigned int f = 0; f < N_TRIE_FIELDS; f++)
		trie_uninit(&cls->tries[f]);
	hmap_uninit(&cls->subtables);
	free(atomic_load_explicit(&cls->vec, memory_order_relaxed));
	free(cls);
}

/* The hash of 'flow' up to and including stage 'i', given that of the stages before it. */
static uint32_t
stage_hash(const struct subtable *st, uint32_t i, const struct flow *flow, uint32_t before)
{
	return flow_hash_lanes(flow, &st->stages[i].mask, st->stages[i].lanes, before);
}

static struct stage_entry *
stage_find(const struct stage *s, uint32_t hash)
{
	struct stage_entry *e;

	CMAP_FOREACH_HASH(e, node, hash, &s->index)
	return e;
	return NULL;
}

static void
stage_ref(struct stage *s, uint32_t hash)
{
	struct stage_entry *e = stage_find(s, hash);

	if (e == NULL) {
		e = xzalloc(sizeof *e);
		cmap_insert(&s->index, &e->node, hash);
	}
	e->n_rules++;
}

static void
stage_unref(struct stage *s, uint32_t hash)
{
	struct stage_entry *e = stage_find(s, hash);

	BUG_ON(e == NULL);
	if (--e->n_rules == 0) {
		cmap_remove(&s->index, &e->node);
		rcu_retire(e, free);
	}
}

void
classifier_insert(struct classifier *cls, struct classifier_rule *rule, uint64_t version)
{
	struct match match;
	struct subtable *st;
	bool new_vec = false;
	uint32_t hash = 0;

	BUG_ON(rule->subtable != NULL);
	classifier_rule_get_match(rule, &match);
	rule->add_version = version;
	st = subtable_find(cls, &match.mask);
	if (st == NULL) {
		st = subtable_create(cls, &match.mask);
		new_vec = true;
	}
	if (new_vec || rule->priority > st->max_priority) {
		st->max_priority = rule->priority;
		new_vec = true;
	}
	for (unsigned int f = 0; f < N_TRIE_FIELDS; f++) {
		if (st->prefix_len[f] != 0)
			trie_insert(&cls->tries[f],
				(const uint8_t *)&match.value + trie_fields[f].ofs,
				st->prefix_len[f]);
	}
	for (uint32_t i = 0; i < st->n_stages; i++) {
		hash = stage_hash(st, i, &match.value, hash);
		if (i + 1 < st->n_stages)
			stage_ref(&st->stages[i], hash);
	}
	rule->subtable = st;
	cmap_insert(&st->rules, &rule->node, hash);
	st->n_rules++;
	cls->n_rules++;
	if (new_vec)
		publish_vec(cls);
}

void
classifier_hide(struct classifier_rule *rule, uint64_t version)
{
	/* Ordered by the publication of the version. */
	atomic_store_explicit(&rule->remove_version, version, memory_order_relaxed);
}

/* Makes the highest priority exact again when many rules went; a bound that is too high only costs time.
 * Returns: true if it changed. */
static bool
subtable_settle_priority(struct subtable *st)
{
	struct classifier_rule *rule;
	uint16_t max = 0;

	st->n_removed++;
	if (st->n_rules > 16 && st->n_removed <= st->n_rules / 2)
		return false;
	CMAP_FOREACH(rule, node, &st->rules)
		max = MAX(max, rule->priority);
	st->n_removed = 0;
	if (max == st->max_priority)
		return false;
	st->max_priority = max;
	return true;
}

void
classifier_remove(struct classifier *cls, struct classifier_rule *rule)
{
	struct subtable *st = rule->subtable;
	struct match match;
	uint32_t hash = 0;

	BUG_ON(st == NULL);
	classifier_rule_get_match(rule, &match);
	cmap_remove(&st->rules, &rule->node);
	for (uint32_t i = 0; i + 1 < st->n_stages; i++) {
		hash = stage_hash(st, i, &match.value, hash);
		stage_unref(&st->stages[i], hash);
	}
	for (unsigned int f = 0; f < N_TRIE_FIELDS; f++) {
		if (st->prefix_len[f] != 0)
			trie_remove(&cls->tries[f],
				(const uint8_t *)&match.value + trie_fields[f].ofs,
				st->prefix_len[f]);
	}
	rule->subtable = NULL;
	st->n_rules--;
	cls->n_rules--;
	if (st->n_rules == 0) {
		hmap_remove(&cls->subtables, &st->node);
		publish_vec(cls);
		rcu_retire(st, subtable_free);
	} else if (subtable_settle_priority(st)) {
		publish_vec(cls);
	}
}

/* ---- Lookup ---- */

/* What a lookup in the tries gave, each at most once per packet. */
struct trie_memo {
	uint32_t done; /* Bit f: results[f] holds. */
	struct trie_result results[N_TRIE_FIELDS];
};

/* Sets the first 'n' bits of trie field 'f' in 'used', rounded up to the step. */
static void
use_prefix(struct flow *used, unsigned int f, unsigned int n)
{
	uint8_t *p = (uint8_t *)used + trie_fields[f].ofs;

	n = MIN(ROUND_UP(n, PREFIX_STEP), trie_fields[f].n_bits);
	for (unsigned int i = 0; i < n / 8; i++)
		p[i] = 0xff;
}

static_assert(PREFIX_STEP % 8 == 0, "use_prefix() counts in bytes");

/* Adds the masks of the stages 0..last. */
static void
use_stages(struct flow *used, const struct subtable *st, uint32_t last)
{
	for (uint32_t i = 0; i <= last; i++) {
		for (uint32_t lanes = st->stages[i].lanes; lanes != 0; lanes &= lanes - 1) {
			unsigned int l = (unsigned int)__builtin_ctz(lanes);
			const uint64_t *s = flow_lane(&st->stages[i].mask, l);
			uint64_t *d = flow_lane_rw(used, l);

			for (unsigned int w = 0; w < FLOW_LANE_WORDS; w++)
				d[w] |= s[w];
		}
	}
}

/* True if a trie says that no rule of 'st' has the packet's prefix in a field of stage 'i'; what told so is then in 'used'. */
static bool
ruled_out(const struct classifier *cls, const struct subtable *st, uint32_t i,
	const struct flow *flow, struct flow *used, struct trie_memo *memo)
{
	for (unsigned int f = 0; f < N_TRIE_FIELDS; f++) {
		struct trie_result *r = &memo->results[f];

		if (st->prefix_len[f] == 0 || st->prefix_stage[f] != i)
			continue;
		if ((memo->done >> f & 1) == 0) {
			trie_lookup(&cls->tries[f], (const uint8_t *)flow + trie_fields[f].ofs,
				trie_fields[f].n_bits, r);
			memo->done |= 1u << f;
		}
		if (!trie_result_has(r, st->prefix_len[f])) {
			use_prefix(used, f, r->n_checked);
			return true;
		}
	}
	return false;
}

static struct classifier_rule *
subtable_lookup(const struct classifier *cls, const struct subtable *st, uint64_t version,
	const struct flow *flow, struct flow *used, struct trie_memo *memo)
{
	struct classifier_rule *rule, *best = NULL;
	uint32_t hash = 0;

	for (uint32_t i = 0; i < st->n_stages; i++) {
		if (ruled_out(cls, st, i, flow, used, memo))
			return NULL;
		hash = stage_hash(st, i, flow, hash);
		if (i + 1 < st->n_stages && stage_find(&st->stages[i], hash) == NULL) {
			use_stages(used, st, i);
			return NULL;
		}
	}
	use_stages(used, st, st->n_stages - 1);
	CMAP_FOREACH_HASH(rule, node, hash, &st->rules)
	{
		if ((best == NULL || rule->priority > best->priority)
			&& classifier_rule_visible(rule, version)
			&& classifier_rule_matches(rule, flow))
			best = rule;
	}
	return best;
}

struct classifier_rule *
classifier_lookup(
	const struct classifier *cls, uint64_t version, const struct flow *flow, struct flow *used)
{
	/* Pairs with the release in publish_vec(). */
	const struct subtable_vec *vec = atomic_load_explicit(&cls->vec, memory_order_acquire);
	struct classifier_rule *best = NULL;
	struct trie_memo memo;

	memo.done = 0;
	for (uint32_t i = 0; vec != NULL && i < vec->n; i++) {
		struct classifier_rule *rule;

		if (best != NULL && best->priority >= vec->v[i].max_priority)
			break;
		rule = subtable_lookup(cls, vec->v[i].subtable, version, flow, used, &memo);
		if (rule != NULL && (best == NULL || rule->priority > best->priority))
			best = rule;
	}
	return best;
}

struct classifier_rule *
classifier_find(const struct classifier *cls, uint64_t version, const struct match *match,
	uint16_t priority)
{
	const struct subtable *st = subtable_find(cls, &match->mask);
	struct classifier_rule *rule;
	uint32_t hash = 0;

	if (st == NULL)
		return NULL;
	for (uint32_t i = 0; i < st->n_stages; i++)
		hash = stage_hash(st, i, &match->value, hash);
	CMAP_FOREACH_HASH(rule, node, hash, &st->rules)
	{
		if (rule->priority == priority && classifier_rule_visible(rule, version)
			&& classifier_rule_matches(rule, &match->value))
			return rule;
	}
	return NULL;
}

uint32_t
classifier_n_rules(const struct classifier *cls)
{
	return cls->n_rules;
}

uint32_t
classifier_n_subtables(const struct classifier *cls)
{
	return (uint32_t)hmap_count(&cls->subtables);
}
