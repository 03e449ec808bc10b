/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_PRIV_H
#define BASE_LOG_PRIV_H

/* log_priv: the way from log.c to the system's log.  A file of its own, because <syslog.h> and base/log.h give
 * different meanings to the same names.
 *
 * Threads  callers hold log.c's mutex. */

/* Begins to write under 'ident', which is copied. */
void log_syslog_open(const char *ident);

/* Writes "line"; 'level' is an enum log_level. */
void log_syslog_write(int level, const char *line);

#endif /* BASE_LOG_PRIV_H */
