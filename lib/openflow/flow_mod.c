/* SPDX-License-Identifier: Apache-2.0 */
/* Flow-mod and flow-removed, in the three layouts that there are: 1.0's, Nicira's, and that of 1.1
 * and later. */

#include "openflow/flow_mod.h"

#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/oxm_priv.h"

#define V10_FLAG_EMERG 0x0004

void
of_flow_mod_init(struct of_flow_mod *fm)
{
	memset(fm, 0, sizeof *fm);
	match_init_catchall(&fm->match);
	fm->priority = OF_DEFAULT_PRIORITY;
	fm->command = OF_FLOW_ADD;
	fm->table_id = OF_TABLE_ALL;
	fm->buffer_id = OF_NO_BUFFER;
	fm->out_port = OFP_PORT_NONE;
	fm->out_group = OF_GROUP_ANY;
}

void
of_flow_mod_uninit(struct of_flow_mod *fm)
{
	ofpacts_uninit(&fm->actions);
}

static bool
is_delete(const struct of_flow_mod *fm)
{
	return fm->command == OF_FLOW_DELETE || fm->command == OF_FLOW_DELETE_STRICT;
}

static enum oferror
decode_command(uint16_t wire, struct of_flow_mod *fm)
{
	if (wire >= N_OF_FLOW_COMMANDS)
		return OFPFMFC_BAD_COMMAND;
	fm->command = (enum of_flow_mod_command)wire;
	return OFERROR_OK;
}

/* 1.0's command may have the table in its high byte. */
static enum oferror
decode_command10(uint16_t wire, bool table_id_ext, struct of_flow_mod *fm)
{
	if (table_id_ext) {
		fm->table_id = (uint8_t)(wire >> 8);
		wire &= 0xff;
	}
	return decode_command(wire, fm);
}

static enum oferror
decode_flags10(uint16_t wire, struct of_flow_mod *fm)
{
	if ((wire & V10_FLAG_EMERG) != 0)
		return OFPFMFC_TABLE_FULL;
	if ((wire & ~(OF_FLOW_SEND_FLOW_REM | OF_FLOW_CHECK_OVERLAP)) != 0)
		return OFPFMFC_BAD_FLAGS;
	fm->flags = wire;
	if (fm->command == OF_FLOW_ADD)
		fm->flags |= OF_FLOW_RESET_COUNTS;
	return OFERROR_OK;
}

static enum oferror
decode10(const struct of_msg *msg, bool table_id_ext, struct of_flow_mod *fm)
{
	struct of_reader r;
	bool exact;
	enum oferror error;

	of_reader_init(&r, msg->body, msg->body_len);
	/* An exact match has the highest priority, says 1.0. */
	exact = (msg->body[1] & 0x3f) == 0 && msg->body[2] == 0 && msg->body[3] == 0;
	error = of_match10_decode(&r, &fm->match);
	if (error != OFERROR_OK)
		return error;
	fm->new_cookie = of_reader_u64(&r);
	error = decode_command10(of_reader_u16(&r), table_id_ext, fm);
	if (error != OFERROR_OK)
		return error;
	fm->idle_timeout = of_reader_u16(&r);
	fm->hard_timeout = of_reader_u16(&r);
	fm->priority = of_reader_u16(&r);
	if (exact)
		fm->priority = UINT16_MAX;
	fm->buffer_id = of_reader_u32(&r);
	fm->out_port = ofp_port_from10(of_reader_u16(&r));
	error = decode_flags10(of_reader_u16(&r), fm);
	if (error != OFERROR_OK)
		return error;
	fm->modify_cookie = fm->new_cookie != UINT64_MAX;
	return of_actions_decode(OF_VERSION_10, r.p, r.left, &fm->actions);
}

