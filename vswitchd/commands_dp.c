/* SPDX-License-Identifier: Apache-2.0 */
/* commands_dp: runtime commands about the datapath: cached flows, pmds, queues, drops, books.  Room: vswitchd. */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "action/program.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "commands_priv.h"
#include "datapath/datapath.h"
#include "flow/format.h"
#include "pipeline/bridge.h"
#include "pipeline/pipeline.h"
#include "port/port.h"

/* ---- Cached flows ---- */

struct dump {
	struct commands *commands;
	struct str *text;
	json_t *json; /* An array, or NULL: text. */
	bool more, names;
	bool filtered; /* Only what can match 'filter'. */
	struct match filter;
	const struct bridge *bridge; /* Only its ports'; NULL: all. */
};

/* True if some packet could be handled by the flow and be meant by the filter. */
static bool
passes(const struct dump *dump, const struct datapath_flow *f)
{
	struct bridge *bridge;
	uint32_t ofp_port;

	if (dump->bridge != NULL
		&& (!pipeline_find_dp_port(
			    dump->commands->pipeline, f->key->in_port, &bridge, &ofp_port)
			|| bridge != dump->bridge))
		return false;
	for (unsigned int i = 0; dump->filtered && i < FLOW_N_KEY_LANES; i++) {
		const uint64_t *k = flow_lane(f->key, i), *km = flow_lane(f->mask, i);
		const uint64_t *v = flow_lane(&dump->filter.value, i);
		const uint64_t *vm = flow_lane(&dump->filter.mask, i);

		for (unsigned int w = 0; w < FLOW_LANE_WORDS; w++) {
			if (((k[w] ^ v[w]) & km[w] & vm[w]) != 0)
				return false;
		}
	}
	return true;
}

static void
put_tcp_flags(struct str *s, uint16_t flags)
{
	static const char letters[] = "FSRP.UEC";

	str_puts(s, ", flags:");
	for (unsigned int i = 0; i < 8; i++) {
		if ((flags >> i & 1) != 0)
			str_putc(s, letters[i]);
	}
}

static bool
dump_one(void *dump_, const struct datapath_flow *f)
{
	struct dump *dump = dump_;
	struct str key = STR_INIT, actions = STR_INIT;
	int64_t idle_ms = f->used_ms == 0 ? -1 : clock_ms() - f->used_ms;
	const char *(*name)(void *, uint32_t) = dump->names ? commands_port_name : NULL;

	if (!passes(dump, f))
		return true;
	flow_format_datapath(f->key, f->mask, name, dump->commands, &key);
	program_print(f->program, f->program_len, name, dump->commands, &actions);
	if (dump->json != NULL) {
		json_array_append_new(dump->json,
			json_pack("{s:s, s:s, s:I, s:I, s:o, s:i}", "flow", str_cstr(&key),
				"actions", str_cstr(&actions), "packets", (json_int_t)f->n_packets,
				"bytes", (json_int_t)f->n_bytes, "idle_ms",
				idle_ms < 0 ? json_null() : json_integer(idle_ms), "index",
				(int)f->index));
	} else {
		if (dump->more)
			str_printf(dump->text, "ufid:%08" PRIx32 "-0000-0000-0000-000000000000, ",
				f->index);
		str_printf(dump->text,
			"%s, packets:%" PRIu64 ", bytes:%" PRIu64 ", used:", str_cstr(&key),
			f->n_packets, f->n_bytes);
		if (idle_ms < 0)
			str_puts(dump->text, "never");
		else
			str_printf(dump->text, "%" PRId64 ".%03ds", idle_ms / 1000,
				(int)(idle_ms % 1000));
		if (f->tcp_flags != 0)
			put_tcp_flags(dump->text, ntohs(f->tcp_flags));
		str_printf(dump->text, ", actions:%s\n", str_cstr(&actions));
	}
	str_uninit(&key);
	str_uninit(&actions);
	return true;
}

static bool
dp_port_by_name(void *commands_, const char *name, uint32_t *dp_port)
{
	struct commands *c = commands_;
	struct bridge *b = NULL;
	struct bridge_port_info info;

	while ((b = pipeline_next_bridge(c->pipeline, b)) != NULL) {
		if (bridge_find_port(b, name, &info) && info.dp_port != PORT_NONE) {
			*dp_port = info.dp_port;
			return true;
		}
	}
	return false;
}

