/* SPDX-License-Identifier: Apache-2.0 */
/* Table statistics, features and configuration.  Features are a list of properties; what each kind
 * of property holds is in one table for both directions. */

#include "openflow/table.h"

#include <string.h>

#include "openflow/action_priv.h"
#include "openflow/oxm_priv.h"

#define WIRE_NAME_LEN 32
#define FEATURES_LEN 64 /* Without properties. */
#define NEXT_TABLES_MAX 254

/* OFPTFPT_*: each kind is followed by the same for the table-miss rule. */
enum property {
	PROPERTY_INSTRUCTIONS = 0,
	PROPERTY_NEXT_TABLES = 2,
	PROPERTY_WRITE_ACTIONS = 4,
	PROPERTY_APPLY_ACTIONS = 6,
	PROPERTY_MATCH = 8,
	PROPERTY_WILDCARDS = 10,
	PROPERTY_WRITE_SETFIELD = 12,
	PROPERTY_APPLY_SETFIELD = 14,
};

/* Which action of 1.3 an ofpact is; those that are several are named by the first. */
static const struct {
	uint16_t wire;
	enum ofpact_type type;
} actions[] = {
	{ V11_OUTPUT, OFPACT_OUTPUT },
	{ V11_COPY_TTL_OUT, OFPACT_COPY_TTL_OUT },
	{ V11_COPY_TTL_IN, OFPACT_COPY_TTL_IN },
	{ V11_SET_MPLS_TTL, OFPACT_SET_MPLS_TTL },
	{ V11_DEC_MPLS_TTL, OFPACT_DEC_MPLS_TTL },
	{ V11_PUSH_VLAN, OFPACT_PUSH_VLAN },
	{ V11_POP_VLAN, OFPACT_STRIP_VLAN },
	{ V11_PUSH_MPLS, OFPACT_PUSH_MPLS },
	{ V11_POP_MPLS, OFPACT_POP_MPLS },
	{ V11_SET_QUEUE, OFPACT_SET_QUEUE },
	{ V11_GROUP, OFPACT_GROUP },
	{ V11_SET_NW_TTL, OFPACT_SET_TTL },
	{ V11_DEC_NW_TTL, OFPACT_DEC_TTL },
	{ V12_SET_FIELD, OFPACT_SET_FIELD },
	{ V13_PUSH_PBB, OFPACT_PUSH_PBB },
	{ V13_POP_PBB, OFPACT_POP_PBB },
};

void
of_table_stats_put(struct of_mp *mp, const struct of_table_stats *stats)
{
	struct of_buf *b = mp->b;
	size_t entry = b->len;

	of_buf_put_u8(b, stats->table_id);
	of_buf_put_zeros(b, 3);
	if (mp->version == OF_VERSION_10) {
		of_buf_put_text(b, stats->name, WIRE_NAME_LEN);
		of_buf_put_u32(b, stats->wildcards);
		of_buf_put_u32(b, stats->max_entries);
	}
	of_buf_put_u32(b, stats->active);
	of_buf_put_u64(b, stats->lookups);
	of_buf_put_u64(b, stats->matched);
	of_mp_entry(mp, entry);
}

enum oferror
of_table_stats_next(struct of_reader *r, enum of_version version, struct of_table_stats *stats)
{
	memset(stats, 0, sizeof *stats);
	stats->table_id = of_reader_u8(r);
	of_reader_skip(r, 3);
	if (version == OF_VERSION_10) {
		of_reader_text(r, stats->name, WIRE_NAME_LEN);
		stats->wildcards = of_reader_u32(r);
		stats->max_entries = of_reader_u32(r);
	}
	stats->active = of_reader_u32(r);
	stats->lookups = of_reader_u64(r);
	stats->matched = of_reader_u64(r);
	return r->failed ? OFPBRC_BAD_LEN : OFERROR_OK;
}

