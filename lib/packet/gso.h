/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_GSO_H
#define PACKET_GSO_H

/* gso: cuts a large TCP packet into segments in software, for a port that cannot.
 *
 * Model    A packet with RTE_MBUF_F_TX_TCP_SEG becomes copies of its headers, each with m->tso_segsz bytes of
 *          payload (the last with the rest): lengths, IPv4 id, sequence numbers, flags (FIN and PSH in the last, CWR
 *          in the first) and checksums are right in each.
 * Owner    the packet stays the caller's.
 * Cost     one copy of the payload.
 * Threads  the one that holds the packet. */

#include "packet/packet.h"

#define PACKET_GSO_MAX_SEGS 256 /* More than 64 KiB makes of segments of 536 bytes. */

/* Into how many segments 'm' is to be cut.  Returns: 0 if it is no such packet or its headers are not sound. */
uint32_t packet_gso_count(const struct rte_mbuf *m);

/* Writes segment 'i' of 'n' (what packet_gso_count() said) into 'seg', an empty mbuf with room for headers and
 * m->tso_segsz.  Returns: 0 or -ENOBUFS (no room). */
int
packet_gso_fill(const struct rte_mbuf *m, uint32_t i, uint32_t n, struct rte_mbuf *seg) MUST_CHECK;

/* Cuts 'm' with mbufs of 'pool'.  Returns: the number of packets in 'segs' (at most 'max'); or -EINVAL (not such a
 * packet), -ENOBUFS (the pool is empty, or 'max' or an mbuf too small), and nothing is left allocated. */
int packet_gso(const struct rte_mbuf *m, struct rte_mempool *pool, struct rte_mbuf **segs,
	uint32_t max) MUST_CHECK;

#endif /* PACKET_GSO_H */
