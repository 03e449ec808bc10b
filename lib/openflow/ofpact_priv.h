/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_OFPACT_PRIV_H
#define OPENFLOW_OFPACT_PRIV_H

/* ofpact_priv: what decoders and the text parser of this room share about write-actions. */

#include "openflow/ofpact.h"

/* Checks that all of 'list' may stand in an action set.  Returns: OFERROR_OK or OFPBAC_BAD_TYPE. */
MUST_CHECK enum oferror ofpacts_check_set(const struct ofpacts *list);

/* Appends WRITE_ACTIONS with a copy of 'nested', whose size an element can have. */
void ofpacts_put_nest(struct ofpacts *list, const struct ofpacts *nested);

#endif /* OPENFLOW_OFPACT_PRIV_H */
