"""A real dnf, asking a real Mirrorway, downloads from real nginx mirrors that were entered by hand."""
import os
import shutil
import socket
import subprocess

import pytest
from processes import Daemon, free_port, run
from service import Catalog, Service

SPEC = """
Name: tern
Version: 1.0
Release: 1
Summary: A package of nothing
License: MIT
BuildArch: noarch
%description
A package of nothing.
%files
"""


def need(program):
    if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin") is None:
        pytest.skip(f"{program} is not installed (deploy/install-packages test-full)")


@pytest.fixture(scope="module", name="tree")
def tree_fixture(tmp_path_factory):
    """A repository of one package, as a mirror would have it, below linux/1/x86_64."""
    for program in ("rpmbuild", "createrepo_c", "nginx", "dnf"):
        need(program)
    if os.geteuid() != 0:
        pytest.skip("dnf installs as root only")
    folder = tmp_path_factory.mktemp("tree")
    spec = folder / "tern.spec"
    spec.write_text(SPEC, encoding="utf-8")
    repository = folder / "linux" / "1" / "x86_64"
    repository.mkdir(parents=True)
    run(["rpmbuild", "-bb", "--define", f"_topdir {folder}/rpmbuild", "--define", f"_rpmdir {repository}",
         spec])
    run(["createrepo_c", repository])
    return folder


class Mirror(Daemon):
    """nginx on an address of its own, serving `root`."""

    def __init__(self, address, root, folder):
        self.at = f"{address}:{free_port(address)}"
        folder.mkdir()
        self.access_log = folder / "access.log"
        config = folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""  # pytest's folders are open to their owner only
        config.write_text(f"""
{user}
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  access_log {self.access_log};
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {self.at}; root {root}; }}
}}
""", encoding="utf-8")
        super().__init__([shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", config, "-e", "stderr"],
                         folder / "log")

    def __enter__(self):
        host, port = self.at.split(":")

        def is_open():
            with socket.socket() as probe:
                return probe.connect_ex((host, int(port))) == 0
        try:
            self.wait_ready(is_open)
        except BaseException:
            self.__exit__()
            raise
        return self

    def requests(self):
        return self.access_log.read_text(encoding="utf-8")


def add_by_hand(catalog, mirrors):
    catalog.admin("add", "category", "Tern", "top_directory=linux")
    catalog.admin("add", "repository", "tern-1", "x86_64", "category=Tern", "directory=linux/1/x86_64")
    for i, (name, mirror) in enumerate(mirrors.items()):
        catalog.admin("add", "site", f"Site {i}")
        catalog.admin("add", "host", name, f"site=Site {i}")
        catalog.admin("add", "url", name, "Tern", f"http://{mirror.at}/linux/")
        catalog.admin("edit", "carriage", name, "Tern", "always_up_to_date=yes")


def run_dnf(folder, service, *words):
    (folder / "repos").mkdir(exist_ok=True)
    config = folder / "dnf.conf"
    list_url = "http://%s:%d/mirrorlist?repo=tern-$releasever&arch=$basearch" % service.address
    config.write_text(f"""
[main]
reposdir={folder}/repos
cachedir={folder}/cache
persistdir={folder}/persist
logdir={folder}
plugins=0
gpgcheck=0
[tern]
name=Tern
mirrorlist={list_url}
""", encoding="utf-8")
    (folder / "root").mkdir(exist_ok=True)
    return run(["dnf", "--config", config, f"--installroot={folder}/root", "--releasever=1",
                "--forcearch=x86_64", "--assumeyes", *words])


def test_dnf_downloads_through_mirrorway(programs, tree, tmp_path):
    with Mirror("127.0.0.2", tree, tmp_path / "one") as one, Mirror("127.0.0.3", tree, tmp_path / "two") as two:
        catalog = Catalog(programs, tmp_path)
        add_by_hand(catalog, {"one.example": one, "two.example": two})
        snapshot = tmp_path / "mirrorlist.snapshot"
        catalog.build(snapshot)
        with Service(programs, tmp_path, snapshot) as service:
            run_dnf(tmp_path, service, "install", "--downloadonly", "--downloaddir", tmp_path / "got", "tern")
            listed = service.ask("/mirrorlist?repo=tern-1&arch=x86_64").urls
        assert sorted(listed) == sorted(f"http://{m.at}/linux/1/x86_64/" for m in (one, two))
        package = tmp_path / "got" / "tern-1.0-1.noarch.rpm"
        assert subprocess.run(["rpm", "-qp", package], check=True, capture_output=True,
                              text=True).stdout == "tern-1.0-1.noarch\n"
        first = one if listed[0].startswith(f"http://{one.at}/") else two
        assert "GET /linux/1/x86_64/repodata/repomd.xml" in first.requests()


def test_dnf_goes_on_to_the_next_mirror(programs, tree, tmp_path):
    with Mirror("127.0.0.2", tree, tmp_path / "one") as one, Mirror("127.0.0.3", tree, tmp_path / "two") as two:
        catalog = Catalog(programs, tmp_path)
        add_by_hand(catalog, {"one.example": one, "two.example": two})
        snapshot = tmp_path / "mirrorlist.snapshot"
        catalog.build(snapshot)
        with Service(programs, tmp_path, snapshot) as service:
            first = service.ask("/mirrorlist?repo=tern-1&arch=x86_64").urls[0]
            (one if first.startswith(f"http://{one.at}/") else two).stop()
            run_dnf(tmp_path, service, "install", "--downloadonly", "--downloaddir", tmp_path / "got", "tern")
        assert (tmp_path / "got" / "tern-1.0-1.noarch.rpm").is_file()
