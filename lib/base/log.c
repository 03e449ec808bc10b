/* SPDX-License-Identifier: Apache-2.0 */
/* log: formats lines and sends them to the three destinations.  One mutex orders everything: lines are rare by
 * rule, and a line must reach all destinations with one sequence number. */

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/err.h"
#include "base/log_priv.h"
#include "base/mutex.h"
#include "base/str.h"

#define LOG_LINE_MAX 4096 /* Bytes of a line with everything. */
#define LOG_LIMIT_BURST 5
#define LOG_LIMIT_MS 1000

/* Levels at the start. */
#define LOG_LEVEL_DEFAULT LOG_LEVEL_INFO

static struct mutex log_mutex = MUTEX_INITIALIZER;

/* All of these: log_mutex. */
static uint8_t levels[N_LOG_MODULES][N_LOG_DESTS] GUARDED_BY(log_mutex) = {
#define X(NAME) [LOG_##NAME] = { LOG_LEVEL_DEFAULT, LOG_LEVEL_DEFAULT, LOG_LEVEL_DEFAULT },
	LOG_MODULES(X)
#undef X
};
static uint32_t sequence GUARDED_BY(log_mutex);
static char *file_path GUARDED_BY(log_mutex);
static int file_fd GUARDED_BY(log_mutex) = -1;
static bool has_syslog GUARDED_BY(log_mutex);

/* Never below WARN, because those lines are counted whether they are shown or not. */
_Atomic uint8_t log_wanted[N_LOG_MODULES] = {
#define X(NAME) [LOG_##NAME] = LOG_LEVEL_DEFAULT,
	LOG_MODULES(X)
#undef X
};
static _Atomic uint64_t n_lines[N_LOG_LEVELS];

static const char *const module_names[N_LOG_MODULES] = {
#define X(NAME) [LOG_##NAME] = #NAME,
	LOG_MODULES(X)
#undef X
};
static const char *const level_names[N_LOG_LEVELS] = { "OFF", "EMER", "ERR", "WARN", "INFO",
	"DBG" };
static const char *const dest_names[N_LOG_DESTS] = { "console", "syslog", "file" };

/* Appends to the 'len' characters in 'line'.  Returns: the new length. */
static size_t PRINTF_FORMAT(3, 4) put(char *line, size_t len, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line + len, LOG_LINE_MAX - len, fmt, args);
	va_end(args);
	return n > 0 ? MIN(len + (size_t)n, (size_t)LOG_LINE_MAX - 1) : len;
}

/* Appends 'text' to the 'len' characters in 'line', control characters made visible.  A text that does not
 * fit ends in "...".  Returns: the new length; room for '\n' and NUL is kept. */
static size_t
put_escaped(char *line, size_t len, const char *text)
{
	const size_t limit = LOG_LINE_MAX - sizeof "...\n";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (len + 4 > limit) {
			memcpy(line + len, "...", 3);
			return len + 3;
		}
		if (c == '\n')
			len = put(line, len, "\\n");
		else if (c == '\t')
			len = put(line, len, "\\t");
		else if (c < 0x20 || c == 0x7f)
			len = put(line, len, "\\x%02x", c);
		else
			line[len++] = *text;
	}
	return len;
}

static size_t
put_time(char *line)
{
	int64_t now_ms = clock_wall_ms();
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(line, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	return put(line, len, ".%03dZ", (int)(now_ms % 1000));
}

static void
write_fd(int fd, const char *line, size_t len)
{
	ssize_t n;

	do {
		n = write(fd, line, len);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)len)
		count_event(COUNT_log_failed);
}

/* Writes the message 'text' to the destinations that want it. */
static void
emit(enum log_module module, enum log_level level, const char *text) REQUIRES(log_mutex)
{
	const uint8_t *wanted = levels[module];
	char line[LOG_LINE_MAX];
	size_t len, after_time;

	sequence = (sequence + 1) % 100000;
	len = put_time(line);
	after_time = len + 1;
	len = put(line, len, "|%05u|%s|%s|", sequence, module_names[module], level_names[level]);
	len = put_escaped(line, len, text);
	if (has_syslog && level <= wanted[LOG_DEST_SYSLOG]) {
		line[len] = '\0';
		log_syslog_write((int)level, line + after_time);
	}
	line[len++] = '\n';
	if (level <= wanted[LOG_DEST_CONSOLE])
		write_fd(STDERR_FILENO, line, len);
	if (file_fd >= 0 && level <= wanted[LOG_DEST_FILE])
		write_fd(file_fd, line, len);
}

