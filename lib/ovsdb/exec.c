/* SPDX-License-Identifier: Apache-2.0 */
/* Operations.
 *
 * One function per operation of RFC 7047, and the frame that runs them as a transaction. */

#include "ovsdb/exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/shash.h"
#include "ovsdb/condition.h"
#include "ovsdb/db_priv.h"
#include "ovsdb/mutation.h"

/* A name that the client gave to a row. */
struct symbol {
	struct uuid uuid;
	bool is_inserted; /* An insert has used it. */
};

struct exec {
	struct ovsdb_db *db;
	struct ovsdb_txn *txn;
	const struct ovsdb_exec_env *env;
	struct shash symbols; /* struct symbol */
	struct ovsdb_symtab symtab;
	json_t *result; /* Of the operation being run. */
	bool must_wait; /* A wait does not hold. */
	int64_t wait_ms; /* And may go on for so long. */
};

static bool
is_id(const char *s)
{
	for (size_t i = 0; s[i] != '\0'; i++) {
		bool is_alpha =
			(s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_';

		if (!is_alpha && (i == 0 || s[i] < '0' || s[i] > '9'))
			return false;
	}
	return *s != '\0';
}

static struct symbol *
get_symbol(struct exec *x, const char *name)
{
	struct symbol *symbol = shash_find(&x->symbols, name);

	if (symbol == NULL) {
		symbol = xzalloc(sizeof *symbol);
		uuid_generate(&symbol->uuid);
		shash_add(&x->symbols, name, symbol);
	}
	return symbol;
}

static bool
resolve_symbol(void *aux, const char *name, struct uuid *uuid)
{
	if (!is_id(name))
		return false;
	*uuid = get_symbol(aux, name)->uuid;
	return true;
}

/* Checks that 'op' has no members but "op" and those in 'allowed', a list with spaces around each name. */
static int
check_members(const json_t *op, const char *allowed, struct ovsdb_err *err)
{
	const char *key;
	json_t *value;
	char word[40];

	json_object_foreach((json_t *)op, key, value)
	{
		snprintf(word, sizeof word, " %s ", key);
		if (strcmp(key, "op") != 0 && strstr(allowed, word) == NULL)
			return ovsdb_err_set(err, OVSDB_TAG_SYNTAX,
				"Member \"%.60s\" is present but not allowed here.", key);
	}
	return 0;
}

static int
get_table(struct exec *x, const json_t *op, struct ovsdb_table **tablep, struct ovsdb_err *err)
{
	const char *name = json_string_value(json_object_get(op, "table"));

	if (name == NULL)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"table\" must be a string.");
	*tablep = ovsdb_db_table(x->db, name);
	if (*tablep == NULL)
		return ovsdb_err_set(err, "unknown table", "No table named %.60s.", name);
	return 0;
}

/* Values for some columns of a row. */
struct row_values {
	const struct ovsdb_column **columns;
	struct ovsdb_datum *data;
	size_t n;
};

static void
row_values_uninit(struct row_values *values)
{
	for (size_t i = 0; i < values->n; i++)
		ovsdb_datum_uninit(&values->data[i], &values->columns[i]->type);
	free(values->columns);
	free(values->data);
}

/* Reads <row>. */
static int
parse_row(struct exec *x, const struct ovsdb_table_schema *table, const json_t *json,
	struct row_values *values, struct ovsdb_err *err)
{
	size_t n = json_object_size(json);
	const char *name;
	json_t *value;
	int error;

