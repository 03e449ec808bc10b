/* SPDX-License-Identifier: Apache-2.0 */
/* stream: connections over unix sockets and TCP; TLS is laid on top by stream_ssl.c.
 *
 * The loop watches exactly what the owner and the connection's state ask for.  A socket of which nothing
 * is wanted leaves the epoll set, because epoll reports a hangup whether or not it is asked for. */

#include "ipc/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fatal.h"
#define LOG_THIS LOG_stream
#include "base/log.h"
#include "base/loop.h"
#include "ipc/stream_priv.h"

#define STREAM_RETRY_MS 10

static int
plain_handshake(struct stream *stream UNUSED)
{
	return 0;
}

static ssize_t
plain_recv(struct stream *stream, void *buf, size_t size)
{
	ssize_t n = recv(stream->fd, buf, size, MSG_DONTWAIT);

	return n >= 0 ? n : -errno;
}

static ssize_t
plain_send(struct stream *stream, const void *buf, size_t size)
{
	ssize_t n = send(stream->fd, buf, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n >= 0 ? n : -errno;
}

static void
plain_close(struct stream *stream UNUSED)
{
}

static const struct stream_ops plain_ops = {
	.handshake = plain_handshake,
	.recv = plain_recv,
	.send = plain_send,
	.close = plain_close,
};

static bool
has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
stream_name_is_active(const char *name)
{
	return has_prefix(name, "unix:") || has_prefix(name, "tcp:") || has_prefix(name, "ssl:");
}

bool
stream_name_is_passive(const char *name)
{
	return has_prefix(name, "punix:") || has_prefix(name, "ptcp:") || has_prefix(name, "pssl:");
}

struct stream *
stream_create_fd(int fd, const char *name)
{
	struct stream *s = xzalloc(sizeof *s);

	s->ops = &plain_ops;
	s->fd = fd;
	s->state = STREAM_CONNECTED;
	s->name = xstrdup(name);
	s->want_read = true;
	return s;
}

static void
set_nodelay(int fd)
{
	int one = 1;

	/* A failure costs latency, nothing else. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static int
open_unix(const char *name, struct stream **streamp, struct err *err)
{
	const char *path = name + strlen("unix:");
	struct stream *s;
	int error;
	int fd;

	if (*path == '\0') {
		err_set(err, "%s: no path", name);
		return -EINVAL;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		error = -errno;
		err_set(err, "%s: %s", name, strerror(-error));
		return error;
	}
	error = stream_addr_unix_connect(fd, path);
	if (error != 0 && error != -EAGAIN && error != -EINPROGRESS) {
		err_set(err, "%s: %s", name, strerror(-error));
		close(fd);
		return error;
	}
	s = stream_create_fd(fd, name);
	s->path = xstrdup(path);
	if (error != 0)
		s->state = error == -EAGAIN ? STREAM_RETRYING : STREAM_CONNECTING;
	*streamp = s;
	return 0;
}

static int
open_tcp(const char *name, uint16_t default_port, struct stream **streamp, struct err *err)
{
	struct stream_addr addr;
	int error;
	int fd;

	error = stream_addr_parse_active(strchr(name, ':') + 1, default_port, &addr, err);
	if (error != 0) {
		err_prefix(err, "%s", name);
		return error;
	}
	fd = socket(addr.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		error = -errno;
		err_set(err, "%s: %s", name, strerror(-error));
		return error;
	}
	set_nodelay(fd);
	error = connect(fd, (const struct sockaddr *)&addr.sa, addr.len) == 0 ? 0 : -errno;
	if (error != 0 && error != -EINPROGRESS) {
		err_set(err, "%s: %s", name, strerror(-error));
		close(fd);
		return error;
	}
	*streamp = stream_create_fd(fd, name);
	if (error != 0)
		(*streamp)->state = STREAM_CONNECTING;
	return 0;
}

int
stream_open(const char *name, uint16_t default_port, struct stream **streamp, struct err *err)
{
	int error;

	*streamp = NULL;
	if (has_prefix(name, "unix:"))
		return open_unix(name, streamp, err);
	if (!stream_name_is_active(name)) {
		err_set(err, "\"%s\" is not of the form unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT",
			name);
		return -EINVAL;
	}
	error = open_tcp(name, default_port, streamp, err);
	if (error != 0 || !has_prefix(name, "ssl:"))
		return error;
	error = stream_ssl_attach(*streamp, false, err);
	if (error != 0) {
		err_prefix(err, "%s", name);
		stream_destroy(*streamp);
		*streamp = NULL;
	}
	return error;
}

void
stream_destroy(struct stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->loop != NULL)
		loop_timer_disarm(&stream->kick);
	loop_fd_remove(stream->loop_fd);
	stream->loop_fd = NULL;
	stream->ops->close(stream);
	close(stream->fd);
	free(stream->name);
	free(stream->path);
	free(stream);
}

/* The epoll events that the stream's state and owner ask for. */
static uint32_t
wanted_events(const struct stream *s)
{
	uint32_t events = 0;

	switch (s->state) {
	case STREAM_RETRYING:
	case STREAM_FAILED: return 0;
	case STREAM_CONNECTING: return EPOLLOUT;
	case STREAM_HANDSHAKING: return s->recv_wants_write ? EPOLLOUT : EPOLLIN;
	case STREAM_CONNECTED: break;
	}
	if (s->want_read)
		events |= s->recv_wants_write ? EPOLLOUT : EPOLLIN;
	if (s->want_write)
		events |= s->send_wants_read ? EPOLLIN : EPOLLOUT;
	return events;
}

/* Goes on connecting, if there is something to go on with, and calls the owner unless that still lasts. */
static void
stream_ready(struct stream *s)
{
	if (stream_connect(s) != -EAGAIN)
		s->cb(s->aux);
}

static void
stream_event(void *aux, uint32_t events)
{
	struct stream *s = aux;

	/* A hangup that the owner does not want to hear of now would come back at once. */
	if ((events & (EPOLLIN | EPOLLOUT)) == 0 && wanted_events(s) == 0) {
		stream_update_events(s);
		return;
	}
	stream_ready(s);
}

static void
stream_kicked(void *aux)
{
	stream_ready(aux);
}

void
stream_update_events(struct stream *stream)
{
	uint32_t events;
	int error = 0;

	if (stream->loop == NULL)
		return;
	events = wanted_events(stream);
	if (events == 0) {
		loop_fd_remove(stream->loop_fd);
		stream->loop_fd = NULL;
	} else if (stream->loop_fd != NULL) {
		loop_fd_modify(stream->loop_fd, events);
	} else {
		error = loop_add_fd(
			stream->loop, stream->fd, events, stream_event, stream, &stream->loop_fd);
	}
	if (error != 0) {
		LOG_ERR_RL("%s: cannot watch the socket: %s", stream->name, strerror(-error));
		stream->state = STREAM_FAILED;
		stream->error = error;
		loop_timer_arm_ms(&stream->kick, 0);
	}
	if (stream->state == STREAM_RETRYING)
		loop_timer_arm_ms(&stream->kick, STREAM_RETRY_MS);
	else if (stream->tls_pending && stream->want_read)
		loop_timer_arm_ms(&stream->kick, 0);
}

static int
stream_fail(struct stream *s, int error)
{
	s->state = STREAM_FAILED;
	s->error = error;
	return error;
}

/* Learns how connect() ended.  Returns: 0, -EAGAIN, -errno. */
static int
check_connected(struct stream *s)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&pfd, 1, 0) <= 0 || pfd.revents == 0)
		return -EAGAIN;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return -errno;
	return -error;
}

