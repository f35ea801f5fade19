"""The units of deploy/systemd, as systemd's own tools see them."""
import shutil

import pytest
from processes import run

PROGRAMS = ["mirrorlist_server", "mirrorlist_client"]
JOBS = ["mirrorway-publish", "mirrorway-networks", "mirrorway-fetch", "mirrorway-geoip", "mirrorway-static-copies"]  # each with a timer
UNITS = [f"{name}.{kind}" for name in PROGRAMS for kind in ("service", "socket")]
UNITS += [f"{name}.{kind}" for name in JOBS for kind in ("service", "timer")]
# Of 100; what is left is what the programs are for: sockets, and the network; for npm also code made at run time.
MOST_EXPOSURE = {"mirrorlist_server.service": 10, "mirrorlist_client.service": 20,
                 **{f"{name}.service": 20 for name in JOBS}}


@pytest.fixture(name="units")
def units_fixture(programs, source, tmp_path):
    """The units, for programs that are where the build put them, and scripts that are where they are."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    for name in UNITS + ["mirrorway-failure@.service"]:
        text = (source / "deploy" / "systemd" / name).read_text(encoding="utf-8")
        text = text.replace("/usr/local/bin", str(source / "deploy"))
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


@pytest.mark.parametrize("name", JOBS)
def test_failures_of_a_job_are_told(source, name):
    assert "\nOnFailure=mirrorway-failure@%n.service\n" in (source / "deploy" / "systemd" / f"{name}.service").read_text()


def test_the_users_are_good(source):
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("needs systemd-sysusers")
    done = run(["systemd-sysusers", "--dry-run", source / "deploy" / "systemd" / "mirrorway.sysusers"])
    assert "mirrorway-client" in done.stdout + done.stderr
