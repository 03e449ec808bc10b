/* SPDX-License-Identifier: Apache-2.0 */
/* The datapath on simulated ports: real pmd threads and handler, verdicts made by the test.
 * Every test ends with the books: what came in went out, was dropped for a reason, or was punted. */

#include "datapath/datapath.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/smap.h"
#include "check.h"
#include "drivers/net/drivers.h"
#include "drivers/net/sim.h"
#include "port/pool.h"
#include "port/port.h"
#include "rcu/rcu.h"

#define N_PORTS 3
#define WAIT_MS 5000
#define FRAME_LEN 64

static struct loop *loop;
static struct datapath *dp;
static struct port *ports[N_PORTS + 1]; /* From 1. */
static uint64_t done_seq;

/* What the fake pipeline does. */
static struct {
	_Atomic uint32_t out_port; /* Where everything goes; 0: drop. */
	_Atomic bool punt; /* And a copy to the control plane. */
	_Atomic bool exact; /* Megaflows hold for one L4 source port only. */
	_Atomic bool uncacheable;
	_Atomic uint32_t delay_us; /* A translation takes that long. */
	_Atomic uint32_t n_translations, n_punts, n_contribs;
	_Atomic uint64_t credited;
} verdicts;

static void
translate(void *ctx UNUSED, const struct flow *key UNUSED, struct miss_verdict *v)
{
	uint32_t out = verdicts.out_port;

	verdicts.n_translations++;
	if (verdicts.delay_us != 0)
		usleep(verdicts.delay_us);
	v->mask.in_port = UINT32_MAX;
	if (verdicts.exact)
		v->mask.l4_src = 0xffff;
	v->cacheable = !verdicts.uncacheable;
	if (verdicts.punt) {
		struct op_punt *punt = program_put(&v->program, PROGRAM_OP_PUNT, sizeof *punt);

		punt->max_len = 32;
	}
	if (out != 0)
		program_put_output(&v->program, out);
	else if (!verdicts.punt)
		program_put_drop(&v->program, DROP_RULE_DROP);
	v->contribs = malloc(1);
	verdicts.n_contribs++;
}

static void
credit(void *ctx UNUSED, struct contribs *c UNUSED, const struct flow *key UNUSED,
	uint64_t n_packets, uint64_t n_bytes UNUSED, uint16_t tcp_flags UNUSED,
	int64_t used_ms UNUSED)
{
	verdicts.credited += n_packets;
}

static void
contribs_free(void *ctx UNUSED, struct contribs *c)
{
	verdicts.n_contribs--;
	free(c);
}

static void
punt(void *ctx UNUSED, const struct op_punt *op UNUSED, const struct flow *key UNUSED,
	const void *data UNUSED, uint32_t len, uint32_t orig_len)
{
	if (len == 32 && orig_len == FRAME_LEN)
		verdicts.n_punts++;
}

static const struct miss_ops fake_ops = { translate, credit, contribs_free, punt };

static void
on_done(void *aux UNUSED, uint64_t seq)
{
	done_seq = seq;
}

static void
set_pmds(const uint16_t *cores, uint32_t n)
{
	struct datapath_pmd_config config = { .cores = cores, .n_cores = n, .sleep_max_us = 100 };

	CU_ASSERT_EQUAL_FATAL(datapath_set_pmds(dp, &config, NULL), 0);
}

static void
setup(void)
{
	static const struct port_ops *const drivers[] = { &sim_port_ops, NULL };
	struct datapath_params params = { .miss_ops = &fake_ops, .done = on_done };
	uint16_t core = 0;
	struct smap none;

	memset(&verdicts, 0, sizeof verdicts);
	verdicts.out_port = 2;
	done_seq = 0;
	loop = loop_create();
	loop_set_wait_hooks(loop, rcu_offline, rcu_online);
	params.loop = loop;
	CU_ASSERT_EQUAL_FATAL(datapath_create(&params, &dp, NULL), 0);
	set_pmds(&core, 1);
	smap_init(&none);
	for (uint32_t i = 1; i <= N_PORTS; i++) {
		char name[16];
		struct port_config config = { .name = name,
			.type = "sim",
			.options = &none,
			.other_config = &none,
			.n_txq = 2 };

		(void)snprintf(name, sizeof name, "sim%u", i);
		CU_ASSERT_EQUAL_FATAL(port_open(drivers, &config, &ports[i], NULL), 0);
		CU_ASSERT_EQUAL_FATAL(datapath_add_port(dp, ports[i], NULL), 0);
		datapath_start_port(dp, ports[i]);
		CU_ASSERT_EQUAL_FATAL(ports[i]->dp_port, i);
	}
	smap_uninit(&none);
}

