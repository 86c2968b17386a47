#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run the rule tests of another engine and compare alert counts by sid.

usage: suricata_verify.py TENET [--only WORD] [--every N] [--list]
                          [--table FILE] [--at-least PERCENT | --explained]

$TENET_SHARED/captures/SURICATA_VERIFY.tsv names the tests: a capture, rules
and the alerts that are expected. A test is out of scope when it needs what
Tenet does not do (each reason is counted and printed); of the rest, alerts of
each sid must be as many as expected. Fewer than --at-least percent that pass make
this fail; with --explained, any that differs and is not in the table (test,
reason). Without the data it says so and exits 77.
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
SECONDS_MAX = 120

# What is not done, and why not: keyword or header protocol -> reason.
NOT_DONE = {
    'lua': 'Lua scripts in rules', 'luajit': 'Lua scripts in rules',
    'frame': 'frames of dissectors', 'app-layer-state': 'firewall mode',
    'bypass': 'nothing is bypassed', 'replace': 'packets are not changed',
    'filestore': 'files are not stored', 'geoip': 'names a country',
    'requires': 'conditions on the version of another engine',
    'prefilter': None, 'p:template': 'a template of the other engine',
}
PROTOCOLS = {
    'ip', 'ip4', 'ip6', 'ipv4', 'ipv6', 'tcp', 'tcp-pkt', 'tcp-stream', 'udp',
    'icmp', 'icmpv4', 'icmpv6', 'sctp', 'pkthdr', 'ether', 'arp', 'any',
    'http', 'http1', 'dns', 'tls', 'ssl', 'ssh', 'mqtt', 'sip', 'snmp', 'ftp',
    'quic', 'smtp', 'mdns', 'llmnr', 'tftp', 'smb', 'modbus', 'dhcp', 'ntp',
    'imap', 'pop3', 'telnet', 'rdp', 'irc', 'ftp-data', 'bacnet',
}


def shared():
    for place in (os.environ.get('TENET_SHARED'),
                  HERE.parents[2] / 'shared'):
        if place and (pathlib.Path(place) / 'captures' /
                      'SURICATA_VERIFY.tsv').exists():
            return pathlib.Path(place) / 'captures'
    return None


def expected_of(row):
    """{sid or message or '*': count}"""
    found = {}
    for entry in re.split(r',(?=(?:[^=,]|,(?! ))*=)',
                          row['expected_alerts(sid_or_msg=count)']):
        key, _, count = entry.rpartition('=')
        if key and count.isdigit():
            found[key] = int(count)
    return found


# What a check may ask of an alert that does not depend on how another engine
# orders packets: two checks that differ in pcap_cnt alone are two alerts.
COMPARED = re.compile(r'alert\.(signature_id|signature|gid|rev|category|'
                      r'severity)$|(src|dest)_(ip|port)$|proto$|app_proto$')


def reduced(match):
    """The part of a filter that is compared, as a key; None without alerts."""
    if match.get('event_type') != 'alert' and \
            not any(str(key).startswith('alert.') for key in match):
        return None
    return frozenset((key, str(value)) for key, value in match.items()
                     if COMPARED.match(str(key)))


def checks_of(folder):
    """[(what an alert must have, how many)], from test.yaml; None when that
    cannot be read here."""
    try:
        import yaml
        checks = yaml.safe_load((folder / 'test.yaml').read_text())['checks']
    except (ImportError, OSError, KeyError, TypeError, ValueError):
        return None
    whole, parts = {}, collections.Counter()
    for check in checks or ():
        check = check.get('filter') if isinstance(check, dict) else None
        if not isinstance(check, dict) or not check.get('match') or \
                'count' not in check or 'filename' in check or \
                not wanted_version(check):
            continue
        key = reduced(check['match'])
        if key is None:
            continue
        others = [k for k in check['match'] if not COMPARED.match(str(k)) and
                  k != 'event_type']
        if others:
            parts[key] += check['count']
        else:
            whole[key] = check['count']
    for key, count in parts.items():
        whole.setdefault(key, count)
    return list(whole.items())


