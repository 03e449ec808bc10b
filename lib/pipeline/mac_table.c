/* SPDX-License-Identifier: Apache-2.0 */
/* mac_table: learned addresses, for NORMAL. */

#include "pipeline/mac_table.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fatal.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/list.h"
#include "rcu/cmap.h"
#include "rcu/rcu.h"

struct entry {
	struct cmap_node node; /* In mac_table.map. */
	uint8_t mac[6]; /* Constant, as the next three. */
	uint16_t vlan;
	uint32_t ofp_port;
	bool is_static;
	_Atomic int64_t used_ms; /* Last seen.  Any thread. */
	struct port_list *list; /* Of the port.  Main. */
	struct list list_node; /* In list->entries. */
};

/* The learned entries of a port, the longest unused first, nearly: an entry moves back when it is looked at for eviction. */
struct port_list {
	struct hmap_node node; /* In mac_table.ports. */
	uint32_t ofp_port;
	uint32_t n;
	struct list entries;
};

struct mac_table {
	struct cmap map;
	/* Main alone. */
	struct hmap ports; /* struct port_list; those with entries. */
	uint32_t size, n_static;
	int64_t ageing_ms;
	struct mac_table_stats stats;
};

static uint32_t
entry_hash(uint16_t vlan, const uint8_t mac[6])
{
	uint64_t x = 0;

	memcpy(&x, mac, 6);
	return hash_u64(x, vlan);
}

static struct entry *
find(const struct mac_table *t, uint16_t vlan, const uint8_t mac[6])
{
	struct entry *e;

	CMAP_FOREACH_HASH(e, node, entry_hash(vlan, mac), &t->map)
	{
		if (e->vlan == vlan && memcmp(e->mac, mac, sizeof e->mac) == 0)
			return e;
	}
	return NULL;
}

struct mac_table *
mac_table_create(uint32_t size, uint32_t ageing_s)
{
	struct mac_table *t = xzalloc(sizeof *t);

	cmap_init(&t->map);
	hmap_init(&t->ports);
	t->size = MAX(size, 1);
	t->ageing_ms = (int64_t)ageing_s * 1000;
	return t;
}

static struct port_list *
list_for(struct mac_table *t, uint32_t ofp_port)
{
	uint32_t hash = hash_u32(ofp_port, 0);
	struct port_list *pl;

	HMAP_FOREACH_HASH(pl, node, hash, &t->ports) {
		if (pl->ofp_port == ofp_port)
			return pl;
	}
	pl = xzalloc(sizeof *pl);
	pl->ofp_port = ofp_port;
	list_init(&pl->entries);
	hmap_insert(&t->ports, &pl->node, hash);
	return pl;
}

static void
drop_entry(struct mac_table *t, struct entry *e)
{
	struct port_list *pl = e->list;

	cmap_remove(&t->map, &e->node);
	list_remove(&e->list_node);
	t->n_static -= e->is_static;
	if (--pl->n == 0) {
		hmap_remove(&t->ports, &pl->node);
		free(pl);
	}
	rcu_retire(e, free);
}

static void
add_entry(struct mac_table *t, uint16_t vlan, const uint8_t mac[6], uint32_t ofp_port,
	int64_t now_ms, bool is_static)
{
	struct entry *e = xzalloc(sizeof *e);

	memcpy(e->mac, mac, sizeof e->mac);
	e->vlan = vlan;
	e->ofp_port = ofp_port;
	e->is_static = is_static;
	atomic_init(&e->used_ms, now_ms);
	e->list = list_for(t, ofp_port);
	e->list->n++;
	list_push_back(&e->list->entries, &e->list_node);
	t->n_static += is_static;
	cmap_insert(&t->map, &e->node, entry_hash(vlan, mac));
}

void
mac_table_destroy(struct mac_table *t)
{
	struct port_list *pl, *next_pl;

	if (t == NULL)
		return;
	HMAP_FOREACH_SAFE(pl, next_pl, node, &t->ports) {
		struct entry *e, *next;

		LIST_FOREACH_SAFE(e, next, list_node, &pl->entries)
			free(e);
		hmap_remove(&t->ports, &pl->node);
		free(pl);
	}
	hmap_uninit(&t->ports);
	cmap_uninit(&t->map);
	free(t);
}

static int64_t
used_ms(const struct entry *e)
{
	return atomic_load_explicit(&e->used_ms, memory_order_relaxed);
}

/* The learned entry to give up: of the port with most entries, the longest unused one.  NULL if all are static. */
static struct entry *
choose_victim(struct mac_table *t)
{
	struct port_list *pl, *most = NULL;
	struct entry *e, *victim = NULL;

	HMAP_FOREACH(pl, node, &t->ports) {
		if (most == NULL || pl->n > most->n)
			most = pl;
	}
	if (most == NULL)
		return NULL;
	/* A bounded search: the list is nearly in order. */
	unsigned int n_seen = 0;

	LIST_FOREACH(e, list_node, &most->entries) {
		if (!e->is_static && (victim == NULL || used_ms(e) < used_ms(victim)))
			victim = e;
		if (!e->is_static && ++n_seen == 16)
			break;
	}
	if (victim != NULL)
		return victim;
	HMAP_FOREACH(pl, node, &t->ports) {
		LIST_FOREACH(e, list_node, &pl->entries) {
			if (!e->is_static)
				return e;
		}
	}
	return NULL;
}

