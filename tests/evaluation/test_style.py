"""The measures of style: phrases whose figures are known, their bounds, and muspy's own on the measures that both have.

Where muspy's definition is odd, it is handed what makes it say what its words say:

* ``polyphony_rate(threshold=2)`` counts the steps of *more* than two pitches: threshold 1 counts those of two or more.
* The empty rates count the bar (beat) in which a note's end lies, though it only ends on its first step, and one bar more than
  there are where the music fills its bars: time is doubled and each note handed over half a step short.
* ``groove_consistency`` counts that bar more too, so a phrase filled to its end has an empty bar to be compared with: notes are
  handed over without length.
* The range of music of drums alone is −127, and each rate is of the music up to its last note, not of the phrase: the phrases
  here sound to their end.
"""

import json

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrases import notes_from_grids
from lab_utils.evaluation.style import evaluate, features, rates
from lab_utils.score import Score, note_array

BARS, STEPS = 4, 64
SHARES = ("empty_bars", "empty_beats", "silence", "qualified_notes", "short_notes", "polyphony_rate")
SHARES += ("scale_consistency", "groove_consistency")


def random_grids(count, seed=0, voices=3, rests=0.5):
    """Grids of four bars with rests, whole empty bars, and a note that sounds to the end."""
    rng = np.random.default_rng(seed)
    grids = np.repeat(rng.integers(36, 96, (count, STEPS // 2, voices)), 2, axis=1)
    grids[rng.random(grids.shape) < rests] = -1
    silent = rng.random((count, BARS)) < 0.3
    silent[:, -1] = False
    grids[np.repeat(silent, 16, axis=1)] = -1
    grids[:, -1, 0] = 60
    return grids


def test_a_phrase_by_hand():
    # bar 1: C major triad, whole; bar 2: silence; bar 3: C4 and D4 in turn, 16ths, for two quarters; bar 4: C4 in two voices
    run = [(8 + step / 4, 0.25, 60 + 2 * (step % 2)) for step in range(8)]
    score = Score(note_array([(0, 4, 60), (0, 4, 64, 80, 1), (0, 4, 67, 80, 2), *run, (12, 4, 60), (12, 4, 60, 80, 1)]))
    found = {name: value[0] for name, value in rates([score], quarters=16.0).items()}
    assert found["empty_bars"] == 0.25
    assert found["empty_beats"] == found["silence"] == 6 / 16
    assert found["pitch_classes_per_bar"] == (3 + 0 + 2 + 1) / 4
    assert found["qualified_notes"] == 5 / 13 and found["short_notes"] == 8 / 13
    assert found["polyphony"] == (16 * 3 + 8 + 16) / 40  # pitches over the steps that sound; the unison is one
    assert found["polyphony_rate"] == 16 / 64
    shares = np.array([7, 4, 1, 1]) / 13  # C, D, E, G
    assert found["pitch_class_entropy"] == pytest.approx(-(shares * np.log2(shares)).sum())
    assert found["scale_consistency"] == 1
    assert found["groove_consistency"] == pytest.approx(1 - (1 / 16 + 8 / 16 + 7 / 16) / 3)
    assert 0 < found["tonal_distance"] < 3


def test_bounds():
    for rests in (0.0, 0.5, 0.95):
        found = rates(notes_from_grids(random_grids(30, rests=rests)), quarters=16.0)
        for name in SHARES:
            assert ((found[name] >= 0) & (found[name] <= 1)).all(), name
    every = note_array([(0, 4, pitch, 80, pitch % 4) for pitch in range(128)])  # all pitches there are
    found = rates([every], quarters=4.0)
    assert found["pitch_classes_per_bar"] == [12] and found["polyphony"] == [128]
    assert found["pitch_class_entropy"][0] <= np.log2(12) and found["scale_consistency"][0] == pytest.approx(7 / 12, abs=0.01)


def test_empty_bars_are_those_without_sound():
    """MuseGAN's own figure was the share of the bars that are not empty."""
    held = note_array([(0, 16, 60)])  # it starts in the first bar and sounds in all
    assert rates([note_array([]), held, note_array([(4, 1, 60)])], quarters=16.0)["empty_bars"].tolist() == [1, 0, 0.75]


def test_what_has_no_value_is_nan_or_none():
    empty = note_array([])
    found = rates([empty, note_array([(0, 1, 60)])], quarters=4.0)
    without = {name for name, values in found.items() if np.isnan(values[0])}
    notes = {"qualified_notes", "short_notes", "polyphony", "pitch_class_entropy", "scale_consistency"}
    assert without == notes | {"groove_consistency", "tonal_distance"}
    assert {name for name, values in found.items() if np.isnan(values[1])} == {"groove_consistency", "tonal_distance"}
    told = evaluate([empty, empty], [empty, empty], quarters=4.0)
    assert told["generated"]["polyphony"] is None and told["generated"]["empty_bars"] == 1


def test_short_notes_of_a_set_are_of_all_its_notes():
    runs, long = note_array([(step / 4, 0.25, 60) for step in range(8)]), note_array([(0, 1, 60), (1, 1, 60)])
    found = evaluate([runs, long], [long, long], quarters=4.0)
    assert found["generated"]["short_notes"] == 0.8 and found["reference"]["short_notes"] == 0
    assert found["generated"]["qualified_notes"] == 0.2


def test_off_the_grid_notes_move_to_the_nearest_step():
    triplets = note_array([(third / 3, 1 / 3, 60 + third) for third in range(3)])
    found = rates([triplets, note_array([(3.99, 0.01, 60)])], quarters=4.0)
    assert found["silence"].tolist() == [12 / 16, 15 / 16]
    assert found["short_notes"].tolist() == [2 / 3, 1]  # 0.33 to 0.67 quarters is step 1 to 3


def test_more_phrases_than_a_chunk(monkeypatch):
    monkeypatch.setattr("lab_utils.evaluation.style.CHUNK", 4)
    phrases = notes_from_grids(random_grids(10))
    chunked = rates(phrases, quarters=16.0)
    monkeypatch.undo()
    for name, values in rates(phrases, quarters=16.0).items():
        np.testing.assert_array_equal(values, chunked[name])


def test_evaluate_of_a_set_with_itself_and_with_another():
    phrases, other = (notes_from_grids(random_grids(40, seed, rests=rests)) for seed, rests in ((0, 0.5), (1, 0.9)))
    same, apart = evaluate(phrases, phrases, quarters=16.0), evaluate(phrases, other, quarters=16.0)
    assert same["mean_overlapped_area"] == same["yang_lerch"] == 1 and same["generated"] == same["reference"]
    assert apart["mean_overlapped_area"] < 0.6 and apart["generated"]["silence"] < apart["reference"]["silence"]
    assert set(apart["overlapped_area"]) == set(features(phrases, quarters=16.0))
    assert json.loads(json.dumps(apart)) == apart


def test_bad_input():
    phrases = notes_from_grids(random_grids(2))
    with pytest.raises(ParameterError, match="bar: expected a whole number of steps of 1/4 quarter"):
        rates(phrases, quarters=16.0, bar=3.2)
    with pytest.raises(ParameterError, match="phrases: expected Scores or note arrays, received none"):
        rates([], quarters=16.0)


# ---------------------------------------------------------------- another hand


@pytest.fixture(scope="module")
def muspy():
    import muspy  # here, for it takes seconds: it loads music21 and matplotlib

    return muspy


def music(muspy, notes, *, resolution=4, short=0, length=None):
    """Return a note array as muspy's Music, one track a voice; `short`: ticks that each note ends early."""
    tracks = []
    for voice in np.unique(notes["voice"]):
        track = muspy.Track()
        for onset, duration, pitch in notes[notes["voice"] == voice][["onset_quarter", "duration_quarter", "pitch"]].tolist():
            ticks = round(duration * resolution) - short if length is None else length
            track.notes.append(muspy.Note(time=round(onset * resolution), pitch=pitch, duration=ticks))
        tracks.append(track)
    return muspy.Music(resolution=resolution, tracks=tracks)


def by_muspy(muspy, notes):
    plain, early = music(muspy, notes), music(muspy, notes, resolution=8, short=1)
    struck = music(muspy, notes, length=0)
    return {
        "pitch_count": muspy.n_pitches_used(plain),
        "pitch_range": muspy.pitch_range(plain),
        "pitch_classes": muspy.n_pitch_classes_used(plain),
        "polyphony": muspy.polyphony(plain),
        "polyphony_rate": muspy.polyphony_rate(plain, threshold=1),
        "pitch_class_entropy": muspy.pitch_class_entropy(plain),
        "scale_consistency": muspy.scale_consistency(plain),
        "empty_beats": muspy.empty_beat_rate(early),
        "empty_bars": muspy.empty_measure_rate(early, 32),
        "groove_consistency": muspy.groove_consistency(struck, 16),
    }


def test_agrees_with_muspy(muspy):
    phrases = notes_from_grids(random_grids(40))
    found = rates(phrases, quarters=16.0) | features(phrases, quarters=16.0)
    found["pitch_classes"] = rates(phrases, quarters=16.0, bar=16.0)["pitch_classes_per_bar"]
    assert found["empty_bars"].max() > 0
    for number, notes in enumerate(phrases):
        assert (notes["onset_quarter"] >= 12).any() and (notes["onset_quarter"] + notes["duration_quarter"]).max() == 16
        for name, expected in by_muspy(muspy, notes).items():
            assert np.ravel(found[name][number])[0] == pytest.approx(expected, abs=1e-9), name


def test_what_is_odd_in_muspy(muspy):
    """So that the docstring above stays true: when one of these fails, muspy has changed."""
    two_bars = note_array([(0, 4, 60), (4, 4, 60)])
    assert muspy.empty_measure_rate(music(muspy, two_bars), 16) == 0
    assert muspy.empty_measure_rate(music(muspy, note_array([(0, 4, 60), (8, 4, 60)])), 16) == 0  # bar 2 of 3 is empty
    assert muspy.groove_consistency(music(muspy, two_bars), 16) == 1 - 1 / 32  # alike, but for a third bar that is not there
    chord = note_array([(0, 4, 60), (0, 4, 64, 80, 1)])
    assert muspy.polyphony_rate(music(muspy, chord)) == 0
    drums = music(muspy, chord)
    for track in drums.tracks:
        track.is_drum = True
    assert muspy.pitch_range(drums) == -127
