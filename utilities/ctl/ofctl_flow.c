/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenFlow verbs about rules and packets. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "ofctl.h"

/* Lines of a dump, to be sorted. */
struct line {
	char *text;
	json_t *json;
	int64_t key;
	size_t pos;
};

struct dump {
	struct of_conn *conn;
	struct line *lines;
	size_t n, n_alloc;
	const struct field *field; /* To sort by; NULL: priority. */
};

static json_t *
rule_to_json(const struct of_flow_stats *fs, const struct format_ports *ports)
{
	struct str match = STR_INIT, actions = STR_INIT;
	json_t *json;
	char cookie[24];

	match_format(&fs->match, ports, &match);
	of_actions_format(&fs->actions, ports, &actions);
	snprintf(cookie, sizeof cookie, "0x%" PRIx64, fs->cookie);
	json = json_pack("{si si ss ss ss sI sI sf si si}", "table", fs->table_id, "priority",
		fs->priority, "cookie", cookie, "match", str_cstr(&match), "actions",
		str_cstr(&actions), "n_packets", (json_int_t)fs->packets, "n_bytes",
		(json_int_t)fs->bytes, "duration",
		(double)fs->duration_sec + (double)fs->duration_nsec / 1e9, "idle_timeout",
		fs->idle_timeout, "hard_timeout", fs->hard_timeout);
	str_uninit(&match);
	str_uninit(&actions);
	return json;
}

/* What a rule is sorted by: priority, or the first bytes of a field; -1 without it. */
static int64_t
sort_key(const struct dump *dump, const struct of_flow_stats *fs)
{
	union field_value value, mask;
	int64_t key = 0;

	if (dump->field == NULL)
		return fs->priority;
	if (!match_get_field(&fs->match, dump->field, &value, &mask))
		return -1;
	for (size_t i = 0; i < 7; i++)
		key = key << 8 | ((const uint8_t *)&value)[i];
	return key;
}

static int
add_line(void *aux, const struct of_flow_stats *fs)
{
	struct dump *dump = aux;
	const struct ctl *ctl = dump->conn->ctl;
	const struct format_ports *ports = of_conn_ports(dump->conn);
	struct of_flow_stats copy = *fs;
	struct str s = STR_INIT;

	if (ctl->sort != 0 || ports == &dump->conn->by_name) {
		copy.idle_age = -1;
		copy.hard_age = -1;
	}
	if (dump->n == dump->n_alloc)
		dump->lines = vec_grow(dump->lines, &dump->n_alloc, sizeof *dump->lines);
	str_putc(&s, ' ');
	of_flow_stats_format(&copy, !ctl->no_stats, ports, &s);
	dump->lines[dump->n] = (struct line){ str_steal(&s), rule_to_json(fs, ports),
		(ctl->sort < 0 ? -1 : 1) * sort_key(dump, fs), dump->n };
	dump->n++;
	return 0;
}

static int
compare_lines(const void *a_, const void *b_)
{
	const struct line *a = a_, *b = b_;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->pos < b->pos ? -1 : 1;
}

/* Opens the switch of args[1] and reads args[2], if there is one, as which rules. */
static int
open_for_rules(struct ctl_call *call, bool aggregate, struct of_conn **connp,
	struct of_flow_stats_request *req, struct err *err)
{
	int error = of_conn_open(call->ctl, call->args[1], 0, connp, err);

	if (error != 0)
		return error;
	error = of_flow_stats_request_parse(
		call->n_args > 2 ? call->args[2] : "", aggregate, &(*connp)->by_name, req, err);
	if (error != 0) {
		of_conn_close(*connp);
		*connp = NULL;
	}
	return error;
}

