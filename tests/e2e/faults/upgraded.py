"""Daemons that are replaced by a successor (SIGUSR2)."""
import os
import re
import signal

from processes import is_running, wait_until

DONE = re.compile(r"upgraded, this process ends successor=(\d+)")
FAILED = "upgrade failed, this process goes on"


class Upgraded:
    """Follows a daemon through its upgrades. Use as a context: leaving it ends the last process."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.pids = [daemon.pid]

    @property
    def pid(self):
        """Of the one that serves now."""
        return self.pids[-1]

    def begin(self):
        os.kill(self.pid, signal.SIGUSR2)

    def finish(self):
        """Returns when the successor serves and the old process has ended."""
        old = self.pid
        found = wait_until(lambda: DONE.findall(self.daemon.log())[len(self.pids) - 1:], "the successor to serve")
        self.pids.append(int(found[0]))
        wait_until(lambda: not self.runs(old), "the old process to end")

    def upgrade(self):
        self.begin()
        self.finish()

    def fail_to_upgrade(self):
        failed = self.daemon.log().count(FAILED)
        self.begin()
        wait_until(lambda: self.daemon.log().count(FAILED) > failed, "an upgrade to fail")

    def runs(self, pid):
        return self.daemon.process.poll() is None if pid == self.daemon.pid else is_running(pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.runs(self.pid):
            os.kill(self.pid, signal.SIGTERM)
        wait_until(lambda: not self.runs(self.pid), "the last process to end")