static enum oferror
decode_nx(const struct of_msg *msg, bool table_id_ext, struct of_flow_mod *fm)
{
	struct of_reader r;
	uint16_t match_len, flags;
	const uint8_t *match;
	enum oferror error;

	of_reader_init(&r, msg->body, msg->body_len);
	fm->new_cookie = of_reader_u64(&r);
	error = decode_command10(of_reader_u16(&r), table_id_ext, fm);
	if (error != OFERROR_OK)
		return error;
	fm->idle_timeout = of_reader_u16(&r);
	fm->hard_timeout = of_reader_u16(&r);
	fm->priority = of_reader_u16(&r);
	fm->buffer_id = of_reader_u32(&r);
	fm->out_port = ofp_port_from10(of_reader_u16(&r));
	flags = of_reader_u16(&r);
	match_len = of_reader_u16(&r);
	of_reader_skip(&r, 6);
	error = decode_flags10(flags, fm);
	if (error != OFERROR_OK)
		return error;
	match = of_reader_pull(&r, ROUND_UP((size_t)match_len, 8));
	if (match == NULL)
		return OFPBMC_BAD_LEN;
	error = of_nxm_decode(match, match_len, true, &fm->match, &fm->cookie, &fm->cookie_mask);
	if (error != OFERROR_OK)
		return error;
	/* What is added has no cookie yet to be asked for. */
	if (fm->command == OF_FLOW_ADD && fm->cookie_mask != 0)
		return NXBRC_NXM_INVALID;
	fm->modify_cookie = fm->new_cookie != UINT64_MAX;
	return of_instructions_decode((enum of_version)msg->version, r.p, r.left, &fm->actions);
}

static uint16_t
known_flags(unsigned int version)
{
	uint16_t flags = OF_FLOW_SEND_FLOW_REM | OF_FLOW_CHECK_OVERLAP;

	if (version >= OF_VERSION_12)
		flags |= OF_FLOW_RESET_COUNTS;
	if (version >= OF_VERSION_13)
		flags |= OF_FLOW_NO_PACKET_COUNTS | OF_FLOW_NO_BYTE_COUNTS;
	return flags;
}

static enum oferror
decode11(const struct of_msg *msg, struct of_flow_mod *fm)
{
	struct of_reader r;
	uint64_t cookie, cookie_mask;
	enum oferror error;

	of_reader_init(&r, msg->body, msg->body_len);
	cookie = of_reader_u64(&r);
	cookie_mask = of_reader_u64(&r);
	fm->table_id = of_reader_u8(&r);
	error = decode_command(of_reader_u8(&r), fm);
	if (error != OFERROR_OK)
		return error;
	fm->idle_timeout = of_reader_u16(&r);
	fm->hard_timeout = of_reader_u16(&r);
	fm->priority = of_reader_u16(&r);
	fm->buffer_id = of_reader_u32(&r);
	fm->out_port = of_reader_u32(&r);
	fm->out_group = of_reader_u32(&r);
	fm->flags = of_reader_u16(&r);
	fm->importance = of_reader_u16(&r);
	if ((fm->flags & ~known_flags(msg->version)) != 0)
		return OFPFMFC_BAD_FLAGS;
	if (msg->version < OF_VERSION_14)
		fm->importance = 0;
	if (msg->version < OF_VERSION_12 && fm->command == OF_FLOW_ADD)
		fm->flags |= OF_FLOW_RESET_COUNTS;
	if (fm->command == OF_FLOW_ADD) {
		fm->new_cookie = cookie;
	} else {
		fm->cookie = cookie & cookie_mask;
		fm->cookie_mask = cookie_mask;
		fm->new_cookie = UINT64_MAX;
	}
	if (!is_delete(fm)) {
		if (fm->table_id == OF_TABLE_ALL)
			return OFPFMFC_BAD_TABLE_ID;
		fm->out_port = OFP_PORT_NONE;
		fm->out_group = OF_GROUP_ANY;
	}
	if (!of_port_is_possible(fm->out_port))
		return OFPBAC_BAD_OUT_PORT;
	error = of_match_decode(&r, (enum of_version)msg->version, true, &fm->match);
	if (error != OFERROR_OK)
		return error;
	return of_instructions_decode((enum of_version)msg->version, r.p, r.left, &fm->actions);
}

enum oferror
of_flow_mod_decode(const struct of_msg *msg, bool table_id_ext, struct of_flow_mod *fm)
{
	enum oferror error;

	of_flow_mod_init(fm);
	if (msg->type == OF_MSG_NX_FLOW_MOD)
		error = decode_nx(msg, table_id_ext, fm);
	else if (msg->version == OF_VERSION_10)
		error = decode10(msg, table_id_ext, fm);
	else
		error = decode11(msg, fm);
	if (error != OFERROR_OK) {
		of_flow_mod_uninit(fm);
		return error;
	}
	if (!is_delete(fm))
		fm->out_port = OFP_PORT_NONE;
	return OFERROR_OK;
}

