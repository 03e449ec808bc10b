/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLOW_FORMAT_H
#define FLOW_FORMAT_H

/* format: matches, fields and keys as text, both ways.
 *
 * Model    The text is that of ovs-ofctl: "tcp,in_port=1,nw_dst=10.0.0.0/8,tp_dst=80".  What match_format() prints,
 *          match_parse() reads back as the same match.
 * Rules    I1 Numbers in decimal or with 0x; masks as "/mask", addresses also as "/prefix length".
 * Threads  none.
 * See      flow/field.h; openflow/text.h builds whole flows on this; tests/fuzz/match_text_fuzz.c. */

#include <stdbool.h>

#include "flow/field.h"
#include "flow/match.h"

struct err;
struct str;

/* Port names for one bridge; either function may be NULL, and so may a pointer to the struct. */
struct format_ports {
	const char *(*name)(
		void *aux, uint32_t ofp_port); /* NULL: it has none, print the number. */
	bool (*number)(void *aux, const char *name, uint32_t *ofp_port);
	void *aux;
};

/* Reads a whole match, terms separated by commas or white space.
 * Returns: 0 or -EINVAL with 'err'. */
int match_parse(
	const char *text, const struct format_ports *, struct match *, struct err *err) MUST_CHECK;

/* Reads one term into 'm': a field ("nw_dst", "10.0.0.0/8") or, with 'value' NULL or "", a protocol word ("tcp") or a
 * condition ("vlan_tci" has none, "ct_state" neither).
 * Returns: 0; -ENOENT if 'key' is no term of a match (the caller may know it); -EINVAL with 'err'. */
int match_parse_term(struct match *m, const char *key, const char *value,
	const struct format_ports *, struct err *err) MUST_CHECK;

/* Appends the match as "ovs-ofctl dump-flows" prints it, without priority; nothing for one that matches all.
 * Returns: true if anything was appended. */
bool match_format(const struct match *, const struct format_ports *, struct str *out);

/* Appends a key: every field that a packet of its kind has. */
void flow_format(const struct flow *, const struct format_ports *, struct str *out);

/* Appends a key under a mask in the words of OVS's datapath flows, as "ovs-appctl dpctl/dump-flows" has it:
 * "recirc_id(0),in_port(1),eth(src=...),eth_type(0x0800),ipv4(dst=10.0.0.0/255.0.0.0,frag=no)".  Only what is matched is
 * written.  'port_name' gives datapath ports names; it may be NULL, and so may its result. */
void flow_format_datapath(const struct flow *key, const struct flow *mask,
	const char *(*port_name)(void *aux, uint32_t dp_port), void *aux, struct str *out);

/* Reads "value" or "value/mask" of 'f'.  Without a mask all of the field's bits are set in 'mask'.
 * Returns: 0 or -EINVAL with 'err'. */
int field_parse(const struct field *f, const char *text, const struct format_ports *,
	union field_value *value, union field_value *mask, struct err *err) MUST_CHECK;

/* Appends "value" or, with 'mask' neither NULL nor all ones, "value/mask". */
void field_format(const struct field *f, const union field_value *value,
	const union field_value *mask, const struct format_ports *, struct str *out);

/* Splits the next "key", "key=value" or "key(value)" off '*cursor', in place; separators are commas and white
 * space, parentheses nest.  Returns: true and both strings ('value' "" without one), or false at the end. */
bool format_next_term(char **cursor, char **key, char **value);

#endif /* FLOW_FORMAT_H */
