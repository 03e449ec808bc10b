/* SPDX-License-Identifier: Apache-2.0 */
/* commands: runtime commands about bridges and the daemon; those about the datapath are in commands_dp.c.  Room: vswitchd. */

#include "commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/err.h"
#include "base/smap.h"
#include "base/str.h"
#include "commands_priv.h"
#include "datapath/datapath.h"
#include "flow/extract.h"
#include "flow/format.h"
#include "ipc/json.h"
#include "pipeline/bridge.h"
#include "pipeline/mac_table.h"
#include "pipeline/pipeline.h"
#include "pipeline/trace.h"
#include "port/port.h"

/* ---- Shared ---- */

void
commands_reply_str(struct command_ctx *ctx, struct str *s)
{
	command_reply(ctx, str_cstr(s));
	str_uninit(s);
}

static void
wait_done(void *w_)
{
	struct commands_wait *w = w_;

	list_remove(&w->node);
	w->run(w);
	free(w);
}

void
commands_wait_stats(struct commands *c, struct command_ctx *ctx, int argc, const char *argv[],
	void (*run)(struct commands_wait *))
{
	struct commands_wait *w = xzalloc(sizeof *w);

	w->commands = c;
	w->ctx = ctx;
	w->argc = argc;
	w->argv = argv;
	w->run = run;
	list_push_back(&c->waiting, &w->node);
	pipeline_sync_stats(c->pipeline, wait_done, w);
}

const struct port *
commands_port(const struct commands *c, uint32_t dp_port)
{
	if (dp_port == PORT_NONE || c->env.find_port == NULL)
		return NULL;
	return c->env.find_port(c->env.aux, dp_port);
}

const char *
commands_port_name(void *c, uint32_t dp_port)
{
	const struct port *port = commands_port(c, dp_port);

	return port != NULL ? port->name : NULL;
}

void
commands_each_port(struct commands *c,
	void (*cb)(void *aux, struct bridge *, const struct bridge_port_info *), void *aux)
{
	struct bridge *b = NULL;
	struct bridge_port_info info;

	while ((b = pipeline_next_bridge(c->pipeline, b)) != NULL) {
		for (uint32_t p = 0; bridge_next_port(b, p, &info); p = info.ofp_port + 1)
			cb(aux, b, &info);
	}
}

/* The bridge of that name, or NULL and 'ctx' answered. */
static struct bridge *
find_bridge(struct commands *c, struct command_ctx *ctx, const char *name)
{
	struct bridge *b = pipeline_find_bridge(c->pipeline, name);

	if (b == NULL)
		command_reply_error(ctx, "no such bridge");
	return b;
}

/* ---- MAC tables ---- */

struct fdb {
	struct str *text;
	json_t *json;
};

static void
fdb_entry(void *fdb_, const struct mac_table_entry *e)
{
	struct fdb *fdb = fdb_;
	char mac[18], port[12];

	(void)snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", e->mac[0], e->mac[1],
		e->mac[2], e->mac[3], e->mac[4], e->mac[5]);
	if (e->ofp_port == OFP_PORT_LOCAL)
		(void)snprintf(port, sizeof port, "LOCAL");
	else
		(void)snprintf(port, sizeof port, "%" PRIu32, e->ofp_port);
	if (fdb->json != NULL) {
		json_array_append_new(fdb->json,
			json_pack("{s:I, s:i, s:s, s:b, s:I}", "port",
				(json_int_t)commands_ofport(e->ofp_port), "vlan", (int)e->vlan,
				"mac", mac, "static", (int)e->is_static, "age_s",
				(json_int_t)(e->age_ms / 1000)));
	} else if (e->is_static) {
		str_printf(fdb->text, "%5s  %4u  %s  static\n", port, (unsigned int)e->vlan, mac);
	} else {
		str_printf(fdb->text, "%5s  %4u  %s  %3d\n", port, (unsigned int)e->vlan, mac,
			(int)(e->age_ms / 1000));
	}
}

