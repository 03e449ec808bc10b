/* SPDX-License-Identifier: Apache-2.0 */
/* commit: turning changed fields into operations.
 *
 * Fields are written lazily: before an output, whatever was written since the last one and may differ from the packet
 * becomes one operation per header, and tags are pushed and popped.  Labels are pushed and popped at once, because that moves the
 * headers behind them. */

#include <arpa/inet.h>
#include <string.h>

#include "pipeline/translate_priv.h"

#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_RARP 0x8035
#define ETH_TYPE_IPV6 0x86dd
#define ETH_TYPE_MPLS 0x8847
#define ETH_TYPE_MPLS_MC 0x8848
#define ETH_TYPE_VLAN 0x8100

#define MPLS_BOS 0x100u
#define MPLS_TTL 0xffu

/* ---- Fields ---- */

/* Takes a field of 'len' bytes at 'ofs' for an operation if it was written and may differ from the packet: value and mask of
 * the written bits go to 'value' and 'mask'.  Whether it may is decided by bits that are in the mask already, so that the
 * answer is the same for all packets that the verdict is for.
 * Returns: whether it was taken. */
static bool
take(struct xlate *x, size_t ofs, size_t len, void *value, void *mask)
{
	uint8_t *base = (uint8_t *)&x->s.base + ofs, *known = (uint8_t *)&x->s.base_written + ofs;
	const uint8_t *flow = (const uint8_t *)&x->s.flow + ofs;
	const uint8_t *written = (const uint8_t *)&x->s.written + ofs;
	const uint8_t *used = (const uint8_t *)&x->verdict->mask + ofs;
	uint8_t needed = 0;

	for (size_t i = 0; i < len; i++)
		needed |= written[i] & (uint8_t)(~(known[i] | used[i]) | (flow[i] ^ base[i]));
	if (needed == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		((uint8_t *)value)[i] = flow[i] & written[i];
		((uint8_t *)mask)[i] = written[i];
		base[i] = (uint8_t)((base[i] & ~written[i]) | (flow[i] & written[i]));
		known[i] |= written[i];
	}
	return true;
}

