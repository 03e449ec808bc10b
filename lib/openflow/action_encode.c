/* SPDX-License-Identifier: Apache-2.0 */
/* Actions to the wire: for each ofpact the action that the version has for it, or Nicira's. */

#include <arpa/inet.h>
#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/action_priv.h"
#include "openflow/msg.h"
#include "openflow/ofpact.h"
#include "openflow/oxm_priv.h"
#include "openflow/packet.h"

/* Appends the header of an action; end_action() gives it its length. */
static size_t
begin_action(struct of_buf *b, uint16_t type)
{
	size_t start = b->len;

	of_buf_put_u16(b, type);
	of_buf_put_u16(b, 0);
	return start;
}

static size_t
begin_nx(struct of_buf *b, uint16_t subtype)
{
	size_t start = begin_action(b, TYPE_VENDOR);

	of_buf_put_u32(b, OF_VENDOR_NICIRA);
	of_buf_put_u16(b, subtype);
	return start;
}

static void
end_action(struct of_buf *b, size_t start)
{
	of_buf_pad(b, start, 8);
	of_buf_set_u16(b, start + 2, (uint16_t)(b->len - start));
}

/* Actions that are a type and nothing, or an integer of 'size' bytes. */
static void
put_simple(struct of_buf *b, uint16_t type, uint64_t arg, size_t size)
{
	size_t start = begin_action(b, type);

	switch (size) {
	case 1: of_buf_put_u8(b, (uint8_t)arg); break;
	case 2: of_buf_put_u16(b, (uint16_t)arg); break;
	case 4: of_buf_put_u32(b, (uint32_t)arg); break;
	default: break;
	}
	end_action(b, start);
}

static void
put_nx_simple(struct of_buf *b, uint16_t subtype, uint64_t arg, size_t pad, size_t size)
{
	size_t start = begin_nx(b, subtype);

	of_buf_put_zeros(b, pad);
	switch (size) {
	case 1: of_buf_put_u8(b, (uint8_t)arg); break;
	case 2: of_buf_put_u16(b, (uint16_t)arg); break;
	case 4: of_buf_put_u32(b, (uint32_t)arg); break;
	case 8: of_buf_put_u64(b, arg); break;
	default: break;
	}
	if (b->len - start < 16)
		of_buf_put_zeros(b, 16 - (b->len - start));
	end_action(b, start);
}

static void
put_output(enum of_version version, uint32_t port, uint16_t max_len, struct of_buf *b)
{
	size_t start;

	if (version == OF_VERSION_10) {
		start = begin_action(b, V10_OUTPUT);
		of_buf_put_u16(b, ofp_port_to10(port));
		of_buf_put_u16(b, max_len);
	} else {
		start = begin_action(b, V11_OUTPUT);
		of_buf_put_u32(b, port);
		of_buf_put_u16(b, max_len);
		of_buf_put_zeros(b, 6);
	}
	end_action(b, start);
}

static void
put_controller(enum of_version version, const struct ofpact_controller *a, struct of_buf *b)
{
	size_t start;

	if (a->controller_id == 0 && a->reason == OF_PACKET_IN_ACTION && !a->extended) {
		put_output(version, OFP_PORT_CONTROLLER, a->max_len, b);
		return;
	}
	start = begin_nx(b, NXA_CONTROLLER);
	of_buf_put_u16(b, a->max_len);
	of_buf_put_u16(b, a->controller_id);
	of_buf_put_u8(b, a->reason);
	of_buf_put_u8(b, 0);
	end_action(b, start);
}

static void
put_enqueue(enum of_version version, const struct ofpact_enqueue *a, struct of_buf *b)
{
	size_t start;

	if (version != OF_VERSION_10) {
		/* The same in three. */
		put_simple(b, V11_SET_QUEUE, a->queue, 4);
		put_output(version, a->port, 0, b);
		put_nx_simple(b, NXA_POP_QUEUE, 0, 0, 0);
		return;
	}
	start = begin_action(b, V10_ENQUEUE);
	of_buf_put_u16(b, ofp_port_to10(a->port));
	of_buf_put_zeros(b, 6);
	of_buf_put_u32(b, a->queue);
	end_action(b, start);
}

