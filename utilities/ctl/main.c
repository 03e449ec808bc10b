/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl: options, and the way to the driver of the command's group.
 *
 * Called by the name of one of the stock tools it behaves as that tool. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "ctl.h"
#include "ipc/stream.h"
#include "openflow/version.h"

#define EXIT_USAGE 1
#define BANNER_VERSION "3.1.0" /* Whose behaviour and text the stock tools' names promise. */
#define SCHEMA_VERSION "8.3.1"

#define S (1U << CTL_STYLE_SLUICECTL)
#define V (1U << CTL_STYLE_VSCTL)
#define O (1U << CTL_STYLE_OFCTL)
#define A (1U << CTL_STYLE_APPCTL)

/* clang-format off */
const struct ctl_option_info ctl_options[] = {
	{ "rundir", 0, 1, S, "DIR", "directory of sockets and pidfiles" },
	{ "db", 0, 1, S | V, "REMOTE", "the database; default: unix:RUNDIR/db.sock" },
	{ "target", 't', 1, S | A, "NAME|PATH", "the daemon of runtime commands; -t with a number is --timeout" },
	{ "timeout", 't', 1, S | V | O, "SECS", "wait at most so long" },
	{ "timeout", 'T', 1, S | A, "SECS", "wait at most so long" },
	{ "json", 0, 0, S, "", "print what programs read" },
	{ "no-wait", 0, 0, S | V, "", "do not wait for the daemon to take the change over" },
	{ "retry", 0, 0, S | V, "", "try to connect until it works" },
	{ "dry-run", 0, 0, S | V, "", "change nothing; sluicectl prints the operations to the standard error" },
	{ "oneline", 0, 0, S | V, "", "print one line for each command" },
	{ "format", 'f', 1, S | V, "FORMAT", "of rows: list, table, csv, html or json" },
	{ "data", 'd', 1, S | V, "FORMAT", "of values: string, bare or json" },
	{ "no-headings", 0, 0, S | V, "", "rows without names of columns" },
	{ "pretty", 0, 0, S | V | A, "", "JSON with line breaks" },
	{ "bare", 0, 0, S | V, "", "same as --format=list --data=bare --no-headings" },
	{ "protocols", 'O', 1, S | O, "VERSIONS", "OpenFlow versions to offer; default: OpenFlow10 (and OpenFlow13 if that is refused)" },
	{ "strict", 0, 0, S | O, "", "mod-flows and del-flows: only the rule with this very match and priority" },
	{ "names", 0, 0, S | O, "", "print ports by name" },
	{ "no-names", 0, 0, S | O, "", "print ports by number" },
	{ "no-stats", 0, 0, S | O, "", "rules without counters and durations" },
	{ "sort", 0, 2, S | O, "FIELD", "rules in order of priority or FIELD" },
	{ "rsort", 0, 2, S | O, "FIELD", "the same, backwards" },
	{ "private-key", 'p', 1, S | V | O, "FILE", "our key, for TLS" },
	{ "certificate", 'c', 1, S | V | O, "FILE", "our certificate, for TLS" },
	{ "ca-cert", 'C', 1, S | V | O, "FILE", "who signs the peer's certificate, for TLS" },
	{ "verbose", 'v', 2, S | V | O | A, "SPEC", "accepted; the tool logs nothing" },
	{ "log-file", 0, 2, S | V | O | A, "FILE", "accepted; the tool logs nothing" },
	{ "no-syslog", 0, 0, S | V, "", "accepted; the tool logs nothing" },
	{ "commands", 0, 0, S | V | O, "", "print the commands" },
	{ "help", 'h', 0, S | V | O | A, "", "print this" },
	{ "man", 0, 0, S, "", "print the manual page" },
	{ "completion", 0, 0, S, "", "print the completion for bash" },
	{ "version", 'V', 0, S | V | O | A, "", "print the version" },
};
/* clang-format on */
const size_t n_ctl_options = ARRAY_SIZE(ctl_options);

