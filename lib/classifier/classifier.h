/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFIER_CLASSIFIER_H
#define CLASSIFIER_CLASSIFIER_H

/* classifier: finds the best rule for a packet and says which bits of the packet it looked at.
 *
 * Model    A rule is a match and a priority.  Rules with the same mask form a subtable, a hash of masked values; a lookup
 *          goes through the subtables by descending priority and stops when no better rule can come.
 *          The bits that it looked at ("used") become the mask of a cached verdict, so the fewer the better.  Two devices
 *          keep them few.  A subtable is searched in stages (what the pipeline knows, then L2, L3, L4), and one
 *          that has nothing for the bits of the first stages leaves the later ones unseen.  And for addresses and ports a
 *          trie of all prefixes in use tells, from the leading bits alone, that no rule of a subtable can match.
 *          Rules have versions: one is visible from the version it was inserted with to the one, exclusive, that it is
 *          hidden from.
 * Rules    I1 The promise: any packet that agrees with the one looked up in the bits of 'used' gets the same rule, for the same
 *          version.
 *          I2 Of the visible rules that match, the one of highest priority is found.
 * Life     classifier_rule_init() -> classifier_insert() -> [classifier_hide() ...] -> classifier_remove() -> after a
 *          grace period classifier_rule_uninit().
 * Owner    rules are embedded by whoever uses the classifier, and stay the embedder's.
 * Threads  one writer (main).  Readers call classifier_lookup() inside an RCU section, at a version that was published
 *          with release order after the writer's calls for it.  A rule may be removed only when no reader can be at a
 *          version in which it is visible.
 *          | pair              | insert | hide | remove | lookup |
 *          | insert/hide/remove| no     | no   | no     | yes    |
 *          | lookup            | yes    | yes  | yes    | yes    |
 * Cost     lookup: a hash probe per stage of a subtable.  Insert and remove: a probe, and steps by prefix length in the tries;
 *          a new mask also copies the vector of subtables.
 * See      tests/model/classifier_model.h (naive twin). */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "flow/match.h"
#include "rcu/cmap.h"

struct classifier;
struct subtable;
struct compact_match;

#define CLASSIFIER_VERSION_NEVER UINT64_MAX

struct classifier_rule {
	struct cmap_node node; /* In the subtable, by the hash of the masked value. */
	struct subtable *subtable; /* NULL: not inserted.  Main. */
	struct compact_match *match; /* Constant. */
	uint16_t priority; /* Constant. */
	uint64_t add_version; /* First in which it is visible.  Constant after insertion. */
	_Atomic uint64_t remove_version; /* First in which it is not.  Main writes. */
};

/* Role: main. */
struct classifier *classifier_create(void);

/* No rule may be left, and no reader.  Accepts NULL.  Role: main. */
void classifier_destroy(struct classifier *);

void classifier_rule_init(struct classifier_rule *, const struct match *, uint16_t priority);
void classifier_rule_uninit(struct classifier_rule *);

/* Unpacks the rule's match. */
void classifier_rule_get_match(const struct classifier_rule *, struct match *);

/* True if packets with key 'flow' match the rule. */
bool classifier_rule_matches(const struct classifier_rule *, const struct flow *flow);

/* True if the rule is visible in 'version'. */
static inline bool
classifier_rule_visible(const struct classifier_rule *rule, uint64_t version)
{
	return version >= rule->add_version
		&& version < atomic_load_explicit(&rule->remove_version, memory_order_relaxed);
}

/* Makes the rule visible from 'version' on.  Role: main. */
void classifier_insert(struct classifier *, struct classifier_rule *, uint64_t version);

/* Makes the rule invisible from 'version' on; CLASSIFIER_VERSION_NEVER takes that back.  Role: main. */
void classifier_hide(struct classifier_rule *, uint64_t version);

/* Unlinks the rule.  Its memory must live for a grace period more.  Role: main. */
void classifier_remove(struct classifier *, struct classifier_rule *);

/* The best rule for 'flow' in 'version', or NULL.  Adds the bits looked at to 'used'.  Role: any, RCU. */
struct classifier_rule *classifier_lookup(
	const struct classifier *, uint64_t version, const struct flow *flow, struct flow *used);

/* The rule of just that match and priority that is visible in 'version', or NULL.  Role: main. */
struct classifier_rule *classifier_find(
	const struct classifier *, uint64_t version, const struct match *, uint16_t priority);

/* Rules inserted, visible or not.  Role: main. */
uint32_t classifier_n_rules(const struct classifier *);
uint32_t classifier_n_subtables(const struct classifier *);

#endif /* CLASSIFIER_CLASSIFIER_H */
