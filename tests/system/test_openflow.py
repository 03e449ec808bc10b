# SPDX-License-Identifier: Apache-2.0
"""The OpenFlow socket, driven by Debian's ovs-ofctl in versions 1.0 and 1.3, and what the rules do to frames."""
import os
import struct

from lib.frame import seconds

VERSIONS = ('OpenFlow10', 'OpenFlow13')
A, B = b'\x02\x00\x00\x00\x00\x01', b'\x02\x00\x00\x00\x00\x02'


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def udp(source='10.0.0.1', destination='10.0.0.2', sport=1000, dport=2000, ttl=64, tos=0, body=b'sixteen bytes...', tags=(), eth=(A, B)):
    """A UDP frame with right checksums."""
    src, dst = (bytes(map(int, a.split('.'))) for a in (source, destination))
    segment = struct.pack('!HHHH', sport, dport, 8 + len(body), 0) + body
    pseudo = src + dst + struct.pack('!BBH', 0, 17, len(segment))
    total = checksum(pseudo + segment + b'\0' * (len(segment) % 2)) or 0xffff
    segment = segment[:6] + struct.pack('!H', total) + segment[8:]
    head = struct.pack('!BBHHHBBH', 0x45, tos, 20 + len(segment), 7, 0, ttl, 17, 0) + src + dst
    head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
    return eth[1] + eth[0] + b''.join(struct.pack('!HH', *tag) for tag in tags) + b'\x08\x00' + head + segment


def wires(t, n=3, secure=True):
    """A bridge with 'n' veth ports v1.. whose far ends are raw sockets, and no rules."""
    sw = t.switch()
    sw.bridge('br0', *(['fail_mode=secure'] if secure else []))
    raws = {}
    for number in range(1, n + 1):
        space = t.namespace()
        space.veth(f'v{number}')
        sw.port('br0', f'v{number}', '', f'ofport_request={number}')
        raws[number] = space.raw()
    t.at_end.append(lambda: [raw.socket.close() for raw in raws.values()])
    sw.ofctl('del-flows', 'br0')
    return sw, raws


def rules(t, sw, *texts, version='OpenFlow13'):
    """Replace all rules."""
    path = t.path('rules')
    with open(path, 'w', encoding='ascii') as file:
        file.write('\n'.join(texts) + '\n')
    sw.ofctl('del-flows', 'br0', version=version)
    sw.ofctl('add-flows', 'br0', path, version=version)
    settle(t, sw)


def settle(t, sw):
    """A barrier is answered when cached flows follow the rules; Open vSwitch has to be asked for that."""
    if t.peer == 'ovs':
        sw.appctl('revalidator/wait')


def through(t, raws, sent, want, what='', into=1):
    """Send 'sent' into a port; 'want' says which frames must come out of which ports, and nothing else may."""
    raws[into].send(sent)
    for number, raw in raws.items():
        expected = want.get(number, [])
        got = raw.collect(quiet=1.5 if expected else 0.15, want=len(expected) or 1)
        t.equal([f.hex() for f in got], [f.hex() for f in expected], f'{what}: port {number}')


def test_show(t):
    sw, _ = wires(t, 2)
    for version in VERSIONS:
        shown = sw.ofctl('show', 'br0', version=version)
        t.match(r'^\s*1\(v1\): addr:', shown, version)
        t.match(r'^\s*2\(v2\): addr:', shown, version)
        t.match(r'LOCAL\(br0\): addr:', shown, version)
        t.match(r'n_tables:\d+', shown, version)
    sw.vsctl('set', 'bridge', 'br0', 'other_config:datapath-id=00000000000000ab')
    t.wait('the datapath id is what was set', lambda: 'dpid:00000000000000ab' in sw.ofctl('show', 'br0'))
    t.equal(sw.vsctl('get', 'bridge', 'br0', 'datapath_id'), '"00000000000000ab"\n')


