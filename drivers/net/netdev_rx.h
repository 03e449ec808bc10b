/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_NETDEV_RX_H
#define DRIVERS_NET_NETDEV_RX_H

/* netdev_rx: receiving from a packet socket in batches.
 *
 * Model    The kernel hands over frames as it has them: with the VLAN tag beside the frame, the transport checksum
 *          not computed, TCP segments merged into one large frame.  What leaves here is what would have been on a
 *          wire.  One large frame becomes more packets than a burst takes, so packets wait in 'fifo'; while
 *          some do, an eventfd keeps the queue's descriptor (an epoll set of socket and eventfd) readable.
 * Owner    the queue owns its descriptors and the packets in 'fifo'.
 * Threads  netdev_rx_burst(): the pmd.  init, uninit: main, without a pmd.  netdev_rx_exchange(): main.
 * See      gate.h, rx_pool.h. */

#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>

#include "drivers/net/counter.h"
#include "drivers/net/gate.h"
#include "drivers/net/rx_pool.h"
#include "port/port.h"

#define NETDEV_RX_BATCH 32
#define NETDEV_RX_FIFO 1024
#define NETDEV_RX_SPILL 65536

struct err;

struct netdev_rxq {
	struct port_rxq q;
	struct gate gate;
	struct queue_counters counters;
	struct rx_pool pool;
	int sock;
	int event; /* Readable while 'fifo' has packets. */
	bool event_is_set;
	bool saw_large; /* The last batch had merged segments: take fewer at once. */
	uint32_t head, tail; /* Of 'fifo', counting up. */
	struct rte_mbuf *fifo[NETDEV_RX_FIFO];
	/* What recvmmsg() fills in. */
	struct mmsghdr msgs[NETDEV_RX_BATCH];
	struct iovec iovs[NETDEV_RX_BATCH][3];
	struct virtio_net_hdr hdrs[NETDEV_RX_BATCH];
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} cmsgs[NETDEV_RX_BATCH];
	uint8_t *
		spill; /* NETDEV_RX_BATCH times NETDEV_RX_SPILL bytes for what does not fit an mbuf, mapped lazily. */
};

/* Opens the socket, not bound yet.  Returns: 0, or -errno with 'err' and nothing left. */
int netdev_rx_init(struct netdev_rxq *, struct port *, struct err *err) MUST_CHECK;

/* Accepts a queue that is zeroed or whose init failed. */
void netdev_rx_uninit(struct netdev_rxq *);

/* Has the queue use buffers for 'mtu'.  Returns: 0, or -ENOMEM with 'err' when the old ones stay. */
int netdev_rx_exchange(struct netdev_rxq *, int mtu, struct err *err) MUST_CHECK;

#endif /* DRIVERS_NET_NETDEV_RX_H */
