/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing fields of keys and masks, their prerequisites, and the searches over the table of
 * fields.  All of it is driven by the rows of field_table.c. */

#include "flow/field.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>

#include "flow/ofp_port.h"

#define ETH_TYPE_IP 0x0800
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_RARP 0x8035
#define ETH_TYPE_IPV6 0x86dd
#define ETH_TYPE_MPLS 0x8847
#define ETH_TYPE_MPLS_MCAST 0x8848
#define ETH_TYPE_PBB 0x88e7
#define ICMP6_ND_SOLICIT 135
#define ICMP6_ND_ADVERT 136

static bool
name_is(const char *a, const char *b)
{
	return b != NULL && strcasecmp(a, b) == 0;
}

const struct field *
field_by_name(const char *name)
{
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		const struct field *f = &field_table[i];

		if (name_is(name, f->name) || name_is(name, f->alias) || name_is(name, f->alias2))
			return f;
	}
	return NULL;
}

const struct field *
field_by_oxm(uint16_t oxm_class, uint8_t oxm_field, uint32_t experimenter)
{
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		const struct field_oxm *o = field_table[i].oxms;

		for (unsigned int k = 0; k < FIELD_N_OXMS && o[k].since != 0; k++) {
			if (o[k].oxm_class == oxm_class && o[k].oxm_field == oxm_field
				&& (oxm_class != FIELD_CLASS_EXPERIMENTER
					|| o[k].experimenter == experimenter))
				return &field_table[i];
		}
	}
	return NULL;
}

static bool
oxm_is_nxm(const struct field_oxm *o)
{
	return o->oxm_class == FIELD_CLASS_NXM0 || o->oxm_class == FIELD_CLASS_NXM1;
}

const struct field_oxm *
field_oxm_for(const struct field *f, uint8_t version, bool nxm)
{
	const struct field_oxm *young = NULL, *fits = NULL;

	for (unsigned int k = 0; k < FIELD_N_OXMS && f->oxms[k].since != 0; k++) {
		const struct field_oxm *o = &f->oxms[k];

		if (nxm && oxm_is_nxm(o))
			return o;
		if (o->since <= version) {
			if (fits == NULL)
				fits = o;
		} else if (young == NULL || o->since < young->since) {
			young = o;
		}
	}
	return fits != NULL ? fits : young;
}

/* Ones in the low 'n' bits; 'n' at most 64. */
static uint64_t
low_bits(unsigned int n)
{
	return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* Bits that a value may have. */
static uint64_t
value_bits(const struct field *f)
{
	return f->store == FIELD_STORE_DSCP ? 0xfc : low_bits(f->n_bits);
}

static uint64_t
load_be(const uint8_t *p, unsigned int n)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static void
store_be(uint8_t *p, unsigned int n, uint64_t v)
{
	for (unsigned int i = n; i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

uint64_t
field_value_u64(const struct field *f, const union field_value *v)
{
	return f->n_bytes > 8 ? load_be(v->b + f->n_bytes - 8, 8) : load_be(v->b, f->n_bytes);
}

void
field_value_set_u64(const struct field *f, union field_value *v, uint64_t x)
{
	memset(v, 0, sizeof *v);
	if (f->n_bytes > 8)
		store_be(v->b + f->n_bytes - 8, 8, x);
	else
		store_be(v->b, f->n_bytes, x);
}

void
field_value_set_ones(const struct field *f, union field_value *v)
{
	memset(v, 0, sizeof *v);
	if (f->n_bits > 64)
		memset(v->b, 0xff, f->n_bytes);
	else
		store_be(v->b, f->n_bytes, value_bits(f));
}

bool
field_value_is_zero(const struct field *f, const union field_value *v)
{
	uint8_t any = 0;

	for (unsigned int i = 0; i < f->n_bytes; i++)
		any |= v->b[i];
	return any == 0;
}

bool
field_value_is_ones(const struct field *f, const union field_value *v)
{
	union field_value ones;
	uint8_t missing = 0;

	field_value_set_ones(f, &ones);
	for (unsigned int i = 0; i < f->n_bytes; i++)
		missing |= (uint8_t)(ones.b[i] & ~v->b[i]);
	return missing == 0;
}

bool
field_value_equal(const struct field *f, const union field_value *a, const union field_value *b)
{
	return memcmp(a->b, b->b, f->n_bytes) == 0;
}

bool
field_value_is_valid(const struct field *f, const union field_value *v)
{
	return f->n_bits > 64 || (field_value_u64(f, v) & ~value_bits(f)) == 0;
}

bool
field_mask_is_valid(const struct field *f, const union field_value *mask)
{
	return f->maskable || field_value_is_ones(f, mask) || field_value_is_zero(f, mask);
}

/* The integer of 'f->size' bytes that the field is in. */
static uint64_t
store_load(const struct field *f, const uint8_t *p)
{
	uint64_t v = 0;

	if (f->store == FIELD_STORE_WIRE)
		return load_be(p, f->size);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(&v, p, f->size);
#else
	v = load_be(p, f->size);
#endif
	return v;
}

static void
store_save(const struct field *f, uint8_t *p, uint64_t v)
{
	if (f->store == FIELD_STORE_WIRE) {
		store_be(p, f->size, v);
		return;
	}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(p, &v, f->size);
#else
	store_be(p, f->size, v);
#endif
}

static void
regs_read(const uint8_t *p, unsigned int n, union field_value *v)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t reg;

		memcpy(&reg, p + 4 * i, 4);
		store_be(v->b + 4 * i, 4, reg);
	}
}

static void
regs_write(uint8_t *p, unsigned int n, const union field_value *v)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t reg = (uint32_t)load_be(v->b + 4 * i, 4);

		memcpy(p + 4 * i, &reg, 4);
	}
}

