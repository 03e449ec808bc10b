/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of ipc/json and ipc/jsonrpc: a stream of texts, cut into pieces, must give what the same
 * texts give in one piece, and a text that is one array or object must mean the same to both parsers. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/str.h"
#include "ipc/json.h"
#include "ipc/jsonrpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits limits = { .max_bytes = 4096, .max_values = 512, .max_depth = 20 };

/* Prints what 'data' in pieces of 'step' bytes contains.  Returns: the code of the first error. */
static int
stream_all(const char *data, size_t size, size_t step, struct str *out)
{
	struct json_stream stream;
	int error = 0;

	json_stream_init(&stream, &limits);
	for (size_t i = 0; i < size && error == 0; i += step) {
		size_t n = MIN(step, size - i);
		size_t off = 0;

		while (off < n && error == 0) {
			struct jsonrpc_msg *msg;
			json_t *json;
			size_t used;

			error = json_stream_feed(
				&stream, data + i + off, n - off, &used, &json, NULL);
			off += used;
			if (json == NULL)
				continue;
			json_format_to(json, JSON_FORMAT_SORTED, out);
			str_putc(out, '\n');
			if (jsonrpc_msg_from_json(json, &msg, NULL) == 0) {
				json_t *again = jsonrpc_msg_to_json(msg);

				json_format_to(again, JSON_FORMAT_SORTED, out);
				json_decref(again);
				jsonrpc_msg_destroy(msg);
			}
			json_decref(json);
		}
	}
	if (error == 0 && json_stream_is_partial(&stream))
		str_puts(out, "partial");
	json_stream_uninit(&stream);
	return error;
}

/* The printed form of a value must parse to the same value. */
static void
check_roundtrip(const json_t *json)
{
	char *text = json_format(json, 0);
	json_t *again;

	if (json_parse_string(text, NULL, &again, NULL) != 0 || !json_equal(json, again))
		abort();
	json_decref(again);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = STR_INIT;
	struct str pieces = STR_INIT;
	const char *text;
	json_t *json;
	size_t step;

	if (size < 1)
		return 0;
	step = (size_t)data[0] % 16 + 1;
	text = (const char *)data + 1;
	size--;
	if (stream_all(text, size, SIZE_MAX / 2, &whole) != stream_all(text, size, step, &pieces))
		abort();
	if (strcmp(str_cstr(&whole), str_cstr(&pieces)) != 0)
		abort();
	if (json_parse(text, size, &limits, &json, NULL) == 0) {
		if ((json_is_array(json) || json_is_object(json)) && whole.len == 0)
			abort();
		check_roundtrip(json);
		json_decref(json);
	}
	str_uninit(&whole);
	str_uninit(&pieces);
	return 0;
}
