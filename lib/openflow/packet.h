/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_PACKET_H
#define OPENFLOW_PACKET_H

/* packet: packets that go up to a controller and packets that come down from one.
 *
 * Model    A packet-in is 1.0's, that of 1.2 and later, or Nicira's; which one a 1.0 controller
 *          gets it says with OF_MSG_NX_SET_PACKET_IN_FORMAT.
 * Owner    packets are borrowed: from the message, or from whoever encodes.  Decoded actions are
 *          the caller's.
 * Threads  any. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/match.h"
#include "openflow/error.h"
#include "openflow/msg.h"
#include "openflow/ofpact.h"

enum of_packet_in_reason {
	OF_PACKET_IN_NO_MATCH, /* Table-miss. */
	OF_PACKET_IN_ACTION, /* Output to controller. */
	OF_PACKET_IN_INVALID_TTL,
	OF_PACKET_IN_ACTION_SET, /* Since 1.4; before: ACTION. */
	OF_PACKET_IN_GROUP, /* Since 1.4. */
	OF_PACKET_IN_PACKET_OUT, /* Since 1.4. */
	N_OF_PACKET_IN_REASONS
};

enum of_packet_in_format {
	OF_PACKET_IN_STANDARD, /* The version's own. */
	OF_PACKET_IN_NXT, /* Nicira's first. */
};

struct of_packet_in {
	const uint8_t *packet; /* The bytes that are sent. */
	size_t packet_len; /* Of 'packet'; may be less than 'total_len'. */
	uint16_t total_len; /* Of the packet as it came in. */
	uint32_t buffer_id; /* OF_NO_BUFFER. */
	uint8_t reason; /* enum of_packet_in_reason. */
	uint8_t table_id; /* Since 1.1 and Nicira's. */
	uint64_t cookie; /* Of the rule; UINT64_MAX if none.  Since 1.3 and Nicira's. */
	/* in_port at least; since 1.2 also metadata, tunnel, registers.  In 1.0 only in_port goes. */
	struct match metadata;
};

struct of_packet_out {
	const uint8_t *packet; /* Only if 'buffer_id' is OF_NO_BUFFER. */
	size_t packet_len;
	uint32_t buffer_id;
	uint32_t
		in_port; /* Number of the port it came from, or OFP_PORT_CONTROLLER, LOCAL, NONE. */
	struct ofpacts actions;
};

/* Appends 'pin', cut so that a message can have it. */
void of_packet_in_encode(const struct of_packet_in *pin, enum of_version version,
	enum of_packet_in_format format, uint32_t xid, struct of_buf *b);
/* Reads OF_MSG_PACKET_IN or OF_MSG_NX_PACKET_IN. */
MUST_CHECK enum oferror of_packet_in_decode(const struct of_msg *msg, struct of_packet_in *pin);

/* The port that 'pin' came in at, OFP_PORT_NONE if it does not say. */
uint32_t of_packet_in_port(const struct of_packet_in *pin);

/* The text of a reason, such as "no_match". */
const char *of_packet_in_reason_name(unsigned int reason);

void of_packet_out_encode(
	const struct of_packet_out *po, enum of_version version, uint32_t xid, struct of_buf *b);
/* Reads a packet-out; 'po' owns nothing on failure.  Owner: the caller uninits po->actions. */
MUST_CHECK enum oferror of_packet_out_decode(const struct of_msg *msg, struct of_packet_out *po);

#endif /* OPENFLOW_PACKET_H */
