/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas.
 *
 * Reads a <database-schema> and checks all of it at once, so that the rest of the room can rely on names,
 * references and indexes being sound. */

#include "ovsdb/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ovsdb/datum.h"
#include "ovsdb/error.h"

/* Whether 's' is an <id> that users may choose. */
static bool
is_user_id(const char *s)
{
	if (*s == '_' || *s == '\0')
		return false;
	for (size_t i = 0; s[i] != '\0'; i++) {
		bool is_alpha =
			(s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_';

		if (!is_alpha && (i == 0 || s[i] < '0' || s[i] > '9'))
			return false;
	}
	return true;
}

static int
parse_column(
	struct ovsdb_column *column, const char *name, const json_t *json, struct ovsdb_err *err)
{
	const json_t *is_mutable = json_object_get(json, "mutable");
	const json_t *is_ephemeral = json_object_get(json, "ephemeral");
	int error;

	if (!is_user_id(name))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"%.60s\" cannot name a column", name);
	if ((is_mutable != NULL && !json_is_boolean(is_mutable))
		|| (is_ephemeral != NULL && !json_is_boolean(is_ephemeral)))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "column %s: boolean expected", name);
	error = ovsdb_type_from_json(&column->type, json_object_get(json, "type"), err);
	if (error != 0) {
		err_prefix(err == NULL ? NULL : &err->text, "column %s", name);
		return error;
	}
	column->name = xstrdup(name);
	column->is_mutable = is_mutable == NULL || json_is_true(is_mutable);
	column->is_ephemeral = json_is_true(is_ephemeral);
	return 0;
}

/* Adds the columns that each table has. */
static void
add_std_columns(struct ovsdb_table_schema *table)
{
	static const char *const names[] = { "_uuid", "_version" };

	for (unsigned int i = 0; i < N_OVSDB_STD_COLS; i++) {
		struct ovsdb_column *column = &table->columns[i];

		column->index = i;
		column->name = xstrdup(names[i]);
		column->is_mutable = false;
		column->is_ephemeral = i == OVSDB_COL_VERSION;
		ovsdb_base_type_init(&column->type.key, OVSDB_ATOM_UUID);
		ovsdb_base_type_init(&column->type.value, OVSDB_ATOM_VOID);
		column->type.n_min = column->type.n_max = 1;
		shash_add(&table->column_names, column->name, column);
	}
	table->n_columns = N_OVSDB_STD_COLS;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys of 'obj' in order.  Owner: the caller frees the array, not the strings. */
static const char **
sorted_keys(const json_t *obj)
{
	const char **keys = xcalloc(json_object_size(obj) + 1, sizeof *keys);
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)obj, key, value) keys[n++] = key;
	qsort(keys, n, sizeof *keys, compare_names);
	return keys;
}

static int
parse_columns(struct ovsdb_table_schema *table, const json_t *json, struct ovsdb_err *err)
{
	size_t n = json_object_size(json);
	const char **keys;
	int error = 0;

	table->columns = xcalloc(n + N_OVSDB_STD_COLS, sizeof *table->columns);
	add_std_columns(table);
	if (!json_is_object(json) || n == 0)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a table needs columns");
	keys = sorted_keys(json);
	for (size_t i = 0; i < n && error == 0; i++) {
		struct ovsdb_column *column = &table->columns[table->n_columns];

		error = parse_column(column, keys[i], json_object_get(json, keys[i]), err);
		if (error != 0)
			break;
		column->index = (unsigned int)table->n_columns++;
		shash_add(&table->column_names, column->name, column);
	}
	free(keys);
	return error;
}

static int
parse_index(struct ovsdb_table_schema *table, const json_t *json, struct ovsdb_err *err)
{
	struct ovsdb_index_schema *index = &table->indexes[table->n_indexes];
	size_t n = json_array_size(json);

	if (n == 0)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "an index must be an array of columns");
	index->columns = xcalloc(n, sizeof *index->columns);
	table->n_indexes++;
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(json, i));
		const struct ovsdb_column *column =
			name != NULL ? ovsdb_table_schema_column(table, name) : NULL;

		if (column == NULL || column->is_ephemeral || column->index < N_OVSDB_STD_COLS)
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
				"an index needs persistent columns of its table");
		index->columns[index->n_columns++] = column;
	}
	return 0;
}

