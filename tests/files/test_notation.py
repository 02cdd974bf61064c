from fractions import Fraction as F

import music21
import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.files import notation
from lab_utils.score import Score, note_array


def written(rows, **frame):
    """For each bar (start, length, pitches) of what is written for one voice; a pitch has ~ where it is tied on."""
    score = Score(note_array(rows), **frame)
    bars = notation.bars(score)
    return [
        [(event.start, event.length, " ".join(f"{tone.pitch}{'~' * tone.tied_on}" for tone in event.tones)) for event in events]
        for events in notation.events(score.notes, bars)
    ]


@pytest.mark.parametrize(
    ("length", "base", "dots", "tuplet"),
    [
        (F(4), 4, 0, 1),
        (F(3), 2, 1, 1),
        (F(7, 4), 1, 2, 1),
        (F(1, 32), F(1, 32), 0, 1),
        (F(1, 3), F(1, 2), 0, 3),
        (F(4, 3), 2, 0, 3),
        (F(1, 5), F(1, 4), 0, 5),
        (F(2, 7), F(1, 2), 0, 7),
        (F(8), 8, 0, 1),
    ],
)
def test_written_values(length, base, dots, tuplet):
    assert notation.value(length) == (base, dots, tuplet)
    if length >= F(1, 16) and length < 8:
        oracle = music21.duration.Duration(length)
        assert (oracle.dots, oracle.type) == (dots, music21.duration.quarterLengthToClosestType(base)[0])
        assert (oracle.tuplets[0].numberNotesActual if oracle.tuplets else 1) == tuplet


@pytest.mark.parametrize("length", [F(5, 2), F(5, 4), F(9, 8), F(1, 64), F(5, 3), F(16), F(1, 9)])
def test_lengths_without_a_single_value(length):
    assert notation.value(length) is None


@pytest.mark.parametrize("quarters", [0, 1.5, 1 / 3, 100 + 2 / 3, 0.2, 3 / 7, 1 / 32, 1 / 48, 0.1 + 0.2])
def test_times_on_the_grid_are_exact(quarters):
    assert float(notation.exact(quarters)) == pytest.approx(quarters, abs=1e-12)


@pytest.mark.parametrize("quarters", [0.123, 1 / 9, 1 / 64, 1 / 3 + 1 / 32])
def test_times_off_the_grid_are_refused_with_the_way_out(quarters):
    with pytest.raises(ParameterError, match=r"use score\.quantise"):
        notation.exact(quarters)
    assert float(notation.exact(quarters, grid=False)) == pytest.approx(quarters, abs=1e-6)


def test_bars_have_their_numbers_and_meters():
    notes = note_array([(0, 1, 60), (13, 0.5, 60)])
    score = Score(notes, meters=((0.0, 3, 4), (7.0, 6, 8), (12.0, 6, 8)), pickup_quarter=1.0)
    found = [(bar.number, bar.start, bar.length, bar.beats, bar.shift) for bar in notation.bars(score)]
    assert found == [(0, 0, 1, 3, 2), (1, 1, 3, 3, 0), (2, 4, 3, 3, 0), (3, 7, 3, 6, 0), (4, 10, 2, 6, 0), (5, 12, 3, 6, 0)]


def test_the_last_bar_is_short_where_it_makes_up_for_the_upbeat():
    ends = {end: notation.bars(Score(note_array([(0, end, 60)]), pickup_quarter=1.0))[-1].length for end in (8.0, 8.5, 9.0)}
    assert ends == {8.0: 3, 8.5: 4, 9.0: 4}


def test_notes_are_tied_over_bar_lines():
    assert written([(2, 8, 60)]) == [[(0, 2, ""), (2, 2, "60~")], [(0, 4, "60~")], [(0, 2, "60"), (2, 2, "")]]


def test_a_bar_without_notes_is_one_rest():
    assert written([(5, 1, 60)], meters=((0.0, 5, 4),)) == [[(0, 5, "")], [(0, 1, "60"), (1, 2, ""), (3, 1, ""), (4, 1, "")]]


