/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ipc/command and ipc/command_client: the client is a child process, as it is in life. */

#include "ipc/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loop.h"
#include "ipc/command_client.h"
#include "ipc/json.h"
#include "ipc/jsonrpc.h"
#include "ipc/stream.h"
#include "ipc_check.h"

/* A server and what its commands leave behind. */
struct rig {
	struct loop *loop;
	struct command_server *server;
	struct command_ctx *waiting; /* Of the command "later". */
	int n_runs;
	char path[128];
};

static void
run_echo(struct command_ctx *ctx, int argc, const char *argv[], void *aux)
{
	struct rig *r = aux;
	char text[256] = "";

	r->n_runs++;
	CU_ASSERT_PTR_NULL(argv[argc]);
	for (int i = 1; i < argc; i++) {
		strcat(text, "<");
		strcat(text, argv[i]);
		strcat(text, ">");
	}
	command_reply(ctx, text);
}

static void
run_fail(struct command_ctx *ctx, int argc UNUSED, const char *argv[], void *aux UNUSED)
{
	command_reply_errorf(ctx, "no %s", argv[0]);
}

static void
run_table(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *aux UNUSED)
{
	if (command_is_json(ctx))
		command_reply_json(ctx, json_pack("{s:i}", "n", 1));
	else
		command_reply(ctx, "n 1\n");
}

static void
run_later(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *aux)
{
	struct rig *r = aux;

	r->waiting = ctx;
}

static const struct command table[] = {
	{ "test/echo", "ARG...", 1, 3, run_echo, NULL },
	{ "test/fail", "", 0, 0, run_fail, NULL },
	{ "test/table", "", 0, 0, run_table, NULL },
	{ "test/later", "", 0, -1, run_later, NULL },
};

static void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof *r);
	r->loop = loop_create();
	snprintf(r->path, sizeof r->path, "%s/d.ctl", check_dir);
	CU_ASSERT_EQUAL_FATAL(
		command_server_create(r->loop, r->path, "d", "d 1.0", &r->server, NULL), 0);
	command_add(r->server, table, ARRAY_SIZE(table), r);
}

static void
rig_uninit(struct rig *r)
{
	command_server_destroy(r->server);
	loop_destroy(r->loop);
}

/* The last answer of command_run(). */
static char answer[8192];
static int answer_error;

static void
on_done(void *aux UNUSED, bool error, const json_t *json)
{
	char *text = json_format(json, JSON_FORMAT_SORTED);

	snprintf(answer, sizeof answer, "%s", text);
	answer_error = error;
	free(text);
}

/* Runs 'line', words separated by spaces, without a socket. */
static void
run_line(struct rig *r, const char *line)
{
	const char *argv[16];
	char copy[256];
	char *save = NULL;
	int argc = 0;

	snprintf(copy, sizeof copy, "%s", line);
	for (char *s = strtok_r(copy, " ", &save); s != NULL; s = strtok_r(NULL, " ", &save))
		argv[argc++] = s;
	answer[0] = '\0';
	command_run(r->server, argc, argv, on_done, NULL);
}

static void
test_command_runs_with_arguments(void)
{
	struct rig r;

	rig_init(&r);
	run_line(&r, "test/echo a b");
	CU_ASSERT_STRING_EQUAL(answer, "\"<a><b>\\n\"");
	CU_ASSERT_FALSE(answer_error);
	run_line(&r, "test/fail");
	CU_ASSERT_STRING_EQUAL(answer, "\"no test/fail\\n\"");
	CU_ASSERT_TRUE(answer_error);
	rig_uninit(&r);
}

static void
test_command_refuses_wrong_calls(void)
{
	static const char *const lines[] = { "nope", "test/echo", "test/echo 1 2 3 4",
		"test/fail x", "test/echo --json", "vlog/set", "vlog/set nosuchmodule:dbg" };
	struct rig r;

	rig_init(&r);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		answer_error = 0;
		run_line(&r, lines[i]);
		CU_ASSERT_TRUE(answer_error);
		CU_ASSERT_NOT_EQUAL(answer[0], '\0');
	}
	CU_ASSERT_EQUAL(r.n_runs, 0);
	rig_uninit(&r);
}

