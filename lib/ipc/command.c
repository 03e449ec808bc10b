/* SPDX-License-Identifier: Apache-2.0 */
/* command: the server side of the control socket.
 *
 * A call becomes a context that lives until its answer.  When the connection of a waiting context dies,
 * the context stays, as an orphan, because the command still holds it and will answer. */

#include "ipc/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/list.h"
#define LOG_THIS LOG_unixctl
#include "base/log.h"
#include "base/shash.h"
#include "base/str.h"
#include "ipc/json.h"
#include "ipc/jsonrpc.h"
#include "ipc/stream.h"

#define COMMAND_MAX_BYTES ((size_t)8 << 20)
#define COMMAND_MAX_BACKLOG ((size_t)1 << 30) /* Answers are ours: flow dumps may be long. */

struct command_server {
	struct loop *loop;
	struct pstream *listener;
	char *path;
	char *version;
	struct shash commands; /* Name -> struct entry. */
	struct list conns; /* Of struct conn. */
	struct list orphans; /* Of struct command_ctx without a connection. */
};

struct entry {
	const struct command *command;
	void *aux;
};

struct conn {
	struct list node; /* In 'server->conns'. */
	struct command_server *server;
	struct jsonrpc *rpc;
	struct list ctxs; /* Of struct command_ctx: calls that wait for their answers. */
};

struct command_ctx {
	struct list node; /* In 'conn->ctxs' or 'server->orphans'. */
	struct conn *conn; /* NULL for an orphan and for command_run(). */
	json_t *id;
	bool json; /* The caller asked for JSON. */
	char **argv; /* 'argc' strings and a NULL. */
	int argc;
	command_done_fn *done; /* Of command_run(), else NULL. */
	void *done_aux;
};

static void
ctx_destroy(struct command_ctx *ctx)
{
	list_remove(&ctx->node);
	for (int i = 0; i < ctx->argc; i++)
		free(ctx->argv[i]);
	free(ctx->argv);
	json_decref(ctx->id);
	free(ctx);
}

/* Ends 'ctx' with 'answer', which it takes. */
static void
ctx_answer(struct command_ctx *ctx, bool error, json_t *answer)
{
	if (ctx->done != NULL) {
		ctx->done(ctx->done_aux, error, answer);
		json_decref(answer);
	} else if (ctx->conn == NULL) {
		json_decref(answer);
	} else if (error) {
		jsonrpc_send(
			ctx->conn->rpc, jsonrpc_msg_create_error(answer, json_incref(ctx->id)));
	} else {
		jsonrpc_send(
			ctx->conn->rpc, jsonrpc_msg_create_reply(answer, json_incref(ctx->id)));
	}
	ctx_destroy(ctx);
}

/* 'text' as a JSON string that ends with a newline if it is not empty: clients print it as it is. */
static json_t *
text_answer(const char *text)
{
	size_t len = strlen(text);
	json_t *json;
	char *line;

	if (len == 0 || text[len - 1] == '\n')
		return json_from_text(text);
	line = xasprintf("%s\n", text);
	json = json_from_text(line);
	free(line);
	return json;
}

static void
run_list_commands(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *aux)
{
	struct command_server *server = aux;
	const struct shash_node **nodes = shash_sorted(&server->commands);
	json_t *json = json_array();
	struct str out = STR_INIT;

	str_puts(&out, "The available commands are:\n");
	for (size_t i = 0; i < shash_count(&server->commands); i++) {
		const struct entry *e = nodes[i]->data;

		str_printf(&out, "  %-23s %s\n", e->command->name, e->command->usage);
		json_array_append_new(json,
			json_pack("{s:s, s:s}", "name", e->command->name, "usage",
				e->command->usage));
	}
	free(nodes);
	if (ctx->json) {
		command_reply_json(ctx, json);
	} else {
		command_reply(ctx, str_cstr(&out));
		json_decref(json);
	}
	str_uninit(&out);
}

static void
run_version(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *aux)
{
	const struct command_server *server = aux;

	command_reply(ctx, server->version);
}

static void
run_vlog_set(struct command_ctx *ctx, int argc, const char *argv[], void *aux UNUSED)
{
	struct err err = ERR_INIT;

	for (int i = 1; i < argc; i++) {
		if (log_set_level(argv[i], &err) != 0) {
			command_reply_error(ctx, err.text);
			return;
		}
	}
	command_reply(ctx, "");
}

static void
run_vlog_list(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *aux UNUSED)
{
	char *text = log_list_levels();

	command_reply(ctx, text);
	free(text);
}

