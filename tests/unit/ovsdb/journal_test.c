/* SPDX-License-Identifier: Apache-2.0 */
/* Files: reopening, crashes at every byte, damage, full disks, compaction, conversion. */

#include "ovsdb/journal.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "check.h"
#include "ovsdb_fixture.h"

static char dir[] = "/tmp/ovsdb-journal-XXXXXX";
static char path[64]; /* The file under test. */

static struct ovsdb_db *
open_file(struct err *err)
{
	char *schema = fixture_quote(FIXTURE_SCHEMA);
	struct ovsdb_db *db;
	int error = ovsdb_db_open(path, schema, &db, err);

	CU_ASSERT((error == 0) == (db != NULL));
	free(schema);
	return db;
}

static void
write_file(const char *data, size_t len)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		abort();
}

static char *
read_file(size_t *len)
{
	char *data;

	if (fs_read_file(path, 1 << 24, &data, len, NULL) != 0)
		abort();
	return data;
}

/* Number of items with the value 'i'. */
static size_t
count_items(struct ovsdb_db *db)
{
	return ovsdb_table_count(ovsdb_db_table(db, "Item"));
}

static void
test_journal_keeps_what_was_committed(void)
{
	struct ovsdb_db *db = open_file(NULL);
	const struct ovsdb_row *item;

	CU_ASSERT_PTR_NOT_NULL_FATAL(db);
	CHECK_TRY(db,
		"{'op':'insert','table':'Item','row':{'i':3,'few':['set',[1,2]],'eph':'gone',"
		"'map':['map',[['a',1],['b',2]]]}},{'op':'comment','comment':'first'}",
		"ok");
	CHECK_TRY(db,
		"{'op':'mutate','table':'Item','where':[],'mutations':[['few','insert',3],"
		"['few','delete',1],['map','delete',['set',['a']]],['i','+=',1]]}",
		"ok");
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':9}}", "ok");
	CHECK_TRY(db, "{'op':'delete','table':'Item','where':[['i','==',9]]}", "ok");
	ovsdb_db_destroy(db);

	db = open_file(NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(db);
	CU_ASSERT_EQUAL(count_items(db), 1);
	item = ovsdb_table_first(ovsdb_db_table(db, "Item"));
	CU_ASSERT_EQUAL(ovsdb_row_int(item, "i", 0), 4);
	CU_ASSERT_EQUAL(ovsdb_row_int_at(item, "few", 0, 0), 2);
	CU_ASSERT_EQUAL(ovsdb_row_int_at(item, "few", 1, 0), 3);
	CU_ASSERT_EQUAL(ovsdb_row_count(item, "map"), 1);
	CU_ASSERT_PTR_NULL(ovsdb_row_string(item, "eph", NULL));
	ovsdb_db_destroy(db);
}

static void
test_journal_ephemeral_changes_stay_off_the_disk(void)
{
	struct ovsdb_db *db = open_file(NULL);
	struct stat before, after;

	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{}}", "ok");
	CU_ASSERT_EQUAL(stat(path, &before), 0);
	CHECK_TRY(db, "{'op':'update','table':'Item','where':[],'row':{'eph':'x'}}", "ok");
	CU_ASSERT_EQUAL(stat(path, &after), 0);
	CU_ASSERT_EQUAL(before.st_size, after.st_size);
	ovsdb_db_destroy(db);
}

