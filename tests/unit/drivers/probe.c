/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the driver probe: namespaces, EAL, raw sockets, a forwarding thread; and main(). */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "drivers/net/drivers.h"
#include "packet/packet.h"

char probe_dir[64];
pid_t probe_far;

static const struct port_ops *const drivers[] = { &ethdev_port_ops, &vhost_client_port_ops,
	&vhost_server_port_ops, &tap_internal_port_ops, &tap_port_ops, &netdev_port_ops,
	&sim_port_ops, NULL };

static struct port_pool *pool;

static void
collect_options(struct smap *options, va_list args)
{
	const char *key;

	smap_init(options);
	while ((key = va_arg(args, const char *)) != NULL)
		smap_set(options, key, va_arg(args, const char *));
}

int
probe_open(const char *type, const char *name, int mtu, struct port **portp, struct err *err, ...)
{
	struct port_config config = {
		.name = name, .type = type, .mtu_request = mtu, .n_txq = 2, .rundir = probe_dir
	};
	struct smap options;
	va_list args;
	int ret;

	va_start(args, err);
	collect_options(&options, args);
	va_end(args);
	config.options = &options;
	ret = port_open(drivers, &config, portp, err);
	if (ret != 0)
		printf("    open %s \"%s\": %s\n", type, name, err != NULL ? err->text : "");
	smap_uninit(&options);
	return ret;
}

int
probe_reconfigure(
	struct port *port, const char *type, int mtu, uint32_t n_txq, struct err *err, ...)
{
	struct port_config config = { .name = port->name,
		.type = type,
		.mtu_request = mtu,
		.n_txq = n_txq,
		.rundir = probe_dir };
	struct smap options;
	va_list args;
	int ret;

	va_start(args, err);
	collect_options(&options, args);
	va_end(args);
	config.options = &options;
	ret = port_reconfigure(port, &config, err);
	smap_uninit(&options);
	return ret;
}

int
probe_shell(const char *fmt, ...)
{
	char command[1024];
	va_list args;
	int status;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
probe_fill(struct probe_frame *f, uint32_t len, uint16_t type, uint8_t mark)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };

	f->len = len;
	memcpy(f->data, macs, sizeof(macs));
	f->data[12] = (uint8_t)(type >> 8);
	f->data[13] = (uint8_t)type;
	for (uint32_t i = 14; i < len; i++)
		f->data[i] = (uint8_t)(mark + i);
}

static void
enter_far(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", probe_far);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
		abort();
	close(fd);
}

/* Opens a packet socket here or on the far side. */
static int
packet_socket(bool far, const char *ifname)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), fd, one = 1;

	if (far)
		enter_far();
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	addr.sll_ifindex = (int)if_nametoindex(ifname);
	if (setns(home, CLONE_NEWNET) != 0)
		abort();
	close(home);
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	if (fd < 0 || addr.sll_ifindex == 0
		|| bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		printf("    cannot open a packet socket on %s: %s\n", ifname, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

int
probe_send(bool far, const char *ifname, const struct probe_frame *f)
{
	int fd = packet_socket(far, ifname);
	ssize_t ret = send(fd, f->data, f->len, 0);

	if (ret != (ssize_t)f->len)
		printf("    send on %s: %s\n", ifname, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret == (ssize_t)f->len ? 0 : -EIO;
}

int
probe_capture(bool far, const char *ifname)
{
	return packet_socket(far, ifname);
}

void
probe_pause(void)
{
	usleep(10000);
}

bool
probe_captured(int fd, const struct probe_frame *want)
{
	static uint8_t buf[65536];

	for (int i = 0; i < 100; i++) {
		ssize_t len;

		while ((len = recv(fd, buf, sizeof(buf), 0)) >= 0) {
			if (len == (ssize_t)want->len && memcmp(buf, want->data, want->len) == 0)
				return true;
		}
		probe_pause();
	}
	return false;
}

static bool
equals(const struct rte_mbuf *m, const struct probe_frame *want)
{
	static uint8_t buf[65536];

	if (m->pkt_len != want->len)
		return false;
	packet_read(m, 0, m->pkt_len, buf);
	return memcmp(buf, want->data, want->len) == 0;
}

/* Waits at most 10 ms for the descriptor, as a pmd does. */
static bool
readable(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int epfd = epoll_create1(EPOLL_CLOEXEC), n;

	epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev);
	n = epoll_wait(epfd, &ev, 1, 10);
	close(epfd);
	return n == 1;
}

bool
probe_received(struct port *port, const struct probe_frame *want)
{
	struct port_rxq *q = port->rxqs[0];
	struct rte_mbuf *mbufs[32];
	bool found = false;

	for (int i = 0; i < 100 && !found; i++) {
		uint16_t n;

		if (q->fd >= 0 && !readable(q->fd))
			continue;
		n = q->burst(q, mbufs, 32);
		for (uint16_t k = 0; k < n; k++)
			found |= equals(mbufs[k], want);
		rte_pktmbuf_free_bulk(mbufs, n);
		if (n == 0)
			probe_pause();
	}
	return found;
}

struct rte_mbuf *
probe_mbuf(const struct probe_frame *f)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(port_pool_mempool(pool));

	if (m == NULL || packet_append(m, f->data, f->len, port_pool_mempool(pool)) != 0)
		abort();
	return m;
}

uint16_t
probe_transmit(struct port *port, const struct probe_frame *f)
{
	struct rte_mbuf *m = probe_mbuf(f);
	uint16_t n = port->txqs[0]->burst(port->txqs[0], &m, 1);

	if (n == 0)
		rte_pktmbuf_free(m);
	return n;
}

static struct port *forwarded[2];
static atomic_bool forwarding;
static _Atomic uint64_t largest;
static pthread_t forwarder;

static void
forward_queue(struct port_rxq *from, struct port_txq *to)
{
	struct rte_mbuf *mbufs[32];
	uint16_t n = from->burst(from, mbufs, 32), sent = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (mbufs[i]->pkt_len > atomic_load(&largest))
			atomic_store(&largest, mbufs[i]->pkt_len);
	}
	if (n > 0)
		sent = to->burst(to, mbufs, n);
	rte_pktmbuf_free_bulk(mbufs + sent, (unsigned int)(n - sent));
}

