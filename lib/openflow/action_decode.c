/* SPDX-License-Identifier: Apache-2.0 */
/* Actions from the wire.  A table says which decoder an action of a version has and how long the
 * action must be; the decoders append to a list of ofpacts. */

#include <arpa/inet.h>
#include <string.h>

#include "flow/ofp_port.h"
#include "openflow/action_priv.h"
#include "openflow/msg.h"
#include "openflow/ofpact_priv.h"
#include "openflow/oxm.h"
#include "openflow/packet.h"

/* One action being decoded. */
struct wire_action {
	enum of_version version;
	uint16_t type; /* Or Nicira's subtype. */
	uint16_t arg; /* From the table. */
	struct of_reader r; /* What follows the header. */
};

typedef enum oferror decode_function(struct wire_action *w, struct ofpacts *list);

static enum oferror
decode_output10(struct wire_action *w, struct ofpacts *list)
{
	uint32_t port = ofp_port_from10(of_reader_u16(&w->r));

	ofpacts_put_output(list, port, of_reader_u16(&w->r));
	return OFERROR_OK;
}

static enum oferror
decode_output11(struct wire_action *w, struct ofpacts *list)
{
	uint32_t port = of_reader_u32(&w->r);

	ofpacts_put_output(list, port, of_reader_u16(&w->r));
	return of_port_is_possible(port) ? OFERROR_OK : OFPBAC_BAD_OUT_PORT;
}

static enum oferror
decode_enqueue(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_enqueue *a = ofpacts_put(list, OFPACT_ENQUEUE, 0);

	a->port = ofp_port_from10(of_reader_u16(&w->r));
	of_reader_skip(&w->r, 6);
	a->queue = of_reader_u32(&w->r);
	return OFERROR_OK;
}

static enum oferror
decode_vlan_vid(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_set_vlan_vid *a = ofpacts_put(list, OFPACT_SET_VLAN_VID, 0);

	a->vid = of_reader_u16(&w->r);
	a->push_if_needed = w->version == OF_VERSION_10;
	return a->vid > FLOW_VLAN_VID ? OFPBAC_BAD_ARGUMENT : OFERROR_OK;
}

static enum oferror
decode_vlan_pcp(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_set_vlan_pcp *a = ofpacts_put(list, OFPACT_SET_VLAN_PCP, 0);

	a->pcp = of_reader_u8(&w->r);
	a->push_if_needed = w->version == OF_VERSION_10;
	return a->pcp > 7 ? OFPBAC_BAD_ARGUMENT : OFERROR_OK;
}

/* The actions that set one header field from the bytes behind the header; 'arg' is the field. */
static enum oferror
decode_legacy_set(struct wire_action *w, struct ofpacts *list)
{
	enum field_id id = (enum field_id)w->arg;
	struct ofpact_set_field *a;
	union field_value value;

	memset(&value, 0, sizeof value);
	of_reader_bytes(&w->r, value.b, field_get(id)->n_bytes);
	if (id == FIELD_IP_DSCP) {
		if ((value.u8 & 3) != 0)
			return OFPBAC_BAD_ARGUMENT;
		value.u8 >>= 2;
	}
	if (!field_value_is_valid(field_get(id), &value))
		return OFPBAC_BAD_ARGUMENT;
	a = ofpacts_put_set_field(list, id, &value);
	a->form = OFPACT_FORM_LEGACY;
	return OFERROR_OK;
}

/* Actions without arguments; 'arg' is the ofpact. */
static enum oferror
decode_empty(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_empty *a = ofpacts_put(list, (enum ofpact_type)w->arg, 0);

	if (w->arg == OFPACT_STRIP_VLAN && w->version == OF_VERSION_10)
		a->form = OFPACT_FORM_LEGACY;
	return OFERROR_OK;
}

static enum oferror
decode_ethertype(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_ethertype *a = ofpacts_put(list, (enum ofpact_type)w->arg, 0);
	uint16_t type = a->ethertype = of_reader_u16(&w->r);
	bool good = true;

	if (w->arg == OFPACT_PUSH_VLAN)
		good = type == ETH_TYPE_VLAN || type == ETH_TYPE_QINQ;
	else if (w->arg == OFPACT_PUSH_MPLS)
		good = type == ETH_TYPE_MPLS || type == ETH_TYPE_MPLS_MCAST;
	else if (w->arg == OFPACT_PUSH_PBB)
		good = type == ETH_TYPE_PBB;
	return good ? OFERROR_OK : OFPBAC_BAD_ARGUMENT;
}

