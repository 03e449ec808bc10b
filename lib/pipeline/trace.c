/* SPDX-License-Identifier: Apache-2.0 */
/* trace: notes of a translation, as text or JSON. */

#include "pipeline/trace.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "flow/format.h"
#include "openflow/text.h"
#include "pipeline/translate_priv.h"

enum note_kind {
	NOTE_TEXT,
	NOTE_RULE,
	NOTE_ACTION
};

struct note {
	enum note_kind kind;
	unsigned int depth;
	char *text;
};

struct xlate_trace {
	struct note *notes;
	size_t n, n_alloc;
	unsigned int depth;
};

/* ---- Taking notes ---- */

static void
add_note(struct xlate_trace *t, enum note_kind kind, unsigned int depth, char *text)
{
	if (t->n == t->n_alloc)
		t->notes = vec_grow(t->notes, &t->n_alloc, sizeof t->notes[0]);
	t->notes[t->n].kind = kind;
	t->notes[t->n].depth = depth;
	t->notes[t->n].text = text;
	t->n++;
}

void
xlate_note_(struct xlate *x, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list args;

	str_puts(&s, " >> ");
	va_start(args, fmt);
	str_vprintf(&s, fmt, args);
	va_end(args);
	add_note(x->trace, NOTE_TEXT, x->trace->depth + 1, str_steal(&s));
}

void
xlate_note_rule(struct xlate *x, uint8_t table_id, const struct rule *rule)
{
	struct str s = STR_INIT;

	if (x->trace == NULL)
		return;
	str_printf(&s, "%u. ", table_id);
	if (rule == NULL) {
		str_puts(&s, "No match.");
	} else {
		struct match match;

		classifier_rule_get_match(&rule->cr, &match);
		if (match_format(&match, NULL, &s))
			str_puts(&s, ", ");
		str_printf(&s, "priority %u", rule->cr.priority);
		if (rule->cookie != 0)
			str_printf(&s, ", cookie %#llx", (unsigned long long)rule->cookie);
	}
	add_note(x->trace, NOTE_RULE, x->trace->depth, str_steal(&s));
}

void
xlate_note_action(struct xlate *x, const struct ofpact *a)
{
	struct ofpacts one = { .data = (uint8_t *)(uintptr_t)a, .len = a->len };
	struct str s = STR_INIT;

	if (x->trace == NULL)
		return;
	of_actions_format(&one, NULL, &s);
	add_note(x->trace, NOTE_ACTION, x->trace->depth + 1, str_steal(&s));
}

void
xlate_note_enter(struct xlate *x)
{
	if (x->trace != NULL)
		x->trace->depth++;
}

void
xlate_note_leave(struct xlate *x)
{
	if (x->trace != NULL)
		x->trace->depth--;
}

/* ---- Printing ---- */

/* Appends 's' as a JSON string. */
static void
put_json_string(struct str *out, const char *s)
{
	str_putc(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			str_printf(out, "\\%c", c);
		else if (c < 0x20)
			str_printf(out, "\\u%04x", c);
		else
			str_putc(out, (char)c);
	}
	str_putc(out, '"');
}

struct report {
	const char *bridge;
	char *flow, *final, *megaflow, *actions; /* NULL 'final': unchanged. */
};

static void
put_text(const struct xlate_trace *t, const struct report *r, struct str *out)
{
	str_printf(out, "Flow: %s\n\nbridge(\"%s\")\n", r->flow, r->bridge);
	for (size_t i = 0; i < strlen(r->bridge) + 10; i++)
		str_putc(out, '-');
	str_putc(out, '\n');
	for (size_t i = 0; i < t->n; i++)
		str_printf(out, "%*s%s%s\n", (int)(4 * t->notes[i].depth), "",
			t->notes[i].kind == NOTE_RULE ? " " : "", t->notes[i].text);
	str_printf(out, "\nFinal flow: %s\nMegaflow: %s\nDatapath actions: %s\n",
		r->final != NULL ? r->final : "unchanged", r->megaflow, r->actions);
}

