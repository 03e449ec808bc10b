/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_SIM_H
#define DRIVERS_NET_SIM_H

/* sim: a port in memory, whose other end is a test.
 *
 * Model    Each rx queue is a ring that the test fills, each tx queue one that it empties.  Options: n_rxq (1 to 8),
 *          size (packets a ring holds), loopback=true (what is sent comes in again at the rx queue of the same
 *          number), fd=true (rx queues have a descriptor that is readable when packets wait, as kernel ports'
 *          do).  Nothing here needs root or hugepages; an EAL only for mbufs.
 * Owner    an mbuf given to sim_feed() is the port's; one got from sim_take() is the caller's.  sim_close frees what
 *          is left in rings.
 * Threads  feed and take: one thread (the test's).  Bursts as in port/port_ops.h. */

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct port;
struct rte_mbuf;

/* Puts mbufs into rx queue 'queue'.  Returns: how many of the first ones fitted. */
uint16_t sim_feed(struct port *, uint16_t queue, struct rte_mbuf **, uint16_t n);

/* Makes an mbuf of a frame and puts it into rx queue 'queue'.  Returns: 0, -ENOBUFS (ring or pool), -EMSGSIZE. */
int sim_feed_frame(struct port *, uint16_t queue, const void *frame, size_t len) MUST_CHECK;

/* Takes what was sent by tx queue 'queue'.  Returns: how many, at most 'n'. */
uint16_t sim_take(struct port *, uint16_t queue, struct rte_mbuf **, uint16_t n);

/* Takes the next sent packet of any tx queue and copies it to 'buf'.  Returns: its length (which may exceed 'size';
 * then only the first 'size' bytes are there), or -EAGAIN if there is none. */
int sim_take_frame(struct port *, void *buf, size_t size);

/* Packets fed that no burst has picked up yet, over all queues. */
uint32_t sim_backlog(struct port *);

/* Whether the peer takes packets: with false, can_send is false.  To test link loss. */
void sim_set_link(struct port *, int up);

#endif /* DRIVERS_NET_SIM_H */