static uint16_t
command10(const struct of_flow_mod *fm, bool table_id_ext)
{
	return (uint16_t)(fm->command | (table_id_ext ? fm->table_id << 8 : 0));
}

/* A flow-mod's cookie when only one can be said: the new one, or all ones for "leave it". */
static uint64_t
wire_new_cookie(const struct of_flow_mod *fm)
{
	return fm->command == OF_FLOW_ADD || fm->modify_cookie ? fm->new_cookie : UINT64_MAX;
}

static void
encode10(const struct of_flow_mod *fm, bool table_id_ext, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_FLOW_MOD, OF_VERSION_10, xid);

	of_match10_encode(&fm->match, b);
	of_buf_put_u64(b, is_delete(fm) ? 0 : wire_new_cookie(fm));
	of_buf_put_u16(b, command10(fm, table_id_ext));
	of_buf_put_u16(b, fm->idle_timeout);
	of_buf_put_u16(b, fm->hard_timeout);
	of_buf_put_u16(b, fm->priority);
	of_buf_put_u32(b, fm->buffer_id);
	of_buf_put_u16(b, ofp_port_to10(fm->out_port));
	of_buf_put_u16(b, fm->flags & (OF_FLOW_SEND_FLOW_REM | OF_FLOW_CHECK_OVERLAP));
	of_actions_encode(OF_VERSION_10, &fm->actions, b);
	of_msg_end(b, start);
}

static void
encode_nx(const struct of_flow_mod *fm, enum of_version version, bool table_id_ext, uint32_t xid,
	struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_NX_FLOW_MOD, version, xid);
	size_t len_ofs, match;

	of_buf_put_u64(b, is_delete(fm) ? 0 : wire_new_cookie(fm));
	of_buf_put_u16(b, command10(fm, table_id_ext));
	of_buf_put_u16(b, fm->idle_timeout);
	of_buf_put_u16(b, fm->hard_timeout);
	of_buf_put_u16(b, fm->priority);
	of_buf_put_u32(b, fm->buffer_id);
	of_buf_put_u16(b, ofp_port_to10(fm->out_port));
	of_buf_put_u16(b, fm->flags & (OF_FLOW_SEND_FLOW_REM | OF_FLOW_CHECK_OVERLAP));
	len_ofs = b->len;
	of_buf_put_zeros(b, 8);
	match = b->len;
	of_oxm_put_match(version, &fm->match, b);
	of_nxm_put_cookie(fm->cookie, fm->cookie_mask, b);
	of_buf_set_u16(b, len_ofs, (uint16_t)(b->len - match));
	of_buf_pad(b, match, 8);
	of_instructions_encode(version, &fm->actions, b);
	of_msg_end(b, start);
}

static void
encode11(const struct of_flow_mod *fm, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_FLOW_MOD, version, xid);
	uint8_t table_id = fm->table_id;

	/* An added rule has to be in some table. */
	if (table_id == OF_TABLE_ALL && !is_delete(fm))
		table_id = 0;
	of_buf_put_u64(b, fm->command == OF_FLOW_ADD ? fm->new_cookie : fm->cookie);
	of_buf_put_u64(b, fm->command == OF_FLOW_ADD ? 0 : fm->cookie_mask);
	of_buf_put_u8(b, table_id);
	of_buf_put_u8(b, (uint8_t)fm->command);
	of_buf_put_u16(b, fm->idle_timeout);
	of_buf_put_u16(b, fm->hard_timeout);
	of_buf_put_u16(b, fm->priority);
	of_buf_put_u32(b, fm->buffer_id);
	of_buf_put_u32(b, fm->out_port);
	of_buf_put_u32(b, fm->out_group);
	of_buf_put_u16(b, fm->flags & known_flags(version));
	of_buf_put_u16(b, version >= OF_VERSION_14 ? fm->importance : 0);
	of_match_encode(version, &fm->match, b);
	of_instructions_encode(version, &fm->actions, b);
	of_msg_end(b, start);
}

