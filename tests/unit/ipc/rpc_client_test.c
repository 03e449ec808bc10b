/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ipc/rpc_client against a scripted peer: a child process that writes fixed bytes. */

#include "ipc/rpc_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/err.h"
#include "ipc/jsonrpc.h"
#include "ipc_check.h"

/* A peer that accepts one connection, waits for the first bytes, and answers with a fixed text. */
struct peer {
	pid_t pid;
	char name[128];
};

/* The child's life.  '%d' in 'answer' becomes the id of the request that came.  If 'expect' is not NULL,
 * the peer waits at the end until it has received that text. */
static int
peer_main(int listener, const char *answer, const char *expect)
{
	char got[4096] = "";
	char out[4096];
	size_t len = 0;
	int id = -1;
	int fd = accept(listener, NULL, NULL);

	while (strchr(got, '}') == NULL) {
		ssize_t n = recv(fd, got + len, sizeof got - 1 - len, 0);

		if (n <= 0)
			return 1;
		len += (size_t)n;
		got[len] = '\0';
	}
	if (sscanf(got, "{\"id\":%d", &id) != 1)
		return 2;
	snprintf(out, sizeof out, answer, id);
	if (send(fd, out, strlen(out), MSG_NOSIGNAL) != (ssize_t)strlen(out))
		return 3;
	while (expect != NULL && strstr(got, expect) == NULL) {
		ssize_t n = recv(fd, got + len, sizeof got - 1 - len, 0);

		if (n <= 0)
			return 4;
		len += (size_t)n;
		got[len] = '\0';
	}
	close(fd);
	return 0;
}

static void
peer_start(struct peer *p, const char *answer, const char *expect)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof sun.sun_path, "%s/p.sock", check_dir);
	snprintf(p->name, sizeof p->name, "unix:%s", sun.sun_path);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	CU_ASSERT_EQUAL_FATAL(listen(fd, 1), 0);
	fflush(NULL);
	p->pid = fork();
	if (p->pid == 0)
		_exit(peer_main(fd, answer, expect));
	close(fd);
}

/* Returns: the exit status of the peer. */
static int
peer_finish(struct peer *p)
{
	int status = 0;

	CU_ASSERT_EQUAL(waitpid(p->pid, &status, 0), p->pid);
	CU_ASSERT_EQUAL(unlink(p->name + 5), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Calls "m" at a peer that answers 'answer'.  Returns: the code of the call. */
static int
call(const char *answer, const char *expect, json_t **resultp, json_t **errorp,
	struct rpc_client **clientp, struct peer *p)
{
	struct err err = ERR_INIT;
	int error;

	peer_start(p, answer, expect);
	CU_ASSERT_EQUAL_FATAL(rpc_client_open(p->name, clock_ms() + 5000, clientp, &err), 0);
	error = rpc_client_call(
		*clientp, "m", json_array(), clock_ms() + 5000, resultp, errorp, &err);
	CU_ASSERT_TRUE(error == 0 || err.text[0] != '\0');
	return error;
}

/* A call that must fail with 'error'. */
static void
check_fails(const char *answer, int error)
{
	struct rpc_client *client;
	struct peer p;
	json_t *result;
	json_t *e;

	CU_ASSERT_EQUAL(call(answer, NULL, &result, &e, &client, &p), error);
	CU_ASSERT_PTR_NULL(result);
	json_decref(e);
	rpc_client_close(client);
	CU_ASSERT_EQUAL(peer_finish(&p), 0);
}

static void
test_rpc_client_gets_result(void)
{
	struct rpc_client *client;
	struct peer p;
	json_t *result;
	json_t *e;

	CU_ASSERT_EQUAL(
		call("{\"id\":%d,\"result\":[42],\"error\":null}", NULL, &result, &e, &client, &p),
		0);
	CU_ASSERT_EQUAL(json_integer_value(json_array_get(result, 0)), 42);
	json_decref(result);
	rpc_client_close(client);
	CU_ASSERT_EQUAL(peer_finish(&p), 0);
}

static void
test_rpc_client_reports_failures(void)
{
	check_fails("{\"id\":%d,\"result\":null,\"error\":\"no\"}", -EREMOTEIO);
	check_fails("{\"id\":%d,", -ECONNRESET);
	check_fails("garbage %d", -EPROTO);
	check_fails("[%d]", -EPROTO);
}

static void
test_rpc_client_keeps_notifications_and_echoes(void)
{
	struct jsonrpc_msg *msg;
	struct rpc_client *client;
	struct peer p;
	json_t *result;
	json_t *e;

	CU_ASSERT_EQUAL(call("{\"method\":\"update\",\"params\":[1],\"id\":null}"
			     "{\"method\":\"echo\",\"params\":[\"ping\"],\"id\":\"e\"}"
			     "{\"id\":%d,\"result\":{},\"error\":null}"
			     "{\"method\":\"update\",\"params\":[2],\"id\":null}",
				"\"result\":[\"ping\"]", &result, &e, &client, &p),
		0);
	json_decref(result);
	for (int i = 1; i <= 2; i++) {
		CU_ASSERT_EQUAL_FATAL(rpc_client_next(client, clock_ms() + 5000, &msg, NULL), 0);
		CU_ASSERT_EQUAL(json_integer_value(json_array_get(msg->params, 0)), i);
		jsonrpc_msg_destroy(msg);
	}
	CU_ASSERT_EQUAL(rpc_client_next(client, clock_ms() + 5000, &msg, NULL), -ECONNRESET);
	rpc_client_close(client);
	CU_ASSERT_EQUAL(peer_finish(&p), 0);
}

static void
test_rpc_client_keeps_deadline(void)
{
	struct rpc_client *client;
	struct jsonrpc_msg *msg;
	struct peer p;
	json_t *result;
	json_t *e;

	CU_ASSERT_EQUAL(
		call("{\"id\":%d,\"result\":1,\"error\":null}", "bye", &result, &e, &client, &p),
		0);
	json_decref(result);
	CU_ASSERT_EQUAL(rpc_client_next(client, clock_ms() + 20, &msg, NULL), -ETIMEDOUT);
	CU_ASSERT_EQUAL(rpc_client_send(client, jsonrpc_msg_create_notify("bye", json_array()),
				clock_ms() + 5000, NULL),
		0);
	rpc_client_close(client);
	CU_ASSERT_EQUAL(peer_finish(&p), 0);
}

static void
test_rpc_client_reports_absent_server(void)
{
	struct err err = ERR_INIT;
	struct rpc_client *client;
	char name[128];

	snprintf(name, sizeof name, "unix:%s/none", check_dir);
	CU_ASSERT_EQUAL(rpc_client_open(name, clock_ms() + 5000, &client, &err), -ENOENT);
	CU_ASSERT_PTR_NULL(client);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "none"));
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_rpc_client_gets_result),
		CHECK_CASE(test_rpc_client_reports_failures),
		CHECK_CASE(test_rpc_client_keeps_notifications_and_echoes),
		CHECK_CASE(test_rpc_client_keeps_deadline),
		CHECK_CASE(test_rpc_client_reports_absent_server),
	};
	int failed;

	check_dir_create();
	failed = check_run("ipc/rpc_client", cases, ARRAY_SIZE(cases));
	return failed | check_dir_remove();
}
