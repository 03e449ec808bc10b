/* SPDX-License-Identifier: Apache-2.0 */
/* Translation against its naive twin, over random rules, and the promise about masks: the program judged for one packet is right
 * for every packet that agrees with it under the mask. */

#include "../model/pipeline_model.h"
#include "base/random.h"
#include "fixture.h"

#define N_PORTS 4
#define N_TABLES 4
#define N_RULES 24

/* ---- Random packets ---- */

static uint32_t
random_addr(void)
{
	return 0x0a000000 + (random_range(3) << 16) + random_range(3);
}

/* Clears what a packet of its kind does not have. */
static void
make_consistent(struct flow *f)
{
	uint16_t type = ntohs(f->eth_type);
	bool is_ip = type == 0x0800 || type == 0x86dd;
	bool has_ports = is_ip && (f->ip_proto == 6 || f->ip_proto == 17)
		&& (f->ip_frag & FLOW_FRAG_LATER) == 0;

	if ((f->vlan_tci & htons(FLOW_VLAN_PRESENT)) == 0)
		f->vlan_tci = f->vlan_tpid = f->vlan2_tci = f->vlan2_tpid = 0;
	if ((f->vlan2_tci & htons(FLOW_VLAN_PRESENT)) == 0)
		f->vlan2_tci = f->vlan2_tpid = 0;
	if (type != 0x0800 && type != 0x0806)
		f->ip_src = f->ip_dst = 0;
	if (type != 0x86dd) {
		memset(f->ipv6_src, 0, sizeof f->ipv6_src);
		memset(f->ipv6_dst, 0, sizeof f->ipv6_dst);
		f->ipv6_label = 0;
	}
	if (type != 0x0806) {
		memset(f->arp_sha, 0, sizeof f->arp_sha);
		memset(f->arp_tha, 0, sizeof f->arp_tha);
	}
	if (!is_ip)
		f->ip_tos = f->ip_ttl = f->ip_frag = 0;
	if (!is_ip && type != 0x0806)
		f->ip_proto = 0;
	if (!has_ports)
		f->l4_src = f->l4_dst = 0;
	if (f->ip_frag == FLOW_FRAG_LATER)
		f->ip_frag = 0;
}

static void
random_packet(struct flow *f)
{
	static const uint16_t types[] = { 0x0800, 0x0800, 0x0806, 0x86dd, 0x88cc };

	memset(f, 0, sizeof *f);
	f->in_port = 11 + random_range(N_PORTS);
	f->eth_dst[5] = (uint8_t)random_range(3);
	f->eth_src[5] = (uint8_t)random_range(3);
	f->eth_type = htons(types[random_range(ARRAY_SIZE(types))]);
	if (random_range(2)) {
		f->vlan_tci = htons(
			(uint16_t)(FLOW_VLAN_PRESENT | random_range(3) | random_range(2) << 13));
		f->vlan_tpid = htons(random_range(4) ? 0x8100 : 0x88a8);
		if (random_range(2)) {
			f->vlan2_tci = htons((uint16_t)(FLOW_VLAN_PRESENT | random_range(3)));
			f->vlan2_tpid = htons(0x8100);
		}
	}
	f->ip_src = htonl(random_addr());
	f->ip_dst = htonl(random_addr());
	f->ipv6_src[15] = (uint8_t)random_range(3);
	f->ipv6_dst[15] = (uint8_t)random_range(3);
	f->ip_proto = random_range(2) ? 6 : 17;
	f->ip_tos = (uint8_t)(random_range(2) << 2);
	f->ip_ttl = (uint8_t)(1 + random_range(3));
	f->ip_frag = (uint8_t)(random_range(6)
			? 0
			: FLOW_FRAG_ANY | (random_range(2) ? FLOW_FRAG_LATER : 0));
	f->arp_sha[5] = (uint8_t)random_range(2);
	f->l4_src = htons((uint16_t)random_range(3));
	f->l4_dst = htons((uint16_t)(80 + random_range(3)));
	make_consistent(f);
}

/* ---- Random rules ---- */

static void
random_match_text(struct str *s)
{
	static const char *const kinds[] = { "", "ip", "tcp", "udp", "arp", "ipv6" };
	unsigned int kind = random_range(ARRAY_SIZE(kinds));

	if (random_range(3) == 0)
		str_printf(s, "in_port=%u,", 1 + random_range(N_PORTS));
	if (random_range(4) == 0)
		str_printf(s, "dl_dst=00:00:00:00:00:%02x,", random_range(3));
	switch (random_range(8)) {
	case 0: str_printf(s, "dl_vlan=%u,", random_range(3)); break;
	case 1: str_puts(s, "vlan_tci=0x0000/0x1000,"); break;
	case 2: str_printf(s, "vlan_tci=0x1000/0x1000,dl_vlan_pcp=%u,", random_range(2)); break;
	default: break;
	}
	if (random_range(4) == 0)
		str_printf(s, "reg0=%u,", random_range(3));
	if (random_range(4) == 0)
		str_printf(s, "metadata=%u,", random_range(3));
	if (kind != 0)
		str_printf(s, "%s,", kinds[kind]);
	if (kind >= 1 && kind <= 4 && random_range(2))
		str_printf(s, "%s=10.%u.0.0/%u,", kind == 4 ? "arp_tpa" : "nw_dst", random_range(3),
			14 + random_range(10));
	if ((kind == 2 || kind == 3) && random_range(2))
		str_printf(s, "tp_dst=%u,", 80 + random_range(3));
	if (kind >= 1 && kind <= 3 && random_range(4) == 0)
		str_printf(s, "nw_ttl=%u,", 1 + random_range(3));
	if (kind == 5 && random_range(2))
		str_printf(s, "ipv6_dst=::%u,", random_range(3));
}

