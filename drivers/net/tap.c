/* SPDX-License-Identifier: Apache-2.0 */
/* Internal ports: Linux interfaces of our own, made with /dev/net/tun.  The interface lives as long as our descriptor, so
 * it goes when the daemon goes, and it keeps working when somebody moves it to another network namespace or renames it;
 * we follow it there to read its state.  The kernel completes checksums and segments before it gives us a frame, because
 * we ask for no offloads.  An interface that is deleted from outside is made anew. */
#include "drivers/net/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <rte_mbuf.h>

#define LOG_THIS LOG_tap
#include "base/alloc.h"
#include "base/err.h"
#include "base/list.h"
#include "base/log.h"
#include "drivers/net/counter.h"
#include "drivers/net/driver_mem.h"
#include "drivers/net/drivers.h"
#include "drivers/net/gate.h"
#include "drivers/net/linux_if.h"
#include "drivers/net/rx_pool.h"
#include "packet/packet.h"
#include "port/port.h"

#define TAP_POOL_LEASE 32 /* A tap has no ring of mbufs: only a burst is on its way. */
#define TAP_SPILL_BYTES 65536
#define TAP_MAX_SEGS 64

struct tap_rxq {
	struct port_rxq q;
	struct gate gate;
	struct queue_counters counters;
};

struct tap_txq {
	struct port_txq q;
	struct queue_counters counters;
};

struct tap_port {
	struct port port;
	struct list node; /* In 'taps'. */
	int fd; /* The number never changes while the port is open; what it refers to may. */
	int ctl; /* Control socket in the namespace where the interface is. */
	char ifname[IFNAMSIZ]; /* Its name there. */
	struct linux_if_info info; /* As last seen. */
	bool away; /* It is not in our namespace. */
	uint64_t link_resets;
	int mtu_wanted; /* 0: none. */
	bool mac_set;
	struct ether_addr mac_wanted;
	uint32_t n_txq_wanted;
	atomic_bool gone; /* The interface was deleted.  A pmd sets it, main clears it. */
	bool parked; /* 'fd' refers to nothing of use, so that nobody spins on it. */
	char error[256];
	uint8_t *spill; /* For the part of a frame that a buffer has no room for. */
	struct rx_pool pool;
	struct tap_rxq rxq;
	struct tap_txq txqs[PORT_MAX_TXQ];
};

static struct list taps = LIST_INITIALIZER(&taps); /* Of 'struct tap_port'.  Main. */

static struct tap_port *
tap_cast(struct port *port)
{
	return CONTAINER_OF(port, struct tap_port, port);
}

static void
note_gone(struct tap_port *tap)
{
	/* Relaxed: main looks with a system call, this only says that it is worth it. */
	if (!atomic_exchange_explicit(&tap->gone, true, memory_order_relaxed))
		port_wake(&tap->port);
}

/* Reads one frame.  Returns: the frame; NULL with '*again' true if one was lost, false if there is none. */
static struct rte_mbuf *
read_frame(struct tap_port *tap, struct rte_mempool *pool, bool *again)
{
	struct queue_counters *counters = &tap->rxq.counters;
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	struct iovec iov[2];
	uint32_t room = 0;
	ssize_t len;

	if (m != NULL)
		room = rte_pktmbuf_tailroom(m);
	iov[0] = (struct iovec){ .iov_base = m != NULL ? packet_data(m) : NULL, .iov_len = room };
	iov[1] = (struct iovec){ .iov_base = tap->spill, .iov_len = TAP_SPILL_BYTES };
	/* With no buffer the frame is read all the same: left there, it would keep the descriptor readable. */
	len = m != NULL ? readv(tap->fd, iov, 2) : readv(tap->fd, iov + 1, 1);
	*again = len >= 0;
	if (len < 0) {
		if (errno != EAGAIN && errno != EINTR)
			note_gone(tap);
		rte_pktmbuf_free(m);
		return NULL;
	}
	if (m == NULL) {
		counter_add(&counters->dropped, 1);
		return NULL;
	}
	m->data_len = (uint16_t)MIN((size_t)len, (size_t)room);
	m->pkt_len = m->data_len;
	if ((size_t)len > room
		&& packet_append(m, tap->spill, (uint32_t)((size_t)len - room), pool) != 0) {
		counter_add(&counters->dropped, 1);
		rte_pktmbuf_free(m);
		return NULL;
	}
	counter_add(&counters->packets, 1);
	counter_add(&counters->bytes, (uint64_t)len);
	return m;
}