/* What reading the options leaves besides 'struct ctl'. */
struct parse {
	struct ctl *ctl;
	char **argv;
	int argc;
	int next; /* First word not looked at. */
	struct smap local; /* Options of the first command. */
	struct ssl_files tls;
	bool has_tls;
};

int
ctl_time_left(const struct ctl *ctl)
{
	int64_t left;

	if (ctl->deadline_ms == INT64_MAX)
		return -1;
	left = ctl->deadline_ms - clock_ms();
	return left < 0 ? 0 : (int)left;
}

static _Noreturn void
usage_error(const struct ctl *ctl, const char *what, const char *word, const char *rest)
{
	fprintf(stderr, "%s: %s'%s'%s\n", ctl->prog, what, word, rest);
	exit(EXIT_USAGE);
}

static void
print_version(const struct ctl *ctl)
{
	if (ctl->style == CTL_STYLE_SLUICECTL) {
		printf("sluicectl (Sluice) %s\n", SLUICE_CTL_VERSION);
		return;
	}
	printf("%s (Open vSwitch) %s\n", ctl->prog, BANNER_VERSION);
	if (ctl->style == CTL_STYLE_VSCTL)
		printf("DB Schema %s\n", SCHEMA_VERSION);
	if (ctl->style == CTL_STYLE_OFCTL)
		printf("OpenFlow versions 0x1:0x4\n");
}

static void
set_timeout(struct ctl *ctl, const char *value)
{
	char *end;
	long seconds = strtol(value, &end, 10);

	if (*end != '\0' || end == value || seconds < 0 || seconds > 1000000) {
		fprintf(stderr, "%s: value %s on -t or --timeout is invalid\n", ctl->prog, value);
		exit(EXIT_USAGE);
	}
	ctl->timeout_s = (int)seconds;
	ctl->deadline_ms = seconds == 0 ? INT64_MAX : clock_ms() + seconds * 1000;
}

static int
choose(const struct ctl *ctl, const char *value, const char *const *words, const char *what)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], value) == 0)
			return i;
	}
	fprintf(stderr, "%s: unknown %s format \"%s\"\n", ctl->prog, what, value);
	exit(EXIT_USAGE);
}

/* Options that print and end. */
static void
apply_final(struct parse *p, const char *name)
{
	if (strcmp(name, "help") == 0)
		doc_help(p->ctl, p->next < p->argc ? p->argv[p->next] : NULL);
	else if (strcmp(name, "man") == 0)
		doc_man();
	else if (strcmp(name, "completion") == 0)
		doc_completion();
	else if (strcmp(name, "commands") == 0)
		doc_list_commands(p->ctl);
	else if (strcmp(name, "version") == 0)
		print_version(p->ctl);
	else
		return;
	exit(fflush(stdout) == 0 ? 0 : 1);
}

static void
apply_output(struct ctl *ctl, const char *name, const char *value)
{
	static const char *const formats[] = { "table", "list", "html", "csv", "json", NULL };
	static const char *const data[] = { "string", "bare", "json", NULL };

	if (strcmp(name, "format") == 0) {
		ctl->output.format = (enum output_format)choose(ctl, value, formats, "output");
	} else if (strcmp(name, "data") == 0) {
		ctl->output.data = (enum output_data)choose(ctl, value, data, "data");
	} else if (strcmp(name, "no-headings") == 0) {
		ctl->output.no_headings = true;
	} else if (strcmp(name, "pretty") == 0) {
		ctl->output.pretty = true;
	} else if (strcmp(name, "bare") == 0) {
		ctl->output.format = OUTPUT_LIST;
		ctl->output.data = OUTPUT_DATA_BARE;
		ctl->output.no_headings = true;
	} else if (strcmp(name, "json") == 0) {
		ctl->json = true;
		ctl->output.format = OUTPUT_JSON;
	}
}

