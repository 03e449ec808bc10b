/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_MATCH_H
#define FLOW_MATCH_H

/* match: which packets a rule is about.
 *
 * Model    A match is a value and a mask, both 'struct flow': a packet matches if it agrees with the value in every
 *          bit that is one in the mask.
 * Rules    I1 'value' has no bit that 'mask' has not.
 *          I2 in_port is an OpenFlow port number (flow/ofp_port.h).
 * Owner    plain data.
 * Threads  none.
 * See      flow/field.h for single fields, flow/format.h for text. */

#include <stdbool.h>

#include "flow/field.h"
#include "flow/key.h"

struct match {
	struct flow value;
	struct flow mask;
};

/* Matches everything. */
static inline void
match_init_catchall(struct match *m)
{
	memset(m, 0, sizeof *m);
}

/* Matches 'flow' in the bits of 'mask'. */
void match_init(struct match *, const struct flow *flow, const struct flow *mask);

/* Clears what I1 forbids: bits of the value outside the mask. */
void match_zero_unmasked(struct match *);

bool match_is_catchall(const struct match *);

/* True if the packet with key 'flow' matches. */
bool match_matches(const struct match *, const struct flow *flow);

bool match_equal(const struct match *, const struct match *);
uint32_t match_hash(const struct match *, uint32_t seed);

/* True if some packet could match both. */
bool match_overlaps(const struct match *a, const struct match *b);

/* True if every packet that matches 'b' matches 'a'. */
bool match_covers(const struct match *a, const struct match *b);

/* Sets one field to 'value' under 'mask' (NULL: all of its bits), as a match in a message does: bits of the value
 * outside the mask are dropped, and VLAN fields bring FLOW_VLAN_PRESENT with them where OpenFlow means it
 * (dl_vlan, dl_vlan_pcp, vlan_pcp; dl_vlan 0xffff is "no tag"). */
void match_set_field(struct match *, const struct field *, const union field_value *value,
	const union field_value *mask);

/* The field's value and mask.  Returns: true if any bit of it is matched. */
bool match_get_field(const struct match *, const struct field *, union field_value *value,
	union field_value *mask);

/* True if any bit of the field is matched and its prerequisites hold: of fields that share a place (tcp_src,
 * udp_src) only the one that is meant. */
bool match_has_field(const struct match *, const struct field *);

/* Removes whatever is matched without its prerequisites (as OpenFlow 1.0 and ovs-ofctl do).
 * Returns: true if something went. */
bool match_normalize(struct match *);

/* Shorthands; integers in host order, addresses as they are on the wire. */
void match_set_in_port(struct match *, uint32_t ofp_port);
void match_set_eth_type(struct match *, uint16_t eth_type);
void match_set_eth_src(struct match *, const uint8_t mac[6]);
void match_set_eth_dst(struct match *, const uint8_t mac[6]);
void match_set_eth_src_masked(struct match *, const uint8_t mac[6], const uint8_t mask[6]);
void match_set_eth_dst_masked(struct match *, const uint8_t mac[6], const uint8_t mask[6]);
void match_set_vlan_tci_masked(struct match *, uint16_t tci, uint16_t mask);
void match_set_vlan_vid(struct match *, uint16_t vid); /* A tag with this VID. */
void match_set_vlan_none(struct match *); /* No tag. */
void match_set_vlan_any(struct match *); /* Some tag. */
void match_set_ip_proto(struct match *, uint8_t proto);
void match_set_ipv4_src(struct match *, be32 addr, be32 mask);
void match_set_ipv4_dst(struct match *, be32 addr, be32 mask);
void match_set_ipv6_src(struct match *, const uint8_t addr[16], const uint8_t mask[16]);
void match_set_ipv6_dst(struct match *, const uint8_t addr[16], const uint8_t mask[16]);
void match_set_l4_src(struct match *, uint16_t port);
void match_set_l4_dst(struct match *, uint16_t port);
void match_set_l4_src_masked(struct match *, uint16_t port, uint16_t mask);
void match_set_l4_dst_masked(struct match *, uint16_t port, uint16_t mask);
void match_set_metadata(struct match *, uint64_t value, uint64_t mask);
void match_set_reg(struct match *, unsigned int reg, uint32_t value, uint32_t mask);
void match_set_tunnel_id(struct match *, uint64_t value, uint64_t mask);

#endif /* FLOW_MATCH_H */
