/* SPDX-License-Identifier: Apache-2.0 */
/* DPDK ports: any device that DPDK has a driver for, physical or virtual.  A device is found or plugged in (ethdev_find.c),
 * set up for the wanted queues as far as it can, and unplugged when the port goes.  A changed configuration is applied
 * between 'generation' and requeue, when no pmd touches the device: stop, set up, start. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#define LOG_THIS LOG_ethdev
#include "base/alloc.h"
#include "base/err.h"
#include "base/list.h"
#include "base/log.h"
#include "drivers/net/counter.h"
#include "drivers/net/driver_mem.h"
#include "drivers/net/drivers.h"
#include "drivers/net/ethdev_find.h"
#include "port/option.h"
#include "port/port.h"

#define ETHDEV_DESC 2048 /* Descriptors of a queue by default. */
#define ETHDEV_DESC_MAX 32768
#define ETHDEV_BURST_SLACK 512 /* Mbufs of a queue that are on their way through the switch. */

struct ethdev_rxq {
	struct port_rxq q;
	uint16_t port_id;
};

struct ethdev_txq {
	struct port_txq q;
	uint16_t port_id;
	_Atomic uint64_t dropped; /* The owner of the queue writes. */
};

/* What the operator asks for. */
struct wish {
	uint32_t n_rxq, n_txq;
	uint32_t n_rxq_desc, n_txq_desc;
	int mtu; /* 0: the device's own. */
	bool mac_set;
	struct ether_addr mac;
};

struct ethdev_port {
	struct port port;
	struct list node; /* In 'ethdevs'. */
	uint16_t port_id;
	bool plugged; /* We plugged it in and shall unplug it. */
	bool started;
	char *devargs;
	struct wish wish; /* As running. */
	struct wish next; /* To be applied in requeue. */
	bool pending; /* 'next' waits. */
	atomic_bool
		removed; /* The device was pulled out.  DPDK's interrupt thread writes, main reads. */
	uint64_t link_resets;
	char error[256];
	struct port_pool *pool;
	uint32_t mbufs_kept;
	struct ethdev_rxq rxqs[PORT_MAX_RXQ];
	struct ethdev_txq txqs[PORT_MAX_TXQ];
};

static struct list ethdevs = LIST_INITIALIZER(&ethdevs); /* Of 'struct ethdev_port'.  Main. */

static struct ethdev_port *
ethdev_cast(struct port *port)
{
	return CONTAINER_OF(port, struct ethdev_port, port);
}

static uint16_t
ethdev_rx_burst(struct port_rxq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	const struct ethdev_rxq *rxq = CONTAINER_OF(q, struct ethdev_rxq, q);

	return rte_eth_rx_burst(rxq->port_id, q->id, mbufs, n);
}

static uint16_t
ethdev_tx_burst(struct port_txq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct ethdev_txq *txq = CONTAINER_OF(q, struct ethdev_txq, q);
	uint16_t sent = 0;

	/* A device may take a long burst in parts. */
	while (sent < n) {
		uint16_t took =
			rte_eth_tx_burst(txq->port_id, q->id, mbufs + sent, (uint16_t)(n - sent));

		if (took == 0)
			break;
		sent = (uint16_t)(sent + took);
	}
	if (sent < n)
		counter_add(&txq->dropped, (uint64_t)n - sent);
	return sent;
}

/* DPDK's interrupt thread. */
static int
on_removed(
	uint16_t port_id UNUSED, enum rte_eth_event_type event UNUSED, void *aux, void *ret UNUSED)
{
	struct ethdev_port *dev = aux;

	atomic_store_explicit(&dev->removed, true, memory_order_relaxed);
	port_wake(&dev->port);
	return 0;
}

static int
on_link(uint16_t port_id UNUSED, enum rte_eth_event_type event UNUSED, void *aux, void *ret UNUSED)
{
	port_wake(&((struct ethdev_port *)aux)->port);
	return 0;
}

/* Limits 'wanted' to 'max' and says so. */
static uint16_t
limit(const struct ethdev_port *dev, const char *what, uint32_t wanted, uint32_t max)
{
	if (wanted <= max)
		return (uint16_t)wanted;
	LOG_WARN("%s: the device has %" PRIu32 " %s, not %" PRIu32, dev->port.name, max, what,
		wanted);
	return (uint16_t)max;
}

