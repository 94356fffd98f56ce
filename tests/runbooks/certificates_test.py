#!/usr/bin/env python3
"""certificate-change: a real hub whose certificate is replaced under a node that stays.

   certificates_test.py SESSIONHUBD SESSIONHUBCTL
"""

import json
import subprocess

import bed


class CertificateChangeTest(bed.RunbookTest):

    def setUp(self):
        super().setUp()
        self.make_root("roots")
        self.certificate, self.key = self.issue("hub", "roots")
        plain = self.hub()
        plain.start()
        self.commit(plain, "ada", "cart", "bread")
        plain.stop()
        self.server = self.hub("--tls-certificate", str(self.certificate), "--tls-key",
                               str(self.key))
        self.server.start()
        self.tls = ["--tls-ca", str(self.folder / "roots.pem")]

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, check=True,
                       capture_output=True)

    def make_root(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", 30, "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                     "-out", f"{name}.pem")

    def issue(self, name, root, days=30):
        """The paths of a certificate for this machine, and of its key."""
        (self.folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n",
                                           encoding="utf-8")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{root}.pem", "-CAkey",
                     f"{root}.key", "-CAcreateserial", "-days", days, "-extfile", "names", "-out",
                     f"{name}.pem")
        key = self.folder / f"{name}.key"
        key.chmod(0o600)
        return self.folder / f"{name}.pem", key

    def change(self, new, *arguments, **how):
        return self.run_book("certificate-change", self.server, "--certificate", self.certificate,
                             "--key", self.key, "--new-certificate", new[0], "--new-key", new[1],
                             *arguments, **how)

    def nodes_attached(self):
        return self.status_by_tls()["nodes"]

    def status_by_tls(self):
        done = self.ctl(self.server, *self.tls, "--output", "json", "status")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_the_hub_shows_the_new_one_and_cuts_nobody(self):
        watcher, _ = self.watch(self.server, "ada", *self.tls)
        bed.wait_for(lambda: self.nodes_attached() == 1, "the watcher is there")
        old = self.certificate.read_bytes()
        told = self.change(self.issue("next", "roots"), "--ca", self.folder / "roots.pem")
        self.assertIn("sha256 Fingerprint=", told)
        self.assertEqual(self.certificate.with_suffix(".pem.before").read_bytes(), old)
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.nodes_attached(), 1)
        self.assertNotIn("event=goodbye", self.server.log())
        deleted = self.ctl(self.server, *self.tls, "sessions", "delete", "ada", "--app", bed.APP,
                           "--yes")
        self.assertEqual(deleted.returncode, 0, deleted.stderr)
        self.assertIn("deleted", watcher.communicate(timeout=bed.PATIENCE_S)[0])

    def check_unchanged(self, told_part, new, *arguments):
        before = self.certificate.read_bytes(), self.key.read_bytes()
        self.assertIn(told_part, self.change(new, *arguments, code=1))
        self.assertEqual((self.certificate.read_bytes(), self.key.read_bytes()), before)
        self.status_by_tls()

    def test_another_key_is_refused(self):
        certificate, _ = self.issue("next", "roots")
        _, key = self.issue("other", "roots")
        self.check_unchanged("is not the key of", (certificate, key))

    def test_a_certificate_that_expires_is_refused(self):
        self.check_unchanged("expires within a day", self.issue("next", "roots", days=0))

    def test_a_certificate_of_other_roots_is_refused(self):
        self.make_root("strangers")
        self.check_unchanged("nodes would not trust it", self.issue("next", "strangers"), "--ca",
                             self.folder / "roots.pem")

    def test_what_the_hub_does_not_show_is_taken_back(self):
        self.server.stop()
        before = self.certificate.read_bytes(), self.key.read_bytes()
        told = self.change(self.issue("next", "roots"), "--wait-s", 1, code=1)
        self.assertIn("the files of before are back", told)
        self.assertEqual((self.certificate.read_bytes(), self.key.read_bytes()), before)


if __name__ == "__main__":
    bed.main()
