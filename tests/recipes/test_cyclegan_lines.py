"""A Score's top line as windows and back: what is the line, where windows lie, what becomes of what does not fit."""

import numpy as np
import pytest

from lab_utils.datasets import load_chorales, load_tunes
from lab_utils.encoding.chorale import score_from_chorale
from lab_utils.errors import DataError
from lab_utils.files import from_abc
from lab_utils.recipes import _cyclegan_lines as lines
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_phrases import LOWEST, PITCHES, REST
from lab_utils.score import PERCUSSION, Score, note_array


def tune(body, *, meter="4/4", length="1/4"):
    return from_abc(f"X:1\nM:{meter}\nL:{length}\nK:C\n{body}\n")


def melody(*notes, **frame):
    return Score(note_array(notes), **frame)


def plain(notes):
    return [(n["onset_quarter"], n["duration_quarter"], n["pitch"]) for n in notes]


def there_and_back(score):
    found = lines.cut(score)
    return lines.lay(score, found, found.numbers)


@pytest.mark.parametrize("meter", [(4, 4), (2, 2), (2, 4), (3, 4), (6, 8), (9, 8)])
def test_without_a_transfer_the_line_stays_what_it_was(meter):
    tunes = [tune.score for tune in load_tunes().fold("valid") if tune.meter == meter]
    chosen = [score for score in tunes if plain(score.notes) == plain(score.quantise(4).notes)][:8]
    assert len(chosen) > 2
    for score in chosen:
        line, others = there_and_back(score)
        assert plain(line) == plain(score.notes) and not len(others)


def test_windows_begin_after_the_upbeat_and_the_last_one_ends_with_the_piece():
    score = tune("G | C D E F | G A B c | d e f g | a g f e | d c B A | G4 |]")
    found = lines.cut(score)
    assert found.homes == ((0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3))
    grid, onsets = phrases.grid_from_numbers(found.numbers, moved=found.moved)
    assert grid[0, :16].tolist() == [-1] * 12 + [67] * 4 and grid[0, 16] == 60  # the upbeat, then the first bars
    assert grid[1, ::4].tolist() == [60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 79, 77, 76]
    assert grid[2, ::4].tolist() == grid[1, 32::4].tolist() + [74, 72, 71, 69, 67, 67, 67, 67] and onsets[2].sum() == 13


def test_a_short_piece_is_filled_with_rests_and_cut_back():
    score = tune("C D E F | G4 |]")
    found = lines.cut(score)
    assert found.numbers.shape == (1, 64, 2) and (found.numbers[0, 32:, 0] == REST).all()
    busy = np.array(found.numbers)
    busy[0, 32:] = 5, 1  # what is made of the rests is not kept
    line, _ = lines.lay(score, found, phrases.tidied(busy))
    assert plain(line) == plain(score.notes)


def test_a_last_bar_that_is_short_stays_short():
    score = tune("C D E F | G A B c | d c B A | G3 |]")
    found = lines.cut(score)
    busy = np.array(found.numbers)
    busy[..., 1] = 1
    line, _ = lines.lay(score, found, busy)
    assert len(line) == 60 and (line["onset_quarter"] + line["duration_quarter"]).max() == 15


def test_bars_of_three_quarters_are_filled_up_and_cut_back():
    score = tune("C D E | F3 | G A B | c3 | d2 e |]", meter="3/4")
    found = lines.cut(score)
    grid, _ = phrases.grid_from_numbers(found.numbers, moved=found.moved)
    assert grid[0, ::4].tolist()[:8] == [60, 62, 64, 64, 65, 65, 65, 65]
    assert found.remarks == ("in 3/4: each bar was filled up to four quarters and cut back, for 4/4 alone was learnt",)
    up = np.array(found.numbers)
    up[..., 0] += 2
    line, _ = lines.lay(score, found, up)
    assert plain(line) == plain(score.transpose(2).notes)


def test_bars_of_two_quarters_are_joined():
    found = lines.cut(tune("C D | E F | G A | B c | c B | A G | F E | D C |]", meter="2/4"))
    assert len(found.spans) == 4 and len(found.numbers) == 1 and found.remarks == ()


