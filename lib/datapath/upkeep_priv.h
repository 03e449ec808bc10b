/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_UPKEEP_PRIV_H
#define DATAPATH_UPKEEP_PRIV_H

/* upkeep: the life of megaflows (see upkeep.c).  Threads: handler, every function; upkeep_finish() also main when the
 * handler has ended. */

#include <stdbool.h>

#include "base/compiler.h"

struct datapath;
struct flow;
struct pmd;
struct program;

/* Has 'key' judged into dp->verdict, which always gets a program. */
void upkeep_judge(struct datapath *, const struct flow *key);

/* Gives back the contributions that dp->verdict still holds. */
void upkeep_forget_verdict(struct datapath *);

/* Installs dp->verdict for 'key' with 'program' (one reference is taken).
 * Returns: the index, or MF_NONE with the contributions still the verdict's. */
uint32_t upkeep_install(struct datapath *, const struct flow *key, struct program *program);

/* Credits traffic to megaflow 'idx' and to those who decided about it.  'key': the packet's, NULL: the megaflow's. */
void upkeep_credit(struct datapath *, uint32_t idx, uint64_t packets, uint64_t bytes,
	uint16_t tcp_flags, int64_t used_ms, const struct flow *key);

/* Removes every megaflow. */
void upkeep_flush(struct datapath *);

/* The pmd's thread has ended. */
void upkeep_forget_pmd(struct datapath *, const struct pmd *);

/* Asks for a walk, answered by params.done with 'seq'. */
void upkeep_ask_rejudge(struct datapath *, uint64_t seq);
void upkeep_ask_sweep(struct datapath *, uint64_t seq);

/* A piece of each walk, if one is due.  Returns: whether there was work worth staying awake for. */
bool upkeep_rejudge(struct datapath *);
bool upkeep_sweep(struct datapath *);

/* Frees what passed its grace period.  Returns: whether there was any. */
bool upkeep_finish(struct datapath *);

#endif /* DATAPATH_UPKEEP_PRIV_H */