int
ctl_run_of_dump_flows(struct ctl_call *call, struct err *err)
{
	struct of_flow_stats_request req;
	struct dump dump = { 0 };
	struct ctl *ctl = call->ctl;
	uint32_t xid;
	int error = open_for_rules(call, false, &dump.conn, &req, err);

	if (error != 0)
		return error;
	if (ctl->sort != 0 && ctl->sort_field != NULL && strcmp(ctl->sort_field, "priority") != 0) {
		dump.field = field_by_name(ctl->sort_field);
		if (dump.field == NULL) {
			err_set(err, "%s: unknown field name", ctl->sort_field);
			of_conn_close(dump.conn);
			return -EINVAL;
		}
	}
	error = of_rules_fetch(dump.conn, &req, add_line, &dump, &xid, err);
	if (ctl->sort != 0 && dump.n > 0)
		qsort(dump.lines, dump.n, sizeof *dump.lines, compare_lines);
	if (ctl->sort == 0 && !ctl->no_stats && !ctl->json
		&& of_conn_ports(dump.conn) == &dump.conn->by_number)
		str_printf(&call->out, "%s_FLOW reply%s (xid=0x%" PRIx32 "):\n",
			dump.conn->version == OF_VERSION_10 ? "NXST" : "OFPST",
			of_conn_version_note(dump.conn), xid);
	call->json = json_array();
	for (size_t i = 0; i < dump.n; i++) {
		if (!ctl->json)
			str_printf(&call->out, "%s\n", dump.lines[i].text);
		json_array_append_new(call->json, dump.lines[i].json);
		free(dump.lines[i].text);
	}
	free(dump.lines);
	of_conn_close(dump.conn);
	return error;
}

int
ctl_run_of_dump_aggregate(struct ctl_call *call, struct err *err)
{
	struct of_flow_stats_request req;
	struct of_aggregate_stats as;
	struct of_buf b = OF_BUF_INIT;
	struct of_conn *conn;
	struct of_msg msg;
	int error = open_for_rules(call, true, &conn, &req, err);

	if (error != 0)
		return error;
	of_flow_stats_request_encode(&req, conn->version, of_conn_format(conn), ++conn->xid, &b);
	error = of_conn_send(conn, &b, err);
	of_buf_uninit(&b);
	if (error == 0)
		error = of_conn_reply(conn, conn->xid, &msg, err);
	if (error == 0 && of_aggregate_stats_decode(&msg, &as) != OFERROR_OK) {
		err_set(err, "the switch's answer is not understood");
		error = -EPROTO;
	}
	if (error == 0) {
		call->json = json_pack("{sI sI sI}", "packet_count", (json_int_t)as.packets,
			"byte_count", (json_int_t)as.bytes, "flow_count", (json_int_t)as.flows);
		if (!call->ctl->json) {
			str_printf(&call->out, "%s_AGGREGATE reply%s (xid=0x%" PRIx32 "): ",
				conn->version == OF_VERSION_10 ? "NXST" : "OFPST",
				of_conn_version_note(conn), msg.xid);
			of_aggregate_stats_format(&as, &call->out);
			str_putc(&call->out, '\n');
		}
	}
	of_conn_close(conn);
	return error;
}

/* Sends rules, in 1.3 if 1.0 cannot say them and no version was asked for. */
static int
send_rules(
	struct ctl_call *call, struct of_conn *conn, const struct of_rules *rules, struct err *err)
{
	struct of_conn *other;
	int error;

	if (conn->version != OF_VERSION_10 || call->ctl->versions != 0 || of_rules_fit_10(rules))
		return of_rules_send(conn, rules, err);
	error = of_conn_open(call->ctl, call->args[1], OF_VERSION_BIT(OF_VERSION_13), &other, err);
	if (error == 0)
		error = of_rules_send(other, rules, err);
	of_conn_close(other);
	return error;
}

/* One rule from args[2]. */
static int
change_rules(struct ctl_call *call, enum of_flow_mod_command command, struct err *err)
{
	struct of_flow_mod fm;
	struct of_rules rules = { .rules = &fm, .n = 1 };
	struct of_conn *conn;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = of_flow_mod_parse(
		call->n_args > 2 ? call->args[2] : "", command, &conn->by_name, &fm, err);
	if (error == 0) {
		error = send_rules(call, conn, &rules, err);
		of_flow_mod_uninit(&fm);
	}
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_add_flow(struct ctl_call *call, struct err *err)
{
	if (strcmp(call->args[2], "-") == 0)
		return ctl_run_of_add_flows(call, err);
	return change_rules(call, OF_FLOW_ADD, err);
}

int
ctl_run_of_add_flows(struct ctl_call *call, struct err *err)
{
	struct of_rules rules;
	struct of_conn *conn;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = of_rules_read(call->args[2], &conn->by_name, &rules, err);
	if (error == 0) {
		error = send_rules(call, conn, &rules, err);
		of_rules_uninit(&rules);
	}
	of_conn_close(conn);
	return error;
}

int
ctl_run_of_mod_flows(struct ctl_call *call, struct err *err)
{
	return change_rules(call, call->ctl->strict ? OF_FLOW_MODIFY_STRICT : OF_FLOW_MODIFY, err);
}

int
ctl_run_of_del_flows(struct ctl_call *call, struct err *err)
{
	return change_rules(call, call->ctl->strict ? OF_FLOW_DELETE_STRICT : OF_FLOW_DELETE, err);
}

int
ctl_run_of_packet_out(struct ctl_call *call, struct err *err)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_packet_out po;
	struct of_conn *conn;
	uint8_t *packet;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = of_packet_out_parse(call->args[2], &conn->by_name, &po, &packet, err);
	if (error == 0) {
		of_packet_out_encode(&po, conn->version, ++conn->xid, &b);
		error = of_conn_sync(conn, &b, err);
		of_buf_uninit(&b);
		ofpacts_uninit(&po.actions);
		free(packet);
	}
	of_conn_close(conn);
	return error;
}

