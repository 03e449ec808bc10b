/* SPDX-License-Identifier: Apache-2.0 */
/* The list of decoded actions: building it, walking it, and the checks that need to know the rule's
 * match.  The wire forms are in action_decode.c, action_encode.c and instruction.c. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flow/ofp_port.h"
#include "openflow/flow_mod.h"
#include "openflow/ofpact_priv.h"

#define ALIGN 8

#define OFPACT_SIZE(TYPE, STRUCT) [OFPACT_##TYPE] = sizeof(struct STRUCT),
static const uint16_t sizes[N_OFPACTS] = { OFPACT_LIST(OFPACT_SIZE) };

void
ofpacts_init(struct ofpacts *list)
{
	*list = (struct ofpacts)OFPACTS_INIT;
}

void
ofpacts_uninit(struct ofpacts *list)
{
	if (list->alloc > 0)
		free(list->data);
	ofpacts_init(list);
}

void
ofpacts_clear(struct ofpacts *list)
{
	list->len = 0;
}

void
ofpacts_clone(struct ofpacts *dst, const struct ofpacts *src)
{
	ofpacts_init(dst);
	if (src->len > 0) {
		dst->data = xmemdup(src->data, src->len);
		dst->len = dst->alloc = src->len;
	}
}

bool
ofpacts_equal(const struct ofpacts *a, const struct ofpacts *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

struct ofpacts
ofpacts_view(const struct ofpact_nest *nest)
{
	struct ofpacts list = OFPACTS_INIT;

	list.len = nest->ofpact.len - sizeof *nest;
	list.data = list.len == 0 ? NULL : (uint8_t *)(uintptr_t)nest->data;
	return list;
}

void *
ofpacts_put(struct ofpacts *list, enum ofpact_type type, size_t extra)
{
	size_t len = ROUND_UP(sizes[type] + extra, ALIGN);
	struct ofpact *a;

	if (list->alloc - list->len < len) {
		list->alloc = MAX(list->alloc * 2, list->len + ROUND_UP(len, 64));
		list->data = xrealloc(list->data, list->alloc);
	}
	a = (struct ofpact *)(void *)(list->data + list->len);
	list->len += len;
	memset(a, 0, len);
	a->type = (uint16_t)type;
	a->len = (uint16_t)len;
	return a;
}

struct ofpact_set_field *
ofpacts_put_set_field(struct ofpacts *list, enum field_id field, const union field_value *value)
{
	struct ofpact_set_field *a = ofpacts_put(list, OFPACT_SET_FIELD, 0);

	a->field = field;
	memcpy(a->value.b, value->b, field_get(field)->n_bytes);
	field_value_set_ones(field_get(field), &a->mask);
	return a;
}

enum oferror
ofpact_set_subfield(struct ofpact_set_field *a, const struct of_subfield *sf, uint64_t v)
{
	const struct field *f = field_get(sf->field);

	a->field = sf->field;
	/* Bits beyond the 64 of 'v' are zeros that are set. */
	for (unsigned int i = 0; i < sf->n_bits; i++) {
		unsigned int at = sf->ofs + i;
		uint8_t bit = (uint8_t)(1u << (at % 8));

		a->mask.b[f->n_bytes - 1 - at / 8] |= bit;
		if (i < 64 && (v >> i & 1) != 0)
			a->value.b[f->n_bytes - 1 - at / 8] |= bit;
	}
	if (sf->field != FIELD_NW_TOS)
		return OFERROR_OK;
	if ((a->value.u8 & 3) != 0 || a->mask.u8 >> 2 == 0)
		return OFPBAC_BAD_SET_ARGUMENT;
	a->field = FIELD_IP_DSCP;
	a->value.u8 >>= 2;
	a->mask.u8 >>= 2;
	return OFERROR_OK;
}

void
ofpacts_put_output(struct ofpacts *list, uint32_t port, uint16_t max_len)
{
	if (port == OFP_PORT_CONTROLLER) {
		struct ofpact_controller *c = ofpacts_put(list, OFPACT_CONTROLLER, 0);

		c->max_len = max_len;
		c->reason = 1; /* OF_PACKET_IN_ACTION */
	} else {
		struct ofpact_output *o = ofpacts_put(list, OFPACT_OUTPUT, 0);

		o->port = port;
		o->max_len = max_len;
	}
}

enum field_id
ofpact_set_field_id(const struct ofpact_set_field *a, const struct flow *flow)
{
	bool src = a->field == FIELD_TCP_SRC;

	if (a->form != OFPACT_FORM_LEGACY || (!src && a->field != FIELD_TCP_DST))
		return a->field;
	switch (flow->ip_proto) {
	case 17: return src ? FIELD_UDP_SRC : FIELD_UDP_DST;
	case 132: return src ? FIELD_SCTP_SRC : FIELD_SCTP_DST;
	default: return a->field;
	}
}