static uint16_t
tap_rx_burst(struct port_rxq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct tap_port *tap = CONTAINER_OF(q, struct tap_port, rxq.q);
	struct rte_mempool *pool;
	uint16_t got = 0;
	bool again = true;

	gate_enter(&tap->rxq.gate);
	pool = rx_pool_mempool(&tap->pool);
	for (uint16_t i = 0; i < n && again; i++) {
		struct rte_mbuf *m = read_frame(tap, pool, &again);

		if (m != NULL)
			mbufs[got++] = m;
	}
	gate_leave(&tap->rxq.gate);
	return got;
}

/* Returns: 0 or -errno. */
static int
write_frame(int fd, const struct rte_mbuf *m)
{
	struct iovec iov[TAP_MAX_SEGS];
	int n = 0;

	if (packet_is_linear(m))
		return write(fd, packet_data(m), m->data_len) < 0 ? -errno : 0;
	for (; m != NULL; m = m->next) {
		if (n == TAP_MAX_SEGS)
			return -EMSGSIZE;
		iov[n].iov_base = packet_data(m);
		iov[n++].iov_len = m->data_len;
	}
	return writev(fd, iov, n) < 0 ? -errno : 0;
}

static uint16_t
tap_tx_burst(struct port_txq *q, struct rte_mbuf **mbufs, uint16_t n)
{
	struct tap_port *tap = CONTAINER_OF(q->port, struct tap_port, port);
	struct tap_txq *txq = CONTAINER_OF(q, struct tap_txq, q);
	uint64_t bytes = 0, n_errors = 0;
	uint16_t sent = 0;
	bool down = atomic_load_explicit(&tap->gone, memory_order_relaxed);

	for (uint16_t i = 0; i < n && !atomic_load_explicit(&tap->gone, memory_order_relaxed);
		i++) {
		struct rte_mbuf *m = mbufs[i];
		int ret = write_frame(tap->fd, m);

		down = ret == -EIO || ret == -EBADFD;
		if (ret == -EBADFD)
			note_gone(tap);
		if (down || ret == -EAGAIN || ret == -ENOBUFS || ret == -ENOMEM)
			break; /* Down or full: the others would fare no better. */
		if (ret != 0) {
			n_errors++;
			continue;
		}
		bytes += m->pkt_len;
		mbufs[i] = mbufs[sent];
		mbufs[sent++] = m;
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

/* Makes the Linux interface.  Returns: its descriptor, or -errno with 'err'. */
static int
create_interface(const char *name, struct err *err)
{
	struct ifreq ifr;
	int fd, ret;

	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		err_set(err, "cannot make a Linux interface: /dev/net/tun: %s%s", strerror(-ret),
			ret == -ENOENT || ret == -ENODEV ? " (load the kernel module: modprobe tun)"
							 : "");
		return ret;
	}
	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr) == 0 && ioctl(fd, TUNSETOFFLOAD, 0) == 0)
		return fd;
	ret = -errno;
	if (ret == -EBUSY || ret == -EEXIST)
		err_set(err,
			"a network device \"%s\" exists already: remove it, or give the port another name",
			name);
	else if (ret == -EPERM)
		err_set(err, "cannot make Linux interface \"%s\": needs CAP_NET_ADMIN", name);
	else
		err_set(err, "cannot make Linux interface \"%s\": %s", name, strerror(-ret));
	close(fd);
	return ret;
}

/* Changes the control socket; the shared one stays open. */
static void
use_ctl(struct tap_port *tap, int ctl)
{
	if (tap->ctl >= 0 && tap->ctl != linux_if_home_ctl())
		close(tap->ctl);
	tap->ctl = ctl;
}

/* Finds the interface again after its name stopped meaning it: it was renamed, moved or deleted.
 * Returns: 0 or -errno. */
