/* SPDX-License-Identifier: Apache-2.0 */
/* datapath: main's side of the forwarding engine.  Room: datapath.
 *
 * Ports and pmds come and go by publishing: a pmd finds a port's record through an array of pointers and its queues
 * through its poll list, and what was taken out is freed a grace period later. */

#include "datapath/datapath.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fatal.h"
#include "base/loop.h"
#define LOG_THIS LOG_datapath
#include "base/log.h"
#include "datapath/dp_priv.h"
#include "flow/extract.h"
#include "packet/packet.h"
#include "rcu/rcu.h"

#define DEFAULT_MEGAFLOWS (1u << 19)
#define INJECT_MBUFS 1024
#define MAX_FRAME 65535

static void
post(struct datapath *dp, struct dp_msg *msg)
{
	mpsc_push(&dp->inbox, &msg->node);
	handler_wake(dp);
}

static struct dp_msg *
msg_create(enum dp_msg_kind kind)
{
	struct dp_msg *msg = xzalloc(sizeof *msg);

	msg->kind = kind;
	return msg;
}

/* Sends 'kind' about 'pmd' and waits until it is done. */
static void
call_handler(struct datapath *dp, enum dp_msg_kind kind, struct pmd *pmd)
{
	struct dp_msg *msg = msg_create(kind);
	_Atomic bool done = false;

	msg->pmd = pmd;
	msg->done = &done;
	post(dp, msg);
	rcu_offline();
	while (!atomic_load_explicit(&done, memory_order_acquire))
		sched_yield();
	rcu_online();
}

int
datapath_create(const struct datapath_params *params, struct datapath **dpp, struct err *err)
{
	struct datapath *dp;
	int error;

	*dpp = NULL;
	dp = aligned_alloc(SLUICE_CACHE_LINE, ROUND_UP(sizeof *dp, SLUICE_CACHE_LINE));
	if (dp == NULL)
		return -ENOMEM;
	memset(dp, 0, sizeof *dp);
	dp->params = *params;
	error = mf_table_init(&dp->table,
		params->max_megaflows != 0 ? params->max_megaflows : DEFAULT_MEGAFLOWS, err);
	if (error != 0)
		goto err_free;
	error = program_set_init(&dp->programs);
	if (error != 0) {
		err_set(err, "no memory for the table of action programs");
		goto err_table;
	}
	error = handler_start(dp, err);
	if (error != 0)
		goto err_programs;
	*dpp = dp;
	return 0;

err_programs:
	program_set_uninit(&dp->programs);
err_table:
	mf_table_uninit(&dp->table);
err_free:
	free(dp);
	return error;
}

/* Adds what a pmd counted to 'books' and 'stats'. */
static void
add_books(const struct pmd *pmd, struct datapath_books *b)
{
	b->rx += cell_get(&pmd->cells.rx);
	b->tx += cell_get(&pmd->cells.tx);
	b->cloned += cell_get(&pmd->cells.cloned);
	b->injected += cell_get(&pmd->cells.injected);
	b->dropped += cell_get(&pmd->cells.dropped);
	b->punted += cell_get(&pmd->cells.punted);
	for (unsigned int i = 0; i < N_DROP_REASONS; i++)
		b->drops[i] += cell_get(&pmd->drops.n[i]);
}

static void
add_stats(const struct pmd *pmd, struct datapath_stats *s)
{
	s->hot_hits += cell_get(&pmd->cells.hot_hits);
	s->cache_hits += cell_get(&pmd->cells.cache_hits);
	s->megaflow_hits += cell_get(&pmd->cells.megaflow_hits);
	s->masks_searched += cell_get(&pmd->search.masks);
	s->misses += cell_get(&pmd->cells.misses);
	s->lost += cell_get(&pmd->cells.lost);
}

/* Keeps what a pmd counted for a port whose record there goes. */
static void
keep_drops(struct datapath *dp, uint32_t dp_port, const struct dp_drops *drops)
{
	if (dp->past_drops[dp_port] == NULL)
		dp->past_drops[dp_port] = xcalloc(N_DROP_REASONS, sizeof(uint64_t));
	for (unsigned int r = 0; r < N_DROP_REASONS; r++)
		dp->past_drops[dp_port][r] += cell_get(&drops->n[r]);
}