def test_the_line_of_a_chorale_is_its_soprano_and_the_others_stay():
    piece = next(one for one in load_chorales().fold("valid") if one.meter == (4, 4) and one.pickup_steps)
    score = score_from_chorale(piece.grid, piece.onsets, pickup_steps=piece.pickup_steps)
    line, others = there_and_back(score)
    assert plain(line) == plain(score.voice_notes(0))
    np.testing.assert_array_equal(others, score.notes[score.notes["voice"] > 0])


def test_the_line_of_a_piano_s_notes_is_what_lies_on_top():
    score = melody((0, 1, 72), (0, 1, 64), (0, 2, 48), (1, 1, 74), (1.5, 0.5, 60), (2, 4, 71), (2, 1, 43), (3, 1, 79))
    line, others = there_and_back(score)
    assert plain(line) == [(0, 1, 72), (1, 1, 74), (2, 1, 71), (3, 1, 79)]  # a note ends where the next one starts
    assert sorted(others["pitch"]) == [43, 48, 60, 64]


def test_drums_are_no_melody():
    notes = ((0, 1, 60, 80, 0), (0, 1, 81, 80, 1))
    found = lines.cut(melody(*notes, programs=(0, PERCUSSION)))
    assert found.voice == 0 and found.accompaniment["pitch"].tolist() == [81]
    with pytest.raises(DataError, match="beat.mid: has no notes but those of drums; give a file with a melody"):
        lines.cut(melody((0, 1, 36), programs=(PERCUSSION,)), name="beat.mid")
    with pytest.raises(DataError, match="score: has no notes; give"):
        lines.cut(melody())


def test_triplets_are_moved_to_the_grid_and_it_is_told():
    score = tune("(3C D E F2 G | A4 |]")
    found = lines.cut(score)
    assert found.remarks == ("2 notes of the line lay off the 16ths and were moved to them",)
    line, _ = lines.lay(score, found, found.numbers)
    assert plain(line)[:3] == [(0, 0.75, 60), (0.75, 0.5, 62), (1.25, 0.75, 64)]


def test_what_is_too_short_for_the_grid_is_left_out_and_told():
    score = melody((0, 0.0625, 60), (0.0625, 0.0625, 62), (0.25, 1, 48), (0.26, 1, 64))  # a grace note; a chord, spread
    line, others = there_and_back(score)
    assert plain(line) == [(0, 0.25, 62), (0.25, 1, 64)] and others["pitch"].tolist() == [48]
    assert "1 notes of the line left out, for another one starts in their 16th" in lines.cut(score).remarks


def test_notes_out_of_range_are_moved_by_octaves_and_it_is_told():
    score = melody((0, 4, 24), (4, 4, 60), (8, 8, 108))
    found = lines.cut(score)
    assert found.remarks == (f"2 notes of the line moved by octaves into the range of {PITCHES} semitones",)
    assert found.numbers[..., 0].max() < PITCHES
    line, _ = lines.lay(score, found, found.numbers)
    assert [pitch % 12 for pitch in line["pitch"]] == [0, 0, 0] and np.ptp(line["pitch"]) < PITCHES
    low = melody((0, 4, 12), (4, 4, 14))
    assert lines.cut(low).remarks == () and plain(there_and_back(low)[0]) == plain(low.notes)  # all of it fits, far below
    assert lines.cut(low).moved[0] > LOWEST - 14


def test_long_silences_have_no_window():
    score = melody((0, 4, 60), (80, 4, 64))
    found = lines.cut(score)
    assert len(found.numbers) == 2 and found.homes[8] == (-1, 0)
    assert plain(there_and_back(score)[0]) == [(0, 4, 60), (80, 4, 64)]


def test_a_note_that_is_tied_over_the_window_stays_one():
    score = melody((0, 12, 60), (12, 8, 62), (20, 12, 64))
    assert plain(there_and_back(score)[0]) == plain(score.notes)
