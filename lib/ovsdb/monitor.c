/* SPDX-License-Identifier: Apache-2.0 */
/* Monitors.
 *
 * Reads monitor requests and turns commits into update notifications.  What the three request methods have in
 * common is here; sessions and replies are in server.c. */

#include "ovsdb/monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ovsdb/condition.h"
#include "ovsdb/db_priv.h"

/* Kinds of change, as a mask. */
enum kind {
	KIND_INITIAL = 1 << 0,
	KIND_INSERT = 1 << 1,
	KIND_DELETE = 1 << 2,
	KIND_MODIFY = 1 << 3,
	KIND_ALL = KIND_INITIAL | KIND_INSERT | KIND_DELETE | KIND_MODIFY,
};

struct monitored_table {
	const struct ovsdb_table_schema *schema; /* NULL: not monitored. */
	unsigned int *kinds; /* By column: mask of enum kind. */
	unsigned int all_kinds; /* Kinds that any column, or an empty list of columns, wants. */
	struct ovsdb_condition cond;
};

struct ovsdb_monitor {
	struct ovsdb_db_watcher watcher; /* In the database. */
	struct ovsdb_db *db;
	enum ovsdb_monitor_version version;
	json_t *id; /* The client's name for it. */
	struct monitored_table *tables; /* By index of the schema. */
	ovsdb_monitor_send *send;
	void *aux; /* For 'send'. */
};

static int
parse_select(const json_t *json, unsigned int *kinds, struct ovsdb_err *err)
{
	static const struct {
		const char *name;
		unsigned int kind;
	} members[] = {
		{ "initial", KIND_INITIAL },
		{ "insert", KIND_INSERT },
		{ "delete", KIND_DELETE },
		{ "modify", KIND_MODIFY },
	};

	*kinds = KIND_ALL;
	if (json == NULL)
		return 0;
	if (!json_is_object(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"select\" must be an object");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json_t *value = json_object_get(json, members[i].name);

		if (value != NULL && !json_is_boolean(value))
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "\"%s\" must be a boolean", members[i].name);
		if (value != NULL && !json_is_true(value))
			*kinds &= ~members[i].kind;
	}
	return 0;
}

/* Adds the columns that 'json' names, all but "_uuid" if it is NULL. */
static int
parse_columns(
	struct monitored_table *mt, const json_t *json, unsigned int kinds, struct ovsdb_err *err)
{
	size_t n = json_array_size(json);

	mt->all_kinds |= kinds;
	if (json == NULL) {
		for (size_t i = 1; i < mt->schema->n_columns; i++)
			mt->kinds[i] |= kinds;
		return 0;
	}
	if (!json_is_array(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"columns\" must be an array");
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(json, i));
		const struct ovsdb_column *column =
			name != NULL ? ovsdb_table_schema_column(mt->schema, name) : NULL;

		if (column == NULL)
			return ovsdb_err_set(err, "unknown column",
				"%.60s is not a column of table %s",
				name != NULL ? name : "(not a string)", mt->schema->name);
		mt->kinds[column->index] |= kinds;
	}
	return 0;
}

/* Replaces the condition of 'mt' by "where" of 'json'. */
static int
parse_where(struct monitored_table *mt, const json_t *json, struct ovsdb_err *err)
{
	const json_t *where = json_object_get(json, "where");
	struct ovsdb_condition cond = { 0 };
	int error;

	if (where == NULL)
		return 0;
	error = ovsdb_condition_from_json(&cond, mt->schema, where, NULL, err);
	if (error != 0)
		return error;
	ovsdb_condition_uninit(&mt->cond);
	mt->cond = cond;
	return 0;
}

static int
parse_request(struct ovsdb_monitor *m, struct monitored_table *mt, const json_t *json,
	struct ovsdb_err *err)
{
	const char *key;
	json_t *value;
	unsigned int kinds;
	int error;