/* One round of main's loop, and a short wait for the other threads. */
static void
breathe(void)
{
	struct timespec ts = { .tv_nsec = 200000 };

	loop_run_once(loop, 0);
	rcu_offline();
	nanosleep(&ts, NULL);
	rcu_online();
	(void)rcu_reclaim();
}

static bool
wait_done(uint64_t seq)
{
	for (int64_t until = clock_ms() + WAIT_MS; done_seq < seq && clock_ms() < until;)
		breathe();
	return done_seq >= seq;
}

static uint64_t
n_ended(const struct datapath_books *b)
{
	return b->tx + b->dropped + b->punted;
}

/* Waits until nothing is under way. */
static void
settle(uint64_t n_rx, struct datapath_books *b)
{
	for (int64_t until = clock_ms() + WAIT_MS; clock_ms() < until;) {
		datapath_get_books(dp, b);
		if (b->rx >= n_rx && b->in_flight == 0
			&& n_ended(b) == b->rx + b->injected + b->cloned)
			break;
		breathe();
	}
}

static void
check_books(uint64_t n_rx)
{
	struct datapath_books b;
	uint64_t drops = 0;

	settle(n_rx, &b);
	CU_ASSERT_EQUAL(b.rx, n_rx);
	CU_ASSERT_EQUAL(b.in_flight, 0);
	CU_ASSERT_EQUAL(b.rx + b.injected + b.cloned, n_ended(&b));
	for (unsigned int i = 0; i < N_DROP_REASONS; i++)
		drops += b.drops[i];
	CU_ASSERT_EQUAL(drops, b.dropped);
}

static void
teardown(void)
{
	for (uint32_t i = 1; i <= N_PORTS; i++) {
		if (ports[i] == NULL)
			continue;
		datapath_del_port(dp, ports[i]);
		port_close(ports[i]);
		ports[i] = NULL;
	}
	datapath_destroy(dp);
	CU_ASSERT_EQUAL(verdicts.n_contribs, 0);
	loop_destroy(loop);
}

/* A UDP frame of flow 'flow' with a sequence number at its end. */
static void
make_frame(uint8_t frame[FRAME_LEN], uint16_t flow, uint32_t seq)
{
	static const uint8_t head[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 50, 0,
		0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2 };

	memset(frame, 0, FRAME_LEN);
	memcpy(frame, head, sizeof head);
	frame[34] = (uint8_t)(flow >> 8);
	frame[35] = (uint8_t)flow;
	frame[39] = 30;
	memcpy(frame + FRAME_LEN - sizeof seq, &seq, sizeof seq);
}

static void
feed(uint32_t port, uint16_t flow, uint32_t seq)
{
	uint8_t frame[FRAME_LEN];
	int error;

	make_frame(frame, flow, seq);
	while ((error = sim_feed_frame(ports[port], 0, frame, FRAME_LEN)) == -ENOBUFS)
		breathe();
	CU_ASSERT_EQUAL(error, 0);
}

/* Takes a frame from 'port'.  Returns: whether one came in time; '*flow' and '*seq' of it. */
static bool
take(uint32_t port, uint16_t *flow, uint32_t *seq)
{
	uint8_t frame[2048];

	for (int64_t until = clock_ms() + WAIT_MS; clock_ms() < until;) {
		if (sim_take_frame(ports[port], frame, sizeof frame) == FRAME_LEN) {
			*flow = (uint16_t)(frame[34] << 8 | frame[35]);
			memcpy(seq, frame + FRAME_LEN - sizeof *seq, sizeof *seq);
			return true;
		}
		breathe();
	}
	return false;
}

