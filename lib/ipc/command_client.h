/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_COMMAND_CLIENT_H
#define IPC_COMMAND_CLIENT_H

/* command_client: one blocking call of a daemon's control socket, for command line tools.
 *
 * Model    A target is the path of a socket (it begins with '/') or the name of a daemon, whose pidfile
 *          in the run directory leads to "<rundir>/<name>.<pid>.ctl".
 * Rules    A pidfile is believed only if the process that it names holds the lock on it.
 * Owner    Answers belong to the caller.
 * Threads  none; blocks its caller.
 * Cost     One connection per call. */

#include <jansson.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;

/* Finds the socket of 'target' (NULL: "ovs-vswitchd").  Returns: 0, -ENOENT (no pidfile), -ESRCH
 * (stale pidfile), -errno.  Owner: '*pathp' is the caller's. */
int command_client_resolve(const char *target, char **pathp, struct err *err) MUST_CHECK;

/* Calls 'method' with 'n' arguments 'args' at socket 'path'.  '*resultp' is the answer: a JSON string
 * unless JSON was asked for.  'timeout_ms' 0: wait for ever.  Returns: 0, -EREMOTEIO (the daemon's
 * error text is '*errorp'), -ETIMEDOUT, -EPROTO, -errno of connecting; 'err' is set in every failure.
 * Owner: '*resultp' and '*errorp' are the caller's, NULL if they do not apply.  Blocks: yes. */
int command_client_call(const char *path, const char *method, const char *const args[], size_t n,
	int64_t timeout_ms, json_t **resultp, char **errorp, struct err *err) MUST_CHECK;

#endif /* IPC_COMMAND_CLIENT_H */