	if (!json_is_object(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a monitor request must be an object");
	json_object_foreach((json_t *)json, key, value)
	{
		if (strcmp(key, "columns") != 0 && strcmp(key, "select") != 0
			&& (strcmp(key, "where") != 0 || m->version == OVSDB_MONITOR_V1))
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
				"\"%.60s\" is not allowed in a monitor request", key);
	}
	error = parse_select(json_object_get(json, "select"), &kinds, err);
	if (error == 0)
		error = parse_columns(mt, json_object_get(json, "columns"), kinds, err);
	if (error == 0)
		error = parse_where(mt, json, err);
	return error;
}

/* The requests on one table: an array, or one alone. */
static int
parse_table(struct ovsdb_monitor *m, const char *name, const json_t *json, struct ovsdb_err *err)
{
	const struct ovsdb_table_schema *schema = ovsdb_schema_table(m->db->schema, name);
	struct monitored_table *mt;
	int error = 0;

	if (schema == NULL)
		return ovsdb_err_set(err, "unknown table", "no table named %.60s", name);
	mt = &m->tables[schema->index];
	mt->schema = schema;
	mt->kinds = xcalloc(schema->n_columns, sizeof *mt->kinds);
	if (!json_is_array(json))
		return parse_request(m, mt, json, err);
	for (size_t i = 0; i < json_array_size(json) && error == 0; i++)
		error = parse_request(m, mt, json_array_get(json, i), err);
	return error;
}

/* Where a row's values before or after a commit come from. */
struct row_view {
	const struct ovsdb_row *row;
	const struct ovsdb_txn_row *txn_row; /* For the old values; NULL for the new ones. */
};

static const struct ovsdb_datum *
view_field(const void *view_, const struct ovsdb_column *column)
{
	const struct row_view *view = view_;

	if (view->txn_row != NULL)
		return ovsdb_txn_row_old(view->txn_row, column);
	return ovsdb_row_field(view->row, column);
}

/* Whether the row, as it is ('txn_row' NULL) or was, satisfies 'cond'. */
static bool
matches(const struct ovsdb_condition *cond, const struct ovsdb_row *row,
	const struct ovsdb_txn_row *txn_row)
{
	struct row_view view = { row, txn_row };

	return ovsdb_condition_any(cond, view_field, &view);
}

/* The columns of 'view' that want 'kind'; defaults are left out if 'sparse'. */
static json_t *
view_to_json(const struct monitored_table *mt, const struct row_view *view, unsigned int kind,
	bool sparse)
{
	json_t *obj = json_object();

	for (size_t i = 0; i < mt->schema->n_columns; i++) {
		const struct ovsdb_column *column = &mt->schema->columns[i];
		const struct ovsdb_datum *field;

		if ((mt->kinds[i] & kind) == 0)
			continue;
		field = view_field(view, column);
		if (!sparse || !ovsdb_datum_is_default(field, &column->type))
			json_object_set_new(
				obj, column->name, ovsdb_datum_to_json(field, &column->type));
	}
	return obj;
}

/* The columns that want modifications and changed: old values, or differences.  NULL if there are none. */
static json_t *
changes_to_json(const struct monitored_table *mt, const struct ovsdb_txn_row *tr, bool as_diff)
{
	json_t *obj = NULL;

	for (size_t i = 0; i < mt->schema->n_columns; i++) {
		const struct ovsdb_column *column = &mt->schema->columns[i];
		const struct ovsdb_datum *old;
		struct ovsdb_datum diff;

		if ((mt->kinds[i] & KIND_MODIFY) == 0 || !ovsdb_txn_row_changed(tr, column))
			continue;
		if (obj == NULL)
			obj = json_object();
		old = ovsdb_txn_row_old(tr, column);
		if (!as_diff) {
			json_object_set_new(
				obj, column->name, ovsdb_datum_to_json(old, &column->type));
			continue;
		}
		ovsdb_datum_diff(&diff, old, ovsdb_row_field(tr->row, column), &column->type);
		json_object_set_new(obj, column->name, ovsdb_datum_to_json(&diff, &column->type));
		ovsdb_datum_uninit(&diff, &column->type);
	}
	return obj;
}

/* {'name': 'value'}.  Owner: takes 'value'. */
static json_t *
single(const char *name, json_t *value)
{
	json_t *obj = json_object();

	json_object_set_new(obj, name, value);
	return obj;
}

/* Update of a row for version 1, or NULL if nothing wanted changed. */
static json_t *
compose_v1(const struct monitored_table *mt, const struct ovsdb_txn_row *tr)
{
	struct row_view old = { tr->row, tr }, new = { tr->row, NULL };
	json_t *changes, *obj;

	if (tr->is_inserted)
		return (mt->all_kinds & KIND_INSERT) == 0
			? NULL
			: single("new", view_to_json(mt, &new, KIND_INSERT, false));
	if (tr->is_deleted)
		return (mt->all_kinds & KIND_DELETE) == 0
			? NULL
			: single("old", view_to_json(mt, &old, KIND_DELETE, false));
	changes = changes_to_json(mt, tr, false);
	if (changes == NULL)
		return NULL;
	obj = single("old", changes);
	json_object_set_new(obj, "new", view_to_json(mt, &new, KIND_MODIFY, false));
	return obj;
}

/* Update of a row for versions 2 and 3, or NULL. */
static json_t *
compose_v2(const struct monitored_table *mt, const struct ovsdb_txn_row *tr)
{
	bool had = !tr->is_inserted && matches(&mt->cond, tr->row, tr);
	bool has = !tr->is_deleted && matches(&mt->cond, tr->row, NULL);
	struct row_view new = { tr->row, NULL };
	json_t *changes;

	if (!had && has)
		return (mt->all_kinds & KIND_INSERT) == 0
			? NULL
			: single("insert", view_to_json(mt, &new, KIND_INSERT, true));
	if (had && !has)
		return (mt->all_kinds & KIND_DELETE) == 0 ? NULL : single("delete", json_null());
	if (!had)
		return NULL;
	changes = changes_to_json(mt, tr, true);
	return changes != NULL ? single("modify", changes) : NULL;
}

/* Adds the update of one row under its table and UUID.  Owner: takes 'update'. */
static void
add_update(json_t *updates, const struct ovsdb_row *row, json_t *update)
{
	const char *name = row->table->schema->name;
	json_t *table = json_object_get(updates, name);
	char uuid[UUID_LEN + 1];

	if (table == NULL) {
		table = json_object();
		json_object_set_new(updates, name, table);
	}
	uuid_format(&row->uuid, uuid);
	json_object_set_new(table, uuid, update);
}

/* Sends 'updates' unless it is empty.  Owner: takes 'updates'. */
static void
send_updates(struct ovsdb_monitor *m, json_t *updates)
{
	static const char *const methods[] = { "update", "update2", "update3" };
	char txn_id[UUID_LEN + 1];
	json_t *params;

	if (json_object_size(updates) == 0) {
		json_decref(updates);
		return;
	}
	params = json_array();
	json_array_append(params, m->id);
	if (m->version == OVSDB_MONITOR_V3) {
		uuid_format(&m->db->txn_id, txn_id);
		json_array_append_new(params, json_string(txn_id));
	}
	json_array_append_new(params, updates);
	m->send(m->aux, methods[m->version], params);
}

static void
monitor_committed(struct ovsdb_db_watcher *watcher, const struct ovsdb_txn *txn)
{
	struct ovsdb_monitor *m = CONTAINER_OF(watcher, struct ovsdb_monitor, watcher);
	json_t *updates = json_object();
	const struct ovsdb_txn_row *tr;

	LIST_FOREACH(tr, order, &txn->order) {
		const struct monitored_table *mt = &m->tables[tr->row->table->schema->index];
		json_t *update;

		if (!tr->is_changed || mt->schema == NULL)
			continue;
		update = m->version == OVSDB_MONITOR_V1 ? compose_v1(mt, tr) : compose_v2(mt, tr);
		if (update != NULL)
			add_update(updates, tr->row, update);
	}
	send_updates(m, updates);
}

int
ovsdb_monitor_create(struct ovsdb_db *db, enum ovsdb_monitor_version version, const json_t *id,
	const json_t *requests, ovsdb_monitor_send *send, void *aux,
	struct ovsdb_monitor **monitorp, struct ovsdb_err *err)
{
	struct ovsdb_monitor *m;
	const char *name;
	json_t *value;
	int error;

