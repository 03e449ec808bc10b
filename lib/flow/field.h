/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_FIELD_H
#define FLOW_FIELD_H

/* field: the one table of match fields.
 *
 * Model    A field is a name for some bits of 'struct flow': where they are, how wide they are on the wire, how
 *          people write them, what OpenFlow calls them (OXM and NXM ids), and which other fields must be matched for
 *          them to mean anything (prerequisites).  Several fields may name the same bits: tcp_src and udp_src, reg0
 *          and xreg0, vlan_tci and vlan_vid, the two in_port forms.  Everything that speaks of fields (codec,
 *          text, set-field, packet-in) goes through this table; a new field is one row in field_table.c.
 *          Values are exchanged as they are in an OXM: 'n_bytes' bytes in network order, value in the low bits.
 * Rules    I1 Bits of a value above 'n_bits' are zero; field_value_is_valid() says whether they are.
 *          I2 Reading what was written gives it back; writing touches no bit of another place.
 * Owner    constant data.
 * Threads  any.
 * See      flow/key.h, Documentation/topics/flow.rst. */

#include <stdbool.h>

#include "flow/key.h"

/* In the order in which a match lists them on the wire: prerequisites come before what needs them. */
enum field_id {
	FIELD_DP_HASH,
	FIELD_RECIRC_ID,
	FIELD_PACKET_TYPE,
	FIELD_CONJ_ID,
	FIELD_TUN_ID,
	FIELD_TUN_SRC,
	FIELD_TUN_DST,
	FIELD_TUN_IPV6_SRC,
	FIELD_TUN_IPV6_DST,
	FIELD_TUN_FLAGS,
	FIELD_TUN_TTL,
	FIELD_TUN_TOS,
	FIELD_TUN_GBP_ID,
	FIELD_TUN_GBP_FLAGS,
	FIELD_METADATA,
	FIELD_IN_PORT, /* 16 bits, as in OpenFlow 1.0 and NXM. */
	FIELD_IN_PORT_OXM, /* 32 bits. */
	FIELD_ACTSET_OUTPUT,
	FIELD_SKB_PRIORITY,
	FIELD_PKT_MARK,
	FIELD_CT_STATE,
	FIELD_CT_ZONE,
	FIELD_CT_MARK,
	FIELD_CT_LABEL,
	FIELD_REG0, /* The registers of each kind stand together, in order. */
	FIELD_REG1,
	FIELD_REG2,
	FIELD_REG3,
	FIELD_REG4,
	FIELD_REG5,
	FIELD_REG6,
	FIELD_REG7,
	FIELD_REG8,
	FIELD_REG9,
	FIELD_REG10,
	FIELD_REG11,
	FIELD_REG12,
	FIELD_REG13,
	FIELD_REG14,
	FIELD_REG15,
	FIELD_XREG0,
	FIELD_XREG1,
	FIELD_XREG2,
	FIELD_XREG3,
	FIELD_XREG4,
	FIELD_XREG5,
	FIELD_XREG6,
	FIELD_XREG7,
	FIELD_XXREG0,
	FIELD_XXREG1,
	FIELD_XXREG2,
	FIELD_XXREG3,
	FIELD_ETH_DST,
	FIELD_ETH_SRC,
	FIELD_ETH_TYPE,
	FIELD_VLAN_TCI, /* NXM: TCI with bit 12 saying that there is a tag. */
	FIELD_DL_VLAN, /* OpenFlow 1.0: VID, 12 bits. */
	FIELD_DL_VLAN_PCP, /* OpenFlow 1.0 */
	FIELD_VLAN_VID, /* OpenFlow 1.2: VID with bit 12 saying that there is a tag. */
	FIELD_VLAN_PCP,
	FIELD_MPLS_LABEL,
	FIELD_MPLS_TC,
	FIELD_MPLS_BOS,
	FIELD_MPLS_TTL,
	FIELD_PBB_ISID,
	FIELD_PBB_UCA,
	FIELD_IPV4_SRC,
	FIELD_IPV4_DST,
	FIELD_IPV6_SRC,
	FIELD_IPV6_DST,
	FIELD_IPV6_LABEL,
	FIELD_IPV6_EXTHDR,
	FIELD_IP_PROTO,
	FIELD_IP_DSCP, /* 6 bits, in the low bits of the value. */
	FIELD_NW_TOS, /* The same, in the high bits, as NXM has it. */
	FIELD_IP_ECN,
	FIELD_NW_TTL,
	FIELD_IP_FRAG,
	FIELD_ARP_OP,
	FIELD_ARP_SPA,
	FIELD_ARP_TPA,
	FIELD_ARP_SHA,
	FIELD_ARP_THA,
	FIELD_CT_NW_PROTO,
	FIELD_CT_NW_SRC,
	FIELD_CT_NW_DST,
	FIELD_CT_IPV6_SRC,
	FIELD_CT_IPV6_DST,
	FIELD_CT_TP_SRC,
	FIELD_CT_TP_DST,
	FIELD_TCP_SRC,
	FIELD_TCP_DST,
	FIELD_TCP_FLAGS,
	FIELD_UDP_SRC,
	FIELD_UDP_DST,
	FIELD_SCTP_SRC,
	FIELD_SCTP_DST,
	FIELD_ICMPV4_TYPE,
	FIELD_ICMPV4_CODE,
	FIELD_ICMPV6_TYPE,
	FIELD_ICMPV6_CODE,
	FIELD_ND_TARGET,
	FIELD_ND_SLL,
	FIELD_ND_TLL,
	FIELD_ND_RESERVED,
	FIELD_ND_OPTIONS_TYPE,
	N_FIELDS
};

