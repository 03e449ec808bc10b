/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base/log, by what arrives in a log file. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_THIS LOG_bridge
#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "check.h"

static char dir[] = "/tmp/sluice-log-XXXXXX";
static char *path;

/* Reads a file.  Returns: its text, until the next call. */
static char *
read_text(const char *file)
{
	static char text[65536];
	char *data;
	size_t len;

	CU_ASSERT_EQUAL_FATAL(fs_read_file(file, sizeof text - 1, &data, &len, NULL), 0);
	memcpy(text, data, len + 1);
	free(data);
	return text;
}

/* The text of the log file so far, which is then emptied. */
static char *
take(void)
{
	char *text = read_text(path);

	CU_ASSERT_EQUAL(truncate(path, 0), 0);
	return text;
}

/* The rest of the line after its sequence number, without the newline. */
static const char *
after_sequence(char *line)
{
	char *p = strchr(line, '|');

	p = p != NULL ? strchr(p + 1, '|') : NULL;
	if (p == NULL)
		return line;
	p[strcspn(p, "\n")] = '\0';
	return p + 1;
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
test_log_line_has_five_parts(void)
{
	unsigned int sequence = 0, next = 0;
	char *text;
	int n = 0;

	(void)take();
	LOG_WARN("port %s: %d errors", "p0", 3);
	text = take();
	CU_ASSERT_EQUAL(sscanf(text,
				"%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ|%5u|bridge|WARN|port p0: 3 "
				"errors\n%n",
				&sequence, &n),
		1);
	CU_ASSERT_EQUAL((size_t)n, strlen(text));
	CU_ASSERT_EQUAL(strcspn(text, "|"), strlen("2026-11-20T23:20:01.123Z"));
	CU_ASSERT_EQUAL(strcspn(text + 25, "|"), 5);
	LOG_ERR("x");
	text = take();
	CU_ASSERT_EQUAL(sscanf(text, "%*[^|]|%u|", &next), 1);
	CU_ASSERT_EQUAL(next, sequence + 1);
	CU_ASSERT_STRING_EQUAL(after_sequence(text), "bridge|ERR|x");
}

static void
test_log_one_message_is_one_line(void)
{
	char big[9000];
	char *text;

	LOG_INFO("a\nb\tc\x1b[0m%s", "\r");
	text = take();
	CU_ASSERT_STRING_EQUAL(after_sequence(text), "bridge|INFO|a\\nb\\tc\\x1b[0m\\x0d");
	memset(big, '\n', sizeof big);
	big[sizeof big - 1] = '\0';
	LOG_INFO("%s", big);
	text = take();
	CU_ASSERT_EQUAL(count_lines(text), 1);
	CU_ASSERT(strlen(text) <= 4096);
	CU_ASSERT_STRING_EQUAL(text + strlen(text) - 6, "\\n...\n");
	memset(big, 'x', sizeof big - 1);
	LOG_INFO("%s", big);
	text = take();
	CU_ASSERT_STRING_EQUAL(text + strlen(text) - 5, "x...\n");
}

static void
test_log_levels_filter(void)
{
	char *text;

	LOG_DBG("hidden");
	CU_ASSERT_EQUAL(log_set_level("bridge:file:dbg", NULL), 0);
	LOG_DBG("shown");
	text = take();
	CU_ASSERT_STRING_EQUAL(after_sequence(text), "bridge|DBG|shown");
	CU_ASSERT_EQUAL(log_set_level("off,FILE", NULL), 0);
	LOG_ERR("hidden");
	text = take();
	CU_ASSERT_STRING_EQUAL(text, "");
	CU_ASSERT_EQUAL(log_set_level("any:file:info", NULL), 0);
}

static void
test_log_set_level_any_order(void)
{
	struct err err = ERR_INIT;

	CU_ASSERT_EQUAL(log_set_level("file warn BRIDGE", &err), 0);
	CU_ASSERT_EQUAL(log_get_level(LOG_bridge, LOG_DEST_FILE), LOG_LEVEL_WARN);
	CU_ASSERT_EQUAL(log_get_level(LOG_port, LOG_DEST_FILE), LOG_LEVEL_INFO);
	CU_ASSERT_EQUAL(log_set_level("err", &err), 0);
	CU_ASSERT_EQUAL(log_get_level(LOG_port, LOG_DEST_SYSLOG), LOG_LEVEL_ERR);
	CU_ASSERT_EQUAL(log_set_level("ANY:ANY:emer", &err), 0);
	CU_ASSERT_EQUAL(log_get_level(LOG_bridge, LOG_DEST_FILE), LOG_LEVEL_EMER);
	CU_ASSERT_EQUAL(log_set_level("port", &err), 0);
	CU_ASSERT_EQUAL(log_get_level(LOG_port, LOG_DEST_FILE), LOG_LEVEL_DBG);
	CU_ASSERT_EQUAL(log_get_level(LOG_bridge, LOG_DEST_FILE), LOG_LEVEL_EMER);
	CU_ASSERT_EQUAL(log_set_level("nonesuch:file:dbg", &err), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "no destination, level, or module \"nonesuch\"");
	CU_ASSERT_EQUAL(log_set_level("info:dbg", &err), -EINVAL);
	CU_ASSERT_EQUAL(log_set_level("file:console", &err), -EINVAL);
	CU_ASSERT_EQUAL(log_set_level("PATTERN:file:%m", &err), -EINVAL);
	CU_ASSERT_EQUAL(log_get_level(LOG_bridge, LOG_DEST_FILE), LOG_LEVEL_EMER);
	CU_ASSERT_EQUAL(log_set_level("info", NULL), 0);
	CU_ASSERT_EQUAL(log_set_level("console:off", NULL), 0);
}

static void
test_log_lists_levels(void)
{
	char *text;

	CU_ASSERT_EQUAL(log_set_level("mac_table:syslog:err", NULL), 0);
	text = log_list_levels();
	CU_ASSERT_EQUAL(strncmp(text,
				"                 console    syslog    file\n"
				"                 -------    ------    ------\n"
				"action",
				94),
		0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nmac_table          OFF        ERR       INFO\n"));
	CU_ASSERT_EQUAL(count_lines(text), N_LOG_MODULES + 2);
	free(text);
	CU_ASSERT_EQUAL(log_set_level("syslog:info", NULL), 0);
}

static void
limited(int i)
{
	LOG_WARN_RL("storm %d", i);
}

static void
test_log_limits_rate(void)
{
	char *text;

	clock_stop();
	for (int i = 0; i < 20; i++)
		limited(i);
	text = take();
	CU_ASSERT_EQUAL(count_lines(text), 5);
	CU_ASSERT_PTR_NULL(strstr(text, "left out"));
	clock_warp_ms(999);
	limited(20);
	text = take();
	CU_ASSERT_STRING_EQUAL(text, "");
	clock_warp_ms(1);
	limited(21);
	limited(22);
	text = take();
	CU_ASSERT_EQUAL(count_lines(text), 1);
	CU_ASSERT_STRING_EQUAL(after_sequence(text),
		"bridge|WARN|storm 21 (16 similar lines left out in the last 1 s)");
	clock_warp_ms(60000);
	for (int i = 0; i < 20; i++)
		limited(i);
	text = take();
	CU_ASSERT_EQUAL(count_lines(text), 5);
	clock_start();
}

static void
test_log_counts_by_level(void)
{
	uint64_t err = log_count_at_least(LOG_LEVEL_ERR);
	uint64_t warn = log_count_at_least(LOG_LEVEL_WARN);
	uint64_t info = log_count_at_least(LOG_LEVEL_INFO);

	CU_ASSERT_EQUAL(log_set_level("off", NULL), 0);
	LOG_ERR("a");
	LOG_WARN("b");
	LOG_WARN("c");
	CU_ASSERT_EQUAL(log_set_level("file:info", NULL), 0);
	LOG_INFO("d");
	CU_ASSERT_EQUAL(log_count_at_least(LOG_LEVEL_ERR), err + 1);
	CU_ASSERT_EQUAL(log_count_at_least(LOG_LEVEL_WARN), warn + 3);
	CU_ASSERT_EQUAL(log_count_at_least(LOG_LEVEL_INFO), info + 4);
	(void)take();
}

static void
test_log_reopens_after_rotation(void)
{
	struct err err = ERR_INIT;
	char *rotated = xasprintf("%s.1", path);
	char *text, *now;

	CU_ASSERT_EQUAL(rename(path, rotated), 0);
	LOG_INFO("old");
	CU_ASSERT_EQUAL(log_reopen_file(&err), 0);
	LOG_INFO("new");
	text = read_text(rotated);
	CU_ASSERT_STRING_EQUAL(after_sequence(text), "bridge|INFO|old");
	text = take();
	CU_ASSERT_STRING_EQUAL(after_sequence(text), "bridge|INFO|new");
	now = log_file_path();
	CU_ASSERT_STRING_EQUAL(now, path);
	free(now);
	CU_ASSERT_EQUAL(log_open_file("/nonexistent/dir/x.log", &err), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/nonexistent/dir/x.log"));
	log_close_file();
	CU_ASSERT_EQUAL(log_reopen_file(&err), -ENOENT);
	unlink(rotated);
	free(rotated);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_log_line_has_five_parts),
		CHECK_CASE(test_log_one_message_is_one_line),
		CHECK_CASE(test_log_levels_filter),
		CHECK_CASE(test_log_set_level_any_order),
		CHECK_CASE(test_log_lists_levels),
		CHECK_CASE(test_log_limits_rate),
		CHECK_CASE(test_log_counts_by_level),
		CHECK_CASE(test_log_reopens_after_rotation),
	};
	struct err err = ERR_INIT;
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	path = fs_join(dir, "test.log");
	if (log_open_file(path, &err) != 0 || log_set_level("console:off", &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	failed = check_run("base/log", cases, ARRAY_SIZE(cases));
	unlink(path);
	rmdir(dir);
	free(path);
	return failed;
}