static void
test_datapath_forwards_and_caches(void)
{
	struct datapath_stats stats;
	uint16_t flow;
	uint32_t seq;

	setup();
	for (uint32_t i = 0; i < 200; i++) {
		feed(1, (uint16_t)i, i);
		CU_ASSERT_TRUE_FATAL(take(2, &flow, &seq));
		CU_ASSERT_EQUAL(seq, i);
	}
	check_books(200);
	datapath_get_stats(dp, &stats);
	CU_ASSERT_EQUAL(verdicts.n_translations, 1);
	CU_ASSERT_EQUAL(stats.n_megaflows, 1);
	CU_ASSERT(stats.hits >= 150);
	CU_ASSERT_EQUAL(stats.hits + stats.misses, 200);
	teardown();
}

static void
test_datapath_counts_drops_by_reason_and_port(void)
{
	uint64_t drops[N_DROP_REASONS];
	uint8_t runt[13] = { 0 };

	setup();
	verdicts.out_port = 0;
	for (uint32_t i = 0; i < 50; i++)
		feed(1, 1, i);
	CU_ASSERT_EQUAL(sim_feed_frame(ports[1], 0, runt, sizeof runt), 0);
	check_books(51);
	datapath_get_port_drops(dp, 1, drops);
	CU_ASSERT_EQUAL(drops[DROP_RULE_DROP], 50);
	CU_ASSERT_EQUAL(drops[DROP_RX_RUNT], 1);
	datapath_get_port_drops(dp, 2, drops);
	CU_ASSERT_EQUAL(drops[DROP_RULE_DROP], 0);
	teardown();
}

