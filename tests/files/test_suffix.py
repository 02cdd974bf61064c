import pytest

from lab_utils import files
from lab_utils.errors import DataError

SUFFIXES = [".mid", ".midi", ".musicxml", ".xml", ".mxl", ".abc", ".MID", ".Abc"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_comes_back(chorale, tmp_path, suffix):
    files.write(chorale, tmp_path / f"chorale{suffix}")
    assert files.read(tmp_path / f"chorale{suffix}") == chorale
    assert files.read(str(tmp_path / f"chorale{suffix}")) == chorale


def test_each_suffix_has_its_format(chorale, tmp_path):
    starts = {".mid": b"MThd", ".musicxml": b"<?xml", ".mxl": b"PK", ".abc": b"X:1"}
    for suffix, start in starts.items():
        files.write(chorale, tmp_path / f"a{suffix}")
        assert (tmp_path / f"a{suffix}").read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["a.wav", "a", "a.mid.txt", ".mid"])
def test_other_suffixes_are_refused(chorale, tmp_path, name):
    for call in (lambda: files.read(tmp_path / name), lambda: files.write(chorale, tmp_path / name)):
        with pytest.raises(DataError, match=r"expected one of the suffixes \.mid, .*; rename it"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_content_of_another_format_is_refused(chorale, tmp_path):
    for written, read_as in ((".mid", ".abc"), (".abc", ".mid"), (".mid", ".musicxml"), (".musicxml", ".mid"), (".abc", ".mxl")):
        files.write(chorale, tmp_path / f"a{written}")
        (tmp_path / f"a{written}").rename(tmp_path / f"b{read_as}")
        with pytest.raises(DataError, match=rf"b\{read_as}: is not "):
            files.read(tmp_path / f"b{read_as}")


def test_the_face_hands_out_every_reader_and_writer():
    for name in files.__all__:
        assert getattr(files, name) is not None
