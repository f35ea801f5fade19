"""A fresh Debian in a folder (tests/fresh-root), with processes and a loopback network of its own."""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest
from mirrors import need
from processes import Daemon, children_of, run, wait_until

# What dpkg, apt, ldconfig and their like keep for themselves, and the second copies that tools for users make.
OTHERS = re.compile(r"/(var/(lib/(dpkg|apt|systemd)|cache|log/(apt|(dpkg|alternatives)\.log|faillog|lastlog|[bw]tmp))|"
                    r"tmp|root|proc|dev|run/(lock|systemd))(/|$)|"
                    r"/etc/((passwd|group|shadow|gshadow|subuid|subgid)-|\.pwd\.lock|ld\.so\.cache)$")


def need_root():
    """Skips, loudly, where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("needs root, for a Debian in a folder")
    need("debootstrap", "unshare", "nsenter", "chroot")
    done = subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "true"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")


def becoming(user):
    """What stands before a program that is to run as this user."""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]


class Inside(Daemon):
    """A program in a root. What is started here only waits for it."""

    @property
    def pid(self):
        return children_of(self.process.pid)[0]

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        super().__exit__()


class Root(contextlib.ExitStack):
    """Use as a context: leaving it ends everything inside and removes the folder."""

    def __init__(self, source, path):
        super().__init__()
        self.tool = source / "tests" / "fresh-root"
        self.path = pathlib.Path(path)

    def __enter__(self):
        super().__enter__()
        self.callback(shutil.rmtree, self.path, ignore_errors=True)
        made = subprocess.run([self.tool, self.path], capture_output=True, text=True, check=False, timeout=1800)
        if made.returncode != 0:
            pytest.fail(f"no fresh root: {made.stdout[-2000:]}{made.stderr[-2000:]}")
        # What is mounted and what runs there goes with this process.
        script = ('mount -t proc proc "$1/proc" && mount -t devpts -o newinstance devpts "$1/dev/pts" && ip link set lo up && '
                  'exec chroot "$1" sleep infinity')
        log = self.path.with_name(self.path.name + ".log")
        holder = self.enter_context(Daemon(["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "sh", "-c", script,
                                            "sh", self.path], log))
        self.pid = wait_until(lambda: children_of(holder.pid), "the process that holds the root")[0]
        self.callback(os.kill, self.pid, signal.SIGKILL)  # it is the first process inside, which heeds nothing else
        wait_until(lambda: os.readlink(f"/proc/{self.pid}/exe").endswith("/sleep"), "the root to be entered")
        return self

    def inside(self, words, user=None, has_network=False):
        """How a program is started there; with a network only to fetch packages."""
        entry = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--root", "--wd"]
        if not has_network:
            entry.append("--net")
        environment = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                       "DEBIAN_FRONTEND=noninteractive"]
        return [*entry, *environment, *(becoming(user) if user else []), *words]

    def run(self, *words, user=None, **options):
        return run(self.inside(words, user), **options)

    def apt(self, *words):
        """Returns what it says. What it fetches is there for the next root."""
        done = subprocess.run(self.inside(["apt-get", "--quiet", "--yes", *words], has_network=True), capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=1800)
        assert done.returncode == 0, done.stdout + done.stderr
        subprocess.run([self.tool, "--keep-packages", self.path], check=True)
        return done.stdout + done.stderr

    def file(self, path):
        return self.path / str(path).lstrip("/")

    def start(self, words, log, user=None):
        return Inside(self.inside(words, user), log)

    def files(self):
        """What there is: path -> kind, owner and content."""
        there = {}
        for folder, folders, names in os.walk(self.path):
            here = "/" + os.path.relpath(folder, self.path).strip(".")
            folders[:] = [name for name in folders if not OTHERS.search(os.path.join(here, name))]
            for name in folders + names:
                path = pathlib.Path(folder, name)
                if OTHERS.search(os.path.join(here, name)):
                    continue
                status = path.lstat()
                content = ""
                if path.is_symlink():
                    content = os.readlink(path)
                elif path.is_file():
                    content = hashlib.sha256(path.read_bytes()).hexdigest()
                there[os.path.join(here, name)] = (oct(status.st_mode), status.st_uid, status.st_gid, content)
        return there
