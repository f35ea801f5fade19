"""A real dnf, asking a real Mirrorway, installs from real nginx mirrors that were entered by hand."""
import shutil

import pytest
from mirrors import TOP, Network, need
from processes import run
from rpm_tree import REPOSITORY, make_trees, package, repomd


@pytest.fixture(scope="module", name="trees")
def trees_fixture(tmp_path_factory):
    need("dnf", "rpm")
    return make_trees(tmp_path_factory.mktemp("trees"))


@pytest.fixture(name="network")
def network_fixture(programs, trees, tmp_path):
    """Knows the repository tern-1, whose master is `new`; has no mirror yet."""
    with Network(programs, tmp_path) as network:
        network.add_repository("tern-1", "x86_64", REPOSITORY)
        network.add_directory(f"{REPOSITORY}/repodata")
        network.add_file(f"{REPOSITORY}/repodata", repomd(trees["new"]), timestamp=3_000_000)
        yield network


def run_dnf(network, endpoint, *words, check=True):
    folder = network.folder
    (folder / "repos").mkdir(exist_ok=True)
    config = folder / "dnf.conf"
    config.write_text(f"""
[main]
reposdir={folder}/repos
cachedir={folder}/cache
persistdir={folder}/persist
logdir={folder}
plugins=0
gpgcheck=0
timeout=5
[tern]
name=Tern
{'metalink' if endpoint == 'metalink' else 'mirrorlist'}={network.base}/{endpoint}?repo=tern-$releasever&arch=$basearch
""", encoding="utf-8")
    return run(["dnf", "--config", config, f"--installroot={folder}/root", "--releasever=1",
                "--forcearch=x86_64", "--assumeyes", *words], check=check)


def installed(network):
    return run(["rpm", f"--root={network.folder}/root", "-qa"]).stdout.split()


def requests_of(mirrors, path):
    """How often each was asked for the path below the repository."""
    return [mirror.requests().count(f"GET /{TOP}/{REPOSITORY}/{path} ") for mirror in mirrors]


@pytest.mark.parametrize("endpoint", ["mirrorlist", "metalink"])
def test_dnf_installs_from_the_first_mirror(network, trees, endpoint):
    mirrors = [network.add_mirror(trees["new"]) for _ in range(3)]
    network.start()
    run_dnf(network, endpoint, "install", "tern")
    assert installed(network) == ["tern-1.2-1.noarch"]
    assert requests_of(mirrors, "repodata/repomd.xml") == [1, 0, 0]


@pytest.mark.parametrize("endpoint", ["mirrorlist", "metalink"])
def test_a_dead_mirror_is_passed_over(network, trees, endpoint):
    mirrors = [network.add_mirror(trees["new"]) for _ in range(3)]
    network.start()
    mirrors[0].stop()
    run_dnf(network, endpoint, "install", "tern")
    assert installed(network) == ["tern-1.2-1.noarch"]
    assert requests_of(mirrors, "repodata/repomd.xml") == [0, 1, 0]


def test_a_stale_mirror_is_skipped_because_the_hashes_differ(network, trees):
    mirrors = [network.add_mirror(trees[name]) for name in ("old", "middle", "new")]
    network.start()
    run_dnf(network, "metalink", "install", "tern")
    assert installed(network) == ["tern-1.2-1.noarch"]
    assert requests_of(mirrors, "repodata/repomd.xml") == [1, 1, 1]


def test_the_push_before_is_accepted_as_an_alternate(network, trees):
    network.add_file(f"{REPOSITORY}/repodata", repomd(trees["middle"]), timestamp=2_000_000)
    mirrors = [network.add_mirror(trees[name]) for name in ("old", "middle", "new")]
    network.start()
    run_dnf(network, "metalink", "install", "tern")
    assert installed(network) == ["tern-1.1-1.noarch"]
    assert requests_of(mirrors, "repodata/repomd.xml") == [1, 1, 0]


def test_when_every_mirror_is_stale_nothing_is_installed(network, trees):
    network.add_mirror(trees["old"])
    network.start()
    done = run_dnf(network, "metalink", "install", "tern", check=False)
    assert done.returncode != 0
    assert installed(network) == []


def test_a_corrupt_package_is_fetched_again_elsewhere(network, trees, tmp_path):
    corrupt = tmp_path / "corrupt"
    shutil.copytree(trees["new"], corrupt)
    rotten = bytearray(package(corrupt, "1.2").read_bytes())
    rotten[-20] ^= 1
    package(corrupt, "1.2").write_bytes(rotten)
    mirrors = [network.add_mirror(corrupt), network.add_mirror(trees["new"])]
    network.start()
    run_dnf(network, "metalink", "install", "tern")
    assert installed(network) == ["tern-1.2-1.noarch"]
    assert requests_of(mirrors, "noarch/tern-1.2-1.noarch.rpm") == [1, 1]


def test_an_unknown_repository_is_told_as_404(network, trees):
    network.add_mirror(trees["new"])
    network.start()
    done = run_dnf(network, "metalink", "--releasever=9", "install", "tern", check=False)
    assert done.returncode != 0
    assert "Status code: 404" in done.stdout + done.stderr
