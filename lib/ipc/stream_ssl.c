/* SPDX-License-Identifier: Apache-2.0 */
/* stream_ssl: TLS on a stream's socket, by OpenSSL.
 *
 * One SSL_CTX serves both sides.  A peer is who its certificate chain says, ending at our CA; names in
 * certificates are not compared, because targets are addresses.  Bytes go through a BIO of our own so
 * that a closed peer raises no SIGPIPE. */

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/fatal.h"
#include "ipc/stream.h"
#include "ipc/stream_priv.h"

/* What the connections that begin from now on use; NULL before ssl_config(). */
static SSL_CTX *ssl_ctx;

/* The oldest error in OpenSSL's queue as text; empties the queue. */
static const char *
ssl_reason(void)
{
	unsigned long code = ERR_get_error();
	const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return text != NULL ? text : "unknown error";
}

static int
sock_bio_write(BIO *bio, const char *data, int len)
{
	const struct stream *s = BIO_get_data(bio);
	ssize_t n = send(s->fd, data, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)n;
}

static int
sock_bio_read(BIO *bio, char *data, int size)
{
	const struct stream *s = BIO_get_data(bio);
	ssize_t n = recv(s->fd, data, (size_t)size, MSG_DONTWAIT);

	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	return (int)n;
}

static long
sock_bio_ctrl(BIO *bio UNUSED, int cmd, long num UNUSED, void *ptr UNUSED)
{
	return cmd == BIO_CTRL_FLUSH;
}

static BIO *
sock_bio_create(struct stream *s)
{
	static BIO_METHOD *method;
	BIO *bio;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
		BUG_ON(method == NULL);
		BIO_meth_set_write(method, sock_bio_write);
		BIO_meth_set_read(method, sock_bio_read);
		BIO_meth_set_ctrl(method, sock_bio_ctrl);
	}
	bio = BIO_new(method);
	BUG_ON(bio == NULL);
	BIO_set_data(bio, s);
	BIO_set_init(bio, 1);
	return bio;
}

/* Turns the failure 'rc' of an SSL call into -EAGAIN (then '*wants_write' says for what), 0 for the end
 * of the stream, or -errno with a text. */
static int
ssl_result(struct stream *s, int rc, bool *wants_write)
{
	int saved_errno = errno;
	long verify;

	switch (SSL_get_error(s->tls, rc)) {
	case SSL_ERROR_WANT_READ: *wants_write = false; return -EAGAIN;
	case SSL_ERROR_WANT_WRITE: *wants_write = true; return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN: return 0;
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return saved_errno != 0 ? -saved_errno : -ECONNRESET;
	default: break;
	}
	verify = SSL_get_verify_result(s->tls);
	if (verify != X509_V_OK) {
		snprintf(s->error_text, sizeof s->error_text, "TLS: the peer's certificate: %s",
			X509_verify_cert_error_string(verify));
		ERR_clear_error();
	} else {
		snprintf(s->error_text, sizeof s->error_text, "TLS: %s", ssl_reason());
	}
	return -EPROTO;
}

static int
ssl_handshake(struct stream *s)
{
	int error;
	int rc;

	errno = 0;
	ERR_clear_error();
	rc = SSL_do_handshake(s->tls);
	if (rc == 1) {
		s->recv_wants_write = false;
		return 0;
	}
	error = ssl_result(s, rc, &s->recv_wants_write);
	return error != 0 ? error : -ECONNRESET;
}

static ssize_t
ssl_recv(struct stream *s, void *buf, size_t size)
{
	bool wants_write = false;
	size_t n = 0;
	ssize_t result;
	int rc;

	errno = 0;
	ERR_clear_error();
	rc = SSL_read_ex(s->tls, buf, size, &n);
	result = rc == 1 ? (ssize_t)n : ssl_result(s, rc, &wants_write);
	s->recv_wants_write = wants_write;
	s->tls_pending = rc == 1 && SSL_pending(s->tls) > 0;
	stream_update_events(s);
	return result;
}

static ssize_t
ssl_send(struct stream *s, const void *buf, size_t size)
{
	bool wants_write = true;
	size_t n = 0;
	ssize_t result;
	int rc;

	errno = 0;
	ERR_clear_error();
	rc = SSL_write_ex(s->tls, buf, size, &n);
	result = rc == 1 ? (ssize_t)n : ssl_result(s, rc, &wants_write);
	s->send_wants_read = !wants_write;
	stream_update_events(s);
	return rc != 1 && result == 0 ? -EPIPE : result;
}

static void
ssl_close(struct stream *s)
{
	if (s->state == STREAM_CONNECTED) {
		/* Best effort: tells the peer that this end was meant. */
		(void)SSL_shutdown(s->tls);
		ERR_clear_error();
	}
	SSL_free(s->tls);
	s->tls = NULL;
}

static const struct stream_ops ssl_ops = {
	.handshake = ssl_handshake,
	.recv = ssl_recv,
	.send = ssl_send,
	.close = ssl_close,
};

