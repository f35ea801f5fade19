"""Real mirrors: nginx on loopback addresses, the catalog that names them, and what they carry."""
import contextlib
import os
import shutil

import pytest
from processes import Daemon, free_port, is_open
from service import Catalog, Service

CATEGORY = "Tern"
TOP = "pub/linux"  # below the prefix of files by their own URLs


def need(*programs):
    """Skips, loudly, where one is absent."""
    for program in programs:
        if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin") is None:
            pytest.skip(f"{program} is not installed (deploy/install-packages test-full)")


def skip_with_sanitizers(programs, reason):
    if programs.has_sanitizers():
        pytest.skip("not with sanitizers: " + reason)


class Mirror(Daemon):
    """nginx on an address of its own, serving `root`."""

    def __init__(self, address, root, folder):
        self.address = (address, free_port(address))
        at = "%s:%d" % self.address
        self.url = f"http://{at}/{TOP}"
        folder.mkdir()
        self.access_log = folder / "access.log"
        config = folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""  # pytest's folders are open to their owner only
        config.write_text(f"""
{user}
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  access_log {self.access_log};
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {at}; root {root}; }}
}}
""", encoding="utf-8")
        super().__init__([shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", config, "-e", "stderr"],
                         folder / "log")

    def __enter__(self):
        return self.once_ready(lambda: is_open(self.address))

    def requests(self):
        """The lines of its log so far, as text."""
        return self.access_log.read_text(encoding="utf-8")


class Network(contextlib.ExitStack):
    """A catalog that is filled by hand, its mirrors, and both daemons. Use as a context.

    Tests run on loopback, so each mirror is given a netblock there: the one added first has the
    longest and is the first that every client is told, the one added next is the second, and so on.
    """

    def __init__(self, programs, folder):
        super().__init__()
        self.programs = programs
        self.folder = folder
        self.catalog = Catalog(programs, folder)
        self.mirrors = []
        self.service = None
        self.admin("add", "category", CATEGORY, f"top_directory={TOP}")

    def admin(self, *words):
        return self.catalog.admin(*words)

    def add_mirror(self, root):
        """Starts one that serves `root`."""
        number = len(self.mirrors)
        mirror = self.enter_context(Mirror(f"127.0.0.{number + 2}", root, self.folder / f"mirror{number}"))
        name = f"mirror{number}.example"
        self.admin("add", "site", f"Site {number}")
        self.admin("add", "host", name, f"site=Site {number}", f"netblocks=127.0.0.0/{31 - number}", "any_netblocks=yes",
                   "country=de")
        self.admin("add", "url", name, CATEGORY, mirror.url)
        self.admin("edit", "carriage", name, CATEGORY, "always_up_to_date=yes")
        self.mirrors.append(mirror)
        return mirror

    def add_directory(self, path):
        self.admin("add", "directory", f"{TOP}/{path}", f"category={CATEGORY}")

    def add_repository(self, name, architecture, path):
        self.admin("add", "repository", name, architecture, f"category={CATEGORY}", f"directory={TOP}/{path}")

    def add_file(self, directory, file, **keys):
        """A version of a file: what it is, the catalog sees for itself."""
        self.admin("add", "file", f"{TOP}/{directory}", f"name={file.name}", f"from={file}",
                   *(f"{key}={value}" for key, value in keys.items()))

    def start(self, *client_options):
        snapshot = self.folder / "mirrorlist.snapshot"
        self.catalog.build(snapshot)
        self.service = self.enter_context(
            Service(self.programs, self.folder, snapshot, client_options=client_options))
        return self.service

    @property
    def base(self):
        return "http://%s:%d" % self.service.address
