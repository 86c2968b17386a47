#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Alerts by sid on the mixed bench capture, beside another engine's.

usage: alerts_suricata.py TENET CAPTURE

CAPTURE is made by $TENET_SHARED/tools/make-bench-capture.py; the rules and the
other engine's counts are in $TENET_SHARED/rules. Prints each sid that differs
and how many are equal. Without the data it says so and exits 77.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
LINE = re.compile(r'\s*(\d+) \[\d+:(\d+):\d+\] (.*?) \[\*\*\]')


def expected_of(path):
    found = {}
    for line in path.read_text(errors='replace').splitlines():
        match = LINE.match(line)
        if match:
            found[int(match[2])] = (int(match[1]), match[3])
    return found


def alerts_of(tenet, rules, capture):
    found, names = collections.Counter(), {}
    with tempfile.TemporaryDirectory() as folder:
        eve = pathlib.Path(folder) / 'eve.json'
        subprocess.run([tenet, 'watch', '--no-ledger', '--no-progress',
                        '--rules', str(rules), '--eve', str(eve), capture],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(eve, 'rb') as lines:
            for line in lines:
                if b'"event_type":"alert"' in line:
                    alert = json.loads(line)['alert']
                    found[alert['signature_id']] += 1
                    names[alert['signature_id']] = alert['signature']
    return found, names


def main():
    rules = pathlib.Path(os.environ.get('TENET_SHARED', '../shared')) / 'rules'
    table = rules / 'alerts-suricata-7.0.17-bench.txt'
    if not table.exists() or len(sys.argv) != 3:
        print('SKIPPED: no alerts of another engine under $TENET_SHARED')
        return SKIPPED
    expected = expected_of(table)
    found, names = alerts_of(sys.argv[1], rules / 'et-open-2025-08',
                             sys.argv[2])
    equal = 0
    for sid in sorted(set(expected) | set(found)):
        count, name = expected.get(sid, (0, names.get(sid)))
        equal += count == found[sid]
        if count != found[sid]:
            print(f'{sid}\t{found[sid]} for {count}\t{name}')
    print(f'{equal} of {len(set(expected) | set(found))} sids have the same '
          f'count; {sum(found.values())} alerts for '
          f'{sum(c for c, _ in expected.values())}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
