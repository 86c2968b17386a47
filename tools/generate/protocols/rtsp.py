# SPDX-License-Identifier: Apache-2.0
"""RTSP 1.0 (RFC 2326)."""


def request(method, url, sequence, headers=()):
    """A request."""
    fields = "".join(f"{k}: {v}\r\n" for k, v in headers)
    return f"{method} {url} RTSP/1.0\r\nCSeq: {sequence}\r\n{fields}\r\n".encode()


def response(code, sequence, headers=(), body=b""):
    """A response."""
    reason = {200: "OK", 401: "Unauthorized", 404: "Not Found"}[code]
    fields = "".join(f"{k}: {v}\r\n" for k, v in headers)
    if body:
        fields += f"Content-Length: {len(body)}\r\n"
    return f"RTSP/1.0 {code} {reason}\r\nCSeq: {sequence}\r\n{fields}\r\n".encode() + body


def description(address):
    """The session description of one H.264 stream."""
    return (f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=Live\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n").encode()