static void
test_command_speaks_json_on_request(void)
{
	struct rig r;

	rig_init(&r);
	run_line(&r, "test/table --json");
	CU_ASSERT_STRING_EQUAL(answer, "{\"n\":1}");
	run_line(&r, "test/table");
	CU_ASSERT_STRING_EQUAL(answer, "\"n 1\\n\"");
	run_line(&r, "test/echo --json x");
	CU_ASSERT_STRING_EQUAL(answer, "\"<x>\"");
	rig_uninit(&r);
}

static void
test_command_has_builtins(void)
{
	struct rig r;

	rig_init(&r);
	run_line(&r, "version");
	CU_ASSERT_STRING_EQUAL(answer, "\"d 1.0\\n\"");
	run_line(&r, "list-commands");
	CU_ASSERT_PTR_NOT_NULL(strstr(answer, "The available commands are:\\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(answer, "  test/echo               ARG...\\n"));
	CU_ASSERT_TRUE(strstr(answer, "test/echo") < strstr(answer, "test/fail"));
	run_line(&r, "vlog/list");
	CU_ASSERT_PTR_NOT_NULL(strstr(answer, "unixctl"));
	run_line(&r, "vlog/set unixctl:console:dbg");
	CU_ASSERT_FALSE(answer_error);
	run_line(&r, "vlog/set unixctl:console:info");
	CU_ASSERT_FALSE(answer_error);
	rig_uninit(&r);
}

static void
test_command_later_table_wins(void)
{
	static const struct command replacement[] = { { "test/echo", "", 0, 0, run_fail, NULL } };
	struct rig r;

	rig_init(&r);
	command_add(r.server, replacement, 1, NULL);
	run_line(&r, "test/echo");
	CU_ASSERT_STRING_EQUAL(answer, "\"no test/echo\\n\"");
	rig_uninit(&r);
}

/* What a child process does with the server's socket; its result is the exit status. */
typedef int child_fn(struct rig *r);

static pid_t
child_start(struct rig *r, child_fn *fn)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(fn(r));
	return pid;
}

/* Runs the loop until the child ends.  Returns: its exit status, -1 if it did not exit. */
static int
child_finish(struct rig *r, pid_t pid)
{
	int status = -1;
	pid_t done = 0;

	for (int turns = 0; turns < 1000 && done == 0; turns++) {
		loop_run_once(r->loop, 10);
		done = waitpid(pid, &status, WNOHANG);
	}
	return done == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Calls 'method' with one argument.  Returns: 0 if the answer has code 'error' and text 'text'. */
static int
client_expect(struct rig *r, const char *method, const char *arg, int error, const char *text)
{
	const char *args[1] = { arg };
	struct err err = ERR_INIT;
	json_t *result;
	char *error_text;
	const char *got;
	int rc;

	rc = command_client_call(
		r->path, method, args, arg != NULL, 5000, &result, &error_text, &err);
	got = error_text != NULL ? error_text : json_string_value(result);
	rc = rc != error || (text != NULL && (got == NULL || strcmp(got, text) != 0));
	if (rc != 0)
		fprintf(stderr, "%s: %s: %s\n", method, got != NULL ? got : "-", err.text);
	json_decref(result);
	free(error_text);
	return rc;
}

static int
child_calls(struct rig *r)
{
	return client_expect(r, "test/echo", "x y", 0, "<x y>\n")
		|| client_expect(r, "test/fail", NULL, -EREMOTEIO, "no test/fail\n")
		|| client_expect(r, "version", NULL, 0, "d 1.0\n");
}

static void
test_command_client_calls(void)
{
	struct rig r;

	rig_init(&r);
	CU_ASSERT_EQUAL(child_finish(&r, child_start(&r, child_calls)), 0);
	rig_uninit(&r);
}

static int
child_later(struct rig *r)
{
	return client_expect(r, "test/later", NULL, 0, "done\n");
}

static void
test_command_answers_later(void)
{
	struct rig r;
	pid_t pid;

	rig_init(&r);
	pid = child_start(&r, child_later);
	RUN_UNTIL(r.loop, r.waiting != NULL);
	CU_ASSERT_TRUE(command_is_alive(r.waiting));
	command_reply(r.waiting, "done");
	CU_ASSERT_EQUAL(child_finish(&r, pid), 0);
	rig_uninit(&r);
}

static int
child_impatient(struct rig *r)
{
	json_t *result;
	char *error_text;

	return command_client_call(r->path, "test/later", NULL, 0, 100, &result, &error_text, NULL)
		!= -ETIMEDOUT;
}

/* The client times out and goes; the command answers into the void. */
static void
test_command_survives_lost_client(void)
{
	struct rig r;

	rig_init(&r);
	CU_ASSERT_EQUAL(child_finish(&r, child_start(&r, child_impatient)), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r.waiting);
	RUN_UNTIL(r.loop, !command_is_alive(r.waiting));
	command_reply(r.waiting, "nobody hears this");
	CU_ASSERT_EQUAL(child_finish(&r, child_start(&r, child_calls)), 0);
	rig_uninit(&r);
}

/* A server that goes away with a call waiting drops it. */
static void
test_command_server_destroy_drops_waiting(void)
{
	struct rig r;
	pid_t pid;

	rig_init(&r);
	pid = child_start(&r, child_impatient);
	RUN_UNTIL(r.loop, r.waiting != NULL);
	command_server_destroy(r.server);
	r.server = NULL;
	CU_ASSERT_NOT_EQUAL(access(r.path, F_OK), 0);
	CU_ASSERT_EQUAL(child_finish(&r, pid), 1);
	rig_uninit(&r);
}

static int
child_garbage(struct rig *r)
{
	char name[160];
	struct stream *s;
	char buf[16];

	snprintf(name, sizeof name, "unix:%s", r->path);
	if (stream_open(name, 0, &s, NULL) != 0)
		return 1;
	if (stream_send(s, "GET / HTTP/1.0\r\n", 16) != 16)
		return 2;
	if (stream_wait(s, true, false, INT64_MAX) != 0 || stream_recv(s, buf, sizeof buf) > 0)
		return 3;
	stream_destroy(s);
	return child_calls(r);
}

static void
test_command_garbage_ends_one_connection(void)
{
	struct rig r;

	rig_init(&r);
	CU_ASSERT_EQUAL(child_finish(&r, child_start(&r, child_garbage)), 0);
	rig_uninit(&r);
}

static void
test_command_client_resolves_names(void)
{
	struct err err = ERR_INIT;
	char *path;

	CU_ASSERT_EQUAL(command_client_resolve("/a/b.ctl", &path, &err), 0);
	CU_ASSERT_STRING_EQUAL(path, "/a/b.ctl");
	free(path);
	CU_ASSERT_EQUAL(command_client_resolve("no-such-daemon", &path, &err), -ENOENT);
	CU_ASSERT_PTR_NULL(path);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no-such-daemon"));
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_command_runs_with_arguments),
		CHECK_CASE(test_command_refuses_wrong_calls),
		CHECK_CASE(test_command_speaks_json_on_request),
		CHECK_CASE(test_command_has_builtins),
		CHECK_CASE(test_command_later_table_wins),
		CHECK_CASE(test_command_client_calls),
		CHECK_CASE(test_command_answers_later),
		CHECK_CASE(test_command_survives_lost_client),
		CHECK_CASE(test_command_server_destroy_drops_waiting),
		CHECK_CASE(test_command_garbage_ends_one_connection),
		CHECK_CASE(test_command_client_resolves_names),
	};
	int failed;

	check_dir_create();
	setenv("OVS_RUNDIR", check_dir, 1);
	failed = check_run("ipc/command", cases, ARRAY_SIZE(cases));
	return failed | check_dir_remove();
}