static int
parse_table_members(struct ovsdb_table_schema *table, const json_t *json, struct ovsdb_err *err)
{
	const json_t *max_rows = json_object_get(json, "maxRows");
	const json_t *is_root = json_object_get(json, "isRoot");
	const json_t *indexes = json_object_get(json, "indexes");
	int error;

	table->max_rows = OVSDB_UNLIMITED;
	error = parse_columns(table, json_object_get(json, "columns"), err);
	if (error != 0)
		return error;
	if (max_rows != NULL) {
		json_int_t n = json_integer_value(max_rows);

		if (!json_is_integer(max_rows) || n < 1 || n >= UINT_MAX)
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"maxRows\" must be positive");
		table->max_rows = (unsigned int)n;
	}
	if (is_root != NULL && !json_is_boolean(is_root))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"isRoot\" must be a boolean");
	table->is_root = json_is_true(is_root);
	if (indexes != NULL) {
		size_t n = json_array_size(indexes);

		if (!json_is_array(indexes))
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"indexes\" must be an array");
		table->indexes = xcalloc(n + 1, sizeof *table->indexes);
		for (size_t i = 0; i < n && error == 0; i++)
			error = parse_index(table, json_array_get(indexes, i), err);
	}
	return error;
}

/* Finds the table that 'base' refers to. */
static int
resolve_base(const struct ovsdb_schema *schema, struct ovsdb_base_type *base, struct ovsdb_err *err)
{
	if (base->ref_table_name == NULL)
		return 0;
	base->ref_table = ovsdb_schema_table(schema, base->ref_table_name);
	if (base->ref_table == NULL)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
			"reference to table %.60s, which is missing", base->ref_table_name);
	return 0;
}

static int
resolve_refs(struct ovsdb_schema *schema, struct ovsdb_err *err)
{
	for (size_t i = 0; i < schema->n_tables; i++) {
		struct ovsdb_table_schema *table = &schema->tables[i];

		for (size_t j = 0; j < table->n_columns; j++) {
			struct ovsdb_type *type = &table->columns[j].type;
			int error = resolve_base(schema, &type->key, err);

			if (error == 0)
				error = resolve_base(schema, &type->value, err);
			if (error != 0) {
				err_prefix(err == NULL ? NULL : &err->text, "table %s column %s",
					table->name, table->columns[j].name);
				return error;
			}
			/* An ephemeral strong reference would be gone after a restart and take rows
			 * with it that are kept: references that keep rows alive are persistent. */
			if (ovsdb_type_has_refs(type, false))
				table->columns[j].is_ephemeral = false;
		}
	}
	return 0;
}

static int
parse_tables(struct ovsdb_schema *schema, const json_t *json, struct ovsdb_err *err)
{
	size_t n = json_object_size(json);
	const char **keys;
	bool has_root = false;
	int error = 0;

	if (!json_is_object(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a schema needs \"tables\"");
	schema->tables = xcalloc(n + 1, sizeof *schema->tables);
	keys = sorted_keys(json);
	for (size_t i = 0; i < n && error == 0; i++) {
		struct ovsdb_table_schema *table = &schema->tables[schema->n_tables++];

		table->name = xstrdup(keys[i]);
		table->index = (unsigned int)i;
		shash_init(&table->column_names);
		if (is_user_id(keys[i]))
			error = parse_table_members(table, json_object_get(json, keys[i]), err);
		else
			error = ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "not an identifier");
		if (error != 0)
			err_prefix(err == NULL ? NULL : &err->text, "table %.60s", table->name);
		shash_add(&schema->table_names, table->name, table);
		has_root = has_root || table->is_root;
	}
	free(keys);
	/* Schemas written before roots existed have none: there, every row lives by itself. */
	for (size_t i = 0; i < schema->n_tables && !has_root; i++)
		schema->tables[i].is_root = true;
	return error != 0 ? error : resolve_refs(schema, err);
}

