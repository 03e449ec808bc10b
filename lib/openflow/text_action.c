/* SPDX-License-Identifier: Apache-2.0 */
/* Actions from text.  A table has a parser for each word; the words are those of ovs-ofctl.  Long
 * because there are many words; each parser is short. */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/err.h"
#include "flow/ofp_port.h"
#include "openflow/action_priv.h"
#include "openflow/ofpact_priv.h"
#include "openflow/subfield.h"
#include "openflow/text.h"
#include "openflow/text_priv.h"

/* One action being parsed. */
struct word {
	const char *name; /* As it was written. */
	char *value; /* What follows ':' or '=' or stands in parentheses; "" if there is nothing.  May be cut up. */
	unsigned int arg; /* From the table. */
	unsigned int depth; /* Of write_actions around it. */
	const struct format_ports *ports;
	struct err *err;
};

typedef int parse_function(struct word *w, struct ofpacts *list);

int
of_text_number(const char *what, const char *s, uint64_t max, uint64_t *v, struct err *err)
{
	char *end;

	errno = 0;
	*v = strtoull(s, &end, 0);
	if (*s == '\0' || *s == '-' || *end != '\0' || errno != 0 || *v > max) {
		err_set(err, "%s: \"%s\" is no number from 0 to %" PRIu64, what, s, max);
		return -EINVAL;
	}
	return 0;
}

static int
number(const struct word *w, const char *s, uint64_t max, uint64_t *v)
{
	return of_text_number(w->name, s, max, v, w->err);
}

static int
parse_output(struct word *w, struct ofpacts *list)
{
	uint32_t port;

	if (w->value[0] != '\0' && of_text_port_parse(w->value, w->ports, &port, NULL) == 0) {
		ofpacts_put_output(list, port, port == OFP_PORT_CONTROLLER ? UINT16_MAX : 0);
		return 0;
	}
	if (of_subfield_is_named(w->value)) {
		struct ofpact_output_reg *a = ofpacts_put(list, OFPACT_OUTPUT_REG, 0);

		a->max_len = UINT16_MAX;
		return of_subfield_parse(w->value, &a->src, w->err);
	}
	return of_text_port_parse(w->value, w->ports, &port, w->err);
}

/* A reserved port as an action by itself; 'arg' is which of 0xfffffff0 to 0xffffffff. */
static int
parse_reserved(struct word *w, struct ofpacts *list)
{
	ofpacts_put_output(list, 0xfffffff0u | w->arg, 0);
	return 0;
}

static int
parse_reason(struct word *w, const char *s, uint8_t *reason)
{
	for (unsigned int i = 0; i < N_OF_PACKET_IN_REASONS; i++) {
		if (strcmp(of_packet_in_reason_name(i), s) == 0) {
			*reason = (uint8_t)i;
			return 0;
		}
	}
	err_set(w->err, "%s: \"%s\" is no reason for a packet-in", w->name, s);
	return -EINVAL;
}

/* "CONTROLLER", "CONTROLLER:LEN", "controller(max_len=..,reason=..,id=..)" */
static int
parse_controller(struct word *w, struct ofpacts *list)
{
	struct ofpact_controller *a = ofpacts_put(list, OFPACT_CONTROLLER, 0);
	char *cursor = w->value, *key, *value;
	uint64_t v;

	a->max_len = UINT16_MAX;
	a->reason = OF_PACKET_IN_ACTION;
	if (w->value[0] == '\0')
		return 0;
	if (strspn(w->value, "0123456789") == strlen(w->value)) {
		if (number(w, w->value, UINT16_MAX, &v) != 0)
			return -EINVAL;
		a->max_len = (uint16_t)v;
		return 0;
	}
	a->extended = true;
	while (format_next_term(&cursor, &key, &value)) {
		if (strcmp(key, "max_len") == 0) {
			if (number(w, value, UINT16_MAX, &v) != 0)
				return -EINVAL;
			a->max_len = (uint16_t)v;
		} else if (strcmp(key, "id") == 0) {
			if (number(w, value, UINT16_MAX, &v) != 0)
				return -EINVAL;
			a->controller_id = (uint16_t)v;
		} else if (strcmp(key, "reason") == 0) {
			if (parse_reason(w, value, &a->reason) != 0)
				return -EINVAL;
		} else {
			err_set(w->err, "%s: \"%s\" is not known", w->name, key);
			return -EINVAL;
		}
	}
	return 0;
}

