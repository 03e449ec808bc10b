/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_RULE_PRIV_H
#define PIPELINE_RULE_PRIV_H

/* rule: putting rules in and taking them out, for flow modifications.
 *
 * Model    rule_insert() and rule_hide() edit the version under construction; pipeline_publish_rules() publishes it.
 *          In a transaction they are noted and can be taken back.
 * Owner    a rule inserted belongs to its tables; hidden and published, to the dying; then to rcu.
 * Threads  main. */

#include "openflow/flow_mod.h"
#include "pipeline/pipeline_priv.h"

/* The caller sets the cell and whatever else the rule needs before it inserts it. */
struct rule *rule_create(const struct match *, uint16_t priority, uint8_t table_id);

/* A rule that was never inserted, or that no reader has any more. */
void rule_destroy(struct rule *);

void rule_insert(struct bridge *, struct rule *);
void rule_hide(struct bridge *, struct rule *);

/* Notes that listeners are to be told, if the rule asked for that.  Before the change is published. */
void rule_queue_removed(struct bridge *, const struct rule *, enum of_flow_removed_reason);

void rule_fill_counters(const struct rule_cell *, uint64_t *n_packets, uint64_t *n_bytes);

#endif /* PIPELINE_RULE_PRIV_H */
