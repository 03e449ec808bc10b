/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_CHECKSUM_H
#define PACKET_CHECKSUM_H

/* checksum: the Internet checksum and SCTP's, over bytes and over packets.
 *
 * Model    A running sum is a uint64_t of 16-bit words in wire order, not folded and not complemented; it starts
 *          at 0.  checksum_finish() folds and complements it into what a header holds.
 * Threads  none.
 * See      RFC 1071, RFC 1624, RFC 9260 appendix A. */

#include "packet/packet.h"

/* Adds 'len' bytes to 'sum'.  Only the last piece may have an odd length. */
uint64_t checksum_add(uint64_t sum, const void *data, size_t len);

/* Adds the pseudo-header of IPv4 or IPv6; 'src' and 'dst' may be unaligned. */
uint64_t checksum_add_pseudo4(
	uint64_t sum, const void *src, const void *dst, uint8_t proto, uint16_t l4_len);
uint64_t checksum_add_pseudo6(
	uint64_t sum, const void *src, const void *dst, uint8_t proto, uint32_t l4_len);

/* Folds 'sum' into 16 bits, not complemented. */
static inline be16
checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (be16)sum;
}

static inline be16
checksum_finish(uint64_t sum)
{
	return (be16)~checksum_fold(sum);
}

/* The checksum of 'len' bytes. */
static inline be16
checksum_bytes(const void *data, size_t len)
{
	return checksum_finish(checksum_add(0, data, len));
}

/* The checksum 'sum' after a 16-bit word that it covers went from 'old' to 'new' (RFC 1624, equation 3). */
static inline be16
checksum_update16(be16 sum, be16 old, be16 new)
{
	return (be16)~checksum_fold((uint64_t)(be16)~sum + (be16)~old + new);
}

static inline be16
checksum_update32(be16 sum, be32 old, be32 new)
{
	return (be16)~checksum_fold((uint64_t)(be16)~sum + (be32)~old + new);
}

/* CRC32c as SCTP uses it, over 'len' bytes; 'crc' is 0 at the start and the last result in between. */
uint32_t checksum_crc32c(uint32_t crc, const void *data, size_t len);

/* The same without the CPU's instruction for it; the twin that tests compare with. */
uint32_t checksum_crc32c_portable(uint32_t crc, const void *data, size_t len);

/* The running sum of 'len' bytes of a packet from 'ofs' on, across segments.  They must be there. */
uint64_t checksum_add_packet(uint64_t sum, const struct rte_mbuf *, uint32_t ofs, uint32_t len);

/* Over packets.  They look at the layout and at lengths in the headers, across segments. */

enum checksum_verdict {
	CHECKSUM_GOOD,
	CHECKSUM_BAD,
	CHECKSUM_NONE /* No such header, none in use (UDP 0), a fragment, or it waits to be completed. */
};

enum checksum_verdict checksum_verify_ipv4(const struct rte_mbuf *);
enum checksum_verdict checksum_verify_l4(const struct rte_mbuf *);

/* Write the right checksum, whatever is there (a UDP checksum of 0 over IPv4 too).  Return: 0, or -EINVAL if the packet
 * has no such header, or for the second if it is a fragment.  The second clears the flags that ask for it. */
int checksum_fill_ipv4(struct rte_mbuf *) MUST_CHECK;
int checksum_fill_l4(struct rte_mbuf *) MUST_CHECK;

/* Completes the transport checksum if it waits for that, in software.  A packet to be segmented is segmented first
 * (packet/gso.h), or it stays one large packet.  Returns: 0 (also when there was nothing
 * to do), or -EINVAL with the flags cleared if the layout does not say where it is. */
int checksum_complete(struct rte_mbuf *) MUST_CHECK;

/* Completes a checksum as virtio describes one: sum of all from 'start' on, stored at 'start' + 'offset'.
 * Returns: 0 or -EINVAL (out of the packet). */
int checksum_complete_at(struct rte_mbuf *, uint32_t start, uint32_t offset) MUST_CHECK;

#endif /* PACKET_CHECKSUM_H */
