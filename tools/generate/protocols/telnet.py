# SPDX-License-Identifier: Apache-2.0
"""What a Telnet server and its client say (RFC 854) before the text begins."""

WILL_ECHO_SGA = b"\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f"
DO_ECHO_SGA = b"\xff\xfd\x01\xff\xfd\x03\xff\xfc\x1f"


def login_prompt(banner=""):
    """Negotiation and the first prompt."""
    return WILL_ECHO_SGA + (f"\r\n{banner}\r\n" if banner else "").encode() + b"login: "
