/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_EAL_H
#define VSWITCHD_EAL_H

/* eal: starts DPDK's environment from the database's words.
 *
 * Model    other_config of the Open_vSwitch row: dpdk-lcore-mask, dpdk-socket-mem, dpdk-socket-limit,
 *          dpdk-hugepage-dir, dpdk-alloc-mem, dpdk-extra.  Nothing set: memory grows on demand from
 *          whatever hugepages are free, or, without any, comes from ordinary pages.
 *          It is started once; changes of these keys after that take a restart and are told.  If DPDK does
 *          not start with them, they are ignored and that is told.
 * Threads  main. */

#include <stdbool.h>

#include "base/compiler.h"

struct err;
struct smap;

int eal_start(const struct smap *other_config, struct err *err) MUST_CHECK;
void eal_stop(void);

/* Tells, once per change, that 'other_config' asks for something else than what eal_start() was given. */
void eal_report_changes(const struct smap *other_config);

bool eal_has_hugepages(void);
const char *eal_version(void);

#endif /* VSWITCHD_EAL_H */
