/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol over a socket: sessions, monitors, locks, waiting transactions, replicas.
 *
 * The server runs in a child process, the clients here. */

#include "ovsdb/server.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/loop.h"
#include "check.h"
#include "ipc/jsonrpc.h"
#include "ipc/rpc_client.h"
#include "ovsdb/replica.h"
#include "ovsdb_fixture.h"

#define LIMIT_MS 10000 /* Nothing here takes long. */

static char dir[] = "/tmp/ovsdb-server-XXXXXX";
static char target[80]; /* "unix:..." */
static pid_t server_pid;
static struct loop *server_loop;

static void
stop(int signal_number UNUSED)
{
	loop_stop(server_loop);
}

/* What the child does. */
static int
serve(void)
{
	struct ovsdb_db *db = fixture_db();
	char *passive = xasprintf("p%s", target);
	struct ovsdb_server *server;
	int error;

	role_enter(&role_main);
	server_loop = loop_create();
	signal(SIGTERM, stop);
	signal(SIGPIPE, SIG_IGN);
	server = ovsdb_server_create(server_loop);
	ovsdb_server_set_backlog_limit(server, 1 << 20);
	error = ovsdb_server_add_db(server, db, NULL);
	if (error == 0)
		error = ovsdb_server_add_remote(server, passive, NULL);
	if (error == 0)
		loop_run(server_loop);
	ovsdb_server_destroy(server);
	loop_destroy(server_loop);
	ovsdb_db_destroy(db);
	free(passive);
	return error != 0;
}

static void
start_server(void)
{
	fflush(NULL);
	server_pid = fork();
	if (server_pid == 0)
		exit(serve());
}

static void
stop_server(void)
{
	int status;

	kill(server_pid, SIGTERM);
	CU_ASSERT_EQUAL(waitpid(server_pid, &status, 0), server_pid);
	CU_ASSERT_EQUAL(status, 0);
}

static int64_t
limit(void)
{
	return clock_ms() + LIMIT_MS;
}

static struct rpc_client *
connect_client(void)
{
	struct rpc_client *client = NULL;
	int64_t deadline = limit();

	while (rpc_client_open(target, deadline, &client, NULL) != 0 && clock_ms() < deadline)
		usleep(1000); /* The server is starting. */
	if (client == NULL)
		abort();
	return client;
}

