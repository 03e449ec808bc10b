/* SPDX-License-Identifier: Apache-2.0 */
/* hmap: the parts of the hash map that are not inline: growing, and moving a map that may keep its one bucket
 * in the struct itself. */

#include "base/hmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
hmap_init(struct hmap *hmap)
{
	*hmap = (struct hmap){ .buckets = &hmap->one };
}

void
hmap_uninit(struct hmap *hmap)
{
	if (hmap == NULL)
		return;
	if (hmap->buckets != &hmap->one)
		free(hmap->buckets);
	hmap_init(hmap);
}

void
hmap_clear(struct hmap *hmap)
{
	memset(hmap->buckets, 0, (hmap->mask + 1) * sizeof *hmap->buckets);
	hmap->n = 0;
}

void
hmap_swap(struct hmap *a, struct hmap *b)
{
	struct hmap tmp = *a;

	*a = *b;
	*b = tmp;
	if (a->buckets == &b->one)
		a->buckets = &a->one;
	if (b->buckets == &a->one)
		b->buckets = &b->one;
}

static void
resize(struct hmap *hmap, size_t n_buckets)
{
	struct hmap_node **buckets = xcalloc(n_buckets, sizeof *buckets);

	for (size_t i = 0; i <= hmap->mask; i++) {
		struct hmap_node *node, *next;

		for (node = hmap->buckets[i]; node != NULL; node = next) {
			struct hmap_node **bucket = &buckets[node->hash & (n_buckets - 1)];

			next = node->next;
			node->next = *bucket;
			*bucket = node;
		}
	}
	if (hmap->buckets != &hmap->one)
		free(hmap->buckets);
	hmap->buckets = buckets;
	hmap->mask = n_buckets - 1;
}

void
hmap_grow(struct hmap *hmap)
{
	resize(hmap, MAX((hmap->mask + 1) * 2, 4));
}

void
hmap_reserve(struct hmap *hmap, size_t n)
{
	size_t n_buckets = hmap->mask + 1;

	while (n_buckets < n && n_buckets <= SIZE_MAX / 2 / sizeof *hmap->buckets)
		n_buckets *= 2;
	if (n_buckets > hmap->mask + 1)
		resize(hmap, n_buckets);
}