/* "enqueue:PORT:QUEUE", "enqueue(PORT,QUEUE)" */
static int
parse_enqueue(struct word *w, struct ofpacts *list)
{
	struct ofpact_enqueue *a = ofpacts_put(list, OFPACT_ENQUEUE, 0);
	char *queue = strpbrk(w->value, ":,");
	uint64_t v;

	if (queue == NULL) {
		err_set(w->err, "%s: a port and a queue are needed", w->name);
		return -EINVAL;
	}
	*queue++ = '\0';
	if (of_text_port_parse(w->value, w->ports, &a->port, w->err) != 0
		|| number(w, queue, UINT32_MAX, &v) != 0)
		return -EINVAL;
	a->queue = (uint32_t)v;
	return 0;
}

/* Actions without arguments; 'arg' is the ofpact. */
static int
parse_empty(struct word *w, struct ofpacts *list)
{
	if (w->value[0] != '\0') {
		err_set(w->err, "%s takes no argument", w->name);
		return -EINVAL;
	}
	ofpacts_put(list, (enum ofpact_type)w->arg, 0);
	return 0;
}

static int
parse_strip_vlan(struct word *w, struct ofpacts *list)
{
	struct ofpact_empty *a;

	if (w->value[0] != '\0') {
		err_set(w->err, "%s takes no argument", w->name);
		return -EINVAL;
	}
	a = ofpacts_put(list, OFPACT_STRIP_VLAN, 0);
	a->form = (uint8_t)w->arg;
	return 0;
}

static int
parse_vlan_vid(struct word *w, struct ofpacts *list)
{
	struct ofpact_set_vlan_vid *a = ofpacts_put(list, OFPACT_SET_VLAN_VID, 0);
	uint64_t v;

	if (number(w, w->value, FLOW_VLAN_VID, &v) != 0)
		return -EINVAL;
	a->vid = (uint16_t)v;
	a->push_if_needed = w->arg != 0;
	return 0;
}

static int
parse_vlan_pcp(struct word *w, struct ofpacts *list)
{
	struct ofpact_set_vlan_pcp *a = ofpacts_put(list, OFPACT_SET_VLAN_PCP, 0);
	uint64_t v;

	if (number(w, w->value, 7, &v) != 0)
		return -EINVAL;
	a->pcp = (uint8_t)v;
	a->push_if_needed = w->arg != 0;
	return 0;
}

/* "mod_...:VALUE"; 'arg' is the field. */
static int
parse_legacy_set(struct word *w, struct ofpacts *list)
{
	enum field_id id = (enum field_id)w->arg;
	const struct field *f = field_get(id);
	union field_value value, mask;
	struct ofpact_set_field *a;
	uint64_t v;

	if (id == FIELD_IP_DSCP) {
		/* The whole byte is given. */
		if (number(w, w->value, 0xff, &v) != 0)
			return -EINVAL;
		if ((v & 3) != 0) {
			err_set(w->err, "%s: the two low bits of %s are not the DSCP's", w->name,
				w->value);
			return -EINVAL;
		}
		memset(&value, 0, sizeof value);
		value.u8 = (uint8_t)(v >> 2);
	} else {
		if (field_parse(f, w->value, w->ports, &value, &mask, w->err) != 0)
			return -EINVAL;
		if (!field_value_is_ones(f, &mask)) {
			err_set(w->err, "%s takes no mask", w->name);
			return -EINVAL;
		}
	}
	a = ofpacts_put_set_field(list, id, &value);
	a->form = OFPACT_FORM_LEGACY;
	return 0;
}

