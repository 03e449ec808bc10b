/* SPDX-License-Identifier: Apache-2.0 */
/* Text to matches and fields, in the grammar of ovs-ofctl. */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "flow/format.h"
#include "flow/format_priv.h"
#include "flow/ofp_port.h"

/* Reads an unsigned number of up to 'n' bytes, decimal or with 0x, into network order.
 * Returns: false if 'text' is none or has more bits. */
static bool
parse_number(const char *text, uint8_t *dst, unsigned int n)
{
	unsigned long long v;
	char *end;

	memset(dst, 0, n);
	if (!isdigit((unsigned char)text[0]))
		return false;
	if (n > 8 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		size_t len;

		text += 2;
		len = strlen(text);
		if (len == 0 || strspn(text, "0123456789abcdefABCDEF") != len)
			return false;
		for (; *text == '0' && len > 1; text++)
			len--;
		if (len > n * 2)
			return false;
		for (size_t i = 0; i < len; i++) {
			unsigned int at = n * 2 - (unsigned int)(len - i);
			char c = (char)tolower((unsigned char)text[i]);
			unsigned int digit = (unsigned int)(c >= 'a' ? c - 'a' + 10 : c - '0');

			dst[at / 2] |= (uint8_t)(at % 2 != 0 ? digit : digit << 4);
		}
		return true;
	}
	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno != 0 || *end != '\0')
		return false;
	for (unsigned int i = n; i-- > 0; v >>= 8)
		dst[i] = (uint8_t)v;
	return v == 0;
}

static bool
parse_mac(const char *text, uint8_t dst[6])
{
	for (int i = 0; i < 6; i++) {
		unsigned int v = 0;
		int n = 0;

		for (; n < 2 && isxdigit((unsigned char)*text); n++, text++) {
			char c = (char)tolower((unsigned char)*text);

			v = v * 16 + (unsigned int)(c >= 'a' ? c - 'a' + 10 : c - '0');
		}
		if (n == 0 || *text != (i < 5 ? ':' : '\0'))
			return false;
		dst[i] = (uint8_t)v;
		text++;
	}
	return true;
}

/* An address mask: a prefix length or an address. */
static bool
parse_addr_mask(int family, const char *text, uint8_t *dst, unsigned int n)
{
	unsigned long len;
	char *end;

	if (inet_pton(family, text, dst) == 1)
		return true;
	if (!isdigit((unsigned char)text[0]))
		return false;
	len = strtoul(text, &end, 10);
	if (*end != '\0' || len > n * 8)
		return false;
	memset(dst, 0, n);
	for (unsigned int i = 0; i < len; i++)
		dst[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return true;
}

/* The bit of the flag that 'text' starts with, and its length; 0 if it is none. */
static uint32_t
parse_flag(const struct format_flag *flags, const char *text, size_t *len)
{
	*len = strcspn(text, "+-|");
	for (; flags->name != NULL; flags++) {
		if (strlen(flags->name) == *len && strncmp(flags->name, text, *len) == 0)
			return flags->bit;
	}
	return 0;
}

/* "+syn-ack" or "syn|ack". */
static bool
parse_flags(
	const struct field *f, const char *text, union field_value *value, union field_value *mask)
{
	const struct format_flag *flags = format_flags(f->format);
	bool is_signed = *text == '+' || *text == '-';
	uint64_t v = 0, m = 0;

	while (*text != '\0') {
		bool set = true;
		uint32_t bit;
		size_t len;

		if (is_signed) {
			if (*text != '+' && *text != '-')
				return false;
			set = *text++ == '+';
		}
		bit = parse_flag(flags, text, &len);
		if (bit == 0 || (is_signed && (m & bit) != 0))
			return false;
		m |= bit;
		v |= set ? bit : 0;
		text += len;
		if (!is_signed && *text == '|' && *++text == '\0')
			return false;
		else if (!is_signed && *text != '\0' && text[-1] != '|')
			return false;
	}
	field_value_set_u64(f, value, v);
	if (is_signed)
		field_value_set_u64(f, mask, m);
	return m != 0;
}

/* "(namespace,type)" */
static bool
parse_packet_type(const char *text, union field_value *value)
{
	const char *comma = strchr(text, ',');
	size_t len = strlen(text);
	char ns[16], type[16];
	uint8_t b[4];

	if (comma == NULL || len < 2 || text[0] != '(' || text[len - 1] != ')'
		|| len >= sizeof type)
		return false;
	memcpy(ns, text + 1, (size_t)(comma - text - 1));
	ns[comma - text - 1] = '\0';
	memcpy(type, comma + 1, (size_t)(text + len - comma - 2));
	type[text + len - comma - 2] = '\0';
	if (!parse_number(ns, b, 2) || !parse_number(type, b + 2, 2))
		return false;
	memcpy(value->b, b, 4);
	return true;
}

static bool
parse_port(const char *text, const struct format_ports *ports, uint32_t *port)
{
	size_t len = strlen(text);
	char name[128];

	if (ofp_port_parse(text, port))
		return true;
	if (ports == NULL || ports->number == NULL)
		return false;
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"' && len - 2 < sizeof name) {
		memcpy(name, text + 1, len - 2);
		name[len - 2] = '\0';
		text = name;
	}
	return ports->number(ports->aux, text, port);
}

