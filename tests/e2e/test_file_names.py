"""Files with names that need escaping are found again through every form of answer."""
import hashlib
import html.parser
import json
import re
import urllib.parse
import xml.etree.ElementTree

import pytest
from mirrors import TOP, Network, need
from processes import run

NAMES = [
    "plain.iso", "a b.iso", " both ends ", "100%.iso", "50%25.iso", "a#b.iso", "what?.iso", "c++-1.0.rpm",
    '"quoted".iso', "it's.iso", "a&b<c>d.iso", "&amp;.iso", "größe-日本-🐦.iso", "a;b,c=d.iso", "$releasever.rpm",
    "back\\slash.iso", "~a@b:c!(1)*[2]{3}|^`.iso", "-rf", "]]>--.iso", "..iso",
]
# Files in their own right, though they look like what is made of other files.
LIKE_DERIVED = ["plain.iso.sha256", "alone.iso.meta4"]


def content_of(name):
    return f"The content of {name}\n".encode()


@pytest.fixture(scope="module", name="network")
def network_fixture(programs, tmp_path_factory):
    need("nginx", "curl")
    folder = tmp_path_factory.mktemp("names")
    files = folder / "tree" / TOP / "names"
    files.mkdir(parents=True)
    with Network(programs, folder) as network:
        network.add_directory("names")
        for name in NAMES + LIKE_DERIVED:
            (files / name).write_bytes(content_of(name))
            network.add_file("names", files / name)
        for _ in range(3):
            network.add_mirror(folder / "tree")
        network.start()
        yield network


def path_of(name):
    return f"{TOP}/names/{name}"


def own_url(name, ending=""):
    return "/" + urllib.parse.quote(path_of(name) + ending)


def question(endpoint, name, **parameters):
    return f"/{endpoint}?" + urllib.parse.urlencode({"path": path_of(name), **parameters},
                                                    quote_via=urllib.parse.quote)


def ask(network, target, status=200):
    answer = network.service.ask(target)
    assert answer.status == status, answer.body
    return answer


def links_of(answer):
    """The targets of a Link header by their relation."""
    links = {}
    for target, relation in re.findall(r"<([^<>]*)>; rel=\"?(\w+)", answer.headers["link"]):
        links.setdefault(relation, []).append(target)
    return links


def metalink_of(answer, name):
    """The URLs of a metalink for one file, of either version."""
    root = xml.etree.ElementTree.fromstring(answer.body)
    (file,) = (element for element in root.iter() if element.tag.endswith("}file"))
    assert file.get("name") == name
    hashes = {element.get("type").replace("-", ""): element.text
              for element in file.iter() if element.tag.endswith("}hash")}
    assert hashes["sha256"] == hashlib.sha256(content_of(name)).hexdigest()
    return [element.text for element in file.iter() if element.tag.endswith("}url")]


class Page(html.parser.HTMLParser):
    """The links and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.hrefs = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.hrefs.append(dict(attrs)["href"])

    def handle_data(self, data):
        self.text += data


def listed(network, name):
    return ask(network, question("mirrorlist", name)).urls


def redirected(network, name):
    return [ask(network, question("mirrorlist", name, redirect=1), 302).headers["location"]]


def redirected_from_its_own_url(network, name):
    answer = ask(network, own_url(name), 302)
    return [answer.headers["location"], *links_of(answer)["duplicate"]]


def in_metalink_3(network, name):
    return metalink_of(ask(network, question("metalink", name)), name)


def in_metalink_4(network, name):
    return metalink_of(ask(network, own_url(name, ".meta4")), name)


def in_the_metalink_that_the_redirect_names(network, name):
    (target,) = links_of(ask(network, own_url(name), 302))["describedby"]
    return metalink_of(ask(network, target), name)


def in_json(network, name):
    answer = json.loads(ask(network, question("mirrorlist", name, format="json")).body)
    assert answer["file"] == name
    return [url for mirror in answer["mirrors"] for url in mirror["urls"]]


def for_pacman(network, name):
    lines = ask(network, question("mirrorlist", name, format="pacman")).urls
    assert all(line.startswith("Server = ") for line in lines)
    return [line.removeprefix("Server = ") for line in lines]


def for_apt(network, name):
    return [line.split("\t")[0] for line in ask(network, question("mirrorlist", name, format="apt")).urls]


def on_the_page(network, name):
    answer = ask(network, own_url(name) + "?mirrorlist")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.body)
    assert name in page.text
    assert hashlib.sha256(content_of(name)).hexdigest() in page.text
    on_mirrors = [href for href in page.hrefs if href.startswith("http://127.")]
    # The page's other links are its own forms, and lead to them.
    for href in set(page.hrefs) - set(on_mirrors):
        ask(network, urllib.parse.urljoin(own_url(name), href))
    return on_mirrors


@pytest.mark.parametrize("form", [listed, redirected, redirected_from_its_own_url, in_metalink_3, in_metalink_4,
                                  in_the_metalink_that_the_redirect_names, in_json, for_pacman, for_apt,
                                  on_the_page])
def test_every_url_leads_to_the_file(network, tmp_path, form):
    words = []
    expected = []
    for name in NAMES:
        urls = form(network, name)
        assert len(set(urls)) == (1 if form is redirected else 3), name
        for url in set(urls):
            assert re.fullmatch(r"[!-~]+", url) and not set(url) & set('"<>\\^`{|}$'), url
            words += [url, "--output", tmp_path / str(len(expected))]
            expected.append(content_of(name))
    run(["curl", "--silent", "--show-error", "--fail", "--globoff", *words])
    assert [(tmp_path / str(i)).read_bytes() for i in range(len(expected))] == expected


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_digest_files_check_the_file_of_that_name(network, tmp_path, algorithm):
    for name in NAMES:
        if name + "." + algorithm in LIKE_DERIVED:
            continue
        (tmp_path / name).write_bytes(content_of(name))
        sums = tmp_path / "sums"
        sums.write_text(ask(network, own_url(name, "." + algorithm)).body, encoding="utf-8")
        run([f"{algorithm}sum", "--check", "--strict", sums], cwd=tmp_path)


@pytest.mark.parametrize("name", LIKE_DERIVED)
def test_a_file_that_looks_derived_is_itself(network, name):
    location = ask(network, own_url(name), 302).headers["location"]
    assert run(["curl", "--silent", "--fail", location]).stdout.encode() == content_of(name)
