/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_REPLICA_H
#define OVSDB_REPLICA_H

/* replica: a copy of tables of a remote database, kept up to date, for tools.
 *
 * Model    Connect, fetch the schema, monitor some tables: ovsdb_replica_db() is then a volatile database
 *          with the rows of the server, to be read with row.h and table.h.  To change something, begin an
 *          ovsdb_txn on it, make the changes there (and see them), and hand it to
 *          ovsdb_replica_commit(): that sends operations and takes the local changes back; the new
 *          rows arrive as an update.
 * Rules    C1 Rows and transactions are valid until the next call that receives: _wait, _commit,
 *             _transact.
 *          C2 'timeout_ms' < 0 waits for ever.  After an error the connection is unusable.
 * Life     open -> monitor -> (read | commit | wait)* -> close.
 * Owner    The caller's; the database belongs to the replica.
 * Threads  the one thread of a tool.
 * See      utilities/ctl. */

#include <jansson.h>

#include "base/compiler.h"
#include "ovsdb/db.h"
#include "ovsdb/txn.h"

struct err;
struct ovsdb_replica;

/* Connects to 'target' ("unix:PATH", "tcp:HOST:PORT") and fetches the schema of 'database'.  Tries again
 * until 'timeout_ms' if 'retry', as a tool that starts along with the daemon wants.  Returns: 0,
 * -ETIMEDOUT, -ENOENT if there is no such database, or -errno.  Blocks: until then.  Role: main. */
int MUST_CHECK ovsdb_replica_open(const char *target, const char *database, bool retry,
	int timeout_ms, struct ovsdb_replica **replicap, struct err *err);

void ovsdb_replica_close(struct ovsdb_replica *replica);

/* The copy; empty until ovsdb_replica_monitor().  Its schema is the server's. */
struct ovsdb_db *ovsdb_replica_db(struct ovsdb_replica *replica);

/* Starts to copy the 'n' tables named, all columns; all tables if 'n' is 0.  Once per replica.
 * Blocks: until the rows are there. */
int MUST_CHECK ovsdb_replica_monitor(struct ovsdb_replica *replica, const char *const *tables,
	size_t n, int timeout_ms, struct err *err);

/* Waits for an update of the copy.  Returns: 0 after one or more, -ETIMEDOUT, or -errno.  Blocks: so. */
int MUST_CHECK ovsdb_replica_wait(struct ovsdb_replica *replica, int timeout_ms, struct err *err);

/* Sends the operations 'ops' (an array without the database's name; borrowed) and waits for the answer,
 * '*resultp': the array of RFC 7047's results, or NULL on failure.  An operation that failed makes it
 * -EINVAL with its error in 'err', or -EAGAIN if it was "timed out": a wait for a value that has changed.
 * Updates that the transaction caused have been applied by then.  'resultp' may be NULL.
 * Owner: the caller's reference to '*resultp'.  Blocks: so. */
int MUST_CHECK ovsdb_replica_transact(struct ovsdb_replica *replica, const json_t *ops,
	int timeout_ms, json_t **resultp, struct err *err);

/* Sends what 'txn', a transaction on ovsdb_replica_db(), did, with 'extra_ops' (an array or NULL; borrowed)
 * appended, e.g. a mutation of next_cfg with the select of its value, or a comment.  Results as for
 * ovsdb_replica_transact(); those of 'extra_ops' stand at the end.  Rows that were inserted have their
 * final UUIDs if the call succeeds: the server is asked to use the same.  Owner: takes 'txn', aborted.
 * Blocks: so. */
int MUST_CHECK ovsdb_replica_commit(struct ovsdb_replica *replica, struct ovsdb_txn *txn,
	const json_t *extra_ops, int timeout_ms, json_t **resultp, struct err *err);

#endif /* OVSDB_REPLICA_H */