/* The value half of "value/mask". */
static bool
parse_value(const struct field *f, const char *text, const struct format_ports *ports,
	union field_value *value, union field_value *mask)
{
	uint32_t port;

	memset(value, 0, sizeof *value);
	switch (f->format) {
	case FIELD_FMT_ETHERNET: return parse_mac(text, value->b);
	case FIELD_FMT_IPV4: return inet_pton(AF_INET, text, value->b) == 1;
	case FIELD_FMT_IPV6: return inet_pton(AF_INET6, text, value->b) == 1;
	case FIELD_FMT_PORT:
	case FIELD_FMT_PORT10:
		if (!parse_port(text, ports, &port))
			return false;
		field_value_set_u64(
			f, value, f->format == FIELD_FMT_PORT10 ? ofp_port_to10(port) : port);
		return true;
	case FIELD_FMT_PACKET_TYPE: return parse_packet_type(text, value);
	case FIELD_FMT_FRAG:
		for (const struct format_frag *x = format_frags; x->name != NULL; x++) {
			if (strcmp(text, x->name) == 0) {
				value->u8 = x->value;
				mask->u8 = x->mask;
				return true;
			}
		}
		break;
	case FIELD_FMT_TCP_FLAGS:
	case FIELD_FMT_CT_STATE:
	case FIELD_FMT_TUN_FLAGS:
		if (!isdigit((unsigned char)*text))
			return parse_flags(f, text, value, mask);
		break;
	default: break;
	}
	return parse_number(text, value->b, f->n_bytes);
}

static bool
parse_mask(const struct field *f, const char *text, union field_value *mask)
{
	memset(mask, 0, sizeof *mask);
	switch (f->format) {
	case FIELD_FMT_ETHERNET: return parse_mac(text, mask->b);
	case FIELD_FMT_IPV4: return parse_addr_mask(AF_INET, text, mask->b, 4);
	case FIELD_FMT_IPV6: return parse_addr_mask(AF_INET6, text, mask->b, 16);
	default: return parse_number(text, mask->b, f->n_bytes);
	}
}

int
field_parse(const struct field *f, const char *text, const struct format_ports *ports,
	union field_value *value, union field_value *mask, struct err *err)
{
	const char *slash = strchr(text, '/');
	char buf[160];
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);

	/* A port's name may have a slash. */
	if (f->format == FIELD_FMT_PORT || f->format == FIELD_FMT_PORT10) {
		slash = NULL;
		len = strlen(text);
	}
	if (len >= sizeof buf) {
		err_set(err, "%s: value too long", f->name);
		return -EINVAL;
	}
	memcpy(buf, text, len);
	buf[len] = '\0';
	field_value_set_ones(f, mask);
	if (!parse_value(f, buf, ports, value, mask)) {
		err_set(err, "%s: invalid value for %s", buf, f->name);
		return -EINVAL;
	}
	if (slash != NULL) {
		if (!parse_mask(f, slash + 1, mask)) {
			err_set(err, "%s: invalid mask for %s", slash + 1, f->name);
			return -EINVAL;
		}
		if (!field_mask_is_valid(f, mask)) {
			err_set(err, "%s: %s cannot be matched under a mask", text, f->name);
			return -EINVAL;
		}
		if (!field_value_is_valid(f, mask)) {
			err_set(err, "%s: mask has bits that %s does not have", text, f->name);
			return -EINVAL;
		}
	}
	if (!field_value_is_valid(f, value)
		&& !(field_id(f) == FIELD_DL_VLAN && field_value_u64(f, value) == 0xffff)) {
		err_set(err, "%s: value out of range for %s", buf, f->name);
		return -EINVAL;
	}
	for (unsigned int i = 0; slash != NULL && i < f->n_bytes; i++)
		value->b[i] &= mask->b[i];
	return 0;
}

