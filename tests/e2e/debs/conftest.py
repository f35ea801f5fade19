"""In the environment: MIRRORWAY_DEBS, the folder with the packages."""
import os
import pathlib

import pytest


@pytest.fixture(scope="session", name="debs")
def debs_fixture(source):
    found = sorted(pathlib.Path(os.environ.get("MIRRORWAY_DEBS", source / "build" / "debs")).glob("*.deb"))
    if not found:
        pytest.fail("no packages: tests/run --only debs makes them")
    return found