static enum oferror
decode_ttl(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_ttl *a = ofpacts_put(list, (enum ofpact_type)w->arg, 0);

	a->ttl = of_reader_u8(&w->r);
	return OFERROR_OK;
}

static enum oferror
decode_dec_ttl(struct wire_action *w UNUSED, struct ofpacts *list)
{
	struct ofpact_dec_ttl *a = ofpacts_put(list, OFPACT_DEC_TTL, sizeof a->ids[0]);

	a->n_ids = 1;
	return OFERROR_OK;
}

static enum oferror
decode_dec_ttl_ids(struct wire_action *w, struct ofpacts *list)
{
	uint16_t n = of_reader_u16(&w->r);
	struct ofpact_dec_ttl *a;

	if (of_reader_u32(&w->r) != 0)
		return NXBRC_MUST_BE_ZERO;
	if (n == 0 || w->r.left < n * sizeof a->ids[0])
		return OFPBAC_BAD_LEN;
	a = ofpacts_put(list, OFPACT_DEC_TTL, n * sizeof a->ids[0]);
	a->extended = true;
	a->n_ids = n;
	for (size_t i = 0; i < n; i++)
		a->ids[i] = of_reader_u16(&w->r);
	return OFERROR_OK;
}

static enum oferror
decode_set_queue(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_set_queue *a = ofpacts_put(list, OFPACT_SET_QUEUE, 0);

	of_reader_skip(&w->r, w->arg);
	a->queue = of_reader_u32(&w->r);
	return OFERROR_OK;
}

static enum oferror
decode_group(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_group *a = ofpacts_put(list, OFPACT_GROUP, 0);

	a->group = of_reader_u32(&w->r);
	return OFERROR_OK;
}

static bool
rest_is_zero(struct of_reader *r)
{
	while (r->left > 0) {
		if (of_reader_u8(r) != 0)
			return false;
	}
	return true;
}

/* What a wrong TLV is called when it stands in an action. */
static enum oferror
set_field_error(enum oferror error)
{
	switch (error) {
	case OFPBMC_BAD_FIELD: return OFPBAC_BAD_SET_TYPE;
	case OFPBMC_BAD_LEN: return OFPBAC_BAD_SET_LEN;
	case OFPBMC_BAD_MASK: return OFPBAC_BAD_SET_MASK;
	case OFPBMC_BAD_VALUE:
	case OFPBMC_BAD_WILDCARDS: return OFPBAC_BAD_SET_ARGUMENT;
	default: return error;
	}
}

/* NXM's TOS byte is the DSCP, two bits further up. */
static void
tos_to_dscp(enum field_id *id, union field_value *value, union field_value *mask)
{
	if (*id == FIELD_NW_TOS) {
		*id = FIELD_IP_DSCP;
		value->u8 >>= 2;
		mask->u8 >>= 2;
	}
}

/* Set-field of 1.2 and later; 'arg' says whether a mask may be there in any version. */
static enum oferror
decode_set_field(struct wire_action *w, struct ofpacts *list)
{
	bool may_mask = w->arg != 0 || w->version >= OF_VERSION_15;
	union field_value value, mask;
	struct ofpact_set_field *a;
	enum field_id id = N_FIELDS;
	bool has_mask;
	enum oferror error = of_oxm_entry_decode(&w->r, &id, &value, &mask, &has_mask);

	if (error != OFERROR_OK)
		return set_field_error(error);
	if (has_mask && !may_mask)
		return OFPBAC_BAD_SET_MASK;
	if (!rest_is_zero(&w->r) || !field_get(id)->writable)
		return OFPBAC_BAD_SET_ARGUMENT;
	tos_to_dscp(&id, &value, &mask);
	/* Without its tag bit a VLAN id would take the tag away. */
	if (id == FIELD_VLAN_VID
		&& (ntohs(mask.be16) & ~ntohs(value.be16) & FLOW_VLAN_PRESENT) != 0)
		return OFPBAC_BAD_SET_ARGUMENT;
	a = ofpacts_put_set_field(list, id, &value);
	if (has_mask)
		memcpy(a->mask.b, mask.b, field_get(id)->n_bytes);
	return OFERROR_OK;
}