void
of_flow_mod_encode(const struct of_flow_mod *fm, enum of_version version,
	enum of_flow_format format, bool table_id_ext, uint32_t xid, struct of_buf *b)
{
	if (format == OF_FLOW_FORMAT_NXM)
		encode_nx(fm, version, table_id_ext, xid, b);
	else if (version == OF_VERSION_10)
		encode10(fm, table_id_ext, xid, b);
	else
		encode11(fm, version, xid, b);
}

static bool
action_is_encodable(const struct ofpact *a, enum of_version version)
{
	if (version != OF_VERSION_10)
		return version >= OF_VERSION_13
			|| (a->type != OFPACT_METER && a->type != OFPACT_PUSH_PBB
				&& a->type != OFPACT_POP_PBB);
	switch (a->type) {
	case OFPACT_PUSH_VLAN:
	case OFPACT_PUSH_PBB:
	case OFPACT_POP_PBB:
	case OFPACT_COPY_TTL_OUT:
	case OFPACT_COPY_TTL_IN:
	case OFPACT_GROUP:
	case OFPACT_METER:
	case OFPACT_CLEAR_ACTIONS:
	case OFPACT_WRITE_ACTIONS: return false;
	default: return true;
	}
}

bool
of_flow_mod_is_encodable(
	const struct of_flow_mod *fm, enum of_version version, enum of_flow_format format)
{
	const struct ofpact *a;
	struct of_buf b = OF_BUF_INIT;
	struct match want, back;
	bool same;

	OFPACT_FOREACH(a, &fm->actions)
	{
		if (!action_is_encodable(a, version))
			return false;
	}
	if (version == OF_VERSION_10 && format == OF_FLOW_FORMAT_STANDARD)
		return fm->cookie_mask == 0 && of_match10_is_enough(&fm->match);
	of_oxm_put_match(version, &fm->match, &b);
	want = fm->match;
	of_match_canonical_vlan(&want);
	same = of_oxm_decode(b.data, b.len, true, &back) == OFERROR_OK && match_equal(&want, &back);
	of_buf_uninit(&b);
	return same;
}

static enum oferror
decode_removed10(struct of_reader *r, struct of_flow_removed *fr)
{
	enum oferror error = of_match10_decode(r, &fr->match);

	fr->cookie = of_reader_u64(r);
	fr->priority = of_reader_u16(r);
	fr->reason = of_reader_u8(r);
	of_reader_skip(r, 1);
	fr->duration_sec = of_reader_u32(r);
	fr->duration_nsec = of_reader_u32(r);
	fr->idle_timeout = of_reader_u16(r);
	of_reader_skip(r, 2);
	fr->packets = of_reader_u64(r);
	fr->bytes = of_reader_u64(r);
	return error;
}

static enum oferror
decode_removed_nx(struct of_reader *r, struct of_flow_removed *fr)
{
	uint16_t match_len;
	const uint8_t *match;
	uint8_t table;

	fr->cookie = of_reader_u64(r);
	fr->priority = of_reader_u16(r);
	fr->reason = of_reader_u8(r);
	table = of_reader_u8(r);
	fr->table_id = table == 0 ? OF_TABLE_ALL : (uint8_t)(table - 1);
	fr->duration_sec = of_reader_u32(r);
	fr->duration_nsec = of_reader_u32(r);
	fr->idle_timeout = of_reader_u16(r);
	match_len = of_reader_u16(r);
	fr->packets = of_reader_u64(r);
	fr->bytes = of_reader_u64(r);
	match = of_reader_pull(r, ROUND_UP((size_t)match_len, 8));
	if (match == NULL)
		return OFPBMC_BAD_LEN;
	return of_nxm_decode(match, match_len, false, &fr->match, NULL, NULL);
}