/* Cuts "A->B" in two.  Returns: B, or NULL with the error set. */
static char *
split_arrow(struct word *w)
{
	char *arrow = strstr(w->value, "->");

	if (arrow == NULL) {
		err_set(w->err, "%s: \"%s\" has no \"->\"", w->name, w->value);
		return NULL;
	}
	*arrow = '\0';
	return arrow + 2;
}

static int
refuse_read_only(struct word *w, const struct field *f)
{
	err_set(w->err, "%s: %s is read-only", w->name, f->name);
	return -EINVAL;
}

/* "set_field:VALUE[/MASK]->FIELD" */
static int
parse_set_field(struct word *w, struct ofpacts *list)
{
	char *name = split_arrow(w);
	const struct field *f;
	union field_value value, mask;
	struct ofpact_set_field *a;
	struct of_subfield sf;

	if (name == NULL || of_subfield_parse(name, &sf, w->err) != 0)
		return -EINVAL;
	f = field_get(sf.field);
	if (sf.ofs != 0 || sf.n_bits != f->n_bits) {
		err_set(w->err, "%s: %s: parts of a field are set with a mask", w->name, name);
		return -EINVAL;
	}
	if (!f->writable)
		return refuse_read_only(w, f);
	if (field_parse(f, w->value, w->ports, &value, &mask, w->err) != 0)
		return -EINVAL;
	if (sf.field == FIELD_IN_PORT_OXM
		&& !of_port_is_possible((uint32_t)field_value_u64(f, &value))) {
		err_set(w->err, "%s: %s: no port has such a number", w->name, w->value);
		return -EINVAL;
	}
	if (sf.field == FIELD_NW_TOS) {
		if ((value.u8 & 3) != 0) {
			err_set(w->err, "%s: the two low bits of %s are not the DSCP's", w->name,
				w->value);
			return -EINVAL;
		}
		sf.field = FIELD_IP_DSCP;
		value.u8 >>= 2;
		mask.u8 >>= 2;
		f = field_get(sf.field);
	}
	/* A VLAN id may be written without the bit that says that there is a tag. */
	if (sf.field == FIELD_VLAN_VID && field_value_is_ones(f, &mask))
		value.be16 |= htons(FLOW_VLAN_PRESENT);
	a = ofpacts_put_set_field(list, sf.field, &value);
	memcpy(a->mask.b, mask.b, f->n_bytes);
	for (size_t i = 0; i < f->n_bytes; i++)
		a->value.b[i] &= a->mask.b[i];
	return 0;
}

/* "load:VALUE->FIELD[BITS]" */
static int
parse_load(struct word *w, struct ofpacts *list)
{
	char *name = split_arrow(w);
	struct ofpact_set_field *a;
	struct of_subfield sf;
	uint64_t v;

	if (name == NULL || of_subfield_parse(name, &sf, w->err) != 0)
		return -EINVAL;
	if (!field_get(sf.field)->writable)
		return refuse_read_only(w, field_get(sf.field));
	if (number(w, w->value, sf.n_bits >= 64 ? UINT64_MAX : (UINT64_C(1) << sf.n_bits) - 1, &v)
		!= 0)
		return -EINVAL;
	a = ofpacts_put(list, OFPACT_SET_FIELD, 0);
	a->form = OFPACT_FORM_LOAD;
	if (ofpact_set_subfield(a, &sf, v) != OFERROR_OK) {
		err_set(w->err, "%s: the two low bits of %s are not the DSCP's", w->name, w->value);
		return -EINVAL;
	}
	return 0;
}

