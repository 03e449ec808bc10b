/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_STATUS_H
#define VSWITCHD_STATUS_H

/* status: the one way back, from what runs to status columns.
 * Rules    I1 A value that did not change is not written.
 *          I2 One transaction a call.
 * Threads  main. */

#include "live.h"
#include "ovsdb/db.h"
#include "ovsdb/server.h"

struct status_request {
	struct ovsdb_db *db;
	struct ovsdb_server *server;
	const struct live *live;
	const struct wanted *wanted; /* Applied. */
	bool with_config; /* ofport, error, versions, cur_cfg too: after an apply. */
	bool with_statistics; /* Counters too. */
};

/* Returns: 0, or -errno: nothing was written, which is logged. */
int status_write(const struct status_request *) ROLE_MAIN MUST_CHECK;

#endif /* VSWITCHD_STATUS_H */
