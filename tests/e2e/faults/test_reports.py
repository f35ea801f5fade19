"""What a sanitizer reports of a daemon fails the test that started it, even if no request noticed anything."""
import os
import signal

import pytest
import children
from processes import Daemon, SanitizerReport, children_of, run, wait_until
from service import Catalog, Service

REPORTS = ["==4711==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010",
           "==4711==ERROR: LeakSanitizer: detected memory leaks",
           "common/net/path.cc:12:3: runtime error: signed integer overflow"]


@pytest.fixture(autouse=True)
def reports_fixture(monkeypatch, tmp_path):
    """Those that are made here are nobody's."""
    monkeypatch.setenv("MIRRORWAY_REPORTS", str(tmp_path / "reports"))


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_in_a_log_fails(report, tmp_path):
    with pytest.raises(SanitizerReport, match="Sanitizer|overflow"):
        with Daemon(["sh", "-c", 'echo "$1" >&2', "sh", report], tmp_path / "log") as daemon:
            daemon.process.wait(20)
    with pytest.raises(SanitizerReport):
        run(["sh", "-c", 'echo "$1" >&2', "sh", report])
    assert (tmp_path / "reports").read_text(encoding="utf-8").splitlines().count(report) == 2


def test_other_words_do_not(tmp_path):
    with Daemon(["sh", "-c", "echo error: runtime errors >&2"], tmp_path / "log") as daemon:
        daemon.process.wait(20)


@pytest.mark.parametrize("which", ["server", "child", "front end", "worker"])
def test_every_process_of_a_build_with_sanitizers_can_report(programs, tmp_path, which):
    """Also from inside the sandbox, where there are no files to be opened otherwise."""
    if not programs.has_sanitizers():
        pytest.skip("for a build with sanitizers")
    Catalog(programs, tmp_path).build(tmp_path / "snapshot")
    with pytest.raises(SanitizerReport, match="SEGV"):
        with Service(programs, tmp_path, tmp_path / "snapshot") as service:
            daemon = service.client if which in ("front end", "worker") else service.server
            pid = {"child": lambda: wait_until(lambda: children.serving_children(service), "a child")[0],
                   "worker": lambda: children_of(daemon.pid)[0]}.get(which, lambda: daemon.pid)()
            os.kill(pid, signal.SIGSEGV)
            wait_until(lambda: "ABORTING" in daemon.log(), "the report")
