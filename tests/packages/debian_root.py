"""Clean Debian 12 roots, from the mirror that this machine's apt uses.

debootstrap makes one, which is kept; each test gets a copy of it. Needs root's rights, and mounts
of its own (in_private_mounts), which go with the process that ends in whatever way.
"""

import pathlib
import shutil
import subprocess

RELEASE = "bookworm"
# Of apt's settings those that say how its mirror is reached.
PROXIES = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::https::CaInfo")
KEPT_OF_APT = {"archives": "var/cache/apt/archives", "lists": "var/lib/apt/lists"}


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def sources():
    """(address, suite, component) of this machine's apt that have this release."""
    lines = output_of("apt-get", "indextargets", "--format",
                      "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    found = sorted({tuple(line.split()) for line in lines.splitlines()})
    return [source for source in found if source[1].startswith(RELEASE) and source[2] == "main"]


def settings():
    lines = output_of("apt-config", "dump").splitlines()
    return [line for line in lines if line.startswith(PROXIES)]


def make_base(path):
    """debootstrap, into a folder that has its name only once it is whole."""
    archives = [address for address, suite, _ in sources() if suite == RELEASE]
    if not archives:
        raise RuntimeError(f"apt knows no mirror of Debian's {RELEASE}: run apt-get update")
    draft = path.with_name(path.name + ".unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["debootstrap", "--variant=minbase", RELEASE, draft, archives[0]], check=True,
                   stdout=subprocess.DEVNULL)
    draft.rename(path)


class DebianRoot:
    """A root that programs are run in, with the network of this machine."""

    def __init__(self, path):
        self.path = path
        self._mounts = []
        self.mount("-t", "proc", "proc", path / "proc")

    def mount(self, *arguments):
        """As mount(8), until `remove`."""
        subprocess.run(["mount", *arguments], check=True)
        self._mounts.append(arguments[-1])

    def _command(self, command):
        # Nothing of the caller's environment.
        return ["chroot", self.path, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                *command]

    def run(self, *command):
        return subprocess.run(self._command(command), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)

    def start(self, *command, stderr):
        return subprocess.Popen(self._command(command), stderr=stderr, stdin=subprocess.DEVNULL)

    def make_read_only(self, *writable):
        """But for these folders."""
        self.mount("--rbind", self.path, self.path)
        subprocess.run(["mount", "-o", "remount,bind,ro", self.path], check=True)
        for folder in writable:
            self.mount("--bind", self.path / folder, self.path / folder)
            subprocess.run(["mount", "-o", "remount,bind,rw", self.path / folder], check=True)

    def remove(self):
        for point in reversed(self._mounts):
            subprocess.run(["umount", "--recursive", point], check=True)
        shutil.rmtree(self.path)


def clean(folder):
    """A root that has Debian's essential packages and nothing else, in `folder`."""
    base, path = folder / "base", folder / "root"
    if not base.exists():
        make_base(base)
    # What a test has left that was killed; its mounts went with it.
    if path.exists():
        shutil.rmtree(path)
    subprocess.run(["cp", "-a", "--reflink=auto", base, path], check=True)
    apt = path / "etc/apt"
    lines = [f"deb {address} {suite} {component}\n" for address, suite, component in sources()]
    (apt / "sources.list").write_text("".join(lines), encoding="utf-8")
    (apt / "apt.conf.d/01machine").write_text("\n".join(settings()) + "\n", encoding="utf-8")
    for name in ("resolv.conf", "hosts"):
        shutil.copy(pathlib.Path("/etc") / name, path / "etc" / name)
    root = DebianRoot(path)
    # What apt has fetched for one root it need not fetch for the next.
    for kept, place in KEPT_OF_APT.items():
        (folder / kept).mkdir(exist_ok=True)
        root.mount("--bind", folder / kept, path / place)
    updated = root.run("apt-get", "-q", "update")
    if updated.returncode != 0:
        raise RuntimeError(updated.stdout + updated.stderr)
    return root
