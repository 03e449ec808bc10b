/* SPDX-License-Identifier: Apache-2.0 */
/* TLV matches: OXM and NXM.  Which code point a field has, and everything else that is known of a
 * field, comes from flow/field.h; here are the rules of the encoding. */

#include "openflow/oxm.h"

#include <arpa/inet.h>
#include <string.h>

#include "openflow/msg.h"
#include "openflow/oxm_priv.h"
#include "openflow/port.h"

#define MATCH_TYPE_OXM 1 /* OFPMT_OXM */

#define HEADER_LEN 4
#define EXPERIMENTER_LEN 4

/* Nicira's TLV for a cookie in a match shares its number with a field and is known by its length. */
#define COOKIE_FIELD 30
#define COOKIE_LEN 8

/* A header as it was read. */
struct tlv_header {
	uint16_t oxm_class;
	uint8_t field;
	bool has_mask;
	uint8_t len; /* Of what follows, without the experimenter. */
	uint32_t experimenter;
};

static enum oferror
read_header(struct of_reader *r, struct tlv_header *h)
{
	uint8_t b;

	h->oxm_class = of_reader_u16(r);
	b = of_reader_u8(r);
	h->field = b >> 1;
	h->has_mask = (b & 1) != 0;
	h->len = of_reader_u8(r);
	h->experimenter = 0;
	if (h->oxm_class == FIELD_CLASS_EXPERIMENTER) {
		h->experimenter = of_reader_u32(r);
		if (h->len < EXPERIMENTER_LEN)
			return OFPBMC_BAD_LEN;
		h->len = (uint8_t)(h->len - EXPERIMENTER_LEN);
	}
	return r->failed ? OFPBMC_BAD_LEN : OFERROR_OK;
}

static void
put_header(struct of_buf *b, const struct field_oxm *oxm, bool has_mask, size_t len)
{
	bool experimenter = oxm->oxm_class == FIELD_CLASS_EXPERIMENTER;

	of_buf_put_u16(b, oxm->oxm_class);
	of_buf_put_u8(b, (uint8_t)(oxm->oxm_field << 1 | has_mask));
	of_buf_put_u8(b, (uint8_t)(len + (experimenter ? EXPERIMENTER_LEN : 0)));
	if (experimenter)
		of_buf_put_u32(b, oxm->experimenter);
}

static const struct field_oxm *
oxm_for(enum field_id id, enum of_version version)
{
	return field_oxm_for(field_get(id), (uint8_t)version, version < OF_VERSION_12);
}

bool
of_oxm_has_header(enum field_id id, enum of_version version)
{
	return oxm_for(id, version) != NULL;
}

void
of_oxm_put_header(enum of_version version, enum field_id id, bool has_mask, struct of_buf *b)
{
	const struct field *f = field_get(id);
	const struct field_oxm *oxm = oxm_for(id, version);
	static const struct field_oxm none;

	put_header(b, oxm == NULL ? &none : oxm, has_mask, has_mask ? 2u * f->n_bytes : f->n_bytes);
}

enum oferror
of_oxm_header_decode(struct of_reader *r, enum field_id *fieldp, bool *has_maskp)
{
	struct tlv_header h;
	const struct field *f;
	enum oferror error = read_header(r, &h);

	if (error != OFERROR_OK)
		return error;
	f = field_by_oxm(h.oxm_class, h.field, h.experimenter);
	if (f == NULL)
		return OFPBMC_BAD_FIELD;
	if (h.len != (h.has_mask ? 2 * f->n_bytes : f->n_bytes))
		return OFPBMC_BAD_LEN;
	*fieldp = field_id(f);
	*has_maskp = h.has_mask;
	return OFERROR_OK;
}

