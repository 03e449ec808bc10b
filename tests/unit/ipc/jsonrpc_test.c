/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ipc/jsonrpc: shapes of messages, and connections whose peers misbehave. */

#include "ipc/jsonrpc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/loop.h"
#include "ipc/json.h"
#include "ipc/stream.h"
#include "ipc_check.h"

/* One connection under test and the other end of its socket. */
struct rig {
	struct loop *loop;
	struct jsonrpc *rpc;
	int peer; /* The peer's socket, written and read raw. */
	int n_messages;
	int n_closed;
	int error; /* Of 'closed'. */
	char why[256]; /* Of 'closed'. */
	struct jsonrpc_msg *last;
	bool destroy_in_message;
	bool echo; /* Reply to requests with their params. */
};

static void
on_message(void *aux, struct jsonrpc *rpc, struct jsonrpc_msg *msg)
{
	struct rig *r = aux;

	r->n_messages++;
	if (r->echo)
		jsonrpc_send(rpc,
			jsonrpc_msg_create_reply(json_incref(msg->params), json_incref(msg->id)));
	jsonrpc_msg_destroy(r->last);
	r->last = msg;
	if (r->destroy_in_message) {
		jsonrpc_destroy(rpc);
		r->rpc = NULL;
	}
}

static void
on_closed(void *aux, struct jsonrpc *rpc, int error, const char *why)
{
	struct rig *r = aux;

	r->n_closed++;
	r->error = error;
	snprintf(r->why, sizeof r->why, "%s", why);
	jsonrpc_destroy(rpc);
	r->rpc = NULL;
}

static const struct jsonrpc_ops ops = { .message = on_message, .closed = on_closed };

static void
rig_init(struct rig *r)
{
	int fds[2];

	memset(r, 0, sizeof *r);
	r->loop = loop_create();
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	r->peer = fds[1];
	CU_ASSERT_EQUAL_FATAL(
		jsonrpc_create(r->loop, stream_create_fd(fds[0], "pair"), &ops, r, &r->rpc), 0);
}

static void
rig_uninit(struct rig *r)
{
	jsonrpc_destroy(r->rpc);
	jsonrpc_msg_destroy(r->last);
	if (r->peer >= 0)
		close(r->peer);
	loop_destroy(r->loop);
}

static void
peer_send(struct rig *r, const char *text)
{
	ssize_t len = (ssize_t)strlen(text);

	CU_ASSERT_EQUAL(write(r->peer, text, (size_t)len), len);
}

static struct jsonrpc_msg *
from_text(const char *text, int expected)
{
	struct jsonrpc_msg *msg;
	json_t *json;

	CU_ASSERT_EQUAL_FATAL(json_parse_string(text, NULL, &json, NULL), 0);
	CU_ASSERT_EQUAL(jsonrpc_msg_from_json(json, &msg, NULL), expected);
	json_decref(json);
	return msg;
}

static void
test_jsonrpc_msg_knows_types(void)
{
	static const struct {
		const char *text;
		enum jsonrpc_type type;
	} rows[] = {
		{ "{\"method\":\"a\",\"params\":[],\"id\":1}", JSONRPC_REQUEST },
		{ "{\"method\":\"a\",\"params\":[1],\"id\":null}", JSONRPC_NOTIFY },
		{ "{\"method\":\"a\",\"params\":[1]}", JSONRPC_NOTIFY },
		{ "{\"result\":{},\"error\":null,\"id\":\"x\"}", JSONRPC_REPLY },
		{ "{\"result\":null,\"error\":null,\"id\":0}", JSONRPC_REPLY },
		{ "{\"result\":null,\"error\":\"e\",\"id\":0}", JSONRPC_ERROR },
		{ "{\"error\":{},\"id\":[0]}", JSONRPC_ERROR },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct jsonrpc_msg *msg = from_text(rows[i].text, 0);

		CU_ASSERT_PTR_NOT_NULL_FATAL(msg);
		CU_ASSERT_EQUAL(msg->type, rows[i].type);
		jsonrpc_msg_destroy(msg);
	}
}

