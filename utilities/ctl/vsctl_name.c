/* SPDX-License-Identifier: Apache-2.0 */
/* Names of tables, columns and rows as operators write them.
 *
 * Tables and columns go by unique prefixes, without regard to case, '-' being '_'.  Rows go by UUID, a prefix of it, or what
 * the table below says. */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/uuid.h"
#include "vsctl.h"

/* How well 'word' fits 'name': 2 the same, 1 a prefix, 0 not. */
static int
score(const char *name, const char *word)
{
	for (; *word != '\0'; name++, word++) {
		int a = tolower((unsigned char)*name), b = tolower((unsigned char)*word);

		if ((a == '-' ? '_' : a) != (b == '-' ? '_' : b))
			return 0;
	}
	return *name == '\0' ? 2 : 1;
}

int
vs_find_table(struct vsctl *vs, const char *name, struct ovsdb_table **tablep, struct err *err)
{
	struct str names = STR_INIT;
	unsigned int n = 0;
	int best = 0;

	*tablep = NULL;
	for (size_t i = 0; i < vs->db->schema->n_tables; i++) {
		struct ovsdb_table *table = &vs->db->tables[i];
		int s = score(table->schema->name, name);

		if (s == 0 || s < best)
			continue;
		if (s > best) {
			n = 0;
			str_clear(&names);
		}
		best = s;
		*tablep = table;
		str_printf(&names, "%s%s", n++ > 0 ? ", " : "", table->schema->name);
	}
	if (n != 1) {
		if (n == 0)
			err_set(err, "unknown table \"%s\"", name);
		else
			err_set(err, "\"%s\" matches multiple table names: %s", name,
				str_cstr(&names));
		*tablep = NULL;
	}
	str_uninit(&names);
	return n == 1 ? 0 : -EINVAL;
}

int
vs_find_column(const struct ovsdb_table_schema *schema, const char *name,
	const struct ovsdb_column **columnp, struct err *err)
{
	struct str names = STR_INIT;
	unsigned int n = 0;
	int best = 0;

	*columnp = NULL;
	for (size_t i = 0; i < schema->n_columns; i++) {
		const struct ovsdb_column *column = &schema->columns[i];
		int s = i == OVSDB_COL_VERSION ? 0 : score(column->name, name);

		if (s == 0 || s < best)
			continue;
		if (s > best) {
			n = 0;
			str_clear(&names);
		}
		best = s;
		*columnp = column;
		str_printf(&names, "%s%s", n++ > 0 ? ", " : "", column->name);
	}
	if (n != 1) {
		if (n == 0)
			err_set(err, "%s does not contain a column whose name matches \"%s\"",
				schema->name, name);
		else
			err_set(err,
				"%s contains more than one column whose name matches \"%s\": %s",
				schema->name, name, str_cstr(&names));
		*columnp = NULL;
	}
	str_uninit(&names);
	return n == 1 ? 0 : -EINVAL;
}

/* By which column rows are called, or which table's rows with a name refer to them. */
static const struct {
	const char *table;
	const char *name_table; /* NULL: the same. */
	const char *column; /* With the name. */
	const char *ref; /* Column of 'name_table' that refers to the row. */
} row_names[] = {
	{ "Bridge", NULL, "name", NULL },
	{ "Port", NULL, "name", NULL },
	{ "Interface", NULL, "name", NULL },
	{ "Mirror", NULL, "name", NULL },
	{ "Manager", NULL, "target", NULL },
	{ "Flow_Table", NULL, "name", NULL },
	{ "Flow_Sample_Collector_Set", NULL, "id", NULL },
	{ "Controller", "Bridge", "name", "controller" },
	{ "NetFlow", "Bridge", "name", "netflow" },
	{ "sFlow", "Bridge", "name", "sflow" },
	{ "IPFIX", "Bridge", "name", "ipfix" },
	{ "AutoAttach", "Bridge", "name", "auto_attach" },
	{ "QoS", "Port", "name", "qos" },
};

/* Rows of 'table' whose column is 'id', or that such a row refers to. */
static struct ovsdb_row *
row_by_name(struct vsctl *vs, struct ovsdb_table *table, const char *id, unsigned int *n)
{
	struct ovsdb_row *found = NULL, *row;

	for (size_t i = 0; i < ARRAY_SIZE(row_names); i++) {
		const char *name_table = row_names[i].name_table;
		struct ovsdb_table *from;

		if (strcmp(row_names[i].table, table->schema->name) != 0)
			continue;
		from = name_table != NULL ? ovsdb_db_table(vs->db, name_table) : table;
		OVSDB_TABLE_FOREACH(row, from) {
			const struct ovsdb_type *type;
			const struct ovsdb_datum *datum =
				ovsdb_row_get(row, row_names[i].column, &type);
			struct str text = STR_INIT;

			if (datum != NULL)
				output_value(datum, type, OUTPUT_DATA_BARE, &text);
			if (strcmp(str_cstr(&text), id) == 0) {
				const struct ovsdb_row *target = row;

				if (row_names[i].ref != NULL
					&& ovsdb_row_count(row, row_names[i].ref) != 1)
					target = NULL;
				else if (row_names[i].ref != NULL)
					target = ovsdb_row_ref(row, row_names[i].ref);
				if (target != NULL) {
					found = (struct ovsdb_row *)target;
					(*n)++;
				}
			}
			str_uninit(&text);
		}
	}
	return found;
}