/* Configures the device, with fewer tx queues when it wants as many of both kinds (net_tap does).
 * Returns: 0 and the numbers, or -errno with 'err'. */
static int
configure(struct ethdev_port *dev, const struct rte_eth_dev_info *info, const struct wish *wish,
	uint16_t *n_rxq, uint16_t *n_txq, struct err *err)
{
	struct rte_eth_conf conf;
	uint16_t n_min;
	int ret;

	*n_rxq = limit(dev, "receive queues (n_rxq)", wish->n_rxq,
		MIN(info->max_rx_queues, (uint16_t)PORT_MAX_RXQ));
	*n_txq = (uint16_t)MIN(
		wish->n_txq, MIN((uint32_t)info->max_tx_queues, (uint32_t)PORT_MAX_TXQ));
	memset(&conf, 0, sizeof(conf));
	if (*n_rxq > 1) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads
			& (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP);
		if (conf.rx_adv_conf.rss_conf.rss_hf == 0)
			conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
	}
	conf.txmode.offloads = info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	conf.intr_conf.lsc = (*info->dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
	conf.intr_conf.rmv = (*info->dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
	if (wish->mtu > 0)
		conf.rxmode.mtu = (uint32_t)wish->mtu;
	ret = rte_eth_dev_configure(dev->port_id, *n_rxq, *n_txq, &conf);
	n_min = MIN(*n_rxq, *n_txq);
	if (ret != 0 && *n_rxq != *n_txq && n_min > 0) {
		*n_rxq = *n_txq = n_min;
		ret = rte_eth_dev_configure(dev->port_id, n_min, n_min, &conf);
	}
	if (ret != 0)
		err_set(err, "the device refuses %u rx and %u tx queues: %s", *n_rxq, *n_txq,
			strerror(-ret));
	return ret;
}

static int
set_mtu(struct ethdev_port *dev, const struct wish *wish, struct err *err)
{
	uint16_t mtu = 0;
	int ret;

	if (wish->mtu > 0) {
		ret = rte_eth_dev_set_mtu(dev->port_id, (uint16_t)MIN(wish->mtu, UINT16_MAX));
		if (ret != 0 && ret != -ENOTSUP) {
			err_set(err, "the device refuses an MTU of %d: %s", wish->mtu,
				strerror(-ret));
			return ret;
		}
	}
	if (rte_eth_dev_get_mtu(dev->port_id, &mtu) == 0 && mtu != 0)
		dev->port.mtu = mtu;
	return 0;
}

/* Sets up the queues.  Returns: 0, or -errno with 'err'. */
static int
set_up_queues(struct ethdev_port *dev, const struct wish *wish, uint16_t n_rxq, uint16_t n_txq,
	struct err *err)
{
	uint16_t rx_desc = (uint16_t)wish->n_rxq_desc, tx_desc = (uint16_t)wish->n_txq_desc;
	int socket = rte_eth_dev_socket_id(dev->port_id);
	struct port_pool *pool;
	uint32_t n_mbufs;
	int ret;

	ret = rte_eth_dev_adjust_nb_rx_tx_desc(dev->port_id, &rx_desc, &tx_desc);
	if (ret != 0 && ret != -ENOTSUP) {
		err_set(err, "the device refuses %" PRIu32 " rx and %" PRIu32 " tx descriptors: %s",
			wish->n_rxq_desc, wish->n_txq_desc, strerror(-ret));
		return ret;
	}
	if (rx_desc != wish->n_rxq_desc || tx_desc != wish->n_txq_desc)
		LOG_WARN("%s: the device takes %u rx and %u tx descriptors, not %" PRIu32
			 " and %" PRIu32,
			dev->port.name, rx_desc, tx_desc, wish->n_rxq_desc, wish->n_txq_desc);
	n_mbufs = n_rxq * ((uint32_t)rx_desc + ETHDEV_BURST_SLACK) + n_txq * (uint32_t)tx_desc
		+ dev->mbufs_kept;
	ret = port_pool_get(dev->port.numa_node, dev->port.mtu, n_mbufs, &pool, err);
	if (ret != 0)
		return ret;
	for (uint16_t i = 0; i < n_rxq && ret == 0; i++)
		ret = rte_eth_rx_queue_setup(dev->port_id, i, rx_desc,
			socket >= 0 ? (unsigned int)socket : 0, NULL, port_pool_mempool(pool));
	for (uint16_t i = 0; i < n_txq && ret == 0; i++)
		ret = rte_eth_tx_queue_setup(
			dev->port_id, i, tx_desc, socket >= 0 ? (unsigned int)socket : 0, NULL);
	if (ret != 0) {
		err_set(err, "cannot set up %u rx and %u tx queues of %u and %u descriptors: %s",
			n_rxq, n_txq, rx_desc, tx_desc, strerror(-ret));
		port_pool_unref(pool);
		return ret;
	}
	/* The old lease's buffers, if any, left the device with the old queues. */
	port_pool_unref(dev->pool);
	dev->pool = pool;
	return 0;
}

static int
set_address(struct ethdev_port *dev, const struct wish *wish, struct err *err)
{
	struct rte_ether_addr mac;
	int ret;

	if (!wish->mac_set)
		return 0;
	memcpy(&mac, &wish->mac, sizeof(mac));
	ret = rte_eth_dev_default_mac_addr_set(dev->port_id, &mac);
	if (ret != 0)
		err_set(err, "the device refuses the MAC address: %s", strerror(-ret));
	return ret;
}

static void
publish_link(struct ethdev_port *dev)
{
	struct rte_eth_link link;
	bool up, was;

	if (rte_eth_link_get_nowait(dev->port_id, &link) != 0)
		return;
	up = link.link_status == RTE_ETH_LINK_UP
		&& !atomic_load_explicit(&dev->removed, memory_order_relaxed);
	was = atomic_exchange_explicit(&dev->port.can_send, up, memory_order_relaxed);
	if (was != up) {
		dev->link_resets++;
		LOG_INFO("%s: link %s", dev->port.name, up ? "up" : "down");
	}
}

/* Sets up the stopped device as 'wish' says and starts it.  Returns: 0, or -errno with 'err'. */
static int
start(struct ethdev_port *dev, const struct wish *wish, struct err *err)
{
	struct rte_eth_dev_info info;
	uint16_t n_rxq, n_txq;
	int ret;

	ret = rte_eth_dev_info_get(dev->port_id, &info);
	if (ret != 0) {
		err_set(err, "the device does not answer: %s", strerror(-ret));
		return ret;
	}
	ret = configure(dev, &info, wish, &n_rxq, &n_txq, err);
	if (ret == 0)
		ret = set_mtu(dev, wish, err);
	if (ret == 0)
		ret = set_up_queues(dev, wish, n_rxq, n_txq, err);
	if (ret == 0)
		ret = set_address(dev, wish, err);
	if (ret != 0)
		return ret;
	ret = rte_eth_dev_start(dev->port_id);
	if (ret != 0) {
		err_set(err, "cannot start the device: %s", strerror(-ret));
		return ret;
	}
	dev->started = true;
	if (rte_eth_promiscuous_enable(dev->port_id) != 0)
		LOG_WARN("%s: no promiscuous mode: frames for other addresses do not come in",
			dev->port.name);
	if (rte_eth_allmulticast_enable(dev->port_id) != 0)
		LOG_DBG("%s: no all-multicast mode", dev->port.name);
	dev->port.n_rxq = n_rxq;
	dev->port.n_txq = n_txq;
	dev->wish = *wish;
	publish_link(dev);
	return 0;
}

static void
stop(struct ethdev_port *dev)
{
	atomic_store_explicit(&dev->port.can_send, false, memory_order_relaxed);
	if (dev->started && rte_eth_dev_stop(dev->port_id) != 0)
		LOG_WARN("%s: the device does not stop", dev->port.name);
	dev->started = false;
	dev->port.n_rxq = 0;
	dev->port.n_txq =
		1; /* Never none: users divide by it.  DPDK refuses packets for a stopped device. */
}

static void
ethdev_requeue(struct port *port)
{
	struct ethdev_port *dev = ethdev_cast(port);
	struct wish old = dev->wish;
	struct err err = ERR_INIT;

	if (!dev->pending)
		return;
	dev->pending = false;
	stop(dev);
	dev->error[0] = '\0';
	if (start(dev, &dev->next, &err) == 0)
		return;
	snprintf(dev->error, sizeof(dev->error),
		"the new configuration does not work, the old one holds: %.180s", err.text);
	LOG_WARN("%s: %s", port->name, dev->error);
	if (start(dev, &old, &err) != 0) {
		snprintf(dev->error, sizeof(dev->error), "out of service: %.220s", err.text);
		LOG_ERR("%s: %s", port->name, dev->error);
	}
}

static void
ethdev_run(struct port *port)
{
	struct ethdev_port *dev = ethdev_cast(port);

	if (atomic_load_explicit(&dev->removed, memory_order_relaxed) && dev->error[0] == '\0') {
		snprintf(dev->error, sizeof(dev->error), "the device was removed from the machine");
		LOG_ERR("%s: %s", port->name, dev->error);
	}
	if (dev->started)
		publish_link(dev);
}

static void
release(struct ethdev_port *dev)
{
	rte_eth_dev_callback_unregister(dev->port_id, RTE_ETH_EVENT_INTR_RMV, on_removed, dev);
	rte_eth_dev_callback_unregister(dev->port_id, RTE_ETH_EVENT_INTR_LSC, on_link, dev);
	stop(dev);
	if (dev->plugged)
		ethdev_unplug(dev->port_id);
}

static void
ethdev_close(struct port *port)
{
	struct ethdev_port *dev = ethdev_cast(port);

	list_remove(&dev->node);
	release(dev);
	port_pool_unref(dev->pool);
	free(dev->devargs);
	free(dev);
}

/* Returns: 0, or -EINVAL with 'err'. */
static int
read_wish(const struct port_config *config, struct wish *wish, struct err *err)
{
	int ret;

	memset(wish, 0, sizeof(*wish));
	ret = option_uint(config->options, "n_rxq", 1, 1, PORT_MAX_RXQ, &wish->n_rxq, err);
	if (ret == 0)
		ret = option_uint(config->options, "n_rxq_desc", ETHDEV_DESC, 1, ETHDEV_DESC_MAX,
			&wish->n_rxq_desc, err);
	if (ret == 0)
		ret = option_uint(config->options, "n_txq_desc", ETHDEV_DESC, 1, ETHDEV_DESC_MAX,
			&wish->n_txq_desc, err);
	if (ret != 0)
		return ret;
	wish->n_txq = MAX(config->n_txq, 1u);
	wish->mtu = config->mtu_request;
	wish->mac_set = config->mac_set;
	wish->mac = config->mac;
	return 0;
}

/* Limits the tx queues to those of the device, and keeps spare ones: that there are fewer pmds now is no reason to stop
 * it. */
static void
settle_txqs(const struct ethdev_port *dev, struct wish *wish)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(dev->port_id, &info) == 0)
		wish->n_txq = MIN(wish->n_txq, MAX((uint32_t)info.max_tx_queues, 1u));
	wish->n_txq = MAX(wish->n_txq, dev->wish.n_txq);
}