static void
remove_pmd(struct datapath *dp, uint32_t i)
{
	struct pmd *pmd = dp->pmds[i];

	pmd_join(pmd);
	call_handler(dp, DP_MSG_DEL_PMD, pmd);
	for (uint32_t p = 0; p < DATAPATH_MAX_PORTS; p++) {
		const struct pmd_port *pp = pmd_port_lookup(pmd, p);

		if (pp != NULL)
			keep_drops(dp, p, &pp->drops);
	}
	add_books(pmd, &dp->retired);
	add_stats(pmd, &dp->retired_stats);
	for (uint32_t p = 0; p < DATAPATH_MAX_PORTS; p++) {
		for (uint32_t k = 0; k < dp->n_rxqs[p]; k++) {
			struct pmd_rxq *q = &dp->rxqs[p][k];

			if (q->placed && q->core == pmd->core) {
				q->placed = false;
				q->watched = false; /* With the pmd's epoll set. */
			}
		}
	}
	dp->pmds[i] = dp->pmds[--dp->n_pmds];
	rcu_synchronize();
	LOG_INFO("pmd on core %u stopped", pmd->core);
	pmd_destroy(pmd);
}

void
datapath_destroy(struct datapath *dp)
{
	if (dp == NULL)
		return;
	while (dp->n_pmds > 0)
		remove_pmd(dp, dp->n_pmds - 1);
	post(dp, msg_create(DP_MSG_STOP));
	rcu_offline();
	handler_stop(dp);
	rcu_online();
	/* The handler's last news refers to 'dp'. */
	if (dp->params.done != NULL)
		loop_run_posted(dp->params.loop);
	program_set_uninit(&dp->programs);
	mf_table_uninit(&dp->table);
	port_pool_unref(dp->inject_pool);
	free(dp);
}

static bool
wants_core(const struct datapath_pmd_config *config, uint16_t core)
{
	for (uint32_t i = 0; i < config->n_cores; i++) {
		if (config->cores[i] == core)
			return true;
	}
	return false;
}

static bool
has_core(const struct datapath *dp, uint16_t core)
{
	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		if (dp->pmds[i]->core == core)
			return true;
	}
	return false;
}

static uint16_t
free_index(const struct datapath *dp)
{
	uint16_t index = 0;

	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		if (dp->pmds[i]->index == index) {
			index++;
			i = UINT32_MAX; /* Start over: indices are in no order. */
		}
	}
	return index;
}

/* The pmd's record of 'port', published. */
static void
add_pmd_port(struct pmd *pmd, struct port *port)
{
	struct pmd_port *pp;

	pp = aligned_alloc(SLUICE_CACHE_LINE, ROUND_UP(sizeof *pp, SLUICE_CACHE_LINE));
	if (pp == NULL)
		abort();
	memset(pp, 0, sizeof *pp);
	pp->port = port;
	if (port->n_txq > 0)
		pp->txq = port->txqs[pmd->index % port->n_txq];
	/* Pairs with the acquire in pmd_port_lookup(). */
	atomic_store_explicit(&pmd->ports[port->dp_port], pp, memory_order_release);
}

/* Has tx queues locked where pmds share them, and not where they do not. */
static void
set_sharing(struct datapath *dp, struct port *port)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < dp->n_pmds; i++)
		n = MAX(n, dp->pmds[i]->index + 1u);
	for (uint32_t i = 0; i < port->n_txq; i++)
		atomic_store_explicit(
			&port->txqs[i]->shared, n > port->n_txq, memory_order_relaxed);
}

static int
start_pmd(struct datapath *dp, uint16_t core, struct err *err)
{
	struct pmd *pmd;
	int error = pmd_create(dp, core, &pmd, err);

	if (error != 0)
		return error;
	pmd->index = free_index(dp);
	dp->pmds[dp->n_pmds++] = pmd;
	for (uint32_t i = 0; i < DATAPATH_MAX_PORTS; i++) {
		if (dp->ports[i] != NULL)
			set_sharing(dp, dp->ports[i]);
	}
	/* From here on the others lock what this one will share. */
	rcu_synchronize();
	for (uint32_t i = 0; i < DATAPATH_MAX_PORTS; i++) {
		if (dp->ports[i] != NULL)
			add_pmd_port(pmd, dp->ports[i]);
	}
	call_handler(dp, DP_MSG_ADD_PMD, pmd);
	error = pmd_start(pmd, err);
	if (error != 0) {
		remove_pmd(dp, dp->n_pmds - 1);
		return error;
	}
	LOG_INFO("pmd on core %u started (NUMA node %d)", core, pmd->numa_node);
	return 0;
}

