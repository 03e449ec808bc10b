#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Small Linux guests in QEMU on vhost-user sockets: start them, run commands in them, end them.

As a program:
    guest.py --vhost SOCKET --addr A.B.C.D/LEN [--role server] [--backend-listens] [--kvm] start DIR NAME
    guest.py wait  DIR NAME [SECONDS]       until its console answers
    guest.py [--seconds N] run DIR NAME COMMAND   prints the output, exits with the command's status
    guest.py shell DIR NAME                 one command per line, until end of input
    guest.py stop  DIR NAME
DIR holds NAME.console (a socket), NAME.log (all that the console said) and NAME.pid.
As a module: class Guest, the same steps as methods.  The guest's kernel and initramfs come from mkinitramfs;
their folder is IMAGE, or in the environment SLUICE_CACHE + '/guest'.
"""
import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import time

QEMU = 'qemu-system-x86_64'
IMAGE = os.path.join(os.environ.get('SLUICE_CACHE', '/var/cache/sluice'), 'guest')


class GuestError(Exception):
    """What went wrong with a guest, for people."""


def kvm_works():
    """Whether QEMU can use /dev/kvm here; that it exists does not say so."""
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return False
    try:
        done = subprocess.run([QEMU, '-machine', 'pc,accel=kvm', '-nodefaults', '-display', 'none', '-S', '-monitor', 'stdio'],
                              input=b'quit\n', capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


class Guest:
    """One guest.  Nothing is started before start()."""

    def __init__(self, folder, name, image=IMAGE):
        self.folder, self.name, self.image = folder, name, image
        self.console_path = os.path.join(folder, name + '.console')
        self.pid_path = os.path.join(folder, name + '.pid')
        self.log_path = os.path.join(folder, name + '.log')
        self.process = None
        self.console = None

    def start(self, vhost, addr='', role='client', mac='02:00:00:00:00:01', mtu=None, backend_listens=False,
              kvm=False, memory_mb=128):
        """Start QEMU.  'vhost' is the socket; QEMU listens on it unless 'backend_listens'."""
        for part in ('vmlinuz', 'initramfs'):
            if not os.path.exists(os.path.join(self.image, part)):
                raise GuestError(f'{self.image}/{part} is missing; utilities/guest/mkinitramfs builds it')
        for stale in (self.console_path, self.pid_path):
            if os.path.exists(stale):
                os.unlink(stale)
        if not backend_listens and os.path.exists(vhost):
            os.unlink(vhost)
        words = f'console=ttyS0 quiet panic=1 sluice.name={self.name} sluice.role={role}'
        words += f' sluice.addr={addr}' if addr else ''
        words += f' sluice.mtu={mtu}' if mtu else ''
        side = 'server=off,reconnect=1' if backend_listens else 'server=on,wait=off'
        # QEMU's vhost-user without KVM fails with MSI-X vectors; plain interrupts work in both.
        command = [QEMU, '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-monitor', 'none',
                   '-machine', f'pc,accel={"kvm" if kvm else "tcg"},memory-backend=mem',
                   '-m', str(memory_mb), '-object', f'memory-backend-memfd,id=mem,size={memory_mb}M,share=on',
                   '-kernel', os.path.join(self.image, 'vmlinuz'), '-initrd', os.path.join(self.image, 'initramfs'),
                   '-append', words,
                   '-chardev', f'socket,id=console,path={self.console_path},server=on,wait=off,logfile={self.log_path}',
                   '-serial', 'chardev:console',
                   '-chardev', f'socket,id=vhost,path={vhost},{side}',
                   '-netdev', 'vhost-user,id=net,chardev=vhost',
                   '-device', f'virtio-net-pci,netdev=net,mac={mac},vectors=0,romfile=']
        with open(self.log_path + '.qemu', 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        with open(self.pid_path, 'w', encoding='ascii') as file:
            file.write(f'{self.process.pid}\n')
        limit = time.monotonic() + 10
        while not os.path.exists(self.console_path):
            if self.process.poll() is not None or time.monotonic() > limit:
                with open(self.log_path + '.qemu', encoding='utf-8', errors='replace') as file:
                    raise GuestError(f'{QEMU} for {self.name} did not start: {file.read()[-500:]}')
            time.sleep(0.05)
        return self

    def attach(self):
        """Use a guest that another process has started."""
        if self.process is None and self.pid() is None:
            raise GuestError(f'no guest {self.name} runs in {self.folder}')
        return self

    def pid(self):
        """Its process, or None when it has ended."""
        if self.process is not None:
            return self.process.pid if self.process.poll() is None else None
        try:
            with open(self.pid_path, encoding='ascii') as file:
                pid = int(file.read())
            with open(f'/proc/{pid}/cmdline', encoding='utf-8', errors='replace') as file:
                return pid if self.console_path in file.read() else None
        except (OSError, ValueError):
            return None

    def _connect(self):
        if self.console is None:
            self.console = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.console.connect(self.console_path)
            except OSError as error:
                self.console = None
                raise GuestError(f'console of {self.name}: {error}') from None

    def _read_until(self, mark, deadline):
        """Output up to the line that starts with 'mark', and the rest of that line; None when time is up."""
        got = b''
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.console.settimeout(left)
            try:
                more = self.console.recv(65536)
            except TimeoutError:
                return None
            if not more:
                raise GuestError(f'guest {self.name} has ended; see {self.log_path}')
            got += more.replace(b'\r', b'')
            start = 0 if got.startswith(mark) else got.find(b'\n' + mark) + 1
            if (start or got.startswith(mark)) and b'\n' in got[start:]:
                return got[:start].decode(errors='replace'), got[start + len(mark):].split(b'\n')[0].decode(errors='replace').strip()

    def wait_up(self, seconds=120):
        """Wait until the console answers.  Returns the seconds that it took."""
        started = time.monotonic()
        self._connect()
        mark = f'@{secrets.token_hex(4)}'
        while time.monotonic() - started < seconds:
            if self.pid() is None:
                raise GuestError(f'guest {self.name} ended while booting; see {self.log_path} and {self.log_path}.qemu')
            try:
                self.console.settimeout(1)
                self.console.sendall(f'echo {mark[:1]}"{mark[1:]}"\n'.encode())
                if self._read_until(mark.encode(), time.monotonic() + 1) is not None:
                    return time.monotonic() - started
            except TimeoutError:
                pass  # QEMU reads nothing before the switch has connected to its socket.
        raise GuestError(f'guest {self.name} did not come up within {seconds} s: either it is slow, or no switch '
                         f'has connected to its vhost-user socket; see {self.log_path}')

    def run(self, command, seconds=30):
        """Run one line of shell.  Returns (status, output)."""
        if '\n' in command:
            raise GuestError('a guest runs one line at a time')
        self._connect()
        mark = f'@{secrets.token_hex(4)}'
        # The mark is split in what is sent, so that an echo of it does not count.
        self.console.sendall(f'( {command} ); rc=$?; echo; echo {mark[:1]}"{mark[1:]} $rc"\n'.encode())
        answer = self._read_until(mark.encode(), time.monotonic() + seconds)
        if answer is None:
            self.console.close()
            self.console = None
            raise GuestError(f'guest {self.name}: no answer within {seconds} s to: {command}')
        return int(answer[1]), answer[0].rstrip('\n')

    def check(self, command, seconds=30):
        """Run one line of shell that must succeed.  Returns its output."""
        status, output = self.run(command, seconds)
        if status != 0:
            raise GuestError(f'guest {self.name}: status {status} of: {command}\n{output}')
        return output

    def send_tcp(self, address, megabytes, seconds=120):
        """Send random bytes to the server guest at 'address'; its sum must be the one computed here."""
        count = megabytes << 20
        return self.check(f'[ -e /tmp/blob{megabytes} ] || head -c {count} /dev/urandom >/tmp/blob{megabytes}; '
                          f'ours=$(md5sum </tmp/blob{megabytes}); t=$(date +%s); '
                          f'theirs=$( (echo {count}; cat /tmp/blob{megabytes}) | nc -w 10 {address} 5001); '
                          f'echo "sent {count} bytes in $(($(date +%s) - t)) s, sum here $ours, there $theirs"; '
                          '[ "$ours" = "$theirs" ]', seconds)

    def kill(self):
        """End QEMU at once, as a crash would."""
        if self.console is not None:
            self.console.close()
            self.console = None
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            limit = time.monotonic() + 10
            while self.pid() is not None and time.monotonic() < limit:
                time.sleep(0.02)
        if self.process is not None:
            self.process.wait(10)
        self.process = None
        for left in (self.pid_path, self.console_path):
            if os.path.exists(left):
                os.unlink(left)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('verb', choices=['start', 'wait', 'run', 'shell', 'stop', 'tcp', 'kvm-works'])
    parser.add_argument('dir', nargs='?')
    parser.add_argument('name', nargs='?')
    parser.add_argument('words', nargs=argparse.REMAINDER)
    parser.add_argument('--vhost')
    parser.add_argument('--addr', default='')
    parser.add_argument('--mac', default='02:00:00:00:00:01')
    parser.add_argument('--role', default='client')
    parser.add_argument('--backend-listens', action='store_true')
    parser.add_argument('--kvm', action='store_true')
    parser.add_argument('--seconds', type=float, default=60, help='time limit of run and tcp')
    args = parser.parse_args()
    if args.verb == 'kvm-works':
        return 0 if kvm_works() else 1
    guest = Guest(args.dir, args.name)
    if args.verb == 'start':
        guest.start(args.vhost, args.addr, args.role, args.mac, backend_listens=args.backend_listens, kvm=args.kvm)
        return 0
    if args.verb == 'stop':
        guest.kill()
        return 0
    guest.attach()
    if args.verb == 'wait':
        guest.wait_up(float(args.words[0]) if args.words else 120)
        return 0
    if args.verb == 'tcp':
        print(guest.send_tcp(args.words[0], int(args.words[1]), args.seconds))
        return 0
    if args.verb == 'shell':
        for line in sys.stdin:
            print(guest.run(line.strip() or ':', args.seconds)[1])
        return 0
    status, output = guest.run(' '.join(args.words), args.seconds)
    print(output)
    return status


if __name__ == '__main__':
    try:
        sys.exit(main())
    except GuestError as problem:
        sys.exit(f'guest.py: {problem}')