/* Says whether the value of 'f' is one that can be, beyond the bits that field.h knows of. */
static bool
value_is_possible(
	const struct field *f, const union field_value *value, const union field_value *mask)
{
	if (!field_value_is_valid(f, value))
		return false;
	switch (field_id(f)) {
	case FIELD_VLAN_VID: {
		uint16_t v = ntohs(value->be16), m = ntohs(mask->be16);

		/* A VLAN id and no tag. */
		return (m & FLOW_VLAN_PRESENT) == 0 || (v & FLOW_VLAN_PRESENT) != 0
			|| (v & FLOW_VLAN_VID) == 0;
	}
	case FIELD_NW_TOS: return (value->u8 & 3) == 0;
	case FIELD_IN_PORT_OXM:
	case FIELD_ACTSET_OUTPUT: return of_port_is_possible(ntohl(value->be32));
	default: return true;
	}
}

enum oferror
of_oxm_entry_decode(struct of_reader *r, enum field_id *fieldp, union field_value *value,
	union field_value *mask, bool *has_maskp)
{
	const struct field *f;
	enum oferror error = of_oxm_header_decode(r, fieldp, has_maskp);

	if (error != OFERROR_OK)
		return error;
	f = field_get(*fieldp);
	memset(value, 0, sizeof *value);
	memset(mask, 0, sizeof *mask);
	of_reader_bytes(r, value->b, f->n_bytes);
	if (*has_maskp)
		of_reader_bytes(r, mask->b, f->n_bytes);
	else
		field_value_set_ones(f, mask);
	if (r->failed)
		return OFPBMC_BAD_LEN;
	if (*has_maskp && !field_mask_is_valid(f, mask))
		return OFPBMC_BAD_MASK;
	for (size_t i = 0; *has_maskp && i < f->n_bytes; i++) {
		if ((value->b[i] & ~mask->b[i]) != 0)
			return OFPBMC_BAD_WILDCARDS;
	}
	return value_is_possible(f, value, mask) ? OFERROR_OK : OFPBMC_BAD_VALUE;
}

void
of_oxm_put_entry(enum of_version version, enum field_id id, const union field_value *value,
	const union field_value *mask, struct of_buf *b)
{
	const struct field *f = field_get(id);
	bool has_mask = mask != NULL && !field_value_is_ones(f, mask);

	of_oxm_put_header(version, id, has_mask, b);
	of_buf_put(b, value->b, f->n_bytes);
	if (has_mask)
		of_buf_put(b, mask->b, f->n_bytes);
}

/* Adds one entry to 'match', unless the field is there already. */
static enum oferror
add_field(struct match *match, enum field_id id, const union field_value *value,
	const union field_value *mask)
{
	const struct field *f = field_get(id);
	union field_value old_value, old_mask, dscp, dscp_mask;

	if (!field_prerequisites_ok(f, &match->value, &match->mask))
		return OFPBMC_BAD_PREREQ;
	if (id == FIELD_NW_TOS) {
		/* NXM has the six bits of the DSCP in a byte; the other two are no part of it. */
		memset(&dscp, 0, sizeof dscp);
		memset(&dscp_mask, 0, sizeof dscp_mask);
		dscp.u8 = value->u8 >> 2;
		dscp_mask.u8 = mask->u8 >> 2;
		return add_field(match, FIELD_IP_DSCP, &dscp, &dscp_mask);
	}
	if (match_get_field(match, f, &old_value, &old_mask))
		return OFPBMC_DUP_FIELD;
	match_set_field(match, f, value, mask);
	return OFERROR_OK;
}

/* Reads a cookie if that is what comes next. */
static bool
read_cookie(struct of_reader *r, uint64_t *cookie, uint64_t *cookie_mask)
{
	struct of_reader ahead = *r;
	struct tlv_header h;

	if (read_header(&ahead, &h) != OFERROR_OK || h.oxm_class != FIELD_CLASS_NXM1
		|| h.field != COOKIE_FIELD || h.len != (h.has_mask ? 2 * COOKIE_LEN : COOKIE_LEN))
		return false;
	*cookie = of_reader_u64(&ahead);
	*cookie_mask = h.has_mask ? of_reader_u64(&ahead) : UINT64_MAX;
	*r = ahead;
	return true;
}

