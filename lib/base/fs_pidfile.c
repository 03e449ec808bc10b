/* SPDX-License-Identifier: Apache-2.0 */
/* fs_pidfile: the file that says which process serves, and going to the background.  The lock is a POSIX one,
 * because that is what the tools ask for; it belongs to the process and goes away when the process closes any
 * descriptor of the file, so the own pidfile is recognised by its inode and never opened a second time. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fatal.h"
#include "base/fs.h"

/* Our pidfile. */
static struct {
	int fd; /* Holds the lock; valid if 'path' is not NULL. */
	char *path;
	pid_t pid; /* Who created it: a child that inherits this record has no part in the lock. */
	dev_t dev;
	ino_t ino;
} own;

/* Where the child tells the parent that it serves; -1: no parent waits. */
static int ready_fd = -1;

static bool
is_own(const char *path)
{
	struct stat st;

	return own.path != NULL && own.pid == getpid() && stat(path, &st) == 0
		&& st.st_dev == own.dev && st.st_ino == own.ino;
}

/* Locks 'fd' and sees to it that 'path' still names it.  Returns: 0, -EAGAIN: another file is there now, or
 * -errno. */
static int
lock(int fd, const char *path, struct stat *st)
{
	struct flock flock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat named;

	if (fcntl(fd, F_SETLK, &flock) != 0)
		return errno == EACCES || errno == EAGAIN ? -EEXIST : -errno;
	if (fstat(fd, st) != 0)
		return -errno;
	if (stat(path, &named) != 0 || named.st_dev != st->st_dev || named.st_ino != st->st_ino)
		return -EAGAIN;
	return 0;
}

static int
write_pid(int fd)
{
	char text[24];
	int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) != 0)
		return -errno;
	if (pwrite(fd, text, (size_t)len, 0) != len)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

int
fs_pidfile_create(const char *path, struct err *err)
{
	struct stat st = { 0 };
	int error, fd;

	BUG_ON(own.path != NULL);
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			return err_errno(err, -errno, "pidfile %s", path);
		error = lock(fd, path, &st);
		if (error != -EAGAIN)
			break;
		close(fd);
	}
	if (error == 0)
		error = write_pid(fd);
	if (error != 0) {
		close(fd);
		if (error == -EEXIST)
			err_set(err, "pidfile %s: already running, another process holds it", path);
		else
			err_errno(err, error, "pidfile %s", path);
		return error;
	}
	own.fd = fd;
	own.path = xstrdup(path);
	own.pid = getpid();
	own.dev = st.st_dev;
	own.ino = st.st_ino;
	return 0;
}

void
fs_pidfile_remove(void)
{
	if (own.path == NULL || own.pid != getpid())
		return;
	/* While the lock is held, so that a successor's file is never removed. */
	if (is_own(own.path))
		unlink(own.path);
	close(own.fd);
	free(own.path);
	own.path = NULL;
}

/* Reads the number in 'fd' and asks who holds the lock. */
static int
read_holder(int fd, const char *path, pid_t *pid, struct err *err)
{
	struct flock flock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[24] = "";
	char *end;
	long number;

	if (fcntl(fd, F_GETLK, &flock) != 0)
		return err_errno(err, -errno, "pidfile %s", path);
	if (flock.l_type == F_UNLCK) {
		err_set(err, "pidfile %s: no running process holds it", path);
		return -ESRCH;
	}
	if (read(fd, text, sizeof text - 1) < 0)
		return err_errno(err, -errno, "pidfile %s", path);
	number = strtol(text, &end, 10);
	if (end == text || (*end != '\n' && *end != '\0') || number <= 0) {
		err_set(err, "pidfile %s: does not hold a process number", path);
		return -EINVAL;
	}
	/* A holder in another PID namespace is told as 0 and cannot be compared. */
	if (flock.l_pid != 0 && flock.l_pid != (pid_t)number) {
		err_set(err, "pidfile %s: names process %ld, but process %ld holds it", path,
			number, (long)flock.l_pid);
		return -ESRCH;
	}
	*pid = (pid_t)number;
	return 0;
}

int
fs_pidfile_read(const char *path, pid_t *pid, struct err *err)
{
	int error, fd;

	if (is_own(path)) {
		*pid = getpid();
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, -errno, "pidfile %s", path);
	error = read_holder(fd, path, pid, err);
	close(fd);
	return error;
}

/* The parent's rest: waits for the byte and ends as the child deserves. */
static void NO_RETURN
wait_for_child(pid_t child, int fd)
{
	ssize_t n;
	int status;
	char byte;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(EXIT_SUCCESS);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			_exit(EXIT_FAILURE);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		_exit(WEXITSTATUS(status));
	if (WIFSIGNALED(status))
		fprintf(stderr, "child process %ld died from signal %d\n", (long)child,
			WTERMSIG(status));
	_exit(EXIT_FAILURE);
}

int
fs_daemonize_start(struct err *err)
{
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(err, -errno, "cannot create a pipe");
	fflush(NULL);
	child = fork();
	if (child < 0) {
		close(fds[0]);
		close(fds[1]);
		return err_errno(err, -errno, "cannot fork");
	}
	if (child > 0) {
		close(fds[1]);
		wait_for_child(child, fds[0]);
	}
	close(fds[0]);
	ready_fd = fds[1];
	setsid();
	return 0;
}

void
fs_daemonize_complete(void)
{
	int fd;
	ssize_t n;

	if (ready_fd < 0)
		return;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
			dup2(fd, i);
		if (fd > STDERR_FILENO)
			close(fd);
	}
	n = write(ready_fd, "", 1);
	/* The parent may have been killed; that is its affair. */
	(void)n;
	close(ready_fd);
	ready_fd = -1;
}
