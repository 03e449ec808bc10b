/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_ROW_H
#define OVSDB_ROW_H

/* row: one row of a table, and the easy ways to read it.
 *
 * Model    A row keeps its address from insertion to deletion; transactions exchange its fields.
 * Rules    R1 The getters by name never fail: a column that the schema lacks, or that has another type,
 *             reads as the default given.  What they return is borrowed until the next change of the row.
 * Owner    The table owns its rows.
 * Threads  main, or one thread of a tool.
 * Cost     Lookup of a column by name is one hash; hot loops keep the ovsdb_column. */

#include "base/hmap.h"
#include "base/list.h"
#include "ovsdb/datum.h"
#include "ovsdb/schema.h"

struct ovsdb_table;
struct ovsdb_txn_row;
struct smap;

/* Membership of a row in one index of its table. */
struct ovsdb_index_node {
	struct hmap_node node; /* In the table's 'indexes'. */
	struct ovsdb_row *row;
};

struct ovsdb_row {
	struct hmap_node uuid_node; /* In the table's 'rows', by hash of 'uuid'. */
	struct ovsdb_table *table;
	struct uuid uuid;
	struct ovsdb_datum *fields; /* By column index; "_uuid" and "_version" included. */
	struct ovsdb_txn_row *txn_row; /* What the transaction in progress did, or NULL. */
	size_t n_strong; /* Strong references from other rows, as of the last commit. */
	struct list weak_in; /* Weak references to this row. */
	struct list weak_out; /* Weak references from this row. */
	struct ovsdb_index_node *index_nodes; /* One per index of the table. */
	uint64_t changed_seq; /* The database's sequence number of the last change. */
};

/* The field of 'column', which must be the table's. */
static inline const struct ovsdb_datum *
ovsdb_row_field(const struct ovsdb_row *row, const struct ovsdb_column *column)
{
	return &row->fields[column->index];
}

/* The field of the column 'name' and its type, either NULL if there is no such column; 'typep' may be
 * NULL. */
const struct ovsdb_datum *
ovsdb_row_get(const struct ovsdb_row *row, const char *name, const struct ovsdb_type **typep);

/* Number of elements in the column 'name', 0 if there is no such column. */
unsigned int ovsdb_row_count(const struct ovsdb_row *row, const char *name);

/* The string in 'name', or 'def' if it is optional and absent. */
const char *ovsdb_row_string(const struct ovsdb_row *row, const char *name, const char *def);

/* The 'i'-th string of the set 'name', or the 'i'-th key of the map, NULL past the end. */
const char *ovsdb_row_string_at(const struct ovsdb_row *row, const char *name, unsigned int i);

int64_t ovsdb_row_int(const struct ovsdb_row *row, const char *name, int64_t def);

/* The 'i'-th integer of the set 'name', or 'def' past the end. */
int64_t
ovsdb_row_int_at(const struct ovsdb_row *row, const char *name, unsigned int i, int64_t def);

double ovsdb_row_real(const struct ovsdb_row *row, const char *name, double def);
bool ovsdb_row_bool(const struct ovsdb_row *row, const char *name, bool def);

/* The value under 'key' in a map of strings to strings, or 'def'. */
const char *ovsdb_row_map_string(
	const struct ovsdb_row *row, const char *name, const char *key, const char *def);

/* Puts the map 'name' of strings to strings into 'smap', which is initialised. */
void ovsdb_row_smap(const struct ovsdb_row *row, const char *name, struct smap *smap);

/* The row that the 'i'-th key of the set 'name' refers to (or the 'i'-th value, in a map whose values
 * refer to rows), NULL past the end or if it does not exist. */
const struct ovsdb_row *
ovsdb_row_ref_at(const struct ovsdb_row *row, const char *name, unsigned int i);

/* ovsdb_row_ref_at() of the first element. */
const struct ovsdb_row *ovsdb_row_ref(const struct ovsdb_row *row, const char *name);

#endif /* OVSDB_ROW_H */
