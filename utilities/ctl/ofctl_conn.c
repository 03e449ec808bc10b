/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking OpenFlow connection. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "ipc/stream.h"
#include "ofctl.h"

#define READ_SIZE 65536
#define PORTS_XID 0x70000001 /* Out of the way: people compare the others with the stock tool's. */

int
of_conn_send(struct of_conn *conn, struct of_buf *b, struct err *err)
{
	size_t sent = 0;

	while (sent < b->len) {
		ssize_t n = stream_send(conn->stream, b->data + sent, b->len - sent);

		if (n == -EAGAIN) {
			int error = stream_wait(conn->stream, false, true, conn->ctl->deadline_ms);

			if (error != 0)
				return err_errno(err, error, "%s", stream_name(conn->stream));
			continue;
		}
		if (n < 0)
			return err_errno(err, (int)n, "%s", stream_name(conn->stream));
		sent += (size_t)n;
	}
	of_buf_clear(b);
	return 0;
}

/* Reads until a whole message stands at 'in_ofs'. */
static int
fill(struct of_conn *conn, size_t *lenp, struct err *err)
{
	for (;;) {
		size_t have = conn->in.len - conn->in_ofs;
		ssize_t n;
		uint8_t *room;

		*lenp = have > 0 ? of_msg_stated_len(conn->in.data + conn->in_ofs, have) : 0;
		if (have >= OF_HEADER_LEN && *lenp < OF_HEADER_LEN) {
			err_set(err, "%s: bad length of a message", stream_name(conn->stream));
			return -EPROTO;
		}
		if (*lenp > 0 && have >= *lenp)
			return 0;
		if (conn->in_ofs > 0) {
			memmove(conn->in.data, conn->in.data + conn->in_ofs, have);
			conn->in.len = have;
			conn->in_ofs = 0;
		}
		room = of_buf_put_uninit(&conn->in, READ_SIZE);
		n = stream_recv(conn->stream, room, READ_SIZE);
		conn->in.len = have + (n > 0 ? (size_t)n : 0);
		if (n == -EAGAIN) {
			int error = stream_wait(conn->stream, true, false, conn->ctl->deadline_ms);

			if (error != 0)
				return err_errno(err, error, "%s", stream_name(conn->stream));
		} else if (n <= 0) {
			err_set(err, "%s: connection closed by peer", stream_name(conn->stream));
			return -ECONNRESET;
		}
	}
}

int
of_conn_receive(struct of_conn *conn, struct of_msg *msg, struct err *err)
{
	struct of_buf reply = OF_BUF_INIT;

	for (;;) {
		size_t len;
		int error = fill(conn, &len, err);

		if (error != 0)
			return error;
		of_buf_clear(&conn->msg);
		of_buf_put(&conn->msg, conn->in.data + conn->in_ofs, len);
		conn->in_ofs += len;
		if (of_msg_decode(conn->msg.data, len, msg) != OFERROR_OK)
			continue; /* Nothing that we asked for. */
		if (msg->type != OF_MSG_ECHO_REQUEST)
			return 0;
		of_msg_encode_echo_reply(msg, &reply);
		error = of_conn_send(conn, &reply, err);
		of_buf_uninit(&reply);
		if (error != 0)
			return error;
	}
}

int
of_conn_reply(struct of_conn *conn, uint32_t xid, struct of_msg *msg, struct err *err)
{
	for (;;) {
		enum oferror code;
		const uint8_t *data;
		size_t len;
		int error = of_conn_receive(conn, msg, err);

		if (error != 0)
			return error;
		if (msg->type == OF_MSG_ERROR && msg->xid == xid) {
			if (oferror_decode(msg, &code, &data, &len) != OFERROR_OK)
				code = OFERROR_OK;
			err_set(err, "OFPT_ERROR (xid=0x%" PRIx32 "): %s", msg->xid,
				code == OFERROR_OK ? "unknown error" : oferror_name(code));
			return -EREMOTEIO;
		}
		if (msg->xid == xid)
			return 0;
	}
}

int
of_conn_sync(struct of_conn *conn, struct of_buf *b, struct err *err)
{
	uint32_t xid = ++conn->xid;
	struct of_msg msg;
	int error;

	of_msg_encode_empty(OF_MSG_BARRIER_REQUEST, conn->version, xid, b);
	error = of_conn_send(conn, b, err);
	while (error == 0) {
		enum oferror code;
		const uint8_t *data;
		struct str text = STR_INIT;
		size_t len;

		error = of_conn_receive(conn, &msg, err);
		if (error != 0)
			break;
		if (msg.type == OF_MSG_ERROR
			&& oferror_decode(&msg, &code, &data, &len) == OFERROR_OK) {
			of_error_format(code, msg.xid, &text);
			err_set(err, "%s", str_cstr(&text));
			str_uninit(&text);
			return -EREMOTEIO;
		}
		if (msg.type == OF_MSG_BARRIER_REPLY && msg.xid == xid)
			break;
	}
	return error;
}

