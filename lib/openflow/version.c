/* SPDX-License-Identifier: Apache-2.0 */
/* Names of OpenFlow versions and the choice of one.  The bottom of the room: nothing here knows
 * about messages. */

#include "openflow/version.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

static const struct {
	enum of_version version;
	const char *name; /* As it is written in the database. */
	const char *dotted; /* As people say it. */
} names[] = {
	{ OF_VERSION_10, "OpenFlow10", "OpenFlow1.0" },
	{ OF_VERSION_11, "OpenFlow11", "OpenFlow1.1" },
	{ OF_VERSION_12, "OpenFlow12", "OpenFlow1.2" },
	{ OF_VERSION_13, "OpenFlow13", "OpenFlow1.3" },
	{ OF_VERSION_14, "OpenFlow14", "OpenFlow1.4" },
	{ OF_VERSION_15, "OpenFlow15", "OpenFlow1.5" },
};

const char *
of_version_name(unsigned int version)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].version == version)
			return names[i].name;
	}
	return "unknown";
}

int
of_version_parse(const char *name, enum of_version *versionp)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcasecmp(names[i].name, name) == 0
			|| strcasecmp(names[i].dotted, name) == 0) {
			*versionp = names[i].version;
			return 0;
		}
	}
	return -EINVAL;
}

int
of_versions_parse(const char *text, uint32_t *versionsp, struct err *err)
{
	uint32_t versions = 0;

	for (;;) {
		char word[32];
		enum of_version version;
		size_t n;

		text += strspn(text, ", \t\n");
		n = strcspn(text, ", \t\n");
		if (n == 0)
			break;
		if (n < sizeof word) {
			memcpy(word, text, n);
			word[n] = '\0';
		}
		if (n >= sizeof word || of_version_parse(word, &version) != 0) {
			err_set(err, "%.*s: no such OpenFlow version", (int)MIN(n, (size_t)64),
				text);
			return -EINVAL;
		}
		versions |= OF_VERSION_BIT(version);
		text += n;
	}
	if (versions == 0) {
		err_set(err, "no OpenFlow version given");
		return -EINVAL;
	}
	*versionsp = versions;
	return 0;
}

void
of_versions_format(uint32_t versions, struct str *s)
{
	const char *separator = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if ((versions & OF_VERSION_BIT(names[i].version)) != 0) {
			str_printf(s, "%s%s", separator, names[i].name);
			separator = ", ";
		}
	}
}

unsigned int
of_versions_negotiate(uint32_t ours, uint32_t theirs)
{
	uint32_t common = ours & theirs;

	return common == 0 ? 0 : 31u - (unsigned int)__builtin_clz(common);
}