/* How people write a field. */
enum field_format {
	FIELD_FMT_DECIMAL,
	FIELD_FMT_HEX,
	FIELD_FMT_ETHERNET,
	FIELD_FMT_IPV4,
	FIELD_FMT_IPV6,
	FIELD_FMT_PORT, /* OpenFlow port, 32 bits */
	FIELD_FMT_PORT10, /* OpenFlow port, 16 bits */
	FIELD_FMT_FRAG, /* no, yes, first, later, not_later */
	FIELD_FMT_TCP_FLAGS,
	FIELD_FMT_TUN_FLAGS,
	FIELD_FMT_CT_STATE,
	FIELD_FMT_PACKET_TYPE /* (ns,type) */
};

/* What must be matched exactly for a field to mean anything. */
enum field_prereq {
	FIELD_PREREQ_NONE,
	FIELD_PREREQ_ARP, /* ARP or RARP */
	FIELD_PREREQ_VLAN, /* A tag is there. */
	FIELD_PREREQ_IPV4,
	FIELD_PREREQ_IPV6,
	FIELD_PREREQ_IP, /* IPv4 or IPv6 */
	FIELD_PREREQ_MPLS,
	FIELD_PREREQ_PBB,
	FIELD_PREREQ_CT, /* The connection's original direction is known, and IP. */
	FIELD_PREREQ_TCP,
	FIELD_PREREQ_UDP,
	FIELD_PREREQ_SCTP,
	FIELD_PREREQ_ICMPV4,
	FIELD_PREREQ_ICMPV6,
	FIELD_PREREQ_ND, /* Neighbour solicitation or advertisement */
	FIELD_PREREQ_ND_SOLICIT,
	FIELD_PREREQ_ND_ADVERT
};

/* Where a field lives. */
enum field_store {
	FIELD_STORE_WIRE, /* 'size' bytes in network order, or an array of bytes. */
	FIELD_STORE_HOST, /* An integer of 'size' bytes. */
	FIELD_STORE_XREG, /* Two registers. */
	FIELD_STORE_XXREG, /* Four registers. */
	FIELD_STORE_IPV4_MAPPED, /* The last four bytes of an IPv4-mapped address. */
	FIELD_STORE_PORT10, /* A port number, 16 bits on the wire. */
	FIELD_STORE_DSCP /* The high six bits of a byte, in the high bits of the value as well. */
};

#define FIELD_CLASS_NXM0 0x0000
#define FIELD_CLASS_NXM1 0x0001
#define FIELD_CLASS_ERICSSON 0x1000
#define FIELD_CLASS_BASIC 0x8000
#define FIELD_CLASS_PKT_REG 0x8001
#define FIELD_CLASS_EXPERIMENTER 0xffff
#define FIELD_EXPERIMENTER_ONF 0x4f4e4600u

