"""Mirrorway in MirrorManager's place: the same cache, the same requests, the same mirrors."""
import collections
import ipaddress
import random
import re
import sys
import urllib.parse
import xml.etree.ElementTree

import pytest
from mirrormanager import RIGHTED, Cache, Model, Networks, Request, encode
from mmdb import Writer
from processes import run
from service import Service

REQUESTS = 5000


def import_cache(programs, folder, cache, *options):
    (folder / "cache.proto").write_bytes(cache)
    return run([programs.builder, "import-mirrormanager", "--cache", folder / "cache.proto",
                "--output", folder / "snapshot", *options])


# --- a generated network of 160 hosts and 900 directories

def geolocation_networks(rng):
    """Every IPv4 /8 and some IPv6 networks in some country, with others inside; the rest is nowhere."""
    countries = ("US US US DE DE FR GB CN JP CA RU BR NL SE IT ES PL CZ TR IL IN ID TW KR ZA FI NO AQ XK").split()
    networks = {ipaddress.ip_network((i << 24, 8)): rng.choice(countries) for i in range(1, 224) if i % 11}
    for top in (0x2001, 0x2400, 0x2600, 0x2804, 0x2a00, 0x2a02):
        networks[ipaddress.ip_network((top << 112, 16))] = rng.choice(countries)
    for _ in range(3000):
        networks[ipaddress.ip_network((rng.randrange(1 << 24, 223 << 24) >> 16 << 16, 16))] = rng.choice(countries)
    return networks


def additions(cache):
    """What the generator leaves out, as more fields at the end of the cache."""
    nested = [("193.0.0.0/8", "FR"), ("193.28.64.0/18", "SE"), ("2600::/16", "JP"), ("2600:1000::/24", "BR")]
    parts = [encode(2, [(1, net), (2, country)]) for net, country in nested]
    hosts = {host for directory in cache.directories.values() for host in directory.url_ids}
    parts += [encode(14, [(1, host), (2, "US"), (2, "DE")]) for host in sorted(hosts - cache.allowed.keys())[::8]]
    names = sorted({key.rpartition("+")[0] for key in cache.repositories if "source" not in key})
    parts.append(encode(6, [(1, names[0]), (2, 1)]))
    parts += [encode(8, [(1, old), (2, names[1])]) for old in ("old+name", "old-source")]
    known = next(iter(cache.directories.values()))
    countries = [(4, [(1, country), *((2, host) for host in hosts)]) for country, hosts in known.by_country.items()]
    turned = [(6, [(1, host), *((2, i) for i in reversed(ids))]) for host, ids in known.url_ids.items()]
    top = known.path.removesuffix("/" + known.subpath)
    parts.append(encode(16, [(1, f"{top}/extra"), *((2, host) for host in known.everybody), (3, "extra"),
                             *countries, *turned]))
    return b"".join(parts)


class Network:
    """The cache, the model of it, and the service over it."""

    def __init__(self, programs, shared, folder):
        rng = random.Random(3)
        generate = [sys.executable, shared / "bench" / "gen_cache.py", "--hosts", 160, "--dirs", 900, "--out", folder]
        run(generate)
        run([*generate, "--global-netblocks", 20000])
        data = (folder / "mirrorlist_cache.proto").read_bytes()
        data += additions(Cache(data))
        self.continents = continents = shared / "data" / "country_continent.csv"
        self.report = import_cache(programs, folder, data, "--netblocks", folder / "global_netblocks.txt",
                                   "--country-continent", continents)
        self.cache = Cache(data, (folder / "global_netblocks.txt").read_text(), continents.read_text())
        networks = geolocation_networks(rng)
        writer = Writer()
        for network in sorted(networks, key=lambda network: network.prefixlen):
            writer.add(network, networks[network])
        writer.write(folder / "geo.mmdb")
        places = Networks(networks)
        self.model = Model(self.cache, lambda address: next(places.around(address), None))
        self.service = Service(programs, folder, folder / "snapshot", folder / "geo.mmdb",
                               server_options=["--compat", "mirrormanager"], client_options=["--workers", "1"])


@pytest.fixture(scope="module", name="network")
def network_fixture(programs, shared, tmp_path_factory):
    if not (shared / "bench" / "gen_cache.py").is_file():
        pytest.skip(f"{shared / 'bench' / 'gen_cache.py'} is absent")
    network = Network(programs, shared, tmp_path_factory.mktemp("mirrormanager"))
    with network.service:
        yield network


