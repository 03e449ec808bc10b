# SPDX-License-Identifier: Apache-2.0
"""What the checks of this folder share: which files there are, C without comments, counting."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TREES = ('lib', 'drivers', 'vswitchd', 'utilities', 'tests')


def files(*endings, trees=TREES):
    """Every file of the source trees with one of the endings, relative to the root, in order."""
    found = []
    for tree in trees:
        for folder, folders, names in os.walk(os.path.join(ROOT, tree)):
            folders[:] = sorted(f for f in folders if not f.startswith(('.', '__')))
            found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in sorted(names) if n.endswith(endings)]
    return found


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8', errors='surrogateescape') as file:
        return file.read()


def without_comments(text, keep_strings=True):
    """C source with comments (and, if asked, the insides of strings) blanked; line numbers stay."""
    def blank(match):
        found = match.group(0)
        if found.startswith('/'):
            return re.sub(r'[^\n]', ' ', found)
        return found if keep_strings else found[0] + ' ' * (len(found) - 2) + found[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.DOTALL)


class Result:
    """Counts files: one finding or more fails its file."""

    def __init__(self):
        self.checked, self.failed = 0, 0

    def file(self, path, findings):
        self.checked += 1
        self.failed += bool(findings)
        for line, what in findings:
            print(f'{path}:{line}: {what}')

    def finish(self):
        print(f'{self.checked - self.failed} passed, {self.failed} failed')
        sys.exit(1 if self.failed else 0)


def pkg_config(*words):
    return subprocess.run(['pkg-config', *words], capture_output=True, text=True, check=True).stdout.split()