/* An action that may also stand in an action set. */
static void
random_set_action(struct str *s)
{
	switch (random_range(10)) {
	case 0: str_printf(s, "set_field:00:00:00:00:00:%02x->eth_dst", random_range(3)); break;
	case 1: str_printf(s, "set_field:00:00:00:00:00:%02x->eth_src", random_range(3)); break;
	case 2: str_printf(s, "set_field:10.0.0.%u->ip_dst", random_range(3)); break;
	case 3: str_printf(s, "set_field:%u->tcp_dst", 80 + random_range(3)); break;
	case 4: str_puts(s, "dec_ttl"); break;
	case 5: str_puts(s, random_range(2) ? "push_vlan:0x8100" : "push_vlan:0x88a8"); break;
	case 6: str_puts(s, "strip_vlan"); break;
	case 7: str_printf(s, "set_field:%u->vlan_vid", 4096 + random_range(3)); break;
	case 8: str_printf(s, "set_field:%u->reg0", random_range(3)); break;
	default: str_printf(s, "output:%u", 1 + random_range(N_PORTS + 1)); break;
	}
}

static void
random_action(struct str *s, unsigned int table)
{
	switch (random_range(20)) {
	case 0: str_puts(s, "IN_PORT"); break;
	case 1: str_puts(s, "ALL"); break;
	case 2: str_puts(s, "CONTROLLER"); break;
	case 3: str_printf(s, "mod_vlan_vid:%u", random_range(3)); break;
	case 4: str_printf(s, "mod_vlan_pcp:%u", random_range(2)); break;
	case 5: str_printf(s, "load:%u->NXM_NX_REG0[0..1]", random_range(3)); break;
	case 6: str_puts(s, "move:NXM_OF_IP_DST[0..7]->NXM_NX_REG0[0..7]"); break;
	case 7: str_puts(s, "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]"); break;
	case 8: str_puts(s, "move:NXM_OF_VLAN_TCI[0..11]->NXM_NX_REG0[0..11]"); break;
	case 9: str_puts(s, "set_field:10.1.0.0/255.255.0.0->ip_src"); break;
	case 10: str_printf(s, "set_field:%u->arp_op", 1 + random_range(2)); break;
	case 11: str_puts(s, "output:NXM_NX_REG0[]"); break;
	case 12:
	case 13:
		if (table + 1 < N_TABLES)
			str_printf(
				s, "resubmit(,%u)", table + 1 + random_range(N_TABLES - 1 - table));
		else
			str_puts(s, "output:1");
		break;
	case 14: str_puts(s, random_range(4) ? "output:2" : "exit"); break;
	default: random_set_action(s); break;
	}
}

static void
random_rule_text(struct str *s, unsigned int table, unsigned int priority)
{
	unsigned int n = random_range(4);

	str_printf(s, "table=%u,priority=%u,", table, priority);
	random_match_text(s);
	str_puts(s, "actions=");
	for (unsigned int i = 0; i < n; i++) {
		random_action(s, table);
		str_putc(s, ',');
	}
	if (random_range(8) == 0)
		str_puts(s, "clear_actions,");
	if (random_range(4) == 0) {
		str_puts(s, "write_actions(");
		random_set_action(s);
		str_putc(s, ',');
		random_set_action(s);
		str_puts(s, "),");
	}
	if (random_range(5) == 0)
		str_printf(s, "write_metadata:%u/0x3,", random_range(3));
	if (table + 1 < N_TABLES && random_range(2))
		str_printf(s, "goto_table:%u", table + 1 + random_range(N_TABLES - 1 - table));
	str_chomp(s, ',');
	if (s->s[s->len - 1] == '=')
		str_puts(s, "drop");
}

/* ---- Comparison ---- */

struct both {
	struct fixture fx;
	struct bridge *b;
	struct model_switch sw;
	struct model_rule rules[N_RULES];
	struct str text; /* All rules. */
};

