import music21
import pytest

from lab_utils.files import spelling
from lab_utils.score import Score, note_array


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("sharps", range(-7, 8))
def test_the_scale_of_a_key_needs_no_accidental(sharps, mode):
    key = music21.key.KeySignature(sharps).asKey(mode)
    for pitch in key.pitches:
        step, alter, octave = spelling.spell(pitch.midi, (sharps, mode))
        assert (step, alter, octave) == (pitch.step, int(pitch.alter), pitch.octave)
        assert spelling.key_alter(step, sharps) == alter


@pytest.mark.parametrize("sharps", range(-7, 8))
def test_the_leading_note_of_a_minor_key_is_raised(sharps):
    tonic = music21.key.KeySignature(sharps).asKey("minor").tonic
    step, alter, _ = spelling.spell(tonic.midi + 11, (sharps, "minor"))
    leading = tonic.transpose("M7")
    assert (step, alter) == (leading.step, int(leading.alter))


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ((0, "major"), "C C# D Eb E F F# G G# A Bb B"),
        ((0, "minor"), "C C# D D# E F F# G G# A Bb B"),
        ((-3, "minor"), "C Db D Eb E F F# G Ab A Bb B"),
        ((3, "major"), "C C# D D# E E# F# G G# A A# B"),
    ],
)
def test_the_notes_between(key, names):
    spelt = [spelling.spell(pitch, key) for pitch in range(60, 72)]
    assert [step + {-1: "b", 0: "", 1: "#"}[alter] for step, alter, _ in spelt] == names.split()


@pytest.mark.parametrize("key", [(-7, "minor"), (0, "major"), (7, "major")])
def test_what_is_spelt_sounds_as_it_was(key):
    for pitch in range(128):
        step, alter, octave = spelling.spell(pitch, key)
        assert 12 * (octave + 1) + spelling.SEMITONES[step] + alter == pitch


def test_the_key_in_force():
    score = Score(note_array([(0, 8, 60)]), keys=((0.0, -3, "minor"), (4.0, 2, "major")))
    assert [spelling.key_at(score, time) for time in (0, 3.9, 4, 100)] == [
        (-3, "minor"),
        (-3, "minor"),
        (2, "major"),
        (2, "major"),
    ]
    assert spelling.key_at(score.with_(keys=()), 0) == (0, "major")


@pytest.mark.parametrize(
    ("pitches", "clef"),
    [
        ((60, 62, 64), "treble"),  # a child's first notes, not a tenor's
        ((67, 72, 76), "treble"),
        ((55, 64, 67), "treble"),
        ((52, 59, 64), "treble-8"),
        ((40, 52, 60), "bass"),
        ((36,), "bass"),
    ],
)
def test_clefs_are_those_of_choirs(pitches, clef):
    assert spelling.clef(pitches) == clef
