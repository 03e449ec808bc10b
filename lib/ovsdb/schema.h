/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_SCHEMA_H
#define OVSDB_SCHEMA_H

/* schema: tables, columns and their types, as RFC 7047's <database-schema> describes them.
 *
 * Model    A schema is read once and never changes.  The original JSON is kept: that is what clients get.
 * Rules    S1 Column 0 of each table is "_uuid", column 1 "_version"; the others follow in order of name.
 *          S2 A column's 'index' is its position, in the schema and in the fields of a row.
 * Owner    The schema owns everything below it.  A database shares it by reference count.
 * Threads  any, read only. */

#include <jansson.h>

#include "base/compiler.h"
#include "base/shash.h"
#include "ovsdb/types.h"

struct ovsdb_err;

#define OVSDB_COL_UUID 0
#define OVSDB_COL_VERSION 1
#define N_OVSDB_STD_COLS 2

struct ovsdb_column {
	unsigned int index; /* Position in the table and in rows. */
	char *name;
	bool is_mutable; /* May change after the row was inserted. */
	bool is_ephemeral; /* Not kept in the file. */
	struct ovsdb_type type;
};

/* Columns whose values together may occur only once in a table. */
struct ovsdb_index_schema {
	const struct ovsdb_column **columns;
	size_t n_columns;
};

struct ovsdb_table_schema {
	char *name;
	unsigned int index; /* Position in the schema. */
	struct ovsdb_column *columns; /* Rule S1. */
	size_t n_columns;
	struct shash column_names; /* name -> struct ovsdb_column */
	unsigned int max_rows; /* Or OVSDB_UNLIMITED. */
	bool is_root; /* Rows live without being referred to. */
	struct ovsdb_index_schema *indexes;
	size_t n_indexes;
};

struct ovsdb_schema {
	unsigned int n_refs; /* Holders. */
	char *name;
	char *version;
	struct ovsdb_table_schema *tables; /* In order of name. */
	size_t n_tables;
	struct shash table_names; /* name -> struct ovsdb_table_schema */
	json_t *json; /* As it was read. */
};

/* Reads a schema.  Returns: 0, or -EINVAL and '*schemap' NULL.  Owner: one reference for the caller. */
int MUST_CHECK ovsdb_schema_from_json(
	const json_t *json, struct ovsdb_schema **schemap, struct ovsdb_err *err);

/* Reads a schema from JSON text. */
int MUST_CHECK ovsdb_schema_from_text(
	const char *text, struct ovsdb_schema **schemap, struct ovsdb_err *err);

struct ovsdb_schema *ovsdb_schema_ref(struct ovsdb_schema *schema);
void ovsdb_schema_unref(struct ovsdb_schema *schema);

/* Whether both describe the same tables and columns under the same name and version, however they are
 * written. */
bool ovsdb_schema_equal(const struct ovsdb_schema *a, const struct ovsdb_schema *b);

/* The table 'name', or NULL. */
const struct ovsdb_table_schema *
ovsdb_schema_table(const struct ovsdb_schema *schema, const char *name);

/* The column 'name', or NULL. */
const struct ovsdb_column *
ovsdb_table_schema_column(const struct ovsdb_table_schema *table, const char *name);

#endif /* OVSDB_SCHEMA_H */
