/* SPDX-License-Identifier: Apache-2.0 */
/* Locks of a server.
 *
 * RFC 7047's advisory locks: a queue of waiters per name, whose first owns the lock. */

#include <stdlib.h>

#include "base/alloc.h"
#include "ovsdb/server_priv.h"

struct ovsdb_lock {
	char *name;
	struct list queue; /* struct ovsdb_waiter, the owner first. */
};

/* A client's interest in a lock. */
struct ovsdb_waiter {
	struct list node; /* In the lock's 'queue'; alone if the lock was stolen. */
	struct ovsdb_lock *lock;
	struct ovsdb_client *client;
	bool is_robbed; /* It was stolen: only "unlock" is left. */
};

static struct ovsdb_waiter *
owner(const struct ovsdb_lock *lock)
{
	if (list_is_empty(&lock->queue))
		return NULL;
	return CONTAINER_OF(list_front(&lock->queue), struct ovsdb_waiter, node);
}

static void
tell(struct ovsdb_waiter *waiter, const char *method)
{
	ovsdb_client_notify(waiter->client, method, json_pack("[s]", waiter->lock->name));
}

json_t *
ovsdb_lock_take(struct ovsdb_client *client, const char *name, bool steal)
{
	struct ovsdb_lock *lock = shash_find(&client->server->locks, name);
	struct ovsdb_waiter *waiter, *victim;

	if (shash_find(&client->waiters, name) != NULL)
		return NULL;
	if (lock == NULL) {
		lock = xzalloc(sizeof *lock);
		lock->name = xstrdup(name);
		list_init(&lock->queue);
		shash_add(&client->server->locks, name, lock);
	}
	waiter = xzalloc(sizeof *waiter);
	waiter->lock = lock;
	waiter->client = client;
	shash_add(&client->waiters, name, waiter);
	victim = owner(lock);
	if (steal && victim != NULL) {
		list_remove(&victim->node);
		victim->is_robbed = true;
		tell(victim, "stolen");
	}
	if (steal)
		list_push_front(&lock->queue, &waiter->node);
	else
		list_push_back(&lock->queue, &waiter->node);
	return json_pack("{sb}", "locked", owner(lock) == waiter);
}

/* Whether a robbed waiter still points to 'lock'. */
static bool
is_remembered(const struct ovsdb_server *server, const struct ovsdb_lock *lock)
{
	struct ovsdb_client *client;

	LIST_FOREACH(client, node, &server->clients) {
		if (shash_find(&client->waiters, lock->name) != NULL)
			return true;
	}
	return false;
}

json_t *
ovsdb_lock_release(struct ovsdb_client *client, const char *name)
{
	struct ovsdb_waiter *waiter = shash_remove(&client->waiters, name);
	struct ovsdb_lock *lock;
	bool was_owner;

	if (waiter == NULL)
		return NULL;
	lock = waiter->lock;
	was_owner = owner(lock) == waiter;
	if (!waiter->is_robbed)
		list_remove(&waiter->node);
	free(waiter);
	if (was_owner && owner(lock) != NULL)
		tell(owner(lock), "locked");
	if (list_is_empty(&lock->queue) && !is_remembered(client->server, lock)) {
		shash_remove(&client->server->locks, lock->name);
		free(lock->name);
		free(lock);
	}
	return json_object();
}

void
ovsdb_lock_release_all(struct ovsdb_client *client)
{
	const struct shash_node **nodes = shash_sorted(&client->waiters);
	size_t n = shash_count(&client->waiters);

	for (size_t i = 0; i < n; i++) {
		char *name = xstrdup(nodes[i]->name);

		json_decref(ovsdb_lock_release(client, name));
		free(name);
	}
	free(nodes);
}

bool
ovsdb_lock_is_owner(void *aux, const char *name)
{
	const struct ovsdb_client *client = aux;
	const struct ovsdb_waiter *waiter = shash_find(&client->waiters, name);

	return waiter != NULL && owner(waiter->lock) == waiter;
}
