#!/usr/bin/env python3
"""The life of an installation, in a clean Debian root: the packages of an older release are
installed, a hub is started and used, upgraded, removed, installed again and purged.

   root_test.py PACKAGES OLDER_PACKAGES HELLO_SESSION

To be run by deploy/package --test, as root, with mounts and processes of its own
(in_private_mounts).
"""

import contextlib
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

import debian_root

TREE = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 60  # Only a failing test sees it.
CONFIGURATION = "etc/sessionhub/sessionhub.conf"
DATA = "var/lib/sessionhub"
LOGS = "var/log/sessionhub"
ENABLED = "etc/systemd/system/multi-user.target.wants/sessionhub.service"


def direct_start():
    """The command of docs/install.md that starts a hub without systemd."""
    page = (TREE / "docs/install.md").read_text(encoding="utf-8")
    command, = re.findall(r"^```sh\n(setpriv .*?)\n```$", page, re.DOTALL | re.MULTILINE)
    return command


def making_of_a_token():
    """The commands of docs/install.md that make the first one."""
    page = (TREE / "docs/install.md").read_text(encoding="utf-8")
    block = r"^```sh\n(sessionhubctl tokens .*?)\n```$"
    commands, = re.findall(block, page, re.DOTALL | re.MULTILINE)
    return commands


def deb(folder, name):
    found, = folder.glob(f"{name}_*.deb")
    return found


