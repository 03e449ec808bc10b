/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_STREAM_H
#define IPC_STREAM_H

/* stream: connected byte streams and listeners, named by strings.
 *
 * Model    Active names   unix:PATH  tcp:HOST[:PORT]  ssl:HOST[:PORT]
 *          Passive names  punix:PATH  ptcp:[PORT][:IP]  pssl:[PORT][:IP]
 *          IPv6 addresses stand in brackets; HOST is an address or a name (see Blocks).  A port that is
 *          left out is 'default_port'; passive port 0 is any free one.
 *          'struct stream' is one connection, 'struct pstream' a listener.  An accepted stream is named
 *          "unix#N" or "tcp:IP:PORT" or "ssl:IP:PORT" after its peer.
 * Rules    S1 no call blocks but stream_wait() and stream_open() of a host that is a name (getaddrinfo).
 *          S2 a stream without a loop works: poll with stream_wait().
 *          S3 a socket file that another process listens on is never taken away; a stale one is.
 * Life     stream_open() -> connecting -> stream_connect() is 0 -> stream_recv(), stream_send() -> any
 *          error is final -> stream_destroy().  stream_recv() and stream_send() answer -EAGAIN while
 *          connecting and finish the connection themselves, so calling stream_connect() is optional.
 *          With stream_watch() the loop calls back whenever a call that answered -EAGAIN may succeed.
 * Owner    create/open give, destroy frees.  A stream handed to an accept callback belongs to it.
 * Threads  A stream belongs to the thread of its loop.
 * Cost     Unix paths longer than a sockaddr_un holds cost one extra open().
 * See      tests/unit/ipc/stream_test.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compiler.h"

struct err;
struct loop;
struct stream;
struct pstream;

#define STREAM_PORT_OVSDB 6640 /* IANA's for OVSDB. */
#define STREAM_PORT_OPENFLOW 6653 /* IANA's for OpenFlow. */

typedef void stream_ready_fn(void *aux);
typedef void pstream_accept_fn(void *aux, struct stream *stream);

/* Whether 'name' is of the form of an active (stream) or passive (pstream) name. */
bool stream_name_is_active(const char *name);
bool stream_name_is_passive(const char *name);

/* Starts to connect to 'name'.  Returns: 0 (connecting or connected), -EINVAL (no such form of name),
 * -EPROTONOSUPPORT, or -errno of the attempt.  Blocks: only to resolve a host name. */
int stream_open(const char *name, uint16_t default_port, struct stream **streamp,
	struct err *err) MUST_CHECK;

/* Makes a stream of connected socket 'fd'.  Owner: takes 'fd'. */
struct stream *stream_create_fd(int fd, const char *name);

/* Closes the connection; safe within the stream's own callback.  NULL is allowed. */
void stream_destroy(struct stream *stream);

/* Progress of connecting.  Returns: 0 (connected), -EAGAIN, -errno. */
int stream_connect(struct stream *stream) MUST_CHECK;

/* Receives up to 'size' bytes.  Returns: bytes, 0 at the end of the stream, -EAGAIN, -errno. */
ssize_t stream_recv(struct stream *stream, void *buf, size_t size) MUST_CHECK;

/* Sends up to 'size' bytes.  Returns: bytes (> 0), -EAGAIN, -errno.  After -EAGAIN the next call must
 * offer at least the same bytes again. */
ssize_t stream_send(struct stream *stream, const void *buf, size_t size) MUST_CHECK;

/* Lets 'loop' call 'cb' when the stream may be read (always, after this) or, if asked for with
 * stream_want_write(), may be written or has finished connecting.  'cb' may destroy the stream. */
int
stream_watch(struct stream *stream, struct loop *loop, stream_ready_fn *cb, void *aux) MUST_CHECK;
void stream_want_write(struct stream *stream, bool want);
/* A stream that is not wanted to be read exerts back pressure on its peer. */
void stream_want_read(struct stream *stream, bool want);

/* Sleeps until the stream is likely to be readable ('read') or writable ('write'), or until clock_ms()
 * is 'deadline_ms' (INT64_MAX: for ever).  Returns: 0, -ETIMEDOUT, -errno.  Blocks: yes. */
int stream_wait(struct stream *stream, bool read, bool write, int64_t deadline_ms) MUST_CHECK;

/* The name given to stream_open(), or that of the peer of an accepted stream. */
const char *stream_name(const struct stream *stream);

/* The local IP address as text for tcp and ssl streams that are connected, else "". */
const char *stream_local_ip(struct stream *stream);

/* A text for an error of connecting that is better than strerror() (TLS), else "". */
const char *stream_error_text(const struct stream *stream);

/* Listens on passive 'name'; 'loop' calls 'cb' for each connection, which then owns the stream.  A unix
 * socket gets mode 0770.  Returns: 0, -EINVAL, -EADDRINUSE (also: another process serves the socket
 * file), -errno. */
int pstream_open(struct loop *loop, const char *name, uint16_t default_port, pstream_accept_fn *cb,
	void *aux, struct pstream **pstreamp, struct err *err) MUST_CHECK;

/* Stops listening and unlinks the socket file.  Safe within the callback.  NULL is allowed. */
void pstream_destroy(struct pstream *pstream);

const char *pstream_name(const struct pstream *pstream);

/* The port that a ptcp or pssl listener is bound to, 0 for unix. */
uint16_t pstream_bound_port(const struct pstream *pstream);

/* Key, certificate and CA for ssl: and pssl:, as PEM files.  A member that is NULL is not set: without a
 * CA certificate every peer is refused, without key and certificate every peer that wants to verify us
 * refuses. */
struct ssl_files {
	const char *private_key; /* Our private key. */
	const char *certificate; /* Our certificate, with the chain. */
	const char *ca_cert; /* Who signs the peers' certificates; "none": do not verify. */
	const char *protocols; /* Comma list of TLSv1.2, TLSv1.3; NULL: both. */
	const char *ciphers; /* OpenSSL's cipher list for TLSv1.2; NULL: its default. */
};

/* Loads 'files' for the connections that begin later; all or nothing.  Returns: 0, -EINVAL with 'err'
 * naming the file and the cause. */
int ssl_config(const struct ssl_files *files, struct err *err) MUST_CHECK;

/* Forgets what ssl_config() loaded; connections that exist live on. */
void ssl_unconfig(void);

#endif /* IPC_STREAM_H */
