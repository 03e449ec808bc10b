/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's own transactions: setters, observers, and a transaction turned into operations. */

#include "ovsdb/txn.h"

#include "base/compiler.h"
#include "base/smap.h"
#include "check.h"
#include "ovsdb_fixture.h"

static int n_observed, n_by_self;

static void
observe(void *aux UNUSED, bool by_self)
{
	n_observed++;
	n_by_self += by_self;
}

static void
test_txn_setters_write_columns(void)
{
	static const char *const keys[] = { "rx", "tx" };
	static const int64_t values[] = { 3, 4 }, few[] = { 9, 8 };
	struct ovsdb_db *db = fixture_db();
	struct ovsdb_txn *txn = ovsdb_txn_create(db);
	const struct ovsdb_row *item = ovsdb_txn_insert(txn, "Item", NULL);

	ovsdb_txn_set_int(txn, item, "i", 5);
	ovsdb_txn_set_real(txn, item, "r", 1.5);
	ovsdb_txn_set_bool(txn, item, "b", true);
	ovsdb_txn_set_string(txn, item, "s", "abc");
	ovsdb_txn_set_string(txn, item, "imm", "for ever");
	ovsdb_txn_set_string(txn, item, "eph", NULL);
	ovsdb_txn_set_ints(txn, item, "few", few, 2);
	ovsdb_txn_set_strings(txn, item, "some", keys, 2);
	ovsdb_txn_set_counters(txn, item, "map", keys, values, 2);
	CU_ASSERT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	item = ovsdb_table_first(ovsdb_db_table(db, "Item"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(item);
	CU_ASSERT_EQUAL(ovsdb_row_int(item, "i", 0), 5);
	CU_ASSERT_EQUAL(ovsdb_row_real(item, "r", 0), 1.5);
	CU_ASSERT(ovsdb_row_bool(item, "b", false));
	CU_ASSERT_STRING_EQUAL(ovsdb_row_string(item, "s", ""), "abc");
	CU_ASSERT_STRING_EQUAL(ovsdb_row_string(item, "eph", "none"), "none");
	CU_ASSERT_EQUAL(ovsdb_row_int_at(item, "few", 1, 0), 9);
	CU_ASSERT_EQUAL(ovsdb_row_int_at(item, "few", 2, -1), -1);
	CU_ASSERT_STRING_EQUAL(ovsdb_row_string_at(item, "some", 1), "tx");
	CU_ASSERT_EQUAL(ovsdb_row_count(item, "map"), 2);
	CU_ASSERT_EQUAL(ovsdb_row_int(item, "no such column", -7), -7);
	CU_ASSERT_EQUAL(ovsdb_row_int(item, "s", -7), -7);
	ovsdb_db_destroy(db);
}

static void
test_txn_same_status_costs_no_commit(void)
{
	struct ovsdb_db *db = fixture_db();

	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':1}}", "ok");
	n_observed = n_by_self = 0;
	ovsdb_db_set_observer(db, observe, NULL);
	for (int i = 0; i < 3; i++) {
		struct ovsdb_txn *txn = ovsdb_txn_create(db);

		ovsdb_txn_set_int(txn, ovsdb_table_first(ovsdb_db_table(db, "Item")), "i", 2);
		CU_ASSERT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	}
	CU_ASSERT_EQUAL(n_observed, 1);
	CU_ASSERT_EQUAL(n_by_self, 1);
	CHECK_TRY(db, "{'op':'update','table':'Item','where':[],'row':{'i':3}}", "ok");
	CU_ASSERT_EQUAL(n_observed, 2);
	CU_ASSERT_EQUAL(n_by_self, 1);
	ovsdb_db_destroy(db);
}

static void
test_txn_bad_value_undoes_everything(void)
{
	struct ovsdb_db *db = fixture_db();
	const struct ovsdb_row *item;
	struct ovsdb_err err = { 0 };
	struct ovsdb_txn *txn;

	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':1,'imm':'a'}}", "ok");
	item = ovsdb_table_first(ovsdb_db_table(db, "Item"));
	txn = ovsdb_txn_create(db);
	ovsdb_txn_set_bool(txn, item, "b", true);
	ovsdb_txn_set_int(txn, item, "i", 1000);
	ovsdb_txn_set_int(txn, item, "i", 10);
	CU_ASSERT_NOT_EQUAL(ovsdb_txn_commit(txn, &err), 0);
	CU_ASSERT_STRING_EQUAL(err.tag, "constraint violation");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text.text, "column i"));
	CU_ASSERT(!ovsdb_row_bool(item, "b", false));
	CU_ASSERT_EQUAL(ovsdb_row_int(item, "i", 0), 1);

	txn = ovsdb_txn_create(db);
	ovsdb_txn_set_string(txn, item, "imm", "b");
	CU_ASSERT_NOT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	txn = ovsdb_txn_create(db);
	ovsdb_txn_set_string(txn, item, "i", "b");
	CU_ASSERT_NOT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	txn = ovsdb_txn_create(db);
	CU_ASSERT_PTR_NULL(ovsdb_txn_insert(txn, "Nope", NULL));
	CU_ASSERT_NOT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	ovsdb_db_destroy(db);
}

