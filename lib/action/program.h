/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTION_PROGRAM_H
#define ACTION_PROGRAM_H

/* program: what the datapath does to a packet, as a flat list of native operations.
 *
 * Model    A program is a byte string of operations, each a 'struct op_header' and its body, 4-byte aligned, in
 *          the order in which they run.  It names datapath ports, not OpenFlow ones, and holds no pointers: two
 *          programs do the same if and only if they are the same bytes, which is what interning and
 *          grouping by program rest on.  Translation builds it, the datapath verifies and interns it.
 *          An output sends the packet as it is at that point; edits after it do not reach back.
 *          The empty program drops, and names its reason in an OP_DROP so that the drop is counted.
 * Rules    I1 Every op length is a multiple of 4 and at least its struct's size.
 *          I2 A program that forwards nothing and punts nothing ends in OP_DROP.
 *          I3 An OP_SET_* names a header that the packet is known to have, since the megaflow's mask covers the
 *          fields that tell.
 * Owner    'struct program_buf' is embedded by whoever builds; an interned program belongs to the datapath.
 * Threads  none; plain data.
 * See      datapath/exec.h. */

#include <stdbool.h>

#include "base/compiler.h"

struct str;
struct err;

enum program_op {
	PROGRAM_OP_DROP, /* op_drop: end; count the packet under a reason. */
	PROGRAM_OP_OUTPUT, /* op_output */
	PROGRAM_OP_PUNT, /* op_punt: a copy goes to the control plane. */
	PROGRAM_OP_TRUNC, /* op_trunc: the next output or punt sends at most that many bytes. */
	PROGRAM_OP_SET_ETH, /* op_set_eth */
	PROGRAM_OP_PUSH_VLAN, /* op_vlan */
	PROGRAM_OP_POP_VLAN, /* no body */
	PROGRAM_OP_SET_VLAN, /* op_vlan: outer tag; TPID 0 leaves it. */
	PROGRAM_OP_SET_IPV4, /* op_set_ipv4 */
	PROGRAM_OP_SET_IPV6, /* op_set_ipv6 */
	PROGRAM_OP_SET_PORTS, /* op_set_ports: TCP, UDP or SCTP */
	PROGRAM_OP_SET_ICMP, /* op_set_icmp: ICMP or ICMPv6 */
	PROGRAM_OP_SET_ARP, /* op_set_arp */
	PROGRAM_OP_SET_ND, /* op_set_nd */
	PROGRAM_OP_PUSH_MPLS, /* op_mpls */
	PROGRAM_OP_POP_MPLS, /* op_mpls: eth_type of what is below */
	PROGRAM_OP_SET_MPLS, /* op_mpls: outermost label stack entry */
	PROGRAM_OP_METER, /* op_meter */
	PROGRAM_OP_CLONE, /* op_clone: run the body on a copy, then go on with the packet as it was. */
	PROGRAM_OP_SET_TUNNEL, /* reserved for the tunnel room */
	N_PROGRAM_OPS
};

struct op_header {
	uint16_t type; /* enum program_op */
	uint16_t len; /* Bytes, this header included. */
};

struct op_drop {
	struct op_header h;
	uint32_t reason; /* enum drop_reason of stats/drops.h */
};

struct op_output {
	struct op_header h;
	uint32_t dp_port;
};

struct op_punt {
	struct op_header h;
	uint8_t reason; /* OpenFlow packet-in reason (OFPR_*), numbering of OpenFlow 1.5. */
	uint8_t table_id;
	uint16_t max_len; /* Bytes of the packet wanted; 0xffff: all. */
	uint16_t controller_id;
	uint16_t userdata_len; /* Bytes of user data after the struct (padded to 4). */
	uint32_t bridge_id; /* The pipeline's number of the bridge. */
	uint32_t ofp_in_port;
	uint32_t cookie_hi, cookie_lo; /* The rule's cookie, host order. */
	uint32_t metadata_hi, metadata_lo; /* The metadata field, host order. */
};

struct op_trunc {
	struct op_header h;
	uint32_t max_len;
};

