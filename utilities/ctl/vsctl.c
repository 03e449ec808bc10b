/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration verbs as one transaction.
 *
 * Runs the commands on a copy of the database, sends the change, waits until the daemon has taken it over, and tells which
 * interfaces it could not set up. */

#include "vsctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fs.h"
#include "ipc/json.h"

#define EXIT_TIMED_OUT 142 /* What a shell says of a process that its alarm clock ended. */
#define EXIT_BAD_PORT 65 /* Not of the stock tool of our version, which says 0; of later ones. */
#define MAX_TRIES 20

/* New interfaces, whose state is told at the end. */
struct new_ifaces {
	struct uuid *uuids;
	size_t n, n_alloc;
};

static bool
resolve_symbol(void *aux, const char *name, struct uuid *uuid)
{
	struct vs_symbol *symbol;
	struct err none;
	bool is_new;

	if (vs_symbol(aux, name, &symbol, &is_new, &none) != 0)
		return false;
	symbol->is_used = true;
	*uuid = symbol->uuid;
	return true;
}

struct row_key {
	struct ovsdb_row *row;
	uint32_t bucket;
};

static int
compare_keys(const void *a_, const void *b_)
{
	const struct row_key *a = a_, *b = b_;

	if (a->bucket != b->bucket)
		return a->bucket < b->bucket ? -1 : 1;
	return uuid_compare(&a->row->uuid, &b->row->uuid);
}

