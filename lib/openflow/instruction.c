/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions both ways: the elements of a list of ofpacts that are not actions, and the two
 * actions lists among them. */

#include <string.h>

#include "openflow/action_priv.h"
#include "openflow/ofpact_priv.h"

#define HEADER_LEN 4

/* In the order in which they take effect, which is the order of the list. */
static const struct instruction_row {
	uint16_t type;
	uint8_t first; /* Version. */
	uint16_t len; /* With the header ... */
	bool longer; /* ... at least, or exactly. */
} rows[] = {
	{ INSTRUCTION_METER, OF_VERSION_13, 8, false },
	{ INSTRUCTION_APPLY_ACTIONS, OF_VERSION_11, 8, true },
	{ INSTRUCTION_CLEAR_ACTIONS, OF_VERSION_11, 8, false },
	{ INSTRUCTION_WRITE_ACTIONS, OF_VERSION_11, 8, true },
	{ INSTRUCTION_WRITE_METADATA, OF_VERSION_11, 24, false },
	{ INSTRUCTION_GOTO_TABLE, OF_VERSION_11, 8, false },
};

/* Where each instruction of a message is. */
struct found {
	const uint8_t *data[ARRAY_SIZE(rows)]; /* Its start, or NULL. */
	size_t len[ARRAY_SIZE(rows)];
};

static enum oferror
find_instructions(enum of_version version, const void *data, size_t len, struct found *found)
{
	struct of_reader r;

	memset(found, 0, sizeof *found);
	of_reader_init(&r, data, len);
	while (r.left > 0) {
		const uint8_t *p = r.p;
		size_t n = r.left < 8 ? 0 : (size_t)(p[2] << 8 | p[3]);
		uint16_t type;
		size_t i;

		if (n < 8 || n % 8 != 0 || n > r.left)
			return OFPBIC_BAD_LEN;
		type = (uint16_t)(p[0] << 8 | p[1]);
		if (type == INSTRUCTION_EXPERIMENTER)
			return OFPBIC_BAD_EXPERIMENTER;
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			if (rows[i].type == type && version >= rows[i].first)
				break;
		}
		if (i == ARRAY_SIZE(rows))
			return OFPBIC_UNKNOWN_INST;
		if (rows[i].longer ? n < rows[i].len : n != rows[i].len)
			return OFPBIC_BAD_LEN;
		if (found->data[i] != NULL)
			return OFPBIC_DUP_INST;
		found->data[i] = p;
		found->len[i] = n;
		of_reader_skip(&r, n);
	}
	return OFERROR_OK;
}

/* Actions that can be in an action set. */
static bool
is_set_action(const struct ofpact *a)
{
	switch (a->type) {
	case OFPACT_ENQUEUE:
	case OFPACT_OUTPUT_REG:
	case OFPACT_STACK_PUSH:
	case OFPACT_STACK_POP:
	case OFPACT_POP_QUEUE:
	case OFPACT_RESUBMIT:
	case OFPACT_NOTE:
	case OFPACT_EXIT: return false;
	default: return !ofpact_is_instruction(a);
	}
}

enum oferror
ofpacts_check_set(const struct ofpacts *list)
{
	const struct ofpact *a;

	OFPACT_FOREACH(a, list)
	{
		if (!is_set_action(a))
			return OFPBAC_BAD_TYPE;
	}
	return OFERROR_OK;
}

void
ofpacts_put_nest(struct ofpacts *list, const struct ofpacts *nested)
{
	struct ofpact_nest *nest = ofpacts_put(list, OFPACT_WRITE_ACTIONS, nested->len);

	if (nested->len > 0)
		memcpy(nest->data, nested->data, nested->len);
}

static enum oferror
decode_write_actions(enum of_version version, struct of_reader *r, struct ofpacts *list)
{
	struct ofpacts nested = OFPACTS_INIT;
	enum oferror error;

	of_reader_skip(r, 4);
	error = of_actions_decode(version, r->p, r->left, &nested);
	if (error == OFERROR_OK)
		error = ofpacts_check_set(&nested);
	/* The list's lengths are of 16 bits. */
	if (error == OFERROR_OK && nested.len > UINT16_MAX - sizeof(struct ofpact_nest))
		error = OFPBAC_TOO_MANY;
	if (error == OFERROR_OK)
		ofpacts_put_nest(list, &nested);
	ofpacts_uninit(&nested);
	return error;
}

static enum oferror
decode_one(enum of_version version, uint16_t type, const uint8_t *data, size_t len,
	struct ofpacts *list)
{
	struct of_reader r;

