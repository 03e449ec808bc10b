/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_TABLE_H
#define OPENFLOW_TABLE_H

/* table: statistics and features of flow tables, and the message that configures one.
 *
 * Model    Table statistics of 1.0 also tell name and size; from 1.3 on those are in the table
 *          features.
 * Owner    plain data.
 * Threads  any. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/field.h"
#include "openflow/error.h"
#include "openflow/msg.h"
#include "openflow/ofpact.h"

#define OF_TABLE_NAME_SIZE 33 /* 32 bytes on the wire and a NUL. */

struct of_table_stats {
	uint8_t table_id;
	char name[OF_TABLE_NAME_SIZE]; /* 1.0. */
	uint32_t wildcards; /* 1.0: OFPFW_* that it can leave out. */
	uint32_t max_entries; /* 1.0. */
	uint32_t active;
	uint64_t lookups; /* UINT64_MAX: not known. */
	uint64_t matched;
};

/* A set of fields. */
struct of_field_set {
	uint64_t bits[(N_FIELDS + 63) / 64];
};

static inline bool
of_field_set_has(const struct of_field_set *set, enum field_id id)
{
	return (set->bits[id / 64] >> (id % 64) & 1) != 0;
}

static inline void
of_field_set_add(struct of_field_set *set, enum field_id id)
{
	set->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

/* Bits of of_table_behaviour.instructions: 1 << type on the wire. */
#define OF_INSTRUCTION_GOTO_TABLE 0x02
#define OF_INSTRUCTION_WRITE_METADATA 0x04
#define OF_INSTRUCTION_WRITE_ACTIONS 0x08
#define OF_INSTRUCTION_APPLY_ACTIONS 0x10
#define OF_INSTRUCTION_CLEAR_ACTIONS 0x20
#define OF_INSTRUCTION_METER 0x40

/* What rules of a table can do. */
struct of_table_behaviour {
	uint32_t instructions; /* OF_INSTRUCTION_*. */
	uint64_t next_tables[4]; /* Bit n: goto table n. */
	uint64_t write_actions; /* Bit n: enum ofpact_type n. */
	uint64_t apply_actions; /* Likewise. */
	struct of_field_set write_set_fields;
	struct of_field_set apply_set_fields;
};

struct of_table_features {
	uint8_t table_id;
	char name[OF_TABLE_NAME_SIZE];
	uint64_t metadata_match; /* Bits that can be matched. */
	uint64_t metadata_write; /* Bits that can be written. */
	uint32_t config; /* OFPTC_*. */
	uint32_t max_entries;
	struct of_table_behaviour hit; /* Of rules. */
	struct of_table_behaviour miss; /* Of the table-miss rule. */
	struct of_field_set match; /* What can be matched. */
	struct of_field_set wildcard; /* What can be left out. */
	struct of_field_set mask; /* What can be masked, a part of 'match'. */
};

struct of_table_mod {
	uint8_t table_id; /* OF_TABLE_ALL: all. */
	uint32_t config; /* As sent. */
};

/* Appends an entry to a table-stats reply begun with of_mp_begin(OF_MSG_TABLE_STATS_REPLY). */
void of_table_stats_put(struct of_mp *mp, const struct of_table_stats *stats);
/* Reads the next entry of a reply's body.  Call while r->left > 0. */
MUST_CHECK enum oferror
of_table_stats_next(struct of_reader *r, enum of_version version, struct of_table_stats *stats);

/* Appends an entry to a table-features reply begun with of_mp_begin(OF_MSG_TABLE_FEATURES_REPLY);
 * 1.3 and later. */
void of_table_features_put(struct of_mp *mp, const struct of_table_features *tf);
/* Reads the next entry of a reply's (or request's) body.  Call while r->left > 0. */
MUST_CHECK enum oferror
of_table_features_next(struct of_reader *r, enum of_version version, struct of_table_features *tf);

/* What this room can decode, as features of a table: every action and field of it; the caller takes
 * away what its pipeline cannot do, and sets id, name, next tables and sizes. */
void of_table_features_init(struct of_table_features *tf);

MUST_CHECK enum oferror of_table_mod_decode(const struct of_msg *msg, struct of_table_mod *mod);
void of_table_mod_encode(
	const struct of_table_mod *mod, enum of_version version, uint32_t xid, struct of_buf *b);

#endif /* OPENFLOW_TABLE_H */
