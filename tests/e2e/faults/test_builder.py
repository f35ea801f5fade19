"""cache_builder killed, without room, without rights, and with a catalog that is locked or damaged: the snapshot in
place stays whole, one line says what is wrong, and what was left behind does not stay."""
import random
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from processes import run
from service import Catalog

KILLS = 50


@pytest.fixture(scope="module", name="network")
def network_fixture(programs, tmp_path_factory):
    """Two states of one network, big enough that a build takes a while, and the snapshots of both."""
    folder = tmp_path_factory.mktemp("network")
    first = Catalog(programs, folder)
    run([programs.build / "tests" / "bench" / "bench_make_catalog", "--catalog", first.url, "--hosts", 50,
         "--directories", 3000, "--repositories", 40, "--netblocks", 100])
    (folder / "second").mkdir()
    shutil.copy(first.path, folder / "second" / "catalog.db")
    second = Catalog(programs, folder / "second")
    second.admin("edit", "host", "mirror1.example", "city=Elsewhere")
    states = []
    for catalog in (first, second):
        snapshot = catalog.path.with_name("whole.snapshot")
        catalog.build(snapshot)
        states.append((catalog, snapshot.read_bytes()))
    assert states[0][1] != states[1][1]
    return states


def temporaries(folder):
    return list(folder.glob(".mirrorlist.snapshot.*"))


def check_refused(done, *words):
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def kill_after(words, seconds):
    with subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


def kill_while_publishing(words, folder, pause):
    """As soon as there is a temporary file, or a moment later."""
    with subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not temporaries(folder):
            pass
        until = time.perf_counter() + pause
        while time.perf_counter() < until:
            pass
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)


def test_a_killed_build_leaves_the_old_snapshot_or_the_new_one(programs, network, tmp_path):
    folder = tmp_path / "published"
    folder.mkdir()
    snapshot = folder / "mirrorlist.snapshot"
    snapshot.write_bytes(network[0][1])
    moments = random.Random(5)

    def words(catalog):
        return [programs.builder, "build", "--catalog", catalog.url, "--output", snapshot]

    begin = time.monotonic()
    run(words(network[0][0]))
    whole = time.monotonic() - begin
    was_left_behind = False
    for number in range(KILLS):
        before = snapshot.read_bytes()
        catalog, wanted = network[number % 2] if before == network[(number + 1) % 2][1] else network[(number + 1) % 2]
        if number % 2:
            kill_after(words(catalog), moments.uniform(0, whole))
        else:
            kill_while_publishing(words(catalog), folder, moments.choice([0, 0, 0.001, 0.003, 0.01]))
        assert snapshot.read_bytes() in (before, wanted)
        was_left_behind |= bool(temporaries(folder))
    assert was_left_behind, "no build was killed while it wrote"
    run(words(network[1][0]))
    assert snapshot.read_bytes() == network[1][1]
    assert not temporaries(folder)


@pytest.fixture(name="published")
def published_fixture(network, tmp_path):
    """The first state is published; the second one, in a catalog of this test's own, is to be."""
    folder = tmp_path / "published"
    folder.mkdir()
    snapshot = folder / "mirrorlist.snapshot"
    snapshot.write_bytes(network[0][1])
    (tmp_path / "catalog").mkdir()
    catalog = Catalog(network[1][0].programs, shutil.copytree(network[1][0].path.parent, tmp_path / "catalog",
                                                               dirs_exist_ok=True))
    return catalog, snapshot


def build(published):
    catalog, snapshot = published
    return run([catalog.programs.builder, "build", "--catalog", catalog.url, "--output", snapshot], check=False)


def check_untouched(network, published):
    assert published[1].read_bytes() == network[0][1]
    assert not temporaries(published[1].parent)


def run_in_namespace(script, *arguments):
    """A shell script that may mount what it likes: nobody else sees it."""
    words = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("unshare cannot make a mount namespace here")
    return run([*words, "sh", "-euc", script, "sh", *arguments], check=False)


# After the mount: tries to build, and looks at what is there then.
BUILD = """
"$builder" build --catalog "$catalog" --output "$folder/mirrorlist.snapshot" || status=$?
cmp "$folder/mirrorlist.snapshot" "$before" >&2
find "$folder" -name '.mirrorlist.snapshot.*' >&2
exit "${status:-0}"
"""


