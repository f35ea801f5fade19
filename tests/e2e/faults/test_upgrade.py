"""SIGUSR2 replaces a running server by the program that is installed now. No request notices. The front
end's own upgrades: test_front_end_faults.py."""
import os
import pathlib
import re
import shutil
import signal

import pytest
from checked_load import CheckedLoad
from processes import wait_until
from service import Programs, Service


class Installed(Programs):
    """Copies of the daemons that a test may replace."""

    def __init__(self, programs, folder):
        super().__init__(programs.build)
        self.originals = {"server": programs.server, "client": programs.client}
        self.server = folder / "mirrorlist_server"
        self.client = folder / "mirrorlist_client"
        for name in self.originals:
            self.install(name)

    def install(self, name, content=None):
        """Puts a file over the old one, as a package manager does. By default the program itself."""
        target = getattr(self, name)
        temporary = target.with_suffix(".new")
        if content is None:
            shutil.copy(self.originals[name], temporary)
        else:
            temporary.write_bytes(content)
            temporary.chmod(0o755)
        os.rename(temporary, target)


class Upgraded:
    """Follows a daemon through its upgrades. Use as a context: leaving it ends the last process."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.pids = [daemon.pid]

    def upgrade(self):
        done = self.daemon.log().count("upgraded, this process ends")
        old = self.pids[-1]
        os.kill(old, signal.SIGUSR2)
        wait_until(lambda: self.daemon.log().count("upgraded, this process ends") > done, "an upgrade")
        successors = re.findall(r"upgraded, this process ends successor=(\d+)", self.daemon.log())
        self.pids.append(int(successors[-1]))
        wait_until(lambda: self.is_gone(old), "the old process to end")

    def fail_to_upgrade(self):
        failed = self.daemon.log().count("upgrade failed, this process goes on")
        os.kill(self.pids[-1], signal.SIGUSR2)
        wait_until(lambda: self.daemon.log().count("upgrade failed, this process goes on") > failed,
                   "an upgrade to fail")

    def is_gone(self, pid):
        if pid == self.daemon.pid:
            return self.daemon.process.poll() is not None
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.is_gone(self.pids[-1]):
            os.kill(self.pids[-1], signal.SIGTERM)
        wait_until(lambda: self.is_gone(self.pids[-1]), "the last process to end")


@pytest.fixture(name="service")
def service_fixture(programs, snapshots, geoip, tmp_path):
    snapshot = tmp_path / "mirrorlist.snapshot"
    shutil.copy(snapshots[0], snapshot)
    with Service(Installed(programs, tmp_path), tmp_path, snapshot, geoip,
                 client_options=["--workers", "2"]) as service:
        yield service


def test_upgrades_cost_no_request(service, truth):
    with Upgraded(service.server) as upgraded, CheckedLoad(service.address, truth) as load:
        for _ in range(3):
            service.programs.install("server")
            load.wait_for_more()
            upgraded.upgrade()
            load.wait_for_more()
    assert load.failures == []
    assert len(set(upgraded.pids)) == 4


def test_both_at_once(service, truth):
    with Upgraded(service.server) as server, Upgraded(service.client) as client, \
            CheckedLoad(service.address, truth) as load:
        load.wait_for_more()
        os.kill(server.pids[-1], signal.SIGUSR2)
        client.upgrade()
        wait_until(lambda: "upgraded, this process ends" in service.server.log(), "the server's upgrade")
        server.pids.append(int(re.findall(r"successor=(\d+)", service.server.log())[-1]))
        load.wait_for_more()
    assert load.failures == []


BROKEN = {"no program": b"this is no program\n", "a program that fails": b"#!/bin/sh\nexit 1\n",
          "a program that crashes": b"#!/bin/sh\nkill -SEGV $$\n"}


def test_a_broken_program_is_refused_and_the_old_one_goes_on(service, truth):
    with Upgraded(service.server) as upgraded, CheckedLoad(service.address, truth) as load:
        for content in BROKEN.values():
            service.programs.install("server", content)
            upgraded.fail_to_upgrade()
            load.wait_for_more()
        service.programs.server.unlink()
        upgraded.fail_to_upgrade()
        service.programs.install("server")
        upgraded.upgrade()
        load.wait_for_more()
    assert load.failures == []
    assert "cannot run" in service.server.log()


def test_a_snapshot_that_cannot_be_loaded_keeps_the_old_server(service, truth):
    with Upgraded(service.server) as upgraded, CheckedLoad(service.address, truth) as load:
        good = service.snapshot.read_bytes()
        service.snapshot.write_bytes(good[:-1])
        upgraded.fail_to_upgrade()
        load.wait_for_more()
        assert service.socket.exists()
        service.snapshot.write_bytes(good)
        upgraded.upgrade()
        load.wait_for_more()
    assert load.failures == []
    wait_until(lambda: not service.socket.exists(), "the last server to remove its socket")
