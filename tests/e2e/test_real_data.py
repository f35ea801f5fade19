"""The main job on real input: from a list of 530 mirrors to the right one for every client."""
import ipaddress
import os
import random
import subprocess
import urllib.parse

import pytest
from inventory import Inventory
from mmdb import Reader, country_of
from service import Catalog, Service, query

REPOSITORY = {"repo": "baseos-9.8", "arch": "x86_64"}
TAIL = "/9.8/BaseOS/x86_64/os/"
ADDRESSES = 1000


@pytest.fixture(scope="module", name="inventory")
def inventory_fixture(shared):
    return Inventory(shared / "data" / "almalinux-mirrors.jsonl")


@pytest.fixture(scope="module", name="imported")
def imported_fixture(programs, shared, tmp_path_factory):
    """A catalog with the real data; what the import said; and the snapshot."""
    folder = tmp_path_factory.mktemp("real")
    catalog = Catalog(programs, folder)
    report = catalog.admin("import", "inventory", shared / "data" / "almalinux-mirrors.jsonl",
                           "--repositories", shared / "data" / "almalinux-repos.json")
    snapshot = folder / "mirrorlist.snapshot"
    catalog.build(snapshot)
    return catalog, report, snapshot


def start(programs, tmp_path, snapshot, geoip):
    return Service(programs, tmp_path, snapshot, geoip, client_options=["--workers", "1"])


def hosts_of(urls):
    """The base URLs behind the URLs of an answer."""
    for url in urls:
        assert url.endswith(TAIL), url
    return [url[:-len(TAIL)] for url in urls]


def ask_as(connection, address):
    answer = connection.ask(query(**REPOSITORY, ip=address))
    assert answer.status == 200, answer
    return hosts_of(answer.urls)


def is_plain(network):
    """False for IPv6 forms of IPv4 addresses, which count as what they hold, whatever the file says."""
    disguises = ("::ffff:0:0/96", "2002::/16", "2001::/32")
    return network.version == 4 or not any(network.subnet_of(ipaddress.ip_network(d)) for d in disguises)


def random_addresses_of(path, wanted, rng):
    """Addresses that the file places in one of the wanted countries, with that country."""
    reader = Reader(path)
    left = ADDRESSES
    while left > 0:
        network, record = reader.random_network(rng)
        if country_of(record) in wanted and is_plain(network):
            yield network[rng.randrange(network.num_addresses)], country_of(record)
            left -= 1


def check_first_is_near(programs, tmp_path, imported, inventory, geoip):
    pairs = list(random_addresses_of(geoip, inventory.served_countries(), random.Random(20)))
    assert len(pairs) == ADDRESSES
    checked = 0
    with start(programs, tmp_path, imported[2], geoip) as service, service.connect() as connection:
        for address, country in pairs:
            first = ask_as(connection, address)[0]
            if inventory.is_in_a_netblock(address):
                continue  # that mirror goes first, wherever it is
            assert country in inventory.countries_of_url[first], (address, country, first)
            checked += 1
    assert checked > ADDRESSES * 0.9


def test_import_counts_what_it_read_kept_and_refused(imported, inventory):
    report = imported[1]
    assert "530 mirrors read, 530 kept, 0 refused" in report.stdout
    never = [mirror["name"] for mirror in inventory.mirrors
             if not inventory.can_be_answered(mirror) and "cloud_type" not in mirror]
    assert f"{len(never)} private mirrors have neither ASN, netblock nor cloud" in report.stdout
    assert all(name in report.stdout for name in never)
    assert "81 mirrors state no country" in report.stdout
    # A URL that no package manager understands is left out, and named with its line.
    assert "almalinux-mirrors.jsonl:184: " in report.stderr


def test_a_second_import_changes_nothing(imported, shared):
    catalog, _, snapshot = imported
    report = catalog.admin("import", "inventory", shared / "data" / "almalinux-mirrors.jsonl",
                           "--repositories", shared / "data" / "almalinux-repos.json")
    assert "531  0 new, 0 updated, 531 unchanged" in report.stdout
    again = snapshot.with_suffix(".again")
    catalog.build(again)
    assert again.read_bytes() == snapshot.read_bytes()


