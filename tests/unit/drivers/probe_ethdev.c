/* SPDX-License-Identifier: Apache-2.0 */
/* DPDK ports on virtual devices: capture files, null, tap. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include <rte_mbuf.h>

#include "probe.h"

static struct probe_frame frame;

static void
write_capture(const char *path, uint32_t n)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *out = pcap_dump_open(pcap, path);
	struct pcap_pkthdr header;

	memset(&header, 0, sizeof(header));
	for (uint32_t i = 0; i < n; i++) {
		probe_fill(&frame, 60 + i % 1455, 0x88b5, (uint8_t)i);
		header.caplen = header.len = frame.len;
		pcap_dump((u_char *)out, &header, frame.data);
	}
	pcap_dump_close(out);
	pcap_close(pcap);
}

/* Compares a capture with what write_capture() wrote. */
static bool
capture_is(const char *path, uint32_t n)
{
	char reason[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, reason);
	struct pcap_pkthdr *header;
	const u_char *data;
	uint32_t i = 0;

	if (pcap == NULL)
		return false;
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		probe_fill(&frame, 60 + i % 1455, 0x88b5, (uint8_t)i);
		if (header->caplen != frame.len || memcmp(data, frame.data, frame.len) != 0)
			break;
		i++;
	}
	pcap_close(pcap);
	return i == n;
}

void
test_ethdev_explains_errors(void)
{
	struct err err = ERR_INIT;
	struct port *port, *twin;

	CU_ASSERT_EQUAL(probe_open("dpdk", "d0", 0, &port, &err, NULL), -EINVAL);
	CU_ASSERT_EQUAL(
		probe_open("dpdk", "d0", 0, &port, &err, "dpdk-devargs", "0000:ff:1f.7", NULL),
		-ENXIO);
	CU_ASSERT(strstr(err.text, "dpdk-devbind.py") != NULL);
	CU_ASSERT_EQUAL(
		probe_open("dpdk", "d0", 0, &port, &err, "dpdk-devargs", "rubbish", NULL), -ENXIO);
	CU_ASSERT_EQUAL(probe_open("dpdk", "d0", 0, &port, &err, "dpdk-devargs",
				"class=eth,mac=02:00:00:00:00:77", NULL),
		-ENODEV);
	CU_ASSERT_EQUAL(probe_open("dpdk", "d0", 0, &port, &err, "dpdk-devargs",
				"net_pcap7,rx_pcap=/nonexistent", NULL),
		-ENXIO);
	CU_ASSERT_EQUAL(probe_open("dpdk", "d0", 0, &port, &err, "dpdk-devargs",
				"net_pcap7,rx_pcap=/nonexistent,infinite_rx=1", NULL),
		-EINVAL);
	CU_ASSERT_EQUAL(probe_open("dpdk", "d0", 0, &port, &err, "dpdk-devargs", "net_null0",
				"n_rxq", "many", NULL),
		-EINVAL);
	CU_ASSERT_EQUAL_FATAL(
		probe_open("dpdk", "d0", 0, &port, &err, "dpdk-devargs", "net_null0", NULL), 0);
	CU_ASSERT_EQUAL(probe_open("dpdk", "d1", 0, &twin, &err, "dpdk-devargs", "net_null0", NULL),
		-EBUSY);
	port_close(port);
}

void
test_ethdev_pcap_copies(void)
{
	char in[128], out[128], devargs[320];
	struct err err = ERR_INIT;
	struct rte_mbuf *mbufs[32];
	struct port *port;

	snprintf(in, sizeof(in), "%s/in.pcap", probe_dir);
	snprintf(out, sizeof(out), "%s/out.pcap", probe_dir);
	snprintf(devargs, sizeof(devargs), "net_pcap0,rx_pcap=%s,tx_pcap=%s", in, out);
	write_capture(in, 3000);
	/* Twice: what was unplugged can be plugged in again at once. */
	for (int round = 0; round < 2; round++) {
		struct port_stats stats;
		char value[64];
		uint16_t n;

		CU_ASSERT_EQUAL_FATAL(
			probe_open("dpdk", "p0", 0, &port, &err, "dpdk-devargs", devargs, NULL), 0);
		while ((n = port->rxqs[0]->burst(port->rxqs[0], mbufs, 32)) > 0)
			CU_ASSERT_EQUAL(port->txqs[0]->burst(port->txqs[0], mbufs, n), n);
		stats = probe_stats(port);
		CU_ASSERT_EQUAL(stats.rx_packets, 3000);
		CU_ASSERT_EQUAL(stats.tx_packets, 3000);
		probe_status(port, "driver_name", value, sizeof(value));
		CU_ASSERT_STRING_EQUAL(value, "net_pcap");
		probe_status(port, "link", value, sizeof(value));
		CU_ASSERT_STRING_EQUAL(value, "up");
		port_close(port);
		CU_ASSERT(capture_is(out, 3000));
	}
}

