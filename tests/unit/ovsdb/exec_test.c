/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation, every constraint, references and garbage collection. */

#include "ovsdb/exec.h"

#include "base/clock.h"
#include "base/compiler.h"
#include "base/str.h"
#include "check.h"
#include "ovsdb_fixture.h"

#define ITEM "{'op':'insert','table':'Item','row':{'some':'x'}}"

static void
test_exec_insert_fills_defaults(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':7,'map':['map',[['k',1]]]}}", "ok");
	CHECK_GIVES(db,
		"{'op':'select','table':'Item','where':[],'columns':"
		"['i','r','b','s','e','few','some','map','imm']}",
		"[{'rows':[{'i':7,'r':0.0,'b':false,'s':'','e':['set',[]],'few':['set',[]],'some':'',"
		"'map':['map',[['k',1]]],'imm':''}]}]");
	ovsdb_db_destroy(db);
}

static void
test_exec_insert_checks_values(void)
{
	static const struct {
		const char *row, *tag;
	} cases[] = {
		{ "{'i':100}", "ok" },
		{ "{'i':101}", "constraint violation" },
		{ "{'i':-6}", "constraint violation" },
		{ "{'i':1.5}", "syntax error" },
		{ "{'i':2.0}", "ok" },
		{ "{'i':'1'}", "syntax error" },
		{ "{'i':['set',[]]}", "constraint violation" },
		{ "{'i':['set',[1]]}", "ok" },
		{ "{'r':2.5}", "ok" },
		{ "{'r':2.6}", "constraint violation" },
		{ "{'r':1}", "ok" },
		{ "{'b':1}", "syntax error" },
		{ "{'s':'12345'}", "ok" },
		{ "{'s':'123456'}", "constraint violation" },
		{ "{'s':'\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4'}", "ok" },
		{ "{'e':'red'}", "ok" },
		{ "{'e':'blue'}", "constraint violation" },
		{ "{'e':['set',['red','green']]}", "constraint violation" },
		{ "{'few':['set',[1,2,3]]}", "ok" },
		{ "{'few':['set',[1,2,3,4]]}", "constraint violation" },
		{ "{'few':['set',[1,1]]}", "constraint violation" },
		{ "{'map':['map',[['a',9]]]}", "ok" },
		{ "{'map':['map',[['a',10]]]}", "constraint violation" },
		{ "{'map':['map',[['a',1],['a',2]]]}", "constraint violation" },
		{ "{'map':['set',[]]}", "syntax error" },
		{ "{'nope':1}", "unknown column" },
		{ "{'_uuid':['uuid','00000000-0000-0000-0000-000000000001']}",
			"constraint violation" },
		{ "{'any':['uuid','xyz']}", "syntax error" },
		{ "{'any':['named-uuid','1x']}", "syntax error" },
		{ "[]", "syntax error" },
	};
	struct ovsdb_db *db = fixture_db();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *op = xasprintf("{'op':'insert','table':'Item','row':%s}", cases[i].row);
		const char *tag = fixture_try(db, op);

		if (strcmp(tag, cases[i].tag) != 0)
			fprintf(stderr, "%s: %s\n", cases[i].row, tag);
		CU_ASSERT_STRING_EQUAL(tag, cases[i].tag);
		free(op);
	}
	ovsdb_db_destroy(db);
}

