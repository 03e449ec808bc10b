/* SPDX-License-Identifier: Apache-2.0 */
/* hist: adds up histograms and answers questions about the sum. */

#include "stats/hist.h"

void
hist_sum_add(struct hist_sum *sum, const struct hist *hist)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		uint64_t n = cell_get(&hist->buckets[i]);

		sum->buckets[i] += n;
		sum->n += n;
	}
	sum->total += cell_get(&hist->total);
}

uint64_t
hist_sum_quantile(const struct hist_sum *sum, unsigned int permille)
{
	uint64_t seen = 0;

	if (sum->n == 0)
		return 0;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		seen += sum->buckets[i];
		/* Without overflow: seen / n >= permille / 1000. */
		if (seen >= sum->n / 1000 * permille + (sum->n % 1000 * permille + 999) / 1000
			&& seen > 0)
			return hist_bucket_max(i);
	}
	return UINT64_MAX;
}

uint64_t
hist_sum_mean(const struct hist_sum *sum)
{
	return sum->n > 0 ? sum->total / sum->n : 0;
}
