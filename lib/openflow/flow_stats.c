/* SPDX-License-Identifier: Apache-2.0 */
/* Flow and aggregate statistics, in the layouts of 1.0, of 1.1 and later, and of Nicira. */

#include "openflow/flow_stats.h"

#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/oxm_priv.h"

void
of_flow_stats_request_init(struct of_flow_stats_request *req)
{
	memset(req, 0, sizeof *req);
	match_init_catchall(&req->match);
	req->table_id = OF_TABLE_ALL;
	req->out_port = OFP_PORT_NONE;
	req->out_group = OF_GROUP_ANY;
}

static bool
is_nx(const struct of_msg *msg)
{
	return msg->type == OF_MSG_NX_FLOW_STATS_REQUEST
		|| msg->type == OF_MSG_NX_AGGREGATE_STATS_REQUEST
		|| msg->type == OF_MSG_NX_FLOW_STATS_REPLY;
}

static enum oferror
decode_request_nx(struct of_reader *r, struct of_flow_stats_request *req)
{
	uint16_t match_len;
	const uint8_t *match;
	enum oferror error;

	req->out_port = ofp_port_from10(of_reader_u16(r));
	match_len = of_reader_u16(r);
	req->table_id = of_reader_u8(r);
	of_reader_skip(r, 3);
	match = of_reader_pull(r, ROUND_UP((size_t)match_len, 8));
	if (match == NULL)
		return OFPBMC_BAD_LEN;
	error = of_nxm_decode(match, match_len, true, &req->match, &req->cookie, &req->cookie_mask);
	return error == OFERROR_OK && r->left > 0 ? OFPBRC_BAD_LEN : error;
}

enum oferror
of_flow_stats_request_decode(const struct of_msg *msg, struct of_flow_stats_request *req)
{
	struct of_reader r;
	enum oferror error;

	of_flow_stats_request_init(req);
	req->aggregate = msg->type == OF_MSG_AGGREGATE_STATS_REQUEST
		|| msg->type == OF_MSG_NX_AGGREGATE_STATS_REQUEST;
	of_reader_init(&r, msg->body, msg->body_len);
	if (is_nx(msg))
		return decode_request_nx(&r, req);
	if (msg->version == OF_VERSION_10) {
		error = of_match10_decode(&r, &req->match);
		req->table_id = of_reader_u8(&r);
		of_reader_skip(&r, 1);
		req->out_port = ofp_port_from10(of_reader_u16(&r));
		return error;
	}
	req->table_id = of_reader_u8(&r);
	of_reader_skip(&r, 3);
	req->out_port = of_reader_u32(&r);
	req->out_group = of_reader_u32(&r);
	of_reader_skip(&r, 4);
	req->cookie = of_reader_u64(&r);
	req->cookie_mask = of_reader_u64(&r);
	req->cookie &= req->cookie_mask;
	if (!of_port_is_possible(req->out_port))
		return OFPBAC_BAD_OUT_PORT;
	error = of_match_decode(&r, (enum of_version)msg->version, true, &req->match);
	return error == OFERROR_OK && r.left > 0 ? OFPBRC_BAD_LEN : error;
}

static void
encode_request_nx(
	const struct of_flow_stats_request *req, enum of_version version, struct of_buf *b)
{
	size_t len_ofs, match;

	of_buf_put_u16(b, ofp_port_to10(req->out_port));
	len_ofs = b->len;
	of_buf_put_u16(b, 0);
	of_buf_put_u8(b, req->table_id);
	of_buf_put_zeros(b, 3);
	match = b->len;
	of_oxm_put_match(version, &req->match, b);
	of_nxm_put_cookie(req->cookie, req->cookie_mask, b);
	of_buf_set_u16(b, len_ofs, (uint16_t)(b->len - match));
	of_buf_pad(b, match, 8);
}

