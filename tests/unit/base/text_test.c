/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base's texts: str, err, uuid, alloc's strings and vectors, random. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/random.h"
#include "base/str.h"
#include "base/uuid.h"
#include "check.h"

static void
test_str_appends(void)
{
	struct str str = STR_INIT;
	char *text;

	CU_ASSERT_STRING_EQUAL(str_cstr(&str), "");
	str_puts(&str, "ab");
	str_putc(&str, 'c');
	str_put(&str, "defgh", 2);
	str_put_n(&str, '.', 3);
	str_printf(&str, "%d|%s", 42, "x");
	CU_ASSERT_STRING_EQUAL(str_cstr(&str), "abcde...42|x");
	CU_ASSERT_EQUAL(str.len, 12);
	CU_ASSERT(str_chomp(&str, 'x'));
	CU_ASSERT(!str_chomp(&str, 'x'));
	str_truncate(&str, 5);
	str_truncate(&str, 50);
	CU_ASSERT_STRING_EQUAL(str_cstr(&str), "abcde");
	text = str_steal(&str);
	CU_ASSERT_STRING_EQUAL(text, "abcde");
	CU_ASSERT_EQUAL(str.len, 0);
	free(text);
	text = str_steal(&str);
	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
	str_uninit(&str);
}

/* Every length around the sizes at which the buffer grows. */
static void
test_str_printf_grows(void)
{
	struct str str = STR_INIT;
	char expected[300];

	memset(expected, 'z', sizeof expected);
	for (size_t n = 0; n < 300; n++) {
		str_uninit(&str);
		str_printf(&str, "%.*s", (int)n, expected);
		CU_ASSERT_EQUAL(str.len, n);
		CU_ASSERT_EQUAL(strlen(str_cstr(&str)), n);
		str_printf(&str, "%.*s", (int)n, expected);
		CU_ASSERT_EQUAL(strlen(str_cstr(&str)), 2 * n);
	}
	str_clear(&str);
	CU_ASSERT_STRING_EQUAL(str_cstr(&str), "");
	str_uninit(&str);
}

static void
test_err_prefixes(void)
{
	struct err err = ERR_INIT;

	err_set(&err, "no such port");
	err_prefix(&err, "bridge %s", "br0");
	CU_ASSERT_STRING_EQUAL(err.text, "bridge br0: no such port");
	err_set(&err, "again: %s", err.text);
	CU_ASSERT_STRING_EQUAL(err.text, "again: bridge br0: no such port");
	CU_ASSERT_EQUAL(err_errno(&err, -ENOENT, "file %s", "x"), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "file x: No such file or directory");
	err_clear(&err);
	CU_ASSERT_STRING_EQUAL(err.text, "");
	err_set(NULL, "nobody %d", 1);
	err_prefix(NULL, "nobody");
	err_clear(NULL);
	CU_ASSERT_EQUAL(err_errno(NULL, -EIO, "nobody"), -EIO);
}

static void
test_err_cuts_visibly(void)
{
	struct err err = ERR_INIT;
	char text[600];

	memset(text, 'a', sizeof text);
	text[599] = '\0';
	err_set(&err, "%s", text);
	CU_ASSERT_EQUAL(strlen(err.text), sizeof err.text - 1);
	CU_ASSERT_STRING_EQUAL(err.text + sizeof err.text - 5, "a...");
	err_set(&err, "cause");
	text[505] = '\0';
	err_prefix(&err, "%s", text);
	CU_ASSERT_EQUAL(strlen(err.text), sizeof err.text - 1);
	CU_ASSERT_STRING_EQUAL(err.text + sizeof err.text - 4, "...");
	text[504] = '\0';
	err_set(&err, "cause");
	err_prefix(&err, "%s", text);
	CU_ASSERT_STRING_EQUAL(err.text + 504, ": cause");
}

