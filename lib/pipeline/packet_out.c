/* SPDX-License-Identifier: Apache-2.0 */
/* packet_out: frames that controllers send through the switch.
 *
 * The actions are translated like a rule's, by main, and the program runs on the frame in the datapath. */

#include <string.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "flow/extract.h"
#include "pipeline/translate_priv.h"

#define FRAME_MIN 14

/* Ports that a packet-out may claim to come from without there being one. */
static bool
is_no_port(uint32_t ofp_port)
{
	return ofp_port == OFP_PORT_CONTROLLER || ofp_port == OFP_PORT_NONE
		|| ofp_port == OFP_PORT_LOCAL;
}

enum oferror
bridge_packet_out(struct bridge *b, uint32_t in_port, const struct ofpacts *actions,
	const void *frame, uint32_t len)
{
	struct pipeline *p = b->pipeline;
	const struct snap_bridge *sb;
	const struct snap_port *port;
	const struct snapshot *s;
	struct miss_verdict verdict;
	uint32_t dp_port = 0;
	enum oferror error;
	struct xlate x;
	struct flow key;

	if (len < FRAME_MIN)
		return OFPBRC_BAD_PACKET;
	error = bridge_check_ofpacts(b, NULL, 0, actions);
	if (error != OFERROR_OK)
		return error;
	if (p->snapshot_stale)
		pipeline_publish_snapshot(p);
	s = atomic_load_explicit(&p->snapshot, memory_order_relaxed);
	sb = snapshot_find_bridge(s, b->id);
	BUG_ON(sb == NULL);
	port = snap_bridge_find_port(sb, in_port);
	if (port == NULL && !is_no_port(in_port))
		return OFPBRC_BAD_PORT;
	if (port != NULL && port->dp_port != UINT32_MAX)
		dp_port = port->dp_port;

	flow_extract(frame, len, dp_port, &key, NULL);
	program_buf_init(&verdict.program);
	xlate_init(&x, p, s, &key, &verdict);
	xlate_enter(&x, sb, port, in_port);
	x.reason = DROP_RULE_DROP;
	(void)xlate_actions(&x, actions);
	xlate_action_set(&x); /* What a rule behind TABLE wrote. */
	xlate_finish(&x);
	if (verdict.contribs != NULL)
		contribs_credit(p, verdict.contribs, 1, len, clock_ms());
	contribs_destroy(verdict.contribs);
	/* Nothing to answer if the datapath has no room: a packet may be lost anywhere. */
	if (p->ops != NULL)
		(void)p->ops->inject(
			p->ops_ctx, dp_port, frame, len, verdict.program.data, verdict.program.len);
	program_buf_uninit(&verdict.program);
	return OFERROR_OK;
}