static void
put_flow_mod(struct ctl_call *call, const struct of_flow_mod *fm)
{
	str_puts(&call->out, "OFPT_FLOW_MOD (xid=0x1): ");
	of_flow_mod_format(fm, NULL, &call->out);
	str_putc(&call->out, '\n');
}

int
ctl_run_of_parse_flow(struct ctl_call *call, struct err *err)
{
	struct of_flow_mod fm;
	int error = of_flow_mod_parse(call->args[1], OF_FLOW_ADD, NULL, &fm, err);

	if (error != 0)
		return error;
	put_flow_mod(call, &fm);
	of_flow_mod_uninit(&fm);
	return 0;
}

int
ctl_run_of_parse_flows(struct ctl_call *call, struct err *err)
{
	struct of_rules rules;
	int error = of_rules_read(call->args[1], NULL, &rules, err);

	if (error != 0)
		return error;
	for (size_t i = 0; i < rules.n; i++)
		put_flow_mod(call, &rules.rules[i]);
	of_rules_uninit(&rules);
	return 0;
}

/* Copies a rule of a switch as the rule that adds it. */
static int
keep_rule(void *aux, const struct of_flow_stats *fs)
{
	struct of_rules *rules = aux;
	struct of_flow_mod *fm;

	if (rules->n == rules->n_alloc)
		rules->rules = vec_grow(rules->rules, &rules->n_alloc, sizeof *rules->rules);
	fm = &rules->rules[rules->n++];
	of_flow_mod_init(fm);
	fm->match = fs->match;
	fm->priority = fs->priority;
	fm->table_id = fs->table_id;
	fm->new_cookie = fs->cookie;
	fm->idle_timeout = fs->idle_timeout;
	fm->hard_timeout = fs->hard_timeout;
	fm->flags = fs->flags & (OF_FLOW_SEND_FLOW_REM | OF_FLOW_CHECK_OVERLAP);
	ofpacts_uninit(&fm->actions);
	ofpacts_clone(&fm->actions, &fs->actions);
	return 0;
}

static uint8_t
rule_table(const struct of_flow_mod *fm)
{
	return fm->table_id == OF_TABLE_ALL ? 0 : fm->table_id;
}

/* The rule of 'rules' with table, priority and match of 'fm', or NULL. */
static const struct of_flow_mod *
find_rule(const struct of_rules *rules, const struct of_flow_mod *fm)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct of_flow_mod *other = &rules->rules[i];

		if (rule_table(other) == rule_table(fm) && other->priority == fm->priority
			&& match_equal(&other->match, &fm->match))
			return other;
	}
	return NULL;
}

/* Whether both rules do the same. */
static bool
rules_equal(const struct of_flow_mod *a, const struct of_flow_mod *b)
{
	struct str s = STR_INIT, t = STR_INIT;
	bool equal;

	of_actions_format(&a->actions, NULL, &s);
	of_actions_format(&b->actions, NULL, &t);
	equal = strcmp(str_cstr(&s), str_cstr(&t)) == 0 && a->new_cookie == b->new_cookie
		&& a->idle_timeout == b->idle_timeout && a->hard_timeout == b->hard_timeout;
	str_uninit(&s);
	str_uninit(&t);
	return equal;
}

