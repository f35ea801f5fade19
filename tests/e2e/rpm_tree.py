"""Small repositories of RPM packages, as mirrors would have them."""
import os
import shutil

import pytest
from mirrors import TOP, need
from processes import run

REPOSITORY = "1/x86_64"  # below TOP


def build_package(folder, repository, version):
    """A package of nothing, tern, is built into `repository`."""
    spec = folder / "tern.spec"
    spec.write_text(f"""
Name: tern
Version: {version}
Release: 1
Summary: A package of nothing
License: MIT
BuildArch: noarch
%description
A package of nothing.
%files
""", encoding="utf-8")
    run(["rpmbuild", "-bb", "--define", f"_topdir {folder}/rpmbuild", "--define", f"_rpmdir {repository}", spec])


def make_trees(folder):
    """The same mirror on three days: `old` has tern 1.0, `middle` 1.1 too, `new` even 1.2."""
    need("rpmbuild", "createrepo_c", "nginx")
    if os.geteuid() != 0:
        pytest.skip("packages are installed by root only")
    trees = {}
    before = None
    for name, version in (("old", "1.0"), ("middle", "1.1"), ("new", "1.2")):
        tree = folder / name
        repository = tree / TOP / REPOSITORY
        if before is None:
            repository.mkdir(parents=True)
        else:
            shutil.copytree(before, tree)
        build_package(folder, repository, version)
        run(["createrepo_c", repository])
        trees[name] = before = tree
    return trees


def repomd(tree):
    return tree / TOP / REPOSITORY / "repodata" / "repomd.xml"


def package(tree, version):
    return tree / TOP / REPOSITORY / "noarch" / f"tern-{version}-1.noarch.rpm"