/* A field by its header alone, of which bits 'ofs' to 'ofs + n_bits - 1' are meant. */
static enum oferror
decode_subfield(struct of_reader *r, uint16_t ofs, uint16_t n_bits, struct of_subfield *sf)
{
	bool has_mask;
	enum oferror error = of_oxm_header_decode(r, &sf->field, &has_mask);

	if (error != OFERROR_OK)
		return set_field_error(error);
	if (has_mask)
		return OFPBAC_BAD_SET_TYPE;
	sf->ofs = ofs;
	sf->n_bits = n_bits;
	if (n_bits == 0 || ofs + n_bits > field_get(sf->field)->n_bits)
		return OFPBAC_BAD_SET_LEN;
	return OFERROR_OK;
}

static enum oferror
decode_reg_move(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_reg_move *a = ofpacts_put(list, OFPACT_REG_MOVE, 0);
	uint16_t n_bits = of_reader_u16(&w->r);
	uint16_t src_ofs = of_reader_u16(&w->r);
	uint16_t dst_ofs = of_reader_u16(&w->r);
	enum oferror error = decode_subfield(&w->r, src_ofs, n_bits, &a->src);

	if (error == OFERROR_OK)
		error = decode_subfield(&w->r, dst_ofs, n_bits, &a->dst);
	if (error == OFERROR_OK && !field_get(a->dst.field)->writable)
		return OFPBAC_BAD_SET_ARGUMENT;
	if (error == OFERROR_OK && !rest_is_zero(&w->r))
		return NXBRC_MUST_BE_ZERO;
	return error;
}

static enum oferror
decode_reg_load(struct wire_action *w, struct ofpacts *list)
{
	uint16_t ofs_nbits = of_reader_u16(&w->r);
	struct of_subfield sf = { .field = N_FIELDS };
	enum oferror error =
		decode_subfield(&w->r, ofs_nbits >> 6, (uint16_t)((ofs_nbits & 0x3f) + 1), &sf);
	uint64_t v = of_reader_u64(&w->r);
	struct ofpact_set_field *a;

	if (error != OFERROR_OK)
		return error;
	if (!field_get(sf.field)->writable)
		return OFPBAC_BAD_SET_ARGUMENT;
	if (sf.n_bits < 64 && v >> sf.n_bits != 0)
		return OFPBAC_BAD_ARGUMENT;
	a = ofpacts_put(list, OFPACT_SET_FIELD, 0);
	a->form = OFPACT_FORM_LOAD;
	return ofpact_set_subfield(a, &sf, v);
}

static enum oferror
decode_stack(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_stack *a = ofpacts_put(list, (enum ofpact_type)w->arg, 0);
	uint16_t ofs = of_reader_u16(&w->r);
	enum oferror error = decode_subfield(&w->r, ofs, 1, &a->subfield);

	if (error != OFERROR_OK)
		return error;
	a->subfield.n_bits = of_reader_u16(&w->r);
	if (a->subfield.n_bits == 0
		|| ofs + a->subfield.n_bits > field_get(a->subfield.field)->n_bits)
		return OFPBAC_BAD_SET_LEN;
	if (w->arg == OFPACT_STACK_POP && !field_get(a->subfield.field)->writable)
		return OFPBAC_BAD_SET_ARGUMENT;
	return rest_is_zero(&w->r) ? OFERROR_OK : NXBRC_MUST_BE_ZERO;
}

static enum oferror
decode_output_reg(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_output_reg *a = ofpacts_put(list, OFPACT_OUTPUT_REG, 0);
	uint16_t ofs_nbits = of_reader_u16(&w->r);
	enum oferror error;

	if (w->type == NXA_OUTPUT_REG2)
		a->max_len = of_reader_u16(&w->r);
	error = decode_subfield(&w->r, ofs_nbits >> 6, (uint16_t)((ofs_nbits & 0x3f) + 1), &a->src);
	if (error != OFERROR_OK)
		return error;
	if (w->type == NXA_OUTPUT_REG)
		a->max_len = of_reader_u16(&w->r);
	return rest_is_zero(&w->r) ? OFERROR_OK : NXBRC_MUST_BE_ZERO;
}

