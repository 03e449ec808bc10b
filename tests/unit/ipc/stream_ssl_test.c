/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ipc/stream_ssl: TLS between two streams of one loop, with certificates made here. */

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/loop.h"
#include "ipc/stream.h"
#include "ipc_check.h"

/* Files of one authority and of one certificate that it signed. */
struct pki {
	char ca[128];
	char cert[128];
	char key[128];
};

static X509 *
make_cert(EVP_PKEY *key, const char *cn, X509 *issuer, EVP_PKEY *issuer_key)
{
	static long serial = 1;
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, issuer != NULL ? X509_get_subject_name(issuer) : name);
	if (issuer == NULL) {
		X509_EXTENSION *ca =
			X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");

		CU_ASSERT_EQUAL(X509_add_ext(x, ca, -1), 1);
		X509_EXTENSION_free(ca);
	}
	CU_ASSERT_TRUE(X509_sign(x, issuer_key, EVP_sha256()) > 0);
	return x;
}

static void
write_cert(const char *path, X509 *x)
{
	FILE *f = fopen(path, "w");

	CU_ASSERT_EQUAL(PEM_write_X509(f, x), 1);
	fclose(f);
}

static void
pki_create(struct pki *pki, const char *tag)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *ca = make_cert(ca_key, tag, NULL, ca_key);
	X509 *cert = make_cert(key, "switch", ca, ca_key);
	FILE *f;

	snprintf(pki->ca, sizeof pki->ca, "%s/%s-ca.pem", check_dir, tag);
	snprintf(pki->cert, sizeof pki->cert, "%s/%s-cert.pem", check_dir, tag);
	snprintf(pki->key, sizeof pki->key, "%s/%s-key.pem", check_dir, tag);
	write_cert(pki->ca, ca);
	write_cert(pki->cert, cert);
	f = fopen(pki->key, "w");
	CU_ASSERT_EQUAL(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	X509_free(ca);
	X509_free(cert);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
}

static void
pki_remove(struct pki *pki)
{
	CU_ASSERT_EQUAL(unlink(pki->ca), 0);
	CU_ASSERT_EQUAL(unlink(pki->cert), 0);
	CU_ASSERT_EQUAL(unlink(pki->key), 0);
}

static void
use(const struct pki *pki, const char *ca, const char *protocols)
{
	struct ssl_files files = { .private_key = pki->key,
		.certificate = pki->cert,
		.ca_cert = ca,
		.protocols = protocols };
	struct err err = ERR_INIT;

	CU_ASSERT_EQUAL(ssl_config(&files, &err), 0);
	CU_ASSERT_STRING_EQUAL(err.text, "");
}

/* Both ends of one connection. */
struct rig {
	struct loop *loop;
	struct pstream *listener;
	struct stream *server;
	struct stream *client;
	char name[64];
	size_t n_received; /* By the server. */
	int n_server_events;
	int server_error;
};

static void
server_ready(void *aux)
{
	struct rig *r = aux;
	char buf[700];
	ssize_t n;

	r->n_server_events++;
	/* One read per event, and a small one: what TLS holds back must wake us again. */
	n = stream_recv(r->server, buf, sizeof buf);
	if (n > 0)
		r->n_received += (size_t)n;
	else if (n != -EAGAIN)
		r->server_error = n == 0 ? -ESHUTDOWN : (int)n;
	if (r->server_error != 0)
		stream_want_read(r->server, false);
}

static void
client_ready(void *aux UNUSED)
{
}

static void
on_accept(void *aux, struct stream *stream)
{
	struct rig *r = aux;

	r->server = stream;
	CU_ASSERT_EQUAL(stream_watch(stream, r->loop, server_ready, r), 0);
}

static void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof *r);
	r->loop = loop_create();
	CU_ASSERT_EQUAL_FATAL(
		pstream_open(r->loop, "pssl:0:127.0.0.1", 6640, on_accept, r, &r->listener, NULL),
		0);
	snprintf(r->name, sizeof r->name, "ssl:127.0.0.1:%u", pstream_bound_port(r->listener));
}

static void
rig_connect(struct rig *r)
{
	CU_ASSERT_EQUAL_FATAL(stream_open(r->name, 0, &r->client, NULL), 0);
	CU_ASSERT_EQUAL(stream_watch(r->client, r->loop, client_ready, r), 0);
}

static void
rig_uninit(struct rig *r)
{
	stream_destroy(r->client);
	stream_destroy(r->server);
	pstream_destroy(r->listener);
	loop_destroy(r->loop);
	ssl_unconfig();
}

