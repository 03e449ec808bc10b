#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: embed.py NAME INPUT OUTPUT: writes INPUT as the C string constant NAME."""
import sys

name, source, target = sys.argv[1:]
with open(source, 'rb') as f:
    data = f.read()
with open(target, 'w') as f:
    f.write('/* Made by embed.py. */\n#include "schema.h"\n\nconst char %s[] = {\n' % name)
    for i in range(0, len(data), 16):
        f.write('\t' + ''.join('%d,' % b for b in data[i:i + 16]) + '\n')
    f.write('\t0\n};\n')
