/* SPDX-License-Identifier: Apache-2.0 */
/* Replies about the switch, its ports, tables and queues to text, as ovs-ofctl prints them. */

#include <inttypes.h>

#include "base/str.h"
#include "flow/ofp_port.h"
#include "openflow/flow_mod.h"
#include "openflow/text.h"
#include "openflow/text_priv.h"

/* Names of bits, lowest first; NULL: no name. */
struct bit_name {
	uint32_t bit;
	const char *name;
};

/* The names of the bits that are set; "0" if there are none. */
static void
put_bits(uint32_t bits, const struct bit_name *names, size_t n, struct str *s)
{
	const char *separator = "";

	if (bits == 0) {
		str_putc(s, '0');
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if ((bits & names[i].bit) != 0) {
			str_printf(s, "%s%s", separator, names[i].name);
			separator = " ";
			bits &= ~names[i].bit;
		}
	}
	if (bits != 0)
		str_printf(s, "%s0x%" PRIx32, separator, bits);
}

static void
put_counter(const char *text, uint64_t v, const char *end, struct str *s)
{
	if (v == UINT64_MAX)
		str_printf(s, "%s?%s", text, end);
	else
		str_printf(s, "%s%" PRIu64 "%s", text, v, end);
}

void
of_aggregate_stats_format(const struct of_aggregate_stats *as, struct str *s)
{
	str_printf(s, "packet_count=%" PRIu64 " byte_count=%" PRIu64 " flow_count=%" PRIu32,
		as->packets, as->bytes, as->flows);
}

static const struct bit_name config_names[] = {
	{ OF_PORT_CONFIG_DOWN, "PORT_DOWN" },
	{ OF_PORT_CONFIG_NO_STP, "NO_STP" },
	{ OF_PORT_CONFIG_NO_RECV, "NO_RECV" },
	{ OF_PORT_CONFIG_NO_RECV_STP, "NO_RECV_STP" },
	{ OF_PORT_CONFIG_NO_FLOOD, "NO_FLOOD" },
	{ OF_PORT_CONFIG_NO_FWD, "NO_FWD" },
	{ OF_PORT_CONFIG_NO_PACKET_IN, "NO_PACKET_IN" },
};

static const struct bit_name feature_names[] = {
	{ OF_PORT_FEATURE_10MB_HD, "10MB-HD" },
	{ OF_PORT_FEATURE_10MB_FD, "10MB-FD" },
	{ OF_PORT_FEATURE_100MB_HD, "100MB-HD" },
	{ OF_PORT_FEATURE_100MB_FD, "100MB-FD" },
	{ OF_PORT_FEATURE_1GB_HD, "1GB-HD" },
	{ OF_PORT_FEATURE_1GB_FD, "1GB-FD" },
	{ OF_PORT_FEATURE_10GB_FD, "10GB-FD" },
	{ OF_PORT_FEATURE_40GB_FD, "40GB-FD" },
	{ OF_PORT_FEATURE_100GB_FD, "100GB-FD" },
	{ OF_PORT_FEATURE_1TB_FD, "1TB-FD" },
	{ OF_PORT_FEATURE_OTHER, "OTHER" },
	{ OF_PORT_FEATURE_COPPER, "COPPER" },
	{ OF_PORT_FEATURE_FIBER, "FIBER" },
	{ OF_PORT_FEATURE_AUTONEG, "AUTO_NEG" },
	{ OF_PORT_FEATURE_PAUSE, "AUTO_PAUSE" },
	{ OF_PORT_FEATURE_PAUSE_ASYM, "AUTO_PAUSE_ASYM" },
};

static void
put_state(uint32_t state, struct str *s)
{
	static const char *const stp[] = { "STP_LISTEN", "STP_LEARN", "STP_FORWARD", "STP_BLOCK" };
	static const struct bit_name names[] = {
		{ OF_PORT_STATE_LINK_DOWN, "LINK_DOWN" },
		{ OF_PORT_STATE_BLOCKED, "BLOCKED" },
		{ OF_PORT_STATE_LIVE, "LIVE" },
	};
	uint32_t stp_state = state >> OF_PORT_STATE_STP_SHIFT & 3;
	uint32_t rest = state & ~(3u << OF_PORT_STATE_STP_SHIFT);

	if (stp_state == 0) {
		put_bits(rest, names, ARRAY_SIZE(names), s);
		return;
	}
	if (rest != 0) {
		put_bits(rest, names, ARRAY_SIZE(names), s);
		str_putc(s, ' ');
	}
	str_puts(s, stp[stp_state]);
}