static void
fdb_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[], void *c)
{
	struct bridge *b = find_bridge(c, ctx, argv[1]);
	struct str s = STR_INIT;
	struct fdb fdb = { .text = &s };

	if (b == NULL)
		return;
	if (command_is_json(ctx))
		fdb.json = json_array();
	str_puts(&s, " port  VLAN  MAC                Age\n");
	mac_table_dump(bridge_mac_table(b), clock_ms(), fdb_entry, &fdb);
	if (fdb.json != NULL) {
		str_uninit(&s);
		command_reply_json(ctx, fdb.json);
	} else {
		commands_reply_str(ctx, &s);
	}
}

static bool
parse_mac(const char *text, uint8_t mac[6])
{
	unsigned int v[6];
	int n = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &n)
			!= 6
		|| text[n] != '\0')
		return false;
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)v[i];
	return true;
}

/* Reads VLAN and address; otherwise 'ctx' is answered. */
static bool
parse_vlan_mac(struct command_ctx *ctx, const char *vlan, const char *mac_text, uint16_t *vlanp,
	uint8_t mac[6])
{
	char *end;
	unsigned long v = strtoul(vlan, &end, 10);

	if (*vlan == '\0' || *end != '\0' || v > 4095) {
		command_reply_errorf(ctx, "%s: not a VLAN (0...4095)", vlan);
		return false;
	}
	if (!parse_mac(mac_text, mac)) {
		command_reply_errorf(ctx, "%s: not a MAC address", mac_text);
		return false;
	}
	*vlanp = (uint16_t)v;
	return true;
}

/* A port by name or number. */
static bool
find_port(const struct bridge *b, const char *name, struct bridge_port_info *info)
{
	uint32_t number;

	if (bridge_find_port(b, name, info))
		return true;
	return ofp_port_parse(name, &number) && bridge_get_port(b, number, info);
}

static void
fdb_add(struct command_ctx *ctx, int argc UNUSED, const char *argv[], void *c)
{
	struct bridge *b = find_bridge(c, ctx, argv[1]);
	struct bridge_port_info info;
	struct err err = ERR_INIT;
	uint8_t mac[6];
	uint16_t vlan;

	if (b == NULL)
		return;
	if (!find_port(b, argv[2], &info))
		command_reply_errorf(ctx, "%s: no such port", argv[2]);
	else if (parse_vlan_mac(ctx, argv[3], argv[4], &vlan, mac)) {
		if (bridge_mac_add_static(b, mac, vlan, info.ofp_port, &err) != 0)
			command_reply_error(ctx, err.text);
		else
			command_reply(ctx, "");
	}
}

static void
fdb_del(struct command_ctx *ctx, int argc UNUSED, const char *argv[], void *c)
{
	struct bridge *b = find_bridge(c, ctx, argv[1]);
	uint8_t mac[6];
	uint16_t vlan;

	if (b == NULL || !parse_vlan_mac(ctx, argv[2], argv[3], &vlan, mac))
		return;
	if (bridge_mac_remove(b, mac, vlan) != 0)
		command_reply_error(ctx, "no such entry");
	else
		command_reply(ctx, "");
}

static void
fdb_flush(struct command_ctx *ctx, int argc, const char *argv[], void *c_)
{
	struct commands *c = c_;
	struct bridge *b = NULL;

	if (argc > 1) {
		b = find_bridge(c, ctx, argv[1]);
		if (b == NULL)
			return;
		bridge_mac_flush(b);
	} else {
		while ((b = pipeline_next_bridge(c->pipeline, b)) != NULL)
			bridge_mac_flush(b);
	}
	command_reply(ctx, "table successfully flushed");
}

static void
fdb_stats(struct command_ctx *ctx, int argc, const char *argv[], void *c_)
{
	struct commands *c = c_;
	struct bridge *only = argc > 1 ? find_bridge(c, ctx, argv[1]) : NULL;
	struct bridge *b = NULL;
	struct str s = STR_INIT;
	struct mac_table_stats st;

	if (argc > 1 && only == NULL)
		return;
	while ((b = pipeline_next_bridge(c->pipeline, b)) != NULL) {
		if (only != NULL && b != only)
			continue;
		mac_table_get_stats(bridge_mac_table(b), &st);
		str_printf(&s,
			"Statistics for bridge \"%s\":\n"
			"  Current/maximum MAC entries in the table: %" PRIu32 "/%" PRIu32 "\n"
			"  Current static MAC entries in the table : %" PRIu32 "\n"
			"  Total number of learned MAC entries     : %" PRIu64 "\n",
			bridge_name(b), st.n, st.size, st.n_static, st.learned);
		str_printf(&s,
			"  Total number of expired MAC entries     : %" PRIu64 "\n"
			"  Total number of evicted MAC entries     : %" PRIu64 "\n"
			"  Total number of port moved MAC entries  : %" PRIu64 "\n",
			st.expired, st.evicted, st.moved);
	}
	commands_reply_str(ctx, &s);
}

