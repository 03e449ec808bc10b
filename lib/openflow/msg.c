/* SPDX-License-Identifier: Apache-2.0 */
/* The table of messages, and headers read and written with it.  Everything that differs between
 * versions in how a message is named and how long it must be is a row here. */

#include "openflow/msg.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* How a message is named on the wire. */
enum kind {
	PLAIN, /* By the type. */
	MP_REQUEST, /* By a multipart subtype. */
	MP_REPLY,
	NX, /* By Nicira's vendor id and a subtype. */
	NXMP_REQUEST, /* By both. */
	NXMP_REPLY,
};

#define TYPE_VENDOR 4
#define SUBTYPE_VENDOR 0xffff
#define VERSION_ANY 0xff

/* How many bytes may follow the body's least length. */
#define EXACT 0
#define ANY 1

struct row {
	enum of_msg_type type;
	enum kind kind;
	uint8_t first; /* Versions. */
	uint8_t last;
	uint16_t number; /* Type, subtype or Nicira's subtype. */
	uint16_t min; /* Bytes of body at least ... */
	uint16_t more; /* ... and more in multiples of this: EXACT, ANY, or the size of an entry. */
};

/* The first row of a type that fits the version is the one that is sent. */
#define R(TYPE, KIND, FIRST, LAST, NUMBER, MIN, MORE)                                         \
	{                                                                                     \
		OF_MSG_##TYPE, KIND, OF_VERSION_##FIRST, OF_VERSION_##LAST, NUMBER, MIN, MORE \
	}
#define R_ALWAYS(TYPE, NUMBER, MIN, MORE)                               \
	{                                                               \
		OF_MSG_##TYPE, PLAIN, 0, VERSION_ANY, NUMBER, MIN, MORE \
	}

