# SPDX-License-Identifier: Apache-2.0
"""SIP (RFC 3261), the few messages that matter to telephones and to their attackers."""


def request(method, user, domain, ident, headers=()):
    """A request over UDP; ident names the call and the branch."""
    fields = "".join(f"{k}: {v}\r\n" for k, v in headers)
    return (f"{method} sip:{domain} SIP/2.0\r\nVia: SIP/2.0/UDP {domain};branch=z9hG4bK{ident}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@{domain}>;tag={ident}\r\n"
            f"To: <sip:{user}@{domain}>\r\nCall-ID: {ident}\r\nCSeq: 1 {method}\r\n"
            f"{fields}Content-Length: 0\r\n\r\n").encode()


def response(line, method, user, domain, ident):
    """A response, line being for example "401 Unauthorized"."""
    return (f"SIP/2.0 {line}\r\nVia: SIP/2.0/UDP {domain};branch=z9hG4bK{ident}\r\n"
            f"From: <sip:{user}@{domain}>;tag={ident}\r\nTo: <sip:{user}@{domain}>;tag=s{ident}\r\n"
            f"Call-ID: {ident}\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n").encode()