def test_rules_add_change_delete(t):
    sw, _ = wires(t, 2)
    for version in VERSIONS:
        sw.ofctl('del-flows', 'br0', version=version)
        sw.ofctl('add-flow', 'br0', 'priority=10,in_port=1,actions=output:2', version=version)
        sw.ofctl('add-flow', 'br0', 'priority=20,ip,nw_src=10.0.0.0/8,actions=drop', version=version)
        sw.ofctl('add-flow', 'br0', 'cookie=0x77,priority=30,tcp,tp_dst=80,actions=output:1', version=version)
        text = sw.ofctl('dump-flows', 'br0', version=version)
        t.match(r'priority=10,in_port="?v?1"? actions=output:"?v?2"?', text, version)
        t.match(r'priority=20,ip,nw_src=10.0.0.0/8 actions=drop', text, version)
        t.match(r'cookie=0x77.*priority=30,tcp,tp_dst=80', text, version)
        t.equal(text.count('actions='), 3, version)
        t.equal(sw.ofctl('dump-flows', 'br0', 'ip', version=version).count('actions='), 2, 'dump with a match')
        sw.ofctl('mod-flows', 'br0', 'ip,nw_src=10.0.0.0/8,actions=output:1', version=version)
        t.match(r'nw_src=10.0.0.0/8 actions=output:"?v?1', sw.ofctl('dump-flows', 'br0', version=version), 'modified')
        sw.tool('ovs-ofctl', '-O', version, '--strict', 'del-flows', f'unix:{sw.dir}/br0.mgmt', 'priority=11,in_port=1')
        t.equal(sw.ofctl('dump-flows', 'br0', version=version).count('actions='), 3, 'strict delete with another priority')
        sw.tool('ovs-ofctl', '-O', version, '--strict', 'del-flows', f'unix:{sw.dir}/br0.mgmt', 'priority=10,in_port=1')
        t.equal(sw.ofctl('dump-flows', 'br0', version=version).count('actions='), 2, 'strict delete')
        if version != 'OpenFlow10':
            sw.ofctl('del-flows', 'br0', 'cookie=0x77/-1', version=version)
            t.equal(sw.ofctl('dump-flows', 'br0', version=version).count('actions='), 1, 'delete by cookie')
        sw.ofctl('del-flows', 'br0', 'ip', version=version)
        sw.ofctl('del-flows', 'br0', version=version)
        t.equal(sw.ofctl('dump-flows', 'br0', version=version).count('actions='), 0, 'delete all')


def test_rejects_what_is_wrong(t):
    t.allow_log('.*')
    sw, _ = wires(t, 1)
    # A bad file is refused; which of its rules are in by then is not promised by OpenFlow.
    for version in VERSIONS:
        _, _, err = sw.ofctl('add-flow', 'br0', 'table=254,in_port=1,actions=goto_table:3' if version == 'OpenFlow13' else
                             'in_port=1,actions=output:65535', version=version, rc=1, both=True)
        t.true(err, 'an error')
    t.equal(sw.ofctl('dump-flows', 'br0').count('actions='), 0)
    # CHECK_OVERLAP.
    sw.ofctl('add-flow', 'br0', 'priority=5,in_port=1,actions=drop')
    _, _, err = sw.ofctl('add-flow', 'br0', 'check_overlap,priority=5,ip,actions=drop', rc=1, both=True)
    t.match('OVERLAP', err)


def test_counters_and_timeouts(t):
    sw, raws = wires(t, 2)
    rules(t, sw, 'in_port=1,actions=output:2', 'in_port=2,hard_timeout=2,actions=drop')
    for number in range(5):
        through(t, raws, udp(sport=number), {2: [udp(sport=number)]}, 'forwarded')
    size = len(udp())
    t.wait('the counters show five packets', lambda: f'n_packets=5, n_bytes={5 * size}' in sw.ofctl('dump-flows', 'br0', 'in_port=1'), 5)
    for version in VERSIONS:
        t.match(r'rx pkts=5, bytes=%d' % (5 * size), sw.ofctl('dump-ports', 'br0', '1', version=version))
        t.match(r'tx pkts=5, bytes=%d' % (5 * size), sw.ofctl('dump-ports', 'br0', '2', version=version))
        t.match(r'active=[12],', sw.ofctl('dump-tables', 'br0', version=version))
    t.match(r'packet_count=5', sw.ofctl('dump-aggregate', 'br0', 'in_port=1'))
    t.wait('the hard timeout ends the second rule', lambda: sw.ofctl('dump-flows', 'br0').count('actions=') == 1, 8, 0.3)