/* Hello both ways. */
static int
negotiate(struct of_conn *conn, uint32_t versions, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	uint32_t theirs = 0;
	struct of_msg msg;
	unsigned int version;
	int error;

	of_hello_encode(versions, ++conn->xid, &b);
	error = of_conn_send(conn, &b, err);
	of_buf_uninit(&b);
	if (error == 0)
		error = of_conn_receive(conn, &msg, err);
	if (error != 0)
		return error;
	if (msg.type != OF_MSG_HELLO || of_hello_decode(&msg, &theirs) != OFERROR_OK) {
		err_set(err, "%s: no hello from the switch", stream_name(conn->stream));
		return -EPROTO;
	}
	version = of_versions_negotiate(versions, theirs);
	if (version == 0) {
		struct str we = STR_INIT, they = STR_INIT;

		of_versions_format(versions, &we);
		of_versions_format(theirs, &they);
		err_set(err, "%s: version negotiation failed (we support %s, peer supports %s)",
			stream_name(conn->stream), str_cstr(&we), str_cstr(&they));
		str_uninit(&we);
		str_uninit(&they);
		return -EPROTONOSUPPORT;
	}
	conn->version = (enum of_version)version;
	return 0;
}

/* The stream name of a switch. */
static char *
target_name(const char *target)
{
	char *path;

	if (stream_name_is_active(target))
		return xstrdup(target);
	if (target[0] == '/')
		return xasprintf("unix:%s", target);
	path = xasprintf("%s/%s.mgmt", fs_rundir(), target);
	if (access(path, F_OK) == 0) {
		char *name = xasprintf("unix:%s", path);

		free(path);
		return name;
	}
	free(path);
	return NULL;
}

static const char *
port_name(void *aux, uint32_t port)
{
	const struct of_conn *conn = aux;

	for (size_t i = 0; i < conn->n_ports; i++) {
		if (conn->ports[i].port_no == port && port < OFP_PORT_MAX)
			return conn->ports[i].name;
	}
	return NULL;
}

static bool
port_number(void *aux, const char *name, uint32_t *port)
{
	const struct of_conn *conn = aux;

	for (size_t i = 0; i < conn->n_ports; i++) {
		if (strcmp(conn->ports[i].name, name) == 0) {
			*port = conn->ports[i].port_no;
			return true;
		}
	}
	return false;
}

/* Asks for the ports, for their names. */
static int
fetch_ports(struct of_conn *conn, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	uint32_t xid = PORTS_XID;
	struct of_msg msg;
	int error;

	of_port_desc_request_encode(OFP_PORT_NONE, conn->version, xid, &b);
	error = of_conn_send(conn, &b, err);
	of_buf_uninit(&b);
	while (error == 0) {
		struct of_reader r;

		error = of_conn_reply(conn, xid, &msg, err);
		if (error != 0)
			break;
		of_reader_init(&r, msg.body, msg.body_len);
		while (r.left > 0) {
			if (conn->n_ports == conn->n_ports_alloc)
				conn->ports = vec_grow(
					conn->ports, &conn->n_ports_alloc, sizeof *conn->ports);
			if (of_phy_port_decode(&r, conn->version, &conn->ports[conn->n_ports])
				!= OFERROR_OK)
				break;
			conn->n_ports++;
		}
		if ((msg.mp_flags & OF_MSG_MORE) == 0)
			break;
	}
	return error;
}

int
of_conn_open(struct ctl *ctl, const char *target, uint32_t versions, struct of_conn **connp,
	struct err *err)
{
	char *name = target_name(target);
	struct of_conn *conn;
	bool is_default = versions == 0 && ctl->versions == 0;
	int error;

	*connp = NULL;
	if (name == NULL) {
		err_set(err, "%s is not a bridge or a socket", target);
		return -ENOENT;
	}
	if (versions == 0)
		versions = ctl->versions != 0 ? ctl->versions & OF_VERSIONS_COMPLETE
					      : OF_VERSION_BIT(OF_VERSION_10);
	conn = xzalloc(sizeof *conn);
	conn->ctl = ctl;
	conn->by_number = (struct format_ports){ NULL, port_number, conn };
	conn->by_name = (struct format_ports){ port_name, port_number, conn };
	error = stream_open(name, STREAM_PORT_OPENFLOW, &conn->stream, err);
	free(name);
	if (error == 0)
		error = negotiate(conn, versions, err);
	if (error == 0)
		error = fetch_ports(conn, err);
	if (error != 0) {
		of_conn_close(conn);
		if (is_default && error == -EPROTONOSUPPORT)
			return of_conn_open(ctl, target, OF_VERSION_BIT(OF_VERSION_13), connp, err);
		return error;
	}
	*connp = conn;
	return 0;
}

void
of_conn_close(struct of_conn *conn)
{
	if (conn == NULL)
		return;
	stream_destroy(conn->stream);
	of_buf_uninit(&conn->in);
	of_buf_uninit(&conn->msg);
	free(conn->ports);
	free(conn);
}

const struct format_ports *
of_conn_ports(const struct of_conn *conn)
{
	bool names = conn->ctl->names > 0 || (conn->ctl->names < 0 && isatty(STDOUT_FILENO));

	return names ? &conn->by_name : &conn->by_number;
}

enum of_flow_format
of_conn_format(const struct of_conn *conn)
{
	return conn->version == OF_VERSION_10 ? OF_FLOW_FORMAT_NXM : OF_FLOW_FORMAT_STANDARD;
}

const char *
of_conn_version_note(const struct of_conn *conn)
{
	return conn->version == OF_VERSION_13 ? " (OF1.3)" : "";
}
