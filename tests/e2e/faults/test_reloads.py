"""Snapshots that come, good and bad, while clients are being answered."""
import contextlib
import os
import pathlib
import shutil
import signal

from checked_load import CheckedLoad, truth_of
from processes import children_of, is_running, state_of, wait_until
from service import Service


def test_every_answer_is_wholly_from_one_of_two_snapshots(service, snapshots, truths, fault_reloads):
    with CheckedLoad(service.address, truth_of(*truths)) as load:
        for i in range(fault_reloads):
            loaded = service.server.log().count("snapshot loaded")
            service.publish(snapshots[(i + 1) % 2])
            service.server.signal(signal.SIGHUP)
            wait_until(lambda: service.server.log().count("snapshot loaded") > loaded, f"reload {i}")
        load.wait_for_more()
    assert load.failures == []
    assert load.dropped == 0
    assert {which for _, which in load.seen} == {0, 1}


def stop_a_loader(service):
    """Asks for reloads until the process that loads one is stopped in the middle of it, as by a disk that hangs, and returns it.
    It lives for a few milliseconds only: nothing else should keep this program busy."""
    listed = pathlib.Path(f"/proc/{service.server.pid}/task/{service.server.pid}/children")

    def count_loaded():
        return service.server.log().count("snapshot loaded")

    def catch():
        loaded = count_loaded()
        service.server.signal(signal.SIGHUP)
        for _ in range(300):
            pids = map(int, listed.read_text(encoding="ascii").split()) if listed.exists() \
                else children_of(service.server.pid)
            for pid in pids:
                with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                    if os.sched_getscheduler(pid) != os.SCHED_BATCH:  # no loader
                        continue
                    os.kill(pid, signal.SIGSTOP)
                    wait_until(lambda pid=pid: state_of(pid) in "TZX", "a process to be stopped")
                    if state_of(pid) == "T":
                        return pid
        wait_until(lambda: count_loaded() > loaded, "the reload")  # or the next one would come on top of it
        return None

    return wait_until(catch, "a loader to be stopped")


def test_a_disk_that_hangs_costs_a_reload_and_no_answer(programs, snapshots, geoip, tmp_path, truths):
    def ready():
        return service.ask_metrics("/health/ready").body

    snapshot = tmp_path / "mirrorlist.snapshot"
    shutil.copy(snapshots[0], snapshot)
    with Service(programs, tmp_path, snapshot, geoip, server_options=["--load-timeout", "2s"],
                 has_metrics=True) as service:
        service.wait_for_metrics()
        stop_a_loader(service)
        with CheckedLoad(service.address, truth_of(truths[0])) as first:
            wait_until(lambda: "does the disk hang?" in ready(), "the warning")
            first.wait_for_more(3)
            # What comes after it is not held up.
            service.server.signal(signal.SIGHUP)
            wait_until(lambda: ready() == "ok\n", "the end of the warning")
        stop_a_loader(service)
        service.publish(snapshots[1])
        service.server.signal(signal.SIGHUP)  # while it hangs
        with CheckedLoad(service.address, truth_of(*truths)) as second:
            wait_until(lambda: any(which == 1 for _, which in list(second.seen)), "answers from the new snapshot")
            second.wait_for_more(3)
    for load in (first, second):
        assert load.failures == [] and load.dropped == 0
    assert service.server.log().count("does the disk hang?") == 2


def test_a_loader_does_not_outlive_its_server(programs, snapshots, geoip, tmp_path):
    """It would keep the socket from the next one, for as long as the disk hangs."""
    with Service(programs, tmp_path, snapshots[0], geoip) as service:
        loader = stop_a_loader(service)
        os.kill(service.server.pid, signal.SIGKILL)
        service.server.process.wait()
        wait_until(lambda: not is_running(loader), "the loader to end")
        with service.start_server():
            pass  # it could not listen
