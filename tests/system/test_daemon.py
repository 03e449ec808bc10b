# SPDX-License-Identifier: Apache-2.0
"""The daemon as a program: options, start without anything set, readiness, signals, several at once."""
import os
import re
import signal
import socket
import subprocess

from lib.frame import seconds


def test_options(t):
    t.skip_on_ovs('its options are its own')
    sw = t.switch(start=False)
    t.match(r'\d+\.\d+', t.run(sw.exe, '--version'))
    t.match(r'--rundir', t.run(sw.exe, '--help'))
    _, _, err = t.run(sw.exe, '--no-such-option', rc=None, both=True)
    t.true('no-such-option' in err, f'the error names the option: {err}')
    with open(t.path('file'), 'w', encoding='ascii'):
        pass
    _, _, err = t.run(sw.exe, f'--rundir={t.dir}/file/below', '--detach', rc=1, both=True)
    t.true(f'{t.dir}/file' in err, f'a run directory that cannot be made is refused: {err}')
    _, _, err = t.run(sw.exe, '--rundir=/tmp', 'one', 'two', rc=1, both=True)
    t.match('argument', err)
    _, _, err = t.run(sw.exe, f'--rundir={t.dir}', '--unixctl=/no/such/place', rc=1, both=True)
    t.match('/no/such/place', err)


def test_makes_its_run_directory(t):
    t.skip_on_ovs('its options are its own')
    sw = t.switch(start=False, name='made/on/demand')
    os.rmdir(sw.dir)
    os.rmdir(os.path.dirname(sw.dir))
    sw.start()
    t.equal(sw.vsctl('list-br'), '')


def test_serves_when_detached(t):
    """When --detach returns, database, control socket and pidfile serve; nothing is on stdout."""
    sw = t.switch(start=False)
    _, out, _ = sw.start()
    t.equal(out, '')
    sw.vsctl('--timeout=2', 'show')
    sw.appctl('version')
    t.equal(os.stat(f'/proc/{sw.pid}').st_uid, 0)


def test_readiness_and_signals(t):
    t.skip_on_ovs('it does not speak to systemd')
    sw = t.switch(start=False)
    path = t.path('notify')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(30)
        command = [w for w in sw.command() if w != '--detach']
        process = t.spawn(*command, name='daemon', env=dict(sw.environment, NOTIFY_SOCKET=path))
        said = b''
        while b'READY=1' not in said:
            said = manager.recv(4096)
        sw.pid = process.pid
        sw.vsctl('show')
        os.rename(sw.log, sw.log + '.1')
        os.kill(sw.pid, signal.SIGHUP)
        t.wait('SIGHUP reopens the log', lambda: os.path.exists(sw.log))
        t.equal(process.poll(), None)
        os.kill(sw.pid, signal.SIGTERM)
        t.equal(process.wait(20), 0)
    sw.pid = None
    t.true(not os.path.exists(sw.pid_file), 'the pidfile is removed')


def test_two_daemons_in_two_folders(t):
    t.skip_on_ovs('both would make a device of the same name')
    one, two = t.switch(name='one'), t.switch(name='two')
    one.bridge('brone')
    two.bridge('brtwo')
    t.equal(one.vsctl('list-br') + two.vsctl('list-br'), 'brone\nbrtwo\n')
    one.stop()
    t.equal(two.vsctl('list-br'), 'brtwo\n')


def test_no_hugepages(t):
    t.skip_on_ovs('it needs options for that')
    sw = t.switch()
    # DPDK runs anyway: to ask for it is no change.
    sw.vsctl('set', 'Open_vSwitch', '.', 'other_config:dpdk-init=true')
    t.equal(sw.bad_log_lines(), [])
    t.allow_log('other_config:dpdk-.* has changed; the running DPDK keeps its settings')
    sw.vsctl('set', 'Open_vSwitch', '.', 'other_config:dpdk-extra=--no-huge -m 512')
    t.equal(len(sw.bad_log_lines()), 1, 'it says that a restart is needed')
    sw.stop()
    sw.start()
    sw.bridge()
    sw.port('br0', 'null0', 'dpdk', 'options:dpdk-devargs=net_null0,no-rx=1')
    t.equal(sw.ofport('null0'), 1)
    t.equal(sw.vsctl('get', 'Open_vSwitch', '.', 'dpdk_initialized'), 'true\n')
    t.match(r'\d+', sw.vsctl('get', 'Open_vSwitch', '.', 'dpdk_version'))


def test_threads_are_pinned(t):
    if (os.cpu_count() or 1) < 2:
        t.skip('one core only')
    sw = t.switch()
    sw.vsctl('set', 'Open_vSwitch', '.', 'other_config:pmd-cpu-mask=0x2')
    sw.bridge()
    sw.port('br0', 'null0', 'dpdk', 'options:dpdk-devargs=net_null0,no-rx=1')

    def pinned():
        """The cores of the threads whose name says that they are PMDs."""
        found = []
        for thread in os.listdir(f'/proc/{sw.pid}/task'):
            with open(f'/proc/{sw.pid}/task/{thread}/status', encoding='ascii') as file:
                text = file.read()
            if re.search(r'^Name:\s+pmd', text, re.MULTILINE):
                found.append(re.search(r'^Cpus_allowed_list:\s+(\S+)', text, re.MULTILINE).group(1))
        return sorted(found)
    t.wait('one PMD on core 1', lambda: pinned() == ['1'], 10)
    sw.vsctl('set', 'Open_vSwitch', '.', 'other_config:pmd-cpu-mask=0x3')
    t.wait('PMDs on cores 0 and 1', lambda: pinned() in (['0', '1'], ['1']) if t.peer == 'ovs' else pinned() == ['0', '1'], 10)


@seconds(90)
def test_idle_switch_lets_the_machine_sleep(t):
    t.skip_on_ovs('it polls unless told otherwise')
    sw = t.switch()
    sw.bridge()
    sw.port('br0', 'p0', 'internal')

    def used():
        with open(f'/proc/{sw.pid}/stat', encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
    subprocess.run(['sleep', '2'], check=True)
    before = used()
    subprocess.run(['sleep', '4'], check=True)
    t.true(used() - before < 1.2, f'an idle switch used {used() - before:.1f} s of 4 s')
