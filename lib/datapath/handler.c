/* SPDX-License-Identifier: Apache-2.0 */
/* handler: the thread that decides.  Room: datapath.
 *
 * It is the only writer of megaflows and programs.  A round: messages of main, misses of each pmd in turn, a piece of
 * each walk over the megaflows (upkeep.c). */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fatal.h"
#include "datapath/dp_priv.h"
#include "datapath/upkeep_priv.h"
#include "flow/extract.h"
#include "packet/packet.h"
#include "rcu/rcu.h"

#define MISS_BURST 64 /* Items taken from one pmd per round. */
#define SPIN_ROUNDS 64 /* Empty rounds before it sleeps. */
#define SLEEP_MAX_MS 100
#define DEFAULT_IDLE_MS 10000

/* Judges a packet that came up, and credits it.  Returns: its program with a reference, or NULL. */
static struct program *
decide(struct datapath *dp, const struct flow *key, uint32_t len)
{
	struct program *program;
	uint64_t tail;
	uint32_t idx;

	idx = mf_lookup(&dp->table, key, &tail, &dp->handler_search);
	if (idx != MF_NONE) {
		program = program_lookup(&dp->programs, mf_tail_program(tail));
		program_ref(program);
		upkeep_credit(dp, idx, 1, len, key->tcp_flags, clock_ms(), key);
		return program;
	}
	upkeep_judge(dp, key);
	program = program_intern(&dp->programs, dp->verdict.program.data, dp->verdict.program.len);
	if (program == NULL) {
		upkeep_forget_verdict(dp);
		return NULL;
	}
	idx = upkeep_install(dp, key, program);
	if (idx != MF_NONE) {
		upkeep_credit(dp, idx, 1, len, key->tcp_flags, clock_ms(), key);
	} else if (dp->verdict.contribs != NULL) {
		dp->params.miss_ops->credit(dp->params.miss_ctx, dp->verdict.contribs, key, 1, len,
			key->tcp_flags, clock_ms());
		upkeep_forget_verdict(dp);
	}
	return program;
}

/* Sends an item down to a pmd.  There is room: injected frames leave DP_MISS_RING free, and a pmd has no more than one
 * packet a bucket of its pending table with the handler. */
static void
send_down(struct pmd *pmd, struct dp_item *item)
{
	BUG_ON(rte_ring_sp_enqueue_elem(pmd->down, item, sizeof *item) != 0);
}

static_assert(DP_PENDING < DP_MISS_RING, "what is judged has room on its way down");

/* The key of one packet, as the batch form would give it. */
static void
mbuf_key(struct rte_mbuf *m, uint32_t in_port, struct flow *key)
{
	uint8_t lanes = 0;

	memset(key, 0, sizeof *key);
	flow_extract_batch(&m, 1, in_port, key, &lanes);
}

static void
handle_miss(struct datapath *dp, struct pmd *pmd, struct dp_item *item)
{
	mbuf_key(item->mbuf, item->in_port, &dp->key);
	item->program = decide(dp, &dp->key, item->mbuf->pkt_len);
	if (item->program == NULL) {
		program_ref(dp->full_program);
		item->program = dp->full_program;
	}
	item->kind = DP_ITEM_RUN;
	send_down(pmd, item);
}

static void
handle_punt(struct datapath *dp, struct dp_item *item)
{
	const struct op_punt *op = (const void *)((uint8_t *)item->program->data + item->hash);
	uint32_t orig_len = item->mbuf->pkt_len, len = MIN(orig_len, op->max_len);
	uint8_t *frame = NULL;
	const void *data = packet_data(item->mbuf);

	mbuf_key(item->mbuf, item->in_port, &dp->key);
	if (len > packet_seg_len(item->mbuf)) {
		frame = xmalloc(len);
		packet_read(item->mbuf, 0, len, frame);
		data = frame;
	}
	dp->params.miss_ops->punt(dp->params.miss_ctx, op, &dp->key, data, len, orig_len);
	free(frame);
	program_unref(item->program);
	rte_pktmbuf_free(item->mbuf);
}

static uint32_t
handle_rings(struct datapath *dp)
{
	struct dp_item items[MISS_BURST];
	uint32_t total = 0;

	for (uint32_t i = 0; i < dp->n_handler_pmds; i++) {
		struct pmd *pmd = dp->handler_pmds[i];
		uint32_t n = rte_ring_sc_dequeue_burst_elem(
			pmd->up, items, sizeof items[0], MISS_BURST, NULL);

		for (uint32_t k = 0; k < n; k++) {
			if (items[k].kind == DP_ITEM_PUNT)
				handle_punt(dp, &items[k]);
			else
				handle_miss(dp, pmd, &items[k]);
		}
		total += n;
	}
	return total;
}

