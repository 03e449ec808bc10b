/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_PLAN_H
#define VSWITCHD_PLAN_H

/* plan: the steps from one wanted to another.
 *
 * Model    A pure function of two configurations and of what failed before.  Deletes come before adds, so that a name or
 *          a device that moves is free when it is asked for again.  A plan can be printed without being done.
 * Owner    steps borrow names from them.
 * Threads  none; pure. */

#include "wanted.h"

enum plan_step_kind {
	PLAN_DEL_IFACE, /* bridge, iface of the old wanted */
	PLAN_DEL_BRIDGE,
	PLAN_ADD_BRIDGE,
	PLAN_SET_BRIDGE, /* Its own settings changed. */
	PLAN_ADD_IFACE,
	PLAN_SET_PORT, /* The device's settings changed: tell it, or open it anew. */
	PLAN_SET_IFACE, /* VLANs and the like changed. */
	N_PLAN_STEP_KINDS
};

struct plan_step {
	enum plan_step_kind kind;
	const struct wanted_bridge *bridge; /* Of the new wanted; of the old one for deletes. */
	const struct wanted_iface *iface; /* The same; NULL for steps of bridges. */
};

struct plan {
	struct plan_step *steps;
	size_t n, alloc;
};

/* 'old' may be NULL: nothing is there.  'failed' tells whether an interface of the old wanted could not be opened and is
 * to be tried again. */
void plan_make(struct plan *, const struct wanted *old, const struct wanted *new,
	bool (*failed)(void *aux, const char *bridge, const char *iface), void *aux);
void plan_uninit(struct plan *);

/* A line per step, for people. */
void plan_print(const struct plan *, struct str *out);

#endif /* VSWITCHD_PLAN_H */
