"""curl, aria2 and wget2 fetch a file through Mirrorway, by redirects and by both versions of metalinks."""
import contextlib
import hashlib
import random

import pytest
from mirrors import TOP, Network, need
from processes import run

NAME = "tern-1.2.iso"
CONTENT = random.Random(1).randbytes(3_000_000)
TARGET = f"/{TOP}/1/iso/{NAME}"


@pytest.fixture(scope="module", name="trees")
def trees_fixture(tmp_path_factory):
    """A mirror's tree with the file, and one in which a byte of it is wrong."""
    need("nginx", "curl")
    folder = tmp_path_factory.mktemp("trees")
    trees = {}
    for name, content in {"good": CONTENT, "bad": CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])}.items():
        trees[name] = folder / name
        directory = trees[name] / TOP / "1" / "iso"
        directory.mkdir(parents=True)
        (directory / NAME).write_bytes(content)
    return trees


@pytest.fixture(scope="module", name="start")
def start_fixture(programs, trees, tmp_path_factory):
    """start("good", "bad") is a running network with these mirrors, made once."""
    with contextlib.ExitStack() as stack:
        networks = {}

        def start(*names):
            if names not in networks:
                network = stack.enter_context(Network(programs, tmp_path_factory.mktemp("network")))
                for name in names:
                    network.add_mirror(trees[name])
                network.add_directory("1/iso")
                network.add_file("1/iso", trees["good"] / TOP / "1" / "iso" / NAME)
                network.start()
                networks[names] = network
            return networks[names]
        yield start


# --- curl


def curl(*words):
    return run(["curl", "--silent", "--show-error", "--fail", "--max-time", "20", *words])


@pytest.mark.parametrize("target", [TARGET, f"/mirrorlist?path={TOP}/1/iso/{NAME}&redirect=1"])
def test_curl_follows_the_redirect(start, tmp_path, target):
    network = start("good", "good")
    curl("--location", "--output", tmp_path / "got", network.base + target)
    assert (tmp_path / "got").read_bytes() == CONTENT


def test_curl_asks_the_mirror_for_the_part_that_it_wants(start, tmp_path):
    curl("--location", "--range", "5-9", "--output", tmp_path / "got", start("good", "good").base + TARGET)
    assert (tmp_path / "got").read_bytes() == CONTENT[5:10]
    # Resumed after an interruption.
    (tmp_path / "got").write_bytes(CONTENT[:1_000_000])
    curl("--location", "--continue-at", "-", "--output", tmp_path / "got", start("good", "good").base + TARGET)
    assert (tmp_path / "got").read_bytes() == CONTENT


def test_head_leads_to_the_head_of_the_file(start):
    done = curl("--location", "--head", start("good", "good").base + TARGET)
    redirect, file = done.stdout.replace("\r\n", "\n").strip().split("\n\n")
    assert redirect.startswith("HTTP/1.1 302 ")
    assert file.startswith("HTTP/1.1 200 ")
    assert f"Content-Length: {len(CONTENT)}" in file


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_the_digest_file_checks_the_download(start, tmp_path, algorithm):
    network = start("good", "good")
    for name in (NAME, f"{NAME}.{algorithm}"):
        curl("--location", "--output", tmp_path / name, f"{network.base}{TARGET.replace(NAME, name)}")
    assert run([f"{algorithm}sum", "--check", f"{NAME}.{algorithm}"], cwd=tmp_path).stdout == f"{NAME}: OK\n"


# --- aria2 and wget2

METALINKS = [
    pytest.param(f"/metalink?path={TOP}/1/iso/{NAME}", id="metalink 3"),
    pytest.param(f"{TARGET}.meta4", id="metalink 4"),
    # aria2 accepts metalinks wherever it asks, so it gets one; it must not take that for the file.
    pytest.param(TARGET, id="metalink 4 by its Accept"),
]


def aria2(network, target, folder):
    need("aria2c")
    return run(["aria2c", "--no-conf", "--dir", folder, "--connect-timeout=5", "--max-tries=1",
                network.base + target], check=False)


@pytest.mark.parametrize("target", METALINKS)
def test_aria2_downloads_and_verifies(start, tmp_path, target):
    network = start("good", "good")
    done = aria2(network, target, tmp_path)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / NAME).read_bytes() == CONTENT


@pytest.mark.parametrize("target", METALINKS)
def test_aria2_sees_that_a_mirror_is_wrong(start, tmp_path, target):
    checksum_is_wrong = 32
    assert aria2(start("bad"), target, tmp_path).returncode == checksum_is_wrong


@pytest.mark.parametrize("target", METALINKS)
def test_aria2_passes_a_dead_mirror_over(start, tmp_path, target):
    network = start("good", "good", "good")
    network.mirrors[0].stop()
    done = aria2(network, target, tmp_path)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / NAME).read_bytes() == CONTENT


@pytest.mark.parametrize("target", METALINKS[:2])
def test_wget2_downloads_by_metalink(start, tmp_path, target):
    need("wget2")
    # It asks a failing server without end, hence the limits.
    done = run(["timeout", "20", "wget2", "--quiet", "--metalink", "--tries=1",
                start("good", "good").base + target], check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = [file for file in tmp_path.iterdir() if file.stat().st_size == len(CONTENT)]
    assert [hashlib.sha256(file.read_bytes()).hexdigest() for file in found] == [hashlib.sha256(CONTENT).hexdigest()]
