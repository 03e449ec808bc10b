/* SPDX-License-Identifier: Apache-2.0 */
/* eal: starts DPDK's environment from the database's words.  Room: vswitchd. */

#include "eal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_version.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fs.h"
#define LOG_THIS LOG_eal
#include "base/log.h"
#include "base/smap.h"
#include "base/str.h"

#define MAX_ARGS 64
#define NO_HUGE_MB 1024 /* Address space without hugepages; pages are taken as they are used. */

/* What DPDK is started with.  "dpdk-init" is not among them: DPDK always runs. */
static const char *const keys[] = { "dpdk-lcore-mask", "dpdk-socket-mem", "dpdk-socket-limit",
	"dpdk-alloc-mem", "dpdk-hugepage-dir", "dpdk-extra" };

static struct smap started; /* What eal_start() was given of 'keys'; made by it. */
static struct smap reported; /* What eal_report_changes() told of last; made by eal_start(). */
static bool was_tried, has_started, has_hugepages;

struct args {
	char *v[MAX_ARGS];
	int n;
	bool overflown; /* There were more. */
};

static struct args given; /* The strings that EAL was started with, and keeps pointers to. */

static void
arg(struct args *a, const char *text)
{
	if (a->n < MAX_ARGS - 1)
		a->v[a->n++] = xstrdup(text);
	else
		a->overflown = true;
}

/* Free hugepages of all sizes. */
static unsigned long
free_hugepages(void)
{
	static const char base[] = "/sys/kernel/mm/hugepages";
	DIR *dir = opendir(base);
	unsigned long total = 0;
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char *path, *text;
		size_t len;

		if (strncmp(e->d_name, "hugepages-", 10) != 0)
			continue;
		path = xasprintf("%s/%s/free_hugepages", base, e->d_name);
		if (fs_read_file(path, 64, &text, &len, NULL) == 0) {
			total += strtoul(text, NULL, 10);
			free(text);
		}
		free(path);
	}
	if (dir != NULL)
		closedir(dir);
	return total;
}

static bool
mentions(const char *extra, const char *option)
{
	return extra != NULL && strstr(extra, option) != NULL;
}

static void
add_cores(struct args *a, const struct smap *config, const char *extra)
{
	const char *mask = smap_get(config, "dpdk-lcore-mask");
	cpu_set_t set;

	if (mask != NULL) {
		arg(a, "-c");
		arg(a, mask);
		return;
	}
	if (mentions(extra, "-l ") || mentions(extra, "-c ") || mentions(extra, "--lcores"))
		return;
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set)) {
			char text[32];

			(void)snprintf(text, sizeof text, "0@%d", cpu);
			arg(a, "--lcores");
			arg(a, text);
			return;
		}
	}
}

static void
add_memory(struct args *a, const struct smap *config, const char *extra)
{
	const char *socket_mem = smap_get(config, "dpdk-socket-mem");
	const char *limit = smap_get(config, "dpdk-socket-limit");
	const char *dir = smap_get(config, "dpdk-hugepage-dir");
	const char *all = smap_get(config, "dpdk-alloc-mem");
	char text[32];

	has_hugepages = !mentions(extra, "--no-huge") && free_hugepages() > 0;
	if (!has_hugepages) {
		LOG_INFO(
			"no free hugepages: running on ordinary pages, which is slower; reserve some with "
			"\"sysctl vm.nr_hugepages=1024\" and restart");
		if (!mentions(extra, "--no-huge"))
			arg(a, "--no-huge");
		arg(a, "--no-shconf");
		if (!mentions(extra, "-m ")) {
			(void)snprintf(text, sizeof text, "%d", NO_HUGE_MB);
			arg(a, "-m");
			arg(a, text);
		}
		return;
	}
	if (dir != NULL) {
		arg(a, "--huge-dir");
		arg(a, dir);
		arg(a, "--huge-unlink");
		(void)snprintf(text, sizeof text, "sluice%ld", (long)getpid());
		arg(a, "--file-prefix");
		arg(a, text);
	} else if (!mentions(extra, "--in-memory")) {
		arg(a, "--in-memory");
	}
	if (socket_mem != NULL) {
		arg(a, "--socket-mem");
		arg(a, socket_mem);
	}
	if (limit != NULL) {
		arg(a, "--socket-limit");
		arg(a, limit);
	}
	if (all != NULL) {
		arg(a, "-m");
		arg(a, all);
	}
}

static void
add_extra(struct args *a, const char *extra)
{
	char *copy, *save = NULL;

	if (extra == NULL)
		return;
	copy = xstrdup(extra);
	for (char *word = strtok_r(copy, " \t", &save); word != NULL;
		word = strtok_r(NULL, " \t", &save))
		arg(a, word);
	free(copy);
}

/* What DPDK says goes to our log, by lines, at its own level. */
static ssize_t
write_log(void *cookie UNUSED, const char *text, size_t len)
{
	int level = rte_log_cur_msg_loglevel();
	size_t n = len;

	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n == 0)
		return (ssize_t)len;
	if (level >= 0 && level <= (int)RTE_LOG_ERR)
		LOG_ERR_RL("%.*s", (int)n, text);
	else if (level == (int)RTE_LOG_WARNING)
		LOG_INFO("%.*s", (int)n, text);
	else
		LOG_DBG("%.*s", (int)n, text);
	return (ssize_t)len;
}

