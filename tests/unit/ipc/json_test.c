/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ipc/json: limits, splitting at every byte, refusal of what peers should not send. */

#include "ipc/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "check.h"

static int
parse(const char *text, json_t **jsonp, struct err *err)
{
	return json_parse_string(text, NULL, jsonp, err);
}

/* Checks that 'text' is refused with 'error'. */
static void
check_refused(const char *text, size_t len, const struct json_limits *limits, int error)
{
	struct err err = ERR_INIT;
	json_t *json;

	CU_ASSERT_EQUAL(json_parse(text, len, limits, &json, &err), error);
	CU_ASSERT_PTR_NULL(json);
	CU_ASSERT_NOT_EQUAL(err.text[0], '\0');
}

static void
test_json_parse_accepts_values(void)
{
	static const char *const texts[] = { "{}", "[]", "1", "-9223372036854775808", "1.5",
		"\"x\"", "null", "true", " {\"a\" : [1, {\"b\": null}]} ",
		"\"\\u00e9\\ud83d\\ude00\"" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		json_t *json;

		CU_ASSERT_EQUAL(parse(texts[i], &json, NULL), 0);
		CU_ASSERT_PTR_NOT_NULL(json);
		json_decref(json);
	}
}

static void
test_json_parse_refuses_garbage(void)
{
	static const char *const texts[] = { "", " ", "{", "[1,]", "{\"a\":1,}",
		"{\"a\":1 \"b\":2}", "[1] x", "nul", "\"abc", "[\"\\x\"]", "\"\xff\"",
		"\"\xc0\x80\"", "\"\xed\xa0\x80\"", "{\"a\":1,\"a\":2}", "\"\\u0000\"",
		"99999999999999999999", "[1e999]", "{1:2}", "\"\\ud800\"", "'a'", "// c\n1" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		check_refused(texts[i], strlen(texts[i]), NULL, -EPROTO);
	check_refused("[\"a\0b\"]", 7, NULL, -EPROTO);
}

static void
test_json_error_tells_offset(void)
{
	struct err err = ERR_INIT;
	json_t *json;

	CU_ASSERT_EQUAL(parse("[1, 2, x]", &json, &err), -EPROTO);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "offset 8"));
}

static void
test_json_parse_keeps_limits(void)
{
	struct json_limits limits = { .max_bytes = 20, .max_values = 8, .max_depth = 3 };
	json_t *json;

	CU_ASSERT_EQUAL(json_parse("[[[1]]]", 7, &limits, &json, NULL), 0);
	json_decref(json);
	check_refused("[[[[1]]]]", 9, &limits, -EMSGSIZE);
	check_refused("[1,1,1,1,1,1,1,1,1]", 19, &limits, -EMSGSIZE);
	check_refused("[\"aaaaaaaaaaaaaaaaa\"]", 21, &limits, -EMSGSIZE);
	CU_ASSERT_EQUAL(json_parse("[\"[[[[,,,,,,,\"]", 15, &limits, &json, NULL), 0);
	json_decref(json);
}

static void
test_json_parse_bounds_depth_by_default(void)
{
	size_t n = 100000;
	char *text = malloc(n);
	struct json_limits limits = { .max_depth = 1000000 };

	memset(text, '[', n);
	check_refused(text, n, NULL, -EMSGSIZE);
	check_refused(text, n, &limits, -EMSGSIZE);
	free(text);
}

/* Feeds 'text' in pieces of 'step' bytes and prints the values that come out into 'out'. */
static int
feed_in_steps(const char *text, size_t step, struct str *out)
{
	size_t len = strlen(text);
	struct json_stream stream;
	int error = 0;

	json_stream_init(&stream, NULL);
	for (size_t i = 0; i < len && error == 0; i += step) {
		size_t n = len - i < step ? len - i : step;
		size_t off = 0;

		while (off < n && error == 0) {
			json_t *json;
			size_t used;

			error = json_stream_feed(
				&stream, text + i + off, n - off, &used, &json, NULL);
			off += used;
			if (json != NULL) {
				json_format_to(json, JSON_FORMAT_SORTED, out);
				str_putc(out, '\n');
				json_decref(json);
			}
		}
	}
	if (error == 0 && json_stream_is_partial(&stream))
		error = 1;
	json_stream_uninit(&stream);
	return error;
}

static void
test_json_stream_splits_at_every_byte(void)
{
	static const char text[] =
		" {\"b\":[1,{\"x\":\"]}\\\"{[\\\\\"}],\"a\":{}} [ ]\n{\"k\":\"\xc3\xa9\"}[[]]";
	static const char expected[] =
		"{\"a\":{},\"b\":[1,{\"x\":\"]}\\\"{[\\\\\"}]}\n[]\n{\"k\":\"\xc3\xa9\"}\n[[]]\n";

	for (size_t step = 1; step <= sizeof text; step++) {
		struct str out = STR_INIT;

		CU_ASSERT_EQUAL(feed_in_steps(text, step, &out), 0);
		CU_ASSERT_STRING_EQUAL(str_cstr(&out), expected);
		str_uninit(&out);
	}
}