static void
run_vlog_reopen(
	struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *aux UNUSED)
{
	struct err err = ERR_INIT;

	if (log_reopen_file(&err) != 0)
		command_reply_error(ctx, err.text);
	else
		command_reply(ctx, "");
}

static void
run_vlog_close(
	struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *aux UNUSED)
{
	log_close_file();
	command_reply(ctx, "");
}

static const struct command builtin_commands[] = {
	{ "list-commands", "", 0, 0, run_list_commands, NULL },
	{ "help", "", 0, 0, run_list_commands, NULL },
	{ "version", "", 0, 0, run_version, NULL },
	{ "vlog/list", "", 0, 0, run_vlog_list, NULL },
	{ "vlog/set", "[MODULE|ANY][:DESTINATION][:LEVEL]...", 1, -1, run_vlog_set, NULL },
	{ "vlog/reopen", "", 0, 0, run_vlog_reopen, NULL },
	{ "vlog/close", "", 0, 0, run_vlog_close, NULL },
};

/* Takes the leading "--json" away from the arguments of 'ctx'. */
static void
ctx_take_json_flag(struct command_ctx *ctx)
{
	if (ctx->argc < 2 || strcmp(ctx->argv[1], "--json") != 0)
		return;
	ctx->json = true;
	free(ctx->argv[1]);
	memmove(&ctx->argv[1], &ctx->argv[2], (size_t)(ctx->argc - 1) * sizeof ctx->argv[0]);
	ctx->argc--;
}

/* Runs the command that 'ctx' names, or answers why not. */
static void
dispatch(struct command_server *server, struct command_ctx *ctx)
{
	const char *name = ctx->argv[0];
	const struct entry *e = shash_find(&server->commands, name);
	const struct command *c;
	int n_args;

	ctx_take_json_flag(ctx);
	n_args = ctx->argc - 1;
	if (e == NULL) {
		command_reply_errorf(ctx,
			"\"%s\" is not a valid command (use \"list-commands\" to see those that are)",
			name);
		return;
	}
	c = e->command;
	if (n_args < c->min_args) {
		command_reply_errorf(
			ctx, "\"%s\" command requires at least %d arguments", name, c->min_args);
	} else if (c->max_args >= 0 && n_args > c->max_args) {
		command_reply_errorf(
			ctx, "\"%s\" command takes at most %d arguments", name, c->max_args);
	} else {
		LOG_DBG("running command \"%s\" with %d arguments", name, n_args);
		c->run(ctx, ctx->argc, (const char **)ctx->argv, c->aux != NULL ? c->aux : e->aux);
	}
}

static struct command_ctx *
ctx_create(size_t n_strings)
{
	struct command_ctx *ctx = xzalloc(sizeof *ctx);

	list_init(&ctx->node);
	ctx->argv = xcalloc(n_strings + 1, sizeof *ctx->argv);
	return ctx;
}

static void
conn_message(void *aux, struct jsonrpc *rpc, struct jsonrpc_msg *msg)
{
	struct conn *conn = aux;
	struct command_ctx *ctx;
	bool strings = true;
	json_t *param;
	size_t i;

	if (msg->type != JSONRPC_REQUEST) {
		LOG_WARN_RL("%s: unexpected JSON-RPC %s", jsonrpc_name(rpc),
			jsonrpc_type_name(msg->type));
		jsonrpc_msg_destroy(msg);
		return;
	}
	ctx = ctx_create(json_array_size(msg->params) + 1);
	ctx->conn = conn;
	ctx->id = json_incref(msg->id);
	ctx->argv[ctx->argc++] = xstrdup(msg->method);
	json_array_foreach(msg->params, i, param)
	{
		if (json_is_string(param))
			ctx->argv[ctx->argc++] = xstrdup(json_string_value(param));
		else
			strings = false;
	}
	list_push_back(&conn->ctxs, &ctx->node);
	jsonrpc_msg_destroy(msg);
	if (strings)
		dispatch(conn->server, ctx);
	else
		command_reply_error(ctx, "the parameters of a command must be strings");
}

static void
conn_destroy(struct conn *conn)
{
	while (!list_is_empty(&conn->ctxs)) {
		struct command_ctx *ctx =
			CONTAINER_OF(list_pop_front(&conn->ctxs), struct command_ctx, node);

		ctx->conn = NULL;
		list_push_back(&conn->server->orphans, &ctx->node);
	}
	list_remove(&conn->node);
	jsonrpc_destroy(conn->rpc);
	free(conn);
}

