"""The manual as a test reads it: which commands a page has, and what an operator's machine looks like to them."""
import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess

from processes import free_port, is_running, wait_until
from service import LOOKUP_TIMEOUT

PROGRAMS = ("mirrorlist_client", "mirrorlist_server", "cache_builder", "mirror_admin")


@dataclasses.dataclass
class Block:
    line: int
    language: str
    reason: str  # why it is not run; empty: it is
    indent: int
    lines: list

    def commands(self):
        """Of a console block: each command with the output that the page shows. "> " continues a command."""
        found = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> ") or line == ">":
                found[-1] = (found[-1][0] + "\n" + line[2:], [])
            else:
                found[-1][1].append(line)
        return found


def blocks(page):
    """Every fenced block. `<!-- not run: REASON -->` on the line before it counts."""
    found, reason, block = [], "", None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if block is not None and text == "```":
            found.append(block)
            block, reason = None, ""
        elif block is not None:
            block.lines.append(line[block.indent:])
        elif text.startswith("```"):
            block = Block(number, text[3:], reason, len(line) - len(line.lstrip()), [])
        elif text:
            match = re.fullmatch(r"<!-- not run: (.+) -->", text)
            reason = match[1] if match else ""
    return found


def shows(expected, output):
    """Whether the lines of the page come in the output, in their order, "…" standing for anything."""
    lines = iter(output.splitlines())
    for wanted in expected:
        pattern = re.compile(".*".join(map(re.escape, wanted.rstrip().split("…"))))
        if wanted.strip() != "…" and not any(pattern.fullmatch(line.rstrip()) for line in lines):
            return False
    return True


def follow(page, run):
    """Runs every command of the page, in its order, by `run`, which returns its status and output."""
    for block in blocks(page):
        if block.language != "console" or block.reason:
            continue
        for command, expected in block.commands():
            status, output = run(command)
            told = f"{page.name}:{block.line}: {command}\n{output}"
            assert status == 0, told
            assert shows(expected, output), f"{told}\nThe page has:\n" + "\n".join(expected)


SYSTEMCTL = r"""#!/bin/bash
# What systemctl does for the two daemons, without systemd: start, stop, reload, kill --signal=X, enable --now. A geolocation
# file is fetched from the sample network.
set -euo pipefail
pid_of() { pgrep -o -f "/$1 --config $MANUAL_CONFIG " || true; }
start() {
  case $1 in
    mirrorlist_server | mirrorlist_client) ;;
    mirrorway-geoip) cp deploy/sample/networks.mmdb "$MANUAL_STATE/geoip.mmdb" && return ;;
    *) return 0 ;;
  esac
  [ -z "$(pid_of "$1")" ] || return 0
  setsid "$MANUAL_BIN/$1" --config "$MANUAL_CONFIG" >>"$MANUAL_LOGS/$1.log" 2>&1 </dev/null &
  while kill -0 $!; do
    if grep -qs ': ready ' "$MANUAL_LOGS/$1.log"; then return 0; fi
    sleep 0.02
  done
  cat "$MANUAL_LOGS/$1.log" >&2
  return 1
}
stop() {
  case $1 in mirrorlist_server | mirrorlist_client) kill "$(pid_of "$1")" ;; esac
}
verb=$1 signal=TERM now=false
shift
names=()
for word in "$@"; do
  case $word in
    --now) now=true ;;
    --signal=*) signal=${word#*=} ;;
    --kill-whom=main) ;;
    -*) echo "no option $word here" >&2; exit 2 ;;
    *) names+=("$word") ;;
  esac
done
for name in "${names[@]}"; do
  compgen -G "$MANUAL_UNITS/${name%.*}*" >/dev/null || { echo "no unit $name" >&2; exit 5; }
  case $verb in
    start) start "$name" ;;
    enable) if $now; then start "$name"; fi ;;
    stop | disable) stop "$name" ;;
    kill) kill -s "$signal" "$(pid_of "$name")" ;;
    reload) if [ "$name" = mirrorlist_server ]; then kill -HUP "$(pid_of "$name")"; else kill -USR2 "$(pid_of "$name")"; fi ;;
    *) echo "no verb $verb here" >&2; exit 2 ;;
  esac
done
"""

