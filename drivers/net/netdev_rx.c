/* SPDX-License-Identifier: Apache-2.0 */
/* The receiving half of kernel interfaces: recvmmsg() on a packet socket with virtio headers, and the work that the
 * kernel left to a device that never sees the frame: checksums, segmentation, VLAN tags. */
#include "drivers/net/netdev_rx.h"

#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_mbuf.h>

#define LOG_THIS LOG_netdev
#include "base/err.h"
#include "base/log.h"
#include "drivers/net/udp_split.h"
#include "packet/checksum.h"
#include "packet/gso.h"
#include "packet/packet.h"

#define GSO_UDP_L4 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, which headers before Linux 6.2 lack. */
#define SCTP_CSUM_OFFSET 8
#define LARGE_BATCH \
	4 /* Messages at once while they hold merged segments: each gives up to 46 packets. */
#define POOL_LEASE 32 /* A burst; the fifo is full only for moments. */
#define SOCKET_BUFFER_BYTES (4 << 20)

static uint32_t
fifo_count(const struct netdev_rxq *rxq)
{
	return rxq->tail - rxq->head;
}

static void
fifo_put(struct netdev_rxq *rxq, struct rte_mbuf *m)
{
	if (fifo_count(rxq) == NETDEV_RX_FIFO) {
		counter_add(&rxq->counters.dropped, 1);
		rte_pktmbuf_free(m);
		return;
	}
	rxq->fifo[rxq->tail++ % NETDEV_RX_FIFO] = m;
}

/* Puts the tag that the kernel took out back in.  Returns: false if there is no room. */
static bool
insert_tag(struct rte_mbuf *m, const struct tpacket_auxdata *aux)
{
	be16 tag[2];
	uint8_t *p;

	if (m->data_len < 2 * ETH_ALEN)
		return false;
	p = (uint8_t *)rte_pktmbuf_prepend(m, sizeof(tag));
	if (p == NULL)
		return false;
	tag[0] = htons((aux->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? aux->tp_vlan_tpid
									 : ETHERTYPE_VLAN);
	tag[1] = htons(aux->tp_vlan_tci);
	memmove(p, p + sizeof(tag), 2 * ETH_ALEN);
	memcpy(p + 2 * ETH_ALEN, tag, sizeof(tag));
	return true;
}

static void
finish(struct netdev_rxq *rxq, struct rte_mbuf *m, const struct tpacket_auxdata *aux)
{
	if (aux != NULL && !insert_tag(m, aux)) {
		counter_add(&rxq->counters.errors, 1);
		rte_pktmbuf_free(m);
		return;
	}
	counter_add(&rxq->counters.packets, 1);
	counter_add(&rxq->counters.bytes, m->pkt_len);
	fifo_put(rxq, m);
}

/* Describes a large frame to packet_gso() or udp_split(), from the virtio header and the Ethernet header.
 * Returns: false if they do not describe one. */
static bool
describe_large(struct rte_mbuf *m, const struct virtio_net_hdr *hdr)
{
	struct packet_layout *layout = packet_layout(m);
	uint32_t ofs = 2 * ETH_ALEN;
	be16 type = 0;

	packet_layout_clear(layout);
	for (int tags = 0; tags <= 2; tags++) {
		if (ofs + 2 > m->data_len)
			return false;
		memcpy(&type, packet_data(m) + ofs, sizeof(type));
		ofs += 2;
		if (type != htons(ETHERTYPE_VLAN) && type != htons(0x88a8))
			break;
		layout->n_vlans++;
		ofs += 2;
	}
	if (type == htons(ETHERTYPE_IP))
		layout->l3_type = PACKET_L3_IPV4;
	else if (type == htons(ETHERTYPE_IPV6))
		layout->l3_type = PACKET_L3_IPV6;
	else
		return false;
	if (hdr->csum_start <= ofs || hdr->csum_start + 8u > m->data_len || hdr->gso_size == 0
		|| m->pkt_len >= PACKET_OFS_NONE)
		return false;
	layout->l3_end = (uint16_t)m->pkt_len; /* Merged frames have no padding. */
	layout->l3_ofs = (uint16_t)ofs;
	layout->l4_ofs = hdr->csum_start;
	if (hdr->gso_type == GSO_UDP_L4)
		return true;
	layout->l4_proto = IPPROTO_TCP;
	m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM;
	m->tso_segsz = hdr->gso_size;
	return hdr->csum_start + 20u <= m->data_len;
}

/* Takes a frame of merged segments apart.  Owner: takes 'm'. */
static void
split(struct netdev_rxq *rxq, struct rte_mbuf *m, const struct virtio_net_hdr *hdr,
	const struct tpacket_auxdata *aux, struct rte_mempool *pool)
{
	struct rte_mbuf *segs[PACKET_GSO_MAX_SEGS];
	int n = -EINVAL;

	if (describe_large(m, hdr)) {
		if (hdr->gso_type == GSO_UDP_L4)
			n = udp_split(m, hdr->gso_size, pool, segs, PACKET_GSO_MAX_SEGS);
		else
			n = packet_gso(m, pool, segs, PACKET_GSO_MAX_SEGS);
	}
	rte_pktmbuf_free(m);
	if (n < 0) {
		counter_add(n == -ENOBUFS ? &rxq->counters.dropped : &rxq->counters.errors, 1);
		return;
	}
	for (int i = 0; i < n; i++)
		finish(rxq, segs[i], aux);
}

/* The kernel's remarks about message 'i', or NULL if there is no VLAN tag beside the frame. */
static const struct tpacket_auxdata *
find_tag(struct netdev_rxq *rxq, unsigned int i)
{
	struct msghdr *msg = &rxq->msgs[i].msg_hdr;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		const struct tpacket_auxdata *aux = (const void *)CMSG_DATA(c);

		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA
			&& c->cmsg_len >= CMSG_LEN(sizeof(*aux)))
			return (aux->tp_status & TP_STATUS_VLAN_VALID) != 0 ? aux : NULL;
	}
	return NULL;
}