/* ---- Bridges and rules ---- */

static void
dpif_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct datapath_stats st;
	struct bridge_port_info info;
	struct bridge *b = NULL;
	struct str s = STR_INIT;

	datapath_get_stats(c->datapath, &st);
	str_printf(&s, "%s: hit:%" PRIu64 " missed:%" PRIu64 "\n", COMMANDS_DP_NAME, st.hits,
		st.misses);
	while ((b = pipeline_next_bridge(c->pipeline, b)) != NULL) {
		str_printf(&s, "  %s:\n", bridge_name(b));
		for (uint32_t p = 0; bridge_next_port(b, p, &info); p = info.ofp_port + 1) {
			const struct port *port = commands_port(c, info.dp_port);
			uint32_t n = commands_ofport(info.ofp_port);

			if (info.peer != NULL)
				str_printf(&s, "    %s %" PRIu32 "/none: (patch: peer=%s)\n",
					info.name, n, info.peer);
			else if (info.dp_port == PORT_NONE)
				str_printf(&s, "    %s %" PRIu32 "/none: (none)\n", info.name, n);
			else
				str_printf(&s, "    %s %" PRIu32 "/%" PRIu32 ": (%s)\n", info.name,
					n, info.dp_port,
					port != NULL ? port->ops->type : "unknown");
		}
	}
	commands_reply_str(ctx, &s);
}

static void
ofproto_list(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct bridge *b = NULL;
	struct str s = STR_INIT;

	while ((b = pipeline_next_bridge(c->pipeline, b)) != NULL)
		str_printf(&s, "%s\n", bridge_name(b));
	commands_reply_str(ctx, &s);
}

/* ---- Trace ---- */

static bool
port_number(void *bridge, const char *name, uint32_t *ofp_port)
{
	struct bridge_port_info info;

	if (!bridge_find_port(bridge, name, &info))
		return false;
	*ofp_port = info.ofp_port;
	return true;
}

/* Bytes of a packet in hexadecimal.  Returns: their number, or 0 if 'text' is not that. */
static size_t
parse_hex(const char *text, uint8_t *bytes, size_t max)
{
	size_t n = 0;

	for (; text[0] != '\0' && text[1] != '\0' && n < max; text += 2) {
		char pair[3] = { text[0], text[1], '\0' };
		char *end;

		bytes[n++] = (uint8_t)strtoul(pair, &end, 16);
		if (*end != '\0')
			return 0;
	}
	return text[0] == '\0' ? n : 0;
}

static void
trace(struct command_ctx *ctx, int argc, const char *argv[], void *c)
{
	struct bridge *b = find_bridge(c, ctx, argv[1]);
	struct format_ports ports = { .number = port_number, .aux = b };
	struct err err = ERR_INIT;
	struct str s = STR_INIT;
	uint8_t packet[2048];
	struct match match;
	json_t *json = NULL;
	size_t n;

	if (b == NULL)
		return;
	if (match_parse(argv[2], &ports, &match, &err) != 0) {
		command_reply_error(ctx, err.text);
		return;
	}
	if (argc > 3 && strcmp(argv[3], "-generate") != 0 && strcmp(argv[3], "--generate") != 0) {
		n = parse_hex(argv[3], packet, sizeof packet);
		if (n == 0) {
			command_reply_errorf(ctx, "%s: not a packet in hexadecimal", argv[3]);
			return;
		}
		flow_extract(packet, (uint32_t)n, match.value.in_port, &match.value, NULL);
	}
	trace_flow(b, &match.value, command_is_json(ctx), &s);
	if (command_is_json(ctx) && json_parse_string(str_cstr(&s), NULL, &json, &err) == 0) {
		command_reply_json(ctx, json);
		str_uninit(&s);
	} else {
		commands_reply_str(ctx, &s);
	}
}

