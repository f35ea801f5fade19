"""nginx and Apache with the site files of deploy/ before a real Mirrorway: what passes, and what does not."""
import concurrent.futures
import pathlib
import re
import shutil
import tempfile

import pytest
from processes import run, wait_until
from service import LOOKUP_TIMEOUT, Service, query
from web_servers import FAR_CLIENT, SERVERS, Recorder, exchange

REPO = {"repo": "core-6.2", "arch": "x86_64"}
CORE = query(**REPO)
FILE = "/saltmarsh/6.2/core/x86_64/os/heron-1.2+3.rpm"
FORGED = "203.0.113.200"  # in a monopoly's netblock: gets another answer


@pytest.fixture(scope="module", name="folder")
def folder_fixture():
    """Apache's processes are somebody else, to whom pytest's folders are closed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mirrorway-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module", name="service")
def service_fixture(programs, sample, folder):
    with Service(programs, folder, sample.snapshot, sample.networks,
                 client_options=["--trusted-proxies", "127.0.0.0/8,::1", "--files", "/saltmarsh/"]) as service:
        yield service


def start(source, folder, name, front_end, before=""):
    own = pathlib.Path(tempfile.mkdtemp(dir=folder))
    own.chmod(0o755)
    return SERVERS[name](source, own, front_end, before)


@pytest.fixture(scope="module", name="web", params=SERVERS)
def web_fixture(request, source, folder, service):
    with start(source, folder, request.param, "%s:%d" % service.address) as web:
        yield web


@pytest.fixture(scope="module", name="recorded", params=SERVERS)
def recorded_fixture(request, source, folder):
    """A web server, and what stands for the front end behind it."""
    with Recorder() as recorder, start(source, folder, request.param, recorder.address) as web:
        yield web, recorder


# --- what passes


def test_the_site_file_is_free_of_complaints(web):
    assert web.check() == []


@pytest.mark.parametrize("name", SERVERS)
def test_the_files_to_edit_are_right_but_for_what_a_machine_is_told(source, folder, name):
    web = SERVERS[name](source, pathlib.Path(tempfile.mkdtemp(dir=folder)), "127.0.0.1:8080", starts=False)
    for path in web.files_to_edit:
        text = (web.site / path).read_text(encoding="utf-8")
        for example, own in (("/etc/ssl/certs/mirrors.example.pem", web.certificate), (":443 ", f":{web.https} "),
                             ("/etc/ssl/private/mirrors.example.key", web.key), (":443\n", f":{web.https}\n"),
                             ("listen 443 ", f"listen {web.https} "), ("listen 80;", f"listen {web.http};"),
                             ("[::]:80;", f"[::]:{web.http};"), ("*:80\n", f"*:{web.http}\n")):
            text = text.replace(example, str(own))
        web.write(path, text)
    assert web.check() == []


def get(path, more=""):
    return (f"GET {path} HTTP/1.1\r\nHost: mirrors.example\r\nConnection: close\r\n{more}\r\n").encode()


def take_apart(answer):
    head, _, body = answer.replace("\r\n", "\n").partition("\n\n")
    status, *lines = head.split("\n")
    own = {"date", "connection", "server", "keep-alive", "upgrade"}
    headers = sorted((name.lower(), value) for name, value in (line.split(": ", 1) for line in lines)
                     if name.lower() not in own)
    # A metalink says when it was made, and the second may pass between two requests.
    return status.split(" ")[1], headers, re.sub("<published>.*?</published>", "", body)


ANSWERED = [
    pytest.param(CORE, [], "200", id="mirrorlist"),
    pytest.param(query(**REPO, format="json", explain=1), [], "200", id="a long answer"),
    pytest.param(CORE, ["--header", "Accept: text/html"], "200", id="negotiated"),
    pytest.param(query(path=FILE, format="meta4"), [], "200", id="metalink"),
    pytest.param(FILE, [], "302", id="redirect of a file"),
    pytest.param(query(**REPO, redirect=1), [], "302", id="redirect"),
    pytest.param(query(repo="core-6.3", arch="x86_64"), [], "404", id="unknown"),
    pytest.param("/nothing", [], "404", id="elsewhere"),
    pytest.param("/mirrorlist?repo=a&repo=b", [], "400", id="malformed"),
    pytest.param("/mirrorlist?repo=a%zz", [], "400", id="badly encoded"),
    pytest.param(CORE, ["--head"], "200", id="HEAD"),
    pytest.param(CORE, ["--range", "5-9"], "200", id="a part"),
]


@pytest.mark.parametrize("target, words, status", ANSWERED)
@pytest.mark.parametrize("scheme, host, version", [
    ("http", "127.0.0.1", "--http1.1"), ("http", "127.0.0.1", "--http1.0"), ("https", "127.0.0.1", "--http1.1"),
    ("https", "127.0.0.1", "--http2"), ("https", "::1", "--http2")])
def test_answers_pass_unchanged(service, web, scheme, host, version, target, words, status):
    through = web.curl(target, version, *words, "--header", "User-Agent: x", scheme=scheme, host=host)
    if version == "--http2":
        assert through.startswith("HTTP/2 ")
    direct = run(["curl", "--silent", "--include", "--path-as-is", *words, "--header", f"X-Forwarded-For: {host}",
                  "http://%s:%d%s" % (*service.address, target)]).stdout
    assert take_apart(through) == take_apart(direct)
    assert take_apart(through)[0] == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"])
def test_only_get_and_head_pass(recorded, method):
    web, recorder = recorded
    before = len(recorder.heads)
    answer = exchange(web.connect(), get(CORE).replace(b"GET", method.encode()))
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert len(recorder.heads) == before


@pytest.mark.parametrize("target", [
    "/mirrorlist?path=pub%2Flinux%2f&country=", "/pub//linux///a", "/pub/a%2Fb", "/pub/a%2fb", "/pub/c++-1.2+git.rpm",
    "/pub/%C3%A9.iso", "/pub/é.iso", "/mirrorlist?repo=c++&arch=é", "/pub/$basearch/os/", "/pub/%24basearch",
    "/mirrorlist/$releasever/x?arch=$basearch", "/pub/a%3Fb", "/pub/a?b?c=d?", "/mirrorlist?a=b&&c=%zz&d", "/pub/a%25b",
    "/pub/a%2525", "/pub/a%20b", "/pub/~x;y=z,w", "/pub/a:b@c", "/pub/a%23b", "/pub/a%5Cb", "/pub/a/./b", "/pub/a/../b",
    "/pub/a/%2e%2e/b", "/pub/a%7e", "/pub/trailing/", "/?", "/pub/%41", "/pub/!*'()",
    pytest.param("/" + "x" * 7000, id="long"),
])
@pytest.mark.parametrize("port", ["http", "https"])
def test_urls_reach_the_front_end_byte_for_byte(recorded, port, target):
    web, recorder = recorded
    answer = exchange(web.connect(getattr(web, port)), get(target))
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert recorder.target == target.encode()


def test_http2_urls_reach_the_front_end_byte_for_byte(recorded):
    web, recorder = recorded
    for target in ("/pub/a%2Fb//c+d%2520?e=$f", "/pub/%C3%A9/../x"):
        assert web.curl(target, "--http2").startswith("HTTP/2 200")
        assert recorder.target == target.encode()


def test_connections_inside_are_kept(recorded):
    web, recorder = recorded
    wait_for_answers = 60

    def ask(number):
        exchange(web.connect(web.https if number % 2 else web.http), get(CORE))
    before, heads = recorder.connections, len(recorder.heads)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(wait_for_answers)))
    assert len(recorder.heads) == heads + wait_for_answers
    # Each of a few processes has at most one connection for each of the four that ask at a time.
    assert recorder.connections - before <= 16


# --- who asks


def address_seen(web, *words, **options):
    """By the front end, of a client that uses curl."""
    answer = web.curl(query(**REPO, format="json"), *words, **options)
    return answer.split('"address": "')[1].split('"')[0]


CLAIMS = [
    [],
    [f"X-Forwarded-For: {FORGED}"],
    [f"x-forwarded-for: {FORGED}, 127.0.0.1"],
    [f"X-Forwarded-For: {FORGED}", f"X-Forwarded-For: {FORGED}", "X-FORWARDED-FOR: 127.0.0.1"],
    [f"X-Forwarded-For: {FORGED},"],
    ["X-Forwarded-For:"],
    ["X-Forwarded-For;"],  # curl's way to send an empty one
    [f"X_Forwarded_For: {FORGED}"],
    [f"Forwarded: for={FORGED}", f"X-Real-IP: {FORGED}", f"X-Client-IP: {FORGED}", f"True-Client-IP: {FORGED}"],
    # A proxy removes what this header names.
    ["Connection: close, X-Forwarded-For"],
    ["Connection: X-Forwarded-For", f"X-Forwarded-For: {FORGED}"],
    ["Proxy-Connection: X-Forwarded-For"],
]


@pytest.mark.parametrize("claims", CLAIMS, ids=str)
@pytest.mark.parametrize("version", ["--http1.1", "--http2", "--http1.0"])
def test_a_client_cannot_forge_its_address(web, claims, version):
    words = [word for claim in claims for word in ("--header", claim)]
    scheme = "http" if version == "--http1.0" else "https"
    assert address_seen(web, version, *words, "--interface", "127.0.0.5", scheme=scheme) == "127.0.0.5"
    assert address_seen(web, version, *words, host="::1", scheme=scheme) == "::1"


@pytest.mark.parametrize("claims", CLAIMS, ids=str)
def test_one_address_reaches_the_front_end_and_no_claim(recorded, claims):
    web, recorder = recorded
    more = "".join(claim.replace(";", ":") + "\r\n" for claim in claims)
    exchange(web.connect(source="127.0.0.5"), get(CORE).replace(b"Connection: close\r\n", b"").replace(
        b"\r\n\r\n", b"\r\n" + more.encode() + b"Connection: close\r\n\r\n"))
    assert recorder.values("X-Forwarded-For") == ["127.0.0.5"]
    assert recorder.values("Forwarded") == recorder.values("X-Real-IP") == []


def test_folded_and_malformed_claims_get_nowhere(recorded):
    web, recorder = recorded
    for claim in (f"X-Forwarded-For:\r\n {FORGED}", f"X-Forwarded-For : {FORGED}", f"X-Forwarded-For\0: {FORGED}",
                  f"\r\n\tX-Forwarded-For: {FORGED}", f"X-Forwarded-For: {FORGED}\rX-Forwarded-For: 127.0.0.1",
                  f"X: y\nX-Forwarded-For: {FORGED}"):
        before = len(recorder.heads)
        exchange(web.connect(source="127.0.0.5"), get(CORE, claim + "\r\n"))
        for head in recorder.heads[before:]:
            values = [line for line in head if line.lower().startswith(b"x-forwarded-for")]
            assert values == [b"X-Forwarded-For: 127.0.0.5"], claim


def test_a_proxy_line_from_a_client_is_no_request(recorded):
    web, recorder = recorded
    before = len(recorder.heads)
    line = f"PROXY TCP4 {FORGED} 127.0.0.1 5 {web.http}\r\n".encode()
    exchange(web.connect(), line + get(CORE))
    assert len(recorder.heads) == before


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("claimed", [FAR_CLIENT, f"{FORGED}, {FAR_CLIENT}", f"{FORGED}, junk, {FAR_CLIENT}"])
def test_a_proxy_in_front_is_believed_when_it_is_named(source, folder, service, name, claimed):
    with start(source, folder, name, "%s:%d" % service.address, before="proxy") as web:
        assert address_seen(web, "--header", f"X-Forwarded-For: {claimed}") == FAR_CLIENT
        # Others, who are no proxies, are not.
        assert address_seen(web, "--header", f"X-Forwarded-For: {claimed}", "--interface", "127.0.0.5") == "127.0.0.5"


@pytest.mark.parametrize("name", SERVERS)
def test_the_proxy_protocol_is_believed_when_it_is_named(source, folder, service, name):
    with start(source, folder, name, "%s:%d" % service.address, before="PROXY") as web:
        line = f"PROXY TCP4 {FAR_CLIENT} 127.0.0.1 5 {web.http}\r\n".encode()
        request = get(query(**REPO, format="json"), f"X-Forwarded-For: {FORGED}\r\n")
        assert f'"address": "{FAR_CLIENT}"'.encode() in exchange(web.connect(), line + request)


# --- while the front end is down


@pytest.fixture(name="down", params=SERVERS)
def down_fixture(request, programs, source, folder, service, tmp_path):
    """A web server before a front end of its own, and copies of some lists."""
    with Service(programs, tmp_path, service.snapshot, service.geoip, lookup_timeout=LOOKUP_TIMEOUT,
                 client_options=["--trusted-proxies", "127.0.0.0/8", "--files", "/saltmarsh/",
                                 "--aliases", "/mirrorlist/{version}/{repo}=repo={repo}-{version}"]) as own:
        front_end = "%s:%d" % own.address
        with start(source, folder, request.param, front_end) as web:
            wanted = tmp_path / "static-copies"
            wanted.write_text("# the important ones\ncore-6.2 x86_64 # one\n/mirrorlist/6.2/core  # and another", encoding="utf-8")
            done = run([source / "deploy" / "static-copies", "--front-end", f"http://{front_end}", web.static, wanted])
            assert done.stdout + done.stderr == ""
            yield web, own, front_end


def test_copies_are_served_while_the_front_end_is_down(source, tmp_path, down):
    web, service, front_end = down
    alive = web.curl(CORE)
    assert service.client.stop() == 0
    for target in (CORE, query(arch="x86_64", countme=2, repo="core-6.2"), query(**REPO, country="de"),
                   "/mirrorlist/6.2/core", "/deep" + CORE):
        status, headers, body = take_apart(web.curl(target))
        headers = dict(headers)
        assert status == "200", target
        assert body.count("https://") > 10, target
        assert headers["content-type"] == "text/plain; charset=utf-8"
        assert headers["cache-control"] == "private, max-age=60"
        assert headers["x-mirrorway-found-via"] == "copy"
        assert not {"last-modified", "etag", "accept-ranges"} & set(headers)
    status, headers, body = take_apart(web.curl("/metalink?" + CORE.partition("?")[2]))
    assert (status, dict(headers)["content-type"]) == ("200", "application/metalink+xml") and "<metalink " in body
    assert take_apart(web.curl(CORE, "--range", "5-9"))[0] == "200"
    assert take_apart(web.curl(CORE, "--head"))[0] == "200"
    # Nothing is copied from a front end that does not answer.
    before = {path: path.read_bytes() for path in web.static.rglob("*") if path.is_file()}
    done = run([source / "deploy" / "static-copies", "--front-end", f"http://{front_end}", web.static,
                tmp_path / "static-copies"], check=False)
    assert done.returncode == 1 and "no answer" in done.stderr
    assert before == {path: path.read_bytes() for path in web.static.rglob("*") if path.is_file()}
    with service.start_client():
        wait_until(lambda: web.curl(CORE) and "copy" not in dict(take_apart(web.curl(CORE))[1]).values(),
                   "the front end's own answers")
        assert take_apart(web.curl(CORE)) == take_apart(alive)


@pytest.mark.parametrize("target", [
    query(repo="extras-6.2", arch="x86_64"), query(**REPO, format="json"), query(**REPO, redirect=1), FILE, "/",
    "/mirrorlist?repo=core-6.2&arch=x86_64&redirect", "/metalink?repo=extras-6.2&arch=x86_64",
    "/mirrorlist?repo=../repositories/core-6.2&arch=x86_64", "/mirrorlist?repo=core-6.2&arch=../x86_64",
    "/mirrorlist?repo=core-6.2/x86_64/mirrorlist%00&arch=x", "/mirrorlist?repo=..&arch=..",
    "/../secret", "/..%2fsecret",
    "/mirrorlist/..%2f..%2f..%2fsecret", "/mirrorlist?repo=.&arch=secret", "/mirrorway-copy",
    "/repositories/core-6.2/x86_64.mirrorlist",
])
def test_whoever_finds_no_copy_is_told_when_to_come_back(down, target):
    web, service, _ = down
    (web.folder / "secret").write_text("secret")
    (web.folder / "secret.asis").write_text("Status: 200 OK\n\nsecret")
    service.client.stop()
    status, headers, body = take_apart(web.curl(target))
    assert "secret" not in body.replace("/secret", "")
    if status not in ("400", "404"):  # no URL of a list at all
        assert status == "503"
        assert int(dict(headers)["retry-after"]) > 0
        assert dict(headers)["cache-control"] == "no-store"


def test_copies_are_served_while_the_server_behind_the_front_end_is_down(down):
    web, service, _ = down
    service.server.stop()
    assert take_apart(web.curl(CORE))[0] == "200"
    status, headers, _ = take_apart(web.curl(FILE))
    assert status == "503" and "retry-after" in dict(headers)