/* A property, without its padding. */
static size_t
begin_property(struct of_buf *b, unsigned int type)
{
	size_t start = b->len;

	of_buf_put_u16(b, (uint16_t)type);
	of_buf_put_u16(b, 0);
	return start;
}

static void
end_property(struct of_buf *b, size_t start)
{
	of_buf_set_u16(b, start + 2, (uint16_t)(b->len - start));
	of_buf_pad(b, start, 8);
}

static void
put_instructions(struct of_buf *b, unsigned int type, uint32_t instructions)
{
	size_t start = begin_property(b, type);

	for (uint16_t i = 0; i < 32; i++) {
		if ((instructions >> i & 1) != 0) {
			of_buf_put_u16(b, i);
			of_buf_put_u16(b, 4);
		}
	}
	end_property(b, start);
}

static void
put_next_tables(struct of_buf *b, unsigned int type, const uint64_t tables[4])
{
	size_t start = begin_property(b, type);

	for (unsigned int i = 0; i <= NEXT_TABLES_MAX; i++) {
		if ((tables[i / 64] >> (i % 64) & 1) != 0)
			of_buf_put_u8(b, (uint8_t)i);
	}
	end_property(b, start);
}

static void
put_actions(struct of_buf *b, unsigned int type, uint64_t set)
{
	size_t start = begin_property(b, type);

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if ((set >> actions[i].type & 1) != 0) {
			of_buf_put_u16(b, actions[i].wire);
			of_buf_put_u16(b, 4);
		}
	}
	end_property(b, start);
}

/* The fields of 'set', with the mask bit for those in 'mask', which may be NULL. */
static void
put_fields(struct of_buf *b, enum of_version version, unsigned int type,
	const struct of_field_set *set, const struct of_field_set *mask)
{
	size_t start = begin_property(b, type);

	for (unsigned int i = 0; i < N_FIELDS; i++) {
		enum field_id id = (enum field_id)i;

		if (of_field_set_has(set, id) && of_oxm_has_header(id, version))
			of_oxm_put_header(
				version, id, mask != NULL && of_field_set_has(mask, id), b);
	}
	end_property(b, start);
}

static void
put_behaviour(struct of_buf *b, enum of_version version, unsigned int miss,
	const struct of_table_behaviour *t)
{
	put_instructions(b, PROPERTY_INSTRUCTIONS + miss, t->instructions);
	put_next_tables(b, PROPERTY_NEXT_TABLES + miss, t->next_tables);
	put_actions(b, PROPERTY_WRITE_ACTIONS + miss, t->write_actions);
	put_actions(b, PROPERTY_APPLY_ACTIONS + miss, t->apply_actions);
	put_fields(b, version, PROPERTY_WRITE_SETFIELD + miss, &t->write_set_fields, NULL);
	put_fields(b, version, PROPERTY_APPLY_SETFIELD + miss, &t->apply_set_fields, NULL);
}

void
of_table_features_put(struct of_mp *mp, const struct of_table_features *tf)
{
	struct of_buf *b = mp->b;
	size_t entry = b->len;

	of_buf_put_u16(b, 0);
	of_buf_put_u8(b, tf->table_id);
	of_buf_put_zeros(b, 5);
	of_buf_put_text(b, tf->name, WIRE_NAME_LEN);
	of_buf_put_u64(b, tf->metadata_match);
	of_buf_put_u64(b, tf->metadata_write);
	of_buf_put_u32(b, tf->config);
	of_buf_put_u32(b, tf->max_entries);
	put_behaviour(b, mp->version, 0, &tf->hit);
	put_behaviour(b, mp->version, 1, &tf->miss);
	put_fields(b, mp->version, PROPERTY_MATCH, &tf->match, &tf->mask);
	put_fields(b, mp->version, PROPERTY_WILDCARDS, &tf->wildcard, NULL);
	of_buf_set_u16(b, entry, (uint16_t)(b->len - entry));
	of_mp_entry(mp, entry);
}

