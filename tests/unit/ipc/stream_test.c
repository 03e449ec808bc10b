/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ipc/stream: names, connecting, accepting, socket files. */

#include "ipc/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "ipc_check.h"

/* A listener's side: what was accepted last. */
struct acceptor {
	struct stream *stream;
	int n;
};

static void
on_accept(void *aux, struct stream *stream)
{
	struct acceptor *a = aux;

	stream_destroy(a->stream);
	a->stream = stream;
	a->n++;
}

static void
on_ready(void *aux)
{
	int *n = aux;

	++*n;
}

/* Connects to a listener 'passive' through 'active' and sends bytes both ways. */
static void
check_roundtrip(struct loop *loop, const char *active, struct acceptor *a)
{
	struct stream *s;
	char buf[16];
	int n_ready = 0;

	CU_ASSERT_EQUAL_FATAL(stream_open(active, 0, &s, NULL), 0);
	CU_ASSERT_EQUAL(stream_watch(s, loop, on_ready, &n_ready), 0);
	RUN_UNTIL(loop, a->n == 1 && n_ready > 0 && stream_connect(s) == 0);
	CU_ASSERT_STRING_EQUAL(stream_name(s), active);
	CU_ASSERT_EQUAL(stream_recv(s, buf, sizeof buf), -EAGAIN);
	CU_ASSERT_EQUAL(stream_send(a->stream, "hello", 5), 5);
	n_ready = 0;
	RUN_UNTIL(loop, n_ready > 0);
	CU_ASSERT_EQUAL(stream_recv(s, buf, sizeof buf), 5);
	CU_ASSERT_EQUAL(memcmp(buf, "hello", 5), 0);
	CU_ASSERT_EQUAL(stream_send(s, "bye", 3), 3);
	CU_ASSERT_EQUAL(stream_wait(a->stream, true, false, clock_ms() + 5000), 0);
	CU_ASSERT_EQUAL(stream_recv(a->stream, buf, sizeof buf), 3);
	stream_destroy(a->stream);
	a->stream = NULL;
	n_ready = 0;
	RUN_UNTIL(loop, n_ready > 0);
	CU_ASSERT_EQUAL(stream_recv(s, buf, sizeof buf), 0);
	stream_destroy(s);
}