	*monitorp = NULL;
	if (!json_is_object(requests))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "monitor requests must be an object");
	m = xzalloc(sizeof *m);
	m->db = db;
	m->version = version;
	m->id = json_deep_copy(id);
	m->send = send;
	m->aux = aux;
	m->watcher.committed = monitor_committed;
	m->tables = xcalloc(db->schema->n_tables + 1, sizeof *m->tables);
	list_init(&m->watcher.node);
	json_object_foreach((json_t *)requests, name, value)
	{
		error = parse_table(m, name, value, err);
		if (error != 0) {
			ovsdb_monitor_destroy(m);
			return error;
		}
	}
	list_push_back(&db->watchers, &m->watcher.node);
	*monitorp = m;
	return 0;
}

void
ovsdb_monitor_destroy(struct ovsdb_monitor *m)
{
	if (m == NULL)
		return;
	list_remove(&m->watcher.node);
	for (size_t i = 0; i < m->db->schema->n_tables; i++) {
		ovsdb_condition_uninit(&m->tables[i].cond);
		free(m->tables[i].kinds);
	}
	free(m->tables);
	json_decref(m->id);
	free(m);
}

json_t *
ovsdb_monitor_initial(const struct ovsdb_monitor *m)
{
	bool is_v1 = m->version == OVSDB_MONITOR_V1;
	json_t *updates = json_object();

	for (size_t i = 0; i < m->db->schema->n_tables; i++) {
		const struct monitored_table *mt = &m->tables[i];
		struct ovsdb_row *row;

		if (mt->schema == NULL || (mt->all_kinds & KIND_INITIAL) == 0)
			continue;
		OVSDB_TABLE_FOREACH(row, &m->db->tables[i]) {
			struct row_view view = { row, NULL };

			if (matches(&mt->cond, row, NULL))
				add_update(updates, row,
					single(is_v1 ? "new" : "initial",
						view_to_json(mt, &view, KIND_INITIAL, !is_v1)));
		}
	}
	return updates;
}

