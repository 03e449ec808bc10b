/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_SAMPLE_PACKETS_H
#define UNIT_SAMPLE_PACKETS_H

/* sample_packets: one frame of every kind that the parser knows, made by packet/craft.h. */

#include <netinet/in.h>

#include "packet/craft.h"

#define SAMPLE_MAC_A ((const uint8_t *)"\x02\x00\x00\x00\x00\x0a")
#define SAMPLE_MAC_B ((const uint8_t *)"\x02\x00\x00\x00\x00\x0b")
#define SAMPLE_IP6_A ((const uint8_t *)"\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a")
#define SAMPLE_IP6_B ((const uint8_t *)"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x0b")
#define SAMPLE_IP4_A 0x0a000001u
#define SAMPLE_IP4_B 0x0a000102u

enum sample {
	SAMPLE_TCP,
	SAMPLE_UDP,
	SAMPLE_UDP_NO_CSUM,
	SAMPLE_SCTP,
	SAMPLE_ICMP,
	SAMPLE_IP_OPTIONS,
	SAMPLE_IP_OTHER,
	SAMPLE_FRAG_FIRST,
	SAMPLE_FRAG_LATER,
	SAMPLE_VLAN_TCP,
	SAMPLE_QINQ_UDP,
	SAMPLE_TRIPLE_TAG,
	SAMPLE_SNAP_IP,
	SAMPLE_LLC,
	SAMPLE_ARP,
	SAMPLE_RARP,
	SAMPLE_MPLS1,
	SAMPLE_MPLS4,
	SAMPLE_PBB,
	SAMPLE_TCP6,
	SAMPLE_UDP6,
	SAMPLE_SCTP6,
	SAMPLE_ICMP6,
	SAMPLE_NS,
	SAMPLE_NA,
	SAMPLE_EXT_ALL,
	SAMPLE_EXT_UNSEQ,
	SAMPLE_EXT_UNREP,
	SAMPLE_EXT_NONEXT,
	SAMPLE_EXT_ROUTED,
	SAMPLE_FRAG6_FIRST,
	SAMPLE_FRAG6_LATER,
	SAMPLE_FRAG6_ATOMIC,
	SAMPLE_UNKNOWN,
	N_SAMPLES
};

static inline void
sample_ip4(struct craft *c, uint8_t proto)
{
	craft_eth(c, SAMPLE_MAC_B, SAMPLE_MAC_A, 0);
	craft_ipv4(c, SAMPLE_IP4_A, SAMPLE_IP4_B, proto);
}

static inline void
sample_ip6(struct craft *c)
{
	craft_eth(c, SAMPLE_MAC_B, SAMPLE_MAC_A, 0);
	craft_ipv6(c, SAMPLE_IP6_A, SAMPLE_IP6_B, 0);
}

static inline void
sample_make_ip6(struct craft *c, enum sample which)
{
	sample_ip6(c);
	switch (which) {
	case SAMPLE_TCP6: craft_tcp(c, 4000, 443, 0x018); break;
	case SAMPLE_UDP6: craft_udp(c, 4000, 53); break;
	case SAMPLE_SCTP6: craft_sctp(c, 4000, 5000); break;
	case SAMPLE_ICMP6: craft_icmp6(c, 128, 0); break;
	case SAMPLE_NS: craft_nd(c, 135, SAMPLE_IP6_B, 1, SAMPLE_MAC_A); return;
	case SAMPLE_NA: craft_nd(c, 136, SAMPLE_IP6_B, 2, SAMPLE_MAC_B); return;
	case SAMPLE_EXT_ALL:
		craft_ipv6_ext(c, IPPROTO_HOPOPTS, 8);
		craft_ipv6_ext(c, IPPROTO_DSTOPTS, 16);
		craft_ipv6_ext(c, IPPROTO_ROUTING, 8);
		craft_ipv6_frag(c, 0, false, 0);
		craft_ipv6_ext(c, IPPROTO_AH, 24);
		craft_ipv6_ext(c, IPPROTO_DSTOPTS, 8);
		craft_tcp(c, 1, 2, 2);
		break;
	case SAMPLE_EXT_UNSEQ:
		craft_ipv6_ext(c, IPPROTO_ROUTING, 8);
		craft_ipv6_ext(c, IPPROTO_HOPOPTS, 8);
		craft_udp(c, 1, 2);
		break;
	case SAMPLE_EXT_UNREP:
		craft_ipv6_ext(c, IPPROTO_HOPOPTS, 8);
		craft_ipv6_ext(c, IPPROTO_HOPOPTS, 8);
		craft_udp(c, 1, 2);
		break;
	case SAMPLE_EXT_NONEXT: craft_ipv6_ext(c, IPPROTO_DSTOPTS, 8); return;
	case SAMPLE_EXT_ROUTED: {
		craft_ipv6_ext(c, IPPROTO_ROUTING, 24);
		c->data[c->len - 24 + 3] = 1; /* One segment left. */
		craft_tcp(c, 1, 2, 2);
		break;
	}
	case SAMPLE_FRAG6_FIRST:
		craft_ipv6_frag(c, 0, true, 0);
		craft_udp(c, 1, 2);
		break;
	case SAMPLE_FRAG6_LATER: craft_ipv6_frag(c, 64, true, IPPROTO_UDP); break;
	case SAMPLE_FRAG6_ATOMIC:
		craft_ipv6_frag(c, 0, false, 0);
		craft_udp(c, 1, 2);
		break;
	default: break;
	}
	craft_payload(c, NULL, 21);
}

