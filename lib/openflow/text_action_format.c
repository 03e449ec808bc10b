/* SPDX-License-Identifier: Apache-2.0 */
/* Actions to text, as ovs-ofctl prints them. */

#include <inttypes.h>

#include "base/str.h"
#include "flow/ofp_port.h"
#include "openflow/subfield.h"
#include "openflow/text.h"

void
of_text_port_format(uint32_t port, const struct format_ports *ports, struct str *s)
{
	const struct field *f = field_get(FIELD_IN_PORT_OXM);
	union field_value value = { .b = { 0 } };

	field_value_set_u64(f, &value, port);
	field_format(f, &value, NULL, ports, s);
}

/* A number in hexadecimal, zero without "0x". */
static void
put_hex(uint64_t v, struct str *s)
{
	str_printf(s, v == 0 ? "%" PRIx64 : "0x%" PRIx64, v);
}

static void
put_output(uint32_t port, const struct format_ports *ports, struct str *s)
{
	if (ofp_port_name(port) == NULL)
		str_puts(s, "output:");
	of_text_port_format(port, ports, s);
}

static void
put_controller(const struct ofpact_controller *a, struct str *s)
{
	if (a->reason == OF_PACKET_IN_ACTION && a->controller_id == 0) {
		str_printf(s, "CONTROLLER:%u", a->max_len);
		return;
	}
	str_puts(s, "controller(");
	if (a->reason != OF_PACKET_IN_ACTION)
		str_printf(s, "reason=%s,", of_packet_in_reason_name(a->reason));
	if (a->max_len != UINT16_MAX)
		str_printf(s, "max_len=%u,", a->max_len);
	if (a->controller_id != 0)
		str_printf(s, "id=%u,", a->controller_id);
	str_chomp(s, ',');
	str_putc(s, ')');
}

/* The words of the actions that set one field; NULL: it has none. */
static const char *
legacy_word(enum field_id id)
{
	switch (id) {
	case FIELD_ETH_SRC: return "mod_dl_src";
	case FIELD_ETH_DST: return "mod_dl_dst";
	case FIELD_IPV4_SRC: return "mod_nw_src";
	case FIELD_IPV4_DST: return "mod_nw_dst";
	case FIELD_IP_DSCP: return "mod_nw_tos";
	case FIELD_IP_ECN: return "mod_nw_ecn";
	case FIELD_TCP_SRC: return "mod_tp_src";
	case FIELD_TCP_DST: return "mod_tp_dst";
	default: return NULL;
	}
}

static bool
value_bit(const struct field *f, const union field_value *v, unsigned int i)
{
	return (v->b[f->n_bytes - 1 - i / 8] >> (i % 8) & 1) != 0;
}

static void
put_load(const struct ofpact_set_field *a, struct str *s)
{
	const struct field *f = field_get(a->field);
	struct of_subfield sf = { .field = a->field };
	uint64_t v = 0;

	while (sf.ofs < f->n_bits && !value_bit(f, &a->mask, sf.ofs))
		sf.ofs++;
	while (sf.ofs + sf.n_bits < f->n_bits && value_bit(f, &a->mask, sf.ofs + sf.n_bits)) {
		if (sf.n_bits < 64 && value_bit(f, &a->value, sf.ofs + sf.n_bits))
			v |= UINT64_C(1) << sf.n_bits;
		sf.n_bits++;
	}
	str_puts(s, "load:");
	put_hex(v, s);
	str_puts(s, "->");
	of_subfield_format(&sf, s);
}

static void
put_set_field(const struct ofpact_set_field *a, const struct format_ports *ports, struct str *s)
{
	const struct field *f = field_get(a->field);

	if (a->form == OFPACT_FORM_LOAD) {
		put_load(a, s);
		return;
	}
	if (a->form == OFPACT_FORM_LEGACY && legacy_word(a->field) != NULL) {
		str_printf(s, "%s:", legacy_word(a->field));
		if (a->field == FIELD_IP_DSCP)
			str_printf(s, "%u", a->value.u8 << 2);
		else
			field_format(f, &a->value, NULL, ports, s);
		return;
	}
	if (a->form == OFPACT_FORM_LEGACY
		&& (a->field == FIELD_MPLS_LABEL || a->field == FIELD_MPLS_TC)) {
		str_printf(s, "set_%s(%" PRIu64 ")", f->name, field_value_u64(f, &a->value));
		return;
	}
	str_puts(s, "set_field:");
	field_format(f, &a->value, &a->mask, ports, s);
	str_printf(s, "->%s", f->name);
}

