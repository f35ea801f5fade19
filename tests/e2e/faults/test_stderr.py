"""A daemon's own log goes to stderr, and nobody may be there to read it."""
import contextlib
import fcntl
import os
import re
import signal

import children
import pytest
from checked_load import CheckedLoad
from processes import Daemon, children_of, free_port, wait_until
from test_access_log_faults import counted

PIPE_BYTES = 4096  # as small as they get


@pytest.fixture(name="full_pipe")
def full_pipe_fixture():
    """Both ends of a pipe that takes nothing more."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    os.write(writer, b"\n" * PIPE_BYTES)
    ends = {"reader": reader, "writer": writer}
    yield ends
    for end in ends.values():
        os.close(end)


def start(words, pipe, folder):
    """With the pipe as stderr."""
    script = f'exec 2>&{pipe["writer"]}; exec "$@"'
    return Daemon(["bash", "-c", script, "bash", *words], folder / "unused.log", pass_fds=[pipe["writer"]])


def read_all(pipe):
    os.set_blocking(pipe["reader"], False)
    text = b""
    with contextlib.suppress(BlockingIOError):
        while more := os.read(pipe["reader"], 65536):
            text += more
    return text.decode("utf-8")


def test_a_pipe_that_nobody_reads_costs_lines_and_no_answer(service, truth, full_pipe, tmp_path):
    """Neither to start, nor to serve, nor to tell of the worst waits for a reader. Nor does a reader who has gone
    end anything."""
    service.client.stop()
    service.server.stop()
    service.metrics_address = ("127.0.0.1", free_port())

    def break_something():
        load.wait_for_more(3)
        os.kill(children.serving_children(service)[0], signal.SIGKILL)
        generation = counted(service, "server_snapshot_generation")
        service.server.signal(signal.SIGHUP)
        wait_until(lambda: counted(service, "server_snapshot_generation") > generation, "a reload")
        before = children_of(service.client.pid)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: set(children_of(service.client.pid)) - set(before), "another worker")
        load.wait_for_more(3)

    with contextlib.ExitStack() as stack:
        words = [*service.server_words(), "--socket", service.socket, "--log-level", "debug"]
        service.server = stack.enter_context(start(words, full_pipe, tmp_path))
        service.server.wait_ready(service.server_answers)
        service.client = stack.enter_context(start(service.client_words(), full_pipe, tmp_path))
        service.client.wait_ready(service.client_answers)
        service.wait_for_metrics()
        with CheckedLoad(service.address, truth) as load:
            break_something()
            assert counted(service, "server_log_lines_dropped_total") > 2
            assert counted(service, "http_log_lines_dropped_total") > 0
            assert read_all(full_pipe).strip() == ""
            break_something()
            text = read_all(full_pipe)
            assert len(re.findall(r"mirrorlist_server\[\d+\]: log lines dropped count=\d+\n", text)) == 1
            assert "mirrorlist_client" in text and "snapshot loaded" in text
            os.close(full_pipe.pop("reader"))
            break_something()
        # A killed worker may have been within an answer; all others are right.
        assert [failure for failure in load.failures if "wrong answer" in failure or "refused" in failure.lower()] == []
        assert service.client.stop() == 0
        assert service.server.stop() == 0
