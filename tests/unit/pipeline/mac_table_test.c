/* SPDX-License-Identifier: Apache-2.0 */
/* MAC table: learning, moves, ageing, eviction. */

#include "pipeline/mac_table.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "check.h"
#include "rcu/rcu.h"

static const uint8_t *
mac(uint32_t n)
{
	static uint8_t m[6];

	m[0] = 2;
	m[2] = (uint8_t)(n >> 24);
	m[3] = (uint8_t)(n >> 16);
	m[4] = (uint8_t)(n >> 8);
	m[5] = (uint8_t)n;
	return m;
}

static uint32_t
where(const struct mac_table *t, uint16_t vlan, uint32_t n)
{
	uint32_t port = 0;

	return mac_table_lookup(t, vlan, mac(n), &port) ? port : 0;
}

static void
test_mac_table_learns_and_moves(void)
{
	struct mac_table *t = mac_table_create(10, 300);
	struct mac_table_stats s;
	uint8_t multicast[6] = { 1, 0, 0x5e, 0, 0, 1 };

	CU_ASSERT_EQUAL(where(t, 1, 7), 0);
	CU_ASSERT(mac_table_learn(t, 1, mac(7), 3, 1000));
	CU_ASSERT_EQUAL(where(t, 1, 7), 3);
	CU_ASSERT_EQUAL(where(t, 2, 7), 0);
	CU_ASSERT(!mac_table_learn(t, 1, mac(7), 3, 2000)); /* Nothing new. */
	CU_ASSERT(mac_table_learn(t, 1, mac(7), 4, 3000));
	CU_ASSERT_EQUAL(where(t, 1, 7), 4);
	/* News from before the move do not move it back. */
	CU_ASSERT(!mac_table_learn(t, 1, mac(7), 3, 2500));
	/* Neither by news older than the last packet that was seen there. */
	CU_ASSERT(mac_table_touch(t, 1, mac(7), 4, 3200));
	CU_ASSERT(mac_table_touch(t, 1, mac(7), 4, 3100));
	CU_ASSERT(!mac_table_learn(t, 1, mac(7), 3, 3150));
	CU_ASSERT_EQUAL(where(t, 1, 7), 4);
	CU_ASSERT(!mac_table_learn(t, 1, multicast, 3, 4000));
	mac_table_get_stats(t, &s);
	CU_ASSERT_EQUAL(s.n, 1);
	CU_ASSERT_EQUAL(s.learned, 1);
	CU_ASSERT_EQUAL(s.moved, 1);
	mac_table_destroy(t);
	rcu_barrier();
}

static void
test_mac_table_ages(void)
{
	struct mac_table *t = mac_table_create(10, 10);

	CU_ASSERT(mac_table_learn(t, 0, mac(1), 1, 0));
	CU_ASSERT(mac_table_learn(t, 0, mac(2), 1, 0));
	CU_ASSERT(mac_table_touch(t, 0, mac(1), 1, 5000));
	CU_ASSERT(!mac_table_touch(t, 0, mac(1), 2, 5000)); /* Elsewhere. */
	CU_ASSERT(!mac_table_touch(t, 0, mac(9), 1, 5000));
	CU_ASSERT(!mac_table_expire(t, 9999));
	CU_ASSERT(mac_table_expire(t, 10000));
	CU_ASSERT_EQUAL(where(t, 0, 1), 1);
	CU_ASSERT_EQUAL(where(t, 0, 2), 0);
	CU_ASSERT(mac_table_expire(t, 15000));
	CU_ASSERT_EQUAL(where(t, 0, 1), 0);
	mac_table_destroy(t);
	rcu_barrier();
}

