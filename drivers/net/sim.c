/* SPDX-License-Identifier: Apache-2.0 */
/* Ports in memory: the driver by which tests put packets through the real datapath.  Rings are DPDK's, on memory of
 * our own, so that no EAL is needed as long as nobody asks for mbufs. */
#include "drivers/net/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#define LOG_THIS LOG_sim
#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "drivers/net/counter.h"
#include "drivers/net/driver_mem.h"
#include "drivers/net/drivers.h"
#include "packet/packet.h"
#include "port/option.h"
#include "port/port.h"

#define SIM_MAX_QUEUES 8

struct sim_rxq {
	struct port_rxq q;
	struct rte_ring *ring;
	struct queue_counters counters;
};

struct sim_txq {
	struct port_txq q;
	struct rte_ring *ring; /* The test's end, or an rx queue's when looped back. */
	struct sim_rxq *looped; /* The rx queue whose ring that is, or NULL. */
	struct queue_counters counters;
};

struct sim_port {
	struct port port;
	struct sim_rxq rxqs[SIM_MAX_QUEUES];
	struct sim_txq txqs[PORT_MAX_TXQ];
	uint32_t ring_size;
	bool loopback;
	bool with_fd;
	bool mac_set;
	struct ether_addr mac;
	uint16_t next_take; /* tx queue that sim_take_frame() looks at first. */
	struct port_pool *pool; /* Made when the test wants an mbuf. */
};

static struct sim_port *
sim_cast(struct port *port)
{
	return CONTAINER_OF(port, struct sim_port, port);
}

static void
signal_fd(int fd)
{
	uint64_t one = 1;

	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		LOG_WARN_RL("eventfd: %s", strerror(errno));
}