static bool
is_dp_name(const char *s)
{
	return strcmp(s, COMMANDS_DP_NAME) == 0 || strcmp(s, "ovs-netdev") == 0
		|| strcmp(s, "ovs-system") == 0 || strcmp(s, "system@ovs-system") == 0;
}

/* Reads the options of dump-flows from 'argv[from]' on.  Returns: 0, -EINVAL with 'err'. */
static int
dump_options(struct dump *dump, int from, int argc, const char *argv[], struct err *err)
{
	const struct format_ports ports = { .number = dp_port_by_name, .aux = dump->commands };

	for (int i = from; i < argc; i++) {
		const char *a = argv[i];

		if (strcmp(a, "-m") == 0 || strcmp(a, "--more") == 0) {
			dump->more = true;
		} else if (strcmp(a, "names") == 0 || strcmp(a, "--names") == 0) {
			dump->names = true;
		} else if (strcmp(a, "--no-names") == 0) {
			dump->names = false;
		} else if (strncmp(a, "filter=", 7) == 0) {
			int error = match_parse(a + 7, &ports, &dump->filter, err);

			if (error != 0)
				return error;
			dump->filtered = true;
		} else if (strcmp(a, "type=all") != 0 && strcmp(a, "type=ovs") != 0
			&& !is_dp_name(a)) {
			err_set(err, "%s: no such option (-m, names, filter=MATCH, type=ovs)", a);
			return -EINVAL;
		}
	}
	return 0;
}

static void
dump_run(struct commands_wait *w, const struct bridge *bridge, int from)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	struct dump dump = { .commands = w->commands, .text = &text, .bridge = bridge };

	if (dump_options(&dump, from, w->argc, w->argv, &err) != 0) {
		command_reply_error(w->ctx, err.text);
		return;
	}
	if (command_is_json(w->ctx))
		dump.json = json_array();
	datapath_dump_flows(w->commands->datapath, dump_one, &dump);
	if (dump.json != NULL)
		command_reply_json(w->ctx, dump.json);
	else
		commands_reply_str(w->ctx, &text);
}

static void
dump_flows_run(struct commands_wait *w)
{
	dump_run(w, NULL, 1);
}

static void
dump_flows(struct command_ctx *ctx, int argc, const char *argv[], void *c)
{
	commands_wait_stats(c, ctx, argc, argv, dump_flows_run);
}

/* "dpif/dump-flows [-m] [--names] BRIDGE": the bridge is the last word. */
static void
dump_bridge_flows_run(struct commands_wait *w)
{
	const struct bridge *b = pipeline_find_bridge(w->commands->pipeline, w->argv[w->argc - 1]);

	if (b == NULL) {
		command_reply_error(w->ctx, "no such bridge");
		return;
	}
	w->argc--;
	dump_run(w, b, 1);
}

static void
dump_bridge_flows(struct command_ctx *ctx, int argc, const char *argv[], void *c)
{
	commands_wait_stats(c, ctx, argc, argv, dump_bridge_flows_run);
}

/* ---- The datapath and its ports ---- */

struct listing {
	struct commands *commands;
	struct str *text;
	json_t *json;
};

static void
show_dp_port(void *l_, struct bridge *b UNUSED, const struct bridge_port_info *info)
{
	struct listing *l = l_;
	const struct port *port = commands_port(l->commands, info->dp_port);

	if (info->dp_port != PORT_NONE)
		str_printf(l->text, "  port %" PRIu32 ": %s (%s)\n", info->dp_port, info->name,
			port != NULL ? port->ops->type : "unknown");
}

static void
dpctl_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct str s = STR_INIT;
	struct listing l = { .commands = c, .text = &s };
	struct datapath_stats st;

	datapath_get_stats(c->datapath, &st);
	str_printf(&s,
		"%s:\n  lookups: hit:%" PRIu64 " missed:%" PRIu64 " lost:%" PRIu64
		"\n  flows: %" PRIu32 "\n  masks: %" PRIu32 "\n",
		COMMANDS_DP_NAME, st.hits, st.misses, st.lost, st.n_megaflows, st.n_masks);
	commands_each_port(c, show_dp_port, &l);
	commands_reply_str(ctx, &s);
}

static void
dpctl_dump_dps(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c UNUSED)
{
	command_reply(ctx, COMMANDS_DP_NAME);
}

static void
dpctl_dump_conntrack(
	struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c UNUSED)
{
	command_reply(ctx, ""); /* No connection is tracked. */
}

