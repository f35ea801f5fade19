"""deploy/container/Containerfile, step by step, in a fresh Debian: there is no engine for containers here."""
import json
import pathlib
import re
import shutil

import pytest
from processes import Daemon, run, wait_until
from root import Root, need_root


def steps_of(path):
    """(instruction, the rest) of a container file, without comments."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]


class Image:
    """What an engine does with a container file, as far as ours needs it."""

    def __init__(self, root, source, debs):
        self.root = root
        self.source = source
        self.debs = debs
        self.settings = {}

    def take(self, instruction, words):
        if instruction == "COPY":
            self.copy(*words.split())
        elif instruction == "RUN":
            run(self.root.inside(["sh", "-c", words], has_network=True))
        else:
            assert instruction in ("FROM", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT")
            self.settings[instruction] = words

    def copy(self, *names):
        target = self.root.file(names[-1])
        for name in names[:-1]:
            # The packages are those under test, wherever they are.
            folder = self.debs[0].parent if name.startswith("build/debs/") else (self.source / name).parent
            found = sorted(folder.glob(pathlib.Path(name).name))
            assert found, name
            for path in found:
                shutil.copy(path, target)


@pytest.fixture(scope="module", name="image")
def image_fixture(source, debs, tmp_path_factory):
    need_root()
    with Root(source, tmp_path_factory.mktemp("container") / "root") as root:
        image = Image(root, source, debs)
        for instruction, words in steps_of(source / "deploy" / "container" / "Containerfile"):
            image.take(instruction, words)
        yield image


def test_it_is_small_and_has_no_systemd(image):
    assert image.settings["FROM"] == "debian:bookworm-slim"
    assert not image.root.file("/usr/bin/systemctl").exists()
    assert not list(image.root.file("/tmp").iterdir())


def ask(image, url):
    done = image.root.run("curl", "--silent", "--fail", "--max-time", "10", url, check=False)
    return done.stdout if done.returncode == 0 else None


def start(image, log, **environment):
    settings = [f"{name}={value}" for name, value in environment.items()]
    return image.root.start(["env", *settings, *json.loads(image.settings["ENTRYPOINT"])], log, user=image.settings["USER"])


def test_without_a_snapshot_it_says_what_it_needs(image, tmp_path):
    with start(image, tmp_path / "log") as container:
        assert container.process.wait(20) == 1
    assert "set SNAPSHOT_URL" in container.log()


def test_it_fetches_a_snapshot_and_answers(image, sample, tmp_path):
    shutil.copy(sample.snapshot, tmp_path / "mirrorlist.snapshot")
    web = ["nsenter", f"--target={image.root.pid}", "--net", "/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1",
           "--directory", tmp_path, "8000"]
    with Daemon(web, tmp_path / "web.log"):
        wait_until(lambda: ask(image, "http://127.0.0.1:8000/"), "the web server")
        with start(image, tmp_path / "log", SNAPSHOT_URL="http://127.0.0.1:8000/mirrorlist.snapshot") as container:
            check = image.settings["HEALTHCHECK"].partition("CMD ")[2]
            wait_until(lambda: image.root.run("sh", "-c", check, check=False).returncode == 0, f"health:\n{container.log()}")
            answer = ask(image, "http://127.0.0.1:8080/mirrorlist?repo=core-6.2&arch=x86_64")
            assert re.search(r"^https?://\S+/core/x86_64/os/$", answer, re.MULTILINE)
            assert container.stop() == 0
    assert image.root.run("pgrep", "-u", "mirrorway", "mirrorlist", check=False).returncode == 1


def test_the_command_in_its_head_keeps_the_health_check(image, source):
    """Podman leaves it out of images of its own format."""
    assert "HEALTHCHECK" in image.settings
    head = (source / "deploy" / "container" / "Containerfile").read_text(encoding="utf-8").partition("\nFROM ")[0]
    assert re.findall(r"^# +podman build (.+?) --file", head, re.MULTILINE) == ["--format docker"]


@pytest.mark.parametrize("toml, options", [
    ('[mirrorlist_server]\ngeoip = "/geo/networks.mmdb"\n[mirror_admin]\n', ""),
    ("[mirror_admin]\n", "--geoip /geo/networks.mmdb"),
], ids=["configured", "given"])
def test_geolocation_files_of_other_names_are_used(image, sample, tmp_path, toml, options):
    """The container took the absence of its own for the wish to go without, and its server would not have both."""
    shutil.copy(sample.snapshot, image.root.file("/var/lib/mirrorway/mirrorlist.snapshot"))
    image.root.file("/geo").mkdir(exist_ok=True)
    shutil.copy(sample.networks, image.root.file("/geo/networks.mmdb"))
    configuration = image.root.file("/etc/mirrorway.toml")
    packaged = configuration.read_text(encoding="utf-8")
    configuration.write_text(toml + '[mirrorlist_client]\ntrusted_proxies = ["127.0.0.1"]\n', encoding="utf-8")
    try:
        with start(image, tmp_path / "log", MIRRORLIST_SERVER=options) as container:
            wait_until(lambda: ask(image, "http://127.0.0.1:9393/health/ready"), f"health:\n{container.log()}")
            assert "country = DE" in ask(image, "http://127.0.0.1:8080/mirrorlist?repo=core-6.2&arch=x86_64&ip=198.18.2.7")
    finally:
        configuration.write_text(packaged, encoding="utf-8")
    assert "nobody's country is known" not in container.log()


def test_it_ends_when_a_part_does(image, sample, tmp_path):
    shutil.copy(sample.snapshot, image.root.file("/var/lib/mirrorway/mirrorlist.snapshot"))
    with start(image, tmp_path / "log") as container:
        wait_until(lambda: ask(image, "http://127.0.0.1:9393/health/ready"), "health")
        image.root.run("pkill", "-KILL", "-o", "-x", "mirrorlist_serv")
        assert container.process.wait(20) == 1
    assert "a part has ended" in container.log()