def test_rules_change_under_cached_flows(t):
    sw, raws = wires(t, 3)
    rules(t, sw, 'in_port=1,actions=output:2')
    through(t, raws, udp(), {2: [udp()]}, 'before')
    sw.ofctl('mod-flows', 'br0', 'in_port=1,actions=output:3')
    sw.ofctl('dump-flows', 'br0')
    t.wait('the new rule holds', lambda: (raws[1].send(udp()), raws[3].receive(0.2))[1] is not None)
    for raw in raws.values():
        raw.collect(0.2)
    # A more specific rule must take its packets away from the flow that is cached for all.
    sw.ofctl('add-flow', 'br0', 'priority=40000,udp,tp_dst=2001,actions=output:2')
    settle(t, sw)
    through(t, raws, udp(dport=2001), {2: [udp(dport=2001)]}, 'the specific one')
    through(t, raws, udp(dport=2000), {3: [udp(dport=2000)]}, 'the rest')
    sw.ofctl('del-flows', 'br0')
    t.wait('no rule, no packet', lambda: (raws[1].send(udp()), raws[3].receive(0.2))[1] is None)


def test_outputs(t):
    sw, raws = wires(t, 3)
    for version in VERSIONS:
        rules(t, sw, 'actions=drop', version=version)
        through(t, raws, udp(), {}, 'drop')
        rules(t, sw, 'actions=in_port', version=version)
        through(t, raws, udp(), {1: [udp()]}, 'in_port')
        rules(t, sw, 'actions=all', version=version)
        through(t, raws, udp(), {2: [udp()], 3: [udp()]}, 'all')
        rules(t, sw, 'actions=flood', version=version)
        through(t, raws, udp(), {2: [udp()], 3: [udp()]}, 'flood')
        rules(t, sw, 'actions=output:1', version=version)
        through(t, raws, udp(), {}, 'never back to where it came from')
        rules(t, sw, 'actions=output:2,output:3,output:2', version=version)
        through(t, raws, udp(), {2: [udp(), udp()], 3: [udp()]}, 'several')
        rules(t, sw, 'actions=normal', version=version)
        through(t, raws, udp(eth=(A, b'\xff' * 6)), {2: [udp(eth=(A, b'\xff' * 6))], 3: [udp(eth=(A, b'\xff' * 6))]}, 'normal')


def test_set_fields(t):
    sw, raws = wires(t, 2)
    c = b'\x02\x00\x00\x00\x00\x0c'
    for version in VERSIONS:
        for action, want in (
                ('mod_dl_src:02:00:00:00:00:0c', udp(eth=(c, B))), ('mod_dl_dst:02:00:00:00:00:0c', udp(eth=(A, c))),
                ('mod_nw_src:10.9.8.7', udp(source='10.9.8.7')), ('mod_nw_dst:10.9.8.7', udp(destination='10.9.8.7')),
                ('mod_nw_tos:40', udp(tos=40)), ('mod_tp_src:53', udp(sport=53)), ('mod_tp_dst:53', udp(dport=53)),
                ('mod_nw_src:10.9.8.7,mod_tp_dst:53,mod_dl_dst:02:00:00:00:00:0c', udp(source='10.9.8.7', dport=53, eth=(A, c))),
                ('mod_vlan_vid:7', udp(tags=((0x8100, 7),))), ('mod_vlan_vid:7,mod_vlan_pcp:3', udp(tags=((0x8100, 0x6007),)))):
            rules(t, sw, f'udp,actions={action},output:2', version=version)
            through(t, raws, udp(), {2: [want]}, f'{version} {action}')
    for action, want in (
            ('set_field:10.9.8.7->ip_dst', udp(destination='10.9.8.7')), ('set_field:53->udp_src', udp(sport=53)),
            ('set_field:02:00:00:00:00:0c->eth_src', udp(eth=(c, B))), ('set_field:10->ip_dscp', udp(tos=40)),
            ('dec_ttl', udp(ttl=63)), ('push_vlan:0x8100,set_field:4103->vlan_vid', udp(tags=((0x8100, 7),))),
            # What the first output saw must not change by what comes after it.
            ('output:2,mod_nw_dst:10.9.8.7', udp())):
        rules(t, sw, f'udp,actions={action},output:2' if 'output' not in action else f'udp,actions={action}')
        through(t, raws, udp(), {2: [want]}, action)
    rules(t, sw, 'ip,actions=dec_ttl,output:2')
    through(t, raws, udp(ttl=1), {}, 'the last hop is not passed on')


