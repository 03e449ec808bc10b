/* SPDX-License-Identifier: Apache-2.0 */
/* pstream: listeners on unix sockets and TCP ports.
 *
 * A unix socket's file stays behind when its process dies.  Before such a file is replaced, a connection
 * to it is tried: only a refused one shows that nobody serves it. */

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#define LOG_THIS LOG_stream
#include "base/log.h"
#include "base/loop.h"
#include "ipc/stream.h"
#include "ipc/stream_priv.h"

#define PSTREAM_BACKLOG 1024 /* Who does not wait while connecting is refused when it is full. */
#define PSTREAM_BATCH 16 /* Connections accepted per turn of the loop. */
#define PSTREAM_PAUSE_MS 100 /* Rest after running out of descriptors. */

struct pstream {
	char *name;
	char *path; /* Absolute path of the socket file, or NULL. */
	dev_t dev; /* Of the socket file, to unlink none but ours. */
	ino_t ino;
	int fd;
	bool tls; /* Accepted streams speak TLS. */
	uint16_t port; /* Bound TCP port, or 0. */
	struct loop *loop;
	struct loop_fd *loop_fd;
	struct loop_timer resume;
	pstream_accept_fn *cb;
	void *aux;
	bool busy; /* pstream_event() runs. */
	bool destroyed; /* Free when no longer busy. */
};

static unsigned int n_unix_peers;

/* Makes a stream of accepted socket 'fd'.  Returns: NULL if the connection is already dead. */
static struct stream *
accepted_stream(struct pstream *p, int fd)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof sa;
	struct err err = ERR_INIT;
	struct stream *stream;
	char addr[80];
	char name[96];
	int one = 1;
	int error;

	if (p->path != NULL) {
		snprintf(name, sizeof name, "unix#%u", ++n_unix_peers);
		return stream_create_fd(fd, name);
	}
	if (getpeername(fd, (struct sockaddr *)&sa, &len) != 0) {
		close(fd);
		return NULL;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	stream_addr_format(&sa, addr, sizeof addr);
	snprintf(name, sizeof name, "%s:%s", p->tls ? "ssl" : "tcp", addr);
	stream = stream_create_fd(fd, name);
	if (!p->tls)
		return stream;
	error = stream_ssl_attach(stream, true, &err);
	if (error != 0) {
		LOG_WARN_RL("%s: connection from %s refused: %s", p->name, addr, err.text);
		stream_destroy(stream);
		return NULL;
	}
	return stream;
}

static void
pstream_resume(void *aux)
{
	struct pstream *p = aux;

	loop_fd_modify(p->loop_fd, EPOLLIN);
}

static void
pstream_event(void *aux, uint32_t events UNUSED)
{
	struct pstream *p = aux;

	p->busy = true;
	for (int i = 0; i < PSTREAM_BATCH && !p->destroyed; i++) {
		struct stream *stream;
		int fd = accept4(p->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			if (errno == EAGAIN)
				break;
			LOG_WARN_RL("%s: accept failed: %s", p->name, strerror(errno));
			loop_fd_modify(p->loop_fd, 0);
			loop_timer_arm_ms(&p->resume, PSTREAM_PAUSE_MS);
			break;
		}
		stream = accepted_stream(p, fd);
		if (stream != NULL)
			p->cb(p->aux, stream);
	}
	p->busy = false;
	if (p->destroyed)
		free(p);
}

static char *
absolute_path(const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/' || getcwd(cwd, sizeof cwd) == NULL)
		return xstrdup(path);
	return xasprintf("%s/%s", cwd, path);
}

/* Removes socket file 'path' if no process serves it.  Returns: 0, -EADDRINUSE, -EEXIST, -errno. */
static int
remove_stale(const char *path, struct err *err)
{
	struct stat st;
	int error;
	int fd;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode)) {
		err_set(err, "%s exists and is not a socket", path);
		return -EEXIST;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	error = stream_addr_unix_connect(fd, path);
	close(fd);
	if (error != -ECONNREFUSED) {
		err_set(err, "%s: another process serves this socket", path);
		return -EADDRINUSE;
	}
	if (unlink(path) != 0 && errno != ENOENT)
		return -errno;
	return 0;
}

