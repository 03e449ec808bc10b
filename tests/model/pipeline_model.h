/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_PIPELINE_MODEL_H
#define MODEL_PIPELINE_MODEL_H

/* pipeline_model: the naive twin of translation: does to one packet what the rules say, at once.
 *
 * Model    A packet is its key and its VLAN tags.  model_run() walks the tables rule by rule and changes the packet as each action says;
 *          a set field is set when the action says so, an output notes a copy of the packet as it is.  model_program() does the
 *          same by an action program.  Both give a list of packets sent, which must be the same.
 *          Without masks, commits, clones, versions or contributions.  Not modelled: MPLS, NORMAL, patch ports, the stack.
 * Threads  none. */

#include <arpa/inet.h>
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "action/program.h"
#include "flow/match.h"
#include "flow/ofp_port.h"
#include "openflow/ofpact.h"

#define MODEL_MAX_TAGS 4
#define MODEL_MAX_SENT 512
#define MODEL_TO_CONTROLLER UINT32_MAX

struct model_packet {
	struct flow f; /* Its VLAN members are those of the two outer tags. */
	be16 tci[MODEL_MAX_TAGS]; /* Innermost first. */
	be16 tpid[MODEL_MAX_TAGS];
	unsigned int n_tags;
};

struct model_sent {
	uint32_t port; /* As in the program: a datapath port. */
	struct model_packet packet;
};

struct model_result {
	struct model_sent sent[MODEL_MAX_SENT];
	unsigned int n;
	bool failed; /* Too much of something: nothing to compare. */
};

struct model_rule {
	uint8_t table;
	uint16_t priority; /* No two of one table have the same. */
	struct match match;
	struct ofpacts actions;
};

struct model_switch {
	struct model_rule *rules;
	size_t n_rules;
	uint32_t n_ports; /* 1..n_ports; their datapath ports are 10 more. */
};

/* ---- Packets ---- */

static inline void
model_show_tags(struct model_packet *p)
{
	unsigned int n = p->n_tags;

	p->f.vlan_tci = n > 0 ? p->tci[n - 1] : 0;
	p->f.vlan_tpid = n > 0 ? p->tpid[n - 1] : 0;
	p->f.vlan2_tci = n > 1 ? p->tci[n - 2] : 0;
	p->f.vlan2_tpid = n > 1 ? p->tpid[n - 2] : 0;
}

static inline void
model_packet_init(struct model_packet *p, const struct flow *key)
{
	memset(p, 0, sizeof *p);
	p->f = *key;
	if (key->vlan2_tci != 0) {
		p->tci[p->n_tags] = key->vlan2_tci;
		p->tpid[p->n_tags++] = key->vlan2_tpid;
	}
	if (key->vlan_tci != 0) {
		p->tci[p->n_tags] = key->vlan_tci;
		p->tpid[p->n_tags++] = key->vlan_tpid;
	}
}

static inline bool
model_push(struct model_packet *p, be16 tpid, be16 tci)
{
	if (p->n_tags == MODEL_MAX_TAGS)
		return false;
	p->tci[p->n_tags] = tci | htons(FLOW_VLAN_PRESENT);
	p->tpid[p->n_tags++] = tpid;
	model_show_tags(p);
	return true;
}

static inline void
model_pop(struct model_packet *p)
{
	if (p->n_tags != 0) {
		p->n_tags--;
		p->tci[p->n_tags] = p->tpid[p->n_tags] = 0;
	}
	model_show_tags(p);
}

/* Writes the bits of 'mask' of the outer tag. */
static inline void
model_set_tci(struct model_packet *p, uint16_t tci, uint16_t mask)
{
	be16 *t = &p->tci[p->n_tags - 1];

	*t = htons((uint16_t)((ntohs(*t) & ~mask) | (tci & mask))) | htons(FLOW_VLAN_PRESENT);
	model_show_tags(p);
}

static inline void
model_send(struct model_result *r, uint32_t port, const struct model_packet *p)
{
	if (r->n == MODEL_MAX_SENT) {
		r->failed = true;
		return;
	}
	r->sent[r->n].port = port;
	r->sent[r->n].packet = *p;
	/* What is not in the packet. */
	memset(&r->sent[r->n].packet.f.metadata, 0,
		sizeof(struct flow) - offsetof(struct flow, metadata));
	r->sent[r->n].packet.f.in_port = 0;
	r->n++;
}

static inline bool
model_results_equal(const struct model_result *a, const struct model_result *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned int i = 0; i < a->n; i++) {
		if (a->sent[i].port != b->sent[i].port
			|| memcmp(&a->sent[i].packet, &b->sent[i].packet, sizeof a->sent[i].packet)
				!= 0)
			return false;
	}
	return true;
}

/* ---- Rules ---- */

