/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: from files, from switches, to switches. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "ofctl.h"

/* The command at the start of a line, which is taken away. */
static enum of_flow_mod_command
line_command(char **linep)
{
	static const char *const words[N_OF_FLOW_COMMANDS] = { [OF_FLOW_ADD] = "add",
		[OF_FLOW_MODIFY] = "modify",
		[OF_FLOW_MODIFY_STRICT] = "modify_strict",
		[OF_FLOW_DELETE] = "delete",
		[OF_FLOW_DELETE_STRICT] = "delete_strict" };
	size_t len = strcspn(*linep, " ");

	for (int i = 0; i < N_OF_FLOW_COMMANDS; i++) {
		if (strlen(words[i]) == len && strncmp(*linep, words[i], len) == 0) {
			*linep += len;
			return (enum of_flow_mod_command)i;
		}
	}
	return OF_FLOW_ADD;
}

int
of_rules_read(
	const char *path, const struct format_ports *ports, struct of_rules *rules, struct err *err)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	unsigned int number = 0;
	char *line = NULL;
	size_t size = 0;
	int error = 0;

	memset(rules, 0, sizeof *rules);
	if (file == NULL)
		return err_errno(err, -errno, "%s: open", path);
	while (error == 0 && getline(&line, &size, file) >= 0) {
		char *p = line;
		enum of_flow_mod_command command;

		number++;
		line[strcspn(line, "#\n")] = '\0';
		p += strspn(p, " \t\r");
		if (*p == '\0')
			continue;
		command = line_command(&p);
		if (rules->n == rules->n_alloc)
			rules->rules =
				vec_grow(rules->rules, &rules->n_alloc, sizeof *rules->rules);
		error = of_flow_mod_parse(p, command, ports, &rules->rules[rules->n], err);
		if (error == 0)
			rules->n++;
		else
			err_prefix(err, "%s:%u", path, number);
	}
	free(line);
	if (file != stdin)
		fclose(file);
	if (error != 0)
		of_rules_uninit(rules);
	return error;
}

void
of_rules_uninit(struct of_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++)
		of_flow_mod_uninit(&rules->rules[i]);
	free(rules->rules);
	memset(rules, 0, sizeof *rules);
}

bool
of_rules_fit_10(const struct of_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		if (!of_flow_mod_is_encodable(&rules->rules[i], OF_VERSION_10, OF_FLOW_FORMAT_NXM))
			return false;
	}
	return true;
}

int
of_rules_send(struct of_conn *conn, const struct of_rules *rules, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	int error;

	if (conn->version == OF_VERSION_10) {
		of_nx_number_encode(OF_MSG_NX_SET_FLOW_FORMAT, conn->version, ++conn->xid,
			OF_FLOW_FORMAT_NXM, &b);
		of_nx_number_encode(OF_MSG_NX_FLOW_MOD_TABLE_ID, conn->version, ++conn->xid, 1, &b);
	}
	for (size_t i = 0; i < rules->n; i++) {
		const struct of_flow_mod *fm = &rules->rules[i];
		struct of_flow_mod copy = *fm;

		if (!of_flow_mod_is_encodable(fm, conn->version, of_conn_format(conn))) {
			err_set(err, "rule %zu cannot be said in %s", i + 1,
				of_version_name(conn->version));
			of_buf_uninit(&b);
			return -EINVAL;
		}
		/* 1.3 has no "let the switch choose": the stock tool says table 0. */
		if (copy.table_id == OF_TABLE_ALL && conn->version != OF_VERSION_10
			&& copy.command != OF_FLOW_DELETE && copy.command != OF_FLOW_DELETE_STRICT)
			copy.table_id = 0;
		of_flow_mod_encode(
			&copy, conn->version, of_conn_format(conn), true, ++conn->xid, &b);
	}
	error = of_conn_sync(conn, &b, err);
	of_buf_uninit(&b);
	return error;
}

int
of_rules_fetch(struct of_conn *conn, const struct of_flow_stats_request *req,
	int (*each)(void *aux, const struct of_flow_stats *), void *aux, uint32_t *xidp,
	struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	uint32_t xid = ++conn->xid;
	struct of_msg msg;
	int error;

	*xidp = xid;
	of_flow_stats_request_encode(req, conn->version, of_conn_format(conn), xid, &b);
	error = of_conn_send(conn, &b, err);
	of_buf_uninit(&b);
	while (error == 0) {
		struct of_reader r;

		error = of_conn_reply(conn, xid, &msg, err);
		if (error != 0)
			break;
		of_reader_init(&r, msg.body, msg.body_len);
		while (r.left > 0 && error == 0) {
			struct of_flow_stats fs;
			enum oferror bad = of_flow_stats_next(&msg, &r, &fs);

			if (bad != OFERROR_OK) {
				err_set(err, "the switch sent rules that are not understood: %s",
					oferror_name(bad));
				return -EPROTO;
			}
			error = each(aux, &fs);
			ofpacts_uninit(&fs.actions);
		}
		if ((msg.mp_flags & OF_MSG_MORE) == 0)
			break;
	}
	return error;
}
