/* SPDX-License-Identifier: Apache-2.0 */
/* field_action: actions that read and write fields by name. */

#include <arpa/inet.h>
#include <string.h>

#include "pipeline/translate_priv.h"

/* Notes what tells whether the packet has the field.  Returns: whether it has. */
static bool
has_field(struct xlate *x, const struct field *f)
{
	struct flow bits;

	memset(&bits, 0, sizeof bits);
	field_mask_prereqs(f, &bits);
	/* Later fragments have no ports. */
	if (f->ofs == offsetof(struct flow, l4_src) || f->ofs == offsetof(struct flow, l4_dst))
		bits.ip_frag = FLOW_FRAG_LATER;
	xlate_use(x, &bits);
	return field_prereqs_hold(f, &x->s.flow)
		&& (bits.ip_frag == 0 || (x->s.flow.ip_frag & FLOW_FRAG_LATER) == 0);
}

static bool
is_tci(const struct field *f)
{
	return f->ofs == offsetof(struct flow, vlan_tci);
}

/* Writes a field that is part of the outer tag. */
static void
write_tci(struct xlate *x, const struct field *f, const struct flow *value, const struct flow *mask)
{
	uint16_t tci = ntohs(value->vlan_tci), bits = ntohs(mask->vlan_tci);
	/* Only NXM's form of the whole TCI says whether there is a tag. */
	bool tells = field_id(f) == FIELD_VLAN_TCI && (bits & FLOW_VLAN_PRESENT) != 0;

	xlate_use_tci(x, FLOW_VLAN_PRESENT);
	if (tells && (tci & FLOW_VLAN_PRESENT) == 0)
		xlate_pop_vlan(x);
	else if (x->s.n_tags != 0)
		xlate_set_tci(x, tci, bits & (uint16_t)~FLOW_VLAN_PRESENT);
	else if (tells)
		xlate_push_vlan_tci(x, 0x8100, tci);
}

void
xlate_set_field(struct xlate *x, const struct field *f, const union field_value *value,
	const union field_value *mask)
{
	struct flow written, bits;

	if (!has_field(x, f))
		return;
	memset(&bits, 0, sizeof bits);
	field_write_masked(f, mask, mask, &bits);
	if (is_tci(f)) {
		memset(&written, 0, sizeof written);
		field_write_masked(f, value, mask, &written);
		write_tci(x, f, &written, &bits);
		return;
	}
	if (x->s.inner_unknown) {
		/* Not because the value mattered, but because the header may not be what it seems. */
		xlate_use(x, &bits);
		if (x->failed)
			return;
	}
	field_write_masked(f, value, mask, &x->s.flow);
	field_write_masked(f, mask, mask, &x->s.written);
}

/* ---- Subfields ---- */

static bool
value_bit(const struct field *f, const union field_value *v, unsigned int i)
{
	return (v->b[f->n_bytes - 1 - i / 8] >> i % 8 & 1) != 0;
}

static void
value_set_bit(const struct field *f, union field_value *v, unsigned int i)
{
	v->b[f->n_bytes - 1 - i / 8] |= (uint8_t)(1u << i % 8);
}

/* The bits of 'sf' as a mask of its field. */
static void
subfield_mask(const struct of_subfield *sf, union field_value *mask)
{
	memset(mask, 0, sizeof *mask);
	for (unsigned int i = 0; i < sf->n_bits; i++)
		value_set_bit(field_get(sf->field), mask, sf->ofs + i);
}

/* Reads the field of 'sf', and notes that its bits were looked at.  Returns: false if the packet lacks it. */
static bool
read_field(struct xlate *x, const struct of_subfield *sf, union field_value *value)
{
	const struct field *f = field_get(sf->field);
	union field_value mask;
	struct flow bits;

	memset(value, 0, sizeof *value);
	if (!has_field(x, f))
		return false;
	subfield_mask(sf, &mask);
	memset(&bits, 0, sizeof bits);
	field_write_masked(f, &mask, &mask, &bits);
	xlate_use(x, &bits);
	field_read(f, &x->s.flow, value);
	return true;
}

uint64_t
xlate_read_subfield(struct xlate *x, const struct of_subfield *sf)
{
	union field_value value;
	uint64_t result = 0;

	(void)read_field(x, sf, &value);
	for (unsigned int i = 0; i < sf->n_bits && i < 64; i++)
		result |= (uint64_t)value_bit(field_get(sf->field), &value, sf->ofs + i) << i;
	return result;
}

/* Writes the low bits of 'from', a value of 'src', into 'dst'. */
static void
write_subfield(struct xlate *x, const struct field *src, const union field_value *from,
	unsigned int from_ofs, const struct of_subfield *dst)
{
	const struct field *f = field_get(dst->field);
	union field_value value, mask;

	memset(&value, 0, sizeof value);
	subfield_mask(dst, &mask);
	for (unsigned int i = 0; i < dst->n_bits; i++) {
		if (value_bit(src, from, from_ofs + i))
			value_set_bit(f, &value, dst->ofs + i);
	}
	xlate_set_field(x, f, &value, &mask);
}

void
xlate_reg_move(struct xlate *x, const struct of_subfield *src, const struct of_subfield *dst)
{
	union field_value value;

	if (read_field(x, src, &value))
		write_subfield(x, field_get(src->field), &value, src->ofs, dst);
}

/* Values on the stack are kept in the layout of a field of 128 bits. */
static const struct field *
stack_field(void)
{
	return field_get(FIELD_XXREG0);
}

void
xlate_stack_push(struct xlate *x, const struct of_subfield *sf)
{
	union field_value value;

	if (x->n_stack == XLATE_MAX_STACK) {
		xlate_note(x, "more than %d values on the stack", XLATE_MAX_STACK);
		xlate_fail(x, DROP_UNSUPPORTED);
		return;
	}
	(void)read_field(x, sf, &value);
	memset(&x->stack[x->n_stack].value, 0, sizeof x->stack[0].value);
	x->stack[x->n_stack].n_bits = sf->n_bits;
	for (unsigned int i = 0; i < sf->n_bits; i++) {
		if (value_bit(field_get(sf->field), &value, sf->ofs + i))
			value_set_bit(stack_field(), &x->stack[x->n_stack].value, i);
	}
	x->n_stack++;
}

void
xlate_stack_pop(struct xlate *x, const struct of_subfield *sf)
{
	if (x->n_stack == 0) {
		xlate_note(x, "the stack is empty");
		return;
	}
	x->n_stack--;
	write_subfield(x, stack_field(), &x->stack[x->n_stack].value, 0, sf);
}
