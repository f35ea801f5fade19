"""What a request may ask for and what it gets, over the sample network of deploy/sample."""
import contextlib
import json
import re
import signal
import socket

import pytest
from processes import wait_until
from service import Service, query

CORE = {"repo": "core-6.2", "arch": "x86_64"}
CORE_DIRECTORY = "saltmarsh/6.2/core/x86_64/os"

GERMAN = "198.18.2.7"
LINDENAU = "198.18.1.7"  # its AS has a mirror
NOORDHOF = "192.0.2.9"  # in a netblock of a public mirror
HALLAM = "198.51.100.7"  # in a netblock of a private one
HALVORSEN = "203.0.113.200"  # in a netblock of a monopoly
NORWEGIAN = "198.18.6.7"  # no mirror in the country
JAPANESE = "2001:db8:8100::7"
NOWHERE = "8.8.8.8"  # in no file


@pytest.fixture(scope="module", name="service")
def service_fixture(programs, sample, tmp_path_factory):
    with Service(programs, tmp_path_factory.mktemp("requests"), sample.snapshot, sample.networks,
                 client_options=["--trusted-proxies", "127.0.0.3/32,198.18.255.0/24"]) as service:
        yield service


def hosts_of(answer):
    return [url.split("/")[2] for url in answer.urls]


def ask_as(service, client, **more):
    return service.ask(query(**{**CORE, "ip": client, **more}))


@pytest.mark.parametrize("client, via, first", [
    (NOORDHOF, "netblock", {"mirror.noordhof.example"}),
    (HALLAM, "netblock", {"packages.hallam-works.example"}),
    (LINDENAU, "asn", {"ftp.uni-lindenau.example"}),
    (GERMAN, "country", {"ftp.uni-lindenau.example", "mirror.rheinhost.example"}),
    (JAPANESE, "country", {"ftp.satsuma.example"}),
])
def test_a_client_gets_the_nearest_first(service, client, via, first):
    answer = ask_as(service, client)
    assert (answer.status, answer.found_via) == (200, via)
    assert hosts_of(answer)[0] in first
    assert len(answer.urls) >= 10
    assert len(set(hosts_of(answer))) == len(answer.urls)


def test_a_client_without_a_mirror_in_its_country_gets_its_continent(service):
    answer = ask_as(service, NORWEGIAN)
    assert answer.found_via == "continent"
    assert hosts_of(answer)[0] in {host for host in hosts_of(answer)
                                   if host.startswith(("mirror", "ftp", "ring"))}
    assert "ftp.satsuma.example" not in hosts_of(answer)[:10]


def test_a_client_of_unknown_place_gets_the_world(service):
    assert ask_as(service, NOWHERE).found_via == "global"


def test_a_monopoly_is_the_whole_answer(service):
    assert hosts_of(ask_as(service, HALVORSEN)) == ["depot.halvorsen-station.example"]


def test_private_mirrors_are_for_their_own_networks(service):
    private = {"packages.hallam-works.example", "depot.tolland.example", "depot.halvorsen-station.example",
               "staging.kestrelnet.example"}
    for client in (GERMAN, NORWEGIAN, NOWHERE, LINDENAU):
        assert not private & set(hosts_of(ask_as(service, client)))
    assert not private & set(hosts_of(service.ask(query(**CORE, country="gb,us,aq"))))
    assert not private & set(hosts_of(ask_as(service, HALLAM, netblock="0")))


def test_the_form_of_a_list(service):
    answer = ask_as(service, GERMAN)
    lines = answer.body.split("\n")
    assert lines[0].startswith("# repo = core-6.2 arch = x86_64 ")
    assert lines[-1] == "" and "" not in lines[:-1] and "\r" not in answer.body
    assert all(line == line.strip() and line.endswith("/6.2/core/x86_64/os/") for line in lines[1:-1])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.body.encode()))
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert "last-modified" not in answer.headers


def test_a_range_of_a_list_is_the_whole_list(service):
    answer = service.ask(query(**CORE, ip=GERMAN), headers={"Range": "bytes=5-", "If-Range": "x"})
    assert answer.status == 200 and answer.body == ask_as(service, GERMAN).body


def test_one_client_gets_the_same_order_again(service):
    assert ask_as(service, GERMAN).body == ask_as(service, GERMAN).body


