/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base's containers: list, hmap, smap, shash, bitmap, and of the hash functions under them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bitmap.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/random.h"
#include "base/shash.h"
#include "base/smap.h"
#include "check.h"

struct item {
	unsigned int value;
	struct list link;
	struct hmap_node node;
};

/* The values in 'list' as digits. */
static const char *
digits(const struct list *list)
{
	static char text[32];
	const struct item *item;
	size_t n = 0;

	LIST_FOREACH(item, link, list)
		text[n++] = (char)('0' + item->value);
	text[n] = '\0';
	return text;
}

static void
test_list_keeps_order(void)
{
	struct item items[6] = { { 0 } };
	struct list list, other;

	list_init(&list);
	list_init(&other);
	CU_ASSERT(list_is_empty(&list));
	CU_ASSERT_EQUAL(list_size(&list), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(items); i++)
		items[i].value = i;
	list_push_back(&list, &items[1].link);
	list_push_back(&list, &items[3].link);
	list_push_front(&list, &items[0].link);
	list_insert(&items[3].link, &items[2].link);
	CU_ASSERT_STRING_EQUAL(digits(&list), "0123");
	list_push_back(&other, &items[4].link);
	list_push_back(&other, &items[5].link);
	list_splice_back(&list, &other);
	CU_ASSERT(list_is_empty(&other));
	CU_ASSERT_STRING_EQUAL(digits(&list), "012345");
	list_splice_back(&list, &other);
	CU_ASSERT_EQUAL(list_size(&list), 6);
	CU_ASSERT_PTR_EQUAL(list_front(&list), &items[0].link);
	CU_ASSERT_PTR_EQUAL(list_back(&list), &items[5].link);
	CU_ASSERT_PTR_EQUAL(list_pop_front(&list), &items[0].link);
	CU_ASSERT_PTR_EQUAL(list_pop_back(&list), &items[5].link);
	list_remove(&items[2].link);
	list_remove(&items[2].link);
	CU_ASSERT_STRING_EQUAL(digits(&list), "134");
}

static void
test_list_foreach_safe_frees(void)
{
	struct item *item, *next;
	struct list list;
	unsigned int sum = 0;

	list_init(&list);
	for (unsigned int i = 1; i <= 4; i++) {
		item = xzalloc(sizeof *item);
		item->value = i;
		list_push_back(&list, &item->link);
	}
	LIST_FOREACH_SAFE(item, next, link, &list) {
		sum += item->value;
		list_remove(&item->link);
		free(item);
	}
	CU_ASSERT_EQUAL(sum, 10);
	CU_ASSERT_PTR_NULL(item);
	CU_ASSERT(list_is_empty(&list));
}

static struct item *
hmap_lookup(const struct hmap *hmap, unsigned int value, size_t hash)
{
	struct item *item;

	HMAP_FOREACH_HASH(item, node, hash, hmap) {
		if (item->value == value)
			break;
	}
	return item;
}

/* Against an array of flags, with hashes that often collide. */
static void
test_hmap_agrees_with_array(void)
{
	enum {
		N = 300
	};
	static struct item items[N];
	bool present[N] = { false };
	struct item *item, *next;
	struct hmap hmap;
	size_t n = 0;

	random_seed(20);
	hmap_init(&hmap);
	for (int step = 0; step < 20000; step++) {
		unsigned int i = random_range(N);
		size_t hash = hash_u32(i, 0) % 97;

		items[i].value = i;
		if ((hmap_lookup(&hmap, i, hash) != NULL) != present[i])
			CU_FAIL_FATAL("lookup differs; seed 20");
		if (present[i])
			hmap_remove(&hmap, &items[i].node);
		else
			hmap_insert(&hmap, &items[i].node, hash);
		present[i] = !present[i];
		n += present[i] ? 1 : (size_t)-1;
		if (hmap_count(&hmap) != n)
			CU_FAIL_FATAL("count differs; seed 20");
	}
	HMAP_FOREACH_SAFE(item, next, node, &hmap) {
		CU_ASSERT(present[item->value]);
		present[item->value] = false;
		hmap_remove(&hmap, &item->node);
		memset(&item->node, 0xff, sizeof item->node);
	}
	for (size_t i = 0; i < N; i++)
		CU_ASSERT(!present[i]);
	CU_ASSERT(hmap_is_empty(&hmap));
	hmap_uninit(&hmap);
}