static void
put_dec_ttl(const struct ofpact_dec_ttl *a, struct str *s)
{
	str_puts(s, "dec_ttl");
	if (!a->extended || (a->n_ids == 1 && a->ids[0] == 0))
		return;
	for (size_t i = 0; i < a->n_ids; i++)
		str_printf(s, "%c%u", i == 0 ? '(' : ',', a->ids[i]);
	str_putc(s, ')');
}

static void
put_resubmit(const struct ofpact_resubmit *a, const struct format_ports *ports, struct str *s)
{
	bool same_port = a->port == OFP_PORT_IN_PORT;

	if (!same_port && a->table == OFPACT_RESUBMIT_SAME_TABLE) {
		str_puts(s, "resubmit:");
		of_text_port_format(a->port, ports, s);
		return;
	}
	str_puts(s, "resubmit(");
	if (!same_port)
		of_text_port_format(a->port, ports, s);
	str_printf(s, ",%u)", a->table);
}

static void
put_note(const struct ofpact_note *a, struct str *s)
{
	str_puts(s, "note:");
	for (size_t i = 0; i < a->n; i++)
		str_printf(s, i == 0 ? "%02x" : ".%02x", a->data[i]);
}

static void
put_metadata(const struct ofpact_metadata *a, struct str *s)
{
	str_puts(s, "write_metadata:");
	put_hex(a->metadata, s);
	if (a->mask != UINT64_MAX) {
		str_putc(s, '/');
		put_hex(a->mask, s);
	}
}

static void
put_nest(const struct ofpact_nest *a, const struct format_ports *ports, struct str *s)
{
	struct ofpacts nested = ofpacts_view(a);

	str_puts(s, "write_actions(");
	of_actions_format(&nested, ports, s);
	str_putc(s, ')');
}

/* Elements that are a word and perhaps a number. */
static void
put_simple(const struct ofpact *a, struct str *s)
{
	switch (a->type) {
	case OFPACT_STRIP_VLAN:
		str_puts(s,
			OFPACT_GET(empty, a)->form == OFPACT_FORM_LEGACY ? "strip_vlan"
									 : "pop_vlan");
		break;
	case OFPACT_SET_VLAN_VID:
		str_printf(s, "%s_vlan_vid:%u",
			OFPACT_GET(set_vlan_vid, a)->push_if_needed ? "mod" : "set",
			OFPACT_GET(set_vlan_vid, a)->vid);
		break;
	case OFPACT_SET_VLAN_PCP:
		str_printf(s, "%s_vlan_pcp:%u",
			OFPACT_GET(set_vlan_pcp, a)->push_if_needed ? "mod" : "set",
			OFPACT_GET(set_vlan_pcp, a)->pcp);
		break;
	case OFPACT_PUSH_VLAN:
		str_printf(s, "push_vlan:0x%04x", OFPACT_GET(ethertype, a)->ethertype);
		break;
	case OFPACT_PUSH_MPLS:
		str_printf(s, "push_mpls:0x%04x", OFPACT_GET(ethertype, a)->ethertype);
		break;
	case OFPACT_POP_MPLS:
		str_printf(s, "pop_mpls:0x%04x", OFPACT_GET(ethertype, a)->ethertype);
		break;
	case OFPACT_PUSH_PBB:
		str_printf(s, "push_pbb:0x%04x", OFPACT_GET(ethertype, a)->ethertype);
		break;
	case OFPACT_POP_PBB: str_puts(s, "pop_pbb"); break;
	case OFPACT_SET_TTL: str_printf(s, "mod_nw_ttl:%u", OFPACT_GET(ttl, a)->ttl); break;
	case OFPACT_SET_MPLS_TTL: str_printf(s, "set_mpls_ttl(%u)", OFPACT_GET(ttl, a)->ttl); break;
	case OFPACT_DEC_MPLS_TTL: str_puts(s, "dec_mpls_ttl"); break;
	case OFPACT_COPY_TTL_OUT: str_puts(s, "copy_ttl_out"); break;
	case OFPACT_COPY_TTL_IN: str_puts(s, "copy_ttl_in"); break;
	case OFPACT_SET_QUEUE:
		str_printf(s, "set_queue:%" PRIu32, OFPACT_GET(set_queue, a)->queue);
		break;
	case OFPACT_POP_QUEUE: str_puts(s, "pop_queue"); break;
	case OFPACT_GROUP: str_printf(s, "group:%" PRIu32, OFPACT_GET(group, a)->group); break;
	case OFPACT_EXIT: str_puts(s, "exit"); break;
	case OFPACT_METER: str_printf(s, "meter:%" PRIu32, OFPACT_GET(meter, a)->meter); break;
	case OFPACT_CLEAR_ACTIONS: str_puts(s, "clear_actions"); break;
	case OFPACT_GOTO_TABLE:
		str_printf(s, "goto_table:%u", OFPACT_GET(goto_table, a)->table);
		break;
	default: break;
	}
}

