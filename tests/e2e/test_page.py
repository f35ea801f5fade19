"""The page for people in a real browser: on a phone, on a desk, with the keyboard, without style sheets."""
import hashlib
import os

import pytest
from mirrors import TOP, Network, need

NAME = "a rather long name of an image, & such-1.2-x86_64-netinst-büro.iso"
CONTENT = b"the content"
PHONE = (360, 740)
DESKTOP = (1280, 800)

# What is around the element that has the focus, and how it shows.
FOCUS = """
const element = document.activeElement;
const style = getComputedStyle(element);
const box = element.getBoundingClientRect();
return {tag: element.tagName, href: element.href || null,
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth};
"""


@pytest.fixture(scope="module", name="network")
def network_fixture(programs, tmp_path_factory):
    need("nginx")
    folder = tmp_path_factory.mktemp("page")
    files = folder / "tree" / TOP / "iso"
    files.mkdir(parents=True)
    (files / NAME).write_bytes(CONTENT)
    with Network(programs, folder) as network:
        network.add_directory("iso")
        network.add_repository("tern-1", "x86_64", "1/x86_64")
        network.add_file("iso", files / NAME)
        for i in range(3):
            network.add_mirror(folder / "tree")
            network.admin("edit", "host", f"mirror{i}.example",
                          f"name=mirror{i}.a-rather-long-name-of-a-university.example")
        network.start()
        yield network


@pytest.fixture(scope="module", name="browser")
def browser_fixture(tmp_path_factory):
    need("chromium", "chromedriver")
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="python3-selenium is not installed (deploy/install-packages test-full)")
    options = webdriver.ChromeOptions()
    for flag in ("headless=new", "disable-dev-shm-usage", "disable-gpu", "no-first-run", "disable-extensions",
                 "disable-background-networking", "disable-component-update", "disable-sync",
                 "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves this machine
                 f"user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument("--" + flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"),
                          options=options) as browser:
        browser.set_page_load_timeout(30)
        yield browser


def show(browser, url, size, scripts=True):
    width, height = size
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 2, "mobile": size == PHONE})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    browser.get_log("browser")  # forget what was before
    browser.get(url)


def pages(network):
    file = f"{network.base}/{TOP}/iso/{NAME}?mirrorlist"
    return {"file": file,
            "repository": f"{network.base}/mirrorlist?repo=tern-1&arch=x86_64&format=html",
            "directory": f"{network.base}/{TOP}/iso/?mirrorlist",
            "error": f"{network.base}/mirrorlist?repo=unknown&arch=x86_64&format=html"}


PAGES = ["file", "repository", "directory", "error"]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("page", PAGES)
def test_the_page_fits_and_has_no_errors(network, browser, page, size):
    show(browser, pages(network)[page], size)
    wide, window = browser.execute_script("return [document.scrollingElement.scrollWidth, innerWidth]")
    assert window == size[0] and wide <= window
    # Of an error page Chromium notes the status itself.
    complaints = [entry for entry in browser.get_log("browser") if not (page == "error" and "404" in entry["message"])]
    assert complaints == []
    assert browser.execute_script("return document.querySelectorAll('script, iframe, object').length") == 0
    assert browser.execute_script("return document.documentElement.lang") == "en"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_text_is_large_enough_and_links_can_be_hit(network, browser, size):
    show(browser, pages(network)["file"], size)
    smallest = browser.execute_script("""
        return Math.min(...[...document.querySelectorAll("body *")].filter(e => e.innerText)
                        .map(e => parseFloat(getComputedStyle(e).fontSize)))""")
    assert smallest >= 14
    heights = browser.execute_script("""
        return [...document.querySelectorAll("a")].map(a => a.getBoundingClientRect().height)""")
    assert min(heights) >= 16


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_link_is_reached_by_the_keyboard_and_seen(network, browser, size):
    show(browser, pages(network)["file"], size)
    links = browser.execute_script("return [...document.querySelectorAll('a')].map(a => a.href)")
    assert len(links) > 6
    reached = []
    for _ in links:
        browser.switch_to.active_element.send_keys("\ue004")  # Tab
        focus = browser.execute_script(FOCUS)
        assert focus["tag"] == "A" and focus["seen"] and focus["outline"] >= 2, focus
        reached.append(focus["href"])
    assert reached == links


def test_headings_and_table_are_in_a_sensible_order(network, browser):
    show(browser, pages(network)["file"], DESKTOP)
    levels = browser.execute_script("""
        return [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(h => parseInt(h.tagName[1]))""")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    assert browser.title == f"Mirrors of /{TOP}/iso/{NAME}"
    table = browser.execute_script("""
        const table = document.querySelector("table");
        return {head: [...table.tHead.rows[0].cells].map(c => c.scope),
                rows: [...table.tBodies[0].rows].map(r => [...r.cells].map(c => c.scope)),
                hosts: [...table.tBodies[0].rows].map(r => r.querySelector("th").innerText)}""")
    assert set(table["head"]) == {"col"}
    assert all(row.count("row") == 1 and len(row) == len(table["head"]) for row in table["rows"])
    assert [host.split(".")[0] for host in table["hosts"]] == ["mirror0", "mirror1", "mirror2"]


def test_everything_is_said_without_style_sheets(network, browser):
    show(browser, pages(network)["file"], PHONE)
    text = browser.execute_script("""
        document.querySelectorAll("style, link[rel=stylesheet]").forEach(e => e.remove());
        document.querySelectorAll("[style]").forEach(e => e.removeAttribute("style"));
        return document.body.innerText""")
    places = [text.index(f"mirror{i}.a-rather") for i in range(3)]
    assert places == sorted(places)
    for i, place in enumerate(places):
        row = text[place:places[i + 1] if i < 2 else None]
        assert f"serves the network 127.0.0.0/{31 - i}" in row
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(algorithm, CONTENT).hexdigest() in text


@pytest.mark.parametrize("target, title", [
    ("/mirrorlist?repo=tern-1&arch=x86_64", "Mirrors of tern-1 for x86_64"),
    (f"/mirrorlist?path={TOP}/iso", f"Mirrors of /{TOP}/iso"),
])
def test_a_browser_is_shown_a_page_of_itself(network, browser, target, title):
    show(browser, network.base + target, DESKTOP)
    assert browser.title == title


def test_it_reads_the_same_without_scripts(network, browser):
    show(browser, pages(network)["file"], PHONE)
    with_scripts = browser.find_element("tag name", "body").text
    show(browser, pages(network)["file"], PHONE, scripts=False)
    assert browser.find_element("tag name", "body").text == with_scripts
    show(browser, pages(network)["file"], PHONE)
