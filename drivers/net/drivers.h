/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_DRIVERS_H
#define DRIVERS_NET_DRIVERS_H

/* drivers: the drivers of network ports that exist, for the array in vswitchd/wiring.c and for tests.
 *
 * Threads  constant.
 * See      port/port_ops.h. */

#include "port/port_ops.h"

extern const struct port_ops ethdev_port_ops; /* "dpdk": any DPDK port, physical or virtual. */
extern const struct port_ops
	vhost_client_port_ops; /* "dpdkvhostuserclient": the guest's side listens. */
extern const struct port_ops vhost_server_port_ops; /* "dpdkvhostuser": we listen. */
extern const struct port_ops tap_internal_port_ops; /* "internal": a Linux interface of our own. */
extern const struct port_ops tap_port_ops; /* "tap": the same by another name. */
extern const struct port_ops netdev_port_ops; /* "system": a Linux interface that exists already. */
extern const struct port_ops sim_port_ops; /* "sim": in memory, for tests. */

#endif /* DRIVERS_NET_DRIVERS_H */