static int
follow_interface(struct tap_port *tap)
{
	struct stat here, there;
	struct ifreq ifr;
	int nsfd, ctl, ret;
	bool away;

	memset(&ifr, 0, sizeof(ifr));
	if (ioctl(tap->fd, TUNGETIFF, &ifr) != 0)
		return -errno;
	nsfd = ioctl(tap->fd, TUNGETDEVNETNS);
	if (nsfd < 0)
		return -errno;
	away = fstat(nsfd, &there) != 0 || stat("/proc/thread-self/ns/net", &here) != 0
		|| here.st_ino != there.st_ino;
	ctl = linux_if_open_ctl_at(nsfd);
	close(nsfd);
	if (ctl < 0)
		return ctl;
	ret = linux_if_get(ctl, ifr.ifr_name, &tap->info);
	if (ret != 0) {
		close(ctl);
		return ret;
	}
	LOG_INFO("%s: the interface is now \"%s\"%s", tap->port.name, ifr.ifr_name,
		away ? " in another network namespace" : "");
	snprintf(tap->ifname, sizeof(tap->ifname), "%s", ifr.ifr_name);
	use_ctl(tap, ctl);
	tap->away = away;
	return 0;
}

/* Gives the queues buffers for 'mtu'.  Returns: 0 or -errno with 'err'; then the old ones stay. */
static int
use_mtu(struct tap_port *tap, int mtu, struct err *err)
{
	struct port_pool *lease;
	int ret = port_pool_get(-1, mtu, TAP_POOL_LEASE, &lease, err);

	if (ret != 0)
		return ret;
	lease = rx_pool_exchange(&tap->pool, lease);
	gate_wait(&tap->rxq.gate);
	port_pool_unref(lease);
	tap->port.mtu = (uint16_t)MIN(mtu, UINT16_MAX);
	return 0;
}

/* Looks at the interface.  Returns: 0, or -errno when it is gone. */
static int
refresh(struct tap_port *tap)
{
	struct linux_if_info old = tap->info;
	int ret = linux_if_get(tap->ctl, tap->ifname, &tap->info);

	if (ret != 0 || tap->info.ifindex != old.ifindex)
		ret = follow_interface(tap);
	if (ret != 0) {
		tap->info = (struct linux_if_info){ .ifindex = 0, .mtu = old.mtu, .mac = old.mac };
		return ret;
	}
	if ((old.flags ^ tap->info.flags) & IFF_RUNNING)
		tap->link_resets++;
	if (tap->info.mtu != tap->port.mtu) {
		struct err err = ERR_INIT;

		LOG_INFO("%s: MTU is now %d", tap->port.name, tap->info.mtu);
		if (use_mtu(tap, tap->info.mtu, &err) != 0) {
			LOG_WARN_RL("%s: MTU %d: %s", tap->port.name, tap->info.mtu, err.text);
			tap->port.mtu = (uint16_t)tap->info.mtu;
		}
	}
	return 0;
}

/* Puts something silent behind the descriptor of a deleted interface: it would poll as ready for ever. */
static void
park(struct tap_port *tap)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		return;
	if (dup3(fd, tap->fd, O_CLOEXEC) >= 0) {
		tap->parked = true;
		atomic_fetch_add_explicit(&tap->port.generation, 1, memory_order_relaxed);
	}
	close(fd);
}

/* Sets MTU and address as they are configured.  Returns: 0 or -errno with 'err'. */
static int
apply_wishes(struct tap_port *tap, struct err *err)
{
	int ret;

	if (tap->mac_set) {
		ret = linux_if_set_mac(tap->ctl, tap->ifname, &tap->mac_wanted);
		if (ret != 0) {
			err_set(err, "cannot set the MAC address: %s", strerror(-ret));
			return ret;
		}
	}
	if (tap->mtu_wanted > 0) {
		ret = linux_if_set_mtu(tap->ctl, tap->ifname, tap->mtu_wanted);
		if (ret != 0) {
			err_set(err, "cannot set the MTU to %d: %s", tap->mtu_wanted,
				strerror(-ret));
			return ret;
		}
	}
	return 0;
}

/* Makes the deleted interface anew behind the same descriptor. */
static void
revive(struct tap_port *tap)
{
	struct err err = ERR_INIT;
	int fd, ctl;

	if (!tap->parked) {
		LOG_WARN("%s: the Linux interface was deleted", tap->port.name);
		park(tap);
	}
	snprintf(tap->error, sizeof(tap->error), "the Linux interface was deleted");
	ctl = linux_if_home_ctl();
	if (ctl < 0)
		return;
	fd = create_interface(tap->port.name, &err);
	if (fd < 0) {
		snprintf(tap->error, sizeof(tap->error),
			"the Linux interface was deleted and cannot be made anew: %.150s",
			err.text);
		return;
	}
	use_ctl(tap, ctl);
	tap->away = false;
	snprintf(tap->ifname, sizeof(tap->ifname), "%.15s", tap->port.name);
	dup3(fd, tap->fd, O_CLOEXEC);
	close(fd);
	tap->error[0] = '\0';
	if (apply_wishes(tap, &err) != 0)
		snprintf(tap->error, sizeof(tap->error), "%.250s", err.text);
	if (linux_if_get(tap->ctl, tap->ifname, &tap->info) != 0)
		return;
	tap->parked = false;
	atomic_store_explicit(&tap->gone, false, memory_order_relaxed);
	atomic_fetch_add_explicit(&tap->port.generation, 1, memory_order_relaxed);
	LOG_INFO("%s: made the Linux interface anew", tap->port.name);
}