static void
flushed(struct commands_wait *w)
{
	command_reply(w->ctx, "");
}

static void
flush(struct command_ctx *ctx, int argc, const char *argv[], void *c_)
{
	struct commands *c = c_;

	/* A request that is made after the flush is done after it. */
	(void)datapath_flush(c->datapath);
	commands_wait_stats(c, ctx, argc, argv, flushed);
}

/* A counter, null if it is not known. */
static json_t *
json_count(uint64_t n)
{
	return n == UINT64_MAX ? json_null() : json_integer((json_int_t)n);
}

static void
put_count(struct str *s, uint64_t n)
{
	if (n == UINT64_MAX)
		str_printf(s, " %12s", "?");
	else
		str_printf(s, " %12" PRIu64, n);
}

static void
show_port(void *l_, struct bridge *b, const struct bridge_port_info *info)
{
	struct listing *l = l_;
	const struct port *port = commands_port(l->commands, info->dp_port);
	const char *type = info->peer != NULL ? "patch" : port != NULL ? port->ops->type : "none";
	struct bridge_port_stats st;
	uint64_t drops[N_DROP_REASONS] = { 0 };
	uint64_t n_drops = 0;

	if (!bridge_get_port_stats(b, info->ofp_port, &st))
		memset(&st, 0xff, sizeof st);
	if (info->dp_port != PORT_NONE)
		datapath_get_port_drops(l->commands->datapath, info->dp_port, drops);
	for (unsigned int i = 0; i < N_DROP_REASONS; i++)
		n_drops += drops[i];
	if (l->json != NULL) {
		json_array_append_new(l->json,
			json_pack("{s:s, s:s, s:I, s:o, s:s, s:b, s:i, s:i, s:o, s:o, s:I}",
				"bridge", bridge_name(b), "name", info->name, "ofport",
				(json_int_t)commands_ofport(info->ofp_port), "dp_port",
				info->dp_port == PORT_NONE ? json_null()
							   : json_integer(info->dp_port),
				"type", type, "link_up", (int)info->link_up, "mtu", (int)info->mtu,
				"n_rxq", port != NULL ? (int)port->n_rxq : 0, "rx_packets",
				json_count(st.rx_packets), "tx_packets", json_count(st.tx_packets),
				"drops", (json_int_t)n_drops));
		return;
	}
	str_printf(l->text, "%-15s %-15s %6d %4d  %-20s %-4s %5u %4u", bridge_name(b), info->name,
		(int)commands_ofport(info->ofp_port),
		info->dp_port == PORT_NONE ? -1 : (int)info->dp_port, type,
		info->link_up ? "up" : "down", info->mtu, port != NULL ? port->n_rxq : 0u);
	put_count(l->text, st.rx_packets);
	put_count(l->text, st.tx_packets);
	str_printf(l->text, " %10" PRIu64 "\n", n_drops);
}

static void
port_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct str s = STR_INIT;
	struct listing l = { .commands = c, .text = &s };

	if (command_is_json(ctx))
		l.json = json_array();
	str_printf(&s, "%-15s %-15s %6s %4s  %-20s %-4s %5s %4s %12s %12s %10s\n", "bridge", "port",
		"ofport", "dp", "type", "link", "mtu", "rxqs", "rx packets", "tx packets", "drops");
	commands_each_port(c, show_port, &l);
	if (l.json != NULL) {
		str_uninit(&s);
		command_reply_json(ctx, l.json);
	} else {
		commands_reply_str(ctx, &s);
	}
}

/* ---- Drops and books ---- */

static json_t *
drops_json(const uint64_t *drops)
{
	json_t *o = json_object();

	for (unsigned int i = 0; i < N_DROP_REASONS; i++) {
		if (drops[i] != 0)
			json_object_set_new(
				o, drop_reason_name(i), json_integer((json_int_t)drops[i]));
	}
	return o;
}

static void
show_port_drops(void *l_, struct bridge *b UNUSED, const struct bridge_port_info *info)
{
	struct listing *l = l_;
	uint64_t drops[N_DROP_REASONS] = { 0 };

	if (info->dp_port == PORT_NONE)
		return;
	datapath_get_port_drops(l->commands->datapath, info->dp_port, drops);
	if (l->json != NULL) {
		json_object_set_new(l->json, info->name, drops_json(drops));
		return;
	}
	for (unsigned int i = 0; i < N_DROP_REASONS; i++) {
		if (drops[i] != 0)
			str_printf(l->text, "%-15s %-18s %12" PRIu64 "  %s\n", info->name,
				drop_reason_name(i), drops[i], drop_reason_text(i));
	}
}

