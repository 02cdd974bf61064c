import json
import warnings

import librosa
import numpy as np
import pytest
import scipy.signal

from lab_utils.audio import Transform
from lab_utils.errors import ParameterError

RATE = 22050


@pytest.fixture(scope="module")
def music():
    """Two seconds of decaying chords with a little noise, peak 0.9."""
    random = np.random.default_rng(7)
    time = np.arange(RATE) / RATE
    chords = [
        sum(np.sin(2 * np.pi * f * k * time) / k**2 for f in chord for k in range(1, 9)) for chord in ((220, 330), (247, 370))
    ]
    samples = np.concatenate([chord * np.exp(-3 * time) for chord in chords]) + 1e-3 * random.standard_normal(2 * RATE)
    return (0.9 * samples / np.abs(samples).max()).astype(np.float32)


TRANSFORMS = [
    Transform(),
    Transform(window=512, hop=128),
    Transform(window=2048, hop=512, bins=700),
    Transform(kind="mel"),
    Transform(kind="mel", bins=64, window=512, hop=200),
    Transform(sample_rate=8000, window=256, hop=64),
]


# ---------------------------------------------------------------- what a value means


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_layout(transform, music):
    spectrogram = transform.forward(music)
    assert spectrogram.shape == (1 + len(music) // transform.hop, transform.bins)
    assert spectrogram.dtype == np.float32
    assert spectrogram.flags.c_contiguous
    assert transform.frequencies.shape == (transform.bins,)
    assert spectrogram.min() >= transform.floor_db


@pytest.mark.parametrize("hertz", [110.0, 440.0, 1234.5, 6000.0])
@pytest.mark.parametrize("transform", TRANSFORMS[:5], ids=repr)
def test_a_sine_lands_in_its_bin(transform, tone, hertz):
    spectrogram = transform.forward(tone(hertz))
    middle = spectrogram[len(spectrogram) // 2]
    nearest = np.abs(transform.frequencies - hertz).argmin()
    assert abs(int(middle.argmax()) - nearest) <= (transform.kind == "mel")  # a wide band beside a narrow one may hold more


@pytest.mark.parametrize("amplitude", [1.0, 0.5, 0.01])
def test_decibels_are_under_a_full_scale_sine(tone, amplitude):
    on_a_bin = 50 * RATE / 1024
    level = Transform().forward(tone(on_a_bin, amplitude))[40]
    assert level[50] == pytest.approx(20 * np.log10(amplitude), abs=0.01)
    assert level.argmax() == 50


def test_a_mel_band_reads_a_sine_at_its_centre_as_the_stft_does(tone):
    transform = Transform(kind="mel", bins=40, window=2048, hop=512)
    band = 30
    level = transform.forward(tone(transform.frequencies[band], 0.5))[20]
    assert level.argmax() == band
    assert level[band] == pytest.approx(20 * np.log10(0.5), abs=0.5)


def test_times_are_those_of_the_sound():
    transform = Transform()
    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2] = 0.9  # a click at half a second
    loudest = transform.forward(samples).max(axis=1).argmax()
    assert transform.times(len(transform.forward(samples)))[loudest] == pytest.approx(0.5, abs=transform.hop / RATE)
    assert transform.times(3).tolist() == [0, 256 / RATE, 512 / RATE]


def test_silence_stands_on_the_floor_and_comes_back_as_silence():
    transform = Transform(floor_db=-70.0)
    silence = np.zeros(5000, np.float32)
    spectrogram = transform.forward(silence)
    assert (spectrogram == -70).all()
    assert np.abs(transform.inverse(spectrogram, phase=transform.complex(silence))).max() == 0
    assert np.abs(transform.inverse(spectrogram)).max() == 0


def test_what_is_under_the_floor_is_lost_and_nothing_else(tone):
    loud, quiet = 60 * RATE / 1024, 300 * RATE / 1024
    samples = tone(loud, 0.5) + tone(quiet, 1e-4)  # -6 dB and -80 dB
    assert Transform(floor_db=-90.0).forward(samples)[40, 300] == pytest.approx(-80, abs=0.1)
    assert Transform(floor_db=-70.0).forward(samples)[40, 300] == -70
    assert Transform(floor_db=-70.0).forward(samples)[40, 60] == pytest.approx(-6.02, abs=0.01)


# ---------------------------------------------------------------- oracles


@pytest.mark.parametrize("window, hop", [(1024, 256), (512, 128), (2048, 512)])
def test_the_stft_is_scipys(music, window, hop):
    ours = Transform(window=window, hop=hop).complex(music)
    _, _, theirs = scipy.signal.stft(music, window="hann", nperseg=window, noverlap=window - hop, boundary="zeros", padded=False)
    theirs = theirs.T * window / 2  # scipy divides by the window's sum
    frames = min(len(ours), len(theirs))
    assert frames >= len(ours) - 1
    np.testing.assert_allclose(ours[:frames], theirs[:frames], atol=2e-4)


def test_the_levels_are_librosas(music):
    theirs = librosa.amplitude_to_db(np.abs(librosa.stft(music, n_fft=1024, hop_length=256)), ref=256, amin=1e-9, top_db=None)
    np.testing.assert_allclose(Transform().forward(music), np.maximum(theirs.T, -100), atol=1e-3)


def test_the_mel_bands_are_librosas(music):
    power = librosa.feature.melspectrogram(
        y=music, sr=RATE, n_fft=1024, hop_length=256, n_mels=80, norm=None, pad_mode="constant"
    )
    theirs = librosa.power_to_db(power / 256**2 / 1.5, ref=1.0, amin=1e-18, top_db=None)
    np.testing.assert_allclose(Transform(kind="mel", bins=80).forward(music), np.maximum(theirs.T, -100), atol=1e-3)


def test_mel_frequencies_are_the_tops_of_the_bands():
    transform = Transform(kind="mel", bins=20, window=4096, hop=1024)
    bands = librosa.filters.mel(sr=RATE, n_fft=4096, n_mels=20, norm=None)
    tops = bands.argmax(axis=1) * RATE / 4096
    np.testing.assert_allclose(transform.frequencies, tops, atol=RATE / 4096)


# ---------------------------------------------------------------- and back


@pytest.mark.parametrize("transform", [t for t in TRANSFORMS if t.kind == "stft" and t.bins == t.window // 2 + 1], ids=repr)
def test_round_trip_with_the_true_phase(transform, music):
    deep = Transform(**transform.to_dict() | {"floor_db": -140.0})
    again = deep.inverse(deep.forward(music), phase=deep.complex(music), length=len(music))
    assert again.dtype == np.float32
    assert again.shape == music.shape
    assert np.abs(again - music).max() <= 1e-5


def test_round_trip_at_the_default_floor(music):
    transform = Transform()
    again = transform.inverse(transform.forward(music), phase=transform.complex(music), length=len(music))
    assert np.sqrt(np.mean((again - music) ** 2)) <= 1e-4


def test_the_phase_may_come_in_radians(music):
    transform = Transform()
    stft, spectrogram = transform.complex(music), transform.forward(music)
    in_radians = transform.inverse(spectrogram, phase=np.angle(stft))
    np.testing.assert_allclose(in_radians, transform.inverse(spectrogram, phase=stft), atol=1e-6)


def test_a_wrong_phase_does_not_give_the_sound_back(music):
    transform = Transform()
    again = transform.inverse(transform.forward(music), phase=np.zeros_like(transform.complex(music)), length=len(music))
    assert np.abs(again - music).max() > 0.1


def test_without_a_length_it_ends_at_the_last_whole_hop(music):
    transform = Transform()
    again = transform.inverse(transform.forward(music[:5000]))
    assert len(again) == 5000 // 256 * 256


@pytest.mark.parametrize("samples", [1, 100, 1023])
def test_sounds_shorter_than_a_window(tone, samples):
    transform = Transform()
    short = tone(440)[:samples] + np.float32(0.25)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spectrogram = transform.forward(short)
    assert spectrogram.shape == (5, 513)  # as one window
    again = transform.inverse(spectrogram, phase=transform.complex(short), length=samples)
    np.testing.assert_allclose(again, short, atol=1e-3)


def _spectral_error(transform, found, wanted):
    """In dB: how far the magnitudes of two sounds are apart, against those of the second."""
    found, wanted = np.abs(transform.complex(found)), np.abs(transform.complex(wanted))
    return 20 * np.log10(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def test_griffin_lim_finds_a_sound_with_these_magnitudes(music):
    transform = Transform()
    spectrogram = transform.forward(music)
    errors = {
        rounds: _spectral_error(transform, transform.inverse(spectrogram, iterations=rounds, length=len(music)), music)
        for rounds in (1, 8, 32)
    }
    assert errors[32] < errors[8] < errors[1]
    assert errors[32] < -18


def test_the_momentum_speeds_it_up(music):
    transform = Transform()
    spectrogram = transform.forward(music)
    slow, fast = (transform.inverse(spectrogram, momentum=m, length=len(music)) for m in (0, 0.99))
    assert _spectral_error(transform, fast, music) < _spectral_error(transform, slow, music) - 2


def test_griffin_lim_repeats_with_its_seed_and_leaves_numpys_alone(music):
    transform = Transform()
    spectrogram = transform.forward(music[:8000])
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = transform.inverse(spectrogram, seed=3, iterations=4)
    np.testing.assert_array_equal(first, transform.inverse(spectrogram, seed=3, iterations=4))
    assert not np.array_equal(first, transform.inverse(spectrogram, seed=4, iterations=4))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_mel_bands_are_undone_to_magnitudes_with_these_bands(music):
    transform = Transform(kind="mel")
    music = music[: RATE // 2]
    spectrogram = transform.forward(music)
    magnitude = transform.magnitude(spectrogram)
    assert magnitude.shape == transform.complex(music).shape
    assert magnitude.min() >= 0
    bands = librosa.filters.mel(sr=RATE, n_fft=1024, n_mels=128, norm=None)
    again = (magnitude / 256) ** 2 @ bands.T / 1.5
    wanted = 10 ** (spectrogram / 10)
    assert np.linalg.norm(again - wanted) < 0.05 * np.linalg.norm(wanted)


def test_mel_round_trip_is_near_in_level(music):
    transform = Transform(kind="mel")
    music = music[: RATE // 2]
    spectrogram = transform.forward(music)
    again = transform.forward(transform.inverse(spectrogram, length=len(music)))
    loud = spectrogram > -50
    assert np.abs(again - spectrogram)[loud].mean() < 3  # dB


def test_bins_left_out_come_back_silent(tone):
    transform = Transform(bins=100)  # up to 2132 Hz
    samples = tone(500, 0.4) + tone(5000, 0.4)
    again = transform.inverse(transform.forward(samples), phase=transform.complex(samples), length=len(samples))
    assert np.abs(again - tone(500, 0.4))[2000:-2000].max() < 1e-3


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_settings_go_through_json(transform):
    assert Transform.from_dict(json.loads(json.dumps(transform.to_dict()))) == transform


def test_bins_are_filled_in():
    assert Transform().bins == 513
    assert Transform(kind="mel").bins == 128


def test_it_is_frozen_and_hashable():
    with pytest.raises(AttributeError):
        Transform().hop = 3
    assert len({Transform(), Transform(bins=513), Transform(hop=128)}) == 2


@pytest.mark.parametrize(
    "settings, named",
    [
        ({"sample_rate": 0}, "sample_rate"),
        ({"sample_rate": 22050.0}, "sample_rate"),
        ({"window": 8}, "window"),
        ({"window": 1023}, "window"),
        ({"hop": 0}, "hop"),
        ({"hop": 513}, "hop"),
        ({"kind": "cqt"}, "kind"),
        ({"bins": 0}, "bins"),
        ({"bins": 514}, "bins"),
        ({"bins": True}, "bins"),
        ({"kind": "mel", "bins": 400}, "bins"),
        ({"floor_db": 0.0}, "floor_db"),
        ({"floor_db": float("nan")}, "floor_db"),
        ({"floor_db": None}, "floor_db"),
    ],
)
def test_settings_that_fit_nothing(settings, named):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the error is told once, not in librosa's words too
        with pytest.raises(ParameterError, match=f"^{named}: .*") as caught:
            Transform(**settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"hops": 3}, [1], None])
def test_a_dict_of_something_else(settings):
    with pytest.raises(ParameterError, match="settings: expected a dict with keys among"):
        Transform.from_dict(settings)


# ---------------------------------------------------------------- bad input

BAD_SAMPLES = [  # the rest in test_samples.py
    (np.zeros((100, 2), np.float32), "mix stereo down"),
    (np.zeros(100, np.int16), "divide 16-bit integers by 32768"),
    (np.array([0.0, np.nan]), "received NaN or infinity"),
    (np.zeros(0, np.float32), "at least one sample"),
]


@pytest.mark.parametrize("samples, told", BAD_SAMPLES)
@pytest.mark.parametrize("call", [Transform().forward, Transform().complex])
def test_samples_of_another_kind(call, samples, told):
    with pytest.raises(ParameterError, match=told):
        call(samples)


@pytest.mark.parametrize(
    "spectrogram, told",
    [
        (np.zeros((5, 512)), r"expected shape \(frames ≥ 2, 513\), received \(5, 512\)"),
        (np.zeros(513), "received"),
        (np.zeros((1, 513)), "received"),
        (np.full((5, 513), np.nan), "NaN"),
    ],
)
def test_spectrograms_of_another_kind(spectrogram, told):
    with pytest.raises(ParameterError, match=told):
        Transform().inverse(spectrogram)


@pytest.mark.parametrize(
    "options, named",
    [
        ({"phase": np.zeros((4, 513))}, "phase"),
        ({"phase": np.full((5, 513), np.nan)}, "phase"),
        ({"iterations": 0}, "iterations"),
        ({"momentum": 1.0}, "momentum"),
        ({"seed": -1}, "seed"),
        ({"length": 0}, "length"),
    ],
)
def test_options_of_the_inverse_out_of_range(options, named):
    with pytest.raises(ParameterError, match=f"^{named}: "):
        Transform().inverse(np.full((5, 513), -20.0), **options)
