/* SPDX-License-Identifier: Apache-2.0 */
/* How large packet pools are, without making any. */
#include "base/compiler.h"
#include "check.h"
#include "port/pool_priv.h"

static void
test_pool_room_holds_the_frame(void)
{
	CU_ASSERT_EQUAL(pool_room(1500), 2048);
	CU_ASSERT_EQUAL(pool_room(0), 2048);
	CU_ASSERT_EQUAL(pool_room(-1), 2048);
	for (int mtu = 68; mtu <= 65535; mtu += 13) {
		uint32_t room = pool_room(mtu);

		CU_ASSERT(room >= (uint32_t)mtu + 26 && room % 1024 == 0);
		CU_ASSERT(room == 2048 || room < (uint32_t)mtu + 26 + 1024);
	}
}

static void
test_pool_first_size_covers_the_lease(void)
{
	CU_ASSERT_EQUAL(pool_first_size(2048, 64), POOL_DEFAULT_MBUFS);
	/* Jumbo buffers: about as much memory, not as many buffers. */
	CU_ASSERT(pool_bytes(9216, pool_first_size(9216, 64))
		<= pool_bytes(2048, POOL_DEFAULT_MBUFS));
	for (uint32_t lease = 1; lease < 1000000; lease = lease * 3 + 1) {
		CU_ASSERT(pool_first_size(2048, lease) >= lease);
		CU_ASSERT(pool_first_size(65024, lease) >= MAX(lease, POOL_LEAST_MBUFS));
	}
	CU_ASSERT(pool_first_size(2048, 100000) <= 100000 + POOL_DEFAULT_MBUFS / 4);
}

static void
test_pool_next_size_ends_at_the_lease(void)
{
	uint32_t n = pool_first_size(2048, 64), steps = 0, last = n;

	for (; n != 0; n = pool_next_size(n, 64), steps++) {
		CU_ASSERT(steps == 0 || n < last);
		last = n;
	}
	CU_ASSERT_EQUAL(last, POOL_LEAST_MBUFS);
	CU_ASSERT_EQUAL(pool_next_size(100000, 90000), 90000);
	CU_ASSERT_EQUAL(pool_next_size(90000, 90000), 0);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_pool_room_holds_the_frame),
		CHECK_CASE(test_pool_first_size_covers_the_lease),
		CHECK_CASE(test_pool_next_size_ends_at_the_lease),
	};

	return check_run("pool_size", cases, sizeof(cases) / sizeof(cases[0]));
}
