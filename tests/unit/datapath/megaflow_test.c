/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the megaflow table: what is found, what is not, how masks are bounded. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"
#include "datapath/megaflow_priv.h"
#include "rcu/rcu.h"

#define N_ADDRESSES 64

static void
table_init(struct mf_table *t, uint32_t max)
{
	rcu_init();
	CU_ASSERT_EQUAL_FATAL(mf_table_init(t, max, NULL), 0);
}

static void
table_uninit(struct mf_table *t)
{
	rcu_barrier();
	mf_table_uninit(t);
	rcu_uninit();
}

static struct flow
key_of(uint32_t ip_src, uint32_t ip_dst)
{
	struct flow key;

	memset(&key, 0, sizeof key);
	key.in_port = 1;
	key.eth_type = htons(0x0800);
	key.ip_src = htonl(ip_src);
	key.ip_dst = htonl(ip_dst);
	return key;
}

static struct flow
mask_of(unsigned int src_bits, unsigned int dst_bits)
{
	struct flow mask;

	memset(&mask, 0, sizeof mask);
	mask.in_port = UINT32_MAX;
	mask.eth_type = 0xffff;
	mask.ip_src = src_bits == 0 ? 0 : htonl(UINT32_MAX << (32 - src_bits));
	mask.ip_dst = dst_bits == 0 ? 0 : htonl(UINT32_MAX << (32 - dst_bits));
	return mask;
}

static uint32_t
put(struct mf_table *t, const struct flow *key, struct flow mask, uint32_t program)
{
	return mf_insert(t, key, mf_mask_get(t, &mask), program, NULL);
}

static uint32_t
find(struct mf_table *t, const struct flow *key)
{
	static struct mf_search search;
	uint64_t tail = 0;

	return mf_lookup(t, key, &tail, &search);
}

static void
test_megaflow_finds_what_its_mask_covers(void)
{
	struct flow key = key_of(0x0a000001, 0x0b000001), other;
	struct mf_table t;
	uint32_t idx;

	table_init(&t, 1024);
	idx = put(&t, &key, mask_of(24, 0), 7);
	CU_ASSERT_NOT_EQUAL_FATAL(idx, MF_NONE);
	other = key_of(0x0a0000fe, 0x01020304);
	CU_ASSERT_EQUAL(find(&t, &other), idx);
	other = key_of(0x0a000101, 0x0b000001);
	CU_ASSERT_EQUAL(find(&t, &other), MF_NONE);
	other = key;
	other.in_port = 2;
	CU_ASSERT_EQUAL(find(&t, &other), MF_NONE);
	table_uninit(&t);
}

static void
test_megaflow_compares_lanes_behind_the_first(void)
{
	struct flow key, mask, other;
	struct mf_table t;
	uint32_t idx;

	table_init(&t, 1024);
	memset(&key, 0, sizeof key);
	memset(&mask, 0, sizeof mask);
	key.eth_type = htons(0x86dd);
	memset(key.ipv6_dst, 0x20, sizeof key.ipv6_dst);
	key.tunnel_id = 77;
	mask.eth_type = 0xffff;
	memset(mask.ipv6_dst, 0xff, 8);
	mask.tunnel_id = UINT64_MAX;
	idx = put(&t, &key, mask, 1);
	other = key;
	other.ipv6_dst[15] = 1;
	CU_ASSERT_EQUAL(find(&t, &other), idx);
	other = key;
	other.ipv6_dst[7] = 1;
	CU_ASSERT_EQUAL(find(&t, &other), MF_NONE);
	other = key;
	other.tunnel_id = 78;
	CU_ASSERT_EQUAL(find(&t, &other), MF_NONE);
	table_uninit(&t);
}

static void
test_megaflow_is_gone_after_unlink(void)
{
	struct flow key = key_of(1, 2);
	struct mf_table t;
	uint32_t idx;

	table_init(&t, 1024);
	idx = put(&t, &key, mask_of(32, 32), 1);
	mf_unlink(&t, idx);
	CU_ASSERT_EQUAL(find(&t, &key), MF_NONE);
	CU_ASSERT_EQUAL(mf_match(&t, idx, &key), 0);
	mf_free(&t, idx);
	CU_ASSERT_EQUAL(t.n_live, 0);
	CU_ASSERT_EQUAL(t.n_masks, 0);
	CU_ASSERT_EQUAL(put(&t, &key, mask_of(32, 32), 1), idx);
	CU_ASSERT_EQUAL(find(&t, &key), idx);
	table_uninit(&t);
}

static void
test_megaflow_refuses_when_full(void)
{
	struct mf_table t;
	struct flow key;

	table_init(&t, 16);
	for (uint32_t i = 0; i < 16; i++) {
		key = key_of(i, 0);
		CU_ASSERT_NOT_EQUAL(put(&t, &key, mask_of(32, 0), 1), MF_NONE);
	}
	key = key_of(99, 0);
	CU_ASSERT_EQUAL(put(&t, &key, mask_of(32, 0), 1), MF_NONE);
	key = key_of(3, 0);
	CU_ASSERT_NOT_EQUAL(find(&t, &key), MF_NONE);
	table_uninit(&t);
}

