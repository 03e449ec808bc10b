/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

/* random: cheap pseudo-random numbers per thread, and the kernel's good ones.
 *
 * Model    each thread has its own generator, seeded by the kernel at its first use.
 * Threads  any. */

#include <stddef.h>
#include <stdint.h>

/* Makes this thread's sequence repeatable, for tests that print their seed. */
void random_seed(uint32_t seed);

uint32_t random_u32(void);
uint64_t random_u64(void);

/* Returns: a number below 'n', all equally likely; 'n' must not be 0. */
uint32_t random_range(uint32_t n);

/* Fills 'buf' with bytes that nobody can guess, whatever random_seed() said. */
void random_bytes(void *buf, size_t n);

#endif /* BASE_RANDOM_H */
