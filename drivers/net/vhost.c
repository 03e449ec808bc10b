/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of virtual machines: vhost-user in both roles, on DPDK's vhost library directly.  The library calls us from a
 * thread of its own when a guest comes, goes or changes its queues; these callbacks publish what pmds may use and never
 * touch the datapath.
 *
 * A guest is the device id 'vid', or -1.  A burst may use the id only inside its queue's gate (gate.h).  When the library
 * says that a guest goes, the callback sets -1 and waits at every gate; when it returns, the library unmaps the
 * guest's memory.  The callback never waits for anything else that a pmd might wait for.
 *
 *   pair            | what keeps them apart
 *   burst, destroy  | the queue's gate
 *   burst, main     | the gate, when main exchanges the mempool
 *   callback, main  | 'lock', held for a few assignments; main never calls into the vhost library with it
 *   burst, burst    | each queue has one pmd; tx queues that share a guest's ring meet in the library's lock for it
 *
 * Guests are offered neither checksum nor segmentation offloads: what they send is complete. */
#include <errno.h>
#include <inttypes.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rte_mbuf.h>
#include <rte_vhost.h>

#define LOG_THIS LOG_vhost
#include "base/err.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mutex.h"
#include "drivers/net/counter.h"
#include "drivers/net/driver_mem.h"
#include "drivers/net/drivers.h"
#include "drivers/net/gate.h"
#include "drivers/net/rx_pool.h"
#include "drivers/net/vhost_path.h"
#include "port/option.h"
#include "port/port.h"

#define VHOST_MAX_PAIRS 64
#define VHOST_POOL_LEASE 64 /* Guests have their own memory: only bursts are on their way. */
#define VHOST_IDLE_ASK \
	4 /* Packets asked for when the last burst was empty: the library allocates what is asked. */
#define VHOST_NO_RING UINT16_MAX
#define VHOST_TX_RETRIES 8
#define VHOST_TX_RETRIES_MAX 32

static_assert(VHOST_MAX_PAIRS <= PORT_MAX_RXQ, "rx queues");

/* Ring numbers of queue pair 'i', named from our side. */
#define RING_WE_READ(I) ((uint16_t)((I)*2 + 1))
#define RING_WE_FILL(I) ((uint16_t)((I)*2))

struct vhost_rxq {
	struct port_rxq q;
	struct gate gate;
	uint32_t quiet_epoch; /* The pmd's: when it last switched the guest's kicks off. */
	bool was_idle; /* The pmd's: the last burst was empty. */
	struct queue_counters counters;
};

struct vhost_txq {
	struct port_txq q;
	struct gate gate;
	_Atomic uint16_t
		ring; /* That this queue fills.  Callbacks write, pmds read; VHOST_NO_RING: none. */
	uint32_t quiet_epoch; /* As above. */
	struct queue_counters counters;
};

/* What the library told about the guest when it came. */
struct vhost_guest {
	uint64_t features;
	uint16_t n_rings;
	uint16_t ring_sizes[2 * VHOST_MAX_PAIRS];
	int numa_node; /* -1: unknown. */
};

struct vhost_port {
	struct port port;
	struct list node; /* In 'vhosts'. */
	char path[VHOST_PATH_SIZE];
	bool client;
	uint32_t n_txq_wanted;
	uint32_t tx_retries; /* Main writes, pmds read; a stale value does no harm. */
	bool mac_set;
	struct ether_addr mac;

	atomic_int vid; /* The gate's word: callbacks write, pmds read inside their gate. */
	_Atomic uint64_t
		readable; /* Bit i: RING_WE_READ(i) is enabled.  Callbacks write, pmds read. */
	_Atomic uint32_t epoch; /* Grows when rings come; callbacks write, pmds read. */
	_Atomic uint16_t n_rxq_wanted; /* Callbacks write, main reads. */

	/* Under 'lock'. */
	int connection; /* The library's id of the one connection that we serve, -1: none. */
	uint64_t fillable; /* Bit i: RING_WE_FILL(i) is enabled. */
	struct vhost_guest guest; /* Valid while vid >= 0. */
	uint64_t n_resets; /* Of the link. */

