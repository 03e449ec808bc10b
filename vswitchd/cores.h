/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_CORES_H
#define VSWITCHD_CORES_H

/* cores: which CPUs poll.  Threads: main. */

#include "base/compiler.h"

struct err;

/* Remembers what the process may use; call it before EAL starts. */
void cores_init(void);

/* The cores of a hexadecimal mask ("0x6", "6") that this machine has and that we may run on, ascending, at most 'max'.
 * Returns: how many.  What makes no sense or is absent is told in 'err', which is "" otherwise; the rest is used. */
uint32_t cores_parse_mask(const char *mask, uint16_t *cores, uint32_t max, struct err *err);

/* One core per NUMA node: the last one that we may run on, away from core 0 with its interrupts.  Returns: how many. */
uint32_t cores_default(uint16_t *cores, uint32_t max);

#endif /* VSWITCHD_CORES_H */