# The defaults are places of the machine: where neither the command nor the file names another, these stand in for them.
PROGRAM = """#!/bin/bash
words=("$@")
for pair in {defaults}; do
  key=${{pair%%=*}} flag=--${{pair%%=*}}
  flag=${{flag//_/-}}
  if [[ " $* " != *" $flag "* ]] && ! grep -q "^$key =" "$MANUAL_CONFIG"; then
    words+=("$flag" "${{pair#*=}}")
  fi
done
exec {program} "${{words[@]}}"
"""

SUDO = """#!/bin/bash
if [ "$1" = -u ]; then shift 2; fi
exec "$@"
"""


class Machine:
    """A folder in the place of /etc, /run and /var/lib, free ports in the place of 8080 and 9393, and commands that
    act on these. Use as a context; leaving it ends the daemons that were started in it."""

    def __init__(self, programs, source, folder):
        self.source = source
        self.folder = pathlib.Path(folder)
        self.bin = self.folder / "bin"
        self.config = self.folder / "etc" / "mirrorway.toml"
        for name in ("bin", "etc", "run", "state", "logs", "home"):
            (self.folder / name).mkdir(parents=True)
        state, run = self.folder / "state", self.folder / "run"
        defaults = {
            programs.admin: f"catalog=sqlite:///{state}/catalog.db snapshot={state}/mirrorlist.snapshot",
            programs.builder: f"catalog=sqlite:///{state}/catalog.db output={state}/mirrorlist.snapshot",
            programs.server: f"snapshot={state}/mirrorlist.snapshot socket={run}/mirrorlist_server.sock geoip={state}/geoip.mmdb",
            programs.client: f"server_socket={run}/mirrorlist_server.sock lookup_timeout={LOOKUP_TIMEOUT}",
        }
        for path, words in defaults.items():
            self.write(path.name, PROGRAM.format(defaults=words, program=path.resolve()))
        for path in (source / "deploy").iterdir():
            if path.is_file() and os.access(path, os.X_OK) and path.name not in ("quickstart", "install-packages"):
                (self.bin / path.name).symlink_to(path)
        self.write("systemctl", SYSTEMCTL)
        self.write("sudo", SUDO)
        manual = programs.build / "manual" / "mirrorway.toml"
        if manual.is_file():
            shutil.copy(manual, self.config)
        self.places = {
            "/etc/mirrorway": str(self.folder / "etc" / "mirrorway"),
            "/run/mirrorway": str(self.folder / "run"),
            "/var/lib/mirrorway": str(self.folder / "state"),
            "/var/log/mirrorway": str(self.folder / "logs"),
            "127.0.0.1:8080": f"127.0.0.1:{free_port()}",
            "127.0.0.1:9393": f"127.0.0.1:{free_port()}",
        }
        self.environment = {
            **os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}:/usr/sbin", "HOME": str(self.folder / "home"),
            "LC_ALL": "C.UTF-8", "MIRRORWAY_CONFIG": str(self.config), "MANUAL_BIN": str(self.bin), "MANUAL_CONFIG": str(self.config),
            "MANUAL_LOGS": str(self.folder / "logs"), "MANUAL_STATE": str(self.folder / "state"),
            "MANUAL_UNITS": str(source / "deploy" / "systemd"),
        }

    def write(self, name, script):
        (self.bin / name).write_text(script, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def here(self, text):
        for place, ours in self.places.items():
            text = text.replace(place, ours)
        return text

    def there(self, text):
        for place, ours in self.places.items():
            text = text.replace(ours, place)
        return text

    def run(self, command):
        """Status and output, both streams together, as the manual would show them."""
        done = subprocess.run(["bash", "-c", "set -o pipefail; " + self.here(command)], cwd=self.source,
                              env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        return done.returncode, self.there(done.stdout)

    def daemons(self):
        done = subprocess.run(["pgrep", "-f", "--", f"--config {self.config} "], capture_output=True, text=True, check=False)
        return [int(pid) for pid in done.stdout.split()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        ended = self.daemons()
        for pid in ended:
            with contextlib.suppress(ProcessLookupError):  # it ended, or was a child of one that did
                os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not any(map(is_running, ended)), "the daemons of the manual to end")