static enum oferror
decode_set_tunnel(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_set_tunnel *a = ofpacts_put(list, OFPACT_SET_TUNNEL, 0);

	a->wide = w->type == NXA_SET_TUNNEL64;
	of_reader_skip(&w->r, a->wide ? 6 : 2);
	a->tunnel_id = a->wide ? of_reader_u64(&w->r) : of_reader_u32(&w->r);
	return OFERROR_OK;
}

static enum oferror
decode_resubmit(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_resubmit *a = ofpacts_put(list, OFPACT_RESUBMIT, 0);

	a->port = ofp_port_from10(of_reader_u16(&w->r));
	a->table = OFPACT_RESUBMIT_SAME_TABLE;
	if (w->type == NXA_RESUBMIT_TABLE) {
		a->has_table = true;
		a->table = of_reader_u8(&w->r);
		if (!rest_is_zero(&w->r))
			return OFPBAC_BAD_ARGUMENT;
	}
	return OFERROR_OK;
}

static enum oferror
decode_note(struct wire_action *w, struct ofpacts *list)
{
	size_t n = w->r.left;
	struct ofpact_note *a = ofpacts_put(list, OFPACT_NOTE, n);

	a->n = (uint32_t)n;
	of_reader_bytes(&w->r, a->data, n);
	return OFERROR_OK;
}

static enum oferror
decode_controller(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_controller *a = ofpacts_put(list, OFPACT_CONTROLLER, 0);

	a->extended = true;
	a->max_len = of_reader_u16(&w->r);
	a->controller_id = of_reader_u16(&w->r);
	a->reason = of_reader_u8(&w->r);
	if (of_reader_u8(&w->r) != 0)
		return NXBRC_MUST_BE_ZERO;
	return a->reason >= N_OF_PACKET_IN_REASONS ? NXBRC_BAD_REASON : OFERROR_OK;
}

static enum oferror
decode_write_metadata(struct wire_action *w, struct ofpacts *list)
{
	struct ofpact_metadata *a = ofpacts_put(list, OFPACT_WRITE_METADATA, 0);

	if (of_reader_u32(&w->r) != 0 || of_reader_u16(&w->r) != 0)
		return NXBRC_MUST_BE_ZERO;
	a->metadata = of_reader_u64(&w->r);
	a->mask = of_reader_u64(&w->r);
	a->metadata &= a->mask;
	return OFERROR_OK;
}

/* Nicira's way to set MPLS fields before set-field could; 'arg' is the field. */
static enum oferror
decode_nx_mpls(struct wire_action *w, struct ofpacts *list)
{
	enum field_id id = (enum field_id)w->arg;
	union field_value value;
	struct ofpact_set_field *a;

	memset(&value, 0, sizeof value);
	if (id == FIELD_MPLS_LABEL)
		of_reader_skip(&w->r, 2);
	of_reader_bytes(&w->r, value.b, field_get(id)->n_bytes);
	if (!field_value_is_valid(field_get(id), &value))
		return OFPBAC_BAD_ARGUMENT;
	a = ofpacts_put_set_field(list, id, &value);
	a->form = OFPACT_FORM_LEGACY;
	return OFERROR_OK;
}

#define LONGER 1 /* The length in the table is the least. */

struct action_row {
	uint8_t first, last; /* Versions. */
	uint16_t type;
	uint16_t len; /* With the header. */
	uint16_t more; /* 0 or LONGER. */
	decode_function *decode;
	uint16_t arg; /* For 'decode'. */
};

#define R(FIRST, LAST, TYPE, LEN, MORE, DECODE, ARG)                                         \
	{                                                                                    \
		OF_VERSION_##FIRST, OF_VERSION_##LAST, TYPE, LEN, MORE, decode_##DECODE, ARG \
	}

