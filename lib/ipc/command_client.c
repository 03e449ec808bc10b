/* SPDX-License-Identifier: Apache-2.0 */
/* command_client: calls a daemon's control socket and waits.
 *
 * The way from a daemon's name to its socket leads through the pidfile and the lock on it. */

#include "ipc/command_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "ipc/json.h"
#include "ipc/rpc_client.h"

int
command_client_resolve(const char *target, char **pathp, struct err *err)
{
	char *pidfile;
	pid_t pid = 0;
	int error;

	*pathp = NULL;
	if (target == NULL)
		target = "ovs-vswitchd";
	if (target[0] == '/') {
		*pathp = xstrdup(target);
		return 0;
	}
	pidfile = xasprintf("%s/%s.pid", fs_rundir(), target);
	error = fs_pidfile_read(pidfile, &pid, err);
	free(pidfile);
	if (error == 0)
		*pathp = xasprintf("%s/%s.%ld.ctl", fs_rundir(), target, (long)pid);
	return error;
}

int
command_client_call(const char *path, const char *method, const char *const args[], size_t n,
	int64_t timeout_ms, json_t **resultp, char **errorp, struct err *err)
{
	int64_t deadline_ms = timeout_ms > 0 ? clock_ms() + timeout_ms : RPC_CLIENT_FOREVER;
	char *name = xasprintf("unix:%s", path);
	struct rpc_client *client;
	json_t *error_json = NULL;
	json_t *params;
	int error;

	*resultp = NULL;
	*errorp = NULL;
	error = rpc_client_open(name, deadline_ms, &client, err);
	free(name);
	if (error != 0)
		return error;
	params = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(params, json_from_text(args[i]));
	error = rpc_client_call(client, method, params, deadline_ms, resultp, &error_json, err);
	if (error == -EREMOTEIO) {
		*errorp = json_is_string(error_json) ? xstrdup(json_string_value(error_json))
						     : json_format(error_json, 0);
	}
	json_decref(error_json);
	rpc_client_close(client);
	return error;
}