static int
parse_move(struct word *w, struct ofpacts *list)
{
	struct ofpact_reg_move *a = ofpacts_put(list, OFPACT_REG_MOVE, 0);
	char *name = split_arrow(w);

	if (name == NULL || of_subfield_parse(w->value, &a->src, w->err) != 0
		|| of_subfield_parse(name, &a->dst, w->err) != 0)
		return -EINVAL;
	if (!field_get(a->dst.field)->writable)
		return refuse_read_only(w, field_get(a->dst.field));
	if (a->src.n_bits != a->dst.n_bits) {
		err_set(w->err, "%s: %u bits do not fit into %u", w->name, a->src.n_bits,
			a->dst.n_bits);
		return -EINVAL;
	}
	return 0;
}

static int
parse_stack(struct word *w, struct ofpacts *list)
{
	struct ofpact_stack *a = ofpacts_put(list, (enum ofpact_type)w->arg, 0);

	if (of_subfield_parse(w->value, &a->subfield, w->err) != 0)
		return -EINVAL;
	if (w->arg == OFPACT_STACK_POP && !field_get(a->subfield.field)->writable)
		return refuse_read_only(w, field_get(a->subfield.field));
	return 0;
}

static int
parse_ethertype(struct word *w, struct ofpacts *list)
{
	struct ofpact_ethertype *a = ofpacts_put(list, (enum ofpact_type)w->arg, 0);
	bool good = true;
	uint64_t v;

	if (number(w, w->value, UINT16_MAX, &v) != 0)
		return -EINVAL;
	if (w->arg == OFPACT_PUSH_VLAN)
		good = v == ETH_TYPE_VLAN || v == ETH_TYPE_QINQ;
	else if (w->arg == OFPACT_PUSH_MPLS)
		good = v == ETH_TYPE_MPLS || v == ETH_TYPE_MPLS_MCAST;
	else if (w->arg == OFPACT_PUSH_PBB)
		good = v == ETH_TYPE_PBB;
	if (!good) {
		err_set(w->err, "%s: %s is no type of such a tag", w->name, w->value);
		return -EINVAL;
	}
	a->ethertype = (uint16_t)v;
	return 0;
}

static int
parse_ttl(struct word *w, struct ofpacts *list)
{
	struct ofpact_ttl *a = ofpacts_put(list, (enum ofpact_type)w->arg, 0);
	uint64_t v;

	if (number(w, w->value, UINT8_MAX, &v) != 0)
		return -EINVAL;
	a->ttl = (uint8_t)v;
	return 0;
}

/* "dec_ttl", "dec_ttl(ID,...)" */
static int
parse_dec_ttl(struct word *w, struct ofpacts *list)
{
	uint16_t ids[64];
	uint16_t n = 0;
	struct ofpact_dec_ttl *a;
	char *save = NULL;

	for (char *s = strtok_r(w->value, ", ", &save); s != NULL;
		s = strtok_r(NULL, ", ", &save)) {
		uint64_t v;

		if (number(w, s, UINT16_MAX, &v) != 0)
			return -EINVAL;
		if (n == ARRAY_SIZE(ids)) {
			err_set(w->err, "%s: too many controllers", w->name);
			return -EINVAL;
		}
		ids[n++] = (uint16_t)v;
	}
	a = ofpacts_put(list, OFPACT_DEC_TTL, MAX(n, 1u) * sizeof a->ids[0]);
	a->extended = n > 0;
	a->n_ids = (uint16_t)MAX(n, 1u);
	memcpy(a->ids, ids, n * sizeof a->ids[0]);
	return 0;
}

/* "set_tunnel:ID", "set_tunnel64:ID" */
static int
parse_set_tunnel(struct word *w, struct ofpacts *list)
{
	struct ofpact_set_tunnel *a = ofpacts_put(list, OFPACT_SET_TUNNEL, 0);

	if (number(w, w->value, UINT64_MAX, &a->tunnel_id) != 0)
		return -EINVAL;
	a->wide = w->arg != 0 || a->tunnel_id > UINT32_MAX;
	return 0;
}

