/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: one row each. */

#include <string.h>

#include "ctl.h"

#define CONFIG CTL_GROUP_CONFIG
#define DB CTL_GROUP_DATABASE
#define OF CTL_GROUP_OPENFLOW
#define ANY CTL_ANY_ARGS
#define FIND "--columns="

/* clang-format off */
const struct ctl_command ctl_commands[] = {
	{ "init", "", "initialize the database, if it is not yet", 0, 0, CONFIG, ctl_run_init, "" },
	{ "show", "[BRIDGE]", "print an overview of the configuration; of BRIDGE, its OpenFlow ports", 0, 0, CONFIG, ctl_run_show, "" },
	{ "emer-reset", "", "remove what could cut the switch off: controllers, managers, TLS, mirrors", 0, 0, CONFIG, ctl_run_emer_reset, "" },
	{ "add-br", "BRIDGE [PARENT VLAN]", "create a bridge, or a VLAN bridge of PARENT", 1, 3, CONFIG, ctl_run_add_br, "--may-exist" },
	{ "del-br", "BRIDGE", "delete a bridge and its ports", 1, 1, CONFIG, ctl_run_del_br, "--if-exists" },
	{ "list-br", "", "print the names of the bridges", 0, 0, CONFIG, ctl_run_list_br, "--real,--fake" },
	{ "br-exists", "BRIDGE", "exit with status 2 if there is no such bridge", 1, 1, CONFIG, ctl_run_br_exists, "" },
	{ "br-to-vlan", "BRIDGE", "print the VLAN that a bridge is on, 0 for none", 1, 1, CONFIG, ctl_run_br_to_vlan, "" },
	{ "br-to-parent", "BRIDGE", "print the parent of a VLAN bridge", 1, 1, CONFIG, ctl_run_br_to_parent, "" },
	{ "br-set-external-id", "BRIDGE KEY [VALUE]", "set or remove a pair of external_ids", 2, 3, CONFIG, ctl_run_br_set_external_id, "" },
	{ "br-get-external-id", "BRIDGE [KEY]", "print pairs of external_ids", 1, 2, CONFIG, ctl_run_br_get_external_id, "" },
	{ "list-ports", "BRIDGE", "print the names of a bridge's ports", 1, 1, CONFIG, ctl_run_list_ports, "" },
	{ "add-port", "BRIDGE PORT [COLUMN[:KEY]=VALUE]...", "add a port", 2, ANY, CONFIG, ctl_run_add_port, "--may-exist" },
	{ "add-bond", "BRIDGE PORT IFACE IFACE... [COLUMN[:KEY]=VALUE]...", "add a port of several interfaces", 4, ANY, CONFIG, ctl_run_add_bond, "--may-exist,--fake-iface" },
	{ "del-port", "[BRIDGE] PORT", "delete a port", 1, 2, CONFIG, ctl_run_del_port, "--if-exists,--with-iface" },
	{ "port-to-br", "PORT", "print the bridge that a port is on", 1, 1, CONFIG, ctl_run_port_to_br, "" },
	{ "list-ifaces", "BRIDGE", "print the names of a bridge's interfaces", 1, 1, CONFIG, ctl_run_list_ifaces, "" },
	{ "iface-to-br", "IFACE", "print the bridge that an interface is on", 1, 1, CONFIG, ctl_run_iface_to_br, "" },
	{ "get-controller", "BRIDGE", "print a bridge's controllers", 1, 1, CONFIG, ctl_run_get_controller, "" },
	{ "set-controller", "BRIDGE TARGET...", "set a bridge's controllers", 1, ANY, CONFIG, ctl_run_set_controller, "--inactivity-probe=" },
	{ "del-controller", "BRIDGE", "remove a bridge's controllers", 1, 1, CONFIG, ctl_run_del_controller, "" },
	{ "get-fail-mode", "BRIDGE", "print what a bridge does without a controller", 1, 1, CONFIG, ctl_run_get_fail_mode, "" },
	{ "set-fail-mode", "BRIDGE standalone|secure", "set what a bridge does without a controller", 2, 2, CONFIG, ctl_run_set_fail_mode, "" },
	{ "del-fail-mode", "BRIDGE", "go back to the default", 1, 1, CONFIG, ctl_run_del_fail_mode, "" },
	{ "get-manager", "", "print the managers", 0, 0, CONFIG, ctl_run_get_manager, "" },
	{ "set-manager", "TARGET...", "set the managers", 1, ANY, CONFIG, ctl_run_set_manager, "--inactivity-probe=" },
	{ "del-manager", "", "remove the managers", 0, 0, CONFIG, ctl_run_del_manager, "" },
	{ "get-ssl", "", "print the TLS configuration", 0, 0, CONFIG, ctl_run_get_ssl, "" },
	{ "set-ssl", "PRIVATE-KEY CERTIFICATE CA-CERT", "set the TLS configuration", 3, 3, CONFIG, ctl_run_set_ssl, "--bootstrap" },
	{ "del-ssl", "", "remove the TLS configuration", 0, 0, CONFIG, ctl_run_del_ssl, "" },
	{ "comment", "WORD...", "write a comment into the database's journal", 0, ANY, DB, ctl_run_comment, "" },
	{ "list", "TABLE [RECORD]...", "print rows of a table", 1, ANY, DB, ctl_run_list, FIND ",--if-exists" },
	{ "find", "TABLE [CONDITION]...", "print the rows for which all conditions hold", 1, ANY, DB, ctl_run_find, FIND },
	{ "get", "TABLE RECORD [COLUMN[:KEY]]...", "print values of a row", 2, ANY, DB, ctl_run_get, "--if-exists,--id=" },
	{ "set", "TABLE RECORD COLUMN[:KEY]=VALUE...", "set values of a row", 3, ANY, DB, ctl_run_set, "--if-exists" },
	{ "add", "TABLE RECORD COLUMN [KEY=]VALUE...", "add to a set or map of a row", 4, ANY, DB, ctl_run_add, "--if-exists" },
	{ "remove", "TABLE RECORD COLUMN KEY|VALUE|KEY=VALUE...", "remove from a set or map of a row", 4, ANY, DB, ctl_run_remove, "--if-exists" },
	{ "clear", "TABLE RECORD COLUMN...", "empty columns of a row", 3, ANY, DB, ctl_run_clear, "--if-exists" },
	{ "create", "TABLE COLUMN[:KEY]=VALUE...", "create a row and print its UUID", 2, ANY, DB, ctl_run_create, "--id=" },
	{ "destroy", "TABLE [RECORD]...", "delete rows", 1, ANY, DB, ctl_run_destroy, "--if-exists,--all" },
	{ "wait-until", "TABLE RECORD [CONDITION]...", "wait until the row is there and the conditions hold", 2, ANY, DB, ctl_run_wait_until, "" },
	{ "dump-flows", "SWITCH [FLOW]", "print rules", 1, 2, OF, ctl_run_of_dump_flows, "" },
	{ "dump-aggregate", "SWITCH [FLOW]", "print the sums of rules' counters", 1, 2, OF, ctl_run_of_dump_aggregate, "" },
	{ "dump-tables", "SWITCH", "print the tables' counters", 1, 1, OF, ctl_run_of_dump_tables, "" },
	{ "dump-ports", "SWITCH [PORT]", "print ports' counters", 1, 2, OF, ctl_run_of_dump_ports, "" },
	{ "dump-ports-desc", "SWITCH [PORT]", "print descriptions of ports", 1, 2, OF, ctl_run_of_dump_ports_desc, "" },
	{ "dump-desc", "SWITCH", "print the switch's description", 1, 1, OF, ctl_run_of_dump_desc, "" },
	{ "add-flow", "SWITCH FLOW", "add a rule", 2, 2, OF, ctl_run_of_add_flow, "" },
	{ "add-flows", "SWITCH FILE", "add the rules of a file, '-' for the standard input", 2, 2, OF, ctl_run_of_add_flows, "" },
	{ "mod-flows", "SWITCH FLOW", "change the actions of rules", 2, 2, OF, ctl_run_of_mod_flows, "" },
	{ "del-flows", "SWITCH [FLOW]", "delete rules", 1, 2, OF, ctl_run_of_del_flows, "" },
	{ "replace-flows", "SWITCH FILE", "make the rules those of a file", 2, 2, OF, ctl_run_of_replace_flows, "" },
	{ "diff-flows", "SOURCE SOURCE", "print in what rules of files or switches differ; status 2 if they do", 2, 2, OF, ctl_run_of_diff_flows, "" },
	{ "packet-out", "SWITCH PACKET-OUT", "let the switch send a packet", 2, 2, OF, ctl_run_of_packet_out, "" },
	{ "mod-port", "SWITCH PORT up|down|[no-]flood|[no-]forward|[no-]receive|[no-]packet-in", "change a port", 3, 3, OF, ctl_run_of_mod_port, "" },
	{ "get-frags", "SWITCH", "print how fragments are treated", 1, 1, OF, ctl_run_of_get_frags, "" },
	{ "set-frags", "SWITCH normal|drop|reassemble|nx-match", "set how fragments are treated", 2, 2, OF, ctl_run_of_set_frags, "" },
	{ "probe", "SWITCH", "exit with status 0 if the switch answers", 1, 1, OF, ctl_run_of_probe, "" },
	{ "ping", "SWITCH [BYTES]", "measure the time of echoes", 1, 2, OF, ctl_run_of_ping, "" },
	{ "monitor", "SWITCH [MISS-LEN]", "print the messages that the switch sends", 1, 2, OF, ctl_run_of_monitor, "" },
	{ "snoop", "SWITCH", "print the messages between switch and controller", 1, 1, OF, ctl_run_of_snoop, "" },
	{ "parse-flow", "FLOW", "print how a rule is understood", 1, 1, OF, ctl_run_of_parse_flow, "" },
	{ "parse-flows", "FILE", "print how the rules of a file are understood", 1, 1, OF, ctl_run_of_parse_flows, "" },
	{ "list-commands", "", "print the commands of the daemon", 0, ANY, CTL_GROUP_RUNTIME, NULL, "" },
	{ "version", "", "print the version of the daemon", 0, ANY, CTL_GROUP_RUNTIME, NULL, "" },
	{ "exit", "[--cleanup]", "end the daemon", 0, ANY, CTL_GROUP_RUNTIME, NULL, "" },
};
/* clang-format on */

const size_t n_ctl_commands = ARRAY_SIZE(ctl_commands);

const struct ctl_command *
ctl_command_find(const char *name)
{
	for (size_t i = 0; i < n_ctl_commands; i++) {
		if (strcmp(ctl_commands[i].name, name) == 0)
			return &ctl_commands[i];
	}
	return NULL;
}

const char *
ctl_option(const struct ctl_call *call, const char *name)
{
	return smap_get(&call->options, name);
}
