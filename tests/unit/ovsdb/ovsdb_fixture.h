/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_OVSDB_FIXTURE_H
#define UNIT_OVSDB_FIXTURE_H

/* ovsdb_fixture: a small schema and short ways to run operations on it.
 *
 * JSON stands in the tests with single quotes, which are turned into double ones. */

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "ovsdb/db.h"
#include "ovsdb/error.h"
#include "ovsdb/exec.h"

#define FIXTURE_SCHEMA                                                                        \
	"{'name':'Test','version':'1.0.0','tables':{"                                         \
	"'Root':{'isRoot':true,'maxRows':2,'columns':{"                                       \
	"'n':{'type':'integer'},"                                                             \
	"'kids':{'type':{'key':{'type':'uuid','refTable':'Kid'},'min':0,'max':'unlimited'}}," \
	"'friends':{'type':{'key':{'type':'uuid','refTable':'Kid','refType':'weak'},"         \
	"'min':0,'max':'unlimited'}}}},"                                                      \
	"'Kid':{'indexes':[['name']],'columns':{"                                             \
	"'name':{'type':'string','mutable':false},"                                           \
	"'next':{'type':{'key':{'type':'uuid','refTable':'Kid'},'min':0}},"                   \
	"'best':{'type':{'key':{'type':'uuid','refTable':'Item','refType':'weak'}}}}},"       \
	"'Item':{'isRoot':true,'columns':{"                                                   \
	"'i':{'type':{'key':{'type':'integer','minInteger':-5,'maxInteger':100}}},"           \
	"'r':{'type':{'key':{'type':'real','minReal':-1.5,'maxReal':2.5}}},"                  \
	"'b':{'type':'boolean'},"                                                             \
	"'s':{'type':{'key':{'type':'string','maxLength':5}}},"                               \
	"'e':{'type':{'key':{'type':'string','enum':['set',['red','green']]},'min':0}},"      \
	"'few':{'type':{'key':'integer','min':0,'max':3}},"                                   \
	"'some':{'type':{'key':'string','min':1,'max':'unlimited'}},"                         \
	"'map':{'type':{'key':'string','value':{'type':'integer','maxInteger':9},"            \
	"'min':0,'max':'unlimited'}},"                                                        \
	"'eph':{'type':{'key':'string','min':0},'ephemeral':true},"                           \
	"'any':{'type':{'key':'uuid','min':0}},"                                              \
	"'imm':{'type':'string','mutable':false}}}}}"

/* 'text' with double quotes.  Owner: the caller frees it. */
static inline char *
fixture_quote(const char *text)
{
	char *s = xstrdup(text);

	for (char *p = s; *p != '\0'; p++) {
		if (*p == '\'')
			*p = '"';
	}
	return s;
}

/* 'text', with single quotes, as JSON; NULL if it is none. */
static inline json_t *
fixture_json(const char *text)
{
	char *s = fixture_quote(text);
	json_t *json = json_loads(s, JSON_DECODE_ANY, NULL);

	free(s);
	return json;
}

/* A volatile database of FIXTURE_SCHEMA. */
static inline struct ovsdb_db *
fixture_db(void)
{
	json_t *json = fixture_json(FIXTURE_SCHEMA);
	struct ovsdb_schema *schema;
	struct ovsdb_db *db;

	if (ovsdb_schema_from_json(json, &schema, NULL) != 0)
		abort();
	db = ovsdb_db_create(schema);
	ovsdb_schema_unref(schema);
	json_decref(json);
	return db;
}

/* Runs 'ops', operations separated by commas.  Returns: the results, or NULL if they wait. */
static inline json_t *
fixture_run(struct ovsdb_db *db, const char *ops)
{
	char *text = xasprintf("['Test',%s]", ops);
	json_t *params = fixture_json(text), *result;
	struct ovsdb_exec_env env = { 0 };
	int64_t retry_ms;

	if (params == NULL) {
		fprintf(stderr, "bad JSON in the test: %s\n", text);
		abort();
	}
	result = ovsdb_exec(db, params, &env, &retry_ms);
	json_decref(params);
	free(text);
	return result;
}

/* Runs 'ops'.  Returns: "ok", or the tag of the first error, or "waits"; static memory. */
static inline const char *
fixture_try(struct ovsdb_db *db, const char *ops)
{
	static char tag[64];
	json_t *result = fixture_run(db, ops);

	snprintf(tag, sizeof tag, "%s", result == NULL ? "waits" : "ok");
	for (size_t i = 0; i < json_array_size(result); i++) {
		const char *s =
			json_string_value(json_object_get(json_array_get(result, i), "error"));

		if (s != NULL) {
			snprintf(tag, sizeof tag, "%s", s);
			break;
		}
	}
	json_decref(result);
	return tag;
}

/* Whether the results of 'ops' are 'expected'; if not, prints them. */
static inline bool
fixture_gives(struct ovsdb_db *db, const char *ops, const char *expected)
{
	json_t *result = fixture_run(db, ops), *json = fixture_json(expected);
	bool equal = result != NULL && json != NULL && json_equal(result, json);

	if (!equal) {
		char *s = json_dumps(result, JSON_ENCODE_ANY);

		fprintf(stderr, "%s\n  gives %s\n", ops, s != NULL ? s : "nothing");
		free(s);
	}
	json_decref(result);
	json_decref(json);
	return equal;
}

#define CHECK_TRY(DB, OPS, TAG) CU_ASSERT_STRING_EQUAL(fixture_try(DB, OPS), TAG)
#define CHECK_GIVES(DB, OPS, EXPECTED) CU_ASSERT(fixture_gives(DB, OPS, EXPECTED))

#endif /* UNIT_OVSDB_FIXTURE_H */
