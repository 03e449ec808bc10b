/* SPDX-License-Identifier: Apache-2.0 */
/* random: one 64-bit linear congruential generator with permuted output per thread. */

#include "base/random.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include "base/fatal.h"

static _Thread_local uint64_t state;
static _Thread_local bool seeded;

void
random_bytes(void *buf, size_t n)
{
	unsigned char *p = buf;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0) {
			BUG_ON(errno != EINTR);
			continue;
		}
		p += got;
		n -= (size_t)got;
	}
}

void
random_seed(uint32_t seed)
{
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	seeded = true;
}

uint32_t
random_u32(void)
{
	uint64_t old;
	uint32_t mixed, turn;

	if (UNLIKELY(!seeded)) {
		random_bytes(&state, sizeof state);
		seeded = true;
	}
	old = state;
	state = old * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	mixed = (uint32_t)(((old >> 18) ^ old) >> 27);
	turn = (uint32_t)(old >> 59);
	return (mixed >> turn) | (mixed << (-turn & 31));
}

uint64_t
random_u64(void)
{
	uint64_t high = random_u32();

	return high << 32 | random_u32();
}

uint32_t
random_range(uint32_t n)
{
	uint64_t product;
	uint32_t floor;

	BUG_ON(n == 0);
	/* The high half of a product is uniform once the low halves that come up too often are refused. */
	product = (uint64_t)random_u32() * n;
	if ((uint32_t)product < n) {
		floor = -n % n;
		while ((uint32_t)product < floor)
			product = (uint64_t)random_u32() * n;
	}
	return (uint32_t)(product >> 32);
}
