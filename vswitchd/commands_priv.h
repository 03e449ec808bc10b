/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_COMMANDS_PRIV_H
#define VSWITCHD_COMMANDS_PRIV_H

/* commands_priv: what the files of commands share. */

#include "base/list.h"
#include "commands.h"
#include "flow/ofp_port.h"
#include "ipc/command.h"

struct bridge;
struct bridge_port_info;
struct str;

#define COMMANDS_DP_NAME "netdev@ovs-netdev" /* What scripts call the one datapath. */

struct commands {
	struct pipeline *pipeline;
	struct datapath *datapath;
	struct commands_env env;
	struct list waiting; /* struct commands_wait */
};

/* A command that waits for pipeline and datapath before it can answer. */
struct commands_wait {
	struct list node; /* In commands.waiting. */
	struct commands *commands;
	struct command_ctx *ctx;
	int argc;
	const char **argv; /* The server's, until the answer. */
	void (*run)(struct commands_wait *); /* Answers. */
};

/* Calls 'run' when all counters have been credited. */
void commands_wait_stats(struct commands *, struct command_ctx *, int argc, const char *argv[],
	void (*run)(struct commands_wait *));

/* The port of a datapath port number, or NULL; its name, or NULL. */
const struct port *commands_port(const struct commands *, uint32_t dp_port);
const char *commands_port_name(void *commands, uint32_t dp_port);

/* Calls 'cb' for each port of each bridge that the datapath knows. */
void commands_each_port(struct commands *,
	void (*cb)(void *aux, struct bridge *, const struct bridge_port_info *), void *aux);

/* A port's number as Interface.ofport has it: the local port is 65534. */
static inline uint32_t
commands_ofport(uint32_t ofp_port)
{
	return ofp_port == OFP_PORT_LOCAL ? 65534 : ofp_port;
}

/* Answers with the text 's', which is freed. */
void commands_reply_str(struct command_ctx *, struct str *s);

/* Tables about the datapath (commands_dp.c). */
void commands_add_dp(struct command_server *, struct commands *);

#endif /* VSWITCHD_COMMANDS_PRIV_H */
