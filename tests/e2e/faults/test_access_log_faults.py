"""An access log that cannot be written costs lines, which are counted, and no answer."""
import os
import resource

import pytest
from processes import children_of, wait_until
from prometheus_client.parser import text_string_to_metric_families
from service import Catalog, Service

QUESTION = "/mirrorlist?repo=a&arch=b&ignored=" + "x" * 3000
# More than the front end keeps for a log that it cannot write (4 MiB), and than a pipe holds.
QUESTIONS = 1800


@pytest.fixture(scope="module", name="snapshot")
def snapshot_fixture(programs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    catalog = Catalog(programs, folder)
    catalog.build(folder / "mirrorlist.snapshot")
    return folder / "mirrorlist.snapshot"


def counted(service, name):
    families = text_string_to_metric_families(service.ask_metrics("/metrics").body)
    return next(sample.value for family in families for sample in family.samples
                if sample.name == "mirrorway_" + name)


def ask_much(service):
    with service.connect() as connection:
        for _ in range(QUESTIONS):
            assert connection.ask(QUESTION).status == 404


def logged(log, form="json"):
    return ["--access-log", log, "--access-log-format", form]


def test_a_full_disk_costs_lines_and_no_answer(programs, snapshot, tmp_path):
    with Service(programs, tmp_path, snapshot, has_metrics=True, client_options=logged("/dev/full")) as service:
        service.wait_for_metrics()
        ask_much(service)
        wait_until(lambda: counted(service, "access_log_lines_dropped_total") > 0, "dropped lines")
        assert service.client.log().count("cannot write the access log") == 1


def test_a_pipe_that_nobody_reads_costs_lines_and_no_answer(programs, snapshot, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with Service(programs, tmp_path, snapshot, has_metrics=True, client_options=logged(pipe)) as service:
        service.wait_for_metrics()
        ask_much(service)
        wait_until(lambda: counted(service, "access_log_lines_dropped_total") > 0, "dropped lines")
        assert service.ask(QUESTION).status == 404
        os.close(reader)
        assert service.ask(QUESTION).status == 404


def test_what_a_short_disk_refused_is_written_when_there_is_room(programs, snapshot, tmp_path):
    """RLIMIT_FSIZE stands for a disk that has room again after logrotate."""
    log = tmp_path / "access.log"
    room = 64 << 10
    with Service(programs, tmp_path, snapshot, client_options=logged(log)) as service:
        [worker] = children_of(service.client.pid)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        with service.connect() as connection:
            for _ in range(100):
                assert connection.ask(QUESTION).status == 404
        wait_until(lambda: "cannot write the access log" in service.client.log(), "the failure")
        assert log.stat().st_size <= room
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_until(lambda: log.read_text().count(QUESTION) == 100, "all lines")
