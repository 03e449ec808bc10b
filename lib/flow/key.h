/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_KEY_H
#define FLOW_KEY_H

/* key: everything that a packet can be matched on, in fixed 64-byte lanes.
 *
 * Model    'struct flow' is a row of lanes of one cache line each.  Lanes up to FLOW_N_KEY_LANES are read from
 *          the packet and are the datapath's key; the lanes after them are the pipeline's own state (metadata,
 *          registers), zero when a packet enters.  The same struct is a mask: a one bit says that the bit
 *          counts.  A lane is eight 64-bit words, so compare, mask and hash are word loops that the
 *          compiler or a SIMD routine does a lane at a time.
 *          Lane 0 is all that Ethernet, one VLAN tag, ARP addresses, IPv4 and L4 ports need.  Lane 1 adds
 *          IPv6, ND and ARP hardware addresses.  Lane 2 adds the second tag, MPLS and rarities.  Lane 3 is the
 *          tunnel that the packet came out of.
 * Rules    I1 A field that the packet does not have is zero, and so is every pad byte.
 *          I2 Multi-byte fields from the wire are in network order; in_port and the like in host order.
 *          I3 Fields shared by protocols (ARP in the IPv4 fields, ICMP in the L4 ports, ND link-layer addresses in the
 *          ARP ones) are told apart by eth_type and ip_proto, which every rule that uses them matches exactly.
 * Owner    plain data; no pointers.
 * Threads  none.
 * Cost     lanes that a packet does not use are all zero and are skipped by the lane bitmap of a mask.
 * See      flow/field.h names the members for OpenFlow; flow/extract.h fills a key. */

#include <stdbool.h>
#include <string.h>

#include "base/compiler.h"

#define FLOW_N_LANES 6 /* All of them. */
#define FLOW_N_KEY_LANES 4 /* Those that the datapath's key has. */
#define FLOW_LANE_WORDS 8 /* 64-bit words in a lane. */

#define FLOW_N_MPLS 3 /* Label stack entries kept. */
#define FLOW_N_REGS 16 /* 32-bit registers. */

/* vlan_tci: the tag control information with this bit set says that a tag is there (the bit is OpenFlow's
 * OFPVID_PRESENT; the wire's DEI bit is not kept apart). */
#define FLOW_VLAN_PRESENT 0x1000
#define FLOW_VLAN_VID 0x0fff
#define FLOW_VLAN_PCP 0xe000
#define FLOW_VLAN_PCP_SHIFT 13

/* ip_frag */
#define FLOW_FRAG_ANY 0x01 /* The packet is a fragment. */
#define FLOW_FRAG_LATER 0x02 /* And not the first one: it has no L4 header. */

/* eth_type of a frame that is not Ethernet II and has no SNAP type (OpenFlow 1.0, OFP_DL_TYPE_NOT_ETH_TYPE). */
#define FLOW_ETH_TYPE_NONE 0x05ff

/* ipv6_exthdr bits, OpenFlow 1.5.1 section 7.2.3.8 (OFPIEH_*). */
#define FLOW_IEH_NONEXT 0x001
#define FLOW_IEH_ESP 0x002
#define FLOW_IEH_AUTH 0x004
#define FLOW_IEH_DEST 0x008
#define FLOW_IEH_FRAG 0x010
#define FLOW_IEH_ROUTER 0x020
#define FLOW_IEH_HOP 0x040
#define FLOW_IEH_UNREP 0x080
#define FLOW_IEH_UNSEQ 0x100

/* ct_state bits (those of the Nicira extension). */
#define FLOW_CT_NEW 0x01
#define FLOW_CT_EST 0x02
#define FLOW_CT_REL 0x04
#define FLOW_CT_RPL 0x08
#define FLOW_CT_INV 0x10
#define FLOW_CT_TRK 0x20
#define FLOW_CT_SNAT 0x40
#define FLOW_CT_DNAT 0x80

struct flow {
	/* Lane 0. */
	uint32_t
		in_port; /* Datapath port number in a key; OpenFlow port number in the pipeline's rules. */
	uint32_t recirc_id; /* 0: the packet just came in. */
	uint8_t eth_dst[6];
	uint8_t eth_src[6];
	be16 eth_type; /* Of the payload behind the VLAN tags kept here. */
	be16 vlan_tci; /* Outer tag with FLOW_VLAN_PRESENT, or 0. */
	be16 vlan_tpid; /* Outer tag's TPID, or 0. */
	uint8_t ip_proto; /* Or the low byte of the ARP opcode. */
	uint8_t ip_tos; /* DSCP and ECN; IPv6 traffic class. */
	be32 ip_src; /* Or ARP SPA. */
	be32 ip_dst; /* Or ARP TPA. */
	uint8_t ip_ttl; /* Or IPv6 hop limit. */
	uint8_t ip_frag; /* FLOW_FRAG_*. */
	be16 tcp_flags; /* Low 12 bits. */
	be16 l4_src; /* TCP, UDP, SCTP source port; ICMP, ICMPv6 type. */
	be16 l4_dst; /* Destination port; ICMP, ICMPv6 code. */
	uint8_t ct_state; /* FLOW_CT_*. */
	uint8_t ct_nw_proto;
	uint16_t ct_zone;
	uint32_t ct_mark;
	be32 packet_type; /* (ns << 16 | ns_type); 0 is Ethernet. */
	uint8_t pad0[8];