static void
test_jsonrpc_msg_refuses_shapes(void)
{
	static const char *const texts[] = { "[]", "{}", "{\"id\":1}", "{\"result\":1}",
		"{\"method\":1,\"params\":[],\"id\":1}",
		"{\"method\":\"a\",\"params\":{},\"id\":1}", "{\"method\":\"a\",\"id\":1}",
		"{\"result\":1,\"error\":2,\"id\":3}",
		"{\"result\":1,\"error\":null,\"id\":null}" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		CU_ASSERT_PTR_NULL(from_text(texts[i], -EPROTO));
}

static void
test_jsonrpc_msg_survives_roundtrip(void)
{
	json_t *id;
	struct jsonrpc_msg *msgs[4];

	msgs[0] = jsonrpc_msg_create_request("m", json_pack("[i]", 5), &id);
	msgs[1] = jsonrpc_msg_create_notify("n", json_array());
	msgs[2] = jsonrpc_msg_create_reply(json_null(), json_incref(id));
	msgs[3] = jsonrpc_msg_create_error(json_string("bad"), id);
	for (size_t i = 0; i < 4; i++) {
		json_t *json = jsonrpc_msg_to_json(msgs[i]);
		struct jsonrpc_msg *copy;
		json_t *again;

		CU_ASSERT_EQUAL_FATAL(jsonrpc_msg_from_json(json, &copy, NULL), 0);
		again = jsonrpc_msg_to_json(copy);
		CU_ASSERT_EQUAL(copy->type, msgs[i]->type);
		CU_ASSERT_TRUE(json_equal(json, again));
		json_decref(json);
		json_decref(again);
		jsonrpc_msg_destroy(copy);
		jsonrpc_msg_destroy(msgs[i]);
	}
}

static void
test_jsonrpc_assembles_partial_reads(void)
{
	static const char text[] = "{\"method\":\"a]}\",\"params\":[\"\xc3\xa9\"],\"id\":7}";
	struct rig r;

	rig_init(&r);
	for (size_t i = 0; i + 1 < sizeof text; i++) {
		CU_ASSERT_EQUAL(r.n_messages, 0);
		CU_ASSERT_EQUAL(write(r.peer, &text[i], 1), 1);
		loop_run_once(r.loop, 0);
		loop_run_once(r.loop, 0);
	}
	RUN_UNTIL(r.loop, r.n_messages == 1);
	CU_ASSERT_STRING_EQUAL(r.last->method, "a]}");
	CU_ASSERT_EQUAL(json_integer_value(r.last->id), 7);
	rig_uninit(&r);
}

static void
test_jsonrpc_answers_in_order(void)
{
	char buf[1024] = "";
	struct rig r;

	rig_init(&r);
	r.echo = true;
	peer_send(&r,
		"{\"method\":\"e\",\"params\":[1],\"id\":1} {\"method\":\"e\",\"params\":[2],"
		"\"id\":2}");
	RUN_UNTIL(r.loop, r.n_messages == 2);
	RUN_UNTIL(r.loop, jsonrpc_backlog_bytes(r.rpc) == 0);
	CU_ASSERT_TRUE(recv(r.peer, buf, sizeof buf - 1, MSG_DONTWAIT) > 0);
	CU_ASSERT_STRING_EQUAL(buf,
		"{\"id\":1,\"result\":[1],\"error\":null}"
		"{\"id\":2,\"result\":[2],\"error\":null}");
	rig_uninit(&r);
}

/* Sends 'text', which must end the connection with 'error' and nothing else. */
static void
check_ends(const char *text, int error)
{
	struct rig r;

	rig_init(&r);
	peer_send(&r, text);
	RUN_UNTIL(r.loop, r.n_closed == 1);
	CU_ASSERT_EQUAL(r.error, error);
	CU_ASSERT_NOT_EQUAL(r.why[0], '\0');
	CU_ASSERT_EQUAL(r.n_messages, 0);
	rig_uninit(&r);
}

static void
test_jsonrpc_garbage_ends_connection(void)
{
	check_ends("GET / HTTP/1.0\r\n\r\n", -EPROTO);
	check_ends("{\"method\":}", -EPROTO);
	check_ends("[]", -EPROTO);
	check_ends("{\"id\":null,\"result\":1}", -EPROTO);
}

static void
test_jsonrpc_deep_nesting_ends_connection(void)
{
	char text[2001];

	memset(text, '[', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	check_ends(text, -EMSGSIZE);
}

static void
test_jsonrpc_delivers_before_garbage(void)
{
	struct rig r;

	rig_init(&r);
	peer_send(&r, "{\"method\":\"a\",\"params\":[]}x");
	RUN_UNTIL(r.loop, r.n_closed == 1);
	CU_ASSERT_EQUAL(r.n_messages, 1);
	CU_ASSERT_EQUAL(r.error, -EPROTO);
	rig_uninit(&r);
}

static void
test_jsonrpc_end_of_stream_closes(void)
{
	struct rig r;

	rig_init(&r);
	peer_send(&r, "{\"method\":\"a\",\"params\":[]}");
	close(r.peer);
	r.peer = -1;
	RUN_UNTIL(r.loop, r.n_closed == 1);
	CU_ASSERT_EQUAL(r.n_messages, 1);
	CU_ASSERT_EQUAL(r.error, 0);
	rig_uninit(&r);
}

static void
test_jsonrpc_end_within_message_tells(void)
{
	struct rig r;

	rig_init(&r);
	peer_send(&r, "{\"method\":");
	close(r.peer);
	r.peer = -1;
	RUN_UNTIL(r.loop, r.n_closed == 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.why, "middle"));
	rig_uninit(&r);
}

static void
test_jsonrpc_limits_message_size(void)
{
	struct json_limits limits = { .max_bytes = 1000 };
	struct rig r;
	char text[1200];

	rig_init(&r);
	jsonrpc_set_limits(r.rpc, &limits);
	memset(text, 'a', sizeof text);
	memcpy(text, "{\"method\":\"", 11);
	text[sizeof text - 1] = '\0';
	peer_send(&r, text);
	RUN_UNTIL(r.loop, r.n_closed == 1);
	CU_ASSERT_EQUAL(r.error, -EMSGSIZE);
	rig_uninit(&r);
}

static void
test_jsonrpc_takes_large_message(void)
{
	static const char head[] = "{\"method\":\"a\",\"params\":[\"";
	size_t size = 4 << 20;
	char *text = xmalloc(size + 64);
	size_t sent = 0;
	size_t len;
	struct rig r;

	rig_init(&r);
	len = sizeof head - 1;
	memcpy(text, head, len);
	memset(text + len, 'x', size);
	len += size;
	memcpy(text + len, "\"]}", 3);
	len += 3;
	while (sent < len) {
		ssize_t n = send(r.peer, text + sent, len - sent, MSG_DONTWAIT);

		if (n > 0)
			sent += (size_t)n;
		loop_run_once(r.loop, 0);
	}
	RUN_UNTIL(r.loop, r.n_messages == 1);
	CU_ASSERT_EQUAL(json_string_length(json_array_get(r.last->params, 0)), size);
	rig_uninit(&r);
	free(text);
}

/* A peer that never reads is dropped when its backlog is above the limit, from the loop. */
static void
test_jsonrpc_drops_slow_reader(void)
{
	char big[10001];
	struct rig r;

	rig_init(&r);
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	jsonrpc_set_max_backlog(r.rpc, 1000000);
	for (int i = 0; i < 1000; i++) {
		jsonrpc_send(r.rpc, jsonrpc_msg_create_notify("n", json_pack("[s]", big)));
		CU_ASSERT_TRUE(jsonrpc_backlog_bytes(r.rpc) <= 1000000);
		CU_ASSERT_EQUAL(r.n_closed, 0);
	}
	RUN_UNTIL(r.loop, r.n_closed == 1);
	CU_ASSERT_EQUAL(r.error, -ENOBUFS);
	rig_uninit(&r);
}

static void
test_jsonrpc_backlog_drains_unchanged(void)
{
	size_t expected = 0;
	size_t got = 0;
	uint32_t sum = 0;
	uint32_t expected_sum = 0;
	struct rig r;

	rig_init(&r);
	for (int i = 0; i < 20000; i++) {
		struct jsonrpc_msg *msg = jsonrpc_msg_create_notify("n", json_pack("[i]", i));
		json_t *json = jsonrpc_msg_to_json(msg);
		char *text = json_format(json, 0);

		for (const char *p = text; *p != '\0'; p++)
			expected_sum = expected_sum * 31 + (unsigned char)*p;
		expected += strlen(text);
		free(text);
		json_decref(json);
		jsonrpc_send(r.rpc, msg);
	}
	CU_ASSERT_TRUE(jsonrpc_backlog_bytes(r.rpc) > 0);
	for (int turns = 0; got < expected && turns < 100000; turns++) {
		unsigned char buf[4096];
		ssize_t n = recv(r.peer, buf, sizeof buf, MSG_DONTWAIT);

		for (ssize_t i = 0; i < n; i++)
			sum = sum * 31 + buf[i];
		got += n > 0 ? (size_t)n : 0;
		loop_run_once(r.loop, 0);
	}
	CU_ASSERT_EQUAL(got, expected);
	CU_ASSERT_EQUAL(sum, expected_sum);
	CU_ASSERT_EQUAL(jsonrpc_backlog_bytes(r.rpc), 0);
	rig_uninit(&r);
}

/* A flood from one peer is delivered in portions. */
static void
test_jsonrpc_batches_are_bounded(void)
{
	static const char one[] = "{\"method\":\"a\",\"params\":[]}";
	char text[500 * sizeof one] = "";
	struct rig r;
	int before;

	rig_init(&r);
	for (size_t i = 0; i < 500; i++)
		memcpy(text + i * (sizeof one - 1), one, sizeof one);
	peer_send(&r, text);
	do {
		before = r.n_messages;
		loop_run_once(r.loop, 10);
		CU_ASSERT_TRUE(r.n_messages - before <= 3 * JSONRPC_BATCH);
	} while (r.n_messages > before || r.n_messages == 0);
	CU_ASSERT_EQUAL(r.n_messages, 500);
	rig_uninit(&r);
}

static void
test_jsonrpc_pause_holds_messages(void)
{
	struct rig r;

	rig_init(&r);
	jsonrpc_pause(r.rpc, true);
	peer_send(&r, "{\"method\":\"a\",\"params\":[]}");
	for (int i = 0; i < 10; i++)
		loop_run_once(r.loop, 0);
	CU_ASSERT_EQUAL(r.n_messages, 0);
	jsonrpc_pause(r.rpc, false);
	RUN_UNTIL(r.loop, r.n_messages == 1);
	rig_uninit(&r);
}

static void
test_jsonrpc_destroy_within_callback(void)
{
	struct rig r;

	rig_init(&r);
	r.destroy_in_message = true;
	peer_send(&r, "{\"method\":\"a\",\"params\":[]}{\"method\":\"b\",\"params\":[]}");
	RUN_UNTIL(r.loop, r.rpc == NULL);
	loop_run_once(r.loop, 0);
	CU_ASSERT_EQUAL(r.n_messages, 1);
	CU_ASSERT_EQUAL(r.n_closed, 0);
	rig_uninit(&r);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_jsonrpc_msg_knows_types),
		CHECK_CASE(test_jsonrpc_msg_refuses_shapes),
		CHECK_CASE(test_jsonrpc_msg_survives_roundtrip),
		CHECK_CASE(test_jsonrpc_assembles_partial_reads),
		CHECK_CASE(test_jsonrpc_answers_in_order),
		CHECK_CASE(test_jsonrpc_garbage_ends_connection),
		CHECK_CASE(test_jsonrpc_deep_nesting_ends_connection),
		CHECK_CASE(test_jsonrpc_delivers_before_garbage),
		CHECK_CASE(test_jsonrpc_end_of_stream_closes),
		CHECK_CASE(test_jsonrpc_end_within_message_tells),
		CHECK_CASE(test_jsonrpc_limits_message_size),
		CHECK_CASE(test_jsonrpc_takes_large_message),
		CHECK_CASE(test_jsonrpc_drops_slow_reader),
		CHECK_CASE(test_jsonrpc_backlog_drains_unchanged),
		CHECK_CASE(test_jsonrpc_batches_are_bounded),
		CHECK_CASE(test_jsonrpc_pause_holds_messages),
		CHECK_CASE(test_jsonrpc_destroy_within_callback),
	};

	return check_run("ipc/jsonrpc", cases, sizeof cases / sizeof cases[0]);
}
