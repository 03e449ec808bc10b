/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OFCONN_CONN_PRIV_H
#define OFCONN_CONN_PRIV_H

/* conn_priv: one OpenFlow connection, and the server as its connections see it.
 *
 * Model    conn.c moves bytes: it cuts what it receives into messages, does the hello and hands messages to dispatch_run();
 *          what handlers encode into a buffer it queues.  A handler that cannot answer at once calls conn_hold(); until
 *          conn_release() the connection is not read.  A long reply is a 'job': a step per turn of the loop, while
 *          the queue is short.
 * Rules    I1 A connection that failed is a corpse (conn_is_alive() is false) until its timer frees it; handlers and
 *             events may still meet it.
 * Threads  main. */

#include <stdbool.h>

#include "base/list.h"
#include "base/loop.h"
#include "ofconn/ofserver.h"
#include "openflow/buf.h"
#include "openflow/error.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_stats.h"
#include "openflow/msg.h"
#include "openflow/packet.h"
#include "openflow/switch.h"
#include "pipeline/effect.h"

struct bridge;
struct pstream;
struct reconnect;
struct stream;

#define CONN_IN_SIZE 65536 /* Any message fits. */
#define CONN_TURN_MESSAGES 64 /* Carried out per turn of the loop. */
#define CONN_TURN_BYTES (256 * 1024) /* Received per turn of the loop. */
#define CONN_READ_BACKLOG (256 * 1024) /* More than that to be sent: do not read. */
#define CONN_KEEP_BYTES (256 * 1024) /* A larger empty queue is given back. */

enum conn_kind {
	CONN_SERVICE, /* Management. */
	CONN_SNOOP, /* Listens to the controllers' connections. */
	CONN_CONTROLLER
};

struct conn;
struct controller;

/* A reply that is made step by step. */
struct conn_job {
	bool (*step)(struct conn *); /* Returns: true while there is more.  NULL: no job. */
	struct of_flow_stats_request
		*request; /* On its own, as matches are aligned to cache lines. */
	uint32_t next_table;
	struct of_buf b; /* Parts not yet queued. */
	struct of_mp mp; /* In 'b'. */
	struct of_msg msg; /* The request; 'data' and 'body' are not valid any more. */
};

struct conn {
	struct list node; /* In ofserver.conns. */
	struct ofserver *server;
	enum conn_kind kind;
	char *name; /* Of the peer, for people. */
	struct stream *stream; /* NULL: dead. */
	struct controller *controller; /* Whose it is, or NULL. */
	struct reconnect *probe; /* Of an accepted controller; owned.  Else NULL. */
	struct loop_timer kick; /* Runs the connection without an event. */
	unsigned int busy; /* conn_run() is on the stack. */
	bool closing; /* To be closed when all is sent. */
	int error; /* Of a dead one. */

	uint8_t in[CONN_IN_SIZE];
	size_t in_len;
	struct of_buf out; /* Bytes before 'out_ofs' are sent. */
	size_t out_ofs;
	struct of_buf reply; /* What the handler at work encodes into. */
	unsigned int holds; /* Reasons not to go on with the next request. */
	struct conn_job job;
	uint32_t held_xid; /* Of the request that is held. */

	unsigned int version; /* Negotiated; 0 before. */
	enum of_role role;
	struct of_async async;
	bool async_asked; /* A service connection that set it. */
	uint16_t miss_send_len;
	bool invalid_ttl_to_controller;
	enum of_flow_format flow_format;
	bool table_id_ext;
	enum of_packet_in_format packet_in_format;
	uint16_t controller_id;
	bool drop_logged; /* The peer's events are being left out. */
};

struct ofserver {
	struct loop *loop;
	struct bridge *bridge;
	char *name; /* Of the bridge. */
	uint32_t versions; /* OF_VERSION_BIT()s. */
	struct of_desc desc;
	struct pstream *mgmt, *snoop;
	struct list conns;
	unsigned int n_snoopers;
	struct list controllers; /* struct controller */
	bool has_generation; /* Some controller gave a generation id. */
	uint64_t generation;
	struct ofserver_stats stats;
};

