/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about ports.  Bits that versions number differently are translated by tables here. */

#include "openflow/port.h"

#include <string.h>

#include "flow/ofp_port.h"

#define WIRE_NAME_LEN 16
#define ETHERNET_PROPERTY 0
#define CONFIG11                                                              \
	(OF_PORT_CONFIG_DOWN | OF_PORT_CONFIG_NO_RECV | OF_PORT_CONFIG_NO_FWD \
		| OF_PORT_CONFIG_NO_PACKET_IN)
#define CONFIG10 0x7fu
#define STATE11 (OF_PORT_STATE_LINK_DOWN | OF_PORT_STATE_BLOCKED | OF_PORT_STATE_LIVE)
#define STATE10 (OF_PORT_STATE_LINK_DOWN | 3u << OF_PORT_STATE_STP_SHIFT)

/* Features up to 10 Gb/s have the same bits in 1.0; those after copper stand four bits lower. */
#define FEATURES_SPEED10 0x7fu
#define FEATURES_MEDIUM_SHIFT 4
#define FEATURES_MEDIUM10 0xf80u

static uint32_t
features_to10(uint32_t features)
{
	return (features & FEATURES_SPEED10)
		| (features >> FEATURES_MEDIUM_SHIFT & FEATURES_MEDIUM10);
}

static uint32_t
features_from10(uint32_t features)
{
	return (features & FEATURES_SPEED10)
		| (features & FEATURES_MEDIUM10) << FEATURES_MEDIUM_SHIFT;
}

bool
of_port_is_possible(uint32_t port)
{
	return port < OFP_PORT_MAX10 || ofp_port_is_reserved(port);
}

