/* SPDX-License-Identifier: Apache-2.0 */
/* program_set: interned action programs.  Room: datapath.
 *
 * The handler is the only writer of the set; reclaim, which may run in main, only gives an id back. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "action/program.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "datapath/program_set_priv.h"
#include "port/port.h"
#include "rcu/rcu.h"

int
program_set_init(struct program_set *set)
{
	memset(set, 0, sizeof *set);
	hmap_init(&set->all);
	pthread_mutex_init(&set->lock, NULL);
	set->by_id = calloc(PROGRAM_SET_MAX, sizeof *set->by_id);
	set->free_ids = calloc(PROGRAM_SET_MAX, sizeof *set->free_ids);
	if (set->by_id == NULL || set->free_ids == NULL) {
		program_set_uninit(set);
		return -ENOMEM;
	}
	return 0;
}

void
program_set_uninit(struct program_set *set)
{
	struct program *p, *next;

	while (atomic_load_explicit(&set->n_retired, memory_order_acquire) > 0)
		rcu_barrier();
	HMAP_FOREACH_SAFE(p, next, node, &set->all) {
		hmap_remove(&set->all, &p->node);
		free(p);
	}
	hmap_uninit(&set->all);
	pthread_mutex_destroy(&set->lock);
	free(set->by_id);
	free(set->free_ids);
	set->by_id = NULL;
	set->free_ids = NULL;
}

static bool
id_take(struct program_set *set, uint32_t *id)
{
	bool taken = true;

	pthread_mutex_lock(&set->lock);
	if (set->n_free > 0)
		*id = set->free_ids[--set->n_free];
	else if (set->n_ids < PROGRAM_SET_MAX)
		*id = set->n_ids++;
	else
		taken = false;
	pthread_mutex_unlock(&set->lock);
	return taken;
}

/* A grace period is over.  A pmd that ran the program till then may have sent a reference to the handler; no new one can
 * come up, so it is a matter of time.  Any thread that reclaims. */
static void
retired(void *p_)
{
	struct program *p = p_;
	struct program_set *set = p->set;

	/* The acquire pairs with the release in program_unref(). */
	if (atomic_load_explicit(&p->refs, memory_order_acquire) != 0) {
		rcu_retire(p, retired);
		return;
	}
	pthread_mutex_lock(&set->lock);
	set->free_ids[set->n_free++] = p->id;
	pthread_mutex_unlock(&set->lock);
	free(p);
	atomic_fetch_sub_explicit(&set->n_retired, 1, memory_order_release);
}

/* The port of a program that is one output and nothing else. */
static uint32_t
only_output(const void *data, uint32_t len)
{
	const struct op_output *op = data;

	if (len == sizeof *op && op->h.type == PROGRAM_OP_OUTPUT)
		return op->dp_port;
	return PORT_NONE;
}

struct program *
program_intern(struct program_set *set, const void *data, uint32_t len)
{
	uint32_t hash = hash_bytes(data, len, 0), id;
	struct program *p;

	HMAP_FOREACH_HASH(p, node, hash, &set->all) {
		if (p->len == len && memcmp(p->data, data, len) == 0) {
			program_ref(p);
			return p;
		}
	}
	if (!id_take(set, &id))
		return NULL;
	p = xzalloc(sizeof *p + ROUND_UP(len, 8u));
	p->set = set;
	p->id = id;
	p->len = len;
	p->only_output = only_output(data, len);
	memcpy(p->data, data, len);
	atomic_init(&p->refs, 1);
	hmap_insert(&set->all, &p->node, hash);
	/* Pairs with the acquire in program_lookup(). */
	atomic_store_explicit(&set->by_id[id], p, memory_order_release);
	return p;
}

void
program_set_collect(struct program_set *set)
{
	struct program *p, *next;

	HMAP_FOREACH_SAFE(p, next, node, &set->all) {
		if (atomic_load_explicit(&p->refs, memory_order_acquire) == 0) {
			hmap_remove(&set->all, &p->node);
			atomic_fetch_add_explicit(&set->n_retired, 1, memory_order_relaxed);
			rcu_retire(p, retired);
		}
	}
}
