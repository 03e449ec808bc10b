/* SPDX-License-Identifier: Apache-2.0 */
/* hash: hashes byte strings, 16 bytes a step, each step folding a 128-bit product.  The length takes part, so
 * that zero bytes at the end count. */

#include "base/hash.h"

#define HASH_K0 UINT64_C(0x8ebc6af09c88c6e3)
#define HASH_K1 UINT64_C(0x589965cc75374cc3)

static uint64_t
load_u64(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return x;
}

uint32_t
hash_bytes(const void *data, size_t n, uint32_t seed)
{
	const unsigned char *p = data;
	uint64_t h = hash_fold(seed ^ HASH_K0, n ^ HASH_K1);
	unsigned char tail[16] = { 0 };

	for (; n > sizeof tail; n -= sizeof tail, p += sizeof tail)
		h = hash_fold(load_u64(p) ^ HASH_K1, load_u64(p + 8) ^ h ^ HASH_K0);
	if (n > 0)
		memcpy(tail, p, n);
	h = hash_fold(load_u64(tail) ^ HASH_K1, load_u64(tail + 8) ^ h ^ HASH_K0);
	h = hash_fold(h ^ HASH_K0, HASH_K1);
	return (uint32_t)(h ^ (h >> 32));
}
