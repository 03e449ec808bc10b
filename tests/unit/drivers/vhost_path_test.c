/* SPDX-License-Identifier: Apache-2.0 */
/* Socket paths of vhost-user ports, without any vhost. */
#include "drivers/net/vhost_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/smap.h"
#include "check.h"
#include "port/port.h"

static char dir[64];

/* Makes a listening socket.  Returns: its descriptor. */
static int
listen_on(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	CU_ASSERT_EQUAL(listen(fd, 1), 0);
	return fd;
}

static void
test_vhost_path_comes_from_config(void)
{
	struct port_config config = { .name = "vm1", .rundir = "/run/x" };
	char path[VHOST_PATH_SIZE], name[VHOST_PATH_SIZE + 1];
	struct err err = ERR_INIT;
	struct smap options;

	smap_init(&options);
	config.options = &options;
	CU_ASSERT_EQUAL(vhost_path_from_config(&config, false, path, &err), 0);
	CU_ASSERT_STRING_EQUAL(path, "/run/x/vm1");
	CU_ASSERT_EQUAL(vhost_path_from_config(&config, true, path, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "vhost-server-path"));
	smap_set(&options, "vhost-server-path", "/tmp/sock");
	CU_ASSERT_EQUAL(vhost_path_from_config(&config, true, path, &err), 0);
	CU_ASSERT_STRING_EQUAL(path, "/tmp/sock");
	config.name = "../vm1";
	CU_ASSERT_EQUAL(vhost_path_from_config(&config, false, path, &err), -EINVAL);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	config.name = name;
	CU_ASSERT_EQUAL(vhost_path_from_config(&config, false, path, &err), -ENAMETOOLONG);
	smap_uninit(&options);
}

static void
test_vhost_path_prepare_removes_only_stale_sockets(void)
{
	struct err err = ERR_INIT;
	struct stat st;
	char path[96];
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "%s/sock", dir);
	CU_ASSERT_EQUAL(vhost_path_prepare(path, &err), 0);
	CU_ASSERT_NOT_EQUAL(lstat(path, &st), 0);
	fd = listen_on(path);
	CU_ASSERT_EQUAL(vhost_path_prepare(path, &err), -EADDRINUSE);
	CU_ASSERT_EQUAL(lstat(path, &st), 0);
	close(fd);
	CU_ASSERT_EQUAL(vhost_path_prepare(path, &err), 0);
	CU_ASSERT_NOT_EQUAL(lstat(path, &st), 0);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fclose(f);
	CU_ASSERT_EQUAL(vhost_path_prepare(path, &err), -EEXIST);
	CU_ASSERT_EQUAL(lstat(path, &st), 0);
	unlink(path);
	CU_ASSERT_EQUAL(symlink("/dev/null", path), 0);
	CU_ASSERT_EQUAL(vhost_path_prepare(path, &err), -EEXIST);
	unlink(path);
}

static void
test_vhost_path_prepare_explains(void)
{
	struct err err = ERR_INIT;
	char path[96];

	snprintf(path, sizeof(path), "%s/none/sock", dir);
	CU_ASSERT_EQUAL(vhost_path_prepare(path, &err), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "directory"));
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_vhost_path_comes_from_config),
		CHECK_CASE(test_vhost_path_prepare_removes_only_stale_sockets),
		CHECK_CASE(test_vhost_path_prepare_explains),
	};
	int failed;

	snprintf(dir, sizeof(dir), "/tmp/vhost-path-test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	failed = check_run("vhost_path", cases, sizeof(cases) / sizeof(cases[0]));
	rmdir(dir);
	return failed;
}
