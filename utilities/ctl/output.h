/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

/* output: tables of database values as lists, aligned tables, CSV, HTML or JSON, in the layouts of the stock tools.
 *
 * Owner    A table owns its cells.
 * Threads  one. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/str.h"

struct ovsdb_datum;
struct ovsdb_type;

enum output_format {
	OUTPUT_TABLE,
	OUTPUT_LIST,
	OUTPUT_HTML,
	OUTPUT_CSV,
	OUTPUT_JSON
};

enum output_data {
	OUTPUT_DATA_STRING, /* The text form of values. */
	OUTPUT_DATA_BARE, /* Without brackets and quotes. */
	OUTPUT_DATA_JSON,
};

struct output_style {
	enum output_format format;
	enum output_data data;
	bool no_headings;
	bool pretty; /* JSON with line breaks. */
};

struct output_cell {
	char *text; /* As the style wants it. */
	json_t *json;
};

struct output_table {
	const char **headings; /* Borrowed names. */
	size_t n_columns;
	struct output_cell *cells; /* Row by row. */
	size_t n_rows;
	size_t n_cells; /* Filled so far. */
	size_t n_alloc; /* Of cells. */
};

struct output_table *output_table_create(const char *const *headings, size_t n_columns);
void output_table_destroy(struct output_table *table);

/* Adds the next cell, row by row. */
void output_table_add(struct output_table *table, const struct ovsdb_datum *datum,
	const struct ovsdb_type *type, enum output_data data);

/* Appends the table. */
void output_table_format(
	const struct output_table *table, const struct output_style *style, struct str *out);

/* Appends a value in the style 'data'. */
void output_value(const struct ovsdb_datum *datum, const struct ovsdb_type *type,
	enum output_data data, struct str *out);

/* Appends 'json' as the stock tools print it: sorted, 'pretty' with their line breaks. */
void output_json(const json_t *json, bool pretty, struct str *out);

#endif /* CTL_OUTPUT_H */
