/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

/* packet: our view of an mbuf.
 *
 * Model    A packet is a 'struct rte_mbuf', maybe a chain of segments, whose pool gives every mbuf a private area
 *          of PACKET_PRIV_SIZE bytes, 'struct packet_priv'.  Its first part is the layout: where the headers
 *          begin, counted from the first data byte.  Extraction fills the layout in, edits keep it right.
 *          A checksum that waits to be completed travels as DPDK's transmit flags do: RTE_MBUF_F_TX_TCP_CKSUM
 *          (UDP, SCTP) in ol_flags, and the field in the header holds the sum of the pseudo-header, not
 *          complemented (SCTP: anything).  RTE_MBUF_F_TX_TCP_SEG with tso_segsz asks for segmentation as well.
 *          l2_len, l3_len and l4_len are not kept while a packet is inside; packet_set_tx_lens() fills
 *          them in from the layout when it leaves.
 * Rules    I1 layout offsets never point behind the packet; PACKET_OFS_NONE where a header is absent.
 *          I2 An edit works on a packet that the caller alone holds: one segment list, refcnt 1, direct buffers.
 * Owner    whoever holds the mbuf.
 * Threads  the one that holds the packet.
 * See      packet/edit.h, packet/checksum.h, packet/gso.h, flow/extract.h. */

#include <stdbool.h>
#include <string.h>

#include <rte_mbuf.h>

#include "base/compiler.h"

#define PACKET_OFS_NONE UINT16_MAX

/* flags of struct packet_layout */
#define PACKET_L_FRAG 0x01 /* The network layer says that this is a fragment. */
#define PACKET_L_LATER 0x02 /* And not the first one. */

enum packet_l3 {
	PACKET_L3_NONE, /* None that is known. */
	PACKET_L3_IPV4,
	PACKET_L3_IPV6,
	PACKET_L3_ARP
};

struct packet_layout {
	uint16_t l2_5_ofs; /* First MPLS label stack entry. */
	uint16_t l3_ofs; /* Network header (or ARP), complete and well formed. */
	uint16_t l4_ofs; /* Behind the network header and its options; no later fragment has one. */
	uint8_t l3_type; /* enum packet_l3 */
	uint8_t l4_proto; /* IPPROTO_TCP, UDP, SCTP, ICMP, ICMPV6 if that header is complete, else 0. */
	uint32_t
		l3_end; /* Where the network layer says that the packet ends (behind it is padding); 0: not known. */
	uint8_t n_vlans; /* Tags in front of the EtherType (at most 2 are known). */
	uint8_t flags; /* PACKET_L_*. */
	uint16_t pad;
};

static_assert(sizeof(struct packet_layout) == 16, "no holes");

/* The private area of every mbuf. */
struct packet_priv {
	struct packet_layout layout;
	uint32_t in_port; /* Datapath port that it came in by; the datapath's. */
	uint8_t scratch[44]; /* The datapath's, for the time that it holds the packet. */
};

#define PACKET_PRIV_SIZE 64

static_assert(sizeof(struct packet_priv) == PACKET_PRIV_SIZE, "keeps the data aligned");

static inline struct packet_priv *
packet_priv(struct rte_mbuf *m)
{
	return (struct packet_priv *)(void *)(m + 1);
}

static inline struct packet_layout *
packet_layout(struct rte_mbuf *m)
{
	return &packet_priv(m)->layout;
}

static inline void
packet_layout_clear(struct packet_layout *l)
{
	*l = (struct packet_layout){
		.l2_5_ofs = PACKET_OFS_NONE,
		.l3_ofs = PACKET_OFS_NONE,
		.l4_ofs = PACKET_OFS_NONE,
	};
}

/* First data byte of the first segment. */
static inline uint8_t *
packet_data(const struct rte_mbuf *m)
{
	return (uint8_t *)m->buf_addr + m->data_off;
}

/* Bytes of the whole packet. */
static inline uint32_t
packet_len(const struct rte_mbuf *m)
{
	return m->pkt_len;
}

/* Bytes in the first segment. */
static inline uint32_t
packet_seg_len(const struct rte_mbuf *m)
{
	return m->data_len;
}

static inline bool
packet_is_linear(const struct rte_mbuf *m)
{
	return m->nb_segs == 1;
}

static inline uint16_t
packet_headroom(const struct rte_mbuf *m)
{
	return m->data_off;
}

/* True if nobody else can see changes made through 'm'. */
static inline bool
packet_is_writable(const struct rte_mbuf *m)
{
	return RTE_MBUF_DIRECT(m) && rte_mbuf_refcnt_read(m) == 1;
}

/* True if the transport checksum waits to be completed: the header holds the pseudo-header's sum. */
static inline bool
packet_csum_is_partial(const struct rte_mbuf *m)
{
	return (m->ol_flags & (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG)) != 0;
}

/* True if the packet is to be cut into TCP segments of m->tso_segsz bytes. */
static inline bool
packet_is_gso(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0;
}

static inline void
packet_prefetch_data(const struct rte_mbuf *m)
{
	__builtin_prefetch(packet_data(m));
}

/* Gives back a packet and all of its segments. */
static inline void
packet_free(struct rte_mbuf *m)
{
	rte_pktmbuf_free(m);
}

/* Copies 'len' bytes from 'ofs' on, across segments, into 'dst'.  They must be there.  */
void packet_read(const struct rte_mbuf *m, uint32_t ofs, uint32_t len, void *dst);

/* Makes the first 'len' bytes contiguous in the first segment.
 * Returns: 0; -EINVAL if the packet is shorter; -ENOBUFS if the first segment has no room for them. */
int packet_pull_up(struct rte_mbuf *m, uint32_t len) MUST_CHECK;

/* Cuts the packet to its first 'len' bytes (nothing happens if it is shorter) and frees segments left empty.  A
 * waiting checksum is completed first, over the whole packet. */
void packet_truncate(struct rte_mbuf *m, uint32_t len);

/* A private copy of the first 'max_len' bytes (UINT32_MAX: all), private area and offload requests included, with mbufs of
 * the packet's own pool, in as many segments as needed.  A copy that is cut short has its checksum completed.
 * Returns: NULL if the pool is empty.  Owner: the caller. */
struct rte_mbuf *packet_copy(const struct rte_mbuf *m, uint32_t max_len) MUST_CHECK;

/* Appends 'len' bytes to a packet just allocated from 'pool' (chaining more segments as needed).
 * Returns: 0 or -ENOBUFS, when the packet keeps what fitted. */
int packet_append(
	struct rte_mbuf *m, const void *data, uint32_t len, struct rte_mempool *pool) MUST_CHECK;

/* Fills in l2_len, l3_len and l4_len from the layout for a device that does the work asked for in ol_flags, and
 * sets RTE_MBUF_F_TX_IPV4 or _IPV6, with RTE_MBUF_F_TX_IP_CKSUM for segmentation of IPv4.
 * Returns: false if the layout does not give them: do the work in software. */
bool packet_set_tx_lens(struct rte_mbuf *m);

#endif /* PACKET_PACKET_H */
