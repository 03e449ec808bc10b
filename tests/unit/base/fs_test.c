/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base/fs: files, directories, pidfiles, going to the background; and of base/fatal's counters. */

#include "base/fs.h"

#include <errno.h>
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
#include "base/log.h"
#include "check.h"

static char dir[] = "/tmp/sluice-fs-XXXXXX";

static void
test_fs_write_replaces_whole_file(void)
{
	char *path = fs_join(dir, "file");
	struct err err = ERR_INIT;
	char big[10000];
	struct stat st;
	char *data;
	size_t len;

	memset(big, 'b', sizeof big);
	CU_ASSERT_EQUAL(fs_write_file_atomic(path, big, sizeof big, 0640, &err), 0);
	CU_ASSERT_EQUAL(fs_read_file(path, sizeof big, &data, &len, &err), 0);
	CU_ASSERT_EQUAL(len, sizeof big);
	CU_ASSERT_EQUAL(memcmp(data, big, sizeof big), 0);
	CU_ASSERT_EQUAL(data[len], '\0');
	free(data);
	CU_ASSERT_EQUAL(fs_read_file(path, sizeof big - 1, &data, &len, &err), -EFBIG);
	CU_ASSERT_PTR_NULL(data);
	CU_ASSERT_EQUAL(fs_write_file_atomic(path, "x", 1, 0600, &err), 0);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_size, 1);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(fs_read_file(path, 10, &data, &len, &err), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, path));
	free(path);
	path = fs_join(dir, "no/such/dir/file");
	CU_ASSERT_EQUAL(fs_write_file_atomic(path, "x", 1, 0600, &err), -ENOENT);
	free(path);
}

static void
test_fs_mkdirs_creates_all(void)
{
	char *deep = fs_join(dir, "a/b/c");
	char *file = fs_join(dir, "plain");
	char *under = fs_join(file, "sub");
	struct stat st;
	char *parent;

	CU_ASSERT_EQUAL(fs_mkdirs(deep, 0755, NULL), 0);
	CU_ASSERT_EQUAL(fs_mkdirs(deep, 0755, NULL), 0);
	CU_ASSERT(stat(deep, &st) == 0 && S_ISDIR(st.st_mode));
	CU_ASSERT_EQUAL(fs_write_file_atomic(file, "", 0, 0600, NULL), 0);
	CU_ASSERT_EQUAL(fs_mkdirs(file, 0755, NULL), -ENOTDIR);
	CU_ASSERT_EQUAL(fs_mkdirs(under, 0755, NULL), -ENOTDIR);
	unlink(file);
	rmdir(deep);
	parent = fs_join(dir, "a/b");
	rmdir(parent);
	free(parent);
	parent = fs_join(dir, "a");
	rmdir(parent);
	free(parent);
	free(deep);
	free(file);
	free(under);
}

static void
test_fs_directories_come_from_environment(void)
{
	char *joined;

	setenv("OVS_RUNDIR", "/run/test", 1);
	setenv("OVS_SYSCONFDIR", "/etc/test", 1);
	unsetenv("OVS_DBDIR");
	unsetenv("OVS_LOGDIR");
	CU_ASSERT_STRING_EQUAL(fs_rundir(), "/run/test");
	CU_ASSERT_STRING_EQUAL(fs_dbdir(), "/etc/test/openvswitch");
	CU_ASSERT_STRING_EQUAL(fs_logdir(), "/var/log/openvswitch");
	joined = fs_join("/d", "n");
	CU_ASSERT_STRING_EQUAL(joined, "/d/n");
	free(joined);
	joined = fs_join("/d/", "n");
	CU_ASSERT_STRING_EQUAL(joined, "/d/n");
	free(joined);
	joined = fs_join("/d", "/n");
	CU_ASSERT_STRING_EQUAL(joined, "/n");
	free(joined);
}

/* Runs 'body' in a child.  Returns: the child's status. */
static int
in_child(int (*body)(const char *), const char *arg)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(body(arg));
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What another process sees of a pidfile that its parent holds. */
static int
look_from_outside(const char *path)
{
	pid_t pid = 0;

	/* A child inherits the record of the own pidfile but neither its lock nor its claim. */
	if (fs_pidfile_read(path, &pid, NULL) != 0)
		return 1;
	return pid == getppid() ? 0 : 2;
}

static int
open_second(const char *path)
{
	char *const argv[] = { "sh", "-c", "exec 9<>\"$0\"; read pid <&9; kill -0 $pid",
		(char *)(uintptr_t)path, NULL };

	execv("/bin/sh", argv);
	return 3;
}

