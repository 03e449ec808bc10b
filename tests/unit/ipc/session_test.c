/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ipc/reconnect and ipc/session: waits and probes on the test clock, sockets in a directory. */

#include "ipc/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "ipc/jsonrpc.h"
#include "ipc/stream.h"
#include "ipc_check.h"

/* A session under test and, when it listens, its server. */
struct rig {
	struct loop *loop;
	struct session *session;
	int n_connected;
	int n_disconnected;
	int n_messages;
	int error; /* Of the last 'disconnected'. */
	char passive[128];
	char active[128];

	struct pstream *listener;
	struct session *server; /* The last accepted connection. */
	bool mute; /* The server does not answer probes. */
	struct jsonrpc *mute_rpc;
	int n_server_messages;
};

static void
on_connected(void *aux, struct session *session)
{
	struct rig *r = aux;

	r->n_connected++;
	session_send(session, jsonrpc_msg_create_notify("hello", json_array()));
}

static void
on_disconnected(void *aux, struct session *session UNUSED, int error, const char *why UNUSED)
{
	struct rig *r = aux;

	r->n_disconnected++;
	r->error = error;
}

static void
on_message(void *aux, struct session *session UNUSED, struct jsonrpc_msg *msg)
{
	struct rig *r = aux;

	r->n_messages++;
	jsonrpc_msg_destroy(msg);
}

static void
server_disconnected(void *aux, struct session *session, int error UNUSED, const char *why UNUSED)
{
	struct rig *r = aux;

	session_destroy(session);
	if (r->server == session)
		r->server = NULL;
}

static void
server_message(void *aux, struct session *session UNUSED, struct jsonrpc_msg *msg)
{
	struct rig *r = aux;

	r->n_server_messages++;
	jsonrpc_msg_destroy(msg);
}

static void
mute_message(void *aux UNUSED, struct jsonrpc *rpc UNUSED, struct jsonrpc_msg *msg)
{
	jsonrpc_msg_destroy(msg);
}

static void
mute_closed(void *aux, struct jsonrpc *rpc, int error UNUSED, const char *why UNUSED)
{
	struct rig *r = aux;

	jsonrpc_destroy(rpc);
	r->mute_rpc = NULL;
}

static const struct session_ops client_ops = { on_connected, on_disconnected, on_message };
static const struct session_ops server_ops = { NULL, server_disconnected, server_message };
static const struct jsonrpc_ops mute_ops = { .message = mute_message, .closed = mute_closed };

static void
on_accept(void *aux, struct stream *stream)
{
	struct rig *r = aux;

	if (r->mute) {
		jsonrpc_destroy(r->mute_rpc);
		CU_ASSERT_EQUAL(jsonrpc_create(r->loop, stream, &mute_ops, r, &r->mute_rpc), 0);
		return;
	}
	session_destroy(r->server);
	CU_ASSERT_EQUAL(session_create_accepted(r->loop, stream, &server_ops, r, &r->server), 0);
	session_set_probe(r->server, 0);
}

static void
rig_listen(struct rig *r)
{
	CU_ASSERT_EQUAL_FATAL(
		pstream_open(r->loop, r->passive, 0, on_accept, r, &r->listener, NULL), 0);
}

static void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof *r);
	r->loop = loop_create();
	snprintf(r->passive, sizeof r->passive, "punix:%s/db.sock", check_dir);
	snprintf(r->active, sizeof r->active, "unix:%s/db.sock", check_dir);
	clock_stop();
	CU_ASSERT_EQUAL_FATAL(
		session_create(r->loop, r->active, &client_ops, r, &r->session, NULL), 0);
	session_set_probe(r->session, 0);
}

static void
rig_uninit(struct rig *r)
{
	session_destroy(r->session);
	session_destroy(r->server);
	jsonrpc_destroy(r->mute_rpc);
	pstream_destroy(r->listener);
	loop_destroy(r->loop);
}

/* Turns the loop a few times without letting time pass. */
static void
settle(struct rig *r)
{
	for (int i = 0; i < 10; i++)
		loop_run_once(r->loop, 0);
}

static struct reconnect_status
status_of(struct rig *r)
{
	struct reconnect_status status;

	session_get_status(r->session, &status);
	return status;
}

static void
test_session_connects_and_talks(void)
{
	struct rig r;

	rig_init(&r);
	rig_listen(&r);
	RUN_UNTIL(r.loop, r.n_connected == 1 && r.n_server_messages == 1);
	CU_ASSERT_EQUAL(session_send(r.server, jsonrpc_msg_create_notify("x", json_array())), 0);
	RUN_UNTIL(r.loop, r.n_messages == 1);
	CU_ASSERT_EQUAL(status_of(&r).state, RECONNECT_ACTIVE);
	CU_ASSERT_STRING_EQUAL(session_name(r.session), r.active);
	clock_warp_ms(3500);
	CU_ASSERT_EQUAL(status_of(&r).sec_since_connect, 3);
	CU_ASSERT_EQUAL(status_of(&r).sec_since_disconnect, -1);
	rig_uninit(&r);
}