def test_head_is_get_without_a_body(service):
    for target in (query(**CORE, ip=GERMAN), query(**CORE, ip=GERMAN, redirect=1), query(repo="x", arch="y")):
        get, head = service.ask(target), service.ask(target, method="HEAD")
        assert head.body == "" and head.status == get.status
        for answer in (get, head):
            answer.headers.pop("date", None)
        assert head.headers == get.headers


def test_redirect_leads_to_the_first_of_the_list(service):
    answer = ask_as(service, GERMAN, redirect=1)
    assert answer.status == 302
    assert answer.headers["location"] == ask_as(service, GERMAN).urls[0]


def test_a_path_names_a_directory_or_a_file_in_it(service):
    for path in (CORE_DIRECTORY, f"/{CORE_DIRECTORY}/", CORE_DIRECTORY.replace("/", "//"),
                 CORE_DIRECTORY.replace("/", "%2F")):
        answer = service.ask(f"/mirrorlist?ip={GERMAN}&path={path}")
        assert answer.body.startswith(f"# path = {CORE_DIRECTORY} "), path
        assert answer.urls == ask_as(service, GERMAN).urls
    file = service.ask(f"/mirrorlist?ip={GERMAN}&path={CORE_DIRECTORY}/heron%20%231.rpm")
    assert file.urls[0] == ask_as(service, GERMAN).urls[0] + "heron%20%231.rpm"


def test_countries_asked_for_are_the_only_ones(service):
    answer = service.ask(query(**CORE, ip=GERMAN, country="br,Ar"))
    assert set(hosts_of(answer)) == {"espelho.ipe.example", "espelho.sertao.example", "espejo.cuyo.example"}
    assert "country = br " in answer.body and "country = Ar " in answer.body
    everywhere = service.ask(query(**CORE, ip=GERMAN, country="global"))
    assert everywhere.found_via == "global" and len(everywhere.urls) == 40


def test_schemes_asked_for_are_the_only_ones(service):
    rsync = service.ask(query(**CORE, ip=GERMAN, protocol="rsync"))
    assert rsync.urls and all(url.startswith("rsync://") for url in rsync.urls)
    both = service.ask(query(**CORE, ip=GERMAN, country="jp", protocol="https,ftp"))
    assert [url.split(":")[0] for url in both.urls] == ["https", "ftp"]
    assert all(url.startswith(("https:", "http:")) for url in ask_as(service, GERMAN).urls)


def test_a_version_alias_is_followed(service):
    alias = service.ask(query(repo="core-6", arch="aarch64", ip=GERMAN))
    assert alias.body.startswith("# repo = core-6.2 arch = aarch64 ")


def test_unknown_parameters_and_countme_do_not_matter(service):
    assert ask_as(service, GERMAN, countme=3, foo="bar").body == ask_as(service, GERMAN).body


@pytest.mark.parametrize("header, client", [
    ("198.18.64.7", "198.18.64.7"),
    ("203.0.113.200, 198.18.64.7", "198.18.64.7"),  # what a client claims itself is left of what proxies add
    ("198.18.64.7, 198.18.255.9", "198.18.64.7"),  # a second trusted proxy is passed over
    ("::ffff:198.18.64.7", "198.18.64.7"),
])
def test_a_trusted_proxy_is_believed(service, header, client):
    answer = service.ask(query(**CORE), headers={"X-Forwarded-For": header}, source="127.0.0.3")
    assert answer.body == ask_as(service, client).body


def test_an_untrusted_peer_is_not_believed(service):
    answer = service.ask(query(**CORE), headers={"X-Forwarded-For": HALVORSEN}, source="127.0.0.4")
    assert answer.found_via == "global"


def test_ip_overrides_the_proxy(service):
    answer = service.ask(query(**CORE, ip=GERMAN), headers={"X-Forwarded-For": HALLAM}, source="127.0.0.3")
    assert answer.body == ask_as(service, GERMAN).body


def test_an_unknown_repository_names_close_matches(service):
    answer = service.ask(query(repo="coer-6.2", arch="x86_64"))
    assert answer.status == 404
    assert "repo=core-6.2&arch=x86_64" in answer.body
    assert answer.headers["cache-control"] == "no-store"
    assert service.ask(query(repo="zzzzzzzzzzzz", arch="x86_64")).status == 404
    assert service.ask(query(path="saltmarsh/6.3/core")).status == 404