/* The message as a string in 'text' of LOG_LINE_MAX bytes, cut if need be. */
static void PRINTF_FORMAT(2, 0) format(char *text, const char *fmt, va_list args)
{
	if (vsnprintf(text, LOG_LINE_MAX, fmt, args) < 0)
		memcpy(text, "unprintable message", sizeof "unprintable message");
}

void
log_vwrite(enum log_module module, enum log_level level, const char *fmt, va_list args)
{
	int saved_errno = errno;
	char text[LOG_LINE_MAX];

	format(text, fmt, args);
	atomic_fetch_add_explicit(&n_lines[level], 1, memory_order_relaxed);
	mutex_lock(&log_mutex);
	emit(module, level, text);
	mutex_unlock(&log_mutex);
	errno = saved_errno;
}

void
log_write(enum log_module module, enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_vwrite(module, level, fmt, args);
	va_end(args);
}

/* Takes a token.  Returns: whether there was one. */
static bool
admit(struct log_limit *limit) REQUIRES(log_mutex)
{
	int64_t now_ms = clock_ms();
	int64_t gained = (now_ms - limit->refilled_ms) / LOG_LIMIT_MS;

	if (limit->refilled_ms == 0 || gained >= LOG_LIMIT_BURST) {
		limit->tokens = LOG_LIMIT_BURST;
		limit->refilled_ms = now_ms;
	} else if (gained > 0) {
		limit->tokens = MIN(limit->tokens + (uint32_t)gained, (uint32_t)LOG_LIMIT_BURST);
		limit->refilled_ms += gained * LOG_LIMIT_MS;
	}
	if (limit->tokens > 0) {
		limit->tokens--;
		return true;
	}
	if (limit->n_suppressed++ == 0)
		limit->first_suppressed_ms = now_ms;
	count_event(COUNT_log_suppressed);
	return false;
}

void
log_write_limited(
	struct log_limit *limit, enum log_module module, enum log_level level, const char *fmt, ...)
{
	int saved_errno = errno;
	char text[LOG_LINE_MAX];
	va_list args;

	atomic_fetch_add_explicit(&n_lines[level], 1, memory_order_relaxed);
	mutex_lock(&log_mutex);
	if (admit(limit)) {
		va_start(args, fmt);
		format(text, fmt, args);
		va_end(args);
		if (limit->n_suppressed > 0) {
			size_t len = strlen(text);

			snprintf(text + len, sizeof text - len,
				" (%u similar lines left out in the last %lld s)",
				limit->n_suppressed,
				(long long)((clock_ms() - limit->first_suppressed_ms + 999)
					/ 1000));
			limit->n_suppressed = 0;
		}
		emit(module, level, text);
	}
	mutex_unlock(&log_mutex);
	errno = saved_errno;
}

/* Returns: the index of 'word' among 'n' names in any case, or -1. */
static int
find_name(const char *word, const char *const *names, int n)
{
	for (int i = 0; i < n; i++) {
		if (strcasecmp(word, names[i]) == 0)
			return i;
	}
	return -1;
}

static void
apply_level(int module, int dest, enum log_level level) REQUIRES(log_mutex)
{
	for (int m = 0; m < N_LOG_MODULES; m++) {
		uint8_t wanted = LOG_LEVEL_WARN;

		for (int d = 0; d < N_LOG_DESTS; d++) {
			if ((module == -1 || module == m) && (dest == -1 || dest == d))
				levels[m][d] = (uint8_t)level;
			wanted = MAX(wanted, levels[m][d]);
		}
		atomic_store_explicit(&log_wanted[m], wanted, memory_order_relaxed);
	}
}

/* What the words of a level specification say; -1: all, or not said. */
struct level_spec {
	int module;
	int dest;
	int level;
};

