/* SPDX-License-Identifier: Apache-2.0 */
/* loop: the epoll loop.  Timers are a binary heap by due time, then by order of arming.  Posted work is a
 * lock-free stack that the loop takes whole and turns around; the first to post on an empty stack wakes the
 * loop through an eventfd. */

#include "base/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fatal.h"
#include "base/list.h"

#define LOOP_EVENTS 64 /* Descriptors served per iteration. */

struct loop_hook {
	void (*cb)(void *aux); /* NULL: removed while hooks run. */
	void *aux;
};

struct loop_fd {
	struct list node; /* In loop->fds or loop->dead_fds. */
	struct loop *loop;
	int fd;
	uint32_t events; /* What is waited for; 0: not in epoll. */
	bool is_dead; /* Removed, kept until fetched events are through. */
	void (*cb)(void *aux, uint32_t events);
	void *aux;
};

struct loop {
	int epoll_fd;
	int event_fd; /* In epoll_fd with data NULL. */
	struct list fds; /* struct loop_fd */
	struct list dead_fds;
	bool is_dispatching; /* Events are fetched and not all served. */
	struct loop_timer **heap; /* heap[i] has slot i + 1. */
	size_t n_timers;
	size_t alloc_timers;
	uint64_t order; /* Armings so far. */
	struct loop_hook *hooks;
	size_t n_hooks;
	size_t alloc_hooks;
	_Atomic(struct loop_work *) posted; /* Stack, newest first; any thread pushes. */
	void (*before_wait)(void);
	void (*after_wait)(void);
	_Atomic bool must_stop; /* Any thread sets, the loop clears. */
};

struct loop *
loop_create(void)
{
	struct loop *loop = xzalloc(sizeof *loop);
	struct epoll_event event = { .events = EPOLLIN };

	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		fatal_exit("cannot create an epoll descriptor: %s", strerror(errno));
	loop->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->event_fd < 0)
		fatal_exit("cannot create an event descriptor: %s", strerror(errno));
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->event_fd, &event) != 0)
		fatal_exit("cannot wait for an event descriptor: %s", strerror(errno));
	list_init(&loop->fds);
	list_init(&loop->dead_fds);
	return loop;
}

static void
free_fds(struct list *fds)
{
	while (!list_is_empty(fds))
		free(CONTAINER_OF(list_pop_front(fds), struct loop_fd, node));
}

void
loop_destroy(struct loop *loop)
{
	if (loop == NULL)
		return;
	for (size_t i = 0; i < loop->n_timers; i++)
		loop->heap[i]->slot = 0;
	free_fds(&loop->fds);
	free_fds(&loop->dead_fds);
	close(loop->event_fd);
	close(loop->epoll_fd);
	free(loop->heap);
	free(loop->hooks);
	free(loop);
}

static int
control(const struct loop_fd *lf, int op, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = (void *)(uintptr_t)lf };

	return epoll_ctl(lf->loop->epoll_fd, op, lf->fd, &event) == 0 ? 0 : -errno;
}

int
loop_add_fd(struct loop *loop, int fd, uint32_t events, void (*cb)(void *aux, uint32_t events),
	void *aux, struct loop_fd **out)
{
	struct loop_fd *lf = xzalloc(sizeof *lf);
	int error = 0;

	*out = NULL;
	lf->loop = loop;
	lf->fd = fd;
	lf->cb = cb;
	lf->aux = aux;
	if (events != 0)
		error = control(lf, EPOLL_CTL_ADD, events);
	if (error != 0) {
		free(lf);
		return error;
	}
	lf->events = events;
	list_push_back(&loop->fds, &lf->node);
	*out = lf;
	return 0;
}

void
loop_fd_modify(struct loop_fd *lf, uint32_t events)
{
	int op, error;

	if (events == lf->events)
		return;
	if (events == 0)
		op = EPOLL_CTL_DEL;
	else
		op = lf->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	error = control(lf, op, events);
	/* The kernel refuses descriptors that were closed first, against the rules. */
	(void)WARN_ON_ONCE(error != 0);
	lf->events = events;
}

