#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time stamps by an authority that is made on the spot with openssl and served
over HTTP: P-256 and RSA; what is refused; and that tokens verify by openssl
alone, and after the authority's certificate has expired.

    stamp.py TENET LOG_GROW
"""
import glob
import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

TENET, GROW = sys.argv[1], sys.argv[2]
SKIPPED = 77
TST_INFO = "1.2.840.113549.1.9.16.1.4"  # id-ct-TSTInfo, RFC 3161 2.4.2

CONFIG = """
[tsa]
default_tsa = one
[one]
dir = {dir}
serial = {dir}/serial
signer_cert = {dir}/{name}.crt
certs = {dir}/ca.crt
signer_key = {dir}/{name}.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[good]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[lax]
extendedKeyUsage = timeStamping
[wide]
extendedKeyUsage = critical,timeStamping,serverAuth
[none]
keyUsage = critical,digitalSignature
[dn]
"""


def openssl(*words, check=True, data=None):
    done = subprocess.run(["openssl", *words], capture_output=True,
                          input=data, timeout=60)
    assert done.returncode == 0 or not check, done.stderr.decode()
    return done


class Authority:
    """A root, and signers by name; `reply` answers a request's bytes."""

    def __init__(self, folder, kind):
        self.dir, self.kind = folder / kind, kind
        self.dir.mkdir()
        (self.dir / "serial").write_text("01\n")
        self.configure("good", "sha256")
        self.key("ca")
        openssl("req", "-x509", "-new", "-key", self.at("ca.key"), "-subj",
                f"/CN=root {kind}", "-days", "9", "-out", self.at("ca.crt"),
                "-config", self.at("tsa.cnf"), "-extensions", "ca")
        for name in ("good", "lax", "wide", "none"):
            self.signer(name, name, ())

    def at(self, name):
        return str(self.dir / name)

    def configure(self, name, ess):
        (self.dir / "tsa.cnf").write_text(
            CONFIG.format(dir=self.dir, name=name, ess=ess)
            + "[req]\ndistinguished_name = dn\n")

    def key(self, name):
        words = (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
                 if self.kind == "ec" else
                 ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        openssl("genpkey", *words, "-out", self.at(name + ".key"))

    def signer(self, name, section, times):
        self.key(name)
        openssl("req", "-new", "-key", self.at(name + ".key"), "-subj",
                f"/O=Test/CN=tsa {name}", "-out", self.at("csr"), "-config",
                self.at("tsa.cnf"))
        openssl("x509", "-req", "-in", self.at("csr"), "-CA",
                self.at("ca.crt"), "-CAkey", self.at("ca.key"),
                "-CAcreateserial", "-out", self.at(name + ".crt"),
                "-extfile", self.at("tsa.cnf"), "-extensions", section,
                *(times or ("-days", "5")))

    def reply(self, request, name="good", ess="sha256"):
        self.configure(name, ess)
        pathlib.Path(self.at("q")).write_bytes(request)
        pathlib.Path(self.at("r")).unlink(missing_ok=True)
        openssl("ts", "-reply", "-config", self.at("tsa.cnf"), "-queryfile",
                self.at("q"), "-out", self.at("r"), check=False)
        return pathlib.Path(self.at("r")).read_bytes()


    def forge(self, request, name):
        """A token of a signer that openssl would not let sign one: what it
        made for a good one, signed again as CMS, in a response of ours."""
        pathlib.Path(self.at("t")).write_bytes(self.reply(request))
        openssl("ts", "-reply", "-in", self.at("t"), "-token_out", "-out",
                self.at("token"))
        openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in",
                self.at("token"), "-out", self.at("info"))
        token = openssl("cms", "-sign", "-binary", "-nodetach",
                        "-econtent_type", TST_INFO, "-cades", "-md", "sha256",
                        "-signer", self.at(name + ".crt"), "-inkey",
                        self.at(name + ".key"), "-in", self.at("info"),
                        "-outform", "DER").stdout
        content = b"\x30\x03\x02\x01\x00" + token  # Granted.
        return b"\x30\x82" + len(content).to_bytes(2, "big") + content