int
datapath_set_pmds(struct datapath *dp, const struct datapath_pmd_config *config, struct err *err)
{
	int error = 0;

	dp->sleep_max_us = config->sleep_max_us;
	for (uint32_t i = 0; i < dp->n_pmds; i++)
		atomic_store_explicit(
			&dp->pmds[i]->sleep_max_us, config->sleep_max_us, memory_order_relaxed);
	/* New ones first, so that there is always somebody to move queues to. */
	for (uint32_t i = 0; i < config->n_cores && dp->n_pmds < DATAPATH_MAX_PMDS; i++) {
		int e;

		if (has_core(dp, config->cores[i]))
			continue;
		e = start_pmd(dp, config->cores[i], err);
		if (e != 0)
			error = e;
	}
	for (uint32_t i = dp->n_pmds; i-- > 0;) {
		if (!wants_core(config, dp->pmds[i]->core) && (error == 0 || dp->n_pmds > 1))
			remove_pmd(dp, i);
	}
	for (uint32_t i = 0; i < DATAPATH_MAX_PORTS; i++) {
		if (dp->ports[i] != NULL)
			set_sharing(dp, dp->ports[i]);
	}
	sched_place(dp);
	return error;
}

/* Numbers are given in turn, so that one that was freed rests as long as possible: a megaflow that still names it
 * is judged anew long before. */
static uint32_t
take_number(struct datapath *dp)
{
	for (uint32_t tries = 1; tries < DATAPATH_MAX_PORTS; tries++) {
		uint32_t n = 1 + (dp->last_port + tries - 1) % (DATAPATH_MAX_PORTS - 1);

		if (dp->ports[n] == NULL) {
			dp->last_port = n;
			return n;
		}
	}
	return PORT_NONE;
}

/* Takes up the transmit queues of a port that has its number. */
static void
take_up_tx(struct datapath *dp, struct port *port)
{
	set_sharing(dp, port);
	for (uint32_t i = 0; i < dp->n_pmds; i++)
		add_pmd_port(dp->pmds[i], port);
}

/* Takes up its receive queues. */
static void
take_up_rx(struct datapath *dp, struct port *port)
{
	uint32_t n = port->dp_port;

	dp->n_rxqs[n] = port->n_rxq;
	dp->rxqs[n] = xcalloc(MAX(port->n_rxq, 1), sizeof *dp->rxqs[n]);
	for (uint32_t i = 0; i < port->n_rxq; i++) {
		dp->rxqs[n][i].rxq = port->rxqs[i];
		dp->rxqs[n][i].dp_port = n;
	}
	sched_place(dp);
}

/* Lets go of the queues of a port: no pmd touches them after return. */
static void
let_go(struct datapath *dp, struct port *port)
{
	uint32_t n = port->dp_port;
	struct pmd_port *pps[DATAPATH_MAX_PMDS];

	sched_remove_port(dp, port);
	for (uint32_t i = 0; i < dp->n_pmds; i++)
		pps[i] = atomic_exchange_explicit(
			&dp->pmds[i]->ports[n], NULL, memory_order_acq_rel);
	rcu_synchronize();
	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		keep_drops(dp, n, &pps[i]->drops);
		free(pps[i]);
	}
	free(dp->rxqs[n]);
	dp->rxqs[n] = NULL;
	dp->n_rxqs[n] = 0;
}

int
datapath_add_port(struct datapath *dp, struct port *port, struct err *err)
{
	uint32_t n = take_number(dp);

	if (n == PORT_NONE) {
		err_set(err, "the datapath has all of its %u ports", DATAPATH_MAX_PORTS - 1);
		return -ENOSPC;
	}
	port->dp_port = n;
	dp->ports[n] = port;
	take_up_tx(dp, port);
	return 0;
}

void
datapath_start_port(struct datapath *dp, struct port *port)
{
	BUG_ON(dp->rxqs[port->dp_port] != NULL);
	take_up_rx(dp, port);
}

void
datapath_del_port(struct datapath *dp, struct port *port)
{
	let_go(dp, port);
	free(dp->past_drops[port->dp_port]);
	dp->past_drops[port->dp_port] = NULL;
	dp->ports[port->dp_port] = NULL;
	port->dp_port = PORT_NONE;
}

int
datapath_change_port(
	struct datapath *dp, struct port *port, int (*change)(struct port *, void *aux), void *aux)
{
	bool receives = dp->rxqs[port->dp_port] != NULL;
	int error;

	let_go(dp, port);
	error = change(port, aux);
	take_up_tx(dp, port);
	if (receives)
		take_up_rx(dp, port);
	return error;
}

static uint64_t
request(struct datapath *dp, enum dp_msg_kind kind)
{
	struct dp_msg *msg = msg_create(kind);
	uint64_t seq = ++dp->seq;

	msg->seq = seq;
	post(dp, msg);
	return seq;
}

