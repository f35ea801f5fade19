"""What Prometheus and load balancers are told, by both programs as they run, read by an independent parser."""
import json
import os
import re
import shutil
import signal
import socket
import time

import pytest
from processes import children_of, family_stopped, run, wait_until
from prometheus_client.parser import text_string_to_metric_families
from service import Service, query

CORE = {"repo": "core-6.2", "arch": "x86_64"}
GERMAN = "198.18.2.7"


@pytest.fixture(name="service")
def service_fixture(programs, sample, tmp_path):
    snapshot = tmp_path / "mirrorlist.snapshot"
    shutil.copy(sample.snapshot, snapshot)
    with Service(programs, tmp_path, snapshot, sample.networks, has_metrics=True,
                 client_options=["--workers", "2"]) as service:
        service.wait_for_metrics()
        yield service


class Metrics:
    """One scrape. Samples by name and labels."""

    def __init__(self, service):
        self.answer = service.ask_metrics("/metrics")
        assert self.answer.status == 200
        self.families = {f.name: f for f in text_string_to_metric_families(self.answer.body)}
        self.samples = {(s.name, tuple(sorted(s.labels.items()))): s.value
                        for f in self.families.values() for s in f.samples}

    def value(self, name, **labels):
        return self.samples.get(("mirrorway_" + name, tuple(sorted(labels.items()))), 0)


def settled(service):
    """A scrape after which nothing is counted any more that was answered before."""
    def answers(metrics):
        return metrics.value("http_answer_seconds_count")
    return wait_until(lambda: (now := Metrics(service)) and answers(Metrics(service)) == answers(now) and now, "counts that stand")


def test_both_programs_report_what_they_did(service):
    before = settled(service)
    for _ in range(3):
        assert service.ask(query(**CORE, ip=GERMAN)).status == 200
    assert service.ask(query(**CORE, ip=GERMAN, redirect=1)).status == 302
    assert service.ask(query(repo="none", arch="none")).status == 404
    assert service.ask("/nothing").status == 404
    with socket.create_connection(service.address, timeout=30) as peer:
        peer.sendall(b"GET / HTTP/9.9\r\n\r\n")
        assert b" 505 " in peer.recv(65536)
    # The time of an answer is known when it has been sent, a moment after it may have come.
    after = wait_until(lambda: (now := Metrics(service)).value("http_answer_seconds_count") >=
                       before.value("http_answer_seconds_count") + 7 and now, "7 answers to be counted")

    def grew(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)
    assert grew("http_requests_total", form="mirrorlist", status="200", tier="country") == 3
    assert grew("http_requests_total", form="redirect", status="302", tier="country") == 1
    assert grew("http_requests_total", form="mirrorlist", status="404", tier="none") == 2
    assert grew("http_requests_total", form="unknown", status="505", tier="none") == 1
    assert grew("http_bad_requests_total", reason="unsupported") == 1
    assert grew("http_answer_seconds_count") == 7
    assert grew("lookup_seconds_count") == 5
    assert grew("server_lookups_total") == 5
    assert grew("http_connections_total") == 7
    assert after.value("server_up") == 1
    assert after.value("http_workers") == 2
    assert after.value("server_children") >= 2
    assert after.value("server_snapshot_generation") == 1
    assert 0 <= after.value("server_snapshot_age_seconds") < 600
    assert 1e6 < after.value("http_memory_bytes") < 1e9
    assert after.value("http_memory_processes", measured="yes") == 4


def test_the_text_is_what_prometheus_reads(service):
    service.ask(query(**CORE))
    metrics = Metrics(service)
    assert metrics.answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for name, family in metrics.families.items():
        assert re.fullmatch(r"mirrorway_[a-z0-9_]+", name), name
        assert family.documentation, name
        assert family.type in ("counter", "gauge", "histogram"), name
    times = metrics.families["mirrorway_http_answer_seconds"].samples
    buckets = [(float(s.labels["le"]), s.value) for s in times if s.name.endswith("_bucket")]
    assert buckets == sorted(buckets) and buckets[-1][0] == float("inf")
    assert buckets[-1][1] == metrics.value("http_answer_seconds_count")
    bounds = [bound for bound, _ in buckets[:-1]]
    assert bounds[0] <= 50e-6 and bounds[-1] >= 5
    assert all(b / a < 1.3 for a, b in zip(bounds, bounds[1:]))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool of Debian's prometheus")
def test_promtool_finds_nothing_to_mend(service):
    service.ask(query(**CORE))
    done = run(["promtool", "check", "metrics"], input=service.ask_metrics("/metrics").body, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_counters_survive_a_worker_and_a_child(service):
    service.ask(query(**CORE))
    before = Metrics(service)

    def is_a_child_killed():
        # The one seen may be the process that measures memory, or about to end by itself.
        os.kill(children_of(service.server.pid)[0], signal.SIGKILL)
        return Metrics(service).value("server_children_ended_total", how="signal") >= 1
    wait_until(is_a_child_killed, "a child's end")
    workers = [pid for pid in children_of(service.client.pid) if listens_on(pid, service.address[1])]
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: Metrics(service).value("http_workers_failed_total") == 1, "the worker's end")
    wait_until(lambda: Metrics(service).value("http_workers") == 2, "the next worker")
    after = Metrics(service)
    for name in ("http_connections_total", "http_answer_seconds_count"):
        assert after.value(name) >= before.value(name) > 0
    assert after.value("http_workers_started_total") == 3