/* Actions and instructions with one number of 32 bits at most. */
static int
parse_number(struct word *w, struct ofpacts *list)
{
	uint64_t v;

	if (number(w, w->value, w->arg == OFPACT_GOTO_TABLE ? 254 : UINT32_MAX, &v) != 0)
		return -EINVAL;
	switch (w->arg) {
	case OFPACT_SET_QUEUE: {
		struct ofpact_set_queue *a = ofpacts_put(list, OFPACT_SET_QUEUE, 0);

		a->queue = (uint32_t)v;
		break;
	}
	case OFPACT_METER: {
		struct ofpact_meter *a = ofpacts_put(list, OFPACT_METER, 0);

		a->meter = (uint32_t)v;
		break;
	}
	case OFPACT_GROUP: {
		struct ofpact_group *a = ofpacts_put(list, OFPACT_GROUP, 0);

		a->group = (uint32_t)v;
		break;
	}
	default: {
		struct ofpact_goto_table *a = ofpacts_put(list, OFPACT_GOTO_TABLE, 0);

		a->table = (uint8_t)v;
		break;
	}
	}
	return 0;
}

/* "resubmit:PORT", "resubmit([PORT],[TABLE])" */
static int
parse_resubmit(struct word *w, struct ofpacts *list)
{
	struct ofpact_resubmit *a = ofpacts_put(list, OFPACT_RESUBMIT, 0);
	char *table = strchr(w->value, ',');
	uint64_t v;

	if (table != NULL)
		*table++ = '\0';
	a->port = OFP_PORT_IN_PORT;
	a->table = OFPACT_RESUBMIT_SAME_TABLE;
	if (w->value[0] != '\0' && of_text_port_parse(w->value, w->ports, &a->port, w->err) != 0)
		return -EINVAL;
	if (table != NULL && *table != '\0') {
		if (number(w, table, UINT8_MAX, &v) != 0)
			return -EINVAL;
		a->table = (uint8_t)v;
		a->has_table = true;
	}
	if (a->port == OFP_PORT_IN_PORT && !a->has_table) {
		err_set(w->err, "%s: a port or a table is needed", w->name);
		return -EINVAL;
	}
	return 0;
}

/* "note:01.02.0a" */
static int
parse_note(struct word *w, struct ofpacts *list)
{
	size_t max = strlen(w->value) / 2 + 1, n = 0;
	uint8_t *bytes = xmalloc(max);
	const char *p = w->value;
	struct ofpact_note *a;

	while (*p != '\0') {
		char pair[3] = { p[0], p[1], '\0' };

		if (strspn(pair, "0123456789abcdefABCDEF") != 2) {
			err_set(w->err, "%s: \"%s\" has no hexadecimal digits here", w->name, p);
			free(bytes);
			return -EINVAL;
		}
		bytes[n++] = (uint8_t)strtoul(pair, NULL, 16);
		p += 2;
		if (*p == '.')
			p++;
	}
	if (n > NOTE_MAX) {
		err_set(w->err, "%s: longer than %d bytes", w->name, NOTE_MAX);
		free(bytes);
		return -EINVAL;
	}
	/* As the wire has it: six bytes, or six and a multiple of eight. */
	max = n <= 6 ? 6 : 6 + ROUND_UP(n - 6, 8);
	a = ofpacts_put(list, OFPACT_NOTE, max);
	a->n = (uint32_t)max;
	memcpy(a->data, bytes, n);
	free(bytes);
	return 0;
}

/* "set_mpls_label(N)", "set_mpls_tc(N)" */
static int
parse_mpls(struct word *w, struct ofpacts *list)
{
	enum field_id id = (enum field_id)w->arg;
	union field_value value;
	struct ofpact_set_field *a;
	uint64_t v;

	if (number(w, w->value, id == FIELD_MPLS_LABEL ? 0xfffff : 7, &v) != 0)
		return -EINVAL;
	memset(&value, 0, sizeof value);
	field_value_set_u64(field_get(id), &value, v);
	a = ofpacts_put_set_field(list, id, &value);
	a->form = OFPACT_FORM_LEGACY;
	return 0;
}

