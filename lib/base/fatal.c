/* SPDX-License-Identifier: Apache-2.0 */
/* fatal: the ends of the process, and the warning that is not one.  Everything goes through the log, which
 * writes to stderr as well unless the operator turned that off; abort() leaves a core. */

#include "base/fatal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_THIS LOG_main
#include "base/log.h"

void
fatal_bug(const char *file, int line, const char *text)
{
	static _Thread_local bool dying;

	/* The log itself may be what failed. */
	if (dying)
		abort();
	dying = true;
	fprintf(stderr, "%s:%d: bug: %s\n", file, line, text);
	LOG_EMER("%s:%d: bug: %s", file, line, text);
	abort();
}

void
fatal_exit(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_vwrite(LOG_THIS, LOG_LEVEL_EMER, fmt, args);
	va_end(args);
	exit(EXIT_FAILURE);
}

void
fatal_warn(const char *file, int line, const char *text)
{
	count_event(COUNT_warn_on);
	LOG_WARN("%s:%d: unexpected: %s (told once)", file, line, text);
}