static void
skip_unknown(struct of_reader *r)
{
	struct tlv_header h;

	if (read_header(r, &h) == OFERROR_OK)
		of_reader_skip(r, h.len);
}

void
of_match_canonical_vlan(struct match *match)
{
	if ((match->mask.vlan_tci & htons(FLOW_VLAN_PRESENT)) != 0 && match->value.vlan_tci == 0)
		match_set_vlan_none(match);
}

enum oferror
of_nxm_decode(const void *data, size_t len, bool strict, struct match *match, uint64_t *cookie,
	uint64_t *cookie_mask)
{
	struct of_reader r;
	uint64_t seen[(N_FIELDS + 63) / 64] = { 0 };

	of_reader_init(&r, data, len);
	match_init_catchall(match);
	while (r.left > 0) {
		struct of_reader entry = r;
		union field_value value, mask;
		enum field_id id = N_FIELDS;
		bool has_mask;
		enum oferror error;

		if (cookie != NULL && read_cookie(&r, cookie, cookie_mask)) {
			if (r.failed)
				return OFPBMC_BAD_LEN;
			if ((*cookie & ~*cookie_mask) != 0)
				return OFPBMC_BAD_WILDCARDS;
			continue;
		}
		error = of_oxm_entry_decode(&r, &id, &value, &mask, &has_mask);
		if (error == OFPBMC_BAD_FIELD && !strict) {
			skip_unknown(&entry);
			if (entry.failed)
				return OFPBMC_BAD_LEN;
			r = entry;
			continue;
		}
		if (error != OFERROR_OK)
			return error;
		if ((seen[id / 64] >> (id % 64) & 1) != 0)
			return OFPBMC_DUP_FIELD;
		seen[id / 64] |= UINT64_C(1) << (id % 64);
		error = add_field(match, id, &value, &mask);
		if (error != OFERROR_OK)
			return error;
	}
	of_match_canonical_vlan(match);
	return OFERROR_OK;
}

enum oferror
of_oxm_decode(const void *data, size_t len, bool strict, struct match *match)
{
	return of_nxm_decode(data, len, strict, match, NULL, NULL);
}

/* The VLAN tag: one TLV in NXM, two in OXM. */
static void
put_vlan(enum of_version version, const struct match *match, struct of_buf *b)
{
	static const enum field_id nxm[] = { FIELD_VLAN_TCI };
	static const enum field_id oxm[] = { FIELD_VLAN_VID, FIELD_VLAN_PCP };
	bool is_nxm = version < OF_VERSION_12;

	for (size_t i = 0; i < (is_nxm ? ARRAY_SIZE(nxm) : ARRAY_SIZE(oxm)); i++) {
		enum field_id id = is_nxm ? nxm[i] : oxm[i];
		const struct field *f = field_get(id);
		union field_value value, mask;

		if (match_get_field(match, f, &value, &mask)
			&& field_prerequisites_ok(f, &match->value, &match->mask)
			&& field_mask_is_valid(f, &mask))
			of_oxm_put_entry(version, id, &value, &mask, b);
	}
}

/* The DSCP: NXM has it in the high bits of a byte. */
static void
put_dscp(enum of_version version, const struct match *match, struct of_buf *b)
{
	union field_value value, mask;

	if (!match_get_field(match, field_get(FIELD_IP_DSCP), &value, &mask))
		return;
	if (version < OF_VERSION_12) {
		value.u8 = (uint8_t)(value.u8 << 2);
		of_oxm_put_entry(version, FIELD_NW_TOS, &value, NULL, b);
	} else {
		of_oxm_put_entry(version, FIELD_IP_DSCP, &value, NULL, b);
	}
}

