#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what 'tenet ledger prove' wrote, with none of Tenet's own code.

    verify_package.py DIRECTORY VKEY [--log LOGDIR]

VKEY, "name+id+base64", or a file with it, comes from whom you trust, never
from the directory. Needs only Python's standard library and openssl, which
checks the Ed25519 signature. With --log the tiles and entries of a whole log
(a directory, as any web server serves it) are recomputed too. Exit status 0:
everything holds; 1: the first thing that does not is named."""
import base64
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile


class Broken(Exception):
    pass


def need(condition, text):
    if not condition:
        raise Broken(text)


def unbase64(text):
    """Only the one spelling: unused bits are zero."""
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, "base64 in another spelling")
    return raw


def read_json(data):
    """Only the one spelling: keys sorted, no spaces."""
    value = json.loads(data)
    again = json.dumps(value, sort_keys=True, separators=(",", ":"),
                       ensure_ascii=False).encode()
    need(again == data, "JSON in another spelling")
    return value


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\0" + data)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def tree_root(hashes):
    """RFC 6962 section 2.1, without recursion: subtrees by size."""
    if not hashes:
        return sha256(b"")
    stack = []
    for index, value in enumerate(hashes):
        while index & 1:
            value = node_hash(stack.pop(), value)
            index >>= 1
        stack.append(value)
    value = stack.pop()
    while stack:
        value = node_hash(stack.pop(), value)
    return value


def inclusion_root(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    need(0 <= index < size, "the index is not in the tree")
    first, last, value = index, size - 1, leaf
    for node in path:
        need(last > 0, "the proof is too long")
        if first & 1 or first == last:
            value = node_hash(node, value)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            value = node_hash(value, node)
        first, last = first >> 1, last >> 1
    need(last == 0, "the proof is too short")
    return value


def range_root(leaves, start, end, size, path):
    """The root of `size` leaves from those of [start, end) and the subtrees
    left and right of them, left to right."""
    need(0 <= start < end <= size, "a range is not in its segment")
    need(len(leaves) == end - start, "a range has too many or few blocks")
    path = list(path)
    pieces = []

    def cover(at, to):
        while at < to:
            level = (at & -at).bit_length() - 1 if at else 63
            while at + (1 << level) > to:
                level -= 1
            need(path, "the range's proof is too short")
            pieces.append((level, path.pop(0)))
            at += 1 << level

    cover(0, start)
    pieces.extend((0, leaf) for leaf in leaves)
    cover(end, size)
    need(not path, "the range's proof is too long")
    stack, at = [], 0
    for level, value in pieces:
        index = at >> level
        at += 1 << level
        while index & 1:
            value = node_hash(stack.pop(), value)
            index >>= 1
        stack.append(value)
    value = stack.pop()
    while stack:
        value = node_hash(stack.pop(), value)
    return value


class Key:
    def __init__(self, text):
        found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text.strip())
        need(found, "not a verifier key")
        self.name = found[1]
        raw = unbase64(found[3])
        need(len(raw) == 33 and raw[0] == 1, "the key is not Ed25519")
        self.id = sha256(self.name.encode() + b"\n" + raw)[:4]
        need(self.id.hex() == found[2], "the key's id is not its own")
        self.public = raw[1:]

    def verify(self, text, signature):
        der = bytes.fromhex("302a300506032b6570032100") + self.public
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "k").write_bytes(der)
            (path / "s").write_bytes(signature)
            (path / "t").write_bytes(text)
            return subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER",
                 "-inkey", path / "k", "-rawin", "-in", path / "t",
                 "-sigfile", path / "s"], capture_output=True).returncode == 0


def open_checkpoint(note, key):
    """The (size, root) that the key has signed."""
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    is_signed = False
    for line in signatures.decode().splitlines():
        dash, name, encoded = line.split(" ")
        raw = unbase64(encoded)
        if (dash, name, raw[:4]) == ("\u2014", key.name, key.id):
            need(key.verify(text, raw[4:]), "the signature does not hold")
            is_signed = True
    need(is_signed, "the checkpoint is not signed by the key")
    lines = text.decode().split("\n")
    need(lines[0] == key.name, "the checkpoint is of another log")
    need(re.fullmatch("0|[1-9][0-9]*", lines[1]), "the size is no number")
    return int(lines[1]), unbase64(lines[2])


def check_proof(leaf, proof, key):
    head, _, note = proof.partition(b"\n\n")
    lines = head.decode().split("\n")
    need(lines.pop(0) == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
    if lines[0].startswith("extra "):
        lines.pop(0)
    found = re.fullmatch("index (0|[1-9][0-9]*)", lines.pop(0))
    need(found, "the proof has no index")
    path = [unbase64(line) for line in lines]
    need(all(len(node) == 32 for node in path), "a hash is not 32 bytes")
    size, root = open_checkpoint(note, key)
    need(inclusion_root(leaf_hash(leaf), int(found[1]), size, path) == root,
         "it is not in the log")
    return int(found[1]), size


def check_statement(leaf, kind):
    statement = read_json(leaf)
    need(statement["_type"] == "https://in-toto.io/Statement/v1" and
         statement["predicateType"] == f"tenet:{kind}/v1", f"not a {kind}")
    return statement["predicate"]["content"], \
        statement["subject"][0]["digest"]["sha256"]


def pcapng_blocks(data):
    at, order = 0, "<"
    while at < len(data):
        kind = data[at:at + 4]
        if kind == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        need(at + 12 <= len(data), "the excerpt ends inside a block")
        size, = struct.unpack_from(order + "I", data, at + 4)
        need(size % 4 == 0 and 12 <= size <= len(data) - at and
             data[at + 4:at + 8] == data[at + size - 4:at + size],
             "the excerpt has a broken block")
        yield data[at:at + size]
        at += size


def check_segment(folder, proof, hashes, key):
    """The excerpt's blocks of one segment; answers hashes by (segment,
    block)."""
    name = f"segment-{proof['segment']:06d}"
    leaf = (folder / f"{name}.statement.json").read_bytes()
    check_proof(leaf, (folder / f"{name}.tlog-proof").read_bytes(), key)
    content, _ = check_statement(leaf, "segment")
    need(all(content[name] == proof[name]
             for name in ("segment", "blocks", "root")) and len(proof) == 4,
         f"{name}: the excerpt's proof is of another segment")
    found = {}
    for part in proof["ranges"]:
        start, end, nodes = part["from"], part["to"], part["path"]
        need(len(part) == 3 and all(re.fullmatch("[0-9a-f]{64}", node)
                                    for node in nodes), "not a range's proof")
        taken = [next(hashes, b"") for _ in range(start, end)]
        root = range_root(taken, start, end, content["blocks"],
                          [bytes.fromhex(node) for node in nodes])
        need(root.hex() == content["root"],
             f"blocks {start} to {end - 1} are not those of {name}")
        found.update({(proof["segment"], start + i): value
                      for i, value in enumerate(taken)})
    return found


def check_case(folder, key):
    leaf = (folder / "finding.statement.json").read_bytes()
    index, size = check_proof(
        leaf, (folder / "finding.tlog-proof").read_bytes(), key)
    content, subject = check_statement(leaf, "finding")
    record = (folder / "finding.json").read_bytes()
    need(sha256(record).hex() == subject, "finding.json was changed")
    excerpt = (folder / "excerpt.pcapng").read_bytes()
    hashes = iter([leaf_hash(block) for block in pcapng_blocks(excerpt)])
    found = {}
    proofs = read_json((folder / "excerpt.proof.json").read_bytes())
    need(list(proofs) == ["segments"], "not an excerpt's proof")
    for proof in proofs["segments"]:
        found.update(check_segment(folder, proof, hashes, key))
    need(next(hashes, None) is None, "the excerpt has blocks of no segment")
    packets = content["packets"]
    wanted = [(part["segment"], block) for part in packets["ranges"]
              for block in range(part["from"], part["to"])]
    need(all(block in found for block in wanted), "a packet is missing")
    need(packets["outside"] > 0 or tree_root(
        [found[block] for block in wanted]).hex() == packets["root"],
        "the packets are not those of the finding")
    print(f"VERIFIED finding {content['id']}: entry {index} of {size} in "
          f"{key.name}, {len(wanted)} packets")


def numbered(number):
    text = f"{number:03d}" if number < 1000 else f"{number:06d}"
    text = text.zfill(-(-len(text) // 3) * 3)
    parts = [text[i:i + 3] for i in range(0, len(text), 3)]
    return "/".join(["x" + part for part in parts[:-1]] + parts[-1:])


def check_log(folder, key):
    size, root = open_checkpoint((folder / "checkpoint").read_bytes(), key)
    hashes = []
    for tile in range(-(-size // 256)):
        width = min(256, size - tile * 256)
        path = numbered(tile) + (f".p/{width}" if width < 256 else "")
        data = (folder / "tile/entries" / path).read_bytes()
        while data:
            end = 2 + int.from_bytes(data[:2], "big")
            need(end <= len(data), f"entries {path}: cut off")
            hashes.append(leaf_hash(data[2:end]))
            data = data[end:]
        need((folder / "tile/0" / path).read_bytes() ==
             b"".join(hashes[tile * 256:]), f"tile 0 {path} is wrong")
    need(len(hashes) == size and tree_root(hashes) == root,
         "the entries are not those of the checkpoint")
    print(f"VERIFIED log {key.name}: {size} entries")


def main(words):
    log = None
    if "--log" in words:
        at = words.index("--log")
        log, words = pathlib.Path(words[at + 1]), words[:at] + words[at + 2:]
    if len(words) != 2:
        sys.exit(__doc__)
    try:
        text = words[1]
        if pathlib.Path(text).is_file():
            text = pathlib.Path(text).read_text()
        key = Key(text)
        check_case(pathlib.Path(words[0]), key)
        if log:
            check_log(log, key)
    except (Broken, OSError, ValueError, KeyError, TypeError, IndexError) as e:
        sys.exit(f"NOT VERIFIED: {e}")


if __name__ == "__main__":
    main(sys.argv[1:])
