"""A whole site: a machine with the catalog, front-end hosts and HAProxy before them, each in a network namespace of its
own. Scripts and site files are those of deploy/, as they are."""
import contextlib
import os
import shutil

from mirrors import need
from namespaces import Wire
from processes import Daemon, is_open, run, wait_until
from service import Catalog, Service, query
from web_servers import make_certificate

# As in the files of deploy/haproxy and deploy/nginx.
BALANCER, FRONT_ENDS = "192.0.2.10", {"front-1": "192.0.2.11", "front-2": "192.0.2.12"}
BUILDER, USER = "192.0.2.20", "192.0.2.100"
URL = f"http://{BUILDER}/mirrorlist.snapshot"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

CORE = query(repo="core-6.2", arch="x86_64", ip="198.18.2.7")
MARK = "mirror.rheinhost.example"  # in the answer to CORE when, and only when, the catalog had it active


class FrontEnd(Service):
    """Both daemons on a host, over a snapshot that came from elsewhere."""

    def __init__(self, programs, source, folder, host, address, geoip):
        folder.mkdir()
        super().__init__(programs, folder, folder / "mirrorlist.snapshot", geoip,
                         client_options=["--trusted-proxies", BALANCER, "--limit-requests-per-prefix", "0"])
        self.script = source / "deploy" / "fetch-snapshot"
        self.host = host
        self.address = (address, 8080)
        self.metrics_address = (address, 9393)

    def server_words(self):
        return self.host.inside(super().server_words())

    def client_words(self):
        return self.host.inside(super().client_words())

    def connect(self, source=None):
        return self.host.connect(self.address)

    def start_server(self):
        server = super().start_server()
        (self.folder / "server.pid").write_text(str(server.pid), encoding="ascii")
        return server

    def fetch_words(self, where):
        pid = self.folder / "server.pid"
        tell = f"test ! -e {pid} || kill -HUP $(cat {pid})"  # units say so by the program's name
        path = f"PATH={self.programs.server.parent}:{PATH}"
        return self.host.inside(["env", path, self.script, "--then", tell, where, self.snapshot])

    def fetch(self, check=True):
        """What cron or systemd do once a minute."""
        return run(self.fetch_words(URL), check=check)

    def has_mark(self):
        return MARK in self.ask(CORE).body

    def is_ready(self):
        with contextlib.suppress(OSError), self.host.connect(self.metrics_address, seconds=2) as connection:
            return connection.ask("/health/ready").status == 200
        return False

    def answers(self):
        """How many it has given since it started."""
        with self.host.connect(self.metrics_address) as connection:
            lines = connection.ask("/metrics").body.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines
                   if line.startswith("mirrorway_http_requests_total{"))

    def start(self):
        self.__enter__()
        wait_until(self.is_ready, f"{self.host.name} ready")

    def kill(self):
        for daemon in (self.client, self.server):
            daemon.process.kill()
            daemon.process.wait()


