/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime verbs: what is typed goes to the daemon's control socket, what it answers is printed. */

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "ctl.h"
#include "ipc/command_client.h"

/* The one control socket in the run directory, or NULL. */
static char *
only_socket(void)
{
	char *pattern = xasprintf("%s/*.ctl", fs_rundir()), *path = NULL;
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1)
		path = xstrdup(found.gl_pathv[0]);
	globfree(&found);
	free(pattern);
	return path;
}

int
appctl_target(const struct ctl *ctl, char **pathp, struct err *err)
{
	int error;

	if (ctl->target != NULL)
		return command_client_resolve(ctl->target, pathp, err);
	if (ctl->style == CTL_STYLE_APPCTL)
		return command_client_resolve(NULL, pathp, err);
	error = command_client_resolve("sluice-vswitchd", pathp, NULL);
	if (error != 0)
		error = command_client_resolve("ovs-vswitchd", pathp, err);
	if (error == 0)
		return 0;
	*pathp = only_socket();
	return *pathp != NULL ? 0 : error;
}

int
appctl_main(struct ctl *ctl, const char *const *args, size_t n)
{
	const char **words = xcalloc(n + 1, sizeof *words);
	char *path = NULL, *error_text = NULL;
	struct err err = ERR_INIT;
	json_t *result = NULL;
	size_t n_words = 0;
	int left, error, status = 1;

	if (ctl->json)
		words[n_words++] = "--json";
	for (size_t i = 1; i < n; i++)
		words[n_words++] = args[i];
	error = appctl_target(ctl, &path, &err);
	left = ctl_time_left(ctl);
	if (error == 0)
		error = command_client_call(path, args[0], words, n_words,
			left < 0            ? 0
				: left == 0 ? 1
					    : left,
			&result, &error_text, &err);
	if (error == -EREMOTEIO) {
		size_t len = strlen(error_text);

		fprintf(stderr, "%s%s", error_text,
			len == 0 || error_text[len - 1] != '\n' ? "\n" : "");
		fprintf(stderr, "%s: %s: server returned an error\n", ctl->prog,
			ctl->target != NULL ? ctl->target : path);
		status = 2;
	} else if (error != 0) {
		fprintf(stderr, "%s: %s\n", ctl->prog, err.text);
	} else {
		struct str out = STR_INIT;

		if (json_is_string(result))
			str_puts(&out, json_string_value(result));
		else
			output_json(result, ctl->output.pretty, &out);
		if (ctl->json && out.len > 0 && str_cstr(&out)[out.len - 1] != '\n')
			str_putc(&out, '\n');
		fwrite(str_cstr(&out), 1, out.len, stdout);
		str_uninit(&out);
		status = 0;
	}
	json_decref(result);
	free(error_text);
	free(path);
	free(words);
	return status;
}