bool
ofpact_is_instruction(const struct ofpact *a)
{
	return a->type >= OFPACT_METER;
}

bool
ofpacts_output_to_port(const struct ofpacts *list, uint32_t port)
{
	const struct ofpact *a;

	OFPACT_FOREACH(a, list)
	{
		switch (a->type) {
		case OFPACT_OUTPUT:
			if (OFPACT_GET(output, a)->port == port)
				return true;
			break;
		case OFPACT_ENQUEUE:
			if (OFPACT_GET(enqueue, a)->port == port)
				return true;
			break;
		case OFPACT_CONTROLLER:
			if (port == OFP_PORT_CONTROLLER)
				return true;
			break;
		case OFPACT_WRITE_ACTIONS: {
			struct ofpacts nested = ofpacts_view(OFPACT_GET(nest, a));

			if (ofpacts_output_to_port(&nested, port))
				return true;
			break;
		}
		default: break;
		}
	}
	return false;
}

bool
ofpacts_output_to_group(const struct ofpacts *list, uint32_t group)
{
	const struct ofpact *a;

	OFPACT_FOREACH(a, list)
	{
		if (a->type == OFPACT_GROUP && OFPACT_GET(group, a)->group == group)
			return true;
		if (a->type == OFPACT_WRITE_ACTIONS) {
			struct ofpacts nested = ofpacts_view(OFPACT_GET(nest, a));

			if (ofpacts_output_to_group(&nested, group))
				return true;
		}
	}
	return false;
}

static enum oferror
check_output_port(uint32_t port, const struct ofpacts_check *check)
{
	switch (port) {
	case OFP_PORT_IN_PORT:
	case OFP_PORT_TABLE:
	case OFP_PORT_NORMAL:
	case OFP_PORT_FLOOD:
	case OFP_PORT_ALL:
	case OFP_PORT_CONTROLLER:
	case OFP_PORT_LOCAL: return OFERROR_OK;
	default:
		if (ofp_port_is_reserved(port)
			|| (check->max_ports != 0 && port >= check->max_ports))
			return OFPBAC_BAD_OUT_PORT;
		return OFERROR_OK;
	}
}

static enum oferror
check_enqueue_port(uint32_t port, const struct ofpacts_check *check)
{
	if (port == OFP_PORT_IN_PORT || port == OFP_PORT_LOCAL)
		return OFERROR_OK;
	return ofp_port_is_reserved(port) ? OFPBAC_BAD_OUT_PORT : check_output_port(port, check);
}

static enum oferror
check_prerequisites(
	const struct field *f, const struct match *now, const struct ofpacts_check *check)
{
	if (check->consistent && !field_prerequisites_ok(f, &now->value, &now->mask))
		return OFPBAC_MATCH_INCONSISTENT;
	return OFERROR_OK;
}

static enum oferror
check_subfield(
	const struct of_subfield *sf, const struct match *now, const struct ofpacts_check *check)
{
	const struct field *f = field_get(sf->field);

	if (sf->n_bits == 0 || sf->ofs + sf->n_bits > f->n_bits)
		return OFPBAC_BAD_SET_LEN;
	return check_prerequisites(f, now, check);
}

static enum oferror
check_destination(
	const struct of_subfield *sf, const struct match *now, const struct ofpacts_check *check)
{
	if (!field_get(sf->field)->writable)
		return OFPBAC_BAD_SET_ARGUMENT;
	return check_subfield(sf, now, check);
}

/* The field whose prerequisites an action on a header has, N_FIELDS if none. */
static enum field_id
needed_field(const struct ofpact *a)
{
	switch (a->type) {
	case OFPACT_SET_TTL:
	case OFPACT_DEC_TTL: return FIELD_NW_TTL;
	case OFPACT_SET_MPLS_TTL:
	case OFPACT_DEC_MPLS_TTL:
	case OFPACT_POP_MPLS: return FIELD_MPLS_LABEL;
	case OFPACT_POP_PBB: return FIELD_PBB_ISID;
	case OFPACT_STRIP_VLAN: return FIELD_VLAN_PCP;
	default: return N_FIELDS;
	}
}

static enum oferror
check_set_field(const struct ofpact_set_field *a, const struct match *now,
	const struct ofpacts_check *check)
{
	enum field_id id = ofpact_set_field_id(a, &now->value);
	const struct field *f = field_get(id);

	if (!f->writable)
		return OFPBAC_BAD_SET_ARGUMENT;
	/* A VLAN id is set in a tag, not onto a packet without one. */
	if (id == FIELD_VLAN_VID)
		f = field_get(FIELD_VLAN_PCP);
	return check_prerequisites(f, now, check);
}

