/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RCU_VECTOR_H
#define RCU_VECTOR_H

/* vector: a published array of pointers that readers index without locks.
 *
 * Model    The writer never changes an array that is published: it copies, edits, publishes and retires the
 *          old one.  The elements are the user's, and retired by the user after they left the vector.
 * Rules    I1 A reader that loads the vector once sees one consistent set of elements.
 * Life     vector_init() -> vector_append(), vector_set(), vector_remove() -> vector_uninit().
 * Owner    the arrays are the vector's, the elements the user's.
 * Threads  append, set, remove, init, uninit: one writer.  load: rcu readers, and the writer.
 * Cost     every change copies; for sets that rarely change. */

#include <stdatomic.h>

#include "base/compiler.h"

struct vector_array {
	size_t n;
	void *elems[]; /* Immutable after publish. */
};

struct vector {
	_Atomic(struct vector_array *) array; /* Never NULL.  The writer publishes. */
};

void vector_init(struct vector *vector);

/* No reader may be left.  NULL is accepted. */
void vector_uninit(struct vector *vector);

/* Returns: the array as it is now.  Borrowed until the next quiescent state. */
static inline const struct vector_array *
vector_load(const struct vector *vector)
{
	/* Pairs with the release in publish() of vector.c. */
	return atomic_load_explicit(&vector->array, memory_order_acquire);
}

/* Puts 'elem' at the end. */
void vector_append(struct vector *vector, void *elem);

/* Replaces the element at 'i', which must exist.  Returns: the one that was there. */
void *vector_set(struct vector *vector, size_t i, void *elem) MUST_CHECK;

/* Removes the first element that is 'elem', if there is one; those behind it move up. */
void vector_remove(struct vector *vector, const void *elem);

#endif /* RCU_VECTOR_H */
