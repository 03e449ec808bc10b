# SPDX-License-Identifier: Apache-2.0
"""DPDK ports: capture files in and out byte for byte, testpmd guests in both socket roles, odd frames."""
import collections
import os

from lib import corpus
from lib.frame import seconds
from lib.testpmd import Testpmd


N_LEAD_IN = 400000


def pcap_ports(t, sw, packets, rules=('in_port=1,actions=output:2',), drop_lead_in=True):
    """A bridge whose port 1 reads 'packets' from a file, and whose port 2 writes what it is sent to the file returned."""
    into, out = t.path('in.pcap'), t.path('out.pcap')
    corpus.write_pcap(into, packets, N_LEAD_IN)
    sw.vsctl('--may-exist', 'add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev', 'fail_mode=secure')
    sw.ofctl('del-flows', 'br0')
    path = t.path('rules')
    with open(path, 'w', encoding='ascii') as file:
        file.write('\n'.join([corpus.LEAD_IN_RULE] * drop_lead_in + [*rules]) + '\n')
    sw.ofctl('add-flows', 'br0', path)
    sw.port('br0', 'sink', 'dpdk', f'options:dpdk-devargs=net_pcap1,tx_pcap={out}', 'ofport_request=2')
    sw.port('br0', 'source', 'dpdk', f'options:dpdk-devargs=net_pcap0,rx_pcap={into},tx_pcap={t.path("back.pcap")}', 'ofport_request=1')
    t.equal([sw.ofport('source'), sw.ofport('sink')], [1, 2])
    return out


def wait_read(t, sw, n):
    """Until the lead-in and 'n' frames have been read."""
    t.wait('the file has been read', lambda: sw.statistics('source').get('rx_packets', 0) >= N_LEAD_IN + n, 20, 0.3)


def wait_written(t, sw, out, n):
    """Until the file holds 'n' frames."""
    wait_read(t, sw, n)
    try:
        t.wait('every frame comes out', lambda: len(corpus.read_pcap(out)) >= n, 10, 0.2)
    except AssertionError as problem:
        raise AssertionError(f'{problem}: {len(corpus.read_pcap(out))} of {n}; port statistics: {sw.statistics("sink")}') from None


def same_frames(t, got, want):
    """Every frame comes out once, byte for byte.  A frame may overtake one of another flow that waits for its translation."""
    got, want = (collections.Counter(p.hex() for p in frames) for frames in (got, want))
    t.equal((got - want, want - got), (collections.Counter(), collections.Counter()), 'frames too many, frames missing')


@seconds(90)
def test_pcap_to_pcap(t):
    """What is written equals what is read, byte for byte, once the one cached flow that it takes is there."""
    sw = t.switch()
    packets = corpus.frames()
    out, expected = pcap_ports(t, sw, packets, drop_lead_in=False), t.path('expected.pcap')
    corpus.write_pcap(expected, packets)
    wait_read(t, sw, len(packets))

    def behind_lead_in():
        frames = corpus.read_pcap(out)
        start = next((n for n, frame in enumerate(frames) if frame != corpus.LEAD_IN), len(frames))
        return frames[start:] if len(frames) - start >= len(packets) else None
    got = t.wait('the last frame comes out', behind_lead_in)
    if t.peer == 'ovs':  # It looks at more than the rule asks for.
        same_frames(t, got, packets)
        return
    corpus.write_pcap(t.path('got.pcap'), got)
    t.run('cmp', t.path('got.pcap'), expected)
    t.equal(len(sw.ask('dpctl/dump-flows')), 1)


def test_order_within_a_flow(t):
    sw = t.switch()
    # Fewer than may wait for judgement at a time, however long it takes.
    flows, packets = 4, []
    for number in range(1600):
        packets.append(bytes.fromhex('020000000002') + bytes([2, 0, 0, 0, 1, number % flows]) + b'\x88\xb5' + number.to_bytes(4, 'big') + bytes(42))
    out = pcap_ports(t, sw, packets, ['priority=2,dl_src=02:00:00:00:01:01,actions=output:2', 'priority=1,in_port=1,actions=output:2'])
    wait_written(t, sw, out, len(packets))
    got = corpus.read_pcap(out)
    for flow in range(flows):
        t.equal([p.hex() for p in got if p[11] == flow], [p.hex() for p in packets if p[11] == flow], f'flow {flow}')