static void
test_exec_refuses_malformed_operations(void)
{
	static const struct {
		const char *op, *tag;
	} cases[] = {
		{ "{'op':'insert','table':'Nope','row':{}}", "unknown table" },
		{ "{'op':'fly'}", "unknown operation" },
		{ "{'table':'Item'}", "syntax error" },
		{ "7", "syntax error" },
		{ "{'op':'select','table':'Item','where':[],'extra':1}", "syntax error" },
		{ "{'op':'select','table':'Item'}", "syntax error" },
		{ "{'op':'select','table':'Item','where':[['i','==']]}", "syntax error" },
		{ "{'op':'select','table':'Item','where':[['x','==',1]]}", "unknown column" },
		{ "{'op':'select','table':'Item','where':[['i','~',1]]}", "unknown function" },
		{ "{'op':'select','table':'Item','where':[['s','<','a']]}", "syntax error" },
		{ "{'op':'select','table':'Item','where':[],'columns':['y']}", "unknown column" },
		{ "{'op':'mutate','table':'Item','where':[],'mutations':[['i','^=',1]]}",
			"unknown mutator" },
		{ "{'op':'mutate','table':'Item','where':[],'mutations':[['s','+=',1]]}",
			"syntax error" },
		{ "{'op':'mutate','table':'Item','where':[],'mutations':[['r','%=',1]]}",
			"syntax error" },
		{ "{'op':'mutate','table':'Item','where':[],'mutations':[['i','insert',1]]}",
			"syntax error" },
		{ "{'op':'mutate','table':'Item','where':[],'mutations':[['imm','insert','x']]}",
			"constraint violation" },
		{ "{'op':'update','table':'Item','where':[],'row':{'imm':'x'}}",
			"constraint violation" },
		{ "{'op':'wait','table':'Item','where':[],'until':'<','rows':[]}", "syntax error" },
		{ "{'op':'comment','comment':1}", "syntax error" },
		{ "{'op':'commit'}", "syntax error" },
		{ "{'op':'commit','durable':true}", "ok" },
		{ "{'op':'assert','lock':'l'}", "not owner" },
		{ "{'op':'abort'}", "aborted" },
	};
	struct ovsdb_db *db = fixture_db();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_TRY(db, cases[i].op, cases[i].tag);
	ovsdb_db_destroy(db);
}

static void
test_exec_failure_undoes_everything(void)
{
	struct ovsdb_db *db = fixture_db();
	uint64_t seq;

	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':1,'few':['set',[1,2]]}}", "ok");
	seq = ovsdb_db_seq(db);
	CHECK_GIVES(db,
		"{'op':'mutate','table':'Item','where':[],"
		"'mutations':[['i','+=',1],['few','delete',1]]},"
		"{'op':'update','table':'Item','where':[],'row':{'b':true}},"
		"{'op':'delete','table':'Item','where':[]},"
		"{'op':'select','table':'Item','where':[]},"
		"{'op':'abort'}," ITEM,
		"[{'count':1},{'count':1},{'count':1},{'rows':[]},"
		"{'error':'aborted','details':'aborted by request'},null]");
	CU_ASSERT_EQUAL(seq, ovsdb_db_seq(db));
	CHECK_GIVES(db, "{'op':'select','table':'Item','where':[],'columns':['i','b','few']}",
		"[{'rows':[{'i':1,'b':false,'few':['set',[1,2]]}]}]");
	ovsdb_db_destroy(db);
}

static void
test_exec_unchanged_update_is_no_commit(void)
{
	struct ovsdb_db *db = fixture_db();
	uint64_t seq;

	CHECK_TRY(db, ITEM, "ok");
	seq = ovsdb_db_seq(db);
	CHECK_TRY(db, "{'op':'update','table':'Item','where':[],'row':{'i':0,'some':'x'}}", "ok");
	CHECK_TRY(db,
		"{'op':'mutate','table':'Item','where':[],'mutations':[['i','+=',1],['i','-=',1]]}",
		"ok");
	CU_ASSERT_EQUAL(seq, ovsdb_db_seq(db));
	ovsdb_db_destroy(db);
}

