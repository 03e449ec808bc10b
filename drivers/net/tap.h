/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_TAP_H
#define DRIVERS_NET_TAP_H

/* tap: what the other drivers need to know of internal ports.
 *
 * Threads  main. */

#include <stdbool.h>

/* True if the interface 'ifindex' of our own network namespace is one of our own ports. */
bool tap_owns(int ifindex);

#endif /* DRIVERS_NET_TAP_H */