static void
add_pmd(struct datapath *dp, struct pmd *pmd)
{
	dp->handler_pmds[dp->n_handler_pmds++] = pmd;
}

/* Counts and frees a frame that no pmd gets. */
static void
drop_injected(struct datapath *dp, enum drop_reason reason, const struct dp_item *item)
{
	cell_add(&dp->handler_drops.n[reason], 1);
	cell_add(&dp->handler_injected, 1);
	cell_add(&dp->handler_dropped, 1);
	program_unref(item->program);
	rte_pktmbuf_free(item->mbuf);
}

/* Gives a frame to a pmd that has room, or drops it. */
static void
send_injected(struct datapath *dp, struct dp_item *item)
{
	if (dp->n_handler_pmds == 0)
		drop_injected(dp, DROP_SHUTDOWN, item);
	else if (rte_ring_free_count(dp->handler_pmds[0]->down) <= DP_MISS_RING)
		drop_injected(dp, DROP_PUNT_QUEUE_FULL, item);
	else
		send_down(dp->handler_pmds[0], item);
}

/* The pmd's thread has ended: what it counted is credited, then its counters are not looked at again. */
static void
del_pmd(struct datapath *dp, struct pmd *pmd)
{
	struct dp_item item;
	uint32_t i = 0;

	upkeep_forget_pmd(dp, pmd);
	while (dp->handler_pmds[i] != pmd)
		i++;
	dp->handler_pmds[i] = dp->handler_pmds[--dp->n_handler_pmds];
	/* What it sent up before it ended: punts are delivered, misses have nobody to run them. */
	while (rte_ring_sc_dequeue_elem(pmd->up, &item, sizeof item) == 0) {
		if (item.kind == DP_ITEM_PUNT) {
			handle_punt(dp, &item);
			continue;
		}
		cell_add(&dp->handler_drops.n[DROP_SHUTDOWN], 1);
		cell_add(&dp->handler_dropped, 1);
		rte_pktmbuf_free(item.mbuf);
	}
	/* What it was to run: frames of the control plane go to another. */
	while (rte_ring_sc_dequeue_elem(pmd->down, &item, sizeof item) == 0) {
		if (item.kind == DP_ITEM_INJECT) {
			send_injected(dp, &item);
			continue;
		}
		cell_add(&dp->handler_drops.n[DROP_SHUTDOWN], 1);
		cell_add(&dp->handler_dropped, 1);
		program_unref(item.program);
		rte_pktmbuf_free(item.mbuf);
	}
}

static void
inject(struct datapath *dp, struct dp_msg *msg)
{
	struct dp_item item = {
		.mbuf = msg->mbuf, .in_port = msg->in_port, .kind = DP_ITEM_INJECT
	};

	item.program = program_intern(&dp->programs, msg->program, msg->program_len);
	if (item.program == NULL)
		drop_injected(dp, DROP_PROGRAMS_FULL, &item);
	else
		send_injected(dp, &item);
}

/* Returns: false when the thread is to end. */
static bool
handle_msg(struct datapath *dp, struct dp_msg *msg)
{
	bool go_on = true;

	switch (msg->kind) {
	case DP_MSG_FLUSH: upkeep_flush(dp); FALLTHROUGH;
	case DP_MSG_REJUDGE: upkeep_ask_rejudge(dp, msg->seq); break;
	case DP_MSG_SWEEP: upkeep_ask_sweep(dp, msg->seq); break;
	case DP_MSG_INJECT: inject(dp, msg); break;
	case DP_MSG_ADD_PMD: add_pmd(dp, msg->pmd); break;
	case DP_MSG_DEL_PMD: del_pmd(dp, msg->pmd); break;
	case DP_MSG_STOP: go_on = false; break;
	}
	if (msg->done != NULL)
		/* Pairs with the acquire in datapath.c's call_handler(). */
		atomic_store_explicit(msg->done, true, memory_order_release);
	free(msg);
	return go_on;
}

/* Not inlined, because tests/data/tsan.supp names it. */
static NO_INLINE bool
has_input(const struct datapath *dp)
{
	if (atomic_load_explicit(&dp->inbox.pushed, memory_order_relaxed) != NULL)
		return true;
	for (uint32_t i = 0; i < dp->n_handler_pmds; i++) {
		if (rte_ring_empty(dp->handler_pmds[i]->up) == 0)
			return true;
	}
	return false;
}

