/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of vhost-user sockets.  The vhost library says of a failed bind only that it failed, so it is tried here first,
 * where the reason can be told. */
#include "drivers/net/vhost_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOG_THIS LOG_vhost
#include "base/err.h"
#include "base/log.h"
#include "base/smap.h"
#include "port/port.h"

int
vhost_path_from_config(
	const struct port_config *config, bool client, char path[VHOST_PATH_SIZE], struct err *err)
{
	const char *option;
	int len;

	if (client) {
		option = config->options != NULL ? smap_get(config->options, "vhost-server-path")
						 : NULL;
		if (option == NULL || option[0] == '\0') {
			err_set(err,
				"option vhost-server-path is missing: the path of the socket on which the guest "
				"listens");
			return -EINVAL;
		}
		len = snprintf(path, VHOST_PATH_SIZE, "%s", option);
	} else {
		if (strchr(config->name, '/') != NULL || strchr(config->name, '\\') != NULL) {
			err_set(err,
				"the name of a port of type dpdkvhostuser is the name of its socket, without "
				"slashes");
			return -EINVAL;
		}
		len = snprintf(path, VHOST_PATH_SIZE, "%s/%s",
			config->rundir != NULL ? config->rundir : ".", config->name);
	}
	if (len >= VHOST_PATH_SIZE) {
		err_set(err,
			"the path of the socket has more than %d characters: use a shorter one",
			VHOST_PATH_SIZE - 1);
		return -ENAMETOOLONG;
	}
	return 0;
}

static void
fill_address(struct sockaddr_un *addr, const char *path)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	memcpy(addr->sun_path, path, strlen(path));
}

/* Returns: 0 if 'path' is free now, else -errno with 'err'. */
static int
remove_stale(const char *path, struct err *err)
{
	struct sockaddr_un addr;
	struct stat st;
	int fd, ret;

	if (lstat(path, &st) != 0)
		return 0; /* What else may be wrong, bind will tell. */
	if (!S_ISSOCK(st.st_mode)) {
		err_set(err,
			"%s exists and is not a socket: remove it or give the port another name",
			path);
		return -EEXIST;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	fill_address(&addr, path);
	ret = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 ? 0 : -errno;
	close(fd);
	if (ret != -ECONNREFUSED) {
		err_set(err, "another process listens on %s", path);
		return -EADDRINUSE;
	}
	if (unlink(path) != 0) {
		ret = -errno;
		err_set(err, "cannot remove the stale socket %s: %s", path, strerror(-ret));
		return ret;
	}
	LOG_INFO("removed the stale socket %s", path);
	return 0;
}

int
vhost_path_prepare(const char *path, struct err *err)
{
	struct sockaddr_un addr;
	int fd, ret;

	ret = remove_stale(path, err);
	if (ret != 0)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		ret = -errno;
		err_set(err, "cannot open a socket: %s", strerror(-ret));
		return ret;
	}
	fill_address(&addr, path);
	ret = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 ? 0 : -errno;
	if (ret == 0)
		unlink(path);
	else
		err_set(err, "cannot bind socket %s: %s%s", path, strerror(-ret),
			ret == -ENOENT ? " (does the directory exist?)" : "");
	close(fd);
	return ret;
}
