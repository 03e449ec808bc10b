/* SPDX-License-Identifier: Apache-2.0 */
/* Subfields as text: a field by the name that its code point has in a specification, and the bits
 * of it that are meant.  Actions that load and move speak of fields by these names. */

#include "openflow/subfield.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

/* The name that is printed comes first. */
static const struct {
	enum field_id id;
	const char *name;
} names[] = {
	{ FIELD_DP_HASH, "NXM_NX_DP_HASH" },
	{ FIELD_RECIRC_ID, "NXM_NX_RECIRC_ID" },
	{ FIELD_PACKET_TYPE, "OXM_OF_PACKET_TYPE" },
	{ FIELD_CONJ_ID, "NXM_NX_CONJ_ID" },
	{ FIELD_TUN_ID, "NXM_NX_TUN_ID" },
	{ FIELD_TUN_ID, "OXM_OF_TUNNEL_ID" },
	{ FIELD_TUN_SRC, "NXM_NX_TUN_IPV4_SRC" },
	{ FIELD_TUN_DST, "NXM_NX_TUN_IPV4_DST" },
	{ FIELD_TUN_IPV6_SRC, "NXM_NX_TUN_IPV6_SRC" },
	{ FIELD_TUN_IPV6_DST, "NXM_NX_TUN_IPV6_DST" },
	{ FIELD_TUN_FLAGS, "NXM_NX_TUN_FLAGS" },
	{ FIELD_TUN_GBP_ID, "NXM_NX_TUN_GBP_ID" },
	{ FIELD_TUN_GBP_FLAGS, "NXM_NX_TUN_GBP_FLAGS" },
	{ FIELD_METADATA, "OXM_OF_METADATA" },
	{ FIELD_IN_PORT, "NXM_OF_IN_PORT" },
	{ FIELD_IN_PORT_OXM, "OXM_OF_IN_PORT" },
	{ FIELD_ACTSET_OUTPUT, "OXM_OF_ACTSET_OUTPUT" },
	{ FIELD_PKT_MARK, "NXM_NX_PKT_MARK" },
	{ FIELD_CT_STATE, "NXM_NX_CT_STATE" },
	{ FIELD_CT_ZONE, "NXM_NX_CT_ZONE" },
	{ FIELD_CT_MARK, "NXM_NX_CT_MARK" },
	{ FIELD_CT_LABEL, "NXM_NX_CT_LABEL" },
	{ FIELD_REG0, "NXM_NX_REG0" },
	{ FIELD_REG1, "NXM_NX_REG1" },
	{ FIELD_REG2, "NXM_NX_REG2" },
	{ FIELD_REG3, "NXM_NX_REG3" },
	{ FIELD_REG4, "NXM_NX_REG4" },
	{ FIELD_REG5, "NXM_NX_REG5" },
	{ FIELD_REG6, "NXM_NX_REG6" },
	{ FIELD_REG7, "NXM_NX_REG7" },
	{ FIELD_REG8, "NXM_NX_REG8" },
	{ FIELD_REG9, "NXM_NX_REG9" },
	{ FIELD_REG10, "NXM_NX_REG10" },
	{ FIELD_REG11, "NXM_NX_REG11" },
	{ FIELD_REG12, "NXM_NX_REG12" },
	{ FIELD_REG13, "NXM_NX_REG13" },
	{ FIELD_REG14, "NXM_NX_REG14" },
	{ FIELD_REG15, "NXM_NX_REG15" },
	{ FIELD_XREG0, "OXM_OF_PKT_REG0" },
	{ FIELD_XREG1, "OXM_OF_PKT_REG1" },
	{ FIELD_XREG2, "OXM_OF_PKT_REG2" },
	{ FIELD_XREG3, "OXM_OF_PKT_REG3" },
	{ FIELD_XREG4, "OXM_OF_PKT_REG4" },
	{ FIELD_XREG5, "OXM_OF_PKT_REG5" },
	{ FIELD_XREG6, "OXM_OF_PKT_REG6" },
	{ FIELD_XREG7, "OXM_OF_PKT_REG7" },
	{ FIELD_XXREG0, "NXM_NX_XXREG0" },
	{ FIELD_XXREG1, "NXM_NX_XXREG1" },
	{ FIELD_XXREG2, "NXM_NX_XXREG2" },
	{ FIELD_XXREG3, "NXM_NX_XXREG3" },
	{ FIELD_ETH_DST, "NXM_OF_ETH_DST" },
	{ FIELD_ETH_DST, "OXM_OF_ETH_DST" },
	{ FIELD_ETH_SRC, "NXM_OF_ETH_SRC" },
	{ FIELD_ETH_SRC, "OXM_OF_ETH_SRC" },
	{ FIELD_ETH_TYPE, "NXM_OF_ETH_TYPE" },
	{ FIELD_ETH_TYPE, "OXM_OF_ETH_TYPE" },
	{ FIELD_VLAN_TCI, "NXM_OF_VLAN_TCI" },
	{ FIELD_VLAN_VID, "OXM_OF_VLAN_VID" },
	{ FIELD_VLAN_PCP, "OXM_OF_VLAN_PCP" },
	{ FIELD_MPLS_LABEL, "OXM_OF_MPLS_LABEL" },
	{ FIELD_MPLS_TC, "OXM_OF_MPLS_TC" },
	{ FIELD_MPLS_BOS, "OXM_OF_MPLS_BOS" },
	{ FIELD_MPLS_TTL, "NXM_NX_MPLS_TTL" },
	{ FIELD_PBB_ISID, "OXM_OF_PBB_ISID" },
	{ FIELD_PBB_UCA, "OXM_OF_PBB_UCA" },
	{ FIELD_IPV4_SRC, "NXM_OF_IP_SRC" },
	{ FIELD_IPV4_SRC, "OXM_OF_IPV4_SRC" },
	{ FIELD_IPV4_DST, "NXM_OF_IP_DST" },
	{ FIELD_IPV4_DST, "OXM_OF_IPV4_DST" },
	{ FIELD_IPV6_SRC, "NXM_NX_IPV6_SRC" },
	{ FIELD_IPV6_SRC, "OXM_OF_IPV6_SRC" },
	{ FIELD_IPV6_DST, "NXM_NX_IPV6_DST" },
	{ FIELD_IPV6_DST, "OXM_OF_IPV6_DST" },
	{ FIELD_IPV6_LABEL, "NXM_NX_IPV6_LABEL" },
	{ FIELD_IPV6_LABEL, "OXM_OF_IPV6_FLABEL" },
	{ FIELD_IPV6_EXTHDR, "OXM_OF_IPV6_EXTHDR" },
	{ FIELD_IP_PROTO, "NXM_OF_IP_PROTO" },
	{ FIELD_IP_PROTO, "OXM_OF_IP_PROTO" },
	{ FIELD_IP_DSCP, "OXM_OF_IP_DSCP" },
	{ FIELD_NW_TOS, "NXM_OF_IP_TOS" },
	{ FIELD_IP_ECN, "NXM_NX_IP_ECN" },
	{ FIELD_IP_ECN, "OXM_OF_IP_ECN" },
	{ FIELD_NW_TTL, "NXM_NX_IP_TTL" },
	{ FIELD_IP_FRAG, "NXM_NX_IP_FRAG" },
	{ FIELD_ARP_OP, "NXM_OF_ARP_OP" },
	{ FIELD_ARP_OP, "OXM_OF_ARP_OP" },
	{ FIELD_ARP_SPA, "NXM_OF_ARP_SPA" },
	{ FIELD_ARP_SPA, "OXM_OF_ARP_SPA" },
	{ FIELD_ARP_TPA, "NXM_OF_ARP_TPA" },
	{ FIELD_ARP_TPA, "OXM_OF_ARP_TPA" },
	{ FIELD_ARP_SHA, "NXM_NX_ARP_SHA" },
	{ FIELD_ARP_SHA, "OXM_OF_ARP_SHA" },
	{ FIELD_ARP_THA, "NXM_NX_ARP_THA" },
	{ FIELD_ARP_THA, "OXM_OF_ARP_THA" },
	{ FIELD_CT_NW_PROTO, "NXM_NX_CT_NW_PROTO" },
	{ FIELD_CT_NW_SRC, "NXM_NX_CT_NW_SRC" },
	{ FIELD_CT_NW_DST, "NXM_NX_CT_NW_DST" },
	{ FIELD_CT_IPV6_SRC, "NXM_NX_CT_IPV6_SRC" },
	{ FIELD_CT_IPV6_DST, "NXM_NX_CT_IPV6_DST" },
	{ FIELD_CT_TP_SRC, "NXM_NX_CT_TP_SRC" },
	{ FIELD_CT_TP_DST, "NXM_NX_CT_TP_DST" },
	{ FIELD_TCP_SRC, "NXM_OF_TCP_SRC" },
	{ FIELD_TCP_SRC, "OXM_OF_TCP_SRC" },
	{ FIELD_TCP_DST, "NXM_OF_TCP_DST" },
	{ FIELD_TCP_DST, "OXM_OF_TCP_DST" },
	{ FIELD_TCP_FLAGS, "NXM_NX_TCP_FLAGS" },
	{ FIELD_TCP_FLAGS, "OXM_OF_TCP_FLAGS" },
	{ FIELD_UDP_SRC, "NXM_OF_UDP_SRC" },
	{ FIELD_UDP_SRC, "OXM_OF_UDP_SRC" },
	{ FIELD_UDP_DST, "NXM_OF_UDP_DST" },
	{ FIELD_UDP_DST, "OXM_OF_UDP_DST" },
	{ FIELD_SCTP_SRC, "OXM_OF_SCTP_SRC" },
	{ FIELD_SCTP_DST, "OXM_OF_SCTP_DST" },
	{ FIELD_ICMPV4_TYPE, "NXM_OF_ICMP_TYPE" },
	{ FIELD_ICMPV4_TYPE, "OXM_OF_ICMPV4_TYPE" },
	{ FIELD_ICMPV4_CODE, "NXM_OF_ICMP_CODE" },
	{ FIELD_ICMPV4_CODE, "OXM_OF_ICMPV4_CODE" },
	{ FIELD_ICMPV6_TYPE, "NXM_NX_ICMPV6_TYPE" },
	{ FIELD_ICMPV6_TYPE, "OXM_OF_ICMPV6_TYPE" },
	{ FIELD_ICMPV6_CODE, "NXM_NX_ICMPV6_CODE" },
	{ FIELD_ICMPV6_CODE, "OXM_OF_ICMPV6_CODE" },
	{ FIELD_ND_TARGET, "NXM_NX_ND_TARGET" },
	{ FIELD_ND_TARGET, "OXM_OF_IPV6_ND_TARGET" },
	{ FIELD_ND_SLL, "NXM_NX_ND_SLL" },
	{ FIELD_ND_SLL, "OXM_OF_IPV6_ND_SLL" },
	{ FIELD_ND_TLL, "NXM_NX_ND_TLL" },
	{ FIELD_ND_TLL, "OXM_OF_IPV6_ND_TLL" },
	{ FIELD_ND_RESERVED, "ERICOXM_OF_ICMPV6_ND_RESERVED" },
	{ FIELD_ND_OPTIONS_TYPE, "ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE" },
};