/* The row whose UUID begins with 'id', of four digits or more. */
static struct ovsdb_row *
row_by_uuid(struct ovsdb_table *table, const char *id, unsigned int *n)
{
	struct ovsdb_row *found = NULL, *row;
	char text[UUID_LEN + 1];

	if (strlen(id) < 4 || strlen(id) > UUID_LEN
		|| strspn(id, "0123456789abcdefABCDEF-") != strlen(id))
		return NULL;
	OVSDB_TABLE_FOREACH(row, table) {
		uuid_format(&row->uuid, text);
		if (strncasecmp(text, id, strlen(id)) == 0) {
			found = row;
			(*n)++;
		}
	}
	return found;
}

int
vs_find_row(struct vsctl *vs, struct ovsdb_table *table, const char *id, bool must_exist,
	struct ovsdb_row **rowp, struct err *err)
{
	const char *name = table->schema->name;
	unsigned int n = 0;

	*rowp = NULL;
	if (id[0] == '@' && shash_find(&vs->symbols, id) != NULL) {
		const struct vs_symbol *symbol = shash_find(&vs->symbols, id);

		*rowp = ovsdb_table_lookup(table, &symbol->uuid);
	} else if (strcmp(id, ".") == 0
		&& (strcmp(name, "Open_vSwitch") == 0 || strcmp(name, "SSL") == 0)) {
		*rowp = ovsdb_table_first(table);
	} else {
		struct uuid uuid;

		if (uuid_parse(id, &uuid))
			*rowp = ovsdb_table_lookup(table, &uuid);
		if (*rowp == NULL)
			*rowp = row_by_name(vs, table, id, &n);
		if (n > 1) {
			err_set(err, "multiple rows in %s match \"%s\"", name, id);
			return -EINVAL;
		}
		if (*rowp == NULL)
			*rowp = row_by_uuid(table, id, &n);
		if (n > 1) {
			err_set(err, "%s contains 2 or more rows whose UUIDs begin with %s", name,
				id);
			return -EINVAL;
		}
	}
	if (*rowp == NULL && must_exist) {
		err_set(err, "no row \"%s\" in table %s", id, name);
		return -ENOENT;
	}
	return 0;
}

/* Longest first among those with a common start. */
static const char *const operators[] = { "!=", "<=", ">=", "=", "<", ">", "{!=}", "{<=}", "{>=}",
	"{=}", "{<}", "{>}", "{in}", "{not-in}" };

int
vs_parse_expression(const struct ovsdb_table_schema *schema, const char *text, bool with_operators,
	struct vs_expression *e, struct err *err)
{
	struct str word = STR_INIT;
	struct ovsdb_err cause = { 0 };
	const char *p = text;
	int error;

	memset(e, 0, sizeof *e);
	if (strchr("=,:[]{}()<>!", *p) != NULL) {
		err_set(err, "%s: missing column name", text);
		return -EINVAL;
	}
	error = ovsdb_datum_text_token(&p, &word, &cause);
	if (error != 0) {
		err_set(err, "%s", cause.text.text);
		goto out;
	}
	error = vs_find_column(schema, str_cstr(&word), &e->column, err);
	if (error != 0)
		goto out;
	if (*p == ':') {
		p++;
		str_clear(&word);
		error = ovsdb_datum_text_token(&p, &word, &cause);
		if (error != 0) {
			err_set(err, "%s", cause.text.text);
			goto out;
		}
		e->key = str_steal(&word);
	}
	for (size_t i = 0; i < (with_operators ? ARRAY_SIZE(operators) : 0); i++) {
		size_t len = strlen(operators[i]);

		if (strncmp(p, operators[i], len) == 0) {
			e->operator= xstrdup(operators[i]);
			e->value = p + len;
			break;
		}
	}
	if (!with_operators && *p == '=') {
		e->operator= xstrdup("=");
		e->value = p + 1;
	} else if (e->operator== NULL && * p != '\0') {
		err_set(err, "%s: trailing garbage \"%s\" in argument", text, p);
		error = -EINVAL;
	}
out:
	str_uninit(&word);
	if (error != 0)
		vs_expression_uninit(e);
	return error;
}

void
vs_expression_uninit(struct vs_expression *e)
{
	free(e->key);
	free(e->operator);
	memset(e, 0, sizeof *e);
}

int
vs_symbol(struct vsctl *vs, const char *name, struct vs_symbol **symbolp, bool *is_new,
	struct err *err)
{
	*symbolp = shash_find(&vs->symbols, name);
	*is_new = *symbolp == NULL;
	if (name[0] != '@') {
		err_set(err, "row id \"%s\" does not begin with \"@\"", name);
		return -EINVAL;
	}
	if (*symbolp == NULL) {
		*symbolp = xzalloc(sizeof **symbolp);
		uuid_generate(&(*symbolp)->uuid);
		shash_add(&vs->symbols, name, *symbolp);
	}
	return 0;
}

int
vs_fail(struct err *err, const struct ovsdb_err *from)
{
	if (from->tag != NULL && strcmp(from->tag, OVSDB_TAG_SYNTAX) != 0)
		err_set(err, "%s: %s", from->tag, from->text.text);
	else
		err_set(err, "%s", from->text.text);
	return -EINVAL;
}
