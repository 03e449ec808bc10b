/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_JSON_H
#define IPC_JSON_H

/* json: JSON texts of peers that nobody trusts, on top of jansson.
 *
 * Model    jansson's 'json_t' is the type of a JSON value in every room.  This module adds what jansson
 *          leaves to its caller: limits, a splitter that finds the end of one text in a stream of
 *          texts, a stream that turns bytes into values, and one way to print.
 * Rules    J1 a text that breaks a limit costs no more memory than the limit allows: limits are counted
 *             before jansson sees the text.
 *          J2 a text is accepted only if it is valid UTF-8, names no member of an object twice and has
 *             no U+0000 in a string.
 *          J3 splitting does not depend on where the stream was cut into pieces.
 * Life     json_stream: init, feed until a value or an error, uninit.  After an error only uninit is
 *          allowed: there is no way to find the start of the next text.
 * Owner    Values are returned with one reference that belongs to the caller (json_decref).  Printed
 *          texts belong to the caller (free).
 * Threads  none of its own; an object belongs to one thread at a time.
 * Cost     One pass by the splitter and one by jansson over each byte.
 * See      tests/fuzz/json_fuzz.c. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct err;
struct str;

/* What one text may cost.  A member that is 0 stands for its default. */
struct json_limits {
	size_t max_bytes; /* Length of one text. */
	size_t max_values; /* Values in one text; jansson needs about 100 bytes for each. */
	unsigned int max_depth; /* Nesting of arrays and objects. */
};

#define JSON_MAX_BYTES_DEFAULT ((size_t)32 << 20)
#define JSON_MAX_VALUES_DEFAULT ((size_t)4 << 20)
#define JSON_MAX_DEPTH_DEFAULT 200U
#define JSON_MAX_DEPTH 1000U /* No limit may be above this: jansson recurses. */

enum json_format_flags {
	JSON_FORMAT_SORTED = 1 << 0, /* Members of objects in order of their names. */
	JSON_FORMAT_PRETTY = 1 << 1, /* With line breaks and two columns per level. */
};

/* Parses 'text' of 'len' bytes, which must be one JSON value of any type and white space only.
 * Returns: 0, -EPROTO (not JSON; 'err' tells the offset), -EMSGSIZE (a limit; NULL 'limits' are the
 * defaults).  Owner: '*jsonp' is the caller's. */
int json_parse(const char *text, size_t len, const struct json_limits *limits, json_t **jsonp,
	struct err *err) MUST_CHECK;

/* json_parse() of a string that ends with a NUL. */
int json_parse_string(const char *text, const struct json_limits *limits, json_t **jsonp,
	struct err *err) MUST_CHECK;

/* json_parse() of a whole file.  Returns: also -errno of reading it. */
int json_parse_file(const char *path, const struct json_limits *limits, json_t **jsonp,
	struct err *err) MUST_CHECK;

/* Prints 'json' on one line without spaces, or as 'flags' (enum json_format_flags) ask.  Owner: the
 * caller frees the result. */
char *json_format(const json_t *json, unsigned int flags) MUST_CHECK;

/* Appends json_format() to 'out'. */
void json_format_to(const json_t *json, unsigned int flags, struct str *out);

/* A JSON string of 'text', in which bytes that are not UTF-8 become '?'.  Owner: the caller. */
json_t *json_from_text(const char *text) MUST_CHECK;

/* The words that error texts use for the type of 'json': "object", "array", "string"... */
const char *json_type_name(const json_t *json);

/* Finds the end of one array or object in a stream of bytes.  Members are private. */
struct json_splitter {
	struct json_limits limits; /* With the defaults filled in. */
	size_t n_bytes; /* Bytes of the text so far, leading white space excluded. */
	size_t n_values; /* An upper bound of the values so far. */
	unsigned int depth; /* Open arrays and objects. */
	bool in_string; /* Between two quotes. */
	bool escaped; /* The last byte was a backslash within a string. */
};

void json_splitter_init(struct json_splitter *splitter, const struct json_limits *limits);

/* Looks at 'data' of 'len' bytes, which follow the bytes of earlier calls.  Sets '*usedp' to the bytes
 * that belong to this text (all of them, unless it ends before), '*completep' to whether it has ended;
 * then the splitter is ready for the next text.  White space before a text is skipped and counted in
 * '*usedp'.  Returns: 0, -EPROTO (a text that begins with neither '[' nor '{'), -EMSGSIZE (limit). */
int json_splitter_feed(struct json_splitter *splitter, const char *data, size_t len, size_t *usedp,
	bool *completep, struct err *err) MUST_CHECK;

/* Turns a stream of bytes into values.  Members are private. */
struct json_stream {
	struct json_splitter splitter;
	char *buf; /* The part of the current text that came with earlier calls. */
	size_t len; /* Bytes in it. */
	size_t alloc; /* Bytes allocated for it. */
};

void json_stream_init(struct json_stream *stream, const struct json_limits *limits);
void json_stream_uninit(struct json_stream *stream);

/* Changes the limits, also of a text that has begun. */
void json_stream_set_limits(struct json_stream *stream, const struct json_limits *limits);

/* Looks at 'data' until one value is complete.  Sets '*usedp' to the bytes consumed and '*jsonp' to
 * the value or, if all bytes were consumed without completing one, to NULL.  Returns: 0, -EPROTO,
 * -EMSGSIZE.  Owner: '*jsonp' is the caller's. */
int json_stream_feed(struct json_stream *stream, const char *data, size_t len, size_t *usedp,
	json_t **jsonp, struct err *err) MUST_CHECK;

/* Whether a text has begun and not ended: end of file now would cut it. */
bool json_stream_is_partial(const struct json_stream *stream);

#endif /* IPC_JSON_H */
