/* SPDX-License-Identifier: Apache-2.0 */
/* counters: keeps the blocks of a set together and adds them up.  The mutex makes a detach one step for
 * readers, so that no count is seen twice or not at all. */

#include "stats/counters.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/fatal.h"

void
counters_init(struct counters *counters, size_t n)
{
	counters->n = n;
	mutex_init(&counters->mutex);
	list_init(&counters->blocks);
	counters->folded = xcalloc(n, sizeof *counters->folded);
}

void
counters_uninit(struct counters *counters)
{
	BUG_ON(!list_is_empty(&counters->blocks));
	free(counters->folded);
	counters->folded = NULL;
	mutex_uninit(&counters->mutex);
}

struct counters_block *
counters_attach(struct counters *counters)
{
	struct counters_block *block;

	block = xalloc_aligned(
		SLUICE_CACHE_LINE, sizeof *block + counters->n * sizeof block->cells[0]);
	mutex_lock(&counters->mutex);
	list_push_back(&counters->blocks, &block->node);
	mutex_unlock(&counters->mutex);
	return block;
}

void
counters_detach(struct counters *counters, struct counters_block *block)
{
	if (block == NULL)
		return;
	mutex_lock(&counters->mutex);
	list_remove(&block->node);
	for (size_t i = 0; i < counters->n; i++)
		counters->folded[i] += cell_get(&block->cells[i]);
	mutex_unlock(&counters->mutex);
	free(block);
}

static uint64_t
sum(struct counters *counters, size_t i) REQUIRES(counters->mutex)
{
	const struct counters_block *block;
	uint64_t n = counters->folded[i];

	LIST_FOREACH(block, node, &counters->blocks)
		n += cell_get(&block->cells[i]);
	return n;
}

uint64_t
counters_read(struct counters *counters, size_t i)
{
	uint64_t n;

	BUG_ON(i >= counters->n);
	mutex_lock(&counters->mutex);
	n = sum(counters, i);
	mutex_unlock(&counters->mutex);
	return n;
}

void
counters_read_all(struct counters *counters, uint64_t *values)
{
	mutex_lock(&counters->mutex);
	for (size_t i = 0; i < counters->n; i++)
		values[i] = sum(counters, i);
	mutex_unlock(&counters->mutex);
}
