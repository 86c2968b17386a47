#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read every capture there is and come back: no crash, bounded memory.

usage: all_captures.py TENET [CAPTURE_OR_FOLDER...] [--every N]
                       [--memory-max MB] [--seconds-max S] [--sanitized]

Without captures those of $TENET_SHARED or ../shared are taken, broken ones
included. A capture that cannot be read may be refused (exit status 3 and a
word on stderr); a signal, a sanitizer's report, more memory than allowed, or
time past the limit is a failure. With --sanitized, TENET is a build with
-Db_sanitize=address,undefined: memory is then not judged, and every 20th
capture is read. Without captures it says so and exits 77.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import threading

REFUSED = 3          # Exit status, with the reason on stderr.
STATUSES = (0, 1, REFUSED) # 1: read, and something was found.
SANITIZED_EVERY = 20
MEMORY_MAX_MB = 120
SECONDS_MAX = 60
REPORTS = (b'AddressSanitizer', b'runtime error', b'LeakSanitizer',
           b'check failed')


class Reading:
    """What came of one capture."""

    def __init__(self, path):
        self.path = path
        self.status = None
        self.memory_mb = 0
        self.stderr = b''

    def complaint(self, arguments):
        if self.status < 0:
            return f'ended by signal {-self.status}'
        if self.status not in STATUSES:
            return f'exit status {self.status}'
        for report in REPORTS:
            if report in self.stderr:
                return report.decode()
        if self.status == REFUSED and not self.stderr:
            return 'refused without a word'
        if not arguments.sanitized and \
                self.memory_mb > arguments.memory_max:
            return f'{self.memory_mb:.0f} MB'
        return None


def read(arguments, path):
    reading = Reading(path)
    environment = dict(os.environ, UBSAN_OPTIONS='print_stacktrace=1',
                       ASAN_OPTIONS='detect_leaks=1')
    child = subprocess.Popen(
        [arguments.program, 'watch', '--no-ledger', '--json', '--eve',
         '/dev/null', str(path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=environment)
    timer = threading.Timer(arguments.seconds_max, child.kill)
    timer.start()
    reading.stderr = child.stderr.read()
    child.stderr.close()
    _, status, usage = os.wait4(child.pid, 0)
    timer.cancel()
    child.returncode = reading.status = os.waitstatus_to_exitcode(status)
    reading.memory_mb = usage.ru_maxrss / 1024
    return reading


def choose(arguments):
    if arguments.captures:
        names = [pathlib.Path(name) for name in arguments.captures]
    else:
        shared = os.environ.get('TENET_SHARED', '../shared')
        names = [pathlib.Path(shared) / 'captures']
    found = []
    for name in names:
        manifest = name / 'MANIFEST.tsv'
        if manifest.exists():
            lines = manifest.read_text('utf-8').splitlines()[1:]
            found += [name / line.split('\t')[0] for line in lines]
        elif name.is_dir():
            found += [path for path in name.rglob('*.*cap*')]
        else:
            found.append(name)
    return sorted(path for path in found if path.is_file())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('captures', nargs='*')
    parser.add_argument('--every', type=int, default=0)
    parser.add_argument('--memory-max', type=int, default=MEMORY_MAX_MB)
    parser.add_argument('--seconds-max', type=int, default=SECONDS_MAX)
    parser.add_argument('--sanitized', action='store_true')
    arguments = parser.parse_args()
    arguments.program = str(pathlib.Path(arguments.program).resolve())
    every = arguments.every or (SANITIZED_EVERY if arguments.sanitized else 1)
    captures = choose(arguments)[::every]
    if not captures:
        print('no captures here: skipped')
        return 77
    failures, refused, most = 0, 0, 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for reading in pool.map(lambda p: read(arguments, p), captures):
            complaint = reading.complaint(arguments)
            refused += reading.status == REFUSED
            most = max(most, reading.memory_mb)
            if complaint:
                failures += 1
                print(f'{reading.path}: {complaint}')
                print(reading.stderr.decode('utf-8', 'replace')[-2000:])
    print(f'{len(captures)} captures read, {refused} of them refused, '
          f'{failures} failures, at most {most:.0f} MB')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
