/* SPDX-License-Identifier: Apache-2.0 */
/* jsonrpc_msg: JSON-RPC 1.0 messages as structs.
 *
 * What comes in is read liberally where other implementations differ (members that are null may be left
 * out, unknown members are ignored), and strictly where a wrong guess would hurt. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fatal.h"
#include "ipc/json.h"
#include "ipc/jsonrpc.h"

static struct jsonrpc_msg *
msg_create(enum jsonrpc_type type)
{
	struct jsonrpc_msg *msg = xzalloc(sizeof *msg);

	msg->type = type;
	return msg;
}

struct jsonrpc_msg *
jsonrpc_msg_create_request(const char *method, json_t *params, json_t **idp)
{
	static json_int_t next_id;
	struct jsonrpc_msg *msg = msg_create(JSONRPC_REQUEST);

	msg->method = xstrdup(method);
	msg->params = params;
	msg->id = json_integer(next_id++);
	if (idp != NULL)
		*idp = json_incref(msg->id);
	return msg;
}

struct jsonrpc_msg *
jsonrpc_msg_create_notify(const char *method, json_t *params)
{
	struct jsonrpc_msg *msg = msg_create(JSONRPC_NOTIFY);

	msg->method = xstrdup(method);
	msg->params = params;
	return msg;
}

struct jsonrpc_msg *
jsonrpc_msg_create_reply(json_t *result, json_t *id)
{
	struct jsonrpc_msg *msg = msg_create(JSONRPC_REPLY);

	msg->result = result;
	msg->id = id;
	return msg;
}

struct jsonrpc_msg *
jsonrpc_msg_create_error(json_t *error, json_t *id)
{
	struct jsonrpc_msg *msg = msg_create(JSONRPC_ERROR);

	msg->error = error;
	msg->id = id;
	return msg;
}

void
jsonrpc_msg_destroy(struct jsonrpc_msg *msg)
{
	if (msg == NULL)
		return;
	free(msg->method);
	json_decref(msg->params);
	json_decref(msg->result);
	json_decref(msg->error);
	json_decref(msg->id);
	free(msg);
}

/* Member 'name' of 'json', NULL also for JSON null. */
static json_t *
member(const json_t *json, const char *name)
{
	json_t *value = json_object_get(json, name);

	return json_is_null(value) ? NULL : value;
}

static int
call_from_json(const json_t *json, const json_t *method, struct jsonrpc_msg *msg, struct err *err)
{
	json_t *params = json_object_get(json, "params");
	json_t *id = member(json, "id");

	if (!json_is_string(method)) {
		err_set(err, "the method of a JSON-RPC message is not a string but of type %s",
			json_type_name(method));
		return -EPROTO;
	}
	if (!json_is_array(params)) {
		err_set(err, "the params of JSON-RPC method \"%s\" are not an array but of type %s",
			json_string_value(method), json_type_name(params));
		return -EPROTO;
	}
	msg->type = id != NULL ? JSONRPC_REQUEST : JSONRPC_NOTIFY;
	msg->method = xstrdup(json_string_value(method));
	msg->params = json_incref(params);
	msg->id = json_incref(id);
	return 0;
}

static int
answer_from_json(const json_t *json, struct jsonrpc_msg *msg, struct err *err)
{
	json_t *result = json_object_get(json, "result");
	json_t *error = member(json, "error");
	json_t *id = member(json, "id");

	if (id == NULL || (result == NULL && error == NULL)) {
		err_set(err, "a JSON-RPC message is neither a call nor an answer");
		return -EPROTO;
	}
	if (error != NULL && result != NULL && !json_is_null(result)) {
		err_set(err, "a JSON-RPC answer has both a result and an error");
		return -EPROTO;
	}
	msg->type = error != NULL ? JSONRPC_ERROR : JSONRPC_REPLY;
	msg->id = json_incref(id);
	if (error != NULL)
		msg->error = json_incref(error);
	else
		msg->result = json_incref(result);
	return 0;
}

int
jsonrpc_msg_from_json(const json_t *json, struct jsonrpc_msg **msgp, struct err *err)
{
	struct jsonrpc_msg *msg;
	json_t *method;
	int error;

	*msgp = NULL;
	if (!json_is_object(json)) {
		err_set(err, "a JSON-RPC message is not an object but of type %s",
			json_type_name(json));
		return -EPROTO;
	}
	msg = xzalloc(sizeof *msg);
	method = member(json, "method");
	error = method != NULL ? call_from_json(json, method, msg, err)
			       : answer_from_json(json, msg, err);
	if (error != 0) {
		jsonrpc_msg_destroy(msg);
		return error;
	}
	*msgp = msg;
	return 0;
}

/* Sets member 'name' to 'value', or to null. */
static void
put(json_t *json, const char *name, json_t *value)
{
	int error =
		json_object_set_new(json, name, value != NULL ? json_incref(value) : json_null());

	BUG_ON(error != 0);
}

json_t *
jsonrpc_msg_to_json(const struct jsonrpc_msg *msg)
{
	json_t *json = json_object();

	BUG_ON(json == NULL);
	put(json, "id", msg->id);
	if (msg->type == JSONRPC_REQUEST || msg->type == JSONRPC_NOTIFY) {
		json_t *method = json_string(msg->method);

		/* NULL for a name that is not UTF-8: our own names are literals. */
		BUG_ON(method == NULL);
		put(json, "method", method);
		json_decref(method);
		put(json, "params", msg->params);
	} else {
		put(json, "result", msg->result);
		put(json, "error", msg->error);
	}
	return json;
}

const char *
jsonrpc_type_name(enum jsonrpc_type type)
{
	switch (type) {
	case JSONRPC_REQUEST: return "request";
	case JSONRPC_NOTIFY: return "notification";
	case JSONRPC_REPLY: return "reply";
	case JSONRPC_ERROR: return "error";
	case N_JSONRPC_TYPES: break;
	}
	return "unknown";
}