struct ovsdb_row **
vs_rows(const struct ovsdb_table *table, size_t *n)
{
	/* The stock tools walk a hash table; where two rows share a bucket their order is not ours to know. */
	struct ovsdb_row **rows = ovsdb_table_sorted(table, n);
	struct row_key *keys = xcalloc(*n + 1, sizeof *keys);
	uint32_t mask = 0;

	while (*n / 2 > mask)
		mask = mask == 0 ? 3 : mask * 2 + 1;
	for (size_t i = 0; i < *n; i++)
		keys[i] = (struct row_key){ rows[i], rows[i]->uuid.parts[0] & mask };
	qsort(keys, *n, sizeof *keys, compare_keys);
	for (size_t i = 0; i < *n; i++)
		rows[i] = keys[i].row;
	free(keys);
	return rows;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
vs_put_names(struct ctl_call *call, const char **names, size_t n)
{
	if (n > 0)
		qsort(names, n, sizeof *names, compare_names);
	call->json = json_array();
	for (size_t i = 0; i < n; i++) {
		str_printf(&call->out, "%s\n", names[i]);
		json_array_append_new(call->json, json_string(names[i]));
	}
}

void
vs_put_text(struct ctl_call *call, const char *text)
{
	str_printf(&call->out, "%s\n", text);
	call->json = json_string(text);
}

static void
clear_output(struct ctl_call *call)
{
	str_clear(&call->out);
	output_table_destroy(call->table);
	json_decref(call->json);
	call->table = NULL;
	call->json = NULL;
}

static void
drop_symbols(struct vsctl *vs)
{
	struct shash_node *node;

	SHASH_FOREACH(node, &vs->symbols)
	free(node->data);
	shash_clear(&vs->symbols);
}

/* Names that nobody created, or created for nothing. */
static int
check_symbols(struct vsctl *vs, struct err *err)
{
	const struct shash_node *node;

	SHASH_FOREACH(node, &vs->symbols)
	{
		const struct vs_symbol *symbol = node->data;

		if (!symbol->is_created) {
			err_set(err,
				"row id \"%s\" is referenced but never created (e.g. with \"-- --id=%s create ...\")",
				node->name, node->name);
			return -EINVAL;
		}
		if (!symbol->is_used && !symbol->is_root)
			fprintf(stderr,
				"%s: row id \"%s\" was created but no reference to it was inserted, "
				"so it will not actually appear in the database\n",
				vs->ctl->prog, node->name);
	}
	return 0;
}

/* Runs all commands on the copy.  Leaves vs->txn to the caller. */
static int
run_calls(struct vsctl *vs, struct ctl_call *calls, size_t n, int *status, struct err *err)
{
	vs->txn = ovsdb_txn_create(vs->db);
	vs->root = ovsdb_table_first(ovsdb_db_table(vs->db, "Open_vSwitch"));
	if (vs->root == NULL)
		vs->root = ovsdb_txn_insert(vs->txn, "Open_vSwitch", NULL);
	vs->must_wait = false;
	drop_symbols(vs);
	for (size_t i = 0; i < n; i++) {
		int error;

		clear_output(&calls[i]);
		calls[i].vs = vs;
		error = calls[i].cmd->run(&calls[i], err);
		if (error == -ECANCELED)
			*status = calls[i].exit_status;
		if (error != 0)
			return error;
		if (vs->must_wait)
			return -EAGAIN;
	}
	if (vs->txn->has_failed)
		return vs_fail(err, &vs->txn->error);
	return check_symbols(vs, err);
}

/* The words of the command line, for the journal. */
static json_t *
comment_op(const struct ctl *ctl, const struct ctl_call *calls, size_t n)
{
	struct str s = STR_INIT;
	json_t *op;

	str_printf(&s, "%s:", ctl->prog);
	for (size_t i = 0; i < n; i++) {
		str_puts(&s, i > 0 ? " --" : "");
		for (int j = 0; j < calls[i].n_args; j++)
			str_printf(&s, " %s", calls[i].args[j]);
	}
	op = json_pack("{ss so}", "op", "comment", "comment", json_from_text(str_cstr(&s)));
	str_uninit(&s);
	return op;
}

/* Raises next_cfg and asks for it. */
static void
add_next_cfg_ops(json_t *ops, const struct ovsdb_row *root)
{
	char uuid[UUID_LEN + 1];

	uuid_format(&root->uuid, uuid);
	json_array_append_new(ops,
		json_pack("{ss ss s[[ss[ss]]] s[[ssi]]}", "op", "mutate", "table", "Open_vSwitch",
			"where", "_uuid", "==", "uuid", uuid, "mutations", "next_cfg", "+=", 1));
	json_array_append_new(ops,
		json_pack("{ss ss s[[ss[ss]]] s[s]}", "op", "select", "table", "Open_vSwitch",
			"where", "_uuid", "==", "uuid", uuid, "columns", "next_cfg"));
}

static void
collect_new_ifaces(const struct vsctl *vs, struct new_ifaces *new)
{
	const struct ovsdb_txn_row *row;

	new->n = 0;
	LIST_FOREACH(row, order, &vs->txn->order) {
		if (!row->is_inserted || row->is_deleted
			|| strcmp(row->row->table->schema->name, "Interface") != 0)
			continue;
		if (new->n == new->n_alloc)
			new->uuids = vec_grow(new->uuids, &new->n_alloc, sizeof *new->uuids);
		new->uuids[new->n++] = row->row->uuid;
	}
}

/* Sends what the commands did.  '*next_cfg' is what to wait for, -1 for nothing. */
static int
commit(struct vsctl *vs, const struct ctl_call *calls, size_t n, int64_t *next_cfg, struct err *err)
{
	struct ctl *ctl = vs->ctl;
	json_t *ops = ovsdb_txn_to_ops(vs->txn), *results;
	int error;

	*next_cfg = -1;
	if (json_array_size(ops) == 0 || ctl->dry_run) {
		if (ctl->dry_run && ctl->style == CTL_STYLE_SLUICECTL) {
			struct str s = STR_INIT;

			output_json(ops, true, &s);
			fprintf(stderr, "%s\n", str_cstr(&s));
			str_uninit(&s);
		}
		json_decref(ops);
		ovsdb_txn_abort(vs->txn);
		vs->txn = NULL;
		return 0;
	}
	json_array_append_new(ops, comment_op(ctl, calls, n));
	if (!ctl->no_wait)
		add_next_cfg_ops(ops, vs->root);
	ovsdb_txn_abort(vs->txn);
	vs->txn = NULL;
	vs->root = NULL;
	error = ovsdb_replica_transact(vs->replica, ops, ctl_time_left(ctl), &results, err);
	json_decref(ops);
	if (error == 0 && !ctl->no_wait) {
		const json_t *last = json_array_get(results, json_array_size(results) - 1);
		const json_t *row = json_array_get(json_object_get(last, "rows"), 0);

		*next_cfg = json_integer_value(json_object_get(row, "next_cfg"));
	}
	json_decref(results);
	return error;
}

static void
put_outputs(const struct ctl *ctl, struct ctl_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str *out = &calls[i].out;

		if (calls[i].table != NULL)
			output_table_format(calls[i].table, &ctl->output, out);
		if (ctl->json && calls[i].json != NULL) {
			str_clear(out);
			output_json(calls[i].json, ctl->output.pretty, out);
			str_putc(out, '\n');
		}
		if (!ctl->oneline) {
			fwrite(str_cstr(out), 1, out->len, stdout);
			continue;
		}
		str_chomp(out, '\n');
		for (const char *p = str_cstr(out); *p != '\0'; p++) {
			if (*p == '\n' || *p == '\\')
				putchar('\\');
			putchar(*p == '\n' ? 'n' : *p);
		}
		putchar('\n');
	}
	fflush(stdout);
}

static int
timed_out(const struct ctl *ctl, const char *what)
{
	fprintf(stderr, "%s: %s within %d s\n", ctl->prog, what, ctl->timeout_s);
	return EXIT_TIMED_OUT;
}