	struct rx_pool pool;
	struct vhost_rxq rxqs[VHOST_MAX_PAIRS];
	struct vhost_txq txqs[PORT_MAX_TXQ];
};

static struct mutex lock =
	MUTEX_INITIALIZER; /* Guards 'vhosts' and what says so above.  Innermost. */
static struct list vhosts GUARDED_BY(lock) = LIST_INITIALIZER(&vhosts);

static struct vhost_port *
vhost_cast(struct port *port)
{
	return CONTAINER_OF(port, struct vhost_port, port);
}

/* Asks the guest not to kick a ring that is polled anyway.  In the pmd, because the library may hold the ring's lock when
 * it calls us. */
static void
quieten(struct vhost_port *vp, int vid, uint16_t ring, uint32_t *epoch)
{
	uint32_t now = atomic_load_explicit(&vp->epoch, memory_order_relaxed);

	if (LIKELY(*epoch == now))
		return;
	*epoch = now;
	(void)rte_vhost_enable_guest_notification(
		vid, ring, 0); /* Refused: the guest kicks, which only costs. */
}

static uint16_t
dequeue(struct vhost_port *vp, struct vhost_rxq *rxq, int vid, struct rte_mbuf **mbufs, uint16_t n)
{
	uint16_t ring = RING_WE_READ(rxq->q.id);
	uint16_t ask = rxq->was_idle ? (uint16_t)MIN(n, (uint16_t)VHOST_IDLE_ASK) : n;
	struct rte_mempool *pool = rx_pool_mempool(&vp->pool);
	uint16_t got;

	quieten(vp, vid, ring, &rxq->quiet_epoch);
	got = rte_vhost_dequeue_burst(vid, ring, pool, mbufs, ask);
	if (got == ask && ask < n)
		got = (uint16_t)(got
			+ rte_vhost_dequeue_burst(
				vid, ring, pool, mbufs + got, (uint16_t)(n - got)));
	rxq->was_idle = got == 0;
	return got;
}

static uint16_t
vhost_rx_burst(struct port_rxq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct vhost_port *vp = CONTAINER_OF(q->port, struct vhost_port, port);
	struct vhost_rxq *rxq = CONTAINER_OF(q, struct vhost_rxq, q);
	uint64_t bytes = 0;
	uint16_t got = 0;
	int vid;

	if ((atomic_load_explicit(&vp->readable, memory_order_relaxed) >> q->id & 1) == 0)
		return 0;
	gate_enter(&rxq->gate);
	vid = atomic_load_explicit(&vp->vid, memory_order_seq_cst);
	if (LIKELY(vid >= 0))
		got = dequeue(vp, rxq, vid, mbufs, n);
	gate_leave(&rxq->gate);
	if (got > 0) {
		for (uint16_t i = 0; i < got; i++)
			bytes += mbufs[i]->pkt_len;
		counter_add(&rxq->counters.packets, got);
		counter_add(&rxq->counters.bytes, bytes);
	}
	return got;
}

/* Tries again as long as the guest takes some: it frees its ring while we fill it. */
static uint16_t
enqueue(struct vhost_port *vp, int vid, uint16_t ring, struct rte_mbuf **mbufs, uint16_t n)
{
	uint32_t retries = vp->tx_retries;
	uint16_t sent = 0;

	for (;;) {
		uint16_t took =
			rte_vhost_enqueue_burst(vid, ring, mbufs + sent, (uint16_t)(n - sent));

		sent = (uint16_t)(sent + took);
		if (sent == n || took == 0 || retries-- == 0)
			return sent;
	}
}

static uint16_t
vhost_tx_burst(struct port_txq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct vhost_port *vp = CONTAINER_OF(q->port, struct vhost_port, port);
	struct vhost_txq *txq = CONTAINER_OF(q, struct vhost_txq, q);
	uint16_t ring = atomic_load_explicit(&txq->ring, memory_order_relaxed);
	uint64_t bytes = 0;
	uint16_t sent = 0;
	int vid;

	if (ring != VHOST_NO_RING) {
		gate_enter(&txq->gate);
		vid = atomic_load_explicit(&vp->vid, memory_order_seq_cst);
		if (LIKELY(vid >= 0)) {
			quieten(vp, vid, ring, &txq->quiet_epoch);
			sent = enqueue(vp, vid, ring, mbufs, n);
		}
		gate_leave(&txq->gate);
	}
	if (sent > 0) {
		for (uint16_t i = 0; i < sent; i++)
			bytes += mbufs[i]->pkt_len;
		rte_pktmbuf_free_bulk(mbufs, sent);
		counter_add(&txq->counters.packets, sent);
		counter_add(&txq->counters.bytes, bytes);
	}
	if (sent < n)
		counter_add(&txq->counters.dropped, (uint64_t)n - sent);
	return sent;
}

