"""What breaks, is replaced or is damaged while clients are being answered."""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket

import pytest
from load import Load
from processes import children_of, run, wait_until
from service import Catalog, Service, query

CORE = query(repo="core-6.2", arch="x86_64", ip="198.18.2.7")
TARGETS = [CORE, query(repo="core-5.8", arch="aarch64", ip="198.18.66.9"),
           query(repo="extras-6.2", arch="x86_64", ip="203.0.113.200", country="global")]
MARK = "mirror.rheinhost.example"  # in the answer to CORE when, and only when, the snapshot has it active


@pytest.fixture(scope="module", name="snapshots")
def snapshots_fixture(programs, source, tmp_path_factory):
    """Two good snapshots, with and without MARK."""
    folder = tmp_path_factory.mktemp("snapshots")
    catalog = Catalog(programs, folder)
    catalog.load_sample(source)
    catalog.build(folder / "with")
    catalog.admin("disable", "host", MARK)
    catalog.build(folder / "without")
    return folder / "with", folder / "without"


@pytest.fixture(name="service")
def service_fixture(programs, source, snapshots, tmp_path):
    snapshot = tmp_path / "mirrorlist.snapshot"
    shutil.copy(snapshots[0], snapshot)
    with Service(programs, tmp_path, snapshot, source / "deploy" / "sample" / "networks.mmdb",
                 client_options=["--workers", "2"]) as service:
        yield service


def has_mark(service):
    return MARK in service.ask(CORE).body


def test_killed_children_cost_no_answer(service):
    with Load(service, TARGETS) as load:
        for _ in range(20):
            load.wait_for_more()
            children = wait_until(lambda: children_of(service.server.pid), "a child")
            os.kill(random.choice(children), signal.SIGKILL)
        load.wait_for_more()
    assert load.failures == []


def test_fifty_reloads_cost_no_answer(service, snapshots):
    with Load(service, TARGETS) as load:
        for i in range(50):
            service.publish(snapshots[(i + 1) % 2])
            service.server.signal(signal.SIGHUP)
            wait_until(lambda: has_mark(service) == (i % 2 == 1), f"reload {i} to be answered from")
            load.wait_for_more(5)
    assert load.failures == []
    # Old children answer what they have read, then go; nothing is left behind.
    assert service.server.process.poll() is None
    wait_until(lambda: len(children_of(service.server.pid)) <= 16, "the old children to be gone")


def damaged(good):
    rng = random.Random(1)
    yield "empty", b""
    for length in (1, 8, 40, len(good) // 2, len(good) - 1):
        yield f"cut to {length} bytes", good[:length]
    for _ in range(20):
        bit = rng.randrange(len(good) * 8)
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit} flipped", bytes(flipped)
    yield "longer", good + b"\0"
    yield "foreign", b"\x7fELF" + rng.randbytes(10000)
    yield "text", b"# a mirrorlist\nhttp://mirror.example/\n"


def count_refusals(service):
    return service.server.log().count("snapshot refused")


def test_a_bad_snapshot_is_refused_and_the_old_one_answers(service, snapshots, tmp_path):
    good = snapshots[1].read_bytes()
    with Load(service, TARGETS, connections=2) as load:
        for name, content in damaged(good):
            before = count_refusals(service)
            bad = tmp_path / "bad"
            bad.write_bytes(content)
            service.publish(bad)
            service.server.signal(signal.SIGHUP)
            wait_until(lambda: count_refusals(service) > before, f"the refusal of a snapshot that is {name}")
            assert has_mark(service), name
        service.snapshot.unlink()
        before = count_refusals(service)
        service.server.signal(signal.SIGHUP)
        wait_until(lambda: count_refusals(service) > before, "the refusal of a missing snapshot")
        assert has_mark(service)
        service.publish(snapshots[1])
        service.server.signal(signal.SIGHUP)
        wait_until(lambda: not has_mark(service), "the good snapshot after the bad ones")
    assert load.failures == []


def test_hostile_frames_break_one_child_at_most(service):
    rng = random.Random(2)
    frames = [b"", b"\xff" * 8, b"\0" * 8, (100).to_bytes(4, "little") + b"\0" * 4 + rng.randbytes(100),
              rng.randbytes(5000), (65536).to_bytes(4, "little") + b"\0" * 40]
    for frame in frames:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(10)
            peer.connect(str(service.socket))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                peer.sendall(frame)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass
        assert service.ask(CORE).status == 200


def test_a_server_that_comes_back_is_found_again(service):
    service.server.stop()
    assert service.ask(CORE).status == 503
    assert "retry-after" in service.ask(CORE).headers
    with service.start_server():
        wait_until(lambda: service.ask(CORE).status == 200, "answers from the new server")


def test_both_end_on_sigterm(service):
    children = children_of(service.server.pid) + children_of(service.client.pid)
    assert service.client.stop() == 0
    assert service.server.stop() == 0
    assert not service.socket.exists()
    wait_until(lambda: not any(pathlib.Path("/proc", str(pid)).exists() for pid in children),
               "the children to be gone")


def test_a_socket_left_behind_is_taken_over(service):
    os.kill(service.server.pid, signal.SIGKILL)
    service.server.process.wait()
    assert service.socket.exists()
    with service.start_server():
        wait_until(lambda: service.ask(CORE).status == 200, "answers from the new server")


def test_a_second_server_does_not_take_the_socket_of_a_living_one(service, programs):
    done = run([programs.server, "--snapshot", service.snapshot, "--geoip", "none",
                "--socket", service.socket], check=False)
    assert done.returncode == 1
    assert str(service.socket) in done.stderr
    assert service.ask(CORE).status == 200
