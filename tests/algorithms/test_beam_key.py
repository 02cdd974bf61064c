"""The key: which it is, and what it asks of the first chord, of the last, and of the notes between."""

import numpy as np
import pytest

from lab_utils.algorithms import _beam_key as keys
from lab_utils.algorithms._beam_harmony import RANGES, read_soprano
from lab_utils.algorithms._beam_models import ALPHABET, VOICES
from lab_utils.errors import ParameterError

LINE = np.repeat([71, 76, 75, 76], 4)  # in E major


def named(melody, key, **options):
    return {one.name: one for one in keys.bounds(melody, key, ranges=RANGES, **options)}


def pitch_classes(mask, step):
    return set((ALPHABET.array[mask.at(step) & ALPHABET.starts] % 12).tolist())


def test_the_key_is_asked_for_or_heard():
    scale = read_soprano(np.repeat([64, 66, 68, 69, 71, 73, 75, 76, 71, 68, 64], 4))
    assert keys.key_of(scale) == (4, "major") and keys.key_of(scale, (1, "minor")) == (1, "minor")
    assert keys.key_of(scale, "free") is None and keys.bounds(scale, None, ranges=RANGES) == []
    for wrong, words in ((("E"), "or 'free'"), (3, "such as"), ((9, "major"), "sharps")):
        with pytest.raises(ParameterError, match=words):
            keys.key_of(scale, wrong)
    with pytest.raises(ParameterError, match="price"):
        keys.bounds(scale, (4, "major"), ranges=RANGES, price=-1)


def test_first_and_last_chord():
    found = named(read_soprano(LINE), (4, "major"))
    first, last = found["first chord"], found["last chord"]
    scale, triad = {4, 6, 8, 9, 11, 1, 3}, {4, 8, 11}
    assert pitch_classes(first, 1) == scale and first.at(0).all() and first.at(VOICES + 1).all()
    assert isinstance(last, keys.LastChord)  # of two of the name the second
    mask = keys.bounds(read_soprano(LINE), (4, "major"), ranges=RANGES)[1]
    assert all(pitch_classes(mask, frame * VOICES + 2) == triad for frame in (12, 15)) and mask.at(11 * VOICES + 1).all()
    half = keys.bounds(read_soprano(LINE[:12]), (4, "major"), ranges=RANGES)[1]  # ends on the leading note
    assert pitch_classes(half, 11 * VOICES + 1) == scale
    minor = keys.bounds(read_soprano(LINE), (1, "minor"), ranges=RANGES)[1]
    assert pitch_classes(minor, 15 * VOICES + 1) == {4, 7, 8, 11}


def test_what_is_held_into_the_last_frame_belongs_to_the_chord():
    last = keys.LastChord((4, 8, 11), 2)
    for pitch, may in ((64, True), (66, False)):
        prefix = np.array([[ALPHABET.token(76), ALPHABET.token(pitch), ALPHABET.token(59), ALPHABET.token(52), 0]])
        assert last.allowed(prefix, 5)[0, 0] == may and last.allowed(prefix, 5)[0, 5] and last.allowed(prefix[:, :1], 1).all()


def test_foreign_notes_have_a_price():
    melody = read_soprano(LINE)
    wish = named(melody, (4, "major"), price=2.0)["foreign to the key"]
    scores = wish.score(np.zeros((1, 5), int), 5)[0]
    assert scores[ALPHABET.token(60)] == -2 and scores[ALPHABET.token(64)] == 0 and not scores[:2].any()
    assert not wish.score(np.zeros((1, 4), int), 4).any()  # the soprano is given
    assert "foreign to the key" not in named(melody, (4, "major"), price=0)
    forbidden = named(melody, (4, "major"), price=np.inf)["key of E major"]
    assert 0 not in pitch_classes(forbidden, 5) and forbidden.at(4).all()


def test_a_chord_without_room_is_left_free():
    melody = read_soprano(LINE)
    assert "first chord" not in named(melody, (4, "major"), pins={(0, 2): 60})
    assert "last chord" not in named(melody, (4, "major"), pins={(13, 2): 60})
    assert "last chord" in named(melody, (4, "major"), pins={(13, 2): 59, (5, 1): 60})
    narrow = [one.name for one in keys.bounds(melody, (4, "major"), ranges=(*RANGES[:3], (60, 60)))]
    assert "first chord" not in narrow and "last chord" not in narrow