/* clang-format off */
static const struct row rows[] = {
	R_ALWAYS(HELLO, 0, 0, ANY),
	R_ALWAYS(ERROR, 1, 4, ANY),
	R_ALWAYS(ECHO_REQUEST, 2, 0, ANY),
	R_ALWAYS(ECHO_REPLY, 3, 0, ANY),
	R(FEATURES_REQUEST, PLAIN, 10, 15, 5, 0, EXACT),
	R(FEATURES_REPLY, PLAIN, 10, 10, 6, 24, 48),
	R(FEATURES_REPLY, PLAIN, 11, 12, 6, 24, 64),
	R(FEATURES_REPLY, PLAIN, 13, 15, 6, 24, EXACT),
	R(GET_CONFIG_REQUEST, PLAIN, 10, 15, 7, 0, EXACT),
	R(GET_CONFIG_REPLY, PLAIN, 10, 15, 8, 4, EXACT),
	R(SET_CONFIG, PLAIN, 10, 15, 9, 4, EXACT),
	R(PACKET_IN, PLAIN, 10, 10, 10, 10, ANY),
	R(PACKET_IN, PLAIN, 12, 12, 10, 8, ANY),
	R(PACKET_IN, PLAIN, 13, 15, 10, 16, ANY),
	R(FLOW_REMOVED, PLAIN, 10, 10, 11, 80, EXACT),
	R(FLOW_REMOVED, PLAIN, 12, 14, 11, 40, ANY),
	R(PORT_STATUS, PLAIN, 10, 10, 12, 56, EXACT),
	R(PORT_STATUS, PLAIN, 11, 13, 12, 72, EXACT),
	R(PORT_STATUS, PLAIN, 14, 15, 12, 48, ANY),
	R(PACKET_OUT, PLAIN, 10, 10, 13, 8, ANY),
	R(PACKET_OUT, PLAIN, 11, 14, 13, 16, ANY),
	R(PACKET_OUT, PLAIN, 15, 15, 13, 16, ANY),
	R(FLOW_MOD, PLAIN, 10, 10, 14, 64, ANY),
	R(FLOW_MOD, PLAIN, 11, 15, 14, 40, ANY),
	R(GROUP_MOD, PLAIN, 11, 14, 15, 8, ANY),
	R(GROUP_MOD, PLAIN, 15, 15, 15, 16, ANY),
	R(PORT_MOD, PLAIN, 10, 10, 15, 24, EXACT),
	R(PORT_MOD, PLAIN, 11, 13, 16, 32, EXACT),
	R(PORT_MOD, PLAIN, 14, 15, 16, 24, ANY),
	R(TABLE_MOD, PLAIN, 11, 13, 17, 8, EXACT),
	R(TABLE_MOD, PLAIN, 14, 15, 17, 8, ANY),
	R(METER_MOD, PLAIN, 13, 15, 29, 8, ANY),
	R(BARRIER_REQUEST, PLAIN, 10, 10, 18, 0, EXACT),
	R(BARRIER_REQUEST, PLAIN, 11, 15, 20, 0, EXACT),
	R(BARRIER_REPLY, PLAIN, 10, 10, 19, 0, EXACT),
	R(BARRIER_REPLY, PLAIN, 11, 15, 21, 0, EXACT),
	R(QUEUE_GET_CONFIG_REQUEST, PLAIN, 10, 10, 20, 4, EXACT),
	R(QUEUE_GET_CONFIG_REQUEST, PLAIN, 11, 13, 22, 8, EXACT),
	R(QUEUE_GET_CONFIG_REPLY, PLAIN, 10, 10, 21, 8, ANY),
	R(QUEUE_GET_CONFIG_REPLY, PLAIN, 11, 13, 23, 8, ANY),
	R(ROLE_REQUEST, PLAIN, 12, 15, 24, 16, EXACT),
	R(ROLE_REPLY, PLAIN, 12, 15, 25, 16, EXACT),
	R(ROLE_REQUEST, NX, 10, 11, 10, 4, EXACT),
	R(ROLE_REPLY, NX, 10, 11, 11, 4, EXACT),
	R(GET_ASYNC_REQUEST, PLAIN, 13, 15, 26, 0, EXACT),
	R(GET_ASYNC_REPLY, PLAIN, 13, 13, 27, 24, EXACT),
	R(GET_ASYNC_REPLY, PLAIN, 14, 15, 27, 0, ANY),
	R(SET_ASYNC, PLAIN, 13, 13, 28, 24, EXACT),
	R(SET_ASYNC, PLAIN, 14, 15, 28, 0, ANY),
	R(SET_ASYNC, NX, 10, 12, 19, 24, EXACT),
	R(ROLE_STATUS, PLAIN, 14, 15, 30, 16, ANY),
	R(TABLE_STATUS, PLAIN, 14, 15, 31, 8, ANY),
	R(REQUEST_FORWARD, PLAIN, 14, 15, 32, 8, ANY),
	R(BUNDLE_CONTROL, PLAIN, 14, 15, 33, 8, ANY),
	R(BUNDLE_ADD, PLAIN, 14, 15, 34, 16, ANY),
	R(CONTROLLER_STATUS, PLAIN, 15, 15, 35, 8, ANY),
	R(NX_FLOW_MOD, NX, 10, 15, 13, 32, ANY),
	R(NX_FLOW_MOD_TABLE_ID, NX, 10, 15, 15, 8, EXACT),
	R(NX_FLOW_REMOVED, NX, 10, 15, 14, 40, ANY),
	R(NX_FLOW_AGE, NX, 10, 15, 18, 0, EXACT),
	R(NX_SET_FLOW_FORMAT, NX, 10, 11, 12, 4, EXACT),
	R(NX_PACKET_IN, NX, 10, 15, 17, 24, ANY),
	R(NX_SET_PACKET_IN_FORMAT, NX, 10, 15, 16, 4, EXACT),
	R(NX_SET_CONTROLLER_ID, NX, 10, 15, 20, 8, EXACT),
	R(DESC_REQUEST, MP_REQUEST, 10, 15, 0, 0, EXACT),
	R(DESC_REPLY, MP_REPLY, 10, 15, 0, 1056, EXACT),
	R(FLOW_STATS_REQUEST, MP_REQUEST, 10, 10, 1, 44, EXACT),
	R(FLOW_STATS_REQUEST, MP_REQUEST, 11, 14, 1, 32, ANY),
	R(FLOW_STATS_REPLY, MP_REPLY, 10, 14, 1, 0, ANY),
	R(AGGREGATE_STATS_REQUEST, MP_REQUEST, 10, 10, 2, 44, EXACT),
	R(AGGREGATE_STATS_REQUEST, MP_REQUEST, 11, 14, 2, 32, ANY),
	R(AGGREGATE_STATS_REPLY, MP_REPLY, 10, 14, 2, 24, EXACT),
	R(TABLE_STATS_REQUEST, MP_REQUEST, 10, 15, 3, 0, EXACT),
	R(TABLE_STATS_REPLY, MP_REPLY, 10, 10, 3, 0, 64),
	R(TABLE_STATS_REPLY, MP_REPLY, 13, 15, 3, 0, 24),
	R(PORT_STATS_REQUEST, MP_REQUEST, 10, 15, 4, 8, EXACT),
	R(PORT_STATS_REPLY, MP_REPLY, 10, 10, 4, 0, 104),
	R(PORT_STATS_REPLY, MP_REPLY, 11, 12, 4, 0, 104),
	R(PORT_STATS_REPLY, MP_REPLY, 13, 13, 4, 0, 112),
	R(PORT_STATS_REPLY, MP_REPLY, 14, 15, 4, 0, ANY),
	R(QUEUE_STATS_REQUEST, MP_REQUEST, 10, 15, 5, 8, EXACT),
	R(QUEUE_STATS_REPLY, MP_REPLY, 10, 12, 5, 0, 32),
	R(QUEUE_STATS_REPLY, MP_REPLY, 13, 13, 5, 0, 40),
	R(QUEUE_STATS_REPLY, MP_REPLY, 14, 15, 5, 0, ANY),
	R(GROUP_STATS_REQUEST, MP_REQUEST, 11, 15, 6, 8, EXACT),
	R(GROUP_STATS_REPLY, MP_REPLY, 11, 15, 6, 0, ANY),
	R(GROUP_DESC_REQUEST, MP_REQUEST, 11, 14, 7, 0, EXACT),
	R(GROUP_DESC_REQUEST, MP_REQUEST, 15, 15, 7, 8, EXACT),
	R(GROUP_DESC_REPLY, MP_REPLY, 11, 15, 7, 0, ANY),
	R(GROUP_FEATURES_REQUEST, MP_REQUEST, 12, 15, 8, 0, EXACT),
	R(GROUP_FEATURES_REPLY, MP_REPLY, 12, 15, 8, 40, EXACT),
	R(METER_STATS_REQUEST, MP_REQUEST, 13, 15, 9, 8, EXACT),
	R(METER_STATS_REPLY, MP_REPLY, 13, 15, 9, 0, ANY),
	R(METER_CONFIG_REQUEST, MP_REQUEST, 13, 15, 10, 8, EXACT),
	R(METER_CONFIG_REPLY, MP_REPLY, 13, 15, 10, 0, ANY),
	R(METER_FEATURES_REQUEST, MP_REQUEST, 13, 15, 11, 0, EXACT),
	R(METER_FEATURES_REPLY, MP_REPLY, 13, 15, 11, 16, EXACT),
	R(TABLE_FEATURES_REQUEST, MP_REQUEST, 13, 15, 12, 0, ANY),
	R(TABLE_FEATURES_REPLY, MP_REPLY, 13, 15, 12, 0, ANY),
	R(PORT_DESC_REQUEST, MP_REQUEST, 10, 14, 13, 0, EXACT),
	R(PORT_DESC_REQUEST, MP_REQUEST, 15, 15, 13, 8, EXACT),
	R(PORT_DESC_REPLY, MP_REPLY, 10, 10, 13, 0, 48),
	R(PORT_DESC_REPLY, MP_REPLY, 11, 13, 13, 0, 64),
	R(PORT_DESC_REPLY, MP_REPLY, 14, 15, 13, 0, ANY),
	R(NX_FLOW_STATS_REQUEST, NXMP_REQUEST, 10, 11, 0, 8, ANY),
	R(NX_FLOW_STATS_REPLY, NXMP_REPLY, 10, 11, 0, 0, ANY),
	R(NX_AGGREGATE_STATS_REQUEST, NXMP_REQUEST, 10, 11, 1, 8, ANY),
	R(NX_AGGREGATE_STATS_REPLY, NXMP_REPLY, 10, 11, 1, 24, EXACT),
};
/* clang-format on */