static void
test_journal_cut_at_every_byte_loses_one_record(void)
{
	struct ovsdb_db *db = open_file(NULL);
	size_t two, three;
	char *data;

	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':1}}", "ok");
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':2}}", "ok");
	free(read_file(&two));
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':3}}", "ok");
	data = read_file(&three);
	ovsdb_db_destroy(db);
	for (size_t len = two; len <= three; len++) {
		size_t len_after;

		write_file(data, len);
		db = open_file(NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(db);
		CU_ASSERT_EQUAL(count_items(db), len == three ? 3 : 2);
		free(read_file(&len_after));
		CU_ASSERT_EQUAL(len_after, len == three ? three : two);
		CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':4}}", "ok");
		ovsdb_db_destroy(db);
		db = open_file(NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(db);
		CU_ASSERT_EQUAL(count_items(db), len == three ? 4 : 3);
		ovsdb_db_destroy(db);
	}
	free(data);
}

static void
test_journal_damage_is_refused_and_left_alone(void)
{
	struct ovsdb_db *db = open_file(NULL);
	size_t first, two, len;
	char *data;

	free(read_file(&first));
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':1}}", "ok");
	free(read_file(&two));
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':2}}", "ok");
	data = read_file(&len);
	ovsdb_db_destroy(db);
	for (size_t pos = 0; pos < two; pos += pos < first - 40 ? 37 : 1) {
		struct err err = ERR_INIT;
		size_t len_after;
		char *after;

		data[pos] ^= 1;
		write_file(data, len);
		db = open_file(&err);
		CU_ASSERT_PTR_NULL(db);
		CU_ASSERT(strlen(err.text) > strlen(path));
		after = read_file(&len_after);
		CU_ASSERT(len_after == len && memcmp(after, data, len) == 0);
		free(after);
		ovsdb_db_destroy(db);
		data[pos] ^= 1;
	}
	free(data);
}

static void
test_journal_refuses_foreign_files(void)
{
	static const char *const contents[] = {
		"hello\n",
		"OVSDB CLUSTER 12 0000\n",
		"OVSDB JSON 5 0000000000000000000000000000000000000000\n{}\n\n\n",
		"OVSDB JSON",
	};
	struct err err = ERR_INIT;
	struct ovsdb_db *db;

	for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
		write_file(contents[i], strlen(contents[i]));
		err_clear(&err);
		CU_ASSERT_PTR_NULL(open_file(&err));
		CU_ASSERT_STRING_NOT_EQUAL(err.text, "");
	}
	unlink(path);
	CU_ASSERT_EQUAL(ovsdb_db_open(path,
				"{\"name\":\"Other\",\"tables\":{\"T\":{\"columns\":{\"c\":"
				"{\"type\":\"integer\"}}}}}",
				&db, NULL),
		0);
	ovsdb_db_destroy(db);
	CU_ASSERT_PTR_NULL(open_file(&err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "Other"));
}

static void
test_journal_is_open_once(void)
{
	pid_t pid;
	int status;
	struct ovsdb_db *db = open_file(NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(db);
	pid = fork(); /* Locks of this kind are between processes. */
	if (pid == 0) {
		char *schema = fixture_quote(FIXTURE_SCHEMA);
		struct ovsdb_db *second;

		_exit(ovsdb_db_open(path, schema, &second, NULL) == -EBUSY ? 0 : 1);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
	ovsdb_db_destroy(db);
}

/* Limits how long files may become: writes beyond are short, then fail. */
static void
limit_file_size(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void
test_journal_full_disk_fails_the_transaction_alone(void)
{
	struct ovsdb_db *db = open_file(NULL);
	size_t len, len_after;

	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':1}}", "ok");
	free(read_file(&len));
	signal(SIGXFSZ, SIG_IGN);
	for (size_t room = 0; room < 150; room += 7) {
		limit_file_size(len + room);
		CHECK_TRY(db,
			"{'op':'insert','table':'Item','row':{'i':2,'map':['map',[['aaaaaaaaaaaaaaa',1],"
			"['bbbbbbbbbbbbbbbbbb',2]]]}},{'op':'update','table':'Item','where':[],"
			"'row':{'b':true}}",
			"I/O error");
		CU_ASSERT_EQUAL(count_items(db), 1);
		free(read_file(&len_after));
		CU_ASSERT_EQUAL(len_after, len);
		CHECK_GIVES(db, "{'op':'select','table':'Item','where':[],'columns':['i','b']}",
			"[{'rows':[{'i':1,'b':false}]}]");
	}
	limit_file_size(len);
	CU_ASSERT_NOT_EQUAL(ovsdb_db_compact(db, NULL), 0); /* No room for a new file either. */
	limit_file_size(RLIM_INFINITY);
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':3}}", "ok");
	ovsdb_db_destroy(db);
	db = open_file(NULL);
	CU_ASSERT_EQUAL(count_items(db), 2);
	ovsdb_db_destroy(db);
}

static void
test_journal_compaction_keeps_rows(void)
{
	struct ovsdb_db *db = open_file(NULL);
	size_t before, after;

	for (int i = 0; i < 50; i++) {
		char *op = xasprintf("{'op':'insert','table':'Item','row':{'i':%d}},"
				     "{'op':'delete','table':'Item','where':[['i','<',%d]]}",
			i, i - 2);

		CHECK_TRY(db, op, "ok");
		free(op);
	}
	free(read_file(&before));
	CU_ASSERT_EQUAL(ovsdb_db_compact(db, NULL), 0);
	free(read_file(&after));
	CU_ASSERT(after < before);
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':90}}", "ok");
	ovsdb_db_destroy(db);
	db = open_file(NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(db);
	CU_ASSERT_EQUAL(count_items(db), 4);
	ovsdb_db_destroy(db);
}

static void
test_journal_compacts_by_itself(void)
{
	struct ovsdb_db *db = open_file(NULL);
	char *big = xmalloc(1 << 20);
	size_t len = 0, max = 0;

	memset(big, 'x', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	for (int i = 0; i < 12; i++) {
		char *op = xasprintf(
			"{'op':'insert','table':'Item','row':{'imm':'%s'}},"
			"{'op':'delete','table':'Item','where':[['i','==',0],['b','==',false]]},"
			"{'op':'insert','table':'Item','row':{'b':true,'imm':'%s'}},"
			"{'op':'delete','table':'Item','where':[['i','==',1]]},"
			"{'op':'update','table':'Item','where':[],'row':{'i':1}}",
			"", big);

		CHECK_TRY(db, op, "ok");
		free(op);
		free(read_file(&len));
		max = MAX(max, len);
	}
	CU_ASSERT(len < max);
	CU_ASSERT(max < (size_t)10 << 20);
	CU_ASSERT_EQUAL(count_items(db), 1);
	free(big);
	ovsdb_db_destroy(db);
}

static void
test_journal_reads_whole_values_too(void)
{
	static const char record[] =
		"{\"_date\":1,\"Item\":{\"00000000-0000-0000-0000-000000000001\":"
		"{\"few\":[\"set\",[1,2]]}}}\n";
	static const char update[] =
		"{\"_date\":1,\"Item\":{\"00000000-0000-0000-0000-000000000001\":"
		"{\"few\":[\"set\",[2,3]]}}}\n";
	struct ovsdb_journal *journal;
	struct ovsdb_db *db = open_file(NULL);
	const char *texts[] = { record, update };
	json_t *json;

	ovsdb_db_destroy(db);
	CU_ASSERT_EQUAL_FATAL(ovsdb_journal_open(path, &journal, NULL), 0);
	CU_ASSERT_EQUAL(ovsdb_journal_read(journal, &json, NULL), 0);
	json_decref(json);
	CU_ASSERT_EQUAL(ovsdb_journal_start(journal, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		json = json_loads(texts[i], 0, NULL);
		CU_ASSERT_EQUAL(ovsdb_journal_append(journal, json, NULL), 0);
		json_decref(json);
	}
	ovsdb_journal_close(journal);
	db = open_file(NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(db);
	CHECK_GIVES(db, "{'op':'select','table':'Item','where':[],'columns':['few']}",
		"[{'rows':[{'few':['set',[2,3]]}]}]");
	ovsdb_db_destroy(db);
}

static void
test_journal_converts_other_versions(void)
{
	const char *old_schema = "{'name':'Test','version':'0.9','tables':{'Item':{'isRoot':true,"
				 "'columns':{'i':{'type':'integer'},'gone':{'type':'string'}}}}}";
	char *schema = fixture_quote(old_schema);
	struct err err = ERR_INIT;
	struct ovsdb_db *db;

	CU_ASSERT_EQUAL_FATAL(ovsdb_db_open(path, schema, &db, NULL), 0);
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':5}}", "ok");
	ovsdb_db_destroy(db);
	db = open_file(&err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(db);
	CHECK_GIVES(db, "{'op':'select','table':'Item','where':[],'columns':['i','b']}",
		"[{'rows':[{'i':5,'b':false}]}]");
	ovsdb_db_destroy(db);
	db = open_file(NULL); /* The file is of the new version now. */
	CU_ASSERT_EQUAL(count_items(db), 1);
	ovsdb_db_destroy(db);

	unlink(path);
	CU_ASSERT_EQUAL_FATAL(ovsdb_db_open(path, schema, &db, NULL), 0);
	CHECK_TRY(db, "{'op':'insert','table':'Item','row':{'i':500}}", "ok");
	ovsdb_db_destroy(db);
	CU_ASSERT_PTR_NULL(open_file(&err)); /* The new version does not allow 500. */
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "500"));
	free(schema);
}

/* Runs 'test' on a file of its own. */
#define ON_FRESH_FILE(TEST)                                             \
	static void TEST##_on_fresh_file(void)                          \
	{                                                               \
		char *cmd = xasprintf("rm -rf %s/* %s/.db*", dir, dir); \
		CU_ASSERT_EQUAL(system(cmd), 0);                        \
		free(cmd);                                              \
		TEST();                                                 \
	}

ON_FRESH_FILE(test_journal_keeps_what_was_committed)
ON_FRESH_FILE(test_journal_ephemeral_changes_stay_off_the_disk)
ON_FRESH_FILE(test_journal_cut_at_every_byte_loses_one_record)
ON_FRESH_FILE(test_journal_damage_is_refused_and_left_alone)
ON_FRESH_FILE(test_journal_refuses_foreign_files)
ON_FRESH_FILE(test_journal_is_open_once)
ON_FRESH_FILE(test_journal_full_disk_fails_the_transaction_alone)
ON_FRESH_FILE(test_journal_compaction_keeps_rows)
ON_FRESH_FILE(test_journal_compacts_by_itself)
ON_FRESH_FILE(test_journal_reads_whole_values_too)
ON_FRESH_FILE(test_journal_converts_other_versions)

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_journal_keeps_what_was_committed_on_fresh_file),
		CHECK_CASE(test_journal_ephemeral_changes_stay_off_the_disk_on_fresh_file),
		CHECK_CASE(test_journal_cut_at_every_byte_loses_one_record_on_fresh_file),
		CHECK_CASE(test_journal_damage_is_refused_and_left_alone_on_fresh_file),
		CHECK_CASE(test_journal_refuses_foreign_files_on_fresh_file),
		CHECK_CASE(test_journal_is_open_once_on_fresh_file),
		CHECK_CASE(test_journal_full_disk_fails_the_transaction_alone_on_fresh_file),
		CHECK_CASE(test_journal_compaction_keeps_rows_on_fresh_file),
		CHECK_CASE(test_journal_compacts_by_itself_on_fresh_file),
		CHECK_CASE(test_journal_reads_whole_values_too_on_fresh_file),
		CHECK_CASE(test_journal_converts_other_versions_on_fresh_file),
	};
	char *cmd;
	int failed;

	role_enter(&role_main);
	if (log_set_level("journal:console:off", NULL) != 0
		|| log_set_level("ovsdb:console:off", NULL) != 0 || mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/db", dir);
	failed = check_run("ovsdb/journal", cases, ARRAY_SIZE(cases));
	cmd = xasprintf("rm -rf %s", dir);
	failed |= system(cmd) != 0;
	free(cmd);
	return failed;
}
