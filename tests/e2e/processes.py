"""Starts, watches and stops programs. Nothing here sleeps for luck: every wait has a condition and a deadline."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60

# How AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer begin what they have to say.
SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error: |AddressSanitizer:DEADLYSIGNAL|"
                              r"AddressSanitizer: CHECK")


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


def is_open(address):
    """Whether somebody listens at (host, port)."""
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0


def run(words, check=True, **options):
    """Runs a program to its end and returns it with its output as text."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False,
                          timeout=300, **options)
    refuse_reports(" ".join(map(str, words)), done.stderr)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


ADDRESS = re.compile(r"\((/\S+)\+(0x[0-9a-f]+)\)")


def name_of(address):
    """The function and the line, instead of a program and an address in it."""
    done = subprocess.run(["addr2line", "-Cfpe", *address.groups()], capture_output=True, text=True, check=False)
    return done.stdout.strip() or address[0]


class SanitizerReport(AssertionError):
    """A sanitizer has found something in a program, whatever became of the requests."""


def refuse_reports(program, text):
    found = SANITIZER_REPORT.search(text)
    if found:
        begin = text.rfind("\n", 0, found.start()) + 1
        report = f"{program}:\n{ADDRESS.sub(name_of, text[begin:begin + 8000])}"
        if "MIRRORWAY_REPORTS" in os.environ:
            with open(os.environ["MIRRORWAY_REPORTS"], "a", encoding="utf-8") as reports:
                reports.write(report + "\n")
        raise SanitizerReport(report)


def refuse_reports_in_logs():
    """Fails when a sanitizer has reported something in any daemon's log since the last call: also of children,
    workers and successors, which write to the same log and whose end may cost no answer."""
    for path, seen in list(Daemon.seen.items()):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            del Daemon.seen[path]
            continue
        # Whole lines: the last one may be only half there.
        end = content.rfind(b"\n") + 1
        Daemon.seen[path] = max(end, seen)
        refuse_reports(path, content[seen:end].decode("utf-8", errors="replace"))


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


@contextlib.contextmanager
def family_stopped(pid):
    """The process and its children are stopped, the parent first: when it has stopped, it starts no further one."""
    stopped = []

    def stop(one):
        os.kill(one, signal.SIGSTOP)
        stopped.append(one)
        wait_until(lambda: state_of(one) in "TZ", f"process {one} to stop")

    try:
        stop(pid)
        for child in children_of(pid):
            stop(child)
        yield
    finally:
        for one in stopped:
            try:
                os.kill(one, signal.SIGCONT)
            except ProcessLookupError:
                pass


def memory_of(pid):
    """Bytes that a process has in memory."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def state_of(pid):
    """The letter by which the kernel calls it: "S" sleeps, "T" is stopped, "Z" is a zombie."""
    stat = pathlib.Path("/proc", str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    return stat.rpartition(")")[2].split()[0]


def is_running(pid):
    """Whether there is such a process; a zombie does not count."""
    try:
        return state_of(pid) != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Daemon:
    """A running program whose log is kept. Use as a context; leaving it ends the program by its process id, and
    fails when a sanitizer has reported anything."""

    seen = {}  # of each log: how much has been looked at for reports

    def __init__(self, words, log, **options):
        self.words = [str(word) for word in words]
        self.log_path = pathlib.Path(log)
        Daemon.seen.setdefault(self.log_path, 0)
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

    def once_ready(self, is_ready):
        """Returns itself when it is ready; one that does not get so is ended."""
        try:
            self.wait_ready(is_ready)
        except BaseException:
            self.__exit__()
            raise
        return self

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
        refuse_reports_in_logs()


def socket_passed(listener, words, log):
    """Starts a daemon as systemd does one whose socket it holds."""
    script = f'exec 3<&{listener.fileno()}; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=any; exec "$@"'
    return Daemon(["bash", "-c", script, "bash", *words], log, pass_fds=[listener.fileno()])
