/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of interned programs. */

#include "action/program.h"
#include "check.h"
#include "datapath/program_set_priv.h"
#include "port/port.h"
#include "rcu/rcu.h"

static struct program *
intern_output(struct program_set *set, uint32_t port, uint32_t times)
{
	struct program_buf buf;
	struct program *p;

	program_buf_init(&buf);
	for (uint32_t i = 0; i < times; i++)
		program_put_output(&buf, port);
	p = program_intern(set, buf.data, buf.len);
	program_buf_uninit(&buf);
	return p;
}

static void
test_program_set_interns_equal_programs_once(void)
{
	struct program_set set;
	struct program *a, *b, *c;

	rcu_init();
	CU_ASSERT_EQUAL_FATAL(program_set_init(&set), 0);
	a = intern_output(&set, 1, 1);
	b = intern_output(&set, 1, 1);
	c = intern_output(&set, 2, 1);
	CU_ASSERT_PTR_EQUAL(a, b);
	CU_ASSERT_PTR_NOT_EQUAL(a, c);
	CU_ASSERT_EQUAL(a->refs, 2);
	CU_ASSERT_PTR_EQUAL(program_lookup(&set, c->id), c);
	program_set_uninit(&set);
	rcu_uninit();
}

static void
test_program_set_knows_single_outputs(void)
{
	struct program_set set;

	rcu_init();
	CU_ASSERT_EQUAL_FATAL(program_set_init(&set), 0);
	CU_ASSERT_EQUAL(intern_output(&set, 5, 1)->only_output, 5);
	CU_ASSERT_EQUAL(intern_output(&set, 5, 2)->only_output, PORT_NONE);
	program_set_uninit(&set);
	rcu_uninit();
}

/* An id comes back only after the grace period of the program that had it. */
static void
test_program_set_id_rests_for_a_grace_period(void)
{
	struct program_set set;
	struct program *a, *b;
	uint32_t id;

	rcu_init();
	rcu_thread_register("test");
	CU_ASSERT_EQUAL_FATAL(program_set_init(&set), 0);
	a = intern_output(&set, 1, 1);
	id = a->id;
	program_unref(a);
	program_set_collect(&set);
	(void)rcu_reclaim();
	b = intern_output(&set, 2, 1);
	CU_ASSERT_NOT_EQUAL(b->id, id);
	CU_ASSERT_PTR_EQUAL(program_lookup(&set, id), a);
	rcu_quiesce();
	(void)rcu_reclaim();
	b = intern_output(&set, 3, 1);
	CU_ASSERT_EQUAL(b->id, id);
	program_set_uninit(&set);
	rcu_uninit();
}

static void
test_program_set_keeps_what_is_held(void)
{
	struct program_set set;
	struct program *a;

	rcu_init();
	CU_ASSERT_EQUAL_FATAL(program_set_init(&set), 0);
	a = intern_output(&set, 1, 1);
	program_set_collect(&set);
	CU_ASSERT_PTR_EQUAL(intern_output(&set, 1, 1), a);
	program_set_uninit(&set);
	rcu_uninit();
}

/* A pmd may take a reference until its grace period ends, though the program is collected already. */
static void
test_program_set_waits_for_late_references(void)
{
	struct program_set set;
	struct program *a, *b;
	uint32_t id;

	rcu_init();
	rcu_thread_register("test");
	CU_ASSERT_EQUAL_FATAL(program_set_init(&set), 0);
	a = intern_output(&set, 1, 1);
	id = a->id;
	program_unref(a);
	program_set_collect(&set);
	program_ref(a);
	for (int i = 0; i < 3; i++) {
		rcu_quiesce();
		(void)rcu_reclaim();
	}
	b = intern_output(&set, 2, 1);
	CU_ASSERT_NOT_EQUAL(b->id, id);
	CU_ASSERT_EQUAL(a->id, id);
	program_unref(a);
	for (int i = 0; i < 3; i++) {
		rcu_quiesce();
		(void)rcu_reclaim();
	}
	b = intern_output(&set, 3, 1);
	CU_ASSERT_EQUAL(b->id, id);
	program_set_uninit(&set);
	rcu_uninit();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_program_set_interns_equal_programs_once),
		CHECK_CASE(test_program_set_knows_single_outputs),
		CHECK_CASE(test_program_set_id_rests_for_a_grace_period),
		CHECK_CASE(test_program_set_keeps_what_is_held),
		CHECK_CASE(test_program_set_waits_for_late_references),
	};

	return check_run("program_set", cases, ARRAY_SIZE(cases));
}