/* Packets of a flow leave in the order in which they came, though the first ones wait for the handler. */
static void
test_datapath_keeps_order_within_a_flow(void)
{
	enum {
		N_FLOWS = 64,
		N = 6400
	};
	uint32_t next[N_FLOWS] = { 0 }, wrong = 0;
	uint16_t flow;
	uint32_t seq;

	setup();
	verdicts.exact = true;
	for (uint32_t i = 0; i < N; i++) {
		feed(1, (uint16_t)(i % N_FLOWS), i / N_FLOWS);
		/* Rules change now and then, and all that is cached goes. */
		if (i % 1000 == 999)
			(void)datapath_flush(dp);
		if (i % 256 == 255) {
			for (uint32_t k = 0; k < 256; k++) {
				if (!take(2, &flow, &seq)) {
					wrong++;
					continue;
				}
				wrong += flow >= N_FLOWS || seq != next[flow]++;
			}
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	check_books(N);
	teardown();
}

static void
test_datapath_rejudge_changes_the_program(void)
{
	uint16_t flow;
	uint32_t seq;

	setup();
	feed(1, 1, 0);
	CU_ASSERT_TRUE(take(2, &flow, &seq));
	verdicts.out_port = 3;
	CU_ASSERT_TRUE(wait_done(datapath_rejudge(dp)));
	for (uint32_t i = 0; i < 20; i++) {
		feed(1, 1, i);
		CU_ASSERT_TRUE(take(3, &flow, &seq));
	}
	/* A narrower verdict does not fit the megaflow: it goes, and its packets miss. */
	verdicts.exact = true;
	verdicts.out_port = 2;
	CU_ASSERT_TRUE(wait_done(datapath_rejudge(dp)));
	feed(1, 1, 0);
	CU_ASSERT_TRUE(take(2, &flow, &seq));
	check_books(22);
	teardown();
}

static void
test_datapath_credits_every_packet(void)
{
	setup();
	verdicts.exact = true;
	for (uint32_t i = 0; i < 1000; i++) {
		feed(1, (uint16_t)(i % 10), i);
		if (i % 250 == 249)
			check_books(i + 1);
	}
	CU_ASSERT_TRUE(wait_done(datapath_sweep(dp)));
	CU_ASSERT_EQUAL(verdicts.credited, 1000);
	(void)datapath_flush(dp);
	for (uint32_t i = 0; i < 100; i++)
		feed(1, (uint16_t)(i % 10), i);
	check_books(1100);
	CU_ASSERT_TRUE(wait_done(datapath_sweep(dp)));
	teardown();
	CU_ASSERT_EQUAL(verdicts.credited, 1100);
}

/* A port that sends more new flows than the handler takes loses the excess, under its own name, and no more
 * than that: all the rest is judged. */
static void
test_datapath_bounds_what_waits_for_judgement(void)
{
	uint64_t drops[N_DROP_REASONS];
	struct datapath_stats stats;

	setup();
	verdicts.uncacheable = true;
	for (uint32_t i = 0; i < 30000; i++)
		feed(1, (uint16_t)i, i);
	check_books(30000);
	datapath_get_stats(dp, &stats);
	datapath_get_port_drops(dp, 1, drops);
	CU_ASSERT_EQUAL(stats.lost, drops[DROP_MISS_QUOTA] + drops[DROP_MISS_RING_FULL]);
	CU_ASSERT_EQUAL(stats.misses + stats.lost, 30000);
	CU_ASSERT_EQUAL(verdicts.credited, stats.misses);
	teardown();
}

static void
test_datapath_runs_uncacheable_verdicts(void)
{
	struct datapath_stats stats;
	uint16_t flow;
	uint32_t seq;

	setup();
	verdicts.uncacheable = true;
	for (uint32_t i = 0; i < 20; i++) {
		feed(1, 1, i);
		CU_ASSERT_TRUE(take(2, &flow, &seq));
	}
	datapath_get_stats(dp, &stats);
	CU_ASSERT_EQUAL(stats.n_megaflows, 0);
	CU_ASSERT_EQUAL(verdicts.n_translations, 20);
	CU_ASSERT_EQUAL(verdicts.credited, 20);
	check_books(20);
	teardown();
}

static void
test_datapath_punts_copies(void)
{
	struct datapath_books b;

	setup();
	verdicts.punt = true;
	for (uint32_t i = 0; i < 100; i++)
		feed(1, 1, i);
	check_books(100);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.punted, 100);
	CU_ASSERT_EQUAL(b.cloned, 100);
	CU_ASSERT_EQUAL(b.tx, 100);
	for (int64_t until = clock_ms() + WAIT_MS; verdicts.n_punts < 100 && clock_ms() < until;)
		breathe();
	CU_ASSERT_EQUAL(verdicts.n_punts, 100);
	teardown();
}

static void
test_datapath_injects(void)
{
	struct program_buf program;
	uint8_t frame[FRAME_LEN];
	struct datapath_books b;
	uint16_t flow;
	uint32_t seq;

	setup();
	program_buf_init(&program);
	program_put_output(&program, 3);
	program_put_output(&program, 2);
	make_frame(frame, 5, 77);
	CU_ASSERT_EQUAL(datapath_inject(dp, 1, frame, FRAME_LEN, program.data, program.len), 0);
	CU_ASSERT_TRUE(take(2, &flow, &seq));
	CU_ASSERT_EQUAL(seq, 77);
	CU_ASSERT_TRUE(take(3, &flow, &seq));
	CU_ASSERT_EQUAL(flow, 5);
	check_books(0);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.injected, 1);
	CU_ASSERT_EQUAL(b.cloned, 1);
	CU_ASSERT_EQUAL(b.tx, 2);
	program_buf_uninit(&program);
	teardown();
}

static void
test_datapath_drops_for_missing_and_down_ports(void)
{
	uint64_t drops[N_DROP_REASONS];
	struct datapath_books b;

	setup();
	verdicts.out_port = 99;
	feed(1, 1, 0);
	check_books(1);
	sim_set_link(ports[2], false);
	verdicts.out_port = 2;
	CU_ASSERT_TRUE(wait_done(datapath_rejudge(dp)));
	feed(1, 1, 0);
	check_books(2);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.drops[DROP_TX_NO_PORT], 1);
	CU_ASSERT_EQUAL(b.drops[DROP_TX_PORT_DOWN], 1);
	datapath_get_port_drops(dp, 2, drops);
	CU_ASSERT_EQUAL(drops[DROP_TX_PORT_DOWN], 1);
	teardown();
}

