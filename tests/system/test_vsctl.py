# SPDX-License-Identifier: Apache-2.0
"""Configuration by Debian's ovs-vsctl: its commands, its errors, its hand-shake."""
import json
import os
import socket

from lib.frame import seconds


def test_bridge_and_ports(t):
    sw = t.switch()
    sw.bridge('br0')
    t.equal(sw.vsctl('list-br'), 'br0\n')
    sw.vsctl('add-port', 'br0', 'p0', '--', 'set', 'Interface', 'p0', 'type=internal')
    sw.vsctl('add-port', 'br0', 'p1', '--', 'set', 'Interface', 'p1', 'type=internal', 'ofport_request=7')
    t.equal(sw.vsctl('list-ports', 'br0'), 'p0\np1\n')
    t.equal(sw.vsctl('port-to-br', 'p1'), 'br0\n')
    t.equal(sw.vsctl('iface-to-br', 'p0'), 'br0\n')
    t.equal(sw.vsctl('get', 'Interface', 'p0', 'ofport'), '1\n')
    t.equal(sw.vsctl('get', 'Interface', 'p1', 'ofport'), '7\n')
    t.equal(sw.vsctl('get', 'Interface', 'br0', 'ofport'), '65534\n')
    shown = sw.vsctl('show')
    for line in ('Bridge br0', 'Port p0', 'Interface p0', 'type: internal'):
        t.true(line in shown, f'"{line}" in: {shown}')
    # Open vSwitch leaves this to its start script.
    t.true('ovs_version' in shown or t.peer == 'ovs', f'a version in: {shown}')
    t.run('ip', 'link', 'show', 'p0')
    sw.vsctl('del-port', 'br0', 'p0')
    t.equal(sw.vsctl('list-ports', 'br0'), 'p1\n')
    t.run('ip', 'link', 'show', 'p0', rc=1)
    sw.vsctl('del-br', 'br0')
    t.equal(sw.vsctl('list-br'), '')
    t.run('ip', 'link', 'show', 'br0', rc=1)
    t.true(not os.path.exists(sw.dir + '/br0.mgmt'), 'br0.mgmt goes with its bridge')


def test_list_get_set_remove(t):
    sw = t.switch()
    sw.bridge()
    sw.vsctl('set', 'bridge', 'br0', 'external_ids:a=1', 'external-ids:b="x y"')
    t.equal(sw.vsctl('get', 'bridge', 'br0', 'external_ids:a'), '"1"\n')
    t.equal(sw.vsctl('get', 'bridge', 'br0', 'external_ids'), '{a="1", b="x y"}\n')
    sw.vsctl('remove', 'bridge', 'br0', 'external_ids', 'a')
    t.equal(sw.vsctl('get', 'bridge', 'br0', 'external_ids'), '{b="x y"}\n')
    sw.vsctl('clear', 'bridge', 'br0', 'external_ids')
    t.equal(sw.vsctl('get', 'bridge', 'br0', 'external_ids'), '{}\n')
    sw.vsctl('set', 'port', 'br0', 'tag=5', 'trunk=42,47')
    t.equal(sw.vsctl('get', 'port', 'br0', 'tag'), '5\n')
    t.equal(sw.vsctl('get', 'port', 'br0', 'trunks'), '[42, 47]\n')
    sw.vsctl('br-set-external-id', 'br0', 'k', 'v')
    t.equal(sw.vsctl('br-get-external-id', 'br0', 'k'), 'v\n')
    row = json.loads(sw.vsctl('--format=json', '--columns=name,fail_mode', 'list', 'bridge'))
    t.equal(row['headings'], ['name', 'fail_mode'])
    t.equal(row['data'][0][0], 'br0')
    t.equal(sw.vsctl('--no-headings', '--columns=name', 'find', 'port', 'tag=5').strip(), 'br0')
    t.equal(sw.vsctl('--if-exists', 'get', 'Interface', 'nobody', 'name'), '')
    types = sw.vsctl('get', 'Open_vSwitch', '.', 'iface_types')
    for kind in ('dpdk', 'dpdkvhostuser', 'dpdkvhostuserclient', 'internal', 'patch'):
        t.true(kind in types, f'{kind} in iface_types: {types}')


