/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_FLOW_MOD_H
#define OPENFLOW_FLOW_MOD_H

/* flow_mod: the message that changes rules, and the one that tells that a rule is gone.
 *
 * Model    1.0's flow-mod, Nicira's and that of 1.1 and later become the same struct.
 * Rules    I1 Cookies are in host order.
 *          I2 In 1.0 (and Nicira's) the match of a decoded flow-mod is normalized: fields whose
 *             prerequisites are not there are wildcards, as that version asks.
 * Owner    the struct owns its actions: of_flow_mod_uninit().
 * Threads  any. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/match.h"
#include "openflow/error.h"
#include "openflow/msg.h"
#include "openflow/ofpact.h"

enum of_flow_mod_command {
	OF_FLOW_ADD,
	OF_FLOW_MODIFY,
	OF_FLOW_MODIFY_STRICT,
	OF_FLOW_DELETE,
	OF_FLOW_DELETE_STRICT,
	N_OF_FLOW_COMMANDS
};

/* of_flow_mod.flags; of a rule also kept and shown in statistics. */
#define OF_FLOW_SEND_FLOW_REM 0x0001
#define OF_FLOW_CHECK_OVERLAP 0x0002
#define OF_FLOW_RESET_COUNTS 0x0004 /* 1.0 and 1.1 imply it for add. */
#define OF_FLOW_NO_PACKET_COUNTS 0x0008
#define OF_FLOW_NO_BYTE_COUNTS 0x0010
#define OF_FLOW_EMERG 0x0100 /* 1.0, refused. */

#define OF_TABLE_ALL 0xff
#define OF_GROUP_ANY 0xffffffffu
#define OF_GROUP_ALL 0xfffffffcu
#define OF_GROUP_MAX 0xffffff00u
#define OF_METER_ALL 0xffffffffu
#define OF_METER_MAX 0xffff0000u
#define OF_NO_BUFFER 0xffffffffu
#define OF_DEFAULT_PRIORITY 0x8000

struct of_flow_mod {
	struct match match;
	uint16_t priority;
	enum of_flow_mod_command command;
	uint8_t table_id; /* OF_TABLE_ALL: not said (add: the switch chooses), all (delete). */
	uint64_t cookie; /* Only rules that have these bits ... */
	uint64_t cookie_mask; /* ... where this has ones are modified or deleted; 0: all. */
	uint64_t new_cookie; /* What an added rule, or a modified one, gets. */
	bool modify_cookie; /* A modified rule gets 'new_cookie'. */
	uint16_t idle_timeout; /* Seconds; 0: never. */
	uint16_t hard_timeout; /* Seconds; 0: never. */
	uint32_t buffer_id; /* OF_NO_BUFFER. */
	uint32_t out_port; /* Delete only rules that output there; OFP_PORT_NONE: all. */
	uint32_t out_group; /* Likewise; OF_GROUP_ANY: all. */
	uint16_t flags; /* OF_FLOW_*. */
	uint16_t importance; /* Since 1.4. */
	struct ofpacts actions;
};

/* Makes 'fm' an add of a rule that matches everything and drops. */
void of_flow_mod_init(struct of_flow_mod *fm);
void of_flow_mod_uninit(struct of_flow_mod *fm);

/* Reads OF_MSG_FLOW_MOD or OF_MSG_NX_FLOW_MOD into 'fm', which needs no init and owns nothing on
 * failure.  'table_id_ext' says that a 1.0 peer puts the table into the command
 * (OF_MSG_NX_FLOW_MOD_TABLE_ID).  Checks everything that the message itself tells; ports, tables and
 * prerequisites of actions are ofpacts_check()'s.
 * Returns: OFERROR_OK or the exact error.  Owner: the caller, of_flow_mod_uninit(). */
MUST_CHECK enum oferror
of_flow_mod_decode(const struct of_msg *msg, bool table_id_ext, struct of_flow_mod *fm);

/* How a peer of 1.0 wants flow-mods and statistics. */
enum of_flow_format {
	OF_FLOW_FORMAT_STANDARD, /* The version's own messages. */
	OF_FLOW_FORMAT_NXM, /* Nicira's, with a TLV match. */
};

/* Appends 'fm'.  With 1.0, a 'table_id' other than OF_TABLE_ALL needs 'table_id_ext'. */
void of_flow_mod_encode(const struct of_flow_mod *fm, enum of_version version,
	enum of_flow_format format, bool table_id_ext, uint32_t xid, struct of_buf *b);

/* True if 'fm' can be said in 'version' and 'format': match and actions both. */
bool of_flow_mod_is_encodable(
	const struct of_flow_mod *fm, enum of_version version, enum of_flow_format format);

/* Flow removed. */
enum of_flow_removed_reason {
	OF_FLOW_REMOVED_IDLE_TIMEOUT,
	OF_FLOW_REMOVED_HARD_TIMEOUT,
	OF_FLOW_REMOVED_DELETE,
	OF_FLOW_REMOVED_GROUP_DELETE, /* 1.0, 1.1: said as DELETE. */
	OF_FLOW_REMOVED_METER_DELETE, /* Since 1.4. */
	OF_FLOW_REMOVED_EVICTION, /* Since 1.4. */
	N_OF_FLOW_REMOVED_REASONS
};

struct of_flow_removed {
	struct match match;
	uint16_t priority;
	uint64_t cookie;
	uint8_t reason; /* enum of_flow_removed_reason. */
	uint8_t table_id; /* Since 1.1. */
	uint16_t idle_timeout;
	uint16_t hard_timeout; /* Since 1.2. */
	uint32_t duration_sec;
	uint32_t duration_nsec;
	uint64_t packets; /* UINT64_MAX: not known. */
	uint64_t bytes;
};

MUST_CHECK enum oferror
of_flow_removed_decode(const struct of_msg *msg, struct of_flow_removed *fr);
void of_flow_removed_encode(const struct of_flow_removed *fr, enum of_version version,
	enum of_flow_format format, uint32_t xid, struct of_buf *b);

#endif /* OPENFLOW_FLOW_MOD_H */
