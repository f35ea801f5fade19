"""Catalog, two front-end hosts and a load balancer: what is edited is answered everywhere, and whatever stops, clients
are answered."""
import contextlib
import http.client
import os
import signal

import pytest
from front_ends import BALANCER, CORE, URL, USER, Site
from load import Load
from namespaces import need_namespaces
from postgresql import PostgresqlServer
from processes import children_of, family_stopped, run, wait_until
from service import query

TARGETS = [CORE, query(repo="core-5.8", arch="aarch64"), query(repo="extras-6.2", arch="x86_64")]
JSON = query(repo="core-6.2", arch="x86_64", format="json")


@pytest.fixture(scope="module", name="site")
def site_fixture(programs, source, sample, tmp_path_factory):
    need_namespaces()
    with Site(programs, source, tmp_path_factory.mktemp("site"), sample.networks) as site:
        yield site


def accesses(site):
    """The statuses that nginx has given to who fetches the snapshot."""
    log = (site.folder / "nginx" / "access.log").read_text(encoding="utf-8")
    return [line.split('" ')[1].split()[0] for line in log.splitlines()]


def fetch_everywhere(site):
    for front_end in site.front_ends:
        front_end.fetch()


def push(site, **options):
    return site.publish("--hosts", site.folder / "hosts", **options)


def test_the_file_for_haproxy_is_free_of_complaints(site):
    done = run([*site.haproxy_words, "-c"])
    assert (done.stdout + done.stderr).strip() == "Configuration file is valid"


@pytest.fixture(name="marked")
def marked_fixture(site):
    """The mark is in all answers, whatever a test has left behind."""
    site.build_command("release")
    site.set_mark(True)
    push(site)
    for front_end in site.front_ends:
        wait_until(front_end.has_mark, f"the mark at {front_end.host.name}")


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("way", ["fetched", "pushed"])
def test_an_edit_is_visible_everywhere_after_one_cycle(site, way):
    with Load(site, TARGETS) as load:
        for is_active in (False, True):
            site.set_mark(is_active)
            assert [front_end.has_mark() for front_end in site.front_ends] == [not is_active] * 2
            if way == "fetched":
                site.publish()
                fetch_everywhere(site)
            else:
                done = push(site)
                assert all(f"{front_end.host.name}: snapshot in place" in done.stdout for front_end in site.front_ends)
            for front_end in site.front_ends:
                wait_until(lambda asked=front_end: asked.has_mark() == is_active, f"the edit at {front_end.host.name}")
                assert front_end.snapshot.read_bytes() == site.snapshot.read_bytes()
            load.wait_for_more(10)
    assert load.failures == []


@pytest.mark.usefixtures("marked")
def test_a_rollback_is_no_older_snapshot(site):
    site.set_mark(False)
    push(site)
    site.build_command("rollback")
    held = push(site, check=False)
    assert (held.returncode, held.stderr) == (5, "") and "on hold" in held.stdout
    for front_end in site.front_ends:
        wait_until(front_end.has_mark, f"the earlier snapshot at {front_end.host.name}")
    site.build_command("release")
    push(site)


def test_what_has_not_changed_is_not_sent_again(site):
    fetch_everywhere(site)  # the last one may have been as young as a second, and is then asked for once more
    fetch_everywhere(site)
    before = len(accesses(site))
    for front_end in site.front_ends:
        done = front_end.fetch()
        assert done.stdout + done.stderr == ""
    assert accesses(site)[before:] == ["304", "304"]


def test_the_snapshot_is_for_front_end_hosts(site):
    done = run(site.user.inside(["curl", "--silent", "--include", URL]))
    assert done.stdout.startswith("HTTP/1.1 403 ")


@pytest.mark.parametrize("claims", [{}, {"X-Forwarded-For": "203.0.113.200"},
                                    {"Forwarded": "for=203.0.113.200", "X-Real-IP": "203.0.113.200"}], ids=str)
def test_a_client_is_who_haproxy_sees(site, claims):
    assert f'"address": "{USER}"' in site.ask(JSON, headers=claims).body


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_haproxy_speaks_tls(site, version):
    words = ["curl", "--silent", "--show-error", "--include", "--cacert", site.certificate, version,
             "--connect-to", f"mirrors.example:443:{BALANCER}:443", f"https://mirrors.example{CORE}"]
    done = run(site.user.inside(words))
    assert done.stdout.startswith("HTTP/2 200" if version == "--http2" else "HTTP/1.1 200 ")


