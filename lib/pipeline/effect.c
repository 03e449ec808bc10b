/* SPDX-License-Identifier: Apache-2.0 */
/* effect: what follows from verdicts: counters, learned addresses, packets for controllers.
 *
 * Translation only says what is to happen; here it happens, once traffic did. */

#include "pipeline/effect.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "action/program.h"
#include "base/alloc.h"
#include "pipeline/pipeline_priv.h"

/* ---- Contributions ---- */

void
contribs_destroy(struct contribs *cs)
{
	if (cs == NULL)
		return;
	for (uint32_t i = 0; i < cs->n; i++) {
		struct contrib *c = &cs->c[i];

		switch ((enum contrib_type)c->type) {
		case CONTRIB_RULE: rule_cell_unref(c->u.rule); break;
		case CONTRIB_TABLE_MATCHED:
		case CONTRIB_TABLE_MISSED: table_cells_unref(c->u.tables); break;
		case CONTRIB_PORT_RX:
		case CONTRIB_PORT_TX: port_cell_unref(c->u.port); break;
		case CONTRIB_LEARN: break;
		}
	}
	free(cs);
}

/* Counters have more than one writer: the handler, and main for packet-outs. */
static void
add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void
credit_rule(struct rule_cell *cell, uint64_t n_packets, uint64_t n_bytes, int64_t used_ms)
{
	int64_t old = atomic_load_explicit(&cell->used_ms, memory_order_relaxed);

	add(&cell->n_packets, n_packets);
	add(&cell->n_bytes, n_bytes);
	while (used_ms > old
		&& !atomic_compare_exchange_weak_explicit(
			&cell->used_ms, &old, used_ms, memory_order_relaxed, memory_order_relaxed))
		continue;
}

/* Refreshes what is known, or tells main of what is not. */
static void
credit_learn(struct pipeline *p, const struct contrib *c, int64_t used_ms)
{
	/* Pairs with the release in pipeline_publish_snapshot(). */
	const struct snapshot *s = atomic_load_explicit(&p->snapshot, memory_order_acquire);
	const struct snap_bridge *sb = snapshot_find_bridge(s, c->bridge_id);
	struct learn_message *m;

	if (sb == NULL || mac_table_touch(sb->macs, c->vlan, c->mac, c->ofp_port, used_ms))
		return;
	if (atomic_fetch_add_explicit(&p->n_learns_queued, 1, memory_order_relaxed)
		>= INBOX_MAX_LEARNS) {
		atomic_fetch_sub_explicit(&p->n_learns_queued, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&p->n_learns_dropped, 1, memory_order_relaxed);
		return;
	}
	m = xzalloc(sizeof *m);
	m->message.kind = MESSAGE_LEARN;
	m->bridge_id = c->bridge_id;
	m->ofp_port = c->ofp_port;
	m->vlan = c->vlan;
	memcpy(m->mac, c->mac, sizeof m->mac);
	m->used_ms = used_ms;
	pipeline_post(p, &m->message);
}

void
contribs_credit(struct pipeline *p, const struct contribs *cs, uint64_t n_packets, uint64_t n_bytes,
	int64_t used_ms)
{
	if (n_packets == 0)
		return;
	for (uint32_t i = 0; i < cs->n; i++) {
		const struct contrib *c = &cs->c[i];

		switch ((enum contrib_type)c->type) {
		case CONTRIB_RULE: credit_rule(c->u.rule, n_packets, n_bytes, used_ms); break;
		case CONTRIB_TABLE_MATCHED:
			add(&c->u.tables->t[c->table_id].n_matched, n_packets);
			break;
		case CONTRIB_TABLE_MISSED:
			add(&c->u.tables->t[c->table_id].n_missed, n_packets);
			break;
		case CONTRIB_PORT_RX:
			add(&c->u.port->rx_packets, n_packets);
			add(&c->u.port->rx_bytes, n_bytes);
			break;
		case CONTRIB_PORT_TX:
			add(&c->u.port->tx_packets, n_packets);
			add(&c->u.port->tx_bytes, n_bytes);
			break;
		case CONTRIB_LEARN: credit_learn(p, c, used_ms); break;
		}
	}
}

void
effect_run_learn(struct pipeline *p, struct learn_message *m)
{
	struct bridge *b = pipeline_bridge_by_id(p, m->bridge_id);
	struct bridge_port_info info;

	atomic_fetch_sub_explicit(&p->n_learns_queued, 1, memory_order_relaxed);
	if (b != NULL && bridge_get_port(b, m->ofp_port, &info)
		&& mac_table_learn(b->macs, m->vlan, m->mac, m->ofp_port, m->used_ms))
		pipeline_want_rejudge(p);
	free(m);
}

/* ---- Punts ---- */

void
effect_punt(void *p_, const struct op_punt *op, const struct flow *key, const void *data,
	uint32_t len, uint32_t orig_len)
{
	struct pipeline *p = p_;
	struct punt_message *m;

	if (atomic_fetch_add_explicit(&p->n_punts_queued, 1, memory_order_relaxed)
		>= INBOX_MAX_PUNTS) {
		atomic_fetch_sub_explicit(&p->n_punts_queued, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&p->n_punts_dropped, 1, memory_order_relaxed);
		return;
	}
	m = xzalloc(sizeof *m + len + op->userdata_len);
	m->message.kind = MESSAGE_PUNT;
	m->bridge_id = op->bridge_id;
	memcpy(m->bytes, data, len);
	memcpy(m->bytes + len, op + 1, op->userdata_len);
	m->pin.data = m->bytes;
	m->pin.len = len;
	m->pin.orig_len = orig_len;
	m->pin.max_len = op->max_len;
	m->pin.reason = op->reason;
	m->pin.table_id = op->table_id;
	m->pin.cookie = (uint64_t)op->cookie_hi << 32 | op->cookie_lo;
	m->pin.in_port = op->ofp_in_port;
	m->pin.controller_id = op->controller_id;
	m->pin.userdata = m->bytes + len;
	m->pin.userdata_len = op->userdata_len;
	match_init_catchall(&m->pin.metadata);
	match_set_in_port(&m->pin.metadata, op->ofp_in_port);
	if ((op->metadata_hi | op->metadata_lo) != 0)
		match_set_metadata(&m->pin.metadata,
			(uint64_t)op->metadata_hi << 32 | op->metadata_lo, UINT64_MAX);
	if (key != NULL && key->tunnel_id != 0)
		match_set_tunnel_id(&m->pin.metadata, be64toh(key->tunnel_id), UINT64_MAX);
	pipeline_post(p, &m->message);
}

void
effect_run_punt(struct pipeline *p, struct punt_message *m)
{
	struct bridge *b = pipeline_bridge_by_id(p, m->bridge_id);

	atomic_fetch_sub_explicit(&p->n_punts_queued, 1, memory_order_relaxed);
	if (b != NULL && b->events != NULL && b->events->packet_in != NULL) {
		atomic_fetch_add_explicit(&p->n_punts, 1, memory_order_relaxed);
		b->events->packet_in(b->events_aux, b, &m->pin);
	} else {
		atomic_fetch_add_explicit(&p->n_punts_dropped, 1, memory_order_relaxed);
	}
	free(m);
}