void
of_flow_stats_request_encode(const struct of_flow_stats_request *req, enum of_version version,
	enum of_flow_format format, uint32_t xid, struct of_buf *b)
{
	bool nx = format == OF_FLOW_FORMAT_NXM;
	enum of_msg_type type =
		req->aggregate ? OF_MSG_AGGREGATE_STATS_REQUEST : OF_MSG_FLOW_STATS_REQUEST;
	enum of_msg_type nx_type =
		req->aggregate ? OF_MSG_NX_AGGREGATE_STATS_REQUEST : OF_MSG_NX_FLOW_STATS_REQUEST;
	size_t start = of_msg_begin(b, nx ? nx_type : type, version, xid);

	if (nx) {
		encode_request_nx(req, version, b);
	} else if (version == OF_VERSION_10) {
		of_match10_encode(&req->match, b);
		of_buf_put_u8(b, req->table_id);
		of_buf_put_u8(b, 0);
		of_buf_put_u16(b, ofp_port_to10(req->out_port));
	} else {
		of_buf_put_u8(b, req->table_id);
		of_buf_put_zeros(b, 3);
		of_buf_put_u32(b, req->out_port);
		of_buf_put_u32(b, req->out_group);
		of_buf_put_zeros(b, 4);
		of_buf_put_u64(b, req->cookie);
		of_buf_put_u64(b, req->cookie_mask);
		of_match_encode(version, &req->match, b);
	}
	of_msg_end(b, start);
}

void
of_flow_stats_reply_begin(struct of_mp *mp, const struct of_msg *request, struct of_buf *b)
{
	of_mp_begin(mp, is_nx(request) ? OF_MSG_NX_FLOW_STATS_REPLY : OF_MSG_FLOW_STATS_REPLY,
		(enum of_version)request->version, request->xid, b);
}

/* An age as Nicira's reply has it: one more than it is, 0 if it is not known. */
static uint16_t
wire_age(int age)
{
	return age < 0 ? 0 : (uint16_t)MIN(age + 1LL, (long long)UINT16_MAX);
}

static int
age_from_wire(uint16_t wire)
{
	return wire == 0 ? -1 : wire - 1;
}

static void
put_common(const struct of_flow_stats *fs, struct of_buf *b)
{
	of_buf_put_u32(b, fs->duration_sec);
	of_buf_put_u32(b, fs->duration_nsec);
	of_buf_put_u16(b, fs->priority);
	of_buf_put_u16(b, fs->idle_timeout);
	of_buf_put_u16(b, fs->hard_timeout);
}

static void
put_counters(const struct of_flow_stats *fs, struct of_buf *b)
{
	of_buf_put_u64(b, fs->cookie);
	of_buf_put_u64(b, fs->packets);
	of_buf_put_u64(b, fs->bytes);
}

static void
put_entry(struct of_mp *mp, const struct of_flow_stats *fs)
{
	struct of_buf *b = mp->b;

	if (mp->type == OF_MSG_NX_FLOW_STATS_REPLY) {
		size_t len_ofs, match;

		put_common(fs, b);
		len_ofs = b->len;
		of_buf_put_u16(b, 0);
		of_buf_put_u16(b, wire_age(fs->idle_age));
		of_buf_put_u16(b, wire_age(fs->hard_age));
		put_counters(fs, b);
		match = b->len;
		of_buf_set_u16(b, len_ofs, (uint16_t)of_oxm_put_match(mp->version, &fs->match, b));
		of_buf_pad(b, match, 8);
	} else if (mp->version == OF_VERSION_10) {
		of_match10_encode(&fs->match, b);
		put_common(fs, b);
		of_buf_put_zeros(b, 6);
		put_counters(fs, b);
	} else {
		put_common(fs, b);
		of_buf_put_u16(b, mp->version >= OF_VERSION_13 ? fs->flags : 0);
		of_buf_put_u16(b, mp->version >= OF_VERSION_14 ? fs->importance : 0);
		of_buf_put_zeros(b, 2);
		put_counters(fs, b);
		of_match_encode(mp->version, &fs->match, b);
	}
	of_instructions_encode(mp->version, &fs->actions, b);
}

