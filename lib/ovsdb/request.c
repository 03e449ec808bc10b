/* SPDX-License-Identifier: Apache-2.0 */
/* The methods of RFC 7047 and its extensions.
 *
 * One function per method: reads params, answers with a result or an error. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "ipc/json.h"
#include "ipc/jsonrpc.h"
#include "ipc/session.h"
#include "ovsdb/error.h"
#include "ovsdb/exec.h"
#include "ovsdb/monitor.h"
#include "ovsdb/server_priv.h"

#define LOG_THIS LOG_ovsdb
#include "base/log.h"

/* Clients that wait for more than this at a time are refused. */
#define MAX_HELD 1000

/* What a method answers with. */
struct answer {
	json_t *result; /* Of success. */
	json_t *error; /* Of failure. */
	bool is_later; /* Somebody else answers, in time. */
};

static void
fail(struct answer *answer, const char *tag, const char *text)
{
	answer->error = text != NULL ? json_pack("{ssss}", "error", tag, "details", text)
				     : json_pack("{ss}", "error", tag);
}

static void
fail_err(struct answer *answer, const struct ovsdb_err *err)
{
	answer->error = ovsdb_err_to_json(err);
}

/* The text under which an id is filed. */
static char *
id_to_key(const json_t *id)
{
	return json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
}

/* The database that the first of 'params' names, or NULL with 'answer' set. */
static struct ovsdb_served *
get_db(struct ovsdb_client *client, const json_t *params, struct answer *answer)
{
	const char *name = json_string_value(json_array_get(params, 0));
	struct ovsdb_served *served;

	if (name == NULL) {
		fail(answer, OVSDB_TAG_SYNTAX, "the first parameter must name a database");
		return NULL;
	}
	served = ovsdb_server_find_db(client->server, name);
	if (served == NULL)
		fail(answer, "unknown database", "no database of this name is served here");
	return served;
}

static void
do_list_dbs(
	struct ovsdb_client *client, const struct jsonrpc_msg *msg UNUSED, struct answer *answer)
{
	struct ovsdb_served *served;

	answer->result = json_array();
	LIST_FOREACH(served, node, &client->server->dbs)
		json_array_append_new(answer->result, json_string(served->db->schema->name));
}

static void
do_get_schema(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	struct ovsdb_served *served = get_db(client, msg->params, answer);

	if (served != NULL)
		answer->result = json_incref(served->db->schema->json);
}

/* Tries a transaction.  Returns: the results, or NULL if it waits. */
static json_t *
try_transaction(struct ovsdb_client *client, struct ovsdb_served *served, const json_t *params,
	int64_t since_ms, int64_t *deadline_ms)
{
	int64_t now = clock_ms();
	struct ovsdb_exec_env env = {
		.is_read_only = served->is_read_only,
		.elapsed_ms = now - since_ms,
		.owns_lock = ovsdb_lock_is_owner,
		.aux = client,
	};
	int64_t retry_ms = 0;
	json_t *result = ovsdb_exec(served->db, params, &env, &retry_ms);

	*deadline_ms = retry_ms > INT64_MAX - now ? INT64_MAX : now + retry_ms;
	return result;
}

static void
do_transact(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	struct ovsdb_served *served = get_db(client, msg->params, answer);
	int64_t now = clock_ms(), deadline;
	struct ovsdb_held *held;

	if (served == NULL)
		return;
	answer->result = try_transaction(client, served, msg->params, now, &deadline);
	if (answer->result != NULL)
		return;
	if (list_size(&client->held) >= MAX_HELD) {
		fail(answer, "resources exhausted", "too many transactions wait already");
		return;
	}
	held = xzalloc(sizeof *held);
	held->served = served;
	held->params = json_incref(msg->params);
	held->id = json_incref(msg->id);
	held->since_ms = now;
	held->deadline_ms = deadline;
	list_push_back(&client->held, &held->node);
	ovsdb_server_wake_at(client->server, deadline);
	answer->is_later = true;
}

static void
held_destroy(struct ovsdb_held *held)
{
	list_remove(&held->node);
	json_decref(held->params);
	json_decref(held->id);
	free(held);
}

void
ovsdb_request_retry(struct ovsdb_client *client)
{
	struct ovsdb_held *held, *next;

	LIST_FOREACH_SAFE(held, next, node, &client->held) {
		json_t *result = try_transaction(
			client, held->served, held->params, held->since_ms, &held->deadline_ms);

		if (result == NULL) {
			ovsdb_server_wake_at(client->server, held->deadline_ms);
			continue;
		}
		(void)session_send(
			client->session, jsonrpc_msg_create_reply(result, json_incref(held->id)));
		held_destroy(held);
	}
}

