"""Real zypper, pacman and apt, each in a root of its own, through Mirrorway to real mirrors."""
import gzip
import hashlib
import io
import tarfile
import urllib.request

import pytest
from mirrors import TOP, Network, need
from processes import run
from rpm_tree import REPOSITORY, make_trees, package, repomd


@pytest.fixture(name="network")
def network_fixture(programs, tmp_path):
    with Network(programs, tmp_path) as network:
        yield network


def count(mirror, text):
    return mirror.requests().count(text)


# --- zypper


@pytest.fixture(scope="module", name="trees")
def trees_fixture(tmp_path_factory):
    need("zypper", "rpm")
    return make_trees(tmp_path_factory.mktemp("trees"))


def run_zypper(network, endpoint, *words):
    root = network.folder / "root"
    repositories = root / "etc" / "zypp" / "repos.d"
    repositories.mkdir(parents=True)
    # The same key for both: what a URL with /metalink gives, zypper reads as XML.
    (repositories / "tern.repo").write_text(f"""
[tern]
name=Tern
enabled=1
gpgcheck=0
type=rpm-md
mirrorlist={network.base}/{endpoint}?repo=tern-1&arch=x86_64
""", encoding="utf-8")
    return run(["zypper", "--root", root, "--non-interactive", "--no-gpg-checks", *words])


@pytest.mark.parametrize("endpoint", ["mirrorlist", "metalink"])
def test_zypper_installs(network, trees, endpoint):
    network.add_repository("tern-1", "x86_64", REPOSITORY)
    network.add_directory(f"{REPOSITORY}/repodata")
    network.add_file(f"{REPOSITORY}/repodata", repomd(trees["new"]))
    mirrors = [network.add_mirror(trees["new"]) for _ in range(2)]
    network.start()
    run_zypper(network, endpoint, "install", "tern")
    assert run(["rpm", f"--root={network.folder}/root", "-qa"]).stdout.split() == ["tern-1.2-1.noarch"]
    assert count(mirrors[0], f"GET /{TOP}/{REPOSITORY}/repodata/repomd.xml HTTP") > 0
    assert mirrors[1].requests() == ""


def test_zypper_passes_a_dead_mirror_over(network, trees):
    network.add_repository("tern-1", "x86_64", REPOSITORY)
    mirrors = [network.add_mirror(trees["new"]) for _ in range(2)]
    network.start()
    mirrors[0].stop()
    run_zypper(network, "mirrorlist", "install", "--download-only", "tern")
    got = list((network.folder / "root").rglob("tern-1.2-1.noarch.rpm"))
    assert [file.read_bytes() for file in got] == [package(trees["new"], "1.2").read_bytes()]


# --- pacman


def write_archive(path, name, text):
    """A compressed tar of one file."""
    member = tarfile.TarInfo(name)
    member.size = len(text.encode())
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(text.encode()))


@pytest.fixture(scope="module", name="arch_tree")
def arch_tree_fixture(tmp_path_factory):
    """A repository of one package, below TOP/extra/os/x86_64."""
    need("pacman", "nginx")
    tree = tmp_path_factory.mktemp("arch")
    repository = tree / TOP / "extra" / "os" / "x86_64"
    repository.mkdir(parents=True)
    built = repository / "tern-1.2-1-any.pkg.tar.gz"
    write_archive(built, ".PKGINFO", "pkgname = tern\npkgver = 1.2-1\npkgdesc = A package of nothing\n"
                                     "arch = any\nsize = 0\nbuilddate = 1700000000\n")
    content = built.read_bytes()
    # What repo-add writes; Debian has the program, but not all that it calls.
    fields = {"FILENAME": built.name, "NAME": "tern", "VERSION": "1.2-1", "ARCH": "any",
              "CSIZE": len(content), "SHA256SUM": hashlib.sha256(content).hexdigest()}
    write_archive(repository / "extra.db", "tern-1.2-1/desc",
                  "".join(f"%{name}%\n{value}\n\n" for name, value in fields.items()))
    return tree


def run_pacman(network, servers, *words):
    folder = network.folder
    (folder / "mirrorlist").write_text(servers, encoding="utf-8")
    (folder / "root" / "var" / "lib" / "pacman").mkdir(parents=True)
    (folder / "pacman.conf").write_text(f"""
[options]
RootDir = {folder}/root
CacheDir = {folder}/packages
LogFile = {folder}/pacman.log
GPGDir = {folder}/gpg
HookDir = {folder}/hooks
Architecture = x86_64
SigLevel = Never
[extra]
Include = {folder}/mirrorlist
""", encoding="utf-8")
    return run(["pacman", "--config", folder / "pacman.conf", "--noconfirm", *words])


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode("utf-8")


