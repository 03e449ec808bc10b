/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_FORMAT_PRIV_H
#define FLOW_FORMAT_PRIV_H

/* format_priv: words that printing (format.c) and parsing (parse.c) share.
 *
 * Threads  none; constants. */

#include <stddef.h>
#include <stdint.h>

#include "flow/field.h"

struct format_flag {
	const char *name;
	uint32_t bit;
};

/* The flags of a field in format FIELD_FMT_TCP_FLAGS, _CT_STATE or _TUN_FLAGS, ended by a NULL name. */
const struct format_flag *format_flags(enum field_format);

struct format_protocol {
	const char *name; /* As it is printed. */
	uint16_t eth_type;
	int16_t ip_proto; /* -1: any. */
	const char *alias; /* Also read; or NULL. */
};

/* Words for an EtherType and maybe an IP protocol, those with a protocol first; ended by a NULL name. */
extern const struct format_protocol format_protocols[];

struct format_frag {
	const char *name;
	uint8_t value, mask;
};

extern const struct format_frag format_frags[]; /* Ended by a NULL name. */

#endif /* FLOW_FORMAT_PRIV_H */
