/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STATS_HIST_H
#define STATS_HIST_H

/* hist: how values are distributed, in buckets that double.
 *
 * Model    Bucket 0 counts zeros, bucket i the values from 2^(i-1) to 2^i - 1.  A 'struct hist' has one writer;
 *          a reader copies and adds up those of several threads in a 'struct hist_sum'.
 * Threads  hist_add(): the one writer.  hist_sum_add(): any; the copy may miss the latest values.
 * Cost     hist_add() is two cell updates. */

#include "base/compiler.h"
#include "stats/cells.h"

#define HIST_BUCKETS 65

struct hist {
	_Atomic uint64_t buckets[HIST_BUCKETS];
	_Atomic uint64_t total; /* Of the values. */
};

struct hist_sum {
	uint64_t buckets[HIST_BUCKETS];
	uint64_t total;
	uint64_t n; /* Values. */
};

static inline unsigned int
hist_bucket(uint64_t value)
{
	return value == 0 ? 0 : 64 - (unsigned int)__builtin_clzll(value);
}

/* Returns: the greatest value that belongs into 'bucket'. */
static inline uint64_t
hist_bucket_max(unsigned int bucket)
{
	return bucket == 0 ? 0 : UINT64_MAX >> (64 - bucket);
}

static inline void
hist_add(struct hist *hist, uint64_t value)
{
	cell_add(&hist->buckets[hist_bucket(value)], 1);
	cell_add(&hist->total, value);
}

/* Adds what 'hist' counted to 'sum', which begins as all zeros. */
void hist_sum_add(struct hist_sum *sum, const struct hist *hist);

/* Returns: a bound that at least 'permille' thousandths of the values do not exceed: the greatest value of a
 * bucket; 0 if there are no values. */
uint64_t hist_sum_quantile(const struct hist_sum *sum, unsigned int permille);

/* Returns: the mean, rounded down; 0 if there are no values. */
uint64_t hist_sum_mean(const struct hist_sum *sum);

#endif /* STATS_HIST_H */
