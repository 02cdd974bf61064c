"""What holds for every test: no window is opened, the user's cache is left alone, and nothing is fetched from the internet."""

import os
import socket

import pytest

os.environ["MPLBACKEND"] = "Agg"  # before anything loads matplotlib

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