/* Spreads our tx queues over the rings that the guest has enabled, and says how many rx queues there are. */
static void
publish_rings(struct vhost_port *vp) REQUIRES(lock)
{
	uint64_t readable = atomic_load_explicit(&vp->readable, memory_order_relaxed);
	uint16_t rings[VHOST_MAX_PAIRS];
	uint16_t n = 0, n_rxq = 1;

	for (uint16_t i = 0; i < VHOST_MAX_PAIRS; i++) {
		if ((vp->fillable >> i & 1) != 0)
			rings[n++] = RING_WE_FILL(i);
		if ((readable >> i & 1) != 0)
			n_rxq = (uint16_t)(i + 1);
	}
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		atomic_store_explicit(&vp->txqs[i].ring, n > 0 ? rings[i % n] : VHOST_NO_RING,
			memory_order_relaxed);
	}
	atomic_store_explicit(&vp->n_rxq_wanted, n_rxq, memory_order_relaxed);
	atomic_store_explicit(&vp->port.can_send,
		n > 0 && atomic_load_explicit(&vp->vid, memory_order_relaxed) >= 0,
		memory_order_relaxed);
}

/* Finds the port that a connection of the library belongs to, by its socket. */
static struct vhost_port *
find_by_vid(int vid) REQUIRES(lock)
{
	char path[VHOST_PATH_SIZE + 20];
	struct vhost_port *vp;

	if (rte_vhost_get_ifname(vid, path, sizeof(path)) != 0)
		return NULL;
	LIST_FOREACH(vp, node, &vhosts) {
		if (strcmp(vp->path, path) == 0)
			return vp;
	}
	return NULL;
}

/* The same, if it is the connection that we serve. */
static struct vhost_port *
find_served(int vid) REQUIRES(lock)
{
	struct vhost_port *vp = find_by_vid(vid);

	return vp != NULL && vp->connection == vid ? vp : NULL;
}

static int
cb_new_connection(int vid)
{
	struct vhost_port *vp;
	int ret = -1;

	mutex_lock(&lock);
	vp = find_by_vid(vid);
	if (vp != NULL && vp->connection < 0) {
		vp->connection = vid;
		vp->fillable = 0;
		atomic_store_explicit(&vp->readable, 0, memory_order_relaxed);
		publish_rings(vp);
		ret = 0;
	} else if (vp != NULL) {
		LOG_WARN_RL("%s: refused a second connection to %s", vp->port.name, vp->path);
	}
	mutex_unlock(&lock);
	return ret;
}

static void
cb_destroy_connection(int vid)
{
	struct vhost_port *vp;

	mutex_lock(&lock);
	vp = find_served(vid);
	if (vp != NULL) {
		vp->connection = -1;
		vp->fillable = 0;
		atomic_store_explicit(&vp->readable, 0, memory_order_relaxed);
		publish_rings(vp);
		LOG_DBG("%s: %s disconnected", vp->port.name, vp->path);
		port_wake(&vp->port);
	}
	mutex_unlock(&lock);
}

static void
learn_guest(struct vhost_port *vp, int vid) REQUIRES(lock)
{
	struct vhost_guest *guest = &vp->guest;

	memset(guest, 0, sizeof(*guest));
	if (rte_vhost_get_negotiated_features(vid, &guest->features) != 0)
		guest->features = 0;
	guest->numa_node = rte_vhost_get_numa_node(vid);
	guest->n_rings = rte_vhost_get_vring_num(vid);
	for (uint16_t i = 0; i < MIN(guest->n_rings, (uint16_t)ARRAY_SIZE(guest->ring_sizes));
		i++) {
		struct rte_vhost_vring ring;

		if (rte_vhost_get_vhost_vring(vid, i, &ring) == 0)
			guest->ring_sizes[i] = ring.size;
	}
}

