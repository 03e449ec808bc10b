/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_OXM_H
#define OPENFLOW_OXM_H

/* oxm: matches on the wire: TLVs (OXM since 1.2, Nicira's NXM before) and 1.0's fixed struct.
 *
 * Model    A TLV is a header of class, field, mask bit and length, then value, then mask.  Both
 *          classes may stand in one match; which header a field has is said in flow/field.h alone.
 * Rules    I1 A decoded match has every prerequisite of every field in it, and no value bit outside
 *             its mask.
 *          I2 decode(encode(m)) == m for each match whose fields all have a header in the version.
 * Owner    plain data.
 * Threads  any.
 * See      tests/unit/openflow/oxm_test.c, tests/fuzz/openflow_fuzz.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/field.h"
#include "flow/match.h"
#include "openflow/buf.h"
#include "openflow/error.h"

#define OF10_MATCH_LEN 40

/* Reads the TLVs in the 'len' bytes at 'data' into 'match'.  If 'strict' is false, unknown fields
 * are passed over (as in a packet-in) instead of refused.
 * Returns: OFERROR_OK, OFPBMC_BAD_LEN, OFPBMC_BAD_FIELD, OFPBMC_BAD_MASK, OFPBMC_BAD_WILDCARDS,
 * OFPBMC_BAD_VALUE, OFPBMC_BAD_PREREQ, OFPBMC_DUP_FIELD. */
MUST_CHECK enum oferror
of_oxm_decode(const void *data, size_t len, bool strict, struct match *match);

/* Appends the TLVs of 'match', with the headers that 'version' has, NXM where it has no OXM.
 * Returns how many bytes. */
size_t of_oxm_put_match(enum of_version version, const struct match *match, struct of_buf *b);

/* Reads an ofp_match of 1.2 and later (type, length, TLVs, padding).  Returns also OFPBMC_BAD_TYPE.
 */
MUST_CHECK enum oferror
of_match_decode(struct of_reader *r, enum of_version version, bool strict, struct match *match);
/* Appends an ofp_match of 1.2 and later with its padding. */
void of_match_encode(enum of_version version, const struct match *match, struct of_buf *b);

/* Reads 1.0's ofp_match of OF10_MATCH_LEN bytes from 'r'; fields without their prerequisites become
 * wildcards. */
MUST_CHECK enum oferror of_match10_decode(struct of_reader *r, struct match *match);
/* Appends 1.0's ofp_match; what it cannot say is left out. */
void of_match10_encode(const struct match *match, struct of_buf *b);
/* True if 1.0's ofp_match can say all of 'match'. */
bool of_match10_is_enough(const struct match *match);

/* Reads a TLV header alone, as in Nicira's actions and table features, with or without mask bit.
 * Returns: OFERROR_OK, OFPBMC_BAD_LEN, OFPBMC_BAD_FIELD. */
MUST_CHECK enum oferror
of_oxm_header_decode(struct of_reader *r, enum field_id *fieldp, bool *has_maskp);

/* Reads one TLV with value; 'mask' is all ones if there is none.
 * Returns: as of_oxm_decode(), but knows no prerequisites. */
MUST_CHECK enum oferror of_oxm_entry_decode(struct of_reader *r, enum field_id *fieldp,
	union field_value *value, union field_value *mask, bool *has_maskp);
/* Appends one TLV; 'mask' NULL or all ones: none. */
void of_oxm_put_entry(enum of_version version, enum field_id field, const union field_value *value,
	const union field_value *mask, struct of_buf *b);

#endif /* OPENFLOW_OXM_H */
