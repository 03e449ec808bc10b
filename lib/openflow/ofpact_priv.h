/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_OFPACT_PRIV_H
#define OPENFLOW_OFPACT_PRIV_H

/* ofpact_priv: what decoders and the text parser of this room share about write-actions. */

#include "openflow/ofpact.h"

/* Makes 'a' set the bits 'sf' of a field to 'v', which has no more bits.  The byte that NXM calls
 * TOS becomes the DSCP, which is all of it.
 * Returns: OFERROR_OK or OFPBAC_BAD_SET_ARGUMENT. */
MUST_CHECK enum oferror
ofpact_set_subfield(struct ofpact_set_field *a, const struct of_subfield *sf, uint64_t v);

/* Checks that all of 'list' may stand in an action set.  Returns: OFERROR_OK or OFPBAC_BAD_TYPE. */
MUST_CHECK enum oferror ofpacts_check_set(const struct ofpacts *list);

/* Appends WRITE_ACTIONS with a copy of 'nested', whose size an element can have. */
void ofpacts_put_nest(struct ofpacts *list, const struct ofpacts *nested);

#endif /* OPENFLOW_OFPACT_PRIV_H */
