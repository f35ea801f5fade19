"""What is sent to the front end by those who mean harm, or something other than HTTP."""
import asyncio
import contextlib
import pathlib
import random
import re
import resource
import socket
import threading

import pytest
from checked_load import CheckedLoad
from processes import DEADLINE_SECONDS, children_of, memory_of, wait_until
from service import Service, query
from test_flood import TARGET

GOOD = f"GET {TARGET} HTTP/1.1\r\nHost: a\r\n"
NEXT = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"  # 404: what follows is still in step
SMUGGLED = "GET /mirrorlist?repo=smuggled&arch=x HTTP/1.1\r\nHost: a\r\n\r\n"  # must never be answered
MEGABYTE = 1 << 20


@pytest.fixture(scope="module", name="service")
def service_fixture(programs, snapshots, geoip, tmp_path_factory):
    with Service(programs, tmp_path_factory.mktemp("hostile"), snapshots[0], geoip, client_options=[
            "--request-timeout", "4s", "--idle-timeout", "4s", "--write-timeout", "2s"], has_metrics=True) as service:
        service.wait_for_metrics()
        yield service


@pytest.fixture(autouse=True, name="unbroken")
def unbroken_fixture(service):
    """After every test: the same worker is there, and answers."""
    before = workers_of(service)
    yield
    assert workers_of(service) == before
    assert service.ask(TARGET).status == 200
    assert "worker ended" not in service.client.log()


def workers_of(service):
    """The process that answers /metrics is started last."""
    return children_of(service.client.pid)[:1]


def exchange(address, *pieces):
    """Sends the pieces, then reads until the other side closes; what came, and whether it closed in order."""
    with socket.create_connection(address, timeout=20) as peer:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                peer.sendall(piece.encode("latin-1") if isinstance(piece, str) else piece)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while more := peer.recv(65536):
                received += more
    return received


def statuses(stream):
    """Of the answers in a stream, whose lengths must fit."""
    found = []
    while stream:
        head, end, stream = stream.partition(b"\r\n\r\n")
        assert end, head[:200]
        found.append(int(re.match(rb"HTTP/1\.1 (\d{3}) [A-Z]", head)[1]))
        length = int(re.search(rb"\r\nContent-Length: (\d+)", head)[1])
        assert len(stream) >= length
        assert b"smuggled" not in stream[:length]
        stream = stream[length:]
    return found