/* All that goes in is found while the index grows under it. */
static void
test_megaflow_index_grows(void)
{
	struct mf_table t;
	uint32_t lost = 0;

	table_init(&t, 200000);
	for (uint32_t i = 0; i < 150000; i++) {
		struct flow key = key_of(i * 2654435761u, i);

		if (put(&t, &key, mask_of(32, 32), i) == MF_NONE)
			lost++;
	}
	for (uint32_t i = 0; i < 150000; i++) {
		struct flow key = key_of(i * 2654435761u, i);
		uint32_t idx = find(&t, &key);

		if (idx == MF_NONE || mf_tail_program(t.hot[idx].tail) != i)
			lost++;
	}
	CU_ASSERT_EQUAL(lost, 0);
	table_uninit(&t);
}

/* However many masks are asked for, few are there, and each one covers what was asked. */
static void
test_megaflow_masks_are_bounded(void)
{
	struct mf_table t;
	uint32_t wrong = 0;

	table_init(&t, 200000);
	for (unsigned int i = 0; i < 20000; i++) {
		struct flow key = key_of(random_u32(), random_u32());
		struct flow mask = mask_of(random_range(33), random_range(33)), asked;
		uint32_t slot;

		mask.l4_src = (be16)random_u32();
		mask.tunnel_id = random_range(4) == 0 ? random_u32() : 0;
		mask.vlan2_tci = (be16)(random_range(4) == 0 ? 0xfff : 0);
		asked = mask;
		slot = mf_mask_get(&t, &mask);
		for (unsigned int k = 0; k < FLOW_N_KEY_LANES * FLOW_LANE_WORDS; k++)
			wrong += (flow_lane(&asked, 0)[k] & ~t.masks[slot].words[k]) != 0;
		wrong += mf_insert(&t, &key, slot, 1, NULL) == MF_NONE;
		wrong += find(&t, &key) == MF_NONE;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(t.n_masks <= MF_MAX_MASKS);
	table_uninit(&t);
}

/* Against a list that is searched from end to end, with removals.  A mask may have been widened, so the list
 * holds what the table says that the record is. */
static void
test_megaflow_agrees_with_a_list(void)
{
	enum {
		N = 4000
	};
	static struct flow keys[N], masks[N];
	static bool live[N];
	struct mf_table t;
	uint32_t wrong = 0, seed = random_u32();

	printf("seed %u ", seed);
	random_seed(seed);
	memset(live, 0, sizeof live);
	table_init(&t, N);
	for (unsigned int round = 0; round < 20000; round++) {
		struct flow key = key_of(random_range(N_ADDRESSES), random_range(N_ADDRESSES));
		uint32_t idx = find(&t, &key), expected = MF_NONE;

		for (uint32_t i = 0; i < t.n_used && expected == MF_NONE; i++) {
			uint64_t diff = 0;

			for (unsigned int k = 0; k < FLOW_N_KEY_LANES * FLOW_LANE_WORDS; k++)
				diff |= (flow_lane(&key, 0)[k] ^ flow_lane(&keys[i], 0)[k])
					& flow_lane(&masks[i], 0)[k];
			if (live[i] && diff == 0)
				expected = i;
		}
		wrong += (idx == MF_NONE) != (expected == MF_NONE);
		if (idx == MF_NONE) {
			idx = put(&t, &key, mask_of(26 + random_range(7), 26 + random_range(7)), 1);
			if (idx != MF_NONE) {
				mf_get_key(&t, idx, &keys[idx], &masks[idx]);
				live[idx] = true;
			}
		} else if (random_range(3) == 0) {
			live[idx] = false;
			mf_unlink(&t, idx);
			mf_free(&t, idx);
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	table_uninit(&t);
}

/* A pmd's clock may have been read after the handler's. */
static void
test_megaflow_time_of_use_is_near_now(void)
{
	int64_t now = INT64_C(0x500000010);

	CU_ASSERT_EQUAL(mf_used_ms(0x0000000f, now), now - 1);
	CU_ASSERT_EQUAL(mf_used_ms(0xfffffff0, now), now - 32);
	CU_ASSERT_EQUAL(mf_used_ms(0x00000010, now), now);
	CU_ASSERT_EQUAL(mf_used_ms(0x00000012, now), now);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_megaflow_finds_what_its_mask_covers),
		CHECK_CASE(test_megaflow_compares_lanes_behind_the_first),
		CHECK_CASE(test_megaflow_is_gone_after_unlink),
		CHECK_CASE(test_megaflow_refuses_when_full),
		CHECK_CASE(test_megaflow_index_grows),
		CHECK_CASE(test_megaflow_masks_are_bounded),
		CHECK_CASE(test_megaflow_agrees_with_a_list),
		CHECK_CASE(test_megaflow_time_of_use_is_near_now),
	};

	return check_run("megaflow", cases, ARRAY_SIZE(cases));
}
