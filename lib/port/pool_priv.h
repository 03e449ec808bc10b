/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORT_POOL_PRIV_H
#define PORT_POOL_PRIV_H

/* pool_priv: the arithmetic of pool sizes, apart so that it is tested without an EAL. */

#include <stdbool.h>
#include <stdint.h>

#define POOL_DEFAULT_MBUFS 16384u /* Of a first mempool, if memory allows and buffers are small. */
#define POOL_LEAST_MBUFS 2048u /* No mempool is made smaller. */
#define POOL_SMALL_LEASE 256u /* A lease up to this may overdraw. */
#define POOL_CACHE 256u /* Per thread. */
#define POOL_BASE_ROOM 2048u

/* Bytes of frame that a buffer for 'mtu' must hold, rounded so that few kinds of pool exist. */
uint32_t pool_room(int mtu);

/* Buffers to try for first in a new mempool of 'room'-byte buffers from which 'n_leased' are wanted at once. */
uint32_t pool_first_size(uint32_t room, uint32_t n_leased);

/* The next smaller size to try after 'n' did not fit in memory.  Returns: 0 when there is none. */
uint32_t pool_next_size(uint32_t n, uint32_t n_leased);

/* Bytes of memory that a mempool takes, roughly: for messages. */
uint64_t pool_bytes(uint32_t room, uint32_t n);

#endif /* PORT_POOL_PRIV_H */