enum oferror
of_flow_removed_decode(const struct of_msg *msg, struct of_flow_removed *fr)
{
	struct of_reader r;
	enum oferror error;

	memset(fr, 0, sizeof *fr);
	fr->table_id = OF_TABLE_ALL;
	of_reader_init(&r, msg->body, msg->body_len);
	if (msg->type == OF_MSG_NX_FLOW_REMOVED) {
		error = decode_removed_nx(&r, fr);
	} else if (msg->version == OF_VERSION_10) {
		error = decode_removed10(&r, fr);
	} else {
		fr->cookie = of_reader_u64(&r);
		fr->priority = of_reader_u16(&r);
		fr->reason = of_reader_u8(&r);
		fr->table_id = of_reader_u8(&r);
		fr->duration_sec = of_reader_u32(&r);
		fr->duration_nsec = of_reader_u32(&r);
		fr->idle_timeout = of_reader_u16(&r);
		fr->hard_timeout = of_reader_u16(&r);
		fr->packets = of_reader_u64(&r);
		fr->bytes = of_reader_u64(&r);
		error = of_match_decode(&r, (enum of_version)msg->version, false, &fr->match);
	}
	return error == OFERROR_OK && r.failed ? OFPBRC_BAD_LEN : error;
}

static uint8_t
wire_reason(uint8_t reason, enum of_version version)
{
	uint8_t known = version < OF_VERSION_12 ? OF_FLOW_REMOVED_DELETE
		: version < OF_VERSION_14       ? OF_FLOW_REMOVED_GROUP_DELETE
						: N_OF_FLOW_REMOVED_REASONS;

	return reason > known ? OF_FLOW_REMOVED_DELETE : reason;
}

static void
encode_removed10(const struct of_flow_removed *fr, struct of_buf *b)
{
	of_match10_encode(&fr->match, b);
	of_buf_put_u64(b, fr->cookie);
	of_buf_put_u16(b, fr->priority);
	of_buf_put_u8(b, wire_reason(fr->reason, OF_VERSION_10));
	of_buf_put_u8(b, 0);
	of_buf_put_u32(b, fr->duration_sec);
	of_buf_put_u32(b, fr->duration_nsec);
	of_buf_put_u16(b, fr->idle_timeout);
	of_buf_put_u16(b, 0);
	of_buf_put_u64(b, fr->packets);
	of_buf_put_u64(b, fr->bytes);
}

static void
encode_removed_nx(const struct of_flow_removed *fr, enum of_version version, struct of_buf *b)
{
	size_t len_ofs, match;

	of_buf_put_u64(b, fr->cookie);
	of_buf_put_u16(b, fr->priority);
	of_buf_put_u8(b, wire_reason(fr->reason, OF_VERSION_10));
	of_buf_put_u8(b, (uint8_t)(fr->table_id + 1));
	of_buf_put_u32(b, fr->duration_sec);
	of_buf_put_u32(b, fr->duration_nsec);
	of_buf_put_u16(b, fr->idle_timeout);
	len_ofs = b->len;
	of_buf_put_u16(b, 0);
	of_buf_put_u64(b, fr->packets);
	of_buf_put_u64(b, fr->bytes);
	match = b->len;
	of_buf_set_u16(b, len_ofs, (uint16_t)of_oxm_put_match(version, &fr->match, b));
	of_buf_pad(b, match, 8);
}

void
of_flow_removed_encode(const struct of_flow_removed *fr, enum of_version version,
	enum of_flow_format format, uint32_t xid, struct of_buf *b)
{
	bool nx = format == OF_FLOW_FORMAT_NXM;
	size_t start =
		of_msg_begin(b, nx ? OF_MSG_NX_FLOW_REMOVED : OF_MSG_FLOW_REMOVED, version, xid);

	if (nx) {
		encode_removed_nx(fr, version, b);
	} else if (version == OF_VERSION_10) {
		encode_removed10(fr, b);
	} else {
		of_buf_put_u64(b, fr->cookie);
		of_buf_put_u16(b, fr->priority);
		of_buf_put_u8(b, wire_reason(fr->reason, version));
		of_buf_put_u8(b, fr->table_id);
		of_buf_put_u32(b, fr->duration_sec);
		of_buf_put_u32(b, fr->duration_nsec);
		of_buf_put_u16(b, fr->idle_timeout);
		of_buf_put_u16(b, fr->hard_timeout);
		of_buf_put_u64(b, fr->packets);
		of_buf_put_u64(b, fr->bytes);
		of_match_encode(version, &fr->match, b);
	}
	of_msg_end(b, start);
}
