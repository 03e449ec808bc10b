/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the room stats: cells, counters of several threads, histograms, drop reasons, export. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "check.h"
#include "stats/cells.h"
#include "stats/counters.h"
#include "stats/drops.h"
#include "stats/export.h"
#include "stats/hist.h"

static void
test_cells_add_and_subtract(void)
{
	_Atomic uint64_t c = 0;
	_Atomic uint32_t c32 = UINT32_MAX;

	cell_add(&c, 5);
	cell_add(&c, UINT64_C(1) << 40);
	cell_sub(&c, 3);
	CU_ASSERT_EQUAL(cell_get(&c), (UINT64_C(1) << 40) + 2);
	cell_add32(&c32, 2);
	CU_ASSERT_EQUAL(atomic_load(&c32), 1);
}

enum {
	N_THREADS = 4,
	N_ROUNDS = 20,
	N_ADDS = 2000
};

static struct counters counters;
static _Atomic int n_running;

static void *
counting_main(void *aux UNUSED)
{
	for (int round = 0; round < N_ROUNDS; round++) {
		struct counters_block *block = counters_attach(&counters);

		for (int i = 0; i < N_ADDS; i++) {
			counters_add(block, 0, 1);
			counters_add(block, 2, 3);
		}
		counters_detach(&counters, block);
	}
	atomic_fetch_sub(&n_running, 1);
	return NULL;
}

static void
test_counters_never_fall_and_lose_nothing(void)
{
	pthread_t threads[N_THREADS];
	uint64_t last = 0, values[3];
	int n_fallen = 0;

	counters_init(&counters, 3);
	atomic_store(&n_running, N_THREADS);
	for (int i = 0; i < N_THREADS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, counting_main, NULL), 0);
	while (atomic_load(&n_running) > 0) {
		uint64_t now = counters_read(&counters, 0);

		n_fallen += now < last;
		last = now;
		sched_yield();
	}
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	CU_ASSERT_EQUAL(n_fallen, 0);
	counters_read_all(&counters, values);
	CU_ASSERT_EQUAL(values[0], N_THREADS * N_ROUNDS * N_ADDS);
	CU_ASSERT_EQUAL(values[1], 0);
	CU_ASSERT_EQUAL(values[2], 3 * N_THREADS * N_ROUNDS * N_ADDS);
	counters_detach(&counters, NULL);
	counters_uninit(&counters);
}

static void
test_counters_sum_living_blocks(void)
{
	struct counters_block *a, *b;
	struct counters c;

	counters_init(&c, 2);
	a = counters_attach(&c);
	b = counters_attach(&c);
	CU_ASSERT_EQUAL((uintptr_t)a->cells % SLUICE_CACHE_LINE, 0);
	counters_add(a, 1, 10);
	counters_add(b, 1, 5);
	CU_ASSERT_EQUAL(counters_read(&c, 0), 0);
	CU_ASSERT_EQUAL(counters_read(&c, 1), 15);
	counters_detach(&c, a);
	CU_ASSERT_EQUAL(counters_read(&c, 1), 15);
	counters_add(b, 1, 1);
	CU_ASSERT_EQUAL(counters_read(&c, 1), 16);
	counters_detach(&c, b);
	counters_uninit(&c);
}

static void
test_hist_buckets_double(void)
{
	CU_ASSERT_EQUAL(hist_bucket(0), 0);
	CU_ASSERT_EQUAL(hist_bucket(1), 1);
	CU_ASSERT_EQUAL(hist_bucket(UINT64_MAX), 64);
	for (unsigned int i = 1; i < HIST_BUCKETS; i++) {
		CU_ASSERT_EQUAL(hist_bucket(hist_bucket_max(i)), i);
		CU_ASSERT_EQUAL(hist_bucket(hist_bucket_max(i - 1) + 1), i);
	}
}