/* Calls 'method'.  Returns: result, or error, as compact text in sorted order; the caller frees it. */
static char *
call(struct rpc_client *client, const char *method, const char *params)
{
	json_t *result = NULL, *error = NULL;
	char *text;

	if (rpc_client_call(client, method, fixture_json(params), limit(), &result, &error, NULL)
		== -EREMOTEIO)
		text = json_dumps(error, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	else if (result != NULL)
		text = json_dumps(result, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	else
		text = xstrdup("no answer");
	json_decref(result);
	json_decref(error);
	return text;
}

/* Whether 'method' answers 'expected', in single quotes. */
static bool
answers(struct rpc_client *client, const char *method, const char *params, const char *expected)
{
	char *text = call(client, method, params), *want = fixture_quote(expected);
	bool equal = strcmp(text, want) == 0;

	if (!equal)
		fprintf(stderr, "%s %s: %s\n", method, params, text);
	free(text);
	free(want);
	return equal;
}

/* Whether the next message is the notification 'method' with 'params'. */
static bool
notifies(struct rpc_client *client, const char *method, const char *params)
{
	json_t *want = fixture_json(params);
	struct jsonrpc_msg *msg = NULL;
	bool equal;

	if (rpc_client_next(client, limit(), &msg, NULL) != 0) {
		json_decref(want);
		return false;
	}
	equal = msg->type == JSONRPC_NOTIFY && strcmp(msg->method, method) == 0
		&& json_equal(msg->params, want);
	if (!equal) {
		char *text = json_dumps(msg->params, 0);

		fprintf(stderr, "%s %s\n", msg->method, text);
		free(text);
	}
	json_decref(want);
	jsonrpc_msg_destroy(msg);
	return equal;
}

static void
test_server_answers_simple_methods(void)
{
	struct rpc_client *c;

	start_server();
	c = connect_client();
	CU_ASSERT(answers(c, "list_dbs", "[]", "['_Server','Test']"));
	CU_ASSERT(answers(c, "echo", "[1,{'a':null}]", "[1,{'a':null}]"));
	CU_ASSERT(answers(c, "fly", "[]", "'unknown method'"));
	CU_ASSERT(answers(c, "set_db_change_aware", "[true]", "{}"));
	CU_ASSERT(answers(c, "get_schema", "['Nope']",
		"{'details':'no database of this name is served here','error':'unknown database'}"));
	CU_ASSERT(answers(c, "transact", "['Test']", "[]"));
	CU_ASSERT(answers(c, "transact",
		"['_Server',{'op':'select','table':'Database','where':[['name','==','Test']],"
		"'columns':['name','model','connected','leader']}]",
		"[{'rows':[{'connected':true,'leader':true,'model':'standalone','name':'Test'}]}]"));
	CU_ASSERT(answers(c, "transact",
		"['_Server',{'op':'delete','table':'Database','where':[]}]",
		"[{'details':'delete: the database is read only.','error':'not allowed'}]"));
	CU_ASSERT(answers(c, "monitor_cancel", "[1]", "{'error':'unknown monitor'}"));
	rpc_client_close(c);
	stop_server();
}

#define U1 "00000000-0000-0000-0000-000000000001"

static void
test_server_monitors_changes(void)
{
	struct rpc_client *c, *w;

	start_server();
	c = connect_client();
	w = connect_client();
	CU_ASSERT(answers(c, "transact",
		"['Test',{'op':'insert','table':'Item','uuid':'" U1 "','row':{'i':1}}]",
		"[{'uuid':['uuid','" U1 "']}]"));
	CU_ASSERT(answers(w, "monitor", "['Test','all',{'Item':{'columns':['i','few']}}]",
		"{'Item':{'" U1 "':{'new':{'few':['set',[]],'i':1}}}}"));
	CU_ASSERT(answers(w, "monitor",
		"['Test','dels',{'Item':[{'columns':['i'],'select':{'initial':false,'insert':false,"
		"'modify':false}}]}]",
		"{}"));
	CU_ASSERT(answers(w, "monitor_cond",
		"['Test',3,{'Item':[{'columns':['i','few'],"
		"'where':[['i','>',5]]}]}]",
		"{}"));
	CU_ASSERT(answers(w, "monitor", "['Test','all',{}]",
		"{'details':'duplicate monitor ID','error':'syntax error'}"));
	CU_ASSERT(answers(w, "monitor", "['Test','x',{'Item':{'columns':['zz']}}]",
		"{'details':'zz is not a column of table Item','error':'unknown column'}"));

	/* One that matters to nobody, then a change that brings the row into the condition. */
	CU_ASSERT(answers(c, "transact",
		"['Test',{'op':'update','table':'Item','where':[],'row':{'b':true}}]",
		"[{'count':1}]"));
	CU_ASSERT(answers(c, "transact",
		"['Test',{'op':'update','table':'Item','where':[],'row':{'i':7,'few':['set',[1,2]]}}]",
		"[{'count':1}]"));
	CU_ASSERT(notifies(w, "update",
		"['all',{'Item':{'" U1 "':{'old':{'i':1,'few':['set',[]]},"
		"'new':{'i':7,'few':['set',[1,2]]}}}}]"));
	CU_ASSERT(notifies(
		w, "update2", "[3,{'Item':{'" U1 "':{'insert':{'i':7,'few':['set',[1,2]]}}}}]"));
	CU_ASSERT(answers(c, "transact",
		"['Test',{'op':'mutate','table':'Item','where':[],'mutations':[['few','insert',3],"
		"['few','delete',1]]}]",
		"[{'count':1}]"));
	CU_ASSERT(notifies(w, "update",
		"['all',{'Item':{'" U1 "':{'old':{'few':['set',[1,2]]},"
		"'new':{'i':7,'few':['set',[2,3]]}}}}]"));
	CU_ASSERT(
		notifies(w, "update2", "[3,{'Item':{'" U1 "':{'modify':{'few':['set',[1,3]]}}}}]"));
	CU_ASSERT(answers(
		w, "monitor_cond_change", "[3,4,{'Item':[{'where':[['i','<',5]]}]}]", "{}"));
	CU_ASSERT(notifies(w, "update2", "[3,{'Item':{'" U1 "':{'delete':null}}}]"));
	CU_ASSERT(answers(w, "monitor_cancel", "['all']", "{}"));
	CU_ASSERT(answers(c, "transact", "['Test',{'op':'delete','table':'Item','where':[]}]",
		"[{'count':1}]"));
	CU_ASSERT(notifies(w, "update", "['dels',{'Item':{'" U1 "':{'old':{'i':7}}}}]"));
	rpc_client_close(c);
	rpc_client_close(w);
	stop_server();
}

static void
test_server_holds_transactions_that_wait(void)
{
	struct rpc_client *c, *w;
	json_t *id;
	struct jsonrpc_msg *msg;
	int64_t start;

	start_server();
	c = connect_client();
	w = connect_client();
	start = clock_ms();
	CU_ASSERT(answers(w, "transact",
		"['Test',{'op':'wait','table':'Item','where':[],'columns':['i'],'until':'==',"
		"'rows':[{'i':1}],'timeout':120}]",
		"[{'details':'\\'wait\\' timed out','error':'timed out'}]"));
	CU_ASSERT(clock_ms() - start >= 120);
	msg = jsonrpc_msg_create_request("transact",
		fixture_json("['Test',{'op':'wait','table':'Item','where':[],'columns':['i'],"
			     "'until':'==','rows':[{'i':1}]},{'op':'mutate','table':'Item',"
			     "'where':[],'mutations':[['i','+=',1]]}]"),
		&id);
	CU_ASSERT_EQUAL(rpc_client_send(w, msg, limit(), NULL), 0);
	CU_ASSERT(answers(w, "list_dbs", "[]", "['_Server','Test']")); /* Others are answered. */
	CU_ASSERT(answers(c, "transact",
		"['Test',{'op':'insert','table':'Item','uuid':'" U1 "','row':{'i':1}}]",
		"[{'uuid':['uuid','" U1 "']}]"));
	CU_ASSERT_EQUAL_FATAL(rpc_client_next(w, limit(), &msg, NULL), 0);
	CU_ASSERT_EQUAL(msg->type, JSONRPC_REPLY);
	CU_ASSERT(json_equal(msg->id, id));
	jsonrpc_msg_destroy(msg);
	json_decref(id);
	CU_ASSERT(answers(c, "transact",
		"['Test',{'op':'select','table':'Item','where':[],'columns':['i']}]",
		"[{'rows':[{'i':2}]}]"));

	msg = jsonrpc_msg_create_request("transact",
		fixture_json("['Test',{'op':'wait','table':'Item','where':[],'columns':['i'],"
			     "'until':'==','rows':[]}]"),
		&id);
	CU_ASSERT_EQUAL(rpc_client_send(w, msg, limit(), NULL), 0);
	msg = jsonrpc_msg_create_notify("cancel", json_pack("[O]", id));
	CU_ASSERT_EQUAL(rpc_client_send(w, msg, limit(), NULL), 0);
	CU_ASSERT_EQUAL_FATAL(rpc_client_next(w, limit(), &msg, NULL), 0);
	CU_ASSERT_EQUAL(msg->type, JSONRPC_ERROR);
	CU_ASSERT_STRING_EQUAL(json_string_value(msg->error), "canceled");
	jsonrpc_msg_destroy(msg);
	json_decref(id);
	rpc_client_close(c);
	rpc_client_close(w);
	stop_server();
}

static void
test_server_locks_have_one_owner(void)
{
	const char *guarded = "['Test',{'op':'assert','lock':'l'}]";
	struct rpc_client *a, *b;

	start_server();
	a = connect_client();
	b = connect_client();
	CU_ASSERT(answers(a, "lock", "['l']", "{'locked':true}"));
	CU_ASSERT(answers(b, "lock", "['l']", "{'locked':false}"));
	CU_ASSERT(answers(a, "transact", guarded, "[{}]"));
	CU_ASSERT(answers(b, "transact", guarded,
		"[{'details':'Asserted lock l not held.','error':'not owner'}]"));
	CU_ASSERT(answers(a, "unlock", "['l']", "{}"));
	CU_ASSERT(notifies(b, "locked", "['l']"));
	CU_ASSERT(answers(a, "steal", "['l']", "{'locked':true}"));
	CU_ASSERT(notifies(b, "stolen", "['l']"));
	CU_ASSERT(answers(b, "transact", guarded,
		"[{'details':'Asserted lock l not held.','error':'not owner'}]"));
	CU_ASSERT(answers(b, "unlock", "['l']", "{}"));
	CU_ASSERT(answers(b, "lock", "['l']", "{'locked':false}"));
	rpc_client_close(a); /* Who goes gives back what it holds. */
	CU_ASSERT(notifies(b, "locked", "['l']"));
	CU_ASSERT(answers(b, "lock", "['1l']",
		"{'details':'the only parameter must be the name of a lock','error':'syntax error'}"));
	rpc_client_close(b);
	stop_server();
}

static void
test_server_drops_who_never_reads(void)
{
	struct rpc_client *sleeper, *c;
	struct jsonrpc_msg *msg;
	char *big = xmalloc(100001), *params;
	int error = 0;

	start_server();
	sleeper = connect_client();
	c = connect_client();
	CU_ASSERT(answers(sleeper, "monitor", "['Test',1,{'Item':{'columns':['imm']}}]", "{}"));
	memset(big, 'x', 100000);
	big[100000] = '\0';
	params = xasprintf("['Test',{'op':'insert','table':'Item','row':{'imm':'%s'}}]", big);
	for (int i = 0; i < 40; i++) { /* 4 MB; the limit is 1 MB. */
		char *text = call(c, "transact", params);

		CU_ASSERT_PTR_NOT_NULL(strstr(text, "uuid"));
		free(text);
	}
	CU_ASSERT(answers(c, "list_dbs", "[]", "['_Server','Test']"));
	while (error == 0) { /* What was sent before is still there, then the end. */
		error = rpc_client_next(sleeper, limit(), &msg, NULL);
		if (error == 0)
			jsonrpc_msg_destroy(msg);
	}
	CU_ASSERT_NOT_EQUAL(error, -ETIMEDOUT);
	rpc_client_close(sleeper);
	rpc_client_close(c);
	free(params);
	free(big);
	stop_server();
}

static void
test_server_replica_follows(void)
{
	static const char *const tables[] = { "Root", "Kid", "Item" };
	struct ovsdb_replica *r;
	const struct ovsdb_row *root, *kid, *item;
	struct rpc_client *c;
	struct ovsdb_txn *txn;
	struct err err = ERR_INIT;
	json_t *extra, *result;

	start_server();
	CU_ASSERT_EQUAL(ovsdb_replica_open(target, "Nope", true, LIMIT_MS, &r, &err), -ENOENT);
	CU_ASSERT_EQUAL_FATAL(ovsdb_replica_open(target, "Test", true, LIMIT_MS, &r, &err), 0);
	CU_ASSERT_EQUAL(ovsdb_replica_monitor(r, tables, 3, LIMIT_MS, &err), 0);
	txn = ovsdb_txn_create(ovsdb_replica_db(r));
	root = ovsdb_txn_insert(txn, "Root", NULL);
	item = ovsdb_txn_insert(txn, "Item", NULL);
	kid = ovsdb_txn_insert(txn, "Kid", NULL);
	ovsdb_txn_set_string(txn, kid, "name", "k");
	ovsdb_txn_set_refs(txn, kid, "best", &item, 1);
	ovsdb_txn_add_ref(txn, root, "kids", kid);
	extra = fixture_json(
		"[{'op':'mutate','table':'Root','where':[],'mutations':[['n','+=',1]]},"
		"{'op':'select','table':'Root','where':[],'columns':['n']}]");
	CU_ASSERT_EQUAL_FATAL(ovsdb_replica_commit(r, txn, extra, LIMIT_MS, &result, &err), 0);
	json_decref(extra);
	CU_ASSERT_EQUAL(json_array_size(result), 5);
	CU_ASSERT_EQUAL(
		json_integer_value(json_object_get(
			json_array_get(json_object_get(json_array_get(result, 4), "rows"), 0),
			"n")),
		1);
	json_decref(result);
	root = ovsdb_table_first(ovsdb_db_table(ovsdb_replica_db(r), "Root"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	CU_ASSERT_EQUAL(ovsdb_row_int(root, "n", 0), 1);
	CU_ASSERT_STRING_EQUAL(ovsdb_row_string(ovsdb_row_ref(root, "kids"), "name", ""), "k");

	c = connect_client();
	CU_ASSERT(answers(c, "transact",
		"['Test',{'op':'update','table':'Root','where':[],'row':{'kids':['set',[]],'n':5}}]",
		"[{'count':1}]"));
	CU_ASSERT_EQUAL(ovsdb_replica_wait(r, LIMIT_MS, &err), 0);
	CU_ASSERT_EQUAL(ovsdb_row_int(root, "n", 0), 5);
	CU_ASSERT_EQUAL(ovsdb_table_count(ovsdb_db_table(ovsdb_replica_db(r), "Kid")), 0);
	CU_ASSERT_EQUAL(ovsdb_replica_wait(r, 20, &err), -ETIMEDOUT);

	txn = ovsdb_txn_create(ovsdb_replica_db(r));
	ovsdb_txn_insert(txn, "Root", NULL);
	ovsdb_txn_insert(txn, "Root", NULL);
	CU_ASSERT_EQUAL(ovsdb_replica_commit(r, txn, NULL, LIMIT_MS, NULL, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "constraint violation"));
	rpc_client_close(c);
	ovsdb_replica_close(r);
	stop_server();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_server_answers_simple_methods),
		CHECK_CASE(test_server_monitors_changes),
		CHECK_CASE(test_server_holds_transactions_that_wait),
		CHECK_CASE(test_server_locks_have_one_owner),
		CHECK_CASE(test_server_drops_who_never_reads),
		CHECK_CASE(test_server_replica_follows),
	};
	int failed;

	role_enter(&role_main);
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(target, sizeof target, "unix:%s/sock", dir);
	failed = check_run("ovsdb/server", cases, ARRAY_SIZE(cases));
	rmdir(dir);
	return failed;
}
