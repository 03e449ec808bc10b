/* SPDX-License-Identifier: Apache-2.0 */
/* vector: the writer's side of the published array of pointers. */

#include "rcu/vector.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fatal.h"
#include "rcu/rcu.h"

static struct vector_array *
array_create(size_t n)
{
	struct vector_array *a = xmalloc(sizeof *a + n * sizeof a->elems[0]);

	a->n = n;
	return a;
}

static struct vector_array *
current(const struct vector *vector)
{
	return atomic_load_explicit(&vector->array, memory_order_relaxed);
}

static void
publish(struct vector *vector, struct vector_array *a)
{
	struct vector_array *old = current(vector);

	/* Pairs with the acquire in vector_load(). */
	atomic_store_explicit(&vector->array, a, memory_order_release);
	rcu_retire(old, free);
}

void
vector_init(struct vector *vector)
{
	atomic_init(&vector->array, array_create(0));
}

void
vector_uninit(struct vector *vector)
{
	if (vector == NULL)
		return;
	free(current(vector));
	atomic_store_explicit(&vector->array, NULL, memory_order_relaxed);
}

void
vector_append(struct vector *vector, void *elem)
{
	const struct vector_array *old = current(vector);
	struct vector_array *a = array_create(old->n + 1);

	memcpy(a->elems, old->elems, old->n * sizeof a->elems[0]);
	a->elems[old->n] = elem;
	publish(vector, a);
}

void *
vector_set(struct vector *vector, size_t i, void *elem)
{
	const struct vector_array *old = current(vector);
	struct vector_array *a = array_create(old->n);
	void *replaced;

	BUG_ON(i >= old->n);
	memcpy(a->elems, old->elems, old->n * sizeof a->elems[0]);
	replaced = a->elems[i];
	a->elems[i] = elem;
	publish(vector, a);
	return replaced;
}

void
vector_remove(struct vector *vector, const void *elem)
{
	const struct vector_array *old = current(vector);
	struct vector_array *a;
	size_t i = 0;

	while (i < old->n && old->elems[i] != elem)
		i++;
	if (i == old->n)
		return;
	a = array_create(old->n - 1);
	memcpy(a->elems, old->elems, i * sizeof a->elems[0]);
	memcpy(a->elems + i, old->elems + i + 1, (old->n - i - 1) * sizeof a->elems[0]);
	publish(vector, a);
}