#define MSG_NAME(NAME) #NAME,
static const char *const names[N_OF_MSGS] = { OF_MSG_LIST(MSG_NAME) };

static uint8_t
mp_request_type(unsigned int version)
{
	return version == OF_VERSION_10 ? 16 : 18;
}

static uint8_t
mp_reply_type(unsigned int version)
{
	return version == OF_VERSION_10 ? 17 : 19;
}

/* Bytes of the multipart header behind the OpenFlow header. */
static size_t
mp_header_len(unsigned int version)
{
	return version == OF_VERSION_10 ? 4 : 8;
}

static const struct row *
find_row(enum of_msg_type type, unsigned int version)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type == type && rows[i].first <= version && version <= rows[i].last)
			return &rows[i];
	}
	return NULL;
}

static const struct row *
find_wire(enum kind kind, uint32_t number, unsigned int version)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if (row->kind == kind && row->number == number && row->first <= version
			&& version <= row->last)
			return row;
	}
	return NULL;
}

const char *
of_msg_name(enum of_msg_type type)
{
	return type < N_OF_MSGS ? names[type] : "unknown";
}

size_t
of_msg_stated_len(const void *data, size_t len)
{
	const uint8_t *p = data;

	return len < OF_HEADER_LEN ? 0 : (size_t)(p[2] << 8 | p[3]);
}

