"""Notes heard in sound: known by construction, at all rates, in blocks of all sizes, and in what is no music."""

import numpy as np
import pytest

from lab_utils.audio.notes import Heard, NoteTracker, find_notes
from lab_utils.audio.synth import synthesize
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

RATE = 22050


def tone(pitch, seconds, rate=RATE, loud=0.3):
    """A plucked tone with three partials that ends with a short fade."""
    at = np.arange(round(seconds * rate)) / rate
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hertz * part * at) / part for part in (1, 2, 3)) / 1.8
    return (loud * wave * np.exp(-1.5 * at) * np.minimum(1, np.minimum(at, at[::-1]) / 0.004)).astype(np.float32)


def silence(seconds, rate=RATE):
    return np.zeros(round(seconds * rate), np.float32)


def melody(pitches, each=0.3, rate=RATE):
    return np.concatenate([silence(0.2, rate), *(tone(pitch, each, rate) for pitch in pitches), silence(0.5, rate)])


def in_blocks(samples, size, rate=RATE):
    tracker = NoteTracker(rate)
    heard = [note for i in range(0, len(samples), size) for note in tracker.push(samples[i : i + size])]
    return heard + tracker.finish()


@pytest.mark.parametrize("rate", [11025, 16000, 22050, 44100, 48000])
def test_a_melody_is_heard(rate):
    pitches = [60, 64, 67, 67, 72, 55, 79]
    heard = find_notes(melody(pitches, rate=rate), sample_rate=rate)
    assert [note.pitch for note in heard] == pitches
    assert [note.onset_seconds for note in heard] == pytest.approx([0.2 + 0.3 * i for i in range(7)], abs=0.025)
    assert [note.end_seconds for note in heard] == pytest.approx([0.5 + 0.3 * i for i in range(7)], abs=0.05)


@pytest.mark.parametrize("program", [0, 40, 73], ids=["piano", "violin", "flute"])
def test_instruments(program):
    pitches = [67, 69, 71, 74, 72, 71, 67]
    score = Score(note_array([(i / 2, 0.5, pitch) for i, pitch in enumerate(pitches)]), programs=(program,))
    heard = find_notes(synthesize(score, sample_rate=RATE, engine="embedded"), sample_rate=RATE)
    assert [note.pitch for note in heard] == pitches
    assert [note.onset_seconds for note in heard] == pytest.approx([0.25 * i for i in range(7)], abs=0.05)


def test_the_same_notes_whatever_the_blocks():
    samples = melody([60, 62, 62, 65], each=0.2)
    once = in_blocks(samples, len(samples))
    assert len(once) == 4
    for size in (1, 7, 220, 441):
        assert in_blocks(samples, size) == once
    assert find_notes(samples, sample_rate=RATE) == once


def test_empty_blocks_change_nothing():
    tracker = NoteTracker(RATE)
    assert tracker.push(np.zeros(0, np.float32)) == [] and tracker.seconds == 0
    assert tracker.finish() == []


def test_a_note_is_told_soon_after_its_end():
    tracker, told = NoteTracker(RATE), None
    samples = np.concatenate([tone(64, 0.4), silence(1)])
    for i in range(0, len(samples), 100):
        if tracker.push(samples[i : i + 100]):
            told = i / RATE
            break
    assert 0.4 < told < 0.65


def test_sounding_and_stirring():
    tracker = NoteTracker(RATE)
    tracker.push(silence(0.5))
    assert tracker.sounding is None and not tracker.stirring
    tracker.push(tone(64, 0.5)[: RATE // 10])
    assert tracker.sounding is None and tracker.stirring  # it has begun, and is not decided on yet
    tracker.push(tone(64, 0.5)[RATE // 10 :])
    assert tracker.sounding == pytest.approx(0.5, abs=0.03)
    tracker.push(silence(0.5))
    assert tracker.sounding is None and not tracker.stirring


@pytest.mark.parametrize(
    "samples", [silence(2), np.zeros(1, np.float32), np.full(RATE, 0.5, np.float32)], ids=["2 s", "1", "offset"]
)
def test_silence_has_no_notes(samples):
    assert find_notes(samples, sample_rate=RATE) == []


@pytest.mark.parametrize("loud", [0.003, 0.05, 0.5])
def test_noise_has_no_notes(loud):
    noise = np.random.default_rng(3).standard_normal(3 * RATE)
    burst = np.where((np.arange(3 * RATE) // 5000) % 2, noise, 0)  # and noise that starts and stops
    for samples in (noise, burst):
        assert find_notes(np.clip(loud * samples, -1, 1).astype(np.float32), sample_rate=RATE) == []


def test_notes_in_some_noise():
    samples = melody([60, 64, 67, 72])
    noisy = samples + 0.005 * np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32)
    assert [note.pitch for note in find_notes(noisy, sample_rate=RATE)] == [60, 64, 67, 72]


def test_clipping_keeps_the_pitches():
    samples = np.clip(20 * melody([60, 64, 67, 72]), -1, 1)
    heard = find_notes(samples, sample_rate=RATE)
    assert [note.pitch for note in heard] == [60, 64, 67, 72]
    assert heard[0].velocity == 127


def test_soft_is_softer_than_loud():
    heard = find_notes(
        np.concatenate([silence(0.1), tone(60, 0.4, loud=0.05), tone(64, 0.4, loud=0.5), silence(0.4)]), sample_rate=RATE
    )
    assert [note.pitch for note in heard] == [60, 64]
    assert heard[0].velocity < heard[1].velocity


@pytest.mark.parametrize("other", [52, 64, 55])
def test_of_two_notes_at_once_one_is_told(other):
    heard = find_notes(np.concatenate([tone(60, 0.6) * 1.5 + tone(other, 0.6), silence(0.4)]), sample_rate=RATE)
    assert len(heard) <= 2
    assert all(note.pitch % 12 in (0, other % 12) for note in heard)


def test_a_long_note_is_told_after_eight_seconds():
    at = np.arange(9 * RATE) / RATE
    tracker = NoteTracker(RATE)
    heard = tracker.push((0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32))
    assert [(note.pitch, round(note.end_seconds)) for note in heard] == [(69, 8)]


def test_memory_stays_flat():
    tracker = NoteTracker(RATE)
    tracker.push(silence(1))
    kept = [len(row) for row in (tracker.flux, tracker.level, tracker.steady, tracker.ear.frames.waiting)]
    tracker.push(np.concatenate([tone(60, 1), silence(1)]))
    after = [len(row) for row in (tracker.flux, tracker.level, tracker.steady, tracker.ear.frames.waiting)]
    assert after[:3] == kept[:3] and after[3] <= tracker.ear.frames.window


def test_heard_is_a_plain_tuple():
    assert Heard(0.0, 1.0, 60, 80)._asdict() == {"onset_seconds": 0.0, "end_seconds": 1.0, "pitch": 60, "velocity": 80}


def test_bad_input():
    with pytest.raises(ParameterError, match="sample_rate: expected"):
        NoteTracker(4000)
    with pytest.raises(ParameterError, match="lowest: expected"):
        NoteTracker(RATE, lowest=10)
    with pytest.raises(ParameterError, match="block: expected floats"):
        NoteTracker(RATE).push(np.zeros((10, 2), np.float32))
    with pytest.raises(ParameterError, match="samples: expected at least one"):
        find_notes(np.zeros(0, np.float32), sample_rate=RATE)
