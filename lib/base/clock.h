/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* clock: the time, which tests can stop and push.
 *
 * Model    one monotonic clock for intervals and one wall clock for people.  clock_stop() freezes both;
 *          from then on only clock_warp_ms() moves them, together.
 * Threads  any.  A warp is seen by other threads at their next reading. */

#include <stdbool.h>
#include <stdint.h>

/* Monotonic time since an unknown start, never 0. */
int64_t clock_ms(void);
int64_t clock_ns(void);

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

/* Freezes the time; without effect when it is frozen already.  For tests. */
void clock_stop(void);

/* Lets the time run again, from the real clock. */
void clock_start(void);

/* Moves the frozen time forward; the clock must be stopped. */
void clock_warp_ms(int64_t ms);

bool clock_is_stopped(void);

#endif /* BASE_CLOCK_H */
