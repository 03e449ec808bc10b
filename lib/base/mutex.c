/* SPDX-License-Identifier: Apache-2.0 */
/* mutex: pthread mutexes whose misuse ends the process. */

#include "base/mutex.h"

#include "base/fatal.h"

void
mutex_init(struct mutex *mutex)
{
	BUG_ON(pthread_mutex_init(&mutex->pm, NULL) != 0);
}

void
mutex_uninit(struct mutex *mutex)
{
	BUG_ON(pthread_mutex_destroy(&mutex->pm) != 0);
}

/* The analysis cannot look into pthread; these two are its ground. */
NO_THREAD_SAFETY void
mutex_lock(struct mutex *mutex)
{
	BUG_ON(pthread_mutex_lock(&mutex->pm) != 0);
}

NO_THREAD_SAFETY void
mutex_unlock(struct mutex *mutex)
{
	BUG_ON(pthread_mutex_unlock(&mutex->pm) != 0);
}