static enum oferror
decode_vendor(struct of_reader *r, enum kind kind, struct of_msg *msg, const struct row **rowp)
{
	uint32_t vendor = of_reader_u32(r);
	uint32_t subtype;

	if (r->failed)
		return OFPBRC_BAD_LEN;
	if (vendor != OF_VENDOR_NICIRA)
		return OFPBRC_BAD_VENDOR;
	subtype = of_reader_u32(r);
	/* Nicira's multipart header of 1.0 is padded to the length that it has in later versions. */
	if (kind != NX && msg->version == OF_VERSION_10)
		of_reader_skip(r, 4);
	if (r->failed)
		return OFPBRC_BAD_LEN;
	*rowp = find_wire(kind, subtype, msg->version);
	return *rowp == NULL ? OFPBRC_BAD_SUBTYPE : OFERROR_OK;
}

static enum oferror
decode_mp(struct of_reader *r, bool reply, struct of_msg *msg, const struct row **rowp)
{
	uint16_t subtype = of_reader_u16(r);

	msg->mp_flags = of_reader_u16(r);
	of_reader_skip(r, mp_header_len(msg->version) - 4);
	if (r->failed)
		return OFPBRC_BAD_LEN;
	if (subtype == SUBTYPE_VENDOR)
		return decode_vendor(r, reply ? NXMP_REPLY : NXMP_REQUEST, msg, rowp);
	*rowp = find_wire(reply ? MP_REPLY : MP_REQUEST, subtype, msg->version);
	return *rowp == NULL ? OFPBRC_BAD_STAT : OFERROR_OK;
}

static enum oferror
find_message(struct of_reader *r, struct of_msg *msg, const struct row **rowp)
{
	*rowp = find_wire(PLAIN, msg->wire_type, msg->version);
	if (*rowp != NULL)
		return OFERROR_OK;
	if (msg->version < OF_VERSION_10 || msg->version > OF_VERSION_15)
		return OFPBRC_BAD_VERSION;
	if (msg->wire_type == TYPE_VENDOR)
		return decode_vendor(r, NX, msg, rowp);
	if (msg->wire_type == mp_request_type(msg->version))
		return decode_mp(r, false, msg, rowp);
	if (msg->wire_type == mp_reply_type(msg->version))
		return decode_mp(r, true, msg, rowp);
	return OFPBRC_BAD_TYPE;
}

