"""The first thing that a newcomer runs."""
import re

import pytest
from processes import run


@pytest.fixture(name="quickstart")
def quickstart_fixture(source):
    yield source / "deploy" / "quickstart"
    run([source / "deploy" / "quickstart", "stop"])


def check_story(output):
    """What quickstart shows, in its order."""
    sections = re.split(r"^-- ", output, flags=re.MULTILINE)[1:]
    story = {section.split("\n")[0].split(":")[0].split(",")[0]: section for section in sections}
    first = {who: re.search(r"^https?://([^/]+)", text, re.MULTILINE) for who, text in story.items()}
    first = {who: match and match[1] for who, match in first.items()}
    assert first["a client in Germany"] in ("ftp.uni-lindenau.example", "mirror.rheinhost.example")
    assert first["one in Brazil"] in ("espelho.ipe.example", "espelho.sertao.example")
    assert first["one in Japan"] == "ftp.satsuma.example"
    assert first["one in the network of a company with a private mirror"] == "packages.hallam-works.example"
    monopoly = story["one behind a satellite link"]
    assert re.findall(r"^https?://([^/]+)", monopoly, re.MULTILINE) == ["depot.halvorsen-station.example"]
    assert re.search(r"^302 to https?://mirror\.(yarra|nullarbor)\.example/.*/repodata/repomd\.xml$",
                     story["a redirect to the best mirror for a file"], re.MULTILINE)
    assert "<metalink" in story["a metalink"]
    assert "Repr-Digest: sha-256=:" in story["a file by its own URL"]
    assert "/$basearch/" in story["AlmaLinux's form of URLs"]
    assert "same country (BR)" in story["why each mirror is in a client's list or not"]
    assert "repo=core-6.2&arch=x86_64" in story["a repository that does not exist"].split("\n", 2)[2]
    assert first["the client in Germany again"] == first["a client in Germany"]


def daemons(source):
    """The process ids in the pid files."""
    folder = source / "build" / "quickstart"
    return {path.name: path.read_text(encoding="utf-8").split()[0] for path in folder.glob("*.pid")}


def test_quickstart_shows_what_it_promises_and_can_be_repeated(quickstart, programs, source):
    check_story(run([quickstart, "--build", programs.build]).stdout)
    before = daemons(source)
    check_story(run([quickstart, "--build", programs.build]).stdout)
    assert not set(before.values()) & set(daemons(source).values())
    run([quickstart, "stop"])
    assert daemons(source) == {}
