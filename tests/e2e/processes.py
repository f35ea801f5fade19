"""Starts, watches and stops programs. Nothing here sleeps for luck: every wait has a condition and a deadline."""
import os
import pathlib
import signal
import socket
import subprocess
import time

DEADLINE_SECONDS = 20


def wait_until(condition, what, seconds=DEADLINE_SECONDS):
    """Returns the first true result of `condition`; fails the test when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.005)  # between two looks at the condition


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, 0))
        return probe.getsockname()[1]


def run(words, check=True, **options):
    """Runs a program to its end and returns it with its output as text."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False,
                          timeout=120, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


def children_of(pid):
    """The process ids of the living children; zombies do not count."""
    children = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            children.append(int(stat.parent.name))
    return sorted(children)


class Daemon:
    """A running program whose log is kept. Use as a context; leaving it ends the program by its process id."""

    def __init__(self, words, log, **options):
        self.words = [str(word) for word in words]
        self.log_path = pathlib.Path(log)
        with open(log, "ab") as stderr:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=stderr,
                                            stderr=stderr, **options)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def signal(self, number):
        os.kill(self.pid, number)

    def wait_ready(self, is_ready):
        def look():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.words[0]} ended with status {self.process.returncode}:\n"
                                     f"{self.log()}")
            return is_ready()
        wait_until(look, f"{self.words[0]} ready; its log:\n{self.log()}")

    def stop(self):
        """Asks it to end, and returns the exit status."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.words[0]} did not end on SIGTERM:\n{self.log()}") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