class Requests:
    """Random ones, most of them answerable."""

    def __init__(self, cache, seed):
        self.cache = cache
        self.rng = random.Random(seed)
        self.repositories = [tuple(key.rsplit("+", 1)) for key in sorted(cache.repositories)]
        self.directories = sorted(cache.directories)
        self.extra = [directory for directory in self.directories if directory.endswith("/extra")]
        self.countries = sorted({c for d in cache.directories.values() for c in d.by_country})
        self.asns = list(cache.asns)
        self.netblocks = list(cache.host_netblocks)
        self.busy_asns = [net for net in self.asns if cache.asns[net] in cache.hosts_of_asn]

    def address(self):
        rng = self.rng
        kind = rng.randrange(8)
        if kind < 3:
            return self.inside(rng.choice(self.netblocks))
        if kind < 5 and self.busy_asns:
            return self.inside(rng.choice(self.busy_asns))
        if kind == 5:
            return self.inside(rng.choice([net for net, _ in self.cache.netblock_countries] + self.asns))
        if kind == 6:
            return ipaddress.ip_address(rng.randrange(1 << 24, 224 << 24))
        v4 = rng.randrange(1 << 24, 224 << 24)
        return ipaddress.ip_address(rng.choice([rng.getrandbits(112) | 0x2600 << 112, v4 << 80 | 0x2002 << 112,
                                                v4 ^ 0xffffffff | 0x20010000 << 96, v4 | 0xffff << 32]))

    def inside(self, network):
        return network[self.rng.randrange(network.num_addresses)]

    def country(self):
        rng = self.rng
        countries = rng.sample(self.countries + ["US", "DE", "AQ", "TV", "QQ"], rng.choice([1, 1, 1, 2, 3]))
        if rng.random() < 0.15:
            countries.append("GlobaL")
        return ",".join(rng.choice([c, c.lower(), c.capitalize()]) for c in countries)

    def options(self):
        rng = self.rng
        options = {"ip": str(self.address())}
        if rng.random() < 0.3:
            options["country"] = rng.choice([self.country(), self.country(), self.country(), ""])
        if rng.random() < 0.3:
            schemes = rng.sample(["https", "http", "rsync", "ftp"], rng.choice([1, 1, 2, 3]))
            options["protocol"] = ",".join(schemes)
        if rng.random() < 0.2:
            options["netblock"] = rng.choice(["0", "1", "no"])
        if rng.random() < 0.1:
            options[rng.choice(["countme", "infra", "content"])] = "1"
        return options

    def subject(self):
        rng = self.rng
        kind = rng.randrange(10)
        if kind < 4:
            name, architecture = rng.choice(self.repositories)
            return {"repo": name, "arch": architecture if rng.random() < 0.9 else "x86_64"}
        if kind == 4:
            name = rng.choice(sorted(self.cache.redirects) + sorted(self.cache.disabled) + ["unknown"])
            return {"repo": name, "arch": rng.choice(["x86_64", "aarch64", "s390x", "source"])}
        directory = rng.choice(self.directories if rng.random() < 0.95 else self.extra)
        if kind < 7:
            return {"path": rng.choice(["", "/", "//"]) + directory.replace("/", rng.choice(["/", "//"])) +
                    rng.choice(["", "/"])}
        if kind == 7:
            return {"path": rng.choice(["no/such/place", directory + "/no/such", directory[1:]])}
        return {"path": directory + "/" + rng.choice(["repomd.xml", "a-1.2~b+c.rpm", "a b%c#d?e&f.iso", "ä'(1).txt"])}

    def metalink_subject(self):
        if self.rng.random() < 0.4:
            directory, file = self.rng.choice(sorted(self.cache.files))
            return {"path": f"{directory}/{file}"}
        return self.subject()


def expected(model, subject, options, is_metalink):
    """Status, and the URLs of a 200."""
    file = ""
    if "path" in subject:
        directory, file = model.find_path(subject["path"]) or (None, "")
    else:
        directory = model.find_repository(subject["repo"], subject["arch"])
    if directory == "disabled":
        return (404 if is_metalink else 200), set()
    if directory and is_metalink:
        if "repo" in subject:
            directory, file = model.cache.directories.get(directory.path + "/repodata"), "repomd.xml"
        if not directory or (directory.path, file) not in model.cache.files:
            directory = None
    if not directory:
        return 404, set()
    request = Request(options["ip"], options.get("country"), options.get("protocol"), options.get("netblock"),
                      is_metalink)
    return 200, model.answer(directory, file, request)


def urls_of_metalink(body):
    root = xml.etree.ElementTree.fromstring(body)
    return [url.text for url in root.iter("{http://www.metalinker.org/}url")]