def test_vlan_tags(t):
    sw, raws = wires(t, 2)
    tagged = udp(tags=((0x8100, 0x2005),))
    rules(t, sw, 'dl_vlan=5,actions=pop_vlan,output:2')
    through(t, raws, tagged, {2: [udp()]}, 'pop')
    rules(t, sw, 'actions=strip_vlan,output:2', version='OpenFlow10')
    through(t, raws, tagged, {2: [udp()]}, 'strip')
    rules(t, sw, 'dl_vlan=5,actions=mod_vlan_vid:6,output:2', 'priority=1,actions=drop')
    through(t, raws, tagged, {2: [udp(tags=((0x8100, 0x2006),))]}, 'rewritten, priority kept')
    through(t, raws, udp(), {}, 'an untagged one is another')
    rules(t, sw, 'actions=push_vlan:0x8100,set_field:4105->vlan_vid,set_field:1->vlan_pcp,output:2')
    through(t, raws, tagged, {2: [udp(tags=((0x8100, 0x2009), (0x8100, 0x2005)))]}, 'a second tag')
    if t.peer != 'ovs':  # Its vlan-limit is 1 unless set before the start.
        rules(t, sw, 'dl_vlan=9,actions=pop_vlan,goto_table:1', 'table=1,dl_vlan=5,actions=pop_vlan,output:2')
        through(t, raws, udp(tags=((0x8100, 9), (0x8100, 5))), {2: [udp()]}, 'two tags off')
    rules(t, sw, 'dl_vlan=0xffff,actions=output:2', version='OpenFlow10')
    through(t, raws, udp(), {2: [udp()]}, 'matches no tag')
    through(t, raws, tagged, {}, 'does not match a tag')


def test_tables(t):
    sw, raws = wires(t, 3)
    rules(t, sw, 'table=0,udp,actions=mod_tp_dst:99,goto_table:5', 'table=0,priority=1,actions=goto_table:6',
          'table=5,udp,tp_dst=99,actions=output:2', 'table=6,actions=output:3')
    through(t, raws, udp(), {2: [udp(dport=99)]}, 'the later table sees the change')
    arp = B + A + b'\x08\x06' + bytes(46)
    through(t, raws, arp, {3: [arp]}, 'the other way')
    rules(t, sw, 'table=0,actions=write_actions(output:2),goto_table:1', 'table=1,udp,actions=clear_actions',
          'table=1,priority=1,actions=write_actions(output:3)')
    through(t, raws, udp(), {}, 'cleared')
    through(t, raws, arp, {3: [arp]}, 'the last output of the set wins')
    rules(t, sw, 'table=0,actions=write_metadata:0x123/0xfff,goto_table:1', 'table=1,metadata=0x123/0xfff,actions=output:2')
    through(t, raws, udp(), {2: [udp()]}, 'metadata')
    rules(t, sw, 'table=0,actions=goto_table:9')
    through(t, raws, udp(), {}, 'a table without a rule drops')


def test_matches(t):
    sw, raws = wires(t, 2)
    for match, hits in (('in_port=1', True), ('in_port=2', False), ('dl_src=02:00:00:00:00:01', True), ('dl_dst=02:00:00:00:00:01', False),
                        ('dl_src=02:00:00:00:00:00/ff:ff:ff:ff:ff:00', True), ('arp', False), ('ip', True), ('ipv6', False), ('tcp', False),
                        ('udp', True), ('udp,tp_src=1000', True), ('udp,tp_src=1001', False), ('udp,tp_dst=0x7d0/0xfff0', True),
                        ('udp,tp_dst=0x7c0/0xfff0', False), ('ip,nw_src=10.0.0.0/24', True), ('ip,nw_src=10.0.1.0/24', False),
                        ('ip,nw_dst=10.0.0.2/32,nw_proto=17', True), ('ip,nw_tos=32', False), ('ip,nw_ttl=64', True), ('ip,nw_frag=no', True),
                        ('ip,nw_frag=yes', False), ('vlan_tci=0', True), ('dl_type=0x800', True), ('ip,nw_src=0.0.0.1/0.0.0.255', True)):
        rules(t, sw, f'priority=5,{match},actions=output:2')
        through(t, raws, udp(), {2: [udp()] if hits else []}, match)


