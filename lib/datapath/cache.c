/* SPDX-License-Identifier: Apache-2.0 */
/* cache: memory of a pmd's signature cache.  Room: datapath. */

#include <stdlib.h>

#include <rte_malloc.h>

#include "base/alloc.h"
#include "datapath/cache_priv.h"

struct cache_memory *
cache_memory_create(uint32_t n_entries, int numa_node)
{
	struct cache_memory *m = xzalloc(sizeof *m);

	m->n_entries = n_entries;
	m->buckets = rte_zmalloc_socket(
		"sluice_cache", n_entries * sizeof(uint64_t), SLUICE_CACHE_LINE, numa_node);
	if (m->buckets == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void
cache_memory_destroy(struct cache_memory *m)
{
	if (m == NULL)
		return;
	rte_free(m->buckets);
	free(m);
}

struct cache_memory *
cache_take(struct cache *c, struct cache_memory *memory)
{
	struct cache_memory *old = c->memory;

	c->memory = memory;
	c->buckets = memory->buckets;
	c->mask = memory->n_entries / 8 - 1;
	return old;
}
