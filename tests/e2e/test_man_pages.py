"""The man pages of everything that is installed, as man itself sees them."""
import os
import re

import pytest
from manual import blocks
from mirrors import need
from processes import run


@pytest.fixture(scope="module", name="pages")
def pages_fixture(installed):
    need("man")
    return {path.name: path for path in (installed / "share" / "man").glob("man*/*")}


def test_every_command_and_every_format_has_its_page(installed, pages, source):
    commands = [f"{path.name}.{section}" for folder, section in (("bin", 1), ("sbin", 8))
                for path in (installed / folder).iterdir()]
    manual = [f"mirrorway-{path.stem}.7" for path in (source / "docs").glob("*.md") if path.stem != "README"]
    formats = [f"mirrorway-{path.stem.lower().replace('_', '-')}.5" for path in (source / "proto").glob("*.md")]
    assert sorted(pages) == sorted([*commands, *manual, *formats, "mirrorway.7"])
    assert set(re.findall(r"^\.BR (\S+) \((\d)", pages["mirrorway.7"].read_text(encoding="utf-8"), re.MULTILINE)) == {
        tuple(name.rsplit(".", 1)) for name in commands}


def shown(path):
    """What man makes of a page."""
    done = run(["man", "--warnings", "--local-file", path], env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
    assert done.stderr == "", path.name
    return done.stdout


def test_man_has_nothing_to_say_against_them(pages):
    for path in pages.values():
        assert re.search(rf"^ +{path.stem} - \w", shown(path), re.MULTILINE), path.name


def test_no_link_leads_into_the_void(pages):
    for path in pages.values():
        text = path.read_text(encoding="utf-8").replace("\\-", "-")
        for name, section in re.findall(r"(mirrorway[a-z-]*)(?:\\fR)? ?\((\d)", text):
            assert f"{name}.{section}" in pages, path.name


def codes_of(page):
    """What a Markdown page shows as it is typed: lines of blocks, and `code`, but for pages, which man calls otherwise."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    inline = (code for code in re.findall("`([^`]+)`", text) if not re.fullmatch(r"proto/[A-Z_]+\.md", code))
    return [*inline, *(line for block in blocks(page) for line in block.lines)]


def test_what_is_typed_is_the_same_as_in_the_manual(pages, source):
    """Packages were once called mirrorway-common-*.deb. Where lines are broken is man's own matter."""
    markdown = {f"mirrorway-{path.stem.lower().replace('_', '-')}": path for folder in ("docs", "proto")
                for path in (source / folder).glob("*.md")}
    for name, page in markdown.items():
        path = pages.get(f"{name}.7") or pages.get(f"{name}.5") or pages["mirrorway.7"]
        text = "".join(shown(path).split())
        missing = [code for code in codes_of(page) if "".join(code.split()) not in text]
        assert missing == [], path.name


def words_of(text):
    return {word.strip(".") for word in re.findall(r"[\w./%-]+", text)}


def test_help_of_a_script_is_what_its_page_says(installed, pages):
    for path in (installed / "bin").iterdir():
        said = run([path, "--help"]).stdout
        assert re.match(f"{path.name}[ :]", said)
        assert words_of(said) - words_of(shown(pages[f"{path.name}.1"])) == set()
        refused = run([path, "--nonsense"], check=False)
        assert (refused.returncode, refused.stderr) == (2, said)