static void
test_exec_where_selects_rows(void)
{
	static const struct {
		const char *where;
		int n;
	} cases[] = {
		{ "[]", 3 },
		{ "[true]", 3 },
		{ "[false]", 0 },
		{ "[['i','==',1]]", 1 },
		{ "[['i','!=',1]]", 2 },
		{ "[['i','<',2]]", 1 },
		{ "[['i','<=',2]]", 2 },
		{ "[['i','>',2]]", 1 },
		{ "[['i','>=',2]]", 2 },
		{ "[['i','>',1],['i','<',3]]", 1 },
		{ "[['few','includes',['set',[]]]]", 3 },
		{ "[['few','includes',5]]", 2 },
		{ "[['few','includes',['set',[5,6]]]]", 1 },
		{ "[['few','excludes',['set',[6,7]]]]", 2 },
		{ "[['few','==',['set',[6,5]]]]", 1 },
		{ "[['map','includes',['map',[['a',1]]]]]", 1 },
		{ "[['map','includes',['map',[['a',2]]]]]", 1 },
		{ "[['map','excludes',['map',[['a',1]]]]]", 2 },
		{ "[['e','==',['set',[]]]]", 2 },
		{ "[['e','includes','red']]", 1 },
		{ "[['_uuid','==',['uuid','00000000-0000-0000-0000-000000000002']]]", 1 },
		{ "[['_uuid','!=',['uuid','00000000-0000-0000-0000-000000000002']]]", 2 },
	};
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db,
		"{'op':'insert','table':'Item','uuid':'00000000-0000-0000-0000-000000000001',"
		"'row':{'i':1,'few':['set',[5,6]],'map':['map',[['a',1]]],'e':'red'}},"
		"{'op':'insert','table':'Item','uuid':'00000000-0000-0000-0000-000000000002',"
		"'row':{'i':2,'few':5,'map':['map',[['a',2],['b',1]]]}},"
		"{'op':'insert','table':'Item','uuid':'00000000-0000-0000-0000-000000000003',"
		"'row':{'i':3}}",
		"ok");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *op = xasprintf(
			"{'op':'mutate','table':'Item','where':%s,'mutations':[]}", cases[i].where);
		char *expected = xasprintf("[{'count':%d}]", cases[i].n);

		CHECK_GIVES(db, op, expected);
		free(op);
		free(expected);
	}
	ovsdb_db_destroy(db);
}

static void
test_exec_select_gives_rows_once(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db, ITEM "," ITEM ",{'op':'insert','table':'Item','row':{'some':'y'}}", "ok");
	CHECK_GIVES(db,
		"{'op':'select','table':'Item','where':[['some','==','x']],'columns':['some']}",
		"[{'rows':[{'some':'x'}]}]");
	ovsdb_db_destroy(db);
}

static void
test_exec_mutate_calculates(void)
{
	static const struct {
		const char *mutations, *tag, *i;
	} cases[] = {
		{ "[['i','+=',5]]", "ok", "15" },
		{ "[['i','-=',5]]", "ok", "5" },
		{ "[['i','*=',5]]", "ok", "50" },
		{ "[['i','/=',3]]", "ok", "3" },
		{ "[['i','%=',3]]", "ok", "1" },
		{ "[['i','/=',0]]", "domain error", "10" },
		{ "[['i','%=',0]]", "domain error", "10" },
		{ "[['i','+=',9223372036854775807]]", "range error", "10" },
		{ "[['i','+=',91]]", "constraint violation", "10" },
		{ "[['i','+=',80],['i','-=',1]]", "ok", "89" },
	};
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db, ITEM, "ok");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *op = xasprintf("{'op':'mutate','table':'Item','where':[],'mutations':%s}",
			cases[i].mutations);
		char *expected = xasprintf("[{'rows':[{'i':%s}]}]", cases[i].i);

		CHECK_TRY(db, "{'op':'update','table':'Item','where':[],'row':{'i':10}}", "ok");
		CHECK_TRY(db, op, cases[i].tag);
		CHECK_GIVES(
			db, "{'op':'select','table':'Item','where':[],'columns':['i']}", expected);
		free(op);
		free(expected);
	}
	CHECK_TRY(
		db, "{'op':'update','table':'Item','where':[],'row':{'few':['set',[1,2]]}}", "ok");
	CHECK_TRY(
		db, "{'op':'mutate','table':'Item','where':[],'mutations':[['few','*=',3]]}", "ok");
	CHECK_TRY(db, "{'op':'mutate','table':'Item','where':[],'mutations':[['few','*=',0]]}",
		"constraint violation");
	CHECK_GIVES(db, "{'op':'select','table':'Item','where':[],'columns':['few']}",
		"[{'rows':[{'few':['set',[3,6]]}]}]");
	ovsdb_db_destroy(db);
}

