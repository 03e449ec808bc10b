/* SPDX-License-Identifier: Apache-2.0 */
/* export: the writers of samples. */

#include "stats/export.h"

#include <inttypes.h>
#include <string.h>

#include "base/fatal.h"
#include "base/str.h"

static json_t *
labels_json(const struct export_sample *sample)
{
	json_t *json = json_object();

	for (size_t i = 0; i < EXPORT_MAX_LABELS && sample->labels[i].key != NULL; i++) {
		json_t *value = json_string(sample->labels[i].value);

		/* Names come from the configuration and need not be UTF-8. */
		if (value == NULL)
			value = json_string("?");
		BUG_ON(json_object_set_new(json, sample->labels[i].key, value) != 0);
	}
	return json;
}

json_t *
export_json(const struct export_sample *samples, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		uint64_t value = MIN(samples[i].value, (uint64_t)INT64_MAX);
		json_t *sample = json_pack("{s:s, s:o, s:I}", "name", samples[i].name, "labels",
			labels_json(&samples[i]), "value", (json_int_t)value);

		BUG_ON(sample == NULL || json_array_append_new(array, sample) != 0);
	}
	return array;
}

static void
put_name(struct str *out, const char *name)
{
	for (size_t i = 0; name[i] != '\0'; i++) {
		char c = name[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		bool is_digit = c >= '0' && c <= '9';

		str_putc(out, is_letter || (is_digit && i > 0) ? c : '_');
	}
}

/* Text with backslash, quote and line end escaped. */
static void
put_escaped(struct str *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			str_putc(out, '\\');
		if (*text == '\n')
			str_puts(out, "\\n");
		else
			str_putc(out, *text);
	}
}

static void
put_family(struct str *out, const struct export_sample *sample)
{
	str_puts(out, "# TYPE ");
	put_name(out, sample->name);
	str_puts(out, sample->is_counter ? " counter\n" : " gauge\n");
	if (sample->help == NULL)
		return;
	str_puts(out, "# HELP ");
	put_name(out, sample->name);
	str_putc(out, ' ');
	put_escaped(out, sample->help);
	str_putc(out, '\n');
}

static void
put_labels(struct str *out, const struct export_sample *sample)
{
	if (sample->labels[0].key == NULL)
		return;
	for (size_t i = 0; i < EXPORT_MAX_LABELS && sample->labels[i].key != NULL; i++) {
		str_putc(out, i == 0 ? '{' : ',');
		put_name(out, sample->labels[i].key);
		str_puts(out, "=\"");
		put_escaped(out, sample->labels[i].value);
		str_putc(out, '"');
	}
	str_putc(out, '}');
}

void
export_openmetrics(const struct export_sample *samples, size_t n, struct str *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct export_sample *s = &samples[i];

		if (i == 0 || strcmp(s->name, samples[i - 1].name) != 0)
			put_family(out, s);
		put_name(out, s->name);
		if (s->is_counter)
			str_puts(out, "_total");
		put_labels(out, s);
		str_printf(out, " %" PRIu64 "\n", s->value);
	}
	str_puts(out, "# EOF\n");
}
