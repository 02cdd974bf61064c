"""A server on the loopback stands in for the public address."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lab_utils.datasets import download
from lab_utils.datasets.download import PublicFile, fetch, offline, read_checked
from lab_utils.errors import DataError

CONTENT = bytes(range(256)) * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LAB_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    return tmp_path / "cache" / "downloads"


class _Answers(BaseHTTPRequestHandler):
    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
            return
        content = {"/altered": CONTENT[:-1] + b"x"}.get(self.path, CONTENT)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.path == "/cut" else content)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def public(url, **changes):
    return PublicFile(**{"name": "data.bin", "url": url, "sha256": DIGEST, "size": len(CONTENT), **changes})


def one_line(error):
    return "\n" not in str(error.value) and str(error.value).endswith(".")


def test_a_file_is_fetched_once(cache, address):
    _Answers.asked.clear()
    first = fetch(public(f"{address}/whole"))
    assert first == fetch(public(f"{address}/whole")) == (cache / "data.bin", CONTENT)
    assert _Answers.asked == ["/whole"]
    assert [path.name for path in cache.iterdir()] == ["data.bin"]


@pytest.mark.parametrize(
    "path, told", [("altered", "another SHA-256"), ("cut", "broke off"), ("missing", "the server answers 404")]
)
def test_a_failed_download_leaves_nothing(cache, address, path, told):
    with pytest.raises(DataError, match=told) as error:
        fetch(public(f"{address}/{path}"))
    assert one_line(error) and f"{address}/{path}" in str(error.value) and "LAB_DATA" in str(error.value)
    assert list(cache.iterdir()) == []


def test_without_network_one_line_says_what_to_do(cache):
    with pytest.raises(DataError, match="data.bin: cannot be fetched from http://127.0.0.1:9/.*no connection.*LAB_DATA") as error:
        fetch(public("http://127.0.0.1:9/"))  # the port that discards: nobody listens
    assert one_line(error) and list(cache.iterdir()) == []


def test_a_server_that_never_answers(cache, monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as silent:  # accepts, and is never served
        monkeypatch.setattr(download, "TIMEOUT", 0.2)
        with pytest.raises(DataError, match="no answer in time"):
            fetch(public(f"http://127.0.0.1:{silent.server_port}/"))


def test_a_full_disk_is_told_as_such(cache, address, monkeypatch):
    import errno
    import shutil

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "move", full)
    with pytest.raises(DataError, match="No space left on device.*free some space"):
        fetch(public(f"{address}/whole"))
    assert list(cache.iterdir()) == []


def test_an_altered_cache_is_fetched_anew(cache, address):
    cache.mkdir(parents=True)
    (cache / "data.bin").write_bytes(CONTENT[:100])
    assert fetch(public(f"{address}/whole"))[1] == CONTENT


def test_the_offline_copy_goes_first(cache, tmp_path, monkeypatch):
    (tmp_path / "data.bin").write_bytes(CONTENT)
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    assert offline(public("")) == tmp_path / "data.bin"
    assert fetch(public("http://127.0.0.1:9/")) == (tmp_path / "data.bin", CONTENT)
    assert offline(public("", name="other.bin")) is None


@pytest.mark.parametrize("wrong, told", [(CONTENT[:-1], "not whole"), (CONTENT[:-1] + b"x", "altered")])
def test_a_wrong_offline_copy_is_not_passed_over(cache, address, tmp_path, monkeypatch, wrong, told):
    (tmp_path / "data.bin").write_bytes(wrong)
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    with pytest.raises(DataError, match=told) as error:
        fetch(public(f"{address}/whole"))
    assert one_line(error) and str(tmp_path / "data.bin") in str(error.value)


def test_read_checked_names_a_missing_file(tmp_path):
    with pytest.raises(DataError, match="nowhere.bin: cannot be read"):
        read_checked(tmp_path / "nowhere.bin", digest=DIGEST)
