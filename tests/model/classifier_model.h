/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_CLASSIFIER_MODEL_H
#define MODEL_CLASSIFIER_MODEL_H

/* classifier_model: the naive twin of classifier/: looks at every rule.
 *
 * Model    Rules in an array; the best is the visible one that matches with the highest priority.  Two matching rules of
 *          one priority make the answer undefined: the twin says which priority wins, not which rule.
 * Threads  none. */

#include <stdbool.h>
#include <stddef.h>

#include "flow/match.h"

struct classifier_model_rule {
	struct match match;
	uint16_t priority;
	uint64_t add_version, remove_version;
};

/* The index of a best rule for 'flow' in 'version', or -1. */
static inline int
classifier_model_lookup(const struct classifier_model_rule *rules, size_t n, uint64_t version,
	const struct flow *flow)
{
	int best = -1;

	for (size_t i = 0; i < n; i++) {
		const struct classifier_model_rule *r = &rules[i];

		if (version >= r->add_version && version < r->remove_version
			&& match_matches(&r->match, flow)
			&& (best < 0 || r->priority > rules[best].priority))
			best = (int)i;
	}
	return best;
}

#endif /* MODEL_CLASSIFIER_MODEL_H */