/* Pmds come and go, another port comes and goes: nothing that passes between ports 1 and 2 is lost. */
static void
test_datapath_loses_nothing_by_reconfiguration(void)
{
	static const uint16_t one[] = { 0 }, other[] = { 1 }, both[] = { 0, 1 };
	uint32_t sent = 0, received = 0, seq;
	bool two = sysconf(_SC_NPROCESSORS_ONLN) >= 2;
	uint16_t flow;

	setup();
	for (uint32_t round = 0; round < 40; round++) {
		for (uint32_t i = 0; i < 50; i++)
			feed(1, (uint16_t)i, sent++);
		if (two && round % 3 == 0)
			set_pmds(round % 2 == 0 ? other : both, round % 2 == 0 ? 1 : 2);
		else
			set_pmds(one, 1);
		datapath_del_port(dp, ports[3]);
		CU_ASSERT_EQUAL(datapath_add_port(dp, ports[3], NULL), 0);
		datapath_start_port(dp, ports[3]);
		while (received < sent && take(2, &flow, &seq))
			received++;
	}
	CU_ASSERT_EQUAL(received, sent);
	check_books(sent);
	teardown();
}

static int
change_nothing(struct port *port UNUSED, void *aux UNUSED)
{
	return 0;
}

/* A port that was added and not started sends, and its own packets wait. */
static void
test_datapath_waits_with_receiving(void)
{
	struct datapath_books b;
	uint32_t seq;
	uint16_t flow;

	setup();
	datapath_del_port(dp, ports[3]);
	CU_ASSERT_EQUAL(datapath_add_port(dp, ports[3], NULL), 0);
	for (uint32_t i = 0; i < 5; i++)
		feed(3, 7, i);
	verdicts.out_port = ports[3]->dp_port;
	feed(1, 1, 9);
	CU_ASSERT_TRUE(take(3, &flow, &seq));
	CU_ASSERT_EQUAL(seq, 9);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.rx, 1);
	verdicts.out_port = 2;
	CU_ASSERT_EQUAL(datapath_change_port(dp, ports[3], change_nothing, NULL), 0);
	for (int i = 0; i < 10; i++)
		breathe();
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.rx, 1);
	datapath_start_port(dp, ports[3]);
	for (uint32_t i = 0; i < 5; i++) {
		CU_ASSERT_TRUE(take(2, &flow, &seq));
		CU_ASSERT_EQUAL(seq, i);
	}
	check_books(6);
	teardown();
}

static bool
count_flow(void *n, const struct datapath_flow *f)
{
	*(uint64_t *)n += f->n_packets;
	return true;
}

static void
test_datapath_dumps_flows(void)
{
	uint64_t n = 0;

	setup();
	verdicts.exact = true;
	for (uint32_t i = 0; i < 300; i++)
		feed(1, (uint16_t)(i % 30), i);
	check_books(300);
	CU_ASSERT_TRUE(wait_done(datapath_sweep(dp)));
	datapath_dump_flows(dp, count_flow, &n);
	CU_ASSERT_EQUAL(n, 300);
	teardown();
}

static void
pass_time(uint32_t us)
{
	rcu_offline();
	usleep(us);
	rcu_online();
}

/* Packets that wait for the handler, and those that wait behind these, are in the books at any time. */
static void
test_datapath_books_count_what_waits(void)
{
	struct datapath_books b;

	setup();
	verdicts.delay_us = 300000;
	for (uint32_t i = 0; i < 10; i++)
		feed(1, 1, i);
	pass_time(100000);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.rx, 10);
	CU_ASSERT_EQUAL(b.in_flight, 10);
	verdicts.delay_us = 0;
	check_books(10);
	teardown();
}

/* The queues of a port change while packets of it are with the handler: those come back to a port that never sent
 * them, which is no reason to refuse its own. */
