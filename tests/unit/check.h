/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

/* check: the frame of a unit test program.
 *
 * A test program lists its tests in one array of 'struct check_case' and calls check_run() from
 * main(); the verdict is the exit status.  CUnit does the counting and the reporting. */

#include <CUnit/Basic.h>
#include <stddef.h>

struct check_case {
	const char *name; /* "test_<module>_<behaviour>" */
	void (*run)(void); /* Uses the CU_ASSERT_* macros. */
};

/* Runs 'n' cases as CUnit suite 'suite'.  Returns: 0 if all of them passed, else 1. */
static inline int
check_run(const char *suite, const struct check_case *cases, size_t n)
{
	CU_pSuite s;
	unsigned int failed;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	s = CU_add_suite(suite, NULL, NULL);
	for (size_t i = 0; s != NULL && i < n; i++) {
		if (CU_add_test(s, cases[i].name, cases[i].run) == NULL)
			s = NULL;
	}
	if (s == NULL)
		return 1;
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	return failed != 0;
}

/* clang-format off */
#define CHECK_CASE(FN) { #FN, FN }
/* clang-format on */

#endif /* UNIT_CHECK_H */
