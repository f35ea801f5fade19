"""What a daemon says when it cannot start: one clear line, and status 1 (2 for wrong usage)."""
import os

import pytest
from processes import free_port, run
from service import Catalog, Service, query


@pytest.fixture(scope="module", name="snapshot")
def snapshot_fixture(programs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    snapshot = folder / "mirrorlist.snapshot"
    Catalog(programs, folder).build(snapshot)
    return snapshot


def start_server(programs, tmp_path, *options):
    return run([programs.server, "--socket", tmp_path / "server.sock", *options], check=False)


def check_refused(done, tmp_path, *words, status=1):
    assert done.returncode == status, done.stderr
    assert done.stderr.count("\n") == 1
    for word in words:
        assert str(word) in done.stderr
    assert not os.path.exists(tmp_path / "server.sock")


def test_going_without_geolocation_must_be_said(programs, snapshot, tmp_path):
    config = tmp_path / "mirrorway.toml"
    config.write_text("[mirrorlist_server]\ngeoip = []\n", encoding="utf-8")
    check_refused(start_server(programs, tmp_path, "--snapshot", snapshot, "--config", config), tmp_path, "geoip", "none",
                  status=2)


def test_none_goes_without(programs, snapshot, tmp_path):
    with Service(programs, tmp_path, snapshot, "none") as service:
        assert service.ask(query(repo="x", arch="y")).status == 404


def test_a_missing_file_is_named(programs, snapshot, tmp_path):
    missing = tmp_path / "missing"
    check_refused(start_server(programs, tmp_path, "--snapshot", missing, "--geoip", "none"), tmp_path, missing)
    check_refused(start_server(programs, tmp_path, "--snapshot", snapshot, "--geoip", missing), tmp_path, missing)


def test_every_broken_geolocation_file_is_refused(programs, snapshot, shared, tmp_path):
    folder = shared / "data" / "maxmind-test"
    broken = sorted((folder / "bad").iterdir())
    broken += [folder / "GeoIP2-City-Test-Broken-Double-Format.mmdb",
               folder / "GeoIP2-City-Test-Invalid-Node-Count.mmdb"]
    assert len(broken) > 20
    for file in broken:
        done = start_server(programs, tmp_path, "--snapshot", snapshot, "--geoip", file)
        check_refused(done, tmp_path, file.name)


def test_a_snapshot_that_is_none_is_refused(programs, snapshot, tmp_path):
    good = snapshot.read_bytes()
    for name, content in {"empty": b"", "cut": good[:-1], "foreign": b"#!/bin/sh\n" * 100,
                          "longer": good + b"\0"}.items():
        path = tmp_path / name
        path.write_bytes(content)
        check_refused(start_server(programs, tmp_path, "--snapshot", path, "--geoip", "none"), tmp_path, path)


def test_a_snapshot_is_verified_without_being_served(programs, snapshot, tmp_path):
    done = run([programs.server, "--verify", snapshot])
    assert done.stdout.startswith("sha256=") and done.stdout.endswith("hosts=0 directories=0 repositories=0\n")
    assert done.stderr == ""
    good = snapshot.read_bytes()
    for name, content in {"empty": b"", "cut": good[:-1], "damaged": good[:-1] + bytes([good[-1] ^ 1])}.items():
        path = tmp_path / name
        path.write_bytes(content)
        check_refused(run([programs.server, "--verify", path], check=False), tmp_path, path)
    check_refused(run([programs.server, "--verify", tmp_path / "missing"], check=False), tmp_path, "missing")


def test_an_address_in_use_is_refused_with_its_name(programs, snapshot, tmp_path):
    with Service(programs, tmp_path, snapshot, "none") as service:
        done = run([programs.client, "--listen", "%s:%d" % service.address,
                    "--server-socket", service.socket], check=False)
        assert done.returncode == 1
        assert "%s:%d" % service.address in done.stderr


@pytest.mark.parametrize("program", ["admin", "builder", "server", "client"])
def test_bad_usage_is_status_2(programs, program):
    path = getattr(programs, program)
    assert run([path, "--no-such-option"], check=False).returncode == 2
    assert run([path, "--help"]).stdout
    assert "Mirrorway" in run([path, "--version"]).stdout


@pytest.mark.parametrize("option, word", [("--user", "no such user"), ("--socket-group", "no such group"),
                                          ("--socket-mode", "0999"), ("--sandbox", "of paper")])
def test_words_that_mean_nothing_are_refused_before_anything_starts(programs, option, word):
    done = run([programs.server, "--geoip", "none", option, word, "--check-config"], check=False)
    assert done.returncode == 2
    assert option in done.stderr and word in done.stderr


def test_one_file_configures_everything(programs, snapshot, tmp_path):
    config = tmp_path / "mirrorway.toml"
    port = free_port()
    config.write_text(f"""
[mirrorlist_server]
snapshot = "{snapshot}"
geoip = ["none"]
socket = "{tmp_path}/server.sock"

[mirrorlist_client]
listen = "127.0.0.1:{port}"
server_socket = "{tmp_path}/server.sock"
""", encoding="utf-8")
    for path in (programs.server, programs.client):
        assert run([path, "--config", config, "--check-config"]).stdout == "configuration is good\n"


def test_the_serving_side_cannot_open_the_catalog(programs):
    for path in (programs.server, programs.client):
        needed = run(["readelf", "--dynamic", path]).stdout
        assert "NEEDED" in needed
        assert "soci" not in needed and "sqlite" not in needed


def test_the_sample_configuration_is_good(programs, source):
    config = source / "deploy" / "sample" / "mirrorway.toml"
    for path in (programs.admin, programs.builder, programs.server, programs.client):
        assert run([path, "--config", config, "--check-config"]).stdout == "configuration is good\n"
