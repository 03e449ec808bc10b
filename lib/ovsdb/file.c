/* SPDX-License-Identifier: Apache-2.0 */
/* What the records of a journal mean.
 *
 * The first record is the schema; each of the others is a transaction: tables, rows, columns, with differences
 * where a column can hold several elements.  Opens, replays, converts and compacts databases. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/shash.h"
#include "ovsdb/db_priv.h"
#include "ovsdb/journal.h"

#define LOG_THIS LOG_ovsdb
#include "base/log.h"

/* History that a file may carry before it is compacted without being asked. */
#define COMPACT_MIN_BYTES (UINT64_C(8) << 20)
#define COMPACT_FACTOR 4

/* The persistent columns of a row that are not at their defaults. */
static json_t *
full_row(const struct ovsdb_row *row)
{
	const struct ovsdb_table_schema *schema = row->table->schema;
	json_t *obj = json_object();

	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++) {
		const struct ovsdb_column *column = &schema->columns[i];

		if (column->is_ephemeral || ovsdb_datum_is_default(&row->fields[i], &column->type))
			continue;
		json_object_set_new(
			obj, column->name, ovsdb_datum_to_json(&row->fields[i], &column->type));
	}
	return obj;
}

/* The persistent columns of a row that changed, as differences; NULL if there are none. */
static json_t *
changed_row(const struct ovsdb_txn_row *txn_row)
{
	const struct ovsdb_table_schema *schema = txn_row->row->table->schema;
	json_t *obj = NULL;

	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++) {
		const struct ovsdb_column *column = &schema->columns[i];
		struct ovsdb_datum diff;

		if (column->is_ephemeral || !ovsdb_txn_row_changed(txn_row, column))
			continue;
		if (obj == NULL)
			obj = json_object();
		ovsdb_datum_diff(&diff, ovsdb_txn_row_old(txn_row, column),
			&txn_row->row->fields[i], &column->type);
		json_object_set_new(obj, column->name, ovsdb_datum_to_json(&diff, &column->type));
		ovsdb_datum_uninit(&diff, &column->type);
	}
	return obj;
}

/* Adds 'value' under the table and UUID of 'row'. */
static void
add_row(json_t *record, const struct ovsdb_row *row, json_t *value)
{
	json_t *table = json_object_get(record, row->table->schema->name);
	char uuid[UUID_LEN + 1];

	if (table == NULL) {
		table = json_object();
		json_object_set_new(record, row->table->schema->name, table);
	}
	uuid_format(&row->uuid, uuid);
	json_object_set_new(table, uuid, value);
}

/* Adds the members that are not tables. */
static void
add_header(json_t *record, const char *comment)
{
	json_object_set_new(record, "_date", json_integer(clock_wall_ms()));
	json_object_set_new(record, "_is_diff", json_true());
	if (comment != NULL && comment[0] != '\0')
		json_object_set_new(record, "_comment", json_string(comment));
}

int
ovsdb_file_commit(struct ovsdb_txn *txn, struct ovsdb_err *err)
{
	struct ovsdb_journal *journal = txn->db->journal;
	struct err text = ERR_INIT;
	struct ovsdb_txn_row *txn_row;
	json_t *record;
	int error = 0;

	if (journal == NULL || txn->is_load)
		return 0;
	record = json_object();
	LIST_FOREACH(txn_row, order, &txn->order) {
		json_t *value;

		if (!txn_row->is_changed)
			continue;
		if (txn_row->is_deleted)
			value = json_null();
		else if (txn_row->is_inserted)
			value = full_row(txn_row->row);
		else
			value = changed_row(txn_row);
		if (value != NULL)
			add_row(record, txn_row->row, value);
	}
	if (json_object_size(record) > 0) {
		add_header(record, str_cstr(&txn->comment));
		error = ovsdb_journal_append(journal, record, &text);
	}
	json_decref(record);
	if (error != 0) {
		LOG_ERR_RL("%s", text.text);
		ovsdb_err_set(err, OVSDB_TAG_IO, "%s", text.text);
	}
	return error;
}