	memset(values, 0, sizeof *values);
	if (!json_is_object(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "A row must be an object.");
	values->columns = xcalloc(n + 1, sizeof *values->columns);
	values->data = xcalloc(n + 1, sizeof *values->data);
	json_object_foreach((json_t *)json, name, value)
	{
		const struct ovsdb_column *column = ovsdb_table_schema_column(table, name);

		error = column == NULL ? ovsdb_err_set(err, "unknown column",
				"No column %.60s in table %s.", name, table->name)
				       : ovsdb_datum_from_json(&values->data[values->n],
					       &column->type, value, &x->symtab, err);
		if (error != 0) {
			if (column != NULL)
				err_prefix(&err->text, "column %s", column->name);
			row_values_uninit(values);
			return error;
		}
		values->columns[values->n++] = column;
	}
	return 0;
}

/* The columns that "columns" names, all if it is missing.  Owner: the caller frees the array. */
static int
parse_columns(const struct ovsdb_table_schema *table, const json_t *json,
	const struct ovsdb_column ***columnsp, size_t *np, struct ovsdb_err *err)
{
	size_t n = json != NULL ? json_array_size(json) : table->n_columns;
	const struct ovsdb_column **columns;

	if (json != NULL && !json_is_array(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"columns\" must be an array.");
	columns = xcalloc(n + 1, sizeof *columns);
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(json, i));

		if (json == NULL) {
			columns[i] = &table->columns[i];
			continue;
		}
		columns[i] = name != NULL ? ovsdb_table_schema_column(table, name) : NULL;
		if (columns[i] == NULL) {
			free(columns);
			return ovsdb_err_set(err, "unknown column", "No column %.60s in table %s.",
				name != NULL ? name : "(not a string)", table->name);
		}
	}
	*columnsp = columns;
	*np = n;
	return 0;
}

/* The rows of 'table' for which 'cond' holds.  Owner: the caller frees the array. */
static struct ovsdb_row **
matching_rows(struct ovsdb_table *table, const struct ovsdb_condition *cond, size_t *np)
{
	const struct uuid *uuid = ovsdb_condition_uuid(cond);
	struct ovsdb_row **rows, *row;

	*np = 0;
	if (uuid != NULL) {
		rows = xcalloc(1, sizeof *rows);
		row = ovsdb_table_lookup(table, uuid);
		if (row != NULL && ovsdb_condition_all(cond, row->fields))
			rows[(*np)++] = row;
		return rows;
	}
	rows = xcalloc(ovsdb_table_count(table) + 1, sizeof *rows);
	OVSDB_TABLE_FOREACH(row, table) {
		if (ovsdb_condition_all(cond, row->fields))
			rows[(*np)++] = row;
	}
	return rows;
}

/* Reads "table" and "where" and finds the rows. */
static int
find_rows(struct exec *x, const json_t *op, struct ovsdb_table **tablep, struct ovsdb_row ***rowsp,
	size_t *np, struct ovsdb_err *err)
{
	struct ovsdb_condition cond;
	int error;

	error = get_table(x, op, tablep, err);
	if (error != 0)
		return error;
	error = ovsdb_condition_from_json(
		&cond, (*tablep)->schema, json_object_get(op, "where"), &x->symtab, err);
	if (error != 0)
		return error;
	*rowsp = matching_rows(*tablep, &cond, np);
	ovsdb_condition_uninit(&cond);
	return 0;
}

/* Finds the UUID of the row that 'op' inserts. */
static int
insert_uuid(struct exec *x, const json_t *op, const struct ovsdb_table *table, struct uuid *uuid,
	struct ovsdb_err *err)
{
	const json_t *name_json = json_object_get(op, "uuid-name");
	const char *fixed = json_string_value(json_object_get(op, "uuid"));
	struct symbol *symbol;

	uuid_generate(uuid);
	if (json_object_get(op, "uuid") != NULL && (fixed == NULL || !uuid_parse(fixed, uuid)))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"uuid\" is not a UUID.");
	if (name_json != NULL) {
		const char *name = json_string_value(name_json);

		if (name == NULL || !is_id(name))
			return ovsdb_err_set(
				err, OVSDB_TAG_SYNTAX, "\"uuid-name\" must be an identifier.");
		symbol = get_symbol(x, name);
		if (symbol->is_inserted)
			return ovsdb_err_set(err, "duplicate uuid-name",
				"This \"uuid-name\" appeared on an earlier \"insert\" operation.");
		symbol->is_inserted = true;
		/* References that came before have the symbol's UUID; a fixed one loses then. */
		*uuid = fixed != NULL ? *uuid : symbol->uuid;
		symbol->uuid = *uuid;
	}
	if (ovsdb_txn_uuid_is_taken(x->txn, table, uuid))
		return ovsdb_err_set(err, "duplicate uuid", "A row with this UUID exists already.");
	return 0;
}