/* Bit 'i' of a field's value, bit 0 the least significant. */
static bool
value_bit(const struct field *f, const union field_value *v, unsigned int i)
{
	return (v->b[f->n_bytes - 1 - i / 8] >> (i % 8) & 1) != 0;
}

/* One load per run of at most 64 ones in the mask. */
static void
put_loads(enum of_version version, enum field_id id, const union field_value *value,
	const union field_value *mask, struct of_buf *b)
{
	const struct field *f = field_get(id);
	unsigned int ofs = 0;

	while (ofs < f->n_bits) {
		unsigned int n = 0;
		uint64_t v = 0;
		size_t start;

		while (n < 64 && ofs + n < f->n_bits && value_bit(f, mask, ofs + n)) {
			v |= (uint64_t)value_bit(f, value, ofs + n) << n;
			n++;
		}
		if (n == 0) {
			ofs++;
			continue;
		}
		start = begin_nx(b, NXA_REG_LOAD);
		of_buf_put_u16(b, (uint16_t)(ofs << 6 | (n - 1)));
		of_oxm_put_header(version, id, false, b);
		of_buf_put_u64(b, v);
		end_action(b, start);
		ofs += n;
	}
}

/* 1.0's action for a whole field. */
static bool
put_legacy10(const struct ofpact_set_field *a, struct of_buf *b)
{
	static const struct {
		enum field_id id;
		uint16_t type;
	} legacy[] = {
		{ FIELD_ETH_SRC, V10_SET_DL_SRC },
		{ FIELD_ETH_DST, V10_SET_DL_DST },
		{ FIELD_IPV4_SRC, V10_SET_NW_SRC },
		{ FIELD_IPV4_DST, V10_SET_NW_DST },
		{ FIELD_IP_DSCP, V10_SET_NW_TOS },
		{ FIELD_TCP_SRC, V10_SET_TP_SRC },
		{ FIELD_TCP_DST, V10_SET_TP_DST },
		{ FIELD_UDP_SRC, V10_SET_TP_SRC },
		{ FIELD_UDP_DST, V10_SET_TP_DST },
		{ FIELD_SCTP_SRC, V10_SET_TP_SRC },
		{ FIELD_SCTP_DST, V10_SET_TP_DST },
	};
	const struct field *f = field_get(a->field);

	for (size_t i = 0; i < ARRAY_SIZE(legacy); i++) {
		size_t start;

		if (legacy[i].id != a->field)
			continue;
		start = begin_action(b, legacy[i].type);
		if (a->field == FIELD_IP_DSCP)
			of_buf_put_u8(b, (uint8_t)(a->value.u8 << 2));
		else
			of_buf_put(b, a->value.b, f->n_bytes);
		end_action(b, start);
		return true;
	}
	return false;
}

static void
put_set_field(enum of_version version, const struct ofpact_set_field *a, struct of_buf *b)
{
	const struct field *f = field_get(a->field);
	bool whole = field_value_is_ones(f, &a->mask);
	union field_value value = a->value, mask = a->mask;
	enum field_id id = a->field;
	size_t start;

	if (a->form != OFPACT_FORM_LOAD) {
		if (version == OF_VERSION_10 && whole && put_legacy10(a, b))
			return;
		if (version == OF_VERSION_10 && whole && id == FIELD_VLAN_PCP) {
			put_simple(b, V10_SET_VLAN_PCP, a->value.u8, 1);
			return;
		}
		if (version == OF_VERSION_10 && whole && id == FIELD_VLAN_VID) {
			put_simple(b, V10_SET_VLAN_VID, ntohs(a->value.be16) & FLOW_VLAN_VID, 2);
			return;
		}
		if ((version >= OF_VERSION_12 && whole) || version >= OF_VERSION_15) {
			start = begin_action(b, V12_SET_FIELD);
			of_oxm_put_entry(version, id, &value, &mask, b);
			end_action(b, start);
			return;
		}
	}
	if (version < OF_VERSION_12 && id == FIELD_IP_DSCP) {
		/* NXM only has the whole byte. */
		id = FIELD_NW_TOS;
		value.u8 = (uint8_t)(value.u8 << 2);
		mask.u8 = (uint8_t)(mask.u8 << 2);
	}
	put_loads(version, id, &value, &mask, b);
}

