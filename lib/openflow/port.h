/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_PORT_H
#define OPENFLOW_PORT_H

/* port: the messages that describe, count and change ports.
 *
 * Model    Port numbers are those of flow/ofp_port.h whatever the version; the codec translates
 *          1.0's.  Configuration, state and features have one numbering too, said below.
 * Owner    plain data.
 * Threads  any. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/ofp_port.h"
#include "openflow/buf.h"
#include "openflow/error.h"
#include "openflow/msg.h"

/* of_phy_port.config */
#define OF_PORT_CONFIG_DOWN 0x01
#define OF_PORT_CONFIG_NO_STP 0x02 /* 1.0 */
#define OF_PORT_CONFIG_NO_RECV 0x04
#define OF_PORT_CONFIG_NO_RECV_STP 0x08 /* 1.0 */
#define OF_PORT_CONFIG_NO_FLOOD 0x10 /* 1.0 */
#define OF_PORT_CONFIG_NO_FWD 0x20
#define OF_PORT_CONFIG_NO_PACKET_IN 0x40

/* of_phy_port.state */
#define OF_PORT_STATE_LINK_DOWN 0x01
#define OF_PORT_STATE_BLOCKED 0x02 /* Since 1.1. */
#define OF_PORT_STATE_LIVE 0x04 /* Since 1.1. */
#define OF_PORT_STATE_STP_SHIFT 8 /* 1.0: two bits, listen, learn, forward, block. */

/* of_phy_port.curr, advertised, supported, peer: the bits of 1.1 and later. */
#define OF_PORT_FEATURE_10MB_HD 0x0001
#define OF_PORT_FEATURE_10MB_FD 0x0002
#define OF_PORT_FEATURE_100MB_HD 0x0004
#define OF_PORT_FEATURE_100MB_FD 0x0008
#define OF_PORT_FEATURE_1GB_HD 0x0010
#define OF_PORT_FEATURE_1GB_FD 0x0020
#define OF_PORT_FEATURE_10GB_FD 0x0040
#define OF_PORT_FEATURE_40GB_FD 0x0080
#define OF_PORT_FEATURE_100GB_FD 0x0100
#define OF_PORT_FEATURE_1TB_FD 0x0200
#define OF_PORT_FEATURE_OTHER 0x0400
#define OF_PORT_FEATURE_COPPER 0x0800
#define OF_PORT_FEATURE_FIBER 0x1000
#define OF_PORT_FEATURE_AUTONEG 0x2000
#define OF_PORT_FEATURE_PAUSE 0x4000
#define OF_PORT_FEATURE_PAUSE_ASYM 0x8000

#define OF_PORT_NAME_SIZE 17 /* 16 bytes on the wire and a NUL. */

struct of_phy_port {
	uint32_t port_no;
	uint8_t hw_addr[6];
	char name[OF_PORT_NAME_SIZE];
	uint32_t config; /* OF_PORT_CONFIG_*. */
	uint32_t state; /* OF_PORT_STATE_*. */
	uint32_t curr; /* OF_PORT_FEATURE_*, here and in the next three. */
	uint32_t advertised;
	uint32_t supported;
	uint32_t peer;
	uint32_t curr_speed; /* kb/s; since 1.1.  0: of_port_encode() derives it from 'curr'. */
	uint32_t max_speed; /* kb/s; since 1.1.  0: derived from 'supported'. */
};

/* Counters of a port; UINT64_MAX is "not known". */
struct of_port_stats {
	uint32_t port_no;
	uint64_t rx_packets;
	uint64_t tx_packets;
	uint64_t rx_bytes;
	uint64_t tx_bytes;
	uint64_t rx_dropped;
	uint64_t tx_dropped;
	uint64_t rx_errors;
	uint64_t tx_errors;
	uint64_t rx_frame_err;
	uint64_t rx_over_err;
	uint64_t rx_crc_err;
	uint64_t collisions;
	uint32_t duration_sec; /* Since 1.3; UINT32_MAX: not known. */
	uint32_t duration_nsec;
};

struct of_port_mod {
	uint32_t port_no;
	uint8_t hw_addr[6]; /* Must be the port's. */
	uint32_t config; /* OF_PORT_CONFIG_*: the new bits ... */
	uint32_t mask; /* ... of those that change. */
	uint32_t advertise; /* OF_PORT_FEATURE_*; 0: no change. */
};

enum of_port_reason {
	OF_PORT_REASON_ADD,
	OF_PORT_REASON_DELETE,
	OF_PORT_REASON_MODIFY,
	N_OF_PORT_REASONS
};

struct of_port_status {
	uint8_t reason; /* enum of_port_reason. */
	struct of_phy_port port;
};

/* True if 'port' is reserved or a number that all versions have: those from 0xff00 up to the
 * reserved ones cannot be said in 1.0, nor told from its reserved ones in text, and no port gets
 * them. */
bool of_port_is_possible(uint32_t port);

/* kb/s of the fastest bit in 'features', 0 if there is none. */
uint32_t of_port_features_speed(uint32_t features);

/* Appends one port in the layout of 'version' (up to 1.3: fixed; later: with an Ethernet property).
 */
void of_phy_port_encode(const struct of_phy_port *port, enum of_version version, struct of_buf *b);
/* Reads one port from 'r'.  Returns: OFERROR_OK or OFPBRC_BAD_LEN, OFPBRC_BAD_PORT. */
MUST_CHECK enum oferror
of_phy_port_decode(struct of_reader *r, enum of_version version, struct of_phy_port *port);

/* Reads a port-desc request: which port, OFP_PORT_NONE for all (always, before 1.5). */
MUST_CHECK enum oferror of_port_desc_request_decode(const struct of_msg *msg, uint32_t *portp);
/* Appends a port-desc request; it works with 1.0 too, where it is an extension. */
void
of_port_desc_request_encode(uint32_t port, enum of_version version, uint32_t xid, struct of_buf *b);

/* Reads a port-stats request: which port, OFP_PORT_NONE for all. */
MUST_CHECK enum oferror of_port_stats_request_decode(const struct of_msg *msg, uint32_t *portp);
void of_port_stats_request_encode(
	uint32_t port, enum of_version version, uint32_t xid, struct of_buf *b);
/* Appends one entry to a port-stats reply begun with of_mp_begin(OF_MSG_PORT_STATS_REPLY). */
void of_port_stats_put(struct of_mp *mp, const struct of_port_stats *stats);
/* Reads the next entry of a reply's body.  Call while r->left > 0. */
MUST_CHECK enum oferror
of_port_stats_next(struct of_reader *r, enum of_version version, struct of_port_stats *stats);
/* Appends one port to a port-desc reply begun with of_mp_begin(OF_MSG_PORT_DESC_REPLY). */
void of_port_desc_put(struct of_mp *mp, const struct of_phy_port *port);

MUST_CHECK enum oferror of_port_mod_decode(const struct of_msg *msg, struct of_port_mod *mod);
void of_port_mod_encode(
	const struct of_port_mod *mod, enum of_version version, uint32_t xid, struct of_buf *b);

MUST_CHECK enum oferror
of_port_status_decode(const struct of_msg *msg, struct of_port_status *status);
void of_port_status_encode(const struct of_port_status *status, enum of_version version,
	uint32_t xid, struct of_buf *b);

#endif /* OPENFLOW_PORT_H */