def test_errors(t):
    sw = t.switch()
    sw.bridge()
    for words, text in (
            (('add-br', 'br0'), 'already exists'),
            (('del-br', 'nobody'), 'no bridge named nobody'),
            (('add-port', 'nobody', 'p0'), 'no bridge named nobody'),
            (('del-port', 'br0', 'p0'), 'no port named p0'),
            (('get', 'bridge', 'br0', 'colour'), 'colour'),
            (('get', 'bridge', 'br0', 'external_ids:nokey'), 'nokey'),
            (('set', 'bridge', 'br0', 'fail_mode=sometimes'), 'sometimes'),
            (('set', 'port', 'br0', 'tag=5000'), '5000'),
            (('list', 'spaceship'), 'spaceship'),
            (('frobnicate',), 'frobnicate')):
        _, _, err = sw.vsctl(*words, rc=1, both=True)
        t.true(text in err, f'"{text}" in the error of {words}: {err}')
    sw.vsctl('--may-exist', 'add-br', 'br0')
    sw.vsctl('--if-exists', 'del-br', 'nobody')
    sw.vsctl('--if-exists', 'del-port', 'br0', 'p0')
    t.equal(sw.vsctl('br-exists', 'br0', rc=0), '')
    sw.vsctl('br-exists', 'nobody', rc=2)


def test_one_transaction(t):
    sw = t.switch()
    # The second command fails: nothing of the first may stay.
    sw.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'fail_mode=sometimes', rc=1)
    t.equal(sw.vsctl('list-br'), '')
    sw.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev', '--',
             'add-port', 'br0', 'a', '--', 'set', 'Interface', 'a', 'type=internal', '--',
             'add-port', 'br0', 'b', '--', 'set', 'Interface', 'b', 'type=internal', 'ofport_request=9', '--',
             '--id=@c', 'create', 'Controller', 'target="ptcp:0:127.0.0.1"', '--', 'set', 'bridge', 'br0', 'external_ids:x=y')
    t.equal(sw.vsctl('list-ports', 'br0'), 'a\nb\n')
    t.equal(sw.ofport('b'), 9)


def test_failed_port_says_why(t):
    t.allow_log(r'\|eal\|ERR\|EAL: ')
    sw = t.switch()
    sw.bridge()
    sw.port('br0', 'good', 'internal')
    bad = {'nosuch0': (), 'bad0': ('type=dpdk', 'options:dpdk-devargs=net_noway0'), 'bad1': ('type=dpdk',), 'bad2': ('type=spaceship',),
           'bad3': ('type=dpdk', 'options:dpdk-devargs=0000:ff:1f.7')}
    if t.peer == 'sluice':
        # A server socket that cannot be bound, since something else has its name; options that make no sense.
        os.mkdir(os.path.join(sw.dir, 'bad4'))
        bad.update({'bad4': ('type=dpdkvhostuser',), 'bad5': ('type=dpdkvhostuserclient',),
                    'bad6': ('type=dpdk', 'options:dpdk-devargs=net_null3,size=minus'), 'bad7': ('type=patch', 'options:peer=bad7')})
    for name, settings in bad.items():
        t.allow_log(name)
        words = ['add-port', 'br0', name] + (['--', 'set', 'Interface', name, *settings] if settings else [])
        code, _, err = sw.vsctl(*words, rc=None, both=True)
        t.true(code != 0 or 'rror' in err, f'{name}: a complaint of ovs-vsctl: {code} {err}')
        t.equal(sw.vsctl('get', 'Interface', name, 'ofport'), '-1\n', name)
        t.true(len(sw.vsctl('get', 'Interface', name, 'error')) > 12, f'{name}: an error text')
    t.equal(sw.ofport('good'), 1)
    # One that is mended comes up.
    sw.vsctl('set', 'Interface', 'bad2', 'type=internal')
    t.true(sw.ofport('bad2') > 0, 'the mended port has a number')
    t.equal(sw.vsctl('get', 'Interface', 'bad2', 'error'), '[]\n')
    if t.peer == 'sluice':
        sw.vsctl('set', 'Interface', 'bad7', 'options:peer=elsewhere')
        t.true(sw.ofport('bad7') > 0, 'the mended patch port has a number')
        sw.vsctl('set', 'Interface', 'bad7', 'options:peer=bad7')
        t.equal(sw.ofport('bad7'), -1, 'a working port that is broken')
    for name in bad:
        sw.vsctl('del-port', name)


