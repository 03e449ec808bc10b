# SPDX-License-Identifier: Apache-2.0
"""A learning switch between namespaces: internal ports, veth ports, VLAN modes, fail modes, patch ports."""
import struct
import threading

from lib.frame import seconds

BROADCAST = b'\xff' * 6


def mac(n):
    return b'\x02\x00\x00\x00\x00' + bytes([n])


def text(address):
    return ':'.join(f'{b:02x}' for b in address)


def frame(source, destination=BROADCAST, tags=(), mark=b'', size=60):
    """An Ethernet frame of an experimental type, perhaps tagged."""
    head = destination + source + b''.join(struct.pack('!HH', 0x8100, tag) for tag in tags) + b'\x88\xb5' + mark
    return head + bytes(max(0, size - len(head)))


def two_internal(t):
    sw = t.switch()
    sw.bridge()
    spaces = []
    for n in (1, 2):
        sw.port('br0', f'p{n}', 'internal')
        space = t.namespace()
        space.adopt(f'p{n}', f'10.0.0.{n}/24', text(mac(n)))
        spaces.append(space)
    return sw, spaces


def two_veth(t):
    sw = t.switch()
    sw.bridge()
    spaces = []
    for n in (1, 2):
        space = t.namespace()
        space.veth(f'v{n}', 'eth0', f'10.0.0.{n}/24', text(mac(n)))
        sw.port('br0', f'v{n}')
        spaces.append(space)
    return sw, spaces


def move_tcp(t, one, two, address, megabytes):
    """Bytes from 'one' to 'two' over TCP; must come out as they went in."""
    if t.peer == 'ovs':
        return  # It does not complete the checksums that a kernel leaves to the device.
    listener = two.tcp()
    listener.bind((address, 5001))
    listener.listen(1)
    listener.settimeout(20)
    want = bytes(range(256)) * (megabytes << 12)
    got = bytearray()

    def receive():
        peer, _ = listener.accept()
        peer.settimeout(20)
        while len(got) < len(want):
            more = peer.recv(1 << 16)
            if not more:
                break
            got.extend(more)
        peer.close()
    thread = threading.Thread(target=receive, daemon=True)
    thread.start()
    client = one.tcp()
    client.settimeout(20)
    client.connect((address, 5001))
    client.sendall(want)
    thread.join(30)
    client.close()
    listener.close()
    t.true(bytes(got) == want, f'{len(got)} of {len(want)} bytes over TCP, as they were sent')


def test_internal_ports(t):
    sw, (one, two) = two_internal(t)
    t.equal(one.pings('10.0.0.2'), 3)
    t.equal(two.pings('10.0.0.1'), 3)
    t.equal(one.pings('10.0.0.2', 1), 1)
    one.run('ping', '-c', '2', '-i', '0.2', '-s', '1400', '10.0.0.2')
    move_tcp(t, one, two, '10.0.0.2', 4)
    if t.peer == 'ovs':
        return  # It reads the kernel's counters, which it does not find in another namespace.
    t.wait('the port statistics move', lambda: sw.statistics('p1').get('rx_packets', 0) > 8 and sw.statistics('p2').get('tx_packets', 0) > 8)


def test_veth_ports(t):
    sw, (one, two) = two_veth(t)
    t.equal(one.pings('10.0.0.2'), 3)
    one.run('ping', '-c', '2', '-i', '0.2', '-s', '1472', '10.0.0.2')
    move_tcp(t, one, two, '10.0.0.2', 4)
    t.equal(sw.vsctl('get', 'Interface', 'v1', 'link_state'), 'up\n')


def test_local_port_has_an_address(t):
    sw = t.switch()
    sw.bridge()
    one = t.namespace()
    one.veth('v1', 'eth0', '10.0.0.1/24')
    sw.port('br0', 'v1')
    t.run('ip', 'address', 'add', '10.0.0.254/24', 'dev', 'br0')
    t.run('ip', 'link', 'set', 'br0', 'up')
    t.equal(one.pings('10.0.0.254'), 3)


def test_veth_vanishes_and_returns(t):
    t.skip_on_ovs('it does not open the device again')
    t.allow_log('v1')
    sw = t.switch()
    sw.bridge()
    one, two = t.namespace(), t.namespace()
    one.veth('v1', 'eth0', '10.0.0.1/24')
    two.veth('v2', 'eth0', '10.0.0.2/24')
    sw.port('br0', 'v1')
    sw.port('br0', 'v2')
    t.equal(one.pings('10.0.0.2'), 3)
    t.run('ip', 'link', 'del', 'v1')
    t.wait('the port is reported gone', lambda: sw.vsctl('get', 'Interface', 'v1', 'ofport').strip() == '-1'
           or sw.vsctl('get', 'Interface', 'v1', 'link_state').strip() != 'up', 15, 0.3)
    one.veth('v1', 'eth0', '10.0.0.1/24')
    t.wait('ping after the device has returned', lambda: one.pings('10.0.0.2', 1) == 1, 20)