void
test_ethdev_pcap_infinite(void)
{
	char in[128], devargs[320];
	struct err err = ERR_INIT;
	struct rte_mbuf *mbufs[32];
	struct port *port;
	uint32_t total = 0;

	snprintf(in, sizeof(in), "%s/in.pcap", probe_dir);
	write_capture(in, 30000);
	snprintf(devargs, sizeof(devargs), "net_pcap1,rx_pcap=%s,infinite_rx=1", in);
	CU_ASSERT_EQUAL_FATAL(
		probe_open("dpdk", "p1", 0, &port, &err, "dpdk-devargs", devargs, NULL), 0);
	for (int i = 0; i < 2000; i++) {
		uint16_t n = port->rxqs[0]->burst(port->rxqs[0], mbufs, 32);

		total += n;
		rte_pktmbuf_free_bulk(mbufs, n);
	}
	CU_ASSERT_EQUAL(total, 64000);
	port_close(port);
	/* More than there is memory for: an error that says so, and nothing is left. */
	write_capture(in, 200000);
	CU_ASSERT_EQUAL(
		probe_open("dpdk", "p1", 0, &port, &err, "dpdk-devargs", devargs, NULL), -ENOMEM);
	CU_ASSERT(strstr(err.text, "hugepages") != NULL);
	write_capture(in, 100);
	CU_ASSERT_EQUAL_FATAL(
		probe_open("dpdk", "p1", 0, &port, &err, "dpdk-devargs", devargs, NULL), 0);
	port_close(port);
}

void
test_ethdev_changes_queues(void)
{
	struct err err = ERR_INIT;
	struct rte_mbuf *mbufs[32];
	struct port *port, *tap;
	uint32_t before;
	uint16_t n;

	CU_ASSERT_EQUAL_FATAL(probe_open("dpdk", "n0", 0, &port, &err, "dpdk-devargs", "net_null1",
				      "n_rxq", "2", NULL),
		0);
	CU_ASSERT_EQUAL(port->n_rxq, 2);
	CU_ASSERT_EQUAL(port->n_txq, 2);
	n = port->rxqs[1]->burst(port->rxqs[1], mbufs, 32);
	CU_ASSERT_EQUAL(n, 32);
	CU_ASSERT_EQUAL(port->txqs[1]->burst(port->txqs[1], mbufs, n), n);
	before = port->generation;
	CU_ASSERT_EQUAL(probe_reconfigure(port, "dpdk", 0, 3, &err, "dpdk-devargs", "net_null1",
				"n_rxq", "1", "n_rxq_desc", "256", NULL),
		0);
	CU_ASSERT(port->generation > before);
	(void)port_requeue(port, NULL);
	CU_ASSERT_EQUAL(port->n_rxq, 1);
	CU_ASSERT_EQUAL(port->n_txq, 3);
	/* The same again changes nothing. */
	before = port->generation;
	CU_ASSERT_EQUAL(probe_reconfigure(port, "dpdk", 0, 3, &err, "dpdk-devargs", "net_null1",
				"n_rxq", "1", "n_rxq_desc", "256", NULL),
		0);
	CU_ASSERT_EQUAL(port->generation, before);
	CU_ASSERT_EQUAL(probe_reconfigure(port, "dpdk", 0, 1, &err, "dpdk-devargs", "net_null1",
				"n_rxq", "1", "n_rxq_desc", "256", NULL),
		0);
	CU_ASSERT_EQUAL(port->generation, before);
	CU_ASSERT_EQUAL(
		probe_reconfigure(port, "dpdk", 0, 3, &err, "dpdk-devargs", "net_null2", NULL),
		-ERESTART);
	CU_ASSERT_EQUAL(probe_reconfigure(port, "dpdk", 0, 3, &err, "dpdk-devargs", "net_null1",
				"n_rxq", "0", NULL),
		-EINVAL);
	/* net_tap wants as many tx as rx queues. */
	CU_ASSERT_EQUAL_FATAL(probe_open("dpdk", "t0", 0, &tap, &err, "dpdk-devargs",
				      "net_tap0,iface=prdtap0", NULL),
		0);
	CU_ASSERT_EQUAL(tap->n_txq, 1);
	probe_fill(&frame, 100, 0x88b5, 4);
	CU_ASSERT_EQUAL(probe_send(false, "prdtap0", &frame), 0);
	CU_ASSERT(probe_received(tap, &frame));
	port_close(tap);
	port_close(port);
}
