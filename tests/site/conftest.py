"""What the tests of the site stand on: its modules, the built site, and a browser with a server to open it by."""

import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "notebooks" / "site"))

from chromium import Browser  # noqa: E402  tests/conftest.py makes it found


class Handler(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site, built once as `make site` builds it; half a minute on a quiet machine."""
    out = tmp_path_factory.mktemp("built") / "site"
    command = [sys.executable, str(ROOT / "notebooks" / "site" / "build.py"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="session")
def address(site):
    """Where the site is served: ``http://127.0.0.1:PORT/``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser(playwright, tmp_path_factory):
    """Chromium."""
    with Browser(playwright, tmp_path_factory.mktemp("profile")) as started:
        yield started
