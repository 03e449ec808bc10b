/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

/* loop: waits for descriptors, timers and posted work, and calls back.
 *
 * Model    one iteration: posted work, due timers, hooks, wait, descriptors.  Timers are compared with
 *          clock_ms(), so the test clock drives them; hooks run once an iteration, for work that is gathered
 *          and done in one go.
 * Rules    I1 a callback may add, change, remove and destroy anything, itself included, except the loop.
 *          I2 after loop_fd_remove() and loop_timer_disarm() their callbacks are not called, not even for
 *          events that were already fetched.
 *          I3 timers due at the same time fire in the order in which they were armed.
 *          I4 a timer armed from a timer's callback fires in the next iteration at the earliest.
 * Owner    descriptors stay the caller's: remove from the loop first, then close.  A timer or work item lives
 *          in the caller's struct; a work item is the loop's from loop_post() until its callback starts.
 * Threads  the thread that runs the loop, except loop_post(), loop_wake() and loop_stop(): any.
 * Cost     O(log n) per timer change. */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"

struct loop;
struct loop_fd;

struct loop_timer {
	struct loop *loop;
	void (*cb)(void *aux);
	void *aux;
	int64_t due_ms; /* On clock_ms(). */
	uint64_t order; /* Tie break: when it was armed. */
	size_t slot; /* Place in the heap plus 1; 0: not armed. */
};

struct loop_work {
	struct loop_work *next; /* The loop's. */
	void (*cb)(struct loop_work *work); /* May free 'work' or post it again. */
};

/* Aborts if the kernel refuses the descriptors. */
struct loop *loop_create(void) __attribute__((returns_nonnull, warn_unused_result));

/* Work that is still posted is not run.  Descriptors still registered are forgotten, not closed. */
void loop_destroy(struct loop *loop);

/* Calls 'cb' with the epoll events of 'fd' whenever any of 'events' (EPOLLIN...) holds; EPOLLERR and EPOLLHUP
 * always.  Returns: 0 and '*out', or -errno of epoll_ctl() and NULL. */
int loop_add_fd(struct loop *loop, int fd, uint32_t events, void (*cb)(void *aux, uint32_t events),
	void *aux, struct loop_fd **out) MUST_CHECK;

/* Changes what is waited for.  With no events the descriptor is taken out of epoll for the time being, so that
 * not even a hangup is reported. */
void loop_fd_modify(struct loop_fd *loop_fd, uint32_t events);

/* NULL is accepted.  Owner: 'loop_fd' is gone. */
void loop_fd_remove(struct loop_fd *loop_fd);

void loop_timer_init(struct loop_timer *timer, struct loop *loop, void (*cb)(void *aux), void *aux);

/* Arms or re-arms: to fire once in 'delay_ms', or when clock_ms() reaches 'due_ms'. */
void loop_timer_arm_ms(struct loop_timer *timer, int64_t delay_ms);
void loop_timer_arm_at(struct loop_timer *timer, int64_t due_ms);

/* Without effect if it is not armed. */
void loop_timer_disarm(struct loop_timer *timer);

static inline bool
loop_timer_is_armed(const struct loop_timer *timer)
{
	return timer->slot != 0;
}

/* Has the loop call work->cb(work) soon, in the order of posting.  'work' must not be posted already.
 * Role: any. */
void loop_post(struct loop *loop, struct loop_work *work);

/* Calls what was posted so far, now: for the end of those who post, whose items must not outlive them. */
void loop_run_posted(struct loop *loop);

/* Calls 'cb' once per iteration before the wait, in the order of addition. */
void loop_add_hook(struct loop *loop, void (*cb)(void *aux), void *aux);
void loop_remove_hook(struct loop *loop, void (*cb)(void *aux), void *aux);

/* Calls 'before' right before each wait and 'after' right after it: for a thread that must say that it is idle.
 * Both may be NULL. */
void loop_set_wait_hooks(struct loop *loop, void (*before)(void), void (*after)(void));

/* Runs one iteration; waits at most 'max_wait_ms', -1: as long as nothing happens; not at all if a timer fired
 * or posted work ran.  Blocks: so long. */
void loop_run_once(struct loop *loop, int max_wait_ms);

/* Runs iterations until loop_stop().  Blocks: so long. */
void loop_run(struct loop *loop);

/* Makes loop_run() return after this iteration, also one that starts later.  May be called by a signal
 * handler.  Role: any. */
void loop_stop(struct loop *loop);

/* Ends the present or next wait at once.  Role: any, signal handlers too. */
void loop_wake(struct loop *loop);

#endif /* BASE_LOOP_H */
