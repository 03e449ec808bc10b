/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of the ovsdb room.  The first byte picks what the rest is: operations on a database, a monitor
 * request, a schema, the text form of a value, or a file. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "ipc/json.h"
#include "ovsdb/db.h"
#include "ovsdb/error.h"
#include "ovsdb/exec.h"
#include "ovsdb/monitor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema_text[] =
	"{\"name\":\"Test\",\"version\":\"1.0.0\",\"tables\":{"
	"\"Root\":{\"isRoot\":true,\"maxRows\":2,\"columns\":{"
	"\"n\":{\"type\":{\"key\":{\"type\":\"integer\",\"maxInteger\":9}}},"
	"\"kids\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"Kid\"},"
	"\"min\":0,\"max\":\"unlimited\"}},"
	"\"map\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"Kid\",\"refType\":\"weak\"},"
	"\"value\":{\"type\":\"uuid\",\"refTable\":\"Kid\"},\"min\":0,\"max\":\"unlimited\"}}}},"
	"\"Kid\":{\"indexes\":[[\"name\"]],\"columns\":{"
	"\"name\":{\"type\":\"string\",\"mutable\":false},"
	"\"r\":{\"type\":{\"key\":\"real\",\"min\":0,\"max\":3}},"
	"\"e\":{\"type\":{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"a\",\"b\"]]},"
	"\"min\":0}},"
	"\"next\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"Kid\"},\"min\":0}}}}}}";

static const struct json_limits limits = { .max_bytes = 8192, .max_values = 1000, .max_depth = 20 };

static struct ovsdb_schema *
get_schema(void)
{
	static struct ovsdb_schema *schema;

	if (schema == NULL && ovsdb_schema_from_text(schema_text, &schema, NULL) != 0)
		abort();
	return schema;
}

static void
ignore_update(void *aux UNUSED, const char *method UNUSED, json_t *params)
{
	json_decref(params);
}

static struct ovsdb_monitor *
watch(struct ovsdb_db *db, const json_t *requests, enum ovsdb_monitor_version version)
{
	json_t *id = json_integer(1);
	struct ovsdb_err err = { 0 };
	struct ovsdb_monitor *monitor;

	if (ovsdb_monitor_create(db, version, id, requests, ignore_update, NULL, &monitor, &err)
		== 0)
		json_decref(ovsdb_monitor_initial(monitor));
	json_decref(id);
	return monitor;
}

static void
run_ops(struct ovsdb_db *db, const json_t *ops)
{
	struct ovsdb_exec_env env = { 0 };
	json_t *params = json_array();
	int64_t retry_ms;

	json_array_append_new(params, json_string("Test"));
	json_array_extend(params, (json_t *)ops);
	json_decref(ovsdb_exec(db, params, &env, &retry_ms));
	json_decref(params);
}

/* 'json': an array of operations, run three times; nothing may be left behind in memory. */
static void
fuzz_ops(const json_t *json)
{
	struct ovsdb_db *db = ovsdb_db_create(get_schema());
	json_t *requests = json_pack("{s{}s{}}", "Root", "Kid");
	struct ovsdb_monitor *v1 = watch(db, requests, OVSDB_MONITOR_V1);
	struct ovsdb_monitor *v2 = watch(db, requests, OVSDB_MONITOR_V2);

	for (int i = 0; i < 3; i++)
		run_ops(db, json);
	ovsdb_monitor_destroy(v1);
	ovsdb_monitor_destroy(v2);
	json_decref(requests);
	ovsdb_db_destroy(db);
}

/* 'json': monitor requests, then conditions for monitor_cond_change. */
static void
fuzz_monitor(const json_t *json)
{
	struct ovsdb_db *db = ovsdb_db_create(get_schema());
	json_t *ops = json_pack("[{sssss{}}]", "op", "insert", "table", "Root", "row");
	struct ovsdb_monitor *monitor = watch(db, json, OVSDB_MONITOR_V3);
	json_t *id = json_integer(2);

	run_ops(db, ops);
	if (monitor != NULL)
		(void)!ovsdb_monitor_change(monitor, id, json, NULL);
	run_ops(db, ops);
	ovsdb_monitor_destroy(monitor);
	json_decref(id);
	json_decref(ops);
	ovsdb_db_destroy(db);
}

/* What is printed must be readable again, and the same. */
static void
fuzz_text(const char *text, unsigned int column)
{
	const struct ovsdb_table_schema *table = &get_schema()->tables[column / 8 % 2];
	const struct ovsdb_type *type = &table->columns[column % table->n_columns].type;
	struct ovsdb_datum datum, again;
	struct str out = STR_INIT;

	if (ovsdb_datum_from_text(&datum, type, text, NULL, NULL) != 0)
		return;
	ovsdb_datum_to_text(&datum, type, &out);
	if (ovsdb_datum_from_text(&again, type, str_cstr(&out), NULL, NULL) != 0
		|| !ovsdb_datum_equal(&datum, &again, type))
		abort();
	ovsdb_datum_uninit(&again, type);
	ovsdb_datum_uninit(&datum, type);
	str_uninit(&out);
}

static void
fuzz_file(const uint8_t *data, size_t size)
{
	char *path = xasprintf("/dev/shm/sluice-ovsdb-fuzz-%d", (int)getpid());
	FILE *f = fopen(path, "w");
	struct err err = ERR_INIT;
	struct ovsdb_db *db;

	if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
		abort();
	if (ovsdb_db_open(path, schema_text, &db, &err) == 0)
		ovsdb_db_destroy(db);
	else if (err.text[0] == '\0')
		abort();
	unlink(path);
	free(path);
}

static void
fuzz_schema(const json_t *json)
{
	struct ovsdb_schema *schema;

	if (ovsdb_schema_from_json(json, &schema, NULL) != 0)
		return;
	ovsdb_db_destroy(ovsdb_db_create(schema));
	if (!ovsdb_schema_equal(schema, schema))
		abort();
	ovsdb_schema_unref(schema);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_quiet;
	char *text;
	json_t *json;

	if (!is_quiet && log_set_level("console:off", NULL) != 0)
		abort();
	is_quiet = true;
	if (size < 2)
		return 0;
	text = xstrndup((const char *)data + 2, size - 2);
	if (data[0] % 5 == 0) {
		fuzz_file(data + 2, size - 2);
	} else if (data[0] % 5 == 1) {
		fuzz_text(text, data[1]);
	} else if (json_parse(text, strlen(text), &limits, &json, NULL) == 0) {
		if (data[0] % 5 == 2)
			fuzz_ops(json);
		else if (data[0] % 5 == 3)
			fuzz_monitor(json);
		else
			fuzz_schema(json);
		json_decref(json);
	}
	free(text);
	return 0;
}
