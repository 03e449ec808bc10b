/* SPDX-License-Identifier: Apache-2.0 */
/* Values: JSON, the tools' text form, set algebra, differences. */

#include "ovsdb/datum.h"

#include "base/compiler.h"
#include "base/random.h"
#include "base/smap.h"
#include "base/str.h"
#include "check.h"
#include "ovsdb_fixture.h"

/* Reads the column type 'text', with single quotes. */
static void
parse_type(struct ovsdb_type *type, const char *text)
{
	json_t *json = fixture_json(text);

	if (ovsdb_type_from_json(type, json, NULL) != 0)
		abort();
	json_decref(json);
}

static void
test_datum_text_round_trips(void)
{
	static const struct {
		const char *type, *in, *out; /* 'out' NULL: refused. */
	} cases[] = {
		{ "'integer'", "7", "7" },
		{ "'integer'", " -7 ", "-7" },
		{ "'integer'", "[7]", "7" },
		{ "'integer'", "7x", NULL },
		{ "'integer'", "", NULL },
		{ "'integer'", "1,2", NULL },
		{ "'integer'", "99999999999999999999", NULL },
		{ "'real'", "0.1", "0.1" },
		{ "'real'", "nan", NULL },
		{ "'boolean'", "yes", "true" },
		{ "'boolean'", "off", "false" },
		{ "'boolean'", "maybe", NULL },
		{ "'string'", "abc", "abc" },
		{ "'string'", "\"a b\"", "\"a b\"" },
		{ "'string'", "\"a\\\"b\\n\"", "\"a\\\"b\\n\"" },
		{ "'string'", "\"\"", "\"\"" },
		{ "'string'", "\"open", NULL },
		{ "'string'", "a b", NULL },
		{ "'string'", "true", "\"true\"" },
		{ "'string'", "1", "\"1\"" },
		{ "'string'", "tcp:1.2.3.4:5", "\"tcp:1.2.3.4:5\"" },
		{ "'string'", "a-b.c_d", "a-b.c_d" },
		{ "'uuid'", "00000000-0000-0000-0000-00000000000a",
			"00000000-0000-0000-0000-00000000000a" },
		{ "'uuid'", "zz", NULL },
		{ "{'key':'integer','min':0,'max':5}", "3,1,2", "[1, 2, 3]" },
		{ "{'key':'integer','min':0,'max':5}", "[3 1,2 ]", "[1, 2, 3]" },
		{ "{'key':'integer','min':0,'max':5}", "[]", "[]" },
		{ "{'key':'integer','min':0,'max':5}", "2-4", "[2, 3, 4]" },
		{ "{'key':'integer','min':0,'max':5}", "1-9", NULL },
		{ "{'key':'integer','min':0,'max':5}", "4-2", NULL },
		{ "{'key':'integer','min':0,'max':5}", "[1", NULL },
		{ "{'key':'integer','min':0,'max':5}", "[1]2", NULL },
		{ "{'key':'integer','min':0}", "[]", "[]" },
		{ "{'key':'integer','min':0}", "5", "5" },
		{ "{'key':{'type':'string','enum':['set',['up','down']]}}", "up", "up" },
		{ "{'key':{'type':'string','enum':['set',['up','down']]}}", "left", NULL },
		{ "{'key':'string','value':'string','min':0,'max':'unlimited'}", "{b=2, a=\"x y\"}",
			"{a=\"x y\", b=\"2\"}" },
		{ "{'key':'string','value':'string','min':0,'max':'unlimited'}", "a=1,b=2",
			"{a=\"1\", b=\"2\"}" },
		{ "{'key':'string','value':'string','min':0,'max':'unlimited'}", "{}", "{}" },
		{ "{'key':'string','value':'string','min':0,'max':'unlimited'}", "a=1,a=2", NULL },
		{ "{'key':'string','value':'string','min':0,'max':'unlimited'}", "a", NULL },
		{ "{'key':'string','value':'string','min':0,'max':'unlimited'}", "{a=}", NULL },
		{ "{'key':'integer','value':'boolean','min':0,'max':'unlimited'}",
			"1=true,-2=false", "{-2=false, 1=true}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ovsdb_datum datum, again;
		struct str out = STR_INIT;
		struct ovsdb_type type;
		int error;

		parse_type(&type, cases[i].type);
		error = ovsdb_datum_from_text(&datum, &type, cases[i].in, NULL, NULL);
		if ((error == 0) != (cases[i].out != NULL))
			fprintf(stderr, "%s: %d\n", cases[i].in, error);
		CU_ASSERT_EQUAL(error == 0, cases[i].out != NULL);
		if (error == 0 && cases[i].out != NULL) {
			ovsdb_datum_to_text(&datum, &type, &out);
			CU_ASSERT_STRING_EQUAL(str_cstr(&out), cases[i].out);
			CU_ASSERT_EQUAL(
				ovsdb_datum_from_text(&again, &type, str_cstr(&out), NULL, NULL),
				0);
			CU_ASSERT(ovsdb_datum_equal(&datum, &again, &type));
			ovsdb_datum_uninit(&again, &type);
		}
		ovsdb_datum_uninit(&datum, &type);
		ovsdb_type_uninit(&type);
		str_uninit(&out);
	}
}

static void
test_datum_token_stops_at_delimiters(void)
{
	const char *text = "external_ids:\"a b\"=c";
	struct str word = STR_INIT;

	CU_ASSERT_EQUAL(ovsdb_datum_text_token(&text, &word, NULL), 0);
	CU_ASSERT_STRING_EQUAL(str_cstr(&word), "external_ids");
	CU_ASSERT_EQUAL(*text++, ':');
	str_clear(&word);
	CU_ASSERT_EQUAL(ovsdb_datum_text_token(&text, &word, NULL), 0);
	CU_ASSERT_STRING_EQUAL(str_cstr(&word), "a b");
	CU_ASSERT_EQUAL(*text, '=');
	CU_ASSERT_NOT_EQUAL(ovsdb_datum_text_token(&text, &word, NULL), 0);
	str_uninit(&word);
}

/* A set or map with random small elements. */
static void
random_datum(struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
	uint32_t n = random_range(12);

	ovsdb_datum_init_empty(datum);
	for (uint32_t i = 0; i < n; i++) {
		union ovsdb_atom key = { .integer = random_range(15) };
		union ovsdb_atom value = { .integer = random_range(3) };

		ovsdb_datum_add(datum, &key, &value, type);
	}
}

static void
check_sorted(const struct ovsdb_datum *datum)
{
	for (unsigned int i = 1; i < datum->n; i++)
		CU_ASSERT(datum->keys[i - 1].integer < datum->keys[i].integer);
}

static void
check_algebra(const struct ovsdb_type *type)
{
	struct ovsdb_datum a, b, diff, x;
	json_t *json;

	random_datum(&a, type);
	random_datum(&b, type);

	ovsdb_datum_diff(&diff, &a, &b, type);
	check_sorted(&diff);
	ovsdb_datum_clone(&x, &a, type);
	ovsdb_datum_apply_diff(&x, &diff, type);
	CU_ASSERT(ovsdb_datum_equal(&x, &b, type));
	ovsdb_datum_uninit(&x, type);

	ovsdb_datum_clone(&x, &a, type);
	ovsdb_datum_union(&x, &b, type);
	check_sorted(&x);
	CU_ASSERT(ovsdb_datum_includes_all(&a, &x, type));
	for (unsigned int i = 0; i < b.n; i++)
		CU_ASSERT(ovsdb_datum_find(&x, &b.keys[i], OVSDB_ATOM_INTEGER) >= 0);
	ovsdb_datum_subtract(&x, type, &b, type);
	check_sorted(&x);
	CU_ASSERT(ovsdb_datum_excludes_all(&b, &x, type));
	CU_ASSERT(ovsdb_datum_includes_all(&x, &a, type));
	ovsdb_datum_uninit(&x, type);

	json = ovsdb_datum_to_json(&a, type);
	CU_ASSERT_EQUAL(ovsdb_datum_from_json(&x, type, json, NULL, NULL), 0);
	CU_ASSERT(ovsdb_datum_equal(&x, &a, type));
	CU_ASSERT_EQUAL(ovsdb_datum_hash(&x, type, 1), ovsdb_datum_hash(&a, type, 1));
	json_decref(json);
	ovsdb_datum_uninit(&x, type);

	ovsdb_datum_uninit(&diff, type);
	ovsdb_datum_uninit(&a, type);
	ovsdb_datum_uninit(&b, type);
}

static void
test_datum_algebra_holds(void)
{
	struct ovsdb_type set, map;

	parse_type(&set, "{'key':'integer','min':0,'max':'unlimited'}");
	parse_type(&map, "{'key':'integer','value':'integer','min':0,'max':'unlimited'}");
	for (int i = 0; i < 3000; i++) {
		check_algebra(&set);
		check_algebra(&map);
	}
	ovsdb_type_uninit(&set);
	ovsdb_type_uninit(&map);
}

static void
test_datum_smap_round_trips(void)
{
	struct ovsdb_datum datum;
	struct smap in, out;
	struct ovsdb_type type;

	parse_type(&type, "{'key':'string','value':'string','min':0,'max':'unlimited'}");
	smap_init(&in);
	smap_init(&out);
	smap_set(&in, "b", "2");
	smap_set(&in, "a", "1");
	ovsdb_datum_from_smap(&datum, &in);
	CU_ASSERT_STRING_EQUAL(ovsdb_datum_map_string(&datum, "a"), "1");
	CU_ASSERT_PTR_NULL(ovsdb_datum_map_string(&datum, "c"));
	ovsdb_datum_to_smap(&datum, &out);
	CU_ASSERT(smap_equal(&in, &out));
	ovsdb_datum_uninit(&datum, &type);
	smap_uninit(&in);
	smap_uninit(&out);
	ovsdb_type_uninit(&type);
}

static void
test_datum_types_are_checked(void)
{
	static const char *const bad[] = {
		"'float'",
		"{'key':'integer','min':2}",
		"{'key':'integer','max':0}",
		"{'key':'integer','max':'many'}",
		"{'key':'integer','oops':1}",
		"{'value':'integer'}",
		"{'key':{'type':'integer','minInteger':3,'maxInteger':2}}",
		"{'key':{'type':'integer','minReal':3}}",
		"{'key':{'type':'integer','enum':['set',[]]}}",
		"{'key':{'type':'integer','enum':['set',[1]],'minInteger':1}}",
		"{'key':{'type':'string','minLength':-1}}",
		"{'key':{'type':'string','refTable':'x'}}",
		"{'key':{'type':'uuid','refType':'weak'}}",
		"{'key':{'type':'uuid','refTable':'x','refType':'iron'}}",
		"7",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_t *json = fixture_json(bad[i]);
		struct ovsdb_type type;

		CU_ASSERT_NOT_EQUAL(ovsdb_type_from_json(&type, json, NULL), 0);
		json_decref(json);
	}
}

static void
test_datum_schemas_are_checked(void)
{
	static const char *const bad[] = {
		"{}",
		"{'name':'_x','tables':{}}",
		"{'name':'x'}",
		"{'name':'x','tables':{'t':{}}}",
		"{'name':'x','tables':{'t':{'columns':{}}}}",
		"{'name':'x','tables':{'t':{'columns':{'_c':{'type':'integer'}}}}}",
		"{'name':'x','tables':{'t':{'columns':{'c':{}}}}}",
		"{'name':'x','tables':{'t':{'columns':{'c':{'type':'integer','mutable':1}}}}}",
		"{'name':'x','tables':{'t':{'columns':{'c':{'type':'integer'}},'maxRows':0}}}",
		"{'name':'x','tables':{'t':{'columns':{'c':{'type':'integer'}},'isRoot':1}}}",
		"{'name':'x','tables':{'t':{'columns':{'c':{'type':'integer'}},'indexes':[['d']]}}}",
		("{'name':'x','tables':{'t':{'columns':{'c':"
		 "{'type':{'key':{'type':'uuid','refTable':'u'}}}}}}}"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *text = fixture_quote(bad[i]);
		struct ovsdb_schema *schema;
		struct ovsdb_err err = { 0 };

		CU_ASSERT_NOT_EQUAL(ovsdb_schema_from_text(text, &schema, &err), 0);
		CU_ASSERT_PTR_NULL(schema);
		CU_ASSERT_STRING_NOT_EQUAL(err.text.text, "");
		free(text);
	}
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_datum_text_round_trips),
		CHECK_CASE(test_datum_token_stops_at_delimiters),
		CHECK_CASE(test_datum_algebra_holds),
		CHECK_CASE(test_datum_smap_round_trips),
		CHECK_CASE(test_datum_types_are_checked),
		CHECK_CASE(test_datum_schemas_are_checked),
	};

	role_enter(&role_main);
	random_seed(1);
	return check_run("ovsdb/datum", cases, ARRAY_SIZE(cases));
}