static void
test_hmap_swap_moves_the_one_bucket(void)
{
	struct item a = { .value = 1 }, b[3] = { { .value = 2 }, { .value = 3 }, { .value = 4 } };
	struct hmap small, big, none;

	hmap_init(&small);
	hmap_init(&big);
	hmap_init(&none);
	hmap_insert(&small, &a.node, 7);
	for (size_t i = 0; i < 3; i++)
		hmap_insert(&big, &b[i].node, i);
	hmap_swap(&small, &big);
	CU_ASSERT_EQUAL(hmap_count(&small), 3);
	CU_ASSERT_PTR_EQUAL(hmap_lookup(&big, 1, 7), &a);
	hmap_swap(&big, &none);
	CU_ASSERT(hmap_is_empty(&big));
	CU_ASSERT_PTR_EQUAL(hmap_lookup(&none, 1, 7), &a);
	CU_ASSERT_PTR_EQUAL(hmap_lookup(&small, 4, 2), &b[2]);
	hmap_uninit(&small);
	hmap_uninit(&big);
	hmap_uninit(&none);
}

static void
test_hmap_reserve_keeps_elements(void)
{
	struct item items[5] = { { 0 } };
	struct hmap hmap;

	hmap_init(&hmap);
	for (unsigned int i = 0; i < 5; i++) {
		items[i].value = i;
		hmap_insert(&hmap, &items[i].node, i * 1000);
	}
	hmap_reserve(&hmap, 1000);
	CU_ASSERT(hmap.mask >= 999);
	for (unsigned int i = 0; i < 5; i++)
		CU_ASSERT_PTR_EQUAL(hmap_lookup(&hmap, i, i * 1000), &items[i]);
	CU_ASSERT_PTR_NULL(hmap_lookup(&hmap, 1, 2000));
	hmap_uninit(&hmap);
}

static void
test_smap_reads_values(void)
{
	struct smap smap = SMAP_INITIALIZER(&smap);

	smap_set(&smap, "a", "1");
	smap_set(&smap, "a", "42");
	smap_setf(&smap, "hex", "0x%x", 255);
	smap_set(&smap, "yes", "True");
	smap_set(&smap, "no", "false");
	smap_set(&smap, "junk", "12x");
	smap_set(&smap, "huge", "99999999999999999999999");
	smap_set(&smap, "minus", "-1");
	CU_ASSERT_EQUAL(smap_count(&smap), 7);
	CU_ASSERT_STRING_EQUAL(smap_get(&smap, "a"), "42");
	CU_ASSERT_PTR_NULL(smap_get(&smap, "b"));
	CU_ASSERT_STRING_EQUAL(smap_get_def(&smap, "b", "def"), "def");
	CU_ASSERT_EQUAL(smap_get_int(&smap, "a", 7), 42);
	CU_ASSERT_EQUAL(smap_get_int(&smap, "minus", 7), -1);
	CU_ASSERT_EQUAL(smap_get_u64(&smap, "hex", 7), 255);
	CU_ASSERT_EQUAL(smap_get_int(&smap, "junk", 7), 7);
	CU_ASSERT_EQUAL(smap_get_int(&smap, "huge", 7), 7);
	CU_ASSERT_EQUAL(smap_get_u64(&smap, "huge", 7), 7);
	CU_ASSERT_EQUAL(smap_get_u64(&smap, "minus", 7), 7);
	CU_ASSERT(smap_get_bool(&smap, "yes", false));
	CU_ASSERT(!smap_get_bool(&smap, "no", true));
	CU_ASSERT(smap_get_bool(&smap, "junk", true));
	CU_ASSERT(!smap_get_bool(&smap, "junk", false));
	CU_ASSERT(smap_get_bool(&smap, "absent", true));
	CU_ASSERT(smap_remove(&smap, "a"));
	CU_ASSERT(!smap_remove(&smap, "a"));
	smap_uninit(&smap);
	CU_ASSERT(smap_is_empty(&smap));
}

static void
test_smap_clone_is_equal_and_sorted(void)
{
	const char *const keys[] = { "alpha", "beta", "gamma", "ten" };
	const struct smap_node **sorted;
	struct smap a, b;

	smap_init(&a);
	for (size_t i = ARRAY_SIZE(keys); i-- > 0;)
		smap_set(&a, keys[i], "v");
	smap_clone(&b, &a);
	CU_ASSERT(smap_equal(&a, &b));
	smap_set(&b, "ten", "w");
	CU_ASSERT(!smap_equal(&a, &b));
	smap_remove(&b, "ten");
	CU_ASSERT(!smap_equal(&a, &b));
	sorted = smap_sorted(&a);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		CU_ASSERT_STRING_EQUAL(sorted[i]->key, keys[i]);
	CU_ASSERT_PTR_NULL(sorted[ARRAY_SIZE(keys)]);
	free(sorted);
	smap_uninit(&a);
	smap_uninit(&b);
}

