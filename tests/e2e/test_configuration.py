"""The configuration as an operator meets it: the file that is installed, the page about it, and what is said of mistakes."""
import filecmp
import re

import pytest
from processes import run


@pytest.fixture(scope="module", name="manual")
def manual_fixture(programs):
    folder = programs.build / "manual"
    assert folder.is_dir(), f"not built: {folder}; run cmake --build of it first"
    return folder


def all_of(programs):
    return {"mirrorlist_server": programs.server, "mirrorlist_client": programs.client,
            "cache_builder": programs.builder, "mirror_admin": programs.admin}


def test_the_page_about_the_configuration_is_that_of_these_programs(manual, source):
    generated, kept = manual / "configuration.md", source / "docs" / "configuration.md"
    assert filecmp.cmp(generated, kept, shallow=False), f"options have changed: cp {generated} {kept}"


def check(path, config):
    done = run([path, "--config", config, "--check-config"], check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_the_installed_file_sets_nothing_and_is_good_with_every_key_set(manual, programs, tmp_path):
    text = (manual / "mirrorway.toml").read_text(encoding="utf-8")
    assert not re.search(r"^[^#\[\n]", text, re.MULTILINE)
    for path in all_of(programs).values():
        assert check(path, manual / "mirrorway.toml") == (0, "configuration is good")
    # A probe must be about something; everything else is good as it stands.
    begin = text.index("#[[probe]]")
    end = text.find("\n[", begin)
    every = re.sub(r"^#(?! |$)", "", text[:begin] + text[end:], flags=re.MULTILINE)
    (tmp_path / "every.toml").write_text(every, encoding="utf-8")
    for path in all_of(programs).values():
        assert check(path, tmp_path / "every.toml") == (0, "configuration is good")


def test_each_program_looks_at_its_own_table_only(programs, tmp_path):
    """So all of them are to be asked."""
    (tmp_path / "mirrorway.toml").write_text("[cache_builder]\nkep = 3\n", encoding="utf-8")
    said = {name: check(path, tmp_path / "mirrorway.toml")[0] for name, path in all_of(programs).items()}
    assert said == {"mirrorlist_server": 0, "mirrorlist_client": 0, "cache_builder": 2, "mirror_admin": 0}


def test_help_has_the_table_that_is_no_flag(manual, programs):
    text = (manual / "mirrorway.toml").read_text(encoding="utf-8")
    assert text[text.index("#[[probe]]"):text.index("#min_mirrors")] in run([programs.builder, "--help"]).stdout


@pytest.mark.parametrize("program, text, said", [
    ("mirrorlist_server", "[mirrorlist_server]\n\nsoket = 'x'\n", r":3: unknown key \"soket\" in \[mirrorlist_server\]"),
    ("mirrorlist_server", "[mirrorlist_sever]\n", r":1: unknown table \[mirrorlist_sever\]"),
    ("mirrorlist_server", "order = 'weight'\n", r":1: unknown table \[order\]"),
    ("mirrorlist_server", "[mirrorlist_server]\nsocket = 3\n", r":2: socket: must be a string"),
    ("mirrorlist_server", "[mirrorlist_server]\nmax_children = 0\n", r":2: max_children: \"0\" is not a whole number from 1 to"),
    ("mirrorlist_server", "[mirrorlist_server]\nidle_timeout = 5\n", r":2: idle_timeout: must be a string"),
    ("mirrorlist_server", "[mirrorlist_server]\nidle_timeout = '5'\n", r":2: idle_timeout: \"5\" is no duration"),
    ("mirrorlist_server", "[mirrorlist_server]\nsocket = 'a'\nsocket = 'b'\n", r":3: .*socket"),
    ("mirrorlist_server", "[mirrorlist_server\n", r":1: "),
    ("mirrorlist_server", "[mirrorlist_server]\nsocket = 'a\n", r":2: "),
    ("mirrorlist_server", "[mirrorlist_server]\norder = 'north'\n", r":2: order: \"north\" is neither"),
    ("mirrorlist_server", "[mirrorlist_server]\nmin_mirrors = 50\n", r":2: min_mirrors 50 is more than"),
    ("mirrorlist_server", "[mirrorlist_server]\n\nmax_mirrors = 5\n", r":3: max_mirrors: --min-mirrors 10 is more than --max-mirrors 5"),
    ("mirrorlist_server", "[mirrorlist_server]\nsnapshot = ''\n", r":2: snapshot: must not be empty"),
    ("mirrorlist_server", "[mirrorlist_server]\ngeoip = ''\n", r":2: geoip: must not be empty"),
    ("mirrorlist_server", "[mirrorlist_server]\nuser = 'no one'\n", r":2: user: .*no one"),
    ("mirrorlist_server", "[mirrorlist_server]\nsocket_mode = '999'\n", r":2: socket_mode: \"999\" is no mode"),
    ("mirrorlist_server", "[mirrorlist_server]\nlog_level = 'loud'\n", r":2: log_level: \"loud\" is no log level"),
    ("mirrorlist_client", "[mirrorlist_client]\nlisten = ['x']\n", r":2: listen: "),
    ("mirrorlist_client", "[mirrorlist_client]\n\nlookup_timeout = '0s'\n", r":3: lookup_timeout must be more than 0s"),
    ("mirrorlist_client", "[mirrorlist_client]\nlisten = '127.0.0.1:9393'\n",
     r":2: listen: --metrics-listen 127.0.0.1:9393 is where --listen accepts requests"),
    ("mirrorlist_client", "[mirrorlist_client]\nlisten = '127.0.0.1:80'\nmetrics_listen = '127.0.0.1:80'\n",
     r":3: metrics_listen 127.0.0.1:80 is where --listen accepts requests"),
    ("mirrorlist_client", "[mirrorlist_client]\naliases = 'x'\n", r":2: aliases: "),
    ("mirrorlist_client", "[mirrorlist_client]\ntrusted_proxies = ['here']\n", r":2: trusted_proxies: "),
    ("mirrorlist_client", "[mirrorlist_client]\nshorten_addresses = 'yes'\n", r":2: shorten_addresses: must be true or false"),
    ("cache_builder", "[cache_builder]\nmax_loss = 'much'\n", r":2: max_loss: "),
    ("cache_builder", "[cache_builder]\ncatalog = 'mysql://x'\n", r":2: catalog: catalog URL \"mysql\": this version reads sqlite:///"),
    ("mirror_admin", "[mirror_admin]\n\ncatalog = 'sqlite:'\n", r":3: catalog: catalog URL "),
    ("mirror_admin", "[mirror_admin]\nmax_loss = 'much'\n", r":2: max_loss: "),
    ("mirror_admin", "[mirror_admin]\norder = 'north'\n", r":2: order: \"north\" is neither"),
    ("mirror_admin", "[mirror_admin]\nmin_mirrors = 50\n", r":2: min_mirrors 50 is more than"),
    ("mirrorlist_server", "[mirrorlist_server]\ngeoip = ['a', 'none']\n", r":2: geoip none cannot be given together with files"),
    ("cache_builder", "[cache_builder]\ngeoip = ['a', 'none']\n", r":2: geoip none cannot be given together with files"),
    ("mirror_admin", "[mirror_admin]\ngeoip = ['a', 'none']\n", r":2: geoip none cannot be given together with files"),
    ("cache_builder", "[[probe]]\nadress = '::1'\n", r":2: unknown key \"adress\" in \[\[probe\]\]"),
    ("cache_builder", "\n[[probe]]\npath = 'a'\n", r":2: a probe needs the address"),
    ("cache_builder", "[[probe]]\npath = 'a'\naddress = 'here'\n", r":1: address: \"here\" is no IP address"),
    ("cache_builder", "[[probe]]\nmin_mirrors = 0\n", r":2: min_mirrors: \"0\" is not a whole number"),
    ("cache_builder", "[probe]\npath = 'a'\n", r":1: probe may come several times"),
])
def test_a_mistake_is_named_with_file_line_and_reason(program, text, said, programs, tmp_path):
    config = tmp_path / "mirrorway.toml"
    config.write_text(text, encoding="utf-8")
    status, output = check(all_of(programs)[program], config)
    assert status == 2
    assert re.search(re.escape(str(config)) + said, output), output
