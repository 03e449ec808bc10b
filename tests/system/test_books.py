# SPDX-License-Identifier: Apache-2.0
"""The books balance: every packet received, injected or cloned is sent, dropped under one reason, or punted."""
from lib import corpus
from lib.frame import seconds
from test_dpdk import N_LEAD_IN, pcap_ports
from test_openflow import rules, udp, wires

CREDIT, DEBIT = ('rx', 'injected', 'cloned'), ('tx', 'dropped', 'punted', 'in_flight')


def books(sw):
    """The totals and the drops by reason, taken at one moment."""
    said = sw.ask('books/show')
    return said, said['drops']


def balanced(t, sw):
    def even():
        totals, drops = books(sw)
        return totals if sum(totals[k] for k in CREDIT) == sum(totals.get(k, 0) for k in DEBIT) and totals['dropped'] == sum(drops.values()) else None
    try:
        return t.wait('the books balance', even, 10, 0.2)
    except AssertionError as problem:
        raise AssertionError(f'{problem}: {books(sw)}') from None


@seconds(90)
def test_corpus(t):
    t.skip_on_ovs('it keeps no books')
    sw = t.switch()
    packets = corpus.frames()
    short = [bytes(n) for n in range(1, 14)]
    pcap_ports(t, sw, packets + short)
    n = N_LEAD_IN + len(packets) + len(short)
    t.wait('the file has been read', lambda: books(sw)[0]['rx'] >= n, 20, 0.3)
    totals = balanced(t, sw)
    drops = books(sw)[1]
    t.equal(totals['tx'], len(packets), f'sent: {totals}')
    t.equal(drops.get('rx_runt'), len(short), f'dropped by reason: {drops}')
    # The file is read faster than its first flow is judged: what does not fit into the queue is lost there.
    t.equal(drops['rule_drop'] + drops.get('miss_quota', 0), N_LEAD_IN, f'dropped by reason: {drops}')


@seconds(90)
def test_every_way_out(t):
    t.skip_on_ovs('it keeps no books')
    sw, raws = wires(t, 3)
    for rule, frames in (('actions=drop', 5), ('actions=output:2', 5), ('actions=output:2,output:3', 5), ('actions=flood', 5), ('actions=controller', 5),
                         ('ip,actions=dec_ttl,output:2', 5), ('actions=in_port', 5), ('actions=NORMAL', 5)):
        rules(t, sw, rule)
        before = books(sw)[0]['rx']
        for number in range(frames):
            raws[1].send(udp(sport=1000 + number), udp(sport=1000 + number, ttl=1))
        t.wait(f'{rule}: they are received', lambda: books(sw)[0]['rx'] >= before + 2 * frames)
        balanced(t, sw)
    sw.ofctl('packet-out', 'br0', f'in_port=CONTROLLER packet={udp().hex()} actions=output:2')
    totals = balanced(t, sw)
    t.true(totals['injected'] >= 1, f'a packet-out is counted: {totals}')
    # What a device that is down does not take is told from what a busy one does not.
    rules(t, sw, 'actions=LOCAL')
    raws[1].send(udp(), udp(), udp())
    t.wait('three drops at the local port', lambda: sw.ask('drops/show')['ports']['br0'].get('tx_port_down', 0) >= 3)
    # A port that goes away with packets on their way leaves the books even.
    rules(t, sw, 'actions=output:3')
    for number in range(200):
        raws[1].send(udp(sport=number))
    sw.vsctl('del-port', 'v3')
    balanced(t, sw)


def test_drops_by_port(t):
    t.skip_on_ovs('it keeps no books')
    sw, raws = wires(t, 2)
    rules(t, sw, 'actions=drop')
    before = sum(books(sw)[1].values())
    for number in range(10):
        raws[1].send(udp(sport=number))
    t.wait('ten drops', lambda: sum(books(sw)[1].values()) == before + 10)
    shown = sw.ask('drops/show')
    t.equal(shown['ports']['v1'].get('rule_drop', 0) >= 10, True, f'under its reason at its port: {shown}')
    t.equal(shown['total'], sum(shown['reasons'].values()))
    for reason, n in shown['reasons'].items():
        t.true(sum(port.get(reason, 0) for port in shown['ports'].values()) <= n, f'{reason}: {shown}')
    t.match(r'^v1 +rule_drop +\d+', sw.appctl('drops/show'))