uint32_t
of_port_features_speed(uint32_t features)
{
	static const struct {
		uint32_t bits, kbps;
	} speeds[] = {
		{ OF_PORT_FEATURE_1TB_FD, 1000000000 },
		{ OF_PORT_FEATURE_100GB_FD, 100000000 },
		{ OF_PORT_FEATURE_40GB_FD, 40000000 },
		{ OF_PORT_FEATURE_10GB_FD, 10000000 },
		{ OF_PORT_FEATURE_1GB_HD | OF_PORT_FEATURE_1GB_FD, 1000000 },
		{ OF_PORT_FEATURE_100MB_HD | OF_PORT_FEATURE_100MB_FD, 100000 },
		{ OF_PORT_FEATURE_10MB_HD | OF_PORT_FEATURE_10MB_FD, 10000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(speeds); i++) {
		if ((features & speeds[i].bits) != 0)
			return speeds[i].kbps;
	}
	return 0;
}

static void
put_features(const struct of_phy_port *port, struct of_buf *b)
{
	of_buf_put_u32(b, port->curr);
	of_buf_put_u32(b, port->advertised);
	of_buf_put_u32(b, port->supported);
	of_buf_put_u32(b, port->peer);
	of_buf_put_u32(
		b, port->curr_speed != 0 ? port->curr_speed : of_port_features_speed(port->curr));
	of_buf_put_u32(b,
		port->max_speed != 0 ? port->max_speed : of_port_features_speed(port->supported));
}

void
of_phy_port_encode(const struct of_phy_port *port, enum of_version version, struct of_buf *b)
{
	size_t start = b->len;

	if (version == OF_VERSION_10) {
		of_buf_put_u16(b, ofp_port_to10(port->port_no));
		of_buf_put(b, port->hw_addr, sizeof port->hw_addr);
		of_buf_put_text(b, port->name, WIRE_NAME_LEN);
		of_buf_put_u32(b, port->config & CONFIG10);
		of_buf_put_u32(b, port->state & STATE10);
		of_buf_put_u32(b, features_to10(port->curr));
		of_buf_put_u32(b, features_to10(port->advertised));
		of_buf_put_u32(b, features_to10(port->supported));
		of_buf_put_u32(b, features_to10(port->peer));
		return;
	}
	of_buf_put_u32(b, port->port_no);
	of_buf_put_zeros(b, 4);
	of_buf_put(b, port->hw_addr, sizeof port->hw_addr);
	of_buf_put_zeros(b, 2);
	of_buf_put_text(b, port->name, WIRE_NAME_LEN);
	of_buf_put_u32(b, port->config & CONFIG11);
	of_buf_put_u32(b, port->state & STATE11);
	if (version >= OF_VERSION_14) {
		of_buf_put_u16(b, ETHERNET_PROPERTY);
		of_buf_put_u16(b, 32);
		of_buf_put_zeros(b, 4);
	}
	put_features(port, b);
	if (version >= OF_VERSION_14)
		of_buf_set_u16(b, start + 4, (uint16_t)(b->len - start));
}

static void
read_features(struct of_reader *r, struct of_phy_port *port)
{
	port->curr = of_reader_u32(r);
	port->advertised = of_reader_u32(r);
	port->supported = of_reader_u32(r);
	port->peer = of_reader_u32(r);
	port->curr_speed = of_reader_u32(r);
	port->max_speed = of_reader_u32(r);
}

/* Steps through properties of 1.4: the type, and in 'p' what follows its length. */
static enum oferror
next_property(struct of_reader *r, uint16_t *type, struct of_reader *p)
{
	const uint8_t *start = r->p;
	uint16_t len;

	*type = of_reader_u16(r);
	len = of_reader_u16(r);
	if (r->failed || len < 4)
		return OFPBPC_BAD_LEN;
	of_reader_init(p, start + 4, len - 4u);
	/* The last one may lack its padding. */
	if (of_reader_pull(r, len - 4u) == NULL)
		return OFPBPC_BAD_LEN;
	of_reader_skip(r, MIN(r->left, ROUND_UP((size_t)len, 8) - len));
	return OFERROR_OK;
}

static enum oferror
read_port_properties(struct of_reader *r, struct of_phy_port *port)
{
	while (r->left > 0) {
		struct of_reader p;
		uint16_t type;
		enum oferror error = next_property(r, &type, &p);

		if (error != OFERROR_OK)
			return error;
		if (type != ETHERNET_PROPERTY)
			continue;
		of_reader_skip(&p, 4);
		read_features(&p, port);
		if (p.failed)
			return OFPBPC_BAD_LEN;
	}
	return OFERROR_OK;
}

enum oferror
of_phy_port_decode(struct of_reader *r, enum of_version version, struct of_phy_port *port)
{
	struct of_reader rest;
	uint16_t len;

	memset(port, 0, sizeof *port);
	if (version == OF_VERSION_10) {
		port->port_no = ofp_port_from10(of_reader_u16(r));
		of_reader_bytes(r, port->hw_addr, sizeof port->hw_addr);
		of_reader_text(r, port->name, WIRE_NAME_LEN);
		port->config = of_reader_u32(r) & CONFIG10;
		port->state = of_reader_u32(r) & STATE10;
		port->curr = features_from10(of_reader_u32(r));
		port->advertised = features_from10(of_reader_u32(r));
		port->supported = features_from10(of_reader_u32(r));
		port->peer = features_from10(of_reader_u32(r));
		port->curr_speed = of_port_features_speed(port->curr);
		port->max_speed = of_port_features_speed(port->supported);
		return r->failed ? OFPBRC_BAD_LEN : OFERROR_OK;
	}
	port->port_no = of_reader_u32(r);
	len = of_reader_u16(r);
	of_reader_skip(r, 2);
	of_reader_bytes(r, port->hw_addr, sizeof port->hw_addr);
	of_reader_skip(r, 2);
	of_reader_text(r, port->name, WIRE_NAME_LEN);
	port->config = of_reader_u32(r) & CONFIG11;
	port->state = of_reader_u32(r) & STATE11;
	if (version < OF_VERSION_14) {
		read_features(r, port);
		return r->failed ? OFPBRC_BAD_LEN : OFERROR_OK;
	}
	if (r->failed || len < 40 || len - 40u > r->left)
		return OFPBRC_BAD_LEN;
	of_reader_init(&rest, r->p, len - 40u);
	of_reader_skip(r, len - 40u);
	return read_port_properties(&rest, port);
}

/* Requests for one port or all. */
static uint32_t
read_port(struct of_reader *r, unsigned int version)
{
	return version == OF_VERSION_10 ? ofp_port_from10(of_reader_u16(r)) : of_reader_u32(r);
}

static void
put_port(uint32_t port, enum of_version version, struct of_buf *b)
{
	size_t start = b->len;

	if (version == OF_VERSION_10)
		of_buf_put_u16(b, ofp_port_to10(port));
	else
		of_buf_put_u32(b, port);
	of_buf_pad(b, start, 8);
}

enum oferror
of_port_desc_request_decode(const struct of_msg *msg, uint32_t *portp)
{
	struct of_reader r;

	*portp = OFP_PORT_NONE;
	if (msg->version < OF_VERSION_15)
		return OFERROR_OK;
	of_reader_init(&r, msg->body, msg->body_len);
	*portp = of_reader_u32(&r);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_port_desc_request_encode(uint32_t port, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_PORT_DESC_REQUEST, version, xid);

	if (version >= OF_VERSION_15)
		put_port(port, version, b);
	of_msg_end(b, start);
}

enum oferror
of_port_stats_request_decode(const struct of_msg *msg, uint32_t *portp)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	*portp = read_port(&r, msg->version);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_port_stats_request_encode(uint32_t port, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_PORT_STATS_REQUEST, version, xid);

	put_port(port, version, b);
	of_msg_end(b, start);
}