static void
redirect_log(void)
{
	cookie_io_functions_t functions = { .write = write_log };
	FILE *stream = fopencookie(NULL, "w", functions);

	if (stream == NULL)
		return;
	setvbuf(stream, NULL, _IOLBF, 0);
	(void)rte_openlog_stream(stream);
}

static void
remember(const struct smap *config, struct smap *to)
{
	smap_init(to);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = smap_get(config, keys[i]);

		if (value != NULL)
			smap_set(to, keys[i], value);
	}
}

static void
log_args(const struct args *a)
{
	struct str s = STR_INIT;

	for (int i = 1; i < a->n; i++)
		str_printf(&s, " %s", a->v[i]);
	LOG_INFO("starting DPDK %s with:%s", eal_version(), str_cstr(&s));
	str_uninit(&s);
}

static void
free_args(struct args *a)
{
	while (a->n > 0)
		free(a->v[--a->n]);
	a->overflown = false;
}

static void
make_args(struct args *a, const struct smap *config)
{
	const char *extra = smap_get(config, "dpdk-extra");

	arg(a, "sluice-vswitchd");
	add_cores(a, config, extra);
	add_memory(a, config, extra);
	/* No device is taken at start, whatever driver it is bound to: ports name the ones they want.  An allow-list that
	 * matches nothing says that; naming a device later overrides it. */
	if (!mentions(extra, "--no-pci") && !mentions(extra, "-a ") && !mentions(extra, "-b ")
		&& !mentions(extra, "--allow") && !mentions(extra, "--block")) {
		arg(a, "-a");
		arg(a, "0000:00:00.0");
	}
	if (!mentions(extra, "--no-telemetry"))
		arg(a, "--no-telemetry");
	add_extra(a, extra);
}

static int
init(const struct args *a)
{
	char *argv[MAX_ARGS];

	/* EAL reorders its arguments and keeps pointers to them: it gets a copy of the array. */
	memcpy(argv, a->v, sizeof argv);
	argv[a->n] = NULL;
	redirect_log();
	return rte_eal_init(a->n, argv);
}

/* Starts DPDK in a child that ends at once: a process cannot try again after most failures.  Returns: whether it starts. */
static bool
works_in_child(const struct args *a)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return true;
	if (child == 0) {
		int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

		/* It prints its usage there. */
		if (fd >= 0)
			(void)dup2(fd, STDOUT_FILENO);
		if (init(a) < 0)
			_exit(EXIT_FAILURE);
		(void)rte_eal_cleanup();
		_exit(EXIT_SUCCESS);
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return true;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* Arguments that the database asks for, or the usual ones if DPDK does not start with them: without a running daemon
 * nobody could correct the database. */
static void
choose_args(struct args *a, const struct smap *config)
{
	struct smap none;

	remember(config, &started);
	remember(config, &reported);
	make_args(a, config);
	if (smap_is_empty(&started) || (!a->overflown && works_in_child(a)))
		return;
	LOG_ERR("DPDK does not start with what other_config:dpdk-* asks for, see the lines above: it is started as if "
		"nothing were asked for; correct it and restart");
	free_args(a);
	smap_clear(&started);
	smap_init(&none);
	make_args(a, &none);
	smap_uninit(&none);
}

int
eal_start(const struct smap *config, struct err *err)
{
	struct args *a = &given;
	cpu_set_t set;
	bool had_affinity;

	was_tried = true;
	choose_args(a, config);
	log_args(a);
	had_affinity = sched_getaffinity(0, sizeof set, &set) == 0;
	if (init(a) < 0) {
		err_set(err, "DPDK does not start (%s): see the log's lines of module eal",
			rte_strerror(rte_errno));
		return -EINVAL;
	}
	has_started = true;
	/* EAL pinned this thread to its core; main goes where it was allowed to go before. */
	if (had_affinity && smap_get(&started, "dpdk-lcore-mask") == NULL)
		(void)sched_setaffinity(0, sizeof set, &set);
	return 0;
}

void
eal_stop(void)
{
	if (has_started)
		(void)rte_eal_cleanup();
	has_started = false;
	if (!was_tried)
		return;
	was_tried = false;
	free_args(&given);
	smap_uninit(&started);
	smap_uninit(&reported);
}

void
eal_report_changes(const struct smap *config)
{
	struct smap now;

	remember(config, &now);
	if (!smap_equal(&now, &reported) && !smap_equal(&now, &started))
		LOG_WARN(
			"other_config:dpdk-* has changed; the running DPDK keeps its settings until the daemon "
			"is restarted");
	smap_uninit(&reported);
	smap_clone(&reported, &now);
	smap_uninit(&now);
}

bool
eal_has_hugepages(void)
{
	return has_hugepages;
}

const char *
eal_version(void)
{
	return rte_version();
}