@pytest.mark.parametrize("dead", [False, True])
def test_pacman_installs_from_the_server_lines(network, arch_tree, dead):
    network.add_repository("extra", "x86_64", "extra/os/x86_64")
    mirrors = [network.add_mirror(arch_tree) for _ in range(2)]
    network.start()
    servers = fetch(f"{network.base}/mirrorlist?repo=extra&arch=x86_64&format=pacman")
    lines = [line for line in servers.splitlines() if not line.startswith("#")]
    assert [line.rstrip("/") for line in lines] == [f"Server = {m.url}/extra/os/x86_64" for m in mirrors]
    if dead:
        mirrors[0].stop()
    run_pacman(network, servers, "-Sy", "tern")
    installed = run(["pacman", "--config", network.folder / "pacman.conf", "-Q"]).stdout
    assert installed == "tern 1.2-1\n"
    assert count(mirrors[1 if dead else 0], "tern-1.2-1-any.pkg.tar.gz HTTP") == 1


# --- apt


@pytest.fixture(scope="module", name="debian_tree")
def debian_tree_fixture(tmp_path_factory):
    """A flat repository of one package, below TOP/debian."""
    need("apt-get", "dpkg-deb", "nginx")
    tree = tmp_path_factory.mktemp("debian")
    repository = tree / TOP / "debian"
    control = tree / "tern" / "DEBIAN" / "control"
    repository.mkdir(parents=True)
    control.parent.mkdir(parents=True)
    fields = ("Package: tern\nVersion: 1.2\nArchitecture: all\nMaintainer: Nobody <nobody@tern.example>\n"
              "Description: A package of nothing\n")
    control.write_text(fields, encoding="utf-8")
    built = repository / "tern_1.2_all.deb"
    run(["dpkg-deb", "--root-owner-group", "--build", control.parents[1], built])
    content = built.read_bytes()
    packages = (f"{fields}Filename: ./{built.name}\nSize: {len(content)}\n"
                f"SHA256: {hashlib.sha256(content).hexdigest()}\n\n").encode()
    (repository / "Packages").write_bytes(packages)
    (repository / "Packages.gz").write_bytes(gzip.compress(packages, mtime=0))
    sums = "".join(f" {hashlib.sha256(file.read_bytes()).hexdigest()} {file.stat().st_size} {file.name}\n"
                   for file in sorted(repository.glob("Packages*")))
    (repository / "Release").write_text("Origin: Tern\nDate: Sat, 01 Jan 2022 00:00:00 UTC\n"
                                        f"SHA256:\n{sums}", encoding="utf-8")
    return tree


class Apt:
    """apt-get with files of its own only."""

    def __init__(self, network, source):
        self.folder = network.folder / "apt"
        for part in ("etc/apt.conf.d", "etc/preferences.d", "state/lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True)
        (self.folder / "status").touch()
        (self.folder / "etc" / "sources.list").write_text(source + "\n", encoding="utf-8")
        self.configuration = self.folder / "apt.conf"
        # Anything that the machine's own configuration names is left out.
        self.configuration.write_text(f"""
Dir::Etc "{self.folder}/etc/";
Dir::State "{self.folder}/state/";
Dir::State::status "{self.folder}/status";
Dir::Cache "{self.folder}/cache/";
APT::Architecture "amd64";
APT::Sandbox::User "root";
Acquire::http::Timeout "5";
Acquire::Retries::Delay "false";
Acquire::Languages "none";
""", encoding="utf-8")

    def run(self, *words):
        return run(["apt-get", "--yes", *words], cwd=self.folder,
                   env={"APT_CONFIG": self.configuration, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})


@pytest.mark.parametrize("dead", [False, True])
def test_apt_downloads_by_its_mirror_method(network, debian_tree, dead):
    network.add_directory("debian")
    mirrors = [network.add_mirror(debian_tree) for _ in range(3)]
    network.start()
    listed = fetch(f"{network.base}/mirrorlist?path={TOP}/debian&format=apt")
    lines = [line for line in listed.splitlines() if not line.startswith("#")]
    assert lines == [f"{m.url}/debian/\tpriority:{i + 1}" for i, m in enumerate(mirrors)]
    if dead:
        mirrors[0].stop()
    apt = Apt(network, f"deb [trusted=yes] mirror+{network.base}/mirrorlist?path={TOP}/debian&format=apt ./")
    apt.run("update")
    apt.run("download", "tern")
    assert (apt.folder / "tern_1.2_all.deb").read_bytes() == \
        (debian_tree / TOP / "debian" / "tern_1.2_all.deb").read_bytes()
    # Without priorities apt would have shuffled the list.
    assert [count(m, "tern_1.2_all.deb HTTP") for m in mirrors] == ([0, 1, 0] if dead else [1, 0, 0])


def test_apt_copes_with_a_list_for_anyone(network, debian_tree):
    """The plain list has no priorities, but serves too."""
    network.add_directory("debian")
    network.add_mirror(debian_tree)
    network.start()
    apt = Apt(network, f"deb [trusted=yes] mirror+{network.base}/mirrorlist?path={TOP}/debian ./")
    apt.run("update")
    apt.run("update")  # with a list in store, of which apt could ask for the rest
    apt.run("download", "tern")
    assert (apt.folder / "tern_1.2_all.deb").is_file()
