#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our log asks somebody else's witness: litewitness, of torchwood. It skips
where that is not installed (Go: filippo.io/torchwood/cmd/litewitness).

    litewitness.py TENET LOG_GROW
"""
import base64
import hashlib
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

TENET, GROW = sys.argv[1], sys.argv[2]
ORIGIN, NAME = "log.example/home", "lite.example/w"
SKIPPED, WAIT_S = 77, 15
COSIGNATURE = 4  # C2SP tlog-cosignature: the type of a key.
EMPTY_ROOT = base64.b64encode(hashlib.sha256(b"").digest()).decode()


def grow(log, count):
    done = subprocess.run([GROW, str(log), ORIGIN, str(count)], check=True,
                          capture_output=True, text=True)
    return done.stdout.split()[0]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def verifier_key(public):
    """`public` is the line of an OpenSSH key file."""
    blob = base64.b64decode(public.split()[1])
    typed = bytes([COSIGNATURE]) + blob[-32:]
    name_hash = hashlib.sha256(NAME.encode() + b"\n" + typed).hexdigest()[:8]
    return f"{NAME}+{name_hash}+{base64.b64encode(typed).decode()}"


def wait_for(function):
    end = time.monotonic() + WAIT_S
    while not function():
        assert time.monotonic() < end, "it did not start"
        time.sleep(0.05)


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def start(folder, vkey, processes):
    agent = folder / "agent"
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                    str(key)], check=True)
    processes.append(subprocess.Popen(["ssh-agent", "-D", "-a", str(agent)],
                                      stdout=subprocess.DEVNULL))
    wait_for(agent.exists)
    subprocess.run(["ssh-add", "-q", str(key)], check=True,
                   env={"SSH_AUTH_SOCK": str(agent), "PATH": "/usr/bin:/bin"})
    told = subprocess.run(["ssh-keygen", "-l", "-f", str(key)], check=True,
                          capture_output=True, text=True).stdout.split()[1]
    with sqlite3.connect(folder / "lite.db") as database:
        database.executescript(
            "CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER"
            " NOT NULL, tree_hash TEXT NOT NULL);"
            "CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL);")
        database.execute("INSERT INTO log VALUES (?, 0, ?)",
                         (ORIGIN, EMPTY_ROOT))
        database.execute("INSERT INTO key VALUES (?, ?)", (ORIGIN, vkey))
    database.close()
    port = free_port()
    processes.append(subprocess.Popen(
        ["litewitness", "-db", str(folder / "lite.db"), "-name", NAME,
         "-key", told, "-ssh-agent", str(agent), "-listen",
         f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL))
    wait_for(lambda: listens(port))
    return port, verifier_key((folder / "key.pub").read_text())


def ask_and_grow(folder, log, vkey, processes):
    port, witness = start(folder, vkey, processes)
    policy = folder / "policy"
    policy.write_text(f"log {vkey}\nwitness w {witness} "
                      f"http://127.0.0.1:{port}\nquorum w\n")
    for count in (0, 1, 1, 300):
        grow(log, count)
        done = subprocess.run([TENET, "witness", "ask", "--log", str(log),
                               "--policy", str(policy)],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"\u2014 {NAME} " in (log / "checkpoint").read_text()
        print(done.stdout.splitlines()[-1])


def main():
    if not all(map(shutil.which, ("litewitness", "ssh-agent", "ssh-add"))):
        print("litewitness or ssh-agent is not here")
        return SKIPPED
    processes = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        log = folder / "log"
        try:
            ask_and_grow(folder, log, grow(log, 3), processes)
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait(WAIT_S)
    return 0


sys.exit(main())