static void
test_hist_quantiles(void)
{
	static struct hist a, b;
	struct hist_sum sum = { .n = 0 };

	CU_ASSERT_EQUAL(hist_sum_quantile(&sum, 500), 0);
	CU_ASSERT_EQUAL(hist_sum_mean(&sum), 0);
	for (int i = 0; i < 90; i++)
		hist_add(&a, 10);
	for (int i = 0; i < 10; i++)
		hist_add(&b, 1000);
	hist_sum_add(&sum, &a);
	hist_sum_add(&sum, &b);
	CU_ASSERT_EQUAL(sum.n, 100);
	CU_ASSERT_EQUAL(hist_sum_mean(&sum), 109);
	CU_ASSERT_EQUAL(hist_sum_quantile(&sum, 0), 15);
	CU_ASSERT_EQUAL(hist_sum_quantile(&sum, 900), 15);
	CU_ASSERT_EQUAL(hist_sum_quantile(&sum, 901), 1023);
	CU_ASSERT_EQUAL(hist_sum_quantile(&sum, 1000), 1023);
}

static void
test_drops_have_distinct_names(void)
{
	for (unsigned int i = 0; i < N_DROP_REASONS; i++) {
		CU_ASSERT(strlen(drop_reason_name(i)) > 0);
		CU_ASSERT(strlen(drop_reason_text(i)) > 0);
		for (unsigned int j = 0; j < i; j++)
			CU_ASSERT_STRING_NOT_EQUAL(drop_reason_name(i), drop_reason_name(j));
	}
	CU_ASSERT_STRING_EQUAL(drop_reason_name(DROP_NO_RULE), "no_rule");
	CU_ASSERT_STRING_EQUAL(drop_reason_name(N_DROP_REASONS), "unknown");
	CU_ASSERT_STRING_EQUAL(drop_reason_text(12345), "unknown");
}

static const struct export_sample samples[] = {
	{ "sluice.drops", "why \"packets\" end", true, { { "reason", "no_rule" } }, 7 },
	{ "sluice.drops", "why \"packets\" end", true,
		{ { "reason", "a\"b\\c\nd" }, { "port", "p0" } }, UINT64_MAX },
	{ "9ports", NULL, false, { { NULL, NULL } }, 2 },
};

static void
test_export_openmetrics_text(void)
{
	struct str out = STR_INIT;

	export_openmetrics(samples, ARRAY_SIZE(samples), &out);
	CU_ASSERT_STRING_EQUAL(str_cstr(&out),
		"# TYPE sluice_drops counter\n"
		"# HELP sluice_drops why \\\"packets\\\" end\n"
		"sluice_drops_total{reason=\"no_rule\"} 7\n"
		"sluice_drops_total{reason=\"a\\\"b\\\\c\\nd\",port=\"p0\"} 18446744073709551615\n"
		"# TYPE _ports gauge\n"
		"_ports 2\n"
		"# EOF\n");
	str_clear(&out);
	export_openmetrics(NULL, 0, &out);
	CU_ASSERT_STRING_EQUAL(str_cstr(&out), "# EOF\n");
	str_uninit(&out);
}

static void
test_export_json_objects(void)
{
	json_t *json = export_json(samples, ARRAY_SIZE(samples));
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	CU_ASSERT_STRING_EQUAL(text,
		"[{\"labels\":{\"reason\":\"no_rule\"},\"name\":\"sluice.drops\",\"value\":7},"
		"{\"labels\":{\"port\":\"p0\",\"reason\":\"a\\\"b\\\\c\\nd\"},"
		"\"name\":\"sluice.drops\",\"value\":9223372036854775807},"
		"{\"labels\":{},\"name\":\"9ports\",\"value\":2}]");
	free(text);
	json_decref(json);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_cells_add_and_subtract),
		CHECK_CASE(test_counters_never_fall_and_lose_nothing),
		CHECK_CASE(test_counters_sum_living_blocks),
		CHECK_CASE(test_hist_buckets_double),
		CHECK_CASE(test_hist_quantiles),
		CHECK_CASE(test_drops_have_distinct_names),
		CHECK_CASE(test_export_openmetrics_text),
		CHECK_CASE(test_export_json_objects),
	};

	return check_run("stats/stats", cases, ARRAY_SIZE(cases));
}