/* Sets one column of a row that is being loaded. */
static int
load_column(struct ovsdb_txn *txn, struct ovsdb_row *row, const struct ovsdb_column *column,
	const json_t *json, bool is_diff, struct ovsdb_err *err)
{
	struct ovsdb_datum datum, *field = &row->fields[column->index];
	int error;

	error = ovsdb_datum_from_json_unchecked(&datum, &column->type, json, NULL, err);
	if (error != 0)
		return error;
	if (is_diff) {
		field = ovsdb_txn_edit(txn, row, column);
		ovsdb_datum_apply_diff(field, &datum, &column->type);
		ovsdb_datum_uninit(&datum, &column->type);
	} else {
		ovsdb_txn_replace(txn, row, column, &datum);
	}
	return ovsdb_datum_check(field, &column->type, err);
}

static int
load_row(struct ovsdb_txn *txn, struct ovsdb_table *table, const char *uuid_text,
	const json_t *json, bool is_diff, struct ovsdb_err *err)
{
	const char *name;
	struct uuid uuid;
	json_t *value;
	struct ovsdb_row *row;
	int error;

	if (!uuid_parse(uuid_text, &uuid))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"%.60s\" is not a UUID", uuid_text);
	row = ovsdb_table_lookup(table, &uuid);
	if (json_is_null(json)) {
		if (row == NULL)
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
				"row %s is deleted without having been there", uuid_text);
		ovsdb_txn_delete_row(txn, row);
		return 0;
	}
	if (!json_is_object(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "row %s is not an object", uuid_text);
	if (row == NULL) {
		row = ovsdb_txn_insert_row(txn, table, &uuid);
		is_diff = false;
	}
	json_object_foreach((json_t *)json, name, value)
	{
		const struct ovsdb_column *column = ovsdb_table_schema_column(table->schema, name);

		if (column == NULL || column->index < N_OVSDB_STD_COLS)
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "unknown column %.60s", name);
		if (column->is_ephemeral)
			continue;
		error = load_column(txn, row, column, value, is_diff, err);
		if (error != 0) {
			err_prefix(&err->text, "row %s column %s", uuid_text, name);
			return error;
		}
	}
	return 0;
}

/* Applies one record to 'db'. */
static int
load_record(struct ovsdb_txn *txn, const json_t *record, struct ovsdb_err *err)
{
	bool is_diff = json_is_true(json_object_get(record, "_is_diff"));
	const char *table_name, *uuid;
	json_t *rows, *row;
	int error;

	if (!json_is_object(record))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a record is not an object");
	json_object_foreach((json_t *)record, table_name, rows)
	{
		struct ovsdb_table *table;

		if (table_name[0] == '_') /* Date, comment and the like. */
			continue;
		table = ovsdb_db_table(txn->db, table_name);
		if (table == NULL || !json_is_object(rows))
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "unknown table %.60s", table_name);
		json_object_foreach(rows, uuid, row)
		{
			error = load_row(txn, table, uuid, row, is_diff, err);
			if (error != 0) {
				err_prefix(&err->text, "table %s", table_name);
				return error;
			}
		}
	}
	return 0;
}

/* Loads all records behind the schema into 'db', as one transaction. */
static int
replay(struct ovsdb_db *db, struct ovsdb_journal *journal, struct err *err)
{
	struct ovsdb_txn *txn = ovsdb_txn_create_internal(db);
	struct ovsdb_err cause = { 0 };
	size_t n_records = 1;
	json_t *record;
	int error;

	txn->is_load = true;
	for (;;) {
		error = ovsdb_journal_read(journal, &record, err);
		if (error != 0) {
			ovsdb_txn_abort(txn);
			return error;
		}
		if (record == NULL)
			break;
		error = load_record(txn, record, &cause);
		json_decref(record);
		if (error != 0) {
			ovsdb_txn_abort(txn);
			goto err_cause;
		}
		n_records++;
	}
	error = ovsdb_txn_commit(txn, &cause);
	if (error != 0)
		goto err_cause;
	return 0;

err_cause:
	ovsdb_err_copy(err, &cause);
	err_prefix(err, "%s: record %zu", ovsdb_journal_path(journal), n_records);
	return error;
}

