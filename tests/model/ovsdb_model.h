/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_OVSDB_MODEL_H
#define MODEL_OVSDB_MODEL_H

/* ovsdb_model: what a commit does, said as plainly as possible.
 *
 * Model    Rows of three tables in arrays, with small integers for UUIDs.  A commit looks at everything,
 *          again and again, until nothing changes.  No counting, no indexes, no undoing: a transaction
 *          works on a copy of the whole state. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MODEL_MAX_ROWS 24
#define MODEL_NONE 0 /* No row has this id. */

struct model_kid {
	unsigned int id; /* MODEL_NONE: the slot is free. */
	int name; /* Unique. */
	unsigned int next; /* Strong reference to a kid, or MODEL_NONE. */
	unsigned int best; /* Weak reference to an item; must not vanish. */
};

struct model_root {
	unsigned int id;
	bool kids[4096]; /* Strong references, by id. */
	bool friends[4096]; /* Weak references, by id. */
};

struct model {
	struct model_kid kids[MODEL_MAX_ROWS];
	struct model_root roots[4];
	unsigned int items[MODEL_MAX_ROWS];
};

static inline struct model_kid *
model_kid(struct model *m, unsigned int id)
{
	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		if (id != MODEL_NONE && m->kids[i].id == id)
			return &m->kids[i];
	}
	return NULL;
}

static inline struct model_root *
model_root(struct model *m, unsigned int id)
{
	for (size_t i = 0; i < 4; i++) {
		if (id != MODEL_NONE && m->roots[i].id == id)
			return &m->roots[i];
	}
	return NULL;
}

static inline bool
model_has_item(const struct model *m, unsigned int id)
{
	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		if (id != MODEL_NONE && m->items[i] == id)
			return true;
	}
	return false;
}

/* Whether a row other than itself keeps the kid 'id'. */
static inline bool
model_is_kept(const struct model *m, unsigned int id)
{
	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		if (m->kids[i].id != MODEL_NONE && m->kids[i].id != id && m->kids[i].next == id)
			return true;
	}
	for (size_t i = 0; i < 4; i++) {
		if (m->roots[i].id != MODEL_NONE && m->roots[i].kids[id])
			return true;
	}
	return false;
}

/* Whether 'now' refers to a missing kid where 'before' did not refer to it at all. */
static inline bool
model_has_bad_new_ref(struct model *now, struct model *before)
{
	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		const struct model_kid *kid = &now->kids[i];
		const struct model_kid *old = model_kid(before, kid->id);

		if (kid->id != MODEL_NONE && kid->next != MODEL_NONE
			&& model_kid(now, kid->next) == NULL
			&& (old == NULL || old->next != kid->next))
			return true;
	}
	for (size_t i = 0; i < 4; i++) {
		const struct model_root *root = &now->roots[i];
		const struct model_root *old = model_root(before, root->id);

		for (unsigned int id = 1; root->id != MODEL_NONE && id < 4096; id++) {
			if (root->kids[id] && model_kid(now, id) == NULL
				&& (old == NULL || !old->kids[id]))
				return true;
		}
	}
	return false;
}

/* Whether a strong reference leads nowhere, a kid lost its best, or a name or a table overflows. */
static inline bool
model_is_broken(struct model *m)
{
	size_t n_roots = 0;

	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		const struct model_kid *kid = &m->kids[i];

		if (kid->id == MODEL_NONE)
			continue;
		if (kid->next != MODEL_NONE && model_kid(m, kid->next) == NULL)
			return true;
		if (!model_has_item(m, kid->best))
			return true;
		for (size_t j = 0; j < i; j++) {
			if (m->kids[j].id != MODEL_NONE && m->kids[j].name == kid->name)
				return true;
		}
	}
	for (size_t i = 0; i < 4; i++) {
		n_roots += m->roots[i].id != MODEL_NONE;
		for (unsigned int id = 1; m->roots[i].id != MODEL_NONE && id < 4096; id++) {
			if (m->roots[i].kids[id] && model_kid(m, id) == NULL)
				return true;
		}
	}
	return n_roots > 2;
}

/* Brings 'now', which operations turned 'before' into, in order.  Returns: whether it may be committed. */
static inline bool
model_commit(struct model *now, struct model *before)
{
	bool changed = true;

	if (model_has_bad_new_ref(now, before))
		return false;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
			struct model_kid *kid = &now->kids[i];

			if (kid->id != MODEL_NONE && !model_is_kept(now, kid->id)) {
				memset(kid, 0, sizeof *kid);
				changed = true;
			}
		}
	}
	for (size_t i = 0; i < 4; i++) {
		for (unsigned int id = 1; id < 4096; id++) {
			if (now->roots[i].friends[id] && model_kid(now, id) == NULL)
				now->roots[i].friends[id] = false;
		}
	}
	return !model_is_broken(now);
}

#endif /* MODEL_OVSDB_MODEL_H */
