"""SIGUSR2 replaces a running server by the program that is installed now. No request notices. The front
end's own upgrades: test_front_end_faults.py."""
import os
import shutil
import signal

import pytest
from checked_load import CheckedLoad, truth_of
from processes import wait_until
from service import Programs, Service
from upgraded import Upgraded


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
        server.begin()
        client.upgrade()
        server.finish()
        load.wait_for_more()
    assert load.failures == []


def test_a_reload_that_only_the_old_server_hears_of_reaches_its_successor(service, snapshots, truths):
    """The successor has read the old file, the old server does not know yet that it has been replaced."""
    log = service.server.log
    with Upgraded(service.server) as upgraded, CheckedLoad(service.address, truth_of(*truths)) as load:
        upgraded.begin()
        wait_until(lambda: "upgrade started" in log(), "the successor to begin")
        os.kill(upgraded.pid, signal.SIGSTOP)
        wait_until(lambda: log().count(" ready socket=") == 2, "the successor to be ready")
        service.publish(snapshots[1])
        os.kill(upgraded.pid, signal.SIGHUP)
        os.kill(upgraded.pid, signal.SIGCONT)
        upgraded.finish()
        wait_until(lambda: any(which == 1 for _, which in list(load.seen)), "answers from the new snapshot")
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
