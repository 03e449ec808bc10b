/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel interfaces: veth pairs whose other end is on the far side. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_mbuf.h>

#include "probe.h"

static struct probe_frame frame;

static int
make_pair(const char *near, const char *far)
{
	return probe_shell("ip link add %s type veth peer name %s netns %d && ip link set %s up && "
			   "nsenter -t %d -n ip link set %s up",
		near, far, probe_far, near, probe_far, far);
}

void
test_netdev_refuses_what_is_not_there(void)
{
	struct port *port;
	struct err err = ERR_INIT;

	CU_ASSERT_EQUAL(probe_open("", "prnone", 0, &port, &err, NULL), -ENODEV);
	CU_ASSERT(strstr(err.text, "create it first") != NULL);
	CU_ASSERT_EQUAL(probe_open("system", "lo", 0, &port, &err, NULL), -EINVAL);
}

void
test_netdev_carries_frames_and_tags(void)
{
	struct port *port, *twin;
	struct rte_mbuf *mbufs[3];
	struct err err = ERR_INIT;
	struct probe_frame *big = malloc(sizeof(*big));
	int fd;

	CU_ASSERT_EQUAL_FATAL(make_pair("prv0", "prv1"), 0);
	CU_ASSERT_EQUAL_FATAL(probe_open("", "prv0", 0, &port, &err, NULL), 0);
	CU_ASSERT_EQUAL(probe_open("system", "prv0", 0, &twin, &err, NULL), -EBUSY);
	for (uint32_t len = 60; len <= 1514; len += 727) {
		probe_fill(&frame, len, 0x88b5, (uint8_t)len);
		CU_ASSERT_EQUAL(probe_send(true, "prv1", &frame), 0);
		CU_ASSERT(probe_received(port, &frame));
	}
	/* The kernel takes one tag off; it must be in the frame again. */
	probe_fill(&frame, 100, 0x8100, 3);
	frame.data[14] = 0x60;
	frame.data[15] = 5;
	CU_ASSERT_EQUAL(probe_send(true, "prv1", &frame), 0);
	CU_ASSERT(probe_received(port, &frame));
	probe_fill(&frame, 100, 0x88a8, 4);
	memcpy(frame.data + 14, "\x00\x07\x81\x00\x00\x08", 6);
	CU_ASSERT_EQUAL(probe_send(true, "prv1", &frame), 0);
	CU_ASSERT(probe_received(port, &frame));
	/* Out: a frame that the kernel refuses does not take the others with it. */
	fd = probe_capture(true, "prv1");
	probe_fill(&frame, 200, 0x88b6, 9);
	probe_fill(big, 1900, 0x88b6, 10);
	mbufs[0] = probe_mbuf(&frame);
	mbufs[1] = probe_mbuf(big);
	mbufs[2] = probe_mbuf(&frame);
	CU_ASSERT_EQUAL(port->txqs[0]->burst(port->txqs[0], mbufs, 3), 2);
	CU_ASSERT_EQUAL(mbufs[2]->pkt_len, 1900);
	rte_pktmbuf_free(mbufs[2]);
	CU_ASSERT(probe_captured(fd, &frame));
	CU_ASSERT(probe_captured(fd, &frame));
	/* What we send does not come back as received. */
	CU_ASSERT_EQUAL(port->rxqs[0]->burst(port->rxqs[0], mbufs, 3), 0);
	CU_ASSERT_EQUAL(probe_stats(port).tx_dropped, 1);
	close(fd);
	free(big);
	port_close(port);
	probe_shell("ip link del prv0");
}

void
test_netdev_resumes_when_device_is_back(void)
{
	struct port *port;
	struct err err = ERR_INIT;
	char value[64];

	CU_ASSERT_EQUAL_FATAL(make_pair("prv2", "prv3"), 0);
	CU_ASSERT_EQUAL_FATAL(probe_open("system", "prv2", 0, &port, &err, NULL), 0);
	CU_ASSERT_EQUAL(probe_shell("ip link del prv2"), 0);
	probe_fill(&frame, 60, 0x88b5, 1);
	CU_ASSERT_EQUAL(probe_transmit(port, &frame), 0);
	probe_run_port(port);
	probe_status(port, "error", value, sizeof(value));
	CU_ASSERT(strstr(value, "gone") != NULL);
	CU_ASSERT_FALSE(port->can_send);
	CU_ASSERT_EQUAL_FATAL(make_pair("prv2", "prv3"), 0);
	probe_run_port(port);
	probe_status(port, "error", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "");
	CU_ASSERT(port->can_send);
	CU_ASSERT_EQUAL(probe_send(true, "prv3", &frame), 0);
	CU_ASSERT(probe_received(port, &frame));
	port_close(port);
	probe_shell("ip link del prv2");
}