static int
cb_new_device(int vid)
{
	struct vhost_port *vp;

	mutex_lock(&lock);
	vp = find_served(vid);
	if (vp != NULL) {
		learn_guest(vp, vid);
		if (vp->guest.n_rings > 2 * VHOST_MAX_PAIRS)
			LOG_WARN("%s: the guest has %u rings, only %u are served", vp->port.name,
				vp->guest.n_rings, 2 * VHOST_MAX_PAIRS);
		vp->n_resets++;
		atomic_fetch_add_explicit(&vp->epoch, 1, memory_order_relaxed);
		/* Release in the total order: a burst that sees the id sees a device that is ready. */
		atomic_store_explicit(&vp->vid, vid, memory_order_seq_cst);
		publish_rings(vp);
		LOG_INFO("%s: guest connected, %u rings, NUMA node %d, features 0x%016" PRIx64,
			vp->port.name, vp->guest.n_rings, vp->guest.numa_node, vp->guest.features);
		port_wake(&vp->port);
	}
	mutex_unlock(&lock);
	return vp != NULL ? 0 : -1;
}

static void
cb_destroy_device(int vid)
{
	struct vhost_port *vp;

	mutex_lock(&lock);
	vp = find_served(vid);
	if (vp != NULL) {
		atomic_store_explicit(&vp->vid, -1, memory_order_seq_cst);
		vp->n_resets++;
		publish_rings(vp);
	}
	mutex_unlock(&lock);
	if (vp == NULL)
		return;
	/* The port stays: port_close() waits in the library until this callback is over. */
	for (int i = 0; i < VHOST_MAX_PAIRS; i++)
		gate_wait(&vp->rxqs[i].gate);
	for (int i = 0; i < PORT_MAX_TXQ; i++)
		gate_wait(&vp->txqs[i].gate);
	LOG_INFO("%s: guest gone", vp->port.name);
	port_wake(&vp->port);
}

static int
cb_vring_state_changed(int vid, uint16_t ring, int enable)
{
	uint64_t bit = UINT64_C(1) << (ring / 2 % 64);
	struct vhost_port *vp;

	mutex_lock(&lock);
	vp = find_served(vid);
	if (vp != NULL && ring < 2 * VHOST_MAX_PAIRS) {
		uint64_t readable = atomic_load_explicit(&vp->readable, memory_order_relaxed);

		if (ring % 2 != 0)
			readable = enable ? readable | bit : readable & ~bit;
		else
			vp->fillable = enable ? vp->fillable | bit : vp->fillable & ~bit;
		atomic_store_explicit(&vp->readable, readable, memory_order_relaxed);
		atomic_fetch_add_explicit(&vp->epoch, 1, memory_order_relaxed);
		publish_rings(vp);
		port_wake(&vp->port);
	}
	mutex_unlock(&lock);
	return 0;
}

static const struct rte_vhost_device_ops callbacks = {
	.new_device = cb_new_device,
	.destroy_device = cb_destroy_device,
	.vring_state_changed = cb_vring_state_changed,
	.new_connection = cb_new_connection,
	.destroy_connection = cb_destroy_connection,
};

/* Gives the rx queues buffers for 'mtu' on 'numa_node'.  Returns: 0, or -errno with 'err' when the old ones stay. */
static int
use_pool(struct vhost_port *vp, int numa_node, int mtu, struct err *err)
{
	struct port_pool *lease;
	int ret = port_pool_get(numa_node, mtu, VHOST_POOL_LEASE, &lease, err);

	if (ret != 0)
		return ret;
	lease = rx_pool_exchange(&vp->pool, lease);
	for (int i = 0; i < VHOST_MAX_PAIRS; i++)
		gate_wait(&vp->rxqs[i].gate);
	port_pool_unref(lease);
	return 0;
}

