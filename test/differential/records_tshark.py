#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare what we say of captures with what tshark says: packets, flows, and
the records of DNS, TLS, QUIC, HTTP, DHCP and MQTT, by their content.

usage: records_tshark.py TENET [CAPTURE_OR_FOLDER...] [--all] [--every N]
                         [--list] [--cache FOLDER]

Without captures those of $TENET_SHARED or ../shared are taken: by default all
that hold the traffic of devices and are small, and every 12th of the others.

Every record is reduced to a text that both sides can say ("request GET /x"),
and the two bags of texts are subtracted. What is left must have one of the
reasons in REASONS, each with a condition on the frames it is in; what has none
is printed and makes the exit status 1. Without tshark or captures it says so
and exits 77.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from decode_tshark import (addresses, find_captures, is_quoting, items, ports,
                           stack_before_quote)

SEPARATOR = '\x01' # Between the values of one field, as URIs hold commas.

BASE = ['frame.number', 'frame.protocols', 'ip.src', 'ip.dst', 'ipv6.src',
        'ipv6.dst', 'tcp.srcport', 'tcp.dstport', 'udp.srcport',
        'udp.dstport', 'sctp.srcport', 'sctp.dstport', 'tcp.stream',
        'tcp.len', 'frame.len', 'frame.cap_len', 'ip.flags.mf',
        'ip.frag_offset', 'ipv6.fragment', 'frame.time_epoch']
TEXTS = ['dns.flags.response', 'dns.qry.name', 'tls.handshake.type',
         'tls.handshake.extensions_server_name', 'http.request.method',
         'http.request.uri', 'http.response.code', 'dhcp.option.dhcp',
         'mqtt.msgtype', 'tcp.analysis.lost_segment', '_ws.malformed',
         '_ws.short', 'tcp.analysis.out_of_order', 'tcp.analysis.flags']
FIELDS = BASE + TEXTS

OPTIONS = ['-o', 'tcp.reassemble_out_of_order:TRUE',
           '-o', 'tcp.desegment_tcp_streams:TRUE',
           '-o', 'ip.defragment:TRUE', '-o', 'ipv6.defragment:TRUE',
           '-o', 'udp.check_checksum:FALSE', '-o', 'ip.check_checksum:FALSE',
           '-o', 'tcp.check_checksum:FALSE']

# Whether tshark waits for the whole body before it shows a message: either
# way it overlooks some, so the one that agrees better counts.
HTTP_BODY = [['-o', 'http.desegment_body:FALSE'],
             ['-o', 'http.desegment_body:TRUE']]
DEVICE_SIZE_MAX = 100000  # Bytes of a capture of devices, by default.

DHCP_TYPES = ['', 'discover', 'offer', 'request', 'decline', 'ack', 'nak',
              'release', 'inform', 'forcerenew', 'leasequery',
              'leaseunassigned', 'leaseunknown', 'leaseactive']
MQTT_TYPES = ['', 'connect', 'connack', 'publish', 'puback', 'pubrec',
              'pubrel', 'pubcomp', 'subscribe', 'suback', 'unsubscribe',
              'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth']
UNREADABLE = 3  # Exit status for an input that cannot be read.
URL_COMPARED = 120  # Characters; we keep long ones cut short.


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.DEVNULL).stdout


def run_tshark(path, options):
    command = ['tshark', '-n', '-r', str(path), '-T', 'fields',
               '-E', 'separator=/t', '-E', 'occurrence=a',
               '-E', f'aggregator={SEPARATOR}'] + options
    for field in FIELDS:
        command += ['-e', field]
    return run(command)


def read_tshark(path, options, cache):
    """The rows of all frames; from `cache`, a folder, when it has them."""
    kept = None
    if cache:
        name = hashlib.sha256(f'{path}{FIELDS}{options}'.encode()).hexdigest()
        kept = pathlib.Path(cache) / name
    if kept and kept.exists():
        output = kept.read_bytes()
    else:
        output = run_tshark(path, options)
        if kept:
            kept.write_bytes(output)
    rows = []
    for line in output.decode('utf-8', 'replace').split('\n'):
        values = line.split('\t')
        if len(values) != len(FIELDS):
            continue
        row = dict(zip(FIELDS, values))
        for name in BASE:
            row[name] = row[name].replace(SEPARATOR, ',')
        rows.append(row)
    return rows


