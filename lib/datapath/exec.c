/* SPDX-License-Identifier: Apache-2.0 */
/* exec: runs an action program over packets.  Room: datapath.
 *
 * The interpreter walks the program once and each operation goes over all packets, so that decoding is paid per
 * group.  The last operation of a program takes the packets themselves; an output or punt before it gets copies.
 * A packet that an operation cannot edit is dropped there and then and leaves the group. */

#include <errno.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/dp_priv.h"
#include "packet/edit.h"
#include "packet/packet.h"

/* A group on its way through a program. */
struct run {
	struct pmd *pmd;
	const struct program *program;
	uint32_t in_port;
	uint32_t trunc; /* Bytes that the next output or punt sends at most. */
	uint32_t n;
	struct rte_mbuf *pkts[DP_BATCH];
};

static void
run_drop(struct run *r, uint32_t reason)
{
	pmd_drop(r->pmd, pmd_port_lookup(r->pmd, r->in_port), reason, r->pkts, r->n);
	r->n = 0;
}

/* Copies all packets, up to 'len' bytes each.  A packet that no copy could be made of goes on without.
 * Returns: how many copies. */
static uint32_t
run_copy(struct run *r, uint32_t len, struct rte_mbuf **copies)
{
	struct pmd_port *pp = pmd_port_lookup(r->pmd, r->in_port);
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		struct rte_mbuf *m = packet_copy(r->pkts[i], len);

		if (LIKELY(m != NULL)) {
			copies[n++] = m;
			continue;
		}
		/* Booked as a clone that was dropped, so that the loss shows. */
		cell_add(&r->pmd->cells.dropped, 1);
		cell_add(&r->pmd->drops.n[DROP_NO_MBUF], 1);
		if (pp != NULL)
			cell_add(&pp->drops.n[DROP_NO_MBUF], 1);
	}
	cell_add(&r->pmd->cells.cloned, r->n);
	return n;
}

/* The packets for an output or punt: themselves for the program's last operation, else copies, shortened as a
 * truncation before asked. */
static uint32_t
run_take(struct run *r, bool last, struct rte_mbuf **pkts)
{
	uint32_t n;

	if (last && r->trunc == UINT32_MAX) {
		n = r->n;
		memcpy(pkts, r->pkts, n * sizeof *pkts);
		r->n = 0;
		return n;
	}
	n = run_copy(r, r->trunc, pkts);
	r->trunc = UINT32_MAX;
	return n;
}

static void
run_output(struct run *r, const struct op_output *op, bool last)
{
	struct rte_mbuf *pkts[DP_BATCH];
	uint32_t n = run_take(r, last, pkts);

	pmd_output(r->pmd, r->in_port, op->dp_port, pkts, n);
}

static void
run_punt(struct run *r, const struct op_punt *op, bool last)
{
	struct rte_mbuf *pkts[DP_BATCH];
	uint32_t n = run_take(r, last, pkts);

	for (uint32_t i = 0; i < n; i++)
		pmd_punt(r->pmd, r->program, op, r->in_port, pkts[i]);
}

