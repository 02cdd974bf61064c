"""The reply: the phrase as the model reads it, and what becomes of what the model writes; with a writer made by hand."""

import numpy as np
import pytest

from lab_utils.algorithms import _pipeline_answer as answers
from lab_utils.audio.notes import Heard
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, LOWEST
from lab_utils.score import Score, note_array


def phrase(pitches, each=0.5):
    return [Heard(i * each, (i + 1) * each, pitch, 90) for i, pitch in enumerate(pitches)]


def token(pitch):
    return pitch - LOWEST + FIRST_PITCH


@pytest.fixture
def continuation(monkeypatch):
    """A Continuation without a network, whose `written` are the tokens to come, then holds; `asked` what it was asked."""
    made = answers.Continuation.__new__(answers.Continuation)
    made.form = type("Form", (), {"repeats": False, "kind": "steps"})
    made.seed, made.temperature, made.program, made.count = 0, 0.9, 73, 0
    made.written, made.asked = [], []

    def write(prompt, steps):
        made.asked.append((list(prompt), steps))
        return np.array([*made.written, *[HOLD] * steps][:steps], np.int32)

    made.write = write
    return made


def test_the_reply_has_the_phrases_tempo_and_length(continuation):
    continuation.written = [token(72), HOLD, HOLD, HOLD, token(74)]
    reply = continuation(phrase([72, 74, 76, 77]), 2.0)
    assert reply.notes["pitch"].tolist() == [72, 74]
    assert reply.notes["onset_quarter"].tolist() == [0, 1]
    assert reply.duration_seconds == pytest.approx(2.0, abs=60 / reply.tempo / 4)
    assert reply.program(0) == 73 and set(reply.notes["velocity"]) == {90}


def test_what_is_held_on_at_the_start_is_left_out(continuation):
    continuation.written = [HOLD] * 6 + [token(69)]
    reply = continuation(phrase([72, 74]), 1.0)
    assert reply.notes["pitch"].tolist() == [69] and reply.notes["onset_quarter"].tolist() == [0]
    assert reply.duration_seconds == pytest.approx(1.0, abs=60 / reply.tempo / 4)


def test_low_phrases_are_moved_up_and_their_replies_down(continuation):
    continuation.written = [token(72)]
    reply = continuation(phrase([48, 50, 52]), 1.5)
    prompt, _ = continuation.asked[0]
    assert [number for number in prompt if number >= FIRST_PITCH] == [token(60), token(62), token(64)]
    assert reply.notes["pitch"].tolist() == [60]


def test_nothing_written_is_answered_with_the_mirror(continuation):
    reply = continuation(phrase([72, 74, 71]), 1.5)
    assert reply.notes["pitch"].tolist() == [72, 70, 73]


def test_each_reply_has_a_seed_of_its_own(monkeypatch, continuation):
    from lab_utils.recipes import _melody_writing

    seeds = []

    def go_on(model, form, prompt, *, steps, seed, temperature):
        seeds.append(seed)
        return np.array([token(72)] + [HOLD] * (steps - 1))

    monkeypatch.setattr(_melody_writing, "go_on", go_on)
    del continuation.write
    continuation.model, continuation.seed = None, 5
    for _ in range(2):
        continuation(phrase([72, 74]), 1.0)
    assert seeds == [5, 6]


def test_prompt_ends_with_a_quarter_and_folds_what_is_beyond():
    score = Score(note_array([(0, 0.5, 61), (0.5, 0.75, 84), (1.25, 0.5, 62)]))
    tokens, shift = answers.prompt_from_score(score)
    assert shift == 0 and len(tokens) == 8
    assert tokens.tolist() == [token(61), HOLD, token(72), HOLD, HOLD, token(62), HOLD, HOLD]


def test_repeated_notes_are_long_ones_for_a_model_that_knows_none():
    score = Score(note_array([(0, 1, 72), (1, 1, 72)]))
    assert np.count_nonzero(answers.prompt_from_score(score)[0]) == 1
    assert np.count_nonzero(answers.prompt_from_score(score, repeats=True)[0]) == 2


def test_of_a_long_phrase_the_end_is_read():
    score = Score(note_array([(i, 1, 60 + i % 12) for i in range(40)]))
    tokens, _ = answers.prompt_from_score(score)
    assert len(tokens) == answers.LONGEST_PROMPT and tokens[-4] == token(60 + 39 % 12)


def test_folded():
    assert answers.folded(np.array([59, 60, 81, 82, 40, 100])).tolist() == [71, 60, 81, 70, 64, 76]


def test_mirror_turns_the_phrase_upside_down_and_cuts_it():
    reply = answers.mirror(phrase([60, 64, 67, 72]), 1.2)
    assert reply.notes["pitch"].tolist() == [60, 56, 53]
