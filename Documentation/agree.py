# SPDX-License-Identifier: Apache-2.0
"""Warn where the manual and the source do not name the same things: drop reasons, options, commands, walls, pages."""
import pathlib
import re

from sphinx.util import logging

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def text(*paths):
    return '\n'.join((ROOT / path).read_text(encoding='utf-8') for path in paths)


def differences(what, source, manual):
    """A line for each name that only one of the two has."""
    yield from (f'{what} {name} is not in the manual' for name in sorted(source - manual))
    yield from (f'{what} {name} is in the manual only' for name in sorted(manual - source))


def drop_reasons():
    source = set(re.findall(r'X\([A-Z_]+, "(\w+)"', text('lib/stats/drops.h')))
    manual = set(re.findall(r'^``(\w+)``$', text('Documentation/topics/drops.rst'), re.MULTILINE))
    return differences('drop reason', source, manual)


def options():
    source = set(re.findall(r'^\t\{ "([\w-]+)", \w+_argument', text('vswitchd/options.c'), re.MULTILINE))
    for page in ('reference/sluice-vswitchd.rst', 'sluice-vswitchd.8'):
        manual = set(re.findall(r'--([a-z][\w-]+)', text(f'Documentation/{page}').replace('\\-', '-')))
        yield from differences(f'{page}: option', source, manual)


def commands():
    row = r'^\t\{ "([\w/-]+)", "[^"]*", \d'
    source = set(re.findall(row, text('vswitchd/commands.c', 'vswitchd/commands_dp.c', 'lib/ipc/command.c'), re.MULTILINE))
    manual = set(re.findall(r'``([a-z]+[\w/-]*/[\w/-]+|exit|version|list-commands|help)\b', text('Documentation/reference/commands.rst')))
    return differences('command', source, manual)


def walls():
    """The table of check-includes, row by row, against that of the page on architecture."""
    for row in re.search(r"TABLE = '''\n(.*?)'''", text('utilities/dev/check-includes'), re.DOTALL).group(1).splitlines():
        room, may = (part.strip() for part in row.split('|'))
        want = {'nothing'} if not may else {'all'} if may == '*' else set(may.replace('ovsdb/replica.h', 'ovsdb').split())
        page = text('Documentation/internals/architecture.rst').split('Who may include whom')[1]
        entries = re.findall(r'^   \* - (.*)\n     - (.*(?:\n       .*)*)', page, re.MULTILINE)
        found = [value for name, value in entries if room in name.replace(',', ' ').split()]
        named = set(re.findall(r'\w+', found[0])) if found else set()
        missing = sorted(want - named)
        if missing:
            yield f'internals/architecture: {room} may include {" ".join(missing)}, which is not said'


def pages():
    for path in sorted(ROOT.glob('lib/*/*.h')) + sorted(ROOT.glob('drivers/*/*.h')) + sorted(ROOT.glob('vswitchd/*.h')):
        for page in re.findall(r'Documentation/[\w./-]+\.rst', path.read_text(encoding='utf-8')):
            if not (ROOT / page).exists():
                yield f'{path.relative_to(ROOT)} points to {page}, which does not exist'


def check(_app):
    for rule in (drop_reasons, options, commands, walls, pages):
        for line in rule():
            logging.getLogger(__name__).warning(line)


def setup(app):
    app.connect('builder-inited', check)
    return {'parallel_read_safe': True}
