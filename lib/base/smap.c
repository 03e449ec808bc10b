/* SPDX-License-Identifier: Apache-2.0 */
/* smap: the text to text map, on hmap.  Values that are numbers or booleans are read the way the field's tools
 * write them. */

#include "base/smap.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/hash.h"

void
smap_init(struct smap *smap)
{
	hmap_init(&smap->map);
}

static void
node_destroy(struct smap_node *node)
{
	free(node->key);
	free(node->value);
	free(node);
}

void
smap_clear(struct smap *smap)
{
	struct smap_node *node, *next;

	HMAP_FOREACH_SAFE(node, next, node, &smap->map)
		node_destroy(node);
	hmap_clear(&smap->map);
}

void
smap_uninit(struct smap *smap)
{
	if (smap == NULL)
		return;
	smap_clear(smap);
	hmap_uninit(&smap->map);
}

static struct smap_node *
find(const struct smap *smap, const char *key)
{
	struct smap_node *node;

	HMAP_FOREACH_HASH(node, node, hash_string(key, 0), &smap->map) {
		if (strcmp(node->key, key) == 0)
			return node;
	}
	return NULL;
}

/* Owner: 'value' is consumed. */
static void
set(struct smap *smap, const char *key, char *value)
{
	struct smap_node *node = find(smap, key);

	if (node == NULL) {
		node = xmalloc(sizeof *node);
		node->key = xstrdup(key);
		hmap_insert(&smap->map, &node->node, hash_string(key, 0));
	} else {
		free(node->value);
	}
	node->value = value;
}

void
smap_set(struct smap *smap, const char *key, const char *value)
{
	set(smap, key, xstrdup(value));
}

void
smap_setf(struct smap *smap, const char *key, const char *fmt, ...)
{
	va_list args;
	char *value;
	int n;

	va_start(args, fmt);
	n = vasprintf(&value, fmt, args);
	va_end(args);
	set(smap, key, n >= 0 ? value : xstrdup(""));
}

const char *
smap_get(const struct smap *smap, const char *key)
{
	return smap_get_def(smap, key, NULL);
}

const char *
smap_get_def(const struct smap *smap, const char *key, const char *def)
{
	const struct smap_node *node = find(smap, key);

	return node != NULL ? node->value : def;
}

bool
smap_get_bool(const struct smap *smap, const char *key, bool def)
{
	const char *value = smap_get(smap, key);

	if (value == NULL)
		return def;
	return def ? strcasecmp(value, "false") != 0 : strcasecmp(value, "true") == 0;
}

int
smap_get_int(const struct smap *smap, const char *key, int def)
{
	const char *value = smap_get(smap, key);
	char *end;
	long n;

	if (value == NULL)
		return def;
	errno = 0;
	n = strtol(value, &end, 0);
	return errno != 0 || end == value || *end != '\0' || n < INT_MIN || n > INT_MAX ? def
											: (int)n;
}

uint64_t
smap_get_u64(const struct smap *smap, const char *key, uint64_t def)
{
	const char *value = smap_get(smap, key);
	unsigned long long n;
	char *end;

	if (value == NULL || strchr(value, '-') != NULL)
		return def;
	errno = 0;
	n = strtoull(value, &end, 0);
	return errno != 0 || end == value || *end != '\0' ? def : n;
}

bool
smap_remove(struct smap *smap, const char *key)
{
	struct smap_node *node = find(smap, key);

	if (node == NULL)
		return false;
	hmap_remove(&smap->map, &node->node);
	node_destroy(node);
	return true;
}

void
smap_clone(struct smap *dst, const struct smap *src)
{
	const struct smap_node *node;

	smap_init(dst);
	SMAP_FOREACH(node, src)
		smap_set(dst, node->key, node->value);
}

bool
smap_equal(const struct smap *a, const struct smap *b)
{
	const struct smap_node *node;

	if (smap_count(a) != smap_count(b))
		return false;
	SMAP_FOREACH(node, a) {
		const char *value = smap_get(b, node->key);

		if (value == NULL || strcmp(value, node->value) != 0)
			return false;
	}
	return true;
}

size_t
smap_count(const struct smap *smap)
{
	return hmap_count(&smap->map);
}

bool
smap_is_empty(const struct smap *smap)
{
	return hmap_is_empty(&smap->map);
}

static int
compare_keys(const void *a_, const void *b_)
{
	const struct smap_node *const *a = a_;
	const struct smap_node *const *b = b_;

	return strcmp((*a)->key, (*b)->key);
}

const struct smap_node **
smap_sorted(const struct smap *smap)
{
	const struct smap_node **nodes = xcalloc(smap_count(smap) + 1, sizeof *nodes);
	const struct smap_node *node;
	size_t n = 0;

	SMAP_FOREACH(node, smap)
		nodes[n++] = node;
	qsort(nodes, n, sizeof *nodes, compare_keys);
	return nodes;
}
