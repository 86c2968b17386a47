# SPDX-License-Identifier: Apache-2.0
"""
The generator keeps its promises: the same bytes every time, right checksums, order in
time, and truths that agree with the packets. Run it by itself or by unittest.
"""

import functools
import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(_ROOT / "tools"))

from generate import pcap  # noqa: E402
from generate.attacks.raw import SegmentMaker  # noqa: E402
from generate.chance import Chance  # noqa: E402
from generate.home import Home  # noqa: E402
from generate.packet import SYN, checksum, pseudo_header  # noqa: E402
from generate.link import tcp_frame, udp_frames  # noqa: E402
from generate.protocols import aes, der, dns, mqtt, quic, tls  # noqa: E402
from generate.recipe import ACTIVITIES, Cooking, Recipe  # noqa: E402
from generate.scene import RecipeError  # noqa: E402
from generate.tcp import Conversation, Manner  # noqa: E402

_RECIPES = _ROOT / "data" / "recipes"
_VERDICTS = {"harm", "notice", "benign"}
_TRUTH_KEYS = {"detection", "verdict", "actor_mac", "actor_address", "target_mac",
               "target_address", "device", "first", "last", "packets", "what"}


def _small_recipes():
    return sorted(p for p in _RECIPES.glob("*.toml") if not p.name.startswith("bench-"))


@functools.lru_cache(maxsize=None)
def _cook(path):
    """(capture bytes, truths) of a recipe, in memory, once."""
    cooking, file = Cooking(Recipe(path)), io.BytesIO()
    pcap.write_capture(file, cooking.frames())
    return file.getvalue(), cooking.truths()


def _frames(capture):
    return list(pcap.read_capture(io.BytesIO(capture)))


def _folds_to_zero(data):
    return checksum(data) in (0, 0xFFFF)


def _transport_is_right(src, dst, protocol, body):
    if protocol == 1:
        return _folds_to_zero(body)
    if protocol in (6, 17, 58):
        return _folds_to_zero(pseudo_header(src, dst, protocol, len(body)) + body)
    return True


def _checksums_right(frame):
    if frame[12:14] == b"\x81\x00":
        frame = frame[:12] + frame[16:]
    kind = struct.unpack("!H", frame[12:14])[0]
    packet = frame[14:]
    if kind == 0x0800:
        head = (packet[0] & 15) * 4
        size, fragment = struct.unpack("!H2xH", packet[2:8])
        if not _folds_to_zero(packet[:head]):
            return False
        whole = fragment & 0x3FFF == 0
        return not whole or _transport_is_right(packet[12:16], packet[16:20], packet[9],
                                                packet[head:size])
    if kind == 0x86DD and packet[6] != 0:
        size = struct.unpack("!H", packet[4:6])[0]
        return _transport_is_right(packet[8:24], packet[24:40], packet[6], packet[40:40 + size])
    return kind in (0x0806, 0x86DD)


class RecipesKeepTheirPromises(unittest.TestCase):
    """Every recipe but the large ones, made in full."""

    def test_captures_are_ordered_and_sound_and_truths_agree(self):
        for path in _small_recipes():
            with self.subTest(recipe=path.stem):
                capture, truths = _cook(path)
                frames = _frames(capture)
                self.assertTrue(frames)
                self._check_frames(frames)
                self._check_truths(frames, truths)

    def _check_frames(self, frames):
        last = 0
        for moment, frame in frames:
            self.assertGreaterEqual(moment, last)
            self.assertLessEqual(len(frame), 1518)
            self.assertTrue(_checksums_right(frame), frame.hex())
            last = moment

    def _check_truths(self, frames, truths):
        first, last = frames[0][0] / 1000000, frames[-1][0] / 1000000
        moments = {moment for moment, _ in frames}
        for truth in truths:
            self.assertEqual(set(truth), _TRUTH_KEYS)
            self.assertIn(truth["verdict"], _VERDICTS)
            self.assertRegex(truth["detection"], r"^[a-z0-9]+(-[a-z0-9]+)*$")
            self.assertTrue(first <= truth["first"] <= truth["last"] <= last)
            self.assertIn(round(truth["first"] * 1000000), moments)
            self.assertIn(round(truth["last"] * 1000000), moments)
            self.assertTrue(0 < truth["packets"] <= len(frames))
            self.assertTrue(truth["actor_address"] or truth["target_address"])
            self.assertIsNotNone(truth["device"])

    def test_near_misses_do_no_harm(self):
        for path in _RECIPES.glob("near-*.toml"):
            verdicts = [truth["verdict"] for truth in _cook(path)[1]]
            self.assertIn("benign", verdicts, path.stem)
            self.assertNotIn("harm", verdicts, path.stem)

    def test_each_has_its_licence(self):
        for path in _RECIPES.rglob("*.toml"):
            self.assertTrue(path.read_text("utf-8").startswith(
                "# SPDX-License-Identifier: Apache-2.0"), path.stem)

    def test_the_sample_is_small_enough_for_a_first_look(self):
        capture, truths = _cook(_RECIPES / "sample.toml")
        self.assertLess(len(capture), 3000000)
        self.assertLess(len(_frames(capture)), 15000)
        topics = {t["detection"] for t in truths}
        self.assertLessEqual({"mirai-scan", "mirai-c2", "syn-flood", "malware-download",
                              "exposed-service", "cleartext-credentials"}, topics)