@pytest.mark.parametrize("target", [
    "/mirrorlist",
    "/mirrorlist?repo=core-6.2",
    "/mirrorlist?arch=x86_64",
    "/mirrorlist?repo=core-6.2&arch=x86_64&repo=core-5.8",
    "/mirrorlist?repo=core-6.2&arch=x86_64&ip=1.2.3",
    "/mirrorlist?repo=core-6.2&arch=x86_64&ip=",
    "/mirrorlist?repo=core-6.2&arch=x86_64&country=usa",
    "/mirrorlist?repo=core-6.2&arch=x86_64&protocol=gopher",
    "/mirrorlist?repo=core-6.2&arch=x86_64%zz",
    "/mirrorlist?path=saltmarsh/../etc",
    "/mirrorlist?path=saltmarsh/%00",
    "/mirrorlist?path=saltmarsh/%0Ax",
    "/mirrorlist?path=./saltmarsh",
])
def test_a_malformed_request_is_told_so_in_one_line(service, target):
    answer = service.ask(target)
    assert answer.status == 400
    assert answer.body.count("\n") == 1 and len(answer.body) > 10
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_echoed_is_escaped(service):
    answer = service.ask("/mirrorlist?repo=%1b%5b31m%0aX&arch=x86_64")
    assert answer.status in (400, 404)
    assert "\x1b" not in answer.body and "\nX" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(service, method):
    answer = service.ask(query(**CORE), method=method)
    assert answer.status == 405
    assert {word.strip() for word in answer.headers["allow"].split(",")} == {"GET", "HEAD"}


def test_too_long_is_refused(service):
    assert service.ask(query(**CORE, foo="x" * 20000)).status == 414
    assert service.ask(query(**CORE), headers={"X-Long": "x" * 100000}).status == 431


def test_elsewhere_is_nothing(service):
    assert service.ask("/").status == 404
    assert service.ask("/mirrorlists").status == 404


@pytest.mark.parametrize("garbage", [
    b"\r\n\r\n", b"GET\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"GET /mirrorlist HTTP/9.9\r\n\r\n",
    b"GET /mirrorlist?repo=core-6.2&arch=x86_64 HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # how TLS begins
])
def test_what_is_no_http_does_not_disturb_the_others(service, garbage):
    with socket.create_connection(service.address, timeout=30) as peer:
        peer.sendall(garbage)
        peer.shutdown(socket.SHUT_WR)
        peer.recv(65536)
    assert ask_as(service, GERMAN).status == 200


