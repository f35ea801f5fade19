"""Real nginx and Apache with the site files of deploy/, which are used as they are: everything particular is in the
files that an operator edits, too. And a front end that writes down what reaches it."""
import contextlib
import os
import shutil
import socket
import socketserver
import ssl
import threading

from mirrors import need
from processes import Daemon, free_port, is_open, run

PATH = "/usr/sbin:/usr/bin"
# Who asks through the proxy in front of the web server.
FAR_CLIENT = "198.18.2.7"


def make_certificate(folder):
    """A certificate for "mirrors.example" and its key."""
    need("openssl")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=mirrors.example", "-addext", "subjectAltName=DNS:mirrors.example",
         "-keyout", key, "-out", certificate])
    return certificate, key


class WebServer(Daemon):
    """A web server with our site before the front end at `front_end` ("HOST:PORT"). `before` is what is in front
    of it: "" nothing, "proxy" one at 127.0.0.1 that sends X-Forwarded-For, "PROXY" one that speaks the PROXY
    protocol. Use as a context."""

    def __init__(self, source, folder, front_end, before="", starts=True):
        self.site = source / "deploy" / self.name
        self.folder = folder
        self.static = folder / "static"
        self.static.mkdir(parents=True)
        self.certificate, self.key = make_certificate(folder)
        self.http, self.https = free_port(), free_port()
        self.before = before
        self.configure(front_end)
        self.words = self.command()
        if starts:
            super().__init__(self.words, folder / "log")

    def __enter__(self):
        return self.once_ready(lambda: is_open(("127.0.0.1", self.https)))

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def connect(self, port=None, source=None):
        """A TCP connection; encrypted where the port is."""
        port = port or self.http
        peer = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=source and (source, 0))
        return self.encrypt(peer) if port == self.https else peer

    def encrypt(self, peer):
        context = ssl.create_default_context(cafile=str(self.certificate))
        return context.wrap_socket(peer, server_hostname="mirrors.example")

    def curl(self, target, *words, scheme="https", host="127.0.0.1", check=True):
        """Asks with curl for exactly this target; what it prints has the head, too."""
        need("curl")
        port = self.https if scheme == "https" else self.http
        bracketed = f"[{host}]" if ":" in host else host
        return run(["curl", "--silent", "--show-error", "--include", "--max-time", "20", "--path-as-is", "--globoff",
                    "--cacert", self.certificate, "--connect-to", f"mirrors.example:{port}:{bracketed}:{port}", *words,
                    f"{scheme}://mirrors.example:{port}{target}"], check=check).stdout


class Nginx(WebServer):
    name = "nginx"
    files_to_edit = ["mirrorway/server.conf", "mirrorway/upstream.conf"]

    def configure(self, front_end):
        need("nginx")
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(f"{name}_temp_path {self.folder}/temporary;"
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.write("nginx.conf", f"""
{user} daemon off; pid {self.folder}/pid; error_log stderr; worker_processes 2;
events {{}}
http {{ access_log off; {temporary} include sites-enabled/*.conf; }}
""")
        (self.folder / "sites-enabled").mkdir()
        (self.folder / "sites-enabled" / "mirrorway.conf").symlink_to(self.site / "mirrorway.conf")
        proxy = " proxy_protocol" if self.before == "PROXY" else ""
        trust = {"": "", "proxy": "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; real_ip_recursive on;",
                 "PROXY": "set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;"}[self.before]
        self.write("mirrorway/server.conf", f"""
server_name mirrors.example; root {self.static};
listen 127.0.0.1:{self.http}{proxy}; listen [::1]:{self.http}{proxy};
listen 127.0.0.1:{self.https} ssl http2{proxy}; listen [::1]:{self.https} ssl http2{proxy};
ssl_certificate {self.certificate}; ssl_certificate_key {self.key};
{trust}
""")
        self.write("mirrorway/upstream.conf", f"server {front_end} max_fails=0;\n")

    def command(self):
        return [shutil.which("nginx", path=PATH), "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr"]

    def check(self):
        """What the server says of its configuration."""
        done = run([*self.words, "-t"])
        return [line for line in done.stderr.splitlines() if "syntax is ok" not in line and "is successful" not in line]


class Apache(WebServer):
    name = "apache"
    files_to_edit = ["mirrorway-local.conf"]
    modules = ("mpm_event authz_core socache_shmcb ssl http2 proxy proxy_http headers setenvif rewrite macro asis "
               "allowmethods reqtimeout")

    def configure(self, front_end):
        need("apache2")
        listen = "".join(f"Listen {address}:{port}\n" for port in (self.http, self.https)
                         for address in ("127.0.0.1", "[::1]"))
        trust = {"": "", "proxy": "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.1\n",
                 "PROXY": "RemoteIPProxyProtocol On\n"}[self.before]
        modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                          for name in self.modules.split() + (["remoteip"] if self.before else []))
        self.write("apache2.conf", f"""
ServerRoot {self.folder}
DefaultRuntimeDir {self.folder}
PidFile {self.folder}/pid
ErrorLog {self.folder}/log
ServerName localhost
User nobody
Group nogroup
StartServers 1
{modules}{listen}{trust}
Include mirrorway-local.conf
IncludeOptional sites-enabled/*.conf
""")
        (self.folder / "sites-enabled").mkdir()
        (self.folder / "sites-enabled" / "mirrorway.conf").symlink_to(self.site / "mirrorway.conf")
        self.write("mirrorway-local.conf", f"""
Define MIRRORWAY_HTTP *:{self.http}
Define MIRRORWAY_HTTPS *:{self.https}
Define MIRRORWAY_CERTIFICATE {self.certificate}
Define MIRRORWAY_KEY {self.key}
Define MIRRORWAY_FRONT_END {front_end}
Define MIRRORWAY_STATIC {self.static}
""")

    def command(self):
        return [shutil.which("apache2", path=PATH), "-d", self.folder, "-f", self.folder / "apache2.conf",
                "-DFOREGROUND"]

    def check(self):
        done = run([word for word in self.words if word != "-DFOREGROUND"] + ["-t"])
        return [line for line in (done.stdout + done.stderr).splitlines() if line != "Syntax OK"]


SERVERS = {"nginx": Nginx, "apache": Apache}


class Recorder(contextlib.ExitStack):
    """In the front end's place: answers everything alike, and keeps the heads of requests and counts connections.
    Use as a context."""

    ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nok\n"

    def __init__(self):
        super().__init__()
        self.heads = []
        self.connections = 0
        recorder = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                recorder.connections += 1
                lines = []
                for line in self.rfile:
                    lines.append(line.rstrip(b"\r\n"))
                    if not lines[-1]:
                        recorder.heads.append(lines[:-1])
                        lines = []
                        self.wfile.write(recorder.ANSWER)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

        self.server = self.enter_context(Server(("127.0.0.1", 0), Handler))
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.callback(thread.join)
        self.callback(self.server.shutdown)

    def values(self, name):
        """Of the header in the last request."""
        pairs = [line.split(b":", 1) for line in self.heads[-1][1:]]
        return [value.strip().decode() for key, value in pairs if key.lower() == name.lower().encode()]

    @property
    def target(self):
        return self.heads[-1][0].split(b" ")[1]


def exchange(peer, request):
    """Sends bytes, and returns all that comes until the other side closes."""
    peer.sendall(request)
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while more := peer.recv(65536):
            received += more
    return received
