import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lab_utils.audio import Transform, engine_library, engines, soundfont_path, synthesize
from lab_utils.audio import synth as synth_module
from lab_utils.errors import DataError, MissingToolError, ParameterError
from lab_utils.score import PERCUSSION, Score, note_array

RATE = 22050
FLUTE, ORGAN, HARPSICHORD, WOODBLOCK, BRASS = 73, 19, 6, 115, 61


def _one(pitch=69, *, quarters=2, program=FLUTE, velocity=80):
    return Score(note_array([(0, quarters, pitch, velocity)]), programs=(program,))


def _level(samples, start, stop, rate=RATE):
    """The root mean square between two times in seconds."""
    return np.sqrt(np.mean(samples[round(start * rate) : round(stop * rate)] ** 2))


def _cents_off(samples, pitch, rate=RATE):
    """How far the fundamental of a steady tone lies from `pitch`, in cents; no number if it is not its lowest strong partial."""
    wanted = 440 * 2 ** ((pitch - 69) / 12)
    part = samples[rate // 4 : rate // 4 + rate // 2]
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 8 * len(part))) ** 2
    hertz = np.fft.rfftfreq(8 * len(part), 1 / rate)
    near = np.abs(hertz / wanted - 1) < 0.04
    if power[hertz < 0.9 * wanted].max() > 0.01 * power[near].max():
        return np.nan
    return 1200 * np.log2(hertz[near][power[near].argmax()] / wanted)


# ---------------------------------------------------------------- what is heard


@pytest.mark.parametrize("pitch", [55, 60, 69, 76])
def test_a_note_sounds_at_its_pitch(engine, pitch):
    samples = synthesize(_one(pitch, quarters=3), engine=engine)
    assert abs(_cents_off(samples, pitch)) < 20
    assert not abs(_cents_off(samples, pitch + 1)) < 20


@pytest.mark.parametrize("sample_rate", [4000, 8000, 16000, 44100, 48000, 96000])
def test_any_rate_gives_the_same_music(engine, sample_rate):
    score = _one(60, quarters=3)
    samples = synthesize(score, engine=engine, sample_rate=sample_rate)
    assert len(samples) / sample_rate == pytest.approx(2.3, abs=0.4)  # the reverb differs a little from rate to rate
    assert abs(_cents_off(samples, 60, sample_rate)) < 20


def test_what_comes_out_is_samples(engine, chorale):
    samples = synthesize(chorale, engine=engine)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert np.isfinite(samples).all()
    assert len(samples) / RATE == pytest.approx(chorale.duration_seconds + 0.6, abs=0.5)