#define N_COMMON 8
#define N_ETHERNET 4

/* The counters in the order of the wire. */
static void
list_counters(const struct of_port_stats *s, uint64_t v[N_COMMON + N_ETHERNET])
{
	const uint64_t all[] = { s->rx_packets, s->tx_packets, s->rx_bytes, s->tx_bytes,
		s->rx_dropped, s->tx_dropped, s->rx_errors, s->tx_errors, s->rx_frame_err,
		s->rx_over_err, s->rx_crc_err, s->collisions };

	static_assert(ARRAY_SIZE(all) == N_COMMON + N_ETHERNET, "all counters");
	memcpy(v, all, sizeof all);
}

static void
put_counters(const uint64_t *v, size_t n, struct of_buf *b)
{
	for (size_t i = 0; i < n; i++)
		of_buf_put_u64(b, v[i]);
}

void
of_port_stats_put(struct of_mp *mp, const struct of_port_stats *stats)
{
	struct of_buf *b = mp->b;
	size_t entry = b->len;
	uint64_t v[N_COMMON + N_ETHERNET];

	list_counters(stats, v);
	if (mp->version < OF_VERSION_14) {
		put_port(stats->port_no, mp->version, b);
		put_counters(v, ARRAY_SIZE(v), b);
		if (mp->version == OF_VERSION_13) {
			of_buf_put_u32(b, stats->duration_sec);
			of_buf_put_u32(b, stats->duration_nsec);
		}
	} else {
		of_buf_put_zeros(b, 4);
		of_buf_put_u32(b, stats->port_no);
		of_buf_put_u32(b, stats->duration_sec);
		of_buf_put_u32(b, stats->duration_nsec);
		put_counters(v, N_COMMON, b);
		of_buf_put_u16(b, ETHERNET_PROPERTY);
		of_buf_put_u16(b, 40);
		of_buf_put_zeros(b, 4);
		put_counters(v + N_COMMON, N_ETHERNET, b);
		of_buf_set_u16(b, entry, (uint16_t)(b->len - entry));
	}
	of_mp_entry(mp, entry);
}

static void
read_common(struct of_reader *r, struct of_port_stats *s)
{
	s->rx_packets = of_reader_u64(r);
	s->tx_packets = of_reader_u64(r);
	s->rx_bytes = of_reader_u64(r);
	s->tx_bytes = of_reader_u64(r);
	s->rx_dropped = of_reader_u64(r);
	s->tx_dropped = of_reader_u64(r);
	s->rx_errors = of_reader_u64(r);
	s->tx_errors = of_reader_u64(r);
}

static void
read_ethernet(struct of_reader *r, struct of_port_stats *s)
{
	s->rx_frame_err = of_reader_u64(r);
	s->rx_over_err = of_reader_u64(r);
	s->rx_crc_err = of_reader_u64(r);
	s->collisions = of_reader_u64(r);
}

static enum oferror
read_stats14(struct of_reader *r, struct of_port_stats *s)
{
	struct of_reader rest;
	uint16_t len = of_reader_u16(r);

	of_reader_skip(r, 2);
	s->port_no = of_reader_u32(r);
	s->duration_sec = of_reader_u32(r);
	s->duration_nsec = of_reader_u32(r);
	read_common(r, s);
	s->rx_frame_err = s->rx_over_err = s->rx_crc_err = s->collisions = UINT64_MAX;
	if (r->failed || len < 80 || len - 80u > r->left)
		return OFPBRC_BAD_LEN;
	of_reader_init(&rest, r->p, len - 80u);
	of_reader_skip(r, len - 80u);
	while (rest.left > 0) {
		struct of_reader p;
		uint16_t type;
		enum oferror error = next_property(&rest, &type, &p);

		if (error != OFERROR_OK)
			return error;
		if (type != ETHERNET_PROPERTY)
			continue;
		of_reader_skip(&p, 4);
		read_ethernet(&p, s);
		if (p.failed)
			return OFPBPC_BAD_LEN;
	}
	return OFERROR_OK;
}

