/* SPDX-License-Identifier: Apache-2.0 */
/* plan: the steps from one wanted to another.  Room: vswitchd. */

#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static void
add(struct plan *plan, enum plan_step_kind kind, const struct wanted_bridge *br,
	const struct wanted_iface *iface)
{
	if (plan->n == plan->alloc)
		plan->steps = vec_grow(plan->steps, &plan->alloc, sizeof *plan->steps);
	plan->steps[plan->n++] = (struct plan_step){ kind, br, iface };
}

/* An interface of another type, or that became or ceased to be possible, is another interface. */
static bool
is_same_iface(const struct wanted_iface *a, const struct wanted_iface *b)
{
	return strcmp(a->type, b->type) == 0 && (a->error != NULL) == (b->error != NULL)
		&& a->ofport_request == b->ofport_request;
}

static void
plan_deletes(struct plan *plan, const struct wanted *old, const struct wanted *new)
{
	for (size_t i = 0; old != NULL && i < old->n_bridges; i++) {
		const struct wanted_bridge *was = old->bridges[i];
		const struct wanted_bridge *is = wanted_find_bridge(new, was->name);

		for (size_t k = 0; k < was->n_ifaces; k++) {
			const struct wanted_iface *iface;

			iface = wanted_find_iface(is, was->ifaces[k]->name);
			if (iface == NULL || !is_same_iface(was->ifaces[k], iface))
				add(plan, PLAN_DEL_IFACE, was, was->ifaces[k]);
		}
		if (is == NULL)
			add(plan, PLAN_DEL_BRIDGE, was, NULL);
	}
}

static int
by_request(const void *a_, const void *b_)
{
	const struct plan_step *a = a_, *b = b_;
	uint32_t ra = a->iface->ofport_request, rb = b->iface->ofport_request;

	/* Those that ask for a number come first, then those that had one, or a newcomer would take it. */
	if ((ra == 0) != (rb == 0))
		return ra == 0 ? 1 : -1;
	ra = a->iface->ofport_before;
	rb = b->iface->ofport_before;
	if ((ra == 0) != (rb == 0))
		return ra == 0 ? 1 : -1;
	return strcmp(a->iface->name, b->iface->name);
}

static void
plan_bridge(struct plan *plan, const struct wanted_bridge *was, const struct wanted_bridge *is,
	bool (*failed)(void *aux, const char *bridge, const char *iface), void *aux)
{
	size_t first_add;

	if (was == NULL)
		add(plan, PLAN_ADD_BRIDGE, is, NULL);
	else if (!wanted_bridge_same(was, is))
		add(plan, PLAN_SET_BRIDGE, is, NULL);
	for (size_t k = 0; k < is->n_ifaces; k++) {
		const struct wanted_iface *iface = is->ifaces[k];
		const struct wanted_iface *old = wanted_find_iface(was, iface->name);

		if (old == NULL || !is_same_iface(old, iface))
			continue;
		if (!wanted_iface_same_port(old, iface) || failed(aux, is->name, iface->name)
			|| (strcmp(iface->name, is->name) == 0
				&& !wanted_bridge_same_identity(was, is)))
			add(plan, PLAN_SET_PORT, is, iface);
		if (!wanted_iface_same_bridge_side(old, iface))
			add(plan, PLAN_SET_IFACE, is, iface);
	}
	first_add = plan->n;
	for (size_t k = 0; k < is->n_ifaces; k++) {
		const struct wanted_iface *iface = is->ifaces[k];
		const struct wanted_iface *old = wanted_find_iface(was, iface->name);

		if (old == NULL || !is_same_iface(old, iface))
			add(plan, PLAN_ADD_IFACE, is, iface);
	}
	if (plan->n - first_add > 1)
		qsort(&plan->steps[first_add], plan->n - first_add, sizeof *plan->steps,
			by_request);
}

void
plan_make(struct plan *plan, const struct wanted *old, const struct wanted *new,
	bool (*failed)(void *aux, const char *bridge, const char *iface), void *aux)
{
	memset(plan, 0, sizeof *plan);
	plan_deletes(plan, old, new);
	for (size_t i = 0; i < new->n_bridges; i++)
		plan_bridge(plan, wanted_find_bridge(old, new->bridges[i]->name), new->bridges[i],
			failed, aux);
}

void
plan_uninit(struct plan *plan)
{
	free(plan->steps);
	memset(plan, 0, sizeof *plan);
}

void
plan_print(const struct plan *plan, struct str *out)
{
	static const char *const words[] = { "remove interface", "remove bridge", "add bridge",
		"change bridge", "add interface", "change device of interface",
		"change VLANs of interface" };

	static_assert(ARRAY_SIZE(words) == N_PLAN_STEP_KINDS, "a word for each");
	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_step *step = &plan->steps[i];

		str_printf(out, "%s %s%s%s\n", words[step->kind],
			step->iface != NULL ? step->iface->name : step->bridge->name,
			step->iface != NULL ? " of bridge " : "",
			step->iface != NULL ? step->bridge->name : "");
	}
}