uint64_t
datapath_rejudge(struct datapath *dp)
{
	return request(dp, DP_MSG_REJUDGE);
}

uint64_t
datapath_sweep(struct datapath *dp)
{
	return request(dp, DP_MSG_SWEEP);
}

uint64_t
datapath_flush(struct datapath *dp)
{
	return request(dp, DP_MSG_FLUSH);
}

int
datapath_inject(struct datapath *dp, uint32_t in_port, const void *frame, uint32_t len,
	const void *program, uint32_t program_len)
{
	struct rte_mbuf *m;
	struct rte_mempool *pool;
	struct packet_layout layout;
	struct dp_msg *msg;

	if (len > MAX_FRAME || program_len > PROGRAM_MAX_LEN)
		return -EMSGSIZE;
	if (dp->inject_pool == NULL
		&& port_pool_get(0, 1500, INJECT_MBUFS, &dp->inject_pool, NULL) != 0)
		return -ENOBUFS;
	pool = port_pool_mempool(dp->inject_pool);
	m = rte_pktmbuf_alloc(pool);
	if (m == NULL)
		return -ENOBUFS;
	if (packet_append(m, frame, len, pool) != 0) {
		rte_pktmbuf_free(m);
		return -ENOBUFS;
	}
	/* Edits need to know where the headers are. */
	flow_extract(frame, len, in_port, &dp->inject_key, &layout);
	*packet_layout(m) = layout;
	msg = xzalloc(sizeof *msg + ROUND_UP(program_len, 8u));
	msg->kind = DP_MSG_INJECT;
	msg->mbuf = m;
	msg->in_port = in_port;
	msg->program_len = program_len;
	memcpy(msg->program, program, program_len);
	post(dp, msg);
	return 0;
}

void
datapath_get_books(struct datapath *dp, struct datapath_books *b)
{
	*b = dp->retired;
	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		add_books(dp->pmds[i], b);
		b->in_flight += (uint64_t)atomic_load_explicit(
					&dp->pmds[i]->n_outstanding, memory_order_relaxed)
			+ atomic_load_explicit(&dp->pmds[i]->n_wait, memory_order_relaxed);
	}
	b->injected += cell_get(&dp->handler_injected);
	b->dropped += cell_get(&dp->handler_dropped);
	for (unsigned int i = 0; i < N_DROP_REASONS; i++)
		b->drops[i] += cell_get(&dp->handler_drops.n[i]);
}

void
datapath_get_stats(struct datapath *dp, struct datapath_stats *s)
{
	*s = dp->retired_stats;
	for (uint32_t i = 0; i < dp->n_pmds; i++)
		add_stats(dp->pmds[i], s);
	s->hits = s->hot_hits + s->cache_hits + s->megaflow_hits;
	s->n_megaflows = atomic_load_explicit(&dp->shown_megaflows, memory_order_relaxed);
	s->n_masks = atomic_load_explicit(&dp->shown_masks, memory_order_relaxed);
	s->n_programs = atomic_load_explicit(&dp->shown_programs, memory_order_relaxed);
}

void
datapath_get_port_drops(struct datapath *dp, uint32_t dp_port, uint64_t *drops)
{
	memset(drops, 0, N_DROP_REASONS * sizeof *drops);
	if (dp_port < DATAPATH_MAX_PORTS && dp->past_drops[dp_port] != NULL)
		memcpy(drops, dp->past_drops[dp_port], N_DROP_REASONS * sizeof *drops);
	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		const struct pmd_port *pp = pmd_port_lookup(dp->pmds[i], dp_port);

		for (unsigned int r = 0; pp != NULL && r < N_DROP_REASONS; r++)
			drops[r] += cell_get(&pp->drops.n[r]);
	}
}

#define SINCE(PMD, CELL) (cell_get(&(PMD)->cells.CELL) - cell_get(&(PMD)->base.CELL))

static uint32_t
count_rxqs(const struct datapath *dp, uint16_t core)
{
	uint32_t n = 0;

	for (uint32_t p = 0; p < DATAPATH_MAX_PORTS; p++) {
		for (uint32_t k = 0; k < dp->n_rxqs[p]; k++)
			n += dp->rxqs[p][k].placed && dp->rxqs[p][k].core == core;
	}
	return n;
}