/* Makes room for one entry.  Returns: false if all are static. */
static bool
make_room(struct mac_table *t)
{
	while (cmap_count(&t->map) >= t->size) {
		struct entry *victim = choose_victim(t);

		if (victim == NULL)
			return false;
		t->stats.evicted++;
		drop_entry(t, victim);
	}
	return true;
}

bool
mac_table_configure(struct mac_table *t, uint32_t size, uint32_t ageing_s)
{
	bool changed = false;

	t->size = MAX(size, 1);
	t->ageing_ms = (int64_t)ageing_s * 1000;
	while (cmap_count(&t->map) > t->size) {
		struct entry *victim = choose_victim(t);

		if (victim == NULL)
			break;
		t->stats.evicted++;
		drop_entry(t, victim);
		changed = true;
	}
	return changed;
}

bool
mac_table_lookup(
	const struct mac_table *t, uint16_t vlan, const uint8_t mac[6], uint32_t *ofp_portp)
{
	const struct entry *e = find(t, vlan, mac);

	if (e != NULL)
		*ofp_portp = e->ofp_port;
	return e != NULL;
}

/* Exact, because I3 compares with it.  Handler and main may both be here. */
static void
touch(struct entry *e, int64_t now_ms)
{
	int64_t old = used_ms(e);

	while (now_ms > old
		&& !atomic_compare_exchange_weak_explicit(
			&e->used_ms, &old, now_ms, memory_order_relaxed, memory_order_relaxed))
		continue;
}

bool
mac_table_touch(const struct mac_table *t, uint16_t vlan, const uint8_t mac[6], uint32_t ofp_port,
	int64_t now_ms)
{
	struct entry *e = find(t, vlan, mac);

	if (e == NULL || e->ofp_port != ofp_port)
		return false;
	touch(e, now_ms);
	return true;
}

bool
mac_table_learn(
	struct mac_table *t, uint16_t vlan, const uint8_t mac[6], uint32_t ofp_port, int64_t now_ms)
{
	struct entry *e;

	if ((mac[0] & 1) != 0)
		return false;
	e = find(t, vlan, mac);
	if (e != NULL && e->ofp_port == ofp_port) {
		touch(e, now_ms);
		/* Keeps the list nearly in order. */
		list_remove(&e->list_node);
		list_push_back(&e->list->entries, &e->list_node);
		return false;
	}
	if (e != NULL && e->is_static) {
		t->stats.static_hits++;
		return false;
	}
	if (e != NULL && now_ms < used_ms(e))
		return false; /* I3: older than what is known. */
	if (e != NULL) {
		t->stats.moved++;
		drop_entry(t, e);
	} else {
		if (!make_room(t))
			return false;
		t->stats.learned++;
	}
	add_entry(t, vlan, mac, ofp_port, now_ms, false);
	return true;
}

int
mac_table_add_static(
	struct mac_table *t, uint16_t vlan, const uint8_t mac[6], uint32_t ofp_port, int64_t now_ms)
{
	struct entry *e = find(t, vlan, mac);

	if (e != NULL)
		drop_entry(t, e);
	else if (!make_room(t))
		return -ENOSPC;
	add_entry(t, vlan, mac, ofp_port, now_ms, true);
	return 0;
}

bool
mac_table_remove(struct mac_table *t, uint16_t vlan, const uint8_t mac[6])
{
	struct entry *e = find(t, vlan, mac);

	if (e != NULL)
		drop_entry(t, e);
	return e != NULL;
}

/* Drops entries that 'wanted' says yes to.  Returns: how many. */
static uint32_t
drop_where(struct mac_table *t, bool (*wanted)(const struct entry *, int64_t), int64_t arg)
{
	struct entry *e;
	uint32_t n = 0;

	CMAP_FOREACH(e, node, &t->map) {
		if (wanted(e, arg)) {
			drop_entry(t, e);
			n++;
		}
	}
	return n;
}

static bool
is_learned(const struct entry *e, int64_t arg UNUSED)
{
	return !e->is_static;
}

static bool
is_at_port(const struct entry *e, int64_t ofp_port)
{
	return e->ofp_port == (uint32_t)ofp_port;
}

static bool
is_older(const struct entry *e, int64_t limit_ms)
{
	return !e->is_static && used_ms(e) <= limit_ms;
}

bool
mac_table_flush(struct mac_table *t)
{
	return drop_where(t, is_learned, 0) != 0;
}

bool
mac_table_flush_port(struct mac_table *t, uint32_t ofp_port)
{
	return drop_where(t, is_at_port, ofp_port) != 0;
}

bool
mac_table_expire(struct mac_table *t, int64_t now_ms)
{
	uint32_t n = drop_where(t, is_older, now_ms - t->ageing_ms);

	t->stats.expired += n;
	return n != 0;
}

void
mac_table_dump(const struct mac_table *t, int64_t now_ms,
	void (*cb)(void *aux, const struct mac_table_entry *), void *aux)
{
	const struct port_list *pl;
	const struct entry *e;

	HMAP_FOREACH(pl, node, &t->ports) {
		LIST_FOREACH(e, list_node, &pl->entries) {
			struct mac_table_entry out = {
				.vlan = e->vlan,
				.ofp_port = e->ofp_port,
				.age_ms = MAX(now_ms - used_ms(e), 0),
				.is_static = e->is_static,
			};

			memcpy(out.mac, e->mac, sizeof out.mac);
			cb(aux, &out);
		}
	}
}

void
mac_table_get_stats(const struct mac_table *t, struct mac_table_stats *s)
{
	*s = t->stats;
	s->n = (uint32_t)cmap_count(&t->map);
	s->n_static = t->n_static;
	s->size = t->size;
}
