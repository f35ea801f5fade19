"""A flood from one network while others ask."""
import concurrent.futures
import itertools
import re
import shutil
import time

import pytest
from checked_load import CheckedLoad
from mirrors import skip_with_sanitizers
from processes import run, wait_until
from service import Service, query

RATE, BURST = 5, 20
TARGET = query(repo="core-6.2", arch="x86_64")


@pytest.fixture(name="limited")
def limited_fixture(programs, snapshots, geoip, tmp_path):
    with Service(programs, tmp_path, snapshots[0], geoip, client_options=[
            "--workers", "2", "--trusted-proxies", "127.0.0.0/8",
            "--limit-requests-per-prefix", RATE, "--limit-burst-per-prefix", BURST],
            has_metrics=True) as service:
        service.wait_for_metrics()
        yield service


def ask_as(service, client):
    return service.ask(TARGET, headers={"X-Forwarded-For": client})


def flood(service, client, count):
    """Asks over one connection, as fast as it goes; returns the answers."""
    with service.connect() as connection:
        return [connection.ask(TARGET, headers={"X-Forwarded-For": client}) for _ in range(count)]


def test_a_flood_from_one_network_is_turned_away_and_nobody_else(limited, truth):
    started = time.monotonic()
    with CheckedLoad(limited.address, truth) as load, concurrent.futures.ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(flood, limited, f"198.18.2.{i}", 500) for i in range(8)]
        answers = [answer for future in futures for answer in future.result()]
        load.wait_for_more()
        for other in ("198.18.3.1", "198.18.66.9", "2001:db8:2::1"):
            assert ask_as(limited, other).status == 200
    seconds = time.monotonic() - started
    assert load.failures == [] and load.dropped == 0
    taken = [answer for answer in answers if answer.status == 200]
    turned_away = [answer for answer in answers if answer.status == 429]
    assert len(taken) + len(turned_away) == len(answers)
    assert BURST <= len(taken) <= BURST + RATE * seconds + 1
    for answer in turned_away:
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.headers["cache-control"] == "no-store"
        assert "198.18.2.0/24" in answer.body and answer.body.count("\n") == 1
    assert "network=198.18.2.0/24" in limited.client.log()
    metrics = limited.ask_metrics("/metrics").body
    assert f"\nmirrorway_http_requests_limited_total {len(turned_away)}\n" in metrics
    # The log does not grow with the flood.
    assert limited.client.log().count("too many requests from one network") <= 2 * (1 + seconds / 10)


def percentile(times, share):
    return sorted(times)[int(len(times) * share)]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="needs the package wrk")
def test_a_flood_slows_nobody_else_down(limited, truth):
    """Quiet and flood alternate, and are compared with each other: what else the machine does meets both alike. The
    factor leaves room for the processor that the flood itself takes. The slowest answers are those of the best flood,
    as a machine that stops makes some slow in any."""
    skip_with_sanitizers(limited.programs, "times are compared, and a front end that slow may not be flooded at all")
    quiet, floods, turned_away = [], [], 0
    url = "http://%s:%d" % limited.address + TARGET
    with CheckedLoad(limited.address, truth) as load:
        load.wait_for_more()
        for _ in range(4):
            before = len(load.times)
            load.wait_for_more(100)
            between = len(load.times)
            quiet += load.times[before:between]
            done = run(["wrk", "-t1", "-c16", "-d1", "-H", "X-Forwarded-For: 198.18.2.7", url])
            floods.append(load.times[between:])
            turned_away += int(re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)[1])
    flooded = list(itertools.chain.from_iterable(floods))
    assert load.failures == [] and load.dropped == 0
    assert turned_away > 2 * len(flooded), "no flood"
    assert len(flooded) > len(quiet) / 10
    assert percentile(flooded, 0.5) < 20 * percentile(quiet, 0.5)
    assert min(percentile(times, 0.99) for times in floods if times) < 20 * percentile(quiet, 0.99)


def test_who_comes_back_when_told_is_answered(limited):
    assert any(answer.status == 429 for answer in flood(limited, "2001:db8:1:2::3", 2 * BURST))
    # The same /48. A token that has come in the meantime is taken by asking.
    wait_until(lambda: ask_as(limited, "2001:db8:1:ffff::1").status == 429, "a request without a token")
    wait_until(lambda: ask_as(limited, "2001:db8:1:2::3").status == 200, "the next token")


def test_being_turned_away_asks_the_server_nothing(limited):
    def lookups():
        found = re.search(r"^mirrorway_server_lookups_total (\d+)", limited.ask_metrics("/metrics").body, re.MULTILINE)
        return int(found[1])
    before = lookups()
    answers = flood(limited, "198.18.2.7", 10 * BURST)
    assert lookups() - before == sum(answer.status == 200 for answer in answers) < len(answers)


def test_this_machine_and_proxies_themselves_have_no_limit(limited):
    with limited.connect() as connection:
        assert {connection.ask(TARGET).status for _ in range(5 * BURST)} == {200}


def test_without_a_limit_there_is_none(programs, snapshots, geoip, tmp_path):
    with Service(programs, tmp_path, snapshots[0], geoip, client_options=[
            "--trusted-proxies", "127.0.0.0/8", "--limit-requests-per-prefix", "0"]) as service:
        assert {answer.status for answer in flood(service, "198.18.2.7", 1500)} == {200}