/* ---- The daemon ---- */

static void
coverage_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c UNUSED)
{
	json_t *json = json_object();
	struct str s = STR_INIT;
	unsigned int n_never = 0;

	str_puts(&s, "Events since the start:\n");
	for (unsigned int i = 0; i < N_COUNT_EVENTS; i++) {
		uint64_t n = count_read((enum count_event)i);

		json_object_set_new(
			json, count_name((enum count_event)i), json_integer((json_int_t)n));
		if (n == 0)
			n_never++;
		else
			str_printf(&s, "%-24s total: %" PRIu64 "\n",
				count_name((enum count_event)i), n);
	}
	str_printf(&s, "%u events never hit\n", n_never);
	if (command_is_json(ctx)) {
		str_uninit(&s);
		command_reply_json(ctx, json);
	} else {
		json_decref(json);
		commands_reply_str(ctx, &s);
	}
}

static void
coverage_read(struct command_ctx *ctx, int argc UNUSED, const char *argv[], void *c UNUSED)
{
	for (unsigned int i = 0; i < N_COUNT_EVENTS; i++) {
		if (strcmp(argv[1], count_name((enum count_event)i)) == 0) {
			struct str s = STR_INIT;

			str_printf(&s, "%" PRIu64, count_read((enum count_event)i));
			commands_reply_str(ctx, &s);
			return;
		}
	}
	command_reply_errorf(ctx, "%s: no such counter", argv[1]);
}

static void
count_port(void *n, struct bridge *b UNUSED, const struct bridge_port_info *info UNUSED)
{
	++*(unsigned int *)n;
}

static void
memory_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct smap usage;
	struct pipeline_stats ps;
	struct datapath_stats ds;
	struct str s = STR_INIT;
	const struct smap_node **sorted;
	unsigned int n_ports = 0;
	json_t *json = json_object();

	smap_init(&usage);
	pipeline_get_stats(c->pipeline, &ps);
	datapath_get_stats(c->datapath, &ds);
	commands_each_port(c, count_port, &n_ports);
	smap_set(&usage, "handlers", "1");
	smap_setf(&usage, "ports", "%u", n_ports);
	smap_setf(&usage, "rules", "%" PRIu32, ps.n_rules);
	smap_setf(&usage, "megaflows", "%" PRIu32, ds.n_megaflows);
	smap_setf(&usage, "masks", "%" PRIu32, ds.n_masks);
	smap_setf(&usage, "programs", "%" PRIu32, ds.n_programs);
	if (c->env.memory != NULL)
		c->env.memory(c->env.aux, &usage);
	sorted = smap_sorted(&usage);
	for (size_t i = 0; sorted[i] != NULL; i++) {
		str_printf(&s, "%s%s:%s", i > 0 ? " " : "", sorted[i]->key, sorted[i]->value);
		json_object_set_new(json, sorted[i]->key,
			json_integer((json_int_t)smap_get_u64(&usage, sorted[i]->key, 0)));
	}
	free(sorted);
	smap_uninit(&usage);
	if (command_is_json(ctx)) {
		str_uninit(&s);
		command_reply_json(ctx, json);
	} else {
		json_decref(json);
		commands_reply_str(ctx, &s);
	}
}

static void
wait_run(struct commands_wait *w)
{
	command_reply(w->ctx, "");
}

static void
settled(void *w_)
{
	struct commands_wait *w = w_;

	/* Rules are in force; now the counters. */
	pipeline_sync_stats(w->commands->pipeline, wait_done, w);
}

static void
revalidator_wait(struct command_ctx *ctx, int argc, const char *argv[], void *c_)
{
	struct commands *c = c_;
	struct commands_wait *w = xzalloc(sizeof *w);

	*w = (struct commands_wait){
		.commands = c, .ctx = ctx, .argc = argc, .argv = argv, .run = wait_run
	};
	list_push_back(&c->waiting, &w->node);
	pipeline_barrier(c->pipeline, settled, w);
}