static void
test_datapath_changes_a_port_whose_packets_wait(void)
{
	uint64_t drops[N_DROP_REASONS];
	uint16_t flow;
	uint32_t seq;

	setup();
	verdicts.exact = true;
	verdicts.delay_us = 2000;
	for (uint32_t i = 0; i < 50; i++)
		feed(1, (uint16_t)(i / 2), i);
	pass_time(5000);
	CU_ASSERT_EQUAL(datapath_change_port(dp, ports[1], change_nothing, NULL), 0);
	verdicts.delay_us = 0;
	check_books(50);
	for (uint32_t i = 0; i < 50; i++)
		feed(1, (uint16_t)(1000 + i), i);
	for (uint32_t i = 0; i < 100; i++)
		CU_ASSERT_TRUE_FATAL(take(2, &flow, &seq));
	check_books(100);
	datapath_get_port_drops(dp, 1, drops);
	CU_ASSERT_EQUAL(drops[DROP_MISS_QUOTA], 0);
	teardown();
}

/* What a port dropped stays counted when its queues change and when pmds end, and goes with the port. */
static void
test_datapath_keeps_the_drops_of_a_port(void)
{
	static const uint16_t one[] = { 0 }, other[] = { 1 };
	uint64_t drops[N_DROP_REASONS];

	setup();
	verdicts.out_port = 0;
	for (uint32_t i = 0; i < 50; i++)
		feed(1, 1, i);
	check_books(50);
	CU_ASSERT_EQUAL(datapath_change_port(dp, ports[1], change_nothing, NULL), 0);
	datapath_get_port_drops(dp, 1, drops);
	CU_ASSERT_EQUAL(drops[DROP_RULE_DROP], 50);
	if (sysconf(_SC_NPROCESSORS_ONLN) >= 2) {
		set_pmds(other, 1);
		feed(1, 1, 50);
		check_books(51);
		set_pmds(one, 1);
		datapath_get_port_drops(dp, 1, drops);
		CU_ASSERT_EQUAL(drops[DROP_RULE_DROP], 51);
	}
	teardown();
}

/* A device that takes one packet of a burst, while main finds that the queue need not be locked any more. */
static struct {
	port_tx_fn real;
	_Atomic uint32_t n_refused;
} meagre;

static uint16_t
send_one(struct port_txq *txq, struct rte_mbuf **mbufs, uint16_t n)
{
	uint16_t sent = meagre.real(txq, mbufs, 1);

	atomic_store(&txq->shared, false);
	meagre.n_refused += (uint32_t)n - sent;
	return sent;
}

static void
test_datapath_offers_packets_to_a_device_once(void)
{
	struct datapath_books b;
	uint16_t flow;
	uint32_t seq;

	setup();
	feed(1, 1, 0);
	CU_ASSERT_TRUE(take(2, &flow, &seq));
	meagre.real = ports[2]->txqs[0]->burst;
	meagre.n_refused = 0;
	for (uint32_t i = 0; i < ports[2]->n_txq; i++) {
		ports[2]->txqs[i]->burst = send_one;
		atomic_store(&ports[2]->txqs[i]->shared, true);
	}
	for (uint32_t i = 0; i < 2000; i++)
		feed(1, 1, i);
	check_books(2001);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.drops[DROP_TX_RING_FULL], meagre.n_refused);
	/* The lock was taken when the queue was shared, and is free. */
	for (uint32_t i = 0; i < ports[2]->n_txq; i++)
		CU_ASSERT_FALSE(atomic_flag_test_and_set(&ports[2]->txqs[i]->lock));
	teardown();
}

/* A request is answered although others follow without pause. */
static void
test_datapath_rejudge_ends_under_a_stream_of_requests(void)
{
	uint64_t first;

	setup();
	verdicts.exact = true;
	for (uint32_t i = 0; i < 3000; i++)
		feed(1, (uint16_t)i, i);
	check_books(3000);
	verdicts.delay_us = 1;
	first = datapath_rejudge(dp);
	for (int64_t until = clock_ms() + WAIT_MS; done_seq < first && clock_ms() < until;) {
		(void)datapath_rejudge(dp);
		breathe();
	}
	CU_ASSERT(done_seq >= first);
	verdicts.delay_us = 0;
	teardown();
}

