/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_OXM_PRIV_H
#define OPENFLOW_OXM_PRIV_H

/* oxm_priv: what messages and actions of this room use of TLVs beyond openflow/oxm.h. */

#include "openflow/oxm.h"

/* As of_oxm_decode(), but a cookie may stand among the fields, as in Nicira's requests; 'cookie'
 * may be NULL: then it may not.  The two are left alone if there is none. */
MUST_CHECK enum oferror of_nxm_decode(const void *data, size_t len, bool strict,
	struct match *match, uint64_t *cookie, uint64_t *cookie_mask);

/* "No VLAN tag" can be said under several masks; this makes them one, since no tag has no bits. */
void of_match_canonical_vlan(struct match *match);

/* Appends Nicira's TLV for a cookie, if 'mask' is not 0. */
void of_nxm_put_cookie(uint64_t cookie, uint64_t mask, struct of_buf *b);

/* True if 'field' has a TLV header in 'version' at all. */
bool of_oxm_has_header(enum field_id field, enum of_version version);

/* Appends a header alone. */
void
of_oxm_put_header(enum of_version version, enum field_id field, bool has_mask, struct of_buf *b);

#endif /* OPENFLOW_OXM_PRIV_H */