/* Sends the rows of 'mt' that 'old' hid and its condition shows, and the reverse. */
static void
compose_change(const struct ovsdb_monitor *m, const struct monitored_table *mt,
	const struct ovsdb_condition *old, json_t *updates)
{
	struct ovsdb_row *row;

	OVSDB_TABLE_FOREACH(row, &m->db->tables[mt->schema->index]) {
		bool had = matches(old, row, NULL), has = matches(&mt->cond, row, NULL);
		struct row_view view = { row, NULL };

		if (!had && has)
			add_update(updates, row,
				single("insert", view_to_json(mt, &view, KIND_INSERT, true)));
		else if (had && !has)
			add_update(updates, row, single("delete", json_null()));
	}
}

/* The object with "where" for one table: alone, or the first of an array. */
static const json_t *
change_request(const json_t *json)
{
	return json_is_array(json) ? json_array_get(json, 0) : json;
}

int
ovsdb_monitor_change(
	struct ovsdb_monitor *m, const json_t *id, const json_t *requests, struct ovsdb_err *err)
{
	struct monitored_table probe;
	json_t *updates, *value;
	const char *name;
	int error;

	json_object_foreach((json_t *)requests, name, value)
	{
		const struct ovsdb_table_schema *schema = ovsdb_schema_table(m->db->schema, name);

		if (schema == NULL || m->tables[schema->index].schema == NULL)
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "table %.60s is not monitored", name);
		memset(&probe, 0, sizeof probe);
		probe.schema = schema;
		error = parse_where(&probe, change_request(value), err);
		if (error != 0)
			return error;
		ovsdb_condition_uninit(&probe.cond);
	}
	updates = json_object();
	json_object_foreach((json_t *)requests, name, value)
	{
		const struct ovsdb_table_schema *schema = ovsdb_schema_table(m->db->schema, name);
		struct monitored_table *mt = &m->tables[schema->index];
		struct ovsdb_condition old = mt->cond;

		memset(&mt->cond, 0, sizeof mt->cond);
		(void)!parse_where(mt, change_request(value), err); /* Was tried above. */
		compose_change(m, mt, &old, updates);
		ovsdb_condition_uninit(&old);
	}
	send_updates(m, updates);
	json_decref(m->id);
	m->id = json_deep_copy(id);
	return 0;
}

struct ovsdb_db *
ovsdb_monitor_db(const struct ovsdb_monitor *m)
{
	return m->db;
}

enum ovsdb_monitor_version
ovsdb_monitor_version(const struct ovsdb_monitor *m)
{
	return m->version;
}
