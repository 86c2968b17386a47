#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people and malware do in the tests, each a subcommand that runs inside
one namespace. Prints when its last decisive act was done (monotonic clock, the
same in all processes of the machine)."""

import errno
import socket
import sys
import time

READ_S = 5


class Session:
    """A Telnet session, followed as a person would."""

    def __init__(self, address):
        self.connection = socket.create_connection((address, 23), READ_S)
        self.seen = b""

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def read_until(self, *ends):
        """Read on to the first of these texts; answers which it was."""
        while True:
            found = [end for end in ends if end in self.seen]
            if found:
                self.seen = self.seen.split(found[0], 1)[1]
                return found[0]
            data = self.connection.recv(4096)
            if not data:
                raise ConnectionError(f"hung up after {self.seen!r}")
            self.seen += data

    def try_password(self, user, password):
        """Answer the prompts; true when a shell answers."""
        self.read_until(b"login: ")
        self.say(user)
        self.read_until(b"Password: ")
        self.say(password)
        return self.read_until(b"incorrect", b"# ", b"$ ") != b"incorrect"


def log_in(address, user, password):
    """Log in and leave again."""
    session = Session(address)
    if not session.try_password(user, password):
        sys.exit("the password was not accepted")
    done = time.monotonic()
    session.say("exit")
    return done


def guess(address, count):
    """Guess `count` passwords, three a connection, none of them right."""
    for number in range(int(count)):
        if number % 3 == 0:
            session = Session(address)
        if session.try_password("operator", f"guess{number}"):
            sys.exit("a wrong password was accepted")
    return time.monotonic()


def begin(address, port):
    """Send one SYN."""
    connection = socket.socket()
    connection.setblocking(False)
    code = connection.connect_ex((address, port))
    if code not in (0, errno.EINPROGRESS):
        sys.exit(f"{address}: {errno.errorcode[code]}")
    return connection


def scan(network, count):
    """One SYN to each of `count` addresses on Telnet's ports, and no other
    word: no attempt is repeated, so nothing follows the last SYN."""
    connections = [begin(f"{network}.{host}", 2323 if host % 10 == 0 else 23)
                   for host in range(1, int(count) + 1)]
    done = time.monotonic()
    for connection in connections:
        connection.close()
    return done


def flood(address, count, size, rate=0):
    """Datagrams, each from a port and to a port of its own as far as they
    go, so that each is a flow. At most `rate` a second, unless it is 0."""
    payload = bytes(int(size))
    number = 0
    began = time.monotonic()
    while number < int(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for port in range(1024, 65536, 7):
                try:
                    sender.sendto(payload, (address, port))
                except (BlockingIOError, ConnectionError):
                    pass  # Sent or not, or refused: a flood does not care.
                number += 1
                if int(rate) > 0 and number % 500 == 0:
                    ahead = number / int(rate) - (time.monotonic() - began)
                    time.sleep(max(ahead, 0))
                if number >= int(count):
                    break
    return time.monotonic()


def main():
    acts = {"log-in": log_in, "guess": guess, "scan": scan, "flood": flood}
    print(acts[sys.argv[1]](*sys.argv[2:]))


if __name__ == "__main__":
    main()