def check(network, seed, endpoint, subject_of, urls_of):
    """Asks random requests, and returns how often each kind of answer came."""
    requests = Requests(network.cache, seed)
    seen = collections.Counter()
    with network.service.connect() as connection:
        for _ in range(REQUESTS):
            subject, options = subject_of(requests), requests.options()
            target = f"/{endpoint}?{urllib.parse.urlencode(subject | options, quote_via=urllib.parse.quote)}"
            answer = connection.ask(target)
            status, urls = expected(network.model, subject, options, endpoint == "metalink")
            assert answer.status == status, (target, answer)
            if answer.status == 200:
                answered = urls_of(answer)
                assert set(answered) == urls, (target, answer.body, set(answered) ^ urls)
                assert len(answered) == len(urls), target
            seen[answer.found_via or status] += 1
    return seen


def test_the_import_says_what_it_left_out(network):
    assert "160 hosts, 6 categories, 901 directories, 800 repositories, 20000 netblocks" in network.report.stdout
    warnings = network.report.stderr.splitlines()
    assert len(warnings) == 1 and "20 disabled repositories have no directory" in warnings[0], warnings


def test_lists_have_the_mirrors_that_mirrormanager_answers(network):
    seen = check(network, 1, "mirrorlist", Requests.subject, lambda answer: answer.urls)
    for kind in ("netblock", "asn", "country", "continent", "global", 404):
        assert seen[kind] > REQUESTS // 100, seen


def test_metalinks_have_the_mirrors_that_mirrormanager_answers(network):
    seen = check(network, 2, "metalink", Requests.metalink_subject, lambda answer: urls_of_metalink(answer.body))
    for kind in ("netblock", "asn", "country", "global", 404):
        assert seen[kind] > REQUESTS // 100, seen


def test_every_deviation_is_met_by_some_request(network):
    """Or the comparisons above would not show that Mirrorway makes it."""
    unmet = dict(RIGHTED)
    requests = Requests(network.cache, 5)
    models = {name: Model(network.cache, network.model.geolocation, RIGHTED.keys() - {name}) for name in RIGHTED}
    for _ in range(REQUESTS):
        subject, options = requests.subject(), requests.options()
        right = expected(network.model, subject, options, is_metalink=False)
        for name in list(unmet):
            if expected(models[name], subject, options, is_metalink=False) != right:
                del unmet[name]
        if not unmet:
            break
    assert not unmet


def test_a_redirect_leads_to_one_of_them(network):
    requests = Requests(network.cache, 3)
    with network.service.connect() as connection:
        for _ in range(500):
            subject, options = requests.subject(), requests.options() | {"protocol": "https,http"}
            words = urllib.parse.urlencode(subject | options | {"redirect": 1}, quote_via=urllib.parse.quote)
            answer = connection.ask(f"/mirrorlist?{words}")
            status, urls = expected(network.model, subject, options, is_metalink=False)
            if urls:
                assert answer.status == 302 and answer.headers["location"] in urls, words
            elif status == 404:
                assert answer.status == 404, words


def test_private_mirrors_are_shown_to_their_own_networks_only(network):
    cache = network.cache
    private = {host for directory in cache.directories.values() for host in directory.url_ids
               if host not in directory.everybody}
    assert private
    names = {cache.urls[i].split("/")[2] for directory in cache.directories.values() for host in private
             for i in directory.url_ids.get(host, []) if i in cache.urls}
    requests = Requests(cache, 4)
    with network.service.connect() as connection:
        for directory in requests.directories:
            answer = connection.ask(f"/mirrorlist?path={directory}&country=global&ip={requests.address()}")
            assert answer.status == 200
            assert not names & {url.split("/")[2] for url in answer.urls}


@pytest.mark.parametrize("words, status", [
    ("", 400),
    ("repo=fedora-20", 400),
    ("repo=fedora-20&arch=x86_64&ip=1.2.3", 400),
    ("repo=fedora-20&arch=x86_64&protocol=", 400),
    ("repo=fedora-20&arch=x86_64&country=usa", 400),
])
def test_what_cannot_be_read_is_told_so(network, words, status):
    assert network.service.ask(f"/mirrorlist?{words}").status == status


def test_the_way_back_gives_the_same_snapshot(network, programs, tmp_path):
    run([programs.builder, "export-mirrormanager", "--snapshot", network.service.snapshot,
         "--cache", tmp_path / "back.proto", "--netblocks", tmp_path / "back.txt"])
    back = Cache((tmp_path / "back.proto").read_bytes(), (tmp_path / "back.txt").read_text())
    assert back.asns == network.cache.asns
    assert back.directories.keys() == network.cache.directories.keys()
    assert back.repositories == network.cache.repositories
    import_cache(programs, tmp_path, (tmp_path / "back.proto").read_bytes(), "--netblocks", tmp_path / "back.txt",
                 "--country-continent", network.continents)
    assert (tmp_path / "snapshot").read_bytes() == network.service.snapshot.read_bytes()


