/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of rcu/cmap: against an array of flags, and with readers that look for elements which never leave while
 * the writer makes the map grow. */

#include "rcu/cmap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/random.h"
#include "check.h"
#include "rcu/rcu.h"

struct item {
	struct cmap_node node;
	uint32_t key;
	uint32_t check; /* ~key while it lives. */
};

static uint32_t
key_hash(uint32_t key)
{
	/* Some collide fully. */
	return hash_u32(key / 2, 0);
}

static struct item *
item_create(uint32_t key)
{
	struct item *item = xzalloc(sizeof *item);

	item->key = key;
	item->check = ~key;
	return item;
}

static void
item_free(void *item_)
{
	struct item *item = item_;

	item->check = item->key;
	free(item);
}

static struct item *
find(const struct cmap *map, uint32_t key)
{
	struct item *item;

	CMAP_FOREACH_HASH(item, node, key_hash(key), map)
	{
		if (item->key == key)
			return item;
	}
	return NULL;
}

static size_t
count(const struct cmap *map)
{
	struct item *item;
	size_t n = 0;

	CMAP_FOREACH(item, node, map)
		n += item->check == ~item->key;
	return n;
}

static void
test_cmap_agrees_with_array(void)
{
	enum {
		N = 1000
	};
	bool present[N] = { false };
	struct item *item;
	struct cmap map;
	size_t n = 0;

	rcu_init();
	rcu_thread_register("test");
	random_seed(5);
	cmap_init(&map);
	for (int step = 0; step < 20000; step++) {
		uint32_t key = random_range(step < 4000 ? N / 10 : N);

		item = find(&map, key);
		if ((item != NULL) != present[key])
			CU_FAIL_FATAL("lookup differs; seed 5");
		if (item != NULL) {
			cmap_remove(&map, &item->node);
			rcu_retire(item, item_free);
		} else {
			cmap_insert(&map, &item_create(key)->node, key_hash(key));
		}
		present[key] = !present[key];
		n += present[key] ? 1 : (size_t)-1;
		if (step % 10 == 0)
			rcu_quiesce();
		if (step % 100 == 0) {
			(void)rcu_reclaim();
			CU_ASSERT_EQUAL(count(&map), n);
		}
	}
	CU_ASSERT_EQUAL(cmap_count(&map), n);
	CMAP_FOREACH(item, node, &map) {
		cmap_remove(&map, &item->node);
		rcu_retire(item, item_free);
	}
	CU_ASSERT_EQUAL(cmap_count(&map), 0);
	CU_ASSERT_EQUAL(count(&map), 0);
	cmap_uninit(&map);
	rcu_uninit();
}

/* A walk that began before several growths sees what was there all the time: the chains that it follows are
 * not rewritten before its next quiescent state. */
static void
test_cmap_walk_survives_growth(void)
{
	enum {
		N_FIRST = 32,
		N_ALL = 5000
	};
	unsigned int n_seen = 0;
	struct cmap_cursor cursor;
	struct item *item;
	struct cmap map;

	rcu_init();
	rcu_thread_register("test");
	cmap_init(&map);
	for (uint32_t key = 0; key < N_FIRST; key += 2)
		cmap_insert(&map, &item_create(key)->node, key_hash(key));
	cursor = cmap_first(&map);
	for (uint32_t key = N_FIRST; key < N_ALL; key++) {
		cmap_insert(&map, &item_create(key)->node, key_hash(key));
		(void)rcu_reclaim();
	}
	for (; cursor.node != NULL; cmap_next(&cursor)) {
		item = CMAP_ENTRY(cursor, item, node);
		n_seen += item->key < N_FIRST;
	}
	CU_ASSERT_EQUAL(n_seen, N_FIRST / 2);
	/* The growth that was put off happens later. */
	rcu_quiesce();
	(void)rcu_reclaim();
	cmap_insert(&map, &item_create(N_ALL)->node, key_hash(N_ALL));
	CU_ASSERT(atomic_load(&map.array)->mask > 31);
	CU_ASSERT_EQUAL(count(&map), N_ALL + 1 - N_FIRST / 2);
	CMAP_FOREACH(item, node, &map) {
		cmap_remove(&map, &item->node);
		rcu_retire(item, item_free);
	}
	rcu_barrier();
	cmap_uninit(&map);
	rcu_uninit();
}

enum {
	N_STAYING = 24,
	N_PASSING = 1500,
	N_ROUNDS = 12,
	N_READERS = 3
};

