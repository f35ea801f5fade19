"""What programs say to a person who looks on, and to nobody else: progress, and colours."""
import os
import pty
import subprocess

import pytest
from processes import run
from service import Catalog


def run_on_terminal(words, **environment):
    """Status and what comes on stderr, which is a terminal; stdout is none."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=theirs, check=False, timeout=60,
                              env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm",
                                   **environment})
        os.set_blocking(ours, False)
        try:
            said = os.read(ours, 65536)
        except BlockingIOError:
            said = b""
        return done.returncode, said.decode("utf-8")
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.fixture(name="catalog")
def catalog_fixture(programs, source, tmp_path):
    catalog = Catalog(programs, tmp_path)
    catalog.load_sample(source)
    return catalog


def long_work(programs, catalog, folder):
    ranges = folder / "ranges.json"
    ranges.write_text('{"prefixes": [{"ipv4Prefix": "11.0.0.0/24", "scope": "a"}]}', encoding="utf-8")
    states = folder / "states"
    states.write_text("up-to-date saltmarsh/6.2/core/x86_64/os\n", encoding="utf-8")
    imports = [programs.admin, "--catalog", catalog.url, "import"]
    catalog.build(folder / "built")
    run([programs.builder, "export-mirrormanager", "--snapshot", folder / "built", "--cache", folder / "cache"])
    return ([programs.builder, "build", "--catalog", catalog.url, "--output", folder / "snapshot"],
            [programs.admin, "copy", "--from", catalog.url, "--to", f"sqlite:///{folder}/copy.db"],
            [programs.builder, "import-mirrormanager", "--cache", folder / "cache", "--output", folder / "imported"],
            # Of which nothing is lost, so that nothing is to be said.
            [programs.builder, "export-mirrormanager", "--snapshot", folder / "imported", "--cache", folder / "exported"],
            [*imports, "cloud", "gcp", ranges],
            [*imports, "directory-states", "--host", "mirror.noordhof.example", states])


def test_long_work_shows_how_far_it_is_and_wipes_it(programs, catalog, tmp_path):
    for words in long_work(programs, catalog, tmp_path):
        status, said = run_on_terminal(words)
        assert status == 0
        assert "[" in said and " %  " in said
        assert said.endswith("\r\x1b[K")
        assert "\n" not in said


def test_a_routing_table_shows_how_much_of_it_is_read(programs, catalog, tmp_path):
    table = tmp_path / "table"
    table.write_text("".join(f"11.{i // 256}.{i % 256}.0/24 {i + 1}\n" for i in range(5000)), encoding="utf-8")
    status, said = run_on_terminal([programs.admin, "--catalog", catalog.url, "import", "asn", table])
    assert status == 0
    assert f"reading {table}: 4096 entries" in said


def test_nothing_of_it_where_nobody_looks(programs, catalog, tmp_path):
    for words in long_work(programs, catalog, tmp_path):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, timeout=60)
        assert done.stderr == ""
        assert "\x1b" not in done.stdout and "\r" not in done.stdout


@pytest.mark.parametrize("environment, has_colours", [
    ({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_failure_is_red_where_that_is_wanted(environment, has_colours, programs):
    status, said = run_on_terminal([programs.server, "--verify", "/nowhere"], **environment)
    assert status == 1
    assert said.startswith("\x1b[1;31mmirrorlist_server: \x1b[0m" if has_colours else "mirrorlist_server: ")


def test_so_is_a_refusal(programs, catalog, tmp_path):
    catalog.build(tmp_path / "snapshot")
    run([programs.builder, "hold", "--output", tmp_path / "snapshot", "for a test"])
    status, said = run_on_terminal([programs.builder, "build", "--catalog", catalog.url, "--output", tmp_path / "snapshot"])
    assert status == 5
    assert said.startswith("\x1b[1;31mcache_builder: \x1b[0m")


def test_a_failure_has_no_colour_in_a_file(programs):
    done = subprocess.run([str(programs.server), "--verify", "/nowhere"], capture_output=True, text=True, check=False)
    assert done.stderr.startswith("mirrorlist_server: ")