static bool
round_once(struct datapath *dp, bool *go_on)
{
	struct mpsc_node *node;
	bool busy = false;

	while (*go_on && (node = mpsc_pop(&dp->inbox)) != NULL) {
		*go_on = handle_msg(dp, CONTAINER_OF(node, struct dp_msg, node));
		busy = true;
	}
	busy |= handle_rings(dp) > 0;
	busy |= upkeep_rejudge(dp);
	busy |= upkeep_sweep(dp);
	(void)rcu_reclaim();
	busy |= upkeep_finish(dp);
	atomic_store_explicit(&dp->shown_megaflows, dp->table.n_live, memory_order_relaxed);
	atomic_store_explicit(&dp->shown_masks, dp->table.n_masks, memory_order_relaxed);
	atomic_store_explicit(
		&dp->shown_programs, (uint32_t)hmap_count(&dp->programs.all), memory_order_relaxed);
	return busy;
}

/* The exchange and the one in handler_wake() are in one total order: either the waker sees that the handler sleeps, or
 * the handler sees what the waker gave it before it sleeps. */
static void
handler_sleep(struct datapath *dp, int timeout_ms)
{
	struct pollfd pfd = { .fd = dp->handler_event, .events = POLLIN };
	uint64_t n;

	(void)atomic_exchange_explicit(&dp->handler_asleep, true, memory_order_seq_cst);
	if (!has_input(dp)) {
		rcu_offline();
		(void)poll(&pfd, 1, timeout_ms);
		rcu_online();
	}
	(void)atomic_exchange_explicit(&dp->handler_asleep, false, memory_order_seq_cst);
	(void)!read(dp->handler_event, &n, sizeof n);
}

/* A pmd that wakes the handler makes a system call, at most once for each time that the handler fell asleep: a new flow is
 * judged at once, and an idle handler costs nothing. */
void
handler_wake(struct datapath *dp)
{
	uint64_t one = 1;

	if (atomic_exchange_explicit(&dp->handler_asleep, false, memory_order_seq_cst))
		(void)!write(dp->handler_event, &one, sizeof one);
}

/* How long it may sleep: till the next sweep, but not while a grace period is awaited. */
static int
sleep_ms(const struct datapath *dp)
{
	int64_t ms = dp->sweep_due_ms - clock_ms();

	if (dp->n_dying > 0 || dp->rejudge_runs || rcu_n_retired() > 0)
		return 1;
	return (int)MAX(0, MIN(ms, SLEEP_MAX_MS));
}

static void *
handler_main(void *dp_)
{
	struct datapath *dp = dp_;
	uint32_t empty = 0;
	bool go_on = true;

	role_enter(&role_handler);
	pthread_setname_np(pthread_self(), "handler");
	rcu_thread_register("handler");
	while (go_on) {
		if (round_once(dp, &go_on))
			empty = 0;
		else if (++empty > SPIN_ROUNDS)
			handler_sleep(dp, sleep_ms(dp));
		rcu_quiesce();
	}
	upkeep_flush(dp);
	rcu_thread_unregister();
	return NULL;
}

int
handler_start(struct datapath *dp, struct err *err)
{
	int error;

	mpsc_init(&dp->inbox);
	mpsc_init(&dp->passed);
	program_buf_init(&dp->verdict.program);
	if (dp->params.idle_ms == 0)
		dp->params.idle_ms = DEFAULT_IDLE_MS;
	program_put_drop(&dp->verdict.program, DROP_PROGRAMS_FULL);
	dp->full_program =
		program_intern(&dp->programs, dp->verdict.program.data, dp->verdict.program.len);
	dp->handler_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dp->handler_event < 0) {
		err_set(err, "cannot make an event descriptor: %s", strerror(errno));
		program_buf_uninit(&dp->verdict.program);
		return -errno;
	}
	error = pthread_create(&dp->handler, NULL, handler_main, dp);
	if (error != 0) {
		err_set(err, "cannot start the handler thread: %s", strerror(error));
		close(dp->handler_event);
		program_buf_uninit(&dp->verdict.program);
		return -error;
	}
	dp->handler_runs = true;
	return 0;
}

/* No pmd is left, so a grace period is over as soon as this thread says so. */
void
handler_stop(struct datapath *dp)
{
	if (!dp->handler_runs)
		return;
	pthread_join(dp->handler, NULL);
	dp->handler_runs = false;
	close(dp->handler_event);
	rcu_barrier();
	(void)upkeep_finish(dp);
	program_buf_uninit(&dp->verdict.program);
}
