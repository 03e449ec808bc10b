/* SPDX-License-Identifier: Apache-2.0 */
/* Building action programs. */

#include "action/program.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
program_buf_init(struct program_buf *b)
{
	b->data = (uint8_t *)b->stub;
	b->len = 0;
	b->alloc = sizeof b->stub;
	b->overflow = false;
}

void
program_buf_uninit(struct program_buf *b)
{
	if (b->data != (uint8_t *)b->stub)
		free(b->data);
	program_buf_init(b);
}

void
program_buf_clear(struct program_buf *b)
{
	b->len = 0;
	b->overflow = false;
}

static void
grow(struct program_buf *b, uint32_t need)
{
	uint32_t alloc = b->alloc;
	uint8_t *data;

	while (alloc < need)
		alloc *= 2;
	if (b->data == (uint8_t *)b->stub) {
		data = xmalloc(alloc);
		memcpy(data, b->data, b->len);
	} else {
		data = xrealloc(b->data, alloc);
	}
	b->data = data;
	b->alloc = alloc;
}

void *
program_put(struct program_buf *b, enum program_op type, size_t len)
{
	/* Where operations go that do not fit any more; a program that overflowed is not run. */
	static _Thread_local uint64_t scratch[DIV_ROUND_UP(PROGRAM_MAX_LEN + 1, 8)];
	struct op_header *h;

	len = ROUND_UP(MAX(len, sizeof *h), (size_t)4);
	if (b->overflow || len > PROGRAM_MAX_LEN - b->len) {
		b->overflow = true;
		len = MIN(len, sizeof scratch);
		h = (struct op_header *)(void *)scratch;
	} else {
		if (b->len + len > b->alloc)
			grow(b, b->len + (uint32_t)len);
		h = (struct op_header *)(void *)(b->data + b->len);
		b->len += (uint32_t)len;
	}
	memset(h, 0, len);
	h->type = (uint16_t)type;
	h->len = (uint16_t)len;
	return h;
}

void
program_put_output(struct program_buf *b, uint32_t dp_port)
{
	struct op_output *op = program_put(b, PROGRAM_OP_OUTPUT, sizeof *op);

	op->dp_port = dp_port;
}

void
program_put_drop(struct program_buf *b, uint32_t reason)
{
	struct op_drop *op = program_put(b, PROGRAM_OP_DROP, sizeof *op);

	op->reason = reason;
}

uint32_t
program_open_clone(struct program_buf *b)
{
	uint32_t mark = b->len;

	(void)program_put(b, PROGRAM_OP_CLONE, sizeof(struct op_clone));
	return mark;
}

void
program_close_clone(struct program_buf *b, uint32_t mark)
{
	struct op_header *h = (struct op_header *)(void *)(b->data + mark);

	/* When the clone itself did not fit, nothing is there to close. */
	if (mark < b->len)
		h->len = (uint16_t)(b->len - mark);
}