/* What the packets look like after 'a', as far as prerequisites go. */
static void
follow(const struct ofpact *a, struct match *now)
{
	switch (a->type) {
	case OFPACT_SET_VLAN_VID:
		if (OFPACT_GET(set_vlan_vid, a)->push_if_needed)
			match_set_vlan_any(now);
		break;
	case OFPACT_SET_VLAN_PCP:
		if (OFPACT_GET(set_vlan_pcp, a)->push_if_needed)
			match_set_vlan_any(now);
		break;
	case OFPACT_PUSH_VLAN: match_set_vlan_any(now); break;
	case OFPACT_STRIP_VLAN:
		/* Whatever is under the tag. */
		now->value.vlan_tci = now->mask.vlan_tci = 0;
		break;
	case OFPACT_PUSH_MPLS:
	case OFPACT_POP_MPLS:
	case OFPACT_PUSH_PBB:
		match_set_eth_type(now, OFPACT_GET(ethertype, a)->ethertype);
		now->value.ip_proto = now->mask.ip_proto = 0;
		break;
	case OFPACT_POP_PBB: now->value.eth_type = now->mask.eth_type = 0; break;
	default: break;
	}
}

static enum oferror
check_list(const struct ofpacts *list, struct match *now, const struct ofpacts_check *check);

static enum oferror
check_instruction(const struct ofpact *a, struct match *now, const struct ofpacts_check *check)
{
	switch (a->type) {
	case OFPACT_METER: {
		uint32_t meter = OFPACT_GET(meter, a)->meter;

		if (meter == 0 || meter > OF_METER_MAX
			|| (check->meter_exists != NULL && !check->meter_exists(check->aux, meter)))
			return OFPMMFC_INVALID_METER;
		return OFERROR_OK;
	}
	case OFPACT_WRITE_ACTIONS: {
		struct ofpacts nested = ofpacts_view(OFPACT_GET(nest, a));
		/* The set is executed at the end, and in an order of its own. */
		struct match then = *now;

		return check_list(&nested, &then, check);
	}
	case OFPACT_GOTO_TABLE: {
		uint8_t table = OFPACT_GET(goto_table, a)->table;

		if (check->n_tables != 0 && (table >= check->n_tables || table <= check->table_id))
			return OFPBIC_BAD_TABLE_ID;
		return OFERROR_OK;
	}
	default: return OFERROR_OK;
	}
}

static enum oferror
check_action(const struct ofpact *a, struct match *now, const struct ofpacts_check *check)
{
	enum field_id needed = needed_field(a);
	enum oferror error;

	if (needed != N_FIELDS)
		return check_prerequisites(field_get(needed), now, check);
	switch (a->type) {
	case OFPACT_OUTPUT: return check_output_port(OFPACT_GET(output, a)->port, check);
	case OFPACT_ENQUEUE: return check_enqueue_port(OFPACT_GET(enqueue, a)->port, check);
	case OFPACT_OUTPUT_REG: return check_subfield(&OFPACT_GET(output_reg, a)->src, now, check);
	case OFPACT_SET_FIELD: return check_set_field(OFPACT_GET(set_field, a), now, check);
	case OFPACT_SET_VLAN_VID:
		return OFPACT_GET(set_vlan_vid, a)->push_if_needed
			? OFERROR_OK
			: check_prerequisites(field_get(FIELD_VLAN_PCP), now, check);
	case OFPACT_SET_VLAN_PCP:
		return OFPACT_GET(set_vlan_pcp, a)->push_if_needed
			? OFERROR_OK
			: check_prerequisites(field_get(FIELD_VLAN_PCP), now, check);
	case OFPACT_REG_MOVE:
		error = check_subfield(&OFPACT_GET(reg_move, a)->src, now, check);
		return error != OFERROR_OK
			? error
			: check_destination(&OFPACT_GET(reg_move, a)->dst, now, check);
	case OFPACT_STACK_PUSH: return check_subfield(&OFPACT_GET(stack, a)->subfield, now, check);
	case OFPACT_STACK_POP:
		return check_destination(&OFPACT_GET(stack, a)->subfield, now, check);
	case OFPACT_GROUP: {
		uint32_t group = OFPACT_GET(group, a)->group;

		if (group > OF_GROUP_MAX
			|| (check->group_exists != NULL && !check->group_exists(check->aux, group)))
			return OFPBAC_BAD_OUT_GROUP;
		return OFERROR_OK;
	}
	default: return check_instruction(a, now, check);
	}
}

static enum oferror
check_list(const struct ofpacts *list, struct match *now, const struct ofpacts_check *check)
{
	const struct ofpact *a;

	OFPACT_FOREACH(a, list)
	{
		enum oferror error = check_action(a, now, check);

		if (error != OFERROR_OK)
			return error;
		follow(a, now);
	}
	return OFERROR_OK;
}

enum oferror
ofpacts_check(const struct ofpacts *list, const struct ofpacts_check *check)
{
	struct match now;

	if (check->match != NULL)
		now = *check->match;
	else
		match_init_catchall(&now);
	return check_list(list, &now, check);
}
