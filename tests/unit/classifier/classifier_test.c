/* SPDX-License-Identifier: Apache-2.0 */
/* Classifier against its naive twin, and the promise about the bits used. */

#include "classifier/classifier.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/classifier_model.h"
#include "base/clock.h"
#include "base/random.h"
#include "check.h"
#include "rcu/rcu.h"

static struct match
match_ip_dst(uint32_t addr, unsigned int plen)
{
	struct match m;

	match_init_catchall(&m);
	match_set_eth_type(&m, 0x0800);
	match_set_ipv4_dst(&m, htonl(addr), plen == 0 ? 0 : htonl(UINT32_MAX << (32 - plen)));
	return m;
}

static struct flow
packet_to(uint32_t addr)
{
	struct flow f;

	memset(&f, 0, sizeof f);
	f.in_port = 1;
	f.eth_type = htons(0x0800);
	f.ip_proto = 6;
	f.ip_dst = htonl(addr);
	return f;
}

static void
test_classifier_finds_highest_priority(void)
{
	struct classifier *cls = classifier_create();
	struct classifier_rule low, high;
	struct flow f = packet_to(0x0a000001), used;
	struct match m = match_ip_dst(0x0a000000, 8);

	classifier_rule_init(&low, &m, 1);
	m = match_ip_dst(0x0a000001, 32);
	classifier_rule_init(&high, &m, 2);
	classifier_insert(cls, &low, 1);
	classifier_insert(cls, &high, 1);
	memset(&used, 0, sizeof used);
	CU_ASSERT_PTR_EQUAL(classifier_lookup(cls, 1, &f, &used), &high);
	f = packet_to(0x0a000002);
	CU_ASSERT_PTR_EQUAL(classifier_lookup(cls, 1, &f, &used), &low);
	f = packet_to(0x0b000002);
	CU_ASSERT_PTR_NULL(classifier_lookup(cls, 1, &f, &used));
	classifier_remove(cls, &low);
	classifier_remove(cls, &high);
	classifier_destroy(cls);
	rcu_barrier();
	classifier_rule_uninit(&low);
	classifier_rule_uninit(&high);
}

static void
test_classifier_versions_hide_rules(void)
{
	struct classifier *cls = classifier_create();
	struct classifier_rule old, new;
	struct flow f = packet_to(0x0a000001), used;
	struct match m = match_ip_dst(0x0a000000, 8);

	classifier_rule_init(&old, &m, 1);
	classifier_rule_init(&new, &m, 1);
	classifier_insert(cls, &old, 1);
	classifier_insert(cls, &new, 2);
	classifier_hide(&old, 2);
	memset(&used, 0, sizeof used);
	CU_ASSERT_PTR_NULL(classifier_lookup(cls, 0, &f, &used));
	CU_ASSERT_PTR_EQUAL(classifier_lookup(cls, 1, &f, &used), &old);
	CU_ASSERT_PTR_EQUAL(classifier_lookup(cls, 2, &f, &used), &new);
	CU_ASSERT_PTR_EQUAL(classifier_find(cls, 1, &m, 1), &old);
	CU_ASSERT_PTR_EQUAL(classifier_find(cls, 2, &m, 1), &new);
	CU_ASSERT_PTR_NULL(classifier_find(cls, 2, &m, 2));
	classifier_hide(&old, CLASSIFIER_VERSION_NEVER);
	CU_ASSERT_PTR_EQUAL(classifier_find(cls, 1, &m, 1), &old);
	classifier_remove(cls, &old);
	classifier_remove(cls, &new);
	classifier_destroy(cls);
	rcu_barrier();
	classifier_rule_uninit(&old);
	classifier_rule_uninit(&new);
}

