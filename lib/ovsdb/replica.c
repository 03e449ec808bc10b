/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of remote databases.
 *
 * What a command line tool needs: a blocking connection, the schema, the rows of some tables, and a way to send a
 * transaction that was tried on the copy. */

#include "ovsdb/replica.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "ipc/jsonrpc.h"
#include "ipc/rpc_client.h"
#include "ovsdb/db_priv.h"

#define RETRY_MS 100

struct ovsdb_replica {
	struct rpc_client *rpc;
	struct ovsdb_db *db; /* The copy. */
	bool is_monitoring; /* ovsdb_replica_monitor() was called. */
};

static int64_t
deadline(int timeout_ms)
{
	return timeout_ms < 0 ? RPC_CLIENT_FOREVER : clock_ms() + timeout_ms;
}

/* Connects, again and again if 'retry'. */
static int
connect_server(const char *target, bool retry, int64_t deadline_ms, struct rpc_client **rpcp,
	struct err *err)
{
	for (;;) {
		int error = rpc_client_open(target, deadline_ms, rpcp, err);

		if (error == 0 || error == -EINVAL || error == -EACCES || error == -ETIMEDOUT
			|| !retry || clock_ms() + RETRY_MS >= deadline_ms)
			return error;
		poll(NULL, 0, RETRY_MS);
	}
}

/* Fetches the schema of 'database' and makes the empty copy. */
static int
fetch_schema(
	struct ovsdb_replica *replica, const char *database, int64_t deadline_ms, struct err *err)
{
	json_t *result = NULL, *rpc_error = NULL;
	struct ovsdb_err cause = { 0 };
	struct ovsdb_schema *schema;
	int error;

	error = rpc_client_call(replica->rpc, "get_schema", json_pack("[s]", database), deadline_ms,
		&result, &rpc_error, err);
	if (error == -EREMOTEIO) {
		json_decref(rpc_error);
		err_set(err, "the server has no database \"%s\"", database);
		return -ENOENT;
	}
	if (error != 0)
		return error;
	error = ovsdb_schema_from_json(result, &schema, &cause);
	json_decref(result);
	if (error != 0) {
		ovsdb_err_copy(err, &cause);
		err_prefix(err, "the server's schema");
		return -EPROTO;
	}
	replica->db = ovsdb_db_create(schema);
	ovsdb_schema_unref(schema);
	return 0;
}

int
ovsdb_replica_open(const char *target, const char *database, bool retry, int timeout_ms,
	struct ovsdb_replica **replicap, struct err *err)
{
	struct ovsdb_replica *replica = xzalloc(sizeof *replica);
	int64_t deadline_ms = deadline(timeout_ms);
	int error;

	*replicap = NULL;
	error = connect_server(target, retry, deadline_ms, &replica->rpc, err);
	if (error == 0)
		error = fetch_schema(replica, database, deadline_ms, err);
	if (error != 0) {
		ovsdb_replica_close(replica);
		return error;
	}
	*replicap = replica;
	return 0;
}

void
ovsdb_replica_close(struct ovsdb_replica *replica)
{
	if (replica == NULL)
		return;
	if (replica->rpc != NULL)
		rpc_client_close(replica->rpc);
	ovsdb_db_destroy(replica->db);
	free(replica);
}

struct ovsdb_db *
ovsdb_replica_db(struct ovsdb_replica *replica)
{
	return replica->db;
}

/* Sets the columns of 'values'; as differences if 'is_diff'. */
static int
apply_columns(struct ovsdb_txn *txn, struct ovsdb_row *row, const json_t *values, bool is_diff,
	struct ovsdb_err *err)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)values, name, value)
	{
		const struct ovsdb_column *column =
			ovsdb_table_schema_column(row->table->schema, name);
		struct ovsdb_datum datum;
		int error;

		if (column == NULL || column->index < N_OVSDB_STD_COLS)
			continue;
		error = ovsdb_datum_from_json_unchecked(&datum, &column->type, value, NULL, err);
		if (error != 0)
			return error;
		if (is_diff) {
			ovsdb_datum_apply_diff(
				ovsdb_txn_edit(txn, row, column), &datum, &column->type);
			ovsdb_datum_uninit(&datum, &column->type);
		} else {
			ovsdb_txn_replace(txn, row, column, &datum);
		}
	}
	return 0;
}

/* Applies the update of one row: {"initial" or "insert" or "modify": columns} or {"delete": null}. */
static int
apply_row(struct ovsdb_txn *txn, struct ovsdb_table *table, const char *uuid_text,
	const json_t *update, struct ovsdb_err *err)
{
	const json_t *initial = json_object_get(update, "initial");
	const json_t *insert = json_object_get(update, "insert");
	const json_t *modify = json_object_get(update, "modify");
	struct ovsdb_row *row;
	struct uuid uuid;

	if (!uuid_parse(uuid_text, &uuid))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"%.60s\" is not a UUID", uuid_text);
	row = ovsdb_table_lookup(table, &uuid);
	if (initial != NULL || insert != NULL) {
		if (row == NULL)
			row = ovsdb_txn_insert_row(txn, table, &uuid);
		return apply_columns(txn, row, initial != NULL ? initial : insert, false, err);
	}
	if (row == NULL)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "update of unknown row %s", uuid_text);
	if (modify != NULL)
		return apply_columns(txn, row, modify, true, err);
	ovsdb_txn_delete_row(txn, row);
	return 0;
}