/* "write_metadata:VALUE[/MASK]" */
static int
parse_write_metadata(struct word *w, struct ofpacts *list)
{
	struct ofpact_metadata *a = ofpacts_put(list, OFPACT_WRITE_METADATA, 0);
	char *mask = strchr(w->value, '/');

	a->mask = UINT64_MAX;
	if (mask != NULL) {
		*mask++ = '\0';
		if (number(w, mask, UINT64_MAX, &a->mask) != 0)
			return -EINVAL;
	}
	if (number(w, w->value, UINT64_MAX, &a->metadata) != 0)
		return -EINVAL;
	a->metadata &= a->mask;
	return 0;
}

static int parse_list(char *s, unsigned int depth, const struct format_ports *ports,
	struct ofpacts *list, struct err *err);

/* "write_actions(ACTIONS)" */
static int
parse_write_actions(struct word *w, struct ofpacts *list)
{
	struct ofpacts nested = OFPACTS_INIT;
	int error = parse_list(w->value, w->depth + 1, w->ports, &nested, w->err);

	if (error == 0 && ofpacts_check_set(&nested) != OFERROR_OK) {
		err_set(w->err, "%s: only actions that can be in an action set", w->name);
		error = -EINVAL;
	}
	if (error == 0 && nested.len > UINT16_MAX - sizeof(struct ofpact_nest)) {
		err_set(w->err, "%s: too many actions", w->name);
		error = -EINVAL;
	}
	if (error == 0)
		ofpacts_put_nest(list, &nested);
	ofpacts_uninit(&nested);
	return error;
}

/* "apply_actions(ACTIONS)" is what actions by themselves are. */
static int
parse_apply_actions(struct word *w, struct ofpacts *list)
{
	return parse_list(w->value, w->depth + 1, w->ports, list, w->err);
}

static int
parse_drop(struct word *w, struct ofpacts *list UNUSED)
{
	if (w->value[0] != '\0') {
		err_set(w->err, "%s takes no argument", w->name);
		return -EINVAL;
	}
	return 0;
}

