# SPDX-License-Identifier: Apache-2.0
"""Configuration that makes no sense, and clients that behave badly: clear errors in the right place, and nothing else suffers."""
import os


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