static void *
forward(void *aux UNUSED)
{
	struct port *a = forwarded[0], *b = forwarded[1];

	if (rte_thread_register() != 0)
		abort();
	while (atomic_load(&forwarding)) {
		for (uint16_t i = 0; i < a->n_rxq; i++)
			forward_queue(a->rxqs[i], b->txqs[i % b->n_txq]);
		for (uint16_t i = 0; i < b->n_rxq; i++)
			forward_queue(b->rxqs[i], a->txqs[i % a->n_txq]);
		sched_yield();
	}
	rte_thread_unregister();
	return NULL;
}

void
probe_forward_start(struct port *a, struct port *b)
{
	forwarded[0] = a;
	forwarded[1] = b;
	atomic_store(&largest, 0);
	atomic_store(&forwarding, true);
	if (pthread_create(&forwarder, NULL, forward, NULL) != 0)
		abort();
}

void
probe_forward_stop(void)
{
	atomic_store(&forwarding, false);
	pthread_join(forwarder, NULL);
}

uint64_t
probe_forward_largest(void)
{
	return atomic_load(&largest);
}

void
probe_run_port(struct port *port)
{
	uint32_t before = port->generation;

	port_run(port);
	if (port->generation != before)
		(void)port_requeue(port, NULL);
}

pid_t
probe_spawn(char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open("/dev/null", O_RDWR);
		char log[96];

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd, 0);
		snprintf(log, sizeof(log), "%s/peer.log", probe_dir);
		fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, 1);
		dup2(fd, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

void
probe_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void
probe_status(struct port *port, const char *key, char *value, size_t size)
{
	struct port_status status;

	smap_init(&status.info);
	port_get_status(port, &status);
	if (strcmp(key, "error") == 0)
		snprintf(value, size, "%s", status.error);
	else if (strcmp(key, "mtu") == 0)
		snprintf(value, size, "%d", status.mtu);
	else if (strcmp(key, "admin") == 0)
		snprintf(value, size, "%s", status.admin_up ? "up" : "down");
	else if (strcmp(key, "link") == 0)
		snprintf(value, size, "%s", status.link == PORT_LINK_UP ? "up" : "down");
	else
		snprintf(value, size, "%s", smap_get_def(&status.info, key, ""));
	smap_uninit(&status.info);
}

struct port_stats
probe_stats(struct port *port)
{
	struct port_stats stats;

	smap_init(&stats.extra);
	port_get_stats(port, &stats);
	smap_uninit(&stats.extra);
	return stats;
}

#define MANY 600

void
test_many_ports_share_what_memory_there_is(void)
{
	static const char *const ring_sizes[] = { "20000", "2000", "200" };
	static struct port *ports[MANY], *hogs[64];
	struct err err = ERR_INIT;
	uint32_t n_hogs = 0, n_open = 0;
	char name[32];

	/* Ports with rings, until even small ones are refused. */
	for (size_t i = 0; i < ARRAY_SIZE(ring_sizes); i++) {
		int ret = 0;

		while (ret == 0 && n_hogs < ARRAY_SIZE(hogs)) {
			snprintf(name, sizeof(name), "net_null%u", 20 + n_hogs);
			ret = probe_open("dpdk", name, 0, &hogs[n_hogs], &err, "dpdk-devargs", name,
				"n_rxq_desc", ring_sizes[i], "n_txq_desc", ring_sizes[i], NULL);
			n_hogs += ret == 0;
		}
		CU_ASSERT_EQUAL(ret, -ENOMEM);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "hugepages"));
	}
	CU_ASSERT(n_hogs >= 3);
	/* Small ones still open, more of them than there are buffers for. */
	for (uint32_t i = 0; i < MANY; i++) {
		char path[128];

		snprintf(name, sizeof(name), "many%u", i);
		snprintf(path, sizeof(path), "%s/%s", probe_dir, name);
		if (probe_open("dpdkvhostuserclient", name, 0, &ports[i], &err, "vhost-server-path",
			    path, NULL)
			== 0)
			n_open++;
	}
	CU_ASSERT_EQUAL(n_open, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		port_close(ports[i]);
	while (n_hogs > 0)
		port_close(hogs[--n_hogs]);
}