static void
both_init(struct both *t)
{
	memset(t, 0, sizeof *t);
	fx_init(&t->fx);
	t->b = fx_bridge(&t->fx, "br0", BRIDGE_FAIL_SECURE);
	for (uint32_t i = 0; i < N_PORTS; i++) {
		char name[8];

		(void)snprintf(name, sizeof name, "p%u", i);
		fx_port(t->b, name, 11 + i);
	}
	t->sw.rules = t->rules;
	t->sw.n_ports = N_PORTS;
	while (t->sw.n_rules < N_RULES) {
		struct model_rule *r = &t->rules[t->sw.n_rules];
		struct str s = STR_INIT;
		struct err err = { "" };
		struct of_flow_mod fm;

		random_rule_text(&s, random_range(N_TABLES), 1 + (unsigned int)t->sw.n_rules);
		if (of_flow_mod_parse(str_cstr(&s), OF_FLOW_ADD, NULL, &fm, &err) != 0) {
			/* The parser knows which fields a match has; not every random rule makes sense. */
			str_uninit(&s);
			continue;
		}
		if (bridge_flow_mod(t->b, &fm) == OFERROR_OK) {
			r->table = fm.table_id;
			r->priority = fm.priority;
			r->match = fm.match;
			ofpacts_clone(&r->actions, &fm.actions);
			str_printf(&t->text, "%s\n", str_cstr(&s));
			t->sw.n_rules++;
		}
		of_flow_mod_uninit(&fm);
		str_uninit(&s);
	}
	pipeline_run(t->fx.p);
}

static void
both_uninit(struct both *t)
{
	for (size_t i = 0; i < t->sw.n_rules; i++)
		ofpacts_uninit(&t->rules[i].actions);
	str_uninit(&t->text);
	fx_uninit(&t->fx);
}

/* What the twin and the program do to 'key' are the same. */
static bool
same_on(const struct both *t, const struct flow *key, const struct miss_verdict *v)
{
	static struct model_result wanted, got;
	struct model_packet p;
	struct flow ofp_key = *key;

	ofp_key.in_port = key->in_port - 10;
	model_run(&t->sw, &ofp_key, &wanted);
	if (wanted.failed)
		return true; /* More tags or copies than the twin keeps. */
	got.n = 0;
	got.failed = false;
	model_packet_init(&p, key);
	model_program(v->program.data, v->program.len, &p, &got);
	return !got.failed && model_results_equal(&wanted, &got);
}

static void
report(const struct both *t, const struct flow *key, const struct miss_verdict *v, const char *what)
{
	struct str s = STR_INIT;
	struct match m;

	flow_format(key, NULL, &s);
	str_puts(&s, "\nmask ");
	match_init(&m, key, &v->mask);
	(void)match_format(&m, NULL, &s);
	str_puts(&s, "\nprogram ");
	fx_print(v->program.data, v->program.len, &s);
	printf("%s: %s\n%s", what, str_cstr(&s), t->text.s);
	str_uninit(&s);
}

static void
check_packet(struct both *t)
{
	struct miss_verdict v;
	struct flow key;
	bool ok;

	random_packet(&key);
	program_buf_init(&v.program);
	pipeline_miss_ops.translate(t->fx.p, &key, &v);
	CU_ASSERT_EQUAL(program_verify(v.program.data, v.program.len, NULL), 0);
	ok = same_on(t, &key, &v);
	if (!ok)
		report(t, &key, &v, "verdict");
	CU_ASSERT(ok);
	for (int i = 0; ok && i < 40; i++) {
		struct flow other, mixed = key;
		bool agrees = true;

		random_packet(&other);
		for (size_t k = 0; k < sizeof mixed; k++) {
			uint8_t m = ((uint8_t *)&v.mask)[k];

			((uint8_t *)&mixed)[k] = (uint8_t)((((uint8_t *)&key)[k] & m)
				| (((uint8_t *)&other)[k] & ~m));
		}
		make_consistent(&mixed);
		for (size_t k = 0; k < sizeof mixed; k++)
			agrees &= ((((uint8_t *)&mixed)[k] ^ ((uint8_t *)&key)[k])
					  & ((uint8_t *)&v.mask)[k])
				== 0;
		if (!agrees)
			continue;
		ok = same_on(t, &mixed, &v);
		if (!ok) {
			report(t, &key, &v, "judged");
			report(t, &mixed, &v, "wrong for");
		}
		CU_ASSERT(ok);
	}
	pipeline_miss_ops.contribs_free(t->fx.p, v.contribs);
	program_buf_uninit(&v.program);
}

static void
test_model_translation_agrees_with_twin(void)
{
	uint32_t seed = (uint32_t)clock_wall_ms();
	const char *given = getenv("SLUICE_TEST_SEED");

	if (given != NULL)
		seed = (uint32_t)strtoul(given, NULL, 10);
	printf("seed %u ", seed);
	random_seed(seed);
	for (int round = 0; round < 300 && CU_get_number_of_failures() == 0; round++) {
		struct both t;

		both_init(&t);
		for (int i = 0; i < 60 && CU_get_number_of_failures() == 0; i++)
			check_packet(&t);
		both_uninit(&t);
	}
}

int
main(void)
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_model_translation_agrees_with_twin),
	};

	return fx_main("model", cases, ARRAY_SIZE(cases));
}
