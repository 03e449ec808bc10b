/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_PIPELINE_FIXTURE_H
#define UNIT_PIPELINE_FIXTURE_H

/* fixture: a pipeline with a datapath that only takes notes.
 *
 * Model    Requests to the datapath stay pending until fx_settle() answers them.  fx_send() plays the handler: it translates, credits
 *          one packet, and gives the program as text; a megaflow with its contributions may be kept for later credit.
 *          Time stands still unless a test warps it. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/str.h"
#include "check.h"
#include "flow/format.h"
#include "openflow/text.h"
#include "pipeline/bridge.h"
#include "pipeline/mac_table.h"
#include "pipeline/pipeline.h"
#include "rcu/rcu.h"
#include "stats/drops.h"

struct fixture {
	struct loop *loop;
	struct pipeline *p;
	uint64_t seq, seq_done; /* Of requests. */
	unsigned int n_rejudges, n_sweeps, n_injects;
	struct str program; /* The last translation's or injection's. */
	struct str log; /* Events. */
	struct flow mask; /* The last translation's. */
	struct contribs *contribs; /* The last translation's, to be credited again. */
	struct flow key;
};

/* Appends a program's text, with the reason for which it drops. */
static inline void
fx_print(const void *program, uint32_t len, struct str *out)
{
	struct err err = { "" };

	if (program_verify(program, len, &err) != 0) {
		printf("%s\n", err.text);
		CU_FAIL("bad program");
	}
	program_print(program, len, NULL, NULL, out);
	PROGRAM_FOREACH(op, program, len)
	{
		if (op->type == PROGRAM_OP_DROP)
			str_printf(out, "(%s)",
				drop_reason_name(
					((const struct op_drop *)(const void *)op)->reason));
	}
}

static inline uint64_t
fx_rejudge(void *fx_)
{
	struct fixture *fx = fx_;

	fx->n_rejudges++;
	return ++fx->seq;
}

static inline uint64_t
fx_sweep(void *fx_)
{
	struct fixture *fx = fx_;

	fx->n_sweeps++;
	return ++fx->seq;
}

static inline int
fx_inject(void *fx_, uint32_t in_dp_port UNUSED, const void *frame UNUSED, uint32_t len UNUSED,
	const void *program, uint32_t program_len)
{
	struct fixture *fx = fx_;

	fx->n_injects++;
	str_clear(&fx->program);
	fx_print(program, program_len, &fx->program);
	return 0;
}

static const struct pipeline_client_ops fx_ops = {
	.rejudge = fx_rejudge,
	.sweep = fx_sweep,
	.inject = fx_inject,
};

static inline void
fx_init(struct fixture *fx)
{
	memset(fx, 0, sizeof *fx);
	fx->loop = loop_create();
	fx->p = pipeline_create(fx->loop);
	pipeline_attach(fx->p, &fx_ops, fx);
}

static inline void
fx_forget(struct fixture *fx)
{
	if (fx->contribs != NULL)
		pipeline_miss_ops.contribs_free(fx->p, fx->contribs);
	fx->contribs = NULL;
}

static inline void
fx_uninit(struct fixture *fx)
{
	fx_forget(fx);
	pipeline_detach(fx->p);
	pipeline_destroy(fx->p);
	loop_destroy(fx->loop);
	str_uninit(&fx->program);
	str_uninit(&fx->log);
	rcu_barrier();
	CU_ASSERT_EQUAL(rcu_n_retired(), 0);
}

/* Answers requests and runs the loop until all is quiet. */
static inline void
fx_settle(struct fixture *fx)
{
	for (int i = 0; i < 20; i++) {
		loop_run_once(fx->loop, 0);
		if (fx->seq_done != fx->seq)
			pipeline_done(fx->p, fx->seq_done = fx->seq);
		(void)rcu_reclaim();
	}
}

static inline struct bridge *
fx_bridge(struct fixture *fx, const char *name, enum bridge_fail_mode mode)
{
	struct bridge_config config = { .fail_mode = mode, .datapath_id = 1 };
	struct err err = { "" };
	struct bridge *b;
	int error = bridge_create(fx->p, name, &config, &b, &err);

	CU_ASSERT_EQUAL_FATAL(error, 0);
	return b;
}

static inline uint32_t
fx_port_config(struct bridge *b, const struct bridge_port_config *config)
{
	struct err err = { "" };
	uint32_t number = 0;
	int error = bridge_add_port(b, config, &number, &err);

	CU_ASSERT_EQUAL_FATAL(error, 0);
	return number;
}