static void
conn_closed(void *aux, struct jsonrpc *rpc UNUSED, int error UNUSED, const char *why)
{
	struct conn *conn = aux;

	LOG_DBG("%s: %s", jsonrpc_name(rpc), why);
	conn_destroy(conn);
}

static const struct jsonrpc_ops conn_ops = {
	.message = conn_message,
	.closed = conn_closed,
};

static void
accepted(void *aux, struct stream *stream)
{
	struct command_server *server = aux;
	struct json_limits limits = { .max_bytes = COMMAND_MAX_BYTES };
	struct conn *conn = xzalloc(sizeof *conn);
	int error = jsonrpc_create(server->loop, stream, &conn_ops, conn, &conn->rpc);

	if (error != 0) {
		LOG_WARN_RL("%s: cannot serve a connection: %s", server->path, strerror(-error));
		free(conn);
		return;
	}
	jsonrpc_set_limits(conn->rpc, &limits);
	jsonrpc_set_max_backlog(conn->rpc, COMMAND_MAX_BACKLOG);
	conn->server = server;
	list_init(&conn->ctxs);
	list_push_back(&server->conns, &conn->node);
}

int
command_server_create(struct loop *loop, const char *path, const char *name, const char *version,
	struct command_server **serverp, struct err *err)
{
	struct command_server *server = xzalloc(sizeof *server);
	char *listen_name;
	int error;

	*serverp = NULL;
	server->loop = loop;
	server->version = xstrdup(version);
	server->path = path != NULL ? xstrdup(path)
				    : xasprintf("%s/%s.%ld.ctl", fs_rundir(), name, (long)getpid());
	shash_init(&server->commands);
	list_init(&server->conns);
	list_init(&server->orphans);
	command_add(server, builtin_commands, ARRAY_SIZE(builtin_commands), server);
	listen_name = xasprintf("punix:%s", server->path);
	error = pstream_open(loop, listen_name, 0, accepted, server, &server->listener, err);
	free(listen_name);
	if (error != 0) {
		command_server_destroy(server);
		return error;
	}
	*serverp = server;
	return 0;
}

void
command_server_destroy(struct command_server *server)
{
	struct shash_node *node;

	if (server == NULL)
		return;
	pstream_destroy(server->listener);
	while (!list_is_empty(&server->conns))
		conn_destroy(CONTAINER_OF(list_front(&server->conns), struct conn, node));
	while (!list_is_empty(&server->orphans))
		ctx_destroy(CONTAINER_OF(list_front(&server->orphans), struct command_ctx, node));
	SHASH_FOREACH(node, &server->commands)
	free(node->data);
	shash_uninit(&server->commands);
	free(server->path);
	free(server->version);
	free(server);
}

const char *
command_server_path(const struct command_server *server)
{
	return server->path;
}

void
command_add(struct command_server *server, const struct command *table, size_t n, void *aux)
{
	for (size_t i = 0; i < n; i++) {
		struct entry *e = shash_find(&server->commands, table[i].name);

		if (e == NULL) {
			e = xzalloc(sizeof *e);
			shash_add(&server->commands, table[i].name, e);
		}
		e->command = &table[i];
		e->aux = aux;
	}
}

void
command_reply(struct command_ctx *ctx, const char *text)
{
	ctx_answer(ctx, false, ctx->json ? json_from_text(text) : text_answer(text));
}

void
command_reply_error(struct command_ctx *ctx, const char *text)
{
	ctx_answer(ctx, true, text_answer(text));
}

void
command_reply_errorf(struct command_ctx *ctx, const char *fmt, ...)
{
	struct str text = STR_INIT;
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	command_reply_error(ctx, str_cstr(&text));
	str_uninit(&text);
}

void
command_reply_json(struct command_ctx *ctx, json_t *json)
{
	char *text;

	if (ctx->json) {
		ctx_answer(ctx, false, json);
		return;
	}
	text = json_format(json, JSON_FORMAT_PRETTY);
	json_decref(json);
	ctx_answer(ctx, false, text_answer(text));
	free(text);
}

bool
command_is_json(const struct command_ctx *ctx)
{
	return ctx->json;
}

bool
command_is_alive(const struct command_ctx *ctx)
{
	return ctx->conn != NULL || ctx->done != NULL;
}

void
command_run(struct command_server *server, int argc, const char *argv[], command_done_fn *done,
	void *aux)
{
	struct command_ctx *ctx = ctx_create((size_t)argc);

	for (int i = 0; i < argc; i++)
		ctx->argv[ctx->argc++] = xstrdup(argv[i]);
	ctx->done = done;
	ctx->done_aux = aux;
	list_push_back(&server->orphans, &ctx->node);
	dispatch(server, ctx);
}
