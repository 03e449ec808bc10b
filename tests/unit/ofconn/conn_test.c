/* SPDX-License-Identifier: Apache-2.0 */
/* Connections as a peer sees them: bytes into <bridge>.mgmt, bytes out.  The datapath is a fake whose answers the test gives. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "check.h"
#include "ofconn/ofserver.h"
#include "openflow/flow_mod.h"
#include "pipeline/bridge.h"
#include "pipeline/pipeline.h"
#include "rcu_main.h"

#define N_PUMP 40
#define IN_MAX (8 * 1024 * 1024)

struct fixture {
	char dir[64];
	struct loop *loop;
	struct pipeline *pipeline;
	struct bridge *bridge;
	struct ofserver *server;
	uint64_t seq;
	bool answers; /* The datapath answers by itself. */
};

struct peer {
	struct fixture *f;
	int fd;
	uint8_t *in; /* Received; messages before 'ofs' were looked at. */
	size_t in_len, ofs;
	bool closed;
};

static uint64_t
fake_request(void *f_)
{
	struct fixture *f = f_;

	return ++f->seq;
}

static int
fake_inject(void *f UNUSED, uint32_t in UNUSED, const void *frame UNUSED, uint32_t len UNUSED,
	const void *program UNUSED, uint32_t program_len UNUSED)
{
	return 0;
}

static const struct pipeline_client_ops fake_ops = {
	.rejudge = fake_request, .sweep = fake_request, .inject = fake_inject
};

static void
pump(struct fixture *f)
{
	for (int i = 0; i < N_PUMP; i++) {
		loop_run_once(f->loop, 0);
		if (f->answers)
			pipeline_done(f->pipeline, f->seq);
	}
}

static void
setup(struct fixture *f, const char *const *protocols, size_t n_protocols)
{
	struct bridge_config bc = { .datapath_id = 0x1122334455667788,
		.mac = { 2, 0, 0, 0, 0, 1 },
		.fail_mode = BRIDGE_FAIL_SECURE };
	struct bridge_port_config pc = { .name = "p1",
		.dp_port = 1,
		.mac = { 2, 0, 0, 0, 0, 2 },
		.admin_up = true,
		.link_up = true };
	struct ofserver_config oc = { .protocols = protocols, .n_protocols = n_protocols };
	struct err err = ERR_INIT;
	uint32_t port;

	memset(f, 0, sizeof *f);
	strcpy(f->dir, "/tmp/ofconn-test-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->dir));
	oc.rundir = f->dir;
	f->answers = true;
	f->loop = loop_create();
	f->pipeline = pipeline_create(f->loop);
	pipeline_attach(f->pipeline, &fake_ops, f);
	CU_ASSERT_EQUAL_FATAL(bridge_create(f->pipeline, "br0", &bc, &f->bridge, &err), 0);
	CU_ASSERT_EQUAL_FATAL(bridge_add_port(f->bridge, &pc, &port, &err), 0);
	CU_ASSERT_EQUAL_FATAL(ofserver_create(f->loop, f->bridge, &oc, &f->server, &err), 0);
	pump(f);
}

static void
teardown(struct fixture *f)
{
	ofserver_destroy(f->server);
	pipeline_detach(f->pipeline);
	pipeline_destroy(f->pipeline);
	rcu_main_settle();
	loop_destroy(f->loop);
	CU_ASSERT_EQUAL(rmdir(f->dir), 0);
}

static void
peer_open(struct peer *p, struct fixture *f, const char *suffix)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	memset(p, 0, sizeof *p);
	p->f = f;
	p->in = xmalloc(IN_MAX);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	(void)snprintf(sun.sun_path, sizeof sun.sun_path, "%s/br0.%s", f->dir, suffix);
	CU_ASSERT_EQUAL_FATAL(connect(p->fd, (struct sockaddr *)&sun, sizeof sun), 0);
	pump(f);
}

static void
peer_close(struct peer *p)
{
	close(p->fd);
	free(p->in);
	pump(p->f);
}

