"""From a bad change of the catalog to clients that never notice, by the commands that an operator types."""
import signal

import pytest
from processes import run, wait_until
from service import Catalog, Service, query

CORE = query(repo="core-6.2", arch="x86_64", ip="198.18.2.7")
REFUSED, HELD, DIFFERS = 3, 5, 6


class Network:
    """The sample network, its catalog, and what serves it."""

    def __init__(self, programs, source, folder):
        self.programs = programs
        self.snapshot = folder / "mirrorlist.snapshot"
        self.config = folder / "mirrorway.toml"
        self.catalog = Catalog(programs, folder)
        self.catalog.load_sample(source)
        self.config.write_text(f"""
[cache_builder]
catalog = "{self.catalog.url}"
output = "{self.snapshot}"
geoip = ["{source}/deploy/sample/networks.mmdb"]

[mirrorlist_server]
geoip = ["none"]

[[probe]]
name = "core"
repository = "core-6.2"
architecture = "x86_64"
address = "198.18.2.7"
min_mirrors = 3
""", encoding="utf-8")

    def builder(self, *words, status=0):
        done = run([self.programs.builder, *words, "--config", self.config], check=False)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(name="network")
def network_fixture(programs, source, tmp_path):
    return Network(programs, source, tmp_path)


def test_a_bad_catalog_reaches_no_client_and_a_bad_snapshot_is_taken_back(network, programs, source, tmp_path):
    network.builder("build")
    for path in (programs.admin, programs.server, programs.client):
        run([path, "--config", network.config, "--check-config"])  # [[probe]] is no mistake to any program
    with Service(programs, tmp_path, network.snapshot, source / "deploy" / "sample" / "networks.mmdb") as service:
        def reload_until(condition, what):
            service.server.signal(signal.SIGHUP)
            wait_until(lambda: condition(service.ask(CORE).urls), what)

        good = service.ask(CORE).urls
        assert len(good) >= 3

        run(["sqlite3", network.catalog.path, "UPDATE host SET is_active = 0 WHERE id > 2"])
        refused = network.builder("build", status=REFUSED)
        assert "more than 20% lost: 45 of 47 hosts" in refused and 'probe "core"' in refused and len(refused.splitlines()) == 1
        told = network.builder("diff", network.snapshot, f"{network.snapshot}.refused", status=DIFFERS)
        assert "  gone: " in told and "and " in told
        service.server.signal(signal.SIGHUP)
        assert service.ask(CORE).urls == good

        assert "--force overrides" in network.builder("build", "--force")
        reload_until(lambda urls: len(urls) < 3, "the bad snapshot, which was wanted")
        network.builder("rollback")
        reload_until(lambda urls: urls == good, "the good snapshot again")
        network.builder("build", status=HELD)
        assert service.ask(CORE).urls == good

        run(["sqlite3", network.catalog.path, "UPDATE host SET is_active = 1"])
        network.builder("release")
        network.builder("build")
        reload_until(lambda urls: urls == good, "the catalog as it was")
