/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STATS_EXPORT_H
#define STATS_EXPORT_H

/* export: writes named numbers with labels for machines, as JSON and as OpenMetrics text.
 *
 * Model    A sample has a name, labels that tell it from others of that name, and a value.
 * Rules    I1 Samples of one name stand together and agree in type and help.
 *          I2 Characters that a format does not allow in a name become '_'; label values are escaped.
 * Owner    a sample borrows all its texts from the caller.
 * Threads  none of its own. */

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"

struct str;

#define EXPORT_MAX_LABELS 4

struct export_label {
	const char *key; /* NULL: no more labels. */
	const char *value;
};

struct export_sample {
	const char *name; /* "sluice_drops". */
	const char *help; /* One phrase for people, or NULL. */
	bool is_counter; /* Only grows; else a gauge. */
	struct export_label labels[EXPORT_MAX_LABELS];
	uint64_t value;
};

/* Returns: an array of objects {"name", "labels", "value"}.  Values beyond what a JSON integer holds here
 * (2^63 - 1) are cut to that.  Owner: the caller. */
json_t *export_json(const struct export_sample *samples, size_t n) MUST_CHECK;

/* Appends OpenMetrics text of all samples, and its end mark. */
void export_openmetrics(const struct export_sample *samples, size_t n, struct str *out);

#endif /* STATS_EXPORT_H */