static void
peer_send(struct peer *p, const void *data, size_t len)
{
	CU_ASSERT_EQUAL(send(p->fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
	pump(p->f);
}

static void
peer_read(struct peer *p)
{
	ssize_t n;

	while (p->in_len < IN_MAX
		&& (n = recv(p->fd, p->in + p->in_len, IN_MAX - p->in_len, 0)) >= 0) {
		if (n == 0) {
			p->closed = true;
			break;
		}
		p->in_len += (size_t)n;
		pump(p->f);
	}
}

/* The next whole message, or NULL. */
static const uint8_t *
peer_next(struct peer *p, size_t *lenp)
{
	const uint8_t *m;

	peer_read(p);
	if (p->in_len - p->ofs < 8)
		return NULL;
	m = p->in + p->ofs;
	*lenp = (size_t)(m[2] << 8 | m[3]);
	if (p->in_len - p->ofs < *lenp)
		return NULL;
	p->ofs += *lenp;
	return m;
}

#define EXPECT(P, ...)                                            \
	do {                                                      \
		static const uint8_t want_[] = { __VA_ARGS__ };   \
		size_t len_ = 0;                                  \
		const uint8_t *m_ = peer_next(P, &len_);          \
                                                                  \
		CU_ASSERT_PTR_NOT_NULL(m_);                       \
		CU_ASSERT_EQUAL(len_, sizeof want_);              \
		CU_ASSERT(m_ != NULL && len_ == sizeof want_      \
			&& memcmp(m_, want_, sizeof want_) == 0); \
	} while (0)

#define EXPECT_NOTHING(P)                                \
	do {                                             \
		size_t len_;                             \
		CU_ASSERT_PTR_NULL(peer_next(P, &len_)); \
	} while (0)

#define SEND(P, ...)                                            \
	do {                                                    \
		static const uint8_t data_[] = { __VA_ARGS__ }; \
		peer_send(P, data_, sizeof data_);              \
	} while (0)

/* The switch's hello: 1.3, with a bitmap of 1.0 and 1.3; the transaction id is random. */
static void
expect_hello(struct peer *p)
{
	static const uint8_t elements[] = { 0, 1, 0, 8, 0, 0, 0, 0x12 };
	size_t len = 0;
	const uint8_t *m = peer_next(p, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m[0], 4);
	CU_ASSERT_EQUAL(m[1], 0);
	CU_ASSERT(len == 16 && memcmp(m + 8, elements, sizeof elements) == 0);
}

static void
start(struct fixture *f, struct peer *p, uint8_t version)
{
	uint8_t hello[8] = { version, 0, 0, 8, 0, 0, 0, 1 };

	setup(f, NULL, 0);
	peer_open(p, f, "mgmt");
	expect_hello(p);
	peer_send(p, hello, sizeof hello);
	EXPECT_NOTHING(p);
}

static void
finish(struct fixture *f, struct peer *p)
{
	struct ofserver_stats stats;

	peer_close(p);
	ofserver_get_stats(f->server, &stats);
	CU_ASSERT_EQUAL(stats.n_conns, 0);
	teardown(f);
}

/* ---- Hello ---- */

static void
test_conn_hello_by_version(void)
{
	struct fixture f;
	struct peer p;

	start(&f, &p, 1);
	SEND(&p, 1, 2, 0, 10, 0, 0, 0, 7, 'h', 'i');
	EXPECT(&p, 1, 3, 0, 10, 0, 0, 0, 7, 'h', 'i');
	finish(&f, &p);

	/* A younger peer without a bitmap speaks all that is older. */
	start(&f, &p, 6);
	SEND(&p, 4, 2, 0, 8, 0, 0, 0, 8);
	EXPECT(&p, 4, 3, 0, 8, 0, 0, 0, 8);
	finish(&f, &p);
}

static void
test_conn_hello_by_bitmap(void)
{
	struct fixture f;
	struct peer p;

	setup(&f, NULL, 0);
	peer_open(&p, &f, "mgmt");
	expect_hello(&p);
	/* 1.0 and 1.4. */
	SEND(&p, 5, 0, 0, 16, 0, 0, 0, 1, 0, 1, 0, 8, 0, 0, 0, 0x22);
	SEND(&p, 1, 2, 0, 8, 0, 0, 0, 9);
	EXPECT(&p, 1, 3, 0, 8, 0, 0, 0, 9);
	finish(&f, &p);
}

/* A peer that closes its half at once still gets its answers. */
static void
test_conn_answers_before_it_closes(void)
{
	static const uint8_t echo[] = { 4, 2, 0, 8, 0, 0, 0, 9 };
	struct fixture f;
	struct peer p;

	start(&f, &p, 4);
	CU_ASSERT_EQUAL(send(p.fd, echo, sizeof echo, MSG_NOSIGNAL), (ssize_t)sizeof echo);
	CU_ASSERT_EQUAL(shutdown(p.fd, SHUT_WR), 0);
	pump(&f);
	EXPECT(&p, 4, 3, 0, 8, 0, 0, 0, 9);
	EXPECT_NOTHING(&p);
	CU_ASSERT(p.closed);
	finish(&f, &p);
}

static void
expect_refusal(struct peer *p, uint8_t version, uint32_t xid)
{
	size_t len = 0;
	const uint8_t *m = peer_next(p, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m[0], version);
	CU_ASSERT_EQUAL(m[1], 1);
	CU_ASSERT_EQUAL((uint32_t)m[7], xid);
	/* OFPET_HELLO_FAILED, OFPHFC_INCOMPATIBLE, and a text. */
	CU_ASSERT(len > 20 && memcmp(m + 8, "\0\0\0\0", 4) == 0);
	EXPECT_NOTHING(p);
	CU_ASSERT(p->closed);
}

static void
test_conn_hello_incompatible(void)
{
	static const char *const only13[] = { "OpenFlow13", "OpenFlow15", "nonsense" };
	struct fixture f;
	struct peer p;

	setup(&f, NULL, 0);
	peer_open(&p, &f, "mgmt");
	expect_hello(&p);
	/* 1.4 only. */
	SEND(&p, 5, 0, 0, 16, 0, 0, 0, 1, 0, 1, 0, 8, 0, 0, 0, 0x20);
	expect_refusal(&p, 4, 1);
	finish(&f, &p);

	setup(&f, only13, 3);
	peer_open(&p, &f, "mgmt");
	peer_read(&p);
	p.ofs = p.in_len;
	SEND(&p, 1, 0, 0, 8, 0, 0, 0, 2);
	expect_refusal(&p, 1, 2);
	finish(&f, &p);
}

static void
test_conn_first_message_not_hello(void)
{
	struct fixture f;
	struct peer p;

	setup(&f, NULL, 0);
	peer_open(&p, &f, "mgmt");
	expect_hello(&p);
	SEND(&p, 4, 5, 0, 8, 0, 0, 0, 0);
	expect_refusal(&p, 4, 0);
	finish(&f, &p);

	setup(&f, NULL, 0);
	peer_open(&p, &f, "mgmt");
	expect_hello(&p);
	peer_send(&p, "GET / HTTP/1.1\r\n\r\n", 18);
	expect_refusal(&p, 4, 0);
	finish(&f, &p);
}

/* ---- Framing ---- */

static void
test_conn_pieces(void)
{
	static const uint8_t m[] = { 4, 2, 0, 12, 0, 0, 0, 5, 'a', 'b', 'c', 'd' };
	struct fixture f;
	struct peer p;

	start(&f, &p, 4);
	for (size_t i = 0; i < sizeof m; i++) {
		EXPECT_NOTHING(&p);
		peer_send(&p, &m[i], 1);
	}
	EXPECT(&p, 4, 3, 0, 12, 0, 0, 0, 5, 'a', 'b', 'c', 'd');
	/* And a peer that goes away in the middle. */
	peer_send(&p, m, 9);
	finish(&f, &p);
}

static void
test_conn_stated_length_too_small(void)
{
	struct fixture f;
	struct peer p;

	start(&f, &p, 4);
	SEND(&p, 4, 2, 0, 7, 0, 0, 0, 5);
	EXPECT(&p, 4, 1, 0, 20, 0, 0, 0, 5, 0, 1, 0, 6, 4, 2, 0, 7, 0, 0, 0, 5);
	EXPECT_NOTHING(&p);
	CU_ASSERT(p.closed);
	finish(&f, &p);
}

static void
test_conn_longest_message(void)
{
	uint8_t *m = xzalloc(65535);
	struct fixture f;
	struct peer p;
	const uint8_t *r;
	size_t len = 0;

	start(&f, &p, 4);
	m[0] = 4;
	m[1] = 2;
	m[2] = m[3] = 0xff;
	m[65534] = 'z';
	peer_send(&p, m, 65535);
	r = peer_next(&p, &len);
	CU_ASSERT(r != NULL && len == 65535 && r[1] == 3 && r[65534] == 'z');
	finish(&f, &p);
	free(m);
}

/* ---- What is not understood ---- */

static void
test_conn_unknown_is_answered(void)
{
	uint8_t long_unknown[100] = { 4, 99, 0, 100, 0, 0, 0, 1 };
	struct fixture f;
	struct peer p;
	const uint8_t *m;
	size_t len = 0;

	start(&f, &p, 4);
	for (size_t i = 8; i < sizeof long_unknown; i++)
		long_unknown[i] = (uint8_t)i;
	peer_send(&p, long_unknown, sizeof long_unknown);
	/* OFPBRC_BAD_TYPE with just the first 64 bytes. */
	m = peer_next(&p, &len);
	CU_ASSERT(m != NULL && len == 12 + 64 && memcmp(m + 8, "\0\1\0\1", 4) == 0
		&& memcmp(m + 12, long_unknown, 64) == 0);
	/* A features request that is too long: OFPBRC_BAD_LEN. */
	SEND(&p, 4, 5, 0, 9, 0, 0, 0, 2, 0);
	EXPECT(&p, 4, 1, 0, 21, 0, 0, 0, 2, 0, 1, 0, 6, 4, 5, 0, 9, 0, 0, 0, 2, 0);
	/* An unknown multipart: OFPBRC_BAD_STAT (MULTIPART). */
	SEND(&p, 4, 18, 0, 16, 0, 0, 0, 3, 0, 99, 0, 0, 0, 0, 0, 0);
	EXPECT(&p, 4, 1, 0, 28, 0, 0, 0, 3, 0, 1, 0, 2, 4, 18, 0, 16, 0, 0, 0, 3, 0, 99, 0, 0, 0, 0,
		0, 0);
	/* An unknown experimenter: OFPBRC_BAD_EXPERIMENTER. */
	SEND(&p, 4, 4, 0, 16, 0, 0, 0, 4, 0, 0, 0x12, 0x34, 0, 0, 0, 1);
	EXPECT(&p, 4, 1, 0, 28, 0, 0, 0, 4, 0, 1, 0, 3, 4, 4, 0, 16, 0, 0, 0, 4, 0, 0, 0x12, 0x34,
		0, 0, 0, 1);
	/* Nicira's, unknown subtype: OFPBRC_BAD_EXP_TYPE. */
	SEND(&p, 4, 4, 0, 16, 0, 0, 0, 5, 0, 0, 0x23, 0x20, 0, 0, 0x7f, 1);
	EXPECT(&p, 4, 1, 0, 28, 0, 0, 0, 5, 0, 1, 0, 4, 4, 4, 0, 16, 0, 0, 0, 5, 0, 0, 0x23, 0x20,
		0, 0, 0x7f, 1);
	/* Another version than agreed: OFPBRC_BAD_VERSION. */
	SEND(&p, 1, 5, 0, 8, 0, 0, 0, 6);
	EXPECT(&p, 4, 1, 0, 20, 0, 0, 0, 6, 0, 1, 0, 0, 1, 5, 0, 8, 0, 0, 0, 6);
	/* A message that only a switch sends: OFPBRC_BAD_TYPE. */
	SEND(&p, 4, 21, 0, 8, 0, 0, 0, 7, 4, 12, 0, 8, 0, 0, 0, 8);
	m = peer_next(&p, &len);
	CU_ASSERT(m != NULL && m[1] == 1 && m[7] == 8);
	/* An error is never answered, not even a broken one. */
	SEND(&p, 4, 1, 0, 12, 0, 0, 0, 9, 0xff, 0xff, 0, 1, 4, 1, 0, 8, 0, 0, 0, 10);
	EXPECT_NOTHING(&p);
	SEND(&p, 4, 2, 0, 8, 0, 0, 0, 11);
	EXPECT(&p, 4, 3, 0, 8, 0, 0, 0, 11);
	finish(&f, &p);
}

static void
test_conn_no_groups_or_meters(void)
{
	struct fixture f;
	struct peer p;
	const uint8_t *m;
	size_t len = 0;

	start(&f, &p, 4);
	/* Add: out of groups; delete all: done. */
	SEND(&p, 4, 15, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1);
	m = peer_next(&p, &len);
	CU_ASSERT(m != NULL && m[1] == 1 && memcmp(m + 8, "\0\6\0\3", 4) == 0);
	SEND(&p, 4, 15, 0, 16, 0, 0, 0, 2, 0, 2, 0, 0, 0xff, 0xff, 0xff, 0xfc);
	EXPECT_NOTHING(&p);
	/* Meters alike: OFPMMFC_OUT_OF_METERS. */
	SEND(&p, 4, 29, 0, 16, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1);
	m = peer_next(&p, &len);
	CU_ASSERT(m != NULL && m[1] == 1 && memcmp(m + 8, "\0\xc\0\xa", 4) == 0);
	SEND(&p, 4, 29, 0, 16, 0, 0, 0, 4, 0, 2, 0, 1, 0xff, 0xff, 0xff, 0xff);
	EXPECT_NOTHING(&p);
	finish(&f, &p);
}

static void
test_conn_flow_mod_limits(void)
{
	/* An add to table 0, without match and instructions, of 1.3. */
	uint8_t m[56] = { 4, 14, 0, 56, 0, 0, 0, 1 };
	struct fixture f;
	struct peer p;
	const uint8_t *r;
	size_t len = 0;

	start(&f, &p, 4);
	memset(m + 32, 0xff, 12); /* Buffer, out port, out group. */
	m[49] = 1; /* An OXM match of ... */
	m[51] = 4; /* ... no fields. */
	peer_send(&p, m, sizeof m);
	EXPECT_NOTHING(&p);
	CU_ASSERT_EQUAL(bridge_n_flows(f.bridge), 1);
	/* Nobody buffers: OFPBRC_BUFFER_UNKNOWN, and nothing is added. */
	m[31] = 5;
	m[32] = 0;
	peer_send(&p, m, sizeof m);
	r = peer_next(&p, &len);
	CU_ASSERT(r != NULL && len == sizeof m + 12 && memcmp(r + 8, "\0\1\0\10", 4) == 0);
	/* Adding to all tables: OFPFMFC_BAD_TABLE_ID. */
	m[32] = 0xff;
	m[24] = 0xff;
	peer_send(&p, m, sizeof m);
	r = peer_next(&p, &len);
	CU_ASSERT(r != NULL && len == sizeof m + 12 && memcmp(r + 8, "\0\5\0\2", 4) == 0);
	CU_ASSERT_EQUAL(bridge_n_flows(f.bridge), 1);
	/* Deleting from all: done. */
	m[25] = 3;
	m[31] = 0;
	peer_send(&p, m, sizeof m);
	EXPECT_NOTHING(&p);
	CU_ASSERT_EQUAL(bridge_n_flows(f.bridge), 0);
	finish(&f, &p);
}

/* ---- Flow control ---- */

static void
test_conn_slow_reader_is_not_read(void)
{
	static uint8_t m[60000] = { 4, 2, 60000 >> 8, 60000 & 0xff };
	struct ofserver_stats stats;
	struct fixture f;
	struct peer p;
	size_t sent = 0, n = 0, len = 0;
	const uint8_t *r;

	start(&f, &p, 4);
	/* Send as long as the sockets take it, without reading. */
	for (int idle = 0; idle < 3 && sent < 100 * sizeof m;) {
		size_t ofs = sent % sizeof m;
		ssize_t got;

		m[7] = (uint8_t)(sent / sizeof m);
		got = send(p.fd, m + ofs, sizeof m - ofs, MSG_NOSIGNAL);
		pump(&f);
		idle = got > 0 ? 0 : idle + 1;
		sent += got > 0 ? (size_t)got : 0;
	}
	ofserver_get_stats(f.server, &stats);
	CU_ASSERT(stats.messages < 30);
	CU_ASSERT(sent < 100 * sizeof m);
	/* Reading makes all of it come, in order. */
	while (sent % sizeof m != 0 || n < sent / sizeof m) {
		size_t ofs = sent % sizeof m;
		size_t before = p.in_len;

		if (ofs != 0) {
			ssize_t got = send(p.fd, m + ofs, sizeof m - ofs, MSG_NOSIGNAL);

			sent += got > 0 ? (size_t)got : 0;
		}
		pump(&f);
		while ((r = peer_next(&p, &len)) != NULL) {
			CU_ASSERT(r[1] == 3 && len == sizeof m && r[7] == (uint8_t)n);
			n++;
		}
		if (p.in_len == before && sent % sizeof m == 0 && n < sent / sizeof m) {
			CU_FAIL("replies are missing");
			break;
		}
	}
	finish(&f, &p);
}

static void
test_conn_barrier_keeps_order(void)
{
	struct of_flow_mod fm;
	struct fixture f;
	struct peer p, q;

	start(&f, &p, 4);
	peer_open(&q, &f, "mgmt");
	expect_hello(&q);
	SEND(&q, 4, 0, 0, 8, 0, 0, 0, 1);

	f.answers = false;
	of_flow_mod_init(&fm);
	CU_ASSERT_EQUAL(bridge_flow_mod(f.bridge, &fm), OFERROR_OK);
	of_flow_mod_uninit(&fm);
	/* Barrier and echo: neither is answered before the datapath is done, but others are. */
	SEND(&p, 4, 20, 0, 8, 0, 0, 0, 1, 4, 2, 0, 8, 0, 0, 0, 2);
	EXPECT_NOTHING(&p);
	SEND(&q, 4, 2, 0, 8, 0, 0, 0, 3);
	EXPECT(&q, 4, 3, 0, 8, 0, 0, 0, 3);
	EXPECT_NOTHING(&p);
	f.answers = true;
	pump(&f);
	EXPECT(&p, 4, 21, 0, 8, 0, 0, 0, 1);
	EXPECT(&p, 4, 3, 0, 8, 0, 0, 0, 2);

	/* A peer that goes away while it waits is not called back. */
	f.answers = false;
	CU_ASSERT_EQUAL(bridge_flow_mod(f.bridge, &fm), OFERROR_OK);
	SEND(&p, 4, 20, 0, 8, 0, 0, 0, 4);
	SEND(&q, 4, 20, 0, 8, 0, 0, 0, 4);
	close(q.fd);
	free(q.in);
	peer_close(&p);
	teardown(&f);
}

/* ---- Dumps ---- */

static void
add_rules(struct fixture *f, unsigned int n)
{
	struct of_flow_mod fm;

	for (unsigned int i = 0; i < n; i++) {
		of_flow_mod_init(&fm);
		fm.priority = (uint16_t)i;
		fm.table_id = (uint8_t)(i % 5);
		CU_ASSERT_EQUAL(bridge_flow_mod(f->bridge, &fm), OFERROR_OK);
		of_flow_mod_uninit(&fm);
	}
	pump(f);
}

static void
test_conn_dump_in_parts(void)
{
	enum {
		N = 5000
	};
	struct fixture f;
	struct peer p;
	const uint8_t *m;
	size_t len = 0, n = 0, parts = 0;
	bool more = true;

	start(&f, &p, 4);
	add_rules(&f, N);
	SEND(&p, 4, 18, 0, 56, 0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 0, /* Flow stats: */
		0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, /* all */
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4, 0, 0, 0, 0, /* */
		4, 2, 0, 8, 0, 0, 0, 10); /* And an echo request. */
	while (more && (m = peer_next(&p, &len)) != NULL) {
		CU_ASSERT_FATAL(m[1] == 19 && m[7] == 9 && m[9] == 1);
		more = (m[11] & 1) != 0;
		parts++;
		for (size_t ofs = 16; ofs < len; n++)
			ofs += (size_t)(m[ofs] << 8 | m[ofs + 1]);
	}
	CU_ASSERT(!more);
	CU_ASSERT(parts > 3);
	CU_ASSERT_EQUAL(n, N);
	EXPECT(&p, 4, 3, 0, 8, 0, 0, 0, 10);
	finish(&f, &p);
}

/* ---- Roles ---- */

static void
test_conn_roles(void)
{
	struct fixture f;
	struct peer p, q;
	const uint8_t *m;
	size_t len = 0;

	start(&f, &p, 4);
	peer_open(&q, &f, "mgmt");
	expect_hello(&q);
	SEND(&q, 4, 0, 0, 8, 0, 0, 0, 1);
	/* Primary with generation 5; the answer says so. */
	SEND(&p, 4, 24, 0, 24, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5);
	EXPECT(&p, 4, 25, 0, 24, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5);
	/* Generation 4 is stale: OFPRRFC_STALE. */
	SEND(&q, 4, 24, 0, 24, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4);
	m = peer_next(&q, &len);
	CU_ASSERT(m != NULL && m[1] == 1 && memcmp(m + 8, "\0\xb\0\0", 4) == 0);
	/* Generation 6 takes over: the first becomes secondary and may not change anything any more. */
	SEND(&q, 4, 24, 0, 24, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6);
	EXPECT(&q, 4, 25, 0, 24, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6);
	SEND(&p, 4, 17, 0, 16, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0);
	m = peer_next(&p, &len);
	CU_ASSERT(m != NULL && m[1] == 1 && memcmp(m + 8, "\0\1\0\xa", 4) == 0);
	SEND(&q, 4, 17, 0, 16, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_NOTHING(&q);
	peer_close(&q);
	finish(&f, &p);
}

/* ---- Events ---- */

static void
punt(struct fixture *f, uint32_t len)
{
	static uint8_t frame[1500] = { 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xcc };
	struct op_punt op = {
		.h = { PROGRAM_OP_PUNT, sizeof op },
		.reason = 1,
		.max_len = 0xffff,
		.bridge_id = bridge_id(f->bridge),
		.ofp_in_port = 1,
	};

	pipeline_miss_ops.punt(f->pipeline, &op, NULL, frame, len, len);
}

static void
test_conn_events_when_asked(void)
{
	struct fixture f;
	struct peer p;

	start(&f, &p, 1);
	punt(&f, 16);
	pump(&f);
	EXPECT_NOTHING(&p);
	/* A miss_send_len makes a service connection a listener. */
	SEND(&p, 1, 9, 0, 12, 0, 0, 0, 1, 0, 0, 0, 128);
	punt(&f, 16);
	pump(&f);
	EXPECT(&p, 1, 10, 0, 34, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 16, 0, 1, 1, 0, 2, 0, 0, 0,
		0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xcc, 0, 0);
	/* Not for another controller's id. */
	SEND(&p, 1, 4, 0, 24, 0, 0, 0, 2, 0, 0, 0x23, 0x20, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 7);
	punt(&f, 16);
	pump(&f);
	EXPECT_NOTHING(&p);
	finish(&f, &p);
}

static void
test_conn_events_of_slow_reader_are_dropped(void)
{
	struct ofserver_stats stats;
	struct fixture f;
	struct peer p;

	start(&f, &p, 4);
	SEND(&p, 4, 9, 0, 12, 0, 0, 0, 1, 0, 0, 0xff, 0xff);
	for (int i = 0; i < 3000; i++) {
		punt(&f, 1500);
		if (i % 100 == 0)
			pump(&f);
	}
	pump(&f);
	ofserver_get_stats(f.server, &stats);
	CU_ASSERT(stats.events_dropped > 1000);
	CU_ASSERT_EQUAL(stats.n_conns, 1);
	/* It is still served. */
	SEND(&p, 4, 2, 0, 8, 0, 0, 0, 2);
	peer_read(&p);
	CU_ASSERT(p.in_len > OFSERVER_MAX_BACKLOG / 2 && p.in_len < 2 * OFSERVER_MAX_BACKLOG);
	CU_ASSERT(memcmp(p.in + p.in_len - 8, "\4\3\0\10\0\0\0\2", 8) == 0);
	finish(&f, &p);
}

/* ---- Controllers ---- */

static void
test_conn_active_controller_comes_back(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct ofserver_controller_status st;
	struct ofserver_controller c = { .probe_ms = 0 };
	char target[128];
	struct fixture f;
	struct peer p;
	int listener;

	clock_stop();
	setup(&f, NULL, 0);
	(void)snprintf(sun.sun_path, sizeof sun.sun_path, "%s/ctl", f.dir);
	(void)snprintf(target, sizeof target, "unix:%s", sun.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CU_ASSERT_EQUAL_FATAL(bind(listener, (struct sockaddr *)&sun, sizeof sun), 0);
	CU_ASSERT_EQUAL(listen(listener, 5), 0);
	c.target = target;
	CU_ASSERT_EQUAL(ofserver_set_controllers(f.server, &c, 1), 0);
	for (int i = 0; i < 2; i++) {
		pump(&f);
		p = (struct peer){ .f = &f, .in = xmalloc(IN_MAX) };
		p.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		CU_ASSERT_FATAL(p.fd >= 0);
		expect_hello(&p);
		CU_ASSERT(ofserver_get_controller(f.server, target, &st));
		CU_ASSERT(!st.is_connected);
		SEND(&p, 4, 0, 0, 8, 0, 0, 0, 1);
		CU_ASSERT(ofserver_get_controller(f.server, target, &st));
		CU_ASSERT(st.is_connected);
		CU_ASSERT_STRING_EQUAL(st.state, "ACTIVE");
		CU_ASSERT_STRING_EQUAL(st.role, "other");
		/* A controller need not ask for events. */
		punt(&f, 16);
		pump(&f);
		peer_read(&p);
		CU_ASSERT(p.in_len - p.ofs > 16 && p.in[p.ofs + 1] == 10);
		peer_close(&p);
		CU_ASSERT(ofserver_get_controller(f.server, target, &st));
		CU_ASSERT(!st.is_connected);
		CU_ASSERT_STRING_EQUAL(st.state, "BACKOFF");
		clock_warp_ms(8000);
	}
	CU_ASSERT_EQUAL(ofserver_set_controllers(f.server, NULL, 0), 0);
	pump(&f);
	CU_ASSERT(!ofserver_get_controller(f.server, target, &st));
	c.target = "nonsense:1";
	CU_ASSERT_EQUAL(ofserver_set_controllers(f.server, &c, 1), 1);
	close(listener);
	unlink(sun.sun_path);
	teardown(&f);
}

static void
test_conn_snoop_mirrors_controllers(void)
{
	struct ofserver_controller c = { .probe_ms = 0 };
	struct ofserver_controller_status st;
	char target[128];
	struct fixture f;
	struct peer p, snoop;

	setup(&f, NULL, 0);
	(void)snprintf(target, sizeof target, "punix:%s/br0.ctl", f.dir);
	c.target = target;
	CU_ASSERT_EQUAL(ofserver_set_controllers(f.server, &c, 1), 0);
	peer_open(&snoop, &f, "snoop");
	expect_hello(&snoop);
	SEND(&snoop, 1, 0, 0, 8, 0, 0, 0, 1);
	peer_open(&p, &f, "ctl");
	expect_hello(&p);
	expect_hello(&snoop);
	SEND(&p, 4, 0, 0, 8, 0, 0, 0, 1);
	EXPECT(&snoop, 4, 0, 0, 8, 0, 0, 0, 1);
	SEND(&p, 4, 2, 0, 8, 0, 0, 0, 2);
	EXPECT(&p, 4, 3, 0, 8, 0, 0, 0, 2);
	EXPECT(&snoop, 4, 2, 0, 8, 0, 0, 0, 2);
	EXPECT(&snoop, 4, 3, 0, 8, 0, 0, 0, 2);
	CU_ASSERT(ofserver_get_controller(f.server, target, &st));
	CU_ASSERT_EQUAL(st.n_connections, 1);
	peer_close(&snoop);
	finish(&f, &p);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_conn_hello_by_version),
		CHECK_CASE(test_conn_hello_by_bitmap),
		CHECK_CASE(test_conn_answers_before_it_closes),
		CHECK_CASE(test_conn_hello_incompatible),
		CHECK_CASE(test_conn_first_message_not_hello),
		CHECK_CASE(test_conn_pieces),
		CHECK_CASE(test_conn_stated_length_too_small),
		CHECK_CASE(test_conn_longest_message),
		CHECK_CASE(test_conn_unknown_is_answered),
		CHECK_CASE(test_conn_no_groups_or_meters),
		CHECK_CASE(test_conn_flow_mod_limits),
		CHECK_CASE(test_conn_slow_reader_is_not_read),
		CHECK_CASE(test_conn_barrier_keeps_order),
		CHECK_CASE(test_conn_dump_in_parts),
		CHECK_CASE(test_conn_roles),
		CHECK_CASE(test_conn_events_when_asked),
		CHECK_CASE(test_conn_events_of_slow_reader_are_dropped),
		CHECK_CASE(test_conn_active_controller_comes_back),
		CHECK_CASE(test_conn_snoop_mirrors_controllers),
	};
	int status;

	if (log_set_level("ANY:console:off", NULL) != 0)
		return 1;
	rcu_main_enter();
	status = check_run("ofconn/conn", cases, ARRAY_SIZE(cases));
	rcu_main_leave();
	return status;
}
