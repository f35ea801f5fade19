"""Every command of the manual is run, page by page, in its order; what cannot be run here says why, and is read at
least. A console block may show output: each of its lines must come, in that order, "…" standing for anything."""
import re
import subprocess

import pytest
from manual import PROGRAMS, Machine, blocks, follow
from processes import SOURCE, run

PAGES = sorted([*(SOURCE / "docs").glob("*.md"), *(SOURCE / "proto").glob("*.md"), SOURCE / "README.md"])
CONSOLE, CONFIGURATION, OTHERS = "console", "toml", ("", "text", "json", "ini", "yaml")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_the_page_does_what_it_says(page, programs, source, tmp_path):
    for block in blocks(page):
        assert block.language in (CONSOLE, CONFIGURATION, *OTHERS), f"{page.name}:{block.line}"
        has_commands = any(line.startswith("$ ") for line in block.lines)
        assert has_commands == (block.language == CONSOLE), f"{page.name}:{block.line}: a block of commands is \"console\""
    with Machine(programs, source, tmp_path) as machine:
        follow(page, machine.run)


@pytest.fixture(scope="session", name="flags")
def flags_fixture(programs):
    """What each program has in its manual page."""
    paths = {"mirrorlist_client": programs.client, "mirrorlist_server": programs.server,
             "cache_builder": programs.builder, "mirror_admin": programs.admin}
    return {name: run([path, "--man"]).stdout.replace("\\-", "-") for name, path in paths.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_not_run_is_well_formed(page, source, flags):
    for block in blocks(page):
        if block.language != CONSOLE or not block.reason:
            continue
        for command, _ in block.commands():
            told = f"{page.name}:{block.line}: {command}"
            done = subprocess.run(["bash", "-n"], input=command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, told + done.stderr
            for path in re.findall(r"(?<![\w/.-])(?:deploy|tests|proto|docs)/[\w./-]*\w", command):
                assert (source / path).exists() or list(source.glob(path + "*")), f"{told}: no {path}"
            for program in PROGRAMS:
                for words in re.findall(rf"\b{program} ([^|;&>]*)", command):
                    for flag in re.findall(r"(?<!\S)--[a-z-]+", words):
                        assert f"\\fB{flag}\\fR" in flags[program], f"{told}: {program} has no {flag}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_configuration_in_the_page_is_good(page, programs, tmp_path):
    for block in blocks(page):
        if block.language != CONFIGURATION:
            continue
        (tmp_path / "mirrorway.toml").write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        for path in (programs.admin, programs.builder, programs.client, programs.server):
            run([path, "--config", tmp_path / "mirrorway.toml", "--check-config"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_the_page_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: no {target}"


def test_what_pages_name_of_deploy_is_in_a_package_or_said_to_be_in_the_sources_only(installed, source):
    begin = (source / "docs" / "README.md").read_text(encoding="utf-8")
    only = re.search(r"((?:`deploy/[\w-]+`[\s,and]*)+)are in the sources only", begin)[1]
    sources_only = re.findall(r"`deploy/([\w-]+)`", only)
    assert len(sources_only) > 2
    examples = [installed / "share" / "doc" / f"mirrorway-{name}" / "examples" for name in ("frontend", "catalog")]
    for page in (source / "docs").glob("*.md"):
        for path in re.findall(r"\bdeploy/([\w./-]*\w)", page.read_text(encoding="utf-8")):
            is_packaged = any((folder / path).exists() for folder in [*examples, installed / "bin"])
            assert is_packaged != (path.split("/")[0] in sources_only), f"{page.name}: deploy/{path}"


def test_what_alarms_is_called_as_the_programs_call_it(source):
    page = (source / "docs" / "operate.md").read_text(encoding="utf-8")
    programs = [source / name for name in ("mirrorlist_client", "mirrorlist_server", "common/daemon")]
    code = "".join(path.read_text(encoding="utf-8") for folder in programs for path in folder.glob("*.*")
                   if path.suffix in (".cc", ".def"))
    metrics = re.findall(r"`mirrorway_(?:server_)?(\w+)`", page)
    assert len(metrics) > 5
    for metric in metrics:
        assert f'"{metric}"' in code or f"_{metric}" in code, metric
    events = set(re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| (`[a-z ,`]+) \|", page.partition(
        "| line in the journal")[2].partition("###")[0], re.MULTILINE))))
    assert len(events) > 5
    for event in events:
        assert f'"{event}"' in code, event
    alarming = set(re.findall(r'LogLevel::k(?:Warning|Error),\s*"([^"]+)"|say_short\("([^"]+)"', code))
    assert {one or other for one, other in alarming} - events == set()


def commands_of(program, words=()):
    """Every command with its help, as the help of the ones above names them."""
    text = run([program, *words, "--help"]).stdout
    names = re.findall(r"^  ([a-z-]+) ", text.partition("\nSubcommands:\n")[2].partition("\n\n")[0], re.MULTILINE)
    return {key: help for name in names for key, help in commands_of(program, (*words, name)).items()} if names else {words: text}


def test_every_command_of_mirror_admin_that_writes_can_be_tried_as_the_page_says(programs, source):
    commands = commands_of(programs.admin)
    assert len(commands) > 10
    reading = {("list",), ("show",), ("why",)}
    without = {" ".join(words) for words, text in commands.items() if words not in reading and "--dry-run" not in text}
    page = (source / "docs" / "administer.md").read_text(encoding="utf-8")
    assert without == set(re.findall("`([a-z]+)`", re.search("every writing command but (.+) knows `--dry-run`", page)[1]))


def test_every_exit_status_of_a_build_is_explained(programs, source):
    page = (source / "docs" / "operate.md").read_text(encoding="utf-8")
    statuses = re.findall(r"^(\d)  ", run([programs.builder, "--help"]).stdout.partition("Exit status:")[2], re.MULTILINE)
    assert statuses == re.findall(r"^\| (\d) \|", page, re.MULTILINE)
