/* SPDX-License-Identifier: Apache-2.0 */
/* Growing bytes and a cursor over bytes, for all encoders and decoders of the room. */

#include "openflow/buf.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
of_buf_init(struct of_buf *b)
{
	*b = (struct of_buf)OF_BUF_INIT;
}

void
of_buf_uninit(struct of_buf *b)
{
	free(b->data);
	of_buf_init(b);
}

void
of_buf_clear(struct of_buf *b)
{
	b->len = 0;
}

uint8_t *
of_buf_take(struct of_buf *b, size_t *lenp)
{
	uint8_t *data = b->data;

	*lenp = b->len;
	of_buf_init(b);
	return data;
}

uint8_t *
of_buf_put_uninit(struct of_buf *b, size_t n)
{
	uint8_t *p;

	if (b->alloc - b->len < n) {
		b->alloc = MAX(b->alloc * 2, ROUND_UP(b->len + n, 256));
		b->data = xrealloc(b->data, b->alloc);
	}
	p = b->data + b->len;
	b->len += n;
	return p;
}

void
of_buf_put(struct of_buf *b, const void *data, size_t n)
{
	if (n > 0)
		memcpy(of_buf_put_uninit(b, n), data, n);
}

void
of_buf_put_zeros(struct of_buf *b, size_t n)
{
	if (n > 0)
		memset(of_buf_put_uninit(b, n), 0, n);
}

void
of_buf_put_u8(struct of_buf *b, uint8_t v)
{
	of_buf_put(b, &v, sizeof v);
}

void
of_buf_put_u16(struct of_buf *b, uint16_t v)
{
	be16 wire = htons(v);

	of_buf_put(b, &wire, sizeof wire);
}

void
of_buf_put_u32(struct of_buf *b, uint32_t v)
{
	be32 wire = htonl(v);

	of_buf_put(b, &wire, sizeof wire);
}

void
of_buf_put_u64(struct of_buf *b, uint64_t v)
{
	be64 wire = htobe64(v);

	of_buf_put(b, &wire, sizeof wire);
}

void
of_buf_put_text(struct of_buf *b, const char *text, size_t size)
{
	size_t n = strnlen(text, size - 1);

	of_buf_put(b, text, n);
	of_buf_put_zeros(b, size - n);
}

void
of_buf_pad(struct of_buf *b, size_t start, size_t align)
{
	of_buf_put_zeros(b, ROUND_UP(b->len - start, align) - (b->len - start));
}

void
of_buf_set_u16(struct of_buf *b, size_t ofs, uint16_t v)
{
	be16 wire = htons(v);

	memcpy(b->data + ofs, &wire, sizeof wire);
}

void
of_reader_init(struct of_reader *r, const void *data, size_t len)
{
	r->p = data;
	r->left = len;
	r->failed = false;
}

const uint8_t *
of_reader_pull(struct of_reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (n > r->left) {
		r->failed = true;
		r->left = 0;
		return NULL;
	}
	r->p += n;
	r->left -= n;
	return p;
}

void
of_reader_skip(struct of_reader *r, size_t n)
{
	(void)of_reader_pull(r, n);
}

void
of_reader_bytes(struct of_reader *r, void *dst, size_t n)
{
	const uint8_t *p = of_reader_pull(r, n);

	if (p == NULL)
		memset(dst, 0, n);
	else
		memcpy(dst, p, n);
}

uint8_t
of_reader_u8(struct of_reader *r)
{
	uint8_t v;

	of_reader_bytes(r, &v, sizeof v);
	return v;
}

uint16_t
of_reader_u16(struct of_reader *r)
{
	be16 v;

	of_reader_bytes(r, &v, sizeof v);
	return ntohs(v);
}

uint32_t
of_reader_u32(struct of_reader *r)
{
	be32 v;

	of_reader_bytes(r, &v, sizeof v);
	return ntohl(v);
}

uint64_t
of_reader_u64(struct of_reader *r)
{
	be64 v;

	of_reader_bytes(r, &v, sizeof v);
	return be64toh(v);
}

void
of_reader_text(struct of_reader *r, char *dst, size_t n)
{
	of_reader_bytes(r, dst, n);
	dst[n] = '\0';
}
