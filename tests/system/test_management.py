# SPDX-License-Identifier: Apache-2.0
"""Configuration that makes no sense, and clients that behave badly: clear errors in the right place, and nothing else suffers."""
import os
import socket

from lib.frame import seconds


def test_same_names_in_other_rows(t):
    """Bridge and ports are removed and added anew in one transaction, as Mininet does."""
    sw = t.switch()
    sw.bridge()
    sw.port('br0', 'p1', 'internal')
    sw.vsctl('--', '--if-exists', 'del-br', 'br0', '--', 'add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev',
             '--', 'add-port', 'br0', 'p1', '--', 'set', 'Interface', 'p1', 'type=internal')
    t.equal(sw.ofport('p1'), 1)
    t.equal(sw.ofport('br0'), 65534)
    dpid = sw.vsctl('get', 'Bridge', 'br0', 'datapath_id')
    mac = sw.vsctl('get', 'Interface', 'br0', 'mac_in_use').replace(':', '')
    t.match(r'^"[0-9a-f]{16}"$', dpid)
    t.match(r'^"[0-9a-f]{12}"$', mac)
    t.equal(dpid[5:], mac[1:], 'the datapath id is made of the local port\'s address')


def test_address_of_a_bridge_changes(t):
    sw = t.switch()
    sw.bridge()
    sw.vsctl('set', 'Bridge', 'br0', 'other_config:hwaddr="02:11:22:33:44:55"')
    t.equal(sw.vsctl('get', 'Interface', 'br0', 'mac_in_use'), '"02:11:22:33:44:55"\n')
    t.match('02:11:22:33:44:55', t.run('ip', 'link', 'show', 'br0'))


def test_rows_referred_to_twice(t):
    """One Interface in two ports of a bridge, one Port in two bridges: it is in one place, and the others are told."""
    t.skip_on_ovs('it reports such rows elsewhere')
    t.allow_log('interface sh[12] in port')
    sw = t.switch()
    sw.bridge('br0')
    sw.bridge('br1')
    sw.vsctl('--', '--id=@i', 'create', 'Interface', 'name=sh1', 'type=internal', '--', '--id=@p', 'create', 'Port', 'name=sh1', 'interfaces=@i',
             '--', '--id=@q', 'create', 'Port', 'name=other', 'interfaces=@i', '--', 'add', 'Bridge', 'br0', 'ports', '@p', '@q')
    t.equal(sw.ofport('sh1'), 1)
    t.match('interface sh1 in port sh1', sw.vsctl('get', 'Bridge', 'br0', 'status:unsupported'))
    sw.vsctl('del-br', 'br0')
    sw.bridge('br2')
    sw.vsctl('--', '--id=@i', 'create', 'Interface', 'name=sh2', 'type=internal', '--', '--id=@p', 'create', 'Port', 'name=sh2', 'interfaces=@i',
             '--', 'add', 'Bridge', 'br1', 'ports', '@p', '--', 'add', 'Bridge', 'br2', 'ports', '@p')
    t.match('interface sh2 in port sh2.*br1', sw.vsctl('get', 'Bridge', 'br2', 'status:unsupported'))
    t.match('sh2', sw.ofctl('show', 'br1'))
    t.true('sh2' not in sw.ofctl('show', 'br2'), 'only the first bridge has the port')
    sw.vsctl('del-br', 'br1')
    t.match('sh2', sw.ofctl('show', 'br2'))
    sw.vsctl('del-br', 'br2')


def test_names_stay_in_the_run_directory(t):
    t.skip_on_ovs('it has other words for it')
    t.allow_log('evil')
    sw = t.switch()
    sw.vsctl('add-br', '../evil', rc=None)
    sw.bridge()
    t.equal(sw.ofport('../evil'), -1)
    t.match("without '/'", sw.vsctl('get', 'Interface', '../evil', 'error'))
    t.equal([f for f in os.listdir(t.dir) if 'evil' in f], [])
    sw.vsctl('del-br', '../evil')


