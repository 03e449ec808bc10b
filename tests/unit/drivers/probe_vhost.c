/* SPDX-License-Identifier: Apache-2.0 */
/* vhost-user ports against dpdk-testpmd's virtio-user guests in both roles. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe.h"

/* Starts a guest.  'mode' is what testpmd does with packets. */
static pid_t
start_guest(const char *name, const char *path, bool server, int queues, const char *mode)
{
	char vdev[256], prefix[64], forward[64], rxq[32], txq[32];
	char *argv[] = { (char *)"dpdk-testpmd", (char *)"--no-huge", (char *)"-m", (char *)"128",
		(char *)"--no-pci", (char *)"-l", (char *)"0,1", prefix, vdev, (char *)"--",
		forward, rxq, txq, (char *)"--nb-cores=1", (char *)"--total-num-mbufs=4096",
		(char *)"--stats-period=1", (char *)"--auto-start", NULL };

	snprintf(prefix, sizeof(prefix), "--file-prefix=probe-%s-%d", name, (int)getpid());
	snprintf(vdev, sizeof(vdev), "--vdev=net_virtio_user0,path=%s,queues=%d,packed_vq=%d%s",
		path, queues, queues == 1, server ? ",server=1" : "");
	snprintf(forward, sizeof(forward), "--forward-mode=%s", mode);
	snprintf(rxq, sizeof(rxq), "--rxq=%d", queues);
	snprintf(txq, sizeof(txq), "--txq=%d", queues);
	return probe_spawn(argv);
}

static bool
status_is(struct port *port, const char *want)
{
	char value[64];

	probe_status(port, "status", value, sizeof(value));
	return strcmp(value, want) == 0;
}

void
test_vhost_explains_errors(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[128], longpath[200];
	struct err err = ERR_INIT;
	struct port *port, *twin;
	struct stat st;
	int fd;

	CU_ASSERT_EQUAL(probe_open("dpdkvhostuserclient", "c0", 0, &port, &err, NULL), -EINVAL);
	memset(longpath, 'x', sizeof(longpath) - 1);
	longpath[sizeof(longpath) - 1] = '\0';
	CU_ASSERT_EQUAL(probe_open("dpdkvhostuserclient", "c0", 0, &port, &err, "vhost-server-path",
				longpath, NULL),
		-ENAMETOOLONG);
	CU_ASSERT_EQUAL(probe_open("dpdkvhostuser", "../c0", 0, &port, &err, NULL), -EINVAL);
	CU_ASSERT_EQUAL(
		probe_open("dpdkvhostuser", "c0", 0, &port, &err, "vhost-sock-mode", "rw", NULL),
		-EINVAL);
	/* A file in the way stays. */
	CU_ASSERT_EQUAL(probe_shell("echo precious > %s/c1", probe_dir), 0);
	CU_ASSERT_EQUAL(probe_open("dpdkvhostuser", "c1", 0, &port, &err, NULL), -EEXIST);
	CU_ASSERT_EQUAL(probe_shell("grep -q precious %s/c1", probe_dir), 0);
	/* A socket that somebody listens on stays; a stale one goes. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/c2", probe_dir);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	CU_ASSERT_EQUAL(listen(fd, 1), 0);
	CU_ASSERT_EQUAL(probe_open("dpdkvhostuser", "c2", 0, &port, &err, NULL), -EADDRINUSE);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(
		probe_open("dpdkvhostuser", "c2", 0, &port, &err, "vhost-sock-mode", "0606", NULL),
		0);
	CU_ASSERT(stat(addr.sun_path, &st) == 0 && (st.st_mode & 0777) == 0606);
	CU_ASSERT(status_is(port, "disconnected"));
	port_close(port);
	CU_ASSERT_NOT_EQUAL(stat(addr.sun_path, &st), 0);
	/* One socket, one port. */
	snprintf(path, sizeof(path), "%s/c3", probe_dir);
	CU_ASSERT_EQUAL_FATAL(probe_open("dpdkvhostuserclient", "c3", 0, &port, &err,
				      "vhost-server-path", path, NULL),
		0);
	CU_ASSERT_EQUAL(probe_open("dpdkvhostuserclient", "c4", 0, &twin, &err, "vhost-server-path",
				path, NULL),
		-EBUSY);
	CU_ASSERT_EQUAL(probe_reconfigure(port, "dpdkvhostuserclient", 0, 2, &err,
				"vhost-server-path", addr.sun_path, NULL),
		-ERESTART);
	CU_ASSERT_EQUAL(probe_reconfigure(port, "dpdkvhostuserclient", 9000, 2, &err,
				"vhost-server-path", path, NULL),
		0);
	CU_ASSERT_EQUAL(port->mtu, 9000);
	port_close(port);
}

