/* SPDX-License-Identifier: Apache-2.0 */
/* options: the daemon's command line, in the words of the field's daemons.  Room: vswitchd. */

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fs.h"
#define LOG_THIS LOG_main
#include "base/log.h"
#include "version.h"

enum {
	OPT_RUNDIR = 256,
	OPT_DB,
	OPT_PIDFILE,
	OPT_OVERWRITE_PIDFILE,
	OPT_DETACH,
	OPT_NO_CHDIR,
	OPT_MONITOR,
	OPT_LOG_FILE,
	OPT_SYSLOG_METHOD,
	OPT_UNIXCTL,
	OPT_USER,
	OPT_MLOCKALL,
	OPT_NO_SELF_CONFINEMENT
};

const char *
options_banner(const struct options *o)
{
	/* Scripts that call the switch by the other name look for a number of that one. */
	if (strncmp(o->program, "ovs-", 4) == 0)
		return "ovs-vswitchd (Open vSwitch) " SLUICE_OVS_VERSION
		       "\nprovided by Sluice " SLUICE_VERSION;
	return "sluice-vswitchd (Sluice) " SLUICE_VERSION;
}

static const struct option long_options[] = {
	{ "rundir", required_argument, NULL, OPT_RUNDIR },
	{ "db", required_argument, NULL, OPT_DB },
	{ "pidfile", optional_argument, NULL, OPT_PIDFILE },
	{ "overwrite-pidfile", no_argument, NULL, OPT_OVERWRITE_PIDFILE },
	{ "detach", no_argument, NULL, OPT_DETACH },
	{ "no-chdir", no_argument, NULL, OPT_NO_CHDIR },
	{ "monitor", no_argument, NULL, OPT_MONITOR },
	{ "log-file", optional_argument, NULL, OPT_LOG_FILE },
	{ "syslog-method", required_argument, NULL, OPT_SYSLOG_METHOD },
	{ "unixctl", required_argument, NULL, OPT_UNIXCTL },
	{ "user", required_argument, NULL, OPT_USER },
	{ "mlockall", no_argument, NULL, OPT_MLOCKALL },
	{ "no-self-confinement", no_argument, NULL, OPT_NO_SELF_CONFINEMENT },
	{ "verbose", optional_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void
print_help(void)
{
	puts("sluice-vswitchd: the Sluice userspace virtual switch\n"
	     "usage: sluice-vswitchd [OPTION...] [DATABASE]\n"
	     "\n"
	     "  --rundir=DIR          sockets and pidfile go there (default: $OVS_RUNDIR or\n"
	     "                        /var/run/openvswitch)\n"
	     "  --db=FILE             file of the embedded database (default: conf.db in\n"
	     "                        $OVS_DBDIR, or in the run directory if --rundir is given)\n"
	     "  --pidfile[=FILE]      write and lock a pidfile (default: <rundir>/<program>.pid)\n"
	     "  --detach              run in the background; returns when the daemon serves\n"
	     "  --no-chdir            with --detach, stay in the working directory\n"
	     "  --log-file[=FILE]     log to a file (default: <program>.log in $OVS_LOGDIR, or in\n"
	     "                        the run directory if --rundir is given)\n"
	     "  --unixctl=SOCKET      path of the control socket\n"
	     "  --user=USER[:GROUP]   owner of the sockets; the daemon itself needs root for ports\n"
	     "  -v, --verbose[=SPEC]  set log levels: [MODULE][:DESTINATION][:LEVEL]\n"
	     "  -h, --help            print this and exit\n"
	     "  -V, --version         print the version and exit\n"
	     "\n"
	     "DATABASE is accepted for compatibility: unix:<rundir>/db.sock names the embedded one.");
}

static void
replace(char **slot, char *value)
{
	free(*slot);
	*slot = value;
}

/* A level specification.  A module that only other versions have is let pass, so that scripts keep working. */
static int
set_level(const char *spec, struct err *err)
{
	int error = log_set_level(spec != NULL ? spec : "any:any:dbg", err);

	return error == -ENOENT ? 0 : error;
}

/* Whether 'db' names the database that this daemon serves itself: /var/run and /run are often the same. */
static bool
is_own_socket(const struct options *o, const char *db)
{
	const char *base = strrchr(db, '/');
	char *dir, *theirs, *own;
	bool same;

	if (strncmp(db, "unix:", 5) != 0 || base == NULL || strcmp(base, "/db.sock") != 0)
		return false;
	dir = xstrndup(db + 5, (size_t)(base - (db + 5)) + 1);
	theirs = realpath(dir, NULL);
	own = realpath(o->rundir, NULL);
	/* A directory that is still to be made is known by its name. */
	same = theirs != NULL && own != NULL ? strcmp(theirs, own) == 0
					     : strncmp(dir, o->rundir, strlen(o->rundir)) == 0
			&& strspn(dir + strlen(o->rundir), "/") == strlen(dir + strlen(o->rundir));
	free(dir);
	free(theirs);
	free(own);
	return same;
}

static bool
is_remote(const char *db)
{
	return strncmp(db, "unix:", 5) == 0 || strncmp(db, "tcp:", 4) == 0
		|| strncmp(db, "ssl:", 4) == 0;
}

static int
take_db(struct options *o, const char *db, struct err *err)
{
	if (!is_remote(db)) {
		replace(&o->db_path, fs_join(o->rundir, db));
		return 0;
	}
	if (is_own_socket(o, db))
		return 0;
	err_set(err,
		"%s: an external database server is not supported yet; give the file of the "
		"embedded one with --db=FILE",
		db);
	return -EINVAL;
}

/* Sockets that nobody could open are found out at start. */
static int
check_user(const char *user, struct err *err)
{
	char *name = xstrdup(user);
	char *group = strchr(name, ':');
	bool exists;

	if (group != NULL)
		*group++ = '\0';
	exists = getpwnam(name) != NULL && (group == NULL || getgrnam(group) != NULL);
	free(name);
	if (exists)
		return 0;
	err_set(err, "--user=%s: no such user or group", user);
	return -EINVAL;
}

struct raw {
	const char *db;
	const char *rundir;
	const char *log_file;
	const char *pidfile;
	bool wants_log, wants_pidfile;
};

static int
parse_one(struct options *o, struct raw *raw, int c, struct err *err)
{
	switch (c) {
	case OPT_RUNDIR: raw->rundir = optarg; break;
	case OPT_DB: raw->db = optarg; break;
	case OPT_PIDFILE:
		raw->wants_pidfile = true;
		raw->pidfile = optarg;
		break;
	case OPT_DETACH: o->detach = true; break;
	case OPT_NO_CHDIR: o->change_dir = false; break;
	case OPT_LOG_FILE:
		raw->wants_log = true;
		raw->log_file = optarg;
		break;
	case OPT_UNIXCTL: replace(&o->unixctl, xstrdup(optarg)); break;
	case OPT_USER: replace(&o->user, xstrdup(optarg)); break;
	case OPT_MONITOR:
	case OPT_OVERWRITE_PIDFILE:
	case OPT_SYSLOG_METHOD:
	case OPT_MLOCKALL:
	case OPT_NO_SELF_CONFINEMENT:
		LOG_INFO("an option for other versions is accepted and has no effect here");
		break;
	case 'v': return set_level(optarg, err);
	case 'h':
		print_help();
		o->done = true;
		break;
	case 'V':
		puts(options_banner(o));
		o->done = true;
		break;
	default: err_set(err, "see --help for the options"); return -EINVAL;
	}
	return 0;
}

/* Directories: an own run directory holds everything unless said otherwise. */
static int
settle(struct options *o, const struct raw *raw, struct err *err)
{
	char *name;

	o->rundir = xstrdup(raw->rundir != NULL ? raw->rundir : fs_rundir());
	if (o->rundir[0] != '/') {
		char *cwd = realpath(".", NULL), *absolute;

		if (cwd == NULL) {
			err_set(err, "--rundir=%s: the working directory: %s", o->rundir,
				strerror(errno));
			return -errno;
		}
		absolute = fs_join(cwd, o->rundir);
		free(cwd);
		replace(&o->rundir, absolute);
	}
	(void)setenv("OVS_RUNDIR", o->rundir, 1);
	replace(&o->db_path,
		fs_join(raw->rundir != NULL && getenv("OVS_DBDIR") == NULL ? o->rundir : fs_dbdir(),
			"conf.db"));
	if (raw->wants_pidfile) {
		name = raw->pidfile != NULL ? xstrdup(raw->pidfile)
					    : xasprintf("%s.pid", o->program);
		replace(&o->pidfile, fs_join(o->rundir, name));
		free(name);
	}
	if (raw->wants_log) {
		name = raw->log_file != NULL ? xstrdup(raw->log_file)
					     : xasprintf("%s.log", o->program);
		replace(&o->log_file,
			fs_join(raw->rundir != NULL && getenv("OVS_LOGDIR") == NULL ? o->rundir
										    : fs_logdir(),
				name));
		free(name);
	}
	return raw->db != NULL ? take_db(o, raw->db, err) : 0;
}

int
options_parse(struct options *o, int argc, char *argv[], struct err *err)
{
	const char *slash = strrchr(argv[0], '/');
	struct raw raw = { 0 };
	int c;

	memset(o, 0, sizeof *o);
	o->program = slash != NULL ? slash + 1 : argv[0];
	o->change_dir = true;
	while ((c = getopt_long(argc, argv, "v::hV", long_options, NULL)) != -1) {
		int error = parse_one(o, &raw, c, err);

		if (error != 0 || o->done)
			return error;
	}
	if (optind < argc - 1) {
		err_set(err, "at most one argument is taken, the database; see --help");
		return -EINVAL;
	}
	if (optind < argc) {
		raw.db = argv[optind];
		if (!is_remote(raw.db)) {
			err_set(err,
				"%s: not of the form unix:PATH; the file of the database is given with --db=FILE",
				raw.db);
			return -EINVAL;
		}
	}
	if (o->user != NULL && check_user(o->user, err) != 0)
		return -EINVAL;
	return settle(o, &raw, err);
}

void
options_uninit(struct options *o)
{
	free(o->rundir);
	free(o->db_path);
	free(o->pidfile);
	free(o->log_file);
	free(o->unixctl);
	free(o->user);
}
