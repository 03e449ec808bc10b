/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_TABLE_H
#define OVSDB_TABLE_H

/* table: the rows of one table, by UUID and by the schema's indexes.
 *
 * Model    Rows in no particular order.  While a transaction runs, 'rows' shows what it did so far; the
 *          indexes follow when it commits.
 * Owner    The database owns its tables.
 * Threads  main, or one thread of a tool.
 * Cost     Lookup by UUID or by an index is one hash. */

#include "base/hmap.h"
#include "ovsdb/row.h"

struct ovsdb_db;

struct ovsdb_table {
	struct ovsdb_db *db;
	const struct ovsdb_table_schema *schema;
	struct hmap rows; /* struct ovsdb_row 'uuid_node' */
	struct hmap *indexes; /* struct ovsdb_index_node, one map per index of the schema. */
};

/* Visits each row of 'TABLE' as 'ROW' (struct ovsdb_row *); rows must not come or go meanwhile. */
#define OVSDB_TABLE_FOREACH(ROW, TABLE) HMAP_FOREACH(ROW, uuid_node, &(TABLE)->rows)

/* As OVSDB_TABLE_FOREACH; 'ROW' may be deleted meanwhile. */
#define OVSDB_TABLE_FOREACH_SAFE(ROW, NEXT, TABLE) \
	HMAP_FOREACH_SAFE(ROW, NEXT, uuid_node, &(TABLE)->rows)

/* The row 'uuid', or NULL. */
struct ovsdb_row *ovsdb_table_lookup(const struct ovsdb_table *table, const struct uuid *uuid);

/* A row whose column 'name' is the string 'value', or NULL; by index if there is one. */
struct ovsdb_row *
ovsdb_table_find_string(const struct ovsdb_table *table, const char *name, const char *value);

/* Any row: the one of a table that has at most one, or NULL. */
struct ovsdb_row *ovsdb_table_first(const struct ovsdb_table *table);

/* The rows in order of UUID.  Owner: the caller frees the array. */
struct ovsdb_row **ovsdb_table_sorted(const struct ovsdb_table *table, size_t *n);

size_t ovsdb_table_count(const struct ovsdb_table *table);

#endif /* OVSDB_TABLE_H */
