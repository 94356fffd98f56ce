#!/usr/bin/env python3
"""upgrade and rollback: a real hub that stands for the next release, with a format of its own.

   releases_test.py SESSIONHUBD SESSIONHUBCTL
"""

import bed

NEXT = "export SESSIONHUB_TEST_FORMAT_NEWEST=2"
FAILS_WITHIN_S = 20


class ReleasesTest(bed.RunbookTest):

    def setUp(self):
        super().setUp()
        self.server = self.hub("--backup-dir", str(self.backups))
        self.server.start()
        self.commit(self.server, "ada", "cart", "bread")
        release = self.folder / "release.env"
        self.install_next = f"echo '{NEXT}' > {release}"
        self.install_this = f"echo > {release}"

    def upgrade(self, *arguments, **how):
        return self.run_book("upgrade", self.server, *arguments, **how)

    def upgrade_to_next(self):
        return self.upgrade("--data-dir", self.server.data, "--install", self.install_next)

    def roll_back(self, *arguments, **how):
        return self.run_book("rollback", self.server, "--data-dir", self.server.data, "--install",
                             self.install_this, "--install-newer", self.install_next, *arguments,
                             **how)

    def formats(self):
        status = self.status(self.server)
        return status["format"], status["newest_format"]

    def test_there_and_back_keeps_each_change(self):
        self.upgrade_to_next()
        self.assertEqual(self.formats(), (1, 2))
        self.commit(self.server, "ada", "cart", "milk")
        self.assertIn("each acked change is there", self.roll_back())
        self.assertEqual(self.formats(), (1, 1))
        self.assertEqual(self.read(self.server, "ada"), {"cart": "milk"})
        self.assertTrue((self.backups / "meta/1").exists())

    def test_once_finalized_the_newer_release_is_put_back(self):
        self.upgrade_to_next()
        self.assertIn("say --yes", self.upgrade("--finalize", code=1, yes=False))
        self.assertEqual(self.formats(), (1, 2))
        self.upgrade("--finalize")
        self.assertEqual(self.formats(), (2, 2))
        told = self.roll_back("--wait-s", FAILS_WITHIN_S, code=1)
        self.assertIn("the upgrade was finalized", told)
        self.assertIn("the newer release serves again", told)
        self.assertEqual(self.formats(), (2, 2))
        self.assertEqual(self.read(self.server, "ada"), {"cart": "bread"})

    def test_without_a_backup_nothing_is_stopped(self):
        plain = self.folder / "start"
        text = plain.read_text(encoding="utf-8").replace(f"--backup-dir {self.backups}", "")
        plain.write_text(text, encoding="utf-8")
        self.server.stop()
        self.server.start()
        pid = self.server.pid()
        told = self.upgrade("--data-dir", self.server.data, "--install", self.install_next, code=1)
        self.assertIn("--backup-dir", told)
        self.assertEqual(self.server.pid(), pid)
        self.upgrade("--data-dir", self.server.data, "--install", self.install_next, "--no-backup")
        self.assertEqual(self.formats(), (1, 2))

    def test_nothing_is_installed_unasked(self):
        told = self.upgrade("--data-dir", self.server.data, "--install", self.install_next, code=1,
                            yes=False)
        self.assertIn("say --yes", told)
        self.assertEqual(self.formats(), (1, 1))


if __name__ == "__main__":
    bed.main()