enum oferror
of_msg_decode(const void *data, size_t len, struct of_msg *msg)
{
	const struct row *row = NULL;
	struct of_reader r;
	enum oferror error;
	size_t stated, extra;

	memset(msg, 0, sizeof *msg);
	msg->type = N_OF_MSGS;
	msg->data = data;
	msg->len = len;
	of_reader_init(&r, data, len);
	msg->version = of_reader_u8(&r);
	msg->wire_type = of_reader_u8(&r);
	stated = of_reader_u16(&r);
	msg->xid = of_reader_u32(&r);
	if (r.failed || stated != len)
		return OFPBRC_BAD_LEN;
	error = find_message(&r, msg, &row);
	if (error != OFERROR_OK)
		return error;

	msg->type = row->type;
	msg->body = r.p;
	msg->body_len = r.left;
	if (r.left < row->min)
		return OFPBRC_BAD_LEN;
	extra = r.left - row->min;
	if (row->more == EXACT ? extra != 0 : extra % row->more != 0)
		return OFPBRC_BAD_LEN;
	return OFERROR_OK;
}

bool
of_msg_exists(enum of_msg_type type, enum of_version version)
{
	return find_row(type, version) != NULL;
}

static uint8_t
wire_type(const struct row *row, unsigned int version)
{
	switch (row->kind) {
	case PLAIN: return (uint8_t)row->number;
	case NX: return TYPE_VENDOR;
	case MP_REQUEST:
	case NXMP_REQUEST: return mp_request_type(version);
	case MP_REPLY:
	case NXMP_REPLY: break;
	}
	return mp_reply_type(version);
}

size_t
of_msg_begin(struct of_buf *b, enum of_msg_type type, enum of_version version, uint32_t xid)
{
	const struct row *row = find_row(type, version);
	size_t start = b->len;

	/* A type that the version lacks is the caller's bug; the peer answers an unknown type. */
	of_buf_put_u8(b, (uint8_t)version);
	of_buf_put_u8(b, row == NULL ? 0xff : wire_type(row, version));
	of_buf_put_u16(b, 0);
	of_buf_put_u32(b, xid);
	if (row == NULL || row->kind == PLAIN)
		return start;
	if (row->kind != NX) {
		bool nx = row->kind == NXMP_REQUEST || row->kind == NXMP_REPLY;

		of_buf_put_u16(b, nx ? SUBTYPE_VENDOR : row->number);
		of_buf_put_zeros(b, mp_header_len(version) - 2);
		if (!nx)
			return start;
	}
	of_buf_put_u32(b, OF_VENDOR_NICIRA);
	of_buf_put_u32(b, row->number);
	if (row->kind != NX && version == OF_VERSION_10)
		of_buf_put_zeros(b, 4);
	return start;
}

void
of_msg_end(struct of_buf *b, size_t start)
{
	of_buf_set_u16(b, start + 2, (uint16_t)MIN(b->len - start, (size_t)UINT16_MAX));
}

void
of_msg_encode_empty(enum of_msg_type type, enum of_version version, uint32_t xid, struct of_buf *b)
{
	of_msg_end(b, of_msg_begin(b, type, version, xid));
}

void
of_msg_encode_echo_reply(const struct of_msg *request, struct of_buf *b)
{
	size_t start =
		of_msg_begin(b, OF_MSG_ECHO_REPLY, (enum of_version)request->version, request->xid);

	of_buf_put(b, request->body, request->body_len);
	of_msg_end(b, start);
}

void
of_mp_begin(struct of_mp *mp, enum of_msg_type type, enum of_version version, uint32_t xid,
	struct of_buf *b)
{
	mp->b = b;
	mp->type = type;
	mp->version = version;
	mp->xid = xid;
	mp->start = of_msg_begin(b, type, version, xid);
	mp->entries = b->len;
}

void
of_mp_entry(struct of_mp *mp, size_t entry)
{
	struct of_buf *b = mp->b;
	size_t n = b->len - entry;
	uint8_t *copy;

	if (b->len - mp->start <= UINT16_MAX)
		return;
	if (n > (size_t)UINT16_MAX - (mp->entries - mp->start)) {
		b->len = entry;
		return;
	}
	copy = xmemdup(b->data + entry, n);
	b->len = entry;
	of_buf_set_u16(b, mp->start + OF_HEADER_LEN + 2, OF_MSG_MORE);
	of_msg_end(b, mp->start);
	of_mp_begin(mp, mp->type, mp->version, mp->xid, b);
	of_buf_put(b, copy, n);
	free(copy);
}

void
of_mp_end(struct of_mp *mp)
{
	of_msg_end(mp->b, mp->start);
}
