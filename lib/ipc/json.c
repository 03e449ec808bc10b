/* SPDX-License-Identifier: Apache-2.0 */
/* json: limits, splitting and printing around jansson.
 *
 * Every text passes the splitter's scan before jansson allocates anything for it: the scan knows nothing
 * of grammar but strings and brackets, which is enough to bound the length, the nesting and the number
 * of values. */

#include "ipc/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fatal.h"
#include "base/fs.h"
#include "base/str.h"

#define JSON_STREAM_KEEP_BYTES 65536

static void
json_limits_fill(struct json_limits *out, const struct json_limits *in)
{
	static const struct json_limits none = { 0, 0, 0 };

	if (in == NULL)
		in = &none;
	out->max_bytes = in->max_bytes != 0 ? in->max_bytes : JSON_MAX_BYTES_DEFAULT;
	out->max_values = in->max_values != 0 ? in->max_values : JSON_MAX_VALUES_DEFAULT;
	out->max_depth = in->max_depth != 0 ? in->max_depth : JSON_MAX_DEPTH_DEFAULT;
	out->max_depth = MIN(out->max_depth, JSON_MAX_DEPTH);
}

static bool
json_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
json_splitter_reset(struct json_splitter *s)
{
	s->n_bytes = 0;
	s->n_values = 0;
	s->depth = 0;
	s->in_string = false;
	s->escaped = false;
}

void
json_splitter_init(struct json_splitter *splitter, const struct json_limits *limits)
{
	json_limits_fill(&splitter->limits, limits);
	json_splitter_reset(splitter);
}

/* Counts 'c', which is part of a text.  An array or object of n members has n - 1 commas and one opening
 * bracket, so brackets and commas together are never fewer than the values. */
static inline void
json_splitter_step(struct json_splitter *s, char c)
{
	s->n_bytes++;
	if (s->in_string) {
		if (s->escaped)
			s->escaped = false;
		else if (c == '\\')
			s->escaped = true;
		else if (c == '"')
			s->in_string = false;
		return;
	}
	switch (c) {
	case '"': s->in_string = true; break;
	case '[':
	case '{':
		s->depth++;
		s->n_values += 2;
		break;
	case ']':
	case '}':
		if (s->depth > 0)
			s->depth--;
		break;
	case ',': s->n_values++; break;
	default: break;
	}
}

static int
json_splitter_check(const struct json_splitter *s, struct err *err)
{
	if (s->depth > s->limits.max_depth) {
		err_set(err, "JSON text nests deeper than %u levels at offset %zu",
			s->limits.max_depth, s->n_bytes - 1);
		return -EMSGSIZE;
	}
	if (s->n_values > s->limits.max_values) {
		err_set(err, "JSON text has more than %zu values", s->limits.max_values);
		return -EMSGSIZE;
	}
	if (s->n_bytes > s->limits.max_bytes) {
		err_set(err, "JSON text is longer than %zu bytes", s->limits.max_bytes);
		return -EMSGSIZE;
	}
	return 0;
}

int
json_splitter_feed(struct json_splitter *splitter, const char *data, size_t len, size_t *usedp,
	bool *completep, struct err *err)
{
	size_t i = 0;
	int error;

	*completep = false;
	*usedp = 0;
	if (splitter->depth == 0) {
		while (i < len && json_is_space(data[i]))
			i++;
		if (i < len && data[i] != '[' && data[i] != '{') {
			err_set(err, "JSON text begins with byte 0x%02x, not with '[' or '{'",
				(unsigned int)(unsigned char)data[i]);
			return -EPROTO;
		}
	}
	while (i < len) {
		json_splitter_step(splitter, data[i++]);
		error = json_splitter_check(splitter, err);
		if (error != 0)
			return error;
		if (splitter->depth == 0) {
			json_splitter_reset(splitter);
			*completep = true;
			break;
		}
	}
	*usedp = i;
	return 0;
}

/* Hands a text whose limits have been checked to jansson. */
static int
json_parse_checked(const char *text, size_t len, json_t **jsonp, struct err *err)
{
	json_error_t e;

	*jsonp = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (*jsonp != NULL)
		return 0;
	if (json_error_code(&e) == json_error_out_of_memory) {
		err_set(err, "out of memory for a JSON text of %zu bytes", len);
		return -ENOMEM;
	}
	err_set(err, "JSON error at offset %d: %s", e.position, e.text);
	return -EPROTO;
}

int
json_parse(const char *text, size_t len, const struct json_limits *limits, json_t **jsonp,
	struct err *err)
{
	struct json_splitter s;
	int error;

	*jsonp = NULL;
	json_splitter_init(&s, limits);
	for (size_t i = 0; i < len; i++) {
		json_splitter_step(&s, text[i]);
		error = json_splitter_check(&s, err);
		if (error != 0)
			return error;
	}
	return json_parse_checked(text, len, jsonp, err);
}