static int
exec_insert(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	struct ovsdb_table *table;
	struct row_values values;
	struct ovsdb_row *row;
	struct uuid uuid;
	char text[UUID_LEN + 1];
	int error;

	error = get_table(x, op, &table, err);
	if (error == 0)
		error = insert_uuid(x, op, table, &uuid, err);
	if (error == 0)
		error = parse_row(x, table->schema, json_object_get(op, "row"), &values, err);
	if (error != 0)
		return error;
	row = ovsdb_txn_insert_row(x->txn, table, &uuid);
	for (size_t i = 0; i < values.n && error == 0; i++) {
		if (values.columns[i]->index < N_OVSDB_STD_COLS)
			error = ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT, "Cannot set column %s.",
				values.columns[i]->name);
		else
			ovsdb_txn_replace(x->txn, row, values.columns[i], &values.data[i]);
	}
	row_values_uninit(&values);
	uuid_format(&uuid, text);
	json_object_set_new(x->result, "uuid", json_pack("[ss]", "uuid", text));
	return error;
}

/* Hash of some columns of a row. */
static uint32_t
hash_columns(const struct ovsdb_datum *const *fields, const struct ovsdb_column *const *columns,
	size_t n)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < n; i++)
		hash = ovsdb_datum_hash(fields[i], &columns[i]->type, hash);
	return hash;
}

/* A set of rows, of which only some columns matter. */
struct projection {
	const struct ovsdb_column **columns; /* Borrowed. */
	size_t n_columns;
	struct hmap rows; /* struct projected */
};

struct projected {
	struct hmap_node node;
	const struct ovsdb_datum **fields; /* Borrowed, by position in 'columns'. */
};

static struct projected *
projection_find(const struct projection *p, const struct ovsdb_datum *const *fields, uint32_t hash)
{
	struct projected *row;

	HMAP_FOREACH_HASH(row, node, hash, &p->rows) {
		size_t i = 0;

		while (i < p->n_columns
			&& ovsdb_datum_equal(row->fields[i], fields[i], &p->columns[i]->type))
			i++;
		if (i == p->n_columns)
			return row;
	}
	return NULL;
}

/* Adds a row unless an equal one is there.  Owner: takes 'fields'.  Returns: whether it was added. */
static bool
projection_add(struct projection *p, const struct ovsdb_datum **fields)
{
	uint32_t hash = hash_columns(fields, p->columns, p->n_columns);
	struct projected *row;

	if (projection_find(p, fields, hash) != NULL) {
		free(fields);
		return false;
	}
	row = xmalloc(sizeof *row);
	row->fields = fields;
	hmap_insert(&p->rows, &row->node, hash);
	return true;
}

static const struct ovsdb_datum **
project(const struct projection *p, const struct ovsdb_row *row)
{
	const struct ovsdb_datum **fields = xcalloc(p->n_columns + 1, sizeof *fields);

	for (size_t i = 0; i < p->n_columns; i++)
		fields[i] = ovsdb_row_field(row, p->columns[i]);
	return fields;
}

static void
projection_uninit(struct projection *p)
{
	struct projected *row, *next;

	HMAP_FOREACH_SAFE(row, next, node, &p->rows) {
		hmap_remove(&p->rows, &row->node);
		free(row->fields);
		free(row);
	}
	hmap_uninit(&p->rows);
}

static int
exec_select(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	struct projection p;
	struct ovsdb_table *table;
	struct ovsdb_row **rows;
	json_t *array;
	size_t n;
	int error;

	error = find_rows(x, op, &table, &rows, &n, err);
	if (error != 0)
		return error;
	error = parse_columns(
		table->schema, json_object_get(op, "columns"), &p.columns, &p.n_columns, err);
	if (error != 0) {
		free(rows);
		return error;
	}
	hmap_init(&p.rows);
	array = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *obj;

		if (!projection_add(&p, project(&p, rows[i])))
			continue;
		obj = json_object();
		for (size_t j = 0; j < p.n_columns; j++)
			json_object_set_new(obj, p.columns[j]->name,
				ovsdb_datum_to_json(ovsdb_row_field(rows[i], p.columns[j]),
					&p.columns[j]->type));
		json_array_append_new(array, obj);
	}
	json_object_set_new(x->result, "rows", array);
	projection_uninit(&p);
	free(p.columns);
	free(rows);
	return 0;
}

