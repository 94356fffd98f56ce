#!/usr/bin/env python3
"""full-disk: a real hub on a small disk that fills up.

   full_disk_test.py SESSIONHUBD SESSIONHUBCTL

The disk is a tmpfs, mounted where nobody else sees it: root's rights are needed.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import bed

MIB = 1 << 20
DISK_MIB = 256
FREE_MIN_MIB = 64
SKIPPED = 77


class FullDiskTest(bed.RunbookTest):

    def setUp(self):
        super().setUp()
        self.server = self.hub("--disk-free-bytes-min", str(FREE_MIN_MIB * MIB))
        self.server.start()
        self.commit(self.server, "ada", "cart", "bread")
        self.filler = self.folder / "filler"

    def fill(self):
        free = self.status(self.server)["disk_free_bytes"]
        with self.filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - FREE_MIN_MIB // 2 * MIB)
        bed.wait_for(lambda: self.status(self.server)["growth_waits"], "growth waits")

    def test_a_disk_with_space_needs_nothing(self):
        told = self.run_book("full-disk", self.server, "--data-dir", self.server.data)
        self.assertIn("there is nothing to do", told)

    def test_what_waited_is_applied_once_there_is_room(self):
        self.fill()
        session = self.client(self.server).open("ada", timeout_s=bed.PATIENCE_S)
        with self.assertRaises(bed.SessionHubError):
            session.commit([bed.put("cart", "milk")], 0.2)
        told = self.run_book("full-disk", self.server, "--data-dir", self.server.data, "--free",
                             f"rm {self.filler}")
        self.assertIn("growth waits: true", told)
        self.assertIn(str(self.folder.parent), told)
        self.assertIn("sessions grow again", told)
        bed.wait_for(lambda: self.read(self.server, "ada")["cart"] == "milk", "it is applied")

    def test_without_room_it_says_so(self):
        self.fill()
        told = self.run_book("full-disk", self.server, "--data-dir", self.server.data, "--free",
                             "true", "--wait-s", 2, code=1)
        self.assertIn("make more room", told)
        self.assertTrue(self.status(self.server)["growth_waits"])

    def test_nothing_is_run_unasked(self):
        self.fill()
        told = self.run_book("full-disk", self.server, "--data-dir", self.server.data, "--free",
                             f"rm {self.filler}", code=1, yes=False)
        self.assertIn("say --yes", told)
        self.assertTrue(self.filler.exists())


def with_a_disk():
    """Runs this again where a small disk can be mounted."""
    if os.geteuid() != 0:
        print("skipped: only root may mount a small disk")
        sys.exit(SKIPPED)
    private = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
               "--mount-proc"]
    if subprocess.run([*private, "true"], check=False).returncode != 0:
        print("skipped: this system gives no mounts of one's own")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="sessionhub-test-") as disk:
        done = subprocess.run([*private, sys.executable, *sys.argv, disk], check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        with_a_disk()
    disk = pathlib.Path(sys.argv[3])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", disk], check=True)
    bed.RunbookTest.parent = str(disk)
    bed.main()