class Site(Wire):
    """Use as a context."""

    def __init__(self, programs, source, folder, geoip):
        need("haproxy", "nginx", "curl", "openssl")
        super().__init__(folder)
        self.programs, self.source, self.geoip = programs, source, geoip
        self.catalog_folder = folder / "catalog"
        self.snapshot = self.catalog_folder / "mirrorlist.snapshot"

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.push(self)
            super().__enter__()
            self.balancer = self.add_host("balancer", BALANCER)
            self.builder = self.add_host("builder", BUILDER)
            self.user = self.add_host("user", USER)
            self.fill_catalog()
            self.publish()
            self.configure_nginx()
            self.nginx = self.enter_context(self.start_nginx())
            self.front_ends = [
                FrontEnd(self.programs, self.source, self.folder / name, self.add_host(name, address), address,
                         self.geoip) for name, address in FRONT_ENDS.items()]
            for front_end in self.front_ends:
                front_end.fetch()
                front_end.start()
                self.push(front_end)
            self.haproxy = self.enter_context(self.start_haproxy())
            self.write_ssh()
            stack.pop_all()
        return self

    # --- the machine with the catalog

    def fill_catalog(self):
        self.catalog_folder.mkdir()
        catalog = Catalog(self.programs, self.catalog_folder)
        catalog.load_sample(self.source)
        self.use_catalog(catalog)

    def use_catalog(self, catalog):
        self.catalog = catalog
        config = f'[cache_builder]\ncatalog = "{catalog.url}"\n'
        (self.catalog_folder / "mirrorway.toml").write_text(config, encoding="utf-8")

    @contextlib.contextmanager
    def catalog_at(self, url):
        """The sample network in another catalog; the one before is taken again afterwards."""
        before = self.catalog
        catalog = Catalog(self.programs, self.catalog_folder, url)
        catalog.load_sample(self.source)
        self.use_catalog(catalog)
        try:
            yield
        finally:
            self.use_catalog(before)

    def set_mark(self, is_active):
        self.catalog.admin("enable" if is_active else "disable", "host", MARK)

    def build_command(self, *words):
        """What an operator types there; what comes of it is for the next cycle."""
        return self.builder.run(self.programs.builder, "--config", self.catalog_folder / "mirrorway.toml", "--output",
                                self.snapshot, *words)

    def publish(self, *options, check=True):
        """What cron or systemd do every few minutes."""
        path = f"PATH={self.folder}/bin:{self.programs.builder.parent}:{PATH}"
        return run(self.builder.inside(
            ["env", path, self.source / "deploy" / "publish-snapshot", "--config",
             self.catalog_folder / "mirrorway.toml", *options, self.snapshot]), check=check)

    def write_ssh(self):
        """In the place of ssh, to an account with a key that is bound to deploy/fetch-snapshot."""
        (self.folder / "hosts").write_text("".join(f"{name}\n" for name in FRONT_ENDS), encoding="utf-8")
        (self.folder / "bin").mkdir()
        script = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nexport SSH_ORIGINAL_COMMAND="$3"\ncase $2 in\n'
        for front_end in self.front_ends:
            script += f"  {front_end.host.name}) exec {self.words_of_command(front_end)} ;;\n"
        path = self.folder / "bin" / "ssh"
        path.write_text(script + "esac\n", encoding="utf-8")
        path.chmod(0o755)

    @staticmethod
    def words_of_command(front_end):
        return " ".join(f"'{word}'" for word in front_end.fetch_words("-"))

    def configure_nginx(self):
        folder = self.folder / "nginx"
        (folder / "mirrorway").mkdir(parents=True)
        (folder / "snapshot.conf").symlink_to(self.source / "deploy" / "nginx" / "snapshot.conf")
        (folder / "mirrorway" / "snapshot-server.conf").write_text(
            f"listen 80; root {self.catalog_folder}; deny {USER};", encoding="utf-8")
        temporary = "".join(f"{name}_temp_path {folder}/temporary;"
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(
            f"user root; daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
            f"http {{ access_log {folder}/access.log; {temporary} include snapshot.conf; }}\n", encoding="utf-8")

    def start_nginx(self):
        folder = self.folder / "nginx"
        words = [shutil.which("nginx", path=PATH), "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"]
        return Daemon(self.builder.inside(words), folder / "log").once_ready(lambda: self.listens(self.builder, 80))

    # --- who asks

    def start_haproxy(self):
        """/etc/haproxy is a folder of the test's, for this process alone."""
        folder = self.folder / "haproxy"
        folder.mkdir()
        self.certificate, key = make_certificate(folder)
        shutil.copy(self.source / "deploy" / "haproxy" / "mirrorway.cfg", folder / "haproxy.cfg")
        (folder / "mirrors.example.pem").write_text(self.certificate.read_text() + key.read_text())
        self.haproxy_words = self.balancer.inside(
            ["unshare", "--mount", "sh", "-c", f'mount --bind {folder} /etc/haproxy && exec "$@"', "sh",
             shutil.which("haproxy", path=PATH), "-f", "/etc/haproxy/haproxy.cfg"])
        return Daemon([*self.haproxy_words, "-db"], folder / "log").once_ready(
            lambda: self.listens(self.balancer, 80) and self.ask(CORE).status == 200)

    @staticmethod
    def listens(host, port):
        with host.entered():
            return is_open(("127.0.0.1", port))

    def connect(self):
        """As everybody does: by way of HAProxy."""
        return self.user.connect((BALANCER, 80))

    def ask(self, target, headers=None):
        with self.connect() as connection:
            return connection.ask(target, headers=headers)