/* Applies <table-updates2>. */
static int
apply_updates(struct ovsdb_replica *replica, const json_t *updates, struct err *err)
{
	struct ovsdb_txn *txn = ovsdb_txn_create_internal(replica->db);
	struct ovsdb_err cause = { 0 };
	const char *table_name, *uuid;
	json_t *rows, *update;
	int error = 0;

	txn->is_replica = true;
	json_object_foreach((json_t *)updates, table_name, rows)
	{
		struct ovsdb_table *table = ovsdb_db_table(replica->db, table_name);

		if (table == NULL)
			continue;
		json_object_foreach(rows, uuid, update)
		{
			if (error == 0)
				error = apply_row(txn, table, uuid, update, &cause);
		}
	}
	if (error != 0)
		ovsdb_txn_abort(txn);
	else
		error = ovsdb_txn_commit(txn, &cause);
	if (error != 0) {
		ovsdb_err_copy(err, &cause);
		err_prefix(err, "bad update from the server");
		return -EPROTO;
	}
	return 0;
}

/* All columns of 'table' that are its own. */
static json_t *
monitor_request(const struct ovsdb_table_schema *table)
{
	json_t *columns = json_array();

	for (size_t i = N_OVSDB_STD_COLS; i < table->n_columns; i++)
		json_array_append_new(columns, json_string(table->columns[i].name));
	return json_pack("[{so}]", "columns", columns);
}

int
ovsdb_replica_monitor(struct ovsdb_replica *replica, const char *const *tables, size_t n,
	int timeout_ms, struct err *err)
{
	const struct ovsdb_schema *schema = replica->db->schema;
	json_t *requests = json_object(), *result = NULL, *rpc_error = NULL;
	int error;

	for (size_t i = 0; i < (n > 0 ? n : schema->n_tables); i++) {
		const struct ovsdb_table_schema *table =
			n > 0 ? ovsdb_schema_table(schema, tables[i]) : &schema->tables[i];

		if (table == NULL) {
			json_decref(requests);
			err_set(err, "the server's database has no table \"%s\"", tables[i]);
			return -ENOENT;
		}
		json_object_set_new(requests, table->name, monitor_request(table));
	}
	error = rpc_client_call(replica->rpc, "monitor_cond",
		json_pack("[sso]", schema->name, "replica", requests), deadline(timeout_ms),
		&result, &rpc_error, err);
	json_decref(rpc_error);
	if (error != 0)
		return error;
	replica->is_monitoring = true;
	error = apply_updates(replica, result, err);
	json_decref(result);
	return error;
}

/* Handles messages until 'deadline_ms'; if 'wait', returns after the first update, else after all that is
 * there. */
static int
receive(struct ovsdb_replica *replica, bool wait, int64_t deadline_ms, struct err *err)
{
	unsigned int n_updates = 0;

	for (;;) {
		bool must_wait = wait && n_updates == 0;
		struct jsonrpc_msg *msg;
		struct err none = ERR_INIT;
		int error;

		error = rpc_client_next(
			replica->rpc, must_wait ? deadline_ms : 0, &msg, must_wait ? err : &none);
		if (error == -ETIMEDOUT && !must_wait)
			return 0;
		if (error != 0) {
			if (!must_wait)
				err_set(err, "%s", none.text);
			return error;
		}
		if (msg->type == JSONRPC_NOTIFY && strcmp(msg->method, "update2") == 0
			&& replica->is_monitoring) {
			error = apply_updates(replica, json_array_get(msg->params, 1), err);
			n_updates++;
		}
		jsonrpc_msg_destroy(msg);
		if (error != 0)
			return error;
	}
}

int
ovsdb_replica_wait(struct ovsdb_replica *replica, int timeout_ms, struct err *err)
{
	return receive(replica, true, deadline(timeout_ms), err);
}

/* Looks for the error of an operation among 'results'. */
static int
check_results(const json_t *results, struct err *err)
{
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *item = json_array_get(results, i);
		const char *tag = json_string_value(json_object_get(item, "error"));
		const char *details = json_string_value(json_object_get(item, "details"));

		if (tag == NULL)
			continue;
		if (details != NULL)
			err_set(err, "%s: %s", tag, details);
		else
			err_set(err, "%s", tag);
		return strcmp(tag, "timed out") == 0 ? -EAGAIN : -EINVAL;
	}
	return 0;
}

int
ovsdb_replica_transact(struct ovsdb_replica *replica, const json_t *ops, int timeout_ms,
	json_t **resultp, struct err *err)
{
	json_t *params = json_array(), *result = NULL, *rpc_error = NULL;
	int error, update_error;

	if (resultp != NULL)
		*resultp = NULL;
	json_array_append_new(params, json_string(replica->db->schema->name));
	json_array_extend(params, (json_t *)ops);
	error = rpc_client_call(
		replica->rpc, "transact", params, deadline(timeout_ms), &result, &rpc_error, err);
	json_decref(rpc_error);
	if (error != 0)
		return error;
	update_error = receive(replica, false, 0, err);
	error = check_results(result, err);
	if (error == 0)
		error = update_error;
	if (error == 0 && resultp != NULL)
		*resultp = json_incref(result);
	json_decref(result);
	return error;
}

int
ovsdb_replica_commit(struct ovsdb_replica *replica, struct ovsdb_txn *txn, const json_t *extra_ops,
	int timeout_ms, json_t **resultp, struct err *err)
{
	struct ovsdb_err cause = txn->error;
	bool has_failed = txn->has_failed;
	json_t *ops = ovsdb_txn_to_ops(txn);
	int error;

	if (resultp != NULL)
		*resultp = NULL;
	ovsdb_txn_abort(txn);
	if (has_failed) {
		ovsdb_err_copy(err, &cause);
		json_decref(ops);
		return -EINVAL;
	}
	if (extra_ops != NULL)
		json_array_extend(ops, (json_t *)extra_ops);
	error = ovsdb_replica_transact(replica, ops, timeout_ms, resultp, err);
	json_decref(ops);
	return error;
}