/* Behind its header, a set operation is laid out as the edit that does it. */
#define SAME_LAYOUT(OP, EDIT) \
	static_assert(sizeof(struct OP) == sizeof(struct op_header) + sizeof(struct EDIT), #OP)

SAME_LAYOUT(op_set_eth, packet_eth_edit);
SAME_LAYOUT(op_set_ipv4, packet_ipv4_edit);
SAME_LAYOUT(op_set_ipv6, packet_ipv6_edit);
SAME_LAYOUT(op_set_ports, packet_ports_edit);
SAME_LAYOUT(op_set_icmp, packet_icmp_edit);
SAME_LAYOUT(op_set_arp, packet_arp_edit);
SAME_LAYOUT(op_set_nd, packet_nd_edit);

/* Applies one edit to one packet.  Returns: 0, -ENOBUFS (no room for a header), other -errno (no such header). */
static int
edit(struct rte_mbuf *m, const struct op_header *op)
{
	const void *body = op + 1;
	const struct op_vlan *vlan = (const void *)op;
	const struct op_mpls *mpls = (const void *)op;

	switch ((enum program_op)op->type) {
	case PROGRAM_OP_SET_ETH: return packet_set_eth(m, body);
	case PROGRAM_OP_PUSH_VLAN: return packet_push_vlan(m, vlan->tpid, vlan->tci);
	case PROGRAM_OP_POP_VLAN: return packet_pop_vlan(m);
	case PROGRAM_OP_SET_VLAN: return packet_set_vlan(m, vlan->tpid, vlan->tci);
	case PROGRAM_OP_SET_IPV4: return packet_set_ipv4(m, body);
	case PROGRAM_OP_SET_IPV6: return packet_set_ipv6(m, body);
	case PROGRAM_OP_SET_PORTS: return packet_set_ports(m, body);
	case PROGRAM_OP_SET_ICMP: return packet_set_icmp(m, body);
	case PROGRAM_OP_SET_ARP: return packet_set_arp(m, body);
	case PROGRAM_OP_SET_ND: return packet_set_nd(m, body);
	case PROGRAM_OP_PUSH_MPLS: return packet_push_mpls(m, mpls->eth_type, mpls->lse);
	case PROGRAM_OP_POP_MPLS: return packet_pop_mpls(m, mpls->eth_type);
	case PROGRAM_OP_SET_MPLS: return packet_set_mpls(m, mpls->lse);
	default: return -EOPNOTSUPP;
	}
}

static void
run_edit(struct run *r, const struct op_header *op)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		int error = edit(r->pkts[i], op);

		if (LIKELY(error == 0)) {
			r->pkts[kept++] = r->pkts[i];
			continue;
		}
		pmd_drop(r->pmd, pmd_port_lookup(r->pmd, r->in_port),
			error == -ENOBUFS ? DROP_HEADROOM : DROP_BAD_EDIT, &r->pkts[i], 1);
	}
	r->n = kept;
}

static void run_ops(struct run *r, const void *data, uint32_t len);

/* The body runs on copies; the packets go on as they were. */
static void
run_clone(struct run *r, const struct op_clone *op)
{
	struct run body = {
		.pmd = r->pmd, .program = r->program, .in_port = r->in_port, .trunc = UINT32_MAX
	};

	body.n = run_copy(r, UINT32_MAX, body.pkts);
	run_ops(&body, op + 1, op->h.len - (uint32_t)sizeof *op);
}

static void
run_ops(struct run *r, const void *data, uint32_t len)
{
	const uint8_t *end = (const uint8_t *)data + len;

	PROGRAM_FOREACH(op, data, len)
	{
		bool last = (const uint8_t *)op + op->len == end;

		if (r->n == 0)
			return;
		switch ((enum program_op)op->type) {
		case PROGRAM_OP_OUTPUT: run_output(r, (const void *)op, last); break;
		case PROGRAM_OP_DROP: run_drop(r, ((const struct op_drop *)op)->reason); return;
		case PROGRAM_OP_PUNT: run_punt(r, (const void *)op, last); break;
		case PROGRAM_OP_TRUNC: r->trunc = ((const struct op_trunc *)op)->max_len; break;
		case PROGRAM_OP_CLONE: run_clone(r, (const void *)op); break;
		default: run_edit(r, op); break;
		}
	}
	/* Copies went out; the packets themselves end here without being lost. */
	if (r->n > 0) {
		cell_sub(&r->pmd->cells.cloned, r->n);
		rte_pktmbuf_free_bulk(r->pkts, r->n);
		r->n = 0;
	}
}

void
pmd_exec(struct pmd *pmd, const struct program *program, uint32_t in_port, struct rte_mbuf **pkts,
	uint32_t n)
{
	struct run r = {
		.pmd = pmd, .program = program, .in_port = in_port, .trunc = UINT32_MAX, .n = n
	};

	if (LIKELY(program->only_output != PORT_NONE)) {
		pmd_output(pmd, in_port, program->only_output, pkts, n);
		return;
	}
	memcpy(r.pkts, pkts, n * sizeof *pkts);
	run_ops(&r, program->data, program->len);
}
