/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of values as text.
 *
 * The layouts are those that scripts around the stock tools read. */

#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/smap.h"
#include "ipc/json.h"
#include "ovsdb/replica.h"

struct output_table *
output_table_create(const char *const *headings, size_t n_columns)
{
	struct output_table *table = xzalloc(sizeof *table);

	table->headings = xmemdup(headings, n_columns * sizeof *headings);
	table->n_columns = n_columns;
	return table;
}

void
output_table_destroy(struct output_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
		free(table->cells[i].text);
		json_decref(table->cells[i].json);
	}
	free(table->cells);
	free(table->headings);
	free(table);
}

/* Appends one atom without quotes. */
static void
bare_atom(const union ovsdb_atom *atom, enum ovsdb_atom_type type, struct str *out)
{
	if (type == OVSDB_ATOM_STRING)
		str_put(out, atom->string->s, atom->string->len);
	else
		ovsdb_atom_to_text(atom, type, out);
}

void
output_value(const struct ovsdb_datum *datum, const struct ovsdb_type *type, enum output_data data,
	struct str *out)
{
	if (data == OUTPUT_DATA_JSON) {
		json_t *json = ovsdb_datum_to_json(datum, type);

		output_json(json, false, out);
		json_decref(json);
		return;
	}
	if (data == OUTPUT_DATA_STRING) {
		ovsdb_datum_to_text(datum, type, out);
		return;
	}
	for (unsigned int i = 0; i < datum->n; i++) {
		if (i > 0)
			str_putc(out, ' ');
		bare_atom(&datum->keys[i], type->key.type, out);
		if (ovsdb_type_is_map(type)) {
			str_putc(out, '=');
			bare_atom(&datum->values[i], type->value.type, out);
		}
	}
}

void
output_table_add(struct output_table *table, const struct ovsdb_datum *datum,
	const struct ovsdb_type *type, enum output_data data)
{
	struct str text = STR_INIT;
	struct output_cell *new;

	if (table->n_cells == table->n_alloc)
		table->cells = vec_grow(table->cells, &table->n_alloc, sizeof *table->cells);
	new = &table->cells[table->n_cells++];
	output_value(datum, type, data, &text);
	new->text = str_steal(&text);
	new->json = ovsdb_datum_to_json(datum, type);
	table->n_rows = table->n_cells / table->n_columns;
}

static const char *
cell(const struct output_table *table, size_t row, size_t column)
{
	return table->cells[row * table->n_columns + column].text;
}

static void
format_list(const struct output_table *table, const struct output_style *style, struct str *out)
{
	for (size_t y = 0; y < table->n_rows; y++) {
		if (y > 0)
			str_putc(out, '\n');
		for (size_t x = 0; x < table->n_columns; x++) {
			if (!style->no_headings)
				str_printf(out, "%-20s: ", table->headings[x]);
			str_puts(out, cell(table, y, x));
			str_putc(out, '\n');
		}
	}
}

/* Appends one line of the aligned table; the last column is not filled. */
static void
table_line(const struct output_table *table, const char *const *words, const size_t *widths,
	struct str *out)
{
	for (size_t x = 0; x < table->n_columns; x++) {
		if (x > 0)
			str_putc(out, ' ');
		if (x + 1 < table->n_columns)
			str_printf(out, "%-*s", (int)widths[x], words[x]);
		else
			str_puts(out, words[x]);
	}
	str_putc(out, '\n');
}

static void
format_table(const struct output_table *table, const struct output_style *style, struct str *out)
{
	size_t *widths = xcalloc(table->n_columns + 1, sizeof *widths);
	const char **words = xcalloc(table->n_columns + 1, sizeof *words);

	for (size_t x = 0; x < table->n_columns; x++) {
		widths[x] = style->no_headings ? 0 : strlen(table->headings[x]);
		for (size_t y = 0; y < table->n_rows; y++) {
			if (strlen(cell(table, y, x)) > widths[x])
				widths[x] = strlen(cell(table, y, x));
		}
	}
	if (!style->no_headings) {
		table_line(table, table->headings, widths, out);
		for (size_t x = 0; x < table->n_columns; x++) {
			if (x > 0)
				str_putc(out, ' ');
			str_put_n(out, '-', widths[x]);
		}
		str_putc(out, '\n');
	}
	for (size_t y = 0; y < table->n_rows; y++) {
		for (size_t x = 0; x < table->n_columns; x++)
			words[x] = cell(table, y, x);
		table_line(table, words, widths, out);
	}
	free(words);
	free(widths);
}

