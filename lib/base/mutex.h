/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MUTEX_H
#define BASE_MUTEX_H

/* mutex: a pthread mutex that clang's thread safety analysis understands.
 *
 * Rules    I1 what a mutex guards carries GUARDED_BY, or says "Under 'mutex'" where that is a member of the same
 *          struct, which clang 14 cannot name in C.  I2 no pmd takes one.
 * Threads  any. */

#include <pthread.h>

#include "base/compiler.h"

struct CAPABILITY("mutex") mutex {
	pthread_mutex_t pm;
};

#define MUTEX_INITIALIZER                 \
	{                                 \
		PTHREAD_MUTEX_INITIALIZER \
	}

void mutex_init(struct mutex *mutex);
void mutex_uninit(struct mutex *mutex);

/* Abort on misuse. */
void mutex_lock(struct mutex *mutex) ACQUIRES(*mutex);
void mutex_unlock(struct mutex *mutex) RELEASES(*mutex);

#endif /* BASE_MUTEX_H */