static const char *
get_devargs(const struct port_config *config)
{
	const char *devargs =
		config->options != NULL ? smap_get(config->options, "dpdk-devargs") : NULL;

	return devargs != NULL && devargs[0] != '\0' ? devargs : NULL;
}

static void
init_queues(struct ethdev_port *dev)
{
	struct port *port = &dev->port;

	for (uint16_t i = 0; i < PORT_MAX_RXQ; i++) {
		dev->rxqs[i].q = (struct port_rxq){
			.burst = ethdev_rx_burst, .port = port, .id = i, .fd = -1
		};
		dev->rxqs[i].port_id = dev->port_id;
		port->rxqs[i] = &dev->rxqs[i].q;
	}
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		struct port_txq *q = &dev->txqs[i].q;

		q->burst = ethdev_tx_burst;
		q->port = port;
		q->id = i;
		atomic_flag_clear(&q->lock);
		dev->txqs[i].port_id = dev->port_id;
		port->txqs[i] = q;
	}
}

/* Takes the device for this port.  Returns: 0, or -errno with 'err' and nothing held. */
static int
acquire(struct ethdev_port *dev, struct err *err)
{
	struct ethdev_port *other;
	int ret;

	ret = ethdev_mbufs_kept(dev->devargs, &dev->mbufs_kept, err);
	if (ret == 0)
		ret = ethdev_find(dev->devargs, &dev->port_id, &dev->plugged, err);
	if (ret != 0)
		return ret;
	LIST_FOREACH(other, node, &ethdevs) {
		if (other->port_id == dev->port_id) {
			err_set(err, "device %s is in use by port %s", dev->devargs,
				other->port.name);
			return -EBUSY;
		}
	}
	return 0;
}

