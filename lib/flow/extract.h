/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_EXTRACT_H
#define FLOW_EXTRACT_H

/* extract: packet bytes to key.
 *
 * Model    One pass over the headers.  A header that is cut off or contradicts itself gives no fields, nor does
 *          anything behind it; what is in front of it counts.  Such a packet is still a packet: rules on what is
 *          known of it match.  Less than 14 bytes give in_port alone, with eth_type 0.
 *          IPv4: version 4, IHL at least 5, header and total length inside the packet.  IPv6: payload length inside
 *          the packet.  Bytes behind those lengths are padding and no header is read from them.  Headers are looked
 *          for in the first FLOW_EXTRACT_WINDOW bytes only, so that a long chain of IPv6 extension headers costs no
 *          more than that and the key does not depend on how a packet is cut into segments.
 * Rules    I1 Never reads outside the 'len' bytes.
 *          I2 Fields that are absent are zero.
 *          I3 The layout names a header only if its fields are in the key (l4_ofs alone says just where it is).
 * Threads  any; no state.
 * Cost     the batch form touches lane 0 of each key; other lanes only for packets that need them, or to wipe
 *          what an earlier packet left there.
 * See      tests/model/flow_extract_model.h (naive twin), tests/fuzz/extract_fuzz.c. */

#include "base/compiler.h"
#include "packet/packet.h"

struct flow;

#define FLOW_EXTRACT_WINDOW 256

/* Fills in 'key' (all lanes) and 'layout' (may be NULL) from the 'len' bytes at 'data'. */
void flow_extract(const void *data, uint32_t len, uint32_t dp_port, struct flow *key,
	struct packet_layout *layout);

/* The same for 'n' packets: keys[i] from pkts[i], whose own layout is filled in.  'keys' is meant to be used again
 * and again: lanes[i] says which lanes of keys[i] hold something, on entry from the packet before (all zero
 * with keys all zero the first time), on return from this one; bits as in flow_lanes() (a lane of zeroes may
 * be named).  Lanes of the pipeline are
 * not touched. */
void flow_extract_batch(struct rte_mbuf *const *pkts, uint32_t n, uint32_t dp_port,
	struct flow *keys, uint8_t *lanes);

#endif /* FLOW_EXTRACT_H */
