/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_OFPACT_H
#define OPENFLOW_OFPACT_H

/* ofpact: the actions and instructions of a rule, decoded.
 *
 * Model    One packed list of variable-sized elements in the order in which they take effect.
 *          Instructions are elements too: apply-actions stands in the list as its actions, the
 *          others have types of their own, in the order METER, (applied actions), CLEAR_ACTIONS,
 *          WRITE_ACTIONS, WRITE_METADATA, GOTO_TABLE. What several wire actions say in the same way
 *          is one type: every action that sets a field or a part of one is SET_FIELD, with a 'form'
 *          that only matters for printing.  Setting the VLAN id or priority by the actions of
 *          OpenFlow 1.0 is apart, because it pushes a tag onto a packet without one.  Port numbers
 *          are those of flow/ofp_port.h, whatever the version.
 * Rules    I1 Each element begins at a multiple of 8 bytes; 'len' is its size and a multiple of 8.
 *          I2 A list that of_actions_decode() or of_instructions_decode() accepted encodes again in
 *             the same version.
 *          I3 ofpacts_check() accepts only lists that the pipeline can run.
 * Owner    struct ofpacts owns its bytes unless it was made by ofpacts_view(); elements own
 *          nothing.
 * Threads  any, one at a time for writing.
 * See      tests/unit/openflow/ofpact_test.c, tests/fuzz/openflow_fuzz.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/field.h"
#include "flow/match.h"
#include "openflow/buf.h"
#include "openflow/error.h"
#include "openflow/port.h"

/* X(TYPE, struct).  'ofpact_empty' has nothing but the header.  The struct of OFPACT_<TYPE> is got
 * with the list's pointer cast by OFPACT_GET(). */
#define OFPACT_LIST(X)                       \
	X(OUTPUT, ofpact_output)             \
	X(CONTROLLER, ofpact_controller)     \
	X(ENQUEUE, ofpact_enqueue)           \
	X(OUTPUT_REG, ofpact_output_reg)     \
	X(SET_FIELD, ofpact_set_field)       \
	X(SET_VLAN_VID, ofpact_set_vlan_vid) \
	X(SET_VLAN_PCP, ofpact_set_vlan_pcp) \
	X(STRIP_VLAN, ofpact_empty)          \
	X(PUSH_VLAN, ofpact_ethertype)       \
	X(PUSH_MPLS, ofpact_ethertype)       \
	X(POP_MPLS, ofpact_ethertype)        \
	X(PUSH_PBB, ofpact_ethertype)        \
	X(POP_PBB, ofpact_empty)             \
	X(SET_TTL, ofpact_ttl)               \
	X(DEC_TTL, ofpact_dec_ttl)           \
	X(SET_MPLS_TTL, ofpact_ttl)          \
	X(DEC_MPLS_TTL, ofpact_empty)        \
	X(COPY_TTL_OUT, ofpact_empty)        \
	X(COPY_TTL_IN, ofpact_empty)         \
	X(REG_MOVE, ofpact_reg_move)         \
	X(STACK_PUSH, ofpact_stack)          \
	X(STACK_POP, ofpact_stack)           \
	X(SET_TUNNEL, ofpact_set_tunnel)     \
	X(SET_QUEUE, ofpact_set_queue)       \
	X(POP_QUEUE, ofpact_empty)           \
	X(GROUP, ofpact_group)               \
	X(RESUBMIT, ofpact_resubmit)         \
	X(NOTE, ofpact_note)                 \
	X(EXIT, ofpact_empty)                \
	/* Instructions. */                  \
	X(METER, ofpact_meter)               \
	X(CLEAR_ACTIONS, ofpact_empty)       \
	X(WRITE_ACTIONS, ofpact_nest)        \
	X(WRITE_METADATA, ofpact_metadata)   \
	X(GOTO_TABLE, ofpact_goto_table)

#define OFPACT_ENUM(TYPE, STRUCT) OFPACT_##TYPE,
enum ofpact_type {
	OFPACT_LIST(OFPACT_ENUM) N_OFPACTS
};

