"""The recipe of the spectrogram VAE: the sound of a bar as 32 numbers, from the data to new bars that can be heard.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`; and the
ways between spectrograms and vectors: :func:`encode`, :func:`decode`, :func:`reconstruct`, :func:`relabel`, :func:`sample`,
:func:`interpolate`; to sound: :func:`sound`.

Data: the bars of ``stave275``, see :mod:`lab_utils.recipes._spectrogram_data`. The network is
:class:`~lab_utils.models.spectrogram_vae.SpectrogramVAE`, the style of a bar its condition. Its aim: on bars of pieces that it
has not seen, a root mean squared error at most 0.9 times that of principal components with as many numbers, fitted on the same
bars.

:func:`held_out` gives the 55 bars of the fold "valid" in the scale of a trained run; to render them takes seconds, and nothing
else is needed to use or to measure a checkpoint. Shipped, under ``datasets/checkpoints``: ``spectrogram_vae``. The notebook
``08_vae`` uses it.
"""

from pathlib import Path

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.evaluation.reconstruction import spectrogram_rmse
from lab_utils.recipes import _spectrogram_data as data_of
from lab_utils.recipes._run import learn
from lab_utils.recipes._spectrogram_data import STYLES, TRANSFORM, prepare, styles
from lab_utils.recipes._spectrogram_network import (
    RECIPE,
    SHIPPED,
    SIZES,
    Config,
    build,
    decode,
    draw,
    encode,
    interpolate,
    load,
    reconstruct,
    relabel,
    sample,
    scaler_of,
)
from lab_utils.recipes._spectrogram_rivals import Rivals
from lab_utils.recipes._verbs import training_verbs

__all__ = [
    "RECIPE", "SHIPPED", "SIZES", "STYLES", "TRANSFORM", "Config", "Rivals", "build", "decode", "draw", "encode", "evaluate",
    "generate", "held_out", "interpolate", "load", "measure", "prepare", "reconstruct", "relabel", "resume", "rivals", "sample",
    "scaler_of", "sound", "sound_figures", "styles", "train",
]  # fmt: skip

ROUNDS = 64  # of Griffin-Lim
PEAK = 0.9
QUIET = 1e-3  # 60 dB under full scale


# ------------------------------------------------------------------------------------------------ train


def _material(config, *, data, seed, progress):
    return config, prepare(data, renderings=config.renderings, bars=config.bars, seed=seed, progress=progress)


def _fit(run, config, bars, *, on_epoch=None, **options):
    from lab_utils.training.collapse import posterior_watch
    from lab_utils.training.examples import Examples

    given, judged, seed = bars.fold("train"), bars.fold("valid"), run.config["seed"]
    if run.writes and not (run.folder / "rivals.npz").exists():  # or else the run was stopped before they were written
        Rivals.fit(given.spectrograms, styles(given), components=config.latent).save(run.folder / "rivals.npz")
        bars.scaler.save(run.folder / "scaler.json")
    average = given.spectrograms.mean(axis=0)
    judged_styles = styles(judged)

    def begun(config, *, seed):
        model = build(config, seed=seed)
        model.average.assign(average)  # an untrained network rebuilds the mean
        return model

    def validate(model):
        return spectrogram_rmse(judged.spectrograms, reconstruct(model, judged.spectrograms, judged_styles))["rmse"]

    def changed(rows, rng):
        rows = data_of.spliced(rows, rng, share=config.splices)
        return {**rows, "target": rows["spectrogram"]}

    arrays = {"spectrogram": given.spectrograms, "style": styles(given)}
    batches = Examples(arrays, target="target", batch=config.batch, seed=seed, change=changed)
    watched = posterior_watch(len(batches), what="bar", after=on_epoch)
    return learn(run, config, build=begun, batches=batches, validate=validate, seed=seed, on_epoch=watched, **options)


train, resume = training_verbs(RECIPE, data="stave275", material=_material, fit=_fit, composes=False)


# ------------------------------------------------------------------------------------------------ evaluate


def held_out(run="spectrogram_vae", *, fold="valid", progress=True):
    """Return the bars of a fold as they are written, in the scale of a trained run.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`.
    fold : str
        "valid" (55 bars of five pieces that no network here was trained on; seconds to render, once) or "train" (220).
    progress : bool

    Returns
    -------
    lab_utils.datasets.prepared.Prepared
        ``spectrograms`` (55, 64, 96), ``labels["style"]``, ``ids``; ``sound(i)`` plays bar i again.
    """
    run_, config = RECIPE.open(run)
    return data_of.held_out(scaler_of(run), data=run_.config["data"], bars=config.bars, fold=fold, progress=progress)


def rivals(run="spectrogram_vae"):
    """Return the :class:`Rivals` of a trained run, which rebuild bars without a network."""
    return Rivals.load(RECIPE.folder(run) / "rivals.npz")


def evaluate(*, run="spectrogram_vae", fold="valid"):
    """Return how well a trained network rebuilds bars, beside its rivals.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`.
    fold : str
        "valid", whose pieces the network has not seen, though the best of its epochs was chosen on them; or "train".

    Returns
    -------
    dict
        ``rmse``, of what is read from the mean of q(z | x, y), in the network's scale; ``pca_rmse`` and ``ratio``, rmse over
        pca_rmse; ``pca_by_style_rmse`` and ``ratio_by_style``, where PCA is told the style too; ``mean_rmse``, the floor, and
        ``style_mean_rmse``; ``rmse_db`` and ``pca_rmse_db`` in decibels; ``kl``, nats a bar, and ``active``, how many of the
        ``latent`` numbers cost over 0.1 nats; ``nll`` and ``bound``, nats a bar, of a density; ``by_style``, the ratio of each
        style; ``bars``, their number.
    """
    model, config = load(run)
    bars = held_out(run, fold=fold)
    return {"run": str(run), "data": f"{config['data']} {fold}", **measure(model, bars, rivals(run))}