static void
test_session_backs_off_and_returns(void)
{
	static const int64_t waits[] = { 1000, 2000, 4000, 8000, 8000 };
	struct rig r;

	rig_init(&r);
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		settle(&r);
		CU_ASSERT_EQUAL(status_of(&r).n_attempts, i + 1);
		CU_ASSERT_EQUAL(status_of(&r).state, RECONNECT_BACKOFF);
		CU_ASSERT_EQUAL(status_of(&r).last_error, -ENOENT);
		clock_warp_ms(waits[i] - 1);
		settle(&r);
		CU_ASSERT_EQUAL(status_of(&r).n_attempts, i + 1);
		clock_warp_ms(1);
	}
	rig_listen(&r);
	RUN_UNTIL(r.loop, r.n_connected == 1);
	CU_ASSERT_EQUAL(r.n_disconnected, 0);
	rig_uninit(&r);
}

static void
test_session_comes_back_after_loss(void)
{
	struct rig r;

	rig_init(&r);
	rig_listen(&r);
	RUN_UNTIL(r.loop, r.n_connected == 1 && r.server != NULL);
	session_destroy(r.server);
	r.server = NULL;
	RUN_UNTIL(r.loop, r.n_disconnected == 1);
	CU_ASSERT_FALSE(session_is_connected(r.session));
	CU_ASSERT_EQUAL(
		session_send(r.session, jsonrpc_msg_create_notify("x", json_array())), -ENOTCONN);
	clock_warp_ms(1000);
	RUN_UNTIL(r.loop, r.n_connected == 2);
	CU_ASSERT_EQUAL(status_of(&r).n_connects, 2);
	rig_uninit(&r);
}

static void
test_session_probe_is_answered(void)
{
	struct rig r;

	rig_init(&r);
	session_set_probe(r.session, 5000);
	rig_listen(&r);
	RUN_UNTIL(r.loop, r.n_connected == 1 && r.server != NULL);
	for (int i = 0; i < 5; i++) {
		clock_warp_ms(5000);
		loop_run_once(r.loop, 0);
		RUN_UNTIL(r.loop, status_of(&r).state == RECONNECT_ACTIVE);
	}
	CU_ASSERT_EQUAL(r.n_disconnected, 0);
	CU_ASSERT_EQUAL(r.n_messages, 0);
	CU_ASSERT_EQUAL(r.n_server_messages, 1);
	rig_uninit(&r);
}

static void
test_session_silence_disconnects(void)
{
	struct rig r;

	rig_init(&r);
	r.mute = true;
	session_set_probe(r.session, 5000);
	rig_listen(&r);
	RUN_UNTIL(r.loop, r.n_connected == 1);
	clock_warp_ms(5000);
	RUN_UNTIL(r.loop, status_of(&r).state == RECONNECT_IDLE);
	CU_ASSERT_TRUE(session_is_connected(r.session));
	clock_warp_ms(5000);
	RUN_UNTIL(r.loop, r.n_disconnected == 1);
	CU_ASSERT_EQUAL(r.error, -ETIMEDOUT);
	rig_uninit(&r);
}

static void
test_session_force_reconnects_at_once(void)
{
	struct rig r;

	rig_init(&r);
	rig_listen(&r);
	RUN_UNTIL(r.loop, r.n_connected == 1);
	session_force_reconnect(r.session);
	CU_ASSERT_EQUAL(r.n_disconnected, 1);
	RUN_UNTIL(r.loop, r.n_connected == 2);
	rig_uninit(&r);
}

static void
test_session_tries_remotes_in_turn(void)
{
	struct rig r;
	char remotes[300];

	rig_init(&r);
	session_destroy(r.session);
	snprintf(remotes, sizeof remotes, "unix:%s/none,%s", check_dir, r.active);
	CU_ASSERT_EQUAL_FATAL(
		session_create(r.loop, remotes, &client_ops, &r, &r.session, NULL), 0);
	rig_listen(&r);
	settle(&r);
	CU_ASSERT_EQUAL(r.n_connected, 0);
	clock_warp_ms(1000);
	RUN_UNTIL(r.loop, r.n_connected == 1);
	CU_ASSERT_STRING_EQUAL(status_of(&r).remote, r.active);
	rig_uninit(&r);
}

static void
test_session_refuses_bad_remotes(void)
{
	static const char *const remotes[] = { "", ",", "ptcp:6640", "unix:/x,foo" };
	struct loop *loop = loop_create();

	for (size_t i = 0; i < sizeof remotes / sizeof remotes[0]; i++) {
		struct err err = ERR_INIT;
		struct session *s;

		CU_ASSERT_EQUAL(
			session_create(loop, remotes[i], &client_ops, NULL, &s, &err), -EINVAL);
		CU_ASSERT_NOT_EQUAL(err.text[0], '\0');
		CU_ASSERT_PTR_NULL(s);
	}
	loop_destroy(loop);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_session_connects_and_talks),
		CHECK_CASE(test_session_backs_off_and_returns),
		CHECK_CASE(test_session_comes_back_after_loss),
		CHECK_CASE(test_session_probe_is_answered),
		CHECK_CASE(test_session_silence_disconnects),
		CHECK_CASE(test_session_force_reconnects_at_once),
		CHECK_CASE(test_session_tries_remotes_in_turn),
		CHECK_CASE(test_session_refuses_bad_remotes),
	};
	int failed;

	check_dir_create();
	failed = check_run("ipc/session", cases, sizeof cases / sizeof cases[0]);
	return failed | check_dir_remove();
}
