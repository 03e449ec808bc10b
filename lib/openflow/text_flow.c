/* SPDX-License-Identifier: Apache-2.0 */
/* Rules from text and to text: everything in a rule but its match, which is flow/format.h's, and
 *       its actions. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "flow/ofp_port.h"
#include "openflow/oxm_priv.h"
#include "openflow/text.h"
#include "openflow/text_priv.h"

/* What a text may say, by what it is for. */
#define MAY_ACTIONS 0x01
#define MAY_TIMEOUT 0x02
#define MAY_PRIORITY 0x04
#define MAY_FLAGS 0x08
#define MAY_OUT 0x10 /* out_port, out_group */
#define MAY_IMPORTANCE 0x20
#define MAY_SET_COOKIE 0x40
#define MAY_ASK_COOKIE 0x80

static const unsigned int may_by_command[N_OF_FLOW_COMMANDS] = {
	[OF_FLOW_ADD] = MAY_ACTIONS | MAY_TIMEOUT | MAY_PRIORITY | MAY_FLAGS | MAY_IMPORTANCE
		| MAY_SET_COOKIE,
	[OF_FLOW_MODIFY] = MAY_ACTIONS | MAY_TIMEOUT | MAY_PRIORITY | MAY_FLAGS | MAY_SET_COOKIE
		| MAY_ASK_COOKIE,
	[OF_FLOW_MODIFY_STRICT] = MAY_ACTIONS | MAY_TIMEOUT | MAY_PRIORITY | MAY_FLAGS
		| MAY_SET_COOKIE | MAY_ASK_COOKIE,
	[OF_FLOW_DELETE] = MAY_OUT | MAY_ASK_COOKIE,
	[OF_FLOW_DELETE_STRICT] = MAY_OUT | MAY_PRIORITY | MAY_ASK_COOKIE,
};

static const struct {
	const char *name;
	uint16_t flag;
} flags[] = {
	{ "send_flow_rem", OF_FLOW_SEND_FLOW_REM },
	{ "check_overlap", OF_FLOW_CHECK_OVERLAP },
	{ "reset_counts", OF_FLOW_RESET_COUNTS },
	{ "no_packet_counts", OF_FLOW_NO_PACKET_COUNTS },
	{ "no_byte_counts", OF_FLOW_NO_BYTE_COUNTS },
};

/* One text being parsed. */
struct parser {
	unsigned int may; /* MAY_*. */
	const struct format_ports *ports;
	struct of_flow_mod *fm;
	struct err *err;
};

static int
parse_u16(struct parser *p, const char *key, const char *value, uint16_t *dst)
{
	uint64_t v;
	int error = of_text_number(key, value, UINT16_MAX, &v, p->err);

	if (error == 0)
		*dst = (uint16_t)v;
	return error;
}

/* A number of 64 bits; "-1" is all ones. */
static int
parse_u64(struct parser *p, const char *key, const char *value, uint64_t *dst)
{
	if (strcmp(value, "-1") == 0) {
		*dst = UINT64_MAX;
		return 0;
	}
	return of_text_number(key, value, UINT64_MAX, dst, p->err);
}

static int
parse_cookie(struct parser *p, const char *key, char *value)
{
	char *mask = strchr(value, '/');

	if (mask != NULL) {
		*mask++ = '\0';
		if ((p->may & MAY_ASK_COOKIE) == 0) {
			err_set(p->err, "cookie=%s/%s: a rule to be added has no mask", value,
				mask);
			return -EINVAL;
		}
		if (parse_u64(p, key, value, &p->fm->cookie) != 0
			|| parse_u64(p, key, mask, &p->fm->cookie_mask) != 0)
			return -EINVAL;
		p->fm->cookie &= p->fm->cookie_mask;
		return 0;
	}
	if ((p->may & MAY_SET_COOKIE) == 0) {
		err_set(p->err, "cookie=%s: which rules is said with a mask, as in %s/-1", value,
			value);
		return -EINVAL;
	}
	p->fm->modify_cookie = true;
	return parse_u64(p, key, value, &p->fm->new_cookie);
}

static int
parse_flag(struct parser *p, const char *key, const char *value)
{
	if ((p->may & MAY_FLAGS) == 0)
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (strcmp(flags[i].name, key) != 0)
			continue;
		if (value[0] != '\0') {
			err_set(p->err, "%s takes no value", key);
			return -EINVAL;
		}
		p->fm->flags |= flags[i].flag;
		return 0;
	}
	return -ENOENT;
}

