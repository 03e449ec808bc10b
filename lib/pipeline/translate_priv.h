/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_TRANSLATE_PRIV_H
#define PIPELINE_TRANSLATE_PRIV_H

/* translate: one run of a packet through the tables, on paper.
 *
 * Model    'struct xlate' walks the tables with the packet's key and builds program, mask and contributions.  It tells
 *          apart what the packet is now ('flow', which later tables see) from what the operations emitted so far
 *          have made of it ('base'); an output first commits the difference.
 *          The mask gets a bit when a decision depended on it.  A bit that was overwritten ('written') depends on nothing
 *          any more and is left out.  Bits of VLAN tags are noted at the tag of the key that they came from, since pops and pushes
 *          move tags.
 *          A scope is a part of the program whose edits must not be seen by what follows: it becomes a clone when it
 *          edited anything.
 * Rules    I1 Whatever is read from 'flow' to decide is told to xlate_use(), before or after.
 *          I2 A program that sends nothing ends up as one OP_DROP with the reason last noted.
 * Owner    on the caller's stack; borrows snapshot and rules, so no quiescent state may pass.
 * Threads  handler; main for packet-outs and traces. */

#include <stdbool.h>

#include "action/program.h"
#include "datapath/miss_ops.h"
#include "pipeline/pipeline_priv.h"
#include "stats/drops.h"

#define XLATE_MAX_DEPTH 64 /* Resubmits and patch ports inside each other. */
#define XLATE_MAX_LOOKUPS 4096
#define XLATE_MAX_TAGS 4 /* VLAN tags that are kept track of. */
#define XLATE_MAX_STACK 64 /* Bytes pushed: values of stack_push. */
#define XLATE_MAX_CLONES 7 /* Inside each other, so that program_verify() accepts. */
#define XLATE_MAX_SET 128 /* Actions in an action set. */

#define XLATE_TAG_PUSHED 2 /* vlan_tag.level of a tag that is not the key's. */

struct vlan_tag {
	uint8_t level; /* 0: the key's outer tag, 1: its inner one, or XLATE_TAG_PUSHED. */
	be16 tci, tpid; /* As in struct flow. */
	uint16_t written; /* Bits of the TCI that depend on nothing (host order). */
	be16 base_tci; /* What the operations have made of it. */
	uint16_t base_written;
	bool is_pending; /* Not pushed yet: the packet does not have it. */
};

/* What a scope saves and puts back. */
struct xlate_state {
	struct flow flow, written;
	struct flow base, base_written;
	struct vlan_tag tags[XLATE_MAX_TAGS]; /* Innermost first. */
	uint8_t n_tags;
	uint8_t n_key_tags; /* The key's. */
	uint8_t n_pops; /* Tags that the packet still has in front of those in 'tags' that are not pending. */
	uint8_t n_labels; /* MPLS labels known. */
	bool inner_unknown; /* What is behind the labels was never parsed, or is out of reach. */
	const struct snap_bridge *bridge;
	const struct snap_port *in_port; /* NULL: the packet came in by no port. */
};

struct xlate_trace; /* trace.c */

struct xlate {
	struct pipeline *pipeline;
	const struct snapshot *snapshot;
	uint64_t version;
	struct miss_verdict *verdict;
	struct xlate_state s;

	/* The rule being carried out. */
	const struct rule *rule; /* NULL: a packet-out's actions. */
	uint8_t table_id;
	bool in_action_set;

	const struct ofpact *set[XLATE_MAX_SET]; /* The action set, in order of writing. */
	unsigned int n_set;
	const struct rule *set_rule; /* That wrote last. */
	uint8_t set_table_id; /* Where. */

	/* stack_push and stack_pop. */
	struct {
		union field_value value;
		uint16_t n_bits;
	} stack[XLATE_MAX_STACK];
	unsigned int n_stack;

	unsigned int depth, n_lookups;
	unsigned int n_resubmits; /* Inside each other, in this bridge. */
	bool exit; /* No more actions. */
	bool failed; /* Nothing of the program counts; 'reason' says why. */
	enum drop_reason reason; /* Why nothing was sent, if nothing was. */

	uint32_t sent_len; /* Bytes of the program up to the last output or punt. */
	unsigned int n_edits; /* Operations that change the packet. */
	unsigned int clone_depth; /* Of clones in the scope at hand. */

	struct contrib *contribs;
	size_t n_contribs, n_contribs_alloc;
	struct xlate_trace *trace; /* NULL: no notes are kept. */
};

/* ---- translate.c ---- */

