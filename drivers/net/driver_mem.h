/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_DRIVER_MEM_H
#define DRIVERS_NET_DRIVER_MEM_H

/* driver_mem: memory for a port with its queues, aligned as they are.
 *
 * Owner    the caller; free() it.
 * Threads  any. */

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/fatal.h"

/* Returns: 'size' zeroed bytes that start a cache line; never NULL. */
static inline void *
driver_alloc(size_t size)
{
	void *p = aligned_alloc(SLUICE_CACHE_LINE, ROUND_UP(size, (size_t)SLUICE_CACHE_LINE));

	BUG_ON(p == NULL);
	return memset(p, 0, size);
}

#endif /* DRIVERS_NET_DRIVER_MEM_H */