/* SCTP's checksum is no Internet checksum, but the virtio header has no way to say so: only the place in the header,
 * which no other protocol uses, tells.  Returns: 0, or -EINVAL if the header is not there. */
static int
complete_sctp(struct rte_mbuf *m, uint32_t start)
{
	uint32_t crc = 0, ofs = start;
	uint8_t *field;

	if (start + SCTP_CSUM_OFFSET + 4 > m->data_len)
		return -EINVAL;
	field = packet_data(m) + start + SCTP_CSUM_OFFSET;
	memset(field, 0, 4);
	for (const struct rte_mbuf *seg = m; seg != NULL; seg = seg->next, ofs = 0)
		crc = checksum_crc32c(crc, packet_data(seg) + ofs, seg->data_len - ofs);
	for (int i = 0; i < 4; i++)
		field[i] = (uint8_t)(crc >> 8 * i); /* Least significant byte first. */
	return 0;
}

/* Completes the checksum that the sender left to its device.  Returns: 0, or -EINVAL. */
static int
complete(struct rte_mbuf *m, const struct virtio_net_hdr *hdr)
{
	if ((hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0)
		return 0;
	if (hdr->csum_offset == SCTP_CSUM_OFFSET)
		return complete_sctp(m, hdr->csum_start);
	return checksum_complete_at(m, hdr->csum_start, hdr->csum_offset);
}

/* Makes packets of message 'i', received into 'm'.  Owner: takes 'm'. */
static void
accept_message(struct netdev_rxq *rxq, unsigned int i, struct rte_mbuf *m, struct rte_mempool *pool)
{
	const struct virtio_net_hdr *hdr = &rxq->hdrs[i];
	const struct tpacket_auxdata *aux = find_tag(rxq, i);
	uint32_t room = rte_pktmbuf_tailroom(m);
	uint8_t gso = (uint8_t)(hdr->gso_type & ~VIRTIO_NET_HDR_GSO_ECN);
	uint32_t len = rxq->msgs[i].msg_len;

	if (len < sizeof(*hdr) || (rxq->msgs[i].msg_hdr.msg_flags & MSG_TRUNC) != 0)
		goto err_frame;
	len -= (uint32_t)sizeof(*hdr);
	m->data_len = (uint16_t)MIN(len, room);
	m->pkt_len = m->data_len;
	if (len > room) {
		const uint8_t *rest = rxq->spill + (size_t)i * NETDEV_RX_SPILL;

		if (packet_append(m, rest, len - room, pool) != 0) {
			counter_add(&rxq->counters.dropped, 1);
			rte_pktmbuf_free(m);
			return;
		}
	}
	if (gso == VIRTIO_NET_HDR_GSO_TCPV4 || gso == VIRTIO_NET_HDR_GSO_TCPV6
		|| gso == GSO_UDP_L4) {
		rxq->saw_large = true;
		split(rxq, m, hdr, aux, pool);
		return;
	}
	if (gso != VIRTIO_NET_HDR_GSO_NONE)
		goto err_frame;
	if (complete(m, hdr) != 0)
		goto err_frame;
	finish(rxq, m, aux);
	return;

err_frame:
	counter_add(&rxq->counters.errors, 1);
	rte_pktmbuf_free(m);
}

/* Points the messages at the buffers. */
static void
prepare(struct netdev_rxq *rxq, struct rte_mbuf **bufs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct msghdr *msg = &rxq->msgs[i].msg_hdr;

		rxq->iovs[i][1].iov_base = packet_data(bufs[i]);
		rxq->iovs[i][1].iov_len = rte_pktmbuf_tailroom(bufs[i]);
		msg->msg_control = &rxq->cmsgs[i];
		msg->msg_controllen = sizeof(rxq->cmsgs[i]);
		msg->msg_flags = 0;
	}
}

