/* SPDX-License-Identifier: Apache-2.0 */
/* main: sluice-vswitchd, from command line to clean stop.  Room: vswitchd.
 *
 * Start: options, background, pidfile, database and its socket, DPDK, pipeline and datapath, configuration applied,
 * control socket, ready.  Stop is the reverse, and gives every resource back. */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fs.h"
#define LOG_THIS LOG_main
#include "base/log.h"
#include "base/loop.h"
#include "commands.h"
#include "config.h"
#include "cores.h"
#include "datapath/datapath.h"
#include "eal.h"
#include "ipc/command.h"
#include "options.h"
#include "pipeline/pipeline.h"
#include "port/pool.h"
#include "rcu/rcu.h"
#include "schema.h"
#include "version.h"
#include "wiring.h"

struct daemon {
	struct options options;
	struct loop *loop;
	struct loop_fd *signal_watch;
	int signal_fd;
	struct ovsdb_db *db;
	struct ovsdb_server *server;
	struct pipeline *pipeline;
	struct datapath *datapath;
	struct wiring_client client;
	struct config *config;
	struct command_server *command_server;
	struct commands *commands;
	struct command_ctx *exit_ctx; /* Who asked us to exit, answered at the end. */
};

/* Signals are taken by the loop; no thread that is started later is interrupted by them. */
static void
on_signal(void *d_, uint32_t events UNUSED)
{
	struct daemon *d = d_;
	struct signalfd_siginfo info;
	struct err err = ERR_INIT;

	if (read(d->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo == SIGHUP) {
		int error = log_reopen_file(&err);

		if (error != 0 && error != -ENOENT)
			LOG_WARN("%s", err.text);
		return;
	}
	LOG_INFO("stopping on signal %u", info.ssi_signo);
	loop_stop(d->loop);
}

static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

/* Every port and session costs descriptors. */
static void
raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
start_loop(struct daemon *d, struct err *err)
{
	sigset_t set;

	raise_limits();
	block_signals(&set);
	d->loop = loop_create();
	rcu_init();
	rcu_thread_register("main");
	/* Main holds up nobody's grace period while it waits. */
	loop_set_wait_hooks(d->loop, rcu_offline, rcu_online);
	d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signal_fd < 0
		|| loop_add_fd(d->loop, d->signal_fd, EPOLLIN, on_signal, d, &d->signal_watch)
			!= 0) {
		err_set(err, "cannot watch signals: %s", strerror(errno));
		return -errno;
	}
	return 0;
}

static void
before_exit(void *d_, struct command_ctx *ctx, bool cleanup UNUSED)
{
	struct daemon *d = d_;

	if (d->exit_ctx != NULL) {
		command_reply_error(ctx, "already exiting");
		return;
	}
	d->exit_ctx = ctx;
	LOG_INFO("stopping on request");
	loop_stop(d->loop);
}

static const struct port *
find_port(void *d_, uint32_t dp_port)
{
	struct daemon *d = d_;
	const struct live_iface *iface = live_find_dp_port(config_live(d->config), dp_port);

	return iface != NULL ? iface->port : NULL;
}

static ROLE_MAIN void
memory_usage(void *d_, struct smap *usage)
{
	struct daemon *d = d_;

	smap_setf(usage, "ovsdb-sessions", "%zu", ovsdb_server_count_sessions(d->server));
	smap_setf(usage, "rcu-retired", "%llu", (unsigned long long)rcu_n_retired());
}

/* Gives a socket to the user that --user names. */
static void
give_to_user(const struct options *o, const char *path)
{
	char *name, *group;
	const struct passwd *pw;
	const struct group *gr = NULL;

	if (o->user == NULL)
		return;
	name = xstrdup(o->user);
	group = strchr(name, ':');
	if (group != NULL) {
		*group++ = '\0';
		gr = getgrnam(group);
	}
	pw = getpwnam(name);
	if (pw == NULL || (group != NULL && gr == NULL))
		LOG_WARN("--user=%s: no such user or group", o->user);
	else if (chown(path, pw->pw_uid, gr != NULL ? gr->gr_gid : pw->pw_gid) != 0)
		LOG_WARN("%s: cannot be given to %s: %s", path, o->user, strerror(errno));
	free(name);
}

/* Opens the database and its socket.  Who connects waits for the loop.  The socket shows that nobody else serves in this
 * run directory, before any port is touched. */
static ROLE_MAIN int
open_database(struct daemon *d, struct err *err)
{
	char *path = fs_join(d->options.rundir, "db.sock");
	char *target = xasprintf("punix:%s", path);
	int error = ovsdb_db_open(d->options.db_path, schema_text, &d->db, err);

	if (error == 0) {
		d->server = ovsdb_server_create(d->loop);
		error = ovsdb_server_add_db(d->server, d->db, err);
	}
	if (error == 0)
		error = ovsdb_server_add_remote(d->server, target, err);
	if (error == 0)
		give_to_user(&d->options, path);
	free(target);
	free(path);
	return error;
}