# --- the cases that MirrorManager's behaviour is written down with

DIRECTORY = "directory/level/three"
SWEDISH = "89.160.20.113"
MD5 = "d5555d5555d5555d5555d5555d5555d5"


def three_hosts():
    hosts = {1: 100, 42: 83, 100: 1000}
    parts = [encode(1, 1700000000)]
    for host, bandwidth in hosts.items():
        parts.append(encode(13, [(1, host), (2, bandwidth)]))
        parts += [encode(4, [(1, i), (2, f"http://hcurl{i}/test-{i}")])
                  for i in range(host * 10 + 1, host * 10 + 4)]
    for path in (DIRECTORY, DIRECTORY + "/repodata", "bare/repodata", "bare"):
        carriers = [(6, [(1, host), *((2, host * 10 + i) for i in (1, 2, 3))]) for host in hosts]
        parts.append(encode(16, [(1, path), *((2, host) for host in hosts), (3, ""), (4, [(1, "SE"), (2, 42)]),
                                 *carriers]))
    parts.append(encode(5, [(1, DIRECTORY + "/repodata"), (2, [(1, "repomd.xml"), (2, [(1, 17), (2, 3), (4, MD5)])])]))
    parts += [encode(9, [(1, "known+x86_64"), (2, DIRECTORY)]), encode(9, [(1, "bare+x86_64"), (2, "bare")])]
    parts.append(encode(15, [(1, "10.0.0.0/8"), (2, 100)]))
    return b"".join(parts)


@pytest.fixture(scope="module", name="start")
def start_fixture(programs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("three_hosts")
    import_cache(programs, folder, three_hosts())
    writer = Writer()
    writer.add("89.160.20.112/28", "SE")
    writer.write(folder / "geo.mmdb")
    return lambda own, *options: Service(programs, own, folder / "snapshot", folder / "geo.mmdb",
                                         server_options=["--compat", "mirrormanager", *options])


@pytest.fixture(scope="module", name="three")
def three_fixture(start, tmp_path_factory):
    with start(tmp_path_factory.mktemp("service")) as service:
        yield service


def test_an_unknown_path(three):
    answer = three.ask("/mirrorlist?path=n/a")
    assert answer.status == 404 and "error: invalid path" in answer.body


def test_a_country_in_mixed_case(three):
    answer = three.ask(f"/mirrorlist?path={DIRECTORY}&country=sE")
    assert answer.body == f"# path = {DIRECTORY} country = sE \nhttp://hcurl421/test-421/\n"


@pytest.mark.parametrize("minimum", [1, 2])
def test_the_country_of_the_client(start, tmp_path, minimum):
    with start(tmp_path, "--min-mirrors", str(minimum)) as service:
        body = service.ask(f"/mirrorlist?path={DIRECTORY}&ip={SWEDISH}").body
    if minimum == 1:
        assert body == f"# path = {DIRECTORY} country = SE \nhttp://hcurl421/test-421/\n"
    else:
        assert body.startswith(f"# path = {DIRECTORY} country = SE country = global \nhttp://hcurl421/test-421/\n"
                               "http://hcurl")
        assert set(body.splitlines()[1:]) == {f"http://hcurl{i}/test-{i}/" for i in (11, 421, 1001)}


def test_a_metalink_of_an_unknown_repository(three):
    answer = three.ask("/metalink?repo=repo-name&arch=arch-name")
    assert answer.status == 404
    assert "# repo = repo-name arch = arch-name error: invalid repo or arch" in answer.body


def test_a_metalink_of_a_repository_without_file_details(three):
    answer = three.ask("/metalink?repo=bare&arch=x86_64")
    assert answer.status == 404 and "/repomd.xml not found or has not metalink" in answer.body


def test_a_metalink_with_file_details(three):
    answer = three.ask("/metalink?repo=known&arch=x86_64")
    assert answer.status == 200 and answer.headers["content-type"].startswith("application/metalink+xml")
    for part in ("<mm0:timestamp>17", "<size>3", f'<hash type="md5">{MD5}'):
        assert part in answer.body
    assert len(urls_of_metalink(answer.body)) == 9


def test_a_client_in_a_netblock_of_a_host(three):
    answer = three.ask(f"/mirrorlist?path={DIRECTORY}&ip=10.1.2.3")
    comment, first = answer.body.splitlines()[:2]
    assert "Using preferred netblock " in comment and re.match("http://hcurl100[123]/", first)


def test_the_time_of_the_cache(three):
    assert three.ask(f"/mirrorlist?path={DIRECTORY}&time").body.splitlines()[1] == \
        "# database creation time: 1700000000"