def measure(model, bars, others):
    """Return the figures of :func:`evaluate` of a network, prepared bars and :class:`Rivals`."""
    own, numbers = bars.spectrograms, styles(bars)
    rebuilt = {"own": reconstruct(model, own, numbers), **others.rebuild(own, numbers)}
    rmse = {name: spectrogram_rmse(own, made)["rmse"] for name, made in rebuilt.items()}
    decibels = float(bars.scaler.high - bars.scaler.low) / 2  # a unit of the network's scale
    mean, spread = encode(model, own, numbers, spread=True)
    shares = 0.5 * (mean**2 + spread**2 - 1 - 2 * np.log(spread)).mean(axis=0)
    each = {}
    for number in np.unique(numbers):
        inside = numbers == number
        one, other = (spectrogram_rmse(own[inside], rebuilt[name][inside])["rmse"] for name in ("own", "pca"))
        each[STYLES[number]] = one / other
    noise = np.random.default_rng(0).standard_normal(mean.shape, np.float32)
    nll = float(model.nll(own, decode(model, mean + spread * noise, numbers)))
    return {
        "rmse": rmse["own"], "pca_rmse": rmse["pca"], "ratio": rmse["own"] / rmse["pca"],
        "pca_by_style_rmse": rmse["pca_by_style"], "ratio_by_style": rmse["own"] / rmse["pca_by_style"],
        "mean_rmse": rmse["mean"], "style_mean_rmse": rmse["style_mean"],
        "rmse_db": rmse["own"] * decibels, "pca_rmse_db": rmse["pca"] * decibels, "mean_rmse_db": rmse["mean"] * decibels,
        "kl": float(shares.sum()), "active": int((shares > 0.1).sum()), "latent": model.size, "components": others.components,
        "nll": nll, "bound": nll + float(shares.sum()), "by_style": each, "bars": len(own),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------ generate


def sound(spectrograms, scaler, *, seed=0, rounds=ROUNDS):
    """Return spectrograms as sound, one bar after the other.

    Parameters
    ----------
    spectrograms : array_like of float, shape (N, 64, 96) or (64, 96)
        In the network's scale.
    scaler : Scaler
        The run's, :func:`scaler_of`.
    seed : int
        Of the phases that Griffin and Lim's search starts from.
    rounds : int
        Of that search.

    Returns
    -------
    np.ndarray of float32, shape (samples,)
        At ``TRANSFORM.sample_rate``, 11,025 Hz; two seconds a bar, the loudest sample at 0.9.
    """
    spectrograms = np.asarray(spectrograms, np.float32)
    bars = spectrograms[None] if spectrograms.ndim == 2 else spectrograms
    if bars.ndim != 3 or not len(bars):
        raise ParameterError(f"spectrograms: expected shape (N, frames, bins), received {spectrograms.shape}.")
    levels = scaler.inverse(np.clip(bars, -1, 1.5))  # what a network paints far above the loudest bar would drown the rest
    length = round(data_of.SECONDS * TRANSFORM.sample_rate)
    samples = np.concatenate([TRANSFORM.inverse(bar, iterations=rounds, seed=seed, length=length) for bar in levels])
    return samples * np.float32(PEAK / max(np.abs(samples).max(), 1e-9))


def sound_figures(samples):
    """Return ``peak`` and ``rms`` of samples, and ``silence``, the share of their 46 ms pieces under −60 dB, as a dict."""
    pieces = np.resize(samples, (-(-len(samples) // 512), 512))
    quiet = np.sqrt(np.square(pieces).mean(axis=1)) < QUIET
    return {
        "peak": float(np.abs(samples).max()),
        "rms": float(np.sqrt(np.square(samples).mean())),
        "silence": float(quiet.mean()),
    }


def generate(*, run="spectrogram_vae", seed=0, style="chorale", bars=4, temperature=1.0, out="out"):
    """Draw bars of the prior under a style, write their sound and their picture, and return where they are.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`.
    seed : int
        The same seed gives the same bars, and in another style the same latent vectors.
    style : str
        One of ``STYLES``.
    bars : int
        How many, 1 to 64; each is drawn by itself.
    temperature : float
        The spread of the latent vectors: under 1 keeps to the middle, over 1 dares more.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``sound`` and ``picture``; ``peak``, ``rms``, ``silence`` of the sound; ``seconds``, ``style``, ``seed``.
    """
    from lab_utils import files, plots

    check_whole("bars", bars, 1, 64)
    model, _ = load(run)
    scaler = scaler_of(run)
    drawn = sample(model, style, bars, seed=seed, temperature=temperature)
    samples = sound(drawn, scaler, seed=seed)
    paths = {"sound": Path(out, f"bars_{style}.wav"), "picture": Path(out, f"bars_{style}.png")}
    files.write_sound(samples, paths["sound"], sample_rate=TRANSFORM.sample_rate)
    levels = scaler.inverse(drawn).reshape(-1, TRANSFORM.bins)
    limits = TRANSFORM.floor_db, float(scaler.high)
    plots.save_figure(plots.plot_spectrogram(levels, TRANSFORM, title=f"{style}, seed {seed}", limits=limits), paths["picture"])
    return {**paths, **sound_figures(samples), "seconds": len(samples) / TRANSFORM.sample_rate, "style": style, "seed": seed}
