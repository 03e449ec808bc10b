/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot: ports and bridges as the handler sees them; built whole, replaced whole. */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pipeline/pipeline_priv.h"

/* ---- Cells ---- */

struct rule_cell *
rule_cell_create(int64_t now_ms)
{
	struct rule_cell *c = xzalloc(sizeof *c);

	atomic_init(&c->refs, 1);
	atomic_init(&c->used_ms, now_ms);
	return c;
}

static bool
unref(_Atomic uint32_t *refs)
{
	/* Whoever frees must see what the others did with their references. */
	return atomic_fetch_sub_explicit(refs, 1, memory_order_acq_rel) == 1;
}

struct rule_cell *
rule_cell_ref(struct rule_cell *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

void
rule_cell_unref(struct rule_cell *c)
{
	if (c != NULL && unref(&c->refs))
		free(c);
}

void
table_cells_unref(struct table_cells *c)
{
	if (c != NULL && unref(&c->refs))
		free(c);
}

void
port_cell_unref(struct port_cell *c)
{
	if (c != NULL && unref(&c->refs))
		free(c);
}

/* ---- Building ---- */

static int
compare_ports(const void *a_, const void *b_)
{
	const struct snap_port *a = a_, *b = b_;

	return a->ofp_port < b->ofp_port ? -1 : a->ofp_port > b->ofp_port;
}

static int
compare_bridges(const void *a_, const void *b_)
{
	const struct bridge *a = *(struct bridge *const *)a_, *b = *(struct bridge *const *)b_;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* Copies a bitmap of VLANs to '*next', which moves on. */
static const unsigned long *
copy_bitmap(const unsigned long *bitmap, unsigned long **next)
{
	unsigned long *copy = *next;

	if (bitmap == NULL)
		return NULL;
	memcpy(copy, bitmap, BRIDGE_VLAN_WORDS * sizeof *copy);
	*next += BRIDGE_VLAN_WORDS;
	return copy;
}

static void
fill_port(struct snap_port *sp, const struct bridge_port *port, unsigned long **bitmaps)
{
	sp->ofp_port = port->ofp_port;
	sp->dp_port = port->dp_port;
	sp->is_patch = port->peer != NULL;
	sp->is_protected = port->vlan.is_protected;
	/* A device that is down neither gives nor takes packets; what main knows of it may be a second old and must not
	 * drop the first packets of one that just came up. */
	sp->config = port->config;
	sp->vlan_mode = port->vlan.mode;
	sp->priority_tags = port->vlan.priority_tags;
	sp->tag = port->vlan.tag;
	sp->trunks = copy_bitmap(port->vlan.trunks, bitmaps);
	if (sp->is_patch) {
		sp->cell = port->cell;
		atomic_fetch_add_explicit(&sp->cell->refs, 1, memory_order_relaxed);
	}
}

/* Sizes: how many ports and bitmaps all bridges have, and the highest datapath port. */
static void
measure(struct bridge *const *bridges, size_t n, struct snapshot *s, size_t *n_bitmaps)
{
	*n_bitmaps = 0;
	for (size_t i = 0; i < n; i++) {
		struct bridge_port *port;

		*n_bitmaps += bridges[i]->config.flood_vlans != NULL;
		HMAP_FOREACH(port, node, &bridges[i]->ports) {
			s->n_ports++;
			*n_bitmaps += port->vlan.trunks != NULL;
			if (port->dp_port != UINT32_MAX)
				s->n_dp_ports = MAX(s->n_dp_ports, port->dp_port + 1);
		}
	}
}

static struct snap_port *
find_port(struct snap_bridge *sb, uint32_t ofp_port)
{
	struct snap_port key = { .ofp_port = ofp_port };

	return bsearch(&key, sb->ports, sb->n_ports, sizeof key, compare_ports);
}

/* The bridge port that 'port' is patched to: each names the other. */
static struct bridge_port *
find_peer(
	struct bridge *const *bridges, size_t n, const struct bridge_port *port, size_t *bridge_idx)
{
	for (size_t i = 0; i < n; i++) {
		struct bridge_port *peer = shash_find(&bridges[i]->port_names, port->peer);

		if (peer != NULL && peer != port && peer->peer != NULL
			&& strcmp(peer->peer, port->name) == 0) {
			*bridge_idx = i;
			return peer;
		}
	}
	return NULL;
}

static void
join_patches(struct snapshot *s, struct bridge *const *bridges, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bridge_port *port;

		HMAP_FOREACH(port, node, &bridges[i]->ports) {
			struct bridge_port *peer;
			size_t k;

			if (port->peer == NULL)
				continue;
			peer = find_peer(bridges, n, port, &k);
			if (peer != NULL)
				find_port(&s->bridges[i], port->ofp_port)->peer =
					find_port(&s->bridges[k], peer->ofp_port);
		}
	}
}

struct snapshot *
snapshot_create(const struct pipeline *p)
{
	struct snapshot *s = xzalloc(sizeof *s);
	struct bridge **bridges = xcalloc(shash_count(&p->bridges) + 1, sizeof *bridges);
	struct snap_port *next_port;
	unsigned long *next_bitmap;
	struct shash_node *node;
	size_t n = 0, n_bitmaps;

	SHASH_FOREACH(node, &p->bridges)
	bridges[n++] = node->data;
	qsort(bridges, n, sizeof bridges[0], compare_bridges);
	measure(bridges, n, s, &n_bitmaps);
	s->n_bridges = (uint32_t)n;
	s->bridges = xcalloc(n + 1, sizeof *s->bridges);
	s->ports = next_port = xcalloc(s->n_ports + 1, sizeof *s->ports);
	s->dp_ports = xcalloc(s->n_dp_ports + 1, sizeof *s->dp_ports);
	s->bitmaps = next_bitmap = xcalloc(n_bitmaps + 1, BRIDGE_VLAN_WORDS * sizeof *s->bitmaps);
	for (size_t i = 0; i < n; i++) {
		struct snap_bridge *sb = &s->bridges[i];
		struct bridge *b = bridges[i];
		struct bridge_port *port;

		sb->id = b->id;
		sb->ports = next_port;
		sb->tables = b->tables;
		sb->cells = b->cells;
		atomic_fetch_add_explicit(&sb->cells->refs, 1, memory_order_relaxed);
		sb->macs = b->macs;
		sb->flood_vlans = copy_bitmap(b->config.flood_vlans, &next_bitmap);
		sb->forward_bpdu = b->config.forward_bpdu;
		HMAP_FOREACH(port, node, &b->ports) {
			fill_port(next_port, port, &next_bitmap);
			next_port->bridge = sb;
			next_port++;
			sb->n_ports++;
		}
		qsort(sb->ports, sb->n_ports, sizeof sb->ports[0], compare_ports);
		for (uint32_t k = 0; k < sb->n_ports; k++) {
			if (sb->ports[k].dp_port != UINT32_MAX)
				s->dp_ports[sb->ports[k].dp_port] = &sb->ports[k];
		}
	}
	join_patches(s, bridges, n);
	free(bridges);
	return s;
}

void
snapshot_destroy(void *s_)
{
	struct snapshot *s = s_;

	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->n_ports; i++)
		port_cell_unref(s->ports[i].cell);
	for (uint32_t i = 0; i < s->n_bridges; i++)
		table_cells_unref(s->bridges[i].cells);
	free(s->bridges);
	free(s->ports);
	free(s->dp_ports);
	free(s->bitmaps);
	free(s);
}

/* ---- Reading ---- */

const struct snap_bridge *
snapshot_find_bridge(const struct snapshot *s, uint32_t id)
{
	uint32_t lo = 0, hi = s->n_bridges;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s->bridges[mid].id == id)
			return &s->bridges[mid];
		if (s->bridges[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct snap_port *
snap_bridge_find_port(const struct snap_bridge *sb, uint32_t ofp_port)
{
	uint32_t lo = 0, hi = sb->n_ports;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (sb->ports[mid].ofp_port == ofp_port)
			return &sb->ports[mid];
		if (sb->ports[mid].ofp_port < ofp_port)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
