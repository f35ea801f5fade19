"""The Debian packages in a fresh Debian: one story, from the installation to the purge. The tests need their order."""
import contextlib
import os
import re
import shlex
import shutil

import pytest
from manual import blocks
from processes import run, wait_until
from root import Root, becoming, need_root

NAMES = ["mirrorway-common", "mirrorway-frontend", "mirrorway-catalog"]
UNITS = "lib/systemd/system"
SNAPSHOT = "/var/lib/mirrorway/mirrorlist.snapshot"
FRONT_END = "front-1.example"  # as the manual calls one that snapshots are pushed to
QUESTION = "http://127.0.0.1:8080/mirrorlist?repo=core-6.2&arch=x86_64"


@pytest.fixture(scope="module", name="debian")
def debian_fixture(source, tmp_path_factory):
    need_root()
    with Root(source, tmp_path_factory.mktemp("debian") / "root") as root:
        yield root


@pytest.fixture(scope="module", name="packages")
def packages_fixture(debian, debs):
    """As named to apt inside."""
    debian.file("/packages").mkdir()
    for path in debs:
        shutil.copy(path, debian.file("/packages"))
    return [f"/packages/{path.name}" for path in debs]


def say_where_users_are(debian):
    return {line.split(":")[0]: line for line in debian.file("/etc/passwd").read_text(encoding="utf-8").splitlines()}


def commands_of(debian, unit):
    """What the unit starts, as words."""
    text = debian.file(f"{UNITS}/{unit}").read_text(encoding="utf-8")
    return [shlex.split(line) for line in re.findall(r"^ExecStart(?:Post)?=(.+)$", text, re.MULTILINE)]


def settings_of(debian, unit, name):
    return re.findall(rf"^{name}=(.+)$", debian.file(f"{UNITS}/{unit}").read_text(encoding="utf-8"), re.MULTILINE)


def setting_of(debian, unit, name):
    [setting] = settings_of(debian, unit, name)
    return setting


@pytest.fixture(scope="module", name="before")
def before_fixture(debian, packages):
    """All files, with everything that the packages depend on."""
    planned = debian.apt("install", "--simulate", "--no-install-recommends", *packages)
    needed = set(re.findall(r"^Inst (\S+)", planned, re.MULTILINE)) - set(NAMES)
    debian.apt("install", "--no-install-recommends", *sorted(needed), "logrotate", "openssh-client", "openssh-server")
    with debian.file("/etc/hosts").open("a", encoding="utf-8") as hosts:
        hosts.write(f"127.0.0.1 {FRONT_END}\n")
    debian.file("/run/sshd").mkdir(exist_ok=True)
    return debian.files()


def test_they_install_cleanly(debian, packages, before):
    assert before
    said = debian.apt("install", "--no-install-recommends", *packages)
    assert not re.search("warning|error|fail", said, re.IGNORECASE), said
    assert debian.run("dpkg", "--audit").stdout == ""
    for name in NAMES:
        assert debian.run("dpkg", "--verify", name).stdout == ""


def test_users_and_folders_are_there(debian):
    users = say_where_users_are(debian)
    assert users["mirrorway"].endswith(":/var/lib/mirrorway:/usr/sbin/nologin")
    assert users["mirrorway-client"].endswith(":/usr/sbin/nologin")
    folder = debian.file("/var/lib/mirrorway").stat()
    assert oct(folder.st_mode) == "0o40755" and folder.st_uid == int(users["mirrorway"].split(":")[2])


def test_units_name_what_is_there(debian):
    units = [path.name for path in debian.file(UNITS).glob("mirror*")]
    assert len(units) > 15
    for unit in units:
        if unit.endswith(".service"):
            for words in commands_of(debian, unit):
                assert os.access(debian.file(words[0]), os.X_OK), f"{unit}: {words[0]}"
    instances = [f"/{UNITS}/{unit.replace('@.', '@debug.')}" for unit in units]
    done = debian.run("systemd-analyze", "verify", "--man=no", *instances)
    assert done.stdout + done.stderr == ""


def test_every_command_has_its_page(debian):
    files = debian.run("dpkg", "--listfiles", *NAMES).stdout.split()
    for path in filter(re.compile(r"/usr/s?bin/.").match, files):
        folder, name = os.path.split(path)
        section = 8 if folder == "/usr/sbin" else 1
        assert f"/usr/share/man/man{section}/{name}.{section}" in files
    assert "/usr/share/man/man7/mirrorway.7" in files


def test_every_program_takes_the_configuration(debian):
    for name in ("mirrorlist_client", "mirrorlist_server", "mirror_admin", "cache_builder"):
        assert debian.run(name, "--check-config").stdout == "configuration is good\n"


