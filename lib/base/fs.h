/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FS_H
#define BASE_FS_H

/* fs: files, the directories of an installation, pidfiles and going to the background.
 *
 * Rules    I1 a file written by fs_write_file_atomic() is, after a crash, the old or the new one, whole.
 *          I2 a pidfile holds a number and is locked (fcntl) by that process: tools refuse any other.
 *          I3 this process never opens its own pidfile again: closing it would drop the lock.
 * Life     fs_daemonize_start() -> create pidfile, sockets... -> fs_daemonize_complete().
 * Threads  the directories: any, after the first call.  The rest: main. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler.h"

struct err;

/* Reads all of a file of at most 'max' bytes; a NUL is put behind it.  Returns: 0, '*datap' and '*lenp', or
 * -errno (-EFBIG: longer) and NULL.  Owner: the caller frees '*datap'. */
int
fs_read_file(const char *path, size_t max, char **datap, size_t *lenp, struct err *err) MUST_CHECK;

/* Replaces 'path' by a file with this content and mode, on the disk when it returns.  Blocks: on the disk. */
int fs_write_file_atomic(
	const char *path, const void *data, size_t len, mode_t mode, struct err *err) MUST_CHECK;

/* Creates a directory and those above it; one that exists is fine. */
int fs_mkdirs(const char *path, mode_t mode, struct err *err) MUST_CHECK;

/* Makes the entries of the directory that holds 'path' permanent.  Blocks: on the disk. */
int fs_sync_dir_of(const char *path, struct err *err) MUST_CHECK;

/* Directories: the environment's OVS_RUNDIR, OVS_LOGDIR, OVS_DBDIR, OVS_SYSCONFDIR, OVS_PKGDATADIR, or the
 * usual places.  Borrowed, for good. */
const char *fs_rundir(void);
const char *fs_logdir(void);
const char *fs_dbdir(void);
const char *fs_sysconfdir(void);
const char *fs_pkgdatadir(void);

/* Returns: 'name' if it is absolute, else 'dir' and 'name' joined.  Owner: the caller frees it. */
char *fs_join(const char *dir, const char *name) MUST_CHECK;

/* Creates and locks 'path' with our PID in it; at most one per process.  Returns: 0 or -errno (-EEXIST: a
 * living process holds it). */
int fs_pidfile_create(const char *path, struct err *err) MUST_CHECK;

/* Removes our pidfile, if there is one, and gives up the lock.  Without effect in a forked child. */
void fs_pidfile_remove(void);

/* Reads the PID of the process that holds 'path'.  Returns: 0 and '*pid', or -errno (-ENOENT: no file,
 * -ESRCH: nobody holds it, -EINVAL: not a pidfile). */
int fs_pidfile_read(const char *path, pid_t *pid, struct err *err) MUST_CHECK;

/* Forks.  The child returns 0; the parent waits until the child calls fs_daemonize_complete() and then exits
 * with 0, or, if the child dies first, with its status.  Call before any thread exists. */
int fs_daemonize_start(struct err *err) MUST_CHECK;

/* Lets the parent go, leaves the session and the standard streams (to /dev/null).  Without
 * fs_daemonize_start() it does nothing. */
void fs_daemonize_complete(void);

#endif /* BASE_FS_H */
