# SPDX-License-Identifier: Apache-2.0
"""Network namespaces, veth pairs, raw sockets in them, traffic with sequence numbers."""
import ctypes
import os
import socket
import struct
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6


class Namespace:
    """A named network namespace; gone with the test's own mount namespace."""

    def __init__(self, test, name):
        self.test, self.name = test, name
        test.run('ip', 'netns', 'add', name)
        self.run('ip', 'link', 'set', 'lo', 'up')
        # Router solicitations and the like would come between the frames of a test.
        for knob in ('disable_ipv6',):
            for scope in ('all', 'default'):
                self.run('sh', '-c', f'echo 1 >/proc/sys/net/ipv6/conf/{scope}/{knob} || true')
        test.at_end.append(lambda: test.run('ip', 'netns', 'del', name))

    def run(self, *command, **more):
        return self.test.run('ip', 'netns', 'exec', self.name, *command, **more)

    def adopt(self, device, address=None, mac=None):
        """Move a device here from the test's namespace and bring it up."""
        self.test.run('ip', 'link', 'set', device, 'netns', self.name)
        if mac:
            self.run('ip', 'link', 'set', device, 'address', mac)
        self.run('ip', 'link', 'set', device, 'up')
        if address:
            self.run('ip', 'address', 'add', address, 'dev', device)

    def veth(self, outer, inner='eth0', address=None, mac=None):
        """A veth pair: 'outer' stays with the switch, 'inner' comes here."""
        self.test.run('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', self.name)
        # The pair is deleted with the namespace, but that is done in the background.
        self.test.at_end.append(lambda: self.test.run('ip', 'link', 'del', outer, rc=None))
        self.test.run('sh', '-c', f'echo 1 >/proc/sys/net/ipv6/conf/{outer}/disable_ipv6 || true')
        self.test.run('ip', 'link', 'set', outer, 'up')
        if mac:
            self.run('ip', 'link', 'set', inner, 'address', mac)
        self.run('ip', 'link', 'set', inner, 'up')
        if address:
            self.run('ip', 'address', 'add', address, 'dev', inner)

    def pings(self, address, count=3, wait=1):
        """How many of 'count' pings are answered."""
        out = self.run('ping', '-n', '-c', count, '-i', '0.2', '-W', wait, address, rc=None)
        return int(out.split(' received')[0].rsplit(' ', 1)[-1]) if ' received' in out else 0

    def enter(self, work):
        """Run 'work' in a thread that is inside this namespace; a socket made there stays there."""
        answer = []

        def body():
            file = os.open(f'/run/netns/{self.name}', os.O_RDONLY)
            try:
                if LIBC.setns(file, CLONE_NEWNET) != 0:
                    answer.append(OSError(ctypes.get_errno(), 'setns'))
                    return
                answer.append(work())
            except OSError as problem:
                answer.append(problem)
            finally:
                os.close(file)
        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]

    def raw(self, device='eth0'):
        return self.enter(lambda: Raw(device))

    def udp(self, address=None):
        def make():
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            if address:
                made.bind(address)
            return made
        return self.enter(make)

    def tcp(self):
        return self.enter(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))


class Raw:
    """Frames in and out of a device, with their VLAN tags as they are on the wire."""

    def __init__(self, device):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((device, ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)

    def send(self, *frames):
        for frame in frames:
            self.socket.send(frame)

    def receive(self, limit=0.5):
        """The next frame, or None."""
        self.socket.settimeout(limit)
        try:
            data, extra, _, _ = self.socket.recvmsg(65536, 256)
        except (TimeoutError, BlockingIOError):
            return None
        for level, kind, body in extra:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tci, tpid = struct.unpack('IIIHHHH', body[:20])
                if status & TP_STATUS_VLAN_VALID:
                    data = data[:12] + struct.pack('!HH', tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100, tci) + data[12:]
        return data

    def collect(self, quiet=0.3, want=None):
        """All frames until none has come for 'quiet' seconds, or until there are 'want'."""
        frames = []
        while want is None or len(frames) < want:
            frame = self.receive(quiet)
            if frame is None:
                break
            frames.append(frame)
        return frames


class Stream:
    """UDP datagrams with sequence numbers from one namespace to another; counts what is lost, doubled, out of order."""

    def __init__(self, source, sink, address, port=7000, per_second=1000):
        self.address, self.per_second = (address, port), per_second
        self.out, self.into = source.udp(), sink.udp((address, port))
        self.stop_now = threading.Event()
        self.sent, self.send_errors, self.got, self.disorder, self.seen = 0, 0, 0, 0, set()
        self.threads = [threading.Thread(target=self._send, daemon=True), threading.Thread(target=self._receive, daemon=True)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def _send(self):
        started = time.monotonic()
        while not self.stop_now.is_set():
            due = int((time.monotonic() - started) * self.per_second)
            while self.sent < due:
                self.out.sendto(struct.pack('!Q', self.sent), self.address)
                self.sent += 1
            time.sleep(0.002)

    def _receive(self):
        self.into.settimeout(0.2)
        last, idle = -1, 0
        # After the last datagram has been sent, half a second for what is still under way.
        while not self.stop_now.is_set() or idle < 5:
            try:
                number = struct.unpack('!Q', self.into.recv(100))[0]
            except TimeoutError:
                idle = idle + 1 if self.stop_now.is_set() else 0
                continue
            self.got += 1
            self.disorder += number < last
            last = number
            self.seen.add(number)

    def stop(self):
        """Returns (sent, lost, doubled, out of order)."""
        self.stop_now.set()
        for thread in self.threads:
            thread.join()
        self.out.close()
        self.into.close()
        return self.sent, self.sent - len(self.seen), self.got - len(self.seen), self.disorder
