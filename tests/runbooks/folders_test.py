#!/usr/bin/env python3
"""damaged-disk and restore: real hubs, whose folders are damaged and replaced.

   folders_test.py SESSIONHUBD SESSIONHUBCTL
"""

import subprocess

import bed


class DamagedDiskTest(bed.RunbookTest):

    def setUp(self):
        super().setUp()
        self.server = self.hub("--backup-dir", str(self.backups))
        self.server.start()
        self.commit(self.server, "ada", "cart", "bread")
        self.arguments = ["--data-dir", self.server.data, "--backup-dir", self.backups]

    def damage(self):
        """The hub's log, in a place behind which there is more."""
        for session in "bcdefgh":
            self.commit(self.server, session, "text", session * 10_000)
        self.server.stop()
        log = max((self.server.data / "db").glob("*.log"), key=lambda path: path.stat().st_size)
        bed.flip_byte(log)
        subprocess.run(["sh", "-c", self.server.start_command], check=True)
        bed.wait_for(lambda: "event=start_failed" in self.server.log(), "it does not start")

    def test_a_damaged_log_is_replaced_by_the_newest_backup_that_is_good(self):
        self.backup(self.server)
        self.commit(self.server, "ada", "cart", "milk")
        self.backup(self.server)
        for path in (self.backups / "private/2").glob("*.log"):
            bed.flip_byte(path)
        self.damage()
        told = self.run_book("damaged-disk", self.server, *self.arguments, "--stop", "true")
        self.assertIn("is damaged at byte", told)
        self.assertIn("backup 2 is no good", told)
        self.assertIn("the hub serves backup 1", told)
        self.assertEqual(self.read(self.server, "ada"), {"cart": "bread"})
        self.commit(self.server, "ada", "cart", "cheese")
        kept, = self.folder.glob("data.before-*")
        self.assertTrue((kept / "FORMAT").exists())

    def test_a_folder_that_is_well_is_served_again(self):
        told = self.run_book("damaged-disk", self.server, *self.arguments)
        self.assertIn("the folder is well", told)
        self.assertEqual(self.read(self.server, "ada"), {"cart": "bread"})

    def test_without_a_good_backup_nothing_is_replaced(self):
        self.backup(self.server)
        for path in (self.backups / "private/1").glob("*.log"):
            bed.flip_byte(path)
        self.damage()
        told = self.run_book("damaged-disk", self.server, *self.arguments, "--stop", "true", code=1)
        self.assertIn("there is no good backup", told)
        self.assertTrue((self.server.data / "FORMAT").exists())


class RestoreTest(bed.RunbookTest):

    def setUp(self):
        super().setUp()
        self.server = self.hub("--backup-dir", str(self.backups))
        self.server.start()
        self.commit(self.server, "ada", "cart", "bread")
        self.arguments = ["--data-dir", self.server.data, "--backup-dir", self.backups]

    def test_nodes_that_live_take_over_what_the_backup_has(self):
        self.backup(self.server)
        node = self.client(self.server)
        session = node.open("ada", timeout_s=bed.PATIENCE_S)
        session.commit([bed.put("cart", "milk")], bed.PATIENCE_S)
        history = self.status(self.server)["history_id"]
        told = self.run_book("restore", self.server, *self.arguments)
        self.assertIn(history, told)
        after = self.status(self.server)["history_id"]
        self.assertNotEqual(after, history)
        self.assertIn(after, told)
        bed.wait_for(lambda: self.nodes(self.server).get("web-1", {}).get("attached"),
                     "the node comes back by itself")
        session = node.open("ada", timeout_s=bed.PATIENCE_S)
        self.assertEqual(session.read()[1], {"cart": "bread"})
        session.commit([bed.put("cart", "cheese")], bed.PATIENCE_S)
        self.assertEqual(self.read(self.server, "ada"), {"cart": "cheese"})

    def test_a_backup_that_is_damaged_replaces_nothing(self):
        self.backup(self.server)
        for path in (self.backups / "private/1").glob("*.log"):
            bed.flip_byte(path)
        told = self.run_book("restore", self.server, *self.arguments, code=1)
        self.assertIn("choose another one", told)
        self.assertEqual(self.read(self.server, "ada"), {"cart": "bread"})

    def test_nothing_is_stopped_unasked(self):
        self.backup(self.server)
        pid = self.server.pid()
        told = self.run_book("restore", self.server, *self.arguments, code=1, yes=False)
        self.assertIn("say --yes", told)
        self.assertEqual(self.read(self.server, "ada"), {"cart": "bread"})
        self.assertEqual(self.server.pid(), pid)

    def test_of_several_backups_one_can_be_named(self):
        self.backup(self.server)
        self.commit(self.server, "ada", "cart", "milk")
        self.backup(self.server)
        self.run_book("restore", self.server, *self.arguments, "--backup", 1)
        self.assertEqual(self.read(self.server, "ada"), {"cart": "bread"})


if __name__ == "__main__":
    bed.main()