static void
drops_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct str s = STR_INIT;
	struct listing l = { .commands = c, .text = &s };
	struct datapath_books books;

	datapath_get_books(c->datapath, &books);
	if (command_is_json(ctx)) {
		json_t *ports = json_object();

		l.json = ports;
		commands_each_port(c, show_port_drops, &l);
		command_reply_json(ctx,
			json_pack("{s:I, s:o, s:o}", "total", (json_int_t)books.dropped, "reasons",
				drops_json(books.drops), "ports", ports));
		return;
	}
	str_printf(&s, "total drops: %" PRIu64 "\n", books.dropped);
	for (unsigned int i = 0; i < N_DROP_REASONS; i++) {
		if (books.drops[i] != 0)
			str_printf(&s, "%-15s %-18s %12" PRIu64 "  %s\n", "(all ports)",
				drop_reason_name(i), books.drops[i], drop_reason_text(i));
	}
	commands_each_port(c, show_port_drops, &l);
	commands_reply_str(ctx, &s);
}

static void
books_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct str s = STR_INIT;
	struct datapath_books b;
	uint64_t in, out;

	datapath_get_books(c->datapath, &b);
	in = b.rx + b.injected + b.cloned;
	out = b.tx + b.dropped + b.punted + b.in_flight;
	if (command_is_json(ctx)) {
		command_reply_json(ctx,
			json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:b}", "rx",
				(json_int_t)b.rx, "injected", (json_int_t)b.injected, "cloned",
				(json_int_t)b.cloned, "tx", (json_int_t)b.tx, "dropped",
				(json_int_t)b.dropped, "punted", (json_int_t)b.punted, "in_flight",
				(json_int_t)b.in_flight, "drops", drops_json(b.drops), "balanced",
				(int)(in == out)));
		return;
	}
	str_printf(&s,
		"rx %" PRIu64 " + injected %" PRIu64 " + cloned %" PRIu64 " = %" PRIu64
		"\ntx %" PRIu64 " + dropped %" PRIu64 " + punted %" PRIu64 " + in flight %" PRIu64
		" = %" PRIu64 "\n%s\n",
		b.rx, b.injected, b.cloned, in, b.tx, b.dropped, b.punted, b.in_flight, out,
		in == out ? "balanced" : "NOT balanced (traffic may have moved while counting)");
	commands_reply_str(ctx, &s);
}

/* ---- Threads, queues, cache ---- */

static double
ratio(uint64_t a, uint64_t b)
{
	return b == 0 ? 0.0 : (double)a / (double)b;
}

static void
pmd_stats_one(struct str *s, const struct datapath_pmd_stats *p)
{
	uint64_t cycles = p->busy_cycles + p->idle_cycles;

	str_printf(s,
		"pmd thread numa_id %d core_id %u:\n"
		"  packets received: %" PRIu64 "\n"
		"  packet recirculations: 0\n"
		"  avg. datapath passes per packet: %.2f\n"
		"  phwol hits: 0\n"
		"  mfex opt hits: 0\n"
		"  simple match hits: %" PRIu64 "\n"
		"  emc hits: %" PRIu64 "\n"
		"  smc hits: 0\n",
		p->numa_node, (unsigned int)p->core, p->rx_packets, p->rx_packets > 0 ? 1.0 : 0.0,
		p->hot_hits, p->cache_hits);
	str_printf(s,
		"  megaflow hits: %" PRIu64 "\n"
		"  avg. subtable lookups per megaflow hit: %.2f\n"
		"  miss with success upcall: %" PRIu64 "\n"
		"  miss with failed upcall: %" PRIu64 "\n"
		"  avg. packets per output batch: %.2f\n",
		p->megaflow_hits, ratio(p->masks_searched, p->megaflow_hits), p->misses, p->lost,
		ratio(p->tx_packets, p->tx_batches));
	if (cycles == 0)
		return;
	str_printf(s,
		"  idle cycles: %" PRIu64 " (%.2f%%)\n"
		"  processing cycles: %" PRIu64 " (%.2f%%)\n",
		p->idle_cycles, 100.0 * ratio(p->idle_cycles, cycles), p->busy_cycles,
		100.0 * ratio(p->busy_cycles, cycles));
	if (p->rx_packets > 0)
		str_printf(s,
			"  avg cycles per packet: %.2f (%" PRIu64 "/%" PRIu64 ")\n"
			"  avg processing cycles per packet: %.2f (%" PRIu64 "/%" PRIu64 ")\n",
			ratio(cycles, p->rx_packets), cycles, p->rx_packets,
			ratio(p->busy_cycles, p->rx_packets), p->busy_cycles, p->rx_packets);
}

