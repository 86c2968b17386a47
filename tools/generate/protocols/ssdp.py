# SPDX-License-Identifier: Apache-2.0
"""SSDP of UPnP 1.0."""

GROUP, PORT = "239.255.255.250", 1900


def _message(line, headers):
    return (line + "\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers) + "\r\n").encode()


def search(target, wait=2):
    """M-SEARCH."""
    return _message("M-SEARCH * HTTP/1.1", [("HOST", f"{GROUP}:{PORT}"), ("MAN", '"ssdp:discover"'),
                                            ("MX", wait), ("ST", target)])


def found(target, location, server, unique):
    """The unicast answer to M-SEARCH."""
    return _message("HTTP/1.1 200 OK", [("CACHE-CONTROL", "max-age=1800"), ("EXT", ""),
                                        ("LOCATION", location), ("SERVER", server),
                                        ("ST", target), ("USN", f"uuid:{unique}::{target}")])


def alive(target, location, server, unique):
    """NOTIFY ssdp:alive."""
    return _message("NOTIFY * HTTP/1.1", [("HOST", f"{GROUP}:{PORT}"),
                                          ("CACHE-CONTROL", "max-age=1800"),
                                          ("LOCATION", location), ("NT", target),
                                          ("NTS", "ssdp:alive"), ("SERVER", server),
                                          ("USN", f"uuid:{unique}::{target}")])
