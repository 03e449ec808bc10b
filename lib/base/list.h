/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

/* list: circular doubly linked list whose links live in the elements.
 *
 * Model    one type for the head and for the link in an element.  An empty head points to itself.
 * Rules    I1 an element is in at most one list per link member.  I2 list_remove() makes the link an empty
 *          list again, so removing twice does no harm.
 * Owner    a list owns nothing.
 * Threads  none of its own. */

#include <stdbool.h>
#include <sys/queue.h>

#include "base/compiler.h"

/* DPDK's headers bring <sys/queue.h>, whose lists have two of our names; it is included here so that it cannot
 * come later and take them back. */
#undef LIST_ENTRY
#undef LIST_FOREACH

struct list {
	struct list *prev; /* Before this one; of a head: the last. */
	struct list *next; /* After this one; of a head: the first. */
};

#define LIST_INITIALIZER(LIST) \
	{                      \
		(LIST), (LIST) \
	}

static inline void
list_init(struct list *list)
{
	list->prev = list->next = list;
}

/* Puts 'elem' in front of 'before', which is an element or the head. */
static inline void
list_insert(struct list *before, struct list *elem)
{
	elem->prev = before->prev;
	elem->next = before;
	before->prev->next = elem;
	before->prev = elem;
}

static inline void
list_push_back(struct list *list, struct list *elem)
{
	list_insert(list, elem);
}

static inline void
list_push_front(struct list *list, struct list *elem)
{
	list_insert(list->next, elem);
}

static inline void
list_remove(struct list *elem)
{
	elem->prev->next = elem->next;
	elem->next->prev = elem->prev;
	list_init(elem);
}

static inline bool
list_is_empty(const struct list *list)
{
	return list->next == list;
}

/* The list must not be empty. */
static inline struct list *
list_front(const struct list *list)
{
	return list->next;
}

/* The list must not be empty. */
static inline struct list *
list_back(const struct list *list)
{
	return list->prev;
}

/* Removes the first element.  The list must not be empty. */
static inline struct list *
list_pop_front(struct list *list)
{
	struct list *elem = list->next;

	list_remove(elem);
	return elem;
}

/* Removes the last element.  The list must not be empty. */
static inline struct list *
list_pop_back(struct list *list)
{
	struct list *elem = list->prev;

	list_remove(elem);
	return elem;
}

/* Moves all elements of 'src' to the end of 'dst'; 'src' becomes empty. */
static inline void
list_splice_back(struct list *dst, struct list *src)
{
	if (list_is_empty(src))
		return;
	src->next->prev = dst->prev;
	dst->prev->next = src->next;
	src->prev->next = dst;
	dst->prev = src->prev;
	list_init(src);
}

/* Cost: walks the list. */
static inline size_t
list_size(const struct list *list)
{
	size_t n = 0;

	for (const struct list *p = list->next; p != list; p = p->next)
		n++;
	return n;
}

#define LIST_ENTRY(VAR, NODE, MEMBER) CONTAINER_OF(NODE, __typeof__(*(VAR)), MEMBER)

/* Walks 'LIST' with pointer 'VAR', whose struct has the link 'MEMBER'.  'VAR' is a plain variable; it is NULL
 * when the walk went to the end.  The body must not remove 'VAR': LIST_FOREACH_SAFE is for that. */
#define LIST_FOREACH(VAR, MEMBER, LIST)                                                          \
	for (struct list *VAR##_it = (LIST)->next;                                               \
		((VAR) = VAR##_it != (LIST) ? LIST_ENTRY(VAR, VAR##_it, MEMBER) : NULL) != NULL; \
		VAR##_it = VAR##_it->next)

/* The same; the body may remove or free 'VAR'.  'NEXT' is a variable of the type of 'VAR'; it is the element
 * visited next, which the body must not remove (past the last element it is no valid element). */
#define LIST_FOREACH_SAFE(VAR, NEXT, MEMBER, LIST)                                              \
	for (struct list *VAR##_it = (LIST)->next;                                              \
		((VAR) = VAR##_it != (LIST) ? LIST_ENTRY(VAR, VAR##_it, MEMBER) : NULL) != NULL \
		&& ((NEXT) = LIST_ENTRY(NEXT, VAR##_it->next, MEMBER), true);                   \
		VAR##_it = &(NEXT)->MEMBER)

#endif /* BASE_LIST_H */