static json_t *
pmd_json(const struct datapath_pmd_stats *p)
{
	return json_pack("{s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
			 "s:I, s:I}",
		"core", (int)p->core, "numa_node", p->numa_node, "n_rxqs", (int)p->n_rxqs,
		"rx_packets", (json_int_t)p->rx_packets, "hot_hits", (json_int_t)p->hot_hits,
		"cache_hits", (json_int_t)p->cache_hits, "megaflow_hits",
		(json_int_t)p->megaflow_hits, "masks_searched", (json_int_t)p->masks_searched,
		"misses", (json_int_t)p->misses, "lost", (json_int_t)p->lost, "tx_packets",
		(json_int_t)p->tx_packets, "tx_batches", (json_int_t)p->tx_batches, "busy_cycles",
		(json_int_t)p->busy_cycles, "idle_cycles", (json_int_t)p->idle_cycles, "sleep_ns",
		(json_int_t)p->sleep_ns, "loops", (json_int_t)p->loops);
}

static void
perf_one(struct str *s, const struct datapath_pmd_stats *p)
{
	uint64_t cycles = p->busy_cycles + p->idle_cycles;

	str_printf(s,
		"pmd thread numa_id %d core_id %u:\n"
		"  Iterations:         %12" PRIu64 "  (%.0f cycles/it)\n"
		"  - Used TSC cycles:  %12" PRIu64 "  (%5.1f %% of total cycles)\n"
		"  - Sleep time (us):  %12" PRIu64 "\n",
		p->numa_node, (unsigned int)p->core, p->loops, ratio(cycles, p->loops), cycles,
		cycles > 0 ? 100.0 : 0.0, p->sleep_ns / 1000);
	str_printf(s,
		"  Rx packets:         %12" PRIu64 "  (%.0f cycles/pkt)\n"
		"  - Simple match hits:%12" PRIu64 "  (%5.1f %%)\n"
		"  - EMC hits:         %12" PRIu64 "  (%5.1f %%)\n"
		"  - Megaflow hits:    %12" PRIu64 "  (%5.1f %%, %.2f subtbl lookups/hit)\n",
		p->rx_packets, ratio(p->busy_cycles, p->rx_packets), p->hot_hits,
		100.0 * ratio(p->hot_hits, p->rx_packets), p->cache_hits,
		100.0 * ratio(p->cache_hits, p->rx_packets), p->megaflow_hits,
		100.0 * ratio(p->megaflow_hits, p->rx_packets),
		ratio(p->masks_searched, p->megaflow_hits));
	str_printf(s,
		"  - Upcalls:          %12" PRIu64 "  (%5.1f %%)\n"
		"  - Lost upcalls:     %12" PRIu64 "  (%5.1f %%)\n"
		"  Tx packets:         %12" PRIu64 "\n"
		"  Tx batches:         %12" PRIu64 "  (%.2f pkts/batch)\n",
		p->misses, 100.0 * ratio(p->misses, p->rx_packets), p->lost,
		100.0 * ratio(p->lost, p->rx_packets), p->tx_packets, p->tx_batches,
		ratio(p->tx_packets, p->tx_batches));
}

static void
pmd_line(struct str *s, const struct datapath_pmd_stats *p)
{
	str_printf(s,
		"%4u %4d %4" PRIu32 " %5.1f%% %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64
		" %10" PRIu64 " %8" PRIu64 "\n",
		(unsigned int)p->core, p->numa_node, p->n_rxqs,
		100.0 * ratio(p->busy_cycles, p->busy_cycles + p->idle_cycles), p->rx_packets,
		p->hot_hits, p->cache_hits, p->megaflow_hits, p->misses, p->lost);
}

