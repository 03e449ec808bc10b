/* SPDX-License-Identifier: Apache-2.0 */
/* Hello, features, configuration, description, role and asynchronous messages. */

#include "openflow/switch.h"

#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/flow_mod.h"
#include "openflow/packet.h"

#define HELLO_ELEMENT_BITMAP 1 /* OFPHET_VERSIONBITMAP */
#define V10_CAPABILITY_STP 0x008
#define V10_ACTIONS 0xfff
#define CONFIG_FRAG_MASK 0x3
#define CONFIG_INVALID_TTL 0x4

void
of_hello_encode(uint32_t versions, uint32_t xid, struct of_buf *b)
{
	unsigned int highest = of_versions_negotiate(versions, versions);
	uint32_t implied = (2u << highest) - 2;
	size_t start = of_msg_begin(b, OF_MSG_HELLO, (enum of_version)highest, xid);

	/* Without a bitmap all versions up to the highest are meant. */
	if (versions != implied) {
		of_buf_put_u16(b, HELLO_ELEMENT_BITMAP);
		of_buf_put_u16(b, 8);
		of_buf_put_u32(b, versions);
	}
	of_msg_end(b, start);
}

enum oferror
of_hello_decode(const struct of_msg *msg, uint32_t *versionsp)
{
	struct of_reader r;
	bool found = false;

	if (msg->version == 0)
		return OFPBRC_BAD_VERSION;
	/* Versions that have no bit here are beyond what anybody speaks. */
	*versionsp = msg->version >= 31 ? UINT32_MAX - 1 : (2u << msg->version) - 2;
	of_reader_init(&r, msg->body, msg->body_len);
	while (r.left >= 4) {
		const uint8_t *element = r.p;
		uint16_t type = of_reader_u16(&r);
		uint16_t len = of_reader_u16(&r);

		/* What a hello has behind its elements, or instead of them, is to be ignored. */
		if (len < 4 || len - 4u > r.left)
			break;
		if (type == HELLO_ELEMENT_BITMAP && len >= 8 && !found) {
			struct of_reader bitmap;

			of_reader_init(&bitmap, element + 4, len - 4u);
			*versionsp = of_reader_u32(&bitmap) & ~1u;
			found = true;
		}
		of_reader_skip(&r, MIN(r.left, ROUND_UP((size_t)len, 8) - 4));
	}
	return OFERROR_OK;
}

void
of_features_init(struct of_features *f)
{
	memset(f, 0, sizeof *f);
	f->actions = V10_ACTIONS;
	f->capabilities = OF_CAPABILITY_FLOW_STATS | OF_CAPABILITY_TABLE_STATS
		| OF_CAPABILITY_PORT_STATS | OF_CAPABILITY_QUEUE_STATS | OF_CAPABILITY_ARP_MATCH_IP;
}

/* The capability bits that 'version' has. */
static uint32_t
known_capabilities(unsigned int version)
{
	uint32_t known = OF_CAPABILITY_FLOW_STATS | OF_CAPABILITY_TABLE_STATS
		| OF_CAPABILITY_PORT_STATS | OF_CAPABILITY_IP_REASM | OF_CAPABILITY_QUEUE_STATS;

	if (version <= OF_VERSION_11)
		known |= OF_CAPABILITY_ARP_MATCH_IP;
	if (version >= OF_VERSION_11)
		known |= OF_CAPABILITY_GROUP_STATS;
	if (version >= OF_VERSION_12)
		known |= OF_CAPABILITY_PORT_BLOCKED;
	return known;
}

void
of_features_encode(const struct of_features *f, const struct of_phy_port *ports, size_t n_ports,
	enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_FEATURES_REPLY, version, xid);
	uint32_t capabilities = f->capabilities & known_capabilities(version);

	if (version == OF_VERSION_10 && (f->capabilities & OF_CAPABILITY_STP) != 0)
		capabilities |= V10_CAPABILITY_STP;
	of_buf_put_u64(b, f->datapath_id);
	of_buf_put_u32(b, f->n_buffers);
	of_buf_put_u8(b, f->n_tables);
	of_buf_put_u8(b, version >= OF_VERSION_13 ? f->auxiliary_id : 0);
	of_buf_put_zeros(b, 2);
	of_buf_put_u32(b, capabilities);
	of_buf_put_u32(b, version == OF_VERSION_10 ? f->actions : 0);
	for (size_t i = 0; version <= OF_VERSION_12 && i < n_ports; i++) {
		size_t before = b->len;

		of_phy_port_encode(&ports[i], version, b);
		if (b->len - start > UINT16_MAX) {
			b->len = before;
			break;
		}
	}
	of_msg_end(b, start);
}