/* Waits until the daemon has taken the configuration over, then says which interfaces failed. */
static int
wait_for_daemon(struct vsctl *vs, int64_t next_cfg, const struct new_ifaces *new)
{
	const struct ovsdb_table *table = ovsdb_db_table(vs->db, "Open_vSwitch");
	struct ctl *ctl = vs->ctl;
	struct err err = ERR_INIT;
	bool has_failed = false;
	int status = 0;

	for (;;) {
		const struct ovsdb_row *root = ovsdb_table_first(table);
		int error;

		if (root == NULL || ovsdb_row_int(root, "cur_cfg", 0) >= next_cfg)
			break;
		error = ovsdb_replica_wait(vs->replica, ctl_time_left(ctl), &err);
		if (error == -ETIMEDOUT)
			return timed_out(ctl, "the daemon did not take the change over");
		if (error != 0) {
			fprintf(stderr, "%s: database connection lost: %s\n", ctl->prog, err.text);
			return 1;
		}
	}
	for (size_t i = 0; i < new->n; i++) {
		const struct ovsdb_row *row = ovsdb_db_row(vs->db, "Interface", &new->uuids[i]);
		const char *error = row != NULL ? ovsdb_row_string(row, "error", "") : "";

		if (row == NULL || ovsdb_row_int(row, "ofport", -1) != -1)
			continue;
		fprintf(stderr,
			"%s: Error detected while setting up '%s'%s%s.  See ovs-vswitchd log for details.\n",
			ctl->prog, ovsdb_row_string(row, "name", ""), error[0] != '\0' ? ": " : "",
			error);
		status = ctl->style == CTL_STYLE_VSCTL ? 0 : EXIT_BAD_PORT;
		has_failed = true;
	}
	if (has_failed)
		fprintf(stderr, "%s: The default log directory is \"%s\".\n", ctl->prog,
			fs_logdir());
	return status;
}

/* Runs and commits until nothing came in between.  Returns: the exit status. */
static int
run(struct vsctl *vs, struct ctl_call *calls, size_t n)
{
	struct new_ifaces new = { NULL, 0, 0 };
	struct ctl *ctl = vs->ctl;
	struct err err = ERR_INIT;
	int64_t next_cfg = -1;
	int status = 1, error;

	for (unsigned int tries = 0;; tries++) {
		uint64_t seq = ovsdb_db_seq(vs->db);

		error = run_calls(vs, calls, n, &status, &err);
		if (error == 0) {
			collect_new_ifaces(vs, &new);
			error = commit(vs, calls, n, &next_cfg, &err);
			view_drop(vs);
			/* Somebody else was faster: with the rows as they are now it may work, or fail
			 * for a reason that can be told. */
			if (error == -EINVAL && tries < MAX_TRIES && ovsdb_db_seq(vs->db) != seq)
				continue;
			if (error != 0)
				err_prefix(&err, "transaction error");
			break;
		}
		view_drop(vs);
		ovsdb_txn_abort(vs->txn);
		vs->txn = NULL;
		if (error != -EAGAIN || !vs->must_wait)
			break;
		error = ovsdb_replica_wait(vs->replica, ctl_time_left(ctl), &err);
		if (error != 0)
			break;
		tries = 0;
	}
	if (error == 0) {
		put_outputs(ctl, calls, n);
		status = next_cfg >= 0 ? wait_for_daemon(vs, next_cfg, &new) : 0;
	} else if (error == -ETIMEDOUT) {
		status = timed_out(ctl, "not done");
	} else if (error != -ECANCELED) {
		fprintf(stderr, "%s: %s\n", ctl->prog, err.text);
		status = 1;
	}
	free(new.uuids);
	return status;
}

int
vsctl_main(struct ctl *ctl, struct ctl_call *calls, size_t n)
{
	struct vsctl vs = { .ctl = ctl };
	struct err err = ERR_INIT;
	char *target;
	int error, status = 1;

	target = ctl->db != NULL ? xstrdup(ctl->db) : xasprintf("unix:%s/db.sock", fs_rundir());
	shash_init(&vs.bridges);
	shash_init(&vs.ports);
	shash_init(&vs.ifaces);
	shash_init(&vs.symbols);
	vs.symtab = (struct ovsdb_symtab){ resolve_symbol, &vs };
	error = ovsdb_replica_open(
		target, "Open_vSwitch", ctl->retry, ctl_time_left(ctl), &vs.replica, &err);
	if (error == 0) {
		vs.db = ovsdb_replica_db(vs.replica);
		error = ovsdb_replica_monitor(vs.replica, NULL, 0, ctl_time_left(ctl), &err);
	}
	if (error == -ETIMEDOUT)
		status = timed_out(ctl, "no answer of the database");
	else if (error != 0)
		fprintf(stderr, "%s: %s: database connection failed (%s)\n", ctl->prog, target,
			error == -ENOENT || error == -ECONNREFUSED ? strerror(-error) : err.text);
	else
		status = run(&vs, calls, n);
	view_drop(&vs);
	drop_symbols(&vs);
	shash_uninit(&vs.bridges);
	shash_uninit(&vs.ports);
	shash_uninit(&vs.ifaces);
	shash_uninit(&vs.symbols);
	ovsdb_replica_close(vs.replica);
	free(target);
	return status;
}
