/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STATS_DROPS_H
#define STATS_DROPS_H

/* drops: the one list of reasons for which a packet is discarded.
 * Rules    I1 Every discarded packet counts under exactly one of these, once.
 *          I2 Names are stable: monitoring is keyed by them.
 * See      Documentation/topics/drops.rst. */

/* clang-format off */
#define DROP_REASONS(X) \
	X(RX_RUNT, "rx_runt", "shorter than an Ethernet header") \
	X(NO_BRIDGE, "no_bridge", "the port belongs to no bridge") \
	X(NO_RULE, "no_rule", "no rule of the table matches and there is no table-miss rule") \
	X(RULE_DROP, "rule_drop", "a rule says drop, or has no action that sends the packet on") \
	X(NO_OUTPUT, "no_output", "there is no other port to send it to") \
	X(HAIRPIN, "hairpin", "the output is the port that it came in by") \
	X(VLAN_MISMATCH, "vlan_mismatch", "its VLAN is not one of the port's") \
	X(RESERVED_MAC, "reserved_mac", "a link-local multicast address that bridges do not forward") \
	X(PORT_DOWN, "port_down", "the ingress port is configured down") \
	X(PORT_NO_RECV, "port_no_recv", "the ingress port is configured not to receive") \
	X(PORT_NO_FWD, "port_no_fwd", "the output port is configured not to forward") \
	X(TTL_EXPIRED, "ttl_expired", "the time to live ran out") \
	X(FRAGMENT_REFUSED, "fragment_refused", "an IP fragment, and the bridge drops fragments") \
	X(METER, "meter", "over the rate of a meter") \
	X(RECURSION, "recursion", "too many resubmits or patch ports in a row") \
	X(TRANSLATE_ERROR, "translate_error", "the rules' actions cannot be carried out on this packet") \
	X(UNSUPPORTED, "unsupported", "an action that this version does not carry out") \
	X(NO_PACKET_IN, "no_packet_in", "sent to a controller, but none takes it") \
	X(MISS_RING_FULL, "miss_ring_full", "too many new flows wait to be judged") \
	X(MISS_QUOTA, "miss_quota", "too many new flows of this port wait to be judged") \
	X(PUNT_QUEUE_FULL, "punt_queue_full", "too many packets wait for the control plane") \
	X(PROGRAMS_FULL, "programs_full", "too many different action programs") \
	X(BAD_EDIT, "bad_edit", "a header to be rewritten is missing or cut off") \
	X(HEADROOM, "headroom", "no room in front for one more header") \
	X(NO_MBUF, "no_mbuf", "out of packet buffers for a copy") \
	X(MTU_EXCEEDED, "mtu_exceeded", "longer than the output port's MTU") \
	X(TX_NO_PORT, "tx_no_port", "the output port is gone") \
	X(TX_PORT_DOWN, "tx_port_down", "the output port has no link or no peer") \
	X(TX_RING_FULL, "tx_ring_full", "the output port's queue is full") \
	X(SHUTDOWN, "shutdown", "in a queue when its thread ended")
/* clang-format on */

enum drop_reason {
#define DROP_REASON_ENUM(ID, NAME, TEXT) DROP_##ID,
	DROP_REASONS(DROP_REASON_ENUM)
#undef DROP_REASON_ENUM
	N_DROP_REASONS
};

/* The stable name, "no_rule".  Unknown numbers give "unknown". */
const char *drop_reason_name(unsigned int reason);

/* One phrase for people. */
const char *drop_reason_text(unsigned int reason);

#endif /* STATS_DROPS_H */