def test_it_is_read_without_being_asked_for(debian):
    configuration = debian.file("/etc/mirrorway.toml")
    good = configuration.read_text(encoding="utf-8")
    configuration.write_text(good.replace("\n[mirror_admin]\n", '\n[mirror_admin]\ncatalogue = "x"\n'), encoding="utf-8")
    done = debian.run("mirror_admin", "list", "host", check=False)
    configuration.write_text(good, encoding="utf-8")
    assert done.returncode == 2 and re.search(r"/etc/mirrorway\.toml:\d+: unknown key \"catalogue\"", done.stderr), done.stderr


def test_a_catalog_becomes_a_snapshot(debian, source):
    shutil.copytree(source / "deploy" / "sample", debian.file("/tmp/sample"))
    shutil.copy(source / "deploy" / "sample" / "networks.mmdb", debian.file("/var/lib/mirrorway/geoip.mmdb"))
    debian.run("mirror_admin", "init", user="mirrorway")
    debian.run("/tmp/sample/load", "/usr/sbin/mirror_admin", "sqlite:///var/lib/mirrorway/catalog.db", user="mirrorway")
    [publish] = commands_of(debian, "mirrorway-publish.service")
    debian.run(*publish, user="mirrorway")
    assert debian.file(SNAPSHOT).is_file()
    shutil.copy(debian.file(SNAPSHOT), debian.file("/var/lib/mirrorway/debug.snapshot"))


def start_server(debian, stack, log, instance=""):
    """As its units say, with systemd's tool in systemd's place."""
    unit = f"mirrorlist_server{'@' if instance else ''}"
    [words] = commands_of(debian, f"{unit}.service")
    path = setting_of(debian, f"{unit}.socket", "ListenStream").replace("%i", instance)
    words = [*becoming("mirrorway"), *(word.replace("%i", instance) for word in words)]
    debian.file("/run/mirrorway").mkdir(exist_ok=True)
    server = stack.enter_context(debian.start(["systemd-socket-activate", f"--listen={path}", *words], log))
    wait_until(debian.file(path).is_socket, "the socket")
    debian.run("chown", "mirrorway:" + setting_of(debian, f"{unit}.socket", "SocketGroup"), path)
    debian.run("chmod", setting_of(debian, f"{unit}.socket", "SocketMode"), path)
    return server, path


def ask(debian, url=QUESTION):
    done = debian.run("curl", "--silent", "--fail", "--max-time", "10", url, check=False)
    return done.stdout if done.returncode == 0 else None


@pytest.fixture(scope="module", name="running")
def running_fixture(debian, tmp_path_factory):
    """Both daemons, from the sockets of their units; and an access log, into the folder that the unit has made."""
    folder = tmp_path_factory.mktemp("running")
    debian.run("install", "-d", "-m", setting_of(debian, "mirrorlist_client.service", "LogsDirectoryMode"), "-o", "mirrorway-client",
               "-g", "mirrorway-client", "/var/log/mirrorway")
    start_server(debian, debian, folder / "server.log")
    [words] = commands_of(debian, "mirrorlist_client.service")
    sockets = [f"--listen={address}" for address in settings_of(debian, "mirrorlist_client.socket", "ListenStream")]
    client = debian.start(["systemd-socket-activate", *sockets, *becoming("mirrorway-client"), *words, "--access-log",
                           "/var/log/mirrorway/access.log"], folder / "client.log")
    debian.enter_context(client)
    wait_until(lambda: ask(debian), "an answer")
    return client


def test_client_and_server_answer(debian, running):
    assert running.process.poll() is None
    for question in (QUESTION, QUESTION.replace("127.0.0.1", "[::1]")):
        assert re.search(r"^https?://\S+/core/x86_64/os/$", ask(debian, question), re.MULTILINE)


def test_a_second_server_has_a_snapshot_of_its_own(debian, running, tmp_path):
    start_server(debian, debian, tmp_path / "debug.log", "debug")
    [words] = commands_of(debian, "mirrorlist_client.service")
    options = ["--listen", "127.0.0.1:8081", "--metrics-listen", "none", "--server-socket", "/run/mirrorway/mirrorlist_server@debug.sock"]
    with debian.start([*words, *options], tmp_path / "client.log", user="mirrorway-client"):
        assert wait_until(lambda: ask(debian, QUESTION.replace("8080", "8081")), "an answer") == ask(debian)
        assert 'path="/var/lib/mirrorway/debug.snapshot"' in (tmp_path / "debug.log").read_text(encoding="utf-8")
    assert running.process.poll() is None