static void
test_fs_pidfile_is_locked(void)
{
	char *path = fs_join(dir, "x.pid");
	struct err err = ERR_INIT;
	pid_t pid = 0;

	CU_ASSERT_EQUAL(fs_pidfile_read(path, &pid, &err), -ENOENT);
	CU_ASSERT_EQUAL(fs_pidfile_create(path, &err), 0);
	CU_ASSERT_EQUAL(fs_pidfile_read(path, &pid, &err), 0);
	CU_ASSERT_EQUAL(pid, getpid());
	CU_ASSERT_EQUAL(in_child(open_second, path), 0);
	CU_ASSERT_EQUAL(in_child(look_from_outside, path), 0);
	fs_pidfile_remove();
	CU_ASSERT_EQUAL(access(path, F_OK), -1);
	fs_pidfile_remove();
	/* A number that nobody stands behind. */
	CU_ASSERT_EQUAL(fs_write_file_atomic(path, "1\n", 2, 0644, NULL), 0);
	CU_ASSERT_EQUAL(fs_pidfile_read(path, &pid, &err), -ESRCH);
	/* A stale file is taken over. */
	CU_ASSERT_EQUAL(fs_pidfile_create(path, &err), 0);
	CU_ASSERT_EQUAL(in_child(look_from_outside, path), 0);
	fs_pidfile_remove();
	free(path);
}

/* Takes the pidfile, says so and waits to be killed. */
static int
hold(const char *path, int ready_fd)
{
	if (fs_pidfile_create(path, NULL) != 0)
		return 1;
	if (write(ready_fd, "r", 1) != 1)
		return 2;
	for (;;)
		pause();
}

static void
test_fs_pidfile_refuses_a_second(void)
{
	char *path = fs_join(dir, "y.pid");
	struct err err = ERR_INIT;
	pid_t child, pid = 0;
	int fds[2];
	char byte;

	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	child = fork();
	if (child == 0)
		_exit(hold(path, fds[1]));
	CU_ASSERT_EQUAL(read(fds[0], &byte, 1), 1);
	CU_ASSERT_EQUAL(fs_pidfile_create(path, &err), -EEXIST);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "already running"));
	CU_ASSERT_EQUAL(fs_pidfile_read(path, &pid, &err), 0);
	CU_ASSERT_EQUAL(pid, child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CU_ASSERT_EQUAL(fs_pidfile_read(path, &pid, &err), -ESRCH);
	CU_ASSERT_EQUAL(fs_pidfile_create(path, &err), 0);
	fs_pidfile_remove();
	close(fds[0]);
	close(fds[1]);
	free(path);
}

static int
serve(const char *path)
{
	if (fs_daemonize_start(NULL) != 0)
		return 1;
	/* Only the grandchild comes here. */
	if (fs_write_file_atomic(path, "up", 2, 0600, NULL) != 0)
		return 2;
	fs_daemonize_complete();
	_exit(0);
}

static int
fail(const char *arg UNUSED)
{
	if (fs_daemonize_start(NULL) != 0)
		return 1;
	_exit(7);
}

static void
test_fs_daemonize_parent_waits(void)
{
	char *path = fs_join(dir, "up");

	CU_ASSERT_EQUAL(in_child(serve, path), 0);
	CU_ASSERT_EQUAL(access(path, F_OK), 0);
	unlink(path);
	CU_ASSERT_EQUAL(in_child(fail, NULL), 7);
	free(path);
}

static void
test_fatal_counts_and_warns_once(void)
{
	uint64_t before = count_read(COUNT_rcu_ring_full);
	uint64_t warnings = log_count_at_least(LOG_LEVEL_WARN);

	CU_ASSERT_EQUAL(log_set_level("console:off", NULL), 0);
	for (int i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(COUNT_IF(i >= 2, rcu_ring_full), i >= 2);
		CU_ASSERT_EQUAL(WARN_ON_ONCE(i >= 3), i >= 3);
	}
	CU_ASSERT_EQUAL(count_read(COUNT_rcu_ring_full), before + 3);
	CU_ASSERT_STRING_EQUAL(count_name(COUNT_rcu_ring_full), "rcu_ring_full");
	CU_ASSERT_EQUAL(log_count_at_least(LOG_LEVEL_WARN), warnings + 1);
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_fs_write_replaces_whole_file),
		CHECK_CASE(test_fs_mkdirs_creates_all),
		CHECK_CASE(test_fs_directories_come_from_environment),
		CHECK_CASE(test_fs_pidfile_is_locked),
		CHECK_CASE(test_fs_pidfile_refuses_a_second),
		CHECK_CASE(test_fs_daemonize_parent_waits),
		CHECK_CASE(test_fatal_counts_and_warns_once),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = check_run("base/fs", cases, ARRAY_SIZE(cases));
	if (rmdir(dir) != 0)
		failed = 1;
	return failed;
}