static void
put_vlan_vid(enum of_version version, const struct ofpact_set_vlan_vid *a, struct of_buf *b)
{
	union field_value value;
	size_t start;

	if (version < OF_VERSION_12) {
		put_simple(b, V10_SET_VLAN_VID, a->vid, 2);
		return;
	}
	if (a->push_if_needed)
		put_simple(b, V11_PUSH_VLAN, ETH_TYPE_VLAN, 2);
	memset(&value, 0, sizeof value);
	value.be16 = htons(a->vid | FLOW_VLAN_PRESENT);
	start = begin_action(b, V12_SET_FIELD);
	of_oxm_put_entry(version, FIELD_VLAN_VID, &value, NULL, b);
	end_action(b, start);
}

static void
put_vlan_pcp(enum of_version version, const struct ofpact_set_vlan_pcp *a, struct of_buf *b)
{
	union field_value value;
	size_t start;

	if (version < OF_VERSION_12) {
		put_simple(b, V10_SET_VLAN_PCP, a->pcp, 1);
		return;
	}
	memset(&value, 0, sizeof value);
	value.u8 = a->pcp;
	start = begin_action(b, V12_SET_FIELD);
	of_oxm_put_entry(version, FIELD_VLAN_PCP, &value, NULL, b);
	end_action(b, start);
}

static void
put_dec_ttl(enum of_version version, const struct ofpact_dec_ttl *a, struct of_buf *b)
{
	size_t start;

	if (a->extended) {
		start = begin_nx(b, NXA_DEC_TTL_CNT_IDS);
		of_buf_put_u16(b, a->n_ids);
		of_buf_put_zeros(b, 4);
		for (size_t i = 0; i < a->n_ids; i++)
			of_buf_put_u16(b, a->ids[i]);
		end_action(b, start);
	} else if (version == OF_VERSION_10) {
		put_nx_simple(b, NXA_DEC_TTL, 0, 0, 0);
	} else {
		put_simple(b, V11_DEC_NW_TTL, 0, 0);
	}
}

static void
put_reg_move(enum of_version version, const struct ofpact_reg_move *a, struct of_buf *b)
{
	size_t start = begin_nx(b, NXA_REG_MOVE);

	of_buf_put_u16(b, a->src.n_bits);
	of_buf_put_u16(b, a->src.ofs);
	of_buf_put_u16(b, a->dst.ofs);
	of_oxm_put_header(version, a->src.field, false, b);
	of_oxm_put_header(version, a->dst.field, false, b);
	end_action(b, start);
}

static void
put_stack(enum of_version version, uint16_t subtype, const struct of_subfield *sf, struct of_buf *b)
{
	size_t start = begin_nx(b, subtype);

	of_buf_put_u16(b, sf->ofs);
	of_oxm_put_header(version, sf->field, false, b);
	of_buf_put_u16(b, sf->n_bits);
	of_buf_put_zeros(b, 24 - (b->len - start));
	end_action(b, start);
}

static void
put_output_reg(enum of_version version, const struct ofpact_output_reg *a, struct of_buf *b)
{
	size_t start = begin_nx(b, NXA_OUTPUT_REG2);

	of_buf_put_u16(b, (uint16_t)(a->src.ofs << 6 | (a->src.n_bits - 1)));
	of_buf_put_u16(b, a->max_len);
	of_oxm_put_header(version, a->src.field, false, b);
	of_buf_put_zeros(b, 24 - (b->len - start));
	end_action(b, start);
}

