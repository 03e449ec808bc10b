/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_COMMANDS_H
#define VSWITCHD_COMMANDS_H

/* commands: the runtime commands of the daemon ("fdb/show", "dpctl/dump-flows", "drops/show"...).
 *
 * Model    Rows of const tables added to the control socket's server.  Texts are laid out as users of ovs-appctl expect;
 *          a command that shows a table gives JSON when asked.  What the commands cannot find out from pipeline and
 *          datapath they ask of 'struct commands_env'.
 * Owner    'struct commands' is freed by commands_remove(), after the command server is gone; the environment's members are
 *          borrowed for that long.
 * Threads  main. */

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct command_ctx;
struct command_server;
struct commands;
struct datapath;
struct pipeline;
struct port;
struct smap;

/* Any function may be NULL: then that is not known, or cannot be done. */
struct commands_env {
	void *aux; /* Given to each function. */

	/* The daemon is to end; 'ctx' is answered when it did, or just before.  'cleanup': remove what the daemon made.
	 * Owner: takes 'ctx'. */
	void (*exit)(void *aux, struct command_ctx *ctx, bool cleanup);

	/* The port of a datapath port number, or NULL. */
	const struct port *(*find_port)(void *aux, uint32_t dp_port);

	/* Adds what "memory/show" tells beyond rules, ports and flows: name -> number. */
	void (*memory)(void *aux, struct smap *usage);
};

/* Adds all commands to 'server'. */
struct commands *commands_add(struct command_server *server, struct pipeline *pipeline,
	struct datapath *datapath, const struct commands_env *env);

/* Frees what is left, after pipeline_destroy() and command_server_destroy(): neither may call back any more.  Accepts NULL. */
void commands_remove(struct commands *commands);

#endif /* VSWITCHD_COMMANDS_H */
