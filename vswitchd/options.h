/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_OPTIONS_H
#define VSWITCHD_OPTIONS_H

/* options: the daemon's command line.
 * Owner    strings belong to the struct; options_uninit() frees them. */

#include <stdbool.h>

#include "base/compiler.h"

struct err;

struct options {
	const char *program; /* Name it was started by: names pidfile and control socket. */
	char *rundir;
	char *db_path; /* File of the embedded database. */
	char *pidfile; /* NULL: none. */
	char *log_file; /* NULL: none. */
	char *unixctl; /* NULL: <rundir>/<program>.<pid>.ctl. */
	char *user; /* NULL: stay who we are. */
	bool detach;
	bool change_dir;
	bool done; /* --help or --version was answered: exit with 0. */
};

/* Parses the command line and applies what concerns logging levels and directories.
 * Returns: 0, or -EINVAL with 'err' when the command line makes no sense. */
int options_parse(struct options *, int argc, char *argv[], struct err *err) MUST_CHECK;
/* What --version and the control socket's "version" print; depends on the name that the daemon was started by. */
const char *options_banner(const struct options *);
void options_uninit(struct options *);

#endif /* VSWITCHD_OPTIONS_H */
