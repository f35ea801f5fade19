"""What the command line and explain=1 say about an answer is the answer."""
import json

import pytest
from processes import run
from service import Catalog, Service


@pytest.fixture(scope="module", name="network")
def network_fixture(programs, source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("why")
    catalog = Catalog(programs, folder)
    admin = catalog.admin
    admin("add", "category", "Linux", "top_directory=pub/linux")
    admin("add", "repository", "os-1", "x86_64", "category=Linux", "directory=pub/linux/1/x86_64/os")
    hosts = {"near": "country=DE latitude=50.1 longitude=8.7", "far": "country=DE latitude=38.7 longitude=-9.1",
             "other": "country=FR", "office": "country=DE private=yes"}
    for name, keys in hosts.items():
        admin("add", "site", name)
        admin("add", "host", name, f"site={name}", *keys.split())
        admin("add", "url", name, "Linux", f"https://{name}.example/linux/")
        admin("edit", "carriage", name, "Linux", "always_up_to_date=yes")
    admin("edit", "host", "office", "netblocks=198.51.100.0/24", "any_netblocks=yes")
    snapshot = folder / "mirrorlist.snapshot"
    catalog.build(snapshot)
    geoip = folder / "city.mmdb"
    networks = folder / "networks.csv"
    networks.write_text("192.0.2.0/24,DE,Mainz,50.0,8.3,64500,Office\n", encoding="utf-8")
    run([source / "deploy" / "sample" / "make-geoip", networks, geoip])
    with Service(programs, folder, snapshot, geoip=geoip, server_options=["--min-mirrors", "2", "--rotation", "24h"]) as service:
        yield service


def why(service, address, *words, **options):
    return run([service.programs.admin, "why", "--snapshot", service.snapshot, "--geoip", service.geoip[0],
                "--min-mirrors", "2", address, *words], **options).stdout


@pytest.mark.parametrize("question", [["repo=os-1", "arch=x86_64"], ["path=pub/linux/1/x86_64/os/a b.rpm"],
                                      ["repo=os-1", "arch=x86_64", "country=fr"]])
@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.1", "203.0.113.1"])
def test_the_command_line_says_what_explain_says(network, address, question):
    query = "&".join(word.replace(" ", "%20") for word in question)
    asked = network.ask(f"/mirrorlist?{query}&ip={address}&explain=1")
    assert asked.status == 200
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(why(network, address, *question, "--json")) == json.loads(asked.body)


def test_every_host_is_kept_or_dropped_with_its_reason(network):
    told = json.loads(why(network, "192.0.2.1", "repo=os-1", "arch=x86_64", "--json", "--private"))
    kept = {mirror["host"]: mirror["reason"] for mirror in told["mirrors"]}
    dropped = {host["host"]: host["reason"] for host in told["dropped"]}
    assert kept == {"near": "same country (DE), within 500 km",
                    "far": "same country (DE), 1,000 to 2,500 km away"}
    assert list(kept) == ["near", "far"]
    assert dropped == {"other": "not_needed", "office": "private"}


def test_private_hosts_are_named_only_when_asked_for(network):
    public = network.ask("/mirrorlist?repo=os-1&arch=x86_64&ip=192.0.2.1&explain=1").body
    assert "office" not in public
    assert json.loads(public)["dropped_private"] == 1
    assert "1 private hosts are not named" in why(network, "192.0.2.1", "repo=os-1", "arch=x86_64")
    assert "office" in why(network, "192.0.2.1", "repo=os-1", "arch=x86_64", "--private")


def test_a_question_that_makes_no_sense_is_refused(network):
    for words, status in ((["repo=os-1"], 2), (["repos=os-1"], 2), (["repo=os-2", "arch=x86_64"], 1)):
        with pytest.raises(AssertionError, match=f"status {status}"):
            why(network, "192.0.2.1", *words)


def test_no_geolocation_is_said_as_to_the_server(network):
    words = [network.programs.admin, "why", "--snapshot", network.snapshot, "192.0.2.1", "repo=os-1", "arch=x86_64"]
    without = run(words)
    assert "country unknown" in without.stdout and "no --geoip" in without.stderr
    said = run([*words, "--geoip", "none"])
    assert (said.stdout, said.stderr) == (without.stdout, "")
