/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_ACTION_PRIV_H
#define OPENFLOW_ACTION_PRIV_H

/* action_priv: the numbers of actions and instructions on the wire. */

/* Types of 1.0; those that later versions number otherwise have V11 names below. */
#define V10_OUTPUT 0
#define V10_SET_VLAN_VID 1
#define V10_SET_VLAN_PCP 2
#define V10_STRIP_VLAN 3
#define V10_SET_DL_SRC 4
#define V10_SET_DL_DST 5
#define V10_SET_NW_SRC 6
#define V10_SET_NW_DST 7
#define V10_SET_NW_TOS 8
#define V10_SET_TP_SRC 9
#define V10_SET_TP_DST 10
#define V10_ENQUEUE 11

#define V11_OUTPUT 0
#define V11_COPY_TTL_OUT 11
#define V11_COPY_TTL_IN 12
#define V11_SET_MPLS_TTL 15
#define V11_DEC_MPLS_TTL 16
#define V11_PUSH_VLAN 17
#define V11_POP_VLAN 18
#define V11_PUSH_MPLS 19
#define V11_POP_MPLS 20
#define V11_SET_QUEUE 21
#define V11_GROUP 22
#define V11_SET_NW_TTL 23
#define V11_DEC_NW_TTL 24
#define V12_SET_FIELD 25
#define V13_PUSH_PBB 26
#define V13_POP_PBB 27

#define TYPE_VENDOR 0xffff

/* Nicira's. */
#define NXA_RESUBMIT 1
#define NXA_SET_TUNNEL 2
#define NXA_SET_QUEUE 4
#define NXA_POP_QUEUE 5
#define NXA_REG_MOVE 6
#define NXA_REG_LOAD 7
#define NXA_NOTE 8
#define NXA_SET_TUNNEL64 9
#define NXA_RESUBMIT_TABLE 14
#define NXA_OUTPUT_REG 15
#define NXA_EXIT 17
#define NXA_DEC_TTL 18
#define NXA_CONTROLLER 20
#define NXA_DEC_TTL_CNT_IDS 21
#define NXA_WRITE_METADATA 22
#define NXA_PUSH_MPLS 23
#define NXA_POP_MPLS 24
#define NXA_SET_MPLS_TTL 25
#define NXA_DEC_MPLS_TTL 26
#define NXA_STACK_PUSH 27
#define NXA_STACK_POP 28
#define NXA_SET_MPLS_LABEL 30
#define NXA_SET_MPLS_TC 31
#define NXA_OUTPUT_REG2 32
#define NXA_REG_LOAD2 33

/* Instructions. */
#define INSTRUCTION_GOTO_TABLE 1
#define INSTRUCTION_WRITE_METADATA 2
#define INSTRUCTION_WRITE_ACTIONS 3
#define INSTRUCTION_APPLY_ACTIONS 4
#define INSTRUCTION_CLEAR_ACTIONS 5
#define INSTRUCTION_METER 6
#define INSTRUCTION_EXPERIMENTER 0xffff

#define ETH_TYPE_VLAN 0x8100
#define ETH_TYPE_QINQ 0x88a8
#define ETH_TYPE_MPLS 0x8847
#define ETH_TYPE_MPLS_MCAST 0x8848
#define ETH_TYPE_PBB 0x88e7

#endif /* OPENFLOW_ACTION_PRIV_H */