/* A thousand /32 rules: a packet far from all of them must not be pinned to its whole address, nor to its ports. */
static void
test_classifier_keeps_masks_wide(void)
{
	struct classifier *cls = classifier_create();
	struct classifier_rule rules[1000], acl;
	struct flow f = packet_to(0xc0000001), used;
	struct match m;

	for (unsigned int i = 0; i < 1000; i++) {
		m = match_ip_dst(0x0a000000 + i, 32);
		classifier_rule_init(&rules[i], &m, 5);
		classifier_insert(cls, &rules[i], 1);
	}
	match_init_catchall(&m);
	match_set_eth_type(&m, 0x0800);
	match_set_ip_proto(&m, 17);
	match_set_l4_dst(&m, 53);
	classifier_rule_init(&acl, &m, 10);
	classifier_insert(cls, &acl, 1);

	memset(&used, 0, sizeof used);
	CU_ASSERT_PTR_NULL(classifier_lookup(cls, 1, &f, &used));
	CU_ASSERT_EQUAL(used.ip_dst, htonl(0xff000000)); /* One step of the trie. */
	CU_ASSERT_EQUAL(used.ip_proto, 0xff); /* It is not UDP: no port was looked at. */
	CU_ASSERT_EQUAL(used.l4_dst, 0);
	CU_ASSERT_EQUAL(used.in_port, 0);
	CU_ASSERT_EQUAL(used.eth_dst[0], 0);

	/* An ARP packet tells by its type alone. */
	f.eth_type = htons(0x0806);
	f.ip_proto = 0;
	f.ip_dst = 0;
	memset(&used, 0, sizeof used);
	CU_ASSERT_PTR_NULL(classifier_lookup(cls, 1, &f, &used));
	CU_ASSERT_EQUAL(used.eth_type, 0xffff);
	CU_ASSERT_EQUAL(used.ip_dst, 0);

	for (unsigned int i = 0; i < 1000; i++)
		classifier_remove(cls, &rules[i]);
	classifier_remove(cls, &acl);
	CU_ASSERT_EQUAL(classifier_n_subtables(cls), 0);
	classifier_destroy(cls);
	rcu_barrier();
	for (unsigned int i = 0; i < 1000; i++)
		classifier_rule_uninit(&rules[i]);
	classifier_rule_uninit(&acl);
}

/* ---- Against the twin ---- */

#define N_RULES 120

static uint32_t
random_addr(void)
{
	static const uint32_t pool[] = { 0x0a000000, 0x0a010000, 0x0a010100, 0x0a010101, 0xc0a80001,
		0xc0a80101, 0x80000000, 0 };
	uint32_t a = pool[random_range(ARRAY_SIZE(pool))];

	return random_range(4) == 0 ? a ^ (1u << random_range(32)) : a;
}

static void
random_packet(struct flow *f)
{
	memset(f, 0, sizeof *f);
	f->in_port = 1 + random_range(3);
	f->eth_dst[5] = (uint8_t)random_range(3);
	f->eth_src[5] = (uint8_t)random_range(3);
	f->metadata = random_range(2);
	f->regs[0] = random_range(2);
	f->vlan_tci = random_range(2) ? htons((uint16_t)(FLOW_VLAN_PRESENT | random_range(3))) : 0;
	switch (random_range(3)) {
	case 0:
		f->eth_type = htons(0x0800);
		f->ip_src = htonl(random_addr());
		f->ip_dst = htonl(random_addr());
		f->ip_proto = random_range(2) ? 6 : 17;
		f->l4_src = htons((uint16_t)random_range(4));
		f->l4_dst = htons((uint16_t)(random_range(2) ? 80 : 1u << random_range(16)));
		break;
	case 1:
		f->eth_type = htons(0x0806);
		f->ip_src = htonl(random_addr());
		f->ip_proto = (uint8_t)(1 + random_range(2));
		break;
	default:
		f->eth_type = htons(0x86dd);
		f->ipv6_dst[0] = 0xfe;
		f->ipv6_dst[1] = (uint8_t)random_range(3);
		f->ipv6_dst[15] = (uint8_t)random_range(3);
		f->ip_proto = 6;
		f->l4_dst = htons(80);
		break;
	}
}