void
test_pools_are_given_back(void)
{
	port_pool_unref(pool);
	pool = NULL;
	CU_ASSERT_EQUAL(port_pool_cleanup(), 0);
}

/* A child that holds a network namespace until it is killed. */
static pid_t
start_far_side(void)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) != 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (pid < 0 || read(ready[0], &c, 1) != 1)
		return -1;
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static int
set_up(void)
{
	char prefix[64];
	char *argv[] = { (char *)"probe", (char *)"--no-huge", (char *)"--no-shconf",
		(char *)"--no-telemetry", (char *)"--no-pci", (char *)"-m", (char *)"384",
		(char *)"-l", (char *)"0", (char *)"--log-level=4", prefix, NULL };

	if (unshare(CLONE_NEWNET) != 0)
		return -1;
	snprintf(prefix, sizeof(prefix), "--file-prefix=sluice-probe-%d", (int)getpid());
	snprintf(probe_dir, sizeof(probe_dir), "/tmp/sluice-probe.XXXXXX");
	if (mkdtemp(probe_dir) == NULL || probe_shell("ip link set lo up") != 0)
		return -1;
	probe_far = start_far_side();
	if (probe_far < 0 || rte_eal_init((int)ARRAY_SIZE(argv) - 1, argv) < 0)
		return -1;
	return port_pool_get(-1, 1500, 1024, &pool, NULL);
}

int
main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_tap_refuses_bad_names),
		CHECK_CASE(test_tap_carries_frames),
		CHECK_CASE(test_tap_follows_a_move),
		CHECK_CASE(test_tap_survives_deletion),
		CHECK_CASE(test_netdev_refuses_what_is_not_there),
		CHECK_CASE(test_netdev_carries_frames_and_tags),
		CHECK_CASE(test_netdev_completes_checksums),
		CHECK_CASE(test_netdev_resumes_when_device_is_back),
		CHECK_CASE(test_netdev_takes_large_frames_apart),
		CHECK_CASE(test_ethdev_explains_errors),
		CHECK_CASE(test_ethdev_pcap_copies),
		CHECK_CASE(test_ethdev_pcap_infinite),
		CHECK_CASE(test_ethdev_changes_queues),
		CHECK_CASE(test_vhost_explains_errors),
		CHECK_CASE(test_vhost_forwards_both_roles),
		CHECK_CASE(test_vhost_survives_kills),
		CHECK_CASE(test_many_ports_share_what_memory_there_is),
		CHECK_CASE(test_pools_are_given_back),
	};
	struct check_case chosen[ARRAY_SIZE(cases)];
	size_t n = 0;
	int failed;

	if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) != 0) {
		printf("skipped: needs root and /dev/net/tun\n");
		return 77;
	}
	if (set_up() != 0) {
		printf("cannot set up namespaces and EAL: %s\n", strerror(errno));
		return 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (argc < 2 || strstr(cases[i].name, argv[1]) != NULL)
			chosen[n++] = cases[i];
	}
	failed = check_run("drivers", chosen, n);
	probe_kill(probe_far);
	rte_eal_cleanup();
	if (failed == 0)
		probe_shell("rm -r %s", probe_dir);
	return failed;
}
