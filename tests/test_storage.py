import hashlib
import os
import threading
from pathlib import Path

import pytest

from lab_utils import storage
from lab_utils.errors import DataError, LabError


def test_what_is_written_is_there_and_nothing_else(tmp_path):
    storage.write_bytes(b"one", tmp_path / "deep" / "er" / "file.bin")
    storage.write_bytes(b"two", tmp_path / "deep" / "er" / "file.bin")
    assert storage.read_bytes(tmp_path / "deep" / "er" / "file.bin") == b"two"
    assert [path.name for path in (tmp_path / "deep" / "er").iterdir()] == ["file.bin"]


def test_the_name_beside_has_the_same_folder_and_suffix(tmp_path):
    with storage.replacing(tmp_path / "model.weights.h5") as beside:
        assert (beside.parent, beside.suffix) == (tmp_path, ".h5")
        assert beside.name != "model.weights.h5"
        beside.write_bytes(b"")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_an_error_leaves_the_old_file_whole(tmp_path, error):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(error), storage.replacing(path) as beside:
        beside.write_text("ne")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_line_that_names_the_file(tmp_path):
    message = r"file\.txt: cannot be written \(No space left on device\); free"
    with pytest.raises(DataError, match=message) as caught, storage.replacing(tmp_path / "file.txt") as beside:
        beside.write_text("half")
        raise OSError(28, "No space left on device")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(DataError, match="cannot be written"), storage.replacing(tmp_path / "file.txt"):
        pass


def test_a_folder_in_the_way(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(DataError, match="taken: cannot be written"):
        storage.write_bytes(b"", tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(DataError, match="cannot be written"):
        storage.write_bytes(b"", tmp_path / "file" / "inside.bin")
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.parametrize("path", ["", ".", "/"])
def test_a_path_without_a_name(path):
    with pytest.raises(DataError, match="is a folder; name a file in it"):
        storage.write_bytes(b"", path)


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    def refuse(*names):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)  # root, who runs the tests in places, may write anywhere
    with pytest.raises(DataError, match=r"file: cannot be written \(Permission denied\)"):
        storage.write_bytes(b"", tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_two_threads_do_not_mix(tmp_path):
    together = threading.Barrier(2)

    def write(letter):
        with storage.replacing(tmp_path / "file.txt") as beside:
            together.wait(timeout=10)
            beside.write_text(letter * 100)
            together.wait(timeout=10)

    threads = [threading.Thread(target=write, args=letter) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "file.txt").read_text() in ("a" * 100, "b" * 100)
    assert len(list(tmp_path.iterdir())) == 1


def test_json_comes_back(tmp_path):
    content = {"names": ["Ä", "b"], "size": 1.5, "none": None}
    storage.write_json(content, tmp_path / "a.json")
    assert storage.read_json(tmp_path / "a.json") == content
    assert (tmp_path / "a.json").read_text().endswith("}\n")


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1', b"\xff\xfe\xfa", b"\x80abc", b"[1,]"])
def test_broken_json_is_one_line_that_names_the_file(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.json: is not readable JSON \(.*\); write it again") as caught:
        storage.read_json(tmp_path / "a.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("read", [storage.read_bytes, storage.read_json, storage.sha256])
def test_paths_that_are_no_file(tmp_path, read):
    with pytest.raises(DataError, match="none: there is no such file"):
        read(tmp_path / "none")
    with pytest.raises(DataError, match="is a folder"):
        read(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(LabError, match="inside: cannot be read"):
        read(tmp_path / "file" / "inside")


def test_checksums_of_bytes_and_of_files_agree(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4's own example
    assert storage.sha256(b"abc") == storage.sha256(tmp_path / "a") == storage.sha256(str(tmp_path / "a")) == known
    assert storage.sha256(b"") == hashlib.sha256().hexdigest()


def test_the_cache_goes_where_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "mine"))
    assert storage.cache_folder("a", "b") == tmp_path / "mine" / "a" / "b"
    assert (tmp_path / "mine" / "a" / "b").is_dir()
    monkeypatch.delenv("LAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert storage.cache_folder() == tmp_path / "xdg" / "lab_utils"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert storage.cache_folder("x") == tmp_path / "home" / ".cache" / "lab_utils" / "x"


def test_a_cache_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match="set LAB_CACHE"):
        storage.cache_folder("a")


def test_offline_copies_lie_where_they_are_told(monkeypatch):
    monkeypatch.setenv("LAB_DATA", "some/folder")
    assert storage.offline_folder() == Path("some/folder")
    for nothing in ("", None):
        monkeypatch.setenv("LAB_DATA", nothing) if nothing is not None else monkeypatch.delenv("LAB_DATA")
        assert storage.offline_folder() is None


def test_shipped_data_lies_beside_the_package(tmp_path, monkeypatch):
    assert storage.shipped_folder("chorales") == Path(storage.__file__).parents[1] / "datasets" / "chorales"
    monkeypatch.setattr(storage, "__file__", str(tmp_path / "lab_utils" / "storage.py"))
    with pytest.raises(DataError, match="install from a clone"):
        storage.shipped_folder()
