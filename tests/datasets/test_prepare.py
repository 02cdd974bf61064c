"""Preparation: each step against the plain way to do it, the cache, killed runs that go on, and bad input."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial

import numpy as np
import pytest

from lab_utils import storage
from lab_utils.audio import Scaler, Transform, synthesize
from lab_utils.datasets import prepare_parts, workers
from lab_utils.datasets.prepare import prepare, prepare_stave275
from lab_utils.datasets.prepared import load_prepared
from lab_utils.datasets.stave275 import load_stave275
from lab_utils.errors import DataError, ParameterError
from lab_utils.score import Score, note_array

TRANSFORM = Transform(sample_rate=8000, window=256, hop=128)
SECONDS = 0.25


def scores(count):
    """Two-note bars, each at other pitches."""
    return [Score(note_array([(0, 2, 48 + i % 50), (2, 2, 60)]), tempos=((0.0, 100.0 + i),)) for i in range(count)]


def options(count, **changed):
    """Options for `count` items in groups of three, every other group validating."""
    groups = [i // 3 for i in range(count)]
    return {
        "ids": [f"item-{i}" for i in range(count)],
        "groups": groups,
        "folds": ["valid" if group % 2 else "train" for group in groups],
        "labels": {"register": ["low" if i < 5 else "high" for i in range(count)]},
        "transform": TRANSFORM,
        "seconds": SECONDS,
        "jobs": 1,
        "progress": False,
        **changed,
    }


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "prepared"


@pytest.fixture
def rendered(monkeypatch):
    """A list of the groups that have been rendered in this process, by the names of their files."""
    seen, write_arrays = [], prepare_parts.write_arrays
    monkeypatch.setattr(prepare_parts, "write_arrays", lambda path, arrays: seen.append(path.name) or write_arrays(path, arrays))
    return seen


# --- what comes out


def test_every_step_is_the_plain_one():
    found = prepare(scores(9), **options(9, waves=True))
    levels = []
    for score, wave in zip(scores(9), found.waves, strict=True):
        score = score.with_(tempos=((0.0, 4 * 60 / SECONDS),))  # four quarters in all
        plain = synthesize(score, sample_rate=8000, seconds=SECONDS)
        np.testing.assert_array_equal(wave, plain)
        levels.append(TRANSFORM.forward(plain))
    levels = np.stack(levels)
    train = found.folds == "train"
    np.testing.assert_allclose(found.spectrograms, Scaler.fit(levels[train]).transform(levels), atol=1e-6)
    np.testing.assert_allclose(found.scaler.inverse(found.spectrograms), levels, atol=1e-3)


def test_shapes_types_range_labels_and_settings():
    found = prepare(scores(9), **options(9))
    frames = 1 + round(SECONDS * 8000) // 128
    assert found.spectrograms.shape == (9, frames, 129) and found.spectrograms.dtype == np.float32
    train = found.fold("train").spectrograms
    assert train.min() == -1 and train.max() == 1
    assert found.waves is None
    assert found.ids.tolist() == [f"item-{i}" for i in range(9)]
    assert found.labels["register"].tolist() == ["low"] * 5 + ["high"] * 4
    assert found.settings["engine"] in ("fluidsynth", "embedded") and found.settings["engine_version"]


def test_the_scaler_has_not_seen_the_valid_fold():
    loud = [Score(note_array([(0, 4, pitch) for pitch in range(40, 80, 3)])) for _ in range(3)]
    quiet = scores(3)
    both = prepare([*quiet, *loud], **options(6))
    alone = prepare(quiet, **options(3))
    assert both.scaler == alone.scaler
    np.testing.assert_array_equal(both.fold("train").spectrograms, alone.spectrograms)


def test_a_given_scaler_is_used_and_needs_no_train_fold(cache):
    whole = prepare(scores(9), **options(9))
    alone = {**options(9), "folds": ["valid"] * 9}
    again = prepare(scores(9), **alone, scaler=whole.scaler)
    np.testing.assert_array_equal(again.spectrograms, whole.spectrograms)
    assert again.scaler == whole.scaler
    wider = Scaler(whole.scaler.low - 20, whole.scaler.high)
    other = prepare(scores(9), **alone, scaler=wider)
    np.testing.assert_array_equal(other.scaler.low, wider.low)
    assert other.spectrograms.mean() > whole.spectrograms.mean()  # not what the cache holds for the other scaler
    with pytest.raises(ParameterError, match="train"):
        prepare(scores(9), **alone)


def test_a_fitted_item_fills_its_time_and_a_written_one_keeps_its_tempo():
    long = Score(note_array([(0, 4, 60), (4, 4, 64)]), tempos=((0.0, 60.0),))  # 8 s, two bars
    fast = Score(note_array([(0, 1, 60)]), tempos=((0.0, 2400.0),))  # 0.025 s, in a bar of 0.1 s
    fit = prepare([long, fast], **options(2, waves=True, seconds=0.5))
    written = prepare([long, fast], **options(2, waves=True, seconds=0.5, tempo="written"))
    assert fit.waves.shape == written.waves.shape == (2, 4000)
    bar = synthesize(long.with_(tempos=((0.0, 960.0),)), sample_rate=8000, seconds=0.5)  # eight quarters in half a second
    np.testing.assert_array_equal(fit.waves[0], bar)
    np.testing.assert_array_equal(written.waves[0], synthesize(long, sample_rate=8000, seconds=0.5))
    np.testing.assert_array_equal(written.waves[1], synthesize(fast, sample_rate=8000, seconds=0.5))


def test_sound_comes_back():
    found = prepare(scores(3), **options(3, waves=True))
    wave = found.waves[1]
    with_phase = found.sound(1, phase=TRANSFORM.complex(wave))
    error = with_phase - wave[: len(with_phase)]
    assert np.square(error).mean() < 1e-4 * np.square(wave).mean()  # 40 dB
    guessed = TRANSFORM.forward(found.sound(1, seed=0))
    assert np.abs(guessed - found.scaler.inverse(found.spectrograms[1])).mean() < 6  # dB


def test_two_workers_give_what_one_process_gives_and_do_not_run_the_program_that_started_them(tmp_path):
    """The program is a script without ``if __name__ == "__main__"``: "spawn" would run it again in every worker."""
    script = tmp_path / "bare.py"
    script.write_text(
        textwrap.dedent(f"""
        print("started")
        import sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        from test_prepare import options, scores
        from lab_utils.datasets.prepare import prepare
        from lab_utils.storage import sha256
        print(sha256(prepare(scores(6), **options(6, jobs=2)).spectrograms.tobytes()))
        """)
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300)
    here = prepare(scores(6), **options(6, jobs=1, name="here"))
    assert (run.returncode, run.stdout, run.stderr) == (0, f"started\n{storage.sha256(here.spectrograms.tobytes())}\n", "")


def test_stave275_is_prepared_with_its_labels(monkeypatch):
    monkeypatch.setattr("lab_utils.datasets.prepare.load_stave275", lambda **o: load_stave275(style="tune", **o))
    found = prepare_stave275(transform=TRANSFORM, seconds=0.2, progress=False)
    assert len(found) == 55 and (found.folds == "valid").sum() == 11
    assert set(found.labels) == {"style", "key", "meter"} and set(found.labels["style"]) == {"tune"}
    assert found.ids[0] == "irish_washerwoman-01" and found.labels["meter"][0] == "6/8"
    assert found.classes["meter"] == ("2/2", "2/4", "6/8", "9/8")


# --- the cache


def test_a_second_call_takes_it_from_the_cache(rendered, cache):
    first = prepare(scores(6), **options(6))
    assert len(rendered) == 2
    second = prepare(scores(6), **options(6))
    assert len(rendered) == 2
    np.testing.assert_array_equal(first.spectrograms, second.spectrograms)
    assert [sorted(path.name for path in folder.iterdir()) for folder in cache.iterdir()] == [
        ["arrays.npz", "prepared.json", "scaler.json"]
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"seconds": 0.3},
        {"tempo": "written"},
        {"waves": True},
        {"transform": Transform(sample_rate=8000, window=256, hop=64)},
        {"labels": {"register": ["low"] * 6}},
        {"engine": "embedded"},
    ],
)
def test_other_settings_are_another_folder(cache, changed):
    prepare(scores(6), **options(6, engine="auto"))
    known = set(cache.iterdir())
    prepare(scores(6), **options(6, **changed))
    first = next(iter(known))
    same = changed.get("engine") == load_prepared(first).settings["engine"]  # where FluidSynth is missing, auto is embedded
    assert len(set(cache.iterdir()) - known) == (0 if same else 1)


def test_other_notes_are_another_folder(cache):
    prepare(scores(6), **options(6))
    prepare([*scores(5), scores(7)[6]], **options(6))
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("name", ["arrays.npz", "scaler.json", "prepared.json"])
def test_a_cache_cut_short_is_made_again(rendered, cache, name):
    first = prepare(scores(6), **options(6))
    (folder,) = cache.iterdir()
    path = folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    again = prepare(scores(6), **options(6))
    assert len(rendered) == 4
    np.testing.assert_array_equal(first.spectrograms, again.spectrograms)
    assert load_prepared(folder).scaler == first.scaler


KILLED = """
import sys, time
sys.path.insert(0, {folder!r})
from test_prepare import options, scores
from lab_utils.datasets import prepare_parts
from lab_utils.datasets.prepare import prepare

