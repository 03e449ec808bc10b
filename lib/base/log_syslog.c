/* SPDX-License-Identifier: Apache-2.0 */
/* log_syslog: hands lines to the system's log.  It knows levels by number only: see log_priv.h. */

#include <stdlib.h>
#include <syslog.h>

#include "base/alloc.h"
#include "base/log_priv.h"

void
log_syslog_open(const char *ident)
{
	static char *kept;

	/* openlog() keeps the pointer. */
	closelog();
	free(kept);
	kept = xstrdup(ident);
	openlog(kept, LOG_NDELAY, LOG_DAEMON);
}

void
log_syslog_write(int level, const char *line)
{
	/* By enum log_level: off, emer, err, warn, info, dbg. */
	static const int priorities[] = { LOG_DEBUG, LOG_ALERT, LOG_ERR, LOG_WARNING, LOG_NOTICE,
		LOG_DEBUG };

	syslog(priorities[level], "%s", line);
}