enum oferror
of_port_stats_next(struct of_reader *r, enum of_version version, struct of_port_stats *stats)
{
	memset(stats, 0, sizeof *stats);
	if (version >= OF_VERSION_14)
		return read_stats14(r, stats);
	stats->port_no = read_port(r, version);
	of_reader_skip(r, version == OF_VERSION_10 ? 6 : 4);
	read_common(r, stats);
	read_ethernet(r, stats);
	stats->duration_sec = stats->duration_nsec = UINT32_MAX;
	if (version == OF_VERSION_13) {
		stats->duration_sec = of_reader_u32(r);
		stats->duration_nsec = of_reader_u32(r);
	}
	return r->failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_port_desc_put(struct of_mp *mp, const struct of_phy_port *port)
{
	size_t entry = mp->b->len;

	of_phy_port_encode(port, mp->version, mp->b);
	of_mp_entry(mp, entry);
}

enum oferror
of_port_mod_decode(const struct of_msg *msg, struct of_port_mod *mod)
{
	uint32_t known = msg->version == OF_VERSION_10 ? CONFIG10 : CONFIG11;
	struct of_reader r;

	memset(mod, 0, sizeof *mod);
	of_reader_init(&r, msg->body, msg->body_len);
	mod->port_no = read_port(&r, msg->version);
	if (msg->version != OF_VERSION_10)
		of_reader_skip(&r, 4);
	of_reader_bytes(&r, mod->hw_addr, sizeof mod->hw_addr);
	if (msg->version != OF_VERSION_10)
		of_reader_skip(&r, 2);
	mod->config = of_reader_u32(&r);
	mod->mask = of_reader_u32(&r);
	if (msg->version < OF_VERSION_14)
		mod->advertise = of_reader_u32(&r);
	if (msg->version == OF_VERSION_10)
		mod->advertise = features_from10(mod->advertise);
	while (msg->version >= OF_VERSION_14 && r.left > 0) {
		struct of_reader p;
		uint16_t type;
		enum oferror error = next_property(&r, &type, &p);

		if (error != OFERROR_OK)
			return error;
		if (type != ETHERNET_PROPERTY)
			return OFPBPC_BAD_TYPE;
		mod->advertise = of_reader_u32(&p);
		if (p.failed)
			return OFPBPC_BAD_LEN;
	}
	if (r.failed)
		return OFPBRC_BAD_LEN;
	if ((mod->mask & ~known) != 0 && msg->version != OF_VERSION_10)
		return OFPPMFC_BAD_CONFIG;
	mod->mask &= known;
	mod->config &= mod->mask;
	return OFERROR_OK;
}

void
of_port_mod_encode(
	const struct of_port_mod *mod, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_PORT_MOD, version, xid);
	uint32_t known = version == OF_VERSION_10 ? CONFIG10 : CONFIG11;

	if (version == OF_VERSION_10) {
		of_buf_put_u16(b, ofp_port_to10(mod->port_no));
		of_buf_put(b, mod->hw_addr, sizeof mod->hw_addr);
	} else {
		put_port(mod->port_no, version, b);
		of_buf_put(b, mod->hw_addr, sizeof mod->hw_addr);
		of_buf_put_zeros(b, 2);
	}
	of_buf_put_u32(b, mod->config & known);
	of_buf_put_u32(b, mod->mask & known);
	if (version < OF_VERSION_14) {
		of_buf_put_u32(b,
			version == OF_VERSION_10 ? features_to10(mod->advertise) : mod->advertise);
		of_buf_put_zeros(b, 4);
	} else if (mod->advertise != 0) {
		of_buf_put_u16(b, ETHERNET_PROPERTY);
		of_buf_put_u16(b, 8);
		of_buf_put_u32(b, mod->advertise);
	}
	of_msg_end(b, start);
}

enum oferror
of_port_status_decode(const struct of_msg *msg, struct of_port_status *status)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	status->reason = of_reader_u8(&r);
	of_reader_skip(&r, 7);
	if (r.failed)
		return OFPBRC_BAD_LEN;
	if (status->reason >= N_OF_PORT_REASONS)
		return NXBRC_BAD_REASON;
	return of_phy_port_decode(&r, (enum of_version)msg->version, &status->port);
}

void
of_port_status_encode(const struct of_port_status *status, enum of_version version, uint32_t xid,
	struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_PORT_STATUS, version, xid);

	of_buf_put_u8(b, status->reason);
	of_buf_put_zeros(b, 7);
	of_phy_port_encode(&status->port, version, b);
	of_msg_end(b, start);
}
