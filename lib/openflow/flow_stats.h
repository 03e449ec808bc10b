/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_FLOW_STATS_H
#define OPENFLOW_FLOW_STATS_H

/* flow_stats: asking for rules with their counters, one by one or summed.
 *
 * Model    A request is the same struct for flow and aggregate statistics, for the version's own
 *          message and Nicira's; the reply is in the kind of the request.
 *            of_flow_stats_reply_begin(&mp, msg, b); for each rule of_flow_stats_put(&mp, &fs);
 *            of_mp_end(&mp);
 * Owner    of a decoded of_flow_stats the caller uninits 'actions'; of one to encode 'actions' may
 *          be a borrowed list.
 * Threads  any. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/match.h"
#include "openflow/error.h"
#include "openflow/flow_mod.h"
#include "openflow/msg.h"
#include "openflow/ofpact.h"

struct of_flow_stats_request {
	struct match match; /* Rules that are at least as specific. */
	bool aggregate; /* Sums only. */
	uint8_t table_id; /* OF_TABLE_ALL: all. */
	uint32_t out_port; /* OFP_PORT_NONE: any. */
	uint32_t out_group; /* OF_GROUP_ANY: any. */
	uint64_t cookie; /* Only rules with these bits ... */
	uint64_t cookie_mask; /* ... where this has ones. */
};

struct of_flow_stats {
	struct match match;
	uint16_t priority;
	uint8_t table_id;
	uint64_t cookie;
	uint16_t idle_timeout;
	uint16_t hard_timeout;
	uint32_t duration_sec; /* Since the rule was added. */
	uint32_t duration_nsec;
	int idle_age; /* Seconds since the last packet; -1: not known.  Only Nicira's reply says it. */
	int hard_age; /* Seconds since the last change; -1: not known. */
	uint64_t packets; /* UINT64_MAX: not known. */
	uint64_t bytes;
	uint16_t flags; /* OF_FLOW_*; since 1.3. */
	uint16_t importance; /* Since 1.4. */
	struct ofpacts actions;
};

struct of_aggregate_stats {
	uint64_t packets; /* UINT64_MAX: not known. */
	uint64_t bytes;
	uint32_t flows;
};

/* Makes 'req' ask for all rules. */
void of_flow_stats_request_init(struct of_flow_stats_request *req);
/* Reads any of the four requests: OF_MSG_{,NX_}{FLOW,AGGREGATE}_STATS_REQUEST. */
MUST_CHECK enum oferror
of_flow_stats_request_decode(const struct of_msg *msg, struct of_flow_stats_request *req);
void of_flow_stats_request_encode(const struct of_flow_stats_request *req, enum of_version version,
	enum of_flow_format format, uint32_t xid, struct of_buf *b);

/* Starts the reply to the flow-stats request 'request' in 'b'. */
void of_flow_stats_reply_begin(struct of_mp *mp, const struct of_msg *request, struct of_buf *b);
/* Appends one rule. */
void of_flow_stats_put(struct of_mp *mp, const struct of_flow_stats *fs);
/* Reads the next rule of the reply 'msg' from 'r', which is at its body to begin with.  Call while
 * r->left > 0.
 * Owner: the caller uninits fs->actions, after success. */
MUST_CHECK enum oferror
of_flow_stats_next(const struct of_msg *msg, struct of_reader *r, struct of_flow_stats *fs);

/* Appends the reply to the aggregate request 'request'. */
void of_aggregate_stats_encode(
	const struct of_aggregate_stats *as, const struct of_msg *request, struct of_buf *b);
MUST_CHECK enum oferror
of_aggregate_stats_decode(const struct of_msg *msg, struct of_aggregate_stats *as);

#endif /* OPENFLOW_FLOW_STATS_H */