void
loop_fd_remove(struct loop_fd *lf)
{
	if (lf == NULL)
		return;
	loop_fd_modify(lf, 0);
	list_remove(&lf->node);
	if (lf->loop->is_dispatching) {
		lf->is_dead = true;
		list_push_back(&lf->loop->dead_fds, &lf->node);
	} else {
		free(lf);
	}
}

static bool
fires_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void
heap_place(struct loop *loop, size_t i, struct loop_timer *timer)
{
	loop->heap[i] = timer;
	timer->slot = i + 1;
}

/* Moves the timer at 'i' to where its time belongs. */
static void
heap_fix(struct loop *loop, size_t i)
{
	struct loop_timer *timer = loop->heap[i];

	while (i > 0 && fires_before(timer, loop->heap[(i - 1) / 2])) {
		heap_place(loop, i, loop->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < loop->n_timers
			&& fires_before(loop->heap[child + 1], loop->heap[child]))
			child++;
		if (child >= loop->n_timers || !fires_before(loop->heap[child], timer))
			break;
		heap_place(loop, i, loop->heap[child]);
		i = child;
	}
	heap_place(loop, i, timer);
}

void
loop_timer_init(struct loop_timer *timer, struct loop *loop, void (*cb)(void *aux), void *aux)
{
	*timer = (struct loop_timer){ .loop = loop, .cb = cb, .aux = aux };
}

void
loop_timer_arm_ms(struct loop_timer *timer, int64_t delay_ms)
{
	loop_timer_arm_at(timer, clock_ms() + delay_ms);
}

void
loop_timer_arm_at(struct loop_timer *timer, int64_t due_ms)
{
	struct loop *loop = timer->loop;

	timer->due_ms = due_ms;
	timer->order = loop->order++;
	if (timer->slot == 0) {
		if (loop->n_timers == loop->alloc_timers)
			loop->heap = vec_grow(loop->heap, &loop->alloc_timers, sizeof *loop->heap);
		heap_place(loop, loop->n_timers++, timer);
	}
	heap_fix(loop, timer->slot - 1);
}

void
loop_timer_disarm(struct loop_timer *timer)
{
	struct loop *loop = timer->loop;
	size_t i = timer->slot - 1;
	struct loop_timer *last;

	if (timer->slot == 0)
		return;
	timer->slot = 0;
	last = loop->heap[--loop->n_timers];
	if (last != timer) {
		heap_place(loop, i, last);
		heap_fix(loop, i);
	}
}

void
loop_wake(struct loop *loop)
{
	static const uint64_t one = 1;
	ssize_t n = write(loop->event_fd, &one, sizeof one);

	/* It can only fail because the counter is full, and then the loop is awake. */
	(void)n;
}

void
loop_post(struct loop *loop, struct loop_work *work)
{
	struct loop_work *head = atomic_load_explicit(&loop->posted, memory_order_relaxed);

	do {
		work->next = head;
		/* The release pairs with the acquire in run_posted(). */
	} while (!atomic_compare_exchange_weak_explicit(
		&loop->posted, &head, work, memory_order_release, memory_order_relaxed));
	if (head == NULL)
		loop_wake(loop);
}

void
loop_add_hook(struct loop *loop, void (*cb)(void *aux), void *aux)
{
	if (loop->n_hooks == loop->alloc_hooks)
		loop->hooks = vec_grow(loop->hooks, &loop->alloc_hooks, sizeof *loop->hooks);
	loop->hooks[loop->n_hooks++] = (struct loop_hook){ cb, aux };
}

void
loop_remove_hook(struct loop *loop, void (*cb)(void *aux), void *aux)
{
	for (size_t i = 0; i < loop->n_hooks; i++) {
		if (loop->hooks[i].cb == cb && loop->hooks[i].aux == aux) {
			loop->hooks[i].cb = NULL;
			return;
		}
	}
}

static void
run_hooks(struct loop *loop)
{
	size_t n = loop->n_hooks;
	size_t kept = 0;

	/* By index: a hook may add hooks, which moves the array. */
	for (size_t i = 0; i < n; i++) {
		if (loop->hooks[i].cb != NULL)
			loop->hooks[i].cb(loop->hooks[i].aux);
	}
	for (size_t i = 0; i < loop->n_hooks; i++) {
		if (loop->hooks[i].cb != NULL)
			loop->hooks[kept++] = loop->hooks[i];
	}
	loop->n_hooks = kept;
}

