/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_BUF_H
#define OPENFLOW_BUF_H

/* buf: bytes that are written, and bytes that are read.
 *
 * Model    'struct of_buf' grows as messages are appended to it; several messages stand one behind
 *          the other.  'struct of_reader' walks over bytes that somebody else owns; reading past the
 *          end gives zeros and sets 'failed', so that a decoder checks once, at the end.
 * Rules    I1 An integer is given and returned in host order and stands in network order in the
 *             bytes.
 * Owner    of_buf owns its bytes; of_reader owns nothing.
 * Threads  any, one at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct of_buf {
	uint8_t *data; /* The bytes, or NULL. */
	size_t len; /* Written so far. */
	size_t alloc; /* Room at 'data'. */
};

#define OF_BUF_INIT        \
	{                  \
		NULL, 0, 0 \
	}

/* Makes 'b' empty, without bytes. */
void of_buf_init(struct of_buf *b);
/* Frees what 'b' owns and leaves it empty. */
void of_buf_uninit(struct of_buf *b);
/* Forgets the contents and keeps the room. */
void of_buf_clear(struct of_buf *b);
/* Gives the bytes to the caller and leaves 'b' empty.  Owner: the caller frees them with free(). */
uint8_t *of_buf_take(struct of_buf *b, size_t *lenp);

/* Appends 'n' bytes, not yet written, and returns them; the pointer is good until the next append. */
uint8_t *of_buf_put_uninit(struct of_buf *b, size_t n);
void of_buf_put(struct of_buf *b, const void *data, size_t n);
void of_buf_put_zeros(struct of_buf *b, size_t n);
void of_buf_put_u8(struct of_buf *b, uint8_t v);
void of_buf_put_u16(struct of_buf *b, uint16_t v);
void of_buf_put_u32(struct of_buf *b, uint32_t v);
void of_buf_put_u64(struct of_buf *b, uint64_t v);
/* Appends 'text' cut or filled with zeros to 'size' bytes, the last of which is zero. */
void of_buf_put_text(struct of_buf *b, const char *text, size_t size);
/* Appends zeros until the bytes from 'start' on are a multiple of 'align'. */
void of_buf_pad(struct of_buf *b, size_t start, size_t align);
/* Overwrites the 16 bits at 'ofs'. */
void of_buf_set_u16(struct of_buf *b, size_t ofs, uint16_t v);

struct of_reader {
	const uint8_t *p; /* What comes next. */
	size_t left; /* Bytes at 'p'. */
	bool failed; /* Something was read that is not there. */
};

void of_reader_init(struct of_reader *r, const void *data, size_t len);
/* The next 'n' bytes, or NULL if there are fewer. */
const uint8_t *of_reader_pull(struct of_reader *r, size_t n);
void of_reader_skip(struct of_reader *r, size_t n);
uint8_t of_reader_u8(struct of_reader *r);
uint16_t of_reader_u16(struct of_reader *r);
uint32_t of_reader_u32(struct of_reader *r);
uint64_t of_reader_u64(struct of_reader *r);
void of_reader_bytes(struct of_reader *r, void *dst, size_t n);
/* Reads 'n' bytes of text into 'dst', which has room for one more and is ended there. */
void of_reader_text(struct of_reader *r, char *dst, size_t n);

#endif /* OPENFLOW_BUF_H */
