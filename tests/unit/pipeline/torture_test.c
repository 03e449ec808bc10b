/* SPDX-License-Identifier: Apache-2.0 */
/* Handler and main at once: verdicts while rules, ports and addresses change. */

#include <pthread.h>

#include "base/random.h"
#include "fixture.h"

struct torture {
	struct pipeline *p;
	_Atomic bool stop;
	_Atomic uint64_t n, n_dropped;
};

/* The handler: judges, credits, punts, forgets. */
static void *
handler(void *t_)
{
	struct torture *t = t_;
	struct op_punt op = { .bridge_id = 1, .ofp_in_port = 1 };
	uint8_t frame[60] = { 2 };
	uint32_t i = 0;

	rcu_thread_register("handler");
	while (!atomic_load_explicit(&t->stop, memory_order_relaxed)) {
		struct miss_verdict v;
		struct flow key;

		memset(&key, 0, sizeof key);
		key.in_port = 11;
		key.eth_type = htons(0x0800);
		key.eth_src[0] = 2;
		key.eth_src[5] = (uint8_t)i++;
		key.ip_dst = htonl(0x0a000001);
		program_buf_init(&v.program);
		pipeline_miss_ops.translate(t->p, &key, &v);
		PROGRAM_FOREACH(h, v.program.data, v.program.len)
		{
			if (h->type == PROGRAM_OP_DROP)
				atomic_fetch_add_explicit(&t->n_dropped, 1, memory_order_relaxed);
		}
		pipeline_miss_ops.credit(t->p, v.contribs, &key, 1, 60, 0, clock_ms());
		if (i % 16 == 0)
			pipeline_miss_ops.punt(t->p, &op, &key, frame, sizeof frame, sizeof frame);
		pipeline_miss_ops.contribs_free(t->p, v.contribs);
		program_buf_uninit(&v.program);
		atomic_fetch_add_explicit(&t->n, 1, memory_order_relaxed);
		rcu_quiesce();
	}
	rcu_thread_unregister();
	return NULL;
}

static void
replace_rules(struct bridge *b, unsigned int version)
{
	char text[128];

	bridge_txn_begin(b);
	CU_ASSERT_EQUAL(fx_flow_mod(b, OF_FLOW_DELETE, ""), OFERROR_OK);
	(void)snprintf(text, sizeof text, "priority=%u,ip,actions=write_metadata:%u,goto_table:1",
		1 + version % 7, version);
	fx_flow(b, text);
	(void)snprintf(text, sizeof text, "table=1,metadata=%u,ip,nw_dst=10.0.0.0/%u,actions=%s",
		version, 8 + version % 20, version % 2 ? "output:2" : "NORMAL");
	fx_flow(b, text);
	bridge_txn_commit(b);
}

/* In each version table 0 leads to the one rule of table 1; a verdict that mixed two versions would drop. */
static void
test_torture_verdicts_are_of_one_version(void)
{
	struct torture t;
	struct pipeline_stats stats;
	struct fixture fx;
	struct bridge *b;
	pthread_t thread;
	unsigned int version = 0;

	memset(&t, 0, sizeof t);
	fx_init(&fx);
	t.p = fx.p;
	b = fx_bridge(&fx, "br0", BRIDGE_FAIL_SECURE);
	fx_port(b, "p1", 11);
	fx_port(b, "p2", 12);
	fx_port(b, "p3", 13);
	pipeline_run(fx.p);
	replace_rules(b, ++version);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, handler, &t), 0);
	while (version < 1500 || atomic_load_explicit(&t.n, memory_order_relaxed) < 5000) {
		replace_rules(b, ++version);
		if (version % 10 == 0) {
			bridge_remove_port(b, 3);
			fx_port_config(b,
				&(struct bridge_port_config){
					.name = "p3",
					.dp_port = 13,
					.ofport_request = 3,
					.admin_up = true,
				});
		}
		if (version % 50 == 0) {
			struct bridge *other = fx_bridge(&fx, "br9", BRIDGE_FAIL_STANDALONE);

			fx_port(other, "q1", 21);
			bridge_destroy(other);
		}
		if (version % 97 == 0)
			bridge_mac_flush(b);
		loop_run_once(fx.loop, 0);
		if (fx.seq_done != fx.seq)
			pipeline_done(fx.p, fx.seq_done = fx.seq);
		(void)rcu_reclaim();
	}
	atomic_store_explicit(&t.stop, true, memory_order_relaxed);
	(void)pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(t.n_dropped, 0);
	fx_settle(&fx);
	CU_ASSERT_EQUAL(bridge_n_flows(b), 2);
	pipeline_get_stats(fx.p, &stats);
	CU_ASSERT_EQUAL(stats.translations, t.n);
	fx_uninit(&fx);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_torture_verdicts_are_of_one_version),
	};

	return fx_main("torture", cases, ARRAY_SIZE(cases));
}