static const struct word_row {
	const char *name;
	parse_function *parse;
	unsigned int arg;
} words[] = {
	{ "output", parse_output, 0 },
	{ "in_port", parse_reserved, OFP_PORT_IN_PORT & 0xf },
	{ "table", parse_reserved, OFP_PORT_TABLE & 0xf },
	{ "normal", parse_reserved, OFP_PORT_NORMAL & 0xf },
	{ "flood", parse_reserved, OFP_PORT_FLOOD & 0xf },
	{ "all", parse_reserved, OFP_PORT_ALL & 0xf },
	{ "local", parse_reserved, OFP_PORT_LOCAL & 0xf },
	{ "controller", parse_controller, 0 },
	{ "enqueue", parse_enqueue, 0 },
	{ "drop", parse_drop, 0 },
	{ "mod_vlan_vid", parse_vlan_vid, 1 },
	{ "set_vlan_vid", parse_vlan_vid, 0 },
	{ "mod_vlan_pcp", parse_vlan_pcp, 1 },
	{ "set_vlan_pcp", parse_vlan_pcp, 0 },
	{ "strip_vlan", parse_strip_vlan, OFPACT_FORM_LEGACY },
	{ "pop_vlan", parse_strip_vlan, OFPACT_FORM_SET_FIELD },
	{ "push_vlan", parse_ethertype, OFPACT_PUSH_VLAN },
	{ "mod_dl_src", parse_legacy_set, FIELD_ETH_SRC },
	{ "mod_dl_dst", parse_legacy_set, FIELD_ETH_DST },
	{ "mod_nw_src", parse_legacy_set, FIELD_IPV4_SRC },
	{ "mod_nw_dst", parse_legacy_set, FIELD_IPV4_DST },
	{ "mod_nw_tos", parse_legacy_set, FIELD_IP_DSCP },
	{ "mod_nw_ecn", parse_legacy_set, FIELD_IP_ECN },
	{ "mod_nw_ttl", parse_ttl, OFPACT_SET_TTL },
	{ "mod_tp_src", parse_legacy_set, FIELD_TCP_SRC },
	{ "mod_tp_dst", parse_legacy_set, FIELD_TCP_DST },
	{ "set_field", parse_set_field, 0 },
	{ "load", parse_load, 0 },
	{ "move", parse_move, 0 },
	{ "push", parse_stack, OFPACT_STACK_PUSH },
	{ "pop", parse_stack, OFPACT_STACK_POP },
	{ "dec_ttl", parse_dec_ttl, 0 },
	{ "set_mpls_label", parse_mpls, FIELD_MPLS_LABEL },
	{ "set_mpls_tc", parse_mpls, FIELD_MPLS_TC },
	{ "set_mpls_ttl", parse_ttl, OFPACT_SET_MPLS_TTL },
	{ "dec_mpls_ttl", parse_empty, OFPACT_DEC_MPLS_TTL },
	{ "push_mpls", parse_ethertype, OFPACT_PUSH_MPLS },
	{ "pop_mpls", parse_ethertype, OFPACT_POP_MPLS },
	{ "push_pbb", parse_ethertype, OFPACT_PUSH_PBB },
	{ "pop_pbb", parse_empty, OFPACT_POP_PBB },
	{ "copy_ttl_out", parse_empty, OFPACT_COPY_TTL_OUT },
	{ "copy_ttl_in", parse_empty, OFPACT_COPY_TTL_IN },
	{ "set_tunnel", parse_set_tunnel, 0 },
	{ "set_tunnel64", parse_set_tunnel, 1 },
	{ "set_queue", parse_number, OFPACT_SET_QUEUE },
	{ "pop_queue", parse_empty, OFPACT_POP_QUEUE },
	{ "group", parse_number, OFPACT_GROUP },
	{ "resubmit", parse_resubmit, 0 },
	{ "note", parse_note, 0 },
	{ "exit", parse_empty, OFPACT_EXIT },
	{ "meter", parse_number, OFPACT_METER },
	{ "apply_actions", parse_apply_actions, 0 },
	{ "clear_actions", parse_empty, OFPACT_CLEAR_ACTIONS },
	{ "write_actions", parse_write_actions, 0 },
	{ "write_metadata", parse_write_metadata, 0 },
	{ "goto_table", parse_number, OFPACT_GOTO_TABLE },
};

static const struct word_row *
find_word(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(words[i].name, name) == 0)
			return &words[i];
	}
	return NULL;
}

/* Cuts the next action off '*cursor': "word", "word:value", "word=value", "word(value)". */
static bool
next_word(char **cursor, char **name, char **value, struct err *err, bool *bad)
{
	char *p = *cursor + strspn(*cursor, ", \t\r\n");
	unsigned int depth = 0;
	bool open;

	*bad = false;
	if (*p == '\0')
		return false;
	*name = p;
	p += strcspn(p, ":=(, \t\r\n");
	*value = p;
	if (*p == '\0') {
		*cursor = p;
		return true;
	}
	open = *p == '(';
	if (*p != ':' && *p != '=' && !open) {
		*p = '\0';
		*cursor = p + 1;
		return true;
	}
	*p++ = '\0';
	*value = p;
	if (open)
		depth = 1;
	for (; *p != '\0'; p++) {
		if (*p == '(')
			depth++;
		else if (*p == ')' && depth > 0 && --depth == 0 && open)
			break;
		else if (depth == 0 && strchr(", \t\r\n", *p) != NULL)
			break;
	}
	if (depth > 0) {
		err_set(err, "%s: no closing parenthesis", *name);
		*bad = true;
		return false;
	}
	*cursor = *p == '\0' ? p : p + 1;
	*p = '\0';
	return true;
}