	/* Lane 1. */
	uint8_t ipv6_src[16];
	uint8_t ipv6_dst[16];
	uint8_t nd_target[16];
	uint8_t arp_sha[6]; /* Or ND source link-layer address. */
	uint8_t arp_tha[6]; /* Or ND target link-layer address. */
	be32 ipv6_label; /* Low 20 bits. */

	/* Lane 2. */
	be16 vlan2_tci; /* Inner tag, as vlan_tci. */
	be16 vlan2_tpid;
	be32 mpls_lse[FLOW_N_MPLS]; /* Outermost first; 0 where there is none. */
	uint16_t ipv6_exthdr; /* FLOW_IEH_*, host order. */
	uint8_t nd_options; /* Type of the first link-layer address option of an ND message, or 0. */
	uint8_t pad2a;
	be32 nd_reserved;
	be32 pbb_isid; /* Low 24 bits, PBB UCA in bit 24. */
	be32 ct_nw_src;
	be32 ct_nw_dst;
	be16 ct_tp_src;
	be16 ct_tp_dst;
	uint8_t ct_label[16];
	uint8_t pad2b[8];

	/* Lane 3. */
	be64 tunnel_id;
	uint8_t tun_ipv6_src[16]; /* An IPv4 endpoint is kept mapped, ::ffff:a.b.c.d. */
	uint8_t tun_ipv6_dst[16];
	uint16_t tun_flags; /* Host order. */
	uint8_t tun_tos;
	uint8_t tun_ttl;
	be16 tun_tp_src;
	be16 tun_tp_dst;
	be16 tun_gbp_id;
	uint8_t tun_gbp_flags;
	uint8_t pad3[13];

	/* Lane 4: the pipeline's own. */
	be64 metadata;
	uint32_t actset_output; /* OpenFlow port number. */
	uint32_t pkt_mark;
	uint32_t skb_priority;
	uint32_t conj_id;
	uint32_t dp_hash;
	uint32_t tunnel_metadata_present;
	uint8_t ct_ipv6_src[16];
	uint8_t ct_ipv6_dst[16];

	/* Lane 5. */
	uint32_t regs
		[FLOW_N_REGS]; /* Host order; xreg0 is regs[0] (high half) and regs[1], and so on. */
} CACHE_ALIGNED;

static_assert(sizeof(struct flow) == FLOW_N_LANES * SLUICE_CACHE_LINE, "a lane is a cache line");
static_assert(offsetof(struct flow, ipv6_src) == 1 * SLUICE_CACHE_LINE, "lane 1");
static_assert(offsetof(struct flow, vlan2_tci) == 2 * SLUICE_CACHE_LINE, "lane 2");
static_assert(offsetof(struct flow, tunnel_id) == 3 * SLUICE_CACHE_LINE, "lane 3");
static_assert(offsetof(struct flow, metadata) == 4 * SLUICE_CACHE_LINE, "lane 4");
static_assert(offsetof(struct flow, regs) == 5 * SLUICE_CACHE_LINE, "lane 5");

/* The words of lane 'i' of 'f'. */
static inline const uint64_t *
flow_lane(const struct flow *f, unsigned int i)
{
	return (const uint64_t *)(const void *)f + i * FLOW_LANE_WORDS;
}

static inline uint64_t *
flow_lane_rw(struct flow *f, unsigned int i)
{
	return (uint64_t *)(void *)f + i * FLOW_LANE_WORDS;
}

/* Bit i of the result is one if lane i of 'f' has a bit set. */
static inline uint32_t
flow_lanes(const struct flow *f)
{
	uint32_t lanes = 0;

	for (unsigned int i = 0; i < FLOW_N_LANES; i++) {
		const uint64_t *w = flow_lane(f, i);
		uint64_t any = 0;

		for (unsigned int k = 0; k < FLOW_LANE_WORDS; k++)
			any |= w[k];
		lanes |= (uint32_t)(any != 0) << i;
	}
	return lanes;
}

#endif /* FLOW_KEY_H */
