/* SPDX-License-Identifier: Apache-2.0 */
/* The heads of group-mod and meter-mod, requests for groups, meters and queues, and the replies
 * that say what a switch can do. */

#include "openflow/group.h"

#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/flow_mod.h"

#define GROUP_COMMAND_MAX 2 /* OFPGC_DELETE */
#define GROUP_COMMAND_MAX15 5 /* OFPGC_REMOVE_BUCKET */
#define GROUP_TYPE_MAX 3 /* OFPGT_FF */
#define METER_COMMAND_MAX 2 /* OFPMC_DELETE */
#define METER_FLAGS 0xf /* OFPMF_* */
#define COMMAND_ADD 0

enum oferror
of_group_mod_decode(const struct of_msg *msg, struct of_group_mod *gm)
{
	struct of_reader r;
	uint16_t max = msg->version >= OF_VERSION_15 ? GROUP_COMMAND_MAX15 : GROUP_COMMAND_MAX;

	of_reader_init(&r, msg->body, msg->body_len);
	gm->command = of_reader_u16(&r);
	gm->type = of_reader_u8(&r);
	of_reader_skip(&r, 1);
	gm->group = of_reader_u32(&r);
	if (r.failed)
		return OFPBRC_BAD_LEN;
	if (gm->command > max)
		return OFPGMFC_BAD_COMMAND;
	if (gm->type > GROUP_TYPE_MAX)
		return OFPGMFC_BAD_TYPE;
	if (gm->command <= 1 && gm->group > OF_GROUP_MAX)
		return OFPGMFC_INVALID_GROUP;
	return OFERROR_OK;
}

enum oferror
of_meter_mod_decode(const struct of_msg *msg, struct of_meter_mod *mm)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	mm->command = of_reader_u16(&r);
	mm->flags = of_reader_u16(&r);
	mm->meter = of_reader_u32(&r);
	if (r.failed)
		return OFPBRC_BAD_LEN;
	if (mm->command > METER_COMMAND_MAX)
		return OFPMMFC_BAD_COMMAND;
	/* A rate is counted in kb/s or in packets, not in both. */
	if ((mm->flags & ~METER_FLAGS) != 0 || (mm->flags & 3) == 3)
		return OFPMMFC_BAD_FLAGS;
	if (mm->meter == 0 || (mm->command == COMMAND_ADD && mm->meter > OF_METER_MAX))
		return OFPMMFC_INVALID_METER;
	return OFERROR_OK;
}

enum oferror
of_group_request_decode(const struct of_msg *msg, uint32_t *groupp)
{
	struct of_reader r;

	*groupp = OF_GROUP_ALL;
	if (msg->body_len == 0)
		return OFERROR_OK;
	of_reader_init(&r, msg->body, msg->body_len);
	*groupp = of_reader_u32(&r);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

enum oferror
of_meter_request_decode(const struct of_msg *msg, uint32_t *meterp)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	*meterp = of_reader_u32(&r);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_group_features_encode(
	const struct of_group_features *gf, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_GROUP_FEATURES_REPLY, version, xid);

	of_buf_put_u32(b, gf->types);
	of_buf_put_u32(b, gf->capabilities);
	for (size_t i = 0; i < ARRAY_SIZE(gf->max_groups); i++)
		of_buf_put_u32(b, gf->max_groups[i]);
	for (size_t i = 0; i < ARRAY_SIZE(gf->actions); i++)
		of_buf_put_u32(b, gf->actions[i]);
	of_msg_end(b, start);
}

void
of_meter_features_encode(
	const struct of_meter_features *mf, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_METER_FEATURES_REPLY, version, xid);

	of_buf_put_u32(b, mf->max_meter);
	of_buf_put_u32(b, mf->band_types);
	of_buf_put_u32(b, mf->capabilities);
	of_buf_put_u8(b, mf->max_bands);
	of_buf_put_u8(b, mf->max_color);
	of_buf_put_zeros(b, 2);
	of_msg_end(b, start);
}