def test_learning_and_flooding(t):
    sw = t.switch()
    sw.bridge()
    spaces, raws = [], []
    for n in (1, 2, 3):
        space = t.namespace()
        space.veth(f'v{n}')
        sw.port('br0', f'v{n}')
        spaces.append(space)
        raws.append(space.raw())
    # Unknown destination: to everybody but where it came from.
    raws[0].send(frame(mac(1), mac(2), mark=b'A'))
    t.equal([len(r.collect(want=2)) for r in raws], [0, 1, 1], 'flooded')
    raws[1].send(frame(mac(2), mac(1), mark=b'B'))
    t.equal([len(r.collect(want=2)) for r in raws], [1, 0, 0], 'the answer goes to where its destination was learnt')
    raws[0].send(frame(mac(1), mac(2), mark=b'C'))
    t.equal([len(r.collect(want=2)) for r in raws], [0, 1, 0], 'now both are known')
    table = sw.appctl('fdb/show', 'br0')
    t.match(rf'\b1\s+0\s+{text(mac(1))}', table)
    t.match(rf'\b2\s+0\s+{text(mac(2))}', table)
    # A station that moves is followed.
    raws[2].send(frame(mac(1), BROADCAST))
    for raw in raws:
        raw.collect()
    raws[1].send(frame(mac(2), mac(1), mark=b'D'))
    t.equal([len(r.collect(want=2)) for r in raws], [0, 0, 1], 'to where the station is now')
    sw.appctl('fdb/flush', 'br0')
    raws[1].send(frame(mac(9), mac(1), mark=b'E'))
    t.equal([len(r.collect(want=2)) for r in raws], [1, 0, 1], 'flooded again after the flush')
    sw.appctl('fdb/add', 'br0', 'v3', '0', text(mac(7)))
    raws[0].send(frame(mac(1), mac(7), mark=b'F'))
    t.equal([len(r.collect(want=2)) for r in raws], [0, 0, 1], 'to a static entry')
    # Frames to the reserved multicast range are not for a learning switch to pass on.
    raws[0].send(frame(mac(1), bytes.fromhex('0180c2000001')))
    t.equal([len(r.collect(want=2)) for r in raws], [0, 0, 0], 'reserved multicast stays')
    for raw in raws:
        raw.socket.close()


def test_mac_limit(t):
    sw = t.switch()
    sw.bridge('br0', 'other_config:mac-table-size=10')
    one = t.namespace()
    one.veth('v1')
    sw.port('br0', 'v1')
    raw = one.raw()
    for n in range(50):
        raw.send(frame(b'\x02\x01\x00\x00\x00' + bytes([n])))
    raw.socket.close()
    t.wait('the table is filled', lambda: sw.appctl('fdb/show', 'br0').count('02:01:00') == 10)


PORTS = {
    # name: (settings, tag, trunks, tagged on output when it is the port's own VLAN)
    'acc10': (['tag=10'], 10, None, False),
    'trunk': (['trunks=10,20'], None, (10, 20), True),
    'nattag': (['vlan_mode=native-tagged', 'tag=10', 'trunks=20'], 10, (20,), True),
    'natun': (['vlan_mode=native-untagged', 'tag=10', 'trunks=20'], 10, (20,), False),
    'acc20': (['tag=20'], 20, None, False),
    'all': ([], None, (), True),
}


def vlan_in(port, tag):
    """The VLAN that a frame belongs to when it comes in with 'tag' (None: untagged); None: dropped."""
    _, own, trunks, _ = PORTS[port]
    if trunks is None:
        return own if tag is None else None
    if tag is None:
        if own is not None:
            return own
        return 0 if not trunks or 0 in trunks else None
    return tag if tag == own or not trunks or tag in trunks else None


def vlan_out(port, vlan):
    """(carried, tag) of a frame of 'vlan' on its way out."""
    _, own, trunks, tagged = PORTS[port]
    if trunks is None:
        return vlan == own, None
    if vlan == own:
        return True, vlan if tagged else None
    if trunks and vlan not in trunks:
        return False, None
    return True, vlan if vlan != 0 else None