def wanted_version(check):
    needs = check.get('requires') or {}
    return version_number(needs.get('min-version', 0)) < (9, 0, 0) and \
        ('lt-version' not in needs or
         version_number(needs['lt-version']) > (8, 0, 0))


def value_of(event, path):
    for part in path.split('.'):
        event = event.get(part) if isinstance(event, dict) else None
    return str(event)


def holds(event, key):
    for path, value in key:
        seen = value_of(event, path)
        if path == 'app_proto' and seen == 'None':
            continue
        if seen != value:
            return False
    return True


def version_number(text):
    numbers = [int(n) for n in re.findall(r'\d+', str(text))[:3]]
    return tuple(numbers + [0] * (3 - len(numbers)))


def requirement(row):
    """Why this test is for another version or build, or None."""
    try:
        needs = json.loads(row['requires'] or '{}')
    except ValueError:
        needs = {}
    if version_number(needs.get('min-version', 0)) >= (9, 0, 0):
        return 'of a version that is not out'
    if 'lt-version' in needs and \
            version_number(needs['lt-version']) <= (8, 0, 0):
        return 'of versions before 8, which differ'
    for feature in needs.get('features', ()):
        if feature == 'HAVE_LUA':
            return 'Lua scripts in rules'
    if needs.get('pcap') is False:
        return 'without a capture'
    return None


def out_of_scope(row):
    if row['pcap_present'] != 'yes':
        return 'the capture is not there'
    if not row['expected_alerts(sid_or_msg=count)']:
        return 'no alerts are checked'
    if 'simulate-ips' in row['args']:
        return 'inline: packets are dropped, Tenet watches'
    reason = requirement(row)
    for keyword in row['keywords'].split(','):
        if reason:
            break
        if keyword.startswith('p:') and keyword[2:] not in PROTOCOLS:
            reason = f'protocol {keyword[2:]}'
        elif keyword.split('.')[0] in NOT_DONE:
            reason = NOT_DONE[keyword.split('.')[0]]
    return reason


def variables_of(folder):
    """The address and port groups of suricata.yaml, as NAME=VALUE."""
    path = folder / 'suricata.yaml'
    found = []
    if not path.exists():
        return found
    is_group = False
    for line in path.read_text(errors='replace').splitlines():
        if re.match(r'\s*(address|port)-groups:', line):
            is_group = True
        elif re.match(r'\S', line):
            is_group = False
        match = re.match(r'\s+([A-Z][A-Z0-9_]*):\s*"?([^"#]+?)"?\s*(#.*)?$',
                         line)
        if is_group and match:
            found.append(f'{match[1]}={match[2]}')
    return found


def rules_of(folder):
    test = folder / 'test.rules'
    if test.exists():
        return [test]
    return sorted(folder.glob('*.rules'))


def classes_of(folder):
    """The tests take the texts of classes for granted."""
    return sorted(folder.glob('classification.config')) or sorted(
        (shared().parent / 'rules').glob('*/classification.config'))[:1]


DAMAGED = re.compile(r'^warning: .*: a record at byte ', re.M)


class Result:
    def __init__(self, row):
        self.name = row['test_dir'].split('/', 2)[-1]
        self.scope = out_of_scope(row)
        self.complaint = None
        self.refused = []


def alerts_of(arguments, folder, capture, result):
    command = [arguments.tenet, 'watch', '--no-ledger', '--no-progress',
               '--eve', '-']
    for path in classes_of(folder) + rules_of(folder):
        command += ['--rules', str(path)]
    for variable in variables_of(folder):
        command += ['--variable', variable]
    done = subprocess.run(command + [str(capture)], capture_output=True,
                          timeout=SECONDS_MAX)
    text = done.stderr.decode(errors='replace')
    result.refused = re.findall(r'rule not loaded: [^:]*:(\d+): (.*)', text)
    # A capture that is damaged somewhere is read up to there, and said.
    if done.returncode not in (0, 1) and not DAMAGED.search(text):
        result.complaint = f'exit status {done.returncode}: {text[-200:]}'
    return [json.loads(line) for line in done.stdout.splitlines()
            if b'"event_type":"alert"' in line]