static int
bind_unix(struct pstream *p, struct err *err)
{
	struct stat st;
	int error;

	/* From the first moment on nobody but us may open it; the mode is widened below. */
	if (fchmod(p->fd, 0600) != 0)
		return -errno;
	error = stream_addr_unix_bind(p->fd, p->path);
	if (error == -EADDRINUSE) {
		error = remove_stale(p->path, err);
		if (error == 0)
			error = stream_addr_unix_bind(p->fd, p->path);
	}
	if (error != 0)
		return error;
	if (lstat(p->path, &st) != 0)
		return -errno;
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	return chmod(p->path, 0770) == 0 ? 0 : -errno;
}

static int
bind_tcp(struct pstream *p, uint16_t default_port, struct err *err)
{
	struct stream_addr addr;
	int one = 1;
	int error;

	error = stream_addr_parse_passive(strchr(p->name, ':') + 1, default_port, &addr, err);
	if (error != 0)
		return error;
	p->fd = socket(addr.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		return -errno;
	if (setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0)
		return -errno;
	if (bind(p->fd, (const struct sockaddr *)&addr.sa, addr.len) != 0)
		return -errno;
	addr.len = sizeof addr.sa;
	if (getsockname(p->fd, (struct sockaddr *)&addr.sa, &addr.len) != 0)
		return -errno;
	p->port = stream_addr_port(&addr.sa);
	return 0;
}

static int
pstream_bind(struct pstream *p, uint16_t default_port, struct err *err)
{
	const char *name = p->name;

	if (strncmp(name, "punix:", 6) == 0 && name[6] != '\0') {
		p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (p->fd < 0)
			return -errno;
		p->path = absolute_path(name + 6);
		return bind_unix(p, err);
	}
	if (strncmp(name, "ptcp:", 5) == 0 || strncmp(name, "pssl:", 5) == 0) {
		p->tls = name[1] == 's';
		return bind_tcp(p, default_port, err);
	}
	err_set(err, "not of the form punix:PATH, ptcp:PORT[:IP] or pssl:PORT[:IP]");
	return -EINVAL;
}

int
pstream_open(struct loop *loop, const char *name, uint16_t default_port, pstream_accept_fn *cb,
	void *aux, struct pstream **pstreamp, struct err *err)
{
	struct pstream *p = xzalloc(sizeof *p);
	struct err cause = ERR_INIT;
	int error;

	*pstreamp = NULL;
	p->name = xstrdup(name);
	p->fd = -1;
	p->loop = loop;
	p->cb = cb;
	p->aux = aux;
	loop_timer_init(&p->resume, loop, pstream_resume, p);
	error = pstream_bind(p, default_port, &cause);
	if (error == 0 && listen(p->fd, PSTREAM_BACKLOG) != 0)
		error = -errno;
	if (error == 0)
		error = loop_add_fd(loop, p->fd, EPOLLIN, pstream_event, p, &p->loop_fd);
	if (error != 0) {
		err_set(err, "cannot listen on \"%s\": %s", name,
			cause.text[0] != '\0' ? cause.text : strerror(-error));
		pstream_destroy(p);
		return error;
	}
	*pstreamp = p;
	return 0;
}

/* Removes the socket file unless somebody has put another one in its place. */
static void
unlink_own(const struct pstream *p)
{
	struct stat st;

	if (p->ino == 0 || lstat(p->path, &st) != 0 || st.st_ino != p->ino || st.st_dev != p->dev)
		return;
	if (unlink(p->path) != 0)
		LOG_WARN("%s: cannot remove the socket file: %s", p->path, strerror(errno));
}

void
pstream_destroy(struct pstream *pstream)
{
	if (pstream == NULL)
		return;
	loop_timer_disarm(&pstream->resume);
	loop_fd_remove(pstream->loop_fd);
	if (pstream->path != NULL)
		unlink_own(pstream);
	if (pstream->fd >= 0)
		close(pstream->fd);
	free(pstream->path);
	free(pstream->name);
	pstream->destroyed = true;
	if (!pstream->busy)
		free(pstream);
}

const char *
pstream_name(const struct pstream *pstream)
{
	return pstream->name;
}

uint16_t
pstream_bound_port(const struct pstream *pstream)
{
	return pstream->port;
}
