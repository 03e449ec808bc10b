/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_ERROR_H
#define OPENFLOW_ERROR_H

/* error: what went wrong, as OpenFlow names it.
 *
 * Model    'enum oferror' has one member per error of any version, called as the specification
 *          calls it, so that a decoder says exactly what is wrong and the encoder finds type and
 *          code for the peer's version.  What a version cannot say is sent as
 *          NXBRC_UNENCODABLE_ERROR.
 * Rules    I1 OFERROR_OK is 0 and no error.
 *          I2 of_error_decode() of what of_error_encode() wrote gives the same error, for each
 *             version that has it.
 * Owner    plain data.
 * Threads  any.
 * See      openflow/error_list.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openflow/error_list.h"
#include "openflow/version.h"

struct of_buf;
struct of_msg;

#define OFERROR_ENUM(NAME) NAME,
#define OFERROR_NOTHING(NAME, FIRST, LAST, WHO, TYPE, CODE)
enum oferror {
	OFERROR_OK,
	OFERROR_LIST(OFERROR_ENUM, OFERROR_NOTHING) N_OFERRORS
};

/* Bytes of the offending message that an error message carries at most. */
#define OF_ERROR_MAX_DATA 64

/* The name of 'error', such as "OFPBMC_BAD_FIELD"; "OK" for OFERROR_OK. */
const char *oferror_name(enum oferror error);

/* True if a peer that speaks 'version' can be told 'error' without loss. */
bool oferror_is_encodable(enum oferror error, enum of_version version);

/* Type and code of 'error' in 'version', to be shown to a person; vendor is 0 for the
 * specification's own.
 * Returns: false if the version does not have it. */
bool oferror_number(enum oferror error, enum of_version version, uint32_t *vendor, uint16_t *type,
	uint16_t *code);

/* Appends an error message for the request of 'len' bytes at 'request' to 'b', in 'version'.  The
 * transaction id is the request's, 0 if 'request' is too short to have one. */
void oferror_encode(enum oferror error, enum of_version version, const void *request, size_t len,
	struct of_buf *b);

/* As oferror_encode(), for a hello that failed: the data is the text 'why'. */
void oferror_encode_hello(enum of_version version, uint32_t xid, const char *why, struct of_buf *b);

/* Reads an error message: '*errorp' is what it says, OFERROR_OK if it is none that we know;
 * '*datap' and '*data_lenp' are its data, inside the message.
 * Returns: OFERROR_OK, or OFPBRC_BAD_LEN. */
MUST_CHECK enum oferror oferror_decode(
	const struct of_msg *msg, enum oferror *errorp, const uint8_t **datap, size_t *data_lenp);

#endif /* OPENFLOW_ERROR_H */
