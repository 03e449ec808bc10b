/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel interfaces that exist already (veth, tap, a physical card that stays with Linux): a packet socket each way.  The
 * interface may vanish and come back under its name while the port is in use; the sockets stay and are bound again. */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_mbuf.h>

#define LOG_THIS LOG_netdev
#include "base/err.h"
#include "base/list.h"
#include "base/log.h"
#include "drivers/net/driver_mem.h"
#include "drivers/net/drivers.h"
#include "drivers/net/linux_if.h"
#include "drivers/net/netdev_rx.h"
#include "drivers/net/tap.h"
#include "packet/packet.h"

#define NETDEV_TX_BATCH 32
#define NETDEV_TX_IOVS 96
#define SOCKET_BUFFER_BYTES (4 << 20)

struct netdev_txq {
	struct port_txq q;
	struct queue_counters counters;
};

struct netdev_port {
	struct port port;
	struct list node; /* In 'netdevs'. */
	int tx_sock; /* Of its own, so that it receives nothing and takes frames without virtio header. */
	int ctl; /* Shared, never closed. */
	int bound; /* ifindex that the sockets are bound to, 0: none. */
	struct linux_if_info info; /* As last seen; ifindex 0: not there. */
	uint64_t link_resets;
	uint64_t socket_drops; /* Frames that the socket had no room for. */
	uint32_t n_txq_wanted;
	int mtu_wanted;
	bool mac_set;
	struct ether_addr mac_wanted;
	char error[256];
	struct netdev_rxq rxq;
	struct netdev_txq txqs[PORT_MAX_TXQ];
};

static struct list netdevs = LIST_INITIALIZER(&netdevs); /* Of 'struct netdev_port'.  Main. */

static struct netdev_port *
netdev_cast(struct port *port)
{
	return CONTAINER_OF(port, struct netdev_port, port);
}

/* Describes as many of 'n' packets as fit.  Returns: how many; 0 if the first has too many segments. */
static unsigned int
build_messages(struct rte_mbuf **mbufs, unsigned int n, struct mmsghdr *msgs, struct iovec *iovs)
{
	unsigned int n_iovs = 0, i;

	for (i = 0; i < MIN(n, (unsigned int)NETDEV_TX_BATCH); i++) {
		const struct rte_mbuf *m = mbufs[i];

		if (n_iovs + m->nb_segs > NETDEV_TX_IOVS)
			break;
		memset(&msgs[i].msg_hdr, 0, sizeof(msgs[i].msg_hdr));
		msgs[i].msg_hdr.msg_iov = &iovs[n_iovs];
		msgs[i].msg_hdr.msg_iovlen = m->nb_segs;
		for (; m != NULL; m = m->next)
			iovs[n_iovs++] = (struct iovec){ packet_data(m), m->data_len };
	}
	return i;
}

/* True for errors that all packets of the batch would meet. */
static bool
concerns_all(int error)
{
	return error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == ENETDOWN
		|| error == ENXIO || error == ENODEV || error == EINTR;
}

static uint16_t
netdev_tx_burst(struct port_txq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct netdev_port *dev = CONTAINER_OF(q->port, struct netdev_port, port);
	struct netdev_txq *txq = CONTAINER_OF(q, struct netdev_txq, q);
	struct mmsghdr msgs[NETDEV_TX_BATCH];
	struct iovec iovs[NETDEV_TX_IOVS];
	uint64_t bytes = 0, n_errors = 0;
	unsigned int i = 0;
	uint16_t sent = 0;
	bool down = false;

	while (i < n) {
		unsigned int count = build_messages(mbufs + i, n - i, msgs, iovs);
		int ret = count > 0 ? sendmmsg(dev->tx_sock, msgs, count, MSG_DONTWAIT) : -1;

		if (ret <= 0) {
			if (count > 0 && concerns_all(errno)) {
				down = errno == ENETDOWN || errno == ENXIO || errno == ENODEV;
				break;
			}
			n_errors++; /* This one is at fault: it stays behind. */
			i++;
			continue;
		}
		for (int k = 0; k < ret; k++, i++) {
			struct rte_mbuf *m = mbufs[i];

			bytes += m->pkt_len;
			mbufs[i] = mbufs[sent];
			mbufs[sent++] = m;
		}
	}
	if (sent > 0) {
		rte_pktmbuf_free_bulk(mbufs, sent);
		counter_add(&txq->counters.packets, sent);
		counter_add(&txq->counters.bytes, bytes);
	}
	if (sent < n) {
		q->found_down = down;
		counter_add(&txq->counters.dropped, (uint64_t)n - sent);
	}
	if (n_errors > 0)
		counter_add(&txq->counters.errors, n_errors);
	return sent;
}

