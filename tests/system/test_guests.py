# SPDX-License-Identifier: Apache-2.0
"""Two Linux guests in QEMU on vhost-user client ports: traffic, reconnection after a crash of either side."""
import os
import re

from guest import IMAGE, Guest, GuestError
from lib.frame import seconds


def two_guests(t):
    t.need('qemu-system-x86_64')
    if not os.path.exists(IMAGE + '/initramfs'):
        t.skip(f'no guest in {IMAGE}; utilities/check and utilities/quickstart build it')
    t.allow_log('vhost|VHOST')
    sw = t.switch()
    sw.bridge()
    guests = []
    for number in (1, 2):
        sw.port('br0', f'vm{number}', 'dpdkvhostuserclient', f'options:vhost-server-path={t.path(f"vm{number}.sock")}')
        guests.append(Guest(t.dir, f'vm{number}'))
        t.at_end.append(guests[-1].kill)
        boot(t, guests[-1], number)
    for guest in guests:
        guest.wait_up(60)
    return sw, guests


def boot(t, guest, number):
    guest.start(t.path(f'vm{number}.sock'), f'10.0.0.{number}/24', 'server' if number == 1 else 'client', f'02:00:00:00:00:0{number}')


def reaches(guest, address):
    try:
        return guest.run(f'ping -c 1 -W 1 {address}', 10)[0] == 0
    except GuestError:
        return False


@seconds(180)
def test_ping_and_tcp(t):
    sw, (_, two) = two_guests(t)
    t.wait('the guests reach each other', lambda: reaches(two, '10.0.0.1'), 30)
    t.match('5 packets received', two.check('ping -c 5 -i 0.2 10.0.0.1'))
    two.check('ping -c 3 -i 0.2 -s 1400 10.0.0.1')
    t.say(two.send_tcp('10.0.0.1', 8))
    for name in ('vm1', 'vm2'):
        t.wait(f'the statistics of {name} show the transfer', lambda name=name: min(sw.statistics(name).get(k, 0) for k in ('rx_bytes', 'tx_bytes')) > 30000)
        t.equal(sw.vsctl('get', 'Interface', name, 'link_state'), 'up\n')
    t.match('02:00:00:00:00:01', sw.appctl('fdb/show', 'br0'))


@seconds(180)
def test_killed_guest_reconnects(t):
    sw, (one, two) = two_guests(t)
    t.wait('the guests reach each other', lambda: reaches(two, '10.0.0.1'), 30)
    one.kill()
    t.wait('the link goes down', lambda: sw.vsctl('get', 'Interface', 'vm1', 'link_state') == 'down\n', 15, 0.3)
    t.true(not reaches(two, '10.0.0.1'), 'nobody answers')
    boot(t, one, 1)
    one.wait_up(60)
    t.wait('the guests reach each other again', lambda: reaches(two, '10.0.0.1'), 30)
    two.send_tcp('10.0.0.1', 2)


@seconds(180)
def test_killed_daemon_returns(t):
    sw, (one, two) = two_guests(t)
    t.wait('the guests reach each other', lambda: reaches(two, '10.0.0.1'), 30)
    before = sw.vsctl('--columns=name,ofport', 'list', 'Interface')
    boots = two.check('cat /proc/sys/kernel/random/boot_id')
    sw.kill()
    sw.start()
    t.equal(sw.vsctl('--columns=name,ofport', 'list', 'Interface'), before, 'the configuration is intact')
    t.wait('the guests reach each other again', lambda: reaches(two, '10.0.0.1'), 30)
    two.send_tcp('10.0.0.1', 2)
    t.equal(two.check('cat /proc/sys/kernel/random/boot_id'), boots, 'the same guest')
    # Several times, while traffic is under way.
    two.check('ping -i 0.1 -c 600 10.0.0.1 >/tmp/ping 2>&1 &')
    for _ in range(3):
        sw.kill()
        sw.start()
        t.wait('the guests reach each other again', lambda: reaches(two, '10.0.0.1'), 30)
    two.check('killall -INT ping; sleep 1')
    said = two.check('tail -n 3 /tmp/ping')
    t.say(said)
    t.true(re.search(r'(\d+) packets received', said) is not None, said)
    t.true(reaches(one, '10.0.0.2'), 'and in the other direction')
