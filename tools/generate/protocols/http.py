# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 messages (RFC 9112)."""

import base64
import hashlib

_REASONS = {101: "Switching Protocols", 200: "OK", 204: "No Content", 206: "Partial Content",
            302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
            404: "Not Found", 500: "Internal Server Error"}


def _encode(line, headers, body):
    fields = "".join(f"{key}: {value}\r\n" for key, value in headers)
    return f"{line}\r\n{fields}\r\n".encode("latin-1") + body


def request(method, path, host, headers=(), body=b""):
    """A request; Content-Length is added when there is a body."""
    fields = [("Host", host), *headers]
    if body:
        fields.append(("Content-Length", len(body)))
    return _encode(f"{method} {path} HTTP/1.1", fields, body)


def response(code, headers=(), body=b"", server="nginx"):
    """A response with its length."""
    fields = [("Server", server), *headers, ("Content-Length", len(body))]
    return _encode(f"HTTP/1.1 {code} {_REASONS.get(code, 'Status')}", fields, body)


def basic(user, password):
    """The value of a Basic Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def digest(user, password, realm, nonce, what):
    """The value of a Digest header (RFC 2069 form, as cameras use); what is (method, uri)."""
    def md5(text):
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    method, uri = what
    reply = md5(f"{md5(f'{user}:{realm}:{password}')}:{nonce}:{md5(f'{method}:{uri}')}")
    return (f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{reply}"')


def soap(path, host, action, body):
    """A UPnP or HNAP control request."""
    return request("POST", path, host, [("Content-Type", 'text/xml; charset="utf-8"'),
                                        ("SOAPAction", f'"{action}"')], body.encode())


def envelope(inner):
    """A SOAP 1.1 envelope around the body's content."""
    return ('<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/'
            'envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">\r\n'
            f"<s:Body>{inner}</s:Body></s:Envelope>\r\n")
