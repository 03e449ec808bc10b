/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_OFCTL_H
#define CTL_OFCTL_H

/* ofctl: the OpenFlow verbs: a blocking connection to a switch, and lists of rules.
 *
 * Rules    O1 Without --protocols version 1.0 with Nicira's match is spoken, as by the stock tool; 1.3 if the switch or the
 *             rules do not let us.
 * Owner    The caller's.
 * Threads  one. */

#include "ctl.h"
#include "openflow/buf.h"
#include "openflow/text.h"

struct stream;

struct of_conn {
	struct ctl *ctl;
	struct stream *stream;
	enum of_version version;
	uint32_t xid; /* The last used. */
	struct of_buf in; /* Received and not yet looked at, from 'in_ofs' on. */
	size_t in_ofs;
	struct of_buf msg; /* The message that of_conn_receive() gave last. */
	struct of_phy_port *ports; /* For names. */
	size_t n_ports, n_ports_alloc;
	struct format_ports by_number; /* Reads names, prints numbers. */
	struct format_ports by_name; /* Reads and prints names. */
};

/* Connects to the switch 'target'.  'versions' 0: what the options say. */
int MUST_CHECK of_conn_open(struct ctl *ctl, const char *target, uint32_t versions,
	struct of_conn **connp, struct err *err);
void of_conn_close(struct of_conn *conn);

/* How ports are printed. */
const struct format_ports *of_conn_ports(const struct of_conn *conn);

/* Sends what is in 'b', and empties it. */
int MUST_CHECK of_conn_send(struct of_conn *conn, struct of_buf *b, struct err *err);

/* The next message that is no echo request.  It is good until the next call. */
int MUST_CHECK of_conn_receive(struct of_conn *conn, struct of_msg *msg, struct err *err);

/* The next message with transaction 'xid'; an error message fails. */
int MUST_CHECK of_conn_reply(
	struct of_conn *conn, uint32_t xid, struct of_msg *msg, struct err *err);

/* Sends 'b' and a barrier, and waits for its reply; an error message fails. */
int MUST_CHECK of_conn_sync(struct of_conn *conn, struct of_buf *b, struct err *err);

/* A file of rules. */
struct of_rules {
	struct of_flow_mod *rules;
	size_t n, n_alloc;
};
/* Reads 'path', '-' for the standard input.  A line may begin with the name of a command. */
int MUST_CHECK of_rules_read(const char *path, const struct format_ports *ports,
	struct of_rules *rules, struct err *err);
/* Reads the rules of a switch. */
int MUST_CHECK of_rules_fetch(struct of_conn *conn, const struct of_flow_stats_request *req,
	int (*each)(void *aux, const struct of_flow_stats *), void *aux, uint32_t *xidp,
	struct err *err);
void of_rules_uninit(struct of_rules *rules);

/* Whether all can be said in 1.0. */
bool of_rules_fit_10(const struct of_rules *rules);

/* Sends all, and waits until they are done. */
int MUST_CHECK of_rules_send(struct of_conn *conn, const struct of_rules *rules, struct err *err);

/* How matches are encoded: Nicira's way in 1.0. */
enum of_flow_format of_conn_format(const struct of_conn *conn);

/* " (OF1.3)" */
const char *of_conn_version_note(const struct of_conn *conn);

#endif /* CTL_OFCTL_H */