def test_the_example_client_gets_its_own_country_first(programs, imported, inventory, tmp_path):
    with start(programs, tmp_path, imported[2], "none") as service:
        answer = service.ask(query(**REPOSITORY, country="nl"))
    assert answer.body.startswith("# repo = baseos-9.8 arch = x86_64 country = nl ")
    assert all("NL" in inventory.countries_of_url[host] for host in hosts_of(answer.urls))


def test_the_first_mirror_is_in_the_country_of_the_client(programs, imported, inventory, shared, tmp_path):
    geoip = shared / "data" / "maxmind-test" / "GeoIP2-Country-Test.mmdb"
    check_first_is_near(programs, tmp_path, imported, inventory, geoip)


def test_the_first_mirror_is_in_the_country_of_the_client_in_the_real_world(
        programs, imported, inventory, tmp_path):
    geoip = os.environ.get("MIRRORWAY_GEOIP")
    if not geoip:
        pytest.skip("no real geolocation file: deploy/fetch-geoip gets one, MIRRORWAY_GEOIP names it")
    check_first_is_near(programs, tmp_path, imported, inventory, geoip)


class World:
    """A made-up geolocation file: /16 networks for every country and every AS of the inventory, and one in
    no country."""

    def __init__(self, source, folder, inventory):
        self.next = 11 << 8  # 11.0.0.0/16 and up
        self.rows = []
        self.of_country = {c: self._add(country=c) for c in sorted(inventory.served_countries())}
        numbers = sorted({asn for mirror in inventory.mirrors for asn in mirror.get("asn", [])})
        self.of_asn = {asn: self._add(asn=asn) for asn in numbers}
        self.nowhere = self._network()
        table = folder / "world.csv"
        table.write_text("".join(self.rows), encoding="utf-8")
        self.path = folder / "world.mmdb"
        subprocess.run([source / "deploy" / "sample" / "make-geoip", table, self.path], check=True)

    def _network(self):
        network = ipaddress.ip_network((self.next << 16, 16))
        self.next += 1
        return network

    def _add(self, country="", asn=""):
        network = self._network()
        self.rows.append(f"{network},{country},,,,{asn},\n")
        return network


def test_every_eligible_mirror_is_answered_to_somebody(programs, imported, inventory, source, tmp_path):
    world = World(source, tmp_path, inventory)
    rng = random.Random(530)

    def clients():
        for mirror in inventory.eligible():
            yield from (network[rng.randrange(network.num_addresses)]
                        for network in inventory.networks(mirror))
            yield from (world.of_asn[asn][rng.randrange(65536)] for asn in mirror.get("asn", []))
        for network in world.of_country.values():
            # A client network a time: each has its own order of a country's mirrors.
            yield from (network[256 * i + 1] for i in range(128))
        yield from (world.nowhere[256 * i + 1] for i in range(256))

    seen = set()
    with start(programs, tmp_path, imported[2], world.path) as service, service.connect() as connection:
        for client in clients():
            seen.update(ask_as(connection, client))
    missed = [mirror["name"] for mirror in inventory.eligible() if not inventory.urls(mirror) & seen]
    assert missed == []
    unasked = [mirror["name"] for mirror in inventory.mirrors
               if not inventory.can_be_answered(mirror) and inventory.urls(mirror) & seen]
    assert unasked == []


def test_a_monopoly_is_the_whole_answer_of_its_clients(programs, imported, inventory, source, tmp_path):
    world = World(source, tmp_path, inventory)
    monopolies = [mirror for mirror in inventory.eligible() if mirror["monopoly"]]
    with start(programs, tmp_path, imported[2], world.path) as service, service.connect() as connection:
        for mirror in monopolies:
            clients = [network[0] for network in inventory.networks(mirror)]
            clients += [world.of_asn[asn][1] for asn in mirror.get("asn", [])]
            for client in clients:
                assert set(ask_as(connection, client)) <= inventory.urls(mirror), mirror["name"]


def test_version_aliases_and_the_vault_answer(programs, imported, tmp_path):
    with start(programs, tmp_path, imported[2], "none") as service:
        alias = service.ask(query(repo="baseos-9", arch="x86_64"))
        vault = service.ask(query(repo="baseos-8.5", arch="x86_64"))
    assert alias.body.startswith("# repo = baseos-9.8 arch = x86_64 ")
    assert [urllib.parse.urlsplit(url).netloc for url in vault.urls] == ["vault.almalinux.org"]
