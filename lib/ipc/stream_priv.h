/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_STREAM_PRIV_H
#define IPC_STREAM_PRIV_H

/* stream_priv: what stream.c, stream_addr.c and stream_ssl.c share.
 *
 * Model    A stream is a socket and a table of functions: plain bytes or TLS.
 * Owner    'struct stream' owns its socket, its TLS state and its strings.
 * Threads  As stream.h. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/loop.h"
#include "ipc/stream.h"

struct stream;

struct stream_ops {
	/* The part of connecting that comes after the socket is connected: 0, -EAGAIN, -errno. */
	int (*handshake)(struct stream *stream);
	ssize_t (*recv)(struct stream *stream, void *buf, size_t size);
	ssize_t (*send)(struct stream *stream, const void *buf, size_t size);
	/* Frees 'stream->tls'; the socket is still open. */
	void (*close)(struct stream *stream);
};

enum stream_state {
	STREAM_RETRYING, /* The listener's queue was full: connect() must be called again. */
	STREAM_CONNECTING, /* connect() is in progress. */
	STREAM_HANDSHAKING, /* The socket is connected, TLS is not. */
	STREAM_CONNECTED,
	STREAM_FAILED, /* 'error' says why. */
};

struct stream {
	const struct stream_ops *ops;
	int fd;
	enum stream_state state;
	int error; /* -errno once FAILED. */
	char *name;
	char *path; /* Of an active unix stream, for RETRYING; else NULL. */
	char local_ip[64]; /* Filled in by stream_local_ip(). */
	char error_text[256]; /* TLS's own words about 'error'. */

	struct loop *loop; /* NULL until stream_watch(). */
	struct loop_fd *loop_fd; /* NULL while there is nothing to wait for. */
	struct loop_timer kick; /* Calls 'cb' without an event on the socket. */
	stream_ready_fn *cb;
	void *aux;
	bool want_read;
	bool want_write;

	void *tls; /* SSL *, or NULL. */
	bool tls_pending; /* Decrypted bytes wait in 'tls'. */
	bool recv_wants_write; /* TLS must write before it can read on. */
	bool send_wants_read; /* TLS must read before it can write on. */
};

/* An address that a stream or listener name leads to. */
struct stream_addr {
	struct sockaddr_storage sa;
	socklen_t len;
};

/* stream_addr.c */
int stream_addr_parse_active(const char *text, uint16_t default_port, struct stream_addr *addr,
	struct err *err) MUST_CHECK;
int stream_addr_parse_passive(const char *text, uint16_t default_port, struct stream_addr *addr,
	struct err *err) MUST_CHECK;
/* "1.2.3.4:5" or "[::1]:5". */
void stream_addr_format(const struct sockaddr_storage *sa, char *buf, size_t size);
void stream_addr_format_ip(const struct sockaddr_storage *sa, char *buf, size_t size);
uint16_t stream_addr_port(const struct sockaddr_storage *sa);

/* bind() or connect() of a unix socket whose path may be longer than a sockaddr_un holds. */
int stream_addr_unix_connect(int fd, const char *path) MUST_CHECK;
int stream_addr_unix_bind(int fd, const char *path) MUST_CHECK;

/* stream_ssl.c */
/* Puts TLS on 'stream', whose socket is or will be connected. */
int stream_ssl_attach(struct stream *stream, bool server, struct err *err) MUST_CHECK;

/* stream.c: to be called by stream_ssl.c when what it waits for has changed. */
void stream_update_events(struct stream *stream);

#endif /* IPC_STREAM_PRIV_H */
