# SPDX-License-Identifier: Apache-2.0
"""How Sphinx makes the manual.  Nothing here needs the network."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'Documentation'))
sys.dont_write_bytecode = True

# Warnings, and so errors, where source and manual differ.
extensions = ['agree']

project = 'Sluice'
author = 'the Sluice developers'
copyright = author  # pylint: disable=redefined-builtin
# One place says the version: the project's meson.build.
release = re.search(r"version: '([^']+)'", (ROOT / 'meson.build').read_text(encoding='utf-8')).group(1)
version = release

exclude_patterns = ['_build']
highlight_language = 'none'
smartquotes = False
html_copy_source = False
html_show_sourcelink = False
html_title = f'Sluice {release}'
