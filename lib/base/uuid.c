/* SPDX-License-Identifier: Apache-2.0 */
/* uuid: makes, reads and writes UUIDs. */

#include "base/uuid.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"

void
uuid_generate(struct uuid *uuid)
{
	random_bytes(uuid->parts, sizeof uuid->parts);
	/* RFC 4122: version 4, variant 10. */
	uuid->parts[1] = (uuid->parts[1] & 0xffff0fff) | 0x00004000;
	uuid->parts[2] = (uuid->parts[2] & 0x3fffffff) | 0x80000000;
}

void
uuid_zero(struct uuid *uuid)
{
	*uuid = (struct uuid){ { 0 } };
}

bool
uuid_is_zero(const struct uuid *uuid)
{
	return (uuid->parts[0] | uuid->parts[1] | uuid->parts[2] | uuid->parts[3]) == 0;
}

bool
uuid_parse(const char *s, struct uuid *uuid)
{
	if (uuid_parse_prefix(s, uuid) && s[UUID_LEN] == '\0')
		return true;
	uuid_zero(uuid);
	return false;
}

/* Returns: the value of a hexadecimal digit, or -1. */
static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
uuid_parse_prefix(const char *s, struct uuid *uuid)
{
	struct uuid result = { { 0 } };
	size_t n = 0;

	uuid_zero(uuid);
	for (size_t i = 0; i < UUID_LEN; i++) {
		int value;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return false;
			continue;
		}
		value = digit(s[i]);
		if (value < 0)
			return false;
		result.parts[n / 8] = (result.parts[n / 8] << 4) | (uint32_t)value;
		n++;
	}
	*uuid = result;
	return true;
}

void
uuid_format(const struct uuid *uuid, char buf[UUID_LEN + 1])
{
	const uint32_t *p = uuid->parts;

	snprintf(buf, UUID_LEN + 1, "%08x-%04x-%04x-%04x-%04x%08x", p[0], p[1] >> 16, p[1] & 0xffff,
		p[2] >> 16, p[2] & 0xffff, p[3]);
}

bool
uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->parts, b->parts, sizeof a->parts) == 0;
}

int
uuid_compare(const struct uuid *a, const struct uuid *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->parts); i++) {
		if (a->parts[i] != b->parts[i])
			return a->parts[i] < b->parts[i] ? -1 : 1;
	}
	return 0;
}

uint32_t
uuid_hash(const struct uuid *uuid, uint32_t seed)
{
	return hash_bytes(uuid->parts, sizeof uuid->parts, seed);
}