/* Without buffers, frames are lost here and not left in the socket, which would stay readable. */
static void
discard(struct netdev_rxq *rxq, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint8_t byte;

		if (recv(rxq->sock, &byte, sizeof(byte), MSG_DONTWAIT) < 0)
			break;
		counter_add(&rxq->counters.dropped, 1);
	}
}

static void
receive(struct netdev_rxq *rxq)
{
	struct rte_mempool *pool = rx_pool_mempool(&rxq->pool);
	unsigned int n = rxq->saw_large ? LARGE_BATCH : NETDEV_RX_BATCH;
	struct rte_mbuf *bufs[NETDEV_RX_BATCH];
	unsigned int got = 0;
	int ret;

	if (rte_pktmbuf_alloc_bulk(pool, bufs, n) != 0) {
		discard(rxq, n);
		return;
	}
	prepare(rxq, bufs, n);
	ret = recvmmsg(rxq->sock, rxq->msgs, n, MSG_DONTWAIT, NULL);
	if (ret > 0)
		got = (unsigned int)ret;
	else if (errno == ENETDOWN || errno == ENXIO)
		port_wake(
			rxq->q.port); /* The interface went down or away; reading the error cleared it. */
	else if (errno != EAGAIN && errno != EINTR)
		counter_add(&rxq->counters.errors, 1);
	if (got < n)
		rte_pktmbuf_free_bulk(bufs + got, n - got);
	rxq->saw_large = false;
	for (unsigned int i = 0; i < got; i++)
		accept_message(rxq, i, bufs[i], pool);
}

/* Makes the queue's descriptor readable exactly as long as packets wait that no socket knows of. */
static void
update_event(struct netdev_rxq *rxq)
{
	bool want = fifo_count(rxq) > 0;
	uint64_t value = 1;
	ssize_t ret;

	if (want == rxq->event_is_set)
		return;
	if (want)
		ret = write(rxq->event, &value, sizeof(value));
	else
		ret = read(rxq->event, &value, sizeof(value));
	if (ret == sizeof(value))
		rxq->event_is_set = want;
}

static uint16_t
netdev_rx_burst(struct port_rxq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct netdev_rxq *rxq = CONTAINER_OF(q, struct netdev_rxq, q);
	uint16_t got = 0;

	gate_enter(&rxq->gate);
	if (fifo_count(rxq) == 0)
		receive(rxq);
	while (got < n && fifo_count(rxq) > 0)
		mbufs[got++] = rxq->fifo[rxq->head++ % NETDEV_RX_FIFO];
	update_event(rxq);
	gate_leave(&rxq->gate);
	return got;
}