struct model_run {
	const struct model_switch *sw;
	struct model_packet p;
	struct model_result *r;
	const struct ofpact *set[64]; /* Action set, in order of writing. */
	unsigned int n_set;
	bool stop;
	unsigned int depth;
};

static inline void model_table(struct model_run *m, unsigned int table);

static inline void
model_output(struct model_run *m, uint32_t port)
{
	const struct model_switch *sw = m->sw;
	uint32_t in_port = m->p.f.in_port;

	if (port == OFP_PORT_IN_PORT) {
		if (in_port >= 1 && in_port <= sw->n_ports)
			model_send(m->r, in_port + 10, &m->p);
	} else if (port == OFP_PORT_ALL || port == OFP_PORT_FLOOD) {
		for (uint32_t i = 1; i <= sw->n_ports; i++) {
			if (i != in_port)
				model_send(m->r, i + 10, &m->p);
		}
	} else if (port == OFP_PORT_CONTROLLER) {
		model_send(m->r, MODEL_TO_CONTROLLER, &m->p);
	} else if (port >= 1 && port <= sw->n_ports && port != in_port) {
		model_send(m->r, port + 10, &m->p);
	}
}

static inline bool
model_has_field(const struct model_run *m, const struct field *f)
{
	bool is_port =
		f->ofs == offsetof(struct flow, l4_src) || f->ofs == offsetof(struct flow, l4_dst);

	return field_prereqs_hold(f, &m->p.f)
		&& !(is_port && (m->p.f.ip_frag & FLOW_FRAG_LATER) != 0);
}

static inline void
model_set_field(struct model_run *m, const struct field *f, const union field_value *value,
	const union field_value *mask)
{
	struct flow v, k;

	if (!model_has_field(m, f))
		return;
	if (f->ofs == offsetof(struct flow, vlan_tci)) {
		memset(&v, 0, sizeof v);
		memset(&k, 0, sizeof k);
		field_write_masked(f, value, mask, &v);
		field_write_masked(f, mask, mask, &k);
		if (m->p.n_tags != 0)
			model_set_tci(&m->p, ntohs(v.vlan_tci), ntohs(k.vlan_tci));
		return;
	}
	field_write_masked(f, value, mask, &m->p.f);
}

static inline bool
model_value_bit(const struct field *f, const union field_value *v, unsigned int i)
{
	return (v->b[f->n_bytes - 1 - i / 8] >> i % 8 & 1) != 0;
}

static inline void
model_move(struct model_run *m, const struct of_subfield *src, const struct of_subfield *dst)
{
	const struct field *sf = field_get(src->field), *df = field_get(dst->field);
	union field_value from, to, mask;

	if (!model_has_field(m, sf))
		return;
	memset(&from, 0, sizeof from);
	memset(&to, 0, sizeof to);
	memset(&mask, 0, sizeof mask);
	field_read(sf, &m->p.f, &from);
	for (unsigned int i = 0; i < src->n_bits; i++) {
		unsigned int at = dst->ofs + i;

		mask.b[df->n_bytes - 1 - at / 8] |= (uint8_t)(1u << at % 8);
		if (model_value_bit(sf, &from, src->ofs + i))
			to.b[df->n_bytes - 1 - at / 8] |= (uint8_t)(1u << at % 8);
	}
	model_set_field(m, df, &to, &mask);
}

static inline void
model_dec_ttl(struct model_run *m, const struct ofpact_dec_ttl *a)
{
	if (m->p.f.eth_type != htons(0x0800) && m->p.f.eth_type != htons(0x86dd))
		return;
	if (m->p.f.ip_ttl > 1) {
		m->p.f.ip_ttl--;
		return;
	}
	for (unsigned int i = 0; i < a->n_ids; i++)
		model_send(m->r, MODEL_TO_CONTROLLER, &m->p);
	m->stop = true;
	m->n_set = 0;
}

static inline void
model_set_write(struct model_run *m, const struct ofpact *a)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < m->n_set; i++) {
		const struct ofpact *b = m->set[i];
		bool same = a->type == b->type;

		if (same && a->type == OFPACT_SET_FIELD)
			same = OFPACT_GET(set_field, a)->field == OFPACT_GET(set_field, b)->field;
		if ((a->type == OFPACT_OUTPUT && b->type == OFPACT_CONTROLLER)
			|| (a->type == OFPACT_CONTROLLER && b->type == OFPACT_OUTPUT))
			same = true;
		if (!same)
			m->set[n++] = b;
	}
	m->set[n++] = a;
	m->n_set = n;
}

