"""The built site: every link leads somewhere, and every page opens in a browser with all its pictures, sounds and formulas.

All in one file, so that the site is built once.
"""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 390, "height": 800}  # a screen, a phone
LOOK = """async () => {
    const wait = ms => new Promise(done => setTimeout(done, ms)), faults = [];
    const heard = sound => sound.readyState >= 1 || sound.error;
    const sounds = [...document.querySelectorAll('audio')];
    for (const sound of sounds) if (!heard(sound)) sound.load();
    for (let turn = 0; turn < 200 && !sounds.every(heard); turn++) await wait(50);
    for (const sound of sounds) if (sound.readyState < 1) faults.push('a sound does not load: ' + sound.src.slice(0, 60));
    const shown = [...document.images].filter(image => image.checkVisibility());
    for (const one of shown) if (!one.complete || !one.naturalWidth) faults.push('a broken picture: ' + one.src.slice(0, 60));
    for (const math of document.querySelectorAll('math')) {
        const box = math.getBoundingClientRect();
        if (box.width < 2 || box.height < 2) faults.push('a formula that is not seen: ' + math.getAttribute('alttext'));
    }
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const raw = !texts.currentNode.parentElement.closest('pre, code, script, style, math');
        if (raw && /\\$[^$]+\\$|\\\\[a-zA-Z]+[{_^ ]|\\*\\*[^*]+\\*\\*|\\]\\(/.test(texts.currentNode.data))
            faults.push('raw text: ' + texts.currentNode.data.slice(0, 80));
    }
    const alive = document.querySelectorAll('script[src*="require"], .jupyter-widgets').length;
    if (alive) faults.push('a widget without a kernel');
    return {faults, sounds: sounds.length, formulas: document.querySelectorAll('math').length, pictures: shown.length};
}"""
TOO_WIDE = """() => [...document.querySelectorAll('.bd-article *')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .filter(one => { for (let up = one.parentElement; up; up = up.parentElement)
        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(up).overflowX)) return false; return true; })
    .map(one => one.outerHTML.slice(0, 90))"""