@seconds(90)
def test_pcap_with_every_field_looked_at(t):
    """The same with rules that make the switch look at every layer, so that none of the odd frames is left out by luck."""
    matches = ('tcp,tp_dst=9', 'udp,tp_dst=9', 'sctp,tp_dst=9', 'icmp,icmp_type=9', 'icmp6,icmp_type=9', 'arp,arp_tpa=9.9.9.9', 'tcp6,tp_dst=9',
               'udp6,tp_dst=9', 'icmp6,icmp_type=135,nd_target=fe80::9', 'ip,nw_frag=later,nw_src=9.9.9.9', 'ipv6,ipv6_dst=fe80::9',
               'ip,nw_ttl=9', 'mpls,mpls_label=9', 'dl_vlan=9,udp', 'dl_type=0x1234', 'tcp,tcp_flags=+fin+syn+urg')
    sw = t.switch()
    packets = corpus.frames()
    out = pcap_ports(t, sw, packets, [f'priority={100 + n},{match},actions=drop' for n, match in enumerate(matches)] + ['priority=1,in_port=1,actions=output:2'])
    wait_written(t, sw, out, len(packets))
    same_frames(t, corpus.read_pcap(out), packets)


def test_frames_shorter_than_a_header(t):
    """0 to 13 bytes: dropped and counted; what comes after them is forwarded."""
    t.skip_on_ovs('it forwards what it cannot parse')
    packets = [bytes(range(length)) for length in range(14)] + [bytes(60)] * 3 + [b'\x02' * 6 + b'\x04' * 6 + b'\x88\xb5' + bytes(50)]
    sw = t.switch()
    out = pcap_ports(t, sw, packets)
    wait_written(t, sw, out, 4)
    same_frames(t, corpus.read_pcap(out), packets[14:])
    drops = sw.ask('drops/show')['ports']['source']
    t.equal(drops.get('rx_runt'), 14, f'the short ones are counted as such: {drops}')
    t.wait('the port statistics say so too', lambda: sw.statistics('source').get('sluice_dropped') == sum(drops.values()))


def test_dpdk_port_is_added_and_removed(t):
    # DPDK's tap driver wants a kernel with the multiq queueing discipline, and a secondary process; it works without.
    t.allow_log('multiq|Specified qdisc kind|Disabling rte flow support|tap_mp_req_on_rxtx')
    sw = t.switch()
    sw.bridge()
    for _ in range(3):
        sw.port('br0', 'null0', 'dpdk', 'options:dpdk-devargs=net_null0,no-rx=1')
        t.true(sw.ofport('null0') > 0, 'a number')
        t.equal(sw.vsctl('get', 'Interface', 'null0', 'error'), '[]\n')
        t.match(r'^\d+$', sw.vsctl('get', 'Interface', 'null0', 'mtu').strip())
        sw.vsctl('del-port', 'null0')
    sw.port('br0', 'tap0', 'dpdk', 'options:dpdk-devargs=net_tap0,iface=dtap0')
    if t.peer != 'ovs':
        t.run('ip', 'link', 'show', 'dtap0')
    sw.vsctl('del-port', 'tap0')
    t.wait('the tap is gone', lambda: t.run('ip', 'link', 'show', 'dtap0', rc=None, both=True)[0] != 0)