/* Starts a run for a packet with 'key', whose in_port is 'in_port' of 'bridge' (NULL: 'ofp_in_port' is not a port). */
void xlate_init(struct xlate *, struct pipeline *, const struct snapshot *, const struct flow *key,
	struct miss_verdict *);
void xlate_enter(struct xlate *, const struct snap_bridge *, const struct snap_port *in_port,
	uint32_t ofp_in_port);

/* Input processing at s.in_port, table 0, and all that follows. */
void xlate_receive(struct xlate *);

void xlate_table(struct xlate *, uint8_t table_id);

/* Carries out a list; returns the table that it says to go to, or -1. */
int xlate_actions(struct xlate *, const struct ofpacts *);
void xlate_action_set(struct xlate *);

/* Finishes program, mask and contributions. */
void xlate_finish(struct xlate *);

void xlate_fail(struct xlate *, enum drop_reason);

/* A reference to the cell goes with it. */
struct contrib *xlate_contrib(struct xlate *, enum contrib_type);

/* Notes that the bits of 'bits' (in terms of s.flow) were looked at. */
void xlate_use(struct xlate *, const struct flow *bits);

/* The same for 'len' bytes at 'ofs' of struct flow. */
void xlate_use_bytes(struct xlate *, size_t ofs, size_t len);

#define XLATE_USE(X, MEMBER) \
	xlate_use_bytes(X, offsetof(struct flow, MEMBER), sizeof((struct flow *)NULL)->MEMBER)

/* Bits of the outer TCI, host order. */
void xlate_use_tci(struct xlate *, uint16_t bits);

/* ---- output.c ---- */

/* Sends the packet as it is to a port of the bridge, whatever it is backed by. */
void xlate_output_port(struct xlate *, const struct snap_port *);

/* The output action: a port number or a reserved one. */
void xlate_output(struct xlate *, uint32_t ofp_port);
void xlate_punt(struct xlate *, uint8_t reason, uint16_t max_len, uint16_t controller_id);

struct xlate_scope {
	struct xlate_state saved;
	uint32_t start;
	unsigned int n_edits, clone_depth;
};

void xlate_scope_begin(struct xlate *, struct xlate_scope *);
void xlate_scope_end(struct xlate *, struct xlate_scope *);

/* ---- commit.c ---- */

/* Emits what turns 'base' into 'flow'. */
void xlate_commit(struct xlate *);

void xlate_init_tags(struct xlate *, const struct flow *key);
void xlate_push_vlan(struct xlate *, uint16_t tpid);
void xlate_push_vlan_tci(struct xlate *, uint16_t tpid, uint16_t tci);
void xlate_pop_vlan(struct xlate *);
/* Writes the bits of 'mask' of the outer TCI; there is a tag. */
void xlate_set_tci(struct xlate *, uint16_t tci, uint16_t mask);
void xlate_push_mpls(struct xlate *, uint16_t eth_type);
void xlate_pop_mpls(struct xlate *, uint16_t eth_type);

/* Sets every byte of what stands behind the Ethernet type and labels in 'f' to 'to'. */
void xlate_fill_inner(struct flow *f, int to);

/* ---- field_action.c ---- */

void xlate_set_field(struct xlate *, const struct field *, const union field_value *value,
	const union field_value *mask);
void xlate_reg_move(struct xlate *, const struct of_subfield *src, const struct of_subfield *dst);
void xlate_stack_push(struct xlate *, const struct of_subfield *);
void xlate_stack_pop(struct xlate *, const struct of_subfield *);
uint64_t xlate_read_subfield(struct xlate *, const struct of_subfield *);

/* ---- normal.c ---- */

void xlate_normal(struct xlate *);

/* True if NORMAL may send packets of 'vlan' out of the port. */
bool normal_port_has_vlan(const struct snap_port *, uint16_t vlan);

/* ---- trace.c ---- */

void xlate_note_(struct xlate *, const char *fmt, ...) PRINTF_FORMAT(2, 3);
void
xlate_note_rule(struct xlate *, uint8_t table_id, const struct rule *); /* NULL: none matched. */
void xlate_note_action(struct xlate *, const struct ofpact *);
void xlate_note_enter(
	struct xlate *); /* Notes from here on stand further in, until xlate_note_leave(). */
void xlate_note_leave(struct xlate *);

#define xlate_note(X, ...)                           \
	do {                                         \
		if ((X)->trace != NULL)              \
			xlate_note_(X, __VA_ARGS__); \
	} while (0)

#endif /* PIPELINE_TRANSLATE_PRIV_H */
