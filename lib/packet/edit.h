/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_EDIT_H
#define PACKET_EDIT_H

/* edit: changes to the headers of a packet, checksums included.
 *
 * Model    An edit finds its header through the packet's layout (packet/packet.h), which extraction filled in, and
 *          keeps the layout right.  Checksums are updated by difference: a checksum that was wrong stays
 *          wrong.  A UDP checksum of zero (none) stays zero over IPv4.  A checksum that waits to be completed
 *          follows changes of the pseudo-header only.  SCTP's checksum is computed anew if the old one
 *          was right, else it is left wrong.  A later fragment has no transport header: addresses change,
 *          no checksum does.
 *          The structs are laid out as the bodies of the operations in action/program.h; one bits of a mask are
 *          written.
 * Rules    I1 On an error the packet is unchanged.
 *          I2 The packet is writable (packet/packet.h, I2).
 * Threads  the one that holds the packet.
 * Cost     constant, but for SCTP ports (the whole packet).
 * Returns  all: 0; -EINVAL if the packet has no such header or it is cut off; -ENOBUFS if the first segment has no
 *          room (headroom for a push, tailroom for headers that are spread over segments). */

#include "packet/packet.h"

struct packet_eth_edit {
	uint8_t src[6], dst[6];
	uint8_t src_mask[6], dst_mask[6];
};

struct packet_ipv4_edit {
	be32 src, dst;
	be32 src_mask, dst_mask;
	uint8_t tos, tos_mask;
	uint8_t ttl, ttl_mask;
};

struct packet_ipv6_edit {
	uint8_t src[16], dst[16];
	uint8_t src_mask[16], dst_mask[16];
	be32 label, label_mask;
	uint8_t tclass, tclass_mask;
	uint8_t hlimit, hlimit_mask;
};

struct packet_ports_edit {
	be16 src, dst;
	be16 src_mask, dst_mask;
};

struct packet_icmp_edit {
	uint8_t type, type_mask;
	uint8_t code, code_mask;
};

struct packet_arp_edit {
	be32 spa, tpa;
	be32 spa_mask, tpa_mask;
	uint8_t sha[6], tha[6];
	uint8_t sha_mask[6], tha_mask[6];
	be16 op, op_mask;
};

/* A link-layer address is written only where the message carries the option. */
struct packet_nd_edit {
	uint8_t target[16], target_mask[16];
	uint8_t sll[6], sll_mask[6];
	uint8_t tll[6], tll_mask[6];
};

int packet_set_eth(struct rte_mbuf *, const struct packet_eth_edit *) MUST_CHECK;

/* Puts a tag in front of what follows the addresses.  Bit 12 of 'tci' (OpenFlow's "present") is written as 0. */
int packet_push_vlan(struct rte_mbuf *, be16 tpid, be16 tci) MUST_CHECK;

/* Removes the outermost tag. */
int packet_pop_vlan(struct rte_mbuf *) MUST_CHECK;

/* Changes the outermost tag; a 'tpid' of 0 stays what it is.  The wire's DEI bit stays what it is. */
int packet_set_vlan(struct rte_mbuf *, be16 tpid, be16 tci) MUST_CHECK;

/* Puts a label stack entry in front of what follows the tags and makes 'eth_type' (0x8847, 0x8848) the type. */
int packet_push_mpls(struct rte_mbuf *, be16 eth_type, be32 lse) MUST_CHECK;

/* Removes the outermost entry and makes 'eth_type' the type of what is below.  If that is IP, the layout's l3_ofs
 * is set, its l4_ofs is not: whoever wants to look further extracts anew. */
int packet_pop_mpls(struct rte_mbuf *, be16 eth_type) MUST_CHECK;

/* Writes the outermost entry. */
int packet_set_mpls(struct rte_mbuf *, be32 lse) MUST_CHECK;

int packet_set_ipv4(struct rte_mbuf *, const struct packet_ipv4_edit *) MUST_CHECK;
int packet_set_ipv6(struct rte_mbuf *, const struct packet_ipv6_edit *) MUST_CHECK;

/* TCP, UDP or SCTP, whatever the packet has. */
int packet_set_ports(struct rte_mbuf *, const struct packet_ports_edit *) MUST_CHECK;

/* ICMP or ICMPv6. */
int packet_set_icmp(struct rte_mbuf *, const struct packet_icmp_edit *) MUST_CHECK;

int packet_set_arp(struct rte_mbuf *, const struct packet_arp_edit *) MUST_CHECK;
int packet_set_nd(struct rte_mbuf *, const struct packet_nd_edit *) MUST_CHECK;

#endif /* PACKET_EDIT_H */
