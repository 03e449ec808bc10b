/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_MONITOR_H
#define OVSDB_MONITOR_H

/* monitor: tells one client what changes in the tables it asked for.
 *
 * Model    For each table the columns wanted, for which kinds of change each, and a condition on rows.  A
 *          commit is turned into one message, or none if nothing wanted changed.
 * Rules    M1 Applying the messages in order to the initial rows gives the client the database's rows.
 * Owner    The session.
 * Threads  main.
 * Cost     A commit costs each monitor the rows that changed. */

#include <jansson.h>

#include "base/compiler.h"
#include "ovsdb/txn.h"

struct ovsdb_err;
struct ovsdb_monitor;

/* Which request began the monitor, and so how its messages look. */
enum ovsdb_monitor_version {
	OVSDB_MONITOR_V1, /* "monitor": old and new values. */
	OVSDB_MONITOR_V2, /* "monitor_cond": kinds of change, differences, conditions. */
	OVSDB_MONITOR_V3, /* "monitor_cond_since": the same with the commit's name. */
};

/* Delivers an update of a monitor; called while a transaction commits.  Owner: takes 'params'. */
typedef void ovsdb_monitor_send(void *aux, const char *method, json_t *params);

/* Begins to monitor 'db' as 'requests' asks, under the client's name 'id' (borrowed).  Returns: 0 or
 * -EINVAL. */
int MUST_CHECK ovsdb_monitor_create(struct ovsdb_db *db, enum ovsdb_monitor_version version,
	const json_t *id, const json_t *requests, ovsdb_monitor_send *send, void *aux,
	struct ovsdb_monitor **monitorp, struct ovsdb_err *err);
void ovsdb_monitor_destroy(struct ovsdb_monitor *monitor);

/* The rows that the client starts with.  Owner: the caller's reference. */
json_t *ovsdb_monitor_initial(const struct ovsdb_monitor *monitor);

/* Replaces conditions as 'requests' asks and the name by 'id', and sends what comes and goes by it.
 * Returns: 0, or -EINVAL with nothing changed. */
int MUST_CHECK ovsdb_monitor_change(struct ovsdb_monitor *monitor, const json_t *id,
	const json_t *requests, struct ovsdb_err *err);

/* The database. */
struct ovsdb_db *ovsdb_monitor_db(const struct ovsdb_monitor *monitor);
enum ovsdb_monitor_version ovsdb_monitor_version(const struct ovsdb_monitor *monitor);

#endif /* OVSDB_MONITOR_H */