/* The MTU is without header and tags. */
static void
test_datapath_sends_what_the_mtu_allows(void)
{
	struct program_buf tagged;
	uint8_t frame[FRAME_LEN];
	struct datapath_books b;
	struct op_vlan *push;
	uint16_t flow;
	uint32_t seq;

	setup();
	program_buf_init(&tagged);
	push = program_put(&tagged, PROGRAM_OP_PUSH_VLAN, sizeof *push);
	push->tpid = htons(0x8100);
	push->tci = htons(5);
	program_put_output(&tagged, 3);
	make_frame(frame, 1, 0);
	for (uint16_t mtu = FRAME_LEN - 14; mtu >= FRAME_LEN - 15; mtu--) {
		ports[2]->mtu = ports[3]->mtu = mtu;
		feed(1, 1, 0);
		CU_ASSERT_EQUAL(
			datapath_inject(dp, 1, frame, FRAME_LEN, tagged.data, tagged.len), 0);
		check_books((uint64_t)(FRAME_LEN - 13) - mtu);
	}
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.tx, 2);
	CU_ASSERT_EQUAL(b.drops[DROP_MTU_EXCEEDED], 2);
	CU_ASSERT_TRUE(take(2, &flow, &seq));
	CU_ASSERT_EQUAL(sim_take_frame(ports[3], frame, sizeof frame), FRAME_LEN + 4);
	program_buf_uninit(&tagged);
	teardown();
}

static _Atomic bool is_slow;

static uint16_t
send_slowly(struct port_txq *txq, struct rte_mbuf **mbufs, uint16_t n)
{
	is_slow = true;
	usleep(300000);
	return meagre.real(txq, mbufs, n);
}

/* A rejudge request is not done before its grace period, whatever else that was asked for later is. */
static void
test_datapath_answers_requests_in_order(void)
{
	uint64_t rejudge, sweep;
	uint16_t flow;
	uint32_t seq;

	setup();
	feed(1, 1, 0);
	CU_ASSERT_TRUE(take(2, &flow, &seq));
	meagre.real = ports[2]->txqs[0]->burst;
	for (uint32_t i = 0; i < ports[2]->n_txq; i++)
		ports[2]->txqs[i]->burst = send_slowly;
	is_slow = false;
	feed(1, 1, 1);
	while (!is_slow)
		breathe();
	rejudge = datapath_rejudge(dp);
	sweep = datapath_sweep(dp);
	for (int i = 0; i < 20; i++) {
		pass_time(2000);
		breathe();
	}
	CU_ASSERT(done_seq < rejudge);
	CU_ASSERT_TRUE(wait_done(sweep));
	check_books(2);
	teardown();
}

/* Frames of the control plane, however many, leave room for the packets that come back from the handler. */
static void
test_datapath_bounds_injected_frames(void)
{
	enum {
		N = 20000,
		MOST = 8192 + 64
	};
	struct program_buf drop;
	struct datapath_books b;
	uint32_t n_taken = 0, seq;
	uint8_t frame[FRAME_LEN];
	uint16_t flow;

	setup();
	feed(1, 1, 0);
	CU_ASSERT_TRUE(take(2, &flow, &seq));
	meagre.real = ports[2]->txqs[0]->burst;
	for (uint32_t i = 0; i < ports[2]->n_txq; i++)
		ports[2]->txqs[i]->burst = send_slowly;
	is_slow = false;
	feed(1, 1, 1);
	while (!is_slow)
		breathe();
	program_buf_init(&drop);
	program_put_drop(&drop, DROP_RULE_DROP);
	make_frame(frame, 1, 0);
	for (uint32_t i = 0; i < N; i++)
		n_taken += datapath_inject(dp, 1, frame, FRAME_LEN, drop.data, drop.len) == 0;
	for (uint32_t i = 0; i < ports[2]->n_txq; i++)
		ports[2]->txqs[i]->burst = meagre.real;
	for (int64_t until = clock_ms() + WAIT_MS; clock_ms() < until; breathe()) {
		datapath_get_books(dp, &b);
		if (b.injected == n_taken)
			break;
	}
	check_books(2);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.injected, n_taken);
	CU_ASSERT(b.drops[DROP_RULE_DROP] <= MOST);
	CU_ASSERT_EQUAL(b.drops[DROP_RULE_DROP] + b.drops[DROP_PUNT_QUEUE_FULL], n_taken);
	program_buf_uninit(&drop);
	teardown();
}

