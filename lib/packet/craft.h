/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_CRAFT_H
#define PACKET_CRAFT_H

/* craft: builds frames header by header, for tests, fuzz seeds and the control plane's own packets.
 *
 * Model    Each call appends a header; types that announce what follows (EtherType, IP protocol, next header) are
 *          filled in by the call that follows, if it was given as 0.  craft_finish() fills in lengths and
 *          checksums from the inside out.  All integers are in host order: craft_ipv4(c, 0x0a000001, ...) is
 *          from 10.0.0.1.
 * Rules    I1 A frame that would exceed CRAFT_MAX is cut off and 'overflow' is set.
 * Owner    'struct craft' is plain data.
 * Threads  none. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define CRAFT_MAX 9216

struct craft {
	uint8_t data[CRAFT_MAX];
	size_t len;
	bool overflow;
	/* Where things are; SIZE_MAX if they are not. */
	size_t type_ofs; /* The EtherType or protocol byte that the next header fills in. */
	size_t type_size; /* 2 or 1; 0 when nothing waits. */
	size_t llc_ofs; /* 802.3 length */
	size_t l3_ofs, l4_ofs;
	uint8_t l3_version; /* 4, 6 or 0 */
	uint8_t l4_proto;
	bool no_csum; /* Leave the transport checksum 0. */
};

void craft_init(struct craft *);

void craft_eth(struct craft *, const uint8_t dst[6], const uint8_t src[6], uint16_t type);
void craft_eth_8023(struct craft *, const uint8_t dst[6],
	const uint8_t src[6]); /* Length, filled in at the end. */
void craft_llc(struct craft *, uint8_t dsap, uint8_t ssap, uint8_t control);
void craft_snap(struct craft *, uint32_t oui, uint16_t type); /* LLC and SNAP header. */
void craft_vlan(struct craft *, uint16_t tpid, uint16_t tci, uint16_t type);
void craft_mpls(struct craft *, uint32_t label, uint8_t tc, bool bos, uint8_t ttl);
void craft_arp(struct craft *, uint16_t op, const uint8_t sha[6], uint32_t spa,
	const uint8_t tha[6], uint32_t tpa);
void craft_ipv4(struct craft *, uint32_t src, uint32_t dst, uint8_t proto);
void craft_ipv4_frag(
	struct craft *, uint32_t src, uint32_t dst, uint8_t proto, uint16_t frag_ofs, bool more);
void craft_ipv4_options(struct craft *, size_t n_words); /* Right after craft_ipv4(): NOPs. */
void craft_ipv6(struct craft *, const uint8_t src[16], const uint8_t dst[16], uint8_t next);
void craft_ipv6_ext(
	struct craft *, uint8_t type, size_t n_bytes); /* Hop-by-hop, routing, destination, AH. */
void craft_ipv6_frag(struct craft *, uint16_t frag_ofs, bool more, uint8_t next);
void craft_tcp(struct craft *, uint16_t src, uint16_t dst, uint16_t flags);
void craft_udp(struct craft *, uint16_t src, uint16_t dst);
void craft_sctp(struct craft *, uint16_t src, uint16_t dst);
void craft_icmp(struct craft *, uint8_t type, uint8_t code);
void craft_icmp6(struct craft *, uint8_t type, uint8_t code);

/* ICMPv6 types 135 and 136 with their target, and the option 'opt' (1 source, 2 target link-layer address, 0
 * none) with 'lla'. */
void
craft_nd(struct craft *, uint8_t type, const uint8_t target[16], uint8_t opt, const uint8_t lla[6]);

void craft_payload(struct craft *, const void *data, size_t len); /* 'data' NULL: counting bytes. */

/* Lengths and checksums.  Padding goes in afterwards, with craft_pad(). */
void craft_finish(struct craft *);
void craft_pad(struct craft *, size_t len); /* Zeroes up to a frame of 'len' bytes. */

#endif /* PACKET_CRAFT_H */
