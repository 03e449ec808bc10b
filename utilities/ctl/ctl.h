/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

/* ctl: the command line tool: what a command is and what it is given.
 *
 * Model    One table (table.c) has a row per command.  main.c reads options, finds the row and hands the call to the group's
 *          driver: vsctl (configuration and database, several commands in one transaction), ofctl (OpenFlow), or the run function
 *          itself (runtime).  doc.c writes help, man page and completion from the same table.
 * Rules    C1 A run function appends what is to be read to call->out, or sets call->table or call->json; it prints nothing
 *             while a transaction may be tried again.
 * Owner    A call owns its output; arguments are borrowed from main().
 * Threads  one. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/smap.h"
#include "base/str.h"
#include "output.h"

struct err;
struct ctl_call;
struct vsctl;

/* As which tool it was called. */
enum ctl_style {
	CTL_STYLE_SLUICECTL,
	CTL_STYLE_VSCTL,
	CTL_STYLE_OFCTL,
	CTL_STYLE_APPCTL,
};

enum ctl_group {
	CTL_GROUP_CONFIG,
	CTL_GROUP_DATABASE,
	CTL_GROUP_OPENFLOW,
	CTL_GROUP_RUNTIME,
	N_CTL_GROUPS
};

#define CTL_ANY_ARGS 100000

/* Returns: 0, or -errno with 'err', or -ECANCELED: end at once with call->exit_status. */
typedef int ctl_run_fn(struct ctl_call *call, struct err *err);

struct ctl_command {
	const char *name;
	const char *usage; /* The arguments, for people. */
	const char *summary; /* What it does, for people. */
	int min_args, max_args; /* How many arguments. */
	enum ctl_group group;
	ctl_run_fn *run;
	const char *options; /* Its own: "--may-exist,--id=", '=' for those with a value. */
};

extern const struct ctl_command ctl_commands[];
extern const size_t n_ctl_commands;

/* What the options said. */
struct ctl {
	enum ctl_style style;
	const char *prog; /* For messages. */
	const char *db; /* Where the database is; NULL: in the run directory. */
	const char *target; /* The daemon's socket or name; NULL: found out. */
	int64_t deadline_ms; /* Time of clock_ms(); INT64_MAX: never. */
	int timeout_s; /* As given; 0: none. */
	bool no_wait; /* For the daemon. */
	bool retry; /* To connect. */
	bool dry_run; /* Commit nothing. */
	bool oneline; /* A line per command. */
	bool json; /* For programs. */
	struct output_style output; /* Of tables. */
	uint32_t versions; /* Of OpenFlow, a set. */
	bool strict; /* mod-flows and del-flows take the match to the letter. */
	int names; /* Ports and tables by name: 0, 1, or -1: if people look. */
	bool no_stats; /* Rules without counters. */
	int sort; /* Of rules: 0 as they come, 1 up, -1 down. */
	const char *sort_field; /* NULL: by priority. */
};

/* One command as it was written. */
struct ctl_call {
	struct ctl *ctl;
	const struct ctl_command *cmd;
	const char **args; /* 'args[0]' is the command's name. */
	int n_args; /* With the name. */
	struct smap options; /* Its own, "" for those without a value. */
	struct vsctl *vs; /* Of the configuration groups. */
	struct str out; /* What people read. */
	struct output_table *table; /* Or a table of values, or NULL. */
	json_t *json; /* What programs read, or NULL. */
	const char *created; /* Name of the row (--id), of create and get. */
	int exit_status; /* With -ECANCELED. */
};

/* The command called 'name', or NULL. */
const struct ctl_command *ctl_command_find(const char *name);

/* The value of an option of the call, "" if it has none, NULL if it was not given. */
const char *ctl_option(const struct ctl_call *call, const char *name);

/* Milliseconds to the deadline, -1 for ever. */
int ctl_time_left(const struct ctl *ctl);

/* Reads options and commands, in one transaction, of the configuration groups.  Returns: the exit status. */
int vsctl_main(struct ctl *ctl, struct ctl_call *calls, size_t n);

/* The path of the daemon's control socket.  Returns: 0 or -errno.  Owner: the caller's. */
int MUST_CHECK appctl_target(const struct ctl *ctl, char **pathp, struct err *err);
/* Sends the call to the daemon.  Returns: the exit status. */
int appctl_main(struct ctl *ctl, const char *const *args, size_t n);

