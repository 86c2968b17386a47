#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Witnesses as real processes over loopback: a quorum of two of three, with
one that is down, lies, or has forgotten; a log brought back from a backup; and
whoever tries to hold a witness up.

    witness.py TENET LOG_GROW
"""
import base64
import hashlib
import http.server
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

TENET, GROW = sys.argv[1], sys.argv[2]
ORIGIN = "log.example/home"
WAIT_S = 15


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def grow(directory, count):
    done = run(GROW, str(directory), ORIGIN, str(count))
    assert done.returncode == 0, done.stderr
    vkey, size = done.stdout.split()
    return vkey, int(size)


class Witness:
    """One process; `port` 0 lets the kernel choose, and is kept after."""

    def __init__(self, folder, number, log):
        self.key = str(folder / f"w{number}.pem")
        self.store = str(folder / f"w{number}.db")
        self.name = f"witness{number}.example"
        self.log, self.port, self.process = log, 0, None
        made = run(TENET, "witness", "keygen", "--key", self.key, "--name",
                   self.name)
        assert made.returncode == 0, made.stderr
        self.vkey = made.stdout.strip()
        assert os.stat(self.key).st_mode & 0o777 == 0o600

    def start(self):
        self.process = subprocess.Popen(
            [TENET, "witness", "--key", self.key, "--name", self.name,
             "--log", self.log, "--store", self.store,
             "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == self.vkey
        self.port = int(self.process.stdout.readline().split()[-1])
        return self

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(WAIT_S)
        self.process.stdout.close()
        expected = 0 if how == signal.SIGTERM else -how
        assert status == expected, status

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


def write_policy(path, log, witnesses, quorum=2):
    lines = [f"log {log}"]
    lines += [f"witness {name} {vkey} {url}" for name, vkey, url in witnesses]
    names = " ".join(name for name, _, _ in witnesses)
    lines += [f"group all-of-them {quorum} {names}", "quorum all-of-them"]
    path.write_text("\n".join(lines) + "\n")


def ask(directory, policy):
    return run(TENET, "witness", "ask", "--log", str(directory), "--policy",
               str(policy))


def post(url, body):
    request = urllib.request.Request(url + "/add-checkpoint", data=body)
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=WAIT_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def is_alive(witness):
    name = hashlib.sha256(ORIGIN.encode()).hexdigest()
    status, body = get(f"{witness.url}/{name}/checkpoint")
    return status == 200 and body.startswith(ORIGIN.encode())


class Liar:
    """Answers every request as it was made to, whatever is asked."""

    def __init__(self, status, body, kind="text/plain"):
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(liar.body)))
                self.end_headers()
                try:
                    self.wfile.write(liar.body)
                except OSError:
                    pass  # The client has had enough.

            do_GET = lambda self: self.send_error(404)
            log_message = lambda *_: None

        self.body = body
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "log"
        self.vkey, _ = grow(self.log, 3)
        self.witnesses = [Witness(folder, n, self.vkey).start()
                          for n in (1, 2, 3)]
        self.policy = folder / "policy"
        self.name_all()

    def name_all(self, third_url=None, quorum=2):
        named = [(w.name, w.vkey, w.url) for w in self.witnesses]
        if third_url:
            named[2] = (*named[2][:2], third_url)
        write_policy(self.policy, self.vkey, named, quorum)

    def cosigned(self):
        text = (self.log / "checkpoint").read_text()
        return [w.name for w in self.witnesses
                if f"\u2014 {w.name} " in text]

    def ask(self):
        return ask(self.log, self.policy)

    def close(self):
        for witness in self.witnesses:
            if witness.process.poll() is None:
                witness.stop()


def all_cosign(bench):
    for count in (0, 1, 300):
        grow(bench.log, count)
        done = bench.ask()
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(bench.cosigned()) == 3, done.stdout
    again = bench.ask()  # The same head once more: newer times, no new lines.
    assert again.returncode == 0, again.stdout + again.stderr
    text = (bench.log / "checkpoint").read_text()
    assert text.count("\u2014 ") == 4, text


def one_is_down(bench):
    bench.witnesses[2].stop()
    grow(bench.log, 2)
    done = bench.ask()
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(bench.cosigned()) == 2
    assert bench.witnesses[2].name + ": " in done.stdout
    bench.witnesses[1].stop()
    grow(bench.log, 1)
    done = bench.ask()
    assert done.returncode == 3, done.stdout  # No quorum, and it is said;
    assert len(bench.cosigned()) == 1         # what there is, is kept.
    bench.witnesses[1].start()
    bench.witnesses[2].start()
    assert bench.ask().returncode == 0
    assert len(bench.cosigned()) == 3


def one_lies(bench):
    grow(bench.log, 1)
    third = bench.witnesses[2]
    other = f"\u2014 {third.name} {'A' * 100}\n".encode()
    forged = third.vkey.split("+")[1]
    bytes_of_key = bytes.fromhex(forged) + b"\0" * 72
    fake = f"\u2014 {third.name} " + base64.b64encode(bytes_of_key).decode()
    lies = [
        (200, b"", "text/plain"),
        (200, b"nonsense", "text/plain"),
        (200, other, "text/plain"),                      # Another key's.
        (200, (fake + "\n").encode(), "text/plain"),     # Its own, forged.
        (200, b"x" * (10 << 20), "text/plain"),          # Without an end.
        (409, b"2\n", "text/x.tlog.size"),               # The same each time.
        (409, b"99999\n", "text/x.tlog.size"),           # More than there is.
        (409, b"-1\n", "text/x.tlog.size"),
        (409, b"99999\n", "text/html"),
        (422, b"", "text/plain"),
        (302, b"", "text/plain"),
        (500, b"\x1b[31mred", "text/plain"),
    ]
    for lie in lies:
        liar = Liar(*lie)
        bench.name_all(third_url=liar.url)
        grow(bench.log, 1)
        done = bench.ask()
        liar.stop()
        assert done.returncode == 0, (lie[:1], done.stdout + done.stderr)
        assert bench.cosigned() == [w.name for w in bench.witnesses[:2]], lie
        assert "\x1b" not in done.stdout
    bench.name_all()
    assert bench.ask().returncode == 0


def one_forgets(bench):
    """Its store is lost: it begins anew, and says so by its size."""
    third = bench.witnesses[2]
    third.stop()
    for path in bench.folder.glob("w3.db*"):
        path.unlink()
    third.start()
    grow(bench.log, 4)
    done = bench.ask()
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(bench.cosigned()) == 3


def a_backup_is_brought_back(bench):
    backup = bench.folder / "backup"
    newest = bench.folder / "newest"
    shutil.copytree(bench.log, backup)
    grow(bench.log, 5)
    assert bench.ask().returncode == 0
    shutil.copytree(bench.log, newest)
    for count in (0, 7):  # Behind; and grown past, with other leaves.
        shutil.rmtree(bench.log)
        shutil.copytree(backup, bench.log)
        if count:
            grow_otherwise(bench.log, count)
        before = (bench.log / "checkpoint").read_bytes()
        done = bench.ask()
        assert done.returncode == 3, done.stdout + done.stderr
        assert "restored from a backup" in done.stdout, done.stdout
        assert "another history" in done.stderr, done.stderr
        assert (bench.log / "checkpoint").read_bytes() == before
    shutil.rmtree(bench.log)
    shutil.copytree(newest, bench.log)
    assert bench.ask().returncode == 0


def grow_otherwise(directory, count):
    """log_grow names leaves by their index; another word makes others."""
    done = subprocess.run([GROW, str(directory), ORIGIN, str(count)],
                          capture_output=True, text=True,
                          env=dict(os.environ, LOG_GROW_WORD="other"))
    assert done.returncode == 0, done.stderr


def nobody_holds_it_up(bench):
    witness = bench.witnesses[0]
    address = ("127.0.0.1", witness.port)
    head = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n"
    slow = []
    for number in range(100):  # Slow loris: heads and bodies that drip.
        one = socket.create_connection(address, timeout=WAIT_S)
        one.sendall(head if number % 2 else
                    head + b"Content-Length: 60000\r\n\r\nold")
        slow.append(one)
    begin = time.monotonic()
    assert is_alive(witness)
    assert time.monotonic() - begin < 5
    cut = 0
    while time.monotonic() - begin < 20 and cut < len(slow):
        cut = 0
        for one in slow:
            try:
                one.sendall(b"x")
            except OSError:
                cut += 1
        time.sleep(1)
    assert cut == len(slow), f"{cut} of {len(slow)} were cut"
    for one in slow:
        one.close()
    status, _ = post(witness.url, b"old 0\n\n" + b"x" * (1 << 20))
    assert status == 413, status
    with socket.create_connection(address, timeout=WAIT_S) as one:  # Chunked.
        one.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(100):
                one.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            one.sendall(b"0\r\n\r\n")
            answer = one.recv(4096)
        except OSError:
            answer = b"HTTP/1.1 413 cut"
        assert b" 413 " in answer, answer
    with socket.create_connection(address, timeout=WAIT_S) as one:
        one.sendall(head + b"X: " + b"y" * (1 << 16) + b"\r\n\r\n")
    for cut in (b"POST", head, head + b"Content-Length: 9\r\n\r\nold"):
        with socket.create_connection(address, timeout=WAIT_S) as one:
            one.sendall(cut)  # And gone.
    for body in (b"", b"old", b"old 0\n", b"\0" * 5000):
        assert post(witness.url, body)[0] == 400
    assert get(witness.url + "/add-checkpoint")[0] == 405
    assert get(witness.url + "/")[0] == 404
    assert get(witness.url + "/" + "0" * 64 + "/checkpoint")[0] == 404
    assert is_alive(witness)


def killed_at_any_moment(bench):
    """kill -9 while it is being asked: what was cosigned, it still knows."""
    witness = bench.witnesses[0]
    for turn in range(25):
        grow(bench.log, 1)
        killer = threading.Timer(0.002 * turn, witness.process.kill)
        killer.start()
        bench.ask()
        killer.join()
        witness.process.wait(WAIT_S)
        witness.process.stdout.close()
        witness.start()
        done = bench.ask()
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(bench.cosigned()) == 3, done.stdout


def wrong_words():
    for words in ([], ["--key", "x"], ["serve", "more"], ["nothing"],
                  ["ask"], ["keygen", "--key", "x"]):
        assert run(TENET, "witness", *words).returncode == 2, words
    for words in (["--listen", "nowhere"], ["--log", "a+b+c"]):
        done = run(TENET, "witness", "--key", "/nonexistent", "--name", "w",
                   "--log", "x+y+z", *words)
        assert done.returncode == 3, words


def main():
    with tempfile.TemporaryDirectory() as name:
        wrong_words()
        bench = Bench(pathlib.Path(name))
        try:
            for test in (all_cosign, one_is_down, one_lies, one_forgets,
                         a_backup_is_brought_back, nobody_holds_it_up,
                         killed_at_any_moment):
                begin = time.monotonic()
                test(bench)
                print(f"{test.__name__}: ok, "
                      f"{time.monotonic() - begin:.1f} s", flush=True)
        finally:
            bench.close()


main()
