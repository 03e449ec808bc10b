/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_UDP_SPLIT_H
#define DRIVERS_NET_UDP_SPLIT_H

/* udp_split: takes merged UDP datagrams apart, as the kernel hands them over when the sender used UDP_SEGMENT.
 *
 * Model    Each segment is a datagram of its own: a copy of the headers with lengths, IPv4 identification and
 *          checksums of its own.  Where headers are comes from the packet's layout, as for packet/gso.h.
 * Owner    the packet stays the caller's.
 * Threads  the one that holds the packet. */

#include <stdint.h>

#include "base/compiler.h"

struct rte_mbuf;
struct rte_mempool;

/* Cuts 'm' into datagrams of 'size' bytes of payload with mbufs of 'pool'.
 * Returns: the number of packets in 'segs' (at most 'max'); or -EINVAL (not such a packet), -ENOBUFS (the pool is empty,
 * 'max' or an mbuf too small), and nothing is left allocated. */
int udp_split(const struct rte_mbuf *m, uint32_t size, struct rte_mempool *pool,
	struct rte_mbuf **segs, uint32_t max) MUST_CHECK;

#endif /* DRIVERS_NET_UDP_SPLIT_H */
