"""The melody recipe: one voice, written by a recurrent network of one's choice, from the data to the tune.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`; and
:func:`compare`, which trains several networks with several seeds and sets them in a table.

Data: ``jsb16``, ``chorales``, ``tunes``, ``copy`` or a JSON file; see :mod:`lab_utils.recipes._melody_data`. Melodies in 16th
steps are moved to a random key each epoch, within the range of the training fold; tunes in ABC are all written in one key.

The variants (:data:`VARIANTS`) differ in the recurrent layer alone: simple RNN, GRU, LSTM, and the GRU with attention over the
last 40 steps. ``magenta`` has the settings of Magenta's attention_rnn (Waite, 2016): two LSTM layers of 128, attention 40,
dropout 0.5, Adam at 0.001, gradients clipped to 3; on the same data, with our inputs.

Shipped, under ``datasets/checkpoints``: ``soprano`` (with attention), ``soprano_simple``, ``soprano_gru``, ``soprano_lstm``,
``soprano_magenta``, ``tunes`` and ``copy``. The notebooks ``06_training`` and ``07_testing`` use the recipe.
"""

from pathlib import Path

from lab_utils.errors import ParameterError
from lab_utils.recipes import _melody_compare
from lab_utils.recipes import _melody_figures as figures
from lab_utils.recipes._melody_data import Form, Material, prepare, transposed, transpositions
from lab_utils.recipes._melody_network import OF_DATA, RECIPE, SHIPPED, SIZES, VARIANTS, Config, build, load, read, validation_nll
from lab_utils.recipes._melody_writing import compose, score_from_tokens, text_from_tokens
from lab_utils.recipes._output import write_piece
from lab_utils.recipes._run import learn
from lab_utils.recipes._verbs import training_verbs
from lab_utils.storage import write_bytes, write_json

__all__ = [
    "RECIPE", "SHIPPED", "SIZES", "VARIANTS", "Config", "Form", "Material", "build", "compare", "compose", "evaluate", "generate",
    "load", "prepare", "read", "resume", "score_from_tokens", "text_from_tokens", "train", "validation_nll",
]  # fmt: skip


def _settle(size, *, data, epochs, settings):
    variant = settings.pop("variant", "attention")
    if variant not in VARIANTS:
        raise ParameterError(f"variant: expected one of {', '.join(VARIANTS)}; received {variant!r}.")
    chosen = {**OF_DATA.get(str(data), {}).get(size, {}), **_of_variant(variant, size), **settings}
    return RECIPE.settle(size, epochs=epochs, settings=chosen)


def _of_variant(variant, size):
    # at size tiny only the layers are the variant's: the rest of Magenta's settings would not learn anything in two epochs
    keep = ("cell", "recurrent_layers", "attention") if size == "tiny" else VARIANTS["magenta"]
    return {name: value for name, value in VARIANTS[variant].items() if name in keep}


def _material(config, *, data, seed, progress):
    return config, prepare(data)


def _fit(run, config, material, **options):
    from lab_utils.training.windows import Windows

    form, seed = material.form, run.config["seed"]
    if not (run.folder / "form.json").exists():  # or else the run was stopped before it was written
        run.write(write_json, form.to_dict(), "form.json")
    sequences, change = material.train, None
    if form.kind == "steps":
        ranges = transpositions(material.train)
        sequences = [{**one, "ranges": row} for one, row in zip(material.train, ranges, strict=True)]
        change = transposed
    batches = Windows(sequences, target="tokens", steps=config.steps, batch=config.batch, seed=seed, change=change)
    return learn(
        run, config, build=lambda config, seed: build(config, form, seed=seed), batches=batches, seed=seed,
        validate=lambda model: validation_nll(model, form, material.valid),
        compose=None if form.kind == "copy" else lambda model: score_from_tokens(compose(model, form, seed=seed)[0], form),
        **options,
    )  # fmt: skip


train, resume = training_verbs(RECIPE, data="jsb16", settle=_settle, material=_material, fit=_fit)


def evaluate(*, run=None, grid=None, samples=500):
    """Return how well trained networks predict melodies, beside their baselines.

    Parameters
    ----------
    run : str or Path, optional
        As in :func:`load`: the figures of that run alone. Left out, the report on all shipped checkpoints: ``nll`` (of the best
        variant), ``variants``, ``baselines``, ``attention_accuracy``, ``abc``.
    grid : str or Path, optional
        JSON file: a list of pieces, each a list of [S, A, T, B] frames, −1 for a rest, of which the sopranos are predicted; in
        place of the validation fold.
    samples : int
        Of a run of tunes: how many are sampled and judged.

    Returns
    -------
    dict
    """
    if run is None:
        return figures.report(samples=samples, grid=grid)
    return figures.of_run(run, grid=grid, samples=samples)


def compare(*, out="runs/compare", data="jsb16", size="full", variants=tuple(VARIANTS), seeds=3, **options):
    """Train each of `variants` with each of `seeds` seeds and return the folder, in which ``table.csv`` sets them side by side.

    What has been trained already is left alone, so that a comparison that was stopped goes on.

    Parameters
    ----------
    out : str or Path
        One folder a network, ``<variant>_<seed>``.
    data, size
        As in :func:`train`.
    variants : sequence of str
    seeds : int
    options
        Of :func:`train`.
    """
    return _melody_compare.compare(train, resume, RECIPE, out, data=data, size=size, variants=variants, seeds=seeds, **options)


# ------------------------------------------------------------------------------------------------ generate


def generate(*, run="tunes", seed=0, bars=8, temperature=0.9, out="out"):
    """Write a melody: its score, sound and pictures, of a folk tune the ABC text too; return where they are.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`: "tunes" writes a folk tune, "soprano" the upper voice of a chorale.
    seed : int
        The same seed gives the same melody.
    bars : int
        Of a soprano: how many bars, 2 to 64. A tune ends where it ends.
    temperature : float
        Under 1 plays safe, over 1 dares more.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll`` and of tunes ``abc``; ``nll``, nats
        a step under the model itself; ``seconds``, ``seed``.
    """
    model, form, _ = load(run)
    tokens = compose(model, form, seed=seed, bars=bars, temperature=temperature)[0]
    score = score_from_tokens(tokens, form, title=f"Tune no. {seed}" if form.kind == "symbols" else f"Melody no. {seed}")
    made = write_piece(score, out, "melody")
    if form.kind == "symbols":
        made["abc"] = Path(out, "melody.abc")
        write_bytes(text_from_tokens(tokens, form, title=score.title).encode(), made["abc"])
    nll = validation_nll(model, form, [{**form.inputs(tokens), "tokens": tokens}])
    return {**made, "nll": nll, "seconds": score.duration_seconds, "seed": seed}