class RootTest(unittest.TestCase):
    packages = older = hello_session = None

    def setUp(self):
        self.root = debian_root.clean(TREE / "build/package-roots")
        self.addCleanup(self.root.remove)

    def must(self, *command):
        done = self.root.run(*command)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def apt(self, *arguments):
        self.must("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y",
                  "--no-install-recommends", *arguments)
        self.assertEqual(self.must("dpkg", "--audit"), "")

    def install(self, folder):
        shutil.copytree(folder, self.root.path / "packages", dirs_exist_ok=True)
        self.apt("install", f"/packages/{deb(folder, 'sessionhub').name}")

    def installed(self):
        """The package's state and version, as dpkg has them."""
        return self.root.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}",
                             "sessionhub").stdout

    def check_place(self, path, mode, user, group):
        self.assertEqual(self.must("stat", "-c", "%a %U %G", "/" + path),
                         f"{mode:o} {user} {group}\n", path)

    def check_places(self):
        for path, mode in (("usr/bin/sessionhubd", 0o755), ("usr/bin/sessionhubctl", 0o755),
                           ("usr/bin/sessionhub-folder", 0o755),
                           ("usr/share/sessionhub/runbooks/restore.sh", 0o755),
                           ("lib/systemd/system/sessionhub.service", 0o644),
                           ("etc/sessionhub", 0o755), (CONFIGURATION, 0o644)):
            self.check_place(path, mode, "root", "root")
        self.check_place(DATA, 0o700, "sessionhub", "sessionhub")
        self.check_place(LOGS, 0o750, "sessionhub", "sessionhub")
        self.assertTrue((self.root.path / ENABLED).is_symlink())
        home, shell = self.must("getent", "passwd", "sessionhub").strip().split(":")[5:]
        self.assertEqual((home, shell), ("/" + DATA, "/usr/sbin/nologin"))

    @contextlib.contextmanager
    def hub(self, options=""):
        """A hub of the installed package, as docs/install.md starts it; yields its endpoint."""
        port_file = self.root.path / "tmp/port"
        log_file = self.root.path.parent / "hub.log"
        with log_file.open("wb") as log:
            process = self.root.start(
                "sh", "-c",
                f"exec {direct_start()} --listen 127.0.0.1:0 --port-file /tmp/port {options}",
                stderr=log)
        try:
            end = time.monotonic() + PATIENCE_S
            while not port_file.exists():
                self.assertIsNone(process.poll(), log_file.read_text())
                self.assertLess(time.monotonic(), end, "the hub is not ready")
                time.sleep(0.01)
            yield f"127.0.0.1:{port_file.read_text().strip()}"
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=PATIENCE_S), 0, log_file.read_text())
        finally:
            process.kill()
            process.wait()

    def use(self):
        """Adds to the cart of one session; how much is in it then."""
        with self.hub() as endpoint:
            owner = self.must("stat", "-c", "%U", f"/{DATA}/FORMAT")
            self.assertEqual(owner, "sessionhub\n")
            done = subprocess.run([self.hello_session, endpoint, "my-cookie"], check=True,
                                  capture_output=True, text=True, timeout=PATIENCE_S)
            status = json.loads(self.must("sessionhubctl", "--endpoint", endpoint, "--output",
                                          "json", "status"))
            self.assertEqual(status["data_dir"], "/" + DATA)
            self.assertEqual(status["counters"]["deltas_applied"], 1)
        return int(re.search(r"qty = (\d+)", done.stdout)[1])

    def change_configuration(self):
        path = self.root.path / CONFIGURATION
        text = path.read_text().replace("#lease-ms = 30000", "lease-ms = 20000")
        self.assertIn("\nlease-ms", text)
        path.write_text(text)
        return text

    def check_kept(self, configuration):
        self.assertEqual((self.root.path / CONFIGURATION).read_text(), configuration)
        self.check_place(DATA, 0o700, "sessionhub", "sessionhub")
        self.assertTrue((self.root.path / DATA / "FORMAT").exists())

    def check_removed(self):
        self.assertFalse((self.root.path / "usr/bin/sessionhubd").exists())
        self.assertFalse((self.root.path / "lib/systemd/system/sessionhub.service").exists())

    def test_install_use_upgrade_remove_and_purge(self):
        self.install(self.older)
        self.assertRegex(self.installed(), "^installed 0.0.1")
        self.check_places()
        configuration = self.change_configuration()
        self.assertEqual(self.use(), 1)

        self.install(self.packages)
        self.assertNotRegex(self.installed(), "0.0.1")
        self.check_places()
        self.check_kept(configuration)
        self.assertEqual(self.use(), 2)
        # By sessionhub-folder.
        self.must("sessionhubctl", "doctor", "--data-dir", "/" + DATA)

        self.apt("remove", "sessionhub")
        self.check_removed()
        self.check_kept(configuration)
        self.install(self.packages)
        self.check_places()
        self.assertEqual(self.use(), 3)

        self.apt("purge", "sessionhub")
        self.assertEqual(self.installed(), "")
        self.check_removed()
        for gone in ("etc/sessionhub", DATA, LOGS, ENABLED):
            self.assertFalse((self.root.path / gone).exists(), gone)
        self.assertFalse((self.root.path / ENABLED).is_symlink())
        # Its number stays taken.
        self.must("getent", "passwd", "sessionhub")

    def test_a_choice_of_the_operator_outlives_an_upgrade(self):
        self.install(self.older)
        (self.root.path / ENABLED).unlink()  # systemctl disable
        self.must("dpkg-statoverride", "--update", "--add", "root", "sessionhub", "0770",
                  "/" + DATA)
        self.install(self.packages)
        self.assertFalse((self.root.path / ENABLED).is_symlink())
        self.check_place(DATA, 0o770, "root", "sessionhub")

    def test_a_hub_runs_where_only_its_sessions_can_be_written(self):
        self.install(self.packages)
        self.root.make_read_only(DATA, "tmp")
        self.assertFalse(self.root.run("touch", "/usr/written").returncode == 0)
        self.assertEqual(self.use(), 1)

    def test_a_hub_asks_for_the_token_that_root_has_made(self):
        self.install(self.packages)
        token, = re.findall(r"shub_\S+", self.must("sh", "-ec", making_of_a_token()))
        with self.hub("--tokens-file /etc/sessionhub/tokens"
                      " --audit-file /var/log/sessionhub/audit") as endpoint:
            status = ("sessionhubctl", "--endpoint", endpoint, "status")
            self.assertNotEqual(self.root.run(*status).returncode, 0)
            self.must("env", f"SESSIONHUB_TOKEN={token}", *status)
        self.check_place(LOGS + "/audit", 0o600, "sessionhub", "sessionhub")
        self.apt("purge", "sessionhub")
        self.assertTrue((self.root.path / "etc/sessionhub/tokens").exists())

    def test_the_user_of_the_container_is_taken(self):
        dockerfile = (TREE / "deploy/docker/Dockerfile").read_text(encoding="utf-8")
        command = re.search(r"^RUN (groupadd .*?[^\\])\n", dockerfile, re.DOTALL | re.MULTILINE)[1]
        user = re.search(r"^USER (\d+:\d+)$", dockerfile, re.MULTILINE)[1]
        self.must("sh", "-c", command)
        self.install(self.packages)
        self.assertEqual(self.must("stat", "-c", "%u:%g", "/" + DATA), user + "\n")

    def test_development_packages_install(self):
        shutil.copytree(self.packages, self.root.path / "packages")
        names = [deb(self.packages, name).name
                 for name in ("libsessionhub-client*", "libsessionhub-dev")]
        self.apt("install", *("/packages/" + name for name in names))
        self.assertIn("libsessionhub_client.so", self.must("ldconfig", "-p"))
        self.apt("purge", *(name.split("_")[0] for name in names))
        self.assertNotIn("libsessionhub_client.so", self.must("ldconfig", "-p"))


if __name__ == "__main__":
    RootTest.hello_session = pathlib.Path(sys.argv.pop()).resolve()
    RootTest.older = pathlib.Path(sys.argv.pop()).resolve()
    RootTest.packages = pathlib.Path(sys.argv.pop()).resolve()
    unittest.main(verbosity=2)