/* Answers with one text or one JSON object per pmd. */
static void
each_pmd(struct commands *c, struct command_ctx *ctx, const char *head,
	void (*one)(struct str *, const struct datapath_pmd_stats *))
{
	static struct datapath_pmd_stats pmds[DATAPATH_MAX_PMDS];
	uint32_t n = MIN(datapath_get_pmds(c->datapath, pmds, DATAPATH_MAX_PMDS),
		(uint32_t)DATAPATH_MAX_PMDS);
	json_t *json = command_is_json(ctx) ? json_array() : NULL;
	struct str s = STR_INIT;

	str_puts(&s, head);
	for (uint32_t i = 0; i < n; i++) {
		if (json != NULL)
			json_array_append_new(json, pmd_json(&pmds[i]));
		else
			one(&s, &pmds[i]);
	}
	if (json != NULL) {
		str_uninit(&s);
		command_reply_json(ctx, json);
	} else {
		commands_reply_str(ctx, &s);
	}
}

static void
pmd_stats_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c)
{
	each_pmd(c, ctx, "", pmd_stats_one);
}

static void
pmd_perf_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c)
{
	each_pmd(c, ctx, "", perf_one);
}

static void
pmd_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c)
{
	each_pmd(c, ctx,
		"core numa rxqs   busy   rx packets     hot hits   cache hits megaflow hits    misses     lost\n",
		pmd_line);
}

static void
pmd_stats_clear(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;

	datapath_clear_pmd_stats(c->datapath);
	command_reply(ctx, "");
}

#define MAX_RXQS (DATAPATH_MAX_PORTS * 4)

/* Returns: all queues and their number.  Owner: the caller frees. */
static struct datapath_rxq_stats *
get_rxqs(struct commands *c, uint32_t *np)
{
	uint32_t max = datapath_get_rxqs(c->datapath, NULL, 0);
	struct datapath_rxq_stats *rxqs;

	max = MIN(max, (uint32_t)MAX_RXQS);
	rxqs = xcalloc(MAX(max, 1u), sizeof *rxqs);
	*np = MIN(datapath_get_rxqs(c->datapath, rxqs, max), max);
	return rxqs;
}

static void
pmd_rxq_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	static struct datapath_pmd_stats pmds[DATAPATH_MAX_PMDS];
	struct commands *c = c_;
	uint32_t n_pmds = MIN(datapath_get_pmds(c->datapath, pmds, DATAPATH_MAX_PMDS),
		(uint32_t)DATAPATH_MAX_PMDS);
	uint32_t n;
	struct datapath_rxq_stats *rxqs = get_rxqs(c, &n);
	struct str s = STR_INIT;

	for (uint32_t i = 0; i < n_pmds; i++) {
		str_printf(&s, "pmd thread numa_id %d core_id %u:\n  isolated : false\n",
			pmds[i].numa_node, (unsigned int)pmds[i].core);
		for (uint32_t q = 0; q < n; q++) {
			if (rxqs[q].core == pmds[i].core)
				str_printf(&s,
					"  port: %-16s  queue-id: %2u (enabled)   pmd usage: %2u %%\n",
					rxqs[q].port->name, (unsigned int)rxqs[q].queue,
					rxqs[q].load_permille / 10);
		}
	}
	free(rxqs);
	commands_reply_str(ctx, &s);
}

static void
rxq_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	uint32_t n;
	struct datapath_rxq_stats *rxqs = get_rxqs(c, &n);
	json_t *json = command_is_json(ctx) ? json_array() : NULL;
	struct str s = STR_INIT;

	str_printf(&s, "%-16s %5s %4s %14s %16s %6s\n", "port", "queue", "core", "packets",
		"cycles", "load");
	for (uint32_t i = 0; i < n; i++) {
		const struct datapath_rxq_stats *q = &rxqs[i];

		if (json != NULL)
			json_array_append_new(json,
				json_pack("{s:s, s:i, s:i, s:I, s:I, s:i}", "port", q->port->name,
					"queue", (int)q->queue, "core", (int)q->core, "packets",
					(json_int_t)q->packets, "cycles", (json_int_t)q->cycles,
					"load_permille", (int)q->load_permille));
		else
			str_printf(&s, "%-16s %5u %4u %14" PRIu64 " %16" PRIu64 " %5.1f%%\n",
				q->port->name, (unsigned int)q->queue, (unsigned int)q->core,
				q->packets, q->cycles, q->load_permille / 10.0);
	}
	free(rxqs);
	if (json != NULL) {
		str_uninit(&s);
		command_reply_json(ctx, json);
	} else {
		commands_reply_str(ctx, &s);
	}
}

