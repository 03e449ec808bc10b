/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_RCU_MAIN_H
#define UNIT_RCU_MAIN_H

/* rcu_main: what the daemon's main() does about rcu, for test programs of rooms that stand on rooms that use it and may
 * not name it themselves. */

#include "rcu/rcu.h"

static inline void
rcu_main_enter(void)
{
	rcu_init();
	rcu_thread_register("main");
}

/* Frees what was retired so far. */
static inline void
rcu_main_settle(void)
{
	rcu_barrier();
}

static inline void
rcu_main_leave(void)
{
	rcu_barrier();
	rcu_thread_unregister();
	rcu_uninit();
}

#endif /* UNIT_RCU_MAIN_H */