uint32_t
datapath_get_pmds(struct datapath *dp, struct datapath_pmd_stats *out, uint32_t max)
{
	for (uint32_t i = 0; i < dp->n_pmds && i < max; i++) {
		const struct pmd *pmd = dp->pmds[i];

		out[i] = (struct datapath_pmd_stats){
			.core = pmd->core,
			.numa_node = pmd->numa_node,
			.rx_packets = SINCE(pmd, rx),
			.hot_hits = SINCE(pmd, hot_hits),
			.cache_hits = SINCE(pmd, cache_hits),
			.megaflow_hits = SINCE(pmd, megaflow_hits),
			.masks_searched = cell_get(&pmd->search.masks) - pmd->base_masks,
			.misses = SINCE(pmd, misses),
			.lost = SINCE(pmd, lost),
			.tx_packets = SINCE(pmd, tx),
			.tx_batches = SINCE(pmd, tx_batches),
			.busy_cycles = SINCE(pmd, busy_cycles),
			.idle_cycles = SINCE(pmd, idle_cycles),
			.sleep_ns = SINCE(pmd, sleep_ns),
			.loops = SINCE(pmd, loops),
			.n_rxqs = count_rxqs(dp, pmd->core),
		};
	}
	return dp->n_pmds;
}

/* Cycles of the pmd on 'core' since the counters were cleared. */
static uint64_t
pmd_cycles(const struct datapath *dp, uint16_t core)
{
	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		if (dp->pmds[i]->core == core)
			return SINCE(dp->pmds[i], busy_cycles) + SINCE(dp->pmds[i], idle_cycles);
	}
	return 0;
}

uint32_t
datapath_get_rxqs(struct datapath *dp, struct datapath_rxq_stats *out, uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t p = 0; p < DATAPATH_MAX_PORTS; p++) {
		for (uint32_t k = 0; k < dp->n_rxqs[p]; k++) {
			const struct pmd_rxq *q = &dp->rxqs[p][k];
			uint64_t cycles = cell_get(&q->cycles) - q->base_cycles, all;

			if (!q->placed)
				continue;
			if (n < max) {
				all = pmd_cycles(dp, q->core);
				out[n] = (struct datapath_rxq_stats){
					.port = dp->ports[p],
					.queue = (uint16_t)k,
					.core = q->core,
					.packets = cell_get(&q->packets) - q->base_packets,
					.cycles = cycles,
					.load_permille =
						(uint32_t)(all > 0 ? cycles * 1000 / all : 0),
				};
			}
			n++;
		}
	}
	return n;
}

void
datapath_clear_pmd_stats(struct datapath *dp)
{
	for (uint32_t i = 0; i < dp->n_pmds; i++) {
		struct pmd *pmd = dp->pmds[i];
		const _Atomic uint64_t *from = (const void *)&pmd->cells;
		_Atomic uint64_t *to = (void *)&pmd->base;

		for (size_t k = 0; k < sizeof pmd->cells / sizeof *from; k++)
			atomic_store_explicit(&to[k], cell_get(&from[k]), memory_order_relaxed);
		pmd->base_masks = cell_get(&pmd->search.masks);
	}
	for (uint32_t p = 0; p < DATAPATH_MAX_PORTS; p++) {
		for (uint32_t k = 0; k < dp->n_rxqs[p]; k++) {
			dp->rxqs[p][k].base_packets = cell_get(&dp->rxqs[p][k].packets);
			dp->rxqs[p][k].base_cycles = cell_get(&dp->rxqs[p][k].cycles);
		}
	}
}

void
datapath_dump_flows(
	struct datapath *dp, bool (*cb)(void *aux, const struct datapath_flow *), void *aux)
{
	uint32_t n = atomic_load_explicit(&dp->table.n_used, memory_order_acquire);

	for (uint32_t i = 0; i < n; i++) {
		const struct mf_cold *cold = &dp->table.cold[i];
		const struct program *program;
		struct datapath_flow f;
		struct flow key, mask;
		uint64_t tail;

		tail = atomic_load_explicit(&dp->table.hot[i].tail, memory_order_acquire);
		if ((tail & MF_ALIVE) == 0)
			continue;
		/* Main is an rcu reader: record and program stay as they are until it is quiescent. */
		program = program_lookup(&dp->programs, mf_tail_program(tail));
		mf_get_key(&dp->table, i, &key, &mask);
		f = (struct datapath_flow){
			.key = &key,
			.mask = &mask,
			.program = program->data,
			.program_len = program->len,
			.n_packets = cell_get(&cold->packets),
			.n_bytes = cell_get(&cold->bytes),
			.used_ms = atomic_load_explicit(&cold->used_ms, memory_order_relaxed),
			.tcp_flags = atomic_load_explicit(&cold->tcp_flags, memory_order_relaxed),
			.index = i,
		};
		if (!cb(aux, &f))
			return;
	}
}
