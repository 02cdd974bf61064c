"""What holds for every test: no window is opened, the user's cache is left alone, and nothing is fetched from the internet."""

import os
import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "browser"))  # chromium.py, for the rooms whose tests open pages

os.environ["MPLBACKEND"] = "Agg"  # before anything loads matplotlib

SLOW_ROOMS = ("browser", "site", "recipes", "training", "classroom", "assignments")


def pytest_collection_modifyitems(items):
    """Bring the rooms with long files forward, so that at the end no worker waits for another's last one."""
    place = {Path(__file__).parent / room: at for at, room in enumerate(SLOW_ROOMS)}
    items.sort(key=lambda item: place.get(item.path.parent, len(place)))  # else as they were collected


_look_up = socket.getaddrinfo
_LOCAL = {None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", b"localhost"}


def _look_up_here(host, *arguments, **options):
    if host not in _LOCAL:
        raise socket.gaierror(f"tests fetch nothing from the internet, and this one asked for {host}")
    return _look_up(host, *arguments, **options)


@pytest.fixture(scope="session", autouse=True)
def on_this_machine_alone(tmp_path_factory):
    """Give the tests a cache of their own, and refuse to look up any other machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(socket, "getaddrinfo", _look_up_here)
        yield


@pytest.fixture(scope="session")
def playwright():
    """Playwright with a browser, or a skip that says what is missing; a process bears one, so all tests share it."""
    from chromium import find_chromium

    if find_chromium() is None:
        pytest.skip("no chromium: install it (Debian: apt install chromium), or name it in LAB_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver
