# SPDX-License-Identifier: Apache-2.0
"""The switch under test: start, stop, kill, and the stock tools against it.  Sluice, or Open vSwitch as a peer."""
import glob
import json
import os
import re
import shutil
import signal
import socket
import time

CACHE = os.environ.get('SLUICE_CACHE', '/var/cache/sluice')
OVS_DAEMONS = ['/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk',
               CACHE + '/openvswitch-switch-dpdk/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk']
os.environ['PATH'] += f':{CACHE}/openvswitch-switch/usr/bin:/usr/sbin:/sbin'
LEVELS = ('|WARN|', '|ERR|', '|EMER|')


class Switch:
    """What both have in common."""

    def __init__(self, test, folder):
        self.test, self.dir = test, folder
        os.makedirs(folder, exist_ok=True)
        self.log = os.path.join(folder, 'vswitchd.log')
        self.pid_file = os.path.join(folder, 'vswitchd.pid')
        self.db = 'unix:' + os.path.join(folder, 'db.sock')
        self.pid = None
        self.environment = dict(os.environ, OVS_RUNDIR=folder, OVS_LOGDIR=folder, OVS_DBDIR=folder, OVS_SYSCONFDIR=folder)

    def tool(self, *command, **more):
        return self.test.run(*command, env=self.environment, **more)

    def vsctl(self, *words, **more):
        return self.tool('ovs-vsctl', '--db=' + self.db, f'--timeout={more.pop("limit", 20)}', *words, **more)

    def ofctl(self, command, bridge, *words, version='OpenFlow13', **more):
        return self.tool('ovs-ofctl', '-O', version, command, f'unix:{self.dir}/{bridge}.mgmt', *words, **more)

    def dbclient(self, command, *words, **more):
        return self.tool('ovsdb-client', '--timeout=10', command, self.db, *words, **more)

    def ctl_path(self):
        found = glob.glob(f'{self.dir}/*.{self.pid}.ctl')
        self.test.equal(len(found), 1, 'control sockets of the daemon')
        return found[0]

    def appctl(self, *words, **more):
        return self.tool('ovs-appctl', '--timeout=20', '-t', self.ctl_path(), *words, **more)

    def read_pid(self):
        with open(self.pid_file, encoding='ascii') as file:
            self.pid = int(file.read())

    def alive(self):
        """Whether the daemon runs; reaps it when not."""
        if self.pid is None:
            return False
        try:
            done, _ = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.pid = None
                return False
            return True
        except ChildProcessError:
            return os.path.exists(f'/proc/{self.pid}')

    def kill(self, how=signal.SIGKILL):
        """End the daemon by a signal, and wait until it is gone."""
        os.kill(self.pid, how)
        self.test.wait('the daemon ends by signal', lambda: not self.alive(), 20, 0.02)

    def memory_kb(self):
        with open(f'/proc/{self.pid}/status', encoding='ascii') as file:
            return int(re.search(r'VmRSS:\s+(\d+)', file.read()).group(1))

    def is_sanitized(self):
        """Whether the daemon was built with AddressSanitizer."""
        with open(f'/proc/{self.pid}/maps', encoding='ascii', errors='replace') as file:
            return 'libasan' in file.read()

    def files(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))

    def wait_gone(self, limit=20):
        self.test.wait('the daemon ends', lambda: not self.alive(), limit, 0.02)

    # Things that most tests do.

    def bridge(self, name='br0', *settings):
        words = ['add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev', *settings]
        self.vsctl(*words)
        return name

    def port(self, bridge, name, kind='', *settings):
        words = ['add-port', bridge, name]
        setting = ([f'type={kind}'] if kind else []) + list(settings)
        self.vsctl(*words, *(['--', 'set', 'Interface', name, *setting] if setting else []))

    def ofport(self, name):
        return int(self.vsctl('get', 'Interface', name, 'ofport'))

    def statistics(self, name):
        text = self.vsctl('get', 'Interface', name, 'statistics')
        return {k: int(v) for k, v in re.findall(r'(\w+)=(\d+)', text)}

    def flows(self, bridge, *words, version='OpenFlow13'):
        """The rules' text without counters and times."""
        text = self.ofctl('dump-flows', bridge, *words, version=version)
        rows = [row.strip() for row in text.splitlines() if 'actions=' in row]
        return sorted(re.sub(r'(cookie=0x0|duration=[^,]*|table=0|n_packets=\d+|n_bytes=\d+|reset_counts|(idle|hard)_age=\d+),? ?', '', row).strip()
                      for row in rows)

    def bad_log_lines(self):
        return []


class SluiceSwitch(Switch):
    """The daemon of the build directory."""

    def __init__(self, test, folder):
        super().__init__(test, folder)
        self.exe = os.path.join(test.args.builddir, 'vswitchd', 'sluice-vswitchd')
        self.ctl_exe = os.path.join(test.args.builddir, 'utilities', 'ctl', 'sluicectl')
        # A sanitizer's findings go to files that finish() looks for.
        self.environment['ASAN_OPTIONS'] = f'log_path={folder}/sanitizer,detect_leaks=1'
        self.environment['UBSAN_OPTIONS'] = f'log_path={folder}/sanitizer,print_stacktrace=1'

    def command(self, *more):
        return [self.exe, f'--rundir={self.dir}', f'--pidfile={self.pid_file}', f'--log-file={self.log}', '--detach', *more]

    def start(self, *more, rc=0):
        answer = self.test.run(*self.command(*more), rc=rc, both=True, timeout=60, env=self.environment)
        if rc == 0:
            self.read_pid()
        return answer

    def stop(self):
        self.appctl('exit')
        self.wait_gone()

    def sluicectl(self, *words, **more):
        return self.tool(self.ctl_exe, f'--rundir={self.dir}', *words, **more)

    def ask(self, command, *words):
        """What the daemon itself answers to a runtime command, as JSON.  ovs-appctl lets only text pass."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(20)
            control.connect(self.ctl_path())
            control.sendall(json.dumps({'id': 1, 'method': command, 'params': ['--json', *words]}).encode())
            said = b''
            while True:
                said += control.recv(65536)
                try:
                    answer = json.loads(said)
                    break
                except ValueError:
                    continue
        self.test.equal(answer['error'], None, command)
        return answer['result']

    def json(self, *words):
        return json.loads(self.sluicectl('--json', *words))

    def bad_log_lines(self):
        try:
            with open(self.log, encoding='utf-8', errors='replace') as file:
                return [row.rstrip() for row in file if any(level in row for level in LEVELS)]
        except OSError:
            return []

    def finish(self):
        complaints = []
        if self.pid is not None:
            if not self.alive():
                complaints.append('the daemon had ended before the test did')
            else:
                try:
                    self.stop()
                except Exception as problem:  # pylint: disable=broad-except
                    complaints.append(f'the daemon does not stop when asked: {problem}')
                    self.kill()
        for path in glob.glob(self.dir + '/sanitizer*'):
            with open(path, encoding='utf-8', errors='replace') as file:
                complaints.append(f'{path}:\n{file.read()[:4000]}')
        return complaints


class OvsSwitch(Switch):
    """Debian's OVS-DPDK with its database server."""

    def __init__(self, test, folder):
        super().__init__(test, folder)
        self.exe = next((e for e in OVS_DAEMONS if os.path.exists(e)), None)
        if self.exe is None or shutil.which('ovsdb-server') is None:
            test.skip('openvswitch-switch-dpdk is neither installed nor unpacked')
        self.server_pid_file = os.path.join(folder, 'ovsdb-server.pid')
        self.server_pid = None

    def start(self, *more, rc=0):
        if not os.path.exists(self.dir + '/conf.db'):
            self.tool('ovsdb-tool', 'create', self.dir + '/conf.db', '/usr/share/openvswitch/vswitch.ovsschema')
        if self.server_pid is None:
            self.tool('ovsdb-server', self.dir + '/conf.db', '--remote=p' + self.db, f'--pidfile={self.server_pid_file}', '--detach',
                      f'--log-file={self.dir}/ovsdb-server.log')
            with open(self.server_pid_file, encoding='ascii') as file:
                self.server_pid = int(file.read())
            self.vsctl('--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:dpdk-init=true', 'other_config:pmd-sleep-max=100',
                       f'other_config:dpdk-extra=--no-pci --no-huge --legacy-mem -m 3072 --no-shconf --file-prefix={os.path.basename(self.test.dir)}')
        answer = self.test.run(self.exe, self.db, f'--pidfile={self.pid_file}', f'--log-file={self.log}', '--detach', *more,
                               rc=rc, both=True, timeout=60, env=self.environment)
        if rc == 0:
            self.read_pid()
        return answer

    def stop(self):
        self.appctl('exit', '--cleanup')
        self.wait_gone()

    def finish(self):
        if self.alive():
            self.stop()
        if self.server_pid is not None:
            os.kill(self.server_pid, signal.SIGTERM)
            for _ in range(100):
                if os.waitpid(self.server_pid, os.WNOHANG)[0]:
                    break
                time.sleep(0.05)
        return []


