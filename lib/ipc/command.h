/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IPC_COMMAND_H
#define IPC_COMMAND_H

/* command: the control socket of a daemon: named commands with text arguments, text answers.
 *
 * Model    JSON-RPC 1.0 on a unix socket: method = name of the command, params = list of strings, result
 *          = text, error = text.  It is the protocol of ovs-appctl.  Commands are rows of const tables
 *          that the composition adds.  An answer may come later than the call.
 *          A first parameter "--json" asks for JSON: 'command_is_json()' is true, the parameter is taken
 *          away, and the result is a JSON value instead of a text.
 * Rules    U1 each call gets exactly one answer, unless its connection dies first.
 *          U2 the answers of one connection may come in another order than its calls; their ids tell.
 *          U3 wrong names and wrong numbers of arguments never reach a command.
 * Life     command_server_create() -> command_add()* -> calls -> command_server_destroy(), which drops
 *          the calls that still wait: their contexts must not be used any more.
 * Owner    Tables are borrowed for the life of the server.  A context belongs to the server and dies with
 *          its answer.
 * Threads  The thread of the loop.
 * Cost     Linear in nothing that matters; one connection per client.
 * See      command_client.h, tests/unit/ipc/command_test.c. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct err;
struct loop;
struct command_ctx;
struct command_server;

struct command {
	const char *name; /* "fdb/show". */
	const char *usage; /* Arguments as list-commands prints them: "[bridge]"; "" for none. */
	int min_args; /* Fewest arguments, the name excluded. */
	int max_args; /* Most arguments; -1: no limit. */
	/* 'argv[0]' is the name, 'argc' counts it; 'argv[argc]' is NULL.  'argv' is valid until the
	 * answer.  Must answer 'ctx' now or later. */
	void (*run)(struct command_ctx *ctx, int argc, const char *argv[], void *aux);
	void *aux; /* Given to 'run'; if NULL, the one of command_add(). */
};

/* Serves on 'path'; NULL: "<rundir>/<name>.<pid>.ctl".  'name' is the daemon's, 'version' what the
 * command "version" prints.  Built in: list-commands, help, version, vlog/list, vlog/set, vlog/reopen,
 * vlog/close.  Returns: 0, -EADDRINUSE, -errno. */
int command_server_create(struct loop *loop, const char *path, const char *name,
	const char *version, struct command_server **serverp, struct err *err) MUST_CHECK;

/* Closes the socket, unlinks it and drops every connection.  Answers given before are sent first as far
 * as the sockets take them at once.  NULL is allowed. */
void command_server_destroy(struct command_server *server);

/* Path of the socket. */
const char *command_server_path(const struct command_server *server);

/* Adds the 'n' rows of 'table'.  A name that exists is replaced: the later table wins. */
void command_add(struct command_server *server, const struct command *table, size_t n, void *aux);

/* Answers.  Each ends 'ctx'.  A text without final newline is fine.  With --json a text becomes a JSON
 * string. */
void command_reply(struct command_ctx *ctx, const char *text);
void command_reply_error(struct command_ctx *ctx, const char *text);
void command_reply_errorf(struct command_ctx *ctx, const char *fmt, ...) PRINTF_FORMAT(2, 3);
/* Answers with a JSON value; a caller that did not ask for JSON gets its text.  Owner: takes 'json'. */
void command_reply_json(struct command_ctx *ctx, json_t *json);

/* Whether the caller asked for JSON. */
bool command_is_json(const struct command_ctx *ctx);

/* Whether the caller is still there; answering a dead one is allowed and does nothing. */
bool command_is_alive(const struct command_ctx *ctx);

/* Runs one command without a socket; 'reply' is called with the answer ('error' if that is an error
 * text).  For tests and for commands given at start-up. */
typedef void command_done_fn(void *aux, bool error, const json_t *answer);
void command_run(struct command_server *server, int argc, const char *argv[], command_done_fn *done,
	void *aux);

#endif /* IPC_COMMAND_H */
