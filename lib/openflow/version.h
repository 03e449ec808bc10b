/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_VERSION_H
#define OPENFLOW_VERSION_H

/* version: the versions of OpenFlow and sets of them.
 *
 * Model    A set of versions is a bitmap in the layout of a hello's version bitmap: bit n stands
 *          for wire version n.  OF_VERSIONS_COMPLETE are those whose messages this room encodes and
 *          decodes in full; the tables have rows for the others too, but a connection must not
 *          negotiate them.  Names of this room start with of_ although the files do not, because its
 *          nouns (port, table, packet, group) are also the names of things that the switch has.
 * Owner    plain data.
 * Threads  any. */

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;
struct str;

enum of_version {
	OF_VERSION_10 = 1,
	OF_VERSION_11 = 2,
	OF_VERSION_12 = 3,
	OF_VERSION_13 = 4,
	OF_VERSION_14 = 5,
	OF_VERSION_15 = 6,
};

#define OF_VERSION_BIT(VERSION) (1u << (VERSION))
#define OF_VERSIONS_ALL 0x7eu
#define OF_VERSIONS_COMPLETE (OF_VERSION_BIT(OF_VERSION_10) | OF_VERSION_BIT(OF_VERSION_13))

/* The name of 'version' in configuration, such as "OpenFlow13"; "unknown" for a number without a
 * name. */
const char *of_version_name(unsigned int version);

/* Finds the version called 'name' ("OpenFlow13", "openflow13", "OpenFlow1.3").
 * Returns: 0, or -EINVAL. */
MUST_CHECK int of_version_parse(const char *name, enum of_version *versionp);

/* Reads a set of version names separated by commas or spaces.
 * Returns: 0, or -EINVAL with '*err' set. */
MUST_CHECK int of_versions_parse(const char *names, uint32_t *versionsp, struct err *err);

/* Appends the names of 'versions' to 's', separated by ", ". */
void of_versions_format(uint32_t versions, struct str *s);

/* The version that two ends with 'ours' and 'theirs' speak: the highest that both have.
 * Returns: the wire version, or 0 if there is none. */
unsigned int of_versions_negotiate(uint32_t ours, uint32_t theirs);

#endif /* OPENFLOW_VERSION_H */