class Server:
    """Gives each request to `answer`, a function that tests exchange."""

    def __init__(self):
        server = self
        self.answer = None

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                kind = self.headers["Content-Type"]
                assert kind == "application/timestamp-query", kind
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, reply = server.answer(body)
                self.send_response(status)
                self.send_header("Content-Type",
                                 "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                try:
                    self.wfile.write(reply)
                except OSError:
                    pass  # The client has had enough.

            log_message = lambda *_: None

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/tsa"


def run(*words):
    return subprocess.run([TENET, "witness", "stamp", *map(str, words)],
                          capture_output=True, text=True, timeout=60)


def stamp(log, url, ca):
    return run("--log", log, "--tsa", url, "--ca", ca)


def tokens(log):
    return sorted(glob.glob(str(log / "stamp" / "*.tsr")))


def stamped_and_verified(authority, server, log):
    ca = authority.at("ca.crt")
    server.answer = lambda body: (200, authority.reply(body))
    before = set(tokens(log))
    done = stamp(log, server.url, ca)
    assert done.returncode == 0, done.stderr
    assert "CN=tsa good" in done.stdout, done.stdout
    server.answer = lambda body: (200, authority.forge(body, "good"))
    done = stamp(log, server.url, ca)  # What forge() makes is a token.
    assert done.returncode == 0, done.stderr
    new = set(tokens(log)) - before
    assert len(new) == 2, new
    for token in new:  # And by openssl alone.
        note = token.rsplit("-", 1)[0] + ".note"
        openssl("ts", "-verify", "-data", note, "-in", token, "-CAfile", ca)


def refused(authority, server, log):
    ca = authority.at("ca.crt")
    other = openssl("ts", "-query", "-data", ca, "-sha256", "-cert").stdout
    no_nonce = openssl("ts", "-query", "-data", str(log / "checkpoint"),
                       "-sha256", "-cert", "-no_nonce").stdout
    wrong_nonce = openssl("ts", "-query", "-data", str(log / "checkpoint"),
                          "-sha256", "-cert").stdout
    sha512 = openssl("ts", "-query", "-data", str(log / "checkpoint"),
                     "-sha512", "-cert").stdout
    cases = {
        "something else": lambda body: (200, authority.reply(other)),
        "nonce": lambda body: (200, authority.reply(wrong_nonce)),
        "its nonce": lambda body: (200, authority.reply(no_nonce)),
        "refused": lambda body: (200, authority.reply(sha512)),
        "ESSCertIDv2":
            lambda body: (200, authority.reply(body, "good", "sha1")),
        "not a TimeStampResp": lambda body: (200, b"nonsense"),
        "64 KiB": lambda body: (200, b""),
        "larger than": lambda body: (200, b"x" * (1 << 20)),
        "answered 503": lambda body: (503, b""),
        "expired": lambda body: (200, authority.reply(body, "expired")),
    }
    past = ("-not_before", "20200101000000Z", "-not_after", "20210101000000Z")
    try:
        authority.signer("expired", "good", past)
    except AssertionError:  # Older openssl x509 cannot; ca can.
        expired_by_ca(authority)
    before = tokens(log)
    for what, answer in cases.items():
        server.answer = answer
        done = stamp(log, server.url, ca)
        assert done.returncode == 3, (what, done.stdout)
        assert what in done.stderr, (what, done.stderr)
        assert tokens(log) == before, what
    for name in ("none", "lax", "wide"):
        server.answer = lambda body: (200, authority.forge(body, name))
        done = stamp(log, server.url, ca)
        assert done.returncode == 3, (name, done.stdout)
        assert "purpose" in done.stderr, (name, done.stderr)
        assert tokens(log) == before, name
    server.answer = lambda body: (200, authority.reply(body))
    elsewhere = authority.dir.parent / ("ec" if authority.kind == "rsa"
                                        else "rsa") / "ca.crt"
    assert stamp(log, server.url, elsewhere).returncode == 3
    assert tokens(log) == before


def expired_by_ca(authority):
    authority.key("expired")
    openssl("req", "-new", "-key", authority.at("expired.key"), "-subj",
            "/CN=tsa expired", "-out", authority.at("csr"), "-config",
            authority.at("tsa.cnf"))
    (authority.dir / "index").write_text("")
    (authority.dir / "ca-serial").write_text("99\n")
    (authority.dir / "ca.cnf").write_text(
        "[any]\ncommonName = supplied\n"
        f"[ca]\ndefault_ca = one\n[one]\ndatabase = {authority.dir}/index\n"
        f"serial = {authority.dir}/ca-serial\nnew_certs_dir = "
        f"{authority.dir}\ndefault_md = sha256\npolicy = any\n")
    openssl("ca", "-batch", "-config", authority.at("ca.cnf"), "-cert",
            authority.at("ca.crt"), "-keyfile", authority.at("ca.key"),
            "-in", authority.at("csr"), "-out", authority.at("expired.crt"),
            "-notext", "-startdate", "20200101000000Z", "-enddate",
            "20210101000000Z", "-extfile", authority.at("tsa.cnf"),
            "-extensions", "good")


def kept_stamps(folder, log, roots):
    def verify():
        return run("--log", log, "--verify", "--ca", roots)

    done = verify()
    assert done.returncode == 0, done.stdout + done.stderr
    default = subprocess.run(  # The ledger's, when no log is named.
        [TENET, "witness", "stamp", "--verify", "--ca", str(roots)],
        capture_output=True, text=True,
        env=dict(os.environ, TENET_LEDGER=str(folder)))
    assert default.stdout == done.stdout, default.stderr
    assert done.stdout.count(" entries, ") == len(tokens(log)) == 6
    if shutil.which("faketime"):  # When every certificate has expired.
        later = subprocess.run(
            ["faketime", "+3 years", TENET, "witness", "stamp", "--log",
             str(log), "--verify", "--ca", str(roots)],
            capture_output=True, text=True,
            env={"ASAN_OPTIONS": "verify_asan_link_order=0",
                 "PATH": "/usr/bin:/bin"})
        assert later.returncode == 0, later.stdout + later.stderr
    else:
        print("faketime is not here: three years ahead is skipped")
    note = pathlib.Path(tokens(log)[0].rsplit("-", 1)[0] + ".note")
    whole = note.read_bytes()
    note.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    assert verify().returncode == 3
    note.unlink()
    assert "not beside" in verify().stdout
    note.write_bytes(whole)
    assert verify().returncode == 0
    other = folder / "other"
    subprocess.run([GROW, str(other), "log.example", "9"], check=True,
                   capture_output=True)
    shutil.copytree(log / "stamp", other / "stamp")
    done = run("--log", other, "--verify", "--ca", roots)
    assert done.returncode == 3 and "does not hold" in done.stdout


def wrong_words(log):
    for words in ([], ["--log", log], ["--log", log, "--ca", "x"],
                  ["--log", log, "--log", log, "--ca", "x", "--verify"],
                  ["--log", log, "--ca", "x", "--tsa", "u", "--verify"]):
        assert run(*words).returncode == 2, words
    for words in (["--ca", "/nonexistent", "--tsa", "http://127.0.0.1:1/"],
                  ["--ca", str(log / "vkey"), "--tsa", "file:///etc/passwd"],
                  ["--ca", str(log / "vkey"), "--tsa", "http://127.0.0.1:1/"]):
        assert run("--log", log, *words).returncode == 3, words


def main():
    if not shutil.which("openssl"):
        print("openssl is not here")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        log = folder / "log"
        subprocess.run([GROW, str(log), "log.example", "5"], check=True,
                       capture_output=True)
        wrong_words(log)
        server = Server()
        authorities = [Authority(folder, kind) for kind in ("ec", "rsa")]
        for authority in authorities:
            stamped_and_verified(authority, server, log)
            print(f"{authority.kind}: stamped", flush=True)
        for authority in authorities:
            refused(authority, server, log)
            print(f"{authority.kind}: refusals", flush=True)
        subprocess.run([GROW, str(log), "log.example", "3"], check=True,
                       capture_output=True)
        stamped_and_verified(authorities[0], server, log)
        roots = folder / "roots.pem"
        roots.write_text("".join(pathlib.Path(a.at("ca.crt")).read_text()
                                 for a in authorities))
        kept_stamps(folder, log, roots)
        print("kept stamps: ok")


main()