enum oferror
of_features_decode(const struct of_msg *msg, struct of_features *f)
{
	struct of_reader r;
	uint32_t capabilities;

	memset(f, 0, sizeof *f);
	of_reader_init(&r, msg->body, msg->body_len);
	f->datapath_id = of_reader_u64(&r);
	f->n_buffers = of_reader_u32(&r);
	f->n_tables = of_reader_u8(&r);
	f->auxiliary_id = of_reader_u8(&r);
	of_reader_skip(&r, 2);
	capabilities = of_reader_u32(&r);
	f->actions = of_reader_u32(&r);
	f->capabilities = capabilities & known_capabilities(msg->version);
	if (msg->version == OF_VERSION_10 && (capabilities & V10_CAPABILITY_STP) != 0)
		f->capabilities |= OF_CAPABILITY_STP;
	f->ports = r.p;
	f->ports_len = r.left;
	f->n_ports = r.left / (msg->version == OF_VERSION_10 ? 48 : 64);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

enum oferror
of_config_decode(const struct of_msg *msg, struct of_config *config)
{
	struct of_reader r;
	uint16_t flags;
	uint16_t known = CONFIG_FRAG_MASK;

	of_reader_init(&r, msg->body, msg->body_len);
	flags = of_reader_u16(&r);
	config->frag = flags & CONFIG_FRAG_MASK;
	config->invalid_ttl_to_controller = (flags & CONFIG_INVALID_TTL) != 0;
	config->miss_send_len = of_reader_u16(&r);
	if (r.failed)
		return OFPBRC_BAD_LEN;
	if (msg->version <= OF_VERSION_12)
		known |= CONFIG_INVALID_TTL;
	return (flags & ~known) != 0 ? OFPSCFC_BAD_FLAGS : OFERROR_OK;
}

void
of_config_encode(const struct of_config *config, enum of_msg_type type, enum of_version version,
	uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, type, version, xid);
	uint16_t flags = config->frag & CONFIG_FRAG_MASK;

	if (config->invalid_ttl_to_controller && version <= OF_VERSION_12)
		flags |= CONFIG_INVALID_TTL;
	of_buf_put_u16(b, flags);
	of_buf_put_u16(b, config->miss_send_len);
	of_msg_end(b, start);
}

void
of_desc_encode(const struct of_desc *desc, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_DESC_REPLY, version, xid);

	of_buf_put_text(b, desc->mfr, 256);
	of_buf_put_text(b, desc->hw, 256);
	of_buf_put_text(b, desc->sw, 256);
	of_buf_put_text(b, desc->serial, 32);
	of_buf_put_text(b, desc->dp, 256);
	of_msg_end(b, start);
}

enum oferror
of_desc_decode(const struct of_msg *msg, struct of_desc *desc)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	of_reader_text(&r, desc->mfr, 256);
	of_reader_text(&r, desc->hw, 256);
	of_reader_text(&r, desc->sw, 256);
	of_reader_text(&r, desc->serial, 32);
	of_reader_text(&r, desc->dp, 256);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

/* Nicira's roles are numbered from 0 and know no "no change". */
static bool
is_nx_role(unsigned int version)
{
	return version < OF_VERSION_12;
}

enum oferror
of_role_decode(const struct of_msg *msg, struct of_role_msg *role)
{
	struct of_reader r;
	uint32_t wire;

	memset(role, 0, sizeof *role);
	of_reader_init(&r, msg->body, msg->body_len);
	wire = of_reader_u32(&r);
	if (is_nx_role(msg->version)) {
		if (wire > 2)
			return OFPRRFC_BAD_ROLE;
		wire++;
	} else {
		of_reader_skip(&r, 4);
		role->generation = of_reader_u64(&r);
		if (wire >= N_OF_ROLES)
			return OFPRRFC_BAD_ROLE;
	}
	role->role = (enum of_role)wire;
	role->has_generation = !is_nx_role(msg->version)
		&& (msg->type == OF_MSG_ROLE_REPLY
				? role->generation != UINT64_MAX
				: wire == OF_ROLE_PRIMARY || wire == OF_ROLE_SECONDARY);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_role_encode(const struct of_role_msg *role, enum of_msg_type type, enum of_version version,
	uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, type, version, xid);

	if (is_nx_role(version)) {
		of_buf_put_u32(b, role->role == OF_ROLE_NOCHANGE ? 0 : (uint32_t)role->role - 1);
	} else {
		of_buf_put_u32(b, role->role);
		of_buf_put_zeros(b, 4);
		of_buf_put_u64(b,
			role->has_generation                ? role->generation
				: type == OF_MSG_ROLE_REPLY ? UINT64_MAX
							    : 0);
	}
	of_msg_end(b, start);
}