static int
parse_one(struct word *w, struct ofpacts *list)
{
	const struct word_row *row = find_word(w->name);
	uint32_t port;

	if (row != NULL) {
		w->arg = row->arg;
		return row->parse(w, list);
	}
	/* A port by number or name is an output to it. */
	if (w->value[0] == '\0' && of_text_port_parse(w->name, w->ports, &port, NULL) == 0) {
		ofpacts_put_output(list, port, port == OFP_PORT_CONTROLLER ? UINT16_MAX : 0);
		return 0;
	}
	err_set(w->err, "unknown action %s", w->name);
	return -EINVAL;
}

static int
parse_list(char *s, unsigned int depth, const struct format_ports *ports, struct ofpacts *list,
	struct err *err)
{
	char *name, *value;
	bool bad;

	if (depth > TEXT_DEPTH_MAX) {
		err_set(err, "actions are nested too deeply");
		return -EINVAL;
	}
	while (next_word(&s, &name, &value, err, &bad)) {
		struct word w = {
			.name = name, .value = value, .depth = depth, .ports = ports, .err = err
		};
		int error;

		/* Elements have lengths of 16 bits, and a message no more room. */
		if (list->len > TEXT_ACTIONS_MAX) {
			err_set(err, "too many actions");
			return -EINVAL;
		}
		error = parse_one(&w, list);
		if (error != 0)
			return error;
	}
	return bad ? -EINVAL : 0;
}

/* Instructions stand behind the actions and in their order, so that the list is what will be done. */
static int
check_order(const struct ofpacts *list, size_t start, struct err *err)
{
	static const char *const names[] = { "actions", "clear_actions", "write_actions",
		"write_metadata", "goto_table" };
	const struct ofpact *a;
	int last = -1;
	bool seen[ARRAY_SIZE(names)] = { false };
	struct ofpacts tail = *list;

	tail.data += start;
	tail.len -= start;
	OFPACT_FOREACH(a, &tail)
	{
		int rank = ofpact_is_instruction(a) ? a->type - OFPACT_METER : 0;

		if (a->type == OFPACT_METER) {
			if (last >= 0) {
				err_set(err, "meter must come first, and once");
				return -EINVAL;
			}
			last = 0;
			continue;
		}
		if (rank < last) {
			err_set(err, "%s must not come after %s", names[rank], names[last]);
			return -EINVAL;
		}
		if (rank > 0 && seen[rank]) {
			err_set(err, "%s is given twice", names[rank]);
			return -EINVAL;
		}
		seen[rank] = true;
		last = rank;
	}
	return 0;
}

int
of_actions_parse(
	const char *s, const struct format_ports *ports, struct ofpacts *list, struct err *err)
{
	size_t start = list->len;
	char *copy = xstrdup(s);
	int error = parse_list(copy, 0, ports, list, err);

	if (error == 0 && list->len > start)
		error = check_order(list, start, err);
	if (error != 0)
		list->len = start;
	free(copy);
	return error;
}

int
of_text_port_parse(
	const char *s, const struct format_ports *ports, uint32_t *portp, struct err *err)
{
	const struct field *f = field_get(FIELD_IN_PORT_OXM);
	union field_value value, mask;
	struct err why = ERR_INIT;

	if (field_parse(f, s, ports, &value, &mask, &why) != 0 || !field_value_is_ones(f, &mask)) {
		err_set(err, "%s: no such port", s);
		return -EINVAL;
	}
	*portp = (uint32_t)field_value_u64(f, &value);
	if (!of_port_is_possible(*portp)) {
		err_set(err, "%s: no port has such a number", s);
		return -EINVAL;
	}
	return 0;
}