/* Copies the columns that both schemas know from 'from' to a new row under the same UUID. */
static int
convert_row(struct ovsdb_txn *txn, struct ovsdb_table *table, const struct ovsdb_row *from,
	struct ovsdb_err *err)
{
	const struct ovsdb_table_schema *schema = from->table->schema;
	struct ovsdb_row *row = ovsdb_txn_insert_row(txn, table, &from->uuid);

	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++) {
		const struct ovsdb_column *old = &schema->columns[i];
		const struct ovsdb_column *new =
			ovsdb_table_schema_column(table->schema, old->name);
		struct ovsdb_datum datum;
		json_t *json;
		int error;

		if (ovsdb_datum_is_default(&from->fields[i], &old->type))
			continue;
		if (new == NULL) {
			LOG_WARN(
				"conversion drops column %s of table %s, which this version does not "
				"know",
				old->name, schema->name);
			continue;
		}
		json = ovsdb_datum_to_json(&from->fields[i], &old->type);
		error = ovsdb_datum_from_json(&datum, &new->type, json, NULL, err);
		json_decref(json);
		if (error != 0) {
			err_prefix(&err->text, "table %s column %s", schema->name, old->name);
			return error;
		}
		ovsdb_txn_replace(txn, row, new, &datum);
	}
	return 0;
}

/* Makes '*dbp', which has an other version of 'schema', a database of 'schema' with the same rows. */
static int
convert(struct ovsdb_db **dbp, struct ovsdb_schema *schema, struct err *err)
{
	struct ovsdb_db *old = *dbp, *new = ovsdb_db_create(schema);
	struct ovsdb_txn *txn = ovsdb_txn_create_internal(new);
	struct ovsdb_err cause = { 0 };
	int error = 0;

	txn->is_load = true;
	for (size_t i = 0; i < old->schema->n_tables && error == 0; i++) {
		struct ovsdb_table *from = &old->tables[i];
		struct ovsdb_table *to = ovsdb_db_table(new, from->schema->name);
		struct ovsdb_row *row;

		if (to == NULL && ovsdb_table_count(from) > 0)
			LOG_WARN("conversion drops table %s, which this version does not know",
				from->schema->name);
		if (to == NULL)
			continue;
		OVSDB_TABLE_FOREACH(row, from) {
			error = convert_row(txn, to, row, &cause);
			if (error != 0)
				break;
		}
	}
	if (error != 0)
		ovsdb_txn_abort(txn);
	else
		error = ovsdb_txn_commit(txn, &cause);
	if (error != 0) {
		ovsdb_err_copy(err, &cause);
		err_prefix(err, "cannot convert from version %s to %s", old->schema->version,
			schema->version);
		ovsdb_db_destroy(new);
		return error;
	}
	new->journal = old->journal;
	old->journal = NULL;
	ovsdb_db_destroy(old);
	*dbp = new;
	return 0;
}

/* Converts an opened database to 'schema' and writes it, after keeping a copy of the file. */
static int
upgrade(struct ovsdb_db **dbp, struct ovsdb_schema *schema, struct err *err)
{
	char *suffix = xasprintf(
		".backup-%s-%lld", (*dbp)->schema->version, (long long int)clock_wall_ms());
	struct ovsdb_journal *journal = (*dbp)->journal;
	int error;

	error = convert(dbp, schema, err);
	if (error == 0)
		error = ovsdb_journal_keep_copy(journal, suffix, err);
	if (error == 0) {
		LOG_INFO("%s: converted to schema version %s; the old file is kept with the suffix "
			 "%s",
			ovsdb_journal_path(journal), schema->version, suffix);
		error = ovsdb_db_compact(*dbp, err);
	}
	free(suffix);
	return error;
}

/* Reads the schema record.  '*schemap' is NULL if the file is empty. */
static int
read_schema(struct ovsdb_journal *journal, struct ovsdb_schema **schemap, struct err *err)
{
	struct ovsdb_err cause = { 0 };
	json_t *record;
	int error;

	*schemap = NULL;
	error = ovsdb_journal_read(journal, &record, err);
	if (error != 0 || record == NULL)
		return error;
	error = ovsdb_schema_from_json(record, schemap, &cause);
	json_decref(record);
	if (error != 0) {
		ovsdb_err_copy(err, &cause);
		err_prefix(err, "%s: schema", ovsdb_journal_path(journal));
	}
	return error;
}

