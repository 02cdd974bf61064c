"""Debian's chromium, headless, driven by playwright: pages that reach nothing but this machine, and what a test does there.

Every wait has a limit of wall-clock time. Where the browser itself hangs, playwright would wait for ever: so a timer ends it,
which fails the test that waits for it.
"""

import contextlib
import os
import re
import shutil
import signal
import threading
import time
from pathlib import Path

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
WAIT_SECONDS = 45  # for one change; a second on a quiet machine
RUN_SECONDS = 250  # for all cells; many where the kernel imports TensorFlow
HANG_SECONDS = 600  # for a whole test, with two attempts at running the cells
HEARD_SECONDS = 0.3  # a sound that has come so far plays
HERE = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
VOILA_ICONS = "https://cdn.jsdelivr.net/npm/@fortawesome/"  # its page template asks for them, and does without
WIDGET = ":is(.jupyter-widgets, [class^='lab-'])"  # of ipywidgets, and our own
OUTPUT = ".jp-OutputArea-output"  # in Lab and Voilà alike

READY = """() => {  // a promise would count as true: so what it says is kept, and looked at in the next round
    const lab = window.jupyterapp, context = lab?.shell?.currentWidget?.context;
    if (!context?.isReady || !context.sessionContext?.isReady || !lab.commands.hasCommand('notebook:run-all-cells')) return false;
    context.sessionContext.session?.kernel?.info.then(() => { window.kernelSpeaks = true; });
    return window.kernelSpeaks;
}"""
RUN = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.ran = true; }); }"
ERRORS = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(cell => cell.model.outputs?.toJSON() ?? [])
    .filter(output => output.output_type === 'error').map(output => `${output.ename}: ${output.evalue}`)"""

SEEN = """root => {
    const all = tag => [...root.querySelectorAll(tag)];
    return {
        text: [root.textContent, ...all('img').map(one => one.alt)].join('\\n'),
        pictures: all('img').map(one => one.src),
        sounds: all('audio').map(one => one.src),
    };
}"""
LOADED = """([root, sounds, pictures]) => {
    const players = [...root.querySelectorAll('audio')], images = [...root.querySelectorAll('img')];
    return players.length >= sounds && players.every(one => one.duration > 0)
        && images.length >= pictures && images.every(one => one.complete && one.naturalWidth > 0);
}"""


def find_chromium():
    """Return the path of the browser, None where there is none; LAB_CHROMIUM names another one."""
    return next(filter(None, map(shutil.which, [os.environ.get("LAB_CHROMIUM", ""), "chromium", "chromium-browser"])), None)


class Browser:
    """A browser in a new folder; a context manager.

    Parameters
    ----------
    playwright : playwright.sync_api.Playwright
    folder : Path
        Of its profile; new.
    flags : iterable of str
        Besides :data:`FLAGS`.
    """

    def __init__(self, playwright, folder, flags=()):
        self.playwright, self.folder, self.flags = playwright, folder, flags

    def __enter__(self):
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=find_chromium(),
            headless=True,
            args=[*FLAGS, OFFLINE, *self.flags],
            viewport={"width": 1100, "height": 900},
            timeout=1000 * WAIT_SECONDS,
        )
        self.context.set_default_timeout(1000 * WAIT_SECONDS)
        return self

    def __exit__(self, *_):
        with self.watched(), contextlib.suppress(Exception):  # it may have been ended by the timer
            self.context.close()

    @contextlib.contextmanager
    def watched(self, seconds=HANG_SECONDS):
        """Within this, the browser lives no longer than `seconds`."""
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self):
        """End the browser's processes: those that were started on its folder."""
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if f"--user-data-dir={self.folder}".encode() in place.read_bytes().split(b"\0"):
                    os.kill(int(place.parent.name), signal.SIGKILL)