def test_haproxy_passes_get_and_head_only(site):
    with site.connect() as connection:
        answer = connection.ask(CORE, method="POST", headers={"Content-Length": "0"})
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert connection.ask(CORE, method="HEAD").status == 200


def moved_away(site):
    hidden = site.catalog.path.with_suffix(".hidden")
    os.rename(site.catalog.path, hidden)
    return lambda: os.rename(hidden, site.catalog.path)


def overwritten(site):
    good = site.catalog.path.read_bytes()
    site.catalog.path.write_bytes(b"no database\n" * 1000)
    return lambda: site.catalog.path.write_bytes(good)


@pytest.mark.parametrize("break_it", [moved_away, overwritten])
def test_answers_go_on_without_the_catalog(site, break_it):
    before = site.snapshot.read_bytes()
    mend = break_it(site)
    try:
        with Load(site, TARGETS) as load:
            done = push(site, check=False)
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1 and "catalog.db" in done.stderr
            fetch_everywhere(site)
            load.wait_for_more()
        assert load.failures == []
        assert site.snapshot.read_bytes() == before
    finally:
        mend()
    push(site)


def test_answers_go_on_without_postgresql(site):
    with PostgresqlServer() as database, site.catalog_at(database.url), Load(site, TARGETS) as load:
        push(site)
        before = site.snapshot.read_bytes()
        database.stop()
        done = push(site, check=False)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1 and str(database.folder) in done.stderr
        fetch_everywhere(site)
        load.wait_for_more()
        assert site.snapshot.read_bytes() == before
        database.start()
        site.set_mark(False)
        push(site)
        wait_until(lambda: not any(front_end.has_mark() for front_end in site.front_ends), "the edit everywhere")
    assert load.failures == []
    push(site)


def test_answers_go_on_without_the_machine_that_builds(site):
    assert site.nginx.stop() == 0
    with Load(site, TARGETS) as load:
        for front_end in site.front_ends:
            done = front_end.fetch(check=False)
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1 and URL in done.stderr
        load.wait_for_more()
    assert load.failures == []
    site.nginx = site.enter_context(site.start_nginx())


def stopped(_, front_end):
    front_end.client.signal(signal.SIGTERM)
    front_end.server.signal(signal.SIGTERM)
    front_end.client.process.wait()
    front_end.server.process.wait()
    return front_end.start


def killed(_, front_end):
    front_end.kill()
    return front_end.start


def unplugged(site, front_end):
    site.unplug(front_end.host)
    return lambda: site.plug(front_end.host)


@pytest.mark.parametrize("stop", [stopped, killed, unplugged])
def test_a_front_end_that_stops_costs_no_request(site, stop):
    going, staying = site.front_ends
    with Load(site, TARGETS) as load:
        load.wait_for_more()
        come_back = stop(site, going)
        try:
            load.wait_for_more()
            assert staying.is_ready()
        finally:
            come_back()
        wait_until(going.is_ready, f"{going.host.name} ready")
        before = going.answers()
        wait_until(lambda: going.answers() > before, f"{going.host.name} used again")
    assert load.failures == []


def test_hosts_that_answer_are_asked_when_all_checks_fail(site):
    with contextlib.ExitStack() as stack, Load(site, TARGETS) as load:
        seen = len(site.haproxy.log())
        for front_end in site.front_ends:
            stack.enter_context(family_stopped(children_of(front_end.client.pid)[-1]))  # the last one answers the checks
        wait_until(lambda: "0 active and 2 backup servers left" in site.haproxy.log()[seen:], "checks that fail")
        load.wait_for_more()
    assert load.failures == []
    wait_until(lambda: "2 active and 2 backup servers online" in site.haproxy.log()[seen:], "checks that pass")


def test_without_any_front_end_clients_are_told_when_to_come_back(site):
    for front_end in site.front_ends:
        front_end.kill()

    def is_told():
        # Until HAProxy knows, it may hang up: connections that it had kept have just been lost.
        with contextlib.suppress(http.client.RemoteDisconnected):
            answer = site.ask(CORE)
            return answer.status == 503 and answer.headers["retry-after"] == "30"
    wait_until(is_told, "a 503")
    for front_end in site.front_ends:
        front_end.start()
    wait_until(lambda: site.ask(CORE).status == 200, "answers again")