static void
read_ids(struct of_reader *r, uint32_t *instructions, uint64_t *set)
{
	while (r->left > 0) {
		uint16_t id = of_reader_u16(r);
		uint16_t len = of_reader_u16(r);

		of_reader_skip(r, len > 4 ? len - 4u : 0);
		if (instructions != NULL && id < 32)
			*instructions |= 1u << id;
		for (size_t i = 0; set != NULL && i < ARRAY_SIZE(actions); i++) {
			if (actions[i].wire == id)
				*set |= UINT64_C(1) << actions[i].type;
		}
	}
}

/* Reads TLV headers; unknown ones are passed over. */
static void
read_fields(struct of_reader *r, struct of_field_set *set, struct of_field_set *mask)
{
	while (r->left > 0) {
		struct of_reader ahead = *r;
		enum field_id id = N_FIELDS;
		bool has_mask = false;

		if (of_oxm_header_decode(&ahead, &id, &has_mask) != OFERROR_OK) {
			bool experimenter = r->left >= 2 && r->p[0] == 0xff && r->p[1] == 0xff;

			of_reader_skip(r, experimenter ? 8 : 4);
			continue;
		}
		*r = ahead;
		of_field_set_add(set, id);
		if (has_mask && mask != NULL)
			of_field_set_add(mask, id);
	}
}

static void
read_property(unsigned int type, struct of_reader *p, struct of_table_features *tf)
{
	struct of_table_behaviour *t = (type & 1) != 0 ? &tf->miss : &tf->hit;

	switch (type & ~1u) {
	case PROPERTY_INSTRUCTIONS: read_ids(p, &t->instructions, NULL); break;
	case PROPERTY_NEXT_TABLES:
		while (p->left > 0) {
			uint8_t table = of_reader_u8(p);

			t->next_tables[table / 64] |= UINT64_C(1) << (table % 64);
		}
		break;
	case PROPERTY_WRITE_ACTIONS: read_ids(p, NULL, &t->write_actions); break;
	case PROPERTY_APPLY_ACTIONS: read_ids(p, NULL, &t->apply_actions); break;
	case PROPERTY_MATCH: read_fields(p, &tf->match, &tf->mask); break;
	case PROPERTY_WILDCARDS: read_fields(p, &tf->wildcard, NULL); break;
	case PROPERTY_WRITE_SETFIELD: read_fields(p, &t->write_set_fields, NULL); break;
	case PROPERTY_APPLY_SETFIELD: read_fields(p, &t->apply_set_fields, NULL); break;
	default: break;
	}
}

enum oferror
of_table_features_next(
	struct of_reader *r, enum of_version version UNUSED, struct of_table_features *tf)
{
	size_t len = r->left < 2 ? 0 : (size_t)(r->p[0] << 8 | r->p[1]);
	const uint8_t *data = len < FEATURES_LEN ? NULL : of_reader_pull(r, len);
	struct of_reader entry;
	uint32_t missed = 0; /* Kinds that are there for the table-miss rule. */