static int
exec_update(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	struct ovsdb_table *table;
	struct row_values values;
	struct ovsdb_row **rows;
	size_t n;
	int error;

	error = find_rows(x, op, &table, &rows, &n, err);
	if (error != 0)
		return error;
	error = parse_row(x, table->schema, json_object_get(op, "row"), &values, err);
	if (error != 0) {
		free(rows);
		return error;
	}
	for (size_t j = 0; j < values.n && error == 0; j++) {
		if (!values.columns[j]->is_mutable)
			error = ovsdb_err_set(err, OVSDB_TAG_CONSTRAINT,
				"Cannot update immutable column %s in table %s.",
				values.columns[j]->name, table->schema->name);
	}
	for (size_t i = 0; i < n && error == 0; i++) {
		for (size_t j = 0; j < values.n; j++) {
			struct ovsdb_datum copy;

			ovsdb_datum_clone(&copy, &values.data[j], &values.columns[j]->type);
			ovsdb_txn_replace(x->txn, rows[i], values.columns[j], &copy);
		}
	}
	row_values_uninit(&values);
	free(rows);
	json_object_set_new(x->result, "count", json_integer((json_int_t)n));
	return error;
}

static int
exec_mutate(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	struct ovsdb_mutation_set set;
	struct ovsdb_table *table;
	struct ovsdb_row **rows;
	size_t n;
	int error;

	error = find_rows(x, op, &table, &rows, &n, err);
	if (error != 0)
		return error;
	error = ovsdb_mutation_set_from_json(
		&set, table->schema, json_object_get(op, "mutations"), &x->symtab, err);
	if (error == 0) {
		for (size_t i = 0; i < n && error == 0; i++)
			error = ovsdb_mutation_set_apply(&set, x->txn, rows[i], err);
		ovsdb_mutation_set_uninit(&set);
	}
	free(rows);
	json_object_set_new(x->result, "count", json_integer((json_int_t)n));
	return error;
}

static int
exec_delete(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	struct ovsdb_table *table;
	struct ovsdb_row **rows;
	size_t n;
	int error;

	error = find_rows(x, op, &table, &rows, &n, err);
	if (error != 0)
		return error;
	for (size_t i = 0; i < n; i++)
		ovsdb_txn_delete_row(x->txn, rows[i]);
	free(rows);
	json_object_set_new(x->result, "count", json_integer((json_int_t)n));
	return 0;
}

/* What a wait compares with: rows whose fields are owned here. */
struct wanted {
	struct ovsdb_datum **rows; /* Each an array by position in 'columns'. */
	size_t n;
};

static void
wanted_uninit(struct wanted *w, const struct projection *p)
{
	for (size_t i = 0; i < w->n; i++) {
		for (size_t j = 0; j < p->n_columns; j++)
			ovsdb_datum_uninit(&w->rows[i][j], &p->columns[j]->type);
		free(w->rows[i]);
	}
	free(w->rows);
}

/* Reads one of the "rows" of a wait: columns that it leaves out have their defaults. */
static int
parse_wanted_row(struct exec *x, const struct ovsdb_table_schema *table, const json_t *json,
	const struct projection *p, struct ovsdb_datum **rowp, struct ovsdb_err *err)
{
	struct row_values values;
	struct ovsdb_datum *row;
	int error;

	error = parse_row(x, table, json, &values, err);
	if (error != 0)
		return error;
	row = xcalloc(p->n_columns + 1, sizeof *row);
	for (size_t j = 0; j < p->n_columns; j++) {
		const struct ovsdb_column *column = p->columns[j];
		size_t i = 0;

		while (i < values.n && values.columns[i] != column)
			i++;
		if (i < values.n)
			ovsdb_datum_clone(&row[j], &values.data[i], &column->type);
		else
			ovsdb_datum_init_default(&row[j], &column->type);
	}
	row_values_uninit(&values);
	*rowp = row;
	return 0;
}