static int
parse_table(struct parser *p, const char *key, const char *value)
{
	uint64_t v;
	int error = of_text_number(key, value, UINT8_MAX, &v, p->err);

	if (error == 0)
		p->fm->table_id = (uint8_t)v;
	return error;
}

static int
parse_out_group(struct parser *p, const char *key, const char *value)
{
	uint64_t v;
	int error;

	if (strcmp(value, "any") == 0) {
		p->fm->out_group = OF_GROUP_ANY;
		return 0;
	}
	error = of_text_number(key, value, UINT32_MAX, &v, p->err);
	if (error == 0)
		p->fm->out_group = (uint32_t)v;
	return error;
}

/* What is printed with a rule and cannot be set, so that a printed rule can be read again. */
static bool
is_counter(const char *key)
{
	static const char *const names[] = { "duration", "n_packets", "n_bytes", "idle_age",
		"hard_age" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], key) == 0)
			return true;
	}
	return false;
}

/* Returns: 0, -EINVAL with the error set, or -ENOENT if 'key' is not one of a rule's words. */
static int
parse_rule_term(struct parser *p, const char *key, char *value)
{
	struct of_flow_mod *fm = p->fm;
	int error;

	if (strcmp(key, "table") == 0)
		return parse_table(p, key, value);
	if (strcmp(key, "cookie") == 0)
		return parse_cookie(p, key, value);
	if ((p->may & MAY_PRIORITY) != 0 && strcmp(key, "priority") == 0)
		return parse_u16(p, key, value, &fm->priority);
	if ((p->may & MAY_TIMEOUT) != 0 && strcmp(key, "idle_timeout") == 0)
		return parse_u16(p, key, value, &fm->idle_timeout);
	if ((p->may & MAY_TIMEOUT) != 0 && strcmp(key, "hard_timeout") == 0)
		return parse_u16(p, key, value, &fm->hard_timeout);
	if ((p->may & MAY_IMPORTANCE) != 0 && strcmp(key, "importance") == 0)
		return parse_u16(p, key, value, &fm->importance);
	if ((p->may & MAY_OUT) != 0 && strcmp(key, "out_port") == 0)
		return of_text_port_parse(value, p->ports, &fm->out_port, p->err);
	if ((p->may & MAY_OUT) != 0 && strcmp(key, "out_group") == 0)
		return parse_out_group(p, key, value);
	error = parse_flag(p, key, value);
	if (error != -ENOENT)
		return error;
	return (p->may & MAY_ACTIONS) != 0 && is_counter(key) ? 0 : -ENOENT;
}

static int
parse_terms(struct parser *p, char *s)
{
	char *key, *value;

	while (format_next_term(&s, &key, &value)) {
		int error = parse_rule_term(p, key, value);

		if (error == -ENOENT)
			error = match_parse_term(&p->fm->match, key, value, p->ports, p->err);
		if (error == -ENOENT) {
			err_set(p->err, "unknown keyword %s", key);
			error = -EINVAL;
		}
		if (error != 0)
			return error;
	}
	return 0;
}

/* Finds "actions=" (or "action=") and cuts the text in front of it.
 * Returns: the actions, or NULL if there is no such word. */
static char *
split_actions(char *s)
{
	char *p = s;

	while ((p = strstr(p, "action")) != NULL) {
		char *end = p + strlen("action");

		if (*end == 's')
			end++;
		if (*end == '=' && (p == s || strchr(", \t\r\n", p[-1]) != NULL)) {
			*p = '\0';
			return end + 1;
		}
		p = end;
	}
	return NULL;
}

static int
check_actions(struct parser *p)
{
	struct ofpacts_check check = { .match = &p->fm->match };
	enum oferror error;

	if (p->fm->table_id != OF_TABLE_ALL) {
		check.table_id = p->fm->table_id;
		check.n_tables = OF_TABLE_ALL;
	}
	error = ofpacts_check(&p->fm->actions, &check);
	if (error != OFERROR_OK) {
		err_set(p->err, "actions cannot be done with this match (%s)", oferror_name(error));
		return -EINVAL;
	}
	return 0;
}