static void
put_one(const struct ofpact *a, const struct format_ports *ports, struct str *s)
{
	switch (a->type) {
	case OFPACT_OUTPUT: put_output(OFPACT_GET(output, a)->port, ports, s); break;
	case OFPACT_CONTROLLER: put_controller(OFPACT_GET(controller, a), s); break;
	case OFPACT_ENQUEUE:
		str_puts(s, "enqueue:");
		of_text_port_format(OFPACT_GET(enqueue, a)->port, ports, s);
		str_printf(s, ":%" PRIu32, OFPACT_GET(enqueue, a)->queue);
		break;
	case OFPACT_OUTPUT_REG:
		str_puts(s, "output:");
		of_subfield_format(&OFPACT_GET(output_reg, a)->src, s);
		break;
	case OFPACT_SET_FIELD: put_set_field(OFPACT_GET(set_field, a), ports, s); break;
	case OFPACT_DEC_TTL: put_dec_ttl(OFPACT_GET(dec_ttl, a), s); break;
	case OFPACT_REG_MOVE:
		str_puts(s, "move:");
		of_subfield_format(&OFPACT_GET(reg_move, a)->src, s);
		str_puts(s, "->");
		of_subfield_format(&OFPACT_GET(reg_move, a)->dst, s);
		break;
	case OFPACT_STACK_PUSH:
	case OFPACT_STACK_POP:
		str_puts(s, a->type == OFPACT_STACK_PUSH ? "push:" : "pop:");
		of_subfield_format(&OFPACT_GET(stack, a)->subfield, s);
		break;
	case OFPACT_SET_TUNNEL:
		str_puts(s, OFPACT_GET(set_tunnel, a)->wide ? "set_tunnel64:" : "set_tunnel:");
		put_hex(OFPACT_GET(set_tunnel, a)->tunnel_id, s);
		break;
	case OFPACT_RESUBMIT: put_resubmit(OFPACT_GET(resubmit, a), ports, s); break;
	case OFPACT_NOTE: put_note(OFPACT_GET(note, a), s); break;
	case OFPACT_WRITE_ACTIONS: put_nest(OFPACT_GET(nest, a), ports, s); break;
	case OFPACT_WRITE_METADATA: put_metadata(OFPACT_GET(metadata, a), s); break;
	default: put_simple(a, s); break;
	}
}

void
of_actions_format(const struct ofpacts *list, const struct format_ports *ports, struct str *s)
{
	const struct ofpact *a;
	bool first = true;

	if (list->len == 0) {
		str_puts(s, "drop");
		return;
	}
	OFPACT_FOREACH(a, list)
	{
		if (!first)
			str_putc(s, ',');
		first = false;
		put_one(a, ports, s);
	}
}
