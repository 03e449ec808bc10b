/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PIPELINE_MAC_TABLE_H
#define PIPELINE_MAC_TABLE_H

/* mac_table: which port a MAC address was last seen on, per VLAN.
 *
 * Model    An entry says that (VLAN, address) is behind a port.  It is learned from packets, moves when a packet with that source
 *          comes in elsewhere, and expires when none came for the ageing time.  A static entry does none of that.
 *          A full table makes room by dropping the longest unused entry of the port that has most of them, so that
 *          a flood on one port does not push out the others' addresses.
 * Rules    I1 Never more entries than the size, static ones included.
 *          I2 A multicast address is never learned.
 *          I3 News older than what an entry already knows does not move it.
 * Owner    a bridge embeds it by pointer.
 * Threads  one writer, main; mac_table_lookup() and mac_table_touch() also the handler, inside an RCU section.  An entry's port
 *          never changes: a move replaces the entry.
 * Cost     lookup: one hash; learn into a full table: one step per port.
 * See      pipeline/normal.c. */

#include <stdbool.h>

#include "base/compiler.h"

struct mac_table;

#define MAC_TABLE_DEFAULT_SIZE 8192
#define MAC_TABLE_DEFAULT_AGEING_S 300

struct mac_table *mac_table_create(uint32_t size, uint32_t ageing_s);
void mac_table_destroy(struct mac_table *); /* Accepts NULL; no reader may be left. */

/* Entries beyond a smaller size go.  Returns: true if any did.  Role: main. */
bool mac_table_configure(struct mac_table *, uint32_t size, uint32_t ageing_s);

/* Where 'mac' is.  Returns: false if it is not known.  Role: any, RCU. */
bool mac_table_lookup(
	const struct mac_table *, uint16_t vlan, const uint8_t mac[6], uint32_t *ofp_portp);

/* Notes that the entry was seen at 'now_ms' on 'ofp_port'.  Returns: false if the table must learn: there is no such entry,
 * or it names another port.  Role: any, RCU. */
bool mac_table_touch(const struct mac_table *, uint16_t vlan, const uint8_t mac[6],
	uint32_t ofp_port, int64_t now_ms);

/* Learns.  Returns: true if an entry appeared, moved or made way, so that verdicts may change.  Role: main. */
bool mac_table_learn(
	struct mac_table *, uint16_t vlan, const uint8_t mac[6], uint32_t ofp_port, int64_t now_ms);

/* Returns: 0, -ENOSPC when the table is full of static entries.  Role: main. */
int mac_table_add_static(struct mac_table *, uint16_t vlan, const uint8_t mac[6], uint32_t ofp_port,
	int64_t now_ms) MUST_CHECK;

/* Return: true if an entry went.  Role: main. */
bool mac_table_remove(struct mac_table *, uint16_t vlan, const uint8_t mac[6]);
bool mac_table_flush(struct mac_table *); /* All learned ones. */
bool mac_table_flush_port(struct mac_table *, uint32_t ofp_port); /* Also static ones. */
bool mac_table_expire(struct mac_table *, int64_t now_ms);

/* An entry, for tables. */
struct mac_table_entry {
	uint8_t mac[6];
	uint16_t vlan;
	uint32_t ofp_port;
	int64_t age_ms; /* Since it was last seen. */
	bool is_static;
};

/* Calls 'cb' for every entry, oldest first within a port.  Role: main. */
void mac_table_dump(const struct mac_table *, int64_t now_ms,
	void (*cb)(void *aux, const struct mac_table_entry *), void *aux);

/* Counts since the table was made.  Role: main. */
struct mac_table_stats {
	uint32_t n, n_static, size;
	uint64_t learned, expired, evicted, moved;
	uint64_t static_hits; /* Refused moves: a static address seen elsewhere. */
};

void mac_table_get_stats(const struct mac_table *, struct mac_table_stats *);

#endif /* PIPELINE_MAC_TABLE_H */
