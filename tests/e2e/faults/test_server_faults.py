"""What can happen to the server, its children, files, descriptors and clock while clients are answered."""
import contextlib
import email.utils
import os
import pathlib
import pwd
import random
import re
import resource
import signal
import socket
import time

import children
import pytest
from checked_load import CheckedLoad, ask_all, truth_of
from conftest import targets
from mirrors import skip_with_sanitizers
from processes import Daemon, memory_of, run, socket_passed, wait_until
from service import Service
from test_hostile_http import MEGABYTE
from test_resilience import damaged


def wait_for_log(service, text, before=0):
    wait_until(lambda: service.server.log().count(text) > before, f"\"{text}\" in the log")


# --- children


def test_children_killed_at_random_cost_no_answer(service, truth, fault_seconds):
    rng = random.Random(4)
    end = time.monotonic() + fault_seconds
    with CheckedLoad(service.address, truth) as load:
        while time.monotonic() < end and not load.failures:
            load.wait_for_more(3)
            victims = wait_until(lambda: children.serving_children(service), "a child")
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(victims), signal.SIGKILL)
    assert load.failures == [] and load.dropped == 0


def running(code, function=children.ANSWER_BEGINS):
    """What makes a child run that code when it comes to the function."""
    return lambda victim: children.change_code(victim, function, code)


opens_a_file = running(children.OPEN)
BROKE_SANDBOX = "child broke its sandbox pid={} signal=SIGSYS"


@pytest.mark.parametrize("harm, report", [
    pytest.param(running(children.SOCKET), BROKE_SANDBOX, id="makes a socket"),
    pytest.param(opens_a_file, BROKE_SANDBOX, id="opens a file"),
    pytest.param(running(children.FORK), BROKE_SANDBOX, id="forks"),
    pytest.param(running(children.EXEC), BROKE_SANDBOX, id="starts a program"),
    pytest.param(running(children.FOREVER, children.ANSWERS_END), "child ended pid={} status=16", id="hangs"),
    pytest.param(lambda victim: os.kill(victim, signal.SIGSTOP), "child stopped, so it is killed pid={}",
                 id="is stopped"),
])
def test_a_child_that_goes_wrong_is_ended_and_reported_and_its_requests_are_asked_again(service, truth, harm, report):
    if harm is opens_a_file:
        skip_with_sanitizers(service.programs, "their reports need files")
    with CheckedLoad(service.address, truth) as load:
        load.wait_for_more()
        victim = children.serving_children(service)[0]
        harm(victim)
        wait_for_log(service, report.format(victim))
        load.wait_for_more()
    assert load.failures == [] and load.dropped == 0
    assert victim not in children.serving_children(service)


def test_a_child_has_its_connection_and_stderr_alone(service, truth):
    skip_with_sanitizers(service.programs, "their reports need descriptors")
    with CheckedLoad(service.address, truth) as load:
        load.wait_for_more()
        for pid in children.serving_children(service):
            assert sorted(os.listdir(f"/proc/{pid}/fd")) == ["0", "2"]
            status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
            limits = {line[:26].strip(): line[26:].split()[:2] for line in limits[1:]}
            assert limits["Max open files"] == ["1", "1"]
            assert limits["Max core file size"] == ["0", "0"]
    assert load.failures == []


# --- the parent


def test_a_parent_that_is_killed_and_restarted_loses_no_request(service, truth):
    service.client.stop()
    service.server.stop()
    service.socket = service.folder / "passed.sock"
    service.lookup_timeout = "10s"
    words = [*service.server_words(), "--socket", service.folder / "elsewhere.sock"]
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(service.socket))
        listener.listen(128)

        def start():
            return stack.enter_context(socket_passed(listener, words, service.folder / "passed.log"))
        server = start()
        stack.enter_context(service.start_client())
        with CheckedLoad(service.address, truth) as load:
            for _ in range(5):
                load.wait_for_more()
                os.kill(server.pid, signal.SIGKILL)
                server.process.wait()
                server = start()
            load.wait_for_more()
        assert load.failures == [] and load.dropped == 0
        assert server.stop() == 0
        assert service.socket.exists()  # systemd's, not the server's to remove
        said = f'passed="{service.socket}" socket="{service.folder}/elsewhere.sock"\n'
        assert f"a socket was passed, so socket is ignored {said}" in server.log()
        assert f'ready socket="{service.socket}"\n' in server.log()