static inline void
model_action(struct model_run *m, const struct ofpact *a)
{
	switch ((enum ofpact_type)a->type) {
	case OFPACT_OUTPUT: model_output(m, OFPACT_GET(output, a)->port); break;
	case OFPACT_CONTROLLER: model_output(m, OFP_PORT_CONTROLLER); break;
	case OFPACT_OUTPUT_REG: {
		const struct ofpact_output_reg *o = OFPACT_GET(output_reg, a);
		union field_value v;

		field_read(field_get(o->src.field), &m->p.f, &v);
		model_output(m, (uint32_t)field_value_u64(field_get(o->src.field), &v));
		break;
	}
	case OFPACT_SET_FIELD: {
		const struct ofpact_set_field *s = OFPACT_GET(set_field, a);

		model_set_field(m, field_get(s->field), &s->value, &s->mask);
		break;
	}
	case OFPACT_SET_VLAN_VID: {
		const struct ofpact_set_vlan_vid *s = OFPACT_GET(set_vlan_vid, a);

		if (m->p.n_tags != 0)
			model_set_tci(&m->p, s->vid, FLOW_VLAN_VID);
		else if (s->push_if_needed)
			(void)model_push(&m->p, htons(0x8100), htons(s->vid));
		break;
	}
	case OFPACT_SET_VLAN_PCP: {
		const struct ofpact_set_vlan_pcp *s = OFPACT_GET(set_vlan_pcp, a);

		if (m->p.n_tags != 0)
			model_set_tci(&m->p, (uint16_t)(s->pcp << 13), FLOW_VLAN_PCP);
		else if (s->push_if_needed)
			(void)model_push(&m->p, htons(0x8100), htons((uint16_t)(s->pcp << 13)));
		break;
	}
	case OFPACT_STRIP_VLAN: model_pop(&m->p); break;
	case OFPACT_PUSH_VLAN:
		if (!model_push(&m->p, htons(OFPACT_GET(ethertype, a)->ethertype), m->p.f.vlan_tci))
			m->r->failed = true;
		break;
	case OFPACT_DEC_TTL: model_dec_ttl(m, OFPACT_GET(dec_ttl, a)); break;
	case OFPACT_SET_TTL:
		if (m->p.f.eth_type == htons(0x0800) || m->p.f.eth_type == htons(0x86dd))
			m->p.f.ip_ttl = OFPACT_GET(ttl, a)->ttl;
		break;
	case OFPACT_REG_MOVE:
		model_move(m, &OFPACT_GET(reg_move, a)->src, &OFPACT_GET(reg_move, a)->dst);
		break;
	case OFPACT_RESUBMIT: {
		/* The generator says neither port nor own table. */
		m->depth++;
		model_table(m, OFPACT_GET(resubmit, a)->table);
		m->depth--;
		break;
	}
	case OFPACT_WRITE_METADATA: {
		const struct ofpact_metadata *md = OFPACT_GET(metadata, a);

		m->p.f.metadata =
			htobe64((be64toh(m->p.f.metadata) & ~md->mask) | (md->metadata & md->mask));
		break;
	}
	case OFPACT_CLEAR_ACTIONS: m->n_set = 0; break;
	case OFPACT_WRITE_ACTIONS: {
		struct ofpacts list = ofpacts_view(OFPACT_GET(nest, a));
		const struct ofpact *w;

		OFPACT_FOREACH(w, &list)
		model_set_write(m, w);
		break;
	}
	case OFPACT_EXIT: m->stop = true; break;
	default: m->r->failed = true; break;
	}
}

static inline void
model_table(struct model_run *m, unsigned int table)
{
	const struct model_rule *best = NULL;
	const struct ofpact *a;

	for (size_t i = 0; i < m->sw->n_rules; i++) {
		const struct model_rule *r = &m->sw->rules[i];

		if (r->table == table && match_matches(&r->match, &m->p.f)
			&& (best == NULL || r->priority > best->priority))
			best = r;
	}
	if (best == NULL) {
		if (m->depth == 0)
			m->n_set = 0;
		return;
	}
	OFPACT_FOREACH(a, &best->actions)
	{
		if (m->stop)
			return;
		if (a->type == OFPACT_GOTO_TABLE) {
			model_table(m, OFPACT_GET(goto_table, a)->table);
			return;
		}
		model_action(m, a);
	}
}

/* The order in which OpenFlow 1.3, section 5.10, has an action set carried out. */
static inline int
model_set_order(uint16_t type)
{
	switch (type) {
	case OFPACT_STRIP_VLAN: return 1;
	case OFPACT_PUSH_VLAN: return 2;
	case OFPACT_DEC_TTL: return 3;
	case OFPACT_OUTPUT:
	case OFPACT_CONTROLLER: return 5;
	default: return 4;
	}
}