static void
apply_openflow(struct ctl *ctl, const char *name, const char *value)
{
	struct err err = ERR_INIT;

	if (strcmp(name, "protocols") == 0) {
		if (of_versions_parse(value, &ctl->versions, &err) != 0) {
			fprintf(stderr, "%s: %s\n", ctl->prog, err.text);
			exit(EXIT_USAGE);
		}
	} else if (strcmp(name, "strict") == 0) {
		ctl->strict = true;
	} else if (strcmp(name, "names") == 0) {
		ctl->names = 1;
	} else if (strcmp(name, "no-names") == 0) {
		ctl->names = 0;
	} else if (strcmp(name, "no-stats") == 0) {
		ctl->no_stats = true;
	} else if (strcmp(name, "sort") == 0 || strcmp(name, "rsort") == 0) {
		ctl->sort = name[0] == 's' ? 1 : -1;
		ctl->sort_field = value;
	}
}

static void
apply(struct parse *p, const struct ctl_option_info *o, const char *value)
{
	struct ctl *ctl = p->ctl;
	const char *name = o->name;

	apply_final(p, name);
	apply_output(ctl, name, value);
	apply_openflow(ctl, name, value);
	if (strcmp(name, "rundir") == 0)
		setenv("OVS_RUNDIR", value, 1);
	else if (strcmp(name, "db") == 0)
		ctl->db = value;
	else if (strcmp(name, "target") == 0)
		ctl->target = value;
	else if (strcmp(name, "timeout") == 0)
		set_timeout(ctl, value);
	else if (strcmp(name, "no-wait") == 0)
		ctl->no_wait = true;
	else if (strcmp(name, "retry") == 0)
		ctl->retry = true;
	else if (strcmp(name, "dry-run") == 0)
		ctl->dry_run = true;
	else if (strcmp(name, "oneline") == 0)
		ctl->oneline = true;
	else if (strcmp(name, "private-key") == 0)
		p->tls.private_key = value;
	else if (strcmp(name, "certificate") == 0)
		p->tls.certificate = value;
	else if (strcmp(name, "ca-cert") == 0)
		p->tls.ca_cert = value;
	if (value != NULL && (o->letter == 'p' || o->letter == 'c' || o->letter == 'C'))
		p->has_tls = true;
}

/* Whether the comma list 'options' has the word of 'len' characters, in full or as a beginning; '*takes' is whether it has a value.
 * '*fullp' is its name. */
static bool
local_option(const char *options, const char *word, size_t len, bool exact, char *full, size_t size,
	bool *takes)
{
	for (const char *p = options; *p != '\0';) {
		size_t n = strcspn(p, ",");
		size_t name_len = n > 0 && p[n - 1] == '=' ? n - 1 : n;

		if (name_len >= len && strncmp(p, word, len) == 0 && (!exact || name_len == len)) {
			snprintf(full, size, "%.*s", (int)name_len, p);
			*takes = name_len != n;
			return true;
		}
		p += n + (p[n] == ',' ? 1 : 0);
	}
	return false;
}

/* Finds a global option by its name or the beginning of it. */
static const struct ctl_option_info *
find_long(const struct ctl *ctl, const char *word, size_t len, bool exact)
{
	for (size_t i = 0; i < n_ctl_options; i++) {
		const struct ctl_option_info *o = &ctl_options[i];

		if ((o->styles >> ctl->style & 1) != 0 && strncmp(o->name, word, len) == 0
			&& (!exact || o->name[len] == '\0'))
			return o;
	}
	return NULL;
}

/* An option of the first command, in front of the transaction. */
static bool
take_local(struct parse *p, const char *word, size_t len, const char *value, bool exact)
{
	char full[40];
	bool takes;

	for (size_t i = 0; i < n_ctl_commands; i++) {
		if (!local_option(
			    ctl_commands[i].options, word, len, exact, full, sizeof full, &takes))
			continue;
		if (takes && value == NULL && p->next < p->argc)
			value = p->argv[p->next++];
		if (takes && value == NULL)
			usage_error(p->ctl, "option ", full, " requires an argument");
		if (!takes && value != NULL)
			usage_error(p->ctl, "option ", full, " doesn't allow an argument");
		smap_set(&p->local, full, value != NULL ? value : "");
		return true;
	}
	return false;
}

