/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_LINUX_IF_H
#define DRIVERS_NET_LINUX_IF_H

/* linux_if: asking and telling the Linux kernel about a network interface, by name.
 *
 * Model    'ctl' is a control socket in some network namespace; names mean what they mean there.
 * Owner    the caller closes a socket that it opened.
 * Threads  main. */

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/smap.h"

struct err;

struct linux_if_info {
	int ifindex;
	int mtu;
	unsigned int flags; /* IFF_* */
	uint16_t arp_type; /* ARPHRD_* */
	struct ether_addr mac;
};

struct linux_if_link {
	uint64_t speed_bps; /* 0: unknown. */
	bool full_duplex;
};

/* The control socket in our own network namespace, opened at first use and shared by all ports.
 * Returns: a descriptor, or -errno.  Owner: nobody closes it. */
int linux_if_home_ctl(void);

/* Returns: a control socket in the network namespace 'nsfd', or -errno.  The thread's namespace is as before. */
int linux_if_open_ctl_at(int nsfd);

/* Returns: 0, or -ENODEV, or other -errno. */
int linux_if_get(int ctl, const char *name, struct linux_if_info *) MUST_CHECK;

/* Returns: 0 or -errno. */
int linux_if_set_mtu(int ctl, const char *name, int mtu) MUST_CHECK;
int linux_if_set_mac(int ctl, const char *name, const struct ether_addr *) MUST_CHECK;
int linux_if_set_up(int ctl, const char *name, bool up) MUST_CHECK;

/* Asks for speed and duplex; what is not known stays 0. */
void linux_if_get_link(int ctl, const char *name, struct linux_if_link *);

/* Adds driver_name, driver_version and firmware_version to 'info', as far as they are known. */
void linux_if_get_driver(int ctl, const char *name, struct smap *info);

/* Returns: how often the carrier changed since the interface was made (through sysfs, this namespace only), 0 if
 * unknown. */
uint64_t linux_if_carrier_changes(const char *name);

/* True if 'name' can be the name of a Linux interface. */
bool linux_if_name_is_valid(const char *name);

#endif /* DRIVERS_NET_LINUX_IF_H */