/* What 'sw' does to a packet with 'key', whose in_port is an OpenFlow port. */
static inline void
model_run(const struct model_switch *sw, const struct flow *key, struct model_result *r)
{
	struct model_run m = { .sw = sw, .r = r };

	r->n = 0;
	r->failed = false;
	model_packet_init(&m.p, key);
	model_table(&m, 0);
	m.stop = false;
	for (int order = 1; order <= 5; order++) {
		for (unsigned int i = 0; i < m.n_set && !m.stop; i++) {
			if (model_set_order(m.set[i]->type) == order)
				model_action(&m, m.set[i]);
		}
	}
}

/* ---- Programs ---- */

static inline void
model_mix(void *to, const void *value, const void *mask, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = (uint8_t)((((uint8_t *)to)[i] & ~((const uint8_t *)mask)[i])
			| (((const uint8_t *)value)[i] & ((const uint8_t *)mask)[i]));
}

#define MODEL_MIX(TO, OP, MEMBER) model_mix(&(TO), &(OP)->MEMBER, &(OP)->MEMBER##_mask, sizeof(TO))

static inline void
model_program(const void *data, size_t len, struct model_packet *p, struct model_result *r)
{
	PROGRAM_FOREACH(op, data, len)
	{
		switch ((enum program_op)op->type) {
		case PROGRAM_OP_DROP: break;
		case PROGRAM_OP_OUTPUT:
			model_send(r, ((const struct op_output *)op)->dp_port, p);
			break;
		case PROGRAM_OP_PUNT: model_send(r, MODEL_TO_CONTROLLER, p); break;
		case PROGRAM_OP_SET_ETH: {
			const struct op_set_eth *o = (const void *)op;

			MODEL_MIX(p->f.eth_src, o, src);
			MODEL_MIX(p->f.eth_dst, o, dst);
			break;
		}
		case PROGRAM_OP_PUSH_VLAN: {
			const struct op_vlan *o = (const void *)op;

			if (!model_push(p, o->tpid, o->tci))
				r->failed = true;
			break;
		}
		case PROGRAM_OP_POP_VLAN:
			if (p->n_tags == 0)
				r->failed = true; /* I3 of action/program.h. */
			model_pop(p);
			break;
		case PROGRAM_OP_SET_VLAN: {
			const struct op_vlan *o = (const void *)op;

			if (p->n_tags == 0) {
				r->failed = true;
				break;
			}
			if (o->tpid != 0)
				p->tpid[p->n_tags - 1] = o->tpid;
			model_set_tci(p, ntohs(o->tci), FLOW_VLAN_VID | FLOW_VLAN_PCP);
			break;
		}
		case PROGRAM_OP_SET_IPV4: {
			const struct op_set_ipv4 *o = (const void *)op;

			r->failed |= p->f.eth_type != htons(0x0800);
			MODEL_MIX(p->f.ip_src, o, src);
			MODEL_MIX(p->f.ip_dst, o, dst);
			MODEL_MIX(p->f.ip_tos, o, tos);
			MODEL_MIX(p->f.ip_ttl, o, ttl);
			break;
		}
		case PROGRAM_OP_SET_IPV6: {
			const struct op_set_ipv6 *o = (const void *)op;

			r->failed |= p->f.eth_type != htons(0x86dd);
			MODEL_MIX(p->f.ipv6_src, o, src);
			MODEL_MIX(p->f.ipv6_dst, o, dst);
			MODEL_MIX(p->f.ipv6_label, o, label);
			MODEL_MIX(p->f.ip_tos, o, tclass);
			MODEL_MIX(p->f.ip_ttl, o, hlimit);
			break;
		}
		case PROGRAM_OP_SET_PORTS: {
			const struct op_set_ports *o = (const void *)op;

			r->failed |= p->f.ip_proto != 6 && p->f.ip_proto != 17;
			r->failed |= (p->f.ip_frag & FLOW_FRAG_LATER) != 0;
			MODEL_MIX(p->f.l4_src, o, src);
			MODEL_MIX(p->f.l4_dst, o, dst);
			break;
		}
		case PROGRAM_OP_SET_ARP: {
			const struct op_set_arp *o = (const void *)op;
			be16 code = htons(p->f.ip_proto);

			r->failed |= p->f.eth_type != htons(0x0806);
			MODEL_MIX(p->f.ip_src, o, spa);
			MODEL_MIX(p->f.ip_dst, o, tpa);
			MODEL_MIX(p->f.arp_sha, o, sha);
			MODEL_MIX(p->f.arp_tha, o, tha);
			MODEL_MIX(code, o, op);
			p->f.ip_proto = (uint8_t)ntohs(code);
			break;
		}
		case PROGRAM_OP_CLONE: {
			struct model_packet copy = *p;

			model_program((const struct op_clone *)op + 1,
				op->len - sizeof(struct op_clone), &copy, r);
			break;
		}
		default: r->failed = true; break;
		}
	}
}

#endif /* MODEL_PIPELINE_MODEL_H */