static void
test_stream_unix_roundtrip(void)
{
	struct loop *loop = loop_create();
	struct acceptor a = { NULL, 0 };
	struct pstream *p;
	char passive[128];
	char active[128];
	struct stat st;

	snprintf(passive, sizeof passive, "punix:%s/a.sock", check_dir);
	snprintf(active, sizeof active, "unix:%s/a.sock", check_dir);
	CU_ASSERT_EQUAL_FATAL(pstream_open(loop, passive, 0, on_accept, &a, &p, NULL), 0);
	CU_ASSERT_EQUAL(stat(active + 5, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0770);
	check_roundtrip(loop, active, &a);
	pstream_destroy(p);
	CU_ASSERT_NOT_EQUAL(stat(active + 5, &st), 0);
	loop_destroy(loop);
}

static void
test_stream_unix_path_longer_than_sockaddr(void)
{
	struct loop *loop = loop_create();
	struct acceptor a = { NULL, 0 };
	struct pstream *p;
	char dir[300];
	char passive[400];
	char active[400];
	char fill[121];

	memset(fill, 'd', 120);
	fill[120] = '\0';
	snprintf(dir, sizeof dir, "%s/%s", check_dir, fill);
	CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
	snprintf(passive, sizeof passive, "punix:%s/a.sock", dir);
	snprintf(active, sizeof active, "unix:%s/a.sock", dir);
	CU_ASSERT_EQUAL_FATAL(pstream_open(loop, passive, 0, on_accept, &a, &p, NULL), 0);
	check_roundtrip(loop, active, &a);
	pstream_destroy(p);
	CU_ASSERT_EQUAL(rmdir(dir), 0);
	loop_destroy(loop);
}

/* A round trip over TCP to address 'ip' as names spell it. */
static void
check_tcp(const char *ip)
{
	struct loop *loop = loop_create();
	struct acceptor a = { NULL, 0 };
	struct pstream *p;
	char name[64];

	snprintf(name, sizeof name, "ptcp:0:%s", ip);
	CU_ASSERT_EQUAL_FATAL(pstream_open(loop, name, 6640, on_accept, &a, &p, NULL), 0);
	CU_ASSERT_NOT_EQUAL(pstream_bound_port(p), 0);
	snprintf(name, sizeof name, "tcp:%s:%u", ip, pstream_bound_port(p));
	check_roundtrip(loop, name, &a);
	pstream_destroy(p);
	loop_destroy(loop);
}

static void
test_stream_tcp_roundtrip(void)
{
	check_tcp("127.0.0.1");
}

static void
test_stream_tcp6_roundtrip(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct stat st;

	if (fd >= 0)
		close(fd);
	/* A host without IPv6 cannot run this; the parser's part is tested below. */
	if (fd < 0 || stat("/proc/net/if_inet6", &st) != 0)
		return;
	check_tcp("[::1]");
}

static void
test_stream_names_peers(void)
{
	struct loop *loop = loop_create();
	struct acceptor a = { NULL, 0 };
	struct pstream *p;
	struct stream *s;
	char name[64];

	CU_ASSERT_EQUAL_FATAL(
		pstream_open(loop, "ptcp:0:127.0.0.1", 0, on_accept, &a, &p, NULL), 0);
	snprintf(name, sizeof name, "tcp:127.0.0.1:%u", pstream_bound_port(p));
	CU_ASSERT_EQUAL(stream_open(name, 0, &s, NULL), 0);
	RUN_UNTIL(loop, a.n == 1);
	CU_ASSERT_EQUAL(strncmp(stream_name(a.stream), "tcp:127.0.0.1:", 14), 0);
	CU_ASSERT_STRING_EQUAL(stream_local_ip(a.stream), "127.0.0.1");
	stream_destroy(s);
	stream_destroy(a.stream);
	pstream_destroy(p);
	loop_destroy(loop);
}

static void
test_stream_replaces_stale_socket_only(void)
{
	struct loop *loop = loop_create();
	struct acceptor a = { NULL, 0 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct err err = ERR_INIT;
	struct pstream *p;
	struct pstream *p2;
	char name[128];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof sun.sun_path, "%s/s.sock", check_dir);
	snprintf(name, sizeof name, "punix:%s", sun.sun_path);
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(pstream_open(loop, name, 0, on_accept, &a, &p, &err), 0);
	CU_ASSERT_EQUAL(pstream_open(loop, name, 0, on_accept, &a, &p2, &err), -EADDRINUSE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "another process"));
	CU_ASSERT_EQUAL(access(sun.sun_path, F_OK), 0);
	stream_destroy(a.stream);
	pstream_destroy(p);
	loop_destroy(loop);
}

static void
test_stream_does_not_replace_other_files(void)
{
	struct loop *loop = loop_create();
	struct pstream *p;
	char name[128];
	FILE *f;

	snprintf(name, sizeof name, "punix:%s/file", check_dir);
	f = fopen(name + 6, "w");
	fclose(f);
	CU_ASSERT_EQUAL(pstream_open(loop, name, 0, on_accept, NULL, &p, NULL), -EEXIST);
	CU_ASSERT_EQUAL(unlink(name + 6), 0);
	loop_destroy(loop);
}

static void
test_stream_destroy_leaves_successors_file(void)
{
	struct loop *loop = loop_create();
	struct pstream *p1;
	struct pstream *p2;
	char name[128];

	snprintf(name, sizeof name, "punix:%s/t.sock", check_dir);
	CU_ASSERT_EQUAL_FATAL(pstream_open(loop, name, 0, on_accept, NULL, &p1, NULL), 0);
	CU_ASSERT_EQUAL(unlink(name + 6), 0);
	CU_ASSERT_EQUAL_FATAL(pstream_open(loop, name, 0, on_accept, NULL, &p2, NULL), 0);
	pstream_destroy(p1);
	CU_ASSERT_EQUAL(access(name + 6, F_OK), 0);
	pstream_destroy(p2);
	CU_ASSERT_NOT_EQUAL(access(name + 6, F_OK), 0);
	loop_destroy(loop);
}