static int
fetch_all(struct of_conn *conn, struct of_rules *rules, struct err *err)
{
	struct of_flow_stats_request req;
	uint32_t xid;

	memset(rules, 0, sizeof *rules);
	of_flow_stats_request_init(&req);
	return of_rules_fetch(conn, &req, keep_rule, rules, &xid, err);
}

int
ctl_run_of_replace_flows(struct ctl_call *call, struct err *err)
{
	struct of_rules want = { 0 }, have = { 0 }, todo = { 0 };
	struct of_conn *conn;
	int error = of_conn_open(call->ctl, call->args[1], 0, &conn, err);

	if (error != 0)
		return error;
	error = of_rules_read(call->args[2], &conn->by_name, &want, err);
	if (error == 0)
		error = fetch_all(conn, &have, err);
	/* Shallow copies: 'want' and 'have' keep the actions. */
	todo.rules = xcalloc(want.n + have.n + 1, sizeof *todo.rules);
	for (size_t i = 0; i < want.n && error == 0; i++) {
		const struct of_flow_mod *old = find_rule(&have, &want.rules[i]);

		if (old == NULL || !rules_equal(old, &want.rules[i]))
			todo.rules[todo.n++] = want.rules[i];
	}
	for (size_t i = 0; i < have.n && error == 0; i++) {
		if (find_rule(&want, &have.rules[i]) == NULL) {
			todo.rules[todo.n] = have.rules[i];
			todo.rules[todo.n].new_cookie = 0;
			todo.rules[todo.n++].command = OF_FLOW_DELETE_STRICT;
		}
	}
	if (error == 0)
		error = send_rules(call, conn, &todo, err);
	free(todo.rules);
	of_rules_uninit(&want);
	of_rules_uninit(&have);
	of_conn_close(conn);
	return error;
}

/* Rules of a file or of a switch. */
static int
read_source(struct ctl_call *call, const char *source, struct of_rules *rules, struct err *err)
{
	struct of_conn *conn;
	int error;

	if (strcmp(source, "-") == 0 || access(source, F_OK) == 0)
		return of_rules_read(source, NULL, rules, err);
	error = of_conn_open(call->ctl, source, 0, &conn, err);
	if (error == 0)
		error = fetch_all(conn, rules, err);
	of_conn_close(conn);
	return error;
}

/* Prints the rules of 'a' that 'b' lacks or has otherwise, with 'sign' in front. */
static bool
put_difference(struct ctl_call *call, const struct of_rules *a, const struct of_rules *b, char sign)
{
	bool differ = false;

	for (size_t i = 0; i < a->n; i++) {
		const struct of_flow_mod *fm = &a->rules[i], *other = find_rule(b, fm);
		struct str match = STR_INIT;

		if (other != NULL && rules_equal(fm, other))
			continue;
		differ = true;
		str_putc(&call->out, sign);
		if (rule_table(fm) != 0)
			str_printf(&call->out, "table=%u ", rule_table(fm));
		if (fm->priority != OF_DEFAULT_PRIORITY)
			str_printf(&call->out, "priority=%u", fm->priority);
		match_format(&fm->match, NULL, &match);
		if (match.len > 0)
			str_printf(&call->out, "%s%s",
				fm->priority != OF_DEFAULT_PRIORITY ? "," : "", str_cstr(&match));
		str_uninit(&match);
		if (fm->new_cookie != 0)
			str_printf(&call->out, " cookie=0x%" PRIx64, fm->new_cookie);
		if (fm->idle_timeout != 0)
			str_printf(&call->out, " idle_timeout=%u", fm->idle_timeout);
		if (fm->hard_timeout != 0)
			str_printf(&call->out, " hard_timeout=%u", fm->hard_timeout);
		str_puts(&call->out, " actions=");
		of_actions_format(&fm->actions, NULL, &call->out);
		str_putc(&call->out, '\n');
	}
	return differ;
}

int
ctl_run_of_diff_flows(struct ctl_call *call, struct err *err)
{
	struct of_rules a = { 0 }, b = { 0 };
	bool more, less;
	int error = read_source(call, call->args[1], &a, err);

	if (error == 0)
		error = read_source(call, call->args[2], &b, err);
	if (error == 0) {
		less = put_difference(call, &a, &b, '-');
		more = put_difference(call, &b, &a, '+');
		if (less || more) {
			call->exit_status = 2;
			error = -ECANCELED;
		}
	}
	of_rules_uninit(&a);
	of_rules_uninit(&b);
	return error;
}