static void
put_features(const char *what, uint32_t features, struct str *s)
{
	if (features == 0)
		return;
	str_printf(s, "     %s", what);
	put_bits(features, feature_names, ARRAY_SIZE(feature_names), s);
	str_putc(s, '\n');
}

void
of_phy_port_format(
	const struct of_phy_port *port, const struct format_ports *ports UNUSED, struct str *s)
{
	const uint8_t *mac = port->hw_addr;

	str_putc(s, ' ');
	of_text_port_format(port->port_no, NULL, s);
	str_printf(s, "(%s): addr:%02x:%02x:%02x:%02x:%02x:%02x\n", port->name, mac[0], mac[1],
		mac[2], mac[3], mac[4], mac[5]);
	str_puts(s, "     config:     ");
	put_bits(port->config, config_names, ARRAY_SIZE(config_names), s);
	str_puts(s, "\n     state:      ");
	put_state(port->state, s);
	str_putc(s, '\n');
	put_features("current:    ", port->curr, s);
	put_features("advertised: ", port->advertised, s);
	put_features("supported:  ", port->supported, s);
	put_features("peer:       ", port->peer, s);
	str_printf(s, "     speed: %" PRIu32 " Mbps now, %" PRIu32 " Mbps max\n",
		port->curr_speed / 1000, port->max_speed / 1000);
}

void
of_port_stats_format(
	const struct of_port_stats *stats, const struct format_ports *ports, struct str *s)
{
	struct str port = STR_INIT;

	of_text_port_format(stats->port_no, ports, &port);
	str_printf(s, "  port %2s: ", str_cstr(&port));
	str_uninit(&port);
	put_counter("rx pkts=", stats->rx_packets, ", ", s);
	put_counter("bytes=", stats->rx_bytes, ", ", s);
	put_counter("drop=", stats->rx_dropped, ", ", s);
	put_counter("errs=", stats->rx_errors, ", ", s);
	put_counter("frame=", stats->rx_frame_err, ", ", s);
	put_counter("over=", stats->rx_over_err, ", ", s);
	put_counter("crc=", stats->rx_crc_err, "\n", s);
	put_counter("           tx pkts=", stats->tx_packets, ", ", s);
	put_counter("bytes=", stats->tx_bytes, ", ", s);
	put_counter("drop=", stats->tx_dropped, ", ", s);
	put_counter("errs=", stats->tx_errors, ", ", s);
	put_counter("coll=", stats->collisions, "\n", s);
	if (stats->duration_sec != UINT32_MAX) {
		str_puts(s, "           duration=");
		of_text_duration_format(stats->duration_sec, stats->duration_nsec, s);
		str_putc(s, '\n');
	}
}

void
of_table_stats_format(const struct of_table_stats *stats, enum of_version version, struct str *s)
{
	str_printf(s, "  table %u", stats->table_id);
	if (stats->name[0] != '\0')
		str_printf(s, " (\"%s\")", stats->name);
	str_printf(s, ":\n    active=%" PRIu32 ", ", stats->active);
	put_counter("lookup=", stats->lookups, ", ", s);
	put_counter("matched=", stats->matched, "\n", s);
	if (version == OF_VERSION_10)
		str_printf(s, "    max_entries=%" PRIu32 "\n", stats->max_entries);
}

void
of_queue_stats_format(
	const struct of_queue_stats *stats, const struct format_ports *ports, struct str *s)
{
	str_puts(s, "  port ");
	of_text_port_format(stats->port, ports, s);
	str_printf(s, " queue %" PRIu32 ": ", stats->queue);
	put_counter("bytes=", stats->tx_bytes, ", ", s);
	put_counter("pkts=", stats->tx_packets, ", ", s);
	put_counter("errors=", stats->tx_errors, ", ", s);
	str_puts(s, "duration=");
	if (stats->duration_sec == UINT32_MAX)
		str_putc(s, '?');
	else
		of_text_duration_format(stats->duration_sec, stats->duration_nsec, s);
}