void
of_flow_stats_put(struct of_mp *mp, const struct of_flow_stats *fs)
{
	struct of_buf *b = mp->b;
	size_t entry = b->len;

	of_buf_put_u16(b, 0);
	of_buf_put_u8(b, fs->table_id);
	of_buf_put_u8(b, 0);
	put_entry(mp, fs);
	of_buf_set_u16(b, entry, (uint16_t)MIN(b->len - entry, (size_t)UINT16_MAX));
	of_mp_entry(mp, entry);
}

static void
read_common(struct of_reader *r, struct of_flow_stats *fs)
{
	fs->duration_sec = of_reader_u32(r);
	fs->duration_nsec = of_reader_u32(r);
	fs->priority = of_reader_u16(r);
	fs->idle_timeout = of_reader_u16(r);
	fs->hard_timeout = of_reader_u16(r);
}

static void
read_counters(struct of_reader *r, struct of_flow_stats *fs)
{
	fs->cookie = of_reader_u64(r);
	fs->packets = of_reader_u64(r);
	fs->bytes = of_reader_u64(r);
}

static enum oferror
read_entry(const struct of_msg *msg, struct of_reader *r, struct of_flow_stats *fs)
{
	enum oferror error;

	if (is_nx(msg)) {
		uint16_t match_len;
		const uint8_t *match;

		read_common(r, fs);
		match_len = of_reader_u16(r);
		fs->idle_age = age_from_wire(of_reader_u16(r));
		fs->hard_age = age_from_wire(of_reader_u16(r));
		read_counters(r, fs);
		match = of_reader_pull(r, ROUND_UP((size_t)match_len, 8));
		if (match == NULL)
			return OFPBMC_BAD_LEN;
		return of_nxm_decode(match, match_len, false, &fs->match, NULL, NULL);
	}
	if (msg->version == OF_VERSION_10) {
		error = of_match10_decode(r, &fs->match);
		read_common(r, fs);
		of_reader_skip(r, 6);
		read_counters(r, fs);
		return error;
	}
	read_common(r, fs);
	fs->flags = of_reader_u16(r);
	fs->importance = of_reader_u16(r);
	of_reader_skip(r, 2);
	read_counters(r, fs);
	return of_match_decode(r, (enum of_version)msg->version, false, &fs->match);
}

enum oferror
of_flow_stats_next(const struct of_msg *msg, struct of_reader *r, struct of_flow_stats *fs)
{
	struct of_reader entry;
	uint16_t len = (uint16_t)(r->left < 2 ? 0 : r->p[0] << 8 | r->p[1]);
	const uint8_t *p = len < 4 ? NULL : of_reader_pull(r, len);
	enum oferror error;

	if (p == NULL)
		return OFPBRC_BAD_LEN;
	memset(fs, 0, sizeof *fs);
	fs->idle_age = fs->hard_age = -1;
	of_reader_init(&entry, p, len);
	of_reader_skip(&entry, 2);
	fs->table_id = of_reader_u8(&entry);
	of_reader_skip(&entry, 1);
	error = read_entry(msg, &entry, fs);
	if (error == OFERROR_OK && entry.failed)
		error = OFPBRC_BAD_LEN;
	if (error == OFERROR_OK)
		error = of_instructions_decode(
			(enum of_version)msg->version, entry.p, entry.left, &fs->actions);
	if (error != OFERROR_OK)
		ofpacts_uninit(&fs->actions);
	return error;
}

void
of_aggregate_stats_encode(
	const struct of_aggregate_stats *as, const struct of_msg *request, struct of_buf *b)
{
	size_t start = of_msg_begin(b,
		is_nx(request) ? OF_MSG_NX_AGGREGATE_STATS_REPLY : OF_MSG_AGGREGATE_STATS_REPLY,
		(enum of_version)request->version, request->xid);

	of_buf_put_u64(b, as->packets);
	of_buf_put_u64(b, as->bytes);
	of_buf_put_u32(b, as->flows);
	of_buf_put_u32(b, 0);
	of_msg_end(b, start);
}

enum oferror
of_aggregate_stats_decode(const struct of_msg *msg, struct of_aggregate_stats *as)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	as->packets = of_reader_u64(&r);
	as->bytes = of_reader_u64(&r);
	as->flows = of_reader_u32(&r);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}