static void
put_resubmit(const struct ofpact_resubmit *a, struct of_buf *b)
{
	size_t start = begin_nx(b, a->has_table ? NXA_RESUBMIT_TABLE : NXA_RESUBMIT);

	of_buf_put_u16(b, ofp_port_to10(a->port));
	of_buf_put_u8(b, a->has_table ? a->table : 0);
	end_action(b, start);
}

static void
put_note(const struct ofpact_note *a, struct of_buf *b)
{
	size_t start = begin_nx(b, NXA_NOTE);

	of_buf_put(b, a->data, a->n);
	if (a->n < 6)
		of_buf_put_zeros(b, 6 - a->n);
	end_action(b, start);
}

static void
put_metadata(const struct ofpact_metadata *a, struct of_buf *b)
{
	size_t start = begin_nx(b, NXA_WRITE_METADATA);

	of_buf_put_zeros(b, 6);
	of_buf_put_u64(b, a->metadata);
	of_buf_put_u64(b, a->mask);
	end_action(b, start);
}

/* Actions on headers that 1.0 has only as Nicira's. */
static void
put_header_action(enum of_version version, const struct ofpact *a, struct of_buf *b)
{
	bool nx = version == OF_VERSION_10;

	switch (a->type) {
	case OFPACT_STRIP_VLAN: put_simple(b, nx ? V10_STRIP_VLAN : V11_POP_VLAN, 0, 0); break;
	case OFPACT_PUSH_VLAN:
		if (!nx)
			put_simple(b, V11_PUSH_VLAN, OFPACT_GET(ethertype, a)->ethertype, 2);
		break;
	case OFPACT_PUSH_PBB:
		if (version >= OF_VERSION_13)
			put_simple(b, V13_PUSH_PBB, OFPACT_GET(ethertype, a)->ethertype, 2);
		break;
	case OFPACT_POP_PBB:
		if (version >= OF_VERSION_13)
			put_simple(b, V13_POP_PBB, 0, 0);
		break;
	case OFPACT_PUSH_MPLS:
	case OFPACT_POP_MPLS: {
		bool push = a->type == OFPACT_PUSH_MPLS;
		uint16_t type = OFPACT_GET(ethertype, a)->ethertype;

		if (nx)
			put_nx_simple(b, push ? NXA_PUSH_MPLS : NXA_POP_MPLS, type, 0, 2);
		else
			put_simple(b, push ? V11_PUSH_MPLS : V11_POP_MPLS, type, 2);
		break;
	}
	case OFPACT_SET_MPLS_TTL:
		if (nx)
			put_nx_simple(b, NXA_SET_MPLS_TTL, OFPACT_GET(ttl, a)->ttl, 0, 1);
		else
			put_simple(b, V11_SET_MPLS_TTL, OFPACT_GET(ttl, a)->ttl, 1);
		break;
	case OFPACT_DEC_MPLS_TTL:
		if (nx)
			put_nx_simple(b, NXA_DEC_MPLS_TTL, 0, 0, 0);
		else
			put_simple(b, V11_DEC_MPLS_TTL, 0, 0);
		break;
	case OFPACT_SET_TTL:
		if (nx) {
			union field_value v, ones;

			memset(&v, 0, sizeof v);
			v.u8 = OFPACT_GET(ttl, a)->ttl;
			field_value_set_ones(field_get(FIELD_NW_TTL), &ones);
			put_loads(version, FIELD_NW_TTL, &v, &ones, b);
		} else {
			put_simple(b, V11_SET_NW_TTL, OFPACT_GET(ttl, a)->ttl, 1);
		}
		break;
	case OFPACT_COPY_TTL_OUT:
		if (!nx)
			put_simple(b, V11_COPY_TTL_OUT, 0, 0);
		break;
	case OFPACT_COPY_TTL_IN:
		if (!nx)
			put_simple(b, V11_COPY_TTL_IN, 0, 0);
		break;
	default: break;
	}
}