	of_reader_init(&r, data, len);
	of_reader_skip(&r, HEADER_LEN);
	switch (type) {
	case INSTRUCTION_METER: {
		struct ofpact_meter *a = ofpacts_put(list, OFPACT_METER, 0);

		a->meter = of_reader_u32(&r);
		return OFERROR_OK;
	}
	case INSTRUCTION_APPLY_ACTIONS:
		of_reader_skip(&r, 4);
		return of_actions_decode(version, r.p, r.left, list);
	case INSTRUCTION_CLEAR_ACTIONS:
		ofpacts_put(list, OFPACT_CLEAR_ACTIONS, 0);
		return OFERROR_OK;
	case INSTRUCTION_WRITE_ACTIONS: return decode_write_actions(version, &r, list);
	case INSTRUCTION_WRITE_METADATA: {
		struct ofpact_metadata *a = ofpacts_put(list, OFPACT_WRITE_METADATA, 0);

		of_reader_skip(&r, 4);
		a->metadata = of_reader_u64(&r);
		a->mask = of_reader_u64(&r);
		a->metadata &= a->mask;
		return OFERROR_OK;
	}
	default: {
		struct ofpact_goto_table *a = ofpacts_put(list, OFPACT_GOTO_TABLE, 0);

		a->table = of_reader_u8(&r);
		return a->table == 0xff ? OFPBIC_BAD_TABLE_ID : OFERROR_OK;
	}
	}
}

enum oferror
of_instructions_decode(enum of_version version, const void *data, size_t len, struct ofpacts *list)
{
	size_t start = list->len;
	struct found found;
	enum oferror error;

	if (version == OF_VERSION_10)
		return of_actions_decode(version, data, len, list);
	error = find_instructions(version, data, len, &found);
	for (size_t i = 0; i < ARRAY_SIZE(rows) && error == OFERROR_OK; i++) {
		if (found.data[i] != NULL)
			error = decode_one(
				version, rows[i].type, found.data[i], found.len[i], list);
	}
	if (error != OFERROR_OK)
		list->len = start;
	return error;
}

static void
put_instruction(uint16_t type, struct of_buf *b)
{
	of_buf_put_u16(b, type);
	of_buf_put_u16(b, 8);
}

static void
encode_one(enum of_version version, const struct ofpact *a, struct of_buf *b)
{
	size_t start = b->len;

	switch (a->type) {
	case OFPACT_METER:
		if (version < OF_VERSION_13)
			return;
		put_instruction(INSTRUCTION_METER, b);
		of_buf_put_u32(b, OFPACT_GET(meter, a)->meter);
		break;
	case OFPACT_CLEAR_ACTIONS:
		put_instruction(INSTRUCTION_CLEAR_ACTIONS, b);
		of_buf_put_zeros(b, 4);
		break;
	case OFPACT_WRITE_ACTIONS: {
		struct ofpacts nested = ofpacts_view(OFPACT_GET(nest, a));

		put_instruction(INSTRUCTION_WRITE_ACTIONS, b);
		of_buf_put_zeros(b, 4);
		of_actions_encode(version, &nested, b);
		break;
	}
	case OFPACT_WRITE_METADATA:
		put_instruction(INSTRUCTION_WRITE_METADATA, b);
		of_buf_put_zeros(b, 4);
		of_buf_put_u64(b, OFPACT_GET(metadata, a)->metadata);
		of_buf_put_u64(b, OFPACT_GET(metadata, a)->mask);
		break;
	case OFPACT_GOTO_TABLE:
		put_instruction(INSTRUCTION_GOTO_TABLE, b);
		of_buf_put_u8(b, OFPACT_GET(goto_table, a)->table);
		of_buf_put_zeros(b, 3);
		break;
	default: return;
	}
	of_buf_set_u16(b, start + 2, (uint16_t)(b->len - start));
}

/* The applied actions of 'list': what is no instruction, as one instruction. */
static void
encode_apply(enum of_version version, const struct ofpacts *list, struct of_buf *b)
{
	struct ofpacts one = OFPACTS_INIT;
	size_t start = b->len;
	const struct ofpact *a;

	put_instruction(INSTRUCTION_APPLY_ACTIONS, b);
	of_buf_put_zeros(b, 4);
	OFPACT_FOREACH(a, list)
	{
		if (ofpact_is_instruction(a))
			continue;
		one.data = (uint8_t *)(uintptr_t)a;
		one.len = a->len;
		of_actions_encode(version, &one, b);
	}
	if (b->len == start + 8)
		b->len = start;
	else
		of_buf_set_u16(b, start + 2, (uint16_t)(b->len - start));
}

void
of_instructions_encode(enum of_version version, const struct ofpacts *list, struct of_buf *b)
{
	const struct ofpact *a;

	if (version == OF_VERSION_10) {
		of_actions_encode(version, list, b);
		return;
	}
	OFPACT_FOREACH(a, list)
	{
		if (a->type == OFPACT_METER)
			encode_one(version, a, b);
	}
	encode_apply(version, list, b);
	OFPACT_FOREACH(a, list)
	{
		if (a->type != OFPACT_METER && ofpact_is_instruction(a))
			encode_one(version, a, b);
	}
}