static int
stream_advance(struct stream *s)
{
	int error;

	if (s->state == STREAM_RETRYING) {
		error = stream_addr_unix_connect(s->fd, s->path);
		if (error != 0)
			return error == -EAGAIN ? error : stream_fail(s, error);
		s->state = STREAM_HANDSHAKING;
	}
	if (s->state == STREAM_CONNECTING) {
		error = check_connected(s);
		if (error != 0)
			return error == -EAGAIN ? error : stream_fail(s, error);
		s->state = STREAM_HANDSHAKING;
	}
	if (s->state == STREAM_HANDSHAKING) {
		error = s->ops->handshake(s);
		if (error != 0)
			return error == -EAGAIN ? error : stream_fail(s, error);
		s->state = STREAM_CONNECTED;
	}
	return s->state == STREAM_CONNECTED ? 0 : s->error;
}

int
stream_connect(struct stream *stream)
{
	int error;

	if (stream->state == STREAM_CONNECTED)
		return 0;
	error = stream_advance(stream);
	stream_update_events(stream);
	return error;
}

ssize_t
stream_recv(struct stream *stream, void *buf, size_t size)
{
	int error = stream_connect(stream);
	ssize_t n;

	if (error != 0)
		return error;
	do
		n = stream->ops->recv(stream, buf, size);
	while (n == -EINTR);
	return n;
}

