/* SPDX-License-Identifier: Apache-2.0 */
/* clock: reads the kernel's clocks, or the frozen ones of a test.  'stopped_ns' and 'stopped_wall_ms' are
 * written by the test before 'stopped' is released. */

#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

#include "base/fatal.h"

static _Atomic bool stopped;
static _Atomic int64_t stopped_ns;
static _Atomic int64_t stopped_wall_ms;

static int64_t
read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t
clock_ns(void)
{
	/* Pairs with the release in clock_stop(). */
	if (UNLIKELY(atomic_load_explicit(&stopped, memory_order_acquire)))
		return atomic_load_explicit(&stopped_ns, memory_order_relaxed);
	return read_ns(CLOCK_MONOTONIC);
}

int64_t
clock_ms(void)
{
	return clock_ns() / 1000000;
}

int64_t
clock_wall_ms(void)
{
	/* Pairs with the release in clock_stop(). */
	if (UNLIKELY(atomic_load_explicit(&stopped, memory_order_acquire)))
		return atomic_load_explicit(&stopped_wall_ms, memory_order_relaxed);
	return read_ns(CLOCK_REALTIME) / 1000000;
}

void
clock_stop(void)
{
	if (clock_is_stopped())
		return;
	atomic_store_explicit(&stopped_ns, read_ns(CLOCK_MONOTONIC), memory_order_relaxed);
	atomic_store_explicit(
		&stopped_wall_ms, read_ns(CLOCK_REALTIME) / 1000000, memory_order_relaxed);
	/* Pairs with the acquires in clock_ns() and clock_wall_ms(). */
	atomic_store_explicit(&stopped, true, memory_order_release);
}

void
clock_start(void)
{
	atomic_store_explicit(&stopped, false, memory_order_release);
}

void
clock_warp_ms(int64_t ms)
{
	BUG_ON(!clock_is_stopped() || ms < 0);
	atomic_fetch_add_explicit(&stopped_ns, ms * 1000000, memory_order_relaxed);
	atomic_fetch_add_explicit(&stopped_wall_ms, ms, memory_order_relaxed);
}

bool
clock_is_stopped(void)
{
	return atomic_load_explicit(&stopped, memory_order_relaxed);
}