@pytest.mark.parametrize("fields, status", [
    # Where a request ends is the attacker's to say, and each program on the way says otherwise.
    pytest.param(f"Content-Length: 0\r\nContent-Length: {len(SMUGGLED)}", 400, id="two lengths"),
    pytest.param("Content-Length: 4, 4", 400, id="a list of lengths"),
    pytest.param("Content-Length: +4", 400, id="a signed length"),
    pytest.param("Content-Length: 0x4", 400, id="a hexadecimal length"),
    pytest.param("Content-Length: 4 4", 400, id="a length with a blank"),
    pytest.param("Content-Length: 18446744073709551616", 400, id="a length past 64 bits"),
    pytest.param("Content-Length: 99999999", 413, id="a long body"),
    pytest.param("Transfer-Encoding: xchunked", 501, id="an unknown encoding"),
    pytest.param("Transfer-Encoding: identity", 501, id="no encoding by name"),
    pytest.param("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 501, id="two encodings"),
    pytest.param("Transfer-Encoding : chunked", 400, id="a blank before the colon"),
    pytest.param("Transfer-Encoding\t: chunked", 400, id="a tab before the colon"),
    pytest.param("Transfer-Encoding:\x0bchunked", 400, id="a vertical tab"),
    pytest.param("Transfer\0-Encoding: chunked", 400, id="NUL in a name"),
    pytest.param("A: b\0c", 400, id="NUL in a value"),
    pytest.param("A: b\r\n Transfer-Encoding: chunked", 400, id="folded"),
    pytest.param(" A: b", 400, id="folded into the first"),
    pytest.param("A: b\nTransfer-Encoding: chunked", 400, id="a bare LF"),
    pytest.param("A: b\rTransfer-Encoding: chunked", 400, id="a bare CR"),
    pytest.param("Host: b", 400, id="two hosts"),
    pytest.param(": b", 400, id="no name"),
    pytest.param("A", 400, id="no colon"),
])
def test_a_head_that_others_may_read_otherwise_is_refused_with_all_that_follows(service, fields, status):
    assert statuses(exchange(service.address, GOOD + fields + "\r\n\r\n" + SMUGGLED)) == [status]


@pytest.mark.parametrize("request_, expected", [
    # Where a request ends and what it asks for.
    pytest.param(GOOD + f"Content-Length: {len(SMUGGLED)}\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n" + SMUGGLED + NEXT,
                 [200, 404], id="one length twice"),
    pytest.param(GOOD + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, [501],
                 id="length and chunked"),
    pytest.param(GOOD + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + SMUGGLED, [501],
                 id="chunked and length"),
    pytest.param(GOOD + "Transfer-Encoding: chunked\r\n\r\n0;x=\n\r\n" + SMUGGLED, [501], id="odd chunks"),
    pytest.param(GOOD.replace("\r\n", "\n") + "\n" + SMUGGLED, [400], id="LF throughout"),
    pytest.param(GOOD + "\n" + SMUGGLED, [400], id="an empty line of LF"),
    pytest.param("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n" + SMUGGLED, [405],
                 id="an announced body"),
    pytest.param(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n" + SMUGGLED + NEXT,
                 [405, 404], id="a body that looks like a request"),
    pytest.param(f"GET http://b{TARGET} HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT, [200, 404], id="an absolute URI"),
    pytest.param("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT, [404, 404], id="an absolute URI without a path"),
    pytest.param(f"GET //b{TARGET} HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT, [200, 404], id="two slashes"),
    pytest.param("CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT, [405, 404], id="CONNECT"),
    pytest.param("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT, [405, 404], id="OPTIONS"),
    pytest.param("GET * HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT, [404, 404], id="an asterisk"),
    # What is no request line.
    pytest.param("GET /\r\n", [400], id="HTTP/0.9"),
    pytest.param(f"GET  {TARGET} HTTP/1.1\r\n\r\n" + SMUGGLED, [400], id="two blanks"),
    pytest.param(f"GET\t{TARGET}\tHTTP/1.1\r\n\r\n" + SMUGGLED, [400], id="tabs"),
    pytest.param(f"GET {TARGET} HTTP/1.1 \r\n\r\n" + SMUGGLED, [400], id="a blank at the end"),
    pytest.param(f"GET {TARGET} HTTP/1.2\r\n\r\n" + SMUGGLED, [505], id="another version"),
    pytest.param(f"GET {TARGET} http/1.1\r\n\r\n" + SMUGGLED, [505], id="the version in lower case"),
    pytest.param("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505], id="HTTP/2"),
    pytest.param("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [400], id="TLS"),
    pytest.param("PROXY TCP4 203.0.113.1 127.0.0.1 1 80\r\n" + SMUGGLED, [400], id="the PROXY protocol"),
    pytest.param(f"GET {TARGET}\0 HTTP/1.1\r\n\r\n" + SMUGGLED, [400], id="NUL in the target"),
    pytest.param(f"GET {TARGET}\x7f HTTP/1.1\r\n\r\n" + SMUGGLED, [400], id="DEL in the target"),
    pytest.param(f"GET {TARGET}\x1b[0m HTTP/1.1\r\n\r\n" + SMUGGLED, [400], id="an escape in the target"),
    pytest.param("G\xc3\xa9T / HTTP/1.1\r\n\r\n" + SMUGGLED, [400], id="a method in UTF-8"),
    pytest.param("\r\n" * 20 + NEXT, [404], id="empty lines first"),
    # Too much of something.
    pytest.param("GET /" + "a" * MEGABYTE + " HTTP/1.1\r\n\r\n", [414], id="a URI of 1 MB"),
    pytest.param("A" * MEGABYTE, [414], id="a line of 1 MB"),
    pytest.param(GOOD + "A: " + "b" * MEGABYTE + "\r\n\r\n", [431], id="a header of 1 MB"),
    pytest.param(GOOD + "A: b\r\n" * (MEGABYTE // 6) + "\r\n", [431], id="headers of 1 MB"),
    pytest.param("\r\n" * (MEGABYTE // 2), [431], id="empty lines of 1 MB"),
    pytest.param(GOOD + "A: b\r\n" * 120 + "\r\n", [431], id="120 headers"),
    # What is odd, but right.
    pytest.param(f"GET {TARGET} HTTP/1.0\r\n\r\n", [200], id="HTTP/1.0"),
    pytest.param(f"GET {TARGET} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + NEXT, [200, 404],
                 id="HTTP/1.0 that stays"),
    pytest.param(GOOD + "Connection: keep-alive, close\r\n\r\n" + SMUGGLED, [200], id="close wins"),
    pytest.param("GET /pub/\xff\xfe\xc0\x80 HTTP/1.1\r\n\r\n" + NEXT, [400, 404], id="no UTF-8 in the path"),
    pytest.param("GET /mirrorlist?repo=%ff%c0%80&arch=\xed\xa0\x80 HTTP/1.1\r\n\r\n" + NEXT, [400, 404],
                 id="no UTF-8 in the query"),
    pytest.param("GET /mirrorlist?path=%00 HTTP/1.1\r\n\r\n" + NEXT, [400, 404], id="an encoded NUL"),
    pytest.param("GET /mirrorlist?repo=a%0d%0aX:y&arch=b HTTP/1.1\r\n\r\n" + NEXT, [400, 404], id="encoded CR LF"),
])
def test_every_oddity_has_its_answer_and_nothing_is_smuggled(service, request_, expected):
    assert statuses(exchange(service.address, request_)) == expected


def counted(service, line):
    """The number in a line of /metrics; 0 when there is none."""
    found = re.search(rf"^mirrorway_{re.escape(line)} (\d+)", service.ask_metrics("/metrics").body, re.MULTILINE)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("request_, line", [
    ("nonsense\r\n\r\n", 'http_bad_requests_total{reason="malformed"}'),
    (GOOD + "A: b\nC: d\r\n\r\n", 'http_bad_requests_total{reason="malformed"}'),
    (GOOD + "Content-Length: 99999999\r\n\r\n", 'http_bad_requests_total{reason="body_too_long"}'),
    ("GET /" + "a" * 9000 + " HTTP/1.1\r\n\r\n", 'http_bad_requests_total{reason="target_too_long"}'),
    (GOOD + "A: " + "b" * 17000 + "\r\n\r\n", 'http_bad_requests_total{reason="head_too_long"}'),
    (GOOD + "Transfer-Encoding: chunked\r\n\r\n", 'http_bad_requests_total{reason="unsupported"}'),
    ("GET / HTTP/9.9\r\n\r\n", 'http_bad_requests_total{reason="unsupported"}'),
    ("GET /", 'http_timeouts_total{what="request"}'),
    (GOOD + "\r\n", 'http_timeouts_total{what="idle"}'),
])
def test_each_kind_is_counted(service, request_, line):
    before = counted(service, line)
    exchange(service.address, request_)
    assert counted(service, line) > before


def test_bytes_one_by_one_are_a_request_too(service):
    assert statuses(exchange(service.address, *(GOOD + "\r\n" + NEXT))) == [200, 404]


def test_requests_sent_ahead_by_the_thousand_are_answered_in_order(service):
    targets = [f"/mirrorlist?path=none-{i}" for i in range(1000)]
    asked = "".join(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n" for target in targets) + NEXT
    with socket.create_connection(service.address, timeout=20) as peer:
        sender = threading.Thread(target=peer.sendall, args=(asked.encode(),))
        sender.start()
        received = b""
        while more := peer.recv(65536):
            received += more
        sender.join()
    assert statuses(received) == [404] * 1001
    assert [int(number) for number in re.findall(rb"path = none-(\d+) ", received)] == list(range(1000))


# --- slow ones, and many


def memory_of_worker(service):
    worker, = workers_of(service)
    return memory_of(worker)


def many(wanted):
    """As many descriptors as this process may have, and still work."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else soft, hard))
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)


async def open_all(address, count, beginning):
    """Connections that have sent the beginning of something."""
    peers = []
    for _ in range(count):
        _, writer = peer = await asyncio.open_connection(*address)
        writer.write(beginning)
        peers.append(peer)
    return peers


async def wait_for_ends(peers):
    """Returns when the other side has closed them all; what each got."""
    async def end_of(peer):
        received = b""
        with contextlib.suppress(ConnectionError):
            received = await peer[0].read()
        peer[1].close()
        return received
    return await asyncio.wait_for(asyncio.gather(*map(end_of, peers)), DEADLINE_SECONDS)


@pytest.mark.parametrize("beginning, per_connection", [
    pytest.param(b"", 8192, id="silent"),
    pytest.param(b"GET /mirrorlist?repo=", 8192, id="half open"),
    pytest.param(GOOD.encode() + b"A: " + b"b" * 16000, 65536, id="nearly a head"),
    pytest.param((GOOD + "Content-Length: 60000\r\n\r\n").encode(), 8192, id="waiting for a body"),
])
def test_half_open_connections_by_the_thousand_cost_little_and_end(service, truth, beginning, per_connection):
    async def attack(before):
        peers = await open_all(service.address, many(3000), beginning)
        load.wait_for_more(2)
        assert memory_of_worker(service) - before < len(peers) * per_connection
        await wait_for_ends(peers)
    with CheckedLoad(service.address, truth, connections=2) as load:
        load.wait_for_more(2)
        asyncio.run(attack(memory_of_worker(service)))
        load.wait_for_more(2)
    assert load.failures == [] and load.dropped == 0


def test_a_dripping_client_has_as_long_as_any_other(service):
    with socket.create_connection(service.address, timeout=20) as peer:
        def drip():
            try:
                peer.sendall(b"a")
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True
        peer.sendall(b"GET /")
        wait_until(drip, "the end of a connection that drips")


def test_clients_that_do_not_read_end_and_cost_no_memory(service, truth):
    asked = (f"GET {query(repo='core-6.2', arch='x86_64', format='json', explain=1)} HTTP/1.1\r\n"
             "Host: a\r\n\r\n").encode() * 400
    worker, = workers_of(service)
    slow = counted(service, 'http_timeouts_total{what="answer"}')
    sockets = pathlib.Path("/proc", str(worker), "fd")
    with CheckedLoad(service.address, truth, connections=2) as load, contextlib.ExitStack() as stack:
        load.wait_for_more(2)
        before, open_before = memory_of_worker(service), len(list(sockets.iterdir()))
        for _ in range(4):  # each fills what the kernel keeps, 2.5 MB
            peer = stack.enter_context(socket.socket())
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.connect(service.address)
            peer.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                peer.send(asked)
        load.wait_for_more(2)
        wait_until(lambda: len(list(sockets.iterdir())) <= open_before, "the end of those who do not read", 40)
        if not service.programs.has_sanitizers():  # which keep for a while what is freed
            assert memory_of_worker(service) - before < 8 * MEGABYTE
        load.wait_for_more(5)
    assert load.failures == []
    assert counted(service, 'http_timeouts_total{what="answer"}') == slow + 4


def test_whoever_holds_all_connections_makes_way(programs, snapshots, geoip, truth, tmp_path):
    with Service(programs, tmp_path, snapshots[0], geoip, client_options=["--max-connections", "100"],
                 has_metrics=True) as crowded:
        crowded.wait_for_metrics()
        asyncio.run(crowd(crowded, truth))
        assert counted(crowded, 'http_evictions_total{reason="connections"}') > 0
        assert "too many connections" in crowded.client.log()


async def crowd(service, truth):
    """Opens ten times as many connections as there may be, and asks something on a new one meanwhile."""
    peers = await open_all(service.address, 1000, b"GET /")
    for target in list(truth)[:3]:
        reader, writer = await asyncio.open_connection(*service.address)
        writer.write(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n"), 20)
        assert head.split()[1] in (b"200", b"302")
        writer.close()
    for _, writer in peers:
        writer.close()


def test_garbage_of_every_length_breaks_nothing(service):
    rng = random.Random(3)
    pieces = [b"GET ", b"/mirrorlist", b"?repo=", b" HTTP/1.1", b"\r\n", b"\n", b"\r", b"\0", b": ", b"Host",
              b"Content-Length", b"Transfer-Encoding", b"chunked", b"X-Forwarded-For", b"%", b"%00", b"\xff", b" ",
              b"\t", b"a" * 300, b"9" * 30]
    for _ in range(300):
        garbage = b"".join(rng.choice(pieces) for _ in range(rng.randrange(1, 40)))
        with socket.create_connection(service.address, timeout=20) as peer:
            with contextlib.suppress(ConnectionError):
                peer.sendall(garbage + b"\r\n\r\n")
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass
