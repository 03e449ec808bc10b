/* SPDX-License-Identifier: Apache-2.0 */
/* The life cycle of ports, on a driver made up here. */
#include "port/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "check.h"

static int n_open, n_woken;
static int open_answer, reconfigure_answer;
static const struct port_ops fake_ops;

static int
fake_open(const struct port_config *config, struct port **portp, struct err *err)
{
	if (open_answer != 0) {
		err_set(err, "no");
		return open_answer;
	}
	*portp = malloc(sizeof(**portp));
	port_init(*portp, &fake_ops, config);
	n_open++;
	return 0;
}

static int
fake_reconfigure(
	struct port *port UNUSED, const struct port_config *config UNUSED, struct err *err UNUSED)
{
	return reconfigure_answer;
}

static void
fake_close(struct port *port)
{
	n_open--;
	free(port);
}

static void
fake_get_status(struct port *port UNUSED, struct port_status *status)
{
	status->link = PORT_LINK_UP;
	smap_set(&status->info, "driver_name", "fake");
}

static void
fake_get_stats(struct port *port UNUSED, struct port_stats *stats)
{
	stats->rx_packets = 5;
}

static const struct port_ops fake_ops = {
	.type = "system",
	.driver = "fake",
	.open = fake_open,
	.reconfigure = fake_reconfigure,
	.close = fake_close,
	.get_status = fake_get_status,
	.get_stats = fake_get_stats,
};
static const struct port_ops *const drivers[] = { &fake_ops, NULL };

static void
count_wake(void *aux)
{
	CU_ASSERT_PTR_EQUAL(aux, &n_woken);
	n_woken++;
}

static void
test_port_open_finds_driver(void)
{
	struct port_config config = { .name = "p0",
		.type = "",
		.mtu_request = 1400,
		.wake = count_wake,
		.wake_aux = &n_woken };
	struct err err = ERR_INIT;
	struct port *port;

	CU_ASSERT_EQUAL_FATAL(port_open(drivers, &config, &port, &err), 0);
	CU_ASSERT_EQUAL(port->mtu, 1400);
	CU_ASSERT_EQUAL(port->dp_port, PORT_NONE);
	CU_ASSERT_EQUAL(port->numa_node, -1);
	port_wake(port);
	CU_ASSERT_EQUAL(n_woken, 1);
	port_run(port);
	CU_ASSERT_EQUAL(port_requeue(port, NULL), 0);
	CU_ASSERT_EQUAL(port_set_admin(port, true, &err), -EOPNOTSUPP);
	port_close(port);
	port_close(NULL);
	CU_ASSERT_EQUAL(n_open, 0);
	config.type = NULL;
	CU_ASSERT_EQUAL_FATAL(port_open(drivers, &config, &port, &err), 0);
	port_close(port);
}

static void
test_port_open_explains_failure(void)
{
	struct port_config config = { .name = "p0", .type = "gre" };
	struct err err = ERR_INIT;
	struct port *port = (struct port *)&config;
	char name[PORT_NAME_SIZE + 1];

	CU_ASSERT_EQUAL(port_open(drivers, &config, &port, &err), -EAFNOSUPPORT);
	CU_ASSERT_PTR_NULL(port);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "gre"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "system"));
	config.type = "system";
	open_answer = -ENODEV;
	CU_ASSERT_EQUAL(port_open(drivers, &config, &port, NULL), -ENODEV);
	CU_ASSERT_PTR_NULL(port);
	open_answer = 0;
	memset(name, 'n', PORT_NAME_SIZE);
	name[PORT_NAME_SIZE] = '\0';
	config.name = name;
	CU_ASSERT_EQUAL(port_open(drivers, &config, &port, &err), -EINVAL);
	config.name = "";
	CU_ASSERT_EQUAL(port_open(drivers, &config, &port, &err), -EINVAL);
	CU_ASSERT_EQUAL(n_open, 0);
}

static void
test_port_reconfigure_restarts_another_type(void)
{
	struct port_config config = { .name = "p0", .type = "" };
	struct err err = ERR_INIT;
	struct port *port;

	CU_ASSERT_EQUAL_FATAL(port_open(drivers, &config, &port, &err), 0);
	CU_ASSERT_EQUAL(port_reconfigure(port, &config, &err), 0);
	config.type = "system";
	CU_ASSERT_EQUAL(port_reconfigure(port, &config, &err), 0);
	reconfigure_answer = -EINVAL;
	CU_ASSERT_EQUAL(port_reconfigure(port, &config, &err), -EINVAL);
	reconfigure_answer = 0;
	config.type = "internal";
	CU_ASSERT_EQUAL(port_reconfigure(port, &config, &err), -ERESTART);
	config.type = "";
	config.name = "p1";
	CU_ASSERT_EQUAL(port_reconfigure(port, &config, &err), -ERESTART);
	port_close(port);
}

static void
test_port_reports_only_what_is_known(void)
{
	struct port_config config = { .name = "p0", .type = "" };
	struct port_status status;
	struct port_stats stats;
	struct port *port;

	CU_ASSERT_EQUAL_FATAL(port_open(drivers, &config, &port, NULL), 0);
	memset(&status, 0x5a, sizeof(status));
	memset(&stats, 0x5a, sizeof(stats));
	smap_init(&status.info);
	smap_init(&stats.extra);
	port_get_status(port, &status);
	port_get_stats(port, &stats);
	CU_ASSERT_EQUAL(status.mtu, 1500);
	CU_ASSERT_EQUAL(status.link_speed_bps, 0);
	CU_ASSERT_STRING_EQUAL(status.error, "");
	CU_ASSERT_STRING_EQUAL(smap_get_def(&status.info, "driver_name", ""), "fake");
	CU_ASSERT_EQUAL(stats.rx_packets, 5);
	CU_ASSERT_EQUAL(stats.tx_packets, UINT64_MAX);
	smap_uninit(&status.info);
	smap_uninit(&stats.extra);
	port_close(port);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_port_open_finds_driver),
		CHECK_CASE(test_port_open_explains_failure),
		CHECK_CASE(test_port_reconfigure_restarts_another_type),
		CHECK_CASE(test_port_reports_only_what_is_known),
	};

	return check_run("port", cases, sizeof(cases) / sizeof(cases[0]));
}