def test_wait_until_and_no_wait(t):
    sw = t.switch()
    waiter = t.spawn('ovs-vsctl', '--db=' + sw.db, '--timeout=20', 'wait-until', 'bridge', 'br7', 'external_ids:ready=yes', name='waiter')
    sw.vsctl('--no-wait', 'add-br', 'br7')
    t.true(waiter.poll() is None, 'wait-until waits')
    sw.vsctl('--no-wait', 'set', 'bridge', 'br7', 'external_ids:ready=yes')
    t.wait('wait-until ends', lambda: waiter.poll() is not None)
    t.equal(waiter.returncode, 0)


def test_database_client(t):
    sw = t.switch()
    sw.bridge()
    t.true('Open_vSwitch' in sw.dbclient('list-dbs').split(), 'list-dbs')
    schema = json.loads(sw.dbclient('get-schema', 'Open_vSwitch'))
    t.equal(schema['name'], 'Open_vSwitch')
    for table in ('Open_vSwitch', 'Bridge', 'Port', 'Interface', 'Controller', 'Manager', 'QoS', 'Queue', 'Mirror', 'Flow_Table', 'SSL'):
        t.true(table in schema['tables'], f'table {table}')
    t.match(r'br0', sw.dbclient('dump', 'Open_vSwitch', 'Bridge', 'name'))
    answer = json.loads(sw.dbclient('transact', json.dumps(
        ['Open_vSwitch',
         {'op': 'comment', 'comment': 'a test'},
         {'op': 'update', 'table': 'Bridge', 'where': [['name', '==', 'br0']], 'row': {'external_ids': ['map', [['k', 'v']]]}},
         {'op': 'mutate', 'table': 'Bridge', 'where': [], 'mutations': [['external_ids', 'insert', ['map', [['l', 'w']]]]]},
         {'op': 'select', 'table': 'Bridge', 'where': [], 'columns': ['name', 'external_ids']},
         {'op': 'wait', 'table': 'Bridge', 'where': [], 'columns': ['name'], 'until': '==', 'rows': [{'name': 'br0'}], 'timeout': 0}])))
    t.equal(answer[1], {'count': 1})
    t.equal(answer[3]['rows'][0]['external_ids'], ['map', [['k', 'v'], ['l', 'w']]])
    aborted = json.loads(sw.dbclient('transact', json.dumps(
        ['Open_vSwitch', {'op': 'update', 'table': 'Bridge', 'where': [], 'row': {'external_ids': ['map', []]}}, {'op': 'abort'}]), rc=None))
    t.equal(aborted[-1]['error'], 'aborted')
    t.true('k=v' in sw.vsctl('get', 'bridge', 'br0', 'external_ids'), 'an aborted transaction changes nothing')