static void
cache_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct datapath_stats st;
	struct str s = STR_INIT;

	datapath_get_stats(c->datapath, &st);
	if (command_is_json(ctx)) {
		command_reply_json(ctx,
			json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i}", "hits",
				(json_int_t)st.hits, "hot_hits", (json_int_t)st.hot_hits,
				"cache_hits", (json_int_t)st.cache_hits, "megaflow_hits",
				(json_int_t)st.megaflow_hits, "masks_searched",
				(json_int_t)st.masks_searched, "misses", (json_int_t)st.misses,
				"lost", (json_int_t)st.lost, "megaflows", (int)st.n_megaflows,
				"masks", (int)st.n_masks, "programs", (int)st.n_programs));
		return;
	}
	str_printf(&s,
		"megaflows: %" PRIu32 "\nmasks: %" PRIu32 "\nprograms: %" PRIu32 "\nhits: %" PRIu64
		"\n  hot: %" PRIu64 "\n  cache: %" PRIu64 "\n  megaflow: %" PRIu64
		" (%.2f masks searched each)\nmisses: %" PRIu64 "\nlost: %" PRIu64 "\n",
		st.n_megaflows, st.n_masks, st.n_programs, st.hits, st.hot_hits, st.cache_hits,
		st.megaflow_hits, ratio(st.masks_searched, st.megaflow_hits), st.misses, st.lost);
	commands_reply_str(ctx, &s);
}

static void
upcall_show(struct command_ctx *ctx, int argc UNUSED, const char *argv[] UNUSED, void *c_)
{
	struct commands *c = c_;
	struct pipeline_stats ps;
	struct datapath_stats st;
	struct str s = STR_INIT;

	datapath_get_stats(c->datapath, &st);
	pipeline_get_stats(c->pipeline, &ps);
	str_printf(&s,
		"%s:\n  flows         : (current %" PRIu32 ")\n  upcalls       : (misses %" PRIu64
		") (lost %" PRIu64 ") (translations %" PRIu64 ")\n  rejudges      : %" PRIu64
		"\n\n  handler: (keys %" PRIu32 ")\n",
		COMMANDS_DP_NAME, st.n_megaflows, st.misses, st.lost, ps.translations, ps.rejudges,
		st.n_megaflows);
	commands_reply_str(ctx, &s);
}

static const struct command table[] = {
	{ "dpctl/show", "[dp]", 0, 1, dpctl_show, NULL },
	{ "dpctl/dump-dps", "", 0, 0, dpctl_dump_dps, NULL },
	{ "dpctl/dump-flows", "[-m] [--names] [filter=MATCH]", 0, 6, dump_flows, NULL },
	{ "dpctl/del-flows", "[dp]", 0, 1, flush, NULL },
	{ "dpctl/dump-conntrack", "[dp] [zone=N]", 0, 4, dpctl_dump_conntrack, NULL },
	{ "dpif/dump-flows", "[-m] [--names] bridge", 1, 4, dump_bridge_flows, NULL },
	{ "dpif/dump-dps", "", 0, 0, dpctl_dump_dps, NULL },
	{ "dpif-netdev/pmd-stats-show", "[-pmd core] [dp]", 0, 3, pmd_stats_show, NULL },
	{ "dpif-netdev/pmd-perf-show", "[-nh] [dp]", 0, 8, pmd_perf_show, NULL },
	{ "dpif-netdev/pmd-rxq-show", "[-pmd core] [dp]", 0, 3, pmd_rxq_show, NULL },
	{ "dpif-netdev/pmd-stats-clear", "[-pmd core] [dp]", 0, 3, pmd_stats_clear, NULL },
	{ "revalidator/purge", "", 0, 0, flush, NULL },
	{ "upcall/show", "", 0, 0, upcall_show, NULL },
	{ "drops/show", "", 0, 0, drops_show, NULL },
	{ "books/show", "", 0, 0, books_show, NULL },
	{ "pmd/show", "", 0, 0, pmd_show, NULL },
	{ "rxq/show", "", 0, 0, rxq_show, NULL },
	{ "cache/show", "", 0, 0, cache_show, NULL },
	{ "port/show", "", 0, 0, port_show, NULL },
};

void
commands_add_dp(struct command_server *server, struct commands *c)
{
	command_add(server, table, ARRAY_SIZE(table), c);
}