/* One code point.  'since' is the wire version of OpenFlow from which it is to be sent (1 is OpenFlow 1.0, 4 is
 * 1.3); 0 ends a list. */
struct field_oxm {
	uint16_t oxm_class;
	uint8_t oxm_field; /* 7 bits */
	uint8_t since;
	uint32_t
		experimenter; /* With FIELD_CLASS_EXPERIMENTER: follows the header, and the length counts it. */
};

#define FIELD_N_OXMS 3

struct field {
	const char *name; /* As ovs-ofctl prints it in set_field and tables. */
	const char *alias; /* Another name, or NULL. */
	const char *alias2; /* A third (OpenFlow's own), or NULL. */
	uint16_t n_bytes; /* Of a value. */
	uint16_t n_bits; /* Of those that may be one. */
	bool maskable; /* Any mask; else all bits or none. */
	bool writable; /* By set-field and load. */
	enum field_format format;
	enum field_prereq prereq;
	enum field_store store;
	uint16_t ofs; /* In 'struct flow'. */
	uint8_t size; /* Bytes there. */
	uint8_t shift; /* The field's lowest bit in the integer there. */
	struct field_oxm oxms[FIELD_N_OXMS]; /* Best first: NXM ids last. */
};

union field_value {
	uint8_t b[16]; /* 'n_bytes' of them, network order. */
	uint8_t u8;
	be16 be16;
	be32 be32;
	be64 be64;
};

extern const struct field field_table[N_FIELDS];

static inline const struct field *
field_get(enum field_id id)
{
	return &field_table[id];
}

static inline enum field_id
field_id(const struct field *f)
{
	return (enum field_id)(f - field_table);
}

/* The field of that name or alias, or NULL. */
const struct field *field_by_name(const char *name);

/* The field of a code point, or NULL.  'experimenter' counts only with FIELD_CLASS_EXPERIMENTER.  The length of the
 * payload is the field's 'n_bytes' (twice with a mask). */
const struct field *field_by_oxm(uint16_t oxm_class, uint8_t oxm_field, uint32_t experimenter);

/* The code point to send to a peer that speaks OpenFlow 'version' (wire number) and, with 'nxm', the Nicira
 * form; one that is younger than 'version' is used only if there is no other.  NULL: the field has none. */
const struct field_oxm *field_oxm_for(const struct field *, uint8_t version, bool nxm);

/* Values as integers: the field's low 64 bits. */
uint64_t field_value_u64(const struct field *, const union field_value *);
void field_value_set_u64(const struct field *, union field_value *, uint64_t);

/* All of the field's bits. */
void field_value_set_ones(const struct field *, union field_value *);

bool field_value_is_zero(const struct field *, const union field_value *);
bool field_value_is_ones(const struct field *, const union field_value *);
bool field_value_equal(const struct field *, const union field_value *, const union field_value *);

/* False if a value has bits that the field cannot hold (I1, and an ARP opcode above 255). */
bool field_value_is_valid(const struct field *, const union field_value *);

/* False if the field cannot be matched under that mask. */
bool field_mask_is_valid(const struct field *, const union field_value *mask);

/* The field's bits in 'flow' (a key or a mask). */
void field_read(const struct field *, const struct flow *flow, union field_value *);

/* Writes all of its bits, or those that are one in 'mask'; nothing else changes. */
void field_write(const struct field *, const union field_value *, struct flow *flow);
void field_write_masked(const struct field *, const union field_value *,
	const union field_value *mask, struct flow *flow);

/* Sets all bits of the field in 'mask': "this was looked at". */
void field_mask(const struct field *, struct flow *mask);

/* The same for the field's prerequisites. */
void field_mask_prereqs(const struct field *, struct flow *mask);

/* True if a packet with key 'flow' has the field. */
bool field_prereqs_hold(const struct field *, const struct flow *flow);

/* True if whatever matches 'value' under 'mask' has the field. */
bool
field_prerequisites_ok(const struct field *, const struct flow *value, const struct flow *mask);

/* True for the second name of bits that another field names too, when listing a match: xregs, the OpenFlow
 * 1.0 and NXM forms of VLAN, in_port, nw_tos, and the IPv4 form of tunnel addresses.  A codec that speaks those dialects
 * picks them by itself. */
bool field_is_secondary(const struct field *);

#endif /* FLOW_FIELD_H */