static inline uint32_t
fx_port(struct bridge *b, const char *name, uint32_t dp_port)
{
	struct bridge_port_config config = {
		.name = name,
		.dp_port = dp_port,
		.admin_up = true,
		.link_up = true,
	};

	return fx_port_config(b, &config);
}

static inline uint32_t
fx_vlan_port(struct bridge *b, const char *name, uint32_t dp_port, enum bridge_vlan_mode mode,
	uint16_t tag)
{
	struct bridge_port_config config = {
		.name = name,
		.dp_port = dp_port,
		.admin_up = true,
		.link_up = true,
		.vlan = { .mode = mode, .tag = tag },
	};

	return fx_port_config(b, &config);
}

static inline uint32_t
fx_patch(struct bridge *b, const char *name, const char *peer)
{
	struct bridge_port_config config = {
		.name = name,
		.dp_port = UINT32_MAX,
		.peer = peer,
		.admin_up = true,
		.link_up = true,
	};

	return fx_port_config(b, &config);
}

static inline enum oferror
fx_flow_mod(struct bridge *b, enum of_flow_mod_command command, const char *text)
{
	struct of_flow_mod fm;
	struct err err = { "" };
	enum oferror error;

	if (of_flow_mod_parse(text, command, NULL, &fm, &err) != 0) {
		printf("%s: %s\n", text, err.text);
		CU_FAIL_FATAL("flow does not parse");
	}
	error = bridge_flow_mod(b, &fm);
	of_flow_mod_uninit(&fm);
	return error;
}

static inline void
fx_flow(struct bridge *b, const char *text)
{
	enum oferror error = fx_flow_mod(b, OF_FLOW_ADD, text);

	if (error != OFERROR_OK)
		printf("%s: %s\n", text, oferror_name(error));
	CU_ASSERT_EQUAL(error, OFERROR_OK);
}

/* The key of a packet that 'text' matches, come in at 'dp_port'. */
static inline void
fx_key(const char *text, uint32_t dp_port, struct flow *key)
{
	struct err err = { "" };
	struct match match;

	match_init_catchall(&match);
	if (match_parse(text, NULL, &match, &err) != 0) {
		printf("%s: %s\n", text, err.text);
		CU_FAIL_FATAL("packet does not parse");
	}
	*key = match.value;
	key->in_port = dp_port;
	if (key->vlan_tci != 0 && key->vlan_tpid == 0)
		key->vlan_tpid = htons(0x8100);
}

/* Translates 'key' and credits one packet of 100 bytes.  Returns: the program's text. */
static inline const char *
fx_send_key(struct fixture *fx, const struct flow *key)
{
	struct miss_verdict v;

	fx_forget(fx);
	program_buf_init(&v.program);
	pipeline_miss_ops.translate(fx->p, key, &v);
	str_clear(&fx->program);
	fx_print(v.program.data, v.program.len, &fx->program);
	fx->mask = v.mask;
	fx->contribs = v.contribs;
	fx->key = *key;
	program_buf_uninit(&v.program);
	pipeline_miss_ops.credit(fx->p, fx->contribs, key, 1, 100, 0, clock_ms());
	return str_cstr(&fx->program);
}

static inline const char *
fx_send(struct fixture *fx, uint32_t dp_port, const char *text)
{
	struct flow key;

	pipeline_run(fx->p);
	fx_key(text, dp_port, &key);
	return fx_send_key(fx, &key);
}

/* Checks one text against another, and says where if it is wrong. */
static inline void
fx_same(int line, const char *what, const char *got, const char *wanted)
{
	bool same = got != NULL && strcmp(got, wanted) == 0;

	if (!same)
		printf("line %d: %s: got \"%s\", not \"%s\"\n", line, what, got != NULL ? got : "",
			wanted);
	CU_ASSERT(same);
}

#define FX_EXPECT(FX, DP_PORT, PACKET, PROGRAM) \
	fx_same(__LINE__, PACKET, fx_send(FX, DP_PORT, PACKET), PROGRAM)

/* The last mask as text; the in_port of the key stands for the OpenFlow one. */
static inline const char *
fx_mask(struct fixture *fx)
{
	struct match match;

	match_init(&match, &fx->key, &fx->mask);
	str_clear(&fx->program);
	(void)match_format(&match, NULL, &fx->program);
	return str_cstr(&fx->program);
}

#define FX_EXPECT_MASK(FX, TEXT) fx_same(__LINE__, "mask", fx_mask(FX), TEXT)

static inline int
fx_main(const char *suite, const struct check_case *cases, size_t n)
{
	int failed;

	rcu_init();
	clock_stop();
	failed = check_run(suite, cases, n);
	rcu_barrier();
	return failed;
}

#endif /* UNIT_PIPELINE_FIXTURE_H */