static void
test_exec_mutate_edits_sets_and_maps(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db,
		"{'op':'insert','table':'Item','row':{'few':['set',[1,2]],"
		"'map':['map',[['a',1],['b',2],['c',3]]],'some':['set',['x','y']]}}",
		"ok");
	CHECK_TRY(db,
		"{'op':'mutate','table':'Item','where':[],'mutations':[['few','insert',['set',[3,4]]]]}",
		"constraint violation");
	CHECK_TRY(db,
		"{'op':'mutate','table':'Item','where':[],'mutations':[['some','delete',"
		"['set',['x','y']]]]}",
		"constraint violation");
	CHECK_TRY(db,
		"{'op':'mutate','table':'Item','where':[],'mutations':[['few','delete',['set',[1,7]]],"
		"['few','insert',['set',[2,9]]],['map','insert',['map',[['a',7],['d',4]]]],"
		"['map','delete',['map',[['b',3]]]],['map','delete',['set',['c']]]]}",
		"ok");
	CHECK_GIVES(db, "{'op':'select','table':'Item','where':[],'columns':['few','map']}",
		"[{'rows':[{'few':['set',[2,9]],'map':['map',[['a',1],['b',2],['d',4]]]}]}]");
	ovsdb_db_destroy(db);
}

static void
test_exec_named_rows_refer_to_each_other(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db,
		"{'op':'insert','table':'Root','row':{'kids':['named-uuid','a']}},"
		"{'op':'insert','table':'Item','uuid-name':'i','row':{}},"
		"{'op':'insert','table':'Kid','uuid-name':'a','row':{'name':'a',"
		"'next':['named-uuid','b'],'best':['named-uuid','i']}},"
		"{'op':'insert','table':'Kid','uuid-name':'b','row':{'name':'b',"
		"'best':['named-uuid','i']}}",
		"ok");
	CHECK_TRY(db,
		"{'op':'insert','table':'Item','uuid-name':'i','row':{}},"
		"{'op':'insert','table':'Item','uuid-name':'i','row':{}}",
		"duplicate uuid-name");
	CHECK_TRY(db, "{'op':'insert','table':'Root','row':{'kids':['named-uuid','a']}}",
		"referential integrity violation");
	CHECK_TRY(db, "{'op':'insert','table':'Item','uuid-name':'1','row':{}}", "syntax error");
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(db, "Kid")), 2);
	CU_ASSERT_PTR_NOT_NULL(ovsdb_table_find_string(ovsdb_db_table(db, "Kid"), "name", "b"));
	ovsdb_db_destroy(db);
}

/* A root that keeps a, which keeps b, and a friend of both. */
#define FAMILY                                                                                        \
	"{'op':'insert','table':'Item','uuid-name':'i','row':{}},"                                    \
	"{'op':'insert','table':'Kid','uuid-name':'b','row':{'name':'b','best':['named-uuid','i']}}," \
	"{'op':'insert','table':'Kid','uuid-name':'a','row':{'name':'a','best':['named-uuid','i'],"   \
	"'next':['named-uuid','b']}},"                                                                \
	"{'op':'insert','table':'Root','row':{'n':1,'kids':['named-uuid','a'],"                       \
	"'friends':['set',[['named-uuid','a'],['named-uuid','b']]]}}"

static void
test_exec_collects_rows_nobody_keeps(void)
{
	struct ovsdb_db *db = fixture_db();
	struct ovsdb_table *kids = ovsdb_db_table(db, "Kid");

	CHECK_TRY(db, "{'op':'insert','table':'Kid','row':{'name':'lonely'}}", "ok");
	CU_ASSERT_EQUAL(ovsdb_table_count(kids), 0);
	CHECK_TRY(db, FAMILY, "ok");
	CU_ASSERT_EQUAL(ovsdb_table_count(kids), 2);
	CHECK_TRY(db, "{'op':'update','table':'Root','where':[],'row':{'kids':['set',[]]}}", "ok");
	CU_ASSERT_EQUAL(ovsdb_table_count(kids), 0);
	CHECK_GIVES(db, "{'op':'select','table':'Root','where':[],'columns':['n','friends']}",
		"[{'rows':[{'n':1,'friends':['set',[]]}]}]");
	CHECK_TRY(db, FAMILY, "ok"); /* The names are free again. */
	CU_ASSERT_EQUAL(ovsdb_table_count(kids), 2);
	ovsdb_db_destroy(db);
}

