# SPDX-License-Identifier: Apache-2.0
"""Guests made of dpdk-testpmd with virtio-user devices: no emulator, full speed, both socket roles."""
import re


class Testpmd:
    """One testpmd with a virtio-user device per socket.  'listens': it is the server of its sockets."""

    count = 0

    def __init__(self, test, sockets, mode='io', listens=True, options='', extra=()):
        test.need('dpdk-testpmd')
        Testpmd.count += 1
        self.test, self.sockets = test, sockets
        self.name = f'testpmd{Testpmd.count}'
        vdevs = []
        for number, path in enumerate(sockets):
            role = ',server=1' if listens else ''
            vdevs += ['--vdev', f'net_virtio_user{number},path={path},queues=1{role}{options}']
        # Two EAL lcores on whatever cores there are; ordinary memory, shared with the switch by file descriptor.
        self.process = test.spawn('dpdk-testpmd', '--lcores', '0@0,1@(0-1)', '-n', '1', '--no-pci', '--no-huge', '-m', '256', '--no-telemetry',
                                  '--file-prefix', f'{test.dir.rsplit("/", 1)[-1]}{self.name}', *vdevs, '--', f'--forward-mode={mode}',
                                  '--auto-start', '--stats-period=1', '--total-num-mbufs=8192', '--no-mlockall', *extra, name=self.name)

    def said(self):
        with open(self.process.out, encoding='utf-8', errors='replace') as file:
            return file.read()

    def counts(self, port=0):
        """The newest (received, sent) of a port."""
        rows = re.findall(rf'NIC statistics for port {port}\s.*?RX-packets: (\d+).*?TX-packets: (\d+)', self.said(), re.DOTALL)
        return tuple(map(int, rows[-1])) if rows else (0, 0)

    def kill(self):
        self.process.kill()
        self.process.wait(10)
