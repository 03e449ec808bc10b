/* SPDX-License-Identifier: Apache-2.0 */
/* Reading rows and tables.
 *
 * The getters by name that the rest of the daemon and the tools use, and the look-ups in a table. */

#include "ovsdb/row.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/smap.h"
#include "ovsdb/db.h"
#include "ovsdb/table.h"

const struct ovsdb_datum *
ovsdb_row_get(const struct ovsdb_row *row, const char *name, const struct ovsdb_type **typep)
{
	const struct ovsdb_column *column = ovsdb_table_schema_column(row->table->schema, name);

	if (typep != NULL)
		*typep = column != NULL ? &column->type : NULL;
	return column != NULL ? &row->fields[column->index] : NULL;
}

/* The 'i'-th key of the column 'name' if its keys are of 'type', else NULL. */
static const union ovsdb_atom *
key_at(const struct ovsdb_row *row, const char *name, enum ovsdb_atom_type type, unsigned int i)
{
	const struct ovsdb_type *col_type;
	const struct ovsdb_datum *datum = ovsdb_row_get(row, name, &col_type);

	if (datum == NULL || col_type->key.type != type || i >= datum->n)
		return NULL;
	return &datum->keys[i];
}

unsigned int
ovsdb_row_count(const struct ovsdb_row *row, const char *name)
{
	const struct ovsdb_datum *datum = ovsdb_row_get(row, name, NULL);

	return datum != NULL ? datum->n : 0;
}

const char *
ovsdb_row_string(const struct ovsdb_row *row, const char *name, const char *def)
{
	const union ovsdb_atom *atom = key_at(row, name, OVSDB_ATOM_STRING, 0);

	return atom != NULL ? atom->string->s : def;
}

const char *
ovsdb_row_string_at(const struct ovsdb_row *row, const char *name, unsigned int i)
{
	const union ovsdb_atom *atom = key_at(row, name, OVSDB_ATOM_STRING, i);

	return atom != NULL ? atom->string->s : NULL;
}

int64_t
ovsdb_row_int(const struct ovsdb_row *row, const char *name, int64_t def)
{
	return ovsdb_row_int_at(row, name, 0, def);
}

int64_t
ovsdb_row_int_at(const struct ovsdb_row *row, const char *name, unsigned int i, int64_t def)
{
	const union ovsdb_atom *atom = key_at(row, name, OVSDB_ATOM_INTEGER, i);

	return atom != NULL ? atom->integer : def;
}

double
ovsdb_row_real(const struct ovsdb_row *row, const char *name, double def)
{
	const union ovsdb_atom *atom = key_at(row, name, OVSDB_ATOM_REAL, 0);

	return atom != NULL ? atom->real : def;
}

bool
ovsdb_row_bool(const struct ovsdb_row *row, const char *name, bool def)
{
	const union ovsdb_atom *atom = key_at(row, name, OVSDB_ATOM_BOOLEAN, 0);

	return atom != NULL ? atom->boolean : def;
}

/* The column 'name' if it is a map of strings to strings, else NULL. */
static const struct ovsdb_datum *
string_map(const struct ovsdb_row *row, const char *name)
{
	const struct ovsdb_type *type;
	const struct ovsdb_datum *datum = ovsdb_row_get(row, name, &type);

	if (datum == NULL || type->key.type != OVSDB_ATOM_STRING
		|| type->value.type != OVSDB_ATOM_STRING)
		return NULL;
	return datum;
}

const char *
ovsdb_row_map_string(
	const struct ovsdb_row *row, const char *name, const char *key, const char *def)
{
	const struct ovsdb_datum *datum = string_map(row, name);
	const char *value = datum != NULL ? ovsdb_datum_map_string(datum, key) : NULL;

	return value != NULL ? value : def;
}

void
ovsdb_row_smap(const struct ovsdb_row *row, const char *name, struct smap *smap)
{
	const struct ovsdb_datum *datum = string_map(row, name);

	if (datum != NULL)
		ovsdb_datum_to_smap(datum, smap);
}