static void
tap_run(struct port *port)
{
	struct tap_port *tap = tap_cast(port);

	if (refresh(tap) != 0)
		atomic_store_explicit(&tap->gone, true, memory_order_relaxed);
	else if (!tap->parked)
		atomic_store_explicit(&tap->gone, false, memory_order_relaxed);
	if (atomic_load_explicit(&tap->gone, memory_order_relaxed))
		revive(tap);
}

static void
tap_requeue(struct port *port)
{
	struct tap_port *tap = tap_cast(port);

	port->n_txq = (uint16_t)tap->n_txq_wanted;
}

static void
tap_close(struct port *port)
{
	struct tap_port *tap = tap_cast(port);

	list_remove(&tap->node);
	if (tap->fd >= 0)
		close(tap->fd);
	use_ctl(tap, -1);
	port_pool_unref(tap->pool.lease);
	free(tap->spill);
	free(tap);
}

static void
init_queues(struct tap_port *tap)
{
	struct port *port = &tap->port;

	tap->rxq.q =
		(struct port_rxq){ .burst = tap_rx_burst, .port = port, .id = 0, .fd = tap->fd };
	port->rxqs[0] = &tap->rxq.q;
	port->n_rxq = 1;
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		struct port_txq *q = &tap->txqs[i].q;

		q->burst = tap_tx_burst;
		q->port = port;
		q->id = i;
		atomic_flag_clear(&q->lock);
		port->txqs[i] = q;
	}
	port->n_txq = (uint16_t)tap->n_txq_wanted;
}

static void
take_config(struct tap_port *tap, const struct port_config *config)
{
	tap->mtu_wanted = config->mtu_request;
	tap->mac_set = config->mac_set;
	tap->mac_wanted = config->mac;
	tap->n_txq_wanted = MIN(MAX(config->n_txq, 1u), (uint32_t)PORT_MAX_TXQ);
}

static int
open_as(const struct port_ops *ops, const struct port_config *config, struct port **portp,
	struct err *err)
{
	struct tap_port *tap;
	int ret;

	*portp = NULL;
	if (!linux_if_name_is_valid(config->name)) {
		err_set(err,
			"\"%s\" cannot be the name of a Linux interface (1 to %d characters, no '/', ':' or blanks)",
			config->name, IFNAMSIZ - 1);
		return -EINVAL;
	}
	tap = driver_alloc(sizeof(*tap));
	port_init(&tap->port, ops, config);
	tap->ctl = -1;
	list_push_back(&taps, &tap->node);
	take_config(tap, config);
	snprintf(tap->ifname, sizeof(tap->ifname), "%s", config->name);
	tap->spill = xmalloc(TAP_SPILL_BYTES); /* Not touched before it is needed. */
	tap->fd = create_interface(config->name, err);
	if (tap->fd < 0) {
		ret = tap->fd;
		goto err_close;
	}
	tap->ctl = linux_if_home_ctl();
	if (tap->ctl < 0) {
		ret = tap->ctl;
		err_set(err, "cannot make a control socket: %s", strerror(-ret));
		goto err_close;
	}
	ret = apply_wishes(tap, err);
	if (ret == 0) {
		ret = linux_if_get(tap->ctl, tap->ifname, &tap->info);
		if (ret != 0)
			err_set(err, "cannot read the new interface's state: %s", strerror(-ret));
	}
	if (ret == 0)
		ret = use_mtu(tap, tap->info.mtu, err);
	if (ret != 0)
		goto err_close;
	init_queues(tap);
	tap->port.sleeps = true;
	atomic_store_explicit(&tap->port.can_send, true, memory_order_relaxed);
	*portp = &tap->port;
	return 0;

err_close:
	tap_close(&tap->port);
	return ret;
}

static int
internal_open(const struct port_config *config, struct port **portp, struct err *err)
{
	return open_as(&tap_internal_port_ops, config, portp, err);
}