/* Reads the "rows" of a wait into 'w' and 'p'. */
static int
parse_wanted(struct exec *x, const struct ovsdb_table_schema *table, const json_t *json,
	struct projection *p, struct wanted *w, struct ovsdb_err *err)
{
	size_t n = json_array_size(json);
	int error;

	memset(w, 0, sizeof *w);
	if (!json_is_array(json))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"rows\" must be an array.");
	w->rows = xcalloc(n + 1, sizeof *w->rows);
	for (; w->n < n; w->n++) {
		const struct ovsdb_datum **fields;

		error = parse_wanted_row(
			x, table, json_array_get(json, w->n), p, &w->rows[w->n], err);
		if (error != 0)
			return error;
		fields = xcalloc(p->n_columns + 1, sizeof *fields);
		for (size_t j = 0; j < p->n_columns; j++)
			fields[j] = &w->rows[w->n][j];
		projection_add(p, fields);
	}
	return 0;
}

/* Whether the 'n' 'rows' are, in the columns that count, the set 'wanted'. */
static bool
rows_equal(const struct projection *wanted, struct ovsdb_row **rows, size_t n)
{
	struct projection found = { wanted->columns, wanted->n_columns, { 0 } };
	bool equal = true;

	hmap_init(&found.rows);
	for (size_t i = 0; i < n && equal; i++) {
		const struct ovsdb_datum **fields = project(wanted, rows[i]);

		equal = projection_find(wanted, fields,
				hash_columns(fields, wanted->columns, wanted->n_columns))
			!= NULL;
		projection_add(&found, fields);
	}
	equal = equal && hmap_count(&found.rows) == hmap_count(&wanted->rows);
	projection_uninit(&found);
	return equal;
}

/* Decides what a wait that does not hold does: fail or wait. */
static int
not_yet(struct exec *x, const json_t *timeout, struct ovsdb_err *err)
{
	int64_t limit = timeout != NULL ? json_integer_value(timeout) : INT64_MAX;

	if (x->env->elapsed_ms >= limit)
		return ovsdb_err_set(err, "timed out", "\"wait\" timed out");
	x->must_wait = true;
	x->wait_ms = limit == INT64_MAX ? INT64_MAX : limit - x->env->elapsed_ms;
	return ovsdb_err_set(err, "timed out", "\"wait\" does not hold yet");
}

static int
exec_wait(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	const char *until = json_string_value(json_object_get(op, "until"));
	const json_t *timeout = json_object_get(op, "timeout");
	struct ovsdb_table *table;
	struct ovsdb_row **rows;
	struct projection p;
	struct wanted wanted;
	size_t n;
	int error;

	if (until == NULL || (strcmp(until, "==") != 0 && strcmp(until, "!=") != 0))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"until\" must be \"==\" or \"!=\".");
	if (timeout != NULL && (!json_is_integer(timeout) || json_integer_value(timeout) < 0))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"timeout\" must be non-negative.");
	error = find_rows(x, op, &table, &rows, &n, err);
	if (error != 0)
		return error;
	error = parse_columns(
		table->schema, json_object_get(op, "columns"), &p.columns, &p.n_columns, err);
	if (error != 0)
		goto err_free_rows;
	hmap_init(&p.rows);
	error = parse_wanted(x, table->schema, json_object_get(op, "rows"), &p, &wanted, err);
	if (error == 0 && rows_equal(&p, rows, n) != (until[0] == '='))
		error = not_yet(x, timeout, err);
	projection_uninit(&p);
	wanted_uninit(&wanted, &p);
	free(p.columns);
err_free_rows:
	free(rows);
	return error;
}

static int
exec_commit(struct exec *x UNUSED, const json_t *op, struct ovsdb_err *err)
{
	if (!json_is_boolean(json_object_get(op, "durable")))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"durable\" must be a boolean.");
	return 0; /* Each commit is durable. */
}