def test_a_parent_without_descriptors_goes_on_and_recovers(service, truth):
    skip_with_sanitizers(service.programs, "they look at objects through pipes, and report those that they cannot")
    with CheckedLoad(service.address, truth) as load:
        load.wait_for_more()
        free = 1 + max(int(fd) for fd in os.listdir(f"/proc/{service.server.pid}/fd"))
        soft, hard = resource.prlimit(service.server.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(service.server.pid, resource.RLIMIT_NOFILE, (free, hard))
        os.kill(children.serving_children(service)[0], signal.SIGKILL)
        wait_for_log(service, "accept failed")
        load.wait_for_more()
        service.server.signal(signal.SIGHUP)  # nor can it load anything
        wait_for_log(service, "reload failed")
        resource.prlimit(service.server.pid, resource.RLIMIT_NOFILE, (soft, hard))
        wait_until(lambda: len(children.serving_children(service)) >= 4, "all connections to be served again")
        load.wait_for_more()
    assert load.failures == [] and load.dropped == 0
    assert service.server.log().count("accept failed") == 1


def test_a_parent_whose_children_are_busy_says_so_once(service):
    """Each short connection to a server with one child was a line in the log."""
    service.client.stop()
    service.server.stop()
    service.server_options += ["--max-children", "1"]
    with service.start_server() as service.server:
        for _ in range(20):
            assert wait_until(service.server_answers, "an answer")
    assert service.server.log().count("all children busy, connections wait") == 1


def open_folders(folder):
    """Lets everybody in."""
    for each in (folder, *folder.parents):
        if each.stat().st_mode & 0o005 != 0o005:
            os.chmod(each, 0o755)


def test_a_parent_that_cannot_fork_lets_connections_wait(service, truth):
    identity = {}

    def limit_processes(most):
        run(["prlimit", "--pid", service.server.pid, f"--nproc={most}:"], **identity)

    if os.geteuid() == 0:  # whom the limit does not bind
        identity = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        service.server.stop()
        open_folders(service.folder)
        service.server_options += ["--user", "nobody", "--socket-mode", "0666"]
        restarted = service.start_server()
    else:
        restarted = contextlib.nullcontext(service.server)
    with restarted as service.server, CheckedLoad(service.address, truth) as load:
        load.wait_for_more()
        limit_processes("1")
        os.kill(children.serving_children(service)[0], signal.SIGKILL)
        wait_for_log(service, "fork failed")
        load.wait_for_more()
        limit_processes("4096")
        wait_until(lambda: len(children.serving_children(service)) >= 4, "all connections to be served again")
        load.wait_for_more()
    assert load.failures == [] and load.dropped == 0


def test_nothing_keeps_running_as_root(service, truth):
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    service.server.stop()
    open_folders(service.folder)
    nobody = pwd.getpwnam("nobody")
    service.server_options += ["--user", "nobody", "--socket-mode", "0640", "--socket-group", "daemon"]
    with service.start_server() as service.server, CheckedLoad(service.address, truth) as load:
        load.wait_for_more()
        for pid in (service.server.pid, *children.serving_children(service)):
            status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            assert f"Uid:\t{nobody.pw_uid}\t{nobody.pw_uid}\t{nobody.pw_uid}\t{nobody.pw_uid}\n" in status
            assert f"Gid:\t{nobody.pw_gid}\t{nobody.pw_gid}\t{nobody.pw_gid}\t{nobody.pw_gid}\n" in status
            assert "CapEff:\t0000000000000000" in status
        access = service.socket.stat()
        assert (access.st_mode & 0o777, access.st_uid, access.st_gid) == (0o640, nobody.pw_uid, 1)
        service.server.signal(signal.SIGHUP)
        wait_until(lambda: service.server.log().count("snapshot loaded") >= 3, "a reload as that user")
        load.wait_for_more()
    assert load.failures == []


def test_a_full_disk_costs_log_lines_and_no_answer(service, truth):
    service.server.stop()
    script = 'exec 2>/dev/full; exec "$@"'
    words = ["bash", "-c", script, "bash", *service.server_words(), "--socket", service.socket, "--log-level", "debug"]
    with Daemon(words, service.folder / "unused.log") as server:
        server.wait_ready(service.server_answers)
        with CheckedLoad(service.address, truth) as load:
            for _ in range(5):
                load.wait_for_more()
                server.signal(signal.SIGHUP)
            load.wait_for_more()
        assert load.failures == [] and load.dropped == 0


# --- files


def test_geolocation_files_are_replaced_and_broken(service, truth):
    service.server.stop()
    file = service.folder / "geo.mmdb"
    good = pathlib.Path(service.geoip[0]).read_bytes()
    file.write_bytes(good)
    service.geoip = [file]
    with service.start_server() as service.server, CheckedLoad(service.address, truth) as load:
        def offer(content, what):
            before = service.server.log().count(what)
            file.write_bytes(content)  # in place, the worst way to do it
            load.wait_for_more(5)
            service.server.signal(signal.SIGHUP)
            wait_for_log(service, what, before)
            load.wait_for_more(5)
        for content in (good[:len(good) // 2], b"", b"no database", good[:-1] + b"\0", bytes(len(good))):
            if content != good:
                offer(content, "geolocation refused")
        offer(good, "geolocation loaded")
        file.unlink()
        before = service.server.log().count("geolocation refused")
        service.server.signal(signal.SIGHUP)
        wait_for_log(service, "geolocation refused", before)
        load.wait_for_more()
    assert load.failures == [] and load.dropped == 0


def test_what_is_no_snapshot_is_refused_and_the_old_one_answers(service, snapshots, truth):
    def offer(what):
        before = service.server.log().count("snapshot refused")
        service.server.signal(signal.SIGHUP)
        wait_until(lambda: service.server.log().count("snapshot refused") > before, f"the refusal of {what}")
        load.wait_for_more(3)

    good = pathlib.Path(snapshots[1]).read_bytes()
    wrong_version = good[:8] + bytes([good[8] ^ 0x7F]) + good[9:]
    with CheckedLoad(service.address, truth) as load:
        for name, content in [*damaged(good), ("of another version", wrong_version)]:
            temporary = service.snapshot.with_suffix(".new")
            temporary.write_bytes(content)
            os.rename(temporary, service.snapshot)
            offer(name)
        service.snapshot.unlink()
        offer("nothing")
        service.snapshot.mkdir()
        offer("a folder")
        service.snapshot.rmdir()
        os.mkfifo(service.snapshot)
        offer("a pipe")
        service.snapshot.unlink()
        service.snapshot.symlink_to("/dev/zero")
        offer("a device")
        service.snapshot.unlink()
        if os.geteuid() != 0:
            service.publish(snapshots[1])
            service.snapshot.chmod(0)
            offer("what may not be read")
            service.snapshot.unlink()
        before = service.server.log().count("snapshot loaded")
        service.publish(snapshots[0])
        service.server.signal(signal.SIGHUP)
        wait_for_log(service, "snapshot loaded", before)
        load.wait_for_more()
    assert load.failures == [] and load.dropped == 0


# --- the clock


def test_clock_steps_cost_no_answer(programs, snapshots, geoip, tmp_path, monkeypatch):
    skip_with_sanitizers(programs, "they want to be the first to be loaded")
    steps = tmp_path / "steps"
    steps.write_bytes(bytes(8))
    monkeypatch.setenv("LD_PRELOAD", str(programs.build / "tests" / "tests_stepped_clock.so"))
    monkeypatch.setenv("MIRRORWAY_STEPS", str(steps))
    with Service(programs, tmp_path, snapshots[0], geoip) as service:
        monkeypatch.delenv("LD_PRELOAD")

        def step_to(days):
            with steps.open("r+b") as file:
                file.write((days * 86400).to_bytes(8, "little", signed=True))
            told = re.search(r' pubdate="([^"]+)"', service.ask("/metalink?repo=core-6.2&arch=x86_64").body)[1]
            ahead = email.utils.parsedate_to_datetime(told).timestamp() - time.time()
            assert abs(ahead - days * 86400) < 600

        def answers_at(days):
            step_to(days)
            return ask_all(service.address, targets())
        days = (2, -2, 400, 0)
        with CheckedLoad(service.address, truth_of(*map(answers_at, days))) as load:  # orders may change within these days
            for step in days:
                step_to(step)
                load.wait_for_more()
        assert load.failures == [] and load.dropped == 0
        assert max(load.times) < 5


# --- peers on the Unix socket


def frame(payload, length=None):
    return (len(payload) if length is None else length).to_bytes(4, "little") + b"\1\0\0\0" + payload


def test_bad_frames_by_the_thousand_break_nobody_else(programs, snapshots, geoip, tmp_path, truth):
    rng = random.Random(5)
    good = frame(bytes.fromhex("12026f731a067838365f36342a04c0000201"))
    no_text = frame(bytes.fromhex("1202fffe1a067838365f36342a04c0000201"))
    bad = [b"", no_text, b"\xff" * 8, frame(b"", 65537), frame(b"", 0xFFFFFFFF), frame(rng.randbytes(100)),
           good[:5], good[:-1], rng.randbytes(5000), good + b"\xff" * 8, frame(b"\xff" * 65536), good * 50]
    with Service(programs, tmp_path, snapshots[0], geoip, has_metrics=True,
                 server_options=["--max-children", "40", "--idle-timeout", "1s"]) as service, \
            CheckedLoad(service.address, truth) as load:
        service.wait_for_metrics()
        load.wait_for_more()
        before = memory_of(service.server.pid)
        for round_ in range(5 if programs.has_sanitizers() else 20):  # whose forks take a hundred times as long
            with contextlib.ExitStack() as stack:
                for index in range(100):
                    peer = stack.enter_context(socket.socket(socket.AF_UNIX))
                    peer.setblocking(False)
                    with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                        peer.connect(str(service.socket))
                        peer.send(bad[(index + round_) % len(bad)])
                load.wait_for_more(1)
        load.wait_for_more()
        assert load.failures == [] and load.dropped == 0
        assert len(children.serving_children(service)) <= 40
        assert memory_of(service.server.pid) - before < MEGABYTE
        # The one who asks for the numbers waits for its turn, too.
        wait_until(lambda: "children_ended_total" in service.ask_metrics("/metrics").body, "the server's numbers")
        metrics = service.ask_metrics("/metrics").body
    counted = {line.split()[0]: float(line.split()[1]) for line in metrics.splitlines() if not line.startswith("#")}
    assert counted['mirrorway_server_children_ended_total{how="bad_frame"}'] > 0
    assert counted["mirrorway_server_bad_requests_total"] > 0
    strange = [line for line in service.server.log().splitlines() if " mirrorlist_server[" not in line]
    assert strange == []  # each line is of the program's own making


def test_a_slow_writer_is_answered_and_costs_nobody_else(service, truth):
    request = frame(bytes.fromhex("12026f731a067838365f36342a04c0000201"))
    with CheckedLoad(service.address, truth) as load, socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(service.socket))
        peer.settimeout(10)
        for byte in request:
            peer.sendall(bytes([byte]))
            load.wait_for_more(1)
        assert peer.recv(8)[4:] == b"\1\0\0\0"
    assert load.failures == [] and load.dropped == 0