struct op_set_eth {
	struct op_header h;
	uint8_t src[6], dst[6];
	uint8_t src_mask[6], dst_mask[6]; /* One bits are written. */
};

struct op_vlan {
	struct op_header h;
	be16 tpid;
	be16 tci; /* PCP and VID; FLOW_VLAN_PRESENT is not written to the wire. */
};

struct op_set_ipv4 {
	struct op_header h;
	be32 src, dst;
	be32 src_mask, dst_mask;
	uint8_t tos, tos_mask;
	uint8_t ttl, ttl_mask;
};

struct op_set_ipv6 {
	struct op_header h;
	uint8_t src[16], dst[16];
	uint8_t src_mask[16], dst_mask[16];
	be32 label, label_mask;
	uint8_t tclass, tclass_mask;
	uint8_t hlimit, hlimit_mask;
};

struct op_set_ports {
	struct op_header h;
	be16 src, dst;
	be16 src_mask, dst_mask;
};

struct op_set_icmp {
	struct op_header h;
	uint8_t type, type_mask;
	uint8_t code, code_mask;
};

struct op_set_arp {
	struct op_header h;
	be32 spa, tpa;
	be32 spa_mask, tpa_mask;
	uint8_t sha[6], tha[6];
	uint8_t sha_mask[6], tha_mask[6];
	be16 op, op_mask;
};

struct op_set_nd {
	struct op_header h;
	uint8_t target[16], target_mask[16];
	uint8_t sll[6], sll_mask[6];
	uint8_t tll[6], tll_mask[6];
};

struct op_mpls {
	struct op_header h;
	be32 lse;
	be16 eth_type; /* Push: the tag's type; pop: the payload's. */
	uint16_t pad;
};

struct op_meter {
	struct op_header h;
	uint32_t meter; /* The datapath's number of the meter. */
};

/* The body, a program of its own, follows; 'h.len' covers it. */
struct op_clone {
	struct op_header h;
};

/* A program under construction.  Small ones need no heap. */
struct program_buf {
	uint8_t *data; /* 'stub', or heap when it grew. */
	uint32_t len; /* Bytes used. */
	uint32_t alloc;
	bool overflow; /* Grew past PROGRAM_MAX_LEN; what is here is cut off. */
	uint64_t stub[32];
};

#define PROGRAM_MAX_LEN 65532 /* An op's length has 16 bits. */

void program_buf_init(struct program_buf *);
void program_buf_uninit(struct program_buf *);
void program_buf_clear(struct program_buf *);

/* Appends an operation of 'type' with 'len' bytes (rounded up to 4), zeroed after the header.
 * Returns: the place, valid until the next put; never NULL (on overflow a scratch place). */
void *program_put(struct program_buf *, enum program_op type, size_t len);

void program_put_output(struct program_buf *, uint32_t dp_port);
void program_put_drop(struct program_buf *, uint32_t reason);

/* Opens and closes a clone body: 'mark' is what the open call returned. */
uint32_t program_open_clone(struct program_buf *);
void program_close_clone(struct program_buf *, uint32_t mark);

/* Iterates over the operations of 'len' bytes at 'data', which were verified. */
#define PROGRAM_FOREACH(OP, DATA, LEN)                                 \
	for (const struct op_header *OP = (const void *)(DATA);        \
		(const uint8_t *)OP < (const uint8_t *)(DATA) + (LEN); \
		OP = (const void *)((const uint8_t *)OP + OP->len))

/* Checks the rules above over bytes of any origin.
 * Returns: 0, or -EINVAL with 'err' saying which operation and why. */
int program_verify(const void *data, size_t len, struct err *err) MUST_CHECK;

/* Appends the program in the words that people know from OVS's datapath flows: "push_vlan(vid=5,pcp=0),3",
 * "drop", "userspace(...)".  'port_name' may be NULL; it turns a datapath port into a name. */
void program_print(const void *data, size_t len,
	const char *(*port_name)(void *aux, uint32_t dp_port), void *aux, struct str *out);

#endif /* ACTION_PROGRAM_H */
