/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORT_PORT_OPS_H
#define PORT_PORT_OPS_H

/* port_ops: what a driver fills in.
 *
 * Model    A driver is one const 'struct port_ops' in the explicit array of vswitchd/wiring.c.  A port is a
 *          'struct port' (port/port.h) that the driver embeds first in its own struct.  Queues are plain
 *          structs that carry their burst function, so that a pmd pays one indirect call per burst.
 *          A kernel port (tap, packet socket) has queues with a file descriptor: a pmd learns by epoll, for all
 *          of them at once, which are readable, and calls 'burst' only for those.
 * Rules    I1 open either gives a running port or leaves nothing behind and says in 'err' what is wrong and what
 *          the operator can do.
 *          I2 rx burst never blocks; mbufs come from 'port->pool' and have the private area of packet/packet.h.
 *          I3 tx burst may reorder the array, sends what is now the first n packets, owns those, and returns n.  The
 *          rest stays the caller's, who counts it as dropped, frees it and does not try again: the driver has
 *          counted it in the port's tx_dropped already.
 *          I4 close is called after the datapath has dropped every reference to the queues (a grace period).
 * Threads  open, reconfigure, close, get_*, run: main.  Bursts: the one pmd that owns the rx queue; the pmd
 *          that owns the tx queue or holds its lock.
 * See      port/port.h, Documentation/topics/ports.rst. */

#include "base/compiler.h"

struct err;
struct port;
struct port_config;
struct port_rxq;
struct port_stats;
struct port_status;
struct port_txq;
struct rte_mbuf;

typedef uint16_t (*port_rx_fn)(struct port_rxq *, struct rte_mbuf **, uint16_t n);
typedef uint16_t (*port_tx_fn)(struct port_txq *, struct rte_mbuf **, uint16_t n);

struct port_ops {
	const char
		*type; /* Interface.type: "dpdk", "internal", ... "" and "system" are one driver. */
	const char *driver; /* Name for people and the log. */
	const char *const
		*options; /* Keys of Interface.options that it knows, NULL ended; NULL: none. */

	/* Makes and starts a port.  Returns: 0 and '*portp', else -errno and 'err'. */
	int (*open)(const struct port_config *, struct port **portp, struct err *);

	/* Applies a changed configuration to a running port.  Returns: 0 when done, -ERESTART when it takes a close and
	 * an open, other -errno with 'err' (the port goes on as it was). */
	int (*reconfigure)(struct port *, const struct port_config *, struct err *);

	void (*close)(struct port *);

	/* Fills in what is known now; called about once a second and after events, must be cheap. */
	void (*get_status)(struct port *, struct port_status *);
	void (*get_stats)(struct port *, struct port_stats *);

	/* Does pending work without blocking (link events, reconnects).  Called about once a second and soon after the
	 * driver called config->wake.  May be NULL. */
	void (*run)(struct port *);

	/* Brings n_rxq, n_txq and the queues' descriptors up to date after 'generation' moved; the datapath has let go
	 * of all queues.  May be NULL (never moves). */
	void (*requeue)(struct port *);

	/* Administrative up or down.  May be NULL (always up). */
	int (*set_admin)(struct port *, int up, struct err *);
};

#endif /* PORT_PORT_OPS_H */