/* Instructions where only actions can be. */
static void
put_instruction(enum of_version version, const struct ofpact *a, struct of_buf *b)
{
	struct ofpact_resubmit resubmit;

	if (version != OF_VERSION_10)
		return;
	switch (a->type) {
	case OFPACT_WRITE_METADATA: put_metadata(OFPACT_GET(metadata, a), b); break;
	case OFPACT_GOTO_TABLE:
		/* What 1.0 has that comes closest. */
		memset(&resubmit, 0, sizeof resubmit);
		resubmit.port = OFP_PORT_IN_PORT;
		resubmit.has_table = true;
		resubmit.table = OFPACT_GET(goto_table, a)->table;
		put_resubmit(&resubmit, b);
		break;
	default: break;
	}
}

static void
put_one(enum of_version version, const struct ofpact *a, struct of_buf *b)
{
	switch (a->type) {
	case OFPACT_OUTPUT:
		put_output(version, OFPACT_GET(output, a)->port, OFPACT_GET(output, a)->max_len, b);
		break;
	case OFPACT_CONTROLLER: put_controller(version, OFPACT_GET(controller, a), b); break;
	case OFPACT_ENQUEUE: put_enqueue(version, OFPACT_GET(enqueue, a), b); break;
	case OFPACT_OUTPUT_REG: put_output_reg(version, OFPACT_GET(output_reg, a), b); break;
	case OFPACT_SET_FIELD: put_set_field(version, OFPACT_GET(set_field, a), b); break;
	case OFPACT_SET_VLAN_VID: put_vlan_vid(version, OFPACT_GET(set_vlan_vid, a), b); break;
	case OFPACT_SET_VLAN_PCP: put_vlan_pcp(version, OFPACT_GET(set_vlan_pcp, a), b); break;
	case OFPACT_DEC_TTL: put_dec_ttl(version, OFPACT_GET(dec_ttl, a), b); break;
	case OFPACT_REG_MOVE: put_reg_move(version, OFPACT_GET(reg_move, a), b); break;
	case OFPACT_STACK_PUSH:
		put_stack(version, NXA_STACK_PUSH, &OFPACT_GET(stack, a)->subfield, b);
		break;
	case OFPACT_STACK_POP:
		put_stack(version, NXA_STACK_POP, &OFPACT_GET(stack, a)->subfield, b);
		break;
	case OFPACT_SET_TUNNEL:
		if (OFPACT_GET(set_tunnel, a)->wide)
			put_nx_simple(
				b, NXA_SET_TUNNEL64, OFPACT_GET(set_tunnel, a)->tunnel_id, 6, 8);
		else
			put_nx_simple(
				b, NXA_SET_TUNNEL, OFPACT_GET(set_tunnel, a)->tunnel_id, 2, 4);
		break;
	case OFPACT_SET_QUEUE:
		if (version == OF_VERSION_10)
			put_nx_simple(b, NXA_SET_QUEUE, OFPACT_GET(set_queue, a)->queue, 2, 4);
		else
			put_simple(b, V11_SET_QUEUE, OFPACT_GET(set_queue, a)->queue, 4);
		break;
	case OFPACT_POP_QUEUE: put_nx_simple(b, NXA_POP_QUEUE, 0, 0, 0); break;
	case OFPACT_GROUP:
		if (version != OF_VERSION_10)
			put_simple(b, V11_GROUP, OFPACT_GET(group, a)->group, 4);
		break;
	case OFPACT_RESUBMIT: put_resubmit(OFPACT_GET(resubmit, a), b); break;
	case OFPACT_NOTE: put_note(OFPACT_GET(note, a), b); break;
	case OFPACT_EXIT: put_nx_simple(b, NXA_EXIT, 0, 0, 0); break;
	default:
		if (ofpact_is_instruction(a))
			put_instruction(version, a, b);
		else
			put_header_action(version, a, b);
		break;
	}
}

void
of_actions_encode(enum of_version version, const struct ofpacts *list, struct of_buf *b)
{
	const struct ofpact *a;

	OFPACT_FOREACH(a, list)
	put_one(version, a, b);
}
