"""The Debian packages in a fresh Debian without a running systemd, as in a container: what is in them and what they leave, from the
installation to the purge. The tests need their order. Services are for test_services.py."""
import contextlib
import os
import re
import shlex
import shutil

import pytest
from manual import blocks
from processes import run, wait_until
from root import Root, need_root

NAMES = ["mirrorway-common", "mirrorway-frontend", "mirrorway-catalog"]
UNITS = "lib/systemd/system"
SNAPSHOT = "/var/lib/mirrorway/mirrorlist.snapshot"


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


@pytest.fixture(scope="module", name="before")
def before_fixture(debian, packages):
    """All files, with everything that the packages depend on."""
    planned = debian.apt("install", "--simulate", "--no-install-recommends", *packages)
    needed = set(re.findall(r"^Inst (\S+)", planned, re.MULTILINE)) - set(NAMES)
    debian.apt("install", "--no-install-recommends", *sorted(needed), "logrotate")
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


def test_without_systemd_both_daemons_run_as_the_manual_says(debian, source, tmp_path):
    [block] = [block for block in blocks(source / "docs" / "operate.md") if "install -d -o mirrorway " in "".join(block.lines)]
    with contextlib.ExitStack() as daemons:
        for command, _ in block.commands():
            words = shlex.split(command.removeprefix("sudo "))
            if words[-1] == "&":
                daemons.enter_context(debian.start(words[:-1], tmp_path / "log"))
            else:
                debian.run(*words)
        url = "http://127.0.0.1:8080/mirrorlist?repo=core-6.2&arch=x86_64&ip=198.18.2.7"
        said = wait_until(lambda: debian.run("curl", "--silent", "--fail", url, check=False).stdout, "an answer")
        assert "country = DE" in said
        debian.run("tell-server")
    shutil.rmtree(debian.file("/run/mirrorway"))
    shutil.rmtree(debian.file("/var/log/mirrorway"))


def test_installed_again_they_keep_the_configuration_whatever_systemd_says(debian, packages):
    """It looks as if it ran, and cannot be reached."""
    marker = debian.file("/run/systemd/system")
    marker.mkdir(parents=True)
    assert debian.run("systemctl", "daemon-reload", check=False).returncode != 0
    configuration = debian.file("/etc/mirrorway.toml")
    edited = configuration.read_text(encoding="utf-8") + "# edited\n"
    configuration.write_text(edited, encoding="utf-8")
    debian.apt("install", "--reinstall", "--no-install-recommends", *packages)
    marker.rmdir()
    assert configuration.read_text(encoding="utf-8") == edited
    assert debian.run("dpkg", "--audit").stdout == ""


def test_purged_they_leave_data_with_its_owner(debian, before):
    debian.run("install", "-D", "/dev/null", "/var/log/mirrorway/access.log")
    debian.run("systemctl", "enable", "mirrorlist_server", "mirrorlist_client", "mirrorlist_server@debug", "mirrorway-publish.timer")
    stamp = debian.file("/var/lib/systemd/timers/stamp-mirrorway-publish.timer")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    debian.apt("remove", *NAMES)
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
