"""Rendering a group: exact lengths, the sound that the synthesizer alone would give, and files that are whole or not there."""

import numpy as np
import pytest

from lab_utils.audio import Transform, engines, synthesize
from lab_utils.datasets import prepare_parts
from lab_utils.datasets.prepare_parts import SOUND_PER_WORKER, Task, make_part, make_parts, read_part, render
from lab_utils.score import Score, note_array

TRANSFORM = Transform(sample_rate=8000, window=256, hop=128)
SETTINGS = {"seconds": 0.25, "tempo": "fit", "engine": "embedded", "waves": True}
READY = [name for name, found in engines().items() if found.ready]


def task(path, **changed):
    score = Score(note_array([(0, 2, 60), (2, 2, 64)]))
    return Task(path, (score, score.transpose(5)), TRANSFORM, {**SETTINGS, **changed})


@pytest.mark.parametrize("engine", READY)
@pytest.mark.parametrize("seconds", [0.1, 0.33333, 1.0])
def test_an_item_has_its_exact_length_and_peak(engine, seconds):
    score = Score(note_array([(0, 3, 60), (3, 3, 67)]), meters=((0.0, 6, 8),))
    sound = render(score, transform=TRANSFORM, seconds=seconds, tempo="fit", engine=engine)
    assert sound.shape == (round(seconds * 8000),) and sound.dtype == np.float32
    assert np.abs(sound).max() == pytest.approx(0.9, abs=1e-6)
    assert abs(sound[-1]) < 1e-3  # faded: no click


@pytest.mark.parametrize("engine", READY)
def test_what_is_cut_off_changes_nothing_of_what_is_kept(engine):
    """The synthesizer stops early where only a part is wanted; that part is the same."""
    score = Score(note_array([(beat, 1, 60 + beat) for beat in range(8)]), tempos=((0.0, 60.0),))
    whole = synthesize(score, sample_rate=8000, engine=engine, trim=False)
    part = render(score, transform=TRANSFORM, seconds=2.5, tempo="written", engine=engine)
    kept = slice(0, round(2.4 * 8000))  # without the fade
    scale = np.abs(part[kept]).max() / np.abs(whole[kept]).max()
    np.testing.assert_allclose(part[kept], whole[kept] * scale, atol=2e-4)


@pytest.mark.parametrize("engine", READY)
def test_fitted_the_notes_fall_where_the_bar_says(engine):
    """Two clicks, at the start and at half of a bar in any meter, are half of the time apart."""
    for beats, unit in ((4, 4), (3, 4), (9, 8), (3, 2)):
        half = beats * 2 / unit
        score = Score(note_array([(0, 0.1, 84), (half, 0.1, 84)]), meters=((0.0, beats, unit),), tempos=((0.0, 77.0),))
        sound = np.abs(render(score, transform=TRANSFORM, seconds=1.0, tempo="fit", engine=engine))
        late = np.flatnonzero(sound > 0.3 * sound.max())
        assert late[0] < 400
        assert sound[3200:3900].max() < 0.5 * sound[4000:4800].max()


def test_a_part_is_written_and_read_back(tmp_path):
    one = task(tmp_path / "parts" / "one.npz")
    assert read_part(one) is None
    make_part(one)
    arrays = read_part(one)
    assert arrays["waves"].shape == (2, 2000) and arrays["spectrograms"].shape == (2, 16, 129)
    np.testing.assert_array_equal(arrays["spectrograms"][1], TRANSFORM.forward(arrays["waves"][1]))


def test_a_part_that_is_not_whole_counts_as_none(tmp_path):
    one = task(tmp_path / "one.npz")
    make_part(one)
    whole = one.path.read_bytes()
    for broken in (b"", whole[: len(whole) // 2], whole[:-1], whole[:600] + bytes([whole[600] ^ 1]) + whole[601:]):
        one.path.write_bytes(broken)
        assert read_part(one) is None
    one.path.write_bytes(whole)
    assert read_part(one) is not None
    assert read_part(Task(one.path, one.scores[:1], TRANSFORM, SETTINGS)) is None  # of another group
    assert read_part(task(one.path, waves=False)) is None  # with other settings


def test_only_what_is_missing_is_made(tmp_path, monkeypatch):
    tasks = [task(tmp_path / f"{number}.npz", waves=False) for number in range(4)]
    make_part(tasks[2])
    made = []
    monkeypatch.setattr(prepare_parts, "make_part", lambda one: made.append(one.path.name))
    make_parts(tasks, jobs=1, progress=False)
    assert made == ["0.npz", "1.npz", "3.npz"]


def test_a_process_is_started_only_for_work_that_is_worth_it(monkeypatch):
    monkeypatch.setattr(prepare_parts, "cores", lambda: 8)
    for seconds, processes in ((1.0, 1), (SOUND_PER_WORKER, 3), (100 * SOUND_PER_WORKER, 8)):
        assert prepare_parts._worthwhile([task("x", seconds=seconds)]) == processes