def listens_on(pid, port):
    """Whether a process has a socket that listens on the port."""
    inodes = {line.split()[9] for line in open("/proc/net/tcp", encoding="ascii").readlines()[1:]
              if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"}
    links = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            links.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            pass
    return any(f"socket:[{inode}]" in links for inode in inodes)


def test_ready_is_a_lookup_answered(service):
    answer = service.ask_metrics("/health/ready")
    assert (answer.status, answer.body) == (200, "ok\n")
    answer = service.ask_metrics("/health/ready", headers={"Accept": "application/json"})
    health = json.loads(answer.body)
    assert (answer.status, health["status"], health["reasons"]) == (200, "ok", [])
    assert re.fullmatch("[0-9a-f]{64}", health["snapshot"]["sha256"])
    assert service.ask_metrics("/health/live").body == "ok\n"
    assert service.ask_metrics("/").status == 404
    assert service.ask_metrics("/metrics", method="POST").status == 405


def test_not_ready_without_its_server(service):
    service.server.stop()
    answer = wait_until(lambda: (a := service.ask_metrics("/health/ready")).status == 503 and a, "503")
    assert answer.body == "failing\nmirrorlist_server does not answer\n"
    assert service.ask_metrics("/health/live").status == 200
    metrics = Metrics(service)
    assert metrics.value("server_up") == 0
    assert metrics.value("http_connections_total") > 0
    with service.start_server():
        wait_until(lambda: service.ask_metrics("/health/ready").status == 200, "ready again")
        assert Metrics(service).value("server_up") == 1


def test_a_hanging_server_makes_not_ready_but_stays_live(service):
    with family_stopped(service.server.pid):
        assert service.ask_metrics("/health/ready").status == 503
        assert service.ask_metrics("/health/live").status == 200
        assert Metrics(service).value("server_up") == 0


def test_a_refused_snapshot_is_a_warning_and_the_old_one_answers(service):
    good = service.snapshot.read_bytes()
    service.snapshot.write_bytes(good[:len(good) // 2])
    service.server.signal(signal.SIGHUP)
    wait_until(lambda: Metrics(service).value("server_snapshot_refused") == 1, "the refusal")
    answer = service.ask_metrics("/health/ready")
    assert answer.status == 200
    assert answer.body.startswith("warning\nthe snapshot offered last was refused, an older one answers: ")
    assert service.ask(query(**CORE, ip=GERMAN)).status == 200
    assert Metrics(service).value("server_reloads_total", result="refused") == 1
    service.snapshot.write_bytes(good)
    service.server.signal(signal.SIGHUP)
    wait_until(lambda: service.ask_metrics("/health/ready").body == "ok\n", "health again")
    metrics = Metrics(service)
    assert metrics.value("server_snapshot_generation") == 2
    assert metrics.value("server_reloads_total", result="loaded") == 1


def test_an_old_snapshot_makes_not_ready_where_that_is_wanted(programs, sample, tmp_path):
    snapshot = tmp_path / "mirrorlist.snapshot"
    shutil.copy(sample.snapshot, snapshot)
    written = time.time() - 3 * 3600
    os.utime(snapshot, (written, written))
    with Service(programs, tmp_path, snapshot, sample.networks, has_metrics=True,
                 client_options=["--max-snapshot-age", "2h"]) as service:
        service.wait_for_metrics()
        answer = service.ask_metrics("/health/ready")
        assert (answer.status, answer.body) == (
            503, "failing\nthe snapshot is 3 h old; --max-snapshot-age allows 2 h\n")
        assert service.ask(query(**CORE)).status == 200
        os.utime(snapshot)
        service.server.signal(signal.SIGHUP)
        wait_until(lambda: service.ask_metrics("/health/ready").status == 200, "the newer file")


def test_an_address_in_use_keeps_no_front_end_from_answering(programs, sample, tmp_path):
    with socket.socket() as blocker:
        blocker.bind(("127.0.0.1", 0))
        blocker.listen()
        service = Service(programs, tmp_path, sample.snapshot, sample.networks, has_metrics=True)
        service.metrics_address = blocker.getsockname()
        with service:
            wait_until(lambda: "--metrics-listen" in service.client.log(), "the warning")
            assert service.ask(query(**CORE)).status == 200
            blocker.close()
            service.wait_for_metrics()
            assert Metrics(service).value("server_up") == 1


def test_the_metrics_process_is_started_again(service):
    exporters = [pid for pid in children_of(service.client.pid)
                 if listens_on(pid, service.metrics_address[1])]
    assert len(exporters) == 1
    before = Metrics(service).value("http_connections_total")
    os.kill(exporters[0], signal.SIGKILL)
    wait_until(lambda: [pid for pid in children_of(service.client.pid) if pid not in exporters
                        and listens_on(pid, service.metrics_address[1])], "the next one")
    assert Metrics(service).value("http_connections_total") == before
    assert Metrics(service).value("http_workers_failed_total") == 0
