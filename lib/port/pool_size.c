/* SPDX-License-Identifier: Apache-2.0 */
/* How large packet buffers and pools are.  Small machines decide the defaults: the first pool takes about 40 MiB, and
 * when that does not fit, half of it is tried, down to what the ports asked for. */
#include "base/compiler.h"
#include "port/pool_priv.h"

/* Ethernet header, two VLAN tags, and a frame check sequence that some devices leave in. */
#define FRAME_OVERHEAD (14u + 8u + 4u)

/* What an mbuf needs beside the frame: headers, headroom, mempool's own. */
#define MBUF_OVERHEAD 448u

uint32_t
pool_room(int mtu)
{
	uint32_t frame = (uint32_t)MAX(mtu, 0) + FRAME_OVERHEAD;

	return frame <= POOL_BASE_ROOM ? POOL_BASE_ROOM : (uint32_t)ROUND_UP(frame, 1024u);
}

static uint32_t
least_size(uint32_t n_leased)
{
	return MAX(n_leased, POOL_LEAST_MBUFS);
}

uint32_t
pool_first_size(uint32_t room, uint32_t n_leased)
{
	uint32_t n = (uint32_t)((uint64_t)POOL_DEFAULT_MBUFS * POOL_BASE_ROOM / room);

	/* Some more than asked for: threads keep buffers in their caches. */
	if (n_leased > n / 2)
		n = n_leased + MIN(n_leased / 2, POOL_DEFAULT_MBUFS / 4);
	return MAX(n, least_size(n_leased));
}

uint32_t
pool_next_size(uint32_t n, uint32_t n_leased)
{
	uint32_t least = least_size(n_leased);

	if (n <= least)
		return 0;
	return MAX(n / 2, least);
}

uint64_t
pool_bytes(uint32_t room, uint32_t n)
{
	return (uint64_t)n * (room + MBUF_OVERHEAD);
}
