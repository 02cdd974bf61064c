"""Voices in turn: what each may do is what the words say, and a frame leaves room for the voices below."""

import numpy as np
import pytest

from lab_utils.generation import constraints, voices
from lab_utils.generation.beam import beam_search
from lab_utils.generation.lookahead import Constraints

LETTERS = constraints.Alphabet.of_steps(48, 72)
HOLD, REST = 0, 1


def note(pitch):
    return LETTERS.token(pitch)


def fits(constraint, *frames, voice):
    """The tokens that `voice` may take after these frames (the last one cut before it), by one constraint."""
    prefix = np.array([[token for frame in frames for token in frame]])
    assert prefix.shape[1] % 3 == voice
    return set(np.flatnonzero(constraint.allowed(prefix, prefix.shape[1])[0]).tolist())


def pitches(tokens):
    return {LETTERS.pitches[token] for token in tokens}


def test_a_voice_is_given_in_its_steps_alone():
    mask = voices.given_voice(LETTERS, [5, HOLD], voice=1, voices=3)
    assert mask.at(0).all() and np.flatnonzero(mask.at(1)).tolist() == [5] and np.flatnonzero(mask.at(4)).tolist() == [HOLD]


def test_ranges_are_of_each_voice():
    mask = voices.voice_ranges(LETTERS, (None, (60, 62), (50, 50)), 2)
    assert mask.tokens.shape == (6, LETTERS.size) and mask.at(3).all()
    assert pitches(np.flatnonzero(mask.at(4))) == {-2, -1, 60, 61, 62} and pitches(np.flatnonzero(mask.at(5))) == {-2, -1, 50}


def test_spelling_is_of_each_voice():
    plain, changes = voices.VoiceSpelling(LETTERS, 3), voices.VoiceSpelling(LETTERS, 3, repeats=False)
    frame = (note(60), REST, note(50))
    assert HOLD not in fits(plain, frame[:1], voice=1)
    assert REST not in fits(plain, frame, (HOLD,), voice=1) and REST in fits(plain, frame, voice=0)
    assert note(60) in fits(plain, frame, voice=0) and note(60) not in fits(changes, frame, voice=0)


def test_what_sounds_is_found_far_back():
    long = [(note(60), note(55), note(50))] + [(HOLD, HOLD, HOLD)] * 200
    assert note(50) not in fits(voices.VoiceSpelling(LETTERS, 3, repeats=False), *long, (HOLD, HOLD), voice=2)


def test_voices_sound_while_the_top_one_does():
    together = voices.Together(LETTERS, 3)
    sounding, resting = (note(60), REST, note(50)), (REST, REST, note(50))
    assert pitches(fits(together, sounding, (HOLD,), voice=1)) == set(range(48, 73))
    lowest = fits(together, sounding, (HOLD, note(55)), voice=2)
    assert HOLD in lowest and REST not in lowest
    assert {HOLD, REST} <= fits(together, resting, (HOLD,), voice=1)
    assert len(fits(together, sounding, voice=0)) == LETTERS.size


def test_no_voice_crosses_the_one_above():
    plain = voices.NoCrossing(LETTERS, 3)
    frame = (note(60), note(55), note(50))
    assert max(pitches(fits(plain, frame, (note(57),), voice=1))) == 57
    assert HOLD in fits(plain, frame, (note(57),), voice=1) and HOLD not in fits(plain, frame, (note(54),), voice=1)
    assert max(pitches(fits(plain, frame, (HOLD, REST), voice=2))) == 60  # a silent voice is passed over
    assert pitches(fits(plain, frame, voice=0)) >= {48, 72}


def test_room_is_left_for_those_below():
    masks = voices.voice_ranges(LETTERS, (None, (50, 72), (58, 60)), 1).tokens
    knowing = voices.NoCrossing(LETTERS, 3).prepare(masks)
    assert min(pitch for pitch in pitches(fits(knowing, (note(70),), voice=1)) if pitch >= 0) == 58


def random_logits(prefixes, state):
    keys = [abs(hash(tuple(row.tolist()))) for row in prefixes]
    return np.stack([2 * np.random.default_rng(key).normal(size=LETTERS.size) for key in keys]), state


@pytest.mark.parametrize("grid", [1, 4])
def test_a_search_never_runs_into_a_dead_end(grid):
    """Narrow ranges that overlap, a soprano that leaps, lower voices that move on a grid: no widening, even of a beam of one."""
    soprano = np.random.default_rng(1).integers(58, 73, 24)
    frames = len(soprano)
    moves = (np.arange(frames) % grid == 0)[:, None] | LETTERS.holds
    bounds = [
        voices.given_voice(LETTERS, [note(pitch) for pitch in soprano], voices=3),
        voices.voice_ranges(LETTERS, (None, (55, 72), (52, 64)), frames),
        voices.voice_masks(LETTERS, [None, moves, moves], frames, name="grid"),
        voices.VoiceSpelling(LETTERS, 3), voices.Together(LETTERS, 3), voices.NoCrossing(LETTERS, 3),
    ]  # fmt: skip
    found = beam_search(random_logits, 3 * frames, beams=1, constraints=bounds)
    assert found.beams == 1
    tokens = found.tokens[0].reshape(frames, 3)
    sounds = np.maximum.accumulate(np.where(tokens != HOLD, np.arange(frames)[:, None], 0), axis=0)
    pitch = LETTERS.array[np.take_along_axis(tokens, sounds, axis=0)]
    assert (pitch[:, 0] == soprano).all() and (np.diff(pitch, axis=1) <= 0).all()
    assert (pitch[:, 1] >= 55).all() and (pitch[:, 2] >= 52).all() and (pitch[:, 2] <= 64).all()
    assert (tokens[np.arange(frames) % grid != 0, 1:] == HOLD).all()
    assert Constraints(bounds, steps=3 * frames, size=LETTERS.size).hold(found.tokens).all()