static void
random_match(struct match *m)
{
	struct flow f;

	random_packet(&f);
	match_init_catchall(m);
	if (random_range(3) == 0)
		match_set_in_port(m, f.in_port);
	if (random_range(4) == 0)
		match_set_metadata(m, f.metadata, UINT64_MAX);
	if (random_range(4) == 0)
		match_set_reg(m, 0, f.regs[0], UINT32_MAX);
	if (random_range(4) == 0)
		match_set_eth_dst(m, f.eth_dst);
	if (random_range(4) == 0)
		match_set_vlan_tci_masked(m, ntohs(f.vlan_tci), random_range(2) ? 0x1fff : 0x1000);
	if (random_range(4) == 0)
		return;
	match_set_eth_type(m, ntohs(f.eth_type));
	if (f.eth_type == htons(0x86dd)) {
		uint8_t mask[16];

		memset(mask, 0xff, sizeof mask);
		for (unsigned int i = random_range(16); i < 16; i++)
			mask[i] = 0;
		match_set_ipv6_dst(m, f.ipv6_dst, mask);
	} else {
		if (random_range(2))
			match_set_ipv4_dst(m, f.ip_dst, htonl(UINT32_MAX << random_range(32)));
		if (random_range(3) == 0) /* Not always a prefix. */
			match_set_ipv4_src(
				m, f.ip_src, htonl(random_range(2) ? 0xff00ff00 : 0xffffff00));
	}
	if (random_range(2))
		match_set_ip_proto(m, f.ip_proto);
	if (random_range(2) && f.l4_dst != 0)
		match_set_l4_dst_masked(m, ntohs(f.l4_dst), random_range(3) ? 0xffff : 0xff00);
}

/* Flips bits that a lookup did not use. */
static void
perturb(struct flow *f, const struct flow *used)
{
	uint8_t *b = (uint8_t *)f;
	const uint8_t *u = (const uint8_t *)used;
	bool wild = random_range(2);

	if (wild) {
		for (unsigned int i = 0; i < sizeof *f; i++) {
			uint8_t r = (uint8_t)random_u32();

			b[i] = (uint8_t)((b[i] & u[i]) | (r & ~u[i]));
		}
	} else {
		struct flow other;

		random_packet(&other);
		for (unsigned int i = 0; i < sizeof *f; i++)
			b[i] = (uint8_t)((b[i] & u[i]) | (((uint8_t *)&other)[i] & ~u[i]));
	}
}

struct pair {
	struct classifier_model_rule model[N_RULES];
	struct classifier_rule real[N_RULES];
	bool inserted[N_RULES];
	size_t n;
};

static void
check_lookup(const struct classifier *cls, const struct pair *p, uint64_t version)
{
	struct classifier_rule *found;
	struct flow f, used;
	int best;

	random_packet(&f);
	memset(&used, 0, sizeof used);
	found = classifier_lookup(cls, version, &f, &used);
	best = classifier_model_lookup(p->model, p->n, version, &f);
	CU_ASSERT_EQUAL(found != NULL, best >= 0);
	if (found != NULL && best >= 0) {
		size_t i = (size_t)(found - p->real);

		CU_ASSERT_EQUAL(found->priority, p->model[best].priority);
		CU_ASSERT(match_matches(&p->model[i].match, &f));
		CU_ASSERT(
			version >= p->model[i].add_version && version < p->model[i].remove_version);
	}
	for (int k = 0; k < 8; k++) {
		struct flow g = f, unused;

		perturb(&g, &used);
		memset(&unused, 0, sizeof unused);
		CU_ASSERT_PTR_EQUAL(classifier_lookup(cls, version, &g, &unused), found);
	}
}

