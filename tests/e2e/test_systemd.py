"""The units of deploy/systemd, as systemd's own tools see them."""
import shutil

import pytest
from processes import run

UNITS = ["mirrorlist_server.service", "mirrorlist_server.socket", "mirrorlist_client.service",
         "mirrorlist_client.socket"]
# Of 100; what is left is what the programs are for: sockets, and the network of the front end.
MOST_EXPOSURE = {"mirrorlist_server.service": 10, "mirrorlist_client.service": 20}


@pytest.fixture(name="units")
def units_fixture(programs, source, tmp_path):
    """The units, for programs that are where the build put them."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    for name in UNITS:
        text = (source / "deploy" / "systemd" / name).read_text(encoding="utf-8")
        text = text.replace("/usr/local/sbin/mirrorlist_server", str(programs.server))
        text = text.replace("/usr/local/sbin/mirrorlist_client", str(programs.client))
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_units_are_good(units):
    done = run(["systemd-analyze", "verify", "--man=no", *(units / name for name in UNITS)])
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("name", MOST_EXPOSURE)
def test_the_services_are_exposed_to_little(units, name):
    run(["systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={MOST_EXPOSURE[name]}",
         units / name])


def test_the_users_are_good(source):
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("needs systemd-sysusers")
    done = run(["systemd-sysusers", "--dry-run", source / "deploy" / "systemd" / "mirrorway.sysusers"])
    assert "mirrorway-client" in done.stdout + done.stderr