def as_the_manual_says(debian, source, word):
    """Runs the commands of the block that has this word, by root who needs no sudo; returns the text that is shown after it."""
    sudo = ('sudo() { if [ "$1" = -u ]; then user=$2; shift 2; setpriv --reuid="$user" --regid="$user" --init-groups "$@"; '
            'else "$@"; fi; }\n')
    page = blocks(source / "docs" / "security.md")
    [at] = [number for number, block in enumerate(page) if block.language == "console" and word in "".join(block.lines)]
    for command, _ in page[at].commands():
        if not command.startswith("sudoedit "):
            debian.run("sh", "-e", "-c", sudo + command)
    return "\n".join(page[at + 1].lines) if at + 1 < len(page) else ""


def test_a_snapshot_is_pushed_by_ssh_as_the_manual_says(debian, source, running, tmp_path):
    """This machine plays both: one snapshot is built, the other is what the server answers from."""
    assert running.process.poll() is None
    line = as_the_manual_says(debian, source, "usermod")
    with debian.start(["/usr/sbin/sshd", "-D", "-e"], tmp_path / "sshd.log"):
        wait_until(lambda: debian.run("ssh-keyscan", FRONT_END, check=False).stdout, "sshd")
        as_the_manual_says(debian, source, "ssh-keygen")
        key = debian.file("/var/lib/mirrorway/.ssh/id_ed25519.pub").read_text(encoding="utf-8")
        assert key.endswith(" publish\n")
        debian.file("/var/lib/mirrorway/.ssh/authorized_keys").write_text(
            re.sub(r"ssh-ed25519 \S+ publish", key.strip(), line) + "\n", encoding="utf-8")

        hosts = debian.file("/tmp/front-ends")
        hosts.write_text(f"mirrorway@{FRONT_END}\n", encoding="utf-8")
        push = ["publish-snapshot", "--hosts", "/tmp/front-ends", "/var/lib/mirrorway/published.snapshot"]
        question = QUESTION + "&ip=198.18.2.7"
        mirror = "mirror.rheinhost.example"
        assert mirror in ask(debian, question)
        debian.run("mirror_admin", "disable", "host", mirror, user="mirrorway")
        said = debian.run(*push, user="mirrorway").stdout
        assert f"mirrorway@{FRONT_END}: snapshot in place: sha256=" in said
        assert debian.file(SNAPSHOT).read_bytes() == debian.file("/var/lib/mirrorway/published.snapshot").read_bytes()
        wait_until(lambda: mirror not in ask(debian, question), "the server to be told")
        again = debian.run(*push, user="mirrorway").stdout
        assert re.fullmatch("nothing has changed .*\n", again), again

        other = debian.run("ssh", "-o", "BatchMode=yes", f"mirrorway@{FRONT_END}", "cat /etc/passwd", user="mirrorway", check=False)
        assert (other.returncode, other.stdout) == (1, "")
        assert other.stderr == "fetch-snapshot: only a snapshot is taken here, not a command\n"
    debian.file("/run/motd.dynamic").unlink(missing_ok=True)  # of sshd's session, and not of the packages


def test_logrotate_moves_the_access_log_and_the_client_follows(debian, running):
    assert running.process.poll() is None
    log = debian.file("/var/log/mirrorway/access.log")
    wait_until(lambda: log.stat().st_size > 0, "a line in the access log")
    debian.run("logrotate", "--state", "/tmp/logrotate", "--force", "/etc/logrotate.d/mirrorway")
    [moved] = log.parent.glob("access.log-*")
    assert moved.stat().st_size > 0
    assert oct(log.stat().st_mode) == "0o100640"
    ask(debian)
    wait_until(lambda: log.stat().st_size > 0, "a line in the new access log")
    assert len(log.read_text(encoding="utf-8").splitlines()) == 1


def test_installed_again_they_keep_the_configuration_and_all_that_runs(debian, packages, running):
    configuration = debian.file("/etc/mirrorway.toml")
    edited = configuration.read_text(encoding="utf-8") + "# edited\n"
    configuration.write_text(edited, encoding="utf-8")
    debian.apt("install", "--reinstall", "--no-install-recommends", *packages)
    assert configuration.read_text(encoding="utf-8") == edited
    assert running.process.poll() is None
    assert ask(debian)


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
def systemd(debian):
    """What looks as if systemd ran; of its manager, what packages ask it is noted, and done to the server. Yields a function
    that tells what was asked."""
    marker, noted, systemctl, aside = map(debian.file, ("/run/systemd/system", "/tmp/systemctl", "/usr/bin/systemctl", "/tmp/aside"))
    systemctl.rename(aside)  # dpkg's PATH has no place before it
    systemctl.write_text("""#!/bin/sh
echo "$*" >>/tmp/systemctl
case $1 in
  kill) exec pkill -USR2 -o -x mirrorlist_serv ;;
  stop) pkill -TERM -u mirrorway || true ;;
  daemon-reload) exit 1 ;; # which keeps no package from anything
  *) exit 1 ;;
esac
""", encoding="utf-8")
    systemctl.chmod(0o755)
    noted.write_text("", encoding="utf-8")
    marker.mkdir(parents=True)
    try:
        yield lambda: noted.read_text(encoding="utf-8").splitlines()
    finally:
        marker.rmdir()
        aside.rename(systemctl)