static int
parse_flow(struct parser *p, char *s)
{
	bool wanted = (p->may & MAY_ACTIONS) != 0;
	char *actions = wanted ? split_actions(s) : NULL;
	int error;

	if (wanted && actions == NULL) {
		err_set(p->err, "must specify an action");
		return -EINVAL;
	}
	error = parse_terms(p, s);
	if (error == 0) {
		(void)match_normalize(&p->fm->match);
		of_match_canonical_vlan(&p->fm->match);
	}
	if (error == 0 && actions != NULL)
		error = of_actions_parse(actions, p->ports, &p->fm->actions, p->err);
	if (error == 0)
		error = check_actions(p);
	return error;
}

int
of_flow_mod_parse(const char *s, enum of_flow_mod_command command, const struct format_ports *ports,
	struct of_flow_mod *fm, struct err *err)
{
	struct parser p = { .may = may_by_command[command], .ports = ports, .fm = fm, .err = err };
	char *copy = xstrdup(s);
	int error;

	of_flow_mod_init(fm);
	fm->command = command;
	error = parse_flow(&p, copy);
	free(copy);
	if (error != 0)
		of_flow_mod_uninit(fm);
	return error;
}

int
of_flow_stats_request_parse(const char *s, bool aggregate, const struct format_ports *ports,
	struct of_flow_stats_request *req, struct err *err)
{
	struct of_flow_mod fm;
	int error = of_flow_mod_parse(s, OF_FLOW_DELETE, ports, &fm, err);

	if (error != 0)
		return error;
	of_flow_stats_request_init(req);
	req->aggregate = aggregate;
	req->match = fm.match;
	req->table_id = fm.table_id;
	req->out_port = fm.out_port;
	req->out_group = fm.out_group;
	req->cookie = fm.cookie;
	req->cookie_mask = fm.cookie_mask;
	of_flow_mod_uninit(&fm);
	return 0;
}