/* The head of each element. */
struct ofpact {
	uint16_t type; /* enum ofpact_type. */
	uint16_t len; /* Bytes of the element with its head and padding. */
};

/* STRIP_VLAN, POP_PBB, DEC_MPLS_TTL, COPY_TTL_OUT, COPY_TTL_IN, POP_QUEUE, EXIT, CLEAR_ACTIONS. */
struct ofpact_empty {
	struct ofpact ofpact;
	uint8_t form; /* enum ofpact_form: a STRIP_VLAN of 1.0 is OFPACT_FORM_LEGACY.  For people. */
};

/* OUTPUT: to any port but the controller. */
struct ofpact_output {
	struct ofpact ofpact;
	uint32_t port; /* OFP_PORT_* for the reserved ones. */
	uint16_t max_len; /* As sent; meaningless. */
};

/* CONTROLLER: a packet-in. */
struct ofpact_controller {
	struct ofpact ofpact;
	uint16_t max_len; /* Bytes of the packet to send; 0xffff is all, unbuffered. */
	uint16_t controller_id; /* Those controllers that set this id; 0 unless they did. */
	uint8_t reason; /* OF_PACKET_IN_*. */
	bool extended; /* Nicira's action rather than output to CONTROLLER. */
};

/* ENQUEUE (1.0): output through a queue. */
struct ofpact_enqueue {
	struct ofpact ofpact;
	uint32_t port; /* A port, IN_PORT or LOCAL. */
	uint32_t queue; /* Queue id at the port. */
};

/* Some bits of a field: 'n_bits' bits from bit 'ofs' on, bit 0 being the least significant. */
struct of_subfield {
	enum field_id field;
	uint16_t ofs;
	uint16_t n_bits;
};

/* OUTPUT_REG: to the port whose number a field has. */
struct ofpact_output_reg {
	struct ofpact ofpact;
	uint16_t max_len; /* If that is the controller. */
	struct of_subfield src;
};

enum ofpact_form {
	OFPACT_FORM_SET_FIELD, /* "set_field:VALUE[/MASK]->FIELD" */
	OFPACT_FORM_LEGACY, /* "mod_dl_src:VALUE" and so on; see ofpact_set_field_id(). */
	OFPACT_FORM_LOAD, /* "load:VALUE->FIELD[BITS]"; the mask is one run of ones. */
};

/* SET_FIELD: the bits of 'mask' of 'field' become those of 'value'; a packet that lacks the field
 * is left alone. */
struct ofpact_set_field {
	struct ofpact ofpact;
	uint8_t form; /* enum ofpact_form, for people. */
	enum field_id field;
	union field_value value; /* No bit outside 'mask'. */
	union field_value mask; /* All ones for a whole field. */
};

/* SET_VLAN_VID (1.0's). */
struct ofpact_set_vlan_vid {
	struct ofpact ofpact;
	uint16_t vid; /* 12 bits. */
	bool push_if_needed; /* A packet without a tag gets one. */
};

/* SET_VLAN_PCP (1.0's). */
struct ofpact_set_vlan_pcp {
	struct ofpact ofpact;
	uint8_t pcp; /* 3 bits. */
	bool push_if_needed; /* A packet without a tag gets one, with VLAN 0. */
};

/* PUSH_VLAN, PUSH_MPLS, PUSH_PBB: the new outer type.  POP_MPLS: the type of what is inside. */
struct ofpact_ethertype {
	struct ofpact ofpact;
	uint16_t ethertype; /* Host order. */
};

/* SET_TTL, SET_MPLS_TTL. */
struct ofpact_ttl {
	struct ofpact ofpact;
	uint8_t ttl;
};

/* DEC_TTL: the controllers with one of these ids are told of an expired TTL. */
struct ofpact_dec_ttl {
	struct ofpact ofpact;
	bool extended; /* The ids were given; otherwise there is one, 0. */
	uint16_t n_ids; /* At least 1. */
	uint16_t ids[];
};