static void
test_stream_refuses_bad_names(void)
{
	static const char *const active[] = { "", "unix", "unix:", "tcp:", "tcp::6640",
		"tcp:127.0.0.1:", "tcp:127.0.0.1:x", "tcp:127.0.0.1:65536", "tcp:127.0.0.1:-1",
		"tcp:::1:6640", "tcp:[::1:6640", "tcp:[::1]6640", "ptcp:6640", "udp:1.2.3.4:5" };
	static const char *const passive[] = { "", "punix:", "ptcp:x", "ptcp:65536", "ptcp:0:::1",
		"ptcp:0:[::1", "ptcp:0:nosuchhost", "ptcp:0:127.0.0.1:1", "tcp:127.0.0.1:1",
		"ptcp:0:1.2.3.4.5" };
	struct loop *loop = loop_create();

	for (size_t i = 0; i < sizeof active / sizeof active[0]; i++) {
		struct err err = ERR_INIT;
		struct stream *s;

		CU_ASSERT_EQUAL(stream_open(active[i], 0, &s, &err), -EINVAL);
		CU_ASSERT_NOT_EQUAL(err.text[0], '\0');
		CU_ASSERT_PTR_NULL(s);
	}
	for (size_t i = 0; i < sizeof passive / sizeof passive[0]; i++) {
		struct err err = ERR_INIT;
		struct pstream *p;

		CU_ASSERT_EQUAL(
			pstream_open(loop, passive[i], 0, on_accept, NULL, &p, &err), -EINVAL);
		CU_ASSERT_NOT_EQUAL(err.text[0], '\0');
		CU_ASSERT_PTR_NULL(p);
	}
	loop_destroy(loop);
}

static void
test_stream_reports_refused_connection(void)
{
	struct loop *loop = loop_create();
	struct pstream *p;
	struct stream *s;
	char name[128];
	int error;

	/* A port that was free a moment ago. */
	CU_ASSERT_EQUAL_FATAL(
		pstream_open(loop, "ptcp:0:127.0.0.1", 0, on_accept, NULL, &p, NULL), 0);
	snprintf(name, sizeof name, "tcp:127.0.0.1:%u", pstream_bound_port(p));
	pstream_destroy(p);
	error = stream_open(name, 0, &s, NULL);
	while (error == 0 && (error = stream_connect(s)) == -EAGAIN)
		error = stream_wait(s, false, true, clock_ms() + 5000);
	CU_ASSERT_EQUAL(error, -ECONNREFUSED);
	stream_destroy(s);
	snprintf(name, sizeof name, "unix:%s/none", check_dir);
	CU_ASSERT_EQUAL(stream_open(name, 0, &s, NULL), -ENOENT);
	loop_destroy(loop);
}

static void
test_stream_wait_keeps_deadline(void)
{
	struct stream *s;
	int fds[2];

	CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	s = stream_create_fd(fds[0], "pair");
	CU_ASSERT_EQUAL(stream_wait(s, true, false, clock_ms() - 1), -ETIMEDOUT);
	CU_ASSERT_EQUAL(stream_wait(s, false, true, clock_ms() + 5000), 0);
	stream_destroy(s);
	close(fds[1]);
}

/* A peer that is gone while nothing is wanted of it must not make the loop spin. */
static void
test_stream_hangup_unwanted_is_quiet(void)
{
	struct loop *loop = loop_create();
	struct stream *s;
	int n_ready = 0;
	int fds[2];

	CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	s = stream_create_fd(fds[0], "pair");
	CU_ASSERT_EQUAL(stream_watch(s, loop, on_ready, &n_ready), 0);
	RUN_UNTIL(loop, n_ready == 1);
	stream_want_read(s, false);
	close(fds[1]);
	for (int i = 0; i < 20; i++)
		loop_run_once(loop, 0);
	CU_ASSERT_EQUAL(n_ready, 1);
	stream_want_read(s, true);
	RUN_UNTIL(loop, n_ready == 2);
	stream_destroy(s);
	loop_destroy(loop);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_stream_unix_roundtrip),
		CHECK_CASE(test_stream_unix_path_longer_than_sockaddr),
		CHECK_CASE(test_stream_tcp_roundtrip),
		CHECK_CASE(test_stream_tcp6_roundtrip),
		CHECK_CASE(test_stream_names_peers),
		CHECK_CASE(test_stream_replaces_stale_socket_only),
		CHECK_CASE(test_stream_does_not_replace_other_files),
		CHECK_CASE(test_stream_destroy_leaves_successors_file),
		CHECK_CASE(test_stream_refuses_bad_names),
		CHECK_CASE(test_stream_reports_refused_connection),
		CHECK_CASE(test_stream_wait_keeps_deadline),
		CHECK_CASE(test_stream_hangup_unwanted_is_quiet),
	};
	int failed;

	check_dir_create();
	failed = check_run("ipc/stream", cases, sizeof cases / sizeof cases[0]);
	return failed | check_dir_remove();
}