def testpmd_pair(t, kind):
    """A sender guest and a receiver guest on two vhost-user ports of a kind."""
    t.need('dpdk-testpmd')
    sw = t.switch()
    client = kind == 'dpdkvhostuserclient'
    sw.bridge('br0', 'fail_mode=secure')
    sockets = []
    for number in (1, 2):
        # A server port's socket has the port's name and stands in the run directory.
        path = t.path(f'guest{number}.sock') if client else f'{sw.dir}/vm{number}'
        sw.port('br0', f'vm{number}', kind, f'ofport_request={number}', *([f'options:vhost-server-path={path}'] if client else []))
        sockets.append(path)
    sw.ofctl('del-flows', 'br0')
    sw.ofctl('add-flow', 'br0', 'in_port=1,actions=output:2')
    if not client:
        t.wait('the sockets are there', lambda: all(os.path.exists(s) for s in sockets))
    receiver = Testpmd(t, sockets[1:], 'rxonly', listens=client)
    sender = Testpmd(t, sockets[:1], 'txonly', listens=client)
    return sw, sender, receiver, sockets


def check_flow(t, sw, receiver, floor=1000):
    t.wait(f'{floor} packets reach the receiver', lambda: receiver.counts()[0] > floor, 30, 0.3)
    if t.peer == 'ovs' and sw.vsctl('get', 'Interface', 'vm1', 'type').strip() == 'dpdkvhostuser':
        return  # It keeps no packet counts of these.
    first = sw.statistics('vm2').get('tx_packets', 0)

    def moving():
        return sw.statistics('vm2').get('tx_packets', 0) > first and sw.statistics('vm1').get('rx_packets', 0) > 0
    try:
        t.wait('the port statistics move', moving, 15, 0.3)
    except AssertionError as problem:
        raise AssertionError(f'{problem}: first {first}, vm1 {sw.statistics("vm1")}, vm2 {sw.statistics("vm2")}, guest {receiver.counts()}') from None


@seconds(120)
def test_testpmd_on_client_ports(t):
    t.allow_log('vhost|VHOST|guest')
    sw, _, receiver, _ = testpmd_pair(t, 'dpdkvhostuserclient')
    check_flow(t, sw, receiver)
    t.equal(sw.vsctl('get', 'Interface', 'vm1', 'link_state'), 'up\n')


@seconds(120)
def test_testpmd_on_server_ports(t):
    t.allow_log('vhost|VHOST|deprecated')
    sw, _, receiver, _ = testpmd_pair(t, 'dpdkvhostuser')
    check_flow(t, sw, receiver)


@seconds(150)
def test_testpmd_returns_after_a_kill(t):
    t.allow_log('vhost|VHOST|guest|vm')
    sw, _, receiver, sockets = testpmd_pair(t, 'dpdkvhostuserclient')
    check_flow(t, sw, receiver)
    receiver.kill()
    t.wait('the link goes down', lambda: sw.vsctl('get', 'Interface', 'vm2', 'link_state') == 'down\n', 15, 0.3)
    if os.path.exists(sockets[1]):
        os.unlink(sockets[1])
    again = Testpmd(t, sockets[1:], 'rxonly')
    check_flow(t, sw, again)


@seconds(120)
def test_testpmd_forwards_between_two_ports(t):
    """Port to guest to port: frames of a file, through a guest that swaps nothing, to another file."""
    t.need('dpdk-testpmd')
    t.allow_log('vhost|VHOST|guest')
    sw = t.switch()
    sw.bridge('br0', 'fail_mode=secure')
    sockets = [t.path('g0.sock'), t.path('g1.sock')]
    for number, path in enumerate(sockets):
        sw.port('br0', f'vm{number}', 'dpdkvhostuserclient', f'ofport_request={11 + number}', f'options:vhost-server-path={path}')
    Testpmd(t, sockets, 'io')
    t.wait('both links are up', lambda: all(sw.vsctl('get', 'Interface', f'vm{n}', 'link_state') == 'up\n' for n in (0, 1)), 30, 0.3)
    packets = [p for p in corpus.frames() if len(p) >= 60][:100]
    out = pcap_ports(t, sw, packets, ('in_port=1,actions=output:11', 'in_port=12,actions=output:2'))
    wait_written(t, sw, out, len(packets))
    same_frames(t, corpus.read_pcap(out), packets)
