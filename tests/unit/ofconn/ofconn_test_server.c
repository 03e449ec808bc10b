/* SPDX-License-Identifier: Apache-2.0 */
/* A switch without a datapath, to be driven by OpenFlow tools: one bridge with a few ports that count made-up numbers.
 *
 *     ofconn_test_server RUNDIR [BRIDGE [N_PORTS [CONTROLLER...]]]
 *
 * It serves RUNDIR/BRIDGE.mgmt until a signal ends it.  Where frames of packet-out would go is told on standard output; those
 * for controllers become packet-ins. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "ofconn/ofserver.h"
#include "openflow/flow_mod.h"
#include "pipeline/bridge.h"
#include "pipeline/pipeline.h"
#include "rcu_main.h"

struct fake {
	struct loop *loop;
	struct loop_timer done; /* The datapath's answer comes later. */
	struct pipeline *pipeline;
	uint64_t seq;
};

static struct loop *main_loop;

static void
stop(int sig UNUSED)
{
	loop_stop(main_loop);
}

static void
fake_done(void *fake_)
{
	struct fake *fake = fake_;

	pipeline_done(fake->pipeline, fake->seq);
}

static uint64_t
fake_request(void *fake_)
{
	struct fake *fake = fake_;

	loop_timer_arm_ms(&fake->done, 0);
	return ++fake->seq;
}

static int
fake_inject(void *fake_, uint32_t in_dp_port UNUSED, const void *frame, uint32_t len,
	const void *program, uint32_t program_len)
{
	struct fake *fake = fake_;
	printf("inject %u bytes:", len);
	PROGRAM_FOREACH(op, program, program_len)
	{
		if (op->type == PROGRAM_OP_OUTPUT)
			printf(" output %u", ((const struct op_output *)(const void *)op)->dp_port);
		else if (op->type == PROGRAM_OP_PUNT)
			pipeline_miss_ops.punt(fake->pipeline,
				(const struct op_punt *)(const void *)op, NULL, frame, len, len);
		else
			printf(" op %u", op->type);
	}
	printf("\n");
	fflush(stdout);
	return 0;
}

static int
fake_port_stats(void *fake UNUSED, uint32_t dp_port, struct bridge_port_stats *stats)
{
	memset(stats, 0, sizeof *stats);
	stats->rx_packets = dp_port * 1000;
	stats->rx_bytes = dp_port * 64000;
	stats->tx_packets = dp_port * 2000;
	stats->tx_bytes = dp_port * 128000;
	stats->tx_dropped = dp_port;
	stats->rx_frame_err = stats->rx_over_err = stats->rx_crc_err = UINT64_MAX;
	stats->collisions = UINT64_MAX;
	return 0;
}

static const struct pipeline_client_ops fake_ops = {
	.rejudge = fake_request,
	.sweep = fake_request,
	.inject = fake_inject,
	.port_stats = fake_port_stats,
};

static bool
add_ports(struct bridge *bridge, const char *name, unsigned int n)
{
	struct err err = ERR_INIT;

	for (unsigned int i = 0; i <= n; i++) {
		char port_name[16];
		uint32_t ofp_port;
		struct bridge_port_config config = {
			.name = port_name,
			.dp_port = i + 1,
			.ofport_request = i == 0 ? OFP_PORT_LOCAL : 0,
			.mac = { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i },
			.mtu = 1500,
			.admin_up = true,
			.link_up = i != 2,
			.link_speed_bps = UINT64_C(10000000000),
			.full_duplex = true,
		};

		if (i == 0)
			(void)snprintf(port_name, sizeof port_name, "%.15s", name);
		else
			(void)snprintf(port_name, sizeof port_name, "p%u", i);
		if (bridge_add_port(bridge, &config, &ofp_port, &err) != 0) {
			fprintf(stderr, "%s: %s\n", port_name, err.text);
			return false;
		}
	}
	return true;
}

int
main(int argc, char *argv[])
{
	const char *name = argc > 2 ? argv[2] : "br0";
	struct bridge_config bridge_config = {
		.datapath_id = UINT64_C(0x0000020000000000),
		.mac = { 2, 0, 0, 0, 0, 0 },
		.fail_mode = BRIDGE_FAIL_STANDALONE,
	};
	struct ofserver_config config = { .rundir = argc > 1 ? argv[1] : "." };
	struct fake fake = { .seq = 0 };
	struct err err = ERR_INIT;
	struct ofserver *server = NULL;
	struct bridge *bridge = NULL;
	int status = 1;

	if (log_set_level(
		    getenv("OFCONN_LOG") != NULL ? getenv("OFCONN_LOG") : "console:info", &err)
		!= 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	rcu_main_enter();
	main_loop = fake.loop = loop_create();
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	fake.pipeline = pipeline_create(fake.loop);
	loop_timer_init(&fake.done, fake.loop, fake_done, &fake);
	pipeline_attach(fake.pipeline, &fake_ops, &fake);
	if (bridge_create(fake.pipeline, name, &bridge_config, &bridge, &err) != 0
		|| !add_ports(bridge, name, argc > 3 ? (unsigned int)atoi(argv[3]) : 3)
		|| ofserver_create(fake.loop, bridge, &config, &server, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		goto out;
	}
	if (argc > 4) {
		struct ofserver_controller controllers[8];
		size_t n = 0;

		for (int i = 4; i < argc && n < 8; i++)
			controllers[n++] =
				(struct ofserver_controller){ .target = argv[i], .probe_ms = -1 };
		(void)ofserver_set_controllers(server, controllers, n);
	}
	printf("ready\n");
	fflush(stdout);
	loop_run(fake.loop);
	status = 0;
out:
	ofserver_destroy(server);
	pipeline_detach(fake.pipeline);
	pipeline_destroy(fake.pipeline);
	rcu_main_leave();
	loop_destroy(fake.loop);
	return status;
}
