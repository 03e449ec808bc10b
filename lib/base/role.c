/* SPDX-License-Identifier: Apache-2.0 */
/* role: the objects that stand for the roles of threads.  Only their identity matters, to clang's analysis. */

#include "base/compiler.h"

struct role role_main;
struct role role_handler;
struct role role_pmd;