def read_ours(program, path, folder):
    """The events and the counts."""
    eve = pathlib.Path(folder) / f'{os.getpid()}-{id(path)}.json'
    done = subprocess.run([program, 'watch', '--no-ledger', '--json', '--eve',
                           str(eve), str(path)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    output = done.stdout
    if done.returncode not in (0, 1, UNREADABLE):
        raise RuntimeError(f'{path}: {program} ended with {done.returncode}: '
                           f'{done.stderr.decode(errors="replace").strip()}')
    events = []
    if eve.exists():
        with open(eve, encoding='utf-8') as lines:
            events = [json.loads(line) for line in lines]
        eve.unlink()
    stats = json.loads(output)['stats'] if output else {'packets': 0}
    return events, stats


def values(row, name):
    return row[name].split(SEPARATOR) if row[name] else []


def plain(text):
    """What both sides write the same: printable ASCII without escapes."""
    shown = ''.join(c if ' ' < c <= '~' and c != '\\' else '?' for c in text)
    return shown[:URL_COMPARED]


def tuple_text(protocol, one, other):
    low, high = sorted([one, other])
    return f'{protocol} {low[0]} {low[1]} {high[0]} {high[1]}'


def unmapped(address):
    return address[7:] if address.startswith('::ffff:') and \
        '.' in address else address


def their_flow(row):
    """The five-tuple of a frame as a text; None without one."""
    if is_quoting(row):
        return None
    pair, ends = ports(row), addresses(row)
    stack = stack_before_quote(row)
    protocol = 'TCP' if 'tcp' in stack else 'UDP' if 'udp' in stack else None
    if not pair or not protocol or not ends[0]:
        return None
    return tuple_text(protocol, (unmapped(ends[0]), int(pair[0])),
                      (unmapped(ends[1]), int(pair[1])))


def our_flow(event):
    return tuple_text(event['proto'],
                      (event['src_ip'], event.get('src_port', 0)),
                      (event['dest_ip'], event.get('dest_port', 0)))


class Records:
    """Bags of texts by kind, and the frames or flows each text is from."""

    def __init__(self):
        self.bags = collections.defaultdict(collections.Counter)
        self.origin = collections.defaultdict(list)

    def add(self, kind, text, origin):
        self.bags[kind][text] += 1
        self.origin[kind, text].append(origin)

    def add_once(self, kind, text, origin):
        if text not in self.bags[kind]:
            self.add(kind, text, origin)


DNS_KINDS = ('mdns', 'llmnr', 'dns')


def add_dns(records, row, stack):
    kind = next((k for k in DNS_KINDS if k in stack), None)
    if not kind or 'tls' in stack or 'quic' in stack:
        return # Decrypted with keys that came in the capture.
    for flag in values(row, 'dns.flags.response'):
        is_response = flag in ('1', 'True')
        records.add(kind, 'response' if is_response else 'query', row)
    for name in values(row, 'dns.qry.name'):
        name = '.' if name == '<Root>' else name
        records.add(f'{kind} name', plain(name).lower(), row)


def add_tls(records, row, stack):
    if 'tls' not in stack and 'quic' not in stack:
        return
    kind = 'quic' if 'quic' in stack else 'tls'
    flow = their_flow(row)
    if '1' not in values(row, 'tls.handshake.type') or not flow:
        return
    seen = records.origin[f'{kind} hello', flow]
    if row['tcp.stream'] not in [other['tcp.stream'] for other in seen]:
        records.add(f'{kind} hello', flow, row)
    for name in values(row, 'tls.handshake.extensions_server_name'):
        records.add_once(f'{kind} sni', plain(name).lower(), row)


def add_http(records, row, stack):
    if 'http' not in stack or 'tcp' not in stack or 'tls' in stack:
        return
    uris = values(row, 'http.request.uri')
    for i, method in enumerate(values(row, 'http.request.method')):
        uri = uris[i] if i < len(uris) else ''
        records.add('http request', plain(f'{method}_{uri}'), row)
    for code in values(row, 'http.response.code'):
        if not code.startswith('1') or code == '101':
            records.add('http response', code, row)


def read_theirs(rows):
    records = Records()
    streams = set()
    for row in rows:
        flow = their_flow(row)
        if flow:
            records.add_once('flow', flow, row)
            key = (flow, row['tcp.stream'])
            if flow.startswith('TCP') and key not in streams:
                streams.add(key)
                records.add('tcp stream', flow, row)
        stack = stack_before_quote(row)
        add_dns(records, row, stack)
        add_tls(records, row, stack)
        add_http(records, row, stack)
        if 'dhcp' in stack:
            for number in values(row, 'dhcp.option.dhcp'):
                number = int(number)
                if number < len(DHCP_TYPES):
                    records.add('dhcp', DHCP_TYPES[number], row)
        if 'mqtt' in stack:
            for number in values(row, 'mqtt.msgtype'):
                records.add('mqtt', MQTT_TYPES[int(number)], row)
    return records


def add_our_dns(records, event, kind):
    body = event[kind]
    is_response = body.get('type') == 'response'
    records.add(kind, 'response' if is_response else 'query', event)
    for question in body.get('queries', []):
        if 'rrname' in question:
            name = question['rrname']
            records.add(f'{kind} name', plain(name).lower(), event)


def add_our_flow(records, event):
    if event.get('proto') not in ('TCP', 'UDP'):
        return
    flow = our_flow(event)
    records.add_once('flow', flow, event)
    if event['proto'] == 'TCP':
        records.add('tcp stream', flow, event)


def add_our_tls(records, event, kind):
    body = event[kind]
    if kind == 'quic' or 'ja4' in body or 'client_version' in body:
        records.add(f'{kind} hello', our_flow(event), event)
    if body.get('sni'):
        records.add_once(f'{kind} sni', plain(body['sni']).lower(), event)


def add_our_http(records, event):
    body = event['http']
    if 'http_method' in body:
        text = f"{body['http_method']}_{body.get('url', '')}"
        records.add('http request', plain(text), event)
    if 'status' in body:
        records.add('http response', str(body['status']), event)


def collect_ours(events):
    records = Records()
    for event in events:
        kind = event['event_type']
        if kind in DNS_KINDS:
            add_our_dns(records, event, kind)
        elif kind == 'flow':
            add_our_flow(records, event)
        elif kind in ('tls', 'quic'):
            add_our_tls(records, event, kind)
        elif kind == 'http':
            add_our_http(records, event)
        elif kind == 'dhcp' and 'dhcp_type' in event['dhcp']:
            records.add('dhcp', event['dhcp']['dhcp_type'], event)
        elif kind == 'mqtt':
            records.add('mqtt', event['mqtt']['type'], event)
    return records


class Context:
    """One capture, for those who look for the reason of a difference."""

    def __init__(self, name, events, ours, theirs, rows):
        self.name = name
        self.ours = ours
        self.theirs = theirs
        self.rows = rows
        self.by_flow = collections.defaultdict(list)
        self.by_ends = collections.defaultdict(list)
        for row in rows:
            self.by_flow[their_flow(row)].append(row)
            for name in ('ip', 'ipv6'):
                for pair in zip(items(row[f'{name}.src']),
                                items(row[f'{name}.dst'])):
                    self.by_ends[frozenset(pair)].append(row)
        self.anomalies = collections.defaultdict(set)
        for event in events:
            if event['event_type'] == 'anomaly':
                body = event['anomaly']
                if body['type'] == 'decode':
                    self.anomalies[event.get('pcap_cnt')].add(body['event'])
                elif event.get('src_ip'):
                    self.anomalies[our_flow(event)].add(body['event'])


class Difference:
    """One text of one kind, with the frames that have to do with it."""

    def __init__(self, context, kind, text, mine, other):
        self.context = context
        self.kind = kind
        self.text = text
        self.mine = mine
        self.other = other
        self.events = context.ours.origin.get((kind, text), [])
        self.frames = context.theirs.origin.get((kind, text), [])
        flows = {their_flow(row) for row in self.frames}
        flows |= {our_flow(event) for event in self.events}
        self.flows = flows - {None}
        self.all_frames = list(self.frames)
        for flow in self.flows:
            self.all_frames += context.by_flow[flow]
        for event in self.events:
            ends = frozenset((event.get('src_ip'), event.get('dest_ip')))
            self.all_frames += context.by_ends[ends]

    def stacks(self):
        return [row['frame.protocols'].split(':') for row in self.all_frames]

    def has_stack(self, *names):
        return any(name in stack for stack in self.stacks()
                   for name in names)


def is_unread(difference):
    return not difference.context.rows and difference.mine > 0


def is_no_packet(d):
    count = sum(row['frame.protocols'] == 'data' for row in d.context.rows)
    return d.kind == 'packet' and 0 < d.other - d.mine <= count


def is_masked(d):
    """A password in a URL, which we do not show."""
    if d.kind != 'http request':
        return False
    for text in d.context.ours.bags[d.kind]:
        before, stars, _ = text.partition('***')
        if stars and d.text.startswith(before):
            return True
    return False


def is_with_blanks(d):
    """A request with blanks in its target, at which tshark stops, or more
    than one before it, after which tshark sees no target."""
    if d.kind != 'http request':
        return False
    other = d.context.theirs if d.mine > d.other else d.context.ours
    for text in other.bags[d.kind]:
        short, long = sorted([text, d.text], key=len)
        if short != long and long.startswith(short) and \
                ('?' in long or short.endswith('_')):
            return True
    return False


def is_tunnel(d):
    return d.has_stack(*TUNNELS) or any(
        sum(name in ('ip', 'ipv6') for name in stack) > 1
        for stack in d.stacks())


def is_cut(d):
    return any(row['frame.cap_len'] != row['frame.len'] or row['_ws.short']
               for row in d.all_frames)


def is_fragment(d):
    return any('1' in items(row['ip.flags.mf']) or row['ipv6.fragment'] or
               any(offset != '0' for offset in items(row['ip.frag_offset']))
               for row in d.all_frames)


def is_malformed(d):
    anomalies = d.context.anomalies
    return any(row['_ws.malformed'] or
               '_ws.malformed' in row['frame.protocols'] or
               int(row['frame.number']) in anomalies
               for row in d.all_frames) or \
        any(flow in anomalies for flow in d.flows)


def is_ended(d):
    """Our flow was over; tshark's stream goes on."""
    if d.kind != 'tcp stream':
        return False
    ends = [event['flow']['reason'] for event in d.events]
    return d.mine > d.other > 0 and \
        ends.count('timeout') + ends.count('closed') >= d.mine - d.other


def is_tagged(d):
    """The same addresses and ports in two networks."""
    tags = {tuple(event.get('vlan', [])) for event in d.events}
    return d.kind == 'tcp stream' and len(tags) > 1


def is_http2(d):
    return d.kind.startswith('dns') and d.mine < d.other and \
        d.has_stack('http2')


def in_capture(kind, *parts):
    """A reason for a few captures only, which are named."""
    def condition(d):
        return d.kind.startswith(kind) and \
            any(part in d.context.name for part in parts)
    return condition


def is_after_connect(d):
    return d.kind.startswith('http') and d.mine > d.other and any(
        text.startswith('CONNECT') for text in
        d.context.ours.bags['http request'])


def is_syn(d):
    return d.kind == 'tcp stream' and 0 < d.mine < d.other


def is_inside(d):
    """TLS that begins within another protocol of the same connection."""
    if not d.kind.startswith('tls') or d.mine >= d.other:
        return False
    for row in d.frames:
        before = [r for r in d.context.by_flow[their_flow(row)]
                  if int(r['frame.number']) < int(row['frame.number'])
                  and r['tcp.len'] not in ('', '0')]
        if not before and not their_flow(row).startswith('UDP'):
            return False
    return True


def is_elsewhere(d):
    """tshark reads the connection as something else, by its port."""
    name = d.kind.split()[0]
    return d.mine > d.other and d.all_frames and not d.has_stack(name)


def is_gquic(d):
    return d.kind.startswith('quic') and d.has_stack('gquic', 'quic')


def is_lost(d):
    return any(row['tcp.analysis.lost_segment'] or
               row['tcp.analysis.out_of_order'] for row in d.all_frames)


# Reasons in the order they are tried: name, what it says, its condition.
CONDITIONS = [
    ('unread', 'tshark opens no frame of this file or link type', is_unread),
    ('event', 'pcapng blocks of custom and log data, which tshark counts as '
              'packets', is_no_packet),
    ('masked', 'a password in a URL: we show asterisks', is_masked),
    ('blanks', 'a request line with more blanks than two, which ends the '
               'target for tshark', is_with_blanks),
    ('http2', 'DNS over HTTP/2 in the clear, which we do not read', is_http2),
    ('connect', 'HTTP within CONNECT, which tshark shows as data',
     is_after_connect),
    ('reset', 'an answer sent after a reset that ended the stream for us',
     in_capture('http response', 'ips_actions/react/expected.pcap')),
    ('oversized', 'a damaged file with a frame larger than any: tshark shows '
                  'what is left of it', in_capture('', 'bug-6875-01/')),
    ('http 0.9', 'requests without a version and their answers, which we do '
                 'not take for HTTP',
     in_capture('http', 'http-data-after-09/', 'http-not09-file/',
                'http-missing-protocol/', 'mixed-vlan-mpls.pcap')),
    ('opcode', 'LLMNR with a code that RFC 4795 section 2.1.1 says to '
               'discard', in_capture('llmnr', 'llmnr-invalid-opcode/')),
    ('urgent', 'a byte sent as urgent, which stays in the stream for us',
     in_capture('http request', 'tcp-urgp-')),
    ('evasion', 'status lines and chunks made to be read differently by each '
                'reader', in_capture('http response', 'http-evader-')),
    ('ended', 'a flow that was reset, closed, or quiet for longer than flows '
              'are kept, and went on: two flows for us, one stream for '
              'tshark', is_ended),
    ('tagged', 'the same connection in two VLANs: two flows for us, one '
               'stream for tshark', is_tagged),
    ('syn', 'SYNs with new numbers on a connection that is open: each is a '
            'stream for tshark', is_syn),
    ('tunnel', 'a tunnel that only one side reads (more than one deep, GTP, '
               'CAPWAP, AYIYA, compressed), and whose flow the outer is',
     is_tunnel),
    ('inside', 'TLS that begins after other talk (STARTTLS, SOCKS, database '
               'protocols): only tshark follows', is_inside),
    ('elsewhere', 'tshark reads the flow as another protocol, by its port',
     is_elsewhere),
    ('fragment', 'fragments that only one side puts together', is_fragment),
    ('cut', 'frames the snapshot length cut: tshark shows what is left of a '
            'message', is_cut),
    ('malformed', 'malformed, which at least one side says', is_malformed),
    ('gquic', 'QUIC of Google (only we read its hello) and of drafts before '
              '29 (only tshark decrypts them)', is_gquic),
    ('lost', 'segments lost or out of order: tshark starts again at the next '
             'that looks like a message', is_lost),
]
REASONS = {name: text for name, text, _ in CONDITIONS}
TUNNELS = ('gtp', 'gtpprime', 'capwap', 'capwap.data', 'vxlan', 'geneve',
           'ayiya', 'teredo', 'l2tp', 'nsh', 'ipcomp', 'gre', 'pppoes',
           'mpls', 'macsec', 'nflog', 'arcnet', 'esp', 'ah', 'udpencap')


def explain(context, difference):
    """The name of the first reason that holds, or None."""
    d = Difference(context, *difference)
    for name, _, condition in CONDITIONS:
        if condition(d):
            return name
    return None


def subtract(ours, theirs):
    """How many texts agree by kind, and those that do not."""
    agreed = collections.Counter()
    differences = []
    for kind in sorted(set(ours.bags) | set(theirs.bags)):
        mine, other = ours.bags[kind], theirs.bags[kind]
        agreed[kind] = sum((mine & other).values())
        for text in sorted(set(mine) | set(other)):
            if mine[text] != other[text]:
                differences.append((kind, text, mine[text], other[text]))
    return agreed, differences


def compare_capture(arguments, path, folder):
    """The agreement by kind, and (kind, text, ours, theirs, reason)."""
    events, stats = read_ours(arguments.program, path, folder)
    ours = collect_ours(events)
    ours.bags['packet']['packet'] = stats['packets']
    best = None
    for option in HTTP_BODY:
        rows = read_tshark(path, OPTIONS + option, arguments.cache)
        theirs = read_theirs(rows)
        theirs.bags['packet']['packet'] = len(rows)
        agreed, differences = subtract(ours, theirs)
        if best is None or len(differences) < len(best[1]):
            best = agreed, differences, theirs, rows
        if not any(d[0].startswith('http') for d in differences):
            break
    agreed, differences, theirs, rows = best
    context = Context(str(path), events, ours, theirs, rows)
    return agreed, [d + (explain(context, d),) for d in differences]


def choose(arguments):
    shared = pathlib.Path(os.environ.get('TENET_SHARED', '../shared'))
    if arguments.captures:
        return find_captures(arguments.captures)
    folder = shared / 'captures'
    manifest = folder / 'MANIFEST.tsv'
    if not manifest.exists():
        return []
    chosen = []
    with open(manifest, encoding='utf-8') as lines:
        rows = [line.rstrip('\n').split('\t') for line in lines][1:]
    for number, row in enumerate(rows):
        is_small_device = row[8] == 'yes' and int(row[1]) <= DEVICE_SIZE_MAX
        if arguments.all or is_small_device or number % arguments.every == 0:
            chosen.append(folder / row[0])
    return [path for path in chosen if path.exists()]


def report(path, differences, totals, is_full):
    for kind, text, mine, other, reason in differences:
        totals['differ'][kind] += abs(mine - other)
        if reason:
            totals['reasons'][reason] += abs(mine - other)
        else:
            totals['left'][kind] += abs(mine - other)
        if is_full or not reason:
            print(f'{path}: {kind} "{text}": we {mine}, tshark {other}: '
                  f'{reason or "UNEXPLAINED"}', flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('captures', nargs='*')
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--every', type=int, default=12)
    parser.add_argument('--list', action='store_true',
                        help='print the differences with a reason too')
    parser.add_argument('--cache', help='keep what tshark says here')
    arguments = parser.parse_intermixed_args()
    arguments.program = str(pathlib.Path(arguments.program).resolve())
    captures = choose(arguments)
    if not shutil.which('tshark') or not captures:
        print('no tshark or no captures here: skipped')
        return 77
    agreed = collections.Counter()
    totals = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [(path, pool.submit(compare_capture, arguments, path, folder))
                for path in captures]
        for path, job in jobs:
            try:
                same, differences = job.result()
            except Exception:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            agreed += same
            report(path, differences, totals, arguments.list)
    print(f'{len(captures)} captures')
    if not agreed:
        sys.exit(f'nothing agrees: can {arguments.program} find its data?')
    for kind in sorted(set(agreed) | set(totals['differ'])):
        differ, left = totals['differ'][kind], totals['left'][kind]
        print(f'{kind:15} {agreed[kind]:7} agree, {differ:5} differ, '
              f'{left} without a reason')
    for reason, count in totals['reasons'].most_common():
        print(f'{count:7} {reason}: {REASONS[reason]}')
    return 1 if totals['left'] else 0


if __name__ == '__main__':
    sys.exit(main())
