/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

/* uuid: the 128-bit names of rows and systems (RFC 4122, version 4 when made here).
 *
 * Threads  any. */

#include <stdbool.h>

#include "base/compiler.h"

#define UUID_LEN 36 /* Characters of the text form, without NUL. */

struct uuid {
	uint32_t parts[4]; /* Host order; parts[0] holds the first eight digits. */
};

/* Makes a random one. */
void uuid_generate(struct uuid *uuid);

void uuid_zero(struct uuid *uuid);
bool uuid_is_zero(const struct uuid *uuid);

/* Returns: whether all of 's' is a UUID, which is then in '*uuid' (else that is zero). */
bool uuid_parse(const char *s, struct uuid *uuid);

/* Returns: whether 's' begins with a UUID, whatever follows. */
bool uuid_parse_prefix(const char *s, struct uuid *uuid);

/* Writes the text form in lower case and a NUL to 'buf'. */
void uuid_format(const struct uuid *uuid, char buf[UUID_LEN + 1]);

bool uuid_equal(const struct uuid *a, const struct uuid *b);

/* Returns: below, equal to or above 0, in the order of the text forms. */
int uuid_compare(const struct uuid *a, const struct uuid *b);

uint32_t uuid_hash(const struct uuid *uuid, uint32_t seed);

#endif /* BASE_UUID_H */
