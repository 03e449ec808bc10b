/* SPDX-License-Identifier: Apache-2.0 */
/* Internal ports against the Linux kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

static struct probe_frame frame, other;

static void
check_both_ways(struct port *port, bool far, const char *ifname, uint32_t len)
{
	int fd = probe_capture(far, ifname);

	probe_fill(&frame, len, 0x88b5, (uint8_t)len);
	CU_ASSERT_EQUAL(probe_send(far, ifname, &frame), 0);
	CU_ASSERT(probe_received(port, &frame));
	probe_fill(&frame, len, 0x88b6, 7);
	CU_ASSERT_EQUAL(probe_transmit(port, &frame), 1);
	CU_ASSERT(probe_captured(fd, &frame));
	close(fd);
}

void
test_tap_refuses_bad_names(void)
{
	struct port *port;
	struct err err = ERR_INIT;

	CU_ASSERT_EQUAL(
		probe_open("internal", "a-name-that-is-too-long", 0, &port, &err, NULL), -EINVAL);
	CU_ASSERT_EQUAL(probe_open("internal", "a/b", 0, &port, &err, NULL), -EINVAL);
	CU_ASSERT_EQUAL(probe_open("internal", "lo", 0, &port, &err, NULL), -EBUSY);
	CU_ASSERT_EQUAL(probe_open("nonsense", "x", 0, &port, &err, NULL), -EAFNOSUPPORT);
	CU_ASSERT_PTR_NULL(port);
}

void
test_tap_carries_frames(void)
{
	struct port *port, *twin;
	struct err err = ERR_INIT;
	struct port_stats stats;
	char value[64];

	CU_ASSERT_EQUAL_FATAL(probe_open("internal", "prtap0", 0, &port, &err, NULL), 0);
	probe_status(port, "admin", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "down");
	probe_fill(&frame, 60, 0x88b5, 1);
	CU_ASSERT_EQUAL(probe_transmit(port, &frame), 0); /* Down: refused, not lost silently. */
	CU_ASSERT_EQUAL(probe_open("internal", "prtap0", 0, &twin, &err, NULL), -EBUSY);
	CU_ASSERT_EQUAL(probe_open("system", "prtap0", 0, &twin, &err, NULL), -EBUSY);
	CU_ASSERT_EQUAL(port_set_admin(port, true, &err), 0);
	probe_status(port, "admin", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "up");
	for (uint32_t len = 60; len <= 1514; len += 727)
		check_both_ways(port, false, "prtap0", len);
	CU_ASSERT_EQUAL(probe_shell("ip link set prtap0 mtu 9000"), 0);
	check_both_ways(port, false, "prtap0", 8000); /* Before the pool was changed: in a chain. */
	probe_run_port(port);
	CU_ASSERT_EQUAL(port->mtu, 9000);
	check_both_ways(port, false, "prtap0", 8999);
	CU_ASSERT_EQUAL(probe_reconfigure(port, "internal", 1400, 5, &err, NULL), 0);
	(void)port_requeue(port, NULL);
	probe_status(port, "mtu", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "1400");
	CU_ASSERT_EQUAL(port->n_txq, 5);
	stats = probe_stats(port);
	CU_ASSERT(stats.rx_packets >= 5 && stats.tx_packets == 5 && stats.tx_dropped == 1);
	port_close(port);
	CU_ASSERT_NOT_EQUAL(probe_shell("ip link show prtap0 >/dev/null 2>&1"), 0);
}

void
test_tap_follows_a_move(void)
{
	struct port *port;
	struct err err = ERR_INIT;
	char value[64];

	CU_ASSERT_EQUAL_FATAL(probe_open("internal", "prtap1", 0, &port, &err, NULL), 0);
	CU_ASSERT_EQUAL(probe_shell("ip link set prtap1 netns %d", probe_far), 0);
	CU_ASSERT_EQUAL(probe_shell("nsenter -t %d -n ip link set prtap1 name moved up mtu 1300",
				probe_far),
		0);
	probe_run_port(port);
	probe_status(port, "mtu", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "1300");
	probe_status(port, "admin", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "up");
	probe_status(port, "error", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "");
	check_both_ways(port, true, "moved", 1000);
	CU_ASSERT_EQUAL(probe_reconfigure(port, "internal", 1350, 2, &err, NULL), 0);
	CU_ASSERT_EQUAL(
		probe_shell("nsenter -t %d -n ip link show moved | grep -q 'mtu 1350'", probe_far),
		0);
	port_close(port);
	CU_ASSERT_NOT_EQUAL(
		probe_shell("nsenter -t %d -n ip link show moved >/dev/null 2>&1", probe_far), 0);
}

void
test_tap_survives_deletion(void)
{
	struct port *port;
	struct err err = ERR_INIT;
	struct rte_mbuf *mbufs[4];
	uint32_t before;
	char value[64];

	CU_ASSERT_EQUAL_FATAL(probe_open("internal", "prtap2", 0, &port, &err, NULL), 0);
	CU_ASSERT_EQUAL(port_set_admin(port, true, &err), 0);
	CU_ASSERT_EQUAL(probe_shell("ip link del prtap2"), 0);
	before = port->generation;
	CU_ASSERT_EQUAL(port->rxqs[0]->burst(port->rxqs[0], mbufs, 4), 0);
	probe_fill(&other, 60, 0x88b5, 1);
	CU_ASSERT_EQUAL(probe_transmit(port, &other), 0);
	probe_run_port(port);
	CU_ASSERT(port->generation > before);
	probe_status(port, "error", value, sizeof(value));
	CU_ASSERT_STRING_EQUAL(value, "");
	CU_ASSERT_EQUAL(port_set_admin(port, true, &err), 0);
	check_both_ways(port, false, "prtap2", 500);
	port_close(port);
}
