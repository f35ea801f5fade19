"""Fixtures of the fault tests: two networks with no host in common, and what each of them answers.

MIRRORWAY_FAULT_SECONDS   how long the tests that break things at random go on; default: 60
MIRRORWAY_FAULT_RELOADS   how many reloads there are under load; default: 200
"""
import os
import pathlib
import shutil
import sys
import urllib.parse

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checked_load import ask_all, truth_of
from processes import run
from service import Catalog, Service, query

CLIENTS = ["198.18.2.7", "198.18.66.9", "203.0.113.200", "192.0.2.1", "2001:db8::1"]


def targets():
    """Lists, redirects and metalinks of several clients; the same ones are asked in every test."""
    found = []
    for client in CLIENTS:
        ip = urllib.parse.quote(client)
        found += [query(repo="core-6.2", arch="x86_64", ip=client),
                  query(repo="core-5.8", arch="aarch64", ip=client),
                  query(repo="extras-6.2", arch="x86_64", ip=client, country="global"),
                  f"/mirrorlist?path=saltmarsh/6.2/core/x86_64/os&redirect=1&ip={ip}",
                  f"/metalink?repo=core-6.2&arch=x86_64&ip={ip}"]
    return found


@pytest.fixture(scope="session", name="fault_seconds")
def fault_seconds_fixture():
    return float(os.environ.get("MIRRORWAY_FAULT_SECONDS", "60"))


@pytest.fixture(scope="session", name="fault_reloads")
def fault_reloads_fixture():
    return int(os.environ.get("MIRRORWAY_FAULT_RELOADS", "200"))


@pytest.fixture(scope="session", name="geoip")
def geoip_fixture(source):
    return source / "deploy" / "sample" / "networks.mmdb"


@pytest.fixture(scope="session", name="snapshots")
def snapshots_fixture(programs, source, tmp_path_factory):
    """Two good snapshots of the sample network, whose hosts are called otherwise in each."""
    built = []
    for name in ("first", "second"):
        folder = tmp_path_factory.mktemp(f"fault-{name}")
        sample = folder / "sample"
        shutil.copytree(source / "deploy" / "sample", sample)
        for path in [*sample.glob("*.jsonl"), sample / "load"]:
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(".example", f".{name}.example"), encoding="utf-8")
        catalog = Catalog(programs, folder)
        run([sample / "load", programs.admin, catalog.url])
        built.append(folder / "snapshot")
        catalog.build(built[-1])
    return built


@pytest.fixture(scope="session", name="truths")
def truths_fixture(programs, snapshots, geoip, tmp_path_factory):
    """What each of the two snapshots answers, as `ask_all` returns it."""
    answers = []
    for snapshot in snapshots:
        with Service(programs, tmp_path_factory.mktemp("fault-truth"), snapshot, geoip) as service:
            answers.append(ask_all(service.address, targets()))
    first, second = answers
    for target in first:
        assert first[target].status in (200, 302), (target, first[target])
        assert first[target] != second[target], target
    return answers


@pytest.fixture(scope="session", name="truth")
def truth_fixture(truths):
    """What the first snapshot answers, for CheckedLoad."""
    return truth_of(truths[0])


@pytest.fixture(name="service")
def service_fixture(programs, snapshots, geoip, tmp_path):
    """Two workers over the first snapshot, which tests may replace: it is a copy."""
    snapshot = tmp_path / "mirrorlist.snapshot"
    shutil.copy(snapshots[0], snapshot)
    with Service(programs, tmp_path, snapshot, geoip, client_options=["--workers", "2"]) as service:
        yield service
