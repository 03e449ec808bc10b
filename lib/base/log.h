/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* log: lines for operators, per module and level, to console, syslog and file.
 *
 * Model    a .c file defines LOG_THIS as its module (LOG_port...) before it includes this header and calls
 *          LOG_ERR, LOG_WARN, LOG_INFO or LOG_DBG; with _RL where an outside party can trigger the line.
 *          A line is "2026-11-20T23:20:01.123Z|00001|port|WARN|text".
 *          Each module has a level per destination; more verbose lines are left out there.
 * Rules    I1 a message is one line: control characters are written as \n, \t, \xNN.
 *          I2 sequence numbers count the lines of a run (modulo 100000): a gap in one destination means that
 *          the line went elsewhere or nowhere.
 *          I3 a _RL site lets 5 lines pass at once and 1 more per second; the next line that passes
 *          tells how many were left out.
 * Life     console works from the start; log_open_syslog() and log_open_file() add the others.
 * Threads  any, but no pmd on the packet path. */

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/log_modules.h"

struct err;

enum log_module {
#define X(NAME) LOG_##NAME,
	LOG_MODULES(X)
#undef X
	N_LOG_MODULES
};

enum log_level {
	LOG_LEVEL_OFF, /* As a limit: nothing passes. */
	LOG_LEVEL_EMER, /* The process ends. */
	LOG_LEVEL_ERR, /* The operator must act. */
	LOG_LEVEL_WARN, /* Degraded. */
	LOG_LEVEL_INFO, /* The state changed. */
	LOG_LEVEL_DBG, /* For developers. */
	N_LOG_LEVELS
};

enum log_dest {
	LOG_DEST_CONSOLE,
	LOG_DEST_SYSLOG,
	LOG_DEST_FILE,
	N_LOG_DESTS
};

/* The rate limit of one place in the code; all members belong to log.c's mutex. */
struct log_limit {
	int64_t refilled_ms; /* 0: never used. */
	uint32_t tokens; /* Lines that may pass now. */
	uint32_t n_suppressed; /* Left out since the last line that passed. */
	int64_t first_suppressed_ms;
};

/* The most verbose level that anybody wants of a module.  Written by log_set_level(). */
extern _Atomic uint8_t log_wanted[N_LOG_MODULES];

/* Whether a line would go anywhere: guards costly arguments. */
static inline bool
log_is_enabled(enum log_module module, enum log_level level)
{
	return level <= atomic_load_explicit(&log_wanted[module], memory_order_relaxed);
}

/* Writes a line.  Use the macros. */
void
log_write(enum log_module module, enum log_level level, const char *fmt, ...) PRINTF_FORMAT(3, 4);
void log_vwrite(enum log_module module, enum log_level level, const char *fmt, va_list args)
	PRINTF_FORMAT(3, 0);
void log_write_limited(struct log_limit *limit, enum log_module module, enum log_level level,
	const char *fmt, ...) PRINTF_FORMAT(4, 5);

#define LOG_AT(LEVEL, ...)                                       \
	do {                                                     \
		if (log_is_enabled(LOG_THIS, LEVEL))             \
			log_write(LOG_THIS, LEVEL, __VA_ARGS__); \
	} while (0)

#define LOG_AT_RL(LEVEL, ...)                                                         \
	do {                                                                          \
		static struct log_limit log_limit_;                                   \
                                                                                      \
		if (log_is_enabled(LOG_THIS, LEVEL))                                  \
			log_write_limited(&log_limit_, LOG_THIS, LEVEL, __VA_ARGS__); \
	} while (0)

#define LOG_EMER(...) LOG_AT(LOG_LEVEL_EMER, __VA_ARGS__)
#define LOG_ERR(...) LOG_AT(LOG_LEVEL_ERR, __VA_ARGS__)
#define LOG_WARN(...) LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define LOG_INFO(...) LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define LOG_DBG(...) LOG_AT(LOG_LEVEL_DBG, __VA_ARGS__)
#define LOG_ERR_RL(...) LOG_AT_RL(LOG_LEVEL_ERR, __VA_ARGS__)
#define LOG_WARN_RL(...) LOG_AT_RL(LOG_LEVEL_WARN, __VA_ARGS__)
#define LOG_INFO_RL(...) LOG_AT_RL(LOG_LEVEL_INFO, __VA_ARGS__)
#define LOG_DBG_RL(...) LOG_AT_RL(LOG_LEVEL_DBG, __VA_ARGS__)

/* Applies "[module|ANY] [console|syslog|file|ANY] [level|off]" in any order, separated by ':', ',' or blanks;
 * a part left out means all modules, all destinations, "dbg".  Returns: 0; -ENOENT: a module is unknown (a
 * command line option lets that pass, a command reports it); -EINVAL: anything else.  Nothing is changed
 * unless 0. */
int log_set_level(const char *spec, struct err *err) MUST_CHECK;

enum log_level log_get_level(enum log_module module, enum log_dest dest);

/* Begins to append to 'path', in place of the present file.  Returns: 0 or -errno; then nothing changes. */
int log_open_file(const char *path, struct err *err) MUST_CHECK;

/* Opens the file of log_open_file() anew, after rotation.  Returns: 0, -ENOENT if there is none, or -errno
 * and the old one stays. */
int log_reopen_file(struct err *err) MUST_CHECK;

/* Stops writing to a file. */
void log_close_file(void);

/* Returns: the path of the log file, or NULL.  Owner: the caller frees it. */
char *log_file_path(void) MUST_CHECK;

/* Begins to write to syslog under 'ident'. */
void log_open_syslog(const char *ident);

/* Returns: a table of all modules and levels, as "vlog/list" prints it.  Owner: the caller frees it. */
char *log_list_levels(void) MUST_CHECK;

/* Returns: how many lines of 'level' or worse were logged since the start, shown or not. */
uint64_t log_count_at_least(enum log_level level);

/* Names: "port", "WARN", "console". */
const char *log_module_name(enum log_module module);
const char *log_level_name(enum log_level level);
const char *log_dest_name(enum log_dest dest);

#endif /* BASE_LOG_H */
