/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base/loop and base/clock.  The clock stands still but where a test moves it. */

#include "base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/random.h"
#include "check.h"

static struct loop *loop;
static char trace[256];

static void
note(void *text)
{
	strncat(trace, text, sizeof trace - strlen(trace) - 1);
}

static void
begin(void)
{
	clock_stop();
	loop = loop_create();
	trace[0] = '\0';
}

static void
end(void)
{
	loop_destroy(loop);
	loop = NULL;
}

static void
test_clock_stands_still(void)
{
	int64_t ms, ns, wall;

	clock_start();
	ms = clock_ms();
	CU_ASSERT(ms > 0);
	clock_stop();
	CU_ASSERT(clock_is_stopped());
	ms = clock_ms();
	ns = clock_ns();
	wall = clock_wall_ms();
	CU_ASSERT_EQUAL(ms, ns / 1000000);
	CU_ASSERT(wall > INT64_C(1577836800000));
	clock_warp_ms(1500);
	CU_ASSERT_EQUAL(clock_ms(), ms + 1500);
	CU_ASSERT_EQUAL(clock_ns(), ns + 1500000000);
	CU_ASSERT_EQUAL(clock_wall_ms(), wall + 1500);
	clock_start();
	CU_ASSERT(!clock_is_stopped());
	CU_ASSERT(clock_ms() < ms + 1500);
}

static void
test_loop_timers_fire_in_order(void)
{
	struct loop_timer a, b, c, d;

	begin();
	loop_timer_init(&a, loop, note, "a");
	loop_timer_init(&b, loop, note, "b");
	loop_timer_init(&c, loop, note, "c");
	loop_timer_init(&d, loop, note, "d");
	loop_timer_arm_ms(&b, 20);
	loop_timer_arm_ms(&a, 10);
	loop_timer_arm_ms(&c, 20);
	loop_timer_arm_at(&d, clock_ms() + 15);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "");
	clock_warp_ms(9);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "");
	clock_warp_ms(1);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "a");
	CU_ASSERT(!loop_timer_is_armed(&a));
	CU_ASSERT(loop_timer_is_armed(&b));
	clock_warp_ms(100);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "adbc");
	loop_timer_arm_ms(&a, 5);
	loop_timer_arm_ms(&a, 50);
	loop_timer_arm_ms(&b, 10);
	loop_timer_disarm(&b);
	loop_timer_disarm(&b);
	clock_warp_ms(20);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "adbc");
	clock_warp_ms(30);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "adbca");
	end();
}

struct periodic {
	struct loop_timer timer;
	int n;
};

static void
again(void *periodic_)
{
	struct periodic *p = periodic_;

	p->n++;
	loop_timer_arm_ms(&p->timer, 0);
}

static void
test_loop_timer_rearmed_fires_next_iteration(void)
{
	struct periodic p = { .n = 0 };

	begin();
	loop_timer_init(&p.timer, loop, again, &p);
	loop_timer_arm_ms(&p.timer, 0);
	for (int i = 1; i <= 3; i++) {
		loop_run_once(loop, -1);
		CU_ASSERT_EQUAL(p.n, i);
	}
	end();
}

static int64_t last_due;
static unsigned int n_fired;

static void
check_due(void *timer_)
{
	struct loop_timer *timer = timer_;

	CU_ASSERT(timer->due_ms >= last_due);
	CU_ASSERT(timer->due_ms <= clock_ms());
	last_due = timer->due_ms;
	n_fired++;
}

static void
test_loop_many_timers_sort(void)
{
	enum {
		N = 500
	};
	static struct loop_timer timers[N];
	unsigned int n_armed = 0;

	begin();
	random_seed(3);
	last_due = 0;
	n_fired = 0;
	for (int i = 0; i < N; i++) {
		loop_timer_init(&timers[i], loop, check_due, &timers[i]);
		loop_timer_arm_ms(&timers[i], random_range(200));
	}
	for (int i = 0; i < N; i++) {
		if (random_range(3) == 0)
			loop_timer_disarm(&timers[i]);
		else if (random_range(3) == 0)
			loop_timer_arm_ms(&timers[i], random_range(200));
	}
	for (int i = 0; i < N; i++)
		n_armed += loop_timer_is_armed(&timers[i]);
	for (int i = 0; i < 20; i++) {
		clock_warp_ms(10);
		loop_run_once(loop, 0);
	}
	CU_ASSERT_EQUAL(n_fired, n_armed);
	end();
}