/* Documentation from the table: to the standard output. */
void doc_help(const struct ctl *ctl, const char *word);
void doc_man(void);
void doc_completion(void);
void doc_list_commands(const struct ctl *ctl);

/* The options of main.c, for doc.c. */
struct ctl_option_info {
	const char *name; /* Without the dashes. */
	char letter; /* Or 0. */
	int has_arg; /* 0, 1, or 2: may have one. */
	unsigned int styles; /* Bit: enum ctl_style. */
	const char *arg; /* Name of the value, for people. */
	const char *summary;
};
extern const struct ctl_option_info ctl_options[];
extern const size_t n_ctl_options;

/* Run functions of vsctl_bridge.c. */
ctl_run_fn ctl_run_add_br;
ctl_run_fn ctl_run_del_br;
ctl_run_fn ctl_run_list_br;
ctl_run_fn ctl_run_br_exists;
ctl_run_fn ctl_run_br_to_vlan;
ctl_run_fn ctl_run_br_to_parent;
ctl_run_fn ctl_run_br_set_external_id;
ctl_run_fn ctl_run_br_get_external_id;

/* Run functions of vsctl_port.c. */
ctl_run_fn ctl_run_list_ports;
ctl_run_fn ctl_run_add_port;
ctl_run_fn ctl_run_add_bond;
ctl_run_fn ctl_run_del_port;
ctl_run_fn ctl_run_port_to_br;
ctl_run_fn ctl_run_list_ifaces;
ctl_run_fn ctl_run_iface_to_br;

/* Run functions of vsctl_misc.c. */
ctl_run_fn ctl_run_init;
ctl_run_fn ctl_run_show;
ctl_run_fn ctl_run_emer_reset;
ctl_run_fn ctl_run_get_controller;
ctl_run_fn ctl_run_set_controller;
ctl_run_fn ctl_run_del_controller;
ctl_run_fn ctl_run_get_fail_mode;
ctl_run_fn ctl_run_set_fail_mode;
ctl_run_fn ctl_run_del_fail_mode;
ctl_run_fn ctl_run_get_manager;
ctl_run_fn ctl_run_set_manager;
ctl_run_fn ctl_run_del_manager;
ctl_run_fn ctl_run_get_ssl;
ctl_run_fn ctl_run_set_ssl;
ctl_run_fn ctl_run_del_ssl;
ctl_run_fn ctl_run_comment;

/* Run functions of vsctl_db.c. */
ctl_run_fn ctl_run_list;
ctl_run_fn ctl_run_find;
ctl_run_fn ctl_run_get;
ctl_run_fn ctl_run_wait_until;

/* Run functions of vsctl_edit.c. */
ctl_run_fn ctl_run_set;
ctl_run_fn ctl_run_add;
ctl_run_fn ctl_run_remove;
ctl_run_fn ctl_run_clear;
ctl_run_fn ctl_run_create;
ctl_run_fn ctl_run_destroy;

/* Run functions of ofctl_show.c. */
ctl_run_fn ctl_run_of_show;
ctl_run_fn ctl_run_of_dump_desc;
ctl_run_fn ctl_run_of_dump_tables;
ctl_run_fn ctl_run_of_dump_ports;
ctl_run_fn ctl_run_of_dump_ports_desc;
ctl_run_fn ctl_run_of_get_frags;
ctl_run_fn ctl_run_of_set_frags;
ctl_run_fn ctl_run_of_probe;
ctl_run_fn ctl_run_of_ping;
ctl_run_fn ctl_run_of_monitor;
ctl_run_fn ctl_run_of_snoop;
ctl_run_fn ctl_run_of_mod_port;

/* Run functions of ofctl_flow.c. */
ctl_run_fn ctl_run_of_dump_flows;
ctl_run_fn ctl_run_of_dump_aggregate;
ctl_run_fn ctl_run_of_add_flow;
ctl_run_fn ctl_run_of_add_flows;
ctl_run_fn ctl_run_of_mod_flows;
ctl_run_fn ctl_run_of_del_flows;
ctl_run_fn ctl_run_of_replace_flows;
ctl_run_fn ctl_run_of_diff_flows;
ctl_run_fn ctl_run_of_packet_out;
ctl_run_fn ctl_run_of_parse_flow;
ctl_run_fn ctl_run_of_parse_flows;

#endif /* CTL_CTL_H */