static int
ethdev_open(const struct port_config *config, struct port **portp, struct err *err)
{
	const char *devargs = get_devargs(config);
	struct ethdev_port *dev;
	struct wish wish;
	int ret;

	*portp = NULL;
	if (devargs == NULL) {
		err_set(err,
			"option dpdk-devargs is missing: a PCI address such as 0000:01:00.0, or a virtual device such "
			"as net_tap0,iface=x");
		return -EINVAL;
	}
	ret = read_wish(config, &wish, err);
	if (ret != 0)
		return ret;
	dev = driver_alloc(sizeof(*dev));
	port_init(&dev->port, &ethdev_port_ops, config);
	list_init(&dev->node);
	dev->devargs = xstrdup(devargs);
	ret = acquire(dev, err);
	if (ret != 0)
		goto err_free;
	dev->port.numa_node = rte_eth_dev_socket_id(dev->port_id);
	init_queues(dev);
	rte_eth_dev_callback_register(dev->port_id, RTE_ETH_EVENT_INTR_RMV, on_removed, dev);
	rte_eth_dev_callback_register(dev->port_id, RTE_ETH_EVENT_INTR_LSC, on_link, dev);
	settle_txqs(dev, &wish);
	ret = start(dev, &wish, err);
	if (ret != 0)
		goto err_release;
	dev->port.sleeps = true;
	list_push_back(&ethdevs, &dev->node);
	*portp = &dev->port;
	return 0;

err_release:
	release(dev);
	port_pool_unref(dev->pool);
err_free:
	free(dev->devargs);
	free(dev);
	return ret;
}

