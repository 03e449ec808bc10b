/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: the match parser.  What it accepts and the printer can say comes back as the same text. */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "flow/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct str once = STR_INIT, twice = STR_INIT;
	struct match m, again;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (match_parse(text, NULL, &m, &err) == 0) {
		(void)match_format(&m, NULL, &once);
		if (match_parse(str_cstr(&once), NULL, &again, &err) != 0)
			abort();
		(void)match_format(&again, NULL, &twice);
		if (strcmp(str_cstr(&once), str_cstr(&twice)) != 0)
			abort();
	} else if (err.text[0] == '\0') {
		abort();
	}
	str_uninit(&once);
	str_uninit(&twice);
	free(text);
	return 0;
}