/* REG_MOVE: both have the same number of bits. */
struct ofpact_reg_move {
	struct ofpact ofpact;
	struct of_subfield src;
	struct of_subfield dst;
};

/* STACK_PUSH, STACK_POP. */
struct ofpact_stack {
	struct ofpact ofpact;
	struct of_subfield subfield;
};

/* SET_TUNNEL. */
struct ofpact_set_tunnel {
	struct ofpact ofpact;
	bool wide; /* The 64-bit action. */
	uint64_t tunnel_id; /* Host order. */
};

struct ofpact_set_queue {
	struct ofpact ofpact;
	uint32_t queue;
};

struct ofpact_group {
	struct ofpact ofpact;
	uint32_t group;
};

#define OFPACT_RESUBMIT_SAME_TABLE 0xff

/* RESUBMIT: look the packet up again as if it had come in at 'port'. */
struct ofpact_resubmit {
	struct ofpact ofpact;
	uint32_t port; /* OFP_PORT_IN_PORT: the port stays. */
	uint8_t table; /* OFPACT_RESUBMIT_SAME_TABLE: the table of the rule. */
	bool has_table; /* The action that names a table. */
};

/* NOTE: does nothing. */
struct ofpact_note {
	struct ofpact ofpact;
	uint32_t n; /* Bytes, with the wire's padding. */
	uint8_t data[];
};

struct ofpact_meter {
	struct ofpact ofpact;
	uint32_t meter;
};

/* WRITE_ACTIONS: the nested list, 8-byte aligned. */
struct ofpact_nest {
	struct ofpact ofpact;
	uint8_t pad[4];
	uint8_t data[]; /* ofpact.len - sizeof(struct ofpact_nest) bytes of elements. */
};

struct ofpact_metadata {
	struct ofpact ofpact;
	uint8_t pad[4];
	uint64_t metadata; /* Host order. */
	uint64_t mask; /* Host order. */
};

struct ofpact_goto_table {
	struct ofpact ofpact;
	uint8_t table;
};

struct ofpacts {
	uint8_t *data; /* 8-byte aligned elements; NULL if there are none. */
	size_t len; /* Of all elements in bytes. */
	size_t alloc; /* Room at 'data'; 0 for a view. */
};

#define OFPACTS_INIT       \
	{                  \
		NULL, 0, 0 \
	}

/* For each 'A' (const struct ofpact *) of 'LIST' (const struct ofpacts *). */
#define OFPACT_FOREACH(A, LIST) \
	for ((A) = ofpacts_begin(LIST); (A) != ofpacts_end(LIST); (A) = ofpact_next(A))

/* The element 'A' as its struct: OFPACT_GET(output, a)->port. */
#define OFPACT_GET(NAME, A) ((const struct ofpact_##NAME *)(const void *)(A))

static inline const struct ofpact *
ofpacts_begin(const struct ofpacts *list)
{
	return (const struct ofpact *)(const void *)list->data;
}

static inline const struct ofpact *
ofpacts_end(const struct ofpacts *list)
{
	return list->data == NULL ? NULL
				  : (const struct ofpact *)(const void *)(list->data + list->len);
}

static inline const struct ofpact *
ofpact_next(const struct ofpact *a)
{
	return (const struct ofpact *)(const void *)((const uint8_t *)a + a->len);
}

void ofpacts_init(struct ofpacts *list);
/* Frees what 'list' owns and leaves it empty. */
void ofpacts_uninit(struct ofpacts *list);
/* Forgets the elements and keeps the room. */
void ofpacts_clear(struct ofpacts *list);
/* Makes 'dst', which is overwritten, a copy of 'src' with bytes of its own. */
void ofpacts_clone(struct ofpacts *dst, const struct ofpacts *src);
/* True if both have the same elements. */
bool ofpacts_equal(const struct ofpacts *a, const struct ofpacts *b);
/* A list that borrows the elements inside the write-actions instruction 'nest'. */
struct ofpacts ofpacts_view(const struct ofpact_nest *nest);