synthesize = prepare_parts.synthesize
def slowly(*arguments, **settings):
    time.sleep(0.1)
    return synthesize(*arguments, **settings)
prepare_parts.synthesize = slowly  # in this process: with two jobs the workers go at full speed
prepare(scores({count}), **options({count}, jobs={jobs}))
"""


@pytest.mark.parametrize(("jobs", "count"), [(1, 30), (2, 300)])
def test_a_run_killed_midway_goes_on_where_it_stopped(cache, rendered, jobs, count):
    """SIGKILL while it works; no worker stays behind; whole parts are kept, a part cut short is made again."""
    program = KILLED.format(folder=os.path.dirname(__file__), jobs=jobs, count=count)
    running = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    try:
        _wait(lambda: len(_parts(cache)) >= 3 or running.poll() is not None)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    _wait(lambda: not _alive(running.pid))
    assert not list(cache.glob("*/prepared.json")), "it was done before it was killed"
    parts = _parts(cache)
    assert 3 <= len(parts) < count // 3
    parts[0].write_bytes(parts[0].read_bytes()[:-100])

    found = prepare(scores(count), **options(count))
    assert len(rendered) == count // 3 - len(parts) + 1
    assert parts[0].name in rendered and parts[1].name not in rendered
    assert not list(cache.glob("*/parts"))
    undisturbed = prepare(scores(6), **options(6, waves=True))
    for item in (0, 5):  # of the part cut short, and of one that was kept
        levels = TRANSFORM.forward(undisturbed.waves[item])
        np.testing.assert_allclose(found.scaler.inverse(found.spectrograms[item]), levels, atol=1e-3)


def _parts(cache):
    return sorted(path for path in cache.glob("*/parts/*.npz") if not path.name.startswith("."))


def _wait(true, seconds=300):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def _alive(session):
    """Whether a process of this session is left, zombies aside."""
    for stat in os.listdir("/proc"):
        if stat.isdigit():
            try:
                with open(f"/proc/{stat}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                return True
    return False


def test_a_killed_worker_does_not_stop_the_work(cache, monkeypatch, rendered):
    monkeypatch.setattr(workers, "_start_worker", partial(signal.raise_signal, signal.SIGKILL))
    found = prepare(scores(6), **options(6, jobs=2))
    assert len(found) == 6 and len(rendered) == 2  # here, after all


def test_an_error_in_a_worker_is_the_error_of_the_call(monkeypatch, tmp_path):
    folder = tmp_path / "cache" / "prepared"
    folder.mkdir(parents=True)
    monkeypatch.setattr(storage, "cache_folder", lambda *parts: _unwritable(folder))
    with pytest.raises(DataError, match="cannot be written"):
        prepare(scores(6), **options(6, jobs=2))


def _unwritable(folder):
    """A folder whose every name is taken by a file, so that nothing can be put inside."""

    class Taken(type(folder)):
        def __truediv__(self, name):
            path = folder / name
            path.touch()
            return path

    return Taken(folder)


# --- bad input


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ids": ["a"] * 6, "groups": None}, "ids: expected no two alike, received 'a'"),
        ({"ids": ["a"]}, "ids: expected one for each of 6 scores, received 1"),
        ({"folds": ["train"]}, "folds: expected one for each of 6 scores, received 1"),
        ({"labels": {"mood": ["sad"]}}, "mood: expected one for each of 6 scores, received 1"),
        ({"folds": ["valid"] * 6}, r"folds: expected items in 'train' .* received \['valid'\]"),
        ({"folds": ["train", "valid"] * 3}, "folds: expected every group in one fold"),
        ({"seconds": 0}, "seconds: expected a length from 0.1 to 600, received 0"),
        ({"seconds": float("nan")}, "seconds: expected .* received nan"),
        ({"seconds": "2"}, "seconds: expected .* received '2'"),
        ({"tempo": "fast"}, "tempo: expected one of fit, written, received 'fast'"),
        ({"engine": "timidity"}, "engine: expected one of auto, fluidsynth, embedded, received 'timidity'"),
        ({"jobs": 0}, "jobs: expected a whole number of at least 1, received 0"),
        ({"name": "../x"}, "name: expected a plain file name, received '../x'"),
    ],
)
def test_bad_options_are_refused_in_one_line(changed, message):
    with pytest.raises(ParameterError, match=message) as caught:
        prepare(scores(6), **options(6, **changed))
    assert "\n" not in str(caught.value)


def test_an_empty_score_is_named():
    with pytest.raises(ParameterError, match="scores: expected notes in each, received none in 'item-2'"):
        prepare([*scores(2), Score(note_array([]))], **options(3))
