/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFIER_TRIE_PRIV_H
#define CLASSIFIER_TRIE_PRIV_H

/* trie: the prefixes of one field that rules use, and how many rules use each.
 *
 * Model    A binary tree with skipped levels.  A node stands for its whole prefix, so that putting a node
 *          between two others changes neither of them: every edit is one pointer store, which a reader sees
 *          or does not see.
 * Rules    I1 A node that stands for no rule has two children.
 *          I2 A lookup's answer depends on the first 'n_checked' bits of the value alone.
 * Owner    a classifier embeds its tries.
 * Threads  one writer, main; trie_lookup() any, inside an RCU section.  Removed nodes are retired.
 * Cost     one step per node on the way, at most the length of the field. */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"

#define TRIE_MAX_BITS 128

struct trie_node;

struct trie {
	_Atomic(struct trie_node *) root; /* Main stores with release; readers load with acquire. */
};

/* What a lookup found. */
struct trie_result {
	uint64_t lens[TRIE_MAX_BITS / 64
		+ 1]; /* Bit n: a rule has the value's first n bits as its prefix. */
	unsigned int n_checked; /* Bits of the value that tell. */
};

void trie_init(struct trie *);
void trie_uninit(struct trie *); /* No reader may be left. */

/* 'prefix' has 'len' significant bits, most significant first; at least 1. */
void trie_insert(struct trie *, const uint8_t *prefix, unsigned int len);
void trie_remove(struct trie *, const uint8_t *prefix, unsigned int len);

void
trie_lookup(const struct trie *, const uint8_t *value, unsigned int n_bits, struct trie_result *);

static inline bool
trie_result_has(const struct trie_result *r, unsigned int len)
{
	return (r->lens[len / 64] >> (len % 64) & 1) != 0;
}

#endif /* CLASSIFIER_TRIE_PRIV_H */
