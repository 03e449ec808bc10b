/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_PROGRAM_SET_PRIV_H
#define DATAPATH_PROGRAM_SET_PRIV_H

/* program_set: interned action programs.
 *
 * Model    Equal bytes are one 'struct program' with one id, so that packets are grouped by comparing pointers and
 *          a megaflow's hot line holds a program in four bytes.
 * Rules    I1 An id is given to another program only after a grace period: a reader that found the id in a live
 *             megaflow finds the right program until its next quiescent state.
 * Life     program_intern() makes or finds it with one more reference; program_unref() by whoever held one; the
 *          handler's program_set_collect() retires those that nobody holds.
 * Owner    each live megaflow and each ring item holds a reference.
 * Threads  intern, collect: handler.  lookup: rcu readers.  ref, unref: any.
 * Cost     a hash lookup per judged miss; nothing per packet. */

#include <pthread.h>
#include <stdatomic.h>

#include "base/compiler.h"
#include "base/hmap.h"

#define PROGRAM_SET_MAX (1u << 18)

struct program_set;

struct program {
	struct hmap_node node; /* In program_set.all. */
	struct program_set *set;
	uint32_t id;
	_Atomic uint32_t refs;
	uint32_t len;
	uint32_t only_output; /* The program is one output to that port, else PORT_NONE. */
	uint64_t data[]; /* 'len' bytes of operations. */
};

struct program_set {
	struct hmap all; /* Handler. */
	_Atomic(struct program *) *by_id; /* PROGRAM_SET_MAX of them. */
	pthread_mutex_t lock; /* Guards the two below: reclaim gives ids back. */
	uint32_t *free_ids; /* Stack. */
	uint32_t n_free;
	uint32_t n_ids; /* Ids ever used.  Handler. */
	_Atomic uint32_t n_retired; /* Collected and not freed yet. */
};

int program_set_init(struct program_set *) MUST_CHECK;

/* Frees all programs, held or not, but waits for those that are collected.  No reader may be left. */
void program_set_uninit(struct program_set *);

/* Returns: the program with a reference for the caller, or NULL when there are PROGRAM_SET_MAX.  Role: handler. */
struct program *program_intern(struct program_set *, const void *data, uint32_t len);

/* Retires the programs that nobody holds.  Role: handler. */
void program_set_collect(struct program_set *);

static inline void
program_ref(struct program *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
}

/* Accepts NULL. */
static inline void
program_unref(struct program *p)
{
	/* The release pairs with the acquire in program_set_collect(). */
	if (p != NULL)
		atomic_fetch_sub_explicit(&p->refs, 1, memory_order_release);
}

static inline struct program *
program_lookup(const struct program_set *set, uint32_t id)
{
	return atomic_load_explicit(&set->by_id[id], memory_order_acquire);
}

#endif /* DATAPATH_PROGRAM_SET_PRIV_H */
