/* SPDX-License-Identifier: Apache-2.0 */
/* Help, manual page and completion, all from the table of commands and the table of options. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const struct {
	const char *title;
	const char *note; /* For the manual page. */
} groups[N_CTL_GROUPS] = {
	[CTL_GROUP_CONFIG] = { "Configuration",
		"Several commands, separated by \\-\\-, are one transaction.  Options of a command stand in front of its name." },
	[CTL_GROUP_DATABASE] = { "Database",
		"Names of tables and columns may be cut as long as they are unique; case does not matter, and - is the same as _.  "
		"A record is a UUID, its beginning, or a name." },
	[CTL_GROUP_OPENFLOW] = { "OpenFlow",
		"SWITCH is a bridge, or unix:PATH, or tcp:HOST[:PORT]." },
	[CTL_GROUP_RUNTIME] = { "Runtime",
		"A command with a / in its name is sent to the daemon, too, with its arguments." },
};

/* Whether the tool that we are called as has the group. */
static bool
has_group(const struct ctl *ctl, enum ctl_group group)
{
	switch (ctl->style) {
	case CTL_STYLE_VSCTL: return group == CTL_GROUP_CONFIG || group == CTL_GROUP_DATABASE;
	case CTL_STYLE_OFCTL: return group == CTL_GROUP_OPENFLOW;
	case CTL_STYLE_APPCTL: return group == CTL_GROUP_RUNTIME;
	case CTL_STYLE_SLUICECTL: break;
	}
	return true;
}

static void
print_command(const struct ctl_command *cmd)
{
	char head[128];

	snprintf(head, sizeof head, "%s %s", cmd->name, cmd->usage);
	printf("  %-34s %s\n", head, cmd->summary);
	if (cmd->options[0] != '\0')
		printf("  %-34s options: %s\n", "", cmd->options);
}

static void
print_option(const struct ctl_option_info *o)
{
	char head[80];

	snprintf(head, sizeof head, "%s%c%s--%s%s%s", o->letter != 0 ? "-" : " ",
		o->letter != 0 ? o->letter : ' ', o->letter != 0 ? ", " : "  ", o->name,
		o->has_arg != 0 ? "=" : "", o->has_arg != 0 ? o->arg : "");
	printf("  %-34s %s\n", head, o->summary);
}

void
doc_help(const struct ctl *ctl, const char *word)
{
	if (word != NULL) {
		const struct ctl_command *cmd = ctl_command_find(word);

		if (cmd != NULL)
			print_command(cmd);
		else
			printf("There is no command \"%s\".\n", word);
		return;
	}
	printf("%s: management of a virtual switch\nusage: %s [OPTION]... COMMAND [ARG]...\n",
		ctl->prog, ctl->prog);
	for (int g = 0; g < N_CTL_GROUPS; g++) {
		if (!has_group(ctl, (enum ctl_group)g))
			continue;
		printf("\n%s commands:\n", groups[g].title);
		for (size_t i = 0; i < n_ctl_commands; i++) {
			if (ctl_commands[i].group == (enum ctl_group)g)
				print_command(&ctl_commands[i]);
		}
	}
	if (has_group(ctl, CTL_GROUP_RUNTIME))
		printf("  %-34s %s\n", "ROOM/COMMAND [ARG]...",
			"a command of the daemon; see list-commands");
	printf("\nOptions:\n");
	for (size_t i = 0; i < n_ctl_options; i++) {
		if ((ctl_options[i].styles >> ctl->style & 1) != 0)
			print_option(&ctl_options[i]);
	}
}

void
doc_list_commands(const struct ctl *ctl)
{
	for (size_t i = 0; i < n_ctl_commands; i++) {
		if (has_group(ctl, ctl_commands[i].group))
			printf("%s %s\n", ctl_commands[i].name, ctl_commands[i].usage);
	}
}

/* Prints 'text' with what troff would take for its own made harmless. */
static void
roff(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '-')
			fputs("\\-", stdout);
		else if (*p == '\\' && p[1] == '-')
			continue;
		else if (*p == '\\')
			fputs("\\e", stdout);
		else if ((*p == '.' || *p == '\'') && p == text)
			printf("\\&%c", *p);
		else
			putchar(*p);
	}
}

static void
man_command(const struct ctl_command *cmd)
{
	fputs(".TP\n.B ", stdout);
	roff(cmd->name);
	putchar(' ');
	roff(cmd->usage);
	putchar('\n');
	roff(cmd->summary);
	fputs(".\n", stdout);
	if (cmd->options[0] != '\0') {
		fputs("Options: ", stdout);
		roff(cmd->options);
		fputs(".\n", stdout);
	}
}

