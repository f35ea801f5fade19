"""A whole Mirrorway: catalog, snapshot, the two daemons, and questions to them."""
import contextlib
import dataclasses
import fcntl
import http.client
import os
import pathlib
import shutil
import socket
import urllib.parse

from processes import Daemon, free_port, is_open, run, wait_until

# A frame with the number 1 that asks for the mirrorlist of a repository "os" for x86_64 (proto/LOOKUP.md).
LOOKUP = bytes.fromhex("12000000" "01000000" "12026f731a067838365f36342a04c0000201")
# Of a front end: machines that others use stop for longer than the default; the web servers in front wait for 5s.
LOOKUP_TIMEOUT = "4s"


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: str

    @property
    def urls(self):
        """The lines of a mirrorlist but its comments."""
        return [line for line in self.body.split("\n") if line and not line.startswith("#")]

    @property
    def found_via(self):
        return self.headers.get("x-mirrorway-found-via")


class Connection:
    """Keep-alive HTTP to one address. A connection closed by the other side is an error, not reopened."""

    def __init__(self, address, source=None, seconds=30, entered=contextlib.nullcontext):
        """`entered` makes a context in which sockets are made: now, and when an answer has said that it is the last one here."""
        host, port = address
        self.http = http.client.HTTPConnection(host, port, timeout=seconds,
                                               source_address=source and (source, 0))
        connect = self.http.connect

        def connect_there():
            with entered():
                connect()
        self.http.connect = connect_there
        self.http.connect()

    def ask(self, target, method="GET", headers=None):
        """`target` goes out byte for byte."""
        self.http.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            self.http.putheader(name, value)
        self.http.endheaders()
        response = self.http.getresponse()
        body = response.read().decode("utf-8")
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, body)

    def close(self):
        self.http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def query(**parameters):
    return "/mirrorlist?" + urllib.parse.urlencode(parameters)


def install(programs, *words):
    """cmake --install. One at a time: units are written into the build folder on their way."""
    with open(programs.build / "install.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run(["cmake", "--install", programs.build, *words])


class Programs:
    def __init__(self, build):
        self.build = pathlib.Path(build)
        self.admin = self.build / "admin" / "mirror_admin"
        self.builder = self.build / "cache_builder" / "cache_builder"
        self.server = self.build / "mirrorlist_server" / "mirrorlist_server"
        self.client = self.build / "mirrorlist_client" / "mirrorlist_client"

    def missing(self):
        return [path for path in (self.admin, self.builder, self.server, self.client) if not path.is_file()]

    def has_sanitizers(self):
        """Such a build is slower, maps terabytes, keeps what is freed for a while, and has a wider sandbox."""
        return "MIRRORWAY_SANITIZE:BOOL=ON" in (self.build / "CMakeCache.txt").read_text(encoding="utf-8")


class Catalog:
    """A catalog, used by the command line; a file in `folder` unless it has a URL."""

    def __init__(self, programs, folder, url=None):
        self.programs = programs
        self.path = pathlib.Path(folder) / "catalog.db"
        self.url = url or f"sqlite:///{self.path}"
        self.admin("init")

    def admin(self, *words, **options):
        return run([self.programs.admin, "--catalog", self.url, *words], **options)

    def load_sample(self, source):
        run([source / "deploy" / "sample" / "load", self.programs.admin, self.url])

    def build(self, snapshot, **options):
        return run([self.programs.builder, "build", "--catalog", self.url, "--output", snapshot],
                   **options)


@dataclasses.dataclass
class Sample:
    """What a service of the sample network is made of."""
    snapshot: pathlib.Path
    networks: pathlib.Path  # the geolocation file


class Service:
    """Both daemons over one snapshot. Use as a context."""

    def __init__(self, programs, folder, snapshot, geoip="none", server_options=(), client_options=(),
                 has_metrics=False, lookup_timeout=None):
        self.programs = programs
        self.folder = pathlib.Path(folder)
        self.snapshot = pathlib.Path(snapshot)
        self.geoip = geoip if isinstance(geoip, list) else [geoip]
        self.server_options = list(server_options)
        self.client_options = list(client_options)
        # With sanitizers a fork takes a hundred times as long: seconds, on a machine that is slow.
        self.lookup_timeout = lookup_timeout or ("20s" if programs.has_sanitizers() else LOOKUP_TIMEOUT)
        self.socket = self.folder / "server.sock"
        self.address = ("127.0.0.1", free_port())
        self.metrics_address = ("127.0.0.1", free_port()) if has_metrics else None
        self.stack = contextlib.ExitStack()
        self.server = self.client = None

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.server = stack.enter_context(self.start_server())
            self.client = stack.enter_context(self.start_client())
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def start_server(self):
        words = [*self.server_words(), "--socket", self.socket]
        return Daemon(words, self.folder / "server.log").once_ready(self.server_answers)

    def server_words(self):
        """How to start it, but for the socket."""
        words = [self.programs.server, "--snapshot", self.snapshot]
        for file in self.geoip:
            words += ["--geoip", file]
        if "--rotation" not in self.server_options:
            words += ["--rotation", "3650d"]  # otherwise each client's order changes once a day: while a test compares
        return words + self.server_options

    def start_client(self):
        return Daemon(self.client_words(), self.folder / "client.log").once_ready(self.client_answers)

    def client_words(self):
        words = [self.programs.client, "--listen", "%s:%d" % self.address, "--server-socket", self.socket,
                 "--metrics-listen", "%s:%d" % self.metrics_address if self.metrics_address else "none"]
        return words + ["--lookup-timeout", self.lookup_timeout] + self.client_options

    def publish(self, snapshot):
        """What cache_builder does: a new file renamed over the old one."""
        temporary = self.snapshot.with_suffix(".new")
        shutil.copy(snapshot, temporary)
        os.rename(temporary, self.snapshot)

    def server_answers(self):
        """It listens before it has loaded anything."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self.socket))
                probe.sendall(LOOKUP)
                return probe.recv(8)[4:] == LOOKUP[4:8]
            except OSError:
                return False

    def client_answers(self):
        try:
            return self.ask("/mirrorlist?repo=ready&arch=ready").status != 503
        except (OSError, http.client.HTTPException):
            return False

    def connect(self, source=None):
        return Connection(self.address, source)

    def wait_for_metrics(self):
        """It listens on its own, a moment later than the workers."""
        wait_until(lambda: is_open(self.metrics_address), "the metrics listener")

    def ask_metrics(self, target, method="GET", headers=None):
        with Connection(self.metrics_address) as connection:
            return connection.ask(target, method, headers)

    def ask(self, target, method="GET", headers=None, source=None):
        with self.connect(source) as connection:
            return connection.ask(target, method, headers)
