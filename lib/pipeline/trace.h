/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_TRACE_H
#define PIPELINE_TRACE_H

/* trace: why a packet would go where it would go.
 *
 * Model    A trace is a translation that keeps a note of each step: bridge, table, rule, action.  Nothing is credited, learned or
 *          sent.
 * Owner    the text is appended to the caller's string.
 * Threads  main. */

#include <stdbool.h>

#include "base/compiler.h"
#include "flow/key.h"

struct bridge;
struct str;

/* Explains what happens to a packet with key 'flow' (in_port an OpenFlow port of 'bridge'), in the layout that people know from
 * ofproto/trace, or as one JSON object. */
void trace_flow(struct bridge *, const struct flow *flow, bool json, struct str *out);

#endif /* PIPELINE_TRACE_H */
