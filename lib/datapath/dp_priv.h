/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_DP_PRIV_H
#define DATAPATH_DP_PRIV_H

/* dp_priv: the datapath's insides, shared by its files.
 *
 * Model    'struct datapath' is main's; it has the megaflow table and the interned programs, which the
 *          handler writes, and the pmds.  Main talks to the handler by messages (struct dp_msg) and to a pmd by
 *          publishing what it polls and where it sends.  Pmd and handler talk by two rings a pmd: misses and punts up,
 *          judged packets down.
 * Threads  each member says its writer.  Counters are cells: one writer, relaxed loads elsewhere. */

#include <pthread.h>
#include <stdatomic.h>

#include <rte_mbuf.h>
#include <rte_ring_elem.h>

#include "base/hmap.h"
#include "datapath/cache_priv.h"
#include "datapath/datapath.h"
#include "datapath/megaflow_priv.h"
#include "datapath/program_set_priv.h"
#include "port/pool.h"
#include "port/port.h"
#include "rcu/mpsc.h"
#include "stats/cells.h"

#define DP_BATCH 32
#define DP_MISS_RING 8192 /* Packets a pmd may have waiting with the handler. */
#define DP_MISS_QUOTA (DP_MISS_RING / 2) /* Of these, from one port. */
#define DP_PENDING 4096 /* Buckets of flows that have a packet with the handler. */
#define DP_WAIT 4096 /* Packets a pmd may have waiting behind those. */
#define DP_WAIT_QUOTA (DP_WAIT / 2) /* Of these, from one port. */

/* What goes between pmd and handler. */
enum dp_item_kind {
	DP_ITEM_MISS, /* Up: judge this packet. */
	DP_ITEM_PUNT, /* Up: hand this copy to the control plane. */
	DP_ITEM_RUN, /* Down: run the program; a miss that was judged. */
	DP_ITEM_INJECT /* Down: run the program; a frame of the control plane. */
};

struct dp_item {
	struct rte_mbuf *mbuf;
	struct program *program; /* A reference travels along: RUN, INJECT, PUNT. */
	uint32_t in_port;
	uint32_t
		hash; /* MISS, RUN: of the key, for the pending table.  PUNT: offset of the op in the program. */
	uint32_t kind; /* enum dp_item_kind */
	uint32_t pad;
};

static_assert(sizeof(struct dp_item) % 4 == 0, "ring elements are words");

/* A packet that waits for an earlier one of its flow to come back. */
struct pmd_wait {
	struct rte_mbuf *mbuf;
	uint32_t in_port;
	uint32_t hash;
};

/* Drops of one thread, by reason. */
struct dp_drops {
	_Atomic uint64_t n[N_DROP_REASONS];
};

/* What one pmd keeps for one port: where to send, what waits to be sent, what was dropped. */
struct pmd_port {
	struct port *port;
	struct port_txq *txq;
	uint16_t n; /* Packets in 'out'. */
	bool listed; /* Stands in pmd->dirty. */
	struct dp_drops drops;
	struct rte_mbuf *out[DP_BATCH];
} CACHE_ALIGNED;

/* A queue that a pmd polls. */
struct pmd_rxq {
	struct port_rxq *rxq;
	uint32_t dp_port;
	uint16_t core; /* Main: where it is placed. */
	bool placed; /* Main. */
	bool watched; /* Main: its descriptor is in the pmd's epoll set. */
	uint32_t hot[2]; /* Pmd: megaflows of the last packets. */
	uint32_t hot_tries, hot_hits; /* Pmd: whether asking them first pays. */
	_Atomic uint64_t packets, cycles; /* Pmd. */
	uint64_t last_cycles, load_cycles; /* Main: for placing. */
	uint64_t base_packets, base_cycles; /* Main: when the counters were cleared. */
};

/* Immutable after publish. */
struct pmd_polls {
	uint32_t n; /* Queues polled in turn. */
	uint32_t n_watched; /* Queues with a descriptor, found by epoll. */
	struct pmd_rxq *rxqs[]; /* Polled ones first. */
};

struct pmd_cells {
	_Atomic uint64_t rx, tx, cloned, injected, dropped, punted;
	_Atomic uint64_t hot_hits, cache_hits, megaflow_hits, misses, lost;
	_Atomic uint64_t tx_batches, busy_cycles, idle_cycles, sleep_ns, loops;
};