static int
exec_abort(struct exec *x UNUSED, const json_t *op UNUSED, struct ovsdb_err *err)
{
	return ovsdb_err_set(err, "aborted", "aborted by request");
}

static int
exec_comment(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	const char *comment = json_string_value(json_object_get(op, "comment"));

	if (comment == NULL)
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"comment\" must be a string.");
	ovsdb_txn_add_comment(x->txn, comment);
	return 0;
}

static int
exec_assert(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	const char *lock = json_string_value(json_object_get(op, "lock"));

	if (lock == NULL || !is_id(lock))
		return ovsdb_err_set(err, OVSDB_TAG_SYNTAX, "\"lock\" must be an identifier.");
	if (x->env->owns_lock == NULL || !x->env->owns_lock(x->env->aux, lock))
		return ovsdb_err_set(err, "not owner", "Asserted lock %.60s not held.", lock);
	return 0;
}

static const struct {
	const char *name;
	const char *members; /* Allowed, each with spaces around. */
	bool is_read_only;
	int (*run)(struct exec *, const json_t *op, struct ovsdb_err *);
} operations[] = {
	{ "insert", " table row uuid-name  uuid ", false, exec_insert },
	{ "select", " table where columns ", true, exec_select },
	{ "update", " table where row ", false, exec_update },
	{ "mutate", " table where mutations ", false, exec_mutate },
	{ "delete", " table where ", false, exec_delete },
	{ "wait", " table where columns until rows timeout ", true, exec_wait },
	{ "commit", " durable ", false, exec_commit },
	{ "abort", " ", true, exec_abort },
	{ "comment", " comment ", true, exec_comment },
	{ "assert", " lock ", true, exec_assert },
};

static int
exec_one(struct exec *x, const json_t *op, struct ovsdb_err *err)
{
	const char *name = json_string_value(json_object_get(op, "op"));

	if (name == NULL)
		return ovsdb_err_set(
			err, OVSDB_TAG_SYNTAX, "An operation must be an object with \"op\".");
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		int error;

		if (strcmp(operations[i].name, name) != 0)
			continue;
		if (x->env->is_read_only && !operations[i].is_read_only)
			return ovsdb_err_set(
				err, "not allowed", "%s: the database is read only.", name);
		error = check_members(op, operations[i].members, err);
		return error != 0 ? error : operations[i].run(x, op, err);
	}
	return ovsdb_err_set(err, "unknown operation", "No operation \"%.60s\".", name);
}

/* Ends the transaction after all operations ran.  Adds its error to 'results' if it cannot commit. */
static void
commit(struct exec *x, json_t *results)
{
	struct ovsdb_err err = { 0 };

	if (ovsdb_txn_commit(x->txn, &err) != 0)
		json_array_append_new(results, ovsdb_err_to_json(&err));
}

json_t *
ovsdb_exec(struct ovsdb_db *db, const json_t *params, const struct ovsdb_exec_env *env,
	int64_t *retry_ms)
{
	struct exec x = { .db = db, .env = env };
	size_t n = json_array_size(params);
	json_t *results = json_array();
	struct ovsdb_err err = { 0 };
	const struct shash_node *node;
	int error = 0;

	x.symtab.resolve = resolve_symbol;
	x.symtab.aux = &x;
	shash_init(&x.symbols);
	x.txn = ovsdb_txn_create_internal(db);
	x.txn->by_client = true;
	for (size_t i = 1; i < n && error == 0; i++) {
		x.result = json_object();
		error = exec_one(&x, json_array_get(params, i), &err);
		if (error != 0) {
			json_decref(x.result);
			x.result = ovsdb_err_to_json(&err);
		}
		json_array_append_new(results, x.result);
	}
	if (error == 0) {
		commit(&x, results);
	} else {
		ovsdb_txn_abort(x.txn);
		while (json_array_size(results) < n - 1)
			json_array_append_new(results, json_null());
	}
	SHASH_FOREACH(node, &x.symbols)
	free(node->data);
	shash_uninit(&x.symbols);
	if (x.must_wait) {
		*retry_ms = x.wait_ms;
		json_decref(results);
		return NULL;
	}
	return results;
}
