/* SPDX-License-Identifier: Apache-2.0 */
/* trie: prefixes in use, edited by one writer while readers walk.
 *
 * The classifier asks it which prefix lengths a packet's address can match at all, and how many leading bits
 * of the address tell so. */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fatal.h"
#include "classifier/trie_priv.h"
#include "rcu/rcu.h"

struct trie_node {
	_Atomic(struct trie_node *)
		child[2]; /* By the bit that follows the prefix.  As trie.root. */
	_Atomic uint32_t n_rules; /* Main writes. */
	uint8_t len; /* Constant, like the prefix. */
	uint8_t prefix[TRIE_MAX_BITS / 8];
};

static struct trie_node *
edge_load(const _Atomic(struct trie_node *) *edge)
{
	/* Pairs with the release in edge_store(). */
	return atomic_load_explicit(edge, memory_order_acquire);
}

static void
edge_store(_Atomic(struct trie_node *) *edge, struct trie_node *node)
{
	/* Pairs with the acquire in edge_load(): the node is complete before it can be reached. */
	atomic_store_explicit(edge, node, memory_order_release);
}

static unsigned int
bit_at(const uint8_t *p, unsigned int i)
{
	return p[i / 8] >> (7 - i % 8) & 1;
}

/* The first bit from 'from' on in which 'a' and 'b' differ, at most 'to'. */
static unsigned int
first_diff(const uint8_t *a, const uint8_t *b, unsigned int from, unsigned int to)
{
	unsigned int i = from;

	while (i < to) {
		uint8_t diff = a[i / 8] ^ b[i / 8];

		diff = (uint8_t)(diff & 0xff >> i % 8);
		if (diff != 0) {
			unsigned int at = i / 8 * 8 + (unsigned int)__builtin_clz(diff) - 24;

			return MIN(at, to);
		}
		i = i / 8 * 8 + 8;
	}
	return to;
}

static struct trie_node *
node_create(const uint8_t *prefix, unsigned int len, uint32_t n_rules)
{
	struct trie_node *n = xzalloc(sizeof *n);

	memcpy(n->prefix, prefix, DIV_ROUND_UP(len, 8));
	if (len % 8 != 0)
		n->prefix[len / 8] &= (uint8_t)(0xff00 >> len % 8);
	n->len = (uint8_t)len;
	atomic_init(&n->n_rules, n_rules);
	return n;
}

void
trie_init(struct trie *t)
{
	atomic_init(&t->root, NULL);
}

static void
node_destroy(struct trie_node *n)
{
	if (n != NULL) {
		node_destroy(edge_load(&n->child[0]));
		node_destroy(edge_load(&n->child[1]));
		free(n);
	}
}

void
trie_uninit(struct trie *t)
{
	node_destroy(edge_load(&t->root));
	atomic_init(&t->root, NULL);
}

void
trie_insert(struct trie *t, const uint8_t *prefix, unsigned int len)
{
	_Atomic(struct trie_node *) *edge = &t->root;
	unsigned int at = 0;
	struct trie_node *n;

	while ((n = edge_load(edge)) != NULL) {
		unsigned int diff = first_diff(prefix, n->prefix, at, MIN(len, n->len));

		if (diff < n->len) {
			/* The new prefix ends above 'n', or branches off there. */
			struct trie_node *up = node_create(prefix, diff, diff == len);

			edge_store(&up->child[bit_at(n->prefix, diff)], n);
			if (diff < len) {
				edge_store(&up->child[bit_at(prefix, diff)],
					node_create(prefix, len, 1));
			}
			edge_store(edge, up);
			return;
		}
		if (n->len == len) {
			atomic_fetch_add_explicit(&n->n_rules, 1, memory_order_relaxed);
			return;
		}
		at = n->len;
		edge = &n->child[bit_at(prefix, at)];
	}
	edge_store(edge, node_create(prefix, len, 1));
}

/* Restores I1 at 'n', which 'edge' points to.  Returns: true if 'n' went. */
static bool
node_prune(_Atomic(struct trie_node *) *edge, struct trie_node *n)
{
	struct trie_node *c0 = edge_load(&n->child[0]), *c1 = edge_load(&n->child[1]);

	if (atomic_load_explicit(&n->n_rules, memory_order_relaxed) != 0
		|| (c0 != NULL && c1 != NULL))
		return false;
	edge_store(edge, c0 != NULL ? c0 : c1);
	rcu_retire(n, free);
	return true;
}

void
trie_remove(struct trie *t, const uint8_t *prefix, unsigned int len)
{
	_Atomic(struct trie_node *) *edge = &t->root, *up_edge = NULL;
	struct trie_node *n, *up = NULL;

	for (;;) {
		n = edge_load(edge);
		BUG_ON(n == NULL || n->len > len);
		if (n->len == len)
			break;
		up_edge = edge;
		up = n;
		edge = &n->child[bit_at(prefix, n->len)];
	}
	BUG_ON(first_diff(prefix, n->prefix, 0, len) != len);
	atomic_fetch_sub_explicit(&n->n_rules, 1, memory_order_relaxed);
	if (node_prune(edge, n) && up != NULL)
		node_prune(up_edge, up);
}

void
trie_lookup(const struct trie *t, const uint8_t *value, unsigned int n_bits, struct trie_result *r)
{
	const struct trie_node *n = edge_load(&t->root);
	unsigned int at = 0;

	memset(r, 0, sizeof *r);
	while (n != NULL) {
		unsigned int diff = first_diff(value, n->prefix, at, n->len);

		if (diff < n->len) {
			r->n_checked = diff + 1;
			return;
		}
		at = n->len;
		if (atomic_load_explicit(&n->n_rules, memory_order_relaxed) != 0)
			r->lens[at / 64] |= UINT64_C(1) << at % 64;
		if (at == n_bits)
			break;

		const struct trie_node *next = edge_load(&n->child[bit_at(value, at)]);

		if (next == NULL && edge_load(&n->child[!bit_at(value, at)]) != NULL) {
			r->n_checked = at + 1; /* The bit that leads away from the other child. */
			return;
		}
		n = next;
	}
	r->n_checked = at;
}