def test_addresses_that_are_none(t):
    t.skip_on_ovs('it only logs them')
    t.allow_log('not a MAC address', 'datapath-id')
    sw = t.switch()
    sw.bridge('br0', 'other_config:hwaddr=junk', 'other_config:datapath-id=xyz')
    sw.port('br0', 'p1', 'internal', 'mac=junk')
    t.match('mac .*not a MAC address', sw.vsctl('get', 'Interface', 'p1', 'status:unsupported'))
    t.match('hwaddr .*not a MAC address', sw.vsctl('get', 'Bridge', 'br0', 'status:unsupported'))
    t.match('datapath-id', sw.vsctl('get', 'Bridge', 'br0', 'status:unsupported'))


def test_second_daemon_with_another_database(t):
    """The run directory is taken: the second is refused before it touches any port."""
    t.skip_on_ovs('its database server is another process')
    sw, other = t.switch(), t.switch(start=False, name='other')
    other.start()
    other.bridge('brother')
    other.stop()
    other.pid = None
    sw.bridge()
    before = sorted(os.listdir(sw.dir))
    code, out, err = t.run(sw.exe, f'--rundir={sw.dir}', f'--db={other.dir}/conf.db', f'--log-file={t.path("second.log")}', '--detach',
                           rc=None, both=True, env=sw.environment)
    t.equal((code, out), (1, ''))
    t.match('another process serves this socket', err)
    with open(t.path('second.log'), encoding='utf-8') as file:
        t.true('brother' not in file.read(), 'no port was opened')
    t.equal(sorted(os.listdir(sw.dir)), before)
    t.equal(sw.vsctl('list-br'), 'br0\n')


def test_database_argument(t):
    t.skip_on_ovs('its options are its own')
    sw = t.switch(start=False)
    os.makedirs(t.path('run'))
    os.symlink(t.path('run'), t.path('alias'))
    for words, text in ((['conf.db'], '--db=FILE'), (['tcp:127.0.0.1:6640'], 'not supported'), (['unix:' + t.path('other/db.sock')], 'not supported'),
                        (['--user=nosuch:nogroup'], 'no such user')):
        code, out, err = t.run(sw.exe, '--rundir=' + t.path('run'), *words, rc=None, both=True, env=sw.environment)
        t.equal((code, out), (1, ''), str(words))
        t.match(text, err)
    t.equal(os.listdir(t.path('run')), [])
    sw.dir, sw.db = t.path('run'), f'unix:{t.path("run")}/db.sock'
    sw.start('unix:' + t.path('alias/db.sock'))
    sw.vsctl('show')


def test_disk_full_while_status_is_written(t):
    """A change is committed, its status finds the disk full: it is written when there is room again, so that no client waits for ever."""
    t.skip_on_ovs('its database server is another process')
    t.allow_log('No space left', 'status could not be written', 'not writable since')
    folder = t.path('small')
    os.mkdir(folder)
    t.run('mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder)
    t.at_end.append(lambda: t.run('umount', '-l', folder))
    sw = t.switch(start=False)
    sw.start(f'--db={folder}/conf.db')
    sw.bridge()
    with open(folder + '/filler', 'wb', buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            pass
    # A failed commit takes no room.  The longest row that fits leaves less than its status needs.
    for number in range(1, 20):
        for pad in range(6000, 0, -40):
            if sw.vsctl('--no-wait', 'add-port', 'br0', f'p{number}', '--', 'set', 'Interface', f'p{number}', 'type=internal',
                        'external_ids:pad=' + 'x' * pad, rc=None, both=True)[0] == 0:
                break
        if sw.vsctl('get', 'Interface', f'p{number}', 'ofport') == '[]\n':
            break
    else:
        t.true(False, 'the disk is full')
    os.unlink(folder + '/filler')
    t.wait('status when there is room again', lambda: sw.vsctl('get', 'Interface', f'p{number}', 'ofport') == f'{number}\n')
    sw.kill()
    sw.start(f'--db={folder}/conf.db')
    t.equal(sw.ofport(f'p{number}'), number)


def test_statistics_interval_holds_at_once(t):
    t.skip_on_ovs('its shortest interval is 5 s')
    sw = t.switch()
    sw.bridge()
    t.wait('the first statistics', lambda: 'rx_packets' in sw.statistics('br0'))
    sw.vsctl('set', 'Open_vSwitch', '.', 'other_config:stats-update-interval=3600000')
    sw.port('br0', 'p1', 'internal')
    sw.vsctl('set', 'Open_vSwitch', '.', 'other_config:stats-update-interval=200')
    t.wait('statistics', lambda: 'rx_packets' in sw.statistics('p1'), 4)


@seconds(90)
def test_dpdk_keys_that_make_no_sense(t):
    """The daemon comes up without them: the database, which it serves itself, can be corrected."""
    t.skip_on_ovs('its database server is another process')
    t.allow_log('eal', 'dpdk')
    sw = t.switch()
    sw.bridge()
    for key, value in (('dpdk-extra', '--no-such-option'), ('dpdk-lcore-mask', '0xzz'), ('dpdk-extra', '-n 4 ' * 50)):
        sw.vsctl('set', 'Open_vSwitch', '.', f'other_config:{key}="{value}"')
        sw.stop()
        _, out, _ = sw.start()
        t.equal(out, '')
        with open(sw.log, encoding='utf-8') as file:
            t.match('started as if nothing were asked for', file.read())
        t.equal(sw.ofport('br0'), 65534)
        sw.vsctl('remove', 'Open_vSwitch', '.', 'other_config', key)
        os.truncate(sw.log, 0)


def test_manager_whose_port_is_taken(t):
    t.skip_on_ovs('its database server is another process')
    t.allow_log('manager ')
    sw = t.switch()
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 16641))
        taken.listen()
        sw.vsctl('set-manager', 'ptcp:16641:127.0.0.1')
        t.wait('status of the manager', lambda: 'last_error' in sw.vsctl('--columns=status', 'list', 'Manager'))
    t.wait('the port is taken when it is free', lambda: 'ACTIVE' in sw.vsctl('--columns=status', 'list', 'Manager'))
    t.match('Open_vSwitch', t.run('ovsdb-client', '--timeout=5', 'list-dbs', 'tcp:127.0.0.1:16641'))


