/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_SWITCH_H
#define OPENFLOW_SWITCH_H

/* switch: what the switch is (features, description) and how the connection is set up (hello,
 * configuration, role, asynchronous messages).
 *
 * Owner    plain data.
 * Threads  any. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openflow/error.h"
#include "openflow/msg.h"
#include "openflow/port.h"

/* Appends a hello that offers 'versions'; its own version is the highest of them, and there is a
 * bitmap if they are not simply all up to it. */
void of_hello_encode(uint32_t versions, uint32_t xid, struct of_buf *b);
/* Reads the versions that a hello offers: from its bitmap, else all up to its own version. */
MUST_CHECK enum oferror of_hello_decode(const struct of_msg *msg, uint32_t *versionsp);

/* of_features.capabilities */
#define OF_CAPABILITY_FLOW_STATS 0x001
#define OF_CAPABILITY_TABLE_STATS 0x002
#define OF_CAPABILITY_PORT_STATS 0x004
#define OF_CAPABILITY_GROUP_STATS 0x008 /* Since 1.1; 1.0 has STP here. */
#define OF_CAPABILITY_IP_REASM 0x020
#define OF_CAPABILITY_QUEUE_STATS 0x040
#define OF_CAPABILITY_ARP_MATCH_IP 0x080 /* 1.0, 1.1. */
#define OF_CAPABILITY_PORT_BLOCKED 0x100 /* Since 1.2. */
#define OF_CAPABILITY_STP 0x10000 /* 1.0, not its number on the wire. */

struct of_features {
	uint64_t datapath_id;
	uint32_t n_buffers;
	uint8_t n_tables;
	uint8_t auxiliary_id; /* Since 1.3. */
	uint32_t
		capabilities; /* OF_CAPABILITY_*; those without a number in the version do not go. */
	uint32_t
		actions; /* 1.0: bit n for action n; of_features_init() sets those that this room knows. */
	size_t n_ports; /* Up to 1.2, of a decoded reply: ports behind it. */
	const uint8_t *ports; /* Of a decoded reply: for of_phy_port_decode(). */
	size_t ports_len; /* Bytes at 'ports'. */
};

void of_features_init(struct of_features *f);
/* Appends the features reply with the 'n_ports' ports at 'ports' (up to 1.2, as many as the message
 * can have). */
void of_features_encode(const struct of_features *f, const struct of_phy_port *ports,
	size_t n_ports, enum of_version version, uint32_t xid, struct of_buf *b);
MUST_CHECK enum oferror of_features_decode(const struct of_msg *msg, struct of_features *f);

/* of_config.frag */
enum of_frag {
	OF_FRAG_NORMAL,
	OF_FRAG_DROP,
	OF_FRAG_REASM,
	OF_FRAG_NX_MATCH, /* Nicira's: later fragments have ports 0. */
};

struct of_config {
	uint16_t frag; /* enum of_frag. */
	bool invalid_ttl_to_controller; /* 1.1, 1.2; or Nicira's use of the same bit in 1.0. */
	uint16_t miss_send_len;
};

/* Reads OF_MSG_SET_CONFIG or OF_MSG_GET_CONFIG_REPLY.  Returns: OFERROR_OK or OFPSCFC_BAD_FLAGS. */
MUST_CHECK enum oferror of_config_decode(const struct of_msg *msg, struct of_config *config);
/* Appends 'type', one of the two. */
void of_config_encode(const struct of_config *config, enum of_msg_type type,
	enum of_version version, uint32_t xid, struct of_buf *b);

struct of_desc {
	char mfr[257];
	char hw[257];
	char sw[257];
	char serial[33];
	char dp[257];
};

void
of_desc_encode(const struct of_desc *desc, enum of_version version, uint32_t xid, struct of_buf *b);
MUST_CHECK enum oferror of_desc_decode(const struct of_msg *msg, struct of_desc *desc);

enum of_role {
	OF_ROLE_NOCHANGE,
	OF_ROLE_EQUAL,
	OF_ROLE_PRIMARY, /* The specification's master. */
	OF_ROLE_SECONDARY, /* The specification's slave. */
	N_OF_ROLES
};

struct of_role_msg {
	enum of_role role;
	bool has_generation; /* The next member counts. */
	uint64_t generation; /* Since 1.2; UINT64_MAX in a reply: none yet. */
};

/* Reads OF_MSG_ROLE_REQUEST or OF_MSG_ROLE_REPLY.  Returns: OFERROR_OK or OFPRRFC_BAD_ROLE. */
MUST_CHECK enum oferror of_role_decode(const struct of_msg *msg, struct of_role_msg *role);
/* Appends 'type', one of the two, Nicira's for 1.0 and 1.1. */
void of_role_encode(const struct of_role_msg *role, enum of_msg_type type, enum of_version version,
	uint32_t xid, struct of_buf *b);

enum of_async_kind {
	OF_ASYNC_PACKET_IN, /* Bit: enum of_packet_in_reason. */
	OF_ASYNC_PORT_STATUS, /* Bit: enum of_port_reason. */
	OF_ASYNC_FLOW_REMOVED, /* Bit: enum of_flow_removed_reason. */
	N_OF_ASYNC_KINDS
};

struct of_async {
	uint32_t primary[N_OF_ASYNC_KINDS]; /* Reasons wanted while equal or primary. */
	uint32_t secondary[N_OF_ASYNC_KINDS]; /* Reasons wanted while secondary. */
};

/* Reads OF_MSG_SET_ASYNC or OF_MSG_GET_ASYNC_REPLY (up to 1.3). */
MUST_CHECK enum oferror of_async_decode(const struct of_msg *msg, struct of_async *async);
/* Appends 'type', one of the two. */
void of_async_encode(const struct of_async *async, enum of_msg_type type, enum of_version version,
	uint32_t xid, struct of_buf *b);
/* What a controller that has said nothing gets. */
void of_async_init(struct of_async *async, enum of_version version);

/* Nicira's one-number messages: NX_FLOW_MOD_TABLE_ID (0 or 1), NX_SET_FLOW_FORMAT (enum
 * of_flow_format; OFPBRC_EPERM for others), NX_SET_PACKET_IN_FORMAT (enum of_packet_in_format),
 * NX_SET_CONTROLLER_ID. */
MUST_CHECK enum oferror of_nx_number_decode(const struct of_msg *msg, uint32_t *numberp);
void of_nx_number_encode(enum of_msg_type type, enum of_version version, uint32_t xid,
	uint32_t number, struct of_buf *b);

#endif /* OPENFLOW_SWITCH_H */