#define TAKE(X, MEMBER, OP, TO)                                                               \
	take(X, offsetof(struct flow, MEMBER), sizeof((struct flow *)NULL)->MEMBER, &(OP).TO, \
		&(OP).TO##_mask)

/* Appends an operation that was built on the stack. */
static void
emit(struct xlate *x, enum program_op type, const void *op, size_t size)
{
	struct op_header *h = program_put(&x->verdict->program, type, size);

	memcpy(h + 1, (const struct op_header *)op + 1, size - sizeof *h);
	x->n_edits++;
}

static void
commit_eth(struct xlate *x)
{
	struct op_set_eth op;
	bool any;

	memset(&op, 0, sizeof op);
	any = TAKE(x, eth_src, op, src);
	any |= TAKE(x, eth_dst, op, dst);
	if (any)
		emit(x, PROGRAM_OP_SET_ETH, &op, sizeof op);
}

static void
commit_ipv4(struct xlate *x)
{
	struct op_set_ipv4 op;
	bool any;

	memset(&op, 0, sizeof op);
	any = TAKE(x, ip_src, op, src);
	any |= TAKE(x, ip_dst, op, dst);
	any |= TAKE(x, ip_tos, op, tos);
	any |= TAKE(x, ip_ttl, op, ttl);
	if (any)
		emit(x, PROGRAM_OP_SET_IPV4, &op, sizeof op);
}

static void
commit_ipv6(struct xlate *x)
{
	struct op_set_ipv6 op;
	bool any;

	memset(&op, 0, sizeof op);
	any = TAKE(x, ipv6_src, op, src);
	any |= TAKE(x, ipv6_dst, op, dst);
	any |= TAKE(x, ipv6_label, op, label);
	any |= TAKE(x, ip_tos, op, tclass);
	any |= TAKE(x, ip_ttl, op, hlimit);
	if (any)
		emit(x, PROGRAM_OP_SET_IPV6, &op, sizeof op);
}

static void
commit_arp(struct xlate *x)
{
	struct op_set_arp op;
	uint8_t code = 0, code_mask = 0;
	bool any;

	memset(&op, 0, sizeof op);
	any = TAKE(x, ip_src, op, spa);
	any |= TAKE(x, ip_dst, op, tpa);
	any |= TAKE(x, arp_sha, op, sha);
	any |= TAKE(x, arp_tha, op, tha);
	any |= take(x, offsetof(struct flow, ip_proto), 1, &code, &code_mask);
	op.op = htons(code);
	op.op_mask = htons(code_mask == 0xff ? 0xffff : code_mask);
	if (any)
		emit(x, PROGRAM_OP_SET_ARP, &op, sizeof op);
}

static void
commit_ports(struct xlate *x)
{
	struct op_set_ports op;
	bool any;

	memset(&op, 0, sizeof op);
	any = TAKE(x, l4_src, op, src);
	any |= TAKE(x, l4_dst, op, dst);
	if (any)
		emit(x, PROGRAM_OP_SET_PORTS, &op, sizeof op);
}

static void
commit_icmp(struct xlate *x)
{
	struct op_set_ports ports; /* Type and code are kept in the places of ports. */
	struct op_set_icmp op;
	bool any;

	memset(&ports, 0, sizeof ports);
	memset(&op, 0, sizeof op);
	any = TAKE(x, l4_src, ports, src);
	any |= TAKE(x, l4_dst, ports, dst);
	op.type = (uint8_t)ntohs(ports.src);
	op.type_mask = (uint8_t)ntohs(ports.src_mask);
	op.code = (uint8_t)ntohs(ports.dst);
	op.code_mask = (uint8_t)ntohs(ports.dst_mask);
	if (any)
		emit(x, PROGRAM_OP_SET_ICMP, &op, sizeof op);
}

static void
commit_nd(struct xlate *x)
{
	struct op_set_nd op;
	bool any;

	memset(&op, 0, sizeof op);
	any = TAKE(x, nd_target, op, target);
	any |= TAKE(x, arp_sha, op, sll);
	any |= TAKE(x, arp_tha, op, tll);
	if (any)
		emit(x, PROGRAM_OP_SET_ND, &op, sizeof op);
}

static void
commit_l4(struct xlate *x, bool is_ipv6)
{
	/* A packet that has no such fields cannot have had them written: set-field checks. */
	switch (x->s.flow.ip_proto) {
	case 6:
	case 17:
	case 132: commit_ports(x); break;
	case 1:
		if (!is_ipv6)
			commit_icmp(x);
		break;
	case 58:
		if (is_ipv6) {
			commit_icmp(x);
			commit_nd(x);
		}
		break;
	default: break;
	}
}

static void commit_tags(struct xlate *x);

static void
commit_mpls(struct xlate *x)
{
	struct flow *f = &x->s.flow;
	struct op_mpls op;

	if (x->s.written.mpls_lse[0] == 0)
		return;
	if (f->mpls_lse[0] == x->s.base.mpls_lse[0]
		&& (x->s.written.mpls_lse[0] & ~x->s.base_written.mpls_lse[0]
			   & ~x->verdict->mask.mpls_lse[0])
			== 0)
		return;
	XLATE_USE(x, mpls_lse[0]); /* The operation writes all of it. */
	memset(&op, 0, sizeof op);
	op.lse = f->mpls_lse[0];
	x->s.base.mpls_lse[0] = f->mpls_lse[0];
	x->s.base_written.mpls_lse[0] = x->s.written.mpls_lse[0] = 0xffffffff;
	emit(x, PROGRAM_OP_SET_MPLS, &op, sizeof op);
}

void
xlate_commit(struct xlate *x)
{
	commit_eth(x);
	commit_tags(x);
	switch (ntohs(x->s.flow.eth_type)) {
	case ETH_TYPE_IPV4:
		commit_ipv4(x);
		commit_l4(x, false);
		break;
	case ETH_TYPE_IPV6:
		commit_ipv6(x);
		commit_l4(x, true);
		break;
	case ETH_TYPE_ARP:
	case ETH_TYPE_RARP: commit_arp(x); break;
	case ETH_TYPE_MPLS:
	case ETH_TYPE_MPLS_MC: commit_mpls(x); break;
	default: break;
	}
}

/* ---- VLAN tags ---- */

static struct vlan_tag *
top_tag(struct xlate *x)
{
	return x->s.n_tags != 0 ? &x->s.tags[x->s.n_tags - 1] : NULL;
}

/* Shows the two outer tags in 'flow'. */
static void
show_tags(struct xlate *x)
{
	struct flow *f = &x->s.flow, *w = &x->s.written;
	const struct vlan_tag *t;

	f->vlan_tci = f->vlan_tpid = f->vlan2_tci = f->vlan2_tpid = 0;
	w->vlan_tci = w->vlan_tpid = w->vlan2_tci = w->vlan2_tpid = 0;
	if (x->s.n_tags > 0) {
		t = &x->s.tags[x->s.n_tags - 1];
		f->vlan_tci = t->tci;
		f->vlan_tpid = t->tpid;
		w->vlan_tci = htons(t->written);
	}
	if (x->s.n_tags > 1) {
		t = &x->s.tags[x->s.n_tags - 2];
		f->vlan2_tci = t->tci;
		f->vlan2_tpid = t->tpid;
		w->vlan2_tci = htons(t->written);
	}
}

void
xlate_init_tags(struct xlate *x, const struct flow *key)
{
	memset(x->s.tags, 0, sizeof x->s.tags);
	x->s.n_tags = 0;
	if (key->vlan2_tci != 0) {
		struct vlan_tag *t = &x->s.tags[x->s.n_tags++];

		t->level = 1;
		t->tci = t->base_tci = key->vlan2_tci;
		t->tpid = key->vlan2_tpid;
	}
	if (key->vlan_tci != 0) {
		struct vlan_tag *t = &x->s.tags[x->s.n_tags++];

		t->level = 0;
		t->tci = t->base_tci = key->vlan_tci;
		t->tpid = key->vlan_tpid;
	}
	x->s.n_key_tags = x->s.n_tags;
}

/* Notes bits of a tag as looked at, at the place of the key that it came from. */
static void
use_bits(struct xlate *x, const struct vlan_tag *t, uint16_t bits)
{
	bits &= (uint16_t)~t->written;
	if (t->level == 0)
		x->verdict->mask.vlan_tci |= htons(bits);
	else if (t->level == 1)
		x->verdict->mask.vlan2_tci |= htons(bits);
}

/* True if a tag that the packet has was written and may differ. */
static bool
is_dirty(const struct xlate *x, const struct vlan_tag *t)
{
	be16 used = t->level == 0 ? x->verdict->mask.vlan_tci
		: t->level == 1   ? x->verdict->mask.vlan2_tci
				  : 0xffff;

	return t->tci != t->base_tci || (t->written & ~t->base_written & ~ntohs(used)) != 0;
}

static void
emit_tag(struct xlate *x, enum program_op type, struct vlan_tag *t, bool with_tpid)
{
	struct op_vlan op;

	use_bits(x, t, 0xffff); /* The operation writes all of it. */
	t->base_tci = t->tci;
	t->written = t->base_written = 0xffff;
	t->is_pending = false;
	memset(&op, 0, sizeof op);
	op.tpid = with_tpid ? t->tpid : 0;
	op.tci = t->tci & htons((uint16_t)~FLOW_VLAN_PRESENT);
	emit(x, type, &op, sizeof op);
}

static void
emit_pop(struct xlate *x)
{
	(void)program_put(&x->verdict->program, PROGRAM_OP_POP_VLAN, sizeof(struct op_header));
	x->n_edits++;
}

/* Emits what makes the packet's tags those of 'flow'.  Of the tags that the packet has, only the outermost that stays can have been
 * changed. */
static void
commit_tags(struct xlate *x)
{
	struct vlan_tag *tags = x->s.tags;
	unsigned int n_kept = 0;
	bool dirty;

	while (n_kept < x->s.n_tags && !tags[n_kept].is_pending)
		n_kept++;
	dirty = n_kept > 0 && is_dirty(x, &tags[n_kept - 1]);
	if (x->s.n_pops == 0 && !dirty && n_kept == x->s.n_tags)
		return;
	while (x->s.n_pops > 1 || (x->s.n_pops == 1 && (dirty || n_kept == x->s.n_tags))) {
		emit_pop(x);
		x->s.n_pops--;
	}
	if (dirty)
		emit_tag(x, PROGRAM_OP_SET_VLAN, &tags[n_kept - 1], false);
	for (unsigned int i = n_kept; i < x->s.n_tags; i++) {
		/* A tag to be popped may as well become the one to be pushed. */
		emit_tag(x, x->s.n_pops != 0 ? PROGRAM_OP_SET_VLAN : PROGRAM_OP_PUSH_VLAN, &tags[i],
			true);
		x->s.n_pops = 0;
	}
	show_tags(x);
}

void
xlate_push_vlan_tci(struct xlate *x, uint16_t tpid, uint16_t tci)
{
	struct vlan_tag *t;

	if (x->s.n_tags == XLATE_MAX_TAGS) {
		/* It would fit if the packet had had fewer. */
		x->verdict->mask.vlan_tci |= htons(FLOW_VLAN_PRESENT);
		x->verdict->mask.vlan2_tci |= htons(FLOW_VLAN_PRESENT);
		xlate_note(x, "more than %d VLAN tags", XLATE_MAX_TAGS);
		xlate_fail(x, DROP_UNSUPPORTED);
		return;
	}
	t = &x->s.tags[x->s.n_tags++];
	memset(t, 0, sizeof *t);
	t->level = XLATE_TAG_PUSHED;
	t->is_pending = true;
	t->tci = htons(tci | FLOW_VLAN_PRESENT);
	t->tpid = htons(tpid);
	t->written = 0xffff;
	show_tags(x);
}

void
xlate_push_vlan(struct xlate *x, uint16_t tpid)
{
	/* VLAN and priority are copied from the tag that is there. */
	xlate_use_tci(x, 0xffff);
	xlate_push_vlan_tci(x, tpid, ntohs(x->s.flow.vlan_tci));
}

void
xlate_pop_vlan(struct xlate *x)
{
	xlate_use_tci(x, FLOW_VLAN_PRESENT);
	if (x->s.n_tags == 0)
		return;
	x->s.n_tags--;
	if (!x->s.tags[x->s.n_tags].is_pending)
		x->s.n_pops++;
	show_tags(x);
}

void
xlate_set_tci(struct xlate *x, uint16_t tci, uint16_t mask)
{
	struct vlan_tag *t = top_tag(x);

	t->tci = htons((uint16_t)((ntohs(t->tci) & ~mask) | (tci & mask)) | FLOW_VLAN_PRESENT);
	t->written |= mask;
	show_tags(x);
}

/* ---- MPLS ---- */

static bool
is_mpls(be16 eth_type)
{
	return eth_type == htons(ETH_TYPE_MPLS) || eth_type == htons(ETH_TYPE_MPLS_MC);
}

void
xlate_fill_inner(struct flow *f, int to)
{
	static const struct {
		uint16_t ofs, size;
	} members[] = {
#define INNER(MEMBER) { offsetof(struct flow, MEMBER), sizeof((struct flow *)NULL)->MEMBER }
		INNER(ip_proto),
		INNER(ip_tos),
		INNER(ip_src),
		INNER(ip_dst),
		INNER(ip_ttl),
		INNER(ip_frag),
		INNER(tcp_flags),
		INNER(l4_src),
		INNER(l4_dst),
		INNER(ipv6_src),
		INNER(ipv6_dst),
		INNER(nd_target),
		INNER(arp_sha),
		INNER(arp_tha),
		INNER(ipv6_label),
		INNER(ipv6_exthdr),
		INNER(nd_options),
		INNER(nd_reserved),
#undef INNER
	};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		memset((uint8_t *)f + members[i].ofs, to, members[i].size);
}

/* Sets type and labels in 'flow' and 'base', which depend on nothing from now on. */
static void
set_labels(struct xlate *x, be16 eth_type, const be32 lse[FLOW_N_MPLS])
{
	struct flow *flows[] = { &x->s.flow, &x->s.base };
	struct flow *marks[] = { &x->s.written, &x->s.base_written };

	for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
		flows[i]->eth_type = eth_type;
		memcpy(flows[i]->mpls_lse, lse, sizeof flows[i]->mpls_lse);
		xlate_fill_inner(flows[i], 0);
		marks[i]->eth_type = 0xffff;
		memset(marks[i]->mpls_lse, 0xff, sizeof marks[i]->mpls_lse);
		xlate_fill_inner(marks[i], 0xff);
	}
}