static void
test_json_stream_refuses_garbage_at_every_cut(void)
{
	static const char *const texts[] = { "x", "{} 1", "[] \"a\"", "{]", "[}{\"a\":1}" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		for (size_t step = 1; step < 5; step++) {
			struct str out = STR_INIT;

			CU_ASSERT_EQUAL(feed_in_steps(texts[i], step, &out), -EPROTO);
			str_uninit(&out);
		}
	}
}

static void
test_json_stream_bounds_memory(void)
{
	struct json_limits limits = { .max_bytes = 1000 };
	struct json_stream stream;
	char chunk[100];
	size_t fed = 0;
	int error;

	memset(chunk, 'a', sizeof chunk);
	memcpy(chunk, "[\"", 2);
	json_stream_init(&stream, &limits);
	do {
		json_t *json;
		size_t used;

		error = json_stream_feed(&stream, chunk, sizeof chunk, &used, &json, NULL);
		memset(chunk, 'a', sizeof chunk);
		fed += used;
	} while (error == 0 && fed < 100000);
	CU_ASSERT_EQUAL(error, -EMSGSIZE);
	CU_ASSERT_TRUE(stream.alloc <= 2 * limits.max_bytes);
	json_stream_uninit(&stream);
}

static void
test_json_stream_needs_no_end_of_file(void)
{
	struct json_stream stream;
	json_t *json;
	size_t used;

	json_stream_init(&stream, NULL);
	CU_ASSERT_EQUAL(json_stream_feed(&stream, "[1][", 4, &used, &json, NULL), 0);
	CU_ASSERT_EQUAL(used, 3);
	CU_ASSERT_FALSE(json_stream_is_partial(&stream));
	json_decref(json);
	CU_ASSERT_EQUAL(json_stream_feed(&stream, "[", 1, &used, &json, NULL), 0);
	CU_ASSERT_PTR_NULL(json);
	CU_ASSERT_TRUE(json_stream_is_partial(&stream));
	json_stream_uninit(&stream);
}

static void
test_json_format_is_compact_or_pretty(void)
{
	json_t *json = json_pack("{s:i, s:[b]}", "b", 1, "a", 1);
	char *sorted = json_format(json, JSON_FORMAT_SORTED);
	char *pretty = json_format(json, JSON_FORMAT_SORTED | JSON_FORMAT_PRETTY);

	CU_ASSERT_STRING_EQUAL(sorted, "{\"a\":[true],\"b\":1}");
	CU_ASSERT_STRING_EQUAL(pretty, "{\n  \"a\": [\n    true\n  ],\n  \"b\": 1\n}");
	free(sorted);
	free(pretty);
	json_decref(json);
}

static void
test_json_from_text_replaces_bad_utf8(void)
{
	json_t *good = json_from_text("\xc3\xa9");
	json_t *bad = json_from_text("a\xff\xfe");

	CU_ASSERT_STRING_EQUAL(json_string_value(good), "\xc3\xa9");
	CU_ASSERT_STRING_EQUAL(json_string_value(bad), "a??");
	json_decref(good);
	json_decref(bad);
}

static void
test_json_parse_file_reads_and_reports(void)
{
	char path[] = "/tmp/sluice-json-XXXXXX";
	struct err err = ERR_INIT;
	int fd = mkstemp(path);
	json_t *json;

	CU_ASSERT_EQUAL(write(fd, "{\"a\": 1}\n", 9), 9);
	close(fd);
	CU_ASSERT_EQUAL(json_parse_file(path, NULL, &json, NULL), 0);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json, "a")), 1);
	json_decref(json);
	unlink(path);
	CU_ASSERT_EQUAL(json_parse_file(path, NULL, &json, &err), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, path));
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_json_parse_accepts_values),
		CHECK_CASE(test_json_parse_refuses_garbage),
		CHECK_CASE(test_json_error_tells_offset),
		CHECK_CASE(test_json_parse_keeps_limits),
		CHECK_CASE(test_json_parse_bounds_depth_by_default),
		CHECK_CASE(test_json_stream_splits_at_every_byte),
		CHECK_CASE(test_json_stream_refuses_garbage_at_every_cut),
		CHECK_CASE(test_json_stream_bounds_memory),
		CHECK_CASE(test_json_stream_needs_no_end_of_file),
		CHECK_CASE(test_json_format_is_compact_or_pretty),
		CHECK_CASE(test_json_from_text_replaces_bad_utf8),
		CHECK_CASE(test_json_parse_file_reads_and_reports),
	};

	return check_run("ipc/json", cases, sizeof cases / sizeof cases[0]);
}