static void
put_json(const struct xlate_trace *t, const struct report *r, struct str *out)
{
	static const char *const kinds[] = { "note", "rule", "action" };

	str_puts(out, "{\"bridge\":");
	put_json_string(out, r->bridge);
	str_puts(out, ",\"flow\":");
	put_json_string(out, r->flow);
	str_puts(out, ",\"steps\":[");
	for (size_t i = 0; i < t->n; i++) {
		str_printf(out, "%s{\"kind\":\"%s\",\"depth\":%u,\"text\":", i > 0 ? "," : "",
			kinds[t->notes[i].kind], t->notes[i].depth);
		put_json_string(out, t->notes[i].text);
		str_putc(out, '}');
	}
	str_puts(out, "],\"final_flow\":");
	put_json_string(out, r->final != NULL ? r->final : r->flow);
	str_puts(out, ",\"megaflow\":");
	put_json_string(out, r->megaflow);
	str_puts(out, ",\"datapath_actions\":");
	put_json_string(out, r->actions);
	str_puts(out, "}\n");
}

/* What of 'flow' the verdict depends on, as a match; 'in_port' is the OpenFlow one. */
static char *
format_megaflow(const struct flow *flow, const struct flow *mask, uint32_t in_port)
{
	struct str s = STR_INIT;
	struct match match;
	struct flow key = *flow, bits = *mask;

	/* Pipeline lanes are not the datapath's. */
	memset(&bits.metadata, 0, sizeof bits - offsetof(struct flow, metadata));
	key.in_port = in_port;
	match_init(&match, &key, &bits);
	if (!match_format(&match, NULL, &s))
		str_puts(&s, "any");
	return str_steal(&s);
}

static char *
format_flow(const struct flow *flow)
{
	struct str s = STR_INIT;

	flow_format(flow, NULL, &s);
	str_puts(&s, "");
	return str_steal(&s);
}

void
trace_flow(struct bridge *b, const struct flow *flow, bool json, struct str *out)
{
	struct pipeline *p = b->pipeline;
	const struct snap_bridge *sb;
	const struct snap_port *port;
	const struct snapshot *s;
	struct xlate_trace trace = { NULL, 0, 0, 1 };
	struct miss_verdict verdict;
	struct report r = { .bridge = b->name };
	struct str actions = STR_INIT;
	struct flow key = *flow, final;
	struct xlate x;

	if (p->snapshot_stale)
		pipeline_publish_snapshot(p);
	s = atomic_load_explicit(&p->snapshot, memory_order_relaxed);
	sb = snapshot_find_bridge(s, b->id);
	port = snap_bridge_find_port(sb, flow->in_port);
	key.in_port = port != NULL ? port->dp_port : 0;
	program_buf_init(&verdict.program);
	xlate_init(&x, p, s, &key, &verdict);
	/* A trace may start with pipeline fields set. */
	memcpy(&x.s.flow.metadata, &flow->metadata, sizeof *flow - offsetof(struct flow, metadata));
	x.s.flow.actset_output = OFP_PORT_UNSET;
	x.trace = &trace;
	xlate_enter(&x, sb, port, flow->in_port);
	if (port == NULL)
		xlate_note(&x, "in_port %u is no port of the bridge", flow->in_port);
	xlate_receive(&x);
	final = x.s.flow;
	final.actset_output = flow->actset_output;
	xlate_finish(&x);

	r.flow = format_flow(flow);
	if (memcmp(&final, flow, sizeof final) != 0)
		r.final = format_flow(&final);
	r.megaflow = format_megaflow(&key, &verdict.mask, flow->in_port);
	program_print(verdict.program.data, verdict.program.len, NULL, NULL, &actions);
	r.actions = str_steal(&actions);
	if (json)
		put_json(&trace, &r, out);
	else
		put_text(&trace, &r, out);

	free(r.flow);
	free(r.final);
	free(r.megaflow);
	free(r.actions);
	for (size_t i = 0; i < trace.n; i++)
		free(trace.notes[i].text);
	free(trace.notes);
	contribs_destroy(verdict.contribs);
	program_buf_uninit(&verdict.program);
}