struct pmd {
	struct datapath *dp;
	uint16_t core;
	uint16_t index; /* Lowest free number at creation: which tx queue it uses.  Main. */
	int numa_node;
	pthread_t thread;
	bool runs; /* Main. */
	int epoll_fd;
	_Atomic bool stop; /* Main. */
	_Atomic uint32_t sleep_max_us; /* Main. */
	_Atomic(struct pmd_polls *) polls; /* Main publishes. */
	_Atomic(struct pmd_port *) *ports; /* By datapath port; main publishes. */
	struct rte_ring *up, *down; /* One producer, one consumer each. */
	struct mf_counter *counters; /* By megaflow; reserved like the table. */

	/* The pmd's own. */
	struct flow keys[DP_BATCH];
	uint8_t key_lanes[DP_BATCH]; /* What flow_extract_batch() left in 'keys'. */
	struct cache cache;
	_Atomic(struct cache_memory *) new_cache; /* Handler offers, pmd takes. */
	_Atomic(struct cache_memory *) old_cache; /* Pmd gives back, handler frees. */
	struct pmd_port *dirty[DATAPATH_MAX_PORTS]; /* Ports with packets to send. */
	uint32_t n_dirty;
	_Atomic uint32_t n_outstanding; /* Packets with the handler. */
	bool pending[DP_PENDING]; /* By flow hash: one is with the handler. */
	struct pmd_wait wait[DP_WAIT]; /* Oldest first; each one's bucket is pending. */
	_Atomic uint32_t n_wait;
	/* By datapath port, for the quotas.  Not in pmd_port, which goes while a port's queues change: packets
	 * that are under way then would be counted out of the new record. */
	uint16_t port_misses[DATAPATH_MAX_PORTS]; /* With the handler. */
	uint16_t port_waits[DATAPATH_MAX_PORTS]; /* In 'wait'. */
	uint32_t now_ms; /* Of this loop round. */
	struct pmd_cells cells;
	struct mf_search search;
	struct dp_drops drops; /* All ports. */
	struct pmd_cells base; /* Main: shown counters start here. */
	uint64_t base_masks;

	/* The handler's. */
	uint32_t cache_entries;
	uint64_t cache_mark[2]; /* Hits by search and by cache at the last look. */
	uint64_t mask_mark[MF_MAX_MASKS];
};

/* From main to the handler. */
enum dp_msg_kind {
	DP_MSG_REJUDGE,
	DP_MSG_SWEEP,
	DP_MSG_FLUSH,
	DP_MSG_INJECT,
	DP_MSG_ADD_PMD,
	DP_MSG_DEL_PMD, /* Synchronous: 'done' is set when the pmd's counters are folded. */
	DP_MSG_STOP
};

struct dp_msg {
	struct mpsc_node node;
	enum dp_msg_kind kind;
	uint64_t seq; /* Requests. */
	struct pmd *pmd; /* ADD_PMD, DEL_PMD. */
	_Atomic bool *done;
	struct rte_mbuf *mbuf; /* INJECT. */
	uint32_t in_port;
	uint32_t program_len;
	uint64_t program[]; /* INJECT. */
};

struct dying_batch;

/* Requests for one kind of walk.  Those that come while one runs are answered by the next.  Numbers, 0: none. */
struct dp_requests {
	uint64_t asked; /* The newest. */
	uint64_t first; /* The oldest that the running walk answers. */
	uint64_t next; /* The oldest that it does not. */
};

struct datapath {
	struct datapath_params params;
	struct mf_table table; /* Handler. */
	struct program_set programs; /* Handler. */

	/* Main's. */
	struct pmd *pmds[DATAPATH_MAX_PMDS];
	uint32_t n_pmds;
	struct port *ports[DATAPATH_MAX_PORTS];
	struct pmd_rxq *rxqs[DATAPATH_MAX_PORTS]; /* 'n_rxqs' of them, by port. */
	uint16_t n_rxqs[DATAPATH_MAX_PORTS];
	/* By port, N_DROP_REASONS each: what records counted that are gone; NULL: nothing. */
	uint64_t *past_drops[DATAPATH_MAX_PORTS];
	struct flow inject_key; /* Scratch. */
	uint32_t last_port; /* Numbers are given round robin, so that a freed one rests. */
	uint64_t seq; /* Of requests. */
	struct datapath_books retired; /* Books of threads that ended. */
	struct datapath_stats retired_stats;
	struct port_pool *inject_pool;
	uint32_t sleep_max_us;