static void
test_txn_references_can_be_edited(void)
{
	struct ovsdb_db *db = fixture_db();
	struct ovsdb_txn *txn = ovsdb_txn_create(db);
	const struct ovsdb_row *root = ovsdb_txn_insert(txn, "Root", NULL);
	const struct ovsdb_row *item = ovsdb_txn_insert(txn, "Item", NULL), *kid[2];

	for (int i = 0; i < 2; i++) {
		kid[i] = ovsdb_txn_insert(txn, "Kid", NULL);
		ovsdb_txn_set_string(txn, kid[i], "name", i == 0 ? "x" : "y");
		ovsdb_txn_set_refs(txn, kid[i], "best", &item, 1);
		ovsdb_txn_add_ref(txn, root, "kids", kid[i]);
	}
	CU_ASSERT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	CU_ASSERT_EQUAL(ovsdb_row_count(root, "kids"), 2);
	CU_ASSERT_PTR_EQUAL(ovsdb_row_ref(kid[0], "best"), item);
	txn = ovsdb_txn_create(db);
	ovsdb_txn_del_ref(txn, root, "kids", kid[0]);
	CU_ASSERT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(db, "Kid")), 1);
	CU_ASSERT_PTR_EQUAL(ovsdb_row_ref(root, "kids"), kid[1]);
	ovsdb_db_destroy(db);
}

/* Copies 'from' to a new database by way of operations. */
static struct ovsdb_db *
copy_of(struct ovsdb_db *from)
{
	struct ovsdb_db *to = ovsdb_db_create(from->schema);
	struct ovsdb_txn *txn = ovsdb_txn_create(to);

	for (size_t i = 0; i < from->schema->n_tables; i++) {
		const struct ovsdb_row *row;

		OVSDB_TABLE_FOREACH(row, &from->tables[i]) {
			const struct ovsdb_row *copy =
				ovsdb_txn_insert(txn, row->table->schema->name, &row->uuid);

			for (size_t c = 2; c < row->table->schema->n_columns; c++) {
				const struct ovsdb_column *column = &row->table->schema->columns[c];
				struct ovsdb_datum datum;

				ovsdb_datum_clone(
					&datum, ovsdb_row_field(row, column), &column->type);
				CU_ASSERT_EQUAL(ovsdb_txn_set(txn, copy, column, &datum, NULL), 0);
			}
		}
	}
	CU_ASSERT_EQUAL(ovsdb_txn_commit(txn, NULL), 0);
	return to;
}

static void
test_txn_becomes_operations(void)
{
	static const int64_t few[] = { 1, 7 };
	struct ovsdb_exec_env env = { 0 };
	struct ovsdb_db *server = fixture_db(), *local;
	const struct ovsdb_row *root, *item;
	struct ovsdb_txn *txn;
	json_t *ops, *result;
	int64_t retry_ms;
	char *text;

	CHECK_TRY(server,
		"{'op':'insert','table':'Item','row':{'i':1,'few':['set',[1,2]],"
		"'map':['map',[['a',1],['b',2]]]}},{'op':'insert','table':'Item','row':{'i':9}},"
		"{'op':'insert','table':'Root','row':{}}",
		"ok");
	local = copy_of(server);
	txn = ovsdb_txn_create(local);
	root = ovsdb_table_first(ovsdb_db_table(local, "Root"));
	OVSDB_TABLE_FOREACH(item, ovsdb_db_table(local, "Item")) {
		if (ovsdb_row_int(item, "i", 0) == 1)
			break;
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(item);
	{
		static const char *const keys[] = { "a", "c" };
		static const int64_t values[] = { 5, 3 };
		const struct ovsdb_row *kid = ovsdb_txn_insert(txn, "Kid", NULL);

		ovsdb_txn_set_string(txn, kid, "name", "new");
		ovsdb_txn_set_refs(txn, kid, "best", &item, 1);
		ovsdb_txn_add_ref(txn, root, "kids", kid);
		ovsdb_txn_set_ints(txn, item, "few", few, 2);
		ovsdb_txn_set_int(txn, item, "i", 3);
		ovsdb_txn_set_counters(txn, item, "map", keys, values, 2);
	}
	OVSDB_TABLE_FOREACH(item, ovsdb_db_table(local, "Item")) {
		if (ovsdb_row_int(item, "i", 0) == 9)
			break;
	}
	ovsdb_txn_delete(txn, item);
	ops = ovsdb_txn_to_ops(txn);
	ovsdb_txn_abort(txn);
	json_array_insert_new(ops, 0, json_string("Test"));
	result = ovsdb_exec(server, ops, &env, &retry_ms);
	text = json_dumps(result, 0);
	CU_ASSERT_PTR_NULL(strstr(text, "error"));
	free(text);
	json_decref(result);
	json_decref(ops);
	CHECK_GIVES(server, "{'op':'select','table':'Item','where':[],'columns':['i','few','map']}",
		"[{'rows':[{'i':3,'few':['set',[1,7]],'map':['map',[['a',5],['c',3]]]}]}]");
	CHECK_GIVES(server, "{'op':'select','table':'Kid','where':[],'columns':['name']}",
		"[{'rows':[{'name':'new'}]}]");
	ovsdb_db_destroy(local);
	ovsdb_db_destroy(server);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_txn_setters_write_columns),
		CHECK_CASE(test_txn_same_status_costs_no_commit),
		CHECK_CASE(test_txn_bad_value_undoes_everything),
		CHECK_CASE(test_txn_references_can_be_edited),
		CHECK_CASE(test_txn_becomes_operations),
	};

	role_enter(&role_main);
	return check_run("ovsdb/txn", cases, ARRAY_SIZE(cases));
}
