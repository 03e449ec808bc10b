/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_MISS_OPS_H
#define DATAPATH_MISS_OPS_H

/* miss_ops: what the datapath asks of whoever decides about packets (the pipeline).
 *
 * Model    A packet that no megaflow covers is a miss.  The handler thread asks 'translate' once, gets a
 *          verdict (program, mask, contributions), installs one megaflow and sends the packet back to its
 *          pmd with the program.  The same call re-judges an installed megaflow after rules changed, with
 *          no packet.  'contributions' say who is to be told of the traffic: rules, tables, learned
 *          addresses; the datapath keeps them with the megaflow and hands counter deltas to 'credit'.
 * Rules    I1 translate is pure: for one published version, the same key gives the same verdict.
 *          I2 The verdict holds for every packet that agrees with the key under the mask.
 *          I3 Effects (learn a MAC, packet-in) happen only in credit and punt, never in translate.
 * Owner    'contribs' passes to the datapath with the verdict and goes back through contribs_free.
 * Threads  All calls come from the handler thread, which is registered with rcu; they must not block.
 *          The table is const and set before the handler starts. */

#include "action/program.h"
#include "flow/key.h"

struct contribs;

struct miss_verdict {
	struct program_buf program; /* Initialised by the caller. */
	struct flow mask; /* Bits of the key that were looked at; pipeline lanes are ignored. */
	struct contribs *contribs; /* May be NULL. */
	bool cacheable; /* False: run once, install nothing. */
};

struct miss_ops {
	/* Judges 'key' (in_port is a datapath port).  Always gives a program; a drop is an OP_DROP. */
	void (*translate)(void *ctx, const struct flow *key, struct miss_verdict *verdict);

	/* Tells of 'n_packets', 'n_bytes' more that went through, the last of them at 'used_ms' (clock_ms()).
	 * 'key' is the megaflow's, or the packet's for a packet that installed nothing. */
	void (*credit)(void *ctx, struct contribs *, const struct flow *key, uint64_t n_packets,
		uint64_t n_bytes, be16 tcp_flags, int64_t used_ms);

	void (*contribs_free)(void *ctx, struct contribs *);

	/* A packet for the control plane: 'data' is borrowed, 'len' bytes of 'orig_len'.  'op' is followed by its
	 * user data. */
	void (*punt)(void *ctx, const struct op_punt *op, const struct flow *key, const void *data,
		uint32_t len, uint32_t orig_len);
};

#endif /* DATAPATH_MISS_OPS_H */
