"""What the WaveNet recipe writes: a line of notes as the network plays it beside its target, or free sound in a style."""

import numpy as np

from lab_utils.errors import DataError, ParameterError, check_whole
from lab_utils.progress import tell
from lab_utils.recipes import _wavenet_figures as figures
from lab_utils.recipes import _wavenet_sound as sounding
from lab_utils.recipes._wavenet_data import FRAMES_PER_SECOND, STYLES, conditions_of, sound_of
from lab_utils.recipes._wavenet_lines import line_of
from lab_utils.recipes._wavenet_network import RECIPE, load

FREE = 4.0  # seconds
OUT_RATES = 1000, 192_000  # Hz


def line_from(path, seconds):
    """Return the line of a score file, or of the validation fold if there is no `path`."""
    from lab_utils import files

    check_seconds(seconds)
    if path is None:
        line = figures.held_out_lines(1)[0]
        return line if seconds is None else line_of(line, seconds=seconds)
    score = files.read(path)
    if not len(score):
        raise DataError(f"{path}: holds no notes; choose a file with a line to play.")
    try:
        return line_of(score, seconds=seconds)
    except ParameterError as error:  # what is wrong with the line is wrong with the file
        raise DataError(f"{path}: {error}") from error


def notes(run, line, *, sample_rate, seed, temperature, out):
    """Play `line` (Score) with the network and with the data's instrument; write both, and return what the recipe tells."""
    from lab_utils import files
    from lab_utils.audio import mulaw

    model, _ = load(run)
    rate = RECIPE.open(run)[1].sample_rate
    _check_rate(sample_rate)
    told = conditions_of(line)[None]
    codes = sounding.play(model, {"conditions": told}, seed=seed, temperature=temperature, sample_rate=rate, progress=True)
    made = mulaw.decode(codes[0])
    target = sound_of(line, sample_rate=rate)[: len(made)]
    paths = {name: out / f"wavenet{end}" for name, end in (("sound", ".wav"), ("target", "_target.wav"), ("midi", ".mid"))}
    files.write(line, paths["midi"])
    written = _write_sound(made, paths["sound"], rate, sample_rate)
    _write_sound(target, paths["target"], rate, sample_rate)
    paths["spectrogram"] = out / "wavenet.png"
    _draw({"made by the network": made, "its target": target}, rate, paths["spectrogram"])
    found = figures.hits([made], told, rate) if len(made) >= rate / 4 else {"hits": None}
    return {**paths, **_measured(made, rate), "sample_rate": written, "pitch_hits": found["hits"], "seed": seed}


def free(run, *, style, seconds, prompt, sample_rate, seed, temperature, out):
    """Make sound in a style, from silence or on from a sound file; write it, and return what the recipe tells."""
    from lab_utils.audio import mulaw

    style = STYLES[1] if style is None else style
    check_style(style)
    check_seconds(seconds)
    _check_rate(sample_rate)
    model, _ = load(run)
    rate = RECIPE.open(run)[1].sample_rate
    before = None if prompt is None else read_prompt(prompt, rate, _whole_frames(model.receptive_field, rate))
    told = {"style": np.array([STYLES.index(style)]), "frames": round((FREE if seconds is None else seconds) * FRAMES_PER_SECOND)}
    codes = sounding.play(model, told, before=before, seed=seed, temperature=temperature, sample_rate=rate, progress=True)
    made = mulaw.decode(codes[0])
    paths = {"sound": out / f"wavenet_{style}.wav", "spectrogram": out / f"wavenet_{style}.png"}
    written = _write_sound(made, paths["sound"], rate, sample_rate)
    _draw({f"{style}, made by the network": made}, rate, paths["spectrogram"])
    return {**paths, **_measured(made, rate), "sample_rate": written, "style": style, "seed": seed}


def read_prompt(path, rate, wanted):
    """Return the last `wanted` codes of a sound file at `rate` Hz, uint8 (1, samples), and say what was done to it."""
    from lab_utils import files
    from lab_utils.audio import mulaw, resample

    samples, found = files.read_sound(path)
    if files.count_channels(path) > 1:
        tell(f"{path}: has more than one channel; they are mixed down")
    if found != rate:
        tell(f"{path}: is resampled from {found} to {rate} Hz")
        samples = resample(samples, found, rate)
    if len(samples) < wanted:
        tell(f"{path}: is shorter than the {wanted} samples that the network looks back on; silence stands before it")
    return mulaw.encode(np.pad(samples, (max(wanted - len(samples), 0), 0))[-wanted:])[None]


def _whole_frames(samples, rate):
    """The least number of samples that is no fewer than these and fills frames."""
    frame = rate // FRAMES_PER_SECOND
    return -(-samples // frame) * frame


def check_style(style):
    """Raise a :class:`ParameterError` unless `style` is None or one that there is."""
    if style is not None and style not in STYLES:
        raise ParameterError(f"style: expected one of {', '.join(STYLES)}; received {style!r}.")


def check_seconds(seconds):
    """Raise a :class:`ParameterError` unless `seconds` is None or a length that can be made."""
    if seconds is None:
        return
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not number or not 1 / FRAMES_PER_SECOND <= seconds <= sounding.LONGEST:
        raise ParameterError(f"seconds: expected a length from 0.005 to {sounding.LONGEST}, received {seconds!r}.")


def _check_rate(rate):
    low, high = OUT_RATES
    if rate is not None:
        check_whole("sample_rate", rate, low, high)


def _write_sound(samples, path, rate, wanted):
    """Write samples, at another rate if one is wanted, and return the rate."""
    from lab_utils import files
    from lab_utils.audio import resample

    if wanted not in (None, rate):
        tell(f"{path}: is resampled from the network's {rate} to {wanted} Hz")
        samples = np.clip(resample(samples, rate, wanted), -1, 1)
    files.write_sound(samples, path, sample_rate=wanted or rate)
    return wanted or rate


def _measured(samples, rate):
    return {
        "seconds": len(samples) / rate, "peak": float(np.abs(samples).max()), "rms": float(np.sqrt((samples**2).mean())),
    }  # fmt: skip


def _draw(named, rate, path):
    """Write the spectrograms of sounds, side by side, as a picture."""
    from lab_utils import plots

    transform = figures.transform_of(rate)
    axes = plots.plot_spectrograms({name: transform.forward(samples) for name, samples in named.items()}, transform)
    plots.save_figure(axes, path)
