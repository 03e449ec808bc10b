/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_SUBFIELD_H
#define OPENFLOW_SUBFIELD_H

/* subfield: some bits of a field, as text: "NXM_NX_REG0[0..7]".
 *
 * Rules    I1 parse(format(sf)) == sf.
 * Owner    plain data.
 * Threads  any. */

#include "openflow/ofpact.h"

struct err;
struct str;

/* True if 's' begins with the name of a field, before any bracket. */
bool of_subfield_is_named(const char *s);

/* Reads a field, by the name of a code point or by flow/field.h's, and bits of it.  Returns: 0 or
 * -EINVAL with '*err' set. */
MUST_CHECK int of_subfield_parse(const char *s, struct of_subfield *sf, struct err *err);

/* Appends the text of 'sf'. */
void of_subfield_format(const struct of_subfield *sf, struct str *s);

#endif /* OPENFLOW_SUBFIELD_H */