void
field_read(const struct field *f, const struct flow *flow, union field_value *v)
{
	const uint8_t *p = (const uint8_t *)flow + f->ofs;
	uint32_t port;

	memset(v, 0, sizeof *v);
	switch (f->store) {
	case FIELD_STORE_WIRE:
	case FIELD_STORE_HOST:
		if (f->size > 8 || f->size == 6)
			memcpy(v->b, p, f->size);
		else
			store_be(v->b, f->n_bytes,
				store_load(f, p) >> f->shift & low_bits(f->n_bits));
		break;
	case FIELD_STORE_XREG: regs_read(p, 2, v); break;
	case FIELD_STORE_XXREG: regs_read(p, 4, v); break;
	case FIELD_STORE_IPV4_MAPPED: memcpy(v->b, p + 12, 4); break;
	case FIELD_STORE_PORT10:
		memcpy(&port, p, 4);
		store_be(v->b, 2, ofp_port_to10(port));
		break;
	case FIELD_STORE_DSCP: v->b[0] = *p & 0xfc; break;
	}
}

void
field_write(const struct field *f, const union field_value *v, struct flow *flow)
{
	uint8_t *p = (uint8_t *)flow + f->ofs;
	uint64_t bits, old;
	uint32_t port;

	switch (f->store) {
	case FIELD_STORE_WIRE:
	case FIELD_STORE_HOST:
		if (f->size > 8 || f->size == 6) {
			memcpy(p, v->b, f->size);
			break;
		}
		bits = low_bits(f->n_bits);
		old = store_load(f, p) & ~(bits << f->shift);
		store_save(f, p, old | (field_value_u64(f, v) & bits) << f->shift);
		break;
	case FIELD_STORE_XREG: regs_write(p, 2, v); break;
	case FIELD_STORE_XXREG: regs_write(p, 4, v); break;
	case FIELD_STORE_IPV4_MAPPED:
		/* An IPv4 endpoint and "none" differ in the prefix. */
		memset(p, 0, 12);
		if (!field_value_is_zero(f, v))
			p[10] = p[11] = 0xff;
		memcpy(p + 12, v->b, 4);
		break;
	case FIELD_STORE_PORT10:
		port = ofp_port_from10((uint16_t)load_be(v->b, 2));
		memcpy(p, &port, 4);
		break;
	case FIELD_STORE_DSCP: *p = (uint8_t)((*p & 3) | (v->b[0] & 0xfc)); break;
	}
}

void
field_write_masked(const struct field *f, const union field_value *v, const union field_value *mask,
	struct flow *flow)
{
	union field_value new;

	field_read(f, flow, &new);
	for (unsigned int i = 0; i < f->n_bytes; i++)
		new.b[i] = (uint8_t)((new.b[i] & ~mask->b[i]) | (v->b[i] & mask->b[i]));
	field_write(f, &new, flow);
}

void
field_mask(const struct field *f, struct flow *mask)
{
	union field_value ones;

	/* The other half of the port that an ICMP type or code sits in is zero in every packet: looking at the whole
	 * is the same, and one form is enough. */
	if (f->store == FIELD_STORE_IPV4_MAPPED || f->store == FIELD_STORE_PORT10
		|| f->prereq == FIELD_PREREQ_ICMPV4 || f->prereq == FIELD_PREREQ_ICMPV6) {
		memset((uint8_t *)mask + f->ofs, 0xff, f->size);
		return;
	}
	field_value_set_ones(f, &ones);
	field_write_masked(f, &ones, &ones, mask);
}

static bool
prereq_is_l4(enum field_prereq p)
{
	return p >= FIELD_PREREQ_TCP;
}

