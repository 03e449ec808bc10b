/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of rcu/rcu and rcu/vector: who is waited for, in which order things are freed, and that no reader ever
 * sees freed memory. */

#include "rcu/rcu.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "check.h"
#include "rcu/vector.h"

static char freed[32];

static void
note_freed(void *text)
{
	strncat(freed, text, sizeof freed - strlen(freed) - 1);
}

static void
begin(void)
{
	rcu_init();
	freed[0] = '\0';
}

static void
test_rcu_retired_waits_for_online_reader(void)
{
	begin();
	rcu_thread_register("test");
	rcu_retire((char[]){ "a" }, note_freed);
	CU_ASSERT_EQUAL(rcu_reclaim(), 0);
	CU_ASSERT_EQUAL(rcu_n_retired(), 1);
	rcu_quiesce();
	rcu_retire((char[]){ "b" }, note_freed);
	CU_ASSERT_EQUAL(rcu_reclaim(), 1);
	CU_ASSERT_STRING_EQUAL(freed, "a");
	rcu_offline();
	CU_ASSERT_EQUAL(rcu_reclaim(), 1);
	CU_ASSERT_STRING_EQUAL(freed, "ab");
	/* To report while offline must not make it online. */
	rcu_quiesce();
	rcu_retire((char[]){ "c" }, note_freed);
	CU_ASSERT_EQUAL(rcu_reclaim(), 1);
	rcu_online();
	rcu_retire((char[]){ "d" }, note_freed);
	CU_ASSERT_EQUAL(rcu_reclaim(), 0);
	rcu_thread_unregister();
	CU_ASSERT_EQUAL(rcu_reclaim(), 1);
	CU_ASSERT_STRING_EQUAL(freed, "abcd");
	CU_ASSERT_EQUAL(rcu_n_retired(), 0);
	rcu_retire(NULL, note_freed);
	CU_ASSERT_EQUAL(rcu_n_retired(), 0);
	rcu_uninit();
}

static void
test_rcu_unregistered_thread_is_no_reader(void)
{
	begin();
	rcu_quiesce();
	rcu_online();
	rcu_offline();
	rcu_online();
	rcu_retire((char[]){ "a" }, note_freed);
	CU_ASSERT_EQUAL(rcu_reclaim(), 1);
	rcu_synchronize();
	rcu_barrier();
	rcu_uninit();
}

static void
test_rcu_barrier_by_a_reader_ends(void)
{
	begin();
	rcu_thread_register("test");
	rcu_retire((char[]){ "x" }, note_freed);
	rcu_retire((char[]){ "y" }, note_freed);
	rcu_retire((char[]){ "z" }, note_freed);
	rcu_barrier();
	CU_ASSERT_STRING_EQUAL(freed, "xyz");
	/* It is online again. */
	rcu_retire((char[]){ "w" }, note_freed);
	CU_ASSERT_EQUAL(rcu_reclaim(), 0);
	rcu_uninit();
	CU_ASSERT_STRING_EQUAL(freed, "xyzw");
	rcu_uninit();
}

static void
retire_another(void *text)
{
	static char two[] = "2";

	note_freed(text);
	rcu_retire(two, note_freed);
	CU_ASSERT_EQUAL(rcu_reclaim(), 0);
}

static void
test_rcu_callback_may_retire(void)
{
	static char one[] = "1";

	begin();
	rcu_retire(one, retire_another);
	rcu_uninit();
	CU_ASSERT_STRING_EQUAL(freed, "12");
}

static _Atomic bool callback_runs, callback_may_end, callback_ended;

static void
slow_callback(void *p UNUSED)
{
	atomic_store(&callback_runs, true);
	while (!atomic_load(&callback_may_end))
		sched_yield();
	atomic_store(&callback_ended, true);
}

static void *
reclaimer_main(void *aux UNUSED)
{
	(void)rcu_reclaim();
	return NULL;
}

static void *
barrier_main(void *endedp)
{
	rcu_barrier();
	*(bool *)endedp = atomic_load(&callback_ended);
	return NULL;
}

/* The object was already taken from the queue when the barrier begins, and its callback still runs. */
static void
test_rcu_barrier_waits_for_running_callback(void)
{
	pthread_t reclaimer, waiter;
	bool ended = false;

	begin();
	rcu_retire((char[]){ "a" }, slow_callback);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&reclaimer, NULL, reclaimer_main, NULL), 0);
	while (!atomic_load(&callback_runs))
		sched_yield();
	CU_ASSERT_EQUAL_FATAL(pthread_create(&waiter, NULL, barrier_main, &ended), 0);
	for (int i = 0; i < 1000; i++)
		sched_yield();
	atomic_store(&callback_may_end, true);
	pthread_join(waiter, NULL);
	pthread_join(reclaimer, NULL);
	CU_ASSERT(ended);
	rcu_uninit();
}

