"""What benchmarks measure with: the catalog of a seed is always the same one."""
import pytest
from processes import run
from service import Catalog


@pytest.fixture(scope="module", name="snapshot_of")
def snapshot_of_fixture(programs, tmp_path_factory):
    def make(seed):
        catalog = Catalog(programs, tmp_path_factory.mktemp("made"))
        run([programs.build / "tests" / "bench" / "bench_make_catalog", "--catalog", catalog.url, "--hosts", 20, "--directories",
             100, "--repositories", 10, "--netblocks", 10, "--seed", seed])
        snapshot = catalog.path.with_name("mirrorlist.snapshot")
        catalog.build(snapshot)
        return snapshot
    return make


def test_a_seed_makes_the_same_catalog_again_and_another_seed_another(snapshot_of):
    first = snapshot_of(7).read_bytes()
    assert snapshot_of(7).read_bytes() == first
    assert snapshot_of(8).read_bytes() != first


def test_there_is_as_much_as_was_asked_for(programs, snapshot_of):
    told = run([programs.builder, "inspect", snapshot_of(1)]).stdout
    for line in ("\n20 hosts\n", "\n100 directories", "\n10 repositories"):
        assert line in told
