/* SPDX-License-Identifier: Apache-2.0 */
/* drops: names of the drop reasons.  Room: stats. */

#include "stats/drops.h"

#include "base/compiler.h"

static const char *const names[] = {
#define DROP_REASON_NAME(ID, NAME, TEXT) NAME,
	DROP_REASONS(DROP_REASON_NAME)
};

static const char *const texts[] = {
#define DROP_REASON_TEXT(ID, NAME, TEXT) TEXT,
	DROP_REASONS(DROP_REASON_TEXT)
};

const char *
drop_reason_name(unsigned int reason)
{
	return reason < ARRAY_SIZE(names) ? names[reason] : "unknown";
}

const char *
drop_reason_text(unsigned int reason)
{
	return reason < ARRAY_SIZE(texts) ? texts[reason] : "unknown";
}