static inline void
sample_make_l2(struct craft *c, enum sample which)
{
	switch (which) {
	case SAMPLE_SNAP_IP:
		craft_eth_8023(c, SAMPLE_MAC_B, SAMPLE_MAC_A);
		craft_snap(c, 0, 0);
		craft_ipv4(c, SAMPLE_IP4_A, SAMPLE_IP4_B, 0);
		craft_udp(c, 7, 8);
		return;
	case SAMPLE_LLC:
		craft_eth_8023(c, SAMPLE_MAC_B, SAMPLE_MAC_A);
		craft_llc(c, 0x42, 0x42, 3);
		craft_payload(c, NULL, 35);
		return;
	default: break;
	}
	craft_eth(c, SAMPLE_MAC_B, SAMPLE_MAC_A,
		which == SAMPLE_RARP              ? 0x8035
			: which == SAMPLE_PBB     ? 0x88e7
			: which == SAMPLE_UNKNOWN ? 0x88cc
						  : 0);
	switch (which) {
	case SAMPLE_VLAN_TCP:
		craft_vlan(c, 0x8100, 0xb00a, 0);
		craft_ipv4(c, SAMPLE_IP4_A, SAMPLE_IP4_B, 0);
		craft_tcp(c, 1000, 80, 2);
		break;
	case SAMPLE_QINQ_UDP:
		craft_vlan(c, 0x88a8, 100, 0);
		craft_vlan(c, 0x8100, 0x6000 | 200, 0);
		craft_ipv4(c, SAMPLE_IP4_A, SAMPLE_IP4_B, 0);
		craft_udp(c, 1000, 80);
		break;
	case SAMPLE_TRIPLE_TAG:
		craft_vlan(c, 0x88a8, 1, 0);
		craft_vlan(c, 0x9100, 2, 0);
		craft_vlan(c, 0x8100, 3, 0);
		craft_ipv4(c, SAMPLE_IP4_A, SAMPLE_IP4_B, 0);
		craft_udp(c, 1000, 80);
		break;
	case SAMPLE_ARP:
	case SAMPLE_RARP:
		craft_arp(c, which == SAMPLE_ARP ? 1 : 3, SAMPLE_MAC_A, SAMPLE_IP4_A, SAMPLE_MAC_B,
			SAMPLE_IP4_B);
		return;
	case SAMPLE_MPLS1:
		craft_mpls(c, 16, 5, true, 64);
		craft_payload(c, "\x45\0\0\x14", 4);
		break;
	case SAMPLE_MPLS4:
		for (int i = 0; i < 4; i++)
			craft_mpls(c, (uint32_t)(100 + i), (uint8_t)i, i == 3, 9);
		break;
	case SAMPLE_PBB: craft_payload(c, "\x08\x12\x34\x56", 4); break;
	default: break;
	}
	craft_payload(c, NULL, 30);
}

static inline void
sample_make(struct craft *c, enum sample which)
{
	craft_init(c);
	switch (which) {
	case SAMPLE_TCP:
		sample_ip4(c, 0);
		craft_tcp(c, 1234, 80, 0x112);
		break;
	case SAMPLE_UDP:
	case SAMPLE_UDP_NO_CSUM:
		sample_ip4(c, 0);
		craft_udp(c, 1234, 53);
		c->no_csum = which == SAMPLE_UDP_NO_CSUM;
		break;
	case SAMPLE_SCTP:
		sample_ip4(c, 0);
		craft_sctp(c, 1234, 3868);
		break;
	case SAMPLE_ICMP:
		sample_ip4(c, 0);
		craft_icmp(c, 8, 0);
		break;
	case SAMPLE_IP_OPTIONS:
		sample_ip4(c, 0);
		craft_ipv4_options(c, 3);
		craft_tcp(c, 9, 10, 0x10);
		break;
	case SAMPLE_IP_OTHER: sample_ip4(c, 47); break;
	case SAMPLE_FRAG_FIRST:
	case SAMPLE_FRAG_LATER:
		craft_eth(c, SAMPLE_MAC_B, SAMPLE_MAC_A, 0);
		if (which == SAMPLE_FRAG_FIRST) {
			craft_ipv4_frag(c, SAMPLE_IP4_A, SAMPLE_IP4_B, 0, 0, true);
			craft_udp(c, 5, 6);
		} else {
			craft_ipv4_frag(c, SAMPLE_IP4_A, SAMPLE_IP4_B, IPPROTO_UDP, 800, false);
		}
		break;
	case SAMPLE_VLAN_TCP:
	case SAMPLE_QINQ_UDP:
	case SAMPLE_TRIPLE_TAG:
	case SAMPLE_SNAP_IP:
	case SAMPLE_LLC:
	case SAMPLE_ARP:
	case SAMPLE_RARP:
	case SAMPLE_MPLS1:
	case SAMPLE_MPLS4:
	case SAMPLE_PBB:
	case SAMPLE_UNKNOWN:
		sample_make_l2(c, which);
		craft_finish(c);
		return;
	default:
		sample_make_ip6(c, which);
		craft_finish(c);
		return;
	}
	craft_payload(c, NULL, 40);
	craft_finish(c);
}

#endif /* UNIT_SAMPLE_PACKETS_H */