static void
man_options(void)
{
	fputs(".SH OPTIONS\n", stdout);
	for (size_t i = 0; i < n_ctl_options; i++) {
		const struct ctl_option_info *o = &ctl_options[i];

		if ((o->styles >> CTL_STYLE_SLUICECTL & 1) == 0)
			continue;
		fputs(".TP\n.B ", stdout);
		if (o->letter != 0)
			printf("\\-%c, ", o->letter);
		fputs("\\-\\-", stdout);
		roff(o->name);
		if (o->has_arg != 0) {
			putchar('=');
			roff(o->arg);
		}
		putchar('\n');
		roff(o->summary);
		fputs(".\n", stdout);
	}
}

void
doc_man(void)
{
	fputs(".TH SLUICECTL 8 \"\" Sluice\n.SH NAME\nsluicectl \\- configure, program and inspect a Sluice virtual switch\n"
	      ".SH SYNOPSIS\n.B sluicectl\n[\\fIoption\\fR]... \\fIcommand\\fR [\\fIargument\\fR]... "
	      "[\\-\\- [\\fIoption\\fR]... \\fIcommand\\fR [\\fIargument\\fR]...]...\n.SH DESCRIPTION\n"
	      "One tool for the configuration database, the OpenFlow tables and the running daemon.  Commands, options and output of the "
	      "first two are those of the stock tools.\n.B show\nwithout an argument is about the configuration, with a bridge about its "
	      "OpenFlow ports.\n",
		stdout);
	for (int g = 0; g < N_CTL_GROUPS; g++) {
		printf(".SH %s COMMANDS\n", groups[g].title);
		roff(groups[g].note);
		putchar('\n');
		for (size_t i = 0; i < n_ctl_commands; i++) {
			if (ctl_commands[i].group == (enum ctl_group)g)
				man_command(&ctl_commands[i]);
		}
	}
	man_options();
	fputs(".SH EXIT STATUS\n0 on success; 1 if a command failed; 2 if the daemon refused a runtime command, br\\-exists found no bridge or "
	      "diff\\-flows found a difference; 65 if an interface could not be set up; 142 if the time was over.\n"
	      ".SH ENVIRONMENT\n.TP\n.B OVS_RUNDIR\nThe directory of sockets and pidfiles.\n",
		stdout);
}

void
doc_completion(void)
{
	fputs("# bash completion for sluicectl, generated.\n_sluicectl()\n{\n"
	      "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i word command=\n"
	      "    for ((i = 1; i < COMP_CWORD; i++)); do\n        word=${COMP_WORDS[i]}\n        case $word in\n"
	      "        --) command= ;;\n        -*) ;;\n        *) [ -n \"$command\" ] || command=$word ;;\n        esac\n    done\n"
	      "    if [ -z \"$command\" ]; then\n        COMPREPLY=($(compgen -W \"",
		stdout);
	for (size_t i = 0; i < n_ctl_commands; i++)
		printf("%s ", ctl_commands[i].name);
	for (size_t i = 0; i < n_ctl_options; i++) {
		if ((ctl_options[i].styles >> CTL_STYLE_SLUICECTL & 1) != 0)
			printf("--%s%s ", ctl_options[i].name,
				ctl_options[i].has_arg == 1 ? "=" : "");
	}
	fputs("--may-exist --if-exists --id= --columns=\" -- \"$cur\"))\n        return\n    fi\n    case $command in\n    ",
		stdout);
	for (size_t i = 0, n = 0; i < n_ctl_commands; i++) {
		if (strstr(ctl_commands[i].usage, "BRIDGE") != NULL
			|| strncmp(ctl_commands[i].usage, "SWITCH", 6) == 0)
			printf("%s%s", n++ > 0 ? "|" : "", ctl_commands[i].name);
	}
	fputs(")\n        COMPREPLY=($(compgen -W \"$(sluicectl --timeout=2 list-br 2>/dev/null)\" -- \"$cur\")) ;;\n"
	      "    port-to-br)\n        COMPREPLY=($(compgen -W \"$(sluicectl --timeout=2 --bare --columns=name list Port 2>/dev/null)\" -- \"$cur\")) ;;\n"
	      "    esac\n}\ncomplete -o default -F _sluicectl sluicectl\n",
		stdout);
}
