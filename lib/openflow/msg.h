/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_MSG_H
#define OPENFLOW_MSG_H

/* msg: which message is this, whatever the version.
 *
 * Model    A message on the wire is named by a version, a type, for multipart ones a subtype, and
 *          for experimenter ones a vendor and a subtype.  One table (msg.c) has a row per (message,
 *          range of versions); of_msg_decode() looks a message up in it and of_msg_begin() writes
 *          the header from it.  The body begins behind the headers that the row speaks of: the 8
 *          bytes of OpenFlow's header, the multipart header, the experimenter's.  Modules for each
 *          message read the body.
 * Rules    I1 A message that of_msg_decode() accepted has at least the body bytes that its row asks
 *             for.
 * Owner    struct of_msg points into the bytes that it was made from.
 * Threads  any.
 * See      tests/fuzz/openflow_fuzz.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openflow/buf.h"
#include "openflow/error.h"
#include "openflow/version.h"

#define OF_HEADER_LEN 8
#define OF_VENDOR_NICIRA 0x00002320u
#define OF_VENDOR_ONF 0x4f4e4600u

#define OF_MSG_LIST(X)                       \
	X(HELLO)                             \
	X(ERROR)                             \
	X(ECHO_REQUEST)                      \
	X(ECHO_REPLY)                        \
	X(FEATURES_REQUEST)                  \
	X(FEATURES_REPLY)                    \
	X(GET_CONFIG_REQUEST)                \
	X(GET_CONFIG_REPLY)                  \
	X(SET_CONFIG)                        \
	X(PACKET_IN)                         \
	X(FLOW_REMOVED)                      \
	X(PORT_STATUS)                       \
	X(PACKET_OUT)                        \
	X(FLOW_MOD)                          \
	X(GROUP_MOD)                         \
	X(PORT_MOD)                          \
	X(TABLE_MOD)                         \
	X(METER_MOD)                         \
	X(BARRIER_REQUEST)                   \
	X(BARRIER_REPLY)                     \
	X(QUEUE_GET_CONFIG_REQUEST)          \
	X(QUEUE_GET_CONFIG_REPLY)            \
	X(ROLE_REQUEST) /* Also Nicira's. */ \
	X(ROLE_REPLY)                        \
	X(GET_ASYNC_REQUEST)                 \
	X(GET_ASYNC_REPLY)                   \
	X(SET_ASYNC) /* Also Nicira's. */    \
	X(ROLE_STATUS)                       \
	X(TABLE_STATUS)                      \
	X(REQUEST_FORWARD)                   \
	X(BUNDLE_CONTROL)                    \
	X(BUNDLE_ADD)                        \
	X(CONTROLLER_STATUS)                 \
	X(NX_FLOW_MOD)                       \
	X(NX_FLOW_MOD_TABLE_ID)              \
	X(NX_FLOW_REMOVED)                   \
	X(NX_FLOW_AGE)                       \
	X(NX_SET_FLOW_FORMAT)                \
	X(NX_PACKET_IN)                      \
	X(NX_SET_PACKET_IN_FORMAT)           \
	X(NX_SET_CONTROLLER_ID)              \
	X(DESC_REQUEST)                      \
	X(DESC_REPLY)                        \
	X(FLOW_STATS_REQUEST)                \
	X(FLOW_STATS_REPLY)                  \
	X(AGGREGATE_STATS_REQUEST)           \
	X(AGGREGATE_STATS_REPLY)             \
	X(TABLE_STATS_REQUEST)               \
	X(TABLE_STATS_REPLY)                 \
	X(PORT_STATS_REQUEST)                \
	X(PORT_STATS_REPLY)                  \
	X(QUEUE_STATS_REQUEST)               \
	X(QUEUE_STATS_REPLY)                 \
	X(GROUP_STATS_REQUEST)               \
	X(GROUP_STATS_REPLY)                 \
	X(GROUP_DESC_REQUEST)                \
	X(GROUP_DESC_REPLY)                  \
	X(GROUP_FEATURES_REQUEST)            \
	X(GROUP_FEATURES_REPLY)              \
	X(METER_STATS_REQUEST)               \
	X(METER_STATS_REPLY)                 \
	X(METER_CONFIG_REQUEST)              \
	X(METER_CONFIG_REPLY)                \
	X(METER_FEATURES_REQUEST)            \
	X(METER_FEATURES_REPLY)              \
	X(TABLE_FEATURES_REQUEST)            \
	X(TABLE_FEATURES_REPLY)              \
	X(PORT_DESC_REQUEST)                 \
	X(PORT_DESC_REPLY)                   \
	X(NX_FLOW_STATS_REQUEST)             \
	X(NX_FLOW_STATS_REPLY)               \
	X(NX_AGGREGATE_STATS_REQUEST)        \
	X(NX_AGGREGATE_STATS_REPLY)