/* Sends half a megabyte through TLS of version 'protocols'. */
static void
check_transfer(const char *protocols)
{
	static char data[500000];
	size_t sent = 0;
	struct pki pki;
	struct rig r;

	pki_create(&pki, "a");
	use(&pki, pki.ca, protocols);
	rig_init(&r);
	rig_connect(&r);
	RUN_UNTIL(r.loop, stream_connect(r.client) == 0);
	for (int turns = 0; turns < 100000 && r.n_received < sizeof data; turns++) {
		ssize_t n = sent < sizeof data
			? stream_send(r.client, data + sent, sizeof data - sent)
			: 0;

		CU_ASSERT_TRUE(n >= 0 || n == -EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
		loop_run_once(r.loop, 1);
	}
	CU_ASSERT_EQUAL(r.n_received, sizeof data);
	CU_ASSERT_EQUAL(strncmp(stream_name(r.server), "ssl:127.0.0.1:", 14), 0);
	stream_destroy(r.client);
	r.client = NULL;
	RUN_UNTIL(r.loop, r.server_error == -ESHUTDOWN);
	rig_uninit(&r);
	pki_remove(&pki);
}

static void
test_stream_ssl_transfers_12(void)
{
	check_transfer("TLSv1.2");
}

static void
test_stream_ssl_transfers_13(void)
{
	check_transfer("TLSv1.3");
}

static void
test_stream_ssl_refuses_foreign_certificate(void)
{
	struct pki ours;
	struct pki theirs;
	struct rig r;

	pki_create(&ours, "a");
	pki_create(&theirs, "b");
	use(&ours, theirs.ca, NULL);
	rig_init(&r);
	rig_connect(&r);
	RUN_UNTIL(r.loop, stream_connect(r.client) == -EPROTO);
	CU_ASSERT_PTR_NOT_NULL(strstr(stream_error_text(r.client), "certificate"));
	rig_uninit(&r);
	pki_remove(&ours);
	pki_remove(&theirs);
}

static void
test_stream_ssl_refuses_plain_client(void)
{
	struct pki pki;
	struct rig r;
	char name[64];

	pki_create(&pki, "a");
	use(&pki, pki.ca, NULL);
	rig_init(&r);
	snprintf(name, sizeof name, "tcp:127.0.0.1:%u", pstream_bound_port(r.listener));
	CU_ASSERT_EQUAL_FATAL(stream_open(name, 0, &r.client, NULL), 0);
	RUN_UNTIL(r.loop, stream_connect(r.client) == 0);
	CU_ASSERT_EQUAL(stream_send(r.client, "GET / HTTP/1.0\r\n\r\n", 18), 18);
	RUN_UNTIL(r.loop, r.server_error == -EPROTO);
	CU_ASSERT_NOT_EQUAL(stream_error_text(r.server)[0], '\0');
	rig_uninit(&r);
	pki_remove(&pki);
}

static void
test_stream_ssl_needs_configuration(void)
{
	struct err err = ERR_INIT;
	struct stream *s;
	struct rig r;

	ssl_unconfig();
	rig_init(&r);
	CU_ASSERT_EQUAL(stream_open(r.name, 0, &s, &err), -EPROTONOSUPPORT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not configured"));
	CU_ASSERT_PTR_NULL(s);
	rig_uninit(&r);
}

static void
test_ssl_config_reports_bad_files(void)
{
	struct err err = ERR_INIT;
	struct pki a;
	struct pki b;
	struct ssl_files files = { .private_key = "/none.pem" };

	pki_create(&a, "a");
	pki_create(&b, "b");
	CU_ASSERT_EQUAL(ssl_config(&files, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/none.pem"));
	files.private_key = a.key;
	files.certificate = b.cert;
	CU_ASSERT_EQUAL(ssl_config(&files, &err), -EINVAL);
	files.certificate = a.cert;
	files.ca_cert = a.key;
	CU_ASSERT_EQUAL(ssl_config(&files, &err), -EINVAL);
	files.ca_cert = a.ca;
	files.protocols = "SSLv3";
	CU_ASSERT_EQUAL(ssl_config(&files, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "SSLv3"));
	pki_remove(&a);
	pki_remove(&b);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_stream_ssl_transfers_12),
		CHECK_CASE(test_stream_ssl_transfers_13),
		CHECK_CASE(test_stream_ssl_refuses_foreign_certificate),
		CHECK_CASE(test_stream_ssl_refuses_plain_client),
		CHECK_CASE(test_stream_ssl_needs_configuration),
		CHECK_CASE(test_ssl_config_reports_bad_files),
	};
	int failed;

	check_dir_create();
	failed = check_run("ipc/stream_ssl", cases, ARRAY_SIZE(cases));
	return failed | check_dir_remove();
}