def test_the_access_log_is_what_mirrormanagers_statistics_read(programs, service, tmp_path):
    log = tmp_path / "access.log"
    with Service(programs, tmp_path, service.snapshot, service.geoip,
                 client_options=["--access-log", log, "--workers", "2"]) as logged:
        assert logged.ask(query(**CORE, ip=GERMAN)).status == 200
        # Each worker writes when it has the time, so the next request waits for this one's line.
        wait_until(lambda: log.read_text().count("\n") == 1, "the line of the first request")
        assert logged.ask(query(**CORE, ip=NOWHERE, redirect=1)).status == 302
        assert logged.ask(query(path=CORE_DIRECTORY)).status == 200
        assert logged.ask(query(repo="none", arch="x86_64")).status == 404
        moved = tmp_path / "access.log.1"
        wait_until(lambda: log.read_text().count("\n") == 2, "the lines of two requests")
        log.rename(moved)
        logged.client.signal(signal.SIGUSR1)
        wait_until(log.exists, "the log to be opened anew")
        assert logged.ask(query(**CORE, ip=JAPANESE)).status == 200
    fields = [dict(part.split(": ") for part in line.split("; "))
              for line in (moved.read_text() + log.read_text()).splitlines()]
    assert [(f["IP"], f["COUNTRY"], f["REPO"], f["ARCH"]) for f in fields] == [
        (GERMAN, "DE", "core-6.2", "x86_64"), (NOWHERE, "N/A", "core-6.2", "x86_64"),
        (JAPANESE, "JP", "core-6.2", "x86_64")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", f["DATE"]) for f in fields)


def test_the_access_log_tells_every_answer_and_believes_no_text(programs, service, tmp_path):
    agent = "a\" 200 1 \"b\\ \xe9"
    with contextlib.ExitStack() as stack:
        logs = {}
        for form in ("json", "combined"):
            folder = tmp_path / form
            folder.mkdir()
            logs[form] = folder / "access.log"
            logged = stack.enter_context(Service(
                programs, folder, service.snapshot, service.geoip, client_options=[
                    "--access-log", logs[form], "--access-log-format", form,
                    "--trusted-proxies", "127.0.0.0/8", "--shorten-addresses"]))
            logged.ask(query(**CORE), headers={"X-Forwarded-For": GERMAN, "Referer": "https://r/"})
            logged.ask("/mirrorlist?repo=%00%22&arch=x", headers={"User-Agent": agent})
            logged.ask("/", method="POST")
            with socket.create_connection(logged.address, timeout=30) as peer:
                peer.sendall(b"what\x1b[2J\r\n\r\n")
                assert peer.recv(65536)
        lines_of = lambda form: [line for line in logs[form].read_text(encoding="ascii").splitlines()
                                 if "repo=ready" not in line]
        wait_until(lambda: all(len(lines_of(form)) == 4 for form in logs), "four lines in each log")
        entries = [json.loads(line) for line in lines_of("json")]
        lines = lines_of("combined")
    network = GERMAN.rpartition(".")[0] + ".0"
    assert [(e["client"], e["method"], e["status"], e["form"], e["tier"], e["country"]) for e in entries] == [
        (network, "GET", 200, "mirrorlist", "country", "DE"), ("127.0.0.0", "GET", 400, "mirrorlist", "", ""),
        ("127.0.0.0", "POST", 405, "", "", ""), ("127.0.0.0", "", 400, "", "", "")]
    assert entries[0]["repo"] == CORE["repo"] and entries[0]["referer"] == "https://r/"
    assert entries[0]["bytes"] > 100 and 0 < entries[0]["duration"] < 10
    combined = re.compile(r'(\S+) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] '
                          r'"((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"')
    fields = [combined.fullmatch(line).groups() for line in lines]
    assert [(f[0], f[3], f[5]) for f in fields] == [
        (network, "200", "https://r/"), ("127.0.0.0", "400", "-"), ("127.0.0.0", "405", "-"),
        ("127.0.0.0", "400", "-")]
    assert fields[1][6] == "a\\\" 200 1 \\\"b\\\\ \\xe9"
    assert fields[3][2] == "-"


def test_almalinux_asks_in_its_own_way(programs, service, tmp_path):
    with Service(programs, tmp_path, service.snapshot, service.geoip, client_options=[
            "--aliases", "/mirrorlist/{version}/{repo}=repo={repo}-{version}"]) as almalinux:
        answer = almalinux.ask(f"/mirrorlist/6.2/core?ip={GERMAN}")
        exact = almalinux.ask(query(**CORE, ip=GERMAN))
        assert answer.status == 200
        assert [url.replace("/$basearch/", "/x86_64/") for url in answer.urls] == exact.urls
        assert almalinux.ask(f"/mirrorlist/6.2/core?arch=x86_64&ip={GERMAN}").urls == exact.urls
        assert almalinux.ask("/mirrorlist/6.2/coer").status == 404


FILE = f"/{CORE_DIRECTORY}/repodata/repomd.xml"
EVERY_FORM = [query(**{**CORE, **more}) for more in (
    {}, {"format": "json"}, {"explain": 1}, {"format": "html"}, {"format": "pacman"}, {"format": "apt"}, {"redirect": 1},
    {"format": "metalink"}, {"format": "meta4"}, {"country": "de"}, {"time": 1}, {"ip": NOORDHOF}, {"repo": "cor-6.2"})]
EVERY_FORM += [FILE, FILE + "?mirrorlist", FILE + ".meta4", FILE + ".metalink", FILE + ".sha256", FILE + "?format=json", FILE + "x"]


@pytest.mark.parametrize("options", [["--log-target", "journald"], ["--log-level", "error"]], ids=" ".join)
def test_a_child_has_all_that_any_form_needs_in_its_sandbox(programs, sample, tmp_path, options):
    """With these its parent has never written a date: the C library reads /etc/localtime for the first one."""
    with Service(programs, tmp_path, sample.snapshot, sample.networks, server_options=options,
                 client_options=["--files", "/saltmarsh/", "--connections", "1"]) as service:
        for target in EVERY_FORM:
            assert service.ask(target).status in (200, 302, 404), target
        assert "sandbox" not in service.server.log()