static void
vhost_run(struct port *port)
{
	struct vhost_port *vp = vhost_cast(port);
	struct err err = ERR_INIT;
	int numa_node = -1;

	mutex_lock(&lock);
	if (atomic_load_explicit(&vp->vid, memory_order_relaxed) >= 0)
		numa_node = vp->guest.numa_node;
	mutex_unlock(&lock);
	if (numa_node >= 0 && numa_node != port->numa_node) {
		port->numa_node = numa_node;
		if (use_pool(vp, numa_node, port->mtu, &err) != 0)
			LOG_WARN("%s: buffers stay on their NUMA node: %s", port->name, err.text);
		atomic_fetch_add_explicit(&port->generation, 1, memory_order_relaxed);
	} else if (atomic_load_explicit(&vp->n_rxq_wanted, memory_order_relaxed) != port->n_rxq
		|| vp->n_txq_wanted != port->n_txq) {
		atomic_fetch_add_explicit(&port->generation, 1, memory_order_relaxed);
	}
}

static void
vhost_requeue(struct port *port)
{
	struct vhost_port *vp = vhost_cast(port);

	port->n_rxq = atomic_load_explicit(&vp->n_rxq_wanted, memory_order_relaxed);
	port->n_txq = (uint16_t)vp->n_txq_wanted;
}

static void
forget(struct vhost_port *vp)
{
	mutex_lock(&lock);
	list_remove(&vp->node);
	mutex_unlock(&lock);
	port_pool_unref(rx_pool_exchange(&vp->pool, NULL));
	free(vp);
}

static void
vhost_close(struct port *port)
{
	struct vhost_port *vp = vhost_cast(port);

	/* Ends the connection, with the callbacks for it, and waits for those that run. */
	if (rte_vhost_driver_unregister(vp->path) != 0)
		LOG_ERR("%s: cannot unregister %s", port->name, vp->path);
	forget(vp);
}

/* Hands the socket to the library.  Returns: 0, or -errno with 'err' and nothing registered. */
static int
start(struct vhost_port *vp, struct err *err)
{
	static const uint64_t unwanted = UINT64_C(1) << VIRTIO_NET_F_CSUM
		| UINT64_C(1) << VIRTIO_NET_F_GUEST_CSUM | UINT64_C(1) << VIRTIO_NET_F_GUEST_TSO4
		| UINT64_C(1) << VIRTIO_NET_F_GUEST_TSO6 | UINT64_C(1) << VIRTIO_NET_F_GUEST_ECN
		| UINT64_C(1) << VIRTIO_NET_F_GUEST_UFO | UINT64_C(1) << VIRTIO_NET_F_HOST_TSO4
		| UINT64_C(1) << VIRTIO_NET_F_HOST_TSO6 | UINT64_C(1) << VIRTIO_NET_F_HOST_ECN
		| UINT64_C(1) << VIRTIO_NET_F_HOST_UFO;
	uint64_t flags = RTE_VHOST_USER_LINEARBUF_SUPPORT | RTE_VHOST_USER_NET_COMPLIANT_OL_FLAGS;

	if (vp->client)
		flags |= RTE_VHOST_USER_CLIENT;
	if (rte_vhost_driver_register(vp->path, flags) != 0) {
		err_set(err,
			"cannot use socket %s: the vhost library takes no more sockets, or the log has its reason",
			vp->path);
		return -EBUSY;
	}
	if (rte_vhost_driver_callback_register(vp->path, &callbacks) != 0
		|| rte_vhost_driver_disable_features(vp->path, unwanted) != 0
		|| rte_vhost_driver_start(vp->path) != 0) {
		err_set(err, "cannot start on socket %s: the log has the vhost library's reason",
			vp->path);
		rte_vhost_driver_unregister(vp->path);
		return -EIO;
	}
	return 0;
}

/* Reads the octal mode of the server's socket; 0: as the umask says.  Returns: 0, or -EINVAL with 'err'. */
static int
parse_mode(const struct smap *options, mode_t *mode, struct err *err)
{
	const char *text = options != NULL ? smap_get(options, "vhost-sock-mode") : NULL;
	unsigned long value;
	char *end;

	*mode = 0;
	if (text == NULL)
		return 0;
	value = strtoul(text, &end, 8);
	if (text[0] < '0' || text[0] > '7' || *end != '\0' || value == 0 || value > 0777) {
		err_set(err,
			"option vhost-sock-mode: \"%s\" is not an octal file mode such as 0660",
			text);
		return -EINVAL;
	}
	*mode = (mode_t)value;
	return 0;
}