void
xlate_push_mpls(struct xlate *x, uint16_t eth_type)
{
	struct flow *f = &x->s.flow;
	be32 lse[FLOW_N_MPLS];
	struct op_mpls op;

	XLATE_USE(x, eth_type);
	if (is_mpls(f->eth_type)) {
		XLATE_USE(x, mpls_lse);
		lse[0] = f->mpls_lse[0] & htonl(~MPLS_BOS);
	} else {
		uint32_t ttl = 64;

		if (f->eth_type == htons(ETH_TYPE_IPV4) || f->eth_type == htons(ETH_TYPE_IPV6)) {
			if (x->s.inner_unknown) {
				xlate_fail(x, DROP_UNSUPPORTED);
				return;
			}
			XLATE_USE(x, ip_ttl);
			ttl = f->ip_ttl;
		}
		lse[0] = htonl(MPLS_BOS | ttl);
	}
	xlate_commit(x);
	for (unsigned int i = 1; i < FLOW_N_MPLS; i++)
		lse[i] = is_mpls(f->eth_type) ? f->mpls_lse[i - 1] : 0;
	memset(&op, 0, sizeof op);
	op.lse = lse[0];
	op.eth_type = htons(eth_type);
	emit(x, PROGRAM_OP_PUSH_MPLS, &op, sizeof op);
	set_labels(x, htons(eth_type), lse);
	x->s.n_labels = (uint8_t)MIN(x->s.n_labels + 1, FLOW_N_MPLS);
	/* What is below is out of reach, and no longer known should the labels be popped again. */
	x->s.inner_unknown = true;
}

void
xlate_pop_mpls(struct xlate *x, uint16_t eth_type)
{
	struct flow *f = &x->s.flow;
	be32 lse[FLOW_N_MPLS];
	struct op_mpls op;

	XLATE_USE(x, eth_type);
	if (!is_mpls(f->eth_type))
		return;
	XLATE_USE(x, mpls_lse);
	if (x->s.n_labels == 0 && x->s.inner_unknown) {
		xlate_note(x, "the label to pop was never parsed");
		xlate_fail(x, DROP_UNSUPPORTED);
		return;
	}
	xlate_commit(x);
	for (unsigned int i = 0; i + 1 < FLOW_N_MPLS; i++)
		lse[i] = f->mpls_lse[i + 1];
	lse[FLOW_N_MPLS - 1] = 0;
	memset(&op, 0, sizeof op);
	op.eth_type = htons(eth_type);
	emit(x, PROGRAM_OP_POP_MPLS, &op, sizeof op);
	set_labels(x, htons(eth_type), lse);
	if (x->s.n_labels != 0)
		x->s.n_labels--;
	x->s.inner_unknown = true;
}
