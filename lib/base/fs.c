/* SPDX-License-Identifier: Apache-2.0 */
/* fs: whole files and the directories of an installation. */

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"

/* Reads until the end of the file or until 'size' bytes.  Returns: 0 and '*lenp', or -errno. */
static int
read_all(int fd, char *buf, size_t size, size_t *lenp)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			len += (size_t)n;
	}
	*lenp = len;
	return 0;
}

/* Reads all of 'fd' into a buffer that grows, because the size that the kernel tells is 0 for some files. */
static int
slurp(int fd, size_t max, char **datap, size_t *lenp)
{
	size_t size = 4096;
	size_t len = 0;
	char *data = NULL;

	for (;;) {
		char *grown = realloc(data, size + 1);
		size_t got = 0;
		int error = grown == NULL ? -ENOMEM : 0;

		if (grown != NULL)
			data = grown;
		if (error == 0)
			error = read_all(fd, data + len, size - len, &got);
		len += got;
		if (error == 0 && len > max)
			error = -EFBIG;
		if (error != 0) {
			free(data);
			return error;
		}
		if (len < size)
			break;
		size *= 2;
	}
	data[len] = '\0';
	*datap = data;
	*lenp = len;
	return 0;
}

int
fs_read_file(const char *path, size_t max, char **datap, size_t *lenp, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error;

	*datap = NULL;
	*lenp = 0;
	if (fd < 0)
		return err_errno(err, -errno, "%s", path);
	error = slurp(fd, max, datap, lenp);
	close(fd);
	return error != 0 ? err_errno(err, error, "%s", path) : 0;
}

static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Fills the new file 'fd' and brings it to the disk. */
static int
fill(int fd, const void *data, size_t len, mode_t mode)
{
	int error = write_all(fd, data, len);

	if (error == 0 && fchmod(fd, mode) != 0)
		error = -errno;
	if (error == 0 && fsync(fd) != 0)
		error = -errno;
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

int
fs_write_file_atomic(const char *path, const void *data, size_t len, mode_t mode, struct err *err)
{
	char *tmp = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(tmp, O_CLOEXEC);
	int error;

	if (fd < 0) {
		error = err_errno(err, -errno, "%s", tmp);
		free(tmp);
		return error;
	}
	error = fill(fd, data, len, mode);
	if (error == 0 && rename(tmp, path) != 0)
		error = -errno;
	if (error != 0) {
		unlink(tmp);
		free(tmp);
		return err_errno(err, error, "%s", path);
	}
	free(tmp);
	return fs_sync_dir_of(path, err);
}

int
fs_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char *copy = xstrdup(path);
	struct stat st;
	int error = 0;

	for (char *p = copy + 1; error == 0 && copy[0] != '\0'; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) != 0 && errno != EEXIST)
			error = -errno;
		*p = c;
		if (c == '\0')
			break;
	}
	free(copy);
	if (error == 0 && stat(path, &st) != 0)
		error = -errno;
	else if (error == 0 && !S_ISDIR(st.st_mode))
		error = -ENOTDIR;
	return error != 0 ? err_errno(err, error, "directory %s", path) : 0;
}

int
fs_sync_dir_of(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? xstrdup(".") : xstrndup(path, (size_t)(slash - path) + 1);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 || fsync(fd) != 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	if (error != 0)
		err_errno(err, error, "directory %s", dir);
	free(dir);
	return error;
}

char *
fs_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);

	if (name[0] == '/' || len == 0)
		return xstrdup(name);
	return xasprintf("%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name);
}

/* Returns: the environment's value of 'variable' if it is set and not empty, else 'usual'. */
static const char *
from_environment(const char *variable, const char *usual)
{
	const char *value = secure_getenv(variable);

	return xstrdup(value != NULL && value[0] != '\0' ? value : usual);
}

const char *
fs_rundir(void)
{
	static const char *dir;

	if (dir == NULL)
		dir = from_environment("OVS_RUNDIR", "/var/run/openvswitch");
	return dir;
}

const char *
fs_logdir(void)
{
	static const char *dir;

	if (dir == NULL)
		dir = from_environment("OVS_LOGDIR", "/var/log/openvswitch");
	return dir;
}

const char *
fs_sysconfdir(void)
{
	static const char *dir;

	if (dir == NULL)
		dir = from_environment("OVS_SYSCONFDIR", "/etc");
	return dir;
}

const char *
fs_dbdir(void)
{
	static const char *dir;
	char *usual;

	if (dir == NULL) {
		usual = fs_join(fs_sysconfdir(), "openvswitch");
		dir = from_environment("OVS_DBDIR", usual);
		free(usual);
	}
	return dir;
}

const char *
fs_pkgdatadir(void)
{
	static const char *dir;

	if (dir == NULL)
		dir = from_environment("OVS_PKGDATADIR", "/usr/share/openvswitch");
	return dir;
}