class TheSameBytesEveryTime(unittest.TestCase):
    """Across runs, processes, hash seeds and working directories."""

    def _digest(self, folder, seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Kiritimati"}
        subprocess.run([sys.executable, str(_ROOT / "tools/generate/generate.py"), "sample",
                        "near-browsing", "--to", folder], check=True, capture_output=True,
                       env=environment, cwd=folder)
        digest = hashlib.sha256()
        for path in sorted(Path(folder).iterdir()):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def test_two_processes_agree(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            self.assertEqual(self._digest(one, "1"), self._digest(two, "77"))

    def test_chance_is_what_it_was(self):
        chance = Chance("a recipe", 1)
        self.assertEqual([chance.below(1000) for _ in range(5)],
                         [Chance("a recipe", 1).below(1000), *self._rest()])
        self.assertNotEqual(Chance("a").word(), Chance("b").word())

    def _rest(self):
        chance = Chance("a recipe", 1)
        chance.word()
        return [chance.below(1000) for _ in range(4)]

    def test_the_first_of_many_seeds_is_the_recipe_itself(self):
        with tempfile.TemporaryDirectory() as folder:
            Recipe(_RECIPES / "mirai-scan.toml").with_seed(1).write(folder)
            first = (Path(folder) / "mirai-scan-1.pcap").read_bytes()
            self.assertEqual(first, _cook(_RECIPES / "mirai-scan.toml")[0])

    def test_another_seed_is_another_capture(self):
        text = (_RECIPES / "mirai-scan.toml").read_text("utf-8")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "homes").symlink_to(_RECIPES / "homes")
            path = Path(folder) / "mirai-scan.toml"
            path.write_text("seed = 2\n" + text, "utf-8")
            self.assertNotEqual(_cook(path)[0], _cook(_RECIPES / "mirai-scan.toml")[0])


class MistakesInRecipesAreRefused(unittest.TestCase):
    """A misspelling must not silently make another capture."""

    def _refuses(self, text, word):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "wrong.toml"
            path.write_text(text, "utf-8")
            with self.assertRaisesRegex(RecipeError, word):
                _cook(path)

    def test_unknown_activity(self):
        self._refuses('[[activity]]\ndo = "dance"\n', "dance")

    def test_unknown_parameter(self):
        self._refuses('[[device]]\nname = "c"\nkind = "camera"\n[[activity]]\ndo = "beacon"\n'
                      'actor = "c"\nevrey = 5\n', "evrey")

    def test_unknown_kind(self):
        self._refuses('[[device]]\nname = "c"\nkind = "toaster"\n', "toaster")

    def test_unknown_key(self):
        self._refuses('titel = "x"\n', "titel")

    def test_two_devices_of_one_name(self):
        self._refuses('[[device]]\nname = "c"\nkind = "camera"\n' * 2, "two devices")

    def test_device_without_kind(self):
        self._refuses('[[device]]\nname = "c"\n', "name and kind")

    def test_nothing_is_left_of_a_recipe_that_fails_late(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "wrong.toml"
            path.write_text('[[device]]\nname = "c"\nkind = "plug"\n[[activity]]\n'
                            'do = "ntp"\nactor = "c"\nat = 9\nevrey = 5\n', "utf-8")
            with self.assertRaises(RecipeError):
                Recipe(path).write(Path(folder) / "out")
            self.assertEqual(list((Path(folder) / "out").iterdir()), [])

    def test_missing_actor(self):
        self._refuses('[[activity]]\ndo = "beacon"\n', "actor")

    def test_not_toml(self):
        self._refuses("title = \n", "wrong.toml")


class Packets(unittest.TestCase):
    """The builders, against the standards and against each other."""

    def setUp(self):
        self.home = Home({}, Chance("test"))
        self.device = self.home.add("camera", {"oui": "00:12:17"}, {})
        self.server = self.home.stranger("server.example")

    def test_checksum_of_the_rfc(self):
        self.assertEqual(checksum(bytes.fromhex("0001f203f4f5f6f7")), 0x220D)
        self.assertEqual(checksum(bytes.fromhex("ffff")), 0)
        self.assertEqual(checksum(b"\x01"), 0xFEFF)

    def test_fast_segments_equal_careful_ones(self):
        chance = Chance("fast")
        for number in range(200):
            options = b"\x02\x04\x05\xb4" if number % 2 else b""
            maker = SegmentMaker(self.device, self.server.mac, 1024, SYN, options)
            ports, sequence = (chance.port(), 23), chance.below(1 << 32)
            ident, target = chance.below(65536), int.from_bytes(self.server.ip, "big")
            slow = tcp_frame(self.device, self.server, ports, (sequence, 0, SYN, 1024),
                             options=options, ident=ident, fragment=0)
            self.assertEqual(maker.make(target, ports, sequence, ident), slow)

    def test_large_datagrams_are_fragmented(self):
        frames = udp_frames(self.device, self.server, (53, 40000), b"x" * 4000, 7)
        self.assertEqual([len(f) - 34 for f in frames], [1480, 1480, 1048])
        fields = [struct.unpack("!H", f[20:22])[0] for f in frames]
        self.assertEqual(fields, [0x2000, 0x2000 | 185, 370])

    def test_a_conversation_adds_up(self):
        talk = Conversation(Chance("t"), self.device, self.server, (40000, 80), 0,
                            Manner(loss=0.05, reorder=0.05)).open()
        said = bytes(range(256)) * 200
        talk.client(b"GET").server(said).close()
        frames = talk.timeline()
        heard, start = {}, None
        for _, frame in frames:
            if frame[26:30] == self.server.ip:
                sequence, flags = struct.unpack("!I", frame[38:42])[0], frame[47]
                start = sequence if flags & SYN else start
                heard[(sequence - start - 1) & 0xFFFFFFFF] = frame[14 + 20 + (frame[46] >> 4) * 4:]
        self.assertEqual(b"".join(heard[k] for k in sorted(heard) if heard[k]), said)
        self.assertEqual(frames, sorted(frames, key=lambda item: item[0]))

    def test_long_talks_keep_within_the_window(self):
        talk = Conversation(Chance("w"), self.device, self.server, (40000, 80), 0).open()
        talk.client(b"x" * 900000)
        sent = acknowledged = 0
        for _, frame in talk.timeline()[3:]:
            if frame[26:30] == self.device.ip:
                sent += len(frame) - 54
            else:
                acknowledged = sent
            self.assertLess(sent - acknowledged, 64240 << 7)

    def test_names_and_messages(self):
        self.assertEqual(dns.name("a.bc"), b"\x01a\x02bc\0")
        with self.assertRaises(ValueError):
            dns.name("x" * 64 + ".example")
        self.assertEqual(mqtt.connect("c", "u", "p")[0:2], b"\x10\x13")
        self.assertEqual(der.tlv(4, b"x" * 200)[:3], b"\x04\x81\xc8")
        hello = tls.client_hello(Chance("h"), "server.example")
        self.assertEqual(struct.unpack("!H", hello[3:5])[0], len(hello) - 5)
        self.assertIn(b"server.example", hello)


class Quic(unittest.TestCase):
    """What lets anybody open an Initial packet, against the standards' own numbers."""

    def test_block_of_the_standard(self):
        key, plain = bytes(range(16)), bytes.fromhex("00112233445566778899aabbccddeeff")
        self.assertEqual(aes.Aes(key).block(plain).hex(), "69c4e0d86a7b0430d8cdb78070b4c55a")

    def test_seal_of_the_standard(self):
        sealed = aes.seal(b"\0" * 16, b"\0" * 12, b"\0" * 16, b"")
        self.assertEqual(sealed.hex(), "0388dace60b6a392f328c2b971b2fe78"
                                       "ab6e47d42cec13bdf53a67b21257bddf")

    def test_keys_of_rfc_9001(self):
        keys = quic.initial_keys(bytes.fromhex("8394c8f03e515708"), b"client")
        self.assertEqual([k.hex() for k in keys],
                         ["1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
                          "9f50449e04a0e810283a1e9933adedd2"])

    def test_the_first_datagram_has_the_size_that_the_rfc_demands(self):
        opening, ends = quic.first_flight(Chance("q"), "server.example")
        self.assertEqual(len(opening), 1200)
        self.assertEqual(opening[6:14], ends[0])


class TheDocumentationIsTrue(unittest.TestCase):
    """What README.md in data/recipes says exists, and the other way round."""

    def test_every_recipe_is_described(self):
        text = (_RECIPES / "README.md").read_text("utf-8")
        for path in _RECIPES.glob("*.toml"):
            self.assertIn(f"`{path.stem}`", text, path.stem)

    def test_every_activity_is_described(self):
        text = (_RECIPES / "README.md").read_text("utf-8")
        for name in ACTIVITIES:
            self.assertIn(f"`{name}`", text, name)

    def test_truths_are_json(self):
        with tempfile.TemporaryDirectory() as folder:
            Recipe(_RECIPES / "arp-sweep.toml").write(folder)
            told = json.loads((Path(folder) / "arp-sweep.truth.json").read_text("utf-8"))
            self.assertEqual(told[0]["detection"], "arp-sweep")


if __name__ == "__main__":
    unittest.main()
