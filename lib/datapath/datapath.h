/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_DATAPATH_H
#define DATAPATH_DATAPATH_H

/* datapath: the forwarding engine, as main sees it.
 *
 * Model    One datapath serves all bridges.  It has ports (numbered from 1), pmd threads that poll their queues,
 *          one handler thread that turns misses into megaflows, and the megaflows, which all pmds share.  It
 *          knows nothing of bridges or OpenFlow: what a packet that it has no megaflow for deserves, it
 *          asks of 'struct miss_ops'.
 * Rules    I1 Every packet received, injected or cloned ends in exactly one of: transmitted, dropped under one
 *             reason, punted (struct datapath_books).
 *          I2 Once a rejudge has been reported as done, no megaflow judged by an older version is in use.
 *          I3 When datapath_del_port() returns, no thread touches the port's queues.
 * Life     datapath_create() -> datapath_set_pmds() -> ports come and go -> datapath_destroy().
 * Owner    the datapath borrows ports from add to delete.
 * Threads  every function here: main.  A call waits for pmds and handler at most one loop round each.
 * See      datapath/miss_ops.h, Documentation/topics/datapath.rst. */

#include <stdbool.h>

#include "base/compiler.h"
#include "datapath/miss_ops.h"
#include "stats/drops.h"

struct datapath;
struct err;
struct loop;
struct port;
struct str;

#define DATAPATH_MAX_PORTS 8192
#define DATAPATH_MAX_PMDS 128

struct datapath_params {
	const struct miss_ops *miss_ops;
	void *miss_ctx;
	struct loop *loop; /* Where completions are delivered. */
	/* A rejudge or sweep request with number 'seq', and all before it, is done. */
	void (*done)(void *aux, uint64_t seq);
	void *aux;
	uint32_t max_megaflows; /* 0: default. */
	uint32_t idle_ms; /* A megaflow unused for that long goes away; 0: default (10 s). */
};

int
datapath_create(const struct datapath_params *, struct datapath **dpp, struct err *err) MUST_CHECK;

/* Stops all threads.  Ports must have been deleted.  Accepts NULL. */
void datapath_destroy(struct datapath *);

/* Which cores poll, and how eagerly. */
struct datapath_pmd_config {
	const uint16_t *cores; /* CPU numbers; 'n_cores' of them. */
	uint32_t n_cores;
	uint32_t
		sleep_max_us; /* Longest sleep of a pmd whose queues are all idle; 0: never sleep. */
};

/* Starts and stops pmd threads until they run on just those cores.  Queues move, nothing else is disturbed.
 * Returns: 0, or -errno with 'err' if a thread could not be started (the others run). */
int datapath_set_pmds(
	struct datapath *, const struct datapath_pmd_config *, struct err *err) MUST_CHECK;

/* Takes 'port' into service for sending.  Returns: 0 and port->dp_port set, or -ENOSPC, -ENOMEM with 'err'. */
int datapath_add_port(struct datapath *, struct port *, struct err *err) MUST_CHECK;

/* Begins to receive from an added port, once.  Until then its packets wait in the device: whoever knows what is to be done
 * with them can be told of port->dp_port first. */
void datapath_start_port(struct datapath *, struct port *);

/* Takes a port out of service: no queue of it is touched after return. */
void datapath_del_port(struct datapath *, struct port *);

/* Lets go of the port's queues, calls 'change' (which may alter them), and takes them up again. */
int datapath_change_port(
	struct datapath *, struct port *, int (*change)(struct port *, void *aux), void *aux);

/* Asks for every megaflow to be judged anew.  Returns: the request's number, for 'done'. */
uint64_t datapath_rejudge(struct datapath *);

/* Asks for all counters to be credited up to now.  Returns: the request's number, for 'done'. */
uint64_t datapath_sweep(struct datapath *);

/* Runs a program on a frame made by the control plane.  Returns: 0, -ENOBUFS, -EMSGSIZE. */
int datapath_inject(struct datapath *, uint32_t in_port, const void *frame, uint32_t len,
	const void *program, uint32_t program_len) MUST_CHECK;

/* Totals since start, all threads.  I1: rx + injected + cloned == tx + dropped + punted + in_flight. */
struct datapath_books {
	uint64_t rx, injected, cloned;
	uint64_t tx, dropped, punted;
	uint64_t in_flight; /* Waiting for the handler. */
	uint64_t drops[N_DROP_REASONS];
};

struct datapath_stats {
	uint64_t hits; /* Packets that a megaflow covered, by whichever way it was found. */
	uint64_t hot_hits; /* By the queue's last megaflow. */
	uint64_t cache_hits; /* By the signature cache. */
	uint64_t megaflow_hits; /* By a search over the masks. */
	uint64_t masks_searched; /* Masks tried in those searches. */
	uint64_t misses; /* Packets sent to the handler. */
	uint64_t lost; /* Misses refused: ring full or quota. */
	uint32_t n_megaflows;
	uint32_t n_masks;
	uint32_t n_programs;
};

void datapath_get_books(struct datapath *, struct datapath_books *);
void datapath_get_stats(struct datapath *, struct datapath_stats *);

/* Drops of one port by reason, summed over threads, into 'drops[N_DROP_REASONS]'. */
void datapath_get_port_drops(struct datapath *, uint32_t dp_port, uint64_t *drops);

/* A pmd, for tables. */
struct datapath_pmd_stats {
	uint16_t core;
	int numa_node;
	uint64_t rx_packets, hot_hits, cache_hits, megaflow_hits, masks_searched, misses, lost;
	uint64_t tx_packets, tx_batches;
	uint64_t busy_cycles, idle_cycles, sleep_ns, loops;
	uint32_t n_rxqs;
};

struct datapath_rxq_stats {
	const struct port *port;
	uint16_t queue;
	uint16_t core;
	uint64_t packets, cycles; /* Since the queue came to this pmd. */
	uint32_t load_permille; /* Of the pmd's cycles over the last seconds. */
};

/* Both fill in at most 'max' and return how many there are. */
uint32_t datapath_get_pmds(struct datapath *, struct datapath_pmd_stats *, uint32_t max);
uint32_t datapath_get_rxqs(struct datapath *, struct datapath_rxq_stats *, uint32_t max);

/* Forgets the pmd counters shown by the two functions above (the books go on). */
void datapath_clear_pmd_stats(struct datapath *);

/* A cached flow, for tables; valid during the call. */
struct datapath_flow {
	const struct flow *key, *mask;
	const void *program;
	uint32_t program_len;
	uint64_t n_packets, n_bytes;
	int64_t used_ms; /* clock_ms() of the last packet; 0: never. */
	be16 tcp_flags; /* All that were seen. */
	uint32_t index;
};

/* Calls 'cb' for every megaflow until it returns false. */
void datapath_dump_flows(
	struct datapath *, bool (*cb)(void *aux, const struct datapath_flow *), void *aux);

/* Removes every megaflow; packets miss anew.  Returns: the request's number, for 'done'. */
uint64_t datapath_flush(struct datapath *);

#endif /* DATAPATH_DATAPATH_H */
