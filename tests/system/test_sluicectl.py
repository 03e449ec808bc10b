# SPDX-License-Identifier: Apache-2.0
"""sluicectl does what the stock tools do, with the same words."""
import json
import os

from test_openflow import udp, wires


def by_row(text):
    """The rows of a table in an order of their own: which one a tool prints first is not promised."""
    if text.startswith('{"'):
        table = json.loads(text)
        return table['headings'], sorted(table['data'])
    return sorted(text.strip().split('\n\n'))


def test_configuration_verbs(t):
    t.skip_on_ovs('another tool')
    sw = t.switch()
    ctl = sw.sluicectl
    ctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'fail_mode=secure')
    ctl('--may-exist', 'add-br', 'br0')
    ctl('add-port', 'br0', 'p0', '--', 'set', 'Interface', 'p0', 'type=internal', 'ofport_request=5', '--', '--id=@c', 'create', 'Controller',
        'target="ptcp:0:127.0.0.1"', '--', 'add', 'bridge', 'br0', 'external_ids', 'a=b')
    t.equal(ctl('get', 'Interface', 'p0', 'ofport'), '5\n')
    for words in (('list-br',), ('list-ports', 'br0'), ('port-to-br', 'p0'), ('get', 'bridge', 'br0', 'external_ids'), ('get', 'Interface', 'p0', 'mac_in_use'),
                  ('--columns=name,type', 'list', 'Interface'), ('--format=json', '--columns=name', 'list', 'Port'), ('find', 'Port', 'name=p0'), ('show',)):
        t.equal(by_row(ctl(*words)), by_row(sw.vsctl(*words)), ' '.join(words))
    for words in (('del-br', 'nobody'), ('add-br', 'br0'), ('get', 'bridge', 'br0', 'colour'), ('frobnicate',)):
        ours, theirs = ctl(*words, rc=None, both=True), sw.vsctl(*words, rc=None, both=True)
        t.equal(ours[0], theirs[0], f'status of {words}')
        t.true(ours[2], f'an error text of {words}')
    t.equal(json.loads(ctl('--json', 'list-br')), ['br0'])
    ctl('--if-exists', 'del-port', 'nobody')
    ctl('del-br', 'br0')
    t.equal(ctl('list-br'), '')


def test_openflow_verbs(t):
    t.skip_on_ovs('another tool')
    sw, raws = wires(t, 2)
    ctl = sw.sluicectl
    ctl('add-flow', 'br0', 'priority=7,in_port=1,udp,nw_src=10.0.0.0/8,tp_dst=2000,actions=mod_nw_dst:10.9.8.7,output:2')
    t.match(r'priority=7,udp,in_port="?v?1"?,nw_src=10.0.0.0/8,tp_dst=2000 actions=', ctl('dump-flows', 'br0'))
    raws[1].send(udp())
    t.equal([f.hex() for f in raws[2].collect(1.5, 1)], [udp(destination='10.9.8.7').hex()])
    t.match('rx pkts=1', ctl('dump-ports', 'br0'))
    ctl('mod-flows', 'br0', 'udp,actions=drop')
    t.match('actions=drop', ctl('dump-flows', 'br0'))
    ctl('packet-out', 'br0', f'in_port=CONTROLLER packet={udp().hex()} actions=output:2')
    t.equal([f.hex() for f in raws[2].collect(1.5, 1)], [udp().hex()])
    ctl('del-flows', 'br0')
    t.true('actions=' not in ctl('dump-flows', 'br0'), 'no rules')


def test_runtime_verbs(t):
    t.skip_on_ovs('another tool')
    sw, raws = wires(t, 2, secure=False)
    raws[1].send(udp())
    raws[2].collect(1.5, 1)
    sw.ofctl('add-flow', 'br0', 'actions=NORMAL')
    raws[1].send(udp())
    for words in (('fdb/show', 'br0'), ('drops/show',), ('dpctl/dump-flows',), ('dpif-netdev/pmd-rxq-show',), ('memory/show',), ('vlog/list',), ('coverage/show',)):
        t.true(sw.sluicectl(*words).strip(), ' '.join(words))
    for words in (('fdb/show', 'br0'), ('drops/show',), ('dpctl/dump-flows',)):
        t.true(sw.json(*words) is not None, ' '.join(words))
    t.match('add-br', sw.sluicectl('--help'))


def test_stock_names(t):
    """Called by a stock tool's name it reads and prints as that tool does, errors included."""
    t.skip_on_ovs('another tool')
    sw = t.switch()
    alias = {}
    for name in ('ovs-vsctl', 'ovs-ofctl', 'ovs-appctl'):
        alias[name] = os.path.join(t.dir, name)
        os.symlink(sw.ctl_exe, alias[name])
    ours = lambda *words: sw.tool(alias['ovs-vsctl'], '--db=' + sw.db, '--timeout=20', *words, rc=None, both=True)
    for words in (('add-br', 'a'), ('add-port', 'a', 'p', 'tag=3', 'trunks=1,2', '--', 'set', 'Interface', 'p', 'type=internal'),
                  ('add-br', 'v', 'a', '9'), ('add-port', 'v', 'q', '--', 'set', 'Interface', 'q', 'type=internal')):
        t.equal(ours(*words)[0], 0, ' '.join(words))
    for words in (('show',), ('list-br',), ('--fake', 'list-br'), ('br-to-vlan', 'v'), ('br-to-parent', 'v'), ('list-ports', 'v'), ('list-ports', 'a'),
                  ('list-ifaces', 'a'), ('iface-to-br', 'q'), ('get', 'port', 'q', 'tag', 'vlan_mode'), ('get', 'i', 'p', 'name'), ('get', 'interface', 'p', 'o'),
                  ('--bare', '--columns=name,trunks', 'list', 'port', 'p'), ('-f', 'csv', '--columns=name,tag', 'list', 'port', 'p'),
                  ('--no-heading', '--columns=name', 'find', 'port', 'tag=9', 'name!=v'), ('--oneline', 'list-br', '--', 'list-ports', 'a'),
                  ('--may-exist', 'add-port', 'a', 'q'), ('add-port', 'a', 'p'), ('del-port', 'a', 'q'), ('del-port', 'a'), ('add-br', 'v', 'a', '10'),
                  ('set', 'port', 'p', 'qos=@x'), ('clear', 'port', 'p', 'interfaces'), ('br-exists', 'z'), ('foo',), ('--version',)):
        t.equal(ours(*words), sw.vsctl(*words, rc=None, both=True), ' '.join(words))
    t.equal(ours('--if-exists', 'del-br', 'a', '--', 'add-br', 'a')[0], 0)
    t.equal(ours('list-br')[1], 'a\n')
    of = lambda tool, *words: sw.tool(tool, '-O', 'OpenFlow13', words[0], f'unix:{sw.dir}/a.mgmt', *words[1:], rc=None, both=True)
    of(alias['ovs-ofctl'], 'add-flow', 'priority=3,tcp,tp_dst=80,actions=drop')
    for words in (('dump-flows', '--no-stats'), ('dump-aggregate',), ('dump-desc',), ('get-frags',), ('add-flow', 'tcp')):
        t.equal(of(alias['ovs-ofctl'], *words), of('ovs-ofctl', *words), ' '.join(words))
    for words in (('version',), ('fdb/show', 'a'), ('list-commands',)):
        t.equal(sw.tool(alias['ovs-appctl'], '-t', sw.ctl_path(), *words), sw.tool('ovs-appctl', '-t', sw.ctl_path(), *words), ' '.join(words))