#define OF_MSG_ENUM(NAME) OF_MSG_##NAME,
enum of_msg_type {
	OF_MSG_LIST(OF_MSG_ENUM) N_OF_MSGS
};

/* Flag of a multipart message: another part follows. */
#define OF_MSG_MORE 0x0001

struct of_msg {
	enum of_msg_type type; /* Which message; N_OF_MSGS if it was not found. */
	uint8_t version; /* As on the wire. */
	uint8_t wire_type; /* As on the wire. */
	uint32_t xid; /* Transaction id, host order. */
	uint16_t mp_flags; /* Flags of a multipart message, else 0. */
	const uint8_t *data; /* The whole message. */
	size_t len; /* Of the whole message. */
	const uint8_t *body; /* What follows the headers. */
	size_t body_len; /* Of the body. */
};

/* The name of 'type' as in OF_MSG_LIST, such as "FLOW_STATS_REQUEST". */
const char *of_msg_name(enum of_msg_type type);

/* The length that the OpenFlow header at 'data' states, or 0 if 'len' is less than OF_HEADER_LEN.
 * A stated length below OF_HEADER_LEN means that the stream is lost. */
size_t of_msg_stated_len(const void *data, size_t len);

/* Finds out what the 'len' bytes at 'data', one whole message, are.  Fills 'msg' as far as it gets
 * also when it fails, at least version, xid, data and len if there is a header.
 * Returns: OFERROR_OK, OFPBRC_BAD_LEN, OFPBRC_BAD_VERSION, OFPBRC_BAD_TYPE, OFPBRC_BAD_STAT,
 * OFPBRC_BAD_VENDOR, OFPBRC_BAD_SUBTYPE. */
MUST_CHECK enum oferror of_msg_decode(const void *data, size_t len, struct of_msg *msg);

/* True if 'version' has a message 'type'. */
bool of_msg_exists(enum of_msg_type type, enum of_version version);

/* Appends the headers of a message and returns where in 'b' it starts, for of_msg_end().  'version'
 * must have 'type'. */
size_t of_msg_begin(struct of_buf *b, enum of_msg_type type, enum of_version version, uint32_t xid);

/* Writes the length of the message that started at 'start' and ends at the end of 'b'. */
void of_msg_end(struct of_buf *b, size_t start);

/* Appends a message without a body: barrier request and reply, features request, ... */
void
of_msg_encode_empty(enum of_msg_type type, enum of_version version, uint32_t xid, struct of_buf *b);

/* Appends the echo reply to 'request'. */
void of_msg_encode_echo_reply(const struct of_msg *request, struct of_buf *b);

/* A multipart message that is written entry by entry and cut into parts of at most 64 kB. */
struct of_mp {
	struct of_buf *b; /* Where the parts go. */
	size_t start; /* Of the part now written. */
	size_t entries; /* Where its entries start. */
	enum of_msg_type type; /* Of all parts. */
	enum of_version version; /* Of all parts. */
	uint32_t xid; /* Of all parts. */
};

/* Starts a multipart message of 'type'; of_mp_end() must follow. */
void of_mp_begin(struct of_mp *mp, enum of_msg_type type, enum of_version version, uint32_t xid,
	struct of_buf *b);
/* Says that the bytes from 'entry' on are one entry, complete: moves it into a new part if the
 * present one has become too long.  An entry that no message can hold is left out. */
void of_mp_entry(struct of_mp *mp, size_t entry);
void of_mp_end(struct of_mp *mp);

#endif /* OPENFLOW_MSG_H */
