/* SPDX-License-Identifier: Apache-2.0 */
/* Checking programs of any origin: lengths, types, nesting, and that every packet is accounted for. */

#include <errno.h>
#include <string.h>

#include "action/program.h"
#include "base/err.h"

#define MAX_NESTING 8

/* Size that an operation must have; 0: not in use. */
static size_t
op_size(uint16_t type)
{
	switch (type) {
	case PROGRAM_OP_DROP: return sizeof(struct op_drop);
	case PROGRAM_OP_OUTPUT: return sizeof(struct op_output);
	case PROGRAM_OP_PUNT: return sizeof(struct op_punt);
	case PROGRAM_OP_TRUNC: return sizeof(struct op_trunc);
	case PROGRAM_OP_SET_ETH: return sizeof(struct op_set_eth);
	case PROGRAM_OP_PUSH_VLAN:
	case PROGRAM_OP_SET_VLAN: return sizeof(struct op_vlan);
	case PROGRAM_OP_POP_VLAN: return sizeof(struct op_header);
	case PROGRAM_OP_SET_IPV4: return sizeof(struct op_set_ipv4);
	case PROGRAM_OP_SET_IPV6: return sizeof(struct op_set_ipv6);
	case PROGRAM_OP_SET_PORTS: return sizeof(struct op_set_ports);
	case PROGRAM_OP_SET_ICMP: return sizeof(struct op_set_icmp);
	case PROGRAM_OP_SET_ARP: return sizeof(struct op_set_arp);
	case PROGRAM_OP_SET_ND: return sizeof(struct op_set_nd);
	case PROGRAM_OP_PUSH_MPLS:
	case PROGRAM_OP_POP_MPLS:
	case PROGRAM_OP_SET_MPLS: return sizeof(struct op_mpls);
	case PROGRAM_OP_METER: return sizeof(struct op_meter);
	case PROGRAM_OP_CLONE: return sizeof(struct op_clone);
	default: return 0;
	}
}

static int
verify(const uint8_t *data, size_t len, size_t base, unsigned int depth, struct err *err)
{
	bool used = false, dropped = false;

	if (depth > MAX_NESTING) {
		err_set(err, "operation at byte %zu: more than %d clones inside each other", base,
			MAX_NESTING);
		return -EINVAL;
	}
	for (size_t ofs = 0; ofs < len;) {
		struct op_header h;
		size_t size;

		if (len - ofs < sizeof h) {
			err_set(err, "%zu bytes left over at byte %zu", len - ofs, base + ofs);
			return -EINVAL;
		}
		memcpy(&h, data + ofs, sizeof h);
		size = ROUND_UP(op_size(h.type), (size_t)4);
		if (size == 0) {
			err_set(err, "operation at byte %zu: unknown type %u", base + ofs, h.type);
			return -EINVAL;
		}
		if (h.type == PROGRAM_OP_PUNT && h.len >= size) {
			struct op_punt punt;

			memcpy(&punt, data + ofs, MIN(sizeof punt, len - ofs));
			size += ROUND_UP((size_t)punt.userdata_len, (size_t)4);
		}
		if (h.len % 4 != 0 || h.len < size || (h.type != PROGRAM_OP_CLONE && h.len > size)
			|| h.len > len - ofs) {
			err_set(err, "operation at byte %zu: bad length %u for type %u", base + ofs,
				h.len, h.type);
			return -EINVAL;
		}
		if (dropped) {
			err_set(err, "operation at byte %zu: behind a drop", base + ofs);
			return -EINVAL;
		}
		if (h.type == PROGRAM_OP_CLONE) {
			int error = verify(
				data + ofs + size, h.len - size, base + ofs + size, depth + 1, err);

			if (error != 0)
				return error;
		}
		dropped = h.type == PROGRAM_OP_DROP;
		used = used || h.type == PROGRAM_OP_OUTPUT || h.type == PROGRAM_OP_PUNT
			|| h.type == PROGRAM_OP_CLONE;
		ofs += h.len;
	}
	if (!used && !dropped) {
		err_set(err,
			"program at byte %zu: neither sends the packet nor names a reason to drop it",
			base);
		return -EINVAL;
	}
	return 0;
}

int
program_verify(const void *data, size_t len, struct err *err)
{
	if (len > PROGRAM_MAX_LEN) {
		err_set(err, "program of %zu bytes is too long", len);
		return -EINVAL;
	}
	return verify(data, len, 0, 0, err);
}
