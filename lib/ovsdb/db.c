/* SPDX-License-Identifier: Apache-2.0 */
/* Databases in memory.
 *
 * Makes and frees databases and rows.  Changes go through txn.c, the disk through file.c. */

#include "ovsdb/db.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/fatal.h"
#include "ovsdb/db_priv.h"
#include "ovsdb/journal.h"

static void
set_uuid_field(struct ovsdb_row *row, unsigned int index, const struct uuid *uuid)
{
	ovsdb_datum_init_default(&row->fields[index], &row->table->schema->columns[index].type);
	row->fields[index].keys[0].uuid = *uuid;
}

struct ovsdb_row *
ovsdb_row_create(struct ovsdb_table *table, const struct uuid *uuid)
{
	const struct ovsdb_table_schema *schema = table->schema;
	struct ovsdb_row *row = xzalloc(sizeof *row);
	struct uuid version;

	row->table = table;
	row->uuid = *uuid;
	row->fields = xcalloc(schema->n_columns, sizeof *row->fields);
	uuid_generate(&version);
	set_uuid_field(row, OVSDB_COL_UUID, uuid);
	set_uuid_field(row, OVSDB_COL_VERSION, &version);
	for (size_t i = N_OVSDB_STD_COLS; i < schema->n_columns; i++)
		ovsdb_datum_init_default(&row->fields[i], &schema->columns[i].type);
	list_init(&row->weak_in);
	list_init(&row->weak_out);
	row->index_nodes = xcalloc(schema->n_indexes + 1, sizeof *row->index_nodes);
	for (size_t i = 0; i < schema->n_indexes; i++)
		row->index_nodes[i].row = row;
	return row;
}

void
ovsdb_row_drop_weak_out(struct ovsdb_row *row)
{
	struct ovsdb_weak_ref *ref, *next;

	LIST_FOREACH_SAFE(ref, next, out_node, &row->weak_out) {
		list_remove(&ref->in_node);
		list_remove(&ref->out_node);
		free(ref);
	}
}

void
ovsdb_row_destroy(struct ovsdb_row *row)
{
	const struct ovsdb_table_schema *schema;
	struct ovsdb_weak_ref *ref, *next;

	if (row == NULL)
		return;
	schema = row->table->schema;
	ovsdb_row_drop_weak_out(row);
	LIST_FOREACH_SAFE(ref, next, in_node, &row->weak_in) {
		list_remove(&ref->in_node);
		list_remove(&ref->out_node);
		free(ref);
	}
	for (size_t i = 0; i < schema->n_columns; i++)
		ovsdb_datum_uninit(&row->fields[i], &schema->columns[i].type);
	free(row->fields);
	free(row->index_nodes);
	free(row);
}

static void
table_init(struct ovsdb_table *table, struct ovsdb_db *db, const struct ovsdb_table_schema *schema)
{
	table->db = db;
	table->schema = schema;
	hmap_init(&table->rows);
	table->indexes = xcalloc(schema->n_indexes + 1, sizeof *table->indexes);
	for (size_t i = 0; i < schema->n_indexes; i++)
		hmap_init(&table->indexes[i]);
}

static void
table_uninit(struct ovsdb_table *table)
{
	struct ovsdb_row *row, *next;

	OVSDB_TABLE_FOREACH_SAFE(row, next, table) {
		hmap_remove(&table->rows, &row->uuid_node);
		for (size_t i = 0; i < table->schema->n_indexes; i++)
			hmap_remove(&table->indexes[i], &row->index_nodes[i].node);
		ovsdb_row_destroy(row);
	}
	hmap_uninit(&table->rows);
	for (size_t i = 0; i < table->schema->n_indexes; i++)
		hmap_uninit(&table->indexes[i]);
	free(table->indexes);
}

struct ovsdb_db *
ovsdb_db_create(struct ovsdb_schema *schema)
{
	struct ovsdb_db *db = xzalloc(sizeof *db);

	db->schema = ovsdb_schema_ref(schema);
	db->tables = xcalloc(schema->n_tables + 1, sizeof *db->tables);
	for (size_t i = 0; i < schema->n_tables; i++)
		table_init(&db->tables[i], db, &schema->tables[i]);
	uuid_generate(&db->txn_id);
	list_init(&db->watchers);
	return db;
}

void
ovsdb_db_destroy(struct ovsdb_db *db)
{
	if (db == NULL)
		return;
	BUG_ON(db->txn != NULL);
	for (size_t i = 0; i < db->schema->n_tables; i++)
		table_uninit(&db->tables[i]);
	free(db->tables);
	ovsdb_journal_close(db->journal);
	ovsdb_schema_unref(db->schema);
	free(db);
}

struct ovsdb_table *
ovsdb_db_table(const struct ovsdb_db *db, const char *name)
{
	const struct ovsdb_table_schema *schema = ovsdb_schema_table(db->schema, name);

	return schema != NULL ? &db->tables[schema->index] : NULL;
}

struct ovsdb_row *
ovsdb_db_row(const struct ovsdb_db *db, const char *table, const struct uuid *uuid)
{
	struct ovsdb_table *t = ovsdb_db_table(db, table);

	return t != NULL ? ovsdb_table_lookup(t, uuid) : NULL;
}

uint64_t
ovsdb_db_seq(const struct ovsdb_db *db)
{
	return db->seq;
}

void
ovsdb_db_set_observer(struct ovsdb_db *db, ovsdb_db_observer *observer, void *aux)
{
	db->observer = observer;
	db->observer_aux = aux;
}