static void
do_cancel(struct ovsdb_client *client, const struct jsonrpc_msg *msg)
{
	const json_t *id = json_array_get(msg->params, 0);
	struct ovsdb_held *held, *next;

	LIST_FOREACH_SAFE(held, next, node, &client->held) {
		if (id == NULL || !json_equal(held->id, id))
			continue;
		(void)session_send(client->session,
			jsonrpc_msg_create_error(json_string("canceled"), json_incref(held->id)));
		held_destroy(held);
	}
}

static void
send_update(void *client, const char *method, json_t *params)
{
	ovsdb_client_notify(client, method, params);
}

static void
begin_monitor(struct ovsdb_client *client, const struct jsonrpc_msg *msg,
	enum ovsdb_monitor_version version, struct answer *answer)
{
	struct ovsdb_served *served = get_db(client, msg->params, answer);
	const json_t *id = json_array_get(msg->params, 1);
	size_t n = json_array_size(msg->params);
	struct ovsdb_monitor *monitor;
	struct ovsdb_err err = { 0 };
	json_t *initial;
	char *key, txn_id[UUID_LEN + 1];

	if (served == NULL)
		return;
	if (n != (version == OVSDB_MONITOR_V3 ? 4 : 3)) {
		fail(answer, OVSDB_TAG_SYNTAX, "wrong number of parameters");
		return;
	}
	key = id_to_key(id);
	if (shash_find(&client->monitors, key) != NULL) {
		fail(answer, OVSDB_TAG_SYNTAX, "duplicate monitor ID");
		free(key);
		return;
	}
	if (ovsdb_monitor_create(served->db, version, id, json_array_get(msg->params, 2),
		    send_update, client, &monitor, &err)
		!= 0) {
		fail_err(answer, &err);
		free(key);
		return;
	}
	shash_add(&client->monitors, key, monitor);
	free(key);
	initial = ovsdb_monitor_initial(monitor);
	if (version != OVSDB_MONITOR_V3) {
		answer->result = initial;
		return;
	}
	uuid_format(&served->db->txn_id, txn_id);
	answer->result = json_array();
	json_array_append_new(
		answer->result, json_false()); /* No history is kept: all rows follow. */
	json_array_append_new(answer->result, json_string(txn_id));
	json_array_append_new(answer->result, initial);
}

static void
do_monitor(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	begin_monitor(client, msg, OVSDB_MONITOR_V1, answer);
}

static void
do_monitor_cond(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	begin_monitor(client, msg, OVSDB_MONITOR_V2, answer);
}

static void
do_monitor_cond_since(
	struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	begin_monitor(client, msg, OVSDB_MONITOR_V3, answer);
}

/* Takes the monitor of the id at 'index' of the params out of the client's, or NULL. */
static struct ovsdb_monitor *
take_monitor(struct ovsdb_client *client, const json_t *id)
{
	struct ovsdb_monitor *monitor;
	char *key;

	if (id == NULL)
		return NULL;
	key = id_to_key(id);
	monitor = shash_remove(&client->monitors, key);
	free(key);
	return monitor;
}

static void
add_monitor(struct ovsdb_client *client, const json_t *id, struct ovsdb_monitor *monitor)
{
	char *key = id_to_key(id);

	shash_add(&client->monitors, key, monitor);
	free(key);
}

static void
do_monitor_cancel(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	struct ovsdb_monitor *monitor = take_monitor(client, json_array_get(msg->params, 0));

	if (monitor == NULL) {
		fail(answer, "unknown monitor", NULL);
		return;
	}
	ovsdb_monitor_destroy(monitor);
	answer->result = json_object();
}

static void
do_monitor_cond_change(
	struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	const json_t *old_id = json_array_get(msg->params, 0);
	const json_t *new_id = json_array_get(msg->params, 1);
	const json_t *requests = json_array_get(msg->params, 2);
	struct ovsdb_err err = { 0 };
	struct ovsdb_monitor *monitor;
	char *key;

	if (json_array_size(msg->params) != 3 || !json_is_object(requests)) {
		fail(answer, OVSDB_TAG_SYNTAX, "expected two monitor IDs and an object");
		return;
	}
	monitor = take_monitor(client, old_id);
	if (monitor == NULL) {
		fail(answer, "unknown monitor", NULL);
		return;
	}
	key = id_to_key(new_id);
	if (shash_find(&client->monitors, key) != NULL) {
		fail(answer, OVSDB_TAG_SYNTAX, "duplicate monitor ID");
		add_monitor(client, old_id, monitor);
	} else if (ovsdb_monitor_version(monitor) == OVSDB_MONITOR_V1) {
		fail(answer, OVSDB_TAG_SYNTAX, "the monitor has no conditions");
		add_monitor(client, old_id, monitor);
	} else if (ovsdb_monitor_change(monitor, new_id, requests, &err) != 0) {
		fail_err(answer, &err);
		add_monitor(client, old_id, monitor);
	} else {
		add_monitor(client, new_id, monitor);
		answer->result = json_object();
	}
	free(key);
}