int
json_parse_string(
	const char *text, const struct json_limits *limits, json_t **jsonp, struct err *err)
{
	return json_parse(text, strlen(text), limits, jsonp, err);
}

int
json_parse_file(const char *path, const struct json_limits *limits, json_t **jsonp, struct err *err)
{
	struct json_limits filled;
	char *data;
	size_t len;
	int error;

	*jsonp = NULL;
	json_limits_fill(&filled, limits);
	error = fs_read_file(path, filled.max_bytes, &data, &len, err);
	if (error != 0)
		return error;
	error = json_parse(data, len, &filled, jsonp, err);
	free(data);
	if (error != 0)
		err_prefix(err, "%s", path);
	return error;
}

static int
json_put_chunk(const char *buffer, size_t size, void *out)
{
	str_put(out, buffer, size);
	return 0;
}

static size_t
json_dump_flags(unsigned int flags)
{
	size_t f = JSON_ENCODE_ANY;

	f |= (flags & JSON_FORMAT_PRETTY) != 0 ? JSON_INDENT(2) : JSON_COMPACT;
	if ((flags & JSON_FORMAT_SORTED) != 0)
		f |= JSON_SORT_KEYS;
	return f;
}

char *
json_format(const json_t *json, unsigned int flags)
{
	char *s = json_dumps(json, json_dump_flags(flags));

	/* jansson fails on a value that contains itself, on NaN, and without memory. */
	BUG_ON(s == NULL);
	return s;
}

void
json_format_to(const json_t *json, unsigned int flags, struct str *out)
{
	int error = json_dump_callback(json, json_put_chunk, out, json_dump_flags(flags));

	BUG_ON(error != 0);
}

json_t *
json_from_text(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json != NULL)
		return json;
	/* jansson refuses the text as a whole; plain ASCII always passes. */
	copy = xstrdup(text);
	for (char *p = copy; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	json = json_string(copy);
	free(copy);
	BUG_ON(json == NULL);
	return json;
}

const char *
json_type_name(const json_t *json)
{
	if (json == NULL)
		return "nothing";
	switch (json_typeof(json)) {
	case JSON_OBJECT: return "object";
	case JSON_ARRAY: return "array";
	case JSON_STRING: return "string";
	case JSON_INTEGER: return "integer";
	case JSON_REAL: return "real";
	case JSON_TRUE:
	case JSON_FALSE: return "boolean";
	case JSON_NULL: return "null";
	}
	return "unknown";
}

void
json_stream_init(struct json_stream *stream, const struct json_limits *limits)
{
	json_splitter_init(&stream->splitter, limits);
	stream->buf = NULL;
	stream->len = 0;
	stream->alloc = 0;
}

void
json_stream_uninit(struct json_stream *stream)
{
	free(stream->buf);
	stream->buf = NULL;
	stream->len = 0;
	stream->alloc = 0;
}

void
json_stream_set_limits(struct json_stream *stream, const struct json_limits *limits)
{
	json_limits_fill(&stream->splitter.limits, limits);
}

/* Keeps 'len' bytes at 'data' until the rest of their text comes. */
static int
json_stream_keep(struct json_stream *stream, const char *data, size_t len, struct err *err)
{
	size_t need = stream->len + len;

	if (len == 0)
		return 0;
	if (need > stream->alloc) {
		size_t alloc = MAX(need, stream->alloc * 2);
		char *buf = realloc(stream->buf, alloc);

		if (buf == NULL) {
			err_set(err, "out of memory for a JSON text of more than %zu bytes", need);
			return -ENOMEM;
		}
		stream->buf = buf;
		stream->alloc = alloc;
	}
	memcpy(stream->buf + stream->len, data, len);
	stream->len = need;
	return 0;
}

int
json_stream_feed(struct json_stream *stream, const char *data, size_t len, size_t *usedp,
	json_t **jsonp, struct err *err)
{
	size_t skip = 0;
	bool complete;
	int error;

	*jsonp = NULL;
	*usedp = 0;
	if (stream->len == 0) {
		while (skip < len && json_is_space(data[skip]))
			skip++;
	}
	error = json_splitter_feed(
		&stream->splitter, data + skip, len - skip, usedp, &complete, err);
	if (error != 0)
		return error;
	if (complete && stream->len == 0) {
		error = json_parse_checked(data + skip, *usedp, jsonp, err);
	} else {
		error = json_stream_keep(stream, data + skip, *usedp, err);
		if (error == 0 && complete)
			error = json_parse_checked(stream->buf, stream->len, jsonp, err);
	}
	*usedp += skip;
	if (complete) {
		stream->len = 0;
		if (stream->alloc > JSON_STREAM_KEEP_BYTES)
			json_stream_uninit(stream);
	}
	return error;
}

bool
json_stream_is_partial(const struct json_stream *stream)
{
	return stream->len > 0;
}