/* The field called by the 'n' characters at 'name', or N_FIELDS. */
static enum field_id
find_field(const char *name, size_t n)
{
	char word[64];
	const struct field *f;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i].name) == n && strncasecmp(names[i].name, name, n) == 0)
			return names[i].id;
	}
	if (n >= sizeof word)
		return N_FIELDS;
	memcpy(word, name, n);
	word[n] = '\0';
	f = field_by_name(word);
	return f == NULL ? N_FIELDS : field_id(f);
}

/* Reads the bits behind a name: "", "[]", "[5]" or "[0..7]". */
static int
parse_bits(const char *s, struct of_subfield *sf)
{
	unsigned int first, last;
	int n = -1;

	if (*s == '\0' || strcmp(s, "[]") == 0) {
		sf->ofs = 0;
		sf->n_bits = field_get(sf->field)->n_bits;
		return 0;
	}
	if (sscanf(s, "[%u..%u]%n", &first, &last, &n) != 2 || n < 0 || s[n] != '\0') {
		n = -1;
		if (sscanf(s, "[%u]%n", &first, &n) != 1 || n < 0 || s[n] != '\0')
			return -EINVAL;
		last = first;
	}
	if (first > last || last >= field_get(sf->field)->n_bits)
		return -EINVAL;
	sf->ofs = (uint16_t)first;
	sf->n_bits = (uint16_t)(last - first + 1);
	return 0;
}

bool
of_subfield_is_named(const char *s)
{
	return find_field(s, strcspn(s, "[")) != N_FIELDS;
}

int
of_subfield_parse(const char *s, struct of_subfield *sf, struct err *err)
{
	size_t n = strcspn(s, "[");

	sf->field = find_field(s, n);
	if (sf->field == N_FIELDS) {
		err_set(err, "%s: unknown field", s);
		return -EINVAL;
	}
	if (parse_bits(s + n, sf) != 0) {
		err_set(err, "%s: bad bits, the field has %u", s, field_get(sf->field)->n_bits);
		return -EINVAL;
	}
	return 0;
}

void
of_subfield_format(const struct of_subfield *sf, struct str *s)
{
	const char *name = field_get(sf->field)->name;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].id == sf->field) {
			name = names[i].name;
			break;
		}
	}
	str_puts(s, name);
	if (sf->ofs == 0 && sf->n_bits == field_get(sf->field)->n_bits)
		str_puts(s, "[]");
	else if (sf->n_bits == 1)
		str_printf(s, "[%u]", sf->ofs);
	else
		str_printf(s, "[%u..%u]", sf->ofs, sf->ofs + sf->n_bits - 1);
}