static const struct action_row standard_rows[] = {
	R(10, 10, V10_OUTPUT, 8, 0, output10, 0),
	R(10, 10, V10_SET_VLAN_VID, 8, 0, vlan_vid, 0),
	R(10, 10, V10_SET_VLAN_PCP, 8, 0, vlan_pcp, 0),
	R(10, 10, V10_STRIP_VLAN, 8, 0, empty, OFPACT_STRIP_VLAN),
	R(10, 10, V10_SET_DL_SRC, 16, 0, legacy_set, FIELD_ETH_SRC),
	R(10, 10, V10_SET_DL_DST, 16, 0, legacy_set, FIELD_ETH_DST),
	R(10, 10, V10_SET_NW_SRC, 8, 0, legacy_set, FIELD_IPV4_SRC),
	R(10, 10, V10_SET_NW_DST, 8, 0, legacy_set, FIELD_IPV4_DST),
	R(10, 10, V10_SET_NW_TOS, 8, 0, legacy_set, FIELD_IP_DSCP),
	R(10, 10, V10_SET_TP_SRC, 8, 0, legacy_set, FIELD_TCP_SRC),
	R(10, 10, V10_SET_TP_DST, 8, 0, legacy_set, FIELD_TCP_DST),
	R(10, 10, V10_ENQUEUE, 16, 0, enqueue, 0),
	R(11, 15, V11_OUTPUT, 16, 0, output11, 0),
	/* 1.1 numbers 1.0's actions from 1 on. */
	R(11, 11, 1, 8, 0, vlan_vid, 0),
	R(11, 11, 2, 8, 0, vlan_pcp, 0),
	R(11, 11, 3, 16, 0, legacy_set, FIELD_ETH_SRC),
	R(11, 11, 4, 16, 0, legacy_set, FIELD_ETH_DST),
	R(11, 11, 5, 8, 0, legacy_set, FIELD_IPV4_SRC),
	R(11, 11, 6, 8, 0, legacy_set, FIELD_IPV4_DST),
	R(11, 11, 7, 8, 0, legacy_set, FIELD_IP_DSCP),
	R(11, 11, 8, 8, 0, legacy_set, FIELD_IP_ECN),
	R(11, 11, 9, 8, 0, legacy_set, FIELD_TCP_SRC),
	R(11, 11, 10, 8, 0, legacy_set, FIELD_TCP_DST),
	R(11, 15, V11_COPY_TTL_OUT, 8, 0, empty, OFPACT_COPY_TTL_OUT),
	R(11, 15, V11_COPY_TTL_IN, 8, 0, empty, OFPACT_COPY_TTL_IN),
	R(11, 15, V11_SET_MPLS_TTL, 8, 0, ttl, OFPACT_SET_MPLS_TTL),
	R(11, 15, V11_DEC_MPLS_TTL, 8, 0, empty, OFPACT_DEC_MPLS_TTL),
	R(11, 15, V11_PUSH_VLAN, 8, 0, ethertype, OFPACT_PUSH_VLAN),
	R(11, 15, V11_POP_VLAN, 8, 0, empty, OFPACT_STRIP_VLAN),
	R(11, 15, V11_PUSH_MPLS, 8, 0, ethertype, OFPACT_PUSH_MPLS),
	R(11, 15, V11_POP_MPLS, 8, 0, ethertype, OFPACT_POP_MPLS),
	R(11, 15, V11_SET_QUEUE, 8, 0, set_queue, 0),
	R(11, 15, V11_GROUP, 8, 0, group, 0),
	R(11, 15, V11_SET_NW_TTL, 8, 0, ttl, OFPACT_SET_TTL),
	R(11, 15, V11_DEC_NW_TTL, 8, 0, dec_ttl, 0),
	R(12, 15, V12_SET_FIELD, 8, LONGER, set_field, 0),
	R(13, 15, V13_PUSH_PBB, 8, 0, ethertype, OFPACT_PUSH_PBB),
	R(13, 15, V13_POP_PBB, 8, 0, empty, OFPACT_POP_PBB),
};

