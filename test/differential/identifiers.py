#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""JA4 fingerprints and Community IDs of EVE against the published ones.

usage: identifiers.py TENET

JA4: for each capture of captures/ja4, the fingerprints of ClientHellos by
connection, as the reference's Rust and Python tests expect them. Community
ID: each flow of captures/community-id must have the ID that the baseline of
the specification has for its addresses and ports, and no flow of the baseline
may be missing. $TENET_SHARED or ../shared holds both; without them the test
says so and exits 77.
"""
import ipaddress
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# Hellos that we do not read, and why.
UNREAD = {
    'socks-https-example.pcap': 'TLS inside a SOCKS 5 connection',
    'socks4-https.pcap': 'TLS inside a SOCKS 4 connection',
}


def events_of(program, path):
    with tempfile.TemporaryDirectory() as folder:
        eve = pathlib.Path(folder) / 'eve.json'
        subprocess.run([program, 'watch', '--no-ledger', '--json', '--eve',
                        str(eve), str(path)], check=False,
                       stdout=subprocess.DEVNULL)
        with open(eve, encoding='utf-8') as lines:
            return [json.loads(line) for line in lines]


def expected_ja4(folder, name):
    """Pairs of (client address and port, JA4) from both reference tests."""
    found = set()
    snapshot = folder / 'rust/ja4/src/snapshots' / f'ja4__insta@{name}.snap'
    if snapshot.exists():
        for block in snapshot.read_text('utf-8').split('\n- stream:')[1:]:
            fields = dict(re.findall(r'^  (\w+): (\S+)$', block, re.M))
            if 'ja4' in fields:
                found.add((fields['src'], int(fields['src_port']),
                           fields['ja4']))
    table = folder / 'python/test/testdata' / f'{name}.json'
    if table.exists():
        for item in json.loads(table.read_text('utf-8') or '[]'):
            if 'JA4.1' in item:
                found.add((item['src'], int(item['srcport']), item['JA4.1']))
    return found


def check_ja4(program, folder):
    failures, agreed = 0, 0
    for path in sorted((folder / 'pcap').iterdir()):
        wanted = expected_ja4(folder, path.name)
        ours = set()
        for event in events_of(program, path):
            body = event.get(event['event_type'], {})
            if event['event_type'] in ('tls', 'quic') and 'ja4' in body:
                ours.add((event['src_ip'], event['src_port'], body['ja4']))
        agreed += len(ours & wanted)
        for side, rest in (('we alone', ours - wanted),
                           ('expected', wanted - ours)):
            for item in sorted(rest):
                reason = UNREAD.get(path.name) if side == 'expected' else None
                failures += not reason
                print(f'{path.name}: {side}: {item} {reason or "FAILURE"}')
    print(f'JA4: {agreed} fingerprints as published, {failures} not')
    return failures


PROTOCOLS = {'ICMP': 1, 'TCP': 6, 'UDP': 17, 'RSVP': 46, 'IPv6-ICMP': 58,
             'SCTP': 132}
# The types that ask with those that answer stand for ports; other messages
# have their type and code.
ICMP_ANSWERS = {(1, 8): 0, (1, 0): 8, (58, 128): 129, (58, 129): 128,
                (58, 133): 134, (58, 134): 133, (58, 135): 136,
                (58, 136): 135}


def flow_key(event):
    """As the baseline has it, or None for what it does not hold."""
    name = event.get('proto', '')
    protocol = int(name) if name.isdigit() else PROTOCOLS.get(name)
    if protocol is None:
        return None
    if protocol in (1, 58):
        kind = event['icmp_type']
        ports = kind, ICMP_ANSWERS.get((protocol, kind), event['icmp_code'])
    else:
        ports = event.get('src_port'), event.get('dest_port')
    return (protocol, ipaddress.ip_address(event['src_ip']),
            ipaddress.ip_address(event['dest_ip'])) + ports


def read_baseline(folder):
    baseline = {}
    path = folder / 'baseline/baseline_deflt.json'
    for item in json.loads(path.read_text('utf-8')):
        key = (item['proto'], ipaddress.ip_address(item['saddr']),
               ipaddress.ip_address(item['daddr']), item['sport'],
               item['dport'])
        baseline[key] = item['communityid']
    return baseline


def check_community_id(program, folder):
    baseline = read_baseline(folder)
    heard, failures, agreed = set(), 0, 0
    for path in sorted((folder / 'pcaps').glob('*.pcap')):
        for event in events_of(program, path):
            key = flow_key(event)
            if event['event_type'] != 'flow' or key not in baseline:
                continue
            heard.add(event['community_id'])
            if event['community_id'] == baseline[key]:
                agreed += 1
                continue
            failures += 1
            print(f'{path.name}: {key}: {event["community_id"]}, '
                  f'expected {baseline[key]}')
    for missing in sorted(set(baseline.values()) - heard):
        keys = [key for key, value in baseline.items() if value == missing]
        print(f'no flow with {missing}: {keys[0]}')
        failures += 1
    print(f'Community ID: {agreed} flows and {len(heard)} identifiers as '
          f'published, {failures} not')
    return failures


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    shared = pathlib.Path(os.environ.get('TENET_SHARED', '../shared'))
    captures = shared / 'captures'
    if not (captures / 'ja4').is_dir() or \
            not (captures / 'community-id').is_dir():
        print('no captures here: skipped')
        return 77
    failures = check_ja4(program, captures / 'ja4')
    failures += check_community_id(program, captures / 'community-id')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
