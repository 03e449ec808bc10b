/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_TEXT_H
#define OPENFLOW_TEXT_H

/* text: rules, actions and replies as people write and read them, in ovs-ofctl's grammar.
 *
 * Model    Parsing takes the text of one rule
 *          ("table=0,priority=10,tcp,tp_dst=80,actions=output:2"); matches are read by
 *          flow/format.h, the rest here.  Formatting appends what ovs-ofctl prints, so that scripts
 *          that read it go on working.  A port is printed by the name that 'ports' gives it, else by
 *          number; 'ports' may be NULL.
 * Rules    I1 parse(format(actions)) == actions, for lists that the grammar can say.
 *          I2 Every parse failure has a text that names the word at fault.
 * Owner    results are the caller's; names got from callbacks are borrowed for the call.
 * Threads  any, if the callbacks are.
 * See      tests/fuzz/flow_text_fuzz.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/format.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_stats.h"
#include "openflow/group.h"
#include "openflow/packet.h"
#include "openflow/port.h"
#include "openflow/switch.h"
#include "openflow/table.h"

struct err;
struct str;

/* Reads the text of one rule, or of a deletion.  A modify or delete takes "cookie=V/M" as which
 * rules, and an add "cookie=V" as the rule's.
 * Returns: 0, or -EINVAL with '*err' set and nothing to free.  Owner: the caller,
 * of_flow_mod_uninit(). */
MUST_CHECK int of_flow_mod_parse(const char *s, enum of_flow_mod_command command,
	const struct format_ports *ports, struct of_flow_mod *fm, struct err *err);

/* Reads the text of which rules to show; empty: all. */
MUST_CHECK int of_flow_stats_request_parse(const char *s, bool aggregate,
	const struct format_ports *ports, struct of_flow_stats_request *req, struct err *err);

/* Reads actions and instructions ("output:1,goto_table:2").  Appends to 'list', which is as before
 * on failure. */
MUST_CHECK int of_actions_parse(
	const char *s, const struct format_ports *ports, struct ofpacts *list, struct err *err);

/* Reads "in_port=P,packet=HEX,actions=A".  Owner: the caller uninits po->actions and frees
 * '*packetp', where po->packet points to. */
MUST_CHECK int of_packet_out_parse(const char *s, const struct format_ports *ports,
	struct of_packet_out *po, uint8_t **packetp, struct err *err);

/* Reads a number or name of a port.  Returns: 0 or -EINVAL with '*err' set. */
MUST_CHECK int of_text_port_parse(
	const char *s, const struct format_ports *ports, uint32_t *portp, struct err *err);

/* Each of these appends to 's'; "one line" has no newline at its end. */

/* A port's number, keyword or name. */
void of_text_port_format(uint32_t port, const struct format_ports *ports, struct str *s);
/* Actions without "actions=": "output:1,goto_table:2", "drop" for none. */
void of_actions_format(const struct ofpacts *list, const struct format_ports *ports, struct str *s);
/* A rule, one line, with its durations and counters if 'show_stats': "cookie=0x0, duration=1.234s,
 * table=0, ... actions=drop". */
void of_flow_stats_format(const struct of_flow_stats *fs, bool show_stats,
	const struct format_ports *ports, struct str *s);
/* A flow-mod, one line: "ADD table=1 priority=5,ip actions=drop". */
void
of_flow_mod_format(const struct of_flow_mod *fm, const struct format_ports *ports, struct str *s);
/* "packet_count=1 byte_count=2 flow_count=3" */
void of_aggregate_stats_format(const struct of_aggregate_stats *as, struct str *s);
/* A port as in `ovs-ofctl show`, several lines. */
void
of_phy_port_format(const struct of_phy_port *port, const struct format_ports *ports, struct str *s);
/* A port's counters as in `ovs-ofctl dump-ports`, two lines or three. */
void of_port_stats_format(
	const struct of_port_stats *stats, const struct format_ports *ports, struct str *s);
/* A table's counters as in `ovs-ofctl dump-tables` of 1.0 ('version' 1.0) or later, several lines. */
void
of_table_stats_format(const struct of_table_stats *stats, enum of_version version, struct str *s);
/* A queue's counters as in `ovs-ofctl queue-stats`, one line. */
void of_queue_stats_format(
	const struct of_queue_stats *stats, const struct format_ports *ports, struct str *s);
/* Features as in `ovs-ofctl show`: "dpid:...", tables, buffers, capabilities, actions; several
 * lines. */
void of_features_format(const struct of_features *f, enum of_version version, struct str *s);
/* "frags=normal miss_send_len=0" */
void of_config_format(const struct of_config *config, struct str *s);
/* The five texts, as in `ovs-ofctl dump-desc`, a line each. */
void of_desc_format(const struct of_desc *desc, struct str *s);
/* A packet-in without the packet itself, one line: "total_len=60 in_port=1 (via no_match) ...". */
void of_packet_in_format(
	const struct of_packet_in *pin, const struct format_ports *ports, struct str *s);
/* "OFPT_ERROR (xid=0x4): OFPBMC_BAD_FIELD", one line. */
void of_error_format(enum oferror error, uint32_t xid, struct str *s);

#endif /* OPENFLOW_TEXT_H */