def build_in_namespace(published, mount):
    catalog, snapshot = published
    before = shutil.copy(snapshot, snapshot.parent.parent / "before")
    return run_in_namespace("before=$1 folder=$2 builder=$3 catalog=$4\n" + mount + BUILD, before, snapshot.parent,
                            catalog.programs.builder, catalog.url)


def test_a_full_disk_is_said_and_costs_nothing(published):
    done = build_in_namespace(published, """
mount -t tmpfs -o size=$(($(stat -c %s "$before") + 50000)) none "$folder"
cp "$before" "$folder/mirrorlist.snapshot"
""")
    check_refused(done, "mirrorlist.snapshot", "No space left on device")


def test_a_read_only_folder_is_said_and_costs_nothing(published):
    done = build_in_namespace(published, """
mount --bind "$folder" "$folder"
mount -o remount,bind,ro "$folder"
""")
    check_refused(done, "mirrorlist.snapshot", "Read-only file system")


def test_a_missing_folder_is_said(published):
    catalog, snapshot = published
    check_refused(build((catalog, snapshot.parent / "none" / "mirrorlist.snapshot")), "none", "No such file or directory")


def states_of_all(catalog, path, state):
    """A crawl of everything."""
    with sqlite3.connect(catalog.path) as connection:
        path.write_text("".join(f"{state} {row[0]}\n" for row in connection.execute("SELECT path FROM directory")),
                        encoding="utf-8")


def test_a_catalog_on_a_full_disk_loses_nothing(network, published, tmp_path):
    catalog, snapshot = published
    states_of_all(catalog, tmp_path / "states", "outdated")
    (tmp_path / "small").mkdir()
    done = run_in_namespace("""
catalog=$1 small=$2 admin=$3 builder=$4 states=$5 snapshot=$6
mount -t tmpfs -o size=$(($(stat -c %s "$catalog") + 100000)) none "$small"
cp "$catalog" "$small/catalog.db"
"$admin" --catalog "sqlite://$small/catalog.db" import directory-states --host mirror1.example "$states" && exit 3
"$builder" build --catalog "sqlite://$small/catalog.db" --output "$snapshot" >/dev/null || exit 4
exit 1
""", catalog.path, tmp_path / "small", catalog.programs.admin, catalog.programs.builder, tmp_path / "states", snapshot)
    assert done.returncode == 1, done.stderr
    lines = [line for line in done.stderr.splitlines() if ": refused: " not in line]
    assert len(lines) == 1 and "the disk is full" in lines[0], done.stderr
    assert snapshot.read_bytes() == network[1][1]


def test_a_catalog_in_a_read_only_folder_is_said_and_costs_nothing(network, published):
    catalog, snapshot = published
    script = """
folder=$1
shift
mount --bind "$folder" "$folder"
mount -o remount,bind,ro "$folder"
exec "$@"
"""
    for words in ([catalog.programs.admin, "edit", "host", "mirror1.example", "city=There"],
                  [catalog.programs.builder, "build", "--output", snapshot]):
        before = catalog.path.read_bytes()
        check_refused(run_in_namespace(script, catalog.path.parent, words[0], "--catalog", catalog.url, *words[1:]),
                      "catalog.db", "this user must be able to read it, and to write the files that SQLite keeps beside it")
        assert catalog.path.read_bytes() == before
    check_untouched(network, published)


def test_a_locked_catalog_is_said_and_costs_nothing(network, published):
    catalog, _ = published
    with sqlite3.connect(catalog.path, isolation_level=None) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        check_refused(build(published), "catalog.db", "another program has kept it locked for 10 seconds; try again")
    check_untouched(network, published)


def overwrite(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def truncate(path):
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2)


DAMAGE = {"its beginning": lambda path: overwrite(path, 0, b"#!/bin/sh\n" * 10),
          "its middle": lambda path: overwrite(path, path.stat().st_size // 3 // 4096 * 4096, b"\xff" * 400_000),
          "its end, cut off": truncate,
          "its content": lambda path: path.write_bytes(b"")}


@pytest.mark.parametrize("part", DAMAGE)
def test_a_damaged_catalog_is_said_and_costs_nothing(network, published, part):
    DAMAGE[part](published[0].path)
    check_refused(build(published), "catalog.db")
    check_untouched(network, published)
