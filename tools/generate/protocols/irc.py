# SPDX-License-Identifier: Apache-2.0
"""IRC lines (RFC 2812)."""


def lines(*texts):
    """Lines with their ends."""
    return "".join(f"{text}\r\n" for text in texts).encode()


def numeric(server, code, nick, text):
    """A reply of the server."""
    return f":{server} {code} {nick} {text}"