ssize_t
stream_send(struct stream *stream, const void *buf, size_t size)
{
	int error = stream_connect(stream);
	ssize_t n;

	if (error != 0)
		return error;
	do
		n = stream->ops->send(stream, buf, size);
	while (n == -EINTR);
	return n == 0 ? -EAGAIN : n;
}

int
stream_watch(struct stream *stream, struct loop *loop, stream_ready_fn *cb, void *aux)
{
	BUG_ON(stream->loop != NULL && stream->loop != loop);
	stream->cb = cb;
	stream->aux = aux;
	if (stream->loop == NULL) {
		stream->loop = loop;
		loop_timer_init(&stream->kick, loop, stream_kicked, stream);
	}
	stream_update_events(stream);
	if (stream->state == STREAM_FAILED)
		return stream->error;
	if (stream->state != STREAM_RETRYING)
		loop_timer_arm_ms(&stream->kick, 0);
	return 0;
}

void
stream_want_write(struct stream *stream, bool want)
{
	if (stream->want_write != want) {
		stream->want_write = want;
		stream_update_events(stream);
	}
}

void
stream_want_read(struct stream *stream, bool want)
{
	if (stream->want_read != want) {
		stream->want_read = want;
		stream_update_events(stream);
	}
}

/* The poll() events that may let a read or write go on. */
static short
poll_events(const struct stream *s, bool read, bool write)
{
	short events = 0;

	switch (s->state) {
	case STREAM_CONNECTING: return POLLOUT;
	case STREAM_HANDSHAKING: return s->recv_wants_write ? POLLOUT : POLLIN;
	case STREAM_RETRYING:
	case STREAM_CONNECTED:
	case STREAM_FAILED: break;
	}
	if (read)
		events |= s->recv_wants_write ? POLLOUT : POLLIN;
	if (write)
		events |= s->send_wants_read ? POLLIN : POLLOUT;
	return events;
}

int
stream_wait(struct stream *stream, bool read, bool write, int64_t deadline_ms)
{
	struct pollfd pfd = { .fd = stream->fd };
	int64_t left;
	int timeout = -1;
	int rc;

	if (stream->state == STREAM_FAILED || (read && stream->tls_pending))
		return 0;
	if (deadline_ms != INT64_MAX) {
		left = deadline_ms - clock_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		timeout = (int)MIN(left, 3600 * 1000);
	}
	if (stream->state == STREAM_RETRYING) {
		/* Nothing reports that a listener's queue has room again. */
		(void)poll(NULL, 0, STREAM_RETRY_MS);
		return 0;
	}
	pfd.events = poll_events(stream, read, write);
	rc = poll(&pfd, 1, timeout);
	if (rc < 0 && errno != EINTR)
		return -errno;
	return 0;
}

const char *
stream_name(const struct stream *stream)
{
	return stream->name;
}

const char *
stream_local_ip(struct stream *stream)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;

	stream->local_ip[0] = '\0';
	if (getsockname(stream->fd, (struct sockaddr *)&sa, &len) == 0)
		stream_addr_format_ip(&sa, stream->local_ip, sizeof stream->local_ip);
	return stream->local_ip;
}

const char *
stream_error_text(const struct stream *stream)
{
	return stream->error_text;
}
