"""The WaveNet recipe: a network that makes sound sample by sample, told which notes to play or in which style, from data to WAV.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`.

Two variants:

* ``notes``, which ships as the checkpoint ``wavenet``: told the pitch and age of a note in every frame of 5 ms, and a tone struck
  with it; it plays a line from a MIDI file on the reed organ of its data.
* ``style``: told one of five styles; free sound, with no plan beyond its receptive field. No checkpoint of it ships.

What is played and how the folds lie: :mod:`lab_utils.recipes._wavenet_data`. A batch is of windows cut anywhere from the
excerpts, so the network also learns to begin without anything before. Of notes, later epochs splice windows into each other:
without that, it goes on with the note that it has heard and hardly looks at the one that it is asked for. The best weights
(averaged ones) are those with the fewest bits on excerpts of the validation fold.

Left out: several notes at a time, dynamics, other instruments. The notebook ``11_wavenet`` uses the recipe.
"""

from pathlib import Path

from lab_utils.errors import ParameterError
from lab_utils.recipes import _wavenet_figures as figures
from lab_utils.recipes._run import learn
from lab_utils.recipes._verbs import training_verbs
from lab_utils.recipes._wavenet_data import (
    FRAMES_PER_SECOND,
    LOWEST,
    STYLES,
    VARIANTS,
    Sounds,
    conditions_of,
    line_of,
    prepare,
    sound_of,
)
from lab_utils.recipes._wavenet_network import (
    OF_VARIANT,
    RECIPE,
    SHIPPED,
    SIZES,
    Config,
    arrays_of,
    bits_per_sample,
    build,
    load,
    told_of,
    windows_of,
)
from lab_utils.recipes._wavenet_sound import play, rates

__all__ = [
    "FRAMES_PER_SECOND", "LOWEST", "RECIPE", "SHIPPED", "SIZES", "STYLES", "VARIANTS", "Config", "Sounds", "arrays_of",
    "bits_per_sample", "build", "conditions_of", "evaluate", "generate", "line_of", "load", "play", "prepare", "rates", "resume",
    "sound_of", "told_of", "train",
]  # fmt: skip

DATA = "sounds"


def _settle(size, *, data, epochs, settings):
    if data != DATA:
        raise ParameterError(f"data: expected {DATA}, received {data!r}; the variant, notes or style, tells what is played.")
    chosen = {**OF_VARIANT.get(settings.get("variant"), {}).get(size, {}), **settings}
    return RECIPE.settle(size, epochs=epochs, settings=chosen)


def _material(config, *, data, seed, progress):
    return config, prepare(config.variant, sample_rate=config.sample_rate, minutes=config.minutes, progress=progress)


def _fit(run, config, material, **options):
    from lab_utils.training.examples import Examples

    train, valid = (arrays_of(material[fold], config.variant) for fold in ("train", "valid"))
    seed = run.config["seed"]
    change = windows_of(config, material["train"].frame, epoch=lambda: batches.epoch)
    batches = Examples(train, target="counts", batch=config.batch, seed=seed, change=change)
    few = {name: values[: config.validated] for name, values in valid.items()}
    return learn(
        run, config, build=build, batches=batches, seed=seed,
        validate=lambda model: bits_per_sample(model, few).mean(), **options,
    )  # fmt: skip


train, resume = training_verbs(RECIPE, data=DATA, settle=_settle, material=_material, fit=_fit, composes=False)


def evaluate(*, run="wavenet", samples=60, speed=True):
    """Return how well a trained network predicts sound it has not heard, how fast it plays, and how what it plays sounds.

    Parameters
    ----------
    run : str or Path
        A run's folder, or the shipped checkpoint's name, "wavenet".
    samples : int
        How many excerpts of four seconds are predicted, of each fold.
    speed : bool
        Whether generation is clocked.

    Returns
    -------
    dict
        ``bits_per_sample`` (validation fold; ``test_bits_per_sample`` the test fold), ``bits_under_lpc16``, ``baselines``,
        ``samples_per_second``, ``naive_samples_per_second``, ``by_streams``; of notes ``pitch_hits``, ``voiced``, ``pitches``,
        ``spectral_distance``; and ``drift``; as :mod:`lab_utils.recipes._wavenet_figures` tells.
    """
    return figures.evaluate(run, samples=samples, speed=speed)


def generate(*, run=None, midi=None, seconds=None, style=None, prompt=None, sample_rate=None, seed=0, temperature=1.0, out="out"):
    """Make sound and write it.

    Parameters
    ----------
    run : str or Path, optional
        A run's folder or "wavenet", the default. A `style` or `prompt` needs a run of one's own, of the variant "style".
    midi : str or Path, optional
        Of a run that is told of notes: a score (MIDI, MusicXML or ABC), whose highest voice is played. Left out, a line of the
        validation fold.
    seconds : float, optional
        The length: of a line at most so much of it (all of it, or ten seconds of the fold's); free sound is four seconds long.
    style : str, optional
        Of a run that is told of styles: one of :data:`STYLES`, "chorale" by default.
    prompt : str or Path, optional
        Of a run that is told of styles: a sound file, which the new sound goes on from. Stereo is mixed down and another rate
        resampled, with a line that says so.
    sample_rate : int, optional
        Of the file that is written, in Hz; by default the run's own. Another is resampled, with a line that says so.
    seed : int
    temperature : float
        From 0.05 to 2: under 1 the likelier codes are preferred.
    out : str or Path

    Returns
    -------
    dict
        Paths of ``sound``, ``spectrogram`` (a picture), and with notes ``target`` (the line on the data's instrument) and
        ``midi``; ``seconds``, ``sample_rate``, ``peak``, ``rms``, ``seed``, and with notes ``pitch_hits``.

    Raises
    ------
    LabError
        If the file cannot be read or holds no note, if notes lie outside E2 to A5, if there is no such style, or an option is not
        for this run.
    """
    from lab_utils.recipes import _wavenet_writing as writing

    writing.check_style(style)
    if run is None and (style or prompt):
        raise ParameterError(
            "run: no network of styles ships; train one with `lab-utils train wavenet --variant style` and name its folder."
        )
    run = run or "wavenet"
    if RECIPE.open(run)[1].variant == "notes":
        if style or prompt:
            raise ParameterError(f"style, prompt: {run} is told of notes; leave them out, or name a run of the variant style.")
        line = writing.line_from(midi, seconds)
        return writing.notes(run, line, sample_rate=sample_rate, seed=seed, temperature=temperature, out=Path(out))
    if midi:
        raise ParameterError(f"midi: {run} is told of styles and plays no notes; leave it out, or choose the run wavenet.")
    return writing.free(
        run,
        style=style,
        seconds=seconds,
        prompt=prompt,
        sample_rate=sample_rate,
        seed=seed,
        temperature=temperature,
        out=Path(out),
    )