const struct ovsdb_row *
ovsdb_row_ref_at(const struct ovsdb_row *row, const char *name, unsigned int i)
{
	const struct ovsdb_type *type;
	const struct ovsdb_datum *datum = ovsdb_row_get(row, name, &type);
	const struct ovsdb_base_type *base;
	const union ovsdb_atom *atom;

	if (datum == NULL || i >= datum->n)
		return NULL;
	if (ovsdb_base_type_is_ref(&type->key)) {
		base = &type->key;
		atom = &datum->keys[i];
	} else if (ovsdb_base_type_is_ref(&type->value)) {
		base = &type->value;
		atom = &datum->values[i];
	} else {
		return NULL;
	}
	return ovsdb_table_lookup(&row->table->db->tables[base->ref_table->index], &atom->uuid);
}

const struct ovsdb_row *
ovsdb_row_ref(const struct ovsdb_row *row, const char *name)
{
	return ovsdb_row_ref_at(row, name, 0);
}

struct ovsdb_row *
ovsdb_table_lookup(const struct ovsdb_table *table, const struct uuid *uuid)
{
	struct ovsdb_row *row;

	HMAP_FOREACH_HASH(row, uuid_node, uuid_hash(uuid, 0), &table->rows) {
		if (uuid_equal(&row->uuid, uuid))
			return row;
	}
	return NULL;
}

/* Whether the only key of 'column' in 'row' is 'atom'. */
static bool
holds(const struct ovsdb_row *row, const struct ovsdb_column *column, const union ovsdb_atom *atom)
{
	const struct ovsdb_datum *field = ovsdb_row_field(row, column);

	return field->n == 1
		&& ovsdb_atom_compare(&field->keys[0], atom, column->type.key.type) == 0;
}

struct ovsdb_row *
ovsdb_table_find_string(const struct ovsdb_table *table, const char *name, const char *value)
{
	const struct ovsdb_column *column = ovsdb_table_schema_column(table->schema, name);
	union ovsdb_atom atom;
	struct ovsdb_row *row, *found = NULL;

	if (column == NULL || column->type.key.type != OVSDB_ATOM_STRING)
		return NULL;
	atom.string = ovsdb_string_create(value, strlen(value));
	/* While a transaction runs, the indexes do not know its rows yet. */
	for (size_t i = 0; i < table->schema->n_indexes && table->db->txn == NULL; i++) {
		const struct ovsdb_index_schema *index = &table->schema->indexes[i];
		struct ovsdb_datum key = { 1, 1, &atom, NULL };
		struct ovsdb_index_node *node;

		if (index->n_columns != 1 || index->columns[0] != column)
			continue;
		HMAP_FOREACH_HASH(
			node, node, ovsdb_datum_hash(&key, &column->type, 0), &table->indexes[i]) {
			if (holds(node->row, column, &atom)) {
				found = node->row;
				break;
			}
		}
		goto out;
	}
	OVSDB_TABLE_FOREACH(row, table) {
		if (holds(row, column, &atom)) {
			found = row;
			break;
		}
	}
out:
	ovsdb_atom_uninit(&atom, OVSDB_ATOM_STRING);
	return found;
}

struct ovsdb_row *
ovsdb_table_first(const struct ovsdb_table *table)
{
	struct ovsdb_row *row;

	OVSDB_TABLE_FOREACH(row, table)
		return row;
	return NULL;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct ovsdb_row *const *ra = a, *const *rb = b;

	return uuid_compare(&(*ra)->uuid, &(*rb)->uuid);
}

struct ovsdb_row **
ovsdb_table_sorted(const struct ovsdb_table *table, size_t *n)
{
	struct ovsdb_row **rows = xcalloc(ovsdb_table_count(table) + 1, sizeof *rows);
	struct ovsdb_row *row;

	*n = 0;
	OVSDB_TABLE_FOREACH(row, table)
		rows[(*n)++] = row;
	qsort(rows, *n, sizeof *rows, compare_rows);
	return rows;
}

size_t
ovsdb_table_count(const struct ovsdb_table *table)
{
	return hmap_count(&table->rows);
}