static bool
wish_equals(const struct wish *a, const struct wish *b)
{
	return a->n_rxq == b->n_rxq && a->n_txq == b->n_txq && a->n_rxq_desc == b->n_rxq_desc
		&& a->n_txq_desc == b->n_txq_desc && a->mtu == b->mtu && a->mac_set == b->mac_set
		&& (!a->mac_set || memcmp(&a->mac, &b->mac, sizeof(a->mac)) == 0);
}

static int
ethdev_reconfigure(struct port *port, const struct port_config *config, struct err *err)
{
	struct ethdev_port *dev = ethdev_cast(port);
	const char *devargs = get_devargs(config);
	struct wish wish;
	int ret;

	if (devargs == NULL || strcmp(devargs, dev->devargs) != 0)
		return -ERESTART;
	ret = read_wish(config, &wish, err);
	if (ret != 0)
		return ret;
	settle_txqs(dev, &wish);
	if (wish_equals(&wish, dev->pending ? &dev->next : &dev->wish))
		return 0;
	dev->next = wish;
	dev->pending = true;
	atomic_fetch_add_explicit(&port->generation, 1, memory_order_relaxed);
	return 0;
}

static int
ethdev_set_admin(struct port *port, int up, struct err *err)
{
	struct ethdev_port *dev = ethdev_cast(port);
	int ret = up ? rte_eth_dev_set_link_up(dev->port_id)
		     : rte_eth_dev_set_link_down(dev->port_id);

	if (ret != 0)
		err_set(err, "the device cannot be set %s: %s", up ? "up" : "down", strerror(-ret));
	else if (dev->started)
		publish_link(dev);
	return ret;
}

