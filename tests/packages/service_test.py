#!/usr/bin/env python3
"""The service: systemd takes its file as it is meant, and rates what it may do. What it says
agrees with the hub's limits and with the configuration that is installed beside it."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import skipping

TREE = pathlib.Path(__file__).resolve().parents[2]
UNIT = TREE / "deploy/systemd/sessionhub.service"
EXPOSURE_MAX = 2.0
HAS_SYSTEMD = shutil.which("systemd-analyze") is not None


def settings():
    """Name -> values, in order."""
    found = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def limit(name):
    """The default of a limit, or a fixed bound, as docs/limits.md says it."""
    page = (TREE / "docs/limits.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{name}` \| ([\d,]+)", page, re.MULTILINE)
    return int(row[1].replace(",", ""))


def configured(name):
    text = (TREE / "deploy/config/sessionhub.conf").read_text(encoding="utf-8")
    return re.search(rf"^{name} = (.*)$", text, re.MULTILINE)[1]


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", "--no-pager", *arguments], capture_output=True,
                          text=True, check=False)


@unittest.skipUnless(HAS_SYSTEMD, "systemd-analyze is missing: deploy/install-packages package")
class SystemdTest(unittest.TestCase):

    def exposure(self, unit):
        done = analyze("security", "--offline=true", unit)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        self.assertIsNotNone(found, done.stdout + done.stderr)
        return float(found[1])

    def verify(self, text):
        """What systemd says of a unit whose program is there."""
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / UNIT.name
            unit.write_text(text.replace("/usr/bin/sessionhubd", "/bin/true"), encoding="utf-8")
            done = analyze("verify", "--man=no", unit)
        said = done.stdout + done.stderr
        return [line for line in said.splitlines() if UNIT.stem in line]

    def test_exposure_is_low(self):
        self.assertLessEqual(self.exposure(UNIT), EXPOSURE_MAX)

    def test_exposure_without_the_settings_is_high(self):
        with tempfile.TemporaryDirectory() as folder:
            bare = pathlib.Path(folder) / UNIT.name
            bare.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
            self.assertGreater(self.exposure(bare), 9)

    def test_the_file_is_understood(self):
        self.assertEqual(self.verify(UNIT.read_text(encoding="utf-8")), [])

    def test_a_wrong_word_is_found(self):
        text = UNIT.read_text(encoding="utf-8").replace("ProtectClock=", "ProtectClocks=")
        self.assertNotEqual(self.verify(text), [])


class AgreementTest(unittest.TestCase):

    def setUp(self):
        self.unit = settings()

    def only(self, name):
        value, = self.unit[name]
        return value

    def test_a_stop_waits_for_longer_than_the_hub_does(self):
        seconds, = re.fullmatch(r"(\d+)s", self.only("TimeoutStopSec")).groups()
        grpc_ms = 2000
        self.assertGreater(int(seconds) * 1000, limit("drain_ms") + grpc_ms)

    def test_there_are_files_for_all_nodes(self):
        needed = sum(map(limit, ("nodes_max", "kOtherStreamsMax", "kOwnDescriptors",
                                 "kStoreDescriptors")))
        self.assertGreaterEqual(int(self.only("LimitNOFILE")), needed)

    def test_the_data_folder_is_the_state_directory(self):
        self.assertEqual(configured("data-dir"), "/var/lib/" + self.only("StateDirectory"))
        self.assertEqual(self.only("StateDirectoryMode"), "0700")

    def test_it_listens_on_loopback(self):
        self.assertRegex(configured("listen"), r"^127\.0\.0\.1:")

    def test_it_has_no_rights(self):
        self.assertEqual(self.only("CapabilityBoundingSet"), "")
        self.assertNotEqual(self.only("User"), "root")


if __name__ == "__main__":
    skipping.main()