int
ovsdb_schema_from_json(const json_t *json, struct ovsdb_schema **schemap, struct ovsdb_err *err)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	const char *version = json_string_value(json_object_get(json, "version"));
	struct ovsdb_schema *schema;
	int error;

	*schemap = NULL;
	if (name == NULL || (!is_user_id(name) && strcmp(name, "_Server") != 0))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "a schema needs a \"name\"");
	schema = xzalloc(sizeof *schema);
	schema->n_refs = 1;
	schema->name = xstrdup(name);
	schema->version = xstrdup(version != NULL ? version : "");
	schema->json = json_deep_copy(json);
	shash_init(&schema->table_names);
	error = parse_tables(schema, json_object_get(json, "tables"), err);
	if (error != 0) {
		ovsdb_schema_unref(schema);
		return error;
	}
	*schemap = schema;
	return 0;
}

int
ovsdb_schema_from_text(const char *text, struct ovsdb_schema **schemap, struct ovsdb_err *err)
{
	json_error_t json_error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &json_error);
	int error;

	*schemap = NULL;
	if (json == NULL)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "schema: line %d: %s", json_error.line,
			json_error.text);
	error = ovsdb_schema_from_json(json, schemap, err);
	json_decref(json);
	return error;
}

struct ovsdb_schema *
ovsdb_schema_ref(struct ovsdb_schema *schema)
{
	schema->n_refs++;
	return schema;
}

static void
table_uninit(struct ovsdb_table_schema *table)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		ovsdb_type_uninit(&table->columns[i].type);
		free(table->columns[i].name);
	}
	for (size_t i = 0; i < table->n_indexes; i++)
		free(table->indexes[i].columns);
	shash_uninit(&table->column_names);
	free(table->columns);
	free(table->indexes);
	free(table->name);
}

void
ovsdb_schema_unref(struct ovsdb_schema *schema)
{
	if (schema == NULL || --schema->n_refs > 0)
		return;
	for (size_t i = 0; i < schema->n_tables; i++)
		table_uninit(&schema->tables[i]);
	shash_uninit(&schema->table_names);
	free(schema->tables);
	free(schema->name);
	free(schema->version);
	json_decref(schema->json);
	free(schema);
}

static bool
index_equal(const struct ovsdb_index_schema *a, const struct ovsdb_index_schema *b)
{
	if (a->n_columns != b->n_columns)
		return false;
	for (size_t i = 0; i < a->n_columns; i++) {
		if (strcmp(a->columns[i]->name, b->columns[i]->name) != 0)
			return false;
	}
	return true;
}

static bool
table_equal(const struct ovsdb_table_schema *a, const struct ovsdb_table_schema *b)
{
	if (strcmp(a->name, b->name) != 0 || a->n_columns != b->n_columns
		|| a->max_rows != b->max_rows || a->is_root != b->is_root
		|| a->n_indexes != b->n_indexes)
		return false;
	for (size_t i = 0; i < a->n_columns; i++) {
		const struct ovsdb_column *ca = &a->columns[i], *cb = &b->columns[i];

		if (strcmp(ca->name, cb->name) != 0 || ca->is_mutable != cb->is_mutable
			|| ca->is_ephemeral != cb->is_ephemeral
			|| !ovsdb_type_equal(&ca->type, &cb->type))
			return false;
	}
	for (size_t i = 0; i < a->n_indexes; i++) {
		if (!index_equal(&a->indexes[i], &b->indexes[i]))
			return false;
	}
	return true;
}

bool
ovsdb_schema_equal(const struct ovsdb_schema *a, const struct ovsdb_schema *b)
{
	if (strcmp(a->name, b->name) != 0 || strcmp(a->version, b->version) != 0
		|| a->n_tables != b->n_tables)
		return false;
	for (size_t i = 0; i < a->n_tables; i++) {
		if (!table_equal(&a->tables[i], &b->tables[i]))
			return false;
	}
	return true;
}

const struct ovsdb_table_schema *
ovsdb_schema_table(const struct ovsdb_schema *schema, const char *name)
{
	return shash_find(&schema->table_names, name);
}

const struct ovsdb_column *
ovsdb_table_schema_column(const struct ovsdb_table_schema *table, const char *name)
{
	return shash_find(&table->column_names, name);
}
