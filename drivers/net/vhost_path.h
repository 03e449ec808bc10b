/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_NET_VHOST_PATH_H
#define DRIVERS_NET_VHOST_PATH_H

/* vhost_path: where vhost-user sockets are, and whether one can be made there.
 *
 * Rules    I1 Only sockets that nobody listens on are removed, nothing else ever.
 * Threads  main. */

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

#define VHOST_PATH_SIZE 108 /* As in struct sockaddr_un. */

struct err;
struct port_config;

/* Writes the path of the socket that 'config' means into 'path'.  'client': it is the guest's, from the options;
 * otherwise ours, in the run directory.  Returns: 0, or -EINVAL, -ENAMETOOLONG with 'err'. */
int vhost_path_from_config(const struct port_config *, bool client, char path[VHOST_PATH_SIZE],
	struct err *err) MUST_CHECK;

/* Makes sure that a server can bind 'path' now, removing what a dead one left.
 * Returns: 0, or -EADDRINUSE, -EEXIST, or other -errno with 'err'. */
int vhost_path_prepare(const char *path, struct err *err) MUST_CHECK;

#endif /* DRIVERS_NET_VHOST_PATH_H */