	memset(tf, 0, sizeof *tf);
	if (data == NULL)
		return OFPBPC_BAD_LEN;
	of_reader_init(&entry, data, len);
	of_reader_skip(&entry, 2);
	tf->table_id = of_reader_u8(&entry);
	of_reader_skip(&entry, 5);
	of_reader_text(&entry, tf->name, WIRE_NAME_LEN);
	tf->metadata_match = of_reader_u64(&entry);
	tf->metadata_write = of_reader_u64(&entry);
	tf->config = of_reader_u32(&entry);
	tf->max_entries = of_reader_u32(&entry);
	while (entry.left > 0) {
		struct of_reader p;
		const uint8_t *start = entry.p;
		uint16_t type = of_reader_u16(&entry);
		uint16_t n = of_reader_u16(&entry);

		if (entry.failed || n < 4)
			return OFPBPC_BAD_LEN;
		of_reader_skip(&entry, ROUND_UP((size_t)n, 8) - 4);
		if (entry.failed)
			return OFPBPC_BAD_LEN;
		of_reader_init(&p, start + 4, n - 4u);
		if (type < 16)
			missed |= 1u << type;
		read_property(type, &p, tf);
		if (p.failed)
			return OFPBPC_BAD_LEN;
	}
	/* A switch leaves out what is the same for the table-miss rule. */
	if ((missed & 1u << (PROPERTY_INSTRUCTIONS + 1)) == 0)
		tf->miss.instructions = tf->hit.instructions;
	if ((missed & 1u << (PROPERTY_NEXT_TABLES + 1)) == 0)
		memcpy(tf->miss.next_tables, tf->hit.next_tables, sizeof tf->miss.next_tables);
	if ((missed & 1u << (PROPERTY_WRITE_ACTIONS + 1)) == 0)
		tf->miss.write_actions = tf->hit.write_actions;
	if ((missed & 1u << (PROPERTY_APPLY_ACTIONS + 1)) == 0)
		tf->miss.apply_actions = tf->hit.apply_actions;
	if ((missed & 1u << (PROPERTY_WRITE_SETFIELD + 1)) == 0)
		tf->miss.write_set_fields = tf->hit.write_set_fields;
	if ((missed & 1u << (PROPERTY_APPLY_SETFIELD + 1)) == 0)
		tf->miss.apply_set_fields = tf->hit.apply_set_fields;
	return OFERROR_OK;
}

void
of_table_features_init(struct of_table_features *tf)
{
	memset(tf, 0, sizeof *tf);
	tf->metadata_match = tf->metadata_write = UINT64_MAX;
	tf->hit.instructions = OF_INSTRUCTION_GOTO_TABLE | OF_INSTRUCTION_WRITE_METADATA
		| OF_INSTRUCTION_WRITE_ACTIONS | OF_INSTRUCTION_APPLY_ACTIONS
		| OF_INSTRUCTION_CLEAR_ACTIONS | OF_INSTRUCTION_METER;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		tf->hit.write_actions |= UINT64_C(1) << actions[i].type;
	tf->hit.apply_actions = tf->hit.write_actions;
	for (unsigned int i = 0; i < N_FIELDS; i++) {
		enum field_id id = (enum field_id)i;
		const struct field *f = field_get(id);

		if (field_is_secondary(f) && id != FIELD_IN_PORT_OXM)
			continue;
		if (!of_oxm_has_header(id, OF_VERSION_13))
			continue;
		of_field_set_add(&tf->match, id);
		of_field_set_add(&tf->wildcard, id);
		if (f->maskable)
			of_field_set_add(&tf->mask, id);
		if (f->writable) {
			of_field_set_add(&tf->hit.write_set_fields, id);
			of_field_set_add(&tf->hit.apply_set_fields, id);
		}
	}
	tf->miss = tf->hit;
}

enum oferror
of_table_mod_decode(const struct of_msg *msg, struct of_table_mod *mod)
{
	struct of_reader r;

	of_reader_init(&r, msg->body, msg->body_len);
	mod->table_id = of_reader_u8(&r);
	of_reader_skip(&r, 3);
	mod->config = of_reader_u32(&r);
	if (r.failed)
		return OFPBRC_BAD_LEN;
	/* Deprecated in 1.3, where it must be zero; the two bits are OFPTC_DEPRECATED_MASK. */
	return (mod->config & ~3u) != 0 ? OFPTMFC_BAD_CONFIG : OFERROR_OK;
}

void
of_table_mod_encode(
	const struct of_table_mod *mod, enum of_version version, uint32_t xid, struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_TABLE_MOD, version, xid);

	of_buf_put_u8(b, mod->table_id);
	of_buf_put_zeros(b, 3);
	of_buf_put_u32(b, mod->config);
	of_msg_end(b, start);
}
