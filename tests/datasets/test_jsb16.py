import hashlib
import json

import numpy as np
import pytest

from lab_utils.datasets import jsb16
from lab_utils.datasets.download import PublicFile, offline
from lab_utils.datasets.jsb16 import CANONICAL, REDUCED, jsb16_at_hand, load_jsb16
from lab_utils.errors import DataError, ParameterError

here = pytest.mark.skipif(
    offline(CANONICAL) is None and offline(REDUCED) is None,
    reason=f"LAB_DATA names no folder with {CANONICAL.name} or {REDUCED.name}",
)
whole = pytest.mark.skipif(offline(CANONICAL) is None, reason=f"LAB_DATA names no folder with {CANONICAL.name}")
TOY = {
    "train": [[[74, 70, 65, 58], [74, 70, 65, -1]], [[60, 55, 52, 48]]],
    "valid": [[[72, 67, 60, 48]] * 3],
    "test": [[[71, 67, 62, 55]]],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path


def put(folder, monkeypatch, content, *, known):
    """Write a toy in the place of one of the two public files, with its own checksum."""
    data = json.dumps(content).encode()
    (folder / known.name).write_bytes(data)
    toy = PublicFile(known.name, known.url, hashlib.sha256(data).hexdigest(), len(data))
    monkeypatch.setattr(jsb16, "REDUCED" if known is REDUCED else "CANONICAL", toy)


def test_the_folds_of_the_whole_file(folder, monkeypatch):
    put(folder, monkeypatch, TOY, known=CANONICAL)
    for fold, pieces in TOY.items():
        loaded = load_jsb16(fold)
        assert [piece.tolist() for piece in loaded] == pieces
        assert {piece.dtype for piece in loaded} == {np.dtype("int16")}


def test_the_whole_file_goes_before_the_reduced_one(folder, monkeypatch):
    put(folder, monkeypatch, {**TOY, "train": []}, known=REDUCED)
    put(folder, monkeypatch, TOY, known=CANONICAL)
    assert len(load_jsb16("train")) == 2


@pytest.mark.parametrize("known", [CANONICAL, REDUCED], ids=lambda file: file.name)
def test_an_offline_copy_is_at_hand(folder, monkeypatch, known):
    assert not jsb16_at_hand()
    put(folder, monkeypatch, TOY, known=known)
    assert jsb16_at_hand()


def test_what_was_fetched_is_at_hand_as_long_as_it_is_whole(folder, monkeypatch):
    put(folder, monkeypatch, TOY, known=CANONICAL)
    cached = folder / "cache" / "downloads" / CANONICAL.name
    cached.parent.mkdir(parents=True)
    (folder / CANONICAL.name).rename(cached)
    assert jsb16_at_hand()
    cached.write_bytes(cached.read_bytes()[:-1])  # cut short: loading would fetch it anew
    assert not jsb16_at_hand()


def test_the_reduced_file_has_no_test_fold(folder, monkeypatch):
    put(folder, monkeypatch, {fold: TOY[fold] for fold in ("train", "valid")}, known=REDUCED)
    assert len(load_jsb16("train")) == 2 and len(load_jsb16("valid")) == 1
    with pytest.raises(DataError, match=f"{REDUCED.name}: it has no fold 'test'; put {CANONICAL.name} beside it") as error:
        load_jsb16("test")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("known", [CANONICAL, REDUCED])
def test_a_truncated_file(folder, known):
    (folder / known.name).write_text('{"train": [[[74, 70,')
    with pytest.raises(DataError, match=f"{known.name}: expected"):
        load_jsb16("train")


def test_an_altered_file_of_the_right_size(folder):
    (folder / REDUCED.name).write_bytes(b" " * REDUCED.size)
    with pytest.raises(DataError, match="SHA-256"):
        load_jsb16("train")


def test_without_file_and_network(folder, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(jsb16, "CANONICAL", PublicFile(CANONICAL.name, "http://127.0.0.1:9/", CANONICAL.sha256))
    with pytest.raises(DataError, match=f"{CANONICAL.name}: cannot be fetched .* set LAB_DATA") as error:
        load_jsb16("train")
    assert "\n" not in str(error.value)


def test_an_unknown_fold():
    with pytest.raises(ParameterError, match="train, valid, test, received 'validation'"):
        load_jsb16("validation")


def test_the_public_address_is_the_one_that_was_asked_for():
    assert CANONICAL.url == "https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset/master/Jsb16thSeparated.json"
    assert CANONICAL.sha256 == "79294cc374f9252e95ef4b703161524c1c53dc1f712c236f00f1c1f5d54af5a7"


@here
@pytest.mark.parametrize("fold", ["train", "valid"])
def test_the_real_folds(fold):
    pieces = load_jsb16(fold)
    values = np.concatenate(pieces)
    assert len(pieces) == jsb16.PIECES[fold]
    assert values.shape[1] == 4 and values.min() == -1
    sounding = values[values >= 0]
    assert sounding.min() >= 36 and sounding.max() <= 81  # C2 to A5
    means = [values[values[:, voice] >= 0, voice].mean() for voice in range(4)]
    assert means == sorted(means, reverse=True)


@whole
def test_the_real_test_fold():
    assert len(load_jsb16("test")) == jsb16.PIECES["test"]