/* Returns: whether there was any. */
static bool
run_posted(struct loop *loop)
{
	struct loop_work *work, *next;
	struct loop_work *in_order = NULL;

	if (atomic_load_explicit(&loop->posted, memory_order_relaxed) == NULL)
		return false;
	/* The acquire pairs with the release in loop_post(). */
	work = atomic_exchange_explicit(&loop->posted, NULL, memory_order_acquire);
	for (; work != NULL; work = next) {
		next = work->next;
		work->next = in_order;
		in_order = work;
	}
	for (work = in_order; work != NULL; work = next) {
		next = work->next;
		work->cb(work);
	}
	return true;
}

void
loop_run_posted(struct loop *loop)
{
	(void)run_posted(loop);
}

/* Returns: whether any fired. */
static bool
run_timers(struct loop *loop)
{
	int64_t now_ms = clock_ms();
	uint64_t limit = loop->order;
	bool fired = false;

	while (loop->n_timers > 0) {
		struct loop_timer *timer = loop->heap[0];

		if (timer->due_ms > now_ms || timer->order >= limit)
			break;
		loop_timer_disarm(timer);
		timer->cb(timer->aux);
		fired = true;
	}
	return fired;
}

static int
wait_ms(const struct loop *loop, int max_wait_ms)
{
	int64_t until_ms;

	if (atomic_load_explicit(&loop->must_stop, memory_order_relaxed))
		return 0;
	if (loop->n_timers == 0)
		return max_wait_ms;
	until_ms = MAX(loop->heap[0]->due_ms - clock_ms(), 0);
	if (max_wait_ms >= 0 && max_wait_ms < until_ms)
		return max_wait_ms;
	return (int)MIN(until_ms, 3600 * 1000);
}

static void
serve(struct loop *loop, const struct epoll_event *event)
{
	struct loop_fd *lf = event->data.ptr;
	uint32_t events;
	uint64_t count;

	if (lf == NULL) {
		ssize_t n = read(loop->event_fd, &count, sizeof count);

		/* Nothing to read: somebody else's wake-up was merged into an earlier one. */
		(void)n;
		return;
	}
	if (lf->is_dead || lf->events == 0)
		return;
	events = event->events & (lf->events | EPOLLERR | EPOLLHUP);
	if (events != 0)
		lf->cb(lf->aux, events);
}

void
loop_run_once(struct loop *loop, int max_wait_ms)
{
	struct epoll_event events[LOOP_EVENTS];
	bool worked;
	int n;

	BUG_ON(loop->is_dispatching);
	count_event(COUNT_loop_wakeup);
	worked = run_posted(loop);
	worked = run_timers(loop) || worked;
	run_hooks(loop);
	/* The caller may wait for what just happened. */
	if (worked)
		max_wait_ms = 0;
	if (loop->before_wait != NULL)
		loop->before_wait();
	n = epoll_wait(loop->epoll_fd, events, LOOP_EVENTS, wait_ms(loop, max_wait_ms));
	if (loop->after_wait != NULL)
		loop->after_wait();
	BUG_ON(n < 0 && errno != EINTR);
	loop->is_dispatching = true;
	for (int i = 0; i < n; i++)
		serve(loop, &events[i]);
	loop->is_dispatching = false;
	free_fds(&loop->dead_fds);
}

void
loop_set_wait_hooks(struct loop *loop, void (*before)(void), void (*after)(void))
{
	loop->before_wait = before;
	loop->after_wait = after;
}

void
loop_run(struct loop *loop)
{
	while (!atomic_exchange_explicit(&loop->must_stop, false, memory_order_acquire))
		loop_run_once(loop, -1);
}

void
loop_stop(struct loop *loop)
{
	/* Pairs with the acquire in loop_run(). */
	atomic_store_explicit(&loop->must_stop, true, memory_order_release);
	loop_wake(loop);
}