/* Words without a value.  Returns: whether 'key' is one. */
static bool
parse_word(struct match *m, const char *key)
{
	if (strcmp(key, "eth") == 0) {
		m->value.packet_type = 0;
		m->mask.packet_type = UINT32_MAX;
		return true;
	}
	for (const struct format_protocol *p = format_protocols; p->name != NULL; p++) {
		if (strcmp(key, p->name) != 0 && (p->alias == NULL || strcmp(key, p->alias) != 0))
			continue;
		match_set_eth_type(m, p->eth_type);
		if (p->ip_proto >= 0)
			match_set_ip_proto(m, (uint8_t)p->ip_proto);
		return true;
	}
	return false;
}

int
match_parse_term(struct match *m, const char *key, const char *value,
	const struct format_ports *ports, struct err *err)
{
	const struct field *f;
	union field_value v, k;
	bool empty = value == NULL || *value == '\0';
	int error;

	if (parse_word(m, key)) {
		if (empty)
			return 0;
		err_set(err, "%s takes no value", key);
		return -EINVAL;
	}
	f = field_by_name(key);
	if (f == NULL) {
		err_set(err, "unknown keyword %s", key);
		return -ENOENT;
	}
	if (empty) {
		err_set(err, "field %s missing value", key);
		return -EINVAL;
	}
	/* Text knows one in_port, of all numbers. */
	if (field_id(f) == FIELD_IN_PORT)
		f = field_get(FIELD_IN_PORT_OXM);
	error = field_parse(f, value, ports, &v, &k, err);
	if (error != 0)
		return error;
	match_set_field(m, f, &v, &k);
	return 0;
}

bool
format_next_term(char **cursor, char **key, char **value)
{
	static const char seps[] = ", \t\r\n";
	char *p = *cursor + strspn(*cursor, seps);
	char *end;

	if (*p == '\0') {
		*cursor = p;
		return false;
	}
	*key = p;
	p += strcspn(p, "=(, \t\r\n");
	if (*p == '=') {
		*p++ = '\0';
		*value = p;
		/* "packet_type=(1,0x800)": parentheses keep their commas, quotes anything. */
		for (int depth = 0; *p != '\0' && (depth > 0 || strchr(seps, *p) == NULL); p++) {
			if (*p == '"') {
				end = strchr(p + 1, '"');
				p = end != NULL ? end : p;
			} else if (*p == '(') {
				depth++;
			} else if (*p == ')' && depth > 0) {
				depth--;
			}
		}
		end = p;
	} else if (*p == '(') {
		int depth = 1;

		*p++ = '\0';
		*value = p;
		for (; *p != '\0' && depth > 0; p++)
			depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		end = depth == 0 ? p - 1 : p;
	} else {
		end = p;
		*value = p + strlen(p);
	}
	*cursor = *p == '\0' ? p : p + 1;
	/* The separator itself may be what follows a closing parenthesis. */
	if (end != p)
		*cursor = p;
	*end = '\0';
	return true;
}

int
match_parse(const char *text, const struct format_ports *ports, struct match *m, struct err *err)
{
	char *copy = xstrdup(text), *cursor = copy, *key, *value;
	int error = 0;

	match_init_catchall(m);
	while (error == 0 && format_next_term(&cursor, &key, &value))
		error = match_parse_term(m, key, value, ports, err);
	free(copy);
	return error == -ENOENT ? -EINVAL : error;
}
