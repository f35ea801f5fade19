"""A PostgreSQL server in a folder of its own, reached by a Unix socket."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest
from processes import Daemon, run

# Nothing here outlives the test.
SETTINGS = ["listen_addresses=", "fsync=off"]


def program(name):
    """The newest one; Debian has them in no folder of PATH."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        pytest.skip("PostgreSQL is not installed (deploy/install-packages test-full)")
    return found[-1]


class PostgresqlServer:
    """Use as a context, in which it runs; stop and start are for tests."""

    def __init__(self, shared_buffers="16MB"):
        self.settings = [*SETTINGS, f"shared_buffers={shared_buffers}"]
        self.postgres = program("postgres")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mirrorway-"))
        self.data = self.folder / "data"
        self.as_user = []
        if os.geteuid() == 0:  # as whom it refuses to run
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self.url = self.url_of("postgres")
        self.daemon = None

    def __enter__(self):
        run([*self.as_user, program("initdb"), "--pgdata", self.data, "--username", "mirrorway", "--auth", "trust",
             "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"], cwd="/")
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)

    def start(self):
        words = [*self.as_user, self.postgres, "-D", self.data, "-k", self.folder]
        for setting in self.settings:
            words += ["-c", setting]
        self.daemon = Daemon(words, self.folder / "log", cwd="/").once_ready(self.is_ready)

    def url_of(self, database):
        return f"postgresql://mirrorway@/{database}?host={self.folder}"

    def create_database(self, name):
        run([program("createdb"), "--host", self.folder, "--username", "mirrorway", name])

    def is_ready(self):
        return subprocess.run([program("pg_isready"), "--quiet", "--host", self.folder], check=False).returncode == 0

    def stop(self):
        if self.daemon.process.poll() is None:
            assert self.daemon.stop() == 0
