/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

/* hash: mixing functions for hash tables.
 *
 * Rules    I1 the same input and seed give the same value within one run of one machine; values are not
 *          stored and not sent.  I2 every input bit reaches every output bit.
 * Threads  any.
 * Cost     hash_u64() is a multiply-fold; hash_bytes() takes 16 bytes a step. */

#include <string.h>

#include "base/compiler.h"

/* Folds the 128-bit product of two words; the core of the others. */
static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t
hash_u64(uint64_t x, uint32_t seed)
{
	uint64_t h =
		hash_fold(x ^ UINT64_C(0x9e6c63d0876a9a5b), seed ^ UINT64_C(0xd1b54a32d192ed03));

	h = hash_fold(h ^ x, UINT64_C(0xaef17502108ef2d9));
	return (uint32_t)(h ^ (h >> 32));
}

static inline uint32_t
hash_u32(uint32_t x, uint32_t seed)
{
	return hash_u64(x, seed);
}

static inline uint32_t
hash_pointer(const void *p, uint32_t seed)
{
	return hash_u64((uint64_t)(uintptr_t)p, seed);
}

uint32_t hash_bytes(const void *data, size_t n, uint32_t seed);

static inline uint32_t
hash_string(const char *s, uint32_t seed)
{
	return hash_bytes(s, strlen(s), seed);
}

#endif /* BASE_HASH_H */