def test_datapath_types(t):
    t.skip_on_ovs('it has other types')
    t.allow_log('datapath_type')
    sw = t.switch()
    sw.vsctl('add-br', 'br0')
    for kind, unsupported in (('system', False), ('netdev', False), ('bogus', True)):
        sw.vsctl('set', 'Bridge', 'br0', f'datapath_type={kind}')
        t.equal('datapath_type' in sw.vsctl('get', 'Bridge', 'br0', 'status'), unsupported, kind)


@seconds(90)
def test_standalone_without_its_controller(t):
    """A bridge of fail_mode standalone takes over when its controller is away for 15 s, and gives way when it is back."""
    t.allow_log('no controller for')
    t.need('ovs-testcontroller')
    sw = t.switch()
    sw.bridge('br0', 'fail_mode=standalone')
    sw.vsctl('set-controller', 'br0', 'ptcp:16653:127.0.0.1')
    t.equal(sw.flows('br0'), ['priority=0 actions=NORMAL'], 'who may connect to us does not count')
    sw.vsctl('set-controller', 'br0', 'tcp:127.0.0.1:16654')
    t.equal(sw.flows('br0'), [])
    t.wait('it takes over', lambda: sw.flows('br0') == ['priority=0 actions=NORMAL'], 20)
    controller = t.spawn('ovs-testcontroller', 'ptcp:16654:127.0.0.1', f'--unixctl={t.path("tc.ctl")}', name='controller')
    t.wait('it gives way', lambda: 'actions=NORMAL' not in str(sw.flows('br0')), 20)
    t.end(controller)


def test_openflow_socket_that_is_taken(t):
    """The bridge forwards, its row says what is wrong, and the socket is opened when its place is free."""
    t.skip_on_ovs('it does not tell')
    t.allow_log('br0.mgmt')
    sw = t.switch()
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(sw.dir + '/br0.mgmt')
        taken.listen()
        sw.bridge()
        t.equal(sw.ofport('br0'), 65534)
        t.match('another process serves', sw.vsctl('get', 'Bridge', 'br0', 'status:error'))
    os.unlink(sw.dir + '/br0.mgmt')
    t.wait('the socket is opened', lambda: os.path.exists(sw.dir + '/br0.mgmt'))
    t.wait('the error goes', lambda: sw.vsctl('get', 'Bridge', 'br0', 'status') == '{}\n')
    t.equal(sw.flows('br0'), ['priority=0 actions=NORMAL'])