static void
test_shash_finds_by_name(void)
{
	struct shash shash = SHASH_INITIALIZER(&shash);
	const struct shash_node **sorted;
	struct shash_node *node, *next;
	char name[16];
	int data[50];

	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "name%02d", 49 - i);
		CU_ASSERT_PTR_NOT_NULL(shash_add(&shash, name, &data[49 - i]));
	}
	CU_ASSERT_EQUAL(shash_count(&shash), 50);
	CU_ASSERT_PTR_EQUAL(shash_find(&shash, "name17"), &data[17]);
	CU_ASSERT_PTR_NULL(shash_find(&shash, "name"));
	CU_ASSERT_PTR_EQUAL(shash_replace(&shash, "name17", NULL), &data[17]);
	CU_ASSERT_PTR_NULL(shash_find(&shash, "name17"));
	CU_ASSERT_PTR_NOT_NULL(shash_find_node(&shash, "name17"));
	CU_ASSERT_PTR_NULL(shash_replace(&shash, "new", &data[0]));
	CU_ASSERT_PTR_EQUAL(shash_remove(&shash, "new"), &data[0]);
	CU_ASSERT_PTR_NULL(shash_remove(&shash, "new"));
	sorted = shash_sorted(&shash);
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "name%02d", i);
		CU_ASSERT_STRING_EQUAL(sorted[i]->name, name);
	}
	CU_ASSERT_PTR_NULL(sorted[50]);
	free(sorted);
	SHASH_FOREACH_SAFE(node, next, &shash)
	shash_remove_node(&shash, node);
	CU_ASSERT(shash_is_empty(&shash));
	shash_uninit(&shash);
}

static void
test_bitmap_walks_and_ranges(void)
{
	unsigned long *map = bitmap_create(130);
	const size_t set[] = { 0, 63, 64, 100, 101, 102, 129 };
	size_t i, n = 0;

	CU_ASSERT(bitmap_is_empty(map, 130));
	for (i = 0; i < 3; i++)
		bitmap_set(map, set[i]);
	bitmap_set_range(map, 100, 3);
	bitmap_assign(map, 129, true);
	BITMAP_FOREACH(i, map, 130)
	{
		if (n < ARRAY_SIZE(set))
			CU_ASSERT_EQUAL(i, set[n]);
		n++;
	}
	CU_ASSERT_EQUAL(n, ARRAY_SIZE(set));
	CU_ASSERT_EQUAL(bitmap_count(map, 130), ARRAY_SIZE(set));
	CU_ASSERT_EQUAL(bitmap_find_clear(map, 100, 130), 103);
	CU_ASSERT_EQUAL(bitmap_find_set(map, 103, 129), 129);
	bitmap_clear(map, 64);
	CU_ASSERT(!bitmap_is_set(map, 64));
	CU_ASSERT(bitmap_is_set(map, 63));
	bitmap_zero(map, 130);
	CU_ASSERT_EQUAL(bitmap_find_set(map, 0, 130), 130);
	bitmap_set_range(map, 0, 130);
	CU_ASSERT_EQUAL(bitmap_find_clear(map, 0, 130), 130);
	free(map);
}

/* Every input bit changes about half of the output bits; lengths and seeds count. */
static void
test_hash_mixes(void)
{
	char zeros[64] = { 0 };
	char text[40] = "";
	uint32_t seen[65];

	for (unsigned int len = 0; len <= 64; len++) {
		seen[len] = hash_bytes(zeros, len, 1);
		for (unsigned int i = 0; i < len; i++)
			CU_ASSERT_NOT_EQUAL(seen[i], seen[len]);
	}
	for (size_t i = 0; i < sizeof text * 8; i++) {
		uint32_t before = hash_bytes(text, sizeof text, 3);
		int n;

		text[i / 8] = (char)(text[i / 8] ^ (1 << (i % 8)));
		n = __builtin_popcount(before ^ hash_bytes(text, sizeof text, 3));
		if (n < 4 || n > 28)
			CU_FAIL("hash_bytes mixes badly");
	}
	for (unsigned int i = 0; i < 64; i++) {
		int n = __builtin_popcount(hash_u64(UINT64_C(1) << i, 0) ^ hash_u64(0, 0));

		if (n < 4 || n > 28)
			CU_FAIL("hash_u64 mixes badly");
	}
	CU_ASSERT_NOT_EQUAL(hash_string("a", 0), hash_string("a", 1));
	CU_ASSERT_EQUAL(hash_string("abc", 5), hash_bytes("abc", 3, 5));
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_list_keeps_order),
		CHECK_CASE(test_list_foreach_safe_frees),
		CHECK_CASE(test_hmap_agrees_with_array),
		CHECK_CASE(test_hmap_swap_moves_the_one_bucket),
		CHECK_CASE(test_hmap_reserve_keeps_elements),
		CHECK_CASE(test_smap_reads_values),
		CHECK_CASE(test_smap_clone_is_equal_and_sorted),
		CHECK_CASE(test_shash_finds_by_name),
		CHECK_CASE(test_bitmap_walks_and_ranges),
		CHECK_CASE(test_hash_mixes),
	};

	return check_run("base/containers", cases, ARRAY_SIZE(cases));
}