static void
html_text(const char *element, const char *text, struct str *out)
{
	str_printf(out, "    <%s>", element);
	for (const char *p = text; *p != '\0'; p++) {
		switch (*p) {
		case '&': str_puts(out, "&amp;"); break;
		case '<': str_puts(out, "&lt;"); break;
		case '>': str_puts(out, "&gt;"); break;
		case '"': str_puts(out, "&quot;"); break;
		default: str_putc(out, *p); break;
		}
	}
	str_printf(out, "</%s>\n", element);
}

static void
format_html(const struct output_table *table, const struct output_style *style, struct str *out)
{
	str_puts(out, "<table border=1>\n");
	if (!style->no_headings) {
		str_puts(out, "  <tr>\n");
		for (size_t x = 0; x < table->n_columns; x++)
			html_text("th", table->headings[x], out);
		str_puts(out, "  </tr>\n");
	}
	for (size_t y = 0; y < table->n_rows; y++) {
		str_puts(out, "  <tr>\n");
		for (size_t x = 0; x < table->n_columns; x++)
			html_text("td", cell(table, y, x), out);
		str_puts(out, "  </tr>\n");
	}
	str_puts(out, "</table>\n");
}

static void
csv_text(const char *text, struct str *out)
{
	if (strpbrk(text, "\n\",") == NULL) {
		str_puts(out, text);
		return;
	}
	str_putc(out, '"');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			str_putc(out, '"');
		str_putc(out, *p);
	}
	str_putc(out, '"');
}

static void
format_csv(const struct output_table *table, const struct output_style *style, struct str *out)
{
	for (size_t x = 0; x < table->n_columns && !style->no_headings; x++) {
		if (x > 0)
			str_putc(out, ',');
		csv_text(table->headings[x], out);
	}
	if (!style->no_headings)
		str_putc(out, '\n');
	for (size_t y = 0; y < table->n_rows; y++) {
		for (size_t x = 0; x < table->n_columns; x++) {
			if (x > 0)
				str_putc(out, ',');
			csv_text(cell(table, y, x), out);
		}
		str_putc(out, '\n');
	}
}

static void
format_json(const struct output_table *table, const struct output_style *style, struct str *out)
{
	json_t *headings = json_array(), *data = json_array();
	json_t *json = json_pack("{soso}", "headings", headings, "data", data);

	for (size_t x = 0; x < table->n_columns; x++)
		json_array_append_new(headings, json_string(table->headings[x]));
	for (size_t y = 0; y < table->n_rows; y++) {
		json_t *row = json_array();

		for (size_t x = 0; x < table->n_columns; x++)
			json_array_append(row, table->cells[y * table->n_columns + x].json);
		json_array_append_new(data, row);
	}
	output_json(json, style->pretty, out);
	str_putc(out, '\n');
	json_decref(json);
}

void
output_table_format(
	const struct output_table *table, const struct output_style *style, struct str *out)
{
	switch (style->format) {
	case OUTPUT_TABLE: format_table(table, style, out); break;
	case OUTPUT_LIST: format_list(table, style, out); break;
	case OUTPUT_HTML: format_html(table, style, out); break;
	case OUTPUT_CSV: format_csv(table, style, out); break;
	case OUTPUT_JSON: format_json(table, style, out); break;
	}
}

/* Appends a line break and the indentation of 'depth'. */
static void
new_line(unsigned int depth, struct str *out)
{
	str_putc(out, '\n');
	str_put_n(out, ' ', 2 * (size_t)depth);
}

static void
pretty_json(const json_t *json, unsigned int depth, struct str *out)
{
	bool is_object = json_is_object(json);
	size_t n = is_object ? json_object_size(json) : json_array_size(json);

	if (n == 0) {
		json_format_to(json, JSON_FORMAT_SORTED, out);
		return;
	}
	str_putc(out, is_object ? '{' : '[');
	if (is_object) {
		struct smap names;
		const struct smap_node **nodes;
		const char *key;
		json_t *value;

		smap_init(&names);
		json_object_foreach((json_t *)json, key, value) smap_set(&names, key, "");
		nodes = smap_sorted(&names);
		for (size_t i = 0; i < n; i++) {
			json_t *name = json_string(nodes[i]->key);

			if (i > 0)
				str_putc(out, ',');
			new_line(depth + 1, out);
			json_format_to(name, 0, out);
			json_decref(name);
			str_puts(out, ": ");
			pretty_json(json_object_get(json, nodes[i]->key), depth + 1, out);
		}
		free(nodes);
		smap_uninit(&names);
	} else {
		for (size_t i = 0; i < n; i++) {
			if (i > 0)
				str_putc(out, ',');
			new_line(depth + 1, out);
			pretty_json(json_array_get(json, i), depth + 1, out);
		}
	}
	str_putc(out, is_object ? '}' : ']');
}

void
output_json(const json_t *json, bool pretty, struct str *out)
{
	if (pretty)
		pretty_json(json, 0, out);
	else
		json_format_to(json, JSON_FORMAT_SORTED, out);
}