@pytest.mark.parametrize(
    ("meter", "onset", "length", "values"),
    [
        ((4, 4), 0, 2.5, [2, F(1, 2)]),
        ((4, 4), 1.5, 2.5, [F(1, 2), 2]),
        ((4, 4), 0.5, 3, [F(3, 2), F(3, 2)]),
        ((4, 4), 1, 2, [2]),  # on a beat: may go over the middle of the bar
        ((4, 4), 1.5, 1, [F(1, 2), F(1, 2)]),  # off the beat: may not
        ((4, 4), 0.5, 1, [1]),
        ((3, 4), 0, 2.5, [2, F(1, 2)]),
        ((3, 4), 1.5, 1.5, [F(3, 2)]),
        ((6, 8), 0, 3, [3]),
        ((6, 8), 1, 1, [F(1, 2), F(1, 2)]),
        ((6, 8), 1, 2, [F(1, 2), F(3, 2)]),
        ((4, 4), 0.75, 7 / 12, [F(1, 4), F(1, 3)]),
        ((4, 4), 2 / 3, 2 / 3, [F(2, 3)]),
        ((4, 4), 0, 5 / 6, [F(2, 3), F(1, 6)]),
        ((5, 4), 0, 5, [4, 1]),
        ((5, 8), 0, 2.5, [2, F(1, 2)]),
    ],
)
def test_lengths_are_cut_where_the_beats_stay_clear(meter, onset, length, values):
    (events,) = written([(onset, length, 60)], meters=((0.0, *meter),))
    found = [event for event in events if event[2]]
    assert [event[1] for event in found] == values
    assert [event[2] for event in found] == ["60~"] * (len(found) - 1) + ["60"]


def test_rests_show_every_half_bar_and_dotted_beat():
    assert [event[:2] for event in written([(0, 1, 60)])[0]] == [(0, 1), (1, 1), (2, 2)]
    assert [event[:2] for event in written([(0, 1, 60)], meters=((0.0, 6, 8),))[0]] == [(0, 1), (1, F(1, 2)), (F(3, 2), F(3, 2))]


def test_an_upbeat_counts_from_the_end_of_its_bar():
    (upbeat, _) = written([(0, 2.5, 60), (2.5, 1, 62)], pickup_quarter=2.5)
    assert [event[:2] for event in upbeat] == [(0, F(1, 2)), (F(1, 2), 2)]  # the half note stands on the third beat


def test_notes_of_different_lengths_share_a_staff():
    assert written([(0, 4, 60), (1, 1, 64), (2, 2, 67)]) == [[(0, 1, "60~"), (1, 1, "60~ 64"), (2, 2, "60 67")]]


def test_a_pitch_that_starts_again_ends_the_one_before():
    assert written([(0, 4, 60), (1, 1, 60), (1, 1, 60)]) == [[(0, 1, "60"), (1, 1, "60"), (2, 2, "")]]


def test_events_start_at_the_cuts_asked_for():
    score = Score(note_array([(0, 4, 60)]))
    (events,) = notation.events(score.notes, notation.bars(score), cuts=[F(1), F(9)])
    assert [(event.start, event.length) for event in events] == [(0, 1), (1, 3)]


def test_events_fill_every_bar_and_hold_every_note():
    random = np.random.default_rng(3)
    for meter in ((4, 4), (3, 4), (6, 8), (5, 8), (7, 8), (2, 2), (12, 8)):
        onsets = np.cumsum(random.integers(0, 5, 60)) / 4
        score = Score(note_array([(onset, random.integers(1, 12) / 4, 60 + k) for k, onset in enumerate(onsets)]))
        score = score.with_(meters=((0.0, *meter),), pickup_quarter=0.75)
        bars = notation.bars(score)
        sounding = {}
        for bar, events in zip(bars, notation.events(score.notes, bars), strict=True):
            assert sum(event.length for event in events) == bar.length
            for event in events:
                assert notation.value(event.length) or not event.tones
                for tone in event.tones:
                    sounding[tone.pitch] = sounding.get(tone.pitch, 0) + event.length
        assert sounding == dict(zip(score.notes["pitch"].tolist(), map(F, score.notes["duration_quarter"]), strict=True))


def test_times_that_no_values_add_up_to_are_refused():
    with pytest.raises(ParameterError, match="no note values make"):
        written([(0, 0.2, 60), (3 / 14, 1, 64)])


@pytest.mark.parametrize(
    ("lengths", "marks"),
    [
        ([F(1, 3)] * 3, ["start", "", "stop"]),
        ([F(1, 3)] * 6, ["start", "", "stop", "start", "", "stop"]),
        ([F(2, 3), F(1, 3), F(1)], ["start", "stop", ""]),
        ([F(2, 3)] * 3, ["start", "", "stop"]),
        ([F(1, 5)] * 5 + [F(1, 3)] * 3, ["start", "", "", "", "stop", "start", "", "stop"]),
        ([F(1, 6)] * 3 + [F(1, 2)], ["start", "", "stop", ""]),
        ([F(1, 3), F(1)], ["start stop", ""]),
    ],
)
def test_tuplets_go_on_to_the_plain_grid(lengths, marks):
    starts = np.cumsum([F(0), *lengths[:-1]])
    events = [notation.Event(start, length, ()) for start, length in zip(starts, lengths, strict=True)]
    bar = notation.Bar(1, F(0), F(4), 4, 4, F(0))
    assert [" ".join(found) for found in notation.tuplet_marks(events, bar)] == marks
