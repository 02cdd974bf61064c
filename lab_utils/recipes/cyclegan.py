"""The CycleGAN recipe: hymns become dances and dances hymns, learnt from phrases of both that have no pairs.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`; and
:func:`compare`, the table over λ.

Data: :mod:`lab_utils.recipes._cyclegan_phrases`; each phrase is moved to a random key each time it is shown. Networks and losses:
:mod:`lab_utils.models.cyclegan`. Judges and figures: :mod:`lab_utils.recipes._cyclegan_figures`.

None of the losses tells when to stop, so the best weights are those whose transfers of the validation fold have the largest
product of three figures: strength under the first judge, content (chroma F1), and the overlapped area of their features with
those of real phrases of the style they are to be in. The second judge has no part in this.

Shipped: ``cyclegan``, under ``datasets/checkpoints``. The notebook ``10_cyclegan`` uses the recipe.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.evaluation import style as styles
from lab_utils.evaluation import transfer as transfers
from lab_utils.recipes import _cyclegan_compare as comparison
from lab_utils.recipes import _cyclegan_figures as figures
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_network import LETTERS, RECIPE, SHIPPED, SIZES, Config, build, load, transfer
from lab_utils.recipes._cyclegan_phrases import STYLES, prepare
from lab_utils.recipes._cyclegan_rivals import other
from lab_utils.recipes._output import write_piece
from lab_utils.recipes._run import learn
from lab_utils.recipes._verbs import training_verbs

__all__ = [
    "RECIPE", "SHIPPED", "SIZES", "STYLES", "Config", "build", "compare", "evaluate", "generate", "load", "prepare", "resume",
    "train", "transfer",
]  # fmt: skip

DATA = "hymns-dances"
VALIDATED = 200  # phrases of each style
QUARTERS = phrases.STEPS / 4


def _settle(size, *, data, epochs, settings):
    if data != DATA:
        raise ParameterError(f"data: expected {DATA}, received {data!r}; nothing else has these styles.")
    return RECIPE.settle(size, epochs=epochs, settings=settings)


def _material(config, *, data, seed, progress):
    from lab_utils.recipes._cyclegan_judges import NetworkJudge

    return config, {"lines": prepare(), "judge": NetworkJudge()}


def _fit(run, config, material, **options):
    from lab_utils.training.examples import Examples, Unpaired

    seed = run.config["seed"]
    train = {name: _few(material["lines"][name]["train"], config.phrases) for name in STYLES}
    bodies = {
        LETTERS[name]: Examples(
            {"numbers": numbers, "shifts": shifts}, batch=config.batch, seed=seed + number, change=_shown
        )
        for number, (name, (numbers, shifts)) in enumerate(train.items())
    }  # fmt: skip
    held_out = {name: _few(material["lines"][name]["valid"], min(VALIDATED, config.phrases or VALIDATED))[0] for name in STYLES}
    features = {name: _features(numbers) for name, numbers in held_out.items()}

    def built(config, *, seed):
        model = build(config, seed=seed)
        for name, letter in LETTERS.items():
            getattr(model, f"to_{letter}").begin(train[name][0])
        return model

    def compose(model):
        source = held_out[STYLES[0]][seed % len(held_out[STYLES[0]])][None]
        return phrases.score_from_numbers(np.concatenate([source, transfer(model, source, to=STYLES[1])]))

    return learn(
        run, config, build=built, batches=Unpaired(bodies), seed=seed, compose=compose,
        validate=lambda model: 1 - merit(model, held_out, features, material["judge"])["merit"], **options,
    )  # fmt: skip


train, resume = training_verbs(RECIPE, data=DATA, settle=_settle, material=_material, fit=_fit)


def _few(lines, most):
    """Return numbers and shifts of `most` phrases of Lines, from all over it."""
    chosen = np.linspace(0, len(lines) - 1, min(most or len(lines), len(lines))).astype(int)
    return lines.numbers[chosen], lines.shifts[chosen]


def _shown(rows, rng):
    return {"numbers": phrases.in_random_keys(rows["numbers"], rows["shifts"], rng)}


def _features(numbers):
    grid, onsets = phrases.grid_from_numbers(numbers)
    return styles.features(styles.notes_from_grids(grid[..., None], onsets[..., None]), quarters=QUARTERS)


def merit(model, held_out, features, judge):
    """Return what the choice of the best weights goes by, means over both directions.

    Parameters
    ----------
    model : CycleGAN
    held_out : dict of str to np.ndarray
        Style → numbers.
    features : dict
        Style → the features of real phrases.
    judge : NetworkJudge

    Returns
    -------
    dict
        ``strength``, ``content_f1``, ``overlapped_area``, and ``merit``, the product of the three.
    """
    found = []
    for here, there in (STYLES, STYLES[::-1]):
        made = transfer(model, held_out[here], to=there)
        calls = [
            (judge.probability(numbers) > 0.5) == (here == STYLES[0])
            for numbers in (held_out[here], made, transfer(model, made, to=here))
        ]
        grids = [phrases.grid_from_numbers(numbers) for numbers in (held_out[here], made)]
        notes = styles.notes_from_grids(grids[1][0][..., None], grids[1][1][..., None])
        area = styles.overlapped_area(notes, features[there], quarters=QUARTERS)["mean_overlapped_area"]
        found.append([transfers.strength(*calls).mean(), transfers.chroma_f1(grids[0][0], grids[1][0]).mean(), area])
    strength, content, area = (float(value) for value in np.mean(found, axis=0))
    return {"strength": strength, "content_f1": content, "overlapped_area": area, "merit": max(strength, 0) * content * area}


def evaluate(*, run="cyclegan", fold="valid", floor=True):
    """Return how strong the transfers of held-out phrases are, and how much of each phrase they keep.

    Parameters
    ----------
    run : str or Path
        A run's folder, or "cyclegan".
    fold : str
        "valid" or "test".
    floor : bool
        Measure the rivals too, which takes a minute.

    Returns
    -------
    dict
        As :func:`lab_utils.recipes._cyclegan_figures.evaluate` tells: ``strength``, ``content_f1``, ``classifier_accuracy``, the
        same under ``second_classifier``, ``floor``; and ``hidden``, see :mod:`lab_utils.recipes._cyclegan_compare`.
    """
    model, _ = load(run)
    panel = figures.Panel(fold)
    change = comparison.changing(model)
    found = figures.evaluate(change, fold=fold, floor=floor, panel=panel)
    return {"run": str(run), **found, "hidden": comparison.hidden(change, panel.sources["dance"].numbers)}


def generate(*, run="cyclegan", style="dance", seed=0, bars=4, temperature=0.0, out="out"):
    """Transfer held-out phrases of the other style and write both, as score, sound and pictures; return where they are.

    Files of your own: the verb ``transfer``.

    Parameters
    ----------
    run : str or Path
        As in :func:`evaluate`.
    style : str
        "dance" or "hymn", the style to write.
    seed : int
        Which phrases of the validation fold, and the chance in what is picked.
    bars : int
        Of all phrases together, a multiple of 4, 64 at most.
    temperature : float
        From 0 to 2, as in :func:`transfer`.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        ``source`` and ``transfer``, the paths of each: ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll``;
        ``pieces`` that the phrases are of, ``content_f1``, ``bars``, ``seed``.
    """
    whole = phrases.STEPS // 16
    if not (isinstance(bars, int) and whole <= bars <= 64) or bars % whole:
        raise ParameterError(f"bars: expected a multiple of {whole}, a phrase's bars, up to 64; received {bars!r}.")
    if style not in STYLES:
        raise ParameterError(f"style: expected {' or '.join(STYLES)}, received {style!r}.")
    check_whole("seed", seed, 0)
    model, _ = load(run)
    lines = prepare()[other(style)]["valid"]
    chosen = np.random.default_rng(seed).permutation(len(lines))[: bars // whole]
    source = lines.numbers[chosen]
    made = transfer(model, source, to=style, temperature=temperature, seed=seed)
    grids = [phrases.grid_from_numbers(numbers)[0] for numbers in (source, made)]
    titles = {"source": f"A {other(style)}", "transfer": f"A {other(style)} as a {style}"}
    scores = [
        phrases.score_from_numbers(numbers, title=title)
        for numbers, title in zip((source, made), titles.values(), strict=True)
    ]  # fmt: skip
    return {
        **{name: write_piece(score, out, name) for name, score in zip(titles, scores, strict=True)},
        "pieces": [lines.names[number] for number in lines.pieces[chosen]],
        "content_f1": float(transfers.chroma_f1(*grids).mean()), "bars": bars, "seed": seed,
    }  # fmt: skip


def compare(*, variants=comparison.VARIANTS, seeds=1, size="full", epochs=None, out="runs/compare-cyclegan", progress=True):
    """Train one CycleGAN for each of several settings and return the folder with their ``table.csv``.

    Parameters
    ----------
    variants : sequence of str
        Or one string with commas: settings such as "cycle=0.3"; see :mod:`lab_utils.recipes._cyclegan_compare`.
    seeds : int
    size : str
    epochs : int, optional
        In place of the size's own number.
    out : str or Path
        What is there is not trained again.
    progress : bool
    """
    return comparison.compare(train, resume, out, variants=variants, seeds=seeds, progress=progress, size=size, epochs=epochs)
