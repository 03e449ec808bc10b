/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_OPENFLOW_HEX_H
#define UNIT_OPENFLOW_HEX_H

/* hex: messages as the tests write them, in hexadecimal digits with spaces where they help. */

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "openflow/buf.h"
#include "openflow/msg.h"

#define HEX_MAX 4096

/* Writes the bytes of 'text' to 'dst' of HEX_MAX bytes.  Returns: how many. */
static inline size_t
hex_read(const char *text, uint8_t *dst)
{
	size_t n = 0;

	while (*text != '\0') {
		unsigned int byte;

		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		if (sscanf(text, "%2x", &byte) != 1 || n == HEX_MAX)
			return 0;
		dst[n++] = (uint8_t)byte;
		text += 2;
	}
	return n;
}

/* True if 'b' holds the bytes of 'text'; prints both if not. */
static inline int
hex_equal(const struct of_buf *b, const char *text)
{
	uint8_t want[HEX_MAX];
	size_t n = hex_read(text, want);

	if (b->len == n && memcmp(b->data, want, n) == 0)
		return 1;
	printf("\nwant %s\ngot  ", text);
	for (size_t i = 0; i < b->len; i++)
		printf("%02x", b->data[i]);
	printf("\n");
	return 0;
}

/* Decodes the message in 'text', whose bytes go to 'bytes' of HEX_MAX. */
static inline enum oferror
hex_msg(const char *text, uint8_t *bytes, struct of_msg *msg)
{
	size_t n = hex_read(text, bytes);

	return of_msg_decode(bytes, n, msg);
}

#endif /* UNIT_OPENFLOW_HEX_H */