	/* The handler's. */
	pthread_t handler;
	bool handler_runs;
	int handler_event; /* Written to end the handler's sleep. */
	_Atomic bool handler_asleep; /* Handler sets, who wakes it clears. */
	struct mpsc_queue inbox;
	struct pmd *handler_pmds[DATAPATH_MAX_PMDS];
	uint32_t n_handler_pmds;
	struct mf_search handler_search;
	struct flow key, mask; /* Scratch. */
	struct miss_verdict verdict; /* Scratch. */
	struct dp_requests rejudges, sweeps;
	uint32_t rejudge_at, sweep_at; /* Where the walks stand. */
	bool rejudge_runs, sweep_runs;
	bool rejudge_waits; /* The walk is done, its fence is not. */
	uint64_t told; /* Main knows that all requests up to this one are done. */
	struct program *full_program; /* What becomes of packets when no program can be made. */
	struct dp_drops handler_drops;
	_Atomic uint64_t handler_dropped, handler_injected;
	int64_t sweep_due_ms;
	struct mpsc_queue passed; /* struct dying_batch whose grace period is over. */
	struct dying_batch *dying; /* Being filled. */
	uint32_t n_dying; /* Megaflows between unlink and free. */
	_Atomic uint32_t shown_megaflows, shown_masks, shown_programs; /* For main. */
};

/* Counts and frees packets that end here.  'pp' may be NULL.  Role: pmd. */
void pmd_drop(struct pmd *, struct pmd_port *pp, uint32_t reason, struct rte_mbuf **, uint32_t n);

/* The pmd's record of a port, or NULL.  The acquire pairs with the release in datapath_add_port(). */
static inline struct pmd_port *
pmd_port_lookup(struct pmd *pmd, uint32_t dp_port)
{
	if (UNLIKELY(dp_port >= DATAPATH_MAX_PORTS))
		return NULL;
	return atomic_load_explicit(&pmd->ports[dp_port], memory_order_acquire);
}

/* pmd.c */
int pmd_create(struct datapath *, uint16_t core, struct pmd **, struct err *) MUST_CHECK;
int pmd_start(struct pmd *, struct err *) MUST_CHECK;
void pmd_join(struct pmd *); /* Stops the thread; counters stay readable. */
void pmd_destroy(struct pmd *);

/* lookup.c: one batch of one port, from wire to programs.  Role: pmd. */
void pmd_process(struct pmd *, struct pmd_rxq *, struct rte_mbuf **, uint32_t n);

/* The same for packets that were received before and waited. */
void pmd_resume(struct pmd *, uint32_t in_port, struct rte_mbuf **, uint32_t n);

/* exec.c: runs a program over packets, all of which it consumes.  Role: pmd. */
void
pmd_exec(struct pmd *, const struct program *, uint32_t in_port, struct rte_mbuf **, uint32_t n);

/* output.c.  Role: pmd. */
void pmd_output(struct pmd *, uint32_t in_port, uint32_t out_port, struct rte_mbuf **, uint32_t n);
void pmd_flush(struct pmd *);

/* miss.c: the pmd's end of the rings.  Role: pmd. */
void pmd_miss(struct pmd *, uint32_t in_port, uint32_t hash, struct rte_mbuf *);
void pmd_wait(struct pmd *, uint32_t in_port, uint32_t hash, struct rte_mbuf *);
void pmd_punt(struct pmd *, const struct program *, const struct op_punt *, uint32_t in_port,
	struct rte_mbuf *copy);
uint32_t pmd_run_judged(struct pmd *);
void pmd_give_up_waiting(struct pmd *); /* Drops what still waits when the thread ends. */

/* handler.c.  wake: any thread, after it gave the handler something to do. */
void handler_wake(struct datapath *);
int handler_start(struct datapath *, struct err *) MUST_CHECK;
void handler_stop(struct datapath *);

/* sched.c.  Role: main.  Places the queues that have no pmd and publishes what each pmd polls. */
void sched_place(struct datapath *);

/* Takes the queues of 'port' away from their pmds; a grace period later none is touched. */
void sched_remove_port(struct datapath *, const struct port *);

#endif /* DATAPATH_DP_PRIV_H */