def test_packet_out(t):
    sw, raws = wires(t, 2)
    for version in VERSIONS:
        sw.ofctl('packet-out', 'br0', f'in_port=CONTROLLER packet={udp().hex()} actions=output:2', version=version)
        t.equal([f.hex() for f in raws[2].collect(1.5, 1)], [udp().hex()], version)
        sw.ofctl('packet-out', 'br0', f'in_port=1 packet={udp().hex()} actions=flood', version=version)
        t.equal([f.hex() for f in raws[2].collect(1.5, 1)], [udp().hex()], version)
        t.equal(raws[1].collect(0.2, 1), [], version)
        rules(t, sw, 'in_port=1,udp,actions=mod_tp_dst:9,output:2', version=version)
        sw.ofctl('packet-out', 'br0', f'in_port=1 packet={udp().hex()} actions=table', version=version)
        t.equal([f.hex() for f in raws[2].collect(1.5, 1)], [udp(dport=9).hex()], f'{version}: through the table')


@seconds(120)
def test_many_rules(t):
    sw, raws = wires(t, 2)
    path = t.path('many')
    with open(path, 'w', encoding='ascii') as file:
        for number in range(5000):
            file.write(f'priority={number + 1},udp,nw_src=10.{number >> 8}.{number & 255}.1,tp_dst={number + 1},actions=output:2\n')
    sw.ofctl('add-flows', 'br0', path, timeout=60)
    t.equal(sw.ofctl('dump-flows', 'br0', timeout=60).count('actions='), 5000)
    t.match(r'flow_count=5000', sw.ofctl('dump-aggregate', 'br0'))
    frame = udp(source='10.3.7.1', dport=(3 << 8 | 7) + 1)
    through(t, raws, frame, {2: [frame]}, 'one of them')
    through(t, raws, udp(source='10.3.7.1', dport=5), {}, 'none of them')
    sw.ofctl('del-flows', 'br0', timeout=60)
    t.equal(sw.ofctl('dump-flows', 'br0').count('actions='), 0)


def test_appctl(t):
    sw, raws = wires(t, 2)
    rules(t, sw, 'in_port=1,actions=output:2')
    through(t, raws, udp(), {2: [udp()]}, 'forwarded')
    t.true(sw.appctl('version').strip(), 'a version')
    t.true('list-commands' in sw.appctl('list-commands') or 'vlog/set' in sw.appctl('list-commands'), 'list-commands')
    sw.appctl('vlog/set', 'info')
    t.true(sw.appctl('vlog/list').strip(), 'vlog/list')
    t.match('br0', sw.appctl('ofproto/list'))
    t.match('v1', sw.appctl('dpif/show'))
    t.match('in_port', sw.appctl('dpctl/dump-flows'))
    if t.peer == 'sluice':
        syn = bytearray(udp(body=bytes(12)))
        syn[23], syn[46:48] = 6, b'\x50\x02'
        through(t, raws, bytes(syn), {2: [bytes(syn)]}, 'the beginning of a TCP connection')
        t.wait('its flags are shown', lambda: 'flags:S' in sw.appctl('dpctl/dump-flows'), 5)
    sw.appctl('memory/show')
    sw.appctl('coverage/show')
    sw.appctl('dpif-netdev/pmd-stats-show')
    sw.appctl('dpif-netdev/pmd-rxq-show')
    code, _, err = sw.appctl('no/such-command', rc=2, both=True)
    t.true('no/such-command' in err, f'the error names the command: {code} {err}')
    os.rename(sw.log, sw.log + '.old')
    sw.appctl('vlog/reopen')
    t.wait('a new log file', lambda: os.path.exists(sw.log))