/* Adds the port to the list that callbacks search by path.  Returns: 0, or -EBUSY with 'err'. */
static int
enlist(struct vhost_port *vp, struct err *err)
{
	struct vhost_port *other;

	mutex_lock(&lock);
	LIST_FOREACH(other, node, &vhosts) {
		if (strcmp(other->path, vp->path) == 0)
			break;
	}
	if (other == NULL)
		list_push_back(&vhosts, &vp->node);
	else
		err_set(err, "socket %s is in use by port %s", vp->path, other->port.name);
	mutex_unlock(&lock);
	return other == NULL ? 0 : -EBUSY;
}

static void
init_queues(struct vhost_port *vp)
{
	struct port *port = &vp->port;

	for (uint16_t i = 0; i < VHOST_MAX_PAIRS; i++) {
		vp->rxqs[i].q = (struct port_rxq){
			.burst = vhost_rx_burst, .port = port, .id = i, .fd = -1
		};
		port->rxqs[i] = &vp->rxqs[i].q;
	}
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		struct vhost_txq *txq = &vp->txqs[i];

		txq->q.burst = vhost_tx_burst;
		txq->q.port = port;
		txq->q.id = i;
		atomic_flag_clear(&txq->q.lock);
		atomic_init(&txq->ring, VHOST_NO_RING);
		port->txqs[i] = &txq->q;
	}
	port->n_rxq = 1;
	port->n_txq = (uint16_t)vp->n_txq_wanted;
	atomic_init(&vp->n_rxq_wanted, 1);
}

/* What an open and a reconfigure both read.  Returns: 0, or -EINVAL with 'err'. */
static int
take_config(struct vhost_port *vp, const struct port_config *config, struct err *err)
{
	uint32_t retries;
	int ret = option_uint(config->options, "tx-retries-max", VHOST_TX_RETRIES, 0,
		VHOST_TX_RETRIES_MAX, &retries, err);

	if (ret != 0)
		return ret;
	vp->tx_retries = retries;
	vp->n_txq_wanted = MIN(MAX(config->n_txq, 1u), (uint32_t)PORT_MAX_TXQ);
	vp->mac_set = config->mac_set;
	vp->mac = config->mac;
	return 0;
}

static int
open_as(const struct port_ops *ops, bool client, const struct port_config *config,
	struct port **portp, struct err *err)
{
	struct vhost_port *vp = driver_alloc(sizeof(*vp));
	mode_t mode = 0;
	int ret;

	*portp = NULL;
	port_init(&vp->port, ops, config);
	list_init(&vp->node);
	vp->client = client;
	vp->connection = -1;
	atomic_init(&vp->vid, -1);
	ret = vhost_path_from_config(config, client, vp->path, err);
	if (ret == 0)
		ret = take_config(vp, config, err);
	if (ret == 0 && !client)
		ret = parse_mode(config->options, &mode, err);
	if (ret == 0)
		ret = use_pool(vp, -1, vp->port.mtu, err);
	if (ret == 0)
		ret = enlist(vp, err);
	if (ret == 0 && !client)
		ret = vhost_path_prepare(vp->path, err);
	if (ret != 0)
		goto err_forget;
	init_queues(vp);
	vp->port.sleeps = true;
	ret = start(vp, err);
	if (ret != 0)
		goto err_forget;
	if (mode != 0 && chmod(vp->path, mode) != 0)
		LOG_WARN("%s: cannot set the mode of %s: %s", config->name, vp->path,
			strerror(errno));
	*portp = &vp->port;
	return 0;

err_forget:
	forget(vp);
	return ret;
}

static int
client_open(const struct port_config *config, struct port **portp, struct err *err)
{
	return open_as(&vhost_client_port_ops, true, config, portp, err);
}

static int
server_open(const struct port_config *config, struct port **portp, struct err *err)
{
	return open_as(&vhost_server_port_ops, false, config, portp, err);
}