def test_database_monitor(t):
    sw = t.switch()
    sw.bridge('before')
    monitor = t.spawn('ovsdb-client', 'monitor', sw.db, 'Interface', 'name,ofport,external_ids', '--format=json', name='monitor')

    def said():
        with open(monitor.out, encoding='utf-8') as file:
            return file.read()
    t.wait('the monitor shows what is there', lambda: '"initial"' in said() and '"before"' in said())
    sw.bridge()
    t.wait('the monitor shows br0 with its number', lambda: '"insert"' in said() and '"br0"' in said() and '65534' in said())
    sw.vsctl('set', 'Interface', 'br0', 'external_ids:iface-id=here')
    t.wait('the monitor shows the change', lambda: '"new"' in said() and 'here' in said())
    sw.vsctl('del-br', 'br0')
    t.wait('the monitor shows the end', lambda: '"delete"' in said())


def test_restart_keeps_configuration(t):
    sw = t.switch()
    sw.bridge()
    sw.port('br0', 'p0', 'internal')
    sw.vsctl('set', 'port', 'p0', 'tag=77')
    before = sw.vsctl('--columns=_uuid,name,tag', 'list', 'port')
    sw.stop()
    sw.start()
    t.wait('p0 is there again', lambda: t.run('ip', 'link', 'show', 'p0', rc=None))
    t.equal(sw.vsctl('--columns=_uuid,name,tag', 'list', 'port'), before)
    t.equal(sw.ofport('p0'), 1)
    sw.kill()
    t.run('ip', 'link', 'show', 'p0', rc=1 if t.peer == 'sluice' else None)
    sw.start()
    t.equal(sw.vsctl('--columns=_uuid,name,tag', 'list', 'port'), before)


def test_second_daemon_refused(t):
    t.allow_log('pidfile|conf.db')
    sw = t.switch()
    code, _, err = sw.start(rc=None)
    t.true(code != 0, 'the second daemon ends with an error')
    t.match(r'already running|already|in use', err, 'the error of the second daemon')
    t.true('signal' not in err, f'it ends by itself: {err}')
    if t.peer == 'sluice':
        # Without a pidfile it is the database that says so.
        command = [w for w in sw.command() if not w.startswith(('--pidfile', '--detach'))]
        _, _, err = t.run(*command, rc=1, both=True, env=sw.environment)
        t.match(r'conf.db.*(lock|in use)', err, 'the error of a second daemon without pidfile')
    t.true(sw.alive(), 'the first one lives')
    sw.read_pid()
    sw.bridge()
    t.equal(sw.vsctl('list-br'), 'br0\n')


