/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_ETHDEV_FIND_H
#define DRIVERS_NET_ETHDEV_FIND_H

/* ethdev_find: from the dpdk-devargs of a port to a DPDK device, plugged in if need be.
 *
 * Model    devargs is a PCI address, a virtual device with its arguments ("net_pcap0,rx_pcap=a.pcap"), or
 *          "class=eth,mac=..." for a device that is there already.
 * Threads  main. */

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;

/* Finds the device, and probes it when it is not there.  '*plugged' says that this call did, so that the caller shall
 * unplug it.  Returns: 0, -ENXIO: it could not be probed, or -errno, with 'err'. */
int ethdev_find(const char *devargs, uint16_t *port_id, bool *plugged, struct err *err) MUST_CHECK;

/* Removes a device that ethdev_find() plugged, with its driver's state; the same devargs can be used at once. */
void ethdev_unplug(uint16_t port_id);

/* Mbufs that the device keeps for good: net_pcap with infinite_rx copies its whole file into memory.
 * Returns: 0 and '*n', or -errno with 'err'. */
int ethdev_mbufs_kept(const char *devargs, uint32_t *n, struct err *err) MUST_CHECK;

#endif /* DRIVERS_NET_ETHDEV_FIND_H */