enum oferror
of_async_decode(const struct of_msg *msg, struct of_async *async)
{
	struct of_reader r;

	/* XXX(openflow): the properties of 1.4; a peer of 1.4 cannot choose its messages before
	 * they are here. */
	if (msg->version >= OF_VERSION_14)
		return OFPBRC_BAD_TYPE;
	of_reader_init(&r, msg->body, msg->body_len);
	for (size_t i = 0; i < N_OF_ASYNC_KINDS; i++) {
		async->primary[i] = of_reader_u32(&r);
		async->secondary[i] = of_reader_u32(&r);
	}
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_async_encode(const struct of_async *async, enum of_msg_type type, enum of_version version,
	uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, type, version, xid);

	for (size_t i = 0; i < N_OF_ASYNC_KINDS; i++) {
		of_buf_put_u32(b, async->primary[i]);
		of_buf_put_u32(b, async->secondary[i]);
	}
	of_msg_end(b, start);
}

void
of_async_init(struct of_async *async, enum of_version version)
{
	uint32_t port = (1u << N_OF_PORT_REASONS) - 1;

	memset(async, 0, sizeof *async);
	async->primary[OF_ASYNC_PACKET_IN] =
		1u << OF_PACKET_IN_NO_MATCH | 1u << OF_PACKET_IN_ACTION;
	if (version >= OF_VERSION_14)
		async->primary[OF_ASYNC_PACKET_IN] |= 1u << OF_PACKET_IN_ACTION_SET
			| 1u << OF_PACKET_IN_GROUP | 1u << OF_PACKET_IN_PACKET_OUT;
	async->primary[OF_ASYNC_PORT_STATUS] = port;
	async->secondary[OF_ASYNC_PORT_STATUS] = port;
	async->primary[OF_ASYNC_FLOW_REMOVED] = (1u << N_OF_FLOW_REMOVED_REASONS) - 1;
}

enum oferror
of_nx_number_decode(const struct of_msg *msg, uint32_t *numberp)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	switch (msg->type) {
	case OF_MSG_NX_FLOW_MOD_TABLE_ID: *numberp = of_reader_u8(&r) != 0; break;
	case OF_MSG_NX_SET_FLOW_FORMAT: {
		/* 0 is 1.0's own; 2 is Nicira's. */
		uint32_t wire = of_reader_u32(&r);

		if (wire != 0 && wire != 2)
			return OFPBRC_EPERM;
		*numberp = wire == 0 ? OF_FLOW_FORMAT_STANDARD : OF_FLOW_FORMAT_NXM;
		break;
	}
	case OF_MSG_NX_SET_PACKET_IN_FORMAT:
		*numberp = of_reader_u32(&r);
		if (*numberp > OF_PACKET_IN_NXT)
			return OFPBRC_EPERM;
		break;
	case OF_MSG_NX_SET_CONTROLLER_ID:
		for (unsigned int i = 0; i < 6; i++) {
			if (of_reader_u8(&r) != 0)
				return NXBRC_MUST_BE_ZERO;
		}
		*numberp = of_reader_u16(&r);
		break;
	default: return OFPBRC_BAD_SUBTYPE;
	}
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_nx_number_encode(enum of_msg_type type, enum of_version version, uint32_t xid, uint32_t number,
	struct of_buf *b)
{
	size_t start = of_msg_begin(b, type, version, xid);

	switch (type) {
	case OF_MSG_NX_FLOW_MOD_TABLE_ID:
		of_buf_put_u8(b, number != 0);
		of_buf_put_zeros(b, 7);
		break;
	case OF_MSG_NX_SET_FLOW_FORMAT:
		of_buf_put_u32(b, number == OF_FLOW_FORMAT_STANDARD ? 0 : 2);
		break;
	case OF_MSG_NX_SET_CONTROLLER_ID:
		of_buf_put_zeros(b, 6);
		of_buf_put_u16(b, (uint16_t)number);
		break;
	default: of_buf_put_u32(b, number); break;
	}
	of_msg_end(b, start);
}
