"""Snapshots that come, good and bad, while clients are being answered."""
import signal

from checked_load import CheckedLoad, truth_of
from conftest import publish
from processes import wait_until


def test_every_answer_is_wholly_from_one_of_two_snapshots(service, snapshots, truths, fault_reloads):
    with CheckedLoad(service.address, truth_of(*truths)) as load:
        for i in range(fault_reloads):
            loaded = service.server.log().count("snapshot loaded")
            publish(service, snapshots[(i + 1) % 2])
            service.server.signal(signal.SIGHUP)
            wait_until(lambda: service.server.log().count("snapshot loaded") > loaded, f"reload {i}")
        load.wait_for_more()
    assert load.failures == []
    assert load.dropped == 0
    assert {which for _, which in load.seen} == {0, 1}
