# SPDX-License-Identifier: Apache-2.0
"""Frames that cover the packet parser, made with scapy; reading and writing of pcap files."""
import logging
import struct


def frames():
    """Well-formed, odd, malformed and truncated frames of 14 bytes and more."""
    # It warns that a namespace has no routes.
    logging.getLogger('scapy').setLevel(logging.ERROR)
    from scapy.all import (ARP, Dot1AD, Dot1Q, Ether, ICMP, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, IP, IPv6,  # pylint: disable=import-outside-toplevel
                           IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, LLC, Raw, SCTP, SNAP, TCP, UDP, AH, fragment)
    from scapy.contrib.mpls import MPLS  # pylint: disable=import-outside-toplevel
    eth = Ether(src='02:00:00:00:00:01', dst='02:00:00:00:00:02')
    four, six = IP(src='10.1.2.3', dst='10.3.2.1'), IPv6(src='2001:db8::1', dst='2001:db8::2')
    body = Raw(b'0123456789abcdef' * 4)
    whole = [
        eth / ARP(op=1, psrc='10.0.0.1', pdst='10.0.0.2'), eth / ARP(op=2), eth / ARP(hwtype=6, hwlen=8), eth / ARP(op=3, ptype=0x1234),
        eth / four / UDP(sport=53, dport=53) / body, eth / four / TCP(flags='S', options=[('MSS', 1460), ('SAckOK', b'')]) / body,
        eth / four / TCP(flags='FPU') / body, eth / four / TCP(dataofs=2) / body, eth / four / SCTP(sport=1, dport=2) / body,
        eth / four / ICMP(type=8) / body, eth / four / ICMP(type=3, code=1) / body, eth / four / AH() / UDP() / body,
        eth / IP(proto=47) / body, eth / IP(proto=255) / body, eth / IP(ttl=0) / UDP() / body, eth / IP(tos=255) / UDP() / body,
        eth / IP(options=b'\x01' * 40) / UDP() / body, eth / IP(ihl=4) / UDP() / body, eth / IP(ihl=15) / UDP(), eth / IP(len=10) / UDP() / body,
        eth / IP(len=65535) / UDP() / body, eth / IP(version=5) / UDP() / body, eth / IP(chksum=1) / UDP() / body,
        eth / IP(flags='DF') / UDP(len=4) / body, eth / IP(flags='evil') / UDP() / body,
        eth / six / UDP() / body, eth / six / TCP() / body, eth / six / SCTP() / body, eth / six / ICMPv6EchoRequest() / body,
        eth / six / ICMPv6ND_NS(tgt='fe80::1') / (b'\x01\x01\x02\x00\x00\x00\x00\x01'), eth / six / ICMPv6ND_NA(tgt='fe80::1') / (b'\x02\x01\x02\x00\x00\x00\x00\x01'),
        eth / six / ICMPv6ND_NS(tgt='fe80::1') / (b'\x01\x00\x02\x00\x00\x00\x00\x01'), eth / six / ICMPv6ND_NS(tgt='fe80::1') / (b'\x01\xff'),
        eth / six / IPv6ExtHdrHopByHop() / UDP() / body, eth / six / IPv6ExtHdrDestOpt() / TCP() / body, eth / six / IPv6ExtHdrRouting() / UDP() / body,
        eth / six / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting() / IPv6ExtHdrDestOpt() / AH() / UDP() / body,
        eth / six / IPv6ExtHdrFragment(offset=0, m=1) / UDP() / body, eth / six / IPv6ExtHdrFragment(offset=9, m=1) / body,
        eth / six / IPv6ExtHdrFragment(offset=9, m=0) / body, eth / six / IPv6ExtHdrFragment(offset=0, m=0) / UDP() / body,
        eth / IPv6(nh=59) / body, eth / IPv6(plen=5) / UDP() / body, eth / IPv6(plen=65535) / UDP() / body, eth / IPv6(version=4) / UDP() / body,
        eth / IPv6(fl=0xfffff, tc=255, hlim=0) / UDP() / body, eth / IPv6(nh=0) / (b'\x00\xff' + bytes(30)), eth / IPv6(nh=44) / b'\x11\x00\x00',
        eth / Dot1Q(vlan=100, prio=5) / four / UDP() / body, eth / Dot1Q(vlan=0) / four / UDP() / body, eth / Dot1Q(vlan=4095, id=1) / six / TCP() / body,
        eth / Dot1AD(vlan=10) / Dot1Q(vlan=20) / four / UDP() / body, eth / Dot1Q(vlan=1) / Dot1Q(vlan=2) / ARP(),
        eth / Dot1AD(vlan=1) / Dot1AD(vlan=2) / Dot1Q(vlan=3) / four / UDP() / body,
        eth / MPLS(label=16, s=1, ttl=64) / four / UDP() / body, eth / MPLS(label=1, s=0) / MPLS(label=2, s=0) / MPLS(label=3, s=1) / four / UDP() / body,
        eth / MPLS(label=1, s=0) / MPLS(label=2, s=0) / MPLS(label=3, s=0) / MPLS(label=4, s=0) / body, eth / Dot1Q(vlan=9) / MPLS(label=5, s=1) / six / UDP() / body,
        Ether(src=eth.src, dst=eth.dst, type=0x8848) / MPLS(label=77, s=1) / body,
        Ether(src=eth.src, dst=eth.dst, type=0x88cc) / body, Ether(src=eth.src, dst=eth.dst, type=0x0600) / body, Ether(src=eth.src, dst='ff:ff:ff:ff:ff:ff', type=0x88b5) / body,
        Ether(src=eth.src, dst='01:80:c2:00:00:00', type=0x0027) / LLC() / body, Ether(src=eth.src, dst=eth.dst, type=60) / LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(code=0x800) / four / UDP() / body,
        Ether(src='00:00:00:00:00:00', dst='00:00:00:00:00:00', type=0) / body, Ether(src='01:00:00:00:00:01', dst=eth.dst, type=0x800) / four / UDP() / body,
        eth / four / UDP() / Raw(bytes(1472)), eth / six / TCP() / Raw(bytes(range(256)) * 5),
    ]
    out = [bytes(frame) for frame in whole]
    for piece in fragment(four / UDP() / Raw(bytes(3000)), 1000):
        out.append(bytes(eth / piece))
    for piece in fragment(four / ICMP() / Raw(bytes(64)), 8):
        out.append(bytes(eth / piece))
    # Every length that cuts a header in two.
    cut = [eth / four / TCP() / body, eth / six / UDP() / body, eth / Dot1AD(vlan=10) / Dot1Q(vlan=20) / four / UDP() / body, eth / ARP() / Raw(bytes(18)),
           eth / MPLS(label=1, s=0) / MPLS(label=2, s=1) / four / UDP() / body, eth / six / IPv6ExtHdrHopByHop() / IPv6ExtHdrFragment() / UDP() / body]
    for frame in cut:
        out += [bytes(frame)[:length] for length in range(14, 61)]
    return out


# A file is read as fast as its port is polled, from the moment that the port exists and perhaps before its rules apply.
# These frames stand before the ones that count; a rule drops them.
LEAD_IN = bytes.fromhex('020000000002' '020000000001' '88b6') + bytes(46)
LEAD_IN_RULE = 'priority=65535,dl_type=0x88b6,actions=drop'


def write_pcap(path, packets, lead_in=0):
    """A capture file of 'packets', behind 'lead_in' frames that do not count."""
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        file.write((struct.pack('<IIII', 0, 0, len(LEAD_IN), len(LEAD_IN)) + LEAD_IN) * lead_in)
        for number, data in enumerate(packets):
            file.write(struct.pack('<IIII', number // 1000, number % 1000, len(data), len(data)) + data)


def read_pcap(path):
    with open(path, 'rb') as file:
        data = file.read()
    at, packets = 24, []
    while at + 16 <= len(data):
        length, _ = struct.unpack('<II', data[at + 8:at + 16])
        packets.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return packets
