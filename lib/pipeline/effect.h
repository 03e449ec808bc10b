/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_EFFECT_H
#define PIPELINE_EFFECT_H

/* effect: what a bridge tells whoever listens to it (OpenFlow connections).
 *
 * Model    One listener per bridge fills in 'struct bridge_events'; every call comes from main's loop, never from inside
 *          a call that the listener itself makes into the bridge, but for 'port_status'.
 * Owner    everything passed is borrowed for the call.
 * Threads  main. */

#include <stdbool.h>

#include "flow/match.h"
#include "openflow/flow_mod.h"
#include "openflow/packet.h"

struct bridge;
struct bridge_port_info;

struct bridge_packet_in {
	const uint8_t *data; /* The frame, not truncated to 'max_len'. */
	uint32_t len; /* Bytes at 'data'. */
	uint32_t orig_len; /* Bytes of the frame. */
	uint16_t max_len; /* Bytes wanted by the action; 0xffff: all. */
	uint8_t reason; /* enum of_packet_in_reason */
	uint8_t table_id;
	uint64_t cookie; /* Of the rule; UINT64_MAX if there was none. */
	uint32_t in_port; /* OpenFlow port. */
	uint16_t controller_id;
	const uint8_t *userdata;
	uint16_t userdata_len;
	struct match metadata; /* in_port, metadata and tunnel fields for the message's match. */
};

/* A rule that asked for it (OF_FLOW_SEND_FLOW_REM) is gone; its counters are final. */
struct bridge_flow_removed {
	struct match match;
	uint64_t cookie;
	uint64_t n_packets, n_bytes;
	uint64_t duration_ms;
	uint16_t priority;
	uint16_t idle_timeout_s, hard_timeout_s;
	uint8_t table_id;
	uint8_t reason; /* enum of_flow_removed_reason */
};

/* Numbering of OFPPR_*. */
enum port_status_reason {
	PORT_STATUS_ADD = 0,
	PORT_STATUS_DELETE = 1,
	PORT_STATUS_MODIFY = 2
};

/* Any member may be NULL. */
struct bridge_events {
	void (*packet_in)(void *aux, struct bridge *, const struct bridge_packet_in *);
	void (*flow_removed)(void *aux, struct bridge *, const struct bridge_flow_removed *);
	void (*port_status)(void *aux, struct bridge *, enum port_status_reason,
		const struct bridge_port_info *);
};

#endif /* PIPELINE_EFFECT_H */