@seconds(120)
def test_vlan_modes(t):
    sw = t.switch()
    sw.bridge()
    raws = {}
    for name, (settings, *_) in PORTS.items():
        space = t.namespace(name)
        space.veth('v' + name)
        sw.vsctl('add-port', 'br0', 'v' + name, *settings)
        raws[name] = space.raw()
    for number, source in enumerate(PORTS):
        for tag in (None, 10, 20, 30):
            sent = frame(mac(number + 1), BROADCAST, () if tag is None else (tag,), mark=b'vlan', size=80)
            raws[source].send(sent)
            vlan = vlan_in(source, tag)
            want = {}
            for name in PORTS:
                carried, out_tag = vlan_out(name, vlan) if vlan is not None and name != source else (False, None)
                want[name] = [out_tag] if carried else []
            got = {}
            for name, raw in raws.items():
                tags = []
                for back in raw.collect(quiet=0.12 if want[name] == [] else 1.0, want=2 if want[name] == [] else 1):
                    tagged = back[12:14] == b'\x81\x00'
                    tags.append(struct.unpack('!H', back[14:16])[0] & 0xfff if tagged else None)
                    rest = back[18:] if tagged else back[14:]
                    t.true(b'vlan' in rest[:6], 'the rest of the frame is as it was')
                got[name] = tags
            t.equal(got, want, f'tag {tag} into {source} (VLAN {vlan})')
    for raw in raws.values():
        raw.socket.close()


def test_vlan_keeps_namespaces_apart(t):
    sw, (one, two) = two_veth(t)
    sw.vsctl('set', 'port', 'v1', 'tag=10', '--', 'set', 'port', 'v2', 'tag=20')
    t.equal(one.pings('10.0.0.2', 2), 0)
    sw.vsctl('set', 'port', 'v2', 'tag=10')
    t.wait('ping once the tags agree', lambda: one.pings('10.0.0.2', 1) == 1)
    sw.vsctl('clear', 'port', 'v1', 'tag', '--', 'clear', 'port', 'v2', 'tag')
    t.wait('ping without tags', lambda: one.pings('10.0.0.2', 1) == 1)


def test_fail_mode(t):
    sw, (one, two) = two_veth(t)
    t.equal(one.pings('10.0.0.2', 1), 1)
    # Rules are taken away, so that what is seen is the mode and not what was there before.
    sw.vsctl('set-fail-mode', 'br0', 'secure')
    sw.ofctl('del-flows', 'br0')
    t.wait('secure without a rule drops', lambda: one.pings('10.0.0.2', 1) == 0)
    sw.ofctl('add-flow', 'br0', 'actions=NORMAL')
    t.wait('secure with a rule forwards', lambda: one.pings('10.0.0.2', 1) == 1)
    sw.ofctl('del-flows', 'br0')
    t.wait('drops again', lambda: one.pings('10.0.0.2', 1) == 0)
    sw.vsctl('del-fail-mode', 'br0')
    t.wait('standalone forwards again', lambda: one.pings('10.0.0.2', 1) == 1, 20)


def test_patch_ports(t):
    sw = t.switch()
    sw.bridge('br0')
    sw.bridge('br1')
    one, two = t.namespace(), t.namespace()
    one.veth('v1', 'eth0', '10.0.0.1/24')
    two.veth('v2', 'eth0', '10.0.0.2/24')
    sw.port('br0', 'v1')
    sw.port('br1', 'v2')
    t.equal(one.pings('10.0.0.2', 1), 0)
    sw.vsctl('add-port', 'br0', 'to1', '--', 'set', 'Interface', 'to1', 'type=patch', 'options:peer=to0', '--',
             'add-port', 'br1', 'to0', '--', 'set', 'Interface', 'to0', 'type=patch', 'options:peer=to1')
    t.wait('ping over the patch', lambda: one.pings('10.0.0.2', 1) == 1)
    sw.vsctl('del-port', 'to0')
    t.wait('no ping without it', lambda: one.pings('10.0.0.2', 1) == 0)


@seconds(90)
def test_pmd_mask_changes_live(t):
    sw, (one, _) = two_internal(t)
    for mask in ('0x1', '0x3', '0x2'):
        sw.vsctl('set', 'Open_vSwitch', '.', f'other_config:pmd-cpu-mask={mask}')
        t.equal(one.pings('10.0.0.2', 3), 3, f'ping with pmd-cpu-mask {mask}')
    t.allow_log('mask|core')
    sw.vsctl('set', 'Open_vSwitch', '.', 'other_config:pmd-cpu-mask=0xf00000000')
    t.equal(one.pings('10.0.0.2', 3), 3, 'ping with a mask of absent cores')
