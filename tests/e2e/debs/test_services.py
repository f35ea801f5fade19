"""The Debian packages in a fresh Debian that systemd runs: an operator follows the manual, then everything goes wrong that a
machine can do to services, then come the upgrade, the way back, and the end. The tests need their order; each but the first and the
last may be tried once more."""
import contextlib
import re
import shutil
import time

import pytest
from load import Load
from manual import blocks, follow
from processes import Daemon, is_open, run, wait_until
from root import Root, need_boot
from service import LOOKUP_TIMEOUT, query

NAMES = ["mirrorway-common", "mirrorway-frontend", "mirrorway-catalog"]
SNAPSHOT = "/var/lib/mirrorway/mirrorlist.snapshot"
HTTP, METRICS = ("127.0.0.1", 8080), ("127.0.0.1", 9393)
FRONT_END = "front-1.example"  # as the manual calls one that snapshots are pushed to
WEB = "http://127.0.0.1:8000"  # what stands for the outside world
CORE = query(repo="core-6.2", arch="x86_64", ip="198.18.2.7")
MARK = "mirror.rheinhost.example"  # in the answer to CORE when, and only when, the catalog had it active
DAEMONS = ["mirrorlist_server", "mirrorlist_client"]
SECOND_SERVER = "mirrorlist_server@debug"
TIMERS = [f"mirrorway-{name}.timer" for name in ("publish", "networks", "fetch", "geoip", "static-copies")]


class Machine(Root):
    """An operator's."""

    def systemctl(self, *words):
        return self.run("systemctl", *words).stdout

    def show(self, unit, name):
        """A property of a unit."""
        return self.systemctl("show", "--value", f"--property={name}", unit).strip()

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "--unit", unit).stdout

    def drop_in(self, unit, text):
        """What "systemctl edit" makes."""
        folder = self.file(f"/etc/systemd/system/{unit if '.' in unit else unit + '.service'}.d")
        folder.mkdir(exist_ok=True)
        (folder / "override.conf").write_text(text, encoding="utf-8")
        self.systemctl("daemon-reload")

    def start_job(self, name):
        """To its end."""
        self.run("systemctl", "start", f"{name}.service", check=False)
        assert self.show(f"{name}.service", "Result") == "success", self.journal(f"{name}.service")

    def as_mirrorway(self, *words):
        return self.run(*words, user="mirrorway").stdout

    def set_mark(self, is_active):
        self.as_mirrorway("mirror_admin", "enable" if is_active else "disable", "host", MARK)

    def write(self, path, text):
        self.file(path).parent.mkdir(exist_ok=True)
        self.file(path).write_text(text, encoding="utf-8")


class FrontEnd:
    """As who asks sees it."""

    def __init__(self, machine):
        self.machine = machine

    def connect(self):
        return self.machine.connect(HTTP)

    def ask(self, target=CORE):
        with self.connect() as connection:
            return connection.ask(target)

    def has_mark(self):
        answer = self.ask()
        assert answer.status == 200 and answer.urls
        return MARK in answer.body

    def loses_nothing(self):
        """Questions, all of which must be answered."""
        return Load(self, [CORE, query(repo="core-6.2", arch="x86_64", ip="198.18.4.7")])


@pytest.fixture(scope="module", name="machine")
def machine_fixture(source, debs, tmp_path_factory):
    need_boot()
    with Machine(source, tmp_path_factory.mktemp("machine") / "root") as machine:
        machine.apt("install", "--no-install-recommends", "systemd", "sudo", "logrotate", "openssh-client", "openssh-server",
                    "exim4-daemon-light")
        machine.file("/packages").mkdir()
        for path in debs:
            shutil.copy(path, machine.file("/packages"))
        shutil.copytree(source / "deploy", machine.file("/src/deploy"))
        with machine.file("/etc/hosts").open("a", encoding="utf-8") as hosts:
            hosts.write(f"127.0.0.1 {FRONT_END}\n")
        machine.boot()
        machine.apt("install", "--no-install-recommends", *(f"/packages/{path.name}" for path in debs))
        yield machine


@pytest.fixture(scope="module", name="front_end")
def front_end_fixture(machine):
    """Both daemons run, as they are enabled. This machine may stop for longer than a front end waits by default."""
    machine.run("sed", "-i", f's/^#lookup_timeout = .*/lookup_timeout = "{LOOKUP_TIMEOUT}"/', "/etc/mirrorway.toml")
    machine.systemctl("enable", "--now", *DAEMONS)
    return FrontEnd(machine)