static void
test_mac_table_static_entries_stay(void)
{
	struct mac_table *t = mac_table_create(3, 10);
	struct mac_table_stats s;

	CU_ASSERT_EQUAL(mac_table_add_static(t, 0, mac(1), 5, 0), 0);
	CU_ASSERT(!mac_table_learn(t, 0, mac(1), 6, 100));
	CU_ASSERT(!mac_table_expire(t, 1000000));
	CU_ASSERT(!mac_table_flush(t));
	CU_ASSERT_EQUAL(where(t, 0, 1), 5);
	CU_ASSERT_EQUAL(mac_table_add_static(t, 0, mac(2), 5, 0), 0);
	CU_ASSERT(mac_table_learn(t, 0, mac(9), 6, 100));
	/* A learned one makes way; then there is no room for anything. */
	CU_ASSERT_EQUAL(mac_table_add_static(t, 0, mac(3), 5, 0), 0);
	CU_ASSERT_EQUAL(where(t, 0, 9), 0);
	CU_ASSERT(mac_table_add_static(t, 0, mac(4), 5, 0) < 0);
	CU_ASSERT(!mac_table_learn(t, 0, mac(9), 6, 100));
	mac_table_get_stats(t, &s);
	CU_ASSERT_EQUAL(s.n, 3);
	CU_ASSERT_EQUAL(s.n_static, 3);
	CU_ASSERT(mac_table_remove(t, 0, mac(1)));
	CU_ASSERT(!mac_table_remove(t, 0, mac(1)));
	CU_ASSERT(mac_table_flush_port(t, 5));
	mac_table_get_stats(t, &s);
	CU_ASSERT_EQUAL(s.n, 0);
	CU_ASSERT_EQUAL(s.n_static, 0);
	mac_table_destroy(t);
	rcu_barrier();
}

/* A flood of addresses on one port does not push out another port's. */
static void
test_mac_table_evicts_fairly(void)
{
	struct mac_table *t = mac_table_create(100, 300);
	struct mac_table_stats s;

	for (uint32_t i = 0; i < 20; i++)
		CU_ASSERT(mac_table_learn(t, 0, mac(i), 1, i));
	for (uint32_t i = 1000; i < 11000; i++) {
		CU_ASSERT(mac_table_learn(t, 0, mac(i), 2, i));
		mac_table_get_stats(t, &s);
		CU_ASSERT(s.n <= 100);
	}
	for (uint32_t i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(where(t, 0, i), 1);
	CU_ASSERT_EQUAL(where(t, 0, 10999), 2);
	CU_ASSERT_EQUAL(where(t, 0, 1000), 0);
	CU_ASSERT(mac_table_configure(t, 30, 300));
	mac_table_get_stats(t, &s);
	CU_ASSERT_EQUAL(s.n, 30);
	mac_table_destroy(t);
	rcu_barrier();
}

/* Against an array of the last port of each address: a table with room enough never forgets nor errs. */
static void
test_mac_table_agrees_with_array(void)
{
	struct mac_table *t = mac_table_create(4096, 300);
	uint32_t ports[8][200] = { { 0 } };
	int64_t now = 0;

	random_seed(7);
	for (int i = 0; i < 50000; i++) {
		uint16_t vlan = (uint16_t)random_range(8);
		uint32_t n = random_range(200), port = 1 + random_range(5);

		now += 1;
		switch (random_range(20)) {
		case 0:
			CU_ASSERT_EQUAL(mac_table_remove(t, vlan, mac(n)), ports[vlan][n] != 0);
			ports[vlan][n] = 0;
			break;
		default:
			CU_ASSERT_EQUAL(mac_table_learn(t, vlan, mac(n), port, now),
				ports[vlan][n] != port);
			ports[vlan][n] = port;
			break;
		}
		CU_ASSERT_EQUAL(where(t, vlan, n), ports[vlan][n]);
		if (i % 1000 == 0)
			(void)rcu_reclaim();
	}
	mac_table_destroy(t);
	rcu_barrier();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_mac_table_learns_and_moves),
		CHECK_CASE(test_mac_table_ages),
		CHECK_CASE(test_mac_table_static_entries_stay),
		CHECK_CASE(test_mac_table_evicts_fairly),
		CHECK_CASE(test_mac_table_agrees_with_array),
	};

	rcu_init();
	return check_run("mac_table", cases, ARRAY_SIZE(cases));
}
