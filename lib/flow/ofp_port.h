/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_OFP_PORT_H
#define FLOW_OFP_PORT_H

/* ofp_port: OpenFlow port numbers as all rooms keep them.
 *
 * Model    32 bits, host order, numbered as in OpenFlow 1.1 and later.  OpenFlow 1.0 and the old text forms have
 *          16 bits: their reserved numbers 0xfff8...0xffff are the last eight here, and the codec and the text
 *          parser map them.  "No port" and "any" are the same number. */

#include <stdbool.h>

#include "base/compiler.h"

#define OFP_PORT_MAX 0xffffff00u /* Largest number that a port may have, plus one. */
#define OFP_PORT_UNSET 0xfffffff7u
#define OFP_PORT_IN_PORT 0xfffffff8u
#define OFP_PORT_TABLE 0xfffffff9u
#define OFP_PORT_NORMAL 0xfffffffau
#define OFP_PORT_FLOOD 0xfffffffbu
#define OFP_PORT_ALL 0xfffffffcu
#define OFP_PORT_CONTROLLER 0xfffffffdu
#define OFP_PORT_LOCAL 0xfffffffeu
#define OFP_PORT_NONE 0xffffffffu

#define OFP_PORT_MAX10 0xff00u /* Largest of OpenFlow 1.0, plus one. */

/* A 16-bit number as it is kept here. */
static inline uint32_t
ofp_port_from10(uint16_t port)
{
	return port < OFP_PORT_MAX10 ? port : port | 0xffff0000u;
}

/* The 16-bit form.  A number that has none gives 0xffff ("none"). */
static inline uint16_t
ofp_port_to10(uint32_t port)
{
	return port < OFP_PORT_MAX10 || port >= 0xffffff00u ? (uint16_t)port : 0xffff;
}

static inline bool
ofp_port_is_reserved(uint32_t port)
{
	return port >= OFP_PORT_MAX;
}

/* "LOCAL" for OFP_PORT_LOCAL and so on, NULL for a number that has no name. */
const char *ofp_port_name(uint32_t port);

/* Reads a reserved name (in any case), a number of 16 bits (reserved ones mapped) or of 32.
 * Returns: true, or false if 'text' is none. */
bool ofp_port_parse(const char *text, uint32_t *port);

#endif /* FLOW_OFP_PORT_H */
