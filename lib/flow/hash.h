/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_HASH_H
#define FLOW_HASH_H

/* hash: hashing and comparing keys under masks, a lane at a time.
 *
 * Model    'lanes' is a bitmap as flow_lanes() gives for a mask: other lanes are not looked at.  Word loops that a
 *          compiler vectorises; a routine written for a CPU gives the same results.
 * Threads  any; no state.
 * Cost     lane 0 alone: eight multiplications, or four vector operations for a compare. */

#include <stdbool.h>

#include "flow/key.h"

static inline uint64_t
flow_hash_mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9fb21c651e98df25);
	return h ^ (h >> 32);
}

static inline uint32_t
flow_hash_finish(uint64_t h)
{
	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(h >> 32);
}

/* The hash of 'key' in the bits of 'mask', over 'lanes'. */
static inline uint32_t
flow_hash_lanes(const struct flow *key, const struct flow *mask, uint32_t lanes, uint32_t seed)
{
	uint64_t h0 = seed ^ UINT64_C(0x2545f4914f6cdd1d), h1 = h0 + 1;

	for (; lanes != 0; lanes &= lanes - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(lanes);
		const uint64_t *k = flow_lane(key, i), *m = flow_lane(mask, i);

		for (unsigned int w = 0; w < FLOW_LANE_WORDS; w += 2) {
			h0 = flow_hash_mix(h0, k[w] & m[w]);
			h1 = flow_hash_mix(h1, k[w + 1] & m[w + 1]);
		}
	}
	return flow_hash_finish(h0 ^ (h1 << 1 | h1 >> 63));
}

/* The same with every bit counting. */
static inline uint32_t
flow_hash_exact(const struct flow *key, uint32_t lanes, uint32_t seed)
{
	uint64_t h0 = seed ^ UINT64_C(0x2545f4914f6cdd1d), h1 = h0 + 1;

	for (; lanes != 0; lanes &= lanes - 1) {
		const uint64_t *k = flow_lane(key, (unsigned int)__builtin_ctz(lanes));

		for (unsigned int w = 0; w < FLOW_LANE_WORDS; w += 2) {
			h0 = flow_hash_mix(h0, k[w]);
			h1 = flow_hash_mix(h1, k[w + 1]);
		}
	}
	return flow_hash_finish(h0 ^ (h1 << 1 | h1 >> 63));
}

/* True if 'key' agrees with 'value' (which has no bit outside 'mask') in the bits of 'mask', over 'lanes'. */
static inline bool
flow_masked_equal(
	const struct flow *key, const struct flow *value, const struct flow *mask, uint32_t lanes)
{
	for (; lanes != 0; lanes &= lanes - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(lanes);
		const uint64_t *k = flow_lane(key, i), *v = flow_lane(value, i),
			       *m = flow_lane(mask, i);
		uint64_t diff = 0;

		for (unsigned int w = 0; w < FLOW_LANE_WORDS; w++)
			diff |= (k[w] & m[w]) ^ v[w];
		if (diff != 0)
			return false;
	}
	return true;
}

/* dst = key & mask, over 'lanes'; other lanes of 'dst' are not touched. */
static inline void
flow_apply_mask(struct flow *dst, const struct flow *key, const struct flow *mask, uint32_t lanes)
{
	for (; lanes != 0; lanes &= lanes - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(lanes);
		const uint64_t *k = flow_lane(key, i), *m = flow_lane(mask, i);
		uint64_t *d = flow_lane_rw(dst, i);

		for (unsigned int w = 0; w < FLOW_LANE_WORDS; w++)
			d[w] = k[w] & m[w];
	}
}

/* dst |= src, all lanes: adds to the bits that were looked at. */
static inline void
flow_or(struct flow *dst, const struct flow *src)
{
	for (unsigned int i = 0; i < FLOW_N_LANES; i++) {
		const uint64_t *s = flow_lane(src, i);
		uint64_t *d = flow_lane_rw(dst, i);

		for (unsigned int w = 0; w < FLOW_LANE_WORDS; w++)
			d[w] |= s[w];
	}
}

#endif /* FLOW_HASH_H */