static ROLE_MAIN int
start_switching(struct daemon *d, struct err *err)
{
	struct datapath_params params = { .miss_ops = &pipeline_miss_ops, .done = pipeline_done };
	struct config_env env = { .loop = d->loop, .db = d->db, .server = d->server };
	struct smap other_config;
	int error;

	smap_init(&other_config);
	config_read_other(d->db, &other_config);
	error = eal_start(&other_config, err);
	smap_uninit(&other_config);
	if (error != 0)
		return error;
	d->pipeline = pipeline_create(d->loop);
	params.miss_ctx = d->pipeline;
	params.aux = d->pipeline;
	params.loop = d->loop;
	error = datapath_create(&params, &d->datapath, err);
	if (error != 0)
		return error;
	d->client.datapath = d->datapath;
	pipeline_attach(d->pipeline, &wiring_client_ops, &d->client);
	env.pipeline = d->pipeline;
	env.datapath = d->datapath;
	env.rundir = d->options.rundir;
	d->config = config_create(&env);
	d->client.live = config_live(d->config);
	config_run(d->config);
	return 0;
}

static int
open_control_socket(struct daemon *d, struct err *err)
{
	struct commands_env env = {
		.aux = d, .exit = before_exit, .find_port = find_port, .memory = memory_usage
	};
	int error = command_server_create(d->loop, d->options.unixctl, d->options.program,
		options_banner(&d->options), &d->command_server, err);

	if (error != 0)
		return error;
	d->commands = commands_add(d->command_server, d->pipeline, d->datapath, &env);
	give_to_user(&d->options, command_server_path(d->command_server));
	return 0;
}

/* Tells the service manager, if there is one (sd_notify(3)). */
static void
notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (path == NULL || strlen(path) >= sizeof un.sun_path)
		return;
	strncpy(un.sun_path, path, sizeof un.sun_path - 1);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (un.sun_path[0] == '@')
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&un, len);
	close(fd);
}

static ROLE_MAIN int
start(struct daemon *d, struct err *err)
{
	int error = fs_mkdirs(d->options.rundir, 0755, err);

	if (error == 0 && d->options.detach)
		error = fs_daemonize_start(err);
	if (error == 0 && d->options.log_file != NULL)
		error = log_open_file(d->options.log_file, err);
	if (error == 0 && d->options.pidfile != NULL)
		error = fs_pidfile_create(d->options.pidfile, err);
	if (error == 0)
		error = start_loop(d, err);
	if (error == 0)
		error = open_database(d, err);
	if (error == 0)
		error = start_switching(d, err);
	if (error == 0)
		error = open_control_socket(d, err);
	return error;
}

static ROLE_MAIN void
stop(struct daemon *d)
{
	notify("STOPPING=1");
	config_destroy(d->config);
	if (d->pipeline != NULL)
		pipeline_run(d->pipeline);
	d->client.live = NULL;
	datapath_destroy(d->datapath);
	if (d->pipeline != NULL)
		pipeline_detach(d->pipeline);
	pipeline_destroy(d->pipeline);
	ovsdb_server_destroy(d->server);
	ovsdb_db_destroy(d->db);
	(void)port_pool_cleanup();
	eal_stop();
	fs_pidfile_remove();
	if (d->exit_ctx != NULL)
		command_reply(d->exit_ctx, "");
	command_server_destroy(d->command_server);
	commands_remove(d->commands);
	loop_fd_remove(d->signal_watch);
	if (d->signal_fd >= 0)
		close(d->signal_fd);
	if (d->loop != NULL) {
		rcu_uninit();
		loop_destroy(d->loop);
	}
}

int
main(int argc, char *argv[])
{
	struct daemon d = { .signal_fd = -1 };
	struct err err = ERR_INIT;
	int status = EXIT_SUCCESS;

	role_enter(&role_main);
	cores_init();
	if (options_parse(&d.options, argc, argv, &err) != 0) {
		(void)fprintf(stderr, "%s: %s\n", d.options.program, err.text);
		options_uninit(&d.options);
		return EXIT_FAILURE;
	}
	if (d.options.done) {
		options_uninit(&d.options);
		return EXIT_SUCCESS;
	}
	if (start(&d, &err) != 0) {
		LOG_EMER("%s", err.text);
		status = EXIT_FAILURE;
	} else {
		LOG_INFO("sluice-vswitchd %s is ready", SLUICE_VERSION);
		fs_daemonize_complete();
		if (d.options.detach && d.options.change_dir)
			(void)!chdir("/");
		notify("READY=1");
		loop_run(d.loop);
	}
	stop(&d);
	LOG_INFO("stopped");
	options_uninit(&d.options);
	return status;
}