/* Takes 'stream' into service and says hello.  Owner: takes 'stream', also on failure.
 * Returns: the connection, or NULL if the loop refused the stream. */
struct conn *conn_create(struct ofserver *, struct stream *, enum conn_kind, struct controller *);

/* Closes and frees; not from within the connection's own callbacks. */
void conn_destroy(struct conn *);

/* Ends the connection; it is freed from the loop, its controller told. */
void conn_fail(struct conn *, int error, const char *why);

/* The same when what is queued was sent. */
void conn_close_after_flush(struct conn *, int error);

static inline bool
conn_is_alive(const struct conn *conn)
{
	return conn->stream != NULL;
}

/* Whether the hello is done and the connection lives. */
static inline bool
conn_is_ready(const struct conn *conn)
{
	return conn->stream != NULL && conn->version != 0 && !conn->closing;
}

/* Queues whole messages and empties 'b'. */
void conn_send(struct conn *, struct of_buf *b);

/* Queues an event's messages, or leaves them out if the peer does not read.  Empties 'b'. */
void conn_send_event(struct conn *, struct of_buf *b);

/* Queues an error message about a request. */
void conn_send_error(struct conn *, enum oferror, const void *request, size_t len);

/* Sends an echo request. */
void conn_probe(struct conn *);

/* Requests wait / go on; the two nest. */
void conn_hold(struct conn *);
void conn_release(struct conn *);

/* Bytes queued and not yet sent. */
static inline size_t
conn_backlog(const struct conn *conn)
{
	return conn->out.len - conn->out_ofs;
}

/* ---- dispatch.c ---- */

/* Carries out one message. */
void dispatch_run(struct conn *, const void *data, size_t len);

/* ---- reply.c: handlers that read ---- */

enum oferror reply_features(struct conn *, const struct of_msg *);
enum oferror reply_desc(struct conn *, const struct of_msg *);
enum oferror reply_flow_stats(struct conn *, const struct of_msg *);
enum oferror reply_aggregate(struct conn *, const struct of_msg *);
enum oferror reply_table_stats(struct conn *, const struct of_msg *);
enum oferror reply_table_features(struct conn *, const struct of_msg *);
enum oferror reply_port_stats(struct conn *, const struct of_msg *);
enum oferror reply_port_desc(struct conn *, const struct of_msg *);
enum oferror reply_queue_stats(struct conn *, const struct of_msg *);
enum oferror reply_queue_config(struct conn *, const struct of_msg *);
enum oferror reply_group_stats(struct conn *, const struct of_msg *);
enum oferror reply_group_desc(struct conn *, const struct of_msg *);
enum oferror reply_group_features(struct conn *, const struct of_msg *);
enum oferror reply_meter_stats(struct conn *, const struct of_msg *);
enum oferror reply_meter_config(struct conn *, const struct of_msg *);
enum oferror reply_meter_features(struct conn *, const struct of_msg *);

struct bridge_port_info;

/* A port as OpenFlow describes it. */
void reply_phy_port(const struct bridge_port_info *, struct of_phy_port *);

/* ---- async.c ---- */

/* What a new connection of its kind and version wants. */
void async_init(struct conn *);

/* What the bridge tells; aux is the 'struct ofserver *'. */
extern const struct bridge_events async_events;

/* ---- controller.c ---- */

/* A connection of a controller has ended; it is freed after this. */
void controller_conn_closed(struct controller *, struct conn *, int error);

/* Bytes came. */
void controller_activity(struct controller *, struct conn *);

void controllers_destroy(struct ofserver *);

/* Reads names of protocols.  Returns: a set of versions. */
uint32_t ofserver_parse_protocols(const char *who, const char *const *names, size_t n);

#endif /* OFCONN_CONN_PRIV_H */
