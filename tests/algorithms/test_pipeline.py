"""The pipeline joined: a dialogue that is ready, a sound answered, and files written, with the model that ships."""

import numpy as np
import pytest

from lab_utils import files
from lab_utils.algorithms import pipeline
from lab_utils.audio.synth import synthesize
from lab_utils.errors import DataError
from lab_utils.score import Score, note_array

RATE = 22050


@pytest.fixture(scope="module")
def phrase():
    """A violin plays four notes, with a second of silence after them."""
    score = Score(note_array([(i, 1, pitch) for i, pitch in enumerate((67, 69, 71, 72))]), tempos=((0.0, 120.0),), programs=(40,))
    sound = synthesize(score, sample_rate=RATE, engine="embedded")
    return np.concatenate([sound, np.zeros(RATE, np.float32)])


def test_a_dialogue_that_needs_no_network(phrase):
    talk = pipeline.ready(sample_rate=RATE, answer=pipeline.mirror)
    made = talk.push(np.concatenate([phrase, np.zeros(3 * RATE, np.float32)]))
    (turn,) = talk.turns
    assert [note.pitch for note in turn.phrase] == [67, 69, 71, 72]
    assert turn.reply.notes["pitch"].tolist() == [67, 65, 63, 62]
    assert np.flatnonzero(np.abs(made) > 1e-4)[0] / RATE == pytest.approx(turn.due, abs=0.2)


def test_instruments_are_made_once():
    assert pipeline.instrument(73, RATE) is pipeline.instrument(73, RATE)


def test_the_model_answers_a_sound_and_the_files_are_written(phrase, tmp_path):
    files.write_sound(phrase, tmp_path / "phrase.wav", sample_rate=RATE)
    made = pipeline.generate(prompt=tmp_path / "phrase.wav", seed=3, out=tmp_path / "out")
    assert made["notes_heard"] == 4 and 1 <= made["seconds"] <= 8.2
    reply = files.read(made["midi"])
    assert len(reply) >= 1 and reply.notes["pitch"].min() > 40
    both, rate = files.read_sound(made["dialogue"])
    assert rate == RATE and len(both) > len(phrase) + RATE
    assert all(made[kind].stat().st_size > 100 for kind in ("musicxml", "sound", "staff", "staff_svg", "roll"))
    heard, again = pipeline.respond(phrase, sample_rate=RATE, seed=3)  # the same seed, the same reply
    assert heard.notes["pitch"].tolist() == [67, 69, 71, 72]
    assert again.notes["pitch"].tolist() == reply.notes["pitch"].tolist()


@pytest.mark.parametrize("loud", [0.0, 0.1])
def test_silence_and_noise_are_no_phrase(tmp_path, loud):
    noise = loud * np.random.default_rng(0).standard_normal(RATE)
    files.write_sound(np.clip(noise, -1, 1).astype(np.float32), tmp_path / "noise.wav", sample_rate=RATE)
    with pytest.raises(DataError, match="no note can be heard"):
        pipeline.generate(prompt=tmp_path / "noise.wav", out=tmp_path)
    assert not (tmp_path / "reply.mid").exists()


def test_without_a_file_a_tune_opens_the_dialogue(monkeypatch, tmp_path):
    monkeypatch.setattr(pipeline, "Continuation", lambda **_: lambda phrase, seconds: pipeline.mirror(phrase, seconds))
    made = [pipeline.generate(seed=seed, out=tmp_path / str(seed)) for seed in (0, 1)]
    heard = [files.read(one["midi"]).notes["pitch"].tolist() for one in made]
    assert heard[0] != heard[1] and all(one["notes_heard"] > 3 for one in made)