static int
vhost_reconfigure(struct port *port, const struct port_config *config, struct err *err)
{
	struct vhost_port *vp = vhost_cast(port);
	int mtu = config->mtu_request > 0 ? config->mtu_request : 1500;
	char path[VHOST_PATH_SIZE];
	mode_t mode = 0;
	int ret;

	ret = vhost_path_from_config(config, vp->client, path, err);
	if (ret == 0 && !vp->client)
		ret = parse_mode(config->options, &mode, err);
	if (ret == 0)
		ret = take_config(vp, config, err);
	if (ret != 0)
		return ret;
	if (strcmp(path, vp->path) != 0)
		return -ERESTART;
	if (mode != 0 && chmod(vp->path, mode) != 0)
		LOG_WARN(
			"%s: cannot set the mode of %s: %s", port->name, vp->path, strerror(errno));
	if (mtu != port->mtu) {
		ret = use_pool(vp, port->numa_node, mtu, err);
		if (ret != 0)
			return ret;
		port->mtu = (uint16_t)MIN(mtu, UINT16_MAX);
	}
	vhost_run(port);
	return 0;
}

static void
vhost_get_status(struct port *port, struct port_status *status)
{
	struct vhost_port *vp = vhost_cast(port);
	struct smap *info = &status->info;
	struct vhost_guest guest;
	bool connected;

	mutex_lock(&lock);
	connected = atomic_load_explicit(&vp->vid, memory_order_relaxed) >= 0;
	guest = vp->guest;
	status->link_resets = vp->n_resets;
	mutex_unlock(&lock);
	if (vp->mac_set)
		status->mac = vp->mac;
	status->full_duplex = true;
	status->link = atomic_load_explicit(&port->can_send, memory_order_relaxed) ? PORT_LINK_UP
										   : PORT_LINK_DOWN;
	smap_set(info, "mode", vp->client ? "client" : "server");
	smap_set(info, "socket", vp->path);
	smap_set(info, "status", connected ? "connected" : "disconnected");
	if (!connected)
		return;
	smap_setf(info, "features", "0x%016" PRIx64, guest.features);
	smap_setf(info, "num_of_vrings", "%u", guest.n_rings);
	smap_setf(info, "numa", "%d", guest.numa_node);
	for (uint16_t i = 0; i < MIN(guest.n_rings, (uint16_t)ARRAY_SIZE(guest.ring_sizes)); i++) {
		char key[32];

		snprintf(key, sizeof(key), "vring_%u_size", i);
		smap_setf(info, key, "%u", guest.ring_sizes[i]);
	}
}

static void
vhost_get_stats(struct port *port, struct port_stats *stats)
{
	struct vhost_port *vp = vhost_cast(port);

	stats->rx_packets = stats->rx_bytes = stats->rx_dropped = stats->rx_errors = 0;
	stats->tx_packets = stats->tx_bytes = stats->tx_dropped = 0;
	for (uint16_t i = 0; i < VHOST_MAX_PAIRS; i++) {
		stats->rx_packets += counter_read(&vp->rxqs[i].counters.packets);
		stats->rx_bytes += counter_read(&vp->rxqs[i].counters.bytes);
	}
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		stats->tx_packets += counter_read(&vp->txqs[i].counters.packets);
		stats->tx_bytes += counter_read(&vp->txqs[i].counters.bytes);
		stats->tx_dropped += counter_read(&vp->txqs[i].counters.dropped);
	}
}

static const char *const client_options[] = { "vhost-server-path", "tx-retries-max", NULL };
static const char *const server_options[] = { "vhost-sock-mode", "tx-retries-max", NULL };

const struct port_ops vhost_client_port_ops = {
	.type = "dpdkvhostuserclient",
	.driver = "vhost",
	.options = client_options,
	.open = client_open,
	.reconfigure = vhost_reconfigure,
	.close = vhost_close,
	.get_status = vhost_get_status,
	.get_stats = vhost_get_stats,
	.run = vhost_run,
	.requeue = vhost_requeue,
};

const struct port_ops vhost_server_port_ops = {
	.type = "dpdkvhostuser",
	.driver = "vhost",
	.options = server_options,
	.open = server_open,
	.reconfigure = vhost_reconfigure,
	.close = vhost_close,
	.get_status = vhost_get_status,
	.get_stats = vhost_get_stats,
	.run = vhost_run,
	.requeue = vhost_requeue,
};