static void
test_loop_wakes_for_a_timer(void)
{
	struct loop_timer a;
	int64_t start_ms;

	begin();
	clock_start();
	start_ms = clock_ms();
	loop_timer_init(&a, loop, note, "a");
	loop_timer_arm_ms(&a, 15);
	for (int i = 0; i < 1000 && loop_timer_is_armed(&a); i++)
		loop_run_once(loop, 5000);
	CU_ASSERT_STRING_EQUAL(trace, "a");
	CU_ASSERT(clock_ms() - start_ms >= 15);
	CU_ASSERT(clock_ms() - start_ms < 4000);
	end();
}

struct end_of_pair {
	int fd;
	struct loop_fd *loop_fd;
	struct end_of_pair *victim; /* Removed when this one is readable. */
	uint32_t events;
	int n;
};

static void
readable(void *end_, uint32_t events)
{
	struct end_of_pair *e = end_;

	e->n++;
	e->events = events;
	if (e->victim != NULL) {
		loop_fd_remove(e->victim->loop_fd);
		e->victim->loop_fd = NULL;
		e->victim = NULL;
	}
}

static void
add(struct end_of_pair *e, int fd, uint32_t events)
{
	*e = (struct end_of_pair){ .fd = fd };
	CU_ASSERT_EQUAL(loop_add_fd(loop, fd, events, readable, e, &e->loop_fd), 0);
	CU_ASSERT_PTR_NOT_NULL(e->loop_fd);
}

static void
test_loop_reports_descriptors(void)
{
	struct end_of_pair e;
	int fds[2];

	begin();
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	add(&e, fds[0], EPOLLIN);
	loop_run_once(loop, 0);
	CU_ASSERT_EQUAL(e.n, 0);
	CU_ASSERT_EQUAL(write(fds[1], "x", 1), 1);
	loop_run_once(loop, 1000);
	CU_ASSERT_EQUAL(e.n, 1);
	CU_ASSERT_EQUAL(e.events, EPOLLIN);
	loop_fd_modify(e.loop_fd, EPOLLOUT);
	loop_run_once(loop, 1000);
	CU_ASSERT_EQUAL(e.n, 2);
	CU_ASSERT_EQUAL(e.events, EPOLLOUT);
	/* Waiting for nothing silences the hangup too. */
	loop_fd_modify(e.loop_fd, 0);
	close(fds[1]);
	loop_run_once(loop, 0);
	CU_ASSERT_EQUAL(e.n, 2);
	loop_fd_modify(e.loop_fd, EPOLLIN);
	loop_run_once(loop, 1000);
	CU_ASSERT_EQUAL(e.n, 3);
	CU_ASSERT_NOT_EQUAL(e.events & EPOLLHUP, 0);
	loop_fd_remove(e.loop_fd);
	loop_fd_remove(NULL);
	loop_run_once(loop, 0);
	CU_ASSERT_EQUAL(e.n, 3);
	close(fds[0]);
	CU_ASSERT_EQUAL(loop_add_fd(loop, fds[0], EPOLLIN, readable, &e, &e.loop_fd), -EBADF);
	CU_ASSERT_PTR_NULL(e.loop_fd);
	end();
}

