/* SPDX-License-Identifier: Apache-2.0 */
/* Names of reserved OpenFlow ports. */

#include "flow/ofp_port.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

static const struct {
	const char *name;
	uint32_t port;
} reserved[] = {
	{ "IN_PORT", OFP_PORT_IN_PORT },
	{ "TABLE", OFP_PORT_TABLE },
	{ "NORMAL", OFP_PORT_NORMAL },
	{ "FLOOD", OFP_PORT_FLOOD },
	{ "ALL", OFP_PORT_ALL },
	{ "CONTROLLER", OFP_PORT_CONTROLLER },
	{ "LOCAL", OFP_PORT_LOCAL },
	{ "NONE", OFP_PORT_NONE },
	{ "ANY", OFP_PORT_NONE },
	{ "UNSET", OFP_PORT_UNSET },
};

const char *
ofp_port_name(uint32_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		if (reserved[i].port == port)
			return reserved[i].name;
	}
	return NULL;
}

bool
ofp_port_parse(const char *text, uint32_t *port)
{
	unsigned long long n;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		if (strcasecmp(text, reserved[i].name) == 0) {
			*port = reserved[i].port;
			return true;
		}
	}
	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno != 0 || *end != '\0' || n > UINT32_MAX)
		return false;
	/* Between the two ranges there is no port. */
	if (n >= OFP_PORT_MAX10 && n <= UINT16_MAX)
		*port = ofp_port_from10((uint16_t)n);
	else
		*port = (uint32_t)n;
	return true;
}
