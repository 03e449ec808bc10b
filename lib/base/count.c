/* SPDX-License-Identifier: Apache-2.0 */
/* count: the counters of rare events and their names. */

#include "base/count.h"

_Atomic uint64_t count_cells[N_COUNT_EVENTS];

static const char *const names[N_COUNT_EVENTS] = {
#define X(NAME) #NAME,
	COUNT_EVENTS(X)
#undef X
};

const char *
count_name(enum count_event event)
{
	return names[event];
}