/* Appends an element of 'type', all zeros but for its head, with 'extra' bytes behind its struct,
 * and returns it; the pointer is good until the next append.  Owner: 'list'. */
void *ofpacts_put(struct ofpacts *list, enum ofpact_type type, size_t extra);

/* Appends SET_FIELD of a whole field. */
struct ofpact_set_field *
ofpacts_put_set_field(struct ofpacts *list, enum field_id field, const union field_value *value);

/* The field that 'a' sets in a packet with key 'flow': a->field, but the legacy actions for
 * transport ports name the TCP field and mean that of TCP, UDP or SCTP, whatever the packet is. */
enum field_id ofpact_set_field_id(const struct ofpact_set_field *a, const struct flow *flow);

/* Appends OUTPUT, or CONTROLLER for OFP_PORT_CONTROLLER. */
void ofpacts_put_output(struct ofpacts *list, uint32_t port, uint16_t max_len);

/* True if an instruction: METER, CLEAR_ACTIONS, WRITE_ACTIONS, WRITE_METADATA, GOTO_TABLE. */
bool ofpact_is_instruction(const struct ofpact *a);

/* True if 'list' outputs to 'port' or, in write-actions too, enqueues to it: what out_port of a
 * flow-mod asks. */
bool ofpacts_output_to_port(const struct ofpacts *list, uint32_t port);
/* True if 'list' has a group action for 'group'. */
bool ofpacts_output_to_group(const struct ofpacts *list, uint32_t group);

/* Appends the actions in the 'len' bytes at 'data' to 'list'.  On failure 'list' is as it was
 * before.
 * Returns: OFERROR_OK or an OFPBAC_* error and the like. */
MUST_CHECK enum oferror
of_actions_decode(enum of_version version, const void *data, size_t len, struct ofpacts *list);

/* As of_actions_decode(), for instructions, which in 1.0 are actions. */
MUST_CHECK enum oferror
of_instructions_decode(enum of_version version, const void *data, size_t len, struct ofpacts *list);

/* Appends 'list' as wire actions; instructions in it that 'version' can say as an action (Nicira's)
 * are said so, and others are left out. */
void of_actions_encode(enum of_version version, const struct ofpacts *list, struct of_buf *b);

/* Appends 'list' as instructions (1.1 and later), or as actions (1.0). */
void of_instructions_encode(enum of_version version, const struct ofpacts *list, struct of_buf *b);

/* What a list of actions is checked against. */
struct ofpacts_check {
	const struct match
		*match; /* The rule's match; NULL: nothing is known, as for a packet-out. */
	uint32_t
		max_ports; /* Ports from this number up to the reserved ones are refused; 0: no limit. */
	uint8_t table_id; /* The rule's table. */
	unsigned int n_tables; /* goto-table must stay below; 0: not checked. */
	/* Refuse fields whose prerequisites the match does not have (1.1+); otherwise that is left
	 * to run time. */
	bool consistent;
	bool (*group_exists)(void *aux, uint32_t group); /* May be NULL: not checked. */
	bool (*meter_exists)(void *aux, uint32_t meter); /* May be NULL: not checked. */
	void *aux; /* For the two. */
};

/* Checks that 'list' makes sense: OFPBAC_BAD_OUT_PORT, OFPBAC_MATCH_INCONSISTENT,
 * OFPBAC_BAD_SET_ARGUMENT, OFPBAC_BAD_ARGUMENT, OFPBAC_BAD_OUT_GROUP, OFPMMFC_INVALID_METER,
 * OFPBIC_BAD_TABLE_ID.
 * Returns: OFERROR_OK or the error of the first element that is wrong. */
MUST_CHECK enum oferror
ofpacts_check(const struct ofpacts *list, const struct ofpacts_check *check);

#endif /* OPENFLOW_OFPACT_H */
