# SPDX-License-Identifier: Apache-2.0
"""Many ports and many reconfigurations: nothing is lost on ports that are not touched, nothing leaks."""
import time

from lib.frame import seconds
from lib.net import Stream

# 32 DPDK ports are the most that Debian's DPDK is built for; the rest are kernel taps and patches.
N_NULL, N_INTERNAL, N_PATCH = 16, 184, 800


def quiet_pair(t):
    """Two namespaces on internal ports that the test leaves alone, with sequence-numbered traffic between them."""
    sw = t.switch()
    sw.bridge()
    spaces = []
    for number in (1, 2):
        sw.port('br0', f'q{number}', 'internal')
        space = t.namespace()
        space.adopt(f'q{number}', f'10.0.0.{number}/24')
        spaces.append(space)
    t.equal(spaces[0].pings('10.0.0.2'), 3)
    return sw, spaces


def add_words(name, kind, *settings):
    return ['--', 'add-port', 'br0', name, '--', 'set', 'Interface', name, f'type={kind}', *settings]


def many_ports(n_null=N_NULL, n_internal=N_INTERNAL, n_patch=N_PATCH):
    ports = [add_words(f'null{n}', 'dpdk', f'options:dpdk-devargs=net_null{n},no-rx=1') for n in range(n_null)]
    ports += [add_words(f'int{n}', 'internal') for n in range(n_internal)]
    ports += [add_words(f'pat{n}', 'patch', f'options:peer=pat{n ^ 1}') for n in range(n_patch)]
    return ports


def check_stream(t, stream, what):
    sent, lost, doubled, disorder = stream.stop()
    t.say(f'{what}: {sent} sent, {lost} lost, {doubled} doubled, {disorder} out of order')
    t.true(sent > 100, f'{what}: traffic flowed ({sent})')
    t.equal((lost, doubled, disorder), (0, 0, 0), f'{what}: lost, doubled, out of order of {sent}')


@seconds(240)
def test_thousand_ports_in_one_transaction(t):
    sw, (one, two) = quiet_pair(t)
    ports = many_ports()
    stream = Stream(one, two, '10.0.0.2').start()
    for turn in range(2):
        started = time.monotonic()
        sw.vsctl(*[word for words in ports for word in words][1:], limit=100, timeout=110)
        added = time.monotonic()
        names = sw.vsctl('list-ports', 'br0').split()
        t.equal(len(names), len(ports) + 2)
        numbers = sw.vsctl('--no-headings', '--columns=ofport', 'list', 'Interface').split()
        t.true('-1' not in numbers and len(set(numbers)) == len(ports) + 3, 'every port has a number of its own')
        removal = [w for words in ports for w in ('--', 'del-port', 'br0', words[3])][1:]
        middle = time.monotonic()
        sw.vsctl(*removal, limit=100, timeout=110)
        t.say(f'turn {turn}: {len(ports)} ports added in {added - started:.1f} s, removed in {time.monotonic() - middle:.1f} s')
        t.equal(sw.vsctl('list-ports', 'br0').split(), ['q1', 'q2'])
    check_stream(t, stream, '1000 ports at once')


@seconds(400)
def test_thousand_ports_one_by_one(t):
    sw, (one, two) = quiet_pair(t)
    stream = Stream(one, two, '10.0.0.2').start()
    ports = many_ports(8, 92, 900)
    started = time.monotonic()
    for words in ports:
        sw.vsctl(*words[1:])
    added = time.monotonic()
    t.equal(len(sw.vsctl('list-ports', 'br0').split()), len(ports) + 2)
    for words in ports:
        sw.vsctl('del-port', 'br0', words[3])
    t.say(f'{len(ports)} ports added in {added - started:.1f} s, removed in {time.monotonic() - added:.1f} s')
    t.equal(sw.vsctl('list-ports', 'br0').split(), ['q1', 'q2'])
    check_stream(t, stream, '1000 ports one by one')


@seconds(240)
def test_reconfigurations_under_traffic(t):
    sw, (one, two) = quiet_pair(t)
    stream = Stream(one, two, '10.0.0.2').start()
    memory, files = [], []

    def change(number):
        name = f'x{number % 7}'
        kind = number % 5
        if kind == 0:
            sw.vsctl(*add_words(name, 'internal')[1:], '--', 'del-port', name)
        elif kind == 1:
            sw.vsctl(*add_words(name, 'dpdk', 'options:dpdk-devargs=net_null7,no-rx=1')[1:])
            sw.vsctl('del-port', name)
        elif kind == 2:
            sw.vsctl('add-br', 'br9', '--', 'set', 'bridge', 'br9', 'datapath_type=netdev')
            sw.vsctl('del-br', 'br9')
        elif kind == 3:
            sw.vsctl(*add_words('y0', 'internal')[1:], '--', 'set', 'port', 'y0', f'tag={number + 1}')
            sw.vsctl('set', 'port', 'y0', 'trunks=1,2', 'vlan_mode=native-tagged')
            sw.vsctl('del-port', 'y0')
        else:
            sw.ofctl('add-flow', 'br0', f'table=3,priority={number + 1},udp,tp_dst={number + 1},actions=drop')
            sw.ofctl('del-flows', 'br0', 'table=3')
    for number in range(200):
        change(number)
        if number % 20 == 19:
            memory.append(sw.memory_kb())
            files.append(sw.files())
    check_stream(t, stream, '200 reconfigurations')
    t.say(f'memory {memory} KB, files {files}')
    # The first rounds fill pools and caches; from then on it must stay.
    # AddressSanitizer keeps what was freed; it looks for leaks by itself.
    t.true(sw.is_sanitized() or memory[-1] - memory[3] < 2048, f'memory stays: {memory} KB')
    t.true(files[-1] <= files[3], f'open files stay: {files}')


@seconds(240)
def test_hundred_bridges(t):
    sw = t.switch()
    started = time.monotonic()
    for number in range(100):
        sw.bridge(f'b{number}')
    t.say(f'100 bridges in {time.monotonic() - started:.1f} s')
    t.equal(len(sw.vsctl('list-br').split()), 100)
    t.match('LOCAL', sw.ofctl('show', 'b99'))
    sw.vsctl(*[w for n in range(100) for w in ('--', 'del-br', f'b{n}')][1:])
    t.equal(sw.vsctl('list-br'), '')