def test_an_upgrade_keeps_the_configuration_and_a_successor_takes_over(debian, debs, running, tmp_path):
    for path in debs:
        shutil.copy(make_next_version(path, tmp_path), debian.file("/packages"))
    options = ["-o", "Dpkg::Options::=--force-confold", "--no-install-recommends"]
    oldest = debian.run("pgrep", "-o", "-x", "mirrorlist_serv").stdout
    with systemd(debian) as asked:
        debian.apt("install", *options, *(f"/packages/{path.stem}_next.deb" for path in debs))
    daemons = "mirrorlist_server.service mirrorlist_server@*.service mirrorlist_client.service"
    assert set(asked()) == {"daemon-reload", f"kill --kill-whom=main --signal=USR2 {daemons}"}
    assert debian.run("dpkg-query", "--show", "--showformat=${Version}", NAMES[1]).stdout.endswith("+next")
    assert debian.file("/etc/mirrorway.toml").read_text(encoding="utf-8").endswith("# edited\n")
    assert debian.file("/etc/mirrorway.toml.dpkg-dist").is_file()
    wait_until(lambda: debian.run("pgrep", "-o", "-x", "mirrorlist_serv").stdout != oldest, "the old server to end")
    assert ask(debian)
    assert running.process.poll() is None


def test_purged_they_leave_data_with_its_owner(debian, before, running):
    running.stop()
    debian.run("systemctl", "enable", "mirrorlist_server", "mirrorlist_client", "mirrorlist_server@debug", "mirrorway-publish.timer")
    stamp = debian.file("/var/lib/systemd/timers/stamp-mirrorway-publish.timer")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    with systemd(debian) as asked:
        debian.apt("remove", *NAMES)
    stopped = " ".join(line for line in asked() if line.startswith("stop "))
    for unit in ("mirrorlist_*.socket", "mirrorlist_*.service", "mirrorway-fetch.timer", "mirrorway-publish.timer"):
        assert f" {unit}" in stopped
    assert "daemon-reload" in asked()
    # In no state but that of a zombie: nobody in there waits for a successor.
    wait_until(lambda: debian.run("pgrep", "--runstates", "D,R,S,T", "-u", "mirrorway", check=False).returncode == 1, "the servers to end")
    shutil.rmtree(debian.file("/run/mirrorway"))  # systemd holds the sockets, and takes them away
    debian.file("/etc/mirrorway").mkdir()
    debian.file("/etc/mirrorway/networks").touch()
    debian.apt("purge", *NAMES)
    shutil.rmtree(debian.file("/packages"))
    before = {path: what for path, what in before.items() if not path.startswith("/packages")}
    left = debian.files()
    data = ("/var/lib/mirrorway/", "/var/log/mirrorway/")
    more = sorted(path for path in left.keys() - before.keys() if not path.startswith(data))
    assert more == ["/etc/mirrorway", "/etc/mirrorway/networks", "/var/lib/mirrorway", "/var/log/mirrorway"]
    changed = sorted(path for path in before.keys() & left.keys() if before[path] != left[path])
    assert changed == [f"/etc/{name}" for name in ("group", "gshadow", "passwd", "shadow")]
    assert not before.keys() - left.keys()
    assert not stamp.exists()
    assert {"mirrorway", "mirrorway-client"} <= say_where_users_are(debian).keys()
    assert debian.file("/var/lib/mirrorway/catalog.db").is_file()


def test_purged_without_data_they_leave_nothing(debian, debs, before):
    shutil.rmtree(debian.file("/var/lib/mirrorway"))
    shutil.rmtree(debian.file("/var/log/mirrorway"))
    shutil.rmtree(debian.file("/etc/mirrorway"))
    debian.file("/packages").mkdir()
    for path in debs:
        shutil.copy(path, debian.file("/packages"))
    run(debian.inside(["sh", "-c", "dpkg --install /packages/*.deb"]))
    debian.apt("purge", *NAMES)
    left = debian.files()
    assert sorted(before.keys() ^ left.keys()) == []
    assert sorted(path for path in before if before[path] != left[path]) == []