static void
take_long(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
	const char *value = equals != NULL ? equals + 1 : NULL;
	const struct ctl_option_info *o = find_long(p->ctl, word + 2, len - 2, true);

	if (o == NULL && take_local(p, word, len, value, true))
		return;
	if (o == NULL)
		o = find_long(p->ctl, word + 2, len - 2, false);
	if (o == NULL) {
		if (!take_local(p, word, len, value, false))
			usage_error(p->ctl, "unrecognized option ", word, "");
		return;
	}
	if (o->has_arg == 1 && value == NULL) {
		if (p->next >= p->argc)
			usage_error(p->ctl, "option ", word, " requires an argument");
		value = p->argv[p->next++];
	}
	if (o->has_arg == 0 && value != NULL)
		usage_error(p->ctl, "option ", word, " doesn't allow an argument");
	apply(p, o, value);
}

static void
take_short(struct parse *p, const char *word)
{
	for (const char *c = word + 1; *c != '\0'; c++) {
		const struct ctl_option_info *o = NULL;
		const char *value = NULL;
		char letter[2] = { *c, '\0' };

		for (size_t i = 0; i < n_ctl_options && o == NULL; i++) {
			if ((ctl_options[i].styles >> p->ctl->style & 1) != 0
				&& ctl_options[i].letter == *c)
				o = &ctl_options[i];
		}
		if (o == NULL)
			usage_error(p->ctl, "invalid option -- ", letter, "");
		if (o->has_arg == 0) {
			apply(p, o, NULL);
			continue;
		}
		if (c[1] != '\0')
			value = c + 1;
		else if (o->has_arg == 1 && p->next < p->argc)
			value = p->argv[p->next++];
		if (o->has_arg == 1 && value == NULL)
			usage_error(p->ctl, "option requires an argument -- ", letter, "");
		/* Both of the tools' meanings of -t. */
		if (*c == 't' && p->ctl->style == CTL_STYLE_SLUICECTL
			&& strspn(value, "0123456789") == strlen(value))
			o = find_long(p->ctl, "timeout", 7, true);
		apply(p, o, value);
		return;
	}
}

/* Takes options up to the first other word, or, if 'all', all of them; the other words are moved to 'rest'. */
static int
take_options(struct parse *p, bool all, char **rest)
{
	int n = 0;

	while (p->next < p->argc) {
		char *word = p->argv[p->next];

		if (strcmp(word, "--") == 0 && !all)
			break;
		if (word[0] != '-' || word[1] == '\0') {
			if (!all)
				break;
			rest[n++] = word;
			p->next++;
			continue;
		}
		p->next++;
		if (strcmp(word, "--") == 0) {
			while (p->next < p->argc)
				rest[n++] = p->argv[p->next++];
		} else if (word[1] == '-') {
			take_long(p, word);
		} else {
			take_short(p, word);
		}
	}
	return n;
}

/* Checks the number of arguments of a command. */
static void
check_args(const struct ctl *ctl, const struct ctl_call *call, bool has_dashes)
{
	const struct ctl_command *cmd = call->cmd;
	int n = call->n_args - 1;

	if (n < cmd->min_args) {
		fprintf(stderr, "%s: '%s' command requires at least %d arguments\n", ctl->prog,
			cmd->name, cmd->min_args);
		exit(EXIT_USAGE);
	}
	if (n > cmd->max_args) {
		fprintf(stderr, "%s: '%s' command takes at most %d arguments%s\n", ctl->prog,
			cmd->name, cmd->max_args,
			has_dashes
				? " (note that options must precede command names and follow a \"--\" argument)"
				: "");
		exit(EXIT_USAGE);
	}
}

