"""Hosts of their own on one machine: network namespaces on a common wire, which touch nothing of the machine's network
and vanish with the processes in them. They need root, or what a container calls CAP_SYS_ADMIN."""
import contextlib
import ctypes
import os
import subprocess

import pytest
from mirrors import need
from processes import Daemon, run, wait_until
from service import Connection

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def need_namespaces():
    """Skips, loudly, where the system does not let us have any."""
    need("ip", "unshare", "nsenter")
    trial = "ip link add wire type bridge && ip link add end0 type veth peer name end1"
    done = subprocess.run(["unshare", "--net", "sh", "-c", trial], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no network namespaces here: {done.stderr.strip()}")


def enter(descriptor):
    """Moves the calling thread: sockets that it makes from now on are there."""
    if LIBC.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class OnNetwork:
    """What has a process with a network of its own, `pid`."""

    @property
    def network(self):
        return f"/proc/{self.pid}/ns/net"

    @contextlib.contextmanager
    def entered(self):
        with open("/proc/thread-self/ns/net", "rb") as before, open(self.network, "rb") as there:
            enter(there.fileno())
            try:
                yield
            finally:
                enter(before.fileno())

    def connect(self, address, seconds=20):
        return Connection(address, seconds=seconds, entered=self.entered)


class Namespace(OnNetwork, Daemon):
    """A host; what holds it is a process that does nothing else. Use as a context."""

    def __init__(self, name, folder):
        self.name = name
        super().__init__(["unshare", "--net", "sleep", "infinity"], folder / f"{name}.namespace.log")

    def is_there(self):
        return os.readlink(self.network) != os.readlink("/proc/self/ns/net")

    def inside(self, words):
        """How a program is started there."""
        return ["nsenter", f"--net={self.network}", "--", *words]

    def run(self, *words, **options):
        return run(self.inside(words), **options)


class Wire(contextlib.ExitStack):
    """Joins hosts. Use as a context."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def __enter__(self):
        super().__enter__()
        self.switch = self.namespace("switch")
        self.switch.run("ip", "link", "add", "wire", "type", "bridge")
        self.switch.run("ip", "link", "set", "wire", "up")
        return self

    def namespace(self, name):
        made = self.enter_context(Namespace(name, self.folder))
        wait_until(made.is_there, f"namespace {name}")
        made.run("ip", "link", "set", "lo", "up")
        return made

    def add_host(self, name, address):
        host = self.namespace(name)
        self.switch.run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", host.pid)
        self.switch.run("ip", "link", "set", name, "master", "wire", "up")
        host.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        host.run("ip", "link", "set", "eth0", "up")
        return host

    def unplug(self, host):
        """What is sent to and from it is lost, and nobody is told."""
        self.switch.run("ip", "link", "set", host.name, "down")

    def plug(self, host):
        self.switch.run("ip", "link", "set", host.name, "up")
