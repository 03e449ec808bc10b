/* SPDX-License-Identifier: Apache-2.0 */
/* The sim driver without an EAL: the test makes its own mbufs and the driver only moves pointers. */
#include "drivers/net/sim.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <rte_mbuf.h>

#include "base/err.h"
#include "base/smap.h"
#include "check.h"
#include "drivers/net/drivers.h"
#include "port/port.h"

static const struct port_ops *const drivers[] = { &sim_port_ops, NULL };
static struct rte_mbuf fake[8];

static struct port *
open_sim(const char *key, const char *value, int want)
{
	struct port_config config = { .name = "s0", .type = "sim", .n_txq = 2 };
	struct err err = ERR_INIT;
	struct port *port = NULL;
	struct smap options;

	smap_init(&options);
	if (key != NULL)
		smap_set(&options, key, value);
	config.options = &options;
	CU_ASSERT_EQUAL(port_open(drivers, &config, &port, &err), want);
	CU_ASSERT_EQUAL(port != NULL, want == 0);
	CU_ASSERT_EQUAL(err.text[0] != '\0', want != 0);
	smap_uninit(&options);
	return port;
}

static void
list_fakes(struct rte_mbuf **mbufs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		memset(&fake[i], 0, sizeof(fake[i]));
		fake[i].pkt_len = fake[i].data_len = (uint16_t)(100 + i);
		fake[i].nb_segs = 1;
		mbufs[i] = &fake[i];
	}
}

static void
test_sim_keeps_order(void)
{
	struct port *port = open_sim(NULL, NULL, 0);
	struct rte_mbuf *in[8], *out[8];
	struct port_stats stats;

	list_fakes(in, 8);
	CU_ASSERT_EQUAL(sim_feed(port, 0, in, 8), 8);
	CU_ASSERT_EQUAL(sim_backlog(port), 8);
	CU_ASSERT_EQUAL(port->rxqs[0]->burst(port->rxqs[0], out, 5), 5);
	CU_ASSERT_EQUAL(port->rxqs[0]->burst(port->rxqs[0], out + 5, 5), 3);
	CU_ASSERT_EQUAL(memcmp(in, out, sizeof(in)), 0);
	CU_ASSERT_EQUAL(port->txqs[1]->burst(port->txqs[1], in, 8), 8);
	CU_ASSERT_EQUAL(sim_take(port, 1, out, 8), 8);
	CU_ASSERT_EQUAL(memcmp(out, fake, 0), 0);
	CU_ASSERT_PTR_EQUAL(out[7], &fake[7]);
	smap_init(&stats.extra);
	port_get_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.rx_packets, 8);
	CU_ASSERT_EQUAL(stats.tx_bytes, 8 * 100 + 28);
	CU_ASSERT_EQUAL(stats.rx_crc_errors, UINT64_MAX);
	smap_uninit(&stats.extra);
	port_close(port);
}

static void
test_sim_counts_what_does_not_fit(void)
{
	struct port *port = open_sim("size", "4", 0);
	struct rte_mbuf *in[8], *out[8];
	struct port_stats stats;

	list_fakes(in, 8);
	CU_ASSERT_EQUAL(port->txqs[0]->burst(port->txqs[0], in, 8), 3);
	smap_init(&stats.extra);
	port_get_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.tx_packets, 3);
	CU_ASSERT_EQUAL(stats.tx_dropped, 5);
	smap_uninit(&stats.extra);
	CU_ASSERT_EQUAL(sim_take(port, 0, out, 8), 3);
	port_close(port);
}

static void
test_sim_loops_back(void)
{
	struct port *port = open_sim("loopback", "true", 0);
	struct rte_mbuf *in[2], *out[2];

	list_fakes(in, 2);
	CU_ASSERT_EQUAL(port->txqs[1]->burst(port->txqs[1], in, 2), 2);
	CU_ASSERT_EQUAL(port->rxqs[0]->burst(port->rxqs[0], out, 2), 2);
	CU_ASSERT_PTR_EQUAL(out[1], &fake[1]);
	port_close(port);
}

static void
test_sim_descriptor_tells_of_packets(void)
{
	struct port *port = open_sim("fd", "true", 0);
	struct rte_mbuf *in[2], *out[2];
	struct pollfd pfd = { .fd = port->rxqs[0]->fd, .events = POLLIN };

	list_fakes(in, 2);
	CU_ASSERT_EQUAL(poll(&pfd, 1, 0), 0);
	CU_ASSERT_EQUAL(sim_feed(port, 0, in, 2), 2);
	CU_ASSERT_EQUAL(poll(&pfd, 1, 0), 1);
	CU_ASSERT_EQUAL(port->rxqs[0]->burst(port->rxqs[0], out, 1), 1);
	CU_ASSERT_EQUAL(poll(&pfd, 1, 0), 1);
	CU_ASSERT_EQUAL(port->rxqs[0]->burst(port->rxqs[0], out, 1), 1);
	CU_ASSERT_EQUAL(poll(&pfd, 1, 0), 0);
	port_close(port);
}

static void
test_sim_refuses_bad_options(void)
{
	open_sim("n_rxq", "0", -EINVAL);
	open_sim("n_rxq", "9", -EINVAL);
	open_sim("size", "-4", -EINVAL);
	open_sim("loopback", "yes", -EINVAL);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_sim_keeps_order),
		CHECK_CASE(test_sim_counts_what_does_not_fit),
		CHECK_CASE(test_sim_loops_back),
		CHECK_CASE(test_sim_descriptor_tells_of_packets),
		CHECK_CASE(test_sim_refuses_bad_options),
	};

	return check_run("sim", cases, sizeof(cases) / sizeof(cases[0]));
}