static int
parse_word(struct level_spec *spec, const char *word, struct err *err)
{
	int found;

	if (strcasecmp(word, "any") == 0)
		return 0;
	found = find_name(word, level_names, N_LOG_LEVELS);
	if (found >= 0) {
		if (spec->level >= 0) {
			err_set(err, "%s: a second level", word);
			return -EINVAL;
		}
		spec->level = found;
		return 0;
	}
	found = find_name(word, dest_names, N_LOG_DESTS);
	if (found >= 0) {
		if (spec->dest >= 0) {
			err_set(err, "%s: a second destination", word);
			return -EINVAL;
		}
		spec->dest = found;
		return 0;
	}
	if (strcasecmp(word, "pattern") == 0 || strcasecmp(word, "facility") == 0) {
		err_set(err, "%s: log lines have a fixed form here", word);
		return -EINVAL;
	}
	found = find_name(word, module_names, N_LOG_MODULES);
	if (found < 0) {
		err_set(err, "no destination, level, or module \"%s\"", word);
		return -ENOENT;
	}
	if (spec->module >= 0) {
		err_set(err, "%s: a second module", word);
		return -EINVAL;
	}
	spec->module = found;
	return 0;
}

int
log_set_level(const char *text, struct err *err)
{
	struct level_spec spec = { -1, -1, -1 };
	char *copy = xstrdup(text);
	char *state = NULL;
	int error = 0;

	for (char *word = strtok_r(copy, " :,\t", &state); word != NULL && error == 0;
		word = strtok_r(NULL, " :,\t", &state))
		error = parse_word(&spec, word, err);
	free(copy);
	if (error != 0)
		return error;
	mutex_lock(&log_mutex);
	apply_level(spec.module, spec.dest,
		spec.level >= 0 ? (enum log_level)spec.level : LOG_LEVEL_DBG);
	mutex_unlock(&log_mutex);
	return 0;
}

enum log_level
log_get_level(enum log_module module, enum log_dest dest)
{
	enum log_level level;

	mutex_lock(&log_mutex);
	level = (enum log_level)levels[module][dest];
	mutex_unlock(&log_mutex);
	return level;
}

int
log_open_file(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	if (fd < 0)
		return err_errno(err, -errno, "log file %s", path);
	mutex_lock(&log_mutex);
	if (file_fd >= 0)
		close(file_fd);
	file_fd = fd;
	free(file_path);
	file_path = xstrdup(path);
	mutex_unlock(&log_mutex);
	return 0;
}

int
log_reopen_file(struct err *err)
{
	char *path = log_file_path();
	int error;

	if (path == NULL) {
		err_set(err, "no log file is open");
		return -ENOENT;
	}
	error = log_open_file(path, err);
	free(path);
	return error;
}

void
log_close_file(void)
{
	mutex_lock(&log_mutex);
	if (file_fd >= 0)
		close(file_fd);
	file_fd = -1;
	free(file_path);
	file_path = NULL;
	mutex_unlock(&log_mutex);
}

char *
log_file_path(void)
{
	char *path;

	mutex_lock(&log_mutex);
	path = file_path != NULL ? xstrdup(file_path) : NULL;
	mutex_unlock(&log_mutex);
	return path;
}

void
log_open_syslog(const char *ident)
{
	mutex_lock(&log_mutex);
	log_syslog_open(ident);
	has_syslog = true;
	mutex_unlock(&log_mutex);
}

static int
compare_modules(const void *a_, const void *b_)
{
	const int *a = a_;
	const int *b = b_;

	return strcmp(module_names[*a], module_names[*b]);
}

char *
log_list_levels(void)
{
	struct str out = STR_INIT;
	int order[N_LOG_MODULES];

	for (int i = 0; i < N_LOG_MODULES; i++)
		order[i] = i;
	qsort(order, N_LOG_MODULES, sizeof order[0], compare_modules);
	str_puts(&out, "                 console    syslog    file\n");
	str_puts(&out, "                 -------    ------    ------\n");
	mutex_lock(&log_mutex);
	for (int i = 0; i < N_LOG_MODULES; i++) {
		const uint8_t *l = levels[order[i]];

		str_printf(&out, "%-16s  %4s       %4s       %4s\n", module_names[order[i]],
			level_names[l[LOG_DEST_CONSOLE]], level_names[l[LOG_DEST_SYSLOG]],
			level_names[l[LOG_DEST_FILE]]);
	}
	mutex_unlock(&log_mutex);
	return str_steal(&out);
}

uint64_t
log_count_at_least(enum log_level level)
{
	uint64_t n = 0;

	for (int i = LOG_LEVEL_EMER; i <= (int)level; i++)
		n += atomic_load_explicit(&n_lines[i], memory_order_relaxed);
	return n;
}

const char *
log_module_name(enum log_module module)
{
	return module_names[module];
}

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

const char *
log_dest_name(enum log_dest dest)
{
	return dest_names[dest];
}
