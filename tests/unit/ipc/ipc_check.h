/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_IPC_IPC_CHECK_H
#define UNIT_IPC_IPC_CHECK_H

/* ipc_check: what the tests of this room share: a directory of their own and a bounded wait. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/loop.h"
#include "check.h"

/* Runs 'LOOP' until 'COND' holds, at most about ten seconds. */
#define RUN_UNTIL(LOOP, COND)                                            \
	do {                                                             \
		for (int turns_ = 0; turns_ < 1000 && !(COND); turns_++) \
			loop_run_once(LOOP, 10);                         \
		CU_ASSERT_TRUE(COND);                                    \
	} while (0)

/* A fresh directory; valid until the program ends, which removes it with check_dir_remove(). */
static char check_dir[64];

static inline void
check_dir_create(void)
{
	snprintf(check_dir, sizeof check_dir, "/tmp/sluice-ipc-XXXXXX");
	if (mkdtemp(check_dir) == NULL)
		abort();
}

/* Removes the directory, which must be empty by then: a socket file left behind is a failure. */
static inline int
check_dir_remove(void)
{
	if (rmdir(check_dir) == 0)
		return 0;
	perror(check_dir);
	return 1;
}

#endif /* UNIT_IPC_IPC_CHECK_H */