/* Reads one command of a transaction: options, name, arguments. */
static void
parse_call(const struct ctl *ctl, char **words, int n, struct ctl_call *call)
{
	bool has_dashes = false;
	int i;

	for (i = 0; i < n && words[i][0] == '-'; i++) {
		size_t len = strcspn(words[i], "=");
		char *name = xstrndup(words[i], len);

		smap_set(&call->options, name, words[i][len] == '=' ? words[i] + len + 1 : "");
		free(name);
	}
	if (i == n) {
		fprintf(stderr, "%s: missing command name (use --help for help)\n", ctl->prog);
		exit(EXIT_USAGE);
	}
	call->cmd = ctl_command_find(words[i]);
	if (call->cmd == NULL
		|| (call->cmd->group != CTL_GROUP_CONFIG && call->cmd->group != CTL_GROUP_DATABASE))
		usage_error(ctl, "unknown command ", words[i], "; use --help for help");
	call->args = (const char **)(words + i);
	call->n_args = n - i;
	for (int j = 1; j < call->n_args; j++)
		has_dashes = has_dashes || call->args[j][0] == '-';
	check_args(ctl, call, has_dashes);
}

/* Checks that the command knows its options. */
static void
check_local_options(const struct ctl *ctl, const struct ctl_call *call)
{
	const struct smap_node *node;

	SMAP_FOREACH(node, &call->options) {
		char full[40];
		bool takes;

		if (!local_option(call->cmd->options, node->key, strlen(node->key), true, full,
			    sizeof full, &takes)) {
			fprintf(stderr, "%s: '%s' command has no '%s' option\n", ctl->prog,
				call->cmd->name, node->key);
			exit(EXIT_USAGE);
		}
		if (takes && node->value[0] == '\0') {
			fprintf(stderr, "%s: missing argument to '%s' option on '%s' command\n",
				ctl->prog, node->key, call->cmd->name);
			exit(EXIT_USAGE);
		}
		if (!takes && node->value[0] != '\0') {
			fprintf(stderr, "%s: '%s' option on '%s' does not accept an argument\n",
				ctl->prog, node->key, call->cmd->name);
			exit(EXIT_USAGE);
		}
	}
}

static int
run_transaction(struct parse *p)
{
	struct ctl_call *calls = xcalloc((size_t)(p->argc - p->next) + 1, sizeof *calls);
	const struct smap_node *node;
	size_t n = 0;
	int status;

	for (int start = p->next; start <= p->argc;) {
		int end = start;

		while (end < p->argc && strcmp(p->argv[end], "--") != 0)
			end++;
		if (end > start || (end == p->argc && n == 0)) {
			smap_init(&calls[n].options);
			calls[n].ctl = p->ctl;
			parse_call(p->ctl, p->argv + start, end - start, &calls[n]);
			if (n++ == 0) {
				SMAP_FOREACH(node, &p->local)
					smap_set(&calls[0].options, node->key, node->value);
			}
			check_local_options(p->ctl, &calls[n - 1]);
		}
		start = end + 1;
	}
	if (n == 0)
		parse_call(p->ctl, NULL, 0, &calls[0]);
	status = vsctl_main(p->ctl, calls, n);
	for (size_t i = 0; i < n; i++) {
		smap_uninit(&calls[i].options);
		str_uninit(&calls[i].out);
		output_table_destroy(calls[i].table);
		json_decref(calls[i].json);
	}
	free(calls);
	return status;
}

/* One OpenFlow command; its options may stand anywhere. */
static int
run_openflow(struct parse *p, const struct ctl_command *cmd)
{
	char **rest = xcalloc((size_t)p->argc + 1, sizeof *rest);
	int n = take_options(p, true, rest);
	struct ctl_call call = {
		.ctl = p->ctl, .cmd = cmd, .args = (const char **)rest, .n_args = n
	};
	struct err err = ERR_INIT;
	int error;

	smap_init(&call.options);
	check_args(p->ctl, &call, false);
	error = cmd->run(&call, &err);
	if (p->ctl->json && call.json != NULL) {
		output_json(call.json, p->ctl->output.pretty, &call.out);
		str_putc(&call.out, '\n');
	}
	fwrite(str_cstr(&call.out), 1, call.out.len, stdout);
	fflush(stdout);
	if (error != 0 && error != -ECANCELED) {
		fprintf(stderr, "%s: %s\n", p->ctl->prog, err.text);
		call.exit_status = 1;
	}
	json_decref(call.json);
	str_uninit(&call.out);
	smap_uninit(&call.options);
	free(rest);
	return call.exit_status;
}

