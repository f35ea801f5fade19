"""A fresh Debian in a folder (tests/fresh-root), with processes and a loopback network of its own. It may boot: then systemd
is its first process, as on a machine."""
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
from namespaces import OnNetwork
from processes import Daemon, children_of, run, wait_until

# What dpkg, apt, ldconfig and their like keep for themselves, and the second copies that tools for users make.
OTHERS = re.compile(r"/(var/(lib/(dpkg|apt|systemd)|cache|log/(apt|(dpkg|alternatives)\.log|faillog|lastlog|[bw]tmp))|"
                    r"tmp|root|proc|sys|dev|run)(/|$)|"
                    r"/etc/((passwd|group|shadow|gshadow|subuid|subgid)-|\.pwd\.lock|ld\.so\.cache)$")

ENVIRONMENT = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
               "DEBIAN_FRONTEND=noninteractive"]

# Namespaces of its own; what is mounted and what runs there goes with the first process.
HOLD = """
mount -t proc proc "$1/proc" && mount -t devpts -o newinstance devpts "$1/dev/pts" && ip link set lo up &&
  exec chroot "$1" sleep infinity
"""
# systemd wants control groups of its own, and its services namespaces of users, which nobody may make in a mere chroot. What is
# the kernel's, and so the machine's, cannot be changed inside, and its console is not there for a login.
BOOT = """
set -e
mount --bind "$1" "$1"
cd "$1"
rm -f dev/console
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=755 tmpfs run
ip link set lo up
mount -t cgroup2 cgroup2 sys/fs/cgroup
mkdir -p "sys/fs/cgroup/$2"
echo $$ >"sys/fs/cgroup/$2/cgroup.procs"
umount sys/fs/cgroup
exec unshare --cgroup sh -ec '
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  pivot_root . mnt
  exec chroot . env -i container=mirrorway sh -c "umount -l /mnt && exec /lib/systemd/systemd"'
"""
REMOVE_GROUP = """
mount -t cgroup2 cgroup2 /mnt
if [ -d "/mnt/$1" ]; then find "/mnt/$1" -depth -type d -exec rmdir {} +; fi
"""


def need_root():
    """Skips, loudly, where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("needs root, for a Debian in a folder")
    need("debootstrap", "unshare", "nsenter", "chroot")
    try_namespaces("true")


def need_boot():
    """Skips, loudly, where no systemd can be started."""
    need_root()
    try_namespaces("mount -t cgroup2 cgroup2 /mnt && [ -w /mnt/cgroup.procs ]")


def try_namespaces(script):
    done = subprocess.run(["unshare", "--mount", "--pid", "--net", "--cgroup", "--fork", "sh", "-c", script], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no namespaces or control groups here: {done.stderr.strip()}")


class Inside(Daemon):
    """A program in a root. What is started here only waits for it."""

    @property
    def pid(self):
        return children_of(self.process.pid)[0]

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        super().__exit__()


class Root(OnNetwork, contextlib.ExitStack):
    """Use as a context: leaving it ends everything inside and removes the folder."""

    def __init__(self, source, path):
        super().__init__()
        self.tool = source / "tests" / "fresh-root"
        self.path = pathlib.Path(path)
        self.log = self.path.with_name(self.path.name + ".log")
        self.held = contextlib.ExitStack()

    def __enter__(self):
        super().__enter__()
        self.callback(shutil.rmtree, self.path, ignore_errors=True)
        made = subprocess.run([self.tool, self.path], capture_output=True, text=True, check=False, timeout=1800)
        if made.returncode != 0:
            pytest.fail(f"no fresh root: {made.stdout[-2000:]}{made.stderr[-2000:]}")
        self.callback(lambda: self.held.close())
        self.hold(["--mount", "--pid", "--net"], HOLD, "sleep")
        return self

    def hold(self, namespaces, script, first):
        """`script` becomes the program that is named `first`, the first process inside."""
        holder = Daemon(["unshare", *namespaces, "--fork", "--kill-child", "sh", "-c", script, "sh", self.path, self.group], self.log)
        self.held.enter_context(holder)
        self.pid = wait_until(lambda: children_of(holder.pid), "the process that holds the root")[0]
        self.held.callback(os.kill, self.pid, signal.SIGKILL)  # the first process inside heeds nothing else
        wait_until(lambda: os.readlink(f"/proc/{self.pid}/exe").endswith(f"/{first}"), f"the root to be entered; {self.log}")

    @property
    def group(self):
        """The control group of one that boots."""
        return f"mirrorway-test-{os.getpid()}"

    def boot(self):
        """Starts systemd, which must be installed, with all that is enabled. Whatever ran inside has ended before."""
        self.held.close()
        self.held.callback(run, ["unshare", "--mount", "sh", "-ec", REMOVE_GROUP, "sh", self.group])
        self.hold(["--mount", "--pid", "--net", "--ipc", "--uts"], BOOT, "systemd")
        wait_until(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"),
                   f"systemd; {self.log}")
        assert self.run("systemctl", "--failed", "--quiet").stdout == ""

    def inside(self, words, user=None, has_network=False, folder="/"):
        """How a program is started there; with a network only to fetch packages."""
        entry = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--root", f"--wd=/proc/{self.pid}/root{folder}"]
        if not has_network:
            entry.append("--net")
        becoming = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        return [*entry, *ENVIRONMENT, *becoming, *words]

    def run(self, *words, user=None, **options):
        return run(self.inside(words, user), **options)

    def shell(self, command, folder="/"):
        """Status and output, both streams together."""
        done = subprocess.run(self.inside(["bash", "-c", "set -o pipefail; " + command], folder=folder), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        return done.returncode, done.stdout

    def apt(self, *words):
        """Returns what it says. What it fetches is there for the next root."""
        done = subprocess.run(self.inside(["apt-get", "--quiet", "--yes", *words], has_network=True), capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=1800)
        assert done.returncode == 0, done.stdout + done.stderr
        subprocess.run([self.tool, "--keep-packages", self.path], check=True)
        return done.stdout + done.stderr

    def file(self, path):
        """As those inside see it, with what is mounted there."""
        return pathlib.Path("/proc", str(self.pid), "root", str(path).lstrip("/"))

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