static int
open_socket(struct netdev_rxq *rxq, struct err *err)
{
	static const struct {
		int level, option, value;
		bool must;
		const char *name;
	} options[] = {
		{ SOL_PACKET, PACKET_VNET_HDR, 1, true, "PACKET_VNET_HDR" },
		{ SOL_PACKET, PACKET_AUXDATA, 1, true, "PACKET_AUXDATA" },
		{ SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, true,
			"PACKET_IGNORE_OUTGOING (Linux 4.20)" },
		{ SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER_BYTES, false, "SO_RCVBUFFORCE" },
	};
	int ret;

	/* Protocol 0: nothing is received before it is bound to its interface. */
	rxq->sock = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (rxq->sock < 0) {
		ret = -errno;
		err_set(err, "cannot open a packet socket: %s%s", strerror(-ret),
			ret == -EPERM ? " (needs CAP_NET_RAW)" : "");
		return ret;
	}
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (setsockopt(rxq->sock, options[i].level, options[i].option, &options[i].value,
			    sizeof(int))
			== 0)
			continue;
		if (options[i].must) {
			ret = -errno;
			err_set(err, "the kernel has no %s for packet sockets: %s", options[i].name,
				strerror(-ret));
			return ret;
		}
	}
	return 0;
}

/* Joins socket and eventfd to the one descriptor that pmds look at. */
static int
join_descriptors(struct netdev_rxq *rxq)
{
	struct epoll_event ev = { .events = EPOLLIN };

	rxq->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rxq->q.fd = epoll_create1(EPOLL_CLOEXEC);
	if (rxq->event < 0 || rxq->q.fd < 0
		|| epoll_ctl(rxq->q.fd, EPOLL_CTL_ADD, rxq->event, &ev) != 0
		|| epoll_ctl(rxq->q.fd, EPOLL_CTL_ADD, rxq->sock, &ev) != 0)
		return -errno;
	return 0;
}

int
netdev_rx_init(struct netdev_rxq *rxq, struct port *port, struct err *err)
{
	int ret;

	memset(rxq, 0, sizeof(*rxq));
	rxq->q = (struct port_rxq){ .burst = netdev_rx_burst, .port = port, .fd = -1 };
	rxq->sock = rxq->event = -1;
	ret = open_socket(rxq, err);
	if (ret != 0)
		goto err_uninit;
	ret = join_descriptors(rxq);
	if (ret != 0) {
		err_set(err, "cannot set up polling: %s", strerror(-ret));
		goto err_uninit;
	}
	rxq->spill = mmap(NULL, (size_t)NETDEV_RX_BATCH * NETDEV_RX_SPILL, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (rxq->spill == MAP_FAILED) {
		ret = -errno;
		rxq->spill = NULL;
		err_set(err, "no memory for large frames: %s", strerror(-ret));
		goto err_uninit;
	}
	for (unsigned int i = 0; i < NETDEV_RX_BATCH; i++) {
		rxq->iovs[i][0] = (struct iovec){ &rxq->hdrs[i], sizeof(rxq->hdrs[i]) };
		rxq->iovs[i][2] =
			(struct iovec){ rxq->spill + (size_t)i * NETDEV_RX_SPILL, NETDEV_RX_SPILL };
		rxq->msgs[i].msg_hdr.msg_iov = rxq->iovs[i];
		rxq->msgs[i].msg_hdr.msg_iovlen = 3;
	}
	return 0;

err_uninit:
	netdev_rx_uninit(rxq);
	return ret;
}

void
netdev_rx_uninit(struct netdev_rxq *rxq)
{
	if (rxq->q.port == NULL)
		return;
	while (fifo_count(rxq) > 0)
		rte_pktmbuf_free(rxq->fifo[rxq->head++ % NETDEV_RX_FIFO]);
	if (rxq->q.fd >= 0)
		close(rxq->q.fd);
	if (rxq->event >= 0)
		close(rxq->event);
	if (rxq->sock >= 0)
		close(rxq->sock);
	if (rxq->spill != NULL)
		munmap(rxq->spill, (size_t)NETDEV_RX_BATCH * NETDEV_RX_SPILL);
	port_pool_unref(rx_pool_exchange(&rxq->pool, NULL));
	rxq->q.port = NULL;
}

int
netdev_rx_exchange(struct netdev_rxq *rxq, int mtu, struct err *err)
{
	struct port_pool *lease;
	int ret = port_pool_get(-1, mtu, POOL_LEASE, &lease, err);

	if (ret != 0)
		return ret;
	lease = rx_pool_exchange(&rxq->pool, lease);
	gate_wait(&rxq->gate);
	port_pool_unref(lease);
	return 0;
}
