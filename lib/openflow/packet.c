/* SPDX-License-Identifier: Apache-2.0 */
/* Packet-in and packet-out. */

#include "openflow/packet.h"

#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/flow_mod.h"
#include "openflow/oxm_priv.h"

static uint8_t
wire_reason(uint8_t reason, enum of_version version)
{
	return reason > OF_PACKET_IN_INVALID_TTL && version < OF_VERSION_14 ? OF_PACKET_IN_ACTION
									    : reason;
}

uint32_t
of_packet_in_port(const struct of_packet_in *pin)
{
	return pin->metadata.mask.in_port != 0 ? pin->metadata.value.in_port : OFP_PORT_NONE;
}

/* Appends the packet, as much of it as the message can have. */
static void
put_packet(size_t start, const uint8_t *packet, size_t len, struct of_buf *b)
{
	size_t room = UINT16_MAX - (b->len - start);

	of_buf_put(b, packet, MIN(len, room));
	of_msg_end(b, start);
}

void
of_packet_in_encode(const struct of_packet_in *pin, enum of_version version,
	enum of_packet_in_format format, uint32_t xid, struct of_buf *b)
{
	bool nx = format == OF_PACKET_IN_NXT;
	size_t start = of_msg_begin(b, nx ? OF_MSG_NX_PACKET_IN : OF_MSG_PACKET_IN, version, xid);

	of_buf_put_u32(b, pin->buffer_id);
	of_buf_put_u16(b, pin->total_len);
	if (!nx && version == OF_VERSION_10) {
		of_buf_put_u16(b, ofp_port_to10(of_packet_in_port(pin)));
		of_buf_put_u8(b, wire_reason(pin->reason, version));
		of_buf_put_u8(b, 0);
		put_packet(start, pin->packet, pin->packet_len, b);
		return;
	}
	of_buf_put_u8(b, wire_reason(pin->reason, version));
	of_buf_put_u8(b, pin->table_id);
	if (nx || version >= OF_VERSION_13)
		of_buf_put_u64(b, pin->cookie);
	if (nx) {
		size_t len_ofs = b->len, match;

		of_buf_put_zeros(b, 8);
		match = b->len;
		of_buf_set_u16(b, len_ofs, (uint16_t)of_oxm_put_match(version, &pin->metadata, b));
		of_buf_pad(b, match, 8);
	} else {
		of_match_encode(version, &pin->metadata, b);
	}
	of_buf_put_zeros(b, 2);
	put_packet(start, pin->packet, pin->packet_len, b);
}