class Part:
    """A piece of the page, as one widget with what it shows: what a test moves, waits for and compares.

    Parameters
    ----------
    page : playwright.sync_api.Page
    root : playwright.sync_api.Locator
        The element that holds it.
    folder : Path
        Where screenshots go.
    """

    look_in = ""

    def __init__(self, page, root, folder):
        self.page, self.root, self.folder = page, root, folder

    def widget(self, name):
        """Return the widget whose description, as it is read on the page, is `name`."""
        label = self.root.locator(f"{WIDGET} .widget-label").filter(has_text=re.compile(f"^{re.escape(name)}$")).first
        return label.locator("xpath=..")

    def press(self, name, key="ArrowRight", *, times=1):
        """Move the slider called `name` by keys."""
        handle = self.widget(name).locator(".noUi-handle")
        handle.focus()
        for _ in range(times):
            handle.press(key)

    def choose(self, name, option):
        """Choose from the dropdown called `name`."""
        self.widget(name).locator("select").select_option(label=option)

    def click(self, button, number=0):
        """Press the button on which `button` is written; of several the one with this number, from 0."""
        self.root.get_by_role("button", name=button, exact=True).nth(number).click()

    def picture(self):
        """Return the source of the first picture, None while there is none."""
        return self._source("img")

    def sound(self):
        """Return the source of the first player."""
        return self._source("audio")

    def text(self):
        """Return what the widgets say, as text."""
        return "\n".join(self.root.locator(WIDGET).all_inner_texts())

    def seen(self):
        """Return what is there: its ``text``, with that of its pictures, and the sources of its ``pictures`` and ``sounds``."""
        return self.root.evaluate(SEEN)

    def wait_until(self, told, *, changed=None, seconds=WAIT_SECONDS):
        """Return what is seen as soon as it tells `told`, with other pictures and sounds than `changed`, what was seen before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now = self.seen()
            kinds = [kind for kind in ("pictures", "sounds") if changed and changed[kind]]
            if told in now["text"] and all(now[kind] and set(now[kind]).isdisjoint(changed[kind]) for kind in kinds):
                return now
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{told!r} did not come with other pictures and sounds within {seconds} s; it says: {now['text']}")

    def loaded(self, *, sounds=0, pictures=0):
        """Wait until so many are there, and the browser has decoded every one; return the lengths of the sounds in seconds."""
        self.page.wait_for_function(LOADED, arg=[self.root.element_handle(), sounds, pictures])
        return self.root.locator("audio").evaluate_all("all => all.map(one => one.duration)")

    def wait_for_text(self, text, *, seconds=WAIT_SECONDS):
        """Wait until the page says `text`."""
        self.root.get_by_text(text).first.wait_for(timeout=1000 * seconds)

    def wait_for_picture(self, *, other_than=None, seconds=WAIT_SECONDS):
        """Return the source of the first picture as soon as there is one, and another than the one given."""
        return self._wait("img", other_than, seconds)

    def wait_for_sound(self, *, other_than=None, seconds=WAIT_SECONDS):
        """Return the source of the first player, as :meth:`wait_for_picture`."""
        return self._wait("audio", other_than, seconds)

    def play_seconds(self, number=0):
        """Play a sound, by default the first; return its length in seconds once its clock has run for a while."""
        look = f"{self.look_in} audio"
        runs = f"""root => {{
            const one = root.querySelectorAll({look!r})[{number}];
            if (one.paused && !one.ended) one.play();
            return one.currentTime > {HEARD_SECONDS} && one.duration;
        }}"""
        return self.page.wait_for_function(runs, arg=self.root.element_handle()).json_value()

    def photograph(self, name):
        """Keep a screenshot of it as `name`.png."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root.screenshot(path=self.folder / f"{name}.png")

    def _source(self, tag):
        return self.root.evaluate(f"root => {self._first(tag)}?.src ?? null")

    def _wait(self, tag, before, seconds):
        look = f"([root, before]) => {{ const now = {self._first(tag)}?.src; return now && now !== before && now; }}"
        arguments = [self.root.element_handle(), before]
        return self.page.wait_for_function(look, arg=arguments, timeout=1000 * seconds).json_value()

    def _first(self, tag):
        """Return the script for the first element of its kind."""
        return f'root.querySelector("{self.look_in} {tag}")'


class Shown(Part):
    """A notebook in a page, its cells run; its pictures and players are those within widgets.

    Parameters
    ----------
    page : playwright.sync_api.Page
    folder : Path
        Where screenshots go.
    """

    look_in = WIDGET

    def __init__(self, page, folder):
        super().__init__(page, page.locator("body"), folder)
        self.said, self.outside = [], []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"page error: {error}"))
        page.on("request", self._note_request)

    def open(self, place, address, *, run=True):
        """Open the notebook in JupyterLab ("lab") or as a Voilà page ("voila"), and have all its cells run; Lab can leave it."""
        if place == "voila":
            self._open_voila(address)
            return
        self.page.goto(address, wait_until="domcontentloaded")
        self.page.wait_for_function(READY)
        if run:
            self.run_all()

    def run_all(self):
        """Run all cells by Lab's command itself: clicking the menu was not reliable."""
        self.page.evaluate(RUN)
        self.page.wait_for_function("() => window.ran", timeout=1000 * RUN_SECONDS)
        failed = self.page.evaluate(ERRORS)
        if failed:
            raise AssertionError(f"a cell failed: {failed[0]}")

    def close(self):
        """Leave the page, so that Voilà ends its kernel, and close it; Lab would ask whether to save."""
        with contextlib.suppress(Exception):  # the browser may have been ended
            if "/voila/" in self.page.url:
                self.page.goto("about:blank")
            self.page.close()

    def cells(self):
        """Return the whole notebook, with what is not within a widget."""
        return Part(self.page, self.page.locator(".jp-Notebook"), self.folder)

    def output(self, number=0, *, having=None):
        """Return the output with this number, from 0: of all, or of those that have a widget described as `having`."""
        outputs = self.page.locator(OUTPUT)
        if having:
            outputs = outputs.filter(has=self.page.locator(".widget-label", has_text=re.compile(f"^{re.escape(having)}$")))
        part = Part(self.page, outputs.nth(number), self.folder)
        part.root.scroll_into_view_if_needed()  # Lab draws nothing of what is far off
        return part

    def photograph(self, name):
        """Keep a screenshot of the page as `name`.png."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.folder / f"{name}.png")

    def _open_voila(self, address):
        """Once more where it hangs, as it did in 2 of 84 loads."""
        for attempt in (1, 2):
            try:
                self.page.goto(address, wait_until="domcontentloaded", timeout=1000 * RUN_SECONDS)  # it comes as cells are run
                self.page.wait_for_selector(WIDGET)
                return
            except Exception:
                if attempt == 2:
                    raise

    def _note_request(self, request):
        if not request.url.startswith((*HERE, VOILA_ICONS)):
            self.outside.append(request.url)