/* Binds both sockets to the interface.  Returns: 0 or -errno with 'err'. */
static int
attach(struct netdev_port *dev, int ifindex, struct err *err)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_ifindex = ifindex };
	struct packet_mreq promisc = { .mr_ifindex = ifindex, .mr_type = PACKET_MR_PROMISC };
	int ret;

	dev->bound = 0;
	if (bind(dev->tx_sock, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		goto err_errno;
	addr.sll_protocol = htons(ETH_P_ALL);
	if (bind(dev->rxq.sock, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		goto err_errno;
	if (setsockopt(dev->rxq.sock, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc))
		!= 0)
		goto err_errno;
	dev->bound = ifindex;
	return 0;

err_errno:
	ret = -errno;
	err_set(err, "cannot receive from the network device: %s", strerror(-ret));
	return ret;
}

/* Sets MTU and address as configured, where they differ.  Returns: 0 or -errno with 'err'. */
static int
apply_wishes(struct netdev_port *dev, struct err *err)
{
	int ret = 0;

	if (dev->mac_set && memcmp(&dev->mac_wanted, &dev->info.mac, sizeof(dev->info.mac)) != 0) {
		ret = linux_if_set_mac(dev->ctl, dev->port.name, &dev->mac_wanted);
		if (ret != 0) {
			err_set(err, "cannot set the MAC address: %s", strerror(-ret));
			return ret;
		}
	}
	if (dev->mtu_wanted > 0 && dev->mtu_wanted != dev->info.mtu) {
		ret = linux_if_set_mtu(dev->ctl, dev->port.name, dev->mtu_wanted);
		if (ret != 0)
			err_set(err, "cannot set the MTU to %d: %s", dev->mtu_wanted,
				strerror(-ret));
	}
	return ret;
}

static void
set_error(struct netdev_port *dev, const char *text)
{
	if (text[0] != '\0' && strcmp(dev->error, text) != 0)
		LOG_WARN("%s: %s", dev->port.name, text);
	snprintf(dev->error, sizeof(dev->error), "%s", text);
}

static void
follow_mtu(struct netdev_port *dev)
{
	struct err err = ERR_INIT;

	if (dev->info.mtu == dev->port.mtu)
		return;
	LOG_INFO("%s: MTU is now %d", dev->port.name, dev->info.mtu);
	if (netdev_rx_exchange(&dev->rxq, dev->info.mtu, &err) != 0)
		LOG_WARN("%s: MTU %d: %s", dev->port.name, dev->info.mtu, err.text);
	dev->port.mtu = (uint16_t)MIN(dev->info.mtu, UINT16_MAX);
}

/* Looks at the interface, and binds to it anew if it is another one by the same name. */
static void
refresh(struct netdev_port *dev)
{
	struct linux_if_info old = dev->info;
	struct err err = ERR_INIT;
	int ret = linux_if_get(dev->ctl, dev->port.name, &dev->info);

	if (ret != 0) {
		dev->info = (struct linux_if_info){ .mtu = old.mtu, .mac = old.mac };
		dev->bound = 0;
		atomic_store_explicit(&dev->port.can_send, false, memory_order_relaxed);
		set_error(dev, "the network device is gone; the port resumes when it is back");
		return;
	}
	if (((old.flags ^ dev->info.flags) & IFF_RUNNING) != 0)
		dev->link_resets++;
	if (dev->info.ifindex != dev->bound) {
		if (attach(dev, dev->info.ifindex, &err) != 0) {
			set_error(dev, err.text);
			return;
		}
		LOG_INFO("%s: the network device is back, resuming", dev->port.name);
		set_error(dev, apply_wishes(dev, &err) != 0 ? err.text : "");
		atomic_store_explicit(&dev->port.can_send, true, memory_order_relaxed);
	}
	follow_mtu(dev);
}

static void
netdev_run(struct port *port)
{
	refresh(netdev_cast(port));
}

static void
netdev_requeue(struct port *port)
{
	port->n_txq = (uint16_t)netdev_cast(port)->n_txq_wanted;
}

static void
netdev_close(struct port *port)
{
	struct netdev_port *dev = netdev_cast(port);

	list_remove(&dev->node);
	netdev_rx_uninit(&dev->rxq);
	if (dev->tx_sock >= 0)
		close(dev->tx_sock);
	free(dev);
}

static void
take_config(struct netdev_port *dev, const struct port_config *config)
{
	dev->mtu_wanted = config->mtu_request;
	dev->mac_set = config->mac_set;
	dev->mac_wanted = config->mac;
	dev->n_txq_wanted = MIN(MAX(config->n_txq, 1u), (uint32_t)PORT_MAX_TXQ);
}

/* Finds out whether this is an interface for us.  Returns: 0 or -errno with 'err'. */
static int
inspect(struct netdev_port *dev, struct err *err)
{
	const char *name = dev->port.name;
	struct netdev_port *other;
	int ret;

	ret = linux_if_name_is_valid(name) ? linux_if_get(dev->ctl, name, &dev->info) : -ENODEV;
	if (ret == -ENODEV) {
		err_set(err, "no such network device \"%s\": create it first (ip link add)", name);
		return ret;
	}
	if (ret != 0) {
		err_set(err, "cannot read the state of network device \"%s\": %s", name,
			strerror(-ret));
		return ret;
	}
	if (dev->info.arp_type != ARPHRD_ETHER) {
		err_set(err, "network device \"%s\" is not an Ethernet device", name);
		return -EINVAL;
	}
	if (tap_owns(dev->info.ifindex)) {
		err_set(err, "network device \"%s\" is an internal port of this switch", name);
		return -EBUSY;
	}
	LIST_FOREACH(other, node, &netdevs) {
		if (other != dev && other->bound == dev->info.ifindex) {
			err_set(err, "network device \"%s\" is in use by another port", name);
			return -EBUSY;
		}
	}
	return 0;
}

static int
open_sockets(struct netdev_port *dev, struct err *err)
{
	int size = SOCKET_BUFFER_BYTES, ret;

	ret = netdev_rx_init(&dev->rxq, &dev->port, err);
	if (ret != 0)
		return ret;
	dev->tx_sock = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (dev->tx_sock < 0) {
		ret = -errno;
		err_set(err, "cannot open a packet socket: %s", strerror(-ret));
		return ret;
	}
	if (setsockopt(dev->tx_sock, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		LOG_DBG("%s: the send buffer stays small: %s", dev->port.name, strerror(errno));
	return 0;
}

static void
init_queues(struct netdev_port *dev)
{
	struct port *port = &dev->port;

	port->rxqs[0] = &dev->rxq.q;
	port->n_rxq = 1;
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		struct port_txq *q = &dev->txqs[i].q;

		q->burst = netdev_tx_burst;
		q->port = port;
		q->id = i;
		atomic_flag_clear(&q->lock);
		port->txqs[i] = q;
	}
	port->n_txq = (uint16_t)dev->n_txq_wanted;
}

static int
netdev_open(const struct port_config *config, struct port **portp, struct err *err)
{
	struct netdev_port *dev;
	int ret;

	*portp = NULL;
	dev = driver_alloc(sizeof(*dev));
	port_init(&dev->port, &netdev_port_ops, config);
	dev->tx_sock = -1;
	list_push_back(&netdevs, &dev->node);
	take_config(dev, config);
	dev->ctl = linux_if_home_ctl();
	if (dev->ctl < 0) {
		ret = dev->ctl;
		err_set(err, "cannot make a control socket: %s", strerror(-ret));
		goto err_close;
	}
	ret = inspect(dev, err);
	if (ret == 0)
		ret = open_sockets(dev, err);
	if (ret == 0)
		ret = apply_wishes(dev, err);
	if (ret == 0) {
		ret = linux_if_get(dev->ctl, config->name, &dev->info);
		if (ret != 0)
			err_set(err, "the network device went away: %s", strerror(-ret));
	}
	if (ret == 0)
		ret = netdev_rx_exchange(&dev->rxq, dev->info.mtu, err);
	if (ret == 0)
		ret = attach(dev, dev->info.ifindex, err);
	if (ret != 0)
		goto err_close;
	dev->port.mtu = (uint16_t)MIN(dev->info.mtu, UINT16_MAX);
	init_queues(dev);
	dev->port.sleeps = true;
	atomic_store_explicit(&dev->port.can_send, true, memory_order_relaxed);
	*portp = &dev->port;
	return 0;

err_close:
	netdev_close(&dev->port);
	return ret;
}

static int
netdev_reconfigure(struct port *port, const struct port_config *config, struct err *err)
{
	struct netdev_port *dev = netdev_cast(port);
	int ret;

	take_config(dev, config);
	if (dev->n_txq_wanted != port->n_txq)
		atomic_fetch_add_explicit(&port->generation, 1, memory_order_relaxed);
	refresh(dev);
	if (dev->bound == 0)
		return 0; /* Applied when it is back. */
	ret = apply_wishes(dev, err);
	refresh(dev);
	return ret;
}

static int
netdev_set_admin(struct port *port, int up, struct err *err)
{
	struct netdev_port *dev = netdev_cast(port);
	int ret = linux_if_set_up(dev->ctl, port->name, up != 0);

	if (ret != 0)
		err_set(err, "cannot set the network device %s: %s", up ? "up" : "down",
			strerror(-ret));
	refresh(dev);
	return ret;
}

static void
netdev_get_status(struct port *port, struct port_status *status)
{
	struct netdev_port *dev = netdev_cast(port);
	struct linux_if_link link;

	refresh(dev);
	status->mac = dev->info.mac;
	status->mtu = dev->info.mtu;
	status->ifindex = dev->info.ifindex;
	status->admin_up = (dev->info.flags & IFF_UP) != 0;
	status->link = (dev->info.flags & IFF_RUNNING) != 0 ? PORT_LINK_UP : PORT_LINK_DOWN;
	status->link_resets = dev->link_resets;
	snprintf(status->error, sizeof(status->error), "%s", dev->error);
	if (dev->info.ifindex != 0) {
		linux_if_get_link(dev->ctl, port->name, &link);
		status->link_speed_bps = link.speed_bps;
		status->full_duplex = link.full_duplex;
		linux_if_get_driver(dev->ctl, port->name, &status->info);
	}
}

static void
netdev_get_stats(struct port *port, struct port_stats *stats)
{
	struct netdev_port *dev = netdev_cast(port);
	struct queue_counters *rx = &dev->rxq.counters;
	struct tpacket_stats socket_stats;
	socklen_t len = sizeof(socket_stats);

	/* Reading clears the kernel's counters. */
	if (getsockopt(dev->rxq.sock, SOL_PACKET, PACKET_STATISTICS, &socket_stats, &len) == 0)
		dev->socket_drops += socket_stats.tp_drops;
	stats->rx_packets = counter_read(&rx->packets);
	stats->rx_bytes = counter_read(&rx->bytes);
	stats->rx_missed_errors = dev->socket_drops;
	stats->rx_dropped = counter_read(&rx->dropped) + dev->socket_drops;
	stats->rx_errors = counter_read(&rx->errors);
	stats->tx_packets = stats->tx_bytes = stats->tx_dropped = stats->tx_errors = 0;
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		struct queue_counters *tx = &dev->txqs[i].counters;

		stats->tx_packets += counter_read(&tx->packets);
		stats->tx_bytes += counter_read(&tx->bytes);
		stats->tx_dropped += counter_read(&tx->dropped);
		stats->tx_errors += counter_read(&tx->errors);
	}
}

const struct port_ops netdev_port_ops = {
	.type = "system",
	.driver = "netdev",
	.open = netdev_open,
	.reconfigure = netdev_reconfigure,
	.close = netdev_close,
	.get_status = netdev_get_status,
	.get_stats = netdev_get_stats,
	.run = netdev_run,
	.requeue = netdev_requeue,
	.set_admin = netdev_set_admin,
};