static bool
prereq_is_nd(enum field_prereq p)
{
	return p >= FIELD_PREREQ_ND;
}

void
field_mask_prereqs(const struct field *f, struct flow *mask)
{
	if (f->prereq == FIELD_PREREQ_NONE)
		return;
	if (f->prereq == FIELD_PREREQ_VLAN) {
		mask->vlan_tci |= htons(FLOW_VLAN_PRESENT);
		return;
	}
	mask->eth_type = 0xffff;
	if (f->prereq == FIELD_PREREQ_CT)
		mask->ct_nw_proto = 0xff;
	if (prereq_is_l4(f->prereq))
		mask->ip_proto = 0xff;
	if (prereq_is_nd(f->prereq))
		mask->l4_src = 0xffff;
}

/* The part of a prerequisite that is about the transport protocol. */
static bool
l4_prereq_holds(enum field_prereq p, const struct flow *flow)
{
	uint16_t eth_type = ntohs(flow->eth_type);
	uint16_t type = ntohs(flow->l4_src);

	switch (p) {
	case FIELD_PREREQ_TCP: return flow->ip_proto == IPPROTO_TCP;
	case FIELD_PREREQ_UDP: return flow->ip_proto == IPPROTO_UDP;
	case FIELD_PREREQ_SCTP: return flow->ip_proto == IPPROTO_SCTP;
	case FIELD_PREREQ_ICMPV4: return eth_type == ETH_TYPE_IP && flow->ip_proto == IPPROTO_ICMP;
	default: break;
	}
	if (eth_type != ETH_TYPE_IPV6 || flow->ip_proto != IPPROTO_ICMPV6)
		return false;
	switch (p) {
	case FIELD_PREREQ_ICMPV6: return true;
	case FIELD_PREREQ_ND: return type == ICMP6_ND_SOLICIT || type == ICMP6_ND_ADVERT;
	case FIELD_PREREQ_ND_SOLICIT: return type == ICMP6_ND_SOLICIT;
	case FIELD_PREREQ_ND_ADVERT: return type == ICMP6_ND_ADVERT;
	default: return false;
	}
}

bool
field_prereqs_hold(const struct field *f, const struct flow *flow)
{
	uint16_t eth_type = ntohs(flow->eth_type);
	bool ip = eth_type == ETH_TYPE_IP || eth_type == ETH_TYPE_IPV6;

	switch (f->prereq) {
	case FIELD_PREREQ_NONE: return true;
	case FIELD_PREREQ_ARP: return eth_type == ETH_TYPE_ARP || eth_type == ETH_TYPE_RARP;
	case FIELD_PREREQ_VLAN: return (flow->vlan_tci & htons(FLOW_VLAN_PRESENT)) != 0;
	case FIELD_PREREQ_IPV4: return eth_type == ETH_TYPE_IP;
	case FIELD_PREREQ_IPV6: return eth_type == ETH_TYPE_IPV6;
	case FIELD_PREREQ_IP: return ip;
	case FIELD_PREREQ_MPLS: return eth_type == ETH_TYPE_MPLS || eth_type == ETH_TYPE_MPLS_MCAST;
	case FIELD_PREREQ_PBB: return eth_type == ETH_TYPE_PBB;
	case FIELD_PREREQ_CT:
		return ip && (flow->ct_state & (FLOW_CT_TRK | FLOW_CT_INV)) == FLOW_CT_TRK;
	default: return ip && l4_prereq_holds(f->prereq, flow);
	}
}

bool
field_prerequisites_ok(const struct field *f, const struct flow *value, const struct flow *mask)
{
	if (!field_prereqs_hold(f, value))
		return false;
	if (f->prereq == FIELD_PREREQ_NONE)
		return true;
	if (f->prereq == FIELD_PREREQ_VLAN)
		return (mask->vlan_tci & htons(FLOW_VLAN_PRESENT)) != 0;
	if (mask->eth_type != 0xffff)
		return false;
	if (f->prereq == FIELD_PREREQ_CT)
		return (mask->ct_state & FLOW_CT_TRK) != 0;
	if (prereq_is_l4(f->prereq) && mask->ip_proto != 0xff)
		return false;
	return !prereq_is_nd(f->prereq) || (mask->l4_src & htons(0xff)) == htons(0xff);
}

bool
field_is_secondary(const struct field *f)
{
	enum field_id id = field_id(f);

	switch (id) {
	case FIELD_IN_PORT:
	case FIELD_TUN_SRC:
	case FIELD_TUN_DST:
	case FIELD_VLAN_TCI:
	case FIELD_DL_VLAN:
	case FIELD_DL_VLAN_PCP:
	case FIELD_NW_TOS: return true;
	default: return id >= FIELD_XREG0 && id <= FIELD_XXREG3;
	}
}
