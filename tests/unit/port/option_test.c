/* SPDX-License-Identifier: Apache-2.0 */
/* Options of ports: absent, right, wrong, out of range, unknown. */
#include "port/option.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/smap.h"
#include "check.h"
#include "port/port.h"

static int
read_uint(const char *text, uint32_t *value, struct err *err)
{
	struct smap options;
	int ret;

	smap_init(&options);
	if (text != NULL)
		smap_set(&options, "n_rxq", text);
	ret = option_uint(&options, "n_rxq", 7, 1, 64, value, err);
	smap_uninit(&options);
	return ret;
}

static void
test_option_uint_accepts_range(void)
{
	struct err err = ERR_INIT;
	uint32_t value;

	CU_ASSERT_EQUAL(read_uint(NULL, &value, &err), 0);
	CU_ASSERT_EQUAL(value, 7);
	CU_ASSERT_EQUAL(read_uint("1", &value, &err), 0);
	CU_ASSERT_EQUAL(value, 1);
	CU_ASSERT_EQUAL(read_uint("64", &value, &err), 0);
	CU_ASSERT_EQUAL(value, 64);
	CU_ASSERT_STRING_EQUAL(err.text, "");
	CU_ASSERT_EQUAL(option_uint(NULL, "n_rxq", 9, 1, 64, &value, &err), 0);
	CU_ASSERT_EQUAL(value, 9);
}

static void
test_option_uint_refuses_rest(void)
{
	static const char *const wrong[] = { "0", "65", "-1", "+1", " 1", "1 ", "", "abc", "1.5",
		"0x10", "18446744073709551617", "99999999999999999999999" };
	uint32_t value;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct err err = ERR_INIT;

		CU_ASSERT_EQUAL(read_uint(wrong[i], &value, &err), -EINVAL);
		CU_ASSERT_EQUAL(value, 7);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "n_rxq"));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "from 1 to 64"));
	}
}

static void
test_option_bool_is_strict(void)
{
	struct err err = ERR_INIT;
	struct smap options;
	bool value = false;

	smap_init(&options);
	CU_ASSERT_EQUAL(option_bool(&options, "fd", true, &value, &err), 0);
	CU_ASSERT(value);
	smap_set(&options, "fd", "false");
	CU_ASSERT_EQUAL(option_bool(&options, "fd", true, &value, &err), 0);
	CU_ASSERT(!value);
	smap_set(&options, "fd", "True");
	CU_ASSERT_EQUAL(option_bool(&options, "fd", true, &value, &err), -EINVAL);
	smap_uninit(&options);
}

static void
test_option_unknown_is_reported(void)
{
	static const char *const known[] = { "n_rxq", NULL };
	struct port_config config = { .name = "p", .type = "dpdk" };
	struct smap options;

	smap_init(&options);
	config.options = &options;
	CU_ASSERT_EQUAL(option_warn_unknown(&config, known), 0);
	smap_set(&options, "n_rxq", "2");
	smap_set(&options, "n_rxqs", "2");
	smap_set(&options, "dpdk-lsc-interrupt", "true");
	CU_ASSERT_EQUAL(option_warn_unknown(&config, known), 2);
	CU_ASSERT_EQUAL(option_warn_unknown(&config, NULL), 3);
	smap_uninit(&options);
}

static void
test_option_hash_ignores_order(void)
{
	struct smap a, b;

	smap_init(&a);
	smap_init(&b);
	CU_ASSERT_EQUAL(option_hash(&a), option_hash(NULL));
	smap_set(&a, "x", "1");
	smap_set(&a, "y", "2");
	smap_set(&b, "y", "2");
	smap_set(&b, "x", "1");
	CU_ASSERT_EQUAL(option_hash(&a), option_hash(&b));
	smap_set(&b, "x", "2");
	smap_set(&b, "y", "1");
	CU_ASSERT_NOT_EQUAL(option_hash(&a), option_hash(&b));
	smap_uninit(&a);
	smap_uninit(&b);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_option_uint_accepts_range),
		CHECK_CASE(test_option_uint_refuses_rest),
		CHECK_CASE(test_option_bool_is_strict),
		CHECK_CASE(test_option_unknown_is_reported),
		CHECK_CASE(test_option_hash_ignores_order),
	};

	return check_run("option", cases, sizeof(cases) / sizeof(cases[0]));
}