static _Atomic(struct cmap *) current;
static _Atomic bool must_stop;
static _Atomic uint32_t n_ready;
static _Atomic uint64_t n_missed, n_damaged, n_short_walks;

static void *
reader_main(void *aux UNUSED)
{
	uint64_t missed = 0, damaged = 0, short_walks = 0, round = 0;

	rcu_thread_register("reader");
	random_seed((uint32_t)(uintptr_t)&missed);
	while (!atomic_load_explicit(&must_stop, memory_order_relaxed)) {
		const struct cmap *map = atomic_load_explicit(&current, memory_order_acquire);
		uint32_t key = random_range(N_STAYING + N_PASSING);
		const struct item *item = find(map, key);

		missed += key < N_STAYING && item == NULL;
		damaged += item != NULL && item->check != ~key;
		missed += find(map, key % N_STAYING) == NULL;
		if (++round % 32 == 0) {
			unsigned int n_staying = 0;

			CMAP_FOREACH(item, node, map) {
				n_staying += item->key < N_STAYING;
				damaged += item->check != ~item->key;
			}
			short_walks += n_staying < N_STAYING;
		}
		if (round == 1)
			atomic_fetch_add(&n_ready, 1);
		rcu_quiesce();
	}
	rcu_thread_unregister();
	atomic_fetch_add(&n_missed, missed);
	atomic_fetch_add(&n_damaged, damaged);
	atomic_fetch_add(&n_short_walks, short_walks);
	return NULL;
}

static struct cmap *
map_create(void)
{
	struct cmap *map = xmalloc(sizeof *map);

	cmap_init(map);
	for (uint32_t key = 0; key < N_STAYING; key++)
		cmap_insert(map, &item_create(key)->node, key_hash(key));
	return map;
}

/* No reader may be left. */
static void
map_destroy(struct cmap *map)
{
	struct item *item;

	CMAP_FOREACH(item, node, map) {
		cmap_remove(map, &item->node);
		rcu_retire(item, item_free);
	}
	rcu_barrier();
	cmap_uninit(map);
	free(map);
}

/* Grows and empties the current map while readers look. */
static void
churn(struct cmap *map)
{
	for (uint32_t key = N_STAYING; key < N_STAYING + N_PASSING; key++) {
		cmap_insert(map, &item_create(key)->node, key_hash(key));
		if (key % 7 == 0) {
			struct item *item = find(map, key);

			cmap_remove(map, &item->node);
			rcu_retire(item, item_free);
		}
		if (key % 16 == 0)
			(void)rcu_reclaim();
		if (key % 64 == 0)
			sched_yield();
	}
	for (uint32_t key = N_STAYING; key < N_STAYING + N_PASSING; key++) {
		struct item *item = find(map, key);

		if (item != NULL) {
			cmap_remove(map, &item->node);
			rcu_retire(item, item_free);
		}
	}
}

static void
test_cmap_readers_miss_nothing_while_it_grows(void)
{
	pthread_t threads[N_READERS];
	uint32_t mask = 0;

	rcu_init();
	atomic_store(&current, map_create());
	for (int i = 0; i < N_READERS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, reader_main, NULL), 0);
	while (atomic_load(&n_ready) < N_READERS)
		sched_yield();
	for (int i = 0; i < N_ROUNDS; i++) {
		struct cmap *map = atomic_load(&current);

		churn(map);
		mask = MAX(mask, atomic_load(&map->array)->mask);
		atomic_store_explicit(&current, map_create(), memory_order_release);
		rcu_synchronize();
		map_destroy(map);
	}
	atomic_store(&must_stop, true);
	for (int i = 0; i < N_READERS; i++)
		pthread_join(threads[i], NULL);
	CU_ASSERT_EQUAL(atomic_load(&n_missed), 0);
	CU_ASSERT_EQUAL(atomic_load(&n_damaged), 0);
	CU_ASSERT_EQUAL(atomic_load(&n_short_walks), 0);
	/* It did grow, more than once. */
	CU_ASSERT(mask >= 8 * 4 * 4 - 1);
	map_destroy(atomic_load(&current));
	CU_ASSERT_EQUAL(rcu_n_retired(), 0);
	rcu_uninit();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_cmap_agrees_with_array),
		CHECK_CASE(test_cmap_walk_survives_growth),
		CHECK_CASE(test_cmap_readers_miss_nothing_while_it_grows),
	};

	return check_run("rcu/cmap", cases, ARRAY_SIZE(cases));
}