static int
parse_hex(const char *s, uint8_t **datap, size_t *lenp, struct err *err)
{
	size_t n = strlen(s);
	uint8_t *data;

	if (n % 2 != 0 || strspn(s, "0123456789abcdefABCDEF") != n) {
		err_set(err, "packet: not pairs of hexadecimal digits");
		return -EINVAL;
	}
	data = xmalloc(n / 2 + 1);
	for (size_t i = 0; i < n / 2; i++) {
		char pair[3] = { s[2 * i], s[2 * i + 1], '\0' };

		data[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	free(*datap);
	*datap = data;
	*lenp = n / 2;
	return 0;
}

static int
parse_packet_out(char *s, const struct format_ports *ports, struct of_packet_out *po,
	uint8_t **packetp, struct err *err)
{
	char *actions = split_actions(s);
	char *key, *value;
	int error = 0;

	if (actions == NULL) {
		err_set(err, "must specify an action");
		return -EINVAL;
	}
	while (error == 0 && format_next_term(&s, &key, &value)) {
		if (strcmp(key, "in_port") == 0) {
			error = of_text_port_parse(value, ports, &po->in_port, err);
		} else if (strcmp(key, "packet") == 0) {
			error = parse_hex(value, packetp, &po->packet_len, err);
		} else {
			err_set(err, "unknown keyword %s", key);
			error = -EINVAL;
		}
	}
	if (error == 0 && *packetp == NULL) {
		err_set(err, "must specify packet data");
		error = -EINVAL;
	}
	po->packet = *packetp;
	return error != 0 ? error : of_actions_parse(actions, ports, &po->actions, err);
}

int
of_packet_out_parse(const char *s, const struct format_ports *ports, struct of_packet_out *po,
	uint8_t **packetp, struct err *err)
{
	char *copy = xstrdup(s);
	int error;

	memset(po, 0, sizeof *po);
	po->buffer_id = OF_NO_BUFFER;
	po->in_port = OFP_PORT_CONTROLLER;
	*packetp = NULL;
	error = parse_packet_out(copy, ports, po, packetp, err);
	free(copy);
	if (error != 0) {
		free(*packetp);
		*packetp = NULL;
		ofpacts_uninit(&po->actions);
	}
	return error;
}

void
of_text_duration_format(uint32_t sec, uint32_t nsec, struct str *s)
{
	str_printf(s, "%" PRIu32, sec);
	if (nsec == 0)
		str_putc(s, 's');
	else if (nsec % 1000000 == 0)
		str_printf(s, ".%03" PRIu32 "s", nsec / 1000000);
	else if (nsec % 1000 == 0)
		str_printf(s, ".%06" PRIu32 "s", nsec / 1000);
	else
		str_printf(s, ".%09" PRIu32 "s", nsec);
}

/* Priority and match: "priority=5,ip", and a space if there is anything. */
static void
put_match(uint16_t priority, const struct match *match, const struct format_ports *ports,
	struct str *s)
{
	size_t before = s->len;

	if (priority != OF_DEFAULT_PRIORITY) {
		size_t len;

		str_printf(s, "priority=%u", priority);
		str_putc(s, ',');
		len = s->len;
		(void)match_format(match, ports, s);
		if (s->len == len)
			str_chomp(s, ',');
	} else {
		(void)match_format(match, ports, s);
	}
	if (s->len != before)
		str_putc(s, ' ');
}

static void
put_flags(uint16_t set, struct str *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if ((set & flags[i].flag) != 0)
			str_printf(s, "%s ", flags[i].name);
	}
}

void
of_flow_stats_format(const struct of_flow_stats *fs, bool show_stats,
	const struct format_ports *ports, struct str *s)
{
	if (show_stats || fs->cookie != 0)
		str_printf(s, "cookie=0x%" PRIx64 ", ", fs->cookie);
	if (show_stats) {
		str_puts(s, "duration=");
		of_text_duration_format(fs->duration_sec, fs->duration_nsec, s);
		str_puts(s, ", ");
	}
	if (show_stats || fs->table_id != 0)
		str_printf(s, "table=%u, ", fs->table_id);
	if (show_stats)
		str_printf(
			s, "n_packets=%" PRIu64 ", n_bytes=%" PRIu64 ", ", fs->packets, fs->bytes);
	if (fs->idle_timeout != 0)
		str_printf(s, "idle_timeout=%u, ", fs->idle_timeout);
	if (fs->hard_timeout != 0)
		str_printf(s, "hard_timeout=%u, ", fs->hard_timeout);
	put_flags(fs->flags, s);
	if (fs->importance != 0)
		str_printf(s, "importance=%u, ", fs->importance);
	if (show_stats && fs->idle_age >= 0)
		str_printf(s, "idle_age=%d, ", fs->idle_age);
	if (show_stats && fs->hard_age >= 0 && (uint32_t)fs->hard_age != fs->duration_sec)
		str_printf(s, "hard_age=%d, ", fs->hard_age);
	put_match(fs->priority, &fs->match, ports, s);
	str_puts(s, "actions=");
	of_actions_format(&fs->actions, ports, s);
}

void
of_flow_mod_format(const struct of_flow_mod *fm, const struct format_ports *ports, struct str *s)
{
	static const char *const commands[N_OF_FLOW_COMMANDS] = { "ADD", "MOD", "MOD_STRICT", "DEL",
		"DEL_STRICT" };

	str_printf(s, "%s ", commands[fm->command]);
	if (fm->table_id != 0 && fm->table_id != OF_TABLE_ALL)
		str_printf(s, "table:%u ", fm->table_id);
	put_match(fm->priority, &fm->match, ports, s);
	if (fm->new_cookie != 0 && fm->new_cookie != UINT64_MAX)
		str_printf(s, "cookie:0x%" PRIx64 " ", fm->new_cookie);
	if (fm->cookie_mask != 0)
		str_printf(s, "cookie:0x%" PRIx64 "/0x%" PRIx64 " ", fm->cookie, fm->cookie_mask);
	if (fm->idle_timeout != 0)
		str_printf(s, "idle:%u ", fm->idle_timeout);
	if (fm->hard_timeout != 0)
		str_printf(s, "hard:%u ", fm->hard_timeout);
	if (fm->buffer_id != OF_NO_BUFFER)
		str_printf(s, "buf:0x%" PRIx32 " ", fm->buffer_id);
	if (fm->out_port != OFP_PORT_NONE) {
		str_puts(s, "out_port:");
		of_text_port_format(fm->out_port, ports, s);
		str_putc(s, ' ');
	}
	if (fm->out_group != OF_GROUP_ANY)
		str_printf(s, "out_group:%" PRIu32 " ", fm->out_group);
	put_flags(fm->flags, s);
	if (fm->importance != 0)
		str_printf(s, "importance:%u ", fm->importance);
	str_puts(s, "actions=");
	of_actions_format(&fm->actions, ports, s);
}
