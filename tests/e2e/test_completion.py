"""What bash completes, asked of bash itself."""
import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

PROGRAMS = {"mirrorlist_client": "client", "mirrorlist_server": "server", "cache_builder": "builder",
            "mirror_admin": "admin"}

# A script that asks for the completions of its arguments, the last of which is being typed.
ASK = """
source "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_$1
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module", name="complete")
def complete_fixture(programs):
    def complete(*words, folder="/"):
        script = programs.build / "manual" / "completions" / words[0]
        done = subprocess.run(["bash", "--norc", "-u", "-c", ASK, "ask", script, *words], capture_output=True, text=True,
                              check=True, cwd=folder, timeout=20)
        assert done.stderr == ""
        return set(done.stdout.split())
    return complete


@pytest.mark.parametrize("words, expected", [
    (("mirror_admin", "e"), {"edit", "enable"}),
    (("mirror_admin", "import", ""), {"inventory", "directory-states", "mirrormanager", "asn", "research", "cloud",
                                      "continents"}),
    (("mirror_admin", "import", "cloud", ""), {"aws", "azure", "gcp", "oci"}),
    (("mirror_admin", "--catalog", "x", "add", "ho"), {"host"}),
    (("mirror_admin", "--order", ""), {"distance", "weight"}),
    (("mirror_admin", "remove", "host", "--rec"), {"--recursive"}),
    (("mirror_admin", "remove", "host", "--cat"), {"--catalog"}),
    (("mirror_admin", "remove", "--recursive", "ho"), {"host"}),
    (("mirror_admin", "list", "host", "--json", "--cat"), {"--catalog"}),
    (("mirror_admin", "--catalog", ""), set()),
    (("cache_builder", "b"), {"build"}),
    (("cache_builder", "build", "--if"), {"--if-changed"}),
    (("cache_builder", "build", ""), set()),
    (("cache_builder", "build", "--force", "--dry"), {"--dry-run"}),
    (("mirrorlist_server", "--sandbox", "=", "s"), {"seccomp"}),
    (("mirrorlist_server", "--sandbox", "="), {"seccomp", "none"}),
    (("mirrorlist_client", "--access-log-format", ""), {"json", "combined", "mirrormanager"}),
    (("mirrorlist_client", "--check"), {"--check-config"}),
    (("mirrorlist_server", "--check-config", "--user"), {"--user"}),
])
def test_bash_completes_commands_flags_and_words(words, expected, complete):
    assert complete(*words) == expected


@pytest.mark.parametrize("words", [
    ("mirrorlist_server", "--config"), ("mirrorlist_client", "--config"), ("cache_builder", "--config"),
    ("mirror_admin", "--config"), ("cache_builder", "inspect"), ("cache_builder", "diff", "one"),
    ("mirror_admin", "import", "asn", "one", "two"), ("mirror_admin", "import", "inventory", "--repositories")])
def test_bash_completes_files(words, complete, tmp_path):
    (tmp_path / "mirrorway.toml").touch()
    (tmp_path / "mirrors").mkdir()
    (tmp_path / "other").touch()
    assert complete(*words, "mirr", folder=tmp_path) == {"mirrorway.toml", "mirrors"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_flag_of_the_help_is_completed(program, complete, programs):
    text = subprocess.run([getattr(programs, PROGRAMS[program]), "--help"], capture_output=True, text=True,
                          check=True).stdout
    flags = set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.MULTILINE))
    assert len(flags) > 5
    assert complete(program, "--") >= flags


@pytest.mark.parametrize("program", PROGRAMS)
def test_they_are_installed_where_bash_looks(program, programs, installed):
    script = installed / "share" / "bash-completion" / "completions" / program
    assert script.read_text(encoding="utf-8") == (programs.build / "manual" / "completions" / program).read_text(encoding="utf-8")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_scripts_are_clean(program, programs):
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is absent")
    script = programs.build / "manual" / "completions" / program
    done = subprocess.run(["shellcheck", "--shell=bash", script], capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_a_person_who_presses_tab_gets_the_word(programs):
    script = programs.build / "manual" / "completions" / "mirror_admin"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {**os.environ, "PS1": "> ", "TERM": "dumb"})
    try:
        os.write(terminal, f"source {script}; bind 'set bell-style none'\n".encode())
        os.write(terminal, b"mirror_admin import inv\t--rep\t\x01echo done: \n")
        seen, end = b"", time.monotonic() + 20
        while b"done: mirror_admin import inventory --repositories" not in seen:
            assert time.monotonic() < end, seen
            if select.select([terminal], [], [], 1)[0]:
                seen += os.read(terminal, 4096)
    finally:
        os.close(terminal)  # bash ends with its terminal
        os.waitpid(pid, 0)
