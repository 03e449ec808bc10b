/* SPDX-License-Identifier: Apache-2.0 */
/* Errors to and from the wire: a search of the one list of how each version numbers them. */

#include "openflow/error.h"

#include <string.h>

#include "openflow/buf.h"
#include "openflow/msg.h"

#define VENDOR_STD 0u
#define VENDOR_NX OF_VENDOR_NICIRA
#define VENDOR_ONF OF_VENDOR_ONF

#define TYPE_EXPERIMENTER 0xffff /* OFPET_EXPERIMENTER, 1.2 and later. */
#define TYPE_NX_VENDOR 0xb0c2 /* Nicira's way to have vendor errors in 1.0 and 1.1. */

struct number {
	enum oferror error;
	uint8_t first; /* Versions. */
	uint8_t last;
	uint32_t vendor;
	uint16_t type;
	uint16_t code;
};

#define ERROR_NAME(NAME) #NAME,
#define NO_NAME(NAME)
#define NUMBER(NAME, FIRST, LAST, WHO, TYPE, CODE) \
	{ NAME, OF_VERSION_##FIRST, OF_VERSION_##LAST, VENDOR_##WHO, TYPE, CODE },

static const char *const names[N_OFERRORS] = { "OK", OFERROR_LIST(ERROR_NAME, OFERROR_NOTHING) };

static const struct number numbers[] = { OFERROR_LIST(NO_NAME, NUMBER) };

static const struct number *
find_number(enum oferror error, unsigned int version)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct number *n = &numbers[i];

		if (n->error == error && n->first <= version && version <= n->last)
			return n;
	}
	return NULL;
}

const char *
oferror_name(enum oferror error)
{
	return error < N_OFERRORS ? names[error] : "unknown";
}

bool
oferror_is_encodable(enum oferror error, enum of_version version)
{
	return find_number(error, version) != NULL;
}

bool
oferror_number(enum oferror error, enum of_version version, uint32_t *vendor, uint16_t *type,
	uint16_t *code)
{
	const struct number *n = find_number(error, version);

	if (n == NULL)
		return false;
	*vendor = n->vendor;
	*type = n->type;
	*code = n->code;
	return true;
}

static void
put_error(enum oferror error, enum of_version version, uint32_t xid, const void *data, size_t len,
	struct of_buf *b)
{
	size_t start = of_msg_begin(b, OF_MSG_ERROR, version, xid);
	const struct number *n = find_number(error, version);

	if (n == NULL)
		n = find_number(NXBRC_UNENCODABLE_ERROR, version);
	if (n->vendor == VENDOR_STD) {
		of_buf_put_u16(b, n->type);
		of_buf_put_u16(b, n->code);
	} else if (n->type == TYPE_EXPERIMENTER) {
		of_buf_put_u16(b, n->type);
		of_buf_put_u16(b, n->code);
		of_buf_put_u32(b, n->vendor);
	} else {
		of_buf_put_u16(b, TYPE_NX_VENDOR);
		of_buf_put_u16(b, 0);
		of_buf_put_u32(b, n->vendor);
		of_buf_put_u16(b, n->type);
		of_buf_put_u16(b, n->code);
	}
	of_buf_put(b, data, len);
	of_msg_end(b, start);
}

void
oferror_encode(enum oferror error, enum of_version version, const void *request, size_t len,
	struct of_buf *b)
{
	struct of_reader r;
	uint32_t xid = 0;

	if (len >= OF_HEADER_LEN) {
		of_reader_init(&r, request, len);
		of_reader_skip(&r, 4);
		xid = of_reader_u32(&r);
	}
	put_error(error, version, xid, request, MIN(len, (size_t)OF_ERROR_MAX_DATA), b);
}

void
oferror_encode_hello(enum of_version version, uint32_t xid, const char *why, struct of_buf *b)
{
	put_error(OFPHFC_INCOMPATIBLE, version, xid, why, strlen(why), b);
}

enum oferror
oferror_decode(
	const struct of_msg *msg, enum oferror *errorp, const uint8_t **datap, size_t *data_lenp)
{
	struct of_reader r;
	uint32_t vendor = VENDOR_STD;
	uint16_t type, code;

	of_reader_init(&r, msg->body, msg->body_len);
	type = of_reader_u16(&r);
	code = of_reader_u16(&r);
	if (msg->version >= OF_VERSION_12 && type == TYPE_EXPERIMENTER) {
		vendor = of_reader_u32(&r);
	} else if (msg->version < OF_VERSION_12 && type == TYPE_NX_VENDOR && code == 0) {
		vendor = of_reader_u32(&r);
		type = of_reader_u16(&r);
		code = of_reader_u16(&r);
	}
	if (r.failed)
		return OFPBRC_BAD_LEN;
	*errorp = OFERROR_OK;
	*datap = r.p;
	*data_lenp = r.left;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct number *n = &numbers[i];

		if (n->vendor == vendor && n->type == type && n->code == code
			&& n->first <= msg->version && msg->version <= n->last) {
			*errorp = n->error;
			break;
		}
	}
	return OFERROR_OK;
}