@pytest.fixture(name="marked")
def marked_fixture(machine, front_end):
    """The mark is in all answers, whatever a test has left behind."""
    machine.set_mark(True)
    machine.start_job("mirrorway-publish")
    wait_until(front_end.has_mark, "the mark")
    # Of builds in quick succession each is a second later than the one before: what comes from elsewhere must not be older.
    wait_until(lambda: machine.file(SNAPSHOT).stat().st_mtime < int(time.time()), "the time of the snapshot to be over")


@pytest.fixture(name="web")
def web_fixture(machine, tmp_path):
    """A folder that a web server of the outside world serves."""
    folder = tmp_path / "web"
    folder.mkdir()
    words = ["nsenter", f"--net={machine.network}", "/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory",
             folder, "8000"]

    def listens():
        with machine.entered():
            return is_open(("127.0.0.1", 8000))

    with Daemon(words, tmp_path / "web.log").once_ready(listens):
        yield folder


def test_the_page_for_operators_holds_command_by_command(machine, source):
    follow(source / "docs" / "operate.md", lambda command: machine.shell(command, folder="/src"))
    assert machine.systemctl("--failed", "--quiet") == ""
    assert not list(machine.file("/run/mirrorway").glob("*.sock"))


def test_both_families_are_answered(machine, front_end):
    assert front_end.ask().urls
    with machine.connect(("::1", 8080)) as connection:
        assert connection.ask(CORE).urls


def test_every_form_is_answered(front_end):
    for form in ("text", "json", "html", "metalink", "meta4", "pacman", "apt"):
        answer = front_end.ask(f"{CORE}&format={form}")
        assert (answer.status, MARK in answer.body) == (200, True), form


