/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FATAL_H
#define BASE_FATAL_H

/* fatal: what to do when the impossible happens.
 *
 * Model    BUG_ON: impossible and unsafe to continue.  WARN_ON_ONCE: impossible but survivable.  COUNT_IF:
 *          possible, rare and worth knowing.  None of them is an answer to input.
 * Threads  any.  COUNT_IF may stand on the packet path; the others must not fire there. */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/count.h"

/* Tells 'text' and the place on the log and on stderr, then aborts. */
void fatal_bug(const char *file, int line, const char *text) NO_RETURN;

/* The same for what the operating system refuses at start: exits with status 1. */
void fatal_exit(const char *fmt, ...) PRINTF_FORMAT(1, 2) NO_RETURN;

/* Logs a survivable impossibility at WARN.  For WARN_ON_ONCE. */
void fatal_warn(const char *file, int line, const char *text);

#define BUG_ON(COND)                                          \
	do {                                                  \
		if (UNLIKELY(COND))                           \
			fatal_bug(__FILE__, __LINE__, #COND); \
	} while (0)

/* Its value is the condition's. */
#define WARN_ON_ONCE(COND)                                                                     \
	__extension__({                                                                        \
		static atomic_flag warned_ = ATOMIC_FLAG_INIT;                                 \
		bool cond_ = (COND);                                                           \
                                                                                               \
		if (UNLIKELY(cond_)                                                            \
			&& !atomic_flag_test_and_set_explicit(&warned_, memory_order_relaxed)) \
			fatal_warn(__FILE__, __LINE__, #COND);                                 \
		cond_;                                                                         \
	})

/* Counts the event 'NAME' of base/count.h if 'COND' holds.  Its value is the condition's. */
#define COUNT_IF(COND, NAME)                       \
	__extension__({                            \
		bool cond_ = (COND);               \
                                                   \
		if (UNLIKELY(cond_))               \
			count_event(COUNT_##NAME); \
		cond_;                             \
	})

#endif /* BASE_FATAL_H */
