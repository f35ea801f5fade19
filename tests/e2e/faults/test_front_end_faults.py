"""What can happen to the front end's processes, descriptors and disks while clients are answered."""
import contextlib
import os
import pathlib
import pwd
import resource
import shutil
import signal
import socket
import threading
import time

import pytest
from checked_load import CheckedLoad
from mirrors import skip_with_sanitizers
from processes import Daemon, children_of, is_running, run, socket_passed, wait_until
from service import Service
from test_flood import TARGET
from upgraded import Upgraded


def cpu_seconds(pid):
    fields = pathlib.Path("/proc", str(pid), "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_killed_worker_ends_its_own_connections_only(service, truth):
    with CheckedLoad(service.address, truth, connections=16) as load:
        for _ in range(5):
            load.wait_for_more(5)
            # All connections may be with one worker, when it was alone for the moment in which they were opened anew.
            before = sorted(children_of(service.client.pid), key=lambda pid: len(os.listdir(f"/proc/{pid}/fd")))
            assert len(before) == 2
            dropped, ended = load.dropped, before[0]
            os.kill(ended, signal.SIGKILL)
            wait_until(lambda: len(set(children_of(service.client.pid)) - set(before)) == 1, "another worker")
            assert before[1] in children_of(service.client.pid)
            load.wait_for_more(5)
            assert load.dropped - dropped < 16  # those of the other one went on
    # A connection that ends is opened anew, and what it was asking is asked again: nobody is refused.
    assert [failure for failure in load.failures if "wrong answer" in failure or "refused" in failure.lower()] == []


# --- upgrades


def test_an_upgrade_under_load_costs_no_request(service, truth):
    with Upgraded(service.client) as upgraded, CheckedLoad(service.address, truth, connections=16) as load:
        for _ in range(5):
            load.wait_for_more(5)
            workers = children_of(upgraded.pid)
            upgraded.upgrade()
            assert not any(is_running(worker) for worker in workers)
            assert len(children_of(upgraded.pid)) == 2
        load.wait_for_more(5)
    assert load.failures == [] and load.dropped == 0
    assert service.client.process.wait(20) == 0


def test_new_connections_all_through_an_upgrade_are_answered(service):
    ends, failures, count = threading.Event(), [], [0] * 4

    def connect_and_ask(index):
        while not ends.is_set():
            try:
                answer = service.ask(TARGET)
                if answer.status != 200:
                    failures.append(answer.status)
            except OSError as error:
                failures.append(repr(error))
            count[index] += 1
    threads = [threading.Thread(target=connect_and_ask, args=(i,)) for i in range(4)]
    with Upgraded(service.client) as upgraded:
        for thread in threads:
            thread.start()
        try:
            upgraded.upgrade()
            counted = sum(count)
            wait_until(lambda: sum(count) > counted + 20, "answers of the successor")
        finally:
            ends.set()
            for thread in threads:
                thread.join()
    assert failures == []


def write_config(path, service, workers):
    path.write_text('[mirrorlist_client]\nlisten = "%s:%d"\n' % service.address +
                    f'server_socket = "{service.socket}"\nmetrics_listen = "none"\n'
                    f'lookup_timeout = "{service.lookup_timeout}"\nworkers = {workers}\n', encoding="utf-8")


def test_an_upgrade_may_change_the_number_of_workers(programs, service, tmp_path):
    config = tmp_path / "mirrorway.toml"
    service.client.stop()
    write_config(config, service, 3)
    with Daemon([programs.client, "--config", config], tmp_path / "own.log") as first, Upgraded(first) as upgraded:
        first.wait_ready(service.client_answers)
        for workers in (1, 4):
            write_config(config, service, workers)
            upgraded.upgrade()
            assert len(children_of(upgraded.pid)) == workers
            assert {service.ask(TARGET).status for _ in range(30)} == {200}


def test_a_successor_that_cannot_start_changes_nothing(programs, service, tmp_path, truth):
    config = tmp_path / "mirrorway.toml"
    service.client.stop()
    write_config(config, service, 2)
    with Daemon([programs.client, "--config", config], tmp_path / "own.log") as client, \
            Upgraded(client) as upgraded:
        client.wait_ready(service.client_answers)
        with CheckedLoad(service.address, truth) as load:
            config.write_text("[mirrorlist_client]\nnonsense = 1\n", encoding="utf-8")
            upgraded.fail_to_upgrade()
            load.wait_for_more()
        assert load.failures == [] and load.dropped == 0


def test_sockets_from_systemd_are_taken_and_handed_on(programs, service, tmp_path):
    service.client.stop()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as passed:
        service.address = passed.getsockname()
        words = [programs.client, "--server-socket", service.socket, "--workers", "2", "--metrics-listen", "none",
                 "--lookup-timeout", service.lookup_timeout, "--listen", "127.0.0.1:1"]
        with socket_passed(passed, words, tmp_path / "own.log") as first, Upgraded(first) as upgraded:
            first.wait_ready(service.client_answers)
            upgraded.upgrade()
            assert {service.ask(TARGET).status for _ in range(10)} == {200}
            assert "listen=%s:%d " % service.address in first.log()
            assert "sockets were passed, so listen is ignored sockets=%s:%d listen=" % service.address in first.log()


def test_nothing_keeps_running_as_root(service):
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    service.client.stop()
    service.client_options += ["--user", "nobody"]
    os.chmod(service.socket, 0o777)
    for folder in (service.folder, *service.folder.parents[:3]):
        os.chmod(folder, 0o755)
    with service.start_client() as client:
        for pid in (client.pid, *children_of(client.pid)):
            status = pathlib.Path("/proc", str(pid), "status").read_text(encoding="ascii")
            uids, = (line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
            assert set(uids) == {str(pwd.getpwnam("nobody").pw_uid)}
            assert "Groups:\t%d " % pwd.getpwnam("nobody").pw_gid in status or "Groups:\t \n" in status
        assert service.ask(TARGET).status == 200


# --- what a worker may run out of


def test_a_worker_without_descriptors_goes_on_and_says_so(programs, service, tmp_path):
    skip_with_sanitizers(programs, "they look at objects through pipes, and report those that they cannot")
    service.client.stop()
    limited = Service(programs, tmp_path, service.snapshot, "none", client_options=["--workers", "1"])
    limited.socket, limited.address = service.socket, service.address
    with limited.start_client() as client, contextlib.ExitStack() as stack:
        worker, = children_of(client.pid)
        # Less than --max-connections, behind the back of the worker that asked for more.
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (60, 60))
        kept = stack.enter_context(service.connect())
        assert kept.ask(TARGET).status == 200
        peers = [stack.enter_context(socket.create_connection(service.address)) for _ in range(200)]
        for peer in peers:
            peer.sendall(b"GET /")
        wait_until(lambda: "cannot accept" in client.log(), "a word about it")
        before, started = cpu_seconds(worker), time.monotonic()
        assert kept.ask(TARGET).status == 200  # who is connected is served
        wait_until(lambda: time.monotonic() - started > 1, "a second")
        assert cpu_seconds(worker) - before < 0.5 * (time.monotonic() - started)  # no busy loop
        assert client.log().count("cannot accept") == 1
        # Those who hold the descriptors and say nothing make way.
        wait_until(lambda: service.ask(TARGET).status == 200, "new clients to be served")
        assert children_of(client.pid) == [worker]


@pytest.fixture(name="full_disk")
def full_disk_fixture(tmp_path):
    """A small file system."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    run(["umount", "-l", folder])


def test_a_full_disk_costs_lines_of_the_log_and_no_answer(service, truth, full_disk):
    service.client.stop()
    log = full_disk / "access.log"
    service.client_options += ["--access-log", log, "--access-log-format", "json"]
    with service.start_client() as client:
        with CheckedLoad(service.address, truth) as load:
            wait_until(lambda: "access log" in client.log(), "a word about the full disk")
            load.wait_for_more(100)
        assert load.failures == [] and load.dropped == 0
        assert client.log().count("access log") < 10
        log.write_bytes(b"")  # somebody makes room
        wait_until(lambda: service.ask(TARGET).status == 200 and log.stat().st_size > 0, "lines again")
    assert shutil.disk_usage(full_disk).total <= 65536