static void
run_exit(struct command_ctx *ctx, int argc, const char *argv[], void *c_)
{
	struct commands *c = c_;

	if (argc > 1 && strcmp(argv[1], "--cleanup") != 0)
		command_reply_errorf(ctx, "%s: no such option", argv[1]);
	else if (c->env.exit == NULL)
		command_reply_error(ctx, "this process cannot be ended that way");
	else
		c->env.exit(c->env.aux, ctx, argc > 1);
}

/* ---- What this switch has none of ---- */

static bool
port_known(struct commands *c, const char *name)
{
	struct bridge_port_info info;
	struct bridge *b = NULL;

	while ((b = pipeline_next_bridge(c->pipeline, b)) != NULL) {
		if (bridge_find_port(b, name, &info))
			return true;
	}
	return false;
}

static void
qos_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[], void *c)
{
	struct str s = STR_INIT;

	if (!port_known(c, argv[1])) {
		command_reply_error(ctx, "no such interface");
		return;
	}
	str_printf(&s, "QoS not configured on %s\n", argv[1]);
	commands_reply_str(ctx, &s);
}

static void
bond_show(struct command_ctx *ctx, int argc, const char *argv[] UNUSED, void *c UNUSED)
{
	if (argc > 1)
		command_reply_error(ctx, "no such bond");
	else
		command_reply(ctx, "");
}

static void
bond_list(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c UNUSED)
{
	command_reply(ctx, "Bond\tType\tRecircID\tMembers\n");
}

static void
lacp_show(struct command_ctx *ctx, int argc, const char *argv[] UNUSED, void *c UNUSED)
{
	if (argc > 1)
		command_reply_error(ctx, "no such lacp object");
	else
		command_reply(ctx, "");
}

static void
tnl_neigh_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c UNUSED)
{
	command_reply(ctx,
		"IP                                            MAC                 Bridge\n"
		"==========================================================================\n");
}

static void
route_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c UNUSED)
{
	command_reply(ctx, "Route Table:\n");
}

/* ---- The table ---- */

static const struct command table[] = {
	{ "fdb/show", "bridge", 1, 1, fdb_show, NULL },
	{ "fdb/add", "bridge port vlan mac", 4, 4, fdb_add, NULL },
	{ "fdb/del", "bridge vlan mac", 3, 3, fdb_del, NULL },
	{ "fdb/flush", "[bridge]", 0, 1, fdb_flush, NULL },
	{ "fdb/stats-show", "[bridge]", 0, 1, fdb_stats, NULL },
	{ "dpif/show", "", 0, 0, dpif_show, NULL },
	{ "ofproto/list", "", 0, 0, ofproto_list, NULL },
	{ "ofproto/trace", "bridge flow [-generate|packet]", 2, 3, trace, NULL },
	{ "coverage/show", "", 0, 0, coverage_show, NULL },
	{ "coverage/read-counter", "counter", 1, 1, coverage_read, NULL },
	{ "memory/show", "", 0, 0, memory_show, NULL },
	{ "revalidator/wait", "", 0, 0, revalidator_wait, NULL },
	{ "exit", "[--cleanup]", 0, 1, run_exit, NULL },
	{ "qos/show", "interface", 1, 1, qos_show, NULL },
	{ "bond/show", "[port]", 0, 1, bond_show, NULL },
	{ "bond/list", "", 0, 0, bond_list, NULL },
	{ "lacp/show", "[port]", 0, 1, lacp_show, NULL },
	{ "tnl/neigh/show", "", 0, 0, tnl_neigh_show, NULL },
	{ "tnl/arp/show", "", 0, 0, tnl_neigh_show, NULL },
	{ "ovs/route/show", "", 0, 0, route_show, NULL },
};

struct commands *
commands_add(struct command_server *server, struct pipeline *pipeline, struct datapath *datapath,
	const struct commands_env *env)
{
	struct commands *c = xzalloc(sizeof *c);

	c->pipeline = pipeline;
	c->datapath = datapath;
	c->env = *env;
	list_init(&c->waiting);
	command_add(server, table, ARRAY_SIZE(table), c);
	commands_add_dp(server, c);
	return c;
}

void
commands_remove(struct commands *c)
{
	struct commands_wait *w, *next;

	if (c == NULL)
		return;
	LIST_FOREACH_SAFE(w, next, node, &c->waiting) {
		list_remove(&w->node);
		free(w);
	}
	free(c);
}