/* Fills an empty file. */
static int
create_file(struct ovsdb_schema *schema, struct ovsdb_journal *journal, struct ovsdb_db **dbp,
	struct err *err)
{
	const json_t *records[] = { schema->json };
	int error;

	error = ovsdb_journal_start(journal, err);
	if (error == 0)
		error = ovsdb_journal_replace(journal, records, 1, err);
	if (error != 0) {
		ovsdb_journal_close(journal);
		return error;
	}
	*dbp = ovsdb_db_create(schema);
	(*dbp)->journal = journal;
	return 0;
}

/* Loads a file whose schema was read.  Owner: takes 'journal'. */
static int
load_file(struct ovsdb_schema *schema, struct ovsdb_schema *file_schema,
	struct ovsdb_journal *journal, struct ovsdb_db **dbp, struct err *err)
{
	struct ovsdb_db *db;
	int error;

	db = ovsdb_db_create(file_schema);
	db->journal = journal;
	if (strcmp(schema->name, file_schema->name) != 0) {
		err_set(err, "%s: holds the database \"%.60s\", not \"%s\"",
			ovsdb_journal_path(journal), file_schema->name, schema->name);
		error = -EINVAL;
		goto err_destroy;
	}
	error = replay(db, journal, err);
	if (error == 0)
		error = ovsdb_journal_start(journal, err);
	if (error == 0 && !ovsdb_schema_equal(schema, file_schema))
		error = upgrade(&db, schema, err);
	if (error != 0)
		goto err_destroy;
	*dbp = db;
	return 0;

err_destroy:
	ovsdb_db_destroy(db);
	return error;
}

int
ovsdb_db_open(const char *path, const char *schema_text, struct ovsdb_db **dbp, struct err *err)
{
	struct ovsdb_schema *schema, *file_schema = NULL;
	struct ovsdb_err cause = { 0 };
	struct ovsdb_journal *journal;
	int error;

	*dbp = NULL;
	error = ovsdb_schema_from_text(schema_text, &schema, &cause);
	if (error != 0) {
		ovsdb_err_copy(err, &cause);
		return error;
	}
	error = ovsdb_journal_open(path, &journal, err);
	if (error != 0)
		goto out;
	error = read_schema(journal, &file_schema, err);
	if (error != 0)
		ovsdb_journal_close(journal);
	else if (file_schema == NULL)
		error = create_file(schema, journal, dbp, err);
	else
		error = load_file(schema, file_schema, journal, dbp, err);
out:
	ovsdb_schema_unref(file_schema);
	ovsdb_schema_unref(schema);
	return error;
}

int
ovsdb_db_compact(struct ovsdb_db *db, struct err *err)
{
	const json_t *records[2];
	json_t *rows;
	int error;

	if (db->journal == NULL)
		return 0;
	rows = json_object();
	for (size_t i = 0; i < db->schema->n_tables; i++) {
		struct ovsdb_row *row;

		OVSDB_TABLE_FOREACH(row, &db->tables[i])
			add_row(rows, row, full_row(row));
	}
	records[0] = db->schema->json;
	records[1] = rows;
	if (json_object_size(rows) > 0)
		add_header(rows, "compacted");
	error = ovsdb_journal_replace(
		db->journal, records, json_object_size(rows) > 0 ? 2 : 1, err);
	json_decref(rows);
	return error;
}

void
ovsdb_file_maybe_compact(struct ovsdb_db *db)
{
	struct err err = ERR_INIT;
	uint64_t size;

	if (db->journal == NULL)
		return;
	size = ovsdb_journal_size(db->journal);
	if (size < COMPACT_MIN_BYTES
		|| size < ovsdb_journal_base_size(db->journal) * COMPACT_FACTOR)
		return;
	if (ovsdb_db_compact(db, &err) != 0)
		LOG_WARN_RL("compaction failed: %s", err.text);
}