@seconds(90)
def test_damaged_database(t):
    t.skip_on_ovs('its database is a process of its own')
    t.allow_log('conf.db')
    sw = t.switch()
    sw.bridge('br0')
    sw.bridge('br1')
    sw.stop()
    path = next(os.path.join(sw.dir, n) for n in os.listdir(sw.dir) if n.endswith('.db'))
    with open(path, 'rb') as file:
        good = file.read()
    # A torn last record is what a power cut leaves: everything that was acknowledged before it must be there.
    with open(path, 'wb') as file:
        file.write(good + b'OVSDB JSON 100 0123456789012345678901234567890123456789\n{"Bri')
    t.allow_log('.*')
    sw.start()
    t.equal(sw.vsctl('list-br'), 'br0\nbr1\n')
    sw.stop()
    # Damage in the middle must not be mistaken for an end: refused, named, and the file left alone.
    hurt = bytearray(good)
    hurt[len(good) // 2] ^= 0x20
    with open(path, 'wb') as file:
        file.write(hurt)
    code, _, err = sw.start(rc=None)
    t.true(code != 0, 'a damaged database is refused')
    t.true(os.path.basename(path) in err, f'the error names the file: {err}')
    with open(path, 'rb') as file:
        t.equal(file.read(), bytes(hurt), 'the damaged file is left as it is')
    sw.pid = None
    with open(path, 'wb') as file:
        file.write(b'this is no database\n')
    code, _, err = sw.start(rc=None)
    t.true(code != 0 and os.path.basename(path) in err, f'another file is refused: {code} {err}')
    sw.pid = None


def send(path, data, limit=2):
    """Send bytes to a unix socket; what comes back before it is closed, or in 'limit' seconds."""
    back = b''
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(limit)
        peer.connect(path)
        try:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            while True:
                more = peer.recv(65536)
                if not more:
                    break
                back += more
        except OSError:
            pass
    return back


GARBAGE = [b'{', b'}', b'[1,2', b'null', b'\x00\x01\x02\x03', b'\xff' * 100, b'{"a":' * 5000, b'"' + b'x' * 100000, b'{}{}{}{}',
           b'{"id":1,"method":5,"params":{}}', b'{"id":1,"method":"transact","params":[]}',
           b'{"id":1,"method":"transact","params":["Open_vSwitch",{"op":"select"}]}',
           b'{"id":1,"method":"transact","params":["Open_vSwitch",{"op":"insert","table":"Bridge","row":{"name":{"a":1}}}]}',
           b'{"id":1,"method":"monitor","params":["Open_vSwitch",null,{"Bridge":[{"columns":["nocolumn"]}]}]}',
           b'{"id":null,"method":"monitor_cond","params":[1]}', b'{"id":1,"method":"lock","params":[null]}',
           b'{"id":1,"result":1,"error":null}']


@seconds(120)
def test_garbage_on_sockets(t):
    t.allow_log('.*')
    sw = t.switch()
    sw.bridge()
    for data in GARBAGE:
        send(sw.db[5:], data, 1)
        send(sw.ctl_path(), data, 1)
    openflow = [b'\x00' * 8, b'\xff' * 64, b'\x01\x00\x00\x04\x00\x00\x00\x00', b'\x04\x00\x00\x08\x00\x00\x00\x01' + b'\x04\x0e\x00\x09\x00\x00\x00\x02\x00',
                b'\x04\x00\x00\x08\x00\x00\x00\x01' + b'\x04\x0e\x00\x38\x00\x00\x00\x02' + b'\xff' * 48,
                b'\x04\x00\x00\x08\x00\x00\x00\x01' + b'\x04\x0d\xff\xff\x00\x00\x00\x02' + b'\x00' * 40,
                b'\x04\x00\x00\x08\x00\x00\x00\x01' + b'\x04\x12\x00\x10\x00\x00\x00\x02\xff\xff\x00\x00\x00\x00\x00\x00',
                b'GET / HTTP/1.0\r\n\r\n']
    for data in openflow:
        send(f'{sw.dir}/br0.mgmt', data, 1)
    # An unknown message is answered, not punished: the connection lives on and answers the echo after it.
    back = send(f'{sw.dir}/br0.mgmt', b'\x04\x00\x00\x08\x00\x00\x00\x01' + b'\x04\x63\x00\x08\x00\x00\x00\x07' + b'\x04\x02\x00\x08\x00\x00\x00\x09', 1)
    t.true(b'\x04\x03\x00\x08\x00\x00\x00\x09' in back, f'an echo reply after an unknown message: {back.hex()}')
    t.true(sw.alive(), 'the daemon lives')
    sw.port('br0', 'p0', 'internal')
    t.equal(sw.ofport('p0'), 1)
    t.match(r'p0', sw.ofctl('show', 'br0'))


def test_stop_gives_everything_back(t):
    sw = t.switch()
    sw.bridge()
    sw.port('br0', 'p0', 'internal')
    sw.vsctl('get', 'Open_vSwitch', '.', 'ovs_version')
    control = sw.ctl_path()
    if t.peer == 'ovs':
        sw.appctl('exit', '--cleanup')
    else:
        sw.appctl('exit')
    sw.wait_gone()
    for path in (control, sw.pid_file, sw.dir + '/br0.mgmt'):
        t.true(not os.path.exists(path), f'{path} is removed')
    t.run('ip', 'link', 'show', 'p0', rc=1)
    t.run('ip', 'link', 'show', 'br0', rc=1)