/* Whether 's' may name a lock. */
static bool
is_lock_name(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && s[n] == '\0' && (*s < '0' || *s > '9');
}

/* The only parameter, the name of a lock, or NULL with 'answer' set. */
static const char *
get_lock_name(const struct jsonrpc_msg *msg, struct answer *answer)
{
	const char *name = json_string_value(json_array_get(msg->params, 0));

	if (json_array_size(msg->params) == 1 && name != NULL && is_lock_name(name))
		return name;
	fail(answer, OVSDB_TAG_SYNTAX, "the only parameter must be the name of a lock");
	return NULL;
}

static void
lock(struct ovsdb_client *client, const struct jsonrpc_msg *msg, bool steal, struct answer *answer)
{
	const char *name = get_lock_name(msg, answer);

	if (name == NULL)
		return;
	answer->result = ovsdb_lock_take(client, name, steal);
	if (answer->result == NULL)
		fail(answer, OVSDB_TAG_SYNTAX,
			"\"unlock\" is needed before another \"lock\" or \"steal\"");
}

static void
do_lock(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	lock(client, msg, false, answer);
}

static void
do_steal(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	lock(client, msg, true, answer);
}

static void
do_unlock(struct ovsdb_client *client, const struct jsonrpc_msg *msg, struct answer *answer)
{
	const char *name = get_lock_name(msg, answer);

	if (name == NULL)
		return;
	answer->result = ovsdb_lock_release(client, name);
	if (answer->result == NULL)
		fail(answer, OVSDB_TAG_SYNTAX, "\"unlock\" without \"lock\" or \"steal\"");
}

static void
do_set_db_change_aware(
	struct ovsdb_client *client UNUSED, const struct jsonrpc_msg *msg, struct answer *answer)
{
	/* Databases do not come and go while clients are connected: knowing about it changes nothing. */
	if (json_array_size(msg->params) == 1 && json_is_boolean(json_array_get(msg->params, 0)))
		answer->result = json_object();
	else
		fail(answer, OVSDB_TAG_SYNTAX, "the only parameter must be a boolean");
}

static void
do_get_server_id(
	struct ovsdb_client *client, const struct jsonrpc_msg *msg UNUSED, struct answer *answer)
{
	char id[UUID_LEN + 1];

	uuid_format(&client->server->id, id);
	answer->result = json_string(id);
}

static void
do_echo(struct ovsdb_client *client UNUSED, const struct jsonrpc_msg *msg, struct answer *answer)
{
	answer->result = json_incref(msg->params);
}

static const struct {
	const char *name;
	void (*run)(struct ovsdb_client *, const struct jsonrpc_msg *, struct answer *);
} methods[] = {
	{ "transact", do_transact },
	{ "monitor", do_monitor },
	{ "monitor_cond", do_monitor_cond },
	{ "monitor_cond_since", do_monitor_cond_since },
	{ "monitor_cond_change", do_monitor_cond_change },
	{ "monitor_cancel", do_monitor_cancel },
	{ "lock", do_lock },
	{ "steal", do_steal },
	{ "unlock", do_unlock },
	{ "list_dbs", do_list_dbs },
	{ "get_schema", do_get_schema },
	{ "get_server_id", do_get_server_id },
	{ "set_db_change_aware", do_set_db_change_aware },
	{ "echo", do_echo },
};

static void
handle_request(struct ovsdb_client *client, const struct jsonrpc_msg *msg)
{
	struct answer answer = { 0 };
	size_t i = 0;

	while (i < ARRAY_SIZE(methods) && strcmp(methods[i].name, msg->method) != 0)
		i++;
	if (i < ARRAY_SIZE(methods))
		methods[i].run(client, msg, &answer);
	else
		answer.error = json_string("unknown method");
	if (answer.is_later)
		return;
	(void)session_send(client->session,
		answer.error != NULL
			? jsonrpc_msg_create_error(answer.error, json_incref(msg->id))
			: jsonrpc_msg_create_reply(answer.result, json_incref(msg->id)));
}

void
ovsdb_request_handle(struct ovsdb_client *client, struct jsonrpc_msg *msg)
{
	if (msg->type == JSONRPC_REQUEST)
		handle_request(client, msg);
	else if (msg->type == JSONRPC_NOTIFY && strcmp(msg->method, "cancel") == 0)
		do_cancel(client, msg);
	else
		LOG_DBG("%s: unexpected %s ignored", session_name(client->session),
			jsonrpc_type_name(msg->type));
	jsonrpc_msg_destroy(msg);
}

void
ovsdb_request_drop_all(struct ovsdb_client *client)
{
	const struct shash_node *node;
	struct ovsdb_held *held, *next;

	LIST_FOREACH_SAFE(held, next, node, &client->held)
		held_destroy(held);
	SHASH_FOREACH(node, &client->monitors)
	ovsdb_monitor_destroy(node->data);
	shash_clear(&client->monitors);
	ovsdb_lock_release_all(client);
}