int
stream_ssl_attach(struct stream *stream, bool server, struct err *err)
{
	BIO *bio;
	SSL *ssl;

	if (ssl_ctx == NULL) {
		err_set(err,
			"TLS is not configured: set private key, certificate and CA certificate");
		return -EPROTONOSUPPORT;
	}
	ssl = SSL_new(ssl_ctx);
	if (ssl == NULL) {
		err_set(err, "TLS: %s", ssl_reason());
		return -ENOMEM;
	}
	bio = sock_bio_create(stream);
	SSL_set_bio(ssl, bio, bio);
	if (server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	stream->tls = ssl;
	stream->ops = &ssl_ops;
	if (stream->state == STREAM_CONNECTED)
		stream->state = STREAM_HANDSHAKING;
	return 0;
}

/* Allows exactly the TLS versions in the comma list 'protocols'. */
static int
set_protocols(SSL_CTX *ctx, const char *protocols, struct err *err)
{
	bool v12 = protocols == NULL;
	bool v13 = protocols == NULL;
	char *copy = strdup(protocols != NULL ? protocols : "");
	char *save = NULL;
	int error = 0;

	BUG_ON(copy == NULL);
	for (char *p = strtok_r(copy, ", +", &save); p != NULL; p = strtok_r(NULL, ", +", &save)) {
		if (strcmp(p, "TLSv1.2") == 0) {
			v12 = true;
		} else if (strcmp(p, "TLSv1.3") == 0) {
			v13 = true;
		} else {
			err_set(err, "TLS version \"%s\" is not supported (TLSv1.2, TLSv1.3)", p);
			error = -EINVAL;
		}
	}
	free(copy);
	if (error == 0 && !v12 && !v13) {
		err_set(err, "no TLS version is allowed");
		error = -EINVAL;
	}
	if (error == 0
		&& (SSL_CTX_set_min_proto_version(ctx, v12 ? TLS1_2_VERSION : TLS1_3_VERSION) != 1
			|| SSL_CTX_set_max_proto_version(ctx, v13 ? TLS1_3_VERSION : TLS1_2_VERSION)
				!= 1)) {
		err_set(err, "TLS versions: %s", ssl_reason());
		error = -EINVAL;
	}
	return error;
}

/* Loads the trust anchor and says whether peers are verified. */
static int
set_ca(SSL_CTX *ctx, const char *ca_cert, struct err *err)
{
	if (ca_cert != NULL && strcmp(ca_cert, "none") == 0) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
		return 0;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	if (ca_cert == NULL)
		return 0;
	if (SSL_CTX_load_verify_locations(ctx, ca_cert, NULL) != 1) {
		err_set(err, "CA certificate %s: %s", ca_cert, ssl_reason());
		return -EINVAL;
	}
	return 0;
}

static int
load_files(SSL_CTX *ctx, const struct ssl_files *files, struct err *err)
{
	int error = set_protocols(ctx, files->protocols, err);

	if (error != 0)
		return error;
	if (files->ciphers != NULL && SSL_CTX_set_cipher_list(ctx, files->ciphers) != 1) {
		err_set(err, "TLS ciphers \"%s\": %s", files->ciphers, ssl_reason());
		return -EINVAL;
	}
	if (files->certificate != NULL
		&& SSL_CTX_use_certificate_chain_file(ctx, files->certificate) != 1) {
		err_set(err, "certificate %s: %s", files->certificate, ssl_reason());
		return -EINVAL;
	}
	if (files->private_key != NULL
		&& SSL_CTX_use_PrivateKey_file(ctx, files->private_key, SSL_FILETYPE_PEM) != 1) {
		err_set(err, "private key %s: %s", files->private_key, ssl_reason());
		return -EINVAL;
	}
	if (files->certificate != NULL && files->private_key != NULL
		&& SSL_CTX_check_private_key(ctx) != 1) {
		err_set(err, "private key %s does not belong to certificate %s", files->private_key,
			files->certificate);
		return -EINVAL;
	}
	return set_ca(ctx, files->ca_cert, err);
}

int
ssl_config(const struct ssl_files *files, struct err *err)
{
	SSL_CTX *ctx;
	int error;

	ERR_clear_error();
	ctx = SSL_CTX_new(TLS_method());
	if (ctx == NULL) {
		err_set(err, "TLS: %s", ssl_reason());
		return -ENOMEM;
	}
	SSL_CTX_set_mode(ctx,
		SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
			| SSL_MODE_RELEASE_BUFFERS);
	/* Peers that just close are no attack on protocols that frame their messages. */
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	error = load_files(ctx, files, err);
	if (error != 0) {
		SSL_CTX_free(ctx);
		return error;
	}
	SSL_CTX_free(ssl_ctx);
	ssl_ctx = ctx;
	return 0;
}

void
ssl_unconfig(void)
{
	SSL_CTX_free(ssl_ctx);
	ssl_ctx = NULL;
}