/* Frames of the control plane that were meant for a pmd that ends go to another one. */
static void
test_datapath_keeps_injected_frames_when_pmds_change(void)
{
	static const uint16_t cores[][1] = { { 1 }, { 0 } };
	struct program_buf drop;
	struct datapath_books b;
	uint8_t frame[FRAME_LEN];
	uint32_t n = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	setup();
	program_buf_init(&drop);
	program_put_drop(&drop, DROP_RULE_DROP);
	make_frame(frame, 1, 0);
	for (uint32_t round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < 500; i++)
			n += datapath_inject(dp, 1, frame, FRAME_LEN, drop.data, drop.len) == 0;
		set_pmds(cores[round % 2], 1);
	}
	for (int64_t until = clock_ms() + WAIT_MS; clock_ms() < until; breathe()) {
		datapath_get_books(dp, &b);
		if (b.injected == n)
			break;
	}
	check_books(0);
	datapath_get_books(dp, &b);
	CU_ASSERT_EQUAL(b.injected, n);
	CU_ASSERT_EQUAL(b.drops[DROP_RULE_DROP], n);
	program_buf_uninit(&drop);
	teardown();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_datapath_forwards_and_caches),
		CHECK_CASE(test_datapath_counts_drops_by_reason_and_port),
		CHECK_CASE(test_datapath_keeps_order_within_a_flow),
		CHECK_CASE(test_datapath_rejudge_changes_the_program),
		CHECK_CASE(test_datapath_credits_every_packet),
		CHECK_CASE(test_datapath_bounds_what_waits_for_judgement),
		CHECK_CASE(test_datapath_runs_uncacheable_verdicts),
		CHECK_CASE(test_datapath_punts_copies),
		CHECK_CASE(test_datapath_injects),
		CHECK_CASE(test_datapath_drops_for_missing_and_down_ports),
		CHECK_CASE(test_datapath_loses_nothing_by_reconfiguration),
		CHECK_CASE(test_datapath_waits_with_receiving),
		CHECK_CASE(test_datapath_dumps_flows),
		CHECK_CASE(test_datapath_books_count_what_waits),
		CHECK_CASE(test_datapath_changes_a_port_whose_packets_wait),
		CHECK_CASE(test_datapath_keeps_the_drops_of_a_port),
		CHECK_CASE(test_datapath_offers_packets_to_a_device_once),
		CHECK_CASE(test_datapath_rejudge_ends_under_a_stream_of_requests),
		CHECK_CASE(test_datapath_answers_requests_in_order),
		CHECK_CASE(test_datapath_sends_what_the_mtu_allows),
		CHECK_CASE(test_datapath_bounds_injected_frames),
		CHECK_CASE(test_datapath_keeps_injected_frames_when_pmds_change),
	};
	char *argv[] = { "replay", "--no-huge", "-m", "256", "--no-shconf", "--no-pci",
		"--no-telemetry", "--lcores", "0@0", NULL };
	int status;

	role_enter(&role_main);
	if (rte_eal_init((int)ARRAY_SIZE(argv) - 1, argv) < 0) {
		puts("SKIP: DPDK does not start here");
		return 77;
	}
	rcu_init();
	rcu_thread_register("main");
	status = check_run("datapath", cases, ARRAY_SIZE(cases));
	(void)port_pool_cleanup();
	rcu_uninit();
	(void)rte_eal_cleanup();
	return status;
}
