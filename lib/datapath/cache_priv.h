/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_CACHE_PRIV_H
#define DATAPATH_CACHE_PRIV_H

/* cache: a pmd's own map from key hash to megaflow index.
 *
 * Model    Buckets of eight entries of eight bytes, one cache line: {32-bit hash, 32-bit index + 1}.  An entry
 *          is a hint: the megaflow's own masked compare decides, so a wrong or stale one costs time only.
 *          It starts with CACHE_MIN_ENTRIES and doubles, on the handler's observation of misses, up to
 *          CACHE_MAX_ENTRIES.
 * Owner    the memory belongs to the pmd; the handler makes bigger ones and frees what the pmd gives back.
 * Threads  lookup, insert: the pmd.
 * Cost     one line per lookup. */

#include <stdbool.h>

#include "base/compiler.h"

#define CACHE_MIN_ENTRIES (1u << 16)
#define CACHE_MAX_ENTRIES (1u << 20)

struct cache_bucket {
	uint64_t entries[8];
} CACHE_ALIGNED;

/* The memory of a cache, with its size, as it is handed over. */
struct cache_memory {
	uint32_t n_entries;
	struct cache_bucket *buckets;
};

struct cache {
	struct cache_bucket *buckets;
	uint32_t mask; /* Buckets - 1. */
	uint32_t victim; /* Next entry to displace in a full bucket. */
	struct cache_memory *memory;
};

/* On hugepages when there are any.  Returns: NULL if there is no memory. */
struct cache_memory *cache_memory_create(uint32_t n_entries, int numa_node);
void cache_memory_destroy(struct cache_memory *);

/* Takes 'memory' into use.  Returns: what was used before, or NULL. */
struct cache_memory *cache_take(struct cache *, struct cache_memory *memory);

static inline const struct cache_bucket *
cache_bucket(const struct cache *c, uint32_t hash)
{
	return &c->buckets[hash & c->mask];
}

/* The index stored for 'hash'.  Returns: false if there is none. */
static inline bool
cache_lookup(const struct cache *c, uint32_t hash, uint32_t *idx)
{
	const struct cache_bucket *b = cache_bucket(c, hash);

	for (unsigned int i = 0; i < 8; i++) {
		if ((uint32_t)(b->entries[i] >> 32) == hash && b->entries[i] != 0) {
			*idx = (uint32_t)b->entries[i] - 1;
			return true;
		}
	}
	return false;
}

static inline void
cache_insert(struct cache *c, uint32_t hash, uint32_t idx)
{
	struct cache_bucket *b = &c->buckets[hash & c->mask];
	unsigned int slot = 8;

	for (unsigned int i = 0; i < 8; i++) {
		if ((uint32_t)(b->entries[i] >> 32) == hash) {
			slot = i;
			break;
		}
		if (b->entries[i] == 0)
			slot = i;
	}
	if (slot == 8)
		slot = c->victim++ & 7;
	b->entries[slot] = (uint64_t)hash << 32 | (idx + 1);
}

#endif /* DATAPATH_CACHE_PRIV_H */
