/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_PIPELINE_H
#define PIPELINE_PIPELINE_H

/* pipeline: all bridges together: what decides about packets.
 *
 * Model    The pipeline has bridges (pipeline/bridge.h).  Main edits them; what the handler may see is published: a
 *          snapshot of ports and bridges, and a version number under which rules are visible.  The datapath asks
 *          through 'pipeline_miss_ops' what to do with a packet; after a publish the pipeline has the
 *          datapath judge all megaflows anew.  Requests for that are folded: at most one is under way.
 *          What the pipeline needs of the datapath it calls through 'struct pipeline_client_ops', so that it can be tested
 *          without one.
 * Rules    I1 Translation is pure: it changes nothing, and gives the same verdict for the same key and version.
 *          I2 When a barrier's callback runs, no packet is forwarded any more by what was in force before the
 *          changes made ahead of the barrier, and the counters of rules removed by them are final.
 * Life     pipeline_create() -> datapath is made with pipeline_miss_ops -> pipeline_attach() -> bridges come and go ->
 *          pipeline_detach() (when no thread calls the miss_ops any more) -> pipeline_destroy().
 * Owner    the pipeline owns its bridges.
 * Threads  main, except pipeline_miss_ops: handler.  The handler is an RCU reader; so is main.
 * See      pipeline/bridge.h, pipeline/effect.h, pipeline/trace.h, datapath/miss_ops.h. */

#include <stdbool.h>

#include "base/compiler.h"
#include "datapath/miss_ops.h"

struct bridge;
struct bridge_port_stats;
struct loop;
struct pipeline;

/* What the pipeline asks of the datapath and of the ports.  All called on main. */
struct pipeline_client_ops {
	/* Every megaflow is to be judged anew.  Returns: a number for pipeline_done(). */
	uint64_t (*rejudge)(void *ctx);

	/* Every counter is to be credited up to now.  Returns: a number for pipeline_done(). */
	uint64_t (*sweep)(void *ctx);

	/* Runs 'program' on a frame that the control plane made.  Returns: 0 or -errno. */
	int (*inject)(void *ctx, uint32_t in_dp_port, const void *frame, uint32_t len,
		const void *program, uint32_t program_len);

	/* Fills in the counters of a port.  Returns: 0, -ENODEV.  May be NULL: no counters are known. */
	int (*port_stats)(void *ctx, uint32_t dp_port, struct bridge_port_stats *);
};

/* 'loop' is main's: work from the handler arrives there, and timers run on it.  Role: main. */
struct pipeline *pipeline_create(struct loop *loop);

/* Destroys the bridges that are left.  Accepts NULL.  Role: main. */
void pipeline_destroy(struct pipeline *);

/* The table for the datapath; its context is the 'struct pipeline *'. */
extern const struct miss_ops pipeline_miss_ops;

/* Names the datapath.  Until then nothing is asked of it and nothing waits for it.  'ops' is borrowed until
 * pipeline_detach().  Role: main. */
void pipeline_attach(struct pipeline *, const struct pipeline_client_ops *ops, void *ctx);
void pipeline_detach(struct pipeline *);

/* Tells that rejudge or sweep request 'seq' and all before it are done; fits datapath_params.done.  Role: main. */
void pipeline_done(void *pipeline, uint64_t seq);

/* Publishes pending changes and asks for what they make necessary.  The loop calls it before it sleeps; a caller need not
 * unless it wants it now.  Role: main. */
void pipeline_run(struct pipeline *);

/* Calls 'cb' when all changes made so far are in force everywhere (I2); at once if they are.  Role: main. */
void pipeline_barrier(struct pipeline *, void (*cb)(void *aux), void *aux);

/* Calls 'cb' when all counters have been credited up to now.  Role: main. */
void pipeline_sync_stats(struct pipeline *, void (*cb)(void *aux), void *aux);

/* Forgets callbacks of the two functions above that would be called with 'aux'.  Role: main. */
void pipeline_cancel(struct pipeline *, const void *aux);

/* Bridges, by name, by number, and in order of name: the first for NULL, NULL after the last.  Role: main. */
struct bridge *pipeline_find_bridge(const struct pipeline *, const char *name);
struct bridge *pipeline_bridge_by_id(const struct pipeline *, uint32_t bridge_id);
struct bridge *pipeline_next_bridge(const struct pipeline *, const struct bridge *);

struct pipeline_stats {
	uint64_t version; /* Published version of the rules. */
	uint64_t snapshots; /* Published so far. */
	uint64_t rejudges; /* Asked of the datapath. */
	uint64_t translations;
	uint64_t punts; /* Packets handed to a bridge's packet_in. */
	uint64_t punts_dropped; /* Because the queue to main was full, or the bridge was gone. */
	uint64_t learns_dropped; /* Addresses not told to main because the queue was full. */
	uint32_t n_rules;
};

/* Role: main. */
void pipeline_get_stats(const struct pipeline *, struct pipeline_stats *);

/* The bridge and OpenFlow port that a datapath port belongs to, for tables.
 * Returns: false if it belongs to none.  Role: main. */
bool pipeline_find_dp_port(
	const struct pipeline *, uint32_t dp_port, struct bridge **bridgep, uint32_t *ofp_portp);

#endif /* PIPELINE_PIPELINE_H */