/* CRC32c, bit by bit. */
static uint32_t
slow_crc32c(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	while (n-- > 0) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
	}
	return ~crc;
}

/* Sends a frame whose checksum the receiving device is to complete. */
static int
send_partial(const char *ifname, const struct probe_frame *f, uint16_t start, uint16_t offset)
{
	struct virtio_net_hdr hdr = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = start, .csum_offset = offset
	};
	struct iovec iov[2] = { { &hdr, sizeof(hdr) }, { (void *)f->data, f->len } };
	int fd = probe_capture(true, ifname), one = 1;
	ssize_t n = -1;

	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) == 0)
		n = writev(fd, iov, 2);
	close(fd);
	return n == (ssize_t)(sizeof(hdr) + f->len) ? 0 : -1;
}

void
test_netdev_completes_checksums(void)
{
	struct err err = ERR_INIT;
	struct port *port;
	uint32_t crc, sum = 0;

	CU_ASSERT_EQUAL_FATAL(make_pair("prc0", "prc1"), 0);
	CU_ASSERT_EQUAL_FATAL(probe_open("system", "prc0", 0, &port, &err, NULL), 0);
	probe_fill(&frame, 301, 0x0800, 9);
	frame.data[14] = 0x45;
	/* SCTP: whatever the field has, it becomes the CRC over all from the header on. */
	frame.data[23] = IPPROTO_SCTP;
	CU_ASSERT_EQUAL(send_partial("prc1", &frame, 34, 8), 0);
	memset(frame.data + 42, 0, 4);
	crc = slow_crc32c(frame.data + 34, frame.len - 34);
	for (int i = 0; i < 4; i++)
		frame.data[42 + i] = (uint8_t)(crc >> 8 * i);
	CU_ASSERT(probe_received(port, &frame));
	/* UDP: the field holds the sum of the pseudo-header and counts. */
	frame.data[23] = IPPROTO_UDP;
	CU_ASSERT_EQUAL(send_partial("prc1", &frame, 34, 6), 0);
	for (uint32_t i = 34; i < frame.len; i++)
		sum += (i - 34) % 2 == 0 ? (uint32_t)frame.data[i] << 8 : frame.data[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	frame.data[40] = (uint8_t)(~sum >> 8);
	frame.data[41] = (uint8_t)~sum;
	CU_ASSERT(probe_received(port, &frame));
	port_close(port);
	probe_shell("ip link del prc0");
}

#define TCP_BYTES (16 << 20)

/* A child on the far side or in a third namespace, that moves TCP_BYTES and verifies them. */
static pid_t
start_tcp(pid_t ns, bool server)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(5001) };
	uint8_t buf[65536];
	char path[64];
	uint64_t done = 0;
	pid_t pid = fork();
	int fd, s, one = 1;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", ns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
		_exit(2);
	inet_pton(AF_INET, "10.9.0.2", &addr.sin_addr);
	s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (server) {
		if (bind(s, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(s, 1) != 0)
			_exit(3);
		s = accept(s, NULL, NULL);
	} else {
		usleep(300000);
		if (connect(s, (struct sockaddr *)&addr, sizeof(addr)) != 0)
			_exit(4);
	}
	while (done < TCP_BYTES) {
		ssize_t n;

		if (server) {
			n = read(s, buf, sizeof(buf));
			for (ssize_t i = 0; i < n; i++) {
				if (buf[i] != (uint8_t)((done + (uint64_t)i) * 7 >> 3))
					_exit(5);
			}
		} else {
			for (size_t i = 0; i < sizeof(buf); i++)
				buf[i] = (uint8_t)((done + i) * 7 >> 3);
			n = write(s, buf, sizeof(buf));
		}
		if (n <= 0)
			_exit(6);
		done += (uint64_t)n;
	}
	_exit(done == TCP_BYTES ? 0 : 7);
}