void
test_vhost_forwards_both_roles(void)
{
	struct err err = ERR_INIT;
	struct port *a, *b;
	struct port_stats sa, sb;
	char path[128], path2[128], value[64];
	pid_t guest_a, guest_b;

	snprintf(path, sizeof(path), "%s/guest-a", probe_dir);
	snprintf(path2, sizeof(path2), "%s/vb", probe_dir);
	CU_ASSERT_EQUAL_FATAL(probe_open("dpdkvhostuserclient", "va", 0, &a, &err,
				      "vhost-server-path", path, NULL),
		0);
	CU_ASSERT_EQUAL_FATAL(probe_open("dpdkvhostuser", "vb", 0, &b, &err, NULL), 0);
	guest_a = start_guest("a", path, true, 2, "txonly");
	guest_b = start_guest("b", path2, false, 1, "rxonly");
	CU_ASSERT(PROBE_WAIT(status_is(a, "connected") && status_is(b, "connected"), 20000));
	CU_ASSERT(PROBE_WAIT(a->can_send && b->can_send, 5000));
	CU_ASSERT(PROBE_WAIT((probe_run_port(a), a->n_rxq == 2), 5000));
	probe_run_port(b);
	CU_ASSERT_EQUAL(b->n_rxq, 1);
	probe_forward_start(a, b);
	CU_ASSERT(PROBE_WAIT(probe_stats(b).tx_packets > 100000, 20000));
	probe_forward_stop();
	sa = probe_stats(a);
	sb = probe_stats(b);
	CU_ASSERT_EQUAL(sa.rx_packets, sb.tx_packets + sb.tx_dropped);
	CU_ASSERT_EQUAL(sb.tx_bytes, sb.tx_packets * 64);
	probe_status(a, "num_of_vrings", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "4");
	probe_status(a, "vring_1_size", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "256");
	probe_status(b, "mode", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "server");
	/* Closing with the guests alive. */
	port_close(b);
	port_close(a);
	probe_kill(guest_a);
	probe_kill(guest_b);
}

void
test_vhost_survives_kills(void)
{
	struct err err = ERR_INIT;
	struct port *a, *b;
	char path[128], path2[128];
	pid_t guest_a, guest_b;

	snprintf(path, sizeof(path), "%s/guest-c", probe_dir);
	snprintf(path2, sizeof(path2), "%s/vd", probe_dir);
	CU_ASSERT_EQUAL_FATAL(probe_open("dpdkvhostuserclient", "vc", 0, &a, &err,
				      "vhost-server-path", path, NULL),
		0);
	CU_ASSERT_EQUAL_FATAL(probe_open("dpdkvhostuser", "vd", 0, &b, &err, NULL), 0);
	guest_a = start_guest("c", path, true, 1, "txonly");
	guest_b = start_guest("d", path2, false, 1, "txonly");
	CU_ASSERT(PROBE_WAIT(a->can_send && b->can_send, 20000));
	probe_forward_start(a, b);
	for (int round = 0; round < 3; round++) {
		uint64_t before_a = probe_stats(a).tx_packets, before_b = probe_stats(b).tx_packets;

		CU_ASSERT(PROBE_WAIT(probe_stats(a).tx_packets > before_a
				&& probe_stats(b).tx_packets > before_b,
			5000));
		/* In the middle of traffic, without a goodbye. */
		probe_kill(guest_a);
		CU_ASSERT(PROBE_WAIT(status_is(a, "disconnected") && !a->can_send, 2000));
		CU_ASSERT(b->can_send);
		unlink(path);
		guest_a = start_guest("c", path, true, 1, "txonly");
		CU_ASSERT(PROBE_WAIT(status_is(a, "connected") && a->can_send, 20000));
		probe_kill(guest_b);
		CU_ASSERT(PROBE_WAIT(status_is(b, "disconnected") && !b->can_send, 2000));
		guest_b = start_guest("d", path2, false, 1, "txonly");
		CU_ASSERT(PROBE_WAIT(status_is(b, "connected") && b->can_send, 20000));
	}
	probe_forward_stop();
	probe_kill(guest_a);
	probe_kill(guest_b);
	CU_ASSERT(PROBE_WAIT(status_is(a, "disconnected"), 2000));
	port_close(a);
	port_close(b);
}