def test_notes_start_when_they_should(engine):
    score = Score(note_array([(1 + 1.37 * k, 0.3, 76) for k in range(10)]), programs=(WOODBLOCK,), tempos=((0, 97), (7, 61)))
    samples = np.abs(synthesize(score, engine=engine))
    for onset in score.seconds(score.notes["onset_quarter"]):
        first = round((onset - 0.01) * RATE)
        part = samples[first : first + RATE // 20]
        heard = first + np.flatnonzero(part > max(0.05 * part.max(), 3 * part[:80].max()))[0]
        assert heard / RATE == pytest.approx(onset, abs=0.003)


def test_a_rest_at_the_start_is_kept(engine):
    samples = synthesize(Score(note_array([(4, 1, 60)])), engine=engine)  # two seconds
    assert np.abs(samples[: round(1.99 * RATE)]).max() < 1e-4
    assert _level(samples, 2.01, 2.3) > 0.05


def test_each_voice_has_its_instrument(engine):
    held = {program: synthesize(_one(60, quarters=6, program=program), engine=engine) for program in (ORGAN, HARPSICHORD)}
    last_to_first = {program: _level(samples, 2.2, 2.8) / _level(samples, 0.1, 0.5) for program, samples in held.items()}
    assert last_to_first[ORGAN] > 0.7
    assert last_to_first[HARPSICHORD] < 0.2

    rows = [(0, 6, 60, 80, 0), (0, 1, 48, 80, 1)]
    organ_above = synthesize(Score(note_array(rows), programs=(ORGAN, HARPSICHORD)), engine=engine)
    harpsichord_above = synthesize(Score(note_array(rows), programs=(HARPSICHORD, ORGAN)), engine=engine)
    assert _level(organ_above, 2.2, 2.8) > 4 * _level(harpsichord_above, 2.2, 2.8)


def test_drums_are_drums(engine):
    def noisiness(samples):
        power = np.abs(np.fft.rfft(samples[: RATE // 5])) ** 2
        return np.exp(np.log(power + 1e-12).mean()) / power.mean()  # spectral flatness: 1 for white noise

    snare = synthesize(_one(38, program=PERCUSSION), engine=engine)
    piano = synthesize(_one(38, program=0), engine=engine)
    assert noisiness(snare) > 20 * noisiness(piano)


def test_the_tenth_voice_is_no_drum(engine):
    """MIDI's channel 10 plays drums, but the tenth voice of a Score need not."""
    rows = [(0, 3, 69, 80, 9), *((9, 1, 60, 80, voice) for voice in range(9))]
    samples = synthesize(Score(note_array(rows), programs=(FLUTE,) * 10), engine=engine)
    assert abs(_cents_off(samples, 69)) < 20


def test_louder_notes_are_louder(engine):
    samples = synthesize(Score(note_array([(0, 2, 60, 30), (4, 2, 60, 110)]), programs=(ORGAN,)), engine=engine)
    assert _level(samples, 2.1, 2.9) > 3 * _level(samples, 0.1, 0.9)


def test_a_note_struck_again_sounds_on(engine):
    """The end of the first note must not silence the second."""
    samples = synthesize(Score(note_array([(0, 3, 60), (2, 6, 60)]), programs=(ORGAN,)), engine=engine)
    assert _level(samples, 2.5, 3.5) > 0.8 * _level(samples, 0.2, 0.9)


def test_a_unison_of_two_voices_lasts_as_long_as_the_longer(engine):
    samples = synthesize(Score(note_array([(0, 2, 60, 80, 0), (0, 8, 60, 80, 1)]), programs=(ORGAN,) * 2), engine=engine)
    assert _level(samples, 2.5, 3.5) > 0.2 * _level(samples, 0.2, 0.8)


@pytest.mark.skipif(not engines()["fluidsynth"].ready, reason="fluidsynth is not installed here")
def test_both_engines_play_the_same_music(chorale):
    transform = Transform(kind="mel", bins=64)
    first, second = (transform.forward(synthesize(chorale, engine=name, seconds=4)) for name in ("fluidsynth", "embedded"))
    loud = (first > -60) | (second > -60)
    assert np.corrcoef(first[loud], second[loud])[0, 1] > 0.95


# ---------------------------------------------------------------- level and length


def test_without_a_peak_a_note_is_as_loud_whatever_is_played_later(engine):
    soft = Score(note_array([(0, 1, 60, 60)]))
    both = Score(note_array([(0, 1, 60, 60), (4, 1, 60, 127)]))
    alone, first = (synthesize(score, engine=engine, peak=None, seconds=3.0)[:11025] for score in (soft, both))
    np.testing.assert_allclose(first, alone, atol=2e-4)
    assert 1e-3 < np.abs(alone).max() < 0.9


@pytest.mark.parametrize("peak", [0.9, 0.25, 1.0])
@pytest.mark.parametrize("velocity", [5, 127])
def test_the_peak_is_where_it_was_asked(engine, peak, velocity):
    samples = synthesize(_one(velocity=velocity), engine=engine, peak=peak)
    assert np.abs(samples).max() == pytest.approx(peak, rel=1e-6)
    assert np.abs(samples).max() <= np.float32(peak)


def test_nothing_clips(engine):
    """Sixty brass tones at full velocity: far beyond what 16 bits hold at the synthesizer's own gain."""
    loud = Score(note_array([(0, 4, p, 127, v) for v in range(15) for p in (45, 57, 64, 76)]), programs=(BRASS,) * 15)
    samples = synthesize(loud, engine=engine)
    flat = np.abs(samples) >= 0.9 * (1 - 1e-4)
    assert flat.sum() <= 2
    assert np.abs(samples).max() == pytest.approx(0.9)


def test_what_makes_no_sound_is_silence(engine):
    assert not np.abs(synthesize(_one(0, program=PERCUSSION), engine=engine)).any()  # the kit has no drum there


def test_trimming_cuts_what_cannot_be_heard(engine, chorale):
    whole, trimmed = (synthesize(chorale, engine=engine, trim=trim) for trim in (False, True))
    assert len(trimmed) < len(whole)
    np.testing.assert_array_equal(trimmed, whole[: len(trimmed)])
    assert np.abs(whole[len(trimmed) :]).max() <= 0.9e-3
    assert np.abs(trimmed[-1]) > 0.9e-3
    assert np.abs(whole[-RATE // 20 :]).max() < 0.9e-3


@pytest.mark.parametrize("seconds", [0.5, 3.0, 12.345])
def test_a_given_length(engine, chorale, seconds):
    samples = synthesize(chorale, engine=engine, seconds=seconds)
    assert len(samples) == round(seconds * RATE)
    assert np.abs(samples).max() == pytest.approx(0.9)
    assert abs(samples[-1]) < 1e-6  # faded out, or silence
    whole = synthesize(chorale, engine=engine, trim=False)
    same = min(len(whole), len(samples) - RATE // 50)
    ratio = np.abs(samples[:same]).max() / np.abs(whole[:same]).max()
    np.testing.assert_allclose(samples[:same], ratio * whole[:same], atol=1e-5)


def test_a_given_length_that_ends_before_the_first_note(engine):
    samples = synthesize(Score(note_array([(4, 1, 60)])), engine=engine, seconds=1.5)
    assert samples.shape == (round(1.5 * RATE),) and samples.dtype == np.float32
    assert not samples.any()


def test_what_lies_beyond_a_given_length_costs_little(engine):
    """Ten minutes of music, of which two seconds are wanted."""
    score = Score(note_array([(quarter, 1, 60 + quarter % 12, 80, voice) for quarter in range(1200) for voice in range(4)]))
    start = time.process_time()
    synthesize(score, engine=engine, seconds=2)
    assert time.process_time() - start < 1


# ---------------------------------------------------------------- again and again


def test_the_same_bytes_again(engine, chorale):
    first = synthesize(chorale, engine=engine)
    other = chorale.transpose(3).with_(programs=(48, 0, PERCUSSION, HARPSICHORD))
    synthesize(other, engine=engine, sample_rate=44100)
    synthesize(other, engine=engine)
    assert synthesize(chorale, engine=engine).tobytes() == first.tobytes()


def test_the_same_bytes_in_another_process(engine, chorale, tmp_path):
    np.save(tmp_path / "notes.npy", chorale.notes)
    code = (
        "import hashlib, sys, numpy as np; from lab_utils.audio import synthesize; from lab_utils.score import Score; "
        "score = Score(np.load(sys.argv[1]), programs=(19,) * 4); "
        "print(hashlib.sha256(synthesize(score, engine=sys.argv[2]).tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "notes.npy"), engine]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"CI": "1"})
    assert done.stdout.strip() == hashlib.sha256(synthesize(chorale, engine=engine).tobytes()).hexdigest()
    assert done.stderr == ""  # and neither library has anything to say, on either stream


def test_threads_may_share_an_engine(engine, chorale):
    scores = [chorale.transpose(step) for step in range(4)]
    alone = [synthesize(score, engine=engine).tobytes() for score in scores]
    with ThreadPoolExecutor(4) as pool:
        together = [samples.tobytes() for samples in pool.map(lambda score: synthesize(score, engine=engine), scores)]
    assert together == alone


def test_the_soundfont_is_loaded_once(engine, chorale):
    synthesize(chorale, engine=engine)
    loaded = synth_module._loaded.cache_info().misses
    synthesize(chorale.transpose(1), engine=engine)
    synthesize(chorale, engine=engine, sample_rate=16000, soundfont=soundfont_path())
    assert synth_module._loaded.cache_info().misses == loaded


# ---------------------------------------------------------------- many voices


def _voices(programs):
    rows = [(0.25 * voice, 1, 48 + voice % 24, 80, voice) for voice in range(len(programs))]
    return Score(note_array(rows), programs=tuple(programs))


def test_more_voices_than_midi_has_channels(engine):
    samples = synthesize(_voices([ORGAN, FLUTE] * 10), engine=engine)
    ends = np.arange(1, 20) * 0.125 + 0.06
    assert min(_level(samples, end - 0.04, end) for end in ends) > 0.02


def test_more_programs_than_midi_has_channels():
    score = _voices(range(16))
    if engines()["fluidsynth"].ready:
        assert len(synthesize(score, engine="fluidsynth")) > 2 * RATE
    with pytest.raises(ParameterError, match="at most 15 programs beside the drums, received 16; use engine='fluidsynth'"):
        synthesize(score, engine="embedded")


def test_drums_in_three_voices(engine):
    rows = [(0, 1, 38, 80, 0), (1, 1, 42, 80, 1), (2, 1, 36, 80, 2), (3, 1, 60, 80, 3)]
    samples = synthesize(Score(note_array(rows), programs=(PERCUSSION,) * 3 + (0,)), engine=engine)
    assert min(_level(samples, start + 0.01, start + 0.1) for start in (0, 0.5, 1, 1.5)) > 0.005


# ---------------------------------------------------------------- what is installed


@pytest.fixture
def nothing_loaded():
    """Both caches empty, before and after."""
    caches = synth_module._loaded, engine_library._look_for_fluidsynth
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_engines_tells_versions():
    found = engines()
    assert list(found) == ["fluidsynth", "embedded"]
    assert found["embedded"].ready
    assert found["embedded"].detail.startswith("midirenderer ")


@pytest.mark.parametrize("error", [ImportError("Couldn't find the FluidSynth library."), OSError("wrong ELF class")])
def test_without_fluidsynth(monkeypatch, nothing_loaded, chorale, error):
    def import_module(name):
        if name == "fluidsynth":
            raise error
        return real(name)

    real = importlib.import_module
    monkeypatch.setattr(engine_library.importlib, "import_module", import_module)
    assert not engines()["fluidsynth"].ready
    assert "apt install fluidsynth" in engines()["fluidsynth"].detail
    with pytest.raises(MissingToolError, match="apt install fluidsynth, brew install fluid-synth or conda") as caught:
        synthesize(chorale, engine="fluidsynth")
    assert "\n" not in str(caught.value)
    np.testing.assert_array_equal(synthesize(chorale), synthesize(chorale, engine="embedded"))


def test_without_any_engine(monkeypatch, nothing_loaded, chorale):
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    monkeypatch.setitem(sys.modules, "midirenderer", None)
    assert not any(found.ready for found in engines().values())
    with pytest.raises(MissingToolError, match="pip install midirenderer"):
        synthesize(chorale)


@pytest.mark.skipif(not engines()["fluidsynth"].ready, reason="fluidsynth is not installed here")
def test_a_fluidsynth_that_is_too_old(monkeypatch, nothing_loaded):
    monkeypatch.setattr(engine_library, "_version", lambda library: (1, 1, 11))
    assert "FluidSynth 1.1.11 is too old" in engines()["fluidsynth"].detail


@pytest.mark.skipif(not engines()["fluidsynth"].ready, reason="fluidsynth is not installed here")
def test_auto_takes_fluidsynth(chorale):
    np.testing.assert_array_equal(synthesize(chorale), synthesize(chorale, engine="fluidsynth"))


def test_without_the_soundfont(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match="pip install pretty_midi"):
        soundfont_path()


def test_finding_the_soundfont_imports_nothing():
    code = "import sys; from lab_utils.audio import soundfont_path; soundfont_path(); print('pretty_midi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ---------------------------------------------------------------- bad input


def test_an_empty_score():
    with pytest.raises(ParameterError, match="score: expected at least one note"):
        synthesize(Score(note_array([])))


def test_no_score():
    with pytest.raises(ParameterError, match="score: expected a Score, received str"):
        synthesize("chorale.mid")


def test_hours():
    with pytest.raises(ParameterError, match="at most an hour, received 5000 s"):
        synthesize(Score(note_array([(0, 10000, 60)])))


@pytest.mark.parametrize(
    "options, named",
    [
        ({"engine": "timidity"}, "engine"),
        ({"sample_rate": 0}, "sample_rate"),
        ({"sample_rate": 200_000}, "sample_rate"),
        ({"sample_rate": 22050.0}, "sample_rate"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"peak": 0}, "peak"),
        ({"peak": 1.1}, "peak"),
        ({"peak": float("nan")}, "peak"),
    ],
)
def test_options_out_of_range(options, named):
    with pytest.raises(ParameterError, match=f"^{named}: "):
        synthesize(_one(), **options)


def test_soundfonts_that_are_none(engine, tmp_path):
    font = soundfont_path().read_bytes()
    contents = {
        "empty.sf2": b"",
        "text.sf2": b"not a font at all",
        "head.sf2": font[:12],
        "half.sf2": font[: len(font) // 2],
        "hollow.sf2": b"RIFF" + (1000).to_bytes(4, "little") + b"sfbk" + bytes(1000),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    for name in (*contents, "missing.sf2", ""):
        with pytest.raises(DataError, match=name or tmp_path.name) as caught:
            synthesize(_one(), engine=engine, soundfont=tmp_path / name)
        assert "\n" not in str(caught.value)