static const struct action_row nicira_rows[] = {
	R(10, 15, NXA_RESUBMIT, 16, 0, resubmit, 0),
	R(10, 15, NXA_SET_TUNNEL, 16, 0, set_tunnel, 0),
	R(10, 15, NXA_SET_QUEUE, 16, 0, set_queue, 2),
	R(10, 15, NXA_POP_QUEUE, 16, 0, empty, OFPACT_POP_QUEUE),
	R(10, 15, NXA_REG_MOVE, 24, LONGER, reg_move, 0),
	R(10, 15, NXA_REG_LOAD, 24, 0, reg_load, 0),
	R(10, 15, NXA_NOTE, 16, LONGER, note, 0),
	R(10, 15, NXA_SET_TUNNEL64, 24, 0, set_tunnel, 0),
	R(10, 15, NXA_RESUBMIT_TABLE, 16, 0, resubmit, 0),
	R(10, 15, NXA_OUTPUT_REG, 24, 0, output_reg, 0),
	R(10, 15, NXA_EXIT, 16, 0, empty, OFPACT_EXIT),
	R(10, 15, NXA_DEC_TTL, 16, 0, dec_ttl, 0),
	R(10, 15, NXA_CONTROLLER, 16, 0, controller, 0),
	R(10, 15, NXA_DEC_TTL_CNT_IDS, 16, LONGER, dec_ttl_ids, 0),
	R(10, 15, NXA_WRITE_METADATA, 32, 0, write_metadata, 0),
	R(10, 15, NXA_PUSH_MPLS, 16, 0, ethertype, OFPACT_PUSH_MPLS),
	R(10, 15, NXA_POP_MPLS, 16, 0, ethertype, OFPACT_POP_MPLS),
	R(10, 15, NXA_SET_MPLS_TTL, 16, 0, ttl, OFPACT_SET_MPLS_TTL),
	R(10, 15, NXA_DEC_MPLS_TTL, 16, 0, empty, OFPACT_DEC_MPLS_TTL),
	R(10, 15, NXA_STACK_PUSH, 24, 0, stack, OFPACT_STACK_PUSH),
	R(10, 15, NXA_STACK_POP, 24, 0, stack, OFPACT_STACK_POP),
	R(10, 15, NXA_SET_MPLS_LABEL, 16, 0, nx_mpls, FIELD_MPLS_LABEL),
	R(10, 15, NXA_SET_MPLS_TC, 16, 0, nx_mpls, FIELD_MPLS_TC),
	R(10, 15, NXA_OUTPUT_REG2, 24, 0, output_reg, 0),
	R(10, 15, NXA_REG_LOAD2, 16, LONGER, set_field, 1),
};

static const struct action_row *
find_row(const struct action_row *rows, size_t n, uint16_t type, unsigned int version)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].type == type && rows[i].first <= version && version <= rows[i].last)
			return &rows[i];
	}
	return NULL;
}

/* Decodes the action at 'r', whose 'len' bytes are there. */
static enum oferror
decode_one(enum of_version version, const uint8_t *data, size_t len, struct ofpacts *list)
{
	struct wire_action w = { .version = version };
	const struct action_row *row;
	enum oferror error;

	of_reader_init(&w.r, data, len);
	w.type = of_reader_u16(&w.r);
	of_reader_skip(&w.r, 2);
	if (w.type == TYPE_VENDOR) {
		uint32_t vendor = of_reader_u32(&w.r);

		if (w.r.failed || vendor != OF_VENDOR_NICIRA)
			return w.r.failed ? OFPBAC_BAD_LEN : OFPBAC_BAD_VENDOR;
		w.type = of_reader_u16(&w.r);
		if (w.r.failed)
			return OFPBAC_BAD_LEN;
		row = find_row(nicira_rows, ARRAY_SIZE(nicira_rows), w.type, version);
		if (row == NULL)
			return OFPBAC_BAD_VENDOR_TYPE;
	} else {
		row = find_row(standard_rows, ARRAY_SIZE(standard_rows), w.type, version);
		if (row == NULL)
			return OFPBAC_BAD_TYPE;
	}
	if (row->more == LONGER ? len < row->len : len != row->len)
		return OFPBAC_BAD_LEN;
	w.arg = row->arg;
	error = row->decode(&w, list);
	return error == OFERROR_OK && w.r.failed ? OFPBAC_BAD_LEN : error;
}

enum oferror
of_actions_decode(enum of_version version, const void *data, size_t len, struct ofpacts *list)
{
	size_t start = list->len;
	struct of_reader r;

	of_reader_init(&r, data, len);
	while (r.left > 0) {
		const uint8_t *action = r.p;
		size_t n = r.left < 8 ? 0 : (size_t)(action[2] << 8 | action[3]);
		enum oferror error = OFPBAC_BAD_LEN;

		if (n >= 8 && n % 8 == 0 && n <= r.left)
			error = decode_one(version, action, n, list);
		if (error != OFERROR_OK) {
			list->len = start;
			return error;
		}
		of_reader_skip(&r, n);
	}
	return OFERROR_OK;
}
