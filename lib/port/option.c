/* SPDX-License-Identifier: Apache-2.0 */
/* Reading options of ports: numbers and truth values with ranges, and the report of options that nobody knows.
 * Used by every driver, so that the same mistake gives the same words everywhere. */
#include "port/option.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_THIS LOG_port
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/smap.h"
#include "port/port.h"

int
option_uint(const struct smap *options, const char *key, uint32_t def, uint32_t min, uint32_t max,
	uint32_t *valuep, struct err *err)
{
	const char *text = options != NULL ? smap_get(options, key) : NULL;
	unsigned long long value;
	char *end;

	*valuep = def;
	if (text == NULL)
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || value < min
		|| value > max) {
		err_set(err, "option %s: \"%s\" is not a whole number from %u to %u", key, text,
			min, max);
		return -EINVAL;
	}
	*valuep = (uint32_t)value;
	return 0;
}

int
option_bool(const struct smap *options, const char *key, bool def, bool *valuep, struct err *err)
{
	const char *text = options != NULL ? smap_get(options, key) : NULL;

	*valuep = def;
	if (text == NULL)
		return 0;
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
		err_set(err, "option %s: \"%s\" is neither true nor false", key, text);
		return -EINVAL;
	}
	*valuep = text[0] == 't';
	return 0;
}

uint32_t
option_hash(const struct smap *options)
{
	const struct smap_node *node;
	uint32_t hash = 0;

	if (options == NULL)
		return 0;
	/* A sum, because the map has no order. */
	SMAP_FOREACH(node, options)
		hash += hash_string(node->value, hash_string(node->key, 1));
	return hash;
}

size_t
option_warn_unknown(const struct port_config *config, const char *const *known)
{
	const struct smap_node *node;
	size_t n = 0;

	if (config->options == NULL)
		return 0;
	SMAP_FOREACH(node, config->options) {
		const char *const *k = known;

		while (k != NULL && *k != NULL && strcmp(*k, node->key) != 0)
			k++;
		if (k == NULL || *k == NULL) {
			LOG_WARN("%s: option %s=%s has no effect on ports of type \"%s\"",
				config->name, node->key, node->value, config->type);
			n++;
		}
	}
	return n;
}