static void
test_exec_keeps_no_row_for_its_own_sake(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db,
		"{'op':'insert','table':'Item','uuid-name':'i','row':{}},"
		"{'op':'insert','table':'Kid','uuid-name':'a','row':{'name':'a',"
		"'next':['named-uuid','a'],'best':['named-uuid','i']}}",
		"ok");
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(db, "Kid")), 0);
	ovsdb_db_destroy(db);
}

static void
test_exec_self_reference_does_not_hide_another(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db,
		"{'op':'insert','table':'Item','uuid-name':'i','row':{}},"
		"{'op':'insert','table':'Kid','uuid-name':'a','row':{'name':'a',"
		"'next':['named-uuid','a'],'best':['named-uuid','i']}},"
		"{'op':'insert','table':'Root','row':{'kids':['named-uuid','a']}}",
		"ok");
	CHECK_TRY(
		db, "{'op':'delete','table':'Kid','where':[]}", "referential integrity violation");
	ovsdb_db_destroy(db);
}

static void
test_exec_protects_referenced_rows(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db, FAMILY, "ok");
	CHECK_TRY(db, "{'op':'delete','table':'Kid','where':[['name','==','b']]}",
		"referential integrity violation");
	CHECK_TRY(
		db, "{'op':'delete','table':'Kid','where':[]}", "referential integrity violation");
	CHECK_TRY(db,
		"{'op':'update','table':'Root','where':[],'row':{'kids':"
		"['uuid','00000000-0000-0000-0000-000000000001']}}",
		"referential integrity violation");
	CHECK_TRY(db,
		"{'op':'update','table':'Root','where':[],'row':{'friends':"
		"['uuid','00000000-0000-0000-0000-000000000001']}}",
		"ok"); /* Weak: what is not there is left out. */
	CHECK_GIVES(db, "{'op':'select','table':'Root','where':[],'columns':['friends']}",
		"[{'rows':[{'friends':['set',[]]}]}]");
	CHECK_TRY(db, "{'op':'delete','table':'Item','where':[]}", "constraint violation");
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(db, "Kid")), 2);
	CHECK_TRY(db,
		"{'op':'delete','table':'Kid','where':[]},{'op':'delete','table':'Root','where':[]},"
		"{'op':'delete','table':'Item','where':[]}",
		"ok");
	ovsdb_db_destroy(db);
}

static void
test_exec_limits_rows(void)
{
	struct ovsdb_db *db = fixture_db();
	const char *root = "{'op':'insert','table':'Root','row':{}}";

	CHECK_TRY(db, root, "ok");
	CHECK_TRY(db, root, "ok");
	CHECK_TRY(db, root, "constraint violation");
	CHECK_TRY(db,
		"{'op':'delete','table':'Root','where':[]},{'op':'insert','table':'Root','row':{}}",
		"ok");
	ovsdb_db_destroy(db);
}

static void
test_exec_index_is_unique(void)
{
	struct ovsdb_db *db = fixture_db();
	const char *twin = "{'op':'insert','table':'Kid','uuid-name':'t','row':{'name':'a',"
			   "'best':['uuid','00000000-0000-0000-0000-000000000009']}},"
			   "{'op':'mutate','table':'Root','where':[],'mutations':[['kids','insert',"
			   "['set',[['named-uuid','t']]]]]}";
	char *replaced;

	CHECK_TRY(db,
		"{'op':'insert','table':'Item','uuid':'00000000-0000-0000-0000-000000000009',"
		"'row':{}}," FAMILY,
		"ok");
	CHECK_TRY(db, twin, "constraint violation");
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(db, "Kid")), 2);
	/* In the transaction that removes the first, the name may be used again. */
	replaced = xasprintf(
		"{'op':'update','table':'Root','where':[],'row':{'kids':['set',[]]}},%s", twin);
	CHECK_TRY(db, replaced, "ok");
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(db, "Kid")), 1);
	CU_ASSERT_PTR_NOT_NULL(ovsdb_table_find_string(ovsdb_db_table(db, "Kid"), "name", "a"));
	free(replaced);
	ovsdb_db_destroy(db);
}