#define UDP_SEGMENTS 40
#define UDP_SEGMENT_BYTES 1000
#define UDP_ROUNDS 50

/* A child that sends merged datagrams, or counts them; the kernel drops those with a wrong checksum. */
static pid_t
start_udp(pid_t ns, bool server)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(5002) };
	static uint8_t buf[UDP_SEGMENTS * UDP_SEGMENT_BYTES - 300];
	int fd, s, size = UDP_SEGMENT_BYTES;
	struct timeval limit = { .tv_sec = 5 };
	char path[64];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", ns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
		_exit(2);
	inet_pton(AF_INET, "10.9.0.2", &addr.sin_addr);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	if (server) {
		setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		if (bind(s, (struct sockaddr *)&addr, sizeof(addr)) != 0)
			_exit(3);
		for (int i = 0; i < UDP_ROUNDS * UDP_SEGMENTS; i++) {
			ssize_t len = recv(s, buf, sizeof(buf), 0);

			if (len
					!= (i % UDP_SEGMENTS == UDP_SEGMENTS - 1
							? UDP_SEGMENT_BYTES - 300
							: UDP_SEGMENT_BYTES)
				|| buf[0] != (uint8_t)(i % UDP_SEGMENTS))
				_exit(4);
		}
		_exit(0);
	}
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(i / UDP_SEGMENT_BYTES);
	usleep(300000);
	if (setsockopt(s, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)) != 0)
		_exit(5);
	for (int i = 0; i < UDP_ROUNDS; i++) {
		if (sendto(s, buf, sizeof(buf), 0, (struct sockaddr *)&addr, sizeof(addr))
			!= (ssize_t)sizeof(buf))
			_exit(6);
		usleep(5000);
	}
	_exit(0);
}

static int
exit_status(pid_t pid)
{
	int status;

	for (int i = 0; i < 3000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		probe_pause();
	}
	probe_kill(pid);
	return -2;
}

void
test_netdev_takes_large_frames_apart(void)
{
	char *holder[] = { (char *)"unshare", (char *)"-n", (char *)"sleep", (char *)"600", NULL };
	pid_t third = probe_spawn(holder), client, server;
	struct err err = ERR_INIT;
	struct port *a, *b;

	probe_pause();
	CU_ASSERT_EQUAL_FATAL(make_pair("pra0", "pra1"), 0);
	probe_shell(
		"sleep 0.2; ip link add prb0 type veth peer name prb1 netns %d && ip link set prb0 up && "
		"nsenter -t %d -n sh -c 'ip link set prb1 up; ip addr add 10.9.0.2/24 dev prb1'",
		third, third);
	probe_shell("nsenter -t %d -n ip addr add 10.9.0.1/24 dev pra1", probe_far);
	CU_ASSERT_EQUAL_FATAL(probe_open("", "pra0", 0, &a, &err, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(probe_open("", "prb0", 0, &b, &err, NULL), 0);
	probe_forward_start(a, b);
	server = start_tcp(third, true);
	client = start_tcp(probe_far, false);
	CU_ASSERT_EQUAL(exit_status(client), 0);
	CU_ASSERT_EQUAL(exit_status(server), 0);
	server = start_udp(third, true);
	client = start_udp(probe_far, false);
	CU_ASSERT_EQUAL(exit_status(client), 0);
	CU_ASSERT_EQUAL(exit_status(server), 0);
	probe_forward_stop();
	CU_ASSERT(probe_forward_largest() > 1400 && probe_forward_largest() <= 1514);
	CU_ASSERT(probe_stats(a).rx_packets > TCP_BYTES / 1500);
	CU_ASSERT_EQUAL(probe_stats(a).rx_errors, 0);
	printf("    %lu packets, dropped rx %lu (socket %lu) tx %lu\n", probe_stats(a).rx_packets,
		probe_stats(a).rx_dropped, probe_stats(a).rx_missed_errors,
		probe_stats(b).tx_dropped);
	port_close(a);
	port_close(b);
	probe_shell("ip link del pra0; ip link del prb0");
	probe_kill(third);
}