static void
test_uuid_text_round_trip(void)
{
	const char *text = "0123abcd-4567-89ab-cdef-0123456789ab";
	char buf[UUID_LEN + 1];
	struct uuid uuid, same;

	CU_ASSERT(uuid_parse("0123ABCD-4567-89ab-cdef-0123456789AB", &uuid));
	CU_ASSERT_EQUAL(uuid.parts[0], 0x0123abcd);
	CU_ASSERT_EQUAL(uuid.parts[1], 0x456789ab);
	CU_ASSERT_EQUAL(uuid.parts[2], 0xcdef0123);
	CU_ASSERT_EQUAL(uuid.parts[3], 0x456789ab);
	uuid_format(&uuid, buf);
	CU_ASSERT_STRING_EQUAL(buf, text);
	CU_ASSERT(uuid_parse_prefix("0123abcd-4567-89ab-cdef-0123456789abXYZ", &same));
	CU_ASSERT(uuid_equal(&uuid, &same));
	CU_ASSERT_EQUAL(uuid_hash(&uuid, 1), uuid_hash(&same, 1));
}

static void
test_uuid_refuses_malformed(void)
{
	static const char *const bad[] = { "", "0123abcd", "0123abcd-4567-89ab-cdef-0123456789a",
		"0123abcd-4567-89ab-cdef-0123456789abc", "0123abcd-4567-89ab-cdef-0123456789ag",
		"0123abcd04567-89ab-cdef-0123456789ab", "0123abcd-4567-89ab-cdef 0123456789ab" };
	struct uuid uuid;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&uuid, 0xff, sizeof uuid);
		CU_ASSERT(!uuid_parse(bad[i], &uuid));
		CU_ASSERT(uuid_is_zero(&uuid));
	}
}

static void
test_uuid_generate_is_version_4(void)
{
	struct uuid a, b;
	char buf[UUID_LEN + 1];

	for (int i = 0; i < 50; i++) {
		uuid_generate(&a);
		uuid_generate(&b);
		CU_ASSERT(!uuid_equal(&a, &b));
		CU_ASSERT_EQUAL(uuid_compare(&a, &b), -uuid_compare(&b, &a));
		uuid_format(&a, buf);
		CU_ASSERT_EQUAL(buf[14], '4');
		CU_ASSERT_PTR_NOT_NULL(strchr("89ab", buf[19]));
	}
	CU_ASSERT_EQUAL(uuid_compare(&a, &a), 0);
}

static void
test_alloc_strings_and_vectors(void)
{
	size_t n_alloc = 0, grown = 0;
	int *vector = NULL;
	char *s;

	s = xasprintf("%s-%d", "x", 5);
	CU_ASSERT_STRING_EQUAL(s, "x-5");
	free(s);
	s = xstrndup("abcdef", 3);
	CU_ASSERT_STRING_EQUAL(s, "abc");
	free(s);
	s = xstrndup("ab", 30);
	CU_ASSERT_STRING_EQUAL(s, "ab");
	free(s);
	for (int i = 0; i < 1000; i++) {
		if ((size_t)i == n_alloc) {
			vector = vec_grow(vector, &n_alloc, sizeof *vector);
			grown++;
		}
		vector[i] = i;
	}
	CU_ASSERT(grown < 20);
	CU_ASSERT_EQUAL(vector[999], 999);
	free(vector);
	s = xalloc_aligned(64, 65);
	CU_ASSERT_EQUAL((uintptr_t)s % 64, 0);
	CU_ASSERT_EQUAL(s[64], 0);
	free(s);
}

static void
test_random_repeats_and_stays_in_range(void)
{
	uint32_t first[8], counts[10] = { 0 };

	random_seed(7);
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		first[i] = random_u32();
	random_seed(7);
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		CU_ASSERT_EQUAL(random_u32(), first[i]);
	for (int i = 0; i < 10000; i++) {
		uint32_t x = random_range(10);

		CU_ASSERT_FATAL(x < 10);
		counts[x]++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		CU_ASSERT(counts[i] > 800 && counts[i] < 1200);
	CU_ASSERT_EQUAL(random_range(1), 0);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_str_appends),
		CHECK_CASE(test_str_printf_grows),
		CHECK_CASE(test_err_prefixes),
		CHECK_CASE(test_err_cuts_visibly),
		CHECK_CASE(test_uuid_text_round_trip),
		CHECK_CASE(test_uuid_refuses_malformed),
		CHECK_CASE(test_uuid_generate_is_version_4),
		CHECK_CASE(test_alloc_strings_and_vectors),
		CHECK_CASE(test_random_repeats_and_stays_in_range),
	};

	return check_run("base/text", cases, ARRAY_SIZE(cases));
}