/* Both are readable in one wait; whichever is served first removes the other. */
static void
test_loop_removed_descriptor_stays_silent(void)
{
	struct end_of_pair a, b;
	int fds[2];

	begin();
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	CU_ASSERT_EQUAL(write(fds[0], "x", 1), 1);
	CU_ASSERT_EQUAL(write(fds[1], "x", 1), 1);
	add(&a, fds[0], EPOLLIN);
	add(&b, fds[1], EPOLLIN);
	a.victim = &b;
	b.victim = &a;
	loop_run_once(loop, 1000);
	CU_ASSERT_EQUAL(a.n + b.n, 1);
	/* The one that was served removes itself. */
	if (a.n == 1)
		a.victim = &a;
	else
		b.victim = &b;
	loop_run_once(loop, 1000);
	CU_ASSERT_EQUAL(a.n + b.n, 2);
	loop_run_once(loop, 0);
	CU_ASSERT_EQUAL(a.n + b.n, 2);
	close(fds[0]);
	close(fds[1]);
	end();
}

enum {
	N_POSTERS = 3,
	N_POSTS = 2000
};

struct post {
	struct loop_work work;
	int poster;
	int number;
};

static int next_number[N_POSTERS];
static int n_posted;

static void
posted(struct loop_work *work)
{
	struct post *p = CONTAINER_OF(work, struct post, work);

	CU_ASSERT_EQUAL(p->number, next_number[p->poster]);
	next_number[p->poster]++;
	n_posted++;
	free(p);
	if (n_posted == N_POSTERS * N_POSTS)
		loop_stop(loop);
}

static void *
poster_main(void *number)
{
	for (int i = 0; i < N_POSTS; i++) {
		struct post *p = xzalloc(sizeof *p);

		p->work.cb = posted;
		p->poster = (int)(intptr_t)number;
		p->number = i;
		loop_post(loop, &p->work);
	}
	return NULL;
}

static void
test_loop_post_from_threads_keeps_order(void)
{
	pthread_t threads[N_POSTERS];

	begin();
	clock_start();
	for (intptr_t i = 0; i < N_POSTERS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, poster_main, (void *)i), 0);
	loop_run(loop);
	for (int i = 0; i < N_POSTERS; i++) {
		pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(next_number[i], N_POSTS);
	}
	end();
}

static void
note_work(struct loop_work *work)
{
	note("work");
	work->next = NULL;
}

/* Who goes away runs what it posted, and nothing is left for the loop. */
static void
test_loop_run_posted_leaves_nothing(void)
{
	struct loop_work first = { .cb = note_work }, second = { .cb = note_work };

	begin();
	loop_run_posted(loop);
	CU_ASSERT_STRING_EQUAL(trace, "");
	loop_post(loop, &first);
	loop_post(loop, &second);
	loop_run_posted(loop);
	CU_ASSERT_STRING_EQUAL(trace, "workwork");
	loop_run_posted(loop);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "workwork");
	end();
}

static void
hook(void *text)
{
	note(text);
	if (strcmp(text, "1") == 0)
		loop_remove_hook(loop, hook, "2");
}

static void
test_loop_hooks_run_once_an_iteration(void)
{
	begin();
	loop_add_hook(loop, hook, "0");
	loop_run_once(loop, 0);
	loop_add_hook(loop, hook, "1");
	loop_add_hook(loop, hook, "2");
	loop_add_hook(loop, hook, "3");
	loop_run_once(loop, 0);
	loop_run_once(loop, 0);
	CU_ASSERT_STRING_EQUAL(trace, "0013013");
	end();
}

static void
test_loop_stop_before_run_returns(void)
{
	begin();
	loop_stop(loop);
	loop_run(loop);
	loop_wake(loop);
	loop_run_once(loop, -1);
	end();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_clock_stands_still),
		CHECK_CASE(test_loop_timers_fire_in_order),
		CHECK_CASE(test_loop_timer_rearmed_fires_next_iteration),
		CHECK_CASE(test_loop_many_timers_sort),
		CHECK_CASE(test_loop_wakes_for_a_timer),
		CHECK_CASE(test_loop_reports_descriptors),
		CHECK_CASE(test_loop_removed_descriptor_stays_silent),
		CHECK_CASE(test_loop_post_from_threads_keeps_order),
		CHECK_CASE(test_loop_run_posted_leaves_nothing),
		CHECK_CASE(test_loop_hooks_run_once_an_iteration),
		CHECK_CASE(test_loop_stop_before_run_returns),
	};

	return check_run("base/loop", cases, ARRAY_SIZE(cases));
}
