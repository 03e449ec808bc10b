/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

/* compiler: the dialect of C that this project is written in.
 *
 * Model    C11 plus the GNU extensions named here and nowhere else: attributes, __typeof__,
 *          statement expressions in the iterator macros.
 * Threads  A thread plays one role: main, handler, pmd.  A role is a clang capability: a function that
 *          belongs to one carries ROLE_MAIN, ROLE_HANDLER or ROLE_PMD, a thread's entry function calls
 *          role_enter(), and clang's -Wthread-safety refuses a call across roles.  Under gcc the
 *          attributes vanish. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define SLUICE_CACHE_LINE 64

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_FORMAT(FMT, ARG) __attribute__((format(printf, FMT, ARG)))
#define NO_RETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define PACKED __attribute__((packed))
#define CACHE_ALIGNED __attribute__((aligned(SLUICE_CACHE_LINE)))
#define NO_INLINE __attribute__((noinline))
#define ALWAYS_INLINE __attribute__((always_inline))
#define LIKELY(X) __builtin_expect(!!(X), 1)
#define UNLIKELY(X) __builtin_expect(!!(X), 0)
#define FALLTHROUGH __attribute__((fallthrough))

#define ARRAY_SIZE(A) (sizeof(A) / sizeof((A)[0]))
#define CONTAINER_OF(PTR, TYPE, MEMBER) ((TYPE *)(void *)((char *)(PTR)-offsetof(TYPE, MEMBER)))
#define MIN(A, B) ((A) < (B) ? (A) : (B))
#define MAX(A, B) ((A) > (B) ? (A) : (B))
#define DIV_ROUND_UP(X, Y) (((X) + (Y)-1) / (Y))
#define ROUND_UP(X, Y) (DIV_ROUND_UP(X, Y) * (Y))

/* Integers in network byte order.  Never mixed with host order but through ntohs() and the like. */
typedef uint16_t be16;
typedef uint32_t be32;
typedef uint64_t be64;

#ifdef __clang__
#define SLUICE_TS(X) __attribute__((X))
#else
#define SLUICE_TS(X)
#endif

#define CAPABILITY(NAME) SLUICE_TS(capability(NAME))
#define REQUIRES(...) SLUICE_TS(requires_capability(__VA_ARGS__))
#define ACQUIRES(...) SLUICE_TS(acquire_capability(__VA_ARGS__))
#define RELEASES(...) SLUICE_TS(release_capability(__VA_ARGS__))
#define GUARDED_BY(X) SLUICE_TS(guarded_by(X))
#define ACQ_AFTER(...) SLUICE_TS(acquired_after(__VA_ARGS__))
#define NO_THREAD_SAFETY SLUICE_TS(no_thread_safety_analysis)

struct CAPABILITY("role") role {
	char unused;
};

/* Defined in role.c; only their identity matters. */
extern struct role role_main;
extern struct role role_handler;
extern struct role role_pmd;

#define ROLE_MAIN REQUIRES(role_main)
#define ROLE_HANDLER REQUIRES(role_handler)
#define ROLE_PMD REQUIRES(role_pmd)

/* Declares that the calling thread plays 'r' from here on: called once, at the top of a thread's
 * entry function, and by tests, which play whatever they test.  Role: any. */
static inline void role_enter(struct role *r) SLUICE_TS(assert_capability(r));

static inline void
role_enter(struct role *r UNUSED)
{
}

#endif /* BASE_COMPILER_H */