enum oferror
of_queue_stats_request_decode(const struct of_msg *msg, struct of_queue_stats_request *req)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	if (msg->version == OF_VERSION_10) {
		req->port = ofp_port_from10(of_reader_u16(&r));
		of_reader_skip(&r, 2);
		/* 1.0 asks for all with ALL. */
		if (req->port == OFP_PORT_ALL)
			req->port = OFP_PORT_NONE;
	} else {
		req->port = of_reader_u32(&r);
	}
	req->queue = of_reader_u32(&r);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_queue_stats_request_encode(const struct of_queue_stats_request *req, enum of_version version,
	uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_QUEUE_STATS_REQUEST, version, xid);

	if (version == OF_VERSION_10) {
		of_buf_put_u16(
			b, ofp_port_to10(req->port == OFP_PORT_NONE ? OFP_PORT_ALL : req->port));
		of_buf_put_zeros(b, 2);
	} else {
		of_buf_put_u32(b, req->port);
	}
	of_buf_put_u32(b, req->queue);
	of_msg_end(b, start);
}

void
of_queue_stats_put(struct of_mp *mp, const struct of_queue_stats *stats)
{
	struct of_buf *b = mp->b;
	size_t entry = b->len;

	if (mp->version >= OF_VERSION_14) {
		of_buf_put_u16(b, 48);
		of_buf_put_zeros(b, 6);
	}
	if (mp->version == OF_VERSION_10) {
		of_buf_put_u16(b, ofp_port_to10(stats->port));
		of_buf_put_zeros(b, 2);
	} else {
		of_buf_put_u32(b, stats->port);
	}
	of_buf_put_u32(b, stats->queue);
	of_buf_put_u64(b, stats->tx_bytes);
	of_buf_put_u64(b, stats->tx_packets);
	of_buf_put_u64(b, stats->tx_errors);
	if (mp->version >= OF_VERSION_13) {
		of_buf_put_u32(b, stats->duration_sec);
		of_buf_put_u32(b, stats->duration_nsec);
	}
	of_mp_entry(mp, entry);
}

enum oferror
of_queue_stats_next(struct of_reader *r, enum of_version version, struct of_queue_stats *stats)
{
	size_t extra = 0; /* Properties behind the entry. */

	memset(stats, 0, sizeof *stats);
	if (version >= OF_VERSION_14) {
		uint16_t len = of_reader_u16(r);

		of_reader_skip(r, 6);
		if (len < 48)
			return OFPBRC_BAD_LEN;
		extra = len - 48u;
	}
	if (version == OF_VERSION_10) {
		stats->port = ofp_port_from10(of_reader_u16(r));
		of_reader_skip(r, 2);
	} else {
		stats->port = of_reader_u32(r);
	}
	stats->queue = of_reader_u32(r);
	stats->tx_bytes = of_reader_u64(r);
	stats->tx_packets = of_reader_u64(r);
	stats->tx_errors = of_reader_u64(r);
	stats->duration_sec = stats->duration_nsec = UINT32_MAX;
	if (version >= OF_VERSION_13) {
		stats->duration_sec = of_reader_u32(r);
		stats->duration_nsec = of_reader_u32(r);
	}
	of_reader_skip(r, extra);
	return r->failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

enum oferror
of_queue_get_config_decode(const struct of_msg *msg, uint32_t *portp)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	*portp = msg->version == OF_VERSION_10 ? ofp_port_from10(of_reader_u16(&r))
					       : of_reader_u32(&r);
	return r.failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

void
of_queue_get_config_encode_none(
	uint32_t port, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_QUEUE_GET_CONFIG_REPLY, version, xid);

	if (version == OF_VERSION_10) {
		of_buf_put_u16(b, ofp_port_to10(port));
		of_buf_put_zeros(b, 6);
	} else {
		of_buf_put_u32(b, port);
		of_buf_put_zeros(b, 4);
	}
	of_msg_end(b, start);
}