static uint16_t
sim_rx_burst(struct port_rxq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct sim_rxq *rxq = CONTAINER_OF(q, struct sim_rxq, q);
	uint64_t bytes = 0, ignored;
	uint16_t got;

	/* Clear first: a packet put in after the last dequeue signals again. */
	if (q->fd >= 0 && read(q->fd, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN)
		return 0;
	got = (uint16_t)rte_ring_dequeue_burst(rxq->ring, (void **)mbufs, n, NULL);
	if (q->fd >= 0 && rte_ring_empty(rxq->ring) == 0)
		signal_fd(q->fd);
	for (uint16_t i = 0; i < got; i++)
		bytes += mbufs[i]->pkt_len;
	if (got > 0) {
		counter_add(&rxq->counters.packets, got);
		counter_add(&rxq->counters.bytes, bytes);
	}
	return got;
}

static uint16_t
sim_tx_burst(struct port_txq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct sim_txq *txq = CONTAINER_OF(q, struct sim_txq, q);
	uint64_t bytes = 0;
	uint16_t sent, fits;

	/* Look before: once in the ring, an mbuf is the other side's.  Only this thread puts into the ring, unless
	 * it is looped back, when a full ring is found out by the enqueue. */
	fits = (uint16_t)MIN(rte_ring_free_count(txq->ring), (unsigned int)n);
	for (uint16_t i = 0; i < fits; i++)
		bytes += mbufs[i]->pkt_len;
	sent = (uint16_t)rte_ring_enqueue_burst(txq->ring, (void **)mbufs, fits, NULL);
	if (sent > 0) {
		counter_add(&txq->counters.packets, sent);
		counter_add(&txq->counters.bytes, bytes);
		if (txq->looped != NULL)
			signal_fd(txq->looped->q.fd);
	}
	if (sent < n)
		counter_add(&txq->counters.dropped, (uint64_t)n - sent);
	return sent;
}

static struct rte_ring *
create_ring(uint32_t size, unsigned int flags)
{
	ssize_t bytes = rte_ring_get_memsize(size);
	struct rte_ring *ring;

	if (bytes < 0)
		return NULL;
	ring = aligned_alloc(SLUICE_CACHE_LINE, ROUND_UP((size_t)bytes, (size_t)SLUICE_CACHE_LINE));
	if (ring != NULL && rte_ring_init(ring, "sim", size, flags) != 0) {
		free(ring);
		ring = NULL;
	}
	return ring;
}

static void
free_ring(struct rte_ring *ring)
{
	void *mbuf;

	if (ring == NULL)
		return;
	while (rte_ring_dequeue(ring, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	free(ring);
}

static void
sim_close(struct port *port)
{
	struct sim_port *sim = sim_cast(port);

	for (uint16_t i = 0; i < port->n_txq; i++) {
		if (sim->txqs[i].looped == NULL)
			free_ring(sim->txqs[i].ring);
	}
	for (uint16_t i = 0; i < port->n_rxq; i++) {
		free_ring(sim->rxqs[i].ring);
		if (sim->rxqs[i].q.fd >= 0)
			close(sim->rxqs[i].q.fd);
	}
	port_pool_unref(sim->pool);
	free(sim);
}

static int
init_rxq(struct sim_port *sim, uint16_t id, struct err *err)
{
	struct sim_rxq *rxq = &sim->rxqs[id];

	rxq->q.burst = sim_rx_burst;
	rxq->q.port = &sim->port;
	rxq->q.id = id;
	rxq->q.fd = -1;
	rxq->ring = create_ring(
		sim->ring_size, sim->loopback ? RING_F_SC_DEQ : RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (rxq->ring == NULL) {
		err_set(err, "no memory for a ring of %u packets", sim->ring_size);
		return -ENOMEM;
	}
	sim->port.rxqs[id] = &rxq->q;
	sim->port.n_rxq++;
	if (sim->with_fd) {
		rxq->q.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (rxq->q.fd < 0) {
			int error = errno;

			err_set(err, "eventfd: %s", strerror(error));
			return -error;
		}
	}
	return 0;
}

static int
init_txq(struct sim_port *sim, uint16_t id, struct err *err)
{
	struct sim_txq *txq = &sim->txqs[id];

	txq->q.burst = sim_tx_burst;
	txq->q.port = &sim->port;
	txq->q.id = id;
	atomic_flag_clear(&txq->q.lock);
	if (sim->loopback) {
		txq->looped = &sim->rxqs[id % sim->port.n_rxq];
		txq->ring = txq->looped->ring;
	} else {
		txq->ring = create_ring(sim->ring_size, RING_F_SP_ENQ | RING_F_SC_DEQ);
	}
	if (txq->ring == NULL) {
		err_set(err, "no memory for a ring of %u packets", sim->ring_size);
		return -ENOMEM;
	}
	sim->port.txqs[id] = &txq->q;
	sim->port.n_txq++;
	return 0;
}

static int
sim_open(const struct port_config *config, struct port **portp, struct err *err)
{
	uint32_t n_rxq, n_txq = MIN(MAX(config->n_txq, 1u), (uint32_t)PORT_MAX_TXQ);
	struct sim_port *sim;
	int ret;

	*portp = NULL;
	sim = driver_alloc(sizeof(*sim));
	port_init(&sim->port, &sim_port_ops, config);
	ret = option_uint(config->options, "n_rxq", 1, 1, SIM_MAX_QUEUES, &n_rxq, err);
	if (ret == 0)
		ret = option_uint(config->options, "size", 1024, 2, 1u << 20, &sim->ring_size, err);
	if (ret == 0)
		ret = option_bool(config->options, "loopback", false, &sim->loopback, err);
	if (ret == 0)
		ret = option_bool(config->options, "fd", false, &sim->with_fd, err);
	if (ret != 0)
		goto err_close;
	sim->ring_size = rte_align32pow2(sim->ring_size);
	for (uint16_t i = 0; i < n_rxq; i++) {
		ret = init_rxq(sim, i, err);
		if (ret != 0)
			goto err_close;
	}
	for (uint16_t i = 0; i < n_txq; i++) {
		ret = init_txq(sim, i, err);
		if (ret != 0)
			goto err_close;
	}
	sim->mac_set = config->mac_set;
	sim->mac = config->mac;
	sim->port.sleeps = true;
	atomic_store_explicit(&sim->port.can_send, true, memory_order_relaxed);
	*portp = &sim->port;
	return 0;

err_close:
	sim_close(&sim->port);
	return ret;
}

static int
sim_reconfigure(
	struct port *port UNUSED, const struct port_config *config UNUSED, struct err *err UNUSED)
{
	return -ERESTART;
}

static void
sim_get_status(struct port *port, struct port_status *status)
{
	struct sim_port *sim = sim_cast(port);

	if (sim->mac_set) {
		status->mac = sim->mac;
	} else {
		uint32_t id = port->dp_port;

		/* A locally administered address that tells ports apart. */
		status->mac = (struct ether_addr){ { 0x02, 0, (uint8_t)(id >> 24),
			(uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id } };
	}
	status->link = atomic_load_explicit(&port->can_send, memory_order_relaxed) ? PORT_LINK_UP
										   : PORT_LINK_DOWN;
	smap_set(&status->info, "driver_name", "sim");
}

static void
sim_get_stats(struct port *port, struct port_stats *stats)
{
	struct sim_port *sim = sim_cast(port);

	stats->rx_packets = stats->rx_bytes = stats->tx_packets = stats->tx_bytes =
		stats->tx_dropped = 0;
	for (uint16_t i = 0; i < port->n_rxq; i++) {
		stats->rx_packets += counter_read(&sim->rxqs[i].counters.packets);
		stats->rx_bytes += counter_read(&sim->rxqs[i].counters.bytes);
	}
	for (uint16_t i = 0; i < port->n_txq; i++) {
		stats->tx_packets += counter_read(&sim->txqs[i].counters.packets);
		stats->tx_bytes += counter_read(&sim->txqs[i].counters.bytes);
		stats->tx_dropped += counter_read(&sim->txqs[i].counters.dropped);
	}
}

static const char *const sim_options[] = { "n_rxq", "size", "loopback", "fd", NULL };

const struct port_ops sim_port_ops = {
	.type = "sim",
	.driver = "sim",
	.options = sim_options,
	.open = sim_open,
	.reconfigure = sim_reconfigure,
	.close = sim_close,
	.get_status = sim_get_status,
	.get_stats = sim_get_stats,
};

uint16_t
sim_feed(struct port *port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t n)
{
	struct sim_port *sim = sim_cast(port);
	struct sim_rxq *rxq = &sim->rxqs[queue];
	uint16_t fed = (uint16_t)rte_ring_enqueue_burst(rxq->ring, (void **)mbufs, n, NULL);

	if (fed > 0)
		signal_fd(rxq->q.fd);
	return fed;
}

int
sim_feed_frame(struct port *port, uint16_t queue, const void *frame, size_t len)
{
	struct sim_port *sim = sim_cast(port);
	struct rte_mbuf *m;
	void *data;

	if (sim->pool == NULL) {
		int ret = port_pool_get(-1, port->mtu, sim->ring_size, &sim->pool, NULL);

		if (ret != 0)
			return -ENOBUFS;
	}
	if (len > port_pool_room(sim->pool))
		return -EMSGSIZE;
	m = rte_pktmbuf_alloc(port_pool_mempool(sim->pool));
	if (m == NULL)
		return -ENOBUFS;
	data = rte_pktmbuf_append(m, (uint16_t)len);
	if (len > 0)
		memcpy(data, frame, len);
	if (sim_feed(port, queue, &m, 1) == 1)
		return 0;
	rte_pktmbuf_free(m);
	return -ENOBUFS;
}

uint16_t
sim_take(struct port *port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t n)
{
	struct sim_port *sim = sim_cast(port);

	if (sim->loopback)
		return 0;
	return (uint16_t)rte_ring_dequeue_burst(sim->txqs[queue].ring, (void **)mbufs, n, NULL);
}

int
sim_take_frame(struct port *port, void *buf, size_t size)
{
	struct sim_port *sim = sim_cast(port);
	struct rte_mbuf *m;

	for (uint16_t i = 0; i < port->n_txq; i++) {
		uint16_t queue = (uint16_t)((sim->next_take + i) % port->n_txq);
		int len;

		if (sim_take(port, queue, &m, 1) == 0)
			continue;
		sim->next_take = queue;
		len = (int)m->pkt_len;
		packet_read(m, 0, (uint32_t)MIN(size, (size_t)len), buf);
		rte_pktmbuf_free(m);
		return len;
	}
	return -EAGAIN;
}

uint32_t
sim_backlog(struct port *port)
{
	struct sim_port *sim = sim_cast(port);
	uint32_t n = 0;

	for (uint16_t i = 0; i < port->n_rxq; i++)
		n += rte_ring_count(sim->rxqs[i].ring);
	return n;
}

void
sim_set_link(struct port *port, int up)
{
	atomic_store_explicit(&port->can_send, up != 0, memory_order_relaxed);
}