enum {
	ALIVE = 0x600d600d,
	DEAD = 0x0dead0de,
	N_READERS = 3,
	N_UPDATES = 30000
};

struct object {
	unsigned int magic;
};

static _Atomic(struct object *) published;
static struct vector objects;
static _Atomic bool must_stop;
static _Atomic uint64_t n_reads, n_bad;

static struct object *
object_create(void)
{
	struct object *o = xmalloc(sizeof *o);

	o->magic = ALIVE;
	return o;
}

static void
object_free(void *o_)
{
	struct object *o = o_;

	o->magic = DEAD;
	free(o);
}

static void *
reader_main(void *number)
{
	uint64_t reads = 0, bad = 0;

	rcu_thread_register("reader");
	while (!atomic_load_explicit(&must_stop, memory_order_relaxed)) {
		const struct object *o = atomic_load_explicit(&published, memory_order_acquire);
		const struct vector_array *a = vector_load(&objects);

		for (int i = 0; i < 5; i++)
			bad += o->magic != ALIVE;
		for (size_t i = 0; i < a->n; i++)
			bad += ((const struct object *)a->elems[i])->magic != ALIVE;
		if (++reads == 1)
			atomic_fetch_add(&n_reads, 1);
		if (reads % 64 == (uint64_t)(intptr_t)number) {
			rcu_offline();
			sched_yield();
			rcu_online();
		} else {
			rcu_quiesce();
		}
	}
	rcu_thread_unregister();
	atomic_fetch_add(&n_bad, bad);
	return NULL;
}

static void
test_rcu_readers_never_see_freed_memory(void)
{
	pthread_t threads[N_READERS];

	begin();
	vector_init(&objects);
	atomic_store(&published, object_create());
	for (intptr_t i = 0; i < N_READERS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, reader_main, (void *)i), 0);
	while (atomic_load(&n_reads) < N_READERS)
		sched_yield();
	for (int i = 0; i < N_UPDATES; i++) {
		struct object *old = atomic_exchange(&published, object_create());
		const struct vector_array *a = vector_load(&objects);

		rcu_retire(old, object_free);
		if (a->n < 4) {
			vector_append(&objects, object_create());
		} else {
			old = a->elems[(size_t)i % a->n];
			vector_remove(&objects, old);
			rcu_retire(old, object_free);
		}
		if (i % 16 == 0)
			(void)rcu_reclaim();
		if (i % 500 == 0)
			rcu_barrier();
	}
	atomic_store(&must_stop, true);
	for (int i = 0; i < N_READERS; i++)
		pthread_join(threads[i], NULL);
	CU_ASSERT_EQUAL(atomic_load(&n_bad), 0);
	rcu_barrier();
	CU_ASSERT_EQUAL(rcu_n_retired(), 0);
	free(atomic_load(&published));
	for (size_t i = 0; i < vector_load(&objects)->n; i++)
		free(vector_load(&objects)->elems[i]);
	vector_uninit(&objects);
	rcu_uninit();
}

static void
test_vector_old_arrays_stay_whole(void)
{
	const struct vector_array *before;
	struct vector v;
	int a, b, c;

	begin();
	rcu_thread_register("test");
	vector_init(&v);
	CU_ASSERT_EQUAL(vector_load(&v)->n, 0);
	vector_append(&v, &a);
	vector_append(&v, &b);
	before = vector_load(&v);
	vector_append(&v, &c);
	CU_ASSERT_PTR_EQUAL(vector_set(&v, 1, &a), &b);
	vector_remove(&v, &a);
	vector_remove(&v, &b);
	(void)rcu_reclaim();
	CU_ASSERT_EQUAL(before->n, 2);
	CU_ASSERT_PTR_EQUAL(before->elems[1], &b);
	CU_ASSERT_EQUAL(vector_load(&v)->n, 2);
	CU_ASSERT_PTR_EQUAL(vector_load(&v)->elems[0], &a);
	CU_ASSERT_PTR_EQUAL(vector_load(&v)->elems[1], &c);
	vector_uninit(&v);
	vector_uninit(NULL);
	rcu_uninit();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_rcu_retired_waits_for_online_reader),
		CHECK_CASE(test_rcu_unregistered_thread_is_no_reader),
		CHECK_CASE(test_rcu_barrier_by_a_reader_ends),
		CHECK_CASE(test_rcu_callback_may_retire),
		CHECK_CASE(test_rcu_barrier_waits_for_running_callback),
		CHECK_CASE(test_rcu_readers_never_see_freed_memory),
		CHECK_CASE(test_vector_old_arrays_stay_whole),
	};

	return check_run("rcu/rcu", cases, ARRAY_SIZE(cases));
}