/* OpenFlow's show, which is not a row of its own because the name is taken. */
static const struct ctl_command of_show = { "show", "SWITCH", "print the switch's OpenFlow ports",
	1, 1, CTL_GROUP_OPENFLOW, ctl_run_of_show, "" };

/* ovs-ofctl before it was renamed. */
static const char *
old_name(const char *name)
{
	return strcmp(name, "desc") == 0 ? "dump-desc" : name;
}

static int
dispatch(struct parse *p)
{
	struct ctl *ctl = p->ctl;
	const char *name = p->next < p->argc ? p->argv[p->next] : NULL;
	const struct ctl_command *cmd;

	if (name == NULL && ctl->style != CTL_STYLE_VSCTL && smap_is_empty(&p->local)) {
		fprintf(stderr, "%s: missing command name; use --help for help\n", ctl->prog);
		return EXIT_USAGE;
	}
	if (ctl->style == CTL_STYLE_VSCTL || name == NULL || strcmp(name, "--") == 0)
		return run_transaction(p);
	if (ctl->style == CTL_STYLE_APPCTL)
		return appctl_main(
			ctl, (const char *const *)p->argv + p->next, (size_t)(p->argc - p->next));
	cmd = ctl_command_find(old_name(name));
	if (strcmp(name, "show") == 0 && (ctl->style == CTL_STYLE_OFCTL || p->next + 1 < p->argc)
		&& !(ctl->style == CTL_STYLE_SLUICECTL && strcmp(p->argv[p->next + 1], "--") == 0))
		cmd = &of_show;
	if (cmd != NULL && cmd->group == CTL_GROUP_OPENFLOW)
		return run_openflow(p, cmd);
	if (ctl->style == CTL_STYLE_OFCTL)
		usage_error(ctl, "unknown command ", name, "; use --help for help");
	if (strchr(name, '/') != NULL || (cmd != NULL && cmd->group == CTL_GROUP_RUNTIME))
		return appctl_main(
			ctl, (const char *const *)p->argv + p->next, (size_t)(p->argc - p->next));
	if (strcmp(name, "help") == 0) {
		doc_help(ctl, p->next + 1 < p->argc ? p->argv[p->next + 1] : NULL);
		return 0;
	}
	return run_transaction(p);
}

static enum ctl_style
style_of(const char *prog)
{
	if (strcmp(prog, "ovs-vsctl") == 0)
		return CTL_STYLE_VSCTL;
	if (strcmp(prog, "ovs-ofctl") == 0)
		return CTL_STYLE_OFCTL;
	return strcmp(prog, "ovs-appctl") == 0 ? CTL_STYLE_APPCTL : CTL_STYLE_SLUICECTL;
}

int
main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct ctl ctl = { .prog = slash != NULL ? slash + 1 : argv[0],
		.deadline_ms = INT64_MAX,
		.names = -1,
		.output.format = OUTPUT_LIST };
	struct parse p = { .ctl = &ctl, .argv = argv, .argc = argc, .next = 1 };
	struct err err = ERR_INIT;
	int status;

	smap_init(&p.local);
	ctl.style = style_of(ctl.prog);
	take_options(&p, false, NULL);
	if (p.has_tls && ssl_config(&p.tls, &err) != 0) {
		fprintf(stderr, "%s: %s\n", ctl.prog, err.text);
		return EXIT_USAGE;
	}
	status = dispatch(&p);
	smap_uninit(&p.local);
	return status;
}
