/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORT_PORT_H
#define PORT_PORT_H

/* port: a thing that packets come from and go to, whatever drives it.
 *
 * Model    'struct port' is what all drivers share; a driver embeds it.  It has 'n_rxq' receive and 'n_txq'
 *          transmit queues.  The datapath gives it a number (dp_port); bridges and OpenFlow numbers are
 *          the pipeline's matter.
 * Life     closed -> port_open() -> running -> port_close().  A driver whose queues change by themselves (a guest
 *          that enables queues, a tap that was deleted and is made anew) bumps 'generation' in port_run(); main sees
 *          it after the call and has the datapath let go, runs port_requeue() and has it take the queues up again:
 *          datapath_change_port(dp, port, port_requeue, NULL).
 * Owner    a port belongs to main; the datapath borrows it between add and delete.
 * Threads  members: set before the port is added and then constant, unless they say otherwise.
 * See      port/port_ops.h, port/pool.h, port/option.h. */

#include <net/ethernet.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/smap.h"
#include "port/pool.h"
#include "port/port_ops.h"

#define PORT_MAX_RXQ 64
#define PORT_MAX_TXQ 64
#define PORT_NAME_SIZE 64 /* Longest interface name kept, with its NUL. */
#define PORT_NONE UINT32_MAX /* No datapath port. */

/* What the configuration asks for.  Strings and maps are borrowed for the call. */
struct port_config {
	const char *name; /* Interface.name */
	const char *type; /* Interface.type */
	const struct smap *options; /* Interface.options */
	const struct smap *other_config; /* Interface.other_config */
	int mtu_request; /* 0: none. */
	bool mac_set; /* 'mac' is asked for. */
	struct ether_addr mac;
	uint32_t n_txq; /* Transmit queues wanted: one per pmd and one for others. */
	const char *rundir; /* Where vhost-user server sockets go. */
	/* Called from any thread, after open and until close, when port_run() should come soon.  Must not block nor
	 * call back into the port.  NULL: none.  The pair must outlive the port. */
	void (*wake)(void *aux);
	void *wake_aux;
};

/* A receive queue.  Drivers embed it. */
struct port_rxq {
	port_rx_fn burst;
	struct port *port;
	uint16_t id;
	int fd; /* Readable when packets wait (kernel ports), or -1: poll it. */
} CACHE_ALIGNED;

/* A transmit queue.  Drivers embed it. */
struct port_txq {
	port_tx_fn burst;
	struct port *port;
	uint16_t id;
	atomic_flag lock; /* Taken by pmds when 'shared'; a pmd's only lock. */
	_Atomic bool shared; /* More pmds than queues.  Main writes, pmds read. */
	bool found_down; /* The last burst that fell short did since the device is down.  Whoever sends. */
} CACHE_ALIGNED;

enum port_link {
	PORT_LINK_DOWN,
	PORT_LINK_UP
};

/* What is known of a running port. */
struct port_status {
	struct ether_addr mac;
	int mtu;
	int ifindex; /* 0: none. */
	enum port_link link;
	bool admin_up;
	uint64_t link_speed_bps; /* 0: unknown. */
	bool full_duplex;
	uint64_t link_resets;
	char error
		[256]; /* A fault that came up since opening (device gone, socket unbindable); "" if none. */
	struct smap info; /* Interface.status keys: driver_name, ...; the caller initialises it. */
};

/* Counters as Interface.statistics has them, from the switch's side: rx is what entered the switch.
 * UINT64_MAX: not known. */
struct port_stats {
	uint64_t rx_packets, tx_packets;
	uint64_t rx_bytes, tx_bytes;
	uint64_t rx_dropped, tx_dropped;
	uint64_t rx_errors, tx_errors;
	uint64_t rx_multicast, collisions;
	uint64_t rx_length_errors, rx_over_errors, rx_crc_errors, rx_frame_errors, rx_fifo_errors,
		rx_missed_errors;
	struct smap extra; /* Driver's own (xstats): name -> decimal; the caller initialises it. */
};

struct port {
	const struct port_ops *ops;
	char name[PORT_NAME_SIZE];
	uint32_t dp_port; /* The datapath's number, PORT_NONE before it is added.  Main. */
	int numa_node; /* Of the device or guest memory; -1: unknown. */
	_Atomic uint32_t generation; /* Grows when the queues changed.  Any thread; main reads. */
	uint16_t n_rxq,
		n_txq; /* Main changes them only when 'generation' moved and the datapath let go. */
	struct port_rxq *rxqs[PORT_MAX_RXQ];
	struct port_txq *txqs[PORT_MAX_TXQ];
	uint16_t
		mtu; /* Frames of more than mtu + 14 (+ 4 a tag) bytes are not sent.  Main writes, pmds read. */
	_Atomic bool can_send; /* Link and peer are there.  The driver writes, pmds read. */
	uint32_t options_hash; /* Of the options that were last checked for unknown ones.  Main. */
	bool sleeps; /* A pmd may sleep while this port is idle. */
	void (*wake)(void *aux); /* From the configuration; may be NULL. */
	void *wake_aux;
};

/* Opens a port with the driver for 'config->type' out of 'drivers' (NULL ended).
 * Returns: 0, -EAFNOSUPPORT for a type that no driver has, or the driver's error.  Role: main. */
int port_open(const struct port_ops *const *drivers, const struct port_config *config,
	struct port **portp, struct err *err) MUST_CHECK;

/* Role: main.  The datapath must have let go.  Accepts NULL. */
void port_close(struct port *);

/* Applies a changed configuration.  Returns: 0, -ERESTART when it takes a close and an open (also for a changed
 * type or name), other -errno with 'err' (the port goes on as it was).  Role: main. */
int port_reconfigure(struct port *, const struct port_config *, struct err *err) MUST_CHECK;

/* Does the driver's pending work.  Look at 'generation' afterwards.  Role: main. */
void port_run(struct port *);

/* Brings the queues up to date.  'aux' is not used: the type is that of a datapath_change_port() callback.
 * Returns: 0.  Role: main, in the datapath's pause. */
int port_requeue(struct port *, void *aux);

/* Sets the port administratively up or down.  Returns: 0, -EOPNOTSUPP for a driver whose ports are always up, other
 * -errno with 'err'.  Role: main. */
int port_set_admin(struct port *, bool up, struct err *err) MUST_CHECK;

/* Both overwrite every member but the maps, to which they add.  Role: main. */
void port_get_status(struct port *, struct port_status *);
void port_get_stats(struct port *, struct port_stats *);

/* For drivers: fills in the shared part; there are no queues yet. */
void port_init(struct port *, const struct port_ops *, const struct port_config *);

/* For drivers: asks main for a port_run() soon.  Role: any. */
void port_wake(const struct port *);

#endif /* PORT_PORT_H */
