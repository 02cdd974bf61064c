"""The assignment `notes_to_sound`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "notes_to_sound"
POINTS = {"tone": 3, "frames": 4, "spectrum": 4, "decibels": 3, "scale": 3, "unscale": 2, "split": 3}

CUT_OFF = """
def tone(pitch, seconds, sample_rate):
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * sample_rate)) / sample_rate)
"""
TO_THE_END = """
def tone(pitch, seconds, sample_rate):
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    return np.sin(2 * np.pi * frequency * np.linspace(0, seconds, round(seconds * sample_rate)))
"""
NOT_CENTRED = """
def frames(samples, window, hop):
    padded = np.concatenate([samples, np.zeros(window)])
    return np.stack([padded[m * hop : m * hop + window] for m in range(1 + len(samples) // hop)])
"""
LAST_FRAME_LOST = """
def frames(samples, window, hop):
    padded = np.pad(samples, window // 2)
    return np.stack([padded[start : start + window] for start in range(0, len(samples), hop)])
"""
ALL_WAVES = """
def spectrum(framed):
    n = np.arange(framed.shape[1])
    return np.fft.fft((0.5 - 0.5 * np.cos(2 * np.pi * n / len(n))) * framed, axis=1)
"""
NUMPYS_HANNING = """
def spectrum(framed):
    return np.fft.rfft(np.hanning(framed.shape[1]) * framed, axis=1)
"""
ONE_WINDOW_ONLY = """
def spectrum(framed):
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    return np.fft.rfft(hann * framed, axis=1)
"""
WINDOWED_IN_PLACE = """
def spectrum(framed):
    n = np.arange(framed.shape[1])
    framed *= 0.5 - 0.5 * np.cos(2 * np.pi * n / len(n))
    return np.fft.rfft(framed, axis=1)
"""
TENS = """
def decibels(spectra, floor=-100.0):
    window = 2 * (spectra.shape[1] - 1)
    return np.maximum(10 * np.log10(np.maximum(np.abs(spectra) / (window / 4), 1e-30)), floor)
"""
LOGARITHM_OF_ZERO = """
def decibels(spectra, floor=-100.0):
    window = 2 * (spectra.shape[1] - 1)
    return np.maximum(20 * np.log10(np.abs(spectra) / (window / 4)), floor)
"""
ONE_FLOOR_ONLY = """
def decibels(spectra, floor=-100.0):
    return np.maximum(20 * np.log10(np.maximum(np.abs(spectra) / 256, 1e-30)), -100.0)
"""
CUT_TO_THE_RANGE = """
def scale(values, low, high):
    half = np.where(np.asarray(high) > low, (np.asarray(high) - low) / 2, 1.0)
    return np.clip((values - low) / half - 1, -1, 1)
"""
DIVIDED_BY_NOTHING = """
def scale(values, low, high):
    return 2 * (values - low) / (high - low) - 1
"""
TO_ZERO_AND_ONE = """
def scale(values, low, high):
    return (values - low) / (high - low)
"""
NOT_AN_INVERSE = """
def unscale(scaled, low, high):
    return scaled * (high - low) / 2 + low
"""
MOVED_IN_PLACE = """
def unscale(scaled, low, high):
    half = np.where(np.asarray(high) > low, (np.asarray(high) - low) / 2, 1.0)
    scaled += 1
    scaled *= half
    scaled += low
    return scaled
"""
BY_BAR = """
def split_by_piece(pieces, share, seed):
    aside = np.zeros(len(pieces), bool)
    aside[np.random.default_rng(seed).choice(len(pieces), round(share * len(pieces)), replace=False)] = True
    return aside
"""
ALWAYS_THE_LAST = """
def split_by_piece(pieces, share, seed):
    names = sorted(set(pieces))
    return np.isin(pieces, names[-max(1, round(share * len(names))):])
"""
IN_BLOCKS = """
def split_by_piece(pieces, share, seed):
    pieces = np.asarray(pieces)
    starts = np.flatnonzero(np.append(True, pieces[1:] != pieces[:-1]))
    blocks = np.split(np.arange(len(pieces)), starts[1:])
    chosen = np.random.default_rng(seed).permutation(len(blocks))[: max(1, round(share * len(blocks)))]
    aside = np.zeros(len(pieces), bool)
    for block in chosen:
        aside[blocks[block]] = True
    return aside
"""
NONE_AT_ALL = """
def split_by_piece(pieces, share, seed):
    names = sorted(set(pieces))
    return np.isin(pieces, np.random.default_rng(seed).permutation(names)[: round(share * len(names))])
"""

WRONG = [
    Wrong(
        "samples cut off, the last frame lost, np.hanning",
        {"tone_answer": CUT_OFF, "frames_answer": LAST_FRAME_LOST, "spectrum_answer": NUMPYS_HANNING},
        {"tone", "frames", "spectrum"},
        "Round, do not cut off",
    ),
    Wrong(
        "an end counted in, frames that begin where they should be centred, all waves, tens for twenties",
        {
            "tone_answer": TO_THE_END,
            "frames_answer": NOT_CENTRED,
            "spectrum_answer": ALL_WAVES,
            "decibels_answer": TENS,
        },
        {"tone", "frames", "spectrum", "decibels"},
        "Your spectrum has 1024 bins; a real signal under a window of 1024 gives 513",
    ),
    Wrong(
        "made for the window of the example",
        {"spectrum_answer": ONE_WINDOW_ONLY, "decibels_answer": ONE_FLOOR_ONLY},
        {"spectrum", "decibels"},
        "The window follows from the number of bins",
    ),
    Wrong(
        "the caller's frames changed, the logarithm of silence",
        {"spectrum_answer": WINDOWED_IN_PLACE, "decibels_answer": LOGARITHM_OF_ZERO},
        {"spectrum", "decibels"},
        "Silence makes NumPy warn",
    ),
    Wrong(
        "loud music cut off, no inverse, bars for pieces",
        {"scale_answer": CUT_TO_THE_RANGE, "unscale_answer": NOT_AN_INVERSE, "split_answer": BY_BAR},
        {"scale", "unscale", "split"},
        "choose pieces, not bars",
    ),
    Wrong(
        "divided by a range of nothing, moved in place, pieces taken for blocks",
        {"scale_answer": DIVIDED_BY_NOTHING, "unscale_answer": MOVED_IN_PLACE, "split_answer": IN_BLOCKS},
        {"scale", "unscale", "split"},
        "your split tears pieces apart",
    ),
    Wrong(
        "from 0 to 1, and no lot drawn",
        {"scale_answer": TO_ZERO_AND_ONE, "split_answer": ALWAYS_THE_LAST},
        {"scale", "split"},
        "choose by lot, from the seed",
    ),
    Wrong("a small share lays nothing aside", {"split_answer": NONE_AT_ALL}, {"split"}, "at least one piece"),
]