void
of_features_format(const struct of_features *f, enum of_version version, struct str *s)
{
	static const struct bit_name capabilities[] = {
		{ OF_CAPABILITY_FLOW_STATS, "FLOW_STATS" },
		{ OF_CAPABILITY_TABLE_STATS, "TABLE_STATS" },
		{ OF_CAPABILITY_PORT_STATS, "PORT_STATS" },
		{ OF_CAPABILITY_GROUP_STATS, "GROUP_STATS" },
		{ OF_CAPABILITY_IP_REASM, "IP_REASM" },
		{ OF_CAPABILITY_QUEUE_STATS, "QUEUE_STATS" },
		{ OF_CAPABILITY_ARP_MATCH_IP, "ARP_MATCH_IP" },
		{ OF_CAPABILITY_PORT_BLOCKED, "PORT_BLOCKED" },
		{ OF_CAPABILITY_STP, "STP" },
	};
	/* In the order in which they are printed, not that of the bits. */
	static const struct bit_name actions[] = {
		{ 1u << 0, "output" },
		{ 1u << 11, "enqueue" },
		{ 1u << 1, "set_vlan_vid" },
		{ 1u << 2, "set_vlan_pcp" },
		{ 1u << 3, "strip_vlan" },
		{ 1u << 4, "mod_dl_src" },
		{ 1u << 5, "mod_dl_dst" },
		{ 1u << 6, "mod_nw_src" },
		{ 1u << 7, "mod_nw_dst" },
		{ 1u << 8, "mod_nw_tos" },
		{ 1u << 9, "mod_tp_src" },
		{ 1u << 10, "mod_tp_dst" },
	};

	str_printf(s, "dpid:%016" PRIx64 "\nn_tables:%u, n_buffers:%" PRIu32, f->datapath_id,
		f->n_tables, f->n_buffers);
	if (f->auxiliary_id != 0)
		str_printf(s, ", auxiliary_id:%u", f->auxiliary_id);
	str_puts(s, "\ncapabilities: ");
	put_bits(f->capabilities, capabilities, ARRAY_SIZE(capabilities), s);
	str_putc(s, '\n');
	if (version != OF_VERSION_10)
		return;
	str_puts(s, "actions: ");
	put_bits(f->actions, actions, ARRAY_SIZE(actions), s);
	str_putc(s, '\n');
}

void
of_config_format(const struct of_config *config, struct str *s)
{
	static const char *const frags[] = { "normal", "drop", "reassemble", "nx-match" };

	str_printf(s, "frags=%s", frags[config->frag & 3]);
	if (config->invalid_ttl_to_controller)
		str_puts(s, " invalid_ttl_to_controller");
	str_printf(s, " miss_send_len=%u", config->miss_send_len);
}

void
of_desc_format(const struct of_desc *desc, struct str *s)
{
	str_printf(s,
		"Manufacturer: %s\nHardware: %s\nSoftware: %s\nSerial Num: %s\n"
		"DP Description: %s\n",
		desc->mfr, desc->hw, desc->sw, desc->serial, desc->dp);
}

void
of_packet_in_format(const struct of_packet_in *pin, const struct format_ports *ports, struct str *s)
{
	if (pin->table_id != 0)
		str_printf(s, "table_id=%u ", pin->table_id);
	if (pin->cookie != UINT64_MAX)
		str_printf(s, "cookie=0x%" PRIx64 " ", pin->cookie);
	str_printf(s, "total_len=%u ", pin->total_len);
	if (match_format(&pin->metadata, ports, s))
		str_putc(s, ' ');
	str_printf(
		s, "(via %s) data_len=%zu", of_packet_in_reason_name(pin->reason), pin->packet_len);
	if (pin->buffer_id == OF_NO_BUFFER)
		str_puts(s, " (unbuffered)");
	else
		str_printf(s, " buffer=0x%08" PRIx32, pin->buffer_id);
	if (pin->packet_len < pin->total_len)
		str_printf(s, " (%zu bytes of %u)", pin->packet_len, pin->total_len);
}

void
of_error_format(enum oferror error, uint32_t xid, struct str *s)
{
	str_printf(s, "OFPT_ERROR (xid=0x%" PRIx32 "): %s", xid, oferror_name(error));
}