static void
test_classifier_agrees_with_twin(void)
{
	uint32_t seed = (uint32_t)clock_wall_ms();

	printf("seed %u ", seed);
	random_seed(seed);
	for (int round = 0; round < 60; round++) {
		struct classifier *cls = classifier_create();
		struct pair *p = calloc(1, sizeof *p);
		uint64_t version = 1;

		p->n = 1 + random_range(N_RULES);
		for (size_t i = 0; i < p->n; i++) {
			random_match(&p->model[i].match);
			p->model[i].priority = (uint16_t)random_range(12);
			p->model[i].add_version = version += random_range(2);
			p->model[i].remove_version = CLASSIFIER_VERSION_NEVER;
			classifier_rule_init(&p->real[i], &p->model[i].match, p->model[i].priority);
			classifier_insert(cls, &p->real[i], version);
			p->inserted[i] = true;
		}
		for (size_t i = 0; i < p->n; i++) {
			if (random_range(3) == 0) {
				p->model[i].remove_version = version += random_range(2);
				classifier_hide(&p->real[i], version);
			}
		}
		for (int k = 0; k < 150; k++)
			check_lookup(cls, p, random_range((uint32_t)version + 2));
		/* Once nobody can see them, they may go. */
		for (size_t i = 0; i < p->n; i++) {
			if (p->model[i].remove_version <= version) {
				classifier_remove(cls, &p->real[i]);
				p->inserted[i] = false;
			}
		}
		for (int k = 0; k < 150; k++)
			check_lookup(cls, p, version + random_range(2));
		for (size_t i = 0; i < p->n; i++) {
			if (p->inserted[i])
				classifier_remove(cls, &p->real[i]);
		}
		CU_ASSERT_EQUAL(classifier_n_rules(cls), 0);
		CU_ASSERT_EQUAL(classifier_n_subtables(cls), 0);
		classifier_destroy(cls);
		rcu_barrier();
		for (size_t i = 0; i < p->n; i++)
			classifier_rule_uninit(&p->real[i]);
		free(p);
	}
}

/* ---- A reader beside the writer ---- */

struct torture {
	struct classifier *cls;
	_Atomic uint64_t version;
	_Atomic bool stop;
	_Atomic uint64_t n_lookups, n_wrong;
};

static void *
reader(void *t_)
{
	struct torture *t = t_;

	rcu_thread_register("reader");
	while (!atomic_load_explicit(&t->stop, memory_order_relaxed)) {
		uint64_t version = atomic_load_explicit(&t->version, memory_order_acquire);
		struct flow f = packet_to(0x0a010203), used;
		const struct classifier_rule *r;

		memset(&used, 0, sizeof used);
		r = classifier_lookup(t->cls, version, &f, &used);
		/* In every version just one rule covers the packet: the one added in it. */
		if (r == NULL || r->add_version != version)
			atomic_fetch_add_explicit(&t->n_wrong, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&t->n_lookups, 1, memory_order_relaxed);
		rcu_quiesce();
	}
	rcu_thread_unregister();
	return NULL;
}

static void
free_rule(void *rule_)
{
	struct classifier_rule *rule = rule_;

	classifier_rule_uninit(rule);
	free(rule);
}

static void
test_classifier_readers_never_miss(void)
{
	struct torture t = { .cls = classifier_create() };
	struct classifier_rule *old = NULL;
	pthread_t thread;
	uint32_t n_done = 0;

	atomic_init(&t.version, 0);
	for (uint64_t v = 1;
		v <= 3000 || atomic_load_explicit(&t.n_lookups, memory_order_relaxed) < 1000; v++) {
		/* Another prefix each time, so that subtables and tries change all the time. */
		struct match m = match_ip_dst(0x0a010203, 1 + (unsigned int)(v * 7 % 32));
		struct classifier_rule *rule = malloc(sizeof *rule);

		classifier_rule_init(rule, &m, (uint16_t)(v % 5));
		classifier_insert(t.cls, rule, v);
		if (old != NULL)
			classifier_hide(old, v);
		atomic_store_explicit(&t.version, v, memory_order_release);
		if (v == 1)
			CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, reader, &t), 0);
		if (old != NULL) {
			rcu_synchronize();
			classifier_remove(t.cls, old);
			rcu_retire(old, free_rule);
			n_done++;
		}
		old = rule;
		(void)rcu_reclaim();
	}
	atomic_store_explicit(&t.stop, true, memory_order_relaxed);
	(void)pthread_join(thread, NULL);
	CU_ASSERT(n_done >= 2999);
	CU_ASSERT_EQUAL(t.n_wrong, 0);
	classifier_remove(t.cls, old);
	rcu_retire(old, free_rule);
	classifier_destroy(t.cls);
	rcu_barrier();
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_classifier_finds_highest_priority),
		CHECK_CASE(test_classifier_versions_hide_rules),
		CHECK_CASE(test_classifier_keeps_masks_wide),
		CHECK_CASE(test_classifier_agrees_with_twin),
		CHECK_CASE(test_classifier_readers_never_miss),
	};

	rcu_init();
	return check_run("classifier", cases, ARRAY_SIZE(cases));
}