@pytest.mark.parametrize("name", DAEMONS)
def test_the_kernel_keeps_what_the_unit_says(machine, front_end, name):
    assert front_end.ask().urls
    process = machine.file(f"/proc/{machine.show(name, 'MainPID')}")
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text(encoding="utf-8").splitlines() if ":\t" in line)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert {int(status[kind], 16) for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    namespaces = {"mnt", "user"} | ({"net"} if name == "mirrorlist_server" else set())
    for kind in ("mnt", "user", "net"):
        link = (process / "ns" / kind).readlink()
        assert (link != machine.file(f"/proc/1/ns/{kind}").readlink()) == (kind in namespaces), kind


def test_a_connection_starts_what_is_stopped(machine, front_end):
    assert front_end.ask().urls
    for name in reversed(DAEMONS):  # a front end that runs would start the server
        machine.systemctl("stop", name)
    for name in DAEMONS:
        assert machine.show(name, "ActiveState") == "inactive"
        assert machine.show(f"{name}.socket", "ActiveState") == "active"
    wait_until(lambda: front_end.ask().status == 200, "an answer of both")
    for name in DAEMONS:
        assert machine.show(name, "ActiveState") == "active"


def test_a_machine_whose_ipv6_is_switched_off_serves_all_the_same(machine, front_end):
    """Neither socket nor front end could start, as ::1 is among its addresses."""
    def switch_off(value):
        setting = "/proc/sys/net/ipv6/conf/all/disable_ipv6"  # of the network of who writes
        run(["nsenter", f"--net={machine.network}", "sh", "-c", f"echo {value} >{setting}"])

    switch_off(1)
    try:
        machine.systemctl("stop", "mirrorlist_client")
        machine.systemctl("restart", "mirrorlist_client.socket")
        assert front_end.ask().urls
    finally:
        switch_off(0)
        machine.systemctl("start", "mirrorlist_client")  # with its socket, or all further tests fail as well
    with machine.connect(("::1", 8080)) as connection:
        assert connection.ask(CORE).urls


def test_a_server_that_is_killed_costs_no_request(machine, front_end):
    before = machine.show("mirrorlist_server", "NRestarts")
    with front_end.loses_nothing() as load:
        load.wait_for_more()
        machine.systemctl("kill", "--kill-whom=all", "--signal=KILL", "mirrorlist_server")
        wait_until(lambda: machine.show("mirrorlist_server", "NRestarts") != before, "the server to be started anew")
        load.wait_for_more()
    assert load.failures == []


def test_a_front_end_that_is_killed_is_started_anew(machine, front_end):
    before = machine.show("mirrorlist_client", "NRestarts")
    machine.systemctl("kill", "--kill-whom=all", "--signal=KILL", "mirrorlist_client")
    wait_until(lambda: machine.show("mirrorlist_client", "NRestarts") != before, "the front end to be started anew")
    assert front_end.ask().urls  # the socket was there all the time


@pytest.mark.parametrize("name", DAEMONS)
def test_a_loop_that_hangs_is_ended_by_the_watchdog(machine, front_end, name):
    machine.drop_in(name, "[Service]\nWatchdogSec=2s\n")
    machine.systemctl("restart", name)
    before = machine.show(name, "NRestarts")
    machine.systemctl("kill", "--kill-whom=main", "--signal=STOP", name)
    wait_until(lambda: machine.show(name, "NRestarts") != before, f"{name} to be started anew")
    assert "Watchdog timeout" in machine.journal(name)
    machine.drop_in(name, "")
    machine.systemctl("restart", name)
    assert front_end.ask().urls


@pytest.mark.parametrize("command", [["reload", "mirrorlist_client"],
                                     ["kill", "--kill-whom=main", "--signal=USR2", "mirrorlist_server"]])
def test_a_successor_takes_over_without_losing_a_request(machine, front_end, command):
    name = command[-1]
    before = machine.show(name, "MainPID")
    with front_end.loses_nothing() as load:
        load.wait_for_more()
        machine.systemctl(*command)
        wait_until(lambda: machine.show(name, "MainPID") not in (before, "0"), "the successor")
        wait_until(lambda: not machine.file(f"/proc/{before}").exists(), "the old one to end")
        load.wait_for_more()
    assert load.failures == []
    assert (machine.show(name, "ActiveState"), machine.show(name, "NRestarts")) == ("active", "0")
    assert "reception only permitted" not in machine.journal(name)


def test_a_second_server_has_a_snapshot_of_its_own(machine, front_end):
    shutil.copy(machine.file(SNAPSHOT), machine.file("/var/lib/mirrorway/debug.snapshot"))
    machine.systemctl("start", SECOND_SERVER)
    assert 'path="/var/lib/mirrorway/debug.snapshot"' in machine.journal(SECOND_SERVER)
    words = ["mirrorlist_client", "--listen", "127.0.0.1:8081", "--metrics-listen", "none", "--server-socket",
             "/run/mirrorway/mirrorlist_server@debug.sock"]
    with machine.start(words, machine.log.with_name("debug.log"), user="mirrorway-client"):
        url = f"http://127.0.0.1:8081{CORE}"
        said = wait_until(lambda: machine.run("curl", "--silent", "--fail", url, check=False).stdout, "an answer")
        assert said == front_end.ask().body
    machine.systemctl("stop", f"{SECOND_SERVER}.socket", SECOND_SERVER)


def test_publishing_builds_and_tells_the_server(machine, front_end):
    for is_active in (False, True):
        machine.set_mark(is_active)
        machine.start_job("mirrorway-publish")
        wait_until(lambda wanted=is_active: front_end.has_mark() == wanted, "the server to be told")


def test_a_cache_of_mirrormanagers_is_imported_and_the_server_told_as_the_manual_says(machine, front_end, source):
    cache = "/var/lib/mirrormanager/mirrorlist_cache.proto"
    machine.run("install", "-d", "-o", "mirrorway", "/var/lib/mirrormanager")
    machine.as_mirrorway("cache_builder", "export-mirrormanager", "--snapshot", SNAPSHOT, "--cache", cache, "--netblocks",
                         "/var/lib/mirrormanager/global_netblocks.txt")
    machine.set_mark(False)
    machine.start_job("mirrorway-publish")
    wait_until(lambda: not front_end.has_mark(), "the server to be told")
    [override] = [block for block in blocks(source / "docs" / "move-in.md") if block.language == "ini"]
    machine.drop_in("mirrorway-publish", "\n".join(override.lines) + "\n")
    machine.start_job("mirrorway-publish")
    wait_until(front_end.has_mark, "the server to be told")
    machine.drop_in("mirrorway-publish", "")
    machine.set_mark(True)
    machine.start_job("mirrorway-publish")


@pytest.mark.usefixtures("marked")
def test_a_snapshot_is_fetched_and_the_server_told(machine, front_end, web):
    machine.set_mark(False)
    machine.as_mirrorway("cache_builder", "build", "--output", "/tmp/mirrorlist.snapshot")
    shutil.copy(machine.file("/tmp/mirrorlist.snapshot"), web)
    machine.drop_in("mirrorway-fetch", f"[Service]\nEnvironment=SNAPSHOT_URL={WEB}/mirrorlist.snapshot\n")
    machine.start_job("mirrorway-fetch")
    wait_until(lambda: not front_end.has_mark(), "the server to be told")


def test_networks_are_fetched_and_imported(machine, front_end, web):
    assert front_end.ask().urls
    (web / "asn.txt").write_text("203.0.114.0/24 64500\n2001:db9::/32 64501\n", encoding="utf-8")
    machine.write("/etc/mirrorway/networks", f"asn {WEB}/asn.txt\n")
    machine.start_job("mirrorway-networks")
    assert "1 IPv4 and 1 IPv6 prefixes with ASN" in machine.journal("mirrorway-networks")


def test_answers_are_copied_for_the_web_server(machine, front_end):
    machine.write("/etc/mirrorway/static-copies", "core-6.2 x86_64\n")
    machine.start_job("mirrorway-static-copies")
    copy = machine.file("/var/lib/mirrorway/static/repositories/core-6.2/x86_64.mirrorlist").read_text(encoding="utf-8")
    assert copy.splitlines()[1:] == front_end.ask("/mirrorlist?repo=core-6.2&arch=x86_64&netblock=0").urls


def test_a_job_that_fails_is_told_by_mail_once(machine):
    """The geolocation file comes by npm, which is not here."""
    mails = machine.file("/var/mail/mail")
    mails.unlink(missing_ok=True)
    machine.systemctl("reset-failed")
    for _ in range(2):
        machine.run("systemctl", "start", "mirrorway-geoip", check=False)
    wait_until(lambda: mails.exists() and "npm" in mails.read_text(encoding="utf-8"), "mail")
    wait_until(lambda: machine.show("mirrorway-failure@mirrorway-geoip.service", "ActiveState") != "activating", "all mail to be out")
    text = mails.read_text(encoding="utf-8")
    assert re.findall("^Subject: (.+)$", text, re.MULTILINE) == [f"mirrorway-geoip.service failed on {machine.run('uname', '-n').stdout.strip()}"]
    assert "fetch-geoip: npm is missing" in text


def test_timers_know_when_they_are_next(machine):
    machine.systemctl("enable", "--now", *TIMERS)
    for timer in TIMERS:
        assert int(machine.show(timer, "NextElapseUSecRealtime") != ""), timer
    machine.systemctl("disable", "--now", *TIMERS)


def as_the_manual_says(machine, source, word):
    """Runs the commands of the block that has this word; returns the text that is shown after it."""
    page = blocks(source / "docs" / "security.md")
    [at] = [number for number, block in enumerate(page) if block.language == "console" and word in "".join(block.lines)]
    for command, _ in page[at].commands():
        if "sudoedit" not in command:
            status, output = machine.shell(command)
            assert status == 0, f"{command}\n{output}"
    return "\n".join(page[at + 1].lines) if at + 1 < len(page) else ""


@pytest.mark.usefixtures("marked")
def test_a_snapshot_is_pushed_by_ssh_as_the_manual_says(machine, front_end, source):
    """This machine plays both: one snapshot is built, the other is what the server answers from."""
    shutil.rmtree(machine.file("/var/lib/mirrorway/.ssh"), ignore_errors=True)
    line = as_the_manual_says(machine, source, "usermod")
    as_the_manual_says(machine, source, "ssh-keygen")
    key = machine.file("/var/lib/mirrorway/.ssh/id_ed25519.pub").read_text(encoding="utf-8")
    assert key.endswith(" publish\n")
    machine.write("/var/lib/mirrorway/.ssh/authorized_keys", re.sub(r"ssh-ed25519 \S+ publish", key.strip(), line) + "\n")
    machine.write("/etc/mirrorway/front-ends", f"mirrorway@{FRONT_END}\n")
    push = ["publish-snapshot", "--hosts", "/etc/mirrorway/front-ends", "/var/lib/mirrorway/published.snapshot"]
    machine.set_mark(False)
    assert f"mirrorway@{FRONT_END}: snapshot in place: sha256=" in machine.as_mirrorway(*push)
    assert machine.file(SNAPSHOT).read_bytes() == machine.file("/var/lib/mirrorway/published.snapshot").read_bytes()
    wait_until(lambda: not front_end.has_mark(), "the server to be told")
    again = machine.as_mirrorway(*push)
    assert re.fullmatch("nothing has changed .*\n", again), again

    other = machine.run("ssh", "-o", "BatchMode=yes", f"mirrorway@{FRONT_END}", "cat /etc/passwd", user="mirrorway", check=False)
    assert (other.returncode, other.stdout) == (1, "")
    assert other.stderr == "fetch-snapshot: only a snapshot is taken here, not a command\n"


def test_logrotate_moves_the_access_logs_and_all_front_ends_follow(machine, front_end):
    """The oldest process alone was told, which may be that of another front end."""
    folder = machine.file("/var/log/mirrorway")
    logs = [folder / "access.log", folder / "second.log"]
    words = ["mirrorlist_client", "--listen", "127.0.0.1:8081", "--metrics-listen", "none", "--access-log",
             "/var/log/mirrorway/second.log"]
    ask_second = ["curl", "--silent", "--fail", f"http://127.0.0.1:8081{CORE}"]

    def ask_both():
        front_end.ask()
        wait_until(lambda: machine.run(*ask_second, check=False).stdout, "an answer")

    def wait_for_lines(which):
        for log in logs:
            wait_until(lambda path=log: path.stat().st_size > 0, f"a line in the {which} {log.name}")

    for moved in folder.glob("*.log-*"):
        moved.unlink()
    with machine.start(words, machine.log.with_name("second.log"), user="mirrorway-client"):
        ask_both()
        machine.systemctl("restart", "mirrorlist_client")
        ask_both()
        wait_for_lines("old")
        machine.run("logrotate", "--state", "/tmp/logrotate", "--force", "/etc/logrotate.d/mirrorway")
        assert len([path for path in folder.glob("*.log-*") if path.stat().st_size > 0]) == 2
        assert {oct(log.stat().st_mode) for log in logs} == {"0o100640"}
        ask_both()
        wait_for_lines("new")
        assert {len(log.read_text(encoding="utf-8").splitlines()) for log in logs} == {1}
        assert machine.show("mirrorlist_client", "NRestarts") == "0"


def test_an_access_log_elsewhere_is_written_when_the_unit_may_as_the_manual_says(machine, front_end):
    configuration = machine.file("/etc/mirrorway.toml")
    before = configuration.read_text(encoding="utf-8")
    machine.run("install", "-d", "-o", "mirrorway-client", "/srv/elsewhere")
    configuration.write_text(before.replace("/var/log/mirrorway/", "/srv/elsewhere/"), encoding="utf-8")
    machine.drop_in("mirrorlist_client", "[Service]\nReadWritePaths=/srv/elsewhere\n")
    machine.systemctl("restart", "mirrorlist_client")
    front_end.ask()
    wait_until(lambda: machine.file("/srv/elsewhere/access.log").stat().st_size > 0, "a line in the access log")
    configuration.write_text(before, encoding="utf-8")
    machine.drop_in("mirrorlist_client", "")
    machine.systemctl("restart", "mirrorlist_client")


def test_the_http_socket_takes_a_list_of_addresses_of_its_own(machine, front_end):
    """That of the service does not hold for it, as docs/scale-out.md says."""
    def is_answered_from(address):
        words = ["curl", "--silent", "--fail", "--max-time", "3", "--interface", address, f"http://127.0.0.1:8080{CORE}"]
        return machine.run(*words, check=False).returncode == 0

    def listen_anew():
        machine.systemctl("stop", "mirrorlist_client")
        machine.systemctl("restart", "mirrorlist_client.socket")
        machine.systemctl("start", "mirrorlist_client")

    assert front_end.ask().urls
    assert is_answered_from("127.0.0.9")
    machine.drop_in("mirrorlist_client.socket", "[Socket]\nIPAddressDeny=any\nIPAddressAllow=127.0.0.1\n")
    listen_anew()
    assert is_answered_from("127.0.0.1")
    assert not is_answered_from("127.0.0.9")
    machine.drop_in("mirrorlist_client.socket", "")
    listen_anew()
    assert is_answered_from("127.0.0.9")


def make_next_version(path, folder):
    """The same package as a later one, with another configuration; returns its file."""
    tree = folder / path.stem
    run(["dpkg-deb", "--raw-extract", path, tree])
    control = tree / "DEBIAN" / "control"
    version = re.search(r"^Version: (\S+)$", control.read_text(encoding="utf-8"), re.MULTILINE)[1]
    control.write_text(control.read_text(encoding="utf-8").replace(version, version + "+next"), encoding="utf-8")
    configuration = tree / "etc" / "mirrorway.toml"
    if configuration.is_file():
        with configuration.open("a", encoding="utf-8") as file:
            file.write("# of the next version\n")
    run(["dpkg-deb", "-Zgzip", "--root-owner-group", "--build", tree, folder / f"{path.stem}_next.deb"])
    return folder / f"{path.stem}_next.deb"


@contextlib.contextmanager
def taken_over(machine, front_end):
    """All daemons have successors at the end, and not one request was lost meanwhile."""
    machine.systemctl("start", SECOND_SERVER)  # of the snapshot of an earlier test
    before = {name: machine.show(name, "MainPID") for name in [*DAEMONS, SECOND_SERVER]}
    with front_end.loses_nothing() as load:
        load.wait_for_more()
        yield
        for name, pid in before.items():
            wait_until(lambda n=name, p=pid: machine.show(n, "MainPID") not in (p, "0"), f"a successor of {name}")
            wait_until(lambda p=pid: not machine.file(f"/proc/{p}").exists(), f"the old {name} to end")
        load.wait_for_more()
    assert load.failures == []
    for name in before:
        assert machine.show(name, "ActiveState") == "active"


def version_of(machine):
    return machine.run("dpkg-query", "--show", "--showformat=${Version}", "mirrorway-frontend").stdout


def test_an_upgrade_keeps_the_configuration_and_successors_take_over(machine, front_end, debs, tmp_path):
    edited = machine.file("/etc/mirrorway.toml").read_text(encoding="utf-8")  # by the manual's commands
    for path in debs:
        shutil.copy(make_next_version(path, tmp_path), machine.file("/packages"))
    with taken_over(machine, front_end):
        machine.apt("install", "--reinstall", "-o", "Dpkg::Options::=--force-confold", "--no-install-recommends",
                    *(f"/packages/{path.stem}_next.deb" for path in debs))
    assert version_of(machine).endswith("+next")
    assert machine.file("/etc/mirrorway.toml").read_text(encoding="utf-8") == edited
    assert machine.file("/etc/mirrorway.toml.dpkg-dist").is_file()


def test_the_way_back_is_taken_by_successors_too(machine, front_end, debs):
    edited = machine.file("/etc/mirrorway.toml").read_text(encoding="utf-8")
    with taken_over(machine, front_end):
        machine.apt("install", "--reinstall", "--allow-downgrades", "-o", "Dpkg::Options::=--force-confold", "--no-install-recommends",
                    *(f"/packages/{path.name}" for path in debs))
    assert not version_of(machine).endswith("+next")
    assert machine.file("/etc/mirrorway.toml").read_text(encoding="utf-8") == edited
    machine.start_job("mirrorway-publish")


def test_removed_they_stop_and_purged_they_leave_data(machine, front_end):
    assert front_end.ask().urls
    machine.systemctl("enable", "--now", SECOND_SERVER, "mirrorway-publish.timer")
    machine.apt("remove", *NAMES)
    assert machine.systemctl("list-units", "--quiet", "--plain", "--state=active", "mirror*") == ""
    for user in ("mirrorway", "mirrorway-client"):
        assert machine.run("pgrep", "-u", user, check=False).returncode == 1
    assert not list(machine.file("/run/mirrorway").glob("*"))
    machine.apt("purge", *NAMES)
    for path in ("/run/mirrorway", "/etc/mirrorway.toml", "/lib/systemd/system/mirrorlist_server.service"):
        assert not machine.file(path).exists(), path
    left = [path.name for path in machine.file("/etc/systemd/system").rglob("mirror*") if not path.name.endswith(".d")]
    assert left == []
    assert not list(machine.file("/var/lib/systemd/timers").glob("*mirrorway*"))
    for path in ("/var/lib/mirrorway/catalog.db", "/etc/mirrorway/networks", "/var/log/mirrorway/access.log"):
        assert machine.file(path).is_file(), path
