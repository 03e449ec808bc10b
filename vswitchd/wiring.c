/* SPDX-License-Identifier: Apache-2.0 */
/* wiring: who is connected to whom.  Room: vswitchd. */

#include "wiring.h"

#include <errno.h>
#include <string.h>

#include "datapath/datapath.h"
#include "drivers/net/drivers.h"
#include "live.h"
#include "pipeline/bridge.h"

const struct port_ops *const wiring_drivers[] = {
	&ethdev_port_ops,
	&vhost_client_port_ops,
	&vhost_server_port_ops,
	&tap_internal_port_ops,
	&tap_port_ops,
	&netdev_port_ops,
	NULL,
};

size_t
wiring_iface_types(const char **types, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; wiring_drivers[i] != NULL; i++, n++) {
		if (n < max)
			types[n] = wiring_drivers[i]->type;
	}
	if (n < max)
		types[n] = "patch"; /* The pipeline's own. */
	return n + 1;
}

static uint64_t
client_rejudge(void *client_)
{
	const struct wiring_client *client = client_;

	return datapath_rejudge(client->datapath);
}

static uint64_t
client_sweep(void *client_)
{
	const struct wiring_client *client = client_;

	return datapath_sweep(client->datapath);
}

static int
client_inject(void *client_, uint32_t in_dp_port, const void *frame, uint32_t len,
	const void *program, uint32_t program_len)
{
	const struct wiring_client *client = client_;

	return datapath_inject(client->datapath, in_dp_port, frame, len, program, program_len);
}

static int
client_port_stats(void *client_, uint32_t dp_port, struct bridge_port_stats *out)
{
	const struct wiring_client *client = client_;
	const struct live_iface *iface;
	struct port_stats st;

	iface = client->live != NULL ? live_find_dp_port(client->live, dp_port) : NULL;
	if (iface == NULL)
		return -ENODEV;
	memset(&st, 0, sizeof st);
	smap_init(&st.extra);
	port_get_stats(iface->port, &st);
	smap_uninit(&st.extra);
	*out = (struct bridge_port_stats){
		.rx_packets = st.rx_packets,
		.tx_packets = st.tx_packets,
		.rx_bytes = st.rx_bytes,
		.tx_bytes = st.tx_bytes,
		.rx_dropped = st.rx_dropped,
		.tx_dropped = st.tx_dropped,
		.rx_errors = st.rx_errors,
		.tx_errors = st.tx_errors,
		.rx_frame_err = st.rx_frame_errors,
		.rx_over_err = st.rx_over_errors,
		.rx_crc_err = st.rx_crc_errors,
		.collisions = st.collisions,
	};
	return 0;
}

const struct pipeline_client_ops wiring_client_ops = {
	.rejudge = client_rejudge,
	.sweep = client_sweep,
	.inject = client_inject,
	.port_stats = client_port_stats,
};
