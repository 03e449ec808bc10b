/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_HASH_PRIV_H
#define DATAPATH_HASH_PRIV_H

/* hash: the datapath's own hashing of key words: CRC32C, two chains so that they overlap, and a final mix.
 * The processor's instruction where the build's baseline has it, a multiply elsewhere. */

#include <arpa/inet.h>

#include "flow/key.h"

static inline uint32_t
hash_word(uint32_t h, uint64_t w)
{
#ifdef __SSE4_2__
	return (uint32_t)__builtin_ia32_crc32di(h, w);
#else
	w = (w ^ h) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(w >> 32) ^ (uint32_t)w;
#endif
}

static inline uint32_t
hash_final(uint32_t a, uint32_t b)
{
	uint64_t x = (((uint64_t)a << 32) | b) * UINT64_C(0xff51afd7ed558ccd);

	return (uint32_t)(x >> 32);
}

/* Words of lane 0 that tell flows apart well: ports, addresses, protocol, tag; not TOS, TTL, TCP flags,
 * which vary inside a flow.  Any choice is correct; this one keeps a flow in one cache entry. */
static inline uint32_t
hash_key(const struct flow *key, uint32_t seed)
{
	const uint64_t *w = flow_lane(key, 0);
	uint32_t a = seed, b = ~seed;

	a = hash_word(a, w[0]);
	b = hash_word(b, w[1]);
	a = hash_word(a, w[2]);
	b = hash_word(b, ((uint64_t)key->ip_src << 32) | key->ip_dst);
	a = hash_word(
		a, ((uint64_t)key->ip_proto << 32) | ((uint32_t)key->l4_src << 16) | key->l4_dst);
	if (UNLIKELY(key->eth_type == htons(0x86dd))) {
		w = flow_lane(key, 1);
		a = hash_word(a, w[0]);
		b = hash_word(b, w[1]);
		a = hash_word(a, w[2]);
		b = hash_word(b, w[3]);
	}
	return hash_final(a, b);
}

#endif /* DATAPATH_HASH_PRIV_H */