static int
tap_open(const struct port_config *config, struct port **portp, struct err *err)
{
	return open_as(&tap_port_ops, config, portp, err);
}

static int
tap_reconfigure(struct port *port, const struct port_config *config, struct err *err)
{
	struct tap_port *tap = tap_cast(port);
	int ret;

	take_config(tap, config);
	if (tap->n_txq_wanted != port->n_txq)
		atomic_fetch_add_explicit(&port->generation, 1, memory_order_relaxed);
	ret = refresh(tap);
	if (ret != 0)
		return 0; /* Applied when the interface is there again. */
	if (tap->mac_set && memcmp(&tap->info.mac, &tap->mac_wanted, sizeof(tap->info.mac)) == 0)
		tap->mac_set = false; /* Nothing to set. */
	if (tap->mtu_wanted == tap->info.mtu)
		tap->mtu_wanted = 0;
	ret = apply_wishes(tap, err);
	take_config(tap, config);
	if (ret == 0 && refresh(tap) != 0)
		port_wake(port);
	return ret;
}

static int
tap_set_admin(struct port *port, int up, struct err *err)
{
	struct tap_port *tap = tap_cast(port);
	int ret = refresh(tap);

	if (ret == 0)
		ret = linux_if_set_up(tap->ctl, tap->ifname, up != 0);
	if (ret != 0)
		err_set(err, "cannot set the interface %s: %s", up ? "up" : "down", strerror(-ret));
	else
		tap_run(port);
	return ret;
}

static void
tap_get_status(struct port *port, struct port_status *status)
{
	struct tap_port *tap = tap_cast(port);

	if (refresh(tap) != 0)
		port_wake(port);
	status->mac = tap->info.mac;
	status->mtu = tap->info.mtu;
	status->ifindex = tap->away ? 0 : tap->info.ifindex;
	status->admin_up = (tap->info.flags & IFF_UP) != 0;
	status->link = (tap->info.flags & IFF_RUNNING) != 0 ? PORT_LINK_UP : PORT_LINK_DOWN;
	status->link_resets = tap->link_resets;
	status->link_speed_bps = 10000000; /* What Linux says of a tap. */
	status->full_duplex = true;
	snprintf(status->error, sizeof(status->error), "%s", tap->error);
	smap_set(&status->info, "driver_name", "tun");
	if (tap->away || strcmp(tap->ifname, port->name) != 0)
		smap_set(&status->info, "linux_name", tap->ifname);
}

static void
tap_get_stats(struct port *port, struct port_stats *stats)
{
	struct tap_port *tap = tap_cast(port);
	struct queue_counters *rx = &tap->rxq.counters;

	stats->rx_packets = counter_read(&rx->packets);
	stats->rx_bytes = counter_read(&rx->bytes);
	stats->rx_dropped = counter_read(&rx->dropped);
	stats->rx_errors = counter_read(&rx->errors);
	stats->tx_packets = stats->tx_bytes = stats->tx_dropped = stats->tx_errors = 0;
	for (uint16_t i = 0; i < PORT_MAX_TXQ; i++) {
		struct queue_counters *tx = &tap->txqs[i].counters;

		stats->tx_packets += counter_read(&tx->packets);
		stats->tx_bytes += counter_read(&tx->bytes);
		stats->tx_dropped += counter_read(&tx->dropped);
		stats->tx_errors += counter_read(&tx->errors);
	}
}

bool
tap_owns(int ifindex)
{
	struct tap_port *tap;

	LIST_FOREACH(tap, node, &taps) {
		if (!tap->away && tap->info.ifindex == ifindex)
			return true;
	}
	return false;
}

const struct port_ops tap_internal_port_ops = {
	.type = "internal",
	.driver = "tap",
	.open = internal_open,
	.reconfigure = tap_reconfigure,
	.close = tap_close,
	.get_status = tap_get_status,
	.get_stats = tap_get_stats,
	.run = tap_run,
	.requeue = tap_requeue,
	.set_admin = tap_set_admin,
};

const struct port_ops tap_port_ops = {
	.type = "tap",
	.driver = "tap",
	.open = tap_open,
	.reconfigure = tap_reconfigure,
	.close = tap_close,
	.get_status = tap_get_status,
	.get_stats = tap_get_stats,
	.run = tap_run,
	.requeue = tap_requeue,
	.set_admin = tap_set_admin,
};