static void
ethdev_get_status(struct port *port, struct port_status *status)
{
	struct ethdev_port *dev = ethdev_cast(port);
	struct smap *info = &status->info;
	struct rte_eth_dev_info dev_info;
	struct rte_ether_addr mac;
	struct rte_eth_link link;

	snprintf(status->error, sizeof(status->error), "%s", dev->error);
	status->link_resets = dev->link_resets;
	if (dev->started)
		publish_link(dev);
	status->link = atomic_load_explicit(&port->can_send, memory_order_relaxed) ? PORT_LINK_UP
										   : PORT_LINK_DOWN;
	if (rte_eth_macaddr_get(dev->port_id, &mac) == 0)
		memcpy(&status->mac, &mac, sizeof(status->mac));
	if (rte_eth_link_get_nowait(dev->port_id, &link) == 0) {
		status->full_duplex = link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
		if (link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
			status->link_speed_bps = (uint64_t)link.link_speed * 1000000;
	}
	if (rte_eth_dev_info_get(dev->port_id, &dev_info) != 0)
		return;
	status->ifindex = (int)dev_info.if_index;
	smap_set(info, "driver_name", dev_info.driver_name);
	smap_setf(info, "port_no", "%u", dev->port_id);
	smap_setf(info, "numa_id", "%d", port->numa_node);
	smap_setf(info, "min_rx_bufsize", "%" PRIu32, dev_info.min_rx_bufsize);
	smap_setf(info, "max_rx_pktlen", "%" PRIu32, dev_info.max_rx_pktlen);
	smap_setf(info, "max_rx_queues", "%u", dev_info.max_rx_queues);
	smap_setf(info, "max_tx_queues", "%u", dev_info.max_tx_queues);
	smap_setf(info, "max_mac_addrs", "%" PRIu32, dev_info.max_mac_addrs);
	smap_setf(info, "n_rxq", "%u", port->n_rxq);
	smap_setf(info, "n_txq", "%u", port->n_txq);
}

static void
get_extended_stats(uint16_t port_id, struct smap *extra)
{
	int n = rte_eth_xstats_get_names(port_id, NULL, 0);
	struct rte_eth_xstat_name *names;
	struct rte_eth_xstat *values;

	if (n <= 0)
		return;
	names = xcalloc((size_t)n, sizeof(*names));
	values = xcalloc((size_t)n, sizeof(*values));
	if (rte_eth_xstats_get_names(port_id, names, (unsigned int)n) == n
		&& rte_eth_xstats_get(port_id, values, (unsigned int)n) == n) {
		for (int i = 0; i < n; i++) {
			if (values[i].id < (uint64_t)n)
				smap_setf(extra, names[values[i].id].name, "%" PRIu64,
					values[i].value);
		}
	}
	free(names);
	free(values);
}

static void
ethdev_get_stats(struct port *port, struct port_stats *stats)
{
	struct ethdev_port *dev = ethdev_cast(port);
	struct rte_eth_stats s;

	if (rte_eth_stats_get(dev->port_id, &s) != 0)
		return;
	stats->rx_packets = s.ipackets;
	stats->rx_bytes = s.ibytes;
	stats->rx_errors = s.ierrors;
	stats->rx_dropped = s.rx_nombuf + s.imissed;
	stats->rx_missed_errors = s.imissed;
	stats->tx_packets = s.opackets;
	stats->tx_bytes = s.obytes;
	stats->tx_errors = s.oerrors;
	stats->tx_dropped = 0;
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++)
		stats->tx_dropped += counter_read(&dev->txqs[i].dropped);
	get_extended_stats(dev->port_id, &stats->extra);
}

static const char *const ethdev_options[] = { "dpdk-devargs", "n_rxq", "n_rxq_desc", "n_txq_desc",
	NULL };

const struct port_ops ethdev_port_ops = {
	.type = "dpdk",
	.driver = "ethdev",
	.options = ethdev_options,
	.open = ethdev_open,
	.reconfigure = ethdev_reconfigure,
	.close = ethdev_close,
	.get_status = ethdev_get_status,
	.get_stats = ethdev_get_stats,
	.run = ethdev_run,
	.requeue = ethdev_requeue,
	.set_admin = ethdev_set_admin,
};
