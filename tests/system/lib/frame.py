# SPDX-License-Identifier: Apache-2.0
"""The frame of a system test: its run directory, processes, namespaces, switch; and what must hold when it ends."""
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from . import net
from .switch import OvsSwitch, SluiceSwitch

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_CHILD_SUBREAPER = 36


class Skip(Exception):
    """The test cannot run here; says why."""


class Failed(AssertionError):
    """A check of the frame's that did not hold."""


def seconds(limit):
    """Decorator: the test's time limit."""
    def mark(function):
        function.seconds = limit
        return function
    return mark


class Test:
    """What a test function is given."""

    def __init__(self, args):
        self.args = args
        self.peer = args.peer
        self.verbose = args.verbose
        self.dir = tempfile.mkdtemp(prefix='slt')
        self.allowed_log = []
        self.at_end = []
        self.switches = []
        self.processes = []
        self.n_namespaces = 0

    # What a test may need.

    def skip(self, reason):
        raise Skip(reason)

    def skip_on_ovs(self, reason):
        """Sluice promises more here than the peer does."""
        if self.peer == 'ovs':
            raise Skip(f'not with Open vSwitch: {reason}')

    def need(self, *programs):
        for program in programs:
            if shutil.which(program) is None:
                raise Skip(f'{program} is not installed')

    def allow_log(self, *patterns):
        """These WARN or ERR lines are expected of the daemon in this test."""
        self.allowed_log += patterns

    def path(self, name):
        return os.path.join(self.dir, name)

    def say(self, *words):
        if self.verbose:
            print('   ', *words, flush=True)

    # Processes.

    def run(self, *command, rc=0, timeout=30, both=False, **more):
        """Run a command that must end with status 'rc' (None: any).  Returns its output, or (rc, out, err) if 'both'."""
        self.say('$', *command)
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, errors='replace', timeout=timeout,
                              check=False, **more)
        if rc is not None and done.returncode != rc:
            raise Failed(f'status {done.returncode}, not {rc}: {" ".join(map(str, command))}\n{done.stdout[-2000:]}{done.stderr[-2000:]}')
        return (done.returncode, done.stdout, done.stderr) if both else done.stdout

    def spawn(self, *command, name='process', **more):
        """Start a process that lives until the end of the test at the longest; its output goes to NAME.out."""
        self.say('&', *command)
        with open(self.path(name + '.out'), 'ab') as out:
            process = subprocess.Popen([str(c) for c in command], stdout=more.pop('stdout', out), stderr=subprocess.STDOUT,
                                       stdin=more.pop('stdin', subprocess.DEVNULL), **more)
        process.out = self.path(name + '.out')
        self.processes.append(process)
        return process

    def end(self, process, how=signal.SIGTERM, limit=15):
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(limit)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def wait(self, what, question, limit=10, every=0.05):
        """Poll 'question' until it is true; fail with 'what' after 'limit' seconds.  Returns its value."""
        deadline = time.monotonic() + limit * self.args.slower
        while True:
            answer = question()
            if answer:
                return answer
            if time.monotonic() > deadline:
                raise Failed(f'not within {limit} s: {what}')
            time.sleep(every)

    # The switch and what stands around it.

    def switch(self, start=True, name='sw'):
        kind = OvsSwitch if self.peer == 'ovs' else SluiceSwitch
        switch = kind(self, os.path.join(self.dir, name))
        self.switches.append(switch)
        if start:
            switch.start()
        return switch

    def namespace(self, name=None):
        self.n_namespaces += 1
        return net.Namespace(self, name or f'n{self.n_namespaces}')

    # Checks.

    @staticmethod
    def equal(got, want, what=''):
        if got != want:
            raise Failed(f'{what + ": " if what else ""}got {got!r}, want {want!r}')

    @staticmethod
    def true(answer, what):
        if not answer:
            raise Failed(what)

    @staticmethod
    def match(pattern, text, what=''):
        found = re.search(pattern, text, re.MULTILINE)
        if found is None:
            raise Failed(f'{what + ": " if what else ""}no match for {pattern!r} in:\n{text[-3000:]}')
        return found

    # The end.

    def clean_up(self):
        """End everything: the switch before the devices it uses, or it would complain.  Returns complaints."""
        complaints = []
        for process in reversed(self.processes):
            self.end(process)
        for switch in reversed(self.switches):
            try:
                complaints += switch.finish()
            except Exception as problem:  # pylint: disable=broad-except
                complaints.append(f'while stopping the switch: {problem}')
        for action in reversed(self.at_end):
            try:
                action()
            except Exception as problem:  # pylint: disable=broad-except
                complaints.append(f'while cleaning up: {problem}')
        return complaints

    def log_complaints(self):
        found = []
        for switch in self.switches:
            for line in switch.bad_log_lines():
                if not any(re.search(p, line) for p in self.allowed_log):
                    found.append('unexpected in the log: ' + line)
        return found


def children(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
            return [int(p) for p in file.read().split()]
    except OSError:
        return []


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass
    except ChildProcessError:
        pass


def leftovers():
    """Processes and interfaces that nobody has removed; the processes are ended here."""
    complaints = []
    time.sleep(0.1)
    reap()
    for _ in range(20):
        left = children(os.getpid())
        if not left:
            break
        for pid in left:
            try:
                with open(f'/proc/{pid}/cmdline', encoding='utf-8', errors='replace') as file:
                    complaints.append(f'left running: {pid} {file.read().replace(chr(0), " ")[:200]}')
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.1)
        reap()
    with open('/proc/net/dev', encoding='ascii') as file:
        devices = [row.split(':')[0].strip() for row in file.readlines()[2:]]
    # A kernel with ifb or sit built in makes those in every namespace.
    left = [d for d in devices if d != 'lo' and not re.match(r'(ifb|sit|tunl|gre|erspan|ip6|vti|ip_)', d)]
    if left:
        complaints.append(f'left behind: interfaces {" ".join(left)}')
    return complaints


def tail(path, n):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read().splitlines()[-n:]
    except OSError:
        return []


def run_test(function, args):
    """The body of the test's own process: run it, clean up, look for leftovers, write the report."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', '/run'], check=True)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)

    def on_signal(*_):
        raise Failed('ended by the runner')
    signal.signal(signal.SIGTERM, on_signal)
    test = Test(args)
    verdict, text = 'pass', []
    try:
        function(test)
    except Skip as reason:
        verdict, text = 'skip', [str(reason)]
    except BaseException:  # pylint: disable=broad-except
        verdict, text = 'fail', [traceback.format_exc(limit=6)]
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    complaints = test.clean_up()
    complaints += leftovers()
    if verdict == 'pass':
        complaints += test.log_complaints()
    if complaints:
        verdict = 'fail'
        text += complaints
    if verdict == 'fail':
        for switch in test.switches:
            text += [f'-- the end of {switch.log}'] + tail(switch.log, 25 if test.peer == 'sluice' else 5)
        for process in test.processes:
            text += [f'-- the end of {process.out}'] + tail(process.out, 8)
        if args.keep:
            text.append(f'kept: {test.dir}')
    if verdict != 'fail' or not args.keep:
        shutil.rmtree(test.dir, ignore_errors=True)
    with open(args.report, 'w', encoding='utf-8') as file:
        json.dump({'verdict': verdict, 'text': '\n'.join(text)}, file)
    sys.stdout.flush()
    return 0