def differences(row, folder, alerts):
    """What is not as expected: the checks themselves where they can be read,
    else the summary in the list."""
    checks = checks_of(folder)
    if checks is None:
        found = collections.Counter()
        for event in alerts:
            found[str(event['alert']['signature_id'])] += 1
            found[event['alert']['signature']] += 1
            found['*'] += 1
        return [f'{key}: {found[key]} for {count}'
                for key, count in expected_of(row).items()
                if found[key] != count]
    wrong = []
    for key, count in checks:
        seen = sum(holds(event, key) for event in alerts)
        if seen != count:
            name = ' '.join(sorted(value for _, value in key)) or '*'
            wrong.append(f'{name}: {seen} for {count}')
    return wrong


def judge(arguments, root, row):
    result = Result(row)
    if result.scope:
        return result
    folder = root / row['test_dir']
    capture = root / row['pcap']
    try:
        alerts = alerts_of(arguments, folder, capture, result)
    except subprocess.TimeoutExpired:
        result.complaint = f'more than {SECONDS_MAX} s'
        return result
    wrong = differences(row, folder, alerts)
    if wrong and not result.complaint:
        result.complaint = ', '.join(wrong[:6])
        if result.refused:
            result.complaint += ' | refused ' + '; '.join(
                f'line {line}: {why}' for line, why in result.refused[:2])
    return result


def explanations(path):
    known = {}
    if path.exists():
        for line in path.read_text().splitlines():
            if line and not line.startswith('#'):
                name, _, reason = line.partition('\t')
                known[name] = reason
    return known


def report(arguments, results):
    known = explanations(arguments.table)
    scopes = collections.Counter(r.scope for r in results if r.scope)
    inside = [r for r in results if not r.scope]
    passed = [r for r in inside if not r.complaint]
    for result in inside:
        if result.complaint:
            print(f'differs\t{result.name}\t{result.complaint}'
                  f'\t{known.get(result.name, "UNEXPLAINED")}')
        elif result.name in known:
            print(f'passes, and is in the table: {result.name}')
    for reason, count in scopes.most_common():
        print(f'out of scope\t{count}\t{reason}')
    if arguments.list:
        for result in results:
            print(result.name, result.scope or result.complaint or 'passed',
                  sep='\t')
    share = 100 * len(passed) / len(inside) if inside else 100.0
    print(f'{len(passed)} of {len(inside)} in scope pass ({share:.1f} %), '
          f'{len(inside) - len(passed)} differ, '
          f'{len(results) - len(inside)} out of scope')
    unexplained = [r.name for r in inside
                   if r.complaint and r.name not in known]
    return share, unexplained


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('tenet')
    parser.add_argument('--only', default='')
    parser.add_argument('--every', type=int, default=1)
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--at-least', type=float, default=95.0)
    parser.add_argument('--explained', action='store_true',
                        help='fail on what is not in the table instead')
    parser.add_argument('--table', type=pathlib.Path,
                        default=HERE / 'suricata_verify.tsv')
    arguments = parser.parse_args()
    root = shared()
    if not root:
        print('SKIPPED: no SURICATA_VERIFY.tsv under $TENET_SHARED or '
              '../shared')
        return SKIPPED
    with open(root / 'SURICATA_VERIFY.tsv', newline='') as file:
        rows = [r for r in csv.DictReader(file, delimiter='\t')
                if arguments.only in r['test_dir']][::arguments.every]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda r: judge(arguments, root, r), rows))
    share, unexplained = report(arguments, results)
    if arguments.explained:
        return 1 if unexplained else 0
    return 0 if share >= arguments.at_least else 1


if __name__ == '__main__':
    sys.exit(main())
