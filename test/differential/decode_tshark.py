#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare the decoder with tshark, packet by packet.

usage: decode_tshark.py DECODE_DUMP [CAPTURE_OR_FOLDER...] [--every N]

Without captures those of $TENET_SHARED or ../shared are taken.

Each capture is turned into pcap by editcap (which keeps one link type; files
with several are skipped), decoded by both, and compared: MAC addresses, IP
addresses, protocol, ports, payload size. Every difference must have one of
the reasons in REASONS; those left over are printed and make the exit status 1.
Without tshark or captures it says so and exits 77.
"""
import argparse
import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

FIELDS = ['frame.number', 'frame.protocols', 'eth.src', 'eth.dst', 'ip.src',
          'ip.dst', 'ipv6.src', 'ipv6.dst', 'ip.proto', 'ipv6.nxt',
          'tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport',
          'sctp.srcport', 'sctp.dstport', 'tcp.len', 'udp.length',
          'wlan.sa', 'wlan.da', 'sll.src.eth', '_ws.malformed', 'frame.len',
          'frame.cap_len', 'ip.fragment', 'ipv6.fragment']

OPTIONS = ['-o', 'tcp.desegment_tcp_streams:FALSE',
           '-o', 'tcp.analyze_sequence_numbers:FALSE',
           '-o', 'ip.defragment:TRUE', '-o', 'ipv6.defragment:TRUE',
           '-o', 'udp.check_checksum:FALSE', '-o', 'ip.check_checksum:FALSE']

# Why the two may differ on a packet, in the order they are tried.
REASONS = {
    'fragment': 'tshark shows a datagram with its last fragment in number '
                'order, we with the one that completes it; only one side '
                'waited for the rest',
    'nested': 'a tunnel in a tunnel: we open one level',
    'tunnel': 'a tunnel only one side reads (GTP, L2TP, CAPWAP, Teredo by '
              'content, VXLAN by port)',
    'link': 'a link layer only one side reads',
    'malformed': 'we stop at a header that cannot be right; tshark shows the '
                 'fields before it, or the other way round',
    'cut': 'a header the snapshot length cut',
    'llc': 'frames under 802.2 or 802.11 where only one side guesses what '
           'follows',
    'mapped': 'an IPv6 packet between IPv4-mapped addresses, which for us are '
              'the IPv4 ones',
}


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.DEVNULL).stdout


def read_tshark(path):
    command = ['tshark', '-n', '-r', str(path), '-T', 'fields',
               '-E', 'separator=/t', '-E', 'occurrence=a',
               '-E', 'aggregator=,'] + OPTIONS
    for field in FIELDS:
        command += ['-e', field]
    rows = {}
    for line in run(command).decode('utf-8', 'replace').splitlines():
        row = dict(zip(FIELDS, line.split('\t')))
        rows[int(row['frame.number'])] = row
    return rows


NAMES = ['number', 'layer', 'source_mac', 'destination_mac', 'vlans', 'source',
         'destination', 'protocol', 'source_port', 'destination_port',
         'payload', 'missing', 'flags', 'tunnel', 'anomalies']


def read_ours(program, path):
    rows = {}
    for line in run([program, str(path)]).decode().splitlines():
        row = dict(zip(NAMES, line.split('\t')))
        rows[int(row['number'])] = row
    return rows


def items(text):
    return text.split(',') if text else []


def last(row, *names):
    """The innermost value of the fields, all of one kind."""
    for name in names:
        values = items(row[name])
        if values:
            return values[-1]
    return ''


def stack_before_quote(row):
    """The protocols, up to the packet that an ICMP error quotes."""
    stack = row['frame.protocols'].split(':')
    for name in ('icmp', 'icmpv6'):
        if name in stack:
            stack = stack[:stack.index(name) + 1]
    return stack


def addresses(row):
    """Source and destination of the innermost IP header not quoted."""
    stack = stack_before_quote(row)
    kinds = [name for name in stack if name in ('ip', 'ipv6')]
    if not kinds:
        return '', ''
    index = kinds.count(kinds[-1]) - 1
    pair = []
    for end in ('src', 'dst'):
        values = items(row[f'{kinds[-1]}.{end}'])
        pair.append(values[index] if index < len(values) else '')
    return tuple(pair)


def is_quoting(row):
    return any(n in row['frame.protocols'].split(':')
               for n in ('icmp', 'icmpv6'))


def ports(row):
    if is_quoting(row):
        return None
    for name in ('tcp', 'udp', 'sctp'):
        source = items(row[f'{name}.srcport'])
        if source and name in row['frame.protocols'].split(':'):
            return source[-1], items(row[f'{name}.dstport'])[-1]
    return None


def payload(row):
    stack = row['frame.protocols'].split(':')
    if is_quoting(row):
        return None
    if 'tcp' in stack and row['tcp.len']:
        return int(items(row['tcp.len'])[-1])
    if 'udp' in stack and row['udp.length'] and 'tcp' not in stack:
        return int(items(row['udp.length'])[-1]) - 8
    return None


def compare(ours, theirs):
    """The names of the fields that differ."""
    found = []
    source, destination = addresses(theirs)
    mac = last(theirs, 'eth.src', 'wlan.sa', 'sll.src.eth')
    if mac != ours['source_mac'] and (mac or ours['layer'] != 'none'):
        found.append('source_mac')
    target = last(theirs, 'eth.dst', 'wlan.da')
    if target and target != ours['destination_mac']:
        found.append('destination_mac')
    if source != ours['source'] or destination != ours['destination']:
        found.append('address')
    pair = ports(theirs)
    has_ports = ours['protocol'] in ('6', '17', '132') and 't' in ours['flags']
    if pair and has_ports and \
            pair != (ours['source_port'], ours['destination_port']):
        found.append('ports')
    if (pair is None) != (not has_ports) and not is_quoting(theirs):
        found.append('transport')
    size = payload(theirs)
    if size is not None and has_ports and pair and \
            size != int(ours['payload']) + int(ours['missing']):
        found.append('payload')
    return found


def explain(ours, theirs):
    stack = theirs['frame.protocols'].split(':')
    ip_count = sum(name in ('ip', 'ipv6') for name in stack)
    if 'f' in ours['flags'] or 'r' in ours['flags'] or \
            theirs['ip.fragment'] or theirs['ipv6.fragment']:
        return 'fragment'
    if 'tunnel_nested' in ours['anomalies']:
        return 'nested'
    if 'link_unknown' in ours['anomalies']:
        return 'link'
    if theirs['_ws.malformed'] or '_ws.malformed' in stack or \
            ours['anomalies']:
        return 'malformed'
    if theirs['frame.len'] != theirs['frame.cap_len']:
        return 'cut'
    if (ours['tunnel'] != '0') != (ip_count > 1) or ip_count > 2:
        return 'tunnel'
    if 'llc' in stack or 'wlan' in stack:
        return 'llc'
    if '::ffff:' in theirs['ipv6.src'] + theirs['ipv6.dst']:
        return 'mapped'
    return None


def find_captures(arguments):
    kinds = ('*.pcap', '*.pcapng', '*.cap')
    found = []
    for name in arguments:
        path = pathlib.Path(name)
        if path.is_dir():
            for kind in kinds:
                found += path.rglob(kind)
        else:
            found.append(path)
    return sorted(found)


def compare_capture(program, path, folder, counts):
    """The unexplained differences of one capture."""
    pcap = pathlib.Path(folder) / 'converted.pcap'
    pcap.unlink(missing_ok=True)
    run(['editcap', '-F', 'pcap', str(path), str(pcap)])
    if not pcap.exists() or pcap.stat().st_size <= 24:
        counts['skipped captures'] += 1
        return []
    ours, theirs = read_ours(program, pcap), read_tshark(pcap)
    counts['captures'] += 1
    left = []
    for number, row in theirs.items():
        counts['packets'] += 1
        if number not in ours:
            continue
        fields = compare(ours[number], row)
        if not fields:
            continue
        reason = explain(ours[number], row)
        if reason:
            counts[reason] += 1
        else:
            counts['unexplained'] += 1
            left.append((path, number, fields, ours[number], row))
    return left


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('captures', nargs='*')
    parser.add_argument('--every', type=int, default=1)
    parser.add_argument('--show', type=int, default=20)
    parser.add_argument('--size-max', type=int, default=2 << 20)
    arguments = parser.parse_args()
    shared = os.environ.get('TENET_SHARED', '../shared')
    names = arguments.captures or [f'{shared}/captures']
    captures = [p for p in find_captures(names)
                if p.exists() and p.stat().st_size <= arguments.size_max]
    if not shutil.which('tshark') or not captures:
        print('no tshark or no captures here: skipped')
        return 77
    counts = collections.Counter()
    left = []
    with tempfile.TemporaryDirectory() as folder:
        for path in captures[::arguments.every]:
            left += compare_capture(arguments.program, path, folder, counts)
    for path, number, fields, ours, theirs in left[:arguments.show]:
        print(f'{path} frame {number}: {" ".join(fields)}')
        print('  ours:  ', {k: v for k, v in ours.items() if v})
        print('  tshark:', {k: v for k, v in theirs.items() if v})
    for name, count in counts.most_common():
        print(f'{count:9} {name}: {REASONS.get(name, "")}')
    return 1 if left else 0


if __name__ == '__main__':
    sys.exit(main())
