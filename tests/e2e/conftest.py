"""Fixtures of the whole-system tests. They build nothing. In the environment:

MIRRORWAY_BUILD    the finished build folder whose programs are tested; default: build/dev
MIRRORWAY_GEOIP    a real geolocation file, to be tried beside the small one of the test data
MIRRORWAY_REPORTS  a file to which all is added that sanitizers report: a test that is repeated forgets what failed it first
"""
import os
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from processes import SOURCE, refuse_reports_in_logs, run
from service import Catalog, Programs, Sample, install

# A child in its sandbox can neither ask whether stderr is a terminal nor start a program that finds the names of
# functions: reports are plain, and refuse_reports finds the names.
for tool in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
    os.environ.setdefault(tool, "color=never:symbolize=0:print_stacktrace=1")

# Whatever this machine's own configuration says, no program under test reads it.
os.environ["MIRRORWAY_CONFIG"] = "none"

# tests/run interrupts what takes too long, and wants to know what was found until then; shells let background jobs ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = SOURCE.parent / "shared"


class RepeatedTests:
    """Shows what a test said that is tried once more, and names it in the summary with its first reason: nobody else would,
    whether it passes then or fails for another one."""

    def __init__(self, config):
        self.config = config
        self.reasons = {}

    def pytest_runtest_logreport(self, report):
        if report.outcome == "rerun":
            crash = getattr(report.longrepr, "reprcrash", None)
            self.reasons.setdefault(report.nodeid, (crash.message if crash else report.longreprtext).partition("\n")[0])
            terminal = self.config.pluginmanager.getplugin("terminalreporter")
            terminal.write_line(f"\n--- tried once more: {report.nodeid}\n{report.longreprtext}\n---")

    def pytest_terminal_summary(self, terminalreporter):
        if self.reasons:
            terminalreporter.section("tried once more")
        for test, reason in self.reasons.items():
            terminalreporter.write_line(f"REPEATED {test} - {reason}")


def pytest_configure(config):
    if "PYTEST_XDIST_WORKER" not in os.environ:  # the process with the terminal hears of all workers' tests
        config.pluginmanager.register(RepeatedTests(config))


@pytest.fixture(scope="session", name="programs")
def programs_fixture():
    programs = Programs(os.environ.get("MIRRORWAY_BUILD", SOURCE / "build" / "dev"))
    if programs.missing():
        pytest.fail(f"not built: {', '.join(map(str, programs.missing()))}; "
                    "run cmake --preset dev && cmake --build --preset dev first")
    return programs


@pytest.fixture(scope="session", name="source")
def source_fixture():
    return SOURCE


@pytest.fixture(scope="session", name="installed")
def installed_fixture(programs, tmp_path_factory):
    """Everything, below a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    install(programs, "--prefix", folder)
    return folder


@pytest.fixture(scope="session", name="sample")
def sample_fixture(programs, source, tmp_path_factory):
    """The network of deploy/sample. Tests that replace the snapshot do so with a copy."""
    folder = tmp_path_factory.mktemp("sample")
    catalog = Catalog(programs, folder)
    catalog.load_sample(source)
    catalog.build(folder / "mirrorlist.snapshot")
    return Sample(folder / "mirrorlist.snapshot", source / "deploy" / "sample" / "networks.mmdb")


@pytest.fixture(scope="session", name="shared")
def shared_fixture():
    """The folder of reference data; tests of it are skipped where it is absent."""
    if not (SHARED / "data" / "almalinux-mirrors.jsonl").is_file():
        pytest.skip(f"{SHARED / 'data'} is absent")
    return SHARED


@pytest.fixture(autouse=True)
def no_reports_fixture():
    """The first to be set up and so the last to end: every test fails whose daemons made a sanitizer report."""
    yield
    refuse_reports_in_logs()