/* An end of a tunnel: an IPv4 address has a field of its own. */
static void
put_tunnel_end(enum of_version version, const struct match *match, enum field_id v4,
	enum field_id v6, struct of_buf *b)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	static const uint8_t ones[12] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff };
	union field_value value, mask;

	if (!match_get_field(match, field_get(v6), &value, &mask))
		return;
	if (memcmp(value.b, mapped, sizeof mapped) == 0 && memcmp(mask.b, ones, sizeof ones) == 0) {
		(void)match_get_field(match, field_get(v4), &value, &mask);
		of_oxm_put_entry(version, v4, &value, &mask, b);
	} else {
		of_oxm_put_entry(version, v6, &value, &mask, b);
	}
}

/* Whether 'id' is written as the loop over the fields finds it; those that a dialect spells
 * otherwise are not. */
static bool
is_plain(enum field_id id, enum of_version version)
{
	switch (id) {
	case FIELD_IN_PORT: return version < OF_VERSION_12;
	case FIELD_IN_PORT_OXM: return version >= OF_VERSION_12;
	default: return !field_is_secondary(field_get(id));
	}
}

size_t
of_oxm_put_match(enum of_version version, const struct match *match, struct of_buf *b)
{
	size_t start = b->len;

	for (unsigned int i = 0; i < N_FIELDS; i++) {
		enum field_id id = (enum field_id)i;
		union field_value value, mask;

		switch (id) {
		case FIELD_VLAN_VID: put_vlan(version, match, b); continue;
		case FIELD_VLAN_TCI:
		case FIELD_VLAN_PCP: continue;
		case FIELD_TUN_IPV6_SRC:
			put_tunnel_end(version, match, FIELD_TUN_SRC, FIELD_TUN_IPV6_SRC, b);
			continue;
		case FIELD_TUN_IPV6_DST:
			put_tunnel_end(version, match, FIELD_TUN_DST, FIELD_TUN_IPV6_DST, b);
			continue;
		default: break;
		}
		if (!is_plain(id, version) || !match_has_field(match, field_get(id))
			|| !of_oxm_has_header(id, version))
			continue;
		if (id == FIELD_IP_DSCP) {
			put_dscp(version, match, b);
			continue;
		}
		(void)match_get_field(match, field_get(id), &value, &mask);
		of_oxm_put_entry(version, id, &value, &mask, b);
	}
	return b->len - start;
}

enum oferror
of_match_decode(struct of_reader *r, enum of_version version, bool strict, struct match *match)
{
	uint16_t type = of_reader_u16(r);
	uint16_t len = of_reader_u16(r);
	const uint8_t *data;
	enum oferror error;

	if (r->failed)
		return OFPBMC_BAD_LEN;
	if (version < OF_VERSION_12 || type != MATCH_TYPE_OXM)
		return OFPBMC_BAD_TYPE;
	if (len < HEADER_LEN)
		return OFPBMC_BAD_LEN;
	data = of_reader_pull(r, ROUND_UP((size_t)len, 8) - HEADER_LEN);
	if (data == NULL)
		return OFPBMC_BAD_LEN;
	error = of_oxm_decode(data, (size_t)len - HEADER_LEN, strict, match);
	return error;
}

void
of_match_encode(enum of_version version, const struct match *match, struct of_buf *b)
{
	size_t start = b->len;
	size_t n;

	of_buf_put_u16(b, MATCH_TYPE_OXM);
	of_buf_put_u16(b, 0);
	n = of_oxm_put_match(version, match, b);
	of_buf_set_u16(b, start + 2, (uint16_t)(n + HEADER_LEN));
	of_buf_pad(b, start, 8);
}

void
of_nxm_put_cookie(uint64_t cookie, uint64_t mask, struct of_buf *b)
{
	static const struct field_oxm oxm = { .oxm_class = FIELD_CLASS_NXM1,
		.oxm_field = COOKIE_FIELD };
	bool has_mask = mask != UINT64_MAX;

	if (mask == 0)
		return;
	put_header(b, &oxm, has_mask, has_mask ? 2 * COOKIE_LEN : COOKIE_LEN);
	of_buf_put_u64(b, cookie & mask);
	if (has_mask)
		of_buf_put_u64(b, mask);
}