static void
test_exec_wait_compares_rows(void)
{
	static const struct {
		const char *op, *tag;
	} cases[] = {
		{ "'where':[],'columns':['i'],'until':'==','rows':[{'i':1},{'i':2}]", "ok" },
		{ "'where':[],'columns':['i'],'until':'==','rows':[{'i':2},{'i':1},{'i':1}]",
			"ok" },
		{ "'where':[],'columns':['i'],'until':'==','rows':[{'i':1}],'timeout':0",
			"timed out" },
		{ "'where':[],'columns':['i'],'until':'!=','rows':[{'i':1}]", "ok" },
		{ "'where':[],'columns':['i'],'until':'==','rows':[{'i':1}],'timeout':100",
			"waits" },
		{ "'where':[],'columns':['i'],'until':'==','rows':[{'i':1}]", "waits" },
		{ "'where':[['i','==',9]],'columns':['i'],'until':'==','rows':[]", "ok" },
		{ "'where':[['i','==',1]],'columns':['few'],'until':'==','rows':[{}]", "ok" },
		{ "'where':[],'columns':['i'],'until':'==','rows':[{'i':'x'}]", "syntax error" },
		{ "'where':[],'columns':['i'],'until':'==','rows':[],'timeout':-1",
			"syntax error" },
	};
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db,
		"{'op':'insert','table':'Item','row':{'i':1}},"
		"{'op':'insert','table':'Item','row':{'i':2}}",
		"ok");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *op = xasprintf("{'op':'wait','table':'Item',%s}", cases[i].op);

		CHECK_TRY(db, op, cases[i].tag);
		free(op);
	}
	ovsdb_db_destroy(db);
}

static void
test_exec_thousand_ports_are_quick(void)
{
	struct ovsdb_db *db = fixture_db();
	struct str ops = STR_INIT;
	int64_t start;

	str_puts(&ops,
		"{'op':'insert','table':'Item','uuid-name':'i','row':{}},"
		"{'op':'insert','table':'Root','row':{}}");
	for (int i = 0; i < 1000; i++)
		str_printf(&ops,
			",{'op':'insert','table':'Kid','uuid-name':'k%d','row':{'name':'k%d',"
			"'best':['named-uuid','i']}},{'op':'mutate','table':'Root','where':[],"
			"'mutations':[['kids','insert',['set',[['named-uuid','k%d']]]]]}",
			i, i, i);
	start = clock_ms();
	CHECK_TRY(db, str_cstr(&ops), "ok");
	CU_ASSERT(clock_ms() - start < 2000);
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(db, "Kid")), 1000);
	str_uninit(&ops);
	ovsdb_db_destroy(db);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_exec_insert_fills_defaults),
		CHECK_CASE(test_exec_insert_checks_values),
		CHECK_CASE(test_exec_refuses_malformed_operations),
		CHECK_CASE(test_exec_failure_undoes_everything),
		CHECK_CASE(test_exec_unchanged_update_is_no_commit),
		CHECK_CASE(test_exec_where_selects_rows),
		CHECK_CASE(test_exec_select_gives_rows_once),
		CHECK_CASE(test_exec_mutate_calculates),
		CHECK_CASE(test_exec_mutate_edits_sets_and_maps),
		CHECK_CASE(test_exec_named_rows_refer_to_each_other),
		CHECK_CASE(test_exec_collects_rows_nobody_keeps),
		CHECK_CASE(test_exec_keeps_no_row_for_its_own_sake),
		CHECK_CASE(test_exec_self_reference_does_not_hide_another),
		CHECK_CASE(test_exec_protects_referenced_rows),
		CHECK_CASE(test_exec_limits_rows),
		CHECK_CASE(test_exec_index_is_unique),
		CHECK_CASE(test_exec_wait_compares_rows),
		CHECK_CASE(test_exec_thousand_ports_are_quick),
	};

	role_enter(&role_main);
	return check_run("ovsdb/exec", cases, ARRAY_SIZE(cases));
}
