"""The units as they are installed, as systemd's own tools see them; and what the daemons tell systemd."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import struct

import pytest
from processes import DEADLINE_SECONDS, Daemon, is_running, run, wait_until
from service import Service, install

DAEMONS = ["mirrorlist_server", "mirrorlist_server@", "mirrorlist_client"]
JOBS = ["mirrorway-publish", "mirrorway-networks", "mirrorway-fetch", "mirrorway-geoip", "mirrorway-static-copies"]  # each with a timer
SERVICES = [f"{name}.service" for name in [*DAEMONS, *JOBS, "mirrorway-failure@"]]
UNITS = SERVICES + [f"{name}.socket" for name in DAEMONS] + [f"{name}.timer" for name in JOBS]
MOST_EXPOSURE = 15  # tenths; what is left is what the programs are for: sockets, and the network


@pytest.fixture(scope="module", name="units")
def units_fixture(installed):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    return installed / "lib" / "systemd" / "system"


def test_all_units_are_known_here(units):
    assert sorted(path.name for path in units.iterdir()) == sorted(UNITS)


def test_the_units_are_good(units):
    # Of a template, an instance is what can be looked at.
    done = run(["systemd-analyze", "verify", "--man=no", *(units / name.replace("@.", "@debug.") for name in UNITS)])
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("name", SERVICES)
def test_the_services_are_exposed_to_little(units, name):
    run(["systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={MOST_EXPOSURE}", units / name])


@pytest.mark.parametrize("name", JOBS)
def test_failures_of_a_job_are_told(units, name):
    assert "\nOnFailure=mirrorway-failure@%n.service\n" in (units / f"{name}.service").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DAEMONS)
def test_daemons_are_watched_and_can_be_reloaded(units, name):
    text = (units / f"{name}.service").read_text(encoding="utf-8")
    for setting in ("Type=notify", "WatchdogSec=", "ExecReload=", "Restart=always"):
        assert f"\n{setting}" in text
    assert (units / f"{name}.socket").is_file()


def test_no_path_is_left_open(installed):
    """A word between two @ is one that nobody has filled in."""
    for path in filter(pathlib.Path.is_file, (installed / "lib").rglob("*")):
        assert not re.search(r"@[a-z_]+@", path.read_text(encoding="utf-8")), path


def started(unit, replaced):
    """Environment and words of what a unit starts, with other places."""
    text = unit.read_text(encoding="utf-8")
    for place, other in replaced.items():
        text = text.replace(place, str(other))
    [command] = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    return dict(re.findall(r"^Environment=(\w+)=(\S+)$", text, re.MULTILINE)), shlex.split(command)


def test_jobs_below_a_folder_to_try_use_its_programs_and_its_configuration(installed, tmp_path):
    """They took what the system has."""
    configuration = installed / "etc" / "mirrorway.toml"
    packaged = configuration.read_text(encoding="utf-8")
    environment, words = started(installed / "lib/systemd/system/mirrorway-publish.service", {"/var/lib/mirrorway": tmp_path})
    configuration.write_text(f'[cache_builder]\ncatalog = "sqlite:///{tmp_path}/none.db"\n', encoding="utf-8")
    try:
        done = run(words, check=False, env=environment)
    finally:
        configuration.write_text(packaged, encoding="utf-8")
    assert done.returncode == 1 and f"{tmp_path}/none.db" in done.stderr, done.stderr
    for job in ("networks", "fetch"):
        assert started(installed / f"lib/systemd/system/mirrorway-{job}.service", {})[0] == environment
    assert environment["PATH"].startswith(f"{installed}/sbin:{installed}/bin:")


@pytest.mark.parametrize("component", ["frontend", "catalog"])  # "common" is installed by others, too, and the list is one for all
def test_whatever_is_installed_is_in_the_list_of_it(programs, tmp_path, component):
    """By which the manual removes it: units and what else has paths in it were missing."""
    install(programs, "--prefix", tmp_path, "--component", component)
    listed = (programs.build / f"install_manifest_{component}.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(listed) == sorted(str(path) for path in tmp_path.rglob("*") if path.is_file())


def test_an_edited_configuration_is_left_alone(programs, tmp_path):
    configuration = tmp_path / "etc" / "mirrorway.toml"
    words = ["--prefix", tmp_path, "--component", "common"]
    install(programs, *words)
    assert configuration.is_file()
    configuration.write_text("[mirrorlist_server]\n", encoding="utf-8")
    install(programs, *words)
    assert configuration.read_text(encoding="utf-8") == "[mirrorlist_server]\n"


def test_the_users_are_good(installed):
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("needs systemd-sysusers")
    done = run(["systemd-sysusers", "--dry-run", installed / "lib" / "sysusers.d" / "mirrorway.conf"])
    assert "mirrorway-client" in done.stdout + done.stderr


class Manager:
    """systemd's side of sd_notify(3). Use as a context."""

    def __init__(self, path):
        self.path = path
        self.heard = []  # (process, what it said)

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.settimeout(DEADLINE_SECONDS)
        self.socket.bind(str(self.path))
        return self

    def __exit__(self, *_):
        self.socket.close()

    def started(self, words, log):
        """A daemon that is to say twice in a fifth of a second that it lives."""
        environment = {**os.environ, "NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": "200000"}
        return Daemon(["bash", "-c", 'WATCHDOG_PID=$$ exec "$@"', "bash", *words], log, env=environment)

    def hear_until(self, is_enough):
        """Returns the first thing said from now on that satisfies the condition; fails when nothing is said."""
        while True:
            text, more, _, _ = self.socket.recvmsg(1000, socket.CMSG_SPACE(struct.calcsize("3i")))
            pid = struct.unpack("3i", more[0][2])[0]
            self.heard.append((pid, text.decode("ascii")))
            if is_enough(*self.heard[-1]):
                return self.heard[-1]


@pytest.mark.parametrize("name", ["server", "client"])
def test_a_daemon_tells_that_it_serves_then_that_it_lives_and_so_does_its_successor(programs, sample, tmp_path, name):
    service = Service(programs, tmp_path, sample.snapshot)
    words = [*service.server_words(), "--socket", service.socket] if name == "server" else service.client_words()
    with Manager(tmp_path / "notify") as manager, manager.started(words, tmp_path / "log") as daemon:
        successor = None
        try:
            manager.hear_until(lambda pid, text: text == "READY=1")
            for _ in range(3):
                assert manager.hear_until(lambda pid, text: True) == (daemon.pid, "WATCHDOG=1")
            daemon.signal(signal.SIGUSR2)
            said = manager.hear_until(lambda pid, text: pid != daemon.pid or "MAINPID=" in text)
            assert said[0] == daemon.pid  # nobody else is heard before
            successor = int(re.fullmatch(r"WATCHDOG=1\nMAINPID=(\d+)", said[1])[1])
            for _ in range(3):
                manager.hear_until(lambda pid, text: (pid, text) == (successor, "WATCHDOG=1"))
            # A loop that does not turn: the process has this one thread.
            os.kill(successor, signal.SIGSTOP)
            manager.socket.settimeout(1)
            with pytest.raises(TimeoutError):
                manager.hear_until(lambda pid, text: False)
        finally:
            if successor:
                os.kill(successor, signal.SIGCONT)
                os.kill(successor, signal.SIGTERM)
                wait_until(lambda: not is_running(successor), "the successor to end")
