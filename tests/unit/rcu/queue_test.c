/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of rcu/mpsc and rcu/ring: order per producer, nothing lost, nothing twice. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

#include "check.h"
#include "rcu/mpsc.h"
#include "rcu/ring.h"

enum {
	N_PRODUCERS = 3,
	N_ITEMS = 20000
};

struct item {
	struct mpsc_node node;
	int producer;
	int number;
};

static struct item items[N_PRODUCERS][N_ITEMS];
static struct mpsc_queue queue;
static struct ring ring;

static void
number_items(void)
{
	for (int p = 0; p < N_PRODUCERS; p++) {
		for (int i = 0; i < N_ITEMS; i++) {
			items[p][i].producer = p;
			items[p][i].number = i;
		}
	}
}

static void
test_mpsc_is_first_in_first_out(void)
{
	struct mpsc_queue q;
	struct mpsc_node a, b, c;

	mpsc_init(&q);
	CU_ASSERT_PTR_NULL(mpsc_pop(&q));
	CU_ASSERT(mpsc_push(&q, &a));
	CU_ASSERT(!mpsc_push(&q, &b));
	CU_ASSERT_PTR_EQUAL(mpsc_pop(&q), &a);
	CU_ASSERT(mpsc_push(&q, &c));
	CU_ASSERT_PTR_EQUAL(mpsc_pop(&q), &b);
	CU_ASSERT_PTR_EQUAL(mpsc_pop(&q), &c);
	CU_ASSERT_PTR_NULL(mpsc_pop(&q));
}

static void *
mpsc_producer(void *number)
{
	for (int i = 0; i < N_ITEMS; i++)
		(void)mpsc_push(&queue, &items[(intptr_t)number][i].node);
	return NULL;
}

static void *
ring_producer(void *number)
{
	for (int i = 0; i < N_ITEMS; i++) {
		while (!ring_push(&ring, &items[(intptr_t)number][i]))
			sched_yield();
	}
	return NULL;
}

static struct item *
mpsc_take(void)
{
	struct mpsc_node *node = mpsc_pop(&queue);

	return node != NULL ? CONTAINER_OF(node, struct item, node) : NULL;
}

static struct item *
ring_take(void)
{
	return ring_pop(&ring);
}

/* Takes all that the producers put, and checks the order of each of them. */
static void
run(void *(*producer)(void *), struct item *(*take)(void))
{
	pthread_t threads[N_PRODUCERS];
	int next[N_PRODUCERS] = { 0 };
	int n = 0, n_disordered = 0;

	number_items();
	for (intptr_t i = 0; i < N_PRODUCERS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, producer, (void *)i), 0);
	while (n < N_PRODUCERS * N_ITEMS) {
		const struct item *item = take();

		if (item == NULL) {
			sched_yield();
			continue;
		}
		n_disordered += item->number != next[item->producer];
		next[item->producer] = item->number + 1;
		n++;
	}
	for (int i = 0; i < N_PRODUCERS; i++) {
		pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(next[i], N_ITEMS);
	}
	CU_ASSERT_EQUAL(n_disordered, 0);
	CU_ASSERT_PTR_NULL(take());
}

static void
test_mpsc_keeps_order_of_each_producer(void)
{
	mpsc_init(&queue);
	run(mpsc_producer, mpsc_take);
}

static void
test_ring_refuses_when_full(void)
{
	int x[9];

	ring_init(&ring, 8);
	CU_ASSERT_PTR_NULL(ring_pop(&ring));
	for (int lap = 0; lap < 5; lap++) {
		for (int i = 0; i < 8; i++)
			CU_ASSERT(ring_push(&ring, &x[i]));
		CU_ASSERT(!ring_push(&ring, &x[8]));
		CU_ASSERT_EQUAL(ring_count(&ring), 8);
		CU_ASSERT_PTR_EQUAL(ring_pop(&ring), &x[0]);
		CU_ASSERT(ring_push(&ring, &x[8]));
		for (int i = 1; i <= 8; i++)
			CU_ASSERT_PTR_EQUAL(ring_pop(&ring), &x[i]);
		CU_ASSERT_PTR_NULL(ring_pop(&ring));
		CU_ASSERT_EQUAL(ring_count(&ring), 0);
	}
	ring_uninit(&ring);
}

static void
test_ring_keeps_order_of_each_producer(void)
{
	ring_init(&ring, 64);
	run(ring_producer, ring_take);
	ring_uninit(&ring);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_mpsc_is_first_in_first_out),
		CHECK_CASE(test_mpsc_keeps_order_of_each_producer),
		CHECK_CASE(test_ring_refuses_when_full),
		CHECK_CASE(test_ring_keeps_order_of_each_producer),
	};

	return check_run("rcu/queue", cases, ARRAY_SIZE(cases));
}
