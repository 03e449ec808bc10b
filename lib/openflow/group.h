/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_GROUP_H
#define OPENFLOW_GROUP_H

/* group: the part of groups, meters and queues that a switch without any needs to answer.
 *
 * Model    Requests are decoded and features replies encoded in full.  Of group-mod and meter-mod
 *          the head is decoded, so that the right error can be given; buckets and bands are not.
 *          XXX(openflow): buckets, bands, and the entries of the group and meter replies come with
 *          groups and meters.  A reply without entries is of_mp_begin() and of_mp_end().
 * Owner    plain data.
 * Threads  any. */

#include <stddef.h>
#include <stdint.h>

#include "openflow/error.h"
#include "openflow/msg.h"

struct of_group_mod {
	uint16_t command; /* OFPGC_*: 0 add, 1 modify, 2 delete. */
	uint8_t type; /* OFPGT_*: 0 all, 1 select, 2 indirect, 3 fast failover. */
	uint32_t group; /* OF_GROUP_ALL: all. */
};

struct of_meter_mod {
	uint16_t command; /* OFPMC_*: 0 add, 1 modify, 2 delete. */
	uint16_t flags; /* OFPMF_*. */
	uint32_t meter; /* OF_METER_ALL: all. */
};

struct of_group_features {
	uint32_t types; /* Bit n: type n. */
	uint32_t capabilities; /* OFPGFC_*. */
	uint32_t max_groups[4]; /* By type. */
	uint32_t actions[4]; /* By type; bit n: action n on the wire. */
};

struct of_meter_features {
	uint32_t max_meter; /* Number of meters. */
	uint32_t band_types; /* Bit n: OFPMBT_ n. */
	uint32_t capabilities; /* OFPMF_*. */
	uint8_t max_bands;
	uint8_t max_color;
};

struct of_queue_stats_request {
	uint32_t port; /* OFP_PORT_NONE: all. */
	uint32_t queue; /* 0xffffffff: all. */
};

struct of_queue_stats {
	uint32_t port;
	uint32_t queue;
	uint64_t tx_bytes; /* UINT64_MAX: not known; here and below. */
	uint64_t tx_packets;
	uint64_t tx_errors;
	uint32_t duration_sec; /* Since 1.3. */
	uint32_t duration_nsec;
};

/* Returns: OFERROR_OK, OFPGMFC_BAD_COMMAND, OFPGMFC_BAD_TYPE, OFPGMFC_INVALID_GROUP. */
MUST_CHECK enum oferror of_group_mod_decode(const struct of_msg *msg, struct of_group_mod *gm);
/* Returns: OFERROR_OK, OFPMMFC_BAD_COMMAND, OFPMMFC_BAD_FLAGS, OFPMMFC_INVALID_METER. */
MUST_CHECK enum oferror of_meter_mod_decode(const struct of_msg *msg, struct of_meter_mod *mm);

/* The group of a group-stats (or 1.5 group-desc) request; OF_GROUP_ALL: all. */
MUST_CHECK enum oferror of_group_request_decode(const struct of_msg *msg, uint32_t *groupp);
/* The meter of a meter-stats or meter-config request; OF_METER_ALL: all. */
MUST_CHECK enum oferror of_meter_request_decode(const struct of_msg *msg, uint32_t *meterp);

void of_group_features_encode(const struct of_group_features *gf, enum of_version version,
	uint32_t xid, struct of_buf *b);
void of_meter_features_encode(const struct of_meter_features *mf, enum of_version version,
	uint32_t xid, struct of_buf *b);

MUST_CHECK enum oferror
of_queue_stats_request_decode(const struct of_msg *msg, struct of_queue_stats_request *req);
void of_queue_stats_request_encode(const struct of_queue_stats_request *req,
	enum of_version version, uint32_t xid, struct of_buf *b);
/* Appends one entry to a queue-stats reply begun with of_mp_begin(OF_MSG_QUEUE_STATS_REPLY). */
void of_queue_stats_put(struct of_mp *mp, const struct of_queue_stats *stats);
MUST_CHECK enum oferror
of_queue_stats_next(struct of_reader *r, enum of_version version, struct of_queue_stats *stats);

/* The port of a queue-get-config request (up to 1.3); OFP_PORT_NONE: all. */
MUST_CHECK enum oferror of_queue_get_config_decode(const struct of_msg *msg, uint32_t *portp);
/* Appends the reply that 'port' has no queues. */
void of_queue_get_config_encode_none(
	uint32_t port, enum of_version version, uint32_t xid, struct of_buf *b);

#endif /* OPENFLOW_GROUP_H */