class Page(HTMLParser):
    """What a page names: its anchors, and what it links to or loads."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.loaded = set(), [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        """Note one element."""
        attributes = dict(attrs)
        self.anchors |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        elif tag in ("img", "script", "audio", "source", "iframe", "video") and attributes.get("src"):
            self.loaded.append(attributes["src"])
        elif tag == "link" and "canonical" not in (attributes.get("rel") or ""):
            self.loaded.append(attributes.get("href", ""))


@pytest.fixture(scope="module")
def pages(site):
    """Every page, by its path."""
    found = (path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html")))
    return {name: Page(site / name) for name in found if not name.startswith("_static")}  # there the theme leaves a template


def test_every_notebook_has_its_page(pages):
    wanted = {path.relative_to(ROOT) for path in ROOT.glob("notebooks/*.ipynb")}
    wanted |= {path.relative_to(ROOT) for path in ROOT.glob("notebooks/solutions/*.ipynb")}
    wanted |= {Path("notebooks/assignments", path.name) for path in ROOT.glob("notebooks/assignments/source/*/*.ipynb")}
    assert {path.with_suffix(".html").as_posix() for path in wanted} <= set(pages)


def test_every_card_is_shown(site):
    assert {path.parent.name for path in ROOT.glob("datasets/*/README.md")} <= set(_headings(site / "data.html"))
    shipped = {f"Checkpoint {path.parent.name}" for path in ROOT.glob("datasets/checkpoints/*/README.md")}
    assert shipped <= set(_headings(site / "checkpoints.html"))


def test_every_link_leads_somewhere(site, pages):
    dead = []
    for name, page in pages.items():
        for target in page.links:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            there = (site / name).parent / unquote(parts.path) if parts.path else site / name
            there = there / "index.html" if there.is_dir() else there
            if not there.is_file():
                dead.append(f"{name}: {target}")
            elif parts.fragment and there.suffix == ".html":
                anchors = pages[there.resolve().relative_to(site.resolve()).as_posix()].anchors
                if unquote(parts.fragment) not in anchors:
                    dead.append(f"{name}: {target}, no such anchor")
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(pages):
    outside = {f"{name}: {target}" for name, page in pages.items() for target in page.loaded if _outside(target)}
    assert outside == set()


def test_no_solution_and_no_hidden_test_is_shown(site, pages):
    released = [name for name in pages if name.startswith("notebooks/assignments/")]
    for name in released:
        text = (site / name).read_text()
        assert not any(mark in text for mark in ("BEGIN SOLUTION", "BEGIN HIDDEN", "BEGIN MARK"))
    assert sum("YOUR CODE HERE" in (site / name).read_text() for name in released) >= 1


@pytest.fixture(scope="module")
def walk(browser, address, pages):
    """What the browser met when it opened every page: its complaints, what it counted, and what is wider than a phone."""
    tab = browser.context.new_page()
    met = {"faults": [], "wide": [], "sounds": 0, "formulas": 0, "pictures": 0}
    note = met["faults"].append
    tab.on("console", lambda one: one.type == "error" and note(f"{tab.url}: console: {one.text}"))
    tab.on("pageerror", lambda error: note(f"{tab.url}: script: {error}"))
    tab.on("requestfailed", lambda one: note(f"{tab.url}: failed: {one.url[:80]} {one.failure}"))
    tab.on("response", lambda one: one.status >= 400 and note(f"{tab.url}: {one.status}: {one.url[:80]}"))
    tab.on("request", lambda one: _outside(one.url, address) and note(f"{tab.url}: outside: {one.url[:80]}"))
    for name in pages:
        with browser.watched(120):
            tab.set_viewport_size(WIDE)
            tab.goto(address + name, wait_until="load")
            found = tab.evaluate(LOOK)
            tab.set_viewport_size(NARROW)
            found["wide"] = tab.evaluate(TOO_WIDE)
        for kind, value in found.items():
            met[kind] += [f"{name}: {one}" for one in value] if isinstance(value, list) else value
    tab.close()
    return met


def test_every_page_opens_whole(walk):
    """No broken picture, no sound that does not load, no error, nothing asked of another machine, no raw LaTeX or Markdown."""
    assert walk["faults"] == []


def test_the_walk_sees_what_is_wrong(browser):
    """The page of faults that the one above is trusted to find."""
    tab = browser.context.new_page()
    with browser.watched(60):
        tab.set_content("""<main><p>The price is $-\\ln p$ of \\frac{a}{b}, **bold** and [a link](b.md).</p><math></math>
            <img src="data:image/png;base64,AAAA" style="width: 9px"><audio src="data:audio/mpeg;base64,AAAA"></audio>
            <div class="jupyter-widgets"></div><p>It costs $5, 2 ** 3 and <code>$PATH and $HOME</code>.</p></main>""")
        faults = tab.evaluate(LOOK)["faults"]
        tab.close()
    assert [fault.split(":")[0] for fault in faults] == [
        "a sound does not load", "a broken picture", "a formula that is not seen", "raw text", "a widget without a kernel",
    ]  # fmt: skip


def test_there_is_much_to_see_and_hear(walk):
    assert walk["sounds"] > 200 and walk["formulas"] > 500 and walk["pictures"] > 200


def test_nothing_is_wider_than_a_phone(walk):
    assert walk["wide"] == []


def test_search_finds_what_is_there(browser, address):
    tab = browser.context.new_page()
    with browser.watched(60):
        tab.goto(f"{address}search.html?q=Viterbi")
        tab.wait_for_selector("#search-results li a")
        tab.wait_for_function("() => /found|matching/.test(document.querySelector('#search-results').innerText)")
        found = tab.locator("#search-results li a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        tab.close()
    assert any("13_restricted_beam_search.html" in one for one in found)
    assert any("api/generation.html" in one for one in found)


def test_the_line_runs_while_the_first_sound_plays(browser, address):
    tab = browser.context.new_page()
    with browser.watched(60):
        tab.goto(address, wait_until="load")
        tab.locator(".sounding").scroll_into_view_if_needed()
        box = tab.locator(".sounding").bounding_box()
        tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tab.wait_for_function("() => parseFloat(document.querySelector('.sounding i').style.left) > 50.5")
        assert tab.evaluate("() => document.querySelector('.hero audio').currentTime") == pytest.approx(13.3, abs=2)
        tab.close()


def test_a_staff_can_be_read_in_the_dark(browser, address):
    """Dark ink on a light ground: what the browser paints, not what the style sheets say."""
    tab = browser.context.new_page()
    with browser.watched(60):
        tab.emulate_media(color_scheme="dark")
        tab.goto(address + "notebooks/05_recurrent_networks.html", wait_until="load")
        assert tab.evaluate("() => document.documentElement.dataset.theme") == "dark"
        staff = tab.locator("figure img").first
        staff.scroll_into_view_if_needed()
        light, dark = _shades(staff.screenshot())
        ground = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
        tab.close()
    assert light > 240 and dark < 60
    assert max(int(part) for part in ground[4:-1].split(",")[:3]) < 60  # the page itself is dark


def _shades(png):
    """Return the most frequent shade of a picture, 0-255, and the darkest tenth of a percent."""
    import io

    import numpy as np
    from PIL import Image

    grey = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return int(np.bincount(grey.ravel()).argmax()), float(np.quantile(grey, 0.001))


def _outside(target, address="\0"):
    return bool(urlsplit(target).netloc) and not target.startswith((address, "data:", "blob:"))


def _headings(path):
    import re

    found = re.findall(r"<h2>(.*?)<a class=\"headerlink", path.read_text(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in found]
