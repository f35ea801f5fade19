"""Network tables from outside: what cron imports is what clients notice."""
import ipaddress
import json
import signal
import struct

import pytest

from processes import run, wait_until
from service import Catalog, Service, query

REPOSITORY = {"repo": "os-1", "arch": "x86_64"}
OPTIONS = ["--min-mirrors", "1"]
HOSTS = {
    "world": "country=JP",
    "office": "country=DE private=yes asns=64500",
    "cloud": "country=DE cloud=aws:eu-central-1",
    "everywhere": "country=DE cloud=aws:all",
    "campus": "country=DE private=yes research=yes research_clients=yes",
}


@pytest.fixture(name="catalog")
def catalog_fixture(programs, tmp_path):
    catalog = Catalog(programs, tmp_path)
    catalog.admin("add", "category", "Linux", "top_directory=linux")
    catalog.admin("add", "repository", "os-1", "x86_64", "category=Linux", "directory=linux/1/os")
    catalog.admin("add", "site", "Site")
    for name, keys in HOSTS.items():
        catalog.admin("add", "host", name, "site=Site", *keys.split())
        catalog.admin("add", "url", name, "Linux", f"https://{name}.example/linux/")
        catalog.admin("edit", "carriage", name, "Linux", "always_up_to_date=yes")
    return catalog


@pytest.fixture(name="service")
def service_fixture(programs, catalog, tmp_path):
    catalog.build(tmp_path / "snapshot")
    with Service(programs, tmp_path, tmp_path / "snapshot", server_options=OPTIONS) as service:
        yield service


def hosts_for(service, address):
    """Who is answered, the best first, and in which tier the best was found."""
    answer = service.ask(query(**REPOSITORY, ip=address))
    assert answer.status == 200
    return [url.split("/")[2].split(".")[0] for url in answer.urls], answer.found_via


def see(service, expected):
    """Waits until each of these addresses is answered these hosts in that tier: a reload takes its moment."""
    for address, (hosts, via) in expected.items():
        wait_until(lambda a=address, h=sorted(hosts), v=via: [sorted(hosts_for(service, a)[0]), hosts_for(service, a)[1]]
                   == [h, v], f"{address} is answered {hosts} by {via}")


def publish(service, catalog):
    catalog.build(service.snapshot)
    service.server.signal(signal.SIGHUP)


def amazon(folder, frankfurt, dublin):
    path = folder / "ip-ranges.json"
    prefixes = [{"ip_prefix": frankfurt, "region": "eu-central-1", "service": service} for service in ("AMAZON", "EC2")]
    prefixes.append({"ip_prefix": dublin, "region": "eu-west-1", "service": "AMAZON"})
    path.write_text(json.dumps({"prefixes": prefixes, "ipv6_prefixes": [
        {"ipv6_prefix": "2600:20::/32", "region": "eu-central-1"}]}), encoding="ascii")
    return path


def routing_table(routes):
    """MRT, RFC 6396: one peer with the number 64496, and its paths."""
    def record(kind, body):
        return struct.pack(">IHHI", 1_700_000_000, 13, kind, len(body)) + body

    here = ipaddress.ip_address("192.0.2.1").packed
    table = record(1, here + struct.pack(">HHB", 0, 1, 2) + here + here + struct.pack(">I", 64496))
    for number, (cidr, path) in enumerate(routes):
        network = ipaddress.ip_network(cidr)
        hops = struct.pack(">BB", 2, len(path)) + b"".join(struct.pack(">I", asn) for asn in path)
        attributes = b"\x40\x01\x01\0\x50\x02" + struct.pack(">H", len(hops)) + hops + b"\x40\x03\x04" + here
        table += record(2 if network.version == 4 else 4,
                        struct.pack(">IB", number, network.prefixlen) +
                        network.network_address.packed[:(network.prefixlen + 7) // 8] +
                        struct.pack(">HHIH", 1, 0, 1_700_000_000, len(attributes)) + attributes)
    return table


WORLD = (["world"], "global")


def test_a_client_is_in_the_as_that_the_imported_table_says(service, catalog, tmp_path):
    see(service, {"11.1.2.3": WORLD, "2600:1::1": WORLD})
    table = tmp_path / "table.mrt"
    table.write_bytes(routing_table([("0.0.0.0/0", [64500]), ("11.1.0.0/16", [64499, 64500]),
                                     ("11.1.9.0/24", [64501]), ("2600:1::/32", [64499, 64500])]))
    catalog.admin("import", "asn", table)
    publish(service, catalog)
    office = (["office"], "asn")
    # The longest prefix counts, and the default route counts for nothing.
    see(service, {"11.1.2.3": office, "2600:1::1": office, "11.1.9.1": WORLD, "11.2.0.1": WORLD})


def test_a_cloud_host_is_for_its_regions_clients_and_moves_with_them(service, catalog, tmp_path):
    both = (["cloud", "everywhere"], "netblock")
    next_door = (["everywhere"], "netblock")
    catalog.admin("import", "cloud", "aws", amazon(tmp_path, "11.20.0.0/16", "11.21.0.0/16"))
    publish(service, catalog)
    see(service, {"11.20.0.1": both, "2600:20::1": both, "11.21.0.1": next_door, "11.30.0.1": WORLD, "2600:99::1": WORLD})
    catalog.admin("import", "cloud", "aws", amazon(tmp_path, "11.21.0.0/16", "11.30.0.0/16"))
    publish(service, catalog)
    see(service, {"11.20.0.1": WORLD, "2600:20::1": both, "11.21.0.1": both, "11.30.0.1": next_door})
    # A broken download changes nothing.
    before = service.snapshot.read_bytes()
    broken = tmp_path / "broken.json"
    broken.write_text('{"prefixes": [{"ip_prefix": "11.', encoding="ascii")
    outcome = run([catalog.programs.admin, "--catalog", catalog.url, "import", "cloud", "aws", broken], check=False)
    assert outcome.returncode == 1 and outcome.stderr.count("\n") == 1
    catalog.build(service.snapshot)
    assert service.snapshot.read_bytes() == before


def test_a_research_network_is_told_by_the_routes_through_it(service, catalog, tmp_path):
    table = tmp_path / "table.mrt"
    table.write_bytes(routing_table([("11.40.0.0/16", [64496, 11537, 64510]), ("11.41.0.0/16", [64496, 64510])]))
    catalog.admin("import", "research", table, "--through", "11537,20965")
    catalog.admin("add", "netblock-country", "11.40.0.0/15", "DE")
    publish(service, catalog)
    see(service, {"11.40.0.1": (["campus"], "research"), "11.41.0.1": WORLD})