enum oferror
of_packet_in_decode(const struct of_msg *msg, struct of_packet_in *pin)
{
	bool nx = msg->type == OF_MSG_NX_PACKET_IN;
	enum oferror error = OFERROR_OK;
	struct of_reader r;

	memset(pin, 0, sizeof *pin);
	pin->cookie = UINT64_MAX;
	of_reader_init(&r, msg->body, msg->body_len);
	pin->buffer_id = of_reader_u32(&r);
	pin->total_len = of_reader_u16(&r);
	if (!nx && msg->version == OF_VERSION_10) {
		match_set_in_port(&pin->metadata, ofp_port_from10(of_reader_u16(&r)));
		pin->reason = of_reader_u8(&r);
		of_reader_skip(&r, 1);
	} else {
		uint16_t match_len = 0;

		pin->reason = of_reader_u8(&r);
		pin->table_id = of_reader_u8(&r);
		if (nx || msg->version >= OF_VERSION_13)
			pin->cookie = of_reader_u64(&r);
		if (nx) {
			const uint8_t *match;

			match_len = of_reader_u16(&r);
			of_reader_skip(&r, 6);
			match = of_reader_pull(&r, ROUND_UP((size_t)match_len, 8));
			error = match == NULL ? OFPBMC_BAD_LEN
					      : of_nxm_decode(match, match_len, false,
						      &pin->metadata, NULL, NULL);
		} else {
			error = of_match_decode(
				&r, (enum of_version)msg->version, false, &pin->metadata);
		}
		of_reader_skip(&r, 2);
	}
	if (error != OFERROR_OK)
		return error;
	pin->packet = r.p;
	pin->packet_len = r.left;
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

const char *
of_packet_in_reason_name(unsigned int reason)
{
	static const char *const names[N_OF_PACKET_IN_REASONS] = {
		[OF_PACKET_IN_NO_MATCH] = "no_match",
		[OF_PACKET_IN_ACTION] = "action",
		[OF_PACKET_IN_INVALID_TTL] = "invalid_ttl",
		[OF_PACKET_IN_ACTION_SET] = "action_set",
		[OF_PACKET_IN_GROUP] = "group",
		[OF_PACKET_IN_PACKET_OUT] = "packet_out",
	};

	return reason < N_OF_PACKET_IN_REASONS ? names[reason] : "unknown";
}

void
of_packet_out_encode(
	const struct of_packet_out *po, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_PACKET_OUT, version, xid);
	size_t len_ofs, actions;

	of_buf_put_u32(b, po->buffer_id);
	if (version == OF_VERSION_10) {
		of_buf_put_u16(b, ofp_port_to10(po->in_port));
		len_ofs = b->len;
		of_buf_put_u16(b, 0);
	} else if (version < OF_VERSION_15) {
		of_buf_put_u32(b, po->in_port);
		len_ofs = b->len;
		of_buf_put_zeros(b, 8);
	} else {
		struct match match;

		len_ofs = b->len;
		of_buf_put_zeros(b, 4);
		match_init_catchall(&match);
		match_set_in_port(&match, po->in_port);
		of_match_encode(version, &match, b);
	}
	actions = b->len;
	of_actions_encode(version, &po->actions, b);
	of_buf_set_u16(b, len_ofs, (uint16_t)(b->len - actions));
	put_packet(start, po->packet, po->buffer_id == OF_NO_BUFFER ? po->packet_len : 0, b);
}

static bool
is_possible_in_port(uint32_t port)
{
	return port < OFP_PORT_MAX10 || port == OFP_PORT_LOCAL || port == OFP_PORT_NONE
		|| port == OFP_PORT_CONTROLLER;
}

enum oferror
of_packet_out_decode(const struct of_msg *msg, struct of_packet_out *po)
{
	struct of_reader r;
	uint16_t actions_len;
	const uint8_t *actions;
	enum oferror error = OFERROR_OK;

	memset(po, 0, sizeof *po);
	of_reader_init(&r, msg->body, msg->body_len);
	po->buffer_id = of_reader_u32(&r);
	if (msg->version == OF_VERSION_10) {
		po->in_port = ofp_port_from10(of_reader_u16(&r));
		actions_len = of_reader_u16(&r);
	} else if (msg->version < OF_VERSION_15) {
		po->in_port = of_reader_u32(&r);
		actions_len = of_reader_u16(&r);
		of_reader_skip(&r, 6);
	} else {
		struct match match;

		actions_len = of_reader_u16(&r);
		of_reader_skip(&r, 2);
		error = of_match_decode(&r, (enum of_version)msg->version, true, &match);
		po->in_port =
			match.mask.in_port != 0 ? match.value.in_port : (uint32_t)OFP_PORT_NONE;
	}
	if (error != OFERROR_OK)
		return error;
	actions = of_reader_pull(&r, actions_len);
	if (actions == NULL)
		return OFPBRC_BAD_LEN;
	if (!is_possible_in_port(po->in_port))
		return OFPBRC_BAD_PORT;
	if (po->buffer_id == OF_NO_BUFFER) {
		po->packet = r.p;
		po->packet_len = r.left;
	}
	error = of_actions_decode(
		(enum of_version)msg->version, actions, actions_len, &po->actions);
	if (error != OFERROR_OK)
		ofpacts_uninit(&po->actions);
	return error;
}
